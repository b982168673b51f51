"""The ladder of TL-Training: its vectors, and what changes where an episode has many calls."""

from dataclasses import replace

import pytest

from raytool.records import Feedback, FollowUp, GoldCall, ToolCall
from rewards.tl_training import LADDER, TLTraining
from tests.unit.builders import episode, played, sequence, task, tool

OK, FAILED = Feedback.OK, Feedback.TOOL_CALL_FAILURE
F, G, FINISH = tool("f", "a", "b"), tool("g", "a"), tool("finish", "answer", required=["answer"])
ONE = task(F, G, gold=[sequence(GoldCall("f", {"a": "1"}))])
DONE = GoldCall("finish", {"answer": "x"}, free=("answer",))


def judged(of, *calls):
    """Categories of calls, each a call that worked or (call, feedback)."""
    made = [call if isinstance(call, tuple) else (call, OK) for call in calls]
    return [verdict.category for verdict in TLTraining()(episode(made, of)).verdicts]


def f(**arguments):
    return ToolCall("f", arguments)


def g(**arguments):
    return ToolCall("g", arguments)


def finish(answer="Done."):
    return ToolCall("finish", {"answer": answer})


@pytest.mark.parametrize(
    ("text", "category", "reward"),
    [
        ("f(a='1')", "all_right", 1),
        ("f(a='1', b='2')", "parameters_r", -0.5),
        ("f()", "parameters_m", -0.5),
        ("f(b='2')", "parameters_rm", -1.0),
        ("f(a='1', c='2')", "parameters_h", -0.8),
        ("f(c='2')", "parameters_hm", -1.3),
        ("f(a='1', b='2', c='3')", "parameters_hr", -1.3),
        ("f(b='2', c='3')", "parameters_hrm", -1.8),
        ("f(a='2')", "content", -0.25),
        ("f(a=1)", "content", -0.25),
        ("g(a='1')", "wrong_tool", -1.5),
        ("h(a='1')", "tool_hallucination", -2),
        ("I think so", "format_error", -2),
        ("f(a='1'", "format_error", -2),
        ("", "format_error", -2),
    ],
)
def test_vectors_of_the_methods(text, category, reward):
    judgement = TLTraining()(played(ONE, text))
    assert [(v.category, v.reward) for v in judgement.verdicts] == [(category, reward)]
    assert judgement.outcome == 0  # this environment cannot know


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("f(a='1')", "all_right"),
        ("f(a='1', b='2')", "all_right"),
        ("f(a='1', b='3')", "parameters_r"),
        ("f(b='2')", "parameters_m"),
        ("f(b='3')", "parameters_rm"),
        ("f(a='9', b='2')", "content"),
        ("f(a='9', b='3')", "parameters_r"),
        ("f(a='1', b='3', c='2')", "parameters_hr"),
    ],
)
def test_what_gold_leaves_unsaid_is_redundant_with_any_value_but_the_accepted(text, category):
    unsaid = task(F, G, gold=[sequence(GoldCall("f", {"a": "1"}, accept={"b": ("2",)}))])
    assert TLTraining()(played(unsaid, text)).verdicts[0].category == category


def test_a_failing_call_has_its_rung_whatever_failed():
    """FunctionCall refuses the value that gold does not have either."""
    spec = tool("f", "a", "b")
    spec.parameters["properties"]["a"] = {"type": "string"}
    assert played(task(spec), "f(a=1)").turns[0].calls[0].feedback is FAILED
    assert TLTraining()(played(task(spec, gold=ONE.gold), "f(a=1)")).verdicts[0].category == "content"


def test_numbers_can_be_changed_one_by_one():
    reward = TLTraining(rewards={"content": -0.1}, outcome=3.0)
    assert reward(episode([(f(a="2"), OK)], ONE)).verdicts[0].reward == -0.1
    assert reward(episode([(f(a="1"), OK)], ONE, goal_reached=False)).outcome == -3.0
    assert LADDER["content"] == -0.25


@pytest.mark.parametrize(
    "numbers", [{"wrong_tool": 0.5}, {"content": 9.0, "parameters_r": 7.0}, {"all_right": -3.0}], ids=["lenient", "absurd", "cruel"]
)
def test_other_numbers_change_what_a_mistake_costs_and_not_which_one_it_was(numbers):
    """Nearness to the open gold calls is the ladder's own."""
    for calls in ([f(a=9)], [g(a=2), f(a=1)], [f(a=1), f(a=1)], [f(a=1, b=2)], [finish()]):
        reward = TLTraining(rewards=numbers)(episode([(call, OK) for call in calls], FREE))
        assert [verdict.category for verdict in reward.verdicts] == judged(FREE, *calls)


# ---- options


def compared(compare, gold, given, name="f"):
    of = task(tool("f", "a", "b"), tool("g", "a"), gold=[sequence(GoldCall(name, gold))])
    return TLTraining(compare=compare)(episode([(ToolCall(name, given), OK)], of)).verdicts[0].category


@pytest.mark.parametrize(
    ("compare", "gold", "given", "right"),
    [
        ((), {"a": 1}, {"a": 1.0}, True),
        ((), {"a": "Paris"}, {"a": "paris"}, False),
        ("numbers", {"a": 1}, {"a": 1.0}, True),
        ("exact", {"a": 1}, {"a": 1.0}, False),
        ("text", {"a": "Paris"}, {"a": "paris."}, True),
        ("text", {"a": 1}, {"a": 1.0}, True),
        ("json", {"a": [1]}, {"a": "[1]"}, True),
        ("json", {"a": "Paris"}, {"a": "paris"}, False),
        (["text", "json"], {"a": ["Paris"]}, {"a": '["paris"]'}, True),
        ([{"how": "text", "parameters": ["a"]}], {"a": "X", "b": "Y"}, {"a": "x", "b": "Y"}, True),
        ([{"how": "text", "parameters": ["a"]}], {"a": "X", "b": "Y"}, {"a": "X", "b": "y"}, False),
        ([{"how": "text", "tools": ["g"]}], {"a": "X"}, {"a": "x"}, False),
        ([{"how": "text", "tools": ["f", "g"]}], {"a": "X"}, {"a": "x"}, True),
        (
            [{"how": "exact", "tools": ["f"], "parameters": ["a"]}, {"how": ["text", "json"]}],
            {"a": "X", "b": "X"},
            {"a": "X", "b": "x"},
            True,
        ),
        ([{"how": "exact", "tools": ["f"], "parameters": ["a"]}, {"how": ["text", "json"]}], {"a": "X"}, {"a": "x"}, False),
    ],
)
def test_values_are_compared_as_the_options_say(compare, gold, given, right):
    assert compared(compare, gold, given) == ("all_right" if right else "content")


def test_a_call_that_is_right_by_comparison_makes_its_gold_call():
    loose = task(F, G, gold=[sequence(GoldCall("f", {"a": "Paris"}), GoldCall("g", {"a": 1}))])
    calls = [(f(a="paris"), OK), (g(a=1), OK)]
    assert [v.category for v in TLTraining(compare="text")(episode(calls, loose)).verdicts] == ["all_right", "all_right"]
    assert [v.category for v in TLTraining()(episode(calls, loose)).verdicts] == ["content", "off_gold"]


TRIP = task(
    tool("book", "city", "date", "seats", required=["city", "date"]),
    tool("cancel", "date"),
    gold=[sequence(GoldCall("book", {"city": "Rome", "date": "2025-03-01"}))],
)
MADE = [
    {"name": "wrong_trip_date", "of": "content", "tools": ["book"], "parameters": ["date"], "reward": -0.6},
    {"name": "wrong_date", "of": "content", "parameters": ["date"], "reward": -0.55},
    {"name": "no_date", "of": "parameters_m", "parameters": ["date"], "reward": -0.7},
    {"name": "seats_not_asked_for", "of": "parameters_r", "parameters": ["seats"], "reward": -0.1},
    {"name": "invented", "of": "parameters_h", "tools": ["book"], "reward": -0.9},
    {"name": "cancelled", "of": "wrong_tool", "tools": ["cancel"], "reward": -3},
    {"name": "booked", "of": "all_right", "tools": ["book"], "reward": 2},
]


@pytest.mark.parametrize(
    ("call", "category", "reward"),
    [
        (ToolCall("book", {"city": "Rome", "date": "x"}), "wrong_trip_date", -0.6),
        (ToolCall("book", {"city": "Bonn", "date": "x"}), "wrong_trip_date", -0.6),
        (ToolCall("book", {"city": "Bonn", "date": "2025-03-01"}), "content", -0.25),
        (ToolCall("book", {"city": "Rome"}), "no_date", -0.7),
        (ToolCall("book", {"date": "2025-03-01"}), "parameters_m", -0.5),
        (ToolCall("book", {"city": "Rome", "date": "2025-03-01", "seats": 2}), "seats_not_asked_for", -0.1),
        (ToolCall("book", {"city": "Rome", "date": "2025-03-01", "when": 2}), "invented", -0.9),
        (ToolCall("book", {"city": "Rome", "date": "2025-03-01", "when": 2, "seats": 2}), "parameters_hr", -1.3),
        (ToolCall("cancel", {"date": "x"}), "cancelled", -3.0),
        (ToolCall("sleep"), "tool_hallucination", -2.0),
        (ToolCall("book", {"city": "Rome", "date": "2025-03-01"}), "booked", 2.0),
    ],
)
def test_categories_of_a_users_own_refine_those_of_the_ladder(call, category, reward):
    (verdict,) = TLTraining(categories=MADE)(episode([(call, OK)], TRIP)).verdicts
    assert (verdict.category, verdict.reward) == (category, reward)
    assert TLTraining(categories=MADE).refines.get(category, category) == TLTraining()(episode([(call, OK)], TRIP)).verdicts[0].category


def test_the_first_category_that_fits_holds():
    (verdict,) = TLTraining(categories=MADE[1::-1])(episode([(ToolCall("book", {"city": "Rome", "date": "x"}), OK)], TRIP)).verdicts
    assert verdict.category == "wrong_date"


def test_a_refined_right_call_still_makes_its_gold_call():
    made = [{"name": "began", "of": "all_right", "tools": ["f"], "reward": 0.5}]
    found = TLTraining(categories=made)(episode([(f(a=1), OK), (g(a=2), OK)], CHAIN)).verdicts
    assert [(v.category, v.reward) for v in found] == [("began", 0.5), ("all_right", 1.0)]


@pytest.mark.parametrize(
    ("call", "feedback", "category"),
    [
        (ToolCall("book", {"city": "Rome"}), Feedback.PARAMETER_MISSING, "no_date"),
        (ToolCall("book", {"date": "x"}), Feedback.PARAMETER_MISSING, "parameters_m"),
        (ToolCall("book", {"when": 1}), Feedback.PARAMETER_HALLUCINATION, "invented"),
        (ToolCall("sleep", {"date": 1}), Feedback.TOOL_HALLUCINATION, "tool_hallucination"),
        (None, Feedback.FORMAT_ERROR, "format_error"),
    ],
)
def test_they_refine_what_feedback_alone_says_too(call, feedback, category):
    left_gold = (ToolCall("cancel", {"date": "x"}), OK)
    assert TLTraining(categories=MADE)(episode([left_gold, (call, feedback)], TRIP)).verdicts[1].category == category


def test_of_two_gold_calls_with_a_wrong_value_the_one_with_fewer_is_nearer():
    near = task(TRIP.tools[0], gold=[sequence(GoldCall("book", {"city": "Oslo", "date": "x"})), *TRIP.gold])
    (verdict,) = TLTraining(categories=MADE)(episode([(ToolCall("book", {"city": "Bonn", "date": "2025-03-01"}), OK)], near)).verdicts
    assert verdict.category == "content", "beside the first gold its date would be wrong as well"


def made(**changes):
    return {"categories": [{"name": "mine", "of": "content", "parameters": ["a"], "reward": -1} | changes]}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"rewards": {"contents": 0.0}}, "rewards: 'contents' is no category; known: format_error, .*content"),
        ({"rewards": {"content": "much"}}, "rewards.content: 'much' given; .*number"),
        ({"rewards": {"content": float("nan")}}, "rewards.content: nan given; .*finite"),
        ({"outcome": "won"}, "outcome: 'won' given; .*number"),
        ({"compare": "fuzzy"}, "compare.0.how.0: 'fuzzy' given; .*'exact', 'numbers', 'text' or 'json'"),
        ({"compare": ["text", "fuzzy"]}, "compare.0.how.1: 'fuzzy' given"),
        ({"compare": ["exact", "text"]}, r"compare.0: how: 'exact' stands alone, not in \['exact', 'text'\]"),
        ({"compare": [{"how": []}]}, "compare.0.how: .* given; .*at least 1"),
        ({"compare": [{"tools": ["f"]}]}, "compare.0.how: is missing"),
        ({"compare": [{"how": "text", "tool": "f"}]}, "compare.0.tool: unknown key"),
        ({"compare": [{"how": "text", "tools": "f"}]}, "compare.0.tools: 'f' given; .*tuple"),
        ({"compare": 7}, "compare: 7 given"),
        (made(of="contents"), "categories.0.of: 'contents' is no category; known: .*content"),
        (made(name="content"), "categories.0.name: 'content' is taken"),
        ({"categories": made()["categories"] * 2}, "categories.1.name: 'mine' is taken"),
        (made(name="Wrong date"), "categories.0.name: 'Wrong date' given; .*pattern"),
        ({"categories": [{"name": "mine", "of": "content", "parameters": ["a"]}]}, "categories.0.reward: is missing"),
        (made(reward="low"), "categories.0.reward: 'low' given; .*number"),
        (made(parameter="a"), "categories.0.parameter: unknown key"),
        (made(parameters=[]), "categories.0: tools or parameters are expected; what 'content' as a whole is worth .*rewards"),
        (made(of="wrong_tool"), "categories.0.parameters: has no effect, 'wrong_tool' is about none; these are: parameters_hrm, .*content"),
        (made(of="format_error", parameters=[], tools=["f"]), "categories.0.tools: has no effect"),
    ],
)
def test_wrong_options_are_named_in_a_line(options, said):
    with pytest.raises(ValueError, match=rf"^{said}") as raised:
        TLTraining(**options)
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(("reached", "outcome"), [(True, 1.0), (False, -1.0), (None, 0.0)])
def test_outcome(reached, outcome):
    assert TLTraining()(episode([(f(a="1"), OK)], ONE, goal_reached=reached)).outcome == outcome


def test_a_call_without_a_name_is_a_format_error():
    unnamed = (ToolCall("", {"a": 1}), Feedback.TOOL_HALLUCINATION)
    assert judged(ONE, unnamed, f(a="2"), unnamed) == ["format_error", "content", "format_error"]


FEEDBACK_ALONE = [
    (OK, "off_gold"),
    (Feedback.FORMAT_ERROR, "format_error"),
    (Feedback.TOOL_HALLUCINATION, "tool_hallucination"),
    (Feedback.PARAMETER_HALLUCINATION, "parameters_h"),
    (Feedback.PARAMETER_MISSING, "parameters_m"),
    (FAILED, "tool_call_failure"),
    (Feedback.OTHER, "other"),
    (Feedback.TOOL_INSTABILITY, "tool_instability"),
]


@pytest.mark.parametrize(("feedback", "category"), FEEDBACK_ALONE)
def test_without_gold_feedback_alone_decides(feedback, category):
    assert judged(task(F), (f(a="1"), feedback)) == [category]


@pytest.mark.parametrize(("feedback", "category"), FEEDBACK_ALONE)
def test_after_the_first_working_call_off_gold_feedback_alone_decides(feedback, category):
    assert judged(ONE, f(a="2"), (f(a="1"), feedback)) == ["content", category]


CHAIN = task(F, G, FINISH, gold=[sequence(GoldCall("f", {"a": 1}), GoldCall("g", {"a": 2}), DONE)])


@pytest.mark.parametrize(
    ("calls", "categories"),
    [
        ([f(a=1), g(a=2), finish()], ["all_right"] * 3),
        ([(f(a=9), FAILED), f(a=1), g(a=2)], ["content", "all_right", "all_right"]),
        ([(f(c=1), Feedback.PARAMETER_HALLUCINATION), f(a=1)], ["parameters_hm", "all_right"]),
        ([(None, Feedback.FORMAT_ERROR), f(a=1)], ["format_error", "all_right"]),
        ([(f(a=1), FAILED), f(a=1)], ["tool_call_failure", "all_right"]),
        ([(f(a=1), Feedback.OTHER), f(a=1)], ["other", "all_right"]),
        ([(f(a=9), Feedback.TOOL_INSTABILITY), f(a=1)], ["tool_instability", "all_right"]),
        ([(f(a=1), Feedback.TOOL_INSTABILITY), g(a=2)], ["tool_instability", "wrong_tool"]),
        ([g(a=2), f(a=1), g(a=2)], ["wrong_tool", "off_gold", "off_gold"]),
        ([f(a=1), f(a=1)], ["all_right", "wrong_tool"]),
        ([f(a=1), g(a=2), finish(), f(a=1)], ["all_right"] * 3 + ["wrong_tool"]),
        ([finish()], ["wrong_tool"]),
        ([f(a=1), g(a=2), (finish(7), FAILED)], ["all_right", "all_right", "tool_call_failure"]),
    ],
)
def test_a_sequence_is_judged_call_by_call(calls, categories):
    assert judged(CHAIN, *calls) == categories


FREE = task(F, G, FINISH, gold=[sequence(GoldCall("f", {"a": 1}), GoldCall("g", {"a": 2}), DONE, free_order=True)])


@pytest.mark.parametrize(
    ("calls", "categories"),
    [
        ([f(a=1), g(a=2), finish()], ["all_right"] * 3),
        ([g(a=2), f(a=1), finish()], ["all_right"] * 3),
        ([g(a=2), finish()], ["all_right", "wrong_tool"]),
        ([g(a=9)], ["content"]),
        ([g(a=2), (g(a=2), FAILED), f(a=1)], ["all_right", "wrong_tool", "all_right"]),
        ([f(b=2, c=3)], ["parameters_hrm"]),  # a call of an open tool is none of a wrong one, whatever it costs
    ],
)
def test_free_order_leaves_finish_last(calls, categories):
    assert judged(FREE, *calls) == categories


def conversation(free_order=False):
    """Gold f and g for the query, then f for a follow-up."""
    calls = (GoldCall("f", {"a": 1}), GoldCall("g", {"a": 2}), DONE, GoldCall("f", {"a": 3}), DONE)
    return task(F, G, FINISH, gold=[sequence(*calls, free_order=free_order)], follow_ups=(FollowUp("And?"),))


SAID = "a closing text"


@pytest.mark.parametrize(
    ("free_order", "turns", "categories"),
    [
        (False, [f(a=1), g(a=2), finish(), f(a=3), finish()], ["all_right"] * 5),
        (False, [f(a=1), g(a=2), SAID, f(a=3), SAID], ["all_right"] * 3),
        (False, [f(a=1), SAID, g(a=2), f(a=3)], ["all_right", "off_gold", "off_gold"]),
        (False, [f(a=1), finish(), g(a=2)], ["all_right", "wrong_tool", "off_gold"]),
        (False, [f(a=1), (g(a=9), FAILED), g(a=2), SAID, f(a=3)], ["all_right", "content", "all_right", "all_right"]),
        (False, [f(a=9), SAID, f(a=3)], ["content", "off_gold"]),
        (False, [SAID, (f(a=3), FAILED)], ["tool_call_failure"]),
        (True, [g(a=2), f(a=1), finish(), f(a=3)], ["all_right"] * 4),
        (True, [f(a=3)], ["content"]),
        (True, [g(a=2), SAID, f(a=3)], ["all_right", "off_gold"]),
    ],
)
def test_an_answer_stands_between_the_calls_before_and_after_it(free_order, turns, categories):
    made = [turn if isinstance(turn, tuple) else (turn, OK) for turn in turns]
    whole = episode(made, conversation(free_order))
    said = tuple(replace(turn, calls=(), final=SAID) if call == SAID else turn for turn, (call, _) in zip(whole.turns, made, strict=True))
    assert [verdict.category for verdict in TLTraining()(replace(whole, turns=said)).verdicts] == categories


def test_a_tool_that_is_not_offered_yet_is_a_hallucination():
    assert judged(CHAIN, (g(a=2), Feedback.TOOL_HALLUCINATION), f(a=1)) == ["tool_hallucination", "all_right"]


EITHER = task(
    F, G, gold=[sequence(GoldCall("f", {"a": 1}), GoldCall("g", {"a": 1})), sequence(GoldCall("f", {"a": 2}), GoldCall("g", {"a": 2}))]
)


@pytest.mark.parametrize(
    ("calls", "categories"),
    [
        ([f(a=1), g(a=1)], ["all_right", "all_right"]),
        ([f(a=2), g(a=2)], ["all_right", "all_right"]),
        ([f(a=1), g(a=2)], ["all_right", "content"]),
        ([f(a=3)], ["content"]),
    ],
)
def test_alternatives_narrow_with_every_call(calls, categories):
    assert judged(EITHER, *calls) == categories


def test_the_nearest_open_gold_call_judges():
    near = task(
        F, G, gold=[sequence(GoldCall("g", {"a": 1})), sequence(GoldCall("f", {"a": 1, "b": 2})), sequence(GoldCall("f", {"a": 1}))]
    )
    assert judged(near, f(a=9)) == ["content"]


def test_the_same_gold_call_twice_is_open_twice():
    twice = GoldCall("f", {"a": 1})
    assert judged(task(F, gold=[sequence(twice, twice)]), f(a=1), f(a=1)) == ["all_right", "all_right"]


@pytest.mark.parametrize("first", [1, 2])
def test_a_call_that_fits_two_open_gold_calls_closes_the_one_that_leaves_the_rest_right(first):
    broad, narrow = GoldCall("f", {"a": 1}, accept={"a": (2,)}), GoldCall("f", {"a": 1})
    both = task(F, gold=[sequence(broad, narrow, free_order=True)])
    assert judged(both, f(a=first), f(a=3 - first)) == ["all_right", "all_right"]
