"""One Model Context Protocol server and the session with it, for a caller that knows no asyncio.

`Server` says which one, over stdio or streamable HTTP; `Connection` starts or reaches it, lists its tools and calls them,
each within a limit. Arguments are held against the tool's JSON Schema before they are sent. What comes of a call:

    a result                         ok
    an error result (`isError`)      other: the tool itself reports a failure; so does a result that `Server.errors` matches
    the protocol's INVALID_PARAMS    tool_call_failure, as for values that break the schema
    anything else                    ServerLost, or what the SDK raises: nothing that a reward may judge

Servers that ask back (sampling, elicitation) are told that nobody is there.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import anyio
import anyio.from_thread
import jsonschema
import mcp
import pydantic
import referencing
from mcp.client.stdio import stdio_client
from mcp.types import CONNECTION_CLOSED, INVALID_PARAMS, REQUEST_TIMEOUT, CallToolResult

from raytool.env import TOOL_PATH, EnvironmentLost
from raytool.records import Feedback, GoldCall, ToolCall, ToolSpec, first_mistake

log = logging.getLogger(__name__)

START_LIMIT_S = 30.0
CALL_LIMIT_S = 600.0  # the last resort: a tool host's limit for a call comes first
CLOSE_LIMIT_S = 10.0
WORKSPACE, PROJECT = "/workspace", "/project"
DEEPEST = 100  # servers leave a message that is nested deeper than their parser goes without an answer


class ServerLost(EnvironmentLost):
    """The server does not start, has died or does not answer. That is infrastructure, and no call's fault."""


class Server(pydantic.BaseModel):
    """Which server, and what surrounds it.

    `command` is spoken to over stdio, `url` over streamable HTTP; one of them is given. `env` are variables of the program.
    Before it starts, `files` (text by path) are written to a folder of its own, and the commands of `prepare` run there.
    `errors` is a regular expression for the beginning of results that report a failure, where a server does not mark them.
    The results of the calls in `check` tell the state: it is right if some gold leaves the same on another such server.
    `/workspace` stands for the folder, here as in arguments and results; `/project` for the folder that the run was started in.
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    command: tuple[str, ...] = ()
    url: str = ""
    env: dict[str, str] = {}
    files: dict[str, str] = {}
    prepare: tuple[tuple[str, ...], ...] = ()
    errors: re.Pattern[str] | None = None
    check: tuple[GoldCall, ...] = ()

    @pydantic.model_validator(mode="after")
    def _one_way_to_reach_it(self) -> Server:
        if bool(self.command) == bool(self.url):
            raise ValueError(f"a server has a command or a url; this one has {'both' if self.url else 'neither'}")
        if self.url and (self.env or self.files or self.prepare):
            raise ValueError("env, files and prepare are for a server that is started here; this one has a url")
        if outside := [
            name for name in self.files if ".." in Path(name).parts or (name[:1] == "/" and not name.startswith(f"{WORKSPACE}/"))
        ]:
            raise ValueError(f"files: '{outside[0]}' is outside of the workspace")
        return self

    @classmethod
    def read(cls, *parts: Mapping[str, Any]) -> Server:
        """A description out of parts, of which later ones go before earlier ones.

        Raises:
            ValueError: naming the first option that is wrong.
        """
        try:
            return cls.model_validate({name: value for part in parts for name, value in part.items()})
        except pydantic.ValidationError as error:
            raise ValueError(first_mistake(error)) from None


class Connection:
    """A server that runs, or one that is reached, and the session with it.

    Raises:
        ServerLost: it does not start within its limit.
    """

    def __init__(self, server: Server):
        self.lost = False
        self._name = server.url or server.command[0]
        self._errors = server.errors
        self._folder = tempfile.TemporaryDirectory(prefix="mcp-", ignore_cleanup_errors=True)
        self._workspace = os.path.realpath(self._folder.name)
        try:
            transport = server.url or stdio_client(self._prepare(server), errlog=sys.__stderr__ or sys.stderr)
            self._session = _portal().wrap_async_context_manager(_connected(transport))
            self._client, tools = self._session.__enter__()
        except Exception as error:
            self._folder.cleanup()
            raise ServerLost(f"MCP server {self._name}: it did not start: {_why(error)}") from error
        self.tools = {tool.name: ToolSpec(tool.name, tool.description or tool.title or tool.name, _schema(tool)) for tool in tools}
        self._validators = {tool.name: _validator(tool.input_schema) for tool in tools}

    def call(self, call: ToolCall) -> tuple[str, Feedback]:
        """The observation of a call of one of `tools`.

        Raises:
            ServerLost: no answer came.
        """
        if complaint := _unsendable(call.arguments) or _complaint(self._validators[call.name], call.arguments):
            return f"{call.name}() {complaint}", Feedback.TOOL_CALL_FAILURE
        arguments = _replaced(call.arguments, {WORKSPACE: self._workspace})
        try:
            result = _portal().call(functools.partial(self._client.call_tool, read_timeout_seconds=CALL_LIMIT_S), call.name, arguments)
        except mcp.MCPError as error:
            if error.code == INVALID_PARAMS:
                return self._shown(f"{call.name}() {error.message}"), Feedback.TOOL_CALL_FAILURE
            self.lost = error.code in (CONNECTION_CLOSED, REQUEST_TIMEOUT)  # else it has answered, and others may be talking to it
            raise ServerLost(f"MCP server {self._name}: {call.name}(): {error.message}") from error
        except RuntimeError as error:  # an answer that is not as the server's own document says
            raise ServerLost(f"MCP server {self._name}: {call.name}(): {error}") from error
        except BaseException:
            self.lost = True
            raise
        text = self._shown(_text(result))
        failed = result.is_error or (self._errors is not None and self._errors.match(text))
        return text, Feedback.OTHER if failed else Feedback.OK

    def close(self) -> None:
        """End the session and, if it was started here, the server: asked first, then killed."""
        try:
            self._session.__exit__(None, None, None)
        except Exception as error:  # what it was asked is answered already, and its process is the keeper's
            log.warning("MCP server %s: it did not end in order: %s", self._name, _why(error))
        self._folder.cleanup()

    def _prepare(self, server: Server) -> mcp.StdioServerParameters:
        """The server's program, when its folder is as it is to find it."""
        stands_for = {WORKSPACE: self._workspace, PROJECT: os.getcwd()}
        server = server.model_copy(update=_replaced(server.model_dump(exclude={"check", "errors"}), stands_for))
        for name, content in server.files.items():
            file = Path(self._workspace, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        path = os.pathsep.join([os.path.join(sys.prefix, "bin"), TOOL_PATH])  # in the driver too, which asks for the tools first
        env = {"PATH": path, "HOME": self._workspace, "LANG": "C.UTF-8", **server.env}
        for command in server.prepare:
            subprocess.run(
                command, check=True, cwd=self._workspace, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=START_LIMIT_S
            )
        if shutil.which(server.command[0], path=env["PATH"]) is None:
            raise FileNotFoundError(f"'{server.command[0]}' is no program in {env['PATH']}")
        keeper = ["-S", "-E", "-c", _KEEPER, str(os.getpid()), *server.command]
        return mcp.StdioServerParameters(command=sys.executable, args=keeper, env=env, cwd=self._workspace)

    def _shown(self, text: str) -> str:
        return text.replace(self._workspace, WORKSPACE)


# Between a server and the process that holds it. When that dies, however it dies, the server ends with all it has started.
_KEEPER = """
import ctypes, os, signal, sys
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
server = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
signal.signal(signal.SIGTERM, lambda *_: os.kill(server, signal.SIGKILL))
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
if os.getppid() != int(sys.argv[1]):
    os.kill(server, signal.SIGKILL)
os.waitid(os.P_PID, server, os.WEXITED | os.WNOWAIT)
while children := open(f"/proc/self/task/{os.getpid()}/children").read().split():
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    os.wait()
"""


@contextlib.asynccontextmanager
async def _connected(transport: Any) -> AsyncIterator[tuple[mcp.Client, list[mcp.Tool]]]:
    with anyio.fail_after(START_LIMIT_S) as limit:
        async with mcp.Client(transport) as client:
            page = await client.list_tools()
            tools = page.tools
            while page.next_cursor:
                page = await client.list_tools(cursor=page.next_cursor)
                tools = [*tools, *page.tools]
            limit.deadline = math.inf
            yield client, tools
            limit.deadline = anyio.current_time() + CLOSE_LIMIT_S


@functools.cache
def _portal() -> anyio.from_thread.BlockingPortal:
    """The way into this process's event loop, whose thread no exit waits for."""
    started: Future[anyio.from_thread.BlockingPortal] = Future()

    async def serve() -> None:
        async with anyio.from_thread.BlockingPortal() as portal:
            started.set_result(portal)
            await portal.sleep_until_stopped()

    threading.Thread(target=anyio.run, args=(serve,), name="mcp", daemon=True).start()
    return started.result(timeout=START_LIMIT_S)


def _why(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return "no answer within its limit"
    if isinstance(error, subprocess.CalledProcessError):
        return f"{error}: {error.stderr.decode(errors='replace').strip()}"
    return str(error) or type(error).__name__


def _schema(tool: mcp.Tool) -> dict[str, Any]:
    return {"properties": {}, **{name: part for name, part in tool.input_schema.items() if name not in ("$schema", "title")}}


def _validator(schema: dict[str, Any]) -> Any:
    """Of the draft that a schema names, or 2020-12, the protocol's default; references lead nowhere outside the schema."""
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    return kind(schema, registry=referencing.Registry())


def _complaint(validator: Any, arguments: Any) -> str:
    error = jsonschema.exceptions.best_match(validator.iter_errors(arguments))
    return "" if error is None else f"{error.json_path}: {error.message[:200]}"


def _unsendable(arguments: Any) -> str:
    """Why arguments are no JSON that every server can read, if they are none."""
    try:
        if _depth(arguments) > DEEPEST:
            return f"arguments are nested deeper than {DEEPEST} levels"
        json.dumps(arguments, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        return f"arguments are no JSON: {error}"
    return ""


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def _replaced(value: Any, stands_for: Mapping[str, str]) -> Any:
    """A JSON value with other words for some in all its strings, names of properties included."""
    if isinstance(value, str):
        for word, other in stands_for.items():
            value = value.replace(word, other)
        return value
    if isinstance(value, dict):
        return {_replaced(name, stands_for): _replaced(item, stands_for) for name, item in value.items()}
    return [_replaced(item, stands_for) for item in value] if isinstance(value, list | tuple) else value


def _text(result: CallToolResult) -> str:
    """A result as text; what is none is named by its kind."""
    shown = []
    for block in result.content:
        match block.type:
            case "text":
                shown.append(block.text)
            case "resource_link":
                shown.append(str(block.uri))
            case "resource":
                shown.append(getattr(block.resource, "text", f"[{block.resource.uri}]"))
            case kind:
                shown.append(f"[{kind} {block.mime_type}]")
    if not shown and result.structured_content is not None:
        return json.dumps(result.structured_content, ensure_ascii=False)
    return "\n".join(shown)
