"""An environment over a world: a task is done when the world is as a gold alternative leaves it and the answer is told."""

from __future__ import annotations

import dataclasses
import importlib
import pickle
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from raytool.env import ASK_TO_USER, FINISH, ToolEnv
from raytool.records import Feedback, Gold, Task, ToolCall

if TYPE_CHECKING:
    from envs.scenario.drawing import Scenario


_CONTROL = {FINISH.name, ASK_TO_USER.name}


class World(Protocol):
    """The state of a scenario; it can be pickled. It knows no clock of its own, only its `today` ("YYYY-MM-DD")."""

    today: str

    def state(self) -> dict[str, Any]:
        """All that the user would see, as plain values. Ids and the order of creation are left out: they are handles, not content."""


class ScenarioEnv(ToolEnv):
    """A scenario's tools over its world. A tool that raises ToolError has changed nothing.

    A task may offer tools of other scenarios too; its `options` then say whose they are, {"elsewhere": {tool: scenario}}. They work
    on a world of their own scenario, and the goal is that nothing was changed there.
    """

    max_turns: ClassVar[int] = 8
    scenario: ClassVar[Scenario]  # set by Scenario
    world: Any  # a World
    _worked = False  # whether a tool has, other than to finish or to ask

    @classmethod
    def build(cls, random: np.random.Generator) -> World:
        """A world, as a function of the generator."""
        raise NotImplementedError(f"{cls.__name__} must define build(random)")

    def start(self, task: Task, random: np.random.Generator) -> None:
        self.world = pickle.loads(_built(type(self).build, task.seed))
        self._neighbours: dict[str, ScenarioEnv] = {}
        self._worked = False

    @classmethod
    def runs_tool(cls, name: str, task: Task) -> bool:
        return super().runs_tool(name, task) or name in task.options.get("elsewhere", {})

    def execute(self, call: ToolCall) -> tuple[str, Feedback]:
        assert self.task is not None
        scenario = self.task.options.get("elsewhere", {}).get(call.name)
        observation, feedback = super().execute(call) if scenario is None else self._neighbour(scenario).execute(call)
        self._worked |= feedback is Feedback.OK and call.name not in _CONTROL
        return observation, feedback

    def _neighbour(self, scenario: str) -> ScenarioEnv:
        if scenario not in self._neighbours:
            assert self.task is not None
            env: ScenarioEnv = importlib.import_module(f"envs.{scenario}").SCENARIO.env()
            env.task = dataclasses.replace(self.task, options={})
            env.start(env.task, np.random.default_rng(self.task.seed))
            self._neighbours[scenario] = env
        return self._neighbours[scenario]

    def sample_task(self, random: np.random.Generator) -> Task:
        return self.scenario.sample_task(random)

    def goal_reached(self, answer: str | None) -> bool | None:
        assert self.task is not None
        if not self.task.gold:
            return None
        if answer is None and all(len(gold.calls) == 1 for gold in self.task.gold):
            return False  # all that there was to do was to say something
        if not self._worked and all({call.name for call in gold.calls} - _CONTROL for gold in self.task.gold):
            return False  # what it says it cannot know
        told = not self.task.answer or any(says(answer or "", value) for value in self.task.answer)
        untouched = all(env.world.state() == pickle.loads(_built(env.build, self.task.seed)).state() for env in self._neighbours.values())
        return told and untouched and any(self.world.state() == self._state_after(gold) for gold in self.task.gold)

    def _state_after(self, gold: Gold) -> dict[str, Any]:
        assert self.task is not None
        twin = type(self)()
        twin.task = self.task
        twin.start(self.task, np.random.default_rng(self.task.seed))
        for call in gold.calls:
            observation, feedback = twin.execute(call.call)
            assert feedback is Feedback.OK, f"task {self.task.id}: gold call {call.name} fails: {observation}"
        state: dict[str, Any] = twin.world.state()
        return state


@lru_cache(maxsize=64)
def _built(build: Callable[[np.random.Generator], World], seed: int) -> bytes:
    """A world, pickled: a task's samples and the judging of its goal begin with the same one, and copying is faster than building."""
    return pickle.dumps(build(np.random.default_rng(seed)))


def says(text: str, value: str) -> bool:
    """Whether a text holds a value, case and spacing apart, as words and numbers of its own: "12" is not in "12.5", "m123" or "at -12"."""
    pattern = r"\s*".join(map(re.escape, value.casefold().split()))
    return re.search(rf"(?<!\w)(?<!\d[.,:-])(?<!(?<!\w)-){pattern}(?!\w|[.,:-]\d)", text.casefold()) is not None
