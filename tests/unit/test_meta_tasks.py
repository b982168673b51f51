"""How toolsets are drawn: the distributions, exactly, over 100,000 seeds, and what can never stand beside a query's tool."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from envs import suite
from raytool.config import SourceConfig
from raytool.env import ASK_TO_USER, FINISH
from raytool.methods.meta_tasks import PASS, TOGETHER, Drawing, ToolPool, query_of, toolset
from raytool.records import FollowUp, Gold, GoldCall, ToolSpec
from raytool.tasks import load
from raytool.tasks import source as files
from raytool.tasks.nearness import likeness
from raytool.tasks.source import TaskError
from tests.unit.builders import task, tool

SEEDS = 100_000
END, ASK = {"finish"}, {"ask_to_user"}
CALL = GoldCall("f", {"x": 1}, accept={"x": (2,), "y": (3,)}, optional=("x",), free=())


def numbered(count, domain):
    return [(domain, tool(f"{domain}{n}", "x")) for n in range(count)]


def query(*more, name="f", **fields):
    made = task(tool(name, "x"), *more, FINISH, gold=[Gold((replace(CALL, name=name), GoldCall("finish")))], **fields)
    return query_of(made, END, ASK)


def alike(counts, share, draws=SEEDS):
    """Whether each of the counts agrees with its share of the draws: within five deviations of a binomial."""
    assert (np.abs(np.array(list(counts)) - draws * share) < 5 * np.sqrt(draws * share * (1 - share))).all(), (counts, draws * share)


def test_every_set_is_as_likely_and_so_is_every_place():
    """Of 6 candidates, 2 and the tool: 15 pairs, and the tool in each of 3 places whatever stands beside it."""
    pairs, places, first = Counter(), Counter(), Counter()
    names = [spec for _, spec in numbered(6, "d")]
    gold = tool("f")
    for seed in range(SEEDS):
        drawn = toolset(np.random.default_rng(seed), gold, names, 2)
        place = next(i for i, spec in enumerate(drawn) if spec is gold)
        others = [spec.name for spec in drawn if spec is not gold]
        pairs[frozenset(others)] += 1
        places[place] += 1
        first[others[0]] += 1
    assert len(pairs) == 15 and all(len(pair) == 2 for pair in pairs) and set(places) == {0, 1, 2}
    alike(pairs.values(), 1 / 15)
    alike(places.values(), 1 / 3)
    alike(first.values(), 1 / 6)


@pytest.mark.parametrize("k", [1, 3, 4])
def test_half_of_mixed_draws_are_of_each_kind(k):
    drawing, random = Drawing(k=k), np.random.default_rng(0)
    singles = Counter(tuple(d == "single-domain" for d in drawing.domains(random)) for _ in range(SEEDS))
    assert {sum(kinds) for kinds in singles} == {k // 2, (k + 1) // 2}
    whole = {1: 2, 3: 6, 4: 6}[k]  # of 3, one or two of a kind at any place; of 4, two at any places
    assert len(singles) == whole
    alike(singles.values(), 1 / whole)


def test_the_number_of_others_is_drawn_for_each_task():
    pool = ToolPool.of([*numbered(12, "d"), *numbered(12, "e")], likeness)
    drawing, asked = Drawing(k=1, others=(2, 3, 5), draws="single-domain"), query(tags={"scenario": "d"})
    sizes, places = Counter(), Counter()
    for seed in range(SEEDS):
        (made,) = drawing.tasks(asked, pool, "env", seed)
        names = [spec.name for spec in made.tools]
        sizes[len(names) - 1] += 1
        places[len(names), names.index("f")] += 1
    assert set(sizes) == {2, 3, 5}
    alike(sizes.values(), 1 / 3)
    for (length, _), count in places.items():
        alike([count], 1 / 3 / length)


def test_a_meta_task_is_one_query_among_several_toolsets():
    pool = ToolPool.of([*numbered(12, "d"), *numbered(12, "e")], likeness)
    asked = query(id="q", tags={"scenario": "d", "split": "train"}, answer=("yes",), reply="r", options={"a": 1})
    made = Drawing(k=4, others=(4, 9)).tasks(asked, pool, "env", 0)
    assert [of.id for of in made] == ["q-0", "q-1", "q-2", "q-3"]
    for of in made:
        assert (of.query, of.env, of.tags[TOGETHER], of.tags["split"]) == ("Do it.", "env", "q", "train")
        assert (of.gold, of.answer, of.reply, of.options) == ((Gold((CALL,)),), (), "", {})
    assert Counter(of.tags["draws"] for of in made) == {"single-domain": 2, "cross-domain": 2}
    assert PASS not in made[0].tags
    for of in made:
        names = [spec.name for spec in of.tools]
        assert len(set(names)) == len(names) in (5, 10) and names.count("f") == 1
        assert of.tags["draws"] == "cross-domain" or {name[0] for name in names} == {"d", "f"}
    assert len({tuple(spec.name for spec in of.tools) for of in made}) == 4
    assert made == Drawing(k=4, others=(4, 9)).tasks(asked, pool, "env", 0) != Drawing(k=4, others=(4, 9)).tasks(asked, pool, "env", 1)


def test_each_pass_draws_anew_and_half_of_each_kind():
    pool = ToolPool.of([*numbered(12, "d"), *numbered(12, "e")], likeness)
    made = Drawing(k=2, others=(4,), passes=3).tasks(query(id="q", tags={"scenario": "d"}), pool, "env", 0)
    assert [(of.id, of.tags[PASS], of.tags[TOGETHER]) for of in made] == [(f"q-{n}", str(n // 2), "q") for n in range(6)]
    assert all({of.tags["draws"] for of in made[n : n + 2]} == {"single-domain", "cross-domain"} for n in (0, 2, 4))
    assert len({frozenset(spec.name for spec in of.tools) for of in made}) == 6


def test_nothing_stands_beside_a_tool_that_is_right_too():
    same_name = ToolSpec("f", "Another.", {"type": "object", "properties": {}})
    same_document = replace(tool("f", "x"), name="g")
    near = replace(same_document, description="Do f. Well.", name="h")
    asked = query(tags={"scenario": "d"})
    for draws in ("single-domain", "cross-domain"):
        pool = ToolPool.of(
            [("d", same_name), ("d", same_document), ("d", near), ("d", near), ("e", same_name), ("e", near), ("e", tool("i"))], likeness
        )
        assert [spec.name for spec in pool.candidates(asked, draws)] == ["h"] + ["i"] * (draws == "cross-domain")
    either = task(tool("f"), tool("g"), gold=[Gold((CALL,)), Gold((GoldCall("g"),))], tags={"scenario": "d"})
    found = query_of(either, END, ASK)
    assert found.golds == (Gold((CALL,)),) and found.also_right == {"g"}
    assert [spec.name for spec in ToolPool.of([("d", tool("g")), ("d", tool("h"))], likeness).candidates(found, "single-domain")] == ["h"]
    assert ToolPool.of([("d", tool("a")), ("d", tool("b"))], likeness, without={"a"}).domains == {"d": [tool("b")]}


def test_hard_draws_prefer_what_is_like_the_tool():
    def told(name, text):
        return ToolSpec(name, text)

    right = told("list_files", "List the files of a folder.")
    twins = [told("list_folders", "List the folders of a folder."), told("find_files", "Find files of a folder by name.")]
    others = [told(f"pay{n}", f"Pay bill {n} by card.") for n in range(20)]
    found = likeness(right, [*twins, *others])
    assert min(found[:2]) > 0.2 > max(found[2:])
    pool = ToolPool.of([("d", spec) for spec in [*others, *twins]], likeness)
    asked = query_of(task(right, gold=[Gold((GoldCall("list_files"),))], tags={"scenario": "d"}), END, ASK)
    counts = Counter()
    for seed in range(2000):
        (made,) = Drawing(k=1, others=(4,), draws="single-domain", hard=True).tasks(asked, pool, "env", seed)
        counts.update(spec.name for spec in made.tools)
    assert len(counts) == 1 + 8 and {"list_folders", "find_files"} <= set(counts)
    alike([counts[name] for name in counts if name != "list_files"], 1 / 2, 2000)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (task(tool("f"), gold=[]), "no gold"),
        (task(tool("f"), tool("g"), gold=[Gold((GoldCall("f"), GoldCall("g")))]), "two calls"),
        (task(FINISH, gold=[Gold((GoldCall("finish"),))]), "no call"),
        (task(ASK_TO_USER, gold=[Gold((GoldCall("ask_to_user"), GoldCall("finish")))]), "the user is asked, and that is all"),
        (task(tool("f"), ASK_TO_USER, gold=[Gold((GoldCall("ask_to_user"), GoldCall("f")))]), "the user is asked first"),
        (task(tool("f"), gold=[Gold((GoldCall("f"),))], follow_ups=(FollowUp("more"),)), "the user goes on"),
        (task(tool("g"), gold=[Gold((GoldCall("f"),))]), "its tool is not offered"),
    ],
)
def test_what_is_no_query(made, why):
    assert query_of(made, END, ASK) is None, why


def source(**options):
    return load(SourceConfig(name="m", source="raytool.tasks.meta:tasks", options=options))


SUITE = {"source": "envs.suite:tasks", "options": {"split": "train", "count": 3}, "pool": "envs.suite:tools"}


def test_no_held_out_tool_is_offered_for_training():
    held_out = {name for domain in suite.COUNTS for name in suite.scenario(domain).held_out}
    offered = {name for own in suite.tools().values() for name in (spec.name for spec in own)}
    assert len(held_out) + len(offered) == 155 and not held_out & offered
    assert len({spec.name for own in suite.tools("test").values() for spec in own}) == 155
    made = source(**SUITE, k=8)
    assert {spec.name for of in made for spec in of.tools} <= offered
    assert all(of.env == "envs.function_call:FunctionCall" and of.tags["kind"] == "single" and of.tags["source"] == "m" for of in made)
    assert len({of.id for of in made}) == len(made) == 8 * len({of.tags[TOGETHER] for of in made})
    less = {made[0].gold[0].calls[0].name}
    assert not less & {spec.name for of in source(**SUITE, held_out=sorted(less)) for spec in of.tools}


def test_tasks_and_tools_of_somebody_s_own(tmp_path):
    mine = [task(tool(f"f{n}", "x"), tool("g"), gold=[Gold((GoldCall(f"f{n}", {"x": 1}),))], id=f"t{n}") for n in range(5)]
    files.write(mine, tmp_path / "mine.jsonl")
    made = source(source=str(tmp_path / "mine.jsonl"), tools=[2], k=2, passes=3, queries=3)
    assert len(made) == 18 and all(len(of.tools) == 3 for of in made) and len({of.id for of in made}) == 18
    assert set(Counter((of.tags[TOGETHER], of.tags[PASS]) for of in made).values()) == {2} and {of.tags[PASS] for of in made} == {*"012"}
    pool = tmp_path / "tools.jsonl"
    pool.write_text('{"domain": "d", "name": "a", "description": "A.", "parameters": {}}\n' * 2)
    (one, *_) = source(source=str(tmp_path / "mine.jsonl"), tools=[1], k=1, draws="cross-domain", pool=str(pool))
    assert {spec.name for spec in one.tools} == {"f0", "a"}
    pool.write_text('{"domain": "d", "name": "a"}')
    with pytest.raises(TaskError, match=r"tools\.jsonl:1: description: Field required"):
        source(source=str(tmp_path / "mine.jsonl"), pool=str(pool))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"k": 0}, "k=0, passes=1, tools="),
        ({"tools": []}, r"tools=\[\]: k, passes and every number"),
        ({"passes": 0}, "k=4, passes=0"),
        ({"draws": "both"}, "draws: 'both' given; input should be 'single-domain', 'cross-domain' or 'mixed'"),
        ({"pool": None, "pool_options": {"split": "train"}}, "pool_options: has no effect without pool"),
        ({"tools": [99], "draws": "single-domain"}, "tools: 99 is more than the pool has: .. other tools for single-domain draws beside"),
        ({"kk": 1}, "options: raytool.tasks.meta:tasks: kk: there is no such option; did you mean 'k'?"),
    ],
)
def test_what_cannot_be_drawn_is_told(options, said):
    with pytest.raises(TaskError, match=said):
        source(**{**SUITE, "options": {"split": "train", "count": 1, "only": ["iot"]}, **options})
