"""What is asked of vLLM, and what becomes of a load when the engine is dead or dies: with a stand-in for vLLM's side."""

import asyncio

import pytest

from raytool.config import EngineConfig
from raytool.rollout import engine as engines
from raytool.rollout.engine import Engine, EngineDead, options_for


class Core:
    """vLLM's AsyncLLM as far as a load knows it. `fails` is raised by the method of that name, or waited for."""

    def __init__(self, **fails):
        self.fails, self.called, self.errored = fails, [], False
        self.dead_error = "EngineCore encountered an issue"

    async def collective_rpc(self, method, timeout=None, args=(), kwargs=None):
        self.called.append((method, kwargs))
        cause = self.fails.get(method)
        if isinstance(cause, Exception):
            raise cause
        if cause is not None:
            await cause.wait()


def load(core, accelerator="cpu"):
    asyncio.run(Engine(core, [2], accelerator).load_folder("/weights/v3"))


@pytest.fixture(autouse=True)
def short_looks(monkeypatch):
    monkeypatch.setattr(engines, "_LOOK_S", 0.01)


def test_weights_are_read_and_on_a_cpu_packed():
    load(core := Core())
    assert core.called == [("reload_weights", {"weights_path": "/weights/v3"}), ("repack_heads", {})]
    load(core := Core(), "cuda")
    assert core.called == [("reload_weights", {"weights_path": "/weights/v3"})]


@pytest.mark.parametrize("method", ["reload_weights", "repack_heads"])
def test_an_engine_that_was_dead_or_could_not_read_is_of_no_more_use(method):
    with pytest.raises(EngineDead, match=f"failed to {method}: RuntimeError: EngineCore encountered an issue"):
        load(Core(**{method: RuntimeError("EngineCore encountered an issue")}))


def test_an_engine_that_dies_while_it_loads_is_not_waited_for():
    async def scenario():
        core = Core(reload_weights=asyncio.Event())
        loading = asyncio.create_task(Engine(core, [2], "cpu").load_folder("/weights/v3"))
        await asyncio.sleep(0.05)
        assert not loading.done()
        core.errored = True
        with pytest.raises(EngineDead, match="the engine died"):
            await asyncio.wait_for(loading, 5)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(scenario())


def test_an_engine_that_is_dead_after_a_load_has_not_loaded():
    core = Core()
    core.errored = True
    with pytest.raises(EngineDead):
        load(core)


def test_an_engine_of_several_gpus_is_of_one_machine():
    """vLLM's choice in a placement group is Ray's executor, which takes no bundle of several GPUs."""
    of_two = options_for("cuda", EngineConfig(tensor_parallel=2), 1536)
    assert (of_two["tensor_parallel_size"], of_two["distributed_executor_backend"]) == (2, "mp")
    assert options_for("cuda", EngineConfig(gpu_memory_utilization=0.9), 1536) == {"gpu_memory_utilization": 0.9}
    alone, beside = (options_for("cuda", EngineConfig(), 1536, shares)["gpu_memory_utilization"] for shares in (False, True))
    assert (alone, beside) == (0.9, 0.5)
    on_a_cpu = options_for("cpu", EngineConfig(), 8192)
    assert (on_a_cpu["max_num_batched_tokens"], on_a_cpu["kv_cache_memory_bytes"]) == (8192, 2 * 2**30)
    assert not {"gpu_memory_utilization", "distributed_executor_backend"} & on_a_cpu.keys()
