"""What a person sees: progress bars on a terminal, plain lines elsewhere, and the table at the end."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console as RichConsole
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text

_PLAIN_EVERY_S = 15.0


class Bar:
    """The progress of one stage, of which a whole step may go beyond the total."""

    def __init__(self, console: Console, stage: str, total: int, done: int, unit: str, progress: Progress | None):
        self._console, self._stage, self._total, self._done, self._unit, self._progress = console, stage, total, done, unit, progress
        self._id = progress.add_task(stage, total=total, completed=done, figures="") if progress else None
        self._began = time.perf_counter()
        self._first = done
        self._shown = self._began

    def advance(self, steps: int = 1, /, **figures: float) -> None:
        """Count steps, and show figures beside them (name=value)."""
        self._done += steps
        text = "  ".join(f"{name.replace('_per_', '/')} {_short(value)}" for name, value in figures.items())
        if self._progress is not None and self._id is not None:
            self._progress.update(self._id, completed=self._done, figures=text)
            return
        now = time.perf_counter()
        if now - self._shown >= _PLAIN_EVERY_S or self._done >= self._total:
            self._shown = now
            left = (now - self._began) / max(1, self._done - self._first) * max(0, self._total - self._done)
            unit = f" {self._unit}" if self._unit else ""
            self._console.say(f"{self._stage}: {self._done:,}/{self._total:,}{unit}  {text}  {left:.0f} s left")


class Console:
    def __init__(self, rich: RichConsole | None = None):
        self._rich = rich or RichConsole(highlight=False)
        if not self._rich.is_terminal:
            self._rich.width = max(self._rich.width, 400)  # a log has room for a table's rows, and nobody can widen it afterwards

    def say(self, text: str) -> None:
        self._rich.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def bar(self, stage: str, total: int, done: int = 0, unit: str = "") -> Iterator[Bar]:
        """`unit` is what is counted, where the stage does not say it."""
        if not self._rich.is_terminal:
            yield Bar(self, stage, total, done, unit, None)
            return
        columns = (
            TextColumn("{task.description:<18}"),
            BarColumn(24),
            MofNCompleteColumn(),
            *([TextColumn(unit)] if unit else []),
            TextColumn("{task.fields[figures]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._rich) as progress:
            yield Bar(self, stage, total, done, unit, progress)

    @contextmanager
    def waiting(self, for_what: str) -> Iterator[None]:
        """Show that something of unknown length goes on."""
        if not self._rich.is_terminal:
            self.say(f"{for_what} ...")
            yield
            return
        with self._rich.status(f"{for_what} ..."):
            yield

    def table(self, title: str, columns: Sequence[str], rows: Mapping[str, Sequence[str]]) -> None:
        table = Table(Column("", overflow="fold"), *columns, title=Text(title), title_justify="left")
        for column in table.columns[1:]:
            column.justify, column.overflow = "right", "fold"
        for name, cells in rows.items():
            table.add_row(*map(Text, (name, *cells)), end_section=not any(cells))  # an id may look like rich's markup
        self._rich.print(table)


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
