"""Tool evolution out of environments: what a tool can do is executed, neighbours cannot serve, and training is shown no held-out tool."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from envs.suite import COUNTS, scenario
from raytool import tasks as task_files
from raytool.config import SourceConfig
from raytool.env import FINISH
from raytool.methods.tool_evolution import KINDS, Query
from raytool.records import Feedback, Task, ToolCall, ToolSpec, UserError
from raytool.tasks.evolution import Pool, cell_of, part_of, pool_of, tasks
from raytool.tasks.nearness import Nearness
from raytool.tasks.serving import Bench, only_call
from tests.plugins import shelf
from tests.plugins.shelf import Shelf

SHELF = "tests.plugins.shelf:tasks"
OFFICE = {"only": ["office"], "count": 100}


@pytest.fixture(scope="module")
def made() -> dict[str, Query]:
    pool = Pool([shelf.task(name) for name in shelf.CALLS], tools=5)
    cells = [(("seen", "seen"), "seen"), (("seen", "unseen"), "unseen"), (("unseen", "unseen"), "unseen")]
    return {query.task.id.removesuffix("-0"): query for cell, offered in cells for query in pool.queries(cell, offered)}


def test_what_the_weaker_tool_can_do_is_executed(made: dict[str, Query]) -> None:
    assert {name: bool(query.able) for name, query in made.items()} == {
        "able": True,
        "unable": False,
        "refused": False,
        "small": True,
        "no weaker": False,
        "held out": False,
    }, "neither gold that fails, nor what a weaker tool does without being told all that gold says"
    assert {name for name, query in made.items() if query.weak is None} == {"no weaker"}
    assert made["able"].able[0].call == ToolCall("put_low", {"item": "lamp"})


def test_a_tool_that_serves_under_another_name_is_no_neighbour(made: dict[str, Query]) -> None:
    names = {name: {spec.name for spec in query.neighbours} for name, query in made.items()}
    assert "place" not in names["able"] and "place" in names["unable"], "its parameter is called otherwise, and tried with gold's value"
    bench, task = Bench(), shelf.task("able")
    place, take = (Shelf.tools[name].spec for name in ("place", "take"))
    gold = only_call(task)[0]
    assert not bench.serves(task, place, gold) and bench.may_serve(task, place, gold) and not bench.may_serve(task, take, gold)


def test_neighbours_are_the_nearest_that_cannot_serve(made: dict[str, Query]) -> None:
    specs = [*Shelf.tool_specs(), *(bound.spec for bound in Shelf.weak_tools.values())]
    shown = [spec for spec in specs if spec.name not in ("weigh", "weigh_roughly")]
    near = Nearness(shown).to("take Take an item off its shelf.")
    assert near["take"] == pytest.approx(1) and near["count"] < near["level_of"] < near["take_small"] < 1
    others = sorted((name for name in near if name not in ("take", "take_small")), key=lambda name: (-near[name], name))
    assert [spec.name for spec in made["refused"].neighbours] == others[:5]


def test_held_out_tools_are_neighbours_of_their_like_only(made: dict[str, Query]) -> None:
    for name, query in made.items():
        assert not {"weigh", "weigh_roughly"} & {spec.name for spec in query.neighbours}, name
    whole = Pool([shelf.task("small")], tools=7).queries(("seen", "seen"), "unseen")
    assert {"weigh", "weigh_roughly"} <= {spec.name for spec in whole[0].neighbours}


def test_the_source_gives_four_samples_a_query_and_what_nothing_serves() -> None:
    found = tasks(SHELF, {"count": 12})
    counts = Counter((task.query.rsplit(" ", 1)[0], task.tags["sample"]) for task in found)
    for name in ("able", "unable", "refused", "small"):
        assert {kind: counts[name, kind] for kind in KINDS} == dict.fromkeys(KINDS, 12)
    assert (counts["no weaker", "strong"], counts["no weaker", "neither"], counts["no weaker", "both"]) == (12, 12, 0)
    seen = [number for number in range(12) if cell_of(shelf.task("held out", number)) == ("seen", "unseen")]
    assert counts["held out", "neither"] == len(seen) > 0 == counts["held out", "strong"]
    assert not [task for task in found if {spec.name for spec in task.tools} & {"weigh", "weigh_roughly"}]
    assert tasks(SHELF, {"count": 12}) == found != tasks(SHELF, {"count": 12}, seed=1)


def test_options_of_the_source() -> None:
    found = tasks(SHELF, {"count": 12}, kinds=["strong", "both"], queries=3)
    assert len({task.query for task in found}) == 3 and {task.tags["sample"] for task in found} == {"strong", "both"}
    ranks = tasks(SHELF, {"count": 2}, stage="rank")
    assert all(not gold.calls and gold.ranking for task in ranks for gold in task.gold)
    task_files.check([*ranks, *tasks(SHELF, {"count": 2})], [])
    assert {len(task.tools) for task in tasks(SHELF, {"count": 1}, tools=3)} == {4}
    assert len({task.query.rsplit(" ", 1)[0] for task in tasks(SHELF, {"count": 12})[:60]}) == 6, "the first ones are of all kinds"
    few = Counter(task.query.rsplit(" ", 1)[0] for task in tasks(SHELF, {"count": 30}, queries=1, unanswered=2))
    assert few["held out"] == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"kinds": ["weak", "mighty"]}, "kinds: no kind 'mighty'; there are neither, weak, strong, both"),
        ({"kinds": []}, "kinds: none given"),
        ({"stage": "both"}, "stage: 'both' given, rank or call expected"),
        ({"tools": 1}, "tools: 1 given, at least 2 expected"),
        ({"tools": 9}, r"task able-0: 5 tools beside its own cannot serve it, 9 expected \(tools\)"),
        ({"options": {"size": 1}}, "unexpected keyword argument 'size'"),
        ({"source": "tests.plugins.shelf:nothing"}, "has no 'nothing'"),
    ],
)
def test_what_a_config_cannot_ask_for(options: dict, told: str) -> None:
    content = {"source": SHELF, **options}
    with pytest.raises(UserError, match=told):
        task_files.load(SourceConfig(name="evolution", source="raytool.tasks.evolution:tasks", options=content))


def test_tasks_of_a_file_bring_their_tools(tmp_path: Path) -> None:
    """Documents alone: a weaker tool serves where it documents all that gold needs and admits it, and so would a neighbour."""
    rain = {"type": "object", "properties": {"place": {"type": "string"}, "days": {"type": "integer"}}, "required": ["place"]}
    narrow = {"type": "object", "properties": {"place": {"type": "string", "enum": ["Lima", "Oslo"]}}, "required": ["place"]}
    other = [ToolSpec(f"other_{n}", f"Do another thing, number {n}.", {"type": "object", "properties": {"x": {}}}) for n in range(6)]
    alike = ToolSpec("wind", "Tell the wind.", {"type": "object", "properties": {"place": {"type": "string"}, "days": {}}})
    tools = (ToolSpec("rain", "Tell the rain.", rain), ToolSpec("rain_in_a_city", "Tell the rain of a city.", narrow), alike, *other)
    file = tmp_path / "own.jsonl"
    made = []
    for name, arguments in (("Oslo", {"place": "Oslo"}), ("Rome", {"place": "Rome"}), ("long", {"place": "Oslo", "days": 3})):
        gold = [{"calls": [{"name": "rain", "arguments": arguments}]}]
        task = Task(name, "envs.function_call:FunctionCall", f"Rain, {name}?", tools, (), options={"weaker": {"rain": "rain_in_a_city"}})
        made.append({**asdict(task), "gold": gold})
    file.write_text("".join(json.dumps(task) + "\n" for task in made))
    found = {task.id: task for task in tasks(str(file))}
    assert [found[f"{name}-weak"].tags["able"] for name in ("Oslo", "Rome", "long")] == ["True", "False", "False"]
    assert not [task for task in found.values() if "wind" in {spec.name for spec in task.tools}], "it might tell the rain as well"


# ---- the suite of seven scenarios


@pytest.fixture(scope="module")
def office() -> list[Task]:
    return tasks(options=OFFICE)


def test_no_held_out_tool_of_the_office_is_offered(office: list[Task]) -> None:
    env = scenario("office").env
    hidden = scenario("office").held_out | {env.weak_tools[name].spec.name for name in scenario("office").held_out}
    assert env.held_out == scenario("office").held_out and len(hidden) == 8
    assert not [task.id for task in office if hidden & {spec.name for spec in task.tools}]
    assert {task.tags["sample"] for task in office if task.tags["held_out"] == "tool"} == {"neither"}


def test_a_tool_of_a_task_that_is_not_right_does_not_serve(office: list[Task]) -> None:
    """The proof again, by another way: the world after the call is not the one after gold, or the answer is not what it returned."""
    queries = {query.task.id: query.task for query in pool_of("envs.suite:tasks", OFFICE, 5).queries(("seen", "seen"), "seen")}
    env = scenario("office").env()
    tried = 0
    for task in office:
        of = queries.get(task.id.removesuffix(f"-{task.tags['sample']}"))
        if of is None:
            continue
        for name in {spec.name for spec in task.tools} - {task.tags["strong"], task.tags["weak"], "generate_response"}:
            (gold,) = only_call(of)
            spec = task.tool(name)
            assert spec is not None
            env.reset(options={"task": replace(of, tools=(*of.tools, spec))})
            given = {key: value for key, value in gold.arguments.items() if key in spec.documented}
            returned, feedback = env.execute(ToolCall(name, given))
            assert feedback is not Feedback.OK or not env.goal_reached(returned), (task.id, name)
            tried += 1
    assert tried > 100


def test_gold_is_at_every_place_alike(office: list[Task]) -> None:
    places = Counter([spec.name for spec in task.tools].index(task.gold[0].calls[0].name) for task in office)
    expected = len(office) / 6
    assert sum((places[place] - expected) ** 2 / expected for place in range(6)) < 20.5


def test_what_is_seen_and_what_is_tuned_on_follow_from_a_task(office: list[Task]) -> None:
    every = [task for split in ("train", "test") for task in scenario("office").tasks(split, 60) if only_call(task)]
    parts: dict[tuple[str, str], Counter[str]] = {}
    tools: dict[str, set[str]] = {"validation": set(), "test": set()}
    for task in every:
        cell = cell_of(task)
        parts.setdefault(cell, Counter())[part_of(task)] += 1
        if cell[1] == "unseen":
            tools[part_of(task)].add(only_call(task)[0].name)
        assert part_of(replace(task, id="other")) == part_of(task)
    assert set(parts) == {("seen", "seen"), ("unseen", "seen"), ("seen", "unseen"), ("unseen", "unseen")}
    assert not tools["validation"] & tools["test"]
    shown = {task.query for task in office}
    assert not [task.query for task in every if cell_of(task)[0] == "unseen" and task.query in shown]


def test_both_parts_have_tools_that_training_has_not_seen() -> None:
    found = Counter()
    for name in COUNTS:
        env = scenario(name).env
        for tool in env.held_out:
            task = replace(shelf.task("held out"), env=scenario(name).path, tools=(FINISH,))
            task = replace(task, gold=(replace(task.gold[0], calls=(replace(task.gold[0].calls[0], name=tool),)),))
            found[part_of(task)] += 1
    assert found["validation"] >= 7 and found["test"] >= 14
