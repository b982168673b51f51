"""Where a model's calls go wrong: the error analysis of TL-Training (arXiv 2412.15495, table 1) from a scorecard's answers.

Each gold call is held against the call that stands for it: of a gold of one call, the first call made; of several, the nearest,
and what is left in order. Of gold's alternatives the one that the answer is nearest to counts. A pair is

    all_right   the tool, the parameters and their values are gold's
    values      a value is wrong. It may be a synonym of gold's (`raytool.evaluation.synonyms`); the call's values are
                "synonyms" if all that are wrong are
    parameters  some are hallucinated (the tool documents no such), redundant (documented, and not gold's) or missing; a call
                may be all three. The words are the reward's (docs/rewards.md): what gold leaves unsaid is redundant with any
                value but an accepted one, which PI takes for a wrong value
    wrong_tool  the name differs from gold's, in its first token or after a common prefix of tokens; the tool may not even be offered
    no_call     there is none: a text, a call that cannot be read, an answer that was cut, fewer calls than gold's

Tokens are those of the answer as it stands, beside those of the same answer with gold's name in the wrong one's place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from raytool import dialects
from raytool.dialects import Dialect, FormatError, ParsedCall
from raytool.evaluation.scorecard import Result, Scorecard
from raytool.evaluation.synonyms import synonymous
from raytool.records import Gold, GoldCall, StopReason, Task, ToolCall, UserError

Kind = Literal["no_call", "wrong_tool", "parameters", "values", "all_right"]
Tokenize = Callable[[str], tuple[Sequence[int], Sequence[tuple[int, int]]]]
"""A text's token ids, and the characters [start, stop) of each."""

ROWS = (
    "gold calls",
    "all right",
    "no call",
    "wrong tool",
    "wrong tool: differs in the first token",
    "wrong tool: shares a prefix",
    "wrong tool: not offered",
    "wrong parameters",
    "wrong parameters: redundant",
    "wrong parameters: missing",
    "wrong parameters: hallucinated",
    "wrong values",
    "wrong values: synonyms",
    "wrong values: others",
)
"""What is counted. After a colon stands a part of what stands before it."""

_NEARER: tuple[Kind, ...] = ("no_call", "wrong_tool", "parameters", "values", "all_right")


@dataclass(frozen=True, slots=True)
class Made:
    """A call with its place: the turn whose text it stands in, and where there."""

    turn: int
    text: str
    parsed: ParsedCall

    @property
    def call(self) -> ToolCall:
        return self.parsed.call


@dataclass(frozen=True, slots=True)
class Pair:
    """A gold call, the call that stands for it, and how the two differ. Parameters are by name, `wrong` and `synonyms` too."""

    gold: GoldCall
    made: Made | None
    kind: Kind
    offered: bool = True
    hallucinated: tuple[str, ...] = ()
    redundant: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Divergence:
    """An answer's tokens as `written`, and as they were with gold's name as `right`.

    The wrong name begins in token `name`, and token `at` is the first that differs: `shared` of the name's are the same.
    """

    written: Sequence[int]
    right: Sequence[int]
    name: int
    at: int

    @property
    def shared(self) -> int:
        return max(0, self.at - self.name)

    @property
    def corrected(self) -> list[int]:
        """The answer up to its first wrong token, which is gold's."""
        return [*self.written[: self.at], *self.right[self.at : self.at + 1]]


def made(result: Result, task: Task, dialect: Dialect) -> list[Made]:
    """The calls of an answer. What stands in a turn that cannot be read, or was cut, is none."""
    texts = result.output[:-1] if result.stop == StopReason.TOKEN_LIMIT else result.output
    return [found for turn, text in enumerate(texts) for found in _read(turn, text, task, dialect)]


def pairs(calls: Sequence[Made], task: Task) -> list[Pair]:
    """Gold calls beside those of an answer; nothing where the task has no gold."""
    found = [_paired(calls, gold, task) for gold in task.gold if gold.calls]
    return max(found, key=lambda of_one: sum(_NEARER.index(pair.kind) for pair in of_one) / len(of_one)) if found else []


def kind(gold: GoldCall, call: ToolCall) -> Kind:
    """How a call differs from a gold call."""
    if call.name != gold.name:
        return "wrong_tool"
    if gold.redundant(call.arguments) or gold.missing(call.arguments):
        return "parameters"
    return "values" if gold.wrong_values(call.arguments) else "all_right"


def divergence(made: Made, gold: GoldCall, task: Task, dialect: Dialect, tokenize: Tokenize) -> Divergence:
    """Where an answer leaves the one that names gold's tool."""
    start, stop = made.parsed.name_start, made.parsed.name_stop
    written, places = tokenize(made.text)
    right, _ = tokenize(made.text[:start] + _spelt(gold.name, task, dialect) + made.text[stop:])
    same = next((at for at, (left, other) in enumerate(zip(written, right, strict=False)) if left != other), min(len(written), len(right)))
    return Divergence(written, right, next((at for at, (_, end) in enumerate(places) if end > start), len(written)), same)


def dialect_of(card: Scorecard) -> Dialect:
    """The dialect in which a scorecard's answers are read.

    Raises:
        UserError: the scorecard does not say.
    """
    name = str(card.about.get("dialect", "")).removeprefix("template (").removesuffix(")")
    if not name:
        raise UserError(f"{card.suite}: the scorecard's about.dialect does not say how its answers are written")
    return dialects.make(name, card.about.get("prompting", "base"))


def counts(pairs: Sequence[Pair], shared: Sequence[int]) -> dict[str, int]:
    """The figures of the table, by `ROWS`. `shared` is how many tokens each wrong tool's name shares with gold's."""
    kinds = Counter(pair.kind for pair in pairs)
    of_parameters = [pair for pair in pairs if pair.kind == "parameters"]
    of_values = [pair for pair in pairs if pair.kind == "values"]
    figures = (
        len(pairs),
        kinds["all_right"],
        kinds["no_call"],
        kinds["wrong_tool"],
        sum(count == 0 for count in shared),
        sum(count > 0 for count in shared),
        sum(not pair.offered for pair in pairs),
        len(of_parameters),
        sum(bool(pair.redundant) for pair in of_parameters),
        sum(bool(pair.missing) for pair in of_parameters),
        sum(bool(pair.hallucinated) for pair in of_parameters),
        len(of_values),
        sum(pair.wrong == pair.synonyms for pair in of_values),
        sum(pair.wrong != pair.synonyms for pair in of_values),
    )
    return dict(zip(ROWS, figures, strict=True))


def as_json(sample: str, pair: Pair) -> dict[str, Any]:
    """What is wrong with a pair, for a file."""
    made = pair.made.call if pair.made else None
    detail = {
        name: list(getattr(pair, name)) for name in ("hallucinated", "redundant", "missing", "wrong", "synonyms") if getattr(pair, name)
    }
    called = {"name": made.name, "arguments": made.arguments} if made else None
    return {"id": sample, "kind": pair.kind, "call": called, "gold": {"name": pair.gold.name, "arguments": pair.gold.arguments}, **detail}


def _read(turn: int, text: str, task: Task, dialect: Dialect) -> Iterator[Made]:
    try:
        yield from (Made(turn, text, parsed) for parsed in dialect.parse(text, task.tools).calls)
    except FormatError:
        return


def _paired(calls: Sequence[Made], gold: Gold, task: Task) -> list[Pair]:
    """The nearest call for each gold call, the best pairs first; then what is left, in order."""
    if len(gold.calls) == 1:
        return [_pair(gold.calls[0], calls[0] if calls else None, task)]
    left, found = list(calls), dict[int, Pair]()
    for wanted_kind in ("all_right", "values", "parameters"):
        for number, wanted in enumerate(gold.calls):
            for made in () if number in found else left:
                if (pair := _pair(wanted, made, task)).kind == wanted_kind:
                    found[number] = pair
                    left.remove(made)
                    break
    for number, wanted in enumerate(gold.calls):
        if number not in found:
            found[number] = _pair(wanted, left.pop(0) if left else None, task)
    return [found[number] for number in range(len(gold.calls))]


def _pair(gold: GoldCall, made: Made | None, task: Task) -> Pair:
    if made is None:
        return Pair(gold, None, "no_call")
    given, spec = made.call.arguments, task.tool(made.call.name)
    found = kind(gold, made.call)
    if found == "wrong_tool":
        return Pair(gold, made, found, offered=spec is not None)
    beyond, wrong = gold.redundant(given), gold.wrong_values(given)
    documented = spec.documented if spec else gold.names
    accepted = {name: (gold.arguments[name], *gold.accept.get(name, ())) for name in wrong}
    return Pair(
        gold,
        made,
        found,
        hallucinated=tuple(name for name in beyond if name not in documented),
        redundant=tuple(name for name in beyond if name in documented),
        missing=tuple(gold.missing(given)),
        wrong=tuple(wrong),
        synonyms=tuple(name for name in wrong if any(synonymous(given[name], value) for value in accepted[name])),
    )


def _spelt(name: str, task: Task, dialect: Dialect) -> str:
    """How a tool's name is written in a call; as it is where no call of it can be read."""
    try:
        return dialect.spelled(name, task.tools)
    except FormatError:
        return name
