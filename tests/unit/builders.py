"""Small records for tests, and episodes played by the real turn loop with a token per character."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from envs.function_call import FunctionCall
from raytool.dialects import PythonDialect
from raytool.env import ToolEnv
from raytool.records import Call, Episode, Feedback, Gold, GoldCall, Span, StopReason, Task, ToolCall, ToolSpec, Turn, Verdict
from raytool.rollout.chat import Chat
from raytool.rollout.episode import Limits, Sampled, play
from raytool.rollout.in_process import CharacterTokenizer, InProcess

END = CharacterTokenizer.eos_token
WIDE = Limits(turns=99, tokens=100_000, turn_tokens=10_000, observation_characters=1000)


CHAT = Chat(CharacterTokenizer(), PythonDialect())


class Script:
    """A sampler that says its texts one by one, each ended; `log` keeps what it was asked."""

    def __init__(self, *texts: str, version: int = 0, logprob: float | None = -0.5, end: bool = True):
        self._texts, self._version, self._logprob, self._end = texts, version, logprob, END * end
        self.log: list[tuple[list[int], int, int]] = []

    async def __call__(self, tokens: Sequence[int], turn: int, max_tokens: int) -> Sampled:
        self.log.append((list(tokens), turn, max_tokens))
        sampled = [ord(character) for character in self._texts[turn] + self._end][:max_tokens]
        return Sampled(sampled, None if self._logprob is None else [self._logprob] * len(sampled), self._version)


def played(task: Task, *texts: str, env: ToolEnv | None = None, limits: Limits = WIDE) -> Episode:
    """The episode in which the model writes these texts."""
    return asyncio.run(play(task, 0, 0, CHAT, Script(*texts), InProcess(env or FunctionCall(), task), limits))


def tool(name: str, *parameters: str, required: Sequence[str] = ()) -> ToolSpec:
    """A tool whose parameters may have any value."""
    return ToolSpec(name, f"Do {name}.", {"type": "object", "properties": {p: {} for p in parameters}, "required": list(required)})


def task(*tools: ToolSpec, gold: Sequence[Gold] = (), **fields: Any) -> Task:
    return Task(**{"id": "t", "env": "envs.function_call:FunctionCall", "query": "Do it.", "tools": tools, "gold": tuple(gold), **fields})


def sequence(*calls: GoldCall, free_order: bool = False) -> Gold:
    return Gold(calls, free_order)


def episode(calls: Sequence[tuple[ToolCall | None, Feedback]] = (), of: Task | None = None, **fields: Any) -> Episode:
    """An episode with a turn of one token for each call, and a prompt of one token."""
    fields = {"group": 0, "sample": 0, "version": 0, **fields}
    version = fields.pop("version")
    length = max(1, len(calls))
    turns = tuple(Turn(Span(i, i + 1), "", (Call(Span(i, i + 1), call, "", feedback),)) for i, (call, feedback) in enumerate(calls, 1))
    complete = {
        "id": f"{fields['group']}-{fields['sample']}",
        "task": of or task(),
        "tokens": (0,) + (1,) * length,
        "loss_mask": (0,) + (1,) * length,
        "logprobs": (0.0,) + (-0.5,) * length,
        "versions": (-1,) + (version,) * length,
        "turns": turns,
        "stop": StopReason.FINISHED,
    }
    return Episode(**{**complete, **fields})


def verdicts(count: int) -> tuple[Verdict, ...]:
    return (Verdict("all_right", 1.0),) * count
