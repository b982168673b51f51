"""What a model's chat template does with tools, found out by having it write a tool and a call of it."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from raytool import places, pretrained
from raytool.config import ModelConfig
from raytool.dialects import DIALECTS, FormatError, make, openai_tool
from raytool.records import ToolCall, ToolSpec, UserError
from raytool.rollout.chat import Chat

_NUMBER = {"type": "integer", "description": "How many."}
_TOOL = ToolSpec("look_up_probe", "Look up.", {"type": "object", "properties": {"count": _NUMBER}, "required": ["count"]})
_CALL = ToolCall("look_up_probe", {"count": 3})


def chat_of(model: str, config: ModelConfig) -> tuple[Chat, str]:
    """How a resolved model is asked, and in which dialect: its name, or "template (name)".

    Raises:
        UserError: its tokenizer or its chat template cannot be had, or is of no use.
    """
    tokenizer = pretrained.tokenizer(model)
    prepare(tokenizer, config.chat_template, config.template_options)
    name, by_template = choose(tokenizer, config.dialect)
    options = {name: getattr(config, name) for name in ("parameter_descriptions", "description_limit", "parameters")}
    chat = Chat(tokenizer, make(name, config.prompting, **options), by_template, pretrained.end_tokens(model))
    return chat, f"template ({name})" if by_template else name


def prepare(tokenizer: Any, path: Path | None, options: Mapping[str, Any]) -> None:
    """Give a tokenizer the template of a file, if there is one, and the template its variables.

    Raises:
        UserError: from `read`.
    """
    if path is not None:
        tokenizer.chat_template = read(path)
    tokenizer.apply_chat_template = functools.partial(tokenizer.apply_chat_template, **options)


def read(path: Path) -> str:
    """Raises:
    UserError: the file cannot be read.
    """
    try:
        return places.found(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UserError(f"model.chat_template: {path}: {error}; a Jinja file that every worker finds there is expected") from None


def choose(tokenizer: Any, dialect: str) -> tuple[str, bool]:
    """The name of the dialect that reads a model's calls, and whether its chat template shows the tools.

    `dialect` is as in ModelConfig.

    Raises:
        UserError: the template shows no tools, or writes calls in a way that no dialect reads.
    """
    if dialect == "auto":
        dialect = "template" if shows_tools(tokenizer) else "python"
    if dialect != "template":
        return dialect, False
    if not shows_tools(tokenizer):
        raise UserError(f"model.dialect: 'template' given, but the model's chat template shows no tools; name one of {', '.join(DIALECTS)}")
    return recognise(tokenizer), True


def shows_tools(tokenizer: Any) -> bool:
    """Whether a tool's name is in the prompt when the template is given the tool."""
    return bool(getattr(tokenizer, "chat_template", None)) and _TOOL.name in _written(tokenizer)


def recognise(tokenizer: Any) -> str:
    """The dialect in which a template writes an assistant's calls.

    Raises:
        UserError: it is none of those that are known.
    """
    message = {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"type": "function", "function": {"name": _CALL.name, "arguments": _CALL.arguments}}],
    }
    whole = _written(tokenizer, message)
    # The tool's document may hold an example of a call: only what follows the prompt is the assistant's.
    prompt = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(whole, _written(tokenizer), strict=False)))
    said = whole[prompt:].split(Chat(tokenizer, make("python")).end_token)[0]
    for name, dialect in DIALECTS.items():
        try:
            parsed = dialect().parse(said, [_TOOL])
        except FormatError:
            continue
        if [found.call for found in parsed.calls] == [_CALL]:
            return name
    raise UserError(
        f"model.dialect: the model's chat template writes a call as {said[:200]!r}, which no dialect reads; "
        f"name one of {', '.join(DIALECTS)}, and it prompts in place of the template"
    )


def _written(tokenizer: Any, *answer: dict[str, Any]) -> str:
    """The text of a user's turn, with the tool, and of an answer or up to it."""
    tool = openai_tool({"name": _TOOL.name, "description": _TOOL.description, "parameters": _TOOL.parameters})
    messages = [{"role": "user", "content": "u"}, *answer]
    try:
        text = tokenizer.apply_chat_template(messages, tools=[tool], tokenize=False, add_generation_prompt=not answer)
    except Exception as error:  # the model's own program, which may fail in any way
        raise UserError(
            f"model.dialect: the model's chat template cannot write a tool and a call ({error}); name one of {', '.join(DIALECTS)}"
        ) from error
    assert isinstance(text, str)
    return text
