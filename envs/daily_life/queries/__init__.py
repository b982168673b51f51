"""Every recipe for a request."""

from __future__ import annotations

from envs.daily_life.queries import chains, dining, health, home, kitchen, money, shopping, travel
from envs.scenario.desk import recipes_of

RECIPES = recipes_of(kitchen, shopping, dining, travel, money, health, home, chains)
