"""Key tokens weigh more (TL-Training, PKT): the tokens that tell a tool's name from those of the other tools.

consumes an Episode as it was tokenised; produces a weight for each of its tokens. An episode's own tokens are never made anew: only
the names of other tools are tokenised, where they would stand in its text.

A call is a run of tokens, wrapper included. Its key tokens K are the first of the called name, and for every other offered name that
begins with the same L > 0 tokens the token L further on. They weigh clip(|NK| / |K|, 1, cap), everything else 1, where NK is by rule
- `paper`: the call's tokens that are not in K;
- `code`: those, less the closing token of every argument value, and the end token: what the authors' program counts.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Hashable, Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Literal, Protocol

from raytool.dialects import Dialect, Parsed, ParsedCall
from raytool.records import Episode, Span, Task, Turn, answers

Rule = Literal["paper", "code"]

# Marks only, and among them a bracket that closes, or a quote before a comma.
_CLOSES = re.compile(r"\s*[^\w\s]*(?:[)\]}]|[\"'],)[^\w\s]*\s*")
_QUOTES = ("'", '"')


def key_offsets(name: Sequence[Hashable], others: Iterable[Sequence[Hashable]]) -> set[int]:
    """Offsets of the key tokens from the first token of the called name, given the tokens of it and of the other offered names.

    An offset is len(name) where the called name is itself the beginning of another: the token after it tells them apart.
    """
    return {0, *(_common(name, other) for other in others)}


def closing_offsets(after_name: Sequence[str]) -> set[int]:
    """Which tokens (their texts) from a call's name on close an argument value; the last one, where none does.

    Several in a row close one value and what it stands in: the first of them counts.
    """
    found = [_CLOSES.fullmatch(text) is not None for text in after_name]
    return {i for i, closes in enumerate(found) if closes and not (i and found[i - 1])} or {len(after_name) - 1}


def other_tokens(rule: Rule, call: range, keys: Set[int], closing: Set[int]) -> int:
    """|NK|: how many tokens the key ones are weighed against. `keys` and those that close a value are places among the call's."""
    if rule == "paper":
        return sum(place not in keys for place in call)
    return sum(place not in keys and place not in closing for place in call) + 1  # the end token


def key_weight(others: int, keys: int, cap: float) -> float:
    """clip(|NK| / |K|, 1, cap)"""
    return min(max(others / keys, 1.0), cap)


def _common(left: Sequence[Hashable], right: Sequence[Hashable]) -> int:
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))


class Written(Protocol):
    """How assistant turns are written as tokens: a Chat of `raytool.rollout.chat`, whose methods these are."""

    @property
    def dialect(self) -> Dialect: ...

    def read(self, text: str, task: Task) -> Parsed: ...

    def answer(self, text: str) -> list[int]: ...

    def text(self, tokens: Sequence[int]) -> str: ...

    def token_span(self, tokens: Sequence[int], start: int, stop: int) -> tuple[int, int]: ...


@dataclass(frozen=True, slots=True)
class KeyCall:
    """A call's tokens in its episode, the key ones among them, and what these weigh."""

    span: Span
    keys: frozenset[int]
    weight: float


@dataclass(frozen=True, slots=True)
class KeyTokens:
    """Weighs the tokens of the episodes of a chat."""

    chat: Written
    rule: Rule
    cap: float

    def weights(self, episode: Episode) -> list[float]:
        """[T] a weight for each token: 0 where the loss mask is, and 1 where it is not but for key tokens."""
        weights = [float(carries) for carries in episode.loss_mask]
        for call in self.calls(episode):
            for key in call.keys:
                weights[key] = call.weight
        return weights

    def calls(self, episode: Episode) -> list[KeyCall]:
        """The calls of an episode that could be parsed, in order."""
        written = {spec.name: self.chat.dialect.spelled(spec.name, episode.task.tools) for spec in episode.task.tools}
        found, given = [], 0
        for turn in episode.turns:
            if turn.calls and all(call.call is not None for call in turn.calls):
                offered = _offered(episode.task, given)
                parsed = self.chat.read(turn.text, episode.task).calls
                for read, call in zip(parsed, turn.calls, strict=True):
                    others = [written[name] for name in offered if name != read.call.name]
                    found.append(self._call(episode.tokens, turn, read, call.span, others))
            given += answers(turn, episode.task)
        return found

    def _call(self, tokens: Sequence[int], turn: Turn, read: ParsedCall, span: Span, other_names: Sequence[str]) -> KeyCall:
        """`read` is in characters of the turn's text, `span` in tokens of the episode."""
        said = tokens[turn.span.start : turn.span.stop]
        first, stop = self.chat.token_span(said, read.name_start, read.name_stop)
        begins = _first_byte(turn.text[read.name_start : read.name_stop])
        # Names that begin with different bytes share no token: most need not be tokenised.
        named = [self._standing(turn.text, read, other) for other in other_names if _first_byte(other) == begins]
        keys = {turn.span.start + first + offset for offset in key_offsets(said[first:stop], named)}
        closing = self._closing(said, turn, read, span) if self.rule == "code" else set()
        others = other_tokens(self.rule, range(span.start, span.stop), keys, closing)
        return KeyCall(span, frozenset(keys), key_weight(others, len(keys), self.cap))

    def _standing(self, text: str, read: ParsedCall, name: str) -> Sequence[int]:
        """The tokens of another name where the called one stands, those included that it shares with the text around it."""
        tokens = self.chat.answer(text[: read.name_start] + name + text[read.name_stop :])
        first, stop = self.chat.token_span(tokens, read.name_start, read.name_start + len(name))
        return tokens[first:stop]

    def _closing(self, said: Sequence[int], turn: Turn, read: ParsedCall, span: Span) -> Set[int]:
        """Tokens of the episode that close an argument value; the quote after a name in JSON closes none."""
        after = read.name_stop + (turn.text[read.name_stop] in _QUOTES)
        first = turn.span.start + self.chat.token_span(said, read.start, after)[1]
        texts = [self.chat.text([token]) for token in said[first - turn.span.start : span.stop - turn.span.start]]
        return {first + offset for offset in closing_offsets(texts)}


def _first_byte(name: str) -> bytes:
    return name.encode("utf-8", "replace")[:1]


def _offered(task: Task, answers: int) -> list[str]:
    """The names of the tools that are offered once so many answers were given."""
    later = {name for follow_up in task.follow_ups[answers:] for name in follow_up.tools}
    return [spec.name for spec in task.tools if spec.name not in later]
