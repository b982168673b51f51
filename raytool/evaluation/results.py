"""The results of a run's evaluations: a file for each, and the one table at the end."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from raytool import durable
from raytool.console import Console
from raytool.evaluation import agreement
from raytool.evaluation.scorecard import Scorecard
from raytool.records import Episode
from raytool.run_state import RunFolder


def by_source(episodes: Sequence[Episode]) -> dict[str, list[Episode]]:
    """Episodes by the name of the source that their tasks came from."""
    by_source: dict[str, list[Episode]] = {}
    for episode in episodes:
        by_source.setdefault(episode.task.tags["source"], []).append(episode)
    return by_source


def write(path: Path, episodes: Sequence[Episode], lost: Sequence[str] = ()) -> None:
    """Every task's result, the summary by source, and the ids of the tasks that could not be played."""
    results = []
    for episode in episodes:
        agreed = agreement.of_episode(episode)
        results.append(
            {
                "task": episode.task.id,
                "source": episode.task.tags["source"],
                "query": episode.task.query,
                "output": [turn.text for turn in episode.turns],
                "verdicts": [call.verdict.category for call in episode.calls if call.verdict],
                "rewards": [call.verdict.reward for call in episode.calls if call.verdict],
                "ts": agreed.tool,
                "pi": agreed.parameters,
                "cf": agreed.content,
                "goal_reached": episode.goal_reached,
                "stop": episode.stop.value,
            }
        )
    summary = {source: dataclasses.asdict(agreement.summarise(found)) for source, found in by_source(episodes).items()}
    path.parent.mkdir(exist_ok=True)
    durable.write(path, json.dumps({"summary": summary, "results": results, "lost": list(lost)}, indent=1))


def scorecards(evaluations: Path, name: str) -> dict[str, Scorecard]:
    """The scorecards of an evaluation, by their suites' labels: one suite may be asked under several."""
    found = {path: path.name.removeprefix(f"{name}.").removesuffix(".json") for path in sorted(evaluations.glob(f"{name}.*.json"))}
    return {label: Scorecard.read(path) for path, label in found.items()}


@dataclass(frozen=True, slots=True)
class Table:
    """A column for each evaluation, and what has to be known of the figures."""

    columns: list[str]
    rows: dict[str, list[str]]
    notes: list[str]


def show(console: Console, folder: RunFolder) -> None:
    """The table of a run, where it was evaluated."""
    found = table(folder)
    if found.columns:
        console.table(folder.path.name, found.columns, found.rows)
        for note in found.notes:
            console.say(note)


def table(folder: RunFolder) -> Table:
    """All evaluations of a run: agreement with gold, verdicts, suites with 95 % intervals, and what each stage took."""
    evaluations = {
        label: json.loads(path.read_text()) if (path := folder.path / "eval" / f"{label}.json").exists() else {}
        for label in ("base", "sft", "ppo")
        if list(folder.path.glob(f"eval/{label}.*json"))
    }
    if not evaluations:
        return Table([], {}, [])
    rows: dict[str, list[str]] = {}
    summaries_of = {label: found.get("summary", {}) for label, found in evaluations.items()}
    notes = [
        f"{label}: not played, and in no figure: {', '.join(lost)}" for label, found in evaluations.items() if (lost := found.get("lost"))
    ]
    for source in dict.fromkeys(name for summary in summaries_of.values() for name in summary):
        summaries = [summary.get(source) for summary in summaries_of.values()]  # None: none of its tasks could be played
        found = list(filter(None, summaries))
        rows[f"{source}: TS / PI / CF %"] = [
            f"{s['tool']:.1f} / {s['parameters']:.1f} / {s['content']:.1f}" if s else "" for s in summaries
        ]
        if any(s["goal"] is not None for s in found):
            rows[f"{source}: goal reached %"] = [f"{s['goal']:.1f}" if s and s["goal"] is not None else "" for s in summaries]
        for category in sorted({name for s in found for name in s["categories"]}):
            rows[f"{source}: {category} % of calls"] = [f"{s['categories'].get(category, 0.0):.1f}" if s else "" for s in summaries]
        notes.append(f"{source}: {max(s['samples'] for s in found)} tasks")
    cards = {label: scorecards(folder.path / "eval", label) for label in evaluations}
    asked = {suite: card for of_label in cards.values() for suite, card in of_label.items()}  # a resume may have changed them
    for suite, asked_card in asked.items():
        for measure in asked_card.measures:
            values = [card.summary["all"].get(measure) if (card := of_label.get(suite)) else None for of_label in cards.values()]
            if any(values):
                unit, count = asked_card.units.get(measure, "%"), max(value.samples for value in values if value)
                rows[f"{suite}: {measure} {unit}, of {count}"] = [f"{v.value:.1f} ({v.low:.1f}-{v.high:.1f})" if v else "" for v in values]
        said = dict.fromkeys(note for of_label in cards.values() if suite in of_label for note in of_label[suite].notes)
        notes += [f"{suite}: {note}" for note in said]
    figures = folder.state().figures
    for what, key, counted in (("training", "{}", "forwarded"), ("evaluation", "evaluate_{}", "sampled")):
        taken = [figures.get(key.format(label)) for label in evaluations]
        rows[f"{what}: seconds"] = [f"{t['seconds']:.0f}" if t else "" for t in taken]
        rows[f"{what}: tokens/s {counted}"] = [f"{t['tokens'] / t['seconds']:.0f}" if t else "" for t in taken]
    return Table(list(evaluations), rows, notes)
