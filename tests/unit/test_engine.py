"""What is asked of vLLM, how long turns are told of, and what becomes of a load when the engine is dead or dies: with a stand-in for
vLLM's side."""

import asyncio
import re
from types import SimpleNamespace

import pytest

from envs.function_call import FunctionCall
from raytool.config.rollout import EngineConfig
from raytool.records import UserError
from raytool.rollout import actor as actors
from raytool.rollout import engine as engines
from raytool.rollout.actor import RolloutActor
from raytool.rollout.engine import Engine, EngineDead, options_for, why_not_started
from raytool.rollout.episode import InfrastructureError
from raytool.rollout.in_process import InProcess
from raytool.weight_sync.base import WeightHandle
from tests.unit.builders import CHAT, WIDE, task, tool


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


class Writer(Core):
    """It gives a turn in parts, each once `given` is released."""

    def __init__(self, *parts, ended="stop"):
        super().__init__()
        self.parts, self.ended, self.given = parts, ended, asyncio.Semaphore(0)

    async def generate(self, prompt, parameters, request_id):
        self.parameters = parameters
        for part in self.parts:
            await self.given.acquire()
            logprobs = [{token: SimpleNamespace(logprob=-token / 10)} for token in part]
            ended = self.ended if part is self.parts[-1] else None
            yield SimpleNamespace(outputs=[SimpleNamespace(token_ids=part, logprobs=logprobs, finish_reason=ended)])


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


def test_what_is_sampled_while_weights_load_counts_as_the_older_ones_and_leaves_nothing_to_the_newer():
    """Its prompt may have been read before the load, however late it was asked: the newer weights must not use that again."""
    asked, loads = task(tool("f", "a")), asyncio.Event()
    salts = []

    class Sync:
        async def receive(self, handle, engine):
            await engine.load_folder(handle.location)

    class Answering(Core):
        async def generate(self, prompt, parameters, request_id):
            salts.append(prompt["cache_salt"])
            said = CHAT.answer("f(a=1)")
            logprobs = [{token: SimpleNamespace(logprob=-0.5)} for token in said]
            yield SimpleNamespace(outputs=[SimpleNamespace(token_ids=said, logprobs=logprobs, finish_reason="stop")])

    async def open_environment(of):
        return InProcess(FunctionCall(), of)

    async def scenario():
        actor = RolloutActor.__new__(RolloutActor)
        actor._settings, actor._chat = SimpleNamespace(seed=0, weight_sync=Sync()), CHAT
        actor._engine, actor._hosts = Engine(Answering(reload_weights=loads), [2], "cpu"), SimpleNamespace(open=open_environment)
        actor._version = actor._newest = 4
        actor._live = asyncio.Semaphore(1)
        loading = asyncio.create_task(actor.load(WeightHandle(5, "/weights/v5")))
        await asyncio.sleep(0)
        meanwhile = await actor._play(asked, 0, 0, 1.0, WIDE, ())
        loads.set()
        await loading
        after = await actor._play(asked, 0, 1, 1.0, WIDE, ())
        assert [(of.oldest_version, of.newest_version) for of in (meanwhile, after)] == [(4, 5), (5, 5)]
        assert salts[0] != salts[1]

    asyncio.run(scenario())


def test_a_long_turn_shows_that_it_gets_on_before_it_ends(monkeypatch):
    """A worker that writes one is not taken for one that hangs."""
    clock = SimpleNamespace(monotonic=lambda: clock.now, now=100.0)
    for module in (engines, actors):
        monkeypatch.setattr(module, "time", clock)

    async def scenario():
        writer = Writer([5, 6], [7], [8, 2])
        actor = RolloutActor.__new__(RolloutActor)
        actor._engine, actor._hosts, actor._got_on = Engine(writer, [2], "cpu"), SimpleNamespace(busy=False), clock.now
        turn = asyncio.create_task(actor._engine.sample([1], 9, 1.0, 0))
        idle = []
        for _ in writer.parts:
            clock.now += 500.0
            idle.append(await actor.idle_s())
            writer.given.release()
            await asyncio.sleep(0.01)
            idle.append(await actor.idle_s())
        assert idle == [500.0, 0.0] * 3
        assert await turn == ([5, 6, 7, 8, 2], [-0.5, -0.6, -0.7, -0.8, -0.2])
        assert writer.parameters.stream_interval > 1, "each part costs the loop that plays"

    asyncio.run(scenario())


def test_a_turn_that_the_engine_gives_up_is_infrastructure():
    async def scenario():
        writer = Writer([5], [6], ended="abort")
        writer.given = asyncio.Semaphore(2)
        with pytest.raises(InfrastructureError, match="the engine ended a request with 'abort'"):
            await Engine(writer, [2], "cpu").sample([1], 9, 1.0, 0)

    asyncio.run(scenario())


LOADING = "INFO 10:00:01 [loader.py:384] Loading weights took 0.16 seconds\n"
CORE = "(EngineCore pid=7) ERROR 10:00:02 [core.py:99] "


@pytest.mark.parametrize(
    ("printed", "accelerator", "kind", "told"),
    [
        ("ValueError: No available memory for the cache blocks. Try", "cuda", UserError, "another gpu_memory_utilization"),
        ("ValueError: To serve at least one request with the model's", "cpu", UserError, "a larger kv_cache_gb"),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to", "cuda", UserError, "more tensor_parallel or a smaller rollout.max_tokens"),
        ("ValueError: Free memory on device cuda:0 (9.1/79.1 GiB)", "cuda", UserError, "rollout.engine: Free memory on device cuda:0"),
        (
            "OSError: [Errno 28] No space left on device",
            "cpu",
            InfrastructureError,
            "did not start: OSError: .Errno 28. No space",
        ),
    ],
)
def test_why_an_engine_did_not_start_is_what_its_own_process_printed_last(printed, accelerator, kind, told):
    parents = "RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}\n"
    found = why_not_started(f"{LOADING}{CORE}KeyError: 'first'\n{CORE}{printed}\n{parents}", accelerator)
    assert type(found) is kind and re.search(told, str(found))


def test_an_engine_that_printed_no_error_is_told_by_its_parent():
    assert why_not_started(LOADING, "cpu") is None


def test_an_engine_of_several_gpus_is_of_one_machine():
    """vLLM's choice in a placement group is Ray's executor, which takes no bundle of several GPUs."""
    of_two = options_for("cuda", EngineConfig(tensor_parallel=2), 1536)
    assert (of_two["tensor_parallel_size"], of_two["distributed_executor_backend"]) == (2, "mp")
    assert options_for("cuda", EngineConfig(gpu_memory_utilization=0.9), 1536)["gpu_memory_utilization"] == 0.9
    alone, beside = (options_for("cuda", EngineConfig(), 1536, shares)["gpu_memory_utilization"] for shares in (False, True))
    assert (alone, beside) == (0.9, 0.3)
    on_a_cpu = options_for("cpu", EngineConfig(), 8192)
    assert (on_a_cpu["max_num_batched_tokens"], on_a_cpu["kv_cache_memory_bytes"]) == (8192, 2 * 2**30)
    assert not {"gpu_memory_utilization", "distributed_executor_backend"} & on_a_cpu.keys()
