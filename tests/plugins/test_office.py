"""The office: its tools, and the proof by execution of the tasks it writes."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from envs.office import Office, tasks
from envs.office.queries import RECIPES
from envs.office.queries.desk import Desk, time_answer
from envs.office.tools import says
from envs.office.vocabulary import MONTHS
from envs.office.world import build
from raytool.env import FINISH
from raytool.records import Feedback, Gold, GoldCall, Task

TRAIN, TEST = tasks("train", 300), tasks("test", 100)
TASKS = TRAIN + TEST
READING = {"search_emails", "list_events", "find_free_time", "find_contact", "read_cell", "aggregate_range", "list_todos"}
CHANGING = set(Office.tools) - READING
IN_OTHER_WORDS = {"as_draft", "reply_all", "field", "operation"}  # parameters whose values no query spells out


def play(task: Task, calls: tuple[GoldCall, ...]) -> tuple[list[str], list[str], bool | None]:
    """The observations and feedback of calls made one by one, and whether the goal was reached at their end."""
    env = Office()
    env.reset(options={"task": task})
    observations, feedback, info = [], [], {}
    for call in calls:
        _, _, ended, _, info = env.step(json.dumps({"calls": [{"name": call.name, "arguments": call.arguments}]}))
        observations += info["observations"]
        feedback += info["feedback"]
    assert ended
    return observations, feedback, info["goal_reached"]


def finish(answer: str) -> GoldCall:
    return GoldCall("finish", {"answer": answer})


def test_there_are_twenty_documented_tools() -> None:
    specs = Office.tool_specs()
    assert len(specs) == 20
    for spec in specs:
        assert spec.description.count(".") == 1 and "\n" not in spec.description
        assert all("description" in schema for schema in spec.documented.values())
    prefixes = Counter(spec.name.split("_")[0] for spec in specs)
    assert prefixes["create"] == 3 and prefixes["list"] == 2 and prefixes["find"] == 2


def test_gymnasium_accepts_the_environment() -> None:
    check_env(Office(), skip_render_check=True)


def test_every_gold_reaches_its_goal() -> None:
    for task in TASKS:
        orders = itertools.islice(itertools.chain.from_iterable(_orders(gold) for gold in task.gold), 12)
        for calls in orders:
            observations, feedback, reached = play(task, calls)
            assert set(feedback) == {"ok"}, (task, observations)
            assert reached is True, task
            assert max(map(len, observations)) < 400


def _orders(gold: Gold) -> list[tuple[GoldCall, ...]]:
    *calls, last = gold.calls
    assert last.name == "finish" and last.free == ("answer",)
    return [(*order, last) for order in (itertools.permutations(calls) if gold.free_order else [tuple(calls)])]


def test_query_and_observations_determine_every_value() -> None:
    for task in TASKS:
        calls = task.gold[0].calls
        told = task.query
        for call, observation in zip(calls, play(task, calls)[0], strict=True):
            for name, given in call.arguments.items():
                for value in given if isinstance(given, list) else [given]:
                    if call.name != "finish" and name not in IN_OTHER_WORDS:
                        assert any(wording in told for wording in wordings(value)), (task.query, call)
            told += observation


def wordings(value: Any) -> tuple[str, ...]:
    """A value as a query or an observation may put it."""
    text = str(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        day = date.fromisoformat(text)
        return text, f"{day.day} {MONTHS[day.month - 1]} {day.year}", f"tomorrow (today is {day - timedelta(days=1)})"
    if re.fullmatch(r"\d\d:\d\d", text):
        return time_answer(text)
    computed = re.fullmatch(r"(?:Total|Value): ([\d.]+)|We meet at (\d\d:\d\d)\.", text)
    return text, *filter(None, computed.groups() if computed else ())


def test_no_goal_is_reached_without_the_last_change() -> None:
    for task in TASKS:
        calls = task.gold[0].calls
        changes = [index for index, call in enumerate(calls) if call.name in CHANGING]
        if changes:
            without = tuple(call for index, call in enumerate(calls) if index != changes[-1])
            assert play(task, without)[2] is False, task


def test_no_goal_is_reached_with_a_wrong_answer() -> None:
    for task in TASKS:
        *calls, last = task.gold[0].calls
        assert task.answer or any(call.name in CHANGING for call in calls), "a task that changes nothing asks for an answer"
        if task.answer:
            assert any(says(last.arguments["answer"], value) for value in task.answer)
            assert play(task, (*calls, finish("I could not find that out.")))[2] is False, task


def test_a_stray_change_misses_the_goal_of_a_question() -> None:
    task = next(task for task in TASKS if task.answer and task.tags["calls"] == "1" and task.gold[0].calls[0].name not in CHANGING)
    task = replace(task, tools=(*Office.tool_specs(), FINISH))
    *calls, last = task.gold[0].calls
    stray = GoldCall("create_todo", {"text": "Something else", "due": "2026-01-01"})
    assert play(task, (*calls, stray, last))[2] is False


def test_a_task_without_gold_has_no_known_goal() -> None:
    assert play(replace(TRAIN[0], gold=()), (finish("Done."),))[2] is None


def test_tasks_are_well_formed() -> None:
    assert len({task.id for task in TASKS}) == len(TASKS)
    for group, split in ((TRAIN, "train"), (TEST, "test")):
        assert len({task.query for task in group}) == len(group)
        for index, task in enumerate(group):
            names = [spec.name for spec in task.tools]
            calls = [call.name for call in task.gold[0].calls]
            assert task.id == f"office-{split}-{index:06d}" and task.env == "envs.office:Office"
            assert task.tags == {"scenario": "office", "split": split, "calls": str(len(calls) - 1)}
            assert len(set(names)) == 6 and names[-1] == "finish" and set(calls) <= set(names)
            assert len(task.query.split()) <= 60
    lengths = Counter(task.tags["calls"] for task in TRAIN)
    shares = [lengths[calls] / len(TRAIN) for calls in "12345"]
    assert shares == pytest.approx([0.5, 0.25, 0.15, 0.07, 0.03], abs=0.02)


def test_every_tool_is_somebodys_gold() -> None:
    assert {call.name for task in TRAIN for call in task.gold[0].calls} == {*Office.tools, "finish"}
    alone = {task.gold[0].calls[0].name for task in TRAIN + tasks("train", 200, seed=1) if task.tags["calls"] == "1"}
    assert alone == set(Office.tools)


def test_every_recipe_has_four_frames_and_the_tools_it_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, ...]] = []
    say = Desk.say
    monkeypatch.setattr(Desk, "say", lambda desk, frames, *places, **values: (said.append(frames), say(desk, frames, *places, **values))[1])
    for recipe in RECIPES:
        for seed in range(12):
            desk = Desk(np.random.default_rng(seed), seed)
            recipe.write(desk)
            assert tuple(call.name for call in desk.calls) == recipe.tools
            assert len(set(said.pop())) >= 4 and not said


@pytest.mark.parametrize("seeds", [(0, 0), (1, 2), (3, 1)])
def test_splits_share_no_query_and_no_gold(seeds: tuple[int, int]) -> None:
    train, test = tasks("train", 300, seed=seeds[0]), tasks("test", 300, seed=seeds[1], tools=8)
    assert not {task.query for task in train} & {task.query for task in test}
    assert not _golds(train) & _golds(test)


def _golds(group: list[Task]) -> set[str]:
    calls = ([[call.name, call.arguments] for call in gold.calls[:-1]] for task in group for gold in task.gold)
    return {json.dumps(gold, sort_keys=True) for gold in calls if any(arguments for _, arguments in gold)}


def test_tasks_are_a_function_of_their_arguments() -> None:
    assert tasks("train", 40) == TRAIN[:40]
    assert tasks("train", 40, seed=1) != TRAIN[:40]
    script = "from envs.office import tasks; print(tasks('test', 20))"
    printed = [
        subprocess.run([sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
                       capture_output=True, text=True, check=True).stdout.strip()
        for seed in ("1", "2")
    ]  # fmt: skip
    assert printed == [repr(TEST[:20])] * 2


@pytest.mark.parametrize("tools", [1, 2, 20])
def test_any_number_of_tools_can_be_offered(tools: int) -> None:
    for task in tasks("train", 20, tools=tools):
        assert len(task.tools) == tools + 1
        assert int(task.tags["calls"]) <= tools


@pytest.mark.parametrize(("split", "tools"), [("validation", 5), ("train", 0), ("train", 21)])
def test_arguments_out_of_range_are_refused(split: Any, tools: int) -> None:
    with pytest.raises(ValueError, match="not"):
        tasks(split, 1, tools=tools)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("It is 12.", "12", True),
        ("It is 12.5.", "12", False),
        ("It is m123.", "12", False),
        ("on 2026-01-02", "2", False),
        ("At 2:30PM", "2:30 pm", True),
        ("ANA  SILVA wrote it", "Ana Silva", True),
        ("twelve", "12", False),
    ],
)
def test_says(text: str, value: str, expected: bool) -> None:
    assert says(text, value) is expected


# ---- errors

EMAIL = {"to": ["ada@acorn.com"], "subject": "Hi", "body": "Hello."}
EVENT = {"title": "Budget sync", "date": "2030-01-02", "start": "10:00"}


def own_email(env: Office) -> str:
    return env.world.in_folder("sent")[0].id


def archived_email(env: Office) -> str:
    return env.world.in_folder("archive")[0].id


def an_event(env: Office) -> str:
    return next(iter(env.world.events))


def taken(env: Office) -> dict[str, Any]:
    other = list(env.world.events.values())[-1]
    return {"date": other.date, "start": other.start}


def document(env: Office) -> str:
    return next(iter(env.world.documents))


def sheet(env: Office) -> str:
    return next(iter(env.world.sheets))


def contact(env: Office) -> str:
    return next(iter(env.world.contacts))


def done_todo(env: Office) -> str:
    return next(todo.id for todo in env.world.todos.values() if todo.done)


ERRORS = {
    "send_email": [lambda env: {**EMAIL, "to": []}, lambda env: {**EMAIL, "to": ["ada"]}, lambda env: {**EMAIL, "to": "ada@acorn.com"}],
    "reply_email": [lambda env: {"email_id": "m1", "body": "Hi"}, lambda env: {"email_id": own_email(env), "body": "Hi"}],
    "search_emails": [lambda env: {"text": "a", "folder": "trash"}],
    "archive_email": [lambda env: {"email_id": "m1"}, lambda env: {"email_id": archived_email(env)}],
    "create_event": [
        lambda env: {**EVENT, "title": " "},
        lambda env: {**EVENT, "date": "20300102"},
        lambda env: {**EVENT, "date": "2030-02-30"},
        lambda env: {**EVENT, "start": "24:00"},
        lambda env: {**EVENT, "minutes": 4},
        lambda env: {**EVENT, "minutes": 10**30},
        lambda env: {**EVENT, "room": "Nowhere"},
        lambda env: {**EVENT, "attendees": ["Ada"]},
        lambda env: {**EVENT, **taken(env)},
    ],
    "list_events": [lambda env: {"date": "tomorrow"}],
    "move_event": [
        lambda env: {"event_id": "e1", "start": "10:00"},
        lambda env: {"event_id": an_event(env), "start": "10"},
        lambda env: {"event_id": an_event(env), "start": "10:00", "date": "May 1"},
        lambda env: {"event_id": an_event(env), **taken(env)},
    ],
    "cancel_event": [lambda env: {"event_id": "e1"}],
    "find_free_time": [
        lambda env: {"date": "2030-1-2"},
        lambda env: {"date": "2030-01-02", "minutes": 481},
        lambda env: {"date": "2030-01-02", "after": "noon"},
        lambda env: {"date": "2030-01-02", "after": "16:45"},
    ],
    "find_contact": [lambda env: {"name": "Nobody Here"}, lambda env: {"name": ""}, lambda env: {"name": " "}],
    "update_contact": [
        lambda env: {"name": "Nobody Here", "field": "phone", "value": "1"},
        lambda env: {"name": contact(env), "field": "age", "value": "1"},
        lambda env: {"name": contact(env), "field": "phone", "value": ""},
        lambda env: {"name": contact(env), "field": "email", "value": "nowhere"},
    ],
    "create_document": [
        lambda env: {"title": document(env), "text": "a"},
        lambda env: {"title": "", "text": "a"},
        lambda env: {"title": "Novel", "text": "a" * 20_001},
    ],
    "append_document": [
        lambda env: {"title": "Nothing", "text": "a"},
        lambda env: {"title": document(env), "text": ""},
        lambda env: {"title": document(env), "text": "a" * 20_000},
    ],
    "replace_text": [
        lambda env: {"title": "Nothing", "old": "a", "new": "b"},
        lambda env: {"title": document(env), "old": "", "new": "b"},
        lambda env: {"title": document(env), "old": "xyzzy", "new": "b"},
        lambda env: {"title": document(env), "old": "e", "new": "e" * 20_000},
    ],
    "read_cell": [
        lambda env: {"sheet": "Nothing", "cell": "B2"},
        lambda env: {"sheet": sheet(env), "cell": "22"},
        lambda env: {"sheet": sheet(env), "cell": "B2:B3"},
        lambda env: {"sheet": sheet(env), "cell": "Z99"},
    ],
    "write_cell": [
        lambda env: {"sheet": "Nothing", "cell": "B2", "value": 1},
        lambda env: {"sheet": sheet(env), "cell": "B100", "value": 1},
        lambda env: {"sheet": sheet(env), "cell": "B2", "value": "1"},
        lambda env: {"sheet": sheet(env), "cell": "B2", "value": 1e400},
        lambda env: {"sheet": sheet(env), "cell": "B2", "value": float("nan")},
        lambda env: {"sheet": sheet(env), "cell": "B2", "value": 10**400},
    ],
    "aggregate_range": [
        lambda env: {"sheet": "Nothing", "cells": "B2:B3"},
        lambda env: {"sheet": sheet(env), "cells": "B2-B3"},
        lambda env: {"sheet": sheet(env), "cells": "A1:A9"},
        lambda env: {"sheet": sheet(env), "cells": "B2:B3", "operation": "median"},
    ],
    "create_todo": [
        lambda env: {"text": "", "due": "2030-01-02"},
        lambda env: {"text": "Call", "due": "soon"},
        lambda env: {"text": "Call", "due": "2030-01-02", "priority": "urgent"},
    ],
    "list_todos": [lambda env: {"due_by": "soon"}],
    "complete_todo": [lambda env: {"todo_id": "t1"}, lambda env: {"todo_id": done_todo(env)}],
}


@pytest.mark.parametrize(("name", "index"), [(name, index) for name, cases in ERRORS.items() for index in range(len(cases))])
def test_a_failing_call_says_so_and_changes_nothing(name: str, index: int) -> None:
    env = Office()
    env.reset(options={"task": replace(TRAIN[0], tools=(*Office.tool_specs(), FINISH))})
    before = env.world.state()
    observation, _, ended, _, info = env.step(json.dumps({"calls": [{"name": name, "arguments": ERRORS[name][index](env)}]}))
    expected = {Feedback.OTHER, Feedback.TOOL_CALL_FAILURE}
    assert set(info["feedback"]) <= expected and observation and not ended
    assert len(observation) < 400
    assert env.world.state() == before


def test_every_tool_has_an_error() -> None:
    assert set(ERRORS) == set(Office.tools)


# ---- what the tools compute


@pytest.fixture
def env() -> Office:
    env = Office()
    env.task = TRAIN[0]
    env.world = build(np.random.default_rng(11))
    return env


def test_worlds_are_a_function_of_their_seed() -> None:
    states = [build(np.random.default_rng(seed)).state() for seed in (5, 5, 6)]
    assert states[0] == states[1] != states[2]


def test_state_is_a_snapshot_without_handles(env: Office) -> None:
    before = env.world.state()
    first, second = env.create_todo("One", "2030-01-02"), env.create_todo("Two", "2030-01-02")
    assert first["id"] != second["id"] and env.world.state() != before
    for todo in (first, second):
        del env.world.todos[todo["id"]]
    assert env.world.state() == before


def test_reply_goes_to_the_sender_or_to_all(env: Office) -> None:
    env.send_email(["ada@acorn.com"], "Hi", "Hello.")
    sent = env.world.in_folder("sent")[0]
    sent.folder, sent.sender, sent.to = "inbox", "ada@acorn.com", (env.world.owner.email, "ben@delta.com")
    one, everybody = (env.world.emails[env.reply_email(sent.id, "Yes.", reply_all)["id"]] for reply_all in (False, True))
    assert (one.subject, one.to) == ("Re: Hi", ("ada@acorn.com",))
    assert everybody.to == ("ada@acorn.com", "ben@delta.com")


def test_free_time_is_between_events(env: Office) -> None:
    day = "2030-01-02"
    env.create_event("Long", day, "09:10", minutes=110)
    assert env.find_free_time(day) == {"start": "11:00"}
    assert env.find_free_time(day, after="11:01") == {"start": "11:15"}
    env.create_event("Next", day, "11:00", minutes=300)
    assert env.find_free_time(day, minutes=60) == {"start": "16:00"}


def test_aggregates_skip_text(env: Office) -> None:
    env.world.sheets["Test"] = {"A2": "Oslo", "B2": 1, "B3": 2.5, "C3": 7}
    assert env.aggregate_range("Test", "A2:B3") == {"sum": 3.5}
    assert env.aggregate_range("Test", "C3:B2", "mean") == {"mean": 3.5}
    assert env.aggregate_range("Test", "b2:c3", "max") == {"max": 7}
    assert env.write_cell("Test", "D4", 12.0) == {"cell": "D4", "value": 12}
