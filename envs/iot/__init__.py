"""The smart home scenario: an environment of twenty-two tools over a house and what is in it, and tasks for it."""

from envs.iot.queries import RECIPES
from envs.iot.queries.desk import IoTDesk
from envs.iot.tools import IoT
from envs.scenario import Scenario

SCENARIO = Scenario("iot", "envs.iot:IoT", IoT, IoTDesk, RECIPES)
tasks = SCENARIO.tasks

__all__ = ["SCENARIO", "IoT", "tasks"]
