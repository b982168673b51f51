"""Conversations with somebody else's model, over an API that takes messages: the same turn loop, and no tokens.

The record of such a conversation is its messages, as JSON, a token for each character: what the turn loop appends, the
sampler reads back, so that there is no second record that could differ. An assistant's message is read by the dialect `openai`.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from raytool.dialects import FormatError, Parsed, openai_tool
from raytool.dialects.base import spellings
from raytool.dialects.openai import OpenAIDialect
from raytool.records import Episode, FollowUp, Span, Task
from raytool.rollout.chat import Chat
from raytool.rollout.in_process import CharacterTokenizer

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_END = CharacterTokenizer.eos_token


class Messages(Chat):
    """A Chat whose segments are messages."""

    def __init__(self) -> None:
        super().__init__(CharacterTokenizer(), OpenAIDialect())

    def prompt(self, task: Task) -> list[int]:
        said = [message for message in task.context if message.role != "system"]
        told = [message.content for message in task.context if message.role == "system"]
        messages: list[dict[str, Any]] = [{"role": "system", "content": "\n\n".join(told)}] if told else []
        for message in said:
            calls = [{"function": {"name": call.name, "arguments": json.dumps(call.arguments)}} for call in message.calls]
            messages.append({"role": message.role, "content": message.content, **({"tool_calls": calls} if calls else {})})
        if task.query or not messages:
            messages.append({"role": "user", "content": task.query})
        return self._written(messages)

    def read(self, text: str, task: Task) -> Parsed:
        return self.dialect.parse(text, task.tools)

    def reply(self, observations: Sequence[str], follow_up: FollowUp | None, task: Task) -> list[int]:
        """`tools`, in a user's message, names those that are offered from then on."""
        messages: list[dict[str, Any]] = []
        if any(observations) or follow_up is None:
            messages = [{"role": "tool", "content": text} for text in observations]
        if follow_up is not None:
            messages.append({"role": "user", "content": follow_up.query, "tools": list(follow_up.tools)})
        return self._written(messages)

    def said(self, tokens: Sequence[int]) -> list[dict[str, Any]]:
        """The messages of a conversation so far."""
        return [json.loads(line) for line in self.tokenizer.decode(list(tokens), skip_special_tokens=False).split(_END) if line]

    def _written(self, messages: Sequence[dict[str, Any]]) -> list[int]:
        return self._encode("".join(line(message) + _END for message in messages))


def line(message: Mapping[str, Any]) -> str:
    """A message as JSON: in it no control character stands bare, the end of a message included, and no half of a surrogate pair."""
    return json.dumps(message, ensure_ascii=False).encode("utf-8", "replace").decode()


def request(task: Task, said: Sequence[dict[str, Any]], chat: Messages) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The fields `messages` and `tools` that ask for the next turn, as APIs accept them.

    A turn that could not be read is repeated as plain text, and its complaint said by the user: some servers refuse a call whose
    arguments are no JSON. Every call gets an answer, an empty one where there was none to give.
    """
    names, offered = wire_names(task), {spec.name for spec in task.first_tools}
    messages: list[dict[str, Any]] = []
    open_ids: list[str] = []
    count = 0
    for message in said:
        if message["role"] != "tool":
            messages += [_answered(id, "") for id in open_ids]
            open_ids = []
        match message["role"]:
            case "assistant" if calls := _calls(message, task, chat):
                written = []
                for name, arguments in calls:
                    count += 1
                    open_ids.append(f"call{count:05d}")
                    function = {"name": names.get(name, _plain(name)), "arguments": arguments}
                    written.append({"id": open_ids[-1], "type": "function", "function": function})
                messages.append({"role": "assistant", "content": message["content"] or None, "tool_calls": written})
            case "assistant":
                text = json.dumps(message["tool_calls"]) if message.get("tool_calls") else message["content"]
                messages.append({"role": "assistant", "content": text})
            case "tool" if open_ids:
                messages.append(_answered(open_ids.pop(0), message["content"]))
            case "tool":
                messages.append({"role": "user", "content": message["content"]})
            case _:
                offered |= set(message.get("tools", ()))
                messages.append({"role": message["role"], "content": message["content"]})
    messages += [_answered(id, "") for id in open_ids]
    renamed = (dataclasses.replace(spec, name=names[spec.name]) for spec in task.tools if spec.name in offered)
    return messages, [openai_tool(chat.dialect.document(spec)) for spec in renamed]


def wire_names(task: Task) -> dict[str, str]:
    """How each tool is called on the wire: APIs take letters, digits, underscore and hyphen, 64 at most."""
    return spellings(task.tools, lambda name: _NAME.fullmatch(name) is not None, _plain)


def untokenised(episode: Episode) -> Episode:
    """An episode of messages without its characters, which are no model's tokens and must never be trained on."""
    nowhere = Span(0, 0)
    turns = tuple(
        dataclasses.replace(turn, span=nowhere, calls=tuple(dataclasses.replace(call, span=nowhere) for call in turn.calls))
        for turn in episode.turns
    )
    return dataclasses.replace(episode, tokens=(), loss_mask=(), versions=(), logprobs=None, turns=turns)


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)[:60] or "_"


def _answered(id: str, content: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": id, "content": content}


def _calls(message: dict[str, Any], task: Task, chat: Messages) -> list[tuple[str, str]]:
    """Names and arguments of an assistant's calls; none where they cannot be read."""
    try:
        parsed = chat.read(json.dumps(message), task)
    except FormatError:
        return []
    return [(found.call.name, json.dumps(found.call.arguments)) for found in parsed.calls]
