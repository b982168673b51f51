"""The policy as the learner runs it: a causal language model over packed trees; and the trunk of a critic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import peft
import torch
from torch import Tensor, nn
from torch.distributed.fsdp import FSDPModule
from torch.utils.checkpoint import checkpoint

from raytool.learner import lora
from raytool.learner.attention import Trees
from raytool.learner.packing import Microbatch

_HEAD_CHUNK = 1024  # targets whose logits exist at once: [1024, V] in fp32 is 200 MB for a vocabulary of 50,000


Entropy = Literal["none", "measured", "trained"]  # whether a pass computes it, and whether it carries gradient


@dataclass(frozen=True, slots=True)
class Forward:
    """`logprobs` and `entropy` [N] in nats, `hidden` [N, H]: the trunk's output at the sources, for a critic.

    `greedy` [N] says which targets are the arg max, so that greedy decoding would have written them.
    """

    logprobs: Tensor
    entropy: Tensor | None
    hidden: Tensor
    greedy: Tensor


class Trunk(nn.Module):
    """`model` is a transformers model that computes in `dtype`. Where its weights are frozen, it has `adapters`; the policy's is in use."""

    def __init__(self, model: Any, dtype: torch.dtype, adapters: peft.LoraConfig | None = None):
        super().__init__()
        self.model: Any = model
        self.dtype = dtype
        self.adapters = adapters
        self._adapted = [layer for _, layer in lora.layers(model)]

    def hidden(self, microbatch: Microbatch) -> Tensor:
        """[N, H] the last layer's output at a microbatch's sources."""
        return self._hidden(microbatch)

    def _hidden(self, microbatch: Microbatch) -> Tensor:
        device = self.model.device
        tokens, positions, source = (torch.from_numpy(getattr(microbatch, name)).to(device) for name in ("tokens", "positions", "source"))
        trees = Trees.of(microbatch, device, self.dtype)
        trunk = self.model.get_decoder()
        hidden = trunk(input_ids=tokens[None], position_ids=positions[None], trees=trees, use_cache=False).last_hidden_state
        return hidden[0, source]

    @contextmanager
    def through(self, adapter: str | None) -> Iterator[None]:
        """Compute with another adapter, or none. A backward pass belongs inside: it may compute activations again."""
        lora.use(self._adapted, adapter)
        try:
            yield
        finally:
            lora.use(self._adapted, lora.POLICY)

    @property
    def trained(self) -> nn.Module:
        """What holds the weights that an optimiser changes."""
        return self if self.adapters is None else lora.adapter(self.model, lora.POLICY)


class Policy(Trunk):
    """`model` is one for causal language modelling."""

    def forward(self, microbatch: Microbatch, entropy: Entropy = "none", temperature: float = 1.0) -> Forward:
        """Log-probabilities of a microbatch's targets, and entropies, of the distribution that is sampled from at a temperature."""
        hidden = self._hidden(microbatch)
        target = torch.from_numpy(microbatch.target).to(hidden.device)
        chunks = zip(hidden.split(_HEAD_CHUNK), target.split(_HEAD_CHUNK), strict=True)
        scored = [checkpoint(self._score, h, t, entropy, temperature, use_reentrant=False) for h, t in chunks]
        logprobs, entropies, greedy = (torch.cat(parts) for parts in zip(*scored, strict=True))
        return Forward(logprobs, None if entropy == "none" else entropies, hidden, greedy)

    def _score(self, hidden: Tensor, target: Tensor, entropy: Entropy, temperature: float) -> tuple[Tensor, Tensor, Tensor]:
        logits = self.model.get_output_embeddings()(hidden).float()
        if temperature != 1:
            logits.div_(temperature)  # in place: a second [N, V] would be as much again, and no gradient needs the first
        normaliser = torch.logsumexp(logits, -1)
        logprobs = logits.gather(1, target[:, None])[:, 0] - normaliser
        greedy = logits.argmax(-1) == target
        if entropy == "none":
            return logprobs, logprobs, greedy
        with torch.set_grad_enabled(entropy == "trained" and torch.is_grad_enabled()):
            return logprobs, normaliser - (torch.softmax(logits, -1) * logits).sum(-1), greedy


class Reference:
    """The frozen model that the KL penalty is measured against: a policy of its own, or the policy's base with another adapter or none."""

    def __init__(self, policy: Policy, adapter: str | None = None):
        self._policy, self._adapter = policy, adapter

    @torch.no_grad()
    def logprobs(self, microbatch: Microbatch, temperature: float) -> Tensor:
        with self._policy.through(self._adapter):
            return self._policy(microbatch, temperature=temperature).logprobs

    @property
    def weights(self) -> nn.Module | None:
        """Those that are there for the reference alone."""
        if self._policy.adapters is None:
            return self._policy
        return None if self._adapter is None else lora.adapter(self._policy.model, self._adapter)


def reshard(trunk: nn.Module) -> None:
    """Drop gathered parameters that a pass without gradients left: only a backward pass does it by itself."""
    for module in trunk.modules():
        if isinstance(module, FSDPModule):
            module.reshard()
