"""How much of a file of transcripts is errors: the share of trajectories, and counts by category (TL-Training, figure 1)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from raytool.console import Console
from raytool.records import Feedback
from raytool.tasks.transcript_formats import KNOWN, Observed
from raytool.tasks.transcripts import Transcript, TranscriptError, Unreadable, open_transcripts

ERRORS = tuple(feedback for feedback in Feedback if feedback is not Feedback.OK)
_BAR = 24  # characters
_PLOTS = (".svg", ".png")


@dataclass(slots=True)
class Counts:
    """What was counted. `calls` and `trajectories` are by feedback; a trajectory counts once for each category that it has."""

    formats: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0
    erring: int = 0  # trajectories with an error of any category
    turns: int = 0
    erroneous_turns: int = 0
    unanswered: int = 0  # calls without an observation
    calls: Counter[Feedback] = field(default_factory=Counter)
    trajectories: Counter[Feedback] = field(default_factory=Counter)
    examples: dict[Feedback, Observed] = field(default_factory=dict)

    @property
    def read(self) -> int:
        return self.formats.total()

    def add(self, transcript: Transcript) -> None:
        self.formats[transcript.format] += 1
        self.turns += len(transcript.turns)
        wrong = [[o for o in turn if o.feedback not in (None, Feedback.OK)] for turn in transcript.turns]
        self.erroneous_turns += sum(map(bool, wrong))
        self.erring += any(wrong)
        observed = [o for turn in transcript.turns for o in turn]
        self.unanswered += sum(o.feedback is None for o in observed)
        self.calls.update(o.feedback for o in observed if o.feedback is not None)
        self.trajectories.update({o.feedback for o in observed if o.feedback is not None})
        for o in observed:
            if o.feedback is not None:
                self.examples.setdefault(o.feedback, o)


def inspect(path: Path, plot: Path | None, console: Console) -> Counts:
    """Count, and show; `plot` gets the same as a picture.

    Raises:
        TranscriptError: no record of the file is a transcript, or `plot` cannot be written.
    """
    if plot is not None and (plot.suffix not in _PLOTS or not plot.parent.is_dir()):
        raise TranscriptError(f"--plot {plot}: a file of {' or '.join(_PLOTS)} in a folder that exists was expected")
    recorded = open_transcripts(path)
    counts, mistakes = Counts(), []
    with console.bar("records", recorded.count) as bar:
        for record in recorded.records:
            if isinstance(record, Unreadable):
                mistakes.append(record)
            else:
                counts.add(record)
            bar.advance()
    counts.unreadable = len(mistakes)
    if not counts.read:
        raise TranscriptError(f"{path}: no transcripts: {mistakes[0].reason}" if mistakes else f"{path}: no records; {KNOWN}")
    for mistake in mistakes:
        console.say(f"unreadable: {mistake.where}: {mistake.reason}")
    _show(path, counts, console)
    if plot is not None:
        _plot(path.name, counts, plot)
        console.say(f"plot: {plot}")
    return counts


def _show(path: Path, counts: Counts, console: Console) -> None:
    answered = counts.calls.total()
    most = max([counts.calls[feedback] for feedback in ERRORS] + [1])
    rows = {
        feedback.value: (
            str(counts.calls[feedback]),
            _percent(counts.calls[feedback], answered),
            str(counts.trajectories[feedback]),
            _percent(counts.trajectories[feedback], counts.read),
            "" if feedback is Feedback.OK else _bar(counts.calls[feedback] / most),
        )
        for feedback in (Feedback.OK, *ERRORS)
    }
    console.table(f"feedback in {path.name}", ("calls", "%", "trajectories", "%", "calls in error"), rows)
    for feedback in ERRORS:
        if (example := counts.examples.get(feedback)) is not None:
            console.say(f"{feedback.value}, e.g. {_line(example.observation or '')} ({example.reason})")
    formats = ", ".join(f"{name} {count}" for name, count in counts.formats.items())
    console.say(
        f"{counts.erring} of {counts.read} trajectories have errors: {_percent(counts.erring, counts.read)} %; "
        f"{counts.erroneous_turns} of {counts.turns} turns would carry no loss ({formats}; unreadable {counts.unreadable}; "
        f"calls without an observation {counts.unanswered})"
    )


def _bar(share: float) -> str:
    filled = round(share * _BAR) or int(share > 0)
    return "█" * filled + "░" * (_BAR - filled)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "-"


def _line(text: str, most: int = 80) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most] + "..."


def _plot(name: str, counts: Counts, plot: Path) -> None:
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    with rc_context({"svg.hashsalt": "raytool", "svg.fonttype": "none", "font.size": 10}):  # the same counts give the same file
        figure = Figure(figsize=(7, 3.2), layout="constrained")
        axes = figure.subplots()
        values = [counts.calls[feedback] for feedback in ERRORS]
        bars = axes.barh([feedback.value.replace("_", " ") for feedback in ERRORS], values, color="#3b6ea5", height=0.62)
        axes.bar_label(bars, padding=4, color="#444444")
        axes.invert_yaxis()
        axes.set_xlabel(f"calls, of {counts.calls.total()} with an observation")
        axes.set_title(
            f"{name}: {counts.erring} of {counts.read} trajectories have errors ({_percent(counts.erring, counts.read)} %)",
            loc="left", fontsize=11,
        )  # fmt: skip
        axes.margins(x=0.12)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.savefig(plot, metadata={"Date": None} if plot.suffix == ".svg" else None, dpi=150)
