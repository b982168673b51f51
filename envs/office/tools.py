"""Office: twenty tools over one person's mail, calendar, contacts, documents, spreadsheets and to-dos.

Several names begin alike (create_event, create_document, create_todo; list_events, list_todos; find_contact,
find_free_time): the right tool is told apart late in its name. A tool that raises ToolError has changed nothing.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import numpy as np

from envs.office.areas.calendar import Calendar
from envs.office.areas.contacts import Contacts
from envs.office.areas.documents import Documents
from envs.office.areas.mail import Mail
from envs.office.areas.sheets import Sheets
from envs.office.areas.todos import Todos
from envs.office.world import World, build
from raytool.env import ToolEnv
from raytool.records import Feedback, Gold, Task


class Office(Mail, Calendar, Contacts, Documents, Sheets, Todos, ToolEnv):
    """A task is done when the office is as a gold alternative leaves it, and the answer, where one is asked for, is told."""

    max_turns: ClassVar[int] = 8
    world: World

    def start(self, task: Task, random: np.random.Generator) -> None:
        self.world = build(random)

    def sample_task(self, random: np.random.Generator) -> Task:
        from envs.office.sampling import sample_task  # here, because it imports this module to try its tools

        return sample_task(random)

    def goal_reached(self, answer: str | None) -> bool | None:
        assert self.task is not None
        if not self.task.gold:
            return None
        told = not self.task.answer or any(says(answer or "", value) for value in self.task.answer)
        return told and any(self.world.state() == self._state_after(gold) for gold in self.task.gold)

    def _state_after(self, gold: Gold) -> dict[str, Any]:
        assert self.task is not None
        twin = type(self)()
        twin.task = self.task
        twin.start(self.task, np.random.default_rng(self.task.seed))
        for call in gold.calls:
            observation, feedback = twin.execute(call.call)
            assert feedback is Feedback.OK, f"task {self.task.id}: gold call {call.name} fails: {observation}"
        return twin.world.state()


def says(text: str, value: str) -> bool:
    """Whether a text holds a value, case and spacing apart, as words and numbers of its own: "12" is not in "12.5" or "m123"."""
    pattern = r"\s*".join(map(re.escape, value.casefold().split()))
    return re.search(rf"(?<!\w)(?<!\d[.,:-]){pattern}(?!\w|[.,:-]\d)", text.casefold()) is not None
