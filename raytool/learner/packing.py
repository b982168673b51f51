"""Episodes as packed tensors: each token is computed once, and none is padding.

The samples of a task share its prompt. A *tree* is such a prefix with its branches, one for each sample; a branch attends to
the prefix and to itself, and counts its positions from the end of the prefix. Eight samples of 27 tokens after a prompt of
110 cost 330 tokens so, and 1,100 apart. A microbatch is the flat sequence of some trees' tokens, one tree behind the other.
Log-probabilities are wanted at `source` only: the places whose next token was sampled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from raytool.records import Episode

Ints = npt.NDArray[np.int64]
Group = Sequence[Episode]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class TreeShape:
    """How many tokens a tree's prefix has, and each of its branches, in their order; an episode alone is all prefix."""

    prefix: int
    branches: tuple[int, ...] = ()

    @property
    def length(self) -> int:
        return self.prefix + sum(self.branches)


@dataclass(frozen=True, slots=True)
class Microbatch:
    """One forward pass: T tokens of some trees, and N targets.

    `tokens` and `positions` are [T]. `source` [N] is a place among them, `target` [N] the token to predict there, and
    `index` [N] says which of the batch's loss tokens it is (in the order of the episodes given to `pack`).
    """

    tokens: Ints
    positions: Ints
    trees: tuple[TreeShape, ...]
    source: Ints
    target: Ints
    index: Ints


@dataclass(frozen=True, slots=True)
class _Branch:
    """`tokens` after the prefix; `wanted` are offsets whose token is a target, `index` their numbers in the batch."""

    tokens: Ints
    wanted: Ints
    index: Ints


@dataclass(frozen=True, slots=True)
class _Tree:
    prefix: Ints
    branches: list[_Branch]

    @property
    def length(self) -> int:
        return len(self.prefix) + sum(len(branch.tokens) for branch in self.branches)


def loss_tokens(episode: Episode) -> int:
    """How many tokens of an episode can carry loss: those that the policy or the demonstrator wrote."""
    return sum(episode.loss_mask)


def packed_tokens(group: Group) -> int:
    """What a group costs: its prefix once, and its branches."""
    return _tree(group, 0).length


def pack(groups: Sequence[Group], microbatch_tokens: int) -> list[Microbatch]:
    """Pack the episodes of some groups. Loss tokens are numbered through the episodes in the order given.

    A microbatch has at most `microbatch_tokens`, or a single branch with its prefix.
    """
    trees: list[_Tree] = []
    first = 0
    for group in groups:
        trees += _split(_tree(group, first), microbatch_tokens)
        first += sum(map(loss_tokens, group))
    return [_tensors(batch) for batch in _bins(trees, [tree.length for tree in trees], microbatch_tokens)]


def bins(groups: Sequence[Group], microbatch_tokens: int) -> list[list[Group]]:
    """Groups that fit into one microbatch together; `pack` makes several only of a group that is too large alone."""
    return _bins(groups, [packed_tokens(group) for group in groups], microbatch_tokens)


def _bins(items: Sequence[Item], sizes: Sequence[int], most: int) -> list[list[Item]]:
    """Few bins of at most so much, or of a single item: the largest first, each into the first bin that has room."""
    found: list[list[Item]] = []
    room: list[int] = []
    for i in sorted(range(len(items)), key=lambda i: -sizes[i]):
        place = next((place for place, left in enumerate(room) if sizes[i] <= left), None)
        if place is None:
            place = len(found)
            found.append([])
            room.append(most)
        found[place].append(items[i])
        room[place] -= sizes[i]
    return found


def empty_microbatch() -> Microbatch:
    """A pass without targets, for a rank that has nothing left while others still work."""
    none = np.zeros(0, dtype=np.int64)
    return _tensors([_Tree(np.zeros(1, dtype=np.int64), [_Branch(np.zeros(1, dtype=np.int64), none, none)])])


def _tree(group: Group, first: int) -> _Tree:
    """The episodes of a group as one tree. The prefix ends before the first loss token of any of them."""
    tokens = [np.asarray(episode.tokens, dtype=np.int64) for episode in group]
    masks = [np.asarray(episode.loss_mask, dtype=bool) for episode in group]
    shared = min(int(mask.argmax()) for mask in masks)
    for other in tokens[1:]:
        differing = np.flatnonzero(tokens[0][:shared] != other[:shared])
        shared = int(differing[0]) if len(differing) else shared
    assert shared > 0, "the episodes of a group start with one prompt"
    branches = []
    for sequence, mask in zip(tokens, masks, strict=True):
        end = int(np.flatnonzero(mask)[-1]) + 1  # what follows the last loss token is never looked at
        wanted = np.flatnonzero(mask[shared:end])
        branches.append(_Branch(sequence[shared:end], wanted, first + np.arange(len(wanted))))
        first += len(wanted)
    return _Tree(tokens[0][:shared], branches)


def _split(tree: _Tree, most: int) -> list[_Tree]:
    """Several trees with the same prefix, where one would be longer than a microbatch."""
    parts: list[list[_Branch]] = []
    room = 0
    for branch in sorted(tree.branches, key=lambda branch: len(branch.tokens)):
        if len(branch.tokens) > room:
            parts.append([])
            room = most - len(tree.prefix)
        parts[-1].append(branch)
        room -= len(branch.tokens)
    return [_Tree(tree.prefix, part) for part in parts]


def _tensors(trees: Sequence[_Tree]) -> Microbatch:
    tokens, positions, shapes = [], [], []
    source, target, index = [], [], []
    place = 0
    for tree in trees:
        prefix, branches = tree.prefix, tree.branches
        tokens += [prefix, *(branch.tokens for branch in branches)]
        positions += [np.arange(len(prefix)), *(len(prefix) + np.arange(len(branch.tokens)) for branch in branches)]
        lengths = tuple(len(branch.tokens) for branch in branches)
        shapes.append(TreeShape(len(prefix), lengths) if len(branches) > 1 else TreeShape(len(prefix) + lengths[0]))
        last = place + len(prefix) - 1
        place += len(prefix)
        for branch in branches:
            source.append(np.where(branch.wanted == 0, last, place + branch.wanted - 1))  # before a branch's first token: its prefix's last
            target.append(branch.tokens[branch.wanted])
            index.append(branch.index)
            place += len(branch.tokens)
    join = np.concatenate
    return Microbatch(join(tokens), join(positions), tuple(shapes), join(source), join(target), join(index))
