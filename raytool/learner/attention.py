"""Attention over trees: a prefix attends to itself, a branch to its prefix and to itself (see `raytool.learner.packing`).

Everything else of a transformer works token by token, so a microbatch is one flat row without padding. Here each tree is
taken by itself. On a CPU no attention is computed between its branches either, which are padded to a rectangle for it, each with the prefix
before it. On a GPU they stay in their row, under a mask: what that computes for nothing costs less than a prefix for each branch in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from raytool.learner.packing import Microbatch, TreeShape
from raytool.records import UserError

NAME = "raytool_trees"


@dataclass(frozen=True, slots=True)
class _Branches:
    """B branches of one tree, the longest of L tokens, as a rectangle [B, L].

    `places` [B * L] are their tokens among all of the branches' tokens, padded with 0; `slots` [tokens] the way back.
    """

    shape: tuple[int, int]
    places: Tensor
    slots: Tensor

    @classmethod
    def of(cls, lengths: Sequence[int], device: torch.device) -> _Branches:
        given = torch.tensor(lengths)
        column = torch.arange(int(given.max()))
        inside = column < given[:, None]
        places = torch.where(inside, (given.cumsum(0) - given)[:, None] + column, 0)
        return cls((len(lengths), len(column)), places.flatten().to(device), inside.flatten().nonzero()[:, 0].to(device))


@dataclass(frozen=True, slots=True)
class Trees:
    """The layout of a microbatch on a device, and the masks that its layers share: one for each width of a sliding window."""

    shapes: Sequence[TreeShape]
    branches: Sequence[_Branches | None]
    dtype: torch.dtype
    device: torch.device
    masks: dict[int | None, _Mask] = field(default_factory=dict)

    @classmethod
    def of(cls, microbatch: Microbatch, device: torch.device, dtype: torch.dtype) -> Trees:
        padded = not _on_gpu(device)
        branches = [_Branches.of(shape.branches, device) if shape.branches and padded else None for shape in microbatch.trees]
        return cls(microbatch.trees, branches, dtype, device)

    def mask(self, window: int | None) -> _Mask:
        """For attention to all that came before, or to the latest `window` tokens, a token itself included."""
        return self.masks.setdefault(window, _Mask(window, self.dtype, self.device))


@dataclass(frozen=True, slots=True)
class _Mask:
    """What is added to scores, made where it is asked for: a long sequence by itself needs none on a GPU."""

    window: int | None
    dtype: torch.dtype
    device: torch.device
    made: dict[tuple[int, int], Tensor] = field(default_factory=dict)
    of_shapes: dict[TreeShape, Tensor] = field(default_factory=dict)

    def is_causal(self, keys: int) -> bool:
        """Whether it hides no more of so many keys than what is behind a token."""
        return self.window is None or keys <= self.window

    def of(self, length: int, keys: int) -> Tensor:
        """[L, K] for the last L of K tokens: 0, and -inf where a key is behind the token or too far back."""
        if (length, keys) not in self.made:
            hidden = torch.full((length, keys), -torch.inf, dtype=self.dtype, device=self.device)
            behind = hidden.triu(keys - length + 1)
            far_back = 0 if self.window is None or self.is_causal(keys) else hidden.tril(keys - length - self.window)
            self.made[length, keys] = behind + far_back
        return self.made[length, keys]

    def of_branches(self, shape: TreeShape) -> Tensor:
        """[L, K] for the L tokens of a tree's branches among all K of the tree: -inf also where a key is another branch's."""
        if shape not in self.of_shapes:
            lengths, device = torch.tensor(shape.branches, device=self.device), self.device
            branch = torch.arange(len(shape.branches), device=device).repeat_interleave(lengths)
            place = shape.prefix + torch.cat([torch.arange(length, device=device) for length in shape.branches])
            keys = torch.cat([torch.arange(shape.prefix, device=device), place])
            owner = torch.cat([torch.full((shape.prefix,), -1, device=device), branch])
            seen = (keys <= place[:, None]) & ((owner == branch[:, None]) | (owner < 0))
            if self.window is not None:
                seen &= keys > place[:, None] - self.window
            self.of_shapes[shape] = torch.zeros(seen.shape, dtype=self.dtype, device=device).masked_fill_(~seen, -torch.inf)
        return self.of_shapes[shape]


def tree_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    trees: Trees,
    scaling: float | None = None,
    dropout: float = 0.0,
    sliding_window: int | None = None,
    softcap: float | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """An attention function of transformers. `query` [1, Hq, T, D], `key` and `value` [1, Hk, T, D] -> [1, T, Hq, D].

    With a `sliding_window` a token sees as many of the latest, itself included.

    Raises:
        UserError: the model attends in a way that this function does not know.
    """
    if softcap is not None or dropout:
        raise UserError("soft caps and dropout in attention are not supported")
    lengths = [shape.length for shape in trees.shapes]
    parts = zip(trees.shapes, trees.branches, *(states.split(lengths, 2) for states in (query, key, value)), strict=True)
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    mask = trees.mask(sliding_window)
    return torch.cat([_attend_tree(mask, scale, *part) for part in parts], 1), None


def _attend_tree(
    mask: _Mask, scale: float, shape: TreeShape, branches: _Branches | None, query: Tensor, key: Tensor, value: Tensor
) -> Tensor:
    """[1, H, T, D] of one tree -> [1, T, Hq, D]."""
    if not shape.branches:
        return _attend(mask, scale, query, key, value)
    sizes = [shape.prefix, sum(shape.branches)]
    if branches is None:
        query, own_query = query.split(sizes, 2)
        out = _attend_masked(mask.of_branches(shape), scale, own_query, key, value)
        key, value = (states[:, :, : shape.prefix] for states in (key, value))
        return torch.cat([_attend(mask, scale, query, key, value), out], 1)
    count, length = branches.shape
    (query, own_query), (key, own_key), (value, own_value) = (states.split(sizes, 2) for states in (query, key, value))

    def apart(states: Tensor) -> Tensor:  # [1, H, tokens, D] -> [B, H, L, D]; the gradient of index_select is an index_add
        return states[0].index_select(1, branches.places).unflatten(1, (count, length)).transpose(0, 1)

    own_key, own_value = (
        torch.cat([shared.expand(count, -1, -1, -1), apart(own)], 2) for shared, own in ((key, own_key), (value, own_value))
    )
    out = _attend(mask, scale, apart(own_query), own_key, own_value).flatten(0, 1).index_select(0, branches.slots)
    return torch.cat([_attend(mask, scale, query, key, value), out[None]], 1)


# Scores up to which attention is written out on a CPU, whose fused kernel is three times slower on short sequences and
# their gradient (docs/log.md); above, it is the memory that counts.
_FEW_SCORES = 2**23


def _attend(mask: _Mask, scale: float, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """[n, Hq, L, D] and [n, Hk, K, D] -> [n, L, Hq, D]. The queries are the last L of K tokens, and see what is not behind them."""
    (n, query_heads, length, width), (heads, keys) = query.shape, key.shape[1:3]
    if _on_gpu(query.device) or n * query_heads * length * keys > _FEW_SCORES:
        if length == keys and mask.is_causal(keys):
            return scaled_dot_product_attention(query, key, value, is_causal=True, scale=scale, enable_gqa=True).transpose(1, 2)
        return _attend_masked(mask.of(length, keys), scale, query, key, value)
    # The query heads that share a key head go into one product.
    query = (query * scale).reshape(n * heads, -1, width)
    scores = (query @ key.reshape(n * heads, keys, width).transpose(1, 2)).unflatten(1, (-1, length))
    weights = torch.softmax(scores + mask.of(length, keys), -1).flatten(1, 2)
    return (weights @ value.reshape(n * heads, keys, width)).view(n, query_heads, length, width).transpose(1, 2)


def _attend_masked(mask: Tensor, scale: float, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """The same under a mask [L, K]."""
    # CUDA's kernels that do not write scores out want as many key heads as query heads here.
    key, value = (states.repeat_interleave(query.shape[1] // key.shape[1], 1) for states in (key, value))
    return scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=scale).transpose(1, 2)


def _on_gpu(device: torch.device) -> bool:
    return device.type != "cpu"
