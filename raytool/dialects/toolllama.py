"""The dialect of ToolLLaMA and RoTBench: Thought, Action and Action Input, told in other words than ReAct's.

    Thought: I have to look.
    Action: get_weather
    Action Input: {"city": "Paris"}

It is read as the react dialect is; the end comes by a call of a finishing tool. What tools return has no label.
"""

from __future__ import annotations

from collections.abc import Sequence

from raytool.dialects import json_text
from raytool.dialects.base import line_spellings
from raytool.dialects.react import ReActDialect
from raytool.records import ToolCall, ToolSpec


class ToolLLaMADialect(ReActDialect):
    __slots__ = ()

    def instructions(self, tools: Sequence[ToolSpec]) -> str:
        names = line_spellings(tools)
        return "\n".join(
            [
                "Help the user with the tools below, step by step. In each step think about how things stand, then make one call; its "
                "result comes next. Write each step in this form:",
                "Thought: a short thought",
                "Action: the name of a tool",
                'Action Input: its arguments, {"parameter": value}',
                "",
                "The tools:",
                json_text.write([{**self.document(spec), "name": names[spec.name]} for spec in tools]),
            ]
        )

    def query(self, text: str) -> str:
        return f"{text}\nBegin!"

    def observation(self, text: str) -> str:
        return text

    def turn(self, said: str, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        return super().turn(said, calls, tools) if calls else f"Thought: {said}"
