"""Weights through Ray's object store, for machines that share no folder.

The learner puts a version there in parts. Ray copies each from machine to machine, from whichever has it, so that the learner's own
network bears it once or a few times however many engines there are; the first engine of a machine to want the version writes it into the
machine's memory, from where all of them read it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import ray
import torch
from ray.exceptions import RayError
from safetensors.torch import save

from raytool.records import PolicyVersion, UserError
from raytool.shared_folder import Mark
from raytool.weight_sync.base import WeightHandle, WeightReceiver, WeightSync
from raytool.weight_sync.shared_memory import DEFAULT_ROOT, LOCK, VERSIONS, own_prefix, sweep

_PART = 512 * 2**20  # bytes
_FETCHING = "fetching.lock"
_LIMIT_S = 600.0  # for a part to come, within rollout.engine.load_limit_s


class ObjectStore(WeightSync):
    """Args:
    root: a folder of each machine's own, of which the engines of a machine share one of the run's.

    Every receiver holds a shared lock in that folder until it dies; who opens one first removes those that nobody holds.
    """

    def __init__(self, root: Path | None = None):
        self.root = root or DEFAULT_ROOT
        self._run = secrets.token_hex(4)
        self._sent: list[WeightHandle] = []  # what is referred to is kept
        self._lock: int | None = None

    def open(self, size: int = 0) -> Mark | None:
        here = ray.get_runtime_context().get_node_id()  # what is put stays on this node for as long as it is referred to
        held = sum(node["Resources"].get("object_store_memory", 0.0) for node in ray.nodes() if node["NodeID"] == here)
        if held < VERSIONS * size:
            raise UserError(
                f"weight_sync.method: Ray's object store here has {held / 1e9:.2g} GB, and {VERSIONS} versions of the weights take "
                f"{VERSIONS * size / 1e9:.2g}; start Ray with a larger --object-store-memory, or name a shared weight_sync.directory"
            )
        return None

    def send(self, version: PolicyVersion, tensors: Mapping[str, torch.Tensor]) -> WeightHandle:
        self._sent = self._sent[1 - VERSIONS :]
        parts = tuple(ray.put(np.frombuffer(save(part), np.uint8)) for part in _parts(tensors))
        self._sent.append(WeightHandle(version, self._run, parts))
        return self._sent[-1]

    async def receive(self, handle: WeightHandle, engine: WeightReceiver) -> None:
        await engine.load_folder(str(await asyncio.to_thread(self._fetch, handle)))

    def leave(self) -> None:
        if self._lock is None:
            return
        folder = self._folder(self._run)
        os.close(self._lock)
        self._lock = None
        sweep(self.root, folder.name)

    def close(self) -> None:
        self._sent = []

    def _folder(self, run: str) -> Path:
        return self.root / f"{own_prefix()}{run}"

    def _fetch(self, handle: WeightHandle) -> Path:
        """Where this machine has a version, which is fetched unless another engine has done so."""
        home = self._join(handle.location)
        sent = f"v{handle.version}-{handle.parts[0].hex()}"  # a stage may begin with a number that another had
        finished, draft = home / sent, home / f".{sent}.draft"
        with _alone(home / _FETCHING):
            if finished.is_dir():
                return finished
            for old in sorted(home.glob("v*"), key=lambda path: path.stat().st_mtime)[: 1 - VERSIONS]:
                shutil.rmtree(old, ignore_errors=True)
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            for number, part in enumerate(handle.parts):
                self._write(part, draft / f"model-{number:05d}.safetensors")
            draft.rename(finished)
        return finished

    def _write(self, part: ray.ObjectRef, path: Path) -> None:
        try:
            content = ray.get(part, timeout=_LIMIT_S)
        except RayError as error:
            raise OSError(f"{path.name}: {str(error).splitlines()[0]}") from error
        if (free := shutil.disk_usage(path.parent).free) < len(content):
            raise UserError(
                f"weight_sync.directory: node {os.uname().nodename} has {free / 1e9:.2g} GB free in {self.root}, too little; "
                "one with room for two versions is expected, on each machine"
            )
        path.write_bytes(memoryview(content))

    def _join(self, run: str) -> Path:
        """The run's folder on this machine, which stays as long as somebody holds it."""
        self._run, home = run, self._folder(run)
        while self._lock is None:
            self.root.mkdir(parents=True, exist_ok=True)
            sweep(self.root)
            home.mkdir(exist_ok=True)
            try:
                lock = os.open(home / LOCK, os.O_RDWR | os.O_CREAT)
            except FileNotFoundError:  # another one has just swept it
                continue
            fcntl.flock(lock, fcntl.LOCK_SH)
            if (home / LOCK).exists() and os.fstat(lock).st_ino == (home / LOCK).stat().st_ino:
                self._lock = lock
            else:
                os.close(lock)
        return home


def _parts(tensors: Mapping[str, torch.Tensor]) -> Iterator[dict[str, torch.Tensor]]:
    """Tensors in parts of some size, a larger one by itself."""
    part: dict[str, torch.Tensor] = {}
    size = 0
    for name, tensor in tensors.items():
        if part and size + tensor.nbytes > _PART:
            yield part
            part, size = {}, 0
        part[name] = tensor.contiguous()
        size += tensor.nbytes
    if part:
        yield part


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While this is held, nobody else on this machine is."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
