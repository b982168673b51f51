"""What an update is computed from: parts of its minibatches, what was measured in each first, and what the steps add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from raytool.learner.losses import divergence_sum
from raytool.learner.packing import Group, Microbatch


@dataclass(slots=True)
class Part:
    """Some groups of a minibatch with their passes (more than one only of a group too large for it) and what was measured in them.

    `weights` [N] are those of its loss tokens in the policy loss.
    """

    groups: Sequence[Group]
    microbatches: Sequence[Microbatch]
    weights: npt.NDArray[np.float32]
    measured: Measured = field(init=False)

    @property
    def valued(self) -> Valued:
        assert self.measured.valued is not None, "there is a critic"
        return self.measured.valued


@dataclass(slots=True)
class Measured:
    """A part's loss tokens [N], in the order of its episodes. `valued` is there where a critic is."""

    old: Tensor
    behaviour: Tensor
    entropy: Tensor
    kl: Tensor
    advantages: Tensor
    importance: Tensor
    valued: Valued | None


@dataclass(slots=True)
class Valued:
    """A critic's view of a part: `hidden` [N, width], what it read of the policy's trunk, and [N] `values` and `returns`.

    returns = advantages + values, as GAE gave them, before any normalising.
    """

    hidden: Tensor
    values: Tensor
    returns: Tensor


@dataclass(slots=True)
class Tally:
    """What one rank's policy steps of an update add up to."""

    minibatches: int = 0  # seen; a step may be left out after the last
    steps: int = 0
    stopped: bool = False
    loss: float = 0.0
    clipped: float = 0.0
    every_token: int = 0
    first_ratio_error: float = 0.0
    norm: float = 0.0
    lr: float = 0.0
    # Of the newest minibatch: its tokens, and sum KL(pi_old || pi) over them
    tokens: int = 0
    divergence: float = 0.0

    def next_minibatch(self) -> None:
        self.minibatches += 1
        self.tokens, self.divergence = 0, 0.0

    def add(self, loss: Tensor, logprobs: Tensor, old: Tensor, clip: float, clip_high: float | None) -> None:
        """A pass's policy loss and its N tokens."""
        away = torch.exp(logprobs - old) - 1
        deviation = away.abs()
        self.loss += float(loss.detach())
        self.clipped += float(((away < -clip) | (away > (clip_high or clip))).sum())
        self.tokens += len(old)
        self.every_token += len(old)
        self.divergence += float(divergence_sum(logprobs, old))
        if self.minibatches == 1 and len(old):
            self.first_ratio_error = max(self.first_ratio_error, float(deviation.max()))
