"""Office: twenty tools over one person's mail, calendar, contacts, documents, spreadsheets and to-dos.

Several names begin alike (create_event, create_document, create_todo; list_events, list_todos; find_contact,
find_free_time): the right tool is told apart late in its name.
"""

from __future__ import annotations

import numpy as np

from envs.office.weak_tools import WeakCalendar, WeakContacts, WeakDocuments, WeakMail, WeakSheets, WeakTodos
from envs.office.world import World, build
from envs.scenario.env import ScenarioEnv


class Office(WeakMail, WeakCalendar, WeakContacts, WeakDocuments, WeakSheets, WeakTodos, ScenarioEnv):
    """The office of one person: every area with its tools, and with weaker versions of them that a task may offer."""

    world: World

    @classmethod
    def build(cls, random: np.random.Generator) -> World:
        return build(random)
