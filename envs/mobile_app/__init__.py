"""The mobile app scenario: an environment of twenty-two tools of a phone, and tasks for it."""

from envs.mobile_app.queries import RECIPES
from envs.mobile_app.queries.desk import MobileAppDesk
from envs.mobile_app.tools import MobileApp
from envs.scenario import Scenario

SCENARIO = Scenario("mobile_app", "envs.mobile_app:MobileApp", MobileApp, MobileAppDesk, RECIPES)
tasks = SCENARIO.tasks

__all__ = ["SCENARIO", "MobileApp", "tasks"]
