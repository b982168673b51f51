"""Requests that lead through several areas of the office, what one call returns being needed by a later one."""

from __future__ import annotations

from envs.office.queries import contacts, sheets, todos
from envs.office.queries.calendar import free_time, look_up, planned
from envs.office.queries.desk import OfficeDesk
from envs.office.queries.mail import hint, someone
from envs.scenario.desk import Request, recipe


@recipe("aggregate_range", "append_document")
def total_into_document(desk: OfficeDesk) -> Request:
    sheet, title = sheets.existing(desk), desk.pick(list(desk.world.documents))
    cells = sheets.some_range(desk, sheet)
    total = desk.call("aggregate_range", sheet=sheet, cells=cells, operation="sum")["sum"]
    desk.call("append_document", title=title, text=f"Total: {total}")
    frames = (
        "Add up {cells} in '{sheet}' and append the line 'Total: N' to the document '{title}', N being the sum.",
        "The document '{title}' should end with 'Total: ' and the sum of {cells} from the sheet '{sheet}'.",
        "Please sum {cells} of '{sheet}', then add 'Total: <sum>' to the end of '{title}'.",
        "sum of {cells} in '{sheet}' -> append 'Total: <sum>' to doc '{title}'",
    )
    return Request(desk.say(frames, cells=cells, sheet=sheet, title=title))


@recipe("read_cell", "send_email")
def mail_cell(desk: OfficeDesk) -> Request:
    sheet, to = sheets.existing(desk), someone(desk)
    cell = sheets.filled(desk, sheet)
    value = desk.call("read_cell", sheet=sheet, cell=cell)["value"]
    desk.call("send_email", to=[to], subject=sheet, body=f"Value: {value}")
    frames = (
        "Read {cell} of '{sheet}' and email 'Value: N' to {to}, N being that number. The subject is '{sheet}'.",
        "Please send {to} the number in {cell} of '{sheet}' as 'Value: <number>', subject '{sheet}'.",
        "{to} needs the figure from {cell} of the sheet '{sheet}'. Subject '{sheet}', text 'Value: <figure>'.",
        "mail {to}: subject '{sheet}', body 'Value: <number in {cell} of that sheet>'",
    )
    return Request(desk.say(frames, cell=cell, sheet=sheet, to=to))


@recipe("find_contact", "create_event")
def invite(desk: OfficeDesk) -> Request:
    name, title, day = contacts.known(desk).name, desk.event_title(), desk.day()
    start = desk.free_start(day, 30)
    desk.call("create_event", title=title, date=day, start=start, attendees=[desk.call("find_contact", name=name)["email"]])
    frames = (
        "Schedule '{title}' {on} at {at} and invite {name}, whose address is in my contacts.",
        "Look up {name} and set up '{title}' with that address as attendee, {on} at {at}.",
        "Please put '{title}' on the calendar {on} at {at} with {name} as attendee (see contacts).",
        "'{title}', {on}, {at}, attendee {name} (address in contacts)",
    )
    return Request(desk.say(frames, title=title, on=desk.on(day), at=desk.at(start), name=name))


@recipe("find_contact", "find_free_time", "create_event")
def invite_when_free(desk: OfficeDesk) -> Request:
    name, title = contacts.known(desk).name, desk.event_title()
    gap, words = free_time(desk, planned(desk).date)
    email, start = desk.call("find_contact", name=name)["email"], desk.call("find_free_time", **gap)["start"]
    desk.call("create_event", title=title, date=gap["date"], start=start, minutes=gap["minutes"], attendees=[email])
    frames = (
        "Set up '{title}' with {name} (see contacts) at my first free time {gap}.",
        "Look up {name}, find my earliest opening {gap} and schedule '{title}' then with that address as attendee.",
        "Please invite {name}, who is in my contacts, to '{title}'. Take the first free slot {gap}.",
        "'{title}', attendee {name} (address in contacts), first gap {gap}",
    )
    return Request(desk.say(frames, title=title, name=name, gap=words), lookups=2)


@recipe("list_events", "cancel_event", "send_email")
def cancel_and_tell(desk: OfficeDesk) -> Request:
    event, to = planned(desk), someone(desk)
    desk.call("cancel_event", event_id=look_up(desk, event)["id"])
    desk.call("send_email", to=[to], subject=event.title, body="The meeting is cancelled.")
    frames = (
        "Cancel '{title}' {on}. Then email {to}: subject '{title}', text 'The meeting is cancelled.'",
        "Find '{title}' {on}, take it off the calendar and write '{title}' / 'The meeting is cancelled.' to {to}.",
        "'{title}' {on} is off: delete it first, then mail {to} with that title as subject, text 'The meeting is cancelled.'",
        "{on}: call off '{title}', then mail {to}, subject '{title}', body 'The meeting is cancelled.'",
    )
    return Request(desk.say(frames, title=event.title, on=desk.on(event.date), to=to))


@recipe("aggregate_range", "find_contact", "send_email")
def mail_total(desk: OfficeDesk) -> Request:
    sheet, name = sheets.existing(desk), contacts.known(desk).name
    cells = sheets.some_range(desk, sheet)
    total = desk.call("aggregate_range", sheet=sheet, cells=cells, operation="sum")["sum"]
    email = desk.call("find_contact", name=name)["email"]
    desk.call("send_email", to=[email], subject=sheet, body=f"Total: {total}")
    frames = (
        "Add up {cells} in '{sheet}', look up {name} and email 'Total: N' there, N being the sum. Subject: '{sheet}'.",
        "{name} (see contacts) wants the sum of {cells} of '{sheet}'. Send 'Total: <sum>' with the subject '{sheet}'.",
        "Please mail {name}, who is in my contacts: subject '{sheet}', text 'Total: <sum of {cells} in that sheet>'",
        "sum {cells} of '{sheet}' -> mail to {name} (address in contacts), subject '{sheet}', body 'Total: <sum>'",
    )
    return Request(desk.say(frames, cells=cells, sheet=sheet, name=name), lookups=2)


@recipe("find_contact", "find_free_time", "create_event", "send_email")
def invite_and_tell(desk: OfficeDesk) -> Request:
    name, title = contacts.known(desk).name, desk.event_title()
    gap, words = free_time(desk, planned(desk).date)
    email, start = desk.call("find_contact", name=name)["email"], desk.call("find_free_time", **gap)["start"]
    desk.call("create_event", title=title, date=gap["date"], start=start, minutes=gap["minutes"], attendees=[email])
    desk.call("send_email", to=[email], subject=title, body=f"We meet at {start}.")
    frames = (
        "Book '{title}' with {name} (see contacts) at my first free time {gap}. Then mail {name}: '{title}', 'We meet at <start>.'",
        "Look up {name}, find my first opening {gap}, book '{title}' with that address and then mail '{title}': 'We meet at <start>.'",
        "Please invite {name} from my contacts to '{title}', first free slot {gap}. Then write 'We meet at <start>.', subject '{title}'.",
        "'{title}' + {name} (see contacts), first gap {gap}; then mail subject '{title}', body 'We meet at <start>.'",
    )
    return Request(desk.say(frames, title=title, name=name, gap=words), lookups=2)


@recipe("search_emails", "reply_email", "archive_email", "create_todo")
def answer_and_note(desk: OfficeDesk) -> Request:
    name, text = hint(desk)
    body, errand, due = desk.message(), desk.errand(), desk.day()
    found = desk.call("search_emails", text=text)["emails"][0]
    desk.call("reply_email", email_id=found["id"], body=body)
    desk.call("archive_email", email_id=found["id"])
    desk.call("create_todo", text=errand, due=due)
    frames = (
        "Find the {name}, reply '{body}', archive it, and then add the to-do '{errand}', due {due}.",
        "Answer the {name} with '{body}' Then archive it. Last, note the to-do '{errand}' for {due}.",
        "Please write back to the {name}: '{body}' After that move it to the archive and put '{errand}' on my to-do list, due {due}.",
        "the {name}: 1. reply '{body}' 2. archive 3. to-do '{errand}' by {due}",
    )
    return Request(desk.say(frames, name=name, body=body, errand=errand, due=desk.dated(due)))


@recipe("find_contact", "find_contact", "find_free_time", "create_event", "send_email")
def invite_two_and_tell(desk: OfficeDesk) -> Request:
    first, second = (person.name for person in desk.several(list(desk.world.contacts.values()), 2))
    title, (gap, words) = desk.event_title(), free_time(desk, planned(desk).date)
    emails = [desk.call("find_contact", name=name)["email"] for name in (first, second)]
    start = desk.call("find_free_time", **gap)["start"]
    either = {"attendees": (emails[::-1],)}
    desk.call("create_event", either, title=title, date=gap["date"], start=start, minutes=gap["minutes"], attendees=emails)
    desk.call("send_email", {"to": (emails[::-1],)}, to=emails, subject=title, body=f"We meet at {start}.")
    frames = (
        "Invite {first} and {second} (see contacts) to '{title}', first free time {gap}. Then one mail '{title}': 'We meet at <start>.'",
        "Look up {first} and {second}, find the first gap {gap}, book '{title}' with both, then one mail '{title}': 'We meet at <start>.'",
        "Book '{title}' with {first} and {second} (in my contacts), first slot {gap}. Then send one mail '{title}': 'We meet at <start>.'",
        "'{title}' + {first} + {second} (see contacts), first gap {gap}; then one mail, subject '{title}', body 'We meet at <start>.'",
    )
    return Request(desk.say(frames, first=first, second=second, title=title, gap=words), lookups=3)


@recipe("search_emails", "reply_email", "archive_email", "list_todos", "complete_todo")
def answer_and_complete(desk: OfficeDesk) -> Request:
    name, text = hint(desk)
    body, done = desk.message(), todos.listed(desk)
    found = desk.call("search_emails", text=text)["emails"][0]
    desk.call("reply_email", email_id=found["id"], body=body)
    desk.call("archive_email", email_id=found["id"])
    desk.call("complete_todo", todo_id=todos.look_up(desk, done)["id"])
    frames = (
        "Find the {name}, reply '{body}' and archive it. Then list all my to-dos and tick off '{done}'.",
        "Answer the {name} with '{body}' and move it to the archive. After that, find my to-do '{done}' and mark it as done.",
        "Please write back to the {name}: '{body}' Then archive it. Last, look up '{done}' among my to-dos and check it off.",
        "the {name}: 1. reply '{body}' 2. archive 3. to-do '{done}' is done, find it and tick it off",
    )
    return Request(desk.say(frames, name=name, body=body, done=done.text))
