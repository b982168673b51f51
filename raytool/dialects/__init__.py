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
from raytool.records import UserError

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


def format_of(name: str) -> type[CallFormat]:
    """The dialect of a name, or a plug-in's.

    Raises:
        UserError: there is none, or it is another kind of class.
    """
    if name in DIALECTS:
        return DIALECTS[name]
    from raytool import plugins

    found = plugins.load(name, "raytool.dialects")
    if not (isinstance(found, type) and issubclass(found, CallFormat)):
        raise UserError(f"model.dialect: '{name}' is no subclass of raytool.dialects.CallFormat")
    return found


def make(name: str, prompting: str = "base", **options: Any) -> Dialect:
    """The dialect of a name, with a CallFormat's options. `prompting` cot puts a chain of thought before each call, rank a ranking.

    Raises:
        UserError: as `format_of`.
    """
    made = format_of(name)(**options)
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
    "format_of",
    "make",
    "openai_tool",
]
