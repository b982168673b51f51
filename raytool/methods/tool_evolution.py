"""Tool evolution (GenTool, arXiv 2502.18990): a query among toolsets that grow.

consumes an EvolutionQuery: a request with its strong tool, a weaker version of that, and neighbours that serve neither; produces Tasks
of one call.

| kind | offered beside the default tool | right |
|---|---|---|
| neither | k neighbours | the default tool |
| weak | the weak tool, k - 1 neighbours | the weak tool where it can serve the query, else the default tool |
| strong | the strong tool, k - 1 neighbours | the strong tool |
| both | both, k - 2 neighbours | the strong tool |

Where it is not clear whether the weak tool can serve the query, there is no `weak`. The ranking of what is offered is: strong, weak if able
or not clear, default, then the rest by similarity to the query. It stands in gold; a task of the first stage asks for it alone, one of
the second for the ranking and the call, or for the call.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from raytool.dialects.ranking import DEFAULT_TOOL
from raytool.records import FUNCTION_CALL_ENV, Gold, GoldCall, Task, ToolSpec

Kind = Literal["neither", "weak", "strong", "both"]
KINDS: tuple[Kind, ...] = get_args(Kind)
GENERATE_RESPONSE = ToolSpec(
    DEFAULT_TOOL,
    "Answer the user in words, where no other tool can do what is asked.",
    {"type": "object", "properties": {"response": {"type": "string"}}, "required": ["response"]},
)
ANSWER = "None of the tools that I have can do that."
ONLY_RANK = "Write only the line 'rank: [...]' and call nothing."


@dataclass(frozen=True, slots=True)
class EvolutionQuery:
    """`right` are the strong tool's right calls, alternatives of each other, and `able` the weak one's: none where it cannot serve.

    It is not `clear` where the weak tool's document covers the query and only the state of the world, which no prompt shows, tells
    whether it can serve. Then nothing is `able`, and the weak tool is ranked as what its document makes it: the second best.
    `neighbours` are the k tools nearest to the strong one that cannot serve the query, the nearest first. `similarity` is that of the
    query to each of all these tools, by name.
    """

    task: Task
    strong: ToolSpec
    right: tuple[GoldCall, ...]
    weak: ToolSpec | None
    able: tuple[GoldCall, ...]
    neighbours: tuple[ToolSpec, ...]
    similarity: Mapping[str, float]
    clear: bool = True

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Those that there are of it: without a weak tool two of the four, and no `weak` where it is not clear what that can do."""
        if self.weak is None:
            return "neither", "strong"
        return KINDS if self.clear else ("neither", "strong", "both")


def sample(query: EvolutionQuery, kind: Kind, seed: int) -> Task:
    """One of the four tasks of a query, its tools in an order drawn by seed. What the tools are is in its tags."""
    named = [spec for spec, wanted in ((query.strong, ("strong", "both")), (query.weak, ("weak", "both"))) if spec and kind in wanted]
    offered = [*named, *query.neighbours[: len(query.neighbours) - len(named)], GENERATE_RESPONSE]
    right = _right(query, kind)
    random = np.random.default_rng([seed, zlib.crc32(f"{query.task.id} {kind}".encode())])
    ranks = ranking(query, offered)
    able = str(bool(query.able)) if query.clear else "unclear"
    tags = {"sample": kind, "strong": query.strong.name, "weak": query.weak.name if query.weak else "", "able": able}
    return Task(
        id=f"{query.task.id}-{kind}",
        env=FUNCTION_CALL_ENV,
        query=query.task.query,
        tools=tuple(offered[place] for place in random.permutation(len(offered)).tolist()),
        gold=tuple(Gold((call,), ranking=ranks) for call in right),
        tags={**query.task.tags, **tags},
    )


def ranking(query: EvolutionQuery, offered: Sequence[ToolSpec]) -> tuple[str, ...]:
    """The names of the offered tools, the best first."""
    second = query.weak is not None and (bool(query.able) or not query.clear)
    ranked = [query.strong.name, *([query.weak.name] if query.weak and second else []), DEFAULT_TOOL]
    names = [spec.name for spec in offered]
    rest = sorted((name for name in names if name not in ranked), key=lambda name: (-query.similarity[name], name))
    return (*(name for name in ranked if name in names), *rest)


def rank_only(task: Task) -> Task:
    """The first stage's task: the same toolset, of which only the ranking is asked."""
    query = f"{task.query}\n\n{ONLY_RANK}"
    return replace(task, id=f"{task.id}-rank", query=query, gold=(Gold((), ranking=task.gold[0].ranking),), options={"may_decline": True})


def _right(query: EvolutionQuery, kind: Kind) -> tuple[GoldCall, ...]:
    if kind in ("strong", "both"):
        return query.right
    if kind == "weak" and query.able:
        return query.able
    return (GoldCall(DEFAULT_TOOL, {"response": ANSWER}, free=("response",)),)


# ---- what a tool can do of a right call


def covers(spec: ToolSpec, call: GoldCall) -> bool:
    """Whether a tool documents every parameter that a right call of another one needs."""
    return all(name in spec.documented for name in call.missing({}))


def narrowed(call: GoldCall, spec: ToolSpec) -> GoldCall:
    """The call made of another tool: with the arguments that it documents, and where it requires what was left unsaid, with that."""
    said = {name: value for name, value in call.arguments.items() if name in spec.documented}
    unsaid = {name: call.accept[name][0] for name in spec.required if name not in said and name in call.accept}
    return GoldCall(
        spec.name,
        said | unsaid,
        {name: values for name, values in call.accept.items() if name in spec.documented},
        tuple(name for name in call.optional if name in spec.documented and name not in spec.required),
        tuple(name for name in call.free if name in spec.documented),
    )


# ---- checks against shortcuts


def exchanged_names(task: Task) -> dict[str, str]:
    strong, weak = task.tags["strong"], task.tags["weak"]
    return {strong: weak, weak: strong} if weak else {}


def rotations(task: Task) -> list[Task]:
    """The task with its tools in as many orders as there are tools, so that each of them stands once at every place."""
    tools = task.tools
    return [replace(task, id=f"{task.id}-turn{by}", tools=(*tools[by:], *tools[:by])) for by in range(len(tools))]
