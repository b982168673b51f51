"""Conversations as token segments: what is sampled is never tokenised again, what is appended is tokenised once.

A conversation is a prompt segment, then assistant turns and reply segments in turn: what tools returned, what the user goes
on to say, or both. Every assistant turn ends with the end token, or where a model chooses so with another of its own; rollouts and
demonstrations are built by the same functions, so that both see the same tokens.

Tools are shown, and what is not the assistant's is framed, by the dialect; or `by_template`, where the chat template does both
and the dialect reads and writes the assistant's own text only.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any

from raytool.dialects import Dialect, Parsed, openai_tool
from raytool.records import FollowUp, Message, Task, ToolSpec, UserError


class Chat:
    """The segments of a conversation under the chat template of a (transformers) tokenizer and a dialect.

    `own_ends` are the ids that the model's generation config ends an answer with, beside the template's.

    Raises:
        UserError: the tokenizer has no chat template, or one that ends assistant turns with no control token.
    """

    def __init__(self, tokenizer: Any, dialect: Dialect, by_template: bool = False, own_ends: Collection[int] = ()):
        self.tokenizer = tokenizer
        self.dialect = dialect
        self.by_template = by_template
        if not getattr(tokenizer, "chat_template", None):
            raise UserError("model.path: its tokenizer has no chat template; expected is an instruct model, or model.chat_template")
        self.end_token = self._end_token()
        self._controls = list(dict.fromkeys([*tokenizer.all_special_tokens, self.end_token]))
        self.end: int = tokenizer.convert_tokens_to_ids(self.end_token)
        self.ends = frozenset([self.end, *own_ends])

    _ANSWER = "raytool's probe of this template"  # nothing that a document of a tool would say
    _PROBE = ({"role": "system", "content": "s"}, {"role": "user", "content": "u"}, {"role": "assistant", "content": _ANSWER})

    @cached_property
    def _after_answer(self) -> str:
        """What the template writes after an assistant's content, the end token included."""
        return self._template(list(self._PROBE), generate=False).split(self._ANSWER, 1)[1]

    def _end_token(self) -> str:
        """What ends an assistant's turn: the control token that the template writes first, which may be one of its own (Gemma's
        <end_of_turn>, Phi's <|end|>), or the tokenizer's end token somewhere after it."""
        added = getattr(self.tokenizer, "added_tokens_decoder", {}).values()
        controls = [self.tokenizer.eos_token, *(str(token) for token in added if token.special)]
        if first := [token for token in controls if self._after_answer.startswith(token)]:
            return max(first, key=len)
        if self.tokenizer.eos_token in self._after_answer:
            return str(self.tokenizer.eos_token)
        raise UserError(
            f"model.path: the chat template ends assistant turns with {self._after_answer[:20]!r}; the end token "
            f"{self.tokenizer.eos_token!r} or another control token is expected"
        )

    @cached_property
    def _knows_tools(self) -> bool:
        """Whether the template writes what a tool returned. Where it does not (Gemma's), the user says it."""
        told = "what a tool returned"
        try:
            return told in self._template([*self._PROBE, {"role": "tool", "content": told}], generate=True)
        except UserError:
            return False

    def _framed(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Messages as the template takes them: without the role of tools, where it knows none, and then no two of the user's in a row."""
        if self._knows_tools:
            return messages
        framed: list[dict[str, Any]] = []
        for message in messages:
            message = {**message, "role": "user"} if message["role"] == "tool" else message
            if framed and framed[-1]["role"] == message["role"] == "user":
                framed[-1] = {"role": "user", "content": f"{framed[-1]['content']}\n\n{message['content']}"}
            else:
                framed.append(message)
        return framed

    def prompt(self, task: Task) -> list[int]:
        """Token ids up to the first assistant turn.

        Raises:
            UserError: the template or the dialect cannot write the task's context.
        """
        tools = task.first_tools
        told = list(filter(None, [self.dialect.manner(tools) if self.by_template else self._instructions(tools)])) if task.tools else []
        told += [self._data(message.content) for message in task.context if message.role == "system"]
        messages: list[dict[str, Any]] = [{"role": "system", "content": "\n\n".join(told)}] if told else []
        messages += [self._said(message, task) for message in task.context if message.role != "system"]
        if task.query or not messages:
            messages.append({"role": "user", "content": self._query(task.query, task)})
        shown = [self._cleaned(openai_tool(self.dialect.document(spec))) for spec in tools] if self.by_template else []
        return self._encode(self._template(self._framed(messages), generate=True, tools=shown))

    def _said(self, message: Message, task: Task) -> dict[str, Any]:
        """A message of a task's context as the template takes it; an assistant's is written in the dialect, or by the template."""
        match message.role:
            case "user":
                return {"role": "user", "content": self._query(message.content, task)}
            case "tool":
                return {"role": "tool", "content": self._observation(message.content, task)}
        content = _broken(message.content, [self.end_token])
        if not task.tools or (self.by_template and not message.calls):
            return {"role": message.role, "content": content}
        if self.by_template:
            calls = [{"type": "function", "function": {"name": call.name, "arguments": call.arguments}} for call in message.calls]
            return {"role": message.role, "content": content, "tool_calls": self._cleaned(calls)}
        try:
            text = self.dialect.turn(message.content, message.calls, task.tools)
        except UserError as error:
            raise UserError(f"task {task.id}: {error}") from None
        return {"role": message.role, "content": _broken(text, [self.end_token])}

    def read(self, text: str, task: Task) -> Parsed:
        """What an assistant's text says; where no tool is offered, it is an answer whatever it looks like.

        Raises:
            FormatError: from the dialect.
        """
        return self.dialect.parse(text, task.tools) if task.tools else Parsed((), final=text)

    def answer(self, text: str) -> list[int]:
        """Token ids of an assistant turn, the end token included."""
        # Only the end token is broken: a dialect's own markers may be control tokens too.
        return [*self._encode(_broken(text, [self.end_token])), self.end]

    def reply(self, observations: Sequence[str], follow_up: FollowUp | None, task: Task) -> list[int]:
        """Token ids between the end token of one assistant turn and the start of the next: what came of the turn, call by call.

        What the user goes on to say is a turn of the user's, after the tools' where they returned anything; the documents of
        tools that are offered from now on come with it.
        """
        said = []
        if any(observations) or follow_up is None:
            told = observations if self.by_template else ["\n".join(observations)]
            said += [{"role": "tool", "content": self._observation(text, task)} for text in told]
        if follow_up is not None:
            added = [spec for spec in task.tools if spec.name in follow_up.tools]
            query = self._query(follow_up.query, task)
            said.append({"role": "user", "content": "\n\n".join([self._instructions(added), query] if added else [query])})
        shown = [openai_tool(self.dialect.document(spec)) for spec in task.first_tools] if self.by_template else []
        # What a template writes before an answer may depend on what comes after it: only what follows the answer is taken.
        after = self._template([*self._PROBE, *self._framed(said)], generate=True, tools=shown).split(self._ANSWER, 1)[1]
        return self._encode(after.split(self.end_token, 1)[1])

    def text(self, tokens: Sequence[int]) -> str:
        """The text of an assistant turn, without its end token."""
        kept = tokens[:-1] if tokens and tokens[-1] in self.ends else tokens
        return self.tokenizer.decode(list(kept), skip_special_tokens=False)

    def token_span(self, tokens: Sequence[int], start: int, stop: int) -> tuple[int, int]:
        """The smallest token range [first, last) whose text covers the characters [start, stop) of `text(tokens)`."""
        whole = self.text(tokens)

        def written(count: int) -> tuple[int, int]:
            """How many characters so many tokens write, with as many more as end a character that they leave unfinished; and how many
            tokens that makes."""
            # An unfinished character is decoded as others, by some tokenizers as one for each of its bytes.
            while not whole.startswith(text := self.text(tokens[:count])):
                count += 1
            return len(text), count

        first = bisect_right(range(1, len(tokens)), start, key=lambda count: written(count)[0])
        last = bisect_left(range(len(tokens)), stop, key=lambda count: written(count)[0])
        return first, written(last)[1]

    def _instructions(self, tools: Sequence[ToolSpec]) -> str:
        """What the dialect says of tools. A control token that is a mark of the dialect's own stays whole."""
        own = self.dialect.instructions(())
        return _broken(self.dialect.instructions(tools), [token for token in self._controls if token not in own])

    def _query(self, text: str, task: Task) -> str:
        text = self._data(text)
        return self.dialect.query(text) if task.tools and not self.by_template else text

    def _observation(self, text: str, task: Task) -> str:
        text = self._data(text)
        return self.dialect.observation(text) if task.tools and not self.by_template else text

    def _data(self, text: str) -> str:
        """Text of others (queries, documents, results), in which no control token can be written."""
        return _broken(text, self._controls)

    def _cleaned(self, value: Any) -> Any:
        """JSON in whose strings no control token can be written."""
        match value:
            case str():
                return self._data(value)
            case dict():
                return {self._data(key): self._cleaned(item) for key, item in value.items()}
            case list() | tuple():
                return [self._cleaned(item) for item in value]
        return value

    def _template(self, messages: list[dict[str, Any]], *, generate: bool, tools: Sequence[dict[str, Any]] = ()) -> str:
        options: dict[str, Any] = {"tools": list(tools)} if tools else {}
        try:
            text = self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=generate, **options)
        except Exception as error:  # the model's own program, which may fail in any way
            raise UserError(f"model.path: its chat template cannot write this conversation: {error}") from error
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
