"""Tasks of a scenario: requests drawn by seed, put together to the wanted number of calls, and kept to their split.

A fifth of a scenario's tools are held out: no task for training calls or offers one. Of the tasks over the other tools
a tenth are held out too. A task's split follows from what it says, so it is the same whatever the seed.
"""

from __future__ import annotations

import itertools
import json
import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np

from envs.scenario.choice import pick, several
from envs.scenario.desk import Desk, Recipe, Request
from envs.scenario.env import ScenarioEnv
from raytool.env import ASK_TO_USER, FINISH
from raytool.records import Gold, GoldCall, Task

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)


def unknown_split(split: str) -> ValueError:
    return ValueError(f"split: '{split}' given; {' or '.join(map(repr, SPLITS))} is expected")


ASK, NOTHING = "ask", "nothing"
# One of them is in an answer that says that nothing can be done, and in none that claims to have done it.
REFUSALS = (
    *("none of the tools", "no tool", "cannot", "can't", "can not", "unable", "not able"),
    *("not possible", "impossible", "could not", "couldn't"),
)
# Cycled through: how many calls a task takes; or that the user has to be asked first, or that no offered tool serves.
KINDS: tuple[int | str, ...] = (1, 2, 1, 3, 1, ASK, 1, 4, 1, 2, 1, 3, 1, NOTHING, 1, 5, 1, 2, 1, 3, 1, 2, 1, 4, 1, 2, 1, 6, 1, 2, 1, 3)
PARTS = {  # how many calls each request of a task takes, by the calls of the task; the more often, the likelier
    1: ((1,),),
    2: ((2,), (2,), (1, 1)),
    3: ((3,), (3,), (2, 1), (1, 1, 1)),
    4: ((4,), (3, 1), (2, 2)),
    5: ((5,), (4, 1), (3, 2)),
    6: ((5, 1), (4, 2), (3, 3), (2, 2, 2)),
}
PATIENCE = 300  # draws after which other parts are tried, so that a scenario may have parts that never fit together
LONGEST_QUERY = 70  # words
ANY_ORDER = ("In any order:", "The order does not matter:", "A few things, in whichever order:", "Do all of this, the order is up to you:")


@dataclass(frozen=True)
class Scenario:
    """An environment with its recipes. `env` is a class of the module `path`; `desk(random, seed)` opens a desk on a world of the seed."""

    name: str
    path: str
    env: type[ScenarioEnv]
    desk: Callable[[np.random.Generator, int], Desk[Any]]
    recipes: tuple[Recipe, ...]

    def __post_init__(self) -> None:
        self.env.scenario, self.env.held_out = self, self.held_out

    @cached_property
    def held_out(self) -> frozenset[str]:
        """A fifth of the tools."""
        names = sorted(self.env.tools, key=lambda name: (zlib.crc32(name.encode()), name))
        return frozenset(names[: math.ceil(len(names) / 5)])

    def tasks(self, split: Split, count: int, seed: int = 0, tools: int = 5) -> list[Task]:
        """`count` different tasks of a split, the first ones of a sequence that the other arguments fix.

        Each offers `tools` tools, ask_to_user and finish; one that none of the tools serves may offer fewer, since all
        tools of its area are left out. No query and no gold is in both splits, whatever the seeds. A task has no more
        calls than `tools`.

        Raises:
            ValueError: an unknown split, or a number of tools that the split does not have.
        """
        if split not in SPLITS:
            raise unknown_split(split)
        return list(itertools.islice((task for task in self.sequence(seed, tools) if task.tags["split"] == split), count))

    def sequence(self, seed: int = 0, tools: int = 5) -> Iterator[Task]:
        """Tasks of both splits without end, no two with the same query.

        Raises:
            ValueError: a number of tools that training does not have.
        """
        most = len(self.env.tools) - len(self.held_out)
        if not 1 <= tools <= most:
            raise ValueError(f"tools is {tools}, not 1 to {most}")
        random = np.random.default_rng((seed, zlib.crc32(self.name.encode())))
        seen: set[str] = set()
        for index, kind in enumerate(itertools.cycle(self._kinds(tools))):
            task = self._draw(random, kind, tools)
            while task.query in seen:
                task = self._draw(random, kind, tools)
            seen.add(task.query)
            yield replace(task, id=f"{self.name}-{seed}-{index:06d}")

    def sample_task(self, random: np.random.Generator) -> Task:
        """One task for training."""
        while (task := self._draw(random, pick(random, self._kinds(5)), 5)).tags["split"] != "train":
            pass
        return replace(task, id=f"{self.name}-{int(random.integers(10**6)):06d}")

    def _kinds(self, tools: int) -> list[int | str]:
        """The kinds that can be drawn with so many tools."""
        return [kind for kind in KINDS if (kind <= tools if isinstance(kind, int) else kind == NOTHING or self._asking(tools))]

    def _draw(self, random: np.random.Generator, kind: int | str, tools: int) -> Task:
        tries = 0
        while True:
            if tries % PATIENCE == 0:
                parts = pick(random, PARTS[kind if isinstance(kind, int) else 1])
            tries += 1
            recipes = [pick(random, self._asking(tools))] if kind == ASK else self._recipes(random, parts)
            if not recipes:
                continue
            seed = int(random.integers(2**31))
            desk = self.desk(random, seed)
            requests = [recipe.write(desk) for recipe in recipes]
            free_order = kind == len(recipes) > 1 and desk.chance()
            query = _query(desk, requests, free_order)
            answers = [request for request in requests if request.answer]
            held_out, split = self._split(query, desk.calls)
            if split is not None and len(answers) <= 1 and len(query.split()) <= LONGEST_QUERY:
                break
        calls = {call.name for call in desk.calls} - {ASK_TO_USER.name}
        told = answers[0] if answers else requests[0]
        if kind == NOTHING:
            told = Request(query, "None of the tools that I have can do that.", REFUSALS)
        finish = GoldCall(FINISH.name, {"answer": told.closing}, free=("answer",))
        orders = [()] if kind == NOTHING else _orders(desk.calls, recipes, requests)
        return Task(
            id="",
            env=self.path,
            query=query,
            tools=(*self.env.tool_specs(*self._offered(random, kind, calls, recipes, split, tools)), ASK_TO_USER, FINISH),
            gold=tuple(Gold((*order, finish), free_order) for order in orders),
            answer=told.answer,
            seed=seed,
            reply=requests[0].reply if kind == ASK else "",
            tags={
                "scenario": self.name,
                "split": split,
                "held_out": held_out,
                "kind": kind if isinstance(kind, str) else "single" if kind == 1 else "multi",
                "calls": str(0 if kind == NOTHING else len(desk.calls) - (kind == ASK)),
            },
        )

    def _split(self, query: str, calls: Sequence[GoldCall]) -> tuple[str, Split | None]:
        """(what is held out, split); no split where query and gold do not agree, since either may come again without the other."""
        tool_held_out = self.held_out & {call.name for call in calls}
        held_out = "tool" if tool_held_out else "query" if _hash(_canonical(calls)) % 10 == 0 else ""
        if bool(held_out) != (_hash(query) % 2 == 0):
            return "", None
        return held_out, "test" if held_out else "train"

    def _recipes(self, random: np.random.Generator, parts: Sequence[int]) -> list[Recipe]:
        """Recipes that make so many calls each, none if they touch the same area: one might disturb another."""
        chosen = [pick(random, pick(random, self._by_tools[calls])) for calls in parts]
        areas = [area for recipe in chosen for area in recipe.areas(self.env)]
        return several(random, chosen, len(chosen)) if len(areas) == len(set(areas)) else []

    def _asking(self, tools: int) -> list[Recipe]:
        """The recipes that ask the user, and then call no more than so many tools."""
        return [recipe for recipe in self.recipes if recipe.asks and len(recipe.tools) <= tools]

    @cached_property
    def _by_tools(self) -> dict[int, list[list[Recipe]]]:
        """By their number of calls, the recipes that do not ask, those with the same tools together."""
        groups: dict[tuple[str, ...], list[Recipe]] = {}
        for recipe in self.recipes:
            if not recipe.asks:
                groups.setdefault(recipe.tools, []).append(recipe)
        found: dict[int, list[list[Recipe]]] = {}
        for tools, group in groups.items():
            found.setdefault(len(tools), []).append(group)
        return found

    def _offered(
        self, random: np.random.Generator, kind: int | str, needed: set[str], recipes: Sequence[Recipe], split: Split, tools: int
    ) -> list[str]:
        """The tools of the gold, and others, shuffled. Where nothing is to serve, none of the areas that the request is about."""
        if kind == NOTHING:
            about = {area for recipe in recipes for area in recipe.areas(self.env)}
            others = [name for name in self.env.tools if not Recipe(recipes[0].write, (name,)).areas(self.env) & about]
            needed = set()
        else:
            others = [name for name in self.env.tools if name not in needed]
        if split == "train":
            others = [name for name in others if name not in self.held_out]
        gold = [name for name in self.env.tools if name in needed]
        return several(random, gold + several(random, others, tools - len(gold)), tools)


def _query(desk: Desk[Any], requests: Sequence[Request], free_order: bool) -> str:
    queries = [request.query for request in requests]
    if len(queries) == 1:
        return queries[0]
    if free_order:
        return "\n- ".join([desk.pick(ANY_ORDER), *queries])
    if desk.chance():
        return "\n".join(f"{number}. {query}" for number, query in enumerate(queries, 1))
    return "\nThen: ".join(queries)


def _orders(calls: Sequence[GoldCall], recipes: Sequence[Recipe], requests: Sequence[Request]) -> list[tuple[GoldCall, ...]]:
    """Every right order of the calls: those of each request in turn, its lookups in any order. The one played comes first."""
    rest = iter(calls)
    parts: list[list[tuple[GoldCall, ...]]] = []
    for recipe, request in zip(recipes, requests, strict=True):
        asked = tuple(itertools.islice(rest, int(recipe.asks)))
        lookups = tuple(itertools.islice(rest, request.lookups))
        others = tuple(itertools.islice(rest, len(recipe.tools) - request.lookups))
        parts.append([asked + order + others for order in itertools.permutations(lookups)])
    return [tuple(itertools.chain(*order)) for order in itertools.product(*parts)]


def _canonical(calls: Sequence[GoldCall]) -> str:
    """The same text for golds that differ only in order or in saying a default."""
    said: list[Any] = [
        [call.name, {name: value for name, value in call.arguments.items() if name not in (*call.optional, *call.free)}] for call in calls
    ]
    return json.dumps(sorted(json.dumps(call, sort_keys=True) for call in said))


def _hash(text: str) -> int:
    return zlib.crc32(text.encode())
