"""The stage SFT without Ray: which steps are made of which demonstrations, when there is a checkpoint or an evaluation, and a resume."""

import asyncio
import itertools
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from raytool import sft
from raytool.ablation.curves import tokens_at
from raytool.config import Config, LoggingConfig
from raytool.console import Console
from raytool.demonstrations import Lessons
from raytool.metrics import Metrics, Timers
from raytool.records import UserError
from raytool.run_state import Progress
from raytool.sft import SFT
from tests.episodes import episode


class Learner:
    """Says what it is asked, and that each demonstration has ten tokens. Of meta steps all are rolled back where it is told so."""

    def __init__(self, rolled_back=False):
        self.asked, self.rolled_back = [], rolled_back

    async def begin_sft(self, config, total):
        self.total = total
        return {"total_gb": 0.0}

    async def sft_step(self, episodes, weights, done):
        self.asked.append(("step", [e.group for e in episodes], done))
        assert [list(w) for w in weights] == [list(e.loss_mask) for e in episodes]
        return {"loss": 1.0, "tokens": 10.0 * len(episodes)}

    async def meta_step(self, units, weights, done):
        self.asked.append(("meta", [[e.group for e in unit] for unit in units], done))
        assert [[list(w) for w in of] for of in weights] == [[list(e.loss_mask) for e in unit] for unit in units]
        met = {"queries": float(len(units)), "rolled_back": float(len(units) * self.rolled_back)}
        return {"loss": 1.0, "tokens": 10.0 * sum(map(len, units)), **met}


def demonstrations():
    """Of group 0 to 5 by themselves, and three meta-tasks of two from group 6 on, in the next phase."""
    made = []
    for group in range(12):
        tags = {"source": "single"} if group < 6 else {"source": "meta", "meta_task": str(group // 2)}
        shown = episode([5], ([6] * (group + 1), []), group=group)
        made.append(replace(shown, task=replace(shown.task, tags=tags)))
    return made


def config(*, phases=True, saved=3, saved_s=None, asked=1, **sft):
    sources = [{"name": "single", "source": "a:b"}, {"name": "meta", "source": "a:b", "phase": int(phases)}]
    return Config.model_validate(
        {
            "stages": ["sft"],
            "tasks": {"train": sources},
            "sft": {"batch_size": 4, **sft},
            "checkpoint": {"in_sft": saved, "in_sft_s": saved_s},
            "evaluate": {"in_sft": asked},
        }
    )


def fitted(folder, made, learner=None, progress=None):
    """The learner, what was saved and evaluated, and how far it came."""
    folder.mkdir(exist_ok=True)
    learner = learner or Learner()
    saved, evaluated, loaded = [], [], []
    shown = demonstrations()
    lessons = Lessons(shown, [list(e.loss_mask) for e in shown], 0, len(shown), 0)
    metrics = Metrics(folder, LoggingConfig(tensorboard=False), 0, Console())
    stage = SFT(made, lessons, learner, metrics, Timers("time"), Console(), folder)

    async def load():
        loaded.append(True)

    async def save(reached):
        saved.append(reached)

    async def evaluate(step, number):
        evaluated.append((step, number))

    try:
        end = asyncio.run(stage.fit(progress or Progress(0, 0), load, save, evaluate))
    finally:
        metrics.close()
    assert bool(loaded) == (progress is not None)
    return learner, saved, evaluated, end


def test_meta_tasks_are_met_by_meta_steps_and_others_by_ordinary_ones(tmp_path):
    learner, saved, evaluated, end = fitted(tmp_path, config(epochs=2, meta={"queries_per_update": 2}))
    kinds = [(kind, len(of)) for kind, of, _ in learner.asked]
    assert kinds == [("step", 4), ("step", 2)] * 2 + [("meta", 2), ("meta", 1)] * 2
    assert [done for *_, done in learner.asked] == list(range(8)) and learner.total == 8
    assert all(of in ([6, 7], [8, 9], [10, 11]) for kind, units, _ in learner.asked if kind == "meta" for of in units)
    assert ([reached.step for reached in saved], evaluated, end.step, end.tokens) == ([2, 4, 6], [(4, 1)], 8, 240)


def test_without_meta_all_are_learnt_by_themselves(tmp_path):
    learner, *_ = fitted(tmp_path, config(epochs=1))
    assert [(kind, len(of)) for kind, of, _ in learner.asked] == [("step", 4), ("step", 2), ("step", 4), ("step", 2)]


def test_a_budget_of_tokens_is_kept_and_a_resume_repeats_what_was_left(tmp_path):
    made = config(phases=False, tokens=500, meta={"commit": "on_optimal"})
    learner, saved, evaluated, end = fitted(tmp_path / "whole", made)
    assert learner.total == 500 and 500 <= end.tokens < 540
    assert [reached.tokens // 125 for reached in saved] == [1, 2, 3]
    assert [number for _, number in evaluated] == [1]
    at = saved[1]
    again, later, _, same = fitted(tmp_path / "whole", made, progress=at)
    assert again.asked == learner.asked[at.step :]
    assert [(reached.step, reached.tokens) for reached in later] == [(reached.step, reached.tokens) for reached in saved[2:]]
    assert (same.step, same.tokens) == (end.step, end.tokens)
    steps = [json.loads(line)["step"] for line in (tmp_path / "whole" / "metrics.jsonl").read_text().splitlines()]
    assert steps == [*range(1, end.step + 1), *range(at.step + 1, end.step + 1)], "as checkpoints and evaluations count them"
    assert tokens_at(tmp_path / "whole", "sft", at.step) == at.tokens and tokens_at(tmp_path / "whole", "sft", end.step) == end.tokens


@pytest.mark.parametrize(
    ("count", "steps"), [(0, []), (1, [4]), (2, [3, 6]), (3, [2, 4, 6]), (7, [*range(1, 8)]), (99, [*range(1, 8)])], ids=str
)
def test_what_is_inside_a_stage_is_evenly_spaced_and_nothing_is_at_its_end(tmp_path, count, steps):
    _, saved, evaluated, end = fitted(tmp_path, config(epochs=2, meta={"queries_per_update": 2}, saved=count, asked=count))
    assert ([reached.step for reached in saved], [step for step, _ in evaluated], end.step) == (steps, steps, 8)
    numbers = [number for _, number in evaluated]
    assert numbers == sorted(set(numbers)) and all(1 <= number <= count for number in numbers)


def test_a_long_sft_is_saved_by_the_time_that_its_steps_take(tmp_path, monkeypatch):
    """A step takes 15 minutes here. What a checkpoint was written for counts from there, in a resume too."""
    clock = itertools.count(0, 900)
    monkeypatch.setattr(sft, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    made = config(epochs=2, saved=1, saved_s=2000.0)
    _, saved, _, end = fitted(tmp_path, made)
    assert ([reached.step for reached in saved], end.step, end.seconds) == ([3, 4, 7], 8, 8 * 900)
    _, saved, _, _ = fitted(tmp_path, made, progress=saved[0])
    assert [reached.step for reached in saved] == [4, 7]
    _, saved, _, _ = fitted(tmp_path, config(epochs=2, saved=0, saved_s=1800.0))
    assert [reached.step for reached in saved] == [2, 4, 6]


def test_a_run_that_takes_everything_back_is_stopped_and_a_resume_remembers(tmp_path):
    made = config(phases=False, tokens=100_000, meta={"commit": "on_optimal"})
    learner = Learner(rolled_back=True)
    with pytest.raises(UserError, match="rolled back 200 of the last 200 queries"):
        fitted(tmp_path, made, learner)
    assert sum(kind == "meta" for kind, *_ in learner.asked) == 200
    resumed, step = Learner(rolled_back=True), len(learner.asked) - 10
    with pytest.raises(UserError, match="rolled back 200 of the last 200 queries"):
        fitted(tmp_path, made, resumed, Progress(0, step, tokens=20.0 * step))
    assert len(resumed.asked) == 10
