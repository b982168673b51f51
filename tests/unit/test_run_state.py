"""A run's folder: new or resumed, its state whole at any moment, its checkpoints sealed and pruned."""

import dataclasses
import json
import shutil
from types import SimpleNamespace

import pytest
import yaml

from raytool import config
from raytool.records import UserError
from raytool.run_state import Progress, RunFolder, RunState
from raytool.sections import parse

SOURCE = {"name": "x", "source": "x.jsonl"}


def configured(**fields):
    return parse(config.Config, {"tasks": {"train": [SOURCE], "test": [SOURCE]}, **fields}, "x.yaml")


def test_a_new_run_takes_the_next_number(tmp_path):
    (tmp_path / "quick-7").mkdir()
    (tmp_path / "quick-9.old").mkdir()
    (tmp_path / "quick-er-12").mkdir()
    folder = RunFolder.open(configured(), "quick", tmp_path)
    assert folder.path.name == "quick-8"
    assert RunFolder.open(configured(), "quick", tmp_path).path.name == "quick-9"
    assert folder.state() == RunState()
    assert parse(config.Config, yaml.safe_load((folder.path / "config.yaml").read_text()), "stored") == configured()


def test_a_named_run_is_not_overwritten(tmp_path):
    assert RunFolder.open(configured(name="mine"), "quick", tmp_path / "runs").path == tmp_path / "runs/mine"
    with pytest.raises(UserError, match="name: .*mine exists; give another name, or resume=true"):
        RunFolder.open(configured(name="mine"), "quick", tmp_path / "runs")


@pytest.mark.parametrize("name", [None, "mine"])
def test_there_must_be_a_run_to_resume(tmp_path, name):
    with pytest.raises(UserError, match="resume: there is no run (in|of)"):
        RunFolder.open(configured(resume=True, name=name), "quick", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_newest_run_is_resumed_and_attempts_are_counted(tmp_path):
    for _ in range(11):
        newest = RunFolder.open(configured(), "quick", tmp_path)
        newest.close()
    newest.write_state(RunState(stage=2, checkpoint="sft-000007", figures={"sft": {"seconds": 1.5}}))
    for attempt in (1, 2):
        folder = RunFolder.open(configured(resume=True, rollout={"workers": 2}), "quick", tmp_path)
        assert folder.path.name == "quick-11"
        assert folder.state() == RunState(2, attempt, "sft-000007", None, {"sft": {"seconds": 1.5}})
        folder.close()


@pytest.mark.parametrize("resume", [True, "auto"])
def test_a_run_that_another_process_works_on_is_left_alone(tmp_path, resume):
    """As where a scheduler starts a job again that still lives. A lock is an opened file's, so that here one process is two."""
    working = RunFolder.open(configured(name="mine", resume="auto"), "mine", tmp_path)
    for _ in range(2):
        with pytest.raises(
            UserError,
            match=r"name: another process is working on .*mine; wait for it.* \(it is process \d+ of .*remove .*lock\)",
        ):
            RunFolder.open(configured(name="mine", resume=resume), "mine", tmp_path)
    assert working.state().attempt == 0
    working.close()
    assert RunFolder.open(configured(name="mine", resume=resume), "mine", tmp_path).state().attempt == 1


def test_auto_begins_a_run_and_goes_on_with_it(tmp_path):
    RunFolder.open(configured(name="mine-1"), "mine", tmp_path)
    for attempt in range(3):
        folder = RunFolder.open(configured(name="mine", resume="auto", rollout={"workers": 1 + attempt}), "mine", tmp_path)
        assert folder.path.name == "mine"
        assert folder.state() == RunState(stage=min(attempt, 1), attempt=attempt)
        if not attempt:
            folder.write_state(RunState(stage=1))
        folder.close()
    with pytest.raises(UserError, match="resume: .*mine began with another seed"):
        RunFolder.open(configured(name="mine", resume="auto", seed=1), "mine", tmp_path)


def test_auto_needs_a_name():
    with pytest.raises(UserError, match=r"x\.yaml: resume: 'auto' finds a run by its name; give one"):
        configured(resume="auto")


def test_auto_begins_anew_what_was_killed_before_it_had_a_state(tmp_path, monkeypatch):
    auto = configured(name="mine", resume="auto")
    with monkeypatch.context() as patched:
        patched.setattr(RunFolder, "write_state", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            RunFolder.open(auto, "mine", tmp_path)
    (tmp_path / "mine" / ".run_state.json.draft").write_text("half")
    with pytest.raises(UserError, match="name: .*mine exists"):
        RunFolder.open(configured(name="mine"), "mine", tmp_path)
    assert RunFolder.open(auto, "mine", tmp_path).state() == RunState()


def test_auto_leaves_a_folder_alone_that_is_no_run(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "precious").write_text("x")
    with pytest.raises(UserError, match="name: .*mine exists; give another name"):
        RunFolder.open(configured(name="mine", resume="auto"), "mine", tmp_path)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["precious"]


def test_a_resume_does_not_change_what_decides_the_results(tmp_path):
    folder = RunFolder.open(configured(), "quick", tmp_path)
    folder.close()
    with pytest.raises(UserError, match=r"quick-1 began with another ppo\.clip, seed"):
        RunFolder.open(configured(resume=True, seed=1, ppo={"clip": 0.1}), "quick", tmp_path)
    assert folder.state().attempt == 0


def test_a_run_that_an_earlier_version_began_can_go_on(tmp_path):
    """It counted tenths of an SFT in knobs that are PPO's now, which has no part in the run."""
    content = {"tasks": {"train": [SOURCE], "test": [SOURCE]}, "stages": ["sft", "evaluate"]}
    RunFolder.open(parse(config.Config, content, "x.yaml"), "quick", tmp_path).close()
    began = tmp_path / "quick-1" / "config.yaml"
    written = yaml.safe_load(began.read_text())
    written["checkpoint"]["every"] = 2
    written["evaluate"] |= {"every": 5, "inside": ["few"]}
    began.write_text(yaml.safe_dump(written))
    folder = RunFolder.open(parse(config.Config, content | {"resume": True}, "x.yaml"), "quick", tmp_path)
    assert folder.state().attempt == 1


@pytest.mark.parametrize("failing", ["os.fsync", "pathlib.Path.replace"])
def test_a_state_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch, failing):
    folder = RunFolder.open(configured(), "quick", tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(failing, lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            folder.write_state(RunState(stage=1))
    assert folder.state() == RunState()
    folder.write_state(RunState(stage=1))
    assert folder.state() == RunState(stage=1)


def sealed(folder, name, progress=None):
    draft = folder.draft(name)
    (draft / "model").mkdir()
    (draft / "model" / "weights").write_text(name)
    folder.seal(name, draft, progress or Progress(stage=1, step=1))


def checkpoints(folder):
    return sorted(path.name for path in folder.checkpoints.iterdir())


def test_a_sealed_checkpoint_tells_its_progress(tmp_path):
    folder = RunFolder(tmp_path)
    progress = Progress(stage=3, step=10, version=10, next_draw=88, open_groups=(80, 87), seconds=1.25, tokens=3.0)
    sealed(folder, "ppo-000010", progress)
    assert folder.progress("ppo-000010") == progress
    assert checkpoints(folder) == ["ppo-000010"]


def test_a_draft_that_was_killed_is_begun_anew(tmp_path):
    folder = RunFolder(tmp_path)
    (folder.draft("ppo-000010") / "half").write_text("written")
    assert list(folder.draft("ppo-000010").iterdir()) == []
    sealed(folder, "ppo-000010")
    assert checkpoints(folder) == ["ppo-000010"]


def test_a_checkpoint_that_no_state_named_is_replaced(tmp_path):
    folder = RunFolder(tmp_path)
    sealed(folder, "ppo-000010", Progress(3, 10, next_draw=1))
    sealed(folder, "ppo-000010", Progress(3, 10, next_draw=2))
    assert folder.progress("ppo-000010").next_draw == 2


def test_pruning_keeps_the_newest_of_each_stage(tmp_path):
    folder = RunFolder(tmp_path)
    for name in ("sft-000002", "ppo-000005", "ppo-1000000", "ppo-999999", "ppo-000015"):
        sealed(folder, name)
    folder.prune("ppo", "ppo-1000000", keep=2)
    assert checkpoints(folder) == ["ppo-1000000", "ppo-999999", "sft-000002"]
    folder.prune("ppo", "ppo-1000000", keep=9)
    assert len(checkpoints(folder)) == 3
    folder.prune("ppo", "ppo-1000000", keep=1)
    assert checkpoints(folder) == ["ppo-1000000", "sft-000002"]


def test_pruning_keeps_what_the_state_names_and_not_what_a_kill_left_behind_it(tmp_path):
    folder = RunFolder(tmp_path)
    for name in ("ppo-000004", "ppo-000005", "ppo-000006", "ppo-000010"):
        sealed(folder, name)
    folder.prune("ppo", "ppo-000006", keep=2)
    assert checkpoints(folder) == ["ppo-000005", "ppo-000006"]


@pytest.mark.parametrize(
    ("free", "told"),
    [(4000, "ppo-000006 takes 4.9e-06: of such checkpoints there are up to 3"), (6000, ""), (999, "has 1e-06 GB free")],
)
def test_room_that_checkpoints_will_want_is_told(tmp_path, monkeypatch, free, told):
    folder = RunFolder(tmp_path)
    for name in ("sft-000002", "ppo-000005", "ppo-000006"):
        sealed(folder, name)
        (folder.checkpoints / name / "model" / "weights").write_bytes(bytes(4800))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    said = folder.shortage("ppo-000006", keep=2)
    assert told in said and bool(told) == bool(said)


def test_a_finished_stages_checkpoints_keep_their_models_and_nothing_else(tmp_path):
    folder = RunFolder(tmp_path)
    for name in ("sft-000002", "ppo-000005"):
        draft = folder.draft(name)
        for part in ("model", "learner"):
            (draft / part).mkdir()
            (draft / part / "weights").write_text("1")
        folder.seal(name, draft, Progress(0, 1))
    folder.drop_learners("sft")
    left = sorted(str(path.relative_to(folder.checkpoints)) for path in folder.checkpoints.glob("*/*/weights"))
    assert left == ["ppo-000005/learner/weights", "ppo-000005/model/weights", "sft-000002/model/weights"]


def test_the_state_is_plain_json(tmp_path):
    folder = RunFolder(tmp_path)
    state = RunState(1, 2, "sft-000001", "sft-000001", {"evaluate_base": {"seconds": 2.0, "tokens": 9.0}}, True)
    folder.write_state(state)
    assert json.loads((tmp_path / "run_state.json").read_text()) == dataclasses.asdict(state)
    assert folder.state() == state
