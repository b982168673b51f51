"""The state of a phone: chats, calls, alarms, notes, photos, music, podcasts, places, rides, apps, money and posts.

Dates are "YYYY-MM-DD", times of day "HH:MM", money is in cents, distances are in metres. A world is a function of the
generator it is built with and of the calls made on it since; it knows no clock of its own, only its `today`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from envs.mobile_app import vocabulary as words
from envs.scenario import names
from envs.scenario.choice import pick, several
from envs.scenario.clock import days_after, time_of_day

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
CallKind = Literal["incoming", "outgoing", "missed"]
Genre = Literal["folk", "jazz", "pop", "rock", "soul"]
Collection = Literal["favourites", "want_to_go", "visited"]
Style = Literal["off", "silent", "banner", "sound"]
LimitDays = Literal["every_day", "weekdays", "weekend"]
Audience = Literal["everyone", "friends", "close_friends"]
WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
GENRES: tuple[Genre, ...] = ("folk", "jazz", "pop", "rock", "soul")
HISTORY = 14  # days of screen time that are kept, today included
ADDRESS = re.compile(r"[1-9][0-9]{0,2} (.+)")


@dataclass(frozen=True)
class Fact:
    """What a text tells, for those who write requests about it: an amount of money, an address or a code."""

    kind: Literal["bill", "address", "code"]
    subject: str
    value: str


@dataclass
class Message:
    id: str
    chat: str
    sender: str
    sent: str  # "YYYY-MM-DD HH:MM", or when it is to be sent
    text: str
    unread: bool = False
    reply_to: str = ""
    fact: Fact | None = None


@dataclass
class Call:
    name: str
    kind: CallKind
    date: str
    time: str
    minutes: int = 0
    voicemail: str = ""


@dataclass
class Voicemail:
    id: str
    caller: str
    text: str
    heard: bool = False
    archived: bool = False
    fact: Fact | None = None


@dataclass
class Alarm:
    time: str
    days: tuple[Weekday, ...] = ()
    label: str = ""
    snooze_minutes: int = 10


@dataclass
class Timer:
    seconds: int
    label: str = ""
    repeats: int = 0


@dataclass
class Note:
    title: str
    text: str
    folder: str
    pinned: bool = False
    fact: Fact | None = None


@dataclass
class Photo:
    id: str
    date: str
    place: str
    people: tuple[str, ...]
    favourite: bool


@dataclass
class Album:
    photos: tuple[str, ...]
    cover: str
    shared_with: tuple[str, ...] = ()


@dataclass
class Post:
    text: str
    audience: Audience
    photos: tuple[str, ...] = ()
    place: str = ""


@dataclass
class Song:
    id: str
    title: str
    artist: str
    genre: Genre
    year: int
    seconds: int


@dataclass
class Episode:
    title: str
    minutes: int


@dataclass
class Place:
    name: str
    address: str
    collection: Collection = "favourites"


@dataclass
class Road:
    metres: int
    toll: bool = False


@dataclass
class Ride:
    pickup: str
    dropoff: str
    car: str
    adults: int
    children: int
    at: str = ""


@dataclass
class App:
    name: str
    use: tuple[int, ...]  # minutes of each of the last days, today first
    style: Style = "banner"
    previews: bool = True
    quiet: tuple[str, str] | None = None
    limits: dict[LimitDays, tuple[int, bool]] = field(default_factory=dict)  # minutes, and whether they are strict


@dataclass
class Payment:
    kind: Literal["sent", "requested"]
    name: str
    cents: int
    note: str = ""
    shown_to_friends: bool = False
    due: str = ""


@dataclass
class World:
    """One person's phone. `streets` has for each street the roads to its neighbours; an address is a number and a street."""

    today: str
    friends: tuple[str, ...]
    groups: dict[str, tuple[str, ...]]
    streets: dict[str, dict[str, Road]]
    cents: int
    free_mb: int
    messages: dict[str, Message] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    voicemails: dict[str, Voicemail] = field(default_factory=dict)
    alarms: list[Alarm] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    folders: tuple[str, ...] = ()
    notes: dict[str, Note] = field(default_factory=dict)
    photos: dict[str, Photo] = field(default_factory=dict)
    albums: dict[str, Album] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    songs: dict[str, Song] = field(default_factory=dict)
    playlists: dict[str, list[str]] = field(default_factory=dict)
    shows: dict[str, list[Episode]] = field(default_factory=dict)  # oldest first, numbered from 1
    downloads: dict[tuple[str, int], str] = field(default_factory=dict)  # quality of each episode that is there
    places: dict[str, Place] = field(default_factory=dict)
    rides: list[Ride] = field(default_factory=list)
    apps: dict[str, App] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)
    next_number: dict[str, int] = field(default_factory=dict)

    def new_id(self, kind: Literal["m", "v", "p", "s", "r"]) -> str:
        """An id that no message, voicemail, photo, song or ride of this world ever had."""
        number = self.next_number[kind]
        self.next_number[kind] = number + 1
        return f"{kind}{number}"

    def friend(self, name: str) -> str | None:
        """The friend of that name, which may be the first name alone; case does not matter."""
        wanted = name.casefold()
        return next((friend for friend in self.friends if wanted in (friend.casefold(), friend.split()[0].casefold())), None)

    def chat(self, name: str) -> str | None:
        """The group of that name, or the friend whose chat it is."""
        group = next((group for group in self.groups if group.casefold() == name.casefold()), None)
        return group or self.friend(name)

    def address(self, place: str) -> str | None:
        """The address of a saved place, or an address itself, if its street exists."""
        saved = next((found.address for name, found in self.places.items() if name.casefold() == place.casefold()), None)
        if saved:
            return saved
        match = ADDRESS.fullmatch(place)
        street = match and next((street for street in self.streets if street.casefold() == match[1].casefold()), None)
        return f"{place.split()[0]} {street}" if street else None

    def state(self) -> dict[str, Any]:
        """All that the owner would see, as plain values. Ids and the order of creation are left out: they are handles, not content."""
        return {
            "messages": sorted(
                [message.chat, message.sender, message.sent, message.text, message.unread, self._message_text(message.reply_to)]
                for message in self.messages.values()
            ),
            "voicemails": sorted([left.caller, left.text, left.heard, left.archived] for left in self.voicemails.values()),
            "alarms": sorted([alarm.time, list(alarm.days), alarm.label, alarm.snooze_minutes] for alarm in self.alarms),
            "timers": sorted([timer.seconds, timer.label, timer.repeats] for timer in self.timers),
            "notes": sorted([note.title, note.text, note.folder, note.pinned] for note in self.notes.values()),
            "albums": {
                title: [sorted(self._photo_dates(album.photos)), self.photos[album.cover].date, sorted(album.shared_with)]
                for title, album in self.albums.items()
            },
            "posts": sorted([post.text, post.audience, sorted(self._photo_dates(post.photos)), post.place] for post in self.posts),
            "playlists": {name: [self.songs[song].title for song in songs] for name, songs in self.playlists.items()},
            "downloads": sorted([show, number, quality] for (show, number), quality in self.downloads.items()),
            "free_mb": self.free_mb,
            "places": sorted([place.name, place.address, place.collection] for place in self.places.values()),
            "rides": sorted([ride.pickup, ride.dropoff, ride.car, ride.adults, ride.children, ride.at] for ride in self.rides),
            "apps": {
                app.name: [app.style, app.previews, list(app.quiet or ()), {days: list(limit) for days, limit in app.limits.items()}]
                for app in self.apps.values()
            },
            "cents": self.cents,
            "payments": sorted([paid.kind, paid.name, paid.cents, paid.note, paid.shown_to_friends, paid.due] for paid in self.payments),
        }

    def _message_text(self, message_id: str) -> str:
        return self.messages[message_id].text if message_id else ""

    def _photo_dates(self, photo_ids: Sequence[str]) -> list[str]:
        return [self.photos[photo_id].date for photo_id in photo_ids]  # no two photos of a world have the same date


def euros(cents: int) -> float:
    """Cents as an amount in euros; a whole number without decimals."""
    return cents // 100 if cents % 100 == 0 else cents / 100


def some_cents(random: np.random.Generator) -> int:
    """A plausible debt: often a whole number of euros."""
    return int(random.integers(5, 60)) * 100 + pick(random, (0, 0, 50, 20, 80))


def build(random: np.random.Generator) -> World:
    """A small phone with something of everything, and enough of it to ask about."""
    today = days_after("2025-01-06", int(random.integers(0, 728)))
    friends = tuple(map(" ".join, zip(several(random, names.FIRST_NAMES, 7), several(random, names.LAST_NAMES, 7), strict=True)))
    groups = {name: tuple(several(random, friends, int(random.integers(3, 5)))) for name in several(random, words.GROUPS, 3)}
    cents, free_mb = int(random.integers(300, 900)) * 100, int(random.integers(500, 3000))
    world = World(today, friends, groups, _town(random), cents, free_mb)
    world.next_number = dict(zip("mvpsr", random.integers(100, 900, size=5).tolist(), strict=True))
    things, places = iter(several(random, words.THINGS, 8)), iter(several(random, words.PLACES, 10))
    _fill_places(world, random, places)
    _fill_messages(world, random, things, places)
    _fill_calls(world, random, things, places)
    _fill_clock_and_notes(world, random, things, places)
    _fill_photos(world, random)
    _fill_music(world, random)
    _fill_podcasts(world, random)
    _fill_apps(world, random)
    return world


def _town(random: np.random.Generator) -> dict[str, dict[str, Road]]:
    """Eight streets in a ring, which is free, and a few ways across it, some with a toll."""
    streets = several(random, words.STREETS, 8)
    town: dict[str, dict[str, Road]] = {street: {} for street in streets}
    pairs = [(index, (index + 1) % 8, False) for index in range(8)]
    pairs += [(index, index + 4, bool(index % 2)) for index in range(4)] + [(0, 2, True), (5, 7, False)]
    for (first, second, toll), length in zip(pairs, random.integers(4, 28, size=len(pairs)).tolist(), strict=True):
        road = Road(length * 100, toll)
        town[streets[first]][streets[second]] = town[streets[second]][streets[first]] = road
    return town


def new_address(random: np.random.Generator, streets: Sequence[str]) -> str:
    return f"{int(random.integers(1, 100))} {pick(random, streets)}"


def _fill_places(world: World, random: np.random.Generator, places: Iterator[str]) -> None:
    for name, street in zip(("Home", "Work", next(places), next(places), next(places)), world.streets, strict=False):
        collection: Collection = "favourites" if name in ("Home", "Work") else pick(random, ("favourites", "want_to_go", "visited"))
        world.places[name] = Place(name, new_address(random, [street]), collection)


def _told(world: World, random: np.random.Generator, kind: str, things: Iterator[str], places: Iterator[str]) -> tuple[str, Fact | None]:
    """A text of some kind, and the fact that it tells."""
    if kind == "bill":
        thing, amount = next(things), f"{some_cents(random) / 100:.2f}"
        return pick(random, words.BILLS).format(thing=thing, amount=amount), Fact("bill", thing, amount)
    if kind == "address":
        # The last streets of the town, where no place is saved yet: a way there is never a way of no length.
        place, address = next(places), new_address(random, list(world.streets)[5:])
        return pick(random, words.ADDRESSES).format(place=place.lower(), address=address), Fact("address", place.lower(), address)
    return kind, None


def _fill_messages(world: World, random: np.random.Generator, things: Iterator[str], places: Iterator[str]) -> None:
    kinds = ["bill", "bill", "address", "address", *several(random, words.CHATTER, 5)]
    days = sorted(random.integers(1, 12, size=len(kinds)).tolist(), reverse=True)
    for days_ago, kind in zip(days, several(random, kinds, len(kinds)), strict=True):
        chat = pick(random, (*world.groups, *world.friends))
        sender = pick(random, world.groups.get(chat, (chat,)))
        text, fact = _told(world, random, kind, things, places)
        sent = f"{days_after(world.today, -days_ago)} {_some_time(random)}"
        message = Message(world.new_id("m"), chat, sender, sent, text, bool(random.random() < 0.4), fact=fact)
        world.messages[message.id] = message


def _fill_calls(world: World, random: np.random.Generator, things: Iterator[str], places: Iterator[str]) -> None:
    kinds = ["bill", "bill", "address", pick(random, words.CHATTER)]
    ways: list[CallKind] = ["missed", "missed", "missed", "missed", "missed", "incoming", "incoming", "outgoing", "outgoing"]
    callers = several(random, world.friends, len(kinds))  # nobody leaves two voicemails
    days = sorted(random.integers(1, 10, size=len(ways)).tolist(), reverse=True)
    for days_ago, index in zip(days, random.permutation(len(ways)).tolist(), strict=True):
        name, kind = callers[index] if index < len(kinds) else pick(random, world.friends), ways[index]
        call = Call(name, kind, days_after(world.today, -days_ago), _some_time(random))
        if kind != "missed":
            call.minutes = int(random.integers(1, 60))
        elif index < len(kinds):
            text, fact = _told(world, random, kinds[index], things, places)
            voicemail = Voicemail(world.new_id("v"), name, text, fact=fact)
            call.voicemail = voicemail.id
            world.voicemails[voicemail.id] = voicemail
        world.calls.append(call)
    world.calls.sort(key=lambda call: (call.date, call.time))


def _fill_clock_and_notes(world: World, random: np.random.Generator, things: Iterator[str], places: Iterator[str]) -> None:
    labels = several(random, words.LABELS, 3)
    world.alarms = [Alarm(_some_time(random), WEEK[:5], labels[0]), Alarm(_some_time(random), (pick(random, WEEK),), labels[1])]
    world.timers = [Timer(int(random.integers(2, 30)) * 60, labels[2])]
    world.folders = ("Notes", *several(random, words.FOLDERS, 3))
    notes = [Note(title, text, pick(random, world.folders)) for title, text in several(random, words.NOTES, 3)]
    for locked in several(random, words.LOCKED, 1):
        code = str(int(random.integers(1000, 10000)))
        notes.append(Note(f"Code of the {locked}", f"The code is {code}.", pick(random, world.folders), fact=Fact("code", locked, code)))
    for kind in ("bill", "address", "address"):
        text, fact = _told(world, random, kind, things, places)
        assert fact is not None
        friend = pick(random, world.friends)
        if kind == "bill":
            text = f"I owe {friend} {fact.value} euros for the {fact.subject}."
        notes.append(Note(fact.subject.capitalize(), text, pick(random, world.folders), fact=fact))
    world.notes = {note.title: note for note in several(random, notes, len(notes))}


def _fill_photos(world: World, random: np.random.Generator) -> None:
    cities = several(random, names.CITIES, 4)
    ages = sorted(several(random, range(2, 150), 10), reverse=True)
    for index, age in enumerate(ages):
        people = tuple(several(random, world.friends[:4], int(random.integers(0, 3))))
        place = cities[index % 4] if index < 8 else pick(random, cities)
        photo = Photo(world.new_id("p"), days_after(world.today, -age), place, people, bool(random.random() < 0.3))
        world.photos[photo.id] = photo
    shots = list(world.photos)[:2]
    world.albums = {pick(random, words.ALBUMS): Album(tuple(shots), shots[0])}


def _fill_music(world: World, random: np.random.Generator) -> None:
    artists = several(random, words.ARTISTS, 4)
    years, lengths = several(random, range(1985, 2025), 12), several(random, range(140, 400), 12)
    for index, title in enumerate(several(random, words.SONGS, 12)):
        song = Song(world.new_id("s"), title, artists[index % 4], pick(random, GENRES), years[index], lengths[index])
        world.songs[song.id] = song
    for name in several(random, words.PLAYLISTS, 3):
        world.playlists[name] = several(random, list(world.songs), int(random.integers(2, 5)))


def _fill_podcasts(world: World, random: np.random.Generator) -> None:
    titles = iter(several(random, words.EPISODES, 16))
    for show in several(random, words.SHOWS, 4):
        lengths = random.integers(15, 90, size=int(random.integers(3, 5))).tolist()
        world.shows[show] = [Episode(next(titles), minutes) for minutes in lengths]
    world.downloads = {(next(iter(world.shows)), 1): "normal"}


def _fill_apps(world: World, random: np.random.Generator) -> None:
    use = random.integers(0, 120, size=(6, HISTORY)).tolist()
    for name, minutes in zip(several(random, words.APPS, 6), use, strict=True):
        world.apps[name] = App(name, tuple(minutes), pick(random, ("banner", "banner", "sound", "silent")))
    limited = next(iter(world.apps.values()))
    limited.limits["every_day"] = (int(random.integers(2, 12)) * 10, False)


def _some_time(random: np.random.Generator) -> str:
    """A time of day between six and ten in the evening that is easy to say."""
    return time_of_day(int(random.integers(6 * 12, 22 * 12)) * 5)
