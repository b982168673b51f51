"""Learner state on disk, and weights in the form that others read.

model/     a Hugging Face folder (bf16 safetensors, config, tokenizer)
learner/   torch.distributed.checkpoint: fp32 master weights, optimiser moments, critic, KL penalty; written by all ranks
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.checkpoint import state_dict_loader, state_dict_saver
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict, get_state_dict, set_state_dict

from raytool.learner.model import Policy


def full_weights(policy: Policy) -> dict[str, Tensor]:
    """All weights in bf16 under their Hugging Face names, on rank 0's CPU; empty on other ranks."""
    whole: dict[str, Any] = get_model_state_dict(policy, options=StateDictOptions(full_state_dict=True, cpu_offload=True))
    tied = {"lm_head.weight"} if policy.model.config.tie_word_embeddings else set()
    named = {name.removeprefix("model."): tensor for name, tensor in whole.items()}
    return {name: tensor.to(torch.bfloat16) for name, tensor in named.items() if name not in tied}


def save_model(policy: Policy, tokenizer_from: str, folder: Path) -> None:
    """Write `model/`, in the dtype that engines load. Every rank calls this."""
    weights = full_weights(policy)
    if dist.get_rank() == 0:
        from transformers import AutoTokenizer

        policy.model.save_pretrained(folder / "model", state_dict=weights)
        policy.model.config.dtype = torch.bfloat16  # save_pretrained wrote that of the master weights
        policy.model.config.save_pretrained(folder / "model")
        AutoTokenizer.from_pretrained(tokenizer_from).save_pretrained(folder / "model")


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
    states = {name: get_state_dict(module, optimizer) for name, (module, optimizer) in trained.items()}
    return {name: {"model": model, "optimizer": optimizer} for name, (model, optimizer) in states.items()}
