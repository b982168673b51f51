"""Percentages with 95 % intervals: percentile bootstraps over samples (Efron, 1979), seeded; Wilson's where no draw would differ.

Samples that ask nearly the same, as one query does in two places, are a cluster, and drawn together: taken for independent they
would make an interval too narrow. `clusters` names each sample's; without it each sample is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_DRAWS = 2000
_NORMAL = 1.959964  # the standard normal distribution has 95 % within this distance of 0

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A percentage or a mean, or a difference of two, with its 95 % interval. `samples` is how many it was measured on."""

    value: float
    low: float
    high: float
    samples: int


def percentage(hits: Sequence[float], totals: Sequence[float], clusters: Sequence[str] | None = None, seed: int = 0) -> Interval:
    """100 * sum(hits) / sum(totals), a hit and a total for each sample; the totals' sum must not be 0.

    Samples that are all right, or all wrong, leave a bootstrap nothing to draw. Their interval is Wilson's, of a binomial
    proportion (Probable inference, JASA 22, 1927), which goes from n / (n + z^2) to 1, or from 0 to z^2 / (n + z^2).
    """
    count = len(hits)
    if all(total == 1 for total in totals) and len(set(hits)) == 1 and hits[0] in (0, 1):
        away = _wilson(len(set(clusters)) if clusters else count)
        return Interval(100.0, 100 - away, 100.0, count) if hits[0] else Interval(0.0, 0.0, away, count)
    return _bootstrap(_percent, [hits, totals], clusters, seed)


def mean(amounts: Sequence[float], totals: Sequence[float], clusters: Sequence[str] | None = None) -> Interval:
    """sum(amounts) / sum(totals), in the unit of the amounts."""

    def ratio(*sums: Numbers) -> Numbers:
        return _percent(*sums) / 100

    return _bootstrap(ratio, [amounts, totals], clusters)


def difference(
    before: Sequence[tuple[float, float]],
    after: Sequence[tuple[float, float]],
    clusters: Sequence[str] | None = None,
    whole: float = 100,
) -> Interval:
    """The change of a percentage between two lists of (hits, total) of the same samples; pairs are drawn together.

    With `whole` 1 it is that of a mean, in its unit. Pairs of percentages that all differ alike, or not at all, leave a bootstrap nothing
    to draw: then the interval reaches as far to each side as if the share of other pairs that Wilson's leaves possible went all that way.
    """
    (old_hits, old_totals), (new_hits, new_totals) = zip(*before, strict=True), zip(*after, strict=True)
    gains = {new[0] / new[1] - old[0] / old[1] for old, new in zip(before, after, strict=True) if old[1] == new[1] > 0}
    if whole == 100 and len(gains) == 1 and list(old_totals) == list(new_totals):
        (value,) = gains
        away = _wilson(len({name for name, total in zip(clusters or range(len(before)), old_totals, strict=True) if total}))
        return Interval(100 * value, max(-100.0, 100 * value - away), min(100.0, 100 * value + away), len(before))

    def changed(*sums: Numbers) -> Numbers:
        return (_percent(sums[2], sums[3]) - _percent(sums[0], sums[1])) * (whole / 100)

    return _bootstrap(changed, [old_hits, old_totals, new_hits, new_totals], clusters)


def _wilson(count: int) -> float:
    """How many percent may be otherwise although none of `count` was."""
    return float(100 * _NORMAL**2 / (count + _NORMAL**2))


def _percent(hits: Numbers, totals: Numbers) -> Numbers:
    """Not a number where a draw has nothing that could be hit."""
    return 100 * np.divide(hits, totals, out=np.full_like(hits, np.nan), where=totals > 0)


def _bootstrap(
    statistic: Callable[..., Numbers], columns: Sequence[Sequence[float]], clusters: Sequence[str] | None, seed: int = 0
) -> Interval:
    """`statistic` takes the sums [draws] of each column over the clusters of each draw. A draw for which it is no number is left out.

    Clusters that are alike are drawn together: how often each kind comes up in a draw is multinomial.
    """
    values = np.asarray(columns, dtype=float)  # [columns, samples]
    count = values.shape[1]
    if clusters is not None:
        of_sample = np.unique(np.asarray(clusters), return_inverse=True)[1]
        values = np.stack([np.bincount(of_sample, weights=column) for column in values])  # [columns, clusters]
    kinds, alike = np.unique(values, axis=1, return_counts=True)  # [columns, kinds], [kinds]
    drawn = np.random.default_rng(seed).multinomial(values.shape[1], alike / values.shape[1], _DRAWS)  # [draws, kinds]
    low, high = np.nanpercentile(statistic(*(kinds @ drawn.T)), (2.5, 97.5))
    return Interval(float(statistic(*values.sum(axis=1, keepdims=True))[0]), float(low), float(high), count)
