"""Who is on the team."""

from __future__ import annotations

from collections.abc import Iterable

from envs.software_development.world import World
from raytool.env import ToolError


def check_members(world: World, people: Iterable[str]) -> None:
    """Refuse strangers.

    Raises:
        ToolError: somebody is not on the team.
    """
    for person in people:
        if person not in world.team:
            raise ToolError(f"{person!r} is not on the team; there are {', '.join(world.team)}")
