"""Tool hosts as an actor sees them: environments that survive the host they run in.

A call that exceeds its limit, or kills its host, is tried once more alone. Over the limit again it is the model's
`tool_call_failure`; otherwise it was infrastructure. The other environments of a lost host are rebuilt elsewhere by
replaying their journals, and notice nothing.

An environment whose class sets `process_per_episode` has a host to itself, which is started for it and ended with it.
"Once more alone" then means: in a second such host, into which its journal was replayed, and which it keeps.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import IO, Any

import pydantic

from raytool.config.rollout import ToolHostConfig
from raytool.records import FINISH, Feedback, FollowUp, Task, UserError
from raytool.rollout.episode import InfrastructureError, Step
from raytool.rollout.host_command import HostsDown, command_of, unisolated
from raytool.rollout.host_process import HostLost, ToolHost

log = logging.getLogger(__name__)

_TASK = pydantic.TypeAdapter(Task)  # which writes one in a fraction of the time that dataclasses.asdict takes
_MAX_LOG = 64 * 2**20  # what tools printed; beyond it the log begins anew with the next host
_LOSSES = 12  # hosts that an environment may lose until it is open, by whosever fault
_UNFIT_AFTER = 8  # hosts in a row that did not start
_RENEWED_AFTER = 2000  # environments that a shared host takes: what its tools leak ends with it


class ToolHosts:
    """The hosts of one actor. `counts` says how often what was lost since they were taken, `unisolated` why they are not isolated if
    they should be.

    Raises:
        UserError: tools must be isolated, and are not; or a path or a variable that they are to have is not there (NodeUnfit).
    """

    def __init__(self, config: ToolHostConfig, log_path: Path | None = None):
        self.config = config
        self.counts: Counter[str] = Counter()
        self._log: IO[bytes] | int = open(log_path, "ab") if log_path else subprocess.DEVNULL  # noqa: SIM115
        self._hosts: list[ToolHost] = []
        self._alone: list[ToolHost] = []
        self._described: dict[str, bool] = {}
        self._ids = itertools.count()
        self._starting = asyncio.Lock()
        self._failed_starts = 0  # in a row
        # More starts at once than there are cores take longer, and the time limit of one is not for the queue before it.
        self._starts = asyncio.Semaphore(len(os.sched_getaffinity(0)))
        self.unisolated = unisolated(config)
        if self.unisolated:
            log.warning("tool hosts run without isolation: %s", self.unisolated)
        self._isolate = config.isolation != "none" and not self.unisolated
        command_of(config, self._isolate)  # what a node lacks is seen before it plays

    async def open(self, task: Task) -> HostedEnvironment:
        """An environment that has started the task; it is to be closed.

        Raises:
            InfrastructureError: it could not be opened in three hosts, or is defective.
            HostsDown: no host starts.
            UserError: the environment's string leads nowhere, or it cannot run as this machine is set up.
        """
        environment = HostedEnvironment(self, next(self._ids), task, await self._process_per_episode(task.env))
        try:
            await environment.rebuild()
        except BaseException:
            environment.leave()
            raise
        return environment

    async def _process_per_episode(self, env: str) -> bool:
        """What a host says of an environment: the class is not imported into this process."""
        for _ in range(3):
            if env in self._described:
                return self._described[env]
            host = await self.pick()
            try:
                reply = await host.request({"op": "describe", "env": env}, self.config.start_limit_s)
            except HostLost as error:
                host.used_up, reason = True, error
                continue
            return self._described.setdefault(env, reply["process_per_episode"])
        raise InfrastructureError(f"environment '{env}' could not be imported in three hosts: {reason}")

    async def pick(self) -> ToolHost:
        """The one with the fewest environments of the oldest `processes` hosts that take more; the others end once nobody uses them."""
        async with self._starting:
            self._hosts = [host for host in self._hosts if not host.lost]
            taking = [host for host in self._hosts if not host.used_up and host.opened < _RENEWED_AFTER][: self.config.processes]
            for host in self._hosts:
                if host not in taking and not host.environments and not host.works:
                    host.kill("renewed")
            if len(taking) < self.config.processes:
                taking.append(await self._start())
                self._hosts.append(taking[-1])
        return min(taking, key=lambda host: host.environments)

    async def alone(self) -> ToolHost:
        """A new host that only the caller uses; `adopt` gives it to all."""
        host = await self._start()
        self._alone = [other for other in self._alone if not other.lost]
        self._alone.append(host)
        return host

    def adopt(self, host: ToolHost, left: ToolHost | None) -> None:
        """Give all a host in which something succeeded that had failed in the one that was left: that one, if it lives, is used up."""
        self._alone.remove(host)
        self._hosts.append(host)
        if left is not None:
            left.used_up = True

    async def _start(self) -> ToolHost:
        async with self._starts:
            if not isinstance(self._log, int) and os.fstat(self._log.fileno()).st_size > _MAX_LOG:
                self._log.truncate(0)
            try:
                host = await ToolHost.start(self.config, self._isolate, self._log)
            except (HostLost, OSError) as error:
                self._failed_starts += 1
                if self._failed_starts >= _UNFIT_AFTER:  # or it would lose its episodes faster than others play theirs, and draw them all
                    told = f"{self._failed_starts} tool hosts in a row did not start where the rollout worker runs, the last for: {error}"
                    raise HostsDown(told) from None
                raise InfrastructureError(f"waited for a tool host to start: {error}") from None
            self._failed_starts = 0
            return host

    def take_counts(self) -> Counter[str]:
        taken, self.counts = self.counts, Counter()
        return taken

    @property
    def busy(self) -> bool:
        """Whether a host has something to answer."""
        return any(host.works for host in (*self._hosts, *self._alone))

    async def close(self) -> None:
        for host in (*self._hosts, *self._alone):
            await host.close()


class HostedEnvironment:
    """An environment in a tool host, shared or of its own (an EnvironmentHandle)."""

    def __init__(self, hosts: ToolHosts, number: int, task: Task, process_per_episode: bool):
        self._hosts = hosts
        self._number = number
        self._task = task
        self._own_process = process_per_episode
        self._journal: list[str] = []
        self._host: ToolHost | None = None
        self.max_turns = sys.maxsize

    async def rebuild(self) -> None:
        """Open this environment in a host and replay its journal. Once a host was lost while it did so, the next is its own until it is
        open; what a host was lost with otherwise counts for others.

        Raises:
            InfrastructureError: it could not be rebuilt in three hosts.
        """
        suspected = 0
        for _ in range(_LOSSES):
            alone = not self._own_process and suspected > 0
            left, there = self._host, await (self._hosts.alone() if self._own_process or alone else self._hosts.pick())
            try:
                await self._open_in(there)
            except BaseException as error:
                if alone:
                    there.kill("its only user was given up")
                if not isinstance(error, HostLost):
                    raise
                reason = error
                suspected += error.suspect
                if suspected == 3:
                    break
                continue
            if alone:
                self._hosts.adopt(there, left)
            return
        raise InfrastructureError(f"task {self._task.id}: its environment could not be opened in three hosts: {reason}")

    async def _open_in(self, host: ToolHost) -> None:
        """Raises:
        HostLost: this host was.
        """
        message = {"op": "open", "env": self._task.env, "task": _TASK.dump_python(self._task, warnings=False), "journal": self._journal}
        self._move_to(host)
        config, calls = self._hosts.config, sum(map(_calls_in, self._journal))
        reply = await self._ask(message, config.start_limit_s + config.call_limit_s * calls)
        self.max_turns = reply["max_turns"] or sys.maxsize

    async def step(self, action: str) -> Step:
        calls, config = _calls_in(action), self._hosts.config
        limit_s = config.start_limit_s if _closes(action) else config.call_limit_s * calls
        message = {"op": "step", "action": action, "calls": calls}
        for _ in range(_LOSSES):
            try:
                reply = await self._ask(message, limit_s)
                break
            except HostLost as error:
                lost = error
            if not lost.suspect:
                self._hosts.counts["rebuilt"] += 1
                await self.rebuild()
                continue
            self._hosts.counts["suspect"] += 1
            if (alone := await self._try_alone(message, limit_s)) is None:
                return await self._exceeded(_closes(action), calls, limit_s)
            reply = alone
            break
        else:
            raise InfrastructureError(f"task {self._task.id}: {_LOSSES} hosts were lost before they answered its call, the last: {lost}")
        self._journal.append(action)
        feedback = [Feedback(value) for value in reply["feedback"]]
        said = reply["follow_up"] and FollowUp(reply["follow_up"]["query"], tuple(reply["follow_up"]["tools"]))
        return Step(reply["observations"], feedback, reply["reward"], reply["ended"], reply["finished"], reply["goal_reached"], said)

    async def _exceeded(self, closes: bool, calls: int, limit_s: float) -> Step:
        """What a turn is told whose calls went beyond the limits twice; the world is as it was before it."""
        if closes:  # it calls nothing: what exceeds limits is the environment's judging
            raise InfrastructureError(f"task {self._task.id}: its environment did not judge an answer within {limit_s:g} s, twice")
        self._hosts.counts["tool_call_failure"] += 1
        await self.rebuild()
        complaint = json.dumps({"error": f"the tool exceeded its limits ({limit_s:g} s, {self._hosts.config.memory_gb:g} GB)"})
        return Step([complaint] * calls, [Feedback.TOOL_CALL_FAILURE] * calls, 0.0, False, False, None)

    async def goal_reached(self) -> bool | None:
        for _ in range(3):
            try:
                return (await self._ask({"op": "goal"}, self._hosts.config.start_limit_s))["goal_reached"]
            except HostLost as error:
                reason = error
                await self.rebuild()
        raise InfrastructureError(f"task {self._task.id}: waited for its environment to judge the goal: {reason}")

    async def close(self) -> None:
        if self._host is not None and not self._host.lost:
            try:
                await self._ask({"op": "close"}, self._hosts.config.start_limit_s)
            except HostLost as error:
                log.info("task %s: its host was lost while it was closed: %s", self._task.id, error)
            except (InfrastructureError, UserError) as error:  # the episode is played all the same
                log.warning("task %s: its environment does not close: %s", self._task.id, error)
        self.leave()

    def leave(self) -> None:
        """Give the host up, which ends it where it is this environment's own."""
        self._move_to(None)

    async def _try_alone(self, message: dict[str, Any], limit_s: float) -> dict[str, Any] | None:
        """The suspect's second chance in a host of its own; None if it fails there too."""
        left, host = self._host, await self._hosts.alone()
        opened = False
        try:
            await self._open_in(host)
            opened = True
            reply = await self._ask(message, limit_s)
        except BaseException as error:
            host.kill("its only user was given up")
            if not isinstance(error, HostLost):
                raise
            if not opened:  # calls that had been answered: it is not this one's doing
                raise InfrastructureError(f"task {self._task.id}: its journal cannot be replayed alone: {error}") from None
            return None
        if not self._own_process:
            self._hosts.adopt(host, left)
        return reply

    async def _ask(self, message: dict[str, Any], limit_s: float) -> dict[str, Any]:
        assert self._host is not None
        return await self._host.request(message | {"id": self._number}, limit_s)

    def _move_to(self, host: ToolHost | None) -> None:
        if self._host is not None:
            self._host.environments -= 1
            if self._own_process:
                self._host.kill("its environment was closed")
        if host is not None:
            host.environments += 1
            host.opened += 1
        self._host = host


def _closes(action: str) -> bool:
    """Whether an action is a closing text, or only a call of `finish`: nothing is executed, and the goal is judged."""
    try:
        read = json.loads(action)
        return "final" in read or [call["name"] for call in read["calls"]] == [FINISH.name]
    except (ValueError, RecursionError, TypeError, KeyError):
        return False


def _calls_in(action: str) -> int:
    """How many calls an action has; one that is malformed counts as one, and the environment says what is wrong with it."""
    try:
        calls = json.loads(action)["calls"]
    except (ValueError, RecursionError, TypeError, KeyError):
        return 1
    return max(1, len(calls)) if isinstance(calls, list) else 1
