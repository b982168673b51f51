"""The desk of the office: words that its requests are made of."""

from __future__ import annotations

import numpy as np

from envs.office import vocabulary as words
from envs.office.tools import Office
from envs.office.world import Event, World
from envs.scenario import names
from envs.scenario.clock import time_of_day, working_days
from envs.scenario.desk import Desk
from envs.scenario.wording import MONTHS


class OfficeDesk(Desk[Office]):
    def __init__(self, random: np.random.Generator, seed: int):
        super().__init__(Office, random, seed)

    @property
    def world(self) -> World:
        return self.env.world

    def topic(self) -> str:
        return self.pick(words.TOPICS)

    def subject(self) -> str:
        return f"{self.topic()} {self.pick(words.SUBJECTS)}".capitalize()

    def message(self) -> str:
        return self.pick(words.MESSAGES).format(topic=self.topic())

    def event_title(self) -> str:
        return f"{self.topic()} {self.pick(words.MEETINGS)}".capitalize()

    def errand(self) -> str:
        return self.pick(words.ERRANDS).format(topic=self.topic())

    def new_document_title(self) -> str:
        titles = (f"{topic} {paper}".capitalize() for topic in self.several(words.TOPICS, 4) for paper in self.several(words.PAPERS, 1))
        return next(title for title in titles if title not in self.world.documents)

    def fact(self) -> str:
        facts = {"name": self.pick(list(self.world.contacts)), "company": self.pick(names.COMPANIES), "month": self.pick(MONTHS)}
        return self.pick(words.SENTENCES).format(topic=self.topic(), **facts)

    def day(self) -> str:
        return self.pick(working_days(self.world.today))

    def free_starts(self, day: str, minutes: int) -> list[str]:
        """The starts between 09:00 and 17:00 at which nothing is on the calendar for so long."""
        starts = [time_of_day(begin) for begin in range(9 * 60, 17 * 60 - minutes + 1, 15)]
        return [start for start in starts if not self.world.overlapping(Event("", "", day, start, minutes))]

    def free_start(self, day: str, minutes: int) -> str:
        return self.pick(self.free_starts(day, minutes))
