"""What is reported of each PPO update: its figures put together and written, and a warning when something begins to go wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from raytool.config.training import PPOConfig
from raytool.console import Console
from raytool.health import Health
from raytool.metrics import Metrics, Timers, describe, read
from raytool.records import Episode, PolicyVersion


class UpdateReports:
    """`play` times the play loop, which goes on beside the update loop and its `timers`."""

    def __init__(self, metrics: Metrics, timers: Timers, health: Health, console: Console):
        self._metrics, self._timers, self._health, self._console = metrics, timers, health, console
        self.play = Timers("play")
        self._played_tokens = 0

    def played(self, episodes: Sequence[Episode]) -> None:
        """Count what was played and scored since the last update."""
        self._played_tokens += sum(sum(episode.loss_mask) for episode in episodes)

    def write(
        self, step: int, learnt: Mapping[str, float], groups: Sequence[Sequence[Episode]], version: PolicyVersion, seconds: float
    ) -> dict[str, float]:
        """All figures of an update: `learnt` are the learner's and the counts, `seconds` is what training took, from batch to batch."""
        figures = {**learnt, **describe(groups, version), **self._timers.take(), **self.play.take()}
        figures |= {"seconds_total": seconds, "tokens_per_s": figures["tokens"] / seconds, **self._speeds(figures)}
        troubles = self._health.see(step, figures)
        for trouble in troubles:
            self._console.say(f"warning: PPO update {step}: {trouble.says}")
        warnings = {"warnings": [dataclasses.asdict(trouble) for trouble in troubles]} if troubles else {}
        self._metrics.write("ppo", step, figures, groups=[group[0].group for group in groups], **warnings)
        return figures

    def _speeds(self, figures: Mapping[str, float]) -> dict[str, float]:
        """Tokens per second of each stage while it was at work: sampled ones, scored ones, and those that went through the learner."""
        played, self._played_tokens = float(self._played_tokens), 0
        work = {
            "rollout": (played, figures.get("play/rollout", 0.0)),
            "scoring": (played, figures.get("play/scoring", 0.0)),
            "learner": (figures["tokens"], figures["time/update"]),
        }
        return {f"tokens_per_s/{stage}": tokens / seconds for stage, (tokens, seconds) in work.items() if seconds > 0}


def health_of(run: Path, config: PPOConfig, until: int | None = None) -> Health:
    """The health of a run's PPO updates, up to step `until`, from what was written of them."""
    in_groups = config.critic is None or config.normalise == "group"
    return Health(in_groups).see_all(read(run / "metrics.jsonl"), until)
