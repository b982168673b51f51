"""Meta-tasks as a source of tasks: `source: "raytool.tasks.meta:tasks"` (docs/meta_tasks.md).

- name: meta
  source: raytool.tasks.meta:tasks
  options: {source: "envs.suite:tasks", options: {split: train, count: 30}, k: 4, tools: [4, 9], draws: mixed}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pydantic

from raytool import places, plugins
from raytool.config import SourceConfig
from raytool.methods.meta_tasks import Drawing, Draws, MetaQuery, ToolPool, domain_of, query_of
from raytool.records import ASK_TO_USER, FINISH, FUNCTION_CALL_ENV, Task, ToolSpec, first_mistake
from raytool.tasks.nearness import likeness
from raytool.tasks.source import TaskError, load


def tasks(
    source: str,
    options: Mapping[str, Any] | None = None,
    queries: int | None = None,
    k: int = 4,
    tools: Sequence[int] = (4, 9),
    draws: Draws = "mixed",
    hard: bool = False,
    passes: int = 1,
    pool: str | None = None,
    pool_options: Mapping[str, Any] | None = None,
    held_out: Sequence[str] = (),
    seed: int = 0,
) -> list[Task]:
    """Of each query among a source's tasks k tasks for each pass, in which its tool stands among others.

    Args:
        source: a .jsonl or .parquet file of Tasks, or a plug-in string of a function that takes `options` and returns them.
        queries: at most so many, drawn by the seed; None: all.
        k: tasks of a meta-task.
        tools: how many others a task offers, one of these numbers.
        draws: single-domain, cross-domain, or mixed, half and half.
        hard: others that are like the query's tool are preferred.
        passes: for how many passes of SFT toolsets are drawn anew; then those of the first come again. With 1 they stay the same.
        pool: the tools that may be drawn, a .jsonl file of ToolSpecs with their `domain`, or a plug-in string of a function that takes
            `pool_options` and returns them by domain; None: those that the source's tasks offer.
        held_out: names of tools that are neither called nor offered.
        seed: of all draws.

    Raises:
        ValueError: an argument that is out of range or without effect, a source without queries, a pool with too few tools.
    """
    if min(k, passes) < 1 or not tools or min(tools) < 1:
        raise ValueError(f"k={k}, passes={passes}, tools={list(tools)}: k, passes and every number of tools are to be at least 1")
    if pool is None and pool_options is not None:
        raise ValueError("pool_options: has no effect without pool; leave it out")
    given = load(SourceConfig(name=source, source=source, options=dict(options or {})))
    found = [asked for asked in map(query, given) if asked is not None and asked.tool.name not in held_out]
    if not found:
        raise ValueError(f"source {source}: none of its {len(given)} tasks is done by one call")
    if queries is not None:
        drawn = np.random.default_rng(seed).permutation(len(found))[:queries]
        found = [found[place] for place in sorted(drawn.tolist())]
    offered = _offered(given) if pool is None else _tools(pool, dict(pool_options or {}))
    made = ToolPool.of(offered, likeness, {FINISH.name, ASK_TO_USER.name, *held_out})
    drawing = Drawing(k, tools, draws, hard, passes)
    return [task for asked in found for task in drawing.tasks(asked, made, FUNCTION_CALL_ENV, seed)]


def query(task: Task) -> MetaQuery | None:
    """The query that a task asks, if it is done by one call, `finish` apart, and without asking the user."""
    return query_of(task, ending={FINISH.name}, asking={ASK_TO_USER.name})


def _offered(given: Sequence[Task]) -> Iterator[tuple[str, ToolSpec]]:
    return ((domain_of(task), tool) for task in given for tool in task.tools)


class _Documented(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")

    domain: str
    name: str
    description: str
    parameters: dict[str, Any]


def _tools(pool: str, options: dict[str, Any]) -> Iterator[tuple[str, ToolSpec]]:
    if not pool.endswith(".jsonl"):
        by_domain: Mapping[str, Sequence[ToolSpec]] = plugins.load(pool, "raytool.tasks")(**options)
        yield from ((domain, tool) for domain, own in by_domain.items() for tool in own)
        return
    if options:
        raise TaskError("pool_options: have no effect on a file; leave them out")
    try:
        lines = places.found(pool).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise TaskError(f"pool {pool}: {error.strerror}") from None
    for number, line in enumerate(lines, 1):
        try:
            tool = _Documented.model_validate_json(line)
        except pydantic.ValidationError as error:
            raise TaskError(f"pool {pool}:{number}: {first_mistake(error)}") from None
        yield tool.domain, ToolSpec(tool.name, tool.description, tool.parameters)
