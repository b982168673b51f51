"""Conversations as token segments: what is sampled is never tokenised again, what is appended is tokenised once.

A conversation is a prompt segment, then assistant turns and reply segments in turn: what tools returned, what the user goes
on to say, or both. Every assistant turn ends with
the end token; rollouts and demonstrations are built by the same functions, so that both see the same tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from raytool.dialects import Dialect, Parsed
from raytool.records import FollowUp, Message, Task


class Chat:
    """The segments of a conversation under the chat template of a (transformers) tokenizer and a dialect.

    Raises:
        ValueError: the tokenizer has no chat template, or one whose assistant turns do not end with its end token.
    """

    def __init__(self, tokenizer: Any, dialect: Dialect):
        self.tokenizer = tokenizer
        self.dialect = dialect
        self.end = tokenizer.eos_token_id
        if not getattr(tokenizer, "chat_template", None):
            raise ValueError("model.path: its tokenizer has no chat template; an instruct model is expected")
        if tokenizer.eos_token not in self._after_answer:
            raise ValueError(f"model.path: the chat template does not end assistant turns with the end token {tokenizer.eos_token!r}")

    _ANSWER = "the assistant's answer"
    _PROBE = ({"role": "system", "content": "s"}, {"role": "user", "content": "u"}, {"role": "assistant", "content": _ANSWER})

    @cached_property
    def _after_answer(self) -> str:
        """What the template writes after an assistant's content, the end token included."""
        return self._template(list(self._PROBE), generate=False).split(self._ANSWER, 1)[1]

    def prompt(self, task: Task) -> list[int]:
        """Token ids up to the first assistant turn."""
        told = [self.dialect.instructions(task.first_tools)] if task.tools else []
        told += [message.content for message in task.context if message.role == "system"]
        messages = [{"role": "system", "content": self._data("\n\n".join(told))}] if told else []
        messages += [self._said(message, task) for message in task.context if message.role != "system"]
        if task.query or not messages:
            messages.append({"role": "user", "content": self._data(task.query)})
        return self._encode(self._template(messages, generate=True))

    def _said(self, message: Message, task: Task) -> dict[str, str]:
        """A message of a task's context as the template takes it; an assistant's is written in the dialect."""
        if message.role != "assistant":
            return {"role": message.role, "content": self._data(message.content)}
        text = "\n".join(filter(None, (message.content, self.dialect.render(message.calls, task.tools) if message.calls else "")))
        return {"role": "assistant", "content": _broken(text, [self.tokenizer.eos_token])}

    def read(self, text: str, task: Task) -> Parsed:
        """What an assistant's text says; where no tool is offered, it is an answer whatever it looks like.

        Raises:
            FormatError: from the dialect.
        """
        return self.dialect.parse(text, task.tools) if task.tools else Parsed((), final=text)

    def answer(self, text: str) -> list[int]:
        """Token ids of an assistant turn, the end token included."""
        # Only the end token is broken: a dialect's own markers may be control tokens too.
        return [*self._encode(_broken(text, [self.tokenizer.eos_token])), self.end]

    def reply(self, observation: str, follow_up: FollowUp | None, task: Task) -> list[int]:
        """Token ids between the end token of one assistant turn and the start of the next: what came of the turn.

        What the user goes on to say is a turn of the user's, after the tools' where they returned anything; the documents of
        tools that are offered from now on come with it.
        """
        said = []
        if observation or follow_up is None:
            said.append({"role": "tool", "content": self._data(observation)})
        if follow_up is not None:
            added = [spec for spec in task.tools if spec.name in follow_up.tools]
            text = "\n\n".join([self.dialect.instructions(added), follow_up.query] if added else [follow_up.query])
            said.append({"role": "user", "content": self._data(text)})
        # What a template writes before an answer may depend on what comes after it: only what follows the answer is taken.
        after = self._template([*self._PROBE, *said], generate=True).split(self._ANSWER, 1)[1]
        return self._encode(after.split(self.tokenizer.eos_token, 1)[1])

    def text(self, tokens: Sequence[int]) -> str:
        """The text of an assistant turn, without its end token."""
        kept = tokens[:-1] if tokens and tokens[-1] == self.end else tokens
        return self.tokenizer.decode(list(kept), skip_special_tokens=False)

    def token_span(self, tokens: Sequence[int], start: int, stop: int) -> tuple[int, int]:
        """The smallest token range [first, last) whose text covers the characters [start, stop) of `text(tokens)`."""
        return self._tokens_within(tokens, start), self._tokens_reaching(tokens, stop)

    def _tokens_reaching(self, tokens: Sequence[int], characters: int) -> int:
        """How many tokens it takes to write so many characters."""
        low, high = 0, len(tokens)
        while low < high:
            middle = (low + high) // 2
            if len(self.text(tokens[:middle])) >= characters:
                high = middle
            else:
                low = middle + 1
        return low

    def _tokens_within(self, tokens: Sequence[int], characters: int) -> int:
        """How many tokens end at or before a character."""
        return self._tokens_reaching(tokens, characters + 1) - 1 if tokens else 0

    def _data(self, text: str) -> str:
        """Text of others (queries, documents, results), in which no control token can be written."""
        return _broken(text, self.tokenizer.all_special_tokens)

    def _template(self, messages: list[dict[str, str]], *, generate: bool) -> str:
        text = self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=generate)
        assert isinstance(text, str)
        return text

    def _encode(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False))


def _broken(text: str, controls: Sequence[str]) -> str:
    """Text that UTF-8 can hold and in which each of some control strings is broken by a space."""
    text = text.encode("utf-8", "replace").decode()
    for control in controls:
        text = text.replace(control, f"{control[:1]} {control[1:]}")
    return text
