"""What a run's figures say of it: series in which something goes wrong, and those of runs that merely waver."""

import json
import math
import re

import numpy as np
import pytest

from raytool.health import CRITIC_PATIENCE, OVER_AFTER, WINDOW, Health

WELL = {
    "episodes": 64.0,
    "without_call": 0.05,
    "category/format_error": 0.06,
    "kl": 0.004,
    "entropy": 0.3,
    "explained_variance": 0.1,
    "logprob_difference": 0.009,
    "staleness/max": 0.0,
    "reward/min": -2.0,
    "reward/max": 2.0,
    "reward/equal_groups": 0.25,
    "policy_loss": -0.001,
    "value_loss": 3.0,
    "grad_norm": 0.7,
}


def told(*changes, in_groups=False):
    """(step, sentence) of all that is said of updates that differ so from one in which all is well."""
    health = Health(in_groups)
    return [(step, trouble.says) for step, change in enumerate(changes, 1) for trouble in health.see(step, {**WELL, **change})]


def series(name, *values):
    return [{name: value} for value in values]


# ---- what must be said: the update at which it is, and the words and numbers in it

BEGINNINGS = [
    (series("without_call", 0.05, 0.05, 0.05, 0.2, 0.5, 0.8, 1.0), 6, ["stops calling tools", "50% of the episodes", "5%"]),
    (series("without_call", 1.0, 0.95, 0.9), 3, ["does not call tools", "95% of the episodes"]),
    (series("kl", 0.0, 0.01, 0.02, 0.8), 4, ["KL explodes", "0.8 nats", "more than 0.5"]),
    (series("kl", 0.0, 0.01, 0.02, 0.03, 0.2), 5, ["KL explodes", "0.2 nats", "median of 0.015"]),
    (series("kl", 3.0), 1, ["KL explodes: 3 nats"]),
    (series("entropy", 0.3, 0.3, 0.3, 0.1, 0.02, 0.01), 6, ["entropy collapses", "0.0433 nats", "0.3 over the first"]),
    (series("category/format_error", 0.05, 0.1, 0.06, 0.2, 0.35, 0.4), 6, ["format errors rise", "32% of the calls", "7%"]),
    ([{}] * 3 + series("category/format_error", 0.9), 4, ["format errors rise"]),
    (series("explained_variance", *[-0.1] * 4, -0.4), 5, ["critic explains nothing", "below 0 for 5 updates", "-0.4 in the last"]),
    (series("logprob_difference", 0.01, 0.08), 2, ["engine and learner disagree", "0.08 nats", "more than 0.05"]),
    ([{"logprob_difference": 0.08, "staleness/max": 2.0}], 1, ["up to 2 versions old"]),
    ([{"reward/min": 1.0, "reward/max": 1.0}], 1, ["every reward of the update was 1", "64 episodes"]),
    ([{"policy_loss": math.nan, "kl": math.inf}], 1, ["kl is inf, policy_loss is nan", "a step was left out"]),
]


@pytest.mark.parametrize(("changes", "step", "words"), BEGINNINGS, ids=[words[0] for _, _, words in BEGINNINGS])
def test_what_goes_wrong_is_told_once_in_one_sentence_with_numbers(changes, step, words):
    said = told(*changes, *[changes[-1]] * 4)
    first = said[0]
    assert first[0] == step, said
    assert all(word in first[1] for word in words), first[1]
    assert re.search(r"\d|nan", first[1]) and "\n" not in first[1]
    assert len({says.split(":")[0] for _, says in said}) == len(said), "each is told once"


def test_equal_rewards_within_tasks_matter_where_the_samples_of_a_task_are_compared():
    equal = {"reward/equal_groups": 1.0}
    assert told(equal) == []
    ((step, says),) = told(equal, in_groups=True)
    assert step == 1 and "all samples of each task got the same reward" in says


def test_what_is_over_is_told_again_when_it_comes_back():
    bad, well = {"logprob_difference": 0.09}, {}
    assert [step for step, _ in told(bad, *[well] * (OVER_AFTER - 1), bad)] == [1], "a figure that wavers about its limit is one trouble"
    assert [step for step, _ in told(bad, *[well] * OVER_AFTER, bad)] == [1, OVER_AFTER + 2]


# ---- what must not


def wavering(seed):
    """Thirty updates of a run that learns: every figure wavers as which tasks were drawn has it."""
    random = np.random.default_rng(seed)
    for step in range(30):
        yield {
            "without_call": float(np.clip(random.normal(0.12, 0.07), 0, 1)),
            "category/format_error": float(np.clip(random.normal(0.09 - 0.001 * step, 0.035), 0, 1)),
            "kl": float(random.normal(0.001 * step, 0.006)),
            "entropy": float(np.clip(random.normal(0.32 - 0.005 * step, 0.05), 0.08, None)),
            "explained_variance": float(random.normal(0.02 + 0.01 * step, 0.08)),
            "logprob_difference": float(random.uniform(0.005, 0.014)),
            "reward/min": -4.0,
            "reward/max": 3.0,
            "reward/equal_groups": float(random.choice([0.25, 0.5, 0.75])),
        }


@pytest.mark.parametrize("seed", range(40))
def test_a_run_that_learns_is_left_alone(seed):
    assert told(*wavering(seed), in_groups=True) == []


@pytest.mark.parametrize(
    "changes",
    [
        series("kl", *np.linspace(0, 0.45, 40).tolist()),
        series("kl", -0.3, -0.2, 0.0, 0.09),
        series("kl", *[0.0] * 9),
        series("entropy", 0.09, 0.08, 0.07, 0.05, 0.04, 0.03),
        series("entropy", *np.linspace(0.5, 0.11, 20).tolist()),
        series("entropy", 0.3, 0.3, 0.3, 0.01, 0.3, 0.3),
        series("without_call", 0.6, 0.5, 0.6, 0.5, 0.7, 0.6),
        series("without_call", 0.8, 0.8, 0.5, 0.2, 0.1, 0.0),
        series("category/format_error", 0.9, 0.8, 0.6, 0.3, 0.1, 0.0),
        series("explained_variance", *[-0.2, -0.1, -0.3, -0.1, 0.01] * 3),
        series("explained_variance", *[0.0] * 9),
        [{"reward/min": 1.0, "reward/max": 1.0, "episodes": 1.0}],
    ],
)
def test_what_is_usual_is_not_told(changes):
    assert told(*changes) == []


def test_figures_that_a_run_does_not_have_are_not_looked_at():
    health = Health(in_groups=True)
    assert [health.see(step, {"episodes": 4.0}) for step in range(1, 10)] == [[]] * 9


# ---- over a whole run


def line(step, attempt=0, stage="ppo", **figures):
    return {"stage": stage, "step": step, "attempt": attempt, **WELL, **figures}


def test_a_resumed_run_goes_on_where_its_lines_end():
    lines = [line(1, stage="sft", kl=9.0), line(2, logprob_difference=0.09), line(1), line(3, kl=2.0)]
    health = Health(False).see_all(lines, until=2)
    assert health.see(3, {**WELL, "logprob_difference": 0.09}) == [], "it was told before the stop"
    (began,) = health.see(4, {**WELL, "kl": 2.0})
    assert began.name == "kl"


def test_the_end_sums_up_each_trouble_and_when_it_was():
    assert Health(False).summary() == []
    assert Health(False).see_all([line(1)]).summary() == ["1 PPO update, nothing to warn of"]
    lines = [line(step, logprob_difference=0.09 if step in (2, 4) else 0.0, kl=0.9 if step == 7 else 0.0) for step in range(1, 9)]
    first, *rest = Health(False).see_all(json.loads(json.dumps(lines))).summary()
    assert first == "8 PPO updates, with 2 warnings:"
    assert [text.split(": ")[0].strip() for text in rest] == ["updates 2 to 4", "update 7"]
    assert "0.09 nats" in rest[0] and "KL explodes: 0.9 nats" in rest[1]


def test_the_numbers_fit_together():
    assert OVER_AFTER >= 1 and CRITIC_PATIENCE > WINDOW >= 2
