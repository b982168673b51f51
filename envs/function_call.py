"""One call against offered tool documents, as in BFCL: nothing is executed, the reward compares the call with gold."""

from __future__ import annotations

import functools
import json

import jsonschema
import numpy as np

from raytool.env import ToolEnv, document_complaint
from raytool.records import Feedback, Gold, GoldCall, Task, ToolCall, ToolSpec


class FunctionCall(ToolEnv):
    """The model sees a query and tool documents and makes its calls in one turn.

    A text without a call is a format error, unless the task's option `may_decline` says that it need not be one.
    """

    max_turns = 1

    @classmethod
    def runs_tool(cls, name: str, task: Task) -> bool:
        """A call is held against the document that the task has."""
        return True

    @classmethod
    def offer_complaint(cls, task: Task) -> str:
        for number, spec in enumerate(task.tools):
            if complaint := _schema_complaint(json.dumps(spec.parameters)):
                return f"tools.{number}.parameters{complaint}"
        return super().offer_complaint(task)

    def start(self, task: Task, random: np.random.Generator) -> None:
        self._ended = False
        self._may_decline = task.options.get("may_decline", False)

    def sample_task(self, random: np.random.Generator) -> Task:
        left, right = (int(n) for n in random.integers(0, 100, size=2))
        number = {"type": "integer"}
        add = ToolSpec("add", "Add two integers.", {"type": "object", "properties": {"a": number, "b": number}, "required": ["a", "b"]})
        gold = Gold((GoldCall("add", {"a": left, "b": right}),))
        return Task(f"add-{left}-{right}", "envs.function_call:FunctionCall", f"What is {left} plus {right}?", (add,), (gold,))

    def execute(self, call: ToolCall) -> tuple[str, Feedback]:
        """Hold the call against the tool's document: its names, then its values."""
        assert self.task is not None
        self._ended = True
        spec = self.task.tool(call.name)
        if spec is None:
            return f"name '{call.name}' is not defined", Feedback.TOOL_HALLUCINATION
        if complaint := document_complaint(call, spec):
            return complaint
        error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(spec.parameters).iter_errors(call.arguments))
        if error is not None:
            return f"{call.name}() {error.json_path}: {error.message[:200]}", Feedback.TOOL_CALL_FAILURE
        return "recorded", Feedback.OK

    def finishes(self, call: ToolCall) -> bool:
        """A `finish` that is offered here is one of the documents, and may have any parameters."""
        return False

    def close_with(self, final: str) -> tuple[str, Feedback]:
        self._ended = True
        return ("", Feedback.OK) if self._may_decline else ("a call was expected", Feedback.FORMAT_ERROR)

    def ended(self) -> bool:
        return self._ended


@functools.lru_cache(maxsize=4096)  # tasks offer the same tools
def _schema_complaint(parameters: str) -> str:
    """Why a schema, as JSON, is none, beginning with the place in it; else nothing. By one that is none no call could be judged."""
    try:
        jsonschema.Draft202012Validator.check_schema(json.loads(parameters))
    except jsonschema.SchemaError as error:
        return f"{error.json_path.removeprefix('$')}: {error.message[:200]}"
    return ""
