"""Chain of thought around a dialect (MetaToolAgent's CoT): the model thinks first, and calls or answers after a line `Answer:`.

    It rains in Paris or it does not, so I have to look.
    Answer:
    get_weather(city='Paris')

Only what follows the last such line is read, and without one nothing is: that is a format error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from raytool.dialects.base import Dialect, FormatError, Parsed
from raytool.records import ToolCall, ToolSpec

_MARK = "Answer:"
_MARKED = re.compile(rf"^[ \t]*{_MARK}", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Thinking(Dialect):
    """`inner` is the dialect of what follows the mark."""

    inner: Dialect

    def document(self, spec: ToolSpec) -> dict[str, Any]:
        return self.inner.document(spec)

    def instructions(self, tools: Sequence[ToolSpec]) -> str:
        return f"{self.inner.instructions(tools)}\n\n{self.manner(tools)}"

    def manner(self, tools: Sequence[ToolSpec]) -> str:
        return f"First think step by step about what to do. Then write a line '{_MARK}', and after it your call or answer and nothing else."

    def query(self, text: str) -> str:
        return self.inner.query(text)

    def observation(self, text: str) -> str:
        return self.inner.observation(text)

    def turn(self, said: str, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        return f"{said}\n{self.render(calls, tools)}".lstrip("\n") if calls else f"{_MARK}\n{self.inner.turn(said, calls, tools)}"

    def _write(self, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        return f"{_MARK}\n{self.inner.render(calls, tools)}"

    def _read(self, text: str, tools: Sequence[ToolSpec]) -> Parsed:
        marks = list(_MARKED.finditer(text))
        if not marks:
            raise FormatError(f"there is no line '{_MARK}'")
        after = marks[-1].end()
        parsed = self.inner.parse(text[after:], tools)
        return Parsed(tuple(call.moved(after) for call in parsed.calls), parsed.final)
