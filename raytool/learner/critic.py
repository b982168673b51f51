"""The critic: what is expected at each sampled token, and how that is learnt. Two kinds, `ppo.critic.kind`, behind one interface."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import fully_shard

from raytool.config.training import CriticConfig, OptimizerConfig
from raytool.learner import lora
from raytool.learner.losses import value_loss_sum
from raytool.learner.model import Trunk
from raytool.learner.packing import Microbatch
from raytool.learner.parts import Part
from raytool.learner.rank import collect
from raytool.learner.sharded import whole


class Critic(ABC):
    """Every rank calls all methods. A checkpoint holds `module`, which is what it learns, and the `optimizer` of that.

    `width` is how much of the policy's trunk it reads: all of its output or nothing.
    """

    width: int
    module: nn.Module
    optimizer: torch.optim.Optimizer

    @abstractmethod
    def values(self, microbatch: Microbatch, hidden: Tensor) -> Tensor:
        """[N] values of a microbatch's loss tokens; `hidden` [N, width] is the output of the policy's trunk there. Without gradients."""

    @abstractmethod
    def fit(self, minibatches: Sequence[Sequence[Part]], epochs: int) -> float:
        """Learn the returns that were measured; the value loss of the last pass over them, a mean over the tokens of all ranks."""


def make_critic(config: CriticConfig, optimizer: OptimizerConfig, trunk: Trunk, mesh: DeviceMesh) -> Critic:
    """`trunk` is the policy's, or a network for a critic of its own; `optimizer` is how the policy is trained."""
    if config.kind == "model":
        return ModelCritic(config, optimizer, trunk, mesh)
    return HeadCritic(config, trunk.model.config.hidden_size, torch.device(mesh.device_type))


class ValueHead(nn.Linear):
    """V = w h + b, in fp32, 0 at first."""

    def __init__(self, hidden_size: int):
        super().__init__(hidden_size, 1)
        nn.init.zeros_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, hidden: Tensor) -> Tensor:
        return hidden.float() @ self.weight[0] + self.bias


class HeadCritic(Critic):
    """A head on the policy's trunk, whose output is a constant to it: one computation serves all its steps. Each rank has all of it."""

    module: ValueHead

    def __init__(self, config: CriticConfig, hidden_size: int, device: torch.device):
        assert config.steps is not None
        self._steps, self._clip, self.width = config.steps, config.clip, hidden_size
        self.module = ValueHead(hidden_size).to(device)
        self.optimizer = torch.optim.AdamW(self.module.parameters(), lr=config.lr, weight_decay=0.0)

    @torch.no_grad()
    def values(self, microbatch: Microbatch, hidden: Tensor) -> Tensor:
        return self.module(hidden)

    def fit(self, minibatches: Sequence[Sequence[Part]], epochs: int) -> float:
        """Some steps, each on all minibatches at once."""
        valued = [part.valued for parts in minibatches for part in parts]
        hidden, values, returns = (torch.cat([getattr(v, name) for v in valued]) for name in ("hidden", "values", "returns"))
        count = _summed(torch.tensor(len(returns), dtype=torch.float32, device=returns.device))
        for _ in range(self._steps):
            loss = value_loss_sum(self.module(hidden), values, returns, self._clip) / count
            loss.backward()
            gradients = [parameter.grad for parameter in self.module.parameters() if parameter.grad is not None]
            for gradient in gradients:
                dist.all_reduce(gradient)
            if all(bool(torch.isfinite(gradient).all()) for gradient in gradients):  # else it would leave no weight
                self.optimizer.step()
            self.optimizer.zero_grad()
        return float(_summed(loss.detach()))


class ModelCritic(Critic):
    """A trunk of its own under a head: a whole network, or an adapter on the base that the policy has, whose trunk is then given.

    It goes the policy's way: a step on each minibatch in each epoch, with the policy's betas and bound of the gradient's norm,
    and at a constant rate. The trunk is to be as the model that PPO starts from.
    """

    width = 0

    def __init__(self, config: CriticConfig, optimizer: OptimizerConfig, trunk: Trunk, mesh: DeviceMesh):
        self._clip, self._clip_norm, self._ranks = config.clip, optimizer.clip_norm, mesh.size()
        self._trunk, self._adapter = trunk, None if trunk.adapters is None else lora.CRITIC
        self._head = ValueHead(trunk.model.config.hidden_size).to(mesh.device_type)
        fully_shard(self._head, mesh=mesh)
        own = trunk if self._adapter is None else lora.adapter(trunk.model, self._adapter)
        self.module = nn.ModuleDict({"trunk": own, "head": self._head})
        self.optimizer = torch.optim.AdamW(self.module.parameters(), lr=config.lr, betas=optimizer.betas, weight_decay=0.0, fused=True)

    @torch.no_grad()
    def values(self, microbatch: Microbatch, hidden: Tensor) -> Tensor:
        with self._trunk.through(self._adapter):
            return self._head(self._trunk.hidden(microbatch))

    def fit(self, minibatches: Sequence[Sequence[Part]], epochs: int) -> float:
        for _ in range(epochs):
            losses = [self._step(parts) for parts in minibatches]
        return sum(losses) / len(losses)

    def _step(self, parts: Sequence[Part]) -> float:
        """An optimiser step; the minibatch's loss."""
        passes = [(part, microbatch) for part in parts for microbatch in part.microbatches]
        total = torch.zeros((), device=parts[0].valued.returns.device)
        count = _summed(total + sum(len(part.weights) for part in parts))
        for number, (part, microbatch) in enumerate(passes):
            for module in (self._trunk, self._head):
                collect(module, number == len(passes) - 1, self._ranks)
            total += self._learn(part, microbatch, count)
        norm = torch.nn.utils.clip_grad_norm_(self.module.parameters(), self._clip_norm)
        if torch.isfinite(whole(norm)):  # else it would leave no weight
            self.optimizer.step()
        self.optimizer.zero_grad()
        return float(_summed(total))

    def _learn(self, part: Part, microbatch: Microbatch, count: Tensor) -> Tensor:
        """A pass forward and back; its share of the loss."""
        valued, at = part.valued, torch.from_numpy(microbatch.index).to(count.device)
        with self._trunk.through(self._adapter):
            values = self._head(self._trunk.hidden(microbatch))
            loss = value_loss_sum(values, valued.values[at], valued.returns[at], self._clip) / count
            (loss * self._ranks).backward()  # FSDP averages gradients over ranks; a global denominator wants their sum
        return loss.detach()


def _summed(value: Tensor) -> Tensor:
    """Over all ranks, in place."""
    dist.all_reduce(value)
    return value
