"""Where calls go wrong: kinds by vectors, names by their tokens, synonyms by their rule, and the command over a real scorecard."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from envs.function_call import FunctionCall
from raytool import dialects, pretrained
from raytool.analysis import WrongTool, first_of_each, judged
from raytool.evaluate import main
from raytool.evaluation import errors
from raytool.evaluation.agreement import agreement
from raytool.evaluation.scorecard import Result
from raytool.evaluation.suite import Reading, Sample, Score, Suite
from raytool.evaluation.synonyms import synonymous
from raytool.records import Gold, GoldCall, StopReason, Task, ToolCall
from tests.unit.builders import CHAT, WIDE, played, sequence, task, tool

SAME = [
    ("New York", "new_york"),
    ("New  York", "newyork"),
    ("Days", "day"),
    ("cities", "City"),
    ("boxes", "box"),
    ("twenty-one", "21"),
    (21.0, "twenty one"),
    ("1,000", 1000),
    ("+5", 5),
    ("3.50", 3.5),
    (True, "true"),
    (None, "none"),
    ("U.S.A.", "usa"),
    ("three days", "3 day"),
    (["A", "b"], ("a", "B")),
    ({"Unit": "Metres"}, {"unit": "metre"}),
    ("ﬁve", 5),
    ("2024-01-05", "2024/01/05"),
    ("1,000 dollars", "1000 dollar"),
    ("Été", "été"),
]
OTHER = [
    ("Paris", "London"),
    ("car", "automobile"),
    (-5, 5),
    ("-5 degrees", "5 degrees"),
    ("1.5 kg", "15 kg"),
    ("1, 5", "15"),
    ("glass", "glas"),
    (2**60, 2**60 + 1),
    (True, 1),
    ("twenty", 21),
    ("one two", "3"),
    (["a", "b"], ["b", "a"]),
    ({"a": 1}, {"b": 1}),
    ("", "a"),
    ("2024-01-05", "20240105"),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_synonyms(left: Any, right: Any) -> None:
    assert synonymous(left, right) and synonymous(right, left)


@pytest.mark.parametrize(("left", "right"), OTHER)
def test_no_synonyms(left: Any, right: Any) -> None:
    assert not synonymous(left, right)


# ---- kinds

ASKED = task(tool("f", "a", "b"), tool("g", "a"), gold=[sequence(GoldCall("f", {"a": "1"}))])
PYTHON = dialects.make("python")


def answered(*texts: str, stop: str = "finished", of: Task = ASKED) -> list[errors.Pair]:
    return errors.pairs(errors.made(Result("t", {}, "", {}, list(texts), stop), of, PYTHON), of)


@pytest.mark.parametrize(
    ("text", "kind", "wrong"),
    [
        ("f(a='1')", "all_right", ""),
        ("f(a='1', b='2')", "parameters", "r"),
        ("f()", "parameters", "m"),
        ("f(b='2')", "parameters", "rm"),
        ("f(a='1', c='2')", "parameters", "h"),
        ("f(c='2')", "parameters", "hm"),
        ("f(a='1', b='2', c='3')", "parameters", "hr"),
        ("f(b='2', c='3')", "parameters", "hrm"),
        ("f(a='2')", "values", ""),
        ("g(a='1')", "wrong_tool", ""),
        ("I think so", "no_call", ""),
        ("f(a='1'", "no_call", ""),
        ("g(a='1')\nf(a='1')", "wrong_tool", ""),  # the first one counts
    ],
)
def test_the_vectors_of_the_ladder(text: str, kind: str, wrong: str) -> None:
    (pair,) = answered(text)
    assert pair.kind == kind
    assert "h" * bool(pair.hallucinated) + "r" * bool(pair.redundant) + "m" * bool(pair.missing) == wrong
    reached = agreement([pair.made.call] if pair.made else [], ASKED.gold)
    assert reached.tool == (kind in ("parameters", "values", "all_right"))
    assert (reached.parameters, reached.content) == (kind in ("values", "all_right"), kind == "all_right")


def test_a_tool_that_is_not_offered_is_a_wrong_one_that_is_not_offered() -> None:
    assert [(pair.kind, pair.offered) for text in ("g(a=1)", "h(a=1)") for pair in answered(text)] == [
        ("wrong_tool", True),
        ("wrong_tool", False),
    ]


def test_an_answer_that_was_cut_calls_nothing() -> None:
    assert [pair.kind for pair in answered("f(a='1')", stop=StopReason.TOKEN_LIMIT.value)] == ["no_call"]


class Lasting(FunctionCall):
    """It goes on after a call."""

    max_turns = 2

    def ended(self) -> bool:
        return False


def test_a_call_whose_result_had_no_room_was_made() -> None:
    limits = dataclasses.replace(WIDE, tokens=len(CHAT.prompt(ASKED)) + len("f(a='1')") + 2)
    episode = played(ASKED, "f(a='1')", env=Lasting(), limits=limits)
    assert [pair.kind for pair in answered(*(turn.text for turn in episode.turns), stop=episode.stop.value)] == ["all_right"]


def test_of_several_gold_calls_each_gets_the_nearest() -> None:
    gold = sequence(*(GoldCall("f", {"a": value}) for value in ("1", "2", "3")), GoldCall("g", {"a": "1"}))
    of = task(*ASKED.tools, gold=[gold])
    found = answered("f(a='3')\nf(a='Two')\nh(a='1')", "f(b='1')", of=of)
    assert [(pair.kind, pair.made.call if pair.made else None) for pair in found] == [
        ("values", ToolCall("f", {"a": "Two"})),
        ("parameters", ToolCall("f", {"b": "1"})),
        ("all_right", ToolCall("f", {"a": "3"})),
        ("wrong_tool", ToolCall("h", {"a": "1"})),
    ]
    assert [pair.made.turn for pair in found if pair.made] == [0, 1, 0, 0]


def test_the_nearest_alternative_of_gold_counts() -> None:
    of = task(*ASKED.tools, gold=[sequence(GoldCall("g", {"a": "1"})), sequence(GoldCall("f", {"a": 5}))])
    (pair,) = answered("f(a='five')", of=of)
    assert (pair.kind, pair.gold.name, pair.wrong, pair.synonyms) == ("values", "f", ("a",), ("a",))


def test_synonyms_are_held_against_every_accepted_value() -> None:
    of = task(*ASKED.tools, gold=[sequence(GoldCall("f", {"a": "x", "b": 1}, accept={"a": ("New York",)}))])
    mixed, all_of_them = ("f(a='new-york', b=2)", "f(a='new-york', b='one')")
    assert [(pair.wrong, pair.synonyms) for text in (mixed, all_of_them) for pair in answered(text, of=of)] == [
        (("a", "b"), ("a",)),
        (("a", "b"), ("a", "b")),
    ]
    counted = errors.counts([pair for text in (mixed, all_of_them) for pair in answered(text, of=of)], [])
    assert [counted[name] for name in ("wrong values", "wrong values: synonyms", "wrong values: others")] == [2, 1, 1]


# ---- tokens


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(pretrained.resolve(pretrained.EMBEDDED))


NAMES = task(tool("get_weather", "a"), tool("get_news", "a"), tool("find", "a"), tool("get", "a"))


@pytest.mark.parametrize("name", ["python", "hermes", "openai", "react"])
@pytest.mark.parametrize(
    ("called", "gold", "first"), [("get_weather", "get_news", False), ("get_weather", "find", True), ("get", "get_news", False)]
)
def test_names_are_held_against_gold_token_by_token(name: str, called: str, gold: str, first: bool, tokenizer: Any) -> None:
    def tokenize(text: str) -> Any:
        encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        return encoded["input_ids"], encoded["offset_mapping"]

    dialect = dialects.make(name)
    text = dialect.render([ToolCall(called, {"a": 1})], NAMES.tools)
    (made,) = errors.made(Result("t", {}, "", {}, [text], "finished"), NAMES, dialect)
    found = errors.divergence(made, GoldCall(gold), NAMES, dialect, tokenize)
    assert (found.shared == 0) == first
    start = text.index(called)
    right = text[:start] + gold + text[start + len(called) :]
    corrected = tokenizer.decode(found.corrected)
    assert right.startswith(corrected) and not text.startswith(corrected)
    assert text.startswith(tokenizer.decode(found.corrected[:-1]))
    assert text.startswith(before := tokenizer.decode(found.written[: found.name])) and len(before) <= start


# ---- the command


class Named(Suite):
    """Four questions, of which each wants another tool."""

    name = "named"
    measures = per_sample = ()

    def read(self, data: Path | None) -> Reading:
        wanted = ("get_weather", "get_news", "find", "get")
        return Reading([Sample(_asks(index, name), {"tool": name}) for index, name in enumerate(wanted)])

    def score(self, sample: Sample, episode: Any) -> Score:
        return Score("scored", {})


def _asks(index: int, name: str) -> Task:
    return task(*NAMES.tools, id=f"named-{index}", query=f"Do {name}.", gold=[Gold((GoldCall(name, {"a": index}),))])


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """What `raytool.evaluate` makes of somebody's answers."""
    said = ["get_news(a=0)", "get_news(a='one')", "get(a=2, b=1)", "No."]
    answers, path = tmp_path / "answers.jsonl", tmp_path / "card.json"
    answers.write_text("".join(json.dumps({"id": f"named-{index}", "output": text}) + "\n" for index, text in enumerate(said)))
    assert main(["--predictions", str(answers), "--suite", f"{__name__}:Named", "--out", str(path)]) == 0
    return path


def test_the_command_counts_and_writes(card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "errors.json"
    assert main(["errors", str(card), "--suite", f"{__name__}:Named", "--out", str(out)]) == 0
    told = capsys.readouterr().out
    (found,) = json.loads(out.read_text())
    expected = [4, 0, 1, 2, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0]
    assert found["counts"] == dict(zip(errors.ROWS, expected, strict=True))
    assert [(call["id"], call["kind"], call.get("shared_tokens", 0) > 0) for call in found["calls"]] == [
        ("named-0", "wrong_tool", True),
        ("named-1", "values", False),
        ("named-2", "wrong_tool", False),
        ("named-3", "no_call", False),
    ]
    assert found["tokens_of"] == pretrained.EMBEDDED and f"named, 4 samples, tokens of {pretrained.EMBEDDED}" in told
    assert "shares a prefix" in told and "1 (50.0%)" in told


def test_of_each_sample_the_wrong_tool_that_comes_first_is_probed() -> None:
    of = task(*NAMES.tools, gold=[sequence(*(GoldCall(name, {"a": 1}) for name in ("get_weather", "get_news", "find")))])

    def wrong_tools(id: str, *texts: str) -> list[WrongTool]:
        result = Result(id, {}, "", {}, list(texts), "finished")
        calls = errors.made(result, of, PYTHON)
        found = [pair for pair in errors.pairs(calls, of) if pair.kind == "wrong_tool" and pair.made]
        none = errors.Divergence((), (), 0, 0)
        return [WrongTool(result, of, pair, pair.made, none, calls.index(pair.made)) for pair in found if pair.made]

    several = wrong_tools("several", "find(a=1)\nget(a=1)\nsearch(a=1)")
    later = wrong_tools("later", "find(a=1)\nget_news(a=1)", "get(a=1)")
    assert [(wrong.pair.gold.name, wrong.number) for wrong in (*several, *later)] == [
        ("get_weather", 1),
        ("get_news", 2),
        ("get_weather", 2),
    ]
    assert first_of_each([several[1], *later, several[0]]) == [several[0]]


def test_a_corrected_call_is_judged_where_the_wrong_one_stood() -> None:
    of = task(*NAMES.tools, gold=[sequence(GoldCall("find", {"a": 1}), GoldCall("get", {"a": 2}))])
    result = Result("t", {}, "", {}, ["find(a=1)\nget_news(a=2)"], "finished")
    (_, pair) = errors.pairs(errors.made(result, of, PYTHON), of)
    assert pair.made is not None
    wrong = WrongTool(result, of, pair, pair.made, errors.Divergence((), (), 0, 0), 1)
    continued = ["find(a=1)\nget(a=2)", "find(a=1)\nget(a=3)", "get(a=2)\nget_all(a=2)", "find(a=1)\nget(a=2", "get(a=2)"]
    told = judged([wrong] * 6, [*(played(of, text) for text in continued), None], 4)
    assert (told.asked, told.right_tool, told.right_call, told.not_asked, told.lost) == (5, 2, 1, 4, ["t"])


@pytest.mark.parametrize(
    ("change", "more", "told"),
    [
        ({}, (), "suite 'named': "),
        ({}, ("--suite", "tests.evaluation.few:Few"), "its files have no sample 'named-0', which the scorecard has"),
        ({}, ("--suite", f"{__name__}:Named", "--set", "rollout.workers=2"), "rollout.workers=2: has no effect without --probe"),
        ({}, ("--suite", f"{__name__}:Named", "--model", "/nowhere"), "model.path: /nowhere is not there"),
        ({"dialect": "latin"}, ("--suite", f"{__name__}:Named"), "plug-in 'latin': neither module:attribute nor an entry point"),
        ({"model": "runs/gone/model"}, ("--suite", f"{__name__}:Named"), "runs/gone/model is not there"),
    ],
)
def test_what_the_user_has_to_mend(change: dict[str, str], more: tuple[str, ...], told: str, card: Path, capsys: Any) -> None:
    written = json.loads(card.read_text())
    card.write_text(json.dumps({**written, "about": {**written["about"], **change}}))
    assert main(["errors", str(card), *more]) == 2
    assert told in capsys.readouterr().err
