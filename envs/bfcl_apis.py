"""BFCL's eight stateful APIs and its multi-turn records, out of the wheel `bfcl-eval`: its classes run, its checker judges.

A record is a conversation: the user says several things, one after the other, and each has its own gold calls. The goal is
reached as BFCL's checker has it: after every answer the state of the APIs is that of gold's execution, and what gold's calls
returned is among what the calls so far returned. A call's arguments are data; unlike the wheel's own runner, which evaluates
text, nothing here does.
"""

from __future__ import annotations

import ast
import copy
import decimal
import importlib
import inspect
import json
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from bfcl_eval.constants.default_prompts import DEFAULT_USER_PROMPT_FOR_ADDITIONAL_FUNCTION_FC, MAXIMUM_STEP_LIMIT
from bfcl_eval.constants.executable_backend_config import CLASS_FILE_PATH_MAPPING, MULTI_TURN_FUNC_DOC_FILE_MAPPING, STATELESS_CLASSES
from bfcl_eval.constants.type_mappings import GORILLA_TO_OPENAPI
from bfcl_eval.eval_checker.multi_turn_eval.multi_turn_checker import response_checker, state_checker

from raytool.env import FINISH, ToolEnv, document_complaint
from raytool.records import Feedback, FollowUp, Gold, GoldCall, Task, ToolCall, ToolSpec

CATEGORIES = ("multi_turn_base", "multi_turn_miss_func", "multi_turn_miss_param", "multi_turn_long_context")
_LONGEST = 8  # the most that a user says in a record
_DONE, _IMPOSSIBLE = "Done.", "I cannot do that with the functions and the details that I have."


class BfclApis(ToolEnv):
    """The APIs that a record involves. More than 20 turns for one thing that the user said end the episode, as in BFCL.

    What a call returns depends on the task and the calls so far; only `verify_traveler_information` also looks at the date,
    for a traveller's age.
    """

    max_turns = _LONGEST * (MAXIMUM_STEP_LIMIT + 1)

    def start(self, task: Task, random: np.random.Generator) -> None:
        self._played = Apis(**task.options)
        self._gold = Apis(**task.options)
        self._wanted = [calls for gold in task.gold[:1] for calls in _by_answer(gold)]
        if self._wanted and len(self._wanted) != 1 + len(task.follow_ups):
            raise ValueError(f"task {task.id}: gold has {len(self._wanted)} answers to {1 + len(task.follow_ups)} things said")
        self._wanted_results: list[list[str]] = []
        self._agreed = True
        self._steps, self._calls = 0, 0  # since the user spoke last

    def sample_task(self, random: np.random.Generator) -> Task:
        return _samples()[int(random.integers(len(_samples())))]

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        self._steps += 1
        return super().step(action)

    @classmethod
    def runs_tool(cls, name: str, task: Task) -> bool:
        """They are those of the APIs that the record involves."""
        return True

    def execute(self, call: ToolCall) -> tuple[str, Feedback]:
        self._calls += call.name != FINISH.name
        spec = self.offered(call.name)
        if spec is None or call.name == FINISH.name:
            return super().execute(call)
        return document_complaint(call, spec) or self._played.run(call)

    def follow_up(self, answer: str) -> FollowUp | None:
        self._agreed = self._agrees()
        self._steps, self._calls = 0, 0
        return super().follow_up(answer)

    def goal_reached(self, answer: str | None) -> bool | None:
        if not self._wanted:
            return None
        if answer is not None:
            return self._agreed
        return not self.ended() and self._answers == len(self._wanted) - 1 and self._agrees()

    def ended(self) -> bool:
        return self._steps > MAXIMUM_STEP_LIMIT

    def _agrees(self) -> bool:
        """Whether state and results are gold's now that what the user said last is answered, and were before."""
        if not self._agreed or not self._wanted:
            return False
        if len(self._wanted_results) == self._answers:
            self._wanted_results.append([self._gold.run(call)[0] for call in self._wanted[self._answers]])
        if not (results := self._wanted_results[self._answers]):
            return True  # what gold does nothing for is not checked
        return (
            self._calls > 0
            and state_checker(self._played.instances, self._gold.instances)["valid"]
            and response_checker(self._played.results, results, self._answers)["valid"]
        )


class Apis:
    """Live instances of API classes, by name, and what their calls have returned so far."""

    def __init__(self, initial_config: dict[str, Any], involved_classes: Sequence[str], long_context: bool):
        self.instances = {name: _class_of(name)() for name in involved_classes}
        self.results: list[str] = []
        for name, instance in self.instances.items():
            if name not in STATELESS_CLASSES:
                instance._load_scenario(copy.deepcopy(initial_config.get(name, {})), long_context=long_context)

    def run(self, call: ToolCall) -> tuple[str, Feedback]:
        """The result of a documented call as BFCL words it."""
        method = next(getattr(instance, call.name) for name, instance in self.instances.items() if call.name in _documents(name))
        try:
            with decimal.localcontext():  # MathAPI sets the precision of everybody's
                result = method(**copy.deepcopy(call.arguments))
            text, failed = _worded(result), isinstance(result, dict) and "error" in result
            feedback = Feedback.OTHER if failed else Feedback.OK
        except MemoryError:
            raise
        except Exception as error:  # what an API did not foresee is the call's failure
            text, feedback = f"Error during execution: {error}", Feedback.TOOL_CALL_FAILURE
        self.results.append(text)
        return text, feedback


def _worded(result: Any) -> str:
    if isinstance(result, dict):
        try:
            return json.dumps(result)
        except (TypeError, ValueError):  # holds something that JSON has no word for
            return str(result)
    return str(result)


def _class_of(name: str) -> Any:
    return getattr(importlib.import_module(CLASS_FILE_PATH_MAPPING[name]), name)


def _by_answer(gold: Gold) -> Iterator[list[ToolCall]]:
    """The calls of each answer, without the `finish` that gives it."""
    calls: list[ToolCall] = []
    for call in gold.calls:
        if call.name == FINISH.name:
            yield calls
            calls = []
        else:
            calls.append(call.call)


def tasks(
    categories: Sequence[str] = CATEGORIES[:1], split: Literal["train", "test", "all"] = "train", count: int | None = None
) -> Iterator[Task]:
    """The multi-turn records of some categories as tasks, at most `count` of each category.

    A record has the same number in every category, and neighbours may have the same gold: of every 25 the last five are held
    out for the split `test`.

    Raises:
        ValueError: an unknown category or split, or a record that cannot be read (named).
    """
    if unknown := set(categories) - set(CATEGORIES):
        raise ValueError(f"categories: BFCL has no '{min(unknown)}' of several turns; it has {', '.join(CATEGORIES)}")
    if split not in ("train", "test", "all"):
        raise ValueError(f"split: 'train', 'test' or 'all' is expected, not '{split}'")
    for category in categories:
        answers = {record["id"]: record["ground_truth"] for record in _lines(f"possible_answer/BFCL_v4_{category}.json")}
        records = [record for record in _lines(f"BFCL_v4_{category}.json") if split in (_split(record), "all")]
        for record in records[:count]:
            try:
                yield task_of(record, answers[record["id"]], category)
            except (KeyError, ValueError, TypeError) as error:
                raise ValueError(f"BFCL record {record['id']}: {type(error).__name__}: {error}") from error


@cache
def _samples() -> list[Task]:
    # MathAPI's power() can take forever, which only a tool host bounds.
    return [task for task in tasks(split="all") if "MathAPI" not in task.options["involved_classes"]]


def _split(record: dict[str, Any]) -> str:
    return "test" if int(record["id"].rsplit("_", 1)[1]) % 25 >= 20 else "train"


def _lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (files("bfcl_eval") / "data" / name).read_text().splitlines()]


def task_of(record: dict[str, Any], answers: Sequence[Sequence[str]], category: str) -> Task:
    """A record of several turns as a task; `answers` are gold's calls for each thing that the user says.

    Raises:
        KeyError, ValueError, TypeError: it has another form.
    """
    involved = record["involved_classes"]
    specs = [spec for name in involved for spec in _documents(name).values()]
    gold = [[*_gold_calls(answer, involved)] for answer in answers]
    # Where functions are added the record has no text: BFCL says one of its own.
    query, *more = [said[-1]["content"] if said else DEFAULT_USER_PROMPT_FOR_ADDITIONAL_FUNCTION_FC for said in record["question"]]
    follow_ups = []
    for number, text in enumerate(more, 1):
        # A function that gold calls before it is added (in one record) was never missing.
        called = {call.name for calls in gold[:number] for call in calls}
        added = record.get("missed_function", {}).get(str(number), ())
        follow_ups.append(FollowUp(text, tuple(name for name in added if name not in called)))
    return Task(
        id=f"bfcl-{record['id']}",
        env="envs.bfcl_apis:BfclApis",
        query=query,
        tools=(*specs, FINISH),
        gold=(Gold(tuple(call for calls in gold for call in calls)),),
        follow_ups=tuple(follow_ups),
        options={
            "initial_config": record["initial_config"],
            "involved_classes": involved,
            "long_context": category == "multi_turn_long_context",
        },
        tags={"suite": "bfcl", "category": category, "split": _split(record)},
    )


def _gold_calls(answer: Sequence[str], involved: Sequence[str]) -> Iterator[GoldCall]:
    for written in answer:
        node = ast.parse(written, mode="eval").body
        assert isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        owner = next(name for name in involved if node.func.id in _documents(name))
        signature = inspect.signature(getattr(_class_of(owner), node.func.id))
        named = {keyword.arg: ast.literal_eval(keyword.value) for keyword in node.keywords if keyword.arg is not None}
        bound = signature.bind(None, *map(ast.literal_eval, node.args), **named).arguments
        arguments = {name: value for name, value in bound.items() if name != "self"}
        known = _documents(owner)[node.func.id].documented
        defaults = {name: one.default for name, one in signature.parameters.items() if name in known and one.default is not one.empty}
        yield GoldCall.with_defaults(node.func.id, arguments, defaults)
    yield GoldCall(FINISH.name, {"answer": _DONE if answer else _IMPOSSIBLE}, free=("answer",))


@cache
def _documents(name: str) -> dict[str, ToolSpec]:
    """The tools of an API by name. Each description begins with the same words about the whole API, which are left out."""
    functions = _lines(f"multi_turn_func_doc/{MULTI_TURN_FUNC_DOC_FILE_MAPPING[name]}")
    return {
        f["name"]: ToolSpec(f["name"], f["description"].split("Tool description: ")[-1], _schema_of(f["parameters"])) for f in functions
    }


def _schema_of(document: dict[str, Any]) -> dict[str, Any]:
    """A parameter document of BFCL, whose types have names of their own, as JSON Schema."""
    schema = {**document, "type": GORILLA_TO_OPENAPI[document["type"]]}
    if "properties" in document:
        schema["properties"] = {name: _schema_of(property) for name, property in document["properties"].items()}
    if "items" in document:
        schema["items"] = _schema_of(document["items"])
    return schema
