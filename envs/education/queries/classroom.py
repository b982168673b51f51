"""Requests about attendance and messages to a class."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from envs.education.queries.desk import EducationDesk
from envs.education.world import Presence, past_school_days
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer

WERE: dict[Presence, str] = {"late": "was late", "absent": "was absent", "excused": "was excused", "present": "was there"}


def fresh_session(desk: EducationDesk) -> tuple[str, str]:
    """A course, and a day up to today of which its attendance is not recorded."""
    course = desk.course().code
    today = desk.world.today
    return course, desk.other([today, today, *past_school_days(today, 6)], *desk.world.registers[course].sessions)


def marks_of(desk: EducationDesk, course: str, statuses: Sequence[Presence]) -> tuple[list[dict[str, str]], tuple[Any, ...], str]:
    """Marks for as many students as there are statuses, their other orders, and the words for them."""
    students = desk.several(desk.world.registers[course].students, len(statuses))
    marks = [{"student_id": student, "status": status} for student, status in zip(students, statuses, strict=True)]
    orders = tuple(list(order) for order in itertools.permutations(marks))[1:]
    return marks, orders, " and ".join(f"{mark['student_id']} {WERE[status]}" for mark, status in zip(marks, statuses, strict=True))


def recorded(desk: EducationDesk) -> tuple[str, str]:
    """A course and a day of which its attendance is recorded, with somebody absent."""
    sessions = [
        (code, day)
        for code, register in desk.world.registers.items()
        for day, session in register.sessions.items()
        if "absent" in session.values()
    ]
    return desk.pick(sessions)


# ---- one call


@recipe("record_attendance")
def record(desk: EducationDesk) -> Request:
    course, day = fresh_session(desk)
    kinds: tuple[Presence, ...] = ("late", "absent", "excused")
    marks, orders, said_marks = marks_of(desk, course, [desk.pick(kinds) for _ in range(desk.number(1, 2))])
    desk.call("record_attendance", {"marks": orders}, course=course, date=day, marks=marks)
    frames = (
        "Record the attendance of {course} {when}: {marks}, everybody else was there.",
        "In {course} {when}, {marks}. All others came. Please enter that.",
        "attendance {course} {when}: {marks}, rest present",
        "Could you take the register of {course} {when}? I noted that {marks}; nobody else was missing.",
        "{when}, {course}: {marks}, the others were present. Put it in the register.",
        "My list for {course} {when} says {marks}. The rest of the class was present.",
    )
    return Request(desk.say(frames, course=desk.named(course), when=desk.when(day), marks=said_marks))


@recipe("record_attendance")
def record_empty_class(desk: EducationDesk) -> Request:
    course, day = fresh_session(desk)
    marks, orders, said_marks = marks_of(desk, course, ["present"] * desk.number(1, 2))
    desk.call("record_attendance", {"marks": orders}, course=course, date=day, marks=marks, others="absent")
    frames = (
        "There was a strike {when}. In {course} {marks}, all others were absent. Record it.",
        "Attendance of {course} {when}: {marks}, nobody else came.",
        "{course} {when}: {marks}, everyone else absent",
        "Almost nobody turned up for {course} {when}; {marks}, and the rest were absent. Please note that.",
        "Please enter for {course} {when} that {marks} while everybody else stayed away.",
    )
    return Request(desk.say(frames, course=desk.named(course), when=desk.when(day), marks=said_marks))


@recipe("record_attendance")
def record_full_class(desk: EducationDesk) -> Request:
    course, day = fresh_session(desk)
    present = desk.call("record_attendance", course=course, date=day, marks=[])["present"]
    frames = (
        "Everybody was present in {course} {when}. Record that and tell me how many students it is.",
        "Full house in {course} {when}! Please take the register, without exceptions, and give me the head count.",
        "{course} {when}: all present. number of students?",
        "No one was missing from {course} {when}. Enter it; how many were there?",
        "Could you mark the whole of {course} as present {when} and name the number of people?",
    )
    said = {"course": desk.named(course), "when": desk.when(day)}
    return Request(desk.say(frames, **said), f"{present} students were present.", number_answer(present))


@recipe("summarize_attendance")
def class_rate(desk: EducationDesk) -> Request:
    course = desk.course().code
    rate = desk.call("summarize_attendance", course=course)["rate"]
    frames = (
        "What is the attendance rate of {course} as a class?",
        "How well is {course} attended on the whole, in percent?",
        "{course}: overall attendance in percent?",
        "For the report I need the attendance rate of the whole of {course}.",
        "Please work out what percentage of the class comes to {course}, over all recorded days.",
    )
    return Request(desk.say(frames, course=desk.named(course)), f"The rate is {rate} percent.", number_answer(rate))


@recipe("summarize_attendance")
def times_missed(desk: EducationDesk) -> Request:
    course = desk.course().code
    register = desk.world.registers[course]
    statuses: tuple[Presence, ...] = ("absent", "late", "excused")
    histories = {student: {session[student] for session in register.sessions.values()} for student in register.students}
    known = [(student, status) for student, seen in histories.items() for status in statuses if status in seen != {"excused"}]
    student, status = desk.pick(known)
    count = desk.call("summarize_attendance", course=course, student_id=student)[status]
    frames = (
        "How often was {who} {status} in {course}?",
        "Count the days on which {who} is marked as {status} in {course}.",
        "{who}, {course}: number of times {status}?",
        "The parents of {who} ask how many times they were {status} in {course}.",
        "Please go through the register of {course} and tell me how many days {who} was {status}.",
    )
    said = {"who": desk.who(student), "course": desk.named(course), "status": status}
    return Request(desk.say(frames, **said), f"The student was {status} {count} times.", number_answer(count))


@recipe("summarize_attendance")
def rate_since(desk: EducationDesk) -> Request:
    course, day = recorded(desk)
    rate = desk.call("summarize_attendance", course=course, since=day)["rate"]
    frames = (
        "What is the attendance rate of {course} since {day}, that day included?",
        "How many percent of {course} have attended from {day} on?",
        "{course}, attendance rate from {day}?",
        "Please leave out everything before {day} and tell me the attendance rate of {course}.",
        "We changed the hour of {course} on {day}. Which attendance rate does the class have from then on?",
    )
    return Request(desk.say(frames, course=desk.named(course), day=desk.dated(day)), f"The rate is {rate} percent.", number_answer(rate))


@recipe("message_class")
def message(desk: EducationDesk) -> Request:
    course = desk.course().code
    subject, text = desk.notice(course)
    desk.call("message_class", {"send_on": (desk.world.today,)}, course=course, subject=subject, text=text)
    frames = (
        "Write to everybody in {course}: subject '{subject}', text '{text}'",
        "Please tell my class {course} '{text}' The subject line is '{subject}'.",
        "msg {course}, '{subject}': '{text}'",
        "Could you send the students of {course} a message titled '{subject}'? It reads '{text}'",
        "All of {course} should know this: '{text}' Use '{subject}' as the subject.",
        "A note to {course}, headed '{subject}': '{text}'",
    )
    return Request(desk.say(frames, course=desk.named(course), subject=subject, text=text))


@recipe("message_class")
def message_later(desk: EducationDesk) -> Request:
    course, day = desk.course().code, desk.day()
    subject, text = desk.notice(course)
    desk.call("message_class", course=course, subject=subject, text=text, send_on=day)
    frames = (
        "Have this sent to {course} {on}: subject '{subject}', text '{text}'",
        "Please schedule a message to {course} for delivery {on}. Subject '{subject}', text '{text}'",
        "{course}, to go out {on}: '{subject}' / '{text}'",
        "Not today but {on}, the class {course} should get '{text}' with the subject '{subject}'.",
        "Could '{text}' reach {course} {on}? The subject is '{subject}'.",
    )
    return Request(desk.say(frames, course=desk.named(course), on=desk.on(day), subject=subject, text=text))


@recipe("message_class")
def message_absent(desk: EducationDesk) -> Request:
    course, day = recorded(desk)
    subject, text = desk.notice(course)
    today = {"send_on": (desk.world.today,)}
    count = desk.call("message_class", today, course=course, subject=subject, text=text, absent_on=day)["recipients"]
    frames = (
        "Write only to those who were absent from {course} on {day}: '{subject}', '{text}' How many are they?",
        "Whoever missed {course} on {day} should get '{text}', subject '{subject}'. Tell me how many people that was.",
        "{course}, absent on {day} only: subject '{subject}', text '{text}'; number of recipients?",
        "Please message the students absent on {day} in {course} with the subject '{subject}' and the text '{text}' and count them for me.",
        "To the absentees of {day} in {course}, and nobody else: '{text}' Subject: '{subject}'. How many got it?",
    )
    said = {"course": course, "day": desk.dated(day), "subject": subject, "text": text}
    return Request(desk.say(frames, **said), f"It went to {count}.", number_answer(count))


@recipe("message_class", asks=True)
def message_to_whom(desk: EducationDesk) -> Request:
    course = desk.course().code
    subject, text = desk.notice(course)
    desk.ask("Which course is the message for?")
    desk.call("message_class", {"send_on": (desk.world.today,)}, course=course, subject=subject, text=text)
    frames = (
        "Send my class the message '{text}', subject '{subject}'.",
        "Please write to my students: subject '{subject}', text '{text}'",
        "message to the class, '{subject}': '{text}'",
        "Could you let the class know '{text}'? Title it '{subject}'.",
        "One of my courses has to read this: '{text}' The subject is '{subject}'.",
    )
    reply = desk.pick(("To {0}.", "It is for {0}.", "The course is {0}.", "{0}, please.")).format(desk.named(course))
    return Request(desk.say(frames, subject=subject, text=text), reply=reply)


# ---- several calls


@recipe("record_attendance", "message_class")
def record_and_message(desk: EducationDesk) -> Request:
    course, day = fresh_session(desk)
    subject, text = desk.notice(course)
    marks, orders, said_marks = marks_of(desk, course, ["absent"] * desk.number(1, 2))
    desk.call("record_attendance", {"marks": orders}, course=course, date=day, marks=marks)
    desk.call("message_class", {"send_on": (desk.world.today,)}, course=course, subject=subject, text=text, absent_on=day)
    frames = (
        "In {course} {when} {marks}, the others came. Record that, then write to those absent that day: '{subject}', '{text}'",
        "{course} {when}: {marks}, all others present. Enter it and afterwards send that day's absentees '{text}', subject '{subject}'.",
        "register {course} {when}: {marks}, rest present; then message only the absent of that day, '{subject}': '{text}'",
        "Please note for {course} {when} that {marks}, the rest being there, and then message just the absent: '{subject}', '{text}'",
    )
    return Request(desk.say(frames, course=course, when=desk.when(day), marks=said_marks, subject=subject, text=text))


@recipe("record_attendance", "summarize_attendance")
def record_and_rate(desk: EducationDesk) -> Request:
    course, day = fresh_session(desk)
    statuses: tuple[Presence, ...] = ("late", "absent")
    marks, _, said_marks = marks_of(desk, course, [desk.pick(statuses)])
    student = marks[0]["student_id"]
    desk.call("record_attendance", course=course, date=day, marks=marks)
    rate = desk.call("summarize_attendance", course=course, student_id=student)["rate"]
    frames = (
        "Record for {course} {when} that {marks}, everyone else present. What is the attendance rate of {student} then?",
        "{marks} in {course} {when}; the rest came. Save it, then give me the percentage that {student} attended in the course.",
        "{course} {when}: {marks}, rest present; new attendance rate of {student}?",
        "Please put in the register of {course} {when}: {marks}, all others came. After that, how many percent has {student} attended?",
    )
    said = {"course": course, "when": desk.when(day), "marks": said_marks, "student": student}
    return Request(desk.say(frames, **said), f"The rate is {rate} percent.", number_answer(rate))


@recipe("record_attendance", "summarize_attendance", "message_class")
def record_rate_message(desk: EducationDesk) -> Request:
    course, day = fresh_session(desk)
    marks, orders, said_marks = marks_of(desk, course, ["absent"])
    desk.call("record_attendance", {"marks": orders}, course=course, date=day, marks=marks)
    rate = desk.call("summarize_attendance", course=course)["rate"]
    today = {"send_on": (desk.world.today,)}
    desk.call("message_class", today, course=course, subject="Attendance", text=f"Attendance rate: {rate}")
    frames = (
        "In {course} {when} {marks}, the others came: record it. Then message the class its new rate as 'Attendance rate: N'.",
        "{course} {when}: {marks}, rest present. Enter that, get the rate of the class and message everybody 'Attendance rate: <rate>'.",
        "register {course} {when}: {marks}, others present; then the rate of the class; then message to all 'Attendance rate: <rate>'.",
        "Please record that {marks} in {course} {when} and all others came. Then write 'Attendance rate: <its new rate>' to the class.",
    )
    query = desk.say(frames, course=course, when=desk.when(day), marks=said_marks)
    return Request(f"{query} The subject is 'Attendance'.")
