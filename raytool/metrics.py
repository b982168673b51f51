"""Figures of a run, by name: to metrics.jsonl, and from there to TensorBoard and Weights & Biases.

A line of metrics.jsonl is one step: {"stage", "step", "attempt", "time", figures...}. A resumed run writes the steps after its
checkpoint again, with a higher attempt: of two lines for one step the later is the one that counts.

A figure that stands alone has a bare name (`kl`), one of a family is `family/member` (`reward/mean`, `category/content`,
`category/turn_2/content`, `time/update`); docs/metrics.md lists them. TensorBoard and Weights & Biases have the stage before it.
"""

from __future__ import annotations

import importlib.util
import json
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from raytool.config import LoggingConfig
from raytool.console import Console
from raytool.records import FINISH, Call, Episode, PolicyVersion, Task, UserError, equal

_TURNS = 5  # turns that have figures of their own: the last of them stands for what follows too


def check_logging(config: LoggingConfig) -> None:
    """Raises:
    UserError: a package that is asked for is not installed.
    """
    if config.wandb_project and importlib.util.find_spec("wandb") is None:
        raise UserError(f"logging.wandb_project: '{config.wandb_project}' needs the package wandb (pip install wandb)")


class Metrics:
    """Writes each step's figures everywhere they are wanted. A run that goes on does so without Weights & Biases, if that cannot begin."""

    def __init__(self, folder: Path, config: LoggingConfig, attempt: int, console: Console):
        """Raises:
        UserError: a new run's figures cannot be sent to Weights & Biases.
        """
        self._attempt = attempt
        _drop_torn_line(folder / "metrics.jsonl")
        self._lines = (folder / "metrics.jsonl").open("a")
        self._board: Any = None
        self._wandb: Any = None
        if config.tensorboard:
            from tensorboard.summary import Writer

            # A resume makes steps again, which in one folder would be a second value of the same step.
            self._board = Writer(str(folder / "tensorboard" / (f"attempt-{attempt}" if attempt else "")))
        if config.wandb_project:
            import wandb

            identity = folder / "wandb_id"  # names of runs are this machine's; a project has those of many
            if not identity.exists():
                identity.write_text(uuid.uuid4().hex)
            options = {"id": identity.read_text(), "name": folder.name, "dir": str(folder), "resume": "allow"}
            try:
                self._wandb = wandb.init(project=config.wandb_project, **options)
            except Exception as error:  # no key, no network, no such project: it has errors of its own
                told = f"logging.wandb_project: '{config.wandb_project}': {' '.join(str(error).split()) or type(error).__name__}"
                if not attempt:
                    raise UserError(told) from error
                console.say(f"warning: {told}; this run's figures are not sent there any more")

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
    """Seconds by name since the last `take`; what is named here is what a run waits for or works on.

    Of what runs several times at once the seconds count once, and of what still runs those until now.
    """

    def __init__(self, family: str, clock: Callable[[], float] = time.perf_counter) -> None:
        self._family, self._clock = family, clock
        self._seconds: dict[str, float] = defaultdict(float)
        self._running: Counter[str] = Counter()
        self._since: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        if not self._running[name]:
            self._since[name] = self._clock()
        self._running[name] += 1
        try:
            yield
        finally:
            self._running[name] -= 1
            if not self._running[name]:
                self._seconds[name] += self._clock() - self._since.pop(name)

    def take(self) -> dict[str, float]:
        now = self._clock()
        for name, since in self._since.items():
            self._seconds[name] += now - since
            self._since[name] = now
        taken, self._seconds = {f"{self._family}/{name}": seconds for name, seconds in self._seconds.items()}, defaultdict(float)
        return taken


def describe(groups: Sequence[Sequence[Episode]], version: PolicyVersion) -> dict[str, float]:
    """Figures of the episodes of an update of `version`, given by group: rewards, verdicts by category, policy age, lengths."""
    episodes = [episode for group in groups for episode in group]
    ages = [version - episode.oldest_version for episode in episodes]
    silent = [not any(map(_calls_a_tool, episode.calls)) for episode in episodes if _wants_a_call(episode.task)]
    goals = [episode.goal_reached for episode in episodes if episode.goal_reached is not None]
    in_any = [any(episode.goal_reached for episode in group) for group in groups if any(e.goal_reached is not None for e in group)]
    written = [sum(episode.loss_mask) for episode in episodes]
    figures = {
        "episodes": float(len(episodes)),
        "turns/mean": float(np.mean([len(episode.turns) for episode in episodes])),
        "written/mean": float(np.mean(written)),
        "written/max": float(max(written)),
        "staleness/mean": float(np.mean(ages)),
        "staleness/max": float(max(ages)),
        **_rewards(groups),
        **_categories(episodes),
        **{f"stop/{name}": count / len(episodes) for name, count in Counter(episode.stop.value for episode in episodes).items()},
    }
    shares = {"goal_reached": goals, "goal_reached_in_any": in_any, "without_call": silent}
    return figures | {name: float(np.mean(found)) for name, found in shares.items() if found}


def _calls_a_tool(call: Call) -> bool:
    return call.call is not None and call.call.name != FINISH.name


def _wants_a_call(task: Task) -> bool:
    """Whether a task cannot be done by an answer alone; without gold, whether it offers anything to call."""
    if task.gold:
        return all(any(call.name != FINISH.name for call in gold.calls) for gold in task.gold)
    return any(spec.name != FINISH.name for spec in task.tools)


def _rewards(groups: Sequence[Sequence[Episode]]) -> dict[str, float]:
    """Of the episodes' rewards, and of what each category adds to their mean (with the mean outcome these add up to it).

    Where tasks come from several sources there is the mean reward of each. `reward/equal_groups` is the share of the groups of several
    episodes in which all got the same reward.
    """
    episodes = [episode for group in groups for episode in group]
    rewards = [episode.reward for episode in episodes]
    added: dict[str, float] = defaultdict(float)
    for episode in episodes:
        for verdict in filter(None, (call.verdict for call in episode.calls)):
            added[verdict.category] += verdict.reward / len(episodes)
    figures = {
        "reward/mean": float(np.mean(rewards)),
        "reward/min": min(rewards),
        "reward/max": max(rewards),
        "reward/outcome": float(np.mean([episode.outcome for episode in episodes])),
        **{f"reward/category/{name}": value for name, value in sorted(added.items())},
    }
    by_source: dict[str, list[float]] = defaultdict(list)
    for episode in episodes:
        by_source[episode.task.tags.get("source", "")].append(episode.reward)
    if len(by_source) > 1:
        figures |= {f"reward/source/{name}": float(np.mean(of_source)) for name, of_source in sorted(by_source.items())}
    several = [equal(episode.reward for episode in group) for group in groups if len(group) > 1]
    return figures | ({"reward/equal_groups": float(np.mean(several))} if several else {})


def _categories(episodes: Sequence[Episode]) -> dict[str, float]:
    """The share of each category in all calls, and in those of the first turns, the second, ..."""
    at: dict[str, Counter[str]] = defaultdict(Counter)
    for episode in episodes:
        for number, turn in enumerate(episode.turns, 1):
            place = f"turn_{number}" if number < _TURNS else f"turn_{_TURNS}_on"
            names = [call.verdict.category for call in turn.calls if call.verdict]
            at["category"].update(names)
            at[f"category/{place}"].update(names)
    return {f"{place}/{name}": count / names.total() for place, names in sorted(at.items()) for name, count in sorted(names.items())}


def memory_line(stage: str, figures: Mapping[str, float]) -> str:
    """What a rank of the learner holds (`x_gb` in 10^9 bytes), in words."""
    parts = "  ".join(f"{name.removesuffix('_gb')} {figure:.3f}" for name, figure in figures.items() if figure)
    return f"{stage}: GB in each learner rank, activations apart: {parts}"


def read(path: Path) -> list[dict[str, Any]]:
    """The lines that count: for each stage and step the latest attempt's, without what earlier ones wrote of the steps after it, which are
    made again. What a run has not yet ended, or a kill has torn, is no line."""
    whole = path.read_text().rpartition("\n")[0]
    lines = list(map(json.loads, whole.splitlines()))
    latest = {(line["stage"], line["step"]): line for line in lines}
    first: dict[tuple[str, int], int] = {}  # step that an attempt wrote of a stage
    for line in lines:
        first.setdefault((line["stage"], line["attempt"]), line["step"])

    def made_again(line: dict[str, Any]) -> bool:
        return any(
            stage == line["stage"] and attempt > line["attempt"] and step <= line["step"] for (stage, attempt), step in first.items()
        )

    return [line for line in latest.values() if not made_again(line)]


def _drop_torn_line(path: Path) -> None:
    """Cut off what a killed run began to write and did not end."""
    if path.exists() and not (content := path.read_bytes()).endswith(b"\n"):
        path.write_bytes(content[: content.rfind(b"\n") + 1])
