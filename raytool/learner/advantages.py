"""Rewards per token, and generalised advantage estimation over the sampled tokens of whole episodes (numpy, float64)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from raytool.records import Episode, equal

Floats = npt.NDArray[np.float64]


def token_rewards(episode: Episode, clip: float) -> Floats:
    """[n] rewards of an episode's n sampled tokens, the KL penalty apart, each within +-clip (docs/rewards.md, docs/training.md).

    A verdict's reward stands on the last token of its call's span, the outcome on the episode's last sampled token.
    """
    rewards = np.zeros(len(episode.tokens))
    for call in episode.calls:
        if call.verdict is None:
            raise ValueError(f"episode {episode.id} has not been scored")
        rewards[call.span.stop - 1] += call.verdict.reward
    sampled = np.flatnonzero(episode.loss_mask)
    rewards[sampled[-1]] += episode.outcome
    assert not np.any(np.delete(rewards, sampled)), "a reward stands on a token that was not sampled"
    return np.clip(rewards[sampled], -clip, clip)


def token_turns(episode: Episode) -> npt.NDArray[np.int64]:
    """[n] for each sampled token the number of its turn, from 0."""
    starts = [turn.span.start for turn in episode.turns]
    return np.searchsorted(starts, np.flatnonzero(episode.loss_mask), side="right") - 1


def gae(rewards: Floats, values: Floats, gamma: float, lam: float) -> Floats:
    """[n] advantages (Schulman et al. 2016, eq. 16): A_t = sum_l (gamma lam)^l delta_{t+l}, delta_t = r_t + gamma V_{t+1} - V_t.

    The episode ends after its last token, where the value is 0. Observation tokens take no time: t counts sampled ones.
    """
    advantages = np.zeros(len(rewards))
    following = next_value = 0.0
    for t in range(len(rewards) - 1, -1, -1):
        following = rewards[t] + gamma * next_value - values[t] + gamma * lam * following
        next_value = values[t]
        advantages[t] = following
    return advantages


def compared(advantages: Floats, rewards: Sequence[float]) -> Floats:
    """Advantages of all tokens of one task's samples with mean 0 and a deviation of 1 at most, so that no task outweighs the others.

    They are never scaled up: samples that differ by a wrong value weigh less than samples that differ by a wrong tool.
    `rewards` has one number for each sample. Where they are equal there is nothing to compare, and what differs is the
    critic's noise and the KL penalty: then all are 0, so that no penalty pulls back what is learnt already.
    """
    if equal(rewards):
        return np.zeros_like(advantages)
    return (advantages - advantages.mean()) / max(1.0, advantages.std())


def importance_weights(old: Floats, behaviour: Floats, cap: float) -> Floats:
    """[n] min(pi_old / mu, cap): corrects for the engine's numerics and, where episodes are stale, for its older policy."""
    return np.minimum(np.exp(old - behaviour), cap)
