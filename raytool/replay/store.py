"""Episodes on disk: sealed Arrow IPC files, each written whole or not at all.

    episodes/ppo-000017.arrow     one `add`
    episodes/ppo-000000-000039.arrow   forty of them, compacted
    void/ppo-000040.arrow         set aside by a resume, never read again

`pyarrow.dataset.dataset("runs/x/episodes", format="ipc")` and DuckDB through it read them at any time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from raytool import durable
from raytool.records import NO_POLICY, Episode, PolicyVersion
from raytool.replay.schema import SCHEMA, from_table, to_table

_NAME = re.compile(r"^(?P<kind>[a-z]+)-(?P<first>\d{6,})(-(?P<last>\d{6,}))?\.arrow$")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds: how many episodes, their first group, and the newest version that wrote one of their tokens."""

    episodes: int
    group: int
    newest_version: PolicyVersion


def kind_of(path: Path) -> str:
    """Of what kind the episodes of a file are."""
    return path.name.partition("-")[0]


class EpisodeStore:
    """The files of one kind (`ppo`, `demonstrations`) in a folder."""

    def __init__(self, folder: Path, kind: str):
        self.folder = folder
        self.kind = kind
        folder.mkdir(parents=True, exist_ok=True)
        for draft in folder.glob(f".{kind}-*.draft"):
            draft.unlink()
        self._drop_compacted()
        self._next = max((last + 1 for _, _, last in self._files()), default=0)

    def add(self, episodes: Sequence[Episode]) -> Path:
        """Write episodes durably: when this returns they survive a loss of power."""
        path = self.folder / f"{self.kind}-{self._next:06d}.arrow"
        self._seal(to_table(episodes), path)
        self._next += 1
        return path

    def read(self) -> Iterator[tuple[Path, list[Episode]]]:
        """All files in the order they were written, with their episodes."""
        for path, _, _ in self._files():
            yield path, read_file(path)

    def contents(self) -> Iterator[tuple[Path, Contents]]:
        """All files in the order they were written, with what is in them, of which no episode is made."""
        for path, _, _ in self._files():
            yield path, _contents(path)

    def compact(self, paths: Collection[Path] | None = None) -> None:
        """Merge files, by default all, that follow each other without a gap. Killed in between, the next opening finishes the work."""
        runs: list[list[tuple[Path, int, int]]] = []
        chosen = None if paths is None else set(paths)
        for file in self._files():
            if chosen is not None and file[0] not in chosen:
                continue
            if runs and runs[-1][-1][2] + 1 == file[1]:
                runs[-1].append(file)
            else:
                runs.append([file])
        for run in runs:
            if len(run) > 1:
                tables = []
                for path, _, _ in run:
                    with pa.ipc.open_file(path) as reader:
                        tables.append(reader.read_all())
                self._seal(pa.concat_tables(tables), self.folder / f"{self.kind}-{run[0][1]:06d}-{run[-1][2]:06d}.arrow")
        self._drop_compacted()

    def set_aside(self, path: Path) -> None:
        """Move a file out of the record; nothing written is lost."""
        void = self.folder.parent / "void"
        void.mkdir(exist_ok=True)
        target, number = void / path.name, 1
        while target.exists():
            target, number = void / f"{path.stem}.{number}.arrow", number + 1
        path.rename(target)

    def _files(self) -> list[tuple[Path, int, int]]:
        """(path, first number, last number), in order."""
        return _numbered(self.folder).get(self.kind, [])

    def _drop_compacted(self) -> None:
        """Remove files whose rows stand in a compacted one as well."""
        files = self._files()
        whole = set(_whole(files))
        for path, _, _ in files:
            if path not in whole:
                path.unlink()

    def _seal(self, table: pa.Table, path: Path) -> None:
        with durable.writing(path) as draft, pa.OSFile(str(draft), "wb") as sink, pa.ipc.new_file(sink, SCHEMA) as writer:
            writer.write_table(table)


def sealed(folder: Path) -> list[Path]:
    """The files of a folder, whatever their kind, each row in one of them; the folder is left as it is, so that a run may go on in it."""
    return [path for _, files in sorted(_numbered(folder).items()) for path in _whole(files)]


def _contents(path: Path) -> Contents:
    with pa.memory_map(str(path)) as file, pa.ipc.open_file(file) as reader:
        table = reader.read_all()
        written = pc.list_flatten(table["versions"]).filter(pc.equal(pc.list_flatten(table["loss_mask"]), 1))
        newest = pc.max(written).as_py()
        return Contents(table.num_rows, table["group"][0].as_py(), NO_POLICY if newest is None else newest)


def read_file(path: Path) -> list[Episode]:
    with pa.ipc.open_file(path) as reader:
        return from_table(reader.read_all())


def read_columns(path: Path, names: Sequence[str]) -> list[tuple[Any, ...]]:
    """Some columns of a file, a tuple for each episode."""
    with pa.memory_map(str(path)) as file, pa.ipc.open_file(file) as reader:
        table = reader.read_all()
        return list(zip(*(table[name].to_pylist() for name in names), strict=True))


def read_groups(path: Path, groups: Collection[int]) -> list[Episode]:
    """The episodes of some groups in a file, of which no more is read than these."""
    with pa.memory_map(str(path)) as file, pa.ipc.open_file(file) as reader:
        table = reader.read_all()
        return from_table(table.filter(pc.is_in(table["group"], pa.array(groups, pa.int64()))))


def _numbered(folder: Path) -> dict[str, list[tuple[Path, int, int]]]:
    """(path, first number, last number) of the files of each kind, in order."""
    found: dict[str, list[tuple[Path, int, int]]] = {}
    for path in folder.iterdir():
        if match := _NAME.match(path.name):
            first = int(match["first"])
            found.setdefault(match["kind"], []).append((path, first, int(match["last"] or first)))
    return {kind: sorted(files, key=lambda file: (file[1], -file[2])) for kind, files in found.items()}


def _whole(files: list[tuple[Path, int, int]]) -> list[Path]:
    """Without those whose rows stand in a compacted file ahead of them as well."""
    kept, reached = [], -1
    for path, _, last in files:
        if last > reached:
            kept.append(path)
        reached = max(reached, last)
    return kept
