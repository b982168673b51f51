"""The results of a run's evaluations: a file for each, and the one table at the end."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

from raytool import durable
from raytool.console import Console
from raytool.evaluation import metrics as agreement
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


def show(console: Console, folder: RunFolder) -> None:
    """The table of a run, where it was evaluated."""
    columns, rows = table(folder)
    if columns:
        console.table(folder.path.name, columns, rows)


def table(folder: RunFolder) -> tuple[list[str], dict[str, list[str]]]:
    """All evaluations of a run, a column for each: agreement with gold, verdicts, and what each stage took."""
    evaluations = {
        label: json.loads(path.read_text())["summary"] if (path := folder.path / "eval" / f"{label}.json").exists() else {}
        for label in ("base", "sft", "ppo")
        if list(folder.path.glob(f"eval/{label}.*json"))
    }
    if not evaluations:
        return [], {}
    rows: dict[str, list[str]] = {}
    for source in dict.fromkeys(name for summary in evaluations.values() for name in summary):
        summaries = [summary.get(source) for summary in evaluations.values()]  # None: none of its tasks could be played
        found = list(filter(None, summaries))
        rows[f"{source}: TS / PI / CF %"] = [
            f"{s['tool']:.1f} / {s['parameters']:.1f} / {s['content']:.1f}" if s else "" for s in summaries
        ]
        if any(s["goal"] is not None for s in found):
            rows[f"{source}: goal reached %"] = [f"{s['goal']:.1f}" if s and s["goal"] is not None else "" for s in summaries]
        for category in sorted({name for s in found for name in s["categories"]}):
            rows[f"{source}: {category} % of calls"] = [f"{s['categories'].get(category, 0.0):.1f}" if s else "" for s in summaries]
    cards = {label: scorecards(folder.path / "eval", label) for label in evaluations}
    asked = {suite: card for of_label in cards.values() for suite, card in of_label.items()}  # a resume may have changed them
    for suite, asked_card in asked.items():
        for measure in asked_card.measures:
            values = [card.summary["all"].get(measure) if (card := of_label.get(suite)) else None for of_label in cards.values()]
            if any(values):
                unit = asked_card.units.get(measure, "%")
                rows[f"{suite}: {measure} {unit}"] = [f"{value.value:.1f}" if value else "" for value in values]
    figures = folder.state().figures
    for what, key in (("training", "{}"), ("evaluation", "evaluate_{}")):
        taken = [figures.get(key.format(label)) for label in evaluations]
        rows[f"{what}: seconds"] = [f"{t['seconds']:.0f}" if t else "" for t in taken]
        rows[f"{what}: tokens/s"] = [f"{t['tokens'] / t['seconds']:.0f}" if t else "" for t in taken]
    return list(evaluations), rows
