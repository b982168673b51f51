"""Mutations: what each category's call looks like beside gold, where a category may be proved, and that a seed repeats them."""

import json

import numpy as np
import pytest

from raytool.env import ASK_TO_USER, FINISH
from raytool.methods.mutations import CATEGORIES, draw_path, mutations, settled, wrong_values
from raytool.records import Feedback, GoldCall, ToolSpec
from rewards.tl_training import rung
from tests.unit.builders import sequence, task, tool

BOOK = ToolSpec(
    "book_room",
    "Book a room.",
    {
        "type": "object",
        "properties": {
            "room": {"type": "string"},
            "day": {"type": "string"},
            "people": {"type": "integer", "default": 2},
            "layout": {"enum": ["rows", "circle"], "default": "rows"},
            "equipment": {"type": "array", "items": {"type": "string"}, "default": []},
            "window": {"anyOf": [{"$ref": "#/$defs/Window"}, {"type": "null"}], "default": None},
        },
        "required": ["room", "day"],
        "$defs": {
            "Window": {"type": "object", "properties": {"after": {"type": "number"}, "open": {"type": "boolean"}}, "required": ["after"]}
        },
    },
)
LIST = tool("list_rooms")
BOOKED = GoldCall("book_room", {"room": "Hall 4", "day": "2026-03-09"}, accept={"people": (2,), "layout": ("rows",)})
DONE = GoldCall("finish", {"answer": "Done."}, free=("answer",))
TASK = task(BOOK, LIST, ASK_TO_USER, FINISH, gold=[sequence(BOOKED, DONE)])


def drawn(of=TASK, seed=0, places=None):
    random = np.random.default_rng(seed)
    path = draw_path(of, random)
    return path, mutations(of, path, settled(of, path) if places is None else places, random)


@pytest.mark.parametrize("seed", range(40))
def test_every_category_comes_out_as_such_beside_its_gold_call(seed):
    path, found = drawn(seed=seed)
    assert [mutation.category for mutation in found] == list(CATEGORIES)
    for mutation in found:
        gold = path[mutation.place]
        if mutation.call is None:
            assert (mutation.category, mutation.feedback) == ("format_error", Feedback.FORMAT_ERROR)
            continue
        json.dumps(mutation.call.arguments, allow_nan=False)
        # What only the environment refuses agrees with gold.
        expected = "all_right" if mutation.category == "tool_call_failure" else mutation.category
        assert rung(mutation.call, gold, TASK.tool(mutation.call.name)).category == expected, mutation


def test_the_same_seed_draws_the_same_and_others_draw_others():
    assert drawn(seed=1) == drawn(seed=1)
    calls = [str(drawn(seed=seed)[1]) for seed in range(20)]
    assert len(set(calls)) == 20


def test_a_category_that_no_place_admits_is_left_out():
    """`list_rooms` takes nothing: nothing can be missing, redundant or wrong."""
    _, found = drawn(task(LIST, ASK_TO_USER, gold=[sequence(GoldCall("list_rooms"))]))
    assert [mutation.category for mutation in found] == ["format_error", "tool_hallucination", "wrong_tool", "parameters_h"]
    assert drawn(task(LIST, gold=[sequence(GoldCall("list_rooms"))]))[1][2].category == "parameters_h", "there is no other tool"


def test_gold_that_is_not_offered_admits_nothing():
    assert drawn(task(LIST, gold=[sequence(BOOKED)]))[1] == []


@pytest.mark.parametrize("seed", range(40))
def test_values_that_gold_accepts_are_not_drawn(seed):
    lenient = GoldCall("book_room", {"room": "a", "day": "b"}, accept={"layout": ("rows", "circle")}, free=("room", "day"))
    _, found = drawn(task(BOOK, gold=[sequence(lenient)]), seed)
    by_category = {mutation.category: mutation.call for mutation in found}
    assert "content" not in by_category
    assert "layout" not in by_category["parameters_r"].arguments


def test_feedback_is_foretold_where_the_document_refuses():
    for seed in range(40):
        _, found = drawn(seed=seed, places=[0])
        feedback = {mutation.category: mutation.feedback for mutation in found}
        assert feedback["parameters_h"] == feedback["parameters_hm"] == Feedback.PARAMETER_HALLUCINATION
        assert feedback["parameters_m"] == feedback["parameters_rm"] == Feedback.PARAMETER_MISSING
        assert feedback["content"] is feedback["parameters_r"] is feedback["wrong_tool"] is None
    said = task(BOOK, gold=[sequence(GoldCall("book_room", {"people": 4}))])
    assert {m.feedback for m in drawn(said)[1] if m.category == "parameters_m"} == {None}, "it has a default: the call may work"


A, B, C = (GoldCall("list_rooms", {"n": n}) for n in range(3))


@pytest.mark.parametrize(
    ("golds", "places"),
    [
        ([sequence(A, B, DONE)], [0, 1, 2]),
        ([sequence(A, B, DONE, free_order=True)], [1, 2]),
        ([sequence(A, A, DONE, free_order=True)], [0, 1, 2]),
        ([sequence(A, DONE, B, DONE, free_order=True)], [0, 1, 2, 3]),
        ([sequence(A, DONE, B, C, DONE, free_order=True)], [0, 1, 3, 4]),
        ([sequence(A, B, C, DONE), sequence(B, A, C, DONE)], [1, 2, 3]),
        ([sequence(A, C), sequence(B, C)], [1]),
    ],
)
def test_a_place_is_settled_where_only_one_call_is_open(golds, places):
    of = task(LIST, FINISH, gold=golds)
    for seed in range(10):
        path = draw_path(of, np.random.default_rng(seed))
        assert settled(of, path) == places


def test_a_path_takes_every_order_and_ends_with_finish():
    of = task(LIST, FINISH, gold=[sequence(A, B, C, DONE, free_order=True)])
    paths = [draw_path(of, np.random.default_rng(seed)) for seed in range(100)]
    assert len({str(path) for path in paths}) == 6
    assert all(path[-1] == DONE for path in paths)


def test_an_order_is_free_between_two_finishes_only():
    of = task(LIST, FINISH, gold=[sequence(A, B, DONE, C, A, DONE, free_order=True)])
    paths = [draw_path(of, np.random.default_rng(seed)) for seed in range(100)]
    expected = [(*first, DONE, *then, DONE) for first in ((A, B), (B, A)) for then in ((C, A), (A, C))]
    assert {str(path) for path in paths} == {str(path) for path in expected}


def test_wrong_values_are_those_of_calls_that_have_some():
    (call,) = wrong_values(TASK, TASK.gold[0].calls, np.random.default_rng(0))
    assert call.name == "book_room" and call.arguments.keys() == {"room", "day"} and call != BOOKED.call
