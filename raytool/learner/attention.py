"""Attention over trees: a prefix attends to itself, a branch to its prefix and to itself (see `raytool.learner.packing`).

Everything else of a transformer works token by token, so a microbatch is one flat row without padding; only here are
prefixes and branches laid out in rectangles. No attention is computed between branches, or between trees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from raytool.learner.packing import Microbatch

NAME = "raytool_trees"


@dataclass(frozen=True, slots=True)
class Trees:
    """The layout of a microbatch on a device; `visible` [B, 1, L, P + L] is what each token of a branch may look at."""

    prefix: Tensor
    branch: Tensor
    owner: Tensor
    slot: Tensor
    visible: Tensor

    @classmethod
    def of(cls, microbatch: Microbatch, device: torch.device) -> Trees:
        prefix, lengths, branch, owner, slot = (
            torch.from_numpy(getattr(microbatch, name)).to(device) for name in ("prefix", "prefix_length", "branch", "owner", "slot")
        )
        width, length = prefix.shape[1], branch.shape[1]
        own = torch.ones(length, length, dtype=torch.bool, device=device).tril().expand(len(owner), 1, length, length)
        shared = (torch.arange(width, device=device) < lengths[owner][:, None])[:, None, None].expand(len(owner), 1, length, width)
        return cls(prefix, branch, owner, slot, torch.cat([shared, own], -1))


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

    Raises:
        ValueError: the model attends in a way that this function does not know.
    """
    if sliding_window is not None or softcap is not None or dropout:
        raise ValueError("model.path: the learner does not support sliding windows, soft caps or dropout in attention")
    query, key, value = (states[0].transpose(0, 1) for states in (query, key, value))  # [T, H, D]
    groups = query.shape[1] // key.shape[1]
    key, value = (states.repeat_interleave(groups, dim=1) for states in (key, value))
    prefix_key, prefix_value = _take(key, trees.prefix), _take(value, trees.prefix)  # [G, P, H, D]
    prefixes = _attend(_take(query, trees.prefix), prefix_key, prefix_value, None, scaling)
    branches = _attend(
        _take(query, trees.branch),
        torch.cat([_take(prefix_key, trees.owner), _take(key, trees.branch)], 1),
        torch.cat([_take(prefix_value, trees.owner), _take(value, trees.branch)], 1),
        trees.visible,
        scaling,
    )
    return _take(torch.cat([prefixes.flatten(0, 1), branches.flatten(0, 1)]), trees.slot)[None], None


def _take(states: Tensor, places: Tensor) -> Tensor:
    """states[places], whose gradient is an index_add: several times faster on a CPU than that of indexing."""
    return states.index_select(0, places.flatten()).unflatten(0, places.shape)


# Scores up to which attention is written out on a CPU, whose fused kernel is slow on short sequences: an SFT step with
# prompts of 110 tokens ran at 665 tokens/s so, and at 490 with the kernel (docs/log.md).
_FEW_SCORES = 2**23


def _attend(query: Tensor, key: Tensor, value: Tensor, visible: Tensor | None, scaling: float | None) -> Tensor:
    """[n, length, H, D] in and out; causal where nothing else is said."""
    query, key, value = (states.transpose(1, 2) for states in (query, key, value))
    if query.device.type != "cpu" or query.shape[:-1].numel() * key.shape[-2] > _FEW_SCORES:
        return scaled_dot_product_attention(query, key, value, attn_mask=visible, is_causal=visible is None, scale=scaling).transpose(1, 2)
    if visible is None:
        visible = torch.ones(query.shape[-2], key.shape[-2], dtype=torch.bool).tril()
    scores = (query * (scaling or query.shape[-1] ** -0.5)) @ key.transpose(-1, -2)
    weights = torch.softmax(scores.masked_fill(~visible, float("-inf")), -1, dtype=torch.float32)
    return (weights.to(value.dtype) @ value).transpose(1, 2)
