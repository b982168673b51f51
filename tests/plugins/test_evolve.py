"""Weaker versions and queries of anybody's tools: by rule, checked, and a source for tool evolution and for SFT."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from raytool import tasks as task_files
from raytool.config import SourceConfig
from raytool.records import Task, ToolSpec
from raytool.tasks.__main__ import main
from raytool.tasks.evolution import tasks
from raytool.tasks.evolve import read_tools, weaker
from raytool.tasks.serving import canonical
from raytool.tasks.source import TaskError
from raytool.tasks.weaken import written
from raytool.tasks.writing import Prompt

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
UNITS = {"type": "string", "enum": ["m", "km", "miles", "feet"]}


def spec(name: str, description: str, required: dict[str, Any], **optional: Any) -> ToolSpec:
    return ToolSpec(name, description, {"type": "object", "properties": {**required, **optional}, "required": list(required)})


TOOLS = [
    spec("rain", "Tell the rain of a city.", {"city": TEXT}, days={**NUMBER, "default": 1}),
    spec("distance", "Measure the way between two towns.\nBy road.", {"start": TEXT, "end": TEXT, "unit": UNITS}),
    spec("translate", "Translate a text.", {"text": TEXT, "language": TEXT}),
    spec("toss", "Toss a coin.", {}),
    spec("spell", "Spell a word.", {"word": {**TEXT, "examples": ["queue", "rhythm"]}}),
    *(spec(f"list_{kind}", f"List the {kind}.", {f"{kind}_folder": TEXT}, newest={"type": "boolean"}) for kind in ("notes", "songs")),
    *(spec(f"count_{kind}", f"Count the {kind}.", {f"{kind}_house": TEXT}, floor=NUMBER) for kind in ("lamps", "chairs", "doors")),
    *(spec(f"buy_{kind}", f"Buy some {kind}.", {f"{kind}_weight": NUMBER}, note=TEXT) for kind in ("apples", "pears", "plums", "figs")),
    spec("search", "Search the web.", {}, words=TEXT, site=TEXT, since={**TEXT, "format": "date"}, limit=NUMBER),
    spec("mute", "Mute the sound.", {}, minutes=NUMBER),
    spec("remind", "Remind me of something.", {"about": TEXT, "on": {**TEXT, "format": "date"}}, at={**TEXT, "format": "time"}),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tools.json"
    path.write_text(json.dumps([asdict(tool) for tool in TOOLS]))
    return path


def evolve(file: Path, *arguments: str, out: str = "own") -> list[Task]:
    written = file.with_name(out)
    assert main(["evolve", "--tools", str(file), "--out", str(written), *arguments]) == 0
    return [task for part in ("train", "test") for task in task_files.load(SourceConfig(name="own", source=str(written / f"{part}.jsonl")))]


@pytest.mark.parametrize(
    ("name", "documented", "required", "description"),
    [
        ("rain", ["city"], ["city"], "Tell the rain of a city, without days."),
        ("distance", ["start", "end", "unit"], ["start", "end", "unit"], "Measure the way between two towns, where unit is m or km."),
        ("translate", ["text"], ["text"], "Translate a text, without language."),
        ("search", ["words", "site"], [], "Search the web, without since or limit."),
        ("mute", [], [], "Mute the sound, without minutes."),
        ("toss", None, None, None),
        ("spell", None, None, None),
        ("remind", ["about", "on"], ["about", "on"], "Remind me of something, without at."),
    ],
)
def test_what_is_taken_from_a_tool(name: str, documented: list[str] | None, required: list[str], description: str) -> None:
    made = weaker(next(tool for tool in TOOLS if tool.name == name), {tool.name for tool in TOOLS})
    if documented is None:
        assert made is None
        return
    assert made is not None
    assert (list(made.documented), list(made.required), made.description) == (documented, required, description)
    assert made.name == f"{name}_basic"
    if name == "distance":
        assert made.documented["unit"]["enum"] == ["m", "km"]


def test_a_weaker_version_takes_nobodys_name() -> None:
    assert getattr(weaker(TOOLS[0], {"rain", "rain_basic"}), "name", "") == "rain_basic2"


def test_the_files_are_sources_of_tasks(file: Path) -> None:
    found = evolve(file)
    by_tool = {tool.name: [task for task in found if task.gold[0].calls[0].name == tool.name] for tool in TOOLS}
    assert {name: len(of_tool) for name, of_tool in by_tool.items() if len(of_tool) != 10} == {"toss": 1, "spell": len(by_tool["spell"])}
    assert len({task.query for task in found}) == len(found) == len({task.id for task in found})
    held_out = {task.gold[0].calls[0].name for task in found if task.tags["held_out"] == "tool"}
    assert len(held_out) == len(TOOLS) // 5
    assert all((task.tags["split"] == "train") is (task.tags["held_out"] == "") for task in found)
    for task in found:
        (call,) = task.gold[0].calls
        assert all(json.dumps(value, ensure_ascii=False) in task.query for value in call.arguments.values()), task.query
    days = [task.gold[0].calls[0] for task in by_tool["rain"]]
    assert [("days" in call.arguments, call.accept) for call in days[:2]] == [(True, {}), (False, {"days": (1,)})]
    assert {task.gold[0].calls[0].arguments["on"] for task in by_tool["remind"]} <= {"2025-03-14", "2025-11-02", "2026-01-30"}
    assert evolve(file, out="again") == found != evolve(file, "--seed", "1", out="other")
    assert {task.id.rsplit("-", 1)[1] for task in evolve(file, "--queries", "2", out="few")} == {"0", "1"}


def test_training_is_shown_nothing_of_the_test(file: Path) -> None:
    found = evolve(file, "--queries", "40")
    train, test = ([task for task in found if task.tags["split"] == split] for split in ("train", "test"))
    held_out = {task.gold[0].calls[0].name for task in test if task.tags["held_out"] == "tool"}
    hidden = held_out | {f"{name}_basic" for name in held_out}
    assert not [task for task in train if hidden & {spec.name for spec in task.tools}]
    assert all(held_out <= {spec.name for spec in task.tools} for task in test)
    calls = [{canonical(task.gold[0].calls[0]) for task in part} for part in (train, test)]
    assert calls[0] and calls[1] and not calls[0] & calls[1], "in whatever words"
    assert len({canonical(task.gold[0].calls[0]) for task in found}) < len(found), "some calls are asked for in several ways"
    task_files.check(train, test)


def test_each_tool_has_as_many_queries_as_there_are_to_ask(file: Path) -> None:
    counts = Counter(task.gold[0].calls[0].name for task in evolve(file))
    assert (counts["search"], counts["mute"], counts["toss"]) == (10, 10, 1)
    said = [task.gold[0].calls[0].arguments.keys() for task in evolve(file) if task.gold[0].calls[0].name == "search"]
    assert said.count({"words", "site"}) == 5 and said.count({"words", "site", "since", "limit"}) == 5


def test_tool_evolution_takes_it_up(file: Path) -> None:
    base = evolve(file)
    found = tasks(str(file.with_name("own")))
    weak = {task.id: task for task in found if task.tags["sample"] == "weak"}
    for task in base:
        made = weak.get(f"{task.id}-weak")
        if made is None:
            continue
        (call,) = task.gold[0].calls
        within = not {"days", "newest", "floor", "note", "at", "since", "limit", "minutes", "language"} & call.arguments.keys()
        can = within and call.arguments.get("unit", "m") in ("m", "km")
        assert (made.tags["able"] == "True") is can, (call, made.tags)
    assert {"True", "False"} == {task.tags["able"] for task in weak.values()}
    hidden = {name for task in base if task.tags["held_out"] == "tool" for name in (task.gold[0].calls[0].name,)}
    assert not [task for task in found if {spec.name for spec in task.tools} & {*hidden, *(f"{name}_basic" for name in hidden)}]


class PretendWriter:
    """Writes weaker versions as it is told to by tool, and adds a word to queries."""

    def __init__(self, model: str, seed: int, log: Path, console: Any, flag: str, context: int):
        self.model = model
        assert (seed, flag, context) == (3, "--model", 4096)

    def __enter__(self) -> PretendWriter:
        return self

    def __exit__(self, *_: object) -> None: ...

    def write(self, what: str, prompts: Sequence[Prompt]) -> list[str]:
        if what == "weaker versions":
            assert all(prompt.like in prompt.messages[-1]["content"] and json.loads(prompt.like)["name"] == prompt.id for prompt in prompts)
            return [WRITTEN.get(prompt.id, "I cannot.") for prompt in prompts]
        return [f"{prompt.like} Thanks." for prompt in prompts]


def document(name: str, description: str, required: dict[str, Any], **optional: Any) -> str:
    return json.dumps(asdict(spec(name, description, required, **optional)))


WRITTEN = {
    "rain": "```json\n" + document("rain_now", "Tell whether it rains in a city.", {"city": {**TEXT, "description": "its name"}}) + "\n```",
    "distance": document("metres", "The way in metres.", {"start": TEXT, "end": TEXT, "unit": {"type": "string", "enum": ["m"]}}),
    "translate": document("rain_basic", "Translate into English.", {"text": TEXT}),
}


def test_a_model_writes_weaker_versions_and_rewords_queries(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr("raytool.tasks.writing.Writer", PretendWriter)
    found = evolve(file, "--model", "someone's", "--seed", "3")
    assert all(task.query.endswith(" Thanks.") and task.tags["paraphrased_by"] == "someone's" for task in found)
    weaker_of = next(task for task in found if task.tags["split"] == "test").options["weaker"]
    assert {name: weaker_of[name] for name in WRITTEN} == {"rain": "rain_now", "distance": "metres", "translate": "translate_basic"}
    output = capsys.readouterr().out
    assert f"2 of {len(weaker_of)} weaker versions written by someone's; the others are by rule" in output
    assert "1: a name that is taken, or none" in output and f"{len(weaker_of) - 3}: no document" in output
    ways = [task.gold[0].calls[0].arguments["unit"] for task in found if task.gold[0].calls[0].name == "distance"]
    assert ways[1::2] == ["m"] * len(ways[1::2]), "every second query is one that the written version has room for"
    offered = {tool.name: tool for task in found for tool in task.tools}
    assert offered["rain_now"].description == "Tell whether it rains in a city." and list(offered["rain_now"].documented) == ["city"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no document"),
        ("{", "no document"),
        ("[1]", "no document"),
        (document("metres", "", {"start": TEXT, "end": TEXT}), "no description of its own"),
        (document("metres", TOOLS[1].description, {"start": TEXT, "end": TEXT}), "no description of its own"),
        (document("distance", "Less.", {"start": TEXT, "end": TEXT}), "a name that is taken, or none"),
        (document("in metres", "Less.", {"start": TEXT, "end": TEXT}), "a name that is taken, or none"),
        (document("metres", "Less.", {"start": TEXT, "by": TEXT}), "parameters that its tool does not have, or has otherwise"),
        (document("metres", "Less.", {"start": NUMBER}), "parameters that its tool does not have, or has otherwise"),
        (document("metres", "Less.", {"unit": {"type": "string", "enum": []}}), "parameters that its tool does not have, or has otherwise"),
        (
            document("metres", "Less.", {"unit": {"type": "string", "enum": ["mm"]}}),
            "parameters that its tool does not have, or has otherwise",
        ),
        (document("metres", "Less.", {"unit": TEXT}), "parameters that its tool does not have, or has otherwise"),
        (document("metres", "Less.", {"unit": {"type": "string", "enum": 3}}), "parameters that its tool does not have, or has otherwise"),
        (document("metres", "Less.", {"start": {**TEXT, "enum": ["Rome"]}}), "parameters that its tool does not have, or has otherwise"),
        (document("metres", "Less.", {"start": TEXT}, end=TEXT), "parameters that its tool requires, and it does not, or the reverse"),
        (document("metres", "Less.", {"start": TEXT, "end": TEXT, "unit": UNITS}), "as many parameters and choices as its tool"),
    ],
)
def test_what_is_no_weaker_version(text: str, told: str) -> None:
    with pytest.raises(TaskError, match=f"^{told}$"):
        written(text, TOOLS[1], {tool.name for tool in TOOLS})


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_what_is_made_by_rule_would_be_taken_from_a_model(tool: ToolSpec) -> None:
    taken = {other.name for other in TOOLS}
    if (made := weaker(tool, set(taken))) is not None:
        assert written(json.dumps(asdict(made)), tool, taken) == made


def test_forms_in_which_tools_come(tmp_path: Path) -> None:
    file = tmp_path / "tools"
    records = [asdict(TOOLS[0]), {"type": "function", "function": asdict(TOOLS[1])}]
    for text in (json.dumps(records), "\n".join(map(json.dumps, records)) + "\n\n"):
        file.write_text(text)
        assert read_tools(file) == TOOLS[:2]


@pytest.mark.parametrize(
    ("text", "arguments", "told"),
    [
        ("", [], "holds no tool"),
        ("[1]", [], "tool 1: "),
        ('{"name": "f"}', [], "tool 1: description: Field required"),
        ("f(x)", [], "neither JSON nor JSON lines"),
        (json.dumps([asdict(TOOLS[0])] * 2), [], "there are two tools 'rain'"),
        (json.dumps([asdict(tool) for tool in TOOLS[:5]]), [], "tools beside its own cannot serve it, 5 expected"),
        (json.dumps([asdict(tool) for tool in TOOLS[:4]]), [], "4 tools, of which none can be held out; 5 or more are expected"),
        (None, [], "No such file or directory"),
        ("", ["--queries", "1"], "--queries 1: 2 or more is expected"),
        ("", ["--offered", "1"], "--offered 1: 2 or more is expected"),
    ],
)
def test_what_cannot_be_evolved(tmp_path: Path, capsys: Any, text: str | None, arguments: list[str], told: str) -> None:
    file = tmp_path / "tools.json"
    if text is not None:
        file.write_text(text)
    assert main(["evolve", "--tools", str(file), "--out", str(tmp_path / "own"), *arguments]) == 2
    assert told in capsys.readouterr().err and not (tmp_path / "own").exists()
