"""The education scenario: an environment of twenty-six tools of a college, and tasks for it."""

from envs.education.queries import RECIPES
from envs.education.queries.desk import EducationDesk
from envs.education.tools import Education
from envs.scenario import Scenario

SCENARIO = Scenario("education", "envs.education:Education", Education, EducationDesk, RECIPES)
tasks = SCENARIO.tasks

__all__ = ["SCENARIO", "Education", "tasks"]
