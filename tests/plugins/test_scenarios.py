"""What every scenario of the suite has to hold: its tools, its world, and the proof by execution of the tasks it writes."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from envs.scenario import Scenario
from envs.scenario.desk import Desk
from envs.scenario.drawing import REFUSALS
from envs.scenario.env import says
from envs.suite import COUNTS, scenario
from raytool.env import ASK_TO_USER, FINISH
from raytool.records import Gold, GoldCall, Task

SAMPLE = 300

pytestmark = pytest.mark.parametrize("name", COUNTS)


@cache
def sample(name: str) -> list[Task]:
    return list(itertools.islice(scenario(name).sequence(), SAMPLE))


def play(found: Scenario, task: Task, calls: tuple[GoldCall, ...]) -> tuple[list[str], list[str], bool | None]:
    """The observations and feedback of calls made one by one, and whether the goal was reached at their end."""
    env = found.env()
    env.reset(options={"task": task})
    observations, feedback, info, ended = [], [], {}, False
    for call in calls:
        _, _, ended, _, info = env.step(json.dumps({"calls": [{"name": call.name, "arguments": call.arguments}]}))
        observations += info["observations"]
        feedback += info["feedback"]
    assert ended
    return observations, feedback, info["goal_reached"]


def orders(gold: Gold) -> list[tuple[GoldCall, ...]]:
    *calls, last = gold.calls
    assert last.name == "finish" and last.free == ("answer",)
    return [(*order, last) for order in (itertools.permutations(calls) if gold.free_order else [tuple(calls)])]


def test_tools_are_as_many_as_table_1_says_and_documented(name: str) -> None:
    specs = scenario(name).env.tool_specs()
    assert len(specs) == COUNTS[name].tools
    for spec in specs:
        assert "\n" not in spec.description and len(spec.description) <= 100, spec.name
        assert all("description" in schema for schema in spec.documented.values()), spec.name
    prefixes = Counter(spec.name.split("_")[0] for spec in specs)
    assert sum(count >= 2 for count in prefixes.values()) >= 3, "near-twins share the beginning of their names"


def test_every_tool_has_a_weak_version(name: str) -> None:
    env = scenario(name).env
    assert set(env.weak_tools) == set(env.tools)
    for strong, weak in env.weak_tools.items():
        wide, narrow = env.tools[strong].spec, weak.spec
        assert set(narrow.documented) <= set(wide.documented), narrow.name
        assert len(narrow.documented) < len(wide.documented) or narrow.description != wide.description
        assert narrow.name != strong


def test_gymnasium_accepts_the_environment(name: str) -> None:
    check_env(scenario(name).env(), skip_render_check=True)


def test_worlds_are_functions_of_their_seed(name: str) -> None:
    build = scenario(name).env.build
    states = [build(np.random.default_rng(seed)).state() for seed in (1, 1, 2)]
    assert states[0] == states[1] != states[2]
    assert json.loads(json.dumps(states[0])) is not None


def test_every_gold_reaches_its_goal(name: str) -> None:
    for task in sample(name):
        for calls in itertools.islice(itertools.chain.from_iterable(orders(gold) for gold in task.gold), 12):
            observations, feedback, reached = play(scenario(name), task, calls)
            assert set(feedback) == {"ok"}, (task, observations)
            assert reached is True, task
            assert max(map(len, observations)) < 400, (task.query, observations)


def test_no_goal_is_reached_without_the_calls_or_with_a_wrong_answer(name: str) -> None:
    for task in sample(name):
        *calls, last = task.gold[0].calls
        if task.tags["kind"] == "nothing":
            assert calls == [] and task.answer == REFUSALS and play(scenario(name), task, (last,))[2]
            claimed = GoldCall("finish", {"answer": "Done, that is settled."})
            assert play(scenario(name), task, (claimed,))[2] is False, "nothing could be done"
            continue
        if task.answer:
            assert any(says(last.arguments["answer"], value) for value in task.answer), task
        wrong = GoldCall("finish", {"answer": "I could not find that out."})
        assert play(scenario(name), task, (wrong,))[2] is False, task


def test_a_task_without_gold_has_no_known_goal(name: str) -> None:
    assert play(scenario(name), replace(sample(name)[0], gold=()), (GoldCall("finish", {"answer": "Done."}),))[2] is None


def test_tasks_are_well_formed(name: str) -> None:
    tasks = sample(name)
    held_out = scenario(name).held_out
    assert len({task.id for task in tasks}) == len({task.query for task in tasks}) == len(tasks)
    for task in tasks:
        offered = [spec.name for spec in task.tools]
        called = [call.name for call in task.gold[0].calls]
        assert task.tags["scenario"] == name and task.env == scenario(name).path
        assert len(set(offered)) == 7 and offered[-2:] == [ASK_TO_USER.name, FINISH.name] and set(called) <= set(offered)
        assert len(task.query.split()) <= 70
        if task.tags["split"] == "train":
            assert not held_out & set(offered)
        assert (task.tags["kind"] == "ask") == (called[0] == ASK_TO_USER.name) == bool(task.reply)


def test_every_kind_of_task_is_there(name: str) -> None:
    tasks = sample(name)
    kinds = Counter(task.tags["kind"] for task in tasks)
    assert kinds["ask"] >= 5 and kinds["nothing"] >= 5
    assert {task.tags["calls"] for task in tasks} == set("0123456"[: 1 + max(int(task.tags["calls"]) for task in tasks)])
    assert any(task.gold[0].free_order for task in tasks)


def test_splits_share_no_query_and_no_gold(name: str) -> None:
    train, test = (scenario(name).tasks(split, 150, seed=seed) for split, seed in (("train", 1), ("test", 2)))
    assert not {task.query for task in train} & {task.query for task in test}

    def golds(group: list[Task]) -> set[str]:
        calls = ([[call.name, call.arguments] for call in gold.calls[:-1] if not call.free] for task in group for gold in task.gold)
        return {json.dumps(gold, sort_keys=True) for gold in calls if any(arguments for _, arguments in gold)}

    assert not golds(train) & golds(test)


def test_every_tool_has_requests_of_its_own_in_twelve_frames(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And every recipe makes the calls that it declares."""
    found = scenario(name)
    said: list[tuple[str, ...]] = []
    say = Desk.say

    def recorded(desk: Desk[Any], frames: Any, *places: str, **values: Any) -> str:
        said.append(tuple(frames))
        return say(desk, frames, *places, **values)

    monkeypatch.setattr(Desk, "say", recorded)
    frames: dict[str, set[str]] = {tool: set() for tool in found.env.tools}
    alone: set[str] = set()
    for recipe in found.recipes:
        for seed in range(12):
            said.clear()
            desk = found.desk(np.random.default_rng(seed), seed)
            request = recipe.write(desk)
            calls = [call.name for call in desk.calls]
            assert tuple(calls) == (*[ASK_TO_USER.name] * recipe.asks, *recipe.tools), recipe.write.__name__
            assert recipe.asks == bool(request.reply), recipe.write.__name__
            assert said, f"{recipe.write.__name__} words its query with desk.say"
            for tool in recipe.tools:
                frames[tool] |= {frame for group in said for frame in group if len(frame.split()) >= 3 or "{" in frame}
        alone |= {recipe.tools[0]} if len(recipe.tools) == 1 else set()
    assert alone == set(found.env.tools), "every tool has requests that it serves alone"
    assert {tool: len(group) for tool, group in frames.items() if len(group) < 12} == {}
