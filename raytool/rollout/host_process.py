"""One tool host as its rollout worker sees it: a process that is started, asked and ended."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import signal
import subprocess
from collections import deque
from typing import IO, Any

from raytool.config.rollout import ToolHostConfig
from raytool.records import UserError
from raytool.rollout.episode import InfrastructureError
from raytool.rollout.host_command import command_of

_MAX_LINE = 64 * 2**20


class HostLost(Exception):
    """The host died or was killed, or gave an environment up. `suspect` says that it happened while it worked on this very request."""

    def __init__(self, reason: str, suspect: bool):
        super().__init__(reason)
        self.suspect = suspect


@dataclasses.dataclass(slots=True)
class _Request:
    limit_s: float
    reply: asyncio.Future[bytes]


class ToolHost:
    """One tool host process. Requests of concurrent episodes go to it in one write; it works on one at a time, in order.

    It answers each before it begins the next, so that a loss has one suspect: the first request without an answer. That
    one's time runs from the moment it became the first.
    """

    def __init__(self, process: asyncio.subprocess.Process):
        self._process = process
        self._loop = asyncio.get_running_loop()
        self._unsent: list[bytes] = []
        self._unanswered: deque[_Request] = deque()
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._reading = asyncio.ensure_future(self._read())
        self.lost: str | None = None
        self.used_up = False
        self.environments = self.opened = 0

    @classmethod
    async def start(cls, config: ToolHostConfig, isolate: bool, log_file: IO[bytes] | int) -> ToolHost:
        """Raises:
        NodeUnfit: from `command_of`.
        HostLost: it did not start.
        """
        command, variables = command_of(config, isolate)
        process = await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log_file, env=variables
        )
        host = cls(process)
        try:
            await host._expect(config.start_limit_s)
        except BaseException as error:
            host.kill(f"it did not start: {error!r}")
            raise
        return host

    async def request(self, message: dict[str, Any], limit_s: float) -> dict[str, Any]:
        """Send a request and wait for its reply.

        Raises:
            HostLost: the host died, did not answer within `limit_s` and was killed, or has no memory left and gave the environment up.
            InfrastructureError: the environment itself is defective.
            UserError: the environment cannot be had as things are.
        """
        if self.lost:
            raise HostLost(self.lost, suspect=False)
        line = json.dumps(message).encode()  # before anything is under way: what it cannot write is nothing that the host did
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(line)
        reply = json.loads(await self._expect(limit_s))
        if "refused" in reply:
            raise UserError(reply["refused"])
        if "full" in reply:
            raise HostLost("its memory is full", suspect=True)
        if "defect" in reply:
            raise InfrastructureError(f"environment defect: {reply['defect']}")
        return reply

    @property
    def works(self) -> bool:
        """Whether it has something to answer."""
        return self.lost is None and bool(self._unanswered)

    def _expect(self, limit_s: float) -> asyncio.Future[bytes]:
        request = _Request(limit_s, self._loop.create_future())
        self._unanswered.append(request)
        if len(self._unanswered) == 1:
            self._start_clock()
        return request.reply

    def _send(self) -> None:
        assert self._process.stdin is not None
        waiting, self._unsent = self._unsent, []
        if not self.lost:  # else they were told
            self._process.stdin.write(b"\n".join(waiting) + b"\n")

    async def _read(self) -> None:
        """Give each answer to the request that it belongs to, until the host's end."""
        assert self._process.stdout is not None
        parts: list[bytes] = []
        while chunk := await self._process.stdout.read(2**20):
            *whole, rest = chunk.split(b"\n")
            for line in whole:
                if not self._unanswered:
                    return self.kill("an answer that nobody asked for")
                self._answer(b"".join((*parts, line)))
                parts.clear()
            parts.append(rest)
            if sum(map(len, parts)) > _MAX_LINE:
                return self.kill(f"an answer of more than {_MAX_LINE} bytes")
        self.kill("the host died")

    def _answer(self, line: bytes) -> None:
        request = self._unanswered.popleft()
        if self._unanswered:
            self._start_clock()
        if not request.reply.done():  # nobody waits for the answer of a cancelled one
            request.reply.set_result(line)

    def _start_clock(self) -> None:
        self._deadline = self._loop.time() + self._unanswered[0].limit_s
        if self._timer is None or self._timer.when() > self._deadline:
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._deadline, self._look_at_clock)

    def _look_at_clock(self) -> None:
        """One timer serves many requests: it may go off for one that was answered long ago."""
        self._timer = None
        if not self._unanswered or self.lost:
            return
        if self._loop.time() >= self._deadline:
            self.kill(f"no answer within {self._unanswered[0].limit_s:g} s")
        else:
            self._set_timer()

    async def close(self) -> None:
        self.kill("closed")
        await self._reading
        await self._process.wait()

    def kill(self, reason: str) -> None:
        """End the process. The first request without an answer is told that it is the suspect, the others that they are not."""
        if self.lost is None:
            self.lost = reason
            for number, request in enumerate(self._unanswered):
                if not request.reply.done():
                    request.reply.set_exception(HostLost(reason, suspect=number == 0))
        if self._timer is not None:
            self._timer.cancel()
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)  # asyncio's own way polls, and takes the exit status from whoever waits for it
