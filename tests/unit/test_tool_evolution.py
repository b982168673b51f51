"""The four samples of a query and their rankings, exact; and what the checks against shortcuts change of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from raytool.methods.naming import neutral_names, renamed
from raytool.methods.tool_evolution import (
    GENERATE_RESPONSE,
    KINDS,
    EvolutionQuery,
    covers,
    exchanged_names,
    narrowed,
    rank_only,
    ranking,
    rotations,
    sample,
)
from raytool.records import GoldCall, Task
from rewards.tl_training import TLTraining
from tests.unit.builders import played, task, tool

BOOK, HALF_HOUR = tool("book", "day", "minutes", required=["day"]), tool("book_half_hour", "day", required=["day"])
NEAR = tuple(tool(f"near_{number}", "x") for number in range(1, 6))
RIGHT = GoldCall("book", {"day": "Monday", "minutes": 30}, optional=("minutes",))
ABLE = narrowed(RIGHT, HALF_HOUR)
SIMILARITY = {"near_1": 0.1, "near_2": 0.5, "near_3": 0.3, "near_4": 0.5, "near_5": 0.0, "book": 0.0, "book_half_hour": 0.4}
QUERY = EvolutionQuery(replace(task(), id="q", tags={"scenario": "office"}), BOOK, (RIGHT,), HALF_HOUR, (ABLE,), NEAR, SIMILARITY)
UNABLE = replace(QUERY, able=())
DEFAULT = "generate_response"


def offered(of: Task) -> set[str]:
    return {spec.name for spec in of.tools}


@pytest.mark.parametrize(
    ("query", "kind", "named", "neighbours", "right", "ranks"),
    [
        (QUERY, "neither", [], 5, DEFAULT, [DEFAULT, "near_2", "near_4", "near_3", "near_1", "near_5"]),
        (QUERY, "weak", ["book_half_hour"], 4, "book_half_hour", ["book_half_hour", DEFAULT, "near_2", "near_4", "near_3", "near_1"]),
        (UNABLE, "weak", ["book_half_hour"], 4, DEFAULT, [DEFAULT, "near_2", "near_4", "book_half_hour", "near_3", "near_1"]),
        (QUERY, "strong", ["book"], 4, "book", ["book", DEFAULT, "near_2", "near_4", "near_3", "near_1"]),
        (QUERY, "both", ["book", "book_half_hour"], 3, "book", ["book", "book_half_hour", DEFAULT, "near_2", "near_3", "near_1"]),
        (UNABLE, "both", ["book", "book_half_hour"], 3, "book", ["book", DEFAULT, "near_2", "book_half_hour", "near_3", "near_1"]),
    ],
)
def test_the_four_samples(query, kind, named, neighbours, right, ranks) -> None:
    made = sample(query, kind, seed=0)
    assert len(made.tools) == 6
    assert offered(made) == {*named, *(spec.name for spec in NEAR[:neighbours]), DEFAULT}
    (gold,) = made.gold
    assert [call.name for call in gold.calls] == [right] and list(gold.ranking) == ranks
    assert made.id == f"q-{kind}" and made.tags["sample"] == kind and made.tags["scenario"] == "office"
    assert (made.tags["strong"], made.tags["weak"]) == ("book", "book_half_hour")


@pytest.mark.parametrize("kind", KINDS)
def test_gold_is_all_right_where_it_is_played(kind) -> None:
    for query in (QUERY, UNABLE):
        made = sample(query, kind, seed=3)
        call = made.gold[0].calls[0]
        written = f"{call.name}({', '.join(f'{name}={value!r}' for name, value in call.arguments.items())})"
        assert [verdict.category for verdict in TLTraining()(played(made, written)).verdicts] == ["all_right"]
    (verdict,) = TLTraining()(played(sample(QUERY, "neither", seed=0), "generate_response(response='No.')")).verdicts
    assert verdict.category == "all_right", "in whatever words"


def test_a_tool_without_a_weaker_version_has_two_samples() -> None:
    alone = replace(QUERY, weak=None, able=())
    assert (QUERY.kinds, alone.kinds) == (KINDS, ("neither", "strong"))
    assert ranking(alone, [BOOK, *NEAR[:2], GENERATE_RESPONSE]) == ("book", DEFAULT, "near_2", "near_1")
    assert sample(alone, "strong", 0).tags["weak"] == ""


def test_the_right_tool_stands_at_every_place_alike() -> None:
    places = Counter()
    for number in range(600):
        query = replace(QUERY, task=replace(QUERY.task, id=f"q{number}"))
        made = sample(query, "both", seed=0)
        places[[spec.name for spec in made.tools].index("book")] += 1
    assert set(places) == set(range(6))
    assert sum((count - 100) ** 2 / 100 for count in places.values()) < 20.5, "chi-squared, 5 degrees of freedom, p = 0.001"
    orders = {tuple(spec.name for spec in sample(QUERY, "both", seed).tools) for seed in range(20)}
    assert len(orders) > 15 and sample(QUERY, "both", 4) == sample(QUERY, "both", 4)


def test_the_first_stage_asks_for_the_ranking_alone() -> None:
    made = sample(QUERY, "both", 0)
    asked = rank_only(made)
    assert asked.tools == made.tools and asked.query == f"{made.query}\n\nWrite only the line 'rank: [...]' and call nothing."
    assert (asked.gold[0].calls, asked.gold[0].ranking) == ((), made.gold[0].ranking) and asked.id != made.id


@pytest.mark.parametrize(
    ("call", "covered", "arguments"),
    [
        (GoldCall("book", {"day": "Monday"}, accept={"minutes": (30,)}), True, {"day": "Monday"}),
        (GoldCall("book", {"day": "Monday", "minutes": 30}, optional=("minutes",)), True, {"day": "Monday"}),
        (GoldCall("book", {"day": "Monday", "minutes": 45}), False, {"day": "Monday"}),
        (GoldCall("book", {"minutes": 45}, accept={"day": ("today",)}), False, {"day": "today"}),
    ],
)
def test_a_right_call_made_of_a_weaker_tool(call: GoldCall, covered: bool, arguments: dict[str, str]) -> None:
    made = narrowed(call, HALF_HOUR)
    assert (made.name, made.arguments, covers(HALF_HOUR, call)) == ("book_half_hour", arguments, covered)
    assert not made.missing(arguments) and not made.wrong_values(arguments) and not made.redundant(arguments)
    assert made.names <= HALF_HOUR.documented.keys()


def test_neutral_names_say_nothing_and_change_nothing_else() -> None:
    made = sample(QUERY, "both", 0)
    names = neutral_names(made)
    neutral = renamed(made, names)
    assert offered(neutral) == {DEFAULT, *(f"tool_{number}" for number in range(1, 6))}
    assert [spec.description for spec in neutral.tools] == [spec.description for spec in made.tools]
    assert neutral.gold[0].calls[0].name == names["book"] == neutral.tags["strong"]
    assert neutral.gold[0].ranking == tuple(names.get(name, name) for name in made.gold[0].ranking)
    assert renamed(neutral, {new: old for old, new in names.items()}) == made


@pytest.mark.parametrize("kind", KINDS)
def test_swapped_documents_leave_the_strong_document_right(kind) -> None:
    made = sample(QUERY, kind, 0)
    swapped = renamed(made, exchanged_names(made))
    other = {"book": "book_half_hour", "book_half_hour": "book"}
    assert [spec.name for spec in swapped.tools] == [other.get(spec.name, spec.name) for spec in made.tools]
    assert [(s.description, s.parameters) for s in swapped.tools] == [(s.description, s.parameters) for s in made.tools]
    right = swapped.gold[0].calls[0]
    document = next(spec for spec in swapped.tools if spec.name == right.name)
    was = next(spec for spec in made.tools if spec.name == made.gold[0].calls[0].name)
    assert document.parameters == was.parameters and right.arguments == made.gold[0].calls[0].arguments


def test_in_all_rotations_every_tool_stands_at_every_place_once() -> None:
    made = sample(QUERY, "strong", 0)
    turned = rotations(made)
    assert len(turned) == 6 == len({of.id for of in turned})
    assert sorted([spec.name for spec in of.tools].index("book") for of in turned) == list(range(6))
    assert all(replace(of, id=made.id, tools=made.tools) == made for of in turned)
