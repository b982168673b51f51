"""The learner's ranks as one: whose answer, and whose failure, is that of all."""

import asyncio
from types import SimpleNamespace

import pytest

from raytool.actors import ActorLost
from raytool.learner import group
from raytool.learner.group import LearnerGroup


def grouped(*outcomes):
    """A group of ranks, of which each gives its outcome, or raises it, after so many seconds."""

    async def answer(outcome, after):
        await asyncio.sleep(after)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    made = object.__new__(LearnerGroup)
    made._config = SimpleNamespace(step_limit_s=5.0, checkpoint_limit_s=20.0)
    calls = [SimpleNamespace(remote=lambda *_, given=given: answer(*given)) for given in outcomes]
    made._ranks = [SimpleNamespace(memory=call, save=call, save_model=call, load=call, publish=call) for call in calls]
    return made


def test_the_answer_is_rank_0_s():
    assert asyncio.run(grouped(({"a": 1}, 0.02), ({"b": 2}, 0.0)).memory()) == {"a": 1}


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_lost_rank_is_told_though_the_others_notice_it_first(lost):
    """Their collective calls fail at once, and Ray tells of the death a moment later."""
    outcomes = [(RuntimeError("Connection reset by peer"), 0.0) for _ in range(3)]
    outcomes[lost] = ActorLost("lost while waiting for a learner rank"), 0.05
    with pytest.raises(ActorLost):
        asyncio.run(grouped(*outcomes).memory())


def test_a_defect_is_raised_as_it_is_and_does_not_wait_for_ranks_that_hang(monkeypatch):
    monkeypatch.setattr(group, "_DEATH_LIMIT_S", 0.05)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(grouped((ZeroDivisionError(), 0.0), ("late", 60.0)).memory())


def test_what_fails_on_one_rank_is_raised_where_the_others_are_done():
    with pytest.raises(ZeroDivisionError):
        asyncio.run(grouped(("done", 0.0), (ZeroDivisionError(), 0.02)).memory())


def test_a_checkpoint_has_a_limit_of_its_own(monkeypatch):
    """It grows with the model and the disk, and not with a batch."""
    limits = {}

    async def bounded(call, limit_s, what):
        limits[what.rpartition(" ")[2]] = limit_s
        return await call

    monkeypatch.setattr(group, "bounded", bounded)
    made = grouped((None, 0.0), (None, 0.0))
    for asked in (made.save("x", True), made.save("x", False), made.load("x"), made.publish(1)):
        asyncio.run(asked)
    assert limits == {"save": 20.0, "save_model": 20.0, "load": 20.0, "publish": 5.0}
