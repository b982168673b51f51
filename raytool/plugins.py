"""The one place where a string becomes a class or a function.

A plug-in is named as `module:attribute` (`envs.office:Office`), as a gymnasium id (`envs:Office-v0`, or `Office-v0`
where it is registered), or by its entry point in the groups `raytool.envs` and `raytool.rewards`.
"""

from __future__ import annotations

import importlib
import re
import sys
from importlib.metadata import entry_points
from typing import Any, Literal

from raytool.records import UserError

Group = Literal["raytool.envs", "raytool.rewards", "raytool.tasks", "raytool.suites"]

_GYMNASIUM_ID = re.compile(r"-v\d+$")


class PluginError(UserError):
    """A plug-in string that leads nowhere; the message says what was tried."""


def load(name: str, group: Group) -> Any:
    """The object that a plug-in string names.

    Raises:
        PluginError: naming the string and what was tried.
    """
    if ":" in name:
        module_name, attribute = name.split(":", 1)
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            raise PluginError(f"plug-in '{name}': no module '{error.name}'{_within(error.name)} (tried: import {module_name})") from None
        except Exception as error:
            raise PluginError(f"plug-in '{name}': importing {module_name} failed: {error}") from error
        if not hasattr(module, attribute):
            own = [n for n, value in vars(module).items() if getattr(value, "__module__", None) == module_name]
            public = [n for n in getattr(module, "__all__", own) if not n.startswith("_")]
            raise PluginError(f"plug-in '{name}': {module_name} has no '{attribute}'; it has {', '.join(sorted(public)[:12]) or 'nothing'}")
        return getattr(module, attribute)
    found = entry_points(group=group)
    for entry in found:
        if entry.name == name:
            try:
                return entry.load()
            except Exception as error:
                raise PluginError(f"plug-in '{name}': loading its entry point {entry.value} failed: {error}") from error
    names = ", ".join(sorted(entry.name for entry in found)) or "none installed"
    raise PluginError(f"plug-in '{name}': neither module:attribute nor an entry point of the group {group} ({names})")


def _within(module: str | None) -> str:
    """Where a missing module was looked for, if its package is there: it may be another one of that name."""
    package = sys.modules.get((module or "").rpartition(".")[0])
    folders = list(getattr(package, "__path__", ()))
    return f" in {', '.join(folders)}, which is first of that name on Python's path" if folders else ""


def make_env(name: str) -> Any:
    """A gymnasium environment by plug-in string or gymnasium id.

    Raises:
        PluginError: naming the string and what was tried.
    """
    import gymnasium

    if _GYMNASIUM_ID.search(name):
        try:
            return gymnasium.make(name, disable_env_checker=True)
        except Exception as error:
            raise PluginError(f"environment '{name}': {error} (tried: gymnasium.make)") from error
    environment = load(name, "raytool.envs")
    try:
        made = environment()
    except Exception as error:
        raise PluginError(f"environment '{name}': {error} (tried: {name}())") from error
    if not isinstance(made, gymnasium.Env):
        raise PluginError(f"environment '{name}': {type(made).__name__} is no gymnasium.Env")
    return made


def make_reward(name: str, options: dict[str, Any]) -> Any:
    """Make a reward from its plug-in string.

    Raises:
        PluginError, UserError: the string leads nowhere, or its options do not fit.
    """
    reward = load(name, "raytool.rewards")
    try:
        made = reward(**options)
    except (TypeError, ValueError) as error:
        raise UserError(f"reward.options: {name}: {error}") from error
    if not callable(made):
        raise UserError(f"reward.name: {name}: its instances cannot be called with an episode")
    return made
