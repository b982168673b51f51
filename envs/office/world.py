"""The state of an office: mail, calendar, contacts, documents, spreadsheets and to-dos.

Dates are "YYYY-MM-DD", times of day "HH:MM". A world is a function of the generator it is built with and of the calls
made on it since; it knows no clock of its own, only its `today`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from envs.office import vocabulary as words
from envs.scenario import names
from envs.scenario.choice import pick, several
from envs.scenario.clock import days_after, minutes_since_midnight, time_of_day, working_days
from envs.scenario.wording import MONTHS

Folder = Literal["inbox", "sent", "drafts", "archive"]
Priority = Literal["low", "normal", "high"]


@dataclass
class Email:
    id: str
    folder: Folder
    sender: str
    to: tuple[str, ...]
    subject: str
    body: str


@dataclass
class Event:
    id: str
    title: str
    date: str
    start: str
    minutes: int
    room: str = ""
    attendees: tuple[str, ...] = ()

    @property
    def span(self) -> tuple[int, int]:
        """[begin, end) in minutes since midnight."""
        begin = minutes_since_midnight(self.start)
        return begin, begin + self.minutes


@dataclass
class Contact:
    name: str
    email: str
    phone: str
    company: str


@dataclass
class Todo:
    id: str
    text: str
    due: str
    priority: Priority = "normal"
    done: bool = False


@dataclass
class World:
    """One person's office. Sheets are sparse: a cell such as "B3" is there once something stands in it."""

    today: str
    owner: Contact
    rooms: tuple[str, ...]
    contacts: dict[str, Contact]
    emails: dict[str, Email] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)
    sheets: dict[str, dict[str, float | str]] = field(default_factory=dict)
    todos: dict[str, Todo] = field(default_factory=dict)
    next_number: dict[str, int] = field(default_factory=dict)

    def new_id(self, kind: Literal["m", "e", "t"]) -> str:
        """An id that no mail, event or to-do of this world ever had."""
        number = self.next_number[kind]
        self.next_number[kind] = number + 1
        return f"{kind}{number}"

    def in_folder(self, folder: Folder) -> list[Email]:
        """Newest first."""
        return [email for email in reversed(self.emails.values()) if email.folder == folder]

    def on_day(self, day: str) -> list[Event]:
        return sorted((event for event in self.events.values() if event.date == day), key=lambda event: event.start)

    def open_todos(self, due_by: str = "") -> list[Todo]:
        """Those due on `due_by` or before it, by due date; all without it."""
        todos = (todo for todo in self.todos.values() if not todo.done and (not due_by or todo.due <= due_by))
        return sorted(todos, key=lambda todo: todo.due)

    def overlapping(self, event: Event) -> Event | None:
        """The first other event that shares time with `event`."""
        begin, end = event.span
        others = (other for other in self.on_day(event.date) if other.id != event.id)
        return next((other for other in others if other.span[0] < end and begin < other.span[1]), None)

    def state(self) -> dict[str, Any]:
        """All that the owner would see, as plain values. Ids and the order of creation are left out: they are handles, not content."""
        return {
            "emails": sorted((mail.folder, mail.sender, sorted(mail.to), mail.subject, mail.body) for mail in self.emails.values()),
            "events": sorted(
                (event.date, event.start, event.minutes, event.title, event.room, sorted(event.attendees)) for event in self.events.values()
            ),
            "contacts": sorted((person.name, person.email, person.phone, person.company) for person in self.contacts.values()),
            "documents": dict(self.documents),
            "sheets": {name: dict(cells) for name, cells in self.sheets.items()},
            "todos": sorted((todo.text, todo.due, todo.priority, todo.done) for todo in self.todos.values()),
        }


def phone_number(random: np.random.Generator, first_digit: int) -> str:
    """The people of a world have first digits of their own, 1 to 7, so that a number is never changed to itself."""
    return f"555-{first_digit}{int(random.integers(1000)):03}"


def email_address(name: str, company: str) -> str:
    return f"{name.replace(' ', '.')}@{company.replace(' ', '')}.com".lower()


def build(random: np.random.Generator) -> World:
    """A small office with something of everything, and enough of it to ask about."""
    people = _people(random)
    today = days_after("2025-01-06", int(random.integers(0, 104)) * 7 + int(random.integers(0, 5)))
    world = World(today, people[0], tuple(several(random, words.ROOMS, 4)), {person.name: person for person in people[1:]})
    world.next_number = {kind: int(random.integers(100, 900)) for kind in ("m", "e", "t")}
    _fill_mail(world, random)
    _fill_calendar(world, random)
    _fill_documents(world, random)
    _fill_sheets(world, random)
    _fill_todos(world, random)
    return world


def _people(random: np.random.Generator) -> list[Contact]:
    firsts, lasts = several(random, names.FIRST_NAMES, 7), several(random, names.LAST_NAMES, 7)
    companies = several(random, names.COMPANIES, 4)
    people = []
    for digit, name in enumerate(map(" ".join, zip(firsts, lasts, strict=True)), 1):
        company = pick(random, companies)
        people.append(Contact(name, email_address(name, company), phone_number(random, digit), company))
    return people


def _fill_mail(world: World, random: np.random.Generator) -> None:
    me = world.owner.email
    arrived: list[Folder] = ["inbox"] * int(random.integers(4, 7))
    folders: list[Folder] = ["archive", "archive", "sent", "sent", "drafts", *arrived]
    for folder, topic in zip(folders, several(random, words.TOPICS, len(folders)), strict=True):
        other, third = several(random, list(world.contacts.values()), 2)
        mine = folder in ("sent", "drafts")
        to = [other.email if mine else me] + [third.email] * int(random.integers(2))
        subject, body = f"{topic} {pick(random, words.SUBJECTS)}".capitalize(), pick(random, words.MESSAGES).format(topic=topic)
        email = Email(world.new_id("m"), folder, me if mine else other.email, tuple(to), subject, body)
        world.emails[email.id] = email


def _fill_calendar(world: World, random: np.random.Generator) -> None:
    addresses = [person.email for person in world.contacts.values()]
    topics = iter(several(random, words.TOPICS, 12))
    for day in sorted(several(random, working_days(world.today), 4)):
        for hour in sorted(several(random, range(9, 17), int(random.integers(1, 4)))):
            title = f"{next(topics)} {pick(random, words.MEETINGS)}".capitalize()
            begin = hour * 60 + pick(random, (0, 15, 30))
            minutes = pick(random, [length for length in (15, 30, 45, 60) if begin + length <= (hour + 1) * 60])
            event = Event(world.new_id("e"), title, day, time_of_day(begin), minutes)
            event.room, event.attendees = pick(random, world.rooms), tuple(several(random, addresses, int(random.integers(0, 3))))
            world.events[event.id] = event


def _fill_documents(world: World, random: np.random.Generator) -> None:
    for topic in several(random, words.TOPICS, 3):
        name, company, month = pick(random, list(world.contacts)), pick(random, names.COMPANIES), pick(random, MONTHS)
        text = " ".join(several(random, words.SENTENCES, 3)).format(topic=topic, name=name, company=company, month=month)
        world.documents[f"{topic} {pick(random, words.PAPERS)}".capitalize()] = text


def _fill_sheets(world: World, random: np.random.Generator) -> None:
    for name in several(random, words.SHEETS, 2):
        cities = several(random, names.CITIES, int(random.integers(3, 6)))
        first = int(random.integers(0, 9))
        months = MONTHS[first : first + int(random.integers(2, 5))]
        cents = bool(random.integers(2))
        cells: dict[str, float | str] = {f"A{row}": city for row, city in enumerate(cities, 2)}
        for column, month in zip("BCDE", months, strict=False):
            cells[f"{column}1"] = month
            for row in range(2, len(cities) + 2):
                value = int(random.integers(100, 99900))
                cells[f"{column}{row}"] = value / 100 if cents else value // 100
        world.sheets[name] = cells


def _fill_todos(world: World, random: np.random.Generator) -> None:
    states = [True] + [False] * int(random.integers(3, 5))
    for topic, done in zip(several(random, words.TOPICS, len(states)), states, strict=True):
        due = pick(random, working_days(world.today))
        priority: Priority = pick(random, ("low", "normal", "normal", "high"))
        todo = Todo(world.new_id("t"), pick(random, words.ERRANDS).format(topic=topic), due, priority, done)
        world.todos[todo.id] = todo
