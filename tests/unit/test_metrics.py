"""Figures by name: what is described of an update's episodes, timers of what overlaps, and the lines that are kept."""

import asyncio
import json
import math
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from raytool.config import LoggingConfig
from raytool.console import Console
from raytool.health import Health
from raytool.metrics import Metrics, Timers, describe, read
from raytool.records import Feedback, GoldCall, Judgement, ToolCall, UserError, Verdict
from raytool.update_reports import UpdateReports
from tests.unit.builders import episode, sequence, task, tool

OK = Feedback.OK
F, FINISH = ToolCall("f", {"a": 1}), ToolCall("finish", {"answer": "x"})
CALLS = task(tool("f", "a"), tool("finish", "answer"), gold=[sequence(GoldCall("f", {"a": 1}))])


def judged(*verdicts, calls=None, outcome=0.0, of=CALLS, **fields):
    """An episode with a turn for each verdict, (category, reward)."""
    played = episode([(call, OK) for call in calls or [F] * len(verdicts)], of, **fields)
    return played.judged(Judgement(tuple(Verdict(*verdict) for verdict in verdicts), outcome))


RIGHT, WRONG, NONE = ("all_right", 1.0), ("content", -0.25), ("format_error", -2.0)


def test_an_update_is_described_by_group():
    groups = [
        [judged(RIGHT, WRONG, outcome=1.0, goal_reached=True), judged(WRONG, outcome=-1.0, goal_reached=False)],
        [judged(NONE, calls=[None]), judged(NONE, calls=[None], version=-1)],
        [judged(RIGHT)],
    ]
    figures = describe(groups, 1)
    rewards = [1.75, -1.25, -2, -2, 1]
    written = [sum(of.loss_mask) for group in groups for of in group]
    assert figures == pytest.approx(
        {
            "episodes": 5,
            "goal_reached": 0.5,
            "goal_reached_in_any": 1,
            "without_call": 0.4,
            "written/mean": np.mean(written),
            "written/max": max(written),
            "turns/mean": 1.2,
            "staleness/mean": 1.2,
            "staleness/max": 2,
            "reward/mean": sum(rewards) / 5,
            "reward/min": -2,
            "reward/max": 1.75,
            "reward/outcome": 0,
            "reward/equal_groups": 0.5,
            "reward/category/all_right": 0.4,
            "reward/category/content": -0.1,
            "reward/category/format_error": -0.8,
            "category/all_right": 1 / 3,
            "category/content": 1 / 3,
            "category/format_error": 1 / 3,
            "category/turn_1/all_right": 0.4,
            "category/turn_1/content": 0.2,
            "category/turn_1/format_error": 0.4,
            "category/turn_2/content": 1,
            "stop/finished": 1,
        }
    )
    added = sum(value for name, value in figures.items() if name.startswith("reward/category/"))
    assert added + figures["reward/outcome"] == pytest.approx(figures["reward/mean"])


def test_sources_have_rewards_of_their_own_where_there_are_several():
    easy, hard = (replace(CALLS, tags={"source": name}) for name in ("easy", "hard"))
    figures = describe([[judged(RIGHT, of=easy), judged(WRONG, of=easy)], [judged(NONE, calls=[None], of=hard)]], 0)
    assert {name: value for name, value in figures.items() if "source" in name} == {"reward/source/easy": 0.375, "reward/source/hard": -2.0}
    assert not [name for name in describe([[judged(RIGHT, of=easy)]], 0) if "source" in name]


def test_turns_beyond_the_last_one_that_has_figures_are_one():
    figures = describe([[judged(*[RIGHT] * 4, WRONG, RIGHT, RIGHT, WRONG)]], 0)
    assert {name: value for name, value in figures.items() if "turn_" in name} == {
        **{f"category/turn_{n}/all_right": 1.0 for n in (1, 2, 3, 4)},
        "category/turn_5_on/all_right": 0.5,
        "category/turn_5_on/content": 0.5,
    }


ANSWERS = task(tool("f", "a"), gold=[sequence(GoldCall("f", {"a": 1})), sequence(GoldCall("finish", {"answer": "x"}))])


@pytest.mark.parametrize(
    ("of", "calls", "share"),
    [
        (CALLS, [F], 0.0),
        (CALLS, [None, F], 0.0),
        (CALLS, [None], 1.0),
        (CALLS, [FINISH], 1.0),
        (task(tool("f")), [None], 1.0),
        (task(tool("finish")), [None], math.nan),
        (ANSWERS, [None], math.nan),
    ],
    ids=["call", "repaired", "nothing", "only the answer", "no gold", "nothing to call", "an answer is right"],
)
def test_episodes_without_a_call_are_counted_where_a_task_wants_one(of, calls, share):
    figures = describe([[judged(*[WRONG] * len(calls), calls=calls, of=of)]], 0)
    assert figures.get("without_call", math.nan) == pytest.approx(share, nan_ok=True)


def test_without_several_samples_of_a_task_no_group_is_equal():
    assert "reward/equal_groups" not in describe([[judged(RIGHT)], [judged(RIGHT)]], 0)


# ---- timers


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_what_overlaps_counts_once_and_what_still_runs_counts_until_now():
    clock = Clock()
    timers = Timers("play", clock)
    first, second, other = timers("rollout"), timers("rollout"), timers("scoring")
    first.__enter__()
    clock.now = 2.0
    second.__enter__()
    clock.now = 3.0
    first.__exit__(None, None, None)
    assert timers.take() == {"play/rollout": 3.0}
    clock.now = 5.0
    second.__exit__(None, None, None)
    clock.now = 6.0
    with other:
        clock.now = 6.5
    assert timers.take() == {"play/rollout": 2.0, "play/scoring": 0.5}
    assert timers.take() == {}


def test_a_timer_ends_with_an_error_too():
    clock = Clock()
    timers = Timers("time", clock)

    async def cancelled():
        with timers("wait"):
            await asyncio.sleep(60)

    async def cancel():
        waiting = asyncio.create_task(cancelled())
        await asyncio.sleep(0)
        clock.now = 4.0
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    asyncio.run(cancel())
    clock.now = 9.0
    assert timers.take() == {"time/wait": 4.0}


# ---- lines


def quiet(tmp_path, attempt=0):
    return Metrics(tmp_path, LoggingConfig(tensorboard=False), attempt, Console())


def test_of_two_lines_for_a_step_the_later_counts(tmp_path):
    for attempt, steps in enumerate(((1, 2, 3), (3, 4))):
        metrics = quiet(tmp_path, attempt)
        for step in steps:
            metrics.write("ppo", step, {"kl": float(step)}, groups=[attempt])
        metrics.close()
    assert [(line["step"], line["attempt"], line["groups"]) for line in read(tmp_path / "metrics.jsonl")] == [
        (1, 0, [0]),
        (2, 0, [0]),
        (3, 1, [1]),
        (4, 1, [1]),
    ]


@pytest.mark.parametrize("kept", [0, 2])
def test_a_line_that_a_kill_tore_is_dropped(tmp_path, kept):
    path = tmp_path / "metrics.jsonl"
    whole = [json.dumps({"stage": "ppo", "step": step}) + "\n" for step in range(kept)]
    path.write_text("".join(whole) + '{"stage": "ppo", "st')
    quiet(tmp_path).close()
    assert path.read_text() == "".join(whole)


class Said(Console):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)


LEARNT = {"tokens": 600.0, "kl": 0.001, "entropy": 0.3, "logprob_difference": 0.01}


def test_a_report_has_the_speed_of_each_stage_and_warns_once(tmp_path):
    clock, console, metrics = Clock(), Said(), quiet(tmp_path)
    reports = UpdateReports(metrics, timers := Timers("time", clock), Health(False), console)
    reports.play = Timers("play", clock)
    for step in (1, 2):
        with reports.play("rollout"):
            clock.now += 4
        with reports.play("scoring"):
            clock.now += 0.5
        reports.played([judged(RIGHT), judged(WRONG)])
        with timers("update"):
            clock.now += 3
        written = reports.write(step, LEARNT | {"logprob_difference": 0.1}, [[judged(RIGHT), judged(WRONG)]], 0, 10.0)
        assert {name: value for name, value in written.items() if name.startswith(("tokens_per_s", "seconds_total", "play/", "time/"))} == {
            **{"tokens_per_s": 60.0, "tokens_per_s/rollout": 0.5, "tokens_per_s/scoring": 4.0, "tokens_per_s/learner": 200.0},
            **{"seconds_total": 10.0, "play/rollout": 4.0, "play/scoring": 0.5, "time/update": 3.0},
        }
    metrics.close()
    (warning,) = console.lines
    assert warning.startswith("warning: PPO update 1: engine and learner disagree")
    first, second = read(tmp_path / "metrics.jsonl")
    assert [w["name"] for w in first["warnings"]] == ["engine_difference"] and first["warnings"][0]["says"] in warning
    assert "warnings" not in second and second["kl"] == 0.001


def test_a_stage_that_did_not_work_since_the_last_update_has_no_speed(tmp_path):
    clock, metrics = Clock(), quiet(tmp_path)
    reports = UpdateReports(metrics, timers := Timers("time", clock), Health(False), Said())
    with timers("update"):
        clock.now += 2
    written = reports.write(1, LEARNT, [[judged(RIGHT)]], 0, 2.0)
    assert [name for name in written if name.startswith("tokens_per_s/")] == ["tokens_per_s/learner"]
    metrics.close()


def test_steps_after_a_checkpoint_count_only_once_they_are_made_again(tmp_path):
    """The first attempt came to step 4 and was killed; the second goes on from the checkpoint of step 2."""
    for attempt, steps in enumerate(((1, 2, 3, 4), (3,))):
        metrics = quiet(tmp_path, attempt)
        metrics.write("sft", 9, {})
        for step in steps:
            metrics.write("ppo", step, {})
        metrics.close()
    lines = [(line["stage"], line["step"], line["attempt"]) for line in read(tmp_path / "metrics.jsonl")]
    assert lines == [("sft", 9, 1), ("ppo", 1, 0), ("ppo", 2, 0), ("ppo", 3, 1)]


def test_a_new_run_needs_weights_and_biases_and_one_that_goes_on_does_not(tmp_path, monkeypatch):
    def init(**options):
        raise RuntimeError("no key\nis known")

    monkeypatch.setitem(sys.modules, "wandb", SimpleNamespace(init=init))
    config, said = LoggingConfig(tensorboard=False, wandb_project="mine"), []
    with pytest.raises(UserError, match="^logging.wandb_project: 'mine': no key is known$"):
        Metrics(tmp_path, config, 0, Console())
    Metrics(tmp_path, config, 1, SimpleNamespace(say=said.append)).close()
    assert said == ["warning: logging.wandb_project: 'mine': no key is known; this run's figures are not sent there any more"]


def test_runs_of_one_name_are_several_of_weights_and_biases_and_a_resumed_one_is_the_same(tmp_path, monkeypatch):
    begun = []
    stand_in = SimpleNamespace(init=lambda **options: begun.append(options) or SimpleNamespace(finish=lambda: None))
    monkeypatch.setitem(sys.modules, "wandb", stand_in)
    for machine in ("one", "one", "two"):
        folder = tmp_path / machine / "quickstart-1"
        folder.mkdir(parents=True, exist_ok=True)
        Metrics(folder, LoggingConfig(tensorboard=False, wandb_project="mine"), 0, Console()).close()
    first, resumed, other = (options["id"] for options in begun)
    assert first == resumed != other and {options["name"] for options in begun} == {"quickstart-1"}
