"""The critic: what the policy's tokens are worth. Two kinds, `ppo.critic.kind`, behind one interface.

Every rank makes the same sequence of collective calls: the parts of a minibatch are as many on each.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import fully_shard

from raytool.config import PPOConfig
from raytool.learner import lora
from raytool.learner.losses import value_loss_sum
from raytool.learner.model import Forward, Trunk
from raytool.learner.packing import Microbatch

Sum = Callable[[float], float]  # over all ranks


@dataclass(frozen=True, slots=True)
class Judged:
    """What a critic learns from: loss tokens [N] with the values that it gave them, their returns, and `seen` [N, width]."""

    microbatches: Sequence[Microbatch]
    seen: Tensor
    values: Tensor
    returns: Tensor


class Critic(ABC):
    """`width` is how many of the trunk's outputs it wants to be given again when it learns."""

    width: int

    @abstractmethod
    def values(self, microbatch: Microbatch, out: Forward) -> Tensor:
        """[n] values at a microbatch's sources; `out` is what the policy computed of it. Without gradients."""

    @abstractmethod
    def fit(self, minibatches: Sequence[Sequence[Judged]], epochs: int) -> float:
        """Learn from an update's parts, by minibatches; the loss per token, over all ranks, of the last pass over them."""

    @property
    @abstractmethod
    def trained(self) -> tuple[nn.Module, torch.optim.Optimizer]:
        """What is learnt by it alone, and what it is learnt with: for checkpoints."""


class ValueHead(nn.Linear):
    """V = w h + b, in fp32, 0 at first."""

    def __init__(self, hidden_size: int):
        super().__init__(hidden_size, 1)
        nn.init.zeros_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, hidden: Tensor) -> Tensor:
        return super().forward(hidden.float())[:, 0]


class HeadCritic(Critic):
    """A head on the policy's trunk, which it reads and does not shape; each rank has all of it."""

    def __init__(self, config: PPOConfig, hidden_size: int, device: torch.device, total: Sum):
        assert config.critic.steps is not None
        self._steps, self._clip, self._total = config.critic.steps, config.critic.clip, total
        self._head = ValueHead(hidden_size).to(device)
        self._optimizer = torch.optim.AdamW(self._head.parameters(), lr=config.critic.lr, weight_decay=0.0)
        self.width = hidden_size

    @torch.no_grad()
    def values(self, microbatch: Microbatch, out: Forward) -> Tensor:
        return self._head(out.hidden)

    def fit(self, minibatches: Sequence[Sequence[Judged]], epochs: int) -> float:
        """Several steps on all parts at once; the trunk's output is a constant to the head, so one computation serves all."""
        every = [part for parts in minibatches for part in parts]
        seen, values, returns = (torch.cat([getattr(part, name) for part in every]) for name in ("seen", "values", "returns"))
        count, loss = self._total(float(len(returns))), 0.0
        for _ in range(self._steps):
            part = value_loss_sum(self._head(seen), values, returns, self._clip) / count
            part.backward()
            for parameter in self._head.parameters():
                dist.all_reduce(parameter.grad)
            self._optimizer.step()
            self._optimizer.zero_grad()
            loss = self._total(float(part.detach()))
        return loss

    @property
    def trained(self) -> tuple[nn.Module, torch.optim.Optimizer]:
        return self._head, self._optimizer


class ModelCritic(Critic):
    """A trunk of its own with a head: a whole network, or an adapter on the policy's base, which `trunk` then is.

    It makes the policy's passes: a step on each minibatch in each epoch. The trunk must be as the model that PPO starts from.
    """

    width = 0

    def __init__(self, config: PPOConfig, trunk: Trunk, mesh: DeviceMesh, total: Sum):
        self._clip, self._norm, self._total, self._ranks = config.critic.clip, config.optimizer.clip_norm, total, mesh.size()
        self._trunk, self._adapter = trunk, None if trunk.adapters is None else lora.CRITIC
        self._head = ValueHead(trunk.model.config.hidden_size).to(mesh.device_type)
        fully_shard(self._head, mesh=mesh)
        own = trunk if self._adapter is None else lora.adapter(trunk.model, self._adapter)
        self._module = nn.ModuleDict({"trunk": own, "head": self._head})
        self._optimizer = torch.optim.AdamW(
            self._module.parameters(), lr=config.critic.lr, betas=config.optimizer.betas, weight_decay=0.0, fused=True
        )

    @torch.no_grad()
    def values(self, microbatch: Microbatch, out: Forward) -> Tensor:
        return self._values(microbatch)

    def _values(self, microbatch: Microbatch) -> Tensor:
        with self._trunk.through(self._adapter):
            return self._head(self._trunk.hidden(microbatch))

    def fit(self, minibatches: Sequence[Sequence[Judged]], epochs: int) -> float:
        loss = 0.0
        for _ in range(epochs):
            loss = self._total(sum(map(self._step, minibatches))) / len(minibatches)
        return loss

    def _step(self, parts: Sequence[Judged]) -> float:
        """One optimiser step; this rank's share of the minibatch's loss."""
        count, loss = self._total(float(sum(len(part.returns) for part in parts))), 0.0
        passes = [(part, microbatch) for part in parts for microbatch in part.microbatches]
        for number, (part, microbatch) in enumerate(passes):
            for module in (self._trunk, self._head):  # gradients meet, and gathered parameters go, with the last pass
                module.set_requires_gradient_sync(number == len(passes) - 1)  # type: ignore[operator]
                module.set_reshard_after_backward(number == len(passes) - 1)  # type: ignore[operator]
            at = torch.from_numpy(microbatch.index).to(part.returns.device)
            with self._trunk.through(self._adapter):
                values = self._head(self._trunk.hidden(microbatch))
                share = value_loss_sum(values, part.values[at], part.returns[at], self._clip) / count
                (share * self._ranks).backward()  # FSDP averages gradients over ranks; a global denominator wants their sum
            loss += float(share.detach())
        torch.nn.utils.clip_grad_norm_(self._module.parameters(), self._norm)
        self._optimizer.step()
        self._optimizer.zero_grad()
        return loss

    @property
    def trained(self) -> tuple[nn.Module, torch.optim.Optimizer]:
        return self._module, self._optimizer
