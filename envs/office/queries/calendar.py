"""Requests about the calendar."""

from __future__ import annotations

from typing import Any

from envs.office.queries.desk import OfficeDesk
from envs.office.world import Event
from envs.scenario.clock import working_days
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer, time_answer

LENGTHS = (15, 30, 45, 60, 90)  # minutes


def planned(desk: OfficeDesk) -> Event:
    return desk.pick(list(desk.world.events.values()))


def look_up(desk: OfficeDesk, event: Event) -> dict[str, Any]:
    """What list_events shows of an event."""
    return next(entry for entry in desk.call("list_events", date=event.date)["events"] if entry["title"] == event.title)


def another_day(desk: OfficeDesk, event: Event) -> str:
    return desk.other(working_days(desk.world.today), event.date)


def free_time(desk: OfficeDesk, day: str) -> tuple[dict[str, Any], str]:
    """Arguments with which find_free_time finds something, and the words for them."""
    minutes = desk.pick(LENGTHS)
    gap, words = {"date": day, "minutes": minutes}, f"for {minutes} minutes {desk.on(day)}"
    last = desk.free_starts(day, minutes)[-1]
    afters = [after for after in ("10:00", "11:00", "12:00", "13:00", "14:00") if after <= last]
    if afters and desk.chance(0.4):
        after = desk.pick(afters)
        return {**gap, "after": after}, f"{words} at {desk.at(after)} or later"
    return gap, words


@recipe("create_event")
def create_event(desk: OfficeDesk) -> Request:
    title, day, minutes = desk.event_title(), desk.day(), desk.pick(LENGTHS)
    details: dict[str, Any] = {}
    tail = ""
    start = desk.free_start(day, minutes)
    if minutes != 30 or desk.chance():
        details["minutes"], tail = minutes, f" for {minutes} minutes"
    if desk.chance(0.4):
        details["room"] = desk.pick(desk.world.rooms)
        tail += f" in room {details['room']}"
    if desk.chance(0.3):
        details["attendees"] = [desk.pick(list(desk.world.contacts.values())).email]
        tail += f" with {details['attendees'][0]}"
    desk.call("create_event", title=title, date=day, start=start, **details)
    frames = (
        "Put '{title}' on my calendar {on} at {at}{tail}.",
        "Please schedule '{title}' {on} at {at}{tail}.",
        "new event: '{title}' {on}, {at}{tail}",
        "Could you set up '{title}' {on} at {at}{tail}?",
        "We meet {on} at {at}{tail}. The title is '{title}', please add it to the calendar.",
    )
    return Request(desk.say(frames, title=title, on=desk.on(day), at=desk.at(start), tail=tail))


@recipe("list_events")
def count_events(desk: OfficeDesk) -> Request:
    day = planned(desk).date
    count = desk.call("list_events", date=day)["count"]
    frames = (
        "How many events do I have {on}?",
        "Count my appointments {on}, please.",
        "How full is my calendar {on}? Just the number of events.",
        "number of events {on}?",
    )
    return Request(desk.say(frames, on=desk.on(day)), f"Events: {count}.", number_answer(count))


@recipe("list_events")
def event_detail(desk: OfficeDesk) -> Request:
    listed = look_up(desk, event := planned(desk))
    said = {"title": event.title, "on": desk.on(event.date)}
    if desk.chance():
        frames = (
            "Which room is '{title}' in {on}?",
            "Where does '{title}' take place {on}?",
            "Please look up the room of '{title}' {on}.",
            "{on}: room of '{title}'?",
        )
        return Request(desk.say(frames, **said), f"It is in room {listed['room']}.", (listed["room"],))
    frames = (
        "When does '{title}' start {on}?",
        "At what time is '{title}' {on}?",
        "Please tell me when '{title}' begins {on}.",
        "{on}: start of '{title}'?",
    )
    return Request(desk.say(frames, **said), f"It starts at {listed['start']}.", time_answer(listed["start"]))


@recipe("list_events")
def first_event(desk: OfficeDesk) -> Request:
    day = planned(desk).date
    title = desk.call("list_events", date=day)["events"][0]["title"]
    frames = (
        "What is my first event {on}?",
        "Which appointment opens my day {on}?",
        "Please tell me the title of the earliest event {on}.",
        "{on}: first meeting?",
    )
    return Request(desk.say(frames, on=desk.on(day)), f"It is {title}.", (title,))


@recipe("move_event")
def move_event(desk: OfficeDesk) -> Request:
    day = another_day(desk, event := planned(desk))
    start = desk.free_start(day, event.minutes)
    desk.call("move_event", event_id=event.id, start=start, date=day)
    frames = (
        "Move event {id} to {day}, {at}.",
        "Please reschedule {id}: it is {on} at {at} now.",
        "Event {id} has to take place {on} at {at} instead.",
        "shift {id} to {at} {on}",
        "Could '{title}' ({id}) be moved to {day} at {at}?",
    )
    return Request(desk.say(frames, id=event.id, title=event.title, day=desk.dated(day), on=desk.on(day), at=desk.at(start)))


@recipe("move_event")
def move_within_day(desk: OfficeDesk) -> Request:
    event = planned(desk)
    start = desk.free_start(event.date, event.minutes)
    desk.call("move_event", {"date": (event.date,)}, event_id=event.id, start=start)
    frames = (
        "Move event {id} to {at} on the same day.",
        "Event {id} stays on its day but starts at {at}. Please change that.",
        "Same day, new time for {id}: {at}.",
        "{id} to {at}, date unchanged",
    )
    return Request(desk.say(frames, id=event.id, at=desk.at(start)))


@recipe("cancel_event")
def cancel_event(desk: OfficeDesk) -> Request:
    event = planned(desk)
    desk.call("cancel_event", event_id=event.id)
    frames = (
        "Cancel event {id}.",
        "Please take {id} off my calendar.",
        "'{title}' ({id}) will not happen, delete it from the calendar.",
        "{id} is called off, remove it",
        "Could you drop event {id} from the calendar?",
    )
    return Request(desk.say(frames, id=event.id, title=event.title))


@recipe("find_free_time")
def find_free_time(desk: OfficeDesk) -> Request:
    gap, words = free_time(desk, planned(desk).date)
    start = desk.call("find_free_time", **gap)["start"]
    frames = (
        "When am I first free {gap}?",
        "Find my earliest free time {gap}.",
        "Please tell me where the first opening {gap} is in my calendar.",
        "first free slot {gap}?",
    )
    return Request(desk.say(frames, gap=words), f"You are free at {start}.", time_answer(start))


@recipe("list_events", "move_event")
def find_and_move(desk: OfficeDesk) -> Request:
    event = planned(desk)
    start = desk.free_start(event.date, event.minutes)
    listed = look_up(desk, event)
    desk.call("move_event", {"date": (event.date,)}, event_id=listed["id"], start=start)
    frames = (
        "'{title}' {on} has to start at {at} instead. Look up its id and move it within the day.",
        "Move '{title}', which is {on}, to {at} on the same day.",
        "Please find '{title}' {on} and shift it to {at} that day.",
        "{on}: '{title}' -> {at}, same day",
    )
    return Request(desk.say(frames, title=event.title, on=desk.on(event.date), at=desk.at(start)))


@recipe("list_events", "cancel_event")
def find_and_cancel(desk: OfficeDesk) -> Request:
    event = planned(desk)
    desk.call("cancel_event", event_id=look_up(desk, event)["id"])
    frames = (
        "Cancel '{title}' {on}.",
        "'{title}' {on} will not happen. Please find it and take it off the calendar.",
        "Look through my events {on} and delete '{title}'.",
        "{on}: call off '{title}'",
    )
    return Request(desk.say(frames, title=event.title, on=desk.on(event.date)))


@recipe("find_free_time", "create_event")
def book_free_time(desk: OfficeDesk) -> Request:
    gap, words = free_time(desk, planned(desk).date)
    title = desk.event_title()
    start = desk.call("find_free_time", **gap)["start"]
    desk.call("create_event", title=title, date=gap["date"], start=start, minutes=gap["minutes"])
    frames = (
        "Find my first free time {gap} and put '{title}' there.",
        "Please book '{title}' at the earliest opening {gap}.",
        "I need '{title}' in the calendar: take the first free slot {gap}.",
        "first gap {gap} -> new event '{title}'",
    )
    return Request(desk.say(frames, gap=words, title=title))


@recipe("find_free_time", "move_event")
def move_to_free_time(desk: OfficeDesk) -> Request:
    day = another_day(desk, event := planned(desk))
    start = desk.call("find_free_time", date=day, minutes=event.minutes)["start"]
    desk.call("move_event", event_id=event.id, start=start, date=day)
    frames = (
        "Event {id} takes {minutes} minutes. Move it to my first free time {on}.",
        "Find the earliest free {minutes} minutes {on} and reschedule {id} to then.",
        "Please look for {minutes} free minutes {on}, as early as possible, and shift event {id} there.",
        "{id} ({minutes} minutes) -> first free slot {on}",
    )
    return Request(desk.say(frames, id=event.id, minutes=event.minutes, on=desk.on(day)))


@recipe("list_events", "cancel_event", "create_event")
def cancel_and_book(desk: OfficeDesk) -> Request:
    event, title = planned(desk), desk.event_title()
    desk.call("cancel_event", event_id=look_up(desk, event)["id"])
    desk.call("create_event", title=title, date=event.date, start=event.start, minutes=event.minutes)
    frames = (
        "Cancel '{old}' {on} and use its time, {at} for {minutes} minutes, for '{new}'.",
        "Find '{old}' {on}, delete it, then put '{new}' at {at} for {minutes} minutes that day.",
        "'{old}' {on} is off. Take it away, then schedule '{new}' at {at} for {minutes} minutes instead.",
        "{on}: swap '{old}' for '{new}', starting {at}, {minutes} minutes",
    )
    said = {"old": event.title, "new": title, "on": desk.on(event.date), "at": desk.at(event.start), "minutes": event.minutes}
    return Request(desk.say(frames, **said))
