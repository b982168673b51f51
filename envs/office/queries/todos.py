"""Requests about to-dos."""

from __future__ import annotations

from typing import Any

from envs.office.areas.todos import SHOWN
from envs.office.queries.desk import OfficeDesk
from envs.office.world import Todo
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer


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


@recipe("list_todos")
def count_due(desk: OfficeDesk) -> Request:
    due = desk.pick(desk.world.open_todos()).due
    count = desk.call("list_todos", due_by=due)["count"]
    frames = (
        "How many open to-dos are due by {due}?",
        "Count what I still have to do by {due}.",
        "Please tell me how many to-dos I must finish by {due}.",
        "open to-dos up to {due}: how many?",
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
        )
        return Request(desk.say(frames, text=text), f"Its id is {found['id']}.", (found["id"],))
    frames = (
        "When is my to-do '{text}' due?",
        "Please look through all my to-dos and tell me the due date of '{text}'.",
        "By which date do I have to finish '{text}'? It is on my to-do list.",
        "due date of to-do '{text}'?",
    )
    return Request(desk.say(frames, text=text), f"It is due {found['due']}.", (found["due"],))


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
