"""IoT: twenty-two tools over the lights, heating, doors, cameras, appliances, measurements and devices of one house.

Several names begin alike (set_light, set_lock; create_scene, create_rule; find_devices, find_sensor_readings;
get_energy_use, get_energy_cost; start_oven, start_vacuum): the right tool is told apart late in its name.
"""

from __future__ import annotations

import numpy as np

from envs.iot.weak_tools import WeakAppliances, WeakCameras, WeakDoors, WeakHeating, WeakHub, WeakLighting, WeakMeasurements
from envs.iot.world import World, build
from envs.scenario.env import ScenarioEnv


class IoT(WeakLighting, WeakHeating, WeakDoors, WeakCameras, WeakAppliances, WeakMeasurements, WeakHub, ScenarioEnv):
    """A smart home."""

    world: World

    @classmethod
    def build(cls, random: np.random.Generator) -> World:
        return build(random)
