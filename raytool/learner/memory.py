"""What a rank of the learner holds in memory, computed from its tensors, and the most that it has held."""

from __future__ import annotations

import resource
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from raytool.learner.critic import Critic
from raytool.learner.model import Policy, Reference
from raytool.learner.sharded import local

_MOMENTS = 2  # of AdamW, in the dtype of the weights


def describe_memory(policy: Policy, reference: Reference | None, critic: Critic | None, snapshot: bool = False) -> dict[str, float]:
    """GB (10^9 bytes) of this rank, without activations and without the weights that are gathered while a pass runs.

    The critic's figure is its weights, gradients and optimiser. What is shared counts as the policy's weights. The `snapshot` of a
    meta step is a copy of what is trained.
    """
    judges, compares = _parameters(critic.module if critic else None), _parameters(reference.weights if reference else None)
    apart = {id(parameter) for parameter in [*judges, *compares]}
    trained = _gb(policy.trained.parameters())
    figures = {
        "weights": _gb(parameter for parameter in policy.parameters() if id(parameter) not in apart),
        "gradients": trained,
        "optimizer": _MOMENTS * trained,
        "reference": _gb(compares),
        "critic": (2 + _MOMENTS) * _gb(judges),
        **({"snapshot": trained} if snapshot else {}),
    }
    return {f"{name}_gb": figure for name, figure in {**figures, "total": sum(figures.values())}.items()}


def peak_gb(device: torch.device) -> float:
    """On CUDA the most that was allocated on this device, else the most that this process had resident."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9  # Linux counts in KiB


def _parameters(module: nn.Module | None) -> list[Tensor]:
    return [] if module is None else list(module.parameters())


def _gb(tensors: Iterable[Tensor]) -> float:
    return sum(local(tensor).nbytes for tensor in tensors) / 1e9
