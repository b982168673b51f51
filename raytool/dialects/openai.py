"""The dialect of OpenAI's fields: an assistant's message with `tool_calls`, as JSON.

    {"tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{\\"city\\": \\"Paris\\"}"}}]}

`arguments` is JSON in a string, as the API has it; an object is read too. A message with `content` and without calls is a closing
text, and so is any text that is no such message. `content` beside calls is a thought. Ids are written and not needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from raytool.dialects import json_text
from raytool.dialects.base import CallFormat, FormatError, Parsed, ParsedCall, enclosed, openai_tool
from raytool.dialects.json_text import Place
from raytool.records import ToolCall, ToolSpec

_FIELD = "tool_calls"


class OpenAIDialect(CallFormat):
    __slots__ = ()

    def instructions(self, tools: Sequence[ToolSpec]) -> str:
        return "\n".join(
            [
                json_text.write({"tools": [openai_tool(self.document(spec)) for spec in tools]}),
                "To call tools, answer with this JSON and nothing else:",
                '{"tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "...", "arguments": "{...}"}}]}',
                "where arguments is a string that holds a JSON object.",
            ]
        )

    def turn(self, said: str, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        return json_text.write({"content": said, **_message(calls)}) if said and calls else super().turn(said, calls, tools)

    def _write(self, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        return json_text.write(_message(calls))

    def _read(self, text: str, tools: Sequence[ToolSpec]) -> Parsed:
        start, stop = len(text) - len(text.lstrip()), len(text.rstrip())
        if not text.startswith("{", start):
            if f'"{_FIELD}"' in text:
                raise FormatError("the answer holds something beside the message that calls")
            return Parsed((), final=text.strip())
        try:
            message, end = json_text.members(text, start)
        except FormatError:
            if f'"{_FIELD}"' in text:
                raise
            return Parsed((), final=text.strip())
        made = message.get(_FIELD)
        if made is None or made.value in (None, []):
            content = message["content"].value if "content" in message else None
            return Parsed((), final=content if isinstance(content, str) and end == stop else text.strip())
        if end < stop:
            raise FormatError("something follows the message that calls")
        if not isinstance(made.value, list):
            raise FormatError(f'"{_FIELD}" is no list')
        calls = [_call(text, place) for place in json_text.elements(text, made.start)[0]]
        return Parsed(enclosed(calls, start, stop))


def _message(calls: Sequence[ToolCall]) -> dict[str, Any]:
    return {
        _FIELD: [
            {"id": f"call_{number}", "type": "function", "function": {"name": call.name, "arguments": json_text.write(call.arguments)}}
            for number, call in enumerate(calls, 1)
        ]
    }


def _call(text: str, place: Place) -> ParsedCall:
    function = json_text.required(json_text.members(text, place.start)[0], "function", dict)
    fields, _ = json_text.members(text, function.start)
    name = json_text.required(fields, "name", str)
    given = fields.get("arguments")
    arguments = given.value if given else None
    if isinstance(arguments, str):
        inner = json_text.read(arguments, json_text.skip(arguments, 0))
        arguments = inner.value if not arguments[inner.stop :].strip() else None
    if not isinstance(arguments, dict):
        raise FormatError(f"\"arguments\" of the call of '{name.value[:80]}' is no JSON object")
    return ParsedCall(ToolCall(name.value, arguments), place.start, place.stop, name.start + 1, name.stop - 1)
