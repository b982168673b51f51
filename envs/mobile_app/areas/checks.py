"""What tools of several areas ask of their arguments.

Raises:
    ToolError: by every function here, naming the value and what was expected.
"""

from __future__ import annotations

from collections.abc import Iterable

from envs.mobile_app.world import World
from envs.scenario.checks import checked_date, checked_time
from raytool.env import ToolError


def checked_friend(world: World, name: str) -> str:
    friend = world.friend(name)
    if friend is None:
        raise ToolError(f"no friend {name!r}")
    return friend


def checked_friends(world: World, given: Iterable[str]) -> tuple[str, ...]:
    friends = tuple(checked_friend(world, name) for name in given)
    check_different(friends)
    return friends


def check_different(values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise ToolError(f"{value!r} is given twice")
        seen.add(value)


def checked_photos(world: World, photo_ids: Iterable[str]) -> tuple[str, ...]:
    checked = tuple(photo_ids)
    check_different(checked)
    for photo_id in checked:
        if photo_id not in world.photos:
            raise ToolError(f"no photo {photo_id!r}")
    return checked


def checked_moment(world: World, text: str) -> str:
    """A date and a time of day, of today or later."""
    day, _, time = text.partition(" ")
    if checked_date(day) < world.today:
        raise ToolError(f"{day} is in the past, today is {world.today}")
    return f"{day} {checked_time(time)}"


def check_number(least: int, most: int, **values: int) -> None:
    for name, value in values.items():
        if not least <= value <= most:
            raise ToolError(f"{name} is {value}, not {least} to {most}")
