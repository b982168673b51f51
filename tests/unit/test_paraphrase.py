"""What a reworded query has to keep."""

import pytest

from raytool.records import GoldCall
from raytool.tasks.paraphrase import stands, survives, values_of
from tests.unit.builders import sequence, task

QUERY = "Please book Hall 4 for Ada Becker on 2026-03-09 at 14:30 for two hours, title 'Budget review, part 2', and mail ada@acorn.com."
GOLD = GoldCall("book", {"room": "Hall 4", "day": "2026-03-09", "minutes": 120, "who": ["ada@acorn.com"], "title": "Budget review, part 2"})
TASK = task(gold=[sequence(GOLD)], query=QUERY)
GOOD = "I need Hall 4 on 2026-03-09 for two hours from 14:30, for Ada Becker: call it 'Budget review, part 2' and write to ada@acorn.com."


def test_values_are_those_that_the_query_states():
    values = values_of(TASK)
    assert {"Hall 4", "2026-03-09", "14:30", "ada@acorn.com", "Budget review, part 2", "Ada", "Becker", "two"} <= set(values)
    assert "120" not in values, "the query says two hours"


def test_other_words_with_every_value_survive():
    assert survives(TASK, GOOD)


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("Hall 4", "Hall four"),
        ("Hall 4", "Hall 42"),
        ("2026-03-09", "2026-03-10"),
        ("2026-03-09", "9 March 2026"),
        ("14:30", "half past two"),
        ("two hours", "a while"),
        ("Ada Becker", "Ada"),
        ("'Budget review, part 2'", "'Budget Review, Part 2'"),
        ("ada@acorn.com", "ada@acorn.co"),
        ("ada@acorn.com", "bada@acorn.com"),
        ("I need", "I need 3 chairs and"),
        ("I need", "Here is the new request: I need"),
        ("I need", 'I need"'),
    ],
)
def test_a_lost_or_a_new_value_does_not(said, instead):
    assert said in GOOD and not survives(TASK, GOOD.replace(said, instead))


@pytest.mark.parametrize("reworded", ["", QUERY, QUERY.upper().lower(), f"  {QUERY} ", f"{GOOD} {GOOD} {GOOD}"])
def test_nothing_the_same_or_too_much_does_not(reworded):
    assert not survives(TASK, reworded)


@pytest.mark.parametrize(
    ("value", "text", "does"),
    [
        ("12", "12.", True),
        ("12", "12.5", False),
        ("12", "m123", False),
        ("Ada", "Adam", False),
        ("two", "Two of", True),
        ("Two of", "two of", False),
    ],
)
def test_a_value_stands_as_words_of_its_own(value, text, does):
    assert stands(value, text) is does
