"""The tools of the registry: people, courses, places in them and what they cost."""

from __future__ import annotations

from typing import Any, Literal

from envs.education.areas.lookup import known_course, known_student
from envs.education.world import Place, World
from envs.scenario.checks import check_text
from envs.scenario.rounding import tidy
from raytool.env import ToolError, tool

SHOWN = 2  # entries of a listing; the count is always of all
REFUNDS = {"full": 1.0, "half": 0.5, "none": 0.0}


class Registry:
    """Five tools. A place for credit costs tuition; who audits or waits pays nothing."""

    world: World

    @tool
    def find_student(self, name: str, year: int = 0) -> dict[str, Any]:
        """Look up a student's id, year, email and what they owe.

        Args:
            name: full name or part of it
            year: year of study, default any

        Returns:
            The id, name, year and email of the student, and the tuition still owed.

        Raises:
            ToolError: no student matches, or more than one does.
        """
        check_text(name=name)
        if not 0 <= year <= 4:
            raise ToolError(f"year is {year}, not 1 to 4")
        wanted = " ".join(name.casefold().split())
        found = [student for student in self.world.students.values() if wanted in student.name.casefold() and year in (0, student.year)]
        found = [student for student in found if wanted == student.name.casefold()] or found
        if not found:
            raise ToolError(f"no student {name!r}{f' in year {year}' if year else ''}")
        if len(found) > 1:
            matches = ", ".join(f"{student.name} (year {student.year})" for student in found[:3])
            raise ToolError(f"{len(found)} students match {name!r}: {matches}")
        (student,) = found
        return {
            "id": student.id,
            "name": student.name,
            "year": student.year,
            "email": student.email,
            "owes": tidy(self.world.owed[student.id]),
        }

    @tool
    def find_course(
        self, text: str = "", level: Literal["any", "introductory", "advanced"] = "any", open_only: bool = False
    ) -> dict[str, Any]:
        """Find courses by code, title or teacher, with their credits and free places.

        Args:
            text: words to look for, default all courses
            level: introductory is 100 and 200, advanced is 300 and 400
            open_only: only courses with free places

        Returns:
            The count of courses, and the code, title, teacher, credits and free places of the first ones.
        """
        found = []
        for course in self.world.courses.values():
            free = course.places - self.world.places_taken(course.code)
            on_level = level == "any" or course.is_advanced == (level == "advanced")
            matches = any(text.casefold() in part.casefold() for part in (course.code, course.title, course.teacher))
            if matches and on_level and (free or not open_only):
                columns = ("code", "title", "teacher", "credits")
                found.append({**{name: getattr(course, name) for name in columns}, "free": free})
        return {"count": len(found), "courses": found[:SHOWN]}

    @tool
    def enrol_student(self, student_id: str, course: str, audit: bool = False, waitlist: bool = False) -> dict[str, Any]:
        """Enrol a student in a course and charge the tuition.

        Args:
            student_id: e.g. s1234
            course: code, e.g. BIO-140
            audit: without credit and tuition
            waitlist: queue if the course is full

        Returns:
            Whether the place is for credit, audit or waiting, and what the student owes now.

        Raises:
            ToolError: there is no such student or course, the student has a place, or the course is full.
        """
        student, wanted = known_student(self.world, student_id), known_course(self.world, course)
        places = self.world.enrolments[course]
        if student_id in places:
            raise ToolError(f"{student_id} is in {course} already ({places[student_id]})")
        is_full = self.world.places_taken(course) >= wanted.places
        if is_full and not waitlist:
            raise ToolError(f"{course} is full: all {wanted.places} places are taken")
        if is_full and audit:
            raise ToolError(f"{course} is full, and its waiting list is for credit only")
        place: Place = "waiting" if is_full else "audit" if audit else "credit"
        places[student_id] = place
        if place == "credit":
            self.world.owed[student_id] += wanted.tuition
        return {"student": student.name, "course": course, "place": place, "owes": tidy(self.world.owed[student_id])}

    @tool
    def withdraw_student(self, student_id: str, course: str, refund: Literal["full", "half", "none"] = "full") -> dict[str, Any]:
        """Take a student out of a course; the first on the waiting list moves up.

        Args:
            student_id: e.g. s1234
            course: code, e.g. BIO-140
            refund: how much tuition to give back

        Returns:
            What the student owes now, and the id of who moved up.

        Raises:
            ToolError: there is no such student or course, or the student is not in it.
        """
        known_student(self.world, student_id)
        tuition = known_course(self.world, course).tuition
        places = self.world.enrolments[course]
        if student_id not in places:
            raise ToolError(f"{student_id} is not in {course}")
        place = places.pop(student_id)
        if place == "credit":
            self.world.owed[student_id] -= tuition * REFUNDS[refund]
        next_one = next((other for other, kind in places.items() if kind == "waiting"), "") if place != "waiting" else ""
        if next_one:
            places[next_one] = "credit"
            self.world.owed[next_one] += tuition
        return {"withdrawn": student_id, "owes": tidy(self.world.owed[student_id]), "moved_up": next_one}

    @tool
    def award_scholarship(self, student_id: str, name: str, amount: float, kind: Literal["fixed", "percent"] = "fixed") -> dict[str, float]:
        """Award a scholarship, which lowers what a student owes.

        Args:
            student_id: e.g. s1234
            name: of the scholarship
            amount: money, or percent of what is owed
            kind: what the amount is

        Returns:
            The money awarded, and what the student owes now.

        Raises:
            ToolError: there is no such student, it was awarded before, or the amount is none or too high.
        """
        known_student(self.world, student_id)
        check_text(name=name)
        owed = self.world.owed[student_id]
        most = 100 if kind == "percent" else owed
        if not 0 < amount <= most:
            raise ToolError(f"amount is {amount:g}, not above 0 and up to {most:g}")
        if (student_id, name) in self.world.scholarships:
            raise ToolError(f"{student_id} has {name!r} already")
        money = tidy(owed * amount / 100 if kind == "percent" else amount)
        if money <= 0:
            raise ToolError(f"{student_id} owes nothing")
        self.world.scholarships[student_id, name] = money
        self.world.owed[student_id] = owed - money
        return {"awarded": money, "owes": tidy(owed - money)}
