"""Every recipe for a request."""

from __future__ import annotations

from envs.iot.queries import appliances, cameras, chains, doors, heating, hub, lighting, measurements
from envs.scenario.desk import recipes_of

RECIPES = recipes_of(lighting, heating, doors, cameras, appliances, measurements, hub, chains)
