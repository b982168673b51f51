"""BFCL's records as Tasks, read out of the wheel `bfcl-eval` (whose code is not imported: it needs much else).

Records are JSON lines; parameter types are BFCL's own ("dict", "float", "tuple", "any"). Answers either list accepted
values by parameter, "" meaning that it may be omitted, or are Python calls (the executable sets).
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from raytool.dialects import PythonDialect
from raytool.evaluation.suite import Unreadable
from raytool.methods.naming import Names, named
from raytool.records import FUNCTION_CALL_ENV, Gold, GoldCall, Message, Task, ToolSpec

_TYPES = {
    "dict": "object",
    "float": "number",
    "double": "number",
    "tuple": "array",
    "HashMap": "object",
    "Array": "array",
    "ArrayList": "array",
}
_KNOWN = {"string", "integer", "number", "boolean", "array", "object", "null"}


def tasks(
    categories: Sequence[str], split: str = "train", stated: bool = False, distractors: int = 0, seed: int = 0, names: Names = "own"
) -> Iterator[Task]:
    """The records of some categories (`simple_python`, `multiple`, `exec_simple`, ...) as tasks of one turn.

    Each offers `distractors` tools of other records besides its own, drawn by seed and at random places.

    With `stated`, what the first accepted answer gives has to be given, although BFCL lets some of it be left out: a
    policy that is rewarded for leaving out learns to do so where it is not right.

    With `names` neutral tools are called tool_1, tool_2, ..., so that only their documents tell what they are; with mixed those of half
    of the tasks are, drawn by seed.

    The records of a category are not divided: `split` is what they are used for, and a tag of the tasks.

    Raises:
        ValueError: a category that the wheel does not have, or a record that cannot be read (named).
    """
    if split not in ("train", "test"):
        raise ValueError(f"split: '{split}' given; 'train' or 'test' is expected")
    found: list[Task] = []
    for category in categories:
        for record in records(category):
            if isinstance(record, Unreadable):
                raise ValueError(f"{record.where}: {record.reason}")
            if record.answer is None:
                raise ValueError(f"categories: BFCL has no answers to '{category}'; it has them to {', '.join(_answered())}")
            try:
                found.append(task_of(record, split, stated))
            except MALFORMED as error:
                raise ValueError(f"BFCL record {record.question['id']}: {type(error).__name__}: {error}") from error
    known = list({spec.name: spec for task in found for spec in task.tools}.values())
    for number, task in enumerate(found):
        among = _among_others(task, known, distractors, np.random.default_rng([seed, number])) if distractors else task
        yield named(among, names, seed)


def _among_others(task: Task, known: Sequence[ToolSpec], count: int, random: np.random.Generator) -> Task:
    others = [spec for spec in known if task.tool(spec.name) is None]
    offered = [*task.tools, *(others[i] for i in random.choice(len(others), count, replace=False))]
    return replace(task, tools=tuple(offered[i] for i in random.permutation(len(offered))))


@dataclass(frozen=True, slots=True)
class Record:
    """A question with its answer as the wheel's files have them; a category that asks for no certain call has no answers."""

    category: str
    where: str
    """File and line."""
    question: dict[str, Any]
    answer: dict[str, Any] | None


MALFORMED = (KeyError, ValueError, TypeError, IndexError, AttributeError)  # what reading a record of another form raises


def records(category: str) -> Iterator[Record | Unreadable]:
    """The records of a category in the file's order, those that cannot be read among them.

    Raises:
        ValueError: a category that the wheel does not have.
    """
    questions, answers = _files(category)
    known = {line["id"]: line for _, line in _lines(answers) if isinstance(line, dict)} if answers else None
    for where, line in _lines(questions):
        if isinstance(line, str):
            yield Unreadable(where, line, {"category": category})
        elif known is None:
            yield Record(category, where, line, None)
        elif (answer := known.get(line["id"])) is not None:
            yield Record(category, where, line, answer)
        else:
            yield Unreadable(where, f"'{line['id']}' has no answer that can be read", {"category": category}, line["id"])


def _data() -> Path:
    spec = importlib.util.find_spec("bfcl_eval")
    if spec is None or spec.origin is None:
        raise ValueError("BFCL's data is in the package bfcl-eval, which is not installed (pip install --no-deps bfcl-eval)")
    return Path(spec.origin).parent / "data"


def _files(category: str) -> tuple[Path, Path | None]:
    data, name = _data(), f"BFCL_v4_{category}.json"
    for questions, answers in (
        (data, data / "possible_answer"),
        (data / "unused_datasets/question", data / "unused_datasets/possible_answer"),
    ):
        if (questions / name).is_file():
            return questions / name, answers / name if (answers / name).is_file() else None
    raise ValueError(f"categories: BFCL has no '{category}'; with answers it has {', '.join(_answered())}")


def _answered() -> list[str]:
    return sorted(path.stem.removeprefix("BFCL_v4_") for path in _data().rglob("possible_answer/BFCL_v4_*.json"))


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Each line's place, and the object that it holds, or what is wrong with it."""
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            read = json.loads(line)
            found = read if isinstance(read, dict) and isinstance(read.get("id"), str) else "an object with an id was expected"
        except ValueError as error:
            found = str(error)
        yield f"{path.name}:{number}", found


def task_of(record: Record, split: str = "train", stated: bool = False) -> Task:
    """A record of one turn as a task. What was said before the query is its context.

    Raises:
        one of MALFORMED: it has another form.
    """
    question = record.question
    tools = tuple(ToolSpec(f["name"], f["description"], schema_of(f["parameters"])) for f in question["function"])
    ((*before, asked),) = question["question"]
    gold = (Gold(tuple(_gold_calls(record.answer["ground_truth"], tools, stated)), free_order=True),) if record.answer else ()
    return Task(
        id=f"bfcl-{question['id']}",
        env=FUNCTION_CALL_ENV,
        query=asked["content"],
        tools=tools,
        gold=gold,
        context=tuple(Message(message["role"], message["content"]) for message in before),
        tags={"suite": "bfcl", "category": record.category, "split": split},
    )


def _gold_calls(answers: Iterable[Any], tools: Sequence[ToolSpec], stated: bool) -> Iterator[GoldCall]:
    for answer in answers:
        if isinstance(answer, str):
            for parsed in PythonDialect().parse(answer, tools).calls:
                yield GoldCall(parsed.call.name, parsed.call.arguments)
            continue
        ((name, accepted),) = answer.items()
        arguments, accept, optional = {}, {}, []
        documented, required = next(((spec.documented, spec.required) for spec in tools if spec.name == name), ({}, ()))
        for parameter, values in accepted.items():
            given = [_plain(value) for value in values if value != ""]
            omissible = "" in values and parameter not in required  # a few answers omit what the document requires
            # An allowed omission that stands first is the canonical choice.
            if given and not (omissible and values[0] == ""):
                arguments[parameter] = given[0]
                if omissible and not stated:
                    optional.append(parameter)
                given = given[1:]
            if given and (parameter in documented or parameter in arguments):  # an answer has one that its document lacks
                accept[parameter] = tuple(given)
        yield GoldCall(name, arguments, accept, tuple(optional))


def _plain(value: Any) -> Any:
    """BFCL nests the accepted values of a dict's keys as lists: the first of each is taken."""
    if isinstance(value, dict):
        return {
            key: _plain(values[0]) if isinstance(values, list) and values else values for key, values in value.items() if values != [""]
        }
    if isinstance(value, list):
        return [_plain(element) for element in value]
    return value


def schema_of(parameters: Any) -> Any:
    """A BFCL parameter document as JSON Schema."""
    if isinstance(parameters, list):
        return [schema_of(element) for element in parameters]
    if not isinstance(parameters, dict):
        return parameters
    schema = {key: schema_of(value) for key, value in parameters.items()}
    kind = parameters.get("type")
    if isinstance(kind, str):
        schema["type"] = _TYPES.get(kind, kind)
        if schema["type"] not in _KNOWN:
            del schema["type"]
    return schema
