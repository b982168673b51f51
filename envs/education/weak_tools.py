"""A narrower version of every tool: fewer parameters, and the defaults of the tool for the rest."""

from __future__ import annotations

from typing import Any

from envs.education.areas.classroom import Classroom, Mark
from envs.education.areas.coursework import Coursework
from envs.education.areas.grades import Grades
from envs.education.areas.library import Library
from envs.education.areas.registry import Registry
from envs.education.areas.study import Study, Unit
from envs.education.areas.timetable import Timetable
from envs.education.world import Weekday
from raytool.env import tool


class SimpleRegistry(Registry):
    """The registry, with its tools narrowed beside them."""

    @tool(weaker_than="find_student")
    def lookup_student(self, name: str) -> dict[str, Any]:
        """Look up a student by a name that no other student has.

        Args:
            name: full name or part of it
        """
        return self.find_student(name)

    @tool(weaker_than="find_course")
    def search_courses(self, text: str = "") -> dict[str, Any]:
        """Find courses of any level, full or not, by code, title or teacher.

        Args:
            text: words to look for, default all courses
        """
        return self.find_course(text)

    @tool(weaker_than="enrol_student")
    def add_to_course(self, student_id: str, course: str) -> dict[str, Any]:
        """Enrol a student for credit in a course that has a free place.

        Args:
            student_id: e.g. s1234
            course: code, e.g. BIO-140
        """
        return self.enrol_student(student_id, course)

    @tool(weaker_than="withdraw_student")
    def drop_course(self, student_id: str, course: str) -> dict[str, Any]:
        """Take a student out of a course and give all the tuition back.

        Args:
            student_id: e.g. s1234
            course: code, e.g. BIO-140
        """
        return self.withdraw_student(student_id, course)

    @tool(weaker_than="award_scholarship")
    def grant_scholarship(self, student_id: str, name: str, amount: float) -> dict[str, float]:
        """Award a scholarship of a fixed amount of money.

        Args:
            student_id: e.g. s1234
            name: of the scholarship
            amount: money
        """
        return self.award_scholarship(student_id, name, amount)


class SimpleCoursework(Coursework):
    """Coursework, with its tools narrowed beside them."""

    @tool(weaker_than="create_assignment")
    def new_assignment(self, course: str, title: str, due: str) -> dict[str, str]:
        """Set an assignment of 100 points without a penalty for late work.

        Args:
            course: code, e.g. BIO-140
            title: name of the assignment
            due: YYYY-MM-DD
        """
        return self.create_assignment(course, title, due)

    @tool(weaker_than="list_assignments")
    def show_assignments(self, course: str) -> dict[str, Any]:
        """List all assignments of a course by due date.

        Args:
            course: code, e.g. BIO-140
        """
        return self.list_assignments(course)

    @tool(weaker_than="submit_assignment")
    def hand_in_today(self, assignment_id: str, student_id: str, text: str) -> dict[str, float]:
        """Hand in a student's work as of today.

        Args:
            assignment_id: e.g. a123
            student_id: e.g. s1234
            text: the work
        """
        return self.submit_assignment(assignment_id, student_id, text)

    @tool(weaker_than="grade_quiz")
    def mark_quiz(self, quiz_id: str, student_id: str, answers: list[str]) -> dict[str, Any]:
        """Check a student's answers to a quiz letter by letter and record the result.

        Args:
            quiz_id: e.g. q123
            student_id: e.g. s1234
            answers: one for each question, in order; empty for none
        """
        return self.grade_quiz(quiz_id, student_id, answers)


class SimpleGrades(Grades):
    """Grades, with their tools narrowed beside them."""

    @tool(weaker_than="record_grade")
    def enter_new_grade(self, student_id: str, course: str, component: str, score: float) -> dict[str, Any]:
        """Enter a score of a student where none is there yet.

        Args:
            student_id: e.g. s1234
            course: code, e.g. BIO-140
            component: part of the course, e.g. final
            score: 0 to 100
        """
        return self.record_grade(student_id, course, component, score)

    @tool(weaker_than="compute_average")
    def student_average(self, student_id: str, course: str) -> dict[str, float | str]:
        """Compute one student's weighted average over all scores that are there.

        Args:
            student_id: e.g. s1234
            course: code, e.g. BIO-140
        """
        return self.compute_average(student_id, course)

    @tool(weaker_than="summarize_grades")
    def class_mean(self, course: str) -> dict[str, float]:
        """Compute the mean of the weighted totals of a class.

        Args:
            course: code, e.g. BIO-140
        """
        return self.summarize_grades(course)

    @tool(weaker_than="curve_grades")
    def scale_grades(self, course: str, component: str) -> dict[str, float]:
        """Scale the scores of a class in one component so that the best becomes 100.

        Args:
            course: code, e.g. BIO-140
            component: part of the course, e.g. final
        """
        return self.curve_grades(course, component)


class SimpleTimetable(Timetable):
    """The timetable, with its tools narrowed beside them."""

    @tool(weaker_than="list_lessons")
    def show_weekday(self, weekday: Weekday) -> dict[str, Any]:
        """List the regular lessons of a weekday, of all courses and in all rooms.

        Args:
            weekday: day of the week
        """
        return self.list_lessons(weekday)

    @tool(weaker_than="find_room")
    def any_free_room(self, date: str, start: str) -> dict[str, Any]:
        """Find the smallest room of any kind that is free for an hour.

        Args:
            date: YYYY-MM-DD
            start: HH:MM
        """
        return self.find_room(date, start)

    @tool(weaker_than="book_room")
    def reserve_hour(self, room: str, date: str, start: str, purpose: str) -> dict[str, Any]:
        """Book a room once for an hour.

        Args:
            room: name
            date: YYYY-MM-DD
            start: HH:MM
            purpose: what for
        """
        return self.book_room(room, date, start, purpose)


class SimpleLibrary(Library):
    """The library, with its tools narrowed beside them."""

    @tool(weaker_than="find_book")
    def search_library(self, text: str) -> dict[str, Any]:
        """Search title, author and subject of all books of the library, lent out or not.

        Args:
            text: words to look for
        """
        return self.find_book(text)

    @tool(weaker_than="borrow_book")
    def lend_two_weeks(self, book_id: str, student_id: str) -> dict[str, str]:
        """Lend a book to a student for two weeks.

        Args:
            book_id: e.g. b123
            student_id: e.g. s1234
        """
        return self.borrow_book(book_id, student_id)

    @tool(weaker_than="return_book")
    def check_in_book(self, book_id: str, student_id: str) -> dict[str, Any]:
        """Take an undamaged book back from a student and charge any fine.

        Args:
            book_id: e.g. b123
            student_id: e.g. s1234
        """
        return self.return_book(book_id, student_id)


class SimpleClassroom(Classroom):
    """The classroom, with its tools narrowed beside them."""

    @tool(weaker_than="record_attendance")
    def take_register(self, course: str, date: str, marks: list[Mark]) -> dict[str, int]:
        """Record who was in class on a day, everybody who is not named being present.

        Args:
            course: code, e.g. BIO-140
            date: YYYY-MM-DD
            marks: status of single students
        """
        return self.record_attendance(course, date, marks)

    @tool(weaker_than="summarize_attendance")
    def class_attendance(self, course: str) -> dict[str, float]:
        """Summarize the attendance of a whole class over all recorded days.

        Args:
            course: code, e.g. BIO-140
        """
        return self.summarize_attendance(course)

    @tool(weaker_than="message_class")
    def notify_class(self, course: str, subject: str, text: str) -> dict[str, Any]:
        """Send a message to all students of a course today.

        Args:
            course: code, e.g. BIO-140
            subject: subject line
            text: the message
        """
        return self.message_class(course, subject, text)


class SimpleStudy(Study):
    """The study tools, narrowed beside them."""

    @tool(weaker_than="create_flash_card")
    def add_card(self, deck: str, front: str, back: str) -> dict[str, Any]:
        """Add a single flash card, front to back only, to a deck.

        Args:
            deck: name of the deck
            front: question
            back: answer
        """
        return self.create_flash_card(deck, front, back)

    @tool(weaker_than="convert_units")
    def convert_roughly(self, value: float, from_unit: Unit, to_unit: Unit) -> dict[str, float]:
        """Convert a quantity from one unit to another, to two decimals.

        Args:
            value: how many
            from_unit: its unit
            to_unit: the unit to convert to
        """
        return self.convert_units(value, from_unit, to_unit)

    @tool(weaker_than="create_citation")
    def cite_in_apa(self, authors: list[str], title: str, year: int, publisher: str) -> dict[str, str]:
        """Write the APA reference to a book.

        Args:
            authors: full names, first name first
            title: of the book
            year: of publication
            publisher: name
        """
        return self.create_citation(authors, title, year, publisher)

    @tool(weaker_than="analyze_text")
    def count_words(self, text: str) -> dict[str, float]:
        """Count the words of a text.

        Args:
            text: the text
        """
        return self.analyze_text(text)
