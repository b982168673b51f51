"""What the policy steps of an update add up to."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from raytool.learner.losses import divergence_sum


@dataclass(slots=True)
class Tally:
    """Of one rank. `tokens` and `divergence` are of the newest minibatch: sum KL(pi_old || pi) over its tokens."""

    minibatches: int = 0  # seen; a step may be left out after the last
    steps: int = 0
    stopped: bool = False
    loss: float = 0.0
    clipped: float = 0.0
    every_token: int = 0
    first_ratio_error: float = 0.0
    norm: float = 0.0
    lr: float = 0.0
    tokens: int = 0
    divergence: float = 0.0

    def next_minibatch(self) -> None:
        self.minibatches += 1
        self.tokens, self.divergence = 0, 0.0

    def add(self, loss: Tensor, logprobs: Tensor, old: Tensor, clip: float) -> None:
        """A pass's policy loss and its N tokens."""
        deviation = (torch.exp(logprobs - old) - 1).abs()
        self.loss += float(loss.detach())
        self.clipped += float((deviation > clip).sum())
        self.tokens += len(old)
        self.every_token += len(old)
        self.divergence += float(divergence_sum(logprobs, old))
        if self.minibatches == 1 and len(old):
            self.first_ratio_error = max(self.first_ratio_error, float(deviation.max()))
