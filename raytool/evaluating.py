"""A run's evaluation: its test tasks and suites, played greedily on its rollout pool by the model that is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from raytool import durable
from raytool.config import Config, SuiteConfig
from raytool.console import Console
from raytool.evaluation import agreement, results
from raytool.evaluation.about import of_model
from raytool.evaluation.opening import Opened
from raytool.evaluation.scorecard import Scorecard
from raytool.metrics import Metrics
from raytool.records import Episode, Task
from raytool.rollout.episode import Limits
from raytool.rollout.pool import PlayedAll, RolloutPool, TooMuchLost
from raytool.scoring.pool import RewardPool


class Evaluation:
    """What is asked in every evaluation of the run in the folder `run`."""

    def __init__(
        self,
        config: Config,
        test: Sequence[Task],
        suites: Sequence[Opened],
        rollout: RolloutPool,
        reward: RewardPool,
        metrics: Metrics,
        console: Console,
        run: Path,
    ):
        self._config = config
        self._test = test
        self._suites = suites
        self._rollout = rollout
        self._reward = reward
        self._metrics = metrics
        self._console = console
        self._run = run
        self._folder = run / "eval"

    async def ask(self, trained: str, step: int, name: str, inside: bool = False) -> float:
        """Play the test tasks and the suites greedily, and write eval/<name>*; the number of sampled tokens is returned.

        `trained` is the stage that was trained last, `step` how far it was, `inside` whether it goes on afterwards. What is lost
        meanwhile is counted here, and not by that stage.
        """
        wanted, before = self._config.evaluate.inside if inside else None, [self._rollout.counts.copy(), self._reward.counts.copy()]
        every, figures = await self._ask_tests(name)
        for part, opened in zip(self._config.evaluate.suites, self._suites, strict=True):
            if wanted is None or opened.label in wanted:
                episodes, measured = await self._ask_suite(part, opened, trained, step, name)
                every, figures = [*every, *episodes], figures | measured
        self._metrics.write(f"evaluate_{trained}", step, figures | self._take_counts(*before))
        return float(sum(sum(episode.loss_mask) for episode in every))

    def _take_counts(self, played: Counter[str], scored: Counter[str]) -> dict[str, float]:
        """What the pools have counted since they had these counts, to which they go back."""
        own = (self._rollout.counts - played) + (self._reward.counts - scored)
        self._rollout.counts, self._reward.counts = played, scored
        return {f"count/{name}": float(count) for name, count in own.items()}

    async def _ask_tests(self, name: str) -> tuple[Sequence[Episode], dict[str, float]]:
        """The episodes, and their figures; of a suite too."""
        played = await self._play_all(f"evaluate {name}", self._test)
        scored = await self._reward.score(played.episodes)
        if scored:
            unscored = {episode.task.id for episode in played.episodes} - {episode.task.id for episode in scored}
            self._tell_lost(f"evaluate {name}", sorted(unscored), len(played.episodes), "their rewards were not to be had")
            results.write(self._folder / f"{name}.json", scored, [*played.lost, *sorted(unscored)])
        elif played.episodes:
            raise TooMuchLost(f"evaluate {name}: no reward of {len(played.episodes)} episodes was to be had")
        figures: dict[str, float] = {}
        for source, found in results.by_source(scored).items():
            summary = agreement.summarise(found)
            measured = {"ts": summary.tool, "pi": summary.parameters, "cf": summary.content, "samples": summary.samples}
            figures |= {f"{source}/{measure}": value for measure, value in measured.items()}
        return scored, figures

    async def _ask_suite(
        self, part: SuiteConfig, opened: Opened, trained: str, step: int, name: str
    ) -> tuple[Sequence[Episode], dict[str, float]]:
        limits, samples = opened.limits, opened.reading.samples
        played = await self._play_all(f"{opened.label} {name}", [sample.task for sample in samples], limits, skip_overlong=True)
        about = {
            **of_model(part, self._config.seed, self._config.model.path, self._config.model, limits),
            **{"run": self._run.name, "stage": trained, "step": step},
            **{"dialect": self._rollout.dialect, "dtype": self._rollout.dtype},
        }
        by_task = {episode.task.id: episode for episode in played.episodes}
        card = Scorecard.of(opened.suite, opened.reading, by_task, about, played.lost, opened.notes)
        self._folder.mkdir(exist_ok=True)
        durable.write(self._folder / f"{name}.{opened.label}.json", card.text())
        return played.episodes, {f"{opened.label}/{measure}": found.value for measure, found in card.summary["all"].items()}

    async def _play_all(self, stage: str, tasks: Sequence[Task], limits: Limits | None = None, skip_overlong: bool = False) -> PlayedAll:
        with self._console.bar(stage, len(tasks)) as bar:
            played = await self._rollout.play_all(tasks, bar.advance, limits, skip_overlong)
        self._tell_lost(stage, played.lost, len(tasks), "infrastructure failed")
        return played

    def _tell_lost(self, stage: str, lost: Sequence[str], count: int, why: str) -> None:
        if lost:
            self._console.say(
                f"warning: {stage}: {len(lost)} of {count} tasks are in no figure, {why}; the first is {lost[0]} (see {self._run / 'log'})"
            )
