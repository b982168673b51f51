"""Tasks of tool evolution (`raytool.methods.tool_evolution`) out of tasks that take one call, as a source that configs name.

    {name: evolution, source: "raytool.tasks.evolution:tasks", options: {options: {count: 90}, queries: 5, unanswered: 5}}

Of each usable task there are four, or one for each of `kinds`: a task is usable where gold is one call of a tool of its environment that
reaches the goal. The weaker version of that tool can serve the query if it documents every argument that gold needs, and reaches the goal;
it cannot if neither holds or only the first does. If only the second does, the query is left out. If the first does, and it hangs on the
state of the world whether the second does, the query has no `weak`: the tool says so itself, `@tool(depends_on_state=True)`, or it is
seen in other worlds (`serving.Bench.steady`). Neighbours are the nearest tools of the environment, weaker versions included, that cannot
serve (`serving.Bench.may_serve`).

In training no held-out tool is offered, nor a weaker version of one. Of the queries that only a held-out tool serves half are shown
all the same, as `neither`: the query is seen and the tool is not. What is tested is told apart from what is tuned on (`part_of`).
Queries with the same gold call are always on the same side, however they are worded.
"""

from __future__ import annotations

import functools
import json
import logging
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from raytool import places
from raytool.config import SourceConfig
from raytool.methods.naming import Names, named
from raytool.methods.tool_evolution import KINDS, EvolutionQuery, Kind, covers, narrowed, rank_only, sample
from raytool.records import Task, ToolSpec
from raytool.tasks.nearness import Nearness, document
from raytool.tasks.serving import Bench, canonical, only_call
from raytool.tasks.source import TaskError, load

log = logging.getLogger(__name__)

Part = Literal["validation", "test"]
PARTS: tuple[Part, ...] = get_args(Part)
SUITE = "envs.suite:tasks"
TRAIN_FILE, TEST_FILE = "train.jsonl", "test.jsonl"  # of a folder that is a source


def tasks(
    source: str = SUITE,
    options: Mapping[str, Any] | None = None,
    kinds: Sequence[Kind] = KINDS,
    stage: Literal["rank", "call"] = "call",
    queries: int | None = None,
    unanswered: int | None = None,
    tools: int = 5,
    seed: int = 0,
    names: Names = "own",
) -> list[Task]:
    """The tasks for training, in an order drawn by seed, so that the first ones are of every environment.

    Where an environment has fewer queries than asked for, that is logged.

    Args:
        source: where tasks of one call come from: a plug-in string of a function that takes `split`, a file, or a folder with
            train.jsonl and test.jsonl.
        options: of that function.
        kinds: which of the four tasks of a query.
        stage: rank, for the ranking alone; or call.
        queries: at most so many of each environment; None: all.
        unanswered: at most so many of each environment that only a held-out tool serves, as `neither`.
        tools: how many are offered beside the default tool.
        seed: draws the order in which tools stand, that of the tasks, and with names mixed which of them have neutral ones.
        names: neutral, for tools that are called tool_1, tool_2, ...; mixed, for that in half of the tasks; or own.

    Raises:
        ValueError: no kind, or too few tools.
        TaskError: too few tools in an environment, or none of the tasks is usable.
    """
    if not kinds:
        raise ValueError(f"kinds: none given; there are {', '.join(KINDS)}")
    pool = pool_of(source, options or {}, tools)
    answered = pool.queries(("seen", "seen"), "seen", queries)
    found = [sample(query, kind, seed) for query in answered for kind in kinds if kind in query.kinds]
    _tell(pool, answered, "queries", queries)
    if "neither" in kinds:
        refused = pool.queries(("seen", "unseen"), "seen", unanswered)
        found += [sample(query, "neither", seed) for query in refused]
        _tell(pool, refused, "unanswered", unanswered)
    order = np.random.default_rng(seed).permutation(len(found)).tolist()
    asked = [rank_only(found[place]) if stage == "rank" else found[place] for place in order]
    return [named(task, names, seed) for task in asked]  # the two stages of a task are drawn apart: half of the tasks have both


def _tell(pool: QueryPool, found: Sequence[EvolutionQuery], option: str, most: int | None) -> None:
    if few := pool.fewer(found, most):
        log.warning("tool evolution: %s: %s of each environment are asked for, and usable are %s", option, most, few)


def cell_of(task: Task) -> tuple[str, str]:
    """Whether training has seen the query of a suite's task, and its tool: "seen" or "unseen" each."""
    match task.tags.get("held_out", ""):
        case "tool":
            return ("seen" if _hash(f"seen {canonical(only_call(task)[0])}") % 2 == 0 else "unseen", "unseen")
        case "query":
            return "unseen", "seen"
    return "seen", "seen"


def part_of(task: Task) -> Part:
    """Which part of a test a suite's task is for. Queries over tools that training has not seen go by their tool, so that what is tuned on
    one unseen tool is tested on others; the others go by what they say."""
    (gold, *_) = only_call(task)
    return _part(gold.name if cell_of(task)[1] == "unseen" else f"part of {canonical(gold)}")


def _part(said: str) -> Part:
    return "validation" if _hash(said) % 3 == 0 else "test"


def _hash(text: str) -> int:
    return zlib.crc32(text.encode())


@dataclass(frozen=True)
class Catalogue:
    """The tools of an environment, and the weaker version of each that has one.

    `hidden` are those that training is not shown, weaker ones included, with the part of the test that they are for. Of the weaker
    ones in `by_state` only the state of the world tells whether they can serve.
    """

    tools: Mapping[str, ToolSpec]
    weaker: Mapping[str, str]
    hidden: Mapping[str, Part]
    by_state: frozenset[str] = frozenset()
    _near: dict[frozenset[Part], Nearness] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(
        cls, tools: Mapping[str, ToolSpec], weaker: Mapping[str, str], held_out: frozenset[str], by_state: frozenset[str] = frozenset()
    ) -> Catalogue:
        parts = {name: _part(name) for name in held_out}
        return cls(tools, weaker, parts | {weaker[name]: part for name, part in parts.items() if name in weaker}, by_state)

    def among(self, parts: frozenset[Part]) -> Nearness:
        """Nearness among what training is shown and the hidden tools of some parts."""
        if parts not in self._near:
            self._near[parts] = Nearness([spec for name, spec in self.tools.items() if self.hidden.get(name) in (None, *parts)])
        return self._near[parts]


class QueryPool:
    """The usable queries of a source, made when they are asked for, and once."""

    def __init__(self, found: Sequence[Task], tools: int):
        self._tasks = [task for task in found if only_call(task)]
        self._tools = tools
        self._bench = Bench()
        self._catalogues: dict[str, Catalogue] = {}
        self._made: dict[tuple[str, frozenset[Part]], EvolutionQuery | None] = {}

    def queries(
        self,
        cell: tuple[str, str],
        offered: Literal["seen", "unseen"],
        most: int | None = None,
        part: Part | None = None,
        of_first: int | None = None,
    ) -> list[EvolutionQuery]:
        """Those of a cell (`cell_of`), the first `most` of each environment, in order; there may be fewer, or none.

        With `offered` unseen, neighbours are also tools that training is not shown: those of the part, if one is given. With `of_first`
        they are of the first so many of each environment, whatever their part: those that a training with as many has seen.

        Raises:
            TaskError: an environment has too few tools, or a task that does not say that its tool is held out.
        """
        parts: frozenset[Part] = frozenset() if offered == "seen" else frozenset(PARTS if part is None else (part,))
        shown: Counter[str] = Counter()
        counts: Counter[str] = Counter()
        found = []
        for task in self._tasks:
            other = part is not None and part_of(task) != part
            if cell_of(task) != cell or (other and of_first is None):
                continue
            if (most is not None and counts[task.env] >= most) or (of_first is not None and shown[task.env] >= of_first):
                continue
            if (query := self._query(task, parts)) is not None:
                shown[task.env] += 1
                if not other:
                    counts[task.env] += 1
                    found.append(query)
        return found

    def fewer(self, found: Sequence[EvolutionQuery], most: int | None) -> str:
        """The environments of which fewer than `most` queries were found, and how many were: "3 of envs.office:Office, 0 of ..."; or ""."""
        counts = Counter(query.task.env for query in found)
        environments = dict.fromkeys(task.env for task in self._tasks)
        return ", ".join(f"{counts[env]} of {env}" for env in environments if most is not None and counts[env] < most)

    def _query(self, task: Task, parts: frozenset[Part]) -> EvolutionQuery | None:
        if (task.id, parts) not in self._made:
            self._made[task.id, parts] = self._make(task, parts)
        return self._made[task.id, parts]

    def _make(self, task: Task, parts: frozenset[Part]) -> EvolutionQuery | None:
        """The query with its tools; None where it is not usable."""
        golds, catalogue = only_call(task), self._catalogue(task)
        strong = catalogue.tools.get(golds[0].name)
        if strong is None:
            return None
        if (strong.name in catalogue.hidden) is not (cell_of(task)[1] == "unseen"):
            known, expected = ("held out", "'tool'") if strong.name in catalogue.hidden else ("not held out", "'query' or ''")
            told = f"its tool '{strong.name}' is {known} by environment '{task.env}' or the task's options"
            raise TaskError(f"task {task.id}: tags.held_out: '{task.tags.get('held_out', '')}' given, {expected} expected: {told}")
        if not self._bench.serves(task, strong, golds[0]):
            return None
        weak = catalogue.tools.get(catalogue.weaker.get(strong.name, ""))
        able, clear = False, True
        if weak is not None:
            needed, able = covers(weak, golds[0]), self._bench.serves(task, weak, golds[0])
            if able and not needed:
                return None
            clear = not needed or (weak.name not in catalogue.by_state and self._bench.steady(task, strong, weak, golds[0]))
        nearness = catalogue.among(parts)
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
        return EvolutionQuery(
            task=task,
            strong=strong,
            right=golds,
            weak=weak,
            able=tuple(narrowed(gold, weak) for gold in golds) if weak and able and clear else (),
            neighbours=tuple(neighbours),
            similarity=nearness.to(task.query),
            clear=clear,
        )

    def _catalogue(self, task: Task) -> Catalogue:
        """An environment's tools; where it has none of its own, those of its task, of which `options.weaker` says which is which."""
        key, env = task.env, self._bench.env(task)
        own = {bound.spec.name: bound.spec for bound in (*env.tools.values(), *env.weak_tools.values())}
        weaker, held_out = {strong: bound.spec.name for strong, bound in env.weak_tools.items()}, frozenset(env.held_out)
        if not own:
            own = {spec.name: spec for spec in task.tools}
            weaker, held_out = task.options.get("weaker", {}), frozenset(task.options.get("held_out", ()))
            key = repr((task.tools, weaker, sorted(held_out)))
        if key not in self._catalogues:
            self._catalogues[key] = Catalogue.of(own, weaker, held_out, env.state_dependent)
        return self._catalogues[key]


def pool_of(source: str, options: Mapping[str, Any], tools: int) -> QueryPool:
    """The pool of a source; the same one for the same arguments, since its queries are proved by playing them."""
    return _pool(source, json.dumps(options, sort_keys=True), tools)


@functools.lru_cache(maxsize=4)
def _pool(source: str, options: str, tools: int) -> QueryPool:
    if tools < 2:
        raise ValueError(f"tools: {tools} given, at least 2 expected: the strong and the weak one")
    return QueryPool(_found(source, json.loads(options)), tools)


def _found(source: str, options: dict[str, Any]) -> list[Task]:
    """The tasks of a file, of both files of a folder, or of both splits of a plug-in."""
    if "split" in options:
        raise TaskError(f"options.split: {options['split']!r} given, but both splits are read, to tell what is seen; leave it out")
    folder = places.found(source)
    if folder.is_dir():
        files = [str(folder / name) for name in (TRAIN_FILE, TEST_FILE)]
        return [task for file in files for task in load(SourceConfig(name=source, source=file, options=options))]
    splits: list[dict[str, Any]] = [{}] if source.endswith((".jsonl", ".parquet")) else [{"split": "train"}, {"split": "test"}]
    return [task for split in splits for task in load(SourceConfig(name=source, source=source, options={**options, **split}))]
