"""Education: twenty-six tools over a college's registry, coursework, grades, rooms, library, classes and study material.

Several names begin alike (find_student, find_course, find_room, find_book; create_assignment, create_flash_card,
create_citation; record_grade, record_attendance; summarize_grades, summarize_attendance): the right tool is told apart
late in its name.
"""

from __future__ import annotations

import numpy as np

from envs.education.weak_tools import (
    SimpleClassroom,
    SimpleCoursework,
    SimpleGrades,
    SimpleLibrary,
    SimpleRegistry,
    SimpleStudy,
    SimpleTimetable,
)
from envs.education.world import World, build
from envs.scenario.env import ScenarioEnv


class Education(SimpleRegistry, SimpleCoursework, SimpleGrades, SimpleTimetable, SimpleLibrary, SimpleClassroom, SimpleStudy, ScenarioEnv):
    """A college, as its teachers, students and staff use it."""

    world: World

    @classmethod
    def build(cls, random: np.random.Generator) -> World:
        return build(random)
