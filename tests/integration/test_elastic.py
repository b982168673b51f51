"""The pool on a cluster that grows and shrinks: Ray's own nodes, all of them on this machine, and real engines."""

import asyncio
import os
import time
from pathlib import Path

import pytest
import ray
from ray.cluster_utils import Cluster as Nodes
from safetensors.torch import load_file

from raytool import pretrained
from raytool.actors import ActorLost, NodeLost, bounded
from raytool.config import ModelConfig
from raytool.config.rollout import RolloutConfig
from raytool.evaluation.bfcl import tasks
from raytool.placement import Cluster, reserve
from raytool.rollout import fleet
from raytool.rollout.actor import WorkerSettings
from raytool.rollout.pool import RolloutPool
from raytool.weight_sync.shared_memory import SharedMemory

ROOT = Path(__file__).parents[2]


@pytest.fixture
def nodes():
    """One node with one CPU, of a cluster to which more can be added."""
    made = Nodes(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    ray.init(address=made.address, log_to_driver=False)
    yield made
    ray.shutdown()
    made.shutdown()


def test_ray_tells_that_a_node_was_taken_away(nodes):
    """Of which a task that was played there is not the cause."""

    class Sleeper:
        async def sleep(self):
            await asyncio.sleep(60)

    async def scenario():
        node = nodes.add_node(num_cpus=1, resources={"there": 1})
        sleeper = ray.remote(Sleeper).options(num_cpus=0, resources={"there": 1}).remote()
        sleeping = asyncio.ensure_future(bounded(sleeper.sleep.remote(), 60, "it to wake"))
        await asyncio.to_thread(ray.get, sleeper.__ray_ready__.remote())
        await asyncio.to_thread(nodes.remove_node, node)  # with a SIGTERM, as clouds do it
        with pytest.raises(NodeLost):
            await sleeping

    asyncio.run(scenario())


def test_a_worker_whose_reserved_node_is_of_no_use_can_be_started_on_another(nodes):
    class Actor:
        def node(self):
            return ray.get_runtime_context().get_node_id()

    def started(**where):
        options = placement.rollout(0, threads=1, **where)
        return ray.remote(Actor).options(**options).remote()

    placement = asyncio.run(reserve(RolloutConfig(workers=1), None, "cpu", Cluster(grows=True), limit_s=60))
    elsewhere = started(elsewhere=True).node.remote()
    with pytest.raises(ray.exceptions.GetTimeoutError):
        ray.get(elsewhere, timeout=1)  # there is no other place yet: the reserved one is not taken for it
    there = ray.get(started().node.remote(), timeout=60)
    nodes.add_node(num_cpus=1)
    assert ray.get(elsewhere, timeout=60) != there
    placement.release()


def test_a_full_cluster_says_what_is_free_and_what_no_node_has(nodes):
    first = asyncio.run(reserve(RolloutConfig(workers=1), None, "cpu", Cluster(grows=True), limit_s=60))
    with pytest.raises(
        ActorLost, match=r"need \{'CPU': 1.0, 'GPU': 0\}; the cluster has \{'CPU': 1.0, 'GPU': 0\}, free are \{'CPU': 0, 'GPU': 0\}; an"
    ):
        asyncio.run(reserve(RolloutConfig(workers=1), None, "cpu", Cluster(grows=True), limit_s=0.5))
    first.release()
    with pytest.raises(ActorLost, match=r"no node has the \{'CPU': 4.0\} that one of them needs"):
        asyncio.run(reserve(RolloutConfig(workers=1, cpus=4), None, "cpu", Cluster(grows=True), limit_s=0.5))


def test_a_worker_with_thousands_of_calls_says_at_once_whether_it_gets_on(nodes):
    """Which Ray's own limit of a thousand would have it say after them."""

    class Worker:
        def __init__(self):
            self.playing = 0

        async def play(self):
            self.playing += 1
            await asyncio.sleep(60)

        async def idle_s(self):
            return self.playing

    worker = ray.remote(Worker).options(num_cpus=0, max_concurrency=fleet._CALLS_AT_ONCE).remote()
    played = [worker.play.remote() for _ in range(1500)]
    assert ray.get(worker.idle_s.remote(), timeout=30) == len(played)
    ray.kill(worker)


@pytest.mark.long
def test_a_worker_joins_when_a_node_comes_and_its_going_loses_nothing(nodes, tmp_path):
    model = pretrained.resolve(pretrained.EMBEDDED)
    rollout = RolloutConfig(workers=2, least_workers=1, turn_tokens=16, engine={"kv_cache_gb": 1})
    sync = SharedMemory(tmp_path)
    settings = WorkerSettings(ModelConfig(path=model, parameter_descriptions=False), rollout, sync, 0, "cpu", tmp_path, rollout.max_tokens)
    some = list(tasks(["multiple"]))[:12]

    async def scenario():
        placement = await reserve(rollout, None, "cpu", Cluster({"PYTHONPATH": str(ROOT)}, grows=True), limit_s=60)
        pool = RolloutPool(settings, placement, threads=1, max_staleness=0)

        async def play(begin):
            return await asyncio.gather(*(pool.play(task, begin + number, [0], 0.0) for number, task in enumerate(some)))

        async def until(count):
            began = time.monotonic()
            while pool.admitted != count:
                assert time.monotonic() - began < 180
                await asyncio.sleep(0.1)

        try:
            await pool.start()
            assert pool.admitted == 1 and all(await play(0))
            await pool.load(sync.send(0, load_file(f"{model}/model.safetensors")))
            node = nodes.add_node(num_cpus=1)
            await until(2)
            began = asyncio.gather(play(100))
            await asyncio.sleep(0.5)
            assert all(worker.load > 0 for worker in pool._workers), "a worker has nothing to do"
            nodes.remove_node(node)
            (played,) = await began
            assert [episode.versions[-1] for (episode,) in played] == [0] * len(some)
            assert pool.counts["lost_workers"] == 1 and not pool.counts["dropped_episodes"]
            assert pool.admitted == 1
            nodes.add_node(num_cpus=1)
            await until(2)
        finally:
            await pool.stop()
            placement.release()
            sync.close()

    os.environ.pop("RAY_ADDRESS", None)
    asyncio.run(scenario())
