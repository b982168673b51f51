"""Requests about lessons and rooms."""

from __future__ import annotations

from typing import Any

from envs.education import vocabulary as words
from envs.education.queries.desk import LENGTHS, EducationDesk
from envs.education.world import Lesson, Room
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer, time_answer


def lesson(desk: EducationDesk) -> Lesson:
    return desk.pick(desk.world.lessons)


def only_lesson(desk: EducationDesk) -> Lesson:
    """A lesson of a course that has no other on that weekday."""
    lessons = desk.world.lessons
    return desk.pick([one for one in lessons if sum((one.weekday, one.course) == (two.weekday, two.course) for two in lessons) == 1])


def opening(desk: EducationDesk, minutes: int, weeks: int = 1) -> tuple[str, str, str]:
    """A room with a day and a start at which it is free for so long, in each of so many weeks."""
    room, day = desk.pick(list(desk.world.rooms)), desk.day()
    return room, day, desk.pick(desk.free_starts(room, day, minutes, weeks))


def wish(desk: EducationDesk) -> tuple[dict[str, Any], dict[str, tuple[Any, ...]], str]:
    """Arguments with which find_room finds something, values equally right, and the words for them."""
    minutes = desk.pick(tuple(LENGTHS))
    name, day, start = opening(desk, minutes)
    room: Room = desk.world.rooms[name]
    wanted: dict[str, Any] = {"date": day, "start": start, "minutes": minutes}
    accept: dict[str, tuple[Any, ...]] = {}
    phrases = []
    if desk.chance(0.7):
        wanted["seats"] = desk.number(max(2, room.seats // 2), room.seats)
        phrases.append(f"for {wanted['seats']} people")
    if room.equipment and desk.chance(0.6):
        wanted["equipment"] = desk.several(room.equipment, desk.number(1, 2))
        accept["equipment"] = (wanted["equipment"][::-1],)
        phrases.append("with " + " and ".join(item if item == "computers" else f"a {item}" for item in wanted["equipment"]))
    phrases.append(f"{desk.on(day)} at {desk.at(start)} for {desk.length(minutes)}")
    return wanted, accept, " ".join(phrases)


# ---- one call


@recipe("list_lessons")
def count_lessons(desk: EducationDesk) -> Request:
    weekday = lesson(desk).weekday
    count = desk.call("list_lessons", weekday=weekday)["count"]
    frames = (
        "How many lessons are there on {weekday}s in all?",
        "Count the regular lessons of a {weekday}.",
        "{weekday}: number of lessons?",
        "I plan the cleaning. How many lessons does the timetable have on a {weekday}?",
        "Please tell me how full the timetable is on {weekday}s, in lessons.",
    )
    return Request(desk.say(frames, weekday=weekday), f"There are {count}.", number_answer(count))


@recipe("list_lessons")
def when_and_where(desk: EducationDesk) -> Request:
    one = only_lesson(desk)
    found = desk.call("list_lessons", weekday=one.weekday, course=one.course)["lessons"][0]
    said = {"course": desk.named(one.course), "weekday": one.weekday}
    if desk.chance():
        frames = (
            "At what time is {course} on {weekday}s?",
            "When does my {weekday} lesson in {course} begin?",
            "{course} on {weekday}: start?",
            "Please look at the timetable: when do we have {course} on a {weekday}?",
        )
        return Request(desk.say(frames, **said), f"It starts at {found['start']}.", time_answer(found["start"]))
    frames = (
        "In which room is {course} on {weekday}s?",
        "Where do I have to go for the {weekday} lesson of {course}?",
        "{weekday}, {course}: room?",
        "I am new in {course} and lost. Which room does it use on {weekday}s?",
    )
    return Request(desk.say(frames, **said), f"It is in {found['room']}.", (found["room"],))


@recipe("list_lessons")
def lessons_in_room(desk: EducationDesk) -> Request:
    one = lesson(desk)
    found = desk.call("list_lessons", weekday=one.weekday, room=one.room)
    said = {"weekday": one.weekday, "room": one.room}
    if desk.chance():
        course = found["lessons"][0]["course"]
        frames = (
            "Which course is the first in {room} on {weekday}s?",
            "Who opens the day in {room} on a {weekday}? The code of the course is enough.",
            "{room}, {weekday}: first course?",
            "Please look up the earliest lesson in {room} on {weekday}s and tell me the course.",
        )
        return Request(desk.say(frames, **said), f"It is {course}.", (course,))
    frames = (
        "How many regular lessons take place in {room} on {weekday}s?",
        "Count the {weekday} lessons held in {room}.",
        "lessons in {room} on a {weekday}: how many?",
        "I look after {room}. How often is it used for lessons on {weekday}s?",
    )
    return Request(desk.say(frames, **said), f"There are {found['count']}.", number_answer(found["count"]))


@recipe("find_room")
def find_free_room(desk: EducationDesk) -> Request:
    wanted, accept, words_for_it = wish(desk)
    room = desk.call("find_room", accept, **wanted)["room"]
    frames = (
        "Which is the smallest free room {wish}?",
        "Find me a room {wish}, no bigger than needed.",
        "free room {wish}? the smallest one",
        "I need a room {wish}. Which one should I take if small is better?",
        "Is anything free {wish}? Name the smallest room that fits, do not book it.",
        "We look for a place to meet {wish}. What is the smallest one available?",
    )
    return Request(desk.say(frames, wish=words_for_it), f"It is {room}.", (room,))


@recipe("find_room")
def seats_of_free_room(desk: EducationDesk) -> Request:
    wanted, accept, words_for_it = wish(desk)
    seats = desk.call("find_room", accept, **wanted)["seats"]
    frames = (
        "How many seats has the smallest room that is free {wish}?",
        "Look for the smallest free room {wish} and tell me how many people can sit in it.",
        "smallest free room {wish}: seats?",
        "Please check what is free {wish}; of the smallest such room I need the number of seats.",
        "We want a small room {wish}. How large is the one we would get, in seats?",
        "Without booking anything: how many chairs would we have {wish} in the smallest free room?",
    )
    return Request(desk.say(frames, wish=words_for_it), f"It has {seats} seats.", number_answer(seats))


@recipe("book_room")
def book(desk: EducationDesk) -> Request:
    minutes, purpose = desk.pick(tuple(LENGTHS)), desk.pick(words.PURPOSES)
    room, day, start = opening(desk, minutes)
    desk.call("book_room", room=room, date=day, start=start, purpose=purpose, minutes=minutes)
    frames = (
        "Book {room} {on} at {at} for {length}, purpose '{purpose}'.",
        "Please reserve {room} for '{purpose}' {on}, from {at}, for {length}.",
        "{room} {on}, {at}, {length}: '{purpose}'",
        "We hold the '{purpose}' in {room} {on}. It starts at {at} and takes {length}, please book.",
        "Could I have {room} {on} at {at} for {length}? Put down '{purpose}' as the purpose.",
        "'{purpose}' needs {room} {on} from {at}, {length} in all.",
    )
    said = {"room": room, "on": desk.on(day), "at": desk.at(start), "length": desk.length(minutes), "purpose": purpose}
    return Request(desk.say(frames, **said))


@recipe("book_room")
def book_weekly(desk: EducationDesk) -> Request:
    weeks, purpose = desk.number(2, 6), desk.pick(words.PURPOSES)
    room, day, start = opening(desk, 60, weeks)
    desk.call("book_room", room=room, date=day, start=start, purpose=purpose, weeks=weeks)
    frames = (
        "Book {room} for '{purpose}' every week for {weeks} weeks, first {on} at {at}, an hour each.",
        "'{purpose}' meets weekly, {weeks} times, in {room}, starting {on} at {at}. Please reserve the hour.",
        "{room}, '{purpose}', 1 hour, weekly x{weeks}, first time {on}, {at}",
        "Please keep {room} free for an hour at {at} {on}, and the same in the following weeks, {weeks} times in all: '{purpose}'.",
        "Could '{purpose}' have {room} for {weeks} weeks in a row? One hour each time, from {at}, beginning {on}.",
        "We would like {room} as the home of '{purpose}' for {weeks} weeks: one hour at {at}, the first of them {on}.",
    )
    return Request(desk.say(frames, room=room, purpose=purpose, weeks=weeks, on=desk.on(day), at=desk.at(start)))


@recipe("book_room", asks=True)
def book_when(desk: EducationDesk) -> Request:
    purpose = desk.pick(words.PURPOSES)
    room, day, start = opening(desk, 60)
    desk.ask("At what time should it start?")
    desk.call("book_room", room=room, date=day, start=start, purpose=purpose)
    frames = (
        "Book {room} {on} for an hour, purpose '{purpose}'.",
        "Please reserve {room} for '{purpose}' {on}, one hour.",
        "one hour in {room} {on}, '{purpose}'",
        "'{purpose}' takes place in {room} {on} and lasts an hour. Could you book the room?",
        "We need {room} for an hour {on}. The purpose is '{purpose}'.",
    )
    reply = desk.pick(("At {0}.", "It starts at {0}.", "From {0}, please.", "{0} would be good.")).format(desk.at(start))
    return Request(desk.say(frames, room=room, on=desk.on(day), purpose=purpose), reply=reply)


# ---- several calls


@recipe("find_room", "book_room")
def find_and_book(desk: EducationDesk) -> Request:
    wanted, accept, words_for_it = wish(desk)
    purpose = desk.pick(words.PURPOSES)
    room = desk.call("find_room", accept, **wanted)["room"]
    desk.call("book_room", room=room, date=wanted["date"], start=wanted["start"], purpose=purpose, minutes=wanted["minutes"])
    frames = (
        "Find the smallest free room {wish} and book it for '{purpose}'.",
        "I need a room {wish}. Take the smallest one that is free and reserve it, purpose '{purpose}'.",
        "smallest free room {wish} -> book, '{purpose}'",
        "'{purpose}' has no room yet. Please look for the smallest that is available {wish}, then book that.",
        "Could you get us the smallest room there is {wish}? Enter '{purpose}' as the purpose.",
    )
    return Request(desk.say(frames, wish=words_for_it, purpose=purpose))


@recipe("list_lessons", "book_room")
def book_where_taught(desk: EducationDesk) -> Request:
    one, purpose = only_lesson(desk), desk.pick(words.PURPOSES)
    room = desk.call("list_lessons", weekday=one.weekday, course=one.course)["lessons"][0]["room"]
    day = desk.day()
    start = desk.pick(desk.free_starts(room, day, 60))
    desk.call("book_room", room=room, date=day, start=start, purpose=purpose)
    frames = (
        "Book the room in which {course} is taught on {weekday}s: {on} at {at}, one hour, '{purpose}'.",
        "'{purpose}' should be where {course} meets on {weekday}s. Look that up and reserve the room {on} at {at} for an hour.",
        "{on}, {at}, 1 hour, '{purpose}', in the {weekday} room of {course}: please book",
        "Which room does {course} have on {weekday}s? Reserve it {on} from {at} for an hour, purpose '{purpose}'.",
        "We liked the room of the {weekday} lesson of {course}. Please book it for '{purpose}' {on} at {at}, an hour will do.",
    )
    said = {"course": desk.named(one.course), "weekday": one.weekday, "on": desk.on(day), "at": desk.at(start), "purpose": purpose}
    return Request(desk.say(frames, **said))
