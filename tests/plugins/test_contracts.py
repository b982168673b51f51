"""What every environment and every reward of the repository keeps to, whichever they are."""

import dataclasses
import importlib
import inspect
import json
import math
import pkgutil
import random

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import envs  # noqa: F401  (registers the environments)
import rewards
from raytool import bubblewrap
from raytool.dialects import PythonDialect
from raytool.env import FINISH, ToolEnv
from raytool.records import Feedback
from rewards.environment import EnvironmentReward
from tests.unit.builders import played

IDS = sorted(spec.id for spec in gymnasium.registry.values() if str(spec.entry_point).startswith("envs."))
MODULES = [importlib.import_module(f"rewards.{found.name}") for found in pkgutil.iter_modules(rewards.__path__)]
REWARDS = [
    member
    for module in MODULES
    for _, member in inspect.getmembers(module, inspect.isclass)
    if member.__module__ == module.__name__ and not member.__name__.startswith("_") and "__call__" in vars(member)
]
BUBBLEWRAP = pytest.mark.skipif(bool(bubblewrap.complaint()), reason=f"it refuses to run without bubblewrap: {bubblewrap.complaint()}")
every_environment = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=BUBBLEWRAP) if name in ("PythonSandbox-v0", "HumanEval-v0") else name for name in IDS]
)
SEEDS = range(5)


def make(name):
    return gymnasium.make(f"envs:{name}", disable_env_checker=True).unwrapped


def task_of(name, seed):
    return make(name).sample_task(np.random.default_rng(seed))


def action(*calls):
    return json.dumps({"calls": [{"name": call.name, "arguments": call.arguments} for call in calls]})


def test_they_are_found():
    assert {"FunctionCall-v0", "Office-v0"} <= set(IDS)
    assert "TLTraining" in {reward.__name__ for reward in REWARDS}


@every_environment
def test_gymnasium_accepts_it(name):
    check_env(make(name))


@every_environment
def test_its_own_tasks_are_plain_values_that_name_it(name):
    for seed in SEEDS:
        task = task_of(name, seed)
        assert task == task_of(name, seed)
        module, attribute = task.env.split(":")
        assert type(make(name)) is getattr(importlib.import_module(module), attribute)
        assert json.loads(json.dumps(dataclasses.asdict(task)))["id"] == task.id
        assert all(task.tool(call.name) for gold in task.gold for call in gold.calls)


@every_environment
def test_gold_works_call_by_call(name):
    for seed in SEEDS:
        env, task = make(name), task_of(name, seed)
        for gold in task.gold:
            env.reset(options={"task": task})
            for number, call in enumerate(gold.calls, 1):
                observation, _, ended, _, info = env.step(action(call.call))
                assert info["feedback"] == ["ok"], (task.id, call, observation)
                assert ended == (number == len(gold.calls)), task.id
            assert info["goal_reached"] is not False, task.id


@every_environment
def test_the_same_task_and_actions_give_the_same_observations(name):
    def observations(seed):
        env, task = make(name), task_of(name, seed)
        seen = [env.reset(seed=random.randrange(99), options={"task": task})]
        actions = [action(call.call) for call in task.gold[0].calls[:-1]] + list(garbage(task, random.Random(seed), 20))
        return seen + list(map(env.step, actions))

    for seed in SEEDS:
        assert observations(seed) == observations(seed)


@every_environment
def test_nothing_that_a_model_writes_raises(name):
    env, feedback = make(name), set()
    for seed in SEEDS:
        task = task_of(name, seed)
        env.reset(options={"task": task})
        for written in garbage(task, random.Random(seed), 150):
            observation, reward, _, truncated, info = env.step(written)
            assert isinstance(observation, str) and math.isfinite(reward) and not truncated, written
            assert len(info["observations"]) == len(info["feedback"]) >= 1, written
            feedback |= {Feedback(value) for value in info["feedback"]}
    assert {Feedback.FORMAT_ERROR, Feedback.TOOL_HALLUCINATION, Feedback.PARAMETER_HALLUCINATION, Feedback.PARAMETER_MISSING} <= feedback


@every_environment
def test_nothing_after_a_finish_is_executed(name):
    task = task_of(name, 0)
    first, last = task.gold[0].calls[0], task.gold[0].calls[-1]
    if last.name != FINISH.name:
        pytest.skip("its tasks do not end with finish")
    env = make(name)
    env.reset(options={"task": task})
    _, _, ended, _, info = env.step(action(last.call, first.call))
    assert (ended, info["feedback"]) == (not task.follow_ups, ["ok", "other"])
    unfinished = make(name)
    unfinished.reset(options={"task": task})
    alone = unfinished.step(action(last.call))[4]
    assert [info.get(key) for key in ("finished", "goal_reached", "follow_up")] == [
        alone.get(key) for key in ("finished", "goal_reached", "follow_up")
    ]


HARD = (
    "",
    "null",
    "{",
    '"calls"',
    '{"calls": []}',
    '{"calls": [7]}',
    '{"calls": [{"name": 7, "arguments": {}}]}',
    '{"final": 7}',
    '{"final": "x", "calls": []}',
    "[" * 100_000,
    '{"calls": ' * 500 + "1" + "}" * 500,
    '{"final": "\\ud800"}',
)
VALUES = (
    None,
    True,
    -1,
    0,
    2**70,
    10**4000,
    0.5,
    math.nan,
    math.inf,
    "",
    "x",
    "2025-02-30",
    "25:61",
    "\ud800",
    "\0",
    "'; --",
    "é" * 3000,
    [],
    {},
    [[None]],
)


def garbage(task, source, count):
    """Actions that are malformed, or call anything with anything."""
    yield from HARD
    deep = 1
    for _ in range(600):
        deep = [deep]
    for spec in task.tools:
        for arguments in ({}, {"no such parameter": 1}, dict.fromkeys(spec.documented, deep)):
            yield json.dumps({"calls": [{"name": spec.name, "arguments": arguments}]})
    for _ in range(count):
        calls = []
        for _ in range(source.choice((1, 1, 2))):
            spec = source.choice(task.tools)
            given = [name for name in spec.documented if source.random() < 0.9]
            name = spec.name if source.random() < 0.95 else source.choice(("", "start", "__init__", "step", "no such tool", "\ud800"))
            calls.append({"name": name, "arguments": {parameter: source.choice(VALUES) for parameter in given}})
        yield json.dumps({"calls": calls})


def texts_of(task):
    dialect = PythonDialect()
    *calls, last = task.gold[0].calls
    right = [dialect.render([call.call], task.tools) for call in (*calls, last)]
    wrong = [f"{name}()" for name in ("no_such_tool", calls[0].name if calls else last.name)]
    return {"right": right, "wrong": [*wrong, "f(", "I give up."], "all at once": ["\n".join(right)], "talk": ["I think so."]}


@every_environment
@pytest.mark.parametrize("reward", REWARDS, ids=lambda reward: reward.__name__)
def test_every_reward_judges_every_environment(name, reward):
    totals = {}
    for seed in SEEDS:
        task = task_of(name, seed)
        for kind, texts in texts_of(task).items():
            # A turn more than an environment plays is not asked for.
            played_ = played(task, *texts, *["I stop."] * 9, env=make(name))
            judgement = reward()(played_)
            assert len(judgement.verdicts) == len(list(played_.calls))
            assert all(verdict.category and math.isfinite(verdict.reward) for verdict in judgement.verdicts)
            assert math.isfinite(judgement.outcome)
            totals[kind, seed] = played_.judged(judgement).reward
    if reward is EnvironmentReward and played_.goal_reached is None:
        return  # an environment that knows no goal gives no reward that could be taken
    assert all(totals["right", seed] > max(totals["wrong", seed], totals["talk", seed]) for seed in SEEDS)


def test_environments_are_tool_environments():
    assert all(isinstance(make(name), ToolEnv) for name in IDS)
