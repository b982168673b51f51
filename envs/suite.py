"""The suite: seven scenarios with 155 tools and 9,377 tasks, by the counts of MetaToolAgent's Table 1 (arXiv 2601.12680)."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from envs.scenario import Scenario
from envs.scenario.drawing import Split
from raytool.records import Task


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


def tasks(split: Split, seed: int = 0, tools: int = 5, only: Sequence[str] = tuple(COUNTS), count: int | None = None) -> list[Task]:
    """The tasks of one split, of all scenarios or of some; of each all that the suite has, or the first `count`.

    Raises:
        ValueError: an unknown scenario.
    """
    if unknown := set(only) - set(COUNTS):
        raise ValueError(f"only: no scenario '{min(unknown)}'; there are {', '.join(COUNTS)}")
    chosen = (drawn for name, (_, drawn) in scenarios(seed, tools).items() if name in only)
    return [task for drawn in chosen for task in itertools.islice((task for task in drawn if task.tags["split"] == split), count)]
