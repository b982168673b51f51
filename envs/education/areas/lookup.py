"""What several areas look up.

Raises:
    ToolError: by every function here, naming the value and what was expected.
"""

from __future__ import annotations

from envs.education.world import Course, Student, World
from raytool.env import ToolError


def known_student(world: World, student_id: str) -> Student:
    if student_id not in world.students:
        raise ToolError(f"no student {student_id!r}; an id is like s1234")
    return world.students[student_id]


def known_course(world: World, code: str) -> Course:
    if code not in world.courses:
        raise ToolError(f"no course {code!r}; there are {', '.join(world.courses)}")
    return world.courses[code]
