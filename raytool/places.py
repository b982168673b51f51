"""Where a Ray job keeps what it writes. The folder that it runs in is temporary: what is relative is below RAYTOOL_HOME."""

from __future__ import annotations

import argparse
import os
import re
import tempfile
from pathlib import Path

from raytool.records import UserError

_JOB = "RAY_JOB_CONFIG_JSON_ENV_VAR"  # Ray gives it to what is submitted
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


class AddressGiven(argparse.ArgumentTypeError, ValueError):
    """Of an object store, where a path is expected: argparse shows what the one says, and pydantic the other."""


def in_job() -> bool:
    return _JOB in os.environ


def home() -> Path:
    """RAYTOOL_HOME, which all nodes should see; without it a folder of the user's, which is this node's.

    Raises:
        UserError: the variable is no path from the root.
    """
    given = os.environ.get("RAYTOOL_HOME")
    if given and not Path(given).is_absolute():
        raise UserError(f"RAYTOOL_HOME: '{given}' given; an absolute path is expected, and no address: mount such a store as a folder")
    return Path(given or Path.home() / "raytool")


def local(path: str | Path) -> Path:
    """A path, and no address, as object stores have them.

    Raises:
        AddressGiven: it is one.
    """
    if _ADDRESS.match(str(path)):
        raise AddressGiven(f"'{path}' given; a path is expected, and no address: mount that store as a folder")
    return Path(path)


def kept(path: str | Path) -> Path:
    """Where something is to be written: in a job below `home()`, if it is relative.

    Raises:
        AddressGiven: it is no path.
    """
    local(path)
    return home() / path if in_job() else Path(path)


def found(path: str | Path) -> Path:
    """Where something is to be read: as it says, or below `home()`, where only that is there."""
    path = Path(path)
    return below if not path.exists() and (below := home() / path).exists() else path


def new_logs(what: str) -> Path:
    """A new folder for the logs of some work: of a job's, where all nodes see it."""
    folder = kept("logs") if in_job() else None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"raytool-{what}-", dir=folder))
