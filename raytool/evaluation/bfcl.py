"""BFCL's records as Tasks, read out of the wheel `bfcl-eval` (whose code is not imported: it needs much else).

Records are JSON lines; parameter types are BFCL's own ("dict", "float", "tuple", "any"). Answers either list accepted
values by parameter, "" meaning that it may be omitted, or are Python calls (the executable sets).
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from raytool.dialects import PythonDialect
from raytool.records import Gold, GoldCall, Task, ToolSpec

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


def tasks(categories: Sequence[str], split: str = "train", stated: bool = False, distractors: int = 0, seed: int = 0) -> Iterator[Task]:
    """The records of some categories (`simple_python`, `multiple`, `exec_simple`, ...) as tasks of one turn.

    Each offers `distractors` tools of other records besides its own, drawn by seed and at random places.

    With `stated`, what the first accepted answer gives has to be given, although BFCL lets some of it be left out: a
    policy that is rewarded for leaving out learns to do so where it is not right.

    Raises:
        ValueError: a category that the wheel does not have, or a record that cannot be read (named).
    """
    found: list[Task] = []
    for category in categories:
        questions, answers = _files(category)
        gold = {record["id"]: record["ground_truth"] for record in _lines(answers)}
        found += [_task(record, gold, category, split, stated) for record in _lines(questions)]
    known = list({spec.name: spec for task in found for spec in task.tools}.values())
    for number, task in enumerate(found):
        yield _among_others(task, known, distractors, np.random.default_rng([seed, number])) if distractors else task


def _among_others(task: Task, known: Sequence[ToolSpec], count: int, random: np.random.Generator) -> Task:
    others = [spec for spec in known if task.tool(spec.name) is None]
    offered = [*task.tools, *(others[i] for i in random.choice(len(others), count, replace=False))]
    return replace(task, tools=tuple(offered[i] for i in random.permutation(len(offered))))


def _files(category: str) -> tuple[Path, Path]:
    spec = importlib.util.find_spec("bfcl_eval")
    if spec is None or spec.origin is None:
        raise ValueError("BFCL's data is in the package bfcl-eval, which is not installed (pip install --no-deps bfcl-eval)")
    data = Path(spec.origin).parent / "data"
    name = f"BFCL_v4_{category}.json"
    for questions, answers in (
        (data, data / "possible_answer"),
        (data / "unused_datasets/question", data / "unused_datasets/possible_answer"),
    ):
        if (questions / name).is_file() and (answers / name).is_file():
            return questions / name, answers / name
    known = sorted(path.stem.removeprefix("BFCL_v4_") for path in data.rglob("possible_answer/BFCL_v4_*.json"))
    raise ValueError(f"categories: BFCL has no '{category}' with answers; it has {', '.join(known)}")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        try:
            yield json.loads(line)
        except ValueError as error:
            raise ValueError(f"{path}:{number}: {error}") from None


def _task(record: dict[str, Any], gold: dict[str, Any], category: str, split: str, stated: bool) -> Task:
    tools = tuple(ToolSpec(f["name"], f["description"], schema_of(f["parameters"])) for f in record["function"])
    try:
        calls = tuple(_gold_calls(gold[record["id"]], tools, stated))
        query = record["question"][0][-1]["content"]
    except (KeyError, ValueError, TypeError) as error:
        raise ValueError(f"BFCL record {record['id']}: {type(error).__name__}: {error}") from error
    return Task(
        id=f"bfcl-{record['id']}",
        env="envs.function_call:FunctionCall",
        query=query,
        tools=tools,
        gold=(Gold(calls, free_order=True),),
        tags={"suite": "bfcl", "category": category, "split": split},
    )


def _gold_calls(answers: Iterable[Any], tools: Sequence[ToolSpec], stated: bool) -> Iterator[GoldCall]:
    for answer in answers:
        if isinstance(answer, str):
            for parsed in PythonDialect().parse(answer, tools).calls:
                yield GoldCall(parsed.call.name, parsed.call.arguments)
            continue
        ((name, accepted),) = answer.items()
        arguments, accept, optional = {}, {}, []
        for parameter, values in accepted.items():
            given = [_plain(value) for value in values if value != ""]
            # An allowed omission that stands first is the canonical choice.
            if given and values[0] != "":
                arguments[parameter] = given[0]
                if "" in values and not stated:
                    optional.append(parameter)
                given = given[1:]
            if given:
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
