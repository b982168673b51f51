"""What a report shows of a run, read from the run's folder, and the page made of it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from raytool import config as configuration
from raytool import durable, metrics
from raytool.config import Config
from raytool.evaluation import results
from raytool.records import Episode, UserError
from raytool.replay import store
from raytool.report import curves
from raytool.run_state import RunFolder, RunState
from raytool.update_reports import health_of

Item = TypeVar("Item")

_TASKS = 60  # of the test tasks, those whose answers changed first
_DEMONSTRATIONS = 12
_UPDATES = 6  # from the first to the last
_STAGES = {"sft": "SFT", "ppo": "PPO"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a test task after one of the stages. `agrees` has for TS, PI and CF whether it agrees with gold, or nothing.

    `verdicts` are categories with their rewards, as far as these were written down.
    """

    output: list[str]
    verdicts: list[tuple[str, float | None]]
    agrees: dict[str, bool | None]
    goal_reached: bool | None
    stop: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A test task with its answers, one for each column of the results; None where it was not played."""

    task: str
    query: str
    answers: list[Answer | None]


@dataclass(frozen=True, slots=True)
class Shown:
    """Episodes that were trained on, by task, of each as many as there is room for; `when` says where in the run."""

    when: str
    groups: list[list[Episode]]


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    standing: str
    model: str
    health: list[str]
    results: results.Table
    curves: dict[str, str]
    asked: list[Asked]
    asked_of: int
    played: list[Shown]
    config: str


def write(run: Path, out: Path | None = None, episodes: int = 96) -> Path:
    """Write a run's report, by default into its folder; about so many `episodes` of those that were trained on are in it.

    Raises:
        UserError: there is no run, or the file cannot be written.
    """
    if not (run / "run_state.json").is_file():
        raise UserError(f"{run}: there is no run; the folder of one is expected, with a run_state.json")
    path = out or run / "report.html"
    try:
        content = render(read(run, episodes))
    except FileNotFoundError as error:  # a run that goes on merges files
        raise UserError(f"{error.filename or run}: is gone, since the run goes on meanwhile; ask again") from None
    try:
        durable.write(path, content, errors="replace")  # a model can write half a character
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None
    return path


def read(run: Path, episodes: int) -> Page:
    folder, text = RunFolder(run), (run / "config.yaml").read_text()
    config = configuration.stored(run / "config.yaml")
    lines = metrics.read(run / "metrics.jsonl") if (run / "metrics.jsonl").is_file() else []
    state, by_stage = folder.state(), {stage: [line for line in lines if line["stage"] == stage] for stage in curves.PANELS}
    table = results.table(folder)
    asked = list(_asked(run, table.columns))
    return Page(
        name=run.resolve().name,
        standing=_standing(config, state, by_stage),
        model=config.model.path,
        health=health_of(run, config.ppo).summary() if lines else [],
        results=table,
        curves=_curves(lines, by_stage),
        asked=sorted(asked, key=_unchanged)[:_TASKS],
        asked_of=len(asked),
        played=[*_demonstrations(run), *_updates(run, by_stage["ppo"], episodes)],
        config=text,
    )


def render(page: Page) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("raytool.report", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("page.html.j2").render(page=page, dumped=lambda value: json.dumps(value, ensure_ascii=False))


def _curves(lines: Sequence[curves.Line], by_stage: Mapping[str, Sequence[curves.Line]]) -> dict[str, str]:
    """Of the stages that train, and of the evaluations inside each and at its end."""
    found: dict[str, str | None] = {}
    for stage, of_stage in by_stage.items():
        found[_STAGES[stage]] = curves.draw(stage, of_stage)
        evaluations = [line for line in lines if line["stage"] == f"evaluate_{stage}"]
        if len(evaluations) > 1:
            found[f"evaluations in {_STAGES[stage]}"] = curves.draw_evaluations(stage, evaluations)
    return {name: drawn for name, drawn in found.items() if drawn is not None}


def _standing(config: Config, state: RunState, by_stage: Mapping[str, Sequence[curves.Line]]) -> str:
    stages = " → ".join(_STAGES.get(stage, stage) for stage in config.stages)
    again = {0: "", 1: " and gone on with once"}.get(state.attempt, f" and gone on with {state.attempt} times")
    begun = f"{stages}; begun{again}"
    if state.finished or state.stage == len(config.stages):
        seconds = sum(figures["seconds"] for figures in state.figures.values())
        return f"{begun}; finished, after {seconds / 60:.1f} minutes of work"
    kind = config.stages[state.stage]
    steps = f", {len(by_stage[kind])} steps of it done" if kind in by_stage else ""
    return f"{begun}; in stage {state.stage + 1} of {len(config.stages)} ({_STAGES.get(kind, kind)}{steps})"


def _asked(run: Path, columns: Sequence[str]) -> Iterator[Asked]:
    """The test tasks with their answers after each stage."""
    found: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for label in columns:
        if (path := run / "eval" / f"{label}.json").is_file():
            for result in json.loads(path.read_text(encoding="utf-8"))["results"]:
                found[result["task"]][label] = result
    for label in columns:
        for suite, card in results.scorecards(run / "eval", label).items():
            for result in card.results:
                found[f"{suite}: {result.id}"][label] = {
                    "output": result.output,
                    "verdicts": [result.verdict],
                    "stop": result.stop,
                }
    for task, by_label in found.items():
        query = next(result.get("query", "") for result in by_label.values())
        yield Asked(task, query, [_answer(by_label[label]) if label in by_label else None for label in columns])


def _answer(result: Mapping[str, Any]) -> Answer:
    agrees = {name: result.get(key) for name, key in (("tool", "ts"), ("parameters", "pi"), ("content", "cf"))}
    rewards = result.get("rewards") or [None] * len(result["verdicts"])
    verdicts = list(zip(result["verdicts"], rewards, strict=True))
    return Answer(result["output"], verdicts, agrees, result.get("goal_reached"), result["stop"])


def _unchanged(asked: Asked) -> tuple[int, str]:
    """Sorts by how many different things came out, the most first."""
    outcomes = {(tuple(answer.agrees.values()), answer.goal_reached, *answer.verdicts[:1]) for answer in asked.answers if answer}
    return -len(outcomes), asked.task


def _demonstrations(run: Path) -> Iterator[Shown]:
    """Some of what SFT learnt from, of every source alike."""
    files = _files(run, "demonstrations")
    by_source: dict[str, list[int]] = defaultdict(list)
    for path in files:
        for group, source in store.read_columns(path, ("group", "source")):
            by_source[source or ""].append(group)
    each = max(1, _DEMONSTRATIONS // max(1, len(by_source)))
    wanted = {group for groups in by_source.values() for group in _spread(groups, each)}
    if groups := [[episode] for path in files for episode in store.read_groups(path, wanted)]:
        yield Shown(f"demonstrations: {len(groups)} of {sum(map(len, by_source.values()))}", groups)


def _updates(run: Path, lines: Sequence[curves.Line], episodes: int) -> Iterator[Shown]:
    """Of some PPO updates the tasks whose samples differ the most in what they got."""
    updates = _spread(sorted(lines, key=lambda line: line["step"]), _UPDATES)
    wanted = {group for line in updates for group in line["groups"]}
    by_group: dict[int, dict[int, Episode]] = defaultdict(dict)
    for path in _files(run, "ppo"):
        for episode in store.read_groups(path, wanted):
            by_group[episode.group][episode.sample] = episode
    for line in updates:
        groups = [[by_group[group][sample] for sample in sorted(by_group[group])] for group in line["groups"] if by_group[group]]
        shown: list[list[Episode]] = []
        room = episodes // len(updates)
        for group in sorted(groups, key=_sameness):
            if not shown or len(group) <= room:
                shown.append(_worst_and_best(group, room))
                room -= len(shown[-1])
        if any(shown):
            yield Shown(f"PPO update {line['step']}: {len(shown)} of {len(groups)} tasks", shown)


def _worst_and_best(group: Sequence[Episode], count: int) -> list[Episode]:
    """At most so many samples of a task, in their order."""
    ranked = sorted(range(len(group)), key=lambda place: group[place].reward)
    kept = {*ranked[: count // 2], *ranked[len(ranked) - (count - count // 2) :]} if count < len(group) else set(ranked)
    return [episode for place, episode in enumerate(group) if place in kept]


def _sameness(group: Sequence[Episode]) -> float:
    rewards = [episode.reward for episode in group]
    return min(rewards) - max(rewards)


def _files(run: Path, kind: str) -> list[Path]:
    folder = run / "episodes"
    return [path for path in store.sealed(folder) if path.name.startswith(f"{kind}-")] if folder.is_dir() else []


def _spread(items: Sequence[Item], count: int) -> list[Item]:
    """At most so many, evenly from the first to the last."""
    if len(items) <= count:
        return list(items)
    return [items[round(i * (len(items) - 1) / max(1, count - 1))] for i in range(count)]
