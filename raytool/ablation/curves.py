"""Accuracy over tokens trained: the evaluations inside a trial's training, and a plot of them with a line for each row."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

from raytool.evaluation.results import scorecards
from raytool.evaluation.scorecard import Scorecard
from raytool.metrics import read

if TYPE_CHECKING:
    from raytool.ablation.experiment import FigureConfig
    from raytool.ablation.outcome import Counted, Outcome


@dataclass(frozen=True, slots=True)
class Point:
    """What was measured when so many tokens had been trained on: by figure the value of each measure, in percent or its unit."""

    tokens: float
    figures: dict[str, dict[str, float]]


def cards_inside(evaluations: Path, stage: str) -> dict[int, dict[str, Scorecard]]:
    """Those of the evaluations inside a stage, by the steps that were done then."""
    names = {found[0] for path in evaluations.glob(f"{stage}-*.*.json") if (found := re.match(rf"{stage}-\d+(?=\.)", path.name))}
    return {int(name.removeprefix(f"{stage}-")): scorecards(evaluations, name) for name in sorted(names)}


def tokens_at(run: Path, stage: str, step: int) -> float:
    """How many tokens the first steps of a stage took."""
    return sum(line["tokens"] for line in read(run / "metrics.jsonl") if line["stage"] == stage and line["step"] <= step)


def values(suites: Mapping[str, Counted], figures: Sequence[FigureConfig]) -> dict[str, dict[str, float]]:
    """The measures of those figures whose suite was asked."""
    found: dict[str, dict[str, float]] = {}
    for figure in figures:
        if (counted := suites.get(figure.suite or "")) is not None:
            for measure in figure.measures:
                pairs = counted.measured(measure, figure.where).values()
                if total := sum(total for _, total in pairs):
                    found.setdefault(figure.name, {})[measure] = counted.whole(measure) * sum(hits for hits, _ in pairs) / total
    return found


def draw(path: Path, figures: Sequence[FigureConfig], rows: Mapping[str, Sequence[Outcome]]) -> None:
    """An SVG: for each figure the first measure over tokens, a line for each row, the lowest to the highest seed shaded.

    Nothing is written where no row was evaluated inside its training.
    """
    lines = {row: [outcome.curve for outcome in outcomes if len(outcome.curve) > 1] for row, outcomes in rows.items()}
    curves = [curve for of_row in lines.values() for curve in of_row]
    shown = [figure for figure in figures if any(sum(figure.name in point.figures for point in curve) > 1 for curve in curves)]
    if not shown:
        return
    from matplotlib import colormaps, rc_context
    from matplotlib.figure import Figure

    colours = dict(zip([row for row, of_row in lines.items() if of_row], itertools.cycle(map(colormaps["tab20"], range(20))), strict=False))
    with rc_context({"svg.hashsalt": "raytool", "svg.fonttype": "none"}):  # the same values give the same file
        sheet = Figure(figsize=(5 * len(shown), 3.5), layout="constrained")
        for place, figure in zip(sheet.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
            for row, colour in colours.items():
                _line(place, row, figure, lines[row], colour)
            place.set(title=figure.name, xlabel="tokens trained", ylabel=figure.measures[0])
        drawn = {label: handle for place in sheet.axes for handle, label in zip(*place.get_legend_handles_labels(), strict=True)}
        sheet.legend(drawn.values(), drawn.keys(), loc="outside right upper")
        path.parent.mkdir(parents=True, exist_ok=True)
        sheet.savefig(path, format="svg", metadata={"Date": None})


def _line(place: Any, row: str, figure: FigureConfig, curves: Sequence[Sequence[Point]], colour: Any) -> None:
    """Seeds were evaluated at about the same numbers of tokens: their n-th points are one. Those with the most points are drawn."""
    measure, found, most = figure.measures[0], [], max(map(len, curves), default=0)
    for points in zip(*(curve for curve in curves if len(curve) == most), strict=True):
        measured = [point.figures[figure.name][measure] for point in points if measure in point.figures.get(figure.name, {})]
        if measured:
            found.append((mean(point.tokens for point in points), mean(measured), min(measured), max(measured)))
    if found:
        tokens, middle, low, high = zip(*found, strict=True)
        place.plot(tokens, middle, label=row, color=colour, marker=".")
        place.fill_between(tokens, low, high, color=colour, alpha=0.2, linewidth=0)
