"""GAE and token rewards against closed forms."""

import numpy as np
import pytest

from raytool.learner.advantages import compared, gae, importance_weights, token_rewards
from tests.episodes import episode


def test_gae_without_discount_and_trace_is_return_minus_value():
    rewards, values = np.array([0.0, 1.0, 0.0, -0.5]), np.array([0.3, -0.2, 0.9, 0.1])
    returns = np.array([0.5, 0.5, -0.5, -0.5])
    np.testing.assert_allclose(gae(rewards, values, 1.0, 1.0), returns - values)


def test_gae_with_lambda_zero_is_the_td_error():
    rewards, values = np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.5, 2.5])
    np.testing.assert_allclose(gae(rewards, values, 0.9, 0.0), [1 + 0.9 * 1.5 - 0.5, 2 + 0.9 * 2.5 - 1.5, 3 - 2.5])


def test_gae_is_the_sum_of_discounted_td_errors():
    random = np.random.default_rng(0)
    rewards, values, gamma, lam = random.normal(size=12), random.normal(size=12), 0.97, 0.9
    deltas = rewards + gamma * np.append(values[1:], 0.0) - values
    expected = [sum((gamma * lam) ** (k - t) * deltas[k] for k in range(t, 12)) for t in range(12)]
    np.testing.assert_allclose(gae(rewards, values, gamma, lam), expected)


def test_rewards_of_several_calls_stand_on_the_last_tokens_of_their_spans():
    played = episode([1, 2, 3], ([10, 11, 12], [20, 21]), ([13, 14], []), rewards=[-0.5, 1.0], outcome=1.0)
    # Sampled tokens: 10 11 | 12 (end), 13 | 14 (end); spans leave the end token out, the outcome stands on it.
    np.testing.assert_array_equal(token_rewards(played, clip=5.0), [0, -0.5, 0, 1.0, 1.0])


def test_credit_crosses_turns():
    played = episode([1], ([10, 11], [20]), ([12, 13], []), rewards=[0.0, 1.0])
    advantages = gae(token_rewards(played, 5.0), np.zeros(4), 1.0, 0.95)
    np.testing.assert_allclose(advantages, [0.95**2, 0.95, 1.0, 0.0])


def test_a_token_reward_is_clipped():
    assert token_rewards(episode([1], ([2], []), rewards=[-9.0], outcome=-1.0), clip=5.0).tolist() == [-5.0]


def test_an_episode_without_verdicts_is_refused():
    with pytest.raises(ValueError, match="has not been scored"):
        token_rewards(episode([1], ([2, 3], [])), 5.0)


def test_importance_weights_are_capped_from_above_only():
    np.testing.assert_allclose(importance_weights(np.log([0.9, 0.5, 0.1]), np.log([0.3, 0.5, 0.2]), 2.0), [2.0, 1.0, 0.5])


def test_samples_of_a_task_are_compared_unless_they_are_equal():
    advantages = np.array([1.0, -3.0, 5.0, -3.0])
    np.testing.assert_allclose(compared(advantages, [1, -1]), advantages / np.sqrt(11))
    np.testing.assert_allclose(compared(advantages / 9 + 2, [1, -1]), advantages / 9)
    np.testing.assert_array_equal(compared(advantages, [1, 1]), 0)
