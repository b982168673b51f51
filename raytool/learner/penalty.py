"""beta, the price of a nat of KL to the reference: fixed, or driven towards a target."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

_MOST = 0.2  # the error that counts, either way


class KLPenalty(nn.Module):
    """Where there is a target: beta <- beta (1 + gain e) after an update, with e = clip(KL / target - 1, -0.2, 0.2)
    (Ziegler et al. 2019, section 2.2, where the gain is 0.1). KL and target are nats per sampled token.

    A module, so that a checkpoint holds beta exactly, beside what is trained. It is set by rule and has no gradient.
    """

    beta: Tensor

    def __init__(self, beta: float, target: float | None, gain: float | None):
        super().__init__()
        self.target, self.gain = target, gain
        self.register_buffer("beta", torch.tensor(beta, dtype=torch.float64))

    def follow(self, kl: float) -> None:
        """Adapt to the KL of an update that the policy was trained in."""
        if self.target is not None and self.gain is not None and math.isfinite(kl):  # as a gradient that is not finite makes no step
            self.beta *= 1 + self.gain * min(max(kl / self.target - 1, -_MOST), _MOST)
