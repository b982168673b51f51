"""The policy as the learner runs it: a causal language model over packed trees, sharded by FSDP2; and the trunk of a critic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import peft
import torch
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard, register_fsdp_forward_method
from torch.utils.checkpoint import checkpoint

from raytool import pretrained
from raytool.config import LearnerConfig
from raytool.learner import attention, lora
from raytool.learner.attention import Trees
from raytool.learner.packing import Ints, Microbatch, TreeShape
from raytool.records import UserError

# Nats by which two ways to compute the same thing may differ on average. Seen were 1e-5 in float32, and in bfloat16 0.02, or 0.06 where
# experts are chosen. A model that packing gets wrong differs by more, unless its weights are so small that it says next to nothing.
_ROUNDING = {torch.float32: 1e-3, torch.bfloat16: 0.1}
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

    def forward(self, microbatch: Microbatch, entropy: Entropy = "none") -> Forward:
        """Log-probabilities of a microbatch's targets."""
        hidden = self._hidden(microbatch)
        target = torch.from_numpy(microbatch.target).to(hidden.device)
        chunks = zip(hidden.split(_HEAD_CHUNK), target.split(_HEAD_CHUNK), strict=True)
        scored = [checkpoint(self._score, h, t, entropy, use_reentrant=False) for h, t in chunks]
        logprobs, entropies, greedy = (torch.cat(parts) for parts in zip(*scored, strict=True))
        return Forward(logprobs, None if entropy == "none" else entropies, hidden, greedy)

    def _score(self, hidden: Tensor, target: Tensor, entropy: Entropy) -> tuple[Tensor, Tensor, Tensor]:
        logits = self.model.get_output_embeddings()(hidden).float()
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
    def logprobs(self, microbatch: Microbatch) -> Tensor:
        with self._policy.through(self._adapter):
            return self._policy(microbatch).logprobs

    @property
    def weights(self) -> nn.Module | None:
        """Those that are there for the reference alone."""
        if self._policy.adapters is None:
            return self._policy
        return None if self._adapter is None else lora.adapter(self._policy.model, self._adapter)


def load_policy(
    path: str, mesh: DeviceMesh, config: LearnerConfig, dtype: torch.dtype, adapters: Mapping[str, lora.AdapterWeights | None] | None = None
) -> Policy:
    """The policy sharded over the mesh: computed in `dtype`, gradients reduced in fp32.

    All weights are trained, and are fp32; or with `config.lora` those `adapters` are fp32, and the base is frozen and in `dtype`.
    """
    from transformers import AutoModelForCausalLM

    model = _read(AutoModelForCausalLM, path, torch.float32 if config.lora is None else dtype)
    check_packing(model, path)
    made = None if config.lora is None else lora.adapt(model, config.lora, adapters or {lora.POLICY: None})
    return _shard(Policy(_training(model, config), dtype, made), mesh)


@torch.no_grad()
def check_packing(model: Any, path: str) -> None:
    """Refuse a model that packing would compute wrongly, and nobody be told: whose tokens meet elsewhere than in attention (a state space,
    a convolution) or attend to more than tokens (sinks) or to fewer (windows that attention is not told of), whose logits are not what its
    output layer gives (scaled, capped), or which has dropout.

    Its log-probabilities in a microbatch of two trees, as training computes them, have to be those of the same tokens alone, by its own
    attention.

    Raises:
        UserError: they are not, or one of the two cannot be computed.
    """
    tokens = np.random.default_rng(0).integers(model.get_input_embeddings().num_embeddings, size=21)
    positions = np.concatenate([np.arange(6), 6 + np.arange(4), 6 + np.arange(6), np.arange(5)])
    source = np.array([6, 7, 8, 10, 11, 12, 13, 14, 16, 17, 18, 19])
    microbatch = Microbatch(tokens, positions, (TreeShape(6, (4, 6)), TreeShape(5)), source, tokens[source + 1], np.arange(len(source)))
    refused = f"model.path: '{path}': the learner cannot train a model of the type {model.config.model_type}"
    try:
        with _told_windows() as told:
            packed = Policy(model.train(), model.dtype)(microbatch).logprobs
        rows, wanted = [tokens[:10], tokens[[*range(6), *range(10, 16)]], tokens[16:]], (3, 5, 4)
        alone = _alone(model.eval(), rows, wanted, "eager")
        difference = (packed - alone).abs().mean().item()
        # Where rounding is coarse and layers are many, the model's own attention differs too, from one way to compute it to the other.
        allowed = _ROUNDING[model.dtype]
        if difference > allowed:
            allowed = max(allowed, 4 * (alone - _alone(model, rows, wanted, "sdpa")).abs().mean().item())
    except UserError as error:
        raise UserError(f"{refused}: {error}") from None
    except Exception as error:
        raise UserError(f"{refused}, which it cannot compute: {type(error).__name__}: {error}") from error
    if not difference <= allowed:
        raise UserError(
            f"{refused}, whose log-probabilities it gets wrong by {difference:.2g} nats on average; "
            "one that is causal attention and a plain output layer, without dropout, is expected"
        )
    config = model.config.get_text_config()
    for knob, kind in (("sliding_window", "sliding_attention"), ("attention_chunk_size", "chunked_attention")):
        width = getattr(config, knob, None)  # no row here is long enough to show what it does
        if width is not None and width not in told and kind in (getattr(config, "layer_types", None) or [kind]):
            raise UserError(f"{refused}: its {knob} of {width} does not reach the learner's attention")


@contextmanager
def _told_windows() -> Iterator[set[int | None]]:
    """The widths of sliding windows that a model's layers tell attention of."""
    from transformers import AttentionInterface

    told: set[int | None] = set()

    def attend(*states: Any, sliding_window: int | None = None, **more: Any) -> Any:
        told.add(sliding_window)
        return attention.tree_attention(*states, sliding_window=sliding_window, **more)

    AttentionInterface.register(attention.NAME, attend)
    try:
        yield told
    finally:
        AttentionInterface.register(attention.NAME, attention.tree_attention)


def _alone(model: Any, rows: Sequence[Ints], wanted: Sequence[int], how: str) -> Tensor:
    """Log-probabilities of the last so many tokens of each row, by the model's own attention, as transformers computes it `how`."""
    model.set_attn_implementation(how)
    found = []
    for row, count in zip(map(torch.from_numpy, rows), wanted, strict=True):
        logprobs = torch.log_softmax(model(row[None]).logits[0, :-1].float(), -1)
        found.append(logprobs.gather(1, row[1:, None])[-count:, 0])
    model.set_attn_implementation(attention.NAME)
    return torch.cat(found)


def load_frozen(path: str, mesh: DeviceMesh, dtype: torch.dtype) -> Policy:
    """A policy that is held in the numbers that it is computed in and not trained, sharded."""
    from transformers import AutoModelForCausalLM

    return _shard(Policy(_read(AutoModelForCausalLM, path, dtype).eval(), dtype).requires_grad_(False), mesh, trained=False)


def load_trunk(path: str, mesh: DeviceMesh, config: LearnerConfig, dtype: torch.dtype) -> Trunk:
    """A model without its output layer, all of it trained, sharded like a policy."""
    from transformers import AutoModel

    return _shard(Trunk(_training(_read(AutoModel, path, torch.float32), config), dtype), mesh)


def _read(kind: Any, path: str, dtype: torch.dtype) -> Any:
    from transformers import AttentionInterface

    AttentionInterface.register(attention.NAME, attention.tree_attention)
    with pretrained.reading(path):
        return kind.from_pretrained(path, dtype=dtype, attn_implementation=attention.NAME)


def _training(model: Any, config: LearnerConfig) -> Any:
    if config.activation_checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    return model.train()


Sharded = TypeVar("Sharded", bound=Trunk)


def _shard(trunk: Sharded, mesh: DeviceMesh, trained: bool = True) -> Sharded:
    precision = MixedPrecisionPolicy(param_dtype=trunk.dtype, reduce_dtype=torch.float32, cast_forward_inputs=False)
    # Gathering again for the backward pass saves memory where there are several shards, and is only a copy where there is one. What has
    # no backward pass would never drop it; a CPU has the memory, and its copies take time.
    reshard = mesh.size() > 1 or (not trained and mesh.device_type == "cuda")
    for layer in trunk.model.get_decoder().layers:  # each goes to the device by itself, and leaves only its shard there
        fully_shard(layer, mesh=mesh, mp_policy=precision, reshard_after_forward=reshard)
    fully_shard(trunk, mesh=mesh, mp_policy=precision, reshard_after_forward=reshard)
    register_fsdp_forward_method(trunk, "hidden")
    return trunk


def reshard(trunk: nn.Module) -> None:
    """Drop gathered parameters that a pass without gradients left: only a backward pass does it by itself."""
    for module in trunk.modules():
        if isinstance(module, FSDPModule):
            module.reshard()
