"""The office scenario: an environment of twenty office tools, and tasks for it."""

from envs.office.queries import RECIPES
from envs.office.queries.desk import OfficeDesk
from envs.office.tools import Office
from envs.scenario import Scenario

SCENARIO = Scenario("office", "envs.office:Office", Office, OfficeDesk, RECIPES)
tasks = SCENARIO.tasks

__all__ = ["SCENARIO", "Office", "tasks"]
