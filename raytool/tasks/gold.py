"""Gold held to what it has to do, played by the turn loop in an environment: each call works, and at the end the goal is reached."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from raytool.records import FINISH, Episode, Feedback, StopReason, Task, UserError
from raytool.rollout.chat import Chat
from raytool.rollout.demonstrate import Demonstrator, OpenEnvironment, by_turn
from raytool.rollout.episode import InfrastructureError, Step

RIGHT = "all_right"
Open = Callable[[Task], Awaitable[OpenEnvironment]]


class DoesNotHold(Exception):
    """What was expected, and what came."""


class NotWritten(Exception):
    """The dialect has no form for it, which says nothing of the task."""


@dataclass(frozen=True, slots=True)
class Written:
    """What is written in one turn, its category while gold has not been left, and its feedback where that is certain."""

    text: str
    category: str = RIGHT
    feedback: Feedback | None = Feedback.OK


async def play_gold(task: Task, chat: Chat, open_environment: Open) -> list[Episode]:
    """Each alternative of a task's gold, played.

    Raises:
        DoesNotHold: it has none, or one of them does not work.
        NotWritten: the dialect cannot write it, as several calls of a turn.
        UserError: its environment cannot be had.
    """
    if not task.gold:
        raise DoesNotHold("it has no gold; nothing can be proved of it")
    return [await _alternative(task, number, chat, open_environment) for number in range(len(task.gold))]


async def _alternative(task: Task, number: int, chat: Chat, open_environment: Open) -> Episode:
    what = f"gold.{number}"
    try:
        environment = await open_environment(task)
    except InfrastructureError as error:
        raise DoesNotHold(f"{what}: {_told(error)}") from error

    async def opened(_: Task) -> OpenEnvironment:
        return environment

    turns = by_turn(task.gold[number], environment.max_turns)
    try:
        texts = [Written(chat.dialect.render([call.call for call in calls], task.tools)) for calls in turns]
    except UserError as error:
        await environment.close()
        raise NotWritten(f"{what}: {error}") from error
    return await play(task, what, texts, chat, opened)


async def play(task: Task, what: str, texts: Sequence[Written], chat: Chat, open_environment: Open) -> Episode:
    """The episode in which these texts are written, one a turn, or as many as the environment takes. `what` they are is for messages.

    Raises:
        DoesNotHold: a call got other feedback than was expected, the episode ended too early or too late, or gold was not left and the goal
            is missed.
        UserError: the environment cannot be had.
    """
    environment: _Watched | None = None

    async def open_watched(of: Task) -> _Watched:
        nonlocal environment
        environment = _Watched(await open_environment(of), what, texts)
        return environment

    try:
        episode = await Demonstrator(chat, open_watched, sys.maxsize).play(task, 0, [written.text for written in texts])
    except InfrastructureError as error:  # before the first call, or after the last
        raise DoesNotHold(f"{what}: {_told(error)}") from error
    assert environment is not None
    if episode.stop is not StopReason.ENVIRONMENT_END:
        check_length(what, episode, len(texts))
    if not environment.left:
        _check_goal(what, episode)
    return episode


def check_length(what: str, episode: Episode, turns: int) -> None:
    """Raises:
    DoesNotHold: the episode has not so many turns.
    """
    if len(episode.turns) != turns:
        raise DoesNotHold(f"{what}: {turns} turns expected, it ended after {len(episode.turns)} ({episode.stop})")


def _check_goal(what: str, episode: Episode) -> None:
    """Gold that was not left ends the episode, and reaches the goal."""
    ended = episode.stop in (StopReason.FINISHED, StopReason.ENVIRONMENT_END)
    if not ended and all(call.call is not None and call.call.name != FINISH.name for call in episode.turns[-1].calls):
        raise DoesNotHold(f"{what} ends without {FINISH.name}, and the environment does not end the episode by itself")
    if not ended or episode.goal_reached is False:
        raise DoesNotHold(f"{what}: the goal is expected to be reached; goal_reached is {episode.goal_reached}, stop {episode.stop}")


class _Watched:
    """An environment that is left at the first call of which something else comes than was expected (an OpenEnvironment).

    `left` says that a wrong call has worked. From then on a right one may fail.
    """

    def __init__(self, environment: OpenEnvironment, what: str, texts: Sequence[Written]):
        self._environment, self._what = environment, what
        self.max_turns = environment.max_turns
        self.left = False
        # A text that cannot be read does not reach the environment.
        self._expected = ((number, text) for number, text in enumerate(texts, 1) if text.feedback is not Feedback.FORMAT_ERROR)

    async def step(self, action: str) -> Step:
        number, written = next(self._expected)
        where = f"{self._what}: call {number}, {written.text}"
        try:
            step = await self._environment.step(action)
        except InfrastructureError as error:
            raise DoesNotHold(f"{where}: {_told(error)}") from error
        right = written.category == RIGHT
        for came, observation in zip(step.feedback, step.observations, strict=True):
            if written.feedback not in (None, came) and not (self.left and right):
                raise DoesNotHold(f"{where}: feedback {written.feedback} expected, {came} came: {' '.join(observation.split())}")
            self.left = self.left or (not right and came is Feedback.OK)
        return step

    async def goal_reached(self) -> bool | None:
        return await self._environment.goal_reached()

    async def close(self) -> None:
        await self._environment.close()


def _told(error: InfrastructureError) -> str:
    return str(error).splitlines()[0]  # a tool host's has the traceback after it
