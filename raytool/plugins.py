"""The one place where a string becomes a class or a function.

A plug-in is named as `module:attribute` (`envs.office:Office`), as a gymnasium id (`envs:Office-v0`, or `Office-v0`
where it is registered), or by its entry point in one of the groups below.
"""

from __future__ import annotations

import collections.abc
import importlib
import inspect
import os
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any, Literal, get_origin, get_type_hints

import pydantic

from raytool.records import UserError, first_mistake
from raytool.sections import suggestion

Group = Literal["raytool.envs", "raytool.rewards", "raytool.tasks", "raytool.suites", "raytool.dialects"]

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
        except MemoryError:
            raise  # of a tool host that is full: another one has room
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


def known(name: str, group: Group) -> bool:
    """Whether there is an entry point of that name."""
    return any(entry.name == name for entry in entry_points(group=group))


def _within(module: str | None) -> str:
    """Where a missing module was looked for, if its package is there: it may be another one of that name."""
    package = sys.modules.get((module or "").rpartition(".")[0])
    folders = list(getattr(package, "__path__", ()))
    return f" in {', '.join(folders)}, which is first of that name on Python's path" if folders else ""


def make_env(name: str) -> Any:
    """A gymnasium environment by plug-in string or gymnasium id.

    Raises:
        PluginError: naming the string and what was tried.
        MemoryError, EnvironmentLost: as the environment raises them; elsewhere, or later, it may be made.
    """
    import gymnasium

    from raytool.env import EnvironmentLost

    if _GYMNASIUM_ID.search(name):
        try:
            return gymnasium.make(name, disable_env_checker=True)
        except (MemoryError, EnvironmentLost):
            raise
        except Exception as error:
            raise PluginError(f"environment '{name}': {error} (tried: gymnasium.make)") from error
    environment = load(name, "raytool.envs")
    try:
        made = environment()
    except (MemoryError, EnvironmentLost):
        raise
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
    kind = load(name, "raytool.rewards")
    if not isinstance(kind, type):
        raise UserError(f"reward.name: '{name}' is a {type(kind).__name__}; a class is expected, whose instances take an Episode")
    try:
        made = kind(**fitting(kind, options))
    except pydantic.ValidationError as error:
        raise UserError(f"reward.options: {name}: {first_mistake(error)}") from error
    except ValueError as error:  # what the reward itself says of its options, too
        raise UserError(f"reward.options: {name}: {error}") from error
    except Exception as error:
        raise UserError(f"reward '{name}': {raised(error)}") from error
    if not callable(made):
        raise UserError(f"reward.name: {name}: its instances cannot be called with an episode")
    return made


def fitting(taker: Callable[..., Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as the type hints of a function's or a class's arguments have them. A hint that pydantic does not know allows anything.

    Raises:
        ValueError: there is no such argument, one is missing, or its type is another.
    """
    known = inspect.signature(taker).parameters
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values())
    if unknown := [name for name in options if name not in known and not takes_all]:
        raise ValueError(f"{unknown[0]}: there is no such option; {suggestion(unknown[0], [*known]) if known else 'it takes none'}")
    try:
        inspect.signature(taker).bind(**options)
    except TypeError as error:
        raise ValueError(str(error)) from None
    try:
        hints = get_type_hints(getattr(taker, "__init__") if isinstance(taker, type) else taker, include_extras=True)  # noqa: B009
    except (NameError, TypeError):  # of what is imported for type checkers only; or what is called is an object
        return dict(options)
    return {name: _typed(name, value, hints[name]) if name in hints else value for name, value in options.items()}


def _typed(name: str, value: Any, hint: Any) -> Any:
    if get_origin(hint) in (collections.abc.Iterable, collections.abc.Iterator):  # pydantic would give what can be read once
        return value
    try:
        adapter = pydantic.TypeAdapter(hint)
    except pydantic.errors.PydanticUserError:
        return value
    try:
        return adapter.validate_python(value)
    except pydantic.ValidationError as error:
        mistake = error.errors(include_url=False)[0]
        place, given = ".".join(map(str, (name, *mistake["loc"]))), repr(mistake["input"])
        a_list = f"a list is expected, e.g. [{given}]" if mistake["type"] == "sequence_str" else None
        raise ValueError(f"{place}: {given} given; {a_list or mistake['msg'][0].lower() + mistake['msg'][1:]}") from None


def raised(error: BaseException) -> str:
    """What the code of a plug-in raised, in a line: in which of its functions, what, and where in its file."""
    told = f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")
    ours = tuple(os.path.dirname(str(sys.modules[name].__file__)) + os.sep for name in ("raytool", "gymnasium") if name in sys.modules)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(ours)]
    if not frames:
        return told
    last = [frame for frame in frames if frame.filename == frames[0].filename][-1]
    return f"{frames[0].name} raised {told} ({os.path.basename(last.filename)}:{last.lineno})"
