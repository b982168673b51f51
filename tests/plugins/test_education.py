"""The college: what its tools compute and refuse, and that queries say what their calls need."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest

from envs.education import SCENARIO, Education
from envs.education.world import build, past_school_days
from envs.scenario.clock import days_after
from envs.scenario.wording import long_date, twelve_hours
from raytool.env import ASK_TO_USER, FINISH, ToolError
from raytool.records import Feedback, Task

READING = {
    "find_student", "find_course", "list_assignments", "compute_average", "summarize_grades", "list_lessons", "find_room", "find_book",
    "summarize_attendance", "convert_units", "create_citation", "analyze_text",
}  # fmt: skip


@cache
def sample() -> list[Task]:
    return list(itertools.islice(SCENARIO.sequence(seed=3), 300))


@pytest.fixture
def env() -> Education:
    return college(11)


def college(seed: int) -> Education:
    env = Education()
    env.world = build(np.random.default_rng(seed))
    return env


def test_there_are_twenty_six_tools_in_seven_areas() -> None:
    areas = [area for recipe in SCENARIO.recipes for area in recipe.areas(Education)]
    assert len(Education.tools) == 26 and len(set(areas)) == 7


# ---- the words of a task


def strings(value: Any) -> list[str]:
    """Every text in an argument, names of choices apart."""
    if isinstance(value, dict):
        return [text for name, entry in value.items() if name != "status" for text in strings(entry)]
    if isinstance(value, list | tuple):
        return [text for entry in value for text in strings(entry)]
    return [value] if isinstance(value, str) else []


def wordings(text: str) -> tuple[str, ...]:
    """A text as a query or an observation may put it."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        relative = (f"tomorrow (today is {days_after(text, -1)})", f"yesterday (today is {days_after(text, 1)})")
        return text, long_date(text), *relative
    if re.fullmatch(r"\d\d:\d\d", text):
        return text, twelve_hours(text)
    composed = re.fullmatch(r"(?:Please hand in|We meet in|Median:|Attendance rate:) (.+?)\.?", text)
    return text, *(composed.groups() if composed else ())


def test_queries_and_observations_say_every_text_and_date() -> None:
    choices = {
        tool: {name for name, schema in bound.spec.documented.items() if "enum" in json.dumps(schema)}
        for tool, bound in Education.tools.items()
    }
    for task in sample():
        env = Education()
        env.reset(options={"task": task})
        told = task.query
        for call in task.gold[0].calls:
            if call.name in Education.tools:
                texts = [
                    text for name, value in call.arguments.items() if name not in choices[call.name] - {"marks"} for text in strings(value)
                ]
                for text in texts:
                    assert any(wording in told for wording in wordings(text)), (task.query, call)
            told += env.execute(call.call)[0]


def test_no_goal_is_reached_without_the_last_change() -> None:
    for task in sample():
        calls = task.gold[0].calls
        changes = [call for call in calls if call.name in set(Education.tools) - READING]
        if not changes:
            continue
        env = Education()
        env.reset(options={"task": task})
        for call in calls[:-1]:
            if call is not changes[-1]:
                env.execute(call.call)
        assert env.goal_reached(calls[-1].arguments["answer"]) is False, task


def test_every_tool_and_every_length_is_asked_in_training() -> None:
    tasks = SCENARIO.tasks("train", 400)
    assert {call.name for task in tasks for call in task.gold[0].calls} == {
        *Education.tools,
        ASK_TO_USER.name,
        FINISH.name,
    } - SCENARIO.held_out
    assert {task.tags["calls"] for task in tasks} == set("012345")


def test_reading_tools_change_nothing() -> None:
    for task in sample():
        env = Education()
        env.reset(options={"task": task})
        for call in task.gold[0].calls[:-1]:
            before = env.world.state()
            env.execute(call.call)
            assert (env.world.state() == before) == (call.name in READING | {ASK_TO_USER.name}), call


# ---- errors


def student(env: Education, index: int = 0) -> str:
    return list(env.world.students)[index]


def course(env: Education, index: int = 0) -> str:
    return list(env.world.courses)[index]


def place(env: Education) -> dict[str, str]:
    """A student in a course."""
    code = course(env)
    return {"student_id": next(iter(env.world.enrolments[code])), "course": code}


def full(env: Education) -> dict[str, str]:
    """A full course, and a student who is not in it."""
    code = next(code for code, course in env.world.courses.items() if env.world.places_taken(code) == course.places)
    return {"student_id": next(one for one in env.world.students if one not in env.world.enrolments[code]), "course": code}


def debtor(env: Education) -> dict[str, str]:
    return {"student_id": max(env.world.owed, key=lambda one: env.world.owed[one])}


def free(env: Education) -> dict[str, str]:
    """A student who is not in the gradebook of a course."""
    code = course(env)
    return {"student_id": next(one for one in env.world.students if one not in env.world.gradebooks[code].scores), "course": code}


def graded(env: Education) -> dict[str, str]:
    code = course(env)
    return {"student_id": next(iter(env.world.gradebooks[code].scores)), "course": code}


def component(env: Education) -> str:
    return next(iter(env.world.gradebooks[course(env)].weights))


def assignment(env: Education, is_handed_in: bool) -> dict[str, str]:
    """An assignment that is not overdue, and a student who has handed it in, or has not."""
    pairs = ((item, one) for item in env.world.assignments.values() for one in env.world.students)
    item, one = next(pair for pair in pairs if (pair[1] in pair[0].submissions) == is_handed_in and pair[0].due >= env.world.today)
    return {"assignment_id": item.id, "student_id": one, "text": "Here it is."}


def quiz(env: Education, answers: int = 0) -> dict[str, Any]:
    quiz_id, found = next(iter(env.world.quizzes.items()))
    return {"quiz_id": quiz_id, "student_id": student(env), "answers": ["no idea"] * (answers or len(found.key))}


def loan(env: Education) -> dict[str, str]:
    book, borrower = next(iter(env.world.loans))
    return {"book_id": book, "student_id": borrower}


def session(env: Education) -> dict[str, Any]:
    """What it takes to record the attendance of today."""
    return {"course": course(env), "date": env.world.today, "marks": []}


def mark(env: Education) -> dict[str, str]:
    return {"student_id": env.world.registers[course(env)].students[0], "status": "late"}


def room(env: Education) -> str:
    return next(iter(env.world.rooms))


def taken(env: Education) -> dict[str, str]:
    booking = env.world.bookings[0]
    return {"room": booking.room, "date": booking.date, "start": booking.start}


def card(env: Education) -> dict[str, str]:
    deck, cards = next(iter(env.world.decks.items()))
    return {"deck": deck, "front": next(iter(cards)), "back": "an answer"}


BOOK = {"authors": ["Ana Silva"], "title": "Numbers", "year": 2001, "publisher": "Granary Press"}
ROOM = {"date": "2031-01-06", "start": "10:00"}
WORK = {"title": "Essay on nothing", "due": "2031-01-06"}
NOTE = {"subject": "News", "text": "Nothing new."}
ERRORS: dict[str, list[Callable[[Education], dict[str, Any]]]] = {
    "find_student": [
        lambda env: {"name": " "},
        lambda env: {"name": "Nobody Here"},
        lambda env: {"name": "a", "year": 5},
        lambda env: {"name": next(iter(env.world.students.values())).name.split()[1]},
    ],
    "find_course": [lambda env: {"level": "hard"}, lambda env: {"text": 1}],
    "enrol_student": [
        lambda env: {"student_id": "s1", "course": course(env)},
        lambda env: {"student_id": student(env), "course": "XYZ-100"},
        lambda env: place(env),
        lambda env: full(env),
        lambda env: {**full(env), "waitlist": True, "audit": True},
    ],
    "withdraw_student": [
        lambda env: {"student_id": "s1", "course": course(env)},
        lambda env: {"student_id": student(env), "course": "XYZ-100"},
        lambda env: full(env) | {"refund": "half"},
        lambda env: place(env) | {"refund": "double"},
    ],
    "award_scholarship": [
        lambda env: {"student_id": "s1", "name": "Grant", "amount": 10},
        lambda env: debtor(env) | {"name": "", "amount": 10},
        lambda env: debtor(env) | {"name": "Grant", "amount": 0},
        lambda env: debtor(env) | {"name": "Grant", "amount": 1e6},
        lambda env: debtor(env) | {"name": "Grant", "amount": float("nan")},
        lambda env: debtor(env) | {"name": "Grant", "amount": 101, "kind": "percent"},
    ],
    "create_assignment": [
        lambda env: {"course": "XYZ-100", **WORK},
        lambda env: {"course": course(env), **WORK, "title": ""},
        lambda env: {"course": course(env), **WORK, "title": next(iter(env.world.assignments.values())).title},
        lambda env: {"course": course(env), **WORK, "due": "2020-01-01"},
        lambda env: {"course": course(env), **WORK, "due": "soon"},
        lambda env: {"course": course(env), **WORK, "points": 0},
        lambda env: {"course": course(env), **WORK, "late_penalty": 101},
    ],
    "list_assignments": [
        lambda env: {"course": "XYZ-100"},
        lambda env: {"course": course(env), "due_by": "soon"},
        lambda env: {"course": course(env), "missing_from": "s1"},
    ],
    "submit_assignment": [
        lambda env: {**assignment(env, False), "assignment_id": "a1"},
        lambda env: {**assignment(env, False), "student_id": "s1"},
        lambda env: {**assignment(env, False), "text": " "},
        lambda env: {**assignment(env, False), "text": "a" * 20_001},
        lambda env: {**assignment(env, False), "date": days_after(env.world.today, 1)},
        lambda env: assignment(env, True),
    ],
    "grade_quiz": [
        lambda env: {**quiz(env), "quiz_id": "q1"},
        lambda env: {**quiz(env), "student_id": "s1"},
        lambda env: quiz(env, 9),
        lambda env: {**quiz(env), "wrong_costs": 2},
        lambda env: {**quiz(env), "spelling": "none"},
    ],
    "record_grade": [
        lambda env: {**graded(env), "course": "XYZ-100", "component": "final", "score": 50},
        lambda env: {**free(env), "component": "final", "score": 50},
        lambda env: {**graded(env), "component": "oral", "score": 50},
        lambda env: {**graded(env), "component": "final", "score": 100.5},
        lambda env: {**graded(env), "component": component(env), "score": 50},
    ],
    "compute_average": [
        lambda env: {**graded(env), "student_id": "s1"},
        lambda env: free(env),
        lambda env: {**graded(env), "assumed": [{"component": "oral", "score": 50}]},
        lambda env: {**graded(env), "assumed": [{"component": "final", "score": -1}]},
        lambda env: {**graded(env), "assumed": [{"component": "final", "points": 1, "score": 5}]},
    ],
    "summarize_grades": [
        lambda env: {"course": "XYZ-100"},
        lambda env: {"course": course(env), "component": "oral"},
        lambda env: {"course": course(env), "statistic": "mode"},
    ],
    "curve_grades": [
        lambda env: {"course": "XYZ-100", "component": "final"},
        lambda env: {"course": course(env), "component": "oral"},
        lambda env: {"course": course(env), "component": "final", "method": "add"},
        lambda env: {"course": course(env), "component": "final", "points": 5},
    ],
    "list_lessons": [
        lambda env: {"weekday": "Sunday"},
        lambda env: {"weekday": "Monday", "course": "XYZ-100"},
        lambda env: {"weekday": "Monday", "room": "Nowhere"},
    ],
    "find_room": [
        lambda env: {**ROOM, "date": "soon"},
        lambda env: {**ROOM, "start": "25:00"},
        lambda env: {**ROOM, "start": "21:30"},
        lambda env: {**ROOM, "minutes": 10},
        lambda env: {**ROOM, "seats": 0},
        lambda env: {**ROOM, "seats": 1000},
        lambda env: {**ROOM, "equipment": ["oven"]},
    ],
    "book_room": [
        lambda env: {**ROOM, "room": "Nowhere", "purpose": "Chess"},
        lambda env: {**ROOM, "room": room(env), "purpose": ""},
        lambda env: {**ROOM, "room": room(env), "purpose": "Chess", "weeks": 21},
        lambda env: {**ROOM, "room": room(env), "purpose": "Chess", "start": "06:00"},
        lambda env: {**taken(env), "purpose": "Chess"},
        lambda env: {**taken(env), "date": days_after(taken(env)["date"], -7), "purpose": "Chess", "weeks": 2},
    ],
    "find_book": [lambda env: {"text": " "}, lambda env: {"text": "a", "by": "year"}],
    "borrow_book": [
        lambda env: {"book_id": "b1", "student_id": student(env)},
        lambda env: {**loan(env), "student_id": "s1"},
        lambda env: loan(env),
        lambda env: {"book_id": next(iter(env.world.books)), "student_id": student(env), "days": 91},
        lambda env: {**loan(env), "book_id": next(book for book in env.world.books if book != loan(env)["book_id"])},
    ],
    "return_book": [
        lambda env: {**loan(env), "book_id": "b1"},
        lambda env: {**loan(env), "student_id": "s1"},
        lambda env: {
            **loan(env),
            "student_id": next(one for one in env.world.students if (loan(env)["book_id"], one) not in env.world.loans),
        },
    ],
    "record_attendance": [
        lambda env: {**session(env), "course": "XYZ-100"},
        lambda env: {**session(env), "date": days_after(env.world.today, 1)},
        lambda env: {**session(env), "date": next(iter(env.world.registers[course(env)].sessions))},
        lambda env: {**session(env), "marks": [{**mark(env), "student_id": "s1"}]},
        lambda env: {**session(env), "marks": [{**mark(env), **free(env)}]},
        lambda env: {**session(env), "marks": [{**mark(env), "student_id": free(env)["student_id"]}]},
        lambda env: {**session(env), "marks": [mark(env), mark(env)]},
        lambda env: {**session(env), "marks": [{**mark(env), "status": "asleep"}]},
    ],
    "summarize_attendance": [
        lambda env: {"course": "XYZ-100"},
        lambda env: free(env),
        lambda env: {"course": course(env), "since": "2031-01-06"},
        lambda env: {"course": course(env), "since": "May"},
    ],
    "message_class": [
        lambda env: {"course": "XYZ-100", **NOTE},
        lambda env: {"course": course(env), **NOTE, "subject": ""},
        lambda env: {"course": course(env), **NOTE, "text": " "},
        lambda env: {"course": course(env), **NOTE, "send_on": "2020-01-01"},
        lambda env: {"course": course(env), **NOTE, "absent_on": "2020-01-01"},
    ],
    "create_flash_card": [
        lambda env: {**card(env), "front": ""},
        lambda env: card(env),
        lambda env: {**card(env), "front": "an answer", "back": card(env)["front"], "reverse": True},
    ],
    "convert_units": [
        lambda env: {"value": 1, "from_unit": "km", "to_unit": "kg"},
        lambda env: {"value": 1, "from_unit": "km", "to_unit": "yd"},
        lambda env: {"value": -1, "from_unit": "K", "to_unit": "C"},
        lambda env: {"value": 1e13, "from_unit": "km", "to_unit": "m"},
        lambda env: {"value": 1, "from_unit": "km", "to_unit": "m", "digits": 7},
    ],
    "create_citation": [
        lambda env: {**BOOK, "authors": []},
        lambda env: {**BOOK, "authors": [" "]},
        lambda env: {**BOOK, "title": ""},
        lambda env: {**BOOK, "year": 20},
        lambda env: {**BOOK, "page": -3},
        lambda env: {**BOOK, "style": "bluebook"},
    ],
    "analyze_text": [lambda env: {"text": "..."}, lambda env: {"text": "Hello.", "measure": "mood"}],
}


@pytest.mark.parametrize(("name", "index"), [(name, index) for name, cases in ERRORS.items() for index in range(len(cases))])
def test_a_failing_call_says_so_and_changes_nothing(name: str, index: int) -> None:
    task = next(task for task in sample() if task.tags["calls"] == "1")
    for seed in (0, 1):
        env = Education()
        env.reset(options={"task": replace(task, tools=(*Education.tool_specs(), FINISH), seed=seed)})
        before = env.world.state()
        _, _, ended, _, info = env.step(json.dumps({"calls": [{"name": name, "arguments": ERRORS[name][index](env)}]}))
        (feedback,), (observation,) = info["feedback"], info["observations"]
        assert feedback in {Feedback.OTHER, Feedback.TOOL_CALL_FAILURE}, observation
        assert observation and "\n" not in observation and len(observation) < 400 and not ended
        assert feedback == Feedback.OTHER or f"{name}()" in observation, observation
        assert env.world.state() == before


def test_every_tool_has_an_error() -> None:
    assert set(ERRORS) == set(Education.tools)


# ---- what the tools compute and change


def test_a_namesake_is_found_by_year_and_a_full_name_wins(env: Education) -> None:
    first, second, *_ = env.world.students.values()
    last = first.name.split()[1]
    assert env.find_student(last, year=second.year)["id"] == second.id
    env.world.students[second.id] = replace(second, name=f"Jo{first.name.lower()}")
    assert env.find_student(first.name)["id"] == first.id


def test_courses_are_filtered_by_level_and_free_places(env: Education) -> None:
    assert env.find_course()["count"] == 6
    assert env.find_course(level="introductory")["count"] == env.find_course(level="advanced")["count"] == 3
    assert env.find_course(open_only=True)["count"] == 4
    code = full(env)["course"]
    assert env.find_course(code) == {"count": 1, "courses": [{**env.find_course(code)["courses"][0], "code": code, "free": 0}]}


def test_who_leaves_makes_room_for_the_first_who_waits(env: Education) -> None:
    wanted = full(env)
    code, newcomer = wanted["course"], wanted["student_id"]
    tuition, before = env.world.courses[code].tuition, env.world.owed[newcomer]
    assert env.enrol_student(**wanted, waitlist=True)["place"] == "waiting"
    while (first := next(one for one, kind in env.world.enrolments[code].items() if kind == "waiting")) != newcomer:
        env.withdraw_student(first, code)
    leaver = next(iter(env.world.enrolments[code]))
    owed = env.world.owed[leaver]
    assert env.withdraw_student(leaver, code, refund="half") == {"withdrawn": leaver, "owes": owed - tuition / 2, "moved_up": newcomer}
    assert env.world.enrolments[code][newcomer] == "credit" and env.world.owed[newcomer] == before + tuition


def test_auditing_is_free_and_a_scholarship_lowers_what_is_owed(env: Education) -> None:
    code = env.find_course(open_only=True)["courses"][0]["code"]
    newcomer = next(one for one in env.world.students if one not in env.world.enrolments[code])
    before = env.world.owed[newcomer]
    assert env.enrol_student(newcomer, code, audit=True)["owes"] == before
    one = debtor(env)["student_id"]
    owed = env.world.owed[one]
    assert env.award_scholarship(one, "Grant", 100) == {"awarded": 100, "owes": owed - 100}
    assert env.award_scholarship(one, "Prize", 50, kind="percent")["owes"] == (owed - 100) / 2
    with pytest.raises(ToolError, match="already"):
        env.award_scholarship(one, "Grant", 100)


def test_late_work_is_worth_less(env: Education) -> None:
    today, code = env.world.today, course(env)
    created = env.create_assignment(code, "Essay on lateness", today, points=40, late_penalty=25)["id"]
    assert env.submit_assignment(created, student(env), "In time.")["most_points"] == 40
    env.world.today = days_after(today, 2)
    expected = {"words": 3, "days_late": 2, "most_points": 20}
    assert env.submit_assignment(created, student(env, 1), "Two days late.") == expected
    assert env.submit_assignment(created, student(env, 2), "Found later.", date=days_after(today, 1))["most_points"] == 30
    env.world.today = days_after(today, 4)
    with pytest.raises(ToolError, match="too long ago"):
        env.submit_assignment(created, student(env, 3), "Four days late.")
    assert env.list_assignments(code, due_by=today, missing_from=student(env, 3))["assignments"][-1]["title"] == "Essay on lateness"


def test_a_quiz_is_graded_with_leniency_and_malus(env: Education) -> None:
    quiz_id = next(iter(env.world.quizzes))
    env.world.quizzes[quiz_id].key = (("Q1", "catalyst"), ("Q2", "sodium"), ("Q3", "helium"), ("Q4", "newton"))
    answers = ["Catalyst ", "sodum", "neon", ""]
    strict, lenient, costly = (student(env, index) for index in range(3))
    assert env.grade_quiz(quiz_id, strict, answers) == {"right": 1, "questions": 4, "percent": 25}
    assert env.grade_quiz(quiz_id, lenient, answers, spelling="lenient")["right"] == 2
    assert env.grade_quiz(quiz_id, costly, answers, spelling="lenient", wrong_costs=0.5)["percent"] == 37.5
    with pytest.raises(ToolError, match="already"):
        env.grade_quiz(quiz_id, strict, answers)


@pytest.fixture
def graded_course(env: Education) -> tuple[str, list[str]]:
    """A course with three students and round scores."""
    code = course(env)
    book = env.world.gradebooks[code]
    ids = list(book.scores)[:3]
    book.weights = {"homework": 20, "midterm": 30, "final": 50}
    values = {"homework": 80.0, "midterm": 60.0}, {"homework": 64.0, "midterm": 70.0, "final": 50.0}, {"homework": 36.0, "midterm": 95.0}
    book.scores = dict(zip(ids, values, strict=True))
    return code, ids


def test_averages_are_weighted_over_what_is_graded(env: Education, graded_course: tuple[str, list[str]]) -> None:
    code, (one, two, _) = graded_course
    assert env.compute_average(one, code) == {"average": 68, "letter": "D"}
    assert env.compute_average(two, code) == {"average": 58.8, "letter": "F"}
    assert env.compute_average(two, code, drop_lowest=True) == {"average": 67.6, "letter": "D"}
    assert env.compute_average(one, code, assumed=({"component": "final", "score": 98},)) == {"average": 83, "letter": "B"}
    env.record_grade(one, code, "final", 40)
    assert env.compute_average(one, code)["average"] == 54
    assert env.record_grade(one, code, "final", 60, replace=True) == {"component": "final", "old": 40, "new": 60}


def test_statistics_of_a_class(env: Education, graded_course: tuple[str, list[str]]) -> None:
    code, _ = graded_course
    expected = {"mean": 60, "median": 64, "stdev": 22.27, "min": 36, "max": 80, "pass_rate": 66.67}
    for statistic, value in expected.items():
        assert env.summarize_grades(code, "homework", statistic) == {statistic: value, "count": 3}  # type: ignore[arg-type]
    assert env.summarize_grades(code)["mean"] == pytest.approx((68 + 58.8 + 71.4) / 3, abs=0.01)


def test_curves(env: Education, graded_course: tuple[str, list[str]]) -> None:
    code, (one, _, three) = graded_course
    scores = env.world.gradebooks[code].scores
    assert env.curve_grades(code, "homework") == {"changed": 3, "mean": 75}
    assert (scores[one]["homework"], scores[three]["homework"]) == (100, 45)
    with pytest.raises(ToolError, match="no score"):
        env.curve_grades(code, "homework")
    env.curve_grades(code, "midterm", method="add", points=10)
    assert (scores[one]["midterm"], scores[three]["midterm"]) == (70, 100)
    env.curve_grades(code, "homework", method="root")
    assert scores[three]["homework"] == 67.1


def test_rooms_are_taken_by_lessons_and_bookings(env: Education) -> None:
    lesson = env.world.lessons[0]
    day = next(
        day for day in (days_after("2031-01-06", ago) for ago in range(7)) if date.fromisoformat(day).strftime("%A") == lesson.weekday
    )
    with pytest.raises(ToolError, match=lesson.course):
        env.book_room(lesson.room, day, lesson.start, "Chess club")
    smallest, second = sorted(env.world.rooms.values(), key=lambda room: room.seats)[:2]
    env.world.lessons.clear()
    assert env.find_room(day, "10:00")["room"] == smallest.name
    assert env.find_room(day, "10:00", seats=smallest.seats + 1)["room"] == second.name
    assert env.book_room(smallest.name, day, "10:00", "Chess club", weeks=3)["last"] == days_after(day, 14)
    assert env.find_room(days_after(day, 7), "10:59") == {"room": second.name, "seats": second.seats}
    assert env.find_room(days_after(day, 7), "11:00")["room"] == smallest.name


def test_lessons_are_listed_by_course_and_room(env: Education) -> None:
    lesson = env.world.lessons[0]
    shown = {"start": lesson.start, "course": lesson.course, "room": lesson.room}
    assert env.list_lessons(lesson.weekday)["lessons"][0] == shown
    assert shown in env.list_lessons(lesson.weekday, course=lesson.course, room=lesson.room)["lessons"]


def test_a_loan_ends_with_a_fine(env: Education) -> None:
    book = next(iter(env.world.books.values()))
    env.world.loans = {(book.id, student(env, index)): days_after(env.world.today, -ago) for index, ago in enumerate((0, 3, 365))}
    fines = [env.return_book(book.id, student(env, index))["fine"] for index in range(3)]
    assert fines == [0, 0.75, 5]
    assert env.world.fines == {student(env, 1): 0.75, student(env, 2): 5}
    assert env.borrow_book(book.id, student(env), days=7) == {"title": book.title, "due": days_after(env.world.today, 7)}
    assert env.return_book(book.id, student(env), damaged=True)["fine"] == book.price


def test_nobody_borrows_too_much(env: Education) -> None:
    env.world.loans.clear()
    books = list(env.world.books)
    for book in books[:3]:
        env.borrow_book(book, student(env))
    with pytest.raises(ToolError, match="no more"):
        env.borrow_book(books[3], student(env))
    env.world.loans = {(books[4], str(index)): "2031-01-06" for index in range(env.world.books[books[4]].copies)}
    with pytest.raises(ToolError, match="no copy"):
        env.borrow_book(books[4], student(env))
    assert env.find_book(env.world.books[books[4]].title, by="title", available=True)["count"] == 0


def test_attendance_is_recorded_summarized_and_told(env: Education) -> None:
    code, today = course(env), env.world.today
    register = env.world.registers[code]
    register.sessions.clear()
    one, two, three, *others = register.students
    marks: Any = [
        {"student_id": one, "status": "absent"},
        {"student_id": two, "status": "late"},
        {"student_id": three, "status": "excused"},
    ]
    counts = env.record_attendance(code, today, marks)
    assert counts == {"absent": 1, "late": 1, "excused": 1, "present": len(others)}
    env.record_attendance(code, days_after(today, -1), [{"student_id": one, "status": "present"}], others="absent")
    assert env.summarize_attendance(code, one) == {"present": 1, "late": 0, "absent": 1, "excused": 0, "rate": 50}
    assert env.summarize_attendance(code, two, since=today)["rate"] == 100
    with pytest.raises(ToolError, match="nothing|no attendance"):
        env.summarize_attendance(code, three, since=today)
    assert env.message_class(code, "News", "You were missed.", absent_on=today) == {"recipients": 1, "send_on": today}
    assert env.message_class(code, "News", "Later.", send_on=days_after(today, 1))["recipients"] == len(register.students)
    assert env.world.messages[0].recipients == (one,)


def test_cards_go_both_ways(env: Education) -> None:
    assert env.create_flash_card("Verbs", "ir", "to go", reverse=True) == {"deck": "Verbs", "cards": 2}
    assert env.create_flash_card("Verbs", "ser", "to be")["cards"] == 3
    assert env.world.decks["Verbs"]["to go"] == "ir"


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (1, "mi", "km", 1.61),
        (12, "in", "ft", 1),
        (100, "C", "F", 212),
        (-40, "F", "C", -40),
        (2, "gal", "l", 7.57),
        (500, "kcal", "kJ", 2092),
    ],
)
def test_conversions(env: Education, value: float, source: Any, target: Any, expected: float) -> None:
    assert env.convert_units(value, source, target) == {"value": expected}


def test_citations(env: Education) -> None:
    one, two = ["Ana Maria Silva"], ["Ana Silva", "Ben Kim"]
    rest: Any = {"title": "Numbers", "year": 2001, "publisher": "Granary Press"}
    expected = {
        "apa": "Silva, A., & Kim, B. (2001). Numbers. Granary Press.",
        "mla": "Silva, Ana, and Ben Kim. Numbers. Granary Press, 2001.",
        "chicago": "Silva, Ana, and Ben Kim. 2001. Numbers. Granary Press.",
    }
    for style, citation in expected.items():
        assert env.create_citation(two, **rest, style=style) == {"citation": citation}  # type: ignore[arg-type]
    assert env.create_citation(one, **rest)["citation"].startswith("Silva, A. M. (2001)")
    assert env.create_citation([*two, "Cy Lee"], **rest, style="mla")["citation"].startswith("Silva, Ana, et al. Numbers.")
    assert env.create_citation([*two, "Cy Lee"], **rest, page=7) == {"citation": "(Silva et al., 2001, p. 7)"}
    assert env.create_citation(two, **rest, style="mla", page=7) == {"citation": "(Silva and Kim 7)"}
    assert env.create_citation(two, **rest, style="chicago", page=7) == {"citation": "(Silva and Kim 2001, 7)"}


def test_texts_are_measured(env: Education) -> None:
    text = "The cat sat on the table. It was happy!"
    expected = {"words": 9, "sentences": 2, "syllables": 11, "reading_ease": 98.9, "grade_level": 0.6}
    for measure, value in expected.items():
        assert env.analyze_text(text, measure) == {measure: value}  # type: ignore[arg-type]


def test_past_school_days_skip_weekends() -> None:
    assert past_school_days("2026-03-09", 6) == ["2026-03-06", "2026-03-05", "2026-03-04", "2026-03-03", "2026-03-02", "2026-02-27"]


# ---- weak versions

WIDE = {  # arguments of each tool with everything said that a weak version takes
    "find_student": lambda env: {"name": list(env.world.students.values())[2].name},
    "find_course": lambda env: {"text": course(env)},
    "enrol_student": lambda env: next(
        {"student_id": one, "course": code}
        for code, found in env.world.courses.items()
        for one in env.world.students
        if env.world.places_taken(code) < found.places and one not in env.world.enrolments[code]
    ),
    "withdraw_student": place,
    "award_scholarship": lambda env: {**debtor(env), "name": "Grant", "amount": 10},
    "create_assignment": lambda env: {"course": course(env), **WORK},
    "list_assignments": lambda env: {"course": course(env)},
    "submit_assignment": lambda env: assignment(env, False),
    "grade_quiz": quiz,
    "record_grade": lambda env: {**graded(env), "component": "final", "score": 77},
    "compute_average": graded,
    "summarize_grades": lambda env: {"course": course(env)},
    "curve_grades": lambda env: {"course": course(env), "component": component(env)},
    "list_lessons": lambda env: {"weekday": "Monday"},
    "find_room": lambda env: ROOM,
    "book_room": lambda env: {**ROOM, "start": "20:00", "room": room(env), "purpose": "Chess"},
    "find_book": lambda env: {"text": "a"},
    "borrow_book": lambda env: next(
        {"book_id": book.id, "student_id": one}
        for book in env.world.books.values()
        for one in env.world.students
        if env.world.copies_in(book) and all(borrower != one for _, borrower in env.world.loans)
    ),
    "return_book": loan,
    "record_attendance": lambda env: {**session(env), "marks": [mark(env)]},
    "summarize_attendance": lambda env: {"course": course(env)},
    "message_class": lambda env: {"course": course(env), **NOTE},
    "create_flash_card": lambda env: {"deck": "Verbs", "front": "ir", "back": "to go"},
    "convert_units": lambda env: {"value": 3, "from_unit": "km", "to_unit": "mi"},
    "create_citation": lambda env: BOOK,
    "analyze_text": lambda env: {"text": "One, two. Three!"},
}


@pytest.mark.parametrize("name", list(Education.tools))
def test_a_weak_tool_does_what_the_strong_one_does_by_default(name: str) -> None:
    strong, weak = college(5), college(5)
    arguments = WIDE[name](strong)
    assert set(arguments) == set(Education.weak_tools[name].spec.documented)
    assert getattr(weak, Education.weak_tools[name].spec.name)(**arguments) == getattr(strong, name)(**arguments)
    assert weak.world.state() == strong.world.state()
    assert (strong.world.state() == college(5).world.state()) == (name in READING)
