"""Episodes as packed tensors: each token is computed once, and none is padding.

The samples of a task share its prompt. A *tree* is such a prefix with its branches, one for each sample; a branch attends to
the prefix and to itself, and counts its positions from the end of the prefix. Eight samples of 27 tokens after a prompt of
110 cost 330 tokens so, and 1,100 apart. A microbatch is the flat sequence of some trees' tokens, with the layout that
`raytool.learner.attention` needs. Log-probabilities are wanted at `source` only: the places whose next token was sampled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from raytool.records import Episode

Ints = npt.NDArray[np.int64]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Microbatch:
    """One forward pass: T tokens of G trees with B branches, and N targets.

    `prefix` [G, P] and `branch` [B, L] are the places of their tokens, padded with place 0 behind `prefix_length` [G] and
    `branch_length` [B]; `owner` [B] is the tree of a branch. `slot` [T] is where a token stands in the padded prefixes
    and branches laid behind each other, flattened. `source` [N] is a place, `target` [N] the token to predict there, and
    `index` [N] says which of the batch's loss tokens it is (in the order of the episodes given to `pack`).
    """

    tokens: Ints
    positions: Ints
    prefix: Ints
    prefix_length: Ints
    branch: Ints
    branch_length: Ints
    owner: Ints
    slot: Ints
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

    @property
    def shape(self) -> tuple[int, int]:
        """What padding depends on: trees of similar shape belong together."""
        return max(len(branch.tokens) for branch in self.branches), len(self.prefix)


def loss_tokens(episode: Episode) -> int:
    """How many tokens of an episode can carry loss: those that the policy or the demonstrator wrote."""
    return sum(episode.loss_mask)


def packed_tokens(group: Sequence[Episode]) -> int:
    """What a group costs: its prefix once, and its branches."""
    return _tree(group, 0).length


def pack(groups: Sequence[Sequence[Episode]], microbatch_tokens: int) -> list[Microbatch]:
    """Pack the episodes of some groups. Loss tokens are numbered through the episodes in the order given.

    A microbatch has at most `microbatch_tokens`, or a single branch with its prefix.
    """
    trees: list[_Tree] = []
    first = 0
    for group in groups:
        trees += _split(_tree(group, first), microbatch_tokens)
        first += sum(map(loss_tokens, group))
    batches: list[list[_Tree]] = []
    room = 0
    for tree in sorted(trees, key=lambda tree: tree.shape):
        if tree.length > room:
            batches.append([])
            room = microbatch_tokens
        batches[-1].append(tree)
        room -= tree.length
    return [_tensors(batch) for batch in batches]


def empty_microbatch() -> Microbatch:
    """A pass without targets, for a rank that has nothing left while others still work."""
    none = np.zeros(0, dtype=np.int64)
    return _tensors([_Tree(np.zeros(1, dtype=np.int64), [_Branch(np.zeros(1, dtype=np.int64), none, none)])])


def _tree(group: Sequence[Episode], first: int) -> _Tree:
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
    prefixes = [tree.prefix for tree in trees]
    branches = [branch for tree in trees for branch in tree.branches]
    owner = np.repeat(np.arange(len(trees)), [len(tree.branches) for tree in trees])
    starts = np.cumsum([0, *map(len, prefixes), *(len(branch.tokens) for branch in branches)])
    prefix, prefix_slots = _padded(prefixes, starts[: len(trees)], 0)
    branch, branch_slots = _padded([b.tokens for b in branches], starts[len(trees) : -1], prefix.size)
    source, positions = [], [np.arange(len(p)) for p in prefixes]
    for part, tree, start in zip(branches, owner, starts[len(trees) : -1], strict=True):
        length = len(prefixes[tree])
        positions.append(length + np.arange(len(part.tokens)))
        # The token before a branch's first one is its prefix's last.
        source.append(np.where(part.wanted == 0, starts[tree] + length - 1, start + part.wanted - 1))
    return Microbatch(
        tokens=np.concatenate([*prefixes, *(b.tokens for b in branches)]),
        positions=np.concatenate(positions),
        prefix=prefix,
        prefix_length=np.array([len(p) for p in prefixes]),
        branch=branch,
        branch_length=np.array([len(b.tokens) for b in branches]),
        owner=owner,
        slot=np.concatenate([*prefix_slots, *branch_slots]),
        source=np.concatenate(source),
        target=np.concatenate([b.tokens[b.wanted] for b in branches]),
        index=np.concatenate([b.index for b in branches]),
    )


def _padded(parts: Sequence[Ints], starts: Ints, offset: int) -> tuple[Ints, list[Ints]]:
    """[n, longest] places of the parts' tokens, and for each part the slots of its tokens in that, from `offset` on."""
    longest = max(map(len, parts))
    places = np.zeros((len(parts), longest), dtype=np.int64)
    slots = []
    for row, (part, start) in enumerate(zip(parts, starts, strict=True)):
        places[row, : len(part)] = start + np.arange(len(part))
        slots.append(offset + row * longest + np.arange(len(part)))
    return places, slots
