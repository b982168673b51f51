"""The critic: what is expected at each sampled token, and how that is learnt. `ValueHead` is the one on the policy's trunk."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.distributed as dist
from torch import Tensor

from raytool.config import CriticConfig
from raytool.learner.losses import value_loss_sum
from raytool.learner.model import Critic
from raytool.learner.parts import Part


class ValueHead:
    """A head with an optimiser of its own. The trunk's output is a constant to it: one computation serves all its steps."""

    def __init__(self, config: CriticConfig, hidden_size: int, device: torch.device):
        self._config = config
        self.module = Critic(hidden_size).to(device)
        self.optimizer = torch.optim.AdamW(self.module.parameters(), lr=config.lr, weight_decay=0.0)

    def values(self, part: Part, hidden: Tensor) -> Tensor:
        """[N] values of a part's loss tokens, from the policy's `hidden` [N, H] at them."""
        return self.module(hidden)

    def fit(self, parts: Sequence[Part]) -> float:
        """Several steps on the returns; the value loss of the last, a mean over the tokens of all ranks. Every rank calls this."""
        valued = [part.measured.valued for part in parts if part.measured.valued is not None]
        hidden, values, returns = (torch.cat([getattr(v, name) for v in valued]) for name in ("hidden", "values", "returns"))
        count = torch.tensor(len(returns), dtype=torch.float32, device=returns.device)
        dist.all_reduce(count)
        for _ in range(self._config.steps):
            loss = value_loss_sum(self.module(hidden), values, returns, self._config.clip) / count
            loss.backward()
            for parameter in self.module.parameters():
                dist.all_reduce(parameter.grad)
            self.optimizer.step()
            self.optimizer.zero_grad()
        loss = loss.detach()
        dist.all_reduce(loss)
        return float(loss)
