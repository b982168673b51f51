"""Files are whole or not there, and the disk holds them before anything relies on them."""

import errno
import os

import pytest

from raytool import durable
from raytool.run_state import Progress, RunFolder


def test_what_stops_half_way_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "a.json"
    durable.write(path, "old")

    def stopped():
        with durable.writing(path) as draft:
            draft.write_text("ne")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert path.read_text() == "old"
    durable.write(path, "new")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.json", "new")]


def test_the_disk_holds_a_file_before_its_name_and_its_name_afterwards(tmp_path, monkeypatch):
    held = []
    monkeypatch.setattr(durable, "sync", lambda path: held.append((path.name, (tmp_path / "a.json").exists())))
    durable.write(tmp_path / "a.json", "new")
    assert held == [(".a.json.draft", False), (tmp_path.name, True)]


def test_a_folder_that_no_disk_can_be_asked_about_fails_nothing(tmp_path, monkeypatch):
    def sync(opened):
        if os.path.isdir(f"/proc/self/fd/{opened}"):
            raise OSError(errno.EINVAL, "Invalid argument")
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", sync)
    durable.sync(tmp_path)
    (tmp_path / "a").touch()
    with pytest.raises(OSError, match="Input/output error"):
        durable.sync(tmp_path / "a")


def test_all_files_and_folders_of_a_checkpoint_are_on_the_disk_before_it_counts(tmp_path, monkeypatch):
    held = []
    folder = RunFolder(tmp_path)
    (model := folder.draft("sft-000001") / "model").mkdir()
    (model / "weights").write_text("1")
    monkeypatch.setattr(durable, "sync", lambda path: held.append((path.name, (folder.checkpoints / "sft-000001").exists())))
    folder.seal("sft-000001", model.parent, Progress(0, 1))
    assert held[-1] == ("checkpoints", True)
    assert {name for name, there in held[:-1] if not there} == {".sft-000001.draft", "model", "weights", "state.json"}
