"""The tools over test runs."""

from __future__ import annotations

import fnmatch
from typing import Any, Literal

from envs.software_development.world import MAIN, Run, World
from raytool.env import ToolError, tool

SHOWN = 3  # names of tests; the counts are always of all
SHOWN_FAILURES = 2


class Testing:
    """Two tools; a test reads a constant of the branch that it runs on."""

    world: World

    @tool
    def run_tests(self, branch: str = MAIN, suite: Literal["all", "unit", "integration"] = "all", pattern: str = "*") -> dict[str, Any]:
        """Run tests on the newest commit of a branch.

        Args:
            branch: where to run them
            suite: which tests
            pattern: only tests with names like this, e.g. *_size

        Returns:
            The id of the run, how many tests passed and failed, and what the first failing ones said.

        Raises:
            ToolError: there is no such branch, or no test to run.
        """
        if branch not in self.world.branches:
            raise ToolError(f"no branch {branch!r}")
        checks = [check for check in self.world.checks if suite in ("all", check.suite) and fnmatch.fnmatchcase(check.name, pattern)]
        if not checks:
            raise ToolError(f"no test of the suite {suite!r} is like {pattern!r}")
        run = self.world.run(branch, checks, self.world.head(branch).files)
        failures = [{"test": name, "says": run.results[name]} for name in run.failed[:SHOWN_FAILURES]]
        return {"run": run.id, "passed": len(run.results) - len(run.failed), "failed": len(run.failed), "failures": failures}

    @tool
    def compare_runs(self, first: str, second: str, suite: Literal["all", "unit", "integration"] = "all") -> dict[str, Any]:
        """Show which tests fail anew and which are fixed from one run to another.

        Args:
            first: id of the earlier run, e.g. r12
            second: id of the later run
            suite: which tests

        Returns:
            How many tests fail anew, are fixed, and fail in both, and the names of the first ones.

        Raises:
            ToolError: there is no such run, both are the same, or they have no test in common.
        """
        before, after = self._run(first), self._run(second)
        if first == second:
            raise ToolError(f"both runs are {first}")
        chosen = {check.name for check in self.world.checks if suite in ("all", check.suite)}
        shared = [name for name in before.results if name in after.results and name in chosen]
        if not shared:
            raise ToolError(f"runs {first} and {second} have no test of the suite {suite!r} in common")
        broken = [name for name in shared if after.results[name] and not before.results[name]]
        fixed = [name for name in shared if before.results[name] and not after.results[name]]
        both = sum(bool(before.results[name] and after.results[name]) for name in shared)
        return {
            "newly_failing": len(broken), "fixed": len(fixed), "failing_in_both": both,
            "newly_failing_tests": broken[:SHOWN], "fixed_tests": fixed[:SHOWN],
        }  # fmt: skip

    def _run(self, run_id: str) -> Run:
        if run_id not in self.world.runs:
            raise ToolError(f"no run {run_id!r}")
        return self.world.runs[run_id]
