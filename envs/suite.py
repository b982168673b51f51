"""The suite: seven scenarios with 155 tools and 9,377 tasks, by the counts of MetaToolAgent's Table 1 (arXiv 2601.12680)."""

from __future__ import annotations

import functools
import importlib
import itertools
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from envs.scenario import Scenario
from envs.scenario.choice import several
from envs.scenario.drawing import NOTHING, SPLITS, Split, unknown_split
from raytool.records import Task, ToolSpec


@dataclass(frozen=True)
class Count:
    tools: int
    tasks: int


COUNTS = {
    "office": Count(20, 1178),
    "operating_system": Count(21, 1288),
    "software_development": Count(24, 1456),
    "education": Count(26, 1548),
    "daily_life": Count(20, 1262),
    "iot": Count(22, 1276),
    "mobile_app": Count(22, 1369),
}


def scenario(name: str) -> Scenario:
    """A scenario by its name, which is that of its package."""
    found: Scenario = importlib.import_module(f"envs.{name}").SCENARIO
    return found


def scenarios(seed: int = 0, tools: int = 5) -> dict[str, tuple[int, Iterator[Task]]]:
    """By scenario: how many tasks it has, and the tasks of both splits."""
    return {name: (count.tasks, itertools.islice(scenario(name).sequence(seed, tools), count.tasks)) for name, count in COUNTS.items()}


def tasks(
    split: Split,
    seed: int = 0,
    tools: int = 5,
    only: Sequence[str] = tuple(COUNTS),
    count: int | None = None,
    cross_domain: bool = False,
) -> list[Task]:
    """The tasks of one split, of all scenarios or of some; of each all that the suite has, or the first `count`.

    With `cross_domain` they are `across_domains`.

    Raises:
        ValueError: an unknown split or scenario.
    """
    if split not in SPLITS:
        raise unknown_split(split)
    if unknown := set(only) - set(COUNTS):
        raise ValueError(f"only: no scenario '{min(unknown)}'; there are {', '.join(COUNTS)}")
    chosen = (drawn for name, (_, drawn) in scenarios(seed, tools).items() if name in only)
    found = [task for drawn in chosen for task in itertools.islice((task for task in drawn if task.tags["split"] == split), count)]
    return across_domains(found, seed) if cross_domain else found


def tools(split: Split = "train") -> dict[str, tuple[ToolSpec, ...]]:
    """The tools that a split may offer, by scenario: for training none that is held out."""
    found = {}
    for name in COUNTS:
        env, held_out = scenario(name).env, scenario(name).held_out if split == "train" else frozenset()
        found[name] = env.tool_specs(*(tool for tool in env.tools if tool not in held_out))
    return found


def across_domains(found: Sequence[Task], seed: int = 0) -> list[Task]:
    """The same tasks with other tools beside those of their gold: drawn from all seven scenarios, for training none that is held out.

    Left out are the tasks that none of the offered tools serves: a tool of another scenario might.
    """
    return [_among_all(task, seed) for task in found if task.tags["kind"] != NOTHING]


def _among_all(task: Task, seed: int) -> Task:
    homes = _homes()
    needed = {call.name for gold in task.gold for call in gold.calls}
    others = [
        name
        for name, home in homes.items()
        if name not in needed and not (task.tags["split"] == "train" and name in scenario(home).held_out)
    ]
    own = [spec for spec in task.tools if spec.name in homes]
    kept = [spec.name for spec in own if spec.name in needed]
    random = np.random.default_rng((seed, zlib.crc32(task.id.encode())))
    offered = several(random, kept + several(random, others, len(own) - len(kept)), len(own))
    specs = [scenario(homes[name]).env.tools[name].spec for name in offered]
    return replace(
        task,
        id=f"{task.id}-across",
        tools=(*specs, *(spec for spec in task.tools if spec.name not in homes)),
        options={**task.options, "elsewhere": {name: homes[name] for name in offered if homes[name] != task.tags["scenario"]}},
    )


@functools.cache
def _homes() -> dict[str, str]:
    """The scenario of each tool; no two have one of the same name."""
    return {tool: name for name in COUNTS for tool in scenario(name).env.tools}
