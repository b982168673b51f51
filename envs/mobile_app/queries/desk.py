"""The desk of a phone: words that its requests are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from envs.mobile_app import vocabulary as words
from envs.mobile_app.tools import MobileApp
from envs.mobile_app.world import World, euros, some_cents
from envs.scenario.clock import days_after, minutes_since_midnight, time_of_day
from envs.scenario.desk import Desk
from envs.scenario.wording import NUMBERS, number_answer

TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty"}
HOURS = (*NUMBERS[1:], "eleven", "twelve")


class MobileAppDesk(Desk[MobileApp]):
    def __init__(self, random: np.random.Generator, seed: int):
        super().__init__(MobileApp, random, seed)

    @property
    def world(self) -> World:
        return self.env.world

    def call(self, tool: str, accept: dict[str, tuple[Any, ...]] | None = None, /, **arguments: Any) -> Any:
        """As every desk does it, a friend being equally right by first name and by full name."""
        accepted = dict(accept or {})
        for name, value in arguments.items():
            if isinstance(value, str) and (other := self._other_name(value)):
                accepted[name] = (*accepted.get(name, ()), other)
            if isinstance(value, list) and len(value) == 1 and (other := self._other_name(value[0])):
                accepted[name] = (*accepted.get(name, ()), [other])
        return super().call(tool, accepted, **arguments)

    def _other_name(self, said: str) -> str | None:
        friend = self.world.friend(said)
        return friend if said != friend else friend.split()[0]

    # ---- drawing

    def friend(self) -> str:
        return self.pick(self.world.friends)

    def chat(self) -> str:
        """A group or a friend."""
        return self.pick((*self.world.groups, *self.world.friends[:3]))

    def reply(self) -> str:
        return self.pick(words.REPLIES)

    def label(self) -> str:
        """Of no alarm and no timer that there is."""
        return self.other(words.LABELS, *(alarm.label for alarm in self.world.alarms), *(timer.label for timer in self.world.timers))

    def time(self) -> str:
        """A time of day at which no alarm rings."""
        quarters = [time_of_day(minutes) for minutes in range(5 * 60, 23 * 60, 15)]
        return self.other(quarters, *(alarm.time for alarm in self.world.alarms))

    def day(self) -> str:
        """One of the next days."""
        return days_after(self.world.today, self.number(1, 10))

    def note(self) -> tuple[str, str]:
        """Title and text of a note that there is not."""
        return self.pick([note for note in words.NEW_NOTES if note[0] not in self.world.notes])

    def album_title(self) -> str:
        return self.other(words.ALBUMS, *self.world.albums)

    def amount(self) -> float:
        return euros(some_cents(self.random))

    def thing(self) -> str:
        """What is to be paid for, of which the phone knows no amount."""
        return self.other(words.THINGS, *self._told())

    def place(self) -> str:
        """The name of a saved place."""
        return self.pick(list(self.world.places))

    def two_places(self) -> tuple[str, str]:
        """The names of saved places; they are in different streets."""
        first, second = self.several(list(self.world.places), 2)
        return first, second

    def new_place(self) -> str:
        """The name of a place of which the phone knows no address."""
        told = self._told()
        return self.pick([place for place in words.PLACES if place not in self.world.places and place.lower() not in told])

    def _told(self) -> set[str]:
        """What messages, voicemails and notes tell about."""
        facts = [message.fact for message in self.world.messages.values()]
        facts += [voicemail.fact for voicemail in self.world.voicemails.values()]
        facts += [note.fact for note in self.world.notes.values()]
        return {fact.subject for fact in facts if fact}

    # ---- wording: a value in words that determine it

    def clock(self, time: str) -> str:
        """A time of day: in figures, or as one says it."""
        hour, minute = divmod(minutes_since_midnight(time), 60)
        if minute not in (0, 15, 30, 45) or self.chance(0.6):
            return self.at(time)
        named = HOURS[(hour - 1 + (minute == 45)) % 12]
        spoken = {0: f"{named} o'clock", 15: f"quarter past {named}", 30: f"half past {named}", 45: f"quarter to {named}"}[minute]
        part = "in the morning" if time < "12:00" else "in the afternoon" if time < "18:00" else "in the evening"
        return f"{spoken} {part}"

    def moment(self, moment: str) -> str:
        """A date and a time."""
        return f"{self.on(moment[:10])} at {self.clock(moment[11:])}"

    def euros(self, amount: float) -> str:
        if amount in TENS and self.chance():
            return f"{TENS[int(amount)]} euros"
        return self.pick((f"{amount:.2f} euros", f"{amount:.2f} EUR") if amount % 1 else (f"{amount} euros", f"{amount} EUR"))

    def seconds(self, seconds: int) -> str:
        """A length of time."""
        spoken = {90: "a minute and a half", 900: "a quarter of an hour", 1800: "half an hour", 3600: "an hour", 5400: "an hour and a half"}
        if seconds in spoken and self.chance(0.6):
            return spoken[seconds]
        minutes, rest = divmod(seconds, 60)
        if minutes >= 60 and not rest:
            hours, minutes = divmod(minutes, 60)
            counted = f"{hours} hour{'s' * (hours > 1)}"
            return f"{counted} and {minutes} minutes" if minutes else counted
        if not minutes:
            return f"{rest} seconds"
        return f"{minutes} minute{'s' * (minutes > 1)}" + (f" and {rest} seconds" if rest else "")

    def called(self, friend: str) -> str:
        """A friend by the full name, or by the first name, which no other friend has."""
        return friend if self.chance(0.7) else friend.split()[0]

    @staticmethod
    def listed(values: Sequence[str]) -> str:
        """ "a", "a and b", or "a, b and c"."""
        *first, last = values
        return f"{', '.join(first)} and {last}" if first else last


def capital(text: str) -> str:
    """A text as it begins a sentence; unlike str.capitalize it leaves the rest alone."""
    return text[:1].upper() + text[1:]


def amount_answer(amount: float) -> tuple[str, ...]:
    """An amount with cents, and without them if it is whole."""
    return tuple(dict.fromkeys((f"{amount:.2f}", *number_answer(int(amount) if amount % 1 == 0 else amount))))
