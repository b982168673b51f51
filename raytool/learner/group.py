"""The learner's ranks as one. What loses a rank loses them all: a run goes on from its checkpoint, with new ones."""

from __future__ import annotations

import asyncio
import itertools
import logging
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ray
import torch
import torch.distributed as dist
from safetensors import SafetensorError
from torch.distributed.checkpoint.api import CheckpointException

from raytool.actors import ActorLost, bounded
from raytool.config import LearnerConfig, ModelConfig
from raytool.config.training import PPOConfig, SFTConfig
from raytool.learner.packing import Group, packed_tokens
from raytool.learner.sft import TokenWeights
from raytool.learner.worker import LearnerWorker, Position
from raytool.placement import Placement
from raytool.records import Episode, PolicyVersion, UserError
from raytool.shared_folder import Mark
from raytool.weight_sync.base import WeightHandle, WeightSync

log = logging.getLogger(__name__)

_CLOSE_LIMIT_S = 20.0
_DEATH_LIMIT_S = 30.0  # in which Ray tells of a death that the other ranks have noticed

# What is raised where a device, a connection or a disk fails. Some libraries raise a plain RuntimeError, which only its text tells
# from a defect; an assertion on a device is one.
_FAILURES = (OSError, SafetensorError, torch.AcceleratorError, dist.DistError)
_FAILED = re.compile(r"third_party/gloo|CUBLAS_STATUS|cuDNN error|inline_container\.cc")
_DEFECT = "device-side assert"
_FULL = re.compile(r"No space left on device|Disk quota exceeded", re.IGNORECASE)  # which no other actor mends


class LearnerGroup:
    """`model` is the one that training begins with, `trained` the `model/` of the checkpoint to start from, if any; `threads` is how many a
    rank has on CPUs, where the config does not say; `gpu_share` is how much of its GPU's memory a rank may take."""

    def __init__(
        self,
        config: LearnerConfig,
        weight_sync: WeightSync,
        model: ModelConfig,
        trained: str | None,
        placement: Placement,
        threads: int,
        log_folder: Path,
        gpu_share: float = 1.0,
    ):
        self._config = config
        self._gpu_share = gpu_share
        self._place: Mark | None = None  # of the weights, if it is a folder
        given = config.threads or config.cpus
        self._threads = given or (threads if placement.accelerator == "cpu" else None)
        self._ranks: list[Any] = [
            ray.remote(LearnerWorker)
            .options(**placement.learner(rank, given or threads))
            .remote(config, weight_sync, model.path, placement.accelerator, log_folder, trained, model.dtype)
            for rank in range(config.ranks)
        ]

    async def start(self, seed: int, run: Mark) -> None:
        """Number the ranks by where they are, and load the model on all of them. They have to see the mark in the run's folder.

        Raises:
            ActorLost: from here and every other method: a rank died, its device, connections or disk failed, or it passed
                `step_limit_s`, or with a checkpoint `checkpoint_limit_s`.
            UserError: naming the node that does not share the folder.
        """
        positions = await self._each("tell_position", [()] * len(self._ranks))
        self._ranks = [self._ranks[i] for i in in_order(positions)]
        await self._all("look", [(run, "runs", f"learner rank {rank}") for rank in range(len(self._ranks))])
        address = await bounded(self._ranks[0].address.remote(), self._config.step_limit_s, "learner rank 0 to make an address")
        await self._all("start", [(rank, address, self._threads, seed, self._gpu_share) for rank in range(len(self._ranks))])

    async def begin_sft(self, config: SFTConfig, total: int) -> dict[str, float]:
        """What rank 0 holds in memory for the stage, in GB, is returned, from here and from `begin_ppo`."""
        return await self._all("begin_sft", [(config, total)] * len(self._ranks))

    async def begin_ppo(self, config: PPOConfig, trained: str | None) -> dict[str, float]:
        """`trained` is the `model/` of the checkpoint that PPO starts from, if any."""
        return await self._all("begin_ppo", [(config, trained)] * len(self._ranks))

    async def memory(self) -> dict[str, float]:
        """The same again, with the most that a rank has held so far."""
        return await self._all("memory", [()] * len(self._ranks))

    async def sft_step(self, episodes: Sequence[Episode], weights: Sequence[Sequence[float]], done: int) -> dict[str, float]:
        """One step on demonstrations with a weight for each of their tokens."""
        given = {id(episode): weight for episode, weight in zip(episodes, weights, strict=True)}
        shares = [[e for group in mine for e in group] for mine in share([[episode] for episode in episodes], len(self._ranks))]
        return await self._all("sft_step", [(mine, [given[id(e)] for e in mine], done) for mine in shares])

    async def meta_step(self, units: Sequence[Group], weights: Sequence[TokenWeights], done: int) -> dict[str, float]:
        """One update on a group of meta-tasks, with a weight for each token of each of their demonstrations."""
        given = {id(e): w for unit, of_unit in zip(units, weights, strict=True) for e, w in zip(unit, of_unit, strict=True)}
        shares = share_units(units, len(self._ranks))
        return await self._all("meta_step", [(mine, [[given[id(e)] for e in unit] for unit in mine], done) for mine in shares])

    async def update(self, groups: Sequence[Group], minibatches: int, update: int) -> dict[str, float]:
        """One PPO update. Minibatches are runs of groups, and each one's groups go to the ranks by length."""
        bounds = [round(i * len(groups) / minibatches) for i in range(minibatches + 1)]
        parts = [share(groups[first:last], len(self._ranks)) for first, last in itertools.pairwise(bounds)]
        return await self._all("update", [([part[rank] for part in parts], update) for rank in range(len(self._ranks))])

    async def publish(self, version: PolicyVersion) -> WeightHandle:
        return await self._all("publish", [(version,)] * len(self._ranks))

    async def save(self, folder: Path, resumable: bool) -> None:
        await self._all("save" if resumable else "save_model", [(folder,)] * len(self._ranks), self._config.checkpoint_limit_s)

    async def load(self, folder: Path) -> None:
        await self._all("load", [(folder,)] * len(self._ranks), self._config.checkpoint_limit_s)

    async def open_weights(self) -> Mark | None:
        """Make the place where `publish` puts weights; the mark in it, if it is a folder, is what engines have to see."""
        what = "learner rank 0 to open weight_sync.directory"
        self._place = await bounded(self._ranks[0].open_weights.remote(), self._config.step_limit_s, what)
        return self._place

    async def stop(self) -> None:
        """End all ranks. Weights in a folder that rank 0 is too busy or dead to remove are removed from here, if it is seen here."""
        try:
            await bounded(self._ranks[0].close_weights.remote(), _CLOSE_LIMIT_S, "learner rank 0 to remove its weights")
        except Exception as error:  # whatever keeps it from that, the ranks are ended
            log.warning("the learner's weights were not removed: %s", error)
        for rank in self._ranks:
            ray.kill(rank)
        if self._place is not None:
            shutil.rmtree(self._place.path.parent, ignore_errors=True)

    async def _all(self, method: str, arguments: Sequence[tuple[Any, ...]], limit_s: float | None = None) -> Any:
        """Call all ranks; rank 0's answer."""
        return (await self._each(method, arguments, limit_s))[0]

    async def _each(self, method: str, arguments: Sequence[tuple[Any, ...]], limit_s: float | None = None) -> list[Any]:
        """Call all ranks, by default within `step_limit_s`; their answers.

        Where one was lost, that is raised, and not what became of the others' collective calls. What its machine failed is lost too, unless
        another rank has a defect, which is raised as it is.
        """
        calls = [getattr(rank, method).remote(*given) for rank, given in zip(self._ranks, arguments, strict=True)]
        waits = [
            asyncio.ensure_future(bounded(call, limit_s or self._config.step_limit_s, f"learner rank {rank} to {method}"))
            for rank, call in enumerate(calls)
        ]
        try:
            done, left = await asyncio.wait(waits, return_when=asyncio.FIRST_EXCEPTION)
            if left:
                done |= (await asyncio.wait(left, timeout=_DEATH_LIMIT_S))[0]
        finally:
            for wait in waits:
                wait.cancel()
        failures = {rank: error for rank, wait in enumerate(waits) if wait in done and (error := wait.exception()) is not None}
        if full := next((error for error in failures.values() if isinstance(error, torch.OutOfMemoryError)), None):
            raise UserError(
                f"learner: out of GPU memory in {method}: {str(full).split('. ')[0]}; smaller learner.microbatch_tokens and "
                "rollout.engine.gpu_memory_utilization, learner.activation_checkpointing, learner.lora and more ranks need less; and for "
                "an episode that is longer than microbatch_tokens by itself, a smaller sft.max_tokens or rollout.max_tokens"
            ) from full
        for error in failures.values():
            if method.startswith("save") and (said := _FULL.search(str(error))):
                raise OSError(f"learner: a checkpoint could not be written: {said[0]}; the run's folder needs more room") from error
        if others := [error for error in failures.values() if not failed_by_its_machine(error)]:
            raise next((error for error in others if isinstance(error, ActorLost)), others[0])
        for rank, error in failures.items():
            lines = f"{type(error).__name__}: {error}".strip().splitlines()
            line = lines[-1 if isinstance(error, CheckpointException) else 0]  # which ends with what became of a rank's part
            raise ActorLost(f"learner rank {rank} failed to {method}: {line}") from error
        return [wait.result() for wait in waits]


def in_order(positions: Sequence[Position]) -> list[int]:
    """By rank, whose position it has: the ranks of a node follow one another, as its GPUs do. Nodes stay in the order in which they come.

    Where ranks alternate between nodes, NCCL crosses the network more often. On one node its all-gather by NVLS has returned shards in the
    order of the GPUs, whatever that of the ranks was (NVIDIA/nccl#1906).
    """
    nodes = list(dict.fromkeys(position.node for position in positions))

    def place(i: int) -> tuple[int, int, str]:
        node, gpu = positions[i]
        return nodes.index(node), len(gpu), gpu  # GPU 10 comes after GPU 9

    return sorted(range(len(positions)), key=place)


def failed_by_its_machine(error: BaseException) -> bool:
    """Whether what a rank raised is no defect: with other actors, perhaps on another machine, it may work."""
    if isinstance(error, CheckpointException):  # what became of each rank's part
        return all(failed_by_its_machine(cause) for cause, _ in error.failures.values())
    says = str(error)
    return (isinstance(error, _FAILURES) and _DEFECT not in says) or (type(error) is RuntimeError and _FAILED.search(says) is not None)


def share_units(units: Sequence[Group], ranks: int) -> list[list[Group]]:
    """By rank the units, each with those of its episodes that are that rank's: whole ones, or of a single unit its episodes."""
    if len(units) == 1:
        return [[[episode for group in mine for episode in group]] for mine in share([[episode] for episode in units[0]], ranks)]
    shares = [{id(unit) for unit in mine} for mine in share(units, ranks)]
    return [[unit if id(unit) in mine else [] for unit in units] for mine in shares]


def share(groups: Sequence[Group], ranks: int) -> list[list[Group]]:
    """Groups by rank, so that the ranks have about the same number of packed tokens: the longest first, to the least loaded."""
    if ranks == 1:
        return [list(groups)]
    shares: list[list[tuple[int, Group]]] = [[] for _ in range(ranks)]
    loads = [0] * ranks
    costs = [packed_tokens(group) for group in groups]
    for position in sorted(range(len(groups)), key=lambda i: -costs[i]):
        least = loads.index(min(loads))
        shares[least].append((position, groups[position]))
        loads[least] += costs[position]
    return [[group for _, group in sorted(mine, key=lambda entry: entry[0])] for mine in shares]
