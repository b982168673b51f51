"""The losses, as sums over tokens; the caller divides by the token count of the whole step, over all ranks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from raytool.records import Episode


def nll_sum(logprobs: Tensor, weights: Tensor) -> Tensor:
    """- sum_n w_n log p_n. Shapes [N]."""
    return -(weights * logprobs).sum()


def turn_means(weights: npt.NDArray[np.float64], episode: Episode) -> npt.NDArray[np.float64]:
    """[T] an episode's weights, scaled so that those of each turn sum to 1, or to 0 where it has none.

    Their weighted sum of losses, over their own sum, is the mean over turns of each turn's weighted mean.
    """
    scaled = np.zeros_like(weights)
    for turn in episode.turns:
        own = slice(turn.span.start, turn.span.stop)
        if (total := weights[own].sum()) > 0:
            scaled[own] = weights[own] / total
    return scaled


def policy_loss_sum(
    logprobs: Tensor, old: Tensor, advantages: Tensor, weights: Tensor, clip: float, clip_high: float | None = None
) -> Tensor:
    """PPO's clipped surrogate (Schulman et al. 2017, eq. 7), negated and weighed token by token. Shapes [N].

    `clip_high` is the bound above 1, where it is another one (DAPO, Yu et al. 2025, eq. 10).
    """
    ratio = torch.exp(logprobs - old)
    surrogate = torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + (clip_high or clip)) * advantages)
    return -(weights * surrogate).sum()


def entropy_bonus_sum(entropy: Tensor, weights: Tensor) -> Tensor:
    """sum_n w_n H_n of the policy's distributions at loss positions (Williams 1992; Mnih et al. 2016, section 4). Shapes [N].

    The weights are those of the tokens in the mean, without the importance: the entropy is the distribution's own, whoever sampled.
    """
    return (weights * entropy).sum()


def divergence_sum(logprobs: Tensor, old: Tensor) -> Tensor:
    """An estimate of sum_n KL(pi_old || pi) from tokens that pi_old sampled: (r - 1) - log r with r = pi / pi_old. Shapes [N].

    No term is negative, unlike those of - log r, whose mean is the same (Schulman 2020, "Approximating KL divergence", k3).
    """
    difference = logprobs - old
    return (torch.expm1(difference) - difference).sum()


def value_loss_sum(values: Tensor, old: Tensor, returns: Tensor, clip: float) -> Tensor:
    """0.5 sum_n max((V - R)^2, (V_clip - R)^2), with V_clip within +-clip of the old value. Shapes [N]."""
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).sum()
