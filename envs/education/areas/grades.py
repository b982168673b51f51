"""The tools over grades."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping
from typing import Any, Literal

import pydantic
from typing_extensions import TypedDict

from envs.education.areas.lookup import known_course, known_student
from envs.education.world import Gradebook, World
from envs.scenario.rounding import tidy
from raytool.env import ToolError, tool

LETTERS = ((90, "A"), (80, "B"), (70, "C"), (60, "D"), (0, "F"))
PASSING = 60
TOTAL = "total"
STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "mean": statistics.fmean,
    "median": statistics.median,
    "stdev": lambda values: statistics.stdev(values) if len(values) > 1 else 0.0,
    "min": min,
    "max": max,
    "pass_rate": lambda values: 100 * sum(value >= PASSING for value in values) / len(values),
}


@pydantic.with_config(pydantic.ConfigDict(extra="forbid"))
class AssumedScore(TypedDict):
    """A score as if it were there."""

    component: str
    score: float


class Grades:
    """Four tools. A course has components, each with a weight; a score is 0 to 100, and what is not graded yet does not count."""

    world: World

    @tool
    def record_grade(self, student_id: str, course: str, component: str, score: float, replace: bool = False) -> dict[str, Any]:
        """Enter one score of a student in the gradebook.

        Args:
            student_id: e.g. s1234
            course: code, e.g. BIO-140
            component: part of the course, e.g. final
            score: 0 to 100
            replace: overwrite a score that is there

        Returns:
            The component with the old and the new score.

        Raises:
            ToolError: there is no such course, student in its gradebook or component, the score is out of its range, or one is there.
        """
        book, scores = self._scores(course, student_id)
        _check_score(book, component, score)
        old = scores.get(component)
        if old is not None and not replace:
            raise ToolError(f"{student_id} has {tidy(old):g} in {component} of {course} already")
        scores[component] = float(score)
        return {"component": component, "old": old if old is None else tidy(old), "new": tidy(score)}

    @tool
    def compute_average(
        self, student_id: str, course: str, drop_lowest: bool = False, assumed: tuple[AssumedScore, ...] = ()
    ) -> dict[str, float | str]:
        """Compute one student's weighted average in a course.

        Args:
            student_id: e.g. s1234
            course: code, e.g. BIO-140
            drop_lowest: leave out the component with the lowest score
            assumed: scores to count as if they were there

        Returns:
            The average, and its letter: A from 90, B from 80, C from 70, D from 60, else F.

        Raises:
            ToolError: there is no such course, student in its gradebook or component, or nothing to average.
        """
        book, scores = self._scores(course, student_id)
        for entry in assumed:
            _check_score(book, entry["component"], entry["score"])
        counted = {**scores, **{entry["component"]: entry["score"] for entry in assumed}}
        if drop_lowest:
            if len(counted) < 2:
                raise ToolError(f"{student_id} has {len(counted)} scores in {course}, too few to drop one")
            del counted[min(counted, key=lambda component: counted[component])]
        if not counted:
            raise ToolError(f"{student_id} has no score in {course}")
        average = _weighted(counted, book.weights)
        return {"average": tidy(average), "letter": next(letter for least, letter in LETTERS if average >= least)}

    @tool
    def summarize_grades(
        self, course: str, component: str = TOTAL, statistic: Literal["mean", "median", "stdev", "min", "max", "pass_rate"] = "mean"
    ) -> dict[str, float]:
        """Compute a statistic over the scores of a whole class.

        Args:
            course: code, e.g. BIO-140
            component: part of the course, default the weighted total
            statistic: what to compute; pass_rate is the percent with 60 or more

        Returns:
            The statistic, and the count of students with a score.

        Raises:
            ToolError: there is no such course or component, or no score.
        """
        book = self._gradebook(course)
        if component == TOTAL:
            values = [_weighted(scores, book.weights) for scores in book.scores.values() if scores]
        else:
            _check_component(book, component)
            values = [scores[component] for scores in book.scores.values() if component in scores]
        if not values:
            raise ToolError(f"{course} has no score in {component}")
        return {statistic: tidy(STATISTICS[statistic](values)), "count": len(values)}

    @tool
    def curve_grades(
        self, course: str, component: str, method: Literal["scale", "root", "add"] = "scale", points: float = 0
    ) -> dict[str, float]:
        """Raise all scores of a class in one component.

        Args:
            course: code, e.g. BIO-140
            component: part of the course, e.g. final
            method: scale makes the best 100, root takes ten times the square root, add adds points up to 100
            points: how many to add

        Returns:
            The count of scores changed, and the new mean.

        Raises:
            ToolError: there is no such course or component, the points do not fit the method, or nothing would change.
        """
        book = self._gradebook(course)
        _check_component(book, component)
        if not (0 < points <= 100 if method == "add" else points == 0):
            raise ToolError(f"points is {points:g}; add takes more than 0 and up to 100, the other methods take none")
        old = {student: scores[component] for student, scores in book.scores.items() if component in scores}
        best = max(old.values(), default=0.0)
        if best <= 0 and method != "add":
            raise ToolError(f"{course} has no score above 0 in {component}")
        raised: dict[str, Callable[[float], float]] = {
            "scale": lambda score: score * 100 / best,
            "root": lambda score: 10 * math.sqrt(score),
            "add": lambda score: min(100.0, score + points),
        }
        new = {student: round(raised[method](score), 1) for student, score in old.items()}
        changed = sum(new[student] != score for student, score in old.items())
        if not changed:
            raise ToolError(f"{method} would change no score of {component} in {course}")
        for student, score in new.items():
            book.scores[student][component] = score
        return {"changed": changed, "mean": tidy(statistics.fmean(new.values()))}

    def _gradebook(self, course: str) -> Gradebook:
        return self.world.gradebooks[known_course(self.world, course).code]

    def _scores(self, course: str, student_id: str) -> tuple[Gradebook, dict[str, float]]:
        book = self._gradebook(course)
        known_student(self.world, student_id)
        if student_id not in book.scores:
            raise ToolError(f"{student_id} is not in the gradebook of {course}")
        return book, book.scores[student_id]


def _check_component(book: Gradebook, component: str) -> None:
    if component not in book.weights:
        raise ToolError(f"no component {component!r}; there are {', '.join(book.weights)}")


def _check_score(book: Gradebook, component: str, score: float) -> None:
    _check_component(book, component)
    if not 0 <= score <= 100:
        raise ToolError(f"score is {score:g}, not 0 to 100")


def _weighted(scores: Mapping[str, float], weights: Mapping[str, int]) -> float:
    return sum(score * weights[component] for component, score in scores.items()) / sum(weights[component] for component in scores)
