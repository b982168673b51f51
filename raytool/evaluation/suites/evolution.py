"""Tool evolution (GenTool, arXiv 2502.18990): a query is asked while nothing fits, and as tools come that do.

Each query comes four times, a sample for each kind of toolset (`raytool.methods.tool_evolution`), and in four cells: training has seen
the query or not, and the tool or not. A seen query of an unseen tool was shown in training as one that nothing serves (kind `neither`; a
training without that kind has seen neither).

- selection: the first call names the right tool, the default tool where nothing fits.
- TS, PI, CF: `raytool.evaluation.agreement`, of the samples in which a tool fits.
- ranked: of the samples of kind `both`, those whose answer ranks the tools.
- strong first: of these, those that rank the strong tool above the weak one.
- false calls: of the samples in which nothing fits, those whose answer calls a tool all the same. A call that cannot be read is none.
- no call: of all answers, those without a call that can be read.

Checks of what a model goes by are options: `names: neutral`, `documents: swapped`, `order: permuted`. Samples keep their ids under the
first two, so that `python -m raytool.evaluate compare` pairs them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pydantic

from raytool.dialects import PythonDialect, Ranking
from raytool.evaluation import agreement
from raytool.evaluation.suite import Ratio, Reading, Sample, Score, Suite, SuiteError
from raytool.methods.naming import neutral_names, renamed
from raytool.methods.tool_evolution import GENERATE_RESPONSE, exchanged_names, rotations, sample
from raytool.records import Episode, Task
from raytool.tasks.evolution import SUITE, Part, pool_of

SEEN = ("seen", "unseen")
_DEFAULT = "default tool"


@dataclass
class Evolution(Suite):
    """`count` queries of each environment and cell are asked, null all of them.

    `source`, `options`, `queries`, `unanswered` and `tools` are those of the training's `raytool.tasks.evolution:tasks`: what is seen is
    known by them. `part` validation is for tuning; it asks no query of the test, and offers no unseen tool that the test offers.
    """

    name: ClassVar[str] = "evolution"
    measures: ClassVar[tuple[str, ...]] = ("selection", "TS", "PI", "CF", "ranked", "strong first", "false calls", "no call")
    per_sample: ClassVar[tuple[str, ...]] = ("selection",)
    checks: ClassVar[tuple[str, ...]] = ("names", "documents", "count")
    max_turns: ClassVar[int] = 1
    turn_tokens: ClassVar[int] = 192

    part: Part = "test"
    count: Annotated[int, pydantic.Field(ge=1)] | None = 2
    source: str = SUITE
    options: dict[str, Any] = field(default_factory=lambda: {"count": 60})
    queries: Annotated[int, pydantic.Field(ge=0)] | None = None
    unanswered: Annotated[int, pydantic.Field(ge=0)] | None = None
    tools: Annotated[int, pydantic.Field(ge=2)] = 5
    seed: Annotated[int, pydantic.Field(ge=0)] = 1
    names: Literal["own", "neutral"] = "own"
    documents: Literal["own", "swapped"] = "own"
    order: Literal["drawn", "permuted"] = "drawn"
    _counts: list[str] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.names == "neutral" and self.documents == "swapped":
            raise ValueError("documents: 'swapped' has no effect with names 'neutral', which say nothing; leave one of them out")

    def read(self, data: Path | None) -> Reading:
        """Raises:
        TaskError: the source is of no use.
        SuiteError: none of its tasks can be asked.
        """
        samples = list(self._samples())
        if not samples:
            raise SuiteError(f"suite 'evolution': source '{self.source}' has no query for part '{self.part}'")
        return Reading(samples)

    def score(self, sample: Sample, episode: Episode) -> Score:
        agreed, made = agreement.of_episode(episode), agreement.made(episode)
        counted = {"selection": Ratio.of(agreed.tool), "no call": Ratio.of(not made)}
        if sample.groups["right"] == _DEFAULT:
            counted["false calls"] = Ratio.of(bool(made) and made[0].name != GENERATE_RESPONSE.name)
        else:
            levels = (agreed.tool, agreed.parameters, agreed.content)
            counted |= {name: Ratio.of(reached) for name, reached in zip(agreement.LEVELS, levels, strict=True)}
        tags = sample.task.tags
        ranked = Ranking(PythonDialect()).ranking(episode.turns[0].text, sample.task.tools) if episode.turns else None
        if tags["sample"] == "both":
            counted["ranked"] = Ratio.of(ranked is not None)
            if ranked is not None:
                counted["strong first"] = Ratio.of(_above(tags["strong"], tags["weak"], ranked))
        called = made[0].name if made else ""
        of_note = {tags["strong"]: "strong_tool", tags["weak"]: "weak_tool", GENERATE_RESPONSE.name: "default_tool"}
        wrong = not agreed.tool and called in of_note and sample.task.tool(called) is not None
        return Score(of_note[called] if wrong else agreement.mistake(episode, agreed), counted)

    def counted(self, groups: Mapping[str, str]) -> Sequence[str]:
        if groups["right"] == _DEFAULT:
            return self.per_sample
        return ("selection", "TS", "PI", "CF", *(["ranked"] if groups["kind"] == "both" else []))

    def notes(self) -> Sequence[str]:
        asked = {name: getattr(self, name) for name in ("names", "documents", "order")}
        checks = "".join(f"; {name} {value}" for name, value in asked.items() if value not in ("own", "drawn"))
        return [f"part {self.part}; {self.tools} tools beside {GENERATE_RESPONSE.name}{checks}", *self._counts]

    def _samples(self) -> Iterator[Sample]:
        pool = pool_of(self.source, self.options, self.tools)
        self._counts = []
        for asked in SEEN:
            for tool in ("seen", "unseen"):
                shown = None if asked == "unseen" else self.queries if tool == "seen" else self.unanswered
                found = pool.queries((asked, tool), tool, self.count, self.part, shown)
                few = pool.fewer(found, self.count)
                self._counts.append(f"{asked}/{tool}: {len(found)} queries{f'; fewer than {self.count}: {few}' if few else ''}")
                for query in found:
                    for kind in query.kinds:
                        for task in self._asked(sample(query, kind, self.seed)):
                            yield _sample(task, asked, tool, f"{query.task.env}/{query.strong.name}")

    def _asked(self, task: Task) -> list[Task]:
        """The task under the checks."""
        if self.names == "neutral":
            task = renamed(task, neutral_names(task))
        if self.documents == "swapped":
            task = renamed(task, exchanged_names(task))
        return rotations(task) if self.order == "permuted" else [task]


def _above(one: str, other: str, ranked: Sequence[str]) -> bool:
    """Whether one name is ranked above another; one that is left out is below all."""
    return one in ranked and (other not in ranked or ranked.index(one) < ranked.index(other))


def _sample(task: Task, asked: str, tool: str, cluster: str) -> Sample:
    """A cluster is the strong tool: queries of one tool succeed and fail together, and there are few tools."""
    right = task.gold[0].calls[0].name
    groups = {
        "query/tool": f"{asked}/{tool}",
        "query": asked,
        "tool": tool,
        "kind": task.tags["sample"],
        "right": {task.tags["strong"]: "strong tool", GENERATE_RESPONSE.name: _DEFAULT}.get(right, "weak tool"),
        "place": str([spec.name for spec in task.tools].index(right) + 1),
        **({"scenario": task.tags["scenario"]} if "scenario" in task.tags else {}),
    }
    return Sample(replace(task, tags={**task.tags, "suite": "evolution"}), groups, cluster=cluster)
