"""Office: twenty tools over one person's mail, calendar, contacts, documents, spreadsheets and to-dos.

Several names begin alike (create_event, create_document, create_todo; list_events, list_todos; find_contact,
find_free_time): the right tool is told apart late in its name.
"""

from __future__ import annotations

import numpy as np

from envs.office.areas.calendar import Calendar
from envs.office.areas.contacts import Contacts
from envs.office.areas.documents import Documents
from envs.office.areas.mail import Mail
from envs.office.areas.sheets import Sheets
from envs.office.areas.todos import Todos
from envs.office.world import World, build
from envs.scenario.env import ScenarioEnv


class Office(Mail, Calendar, Contacts, Documents, Sheets, Todos, ScenarioEnv):
    """The office of one person."""

    world: World

    @classmethod
    def build(cls, random: np.random.Generator) -> World:
        return build(random)
