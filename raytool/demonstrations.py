"""What SFT learns of its demonstrations: which of them err, what each token weighs, and the order in which they come."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from raytool.methods.adverse_effects import erroneous, surviving
from raytool.records import Episode, UserError


@dataclass(frozen=True, slots=True)
class Lessons:
    """Demonstrations with the weights of their tokens ([T] each; 0 carries no loss), and what was left out of how many."""

    demonstrations: list[Episode]
    weights: list[list[float]]
    masked_turns: int
    turns: int
    dropped: int

    @classmethod
    def of(cls, demonstrations: Sequence[Episode], weights: Sequence[Sequence[float]], mask_errors: bool) -> Lessons:
        """With `mask_errors`, turns whose feedback is an error weigh 0; they stay as context of those after them (METHODS.md 1.1).

        Raises:
            UserError: nothing is left to learn.
        """
        carries = [surviving(shown) if mask_errors else shown.loss_mask for shown in demonstrations]
        left = [[w * m for w, m in zip(*given, strict=True)] for given in zip(weights, carries, strict=True)]
        kept = [(shown, own) for shown, own in zip(demonstrations, left, strict=True) if any(own)]
        turns = [turn for shown in demonstrations for turn in shown.turns]
        masked = sum(map(erroneous, turns)) if mask_errors else 0
        if not kept:
            counts = f"{len(demonstrations)} demonstrations, {masked} of whose {len(turns)} turns are errors"
            raise UserError(f"sft: nothing is left to learn of {counts}")
        return cls([shown for shown, _ in kept], [own for _, own in kept], masked, len(turns), len(demonstrations) - len(kept))

    def told(self) -> str:
        """What was left out, in a line."""
        shown = len(self.demonstrations) + self.dropped
        masked = f"{self.masked_turns} of {self.turns} turns are errors and carry no loss ({self.masked_turns / self.turns:.1%})"
        return f"{masked}; {self.dropped} of {shown} demonstrations hold nothing else and are left out"


def noisy_ones(count: int, share: float, seed: int) -> list[bool]:
    """Which of `count` demonstrations get an error: `share` of them, rounded, drawn by seed."""
    drawn = set(np.random.default_rng([seed, count]).permutation(count)[: round(share * count)].tolist())
    return [index in drawn for index in range(count)]


def sft_batches(phases: Sequence[int], size: int, epochs: int | None, seed: int) -> Iterator[list[int]]:
    """Indices of each step's demonstrations, of which each has its phase: one phase after the other, every pass in an order of its own.

    Without `epochs` the passes have no end.
    """
    for phase in sorted(set(phases)):
        places = np.flatnonzero(np.asarray(phases) == phase)
        for epoch in itertools.count() if epochs is None else range(epochs):
            order = places[np.random.default_rng([seed, epoch]).permutation(len(places))].tolist()
            yield from (order[start : start + size] for start in range(0, len(order), size))
