"""The policy as the learner runs it: a causal language model over packed trees, sharded by FSDP2, and the critic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.utils.checkpoint import checkpoint

from raytool.learner import attention
from raytool.learner.attention import Trees
from raytool.learner.packing import Microbatch

_HEAD_CHUNK = 1024  # targets whose logits exist at once: [1024, V] in fp32 is 200 MB for a vocabulary of 50,000


Entropy = Literal["none", "measured", "trained"]  # whether a pass computes it, and whether it carries gradient


@dataclass(frozen=True, slots=True)
class Forward:
    """`logprobs` and `entropy` [N] in nats, `hidden` [N, H]: the trunk's output at the sources, for a critic."""

    logprobs: Tensor
    entropy: Tensor | None
    hidden: Tensor


class Policy(nn.Module):
    """`model` is a transformers model for causal language modelling."""

    def __init__(self, model: Any):
        super().__init__()
        self.model: Any = model

    def forward(self, microbatch: Microbatch, entropy: Entropy = "none") -> Forward:
        """Log-probabilities of a microbatch's targets."""
        trunk = self.model.get_decoder()
        device = self.model.device
        tokens, positions, source, target = (
            torch.from_numpy(getattr(microbatch, name)).to(device) for name in ("tokens", "positions", "source", "target")
        )
        trees = Trees.of(microbatch, device, self.model.dtype)
        hidden = trunk(input_ids=tokens[None], position_ids=positions[None], trees=trees, use_cache=False).last_hidden_state
        hidden = hidden[0, source]
        chunks = zip(hidden.split(_HEAD_CHUNK), target.split(_HEAD_CHUNK), strict=True)
        scored = [checkpoint(self._score, h, t, entropy, use_reentrant=False) for h, t in chunks]
        logprobs, entropies = (torch.cat(parts) for parts in zip(*scored, strict=True))
        return Forward(logprobs, None if entropy == "none" else entropies, hidden)

    def _score(self, hidden: Tensor, target: Tensor, entropy: Entropy) -> tuple[Tensor, Tensor]:
        logits = self.model.get_output_embeddings()(hidden).float()
        normaliser = torch.logsumexp(logits, -1)
        logprobs = logits.gather(1, target[:, None])[:, 0] - normaliser
        if entropy == "none":
            return logprobs, logprobs
        with torch.set_grad_enabled(entropy == "trained" and torch.is_grad_enabled()):
            return logprobs, normaliser - (torch.softmax(logits, -1) * logits).sum(-1)


class Critic(nn.Linear):
    """A value head on the trunk: V = w h + b, in fp32, 0 at first. It reads the trunk and does not shape it."""

    def __init__(self, hidden_size: int):
        super().__init__(hidden_size, 1)
        nn.init.zeros_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, hidden: Tensor) -> Tensor:
        return super().forward(hidden)[:, 0]


def load_policy(path: str, mesh: DeviceMesh, trained: bool, activation_checkpointing: bool = False) -> Policy:
    """A policy sharded over the mesh. Trained: fp32 master weights, bf16 compute, gradients reduced in fp32; else bf16."""
    from transformers import AttentionInterface, AutoModelForCausalLM

    AttentionInterface.register(attention.NAME, attention.tree_attention)
    model: Any = AutoModelForCausalLM.from_pretrained(
        path, dtype=torch.float32 if trained else torch.bfloat16, attn_implementation=attention.NAME
    )
    if trained and activation_checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    model.train(trained)
    policy = Policy(model.to(mesh.device_type)).requires_grad_(trained)
    precision = MixedPrecisionPolicy(param_dtype=torch.bfloat16, reduce_dtype=torch.float32, cast_forward_inputs=False)
    # Gathering again for the backward pass saves memory where there are several shards, and is only a copy where there is one.
    reshard = mesh.size() > 1
    for layer in model.get_decoder().layers:
        fully_shard(layer, mesh=mesh, mp_policy=precision, reshard_after_forward=reshard)
    fully_shard(policy, mesh=mesh, mp_policy=precision, reshard_after_forward=reshard)
    return policy


def reshard(policy: Policy) -> None:
    """Drop gathered parameters that a pass without gradients left: only a backward pass does it by itself."""
    for module in policy.modules():
        if isinstance(module, FSDPModule):
            module.reshard()
