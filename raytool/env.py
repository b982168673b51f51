"""What the author of an environment imports: ToolEnv, @tool, the errors a tool may raise, UnicodeText.

An environment is a gymnasium.Env whose tools are its methods. The action is canonical JSON,
`{"calls": [{"name": ..., "arguments": {...}}, ...]}` or `{"final": text}`; the observation is text. `info` holds, for
every call of the action, its observation and typed Feedback; after an answer, what the user goes on to say (`follow_up`);
and at the end `goal_reached`. An environment never raises for what a model wrote: that is Feedback. What it does raise is a
defect of the environment, or an EnvironmentLost.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar, get_type_hints, overload

import docstring_parser
import gymnasium
import numpy as np
import pydantic
from pydantic.json_schema import GenerateJsonSchema

from raytool.records import ASK_TO_USER as ASK_TO_USER
from raytool.records import FINISH as FINISH
from raytool.records import Feedback, FollowUp, Task, ToolCall, ToolSpec, UserError

TOOL_PATH = "/usr/local/bin:/usr/bin:/bin"  # in which tools find programs, on any node

_CONTROL = (FINISH.name, ASK_TO_USER.name)


class ToolError(Exception):
    """A tool's documented failure: the model is told the message, the environment's state is as the tool left it."""

    feedback = Feedback.OTHER


class ToolUnavailable(ToolError):
    """A service that a tool depends on does not answer. This is nobody's fault and never a reward."""

    feedback = Feedback.TOOL_INSTABILITY


class EnvironmentLost(Exception):
    """What an environment stands on has failed: a server died, a sandbox does not start. No call's fault: the episode is played again."""


Method = TypeVar("Method", bound=Callable[..., Any])


@overload
def tool(method: Method) -> Method: ...
@overload
def tool(*, weaker_than: str, depends_on_state: bool = False) -> Callable[[Method], Method]: ...
def tool(method: Method | None = None, *, weaker_than: str = "", depends_on_state: bool = False) -> Method | Callable[[Method], Method]:
    """Mark a method of a ToolEnv as a tool; its schema comes from the type hints and the docstring (Google style).

    `@tool(weaker_than="send_email")` marks a narrower version of another tool of the environment. It runs where a task
    offers it, and is not among the `tools` that the environment offers by itself (GenTool, arXiv 2502.18990). It has
    `depends_on_state` where a request that its document covers may fail for what only the state knows, e.g. who else got an email.
    """

    if depends_on_state and not weaker_than:
        raise TypeError("tool: depends_on_state: has no effect without weaker_than; leave it out")

    def mark(marked: Method) -> Method:
        marked.__raytool_tool__ = weaker_than  # type: ignore[attr-defined]
        marked.__raytool_depends_on_state__ = depends_on_state  # type: ignore[attr-defined]
        return marked

    return mark if method is None else mark(method)


class UnicodeText(gymnasium.spaces.Space[str]):
    """Any text. (gymnasium's Text samples from a fixed alphabet and rejects every other character, a space included.)"""

    def __init__(self, sample_length: int = 64, seed: int | np.random.Generator | None = None):
        self.sample_length = sample_length
        super().__init__(dtype=str, seed=seed)

    @property
    def is_np_flattenable(self) -> bool:
        return False

    def sample(self, mask: None = None, probability: None = None) -> str:
        """A random text out of several scripts, spaces and punctuation included."""
        length = int(self.np_random.integers(0, self.sample_length + 1))
        blocks = ((0x20, 0x7F), (0xA1, 0x180), (0x391, 0x3CA), (0x4E00, 0x4F00), (0x1F600, 0x1F640))
        chosen = self.np_random.integers(0, len(blocks), size=length)
        return "".join(chr(int(self.np_random.integers(*blocks[block]))) for block in chosen)

    def contains(self, x: Any) -> bool:
        return isinstance(x, str)

    def __repr__(self) -> str:
        return f"UnicodeText({self.sample_length})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnicodeText) and self.sample_length == other.sample_length

    __hash__ = None  # type: ignore[assignment]


class ToolEnv(gymnasium.Env[str, str]):
    """Base of all environments. A subclass writes `start`, its @tool methods and, where success shows in its state, `goal_reached`.

    Its state after any call must be a function of the task's seed and the calls so far: a tool host that died is
    rebuilt by replaying them.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"]}
    max_turns: ClassVar[int] = 8
    # True where it runs code that a model wrote, or holds a server of its own: every live one gets a tool host to itself.
    process_per_episode: ClassVar[bool] = False
    needs_network: ClassVar[bool] = False  # True where its tools reach out; a run's config must allow it
    tools: ClassVar[dict[str, BoundTool]] = {}
    _runnable: ClassVar[dict[str, BoundTool]] = {}
    weak_tools: ClassVar[dict[str, BoundTool]] = {}  # by the name of the tool that each is weaker than
    state_dependent: ClassVar[frozenset[str]] = frozenset()  # the weak tools of which only the state tells whether they can serve
    held_out: ClassVar[frozenset[str]] = frozenset()  # tools that no task for training calls or offers

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        defined = dict.fromkeys(name for klass in reversed(cls.__mro__) for name in vars(klass))
        members = {name: getattr(cls, name) for name in defined if hasattr(cls, name)}
        marked = {name: member for name, member in members.items() if hasattr(member, "__raytool_tool__")}
        if reserved := _RESERVED & marked.keys():
            where = f"{cls.__module__}.{cls.__qualname__}.{min(reserved)}"
            raise TypeError(f"tool {where}: the name belongs to ToolEnv; name the tool otherwise")
        bound = {name: BoundTool(cls, name, member) for name, member in marked.items()}
        weaker_than = {name: member.__raytool_tool__ for name, member in marked.items()}
        cls.tools = {name: bound[name] for name, strong in weaker_than.items() if not strong}
        cls.weak_tools = {strong: bound[name] for name, strong in weaker_than.items() if strong}
        cls.state_dependent = frozenset(name for name in weaker_than if marked[name].__raytool_depends_on_state__)
        cls._runnable = bound
        for name, strong in weaker_than.items():
            if strong and (strong not in cls.tools or cls.weak_tools[strong] is not bound[name]):
                complaint = "has another weaker version" if strong in cls.tools else "is no tool, or a weaker one itself"
                raise TypeError(f"tool {cls.__module__}.{cls.__qualname__}.{name}: weaker_than names '{strong}', which {complaint}")

    def __init__(self, render_mode: str | None = None):
        self.observation_space = UnicodeText()
        self.action_space = UnicodeText()
        self.render_mode = render_mode
        self.task: Task | None = None
        self._last_observation = ""
        self._answers = 0

    # ---- what an author writes

    def start(self, task: Task, random: np.random.Generator) -> None:
        """Build the initial state of the task. `random` is seeded by the task's seed."""
        raise NotImplementedError(f"{type(self).__name__} must define start(task, random)")

    def sample_task(self, random: np.random.Generator) -> Task:
        """A task of the environment's own, for a `reset` without one."""
        raise NotImplementedError(f"{type(self).__name__} must define sample_task(random)")

    def goal_reached(self, answer: str | None) -> bool | None:
        """Whether the goal is reached now that the episode ends with `answer`; None where the environment cannot know."""
        return None

    def follow_up(self, answer: str) -> FollowUp | None:
        """What the user says to an answer, given by `finish` or as a closing text; None where the episode ends with it."""
        assert self.task is not None
        return self.task.follow_ups[self._answers] if self._answers < len(self.task.follow_ups) else None

    @classmethod
    def runs_tool(cls, name: str, task: Task) -> bool:
        """Whether a task may offer a tool of this name: one of the class's, `finish` or `ask_to_user`. A class whose `execute` runs
        others, which its tasks bring, says so here."""
        return name in cls._runnable or name in _CONTROL

    # ---- what raytool and gymnasium call

    @classmethod
    def offer_complaint(cls, task: Task) -> str:
        """What is wrong with a task that offers a tool which the environment does not have; else nothing."""
        for number, spec in enumerate(task.tools):
            if not cls.runs_tool(spec.name, task):
                own = ", ".join(cls._runnable) or "it has none of its own"
                return f"tools.{number}: '{spec.name}' is no tool of {task.env} ({own})"
            if spec.name == FINISH.name and cls.finishes is ToolEnv.finishes and list(spec.required) != list(FINISH.required):
                asked = ", ".join(spec.required) or "nothing"
                return f"tools.{number}: 'finish' requires {asked}; it is how a task ends, and requires 'answer'"
        return ""

    def judged(self, answer: str | None) -> bool | None:
        """`goal_reached` as JSON has it, whatever kind of truth an environment computes with."""
        reached = self.goal_reached(answer)
        return None if reached is None else bool(reached)

    @classmethod
    def tool_specs(cls, *names: str) -> tuple[ToolSpec, ...]:
        """The documents of the tools: of those named, weak ones too, or of all that are not weak."""
        return tuple(cls._runnable[name].spec for name in names or cls.tools)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        super().reset(seed=seed)
        task = (options or {}).get("task")
        self.task = task if task is not None else self.sample_task(self.np_random)
        if complaint := self.offer_complaint(self.task):
            raise UserError(f"task {self.task.id}: {complaint}")
        self._answers = 0
        self.start(self.task, np.random.default_rng(self.task.seed))
        self._last_observation = self.task.query
        return self.task.query, {"task_id": self.task.id}

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        if self.task is None:
            raise RuntimeError("step() before reset()")
        calls, answer, complaint = _read_action(action)
        results = [(complaint, Feedback.FORMAT_ERROR)] if complaint else []
        if answer is not None:
            results = [self.close_with(answer)]
            if results[0][1] is not Feedback.OK:
                answer = None  # it was refused
        for call in calls:
            results.append(self.execute(call))
            if self.finishes(call) and results[-1][1] is Feedback.OK:
                answer = call.arguments["answer"]
                results += [("the answer had been given", Feedback.OTHER)] * (len(calls) - len(results))
                break
        follow_up = self.follow_up(answer) if answer is not None else None
        info: dict[str, Any] = {"observations": [text for text, _ in results], "feedback": [feedback.value for _, feedback in results]}
        said = list(info["observations"])
        if follow_up is not None:
            self._answers += 1
            info["follow_up"] = dataclasses.asdict(follow_up)
            said = [*filter(None, said), follow_up.query]
        ended = (answer is not None and follow_up is None) or self.ended()
        reward = 0.0
        if ended:
            reached = self.judged(answer)
            info["goal_reached"] = reached
            info["finished"] = answer is not None
            reward = float(bool(reached))
        self._last_observation = "\n".join(said)
        return self._last_observation, reward, ended, False, info

    def offered(self, name: str) -> ToolSpec | None:
        """The document of a tool that is offered by now."""
        assert self.task is not None
        later = any(name in follow_up.tools for follow_up in self.task.follow_ups[self._answers :])
        return None if later else self.task.tool(name)

    def execute(self, call: ToolCall) -> tuple[str, Feedback]:
        """Run one call against the offered tools: the observation and what went wrong, if anything did."""
        spec = self.offered(call.name)
        if spec is None:
            return f"name '{call.name}' is not defined", Feedback.TOOL_HALLUCINATION
        if call.name in _CONTROL:
            return self.control(call, spec)
        bound = self._runnable[call.name]
        try:
            arguments = bound.bind(call.arguments)
            return _as_text(getattr(self, call.name)(**arguments)), Feedback.OK
        except BadArguments as error:
            return str(error), error.feedback
        except ToolError as error:
            return json.dumps({"error": str(error)}, ensure_ascii=False), error.feedback
        except (EnvironmentLost, MemoryError):  # of the latter another environment may be the cause
            raise
        except Exception as error:  # what a tool did not foresee is the call's failure, as it would be in a real service
            return json.dumps({"error": f"{type(error).__name__}: {error}"}, ensure_ascii=False), Feedback.TOOL_CALL_FAILURE

    def control(self, call: ToolCall, spec: ToolSpec) -> tuple[str, Feedback]:
        """Run `finish` or `ask_to_user`, whose arguments are all required strings."""
        if complaint := document_complaint(call, spec):
            return complaint
        if not all(isinstance(value, str) for value in call.arguments.values()):
            return f"{call.name}() takes text", Feedback.TOOL_CALL_FAILURE
        assert self.task is not None
        return ("" if call.name == FINISH.name else self.task.reply or "The user has nothing to add.", Feedback.OK)

    def finishes(self, call: ToolCall) -> bool:
        """Whether a call gives the answer; no call does where every tool is somebody else's, whatever its name."""
        return call.name == FINISH.name

    def close_with(self, final: str) -> tuple[str, Feedback]:
        """Whether a closing text without a call may end the episode here."""
        return "", Feedback.OK

    def ended(self) -> bool:
        """Whether the episode is over although the model did not finish it."""
        return False

    def render(self) -> str | None:
        return self._last_observation if self.render_mode == "ansi" else None


_RESERVED = {*dir(ToolEnv()), *_CONTROL}


class BadArguments(Exception):
    """Arguments that do not fit a tool's document."""

    def __init__(self, message: str, feedback: Feedback):
        super().__init__(message)
        self.feedback = feedback


def document_complaint(call: ToolCall, spec: ToolSpec) -> tuple[str, Feedback] | None:
    """What a document alone says against a call's parameter names, worded as Python would."""
    for name in call.arguments:
        if name not in spec.documented:
            return f"{call.name}() got an unexpected keyword argument '{name}'", Feedback.PARAMETER_HALLUCINATION
    for name in spec.required:
        if name not in call.arguments:
            return f"{call.name}() missing 1 required argument: '{name}'", Feedback.PARAMETER_MISSING
    return None


class _Schema(GenerateJsonSchema):
    """Schemas without the titles that pydantic derives from names: they cost tokens and say nothing."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


class BoundTool:
    """A @tool method with its ToolSpec and the model that checks its arguments.

    Raises:
        TypeError: naming the tool and the parameter, where a hint or a description is missing.
    """

    def __init__(self, owner: type, name: str, method: Callable[..., Any]):
        where = f"{owner.__module__}.{owner.__qualname__}.{name}"
        if inspect.iscoroutinefunction(method):
            raise TypeError(f"tool {where}: it is 'async'; a plain method is expected, e.g. one that calls asyncio.run")
        hints = get_type_hints(method, include_extras=True)
        documentation = docstring_parser.parse(inspect.getdoc(method) or "")
        if not documentation.short_description:
            raise TypeError(f"tool {where}: no docstring; its text above Args is what the model is told")
        described = {parameter.arg_name: parameter.description for parameter in documentation.params}
        fields: dict[str, Any] = {}
        for parameter in list(inspect.signature(method).parameters.values())[1:]:
            if parameter.name not in hints:
                raise TypeError(f"tool {where}: parameter '{parameter.name}' has no type hint; write e.g. {parameter.name}: str")
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                raise TypeError(f"tool {where}: parameter '*{parameter.name}' cannot be documented; name every parameter")
            default = ... if parameter.default is parameter.empty else parameter.default
            fields[parameter.name] = (hints[parameter.name], pydantic.Field(default, description=described.get(parameter.name)))
        config = pydantic.ConfigDict(extra="forbid", strict=True, protected_namespaces=())
        try:
            self._model: type[pydantic.BaseModel] = pydantic.create_model(name, __config__=config, **fields)
        except pydantic.errors.PydanticUserError as error:  # a hint that has no schema
            raise TypeError(f"tool {where}: {error.message}") from None
        schema = self._model.model_json_schema(schema_generator=_Schema)
        schema = {key: schema[key] for key in ("type", "properties", "required", "$defs") if key in schema}
        schema.setdefault("properties", {})
        description = "\n".join(filter(None, (documentation.short_description, documentation.long_description)))
        self.spec = ToolSpec(name, description, schema)

    def bind(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Checked keyword arguments for the method.

        Raises:
            BadArguments: with the Feedback category of the first complaint: unknown parameter, missing one, wrong value.
        """
        if complaint := document_complaint(ToolCall(self.spec.name, dict(arguments)), self.spec):
            raise BadArguments(*complaint)
        try:
            checked = self._model.model_validate_json(json.dumps(arguments))
        except pydantic.ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"]))
            raise BadArguments(f"{self.spec.name}() argument '{place}': {first['msg']}", Feedback.TOOL_CALL_FAILURE) from None
        return {name: getattr(checked, name) for name in checked.model_fields_set}


_ADAPTERS: dict[type, pydantic.TypeAdapter[Any]] = {}  # building one takes longer than the rest of a call


def _as_text(result: Any) -> str:
    if isinstance(result, str):
        return result
    kind = type(result)
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = pydantic.TypeAdapter(kind)
    return _ADAPTERS[kind].dump_json(result).decode()


def _read_action(action: str) -> tuple[list[ToolCall], str | None, str]:
    """(calls, closing text, complaint) of a canonical action; a malformed one has only a complaint."""
    try:
        content = json.loads(action)
    except (ValueError, RecursionError):
        return [], None, "the action is not JSON"
    match content:
        case {"final": str(text), **rest} if not rest:
            return [], text, ""
        case {"calls": [_, *_] as calls, **rest} if not rest:
            if all(
                isinstance(c, dict) and isinstance(c.get("name"), str) and isinstance(c.get("arguments"), dict) and len(c) == 2
                for c in calls
            ):
                return [ToolCall(c["name"], c["arguments"]) for c in calls], None, ""
    return [], None, 'the action is neither {"calls": [{"name": ..., "arguments": {...}}, ...]} nor {"final": text}'
