"""Where queries are written: a Desk plays the calls of a request on a real world while it words them.

So a gold is never guessed: what a later call needs, and what the answer tells, is what the tools returned. A recipe
writes one kind of request, and declares the tools that it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from envs.scenario import choice
from envs.scenario.clock import days_after
from envs.scenario.env import ScenarioEnv
from envs.scenario.wording import long_date, twelve_hours
from raytool.env import ASK_TO_USER
from raytool.records import GoldCall

Item = TypeVar("Item")
Env = TypeVar("Env", bound=ScenarioEnv)


@dataclass(frozen=True)
class Request:
    """A request in words. Its calls are on the desk; the first `lookups` of them may be made in any order.

    `closing` is what to tell the user, `answer` what a right closing text contains one of, if it must tell anything.
    `reply` is what the user answers when asked for what the query leaves out.
    """

    query: str
    closing: str = "Done."
    answer: tuple[str, ...] = ()
    lookups: int = 0
    reply: str = ""


class Desk(Generic[Env]):
    """One world, the calls made on it so far, and words drawn for them. A scenario adds words of its own by subclassing."""

    def __init__(self, env: type[Env], random: np.random.Generator, seed: int):
        self.random = random
        self.env = env()
        self.env.world = env.build(np.random.default_rng(seed))
        self.calls: list[GoldCall] = []

    @property
    def world(self) -> Any:
        return self.env.world

    def call(self, tool: str, accept: dict[str, tuple[Any, ...]] | None = None, /, **arguments: Any) -> Any:
        """Make a call and record it as gold, a default being equally right said or unsaid. Returns what the tool returned.

        `accept` has for a parameter further values that are equally right.
        """
        documented = self.env.tools[tool].spec.documented
        defaults = {name: schema["default"] for name, schema in documented.items() if "default" in schema}
        self.calls.append(GoldCall.with_defaults(tool, arguments, defaults, accept or {}))
        return getattr(self.env, tool)(**arguments)

    def ask(self, question: str) -> None:
        """Record as gold that the user is asked, in whatever words; the request's `reply` is what comes back."""
        self.calls.append(GoldCall(ASK_TO_USER.name, {"question": question}, free=("question",)))

    # ---- drawing

    def chance(self, share: float = 0.5) -> bool:
        return bool(self.random.random() < share)

    def pick(self, items: Sequence[Item]) -> Item:
        return choice.pick(self.random, items)

    def several(self, items: Sequence[Item], count: int) -> list[Item]:
        return choice.several(self.random, items, count)

    def other(self, items: Sequence[Item], *than: Item) -> Item:
        return self.pick([item for item in items if item not in than])

    def number(self, least: int, most: int) -> int:
        return int(self.random.integers(least, most + 1))

    def say(self, frames: Sequence[str], *places: str, **values: Any) -> str:
        return self.pick(frames).format(*places, **values)

    # ---- wording: a date or a time in words that determine it

    def dated(self, day: str) -> str:
        return day if self.chance(0.7) else long_date(day)

    def on(self, day: str) -> str:
        is_tomorrow = day == days_after(self.world.today, 1)
        return f"tomorrow (today is {self.world.today})" if is_tomorrow and self.chance() else f"on {self.dated(day)}"

    def at(self, time: str) -> str:
        return time if self.chance(0.8) else twelve_hours(time)


Writer = Callable[[Any], Request]


@dataclass(frozen=True)
class Recipe:
    """A writer of requests and the tools of its calls, in order; `asks` where the user has to be asked before the first of them."""

    write: Writer
    tools: tuple[str, ...]
    asks: bool = False

    def areas(self, env: type[ScenarioEnv]) -> set[str]:
        """The areas of the scenario, classes that its environment is made of, that the calls touch."""
        return {next(area.__name__ for area in env.__mro__ if tool in vars(area)) for tool in self.tools}


def recipe(*tools: str, asks: bool = False) -> Callable[[Writer], Recipe]:
    """Declare the tools that a writer calls, in order."""
    return lambda write: Recipe(write, tools, asks)


def recipes_of(*modules: Any) -> tuple[Recipe, ...]:
    """Every recipe of some modules, in the order written."""
    return tuple(value for module in modules for value in vars(module).values() if isinstance(value, Recipe))
