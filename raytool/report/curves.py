"""Curves of a run's stages, as SVG to stand in a page."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Panel:
    """One pair of axes. `figures` are names as in docs/metrics.md by what the legend calls them; one that ends with "/" is a family.

    `stacked` are shares of a whole, one on top of the other.
    """

    title: str
    figures: Mapping[str, str]
    kind: Literal["lines", "stacked"] = "lines"


PANELS: Mapping[str, Sequence[Panel]] = {
    "sft": (
        Panel("loss", {"loss": "loss"}),
        Panel("learning rate", {"lr": "lr"}),
        Panel("norm of the gradient", {"norm": "grad_norm"}),
        Panel("meta-tasks that are optimal", {"before the steps": "optimal_before", "in the last pass": "optimal_after"}),
        Panel("tokens a second", {"tokens/s": "tokens_per_s"}),
    ),
    "ppo": (
        Panel("reward of an episode", {"mean": "reward/mean", "of the outcome": "reward/outcome"}),
        Panel("verdicts, as shares of all calls", {"": "category/"}, "stacked"),
        Panel("reward by source", {"": "reward/source/"}),
        Panel("episodes", {"goal reached": "goal_reached", "in any sample of a task": "goal_reached_in_any", "no call": "without_call"}),
        Panel("how episodes ended", {"": "stop/"}, "stacked"),
        Panel("tokens written in an episode", {"mean": "written/mean", "most": "written/max"}),
        Panel("KL to the model before PPO, nats a token", {"KL": "kl"}),
        Panel("seconds of an update", {"": "time/"}, "stacked"),
        Panel("entropy, nats a token", {"entropy": "entropy"}),
        Panel("variance that the critic explains", {"share": "explained_variance"}),
        Panel("engine against learner, nats a token", {"difference": "logprob_difference"}),
        Panel("loss", {"policy": "policy_loss", "value": "value_loss"}),
        Panel("tokens whose ratio is outside the bounds", {"share": "clip_share"}),
        Panel("norm of the gradient", {"norm": "grad_norm"}),
        Panel("tasks whose samples got the same", {"share": "reward/equal_groups"}),
        Panel("policy age, versions", {"mean": "staleness/mean", "most": "staleness/max"}),
        Panel("tokens a second", {"rollout": "tokens_per_s/rollout", "learner": "tokens_per_s/learner", "all": "tokens_per_s"}),
    ),
}
_MEMBERS = 8  # of a family, the largest; the others are one together
_COLUMNS = 3
_POINTS = 500  # of a line
_NO_SUITES = ("count", "time")  # families of an evaluation's line
_BEST = "all_right"
_RIGHT, _OTHERS = "#2e8b57", ("#d1495b", "#edae49", "#30638e", "#8d6a9f", "#00798c", "#c97b63", "#9aa5b1", "#5b6470")


def draw(stage: str, lines: Sequence[Line]) -> str | None:
    """The panels of a stage whose figures its lines of metrics.jsonl have; None where there are none."""
    return _drawn(stage, f"{stage}, by step", PANELS[stage], lines)


def draw_evaluations(stage: str, lines: Sequence[Line]) -> str | None:
    """What the evaluations inside a stage and at its end found, a panel for each suite or source; None where they found nothing."""
    figures = dict.fromkeys(name for line in lines for name in line if "/" in name and name.split("/")[0] not in _NO_SUITES)
    by_suite: dict[str, dict[str, str]] = {}
    for name in figures:
        suite, _, measure = name.partition("/")
        if measure != "samples":
            by_suite.setdefault(suite, {})[measure] = name
    panels = [Panel(suite, measures) for suite, measures in by_suite.items()]
    return _drawn(f"evaluate-{stage}", f"evaluations in {stage}, by step", panels, lines)


def _drawn(name: str, told: str, panels: Sequence[Panel], lines: Sequence[Line]) -> str | None:
    lines = sorted(lines, key=lambda line: line["step"])
    found = [(panel, series) for panel in panels if (series := _series(panel, lines))]
    if not found:
        return None
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    rows = -(-len(found) // _COLUMNS)
    steps = _merged([float(line["step"]) for line in lines])
    # The same figures give the same picture, whose text is text.
    style: Any = {"svg.hashsalt": f"raytool-{name}", "svg.fonttype": "none", "font.size": 8, "text.parse_math": False}
    with rc_context({**style, "axes.spines.top": False, "axes.spines.right": False}):
        sheet = Figure(figsize=(4.2 * _COLUMNS, 2.5 * rows), layout="constrained")
        places = sheet.subplots(rows, _COLUMNS, squeeze=False).flat
        for (panel, series), place in zip(found, places, strict=False):
            merged = {label: _merged(values) for label, values in series.items()}
            if panel.kind == "stacked":
                bare = len(steps) == 1  # one step has no area
                at = [steps[0] - 0.4, steps[0] + 0.4] if bare else steps
                heights = [values * 2 if bare else values for values in merged.values()]
                place.stackplot(at, heights, labels=list(series), colors=_colours(series), alpha=0.85)
            else:
                for label, values in merged.items():
                    place.plot(steps, values, label=label, marker="." if len(steps) < 40 else None, linewidth=1.2)
            place.set_title(panel.title, loc="left", fontsize=9)
            place.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
            place.margins(x=0.01)
            if panel.kind == "stacked":
                place.legend(frameon=False, fontsize=6.5, loc="upper left", bbox_to_anchor=(1, 1), reverse=True)
            elif len(series) > 1:
                place.legend(frameon=False, fontsize=6.5)
        for left in places:
            left.set_axis_off()
        written = io.StringIO()
        sheet.savefig(written, format="svg", metadata={"Date": None})
    markup = written.getvalue()[written.getvalue().index("<svg") :]  # without the XML declaration
    # Several pictures stand in one page, where an id may stand once; and a reader of screens is told what it is.
    markup = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{name}-", markup)
    return markup.replace("<svg", f'<svg role="img" aria-label="{told}"', 1)


def _merged(values: Sequence[float]) -> list[float]:
    """At most so many points as can be seen, each the mean of as many that follow each other."""
    width = -(-len(values) // _POINTS)
    parts = [values[start : start + width] for start in range(0, len(values), width)] if width > 1 else [[value] for value in values]
    known = [[value for value in part if not math.isnan(value)] for part in parts]
    return [sum(part) / len(part) if part else math.nan for part in known]


def _colours(names: Iterable[str]) -> list[str]:
    """Right calls are green, and nothing else."""
    others = iter(_OTHERS)
    return [_RIGHT if name == _BEST else next(others) for name in names]


def _series(panel: Panel, lines: Sequence[Line]) -> dict[str, list[float]]:
    """The values of each line of a panel, by step; a step that lacks one has nan, and in a stack 0."""
    absent = 0.0 if panel.kind == "stacked" else float("nan")
    found: dict[str, list[float]] = {}
    for label, figure in panel.figures.items():
        for name, called in _members(figure, lines) if figure.endswith("/") else [(figure, label)]:
            if any(name in line for line in lines):
                found[called] = [line.get(name, absent) for line in lines]
    if panel.kind == "lines":
        return found
    found = {name: found[name] for name in sorted(found, key=lambda name: (name != _BEST, -sum(found[name])))}  # it stands on the axis
    if len(found) <= _MEMBERS:
        return found
    largest = list(found)
    others = [found[name] for name in largest[_MEMBERS - 1 :]]
    return {name: found[name] for name in largest[: _MEMBERS - 1]} | {"others": [sum(values) for values in zip(*others, strict=True)]}


def _members(family: str, lines: Sequence[Line]) -> list[tuple[str, str]]:
    """The figures of a family by what follows its name, but for families within it."""
    names = dict.fromkeys(name for line in lines for name in line if name.startswith(family))
    return [(name, name.removeprefix(family)) for name in names if "/" not in name.removeprefix(family)]
