"""A rollout worker without Ray and vLLM: how often it plays what infrastructure fails at, and what it counts of that."""

import asyncio
from collections import Counter
from types import SimpleNamespace

import pytest

from envs.function_call import FunctionCall
from raytool.records import GoldCall
from raytool.rollout.actor import RolloutActor
from raytool.rollout.episode import InfrastructureError
from raytool.rollout.in_process import InProcess
from tests.unit.builders import CHAT, WIDE, sequence, task, tool

TASK = task(tool("f", "a"), gold=[sequence(GoldCall("f", {"a": 1}))])


class Hosts:
    """Tool hosts of which the first ones do not start."""

    def __init__(self, failures):
        self.left, self.counts = failures, Counter(rebuilt=2)

    async def open(self, of):
        self.left -= 1
        if self.left >= 0:
            raise InfrastructureError(f"no host, {self.left} left")
        return InProcess(FunctionCall(), of)

    def take_counts(self):
        taken, self.counts = self.counts, Counter()
        return taken


class Engine:
    async def sample(self, tokens, max_tokens, temperature, seed):
        said = CHAT.answer("f(a=1)")
        return said, [-0.5] * len(said)

    def check(self): ...


def worker(failures):
    made = RolloutActor.__new__(RolloutActor)
    made._settings = SimpleNamespace(config=SimpleNamespace(attempts=2, observation_characters=400), seed=0)
    made._chat, made._hosts, made._engine, made._live = CHAT, Hosts(failures), Engine(), asyncio.Semaphore(1)
    made._version = made._newest = 0
    return made


def test_what_fails_while_samples_are_played_is_counted_with_them():
    played = asyncio.run(worker(failures=3).play(TASK, 7, [0, 1], 1.0, WIDE))
    assert [(episode.group, episode.sample) for episode in played.episodes] == [(7, 1)]
    assert played.counts == {"tool_host_rebuilt": 2, "infrastructure_failures": 3, "dropped_episodes": 1}
    assert played.failure == "no host, 1 left"


def test_what_fails_while_gold_is_demonstrated_is_counted_with_it():
    demonstrating = worker(failures=1)
    played = asyncio.run(demonstrating.demonstrate([(3, TASK, False), (4, TASK, False)]))
    assert [(episode.group, episode.logprobs) for episode in played.episodes] == [(3, None), (4, None)]
    assert played.counts == {"tool_host_rebuilt": 2, "infrastructure_failures": 1} and not demonstrating._hosts.counts
    with pytest.raises(InfrastructureError, match="no host, 0 left"):
        asyncio.run(worker(failures=2).demonstrate([(3, TASK, False)]))
