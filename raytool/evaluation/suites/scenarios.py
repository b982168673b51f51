"""The held-out tasks of the repository's own suite, each played twice: among tools of its own scenario and among tools of all.

- TS, PI, CF: the calls against gold, every gold call matched, `finish` included (`raytool.evaluation.agreement`).
- goal: the world is as gold leaves it, the answer says what it has to, and no other scenario's world was changed.
- DE, CE, VA: `raytool.evaluation.conversation_metrics`.
The test split has tasks over tools that no training task calls or offers ("unseen"), and held-out queries over the others ("seen"):
docs/meta_tasks.md. Cross-domain leaves out the tasks that no offered tool serves, since a tool of another scenario might.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import pydantic

from raytool import plugins
from raytool.evaluation import agreement, conversation_metrics
from raytool.evaluation.suite import Ratio, Reading, Sample, Score, Suite, SuiteError
from raytool.records import Episode, Task

_TASKS, _ACROSS = "envs.suite:tasks", "envs.suite:across_domains"
_HELD_OUT = {"tool": "unseen", "query": "seen"}


@dataclass
class Scenarios(Suite):
    """`tools` are offered with a task, ask_to_user and finish apart; `count` takes the first tasks of each scenario, null all of them."""

    name: ClassVar[str] = "scenarios"
    measures: ClassVar[tuple[str, ...]] = ("TS", "PI", "CF", "goal", "DE", "CE", "VA")
    per_sample: ClassVar[tuple[str, ...]] = ("TS", "PI", "CF", "goal", "VA")
    max_turns: ClassVar[int] = 8
    turn_tokens: ClassVar[int] = 192

    tools: Annotated[int, pydantic.Field(ge=1)] = 5
    seed: Annotated[int, pydantic.Field(ge=0)] = 0
    count: Annotated[int, pydantic.Field(ge=1)] | None = None

    def read(self, data: Path | None) -> Reading:
        """Raises:
        SuiteError: more tools than a scenario has.
        """
        try:
            alone: Sequence[Task] = plugins.load(_TASKS, "raytool.tasks")("test", self.seed, self.tools, count=self.count)
        except ValueError as error:
            raise SuiteError(f"option tools: {error}") from None
        across: Sequence[Task] = plugins.load(_ACROSS, "raytool.tasks")(alone, self.seed)
        by_query = {task.query: task.id for task in alone}
        asked = [("single-domain", task) for task in alone] + [("cross-domain", task) for task in across]
        return Reading([_sample(draws, task, by_query[task.query]) for draws, task in asked])

    def score(self, sample: Sample, episode: Episode) -> Score:
        agreed = agreement.of_episode(episode)
        levels = {"TS": agreed.tool, "PI": agreed.parameters, "CF": agreed.content, "goal": episode.goal_reached is True}
        measures = {name: Ratio.of(reached) for name, reached in levels.items()} | conversation_metrics.measures(episode)
        return Score("goal" if levels["goal"] else f"no goal, {episode.stop.value}", measures)

    def notes(self) -> Sequence[str]:
        return [f"{self.tools} tools a task, seed {self.seed}; TS, PI and CF want every gold call, finish included"]


def _sample(draws: str, task: Task, cluster: str) -> Sample:
    tags = task.tags
    groups = {"draws": draws, "scenario": tags["scenario"], "tool": _HELD_OUT[tags["held_out"]], "kind": tags["kind"]}
    return Sample(dataclasses.replace(task, tags={**tags, "suite": "scenarios"}), groups, cluster=cluster)
