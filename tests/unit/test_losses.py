"""Losses and their gradients against closed forms."""

import numpy as np
import pytest
import torch

from raytool.learner.losses import nll_sum, policy_loss_sum, turn_means, value_loss_sum
from tests.episodes import episode

F64 = torch.float64


def test_nll_weighs_tokens():
    assert nll_sum(torch.tensor([-1.0, -2.0, -4.0]), torch.tensor([1.0, 0.0, 9.0])) == 37.0


def test_weights_of_a_turn_sum_to_one_or_to_nothing():
    of = episode([5, 6], ([7, 8, 2], [9, 9]), ([7, 2], [9]), ([2], []))
    weights = np.array([0, 0, 9, 1, 2, 0, 0, 0, 0, 0, 4], dtype=float)
    assert turn_means(weights, of).tolist() == pytest.approx([0, 0, 0.75, 1 / 12, 1 / 6, 0, 0, 0, 0, 0, 1])


@pytest.mark.parametrize(
    ("ratio", "advantage", "loss", "slope"),
    [
        (1.0, 2.0, -2.0, -2.0),
        (1.1, 2.0, -2.2, -2.2),
        (1.3, 2.0, -2.4, 0.0),  # clipped: no more to gain
        (1.3, -2.0, 2.6, 2.6),  # worse than the clip: still pulled back
        (0.7, 2.0, -1.4, -1.4),
        (0.7, -2.0, 1.6, 0.0),
    ],
)
def test_policy_loss_and_gradient_at_every_side_of_the_clip(ratio, advantage, loss, slope):
    old = torch.tensor([-1.3], dtype=F64)
    new = (old + torch.log(torch.tensor([ratio], dtype=F64))).requires_grad_()
    value = policy_loss_sum(new, old, torch.tensor([advantage], dtype=F64), torch.ones(1, dtype=F64), 0.2)
    value.backward()
    assert value.item() == pytest.approx(loss)
    assert new.grad.item() == pytest.approx(slope)  # d ratio / d log p = ratio


def test_importance_scales_the_policy_loss():
    arguments = torch.tensor([-1.0]), torch.tensor([-1.0]), torch.tensor([3.0])
    assert policy_loss_sum(*arguments, torch.tensor([0.5]), 0.2) == 0.5 * policy_loss_sum(*arguments, torch.ones(1), 0.2)


@pytest.mark.parametrize(
    ("value", "old", "target", "loss"),
    [(0.5, 0.5, 1.0, 0.125), (0.9, 0.5, 1.0, 0.5 * 0.3**2), (0.6, 0.5, 0.0, 0.5 * 0.6**2), (2.0, 0.0, 1.0, 0.5 * 1.0)],
)
def test_value_loss_takes_the_larger_of_clipped_and_plain(value, old, target, loss):
    found = value_loss_sum(*(torch.tensor([x], dtype=F64) for x in (value, old, target)), clip=0.2)
    assert found.item() == pytest.approx(loss)
