"""The suite's held-out tasks as a benchmark: gold reaches everything, and each kind of failure shows in its own measure."""

from __future__ import annotations

import pytest

from raytool.dialects import PythonDialect
from raytool.evaluation import predictions
from raytool.evaluation.scorecard import Scorecard
from raytool.evaluation.suite import Reading, SuiteError
from raytool.evaluation.suites.scenarios import Scenarios
from raytool.records import Task


@pytest.fixture(scope="module")
def suite() -> Scenarios:
    return Scenarios(count=6)


@pytest.fixture(scope="module")
def reading(suite: Scenarios) -> Reading:
    return suite.read(None)


def texts(task: Task) -> list[str]:
    return [PythonDialect().render([gold.call], task.tools) for gold in task.gold[0].calls]


def scored(suite: Scenarios, reading: Reading, answers: dict[str, list[str]]) -> Scorecard:
    return Scorecard.of(suite, reading, predictions.play(reading.samples, answers, PythonDialect()), {})


def value(card: Scorecard, group: str = "all") -> dict[str, float]:
    return {name: interval.value for name, interval in card.summary[group].items()}


def test_gold_is_right_in_every_group(suite: Scenarios, reading: Reading) -> None:
    card = scored(suite, reading, {sample.task.id: texts(sample.task) for sample in reading.samples})
    for group in card.summary:
        assert value(card, group) == {"TS": 100, "PI": 100, "CF": 100, "goal": 100, "DE": 0, "CE": 0, "VA": 100}, group
    assert {group.split("=")[0] for group in card.summary} == {"all", "draws", "scenario", "tool", "kind"}
    assert len({group for group in card.summary if group.startswith("scenario=")}) == 7
    assert {"draws=single-domain", "draws=cross-domain", "tool=seen", "tool=unseen"} <= set(card.summary)


def test_both_draws_ask_the_same(reading: Reading) -> None:
    alone, across = (reading.only([draws], None, 0).samples for draws in ("single-domain", "cross-domain"))
    served = [sample for sample in alone if sample.groups["kind"] != "nothing"]
    assert [sample.task.query for sample in served] == [sample.task.query for sample in across]
    assert [sample.cluster for sample in served] == [sample.cluster for sample in across] and len({s.cluster for s in served}) == len(
        served
    )
    assert len(alone) == 7 * 6
    # The scenarios that hold a task's tools: its own, and in the other draws more.
    assert not any("elsewhere" in sample.task.options for sample in alone)
    assert sum(bool(sample.task.options["elsewhere"]) for sample in across) > 0.9 * len(across)


def test_each_failure_has_its_measure(suite: Scenarios, reading: Reading) -> None:
    chosen = Reading([sample for sample in reading.samples if sample.groups["kind"] == "single"][:10])

    def card(*said: str) -> dict[str, float]:
        return value(scored(suite, chosen, {sample.task.id: list(said) for sample in chosen.samples}))

    gave_up = card("finish(answer='I cannot handle the task.')")
    assert (gave_up["TS"], gave_up["goal"], gave_up["VA"], gave_up["DE"]) == (0, 0, 0, 0)
    assert card("no_such_tool()\nfinish(answer='Here it is.')")["DE"] == 50
    assert card("finish(")["CE"] == 100
    assert card("finish(answer=1)")["CE"] == 100
    unanswered = value(scored(suite, chosen, {}))
    assert unanswered == {"TS": 0, "PI": 0, "CF": 0, "goal": 0, "VA": 0}


def test_options(suite: Scenarios) -> None:
    wide = Scenarios(count=1, tools=9).read(None)
    assert {len(sample.task.tools) for sample in wide.samples if sample.groups["kind"] != "nothing"} == {11}
    assert Scenarios(count=1, seed=5).read(None) != Scenarios(count=1).read(None)
    with pytest.raises(SuiteError, match="option tools: tools is 99, not 1 to 16"):
        Scenarios(tools=99).read(None)
