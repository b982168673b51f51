"""A run that infrastructure ended goes on by itself, as long as it gets on."""

import dataclasses
import errno
import io
import weakref

import pytest
from rich.console import Console as RichConsole

from raytool import launch
from raytool.actors import ActorLost
from raytool.config import Config
from raytool.console import Console
from raytool.placement import NotReserved
from raytool.records import UserError
from raytool.rollout.pool import TooMuchLost
from raytool.run_state import RunFolder
from raytool.sections import parse

SOURCE = {"name": "test", "source": "x.jsonl"}
FURTHER = {"checkpoint": "ppo-000005"}


class Executed:
    """What a run does each time it is executed: it moves its state, and raises; None is its end. `begun` says whether its stages begin."""

    begun = True

    def __init__(self, tmp_path, *times, **config):
        self.config = parse(Config, {"tasks": {"train": [SOURCE], "test": [SOURCE]}, **config}, "x.yaml")
        self.folder = RunFolder.open(self.config, "x", tmp_path)
        self.times, self.attempts = list(times), []
        self.said = io.StringIO()

    async def execute(self):
        state = self.folder.state()
        self.attempts.append(state.attempt)
        changes, error = self.times.pop(0)
        self.folder.write_state(dataclasses.replace(state, **changes))
        if error is not None:
            raise error

    def status(self):
        return launch.carry_out(self.config, self.folder, lambda: self, Console(RichConsole(file=self.said, width=200)))


def lost():
    return ActorLost("lost while waiting for learner rank 0 to update")


def test_a_run_that_ends_well_is_executed_once(tmp_path):
    run = Executed(tmp_path, ({}, None))
    assert run.status() == 0
    assert run.attempts == [0] and run.said.getvalue() == ""


@pytest.mark.parametrize(
    "error", [lost(), NotReserved("waited 900 s for resources"), TooMuchLost("25 tasks in a row"), ExceptionGroup("", [lost()])]
)
def test_a_run_that_lost_an_actor_goes_on_from_its_checkpoint(tmp_path, error):
    run = Executed(tmp_path, (FURTHER, error), ({}, None))
    assert run.status() == 0
    assert run.attempts == [0, 1]
    assert "error: " in run.said.getvalue() and "the run goes on by itself from ppo-000005" in run.said.getvalue()


class Memory:
    """What a run has read."""


def test_nothing_of_a_run_that_failed_is_left_beside_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(launch.log, "disabled", True)  # pytest keeps what is logged, tracebacks and all
    run, read, left = Executed(tmp_path, (FURTHER, None), ({}, None)), [], []

    class Attempt:
        begun = True

        def __init__(self):
            left.extend(reference() for reference in read)
            self.holds = Memory()
            read.append(weakref.ref(self.holds))

        async def execute(self):
            demonstrations = Memory()
            read.append(weakref.ref(demonstrations))
            await run.execute()
            if len(read) == 2:
                try:
                    raise ConnectionError
                except ConnectionError as error:
                    failures = [lost()]  # an exception whose frame holds it
                    raise failures[0] from error

    assert launch.carry_out(run.config, run.folder, Attempt, Console(RichConsole(file=run.said))) == 0
    assert len(read) == 4 and left == [None, None]


@pytest.mark.parametrize("restarts", [0, 1, 3])
def test_a_run_that_gets_no_further_ends(tmp_path, restarts):
    run = Executed(tmp_path, *[({}, lost())] * 9, restarts=restarts)
    assert run.status() == 1
    assert run.attempts == list(range(restarts + 1))
    said = run.said.getvalue()
    assert said.count("the run goes on by itself from stage 1 (evaluate)") == restarts
    assert said.endswith("with resume=true the run goes on from its last checkpoint.\n")


def test_restarts_are_counted_anew_once_a_run_has_got_further(tmp_path):
    steps = [({"checkpoint": f"ppo-{n:06d}"}, lost()) for n in range(4)] + [({"stage": 2}, lost()), ({}, lost()), ({}, lost())]
    run = Executed(tmp_path, *steps, restarts=1)
    assert run.status() == 1
    assert run.attempts == list(range(6))


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (OSError(errno.ENOSPC, "No space left on device", "runs/x/episodes"), "[Errno 28] No space left on device: 'runs/x/episodes'"),
    ],
)
def test_what_another_try_would_not_mend_ends_a_run(tmp_path, error, says):
    run = Executed(tmp_path, (FURTHER, error), restarts=5)
    assert run.status() == 1
    assert run.attempts == [0]
    assert run.said.getvalue().startswith(f"error: {says}\n")


def test_resources_that_are_late_after_a_loss_are_waited_for_again(tmp_path):
    run = Executed(tmp_path, (FURTHER, lost()), ({}, NotReserved("waited 900 s for resources")), ({}, None), restarts=2)
    assert run.status() == 0
    assert run.attempts == [0, 1, 2]


@pytest.mark.parametrize("error", [lost(), NotReserved("waited 900 s for resources")])
def test_a_run_that_could_not_begin_ends(tmp_path, error):
    run = Executed(tmp_path, ({}, error), restarts=5)
    run.begun = False
    assert run.status() == 1
    assert run.attempts == [0]


@pytest.mark.parametrize("error", [UserError("sft.meta.commit: rolled back"), ZeroDivisionError()])
def test_mistakes_and_defects_are_raised(tmp_path, error):
    run = Executed(tmp_path, (FURTHER, error), restarts=5)
    with pytest.raises(type(error)):
        run.status()
    assert run.attempts == [0]
