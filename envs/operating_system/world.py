"""The state of a machine: files, processes, packages, services, users and scheduled jobs.

Dates are "YYYY-MM-DD", times of day "HH:MM". A world is a function of the generator it is built with and of the calls
made on it since; it knows no clock of its own, only its `today`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from envs.operating_system import vocabulary as words
from envs.operating_system.files import FileSystem, Node
from envs.scenario import names
from envs.scenario.choice import pick, several
from envs.scenario.clock import days_after
from envs.scenario.wording import MONTHS

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Shell = Literal["bash", "zsh", "fish", "none"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
PAST = 400  # days before today on which files may have been changed
DAYS = [days_after("2023-12-03", days) for days in range(PAST + 730)]
LIBRARIES = tuple(sorted({needed for needs in words.PACKAGES.values() for needed in needs}))


@dataclass
class Process:
    pid: int
    name: str
    user: str
    cpu: float  # percent
    megabytes: int
    parent: int = 0  # the pid of the process that started it, 0 for none
    hung: bool = False


@dataclass
class Package:
    """An installed package; `automatic` if it came only because another one needs it."""

    version: str
    automatic: bool = False


@dataclass
class Service:
    package: str
    running: bool = False
    enabled: bool = False
    restarts: int = 0


@dataclass
class User:
    full_name: str
    groups: list[str]
    shell: Shell = "bash"
    variables: dict[str, str] = field(default_factory=dict)


@dataclass
class Job:
    """A command that runs at a time of the day, on some days of the week, for good or up to a last day."""

    command: str
    time: str
    days: tuple[Weekday, ...]
    last_day: str = ""


@dataclass
class World:
    """One machine, used by `owner`. `versions` are those that a package can be had in, oldest first."""

    today: str
    owner: str
    files: FileSystem
    groups: tuple[str, ...]
    versions: dict[str, tuple[str, ...]]
    users: dict[str, User]
    processes: dict[int, Process] = field(default_factory=dict)
    packages: dict[str, Package] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    next_uid: int = 1000

    def new_uid(self) -> int:
        self.next_uid += 1
        return self.next_uid - 1

    def needing(self, package: str) -> list[str]:
        """The installed packages that need another one."""
        return sorted(name for name in self.packages if package in words.PACKAGES.get(name, ()))

    def state(self) -> dict[str, Any]:
        """All that the owner would see, as plain values. The numbers of new users are left out: they are handles, not content."""
        return {
            "files": self.files.state(),
            "processes": [list(vars(process).values()) for process in sorted(self.processes.values(), key=lambda process: process.pid)],
            "packages": {name: [package.version, package.automatic] for name, package in self.packages.items()},
            "services": {name: [*vars(service).values()] for name, service in self.services.items()},
            "users": {name: [user.full_name, sorted(user.groups), user.shell, dict(user.variables)] for name, user in self.users.items()},
            "jobs": {name: [job.command, job.time, list(job.days), job.last_day] for name, job in self.jobs.items()},
        }


def build(random: np.random.Generator) -> World:
    """A machine that has been in use for a while, with something of everything."""
    today = DAYS[PAST + int(random.integers(0, 730))]
    firsts, lasts = several(random, names.FIRST_NAMES, 4), several(random, names.LAST_NAMES, 4)
    logins = [first.lower() for first in firsts]
    groups = tuple(sorted(several(random, words.GROUPS, 6)))
    users = {
        login: User(f"{first} {last}", several(random, groups, 2), "bash", _variables(random))
        for login, first, last in zip(logins, firsts, lasts, strict=True)
    }
    versions = _versions(random)
    world = World(today, logins[0], FileSystem(logins[0], today), groups, versions, users, next_uid=int(random.integers(1004, 1090)))
    _fill_files(world, random)
    _fill_processes(world, random)
    _fill_packages(world, random)
    _fill_jobs(world, random)
    return world


def _variables(random: np.random.Generator) -> dict[str, str]:
    chosen = several(random, list(words.VARIABLES), 3)
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", **{name: pick(random, words.VARIABLES[name]) for name in chosen}}


def _versions(random: np.random.Generator) -> dict[str, tuple[str, ...]]:
    packages = (*words.PACKAGES, *LIBRARIES)
    numbers = random.integers((1, 0, 1, 0), (9, 10, 6, 10), size=(len(packages), 4)).tolist()
    return {
        name: (f"{major}.{minor}.{patch}", f"{major}.{minor + step}.0")
        for name, (major, minor, step, patch) in zip(packages, numbers, strict=True)
    }


class _Writer:
    """Writes the files of a world. Texts are put together from a supply of numbers, since single draws are slow."""

    def __init__(self, world: World, random: np.random.Generator):
        self.files, self.random = world.files, random
        self.people = [user.full_name for user in world.users.values()]
        self.logins = list(world.users)
        today = DAYS.index(world.today)
        self.days = DAYS[today - PAST : today]
        self.stems = iter(several(random, words.STEMS, len(words.STEMS)))
        self.supply = iter(random.integers(0, 2**31, 4000).tolist())

    def pick(self, items: Any) -> Any:
        return items[next(self.supply) % len(items)]

    def node(self, text: str | None = None, data: int | None = None, members: dict[str, Node] | None = None) -> Node:
        return Node(self.files.user, self.pick(("644", "644", "640", "600", "664")), self.pick(self.days), text, data, members)

    def folder(self) -> Node:
        return Node(self.files.user, "755", self.pick(self.days))

    def filled(self, sentence: str) -> str:
        return sentence.format(name=self.pick(self.people), thing=self.pick(words.THINGS), month=self.pick(MONTHS))

    def notes(self) -> str:
        first, count = next(self.supply), 3 + next(self.supply) % 2
        sentences = [words.NOTES[(first + 3 * index) % len(words.NOTES)] for index in range(count)]
        return "\n".join(map(self.filled, sentences)) + "\n"

    def log(self) -> str:
        first = next(self.supply) % (PAST - 20)
        lines = []
        for index in range(8 + next(self.supply) % 3):
            event = self.pick(words.EVENTS).format(
                host=self.pick(words.HOSTS), count=2 + next(self.supply) % 90, login=self.pick(self.logins)
            )
            lines.append(f"{self.days[first + index]} {self.pick(words.LEVELS)} {event}")
        return "\n".join(lines) + "\n"

    def settings(self) -> list[str]:
        keys = list(words.SETTINGS)
        first, step = next(self.supply) % len(keys), 2 + next(self.supply) % 3
        chosen = sorted({keys[(first + step * index) % len(keys)] for index in range(6)})
        return [f"{key} = {self.pick(words.SETTINGS[key])}" for key in chosen]

    def older(self, lines: list[str]) -> list[str]:
        """The settings as they were: one or two with another value, one or two differently spaced, perhaps one more or less."""
        known = {line.split(" = ")[0] for line in lines}
        start, old = next(self.supply) % len(lines), list(lines)
        changed = 1 + next(self.supply) % 2
        for index in range(changed):
            place = (start + index) % len(lines)
            key, value = old[place].split(" = ")
            old[place] = f"{key} = {self.pick([other for other in words.SETTINGS[key] if str(other) != value])}"
        for index in range(1 + next(self.supply) % 2):
            place = (start + changed + index) % len(lines)
            old[place] = old[place].replace(" = ", "  =  ")
        match next(self.supply) % 3:
            case 0:
                del old[(start + 4) % len(lines)]
            case 1:
                key = self.pick([key for key in words.SETTINGS if key not in known])
                old.append(f"{key} = {self.pick(words.SETTINGS[key])}")
        return old

    def table(self) -> str:
        first = next(self.supply) % len(names.CITIES)
        rows = [f"{names.CITIES[(first + index) % len(names.CITIES)]},{next(self.supply) % 900 + 100}" for index in range(4)]
        return "\n".join(["city,amount", *rows]) + "\n"

    def data(self) -> tuple[str, Node]:
        ending = self.pick(list(words.DATA))
        least, most = words.DATA[ending]
        return f"{next(self.stems)}.{ending}", self.node(data=least + next(self.supply) % (most - least))

    def fill(self, folder: str, subfolder: str) -> None:
        """Two text files of notes, a log, settings and how they were, a table, an archive, and other data, some of it a level deeper."""
        settings = self.settings()
        pair = next(self.stems)
        here = {
            f"{next(self.stems)}.txt": self.node(self.notes()),
            f"{next(self.stems)}.log": self.node(self.log()),
            f"{pair}.conf": self.node("\n".join(settings) + "\n"),
            f"{pair}.{self.pick(('bak', 'old', 'orig'))}": self.node("\n".join(self.older(settings)) + "\n"),
            f"{next(self.stems)}.csv": self.node(self.table()),
            f"{next(self.stems)}.{self.pick(('zip', 'tar.gz'))}": self.node(members=self.members()),
            **dict([self.data(), self.data()]),
            subfolder: self.folder(),
            f"{subfolder}/{next(self.stems)}.{self.pick(('txt', 'md'))}": self.node(self.notes()),
            **{f"{subfolder}/{name}": node for name, node in [self.data(), self.data()][: 1 + next(self.supply) % 2]},
        }
        self.files.nodes[folder] = self.folder()
        for name, node in here.items():
            self.files.nodes[f"{folder}/{name}"] = node

    def members(self) -> dict[str, Node]:
        """What lies in an archive: notes, a table, settings and a second table."""
        stems = [self.pick(words.STEMS[:40]), self.pick(words.STEMS[40:]), self.pick(words.STEMS)]
        contents = {
            f"{stems[0]}.txt": self.notes(),
            f"{stems[1]}.csv": self.table(),
            f"{stems[2]}.conf": "\n".join(self.settings()) + "\n",
            f"{stems[0]}_2.csv": self.table(),
        }
        return {name: self.node(text) for name, text in contents.items()}


def _fill_files(world: World, random: np.random.Generator) -> None:
    writer = _Writer(world, random)
    for folder, subfolder in zip(several(random, words.FOLDERS, 5), several(random, words.SUBFOLDERS, 5), strict=True):
        writer.fill(f"{world.files.home}/{folder}", subfolder)
    for login in world.users:
        world.files.nodes.setdefault(f"/home/{login}", Node(login, "750", world.today))
    for name, mode, text in (("hosts", "644", "127.0.0.1 localhost\n"), ("shadow", "640", "root:*\n")):
        world.files.nodes[f"/etc/{name}"] = Node("root", mode, writer.pick(writer.days), text)


def _fill_processes(world: World, random: np.random.Generator) -> None:
    """The owner's, one of which hangs and one has two children, and some of other users. No two have the same share of anything."""
    others = [login for login in world.users if login != world.owner]
    users = [world.owner] * int(random.integers(4, 7)) + [pick(random, others) for _ in range(int(random.integers(2, 5)))]
    pids = sorted(several(random, range(300, 9900), len(users) + 2))
    cpu, megabytes = several(random, range(1, 480), len(users) + 2), several(random, range(12, 2900), len(users) + 2)
    programs = several(random, words.PROGRAMS, len(users))
    order = several(random, range(len(users)), len(users))
    started = [(programs[index], users[index], index) for index in order]
    for pid, share, memory, (name, user, index) in zip(pids, cpu, megabytes, started, strict=False):
        world.processes[pid] = Process(pid, name, user, share / 10, memory, hung=index == 0)
    parent = next(process for process in world.processes.values() if process.name == programs[1])
    helper = pick(random, words.HELPERS)
    for pid, share, memory in zip(pids[-2:], cpu[-2:], megabytes[-2:], strict=True):
        world.processes[pid] = Process(pid, helper, parent.user, share / 10, memory, parent.pid)


def _fill_packages(world: World, random: np.random.Generator) -> None:
    """Some programs, with what they need: one is not the newest, two bring a service that runs and one a service that does not."""
    serving = several(random, list(words.SERVICES), 4)
    plain = several(random, [name for name in words.PACKAGES if name not in words.SERVICES], 4)
    for name in (*serving, *plain):
        world.packages[name] = Package(world.versions[name][0] if name == plain[0] else pick(random, world.versions[name]))
        for needed in words.PACKAGES[name]:
            world.packages.setdefault(needed, Package(world.versions[needed][-1], automatic=True))
    for index, name in enumerate(serving):
        running = index < 2 or (index == 2 and bool(random.integers(2)))
        world.services[words.SERVICES[name]] = Service(name, running, bool(random.integers(2)))


def _fill_jobs(world: World, random: np.random.Generator) -> None:
    for name in several(random, list(words.JOBS), 4):
        days = tuple(WEEKDAYS[index] for index in sorted(several(random, range(7), int(random.integers(1, 4)))))
        time = f"{int(random.integers(0, 24)):02}:{pick(random, ('00', '15', '30', '45'))}"
        world.jobs[name] = Job(pick(random, words.JOBS[name]), time, pick(random, (WEEKDAYS, days)))
