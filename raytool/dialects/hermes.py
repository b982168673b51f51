"""The dialect of Hermes 2 Pro and Qwen2.5: JSON between tags, as often as there are calls.

    <tool_call>
    {"name": "get_weather", "arguments": {"city": "Paris"}}
    </tool_call>

What stands outside the tags is a thought and is left alone. A tag that is not closed is a format error.
"""

from __future__ import annotations

from collections.abc import Sequence

from raytool.dialects import json_text
from raytool.dialects.base import CallFormat, FormatError, Parsed, ParsedCall, enclosed, openai_tool
from raytool.records import ToolCall, ToolSpec

_OPEN, _CLOSE = "<tool_call>", "</tool_call>"


class HermesDialect(CallFormat):
    __slots__ = ()

    def instructions(self, tools: Sequence[ToolSpec]) -> str:
        return "\n".join(
            [
                "You can call the functions whose JSON documents stand here, a line each:",
                "<tools>",
                *(json_text.write(openai_tool(self.document(spec))) for spec in tools),
                "</tools>",
                "To call one, or several, write for each call its name and its arguments as JSON between tags:",
                f'{_OPEN}\n{{"name": "...", "arguments": {{...}}}}\n{_CLOSE}',
            ]
        )

    def observation(self, text: str) -> str:
        return f"<tool_response>\n{text}\n</tool_response>"

    def _write(self, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        written = ({"name": call.name, "arguments": call.arguments} for call in calls)
        return "\n".join(f"{_OPEN}\n{json_text.write(call)}\n{_CLOSE}" for call in written)

    def _read(self, text: str, tools: Sequence[ToolSpec]) -> Parsed:
        calls: list[ParsedCall] = []
        at = 0
        while (start := text.find(_OPEN, at)) >= 0:
            call = json_text.call_at(text, json_text.skip(text, start + len(_OPEN)), "arguments")
            at = json_text.skip(text, call.stop)
            if not text.startswith(_CLOSE, at):
                raise FormatError(f"{_CLOSE} is missing after the call of '{call.call.name[:80]}'")
            at += len(_CLOSE)
            calls += enclosed([call], start, at)
        if calls:
            return Parsed(tuple(calls))
        if _CLOSE in text or (text.lstrip().startswith("{") and '"arguments"' in text):
            raise FormatError(f"a call has to stand between {_OPEN} and {_CLOSE}")
        return Parsed((), final=text.strip())
