"""Requests about to-dos."""

from __future__ import annotations

from typing import Any

from envs.office.areas.todos import SHOWN
from envs.office.queries.desk import OfficeDesk
from envs.office.world import Todo
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import date_answer, number_answer

PRIORITIES = {"low": "There is no hurry.", "normal": "Its priority is normal.", "high": "It is urgent."}


def listed(desk: OfficeDesk) -> Todo:
    """An open to-do that list_todos shows."""
    return desk.pick(desk.world.open_todos()[:SHOWN])


def look_up(desk: OfficeDesk, todo: Todo) -> dict[str, Any]:
    """What list_todos shows of a to-do."""
    return next(entry for entry in desk.call("list_todos")["todos"] if entry["text"] == todo.text)


@recipe("create_todo")
def create(desk: OfficeDesk) -> Request:
    text, due, details, tail = desk.errand(), desk.day(), {}, ""
    if desk.chance():
        details["priority"] = desk.pick(("low", "normal", "high"))
        tail = f" with {details['priority']} priority"
    desk.call("create_todo", text=text, due=due, **details)
    frames = (
        "Add a to-do{tail}: '{text}', due {due}.",
        "Please put '{text}' on my to-do list{tail}. It is due {due}.",
        "I have to remember '{text}' by {due}. Make that a to-do{tail}.",
        "new to-do{tail}, due {due}: '{text}'",
        "Could you note '{text}' as a to-do{tail} for {due}?",
    )
    return Request(desk.say(frames, text=text, due=desk.dated(due), tail=tail))


@recipe("create_todo")
def create_in_a_hurry(desk: OfficeDesk) -> Request:
    text, due, priority = desk.errand(), desk.day(), desk.pick(tuple(PRIORITIES))
    desk.call("create_todo", text=text, due=due, priority=priority)
    frames = (
        "My boss wants me to do this by {due}: '{text}'. Put it on my to-do list. {hurry}",
        "'{text}' is up to me now, and {due} is the deadline. {hurry} Would you note it as a to-do?",
        "{hurry} to-do '{text}', due {due}",
        "Here is a new to-do, due {due}: '{text}'. {hurry}",
    )
    return Request(desk.say(frames, text=text, due=desk.dated(due), hurry=PRIORITIES[priority]))


@recipe("list_todos")
def count_due(desk: OfficeDesk) -> Request:
    due = desk.pick(desk.world.open_todos()).due
    count = desk.call("list_todos", due_by=due)["count"]
    frames = (
        "How many open to-dos are due by {due}?",
        "Count what I still have to do by {due}.",
        "Please tell me how many to-dos I must finish by {due}.",
        "open to-dos up to {due}: how many?",
        "I am on leave after {due}. How many of my to-dos fall due until then, that day included?",
    )
    return Request(desk.say(frames, due=desk.dated(due)), f"Open to-dos: {count}.", number_answer(count))


@recipe("list_todos")
def todo_detail(desk: OfficeDesk) -> Request:
    found = look_up(desk, listed(desk))
    text = found["text"]
    if desk.chance():
        frames = (
            "What is the id of my open to-do '{text}'?",
            "Please look through all my to-dos and give me the id of '{text}'.",
            "I need the id of the to-do '{text}'.",
            "id of to-do '{text}'?",
            "Under which id do my to-dos have '{text}'?",
        )
        return Request(desk.say(frames, text=text), f"Its id is {found['id']}.", (found["id"],))
    frames = (
        "When is my to-do '{text}' due?",
        "Please look through all my to-dos and tell me the due date of '{text}'.",
        "By which date do I have to finish '{text}'? It is on my to-do list.",
        "due date of to-do '{text}'?",
        "How long can I still put off '{text}'? Give me the date that my to-do list has for it.",
    )
    return Request(desk.say(frames, text=text), f"It is due {found['due']}.", date_answer(found["due"]))


@recipe("list_todos")
def next_due(desk: OfficeDesk) -> Request:
    due = desk.pick(desk.world.open_todos()).due
    first, *others = desk.call("list_todos", due_by=due)["todos"]
    texts = (first["text"], *(todo["text"] for todo in others if todo["due"] == first["due"]))
    frames = (
        "Of the to-dos that I have to finish by {due}, which one comes first?",
        "List my to-dos due by {due} and tell me what the earliest of them says.",
        "What should I begin with if everything due by {due} is to be done in time, going by my to-dos?",
        "to-dos up to {due}: the earliest?",
    )
    return Request(desk.say(frames, due=desk.dated(due)), f"It is '{first['text']}'.", texts)


@recipe("complete_todo")
def complete(desk: OfficeDesk) -> Request:
    todo = desk.pick(desk.world.open_todos())
    desk.call("complete_todo", todo_id=todo.id)
    frames = (
        "Mark to-do {id} as done.",
        "Please tick off {id} on my to-do list.",
        "I have finished '{text}' ({id}). Check it off.",
        "{id} is done",
        "Could you complete the to-do {id} for me?",
        "'{text}' ({id}) took me all morning, but there is nothing left to do about it. Mark it, please.",
    )
    return Request(desk.say(frames, id=todo.id, text=todo.text))


@recipe("list_todos", "complete_todo")
def find_and_complete(desk: OfficeDesk) -> Request:
    found = look_up(desk, listed(desk))
    desk.call("complete_todo", todo_id=found["id"])
    frames = (
        "Find '{text}' among all my to-dos and mark it as done.",
        "I have finished '{text}'. Please look up its id and tick it off.",
        "List all my to-dos, then check off '{text}'.",
        "to-do '{text}' is done, tick it off",
        "One less to worry about: '{text}'. Could you find that to-do and check it off?",
    )
    return Request(desk.say(frames, text=found["text"]))


@recipe("complete_todo", "create_todo")
def complete_and_create(desk: OfficeDesk) -> Request:
    done, text, due = desk.pick(desk.world.open_todos()), desk.errand(), desk.day()
    desk.call("complete_todo", todo_id=done.id)
    desk.call("create_todo", text=text, due=due)
    frames = (
        "Tick off {id}, then add the to-do '{text}', due {due}.",
        "To-do {id} is done. After checking it off, note the next one: '{text}' by {due}.",
        "Please complete {id} first and then put '{text}' on my to-do list for {due}.",
        "{id} done; then new to-do '{text}', due {due}",
    )
    return Request(desk.say(frames, id=done.id, text=text, due=desk.dated(due)))


@recipe("list_todos", "complete_todo", "create_todo")
def find_complete_create(desk: OfficeDesk) -> Request:
    text, due = desk.errand(), desk.day()
    found = look_up(desk, listed(desk))
    desk.call("complete_todo", todo_id=found["id"])
    desk.call("create_todo", text=text, due=due)
    frames = (
        "Find '{old}' among all my to-dos, tick it off, and then add '{text}', due {due}.",
        "I have finished '{old}': look up its id and check it off. Then note '{text}' for {due}.",
        "Please list all my to-dos, complete '{old}' and afterwards put '{text}' there, due {due}.",
        "to-do '{old}' done, next to-do '{text}' by {due}",
    )
    return Request(desk.say(frames, old=found["text"], text=text, due=desk.dated(due)))


# ---- where the user has to be asked


@recipe("create_todo", asks=True)
def ask_due(desk: OfficeDesk) -> Request:
    text, due = desk.errand(), desk.day()
    desk.ask("By when is it due?")
    desk.call("create_todo", text=text, due=due)
    frames = (
        "Add a to-do: '{text}'.",
        "Please put '{text}' on my to-do list, with a due date.",
        "new to-do '{text}'",
        "I must not forget '{text}'. Could you make that a to-do?",
    )
    replies = ("It is due {due}.", "{due}", "By {due}.", "I have time until {due}.")
    return Request(desk.say(frames, text=text), reply=desk.say(replies, due=desk.dated(due)))


@recipe("list_todos", "complete_todo", asks=True)
def ask_which(desk: OfficeDesk) -> Request:
    todo = listed(desk)
    desk.ask("Which of them is it?")
    desk.call("complete_todo", todo_id=look_up(desk, todo)["id"])
    frames = (
        "I have finished one of my to-dos today, {today}. Please tick it off.",
        "Mark the to-do that I have completed on {today} as done.",
        "{today}: one to-do done, check it off",
        "As of {today} one of my to-dos is behind me. Could you find it and mark it? I will tell you which.",
    )
    replies = ("'{text}'", "I mean '{text}'.", "It is '{text}'.", "The one that says '{text}'.")
    return Request(desk.say(frames, today=desk.world.today), reply=desk.say(replies, text=todo.text))
