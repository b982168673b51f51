"""Runs what is left of an experiment: each trial as a `python -m raytool.train` of its own, one after the other.

A training has its own process, so that whatever ends it ends nothing else, and dies with this one, however this one dies; Ray and
the engines end with their driver. What is finished is kept at once, and an unfinished run goes on by its own resume.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from raytool import config as configuration
from raytool import durable, locking, places
from raytool.ablation import curves, tables
from raytool.ablation.experiment import Experiment, Trial
from raytool.ablation.outcome import Outcome, commit, model_of, weights_of
from raytool.ablation.standing import Begun, begun_file, kept, model_at, run_of, standings, state_of, to_run
from raytool.console import Console
from raytool.records import UserError

TRAIN = (sys.executable, "-m", "raytool.train")
_USER_ERROR = 2  # exit status of a training that a person has to mend
_PR_SET_PDEATHSIG = 1
_ENDING_S = 60.0


def run(experiment: Experiment, rows: Collection[str], seeds: Collection[int], again: bool, console: Console) -> int:
    """Run the trials of some rows and seeds that are not done, and write the tables after each; the exit status is returned.

    Raises:
        UserError: another process runs this experiment, the page has no place for tables, or there is nothing to judge by.
    """
    _check(experiment)
    with _alone(experiment):
        todo, said = to_run(experiment, standings(experiment), rows, seeds, again)
        failed = []
        for number, trial in enumerate(todo, 1):
            console.say(f"{trial.name}, {number} of {len(todo)}: {trial.chain}")
            if why := _trial(experiment, trial):
                failed.append(f"{trial.name}: {why}")
                console.say(failed[-1])
            else:
                _write_page(experiment)
        found = standings(experiment)
        _write_page(experiment)
        of_row = {row: [s.outcome for s in found.values() if s.trial.row == row and s.outcome] for row in experiment.config.rows}
        curves.draw(experiment.results / "curves.svg", experiment.config.figures, of_row)
        tables.show(experiment, found, console)
        stale = [f"{name} is stale, {s.why}; --again runs it again" for name, s in found.items() if s.state == "stale"]
        for line in dict.fromkeys([*stale, *said, *failed]):
            console.say(line)
    return 1 if failed or said else 0


def _check(experiment: Experiment) -> None:
    """What would be wrong only after hours."""
    if not experiment.present and not experiment.trials[0].config.tasks.test:
        raise UserError(f"{experiment.name}: there is nothing to judge by; {'; '.join(experiment.absent.values())}")
    if experiment.config.page is not None:
        _on_page(experiment)


def _on_page(experiment: Experiment) -> str:
    page = experiment.config.page
    assert page is not None
    try:
        text = page.read_text(encoding="utf-8")
        if (written := places.kept(page)).exists() and tables.has_place(before := written.read_text(encoding="utf-8"), experiment):
            text = before  # which has other experiments' tables of earlier jobs
    except OSError as error:
        raise UserError(f"page {page}: {error.strerror}") from None
    return tables.on_page(text, experiment, standings(experiment))


def _write_page(experiment: Experiment) -> None:
    if experiment.config.page is not None:
        page = places.kept(experiment.config.page)
        page.parent.mkdir(parents=True, exist_ok=True)
        durable.write(page, _on_page(experiment))


@contextlib.contextmanager
def _alone(experiment: Experiment) -> Iterator[None]:
    """Keep a second process from running the same experiment. The lock goes with this process."""
    experiment.runs.mkdir(parents=True, exist_ok=True)
    refusal = f"{experiment.name}: another process is running this experiment in {experiment.runs}"
    with locking.hold(experiment.runs / "lock", refusal):
        yield


def _trial(experiment: Experiment, trial: Trial) -> str:
    """Run a trial to its end and keep what came of it; why it could not be is returned, or nothing."""
    config, start_weights = trial.config, None
    if trial.start is not None:
        model = model_at(experiment, trial.start)
        if model is None:
            return f"{trial.start.name}, from which it starts, has no model"
        config = config.model_copy(update={"model": config.model.model_copy(update={"path": str(model)})})
        start_weights = weights_of(model)
    run, file = run_of(experiment, trial), experiment.runs / f"{trial.name}.yaml"
    _make_room(experiment, trial, start_weights)
    own = {"name": trial.name, "runs": experiment.runs, "evaluate": experiment.asked(trial)}
    file.write_text(configuration.dump(config.model_copy(update=own)), encoding="utf-8")
    deadline = time.monotonic() + experiment.config.limit_s
    for _ in range(experiment.config.attempts):
        state = state_of(run)
        if state is not None and state.finished:
            break
        if state is None:
            Begun(trial.identity, start_weights, commit()).write(begun_file(experiment, trial))
        status = _train(file, resume=state is not None, limit_s=deadline - time.monotonic())
        if status is None:
            return f"stopped after {experiment.config.limit_s:g} s (limit_s); it goes on at the next start"
        if status == _USER_ERROR:
            return "refused, see above"
    state, begun = state_of(run), Begun.read(begun_file(experiment, trial))
    if state is None or not state.finished or begun is None:
        return f"ended {experiment.config.attempts} times before it was finished, see {run.path / 'log'}; it goes on at the next start"
    Outcome.of(trial, experiment, run, begun.start_weights, begun.commit).write(kept(experiment, trial))
    return ""


def _make_room(experiment: Experiment, trial: Trial, start_weights: str | None) -> None:
    """Remove a run folder that is none to go on with: of another config or start, begun and empty, or without the model that it made.

    Raises:
        UserError: it is not this experiment's.
    """
    run, begun = run_of(experiment, trial), Begun.read(begun_file(experiment, trial))
    if not run.path.exists():
        return
    if begun is None:
        raise UserError(f"{run.path}: no trial of {experiment.name} made it; move it away, or give the experiment another name")
    state = state_of(run)
    model_gone = state is not None and state.finished and trial.trains and model_of(run, state) is None
    if state is None or model_gone or trial.differences(begun.config) or begun.start_weights != start_weights:
        shutil.rmtree(run.path)


def _train(file: Path, resume: bool, limit_s: float) -> int | None:
    """The exit status of a training; None where it was stopped at its limit."""
    command = [*TRAIN, "--config", str(file), f"resume={str(resume).lower()}"]
    # A group of its own: what a terminal sends to all is passed on once, by us, so that it can end in order.
    child = subprocess.Popen(command, process_group=0, preexec_fn=_preparing(os.getpid()))
    try:
        return child.wait(timeout=max(1.0, limit_s))
    except subprocess.TimeoutExpired:
        return None
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=_ENDING_S)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _preparing(parent: int) -> Callable[[], None]:
    """What a child does before it begins: have the kernel kill it when its parent ends, and listen to interrupts.

    In the background of a shell that has no jobs programs are begun deaf to them, and so are their children.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
        if os.getppid() != parent:
            os._exit(1)
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    return prepare
