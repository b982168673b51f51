"""The desk of the college: words that its requests are made of."""

from __future__ import annotations

from datetime import date

import numpy as np

from envs.education import vocabulary as words
from envs.education.tools import Education
from envs.education.world import WEEKDAYS, Course, Student, Weekday, World
from envs.scenario.clock import days_after, time_of_day, working_days
from envs.scenario.desk import Desk

LENGTHS = {30: ("half an hour", "30 minutes"), 60: ("an hour", "60 minutes"), 90: ("90 minutes", "an hour and a half"), 120: ("two hours",)}
SPANS = {7: ("a week", "7 days"), 10: ("ten days",), 14: ("two weeks", "14 days"), 21: ("three weeks", "21 days"), 28: ("four weeks",)}


class EducationDesk(Desk[Education]):
    def __init__(self, random: np.random.Generator, seed: int):
        super().__init__(Education, random, seed)

    @property
    def world(self) -> World:
        return self.env.world

    # ---- people and courses

    def student(self) -> Student:
        return self.pick(list(self.world.students.values()))

    def course(self) -> Course:
        return self.pick(list(self.world.courses.values()))

    def who(self, student_id: str) -> str:
        """A student in words that hold the id."""
        name = self.world.students[student_id].name
        return self.pick((student_id, f"{name} ({student_id})", f"{name.split()[0]} ({student_id})"))

    def named(self, code: str) -> str:
        """A course in words that hold its code."""
        return f"{self.world.courses[code].title} ({code})" if self.chance(0.3) else code

    def subject(self, course: str) -> words.Subject:
        return words.SUBJECTS[course[:3]]

    def topic(self, course: str) -> str:
        return self.pick(self.subject(course).topics)

    # ---- texts

    def work_title(self, course: str) -> str:
        """Of an assignment that the course does not have."""
        taken = {item.title for item in self.world.assignments.values() if item.course == course}
        return self.other([task.format(topic=topic) for task in words.TASKS for topic in self.subject(course).topics], *taken)

    def work(self, course: str, title: str) -> str:
        """What somebody hands in for an assignment of that title."""
        topic = next(topic for topic in self.subject(course).topics if title.endswith(topic))
        return self.pick(words.WORKS).format(topic=topic)

    def notice(self, course: str) -> tuple[str, str]:
        """The subject and the text of a message."""
        subject, text = self.pick(words.NOTICES)
        return subject, text.format(topic=self.topic(course))

    # ---- dates, times and lengths

    def day(self) -> str:
        return self.pick(working_days(self.world.today))

    def when(self, day: str) -> str:
        """A day up to today in words that determine it."""
        ago = (date.fromisoformat(self.world.today) - date.fromisoformat(day)).days
        if ago == 0:
            return f"today ({day})"
        if ago == 1 and self.chance():
            return f"yesterday (today is {self.world.today})"
        return f"on {self.dated(day)}"

    def weekday(self, day: str) -> Weekday:
        return WEEKDAYS[date.fromisoformat(day).weekday()]

    def length(self, minutes: int) -> str:
        return self.pick(LENGTHS[minutes])

    def span(self, days: int) -> str:
        return self.pick(SPANS[days])

    def free_starts(self, room: str, day: str, minutes: int, weeks: int = 1) -> list[str]:
        """The starts between 08:00 and 20:00 at which a room is free for so long, in each of so many weeks."""
        days = [days_after(day, 7 * week) for week in range(weeks)]
        starts = [time_of_day(begin) for begin in range(8 * 60, 20 * 60 - minutes + 1, 30)]
        return [start for start in starts if not any(self.world.occupant(room, day, start, minutes) for day in days)]
