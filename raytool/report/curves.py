"""Curves of a run's stages, as SVG to stand in a page."""

from __future__ import annotations

import io
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
        Panel("episodes", {"goal reached": "goal_reached", "without a call": "without_call"}),
        Panel("KL to the model before PPO, nats a token", {"KL": "kl"}),
        Panel("seconds of an update", {"": "time/"}, "stacked"),
        Panel("entropy, nats a token", {"entropy": "entropy"}),
        Panel("variance that the critic explains", {"share": "explained_variance"}),
        Panel("engine against learner, nats a token", {"difference": "logprob_difference"}),
        Panel("policy age, versions", {"mean": "staleness/mean", "most": "staleness/max"}),
        Panel("tokens a second", {"rollout": "tokens_per_s/rollout", "learner": "tokens_per_s/learner", "all": "tokens_per_s"}),
    ),
}
_MEMBERS = 8  # of a family, the largest; the others are one together
_COLUMNS = 3
_RIGHT, _OTHERS = "#2e8b57", ("#d1495b", "#edae49", "#30638e", "#8d6a9f", "#00798c", "#c97b63", "#9aa5b1", "#5b6470")


def draw(stage: str, lines: Sequence[Line]) -> str | None:
    """The panels of a stage whose figures its lines of metrics.jsonl have; None where there are none."""
    lines = sorted(lines, key=lambda line: line["step"])
    found = [(panel, series) for panel in PANELS[stage] if (series := _series(panel, lines))]
    if not found:
        return None
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    rows = -(-len(found) // _COLUMNS)
    # The same figures give the same picture, whose text is text.
    style: Any = {"svg.hashsalt": f"raytool-{stage}", "svg.fonttype": "none", "font.size": 8, "text.parse_math": False}
    with rc_context({**style, "axes.spines.top": False, "axes.spines.right": False}):
        sheet = Figure(figsize=(4.2 * _COLUMNS, 2.5 * rows), layout="constrained")
        places = sheet.subplots(rows, _COLUMNS, squeeze=False).flat
        for (panel, series), place in zip(found, places, strict=False):
            steps = [line["step"] for line in lines]
            if panel.kind == "stacked":
                place.stackplot(steps, list(series.values()), labels=list(series), colors=_colours(series), alpha=0.85)
            else:
                for label, values in series.items():
                    place.plot(steps, values, label=label, marker="." if len(steps) < 40 else None, linewidth=1.2)
            place.set_title(panel.title, loc="left", fontsize=9)
            place.margins(x=0.01)
            if panel.kind == "stacked":
                place.legend(frameon=False, fontsize=6.5, loc="upper left", bbox_to_anchor=(1, 1), reverse=True)
            elif len(series) > 1:
                place.legend(frameon=False, fontsize=6.5)
        for left in places:
            left.set_axis_off()
        written = io.StringIO()
        sheet.savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue()[written.getvalue().index("<svg") :]  # without the XML declaration


def _colours(names: Iterable[str]) -> list[str]:
    """Right calls are green, and nothing else."""
    others = iter(_OTHERS)
    return [_RIGHT if name == "all_right" else next(others) for name in names]


def _series(panel: Panel, lines: Sequence[Line]) -> dict[str, list[float]]:
    """The values of each line of a panel, by step; a step that lacks one has nan, and in a stack 0."""
    absent = 0.0 if panel.kind == "stacked" else float("nan")
    found: dict[str, list[float]] = {}
    for label, figure in panel.figures.items():
        for name, called in _members(figure, lines) if figure.endswith("/") else [(figure, label)]:
            if any(name in line for line in lines):
                found[called] = [line.get(name, absent) for line in lines]
    if panel.kind == "lines" or len(found) <= _MEMBERS:
        return found
    largest = sorted(found, key=lambda name: -sum(found[name]))
    others = [found[name] for name in largest[_MEMBERS - 1 :]]
    return {name: found[name] for name in largest[: _MEMBERS - 1]} | {"others": [sum(values) for values in zip(*others, strict=True)]}


def _members(family: str, lines: Sequence[Line]) -> list[tuple[str, str]]:
    """The figures of a family by what follows its name, but for families within it."""
    names = dict.fromkeys(name for line in lines for name in line if name.startswith(family))
    return [(name, name.removeprefix(family)) for name in names if "/" not in name.removeprefix(family)]
