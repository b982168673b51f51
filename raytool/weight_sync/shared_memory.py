"""Weights as a safetensors folder that learner and engines see: shared memory on one machine, a shared folder on several."""

from __future__ import annotations

import dataclasses
import fcntl
import logging
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file

from raytool import shared_folder
from raytool.records import PolicyVersion, UserError
from raytool.shared_folder import Mark
from raytool.weight_sync.base import WeightHandle, WeightReceiver, WeightSync

log = logging.getLogger(__name__)

DEFAULT_ROOT = Path("/dev/shm")
_PREFIX = "raytool-weights-"
VERSIONS = 2  # that are there at a time: the newest one, and the one before, which an engine may still read
LOCK = "owner.lock"
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class SharedMemory(WeightSync):
    """Args:
    root: the shared folder; each sender keeps its versions in one of its own there.

    The sender's folder is named and made where it is filled. Its owner holds a lock in it until it dies, however it dies:
    process ids mean nothing from one container to the next. Whoever opens a folder first removes those without an owner
    that were made on the same machine since it was booted.
    """

    def __init__(self, root: Path | None = None):
        self.root = root or DEFAULT_ROOT
        self._opened: Mark | None = None
        self._lock: int | None = None
        self._sent: list[Path] = []

    def open(self, size: int = 0) -> Mark:
        if self._opened is None:
            self.root.mkdir(parents=True, exist_ok=True)
            sweep(self.root)
            if (free := shutil.disk_usage(self.root).free) < VERSIONS * size:
                raise UserError(
                    f"weight_sync.directory: {self.root} has {free / 1e9:.2g} GB free, and {VERSIONS} versions of the weights take "
                    f"{VERSIONS * size / 1e9:.2g}; name a folder with room (in a container, /dev/shm grows with --shm-size)"
                )
            folder = self.root / f"{own_prefix()}{secrets.token_hex(4)}"
            draft = self.root / f".{folder.name}"  # under its name it is locked from the first moment
            draft.mkdir()
            (draft / LOCK).touch()
            self._lock = _lock(draft / LOCK)
            if self._lock is None:
                log.warning("files cannot be locked in %s: what a killed run leaves there is to be removed by hand", self.root)
            made = shared_folder.mark(draft, "the learner")
            draft.rename(folder)
            self._opened = dataclasses.replace(made, path=folder / made.path.name)
        return self._opened

    def send(self, version: PolicyVersion, tensors: Mapping[str, torch.Tensor]) -> WeightHandle:
        folder = self.open().path.parent
        finished = folder / f"v{version}"
        draft = folder / f".v{version}.draft"
        for leftover in (draft, finished):
            shutil.rmtree(leftover, ignore_errors=True)
        sent = [other for other in self._sent if other != finished]
        for old in sent[: 1 - VERSIONS]:  # by when they were sent, and not by number: a stage may begin with a lower one
            shutil.rmtree(old, ignore_errors=True)  # where an engine of another machine still reads it, NFS keeps a file until it is done
        draft.mkdir()
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, draft / "model.safetensors", metadata={"format": "pt"})
        draft.rename(finished)
        self._sent = [*sent[1 - VERSIONS :], finished]
        return WeightHandle(version, str(finished))

    async def receive(self, handle: WeightHandle, engine: WeightReceiver) -> None:
        folder = Path(handle.location)
        if not folder.is_dir():
            if not folder.parent.is_dir():
                raise UserError(
                    f"weight_sync.directory: node {os.uname().nodename} does not see {folder.parent}, where the learner's weights are; "
                    "a folder that learner and engines share is expected"
                )
            raise FileNotFoundError(f"weights of version {handle.version} are no longer at {folder}")
        await engine.load_folder(handle.location)

    def leave(self) -> None:
        """What is received is the sender's."""

    def close(self) -> None:
        if self._opened is not None:
            shutil.rmtree(self._opened.path.parent, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
        self._opened, self._lock, self._sent = None, None, []


def sweep(root: Path, name: str = "") -> None:
    """Remove what those that were killed left on this machine, or of it a folder of some name: what nobody holds a lock in."""
    for folder in root.glob(name or f"{own_prefix()}*"):
        if (lock := _lock(folder / LOCK)) is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _lock(path: Path) -> int | None:
    """A file that is locked for as long as it is open; None where somebody else holds the lock, or it cannot be had."""
    try:
        file = os.open(path, os.O_RDWR)
    except OSError:  # another user's, or just being removed
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        return None
    return file


def own_prefix() -> str:
    """How the names of this machine's folders begin. Not every shared file system carries locks from one machine to another, and
    containers on two of them may have one host name: the kernel's id tells them apart."""
    boot = _BOOT.read_text()[:8] if _BOOT.exists() else "unknown"
    return f"{_PREFIX}{os.uname().nodename}-{boot}-"
