"""Tasks of tool evolution (`raytool.methods.tool_evolution`) out of tasks that take one call, as a source that configs name.

    {name: evolution, source: "raytool.tasks.evolution:tasks", options: {options: {count: 60}, queries: 18, unanswered: 6}}

Of each usable task there are four, or one for each of `kinds`: a task is usable where gold is one call of a tool of its environment that
reaches the goal, and where it is clear what the weaker version of that tool can do. That one can serve the query if it documents every
argument that gold needs, and reaches the goal; it cannot if neither holds or only the first does. If only the second does, the query is
left out. Neighbours are the nearest tools of the environment, weaker versions included, that cannot serve (`serving.Bench.may_serve`).

In training no held-out tool is offered, nor a weaker version of one. Of the queries that only a held-out tool serves a third is shown
all the same, as `neither`: the query is seen and the tool is not. What is tested is told apart from what is tuned on (`part_of`).
"""

from __future__ import annotations

import functools
import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from raytool.config import SourceConfig
from raytool.methods.tool_evolution import KINDS, Kind, Query, covers, narrowed, rank_only, sample
from raytool.records import Task, ToolSpec
from raytool.tasks.nearness import Nearness, document
from raytool.tasks.serving import Bench, only_call
from raytool.tasks.source import TaskError, load

Part = Literal["validation", "test"]
SUITE = "envs.suite:tasks"


def tasks(
    source: str = SUITE,
    options: Mapping[str, Any] | None = None,
    kinds: Sequence[Kind] = KINDS,
    stage: Literal["rank", "call"] = "call",
    queries: int | None = None,
    unanswered: int | None = None,
    tools: int = 5,
    seed: int = 0,
) -> list[Task]:
    """The tasks for training, in an order drawn by seed, so that the first ones are of every environment.

    Args:
        source: where tasks of one call come from: a plug-in string of a function that takes `split`, or a file.
        options: of that function.
        kinds: which of the four tasks of a query.
        stage: rank, for the ranking alone; or call.
        queries: at most so many of each environment; None: all.
        unanswered: at most so many of each environment that only a held-out tool serves, as `neither`.
        tools: how many are offered beside the default tool.
        seed: draws the order in which tools stand, and that of the tasks.

    Raises:
        ValueError: an unknown kind or stage, no kind, or too few tools.
        TaskError: too few tools in an environment, or none of the tasks is usable.
    """
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise ValueError(f"kinds: no kind '{unknown[0]}'; there are {', '.join(KINDS)}")
    if not kinds:
        raise ValueError(f"kinds: none given; there are {', '.join(KINDS)}")
    if stage not in ("rank", "call"):
        raise ValueError(f"stage: '{stage}' given, rank or call expected")
    pool = pool_of(source, options or {}, tools)
    answered = pool.queries(("seen", "seen"), "seen", queries)
    found = [sample(query, kind, seed) for query in answered for kind in kinds if kind in query.kinds]
    if "neither" in kinds:
        found += [sample(query, "neither", seed) for query in pool.queries(("seen", "unseen"), "seen", unanswered)]
    order = np.random.default_rng(seed).permutation(len(found)).tolist()
    return [rank_only(found[place]) if stage == "rank" else found[place] for place in order]


def cell_of(task: Task) -> tuple[str, str]:
    """Whether training has seen the query of a suite's task, and its tool: "seen" or "unseen" each."""
    match task.tags.get("held_out", ""):
        case "tool":
            return ("seen" if _hash(task.query) % 3 == 0 else "unseen", "unseen")
        case "query":
            return "unseen", "seen"
    return "seen", "seen"


def part_of(task: Task) -> Part:
    """Which part of a test a suite's task is for. Queries over tools that training has not seen go by their tool, so that what is tuned on
    one unseen tool is tested on others; the others go by what they say."""
    said = only_call(task)[0].name if cell_of(task)[1] == "unseen" else f"part of {task.query}"
    return "validation" if _hash(said) % 3 == 0 else "test"


def _hash(text: str) -> int:
    return zlib.crc32(" ".join(text.split()).encode())


@dataclass(frozen=True)
class Catalogue:
    """The tools of an environment, the weaker version of each that has one, and those that training is not shown, weaker ones included."""

    tools: Mapping[str, ToolSpec]
    weaker: Mapping[str, str]
    hidden: frozenset[str]

    @functools.cached_property
    def among_all(self) -> Nearness:
        return Nearness(list(self.tools.values()))

    @functools.cached_property
    def among_shown(self) -> Nearness:
        return Nearness([spec for name, spec in self.tools.items() if name not in self.hidden])


class Pool:
    """The usable queries of a source, made when they are asked for, and once."""

    def __init__(self, found: Sequence[Task], tools: int):
        self._tasks = [task for task in found if only_call(task)]
        self._tools = tools
        self._bench = Bench()
        self._catalogues: dict[str, Catalogue] = {}
        self._made: dict[tuple[str, bool], Query | None] = {}

    def queries(
        self, cell: tuple[str, str], offered: Literal["seen", "unseen"], most: int | None = None, part: Part | None = None
    ) -> list[Query]:
        """Those of a cell (`cell_of`), the first `most` of each environment, in order. `offered`: whether unseen tools are neighbours too.

        Raises:
            TaskError: there is none, or an environment has too few tools.
        """
        counts: Counter[str] = Counter()
        found = []
        for task in self._tasks:
            if cell_of(task) != cell or (part is not None and part_of(task) != part):
                continue
            if most is not None and counts[task.env] >= most:
                continue
            if (query := self._query(task, offered == "unseen")) is not None:
                counts[task.env] += 1
                found.append(query)
        return found

    def _query(self, task: Task, whole: bool) -> Query | None:
        if (task.id, whole) not in self._made:
            self._made[task.id, whole] = self._make(task, whole)
        return self._made[task.id, whole]

    def _make(self, task: Task, whole: bool) -> Query | None:
        """The query with its tools; None where it is not usable."""
        golds, catalogue = only_call(task), self._catalogue(task)
        strong = catalogue.tools.get(golds[0].name)
        if strong is None or not self._bench.serves(task, strong, golds[0]):
            return None
        weak = catalogue.tools.get(catalogue.weaker.get(strong.name, ""))
        able = False
        if weak is not None:
            needed, able = covers(weak, golds[0]), self._bench.serves(task, weak, golds[0])
            if able and not needed:
                return None
        nearness = catalogue.among_all if whole else catalogue.among_shown
        near = nearness.to(document(strong))
        neighbours: list[ToolSpec] = []
        others = [name for name in near if name not in (strong.name, weak.name if weak else "")]
        for name in sorted(others, key=lambda name: (-near[name], name)):
            if len(neighbours) == self._tools:
                break
            if not any(self._bench.may_serve(task, catalogue.tools[name], gold) for gold in golds):
                neighbours.append(catalogue.tools[name])
        if len(neighbours) < self._tools:
            raise TaskError(f"task {task.id}: {len(neighbours)} tools beside its own cannot serve it, {self._tools} expected (tools)")
        return Query(
            task=task,
            strong=strong,
            right=golds,
            weak=weak,
            able=tuple(narrowed(gold, weak) for gold in golds) if weak and able else (),
            neighbours=tuple(neighbours),
            similarity=nearness.to(task.query),
        )

    def _catalogue(self, task: Task) -> Catalogue:
        """An environment's tools; where it has none of its own, those of its task, of which `options.weaker` says which is which."""
        key, env = task.env, self._bench.env(task)
        own = {bound.spec.name: bound.spec for bound in (*env.tools.values(), *env.weak_tools.values())}
        weaker, held_out = {strong: bound.spec.name for strong, bound in env.weak_tools.items()}, env.held_out
        if not own:
            own = {spec.name: spec for spec in task.tools}
            weaker, held_out = task.options.get("weaker", {}), frozenset(task.options.get("held_out", ()))
            key = repr((task.tools, weaker, sorted(held_out)))
        if key not in self._catalogues:
            self._catalogues[key] = Catalogue(own, weaker, held_out | {weaker[name] for name in held_out if name in weaker})
        return self._catalogues[key]


def pool_of(source: str, options: Mapping[str, Any], tools: int) -> Pool:
    """The pool of a source; the same one for the same arguments, since its queries are proved by playing them."""
    return _pool(source, json.dumps(options, sort_keys=True), tools)


@functools.lru_cache(maxsize=4)
def _pool(source: str, options: str, tools: int) -> Pool:
    if tools < 2:
        raise ValueError(f"tools: {tools} given, at least 2 expected: the strong and the weak one")
    return Pool(_found(source, json.loads(options)), tools)


def _found(source: str, options: dict[str, Any]) -> list[Task]:
    """The tasks of a file, or those of both splits of a plug-in."""
    splits: list[dict[str, Any]] = [{}] if source.endswith((".jsonl", ".parquet")) else [{"split": "train"}, {"split": "test"}]
    return [task for split in splits for task in load(SourceConfig(name=source, source=source, options={**options, **split}))]
