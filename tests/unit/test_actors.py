"""Waiting: a limit for silence, and none for work that gets on."""

import asyncio
import os
import re
import time
from types import SimpleNamespace

import pytest
import torch
from ray.core.generated.common_pb2 import ActorDiedErrorContext
from ray.exceptions import ActorDiedError, OutOfMemoryError

from raytool import placement, precision
from raytool.actors import ActorLost, NodeLost, all_of, bounded
from raytool.config import EngineConfig, RolloutConfig
from raytool.console import Console
from raytool.placement import PlacementError
from raytool.records import UserError


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
    assert ("docs/training.md (Memory)" in str(raised.value)) == isinstance(error, OutOfMemoryError)


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


@pytest.mark.parametrize(
    ("grows", "error", "said"),
    [
        (True, ActorLost, "waited 0.01 s (reserve_limit_s) for resources: rollout.workers=2 on cuda need {'CPU': 2.0, 'GPU': 2.0}"),
        (False, PlacementError, "rollout.workers=2 on cuda need {'CPU': 2.0, 'GPU': 2.0}; this machine has {'CPU': 4, 'GPU': 1}"),
    ],
)
def test_resources_that_do_not_come_are_waited_for_only_where_a_cluster_may_grow(monkeypatch, grows, error, said):
    asked = []

    def group(bundles, strategy):
        asked.append(SimpleNamespace(ready=asyncio.Event().wait))
        return asked[-1]

    monkeypatch.setattr(placement.ray, "cluster_resources", lambda: {"CPU": 4, "GPU": 1})
    monkeypatch.setattr(placement, "placement_group", group)
    monkeypatch.setattr(placement, "remove_placement_group", asked.remove)
    with pytest.raises(error, match=re.escape(said)):
        asyncio.run(placement.reserve(RolloutConfig(workers=2), 0, "cuda", placement.Cluster(grows=grows), limit_s=0.01))
    assert asked == []


@pytest.mark.parametrize("gpus", [0, 1, 4])
def test_where_a_run_computes_follows_from_what_the_cluster_had_at_the_start(monkeypatch, gpus):
    """An attempt after the loss of the only machine with GPUs waits for another one, and does not go on without."""
    monkeypatch.setattr(placement.ray, "cluster_resources", lambda: {"CPU": 4})
    cluster = placement.Cluster(grows=True, gpus=gpus)
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    assert placement.choose_accelerator("auto", cluster, EngineConfig()) == ("cuda" if gpus else "cpu")
    assert placement.choose_accelerator("cuda", cluster, EngineConfig()) == "cuda"


def test_a_gpu_that_is_counted_and_cannot_be_used_names_its_node(monkeypatch):
    """Ray asks the driver, which may be older than what torch is built for."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    precision.check("cpu")
    with pytest.raises(
        UserError, match=rf"accelerator: torch \S+ cannot use the GPU \(CUDA_VISIBLE_DEVICES=3\) of node {os.uname().nodename}; "
    ):
        precision.check("cuda")


def test_gpus_that_this_torch_cannot_use_are_not_used_and_somebody_says_so(monkeypatch, capsys):
    monkeypatch.setattr(torch.version, "cuda", None)
    cluster = placement.Cluster(gpus=2)
    assert placement.choose_accelerator("auto", cluster, EngineConfig()) == "cpu"
    placement.tell_idle("cpu", "auto", cluster, Console())
    assert "2 GPU(s) stay idle" in capsys.readouterr().out
    placement.tell_idle("cpu", "cpu", cluster, Console())
    assert not capsys.readouterr().out
    with pytest.raises(placement.PlacementError, match=r"accelerator: 'cuda' given, and torch is built for CPUs"):
        placement.choose_accelerator("cuda", cluster, EngineConfig())


@pytest.mark.parametrize(
    ("gpus", "engine", "knob"),
    [
        (0, {"gpu_memory_utilization": 0.4}, "gpu_memory_utilization"),
        (0, {"tensor_parallel": 2}, "tensor_parallel"),
        (1, {"kv_cache_gb": 3}, "kv_cache_gb"),
    ],
)
def test_a_knob_without_effect_is_refused_once_it_is_known_where_a_run_computes(monkeypatch, gpus, engine, knob):
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    with pytest.raises(placement.PlacementError, match=rf"rollout\.engine\.{knob}: .*has no effect with accelerator"):
        placement.choose_accelerator("auto", placement.Cluster(gpus=gpus), EngineConfig(**engine))


def test_a_worker_that_nothing_is_reserved_for_is_scheduled_by_itself():
    group = SimpleNamespace(bundle_specs=[{"CPU": 1.0, "GPU": 1.0}] * 2, bundle_count=2, id=None)
    made = placement.Placement("cuda", group, ranks=1, worker={"CPU": 1.0, "GPU": 2.0})
    reserved, joining = made.rollout(0, 1), made.rollout(1, 1)
    assert list(made.learner(0, 1)["runtime_env"]["env_vars"]) == ["PYTORCH_ALLOC_CONF"] and not reserved["runtime_env"]["env_vars"]
    assert reserved["scheduling_strategy"].placement_group_bundle_index == 1 and joining["scheduling_strategy"] == "DEFAULT"
    assert (joining["num_cpus"], joining["num_gpus"]) == (1.0, 2.0)


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
