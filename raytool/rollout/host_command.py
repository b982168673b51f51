"""How a tool host is started: its program, what an isolated one sees, and its variables."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from raytool import bubblewrap
from raytool.config.rollout import ToolHostConfig
from raytool.env import TOOL_PATH
from raytool.records import UserError

_MAX_PROCESSES = 256  # of an isolated host, threads included
_MAX_FILE = 256 * 2**20
_SCRATCH = 256 * 2**20  # of /tmp


class HostsDown(Exception):
    """No tool host starts on this node any more."""


class NodeUnfit(UserError):
    """This node lacks what tools are to have; others may have it."""


def command_of(config: ToolHostConfig, isolate: bool) -> tuple[list[str], dict[str, str]]:
    """A tool host's command and all of its variables.

    Raises:
        NodeUnfit: a path or a variable that tools are to have is not there, or would stand in place of what isolation gives them.
    """
    command = [sys.executable, "-m", "raytool.rollout.tool_host"]
    command += ["--memory", str(int(config.memory_gb * 2**30)), "--file-size", str(_MAX_FILE)]
    paths = [path for path in dict.fromkeys([os.getcwd(), *filter(None, sys.path)]) if os.path.isdir(path)]
    variables = {
        "PATH": TOOL_PATH,
        "PYTHONPATH": os.pathsep.join(paths),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    for name in config.variables:
        if name not in os.environ:
            raise NodeUnfit(f"rollout.tool_host.variables: '{name}' is not set where the rollout worker runs")
        variables[name] = os.environ[name]
    if config.allow_unisolated:
        variables["RAYTOOL_ALLOW_UNISOLATED"] = "1"
    if isolate:
        # Not without isolation: there all of a user's processes count, and none of root's.
        command += ["--processes", str(_MAX_PROCESSES)]
        if missing := [path for path in config.readable if not os.path.exists(path)]:  # a stale mount's path is not there either
            raise NodeUnfit(f"rollout.tool_host.readable: {missing[0]} is not there where the rollout worker runs")
        readable = [sys.prefix, *paths, *_projects_under_work(), *map(str, config.readable)]
        for path in readable:
            if own := next((own for own in ("/tmp", "/proc", "/dev") if Path(own).is_relative_to(os.path.realpath(path))), None):
                what = f"they have a {own} of their own, and {path} is to be shown to them, since it is"
                where = "the folder of the run, on Python's path or in rollout.tool_host.readable; one below it is expected"
                raise NodeUnfit(f"isolated tools: {what} {where}")
        isolated = bubblewrap.command(readable, scratch="/tmp", scratch_bytes=_SCRATCH, folder=os.getcwd(), network=config.network)
        command = [*isolated, *command]
    return command, variables


def unisolated(config: ToolHostConfig) -> str:
    """Why tools run without isolation on this machine, which were to have it where it works; or nothing.

    Raises:
        UserError: they must have it, or nobody knows (NodeUnfit).
    """
    try:
        complaint = "" if config.isolation == "none" else bubblewrap.complaint()
    except bubblewrap.NotTried as error:
        raise NodeUnfit(f"rollout.tool_host.isolation: whether tools can be isolated could not be seen: {error}") from error
    if complaint and config.isolation == "bubblewrap":
        raise UserError(f"rollout.tool_host.isolation: 'bubblewrap' does not work here: {complaint}")
    return complaint


@functools.cache
def _projects_under_work() -> tuple[str, ...]:
    """The folders of projects that are installed in place, which need not be on the path (PEP 610)."""
    origins = (distribution.read_text("direct_url.json") for distribution in importlib.metadata.distributions())
    read = [json.loads(origin) for origin in origins if origin]
    folders = (url2pathname(urlsplit(origin["url"]).path) for origin in read if origin.get("dir_info", {}).get("editable"))
    return tuple(folder for folder in folders if os.path.isdir(folder))
