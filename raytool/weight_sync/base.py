"""How weights get from the learner to the engines: the interface that every method implements.

`open`, `send` and `close` run in the learner's rank 0, `receive` beside each engine. Only a completed `receive` lets a worker play.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from raytool.records import PolicyVersion
from raytool.shared_folder import Mark

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class WeightHandle:
    """What the learner gives to the workers: which version, and where its weights are; `parts` are references, if that is a store."""

    version: PolicyVersion
    location: str
    parts: tuple[Any, ...] = ()


class WeightReceiver(Protocol):
    """What is asked of an engine."""

    async def load_folder(self, folder: str) -> None:
        """Replace the engine's weights by those of a folder of safetensors files."""


class WeightSync(ABC):
    @abstractmethod
    def open(self, size: int = 0) -> Mark | None:
        """Make the place where versions of `size` bytes will be. Who receives them has to see the mark in it, if there is one.

        Raises:
            UserError: it has no room for as many of them as there are at a time.
        """

    @abstractmethod
    def send(self, version: PolicyVersion, tensors: Mapping[str, torch.Tensor]) -> WeightHandle:
        """Make a version's weights available. Older versions may vanish, the one sent before stays."""

    @abstractmethod
    async def receive(self, handle: WeightHandle, engine: WeightReceiver) -> None:
        """Load a version into an engine.

        Raises:
            UserError: what the learner sends is not seen on this machine.
            OSError: this version cannot be read, or has vanished.
        """

    @abstractmethod
    def leave(self) -> None:
        """Give up what receiving has left on this machine, unless others there have a use for it."""

    @abstractmethod
    def close(self) -> None:
        """Free what the sender holds."""
