"""Where actors run: Ray's resources for each kind of actor, reserved together before anything starts.

A worker's CPU is what keeps two engines off one core; on a CPU-only Ray the engine and the learner take one each unless
the config says more, and every other actor none unless its config says so.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import ray
from ray.util.placement_group import PlacementGroup, placement_group, placement_group_table, remove_placement_group
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from raytool import precision
from raytool.actors import ActorLost
from raytool.config import LearnerConfig, check_accelerator
from raytool.config.rollout import EngineConfig, RolloutConfig
from raytool.console import Console
from raytool.records import UserError

Accelerator = Literal["cpu", "cuda"]

# glibc gives freed blocks back to the kernel and faults them in again at the next step; keeping them made a CPU
# training step about 20 % faster (docs/log.md).
_KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**34), "MALLOC_TOP_PAD_": str(2**28)}
# Every microbatch has another shape; segments of a GPU's memory that grow leave no gaps into which none fits.
_GROW_SEGMENTS = {"PYTORCH_ALLOC_CONF": "expandable_segments:True"}


class PlacementError(UserError):
    """The cluster cannot give what the config asks for; the message says what was asked and what there is."""


class NotReserved(ActorLost):
    """The cluster did not grow in time to what a run needs."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The Ray that is connected to: the environment variables that actors need there, whether machines may be added to it, and how many
    GPUs it had at the start, by which is decided where a run computes, once for all its attempts."""

    environment: dict[str, str] = field(default_factory=dict)
    grows: bool = False
    gpus: float = 0.0


class Bundle(NamedTuple):
    """What an actor needs of a node: so much of its resources, and these labels."""

    resources: dict[str, float]
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class Placement:
    """The reserved resources of a run: which bundle of the group each learner rank has, and each rollout worker of the start.

    A worker needs what `worker` says. Those that nothing is reserved for are scheduled one by one, once there is room; where there is an
    autoscaler, it makes room.
    """

    accelerator: Accelerator
    group: PlacementGroup
    ranks: Sequence[int]
    workers: Sequence[int]
    worker: Bundle
    cluster: Cluster = Cluster()

    def learner(self, rank: int, threads: int) -> dict[str, Any]:
        """Actor options of a learner rank."""
        variables = {"OMP_NUM_THREADS": str(threads), **_KEEP_MEMORY} if self.accelerator == "cpu" else _GROW_SEGMENTS
        bundle = self.ranks[rank]
        return self._options(self.group.bundle_specs[bundle], variables) | self._reserved(bundle)

    def rollout(self, worker: int, threads: int, elsewhere: bool = False) -> dict[str, Any]:
        """Actor options of a rollout worker; `elsewhere` than in its reserved place, if a cluster has room for it."""
        variables = {"OMP_NUM_THREADS": str(threads)} if self.accelerator == "cpu" else {}
        alone = {"scheduling_strategy": "DEFAULT", "label_selector": self.worker.labels}
        reserved = worker < len(self.workers) and not (elsewhere and self.cluster.grows)
        where = self._reserved(self.workers[worker]) if reserved else alone
        return self._options(self.worker.resources, variables) | where

    def _reserved(self, bundle: int) -> dict[str, Any]:
        return {"scheduling_strategy": PlacementGroupSchedulingStrategy(self.group, placement_group_bundle_index=bundle)}

    def _options(self, resources: dict[str, float], variables: dict[str, str]) -> dict[str, Any]:
        return {
            "num_cpus": resources.get("CPU", 0),
            "num_gpus": resources.get("GPU", 0),
            "runtime_env": {"env_vars": {**self.cluster.environment, **variables}},
        }

    @property
    def shares_gpu(self) -> bool:
        """Whether learner and engine have one GPU between them."""
        return 0 < self.worker.resources.get("GPU", 0) < 1

    def release(self) -> None:
        remove_placement_group(self.group)


def choose_accelerator(
    wanted: Literal["auto", "cpu", "cuda"],
    cluster: Cluster,
    engine: EngineConfig,
    learner: LearnerConfig | None = None,
    began: Accelerator | None = None,
) -> Accelerator:
    """Where a run computes: where it began, or, if `auto`, on GPUs where Ray has some and torch is built for them.

    Raises:
        PlacementError: what is wanted cannot be had of this torch, or knobs of the engine or the learner have no effect there.
    """
    built = cluster.grows or precision.built_for_cuda()  # other machines of a cluster may have another torch than the driver's
    chosen = began or (wanted if wanted != "auto" else "cuda" if cluster.gpus > 0 and built else "cpu")
    if chosen == "cuda" and not built:
        why = "the run began on 'cuda'" if began else "'cuda' given"
        raise PlacementError(f"accelerator: {why}, and torch is built for CPUs; `make setup ACCELERATOR=cuda` installs another")
    try:
        check_accelerator(chosen, engine, learner)
    except ValueError as error:
        raise PlacementError(str(error)) from None
    return chosen


def tell_idle(accelerator: Accelerator, wanted: str, cluster: Cluster, console: Console, began: Accelerator | None = None) -> None:
    """Say that there are GPUs that nobody uses, where nobody said so."""
    if accelerator == "cpu" and wanted == "auto" and cluster.gpus > 0:
        torch = "torch is a build for CPUs; `make train ACCELERATOR=cuda` uses them"
        console.say(f"warning: {cluster.gpus:g} GPU(s) stay idle, {'the run began on CPUs and goes on there' if began else torch}")


def bundles(config: RolloutConfig, learner: LearnerConfig | None, accelerator: Accelerator, cluster: Cluster) -> list[Bundle]:
    """What each learner rank and each rollout worker of the start needs."""
    of_rank = {"CPU": float(learner.cpus or 1)} if learner else {}
    of_worker = {"CPU": float(config.cpus or 1)}
    if accelerator == "cuda":
        half = learner is not None and _share_gpu(config, learner, cluster)
        of_rank["GPU"], of_worker["GPU"] = (0.5, 0.5) if half else (1.0, float(config.engine.tensor_parallel))
    ranks = [Bundle(of_rank, learner.labels)] * learner.ranks if learner else []
    return ranks + [Bundle(of_worker, config.labels)] * config.reserved


def _share_gpu(config: RolloutConfig, learner: LearnerConfig, cluster: Cluster) -> bool:
    if learner.share_gpu != "auto":
        return learner.share_gpu
    return not cluster.grows and cluster.gpus == 1 and _could_share_gpu(config, learner)


def _could_share_gpu(config: RolloutConfig, learner: LearnerConfig) -> bool:
    return learner.ranks == config.workers == config.engine.tensor_parallel == 1


async def reserve(
    config: RolloutConfig, learner: LearnerConfig | None, accelerator: Accelerator, cluster: Cluster, limit_s: float
) -> Placement:
    """Reserve what the learner's ranks, if there is one, and the rollout workers need, which an autoscaler may first have to start.

    Raises:
        PlacementError: the resources are not there and cannot come.
        NotReserved: they did not come within `limit_s`.
    """
    ranks = learner.ranks if learner else 0
    labels = {f"{name}.labels": of.labels for name, of in (("learner", learner), ("rollout", config)) if of is not None and of.labels}
    if labels and not cluster.grows:
        raise PlacementError(f"{next(iter(labels))}: has no effect without a Ray cluster; leave it out")
    wanted = bundles(config, learner, accelerator, cluster)
    needed = {name: sum(bundle.resources.get(name, 0) for bundle in wanted) for name in ("CPU", "GPU")}
    workers = f"rollout.{'workers' if config.least_workers is None else 'least_workers'}={config.reserved}"
    asked = f"{f'learner.ranks={ranks} and ' if ranks else ''}{workers} on {accelerator} need {needed}"
    asked += "".join(f", {knob}={given}" for knob, given in labels.items())
    if not cluster.grows and any(_there()[name] < amount for name, amount in needed.items()):
        raise PlacementError(f"{asked}; this machine has {_there()}")
    try:
        group = placement_group(
            [bundle.resources for bundle in wanted],
            strategy="STRICT_PACK" if 0 < wanted[-1].resources.get("GPU", 0) < 1 else "PACK",  # two halves of one GPU are on one node
            bundle_label_selector=[bundle.labels for bundle in wanted] if labels else None,
        )
    except ValueError as error:  # all else that it looks at is made here
        raise PlacementError(f"{' or '.join(labels)}: {error}") from None
    try:
        await asyncio.wait_for(group.ready(), limit_s)
    except TimeoutError:
        remove_placement_group(group)
        less = accelerator == "cuda" and learner and learner.share_gpu == "auto" and _could_share_gpu(config, learner)
        raise NotReserved(
            f"waited {limit_s:g} s (reserve_limit_s) for resources: {asked}; the cluster has {_there()}, free are {_free()}"
            f"{_too_large(wanted)}; an autoscaler whose limits (max_workers, maxReplicas) cannot hold all of that starts nothing"
            + ("; with learner.share_gpu=true one GPU is enough" if less else "")
        ) from None
    of_ranks, of_workers = share_out(wanted, ranks, placement_group_table(group)["bundles_to_node_id"])
    return Placement(accelerator, group, of_ranks, of_workers, wanted[-1], cluster)


def share_out(wanted: Sequence[Bundle], ranks: int, nodes: Mapping[int, str]) -> tuple[list[int], list[int]]:
    """The bundles of the ranks, and those of the workers. `nodes` says where Ray has put each, all ranks wanting the same.

    Ray packs them on nodes, but keeps equal ones in no order (ray-project/ray#51117): ranks get those of the nodes that have most.
    """
    alike = [bundle for bundle, asked in enumerate(wanted) if asked == wanted[0]]
    there = Counter(nodes[bundle] for bundle in alike)
    of_ranks = sorted(alike, key=lambda bundle: (-there[nodes[bundle]], nodes[bundle]))[:ranks]
    return of_ranks, [bundle for bundle in range(len(wanted)) if bundle not in of_ranks]


def _there() -> dict[str, float]:
    return {name: ray.cluster_resources().get(name, 0) for name in ("CPU", "GPU")}


def _free() -> dict[str, float]:
    return {name: ray.available_resources().get(name, 0) for name in ("CPU", "GPU")}


def _too_large(wanted: Sequence[Bundle]) -> str:
    """The end of a sentence that names what no node has at once, if there is such a thing."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    for resources, _ in wanted:
        if not any(all(node.get(name, 0) >= amount for name, amount in resources.items()) for node in nodes):
            return f"; no node has the {resources} that one of them needs"
    return ""


def threads_per_actor(actors: int) -> int:
    """CPU threads for each of several actors that work at the same time on the cores that this process may use."""
    return max(1, math.floor(_cores() / max(1, actors)))


def _cores() -> float:
    seen = len(os.sched_getaffinity(0))
    if not ray.is_initialized():
        return seen
    here = ray.get_runtime_context().get_node_id()
    counted = sum(node["Resources"].get("CPU", 0.0) for node in ray.nodes() if node["NodeID"] == here)  # which knows the limit of a pod
    return min(seen, counted or seen)
