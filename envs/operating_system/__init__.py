"""The operating system scenario: an environment of twenty-one tools over one machine, and tasks for it."""

from envs.operating_system.queries import RECIPES
from envs.operating_system.queries.desk import OperatingSystemDesk
from envs.operating_system.tools import OperatingSystem
from envs.scenario import Scenario

SCENARIO = Scenario("operating_system", "envs.operating_system:OperatingSystem", OperatingSystem, OperatingSystemDesk, RECIPES)
tasks = SCENARIO.tasks

__all__ = ["SCENARIO", "OperatingSystem", "tasks"]
