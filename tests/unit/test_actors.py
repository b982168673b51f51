"""Waiting: a limit for silence, and none for work that gets on."""

import asyncio
import time

import pytest
from ray.core.generated.common_pb2 import ActorDiedErrorContext
from ray.exceptions import ActorDiedError, OutOfMemoryError

from raytool.actors import ActorLost, NodeLost, all_of, bounded


async def answer_after(seconds):
    await asyncio.sleep(seconds)
    return "done"


def wait(answer_s, limit_s, idle=None):
    return asyncio.run(bounded(answer_after(answer_s), limit_s, "an answer", idle))


def test_an_answer_within_the_limit():
    assert wait(0.0, 5.0) == "done"


def test_a_late_answer_is_named():
    with pytest.raises(ActorLost, match=r"^waited 0.05 s for an answer$"):
        wait(5.0, 0.05)


def test_an_actor_that_gets_on_is_waited_for_beyond_the_limit():
    async def idle():
        return 0.0

    assert wait(0.4, 0.05, idle) == "done"


def test_an_actor_is_lost_a_limit_after_it_last_got_on():
    began = time.monotonic()

    async def idle():
        return max(0.0, time.monotonic() - began - 0.3)  # it works for the first 0.3 s

    with pytest.raises(ActorLost, match="waited 0.1 s"):
        wait(5.0, 0.1, idle)
    assert 0.4 <= time.monotonic() - began < 2.0


def test_an_actor_that_does_not_even_say_whether_it_gets_on_is_lost():
    async def idle():
        return await asyncio.sleep(60, 0.0)

    with pytest.raises(ActorLost, match="whether it gets on"):
        wait(5.0, 0.05, idle)


@pytest.mark.parametrize("error", [ActorDiedError(), OutOfMemoryError("1 worker was killed: the node runs low on memory\nmore")])
def test_an_actor_that_ray_lost_is_named(error):
    async def lose():
        raise error

    with pytest.raises(ActorLost, match=r"^lost while waiting for an answer: .+$") as raised:
        asyncio.run(bounded(lose(), 5.0, "an answer"))
    assert ("docs/hardware.md (Memory)" in str(raised.value)) == isinstance(error, OutOfMemoryError)


@pytest.mark.parametrize(
    ("reason", "says", "taken"),
    [
        ("AUTOSCALER_DRAIN_PREEMPTED", "the actor's node was preempted: spot", True),
        ("EXPECTED_TERMINATION", "the actor's node was terminated expectedly: received SIGTERM", True),
        ("UNEXPECTED_TERMINATION", "the actor's node was terminated unexpectedly: health check failed", False),
    ],
)
def test_a_node_that_was_taken_away_is_told_from_one_that_may_have_been_brought_down(reason, says, taken):
    message = f"The actor died because its node has died. Node Id: 1\n\t{says}"
    context = ActorDiedErrorContext(error_message=message, node_death_info={"reason": reason}, actor_id=bytes(16))

    async def lose():
        raise ActorDiedError(context)

    with pytest.raises(ActorLost) as raised:
        asyncio.run(bounded(lose(), 5.0, "an answer"))
    assert isinstance(raised.value, NodeLost) == taken


def test_all_of_them_give_theirs_in_order_and_end_where_one_fails():
    ended = []

    async def work(seconds, outcome):
        try:
            await asyncio.sleep(seconds)
        finally:
            ended.append(outcome)
        if outcome == "bad":
            raise ActorLost("bad")
        return outcome

    assert asyncio.run(all_of([work(0.02, "a"), work(0.0, "b")])) == ["a", "b"]

    async def failing():
        with pytest.raises(ActorLost):
            await all_of([work(30.0, "late"), work(0.0, "bad")])
        await asyncio.sleep(0)  # in which what was cancelled ends
        assert ended[-2:] == ["bad", "late"]

    asyncio.run(failing())
