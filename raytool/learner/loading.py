"""Models read, checked, and sharded by FSDP2.

Rank 0 reads a model's files, and the ranks get their shards from it: no other has all of the weights at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard, register_fsdp_forward_method
from torch.distributed.tensor import DTensor, distribute_tensor

from raytool import pretrained
from raytool.config import LearnerConfig
from raytool.learner import attention, lora
from raytool.learner.model import Policy, Trunk
from raytool.learner.packing import Ints, Microbatch, TreeShape
from raytool.learner.sharded import local
from raytool.records import UserError

# Nats by which two ways to compute the same thing may differ on average. Seen were 1e-5 in float32, and in bfloat16 0.02, or 0.06 where
# experts are chosen. A model that packing gets wrong differs by more, unless its weights are so small that it says next to nothing.
_ROUNDING = {torch.float32: 1e-3, torch.bfloat16: 0.1}


def load_policy(
    path: str, mesh: DeviceMesh, config: LearnerConfig, dtype: torch.dtype, adapters: Mapping[str, lora.AdapterWeights | None]
) -> Policy:
    """The policy sharded over the mesh: computed in `dtype`, gradients reduced in fp32.

    All weights are trained, and are fp32; or with `config.lora` those `adapters` are fp32, and the base is frozen and in `dtype`.
    """
    from transformers import AutoModelForCausalLM

    model = _read(AutoModelForCausalLM, path, torch.float32 if config.lora is None else dtype, check_packing)
    made = None if config.lora is None else lora.adapt(model, config.lora, adapters)
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

    model = _read(AutoModelForCausalLM, path, dtype)
    return _shard(Policy(model.eval(), dtype).requires_grad_(False), mesh)


def load_trunk(path: str, mesh: DeviceMesh, config: LearnerConfig, dtype: torch.dtype) -> Trunk:
    """A model without its output layer, all of it trained, sharded like a policy."""
    from transformers import AutoModel

    return _shard(Trunk(_training(_read(AutoModel, path, torch.float32), config), dtype), mesh)


def _read(kind: Any, path: str, dtype: torch.dtype, check: Callable[[Any, str], None] | None = None) -> Any:
    """The model on rank 0, after a `check` of it; on other ranks one of its form, whose weights are memory that nobody has written.

    Raises:
        UserError: on all ranks, what rank 0 could not read or the check refused.
    """
    from transformers import AttentionInterface, AutoConfig
    from transformers.initialization import no_init_weights

    AttentionInterface.register(attention.NAME, attention.tree_attention)
    refused: list[UserError | None] = [None]
    if dist.get_rank() == 0:
        try:
            with pretrained.reading(path):
                model = kind.from_pretrained(path, dtype=dtype, attn_implementation=attention.NAME)
            if check is not None:
                check(model, path)
        except UserError as error:
            refused = [error]
    dist.broadcast_object_list(refused)
    if refused[0] is not None:
        raise refused[0]
    if dist.get_rank() > 0:
        with pretrained.reading(path), no_init_weights():
            model = kind.from_config(AutoConfig.from_pretrained(path), dtype=dtype, attn_implementation=attention.NAME)
        model.tie_weights()
    return model


def _training(model: Any, config: LearnerConfig) -> Any:
    if config.activation_checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    return model.train()


Sharded = TypeVar("Sharded", bound=Trunk)


def _shard(trunk: Sharded, mesh: DeviceMesh) -> Sharded:
    # Detached: FSDP moves a parameter's data to the device, and the whole of it goes from there with the parameter.
    whole = {name: weight.detach() for name, weight in trunk.named_parameters()} if dist.get_rank() == 0 else {}
    precision = MixedPrecisionPolicy(param_dtype=trunk.dtype, reduce_dtype=torch.float32, cast_forward_inputs=False)
    # Weights that stay gathered until the backward pass are there twice, of one shard too. A GPU has the time to copy a layer again;
    # a CPU has the memory.
    reshard = mesh.size() > 1 or mesh.device_type == "cuda"
    for layer in trunk.model.get_decoder().layers:  # each goes to the device by itself, and leaves only a shard there
        fully_shard(layer, mesh=mesh, mp_policy=precision, reshard_after_forward=reshard)
    fully_shard(trunk, mesh=mesh, mp_policy=precision, reshard_after_forward=reshard)
    register_fsdp_forward_method(trunk, "hidden")
    if mesh.size() > 1:
        _share_out(trunk, whole, mesh)
    return trunk


@torch.no_grad()
def _share_out(trunk: Trunk, whole: Mapping[str, Tensor], mesh: DeviceMesh) -> None:
    """Give each rank its shards of the `whole` weights that rank 0 has, one by one.

    Raises:
        UserError: on the others, rank 0's model has other weights than its config says.
    """
    expected = [[(name, weight.shape) for name, weight in trunk.named_parameters()]]
    mine = expected[0]
    dist.broadcast_object_list(expected)
    if different := set(mine) ^ set(expected[0]):
        raise UserError(f"model.path: its weights are not those of its config: {', '.join(sorted({name for name, _ in different})[:3])}")
    for name, weight in trunk.named_parameters():
        assert isinstance(weight, DTensor)
        given = whole[name].to(mesh.device_type) if whole else torch.empty(weight.shape, dtype=weight.dtype, device=mesh.device_type)
        local(weight).copy_(local(distribute_tensor(given, mesh, weight.placements)))
    for buffer in trunk.buffers():
        dist.broadcast(buffer, 0)
