"""In which floating-point numbers a model is computed: bfloat16 where the hardware multiplies them, else float32."""

from __future__ import annotations

from typing import Literal

Precision = Literal["bfloat16", "float32"]


def built_for_cuda() -> bool:
    """Whether this torch can compute on NVIDIA GPUs, if there are some."""
    import torch

    return torch.version.cuda is not None


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
