"""MetaToolAgent's test (arXiv 2601.12680): which of the offered tools a query wants, over the suite's held-out tasks.

Every held-out query that one call does is asked twice, in one turn: among others of its tool's own scenario, and of all scenarios.

- selection: the answer can be read as the dialect prescribes, and the tool of its first call is gold's.
- PI, CF: besides, the parameters are gold's, and their values (`raytool.evaluation.agreement`).
- extra calls: of all answers, those that make further calls. They change nothing of the above: a ReAct answer is read up to its first
  action, so that no other rule would be the same for every form of prompting.
- reasoning, answer: tokens before the call, and of the rest of the answer; what holds no call is all reasoning. Characters, where
  somebody's answers are scored, which have no tokens.

"unseen" tools are in no training task; the others' queries are held out alone ("seen"). The split `validation` has a third of the
unseen tools, which the split `test` neither asks for nor offers; and half of the other queries, by what gold calls with which arguments,
so that no call of it is asked for in the test.
"""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pydantic

from raytool import plugins
from raytool.dialects import FormatError, make
from raytool.evaluation import agreement
from raytool.evaluation.suite import Ratio, Reading, Sample, Score, Suite, SuiteError
from raytool.methods.meta_tasks import Drawing, MetaQuery, ToolPool
from raytool.records import FUNCTION_CALL_ENV, Episode, Task, ToolSpec
from raytool.tasks import meta
from raytool.tasks.nearness import likeness

_TASKS, _TOOLS = "envs.suite:tasks", "envs.suite:tools"
_HELD_OUT = {"tool": "unseen", "query": "seen"}


@dataclass
class Selection(Suite):
    """`count` takes the first tasks of each scenario, null all, of which those are asked that one call does; `tools` others stand there."""

    name: ClassVar[str] = "selection"
    measures: ClassVar[tuple[str, ...]] = ("selection", "PI", "CF", "extra calls", "reasoning", "answer")
    units: ClassVar[Mapping[str, str]] = {"reasoning": "tokens", "answer": "tokens"}
    per_sample: ClassVar[tuple[str, ...]] = ("selection", "PI", "CF")
    turn_tokens: ClassVar[int] = 256

    split: Literal["test", "validation"] = "test"
    count: Annotated[int, pydantic.Field(ge=1)] | None = 30
    tools: Sequence[Annotated[int, pydantic.Field(ge=1)]] = (4, 9)
    hard: bool = False
    seed: Annotated[int, pydantic.Field(ge=0)] = 0

    def read(self, data: Path | None) -> Reading:
        """Raises:
        SuiteError: more tools than a scenario has.
        """
        tasks: Sequence[Task] = plugins.load(_TASKS, "raytool.tasks")("test", self.seed, count=self.count)
        every, seen = (plugins.load(_TOOLS, "raytool.tasks")(split) for split in ("test", "train"))
        pool = ToolPool.of(_offered(every, seen, self.split), likeness)
        queries = [query for query in map(meta.query, tasks) if query is not None and split_of(query) == self.split]
        samples = []
        for draws in ("single-domain", "cross-domain"):
            drawing = Drawing(1, tuple(self.tools), draws, self.hard)
            for query in queries:
                try:
                    (task,) = drawing.tasks(query, pool, FUNCTION_CALL_ENV, self.seed)
                except ValueError as error:
                    raise SuiteError(f"option {error}") from None
                groups = {"draws": draws, "tool": _HELD_OUT[task.tags["held_out"]], "scenario": task.tags["scenario"]}
                # Queries of one tool succeed and fail together, and there are few tools.
                cluster = f"{query.domain}/{query.tool.name}"
                samples.append(Sample(dataclasses.replace(task, id=f"{query.task.id}-{draws}"), groups, cluster=cluster))
        return Reading(samples)

    def score(self, sample: Sample, episode: Episode) -> Score:
        agreed = agreement.of_episode(episode)
        calls = list(episode.calls)
        levels = {"selection": agreed.tool, "PI": agreed.parameters, "CF": agreed.content}
        measures = {name: Ratio.of(reached) for name, reached in levels.items()}
        extra = len(calls) > 1 or any(_acts_again(turn.text, sample.task.tools) for turn in episode.turns)
        written = sum(episode.loss_mask)
        readable = next((call for call in calls if call.call is not None), None)
        reasoning = readable.span.start - episode.turns[0].span.start if readable else written
        measures |= {"extra calls": Ratio.of(extra), "reasoning": Ratio(float(reasoning)), "answer": Ratio(float(written - reasoning))}
        return Score(agreement.mistake(episode, agreed), measures)

    def notes(self) -> Sequence[str]:
        tools = " or ".join(map(str, self.tools))
        return [f"{self.split} split, {tools} others beside the tool{', those like it' if self.hard else ''}, seed {self.seed}"]


def _acts_again(text: str, tools: Sequence[ToolSpec]) -> bool:
    """Whether another ReAct action that can be read follows the first one, which is where the dialect stops reading."""
    react = make("react")
    try:
        calls = react.parse(text, tools).calls
        return bool(calls) and bool(react.parse(text[calls[0].stop :], tools).calls)
    except FormatError:
        return False


def _offered(every: Mapping[str, Sequence[ToolSpec]], seen: Mapping[str, Sequence[ToolSpec]], split: str) -> Iterator[tuple[str, ToolSpec]]:
    """What a split may offer: all seen tools, and its own of the unseen ones."""
    for domain, own in every.items():
        names = {tool.name for tool in seen[domain]}
        yield from ((domain, tool) for tool in own if tool.name in names or _split_of_unseen(domain, tool.name) == split)


def split_of(query: MetaQuery) -> str:
    """Whether a held-out query tests or validates."""
    if query.task.tags["held_out"] == "tool":
        return _split_of_unseen(query.domain, query.tool.name)
    said = [[call.name, call.arguments] for gold in query.golds for call in gold.calls]
    return "test" if zlib.crc32(json.dumps(said, sort_keys=True).encode()) % 2 else "validation"


def _split_of_unseen(domain: str, name: str) -> str:
    return "test" if zlib.crc32(f"{domain}/{name}".encode()) % 3 else "validation"
