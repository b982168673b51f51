"""Any Model Context Protocol server as an environment: its tools are offered, its results are read, its errors are Feedback.

`MCP` starts a server for each episode, `SharedMCP` one for all episodes of a tool host, `RemoteMCP` has a session for each
with a server that somebody else runs. Which server it is stands in the class's `server` and in a task's options, which go
before it (see `envs.mcp_server.Server`).

`tasks` makes tasks of a file of queries and calls; a plug-in with a server of its own is a subclass with a `server`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pydantic

from envs.mcp_server import Connection, Server, ServerLost
from envs.scenario.env import says
from raytool.env import ASK_TO_USER, FINISH, ToolEnv, document_complaint
from raytool.records import Feedback, Gold, GoldCall, Task, ToolCall, ToolSpec, first_mistake


class MCP(ToolEnv):
    """A server of its own for each episode, which may keep any state: a new one that gets the same calls comes to the same.

    Raises:
        ValueError: the server's description is wrong, a task offers a tool that the server has not, or its gold fails.
        ServerLost: from `reset` and `step`.
    """

    process_per_episode: ClassVar[bool] = True
    server: ClassVar[Mapping[str, Any]] = {}
    _reached_by: ClassVar[str] = "command"
    _documented: ClassVar[dict[type, dict[str, ToolSpec]]] = {}  # by class, whose server is asked once

    def __init__(self, render_mode: str | None = None):
        super().__init__(render_mode)
        self._connection: Connection | None = None

    @classmethod
    def describe(cls, options: Mapping[str, Any]) -> Server:
        """The server of a task with these options."""
        server = Server.read(cls.server, options)
        if not getattr(server, cls._reached_by):
            raise ValueError(f"{cls.__name__} is for a server that has a {cls._reached_by}")
        return server

    @classmethod
    def tool_specs(cls, *names: str) -> tuple[ToolSpec, ...]:
        """The documents of the class's own server, of all its tools or of those named."""
        if cls not in cls._documented:
            cls._documented[cls] = {spec.name: spec for spec in documents(cls, {})} if cls.server else {}
        return tuple(cls._documented[cls][name] for name in names or cls._documented[cls])

    @classmethod
    def runs_tool(cls, name: str, task: Task) -> bool:
        """Only the server knows, which `start` asks."""
        return True

    def start(self, task: Task, random: np.random.Generator) -> None:
        self.close()
        self._server = self.describe(task.options)
        # Before the model's server is there, and not at the end, where the limit would be that of a call.
        self._right_states = [self._state_after(gold) for gold in task.gold] if self._server.check else []
        self._refuse_blind_checks()
        self._connection = self.connect(self._server)
        for spec in task.tools:
            if spec.name not in self._connection.tools and spec not in (FINISH, ASK_TO_USER):
                raise ValueError(f"tool '{spec.name}' is offered, but the server has only {', '.join(self._connection.tools)}")

    def connect(self, server: Server) -> Connection:
        return Connection(server)

    def disconnect(self, connection: Connection) -> None:
        connection.close()

    def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            self.disconnect(connection)

    def execute(self, call: ToolCall) -> tuple[str, Feedback]:
        assert self._connection is not None
        spec = self.offered(call.name)
        if spec is None or call.name not in self._connection.tools:
            return super().execute(call)
        return document_complaint(call, spec) or self._connection.call(call)

    def goal_reached(self, answer: str | None) -> bool | None:
        """Whether an answer is told and the state is as gold leaves it; None where a task has neither answers nor a check."""
        assert self.task is not None and self._connection is not None
        if not self.task.answer and not self._right_states:
            return None
        told = not self.task.answer or any(says(answer or "", value) for value in self.task.answer)
        return told and (not self._right_states or self._state(self._connection) in self._right_states)

    def _state(self, connection: Connection) -> list[tuple[str, Feedback]]:
        return [connection.call(check.call) for check in self._server.check]

    def _refuse_blind_checks(self) -> None:
        """A check that fails after gold tells nothing, if it fails so before it too: whatever a model does would be right.

        Raises:
            ValueError: naming the check.
        """
        if all(feedback is Feedback.OK for state in self._right_states for _, feedback in state):
            return
        at_first = self._state_after(Gold(()))
        for number, (check, said) in enumerate(zip(self._server.check, at_first, strict=True)):
            text, feedback = said
            if feedback is not Feedback.OK and all(state[number] == said for state in self._right_states):
                raise ValueError(f"check.{number}: {check.name} fails before gold and after it: {text}")

    def _state_after(self, gold: Gold) -> list[tuple[str, Feedback]]:
        connection = self.connect(self._server)
        try:
            for number, check in enumerate(self._server.check):
                if check.name not in connection.tools:
                    raise ValueError(f"check.{number}: the server has no tool '{check.name}'; it has {', '.join(connection.tools)}")
            for call in gold.calls:
                if call.name in connection.tools:
                    observation, feedback = connection.call(call.call)
                    if feedback is not Feedback.OK:
                        raise ValueError(f"gold call {call.name} fails: {observation}")
            return self._state(connection)
        finally:
            self.disconnect(connection)


class SharedMCP(MCP):
    """One server for all environments of a tool host: for servers that keep no state."""

    process_per_episode: ClassVar[bool] = False
    _running: ClassVar[dict[str, Connection]] = {}

    @classmethod
    def describe(cls, options: Mapping[str, Any]) -> Server:
        server = super().describe(options)
        if server.check:
            raise ValueError("check: a server that all episodes share has no state to check")
        return server

    def connect(self, server: Server) -> Connection:
        key = server.model_dump_json()
        if key in self._running and self._running[key].lost:
            self._running.pop(key).close()
        if key not in self._running:
            self._running[key] = Connection(server)
        return self._running[key]

    def disconnect(self, connection: Connection) -> None:
        """It stays for the others, and ends with its host."""


class RemoteMCP(MCP):
    """A session for each episode with a server at a url, which keeps no state beyond a session's."""

    process_per_episode: ClassVar[bool] = False
    needs_network: ClassVar[bool] = True
    _reached_by: ClassVar[str] = "url"


def documents(env: type[MCP], options: Mapping[str, Any], names: Iterable[str] = ()) -> tuple[ToolSpec, ...]:
    """The tools of a server as it documents them itself, all or those named. It is started for this.

    Raises:
        ValueError: the description is wrong, the server does not start, or has no tool of such a name.
    """
    try:
        connection = Connection(env.describe(options))
    except ServerLost as error:
        raise ValueError(str(error)) from error
    connection.close()
    if unknown := set(names) - connection.tools.keys():
        raise ValueError(f"the server has no tool '{min(unknown)}'; it has {', '.join(connection.tools)}")
    return tuple(connection.tools[name] for name in names or connection.tools)


class Request(pydantic.BaseModel):
    """A line of a file of tasks. `gold` is the one right way, to which a `finish` is added if it has none.

    `answer` lists what a right closing text contains one of. `files` are in the server's folder besides the server's own.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    query: str
    gold: tuple[GoldCall, ...]
    free_order: bool = False
    answer: tuple[str, ...] = ()
    files: dict[str, str] = {}

    @pydantic.field_validator("answer", mode="before")
    @classmethod
    def _one_answer(cls, answer: Any) -> Any:
        return (answer,) if isinstance(answer, str) else answer

    def task(self, name: str, env: str, offered: tuple[ToolSpec, ...], server: Mapping[str, Any]) -> Task:
        """The task of this name.

        Raises:
            ValueError: gold calls a tool that is not offered.
        """
        closing = GoldCall(FINISH.name, {"answer": self.answer[0] if self.answer else "Done."}, free=("answer",))
        calls = self.gold if self.gold and self.gold[-1].name == FINISH.name else (*self.gold, closing)
        names = [spec.name for spec in offered]
        if unknown := [call.name for call in calls if call.name not in names]:
            raise ValueError(f"{name}: gold: '{unknown[0]}' is not offered; there are {', '.join(names)}")
        options = {**server, "files": {**server.get("files", {}), **self.files}} if self.files else dict(server)
        return Task(name, env, self.query, offered, (Gold(calls, self.free_order),), self.answer, options=options)


def tasks(
    server: Mapping[str, Any],
    file: Path,
    state: Literal["episode", "shared"] = "episode",
    tools: Sequence[str] = (),
    first: int = 1,
    last: int | None = None,
) -> list[Task]:
    """The lines `first` to `last` of a jsonl file as tasks (see `Request`) over a server, which is asked once for its tools.

    `state` says whether each episode needs a server of its own, `tools` which tools are offered (default: all).

    Raises:
        ValueError: naming the line, or what is wrong with the server.
    """
    if first < 1:
        raise ValueError(f"first: {first} given; the first line is 1")
    if state == "shared" and "url" in server:
        raise ValueError("state: 'shared' has no effect on a server at a url; leave it out")
    requests = list(_requests(file, first, last))
    env = RemoteMCP if "url" in server else SharedMCP if state == "shared" else MCP
    offered = (*documents(env, server, tools), FINISH)
    name = f"{env.__module__}:{env.__qualname__}"
    return [request.task(f"{file.stem}-{number}", name, offered, server) for number, request in requests]


def _requests(file: Path, first: int, last: int | None) -> Iterator[tuple[int, Request]]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ValueError(f"file {file}: {error.strerror}") from None
    for number, line in list(enumerate(lines, 1))[first - 1 : last]:
        try:
            yield number, Request.model_validate_json(line)
        except pydantic.ValidationError as error:
            raise ValueError(f"{file}:{number}: {first_mistake(error)}") from None
