"""SoftwareDevelopment: 24 tools over a project's repository, code, issues, tests, releases, dependencies and staging database.

Several names begin alike (create_branch, create_pull_request, create_issue, create_release; search_code, search_issues,
search_pull_requests; compare_branches, compare_runs; measure_file, measure_function): what tells them apart comes last.
"""

from __future__ import annotations

import numpy as np

from envs.scenario.env import ScenarioEnv
from envs.software_development.weak_tools import WeakCode, WeakDatabase, WeakIssues, WeakReleases, WeakRepository, WeakTesting
from envs.software_development.world import World, build


class SoftwareDevelopment(WeakRepository, WeakCode, WeakIssues, WeakTesting, WeakReleases, WeakDatabase, ScenarioEnv):
    """The project of one team, as one of its members works on it."""

    world: World

    @classmethod
    def build(cls, random: np.random.Generator) -> World:
        return build(random)
