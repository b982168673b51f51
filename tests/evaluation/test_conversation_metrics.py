"""DE, CE and VA: what counts as which error, and which answers are valid."""

from __future__ import annotations

import pytest

from envs.office import Office
from raytool.env import ASK_TO_USER, FINISH
from raytool.evaluation.conversation_metrics import gives_up, measures
from raytool.evaluation.suite import Ratio
from raytool.records import Feedback, StopReason, ToolCall
from tests.unit.builders import episode, played, task

CALL = ToolCall("f")


def of(*feedback: Feedback, **fields: object) -> dict[str, Ratio]:
    return measures(episode([(CALL, each) for each in feedback], **fields))


def test_every_kind_of_feedback_is_one_error_or_none() -> None:
    expected = {
        Feedback.OK: (0, 0),
        Feedback.FORMAT_ERROR: (0, 1),
        Feedback.TOOL_HALLUCINATION: (1, 0),
        Feedback.PARAMETER_HALLUCINATION: (1, 0),
        Feedback.PARAMETER_MISSING: (1, 0),
        Feedback.TOOL_CALL_FAILURE: (0, 1),
        Feedback.OTHER: (0, 1),
    }
    for feedback, (documentation, call) in expected.items():
        found = of(feedback)
        assert (found["DE"], found["CE"]) == (Ratio(documentation, 1), Ratio(call, 1)), feedback
    assert set(Feedback) - set(expected) == {Feedback.TOOL_INSTABILITY}


def test_shares_are_of_the_calls_and_a_service_out_of_order_is_none() -> None:
    found = of(Feedback.OK, Feedback.TOOL_INSTABILITY, Feedback.PARAMETER_MISSING, Feedback.OTHER, Feedback.OK)
    assert (found["DE"], found["CE"]) == (Ratio(1, 4), Ratio(1, 4))
    assert of(stop=StopReason.TURN_LIMIT)["DE"] == Ratio(0, 0)


@pytest.mark.parametrize(
    ("texts", "valid"),
    [
        (["finish(answer='It is 12.')"], True),
        (["It is 12."], True),
        (["finish(answer=' ')"], False),
        (["finish(answer='I cannot handle the task.')"], False),
        (["finish()", "f("], False),
        (["finish(answer='It is 12.')\nfinish(answer='')"], True),
        (["list_todos()\nfinish(answer='It is 12.')"], True),
        (["ask_to_user(question='Which?')\nfinish(answer='It is 12.')"], True),
        (["ask_to_user(question='Which?')\nfinish(answer='')"], False),
    ],
)
def test_an_answer_is_valid_where_the_model_finished_and_said_something(texts: list[str], valid: bool) -> None:
    asked = task(FINISH, ASK_TO_USER, *Office.tool_specs("list_todos"), env="envs.office:Office")
    assert measures(played(asked, *texts, *["finish()"] * 8, env=Office()))["VA"] == Ratio.of(valid)


def test_an_episode_that_was_cut_has_no_answer() -> None:
    for stop in set(StopReason) - {StopReason.FINISHED}:
        assert of(Feedback.OK, stop=stop)["VA"] == Ratio(0, 1)


@pytest.mark.parametrize(
    "text",
    [
        "I cannot handle the task",
        "After several tries: I cannot  handle\nthe task.",
        "I'm sorry, but I can't help with that.",
        "Sorry, I am unable to complete your request.",
        "I apologize, but I was not able to provide the weather.",
        "Unfortunately, we could not process this.",
        "I can not answer this question.",
        "I give up.",
        "I’m unable to assist you.",
        "The task cannot be done with these tools.",
        "This request is unmanageable.",
        "I don't know how to do this.",
        "None of the tools that I have can do that.",  # gold's own words where nothing serves
        "Sorry, none of my tools can do this.",
        "There is no tool for that.",
        "No suitable tool was offered.",
        "There are no tools that can do that.",
        "None of my tools fits.",
    ],
)
def test_giving_up(text: str) -> None:
    assert gives_up(text)


@pytest.mark.parametrize(
    "text",
    [
        "It is 12.",
        "I could not find a flight on Sunday; on Monday there are two.",
        "Unfortunately, it will rain.",
        "Sorry for the wait: the total is 7.",
        "You cannot handle hot glass without gloves.",
        "I sent the mail. I cannot complete the second order before noon, it is set for 2 pm.",
        "The request was sent.",
        "No such user exists.",
        "No tooth was found.",
        "No garden tool is missing.",
        "No tools are needed: 12.",
        "No tool was returned late; the fine is 0.",
        "None of the tools is overdue.",
        "The shop has none of the tools that you want.",
        "",
    ],
)
def test_not_giving_up(text: str) -> None:
    assert not gives_up(text)
