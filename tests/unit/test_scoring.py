"""Reward workers: episodes in parts, and rewards that cannot be had for the moment."""

import asyncio
import math
from types import SimpleNamespace

import pytest

from raytool.actors import ActorLost
from raytool.config import RewardConfig
from raytool.records import Judgement, RewardUnavailable, UserError, Verdict
from raytool.scoring import actor as actors
from raytool.scoring import pool as pools
from raytool.scoring.actor import RewardActor
from raytool.scoring.pool import RewardPool
from tests.episodes import episode


@pytest.fixture
def killed(monkeypatch):
    """The workers that were ended."""
    found = []
    monkeypatch.setattr(pools.ray, "kill", found.append)
    return found


class Flaky:
    """A reward whose service is down so many times."""

    def __init__(self, down):
        self.down = down

    def __call__(self, played):
        self.down -= 1
        if self.down >= 0:
            raise RewardUnavailable("the judge is busy")
        return Judgement(tuple(Verdict("fine", 1.0) for _ in played.calls), 0.5)


def flaky(down):
    return RewardConfig(name=f"{__name__}:Flaky", options={"down": down})


@pytest.mark.parametrize(("down", "scored"), [(0, True), (2, True), (3, False)])
def test_a_reward_that_is_not_to_be_had_is_tried_again_and_then_missing(monkeypatch, down, scored):
    monkeypatch.setattr(actors, "_PAUSES_S", (0.0, 0.0, None))
    worker = RewardActor(flaky(down))
    (found,) = worker.score([episode([5, 6], ([7, 2], []))])
    assert (found is not None) == scored and (not scored or found.outcome == 0.5)


def test_once_a_reward_was_not_to_be_had_the_others_of_a_part_are_tried_once(monkeypatch):
    """So that a service that answers late, and with an error, costs no more than the limit of a part has room for."""
    monkeypatch.setattr(actors, "_PAUSES_S", (0.0, 0.0, None))
    worker = RewardActor(flaky(5))
    found = worker.score([episode([5, 6], ([7, 2], []))] * 4)
    assert [judgement is not None for judgement in found] == [False, False, False, True]


class Says:
    """A reward that says what it is told to, or raises it."""

    said: object = None

    def __call__(self, played):
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


FINE = Verdict("fine", 1.0)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (None, "a Judgement expected, None (NoneType) came"),
        (1.5, "a Judgement expected, 1.5 (float) came"),
        (Judgement(FINE, 0.0), "a tuple of verdicts expected, Verdict(category='fine', reward=1.0) (Verdict) came"),
        (Judgement((), 0.0), "1 verdicts expected, one for each call, 0 came"),
        (Judgement((FINE, FINE), 0.0), "1 verdicts expected, one for each call, 2 came"),
        (Judgement((("fine", 1.0),), 0.0), "verdict 1: a Verdict expected, ('fine', 1.0) (tuple) came"),
        (Judgement((Verdict(None, 1.0),), 0.0), "verdict 1: the name of a category expected, None (NoneType) came"),
        (Judgement((Verdict("fine", math.nan),), 0.0), "verdict 1: a finite number expected, nan (float) came"),
        (Judgement((Verdict("fine", "1"),), 0.0), "verdict 1: a finite number expected, '1' (str) came"),
        (Judgement((FINE,), None), "outcome: a finite number expected, None (NoneType) came"),
        (Judgement((FINE,), math.inf), "outcome: a finite number expected, inf (float) came"),
        (KeyError("price"), "__call__ raised KeyError: 'price' (test_scoring.py:"),
    ],
)
def test_what_is_no_judgement_is_the_reward_s_mistake(monkeypatch, said, told):
    monkeypatch.setattr(Says, "said", said)
    worker = RewardActor(RewardConfig(name=f"{__name__}:Says"))
    with pytest.raises(UserError) as raised:
        worker.score([episode([5, 6], ([7, 2], []))])
    assert str(raised.value).startswith(f"reward '{__name__}:Says': task t: {told}") and "\n" not in str(raised.value)


def test_what_a_reward_says_of_its_numbers_is_a_run_s_judgement(monkeypatch):
    monkeypatch.setattr(Says, "said", Judgement((Verdict("fine", 1),), 0))
    (found,) = RewardActor(RewardConfig(name=f"{__name__}:Says")).score([episode([5, 6], ([7, 2], []))])
    assert found == Judgement((FINE,), 0.0)


class Played:
    def __init__(self, number, of=None):
        self.number = number
        self.id = f"episode-{number}"
        self.task = SimpleNamespace(id=f"task-{number}" if of is None else of)

    def judged(self, judgement):
        return judgement


def played(count):
    return [Played(number) for number in range(count)]


class Remote:
    def __init__(self, method):
        self.remote = method


class Worker:
    """`lost` are the numbers of episodes without a reward, `deadly` those that it hangs or dies with."""

    def __init__(self, takes_s=0.0, lost=(), deadly=None):
        self.takes_s, self.lost, self.deadly, self.parts, self.score = takes_s, lost, deadly or {}, [], Remote(self._score)
        self.__dict__["__ray_ready__"] = Remote(lambda: asyncio.sleep(takes_s))

    async def _score(self, episodes):
        self.parts.append(len(episodes))
        await asyncio.sleep(self.takes_s)
        for played in episodes:
            if played.number in self.deadly:
                raise self.deadly[played.number]
        return [None if played.number in self.lost else f"scored {played.number}" for played in episodes]


class Pool(RewardPool):
    def __init__(self, workers, config):
        self.unused, self.made = list(workers), []
        super().__init__(config, {})

    def _spawn(self):
        self.made.append(self.unused.pop(0))
        return self.made[-1]


def pool(*workers, limit_s=5.0, more=()):
    """`more` take the place of workers that are lost."""
    return Pool([*workers, *more], RewardConfig(workers=len(workers), limit_s=limit_s))


def test_many_episodes_are_shared_by_all_workers_and_come_in_order():
    workers = [Worker(0.001), Worker(0.001)]
    made = pool(*workers)
    assert asyncio.run(made.score(played(100))) == [f"scored {number}" for number in range(100)]
    assert sum(map(sum, (worker.parts for worker in workers))) == 100 and max(map(max, (w.parts for w in workers))) == 16
    assert all(len(worker.parts) >= 3 for worker in workers) and not +made.counts


def test_a_worker_that_has_no_place_is_named_before_anything_is_played():
    asyncio.run(pool(Worker(), Worker(0.01)).start(5))
    made = Pool([Worker(), Worker(9.0)], RewardConfig(workers=2, cpus=64))
    with pytest.raises(ActorLost, match=r"waited 0.05 s for reward worker 1 to start, which asks for reward.cpus=64 \(reserve_limit_s\)"):
        asyncio.run(made.start(0.05))


def test_the_limit_is_a_part_s_and_does_not_count_the_queue():
    assert len(asyncio.run(pool(Worker(0.05), limit_s=0.2).score(played(160)))) == 160


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("causes", [{17: ActorLost("the process died")}, {0: ActorLost("a"), 17: ActorLost("b"), 18: ActorLost("c")}])
def test_an_episode_that_a_worker_is_lost_with_is_dropped_and_costs_no_other_one(killed, caplog, workers, causes):
    made = pool(*[Worker(deadly=causes) for _ in range(workers)], more=[Worker(deadly=causes) for _ in range(9)])
    found = asyncio.run(made.score(played(40)))
    assert found == [f"scored {number}" for number in range(40) if number not in causes]
    assert made.counts == {"unscored_episodes": len(causes)}
    assert [f"episode episode-{number} is dropped" in caplog.text for number in causes] == [True] * len(causes)
    assert len(set(map(id, killed))) == len(killed) == len(causes) + len({number // 16 for number in causes})
    assert sorted(map(id, made._actors)) == sorted(set(map(id, made.made)) - set(map(id, killed))) and len(made._actors) == workers


def test_a_task_whose_every_episode_ends_a_worker_is_lost_and_no_more(killed):
    deadly = {number: ActorLost("the process died") for number in range(5)}
    made = pool(Worker(deadly=deadly), more=[Worker(deadly=deadly) for _ in range(9)])
    assert asyncio.run(made.score([Played(number, "the same") for number in range(5)])) == []
    assert made.counts == {"unscored_episodes": 5}


def test_a_worker_that_hangs_is_replaced(killed):
    made = pool(Worker(60.0), limit_s=0.05, more=[Worker()])
    assert len(asyncio.run(made.score(played(20)))) == 20 and len(killed) == 1


def test_where_all_episodes_are_lost_it_is_not_the_episodes(killed):
    made = pool(Worker(60.0), limit_s=0.02, more=[Worker(60.0) for _ in range(9)])
    with pytest.raises(ActorLost, match=r"waited 0.02 s for the reward of episode episode-2 \(reward.limit_s\)"):
        asyncio.run(made.score(played(160)))
    assert len(killed) == 4


def test_what_could_not_be_scored_is_missing_and_counted():
    made = pool(Worker(lost={1, 17}))
    assert len(asyncio.run(made.score(played(20)))) == 18 and made.counts == {"unscored_episodes": 2}
