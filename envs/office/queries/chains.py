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
        "Whoever reads '{title}' wants to see what {cells} of '{sheet}' add up to. Append it as 'Total: <sum>'.",
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
        "I have been asked for {cell} of '{sheet}' by {to}. Could you look and write 'Value: <number>', subject '{sheet}'?",
    )
    return Request(desk.say(frames, cell=cell, sheet=sheet, to=to))


@recipe("read_cell", "create_document")
def cell_into_new_document(desk: OfficeDesk) -> Request:
    sheet, title = sheets.existing(desk), desk.new_document_title()
    cell = sheets.filled(desk, sheet)
    value = desk.call("read_cell", sheet=sheet, cell=cell)["value"]
    desk.call("create_document", title=title, text=f"Value: {value}")
    frames = (
        "Start a document '{title}' that reads 'Value: N', N being the number in {cell} of the sheet '{sheet}'.",
        "Read {cell} of '{sheet}', then create the document '{title}' with the text 'Value: <number>'.",
        "I want the figure from {cell} of '{sheet}' in a new document '{title}', as 'Value: <figure>'.",
        "'{sheet}' {cell} -> new doc '{title}', text 'Value: <number>'",
        "Could you look up {cell} in '{sheet}' and open a document '{title}' saying 'Value: <number>'?",
    )
    return Request(desk.say(frames, cell=cell, sheet=sheet, title=title))


@recipe("search_emails", "create_todo")
def note_sender(desk: OfficeDesk) -> Request:
    subject, due = desk.pick(desk.world.in_folder("inbox")).subject, desk.day()
    found = desk.call("search_emails", text=subject)["emails"][0]
    desk.call("create_todo", text=f"Answer {found['from']}", due=due)
    frames = (
        "Find out who sent me '{subject}' and add the to-do 'Answer <address>', due {due}.",
        "I will answer the email '{subject}' by {due}. Look up its sender and make that the to-do 'Answer <address>'.",
        "Please search my inbox for '{subject}' and put 'Answer <address of the sender>' on my to-do list for {due}.",
        "sender of '{subject}' -> to-do 'Answer <address>', due {due}",
    )
    return Request(desk.say(frames, subject=subject, due=desk.dated(due)))


@recipe("list_todos", "send_email")
def tell_due_date(desk: OfficeDesk) -> Request:
    todo, to = todos.listed(desk), someone(desk)
    due = todos.look_up(desk, todo)["due"]
    desk.call("send_email", to=[to], subject=todo.text, body=f"Due: {due}")
    frames = (
        "Look through all my to-dos for '{text}' and mail its due date to {to} as 'Due: YYYY-MM-DD', subject '{text}'.",
        "{to} asks when '{text}' has to be done, it is one of my to-dos. Answer 'Due: YYYY-MM-DD' in a new email titled '{text}'.",
        "Please send {to} an email '{text}' that reads 'Due: <date>', with the date (YYYY-MM-DD) from my to-do list.",
        "to-do '{text}': mail {to} its date, subject '{text}', body 'Due: YYYY-MM-DD'",
    )
    return Request(desk.say(frames, text=todo.text, to=to))


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
        "{name} and I agreed on {at} {on} for '{title}'. Could you enter it, with the address from my contacts?",
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
        "Find '{title}' {on}, take it off the calendar and mail {to}, subject '{title}': 'The meeting is cancelled.'",
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


@recipe("aggregate_range", "aggregate_range", "create_document", "send_email")
def report_totals(desk: OfficeDesk) -> Request:
    sheet, title, to = sheets.existing(desk), desk.new_document_title(), someone(desk)
    ranges = [sheets.column_range(desk, sheet, column) for column in sheets.columns(desk, sheet, 2)]
    totals = [desk.call("aggregate_range", sheet=sheet, cells=cells, operation="sum")["sum"] for cells in ranges]
    text = "Totals: {}, {}".format(*totals)
    desk.call("create_document", title=title, text=text)
    desk.call("send_email", to=[to], subject=title, body=text)
    frames = (
        "Add up {0} and {1} of '{sheet}'. Create the document '{title}' with 'Totals: A, B' (the two sums), "
        "then mail that text to {to}, subject '{title}'.",
        "I need a document '{title}' that says 'Totals: <sum of {0}>, <sum of {1}>' from the sheet '{sheet}'. "
        "Then email {to} the same, with that title as subject.",
        "'{sheet}': sums of {0} and {1} -> new doc '{title}', text 'Totals: <first>, <second>'; then mail it to {to}, subject '{title}'",
    )
    return Request(desk.say(frames, *ranges, sheet=sheet, title=title, to=to), lookups=2)


@recipe("list_events", "cancel_event", "search_emails", "reply_email")
def cancel_and_answer(desk: OfficeDesk) -> Request:
    event, (name, text), body = planned(desk), hint(desk), desk.answer()
    desk.call("cancel_event", event_id=look_up(desk, event)["id"])
    desk.call("reply_email", email_id=desk.call("search_emails", text=text)["emails"][0]["id"], body=body)
    frames = (
        "Cancel '{title}' {on}, then find the {name} and reply '{body}'",
        "'{title}' {on} is not going to happen: look it up and delete it. Only then answer the {name} with '{body}'",
        "Please take '{title}' {on} off my calendar first. After that, write back to the {name}: '{body}'",
        "1. call off '{title}' {on} 2. answer the {name}: '{body}'",
    )
    return Request(desk.say(frames, title=event.title, on=desk.on(event.date), name=name, body=body))


@recipe("search_emails", "reply_email", "archive_email", "create_todo")
def answer_and_note(desk: OfficeDesk) -> Request:
    name, text = hint(desk)
    body, errand, due = desk.answer(), desk.errand(), desk.day()
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
    body, done = desk.answer(), todos.listed(desk)
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


@recipe("aggregate_range", "write_cell", "create_document", "send_email", "create_todo")
def close_column(desk: OfficeDesk) -> Request:
    sheet, title, to, due = sheets.existing(desk), desk.new_document_title(), someone(desk), desk.day()
    (column,) = sheets.columns(desk, sheet, 1)
    cells, target = sheets.column_range(desk, sheet, column), f"{column}{sheets.last_row(desk, sheet) + 1}"
    total = desk.call("aggregate_range", sheet=sheet, cells=cells, operation="sum")["sum"]
    text = f"Total: {total}"
    desk.call("write_cell", sheet=sheet, cell=target, value=total)
    desk.call("create_document", title=title, text=text)
    desk.call("send_email", to=[to], subject=title, body=text)
    desk.call("create_todo", text=f"Check {title}", due=due)
    frames = (
        "Sum {cells} of '{sheet}' into {target}. Next create the document '{title}' saying 'Total: <sum>', "
        "mail that text to {to}, subject '{title}', and last add the to-do 'Check {title}', due {due}.",
        "In this order: the sum of {cells} of '{sheet}' goes into {target}, 'Total: <sum>' becomes the document '{title}', "
        "{to} gets the same by email (subject '{title}'), and I get the to-do 'Check {title}' for {due}.",
        "'{sheet}': 1. {target} = sum of {cells} 2. new doc '{title}', text 'Total: <sum>' 3. mail it to {to}, "
        "subject '{title}' 4. to-do 'Check {title}' by {due}",
    )
    return Request(desk.say(frames, cells=cells, sheet=sheet, target=target, title=title, to=to, due=desk.dated(due)))


@recipe("list_events", "cancel_event", "search_emails", "reply_email", "archive_email")
def cancel_answer_archive(desk: OfficeDesk) -> Request:
    event, (name, text), body = planned(desk), hint(desk), desk.answer()
    desk.call("cancel_event", event_id=look_up(desk, event)["id"])
    found = desk.call("search_emails", text=text)["emails"][0]
    desk.call("reply_email", email_id=found["id"], body=body)
    desk.call("archive_email", email_id=found["id"])
    frames = (
        "Cancel '{title}' {on}. Then find the {name}, reply '{body}' and archive it.",
        "First look up '{title}' {on} and delete it. Then answer the {name} with '{body}' and, once that is sent, file it in the archive.",
        "'{title}' {on} has to go from the calendar. After that please write back to the {name}: '{body}' Then move it to the archive.",
        "1. call off '{title}' {on} 2. answer the {name}: '{body}' 3. archive it",
    )
    return Request(desk.say(frames, title=event.title, on=desk.on(event.date), name=name, body=body))
