"""A question in words with an answer in words: one turn, and nothing is executed."""

from __future__ import annotations

import numpy as np

from envs.scenario.env import says
from raytool.env import FINISH, ToolEnv
from raytool.records import Gold, GoldCall, Task


class Question(ToolEnv):
    """The model answers once, by a closing text or, where the task offers it, by `finish`; whatever it writes, that was its turn.

    The goal is reached by an answer that says one of the task's `answer`; without any, who asked judges the text.
    """

    max_turns = 1

    def start(self, task: Task, random: np.random.Generator) -> None:
        """There is no state."""

    def sample_task(self, random: np.random.Generator) -> Task:
        left, right = (int(n) for n in random.integers(0, 100, size=2))
        total = str(left + right)
        gold = Gold((GoldCall(FINISH.name, {"answer": total}, free=("answer",)),))
        query = f"What is {left} plus {right}?"
        return Task(f"sum-{left}-{right}", "envs.question:Question", query, (FINISH,), (gold,), answer=(total,))

    def goal_reached(self, answer: str | None) -> bool | None:
        assert self.task is not None
        return any(says(answer or "", value) for value in self.task.answer) if self.task.answer else None

    def ended(self) -> bool:
        return True
