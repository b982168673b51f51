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
from raytool.tasks.serving import canonical

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


def test_every_cell_has_the_samples_of_its_queries(suite: Evolution, reading: Reading) -> None:
    counts = Counter((sample.groups["query/tool"], sample.groups["kind"]) for sample in reading.samples)
    unclear = {s.task.query: s.groups["query/tool"] for s in reading.samples if s.task.tags["able"] == "unclear"}
    assert counts == {(cell, kind): 2 - (kind == "weak") * Counter(unclear.values())[cell] for cell in CELLS for kind in KINDS}
    assert unclear and [note for note in suite.notes() if note == "seen/unseen: 2 queries"]
    for sample in reading.samples:
        assert sample.task.tags["held_out"] == {"seen/seen": "", "unseen/seen": "query"}.get(sample.groups["query/tool"], "tool")
        assert len(sample.task.tools) == 6


def test_gold_is_right_everywhere(suite: Evolution, reading: Reading) -> None:
    samples = list(reading.samples)
    made = card(suite, samples, {sample.task.id: gold(sample) for sample in samples})
    full = {"selection": 100, "TS": 100, "PI": 100, "CF": 100, "ranked": 100, "strong first": 100, "false calls": 0, "no call": 0}
    assert values(made) == full and set(made.verdicts) == {"all_right"}
    for cell in CELLS:
        assert values(made, f"query/tool={cell}") == full
    assert values(made, "kind=neither") == {"selection": 100, "false calls": 0, "no call": 0}
    assert values(made, "kind=both") == {name: value for name, value in full.items() if name != "false calls"}
    plain = card(suite, samples, {sample.task.id: gold(sample, ranks=False) for sample in samples})
    assert values(plain) == {name: value for name, value in {**full, "ranked": 0}.items() if name != "strong first"}, "of rankings only"


def test_each_mistake_has_its_measure(suite: Evolution, reading: Reading) -> None:
    of = {kind: [sample for sample in reading.samples if sample.groups["kind"] == kind] for kind in KINDS}
    weak = {sample.task.id: call(sample, sample.task.tags["weak"]) for sample in of["both"]}
    assert card(suite, of["both"], weak).verdicts == {"weak_tool": 8} and values(card(suite, of["both"], weak))["selection"] == 0
    default = {sample.task.id: call(sample, "generate_response", response="No.") for sample in of["strong"]}
    assert card(suite, of["strong"], default).verdicts == {"default_tool": 8}
    wrong = {s.task.id: call(s, next(spec.name for spec in s.task.tools if spec.name != "generate_response")) for s in of["neither"]}
    assert values(card(suite, of["neither"], wrong)) == {"selection": 0, "false calls": 100, "no call": 0}
    for said in ("I cannot do that.", "archive_email(email_id="):
        text = card(suite, of["neither"], dict.fromkeys(wrong, said))
        assert values(text) == {"selection": 0, "false calls": 0, "no call": 100} and text.verdicts == {"format_error": 8}
    made_up = card(suite, of["strong"], {sample.task.id: "no_such_tool()" for sample in of["strong"]})
    assert made_up.verdicts == {"tool_hallucination": 8} and values(made_up)["TS"] == 0
    bare = {sample.task.id: call(sample, sample.task.tags["strong"]) for sample in of["strong"]}
    assert (values(card(suite, of["strong"], bare))["TS"], set(card(suite, of["strong"], bare).verdicts)) == (100, {"parameters"})
    assert values(card(suite, of["strong"], {})) == {"selection": 0, "TS": 0, "PI": 0, "CF": 0}
    assert values(card(suite, of["both"], {})) == {"selection": 0, "TS": 0, "PI": 0, "CF": 0, "ranked": 0}


@pytest.mark.parametrize(
    ("order", "first"),
    [(("strong", "weak"), 100), (("weak", "strong"), 0), (("strong",), 100), (("weak",), 0), (("generate_response",), 0)],
)
def test_which_of_the_two_is_ranked_higher(suite: Evolution, reading: Reading, order: tuple[str, ...], first: int) -> None:
    samples = [sample for sample in reading.samples if sample.groups["kind"] == "both"]
    lines = {s.task.id: f"rank: [{', '.join(s.task.tags.get(name, name) for name in order)}]" for s in samples}
    answers = {s.task.id: f"{lines[s.task.id]}\n{gold(s, ranks=False)}" for s in samples}
    levels = {"selection": 100, "TS": 100, "PI": 100, "CF": 100}
    assert values(card(suite, samples, answers)) == {**levels, "ranked": 100, "strong first": first, "no call": 0}


@pytest.mark.parametrize("shown", [{}, {"queries": 9, "unanswered": 4}, {"queries": 2, "unanswered": 1}])
def test_seen_is_what_training_shows_and_nothing_else(shown: dict[str, int]) -> None:
    suite = Evolution(options=OFFICE, count=5, **shown)
    samples = suite.read(None).samples
    trained = {task.query for task in tasks(options=OFFICE, **shown)}
    for sample in samples:
        assert (sample.task.query in trained) is (sample.groups["query"] == "seen"), sample.task.id
    asked = {cell: len({sample.task.query for sample in samples if sample.groups["query/tool"] == cell}) for cell in CELLS}
    for cell, count in asked.items():
        few = f"; fewer than 5: {count} of envs.office:Office" if count < 5 else ""
        assert f"{cell}: {count} queries{few}" in suite.notes()
    assert asked["seen/seen"] <= shown.get("queries", 5) and asked["seen/unseen"] <= shown.get("unanswered", 5)


def test_validation_shares_nothing_with_the_test() -> None:
    tuned = Evolution(options={"only": ["office", "education"], "count": 100}, part="validation", count=None).read(None)
    tested = Evolution(options={"only": ["office", "education"], "count": 100}, count=None).read(None)
    assert {sample.groups["query/tool"] for sample in tuned.samples} == CELLS
    assert not {sample.task.query for sample in tuned.samples} & {sample.task.query for sample in tested.samples}
    unseen = [{s.task.tags["strong"] for s in part.samples if s.groups["tool"] == "unseen"} for part in (tuned, tested)]
    assert not unseen[0] & unseen[1] and all(unseen)
    asked = [{(s.task.tags["strong"], s.task.tags["held_out"]) for s in part.samples} for part in (tuned, tested)]
    hidden = [{tool for tool, held_out in part if held_out == "tool"} for part in asked]
    offered = [{spec.name for s in part.samples for spec in s.task.tools} for part in (tuned, tested)]
    assert not offered[0] & hidden[1] and not offered[1] & hidden[0], "nor as neighbours"
    calls = [{canonical(s.task.gold[0].calls[0]) for s in part.samples if s.groups["right"] == "strong tool"} for part in (tuned, tested)]
    assert not calls[0] & calls[1]


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
    count = len(Evolution(options=OFFICE, count=1).read(None).samples)
    assert places == dict.fromkeys("123456", count) and count >= 12
    assert len({sample.task.id for sample in turned.samples}) == 6 * count == len(turned.samples)


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
