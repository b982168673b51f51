"""Which tool a query wants: gold is right in every group, each way to be wrong counts, and validation is apart from the test."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

import pytest

from envs import suite
from raytool.dialects import Dialect, PythonDialect, make
from raytool.evaluation import predictions
from raytool.evaluation.scorecard import Scorecard
from raytool.evaluation.suite import Reading, Sample, SuiteError
from raytool.evaluation.suites.selection import Selection
from raytool.records import Task, ToolCall


@pytest.fixture(scope="module")
def reading() -> Reading:
    return Selection(count=12).read(None)


def gold(task: Task) -> str:
    return PythonDialect().render([task.gold[0].calls[0].call], task.tools)


def scored(reading: Reading, answers: dict[str, list[str]], prompting: str = "base") -> Scorecard:
    episodes = predictions.play(reading.samples, answers, make("python", prompting))
    return Scorecard.of(Selection(), reading, episodes, {})


def test_gold_is_right_in_every_group(reading: Reading) -> None:
    card = scored(reading, {sample.task.id: [gold(sample.task)] for sample in reading.samples})
    for group, measured in card.summary.items():
        assert [measured[name].value for name in ("selection", "PI", "CF", "reasoning")] == [100, 100, 100, 0], group
        assert measured["extra calls"].value == 0
    lengths = [len(gold(sample.task)) + 1 for sample in reading.samples]  # a character is a token here, and the end is one
    assert card.summary["all"]["answer"].value == pytest.approx(sum(lengths) / len(lengths))
    assert card.told("answer") == "answer (tokens)" and card.told("CF") == "CF"
    assert {"draws=single-domain", "draws=cross-domain", "tool=seen", "tool=unseen"} <= set(card.summary)


def test_each_query_stands_among_tools_of_its_scenario_and_of_all(reading: Reading) -> None:
    alone, across = (reading.only([draws], None, 0).samples for draws in ("single-domain", "cross-domain"))
    assert [sample.task.query for sample in alone] == [sample.task.query for sample in across] and len(alone) > 12
    for sample in reading.samples:
        names = [spec.name for spec in sample.task.tools]
        assert len(set(names)) == len(names) in (5, 10) and names.count(sample.task.gold[0].calls[0].name) == 1
        assert not {"finish", "ask_to_user"} & set(names)
    assert Counter(len(sample.task.tools) for sample in Selection(count=2, tools=[3]).read(None).samples).keys() == {4}


def test_each_way_to_be_wrong_counts(reading: Reading) -> None:
    chosen = Reading(reading.samples[:1])
    (sample,) = chosen.samples
    other = next(spec.name for spec in sample.task.tools if spec.name != sample.task.gold[0].calls[0].name)
    right = gold(sample.task)

    def card(text: str, prompting: str = "base") -> tuple[str, list[float]]:
        made = scored(chosen, {sample.task.id: [text]}, prompting)
        told = ("selection", "PI", "CF", "reasoning", "answer")
        return made.results[0].verdict, [made.summary["all"][name].value for name in told]

    called = PythonDialect().render([ToolCall(other)], sample.task.tools)
    assert card(called) == ("wrong_tool", [0, 0, 0, 0, len(called) + 1])
    assert card("I would rather not.") == ("format_error", [0, 0, 0, 20, 0])
    thought = f"It has to be this one.\nAnswer:\n{right}"
    assert card(thought, "cot") == ("all_right", [100, 100, 100, len(thought) - len(right), len(right) + 1])
    assert card(right, "cot") == ("format_error", [0, 0, 0, len(right) + 1, 0])


def test_the_first_call_counts_in_every_form_of_prompting(reading: Reading) -> None:
    (sample,) = reading.samples[:1]
    call = sample.task.gold[0].calls[0].call
    other = ToolCall(next(spec.name for spec in sample.task.tools if spec.name != call.name))
    for dialect, prompting, begins in (("python", "base", ""), ("python", "cot", "It is that.\nAnswer:\n"), ("react", "react", "")):
        form = make(dialect, prompting)

        def measured(first: ToolCall, then: str, form: Dialect = form, begins: str = begins) -> dict[str, float]:
            text = begins + form.render([first], sample.task.tools).removeprefix("Answer:\n") + then
            episodes = predictions.play([sample], {sample.task.id: [text]}, form)
            summary = Scorecard.of(Selection(), Reading([sample]), episodes, {}).summary["all"]
            return {name: summary[name].value for name in ("selection", "extra calls")}

        again = "\n" + form.render([other], sample.task.tools).removeprefix("Answer:\n")
        assert measured(call, "") == {"selection": 100, "extra calls": 0}, prompting
        assert measured(call, again) == {"selection": 100, "extra calls": 100}, prompting
        assert measured(other, "\n" + again.strip()) == {"selection": 0, "extra calls": 100}, prompting
    assert measured(call, "\nObservation: done\nFinal Answer: It is done.") == {"selection": 100, "extra calls": 0}
    assert measured(call, "\nObservation: done\n" + again.strip()) == {"selection": 100, "extra calls": 100}


def test_validation_is_apart_and_has_unseen_tools_of_its_own() -> None:
    test, validation = (Selection(count=40, split=split).read(None).samples for split in ("test", "validation"))
    assert {sample.groups["tool"] for sample in test} == {sample.groups["tool"] for sample in validation} == {"seen", "unseen"}
    seen = {(domain, spec.name) for domain, own in suite.tools("train").items() for spec in own}
    every = {(domain, spec.name) for domain, own in suite.tools("test").items() for spec in own}

    def offered(samples: Sequence[Sample]) -> set[tuple[str, str]]:
        """Where a domain is sure."""
        own = [sample for sample in samples if sample.groups["draws"] == "single-domain"]
        return {(sample.groups["scenario"], spec.name) for sample in own for spec in sample.task.tools}

    assert not offered(test) & offered(validation) - seen
    hidden = [offered(samples) - seen for samples in (test, validation)]
    assert sum(map(len, hidden)) > 0.9 * len(every - seen) and len(hidden[0]) > len(hidden[1]) > 3

    def asked(samples: Sequence[Sample]) -> set[str]:
        return {json.dumps([call.name, call.arguments], sort_keys=True) for s in samples for call in s.task.gold[0].calls}

    assert not asked(test) & asked(validation)
    assert not {sample.task.query for sample in test} & {sample.task.query for sample in validation}


def test_more_tools_than_there_are_are_refused() -> None:
    with pytest.raises(SuiteError, match="option tools: 60 is more than the pool has"):
        Selection(count=1, tools=[60]).read(None)
