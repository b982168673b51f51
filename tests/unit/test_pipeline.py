"""What a run does around its stages, on stand-ins: the end of an SFT."""

import asyncio
from types import SimpleNamespace

import pytest

from raytool import pipeline
from raytool.pipeline import Run
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
