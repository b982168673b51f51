"""The office: what its tools compute and refuse, and that its requests determine what to call."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

from envs.office import SCENARIO, Office
from envs.office.queries.calendar import LENGTHS
from envs.office.queries.desk import DAYS_AHEAD, OfficeDesk
from envs.office.queries.wording import day_of_week, spoken_length, spoken_time
from envs.scenario.clock import days_after
from envs.scenario.desk import Recipe
from envs.scenario.wording import long_date, time_answer
from raytool.env import ASK_TO_USER, FINISH, ToolError
from raytool.records import Feedback, Task

WORLD = 11


def everything(seed: int = WORLD, **fields: Any) -> Task:
    """A task that offers every tool."""
    specs = (*Office.tool_specs(), *(weak.spec for weak in Office.weak_tools.values()), ASK_TO_USER, FINISH)
    return Task(**{"id": "t", "env": SCENARIO.path, "query": "q", "tools": specs, "seed": seed, **fields})


@pytest.fixture
def env() -> Office:
    env = Office()
    env.reset(options={"task": everything()})
    return env


# ---- what requests say

IN_OTHER_WORDS = {"as_draft", "reply_all", "field", "operation", "priority"}  # parameters whose values no query spells out
TO_COMPUTE = {("put_off", "start"), ("increase", "value")}
MADE_UP = re.compile(r"(?:(?:Totals?|Value|Due):|Answer|We meet at) (.+?)\.?")  # texts with what other calls returned


@pytest.mark.parametrize("recipe", SCENARIO.recipes, ids=lambda recipe: recipe.write.__name__)
def test_query_reply_and_observations_determine_every_value(recipe: Recipe) -> None:
    for seed in range(15):
        desk = OfficeDesk(np.random.default_rng(seed), seed)
        request = recipe.write(desk)
        env, told = Office(), request.query
        env.reset(options={"task": everything(seed, query=request.query, reply=request.reply)})
        for call in desk.calls:
            for name, given in call.arguments.items():
                if name in call.free or name in IN_OTHER_WORDS or (recipe.write.__name__, name) in TO_COMPUTE:
                    continue
                for value in given if isinstance(given, list) else [given]:
                    assert any(wording in told for wording in wordings(value, desk.world.today)) or computed(value, told), (told, call)
            told += env.execute(call.call)[0]
        assert len(request.query.split()) <= 70 and "\n" not in request.query


def wordings(value: Any, today: str) -> list[str]:
    """A value as a query or an observation may put it."""
    text = str(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        ahead = [f"{words} (today is {today})" for days, words in DAYS_AHEAD.items() if days_after(today, days) == text]
        return [text, long_date(text), day_of_week(text), *ahead]
    if re.fullmatch(r"\d\d:\d\d", text):
        return [*time_answer(text), spoken_time(text)] if text[3:] in ("00", "15", "30", "45") else [*time_answer(text)]
    return [text, spoken_length(value)] if value in LENGTHS else [text]


def computed(value: Any, told: str) -> bool:
    found = MADE_UP.fullmatch(str(value))
    return found is not None and all(part in told for part in found[1].split(", "))


def test_days_and_times_in_words() -> None:
    times = {
        "09:00": "nine in the morning",
        "11:45": "a quarter to twelve in the morning",
        "12:00": "noon",
        "12:15": "a quarter past twelve in the afternoon",
        "12:45": "a quarter to one in the afternoon",
        "14:30": "half past two in the afternoon",
        "18:00": "six in the evening",
    }
    assert {time: spoken_time(time) for time in times} == times
    assert day_of_week("2026-03-09") == "Monday, 9 March 2026"
    assert [spoken_length(minutes) for minutes in (45, 90)] == ["three quarters of an hour", "an hour and a half"]


def test_no_query_holds_what_the_user_has_to_be_asked_for() -> None:
    value = re.compile(r"(?<=')[^']+(?=')|\S+@\S*\w|\d[\d.:-]*\d|\b[A-Z]\d\b")
    asking = [recipe for recipe in SCENARIO.recipes if recipe.asks]
    assert len(asking) >= 5
    for recipe in asking:
        for seed in range(10):
            desk = OfficeDesk(np.random.default_rng(seed), seed)
            request = recipe.write(desk)
            said = {*value.findall(request.reply)} - {desk.world.today}
            assert not [found for found in said if found in request.query], request


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
def test_a_failing_call_says_so_and_changes_nothing(name: str, index: int, env: Office) -> None:
    before = env.world.state()
    observation, _, ended, _, info = env.step(json.dumps({"calls": [{"name": name, "arguments": ERRORS[name][index](env)}]}))
    assert set(info["feedback"]) <= {Feedback.OTHER, Feedback.TOOL_CALL_FAILURE} and observation and not ended
    assert len(observation) < 400
    assert env.world.state() == before


def test_every_tool_has_an_error() -> None:
    assert set(ERRORS) == set(Office.tools)


# ---- what the tools compute


def test_state_is_a_snapshot_without_handles(env: Office) -> None:
    before = env.world.state()
    first, second = env.create_todo("One", "2030-01-02"), env.create_todo("Two", "2030-01-02")
    assert first["id"] != second["id"] and env.world.state() != before
    for todo in (first, second):
        del env.world.todos[todo["id"]]
    assert env.world.state() == before


def test_mail_goes_where_it_is_sent(env: Office) -> None:
    kept, sent = env.send_email(["ada@acorn.com"], "Hi", "Hello.", as_draft=True), env.send_email(["ada@acorn.com"], "Hi", "Hello.")
    assert (kept["folder"], sent["folder"]) == ("drafts", "sent")
    assert env.search_emails("HELLO", "sent")["emails"][0] == {"id": sent["id"], "from": env.world.owner.email, "subject": "Hi"}
    inbox = env.world.in_folder("inbox")
    assert env.archive_email(inbox[0].id) == {"id": inbox[0].id, "folder": "archive"}
    assert len(env.world.in_folder("inbox")) == len(inbox) - 1


def test_a_search_counts_all_and_shows_the_newest(env: Office) -> None:
    for number in range(5):
        env.send_email(["ada@acorn.com"], f"Zebra {number}", "")
    found = env.search_emails("zebra", "sent")
    assert found["count"] == 5 and [email["subject"] for email in found["emails"]] == ["Zebra 4", "Zebra 3", "Zebra 2"]


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


def test_events_move_and_keep_the_rest(env: Office) -> None:
    event_id = env.create_event("Long", "2030-01-02", "10:00", 60, env.world.rooms[0], ("ada@acorn.com",))["id"]
    assert env.move_event(event_id, "10:30") == {"id": event_id, "date": "2030-01-02", "start": "10:30"}, "it may overlap itself"
    env.move_event(event_id, "09:00", "2030-01-03")
    moved = env.world.events[event_id]
    assert (moved.date, moved.start, moved.minutes, moved.room, moved.attendees) == (
        "2030-01-03", "09:00", 60, env.world.rooms[0], ("ada@acorn.com",),
    )  # fmt: skip
    assert env.list_events("2030-01-02")["count"] == 0 and env.cancel_event(event_id) == {"cancelled": "Long"}


def test_contacts_are_found_by_a_part_of_the_name_and_changed(env: Office) -> None:
    person = next(iter(env.world.contacts.values()))
    env.update_contact(person.name.upper(), "company", "Zebra & Sons")
    assert env.find_contact(person.name[:-1])["company"] == "Zebra & Sons"
    with pytest.raises(ToolError, match="contacts have"):
        env.find_contact(" ")


def test_documents_grow_by_paragraphs_and_change_everywhere(env: Office) -> None:
    env.create_document("Novel", "One day in May.")
    env.append_document("Novel", "May it end well.")
    assert env.replace_text("Novel", "May", "June") == {"replaced": 2}
    assert env.world.documents["Novel"] == "One day in June.\nJune it end well."


def test_todos_are_listed_by_date_until_done(env: Office) -> None:
    env.world.todos.clear()
    late, early = env.create_todo("Late", "2030-01-03", "high"), env.create_todo("Early", "2030-01-02")
    assert [todo["text"] for todo in env.list_todos()["todos"]] == ["Early", "Late"]
    assert env.list_todos("2030-01-02") == {"count": 1, "todos": [{**early, "text": "Early", "due": "2030-01-02", "priority": "normal"}]}
    assert env.complete_todo(early["id"]) == {"completed": "Early"}
    assert env.list_todos()["todos"] == [{**late, "text": "Late", "due": "2030-01-03", "priority": "high"}]


# ---- weaker versions


def inbox_email(env: Office, others: bool) -> str:
    """An email that others got too, or that nobody else got."""
    email = env.world.in_folder("inbox")[0]
    email.to = (env.world.owner.email, "ada@acorn.com") if others else (env.world.owner.email,)
    return email.id


def event_with(env: Office, *attendees: str) -> str:
    event = next(iter(env.world.events.values()))
    event.attendees = attendees
    return event.id


def open_todo(env: Office, priority: Any) -> str:
    todo = env.world.open_todos()[0]
    todo.priority = priority
    return todo.id


def number_cell(env: Office, value: float | str) -> dict[str, str]:
    env.world.sheets[sheet(env)]["B2"] = value
    return {"sheet": sheet(env), "cell": "B2"}


# By weak tool: arguments, and those that its strong tool takes besides to do the same.
AGREE = {
    "write_email": (lambda env: EMAIL, {}),
    "answer_sender": (lambda env: {"email_id": inbox_email(env, True), "body": "Hi"}, {}),
    "search_inbox": (lambda env: {"text": "the"}, {}),
    "archive_private_email": (lambda env: {"email_id": inbox_email(env, False)}, {}),
    "book_half_hour": (lambda env: EVENT, {}),
    "count_events": (lambda env: {"date": taken(env)["date"]}, {}),
    "shift_event": (lambda env: {"event_id": an_event(env), "start": "18:00"}, {}),
    "cancel_solo_event": (lambda env: {"event_id": event_with(env)}, {}),
    "find_free_half_hour": (lambda env: {"date": taken(env)["date"]}, {}),
    "find_phone": (lambda env: {"name": contact(env)}, {}),
    "update_phone": (lambda env: {"name": contact(env), "value": "555-9999"}, {"field": "phone"}),
    "create_empty_document": (lambda env: {"title": "Novel"}, {"text": ""}),
    "append_line": (lambda env: {"title": document(env), "text": "The end."}, {}),
    "delete_text": (lambda env: {"title": document(env), "old": "the"}, {"new": ""}),
    "read_rounded_cell": (lambda env: number_cell(env, 12), {}),
    "write_whole_number": (lambda env: {"sheet": sheet(env), "cell": "B2", "value": 12.0}, {}),
    "sum_range": (lambda env: {"sheet": sheet(env), "cells": "B2:B9"}, {}),
    "note_todo": (lambda env: {"text": "Call", "due": "2030-01-02"}, {}),
    "list_all_todos": (lambda env: {}, {}),
    "complete_minor_todo": (lambda env: {"todo_id": open_todo(env, "normal")}, {}),
}
TELL_LESS = {"count_events", "find_phone"}
REFUSE = {
    "archive_private_email": lambda env: {"email_id": inbox_email(env, True)},
    "cancel_solo_event": lambda env: {"event_id": event_with(env, "ada@acorn.com")},
    "append_line": lambda env: {"title": document(env), "text": "a" * 41},
    "read_rounded_cell": lambda env: number_cell(env, "Oslo"),
    "write_whole_number": lambda env: {"sheet": sheet(env), "cell": "B2", "value": 12.5},
    "complete_minor_todo": lambda env: {"todo_id": open_todo(env, "high")},
}


@pytest.mark.parametrize(("strong", "name"), [(strong, weak.spec.name) for strong, weak in Office.weak_tools.items()])
def test_a_weak_tool_does_what_the_strong_one_does_by_default(strong: str, name: str) -> None:
    arguments, besides = AGREE[name]
    results, states = [], []
    for called, more in ((name, {}), (strong, besides)):
        env = Office()
        env.reset(options={"task": everything()})
        observation, _, _, _, info = env.step(json.dumps({"calls": [{"name": called, "arguments": {**arguments(env), **more}}]}))
        assert info["feedback"] == [Feedback.OK], observation
        results.append(json.loads(observation))
        states.append(env.world.state())
    assert states[0] == states[1]
    weak, wide = results
    assert weak == ({key: wide[key] for key in weak} if name in TELL_LESS else wide)
    assert (len(weak) < len(wide)) == (name in TELL_LESS)


@pytest.mark.parametrize("name", REFUSE)
def test_a_weak_tool_refuses_what_only_the_strong_one_can(name: str, env: Office) -> None:
    strong = next(strong for strong, weak in Office.weak_tools.items() if weak.spec.name == name)
    arguments = REFUSE[name](env)
    before = env.world.state()
    with pytest.raises(ToolError):
        getattr(env, name)(**arguments)
    assert env.world.state() == before
    getattr(env, strong)(**arguments)


def test_a_rounded_cell_is_whole(env: Office) -> None:
    assert env.read_rounded_cell(**number_cell(env, 12.75)) == {"value": 13}
