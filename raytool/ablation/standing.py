"""Where each trial stands: what is kept of it, what its run folder holds, and what is to be run in which order."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from raytool import durable
from raytool.ablation.experiment import Experiment, Trial
from raytool.ablation.outcome import Outcome, model_of, written
from raytool.run_state import RunFolder, RunState

State = Literal["done", "stale", "unfinished", "left"]
_NAMED = 3  # so many knobs are named that differ


@dataclass(frozen=True, slots=True)
class Standing:
    """`stale`: there is a result, or an unfinished run, of another config or from another start."""

    trial: Trial
    state: State
    why: str = ""
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """What a run folder began with, in a file beside it."""

    config: dict[str, Any]
    start_weights: str | None
    commit: str | None

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        durable.write(path, json.dumps(asdict(self), indent=1))

    @classmethod
    def read(cls, path: Path) -> Begun | None:
        return written(cls, path)


def kept(experiment: Experiment, trial: Trial) -> Path:
    """Where a trial's result is written."""
    return experiment.results / f"{trial.name}.json"


def _result(experiment: Experiment, trial: Trial) -> Path:
    """Where it is: a job may have brought it along."""
    written = kept(experiment, trial)
    return written if written.exists() else experiment.config.results / experiment.name / written.name


def run_of(experiment: Experiment, trial: Trial) -> RunFolder:
    return RunFolder(experiment.runs / trial.name)


def begun_file(experiment: Experiment, trial: Trial) -> Path:
    return experiment.runs / f"{trial.name}.begun.json"


def state_of(run: RunFolder) -> RunState | None:
    """None where a run was not even begun."""
    return run.state() if (run.path / "run_state.json").exists() else None


def model_at(experiment: Experiment, trial: Trial) -> Path | None:
    """The model that a trial's finished run ended with, where it is still there."""
    run = run_of(experiment, trial)
    state = state_of(run)
    return model_of(run, state) if state and state.finished else None


def standings(experiment: Experiment) -> dict[str, Standing]:
    """By the trial's name, in the order of the trials."""
    found: dict[str, Standing] = {}
    for trial in experiment.trials:
        start = found[trial.start.name].outcome if trial.start else None
        found[trial.name] = _standing(experiment, trial, start)
    return found


def _standing(experiment: Experiment, trial: Trial, start: Outcome | None) -> Standing:
    run = run_of(experiment, trial)
    outcome = Outcome.read(_result(experiment, trial))
    begun = outcome or (Begun.read(begun_file(experiment, trial)) if run.path.exists() else None)
    if begun is None:
        return Standing(trial, "left")
    what = "" if outcome else "its unfinished run: "
    if differing := trial.differences(begun.config):
        more = f" and {len(differing) - _NAMED} more" if len(differing) > _NAMED else ""
        return Standing(trial, "stale", f"{what}another {', '.join(differing[:_NAMED])}{more}", outcome)
    if trial.start and start and begun.start_weights != start.weights:
        return Standing(trial, "stale", f"{what}{trial.start.row} has other weights now", outcome)
    if outcome:
        return Standing(trial, "done", f"without {', '.join(outcome.absent)}" if outcome.absent else "", outcome)
    state = state_of(run)
    at = 0 if state is None else state.stage
    return Standing(trial, "unfinished", f"{at} of {len(trial.config.stages)} stages done")


def to_run(
    experiment: Experiment, found: Mapping[str, Standing], rows: Collection[str], seeds: Collection[int], again: bool
) -> tuple[list[Trial], list[str]]:
    """The trials to be run, in order, and what there is to say of those that cannot be.

    Of the chosen rows and seeds it is what is not done, and with `again` what is stale; and the starts of these whose
    models are not there.
    """
    todo: dict[str, Trial] = {}
    said: list[str] = []

    def need(trial: Trial) -> bool:
        """Whether it can be run, its start before it."""
        start = trial.start
        if found[trial.name].state == "stale" and not again:
            return False
        if start is not None and start.name not in todo:
            usable = found[start.name].state == "done" and model_at(experiment, start) is not None
            if not usable and not need(start):
                said.append(f"{trial.name} cannot be run: {start.name}, from which it starts, is stale; --again runs it again")
                return False
        todo[trial.name] = trial
        return True

    for trial in experiment.trials:
        chosen = trial.row in rows and (trial.seed in seeds or trial.seedless)
        if chosen and found[trial.name].state != "done":
            need(trial)
    return list(todo.values()), said


def listed(found: Mapping[str, Standing], todo: Sequence[Trial]) -> dict[str, list[str]]:
    """A line for each trial: hash, stages, state, what there is to know of it, and its place among those to be run."""
    place = {trial.name: str(number) for number, trial in enumerate(todo, 1)}
    return {
        name: [s.outcome.hash if s.outcome else s.trial.hash, s.trial.chain, s.state, s.why, place.get(name, "")]
        for name, s in found.items()
    }
