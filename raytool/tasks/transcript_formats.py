"""The formats of others' transcripts, each read into turns of calls with what came of them.

    openai     {"messages": [{"role": "assistant", "tool_calls": [...]}, {"role": "tool", ...}, ...]}, or the list of messages alone
    rotbench   {"conversations": [{"from": "assistant", "value": "Thought: ... Action: ..."}, {"from": "function", ...}, ...]}
    toolrl     {"instruction", "input": "<user>...<tool_call>...<obs>...", "output": "<tool_call>..."}

A reader raises a ValueError for a record that has the format's outline and cannot be read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pydantic

from raytool.dialects import FormatError
from raytool.dialects.toolllama import ToolLLaMADialect
from raytool.methods.adverse_effects import classify
from raytool.records import Feedback, ToolCall


@dataclass(frozen=True, slots=True)
class Observed:
    """A call and what came of it; None where the transcript does not say. `call` is None where it could not be read."""

    call: ToolCall | None
    observation: str | None = None
    feedback: Feedback | None = None
    reason: str = ""


Turns = list[list[Observed]]


@dataclass(frozen=True, slots=True)
class Format:
    name: str
    fits: Callable[[Any], bool]
    read: Callable[[Any], Turns]


def answered(call: ToolCall | None, observation: str, apart: bool = False) -> Observed:
    """A call and its answer. One that stands in a field of its own (`apart`) and cannot be read is an error, whatever a tool made of it."""
    found = classify(observation, call)
    if apart and call is None and found.feedback is Feedback.OK:
        return Observed(None, observation, Feedback.FORMAT_ERROR, "its arguments are no JSON object")
    return Observed(call, observation, found.feedback, found.reason)


def loaded(line: str) -> Any:
    """The value of JSON, or the exception that says why there is none."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        return error


# ---- openai


class _Function(pydantic.BaseModel):
    name: str
    arguments: str | dict[str, Any] | None = None

    def call(self) -> ToolCall | None:
        given = self.arguments
        if isinstance(given, str):
            given = loaded(given) if given.strip() else {}
        return ToolCall(self.name, given or {}) if given is None or isinstance(given, dict) else None


class _ToolCall(pydantic.BaseModel):
    id: str | None = None
    function: _Function


class _Part(pydantic.BaseModel):
    text: str = ""


class OpenAIMessage(pydantic.BaseModel):
    """A message of a conversation. `calls` are an assistant's, each with its id."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[_Part] | None = None
    tool_calls: list[_ToolCall] | None = None
    function_call: _Function | None = None  # before there were several in a turn
    tool_call_id: str | None = None

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.content) if isinstance(self.content, list) else self.content or ""

    @property
    def calls(self) -> list[tuple[str | None, _Function]]:
        made = [(given.id, given.function) for given in self.tool_calls or ()]
        return made + ([(None, self.function_call)] if self.function_call else [])


_MESSAGES = pydantic.TypeAdapter(list[OpenAIMessage])
_LISTS = ("messages", "conversations", "conversation", "traj", "trajectory")


def is_message(element: Any) -> bool:
    return isinstance(element, dict) and "role" in element


def _messages(record: Any) -> Any:
    """The list of messages of a record; None where it has none."""
    found = [record, *(record.get(name) for name in _LISTS)] if isinstance(record, dict) else [record]
    return next((given for given in found if isinstance(given, list) and given and is_message(given[0])), None)


def openai_messages(record: Any) -> list[OpenAIMessage]:
    """The messages of a record, whatever it calls them.

    Raises:
        ValueError: it has none, or one cannot be read.
    """
    found = _messages(record)
    if found is None:
        raise ValueError("a record with messages that have a role (OpenAI's form) is expected")
    return _MESSAGES.validate_python(found)


def _openai(record: Any) -> Turns:
    turns: Turns = []
    ids: list[str | None] = []  # of the last turn's calls
    for number, message in enumerate(openai_messages(record), 1):
        if message.role == "assistant":
            turns.append([Observed(function.call()) for _, function in message.calls])
            ids = [id for id, _ in message.calls]
        elif message.role in ("tool", "function"):
            if not turns:
                raise ValueError(f"message {number}: a tool answers before the assistant said anything")
            open_ones = [i for i, observed in enumerate(turns[-1]) if observed.observation is None]
            meant = [i for i in open_ones if message.tool_call_id is None or ids[i] in (None, message.tool_call_id)]
            if meant:
                turns[-1][meant[0]] = answered(turns[-1][meant[0]].call, message.text, apart=True)
            elif not ids:  # the call stands in the assistant's text
                turns[-1].append(answered(None, message.text))
            else:
                raise ValueError(f"message {number}: no call of the turn before it has the id '{message.tool_call_id}' and no answer yet")
    return turns


# ---- rotbench


class _Said(pydantic.BaseModel):
    speaker: Literal["system", "user", "assistant", "function"] = pydantic.Field(alias="from")
    value: str | list[str]  # a list of gold answers, at the end

    @property
    def text(self) -> str:
        return self.value if isinstance(self.value, str) else next(iter(self.value), "")


_CONVERSATION = pydantic.TypeAdapter(list[_Said])
_DIALECT = ToolLLaMADialect()


def _rotbench(record: Any) -> Turns:
    turns: Turns = []
    for number, said in enumerate(_CONVERSATION.validate_python(record["conversations"]), 1):
        if said.speaker == "assistant":
            turns.append(_written(said.text))
        elif said.speaker == "function":
            if not turns or (turns[-1] and turns[-1][0].observation is not None):
                raise ValueError(f"conversations.{number}: a function answers no call")
            turns[-1] = [answered(turns[-1][0].call if turns[-1] else None, said.text)]
        elif said.speaker == "user" and turns and turns[-1] and turns[-1][0].observation is None:
            turns[-1] = [Observed(turns[-1][0].call, said.text, Feedback.OK, "the user's answer")]  # to ask_to_user
    return turns


def _written(text: str) -> list[Observed]:
    try:
        return [Observed(parsed.call) for parsed in _DIALECT.parse(text, ()).calls]
    except FormatError:
        return [Observed(None)]


# ---- toolrl

_SEGMENT = re.compile(r"\s*<(?P<tag>user|think|tool_call|obs|response)>(?P<text>.*?)</(?P=tag)>", re.DOTALL)
_HEADING = "**Dialogue Records History**"


def _toolrl(record: Any) -> Turns:
    turns: Turns = []
    for member in ("input", "output"):
        for tag, text in _segments(record[member], member):
            if tag == "tool_call":
                turns.append([Observed(_toolrl_call(line)) for line in text.splitlines() if line.strip()])
            elif tag == "response":
                turns.append([])
            elif tag == "obs":
                if not turns or not turns[-1]:
                    raise ValueError(f"{member}: an <obs> answers no <tool_call>")
                calls = [observed.call for observed in turns[-1]]
                turns[-1] = [answered(call, result) for call, result in zip(calls, _results(text, len(calls)), strict=True)]
    return turns


def _segments(text: str, member: str) -> Iterator[tuple[str, str]]:
    at = len(_HEADING) if text.startswith(_HEADING) else 0
    while (found := _SEGMENT.match(text, at)) is not None:
        yield found["tag"], found["text"].strip()
        at = found.end()
    if rest := text[at:].strip():
        raise ValueError(f"{member}: a segment like <tool_call>...</tool_call> was expected at character {at}: {rest[:60]!r}")


def _toolrl_call(line: str) -> ToolCall | None:
    match loaded(line):
        case {"name": str(name), "parameters": dict(arguments)}:
            return ToolCall(name, arguments)
    return None


def _results(text: str, calls: int) -> Sequence[str]:
    """What each call returned: an element of the list for each, or else the whole for all."""
    found = loaded(text)
    return [json.dumps(result) for result in found] if isinstance(found, list) and len(found) == calls else [text] * calls


def _has_speakers(record: Any) -> bool:
    said = record.get("conversations") if isinstance(record, Mapping) else None
    return isinstance(said, list) and bool(said) and isinstance(said[0], dict) and "from" in said[0]


def _has_segments(record: Any) -> bool:
    named = isinstance(record, Mapping) and all(isinstance(record.get(name), str) for name in ("input", "output"))
    return named and _SEGMENT.match(record["output"]) is not None


FORMATS = (
    Format("openai", lambda record: _messages(record) is not None, _openai),
    Format("rotbench", _has_speakers, _rotbench),
    Format("toolrl", _has_segments, _toolrl),
)
KNOWN = (
    "messages with a role (OpenAI), conversations with from and value (RoTBench) "
    "or input and output with <tool_call> (ToolRL) were expected"
)
