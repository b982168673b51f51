"""SFT's steps on one rank: ordinary ones on a batch of demonstrations, and meta steps on a group of meta-tasks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from raytool.config.training import SFTConfig
from raytool.learner import meta
from raytool.learner.advantages import Floats
from raytool.learner.losses import nll_sum, turn_means
from raytool.learner.model import reshard
from raytool.learner.packing import Group, Microbatch, bins, empty_microbatch, loss_tokens, pack, packed_tokens
from raytool.learner.rank import Rank, mark_last
from raytool.records import Episode

TokenWeights = Sequence[Sequence[float]]  # of some episodes, one for each of their tokens


@dataclass(frozen=True, slots=True)
class _Pass:
    """A microbatch of N loss tokens, the weight of each [N], and the number [N] of the meta-task that it is of."""

    microbatch: Microbatch
    weights: Tensor
    owners: Tensor


class SFTSteps:
    """`rank` has begun the stage's optimiser."""

    def __init__(self, rank: Rank, config: SFTConfig):
        self._rank, self._config = rank, config

    @property
    def keeps_snapshot(self) -> bool:
        return self._config.meta is not None and meta.keeps_snapshot(self._config.meta)

    def step(self, episodes: Sequence[Episode], weights: TokenWeights, done: int) -> dict[str, float]:
        """One optimiser step on this rank's demonstrations: the NLL of their tokens, weighed, and taken over all ranks by `mean_over`.

        `weights` has one number for each token of each episode (the response mask, for plain SFT); those where the
        episode's loss mask is 0 are not looked at. Some token of the step, on one rank or another, weighs more than 0. `done` is how
        much of the stage's length is done.
        """
        began, rank = time.perf_counter(), self._rank
        microbatches = pack([[episode] for episode in episodes], rank.microbatch_tokens)
        microbatches += [empty_microbatch()] * rank.missing_passes(len(microbatches))
        wanted, given = self._weigh(episodes, weights)
        weight = self._tensor(wanted)
        total = rank.sum(wanted.sum())
        assert total > 0, "demonstrations without a token that carries loss are dropped before they are batched"
        loss, denominator = 0.0, 1.0 if self._config.mean_over == "sum" else total
        for last, microbatch in mark_last(microbatches):
            out = rank.forward(microbatch, last)
            part = nll_sum(out.logprobs, weight[rank.index(microbatch)]) / denominator
            rank.backward(part)
            loss += float(part.detach())
        tokens = rank.sum(float(sum(len(m.tokens) for m in microbatches)))
        norm, lr = rank.optimizer_step(self._at(done, tokens))
        rank.end_batch()
        figures = {"loss": rank.sum(loss), "grad_norm": norm, "lr": lr, "tokens": tokens, **self._described(wanted, given)}
        return {**figures, "seconds": time.perf_counter() - began}

    def meta_step(self, units: Sequence[Group], weights: Sequence[TokenWeights], done: int) -> dict[str, float]:
        """One update on a group of meta-tasks (`raytool.learner.meta`).

        `units` are all meta-tasks of the group, each with those of its demonstrations that are this rank's. One alone may be spread over
        ranks and passes; of several each lies on one rank, and in one pass there, however many tokens it has: what a pass shows to be
        optimal is left out of the loss before that pass goes backward.
        """
        assert self._config.meta is not None, "sft.meta is set"
        began, rank, config = time.perf_counter(), self._rank, self._config
        wanted, given = self._weigh([e for unit in units for e in unit], [w for unit in weights for w in unit])
        passes = self._passes(units, wanted)
        every = torch.zeros(len(units), dtype=torch.float64, device=rank.device)
        for own in passes:
            every.index_add_(0, own.owners, own.weights.double())
        totals = rank.sums(every)
        size = rank.sum(float(sum(len(own.microbatch.tokens) for own in passes)))
        tokens, first_loss, norm, lr = 0.0, None, 0.0, rank.rate(done)

        def look(learn: bool) -> Sequence[bool]:
            nonlocal tokens, first_loss
            wrong, loss = self._look(passes, len(units), learn)
            tokens += size
            optimal = rank.sums(wrong) == 0
            if first_loss is None:
                first_loss = rank.sum(loss)
            left = float(totals[~optimal].sum())
            if learn and left:
                for gradient in rank.gradients() if config.mean_over != "sum" else []:
                    gradient.div_(left)
            elif learn:
                rank.optimizer.zero_grad()
            return [bool(of_unit) for of_unit in optimal.tolist()]

        def step() -> None:
            nonlocal norm, lr
            norm, lr = rank.optimizer_step(self._at(done, tokens))

        met = meta.fit_group(self._config.meta, rank.parameters(), look, step)
        rank.end_batch()
        assert first_loss is not None
        return {
            "loss": first_loss / (1.0 if config.mean_over == "sum" else float(totals.sum())),
            "grad_norm": norm,
            "lr": lr,
            "tokens": tokens,
            "tokens_verifying": tokens - met.steps * size,
            **self._described(wanted, given),
            "queries": float(len(units)),
            "inner_steps": float(met.steps),
            "optimal_before": sum(met.before) / len(units),
            "optimal_after": sum(met.after) / len(units),
            "rolled_back": float(len(units) * met.rolled_back),
            "seconds": time.perf_counter() - began,
        }

    def _look(self, passes: Sequence[_Pass], count: int, learn: bool) -> tuple[Tensor, float]:
        """[count] by meta-task how many loss tokens are not the arg max on this rank, and the sum of all their losses.

        With `learn` the gradient of the sum of losses stays, of meta-tasks that are not optimal; or of one that is alone.
        """
        rank, wrong, loss = self._rank, torch.zeros(count, dtype=torch.float64, device=self._rank.device), 0.0
        for last, own in mark_last(passes):
            with torch.set_grad_enabled(learn):
                out = rank.forward(own.microbatch, last)
            missed = (~out.greedy & (own.weights > 0)).double()
            here = torch.zeros_like(wrong).index_add_(0, own.owners, missed)
            wrong += here
            loss += float(nll_sum(out.logprobs.detach(), own.weights))
            if learn:
                counted = own.weights if count == 1 else own.weights * (here > 0)[own.owners]
                with torch.enable_grad():
                    rank.backward(nll_sum(out.logprobs, counted))
        if not learn:
            reshard(rank.policy)
        return wrong, loss

    def _passes(self, units: Sequence[Group], wanted: Floats) -> list[_Pass]:
        """`wanted` [N] are the weights of all loss tokens, in the order of the units."""
        rank, size = self._rank, self._rank.microbatch_tokens
        number = {id(unit): place for place, unit in enumerate(units)}
        starts = np.cumsum([0, *(sum(map(loss_tokens, unit)) for unit in units)])
        mine = [unit for unit in units if unit]
        made = []
        for together in bins(mine, size) if len(units) > 1 else [mine] if mine else []:
            places = [number[id(unit)] for unit in together]
            weights = np.concatenate([wanted[starts[place] : starts[place + 1]] for place in places])
            owners = np.concatenate([np.full(starts[place + 1] - starts[place], place) for place in places])
            room = size if len(units) == 1 else max(size, sum(map(packed_tokens, together)))
            for microbatch in pack(together, room):
                own = torch.from_numpy(owners[microbatch.index]).to(rank.device)
                made.append(_Pass(microbatch, self._tensor(weights[microbatch.index]), own))
        nothing = _Pass(empty_microbatch(), self._tensor(np.zeros(0)), torch.zeros(0, dtype=torch.int64, device=rank.device))
        return made + [nothing] * rank.missing_passes(len(made))

    def _weigh(self, episodes: Sequence[Episode], weights: TokenWeights) -> tuple[Floats, Floats]:
        """[N] the weights of all loss tokens, scaled by `mean_over`, and as they were given."""
        masks = [np.asarray(episode.loss_mask, dtype=bool) for episode in episodes]
        given = [np.where(mask, np.asarray(own, dtype=np.float64), 0.0) for mask, own in zip(masks, weights, strict=True)]
        scaled = list(map(turn_means, given, episodes)) if self._config.mean_over == "turns" else given
        wanted, as_given = (
            np.concatenate([*(own[mask] for mask, own in zip(masks, of, strict=True)), np.zeros(0)]) for of in (scaled, given)
        )
        return wanted, as_given

    def _described(self, wanted: Floats, given: Floats) -> dict[str, float]:
        count, trained, weight = (self._rank.sum(float(value)) for value in (len(wanted), np.count_nonzero(wanted), given.sum()))
        return {"loss_weight": weight, "weight_mean": weight / trained, "masked_share": 1 - trained / count}

    def _at(self, done: int, tokens: float) -> int:
        """How much of the stage's length is done at a step. Its own tokens count, so that the first one's rate is not 0."""
        return done if self._config.tokens is None else done + int(tokens) - 1

    def _tensor(self, array: Floats) -> Tensor:
        return torch.from_numpy(array.astype(np.float32)).to(self._rank.device)
