"""beta's controller against its closed form."""

import pytest

from raytool.learner.penalty import KLPenalty


@pytest.mark.parametrize(
    ("kl", "factor"),
    [(0.02, 1.0), (0.022, 1.01), (0.018, 0.99), (0.5, 1.02), (0.0, 0.98), (-0.01, 0.98)],  # the error counts up to 0.2 either way
)
def test_beta_follows_the_kl(kl, factor):
    penalty = KLPenalty(0.4, target=0.02, gain=0.1)
    penalty.follow(kl)
    assert float(penalty.beta) == pytest.approx(0.4 * factor, rel=1e-12)


def test_steps_multiply_and_the_gain_scales_them():
    penalty = KLPenalty(0.1, target=1.0, gain=2.0)
    for kl in (1.1, 0.95, 7.0):
        penalty.follow(kl)
    assert float(penalty.beta) == pytest.approx(0.1 * 1.2 * 0.9 * 1.4, rel=1e-12)


@pytest.mark.parametrize("kl", [float("nan"), float("inf")])
def test_a_kl_that_is_not_finite_changes_nothing(kl):
    penalty = KLPenalty(0.4, target=0.02, gain=0.1)
    penalty.follow(kl)
    assert float(penalty.beta) == 0.4


def test_a_fixed_beta_stays():
    penalty = KLPenalty(0.4, None, None)
    penalty.follow(9.0)
    assert float(penalty.beta) == 0.4
