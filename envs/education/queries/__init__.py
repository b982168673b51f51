"""Every recipe for a request."""

from __future__ import annotations

from envs.education.queries import chains, classroom, coursework, grades, library, registry, study, timetable
from envs.scenario.desk import recipes_of

RECIPES = recipes_of(registry, coursework, grades, timetable, library, classroom, study, chains)
