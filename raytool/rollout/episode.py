"""The turn loop: one task played by one sampler in one environment, as a pure coroutine.

consumes a Task; produces an Episode; waits for the sampler and for the environment; knows neither Ray nor vLLM.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from raytool.dialects import FormatError, Parsed
from raytool.records import NO_POLICY, Call, Episode, Feedback, FollowUp, PolicyVersion, Span, StopReason, Task, ToolCall, Turn, UserError
from raytool.rollout.chat import Chat

log = logging.getLogger(__name__)


class InfrastructureError(Exception):
    """Something other than the model failed: the episode is played again or dropped, never scored. `lasting` says that it would fail
    again."""

    lasting = False


class PromptTooLong(UserError):
    """A task whose prompt leaves no room for an answer."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """One assistant turn as sampled. `logprobs` (nats, per token) is None for a demonstrator.

    `version` is the policy's that began it, `newest` the one that may have ended it.
    """

    tokens: Sequence[int]
    logprobs: Sequence[float] | None
    version: PolicyVersion
    newest: PolicyVersion | None = None


class Sampler(Protocol):
    async def __call__(self, tokens: Sequence[int], turn: int, max_tokens: int) -> Sampled:
        """Continue the conversation by at most `max_tokens`; without the end token the turn was cut."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an environment says after an action, and what the user says to an answer. Lists have one entry per call."""

    observations: Sequence[str]
    feedback: Sequence[Feedback]
    reward: float
    ended: bool
    finished: bool
    goal_reached: bool | None
    follow_up: FollowUp | None = None


class EnvironmentHandle(Protocol):
    """A live environment, wherever it runs."""

    max_turns: int

    async def step(self, action: str) -> Step: ...

    async def goal_reached(self) -> bool | None:
        """For an episode that was cut: whether the goal is reached as things stand."""


class Limited(Protocol):
    """What says how far its episodes may go: a RolloutConfig, or a Suite."""

    @property
    def max_turns(self) -> int: ...
    @property
    def max_tokens(self) -> int: ...
    @property
    def turn_tokens(self) -> int: ...
    @property
    def observation_characters(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """`tokens` bounds the whole episode, prompt and observations included; `turn_tokens` one assistant turn."""

    turns: int
    tokens: int
    turn_tokens: int
    observation_characters: int

    @classmethod
    def of(cls, limited: Limited) -> Limits:
        return cls(limited.max_turns, limited.max_tokens, limited.turn_tokens, limited.observation_characters)


@dataclass(slots=True)
class _Record:
    """The per-token lists of an episode that is being played."""

    tokens: list[int] = field(default_factory=list)
    mask: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    versions: list[PolicyVersion] = field(default_factory=list)

    def append(self, tokens: Sequence[int], mask: int, logprobs: Sequence[float] | None, version: PolicyVersion) -> Span:
        start = len(self.tokens)
        self.tokens += tokens
        self.mask += [mask] * len(tokens)
        self.logprobs += logprobs if logprobs is not None else [0.0] * len(tokens)
        self.versions += [version] * len(tokens)
        return Span(start, len(self.tokens))


async def play(
    task: Task, group: int, sample: int, chat: Chat, sampler: Sampler, environment: EnvironmentHandle, limits: Limits
) -> Episode:
    """Play one episode to its end.

    Raises:
        InfrastructureError: from the sampler or the environment's handle.
        PromptTooLong: the prompt leaves no room for an answer.
    """
    record = _Record()
    prompt = record.append(chat.prompt(task), 0, None, NO_POLICY)
    if prompt.stop >= limits.tokens:
        raise PromptTooLong(f"task {task.id}: its prompt has {prompt.stop} tokens, rollout.max_tokens is {limits.tokens}")
    turns: list[Turn] = []
    stop, goal, sampled_any_logprobs = None, None, True
    while stop is None:
        sampled = await sampler(record.tokens, len(turns), min(limits.turn_tokens, limits.tokens - len(record.tokens)))
        sampled_any_logprobs = sampled_any_logprobs and sampled.logprobs is not None
        span = record.append(sampled.tokens, 1, sampled.logprobs, sampled.version)
        if sampled.newest is not None and sampled.tokens:
            record.versions[-1] = sampled.newest
        text = chat.text(sampled.tokens)
        if not sampled.tokens or sampled.tokens[-1] not in chat.ends:
            complaint = f"the answer was cut at {len(sampled.tokens)} tokens"
            turns.append(Turn(span, text, (Call(span, None, complaint, Feedback.FORMAT_ERROR),)))
            stop = StopReason.TOKEN_LIMIT
            break
        turn, step = await _act(task, chat, sampled.tokens, span, text, environment)
        turns.append(turn)
        if step is not None and step.ended:
            stop = StopReason.FINISHED if step.finished else StopReason.ENVIRONMENT_END
            goal = step.goal_reached
        elif len(turns) >= min(limits.turns, environment.max_turns):
            stop = StopReason.TURN_LIMIT
        else:
            observations = [_shorten(call.observation, limits.observation_characters) for call in turn.calls]
            tokens = chat.reply(observations, step.follow_up if step is not None else None, task)
            if len(record.tokens) + len(tokens) >= limits.tokens:
                stop = StopReason.NO_ROOM
            else:
                record.append(tokens, 0, None, NO_POLICY)
    if stop.cut:
        goal = await environment.goal_reached()
    return Episode(
        id=episode_id(group, sample),
        task=task,
        group=group,
        sample=sample,
        tokens=tuple(record.tokens),
        loss_mask=tuple(record.mask),
        logprobs=tuple(record.logprobs) if sampled_any_logprobs else None,
        versions=tuple(record.versions),
        turns=tuple(turns),
        stop=stop,
        goal_reached=goal,
    )


async def insist(
    attempts: int, play: Callable[[], Awaitable[Episode]], logged_as: str = ""
) -> tuple[Episode | None, list[InfrastructureError]]:
    """Play an episode again while infrastructure fails: the episode, or None after so many attempts or a failure that lasts, and all
    failures, which are warnings in the log if they have a name there."""
    failures: list[InfrastructureError] = []
    while len(failures) < attempts and not any(failure.lasting for failure in failures):
        try:
            return await play(), failures
        except InfrastructureError as error:
            failures.append(error)
            if logged_as:
                log.warning("%s, attempt %d: %s", logged_as, len(failures), error)
    return None, failures


def episode_id(group: int, sample: int) -> str:
    """The same draw and sample get the same id in every attempt at a run."""
    return f"{group:08d}-{sample:03d}"


def action_of(parsed: Parsed) -> str:
    """The canonical JSON action of a parsed turn."""
    if parsed.final is not None:
        return json.dumps({"final": parsed.final})
    return json.dumps({"calls": [{"name": p.call.name, "arguments": p.call.arguments} for p in parsed.calls]})


async def _act(
    task: Task, chat: Chat, tokens: Sequence[int], span: Span, text: str, environment: EnvironmentHandle
) -> tuple[Turn, Step | None]:
    """Parse a turn and step the environment with it; a turn that cannot be parsed does not reach the environment."""
    try:
        parsed = chat.read(text, task)
    except FormatError as error:
        return Turn(span, text, (Call(span, None, str(error), Feedback.FORMAT_ERROR),)), None
    step = await environment.step(action_of(parsed))
    if parsed.final is not None:
        if step.feedback[0] is Feedback.OK:
            return Turn(span, text, (), parsed.final, step.reward), step
        refused = Call(span, None, step.observations[0], step.feedback[0])
        return Turn(span, text, (refused,), None, step.reward), step
    calls = []
    for p, observation, feedback in zip(parsed.calls, step.observations, step.feedback, strict=True):
        first, last = chat.token_span(tokens, p.start, p.stop)
        calls.append(Call(Span(span.start + first, span.start + last), ToolCall(p.call.name, p.call.arguments), observation, feedback))
    return Turn(span, text, tuple(calls), None, step.reward), step


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit] + "..."


def sampling_seed(*parts: int | str) -> int:
    """A seed that depends on which turn is sampled and not on how often it was tried."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=7).digest(), "big")
