"""What SFT learns of its demonstrations: which of them err, what each token weighs, and the order in which they come."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from raytool.methods.adverse_effects import erroneous, surviving
from raytool.methods.meta_tasks import PASS, TOGETHER
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
        """With `mask_errors`, turns whose feedback is an error weigh 0; they stay as context of those after them (docs/environments.md).

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


def no_longer_than(most: int | None, demonstrations: Sequence[Episode]) -> tuple[list[Episode], str]:
    """Those of at most so many tokens, or all; and a line with their lengths and how many were left out.

    Raises:
        UserError: none is.
    """
    lengths = [len(shown.tokens) for shown in demonstrations]
    kept = [shown for shown in demonstrations if most is None or len(shown.tokens) <= most]
    if demonstrations and not kept:
        raise UserError(f"sft.max_tokens: {most} leaves out all of {len(lengths)} demonstrations; the shortest has {min(lengths)} tokens")
    said = f"demonstrations: {len(kept)}, the longest of {max((len(shown.tokens) for shown in kept), default=0):,} tokens"
    if left_out := len(lengths) - len(kept):
        said += f"; {left_out} of up to {max(lengths):,} are longer than sft.max_tokens and left out"
    return kept, said


def noisy_ones(count: int, share: float, seed: int) -> list[bool]:
    """Which of `count` demonstrations get an error: `share` of them, rounded, drawn by seed."""
    drawn = set(np.random.default_rng([seed, count]).permutation(count)[: round(share * count)].tolist())
    return [index in drawn for index in range(count)]


@dataclass(frozen=True, slots=True)
class Unit:
    """What a step takes whole, as places of demonstrations: a meta-task, or one by itself. Each pass takes the next of its `versions`."""

    phase: int
    versions: tuple[tuple[int, ...], ...]
    meta: bool = False


def units_of(demonstrations: Sequence[Episode], phases: Mapping[str, int], meta: bool) -> list[Unit]:
    """The units of demonstrations, in the order of their first ones. `phases` are by source.

    Without `meta` the demonstrations of a meta-task are units of their own, each with one version for every pass.
    """
    members: dict[tuple[str, str | int], dict[str, list[int]]] = {}  # by meta-task, or the place of what is in none, and by pass
    for place, shown in enumerate(demonstrations):
        tags = shown.task.tags
        members.setdefault((tags["source"], tags.get(TOGETHER, place)), {}).setdefault(tags.get(PASS, ""), []).append(place)
    found = []
    for (source, query), by_pass in members.items():
        if meta and isinstance(query, str):
            found.append(Unit(phases[source], tuple(map(tuple, by_pass.values())), True))
            continue
        for versions in itertools.zip_longest(*by_pass.values()):  # shorter where one was dropped
            found.append(Unit(phases[source], tuple((place,) for place in versions if place is not None)))
    return sorted(found, key=lambda unit: unit.versions[0][0])


@dataclass(frozen=True, slots=True)
class Batch:
    """What a step is made with: the places of the demonstrations of each unit; `meta` where these are meta-tasks."""

    units: list[tuple[int, ...]]
    meta: bool = False


def sft_batches(units: Sequence[Unit], size: int, queries: int, epochs: int | None, seed: int) -> Iterator[Batch]:
    """Each step's demonstrations: one phase after the other, every pass in an order of its own; `size` at once, of meta-tasks `queries`.

    Without `epochs` the passes have no end.
    """
    for phase in sorted({unit.phase for unit in units}):
        own = [unit for unit in units if unit.phase == phase]
        for epoch in itertools.count() if epochs is None else range(epochs):
            order = np.random.default_rng([seed, epoch]).permutation(len(own)).tolist()
            chunks = []
            for meta, most in ((False, size), (True, queries)):
                ranks = [rank for rank, place in enumerate(order) if own[place].meta == meta]
                chunks += [ranks[start : start + most] for start in range(0, len(ranks), most)]
            for chunk in sorted(chunks):
                drawn = [own[order[rank]] for rank in chunk]
                yield Batch([unit.versions[epoch % len(unit.versions)] for unit in drawn], drawn[0].meta)
