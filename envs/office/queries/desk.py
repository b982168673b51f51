"""The desk of the office: words that its requests are made of."""

from __future__ import annotations

import numpy as np

from envs.office import vocabulary as words
from envs.office.queries.wording import day_of_week, spoken_length, spoken_time
from envs.office.tools import Office
from envs.office.world import Event, World
from envs.scenario import names
from envs.scenario.clock import days_after, time_of_day, working_days
from envs.scenario.desk import Desk
from envs.scenario.wording import MONTHS, long_date, twelve_hours

DAYS_AHEAD = {1: "tomorrow", 2: "the day after tomorrow", 7: "a week from today"}


class OfficeDesk(Desk[Office]):
    def __init__(self, random: np.random.Generator, seed: int):
        super().__init__(Office, random, seed)

    @property
    def world(self) -> World:
        return self.env.world

    # ---- texts

    def topic(self) -> str:
        return self.pick(words.TOPICS)

    def letter(self) -> tuple[str, str]:
        """The subject and the text of an email."""
        topic = self.topic()
        return f"{topic} {self.pick(words.SUBJECTS)}".capitalize(), self.message(topic)

    def message(self, topic: str) -> str:
        return self.pick(words.MESSAGES).format(topic=topic)

    def answer(self) -> str:
        """A text that answers whatever email."""
        answer = self.pick(words.ANSWERS)
        return f"{answer} {self.pick(words.CLOSINGS)}" if self.chance() else answer

    def event_title(self) -> str:
        return f"{self.topic()} {self.pick(words.MEETINGS)}".capitalize()

    def errand(self) -> str:
        return self.pick(words.ERRANDS).format(topic=self.topic())

    def new_document_title(self) -> str:
        titles = (f"{topic} {paper}".capitalize() for topic in self.several(words.TOPICS, 4) for paper in self.several(words.PAPERS, 1))
        return next(title for title in titles if title not in self.world.documents)

    def about(self, title: str) -> str:
        """The topic of a title, whose last word is a kind of paper or meeting."""
        return title.rsplit(" ", 1)[0].lower()

    def fact(self, title: str) -> str:
        """A sentence for the document of a title."""
        facts = {"name": self.pick(list(self.world.contacts)), "company": self.pick(names.COMPANIES), "month": self.pick(MONTHS)}
        return self.pick(words.SENTENCES).format(topic=self.about(title), **facts)

    # ---- times

    def day(self) -> str:
        return self.pick(working_days(self.world.today))

    def free_starts(self, day: str, minutes: int) -> list[str]:
        """The starts between 09:00 and 17:00 at which nothing is on the calendar for so long."""
        starts = [time_of_day(begin) for begin in range(9 * 60, 17 * 60 - minutes + 1, 15)]
        return [start for start in starts if not self.world.overlapping(Event("", "", day, start, minutes))]

    def free_start(self, day: str, minutes: int) -> str:
        return self.pick(self.free_starts(day, minutes))

    # ---- wording

    def dated(self, day: str) -> str:
        return self._ahead(day, 1, 2) or self._date(day)

    def on(self, day: str) -> str:
        return self._ahead(day, *DAYS_AHEAD) or f"on {self._date(day)}"

    def at(self, time: str) -> str:
        return self.pick((time, time, time, twelve_hours(time), spoken_time(time)))

    def lasting(self, minutes: int) -> str:
        return spoken_length(minutes) if self.chance(0.4) else f"{minutes} minutes"

    def _ahead(self, day: str, *distances: int) -> str:
        """How many days ahead, if it is one of the distances and at times; empty otherwise."""
        ahead = next((DAYS_AHEAD[days] for days in distances if days_after(self.world.today, days) == day), "")
        return f"{ahead} (today is {self.world.today})" if ahead and self.chance() else ""

    def _date(self, day: str) -> str:
        return self.pick((day, day, day, long_date(day), day_of_week(day)))
