"""The pool on real parts: what it plays, and what it does when an engine is killed."""

import asyncio
import dataclasses
import os
import signal
from pathlib import Path

import psutil
import pytest
import ray
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from envs import bfcl_apis
from raytool import pretrained
from raytool.config import LearnerConfig, ModelConfig
from raytool.config.rollout import RolloutConfig
from raytool.dialects import PythonDialect
from raytool.evaluation.bfcl import tasks
from raytool.machine import connect
from raytool.placement import Cluster, PlacementError, reserve
from raytool.records import StopReason
from raytool.rollout.actor import WorkerSettings
from raytool.rollout.episode import Limits, PromptTooLong
from raytool.rollout.messages import untokenised
from raytool.rollout.pool import RolloutPool
from raytool.weight_sync.base import WeightHandle
from raytool.weight_sync.shared_memory import SharedMemory
from rewards.tl_training import TLTraining


@pytest.fixture(scope="module")
def loop():
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.fixture(scope="module")
def pool(loop, tmp_path_factory):
    """One worker with the embedded model, and a folder with other weights for it."""
    logs = tmp_path_factory.mktemp("logs")
    model = pretrained.resolve(pretrained.EMBEDDED)
    cluster = connect(least_cpus=2)
    rollout = RolloutConfig(turn_tokens=24)
    settings = WorkerSettings(
        ModelConfig(path=model, parameter_descriptions=False), rollout, SharedMemory(logs), 0, "cpu", logs, rollout.max_tokens
    )

    async def start():
        placement = await reserve(rollout, LearnerConfig(), "cpu", cluster, limit_s=60)
        made = RolloutPool(settings, placement, threads=2, max_staleness=0)
        await made.start()
        return made

    made = loop.run_until_complete(start())
    made.model = model
    yield made
    loop.run_until_complete(made.stop())
    ray.shutdown()


@pytest.fixture(scope="module")
def some_tasks():
    return list(tasks(["multiple"]))[:6]


def test_greedy_play_is_a_function_of_the_task(loop, pool, some_tasks):
    async def play(number):
        return (await pool.play(some_tasks[number], number, [0], temperature=0.0))[0]

    assert pool.dialect == "python"
    first, second = loop.run_until_complete(play(0)), loop.run_until_complete(play(0))
    assert first.tokens == second.tokens
    assert first.loss_mask == second.loss_mask


def test_given_limits_take_the_place_of_the_configs(loop, pool, some_tasks):
    def play(limits):
        return loop.run_until_complete(pool.play(some_tasks[0], 0, [0], 0.0, limits))[0]

    limits = Limits.of(RolloutConfig(turn_tokens=3))
    assert sum(play(limits).loss_mask) == 3 < sum(play(None).loss_mask)
    with pytest.raises(PromptTooLong, match="max_tokens is 10"):
        play(dataclasses.replace(limits, tokens=10))


def test_an_answer_can_be_begun_for_the_model(loop, pool, some_tasks):
    def play(begun):
        (played,) = loop.run_until_complete(pool.play(some_tasks[3], 3, [0], temperature=0.0, begun=begun))
        return [token for token, mask in zip(played.tokens, played.loss_mask, strict=True) if mask], played

    own, _ = play(())
    for given in (own[:3], [*own[:2], own[0]], own):
        said, played = play(given)
        assert said[: len(given)] == given and len(said) <= 24 and played.logprobs is None
        assert played.turns[0].text.startswith(AutoTokenizer.from_pretrained(pool.model).decode(given[:2]))
    assert play(own[:3])[0][:6] == own[:6]  # greedily it goes on as it would have


def test_a_trajectory_is_written_in_this_models_tokens(loop, pool):
    """Gold as the engine's worker plays it, stored without its tokens as an API's episodes are, and replayed: the same episode."""
    conversations = [task for task in bfcl_apis.tasks() if len(task.follow_ups) == 2][:2]
    played = loop.run_until_complete(pool.demonstrate([(group, task, False) for group, task in enumerate(conversations)]))
    stored = [untokenised(episode) for episode in played]
    assert not any(episode.tokens for episode in stored)
    assert loop.run_until_complete(pool.rewrite(list(enumerate(stored)))) == played


def test_samples_of_a_task_differ_and_are_seeded_by_what_they_are(loop, pool, some_tasks):
    def play():
        return loop.run_until_complete(pool.play(some_tasks[1], 7, range(4), temperature=1.0))

    first, second = play(), play()
    assert len({e.tokens for e in first}) > 1
    assert [e.id for e in first] == [f"00000007-{s:03d}" for s in range(4)]
    # The engine's batching may change a bf16 result here and there, but not most of them.
    assert sum(a.tokens == b.tokens for a, b in zip(first, second, strict=True)) >= 2
    assert all(p < 0 for e in first for p, m in zip(e.logprobs, e.loss_mask, strict=True) if m)


def test_a_conversation_is_demonstrated_token_by_token(loop, pool):
    """Two of BFCL's conversations: their gold, as tokens of the real template, executed in a tool host, and all of it right."""
    conversations = [task for task in bfcl_apis.tasks() if len(task.follow_ups) == 2][:2]
    tokenizer, dialect = AutoTokenizer.from_pretrained(pool.model), PythonDialect(parameter_descriptions=False)
    wanted = [(group, task, False) for group, task in enumerate(conversations)]
    for task, played in zip(conversations, loop.run_until_complete(pool.demonstrate(wanted)), strict=True):
        instructions = dialect.instructions(task.tools)
        text = f"<|im_start|>system\n{instructions}<|im_end|>\n<|im_start|>user\n{task.query}<|im_end|>\n<|im_start|>assistant\n"
        follow_ups, written = iter(task.follow_ups), []
        for gold, turn in zip(task.gold[0].calls, played.turns, strict=True):
            (call,) = turn.calls
            written.append(dialect.render([gold.call], task.tools) + "<|im_end|>")
            text += written[-1]
            if turn is not played.turns[-1]:
                said = f"user\n{next(follow_ups).query}" if gold.name == "finish" else f"tool\n{call.observation}"
                text += f"\n<|im_start|>{said}<|im_end|>\n<|im_start|>assistant\n"
        assert not list(follow_ups)
        assert tokenizer.decode(played.tokens) == text
        assert list(played.tokens) == tokenizer.encode(text, add_special_tokens=False)
        learnt = [[played.tokens[i] for i in range(turn.span.start, turn.span.stop) if played.loss_mask[i]] for turn in played.turns]
        assert [tokenizer.decode(tokens) for tokens in learnt] == written
        assert sum(played.loss_mask) == sum(map(len, learnt))
        assert (played.stop, played.goal_reached, played.logprobs) == (StopReason.FINISHED, True, None)
        judgement = TLTraining()(played)
        assert [verdict.reward for verdict in judgement.verdicts] == [1.0] * len(task.gold[0].calls) and judgement.outcome == 1.0


def test_weights_are_acknowledged_by_version(loop, pool, some_tasks):
    loop.run_until_complete(pool.load(WeightHandle(5, pool.model)))
    (played,) = loop.run_until_complete(pool.play(some_tasks[2], 2, [0], temperature=0.0))
    assert played.oldest_version == played.newest_version == 5


def test_all_weights_of_a_reload_are_used(loop, pool, some_tasks, tmp_path):
    """The head is tied to the embedding, which vLLM packs a second time for it: both must change."""
    torch.manual_seed(0)
    changed = AutoModelForCausalLM.from_pretrained(pool.model, dtype=torch.float32)
    with torch.no_grad():
        weight = changed.get_input_embeddings().weight
        weight += 0.3 * weight.std() * torch.randn_like(weight)
    changed.bfloat16().save_pretrained(tmp_path)
    loop.run_until_complete(pool.load(WeightHandle(4, str(tmp_path))))
    episodes = loop.run_until_complete(pool.play(some_tasks[3], 3, range(4), temperature=1.0))
    loop.run_until_complete(pool.load(WeightHandle(5, pool.model)))
    differences = []
    for played in episodes:
        with torch.no_grad():
            logprobs = torch.log_softmax(changed(torch.tensor([played.tokens])).logits[0].float(), -1)
        sampled = [i for i, mask in enumerate(played.loss_mask) if mask]
        differences += [abs(float(logprobs[i - 1, played.tokens[i]]) - played.logprobs[i]) for i in sampled]
    assert sum(differences) / len(differences) < 0.05


def test_a_killed_engine_costs_time_and_nothing_else(loop, pool, some_tasks):
    async def kill_and_play():
        playing = [asyncio.create_task(pool.play(task, 100 + n, range(2), temperature=1.0)) for n, task in enumerate(some_tasks)]
        await asyncio.sleep(0.3)
        for process in engines():
            process.send_signal(signal.SIGKILL)
        return await asyncio.gather(*playing)

    groups = loop.run_until_complete(kill_and_play())
    assert [[e.sample for e in group] for group in groups] == [[0, 1]] * 6
    assert pool.counts["lost_workers"] >= 1
    assert all(e.oldest_version == 5 for group in groups for e in group), "a new worker plays only after it has loaded the newest weights"


def test_an_engine_killed_while_idle_is_replaced_at_the_next_load(loop, pool, some_tasks):
    def kill():
        for process in (killed := engines()):
            process.send_signal(signal.SIGKILL)
        psutil.wait_procs(killed, timeout=10)

    async def kill_load_and_play(version):
        kill()
        await pool.load(WeightHandle(version, pool.model))
        return (await pool.play(some_tasks[2], 2, [0], temperature=0.0))[0]

    lost = pool.counts["lost_workers"]
    played = loop.run_until_complete(kill_load_and_play(6))
    assert pool.counts["lost_workers"] == lost + 1 and pool.counts["failed_restarts"] == 0
    assert played.oldest_version == played.newest_version == 6


def engines():
    """The engines' processes, which Ray's are the parents of."""
    found = [p for p in psutil.Process(os.getpid()).children(recursive=True) if p.name().startswith("VLLM")]
    found = found or [p for p in psutil.process_iter() if p.name().startswith("VLLM") and owned(p)]
    assert found
    return found


def owned(process):
    """Whether a process was started, through Ray, by this one."""
    return any(parent.pid == os.getpid() for parent in process.parents())


def test_gpus_that_cannot_come_are_missed_at_once(loop, pool):
    with pytest.raises(PlacementError, match=r"learner.ranks=1 and rollout.workers=99 on cuda need .*'GPU': 100.*; this machine has"):
        loop.run_until_complete(reserve(RolloutConfig(workers=99), LearnerConfig(), "cuda", Cluster(), limit_s=60))


def test_tool_hosts_keep_their_log(pool):
    assert (Path(pool._settings.log_folder) / "tools-0.log").exists()
