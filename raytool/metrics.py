"""Figures of a run, by name: to metrics.jsonl, and from there to TensorBoard and Weights & Biases.

A line of metrics.jsonl is one step: {"stage", "step", "attempt", "time", figures...}. A resumed run writes the steps after its
checkpoint again, with a higher attempt: of two lines for one step the later is the one that counts.
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from raytool.config import LoggingConfig
from raytool.records import Episode, PolicyVersion, UserError


class Metrics:
    """Writes each step's figures everywhere they are wanted."""

    def __init__(self, folder: Path, config: LoggingConfig, attempt: int):
        self._attempt = attempt
        self._lines = (folder / "metrics.jsonl").open("a")
        self._board: Any = None
        self._wandb: Any = None
        if config.tensorboard:
            from tensorboard.summary import Writer

            self._board = Writer(str(folder / "tensorboard"))
        if config.wandb_project:
            try:
                import wandb
            except ImportError:
                raise UserError(f"logging.wandb_project: '{config.wandb_project}' needs the package wandb (pip install wandb)") from None
            self._wandb = wandb.init(project=config.wandb_project, name=folder.name, dir=str(folder), resume="allow", id=folder.name)

    def write(self, stage: str, step: int, figures: Mapping[str, float], **more: Any) -> None:
        """`more` is what belongs to the step and is no figure; it goes to metrics.jsonl only."""
        line = {"stage": stage, "step": step, "attempt": self._attempt, "time": time.time(), **figures, **more}
        self._lines.write(json.dumps(line) + "\n")
        self._lines.flush()
        named = {f"{stage}/{name}": value for name, value in figures.items()}
        if self._board is not None:
            for name, value in named.items():
                self._board.add_scalar(name, value, step)
            self._board.flush()
        if self._wandb is not None:
            self._wandb.log({**named, f"{stage}/step": step})

    def close(self) -> None:
        self._lines.close()
        if self._board is not None:
            self._board.close()
        if self._wandb is not None:
            self._wandb.finish()


class Timers:
    """Seconds by name since the last `take`; what is named here is what a run waits for or works on."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[f"time/{name}"] += time.perf_counter() - began

    def take(self) -> dict[str, float]:
        taken, self._seconds = dict(self._seconds), defaultdict(float)
        return taken


def describe(episodes: Sequence[Episode], version: PolicyVersion) -> dict[str, float]:
    """Figures of the episodes of an update: rewards, verdicts by category (share of calls), staleness, lengths."""
    categories = Counter(call.verdict.category for episode in episodes for call in episode.calls if call.verdict)
    calls = max(1, categories.total())
    goals = [episode.goal_reached for episode in episodes if episode.goal_reached is not None]
    figures = {
        "episodes": float(len(episodes)),
        "reward_mean": float(np.mean([episode.reward for episode in episodes])),
        "turns_mean": float(np.mean([len(episode.turns) for episode in episodes])),
        "staleness_max": float(max(version - episode.oldest_version for episode in episodes)),
        **{f"category/{name}": count / calls for name, count in sorted(categories.items())},
        **{f"stop/{name}": count / len(episodes) for name, count in Counter(episode.stop.value for episode in episodes).items()},
    }
    return figures | ({"goal_reached": float(np.mean(goals))} if goals else {})


def memory_line(stage: str, figures: Mapping[str, float]) -> str:
    """What a rank of the learner holds (`x_gb` in 10^9 bytes), in words."""
    parts = "  ".join(f"{name.removesuffix('_gb')} {figure:.3f}" for name, figure in figures.items() if figure)
    return f"{stage}: GB in each learner rank, activations apart: {parts}"


def read(path: Path) -> list[dict[str, Any]]:
    """The lines that count: for each stage and step the latest attempt's."""
    latest = {(line["stage"], line["step"]): line for line in map(json.loads, path.read_text().splitlines())}
    return list(latest.values())
