"""Demonstrations: texts that are given beforehand, played through an environment by the turn loop of every episode.

consumes a Task; produces an Episode without log-probabilities; waits for the environment; knows neither Ray nor vLLM.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import numpy as np

from raytool.records import NO_POLICY, Episode, Feedback, Task, UserError
from raytool.rollout.chat import Chat
from raytool.rollout.episode import EnvironmentHandle, Limits, Sampled, play
from raytool.tasks.mutations import mutations


class OpenEnvironment(EnvironmentHandle, Protocol):
    async def close(self) -> None: ...


class Demonstrator:
    """Plays what it is given. `open_environment` makes a fresh environment for a task; observations are cut as in rollouts."""

    def __init__(self, chat: Chat, open_environment: Callable[[Task], Awaitable[OpenEnvironment]], observation_characters: int):
        self._chat = chat
        self._open = open_environment
        self._observation_characters = observation_characters

    async def gold(self, task: Task, group: int) -> Episode:
        """The first gold alternative, a call each turn."""
        return await self.play(task, group, self.texts(task))

    async def noisy(self, task: Task, group: int, seed: int) -> Episode:
        """The same with one error before a call, which is its repair.

        The error is a mutation that was executed and whose feedback is not ok; those that the environment let pass have
        changed its state, and are played again with another one.

        Raises:
            UserError: the environment has no turn left for an error.
        """
        path = task.gold[0].calls
        random = np.random.default_rng([seed, zlib.crc32(task.id.encode())])
        drawn = mutations(task, path, range(len(path)), random)
        for index in random.permutation(len(drawn)).tolist():
            error = drawn[index]
            if error.call is None:  # a text that cannot be read is no call, and has no feedback of a tool
                continue
            texts = self.texts(task)
            texts.insert(error.place, self._chat.dialect.render([error.call], task.tools))
            episode = await self.play(task, group, texts)
            if list(episode.calls)[error.place].feedback is Feedback.OK:
                continue
            if len(episode.turns) < len(texts):
                raise UserError(f"task {task.id}: an error needs a turn more than gold, its environment ended after {len(episode.turns)}")
            return episode
        raise UserError(f"task {task.id}: no error could be made of its gold; is every tool of it offered?")

    def texts(self, task: Task) -> list[str]:
        return [self._chat.dialect.render([gold.call], task.tools) for gold in task.gold[0].calls]

    async def play(self, task: Task, group: int, texts: Sequence[str]) -> Episode:
        """The episode in which these texts are written, one each turn."""

        async def sampler(tokens: Sequence[int], turn: int, max_tokens: int) -> Sampled:
            return Sampled(self._chat.answer(texts[turn]), None, NO_POLICY)

        environment = await self._open(task)
        try:
            limits = Limits(len(texts), sys.maxsize, sys.maxsize, self._observation_characters)
            return await play(task, group, 0, self._chat, sampler, environment, limits)
        finally:
            await environment.close()
