"""A Model Context Protocol server that does what servers must not, and one way each to answer, for the tests of envs.mcp."""

import os
import subprocess
import sys
import time
from typing import Any

from mcp.server.mcpserver import Image, MCPServer
from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS

server = MCPServer("ours")
notes: list[str] = []


@server.tool()
def note(text: str) -> str:
    """Write a note and read all of them."""
    notes.append(text)
    return ",".join(notes)


@server.tool()
def pid() -> int:
    """The id of this process."""
    return os.getpid()


@server.tool()
def echo(value: Any) -> str:
    """Give any value back."""
    return repr(value)


@server.tool(structured_output=False)
def picture() -> list[Any]:
    """A text and a picture."""
    return ["look:", Image(data=b"x", format="png")]


@server.tool()
def fail() -> str:
    """Report a failure."""
    raise RuntimeError("the shelf is empty")


@server.tool()
def refuse() -> str:
    """Say by the protocol that the arguments are wrong."""
    raise MCPError(INVALID_PARAMS, "not these")


@server.tool()
def break_down() -> str:
    """Say by the protocol that the server is broken."""
    raise MCPError(INTERNAL_ERROR, "no more")


@server.tool()
def hang() -> str:
    """Never return."""
    while True:
        time.sleep(1)


@server.tool()
def die() -> str:
    """End without an answer."""
    os._exit(3)


@server.tool()
def leave_a_child() -> int:
    """Start a process that outlives its parent; its id."""
    return subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).pid


if __name__ == "__main__":
    if sys.argv[1:] == ["mute"]:
        time.sleep(600)
    elif sys.argv[1:2] == ["http"]:
        server.run("streamable-http", port=int(sys.argv[2]))
    else:
        server.run()
