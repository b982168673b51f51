"""The dialect of ChatGLM: a tool's name on the first line, its arguments as JSON on the next.

    get_weather
    {"city": "Paris"}

The format knows one call a turn, and nothing beside it. A text whose second line opens a JSON object is a call if its first line
is the name of an offered tool, or could be one (no blank in it); any other text is a closing one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from raytool.dialects import json_text
from raytool.dialects.base import CallFormat, FormatError, Parsed, ParsedCall, line_spellings
from raytool.records import ToolCall, ToolSpec

_COULD_BE_A_NAME = re.compile(r"[^\s{}\[\]\"']+")


class ChatGLMDialect(CallFormat):
    __slots__ = ()

    ONE_CALL: ClassVar[bool] = True

    def instructions(self, tools: Sequence[ToolSpec]) -> str:
        names = line_spellings(tools)
        return "\n\n".join(
            [
                "# Tools\n\nTo call one of these tools, write its name on a line, and its arguments as a JSON object on the next.",
                *(f"## {names[spec.name]}\n\n{json_text.write({**self.document(spec), 'name': names[spec.name]})}" for spec in tools),
            ]
        )

    def _write(self, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        names = line_spellings(tools)
        return "\n".join(f"{names.get(call.name, call.name)}\n{json_text.write(call.arguments)}" for call in calls)

    def _read(self, text: str, tools: Sequence[ToolSpec]) -> Parsed:
        start, stop = len(text) - len(text.lstrip()), len(text.rstrip())
        line, _, _ = text[start:stop].partition("\n")
        written = line.rstrip()
        names = {spelling: name for name, spelling in line_spellings(tools).items()}
        at = json_text.skip(text, start + len(line))
        if not text.startswith("{", at) or not (written in names or _COULD_BE_A_NAME.fullmatch(written)):
            if written in names:
                raise FormatError(f"no JSON object follows the tool's name '{written[:80]}'")
            return Parsed((), final=text.strip())
        arguments = json_text.read(text, at)
        if arguments.stop < stop:
            raise FormatError("something follows the arguments; one call is made a turn")
        call = ToolCall(names.get(written, written), arguments.value)
        return Parsed((ParsedCall(call, start, stop, start, start + len(written)),))
