"""Whether machines share a folder: one of them writes a mark into it, and the others look for it."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from raytool.records import UserError

_NAME = ".shared"
_LAG_S = 5.0  # a network's file system may show a new file late


@dataclass(frozen=True, slots=True)
class Mark:
    """A file with a token that stands nowhere else, and who wrote it."""

    path: Path
    token: str
    writer: str


def mark(folder: Path, who: str) -> Mark:
    """Mark a folder, in place of any mark that is there."""
    made = Mark(folder / _NAME, secrets.token_hex(8), _on_this_node(who))
    made.path.write_text(made.token)
    return made


def look(made: Mark, knob: str, who: str) -> None:
    """See a mark from here. `knob` is what says where the folder is.

    Raises:
        UserError: naming the knob and this node; the mark is not there.
    """
    deadline = time.monotonic() + _LAG_S
    while (found := _missing(made)) and time.monotonic() < deadline:
        time.sleep(0.2)
    if found:
        raise UserError(
            f"{knob}: {_on_this_node(who)} does not see {made.path}, which {made.writer} wrote ({found}); "
            "a folder that all nodes share is expected"
        )


def _missing(made: Mark) -> str:
    """What stands in the mark's place; nothing where it is there."""
    try:
        return "there is another one" if made.path.read_text() != made.token else ""
    except OSError as error:
        return error.strerror or type(error).__name__


def _on_this_node(who: str) -> str:
    return f"{who} on node {os.uname().nodename}"
