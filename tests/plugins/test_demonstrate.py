"""Demonstrations with errors: executed, refused by the environment, repaired, and as many as were asked for."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from envs import office
from raytool import plugins
from raytool.demonstrations import noisy_ones
from raytool.methods.adverse_effects import classify, surviving
from raytool.records import Episode, Feedback, GoldCall, StopReason, Task, UserError
from raytool.rollout.demonstrate import Demonstrator
from raytool.rollout.in_process import InProcess
from rewards.tl_training import TLTraining
from tests.unit.builders import CHAT, sequence, task, tool

COUNT, SHARE = 200, 0.17


async def opened(of: Task) -> InProcess:
    return InProcess(plugins.make_env(of.env), of)


DEMONSTRATOR = Demonstrator(CHAT, opened, observation_characters=400)


@pytest.fixture(scope="module")
def demonstrations() -> list[Episode]:
    async def play() -> list[Episode]:
        tasks = office.tasks("train", COUNT)
        wanted = noisy_ones(COUNT, SHARE, seed=0)
        return [
            await (DEMONSTRATOR.noisy(of, group, 0) if noisy else DEMONSTRATOR.gold(of, group))
            for group, (of, noisy) in enumerate(zip(tasks, wanted, strict=True))
        ]

    return asyncio.run(play())


def errors(episode: Episode) -> list[int]:
    return [index for index, call in enumerate(episode.calls) if call.feedback is not Feedback.OK]


def test_the_share_of_erring_trajectories_is_the_one_asked_for(demonstrations: list[Episode]) -> None:
    assert sum(bool(errors(episode)) for episode in demonstrations) == round(SHARE * COUNT) == 34


def test_each_error_was_refused_and_is_followed_by_its_repair(demonstrations: list[Episode]) -> None:
    for episode in demonstrations:
        calls = list(episode.calls)
        assert (episode.goal_reached, episode.stop, episode.logprobs) == (True, StopReason.FINISHED, None)
        assert all(call.call is not None for call in calls)
        right = [call.call for index, call in enumerate(calls) if index not in errors(episode)]
        assert right == [gold.call for gold in episode.task.gold[0].calls]
        for error in errors(episode):
            assert calls[error].observation and calls[error].call != calls[error + 1].call


def test_the_reward_sees_the_error_and_its_repair(demonstrations: list[Episode]) -> None:
    for episode in filter(errors, demonstrations):
        categories = [verdict.category for verdict in TLTraining()(episode).verdicts]
        assert [index for index, category in enumerate(categories) if category != "all_right"] == errors(episode)


def test_errors_are_of_every_kind_that_a_call_can_bring_about(demonstrations: list[Episode]) -> None:
    kinds = Counter(call.feedback for episode in demonstrations for call in episode.calls) - Counter({Feedback.OK: COUNT * 10})
    assert kinds.keys() == set(Feedback) - {Feedback.OK, Feedback.FORMAT_ERROR, Feedback.TOOL_INSTABILITY}


def test_masking_a_demonstration_masks_its_error_and_nothing_else(demonstrations: list[Episode]) -> None:
    for episode in demonstrations:
        left = [turn for index, turn in enumerate(episode.turns) if index not in errors(episode)]
        expected = [0] * len(episode.tokens)
        for turn in left:
            expected[turn.span.start : turn.span.stop] = [1] * (turn.span.stop - turn.span.start)
        assert surviving(episode) == tuple(expected)
        assert (surviving(episode) == episode.loss_mask) == (not errors(episode))


def test_feedback_can_be_told_from_the_observation_too(demonstrations: list[Episode]) -> None:
    told = [(call.observation, classify(call.observation, call.call).feedback) for episode in demonstrations for call in episode.calls]
    assert told == [(call.observation, call.feedback) for episode in demonstrations for call in episode.calls]


def test_the_same_seed_makes_the_same_error() -> None:
    (of,) = office.tasks("train", 1)
    first, second, other = (asyncio.run(DEMONSTRATOR.noisy(of, 0, seed)) for seed in (1, 1, 2))
    assert first == second != other


def test_an_environment_of_one_turn_has_none_for_an_error() -> None:
    of = task(tool("f", "a"), gold=[sequence(GoldCall("f", {"a": 1}))])
    of_two = task(tool("f", "a"), gold=[sequence(GoldCall("f", {"a": 1}), GoldCall("f", {"a": 2}))])
    for seed in range(6):  # before either call
        for shown in (of, of_two):
            with pytest.raises(UserError, match="task t: an error needs a turn more than gold, its environment ended after 1"):
                asyncio.run(DEMONSTRATOR.noisy(shown, 0, seed))


def test_gold_of_tools_that_are_not_offered_can_be_given_no_error() -> None:
    of = task(tool("g"), gold=[sequence(GoldCall("f", {"a": 1}))])
    with pytest.raises(UserError, match="task t: no error could be made of its gold"):
        asyncio.run(DEMONSTRATOR.noisy(of, 0, 0))


@pytest.mark.parametrize(("count", "share", "noisy"), [(9377, 0.17, 1594), (4, 0.5, 2), (3, 0.0, 0), (3, 1.0, 3), (0, 0.17, 0)])
def test_which_ones_err_is_drawn_by_seed(count: int, share: float, noisy: int) -> None:
    drawn = noisy_ones(count, share, 0)
    assert (len(drawn), sum(drawn)) == (count, noisy)
    assert drawn == noisy_ones(count, share, 0)
    assert not 0 < noisy < count or count < 9 or drawn != noisy_ones(count, share, 1)
