"""The desk of the smart home: words that its requests are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from envs.iot import vocabulary as words
from envs.iot.tools import IoT
from envs.iot.world import HISTORY, Light, Unit, World
from envs.scenario import names
from envs.scenario.desk import Desk
from envs.scenario.wording import NUMBERS, long_date, number_answer, time_answer

Item = TypeVar("Item")

SHARES = {25: "a quarter", 50: "half", 75: "three quarters"}
DURATIONS = {30: "half an hour", 60: "an hour", 90: "an hour and a half", 120: "two hours", 150: "two and a half hours", 180: "three hours"}


class IoTDesk(Desk[IoT]):
    def __init__(self, random: np.random.Generator, seed: int):
        super().__init__(IoT, random, seed)

    @property
    def world(self) -> World:
        return self.env.world

    # ---- things of the house

    def room(self) -> str:
        return self.pick(list(self.world.rooms))

    def light(self, on: bool) -> Light:
        """A light that is on, or one that is off."""
        return self.pick([light for light in self.world.lights.values() if light.on is on])

    def door(self) -> str:
        return self.pick(list(self.world.locks))

    def camera(self) -> str:
        return self.pick(self.world.cameras)

    def new_scene(self) -> str:
        return self.other(words.SCENES, *self.world.scenes)

    def new_holder(self) -> str:
        """Somebody without a code."""
        return self.other((*words.CODE_HOLDERS, *names.FIRST_NAMES), *self.world.codes)

    def new_code(self) -> str:
        """Digits that are nobody's: the codes of the house are lower."""
        return str(self.number(5000, 9999) if self.chance(0.7) else self.number(500000, 999999))

    # ---- values

    def percent(self, least: int = 5, most: int = 100) -> int:
        return self.pick([value for value in range(5, 101, 5) if least <= value <= most])

    def time(self, first_hour: int, last_hour: int) -> str:
        return f"{self.number(first_hour, last_hour):02}:{self.pick((0, 15, 30, 45)):02}"

    def days(self, least: int = 2) -> tuple[str, str]:
        """The first and the last of several days of the history."""
        days = self.world.past_days
        count = self.number(least, HISTORY)
        first = self.number(0, len(days) - count)
        return days[first], days[first + count - 1]

    # ---- wording

    def past(self, day: str) -> str:
        """A past day in words that determine it."""
        days, today = self.world.past_days, self.world.today
        if day in days[-2:] and self.chance():
            return f"{'yesterday' if day == days[-1] else 'the day before yesterday'} (today is {today})"
        return f"on {self.dated(day)}"

    def span(self, first: str, last: str) -> str:
        days = self.world.past_days
        count = days.index(last) - days.index(first) + 1
        if last == days[-1] and self.chance():
            return f"over the last {NUMBERS[count]} days, today ({self.world.today}) not counted"
        return self.from_to(first, last)

    def from_to(self, first: str, last: str) -> str:
        if self.chance(0.3):
            first, last = long_date(first), long_date(last)
        return f"from {first} to {last}"

    def share(self, percent: int) -> str:
        """A part of something that is said next: "40%", "half"."""
        return SHARES[percent] if percent in SHARES and self.chance() else f"{percent}%"

    def lasting(self, minutes: int) -> str:
        return DURATIONS[minutes] if minutes in DURATIONS and self.chance() else f"{minutes} minutes"


def degrees(temperature: float, unit: Unit = "celsius") -> str:
    return f"{temperature:g} °{'C' if unit == 'celsius' else 'F'}"


def listed(items: Sequence[str]) -> str:
    """ "a, b and c"."""
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1])))


def figure_answer(value: float) -> tuple[str, ...]:
    """A number, with a minus sign of either kind and, as amounts of money are written, with two decimals."""
    texts = (*number_answer(value), f"{value:.2f}")
    return tuple(dict.fromkeys((*texts, *(text.replace("-", "\N{MINUS SIGN}") for text in texts))))


def clock_answer(time: str) -> tuple[str, ...]:
    """A time of day, and a full hour also without minutes."""
    twelve = time_answer(time)[1]
    return (*time_answer(time), *((twelve.replace(":00", ""),) if ":00" in twelve else ()))
