"""The daily life scenario: an environment of twenty tools of one household, and tasks for it."""

from envs.daily_life.queries import RECIPES
from envs.daily_life.queries.desk import DailyLifeDesk
from envs.daily_life.tools import DailyLife
from envs.scenario import Scenario

SCENARIO = Scenario("daily_life", "envs.daily_life:DailyLife", DailyLife, DailyLifeDesk, RECIPES)
tasks = SCENARIO.tasks

__all__ = ["SCENARIO", "DailyLife", "tasks"]
