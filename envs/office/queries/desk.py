"""Where queries are written: a Desk plays the calls of a request on a real office while it words them.

So a gold is never guessed: what a later call needs, and what the answer tells, is what the tools returned. A recipe
writes one kind of request, and declares the tools that it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import numpy as np

from envs.office import vocabulary as words
from envs.office.tools import Office
from envs.office.world import Event, World, build, days_after, minutes_since_midnight, pick, several, time_of_day, working_days
from raytool.records import GoldCall, values_equal

Item = TypeVar("Item")
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class Request:
    """A request in words. Its calls are on the desk; the first `lookups` of them may be made in any order.

    `closing` is what to tell the user, `answer` what a right closing text contains one of, if it must tell anything.
    """

    query: str
    closing: str = "Done."
    answer: tuple[str, ...] = ()
    lookups: int = 0


class Desk:
    """One world, the calls made on it so far, and words drawn for them."""

    def __init__(self, random: np.random.Generator, seed: int):
        self.random = random
        self.office = Office()
        self.office.world = build(np.random.default_rng(seed))
        self.calls: list[GoldCall] = []

    @property
    def world(self) -> World:
        return self.office.world

    def call(self, tool: str, accept: dict[str, tuple[Any, ...]] | None = None, /, **arguments: Any) -> dict[str, Any]:
        """Make a call and record it as gold, a default being equally right said or unsaid. Returns what the tool returned."""
        documented = Office.tools[tool].spec.documented
        defaults = {name: schema["default"] for name, schema in documented.items() if "default" in schema}
        unsaid = {name: (default,) for name, default in defaults.items() if name not in arguments}
        for name, values in (accept or {}).items():
            unsaid[name] = (*unsaid.get(name, ()), *values)
        optional = tuple(name for name in arguments if name in defaults and values_equal(arguments[name], defaults[name]))
        self.calls.append(GoldCall(tool, arguments, unsaid, optional))
        return getattr(self.office, tool)(**arguments)

    # ---- drawing

    def chance(self, share: float = 0.5) -> bool:
        return bool(self.random.random() < share)

    def pick(self, items: Sequence[Item]) -> Item:
        return pick(self.random, items)

    def several(self, items: Sequence[Item], count: int) -> list[Item]:
        return several(self.random, items, count)

    def other(self, items: Sequence[Item], *than: Item) -> Item:
        return self.pick([item for item in items if item not in than])

    def say(self, frames: Sequence[str], *places: str, **values: Any) -> str:
        return self.pick(frames).format(*places, **values)

    def topic(self) -> str:
        return self.pick(words.TOPICS)

    def subject(self) -> str:
        return f"{self.topic()} {self.pick(words.SUBJECTS)}".capitalize()

    def message(self) -> str:
        return self.pick(words.MESSAGES).format(topic=self.topic())

    def event_title(self) -> str:
        return f"{self.topic()} {self.pick(words.MEETINGS)}".capitalize()

    def errand(self) -> str:
        return self.pick(words.ERRANDS).format(topic=self.topic())

    def new_document_title(self) -> str:
        titles = (f"{topic} {paper}".capitalize() for topic in self.several(words.TOPICS, 4) for paper in self.several(words.PAPERS, 1))
        return next(title for title in titles if title not in self.world.documents)

    def fact(self) -> str:
        facts = {"name": self.pick(list(self.world.contacts)), "company": self.pick(words.COMPANIES), "month": self.pick(words.MONTHS)}
        return self.pick(words.SENTENCES).format(topic=self.topic(), **facts)

    def day(self) -> str:
        return self.pick(working_days(self.world.today))

    def free_starts(self, day: str, minutes: int) -> list[str]:
        """The starts between 09:00 and 17:00 at which nothing is on the calendar for so long."""
        starts = [time_of_day(begin) for begin in range(9 * 60, 17 * 60 - minutes + 1, 15)]
        return [start for start in starts if not self.world.overlapping(Event("", "", day, start, minutes))]

    def free_start(self, day: str, minutes: int) -> str:
        return self.pick(self.free_starts(day, minutes))

    # ---- wording: a date or a time in words that determine it

    def dated(self, day: str) -> str:
        parsed = date.fromisoformat(day)
        return day if self.chance(0.7) else f"{parsed.day} {words.MONTHS[parsed.month - 1]} {parsed.year}"

    def on(self, day: str) -> str:
        is_tomorrow = day == days_after(self.world.today, 1)
        return f"tomorrow (today is {self.world.today})" if is_tomorrow and self.chance() else f"on {self.dated(day)}"

    def at(self, time: str) -> str:
        return time if self.chance(0.8) else twelve_hours(time)


def twelve_hours(time: str) -> str:
    """ "14:30" as "2:30 pm"."""
    minutes = minutes_since_midnight(time)
    return f"{(minutes // 60 - 1) % 12 + 1}:{minutes % 60:02} {'am' if minutes < 720 else 'pm'}"


def time_answer(time: str) -> tuple[str, ...]:
    return time, twelve_hours(time)


def number_answer(value: float) -> tuple[str, ...]:
    """A number with and without commas, and a small count also as a word."""
    spelled = (NUMBERS[value],) if isinstance(value, int) and 0 <= value < len(NUMBERS) else ()
    return tuple(dict.fromkeys((str(value), f"{value:,}", *spelled)))


Writer = Callable[[Desk], Request]


@dataclass(frozen=True)
class Recipe:
    """A writer of requests and the tools of its calls, in order."""

    write: Writer
    tools: tuple[str, ...]

    @property
    def areas(self) -> set[str]:
        """The areas of the office that the calls touch."""
        return {next(area.__name__ for area in Office.__mro__ if tool in vars(area)) for tool in self.tools}


def recipe(*tools: str) -> Callable[[Writer], Recipe]:
    """Declare the tools that a writer calls, in order."""
    return lambda write: Recipe(write, tools)
