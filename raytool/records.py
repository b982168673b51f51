"""The words of raytool, in flow order: every noun that crosses a boundary is defined once, here.

Records are frozen, hold plain Python values only, and are equal when their values are. A Task is asked, an Episode is
one play of it, its Turns hold Calls with the environment's Feedback, and a reward adds a Verdict to each Call.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pydantic


class UserError(ValueError):
    """Something that only the user can mend. Programs print its message, which names the field, and exit with 2."""


def refused(error: UserError) -> int:
    """Tell the user on the terminal, a line for each mistake; a program's exit status is returned."""
    print(f"error: {error}".replace("\n", "\nerror: "), file=sys.stderr)
    return 2


def equal(rewards: Iterable[float]) -> bool:
    """Whether they are the same but for rounding."""
    found = list(rewards)
    return max(found) - min(found) < 1e-9


def first_mistake(error: pydantic.ValidationError) -> str:
    """The first thing that is wrong with a record, in a line: the field, where one is to blame, and what was expected of it."""
    mistake = error.errors(include_url=False)[0]
    place = ".".join(map(str, mistake["loc"]))
    return f"{place}: {mistake['msg']}" if place else mistake["msg"]


PolicyVersion = int  # raised by one with every publish of PPO, which begins with 0; what SFT has evaluated meanwhile is below NO_POLICY
FUNCTION_CALL_ENV = "envs.function_call:FunctionCall"  # of one turn, whose calls are held against the documents and not executed
RECORDED_ENV = "raytool.tasks.recorded:Recorded"  # of conversations whose tools ran on something that is not there
NO_POLICY: PolicyVersion = -1  # the version of tokens that no policy sampled: prompts, observations, demonstrations


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """What a model is told of a tool. `parameters` is a JSON Schema of type object."""

    name: str
    description: str
    parameters: dict[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})

    @property
    def documented(self) -> Mapping[str, Any]:
        """The schema of each parameter, by name."""
        return self.parameters.get("properties", {})

    @property
    def required(self) -> Sequence[str]:
        return self.parameters.get("required", ())


# The tools that every environment has.
FINISH = ToolSpec(
    "finish",
    "End the task and tell the user the answer.",
    {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]},
)
ASK_TO_USER = ToolSpec(
    "ask_to_user",
    "Ask the user for what is missing.",
    {"type": "object", "properties": {"question": {"type": "string"}}, "required": ["question"]},
)


@dataclass(frozen=True, slots=True)
class ToolCall:
    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """When two parsed argument values are equal: by type and value, and where these say so also otherwise.

    `numbers`: 1 == 1.0. `text`: strings that differ in case, white space and closing punctuation only. `json`: a string
    that holds JSON and the value that it holds. Lists and objects are compared element by element. True is never 1.
    """

    numbers: bool = True
    text: bool = False
    json: bool = False


BY_NUMBERS = Comparison()
How = Callable[[str, str], Comparison]  # of a tool and its parameter


def by_numbers(tool: str, parameter: str) -> Comparison:
    """Every value as `values_equal` compares by default."""
    return BY_NUMBERS


def values_equal(left: Any, right: Any, how: Comparison = BY_NUMBERS) -> bool:
    """Equality of parsed argument values. By default 1 == 1.0 and [1] == (1,), but "Paris" != "paris", "1" != 1 and True != 1."""
    if how.json:
        left, right = _held(left), _held(right)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        if not how.numbers and type(left) is not type(right):
            return False
        return left == right or (isinstance(left, float) and isinstance(right, float) and math.isnan(left) and math.isnan(right))
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(values_equal(one, other, how) for one, other in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(values_equal(left[key], right[key], how) for key in left)
    if how.text and isinstance(left, str) and isinstance(right, str):
        return _plain(left) == _plain(right)
    return type(left) is type(right) and left == right


def _plain(text: str) -> str:
    """A text without what `Comparison.text` does not look at. One that is all punctuation, like a path's "..", stays."""
    plain = " ".join(text.casefold().split())
    return plain.rstrip(" .,;:!?") or plain


def _held(value: Any) -> Any:
    """The value that a string holds as JSON, and again if that is such a string; anything else as it is."""
    while isinstance(value, str):
        try:
            value = json.loads(value, parse_constant=_no_json)
        except (ValueError, RecursionError):
            break
    return value


def _no_json(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


@dataclass(frozen=True, slots=True)
class GoldCall:
    """A right call, and the leeway it leaves.

    `arguments` is the canonical choice. `accept` lists further accepted values by parameter; a parameter that stands
    only there may be given with one of them, or left out. `optional` names parameters of `arguments` that may be left
    out. `free` names parameters of `arguments` whose value is not compared (free text).
    """

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    accept: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    free: tuple[str, ...] = ()

    @classmethod
    def with_defaults(
        cls, name: str, arguments: dict[str, Any], defaults: Mapping[str, Any], accept: Mapping[str, tuple[Any, ...]] = MappingProxyType({})
    ) -> GoldCall:
        """The call of a tool whose parameters have these defaults, each of which is equally right said or unsaid."""
        leeway = {name: (default,) for name, default in defaults.items() if name not in arguments}
        for parameter, values in accept.items():
            leeway[parameter] = (*leeway.get(parameter, ()), *values)
        right = {name: (value, *leeway.get(name, ())) for name, value in arguments.items() if name in defaults}
        optional = tuple(name for name, values in right.items() if any(values_equal(value, defaults[name]) for value in values))
        return cls(name, arguments, leeway, optional)

    @property
    def call(self) -> ToolCall:
        return ToolCall(self.name, self.arguments)

    @property
    def names(self) -> Set[str]:
        """The parameters that one or another right form of this call gives."""
        return self.arguments.keys() | self.accept.keys()

    def redundant(self, given: Mapping[str, Any], how: How = by_numbers) -> list[str]:
        """Given parameters that are not this gold call's, unless they say what it leaves unsaid (docs/rewards.md: R)."""
        return [name for name, value in given.items() if name not in self.arguments and not self.accepts(name, value, how)]

    def missing(self, given: Mapping[str, Any]) -> list[str]:
        return [name for name in self.arguments if name not in given and name not in self.optional]

    def wrong_values(self, given: Mapping[str, Any], how: How = by_numbers) -> list[str]:
        """Parameters of this gold call that were given with a value it does not accept."""
        return [name for name, value in given.items() if name in self.arguments and not self.accepts(name, value, how)]

    def accepts(self, name: str, value: Any, how: How = by_numbers) -> bool:
        """Whether a parameter may have a value: any where it is free, else one that equals an accepted one."""
        if name in self.free:
            return True
        accepted = self.accept.get(name, ())
        comparison = how(self.name, name)
        return any(
            values_equal(value, other, comparison) for other in ((self.arguments[name], *accepted) if name in self.arguments else accepted)
        )


@dataclass(frozen=True, slots=True)
class Gold:
    """One right way to do a task: a sequence of calls.

    A `finish` gives the answer to what the user said last; in a task with follow-ups there is one for each, and one before.
    `free_order` lets the calls between two of them come in any order. `ranking` names the offered tools, the best first, where
    a demonstration may rank them before it calls one; without any calls the ranking is all.
    """

    calls: tuple[GoldCall, ...]
    free_order: bool = False
    ranking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """Something that was said before. An assistant's message holds a thought (`content`) or calls, or both, `tool` what a call returned."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str = ""
    calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What the user says once what was said before is answered, and the names of the tools that are offered only from then on."""

    query: str
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """A query to an environment with the tools offered for it, and what the user goes on to say.

    `gold` lists alternatives; any of them is right. `answer` lists strings that a right closing text contains
    as whole words (case and spacing apart). `env` is a plug-in string (see `raytool.plugins`), `seed` fixes the initial state,
    `reply` is what the user answers to `ask_to_user`, `follow_ups` are said one by one, each once what came before it is
    answered. `options` is what else the environment needs to start: a file's content, a server's command. `context` is what
    was said before the query; where it ends with what a tool returned, the query may be empty.
    """

    id: str
    env: str
    query: str
    tools: tuple[ToolSpec, ...]
    gold: tuple[Gold, ...] = ()
    answer: tuple[str, ...] = ()
    seed: int = 0
    reply: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    follow_ups: tuple[FollowUp, ...] = ()
    context: tuple[Message, ...] = ()

    def tool(self, name: str) -> ToolSpec | None:
        return next((spec for spec in self.tools if spec.name == name), None)

    @property
    def first_tools(self) -> tuple[ToolSpec, ...]:
        """The tools that are offered with the query."""
        later = {name for follow_up in self.follow_ups for name in follow_up.tools}
        return tuple(spec for spec in self.tools if spec.name not in later)


class Feedback(StrEnum):
    """What the environment saw of a call, gold unknown (TL-Training, table 14)."""

    OK = "ok"
    FORMAT_ERROR = "format_error"
    TOOL_HALLUCINATION = "tool_hallucination"
    PARAMETER_HALLUCINATION = "parameter_hallucination"
    PARAMETER_MISSING = "parameter_missing"
    TOOL_CALL_FAILURE = "tool_call_failure"
    TOOL_INSTABILITY = "tool_instability"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the reward says of one call. Categories are named by the reward; see `rewards/tl_training.py`."""

    category: str
    reward: float


@dataclass(frozen=True, slots=True)
class Span:
    """Token offsets [start, stop) into the tokens of an Episode."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a turn with what came of it. `call` is None where the text held none that could be parsed."""

    span: Span
    call: ToolCall | None
    observation: str
    feedback: Feedback
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What the model wrote between two observations: calls, or a closing text. `span` includes the end token."""

    span: Span
    text: str
    calls: tuple[Call, ...] = ()
    final: str | None = None
    env_reward: float = 0.0


def answers(turn: Turn, task: Task) -> bool:
    """Whether the user had something to go on from after a turn: a closing text, or a successful call of `finish`.

    In a recorded conversation that name is a tool's like any other.
    """
    finished = any(call.call is not None and call.call.name == FINISH.name and call.feedback is Feedback.OK for call in turn.calls)
    return turn.final is not None or (finished and task.env != RECORDED_ENV)


class StopReason(StrEnum):
    """How an episode ended: TOKEN_LIMIT where an answer was cut, NO_ROOM where what came of a whole one did not fit.

    Files that were written before there was NO_ROOM have TOKEN_LIMIT for both.
    """

    FINISHED = "finished"
    TURN_LIMIT = "turn_limit"
    TOKEN_LIMIT = "token_limit"
    NO_ROOM = "no_room"
    ENVIRONMENT_END = "environment_end"

    @property
    def cut(self) -> bool:
        """Whether neither the model nor the environment ended it."""
        return self not in (StopReason.FINISHED, StopReason.ENVIRONMENT_END)


@dataclass(frozen=True, slots=True)
class Episode:
    """One play of a task. All per-token fields have the length of `tokens` (T).

    `loss_mask` is 1 where the policy (or the demonstrator) wrote the token. `logprobs` are the behaviour's
    log-probabilities in nats, 0 where nothing was sampled; a demonstration has none. `group` is the index of the draw
    that the samples of one task share. `goal_reached` is the environment's word, `outcome` the reward's. An episode that
    was played over somebody else's API has texts and calls, and no tokens: T is 0 and its spans are empty.
    """

    id: str
    task: Task
    group: int
    sample: int
    tokens: tuple[int, ...]
    loss_mask: tuple[int, ...]
    logprobs: tuple[float, ...] | None
    versions: tuple[PolicyVersion, ...]
    turns: tuple[Turn, ...]
    stop: StopReason
    goal_reached: bool | None = None
    outcome: float = 0.0

    @property
    def calls(self) -> Iterator[Call]:
        return (call for turn in self.turns for call in turn.calls)

    @property
    def oldest_version(self) -> PolicyVersion:
        """The version of the oldest sampled token: staleness counts from here. NO_POLICY where there are no tokens."""
        return min((v for v, m in zip(self.versions, self.loss_mask, strict=True) if m), default=NO_POLICY)

    @property
    def newest_version(self) -> PolicyVersion:
        return max(v for v, m in zip(self.versions, self.loss_mask, strict=True) if m)

    @property
    def reward(self) -> float:
        """Sum of the verdicts' rewards and the outcome."""
        return sum(call.verdict.reward for call in self.calls if call.verdict) + self.outcome

    def judged(self, judgement: Judgement) -> Episode:
        """This episode with its judgement written in.

        Raises:
            ValueError: the judgement has not one verdict per call.
        """
        count = sum(1 for _ in self.calls)
        if len(judgement.verdicts) != count:
            raise ValueError(f"episode {self.id}: the reward gave {len(judgement.verdicts)} verdicts for {count} calls")
        verdicts = iter(judgement.verdicts)
        turns = tuple(replace(turn, calls=tuple(replace(call, verdict=next(verdicts)) for call in turn.calls)) for turn in self.turns)
        return replace(self, turns=turns, outcome=judgement.outcome)


class RewardUnavailable(Exception):
    """What a reward raises where something that it stands on, a service or a file, cannot be had just now. The episode is scored again
    a few times, then dropped and counted."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a reward says of an episode: a verdict per call, in order, and the reward of the outcome.

    A reward plug-in is a class whose instances take an Episode and return a Judgement. Where it compares values otherwise than
    `values_equal` does by default, its `comparison(tool, parameter)` says how; where it has categories that refine those of
    docs/rewards.md, `refines` maps the one to the other.
    """

    verdicts: tuple[Verdict, ...]
    outcome: float
