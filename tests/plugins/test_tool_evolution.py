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
from raytool.env import FINISH, tool
from raytool.methods.naming import neutral_names, renamed
from raytool.methods.tool_evolution import GENERATE_RESPONSE, KINDS, EvolutionQuery, ranking
from raytool.records import Feedback, GoldCall, Task, ToolCall, ToolSpec, UserError
from raytool.tasks.evolution import QueryPool, cell_of, part_of, pool_of, tasks
from raytool.tasks.nearness import Nearness
from raytool.tasks.serving import Bench, canonical, only_call
from raytool.tasks.source import TaskError
from tests.plugins import shelf
from tests.plugins.shelf import Shelf

SHELF = "tests.plugins.shelf:tasks"
OFFICE = {"only": ["office"], "count": 100}


@pytest.fixture(scope="module")
def made() -> dict[str, EvolutionQuery]:
    pool = QueryPool([shelf.task(name) for name in shelf.CALLS], tools=5)
    cells = [(("seen", "seen"), "seen"), (("seen", "unseen"), "unseen"), (("unseen", "unseen"), "unseen")]
    return {query.task.id.removesuffix("-0"): query for cell, offered in cells for query in pool.queries(cell, offered)}


def test_what_the_weaker_tool_can_do_is_executed(made: dict[str, EvolutionQuery]) -> None:
    assert {name: bool(query.able) for name, query in made.items()} == {
        "able": True,
        "unable": False,
        "refused": False,
        "small": True,
        "owned": False,
        "fragile": False,
        "no weaker": False,
        "held out": False,
    }, "neither gold that fails, nor what a weaker tool does without being told all that gold says"
    assert {name for name, query in made.items() if query.weak is None} == {"no weaker"}
    assert made["able"].able[0].call == ToolCall("put_low", {"item": "lamp"})


def test_what_only_the_state_tells_is_no_sample(made: dict[str, EvolutionQuery]) -> None:
    assert {name for name, query in made.items() if not query.clear} == {"owned", "fragile"}
    assert Shelf.state_dependent == {"rename_own"} and scenario("office").env.state_dependent == {
        "archive_private_email",
        "cancel_solo_event",
        "read_rounded_cell",
        "complete_minor_todo",
    }
    for number in (0, 1):  # the same call on both sides of what the prompt does not show
        (query,) = QueryPool([shelf.task("owned", number)], tools=5).queries(("seen", "seen"), "seen")
        assert query.kinds == ("neither", "strong", "both") and not query.able
        assert ranking(query, [*query.neighbours[:3], query.strong, query.weak, GENERATE_RESPONSE])[:3] == (
            "rename",
            "rename_own",
            "generate_response",
        )
    assert {task.tags["sample"] for task in tasks(SHELF, {"count": 3}) if task.query.startswith("owned")} == {"neither", "strong", "both"}
    with pytest.raises(TypeError, match="depends_on_state: has no effect without weaker_than"):
        tool(lambda self: "", depends_on_state=True)  # type: ignore[call-overload]


def test_a_weaker_tool_that_other_worlds_contradict_is_no_sample() -> None:
    """Without a word of the author: the same call is refused where the seed makes another world."""
    bench, task = Bench(), shelf.task("fragile")
    gold = only_call(task)[0]
    move, slide = Shelf.tool_specs("move", "slide")
    assert bench.serves(task, slide, gold) and not bench.serves(replace(task, seed=1), slide, gold)
    assert not bench.steady(task, move, slide, gold) and not bench.steady(replace(task, seed=1), move, slide, gold)
    take, take_small = Shelf.tool_specs("take", "take_small")
    for name in ("small", "refused"):
        assert bench.steady(shelf.task(name), take, take_small, only_call(shelf.task(name))[0]), "what the call itself says is no state"
    (query,) = QueryPool([task], tools=5).queries(("seen", "seen"), "seen")
    assert not query.clear and "weak" not in query.kinds


def test_a_task_has_to_say_that_its_tool_is_held_out() -> None:
    wrong = replace(shelf.task("held out"), tags={"split": "train", "held_out": ""})
    with pytest.raises(TaskError, match="task held out-0: tags.held_out: '' given, 'tool' expected: its tool 'weigh' is held out by"):
        QueryPool([wrong], tools=5).queries(("seen", "seen"), "seen")
    wrong = replace(shelf.task("able"), tags={"split": "test", "held_out": "tool"})
    with pytest.raises(TaskError, match="'tool' given, 'query' or '' expected: its tool 'put' is not held out by"):
        QueryPool([wrong], tools=5).queries(cell_of(wrong), "unseen")


def test_fewer_queries_than_asked_for_are_told(caplog: pytest.LogCaptureFixture) -> None:
    tasks(SHELF, {"count": 2}, queries=99, unanswered=99)
    told = [record.getMessage() for record in caplog.records]
    usable = 2 * len([name for name in shelf.CALLS if name not in ("ambiguous", "held out", "fails")])
    assert told[0] == f"tool evolution: queries: 99 of each environment are asked for, and usable are {usable} of tests.plugins.shelf:Shelf"
    assert told[1].startswith("tool evolution: unanswered: 99 of each environment are asked for, and usable are ") and len(told) == 2
    caplog.clear()
    tasks(SHELF, {"count": 2}, queries=2, unanswered=0)
    assert not caplog.records


def test_the_same_call_in_other_words_is_on_the_same_side() -> None:
    for name in ("held out", "able"):
        task = shelf.task(name)
        assert (cell_of(replace(task, query="?")), part_of(replace(task, query="?"))) == (cell_of(task), part_of(task))
    first, other = GoldCall("f", {"x": 1, "text": "a"}, free=("text",)), GoldCall("f", {"text": "b", "x": 1, "y": 2}, {}, ("y",), ("text",))
    assert canonical(first) == canonical(other) != canonical(GoldCall("f", {"x": 2}))


def test_a_tool_that_serves_under_another_name_is_no_neighbour(made: dict[str, EvolutionQuery]) -> None:
    names = {name: {spec.name for spec in query.neighbours} for name, query in made.items()}
    assert "place" not in names["able"] and "place" in names["unable"], "its parameter is called otherwise, and tried with gold's value"
    bench, task = Bench(), shelf.task("able")
    place, take = (Shelf.tools[name].spec for name in ("place", "take"))
    gold = only_call(task)[0]
    assert not bench.serves(task, place, gold) and bench.may_serve(task, place, gold) and not bench.may_serve(task, take, gold)


def test_neighbours_are_the_nearest_that_cannot_serve(made: dict[str, EvolutionQuery]) -> None:
    specs = [*Shelf.tool_specs(), *(bound.spec for bound in Shelf.weak_tools.values())]
    shown = [spec for spec in specs if spec.name not in ("weigh", "weigh_roughly")]
    near = Nearness(shown).to("take Take an item off its shelf.")
    assert near["take"] == pytest.approx(1) and near["count"] < near["level_of"] < near["take_small"] < 1
    others = sorted((name for name in near if name not in ("take", "take_small")), key=lambda name: (-near[name], name))
    assert [spec.name for spec in made["refused"].neighbours] == others[:5]


def test_held_out_tools_are_neighbours_of_their_like_only(made: dict[str, EvolutionQuery]) -> None:
    for name, query in made.items():
        assert not {"weigh", "weigh_roughly"} & {spec.name for spec in query.neighbours}, name
    whole = QueryPool([shelf.task("small")], tools=7).queries(("seen", "seen"), "unseen")
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
    assert len({task.query.rsplit(" ", 1)[0] for task in tasks(SHELF, {"count": 12})[:60]}) == 8, "the first ones are of all kinds"
    few = Counter(task.query.rsplit(" ", 1)[0] for task in tasks(SHELF, {"count": 30}, queries=1, unanswered=2))
    assert few["held out"] == 2


def test_names_that_say_nothing_in_training() -> None:
    own = {task.id: task for task in tasks(SHELF, {"count": 12})}
    neutral = tasks(SHELF, {"count": 12}, names="neutral")
    assert [task.id for task in neutral] == list(own) and neutral == [renamed(task, neutral_names(task)) for task in own.values()]
    assert {spec.name for task in neutral for spec in task.tools} == {"generate_response", *(f"tool_{n}" for n in range(1, 6))}
    mixed = tasks(SHELF, {"count": 12}, names="mixed")
    changed = [task for task, whole in zip(mixed, neutral, strict=True) if task == whole]
    assert all(task in (own[task.id], whole) for task, whole in zip(mixed, neutral, strict=True))
    assert abs(len(changed) / len(mixed) - 0.5) < 0.1 and {task.tags["sample"] for task in changed} == set(KINDS)
    assert mixed == tasks(SHELF, {"count": 12}, names="mixed")
    ranks = tasks(SHELF, {"count": 12}, names="mixed", stage="rank")
    both = [task.tools == first.tools for task, first in zip(mixed, ranks, strict=True)]
    assert abs(sum(both) / len(both) - 0.5) < 0.1, "half of the tasks have one name in one stage, another in the other"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"kinds": ["weak", "mighty"]}, "kinds.1: 'mighty' given; input should be 'neither', 'weak', 'strong' or 'both'"),
        ({"kinds": []}, "kinds: none given"),
        ({"stage": "both"}, "stage: 'both' given; input should be 'rank' or 'call'"),
        ({"names": "none"}, "names: 'none' given; input should be 'own', 'mixed' or 'neutral'"),
        ({"tools": 1}, "tools: 1 given, at least 2 expected"),
        ({"tools": 9}, r"task able-0: 6 tools beside its own cannot serve it, 9 expected \(tools\)"),
        ({"options": {"split": "train"}}, "options.split: 'train' given, but both splits are read, to tell what is seen; leave it out"),
        ({"options": {"size": 1}}, "options: tests.plugins.shelf:tasks: size: there is no such option; known: split, count"),
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
        for held_out in env.held_out:
            task = replace(shelf.task("held out"), env=scenario(name).path, tools=(FINISH,))
            task = replace(task, gold=(replace(task.gold[0], calls=(replace(task.gold[0].calls[0], name=held_out),)),))
            found[part_of(task)] += 1
    assert found["validation"] >= 7 and found["test"] >= 14
