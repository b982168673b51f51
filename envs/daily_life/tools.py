"""DailyLife: twenty tools over what one household cooks, buys, books, pays and has to remember.

Several names begin alike (book_connection, book_hotel, book_appointment; find_recipes, find_cheapest_shop,
find_connections; log_dose, log_workout): the right tool is told apart late in its name.
"""

from __future__ import annotations

import numpy as np

from envs.daily_life.areas.dining import Dining
from envs.daily_life.areas.health import Health
from envs.daily_life.areas.home import Home
from envs.daily_life.areas.kitchen import Kitchen
from envs.daily_life.areas.money import Money
from envs.daily_life.areas.shopping import Shopping
from envs.daily_life.areas.travel import Travel
from envs.daily_life.building import build
from envs.daily_life.weak_tools import WeakTools
from envs.daily_life.world import World
from envs.scenario.env import ScenarioEnv


class DailyLife(WeakTools, Kitchen, Shopping, Dining, Travel, Money, Health, Home, ScenarioEnv):
    """The life of one household."""

    world: World

    @classmethod
    def build(cls, random: np.random.Generator) -> World:
        return build(random)
