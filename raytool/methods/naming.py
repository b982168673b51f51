"""Tools under other names: what a model knows of a tool by its name alone, it does not know then."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from raytool.dialects.ranking import DEFAULT_TOOL
from raytool.records import Task

Names = Literal["own", "mixed", "neutral"]
_NEUTRAL_SHARE: Mapping[Names, float] = {"own": 0.0, "mixed": 0.5, "neutral": 1.0}
_NAMES_OF_TOOLS = ("strong", "weak")  # tags


def named(task: Task, names: Names, seed: int) -> Task:
    """The task under its own names, or neutral ones; or mixed, under one of the two, drawn by seed and the task's id.

    Raises:
        ValueError: another choice of names.
    """
    if names not in _NEUTRAL_SHARE:
        raise ValueError(f"names: '{names}' given, {', '.join(get_args(Names))} expected")
    drawn = np.random.default_rng([seed, zlib.crc32(f"{task.id} names".encode())]).random()
    return renamed(task, neutral_names(task)) if drawn < _NEUTRAL_SHARE[names] else task


def renamed(task: Task, names: Mapping[str, str]) -> Task:
    """The same task in which tools have other names, in the ranking, in gold and in the tags too.

    Names that two tools exchange are their documents swapped with the names kept: right is the document that was right.
    """

    def new(name: str) -> str:
        return names.get(name, name)

    return replace(
        task,
        tools=tuple(replace(spec, name=new(spec.name)) for spec in task.tools),
        gold=tuple(
            replace(gold, calls=tuple(replace(call, name=new(call.name)) for call in gold.calls), ranking=tuple(map(new, gold.ranking)))
            for gold in task.gold
        ),
        tags={tag: new(value) if tag in _NAMES_OF_TOOLS else value for tag, value in task.tags.items()},
    )


def neutral_names(task: Task) -> dict[str, str]:
    """`tool_1`, `tool_2`, ... in the order in which the tools stand; the default tool keeps its name, which is what it is known by."""
    others = [spec.name for spec in task.tools if spec.name != DEFAULT_TOOL]
    return {name: f"tool_{number}" for number, name in enumerate(others, 1)}
