"""Requests about alarms, timers and notes."""

from __future__ import annotations

from typing import Any

from envs.mobile_app.queries.desk import MobileAppDesk
from envs.mobile_app.world import WEEK, Fact, Note, Weekday
from envs.scenario.desk import Request, recipe

DAY_NAMES = dict(zip(WEEK, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))
LENGTHS = (45, 90, 150, 180, 240, 300, 420, 540, 720, 900, 1080, 1500, 1800, 2700, 3600, 4500, 5400, 7200)  # seconds


def some_days(desk: MobileAppDesk) -> tuple[tuple[Weekday, ...], str]:
    """Days of the week on which no alarm can clash, and the words for them."""
    if desk.chance(0.4):
        return desk.pick(((WEEK[:5], "from Monday to Friday"), (WEEK[5:], "on Saturdays and Sundays"), (WEEK, "every day of the week")))
    days = tuple(sorted(desk.several(WEEK, desk.number(1, 2)), key=WEEK.index))
    return days, "on " + desk.listed([f"{DAY_NAMES[day]}s" for day in days])


def length(desk: MobileAppDesk) -> int:
    return desk.pick(LENGTHS)


def telling(desk: MobileAppDesk, kind: str) -> tuple[Note, Fact]:
    """A note that tells a fact of that kind."""
    return desk.pick([(note, note.fact) for note in desk.world.notes.values() if note.fact and note.fact.kind == kind])


def look_up(desk: MobileAppDesk, text: str) -> dict[str, Any]:
    """What search_notes shows of the only note with a text."""
    found = desk.call("search_notes", text=text)
    assert found["count"] == 1
    return found["notes"][0]


@recipe("set_alarm")
def alarm_once(desk: MobileAppDesk) -> Request:
    time, details, tail = desk.time(), {}, ""
    if desk.chance():
        details["label"] = desk.label()
        tail = f" labelled '{details['label']}'"
    desk.call("set_alarm", time=time, **details)
    frames = (
        "Set an alarm{tail} for {clock}.",
        "Please have my phone ring once at {clock}, as an alarm{tail}.",
        "alarm{tail}: {clock}",
        "I must not oversleep. Could I get an alarm{tail} at {clock}?",
        "It should ring at {clock}, just this once; make that an alarm{tail}.",
        "I need a single alarm{tail}, {clock}.",
    )
    return Request(desk.say(frames, clock=desk.clock(time), tail=tail))


@recipe("set_alarm")
def alarm_repeated(desk: MobileAppDesk) -> Request:
    (days, when), time, label = some_days(desk), desk.time(), desk.label()
    desk.call("set_alarm", time=time, days=list(days), label=label)
    frames = (
        "Set an alarm at {clock} {days}, labelled '{label}'.",
        "I have '{label}' {days}. Please let an alarm of that name ring at {clock}.",
        "repeating alarm '{label}', {days}, {clock}",
        "I keep forgetting '{label}'. Give me an alarm with that label {days} at {clock}.",
        "Could my phone ring at {clock} {days}? Call the alarm '{label}'.",
    )
    return Request(desk.say(frames, clock=desk.clock(time), days=when, label=label))


@recipe("set_alarm")
def alarm_snoozed(desk: MobileAppDesk) -> Request:
    time, label, minutes = desk.time(), desk.label(), desk.pick((0, 3, 5, 15, 20))
    desk.call("set_alarm", time=time, label=label, snooze_minutes=minutes)
    snooze = f"a snooze of {minutes} minutes" if minutes else "a snooze of zero minutes, so that I have to get up"
    frames = (
        "Set the alarm '{label}' for {clock} with {snooze}.",
        "I want an alarm at {clock}, label '{label}', and {snooze}.",
        "alarm {clock} '{label}', {snooze}",
        "Please make it ring at {clock}. The alarm is called '{label}' and has {snooze}.",
    )
    return Request(desk.say(frames, clock=desk.clock(time), label=label, snooze=snooze))


@recipe("set_timer")
def timer(desk: MobileAppDesk) -> Request:
    seconds, details, tail = length(desk), {}, ""
    if desk.chance():
        details["label"] = desk.label()
        tail = f" for '{details['label']}'"
    desk.call("set_timer", seconds=seconds, **details)
    frames = (
        "Start a timer{tail}: {length}.",
        "Please count down {length}{tail} with a timer.",
        "timer{tail}, {length}",
        "Could you set a timer{tail} that rings {length} from now?",
        "I need a timer{tail}. It should run for {length}.",
        "Let the timer{tail} go off after {length}.",
    )
    return Request(desk.say(frames, length=desk.seconds(seconds), tail=tail))


@recipe("set_timer")
def timer_repeated(desk: MobileAppDesk) -> Request:
    seconds, label, repeats = length(desk), desk.label(), desk.number(1, 6)
    desk.call("set_timer", seconds=seconds, label=label, repeats=repeats)
    times = "once" if repeats == 1 else "twice" if repeats == 2 else f"{repeats} times"
    frames = (
        "Start a timer '{label}' of {length} that starts again {times}.",
        "I do intervals: the timer '{label}' takes {length} and has to repeat {times} after the first run.",
        "timer '{label}', {length}, to be repeated {times}",
        "Please run a timer for {length}, label '{label}', and restart it {times}.",
        "Could the timer '{label}' last {length} and then begin anew {times}?",
    )
    return Request(desk.say(frames, label=label, length=desk.seconds(seconds), times=times))


@recipe("create_note")
def note(desk: MobileAppDesk) -> Request:
    title, text = desk.note()
    desk.call("create_note", title=title, text=text)
    frames = (
        "Write a note titled '{title}': '{text}'",
        "Please note down '{text}' under the title '{title}'.",
        "new note '{title}' - '{text}'",
        "I do not want to forget this: '{text}' Make it a note called '{title}'.",
        "Could you create a note '{title}' that says '{text}'",
        "Let a new note with the title '{title}' read '{text}'",
    )
    return Request(desk.say(frames, title=title, text=text))


@recipe("create_note")
def note_in_folder(desk: MobileAppDesk) -> Request:
    (title, text), folder = desk.note(), desk.other(desk.world.folders, "Notes")
    details, tail = {}, ""
    if desk.chance():
        details["pinned"], tail = True, " and pin it"
    desk.call("create_note", title=title, text=text, folder=folder, **details)
    frames = (
        "Put a new note '{title}' with the text '{text}' into the folder '{folder}'{tail}.",
        "In my notes, folder '{folder}', please write '{text}' under the title '{title}'{tail}.",
        "note for folder '{folder}'{tail}: '{title}', '{text}'",
        "Create the note '{title}' in '{folder}'{tail}. It says '{text}'",
        "The folder '{folder}' lacks a note. Title '{title}', text '{text}' Add it{tail}.",
    )
    return Request(desk.say(frames, title=title, text=text, folder=folder, tail=tail))


@recipe("search_notes")
def code(desk: MobileAppDesk) -> Request:
    _, fact = telling(desk, "code")
    look_up(desk, fact.subject)
    frames = (
        "What is the code of the '{subject}'? It is in my notes.",
        "Please search my notes for '{subject}' and tell me the code.",
        "I am standing at the '{subject}' and cannot get in. My notes have the code.",
        "code for '{subject}'? (notes)",
        "Which code did I note for the '{subject}'?",
        "Look up the '{subject}' in the notes, I need its code.",
    )
    return Request(desk.say(frames, subject=fact.subject), f"The code is {fact.value}.", (fact.value,))


@recipe("search_notes")
def which_folder(desk: MobileAppDesk) -> Request:
    found = look_up(desk, telling(desk, desk.pick(("bill", "address", "code")))[1].subject)
    subject = desk.calls[-1].arguments["text"]
    frames = (
        "In which folder is my note about the '{subject}'?",
        "I wrote a note on the '{subject}' and cannot find it. What folder did it go to?",
        "Please find the note that mentions '{subject}' and give me the name of its folder.",
        "folder of the note with '{subject}'?",
        "Where in my notes, I mean in what folder, does '{subject}' stand?",
        "Search the notes for '{subject}'. I would like to know the folder.",
    )
    return Request(desk.say(frames, subject=subject), f"It is in the folder {found['folder']}.", (found["folder"],))


@recipe("set_alarm", asks=True)
def alarm_when(desk: MobileAppDesk) -> Request:
    time, label = desk.time(), desk.label()
    desk.ask("At what time should the alarm ring?")
    desk.call("set_alarm", time=time, label=label)
    frames = (
        "Set an alarm labelled '{label}'.",
        "I need an alarm called '{label}'. Please see to it.",
        "alarm '{label}' please",
        "Could you set up an alarm for me? The label is '{label}'.",
    )
    return Request(desk.say(frames, label=label), reply=desk.say(("At {clock}.", "Let it ring at {clock}."), clock=desk.clock(time)))


@recipe("set_timer", asks=True)
def timer_how_long(desk: MobileAppDesk) -> Request:
    seconds, label = length(desk), desk.label()
    desk.ask("How long should the timer run?")
    desk.call("set_timer", seconds=seconds, label=label)
    frames = (
        "Start a timer called '{label}'.",
        "Please set a timer with the label '{label}'.",
        "timer '{label}', now",
        "Could you get a timer going? I call it '{label}'.",
    )
    replies = ("It takes {length}.", "Make it {length}, please.")
    return Request(desk.say(frames, label=label), reply=desk.say(replies, length=desk.seconds(seconds)))


@recipe("create_note", "set_alarm")
def note_and_alarm(desk: MobileAppDesk) -> Request:
    (title, text), time = desk.note(), desk.time()
    desk.call("create_note", title=title, text=text)
    desk.call("set_alarm", time=time, label=title)
    frames = (
        "Write the note '{title}': '{text}' Then set an alarm at {clock} with the same title as its label.",
        "First note down '{text}' as '{title}', then let an alarm labelled '{title}' ring at {clock}.",
        "I need a note '{title}' saying '{text}' and after that an alarm '{title}' for {clock}.",
        "note '{title}', '{text}'; next, alarm '{title}' {clock}",
    )
    return Request(desk.say(frames, title=title, text=text, clock=desk.clock(time)))


@recipe("search_notes", "create_note")
def copy_code(desk: MobileAppDesk) -> Request:
    _, fact = telling(desk, "code")
    title = f"Spare {fact.subject}"
    look_up(desk, fact.subject)
    desk.call("create_note", title=title, text=fact.value)
    frames = (
        "Look up the code of the '{subject}' in my notes and write it, the digits alone, into a new note '{title}'.",
        "My notes have a code for the '{subject}'. Make a new note titled '{title}' that holds only this number.",
        "Please search the notes for '{subject}'. A second note, '{title}', should have the bare code as its text.",
        "notes: find code of '{subject}', new note '{title}' = just the digits",
    )
    return Request(desk.say(frames, subject=fact.subject, title=title))


@recipe("set_timer", "set_timer", "set_alarm")
def two_timers_and_alarm(desk: MobileAppDesk) -> Request:
    (short, long), time = sorted(desk.several(LENGTHS, 2)), desk.time()
    labels = desk.several(("Rice", "Sauce", "Oven", "Dough", "Stretching", "Sprint", "Rest", "Reading"), 2)
    desk.call("set_timer", seconds=short, label=labels[0])
    desk.call("set_timer", seconds=long, label=labels[1])
    desk.call("set_alarm", time=time)
    frames = (
        "Start the timer '{0}' for {short}, then the timer '{1}' for {long}, and last set an alarm at {clock}.",
        "Two timers, first '{0}' with {short}, next '{1}' with {long}. After that I want an alarm for {clock}.",
        "Please time '{0}' ({short}) and then '{1}' ({long}) with a timer each, and have an alarm ring at {clock} after you did so.",
        "timer '{0}' {short}; timer '{1}' {long}; alarm {clock}, in that order",
    )
    said = {"short": desk.seconds(short), "long": desk.seconds(long), "clock": desk.clock(time)}
    return Request(desk.say(frames, *labels, **said))
