"""One rank of the learner: SFT steps and PPO updates on its share of the episodes. A plain class; the group makes it an actor.

Every rank makes the same sequence of collective calls, whatever its share holds; sums and denominators are global.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal, NamedTuple

import ray
import torch
import torch.distributed as dist
from ray.util import get_node_ip_address
from torch import nn
from torch.distributed import TCPStore  # type: ignore[attr-defined]
from torch.distributed.device_mesh import init_device_mesh
from torch.utils import deterministic

from raytool import placement, precision, pretrained, shared_folder
from raytool.config import LearnerConfig
from raytool.config.training import PPOConfig, SFTConfig
from raytool.learner import checkpoint, lora
from raytool.learner.critic import make_critic
from raytool.learner.loading import load_frozen, load_policy, load_trunk
from raytool.learner.memory import describe_memory, peak_gb
from raytool.learner.model import Reference
from raytool.learner.packing import Group
from raytool.learner.ppo import PPOSteps
from raytool.learner.rank import Rank
from raytool.learner.sft import SFTSteps, TokenWeights
from raytool.process import take_output
from raytool.records import Episode, PolicyVersion
from raytool.shared_folder import Mark
from raytool.weight_sync.base import WeightHandle, WeightSync

_OUTSIDE_SHARES = 2.5 * 2**30  # bytes of a shared GPU that are in nobody's share: CUDA's contexts, and the layer that an engine loads
_MEET_LIMIT_S = 300.0  # for a rank to reach rank 0, which is there already


class Position(NamedTuple):
    """Where a rank is: Ray's id of its node, and that of its GPU there; without one it is empty."""

    node: str
    gpu: str


class LearnerWorker(Rank):
    """`base` is the model that training began with, `trained` the `model/` of a checkpoint to start from, if any; `dtype` is the config's
    word on what is computed in. Which rank it is it learns at its start."""

    def __init__(
        self,
        config: LearnerConfig,
        weight_sync: WeightSync,
        base: str,
        accelerator: str,
        log_folder: Path,
        trained: str | None = None,
        dtype: Literal["auto", "bfloat16", "float32"] = "auto",
    ):
        self._config = config
        self._log_folder = log_folder
        self._weight_sync = weight_sync
        self._base, self._start_from = base, trained  # resolved where they are needed: this may be another machine than the driver's
        self._device = torch.device(accelerator)
        self._wanted = dtype
        self._ppo: PPOSteps | None = None
        self._store: TCPStore | None = None

    def tell_position(self) -> Position:
        context = ray.get_runtime_context()
        return Position(context.get_node_id(), "".join(context.get_accelerator_ids()["GPU"]))

    def address(self) -> tuple[str, int]:
        """Where rank 0 can be met, from now on and from other machines too."""
        host = get_node_ip_address()  # its own name may lead to its loopback
        self._store = TCPStore(host, 0, is_master=True, wait_for_workers=False)
        return host, self._store.port

    def look(self, mark: Mark, knob: str, who: str) -> None:
        """Raises:
        UserError: naming the knob; the folder with the mark is not shared with this node.
        """
        shared_folder.look(mark, knob, who)

    def start(self, rank: int, address: tuple[str, int], threads: int | None, seed: int, gpu_share: float = 1.0) -> None:
        """Join the process group and load the model. Without `threads` the ranks of a machine share its cores.

        Raises:
            UserError: this node's GPU cannot be used.
        """
        take_output(self._log_folder / f"learner-{rank}.log")
        self._seed = seed
        precision.check(self._device.type)
        if gpu_share < 1:  # beyond it this rank fails and says what makes it smaller; an engine beside it would fail at its next load
            torch.cuda.set_per_process_memory_fraction(max(0.05, gpu_share - _OUTSIDE_SHARES / torch.cuda.mem_get_info()[1]))
        self._dtype: torch.dtype = getattr(torch, precision.choose(self._wanted, self._device.type))
        torch.use_deterministic_algorithms(self._device.type == "cpu")
        deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a debugging aid, and a third of a step's time
        backend = "nccl" if self._device.type == "cuda" else "gloo"
        limit = timedelta(seconds=max(self._config.step_limit_s, self._config.checkpoint_limit_s))
        meet = timedelta(seconds=_MEET_LIMIT_S)
        store = self._store or TCPStore(*address, is_master=rank == 0, wait_for_workers=False, timeout=meet)
        dist.init_process_group(backend, store=store, rank=rank, world_size=self._config.ranks, timeout=limit)
        self._mesh = init_device_mesh(self._device.type, (self._config.ranks,))
        torch.set_num_threads(threads or placement.threads_per_actor(self._neighbours()))
        # cuDNN makes a plan for every new shape, and every tree of a microbatch has one of its own.
        torch.backends.cuda.enable_cudnn_sdp(False)
        if self.max(float(self._dtype is torch.float32)):  # ranks on different machines compute in the same numbers
            self._dtype = torch.float32
        self._load_policy({lora.POLICY: self._adapter_of(self._start_from)})

    def begin_sft(self, config: SFTConfig, total: int) -> dict[str, float]:
        """`total` is how long the stage is, in steps or, where `config.tokens` is its limit, in tokens.

        What the stage holds in memory on this rank, in GB, is returned, from here and from `begin_ppo`.
        """
        self._ppo = None
        self._begin(config.optimizer, total)
        self._sft = SFTSteps(self, config)
        self._held = describe_memory(self._policy, None, None, self._sft.keeps_snapshot)
        return self._held

    def begin_ppo(self, config: PPOConfig, trained: str | None) -> dict[str, float]:
        """PPO starts from the policy as it stands, which is the checkpoint's of the stage before: `trained` is its `model/`, if any.

        That model, frozen, is what the KL penalty is measured against.
        """
        self._ppo = None
        self._optimizer = None  # the moments of the stage before, and what comes now, need not fit together
        own_critic = config.critic is not None and config.critic.kind == "model"
        if self._config.lora is None:
            start = pretrained.resolve(trained or self._base, weights=True)
            reference = Reference(load_frozen(start, self._mesh, self._dtype)) if config.beta > 0 else None
            trunk = load_trunk(start, self._mesh, self._config, self._dtype) if own_critic else self._policy
        else:
            reference = self._add_adapters(self._adapter_of(trained), config.beta > 0, own_critic)
            trunk = self._policy
        self._begin(config.optimizer, config.updates * config.epochs * config.minibatches)
        critic = make_critic(config.critic, config.optimizer, trunk, self._mesh) if config.critic else None
        self._ppo = PPOSteps(self, config, reference, critic)
        self._held = describe_memory(self._policy, reference, critic)
        return self._held

    def sft_step(self, episodes: Sequence[Episode], weights: TokenWeights, done: int) -> dict[str, float]:
        """From `raytool.learner.sft`, as the next one."""
        return self._sft.step(episodes, weights, done)

    def meta_step(self, units: Sequence[Sequence[Episode]], weights: Sequence[TokenWeights], done: int) -> dict[str, float]:
        return self._sft.meta_step(units, weights, done)

    def update(self, minibatches: Sequence[Sequence[Group]], update: int) -> dict[str, float]:
        """From `raytool.learner.ppo`."""
        assert self._ppo is not None, "begin_ppo comes first"
        return self._ppo.update(minibatches, update)

    def publish(self, version: PolicyVersion) -> WeightHandle | None:
        """Send the weights to the engines; rank 0 returns where they are."""
        weights = checkpoint.full_weights(self._policy)
        return self._weight_sync.send(version, checkpoint.as_published(self._policy, weights)) if dist.get_rank() == 0 else None

    def open_weights(self) -> Mark | None:
        """On rank 0: make the place where `publish` puts weights. What engines have to see of it is returned.

        Raises:
            UserError: it has no room for them.
        """
        size = sum(weight.numel() for weight in self._policy.model.parameters()) * self._dtype.itemsize
        return self._weight_sync.open(size)

    def close_weights(self) -> None:
        self._weight_sync.close()

    def save_model(self, folder: Path) -> None:
        checkpoint.save_model(self._policy, self._base, folder)

    def save(self, folder: Path) -> None:
        """Everything that `load` needs to go on."""
        self.save_model(folder)
        checkpoint.save_learner(self._trained(), folder)

    def load(self, folder: Path) -> None:
        """Go on from `save`, after the same `begin_...`."""
        checkpoint.load_learner(self._trained(), folder)

    def memory(self) -> dict[str, float]:
        """What the stage holds in memory on this rank, and the most that a rank has held so far, in GB."""
        return {**self._held, "peak_gb": self.max(peak_gb(self._device))}

    def _neighbours(self) -> int:
        """How many ranks are on this machine, itself included."""
        nodes: list[str] = [""] * self._config.ranks
        dist.all_gather_object(nodes, os.uname().nodename)
        return nodes.count(os.uname().nodename)

    def _load_policy(self, adapters: Mapping[str, lora.AdapterWeights | None]) -> None:
        path = self._start_from if self._config.lora is None and self._start_from else self._base
        torch.manual_seed(self._seed)  # of a new adapter
        self._policy = load_policy(pretrained.resolve(path, weights=True), self._mesh, self._config, self._dtype, adapters)

    def _adapter_of(self, trained: str | None) -> lora.AdapterWeights | None:
        return lora.load_adapter(Path(trained).parent / "adapter") if self._config.lora and trained else None

    def _add_adapters(self, start: lora.AdapterWeights | None, reference: bool, critic: bool) -> Reference | None:
        """Load the base again, with what PPO needs beside the policy's adapter; `start` is that of the model that PPO starts from.

        Where there is none, that model is the base, and the base the reference.
        """
        more: dict[str, lora.AdapterWeights | None] = {lora.REFERENCE: start} if reference and start else {}
        more |= {lora.CRITIC: start} if critic else {}
        if more:
            adapters: dict[str, lora.AdapterWeights | None] = {lora.POLICY: lora.adapter_weights(self._policy.model, lora.POLICY)}
            del self._policy
            gc.collect()  # a sharded model refers to itself; two bases need not fit
            self._load_policy(adapters | more)
        return Reference(self._policy, lora.REFERENCE if start else None) if reference else None

    def _trained(self) -> checkpoint.Trained:
        trained: dict[str, tuple[nn.Module, torch.optim.Optimizer | tuple[()]]] = {"policy": (self._policy.trained, self.optimizer)}
        if self._ppo is not None:
            trained["penalty"] = (self._ppo.penalty, ())
            if (critic := self._ppo.critic) is not None:
                trained["critic"] = (critic.module, critic.optimizer)
        return trained
