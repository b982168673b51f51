"""Right calls made wrong, each so that exactly one verdict category follows (docs/rewards.md); pure, and the same for the same generator.

They serve twice: executed and followed by the right call they are errors with their repair (docs/environments.md), and they
prove that a reward tells the categories apart. Whether a mutated call fails is often known to the environment only; where its
tool's document alone refuses it, `Mutation.feedback` says with what.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import numpy as np

from raytool.records import FINISH, Feedback, Gold, GoldCall, How, Task, ToolCall, ToolSpec, by_numbers

CATEGORIES = (
    "format_error",
    "tool_hallucination",
    "wrong_tool",
    "parameters_hrm",
    "parameters_hr",
    "parameters_hm",
    "parameters_rm",
    "parameters_h",
    "parameters_r",
    "parameters_m",
    "content",
    "tool_call_failure",
)
_TRIES = 24  # draws of a value that gold does not accept
_VERBS = ("get", "find", "fetch", "list", "show", "lookup", "query", "do", "run", "make", "put", "change")
_UNDOCUMENTED = ("verbose", "notes", "output_format", "request_id", "locale", "dry", "api_key", "extra", "callback", "fields")
_WORDS = ("unknown", "sample", "default", "other", "misc", "test", "nothing", "first", "main", "draft")


@dataclass(frozen=True, slots=True)
class Mutation:
    """A wrong call in the place of a path's call number `place`; `call` None: the right one's text, cut off.

    `feedback` is what every environment says of it, None where it depends on the state. `category` is the verdict while
    no other gold call is open (see `settled`).
    """

    category: str
    place: int
    call: ToolCall | None
    feedback: Feedback | None = None


def draw_path(task: Task, random: np.random.Generator) -> tuple[GoldCall, ...]:
    """One right order of the calls of one gold alternative."""
    gold = task.gold[int(random.integers(len(task.gold)))]
    if not gold.free_order:
        return gold.calls
    left, path = list(gold.calls), list[GoldCall]()
    while left:
        free = _next(left)
        path += _shuffled(free, random)
        left = left[len(free) :]
    return tuple(path)


def settled(task: Task, path: Sequence[GoldCall]) -> list[int]:
    """The places of a path at which its call is the only one that is open: no alternative or other order has another."""
    return [place for place, call in enumerate(path) if all(other == call for gold in task.gold for other in _open(gold, path[:place]))]


def mutations(
    task: Task, path: Sequence[GoldCall], places: Sequence[int], random: np.random.Generator, how: How = by_numbers
) -> list[Mutation]:
    """For each category that some of the places admit, one mutation at one of them, in the order of `CATEGORIES`.

    A gold call whose tool is not offered admits none. A wrong value is one that gold does not accept when values are compared `how`.
    """
    found = []
    for category in CATEGORIES:
        for place in _shuffled(places, random):
            if (made := _mutated(category, task, path[place], random, how)) is not None:
                found.append(Mutation(category, place, *made))
                break
    return found


def wrong_values(task: Task, path: Sequence[GoldCall], random: np.random.Generator, how: How = by_numbers) -> list[ToolCall]:
    """The calls of a path that have a value to be wrong, each with one: the tools refuse some of them."""
    made = (_mutated("content", task, gold, random, how) for gold in path)
    return [found[0] for found in made if found is not None and found[0] is not None]


def _next(calls: Sequence[GoldCall]) -> list[GoldCall]:
    """Those that may come first where the order between two calls of `finish` is free."""
    return list(takewhile(lambda call: call.name != FINISH.name, calls)) or list(calls[:1])


def _open(gold: Gold, done: Sequence[GoldCall]) -> list[GoldCall]:
    """The calls of an alternative that may come next; none if it does not begin with what was done."""
    if not gold.free_order:
        return [*gold.calls[len(done) : len(done) + 1]] if list(gold.calls[: len(done)]) == list(done) else []
    left = list(gold.calls)
    for call in done:
        if call not in _next(left):
            return []
        left.remove(call)
    return _next(left)


Made = tuple[ToolCall | None, Feedback | None]


def _mutated(category: str, task: Task, gold: GoldCall, random: np.random.Generator, how: How) -> Made | None:
    """A wrong call in place of a right one, and the feedback if it is certain; None if the right one does not admit the category."""
    spec = task.tool(gold.name)
    if spec is None:
        return None
    match category:
        case "format_error":
            return None, Feedback.FORMAT_ERROR
        case "tool_hallucination":
            return ToolCall(_unoffered(task, gold.name, random), gold.arguments), Feedback.TOOL_HALLUCINATION
        case "wrong_tool":
            return _wrong_tool(task, gold, random)
        case "content":
            return _wrong_value(gold, spec, random, how)
        case "tool_call_failure":
            return _no_text(gold, spec)
    return _wrong_parameters(category.removeprefix("parameters_"), gold, spec, random, how)


def _unoffered(task: Task, name: str, random: np.random.Generator) -> str:
    """A name like `name` that no offered tool has."""
    _, underscore, rest = name.partition("_")
    for verb in _shuffled(_VERBS, random):
        if task.tool(made := f"{verb}_{rest if underscore else name}") is None:
            return made
    while task.tool(name) is not None:
        name += "_v2"
    return name


def _wrong_tool(task: Task, gold: GoldCall, random: np.random.Generator) -> Made | None:
    """Another offered tool, with gold's values where their names fit. (Never `finish`: it would end the episode before the repair.)"""
    others = [spec for spec in task.tools if spec.name not in (gold.name, FINISH.name)]
    if not others:
        return None
    spec = _pick(others, random)
    given = {name: value for name, value in gold.arguments.items() if name in spec.documented}
    missing = {name: sample_value(spec.documented[name], spec, random) for name in spec.required if name not in given}
    return ToolCall(spec.name, given | missing), None


def _wrong_parameters(letters: str, gold: GoldCall, spec: ToolSpec, random: np.random.Generator, how: How) -> Made | None:
    """Parameters hallucinated (h), redundant (r) and missing (m). With h and m one is renamed."""
    arguments = dict(gold.arguments)
    value: Any = bool(random.integers(2))
    feedback = None
    if "m" in letters:
        if not (left_out := gold.missing({})):
            return None
        name = _pick(left_out, random)
        value = arguments.pop(name)
        feedback = Feedback.PARAMETER_MISSING if name in spec.required else None
    if "r" in letters:
        if (more := _redundant(gold, spec, random, how)) is None:
            return None
        arguments |= more
    if "h" in letters:
        arguments[_pick([name for name in _UNDOCUMENTED if name not in spec.documented], random)] = value
        feedback = Feedback.PARAMETER_HALLUCINATION
    return ToolCall(gold.name, arguments), feedback


def _redundant(gold: GoldCall, spec: ToolSpec, random: np.random.Generator, how: How) -> dict[str, Any] | None:
    """A documented parameter that is not gold's, with a value that gold does not accept."""
    for name in _shuffled([name for name in spec.documented if name not in gold.arguments], random):
        for _ in range(_TRIES):
            if not gold.accepts(name, value := sample_value(spec.documented[name], spec, random), how):
                return {name: value}
    return None


def _wrong_value(gold: GoldCall, spec: ToolSpec, random: np.random.Generator, how: How) -> Made | None:
    """One value changed, most often within its type."""
    for name in _shuffled([name for name in gold.arguments if name not in gold.free and name in spec.documented], random):
        for _ in range(_TRIES):
            change = _other_type if random.random() < 0.2 else _other_value
            if not gold.accepts(name, value := change(gold.arguments[name], spec.documented[name], spec, random), how):
                return ToolCall(gold.name, {**gold.arguments, name: value}), None
    return None


def _no_text(gold: GoldCall, spec: ToolSpec) -> Made | None:
    """A number where free text is expected: the values are not compared, and the call fails all the same."""
    texts = [name for name in gold.free if spec.documented.get(name, {}).get("type") == "string"]
    return (ToolCall(gold.name, {**gold.arguments, texts[0]: 7}), Feedback.TOOL_CALL_FAILURE) if texts else None


# ---- values


def _other_type(value: Any, schema: dict[str, Any], spec: ToolSpec, random: np.random.Generator) -> Any:
    """The value as a model that mistakes its type would write it."""
    if isinstance(value, str):
        return [value] if random.integers(2) else {"value": value}
    return str(value)


def _other_value(value: Any, schema: dict[str, Any], spec: ToolSpec, random: np.random.Generator) -> Any:
    """A value of the same type; it may come out as the same value."""
    schema = _resolved(schema, spec)
    if "enum" in schema:
        return _pick(schema["enum"], random)
    match value:
        case bool():
            return not value
        case int():
            return value + int(random.integers(1, 10)) * (-1 if value > 10 and random.integers(2) else 1)
        case float():
            return round(value + int(random.integers(1, 10)) / 2, 2)
        case str():
            return _other_text(value, random)
        case [_, *_]:
            at = int(random.integers(len(value)))
            if len(value) > 1 and random.integers(2):
                return [element for number, element in enumerate(value) if number != at]
            changed = _other_value(value[at], schema.get("items", {}), spec, random)
            return [changed if number == at else element for number, element in enumerate(value)]
        case dict() if value:
            name = _pick(list(value), random)
            return {**value, name: _other_value(value[name], schema.get("properties", {}).get(name, {}), spec, random)}
    return sample_value(schema, spec, random)


def _other_text(text: str, random: np.random.Generator) -> str:
    """A number in it changed, or a word of it left out, or another case, or a word more."""
    numbers = list(re.finditer(r"\d+", text))
    if numbers and random.random() < 0.7:
        found = _pick(numbers, random)
        changed = str(int(found.group()) + int(random.integers(1, 9))).zfill(len(found.group()))
        return text[: found.start()] + changed + text[found.end() :]
    words = text.split(" ")
    match int(random.integers(3)):
        case 0 if len(words) > 1:
            del words[int(random.integers(len(words)))]
            return " ".join(words)
        case 1 if text.swapcase() != text:
            return text.lower() if text.lower() != text else text.capitalize()
    return f"{text} {_pick(_WORDS, random)}" if len(words) > 1 else _pick(_WORDS, random)


def sample_value(schema: dict[str, Any], spec: ToolSpec, random: np.random.Generator) -> Any:
    """A value that a JSON Schema admits."""
    schema = _resolved(schema, spec)
    if "enum" in schema:
        return _pick(schema["enum"], random)
    if forms := [form for form in schema.get("anyOf", ()) if form.get("type") != "null"]:
        return sample_value(_pick(forms, random), spec, random)
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) else kind:
        case "integer":
            return int(random.integers(1, 100))
        case "number":
            return int(random.integers(1, 1000)) / 4
        case "boolean":
            return bool(random.integers(2))
        case "array":
            return [sample_value(schema.get("items", {}), spec, random)]
        case "object":
            properties = schema.get("properties", {})
            return {name: sample_value(properties[name], spec, random) for name in schema.get("required", properties)}
    return _pick(_WORDS, random)


def _resolved(schema: dict[str, Any], spec: ToolSpec) -> dict[str, Any]:
    reference = schema.get("$ref", "")
    found: dict[str, Any] = spec.parameters.get("$defs", {}).get(reference.rpartition("/")[2], {}) if reference else schema
    return found


def _pick(items: Sequence[Any], random: np.random.Generator) -> Any:
    return items[int(random.integers(len(items)))]


def _shuffled(items: Sequence[Any], random: np.random.Generator) -> list[Any]:
    return [items[index] for index in random.permutation(len(items)).tolist()]
