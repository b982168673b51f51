"""The tools over processes."""

from __future__ import annotations

from typing import Any, Literal

from envs.operating_system.world import World
from raytool.env import ToolError, tool

SHOWN = 3  # entries of a listing; the count is always of all


class Processes:
    """Two tools; those of other users can be seen but not ended."""

    world: World

    @tool
    def list_processes(self, user: str = "", name: str = "", sort_by: Literal["cpu", "memory"] = "cpu") -> dict[str, Any]:
        """List the running processes, those that take most first.

        Args:
            user: login, default all users
            name: words in the name of the program
            sort_by: of what they take most

        Returns:
            Their count, and pid, name, user, cpu in percent and megabytes of memory of the first ones.

        Raises:
            ToolError: there is no such user.
        """
        if user and user not in self.world.users:
            raise ToolError(f"no user {user!r}")
        chosen = (process for process in self.world.processes.values() if user in ("", process.user) and name.lower() in process.name)
        order = sorted(chosen, key=lambda process: -process.cpu if sort_by == "cpu" else -process.megabytes)
        columns = ("pid", "name", "user", "cpu", "megabytes")
        return {"count": len(order), "processes": [{name: getattr(process, name) for name in columns} for process in order[:SHOWN]]}

    @tool
    def end_process(self, pid: int, force: bool = False, children: bool = False) -> dict[str, Any]:
        """End a running process.

        Args:
            pid: its number
            force: whether to end it even if it hangs
            children: whether to end the processes that it started too

        Returns:
            The names of the processes that ended.

        Raises:
            ToolError: there is no such process, it belongs to another user, or it hangs and is not forced.
        """
        process = self.world.processes.get(pid)
        if process is None:
            raise ToolError(f"no process {pid}")
        if process.user != self.world.owner:
            raise ToolError(f"process {pid} belongs to {process.user}")
        started = [child for child in self.world.processes.values() if child.parent == pid]
        ended = [process, *(started if children else ())]
        if hung := next((other for other in ended if other.hung and not force), None):
            raise ToolError(f"process {hung.pid} hangs and does not end unless forced")
        for child in started:
            child.parent = 0
        for other in ended:
            del self.world.processes[other.pid]
        return {"ended": [other.name for other in ended]}
