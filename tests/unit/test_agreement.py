"""TS, PI and CF under the strict rule, and the summary of an evaluation."""

from dataclasses import astuple, replace

import pytest

from raytool.evaluation.metrics import agreement, of_episode, summarise
from raytool.records import Feedback, GoldCall, Judgement, ToolCall, Verdict
from tests.unit.builders import episode, sequence, task, tool

F1, F2, G1 = GoldCall("f", {"a": 1}), GoldCall("f", {"a": 2}), GoldCall("g", {"a": 1})


def f(**arguments):
    return ToolCall("f", arguments)


def g(**arguments):
    return ToolCall("g", arguments)


@pytest.mark.parametrize(
    ("calls", "golds", "ts_pi_cf"),
    [
        ([f(a=1.0)], [sequence(F1)], (1, 1, 1)),
        ([f(a="1")], [sequence(F1)], (1, 1, 0)),
        ([f(a=1, b=1)], [sequence(F1)], (1, 0, 0)),
        ([f()], [sequence(F1)], (1, 0, 0)),
        ([g(a=1)], [sequence(F1)], (0, 0, 0)),
        ([], [sequence(F1)], (0, 0, 0)),
        ([f(a=1)], [], (0, 0, 0)),
        # No penalty for empty arguments where gold has none (the rule `rotbench` has one).
        ([f()], [sequence(GoldCall("f"))], (1, 1, 1)),
        # Of one gold call the first answer counts.
        ([g(a=1), f(a=1)], [sequence(F1)], (0, 0, 0)),
        ([f(a=1), g(a=1)], [sequence(F1)], (1, 1, 1)),
        # Any alternative; each level may be reached by another one.
        ([f(a=2)], [sequence(F1), sequence(F2)], (1, 1, 1)),
        ([f(a=1)], [sequence(GoldCall("f", {"a": 1, "b": 2})), sequence(F2)], (1, 1, 0)),
        # Of several gold calls each needs a call of its own, in any order; more calls are allowed.
        ([g(a=1), f(a=1)], [sequence(F1, G1)], (1, 1, 1)),
        ([f(a=9), f(a=1), g(a=1)], [sequence(F1, G1)], (1, 1, 1)),
        ([f(a=1)], [sequence(F1, G1)], (0, 0, 0)),
        ([f(a=1), f(a=1)], [sequence(F1, G1)], (0, 0, 0)),
        ([f(a=1), f(a=1)], [sequence(F1, F2)], (1, 1, 0)),
        # The first call must be left to the second gold call, the only one that it alone fits.
        ([f(a=1), f(a=2)], [sequence(GoldCall("f", {"a": 1}, accept={"a": (2,)}), F1)], (1, 1, 1)),
        # Leeway: accepted values, what may be left out, free text.
        ([f(a=2)], [sequence(GoldCall("f", {"a": 1}, accept={"a": (2,)}))], (1, 1, 1)),
        ([f()], [sequence(GoldCall("f", {"a": 1}, optional=("a",)))], (1, 1, 1)),
        ([f(a="any")], [sequence(GoldCall("f", {"a": 1}, free=("a",)))], (1, 1, 1)),
        # A parameter that gold may say or leave out is one of its names; its value counts under CF.
        ([f(a=1)], [sequence(GoldCall("f", {"a": 1}, accept={"b": (0,)}))], (1, 1, 1)),
        ([f(a=1, b=0)], [sequence(GoldCall("f", {"a": 1}, accept={"b": (0,)}))], (1, 1, 1)),
        ([f(a=1, b=7)], [sequence(GoldCall("f", {"a": 1}, accept={"b": (0,)}))], (1, 1, 0)),
        ([f(a=1, c=0)], [sequence(GoldCall("f", {"a": 1}, accept={"b": (0,)}))], (1, 0, 0)),
    ],
)
def test_strict(calls, golds, ts_pi_cf):
    assert astuple(agreement(calls, golds)) == tuple(map(bool, ts_pi_cf))


def test_what_could_not_be_parsed_is_no_call():
    of = task(tool("f", "a"), gold=[sequence(F1)])
    assert not of_episode(episode([(None, Feedback.FORMAT_ERROR)], of)).tool
    assert of_episode(episode([(None, Feedback.FORMAT_ERROR), (f(a=1), Feedback.OK)], of)).content


def test_summary_is_in_percent_of_samples_and_of_calls():
    of = task(tool("f", "a"), gold=[sequence(F1)])
    right, wrong, silent = [(f(a=1), Feedback.OK)], [(f(a=2), Feedback.OK)] * 2, [(None, Feedback.FORMAT_ERROR)]
    plays = [episode(calls, of) for calls in (right, wrong, silent)]
    named = [["good"], ["bad", "bad"], ["bad"]]
    judged = [e.judged(Judgement(tuple(Verdict(n, 0.0) for n in names), 0.0)) for e, names in zip(plays, named, strict=True)]
    summary = summarise([replace(judged[0], goal_reached=True), replace(judged[1], goal_reached=False), judged[2]])
    assert (summary.samples, summary.content, summary.goal) == (3, pytest.approx(100 / 3), 50)
    assert summary.tool == summary.parameters == pytest.approx(200 / 3)
    assert summary.categories == {"bad": 75, "good": 25}


def test_a_goal_that_no_environment_can_judge_has_no_percentage():
    assert summarise([episode([(f(a=1), Feedback.OK)])]).goal is None


def test_nothing_cannot_be_summarised():
    with pytest.raises(ValueError, match="no episodes"):
        summarise([])
