"""What every stage of the learner does on its rank: passes through the policy, sums over ranks, and the optimiser's step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from raytool.config import LearnerConfig
from raytool.config.training import OptimizerConfig
from raytool.learner.model import Entropy, Forward, Policy
from raytool.learner.packing import Microbatch
from raytool.learner.sharded import local, whole
from raytool.records import UserError

Pass = TypeVar("Pass")
_SKIPS = 3  # batches in a row whose gradients may be not finite


class Diverged(UserError):
    """The training has left the numbers."""


class Rank:
    """One rank with its policy. Every rank makes the same sequence of collective calls, whatever its share holds."""

    _config: LearnerConfig
    _device: torch.device
    _policy: Policy
    _optimizer: torch.optim.Optimizer | None = None
    _skipped = 0  # batches in a row of which no gradient was finite

    @property
    def policy(self) -> Policy:
        return self._policy

    @property
    def device(self) -> torch.device:
        return self._device

    @property
    def microbatch_tokens(self) -> int:
        return self._config.microbatch_tokens

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        assert self._optimizer is not None, "a stage was begun"
        return self._optimizer

    def _begin(self, config: OptimizerConfig, total: int) -> None:
        self._optimizer_config, self._total = config, total
        self._norms: list[float] = []  # of the gradients of the batch in hand
        self._optimizer = torch.optim.AdamW(
            self._policy.trained.parameters(), lr=config.lr, betas=config.betas, weight_decay=config.weight_decay, fused=True
        )

    def missing_passes(self, count: int) -> int:
        """By how many passes the rank with the most has more: FSDP's collectives are met by all ranks or by none."""
        return int(self.max(float(count))) - count

    def forward(self, microbatch: Microbatch, last: bool, entropy: Entropy = "none", temperature: float = 1.0) -> Forward:
        collect(self._policy, last, self._config.ranks)
        return self._policy(microbatch, entropy, temperature)

    def backward(self, loss: Tensor) -> None:
        (loss * self._config.ranks).backward()  # FSDP averages gradients over ranks; a global denominator wants their sum

    def index(self, microbatch: Microbatch) -> Tensor:
        return torch.from_numpy(microbatch.index).to(self._device)

    def rate(self, done: int) -> float:
        """The learning rate when so much of the stage's length is done."""
        config = self._optimizer_config
        return config.lr * schedule(done, self._total, config.warmup, config.min_lr_ratio)

    def optimizer_step(self, done: int) -> tuple[float, float]:
        """The gradient's norm before it is clipped, and the rate. A gradient that is not finite makes no step: it would leave no weight."""
        lr = self.rate(done)
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        found = torch.nn.utils.clip_grad_norm_(self._policy.parameters(), self._optimizer_config.clip_norm)
        norm = float(whole(found))
        if math.isfinite(norm):
            self.optimizer.step()
        self._norms.append(norm)
        self.optimizer.zero_grad()
        return norm, lr

    def end_batch(self) -> None:
        """What was given was learnt from, in one step or several.

        Raises:
            Diverged: the gradients of too many batches in a row were not finite.
        """
        norms, self._norms = self._norms, []
        self._skipped = 0 if any(map(math.isfinite, norms)) or not norms else self._skipped + 1
        if self._skipped > _SKIPS:
            raise Diverged(f"the gradient was {norms[-1]} in {self._skipped} batches in a row; a smaller optimizer.lr is expected")

    def parameters(self) -> list[Tensor]:
        """This rank's shards of the weights that are trained: in fp32, and the optimiser's own memory."""
        with torch.no_grad():
            return [local(parameter) for group in self.optimizer.param_groups for parameter in group["params"]]

    def gradients(self) -> list[Tensor]:
        """This rank's shards of what the passes since the last step have left."""
        every = (parameter.grad for group in self.optimizer.param_groups for parameter in group["params"])
        with torch.no_grad():
            return [local(gradient) for gradient in every if gradient is not None]

    def sums(self, values: Tensor) -> Tensor:
        """[n] the sums over ranks."""
        total = values.to(self._device, torch.float64)
        dist.all_reduce(total, dist.ReduceOp.SUM)
        return total

    def sum(self, value: float) -> float:
        return self._reduce(value, dist.ReduceOp.SUM)

    def max(self, value: float) -> float:
        return self._reduce(value, dist.ReduceOp.MAX)

    def _reduce(self, value: float, how: dist.ReduceOp.RedOpType) -> float:
        tensor = torch.tensor(value, dtype=torch.float64, device=self._device)
        dist.all_reduce(tensor, how)
        return float(tensor)


def collect(module: nn.Module, last: bool, ranks: int) -> None:
    """Say what the coming pass through a sharded module leaves; `last` is the last one of a step.

    Of several shards each pass gives up what it gathered: whole gradients and weights, kept to the end of a step, are what sharding is
    there to save. Of one shard both are only copies, of which a GPU does not keep the weights'.
    """
    module.set_requires_gradient_sync(last or ranks > 1)  # type: ignore[operator]
    module.set_reshard_after_backward(last or ranks > 1 or next(module.parameters()).is_cuda)  # type: ignore[operator]


def schedule(done: int, total: int, warmup: float, min_ratio: float) -> float:
    """The factor of the learning rate when so much of a whole is done: linear warm-up over a share of it, then a cosine to `min_ratio`."""
    rising = max(1, round(warmup * total))
    if done < rising:
        return (done + 1) / rising
    progress = (done - rising) / max(1, total - rising)
    return min_ratio + (1 - min_ratio) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def mark_last(passes: Sequence[Pass]) -> list[tuple[bool, Pass]]:
    return [(i == len(passes) - 1, given) for i, given in enumerate(passes)]
