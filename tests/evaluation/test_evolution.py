"""Tool evolution as a benchmark: gold is right in every cell, each mistake has its measure, and the checks change what they say."""

from __future__ import annotations

from collections import Counter

import pytest

from raytool.dialects import PythonDialect, Ranking
from raytool.evaluation import predictions
from raytool.evaluation.opening import make
from raytool.evaluation.scorecard import Scorecard
from raytool.evaluation.suite import Reading, Sample, SuiteError
from raytool.evaluation.suites.evolution import Evolution
from raytool.methods.tool_evolution import KINDS
from raytool.records import ToolCall
from raytool.tasks.evolution import tasks

OFFICE = {"only": ["office"], "count": 100}
DIALECT = Ranking(PythonDialect())
CELLS = {"seen/seen", "seen/unseen", "unseen/seen", "unseen/unseen"}


@pytest.fixture(scope="module")
def suite() -> Evolution:
    return Evolution(options=OFFICE)


@pytest.fixture(scope="module")
def reading(suite: Evolution) -> Reading:
    return suite.read(None)


def gold(sample: Sample, ranks: bool = True) -> str:
    call = DIALECT.render([sample.task.gold[0].calls[0].call], sample.task.tools)
    return DIALECT.ranked(call, sample.task.gold[0].ranking, sample.task.tools) if ranks else call


def call(sample: Sample, tool: str, **arguments: object) -> str:
    return DIALECT.render([ToolCall(tool, arguments)], sample.task.tools)


def card(suite: Evolution, samples: list[Sample], answers: dict[str, str]) -> Scorecard:
    episodes = predictions.play(samples, {name: [text] for name, text in answers.items()}, DIALECT)
    return Scorecard.of(suite, Reading(samples), episodes, {})


def values(made: Scorecard, group: str = "all") -> dict[str, float]:
    return {name: interval.value for name, interval in made.summary[group].items()}


def test_every_cell_has_the_four_samples_of_its_queries(reading: Reading) -> None:
    counts = Counter((sample.groups["query/tool"], sample.groups["kind"]) for sample in reading.samples)
    assert counts == {(cell, kind): 2 for cell in CELLS for kind in KINDS}
    for sample in reading.samples:
        assert sample.task.tags["held_out"] == {"seen/seen": "", "unseen/seen": "query"}.get(sample.groups["query/tool"], "tool")
        assert len(sample.task.tools) == 6


def test_gold_is_right_everywhere(suite: Evolution, reading: Reading) -> None:
    samples = list(reading.samples)
    made = card(suite, samples, {sample.task.id: gold(sample) for sample in samples})
    full = {"selection": 100, "TS": 100, "PI": 100, "CF": 100, "strong first": 100, "false calls": 0}
    assert values(made) == full and set(made.verdicts) == {"all_right"}
    for cell in CELLS:
        assert values(made, f"query/tool={cell}") == full
    assert values(made, "kind=neither") == {"selection": 100, "false calls": 0}
    assert values(made, "kind=both") == {"selection": 100, "TS": 100, "PI": 100, "CF": 100, "strong first": 100}
    plain = card(suite, samples, {sample.task.id: gold(sample, ranks=False) for sample in samples})
    assert values(plain) == {name: value for name, value in full.items() if name != "strong first"}, "measured where there is a ranking"


def test_each_mistake_has_its_measure(suite: Evolution, reading: Reading) -> None:
    of = {kind: [sample for sample in reading.samples if sample.groups["kind"] == kind] for kind in KINDS}
    weak = {sample.task.id: call(sample, sample.task.tags["weak"]) for sample in of["both"]}
    assert card(suite, of["both"], weak).verdicts == {"weak_tool": 8} and values(card(suite, of["both"], weak))["selection"] == 0
    said = {sample.task.id: call(sample, "generate_response", response="No.") for sample in of["strong"]}
    assert card(suite, of["strong"], said).verdicts == {"default_tool": 8}
    wrong = {s.task.id: call(s, next(spec.name for spec in s.task.tools if spec.name != "generate_response")) for s in of["neither"]}
    assert values(card(suite, of["neither"], wrong)) == {"selection": 0, "false calls": 100}
    text = card(suite, of["neither"], dict.fromkeys(wrong, "I cannot do that."))
    assert values(text) == {"selection": 0, "false calls": 0} and text.verdicts == {"format_error": 8}
    made_up = card(suite, of["strong"], {sample.task.id: "no_such_tool()" for sample in of["strong"]})
    assert made_up.verdicts == {"tool_hallucination": 8} and values(made_up)["TS"] == 0
    bare = {sample.task.id: call(sample, sample.task.tags["strong"]) for sample in of["strong"]}
    assert (values(card(suite, of["strong"], bare))["TS"], set(card(suite, of["strong"], bare).verdicts)) == (100, {"parameters"})
    assert values(card(suite, of["strong"], {})) == {"selection": 0, "TS": 0, "PI": 0, "CF": 0}


@pytest.mark.parametrize(
    ("order", "first"),
    [(("strong", "weak"), 100), (("weak", "strong"), 0), (("strong",), 100), (("weak",), 0), (("generate_response",), 0)],
)
def test_which_of_the_two_is_ranked_higher(suite: Evolution, reading: Reading, order: tuple[str, ...], first: int) -> None:
    samples = [sample for sample in reading.samples if sample.groups["kind"] == "both"]
    lines = {s.task.id: f"rank: [{', '.join(s.task.tags.get(name, name) for name in order)}]" for s in samples}
    answers = {s.task.id: f"{lines[s.task.id]}\n{gold(s, ranks=False)}" for s in samples}
    assert values(card(suite, samples, answers)) == {"selection": 100, "TS": 100, "PI": 100, "CF": 100, "strong first": first}


def test_seen_is_what_training_shows_and_nothing_else(reading: Reading) -> None:
    shown = {task.query for task in tasks(options=OFFICE, queries=9, unanswered=4)}
    for sample in reading.samples:
        assert (sample.task.query in shown) is (sample.groups["query"] == "seen"), sample.task.id


def test_validation_shares_nothing_with_the_test(reading: Reading) -> None:
    tuned = Evolution(options={"only": ["office", "education"], "count": 100}, part="validation", count=None).read(None)
    tested = Evolution(options={"only": ["office", "education"], "count": 100}, count=None).read(None)
    assert {sample.groups["query/tool"] for sample in tuned.samples} == CELLS
    assert not {sample.task.query for sample in tuned.samples} & {sample.task.query for sample in tested.samples}
    unseen = [{s.task.tags["strong"] for s in part.samples if s.groups["tool"] == "unseen"} for part in (tuned, tested)]
    assert not unseen[0] & unseen[1] and all(unseen)


def test_the_checks_against_shortcuts(suite: Evolution, reading: Reading) -> None:
    asked = {sample.task.id: sample.task for sample in reading.samples}
    for options in ({"names": "neutral"}, {"documents": "swapped"}):
        changed = Evolution(options=OFFICE, **options)
        samples = list(changed.read(None).samples)
        assert [sample.task.id for sample in samples] == list(asked)
        assert values(card(changed, samples, {s.task.id: gold(s) for s in samples}))["selection"] == 100
        for sample in samples:
            was = asked[sample.task.id]
            assert [spec.description for spec in sample.task.tools] == [spec.description for spec in was.tools]
            names = {spec.name for spec in sample.task.tools}
            if "names" in options:
                assert names == {"generate_response", *(f"tool_{number}" for number in range(1, 6))}
            elif sample.groups["kind"] == "both":
                assert sample.task.gold[0].calls[0].name == was.tags["weak"] and names == {spec.name for spec in was.tools}
        assert [note for note in changed.notes() if next(iter(options.values())) in note]
    by_name = {s.task.id: call(s, asked[s.task.id].tags["strong"]) for s in samples if s.groups["kind"] == "both"}
    both = [sample for sample in samples if sample.groups["kind"] == "both"]
    assert card(changed, both, by_name).verdicts == {"weak_tool": 8}, "who goes by the name calls the weak document"


def test_in_every_order(reading: Reading) -> None:
    turned = Evolution(options=OFFICE, order="permuted", count=1).read(None)
    places = Counter(sample.groups["place"] for sample in turned.samples)
    assert places == dict.fromkeys("123456", 16) and len(turned.samples) == 6 * 16
    assert len({sample.task.id for sample in turned.samples}) == 96


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"names": "neutral", "documents": "swapped"}, "documents: 'swapped' has no effect with names 'neutral'"),
        ({"names": "none"}, "names: Input should be 'own' or 'neutral'"),
        ({"part": "train"}, "part: Input should be 'validation' or 'test'"),
        ({"count": 0}, "count"),
        ({"size": 3}, "option size: evolution has part, count, source"),
    ],
)
def test_options_that_are_none(options: dict, told: str) -> None:
    with pytest.raises(SuiteError, match=told):
        make("evolution", options)


def test_a_source_without_a_query_is_refused() -> None:
    with pytest.raises(SuiteError, match="source 'tests.plugins.shelf:unusable' has no query for part 'test'"):
        Evolution(source="tests.plugins.shelf:unusable", options={}).read(None)
