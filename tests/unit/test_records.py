"""Equality of values, the leeway of a gold call, and how a judgement gets into an episode."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raytool.records import Comparison, Feedback, GoldCall, Judgement, ToolCall, values_equal
from tests.unit.builders import episode, verdicts

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, 1.0, True),
        (10**400, 1.0, False),
        (0, -0.0, True),
        (math.nan, math.nan, True),
        ("Paris", "paris", False),
        ("1", 1, False),
        (True, 1, False),
        (False, 0.0, False),
        (True, True, True),
        (None, False, False),
        (None, None, True),
        ([1, 2], (1.0, 2), True),
        ([1, 2], [2, 1], False),
        ([1], [1, 1], False),
        ([True], [1], False),
        ([], {}, False),
        ({"a": {"b": [1, "x"]}, "c": 2}, {"c": 2.0, "a": {"b": (1.0, "x")}}, True),
        ({"a": {"b": [1, "x"]}}, {"a": {"b": [1, "X"]}}, False),
        ({"a": 1}, {"a": 1, "b": None}, False),
    ],
)
def test_values_equal(left, right, equal):
    assert values_equal(left, right) is equal
    assert values_equal(right, left) is equal


@settings(deadline=None, max_examples=200)
@given(json_values)
def test_every_value_equals_itself_and_not_itself_in_a_list(value):
    assert values_equal(value, value)
    assert not values_equal(value, [value])


EXACT, TEXT, JSON = Comparison(numbers=False), Comparison(text=True), Comparison(json=True)
BOTH = Comparison(text=True, json=True)


@pytest.mark.parametrize(
    ("how", "left", "right", "equal"),
    [
        (EXACT, 1, 1, True),
        (EXACT, 1, 1.0, False),
        (EXACT, [{"a": 1}], [{"a": 1.0}], False),
        (EXACT, math.nan, math.nan, True),
        (EXACT, "a", "a", True),
        (TEXT, "Paris", "  paris. ", True),
        (TEXT, "New\n York", "new york", True),
        (TEXT, "What now?!", "what now", True),
        (TEXT, "STRASSE", "straße", True),
        (TEXT, "C++", "C", False),
        (TEXT, "50%", "50", False),
        (TEXT, "cafe", "café", False),
        (TEXT, "..", ".", False),
        (TEXT, "?", "", False),
        (TEXT, ["Paris", {"a": "X"}], ["paris", {"a": "x"}], True),
        (TEXT, {"A": 1}, {"a": 1}, False),
        (TEXT, "1", 1, False),
        (TEXT, 1, 1.0, True),
        (JSON, "[1, 2.0]", [1, 2], True),
        (JSON, '{"a": "1"}', {"a": 1}, True),
        (JSON, ['{"a": [true]}'], [{"a": [True]}], True),
        (JSON, '{"a": 1, "b": 2}', '{"b": 2, "a": 1}', True),
        (JSON, '"Paris"', "Paris", True),
        (JSON, '"[1]"', [1], True),
        (JSON, "true", True, True),
        (JSON, "null", None, True),
        (JSON, "true", 1, False),
        (JSON, "Paris", "paris", False),
        (JSON, "NaN", math.nan, False),
        (JSON, "", None, False),
        (JSON, "[" * 100_000, [], False),
        (JSON, "7" * 5000, 7, False),
        (JSON, "{'a': 1}", {"a": 1}, False),
        (BOTH, '["Paris"]', ["paris."], True),
        (BOTH, '"Paris."', "paris", True),
    ],
)
def test_comparisons(how, left, right, equal):
    assert values_equal(left, right, how) is equal
    assert values_equal(right, left, how) is equal


@settings(deadline=None, max_examples=100)
@given(json_values, json_values)
def test_what_is_equal_by_default_is_so_however_loosely_it_is_compared(left, right):
    if values_equal(left, right):
        assert values_equal(left, right, TEXT) and values_equal(left, right, JSON) and values_equal(left, right, BOTH)
    if values_equal(left, right, EXACT):
        assert values_equal(left, right)


def test_a_gold_call_compares_each_parameter_as_it_is_told():
    gold = GoldCall("f", {"a": "Paris", "b": "Rome"}, accept={"a": ("Lutetia",), "c": (1,)}, free=("b",))
    given = {"a": "lutetia", "b": "anything", "c": 1.0}

    def how(tool, parameter):
        assert tool == "f"
        return TEXT if parameter == "a" else EXACT

    assert (gold.wrong_values(given), gold.redundant(given)) == (["a"], [])
    assert (gold.wrong_values(given, how), gold.redundant(given, how)) == ([], ["c"])


GOLD = GoldCall("f", {"a": 1, "b": "x"}, accept={"a": (2,), "c": (3,)}, optional=("b",))


@pytest.mark.parametrize(
    ("given", "redundant", "missing", "wrong"),
    [
        ({"a": 1, "b": "x"}, [], [], []),
        ({"a": 2.0}, [], [], []),  # accepted beside the canonical choice; b may be left out
        ({"a": 1, "c": 3}, [], [], []),  # c stands in accept only: it may be given
        ({"a": 1, "c": 4}, ["c"], [], []),  # but with no other value: then it is not gold's
        ({"b": "y"}, [], ["a"], ["b"]),
        ({"a": 3, "d": 0}, ["d"], [], ["a"]),
    ],
)
def test_leeway_of_a_gold_call(given, redundant, missing, wrong):
    assert (GOLD.redundant(given), GOLD.missing(given), GOLD.wrong_values(given)) == (redundant, missing, wrong)


def test_a_free_parameter_must_be_given_and_is_not_compared():
    gold = GoldCall("finish", {"answer": "done"}, free=("answer",))
    assert gold.wrong_values({"answer": "anything"}) == []
    assert gold.missing({}) == ["answer"]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_wrong_number_of_verdicts_names_the_episode(count):
    played = episode([(ToolCall("f"), Feedback.OK)] * 2, group=7, sample=3)
    with pytest.raises(ValueError, match=f"episode 7-3: .*{count} verdicts for 2 calls"):
        played.judged(Judgement(verdicts(count), 1.0))


def test_a_judgement_is_written_in_and_summed():
    played = episode([(ToolCall("f"), Feedback.OK), (None, Feedback.FORMAT_ERROR)])
    judged = played.judged(Judgement(verdicts(2), -1.0))
    assert [call.verdict for call in judged.calls] == list(verdicts(2))
    assert (judged.reward, played.reward) == (1.0, 0.0)


def test_staleness_counts_sampled_tokens_only():
    mixed = episode(tokens=(0, 1, 1, 0, 1), loss_mask=(0, 1, 1, 0, 1), versions=(-1, 4, 3, -1, 5))
    assert (mixed.oldest_version, mixed.newest_version) == (3, 5)
