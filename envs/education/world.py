"""The state of a college: people, courses, coursework, grades, rooms, the library, registers and study material.

Dates are "YYYY-MM-DD", times of day "HH:MM". A world is a function of the generator it is built with and of the calls
made on it since; it knows no clock of its own, only its `today`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, get_args

import numpy as np

from envs.education import vocabulary as words
from envs.scenario import names
from envs.scenario.choice import pick, several
from envs.scenario.clock import days_after, minutes_since_midnight, time_of_day, working_days

Place = Literal["credit", "audit", "waiting"]
Presence = Literal["present", "late", "absent", "excused"]
Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
Equipment = Literal["projector", "computers", "piano", "whiteboard"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
EQUIPMENT: tuple[Equipment, ...] = get_args(Equipment)
TUITION = 150  # for each credit


@dataclass(frozen=True)
class Student:
    id: str
    name: str
    year: int
    email: str


@dataclass(frozen=True)
class Course:
    code: str
    title: str
    teacher: str
    credits: int
    places: int

    @property
    def tuition(self) -> int:
        return self.credits * TUITION

    @property
    def is_advanced(self) -> bool:
        return self.code[-3] >= "3"


@dataclass
class Assignment:
    id: str
    course: str
    title: str
    due: str
    points: float = 100
    late_penalty: float = 0  # percent of the points for each day
    submissions: dict[str, tuple[str, str]] = field(default_factory=dict)  # (text, date) by student id


@dataclass
class Quiz:
    id: str
    course: str
    title: str
    key: tuple[tuple[str, str], ...]  # (question, answer)
    results: dict[str, float] = field(default_factory=dict)  # percent by student id


@dataclass
class Gradebook:
    """What the parts of a course weigh, and each student's scores of 0 to 100 in those that are graded."""

    weights: dict[str, int]
    scores: dict[str, dict[str, float]]


@dataclass(frozen=True)
class Room:
    name: str
    seats: int
    equipment: tuple[Equipment, ...]


@dataclass(frozen=True)
class Lesson:
    """One hour of a course, every week."""

    weekday: Weekday
    start: str
    course: str
    room: str


@dataclass(frozen=True)
class Booking:
    room: str
    date: str
    start: str
    minutes: int
    purpose: str


@dataclass(frozen=True)
class Book:
    id: str
    title: str
    author: str
    year: int
    publisher: str
    subject: str
    copies: int
    price: int


@dataclass(frozen=True)
class Message:
    course: str
    subject: str
    text: str
    send_on: str
    recipients: tuple[str, ...]


@dataclass
class Register:
    """Who is on the list of a course, and who was there, by date and student id."""

    students: tuple[str, ...]
    sessions: dict[str, dict[str, Presence]] = field(default_factory=dict)


@dataclass
class World:
    """A college. Each of its areas keeps records of its own: to withdraw from a course does not erase a grade."""

    today: str
    students: dict[str, Student]
    courses: dict[str, Course]
    rooms: dict[str, Room]
    books: dict[str, Book]
    lessons: list[Lesson]
    enrolments: dict[str, dict[str, Place]]  # student ids by course; who waits does so in order of entry
    owed: dict[str, float]
    scholarships: dict[tuple[str, str], float] = field(default_factory=dict)  # by student id and name
    assignments: dict[str, Assignment] = field(default_factory=dict)
    quizzes: dict[str, Quiz] = field(default_factory=dict)
    gradebooks: dict[str, Gradebook] = field(default_factory=dict)
    bookings: list[Booking] = field(default_factory=list)
    loans: dict[tuple[str, str], str] = field(default_factory=dict)  # due date by book and student id
    fines: dict[str, float] = field(default_factory=dict)
    registers: dict[str, Register] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    decks: dict[str, dict[str, str]] = field(default_factory=dict)  # the backs of cards by their fronts
    next_assignment: int = 1

    def new_assignment_id(self) -> str:
        """An id that no assignment of this world ever had."""
        self.next_assignment += 1
        return f"a{self.next_assignment - 1}"

    def places_taken(self, course: str) -> int:
        return sum(place != "waiting" for place in self.enrolments[course].values())

    def copies_in(self, book: Book) -> int:
        return book.copies - sum(book_id == book.id for book_id, _ in self.loans)

    def occupant(self, room: str, day: str, start: str, minutes: int) -> str:
        """What takes place in a room during some of that time, by name; empty where the room is free."""
        begin = minutes_since_midnight(start)
        weekday = date.fromisoformat(day).weekday()
        taken = [(entry.start, entry.minutes, entry.purpose) for entry in self.bookings if (entry.room, entry.date) == (room, day)]
        if weekday < len(WEEKDAYS):
            here = (lesson for lesson in self.lessons if (lesson.room, lesson.weekday) == (room, WEEKDAYS[weekday]))
            taken += [(lesson.start, 60, lesson.course) for lesson in here]
        for other_start, length, name in taken:
            other = minutes_since_midnight(other_start)
            if other < begin + minutes and begin < other + length:
                return name
        return ""

    def state(self) -> dict[str, Any]:
        """All that people would see, as plain values. Ids that tools hand out are left out: they are handles, not content."""
        return {
            "enrolments": {
                course: {
                    "enrolled": sorted([student, place] for student, place in places.items() if place != "waiting"),
                    "waiting": [student for student, place in places.items() if place == "waiting"],
                }
                for course, places in self.enrolments.items()
            },
            "owed": dict(self.owed),
            "scholarships": sorted([*key, amount] for key, amount in self.scholarships.items()),
            "assignments": sorted(
                [
                    item.course,
                    item.title,
                    item.due,
                    item.points,
                    item.late_penalty,
                    sorted([key, *value] for key, value in item.submissions.items()),
                ]
                for item in self.assignments.values()
            ),
            "quizzes": sorted([quiz.course, quiz.title, sorted(map(list, quiz.results.items()))] for quiz in self.quizzes.values()),
            "grades": {
                course: {student: dict(scores) for student, scores in book.scores.items()} for course, book in self.gradebooks.items()
            },
            "bookings": sorted([entry.date, entry.start, entry.minutes, entry.room, entry.purpose] for entry in self.bookings),
            "loans": sorted([*key, due] for key, due in self.loans.items()),
            "fines": dict(self.fines),
            "attendance": {
                course: {day: dict(marks) for day, marks in register.sessions.items()} for course, register in self.registers.items()
            },
            "messages": sorted([sent.course, sent.subject, sent.text, sent.send_on, sorted(sent.recipients)] for sent in self.messages),
            "decks": {deck: dict(cards) for deck, cards in self.decks.items()},
        }


def build(random: np.random.Generator) -> World:
    """A small college with something of everything, and enough of it to ask about."""
    today = days_after("2025-01-06", int(random.integers(0, 104)) * 7 + int(random.integers(0, 5)))
    students = _students(random)
    courses = _courses(random)
    rooms = _rooms(random)
    enrolments, owed = _enrolments(random, students, courses)
    world = World(today, students, courses, rooms, _books(random, courses), _lessons(random, courses, rooms), enrolments, owed)
    _fill_coursework(world, random)
    _fill_grades(world, random)
    _fill_bookings(world, random)
    _fill_loans(world, random)
    _fill_registers(world, random)
    _fill_study(world, random)
    return world


def past_school_days(today: str, count: int) -> list[str]:
    """The last days from Monday to Friday before `today`, the latest first."""
    days = (days_after(today, -ago) for ago in range(1, 2 * count + 3))
    return [day for day in days if date.fromisoformat(day).weekday() < len(WEEKDAYS)][:count]


def _students(random: np.random.Generator) -> dict[str, Student]:
    """Twelve, of whom the first two share their last name but no year."""
    firsts, lasts = several(random, names.FIRST_NAMES, 12), several(random, names.LAST_NAMES, 11)
    numbers = several(random, range(1000, 3000), 12)
    years = random.integers(1, 5, size=12).tolist()
    years[1] = years[0] % 4 + 1
    students = {}
    for first, last, number, year in zip(firsts, (lasts[0], *lasts), numbers, years, strict=True):
        students[f"s{number}"] = Student(f"s{number}", f"{first} {last}", year, f"{first}.{last}@college.edu".lower())
    return students


def _courses(random: np.random.Generator) -> dict[str, Course]:
    """Six, each of a subject and a teacher of its own."""
    courses = {}
    firsts, lasts = several(random, names.FIRST_NAMES, 6), several(random, names.LAST_NAMES, 6)
    levels = [1, 1, 2, 3, 3, 4]
    for prefix, first, last, level in zip(several(random, tuple(words.SUBJECTS), 6), firsts, lasts, levels, strict=True):
        code = f"{prefix}-{level}{int(random.integers(0, 10))}0"
        title = pick(random, words.SUBJECTS[prefix].courses)
        courses[code] = Course(code, title, f"{first} {last}", int(random.integers(2, 6)), int(random.integers(7, 10)))
    return courses


def _enrolments(
    random: np.random.Generator, students: dict[str, Student], courses: dict[str, Course]
) -> tuple[dict[str, dict[str, Place]], dict[str, float]]:
    """Who takes which course, and what each student owes for it. Two of the courses are full, and somebody waits for one of them."""
    enrolments: dict[str, dict[str, Place]] = {}
    owed = dict.fromkeys(students, 0.0)
    full = several(random, list(courses), 2)
    for code, course in courses.items():
        order = several(random, list(students), len(students))
        count = course.places if code in full else int(random.integers(5, course.places))
        places: dict[str, Place] = dict.fromkeys(order[:count], "credit")
        if code == full[0]:
            places[order[count]] = "waiting"
        elif code not in full:
            places[order[count - 1]] = "audit"
        enrolments[code] = places
        for student, place in places.items():
            owed[student] += course.tuition if place == "credit" else 0
    for student, share in zip(students, random.integers(0, 3, size=len(students)).tolist(), strict=True):
        owed[student] -= owed[student] * share // 4
    return enrolments, owed


def _rooms(random: np.random.Generator) -> dict[str, Room]:
    """Six rooms with different numbers of seats."""
    seats = sorted(several(random, range(8, 120, 4), 6))
    chosen = several(random, words.ROOMS, 6)
    return {
        name: Room(name, count, tuple(item for item in EQUIPMENT if random.random() < 0.5))
        for name, count in zip(chosen, seats, strict=True)
    }


def _lessons(random: np.random.Generator, courses: dict[str, Course], rooms: dict[str, Room]) -> list[Lesson]:
    """Two lessons a week for each course, no two at the same hour of a day."""
    hours = several(random, [(weekday, hour) for weekday in WEEKDAYS for hour in range(8, 16)], 2 * len(courses))
    lessons = [
        Lesson(weekday, time_of_day(hour * 60), course, pick(random, list(rooms)))
        for (weekday, hour), course in zip(hours, [*courses, *courses], strict=True)
    ]
    return sorted(lessons, key=lambda lesson: (WEEKDAYS.index(lesson.weekday), lesson.start))


def _books(random: np.random.Generator, courses: dict[str, Course]) -> dict[str, Book]:
    titles = [(title, words.SUBJECTS[code[:3]].name) for code in courses for title in several(random, words.SUBJECTS[code[:3]].books, 2)]
    firsts, lasts = several(random, names.FIRST_NAMES, len(titles)), several(random, names.LAST_NAMES, len(titles))
    numbers = several(random, range(100, 1000), len(titles))
    books = {}
    for (title, subject), first, last, number in zip(titles, firsts, lasts, numbers, strict=True):
        year, copies, price = (int(random.integers(*bounds)) for bounds in ((1962, 2025), (1, 4), (12, 80)))
        books[f"b{number}"] = Book(f"b{number}", title, f"{first} {last}", year, pick(random, words.PUBLISHERS), subject, copies, price)
    return books


def _fill_coursework(world: World, random: np.random.Generator) -> None:
    world.next_assignment = int(random.integers(100, 900))
    deadlines = [days_after(world.today, -6), days_after(world.today, -2), *working_days(world.today)]
    last_week = days_after(world.today, -7)
    for code in world.courses:
        topics = several(random, words.SUBJECTS[code[:3]].topics, 3)
        for topic, due in zip(topics, several(random, deadlines, 3), strict=True):
            title = pick(random, words.TASKS).format(topic=topic)
            points, penalty = pick(random, (20, 50, 100)), pick(random, (0, 0, 5, 10))
            assignment = Assignment(world.new_assignment_id(), code, title, due, points, penalty)
            for student in several(random, list(world.students), int(random.integers(0, 3))):
                assignment.submissions[student] = pick(random, words.WORKS).format(topic=topic), last_week
            world.assignments[assignment.id] = assignment
    for number, code in zip(several(random, range(100, 1000), 3), several(random, list(world.courses), 3), strict=True):
        subject = words.SUBJECTS[code[:3]]
        title = f"Quiz on {pick(random, subject.topics)}"
        world.quizzes[f"q{number}"] = Quiz(f"q{number}", code, title, tuple(several(random, subject.facts, int(random.integers(3, 6)))))


def _fill_grades(world: World, random: np.random.Generator) -> None:
    """Every part but the final is graded for all; the final for two students less. No score is 100, so that a curve has room."""
    for code, places in world.enrolments.items():
        weights = dict(pick(random, words.WEIGHTS))
        students = [student for student, place in places.items() if place == "credit"]
        scores = random.integers(42, 99, size=(len(students), len(weights))).tolist()
        book = {student: dict(zip(weights, map(float, row), strict=True)) for student, row in zip(students, scores, strict=True)}
        for student in students[:2]:
            del book[student]["final"]
        world.gradebooks[code] = Gradebook(weights, book)


def _fill_bookings(world: World, random: np.random.Generator) -> None:
    for purpose, day in zip(several(random, words.PURPOSES, 4), several(random, working_days(world.today), 4), strict=True):
        room, start = pick(random, list(world.rooms)), time_of_day(int(random.integers(16, 19)) * 60)
        world.bookings.append(Booking(room, day, start, pick(random, (60, 90, 120)), purpose))


def _fill_loans(world: World, random: np.random.Generator) -> None:
    """Five loans of different people, two of them overdue."""
    students = several(random, list(world.students), 5)
    for book, student, overdue in zip(several(random, list(world.books), 5), students, (True, True, False, False, False), strict=True):
        days = -int(random.integers(2, 30)) if overdue else int(random.integers(1, 14))
        world.loans[book, student] = days_after(world.today, days)


def _fill_registers(world: World, random: np.random.Generator) -> None:
    states: tuple[Presence, ...] = ("present", "present", "present", "present", "late", "absent", "absent", "excused")
    past = past_school_days(world.today, 20)
    for code, places in world.enrolments.items():
        students = tuple(sorted(student for student, place in places.items() if place == "credit"))
        register = Register(students)
        for day in sorted(several(random, past, 4)):
            drawn = random.integers(0, len(states), size=len(students)).tolist()
            register.sessions[day] = {student: states[index] for student, index in zip(students, drawn, strict=True)}
        world.registers[code] = register


def _fill_study(world: World, random: np.random.Generator) -> None:
    for prefix in several(random, tuple(words.SUBJECTS), 2):
        subject = words.SUBJECTS[prefix]
        world.decks[subject.name.capitalize()] = dict(several(random, subject.facts, 2))
