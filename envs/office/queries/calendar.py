"""Requests about the calendar."""

from __future__ import annotations

from typing import Any

from envs.office.queries.desk import OfficeDesk
from envs.office.world import Event
from envs.scenario.clock import minutes_since_midnight, working_days
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer, time_answer

LENGTHS = (15, 30, 45, 60, 90, 120)  # minutes
SHIFTS = (*LENGTHS, 180)  # of an event; one of them is free, since a day has at most three


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
    gap, words = {"date": day, "minutes": minutes}, f"for {desk.lasting(minutes)} {desk.on(day)}"
    last = desk.free_starts(day, minutes)[-1]
    afters = [after for after in ("10:00", "11:00", "12:00", "13:00", "14:00") if after <= last]
    if afters and desk.chance(0.4):
        after = desk.pick(afters)
        limit = desk.pick((" at {at} or later", " from {at} on", " (not before {at})"))
        return {**gap, "after": after}, words + limit.format(at=desk.at(after))
    return gap, words


@recipe("create_event")
def create_event(desk: OfficeDesk) -> Request:
    title, day, minutes = desk.event_title(), desk.day(), desk.pick(LENGTHS)
    details: dict[str, Any] = {}
    tail = ""
    start = desk.free_start(day, minutes)
    if minutes != 30 or desk.chance():
        details["minutes"], tail = minutes, f" for {desk.lasting(minutes)}"
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
        "I am hosting '{title}' {on} at {at}{tail}. Block that in my calendar, will you?",
        "It is settled: '{title}' takes place {on} at {at}{tail}. My calendar should show it.",
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
        "My boss asks how many meetings I sit in {on}. What do I say?",
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
            "I have to be at '{title}' {on} and forgot which room that is.",
        )
        return Request(desk.say(frames, **said), f"It is in room {listed['room']}.", (listed["room"],))
    frames = (
        "When does '{title}' start {on}?",
        "At what time is '{title}' {on}?",
        "Please tell me when '{title}' begins {on}.",
        "{on}: start of '{title}'?",
        "I do not want to be late for '{title}' {on}. By when do I have to be there?",
    )
    return Request(desk.say(frames, **said), f"It starts at {listed['start']}.", time_answer(listed["start"]))


@recipe("list_events")
def outermost_event(desk: OfficeDesk) -> Request:
    day, place = planned(desk).date, desk.pick((0, -1))
    title = desk.call("list_events", date=day)["events"][place]["title"]
    frames = (
        (
            "What is my first event {on}?",
            "Which appointment opens my day {on}?",
            "Please tell me the title of the earliest event {on}.",
            "{on}: first meeting?",
        ),
        (
            "What is my last event {on}?",
            "With which appointment does my day end {on}?",
            "I would like to know what the latest event {on} is called.",
            "{on}: last meeting?",
        ),
    )
    return Request(desk.say(frames[place], on=desk.on(day)), f"It is {title}.", (title,))


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
        "Nobody has time for {id} as planned, but everybody can come {on} at {at}. Change it, please.",
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
        "Would you let {id} begin at {at}? The day is right.",
        "They told me the wrong time for '{title}' ({id}): it begins at {at}, still that day.",
    )
    return Request(desk.say(frames, id=event.id, title=event.title, at=desk.at(start)))


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
        "We settled everything by phone, so there is no need for '{title}' ({id}) any more.",
        "event {id}: cancelled",
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
        "Somebody wants to see me {gap}. What is the soonest I can offer?",
        "I need to know from when on I am free {gap}, as early as can be.",
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
        "Could '{title}' {on} begin at {at}, on the same day as before?",
    )
    return Request(desk.say(frames, title=event.title, on=desk.on(event.date), at=desk.at(start)))


@recipe("list_events", "move_event")
def put_off(desk: OfficeDesk) -> Request:
    event = planned(desk)
    begin = minutes_since_midnight(event.start)
    starts = {time: minutes_since_midnight(time) - begin for time in desk.free_starts(event.date, event.minutes)}
    start, later = desk.pick([(time, later) for time, later in starts.items() if abs(later) in SHIFTS])
    desk.call("move_event", {"date": (event.date,)}, event_id=look_up(desk, event)["id"], start=start)
    frames = (
        "'{title}' {on} has to start {length} {later} than planned.",
        "Please let '{title}' {on} begin {length} {later}.",
        "{on}: '{title}' -> {length} {later}",
        "I cannot make it to '{title}' {on} as planned, but {length} {later} would do. Move it, please.",
        "Could you find '{title}' {on} and have it start {length} {later}?",
    )
    said = {"title": event.title, "on": desk.on(event.date), "length": desk.lasting(abs(later))}
    return Request(desk.say(frames, **said, later="later" if later > 0 else "earlier"))


@recipe("list_events", "cancel_event")
def find_and_cancel(desk: OfficeDesk) -> Request:
    event = planned(desk)
    desk.call("cancel_event", event_id=look_up(desk, event)["id"])
    frames = (
        "Cancel '{title}' {on}.",
        "'{title}' {on} will not happen. Please find it and take it off the calendar.",
        "Look through my events {on} and delete '{title}'.",
        "{on}: call off '{title}'",
        "I was told that nobody comes to '{title}' {on}. Get it out of my calendar, please.",
    )
    return Request(desk.say(frames, title=event.title, on=desk.on(event.date)))


@recipe("list_events", "cancel_event")
def cancel_outermost(desk: OfficeDesk) -> Request:
    day, (order, place) = planned(desk).date, desk.pick((("first", 0), ("last", -1)))
    desk.call("cancel_event", event_id=desk.call("list_events", date=day)["events"][place]["id"])
    frames = (
        "Cancel my {order} event {on}.",
        "I cannot attend the {order} meeting that I have {on}. Please remove it from the calendar.",
        "Whatever comes {order} in my calendar {on} is called off, delete it.",
        "{on}: drop the {order} event",
        "Would you take the {order} of my appointments {on} off the calendar?",
    )
    return Request(desk.say(frames, order=order, on=desk.on(day)))


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
        "'{title}' can start as soon as I am free {gap}. Would you schedule it?",
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
        "Could {id}, which lasts {length}, take place {on} instead, as early as I am free?",
    )
    return Request(desk.say(frames, id=event.id, minutes=event.minutes, length=desk.lasting(event.minutes), on=desk.on(day)))


@recipe("list_events", "cancel_event", "create_event")
def cancel_and_book(desk: OfficeDesk) -> Request:
    event, title = planned(desk), desk.event_title()
    desk.call("cancel_event", event_id=look_up(desk, event)["id"])
    desk.call("create_event", title=title, date=event.date, start=event.start, minutes=event.minutes)
    frames = (
        "Cancel '{old}' {on} and use its time, {at} for {minutes} minutes, for '{new}'.",
        "Find '{old}' {on}, delete it, then put '{new}' at {at} for {minutes} minutes that day.",
        "'{old}' {on} is off. Take it away, then schedule '{new}' in its place: same start, same length.",
        "{on}: swap '{old}' for '{new}', starting {at}, {minutes} minutes",
        "Instead of '{old}' {on} we do '{new}', at the same time and for as long. Please change my calendar.",
    )
    said = {"old": event.title, "new": title, "on": desk.on(event.date), "at": desk.at(event.start), "minutes": event.minutes}
    return Request(desk.say(frames, **said))


@recipe("list_events", "find_free_time", "move_event")
def move_to_another_day(desk: OfficeDesk) -> Request:
    day = another_day(desk, event := planned(desk))
    listed = look_up(desk, event)
    start = desk.call("find_free_time", date=day, minutes=listed["minutes"])["start"]
    desk.call("move_event", event_id=listed["id"], start=start, date=day)
    frames = (
        "Move '{title}' from {old} to my first free time {on}, keeping its length.",
        "I am away on the day of '{title}', {old}. See how long it is and move it to the earliest opening {on}.",
        "Please look up '{title}' ({old}), find me a free time of the same length {on}, the first there is, and reschedule it.",
        "'{title}', now {old} -> first slot that is long enough {on}",
    )
    return Request(desk.say(frames, title=event.title, old=desk.dated(event.date), on=desk.on(day)))


# ---- where the user has to be asked


@recipe("create_event", asks=True)
def ask_start(desk: OfficeDesk) -> Request:
    title, day = desk.event_title(), desk.day()
    start = desk.free_start(day, 30)
    desk.ask("At what time does it start?")
    desk.call("create_event", title=title, date=day, start=start)
    frames = (
        "Put '{title}' on my calendar {on}.",
        "Please schedule '{title}' {on}, half an hour will do.",
        "new event {on}: '{title}'",
        "We have to fit in '{title}' {on} at a time that I will tell you.",
    )
    replies = ("At {at}.", "{at}, please", "It starts at {at}.", "Let us say {at}.")
    return Request(desk.say(frames, title=title, on=desk.on(day)), reply=desk.say(replies, at=desk.at(start)))


@recipe("move_event", asks=True)
def ask_new_start(desk: OfficeDesk) -> Request:
    event = planned(desk)
    start = desk.free_start(event.date, event.minutes)
    desk.ask("To what time?")
    desk.call("move_event", {"date": (event.date,)}, event_id=event.id, start=start)
    frames = (
        "Event {id} starts at another time now, still on the same day.",
        "Please move '{title}' ({id}) within its day.",
        "same day, other time for {id}",
        "The time of {id} has changed, the day has not. Could you correct it?",
    )
    replies = ("To {at}.", "It begins at {at}.", "{at}", "Make it {at}, please.")
    return Request(desk.say(frames, id=event.id, title=event.title), reply=desk.say(replies, at=desk.at(start)))


@recipe("list_events", "cancel_event", asks=True)
def ask_day(desk: OfficeDesk) -> Request:
    event = planned(desk)
    desk.ask("On which day is it?")
    desk.call("cancel_event", event_id=look_up(desk, event)["id"])
    frames = (
        "Cancel '{title}', please.",
        "'{title}' will not take place. Can you find it and take it off the calendar?",
        "call off '{title}'",
        "I will tell you the day if you need it: '{title}' has to go from my calendar.",
    )
    replies = ("It is {on}.", "{on}", "That one is {on}.", "Look at my events {on}.")
    return Request(desk.say(frames, title=event.title), reply=desk.say(replies, on=desk.on(event.date)))
