"""What each algorithm makes of a task's rewards, against numbers worked out by hand; and that the config knows who has a critic."""

import itertools
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from raytool.config import training
from raytool.config.training import PPOConfig
from raytool.learner.advantages import token_rewards, token_turns
from raytool.learner.algorithms import ALGORITHMS, SampledTokens
from raytool.update_reports import health_of
from tests.episodes import episode

GRPO, RLOO = PPOConfig(algorithm="grpo"), PPOConfig(algorithm="rloo")


def sample(*turns, penalty=0.0):
    """A sample of turns that are lists of token rewards; `penalty` is each token's."""
    rewards = np.array([reward for turn in turns for reward in turn], dtype=float)
    numbers = np.array([number for number, turn in enumerate(turns) for _ in turn])
    return SampledTokens(rewards, np.full(len(rewards), penalty), numbers, np.zeros(len(rewards)))


def advantages(config, *samples):
    return [found.tolist() for found in ALGORITHMS[config.algorithm](samples, config)]


# Returns by turn, the last repeated after the end: 1 (1 1), 2 2 (2), 2 3 3. Their means are 5/3, 2, 2.
UNEQUAL = (sample([0, 1]), sample([0], [2, 0]), sample([-1], [0], [3]))


def test_the_table_has_every_algorithm_and_values_count_where_the_config_has_a_critic():
    assert set(ALGORITHMS) == set(get_args(PPOConfig.model_fields["algorithm"].annotation))
    for name in ALGORITHMS:
        config = PPOConfig(algorithm=name)
        assert (config.critic is None) == (config.lam is None)
        judged = [replace(of, values=of.values + 1) for of in UNEQUAL]
        assert (advantages(config, *judged) != advantages(config, *UNEQUAL)) == (config.critic is not None)


def test_which_algorithms_have_a_critic_is_said_once(tmp_path, monkeypatch):
    """Warnings follow what the config says, as the learner does."""
    (tmp_path / "metrics.jsonl").write_text("")
    assert [health_of(tmp_path, PPOConfig(algorithm=name)).in_groups for name in ("ppo", "grpo")] == [False, True]
    monkeypatch.setattr(training, "_WITH_CRITIC", ("grpo",))
    changed = [PPOConfig(algorithm=name) for name in ("ppo", "grpo")]
    assert [config.critic is None for config in changed] == [health_of(tmp_path, config).in_groups for config in changed] == [True, False]


def test_ppo_by_hand_with_several_rewards_in_one_episode():
    played = episode([1], ([10, 9], [20]), ([11, 9], []), rewards=[1.0, -0.5], outcome=2.0)
    values = np.array([0.5, 0.5, 1.0, 0.0])
    given = SampledTokens(token_rewards(played, 5.0), np.zeros(4), token_turns(played), values)
    # Rewards 1 | 0 | -0.5 | 2. delta = r + V'/2 - V: 3/4, 0, -3/2, 2. A = delta + A'/4, from the end: 2, -1, -1/4, 11/16.
    assert advantages(PPOConfig(gamma=0.5, lam=0.5), given) == [[0.6875, -0.25, -1.0, 2.0]]


def test_ppo_pays_the_penalty_token_by_token():
    config = PPOConfig(gamma=1.0, lam=1.0)
    assert advantages(config, sample([0, 0], [1], penalty=0.25)) == [[0.25, 0.5, 0.75]]


def test_rloo_compares_each_turn_with_the_other_samples():
    assert advantages(RLOO, *UNEQUAL) == [
        pytest.approx([-1, -1]),  # 1 against (2 + 2) / 2
        pytest.approx([0.5, 0, 0]),  # 2 against (1 + 2) / 2, then 2 against (1 + 3) / 2
        pytest.approx([0.5, 1.5, 1.5]),  # alone at its third turn, and still compared: 3 against (1 + 2) / 2
    ]


def test_grpo_divides_by_one_deviation_for_all_turns():
    # Less the means: -2/3 | 1/3 0 | 1/3 1 1. Mean square 4/9, so divided by 2/3.
    assert advantages(GRPO, *UNEQUAL) == [
        pytest.approx([-1, -1], rel=1e-5),
        pytest.approx([0.5, 0, 0], rel=1e-5),
        pytest.approx([0.5, 1.5, 1.5], rel=1e-5),
    ]


def test_grpo_of_single_turns_is_the_paper_s():
    rewards = np.array([1.0, -2.0, 0.5, 1.0])
    found = advantages(GRPO, *(sample([r]) for r in rewards))
    np.testing.assert_allclose(np.concatenate(found), (rewards - rewards.mean()) / rewards.std(), rtol=1e-5)


@pytest.mark.parametrize("config", [GRPO, RLOO])
def test_samples_that_end_alike_are_alike_however_many_turns_they_took(config):
    assert advantages(config, sample([1]), sample([0], [1, 0]), sample([0], [0], [0], [0, 1])) == [[0], [0] * 3, [0] * 5]


def test_small_differences_of_late_turns_stay_small():
    """Turn by turn, the two that are left at the second turn would be +1 and -1."""
    found = advantages(GRPO, sample([-2]), sample([-2]), sample([0], [1]), sample([0], [0.98]))
    late = found[2][1] - found[3][1]
    assert late == pytest.approx(found[2][0] - found[3][0])
    assert 0 < late < 0.02


@pytest.mark.parametrize(("config", "scale"), [(RLOO, 2.0), (GRPO, 1.0)])
def test_equal_rewards_leave_the_penalty_as_it_is(config, scale):
    """Not blown up to a deviation of 1. RLOO's other sample counts once, GRPO's mean has both."""
    found = advantages(config, sample([1, 0], penalty=0.1), sample([1, 0], penalty=0.3))
    assert found == [pytest.approx([0.2 * scale] * 2), pytest.approx([-0.2 * scale] * 2)]


@pytest.mark.parametrize("config", [GRPO, RLOO])
def test_a_sample_whose_siblings_were_lost_teaches_nothing(config):
    assert advantages(config, sample([3], [1])) == [[0, 0]]


def test_gamma_discounts_turns_where_there_is_no_critic():
    found = advantages(PPOConfig(algorithm="rloo", gamma=0.5), sample([0, 0, 0], [4, 0]), sample([0], [0]))
    assert found == [[2, 2, 2, 4, 4], [-2, -4]]


def test_rloo_s_gradient_is_unbiased():
    """Its mean over all pairs of samples is the gradient of the expected reward, by enumeration.

    A policy ends (reward 1) or goes on (0.3), and then says a (2) or b (-1).
    """
    ends, says = 0.7, 0.4
    ways = [  # probability, rewards by turn, gradient of log pi by turn with respect to the two logits
        (ends, [1.0], [(1 - ends, 0)]),
        ((1 - ends) * says, [0.3, 2.0], [(-ends, 0), (0, 1 - says)]),
        ((1 - ends) * (1 - says), [0.3, -1.0], [(-ends, 0), (0, -says)]),
    ]
    expected = sum(p * sum(rewards) * np.sum(gradients, 0) for p, rewards, gradients in ways)
    found = np.zeros(2)
    for one, two in itertools.product(ways, repeat=2):
        by_sample = advantages(RLOO, *(sample(*([r] for r in rewards)) for _, rewards, _ in (one, two)))
        for given, (_, _, gradients) in zip(by_sample, (one, two), strict=True):
            found += one[0] * two[0] * np.array(given) @ np.array(gradients) / 2
    np.testing.assert_allclose(found, expected, rtol=1e-12)
