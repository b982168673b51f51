"""Weights as a safetensors folder that learner and engines see: shared memory on one machine, a shared folder on several."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file

from raytool.records import PolicyVersion
from raytool.weight_sync.base import WeightHandle, WeightReceiver, WeightSync

DEFAULT_ROOT = Path("/dev/shm")
_PREFIX = "raytool-weights-"


class SharedMemory(WeightSync):
    """Args:
    root: the shared folder; each sender keeps its versions in one of its own there, named after its process.
    """

    def __init__(self, root: Path | None = None):
        self.root = root or DEFAULT_ROOT
        self.folder = self.root / f"{_PREFIX}{os.uname().nodename}-{os.getpid()}"

    def send(self, version: PolicyVersion, tensors: Mapping[str, torch.Tensor]) -> WeightHandle:
        if not self.folder.exists():
            _sweep(self.root)
            self.folder.mkdir(parents=True)
        finished = self.folder / f"v{version}"
        draft = self.folder / f".v{version}.draft"
        for leftover in (draft, finished):
            shutil.rmtree(leftover, ignore_errors=True)
        draft.mkdir()
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, draft / "model.safetensors", metadata={"format": "pt"})
        draft.rename(finished)
        for old in self.folder.glob("v*"):
            if int(old.name[1:]) < version - 1:
                shutil.rmtree(old)
        return WeightHandle(version, str(finished))

    async def receive(self, handle: WeightHandle, engine: WeightReceiver) -> None:
        if not Path(handle.location).is_dir():
            raise FileNotFoundError(
                f"weights of version {handle.version} are not at {handle.location}; "
                "on several machines set weight_sync.directory to a folder that all share"
            )

        await engine.load_folder(handle.location)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def _sweep(root: Path) -> None:
    """Remove what senders of this machine left behind when they were killed."""
    for folder in root.glob(f"{_PREFIX}{os.uname().nodename}-*"):
        if not Path(f"/proc/{folder.name.rsplit('-', 1)[1]}").exists():
            shutil.rmtree(folder, ignore_errors=True)
