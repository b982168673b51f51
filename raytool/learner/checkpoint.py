"""Learner state on disk, and weights in the form that others read.

model/     a Hugging Face folder (safetensors, config, tokenizer): fp32; or with LoRA the adapters merged, in the numbers that the policy is
           computed in
adapter/   with LoRA: the policy's adapter in peft's form, fp32
learner/   torch.distributed.checkpoint: the weights that are trained, in fp32, their optimiser's moments, the critic with its own, and
           the KL penalty; written by all ranks
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.checkpoint import state_dict_loader, state_dict_saver
from torch.distributed.checkpoint.state_dict import get_state_dict, set_state_dict
from transformers.core_model_loading import revert_weight_conversion

from raytool import pretrained
from raytool.learner import lora
from raytool.learner.model import Policy
from raytool.learner.sharded import whole


@torch.no_grad()
def full_weights(policy: Policy, dtype: torch.dtype | None = None) -> dict[str, Tensor]:
    """All weights under their Hugging Face names, adapters merged, on rank 0's CPU; empty on other ranks.

    They are in the numbers that the policy is computed in, unless a `dtype` is asked for.

    Tensor by tensor: beside what is returned there is never more than one whole weight. Where nothing has to be computed
    or moved a weight is the policy's own memory, and is to be read only.
    """
    tied = {"lm_head.weight"} if policy.model.config.tie_word_embeddings else set()
    adapted = dict(lora.layers(policy.model))
    found = {}
    for name, weight in policy.model.state_dict().items():
        place, _, kind = name.rpartition(".base_layer.")
        if name in tied or ".lora_" in name:
            continue
        if place and kind == "weight":
            weight = weight.float() + adapted[place].get_delta_weight(lora.POLICY)
        full = whole(weight.to(dtype or policy.dtype))
        if dist.get_rank() == 0:
            found[name.replace(".base_layer.", ".")] = full.cpu()
    return found


def as_published(policy: Policy, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights of `full_weights` under the names, and in the shapes, of published checkpoints, which engines read: transformers may have
    renamed or fused them (the experts of Mixtral)."""
    return revert_weight_conversion(policy.model, weights)


def save_model(policy: Policy, base: str, folder: Path) -> None:
    """Write `model/` and `adapter/`. `base` is where the model is from. Every rank calls this.

    Where all weights are trained they are written as the optimiser has them, in fp32. Rounded to bfloat16, a weight would have to go
    half a step of that grid before a training that starts from it showed anything.
    """
    dtype = policy.dtype if policy.adapters else torch.float32
    weights = full_weights(policy, dtype)
    adapter = lora.adapter_weights(policy.model, lora.POLICY) if policy.adapters else None
    if dist.get_rank() == 0:
        policy.model.save_pretrained(folder / "model", state_dict=weights)
        policy.model.config.dtype = dtype  # save_pretrained wrote that of a parameter
        policy.model.config.save_pretrained(folder / "model")
        pretrained.tokenizer(pretrained.resolve(base)).save_pretrained(folder / "model")
        if policy.adapters and adapter:
            lora.save_adapter(adapter, policy.adapters, base, folder / "adapter")


# A module that is set by rule, and not by a gradient, has no optimiser.
Trained = Mapping[str, tuple[nn.Module, torch.optim.Optimizer | tuple[()]]]


def save_learner(trained: Trained, folder: Path) -> None:
    """Write `learner/`: every module with its optimiser, by name."""
    state_dict_saver.save(_state(trained), checkpoint_id=folder / "learner")


def load_learner(trained: Trained, folder: Path) -> None:
    """Restore in place what `save_learner` wrote of the same modules."""
    state = _state(trained)
    state_dict_loader.load(state, checkpoint_id=folder / "learner")
    for name, (module, optimizer) in trained.items():
        set_state_dict(module, optimizer, model_state_dict=state[name]["model"], optim_state_dict=state[name]["optimizer"])


def _state(trained: Trained) -> dict[str, Any]:
    states = {}
    for name, (module, optimizer) in trained.items():
        unused = optimizer if isinstance(optimizer, torch.optim.Optimizer) and not optimizer.state else None  # while a critic warms up
        model, moments = get_state_dict(module, optimizer)
        if unused is not None:  # it has made a step without a gradient to get moments, which Adam's bias correction is not to count
            for state in unused.state.values():
                state["step"].zero_()
        states[name] = {"model": model, "optimizer": moments}
    return states
