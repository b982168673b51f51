"""The reward that is the environment's own."""

from dataclasses import replace

import pytest

from raytool.records import StopReason
from rewards.environment import EnvironmentReward
from tests.episodes import episode

ONE_TURN = episode([1, 2], ([3, 4], []))


@pytest.mark.parametrize(
    ("stop", "goal", "outcome"),
    [
        (StopReason.TURN_LIMIT, True, 1.0),
        (StopReason.NO_ROOM, True, 1.0),
        (StopReason.TOKEN_LIMIT, True, 1.0),
        (StopReason.TURN_LIMIT, False, 0.0),
        (StopReason.TURN_LIMIT, None, 0.0),
        (StopReason.FINISHED, True, 0.0),  # its last step has paid for it
        (StopReason.ENVIRONMENT_END, True, 0.0),
    ],
)
def test_a_goal_that_is_reached_when_an_episode_is_cut_is_paid_once(stop, goal, outcome):
    assert EnvironmentReward()(replace(ONE_TURN, stop=stop, goal_reached=goal)).outcome == outcome


def test_a_turns_reward_stands_on_its_last_call_and_a_closing_texts_is_the_outcome():
    (turn,) = ONE_TURN.turns
    (call,) = turn.calls
    read = replace(turn, calls=(call, call), env_reward=0.5)
    unread = replace(turn, calls=(replace(call, call=None),), env_reward=0.5)
    closing = replace(turn, calls=(), env_reward=0.25)
    judgement = EnvironmentReward(unreadable=-2.0)(replace(ONE_TURN, turns=(read, unread, closing), stop=StopReason.FINISHED))
    assert [verdict.reward for verdict in judgement.verdicts] == [0.0, 0.5, -2.0] and judgement.outcome == 0.25
