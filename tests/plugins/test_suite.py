"""The suite as a whole: its counts, its files, and that its queries are as different as those of different people."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from envs import suite
from envs.scenario.env import ScenarioEnv
from raytool import bubblewrap, plugins, tasks
from raytool.config import SourceConfig
from raytool.records import Task, ToolCall
from raytool.rollout.hosts import ToolHosts
from raytool.tasks.__main__ import main
from tests.plugins.test_tool_host import run

FIVE_PERCENT = 0.05


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("suite")
    began = time.process_time()
    assert main(["scenarios", "--seed", "0", "--out", str(folder)]) == 0
    assert time.process_time() - began < 120  # of this process, so that what else the machine does is not counted
    return folder


@pytest.fixture(scope="module")
def every(written: Path) -> dict[str, list[Task]]:
    return {name: tasks.load(SourceConfig(name=name, source=str(written / f"{name}.jsonl"))) for name in suite.COUNTS}


def test_table_1_is_kept(every: dict[str, list[Task]]) -> None:
    assert {name: len(found) for name, found in every.items()} == {name: count.tasks for name, count in suite.COUNTS.items()}
    assert sum(map(len, every.values())) == 9377
    assert sum(len(suite.scenario(name).env.tools) for name in suite.COUNTS) == 155
    names = Counter(tool for name in suite.COUNTS for tool in suite.scenario(name).env.tools)
    weak = Counter(weak.spec.name for name in suite.COUNTS for weak in suite.scenario(name).env.weak_tools.values())
    assert not [name for name, count in (names + weak).items() if count > 1], "a tool's name says which tool it is"


def test_no_two_tasks_ask_the_same(every: dict[str, list[Task]]) -> None:
    found = [task for group in every.values() for task in group]
    assert len({task.id for task in found}) == len({" ".join(task.query.split()) for task in found}) == len(found)


def test_training_sees_nothing_of_the_test(every: dict[str, list[Task]]) -> None:
    found = [task for group in every.values() for task in group]
    tasks.check(*([task for task in found if task.tags["split"] == split] for split in ("train", "test")))


def test_few_queries_of_a_tool_are_nearly_the_same(every: dict[str, list[Task]]) -> None:
    """Jaccard similarity over word 3-grams of 0.8 or more, within the queries of one tool."""
    for name, group in every.items():
        by_tool = defaultdict(list)
        for task in group:
            if task.tags["kind"] == "single":
                by_tool[task.gold[0].calls[0].name].append(_three_grams(task.query))
        near = total = 0
        for queries in by_tool.values():
            twins = {
                j for i, j in combinations(range(len(queries)), 2) if len(queries[i] & queries[j]) >= 0.8 * len(queries[i] | queries[j])
            }
            near, total = near + len(twins), total + len(queries)
        assert near <= FIVE_PERCENT * total, name


def _three_grams(query: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", query.casefold())
    return set(zip(words, words[1:], words[2:], strict=False)) or {tuple(words)}


def test_every_tool_is_somebodys_gold(every: dict[str, list[Task]]) -> None:
    for name, group in every.items():
        called = Counter(call.name for task in group for call in task.gold[0].calls)
        assert min(called[tool] for tool in suite.scenario(name).env.tools) >= 20, name


def test_the_same_seed_writes_the_same_bytes(written: Path, tmp_path: Path) -> None:
    assert main(["scenarios", "--seed", "0", "--out", str(tmp_path), "--suite", f"{__name__}:two_scenarios"]) == 0
    for name in ("office", "iot"):
        digests = [hashlib.sha256((folder / f"{name}.jsonl").read_bytes()).hexdigest() for folder in (written, tmp_path)]
        assert digests[0] == digests[1]


def two_scenarios(seed: int) -> dict[str, object]:
    return {name: group for name, group in suite.scenarios(seed).items() if name in ("office", "iot")}


def test_an_unknown_scenario_is_named() -> None:
    with pytest.raises(ValueError, match="no scenario 'kitchen'"):
        suite.tasks("train", only=("office", "kitchen"))


# ---- tools of all scenarios beside gold's


@pytest.fixture(scope="module")
def across() -> list[tuple[Task, Task]]:
    """Some tasks of two scenarios, and the same among the tools of all."""
    chosen = {split: {"split": split, "only": ("office", "iot"), "count": 20} for split in ("train", "test")}
    pairs = []
    for options in chosen.values():
        own = [task for task in suite.tasks(**options) if task.tags["kind"] != "nothing"]
        pairs += list(zip(own, suite.tasks(**options, cross_domain=True), strict=True))
    return pairs


def test_the_other_tools_are_drawn_from_all_scenarios(across: list[tuple[Task, Task]]) -> None:
    homes = Counter[str]()
    for own, other in across:
        gold = {call.name for gold in own.gold for call in gold.calls}
        names = [spec.name for spec in other.tools]
        assert gold <= set(names)
        assert len(set(names)) == len(own.tools)
        assert names[-2:] == ["ask_to_user", "finish"]
        assert (other.query, other.gold, other.env, other.seed) == (own.query, own.gold, own.env, own.seed)
        assert other.id == f"{own.id}-across"
        homes.update(other.options["elsewhere"].values())
        if other.tags["split"] == "train":
            assert not [name for name, home in other.options["elsewhere"].items() if name in suite.scenario(home).held_out]
    assert set(homes) == set(suite.COUNTS)
    assert max(homes.values()) < 0.5 * homes.total()


def env_of(task: Task) -> ScenarioEnv:
    env = plugins.make_env(task.env)
    assert isinstance(env, ScenarioEnv)
    env.reset(options={"task": task})
    return env


def step(env: ScenarioEnv, *calls: ToolCall) -> dict[str, Any]:
    return env.step(json.dumps({"calls": [{"name": call.name, "arguments": call.arguments} for call in calls]}))[4]


def test_gold_reaches_the_goal_among_them(across: list[tuple[Task, Task]]) -> None:
    for _, other in across:
        env = env_of(other)
        *_, info = (step(env, call.call) for call in other.gold[0].calls)
        assert info["goal_reached"], other.id


def test_a_tool_of_another_scenario_works_and_must_change_nothing() -> None:
    (task,) = suite.tasks("test", only=["office"], count=1)
    names = ("set_light", "find_devices")
    specs = suite.scenario("iot").env.tool_specs(*names)
    offered = replace(task, tools=(*task.tools, *specs), options={"elsewhere": dict.fromkeys(names, "iot")})
    house = suite.scenario("iot").env.build(np.random.default_rng(task.seed))
    light = next(light for light in house.lights.values() if not light.on)
    for call, untouched in ((ToolCall("find_devices"), True), (ToolCall("set_light", {"light": light.name}), False)):
        env = env_of(offered)
        info = step(env, call)
        assert info["feedback"] == ["ok"], info
        *_, info = (step(env, gold.call) for gold in task.gold[0].calls)
        assert info["goal_reached"] is untouched
    env = env_of(offered)
    assert step(env, ToolCall("set_light", {"lamp": 1}))["feedback"] == ["parameter_hallucination"]
    assert step(env, ToolCall("set_blinds", {"room": "hall", "position": 0}))["feedback"] == ["tool_hallucination"]
    assert step(env_of(task), ToolCall("set_light", {"light": light.name}))["feedback"] == ["tool_hallucination"]


@pytest.mark.skipif(bool(bubblewrap.complaint()), reason=bubblewrap.complaint())
def test_a_tool_of_another_scenario_works_in_an_isolated_host() -> None:
    (task,) = suite.tasks("test", only=["office"], count=1)
    offered = replace(task, tools=suite.scenario("iot").env.tool_specs("find_devices"), options={"elsewhere": {"find_devices": "iot"}})

    async def scenario(hosts: ToolHosts) -> list[str]:
        environment = await hosts.open(offered)
        step = await environment.step('{"calls": [{"name": "find_devices", "arguments": {}}]}')
        await environment.close()
        return list(step.feedback)

    assert run(scenario, isolation="bubblewrap") == ["ok"]
