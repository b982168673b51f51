"""Episodes as rows of tensors, each token computed once.

The samples of a task share its prompt. A *tree* is such a prefix with its branches; in a row every branch attends to
itself and to the prefix only, and counts its positions from the end of the prefix. Eight samples of 27 tokens after a
prompt of 110 cost 330 tokens so, and 1,100 apart. Trees are packed into rows, rows into microbatches of similar length.

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
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Microbatch:
    """One forward pass: B rows of T tokens, N targets.

    `document` [B, T] numbers the trees of a row from 0, padding is -1. `branch` [B, T] is 0 in a prefix and counts the
    branches from 1. `source` [N] indexes the flattened rows, `target` [N] is the token to predict there, and `index`
    [N] says which of the batch's loss tokens it is (in the order of the episodes given to `pack`).
    """

    tokens: Ints
    positions: Ints
    document: Ints
    branch: Ints
    source: Ints
    target: Ints
    index: Ints

    def attention_mask(self) -> npt.NDArray[np.bool_]:
        """[B, T, T], true where the row's token i may look at token j. Padding looks at itself, so that no row is empty."""
        same = self.document[:, :, None] == self.document[:, None, :]
        visible = (self.branch[:, None, :] == 0) | (self.branch[:, None, :] == self.branch[:, :, None])
        length = self.tokens.shape[1]
        causal = np.tril(np.ones((length, length), dtype=bool))
        return same & visible & causal


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


def packed_tokens(group: Sequence[Episode]) -> int:
    """What a group costs: its prefix once, and its branches."""
    return _tree(group, 0).length


def pack(groups: Sequence[Sequence[Episode]], row_tokens: int, microbatch_tokens: int) -> list[Microbatch]:
    """Pack the episodes of some groups. Loss tokens are numbered through the episodes in the order given.

    A row is about `row_tokens` long, or as long as its longest document; a microbatch has at most `microbatch_tokens`,
    or a single row.
    """
    trees: list[_Tree] = []
    first = 0
    for group in groups:
        trees += _split(_tree(group, first), row_tokens)
        first += sum(map(loss_tokens, group))
    rows = _fill(trees, row_tokens)
    rows.sort(key=lambda row: sum(tree.length for tree in row))
    microbatches: list[list[list[_Tree]]] = []
    for row in rows:
        width = sum(tree.length for tree in row)  # the longest so far: rows come in order of length
        if microbatches and (len(microbatches[-1]) + 1) * width <= microbatch_tokens:
            microbatches[-1].append(row)
        else:
            microbatches.append([row])
    return [_tensors(batch) for batch in microbatches]


def empty_microbatch() -> Microbatch:
    """A pass without targets, for a rank that has nothing left while others still work."""
    one = np.zeros((1, 1), dtype=np.int64)
    none = np.zeros(0, dtype=np.int64)
    return Microbatch(one, one, one, one, none, none, none)


def _tree(group: Sequence[Episode], first: int) -> _Tree:
    """The episodes of a group as one tree. The prefix ends before the first loss token of any of them."""
    tokens = [np.asarray(episode.tokens, dtype=np.int64) for episode in group]
    masks = [np.asarray(episode.loss_mask, dtype=bool) for episode in group]
    shared = min(int(mask.argmax()) for mask in masks)
    for other in tokens[1:]:
        differing = np.flatnonzero(tokens[0][:shared] != other[:shared])
        shared = int(differing[0]) if len(differing) else shared
    branches = []
    for sequence, mask in zip(tokens, masks, strict=True):
        end = int(np.flatnonzero(mask)[-1]) + 1  # what follows the last loss token is never looked at
        wanted = np.flatnonzero(mask[shared:end])
        branches.append(_Branch(sequence[shared:end], wanted, first + np.arange(len(wanted))))
        first += len(wanted)
    assert shared > 0, "an episode starts with a prompt"
    return _Tree(tokens[0][:shared], branches)


def _split(tree: _Tree, row_tokens: int) -> list[_Tree]:
    """Several trees with the same prefix, where one would be longer than a row (or than its prefix is worth)."""
    room = max(row_tokens, 3 * len(tree.prefix)) - len(tree.prefix)
    return [_Tree(tree.prefix, branches) for branches in _best_fit(tree.branches, [len(b.tokens) for b in tree.branches], room)]


def _fill(trees: list[_Tree], row_tokens: int) -> list[list[_Tree]]:
    return _best_fit(trees, [tree.length for tree in trees], row_tokens)


def _best_fit(items: Sequence[Item], sizes: Sequence[int], room: int) -> list[list[Item]]:
    """Best-fit decreasing: the largest first, each into the fullest bin that still has room; too large ones get their own."""
    bins: list[tuple[int, list[Item]]] = []
    for position in sorted(range(len(items)), key=lambda i: -sizes[i]):
        fitting = [b for b, (used, _) in enumerate(bins) if used + sizes[position] <= room]
        if fitting:
            best = max(fitting, key=lambda b: bins[b][0])
            bins[best] = (bins[best][0] + sizes[position], [*bins[best][1], items[position]])
        else:
            bins.append((sizes[position], [items[position]]))
    return [content for _, content in bins]


def _tensors(rows: Sequence[Sequence[_Tree]]) -> Microbatch:
    width = max(sum(tree.length for tree in row) for row in rows)
    tokens, positions, branch = (np.zeros((len(rows), width), dtype=np.int64) for _ in range(3))
    document = np.full((len(rows), width), -1, dtype=np.int64)
    source, target, index = [], [], []
    for r, row in enumerate(rows):
        start = 0
        for d, tree in enumerate(row):
            prefix = len(tree.prefix)
            document[r, start : start + tree.length] = d
            tokens[r, start : start + prefix] = tree.prefix
            positions[r, start : start + prefix] = np.arange(prefix)
            at = start + prefix
            for b, part in enumerate(tree.branches, 1):
                stop = at + len(part.tokens)
                tokens[r, at:stop] = part.tokens
                positions[r, at:stop] = prefix + np.arange(len(part.tokens))
                branch[r, at:stop] = b
                # The token before a branch's first one is the prefix's last.
                before = np.where(part.wanted == 0, start + prefix - 1, at + part.wanted - 1)
                source.append(r * width + before)
                target.append(part.tokens[part.wanted])
                index.append(part.index)
                at = stop
            start += tree.length
    return Microbatch(tokens, positions, document, branch, np.concatenate(source), np.concatenate(target), np.concatenate(index))
