"""How a model writes a call: one file each. A dialect is pure text work and knows nothing of tokens.

`parse(render(calls, tools), tools).calls` gives the calls back, for all calls that the tools allow.
"""

from collections.abc import Callable
from typing import Any

from raytool.dialects.base import CallFormat, Dialect, FormatError, Parsed, ParsedCall, openai_tool
from raytool.dialects.chatglm import ChatGLMDialect
from raytool.dialects.hermes import HermesDialect
from raytool.dialects.llama3 import Llama3Dialect
from raytool.dialects.nexusraven import NexusRavenDialect
from raytool.dialects.openai import OpenAIDialect
from raytool.dialects.python import PythonDialect
from raytool.dialects.ranking import Ranking
from raytool.dialects.react import ReActDialect
from raytool.dialects.thinking import Thinking
from raytool.dialects.toolllama import ToolLLaMADialect

DIALECTS: dict[str, type[CallFormat]] = {
    "python": PythonDialect,
    "nexusraven": NexusRavenDialect,
    "hermes": HermesDialect,
    "llama3": Llama3Dialect,
    "react": ReActDialect,
    "toolllama": ToolLLaMADialect,
    "chatglm": ChatGLMDialect,
    "openai": OpenAIDialect,
}

_AROUND: dict[str, Callable[[Dialect], Dialect]] = {"cot": Thinking, "rank": Ranking}


def make(name: str, prompting: str = "base", **options: Any) -> Dialect:
    """The dialect of a name, with a CallFormat's options. `prompting` cot puts a chain of thought before each call, rank a ranking."""
    made = DIALECTS[name](**options)
    return _AROUND[prompting](made) if prompting in _AROUND else made


__all__ = [
    "DIALECTS",
    "CallFormat",
    "Dialect",
    "FormatError",
    "Parsed",
    "ParsedCall",
    "PythonDialect",
    "Ranking",
    "Thinking",
    "make",
    "openai_tool",
]
