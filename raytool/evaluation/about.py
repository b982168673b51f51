"""What a result says of how it came about, in the same words wherever a suite was played."""

from __future__ import annotations

from typing import Any

from raytool.config import ModelConfig, SuiteConfig
from raytool.rollout.episode import Limits


def of_part(part: SuiteConfig, seed: int) -> dict[str, Any]:
    """Which samples were asked."""
    asked = {"seed": seed if part.seed is None else part.seed, "limit": part.limit, "only": ",".join(part.only), "options": part.options}
    return asked if part.data is None else {**asked, "data": str(part.data)}


def of_model(part: SuiteConfig, seed: int, path: str, prompt: ModelConfig, limits: Limits) -> dict[str, Any]:
    """Which samples were asked of which model, in which form, and how far its answers might go. `path` is the model's."""
    return {
        **of_part(part, seed),
        "model": path,
        **prompt.prompt(),
        "max_turns": limits.turns,
        "max_tokens": limits.tokens,
        "turn_tokens": limits.turn_tokens,
        "observation_characters": limits.observation_characters,
    }
