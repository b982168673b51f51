"""In which floating-point numbers a model is computed: bfloat16 where the hardware multiplies them, else float32."""

from __future__ import annotations

import os
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
