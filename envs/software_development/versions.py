"""Semantic versions: "2.4.1", or the release candidate "2.5.0-rc.1", which comes before "2.5.0"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering
from typing import Literal

Part = Literal["major", "minor", "patch"]
VERSION = re.compile(r"(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})(?:-rc\.([1-9]\d{0,3}))?")


@total_ordering
@dataclass(frozen=True)
class Version:
    major: int
    minor: int
    patch: int
    candidate: int = 0  # 0 for a final version

    @classmethod
    def parse(cls, text: str) -> Version | None:
        found = VERSION.fullmatch(text)
        return cls(*(int(number or 0) for number in found.groups())) if found else None

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}" + (f"-rc.{self.candidate}" if self.candidate else "")

    def __lt__(self, other: Version) -> bool:
        return self._order < other._order

    @property
    def final(self) -> Version:
        """The version that a candidate is one of."""
        return Version(self.major, self.minor, self.patch)

    @property
    def _order(self) -> tuple[int, int, int, bool, int]:
        return self.major, self.minor, self.patch, not self.candidate, self.candidate

    def next(self, part: Part) -> Version:
        if part == "major":
            return Version(self.major + 1, 0, 0)
        return Version(self.major, self.minor + 1, 0) if part == "minor" else Version(self.major, self.minor, self.patch + 1)
