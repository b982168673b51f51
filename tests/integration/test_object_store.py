"""Weights through Ray's object store: real Ray, and actors in place of engines, some of which have a machine's folder in common."""

import os

import pytest
import ray
import torch
from safetensors.torch import load_file

from raytool.records import UserError
from raytool.weight_sync import object_store
from raytool.weight_sync.object_store import ObjectStore


@ray.remote(num_cpus=0)
class Worker:
    """Beside an engine that reads what it is told to load."""

    def __init__(self, sync):
        self._sync, self.read = sync, {}

    async def load(self, handle):
        await self._sync.receive(handle, self)
        return {name: tensor.float().sum().item() for name, tensor in self.read.items()}

    async def load_folder(self, folder):
        self.read = {name: tensor for file in sorted(os.listdir(folder)) for name, tensor in load_file(f"{folder}/{file}").items()}
        self.folder = folder

    def where(self):
        return self.folder

    def leave(self):
        self._sync.leave()


@pytest.fixture(scope="module")
def cluster():
    os.environ.pop("RAY_ADDRESS", None)
    environment = {"env_vars": {"PYTHONPATH": os.getcwd()}}
    ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False, runtime_env=environment)
    yield
    ray.shutdown()


def weights(value):
    return {"a": torch.full((300, 2), value, dtype=torch.bfloat16), "b": torch.full((7,), value), "c": torch.full((2, 2), 2 * value)}


def sums(value):
    return {"a": 600 * value, "b": 7 * value, "c": 8 * value}


def test_every_machine_gets_each_version_once_and_keeps_two(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr(object_store, "_PART", 1000)
    one, other = tmp_path / "one", tmp_path / "other"
    sender = ObjectStore(one)
    assert sender.open(1000) is None
    workers = [Worker.remote(ObjectStore(root)) for root in (one, one, other)]
    for version in range(4):
        handle = sender.send(version, weights(float(version)))
        assert len(handle.parts) == 2, "a part has as many tensors as fit, and one that does not fit is by itself"
        assert ray.get([worker.load.remote(handle) for worker in workers], timeout=60) == [sums(float(version))] * 3
    folders = ray.get([worker.where.remote() for worker in workers])
    assert folders[0] == folders[1] != folders[2]
    (home,) = one.iterdir()
    assert sorted(path.name.split("-")[0] for path in home.glob("v*")) == ["v2", "v3"]
    ray.get([worker.leave.remote() for worker in workers[:1]])
    assert home.is_dir(), "another worker of the machine needs it"
    ray.get([worker.leave.remote() for worker in workers[1:]])
    assert not any(one.iterdir()) and not any(other.iterdir())


def test_a_killed_worker_s_folder_is_removed_by_the_next_run_there(cluster, tmp_path):
    sender, worker = ObjectStore(tmp_path), Worker.remote(ObjectStore(tmp_path))
    ray.get(worker.load.remote(sender.send(0, weights(1.0))), timeout=60)
    (left,) = tmp_path.iterdir()
    ray.kill(worker)
    following, next_worker = ObjectStore(tmp_path), None
    for _ in range(100):  # until the process is gone
        next_worker = Worker.remote(ObjectStore(tmp_path))
        ray.get(next_worker.load.remote(following.send(0, weights(2.0))), timeout=60)
        if not left.exists():
            break
        ray.get(next_worker.leave.remote())
    assert not left.exists() and len(list(tmp_path.iterdir())) == 1
    ray.get(next_worker.leave.remote())


def test_a_version_whose_sender_is_gone_cannot_be_read(cluster, tmp_path, monkeypatch):
    @ray.remote(num_cpus=0)
    class Sender:
        def send(self):
            self.sync = ObjectStore(tmp_path)
            return self.sync.send(0, {"a": torch.ones(200_000)})

    sender = Sender.remote()
    handle = ray.get(sender.send.remote())
    ray.kill(sender)
    worker = Worker.remote(ObjectStore(tmp_path))
    with pytest.raises(OSError, match=r"model-00000\.safetensors: "):
        ray.get(worker.load.remote(handle), timeout=60)
    ray.get(worker.leave.remote())


def test_stores_that_have_no_room_are_the_user_s_business(cluster, tmp_path):
    with pytest.raises(UserError, match=r"weight_sync\.method: Ray's object store here has .* GB, and 2 versions of the weights take"):
        ObjectStore(tmp_path).open(10**13)
