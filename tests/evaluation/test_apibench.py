"""APIBench as tool selection: which tools are offered, and what counts as the right one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from raytool.dialects import PythonDialect
from raytool.evaluation import predictions
from raytool.evaluation.opening import make
from raytool.evaluation.scorecard import Scorecard
from raytool.evaluation.suite import Reading, SuiteError
from raytool.evaluation.suites.apibench import ApiBench
from raytool.records import ToolCall, UserError

PUBLISHED = Path(__file__).resolve().parents[2] / "../shared/benchmarks/apibench"


def record(call: str, query: str = "Do it.", **api: str) -> str:
    data = {"domain": "Sound", "functionality": "hearing", "api_name": "load", "description": "Hears well.", "api_call": call, **api}
    return json.dumps({"code": f"###Instruction: {query}\n###Output: {{'domain': 'Sound'}}", "api_call": call, "api_data": data})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    training = [record(f"hub.load('own/ears', 'model-{n}')", domain=f"Domain {n}") for n in range(6)]
    test = [
        record("hub.load('own/ears',  'model-0')", "Hear\nthis.", description="Not this: the training file was first."),
        record('hub.load("https://own.org/eyes/2")', description="See " * 500),
        record("hub.load(eyes)", api_name="3 eyes"),
        record("hub.load(eyes, 2)", api_name="3 eyes"),
        '{"code": "###Instruction: ?"}',
        record("hub.load('own/ears', 'model-1')").replace("###Instruction", "Instruction"),
    ]
    (tmp_path / "torchhub_train.json").write_text("\n".join([*training, "{", ""]))
    (tmp_path / "torchhub_eval.json").write_text("\n".join(test))
    return tmp_path


def scored(suite: ApiBench, reading: Reading, answers: dict[str, str]) -> Scorecard:
    texts = {name: [text] for name, text in answers.items()}
    return Scorecard.of(suite, reading, predictions.play(reading.samples, texts, PythonDialect()), {})


def gold(reading: Reading) -> dict[str, str]:
    dialect = PythonDialect()
    return {sample.task.id: dialect.render([ToolCall(str(sample.record))], sample.task.tools) for sample in reading.samples}


def test_each_query_is_offered_its_own_api_and_others(folder: Path) -> None:
    suite = ApiBench()
    reading = suite.read(folder)
    assert [sample.task.query for sample in reading.samples] == ["Hear\nthis.", "Do it.", "Do it.", "Do it."]
    assert [sample.record for sample in reading.samples] == ["own_ears_model_0", "eyes_2", "api_3_eyes", "api_3_eyes_2"]
    for sample in reading.samples:
        names = [spec.name for spec in sample.task.tools]
        assert len(set(names)) == len(names) == 5
        assert sample.record in names
    own = reading.samples[0].task.tool("own_ears_model_0")
    assert own is not None
    assert own.description == "Domain 0: hearing: Hears well."
    long = reading.samples[1].task.tool("eyes_2")
    assert long is not None
    assert len(long.description) == 603
    places = {[spec.name for spec in sample.task.tools].index(sample.record) for sample in ApiBench(seed=3).read(folder).samples}
    assert len(places) > 1
    assert suite.read(folder) == reading
    assert ApiBench(seed=1).read(folder) != reading
    assert len(ApiBench(distractors=8).read(folder).samples[0].task.tools) == 9


def test_gold_is_right_and_what_cannot_be_read_is_named_and_wrong(folder: Path) -> None:
    suite = ApiBench()
    reading = suite.read(folder)
    card = scored(suite, reading, gold(reading))
    assert card.verdicts == {"right": 4, "unreadable": 2}
    assert card.unreadable == [
        {"where": "torchhub_eval.json:5", "reason": "api_call: Field required"},
        {"where": "torchhub_eval.json:6", "reason": "code: no ###Instruction: ... ###Output"},
    ]
    assert [note.partition(": ")[2].partition(": ")[0] for note in card.notes] == [
        "tensorflow_eval.json",
        "huggingface_eval.json",
        "torchhub_train.json:7",
    ]
    assert [lost.id for lost in reading.unreadable] == ["torchhub-5", "torchhub-6"]


def test_a_training_file_that_is_not_there_is_named(folder: Path) -> None:
    (folder / "torchhub_train.json").unlink()
    suite = ApiBench(distractors=2)
    suite.read(folder)
    assert suite.notes()[2:] == ["torchhub: other APIs are drawn of the test file alone, since torchhub_train.json is not there"]


def test_another_call_is_wrong(folder: Path) -> None:
    suite = ApiBench()
    reading = suite.read(folder)
    first, second, third, fourth = reading.samples
    other = next(spec.name for spec in second.task.tools if spec.name != second.record)
    answers = {
        first.task.id: "own_ears_model_0(pretrained=True)",
        second.task.id: f"{other}()\n{second.record}()",
        third.task.id: "I would take the third.",
        fourth.task.id: "no_such_tool()",
    }
    assert scored(suite, reading, answers).verdicts == {
        "right": 1,
        "wrong_tool": 1,
        "no_call": 1,
        "tool_hallucination": 1,
        "unreadable": 2,
    }


def test_options_are_checked(folder: Path) -> None:
    made = make("apibench", {"distractors": 2})
    assert len(made.read(folder).samples[0].task.tools) == 3
    for options, complaint in (
        ({"distractors": "many"}, "options {'distractors': 'many'}: distractors: Input should be a valid integer"),
        ({"distractors": 0}, "options {'distractors': 0}: distractors: Input should be greater"),
        ({"tools": 3}, "option tools: apibench has distractors, seed"),
    ):
        with pytest.raises(UserError, match=complaint):
            make("apibench", options)
    with pytest.raises(UserError, match="option seed: retention has no options"):
        make("retention", {"seed": 1})
    with pytest.raises(SuiteError, match="option distractors=9: torchhub has 9 APIs"):
        ApiBench(distractors=9).read(folder)
    with pytest.raises(SuiteError, match="has none of torchhub_eval.json"):
        ApiBench().read(folder / "elsewhere")


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published files are not at hand")
def test_published_gold_is_right() -> None:
    suite = ApiBench()
    reading = suite.read(PUBLISHED)
    assert (len(reading.samples), len(reading.unreadable)) == (186, 0)
    assert scored(suite, reading, gold(reading)).verdicts == {"right": 186}
    known = {spec.name: spec for sample in reading.samples for spec in sample.task.tools}
    assert len(known) == 94
    assert max(len(spec.description) for spec in known.values()) <= 603
