"""What came of a trial, as one JSON file that is kept: counts by sample, but not the answers, and how it came about."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import pydantic

import raytool
from raytool import durable
from raytool.ablation.curves import Point, cards_inside, tokens_at, values
from raytool.ablation.experiment import Experiment, FigureConfig, Trial
from raytool.evaluation.results import scorecards
from raytool.evaluation.scorecard import Result, Scorecard
from raytool.records import UserError, first_mistake
from raytool.run_state import RunFolder, RunState

Ratio = tuple[float, float]
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Counted:
    """Of the samples `ids`: their groups, and hits and totals of each measure, null where it does not apply.

    `units` are those of the measures that are means, and no percentages; `clusters` the samples' own, none where each is one by itself;
    `asked` the digests of what they ask, none in files that were written before there were any.
    """

    ids: list[str]
    groups: dict[str, list[str | None]]
    hits: dict[str, list[float | None]]
    totals: dict[str, list[float | None]]
    verdicts: dict[str, int]
    notes: list[str]
    units: dict[str, str] = field(default_factory=dict)
    clusters: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, results: Sequence[Result], notes: Sequence[str] = (), units: Mapping[str, str] = MappingProxyType({})) -> Counted:
        groups = dict.fromkeys(name for result in results for name in result.groups)
        measures = dict.fromkeys(name for result in results for name in result.measures)
        ratios = {name: [result.measures.get(name) for result in results] for name in measures}
        return cls(
            [result.id for result in results],
            {name: [result.groups.get(name) for result in results] for name in groups},
            {name: [ratio and ratio[0] for ratio in of_measure] for name, of_measure in ratios.items()},
            {name: [ratio and ratio[1] for ratio in of_measure] for name, of_measure in ratios.items()},
            dict(Counter(result.verdict for result in results).most_common()),
            list(notes),
            dict(units),
            [result.cluster for result in results] if any(result.cluster != result.id for result in results) else [],
            [result.asked for result in results] if any(result.asked for result in results) else [],
        )

    def whole(self, measure: str) -> float:
        """What a ratio of 1 stands for: 100 percent, or 1 of the measure's unit."""
        return 1.0 if measure.split("+")[0] in self.units else 100.0

    def measured(self, measure: str, where: Mapping[str, str]) -> dict[str, Ratio]:
        """A measure's (hits, total) by sample, of those in the groups that have it; "DE+CE" adds the hits of both.

        Raises:
            UserError: a group that no sample is in, or a sum over different totals.
        """
        for name, value in where.items():
            if value not in self.groups.get(name, []):
                there = sorted(filter(None, {*self.groups.get(name, [])})) or sorted(self.groups)
                raise UserError(f"where: no sample has {name} '{value}'; there is {', '.join(there) or 'no group'}")
        found: dict[str, Ratio] = {}
        parts = measure.split("+")
        for index, id in enumerate(self.ids):
            if any(self.groups[name][index] != value for name, value in where.items()):
                continue
            hits = [self.hits[part][index] for part in parts if part in self.hits]
            totals = {self.totals[part][index] for part in parts if part in self.totals}
            if len(hits) < len(parts) or None in hits:
                continue
            if len(totals) > 1:
                raise UserError(
                    f"measures: '{measure}' adds figures of different denominators, on sample '{id}' {sorted(map(str, totals))}"
                )
            found[id] = (sum(map(float, filter(None, hits))), float(totals.pop() or 0))
        return found


@dataclass(frozen=True, slots=True)
class Outcome:
    """`weights` and `start_weights` are digests of the model that came out and of the one started from.

    `stages` are the seconds and tokens of each. `absent` names suites that were not asked, since their files were not there. `curve` is
    what was measured inside the last training and at its end, if anything was inside it. `dtype` is in which numbers models were computed.
    """

    row: str
    seed: int
    hash: str
    config: dict[str, Any]
    start_weights: str | None
    weights: str | None
    commit: str | None
    machine: dict[str, float]
    stages: dict[str, dict[str, float]]
    absent: list[str]
    suites: dict[str, Counted]
    sources: dict[str, Counted]
    curve: list[Point] = field(default_factory=list)
    dtype: str = ""

    @classmethod
    def of(cls, trial: Trial, experiment: Experiment, run: RunFolder, start_weights: str | None, commit: str | None) -> Outcome:
        """Of a finished run."""
        evaluations = run.path / "eval"
        judged = scorecards(evaluations, trial.judged)
        tested = evaluations / f"{trial.judged}.json"
        state = run.state()
        model = model_of(run, state)
        suites = _counted(judged)
        figures, stage = experiment.config.figures, trial.judged
        curve = [
            Point(tokens_at(run.path, stage, step), values(_counted(inside), figures))
            for step, inside in cards_inside(evaluations, stage).items()
        ]
        if curve:
            curve.append(Point(state.figures[stage]["tokens"], values(suites, figures)))
        return cls(
            trial.row,
            trial.seed,
            trial.hash,
            trial.identity,
            start_weights,
            weights_of(model) if model else None,
            commit,
            machine(),
            state.figures,
            [label for label in experiment.suites if trial.evaluated and label not in judged],
            suites,
            _of_sources(json.loads(tested.read_text())["results"]) if tested.exists() else {},
            curve,
            ", ".join(sorted({card.about["dtype"] for card in judged.values()})),
        )

    @property
    def training(self) -> dict[str, float]:
        """Seconds and tokens of the stages that train."""
        taken = [spent for stage, spent in self.stages.items() if not stage.startswith("evaluate")]
        return {name: sum(spent[name] for spent in taken) for name in ("seconds", "tokens")}

    def measured(self, figure: FigureConfig, measure: str) -> dict[str, Ratio]:
        """By sample; nothing where the figure's suite was not asked."""
        counted = self.suites.get(figure.suite) if figure.suite is not None else self.sources.get(str(figure.source))
        return counted.measured(measure, figure.where) if counted else {}

    def clusters(self, figure: FigureConfig) -> dict[str, str]:
        """By sample the name of what it shares with those that ask nearly the same."""
        counted = self.suites.get(str(figure.suite)) or self.sources[str(figure.source)]
        return dict(zip(counted.ids, counted.clusters or counted.ids, strict=True))

    def asked(self, figure: FigureConfig) -> dict[str, str]:
        """By sample a digest of what it asks, where there is one."""
        counted = self.suites.get(str(figure.suite))
        return dict(zip(counted.ids, counted.asked, strict=True)) if counted and counted.asked else {}

    def whole(self, figure: FigureConfig, measure: str) -> float:
        """What a ratio of 1 stands for: 100 percent, or 1 of the measure's unit."""
        counted = self.suites.get(figure.suite) if figure.suite is not None else None
        return counted.whole(measure) if counted else 100.0

    def write(self, path: Path) -> None:
        """Lists stand on a line of their own each, so that two versions of a file can be told apart by eye."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(dataclasses.asdict(self), indent=1, ensure_ascii=False, default=str)
        text = re.sub(r"\[[^\[\]{}]*\]", lambda found: re.sub(r"\n\s*", " ", found[0]), text)
        durable.write(path, text + "\n")

    @classmethod
    def read(cls, path: Path) -> Outcome | None:
        return written(cls, path)


def written(kind: type[Kept], path: Path) -> Kept | None:
    """What is kept there, or None where nothing is.

    Raises:
        UserError: something else stands there.
    """
    if not path.exists():
        return None
    try:
        return pydantic.TypeAdapter(kind).validate_json(path.read_bytes())
    except pydantic.ValidationError as error:
        raise UserError(f"{path}: nothing that `raytool.ablation` wrote: {first_mistake(error)}") from None


def _counted(cards: Mapping[str, Scorecard]) -> dict[str, Counted]:
    return {label: Counted.of(card.results, card.notes, card.units) for label, card in cards.items()}


def _of_sources(results: Iterable[Mapping[str, Any]]) -> dict[str, Counted]:
    """The test tasks of a run's evaluation, by source."""
    by_source: dict[str, list[Result]] = {}
    for found in results:
        levels = {"TS": found["ts"], "PI": found["pi"], "CF": found["cf"], "goal": found["goal_reached"]}
        measures = {name: (float(right), 1.0) for name, right in levels.items() if right is not None}
        verdict = "all right" if found["cf"] else "wrong"
        by_source.setdefault(found["source"], []).append(Result(found["task"], {}, verdict, measures))
    return {source: Counted.of(of_source) for source, of_source in by_source.items()}


def model_of(run: RunFolder, state: RunState) -> Path | None:
    """The folder of the model that a run ended with; None where it trained nothing, or its checkpoint is gone."""
    model = run.checkpoints / state.trained / "model" if state.trained else None
    return model if model is not None and model.is_dir() else None


def weights_of(model: Path) -> str:
    """A digest of a model's weights."""
    found = hashlib.sha256()
    for path in sorted(model.glob("*.safetensors")):
        with path.open("rb") as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()[:12]


def machine() -> dict[str, float]:
    """Its size: the cores that this process may use, memory in GiB, NVIDIA GPUs."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"cores": len(os.sched_getaffinity(0)), "memory_gib": round(memory, 1), "gpus": len(list(Path("/dev").glob("nvidia[0-9]*")))}


def commit() -> str | None:
    """That of the code, with "+" where the library, an environment or a reward was changed since; None outside a repository."""
    root = Path(raytool.__file__).parents[1]
    git = ["git", "-C", str(root)]
    head = subprocess.run([*git, "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True)
    if head.returncode:
        return None
    changed = subprocess.run([*git, "status", "--porcelain", "--", "raytool", "envs", "rewards"], capture_output=True, text=True)
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")
