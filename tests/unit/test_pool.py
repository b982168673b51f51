"""The rollout pool on actors that only pretend: which weights may play, and how a lost worker is replaced."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from types import SimpleNamespace

import pytest

from raytool.actors import ActorLost, NodeLost
from raytool.config.rollout import RolloutConfig
from raytool.pretrained import ModelUnread
from raytool.records import NO_POLICY, UserError
from raytool.rollout import fleet
from raytool.rollout import pool as pooling
from raytool.rollout.actor import Played
from raytool.rollout.engine import EngineDead
from raytool.rollout.episode import InfrastructureError, PromptTooLong
from raytool.rollout.host_command import NodeUnfit
from raytool.rollout.pool import RolloutPool
from raytool.weight_sync.base import WeightHandle
from tests.episodes import TASK


class Remote:
    def __init__(self, method):
        self.remote = method


class Actor:
    """`fails` maps (method, actor) to what is raised or waited for there, once; actors are numbered as they come."""

    def __init__(self, number, fails):
        self.number, self.fails, self.version, self.asked, self.loading = number, fails, NO_POLICY, 0, 0
        self.busy = self.most = 0
        for name in ("start", "load", "play", "demonstrate", "look", "stop", "prompt_lengths", "idle_s", "__ray_ready__"):
            setattr(self, name, Remote(getattr(self, f"_{name.strip('_')}")))

    async def _fail(self, method):
        await asyncio.sleep(0)
        cause = self.fails.pop((method, self.number), None)
        if isinstance(cause, Exception):
            raise cause
        if cause is not None:
            await cause.wait()

    async def _ray_ready(self):
        await self._fail("place")

    async def _start(self):
        await self._fail("start")
        return "python", "float32", "no bubblewrap" if self.number else ""

    async def _load(self, handle):
        self.loading += 1
        assert self.loading == 1, "an engine loads one version at a time"
        await self._fail("load")
        self.loading -= 1
        self.version = handle.version
        return handle.version

    async def _play(self, task, group, samples, temperature, limits, begun):
        await self._fail("play")
        return Played([self.version], {})

    async def _demonstrate(self, tasks):
        await self._fail("demonstrate")
        return Played([group for group, _, _ in tasks], {"tool_host_rebuilt": 1, "infrastructure_failures": 2})

    async def _look(self, mark, knob):
        await self._fail("look")

    async def _stop(self):
        await self._fail("stop")

    async def _prompt_lengths(self, tasks):
        self.asked += 1
        self.busy += 1
        self.most = max(self.most, self.busy)
        await asyncio.sleep(0.001)
        self.busy -= 1
        return [len(task.id) for task in tasks]

    async def _idle_s(self):
        return 1e9


class Pool(RolloutPool):
    def __init__(self, workers, staleness, fails, least=None, **engine):
        config = RolloutConfig.model_validate({"workers": workers, "least_workers": least, "engine": engine, "attempts": 2})
        super().__init__(SimpleNamespace(config=config, log_folder="log"), None, 1, staleness)
        self.fails, self.made, self.ended, self.tries = fails, [], [], []

    def _spawn(self, index, failed):
        self.tries.append(failed)
        self.made.append(Actor(len(self.made), self.fails))
        return self.made[-1]

    def _end(self, worker):
        self.ended += [] if worker.actor is None else [worker.actor.number]
        worker.version, worker.actor = None, None

    async def played_by(self):
        """The version that plays a task."""
        return (await self.play(TASK, 0, [0], 0.0))[0]

    async def until(self, count):
        """Wait until so many actors were made and all workers may play."""
        async with asyncio.timeout(5):
            while len(self.made) < count or any(worker.version is None for worker in self._workers):
                await asyncio.sleep(0.001)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(fleet, "_FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(fleet, "_LONGEST_PAUSE_S", 0.002)


@asynccontextmanager
async def started(workers=1, staleness=0, fails=None, least=None, **engine):
    pool = Pool(workers, staleness, {} if fails is None else fails, least, **engine)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.stop()


def version(number):
    return WeightHandle(number, f"v{number}")


@pytest.mark.parametrize("newest", [-11, -3, 0, 1, 7])
@pytest.mark.parametrize("staleness", [0, 1, 4])
def test_a_replaced_worker_plays_only_after_it_has_loaded_what_is_newest(newest, staleness):
    async def scenario():
        async with started(staleness=staleness) as pool:
            assert await pool.played_by() == NO_POLICY
            await pool.load(version(newest))
            held = asyncio.Event()
            pool.fails |= {("play", 0): EngineDead("killed"), ("load", 1): held}
            playing = asyncio.create_task(pool.played_by())
            while len(pool.made) < 2:
                await asyncio.sleep(0)
            await asyncio.sleep(0.02)
            assert not playing.done(), "the new worker has the weights it started with"
            held.set()
            assert await playing == newest
            assert pool.ended == [0] and pool.counts == {"lost_workers": 1}

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("newest", "staleness", "fresh"),
    [
        (None, 1, {NO_POLICY}),
        (-11, 2, {-11}),  # an evaluation in SFT is one of these weights, whatever PPO or another SFT left behind
        (-2, 2, {-2}),
        (0, 2, {0}),
        (1, 0, {1}),
        (1, 2, {0, 1}),
        (5, 2, {3, 4, 5}),
    ],
)
def test_which_weights_are_fresh(newest, staleness, fresh):
    pool = Pool(1, staleness, {})
    pool._newest = None if newest is None else version(newest)
    assert {number for number in range(-12, 9) if pool._fresh(number, staleness)} == fresh


def test_a_lost_worker_is_replaced_once_however_many_calls_were_lost_with_it():
    async def scenario():
        async with started() as pool:
            waiting = asyncio.Event()
            pool.fails[("play", 0)] = waiting
            other = asyncio.create_task(pool.played_by())
            await asyncio.sleep(0)
            (worker,) = pool._workers
            pool._replace(worker, ActorLost("gone"))
            pool._replace(worker, ActorLost("gone"))
            await pool.until(2)
            pool._replace(worker, ActorLost("gone"))
            waiting.set()
            assert await other == NO_POLICY
            assert (len(pool.made), pool.ended, pool.counts) == (2, [0], {"lost_workers": 1})

    asyncio.run(scenario())


def test_a_start_that_fails_is_tried_again_until_it_succeeds(caplog):
    """Whatever it fails with: a node that is not there yet, memory that the dead actor still holds, weights that cannot be read."""
    fails = {
        ("play", 0): ActorLost("the node is gone"),
        ("start", 1): asyncio.Event(),  # nobody sets it: the start exceeds its limit
        ("start", 2): RuntimeError("free memory on device is less than desired"),
        ("load", 3): InfrastructureError("version 2 cannot be read"),
        ("load", 4): EngineDead("it died"),
        ("start", 5): ModelUnread("model.path: the hub is down"),
    }

    async def scenario():
        async with started(fails=fails, start_limit_s=0.2) as pool:
            await pool.load(version(2))
            assert await pool.played_by() == 2
            assert pool.ended == [0, 1, 2, 3, 4, 5] and len(pool.made) == 7
            assert pool.counts == {"lost_workers": 1, "failed_restarts": 5}
            assert pool.tries == [0, 0, 1, 2, 3, 4, 5]

    asyncio.run(scenario())
    told = [record.message for record in caplog.records if "could not be started" in record.message]
    assert [
        any(cause in line for line in told) for cause in ("waited 0.2 s", "free memory", "cannot be read", "it died", "the hub is down")
    ] == [True] * 5


@pytest.mark.parametrize(
    "cause",
    [ActorLost("gone"), EngineDead("killed while idle"), InfrastructureError("stale file handle"), UserError("node b has no room")],
)
def test_a_worker_that_cannot_load_is_replaced_and_the_others_go_on(cause):
    async def scenario():
        async with started(workers=2, fails={("load", 0): cause}) as pool:
            await pool.load(version(0))
            assert await pool.played_by() == 0
            await pool.until(3)
            assert [actor.version for actor in pool.made] == [NO_POLICY, 0, 0]
            assert pool.ended == [0] and pool.counts["lost_workers"] == 1

    asyncio.run(scenario())


def test_a_worker_that_is_late_to_load_holds_nobody_up_and_plays_once_it_has_what_is_newest(monkeypatch, caplog):
    monkeypatch.setattr(fleet, "_LATE_S", 0.02)

    async def scenario():
        held = asyncio.Event()
        async with started(workers=4, fails={("load", 1): held}) as pool:
            await pool.load(version(0))
            assert [actor.version for actor in pool.made] == [0, NO_POLICY, 0, 0]
            assert "rollout workers [1] are late to load version 0" in caplog.text
            assert set(await asyncio.gather(*(pool.played_by() for _ in range(9)))) == {0}
            await pool.load(version(1))
            assert [actor.version for actor in pool.made] == [1, NO_POLICY, 1, 1]
            held.set()
            async with asyncio.timeout(5):
                while pool.made[1].version != 1:
                    await asyncio.sleep(0.001)
            await pool.load(version(2))
            assert {actor.version for actor in pool.made} == {2} and not pool.counts

    asyncio.run(scenario())


def test_older_weights_play_where_they_may_but_evaluate_nothing():
    async def scenario():
        async with started(workers=2, staleness=1) as pool:
            await pool.load(version(0))
            held = asyncio.Event()
            pool.fails |= {("load", 0): held, ("load", 1): held}
            loading = asyncio.create_task(pool.load(version(1)))
            await asyncio.sleep(0)
            assert await pool.played_by() == 0
            evaluation = asyncio.create_task(pool.play(TASK, 0, [0], 0.0, newest=True))
            await asyncio.sleep(0.02)
            assert not evaluation.done()
            held.set()
            assert await evaluation == [1]
            await loading

    asyncio.run(scenario())


def test_a_worker_that_hangs_as_it_loads_is_replaced_while_the_others_go_on(monkeypatch):
    monkeypatch.setattr(fleet, "_LATE_S", 0.01)

    async def scenario():
        async with started(workers=2, fails={("load", 1): asyncio.Event()}, load_limit_s=0.1) as pool:
            await pool.load(version(0))
            assert not pool.ended
            await pool.until(3)
            assert pool.ended == [1] and pool.counts == {"lost_workers": 1} and pool.made[2].version == 0

    asyncio.run(scenario())


def test_a_defect_of_a_load_ends_all_waits():
    async def scenario():
        async with started(fails={("load", 0): ZeroDivisionError()}) as pool:
            with pytest.raises(ZeroDivisionError):
                await pool.load(version(0))
            with pytest.raises(ZeroDivisionError):
                await pool.played_by()

    asyncio.run(scenario())


def test_what_is_published_while_a_worker_loads_is_loaded_too():
    async def scenario():
        async with started(workers=2) as pool:
            await pool.load(version(0))
            held = asyncio.Event()
            pool.fails |= {("play", 0): ActorLost("gone"), ("load", 2): held}
            assert await pool.played_by() == 0
            await asyncio.sleep(0.01)
            await pool.load(version(1))
            held.set()
            await pool.until(3)
            assert [worker.version for worker in pool._workers] == [1, 1]
            assert pool.made[2].version == 1

    asyncio.run(scenario())


def test_what_only_the_user_can_mend_ends_all_waits_where_no_other_worker_plays():
    refusal = UserError("weight_sync.directory: node b does not see it")

    async def one_bad_node():
        async with started(workers=2) as pool:
            await pool.load(version(0))
            pool.fails |= {("play", 0): ActorLost("gone"), ("load", 2): refusal}
            assert await pool.played_by() == 0  # the other worker
            await pool.load(version(1))
            await pool.until(4)  # the bad node is tried again, and may be mended
            assert pool.ended == [0, 2] and pool.counts == {"lost_workers": 1, "failed_restarts": 1}

    async def the_last_node():
        async with started(workers=2) as pool:
            await pool.load(version(0))
            pool.fails |= {("play", 0): ActorLost("gone"), ("play", 1): ActorLost("gone")}
            pool.fails |= {("load", number): refusal for number in range(2, 99)}
            assert await pool.play(TASK, 0, [0], 0.0) == [], "both workers were lost with it"
            with pytest.raises(UserError, match="node b"):
                await pool.play(TASK, 0, [0], 0.0)
            with pytest.raises(UserError, match="node b"):
                await pool.load(version(1))

    async def waiting():
        async with started() as pool:
            pool.fails |= {("play", 0): ActorLost("gone"), ("start", 1): refusal}
            with pytest.raises(UserError, match="node b"):
                await pool.played_by()

    asyncio.run(one_bad_node())
    asyncio.run(the_last_node())
    asyncio.run(waiting())


def test_a_node_that_lacks_what_tools_need_is_given_time_while_others_play():
    lacks = NodeUnfit("rollout.tool_host.readable: /data is not there where the rollout worker runs")

    async def one_of_two():
        async with started(workers=2, fails={("play", 0): lacks, ("start", 2): lacks}) as pool:
            assert await pool.played_by() == NO_POLICY
            await pool.until(4)
            assert pool.ended == [0, 2] and pool.counts == {"lost_workers": 1, "failed_restarts": 2}

    async def the_only_one():
        async with started(fails={("play", 0): lacks}) as pool:
            with pytest.raises(UserError, match="/data is not there"):
                await pool.played_by()

    asyncio.run(one_of_two())
    asyncio.run(the_only_one())


def test_what_is_wrong_with_a_task_is_raised_and_ends_no_worker():
    async def scenario():
        async with started(workers=2, fails={("play", 0): PromptTooLong("rollout.max_tokens: 9")}) as pool:
            with pytest.raises(PromptTooLong):
                await pool.played_by()
            assert pool.admitted == 2 and not pool.ended

    asyncio.run(scenario())


def test_a_task_that_takes_every_worker_down_is_dropped_and_counted():
    async def scenario():
        async with started(workers=2, fails={("play", 0): EngineDead("killed"), ("play", 1): ActorLost("out of memory")}) as pool:
            assert await pool.play(TASK, 0, [0, 1, 2], 0.0) == []
            assert pool.counts == {"lost_workers": 2, "dropped_episodes": 3}
            assert await pool.played_by() == NO_POLICY

    asyncio.run(scenario())


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_last_attempts_are_one_to_a_worker_and_only_what_ends_workers_is_dropped(monkeypatch, workers):
    played, last, most = Counter(), Counter(), 0  # times by task; last attempts under way by actor, and the most of them all

    async def play(self, task, *_):
        nonlocal most
        played[task.id] += 1
        dead, is_last = died.setdefault(self.number, asyncio.Event()), played[task.id] == 2
        last[self.number] += is_last
        assert last[self.number] <= 1
        most = max(most, last.total())
        if task.id.startswith("deadly"):
            await asyncio.sleep(0.001)
            dead.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(dead.wait(), 0.01)
        last[self.number] -= is_last
        if dead.is_set():
            raise ActorLost("it died")
        return Played([task.id], {})

    async def scenario():
        async with started(workers=workers) as pool:
            names = [f"{'deadly' if number % 8 == 0 else 'innocent'} {number}" for number in range(24)]
            found = await asyncio.gather(*(pool.play(replace(TASK, id=name), 0, [0], 0.0) for name in names))
            assert found == [[name] if name.startswith("innocent") else [] for name in names]
            assert pool.counts["dropped_episodes"] == 3

    died = {}
    monkeypatch.setattr(Actor, "_play", play)
    asyncio.run(scenario())
    assert most == 1 if workers == 1 else 1 < most <= workers


def test_nodes_that_are_taken_away_count_against_no_task():
    fails = {("play", number): NodeLost("received SIGTERM") for number in range(5)}

    async def scenario():
        async with started(workers=2, fails=fails) as pool:
            assert await pool.played_by() == NO_POLICY
            assert pool.counts == {"lost_workers": 5}

    asyncio.run(scenario())


def test_of_several_workers_those_that_do_not_start_are_tried_again():
    async def scenario():
        async with started(workers=3, fails={("start", 1): RuntimeError("a broken GPU"), ("start", 3): ActorLost("again")}) as pool:
            assert pool.admitted == 3 and len(pool.made) == 5 and pool.counts == {"failed_restarts": 2}

    async def never():
        fails = {("start", number): RuntimeError("a broken GPU") for number in range(1, 999)}
        pool = Pool(2, 0, fails, start_limit_s=0.05)
        with pytest.raises(ActorLost, match=r"waited 0.05 s for rollout worker 1 to start after it failed: a broken GPU"):
            await pool.start()
        await pool.stop()

    asyncio.run(scenario())
    asyncio.run(never())


@pytest.mark.parametrize(
    ("fails", "kind"),
    [
        ({("start", 0): RuntimeError("no"), ("start", 1): RuntimeError("no")}, ActorLost),
        ({("start", 1): UserError("runs: not shared")}, UserError),
    ],
)
def test_what_all_workers_say_at_the_start_or_the_user_has_to_mend_ends_it_at_once(fails, kind):
    async def scenario():
        pool = Pool(2, 0, fails)
        with pytest.raises(kind, match="no"):
            await pool.start()
        assert len(pool.made) == 2
        await pool.stop()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("error", "resumed"),
    [(UserError("no GPU: the driver of this node is too old"), True), (ModelUnread("model.path: the hub is down"), False)],
)
def test_one_node_that_is_of_no_use_does_not_end_a_run_that_goes_on_nor_a_hub_that_one_worker_did_not_reach_any(error, resumed):
    async def scenario():
        pool = Pool(2, 0, {("start", 1): error})
        await pool.start(resumed)
        assert pool.admitted == 2 and len(pool.made) == 3 and pool.counts == {"failed_restarts": 1}
        await pool.stop()

    async def all_of_them():
        pool = Pool(2, 0, {("start", 0): error, ("start", 1): error})
        with pytest.raises(type(error)):
            await pool.start(resumed)

    asyncio.run(scenario())
    asyncio.run(all_of_them())


def test_who_joins_gets_a_share_of_what_is_left(monkeypatch):
    """Not all of it is given at once to the few that are there."""
    monkeypatch.setattr(pooling, "_IN_FLIGHT", 1)  # a part

    async def scenario():
        place = asyncio.Event()
        async with started(workers=9, least=1, fails={("place", number): place for number in range(1, 9)}) as pool:
            asked = asyncio.ensure_future(pool.prompt_lengths([TASK] * 400))
            while pool.made[0].asked < 40:
                await asyncio.sleep(0.001)
            place.set()
            assert await asked == [len(TASK.id)] * 400
            assert pool.made[0].most == pooling._PARTS
            assert pool.admitted == 9 and all(actor.asked > 20 for actor in pool.made)

    asyncio.run(scenario())


def test_a_room_that_shrinks_and_grows():
    async def scenario():
        fleet = SimpleNamespace(admitted=2)
        room = pooling._Room(fleet, 2)
        most, now = [], 0

        async def use():
            nonlocal now
            async with room:
                now += 1
                most.append(now)
                await asyncio.sleep(0)
                now -= 1
                fleet.admitted = 0 if len(most) < 20 else 3

        await asyncio.gather(*(use() for _ in range(40)))
        assert max(most[:4]) == 4 and max(most[8:20]) == 2 and max(most[24:]) == 6

    asyncio.run(scenario())


def test_who_waits_and_is_cancelled_takes_nobodys_turn():
    async def scenario():
        room, leave = pooling._Room(SimpleNamespace(admitted=1), 1), asyncio.Event()

        async def use():
            async with room:
                await leave.wait()

        inside, gone, waits = (asyncio.ensure_future(use()) for _ in range(3))
        await asyncio.sleep(0)
        gone.cancel()
        leave.set()
        await asyncio.wait_for(asyncio.gather(inside, waits), 1)

    asyncio.run(scenario())


def test_the_fifth_try_to_start_a_worker_is_made_elsewhere_and_waits_shortly_for_room_there(monkeypatch):
    """As a node may live, and never start one. Where nothing else is free, its own place is tried again."""
    monkeypatch.setattr(fleet, "_PLACE_LIMIT_S", 0.05)
    made = []

    class Placed(Pool):
        def _spawn(self, index, failed):
            actor = super()._spawn(index, failed)
            options = {}
            placement = SimpleNamespace(rollout=lambda *_, elsewhere: options.update(elsewhere=elsewhere) or {})
            monkeypatch.setattr(self, "_placement", placement)
            monkeypatch.setattr(fleet.ray, "remote", lambda _: SimpleNamespace(options=lambda **_: SimpleNamespace(remote=lambda *_: None)))
            RolloutPool._spawn(self, index, failed)
            made.append((actor.number, options["elsewhere"]))
            return actor

    async def scenario():
        broken = {("start", number): RuntimeError("a broken GPU") for number in range(1, 12)}
        pool = Placed(2, 0, {**broken, ("place", 5): asyncio.Event()}, start_limit_s=9)
        await pool.start()
        assert pool.admitted == 2
        await pool.stop()

    asyncio.run(scenario())
    assert [number for number, elsewhere in made if elsewhere] == [5, 10]


def test_much_is_done_in_parts_by_all_workers_and_comes_in_order():
    async def scenario():
        async with started(workers=2) as pool:
            tasks = [replace(TASK, id="t" * length) for length in range(1, 700)]
            assert await pool.prompt_lengths(tasks) == list(range(1, 700))
            assert all(actor.asked for actor in pool.made)

    asyncio.run(scenario())


def test_what_went_wrong_with_demonstrations_is_counted():
    async def scenario():
        async with started(workers=2) as pool:
            assert await pool.demonstrate([(group, TASK, False) for group in range(33)]) == [*range(33)]
            assert pool.counts == {"tool_host_rebuilt": 3, "infrastructure_failures": 6}

    asyncio.run(scenario())


@pytest.mark.parametrize("method", ["look", "load"])
def test_weights_or_a_mark_that_are_not_seen_are_the_users_business_at_once(method):
    """A mark, which is looked for at a run's start, also where only one of several workers does not see it."""

    async def scenario():
        async with started(workers=1 if method == "load" else 2) as pool:
            pool.fails[(method, 0)] = UserError("weight_sync.directory: not shared")
            with pytest.raises(UserError, match="weight_sync.directory"):
                await (pool.look(SimpleNamespace(path="x"), "weight_sync.directory") if method == "look" else pool.load(version(0)))

    asyncio.run(scenario())


def test_nothing_is_left_of_a_pool_that_was_stopped_while_it_replaced_and_loaded(monkeypatch):
    monkeypatch.setattr(fleet, "_LATE_S", 0.01)

    async def scenario():
        async with started(workers=3) as pool:
            pool.fails |= {("start", 3): asyncio.Event(), ("start", 4): RuntimeError("no"), ("stop", 2): EngineDead("dead")}
            pool.fails |= {("load", 2): asyncio.Event()}
            await pool.load(version(0))
            first, second, third = pool._workers
            pool._replace(first, ActorLost("gone"))
            pool._replace(second, ActorLost("gone"))
            await asyncio.sleep(0.001)
        alive = {actor.number for actor in pool.made} - set(pool.ended)
        assert not alive and not [worker for worker in pool._workers if worker.actor is not None]
        made = len(pool.made)
        pool._replace(third, ActorLost("gone"))
        await asyncio.sleep(0.01)
        assert len(pool.made) == made, "it was replaced after the end"
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(scenario())


def test_a_wait_for_a_worker_has_a_limit_and_a_name():
    async def scenario():
        fails = {("play", 0): ActorLost("gone"), ("start", 1): asyncio.Event()}
        async with started(fails=fails, start_limit_s=0.05, load_limit_s=0.05) as pool:
            pool.fails |= {("start", n): asyncio.Event() for n in range(2, 9)}
            with pytest.raises(ActorLost, match="waited 0.1 s for a rollout worker for task t to be played"):
                await pool.played_by()
            assert pool.counts["failed_restarts"] >= 1

    asyncio.run(scenario())


def test_workers_that_need_not_be_there_join_with_what_is_newest():
    async def scenario():
        no_room = asyncio.Event()
        async with started(workers=3, least=1, fails={("start", 1): no_room, ("start", 2): ActorLost("its node went")}) as pool:
            assert pool.admitted == 1
            await pool.load(version(0))
            assert await pool.played_by() == 0
            async with asyncio.timeout(5):
                while pool.admitted < 2:  # what could not be started is started again, and knows the newest weights
                    await asyncio.sleep(0.001)
            await pool.load(version(1))
            no_room.set()
            await pool.until(4)
            assert pool.admitted == 3 and {worker.actor.version for worker in pool._workers} == {1}
            assert pool.counts == {"failed_restarts": 1}

    asyncio.run(scenario())


def test_a_pool_that_ends_leaves_no_worker_that_still_waits_for_room():
    async def scenario():
        async with started(workers=2, least=1, fails={("start", 1): asyncio.Event()}) as pool:
            await asyncio.sleep(0.01)
            assert len(pool.made) == 2
        assert sorted(pool.ended) == [0, 1]

    asyncio.run(scenario())


def test_no_more_workers_can_have_to_be_there_than_there_are():
    with pytest.raises(ValueError, match="least_workers: 3 is more than workers, 2"):
        RolloutConfig(workers=2, least_workers=3)
