"""PPO's updates on one rank: what the policy, the reference and the critic say of its episodes, and the steps that follow from it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from raytool.config.training import PPOConfig
from raytool.learner.advantages import Floats, compared, importance_weights, token_rewards, token_turns
from raytool.learner.algorithms import ALGORITHMS, SampledTokens
from raytool.learner.critic import Critic
from raytool.learner.losses import entropy_bonus_sum, policy_loss_sum
from raytool.learner.model import Entropy, Forward, Reference, reshard
from raytool.learner.packing import Group, bins, empty_microbatch, loss_tokens, pack
from raytool.learner.parts import Measured, Part, Tally, Valued
from raytool.learner.penalty import KLPenalty
from raytool.learner.rank import Rank, mark_last
from raytool.records import Episode

_DESCRIBED = ("old", "behaviour", "entropy", "kl", "advantages")


class PPOSteps:
    """`rank` has begun the stage's optimiser. `reference` is there where KL costs something, and `critic` where the algorithm has one."""

    def __init__(self, rank: Rank, config: PPOConfig, reference: Reference | None, critic: Critic | None):
        self._rank, self._config, self._find_advantages = rank, config, ALGORITHMS[config.algorithm]
        self.reference, self.critic = reference, critic
        self.penalty = KLPenalty(config.beta, config.kl_target, config.kl_gain).to(rank.device)

    def update(self, minibatches: Sequence[Sequence[Group]], update: int) -> dict[str, float]:
        """One update on this rank's groups, split into minibatches as given (docs/training.md), by whatever algorithm was begun."""
        config, rank, began = self._config, self._rank, time.perf_counter()
        parts = [self.parts(groups) for groups in minibatches]
        every = [part for minibatch in parts for part in minibatch]
        training = config.critic is None or update >= config.critic.warmup_updates
        # A lone step's forward pass sees the policy as it was, so it can do the measuring too: nothing else is waited for.
        alone = config.epochs * config.minibatches == 1 and config.normalise != "batch"
        at_once = training and alone and rank.max(float(max(len(part.microbatches) for part in every))) == 1
        if not at_once:
            self.measure_all(every)
        measured = time.perf_counter()
        tally = Tally()
        first_step = update * config.epochs * config.minibatches
        for number, minibatch in enumerate(parts * config.epochs if training else []):
            if not self._step(minibatch, first_step + number, at_once, tally):
                break
        rank.end_batch()
        trained = time.perf_counter()
        fitted = {} if self.critic is None else {"value_loss": self.critic.fit(parts, config.epochs)}
        figures = self._describe([part.measured for part in every]) | fitted | self._summed(tally) | {"beta": float(self.penalty.beta)}
        if training and self.reference is not None:
            self.penalty.follow(figures["kl"])
        figures["tokens"] = rank.sum(float(sum(len(m.tokens) for part in every for m in part.microbatches)))
        times = {"seconds": time.perf_counter() - began, "seconds_measure": measured - began, "seconds_train": trained - measured}
        return figures | times

    def parts(self, groups: Sequence[Group]) -> list[Part]:
        """A minibatch's groups in parts that are measured and trained on together."""
        size = self._rank.microbatch_tokens
        parts = [Part(part, pack(part, size), self.weights(part)) for part in bins(groups, size)]
        missing = self._rank.missing_passes(sum(len(part.microbatches) for part in parts))
        return parts + [Part([], [empty_microbatch()], self.weights([])) for _ in range(missing)]

    def weights(self, groups: Sequence[Group]) -> npt.NDArray[np.float32]:
        """[N] weights of loss tokens in the policy loss."""
        counts = np.array([loss_tokens(episode) for group in groups for episode in group], dtype=int)
        each = np.ones(len(counts)) if self._config.mean_over == "tokens" else 1 / counts
        return np.repeat(each, counts).astype(np.float32)

    def _step(self, minibatch: Sequence[Part], step: int, at_once: bool, tally: Tally) -> bool:
        """A policy step on a minibatch, unless the policy has left the one that the update began with too far (`kl_stop`)."""
        config, rank = self._config, self._rank
        total = rank.sum(float(sum(part.weights.sum() for part in minibatch)))
        entropy: Entropy = "trained" if config.entropy_bonus > 0 else "measured" if at_once else "none"
        tally.next_minibatch()
        for last, (part, microbatch) in mark_last([(p, m) for p in minibatch for m in p.microbatches]):
            out, at = rank.forward(microbatch, last, entropy, config.temperature), rank.index(microbatch)
            if at_once:
                part.measured = self._measure(part, [out])
            batch, weights = part.measured, torch.from_numpy(part.weights).to(rank.device)[at]
            clips = (config.clip, config.clip_high)
            loss = policy_loss_sum(out.logprobs, batch.old[at], batch.advantages[at], weights * batch.importance[at], *clips) / total
            tally.add(loss, out.logprobs.detach(), batch.old[at], *clips)
            if config.entropy_bonus > 0:
                assert out.entropy is not None
                loss = loss - config.entropy_bonus * entropy_bonus_sum(out.entropy, weights) / total
            rank.backward(loss)
        if config.kl_stop is not None and rank.sum(tally.divergence) > config.kl_stop * rank.sum(float(tally.tokens)):
            rank.optimizer.zero_grad()
            tally.stopped = True
            return False
        tally.norm, tally.lr = rank.optimizer_step(step)
        tally.steps += 1
        return True

    def _summed(self, tally: Tally) -> dict[str, float]:
        """The figures of an update's steps, over all ranks."""
        return {
            "policy_loss": self._rank.sum(tally.loss) / max(1, tally.minibatches),
            "clip_share": self._rank.sum(tally.clipped) / max(1.0, self._rank.sum(float(tally.every_token))),
            "first_ratio_error": self._rank.max(tally.first_ratio_error),
            "kl_old": self._rank.sum(tally.divergence) / max(1.0, self._rank.sum(float(tally.tokens))),
            "steps": float(tally.steps),
            "stopped_early": float(tally.stopped),
            "grad_norm": tally.norm,
            "lr": tally.lr,
        }

    def measure_all(self, parts: Sequence[Part]) -> None:
        temperature = self._config.temperature
        with torch.no_grad():  # else each pass, made when `_measure` comes to it, would leave its activations
            for part in parts:
                passes = (self._rank.policy(microbatch, "measured", temperature) for microbatch in part.microbatches)
                part.measured = self._measure(part, passes)
        for module in [self._rank.policy] if self.critic is None else [self._rank.policy, self.critic.module]:
            reshard(module)
        if self._config.normalise == "batch":
            self._normalise([part.measured for part in parts])

    @torch.no_grad()
    def _measure(self, part: Part, passes: Iterable[Forward]) -> Measured:
        """What the update is computed from: a pass of the policy as it stands, given, and one of the reference."""
        count, width, temperature = len(part.weights), 0 if self.critic is None else self.critic.width, self._config.temperature
        old, reference, entropy, values = (torch.zeros(count, device=self._rank.device) for _ in range(4))
        hidden = torch.zeros(count, width, device=self._rank.device)
        # Pass by pass: ranks have the same number of passes, but not in each part, and meet in every module's.
        for microbatch, out in zip(part.microbatches, passes, strict=True):
            at = self._rank.index(microbatch)
            assert out.entropy is not None
            old[at], entropy[at] = out.logprobs, out.entropy
            hidden[at] = out.hidden[:, :width].float()
            reference[at] = out.logprobs if self.reference is None else self.reference.logprobs(microbatch, temperature)
            if self.critic is not None:
                values[at] = self.critic.values(microbatch, hidden[at])
        kl = (old - reference).double().cpu().numpy()
        expected = values.double().cpu().numpy()
        advantages = self._advantages(part, kl, expected)
        valued = None if self.critic is None else Valued(hidden, values, self._tensor(advantages + expected))
        if self._config.normalise == "group":
            self._compare(part, advantages)
        behaviour = np.concatenate([_sampled_logprobs(episode) for group in part.groups for episode in group] or [np.zeros(0)])
        importance = importance_weights(old.double().cpu().numpy(), behaviour, self._config.importance_cap)
        kl_, behaviour_, advantages_, importance_ = map(self._tensor, (kl, behaviour, advantages, importance))
        return Measured(old, behaviour_, entropy, kl_, advantages_, importance_, valued)

    def _advantages(self, part: Part, kl: Floats, values: Floats) -> Floats:
        """[N] advantages of a part's loss tokens, by the algorithm."""
        beta, found, start = float(self.penalty.beta), [np.zeros(0)], 0
        for group in part.groups:
            samples = []
            for episode in group:
                own = slice(start, start := start + loss_tokens(episode))
                rewards = token_rewards(episode, self._config.reward_clip)
                samples.append(SampledTokens(rewards, beta * kl[own], token_turns(episode), values[own]))
            found += self._find_advantages(samples, self._config)
        return np.concatenate(found)

    def _compare(self, part: Part, advantages: Floats) -> None:
        """`normalise: group`, in place."""
        start = 0
        for group in part.groups:
            whole = slice(start, start := start + sum(map(loss_tokens, group)))
            advantages[whole] = compared(advantages[whole], [episode.reward for episode in group])

    def _tensor(self, array: Floats) -> Tensor:
        return torch.from_numpy(array).float().to(self._rank.device)

    def _normalise(self, batches: Sequence[Measured]) -> None:
        every = torch.cat([batch.advantages for batch in batches])
        count = self._rank.sum(float(len(every)))
        mean = self._rank.sum(float(every.sum())) / count
        deviation = math.sqrt(self._rank.sum(float(((every - mean) ** 2).sum())) / count)
        for batch in batches:
            batch.advantages = (batch.advantages - mean) / (deviation + 1e-6)

    def _describe(self, batches: Sequence[Measured]) -> dict[str, float]:
        """Global figures of what was measured before the update."""
        columns = {name: torch.cat([getattr(batch, name) for batch in batches]).double() for name in _DESCRIBED}
        count = self._rank.sum(float(len(columns["old"])))

        def mean(values: Tensor) -> float:
            return self._rank.sum(float(values.sum())) / count

        figures = {} if self.reference is None else {"kl": mean(columns["kl"])}
        figures |= {
            "entropy": mean(columns["entropy"]),
            "advantage_mean": mean(columns["advantages"]),
            "logprob_difference": mean((columns["old"] - columns["behaviour"]).abs()),
            "sampled_tokens": count,
        }
        valued = [batch.valued for batch in batches if batch.valued is not None]
        if not valued:
            return figures
        values, returns = torch.cat([v.values for v in valued]).double(), torch.cat([v.returns for v in valued]).double()
        error = returns - values
        returns_variance = mean(returns**2) - mean(returns) ** 2
        explained = 1 - (mean(error**2) - mean(error) ** 2) / max(returns_variance, 1e-8)
        return figures | {"value_mean": mean(values), "explained_variance": explained}


def _sampled_logprobs(episode: Episode) -> Floats:
    """[n] the behaviour's log-probabilities of an episode's sampled tokens."""
    assert episode.logprobs is not None, "PPO needs episodes that a policy sampled"
    return np.asarray(episode.logprobs)[np.asarray(episode.loss_mask, dtype=bool)]
