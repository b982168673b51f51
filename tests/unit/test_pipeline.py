"""What a run does around its stages, on stand-ins: the end of an SFT, and what is checked at the start."""

import asyncio
from types import SimpleNamespace

import pytest

from raytool import pipeline
from raytool.pipeline import Run
from raytool.records import UserError
from raytool.run_state import Progress, RunState

PROGRESS = Progress(stage=0, step=7, tokens=70.0)


def sft(monkeypatch, state):
    """What the end of an SFT that came to step 7 does, in order."""
    done = []

    class Stage:
        def __init__(self, *parts): ...

        async def fit(self, progress, load, save, evaluate):
            return PROGRESS

    async def save(kind, progress, resumable):
        done.append(("save", kind, progress.step, resumable))

    async def publish(version):
        done.append(("publish", version))

    async def nothing(*given): ...

    monkeypatch.setattr(pipeline, "SFT", Stage)
    run = SimpleNamespace(
        **dict.fromkeys(("_config", "_learner", "_metrics", "_timers", "_console", "_folder")),
        **{"_state": state, "_lessons": nothing, "_demonstrations": nothing, "_save": save, "_publish": publish},
    )
    run._folder = SimpleNamespace(path=None)
    assert asyncio.run(Run._sft(run, 0, Progress(0, 0))) == PROGRESS
    return done


@pytest.mark.parametrize("state", [RunState(), RunState(checkpoint="sft-000005"), RunState(checkpoint="sft-000005", trained="ppo-000007")])
def test_a_finished_sft_is_saved_before_it_is_published(monkeypatch, state):
    assert sft(monkeypatch, state) == [("save", "sft", 7, False), ("publish", 0)]


def test_a_run_that_stopped_between_the_two_publishes_and_saves_nothing_again(monkeypatch):
    assert sft(monkeypatch, RunState(checkpoint="sft-000007", trained="sft-000007")) == [("publish", 0)]


@pytest.mark.parametrize(("stages", "done", "looks"), [(["evaluate"], 0, 0), (["sft", "evaluate"], 0, 1), (["sft", "evaluate"], 1, 0)])
def test_the_folder_of_weights_is_checked_where_something_will_be_published(stages, done, looks):
    seen = []

    async def open_weights():
        return "mark"

    async def look(mark, knob):
        seen.append((mark, knob))
        raise UserError(f"{knob}: not shared")

    run = SimpleNamespace(
        _config=SimpleNamespace(stages=stages),
        _state=RunState(stage=done),
        _learner=SimpleNamespace(open_weights=open_weights),
        _rollout=SimpleNamespace(look=look),
    )
    if looks:
        with pytest.raises(UserError, match="weight_sync.directory"):
            asyncio.run(Run._check_weights(run))
    else:
        asyncio.run(Run._check_weights(run))
    assert seen == [("mark", "weight_sync.directory")] * looks
