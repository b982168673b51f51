"""Trees of sections, and the dotted names that lead through them: `ppo.clip`, and through a list `tasks.train.0.noise`."""

from __future__ import annotations

from typing import Any

import yaml

from raytool.records import UserError


class ConfigError(UserError):
    """What the user has to change, a line for each mistake."""


def override(content: dict[str, Any], text: str) -> None:
    """Put what `key=value` says into a content; the value is YAML.

    Raises:
        ConfigError: naming the override.
    """
    key, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"override '{text}': expected key=value, e.g. ppo.updates=20")
    try:
        read = yaml.safe_load(value)
    except yaml.YAMLError:
        raise ConfigError(f"override '{text}': '{value}' is not a YAML value") from None
    put(content, key, read, f"override '{text}'")


def put(content: dict[str, Any], key: str, value: Any, said: str) -> None:
    """Put a value where a dotted name leads, through sections that are made where there are none. Errors begin with `said`.

    Raises:
        ConfigError: it leads through something that is neither a section nor a place in a list.
    """
    *parents, last = key.split(".")
    place: Any = content
    for depth, step in enumerate([*parents, last]):
        where = ".".join(parents[:depth])
        if isinstance(place, list):
            if not step.isdecimal() or int(step) >= len(place):
                raise ConfigError(f"{said}: '{where}' is a list of {len(place)}; give a number from 0, not '{step}'")
            at: Any = int(step)
        elif isinstance(place, dict):
            at = step
        else:
            raise ConfigError(f"{said}: '{where}' is no section")
        if depth == len(parents):
            place[at] = value
        else:
            place = place[at] if isinstance(place, list) else place.setdefault(at, {})


def flatten(tree: Any, lists: bool = True, prefix: str = "") -> dict[str, Any]:
    """The leaves by dotted name. Lists of sections are gone into, or with `lists` false are leaves like any other list."""
    branches: list[tuple[str, Any]] = []
    if isinstance(tree, dict):
        branches = list(tree.items())
    elif lists and isinstance(tree, list) and all(isinstance(branch, dict) for branch in tree):
        branches = [(str(place), branch) for place, branch in enumerate(tree)]
    if not branches:
        return {prefix: tree}
    return {
        name: value for key, branch in branches for name, value in flatten(branch, lists, f"{prefix}.{key}" if prefix else str(key)).items()
    }
