"""Every recipe for a request."""

from __future__ import annotations

from envs.mobile_app.queries import apps, audio, chains, conversations, money, pictures, reminders, travel
from envs.scenario.desk import recipes_of

RECIPES = recipes_of(conversations, reminders, pictures, audio, travel, apps, money, chains)
