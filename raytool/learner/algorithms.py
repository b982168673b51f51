"""Who is to blame for a reward: the algorithms, in one table. The update that follows is the same for all (ppo.py).

An algorithm turns the rewards of one task's samples into an advantage for each sampled token.

`ppo` asks a critic what was to be expected at each token, and hands what came instead back through the episode (GAE).

`grpo` and `rloo` have no critic: what was to be expected is what the other samples of the task got. Their step is a turn, and all
tokens of a turn share its advantage, which follows from the turn's *return*: what was earned from its start to the episode's end.
Which samples to compare a turn with is the question once episodes end at different turns:

- One number for the whole episode (Shao et al. 2024, 4.1.2; Ahmadian et al. 2024) blames late turns for what was lost before them.
  Step rewards normalised one by one and then summed (Shao et al. 2024, 4.1.3, process supervision) turn "each step
  earned what all steps do" into 0, however many steps there were: where a step costs, dawdling becomes free.
- Turn j against the samples that still played at turn j: late turns have few to be compared with. The longest episode has none,
  and is never told whether its end was good; two survivors become +1 and -1 however little they differ.
- Here: turn j against ALL samples of the task. One that had ended stands there with the return of its last turn, how it ended.
  Every turn is compared with as many. (0 for an ended sample, which is what it got from then on, is as right on average; but
  where all end alike after different numbers of turns, the last turns of the long ones would be praised for the ending.)

A mean over the other samples does not depend on what this one did, so it leaves the policy gradient unbiased (Ahmadian et al.
2024; here turn by turn). `rloo` takes that mean; `grpo` the mean with the sample itself, and divides by the deviation. That
deviation is ONE for the task, over its turns: one for each turn index would blow the differences of late turns up to those of
the first. To divide at all weighs tasks on which samples hardly differ like all others, and the mean of each episode's tokens
(`mean_over: episodes`, as Shao et al. have it) makes a long wrong answer cheaper per token than a short one; Liu et al. 2025
(Dr. GRPO) leave out both: that is `rloo` with `mean_over: tokens`, up to the factor n / (n - 1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from raytool.config.training import PPOConfig
from raytool.learner.advantages import Floats, gae


@dataclass(frozen=True, slots=True)
class SampledTokens:
    """The n sampled tokens of one episode. All are [n].

    `rewards` are the reward's, `penalty` is what the KL to the reference costs, `turns` numbers the turn of each token from 0.
    `values` are the critic's, 0 where there is none.
    """

    rewards: Floats
    penalty: Floats
    turns: npt.NDArray[np.int64]
    values: Floats


def by_critic(samples: Sequence[SampledTokens], config: PPOConfig) -> list[Floats]:
    """Schulman et al. 2017: GAE over each episode by itself, the KL penalty being a reward of its token (Ziegler et al. 2019)."""
    assert config.lam is not None
    return [gae(sample.rewards - sample.penalty, sample.values, config.gamma, config.lam) for sample in samples]


def by_deviation(samples: Sequence[SampledTokens], config: PPOConfig) -> list[Floats]:
    """GRPO (Shao et al. 2024): returns of turns less their mean, over one deviation.

    The KL penalty stands beside the reward and is not divided, as it stands beside the advantage there: where all samples got
    the same reward, it is all that is left of them.
    """
    returns = turn_returns([sample.rewards for sample in samples], samples, config.gamma)
    penalty = turn_returns([sample.penalty for sample in samples], samples, config.gamma)
    compared = returns - returns.mean(0)
    deviation = np.sqrt(np.mean(np.concatenate([row[: _turns(sample)] for row, sample in zip(compared, samples, strict=True)]) ** 2))
    return _per_token(compared / (deviation + 1e-6) - (penalty - penalty.mean(0)), samples)


def by_others(samples: Sequence[SampledTokens], config: PPOConfig) -> list[Floats]:
    """RLOO (Ahmadian et al. 2024): returns of turns, KL penalty included, less the mean of the other samples'."""
    returns = turn_returns([sample.rewards - sample.penalty for sample in samples], samples, config.gamma)
    others = max(1, len(samples) - 1)  # a sample whose siblings infrastructure lost is compared with itself: 0
    return _per_token((returns - returns.mean(0)) * len(samples) / others, samples)


# Of a task's samples the advantages are [n] for each, in their order. Where the config has no critic, values are not looked at.
ALGORITHMS: Mapping[str, Callable[[Sequence[SampledTokens], PPOConfig], list[Floats]]] = {
    "ppo": by_critic,
    "grpo": by_deviation,
    "rloo": by_others,
}


def turn_returns(amounts: Sequence[Floats], samples: Sequence[SampledTokens], gamma: float) -> Floats:
    """[S, J] what each of S samples got (`amounts`, by token) from each of J turns on, or from its last on; discounted by turn."""
    found = np.zeros((len(samples), max(map(_turns, samples))))
    for row, amount, sample in zip(found, amounts, samples, strict=True):
        last = _turns(sample) - 1
        row[: last + 1] = np.bincount(sample.turns, amount)
        for turn in range(last - 1, -1, -1):
            row[turn] += gamma * row[turn + 1]
        row[last:] = row[last]
    return found


def _turns(sample: SampledTokens) -> int:
    return int(sample.turns[-1]) + 1


def _per_token(by_turn: Floats, samples: Sequence[SampledTokens]) -> list[Floats]:
    return [row[sample.turns] for row, sample in zip(by_turn, samples, strict=True)]
