"""A suite of a few additions, for tests of what suites go through."""

from __future__ import annotations

from raytool.evaluation.agreement import agreement
from raytool.evaluation.suite import Ratio, Reading, Sample, Score, Suite
from raytool.records import Gold, GoldCall, Task, ToolSpec

NUMBER = {"type": "integer"}
ADD = ToolSpec("add", "Add two integers.", {"type": "object", "properties": {"a": NUMBER, "b": NUMBER}, "required": ["a", "b"]})


def sample(left, right):
    gold = Gold((GoldCall("add", {"a": left, "b": right}),))
    task = Task(f"add-{left}-{right}", "envs.function_call:FunctionCall", f"What is {left} plus {right}?", (ADD,), (gold,))
    return Sample(task, {"size": "small" if left < 10 else "large"})


class Few(Suite):
    name = "few"
    measures = per_sample = ("CF",)
    turn_tokens = 32

    def read(self, data):
        return Reading([sample(left, left + 1) for left in (1, 2, 10, 20)])

    def score(self, sample, episode):
        right = agreement([call.call for call in episode.calls if call.call], sample.task.gold).content
        return Score("all_right" if right else "wrong", {"CF": Ratio.of(right)})
