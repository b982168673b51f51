"""One update of MetaToolAgent's Algorithm 1 in its bi-level reading (arXiv 2601.12680, eq. 1-2).

The inner problem fits a group of meta-tasks by a few optimiser steps from theta to theta'; the outer update keeps
theta + epsilon (theta' - theta), or with `commit: on_optimal` nothing where the group did not become optimal. A meta-task is optimal
where each answer token of all its tasks is the arg max under teacher forcing. The optimiser's moments are kept in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from raytool.config.training import MetaConfig


@dataclass(frozen=True, slots=True)
class GroupOutcome:
    """What became of a group: its inner `steps`, which meta-tasks were optimal in the first pass and in the last, and how it ended."""

    steps: int
    before: Sequence[bool]
    after: Sequence[bool]
    rolled_back: bool


def keeps_snapshot(config: MetaConfig) -> bool:
    """Whether theta is needed after the inner steps."""
    return config.epsilon < 1 or config.commit == "on_optimal"


@torch.no_grad()
def fit_group(
    config: MetaConfig, parameters: Sequence[Tensor], look: Callable[[bool], Sequence[bool]], step: Callable[[], None]
) -> GroupOutcome:
    """Fit a group of meta-tasks.

    `parameters` are changed in place. `look(learn)` makes a pass over the group and says which of its meta-tasks are optimal; with
    `learn` the gradient of the mean loss of the others is there afterwards, and `step()` makes the optimiser's step with it. A pass
    that only verifies follows the last step where something hangs on it, which is where the group may be rolled back.
    """
    theta: list[Tensor] = []
    steps, before = 0, None
    while True:
        learn = steps < config.max_inner_steps
        optimal = look(learn)
        before = optimal if before is None else before
        if all(optimal) or not learn:
            break
        if keeps_snapshot(config) and not theta:
            theta = [parameter.clone() for parameter in parameters]
        step()
        steps += 1
        if steps == config.max_inner_steps and config.commit == "always":
            break
    rolled_back = config.commit == "on_optimal" and not all(optimal)
    for parameter, start in zip(parameters, theta, strict=False):  # none where no snapshot was taken
        parameter.copy_(start if rolled_back else start.lerp_(parameter, config.epsilon))
    return GroupOutcome(steps, before, optimal, rolled_back)
