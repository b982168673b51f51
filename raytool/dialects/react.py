"""The dialect of Qwen2's ReAct prompt (Yao et al. 2023): labelled lines.

    Question: Is it raining in Paris?            (the user's)
    Thought: I have to look.
    Action: get_weather
    Action Input: {"city": "Paris"}
    Observation: 12 degrees, rain                (the tool's)
    Thought: I now know the answer.
    Final Answer: Yes, it is.

The format knows one call a turn. The first `Action` is the call; what a model writes in further labelled lines (an observation of
its own imagination, and what it would do next) is not read. A final answer before any action is a closing text, and so is a text
without labels. A label stands at the start of a line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from raytool.dialects import json_text
from raytool.dialects.base import CallFormat, FormatError, Parsed, ParsedCall, line_spellings
from raytool.records import ToolCall, ToolSpec

_ACTION = re.compile(r"^[ \t]*(Action:)", re.MULTILINE)
_INPUT = re.compile(r"^[ \t]*Action Input:", re.MULTILINE)
_ANSWER = re.compile(r"^[ \t]*Final Answer:", re.MULTILINE)
_FURTHER = re.compile(r"[^\S\n]*\n\s*(?:Question:|Thought:|Action:|Observation:|Final Answer:|End Action)")


class ReActDialect(CallFormat):
    __slots__ = ()

    ONE_CALL: ClassVar[bool] = True

    def instructions(self, tools: Sequence[ToolSpec]) -> str:
        names = line_spellings(tools)
        return "\n".join(
            [
                "Answer the question. These tools are there to help:",
                "",
                *(json_text.write({**self.document(spec), "name": names[spec.name]}) for spec in tools),
                "",
                "Write in this form:",
                "",
                "Question: what has to be answered",
                "Thought: what to do next, and why",
                f"Action: the tool to use, one of {', '.join(names[spec.name] for spec in tools)}",
                "Action Input: the tool's arguments as a JSON object",
                "Observation: what the tool returned",
                "... (from Thought on, as often as it takes)",
                "Thought: the answer is known now",
                "Final Answer: the answer to the question",
            ]
        )

    def query(self, text: str) -> str:
        return f"Question: {text}"

    def observation(self, text: str) -> str:
        return f"Observation: {text}"

    def turn(self, said: str, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        if not calls:
            return f"Final Answer: {said}"
        return self.render(calls, tools).replace("Thought:", f"Thought: {said}", 1) if said else self.render(calls, tools)

    def _write(self, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        names = line_spellings(tools)
        return "\n".join(
            f"Thought:\nAction: {names.get(call.name, call.name)}\nAction Input: {json_text.write(call.arguments)}" for call in calls
        )

    def _read(self, text: str, tools: Sequence[ToolSpec]) -> Parsed:
        action, answer = _ACTION.search(text), _ANSWER.search(text)
        if answer and not (action and action.start() < answer.start()):
            return Parsed((), final=text[answer.end() :].strip())
        if action is None:
            if _INPUT.search(text):
                raise FormatError("there is an 'Action Input:' without an 'Action:'")
            return Parsed((), final=text.strip())
        line_end = text.find("\n", action.end())
        line = text[action.end() : line_end if line_end >= 0 else len(text)]
        name_start = action.end() + len(line) - len(line.lstrip())
        written = line.strip()
        if not written:
            raise FormatError("'Action:' names no tool")
        given = _INPUT.match(text, _next_line(text, line_end)) if line_end >= 0 else None
        if given is None:
            raise FormatError(f"no 'Action Input:' follows the action '{written[:80]}'")
        arguments = json_text.read(text, json_text.skip(text, given.end()))
        if not isinstance(arguments.value, dict):
            raise FormatError("'Action Input:' is no JSON object")
        if text[arguments.stop :].strip() and not _FURTHER.match(text, arguments.stop):
            raise FormatError("something follows the JSON of 'Action Input:'")
        names = {spelling: name for name, spelling in line_spellings(tools).items()}
        call = ToolCall(names.get(written, written), arguments.value)
        return Parsed((ParsedCall(call, action.start(1), arguments.stop, name_start, name_start + len(written)),))


def _next_line(text: str, at: int) -> int:
    """The start of the first line with something on it from a line's end on."""
    return text.rfind("\n", 0, json_text.skip(text, at)) + 1
