"""Demonstrations: texts that are given beforehand, played through an environment by the turn loop of every episode.

consumes a Task, or somebody else's Episode of it; produces an Episode without log-probabilities; waits for the environment;
knows neither Ray nor vLLM.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from raytool.dialects import FormatError
from raytool.methods.mutations import mutations
from raytool.records import NO_POLICY, Call, Episode, Feedback, Gold, GoldCall, StopReason, Task, Turn, UserError, answers
from raytool.rollout.chat import Chat
from raytool.rollout.episode import EnvironmentHandle, Limits, Sampled, Step, play


class OpenEnvironment(EnvironmentHandle, Protocol):
    async def close(self) -> None: ...


class Demonstrator:
    """Plays what it is given. `open_environment` makes a fresh environment for a task; observations are cut as in rollouts."""

    def __init__(self, chat: Chat, open_environment: Callable[[Task], Awaitable[OpenEnvironment]], observation_characters: int):
        self._chat = chat
        self._open = open_environment
        self._observation_characters = observation_characters

    async def gold(self, task: Task, group: int) -> Episode:
        """The first gold alternative."""
        environment = await self._open(task)
        try:
            return await self._play(task, group, self.texts(task, environment.max_turns), environment)
        finally:
            await environment.close()

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
            calls = list(episode.calls)
            if error.place < len(calls) and calls[error.place].feedback is Feedback.OK:
                continue
            if len(episode.turns) < len(texts):
                raise UserError(f"task {task.id}: an error needs a turn more than gold, its environment ended after {len(episode.turns)}")
            return episode
        raise UserError(f"task {task.id}: no error could be made of its gold; is every tool of it offered?")

    async def rewrite(self, episode: Episode, group: int) -> Episode | None:
        """What another model did, written in this one's dialect and tokens; None where the dialect has no form for it.

        Nothing is executed: the environment says what it said then, which also holds where the world has changed since. Turns that
        could not be read never reached it and are left out with their complaint, and so are thoughts beside calls. Several
        calls of a turn come one by one where the dialect knows one a turn.
        """
        parts = [part for turn in episode.turns for part in self._parts(turn, episode.task)]
        texts = [self._text(turn, calls, episode.task) for turn, calls in parts]
        written = [text for text in texts if text is not None]
        if not texts or len(written) < len(texts):
            return None
        return await self._play(episode.task, group, written, _Recorded(episode, parts))

    def _parts(self, turn: Turn, task: Task) -> list[tuple[Turn, tuple[Call, ...]]]:
        """The turn with its calls, or one call each; nothing of a turn that could not be read."""
        calls = tuple(call for call in turn.calls if call.call is not None)
        if not calls and turn.final is None:
            return []
        try:
            self._chat.dialect.render([call.call for call in calls if call.call], task.tools)
        except UserError:  # it knows one call a turn
            return [(turn, (call,)) for call in calls]
        return [(turn, calls)]

    def _text(self, turn: Turn, calls: Sequence[Call], task: Task) -> str | None:
        """How the dialect writes it; None where that would be read as something else."""
        made = [call.call for call in calls if call.call is not None]
        text = self._chat.dialect.render(made, task.tools) if made else self._chat.dialect.turn(turn.final or "", (), task.tools)
        try:
            parsed = self._chat.read(text, task)
        except FormatError:
            return None
        same = [found.call for found in parsed.calls] == made and (bool(made) or (parsed.final or "").strip() == (turn.final or "").strip())
        return text if same else None

    def texts(self, task: Task, max_turns: int = sys.maxsize) -> list[str]:
        """What gold's first alternative writes, turn by turn, in an environment of so many.

        Raises:
            UserError: it ranks tools and calls none, or makes several calls in a turn, which the dialect does not write; or it has no
                ranking although the dialect does.
        """
        gold, dialect = task.gold[0], self._chat.dialect
        try:
            first, *others = [dialect.render([call.call for call in calls], task.tools) for calls in by_turn(gold, max_turns)] or [""]
            first = dialect.ranked(first, gold.ranking, task.tools)
        except UserError as error:
            raise UserError(f"task {task.id}: {error}") from None
        if not first:
            raise UserError(f"task {task.id}: its gold has no call; a ranking alone is demonstrated with model.prompting 'rank'")
        return [first, *others]

    async def play(self, task: Task, group: int, texts: Sequence[str]) -> Episode:
        """The episode in which these texts are written, one each turn."""
        environment = await self._open(task)
        try:
            return await self._play(task, group, texts, environment)
        finally:
            await environment.close()

    async def _play(self, task: Task, group: int, texts: Sequence[str], environment: EnvironmentHandle) -> Episode:
        async def sampler(tokens: Sequence[int], turn: int, max_tokens: int) -> Sampled:
            return Sampled(self._chat.answer(texts[turn]), None, NO_POLICY)

        limits = Limits(len(texts), sys.maxsize, sys.maxsize, self._observation_characters)
        return await play(task, group, 0, self._chat, sampler, environment, limits)


def by_turn(gold: Gold, max_turns: int) -> list[Sequence[GoldCall]]:
    """Gold's calls: one a turn, or all at once where an environment takes one turn, as for a query of several calls at the same time."""
    return [gold.calls] if max_turns == 1 and gold.calls else [(call,) for call in gold.calls]


class _Recorded:
    """An environment that says what it said in an episode (an EnvironmentHandle), to each of some parts of its turns."""

    max_turns = sys.maxsize

    def __init__(self, episode: Episode, parts: Sequence[tuple[Turn, Sequence[Call]]]):
        self._episode = episode
        self._parts = iter(parts)
        self._left = len(parts)
        self._follow_ups = iter(episode.task.follow_ups)

    async def step(self, action: str) -> Step:
        turn, calls = next(self._parts)
        self._left -= 1
        episode = self._episode
        ended = not self._left and turn is episode.turns[-1] and episode.stop in (StopReason.FINISHED, StopReason.ENVIRONMENT_END)
        answered = answers(replace(turn, calls=tuple(calls)), episode.task)
        return Step(
            observations=[call.observation for call in calls] or [""],
            feedback=[call.feedback for call in calls] or [Feedback.OK],
            reward=turn.env_reward if not calls or calls[-1] is turn.calls[-1] else 0.0,
            ended=ended,
            finished=ended and episode.stop is StopReason.FINISHED,
            goal_reached=episode.goal_reached if ended else None,
            follow_up=next(self._follow_ups, None) if answered and not ended else None,
        )

    async def goal_reached(self) -> bool | None:
        return self._episode.goal_reached
