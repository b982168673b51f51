"""The tools over coursework: assignments, what is handed in, and quizzes."""

from __future__ import annotations

from datetime import date as calendar_date
from difflib import SequenceMatcher
from typing import Any, Literal

from envs.education.areas.lookup import known_course, known_student
from envs.education.world import Assignment, World
from envs.scenario.checks import check_text, checked_date
from envs.scenario.rounding import tidy
from raytool.env import ToolError, tool

SHOWN = 3  # entries of a listing; the count is always of all
CLOSE = 0.8  # how alike a misspelt answer is to the right one, at least
LONGEST = 20_000  # characters


class Coursework:
    """Four tools. Work that comes late is worth less, by the penalty of its assignment."""

    world: World

    @tool
    def create_assignment(self, course: str, title: str, due: str, points: float = 100, late_penalty: float = 0) -> dict[str, str]:
        """Set an assignment for a course.

        Args:
            course: code, e.g. BIO-140
            title: name of the assignment
            due: YYYY-MM-DD
            points: full marks
            late_penalty: percent off for each day late

        Returns:
            The id of the assignment.

        Raises:
            ToolError: there is no such course, the title is taken, the date has passed, or a number is out of its range.
        """
        known_course(self.world, course)
        check_text(title=title)
        if any((item.course, item.title) == (course, title) for item in self.world.assignments.values()):
            raise ToolError(f"{course} has an assignment {title!r}")
        if checked_date(due) < self.world.today:
            raise ToolError(f"due is {due}, before today, {self.world.today}")
        if not 1 <= points <= 1000:
            raise ToolError(f"points is {points:g}, not 1 to 1000")
        if not 0 <= late_penalty <= 100:
            raise ToolError(f"late_penalty is {late_penalty:g}, not 0 to 100")
        assignment = Assignment(self.world.new_assignment_id(), course, title, due, points, late_penalty)
        self.world.assignments[assignment.id] = assignment
        return {"id": assignment.id}

    @tool
    def list_assignments(self, course: str, due_by: str = "", missing_from: str = "") -> dict[str, Any]:
        """List the assignments of a course by due date.

        Args:
            course: code, e.g. BIO-140
            due_by: YYYY-MM-DD, default all
            missing_from: id of a student: only what that student has not handed in

        Returns:
            Their count, and the id, title, due date and points of those due first.

        Raises:
            ToolError: there is no such course or student, or the date is none.
        """
        known_course(self.world, course)
        if missing_from:
            known_student(self.world, missing_from)
        last = checked_date(due_by) if due_by else "9999-12-31"
        items = [item for item in self.world.assignments.values() if item.course == course and item.due <= last]
        items = sorted((item for item in items if not missing_from or missing_from not in item.submissions), key=lambda item: item.due)
        columns = ("id", "title", "due", "points")
        return {"count": len(items), "assignments": [{name: getattr(item, name) for name in columns} for item in items[:SHOWN]]}

    @tool
    def submit_assignment(self, assignment_id: str, student_id: str, text: str, date: str = "") -> dict[str, float]:
        """Hand in a student's work for an assignment.

        Args:
            assignment_id: e.g. a123
            student_id: e.g. s1234
            text: the work
            date: YYYY-MM-DD when it came, default today

        Returns:
            The number of words, the days late, and the most points it can still get.

        Raises:
            ToolError: there is no such assignment or student, it was handed in before, the date is in the future, or it is too late.
        """
        assignment = self.world.assignments.get(assignment_id)
        if assignment is None:
            raise ToolError(f"no assignment {assignment_id!r}; an id is like a123")
        known_student(self.world, student_id)
        check_text(text=text)
        if len(text) > LONGEST:
            raise ToolError(f"the text has {len(text)} characters, more than {LONGEST}")
        if student_id in assignment.submissions:
            raise ToolError(f"{student_id} has handed in {assignment_id} already")
        came = checked_date(date) if date else self.world.today
        if came > self.world.today:
            raise ToolError(f"date is {came}, after today, {self.world.today}")
        days = max(0, (calendar_date.fromisoformat(came) - calendar_date.fromisoformat(assignment.due)).days)
        most = assignment.points * (100 - days * assignment.late_penalty) / 100
        if most <= 0:
            raise ToolError(f"{assignment_id} was due on {assignment.due}, too long ago to count")
        assignment.submissions[student_id] = text, came
        return {"words": len(text.split()), "days_late": days, "most_points": tidy(most)}

    @tool
    def grade_quiz(
        self, quiz_id: str, student_id: str, answers: list[str], spelling: Literal["exact", "lenient"] = "exact", wrong_costs: float = 0
    ) -> dict[str, Any]:
        """Check a student's answers to a quiz and record the result.

        Args:
            quiz_id: e.g. q123
            student_id: e.g. s1234
            answers: one for each question, in order; empty for none
            spelling: lenient forgives small slips
            wrong_costs: points off for a wrong answer, a right one being 1

        Returns:
            The number of right answers, of questions, and the percent reached, not below 0.

        Raises:
            ToolError: there is no such quiz or student, it was graded before, or there are more or fewer answers than questions.
        """
        quiz = self.world.quizzes.get(quiz_id)
        if quiz is None:
            raise ToolError(f"no quiz {quiz_id!r}; an id is like q123")
        known_student(self.world, student_id)
        if len(answers) != len(quiz.key):
            raise ToolError(f"{len(answers)} answers are given, {quiz_id} has {len(quiz.key)} questions")
        if not 0 <= wrong_costs <= 1:
            raise ToolError(f"wrong_costs is {wrong_costs:g}, not 0 to 1")
        if student_id in quiz.results:
            raise ToolError(f"{quiz_id} is graded for {student_id} already")
        least = CLOSE if spelling == "lenient" else 1.0
        right = sum(_likeness(given, answer) >= least for given, (_, answer) in zip(answers, quiz.key, strict=True))
        wrong = sum(bool(given.strip()) for given in answers) - right
        percent = tidy(max(0.0, (right - wrong * wrong_costs) / len(quiz.key) * 100), 1)
        quiz.results[student_id] = percent
        return {"right": right, "questions": len(quiz.key), "percent": percent}


def _likeness(given: str, answer: str) -> float:
    """1 for the same words, case and spacing apart; 0 for nothing in common."""
    left, right = (" ".join(text.casefold().split()) for text in (given, answer))
    return SequenceMatcher(None, left, right).ratio()
