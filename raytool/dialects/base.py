"""The contract of a dialect."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from raytool.records import ToolCall, ToolSpec


class FormatError(ValueError):
    """The text tries to call a tool and cannot be read. The message is what the model is told."""


@dataclass(frozen=True, slots=True)
class ParsedCall:
    """A call with its place in the text: character offsets [start, stop), the dialect's wrapper included."""

    call: ToolCall
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """The calls of an assistant turn; without any, its whole text is a closing text."""

    calls: tuple[ParsedCall, ...]
    final: str | None = None


@dataclass(frozen=True, slots=True)
class Dialect(ABC):
    """Renders tools and calls, and parses calls. `description_limit` cuts a tool's description (characters)."""

    parameter_descriptions: bool = True
    description_limit: int | None = None

    MAX_TEXT: ClassVar[int] = 32_768  # characters; a longer turn is not parsed, so that parsing takes bounded time

    @abstractmethod
    def instructions(self, tools: Sequence[ToolSpec]) -> str:
        """The system message: how to call, and the documents of the offered tools."""

    @abstractmethod
    def render(self, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        """The assistant's text that makes these calls."""

    @abstractmethod
    def parse(self, text: str, tools: Sequence[ToolSpec]) -> Parsed:
        """Read an assistant's text.

        Raises:
            FormatError: the text tries to call and cannot be read, or is longer than MAX_TEXT.
        """

    def description(self, spec: ToolSpec) -> str:
        return spec.description if self.description_limit is None else spec.description[: self.description_limit]
