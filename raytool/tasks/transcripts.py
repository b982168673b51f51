"""Transcripts of tool use, ours and others', as turns of calls with what came of them.

Others' are JSON or JSON lines in one of `transcript_formats`, our own the Arrow files of a run: its folder, its episodes/, or one file.
What a file holds is found from its content, record by record. Feedback of our own episodes is the environment's; of the others it
is what the observation's text reports.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydantic

from raytool.records import Episode, UserError, first_mistake
from raytool.tasks.transcript_formats import FORMATS, KNOWN, Observed, is_message, loaded


class TranscriptError(UserError):
    """A file that holds no transcripts; the message names it."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """One trajectory. A turn is what the assistant said between two others; one without calls is a text."""

    where: str
    format: str
    turns: tuple[tuple[Observed, ...], ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class TranscriptFile:
    """The records of a file; `count` is how many there are."""

    count: int
    records: Iterator[Transcript | Unreadable]


def open_transcripts(path: Path) -> TranscriptFile:
    """The transcripts of a file, or of a run's folder.

    Raises:
        TranscriptError: the file cannot be read, or is neither JSON nor Arrow.
    """
    try:
        if path.is_dir() or path.open("rb").read(6) == b"ARROW1":
            return _episodes(path)
    except OSError as error:
        raise TranscriptError(f"{path}: {error.strerror or error}") from None
    count, records = records_of(path)
    return TranscriptFile(count, _read(records))


def records_of(path: Path) -> tuple[int, Iterator[tuple[str, Any]]]:
    """How many records a file of JSON or JSON lines has, and each with its place; one that is no JSON is the exception that says why.

    Raises:
        TranscriptError: the file cannot be read, or is no such file.
    """
    try:
        return _json_file(path)
    except OSError as error:
        raise TranscriptError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise TranscriptError(f"{path}: neither JSON nor an Arrow file of a run") from None


# ---- our own


def _episodes(path: Path) -> TranscriptFile:
    import pyarrow as pa

    from raytool.replay import store

    folder = path / "episodes" if (path / "episodes").is_dir() else path
    files = store.sealed(folder) if path.is_dir() else [path]
    if not files:
        raise TranscriptError(f"{folder}: no episodes; a run's folder, its episodes/ or a file of transcripts was expected")

    def records() -> Iterator[Transcript | Unreadable]:
        for file in files:
            try:
                episodes = store.read_file(file)
            except (pa.ArrowException, KeyError, ValueError) as error:
                yield Unreadable(str(file), f"no file of episodes: {error}")
                continue
            yield from (Transcript(f"{file}, episode {episode.id}", "episodes", _turns(episode)) for episode in episodes)

    return TranscriptFile(sum(map(_rows, files)), records())


def _rows(file: Path) -> int:
    import pyarrow as pa

    try:
        with pa.ipc.open_file(file) as reader:
            return sum(reader.get_batch(i).num_rows for i in range(reader.num_record_batches))
    except pa.ArrowException:
        return 1


def _turns(episode: Episode) -> tuple[tuple[Observed, ...], ...]:
    return tuple(
        tuple(Observed(call.call, call.observation, call.feedback, "the environment's") for call in turn.calls) for turn in episode.turns
    )


# ---- files of JSON


def _json_file(path: Path) -> tuple[int, Iterator[tuple[str, Any]]]:
    with path.open(encoding="utf-8") as lines:
        filled = (line for line in lines if line.strip())
        first, more = next(filled, ""), sum(1 for _ in filled)
    if not first:
        raise TranscriptError(f"{path}: the file is empty")
    if more and isinstance(loaded(first), dict | list):
        return 1 + more, _lines(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        if path.suffix == ".jsonl":
            return 1 + more, _lines(path)
        raise TranscriptError(f"{path}: neither JSON nor JSON lines: {error}") from None
    single = isinstance(content, dict) or (isinstance(content, list) and content and all(is_message(element) for element in content))
    records = [content] if single else content
    if not isinstance(records, list):
        raise TranscriptError(f"{path}: a list of records was expected, not {type(content).__name__}")
    return len(records), ((f"{path}, record {number}", record) for number, record in enumerate(records, 1))


def _lines(path: Path) -> Iterator[tuple[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield f"{path}:{number}", loaded(line)


def _read(records: Iterable[tuple[str, Any]]) -> Iterator[Transcript | Unreadable]:
    for where, record in records:
        if isinstance(record, Exception):
            yield Unreadable(where, f"no JSON: {record}")
            continue
        form = next((form for form in FORMATS if form.fits(record)), None)
        if form is None:
            yield Unreadable(where, f"no format fits: {_shape(record)}; {KNOWN}")
            continue
        try:
            turns = form.read(record)
        except pydantic.ValidationError as error:
            yield Unreadable(where, f"{form.name}: {first_mistake(error)}")
        except ValueError as error:
            yield Unreadable(where, f"{form.name}: {error}")
        else:
            yield Transcript(where, form.name, tuple(tuple(turn) for turn in turns))


def _shape(record: Any) -> str:
    return f"it has {', '.join(sorted(map(str, record))[:8])}" if isinstance(record, dict) else f"it is of type {type(record).__name__}"
