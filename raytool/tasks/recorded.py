"""The environment of recorded conversations (`raytool.tasks.importing`), whose tools ran on something that is not there."""

from __future__ import annotations

import numpy as np

from raytool.env import ToolEnv
from raytool.records import Task, ToolCall, UserError


class Recorded(ToolEnv):
    """Its tasks are shown, by trajectories, and not played."""

    @classmethod
    def runs_tool(cls, name: str, task: Task) -> bool:
        """They ran elsewhere."""
        return True

    def finishes(self, call: ToolCall) -> bool:
        """A `finish` was a tool like any other."""
        return False

    def start(self, task: Task, random: np.random.Generator) -> None:
        raise UserError(f"task {task.id}: is a recorded conversation, which cannot be played; its source needs share: 0")
