"""Low-rank adapters (Hu et al. 2022, by peft) on a frozen base model: several on one base, one of them or none in use at a time.

Adapters are named by what they are for: the policy's, the frozen reference's, the critic's. Outside this process they have
peft's own form: a folder with adapter_config.json and adapter_model.safetensors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import peft
import torch
from peft.tuners.lora import LoraLayer
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from raytool import pretrained
from raytool.config import LoRAConfig
from raytool.learner.sharded import whole
from raytool.records import UserError

POLICY, REFERENCE, CRITIC = "policy", "reference", "critic"
_PREFIX = "base_model.model."  # of names in peft's files

AdapterWeights = Mapping[str, Tensor]  # an adapter under peft's names


def adapt(model: Any, config: LoRAConfig, adapters: Mapping[str, AdapterWeights | None]) -> peft.LoraConfig:
    """Put adapters into a model of transformers, in place, and freeze the rest of it. Without weights an adapter changes nothing yet.

    The reference is frozen too and in the base's dtype; the others are fp32. The policy's is in use.

    Raises:
        UserError: a target that the model does not have.
    """
    made = peft.LoraConfig(r=config.rank, lora_alpha=config.alpha, target_modules=_targets(model, config), task_type="CAUSAL_LM")
    adapted = peft.get_peft_model(model, made, adapter_name=POLICY)
    for name in adapters:  # in their order: FSDP lays weights out as they were made, and all ranks must agree
        if name != POLICY:
            adapted.add_adapter(name, made, autocast_adapter_dtype=name != REFERENCE)
    for name, weights in adapters.items():
        if weights is not None:
            taken: Any = peft.set_peft_model_state_dict(adapted, dict(weights), adapter_name=name)
            assert not taken.unexpected_keys, f"weights of other layers than those adapted: {taken.unexpected_keys[:3]}"
    for name in adapters:
        adapter(model, name).requires_grad_(name != REFERENCE)
    return made


def layers(model: nn.Module) -> Iterator[tuple[str, Any]]:
    """The adapted layers with their names in the model."""
    return ((name, module) for name, module in model.named_modules() if isinstance(module, LoraLayer))


def adapter(model: nn.Module, name: str) -> nn.ModuleDict:
    """The modules of one adapter, by the layer's name with / for its dots: what an optimiser and a checkpoint are given."""
    return nn.ModuleDict(
        {place.replace(".", "/"): nn.ModuleDict({"A": layer.lora_A[name], "B": layer.lora_B[name]}) for place, layer in layers(model)}
    )


def use(adapted: Sequence[LoraLayer], name: str | None) -> None:
    """Compute with one adapter, or with the base alone."""
    for layer in adapted:
        # Not set_adapter(): it also freezes the other adapters, and FSDP has taken note of what is frozen.
        layer._active_adapter = [name] if name else []


@torch.no_grad()
def adapter_weights(model: nn.Module, name: str) -> dict[str, Tensor]:
    """A copy of an adapter under peft's names, whole and on the CPU. Every rank calls this."""
    found = {}
    for place, layer in layers(model):
        for kind, module in (("lora_A", layer.lora_A[name]), ("lora_B", layer.lora_B[name])):
            found[f"{_PREFIX}{place}.{kind}.weight"] = whole(module.weight).detach().to("cpu", copy=True)
    return found


def save_adapter(weights: AdapterWeights, config: peft.LoraConfig, base: str, folder: Path) -> None:
    folder.mkdir(parents=True)
    name, revision = pretrained.revision_of(pretrained.located(base))
    about = {"base_model_name_or_path": name, "revision": revision, "inference_mode": True}
    peft.LoraConfig(**{**config.to_dict(), **about}).save_pretrained(str(folder))
    save_file(dict(weights), folder / "adapter_model.safetensors", metadata={"format": "pt"})


def load_adapter(folder: Path) -> AdapterWeights:
    return load_file(folder / "adapter_model.safetensors")


def _targets(model: Any, config: LoRAConfig) -> list[str]:
    """Names of layers, as peft looks for them."""
    output = model.get_output_embeddings()
    linear = [name for name, module in model.named_modules() if isinstance(module, nn.Linear) and module is not output]
    kinds = sorted({name.rsplit(".", 1)[-1] for name in linear})
    if config.targets == "all-linear":
        return kinds
    for target in config.targets:
        if target not in kinds:
            raise UserError(f"learner.lora.targets: '{target}' is no linear layer of the model; it has {', '.join(kinds)}")
    return list(config.targets)
