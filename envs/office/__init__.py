"""The office scenario: an environment of twenty office tools, and tasks for it."""

from envs.office.sampling import tasks
from envs.office.tools import Office

__all__ = ["Office", "tasks"]
