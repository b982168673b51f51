"""Requests about health."""

from __future__ import annotations

from typing import Any, get_args

from envs.daily_life import vocabulary as words
from envs.daily_life.queries.desk import DailyLifeDesk
from envs.daily_life.world import Activity, Practitioner
from envs.scenario.clock import days_after
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import date_answer, number_answer, time_answer

ACTIVITIES: tuple[Activity, ...] = get_args(Activity)
LENGTHS = (20, 25, 30, 35, 45, 50, 60, 75, 90, 120)  # minutes


def box(desk: DailyLifeDesk) -> str:
    """The name of a medication."""
    return desk.pick(list(desk.world.medications))


def tablets(desk: DailyLifeDesk, count: int) -> str:
    return "one tablet" if count == 1 else f"{desk.counted(count)} tablets"


def practitioner(desk: DailyLifeDesk) -> Practitioner:
    return desk.pick([person for person in desk.world.practitioners.values() if person.slots])


def article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def today(desk: DailyLifeDesk) -> dict[str, tuple[str, ...]]:
    """What may be said of the day, which is today by default."""
    return {"date": (desk.world.today,)}


@recipe("log_dose")
def dose_today(desk: DailyLifeDesk) -> Request:
    name, count = box(desk), desk.number(1, 3)
    left = desk.call("log_dose", today(desk), medication=name, tablets=count)["left"]
    frames = (
        "I have just taken {tablets} of {name}. Log it and tell me how many are left in the box.",
        "Please note {tablets} of {name} for today. How many does the box still hold?",
        "{name}: {tablets} today; remaining in the box?",
        "My {name} for today is down, {tablets}. Write that down and count what remains.",
        "Could you record that I took {tablets} of {name} this morning, and say how many I have after that?",
        "Took {tablets}, {name}, a minute ago. Enter it. How many have I got now?",
    )
    query = desk.say(frames, tablets=tablets(desk, count), name=name)
    return Request(query, f"{left} tablets are left.", number_answer(left))


@recipe("log_dose")
def dose_yesterday(desk: DailyLifeDesk) -> Request:
    name, day = box(desk), days_after(desk.world.today, -1)
    desk.call("log_dose", medication=name, date=day)
    frames = (
        "I took one tablet of {name} {on} and forgot to log it. Please do that.",
        "Add one {name} tablet to my log, taken {on}.",
        "{name}, one tablet, {on}, log",
        "The single {name} tablet that I had {on} is missing from the record; enter it.",
        "Could you note a tablet of {name} for me, not for today but {on}?",
        "My record of {name} is short of one tablet: it was {on}.",
    )
    return Request(desk.say(frames, name=name, on=f"on {day}" if desk.chance(0.4) else desk.on(day)))


@recipe("log_dose", asks=True)
def dose_of_what(desk: DailyLifeDesk) -> Request:
    name, count = box(desk), desk.number(1, 3)
    desk.ask("Which medication?")
    desk.call("log_dose", today(desk), medication=name, tablets=count)
    frames = (
        "I have taken {tablets}. Please log that for today.",
        "Log my medication: {tablets}, just now.",
        "{tablets} taken today, note it",
        "Could you write down that I swallowed {tablets} after breakfast today?",
        "Please put {tablets} into today's medication log.",
    )
    reply = desk.say(("It was {name}.", "{name}.", "The {name}, as always."), name=name)
    return Request(desk.say(frames, tablets=tablets(desk, count)), reply=reply)


@recipe("log_workout")
def burnt_today(desk: DailyLifeDesk) -> Request:
    activity, minutes, intensity = desk.pick(ACTIVITIES), desk.pick(LENGTHS), desk.pick(("light", "hard"))
    kcal = desk.call("log_workout", today(desk), activity=activity, minutes=minutes, intensity=intensity)["kcal"]
    frames = (
        "Log {time} of {activity}, {intensity} intensity, for today. How many calories was that?",
        "I did {time} of {activity} today and it was {intensity}. Record it and tell me the kilocalories.",
        "{activity}, {time}, {intensity}, today: log, kcal?",
        "Today's training: {activity} for {time}, intensity {intensity}. Please enter it and say what I burnt.",
        "That was a {intensity} {time} of {activity}. Put it in my workout log of today; how much energy did it take?",
        "How many calories go with {time} of {intensity} {activity}? I have just done that, so log it as well.",
    )
    query = desk.say(frames, activity=activity, time=f"{minutes} minutes", intensity=intensity)
    return Request(query, f"You burnt {kcal} kcal.", number_answer(kcal))


@recipe("log_workout")
def workout_of_day(desk: DailyLifeDesk) -> Request:
    activity, minutes, day = desk.pick(ACTIVITIES), desk.pick(LENGTHS), days_after(desk.world.today, -desk.number(1, 5))
    desk.call("log_workout", activity=activity, minutes=minutes, date=day)
    frames = (
        "Add a workout {on}: {activity}, {time}, moderate.",
        "I forgot to log {time} of {activity} {on}, at moderate intensity. Please add it.",
        "workout log: {activity}, {time}, {on}, moderate",
        "Please enter {time} of moderate {activity} in my training log {on}.",
        "My training {on} is not in the log. It was {activity} for {time}, moderately hard.",
    )
    return Request(desk.say(frames, activity=activity, time=desk.lasting(minutes), on=desk.on(day)))


@recipe("log_workout")
def minutes_this_week(desk: DailyLifeDesk) -> Request:
    activity, minutes = desk.pick(ACTIVITIES), desk.pick(LENGTHS)
    total = desk.call("log_workout", today(desk), activity=activity, minutes=minutes)["week_minutes"]
    frames = (
        "Log {time} of {activity} today, moderate, and tell me how many minutes I have done this week.",
        "After {time} of moderate {activity} today, what is my total of minutes for the week? Record the session first.",
        "today {activity}, {time}, moderate. log. minutes of the week so far?",
        "Please put down {time} of {activity} for today, middling effort; I also want the week's minutes.",
        "I went {activity_} for {time} today at a moderate pace. Note it, and add up my exercise minutes of this week.",
    )
    query = desk.say(frames, activity=activity, activity_=activity if activity != "yoga" else "to yoga", time=desk.lasting(minutes))
    return Request(query, f"That makes {total} minutes this week.", number_answer(total))


@recipe("log_workout", asks=True)
def workout_how_long(desk: DailyLifeDesk) -> Request:
    activity, minutes = desk.pick(ACTIVITIES), desk.pick(LENGTHS)
    desk.ask("How long was it?")
    kcal = desk.call("log_workout", today(desk), activity=activity, minutes=minutes)["kcal"]
    frames = (
        "Log my {activity} of today, moderate, and tell me the calories.",
        "I did some {activity} today at moderate intensity. Record it; how many kilocalories was it?",
        "{activity} today, moderate: log it, kcal?",
        "Please enter today's {activity}, medium effort, and work out the energy it took.",
        "How much did I burn with {activity} today? Moderate pace, and it is not logged yet, so do that.",
    )
    reply = desk.say(("It was {time}.", "{time}.", "About that: {time} exactly."), time=desk.lasting(minutes))
    return Request(desk.say(frames, activity=activity), f"You burnt {kcal} kcal.", number_answer(kcal), reply=reply)


@recipe("book_appointment")
def first_appointment(desk: DailyLifeDesk) -> Request:
    person = practitioner(desk)
    day = days_after(person.slots[-1][0], -desk.number(0, 4))
    day = max(day, days_after(desk.world.today, 1))
    booked = desk.call("book_appointment", specialty=person.specialty, from_date=day)
    frames = (
        "Book me the first free appointment with {a_specialty}, not before {day}. On which day is it?",
        "I need to see {a_specialty}, from {day} onwards. Take the earliest appointment and tell me the date.",
        "{specialty}, first appointment from {day}, any time of day: book. date?",
        "Please get me in with whichever {specialty} has time first from {day} on, and let me know the day.",
        "Until {day} I cannot go, but from that day I want the first slot at {a_specialty}. Book it; when must I go?",
    )
    said = {"specialty": person.specialty, "a_specialty": article(person.specialty), "day": desk.dated(day)}
    return Request(desk.say(frames, **said), f"It is on {booked['date']} at {booked['time']}.", date_answer(booked["date"]))


@recipe("book_appointment")
def appointment_for_reason(desk: DailyLifeDesk) -> Request:
    person = practitioner(desk)
    day, time = desk.pick(person.slots)
    after = desk.pick([hour for hour in ("08:00", "10:00", "12:00", "13:00", "14:00", "15:00", "16:00") if hour <= time])
    reason = desk.pick(words.REASONS[person.specialty])
    wishes: dict[str, Any] = {"specialty": person.specialty, "from_date": day, "after": after, "reason": reason}
    desk.call("book_appointment", **wishes)
    frames = (
        "Book the first appointment with {a_specialty} from {day} on that is at {after} or later. Reason: '{reason}'.",
        "I work until noon or longer, so find me {a_specialty} who is free at {after} or after, from {day}. Give '{reason}' as the reason.",
        "appointment: {specialty}, first from {day}, not before {after}, '{reason}'",
        "Please arrange the earliest visit to {a_specialty} starting {day}; it must not begin before {after}. The reason is '{reason}'.",
        "'{reason}' is what I want to see {a_specialty} for. From {day}, first slot that starts at {after} or later, please book.",
    )
    said = {"specialty": person.specialty, "a_specialty": article(person.specialty), "day": desk.dated(day), "after": desk.at(after)}
    return Request(desk.say(frames, reason=reason, **said))


@recipe("book_appointment")
def appointment_with(desk: DailyLifeDesk) -> Request:
    person = practitioner(desk)
    day = days_after(person.slots[-1][0], -desk.number(0, 3))
    day = max(day, desk.world.today)
    wishes = {"specialty": person.specialty, "from_date": day, "practitioner": person.name}
    time = desk.call("book_appointment", **wishes)["time"]
    frames = (
        "Book me in with {name}, the {specialty}, as early as possible from {day}. At what time do I have to be there?",
        "My {specialty} is {name}. Get me the first appointment there from {day} on and tell me the time of day.",
        "{name} ({specialty}), first free slot from {day}: book, what time?",
        "It has to be {name}, no other {specialty}. Take the earliest appointment not before {day}; when does it start?",
        "Please book the next visit to {specialty} {name}, {day} or after, and say at what hour it is.",
    )
    query = desk.say(frames, name=person.name, specialty=person.specialty, day=desk.dated(day))
    return Request(query, f"It is at {time}.", time_answer(time))


@recipe("book_appointment", asks=True)
def appointment_when(desk: DailyLifeDesk) -> Request:
    person = practitioner(desk)
    day, reason = desk.pick(person.slots)[0], desk.pick(words.REASONS[person.specialty])
    desk.ask("From which day on?")
    desk.call("book_appointment", specialty=person.specialty, from_date=day, reason=reason)
    frames = (
        "Book me the first appointment with {a_specialty} after I am back from my trip, reason '{reason}'.",
        "I need {a_specialty} once my leave starts. Take the first free slot and give '{reason}' as the reason.",
        "{specialty}, first slot from my free days on, '{reason}'",
        "Please get me to {a_specialty} as soon as my course is over. The reason is '{reason}'.",
        "When the exams are done I want to see {a_specialty}, so book the first visit from then on: '{reason}'.",
    )
    reply = desk.say(("From {day}.", "That is {day}.", "Not before {day}."), day=desk.dated(day))
    return Request(desk.say(frames, specialty=person.specialty, a_specialty=article(person.specialty), reason=reason), reply=reply)


@recipe("log_dose", "log_workout")
def dose_and_workout(desk: DailyLifeDesk) -> Request:
    name, count, activity, minutes = box(desk), desk.number(1, 3), desk.pick(ACTIVITIES), desk.pick(LENGTHS)
    desk.call("log_dose", today(desk), medication=name, tablets=count)
    desk.call("log_workout", today(desk), activity=activity, minutes=minutes)
    frames = (
        "For my diary of today: {tablets} of {name}, and {time} of {activity} at moderate intensity. Log both.",
        "Please record that I took {tablets} of {name} today and did {time} of moderate {activity}.",
        "today: {name} {tablets}; {activity} {time}, moderate. log",
        "I have swallowed {tablets} of {name} and then exercised, {activity} for {time}, moderate. Put the two into their logs for today.",
        "Two entries for today, please: the medication, {tablets} of {name}, and the sport, {time} of {activity} (moderate).",
    )
    return Request(desk.say(frames, tablets=tablets(desk, count), name=name, activity=activity, time=desk.lasting(minutes)), lookups=2)


@recipe("log_workout", "log_workout", "log_dose")
def active_day(desk: DailyLifeDesk) -> Request:
    (first, second), times = desk.several(ACTIVITIES, 2), desk.several(LENGTHS, 2)
    name, count = box(desk), desk.number(1, 3)
    for activity, minutes in zip((first, second), times, strict=True):
        desk.call("log_workout", today(desk), activity=activity, minutes=minutes)
    left = desk.call("log_dose", today(desk), medication=name, tablets=count)["left"]
    frames = (
        "Log today's sport: {0} of {first} and {1} of {second}, both moderate. Also {tablets} of {name}; how many are left?",
        (
            "Today I did {0} of {first}, then {1} of {second}, at moderate effort, and took "
            "{tablets} of {name}. Log it all; what does the box still hold?"
        ),
        "today: {first} {0}, {second} {1}, moderate both; {name} {tablets}. log all, tablets left?",
        (
            "Please enter two moderate workouts for today, {first} for {0} and {second} for {1}, plus "
            "{tablets} of {name}. Then name the tablets that remain."
        ),
    )
    said = {"first": first, "second": second, "tablets": tablets(desk, count), "name": name}
    query = desk.say(frames, *map(desk.lasting, times), **said)
    return Request(query, f"{left} tablets are left.", number_answer(left), lookups=3)
