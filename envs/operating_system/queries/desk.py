"""The desk of the machine: its files by what they are asked for, paths in their equal forms, and new values."""

from __future__ import annotations

import itertools
import posixpath
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from envs.operating_system import vocabulary as words
from envs.operating_system.tools import OperatingSystem
from envs.operating_system.world import World
from envs.scenario import names
from envs.scenario.desk import Desk
from envs.scenario.wording import MONTHS, NUMBERS

Zone = Literal["texts", "tree", "archives"]
PATHS = ("path", "folder", "first", "second", "source", "destination", "archive")


class OperatingSystemDesk(Desk[OperatingSystem]):
    """Each area over files has folders of its own, drawn for every request, so that requests of two areas do not meet.

    A person writes all paths from the root or all from ~; where a call is recorded, both forms are right.
    """

    def __init__(self, random: np.random.Generator, seed: int):
        super().__init__(OperatingSystem, random, seed)
        self.home = self.world.files.home
        self.tilde = self.chance(0.7)
        tops = [path for path in self.world.files.below(self.home) if posixpath.dirname(path) == self.home]
        tops = self.several(tops, len(tops))
        self.zones: dict[Zone, list[str]] = {"texts": tops[:2], "tree": tops[2:4], "archives": tops[4:]}
        taken = {posixpath.basename(path).split(".")[0] for path in self.world.files.nodes}
        self.stems = iter([stem for stem in self.several(words.STEMS, len(words.STEMS)) if stem not in taken])

    @property
    def world(self) -> World:
        return self.env.world

    # ---- calls

    def call(self, tool: str, accept: dict[str, tuple[Any, ...]] | None = None, /, **arguments: Any) -> Any:
        equal = dict(accept or {})
        for name, value in arguments.items():
            if name in PATHS:
                values = [value, *equal.get(name, ())]
                if name == "destination" and "source" in arguments:
                    values += self._same_place(arguments["source"], value)
                equal[name] = tuple(dict.fromkeys(form for path in values for form in self._forms(path) if form != value))
            elif name == "paths":
                styles = zip(*map(self._forms, value), strict=False)
                equal[name] = tuple(list(order) for style in styles for order in itertools.permutations(style) if list(order) != value)
        return super().call(tool, equal, **arguments)

    def optional(self, *parameters: str) -> None:
        """The last call is right without these parameters too."""
        self.calls[-1] = replace(self.calls[-1], optional=(*self.calls[-1].optional, *parameters))

    def _forms(self, path: str) -> list[str]:
        files = self.world.files
        full = files.absolute(path)
        forms = [full]
        if full == self.home or full.startswith(self.home + "/"):
            forms.append("~" + full[len(self.home) :])
        is_folder = full in files.nodes and files.nodes[full].is_folder
        return forms + [form + "/" for form in forms if is_folder]

    def _same_place(self, source: str, destination: str) -> list[str]:
        """A thing keeps its name in a folder, whether or not one says so."""
        full, name = self.world.files.absolute(destination), posixpath.basename(source)
        if full in self.world.files.nodes and self.world.files.nodes[full].is_folder:
            return [posixpath.join(full, name)]
        return [posixpath.dirname(full)] if posixpath.basename(full) == name else []

    # ---- files that are there

    def said(self, path: str) -> str:
        """A path as the person of this request writes it."""
        return "~" + path[len(self.home) :] if self.tilde and path.startswith(self.home) else path

    def folder(self, zone: Zone) -> str:
        return self.pick(self.zones[zone])

    def inside(self, folder: str, *endings: str, deep: bool = False) -> list[str]:
        """The files in a folder, or also in its folders; of some endings if they are given."""
        files = self.world.files
        return [
            path
            for path in files.below(folder)
            if not files.nodes[path].is_folder and (deep or posixpath.dirname(path) == folder) and path.endswith(endings or "")
        ]

    def file(self, zone: Zone, *endings: str, deep: bool = False) -> str:
        return self.pick(self.inside(self.folder(zone), *endings, deep=deep))

    def subfolder(self, folder: str) -> str:
        return next(path for path in self.world.files.below(folder) if self.world.files.nodes[path].is_folder)

    def older(self, settings: str) -> str:
        """The settings as they were: the file beside a .conf of the same name."""
        stem = settings.removesuffix(".conf")
        return next(
            path for path in self.world.files.below(posixpath.dirname(settings)) if path.startswith(stem + ".") and path != settings
        )

    def lines(self, path: str) -> list[str]:
        return (self.world.files.nodes[path].text or "").splitlines()

    def setting(self, path: str) -> tuple[str, str]:
        key, value = self.pick(self.lines(path)).split(" = ")
        return key, value

    # ---- wording

    def at(self, time: str) -> str:
        hour = int(time[:2])
        if time in ("00:00", "12:00"):
            return self.pick((time, "noon" if hour else "midnight"))
        if time.endswith(":30") and hour % 12 and self.chance(0.4):
            part = "in the morning" if hour < 12 else "in the afternoon" if hour < 18 else "in the evening"
            return f"half past {NUMBERS[hour % 12] if hour % 12 <= 10 else 'eleven'} {part}"
        return super().at(time)

    # ---- what is new

    def stem(self) -> str:
        """A file name without its ending that no file on the machine has."""
        return next(self.stems)

    def line(self) -> str:
        name = self.pick([user.full_name for user in self.world.users.values()])
        return self.pick(words.LINES).format(name=name, thing=self.pick(words.THINGS), month=self.pick(MONTHS))

    def new_setting(self) -> str:
        key = self.pick(list(words.SETTINGS))
        return f"{key} = {self.pick([*words.SETTINGS[key]])}"

    def new_person(self) -> tuple[str, str]:
        """A login that is free, and a full name to go with it."""
        first = self.pick([name for name in names.FIRST_NAMES if name.lower() not in self.world.users])
        last = self.pick(names.LAST_NAMES)
        return self.pick((first.lower(), f"{first[0]}{last}".lower())), f"{first} {last}"

    def absent(self) -> str:
        """A package that could be installed."""
        return self.pick([name for name in words.PACKAGES if name not in self.world.packages])
