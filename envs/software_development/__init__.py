"""The software development scenario: an environment of 24 tools over a team's project, and tasks for it."""

from envs.scenario import Scenario
from envs.software_development.queries import RECIPES
from envs.software_development.queries.desk import SoftwareDesk
from envs.software_development.tools import SoftwareDevelopment

SCENARIO = Scenario("software_development", "envs.software_development:SoftwareDevelopment", SoftwareDevelopment, SoftwareDesk, RECIPES)
tasks = SCENARIO.tasks

__all__ = ["SCENARIO", "SoftwareDevelopment", "tasks"]
