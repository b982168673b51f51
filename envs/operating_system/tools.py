"""OperatingSystem: twenty-one tools over the files, processes, software, users and scheduled jobs of one machine.

Several names begin alike (create_archive, create_job, create_user; find_files, find_text; set_permissions,
set_variable), and copy_path, move_path and delete_path end alike: the right tool is told by one word of its name.
Nothing here touches the machine that it runs on.
"""

from __future__ import annotations

import numpy as np

from envs.operating_system.weak_tools import WeakAccounts, WeakArchives, WeakJobs, WeakProcesses, WeakSoftware, WeakTexts, WeakTree
from envs.operating_system.world import World, build
from envs.scenario.env import ScenarioEnv


class OperatingSystem(WeakTexts, WeakTree, WeakArchives, WeakProcesses, WeakSoftware, WeakAccounts, WeakJobs, ScenarioEnv):
    """The machine of one user."""

    world: World

    @classmethod
    def build(cls, random: np.random.Generator) -> World:
        return build(random)
