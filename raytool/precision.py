"""In which floating-point numbers a model is computed: bfloat16 where the hardware multiplies them, else float32."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Literal

from raytool.records import UserError

Precision = Literal["bfloat16", "float32"]


def built_for_cuda() -> bool:
    """Whether this torch can compute on NVIDIA GPUs, if there are some."""
    import torch

    return torch.version.cuda is not None


def check(accelerator: str) -> None:
    """Refuse to compute here on GPUs that are counted (Ray asks the driver) and cannot be used.

    Raises:
        UserError: naming this node and what torch was built for.
    """
    import torch

    if accelerator == "cuda" and not torch.cuda.is_available():
        its = f"GPU (CUDA_VISIBLE_DEVICES={os.environ.get('CUDA_VISIBLE_DEVICES', '')}) of node {os.uname().nodename}"
        raise UserError(f"accelerator: torch {torch.__version__} cannot use the {its}; a driver for CUDA {torch.version.cuda} is expected")
    if accelerator == "cuda" and (oldest := min(_kernels(torch.cuda.get_arch_list()), default=0)) > (has := _capability()):
        raise UserError(
            f"accelerator: torch {torch.__version__} has kernels for GPUs from compute capability {oldest / 10} on, "
            f"and {torch.cuda.get_device_name()} of node {os.uname().nodename} has {has / 10}"
        )


def check_engine(accelerator: str) -> None:
    """The same for an engine. vLLM goes by its build: on CPUs one for CUDA would take a GPU that nobody reserved, or fail.

    Raises:
        UserError: as `check`.
    """
    import torch

    if accelerator == "cpu" and built_for_cuda():
        raise UserError(
            f"accelerator: cpu, but torch {torch.__version__} of node {os.uname().nodename}, and vLLM with it, are built for CUDA; "
            "accelerator=cuda, or an environment of `make setup ACCELERATOR=cpu`, is expected"
        )
    check(accelerator)


def _kernels(architectures: Sequence[str]) -> list[int]:
    """Ten times the compute capabilities of names such as sm_75, sm_90a, compute_120."""
    return [int(found[1]) for name in architectures if (found := re.match(r"sm_(\d+)", name))]


def _capability() -> int:
    import torch

    major, minor = torch.cuda.get_device_capability()
    return major * 10 + minor


def choose(wanted: Literal["auto", "bfloat16", "float32"], accelerator: str) -> Precision:
    """What is wanted, or what this machine is good at.

    A CPU without instructions for bfloat16 multiplies them one by one: on one with AVX2 alone, at a ninth of float32's speed (docs/log.md).
    """
    if wanted != "auto":
        return wanted
    import torch

    if accelerator == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    return "bfloat16" if torch.ops.mkldnn._is_mkldnn_bf16_supported() else "float32"
