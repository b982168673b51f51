"""Tasks of the office: requests drawn by seed, put together to the wanted number of calls, and kept to their split."""

from __future__ import annotations

import itertools
import json
import zlib
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal, get_args

import numpy as np

from envs.office.queries import RECIPES
from envs.office.queries.desk import Desk, Recipe, Request
from envs.office.tools import Office
from envs.office.world import pick, several
from raytool.env import FINISH
from raytool.records import Gold, GoldCall, Task

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
CALLS = (1, 2, 1, 3, 1, 2, 1, 4, 1, 2, 1, 3, 1, 2, 1, 5, 1, 2, 1, 3, 1, 2, 1, 4, 1, 2, 1, 3, 1, 2, 1, 3)  # cycled through
PARTS = {  # how many calls each request of a task takes, by the calls of the task; the more often, the likelier
    1: ((1,),),
    2: ((2,), (2,), (1, 1)),
    3: ((3,), (3,), (2, 1), (1, 1, 1)),
    4: ((4,), (3, 1), (2, 2)),
    5: ((5,), (4, 1), (3, 2)),
}
LONGEST_QUERY = 60  # words
ANY_ORDER = ("In any order:", "The order does not matter:", "A few things, in whichever order:", "Do all of this, the order is up to you:")


def tasks(split: Split, count: int, seed: int = 0, tools: int = 5) -> list[Task]:
    """`count` different tasks, the first ones of a sequence that the other arguments fix. Each offers `tools` tools and finish.

    No query and no gold is in both splits, whatever the seeds. A task has no more calls than it offers tools.

    Raises:
        ValueError: an unknown split, or tools outside 1 to 20.
    """
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}, not one of {', '.join(SPLITS)}")
    if not 1 <= tools <= len(Office.tools):
        raise ValueError(f"tools is {tools}, not 1 to {len(Office.tools)}")
    random = np.random.default_rng((seed, SPLITS.index(split)))
    lengths = itertools.cycle([calls for calls in CALLS if calls <= tools])
    drawn: dict[str, Task] = {}
    for index, calls in zip(range(count), lengths, strict=False):
        task = _draw(random, split, calls, tools, index)
        while task.query in drawn:
            task = _draw(random, split, calls, tools, index)
        drawn[task.query] = task
    return list(drawn.values())


def sample_task(random: np.random.Generator) -> Task:
    """One task of the train split."""
    return _draw(random, "train", pick(random, CALLS), 5, int(random.integers(10**6)))


def _draw(random: np.random.Generator, split: Split, calls: int, tools: int, index: int) -> Task:
    while True:
        seed = int(random.integers(2**31))
        desk = Desk(random, seed)
        recipes = _recipes(random, calls)
        requests = [recipe.write(desk) for recipe in recipes]
        free_order = len(recipes) == calls > 1 and desk.chance()
        query = _query(desk, requests, free_order)
        answers = [request for request in requests if request.answer]
        fits = len(answers) <= 1 and len(query.split()) <= LONGEST_QUERY
        if fits and {_split_of(query), _split_of(_canonical(desk.calls))} == {split}:
            break
    told = answers[0] if answers else requests[0]
    finish = GoldCall(FINISH.name, {"answer": told.closing}, free=("answer",))
    return Task(
        id=f"office-{split}-{index:06d}",
        env="envs.office:Office",
        query=query,
        tools=(*Office.tool_specs(*_offered(random, desk.calls, tools)), FINISH),
        gold=tuple(Gold((*order, finish), free_order) for order in _orders(desk.calls, recipes, requests)),
        answer=told.answer,
        seed=seed,
        tags={"scenario": "office", "split": split, "calls": str(calls)},
    )


def _recipes(random: np.random.Generator, calls: int) -> list[Recipe]:
    """Recipes that make so many calls together. Each keeps to areas of its own, so that none disturbs another."""
    while True:
        chosen = [pick(random, pick(random, _by_tools(part))) for part in pick(random, PARTS[calls])]
        areas = [area for recipe in chosen for area in recipe.areas]
        if len(areas) == len(set(areas)):
            return several(random, chosen, len(chosen))


@cache
def _by_tools(calls: int) -> tuple[tuple[Recipe, ...], ...]:
    """The recipes of so many calls, those with the same tools together."""
    groups: dict[tuple[str, ...], list[Recipe]] = {}
    for recipe in RECIPES:
        if len(recipe.tools) == calls:
            groups.setdefault(recipe.tools, []).append(recipe)
    return tuple(map(tuple, groups.values()))


def _query(desk: Desk, requests: Sequence[Request], free_order: bool) -> str:
    queries = [request.query for request in requests]
    if len(queries) == 1:
        return queries[0]
    if free_order:
        return "\n- ".join([desk.pick(ANY_ORDER), *queries])
    if desk.chance():
        return "\n".join(f"{number}. {query}" for number, query in enumerate(queries, 1))
    return "\nThen: ".join(queries)


def _offered(random: np.random.Generator, calls: Sequence[GoldCall], tools: int) -> list[str]:
    """The tools of the gold, and others, shuffled."""
    needed = list(dict.fromkeys(call.name for call in calls))
    others = [name for name in Office.tools if name not in needed]
    return several(random, needed + several(random, others, tools - len(needed)), tools)


def _orders(calls: Sequence[GoldCall], recipes: Sequence[Recipe], requests: Sequence[Request]) -> list[tuple[GoldCall, ...]]:
    """Every right order of the calls: those of each request in turn, its lookups in any order. The one played comes first."""
    rest = iter(calls)
    parts: list[list[tuple[GoldCall, ...]]] = []
    for recipe, request in zip(recipes, requests, strict=True):
        lookups = tuple(itertools.islice(rest, request.lookups))
        others = tuple(itertools.islice(rest, len(recipe.tools) - request.lookups))
        parts.append([order + others for order in itertools.permutations(lookups)])
    return [tuple(itertools.chain(*order)) for order in itertools.product(*parts)]


def _canonical(calls: Sequence[GoldCall]) -> str:
    """The same text for golds that differ only in order or in saying a default."""
    said: list[Any] = [[call.name, {name: call.arguments[name] for name in call.arguments if name not in call.optional}] for call in calls]
    return json.dumps(sorted(json.dumps(call, sort_keys=True) for call in said))


def _split_of(text: str) -> Split:
    """A fair and lasting toss by content."""
    return SPLITS[zlib.crc32(text.encode()) % len(SPLITS)]
