"""RoTBench's files as samples, and how answers to them count: records of our own, and the real ones where they are."""

import json

import numpy as np
import pytest

from raytool.evaluation.suite import Reading, SuiteError
from raytool.evaluation.suites.rotbench import NOISE, TURNS, RoTBench
from raytool.records import Message, ToolCall
from tests.evaluation.gold import percent, published, scored

LEVELS = ("TS", "PI", "CF")
INSTRUCTIONS = "Use tools.\n\nSpecifically, you have access of the following tools:\n{}\n\nLet's Begin!"


def document(name, **kinds):
    properties = {parameter: {"type": kind, "description": f"The {parameter}."} for parameter, kind in kinds.items()}
    return {"name": name, "description": f"Do {name}.", "parameters": {"type": "object", "properties": properties, "required": list(kinds)}}


def answer(name, arguments, thought=""):
    return f"Thought:{thought}\nAction: {name}\nAction Input: {arguments if isinstance(arguments, str) else json.dumps(arguments)}"


TOOLS = [
    document("boil", liters="string"),
    document("clock"),
    document("ask_to_user", question="string"),
    document("finish", answer="string"),
]
BOIL = answer("boil", {"liters": "2"})


def record(*gold, tools=TOOLS, said=(), query="Boil two liters of water.\nBegin!\n", scenario="PL"):
    turns = [("system", INSTRUCTIONS.format(json.dumps(tools))), ("user", query), *said, ("assistant", list(gold))]
    return {"id": f"Turn 1: {query}", "conversations": [{"from": who, "value": what} for who, what in turns], "scenario": scenario}


def folder(path, **files):
    """Ten files of one record each, but for those that are given by "turn_noise"."""
    for turn, name in TURNS.items():
        (path / name).mkdir()
        for noise in NOISE:
            (path / name / f"{noise}.json").write_text(json.dumps(files.get(f"{turn}_{noise}", [record(BOIL)])))
    return path


def read(path, **files):
    return RoTBench().read(folder(path, **files))


def one(tmp_path, *records):
    """The reading of a clean first turn alone."""
    return Reading([s for s in read(tmp_path, first_clean=list(records)).samples if s.groups["file"] == "clean, first turn"])


def test_every_file_gives_its_groups(tmp_path):
    reading = read(tmp_path, first_slight=[record(BOIL)] * 4, third_union=[record(BOIL, scenario="TG")])
    groups = {sample.task.id: dict(sample.groups) for sample in reading.samples}
    assert len(groups) == 13 and not reading.unreadable
    assert groups["rotbench-first-clean-0"] == {
        "noise": "clean",
        "turn": "first",
        "file": "clean, first turn",
        "scenario": "personal life",
    }
    assert [groups[f"rotbench-first-slight-{i}"]["noise in"] for i in range(4)] == ["tools", "tools", "parameters", "parameters"]
    assert groups["rotbench-third-union-0"]["scenario"] == "text generation"
    assert "noise in" not in groups["rotbench-third-union-0"]
    assert next(iter(groups["rotbench-first-clean-0"])) == "noise", "a limit counts by noise level"


def test_documents_and_gold(tmp_path):
    tools = [document("f", x="float", y="dict", z="strange"), *TOOLS]
    (sample,) = one(tmp_path, record(BOIL, answer("clock", {}), tools=tools)).samples
    assert [spec.name for spec in sample.task.tools] == ["f", "boil", "clock", "ask_to_user", "finish"]
    assert [sample.task.tools[0].documented[p].get("type") for p in "xyz"] == ["number", "object", None]
    assert sample.task.query == "Boil two liters of water."
    assert not sample.task.context
    assert [gold.calls[0].call for gold in sample.task.gold] == [ToolCall("boil", {"liters": "2"}), ToolCall("clock")]


def test_a_third_turn_has_the_conversation_before_it(tmp_path):
    said = [
        ("assistant", answer("boil", {"liters": "9"}, " It is cold.")),
        ("function", "too much"),
        ("assistant", "Hm."),
        ("function", "?"),
    ]
    (sample,) = (s for s in read(tmp_path, third_clean=[record(BOIL, said=said)]).samples if s.task.id == "rotbench-third-clean-0")
    assert sample.task.query == ""
    assert sample.task.context == (
        Message("user", "Boil two liters of water."),
        Message("assistant", "It is cold.", (ToolCall("boil", {"liters": "9"}),)),
        Message("tool", "too much"),
        Message("assistant", "Hm."),  # no call: what it is
        Message("tool", "?"),
    )


def test_what_the_user_said_last_is_the_query(tmp_path):
    said = [("assistant", answer("ask_to_user", {"question": "How much?"})), ("user", "Three liters.")]
    (sample,) = one(tmp_path, record(BOIL, said=said)).samples
    assert sample.task.query == "Three liters."
    assert [message.role for message in sample.task.context] == ["user", "assistant"]


def test_gold_is_right_but_for_empty_arguments_under_rotbench(tmp_path):
    reading = one(tmp_path, record(BOIL), record(answer("clock", {}), BOIL), record(answer("finish", {"answer": "Done."})))
    clean = percent(scored(RoTBench(), reading))
    assert {clean[f"{level} strict"] for level in LEVELS} == {100}
    assert {round(clean[f"{level} rotbench"], 1) for level in LEVELS} == {66.7}


@pytest.mark.parametrize(
    ("said", "verdict", "strict", "rotbench"),
    [
        ("boil(liters='2')", "all_right", "111", "111"),
        ("clock()", "all_right", "111", "000"),
        ("boil(liters=2)", "content", "110", "110"),
        ("boil(l='2')", "parameters", "100", "100"),
        ("boil()", "parameters", "100", "000"),
        ("ask_to_user(question='How much?')", "wrong_tool", "000", "000"),
        ("fry(liters='2')", "tool_hallucination", "000", "000"),
        ("finish(answer='I boiled two liters.')", "wrong_tool", "000", "000"),
        ("I boiled two liters.", "format_error", "000", "000"),
        ("boil(liters=", "format_error", "000", "000"),
        ("ask_to_user(question='How much?')\nboil(liters='2')", "wrong_tool", "000", "000"),  # the first call counts
    ],
)
def test_answers(tmp_path, said, verdict, strict, rotbench):
    card = scored(RoTBench(), one(tmp_path, record(BOIL, answer("clock", {}))), {"rotbench-first-clean-0": said})
    assert card.results[0].verdict == verdict
    for rule, right in (("strict", strict), ("rotbench", rotbench)):
        assert "".join(f"{card.results[0].measures[f'{level} {rule}'][0]:.0f}" for level in LEVELS) == right


def test_whatever_is_answered_has_a_verdict(tmp_path):
    """Broken texts score, never raise; each level implies the one below it, and `strict` gives what `rotbench` gives."""
    random = np.random.default_rng(0)
    pieces = ["(", ")", "'", '"', "=", ",", "{", "]", "None", "1e999", "\n", "**", "finish(", "answer='x'", "\x03", "é", "{1: 2}", "..."]
    reading = one(tmp_path, *[record(BOIL, answer("clock", {}))] * 300)
    said = {}
    for sample in reading.samples:
        text = "boil(liters='2')"
        for _ in range(random.integers(4)):
            place = random.integers(len(text) + 1)
            text = text[:place] + random.choice(pieces) + text[place + random.integers(4) :]
        said[sample.task.id] = text
    card = scored(RoTBench(), reading, said)
    assert {"all_right", "content", "format_error"} <= card.verdicts.keys()
    for result in card.results:
        right = {name: hits for name, (hits, _) in result.measures.items()}
        for rule in ("strict", "rotbench"):
            assert right[f"TS {rule}"] >= right[f"PI {rule}"] >= right[f"CF {rule}"]
        assert all(right[f"{level} strict"] >= right[f"{level} rotbench"] for level in LEVELS)


def test_a_finish_of_the_file_is_a_call_like_any_other(tmp_path):
    """Noise may give its name to another tool, with other parameters: the environment must not take it for its own."""
    tools = [document("finish", text="string"), document("hsinif", answer="string")]
    gold = answer("finish", {"text": "x"})
    reading = one(tmp_path, record(gold, tools=tools), record(answer("hsinif", {"answer": "y"}), tools=tools))
    said = {"rotbench-first-clean-0": "finish(text='x')", "rotbench-first-clean-1": "finish(answer='anything')"}
    card = scored(RoTBench(), reading, said)
    assert [result.verdict for result in card.results] == ["all_right", "all_right"]
    assert [result.stop for result in card.results] == ["environment_end", "environment_end"]


def test_a_record_that_cannot_be_read_is_named_and_counts_as_wrong(tmp_path):
    broken = record(answer("boil", '{"liters": }'))
    unclear = record(BOIL)
    unclear["conversations"][0]["value"] = "Use tools."
    stranger = record(BOIL, said=[("critic", "No.")])
    reading = read(
        tmp_path, first_union=[record(BOIL), broken, unclear, stranger, {"scenario": "PL"}, record(), record(answer("boil", "[]"))]
    )
    assert [lost.where for lost in reading.unreadable] == [f"First_Turn/union.json, record {i}" for i in range(1, 7)]
    assert [lost.id for lost in reading.unreadable] == [f"rotbench-first-union-{i}" for i in range(1, 7)]
    for lost, reason in zip(
        reading.unreadable, ("Expecting value", "no list of tools", "'critic' speaks", "conv", "no gold", "no object"), strict=True
    ):
        assert reason in lost.reason
    card = scored(RoTBench(), reading)
    assert percent(card, "file=union, first turn")["TS strict"] == pytest.approx(100 / 7)
    assert card.verdicts["unreadable"] == 6


def test_files_that_are_not_there_are_named(tmp_path):
    folder(tmp_path)
    (tmp_path / "Third_Turn/heavy.json").unlink()
    with pytest.raises(SuiteError, match=r"rotbench has ten files, of which Third_Turn/heavy.json are not there.*github.com"):
        RoTBench().read(tmp_path)
    (tmp_path / "Third_Turn/heavy.json").write_text("{")
    with pytest.raises(SuiteError, match="heavy.json: Expecting"):
        RoTBench().read(tmp_path)
    (tmp_path / "Third_Turn/heavy.json").write_text("{}")
    with pytest.raises(SuiteError, match="heavy.json: a list of records was expected"):
        RoTBench().read(tmp_path)


def test_the_published_records_gold():
    """All of them can be read; gold without arguments is what `rotbench` takes off."""
    reading = RoTBench().read(published("rotbench"))
    assert not reading.unreadable
    card = scored(RoTBench(), reading)
    for group, measured in card.summary.items():
        assert {measured[f"{level} strict"].value for level in LEVELS} == {100}, group
    empty = {s.task.id for s in reading.samples if not s.task.gold[0].calls[0].arguments}
    for level in LEVELS:
        assert {r.id for r in card.results if not r.measures[f"{level} rotbench"][0]} == empty
    whole = {s.groups["file"] for s in reading.samples}
    assert len(whole) == 10
    clean = card.summary["file=clean, first turn"]["CF rotbench"]
    # 97 of the whole set's 105 (docs/evaluation.md), of whose records every fifth may be at hand.
    assert (clean.samples, round(clean.value * clean.samples / 100)) in ((105, 97), (21, 19))


def test_the_published_records_have_their_noise_in_the_halves():
    """It shows in the last tool, which is `finish(answer)` where it is clean: noise in tools renames it, and not what it takes."""
    reading = RoTBench().read(published("rotbench"))
    for noise in ("slight", "medium", "heavy"):
        last = {"tools": [], "parameters": []}
        for sample in reading.samples:
            if sample.groups["noise"] == noise:
                last[sample.groups["noise in"]].append(sample.task.tools[-1])
        assert all([*spec.documented] == ["answer"] for spec in last["tools"]), noise
        assert all(spec.name == "finish" for spec in last["parameters"]), noise
        assert any(spec.name != "finish" for spec in last["tools"]), noise
