"""Folders of weights: where they are, what is in them, who removes them, and who does not see them."""

import asyncio
import multiprocessing
import os
import pickle
import shutil
import signal
import threading
from types import SimpleNamespace

import pytest
import torch

from raytool import shared_folder
from raytool.learner import group as groups
from raytool.records import UserError
from raytool.rollout.actor import RolloutActor
from raytool.rollout.episode import InfrastructureError
from raytool.weight_sync import shared_memory
from raytool.weight_sync.base import WeightHandle
from raytool.weight_sync.shared_memory import SharedMemory

WEIGHTS = {"w": torch.ones(2)}


class Engine:
    def __init__(self):
        self.loaded = []

    async def load_folder(self, folder):
        self.loaded.append(folder)

    def check(self): ...


def own(root):
    """A sender's folders that are there."""
    return {path for path in root.iterdir() if path.is_dir()}


def received(sync, handle):
    engine = Engine()
    asyncio.run(sync.receive(handle, engine))
    return engine.loaded == [handle.location]


def _send_and_wait(root, sending):
    sync = SharedMemory(root)
    sending.send(sync.send(0, WEIGHTS).location)
    signal.pause()


@pytest.fixture(autouse=True)
def no_lag(monkeypatch):
    """Of a network's file system."""
    monkeypatch.setattr(shared_folder, "_LAG_S", 0.0)


@pytest.fixture
def sender(tmp_path):
    """Another process that has sent a version, and its folder."""
    spawn = multiprocessing.get_context("spawn")
    answers, sending = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_send_and_wait, args=(tmp_path / "weights", sending))
    process.start()
    assert answers.poll(60)
    yield process, shared_memory.Path(answers.recv()).parent
    process.kill()
    process.join()


def test_the_folder_is_made_by_who_sends_and_removed_by_it(tmp_path):
    root = tmp_path / "weights"
    driver = SharedMemory(root)
    learner, worker = pickle.loads(pickle.dumps(driver)), pickle.loads(pickle.dumps(driver))
    handle = learner.send(0, WEIGHTS)
    assert received(worker, handle)
    worker.close()
    driver.close()
    assert received(worker, handle), "only who made the folder removes it"
    learner.close()
    assert list(root.iterdir()) == []
    assert learner.send(0, WEIGHTS) != handle, "it may be opened again"
    learner.close()


def test_room_for_two_versions_is_seen_before_anything_is_trained(tmp_path):
    free = shutil.disk_usage(tmp_path).free
    with pytest.raises(
        UserError, match=r"weight_sync\.directory: .* GB free, and 2 versions of the weights take .*; name a folder with room"
    ):
        SharedMemory(tmp_path).open(free)
    sync = SharedMemory(tmp_path)
    sync.open(free // 4)
    sync.close()


def test_there_are_never_three_versions_at_a_time(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(shared_memory, "save_file", lambda tensors, path, metadata: seen.append(len(list(path.parent.parent.glob("*v*")))))
    sync = SharedMemory(tmp_path)
    for number in range(4):
        sync.send(number, {})
    assert max(seen) == 2
    sync.close()


def test_the_two_versions_that_were_sent_last_stay(tmp_path):
    sync = SharedMemory(tmp_path)
    sent = [sync.send(version, WEIGHTS) for version in (5, 6, -11, 0, 0, 1)]
    assert {path.name for path in own(tmp_path).pop().glob("v*")} == {"v0", "v1"}
    assert received(sync, sent[-1]) and received(sync, sent[-2])
    with pytest.raises(FileNotFoundError, match="version 6 are no longer at"):
        received(sync, sent[1])
    sync.close()


def test_a_killed_senders_folder_is_removed_by_the_next_and_a_living_ones_stays(tmp_path, sender):
    process, folder = sender
    mine = SharedMemory(tmp_path / "weights")
    mine.open()
    assert (folder / "v0").is_dir() and len(own(tmp_path / "weights")) == 2
    mine.close()
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert (folder / "v0").is_dir()
    mine.open()
    assert not folder.exists() and len(own(tmp_path / "weights")) == 1
    mine.close()


def test_folders_of_other_machines_and_what_has_no_lock_are_left_alone(tmp_path):
    host, boot = os.uname().nodename, shared_memory.own_prefix().split("-")[-2]
    left = [tmp_path / f"raytool-weights-{name}" for name in (f"another-host-{boot}-1", f"{host}-00000000-1", f"{host}-4711")]
    for folder in left:
        folder.mkdir()
    for folder in left[:2]:
        (folder / "owner.lock").touch()
    sync = SharedMemory(tmp_path)
    sync.open()
    assert all(folder.is_dir() for folder in left)
    sync.close()


def test_where_files_cannot_be_locked_weights_are_sent_all_the_same(tmp_path, monkeypatch, caplog):
    def refuse(file, how):
        raise OSError("not supported")

    monkeypatch.setattr(shared_memory.fcntl, "flock", refuse)
    first, second = SharedMemory(tmp_path), SharedMemory(tmp_path)
    handle = first.send(0, WEIGHTS)
    second.open()
    assert received(second, handle) and "cannot be locked" in caplog.text
    first.close()
    second.close()
    assert list(tmp_path.iterdir()) == []


def test_a_machine_that_does_not_see_the_learners_folder_is_the_users_business(tmp_path):
    sync = SharedMemory(tmp_path)
    with pytest.raises(UserError, match=r"weight_sync\.directory: node \S+ does not see .*nowhere, .* share is expected"):
        received(sync, WeightHandle(0, str(tmp_path / "nowhere" / "v0")))


def test_a_version_that_cannot_be_read_is_infrastructure(tmp_path):
    sync = SharedMemory(tmp_path)
    actor = RolloutActor.__new__(RolloutActor)
    actor._settings, actor._engine = SimpleNamespace(weight_sync=sync), Engine()
    handles = [sync.send(version, WEIGHTS) for version in range(3)]
    with pytest.raises(InfrastructureError, match="version 0 cannot be read: FileNotFoundError"):
        asyncio.run(actor.load(handles[0]))
    assert asyncio.run(actor.load(handles[2])) == actor._version == 2
    sync.close()


def test_a_mark_is_seen_or_the_knob_and_the_node_are_named(tmp_path):
    mark = shared_folder.mark(tmp_path, "the driver")
    shared_folder.look(pickle.loads(pickle.dumps(mark)), "runs", "rollout worker 0")
    shared_folder.mark(tmp_path, "another driver")
    node = os.uname().nodename
    with pytest.raises(UserError) as raised:
        shared_folder.look(mark, "runs", "rollout worker 0")
    assert str(raised.value) == (
        f"runs: rollout worker 0 on node {node} does not see {mark.path}, which the driver on node {node} wrote (there is another one); "
        "a folder that all nodes share is expected"
    )
    mark.path.unlink()
    with pytest.raises(UserError, match=r"runs: learner rank 1 .*\(No such file or directory\)"):
        shared_folder.look(mark, "runs", "learner rank 1")


def test_a_mark_that_comes_late_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(shared_folder, "_LAG_S", 30.0)
    mark = shared_folder.mark(tmp_path, "the driver")
    mark.path.unlink()
    late = threading.Timer(0.3, mark.path.write_text, [mark.token])
    late.start()
    shared_folder.look(mark, "runs", "rollout worker 0")
    late.join()


def test_the_mark_of_a_senders_folder_is_seen_where_weights_are(tmp_path):
    sync = SharedMemory(tmp_path / "weights")
    mark = sync.open()
    shared_folder.look(mark, "weight_sync.directory", "rollout worker 0")
    assert mark.path.is_relative_to(tmp_path / "weights") and sync.open() == mark
    assert sync.send(0, WEIGHTS).location.startswith(str(mark.path.parent))
    sync.close()
    with pytest.raises(UserError, match="weight_sync.directory: "):
        shared_folder.look(mark, "weight_sync.directory", "rollout worker 0")


@pytest.mark.parametrize("busy", [False, True])
def test_the_learners_weights_are_removed_and_it_is_not_waited_for_for_ever(tmp_path, monkeypatch, busy):
    sync, killed = SharedMemory(tmp_path), []
    sync.send(0, WEIGHTS)

    async def close_weights():
        await asyncio.sleep(60 * busy)
        sync.close()

    learner = groups.LearnerGroup.__new__(groups.LearnerGroup)
    learner._place = sync.open()
    learner._ranks = [SimpleNamespace(close_weights=SimpleNamespace(remote=close_weights)), "rank 1"]
    monkeypatch.setattr(groups.ray, "kill", killed.append)
    monkeypatch.setattr(groups, "_CLOSE_LIMIT_S", 0.05)
    asyncio.run(learner.stop())
    assert killed == learner._ranks and not own(tmp_path)
    sync.close()
