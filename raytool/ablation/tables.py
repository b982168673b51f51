"""The tables of an experiment: every row's figures over the seeds, and its paired differences to a few of the rows.

A figure is a percentage of a run, or a mean in a unit of its own; over the seeds stand its mean and, where there are several, the
lowest and the highest.
A difference is of the samples that both rows were asked under the same seeds; a row that trains nothing has one seed, which is
compared with each of the others. A draw of its bootstrap takes samples, those that ask
nearly the same together and each with all its seeds, so its interval tells what other samples could have given, and not what other
seeds could.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from raytool import markdown
from raytool.ablation.experiment import Experiment, FigureConfig
from raytool.ablation.outcome import Outcome, Ratio
from raytool.ablation.standing import Standing
from raytool.console import Console
from raytool.evaluation.intervals import Interval, difference
from raytool.evaluation.scorecard import others

_NOT_RUN = "not run yet"


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: list[str]
    rows: dict[str, list[str]]

    def markdown(self) -> list[str]:
        return [f"### {self.title}", "", *markdown.table(["", *self.columns], [[name, *cells] for name, cells in self.rows.items()])]


Rows = Mapping[str, Sequence[Standing]]  # by name, a standing for each seed


def tables(experiment: Experiment, found: Mapping[str, Standing]) -> list[Table]:
    """Of all figures together, and of each one with its differences."""
    rows = {row: [standing for standing in found.values() if standing.trial.row == row] for row in experiment.config.rows}
    against = experiment.config.against or tuple(rows)[:1]
    return [_overview(experiment, rows), *filter(None, (_of_figure(figure, rows, against) for figure in experiment.config.figures))]


def show(experiment: Experiment, found: Mapping[str, Standing], console: Console) -> None:
    for table in tables(experiment, found):
        console.table(table.title, table.columns, table.rows)


def comments(experiment: Experiment) -> tuple[str, str]:
    """The lines of a page between which the tables stand."""
    return f"<!-- {experiment.name}: written by python -m raytool.ablation -->", f"<!-- end of {experiment.name} -->"


def has_place(page: str, experiment: Experiment) -> bool:
    return all(comment in page for comment in comments(experiment))


def on_page(page: str, experiment: Experiment, found: Mapping[str, Standing]) -> str:
    """The page with the tables as they are now.

    Raises:
        UserError: it has no place for them.
    """
    text = "\n\n".join("\n".join(table.markdown()) for table in tables(experiment, found))
    return markdown.rewritten(page, *comments(experiment), text, str(experiment.config.page))


def _overview(experiment: Experiment, rows: Rows) -> Table:
    figures = experiment.config.figures
    columns = ["seeds", *(f"{figure.name} {' / '.join(figure.measures)}" for figure in figures), "tokens trained", "minutes trained"]
    lines = {}
    for row, of_row in rows.items():
        outcomes = _outcomes(of_row)
        cells = [_together(outcomes, figure) for figure in figures]
        spent = [_spent(standing, rows) for standing in of_row if standing.outcome]
        tokens, seconds = (mean(of[name] for of in spent) if spent else 0.0 for name in ("tokens", "seconds"))
        taken = [f"{tokens:,.0f}", f"{seconds / 60:.1f}"] if spent else ["", ""]
        lines[row] = [_seeds(of_row), *(cells if outcomes else [""] * len(cells)), *taken]
    return Table(f"{experiment.name}: all rows", columns, lines)


def _of_figure(figure: FigureConfig, rows: Rows, against: Sequence[str]) -> Table | None:
    """The rows that have been measured; None where none has."""
    compared = [(measure, other) for other in against for measure in figure.measures]
    lines: dict[str, list[str]] = {}
    sizes: dict[str, set[int]] = {measure: set() for measure in figure.measures}
    for row, of_row in rows.items():
        outcomes = _outcomes(of_row)
        cells = [_cell(_values(outcomes, figure, measure)) for measure in figure.measures]
        changes = [_change(rows[other], of_row, figure, measure) if row != other else None for measure, other in compared]
        if any(cells):
            lines[row] = [*cells, *(f"{c.value:+.1f} ({c.low:+.1f} to {c.high:+.1f})" if c else "" for c in changes)]
            for measure, counts in sizes.items():
                counts |= {len(outcome.measured(figure, measure)) for outcome in outcomes} - {0}
    told = {measure: " or ".join(map(str, sorted(counts))) for measure, counts in sizes.items()}
    alike = len(set(told.values())) == 1
    columns = [*(measure if alike else f"{measure}, of {told[measure]}" for measure in figure.measures)]
    columns += [f"{measure} to {other}" for measure, other in compared]
    return Table(f"{figure.name}, {told[figure.measures[0]]} samples" if alike else figure.name, columns, lines) if lines else None


def _outcomes(of_row: Sequence[Standing]) -> list[Outcome]:
    return [standing.outcome for standing in of_row if standing.outcome]


def _seeds(of_row: Sequence[Standing]) -> str:
    """Of how many there are results, in which numbers they were computed, and which of them are stale."""
    stale = [str(s.trial.seed) for s in of_row if s.outcome and s.state == "stale"]
    outcomes = _outcomes(of_row)
    if not outcomes:
        return _NOT_RUN
    computed = sorted({outcome.dtype for outcome in outcomes if outcome.dtype})
    return (
        f"{len(outcomes)} of {len(of_row)}"
        + "".join(f", {dtype}" for dtype in computed)
        + (f", stale: {', '.join(stale)}" if stale else "")
    )


def _spent(standing: Standing, rows: Rows) -> dict[str, float]:
    """What a trial's training took, that of its start included."""
    assert standing.outcome is not None
    own = standing.outcome.training
    start = standing.trial.start
    before = next((s for s in rows[start.row] if s.trial == start and s.outcome), None) if start else None
    earlier = _spent(before, rows) if before else {}
    return {name: value + earlier.get(name, 0.0) for name, value in own.items()}


def _values(outcomes: Sequence[Outcome], figure: FigureConfig, measure: str) -> list[float]:
    """In percent, or in the measure's unit, of each seed that has it."""
    found = [(outcome.whole(figure, measure), list(outcome.measured(figure, measure).values())) for outcome in outcomes]
    return [whole * sum(hits for hits, _ in pairs) / total for whole, pairs in found if (total := sum(total for _, total in pairs))]


def _together(outcomes: Sequence[Outcome], figure: FigureConfig) -> str:
    """`90.0 / 86.0 / 59.3 (58.0-60.7)`: the spread is that of the last measure."""
    values = [_values(outcomes, figure, measure) for measure in figure.measures]
    if not any(values):
        return ""
    return " / ".join(f"{mean(v):.1f}" if v else "-" for v in values) + _spread(values[-1])


def _cell(values: Sequence[float]) -> str:
    return f"{mean(values):.1f}{_spread(values)}" if values else ""


def _spread(values: Sequence[float]) -> str:
    return f" ({min(values):.1f}-{max(values):.1f})" if len(values) > 1 else ""


def _pairs(before: Sequence[Standing], after: Sequence[Standing]) -> Iterator[tuple[Standing, Standing]]:
    """Those of the same seed; what is seedless is of all seeds."""
    for one, other in itertools.product(before, after):
        if one.trial.seed == other.trial.seed or one.trial.seedless or other.trial.seedless:
            yield one, other


def _change(first: Sequence[Standing], other: Sequence[Standing], figure: FigureConfig, measure: str) -> Interval | None:
    """Of the samples that both were asked under the same seeds; none where a result is stale, or they have nothing in common."""
    pairs: dict[str, tuple[Ratio, Ratio]] = {}
    clusters: dict[str, str] = {}
    for before, after in _pairs(first, other):
        if before.outcome and after.outcome and before.state == after.state == "done":
            was, became = before.outcome.measured(figure, measure), after.outcome.measured(figure, measure)
            clusters |= after.outcome.clusters(figure) if became else {}
            for id in (was.keys() & became.keys()) - {*others(before.outcome.asked(figure), after.outcome.asked(figure))}:
                old, new = pairs.get(id, ((0.0, 0.0), (0.0, 0.0)))
                pairs[id] = (_plus(old, was[id]), _plus(new, became[id]))
    olds, news = ([pair[place] for pair in pairs.values()] for place in (0, 1))
    if not (sum(total for _, total in olds) and sum(total for _, total in news)):
        return None
    return difference(olds, news, [clusters[id] for id in pairs], whole=next(s.outcome.whole(figure, measure) for s in other if s.outcome))


def _plus(one: Ratio, other: Ratio) -> Ratio:
    return one[0] + other[0], one[1] + other[1]
