"""A ranking around a dialect (GenTool, arXiv 2502.18990): the model ranks the offered tools before it calls one.

    rank: [book_room, book_half_hour, generate_response, list_rooms]
    book_room(date='2025-03-03', start='10:00')

It is asked for where the default tool is offered, which only toolsets of tool evolution do; for other tools nothing differs from the
inner dialect. Names stand as that one writes them, those that would not end where they end in quotes, as JSON. A turn without
the line is read all the same, and the line by itself is a closing text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from raytool.dialects.base import Dialect, Parsed
from raytool.records import ToolCall, ToolSpec, UserError

DEFAULT_TOOL = "generate_response"  # what answers where no other tool fits
_LINE = re.compile(r"\s*rank:[ \t]*\[([^\n]*)\][ \t]*(?:\n|$)")
_PLAIN = re.compile(r"[^\s,\[\]\"']+")
_ITEM = re.compile(r'[ \t]*("(?:[^"\\]|\\.)*"|[^\s,\[\]"\']+)[ \t]*(,|$)')


@dataclass(frozen=True, slots=True)
class Ranking(Dialect):
    """`inner` is the dialect of the call."""

    inner: Dialect

    def document(self, spec: ToolSpec) -> dict[str, Any]:
        return self.inner.document(spec)

    def instructions(self, tools: Sequence[ToolSpec]) -> str:
        return "\n\n".join(filter(None, [self.inner.instructions(tools), self.manner(tools)]))

    def manner(self, tools: Sequence[ToolSpec]) -> str:
        if not _evolving(tools):
            return self.inner.manner(tools)
        return "First write a line 'rank: [...]' with the names of all of them, from the one that fits best to the one that fits least."

    def query(self, text: str) -> str:
        return self.inner.query(text)

    def observation(self, text: str) -> str:
        return self.inner.observation(text)

    def turn(self, said: str, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        return self.inner.turn(said, calls, tools)

    def ranked(self, text: str, ranking: Sequence[str], tools: Sequence[ToolSpec]) -> str:
        if not _evolving(tools):
            return text
        if not ranking:
            raise UserError("with prompting 'rank' its gold is expected to have a ranking, since it offers the default tool")
        spelled = {spec.name: self.inner.spelled(spec.name, tools) for spec in tools}
        return "\n".join(filter(None, [f"rank: [{', '.join(_quoted(spelled.get(name, name)) for name in ranking)}]", text]))

    def ranking(self, text: str, tools: Sequence[ToolSpec]) -> tuple[str, ...] | None:
        """The names of the tools in the order in which a turn ranks them, unknown ones as they stand; None where it does not."""
        if (line := _LINE.match(text)) is None or (written := _items(line[1])) is None:
            return None
        names = {self.inner.spelled(spec.name, tools): spec.name for spec in tools}
        return tuple(names.get(spelling, spelling) for spelling in written)

    def _write(self, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        return self.inner.render(calls, tools)

    def _read(self, text: str, tools: Sequence[ToolSpec]) -> Parsed:
        line = _LINE.match(text)
        after = line.end() if line else 0
        if not text[after:].strip():
            return Parsed((), final=text.strip())
        parsed = self.inner.parse(text[after:], tools)
        return Parsed(tuple(call.moved(after) for call in parsed.calls), None if parsed.final is None else text.strip())


def _evolving(tools: Sequence[ToolSpec]) -> bool:
    return any(spec.name == DEFAULT_TOOL for spec in tools)


def _quoted(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _items(text: str) -> list[str] | None:
    """The names in a list; None where it is none."""
    found: list[str] = []
    at = 0
    while at < len(text) or not found:
        if (item := _ITEM.match(text, at)) is None:
            return None
        try:
            found.append(json.loads(item[1]) if item[1].startswith('"') else item[1])
        except ValueError:
            return None
        at = item.end()
    return found
