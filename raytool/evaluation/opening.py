"""From a suite's name to its samples."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pydantic

from raytool import places, plugins
from raytool.config import EvaluateConfig, SuiteConfig
from raytool.evaluation.fetch import folder
from raytool.evaluation.suite import Reading, Suite, SuiteError
from raytool.evaluation.suites import SUITES
from raytool.records import first_mistake
from raytool.rollout.episode import Limits


class DataMissing(SuiteError):
    """The suite's files are not there; the message says where they are published."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A suite and what is asked of it, under the name that it has in files and figures, and within which limits.

    `left_out` are the ids of what is not asked: samples that the part leaves out, records that cannot be read. `notes` have to be
    said of the figures.
    """

    label: str
    suite: Suite
    reading: Reading
    left_out: frozenset[str]
    limits: Limits
    notes: tuple[str, ...] = ()


def open_suite(config: SuiteConfig, seed: int) -> Opened:
    """Raises:
    UserError: there is no such suite, it has an id twice, its limits contradict one another, or its files are nowhere; the message says
        where they are published.
    """
    suite = make(config.suite, config.options)
    limits = limits_of(suite, config)
    whole = suite.read(data_of(suite, config))
    ids = Counter([sample.task.id for sample in whole.samples] + [lost.id for lost in whole.unreadable if lost.id])
    if twice := [id for id, count in ids.items() if count > 1]:
        raise SuiteError(f"suite '{config.suite}': it has two samples '{twice[0]}'")
    part = whole.only(config.only, config.limit, seed if config.seed is None else config.seed)
    left_out = frozenset(ids.keys() - {sample.task.id for sample in part.samples})
    return Opened(label_of(config, suite), suite, part, left_out, limits)


def limits_of(suite: Suite, config: SuiteConfig) -> Limits:
    """What bounds the episodes of a suite: its own limits, but for what the config says.

    Raises:
        SuiteError: the config leaves a conversation less than one turn of it may have.
    """
    limits = Limits.of(suite)
    if config.max_tokens is None:
        return limits
    if config.max_tokens < limits.turn_tokens:
        turn = f"max_tokens: {config.max_tokens} for a conversation is less than {limits.turn_tokens} for one turn of it"
        raise SuiteError(f"suite '{config.suite}': {turn}")
    return dataclasses.replace(limits, tokens=config.max_tokens)


def label_of(config: SuiteConfig, suite: Suite) -> str:
    """What a suite is called in files and figures."""
    return config.label or suite.name


def check_labels(config: EvaluateConfig, labels: Sequence[str]) -> None:
    """Raises:
    SuiteError: two suites have one label, or one is to be asked inside a stage that there is not.
    """
    parts = config.suites
    if unknown := [label for label in config.inside or () if label not in labels]:
        raise SuiteError(f"evaluate.inside: no suite is called '{unknown[0]}'; there is {', '.join(labels) or 'none'}")
    for number, label in enumerate(labels):
        if (first := labels.index(label)) < number:
            both = " and ".join(f"'{parts[place].suite}'" for place in (first, number))
            raise SuiteError(f"evaluate.suites: {both} are both called '{label}'; give one of them a label of its own")


def make(name: str, options: Mapping[str, Any] = MappingProxyType({})) -> Suite:
    """The suite of a name or plug-in string. One that takes options is a dataclass, which has them as fields.

    Raises:
        UserError: there is none, or it has not those options.
    """
    if name not in SUITES and ":" not in name and not plugins.known(name, "raytool.suites"):
        raise SuiteError(f"suite '{name}': {', '.join(SUITES)} are known, or a plug-in string, e.g. module:Class")
    kind = plugins.load(SUITES.get(name, name), "raytool.suites")
    if not (isinstance(kind, type) and issubclass(kind, Suite)):
        raise SuiteError(f"suite '{name}': {getattr(kind, '__name__', kind)} is no raytool.evaluation.suite.Suite")
    known: list[str] = [field.name for field in dataclasses.fields(kind) if field.init] if dataclasses.is_dataclass(kind) else []
    if unknown := [key for key in options if key not in known]:
        raise SuiteError(f"option {unknown[0]}: {name} has {', '.join(known) or 'no options'}")
    try:
        return pydantic.TypeAdapter(kind).validate_python(dict(options)) if known else kind()
    except pydantic.ValidationError as error:
        raise SuiteError(f"options {dict(options)}: {first_mistake(error)}") from None
    except Exception as error:
        raise SuiteError(f"suite '{name}': {error}") from error


def data_of(suite: Suite, config: SuiteConfig) -> Path | None:
    """Where the suite's files are; None where it needs none.

    Raises:
        DataMissing: nowhere.
        SuiteError: a place is given to a suite that needs no files.
    """
    if not suite.where:
        if config.data is not None:
            raise SuiteError(f"data {config.data}: has no effect, {config.suite} needs no files; leave it out")
        return None
    if config.data is not None:
        if not (given := places.found(config.data)).exists():
            raise DataMissing(f"data {config.data}: is not there")
        return given
    cached = folder(config.suite)
    if not cached.exists():
        raise DataMissing(
            f"suite '{config.suite}': its files are not in {cached}; `python -m raytool.evaluate fetch {config.suite}` gets them from "
            f"{suite.where}, or put them there, or say where they are"
        )
    return cached
