"""Meta-tasks (MetaToolAgent, arXiv 2601.12680, Algorithm 1): one query among several toolsets.

A *query* is a Task that one call does. Its meta-task are k tasks with the same query and gold, each among j other tools that are drawn
anew: single-domain, from the gold tool's own domain, or cross-domain, from all domains. Whoever learns from the k together learns
what makes the tool right, and not which tools it happened to stand beside. Each pass of SFT can have k other ones.

Of the k tasks of `mixed` draws half are single-domain and half cross-domain; of an odd one each is as likely. j is drawn for every
task, each number being as likely; the others are drawn without replacement, all sets being as likely; and so are the places of gold
among them. What is drawn for a query follows from the seed and the query's id alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from raytool.records import Gold, Task, ToolSpec

Draws = Literal["single-domain", "cross-domain", "mixed"]
Domain = Literal["single-domain", "cross-domain"]
TOGETHER = "meta_task"  # a tag: the tasks that share its value are one meta-task
PASS = "pass"  # a tag: in which pass of SFT a task is shown; after the last the first comes again

Likeness = Callable[[ToolSpec, Sequence[ToolSpec]], Sequence[float]]  # of a tool to each of some others


@dataclass(frozen=True, slots=True)
class MetaQuery:
    """A task that one call of `tool` does, whose `golds` are the right forms of it. `also_right` are tools that would do as well."""

    task: Task
    domain: str
    tool: ToolSpec
    golds: tuple[Gold, ...]
    also_right: frozenset[str] = frozenset()


def query_of(task: Task, ending: Collection[str], asking: Collection[str]) -> MetaQuery | None:
    """The query that a task asks; None where it takes no call or several, the user has to be asked first, or goes on to say more.

    `ending` are the names of tools that only end a task, `asking` of those that ask the user. Its domain is the tag `scenario`,
    or without one the environment.
    """
    paths = [[call for call in gold.calls if call.name not in ending] for gold in task.gold]
    if not paths or task.follow_ups or any(len(path) != 1 or path[0].name in asking for path in paths):
        return None
    calls = [call for (call,) in paths]
    tool = task.tool(calls[0].name)
    if tool is None:
        return None
    golds = tuple(Gold((call,)) for call in calls if call.name == tool.name)
    others = frozenset(call.name for call in calls) - {tool.name}
    return MetaQuery(task, domain_of(task), tool, golds, others)


def domain_of(task: Task) -> str:
    return task.tags.get("scenario", task.env)


@dataclass(frozen=True)
class ToolPool:
    """The tools that may be drawn, by domain. A domain has no two of one name. Hard draws go by `likeness`."""

    domains: Mapping[str, Sequence[ToolSpec]]
    likeness: Likeness
    _nearest: dict[Hashable, list[ToolSpec]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, tools: Iterable[tuple[str, ToolSpec]], likeness: Likeness, without: Collection[str] = ()) -> ToolPool:
        """Of tools with their domains, `without` those of some names. Of one name in a domain the first counts."""
        found: dict[str, dict[str, ToolSpec]] = {}
        for domain, tool in tools:
            if tool.name not in without:
                found.setdefault(domain, {}).setdefault(tool.name, tool)
        return cls({domain: list(own.values()) for domain, own in found.items()}, likeness)

    def candidates(self, query: MetaQuery, draws: Domain) -> list[ToolSpec]:
        """What may stand beside a query's tool: nothing of its name, nothing with its document, nothing else that is right."""
        domains = {query.domain: self.domains.get(query.domain, ())}
        if draws == "cross-domain":
            domains |= self.domains
        tool, found = query.tool, dict[str, ToolSpec]()
        for own in domains.values():
            for other in own:
                twin = (other.description, other.parameters) == (tool.description, tool.parameters)
                if not twin and other.name != tool.name and other.name not in query.also_right:
                    found.setdefault(other.name, other)
        return list(found.values())

    def nearest(self, query: MetaQuery, draws: Domain) -> list[ToolSpec]:
        """The candidates, those first that are most like the tool."""
        key = (query.domain, query.tool.name, query.also_right, draws)
        if key not in self._nearest:
            candidates = self.candidates(query, draws)
            likeness = self.likeness(query.tool, candidates)
            order = sorted(range(len(candidates)), key=lambda place: (-likeness[place], candidates[place].name))
            self._nearest[key] = [candidates[place] for place in order]
        return self._nearest[key]


@dataclass(frozen=True, slots=True)
class Drawing:
    """How toolsets are drawn: k of them for a query and pass, j of `others` beside the tool in each.

    With `hard` they are drawn from the 2j candidates that are most like the tool, so that its near-twins are in half of the toolsets.
    """

    k: int = 4
    others: Sequence[int] = (4, 9)
    draws: Draws = "mixed"
    hard: bool = False
    passes: int = 1

    def tasks(self, query: MetaQuery, pool: ToolPool, env: str, seed: int) -> list[Task]:
        """The k tasks of a query for each pass, of one turn in `env`: ids of their own, and one value of `TOGETHER`.

        Raises:
            ValueError: the pool has fewer than j other tools for it.
        """
        random = np.random.default_rng([seed, zlib.crc32(query.task.id.encode())])
        wanted = [(number, draws) for number in range(self.passes) for draws in self.domains(random)]
        return [
            replace(
                query.task,
                id=f"{query.task.id}-{number}",
                env=env,
                tools=tuple(self._toolset(random, query, pool, draws)),
                gold=query.golds,
                answer=(),
                reply="",
                options={},
                tags={**query.task.tags, TOGETHER: query.task.id, "draws": draws} | ({PASS: str(shown)} if self.passes > 1 else {}),
            )
            for number, (shown, draws) in enumerate(wanted)
        ]

    def domains(self, random: np.random.Generator) -> list[Domain]:
        """Which of the k draws of a pass is of which kind."""
        if self.draws != "mixed":
            return [self.draws] * self.k
        whole = random.permutation(self.k + self.k % 2)[: self.k]
        return ["single-domain" if place % 2 else "cross-domain" for place in whole.tolist()]

    def _toolset(self, random: np.random.Generator, query: MetaQuery, pool: ToolPool, draws: Domain) -> list[ToolSpec]:
        count = self.others[int(random.integers(len(self.others)))]
        candidates = pool.nearest(query, draws)[: 2 * count] if self.hard else pool.candidates(query, draws)
        if len(candidates) < count:
            there = f"{len(candidates)} other tools for {draws} draws beside '{query.tool.name}' of '{query.domain}'"
            raise ValueError(f"tools: {count} is more than the pool has: {there}")
        return toolset(random, query.tool, candidates, count)


def toolset(random: np.random.Generator, tool: ToolSpec, candidates: Sequence[ToolSpec], count: int) -> list[ToolSpec]:
    """`count` of the candidates without replacement, and the tool in one of the count + 1 places."""
    drawn = [candidates[place] for place in random.choice(len(candidates), count, replace=False).tolist()]
    drawn.insert(int(random.integers(count + 1)), tool)
    return drawn
