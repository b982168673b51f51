"""What several tools of the household ask of their arguments.

Raises:
    ToolError: by every function here, naming the value and what was expected.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import TypeVar

from envs.scenario.checks import checked_date
from raytool.env import ToolError

Item = TypeVar("Item")
LONGEST_NAME = 40  # characters of an unknown name that a complaint repeats


def known(kind: str, name: str, names: Collection[str]) -> str:
    """The one of `names` that `name` is, case and outer spaces apart."""
    by_folded = {candidate.casefold(): candidate for candidate in names}
    folded = name.strip().casefold()
    if folded in by_folded:
        return by_folded[folded]
    close = get_close_matches(folded, by_folded, n=2)
    hint = f"did you mean {' or '.join(by_folded[candidate] for candidate in close)}?" if close else f"there are {_some(names)}"
    raise ToolError(f"no {kind} {name[:LONGEST_NAME]!r}; {hint}")


def chosen(kind: str, name: str, items: Mapping[str, Item]) -> Item:
    return items[known(kind, name, items)]


def checked_count(name: str, count: int, least: int, most: int) -> int:
    if not least <= count <= most:
        raise ToolError(f"{name} is {count}, not {least} to {most}")
    return count


def checked_amount(name: str, amount: float, most: float) -> float:
    """A sum of money or the like: more than nothing."""
    if not 0 < amount <= most:
        raise ToolError(f"{name} is {amount:g}, not more than 0 and up to {most:g}")
    return amount


def checked_coming(day: str, today: str) -> str:
    """A date that is today or later."""
    if checked_date(day) < today:
        raise ToolError(f"{day} is past; today is {today}")
    return day


def checked_past(day: str, today: str) -> str:
    """A date that is today or earlier."""
    if checked_date(day) > today:
        raise ToolError(f"{day} is still to come; today is {today}")
    return day


def _some(names: Collection[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:8]) + (" and others" if len(listed) > 8 else "")
