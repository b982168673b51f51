"""TS, PI and CF under the strict rule, and the summary of an evaluation."""

from dataclasses import astuple, replace

import pytest

from raytool.evaluation.agreement import Agreement, agreement, measures, mistake, of_episode, rotbench_gold, summarise
from raytool.evaluation.suite import Ratio
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


# ---- RoTBench's rule, and any against all (docs/evaluation.md)


@pytest.mark.parametrize(
    ("call", "gold", "strict", "rotbench"),
    [
        # An answer with empty arguments scores 0 on all three, gold's own included.
        (f(), GoldCall("f"), (1, 1, 1), (0, 0, 0)),
        (f(), F1, (1, 0, 0), (0, 0, 0)),
        (f(a=1), F1, (1, 1, 1), (1, 1, 1)),
        (f(a=2), F1, (1, 1, 0), (1, 1, 0)),
        (f(b=1), F1, (1, 0, 0), (1, 0, 0)),
        (g(a=1), F1, (0, 0, 0), (0, 0, 0)),
    ],
)
def test_the_rule_of_rotbench_differs_from_strict_where_nothing_is_given(call, gold, strict, rotbench):
    assert astuple(agreement([call], [sequence(gold)])) == tuple(map(bool, strict))
    assert astuple(agreement([call], [sequence(gold)], "rotbench")) == tuple(map(bool, rotbench))


def test_an_empty_first_call_is_not_stepped_over():
    assert astuple(agreement([f(), f(a=1)], [sequence(F1)], "rotbench")) == (False, False, False)


def test_of_several_gold_calls_one_without_arguments_is_lost_under_rotbench():
    assert astuple(agreement([f(), g(a=1)], [sequence(GoldCall("f"), G1)], "rotbench", "all")) == (False, False, False)
    assert astuple(agreement([g(a=1), f()], [sequence(GoldCall("f"), G1)], "rotbench", "any")) == (True, True, True)


@pytest.mark.parametrize(
    ("calls", "golds", "of_any", "of_all"),
    [
        ([f(a=1)], [sequence(F1, G1)], (1, 1, 1), (0, 0, 0)),
        ([f(a=1), g(a=1)], [sequence(F1, G1)], (1, 1, 1), (1, 1, 1)),
        ([g(a=9)], [sequence(F1, G1)], (1, 1, 0), (0, 0, 0)),
        ([ToolCall("h"), f(a=9), g(a=1)], [sequence(F1, G1)], (1, 1, 1), (1, 1, 0)),
        # With one gold call the two are the same: the first call answers it.
        ([g(a=1), f(a=1)], [sequence(F1)], (0, 0, 0), (0, 0, 0)),
        ([f(a=2)], [sequence(F1), sequence(G1, F2)], (1, 1, 1), (1, 1, 0)),
        ([f(a=2), f(a=2)], [sequence(F2, F2, F2)], (1, 1, 1), (0, 0, 0)),
        ([], [sequence(F1, G1)], (0, 0, 0), (0, 0, 0)),
        ([f(a=1)], [], (0, 0, 0), (0, 0, 0)),
    ],
)
def test_any_and_all(calls, golds, of_any, of_all):
    assert astuple(agreement(calls, golds, several="any")) == tuple(map(bool, of_any))
    assert astuple(agreement(calls, golds, several="all")) == tuple(map(bool, of_all))
    assert all(any_one >= every for any_one, every in zip(of_any, of_all, strict=True)), "what meets all meets any"


TOOLS = [tool("f", "a", "b"), tool("sku", "question"), tool("hsinif", "rewsna")]  # noise has renamed the last two


def rotbench(call, answers, tools=TOOLS):
    golds = [gold for answer in answers for gold in rotbench_gold(answer, tools)]
    return astuple(agreement([call], golds, "rotbench"))


@pytest.mark.parametrize(
    ("call", "answers", "ts_pi_cf"),
    [
        # The text "None" has to be given, and is not compared; nothing else is so.
        (f(a="x", b="512"), [f(a="x", b="None")], (1, 1, 1)),
        (f(a="x", b=None), [f(a="x", b="None")], (1, 1, 1)),
        (f(a="x"), [f(a="x", b="None")], (1, 0, 0)),
        (f(a="y", b="512"), [f(a="x", b="None")], (1, 1, 0)),
        (f(a="x"), [f(a=None)], (1, 1, 0)),
        # Values of the last tool and of the one before it are not compared, whatever they are called; names are.
        (ToolCall("hsinif", {"rewsna": "42"}), [ToolCall("hsinif", {"rewsna": "It is 42."})], (1, 1, 1)),
        (ToolCall("sku", {"question": "Where?"}), [ToolCall("sku", {"question": "Where to?"})], (1, 1, 1)),
        (ToolCall("hsinif", {"answer": "42"}), [ToolCall("hsinif", {"rewsna": "42"})], (1, 0, 0)),
        # A predicted `finish` is accepted for a renamed one, with that one's parameters; an unnoised `ask_to_user` is not.
        (ToolCall("finish", {"rewsna": "42"}), [ToolCall("hsinif", {"rewsna": "It is 42."})], (1, 1, 1)),
        (ToolCall("finish", {"answer": "42"}), [ToolCall("hsinif", {"rewsna": "42"})], (1, 0, 0)),
        (ToolCall("finish", {"answer": "42"}), [f(a="x")], (0, 0, 0)),
        (ToolCall("ask_to_user", {"question": "Where?"}), [ToolCall("sku", {"question": "Where?"})], (0, 0, 0)),
        # Each alternative is judged on its own: what one of them does not compare, the next one does.
        (f(a="x", b="y"), [f(a="z", b="None"), f(a="x", b="y")], (1, 1, 1)),
        (f(a="x", b="y"), [f(a="z", b="None"), f(a="x", b="w")], (1, 1, 0)),
        (ToolCall("finish", {"rewsna": "42"}), [ToolCall("hsinif", {"a": "x"}), ToolCall("finish", {"rewsna": "41"})], (1, 1, 0)),
    ],
)
def test_what_rotbench_does_not_compare(call, answers, ts_pi_cf):
    assert rotbench(call, answers) == tuple(map(bool, ts_pi_cf))


def test_swapped_names_go_by_position():
    """Under heavy noise names change places: a `finish` in the middle is compared as any tool, and stays right by its name."""
    swapped = [tool("finish", "text"), tool("translate", "question"), tool("ask_to_user", "answer")]
    assert rotbench(ToolCall("finish", {"text": "x"}), [ToolCall("finish", {"text": "y"})], swapped) == (True, True, False)
    assert rotbench(ToolCall("ask_to_user", {"answer": "x"}), [ToolCall("ask_to_user", {"answer": "y"})], swapped) == (True, True, True)
    assert rotbench(ToolCall("translate", {"question": "x"}), [ToolCall("translate", {"question": "y"})], swapped) == (True, True, True)


def test_a_finish_that_kept_its_name_has_one_right_form():
    assert len(rotbench_gold(ToolCall("finish", {"answer": "x"}), [tool("f"), tool("ask_to_user"), tool("finish", "answer")])) == 1


def test_a_sample_as_measures():
    assert measures(Agreement(True, True, False), "any") == {"TS any": Ratio(1.0), "PI any": Ratio(1.0), "CF any": Ratio(0.0)}


@pytest.mark.parametrize(
    ("made", "word"),
    [
        ([(f(a=1), Feedback.OK)], "all_right"),
        ([(f(a=2), Feedback.OK)], "content"),
        ([(f(), Feedback.PARAMETER_MISSING)], "parameters"),
        ([(g(a=1), Feedback.OK)], "wrong_tool"),
        ([(ToolCall("h"), Feedback.TOOL_HALLUCINATION)], "tool_hallucination"),
        ([(None, Feedback.FORMAT_ERROR)], "format_error"),
        ([], "format_error"),
    ],
)
def test_a_mistake_has_the_ladders_word(made, word):
    played = episode(made, task(tool("f", "a"), tool("g", "a"), gold=[sequence(F1)]))
    assert mistake(played, of_episode(played)) == word
