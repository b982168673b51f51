"""The tools of the classroom: attendance, and messages to a class."""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal

import pydantic
from typing_extensions import TypedDict

from envs.education.areas.lookup import known_course, known_student
from envs.education.world import Message, Presence, Register, World
from envs.scenario.checks import check_text, checked_date
from envs.scenario.rounding import tidy
from raytool.env import ToolError, tool


@pydantic.with_config(pydantic.ConfigDict(extra="forbid"))
class Mark(TypedDict):
    """Whether one student was there."""

    student_id: str
    status: Presence


class Classroom:
    """Three tools. A register has one session a day."""

    world: World

    @tool
    def record_attendance(
        self, course: str, date: str, marks: list[Mark], others: Literal["present", "absent"] = "present"
    ) -> dict[str, int]:
        """Record who was in class on a day.

        Args:
            course: code, e.g. BIO-140
            date: YYYY-MM-DD
            marks: status of single students
            others: status of everybody else

        Returns:
            The count of each status.

        Raises:
            ToolError: there is no such course, the day is in the future or recorded, or a student is not on the list or marked twice.
        """
        register = self._register(course)
        if checked_date(date) > self.world.today:
            raise ToolError(f"date is {date}, after today, {self.world.today}")
        if date in register.sessions:
            raise ToolError(f"the attendance of {course} on {date} is recorded already")
        session: dict[str, Presence] = dict.fromkeys(register.students, others)
        marked = Counter(mark["student_id"] for mark in marks)
        for mark in marks:
            self._check_listed(course, register, mark["student_id"])
            if marked[mark["student_id"]] > 1:
                raise ToolError(f"{mark['student_id']} is marked {marked[mark['student_id']]} times")
            session[mark["student_id"]] = mark["status"]
        register.sessions[date] = session
        return dict(Counter(session.values()))

    @tool
    def summarize_attendance(self, course: str, student_id: str = "", since: str = "") -> dict[str, float]:
        """Summarize attendance in a course, of the whole class or of one student.

        Args:
            course: code, e.g. BIO-140
            student_id: e.g. s1234, default the whole class
            since: YYYY-MM-DD, first day to count

        Returns:
            The counts of present, late, absent and excused, and the rate: percent attended, late included, excused not counted.

        Raises:
            ToolError: there is no such course or student on its list, the date is none, or there is nothing to count.
        """
        register = self._register(course)
        if student_id:
            self._check_listed(course, register, student_id)
        first = checked_date(since) if since else ""
        statuses = Counter(
            status
            for day, session in register.sessions.items()
            for student, status in session.items()
            if day >= first and student_id in ("", student)
        )
        attended, missed = statuses["present"] + statuses["late"], statuses["absent"]
        if not attended + missed:
            raise ToolError(f"{course} has no attendance to count{f' since {since}' if since else ''}")
        counts = {status: statuses[status] for status in ("present", "late", "absent", "excused")}
        return {**counts, "rate": tidy(100 * attended / (attended + missed), 1)}

    @tool
    def message_class(self, course: str, subject: str, text: str, send_on: str = "", absent_on: str = "") -> dict[str, Any]:
        """Send a message to the students of a course.

        Args:
            course: code, e.g. BIO-140
            subject: subject line
            text: the message
            send_on: YYYY-MM-DD, default today
            absent_on: YYYY-MM-DD, only to those absent that day

        Returns:
            The count of recipients, and the day it is sent.

        Raises:
            ToolError: there is no such course, a text is empty, a date is none or has passed, or nobody would get it.
        """
        register = self._register(course)
        check_text(subject=subject, text=text)
        day = checked_date(send_on) if send_on else self.world.today
        if day < self.world.today:
            raise ToolError(f"send_on is {day}, before today, {self.world.today}")
        recipients = register.students
        if absent_on:
            if checked_date(absent_on) not in register.sessions:
                raise ToolError(f"no attendance of {course} is recorded on {absent_on}")
            recipients = tuple(student for student, status in register.sessions[absent_on].items() if status == "absent")
        if not recipients:
            raise ToolError(f"nobody in {course} was absent on {absent_on}")
        self.world.messages.append(Message(course, subject, text, day, recipients))
        return {"recipients": len(recipients), "send_on": day}

    def _register(self, course: str) -> Register:
        return self.world.registers[known_course(self.world, course).code]

    def _check_listed(self, course: str, register: Register, student_id: str) -> None:
        known_student(self.world, student_id)
        if student_id not in register.students:
            raise ToolError(f"{student_id} is not on the list of {course}")
