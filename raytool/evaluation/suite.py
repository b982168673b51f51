"""What a benchmark is: samples that a model plays as tasks, and how what it did counts.

A suite reads its files into samples and scores an Episode of each. How the episode came about, from a model or from
somebody's file of answers, it does not know.
"""

from __future__ import annotations

import dataclasses
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from raytool.records import Episode, Task, UserError


class SuiteError(UserError):
    """A suite whose data cannot be had; the message names the suite and says where its files are to be found."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One thing that a suite asks.

    `groups` is what the results are broken down by ({"noise": "slight", "scenario": "Daily Life"}); the first of them is
    what a limit counts. `record` is what the suite's own rule needs of the file, and nobody else looks at. Samples that ask nearly the same
    share a `cluster`, which intervals draw whole; without one a sample is its own.
    """

    task: Task
    groups: Mapping[str, str]
    record: Any = None
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that could not be read. It counts as a sample with nothing right."""

    where: str
    """File and line, or file and key."""
    reason: str
    groups: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    """What the sample would be called, where that is known all the same: an answer to it is none to a stranger."""


@dataclass(frozen=True, slots=True)
class Reading:
    samples: Sequence[Sample]
    unreadable: Sequence[Unreadable] = ()

    def only(self, chosen: Sequence[str], limit: int | None, seed: int) -> Reading:
        """The part of it that has one of the `chosen` values in its first group, at most `limit` records of each, drawn by seed.

        A record that cannot be read is drawn like any other, so that a part has its share of them.

        Raises:
            SuiteError: a chosen value that no record has.
        """
        everything: list[Sample | Unreadable] = [*self.samples, *self.unreadable]
        by_key: dict[str, list[Sample | Unreadable]] = {}
        for record in everything:
            by_key.setdefault(next(iter(record.groups.values()), ""), []).append(record)
        if unknown := [value for value in chosen if value not in by_key]:
            raise SuiteError(f"--only {unknown[0]}: there is {', '.join(sorted(by_key))}")
        kept: list[Sample | Unreadable] = []
        for key, records in by_key.items():
            if chosen and key not in chosen:
                continue
            if limit is not None and limit < len(records):
                # What is drawn of one value does not depend on which others were chosen.
                drawn = np.random.default_rng([seed, zlib.crc32(key.encode())]).choice(len(records), limit, replace=False)
                records = [records[i] for i in sorted(drawn.tolist())]
            kept += records
        return Reading([r for r in kept if isinstance(r, Sample)], [r for r in kept if isinstance(r, Unreadable)])


@dataclass(frozen=True, slots=True)
class Ratio:
    """What a sample adds to a measure: `hits` of `total`. A sample that is right or wrong has a total of 1."""

    hits: float
    total: float = 1.0

    @classmethod
    def of(cls, right: bool) -> Ratio:
        return cls(float(right))


@dataclass(frozen=True, slots=True)
class Score:
    """`verdict` says in a word or two what became of the sample; `measures` are by name, and those that do not apply are not there."""

    verdict: str
    measures: Mapping[str, Ratio]


class Suite(ABC):
    """A benchmark. Its module's docstring says what each measure is and where its rule comes from."""

    name: ClassVar[str]
    measures: ClassVar[tuple[str, ...]]
    """In the order of the table. In percent, but for those that have a unit."""
    units: ClassVar[Mapping[str, str]] = {}
    """Of the measures that are a mean of amounts, and no percentage: "tokens"."""
    per_sample: ClassVar[tuple[str, ...]]
    """Those of which every sample has one, so that a sample that cannot be read counts against them."""
    max_turns: ClassVar[int] = 1
    turn_tokens: ClassVar[int] = 256
    max_tokens: ClassVar[int] = 4096
    observation_characters: ClassVar[int] = 400
    """What a model may write in a turn, how long a conversation may get and where observations are cut, unless the user says otherwise."""
    checks: ClassVar[tuple[str, ...]] = ()
    """Options that ask the same samples in another way, under the same ids, so that two scorecards pair."""
    where: ClassVar[str] = ""
    """Where the files are published; empty where the suite needs none."""

    @abstractmethod
    def read(self, data: Path | None) -> Reading:
        """All samples. `data` is the folder or file that the user gave, or the one in the cache, or None where the suite needs none.

        Raises:
            SuiteError: files that are not there.
        """

    @abstractmethod
    def score(self, sample: Sample, episode: Episode) -> Score:
        """How an episode of the sample counts."""

    def counted(self, groups: Mapping[str, str]) -> Sequence[str]:
        """The measures that every sample of these groups has one of; one that is not answered, or cannot be read, counts against them."""
        return self.per_sample

    def notes(self) -> Sequence[str]:
        """What a reader of the figures has to know; it stands beside them."""
        return ()


def numbered(reading: Iterable[Sample | Unreadable]) -> Reading:
    """Samples and unreadable records told apart, with ids made unique by a number where a file repeats them."""
    samples, unreadable, seen = [], [], dict[str, int]()

    def unique(name: str) -> str:
        count = seen[name] = seen.get(name, 0) + 1
        return name if count == 1 else f"{name}#{count}"

    for record in reading:
        if isinstance(record, Sample):
            samples.append(dataclasses.replace(record, task=dataclasses.replace(record.task, id=unique(record.task.id))))
        else:
            unreadable.append(dataclasses.replace(record, id=unique(record.id)) if record.id else record)
    return Reading(samples, unreadable)
