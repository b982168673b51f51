"""Tasks: what a file may hold, what is refused and how it is named, the order of the draws, and BFCL's records."""

import dataclasses
import datetime
import json
import operator
import sys
import types
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.office import Office
from raytool import tasks
from raytool.config import SourceConfig
from raytool.env import FINISH
from raytool.evaluation import bfcl
from raytool.evaluation.agreement import agreement
from raytool.records import FUNCTION_CALL_ENV, Feedback, GoldCall, Task, ToolSpec
from raytool.tasks import TaskError, TaskSource
from rewards.tl_training import TLTraining
from tests.unit.builders import episode, sequence, task, tool

RECORD = {"id": "t1", "env": "envs.office:Office", "query": "Q?"}
FULL = {
    "id": "t2",
    "env": "envs.function_call:FunctionCall",
    "query": "Größe?",
    "tools": [{"name": "f", "description": "d", "parameters": {"type": "object", "properties": {"a": {}}}}],
    "gold": [{"calls": [{"name": "f", "arguments": {"a": 1}, "accept": {"a": [2]}}], "free_order": True}],
    "answer": ["7"],
    "seed": 3,
    "tags": {"scenario": "x"},
}


FLOAT = {"type": "object", "properties": {"a": {"type": "float"}}}  # which JSON Schema calls number


def source(where, **fields):
    return SourceConfig(name="mine", source=str(where), **fields)


@pytest.fixture
def jsonl(tmp_path):
    def write(*lines):
        path = tmp_path / "tasks.jsonl"
        path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
        return path

    return write


# --- files


def test_a_jsonl_record_is_a_task(jsonl):
    short, full = tasks.load(source(jsonl(RECORD, "", FULL)))
    assert short.tools == (*Office.tool_specs(), FINISH)
    assert short.tags == {"source": "mine"}
    (gold,) = full.gold
    assert (gold.calls, gold.free_order) == ((GoldCall("f", {"a": 1}, accept={"a": (2,)}),), True)
    assert (full.query, full.answer, full.seed, full.tags) == ("Größe?", ("7",), 3, {"scenario": "x", "source": "mine"})
    assert [spec.name for spec in full.tools] == ["f"]


def test_parquet_holds_nested_columns_as_json_or_as_they_are(jsonl, tmp_path):
    rows = [{key: json.dumps(value) if isinstance(value, list | dict) else value for key, value in FULL.items()}, RECORD]
    columns = {key: [row.get(key) for row in rows] for key in FULL}
    path = tmp_path / "tasks.parquet"
    pa.parquet.write_table(pa.table(columns), path)
    assert tasks.load(source(path)) == tasks.load(source(jsonl(FULL, RECORD)))
    columns["answer"] = [["7"], []]
    pa.parquet.write_table(pa.table(columns), path)
    assert tasks.load(source(path)) == tasks.load(source(jsonl(FULL, RECORD)))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{broken", "not JSON"),
        ("[1]", "a JSON object is expected, not list"),
        ({"id": "x", "env": "envs.office:Office"}, "query: is missing"),
        ({**RECORD, "id": 7}, "id: 7 given; input should be a valid string"),
        ({**FULL, "gold": [{"calls": [{"arguments": {}}]}]}, "gold.0.calls.0.name: is missing"),
        ({**FULL, "gold": {"calls": []}}, "gold: {'calls': []} given; a list is expected, e.g. [{'calls': []}]"),
        ({**FULL, "answer": "Done."}, "answer: 'Done.' given; a list is expected, e.g. ['Done.']"),
        ({**FULL, "query": ["long"] * 99}, f"query: {(repr(['long'] * 99))[:57]}... given; input should be a valid string"),
        ({"id": "x", "query": "Q?", "tools": [], "env": None}, "env: None given"),
        ({**FULL, "golds": FULL["gold"]}, "golds: unknown key; did you mean 'gold'?"),  # would silently be a task without gold
        (
            {**FULL, "gold": [{"calls": [{"name": "f"}, {"name": "f", "args": {}}]}]},
            "gold.0.calls.1.args: unknown key; did you mean 'arguments'?",
        ),
        ({**FULL, "gold": [{"calls": [{"nmae": "f"}]}]}, "gold.0.calls.0.nmae: unknown key; did you mean 'name'?"),
        ({**FULL, "tools": ["f"]}, "tools.0: 'f' given; an object is expected, with name, description, parameters"),
        ({**FULL, "tools": [{"type": "function", "function": {}}]}, "tools.0.type: unknown key; known: name, description, parameters"),
        ({**FULL, "tools": FULL["tools"] * 2}, "tools.1: there are two tools 'f'"),
        ({**FULL, "tools": [{**FULL["tools"][0], "parameters": {"properties": []}}]}, "tools.0.parameters.properties: [] given; an object"),
        ({**FULL, "seed": -1}, "seed: -1 given; 0 or more is expected"),
        (
            {**FULL, "env": FUNCTION_CALL_ENV, "tools": [{"name": "f", "description": "d", "parameters": FLOAT}]},
            "tools.0.parameters.properties.a.type: 'float' is not valid",
        ),
        ({**FULL, "env": "envs.office:Offise"}, "env: plug-in 'envs.office:Offise': envs.office has no 'Offise'"),
        ({**FULL, "env": "envs.question:Question"}, "tools.0: 'f' is no tool of envs.question:Question (it has none of its own)"),
        ({**FULL, "env": "envs.python_sandbox:PythonSandbox"}, "PythonSandbox (run_python, write_file, read_file, list_files)"),
        *(
            ({**FULL, "gold": [{"calls": [{"name": "f", leeway: named}]}]}, f"gold.0.calls.0.{leeway}: 'b' is no parameter of f; known: a")
            for leeway, named in {"accept": {"b": [2]}, "optional": ["b"], "free": ["b"]}.items()
        ),
    ],
)
def test_a_broken_line_is_named(jsonl, line, told):
    path = jsonl(FULL, line)
    with pytest.raises(TaskError) as raised:
        tasks.load(source(path))
    assert str(raised.value).startswith(f"{path}:2: ") and told in str(raised.value)


def test_a_broken_row_is_named(tmp_path):
    path = tmp_path / "tasks.parquet"
    pa.parquet.write_table(pa.table({**{key: [value] for key, value in RECORD.items()}, "gold": ["[{"]}), path)
    with pytest.raises(TaskError, match=r"tasks\.parquet:row 1: "):
        tasks.load(source(path))


@pytest.mark.parametrize("name", ["none.jsonl", "none.parquet"])
def test_a_file_that_is_not_there_is_named(tmp_path, name):
    with pytest.raises(TaskError, match=name):
        tasks.load(source(tmp_path / name))


@pytest.mark.parametrize("name", ["text.jsonl", "text.parquet"])
def test_a_file_of_another_kind_is_named(tmp_path, name):
    (tmp_path / name).write_bytes(b"\xff\xfe not what it says")
    with pytest.raises(TaskError, match=name):
        tasks.load(source(tmp_path / name))


def test_an_empty_file_and_options_on_a_file_are_refused(jsonl):
    with pytest.raises(TaskError, match=r"'mine': .*gives no task"):
        tasks.load(source(jsonl("")))
    with pytest.raises(TaskError, match="'mine': options have no effect on a file"):
        tasks.load(source(jsonl(RECORD), options={"split": "train"}))


def test_an_environment_without_documents_of_its_own_is_refused(jsonl):
    with pytest.raises(TaskError, match="'CartPole-v1' is no ToolEnv"):
        tasks.load(source(jsonl({**RECORD, "env": "CartPole-v1"})))


# --- plug-ins


def of_plugin(monkeypatch, function):
    module = types.ModuleType("desks")
    module.tasks = function
    monkeypatch.setitem(sys.modules, "desks", module)
    return tasks.load(source("desks:tasks"))


def test_what_a_function_gives_as_lists_is_read_as_a_file_is(monkeypatch, jsonl):
    (made,) = of_plugin(monkeypatch, lambda: iter([Task("t", "envs.office:Office", "Q?", [FINISH], answer=["7"])]))
    assert [made] == tasks.load(source(jsonl(json.loads(json.dumps(dataclasses.asdict(made))))))
    assert (made.tools, made.answer) == ((FINISH,), ("7",))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"gold": sequence(GoldCall("f"))}, "gold: Gold(calls=(GoldCall(name='f'"),
        ({"tools": Office.tool_specs}, "tools: <bound method ToolEnv.tool_specs of <class 'envs.office.t... given; a list is expected"),
        ({"env": Office}, "env: <class 'envs.office.tools.Office'> given; input should be a valid string"),
        ({"seed": -1}, "seed: -1 given"),
        ({"answer": "Done."}, "answer: 'Done.' given; a list is expected, e.g. ['Done.']"),
        ({"tags": {"size": 3}}, "tags.size: 3 given; input should be a valid string"),
        ({"tools": (tool("g"),)}, "tools.0: 'g' is no tool of envs.office:Office ("),
        (
            {"tools": (tool("finish", "text", required=["text"]),)},
            "tools.0: 'finish' requires text; it is how a task ends, and requires 'answer'",
        ),
        ({"options": {"day": datetime.date(2026, 1, 1)}}, "options: Object of type date is not JSON serializable; what JSON can hold is"),
    ],
)
def test_a_task_of_a_function_is_checked_as_one_of_a_file(monkeypatch, change, told):
    good = Task("t-1", "envs.office:Office", "Q?", (FINISH,))
    with pytest.raises(TaskError) as raised:
        of_plugin(monkeypatch, lambda: [good, dataclasses.replace(good, id="t-2", **change)])
    assert str(raised.value).startswith(f"tasks 'mine': desks:tasks: task 't-2': {told}"), raised.value
    assert "e.g. [<bound" not in str(raised.value)


def failing():
    yield {}["rice"]


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (failing, rf"KeyError: 'rice' \({__file__}, line {failing.__code__.co_firstlineno + 1}\)"),
        (lambda: [{"id": "x"}], "task 0: a Task is expected, not dict"),
        (lambda: None, "TypeError: 'NoneType' object is not iterable"),
        (lambda: [], "gives no task"),
        (lambda count: [], "missing a required argument: 'count'"),
    ],
)
def test_a_function_that_gives_no_tasks_is_named(monkeypatch, function, told):
    with pytest.raises(TaskError, match=f"^tasks 'mine': (options: )?desks:tasks:? {told}"):
        of_plugin(monkeypatch, function)


@pytest.mark.parametrize(("options", "told"), [({"splt": "train"}, "did you mean 'split'"), ({"split": "x", "count": 1}, "split: 'x'")])
def test_wrong_options_of_a_plug_in_are_named(options, told):
    with pytest.raises(TaskError, match=f"'mine': .*envs.office:tasks.*{told}"):
        tasks.load(source("envs.office:tasks", options=options))


def of_file(file: Path, names: Sequence[str] = ()) -> list[Task]:
    """A source that reads a file of its own."""
    return [task(tool("f", "a"), id=file.read_text(), query=", ".join(names))]


def test_options_come_as_a_source_wants_them_and_its_files_are_found_where_a_job_left_them(tmp_path, monkeypatch):
    monkeypatch.setenv("RAYTOOL_HOME", str(tmp_path))
    (tmp_path / "requests.txt").write_text("of a job")
    (made,) = tasks.load(source(f"{__name__}:of_file", options={"file": "requests.txt", "names": ["a", "b"]}))
    assert (made.id, made.query) == ("of a job", "a, b")
    with pytest.raises(TaskError, match=r"of_file: names: 'office' given; a list is expected, e.g. \['office'\]"):
        tasks.load(source(f"{__name__}:of_file", options={"file": "requests.txt", "names": "office"}))


# --- splits


def asked(name, query="Q?", arguments=None, **fields):
    gold = [sequence(GoldCall("f", arguments, **fields))] if arguments is not None else []
    return task(tool("f", "a"), id=name, query=query, gold=gold)


def test_duplicate_ids_are_refused_wherever_they_are():
    one, other = (dataclasses.replace(asked("x", query), tags={"source": name}) for name, query in (("a", "Q?"), ("b", "R?")))
    for train, test, part in (([one, other], [], "train"), ([one], [other], "test")):
        with pytest.raises(TaskError, match=f"'x' occurs twice, in 'a' of tasks.train and 'b' of tasks.{part};"):
            tasks.check(train, test)


@pytest.mark.parametrize(
    ("train", "test", "told"),
    [
        (asked("a", "Do  it."), asked("b", "Do it. "), "its query is that of training task 'a'"),
        (asked("a", "Q?", {"a": 1}), asked("b", "R?", {"a": 1}), "its gold is that of training task 'a'"),
    ],
)
def test_a_test_task_that_training_has_seen_is_refused(train, test, told):
    with pytest.raises(TaskError, match=f"test task 'b': {told}"):
        tasks.check([train], [test])
    with pytest.raises(TaskError, match="test task 'a'"):
        tasks.check([test], [train])
    also = asked("c", "Else?", {"a": 9})
    told = tasks.check([train], [also, test], overlap="warn")
    assert told.startswith("1 of 2 test tasks are like one of training; the first is 'b': its ") and not tasks.check([train], [also])


@pytest.mark.parametrize(
    ("train", "test"),
    [
        (asked("a", "Q?", {"a": 1}), asked("b", "R?", {"a": 2})),
        (asked("a", "Q?", {}), asked("b", "R?", {})),  # no argument tells them apart: the queries do
        (asked("a", "Q?", {"a": "x"}, free=("a",)), asked("b", "R?", {"a": "x"}, free=("a",))),
        (
            asked("a", "Q?", {"a": 1}),
            dataclasses.replace(asked("b", "R?", {"a": 1}), tools=(tool("f", "a", "other"),)),  # another tool of that name
        ),
        (asked("a", "Q?", {"a": 1}), dataclasses.replace(asked("b", "Q?", {"a": 2}), seed=1)),  # the same question in another world
        (asked("a", "Q?", {"a": 1}), dataclasses.replace(asked("b", "Q?", {"a": 2}), options={"rooms": 3})),
    ],
)
def test_tasks_that_only_look_alike_pass(train, test):
    tasks.check([train], [test])


# --- draws


def drawn(counts, shares, draws, seed=0):
    pools = [[asked(f"{source}-{i}") for i in range(count)] for source, count in enumerate(counts)]
    configs = [SourceConfig(name=str(i), source="x.jsonl", share=share) for i, share in enumerate(shares)]
    made = TaskSource(list(zip(configs, pools, strict=True)), seed)
    return [made.draw(index).id for index in range(draws)]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=6))
def test_shares_are_exact_within_one(shares):
    counts = [0] * len(shares)
    for number, name in enumerate(drawn([1] * len(shares), shares, 60), 1):
        counts[int(name[0])] += 1
        assert all(abs(count - number * share / sum(shares)) < 1 for count, share in zip(counts, shares, strict=True)), (number, counts)


def test_an_epoch_is_a_permutation_and_the_next_another():
    ids = drawn([20], [1], 60)
    epochs = [tuple(ids[start : start + 20]) for start in (0, 20, 40)]
    assert all(len(set(epoch)) == 20 for epoch in epochs)
    assert len(set(epochs)) == 3


def test_the_seed_and_the_index_decide_a_draw():
    assert drawn([9, 7], [3, 1], 50) == drawn([9, 7], [3, 1], 50)
    assert drawn([9, 7], [3, 1], 50) != drawn([9, 7], [3, 1], 50, seed=1)
    pools = [[asked(f"{i}") for i in range(9)]]
    late = TaskSource([(SourceConfig(**{"name": "x", "source": "x.jsonl"}), pools[0])], 0)
    assert late.draw(40).id == TaskSource([(SourceConfig(name="x", source="x.jsonl"), pools[0])], 0).draw(40).id
    late.draw(3)
    assert [late.draw(index).id for index in range(41)] == [late.draw(index).id for index in range(41)]


def test_the_draws_of_a_seed_stay_what_they_were():
    """A run that is resumed by a newer version goes on with the same tasks."""
    expected = "00 02 13 01 00 10 02 01 12 02 00 11 01 02 14 01 00 14 02 01 11 00 01 10"
    assert "".join(drawn([3, 5], [2, 1], 24, seed=7)).replace("-", "") == expected.replace(" ", "")


def test_an_order_is_made_once_an_epoch(monkeypatch):
    made = []
    monkeypatch.setattr(
        "raytool.tasks.source.np.random.default_rng", lambda seed: made.append(seed) or np.random.Generator(np.random.PCG64(0))
    )
    drawn([3, 5], [2, 1], 24)
    assert made == [[0, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 2], [0, 0, 3], [0, 1, 1], [0, 0, 4], [0, 0, 5]]


# --- BFCL

COUNTS = {"simple_python": 400, "multiple": 200, "exec_simple": 100, "exec_multiple": 50}
UNDOCUMENTED = {"bfcl-exec_multiple_45": "parameters_h"}  # its gold has a parameter that its tool does not document


@cache
def records(category):
    return list(bfcl.tasks([category]))


@pytest.mark.parametrize("category", COUNTS)
def test_bfcl_gold_is_all_right_and_in_full_agreement(category):
    assert len(records(category)) == COUNTS[category]
    reward = TLTraining()
    for record in records(category):
        calls = [gold.call for gold in record.gold[0].calls]
        (verdict,) = reward(episode([(call, Feedback.OK) for call in calls], record)).verdicts
        assert verdict.category == UNDOCUMENTED.get(record.id, "all_right"), record.id
        found = agreement(calls, record.gold)
        assert found.tool and found.parameters and found.content, record.id


def test_bfcl_answers_keep_their_leeway():
    record = next(r for r in records("simple_python") if r.gold[0].calls[0].optional)
    (gold,) = record.gold[0].calls
    shortest = {name: value for name, value in gold.arguments.items() if name not in gold.optional}
    assert gold.missing(shortest) == [] and set(gold.optional) <= set(gold.arguments)
    assert Counter(type(value) for r in records("simple_python") for c in r.gold[0].calls for value in c.accept.values()) == {
        tuple: sum(len(c.accept) for r in records("simple_python") for c in r.gold[0].calls)
    }


def test_bfcl_answers_can_be_asked_for_as_stated():
    stated = list(bfcl.tasks(["simple_python"], stated=True))
    assert not any(call.optional for record in stated for call in record.gold[0].calls)
    assert [r.gold[0].calls[0].call for r in stated] == [r.gold[0].calls[0].call for r in records("simple_python")]


def test_bfcl_tools_can_be_offered_among_those_of_other_records():
    among = list(bfcl.tasks(["simple_python"], distractors=2))
    assert among == list(bfcl.tasks(["simple_python"], distractors=2)) != list(bfcl.tasks(["simple_python"], distractors=2, seed=1))
    pairs = list(zip(among, records("simple_python"), strict=True))
    for record, plain in pairs:
        assert plain.tools[0] in record.tools and len({spec.name for spec in record.tools}) == 3
    places = Counter(record.tools.index(plain.tools[0]) for record, plain in pairs)
    assert min(places[place] for place in range(3)) > 100


def test_bfcl_tools_can_have_names_that_say_nothing():
    own, neutral, mixed = (list(bfcl.tasks(["multiple"], names=names)) for names in ("own", "neutral", "mixed"))
    for plain, record in zip(own, neutral, strict=True):
        place = [spec.name for spec in plain.tools].index(plain.gold[0].calls[0].name)
        assert {call.name for gold in record.gold for call in gold.calls} == {f"tool_{place + 1}"} == {record.tools[place].name}
    assert abs(sum(map(operator.eq, mixed, neutral)) - len(own) / 2) < 25
    with pytest.raises(TaskError, match="names: 'none' given; input should be 'own', 'mixed' or 'neutral'"):
        tasks.load(source("raytool.evaluation.bfcl:tasks", options={"categories": ["multiple"], "names": "none"}))


def test_an_unknown_bfcl_category_names_the_known_ones():
    with pytest.raises(TaskError, match=r"BFCL has no 'simple'.*exec_simple.*simple_python"):
        tasks.load(source("raytool.evaluation.bfcl:tasks", options={"categories": ["simple"]}))


def test_bfcl_types_become_json_schema():
    document = {"type": "dict", "properties": {"type": {"type": "tuple", "items": {"type": "float"}}, "x": {"type": "any"}}}
    assert bfcl.schema_of(document) == {
        "type": "object",
        "properties": {"type": {"type": "array", "items": {"type": "number"}}, "x": {}},
    }


def test_leading_omission_is_the_canonical_choice():
    answer = {"f": {"a": ["", 1], "b": [1, 2, ""], "c": [""], "d": [{"k": [3, 4]}], "undocumented": ["", 5]}}
    (call,) = bfcl._gold_calls([answer], (tool("f", "a", "b", "c", "d"),), stated=False)
    assert call == GoldCall("f", {"b": 1, "d": {"k": 3}}, accept={"a": (1,), "b": (2,)}, optional=("b",))


def test_what_the_document_requires_is_given_though_the_answer_omits_it():
    required = ToolSpec("f", "", {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a"]})
    (call,) = bfcl._gold_calls([{"f": {"a": ["", 1, 2], "b": ["", 3]}}], (required,), stated=False)
    assert call == GoldCall("f", {"a": 1}, accept={"a": (2,), "b": (3,)})


@pytest.mark.parametrize("category", ["simple_python", "multiple", "parallel", "parallel_multiple"])
def test_gold_calls_give_all_that_their_documents_require(category):
    calls = [(record, call) for record in records(category) for call in record.gold[0].calls]
    assert [record.id for record, call in calls if set(record.tool(call.name).required) - set(call.arguments)] == []
