"""PPO's two loops with stand-ins for what they drive: what is reported of every update, and that a resume reports the rest."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections import Counter
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from raytool.config import Config, LoggingConfig
from raytool.console import Console
from raytool.metrics import Metrics, Timers, read
from raytool.ppo import PPO
from raytool.records import Feedback, GoldCall, ToolCall
from raytool.replay.store import EpisodeStore
from raytool.rollout.episode import PromptTooLong
from raytool.run_state import Progress
from raytool.tasks import TaskSource
from rewards.tl_training import TLTraining
from tests.documented import undocumented
from tests.unit.builders import episode, sequence, task, tool

UPDATES, TASKS, SAMPLES = 4, 2, 3
LEARNT = {"kl": 0.001, "entropy": 0.3, "explained_variance": 0.1, "logprob_difference": 0.01, "clip_share": 0.0, "tokens": 90.0}
TASKS_OF = [
    task(tool("f", "a"), tool("g"), gold=[sequence(GoldCall("f", {"a": 1}), GoldCall("f", {"a": 2}))], id=f"t{n}", tags={"source": "mine"})
    for n in range(9)
]


class Rollout:
    """Plays by itself: the sample says how well."""

    def __init__(self):
        self.counts, self.admitted = Counter(), 1
        self.version = 0

    async def play(self, of, group, samples, temperature):
        await asyncio.sleep(0.01)
        wrong = [ToolCall("g"), ToolCall("f", {"a": 2}), ToolCall("f", {"a": 1})]
        calls = [[(wrong[sample % 3], Feedback.OK), (ToolCall("f", {"a": 2}), Feedback.OK)] for sample in samples]
        self.counts["retries"] += 1
        return [episode(calls[n], of, group=group, sample=n, version=self.version) for n in samples]


class Said(Console):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)

    @contextmanager
    def bar(self, stage, total, done=0, unit=""):
        yield SimpleNamespace(advance=lambda **figures: self.lines.append(figures))


def run_of(folder, staleness=0, attempt=0, learnt=LEARNT):
    """A run that has only what the loops ask of it."""
    content = {
        "stages": ["ppo"],
        "tasks": {"train": [{"name": "mine", "source": "mine.jsonl"}]},
        "ppo": {"updates": UPDATES, "tasks_per_update": TASKS, "samples_per_task": SAMPLES, "max_staleness": staleness},
        "evaluate": {"every": 2},
    }
    rollout, reward = Rollout(), TLTraining()

    async def score(episodes):
        return [played.judged(reward(played)) for played in episodes]

    async def update(groups, minibatches, number):
        await asyncio.sleep(0.02)
        return learnt[number] if isinstance(learnt, list) else learnt

    async def publish(version):
        rollout.version = version

    config = Config.model_validate(content)
    return SimpleNamespace(
        _config=config,
        _rollout=rollout,
        _reward=SimpleNamespace(score=score, counts=Counter()),
        _learner=SimpleNamespace(update=update),
        _folder=SimpleNamespace(path=folder),
        _draws=TaskSource([(config.tasks.train[0], TASKS_OF)], config.seed),
        _timers=Timers("time"),
        _metrics=Metrics(folder, LoggingConfig(tensorboard=False), attempt, Console()),
        _console=Said(),
        _publish=publish,
    )


START = Progress(stage=0, step=0)


def train(run, progress=START):
    parts = (run._config, run._draws, run._rollout, run._reward, run._learner, run._metrics, run._timers, run._console)

    async def fit():
        async def nothing(*given): ...

        return await asyncio.wait_for(PPO(*parts, run._folder.path, progress).fit(run._publish, nothing, nothing), 60)

    try:
        return asyncio.run(fit())
    finally:
        run._metrics.close()


def test_a_task_whose_prompt_is_too_long_is_left_out_and_told(tmp_path):
    run = run_of(tmp_path)
    play = run._rollout.play

    async def short_ones(of, group, samples, temperature):
        if group == 2:
            raise PromptTooLong("task t: its prompt has 99 tokens, rollout.max_tokens is 9")
        return await play(of, group, samples, temperature)

    run._rollout.play = short_ones
    assert train(run).step == UPDATES
    (said,) = [line for line in run._console.lines if "left out" in line]
    assert said == "warning: left out: task t: its prompt has 99 tokens, rollout.max_tokens is 9"
    assert 2 not in [group for line in read(tmp_path / "metrics.jsonl") for group in line["groups"]]


def test_the_first_update_reports_what_the_resume_set_aside_and_nothing_of_other_stages(tmp_path):
    EpisodeStore(tmp_path / "episodes", "ppo").add([episode(of=TASKS_OF[0], group=0, sample=n, version=3) for n in range(SAMPLES)])
    run = run_of(tmp_path)
    run._rollout.counts["lost"] += 7
    with run._timers("save_checkpoint"):
        pass
    train(run)
    first, *others = read(tmp_path / "metrics.jsonl")
    assert first["count/void"] == SAMPLES and not any("count/void" in line for line in others)
    assert "count/lost" not in first and "time/save_checkpoint" not in first


def test_what_is_begun_while_weights_are_published_counts_as_begun_with_the_older(tmp_path, monkeypatch):
    """Which may play it."""
    stages, seen = [], []

    class Seen(PPO):
        def __init__(self, *parts):
            super().__init__(*parts)
            stages.append(self)

    async def publish(version):
        seen.append((version, stages[0]._version))
        run._rollout.version = version

    monkeypatch.setattr(sys.modules[__name__], "PPO", Seen)
    run = run_of(tmp_path, staleness=1)
    run._publish = publish
    train(run)
    assert seen == [(version, version - 1) for version in range(1, UPDATES + 1)]


def test_what_is_played_for_longer_than_a_limit_is_waited_for(tmp_path):
    """A play has a limit of its own, which work that gets on does not reach."""
    run = run_of(tmp_path)
    run._config = run._config.model_copy(update={"rollout": run._config.rollout.model_copy(update={"stall_limit_s": 0.001})})
    assert train(run).step == UPDATES


@pytest.mark.parametrize("staleness", [0, 1])
def test_every_update_is_reported_with_the_figures_of_each_stage(tmp_path, staleness):
    done = train(run := run_of(tmp_path, staleness))
    lines = read(tmp_path / "metrics.jsonl")
    assert [line["step"] for line in lines] == [1, 2, 3, 4] and done.step == UPDATES
    assert sorted(itertools.chain.from_iterable(line["groups"] for line in lines)) == list(range(UPDATES * TASKS))
    for line in lines:
        assert undocumented(line) == set()
        assert line["episodes"] == TASKS * SAMPLES and line["reward/equal_groups"] == 0
        assert (
            line["category/turn_1/all_right"]
            == line["category/turn_1/wrong_tool"]
            == line["category/turn_1/content"]
            == pytest.approx(1 / 3)
        )
        assert line["category/turn_2/off_gold"] == pytest.approx(2 / 3)
        assert 0 <= line["staleness/mean"] <= line["staleness/max"] <= staleness
        # The update loop's times are parts of its whole; the play loop goes on beside it.
        parts = sum(seconds for name, seconds in line.items() if name.startswith("time/") and name != "time/evaluate")
        assert parts <= line["seconds_total"] + 1e-3
        assert {"time/wait_for_batch", "time/update", "play/wait_for_room"} <= line.keys()
    assert all(line["tokens_per_s/learner"] > line["tokens_per_s"] for line in lines)
    assert sum("tokens_per_s/rollout" in line and "tokens_per_s/scoring" in line for line in lines) >= 1
    assert sum(line.get("count/retries", 0) for line in lines) == UPDATES * TASKS
    assert [said["reward"] for said in run._console.lines] == [line["reward/mean"] for line in lines]


def test_what_goes_wrong_is_said_once_and_a_resume_goes_on_from_there(tmp_path):
    worse = [{**LEARNT, "logprob_difference": difference} for difference in (0.01, 0.08, 0.08, 0.08)]
    train(first := run_of(tmp_path, learnt=worse))
    warned = "warning: PPO update 2: engine and learner disagree"
    assert [said.startswith(warned) for said in first._console.lines if isinstance(said, str)] == [True]
    lines = read(tmp_path / "metrics.jsonl")
    assert [line.get("warnings", [{"name": None}])[0]["name"] for line in lines] == [None, "engine_difference", None, None]

    second = run_of(tmp_path, attempt=1, learnt=worse)
    second._rollout.version = 3
    train(second, Progress(stage=0, step=3, version=3, next_draw=6))
    assert [said for said in second._console.lines if isinstance(said, str)] == [], "it was told before the stop"
    assert [(line["step"], line["attempt"]) for line in read(tmp_path / "metrics.jsonl")] == [(1, 0), (2, 0), (3, 0), (4, 1)]


def test_the_loop_waits_for_a_group_that_would_come_too_late(tmp_path):
    """The first group is played at version 0 while the others go on: the update of version 1 is the last that can take it."""
    run = run_of(tmp_path, staleness=1)
    play, learnt = run._rollout.play, []

    async def slow(of, group, samples, temperature):
        episodes = await play(of, group, samples, temperature)
        while group == 0 and run._rollout.version == 0:
            await asyncio.sleep(0.01)
        if group == 0:
            await asyncio.sleep(0.2)
        return episodes

    async def update(groups, minibatches, number):
        learnt.append([(group[0].group, number - min(episode.oldest_version for episode in group)) for group in groups])
        return LEARNT

    run._rollout.play, run._learner.update = slow, update
    train(run)
    assert len(learnt) == UPDATES and 0 not in dict(learnt[0]) and dict(learnt[1])[0] == 1
    assert max(age for batch in learnt for _, age in batch) <= 1
    assert sum(line.get("count/stale", 0) for line in read(tmp_path / "metrics.jsonl")) == 0
