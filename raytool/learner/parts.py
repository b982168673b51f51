"""What an update is computed from: parts of its minibatches, and what was measured in each before the first step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from torch import Tensor

from raytool.learner.packing import Group, Microbatch


@dataclass(slots=True)
class Part:
    """Some groups of a minibatch with their passes (more than one only of a group too large for it) and what was measured in them.

    `weights` [N] are those of its loss tokens in the policy loss.
    """

    groups: Sequence[Group]
    microbatches: Sequence[Microbatch]
    weights: npt.NDArray[np.float32]
    measured: Measured = field(init=False)


@dataclass(slots=True)
class Measured:
    """A part's loss tokens [N], in the order of its episodes. `valued` is there where a critic is."""

    old: Tensor
    behaviour: Tensor
    entropy: Tensor
    kl: Tensor
    advantages: Tensor
    importance: Tensor
    valued: Valued | None


@dataclass(slots=True)
class Valued:
    """A critic's view of a part: `hidden` [N, H], the trunk's output that it read, and [N] `values` and `returns`.

    returns = advantages + values, as GAE gave them, before any normalising.
    """

    hidden: Tensor
    values: Tensor
    returns: Tensor
