"""Whether a tool can serve a query: executed in the query's environment, one call against a fresh world, without a model.

Tools run in this process, and so have to be trusted, as in `raytool.tasks.validation`.

A call serves if the goal is reached by it and by an answer that repeats what it returned. Where the environment cannot know whether a
goal is reached, a call that works and gives every argument that gold needs may serve.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema

from raytool import plugins
from raytool.env import FINISH, ToolEnv
from raytool.methods.tool_evolution import covers, narrowed
from raytool.records import Feedback, GoldCall, Task, ToolSpec
from raytool.tasks.source import TaskError

MOST_PLACES = 3  # required parameters that gold's values are tried in
MOST_TRIES = 60
OTHER_WORLDS = 4  # in which it is tried whether a tool can serve at all times


class Bench:
    """The environments of some tasks, each made once."""

    def __init__(self) -> None:
        self._made: dict[str, ToolEnv] = {}

    def env(self, task: Task) -> ToolEnv:
        """The task's environment.

        Raises:
            TaskError: it is no ToolEnv.
        """
        if task.env not in self._made:
            made = plugins.make_env(task.env).unwrapped
            if not isinstance(made, ToolEnv):
                raise TaskError(f"task {task.id}: environment '{task.env}' is no ToolEnv, whose tools could be tried")
            self._made[task.env] = made
        return self._made[task.env]

    def serves(self, task: Task, spec: ToolSpec, gold: GoldCall) -> bool:
        """Whether a tool serves with those arguments of gold that it documents (`narrowed`)."""
        reached, worked = self._reached(task, spec, narrowed(gold, spec).arguments)
        return worked and (covers(spec, gold) if reached is None else reached)

    def may_serve(self, task: Task, spec: ToolSpec, gold: GoldCall) -> bool:
        """Whether a tool serves with gold's values in any of some places.

        Tried are the arguments of gold that it documents; and, where the environment knows whether the goal is reached, gold's values in
        every order in the places of its required parameters, up to MOST_PLACES of them, if its document admits them there, up to
        MOST_TRIES such calls.
        """
        if self.serves(task, spec, gold):
            return True
        return any(self._reached(task, spec, arguments)[0] is True for arguments in itertools.islice(_placed(spec, gold), MOST_TRIES))

    def steady(self, task: Task, strong: ToolSpec, weak: ToolSpec, gold: GoldCall) -> bool:
        """Whether the weaker tool serves in other worlds too, or fails there too, as far as the stronger one serves in them.

        That it is not is certain; that it is may be luck, since many a call makes no sense in another world.
        """
        others = [replace(task, seed=seed) for seed in range(OTHER_WORLDS)]
        here = self.serves(task, weak, gold)
        return all(self.serves(other, weak, gold) is here for other in others if self.serves(other, strong, gold))

    def _reached(self, task: Task, spec: ToolSpec, arguments: dict[str, Any]) -> tuple[bool | None, bool]:
        """Whether the goal is reached, None where nobody knows; and whether the call worked."""
        env = self.env(task)
        offered = [other for other in task.tools if other.name != spec.name]  # gold's too: goals are told by playing it
        env.reset(options={"task": replace(task, tools=(*offered, spec))})
        returned, _, ended, _, info = env.step(json.dumps({"calls": [{"name": spec.name, "arguments": arguments}]}))
        if info["feedback"] != [Feedback.OK]:
            return False, False
        if not ended:
            *_, info = env.step(json.dumps({"final": returned}))
        return info.get("goal_reached"), True


def only_call(task: Task) -> tuple[GoldCall, ...]:
    """The call that each gold alternative of a task consists of, `finish` apart; none where there are more, or of several tools."""
    if not task.gold or task.follow_ups or task.context:
        return ()
    calls = [[call for call in gold.calls if call.name != FINISH.name] for gold in task.gold]
    names = {call.name for alternative in calls for call in alternative}
    return tuple(call for (call,) in calls) if len(names) == 1 and all(len(alternative) == 1 for alternative in calls) else ()


def canonical(call: GoldCall) -> str:
    """One text for right calls that differ in nothing but in saying a default, or in free text."""
    said = {name: value for name, value in call.arguments.items() if name not in (*call.optional, *call.free)}
    return json.dumps([call.name, said], sort_keys=True)


def _placed(spec: ToolSpec, gold: GoldCall) -> Iterator[dict[str, Any]]:
    """Gold's values given to a tool's required parameters, in every order that its document admits."""
    if not 0 < len(spec.required) <= MOST_PLACES:
        return
    validator = jsonschema.Draft202012Validator(spec.parameters)
    for values in itertools.permutations(gold.arguments.values(), len(spec.required)):
        arguments = dict(zip(spec.required, values, strict=True))
        if validator.is_valid(arguments):
            yield arguments
