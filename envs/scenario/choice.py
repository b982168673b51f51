"""Drawing from sequences, by a generator."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


def pick(random: np.random.Generator, items: Sequence[Item]) -> Item:
    return items[int(random.integers(len(items)))]


def several(random: np.random.Generator, items: Sequence[Item], count: int) -> list[Item]:
    """`count` different items in random order."""
    return [items[index] for index in random.permutation(len(items))[:count].tolist()]


def other_orders(items: Sequence[Item]) -> tuple[list[Item], ...]:
    """The items in every order but their own, for what is a set although it is written as a list; of few items only."""
    return tuple(list(order) for order in itertools.permutations(items) if list(order) != list(items))
