"""The tools over locks and access codes."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from envs.iot.areas.checks import check_known, check_new, check_once, check_within
from envs.iot.world import AccessCode, World
from envs.scenario.checks import checked_date
from raytool.env import ToolError, tool

CODE = re.compile(r"[0-9]{4,8}")
LONGEST_UNLOCKED = 120  # minutes


class Validity(TypedDict):
    first_day: Annotated[str, Field(description="YYYY-MM-DD")]
    last_day: Annotated[str, Field(description="YYYY-MM-DD")]


class Doors:
    """Three tools; a code is known by the name of who holds it."""

    world: World

    @tool
    def set_lock(self, door: str, locked: bool, relock_minutes: int = 0) -> dict[str, Any]:
        """Lock or unlock a door.

        Args:
            door: name of the door
            locked: true to lock, false to unlock
            relock_minutes: lock again by itself after so long, default never

        Returns:
            The door and whether it is locked.

        Raises:
            ToolError: there is no such door, the minutes are out of range, or a door to lock is to be locked again.
        """
        check_known("door", door, self.world.locks)
        check_within("relock_minutes", relock_minutes, 0, LONGEST_UNLOCKED)
        if locked and relock_minutes:
            raise ToolError("relock_minutes is for unlocking only")
        lock = self.world.locks[door]
        lock.locked, lock.relock_minutes = locked, relock_minutes
        return {"door": door, "locked": locked}

    @tool
    def create_access_code(self, name: str, code: str, doors: list[str], valid: Validity | None = None) -> dict[str, Any]:
        """Give somebody a code that opens doors.

        Args:
            name: who gets it
            code: 4 to 8 digits
            doors: names of the doors
            valid: {"first_day": YYYY-MM-DD, "last_day": YYYY-MM-DD}, default for ever

        Returns:
            The name, and how many doors the code opens.

        Raises:
            ToolError: the name has a code, the code is taken or no code, a door does not exist, or the days are none.
        """
        check_new("code for", name, self.world.codes)
        if not CODE.fullmatch(code):
            raise ToolError(f"code {code[:20]!r} is not 4 to 8 digits")
        if code in {taken.code for taken in self.world.codes.values()}:
            raise ToolError(f"code {code!r} is taken")
        check_once("door", doors)
        for door in doors:
            check_known("door", door, self.world.locks)
        days = (checked_date(valid["first_day"]), checked_date(valid["last_day"])) if valid else ()
        if days and days[1] < days[0]:
            raise ToolError(f"last_day {days[1]} is before first_day {days[0]}")
        self.world.codes[name] = AccessCode(code, tuple(doors), days)
        return {"name": name, "doors": len(doors)}

    @tool
    def revoke_access_code(self, name: str, doors: tuple[str, ...] = ()) -> dict[str, Any]:
        """Take somebody's code away.

        Args:
            name: who holds it
            doors: only these doors, default all

        Returns:
            The name, and the doors that the code still opens.

        Raises:
            ToolError: nobody of that name has a code, or it does not open one of the doors.
        """
        check_known("code for", name, self.world.codes)
        held = self.world.codes[name]
        for door in doors:
            check_known(f"door of {name}", door, held.doors)
        left = tuple(door for door in held.doors if doors and door not in doors)
        held.doors = left
        if not left:
            del self.world.codes[name]
        return {"name": name, "still_opens": list(left)}
