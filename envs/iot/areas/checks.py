"""What several tools of the home ask of their arguments.

Raises:
    ToolError: by every function here, naming the value and what was expected.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from envs.iot.world import HISTORY, World
from envs.scenario.checks import checked_date, checked_time
from envs.scenario.clock import days_after
from raytool.env import ToolError

LISTED = 8  # names that a complaint lists


def check_known(kind: str, name: str, names: Iterable[str]) -> None:
    """A name that is not among `names` is answered with what is."""
    names = sorted(names)
    if name not in names:
        near = difflib.get_close_matches(name, names, 3)
        raise ToolError(f"no {kind} {name[:60]!r}; {'near it' if near else 'there'} are {', '.join(near or names[:LISTED]) or 'none'}")


def check_within(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ToolError(f"{name} is {value:.6g}, not {least:g} to {most:g}")


def check_once(kind: str, names: Sequence[str]) -> None:
    """At least one, and none twice."""
    if not names:
        raise ToolError(f"no {kind} is given")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ToolError(f"{kind} {twice[:60]!r} is given twice")


def check_new(kind: str, name: str, names: Iterable[str]) -> None:
    if not name.strip():
        raise ToolError(f"the name of the {kind} is empty")
    if name in names:
        raise ToolError(f"there is a {kind} {name[:60]!r} already")


def checked_span(world: World, first_day: str, last_day: str) -> list[str]:
    """The days from the first to the last, which is the same one where it is empty; all of them past and on record."""
    first, last = checked_date(first_day), checked_date(last_day or first_day)
    days = world.past_days
    for day in (first, last):
        if day not in days:
            raise ToolError(f"{day} is not on record; there are {days[0]} to {days[-1]}")
    if last < first:
        raise ToolError(f"last_day {last} is before first_day {first}")
    return [days_after(first, offset) for offset in range(HISTORY) if days_after(first, offset) <= last]


def checked_times(from_time: str, to_time: str) -> tuple[str, str]:
    if checked_time(to_time) < checked_time(from_time):
        raise ToolError(f"to_time {to_time} is before from_time {from_time}")
    return from_time, to_time
