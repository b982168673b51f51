"""kill -9 in PPO, on the driver, and on the learner of a run that goes on by itself: the same updates, no episode twice, no orphans."""

import json
import os
import signal
from collections import Counter

import pytest

from raytool.replay.store import EpisodeStore
from tests.integration.conftest import metric_lines

OVERRIDES = (
    "name=killed", "stages=[ppo]", "ppo.updates=4", "ppo.samples_per_task=2", "checkpoint.every=2", "rollout.turn_tokens=16",
    "tasks.test=[]", "evaluate.every=3", "evaluate.suites=[{suite: 'tests.evaluation.few:Few', limit: 1}]",
)  # fmt: skip


def test_a_killed_run_goes_on_where_its_checkpoint_was(train, tmp_path):
    run = tmp_path / "killed"

    def three_updates_are_done():
        return [line["step"] for line in metric_lines(run) if line["stage"] == "ppo"][-1:] == [3]

    first = train(tmp_path, *OVERRIDES)
    first.wait_for(three_updates_are_done)
    first.watch()
    assert any("VLLM" in name for _, name in first.descendants.values())
    os.kill(first.process.pid, signal.SIGKILL)
    assert first.orphans() == []

    before = metric_lines(run)
    stored = {e.id for _, episodes in EpisodeStore(run / "episodes", "ppo").read() for e in episodes}
    assert json.loads((run / "run_state.json").read_text())["checkpoint"] == "ppo-000002"

    files = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    changed = train(tmp_path, *OVERRIDES, "ppo.gamma=0.5", "resume=true")
    output = changed.wait(60)
    assert changed.process.returncode == 2
    (said,) = [line for line in output.splitlines() if line.startswith("error")]
    assert output.strip().endswith(said)
    assert "ppo.gamma" in said
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == files, "a refused resume changed something"

    second = train(tmp_path, *OVERRIDES, "resume=true")
    output = second.wait()
    assert second.process.returncode == 0, output
    assert second.orphans() == []

    lines = [line for line in metric_lines(run) if line["stage"] == "ppo"]
    resumed = [line for line in lines if line["attempt"] == 1]
    assert [line["step"] for line in resumed] == [3, 4]
    surviving = [line for line in lines if line["step"] <= 2] + resumed
    consumed = Counter(group for line in surviving for group in line["groups"])
    assert len(consumed) == 4 * 2
    assert set(consumed.values()) == {1}, "a group entered two surviving updates"

    # The third update is made again of the episodes that were stored before the kill: bit for bit the same.
    (lost,) = [line for line in before if line["stage"] == "ppo" and line["step"] == 3]
    assert_same(lost, resumed[0])

    taken = sum(seconds for name, seconds in lost.items() if name.startswith("time/"))
    assert lost["seconds_total"] < taken, "an update's time has the evaluation in it"
    assert lost["seconds_total"] > taken - lost["time/evaluate"]

    card = json.loads((run / "eval" / "ppo-000003.few.json").read_text())
    assert sorted(result["groups"]["size"] for result in card["results"]) == ["large", "small"]
    assert [line["step"] for line in metric_lines(run) if line["stage"] == "evaluate_ppo"] == [3, 3]

    kept = [e for _, episodes in EpisodeStore(run / "episodes", "ppo").read() for e in episodes]
    assert len({e.id for e in kept}) == len(kept) == 4 * 2 * 2
    assert stored <= {e.id for e in kept} | {e.id for e in void(run)}


def assert_same(one, again):
    """Bit for bit, as far as what was learnt goes."""
    assert again["groups"] == one["groups"]
    for figure in ("reward/mean", "kl", "entropy", "policy_loss", "value_loss", "grad_norm", "logprob_difference"):
        assert again[figure] == one[figure], figure


@pytest.mark.long
def test_a_run_that_lost_its_learner_goes_on_by_itself(train, tmp_path):
    run = tmp_path / "killed"

    def three_updates_are_done():
        return [line["step"] for line in metric_lines(run) if line["stage"] == "ppo"][-1:] == [3]

    training = train(tmp_path, *OVERRIDES)
    training.wait_for(three_updates_are_done)
    training.watch()
    (learner,) = [
        process for process, _ in training.descendants.values() if process.is_running() and "LearnerWorker" in process.cmdline()[0]
    ]
    learner.kill()
    output = training.wait()
    assert training.process.returncode == 0, output
    assert "error: lost while waiting for learner rank 0" in output and "the run goes on by itself from ppo-000002" in output
    assert training.orphans() == []
    lines = [line for line in metric_lines(run) if line["stage"] == "ppo"]
    assert [(line["attempt"], line["step"]) for line in lines][-2:] == [(1, 3), (1, 4)]
    assert_same(*[line for line in lines if line["step"] == 3])


@pytest.mark.long
def test_a_lost_rank_of_several_is_told_as_such_and_the_run_goes_on(train, tmp_path):
    """The other rank's collective call fails at once, before Ray tells of the death."""
    run = tmp_path / "ranks"

    def an_update_is_done():
        return any(line["stage"] == "ppo" for line in metric_lines(run))

    small = ("stages=[ppo]", "ppo.updates=3", "ppo.samples_per_task=2", "rollout.turn_tokens=16", "tasks.test=[]", "evaluate={}")
    training = train(tmp_path, "name=ranks", "learner.ranks=2", "checkpoint.every=1", *small)
    training.wait_for(an_update_is_done)
    training.watch()
    ranks = [process for process, _ in training.descendants.values() if process.is_running() and "LearnerWorker" in process.cmdline()[0]]
    assert len(ranks) == 2
    max(ranks, key=lambda process: process.pid).kill()
    output = training.wait()
    assert training.process.returncode == 0, output
    assert "error: lost while waiting for learner rank" in output and "the run goes on by itself from ppo-" in output
    assert [line["step"] for line in metric_lines(run) if line["stage"] == "ppo" and line["attempt"] == 1][-1] == 3


def void(run):
    folder = run / "void"
    return [e for _, episodes in EpisodeStore(folder, "ppo").read() for e in episodes] if folder.exists() else []


@pytest.mark.long
def test_a_run_that_goes_on_with_an_evaluation_evaluates_what_was_trained(train, tmp_path):
    """As if it had been killed there. At this rate a single update leaves a model that answers otherwise than the one it began with."""
    run = tmp_path / "killed"
    same = OVERRIDES[-1:] + tuple(given for given in OVERRIDES if given.startswith(("name", "ppo.samples", "rollout", "tasks")))
    of_the_run = (*same, "stages=[evaluate, ppo, evaluate]", "ppo.updates=1", "ppo.optimizer.lr=1.0e-2", "checkpoint.every=1")

    def answers(stage):
        return [result["output"] for result in json.loads((run / "eval" / f"{stage}.few.json").read_text())["results"]]

    first = train(tmp_path, *of_the_run)
    output = first.wait()
    assert first.process.returncode == 0, output
    asked = answers("ppo")
    assert asked != answers("base")

    (run / "eval" / "ppo.few.json").unlink()
    state = json.loads((run / "run_state.json").read_text())
    (run / "run_state.json").write_text(json.dumps({**state, "stage": 2, "finished": False}))
    second = train(tmp_path, *of_the_run, "resume=true")
    output = second.wait()
    assert second.process.returncode == 0, output
    assert answers("ppo") == asked
