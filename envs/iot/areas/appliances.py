"""The tools over appliances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from envs.iot.areas.checks import check_known, check_once, check_within
from envs.iot.world import Unit, World, from_celsius, to_celsius, to_tenth
from raytool.env import ToolError, tool

Programme = Literal["cotton", "synthetics", "wool", "delicates", "quick"]
OvenMode = Literal["conventional", "fan", "grill", "pizza"]
Power = Literal["quiet", "standard", "turbo"]
LONGEST_DELAY = 24 * 60  # minutes
LONGEST_BAKE = 600  # minutes


@dataclass(frozen=True)
class Wash:
    """What a programme allows, and how long it takes at 30 degrees."""

    hottest: int
    fastest_spin: int
    minutes: int


WASHES: dict[Programme, Wash] = {
    "cotton": Wash(90, 1600, 110),
    "synthetics": Wash(60, 1200, 80),
    "wool": Wash(40, 800, 45),
    "delicates": Wash(40, 800, 50),
    "quick": Wash(40, 1400, 25),
}
OVEN_MODES: dict[OvenMode, tuple[int, int]] = {"conventional": (50, 250), "fan": (50, 230), "grill": (150, 280), "pizza": (200, 300)}
MINUTES_PER_METRE: dict[Power, float] = {"quiet": 1.0, "standard": 0.8, "turbo": 1.2}  # a square metre, once


class Appliances:
    """Three tools; none starts an appliance that is running."""

    world: World

    @tool
    def start_washer(
        self,
        program: Programme,
        temperature: Literal[20, 30, 40, 60, 90] = 30,
        spin: Literal[400, 800, 1200, 1400, 1600] = 800,
        extra_rinse: bool = False,
        delay_minutes: int = 0,
    ) -> dict[str, Any]:
        """Start the washing machine.

        Args:
            program: kind of laundry
            temperature: degrees Celsius
            spin: turns per minute
            extra_rinse: rinse once more
            delay_minutes: how long to wait before it starts

        Returns:
            How long it washes, and after how long it is done, in minutes.

        Raises:
            ToolError: the machine is running, it is too hot or too fast for the program, or the delay is out of range.
        """
        self._check_idle("washer")
        wash = WASHES[program]
        if temperature > wash.hottest:
            raise ToolError(f"temperature is {temperature}, at most {wash.hottest} with {program}")
        if spin > wash.fastest_spin:
            raise ToolError(f"spin is {spin}, at most {wash.fastest_spin} with {program}")
        check_within("delay_minutes", delay_minutes, 0, LONGEST_DELAY)
        self.world.running["washer"] = {
            "program": program, "temperature": temperature, "spin": spin, "rinse": extra_rinse, "delay": delay_minutes,
        }  # fmt: skip
        minutes = wash.minutes + (temperature - 30) // 2 + 12 * extra_rinse
        return {"washes_minutes": minutes, "done_in_minutes": delay_minutes + minutes}

    @tool
    def start_oven(self, mode: OvenMode, temperature: float, unit: Unit = "celsius", minutes: int = 0) -> dict[str, Any]:
        """Turn the oven on.

        Args:
            mode: how it heats
            temperature: how hot
            unit: of the temperature
            minutes: switch off after so long, default not by itself

        Returns:
            The mode, and the temperature in degrees Celsius.

        Raises:
            ToolError: the oven is on, or a value is out of the range of the mode.
        """
        self._check_idle("oven")
        least, most = (from_celsius(bound, unit) for bound in OVEN_MODES[mode])
        check_within(f"temperature in {unit} for {mode}", temperature, least, most)
        check_within("minutes", minutes, 0, LONGEST_BAKE)
        degrees = to_celsius(temperature, unit)
        self.world.running["oven"] = {"mode": mode, "temperature": degrees, "minutes": minutes}
        return {"mode": mode, "temperature": degrees}

    @tool
    def start_vacuum(self, rooms: list[str], power: Power = "standard", passes: int = 1, mop: bool = False) -> dict[str, Any]:
        """Send the robot vacuum through rooms.

        Args:
            rooms: names of the rooms
            power: how strong
            passes: how often over each room, 1 to 3
            mop: wipe wet too; not where there is carpet

        Returns:
            How many square metres it cleans, and how many minutes it takes.

        Raises:
            ToolError: it is running, a room does not exist or has carpet where it is to mop, or passes is out of range.
        """
        self._check_idle("vacuum")
        check_once("room", rooms)
        for room in rooms:
            check_known("room", room, self.world.rooms)
            if mop and self.world.rooms[room].carpet:
                raise ToolError(f"{room} has carpet, it cannot be mopped")
        check_within("passes", passes, 1, 3)
        self.world.running["vacuum"] = {"rooms": sorted(rooms), "power": power, "passes": passes, "mop": mop}
        area = sum(self.world.rooms[room].area for room in rooms)
        return {"square_metres": area, "minutes": to_tenth(area * passes * MINUTES_PER_METRE[power])}

    def _check_idle(self, appliance: str) -> None:
        if appliance in self.world.running:
            raise ToolError(f"the {appliance} is running")
