"""The tools over the heating of the rooms."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from envs.iot.areas.checks import check_known, check_once, check_within
from envs.iot.world import DayGroup, Unit, World, from_celsius, to_celsius
from envs.scenario.checks import checked_time
from raytool.env import ToolError, tool

COLDEST, WARMEST = 5, 30  # degrees Celsius that a thermostat can be set to
LONGEST_HOLD = 24 * 60  # minutes
MOST_PERIODS = 6


class Period(TypedDict):
    start: Annotated[str, Field(description="HH:MM")]
    temperature: float


class Heating:
    """Three tools; every room has a thermostat."""

    world: World

    @tool
    def get_climate(self, room: str, unit: Unit = "celsius") -> dict[str, Any]:
        """Read how warm and humid a room is, and what its thermostat is set to.

        Args:
            room: name of the room
            unit: of the temperatures

        Returns:
            The measured and the set temperature, the humidity in percent, and whether the heating is on.

        Raises:
            ToolError: there is no such room.
        """
        check_known("room", room, self.world.rooms)
        found = self.world.rooms[room]
        return {
            "temperature": from_celsius(found.temperature, unit),
            "target": from_celsius(found.target, unit),
            "humidity": found.humidity,
            "heating": found.temperature < found.target,
        }

    @tool
    def set_thermostat(self, room: str, temperature: float, unit: Unit = "celsius", hold_minutes: int = 0) -> dict[str, Any]:
        """Set the temperature that a room is to have from now on.

        Args:
            room: name of the room
            temperature: what it is set to
            unit: of the temperature
            hold_minutes: how long to keep it, default until the schedule changes it

        Returns:
            The room and its set temperature in degrees Celsius.

        Raises:
            ToolError: there is no such room, or a value is out of range.
        """
        check_known("room", room, self.world.rooms)
        target = checked_target(temperature, unit)
        check_within("hold_minutes", hold_minutes, 0, LONGEST_HOLD)
        found = self.world.rooms[room]
        found.target, found.hold_minutes = target, hold_minutes
        return {"room": room, "target": target}

    @tool
    def set_schedule(
        self, room: str, periods: list[Period], days: Literal["all", "weekdays", "weekend"] = "all", unit: Unit = "celsius"
    ) -> dict[str, Any]:
        """Replace the heating schedule of a room.

        Args:
            room: name of the room
            periods: each {"start": HH:MM, "temperature": number}
            days: on which days it holds
            unit: of the temperatures

        Returns:
            The room, the days and how many periods they have.

        Raises:
            ToolError: there is no such room, there are none or too many periods, or a value is out of range.
        """
        check_known("room", room, self.world.rooms)
        check_once("start", [period["start"] for period in periods])
        if len(periods) > MOST_PERIODS:
            raise ToolError(f"{len(periods)} periods are given, not 1 to {MOST_PERIODS}")
        times = {checked_time(period["start"]): checked_target(period["temperature"], unit) for period in periods}
        chosen: tuple[DayGroup, ...] = ("weekdays", "weekend") if days == "all" else (days,)
        for group in chosen:
            self.world.rooms[room].schedule[group] = dict(sorted(times.items()))
        return {"room": room, "days": days, "periods": len(times)}


def checked_target(temperature: float, unit: Unit) -> float:
    """Degrees Celsius that a thermostat can be set to."""
    least, most = (from_celsius(bound, unit) for bound in (COLDEST, WARMEST))
    check_within(f"temperature in {unit}", temperature, least, most)
    return to_celsius(temperature, unit)
