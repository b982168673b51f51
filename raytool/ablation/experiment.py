"""From an experiment's file to its trials: a row under a seed, with the training config that it comes to.

A row is the base config with a few knobs changed. One that says `from: ROW` starts from the model that this row ends with, under
the same seed. What decides a trial's figures is its `identity`; a stored result of another identity is stale.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt

from raytool import config as configuration
from raytool import places
from raytool.config import Config, EvaluateConfig, LocalPath, SuiteConfig
from raytool.evaluation.opening import DataMissing, check_labels, data_of, label_of, make
from raytool.sections import ConfigError, Section, flatten, parse, put

FROM = "from"
OF_SOURCES = ("TS", "PI", "CF", "goal")  # measures of test tasks
OURS = ("name", "resume", "seed")  # set for each trial
_JUDGING = ("evaluate", "tasks.test")
_INDIFFERENT = r"evaluate\.(suites\.\d+\.data|every|in_sft|inside)|.*_limit_s"  # a curve is of what was asked when it was made
_OF_STAGE = {  # what has an effect in this stage only
    "sft": r"sft\..*|tasks\.train\.\d+\.(demonstrations|noise|phase)",
    "ppo": r"ppo\..*|reward\..*|tasks\.train\.\d+\.share",
}


class FigureConfig(Section):
    """A column of the table: measures of a suite, or of a source of test tasks."""

    name: str
    suite: str | None = Field(None, description="one of base.evaluate.suites, by its label or name")
    source: str | None = Field(None, description="one of base.tasks.test; its measures are TS, PI, CF and goal")
    where: dict[str, str] = Field({}, description="of a suite: only the samples of these groups, e.g. {turn: first}")
    measures: tuple[str, ...] = Field(min_length=1, description="'DE+CE' is a sum of measures that have the same denominator")

    @pydantic.model_validator(mode="after")
    def _check(self) -> FigureConfig:
        if (self.suite is None) == (self.source is None):
            raise ValueError("suite: either a suite or a source is expected")
        if self.source is not None and self.where:
            raise ValueError("where: has no effect on a source; leave it out")
        return self


class ExperimentConfig(Section):
    name: str | None = Field(None, description="of its folders; null: the file's")
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = Field((0,), min_length=1)
    seeded: tuple[str, ...] = Field((), description="dotted knobs that get a trial's seed as well, e.g. tasks.train.0.options.seed")
    limit_s: PositiveFloat = Field(3600.0, description="a trial is stopped after so many seconds, and goes on at the next start")
    attempts: PositiveInt = Field(2, description="how often a trial that infrastructure ended is started before the next one's turn")
    results: LocalPath = Field(
        Path("docs/results/ablation"), description="has a folder of the experiment's name, with a file for each trial"
    )
    page: LocalPath | None = Field(None, description="a Markdown page whose tables are written anew; null: none")
    base: dict[str, Any] = Field(description="sections of a training config")
    rows: dict[str, dict[str, Any]] = Field(min_length=1, description="by name, what is changed in them, and where they start `from`")
    figures: tuple[FigureConfig, ...] = Field(min_length=1)
    against: tuple[str, ...] = Field((), description="rows to which the others' differences are shown; []: the first")

    @pydantic.model_validator(mode="before")
    @classmethod
    def _no_training(cls, content: Any) -> Any:
        if isinstance(content, dict) and "tasks" in content and "base" not in content:
            raise ValueError("this is a single training, which `python -m raytool.train` runs; an experiment has base and rows")
        return content


@dataclass(frozen=True)
class Trial:
    """A row under a seed. Its config still names the base's model; where it has a `start`, that one's model takes the place.

    `stated` are the dotted names that the experiment's file gives a value.
    """

    row: str
    seed: int
    config: Config
    stated: frozenset[str]
    start: Trial | None

    @property
    def name(self) -> str:
        return f"{self.row}-{self.seed}"

    @property
    def judged(self) -> str:
        """Which of a run's evaluations counts: the last one, which is called after the stage trained before it."""
        return next((stage for stage in reversed(self.config.stages) if stage != "evaluate"), "base")

    @property
    def evaluated(self) -> bool:
        """Whether it is judged at all; what others start from may be there for them alone."""
        return self.config.stages[-1:] == ("evaluate",)

    @property
    def trains(self) -> bool:
        return self.judged != "base"

    @property
    def seedless(self) -> bool:
        """Whether it is the same under each seed: nothing was trained, by it or before it, and answers are greedy."""
        return not self.trains and self.start is None

    @property
    def chain(self) -> str:
        """Its stages, after those that its start went through."""
        stages = " ".join(self.config.stages)
        return f"{self.start.row}: {self.start.chain} > {stages}" if self.start else stages

    @cached_property
    def identity(self) -> dict[str, Any]:
        """Every knob that decides the figures, by dotted name, those of its start under `from`.

        No time limits, not where files are, and nothing of a stage that it does not have: PPO can be tuned with the SFT kept. How its
        start was judged is no matter.
        """
        return self._knobs()

    @cached_property
    def hash(self) -> str:
        return digest(self.identity)

    def differences(self, stored: Mapping[str, Any]) -> list[str]:
        """Dotted names in which a stored identity is another.

        A knob that it does not know is none where the file leaves its default, and one that it has and that decides no figures never is.
        """
        changed, now = self._knobs(changed=True), self.identity
        stored = {key: value for key, value in stored.items() if _has_a_say(key)}
        return sorted(key for key in stored.keys() | now.keys() if (stored[key] != now.get(key) if key in stored else key in changed))

    def _knobs(self, changed: bool = False) -> dict[str, Any]:
        """With `changed` only those that the file gives another value than the default."""
        judging = {"evaluate": self.config.evaluate.model_dump(mode="json", exclude_defaults=changed)} if self.evaluated else {}
        own = {**configuration.decisive(self.config, changed), **flatten(judging)}
        idle = re.compile("|".join([_INDIFFERENT, *(knobs for stage, knobs in _OF_STAGE.items() if stage not in self.config.stages)]))
        own = {key: value for key, value in own.items() if not idle.fullmatch(key)}
        if changed:
            own = {key: value for key, value in own.items() if key in self.stated}
        if self.start is not None:
            own.pop("model.path", None)
            begun = {f"{FROM}.{key}": value for key, value in self.start._knobs(changed).items()}
            own.update({key: value for key, value in begun.items() if _has_a_say(key)})
        return own


def _has_a_say(key: str) -> bool:
    """Whether a knob of an identity, by its dotted name, decides figures as far as this version knows."""
    if re.fullmatch(_INDIFFERENT, key):
        return False
    return key.startswith("evaluate.") or configuration.decides(re.sub(rf"^({FROM}\.)+", "", key))


def digest(identity: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Experiment:
    """`trials` are in the order in which they are run: seed by seed, a start before what starts from it. A row that is the same under each
    seed has one trial, under the first.

    `suites` are the base's by their labels; `absent` says why some of them cannot be asked here.
    """

    name: str
    config: ExperimentConfig
    trials: Sequence[Trial]
    suites: Mapping[str, SuiteConfig]
    absent: Mapping[str, str]
    runs: Path

    @property
    def results(self) -> Path:
        return places.kept(self.config.results) / self.name

    @property
    def present(self) -> tuple[SuiteConfig, ...]:
        """The suites that can be asked here."""
        return tuple(part for name, part in self.suites.items() if name not in self.absent)

    def asked(self, trial: Trial) -> EvaluateConfig:
        """What a trial's training is evaluated by here. One that is there to be started from is not judged, halfway either."""
        return trial.config.evaluate.model_copy(update={"suites": self.present}) if trial.evaluated else EvaluateConfig()


def resolve(config: ExperimentConfig, where: str, default_name: str) -> Experiment:
    """Raises:
    UserError: a line for what is wrong with a row, a figure or a suite. `where` is the file.
    """
    name = config.name or default_name
    for kind, given in (("name", name), *((f"rows.{row}", row) for row in config.rows)):
        if not re.fullmatch(r"\w[\w.+-]*", given):
            raise ConfigError(f"{where}: {kind}: '{given}' is to be a file's name; letters, digits and _ . + - are expected")
    if len(set(config.seeds)) < len(config.seeds):
        raise ConfigError(f"{where}: seeds: {list(config.seeds)} has one of them twice")
    if ours := next((key for key in OURS if key in config.base), None):
        raise ConfigError(f"{where}: base.{ours}: is set for every trial; leave it out")
    base = parse(Config, configuration.within(config.base, config.base.get("stages")), f"{where}: base")
    starts = _starts(config.rows, where)
    by_key: dict[tuple[str, int], Trial] = {}

    def add(row: str, seed: int) -> None:
        """After its start, and once."""
        if (row, seed) in by_key:
            return
        if row in starts:
            add(starts[row], seed)
        start = by_key[starts[row], seed] if row in starts else None
        if start is not None and not start.trains:
            raise ConfigError(f"{where}: rows.{row}.{FROM}: '{start.row}' trains nothing that could be started from")
        made, stated = _config_of(config, row, seed, f"{where}: rows.{row}")
        by_key[row, seed] = trial = Trial(row, seed, made, stated, start)
        if not trial.evaluated and row not in starts.values():
            said = f"stages: {list(made.stages)}; 'evaluate' is expected last, since a row is judged by that, or another starts from it"
            raise ConfigError(f"{where}: rows.{row}: {said}")

    if judging := [key for key in config.seeded if _judges(key)]:
        raise ConfigError(f"{where}: seeded: {judging[0]}: all trials are judged alike; leave it out")
    for seed in config.seeds:
        for row in config.rows:
            if seed == config.seeds[0] or not by_key[row, config.seeds[0]].seedless:
                add(row, seed)
    _check_inside(config.base, {stage for trial in by_key.values() for stage in trial.config.stages}, where)
    if unknown := [row for row in config.against if row not in config.rows]:
        raise ConfigError(f"{where}: against: there is no row '{unknown[0]}'; there are {', '.join(config.rows)}")
    suites = [(part, make(part.suite, part.options)) for part in base.evaluate.suites]
    named = {label_of(part, suite): part for part, suite in suites}
    for trial in by_key.values():
        check_labels(trial.config.evaluate, [label_of(part, suite) for part, suite in suites])
    measures: dict[str, Sequence[str]] = {f"source {source.name}": OF_SOURCES for source in base.tasks.test}
    measures |= {f"suite {label_of(part, suite)}": suite.measures for part, suite in suites}
    _check_figures(config, measures, where)
    absent = {}
    for part, suite in suites:
        try:
            data_of(suite, part)
        except DataMissing as error:
            absent[label_of(part, suite)] = str(error)
    return Experiment(name, config, list(by_key.values()), named, absent, places.kept(base.runs).absolute() / name)


def _starts(rows: Mapping[str, Mapping[str, Any]], where: str) -> dict[str, str]:
    """The row that each row starts from, where it does."""
    starts = {row: content[FROM] for row, content in rows.items() if FROM in content}
    for row, start in starts.items():
        if not isinstance(start, str) or start not in rows:
            raise ConfigError(f"{where}: rows.{row}.{FROM}: there is no row {start!r}; there are {', '.join(rows)}")
        way = [row, start]
        while way[-1] in starts and way[-1] not in way[:-1]:
            way.append(starts[way[-1]])
        if way[-1] == row:
            raise ConfigError(f"{where}: rows.{row}.{FROM}: leads back to itself: {' from '.join(way)}")
    return starts


def _check_inside(base: Mapping[str, Any], there: Collection[str], where: str) -> None:
    """What the base says of the inside of a stage is to be for some row: `there` are the stages of all of them."""
    for stage, section, knob in ((stage, *knob) for stage, knobs in configuration.INSIDE.items() for knob in knobs):
        if stage not in there and base.get(section, {}).get(knob) is not None:
            raise ConfigError(f"{where}: base.{section}.{knob}: has no effect, no row has the stage '{stage}'; leave it out")


def _config_of(config: ExperimentConfig, row: str, seed: int, here: str) -> tuple[Config, frozenset[str]]:
    """And the dotted names that are stated."""
    changes = {key: value for key, value in config.rows[row].items() if key != FROM}
    content = configuration.within(config.base, changes.get("stages", config.base.get("stages")))
    for key, value in (flatten(changes, lists=False) if changes else {}).items():
        if key in (*OURS, "runs"):
            raise ConfigError(f"{here}: {key}: is set for every trial, or the same for all; leave it out")
        if _judges(key):
            raise ConfigError(f"{here}: {key}: all rows are judged alike; change base.{key}")
        if key in config.seeded:
            raise ConfigError(f"{here}: {key}: is set for every trial, since `seeded` names it; leave it out")
        put(content, key, value, here)
    for key in ("seed", *config.seeded):
        put(content, key, seed, here)
    return parse(Config, content, here), frozenset(flatten(content))


def _judges(key: str) -> bool:
    """Whether a knob, by its dotted name, says what all rows are judged by."""
    return any(key == name or key.startswith(name + ".") for name in _JUDGING)


def _check_figures(config: ExperimentConfig, measures: Mapping[str, Sequence[str]], where: str) -> None:
    for number, figure in enumerate(config.figures):
        asked = f"suite {figure.suite}" if figure.suite is not None else f"source {figure.source}"
        if asked not in measures:
            raise ConfigError(f"{where}: figures.{number}: there is no {asked} in base; there is {', '.join(measures) or 'none'}")
        if unknown := [name for added in figure.measures for name in added.split("+") if name not in measures[asked]]:
            raise ConfigError(f"{where}: figures.{number}: {asked} has no '{unknown[0]}'; it has {', '.join(measures[asked])}")
    names = [figure.name for figure in config.figures]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ConfigError(f"{where}: figures: two are called '{twice[0]}'")
