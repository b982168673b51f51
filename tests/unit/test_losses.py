"""Losses and their gradients against closed forms."""

import numpy as np
import pytest
import torch

from raytool.learner.losses import divergence_sum, entropy_bonus_sum, nll_sum, policy_loss_sum, turn_means, value_loss_sum
from tests.episodes import episode

F64 = torch.float64


def test_nll_weighs_tokens():
    assert nll_sum(torch.tensor([-1.0, -2.0, -4.0]), torch.tensor([1.0, 0.0, 9.0])) == 37.0


def test_weights_of_a_turn_sum_to_one_or_to_nothing():
    of = episode([5, 6], ([7, 8, 2], [9, 9]), ([7, 2], [9]), ([2], []))
    weights = np.array([0, 0, 9, 1, 2, 0, 0, 0, 0, 0, 4], dtype=float)
    assert turn_means(weights, of).tolist() == pytest.approx([0, 0, 0.75, 1 / 12, 1 / 6, 0, 0, 0, 0, 0, 1])


def test_the_bound_above_one_may_be_another():
    ratio, ones = torch.tensor([1.25, 1.35, 0.7], dtype=F64), torch.ones(3, dtype=F64)
    given = ratio.log().requires_grad_()
    policy_loss_sum(given, torch.zeros(3, dtype=F64), torch.tensor([1.0, 1.0, -1.0], dtype=F64), ones, 0.2, 0.3).backward()
    assert given.grad.tolist() == [pytest.approx(-1.25), 0.0, 0.0]


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


LOGITS = torch.tensor([[0.3, -1.2, 0.8], [1.5, 0.1, -0.4], [0.0, 0.5, -2.0], [0.2, 0.2, 0.1]], dtype=F64)
SAID = torch.tensor([2, 0, 1, 2])
ADVANTAGES = torch.tensor([1.3, -0.7, 2.0, -1.1], dtype=F64)
WEIGHTS = torch.tensor([1.0, 0.5, 1.0, 2.0], dtype=F64)


def said(logits):
    return torch.log_softmax(logits, -1).gather(1, SAID[:, None])[:, 0]


@pytest.mark.parametrize("ratios", [(1.0, 1.0, 1.0, 1.0), (1.1, 0.9, 0.95, 1.15), (1.3, 0.6, 1.5, 0.7), (0.6, 1.5, 0.5, 1.9)])
def test_the_policy_gradient_of_a_softmax_by_hand(ratios):
    """d loss / d logits = - w A r (onehot - p) where the clip leaves it alone, 0 where it does not."""
    logits = LOGITS.clone().requires_grad_()
    ratio = torch.tensor(ratios, dtype=F64)
    policy_loss_sum(said(logits), said(LOGITS) - torch.log(ratio), ADVANTAGES, WEIGHTS, 0.2).backward()
    cut = ((ADVANTAGES > 0) & (ratio > 1.2)) | ((ADVANTAGES < 0) & (ratio < 0.8))
    own = torch.nn.functional.one_hot(SAID, 3) - torch.softmax(LOGITS, -1)
    torch.testing.assert_close(logits.grad, -(WEIGHTS * ADVANTAGES * ratio * ~cut)[:, None] * own)


def test_gradients_agree_with_differences():
    """Away from the kinks, on both sides of both clips."""
    old = said(LOGITS) - torch.log(torch.tensor([1.3, 0.6, 0.9, 1.1], dtype=F64))
    assert torch.autograd.gradcheck(lambda x: policy_loss_sum(said(x), old, ADVANTAGES, WEIGHTS, 0.2), LOGITS.clone().requires_grad_())
    values = torch.tensor([0.3, 0.9, -0.5, 2.0], dtype=F64, requires_grad=True)
    before, returns = torch.tensor([0.2, 0.1, -0.4, 0.0], dtype=F64), torch.tensor([1.0, 0.0, 1.0, 1.0], dtype=F64)
    assert torch.autograd.gradcheck(lambda x: value_loss_sum(x, before, returns, 0.2), values)
    assert torch.autograd.gradcheck(lambda x: divergence_sum(x, before), values)


@pytest.mark.parametrize(
    ("value", "old", "target", "slope"),
    [
        (0.5, 0.4, 1.0, -0.5),  # within the clip: V - R
        (0.9, 0.5, 1.0, 0.0),  # towards the target and past the clip: no more to gain
        (2.0, 0.0, 1.0, 1.0),  # past the target: pulled back
        (-0.5, 0.5, 1.0, -1.5),  # away from the target and past the clip
    ],
)
def test_value_gradient_at_every_side_of_the_clip(value, old, target, slope):
    given = torch.tensor([value], dtype=F64, requires_grad=True)
    value_loss_sum(given, *(torch.tensor([x], dtype=F64) for x in (old, target)), clip=0.2).backward()
    assert given.grad.item() == pytest.approx(slope)


def test_divergence_estimates_the_kl_of_the_policy_before():
    """Its mean over pi_old's own tokens is KL(pi_old || pi), and no term is negative."""
    old, new = torch.log_softmax(LOGITS[0], -1), torch.log_softmax(LOGITS[1], -1)
    terms = torch.stack([divergence_sum(new[i : i + 1], old[i : i + 1]) for i in range(3)])
    assert (terms >= 0).all()
    torch.testing.assert_close((old.exp() * terms).sum(), (old.exp() * (old - new)).sum())


def test_the_entropy_bonus_points_towards_the_flat_distribution():
    """d H / d logits = - p (log p + H): up where a token is rarer than the average."""
    logits = LOGITS.clone().requires_grad_()
    logp = torch.log_softmax(logits, -1)
    entropy = -(logp.exp() * logp).sum(-1)
    entropy_bonus_sum(entropy, WEIGHTS).backward()
    p = torch.softmax(LOGITS, -1)
    torch.testing.assert_close(logits.grad, -WEIGHTS[:, None] * p * (torch.log(p) + entropy.detach()[:, None]))
