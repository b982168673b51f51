"""The contract of a dialect, and what the formats share."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from raytool.records import ToolCall, ToolSpec, UserError


class FormatError(ValueError):
    """The text tries to call a tool and cannot be read. The message is what the model is told."""


@dataclass(frozen=True, slots=True)
class ParsedCall:
    """A call with its place in the text: character offsets [start, stop), the dialect's wrapper included.

    The tool's name is written at [name_start, name_stop), within them.
    """

    call: ToolCall
    start: int
    stop: int
    name_start: int
    name_stop: int

    def moved(self, by: int) -> ParsedCall:
        """The same call where its text begins so many characters further on."""
        return ParsedCall(self.call, self.start + by, self.stop + by, self.name_start + by, self.name_stop + by)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The calls of an assistant turn; without any, its whole text is a closing text."""

    calls: tuple[ParsedCall, ...]
    final: str | None = None


class Dialect(ABC):
    """Renders tools and messages, and parses calls.

    `parse(render(calls, tools), tools)` gives the calls back, for all calls that the tools allow.
    """

    __slots__ = ()

    MAX_TEXT: ClassVar[int] = 32_768  # characters; a longer turn is not parsed, so that parsing takes bounded time
    ONE_CALL: ClassVar[bool] = False
    """Whether the format knows one call a turn only; the dialect's module says what becomes of a second one."""

    @abstractmethod
    def document(self, spec: ToolSpec) -> dict[str, Any]:
        """A tool's name, description and parameters, as they are shown where JSON documents it."""

    @abstractmethod
    def instructions(self, tools: Sequence[ToolSpec]) -> str:
        """The system message: how to call, and the documents of the offered tools."""

    def manner(self, tools: Sequence[ToolSpec]) -> str:
        """What is asked of an answer beside the format of its calls: a chat template that shows tools does not say it."""
        return ""

    def query(self, text: str) -> str:
        """What the user says, in the frame of the format."""
        return text

    def observation(self, text: str) -> str:
        """What came of a turn, in the frame of the format."""
        return text

    def render(self, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        """The assistant's text that makes these calls.

        Raises:
            UserError: several calls, where the format knows one a turn.
        """
        if self.ONE_CALL and len(calls) > 1:
            raise UserError(f"dialect: {type(self).__name__} writes one call a turn, {len(calls)} are to be made; use another")
        return self._write(calls, tools)

    def spelled(self, name: str, tools: Sequence[ToolSpec]) -> str:
        """How a call of a tool has the tool's name.

        Raises:
            FormatError: such a call cannot be read.
        """
        text = self.render([ToolCall(name)], tools)
        calls = self.parse(text, tools).calls
        if len(calls) != 1:
            raise FormatError(f"a call of {name} cannot be read in {text!r}")
        return text[calls[0].name_start : calls[0].name_stop]

    def turn(self, said: str, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        """The assistant's text that says something and makes calls, or does one of both."""
        return "\n".join(filter(None, (said, self.render(calls, tools) if calls else "")))

    def ranked(self, text: str, ranking: Sequence[str], tools: Sequence[ToolSpec]) -> str:
        """A demonstrated turn, which begins with a ranking of the tools where the format has one; else the text as it is.

        Raises:
            UserError: the format wants a ranking, and there is none.
        """
        return text

    def parse(self, text: str, tools: Sequence[ToolSpec]) -> Parsed:
        """Read an assistant's text.

        Raises:
            FormatError: the text tries to call and cannot be read, or is longer than MAX_TEXT.
        """
        if len(text) > self.MAX_TEXT:
            raise FormatError(f"the answer has {len(text)} characters, more than {self.MAX_TEXT}")
        try:
            return self._read(text, tools)
        except RecursionError:
            raise FormatError("the answer is nested too deeply") from None

    @abstractmethod
    def _write(self, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str: ...

    @abstractmethod
    def _read(self, text: str, tools: Sequence[ToolSpec]) -> Parsed: ...


@dataclass(frozen=True, slots=True)
class CallFormat(Dialect):
    """A format of the field. `description_limit` cuts a tool's description (characters); without `parameters` none are shown."""

    parameter_descriptions: bool = True
    description_limit: int | None = None
    parameters: bool = True

    def description(self, spec: ToolSpec) -> str:
        return spec.description if self.description_limit is None else spec.description[: self.description_limit]

    def shown(self, spec: ToolSpec) -> ToolSpec:
        """The tool as far as its parameters are shown."""
        return spec if self.parameters else ToolSpec(spec.name, spec.description)

    def document(self, spec: ToolSpec) -> dict[str, Any]:
        spec = self.shown(spec)
        parameters = spec.parameters if self.parameter_descriptions else _undescribed(spec.parameters)
        return {"name": spec.name, "description": self.description(spec), "parameters": parameters}


_NO_SCHEMAS = ("default", "enum", "const", "examples")


def _undescribed(schema: Any) -> Any:
    """A JSON Schema without descriptions. (What `properties` holds is a schema each, so that no parameter's name is taken for one.)"""
    if isinstance(schema, list):
        return [_undescribed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if not (key == "description" and isinstance(value, str))}
    return {key: value if key in _NO_SCHEMAS else _undescribed(value) for key, value in kept.items()}


def openai_tool(document: dict[str, Any]) -> dict[str, Any]:
    """A tool's document as OpenAI's field `tools` and most chat templates want it."""
    return {"type": "function", "function": document}


def enclosed(calls: Sequence[ParsedCall], start: int, stop: int) -> tuple[ParsedCall, ...]:
    """Calls whose common wrapper [start, stop) counts with the first and the last of them."""
    first = dataclasses.replace(calls[0], start=start)
    both = (first, *calls[1:])
    return (*both[:-1], dataclasses.replace(both[-1], stop=stop))


def spellings(tools: Sequence[ToolSpec], plain: Callable[[str], bool], spell: Callable[[str], str]) -> dict[str, str]:
    """How each tool's name is written, all different: a plain one as it is, another as `spell` says, numbered where that is taken."""
    found = {spec.name: spec.name for spec in tools if plain(spec.name)}
    taken = set(found.values())
    for spec in tools:
        if spec.name in found:
            continue
        base = spelling = spell(spec.name)
        number = 2
        while spelling in taken:
            spelling, number = f"{base}_{number}", number + 1
        found[spec.name] = spelling
        taken.add(spelling)
    return found


def line_spellings(tools: Sequence[ToolSpec]) -> dict[str, str]:
    """The same where a name stands alone on a line: blanks in it become single spaces, and none stand around it."""
    return spellings(
        tools, lambda name: bool(name) and name == name.strip() and "\n" not in name, lambda name: " ".join(name.split()) or "_"
    )
