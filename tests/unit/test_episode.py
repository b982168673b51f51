"""The turn loop, with a token per character: where an episode ends, what it records, and what it lets through."""

import asyncio
import json
from dataclasses import replace

import pytest

from envs.function_call import FunctionCall
from raytool.dialects import PythonDialect
from raytool.env import FINISH, ToolEnv, tool
from raytool.records import NO_POLICY, Feedback, FollowUp, Span, StopReason, ToolCall
from raytool.rollout.chat import Chat
from raytool.rollout.episode import InfrastructureError, Limits, Sampled, Step, episode_id, insist, play
from raytool.rollout.in_process import CharacterTokenizer, InProcess
from tests.unit.builders import CHAT, END, WIDE, Script, played, task
from tests.unit.builders import tool as spec


class Counter(ToolEnv):
    """Adds up; the goal is a sum of 10."""

    max_turns = 5

    def start(self, task, random):
        self.sum = 0

    def goal_reached(self, answer):
        return self.sum == 10

    @tool
    def add(self, number: int) -> str:
        """Add a number."""
        self.sum += number
        return f"sum {self.sum}"


TASK = task(*Counter.tool_specs(), FINISH)
ONE_CALL = task(spec("f", "a"))


def count(*texts, limits=WIDE):
    return played(TASK, *texts, env=Counter(), limits=limits)


def limited(**changes):
    return Limits(**{**{name: getattr(WIDE, name) for name in Limits.__slots__}, **changes})


def text_of(episode, span):
    return "".join(map(chr, episode.tokens[span.start : span.stop]))


def check_record(episode):
    """What holds of every episode: one length, a mask that is the turns, and nothing recorded where nothing was sampled."""
    assert len(episode.tokens) == len(episode.loss_mask) == len(episode.logprobs) == len(episode.versions)
    sampled = {index for turn in episode.turns for index in range(turn.span.start, turn.span.stop)}
    assert {index for index, mask in enumerate(episode.loss_mask) if mask} == sampled
    for index, (logprob, version) in enumerate(zip(episode.logprobs, episode.versions, strict=True)):
        assert (logprob, version) == ((-0.5, 0) if index in sampled else (0.0, NO_POLICY))
    for turn in episode.turns:
        assert text_of(episode, turn.span) in (turn.text, turn.text + END)
        assert all(turn.span.start <= call.span.start <= call.span.stop <= turn.span.stop for call in turn.calls)


def test_a_finished_episode_is_prompt_turns_and_observations():
    episode = count("add(number=4)", "add(number=6)", "finish(answer='10')")
    check_record(episode)
    assert (episode.stop, episode.goal_reached) == (StopReason.FINISHED, True)
    said = "".join(map(chr, episode.tokens[episode.turns[0].span.start :]))
    result = "\n<tool>sum {}" + END + "\n<assistant>"
    assert said == f"add(number=4){END}{result.format(4)}add(number=6){END}{result.format(10)}finish(answer='10'){END}"
    assert list(episode.tokens[: episode.turns[0].span.start]) == CHAT.prompt(TASK)
    assert [turn.env_reward for turn in episode.turns] == [0, 0, 1]


def test_the_sampler_is_given_what_stands_so_far_and_the_room_that_is_left():
    script = Script("add(number=4)", "Done.")
    limits = limited(tokens=len(CHAT.prompt(TASK)) + 50, turn_tokens=40)
    episode = asyncio.run(play(TASK, 3, 4, CHAT, script, InProcess(Counter(), TASK), limits))
    (first, turn_0, room_0), (second, turn_1, room_1) = script.log
    assert (first, turn_0, room_0) == (CHAT.prompt(TASK), 0, 40)
    assert (second, turn_1, room_1) == (list(episode.tokens[: episode.turns[1].span.start]), 1, limits.tokens - len(second))
    assert (episode.id, episode.group, episode.sample) == (episode_id(3, 4), 3, 4)


def test_spans_are_those_of_the_calls_in_a_turn_of_several():
    episode = count(" add(number=1);  add(number='x')\nadd(numbr=2)\nfly()", "Bye.")
    check_record(episode)
    calls = episode.turns[0].calls
    assert [text_of(episode, call.span) for call in calls] == ["add(number=1)", "add(number='x')", "add(numbr=2)", "fly()"]
    assert [call.feedback for call in calls] == [
        Feedback.OK,
        Feedback.TOOL_CALL_FAILURE,
        Feedback.PARAMETER_HALLUCINATION,
        Feedback.TOOL_HALLUCINATION,
    ]
    shown = text_of(episode, Span(episode.turns[0].span.stop, episode.turns[1].span.start))
    assert shown == "\n<tool>" + "\n".join(call.observation for call in calls) + END + "\n<assistant>"


def test_a_format_error_is_told_and_can_be_repaired():
    episode = count("add(number=10", "add(number=10)", "Done.")
    check_record(episode)
    (broken,), (repaired,) = episode.turns[0].calls, episode.turns[1].calls
    assert (broken.call, broken.feedback, broken.span) == (None, Feedback.FORMAT_ERROR, episode.turns[0].span)
    assert broken.observation in text_of(episode, Span(episode.turns[0].span.stop, episode.turns[1].span.start))
    assert (repaired.call, repaired.feedback) == (ToolCall("add", {"number": 10}), Feedback.OK)
    assert (episode.stop, episode.goal_reached) == (StopReason.FINISHED, True)


def test_a_closing_text_ends_the_episode():
    episode = count("add(number=3)", " It is 3. ")
    assert (episode.turns[1].final, episode.turns[1].calls, episode.turns[1].text) == ("It is 3.", (), " It is 3. ")
    assert (episode.stop, episode.goal_reached) == (StopReason.FINISHED, False)


def test_a_closing_text_that_is_refused_is_a_call_that_could_not_be_read():
    episode = played(ONE_CALL, "I think so")
    check_record(episode)
    (refused,) = episode.turns[0].calls
    assert (refused.call, refused.feedback, refused.span) == (None, Feedback.FORMAT_ERROR, episode.turns[0].span)
    assert (episode.turns[0].final, episode.goal_reached) == (None, None)


TALK = replace(TASK, follow_ups=(FollowUp("Take one."), FollowUp("More!")))


def test_an_answer_that_the_user_replies_to_does_not_end_the_episode():
    episode = played(
        TALK, "add(number=9)\nfinish(answer='9')\nadd(number=1)", "Now 8.", "add(number=1)", "finish(answer='10')", env=Counter()
    )
    check_record(episode)
    said = "".join(map(chr, episode.tokens[episode.turns[0].span.start :]))
    first = f"{episode.turns[0].text}{END}\n<tool>sum 9\n\nthe answer had been given{END}\n<user>Take one.{END}\n<assistant>"
    second = f"Now 8.{END}\n<user>More!{END}\n<assistant>"
    third = f"add(number=1){END}\n<tool>sum 10{END}\n<assistant>"
    assert said == f"{first}{second}{third}finish(answer='10'){END}"
    assert [turn.final for turn in episode.turns] == [None, "Now 8.", None, None]
    assert (episode.stop, episode.goal_reached) == (StopReason.FINISHED, True)
    assert [turn.env_reward for turn in episode.turns] == [0, 0, 0, 1]


def test_what_the_user_goes_on_to_say_needs_room_as_well():
    limits = limited(tokens=len(CHAT.prompt(TALK)) + 12)
    episode = played(TALK, "Done.", "Done.", env=Counter(), limits=limits)
    assert (episode.stop, episode.turns[-1].final, len(episode.turns)) == (StopReason.NO_ROOM, "Done.", 1)


@pytest.mark.parametrize(("of_config", "turns"), [(2, 2), (9, 5)])
def test_the_lower_turn_limit_holds(of_config, turns):
    episode = count(*["add(number=2)"] * 9, limits=limited(turns=of_config))
    check_record(episode)
    assert (len(episode.turns), episode.stop) == (turns, StopReason.TURN_LIMIT)
    assert episode.goal_reached is (turns == 5)
    assert episode.tokens[-1] == ord(END)  # no observation after the last turn


def test_the_environment_may_end_what_the_model_did_not_finish():
    episode = played(ONE_CALL, "f(a=1)")
    assert (episode.stop, episode.turns[0].calls[0].feedback) == (StopReason.ENVIRONMENT_END, Feedback.OK)


@pytest.mark.parametrize("limits", [limited(turn_tokens=6), limited(tokens=len(CHAT.prompt(TASK)) + 6)])
def test_a_turn_that_is_cut_is_a_format_error_and_the_end(limits):
    episode = count("add(number=4)", limits=limits)
    check_record(episode)
    (cut,) = episode.turns[0].calls
    assert (episode.turns[0].text, cut.call, cut.feedback) == ("add(nu", None, Feedback.FORMAT_ERROR)
    assert (episode.stop, episode.goal_reached) == (StopReason.TOKEN_LIMIT, False)


def test_an_observation_that_leaves_no_room_ends_the_episode():
    limits = limited(tokens=len(CHAT.prompt(TASK)) + len("add(number=10)") + 3)
    episode = count("add(number=10)", limits=limits)
    assert (episode.stop, episode.goal_reached, len(episode.turns)) == (StopReason.NO_ROOM, True, 1)


@pytest.mark.parametrize("room", range(1, 60, 7))
def test_the_token_limit_bounds_the_whole_episode(room):
    limits = limited(tokens=len(CHAT.prompt(TASK)) + room)
    assert len(count("add(number=4)", "add(number=5)", "Done.", limits=limits).tokens) <= limits.tokens


def test_a_prompt_without_room_for_an_answer_names_task_and_limit():
    with pytest.raises(ValueError, match=r"task t: its prompt has \d+ tokens, rollout.max_tokens is 9"):
        count("add(number=4)", limits=limited(tokens=9))


def test_long_observations_are_shortened_for_the_model_and_kept_in_the_record():
    episode = count("add(number=123456789)", "Done.", limits=limited(observation_characters=5))
    shown = text_of(episode, Span(episode.turns[0].span.stop, episode.turns[1].span.start))
    assert "sum 1..." in shown and "sum 12" not in shown
    assert episode.turns[0].calls[0].observation == "sum 123456789"


def test_a_demonstration_has_no_logprobs():
    script = Script("Done.", logprob=None, version=NO_POLICY)
    episode = asyncio.run(play(TASK, 0, 0, CHAT, script, InProcess(Counter(), TASK), WIDE))
    assert episode.logprobs is None
    assert set(episode.versions) == {NO_POLICY}


def test_a_turn_may_end_with_another_end_token_of_the_model():
    chat = Chat(CharacterTokenizer(), PythonDialect(), own_ends=[ord("§")])

    async def sampler(tokens, turn, max_tokens):
        said = [*map(ord, ("add(number=10)§", f"Done.{END}")[turn])]
        return Sampled(said, [-0.5] * len(said), 0)

    found = asyncio.run(play(TASK, 0, 0, chat, sampler, InProcess(Counter(), TASK), WIDE))
    assert [turn.text for turn in found.turns] == ["add(number=10)", "Done."] and found.goal_reached
    assert text_of(found, found.turns[0].span) == "add(number=10)§"


def test_a_policy_that_is_loaded_while_a_turn_is_sampled_counts_too():
    async def sampler(tokens, turn, max_tokens):
        said = [*map(ord, f"Done.{END}")]
        return Sampled(said, [-0.5] * len(said), 5, newest=6)

    found = asyncio.run(play(TASK, 0, 0, CHAT, sampler, InProcess(Counter(), TASK), WIDE))
    assert (found.oldest_version, found.newest_version) == (5, 6)


@pytest.mark.parametrize("number", ["9" * 4000 + "*" + "9" * 4000, "1e999", "1e308*10"])
def test_numbers_that_json_does_not_know_do_not_stop_the_loop(number):
    episode = count(f"add(number={number})", "Done.")
    assert episode.turns[0].calls[0].feedback is not Feedback.OK


class Broken(InProcess):
    """An environment whose host fails in one of its methods."""

    def __init__(self, method):
        super().__init__(Counter(), TASK)
        self._method = method

    async def step(self, action):
        json.loads(action)
        if self._method == "step":
            raise InfrastructureError("host lost")
        return await super().step(action)

    async def goal_reached(self):
        raise InfrastructureError("host lost")


@pytest.mark.parametrize("method", ["step", "goal_reached"])
def test_a_failure_of_the_environments_host_is_no_episode(method):
    with pytest.raises(InfrastructureError, match="host lost"):
        asyncio.run(play(TASK, 0, 0, CHAT, Script("add(number=1)"), Broken(method), limited(turns=1)))


class Refused(InfrastructureError):
    lasting = True


@pytest.mark.parametrize(
    ("failures", "comes"),
    [
        ([], True),
        ([InfrastructureError("one"), InfrastructureError("two")], True),
        ([InfrastructureError("one"), InfrastructureError("two"), InfrastructureError("three")], False),
        ([InfrastructureError("one"), Refused("never")], False),
    ],
)
def test_an_episode_is_played_again_while_infrastructure_fails(failures, comes, caplog):
    left, made = [*failures], count("Done.")

    async def one():
        if left:
            raise left.pop(0)
        return made

    assert asyncio.run(insist(3, one, "task t")) == (made if comes else None, failures)
    assert caplog.messages == [f"task t, attempt {number}: {failure}" for number, failure in enumerate(failures, 1)]


def test_a_failure_of_the_engine_is_no_episode():
    async def sampler(tokens, turn, max_tokens):
        raise InfrastructureError("engine dead")

    with pytest.raises(InfrastructureError, match="engine dead"):
        asyncio.run(play(TASK, 0, 0, CHAT, sampler, InProcess(Counter(), TASK), WIDE))


def test_a_turn_that_cannot_be_read_does_not_reach_the_environment():
    class Untouched(InProcess):
        async def step(self, action: str) -> Step:
            raise AssertionError(action)

    episode = asyncio.run(play(ONE_CALL, 0, 0, CHAT, Script("f("), Untouched(FunctionCall(), ONE_CALL), WIDE))
    assert episode.stop is StopReason.TURN_LIMIT
