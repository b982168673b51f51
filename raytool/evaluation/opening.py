"""From a suite's name to its samples."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from raytool import plugins
from raytool.config import SuiteConfig
from raytool.evaluation.fetch import folder
from raytool.evaluation.suite import Reading, Suite, SuiteError
from raytool.evaluation.suites import SUITES


@dataclass(frozen=True, slots=True)
class Opened:
    """A suite, what is asked of it, and the ids of the samples that its part leaves out."""

    suite: Suite
    reading: Reading
    left_out: frozenset[str]


def open_suite(config: SuiteConfig, seed: int) -> Opened:
    """Raises:
    UserError: there is no such suite, or its files are nowhere; the message says where they are published.
    """
    suite = make(config.suite)
    whole = suite.read(_data(suite, config))
    part = whole.only(config.only, config.limit, seed)
    return Opened(suite, part, frozenset(s.task.id for s in whole.samples) - {s.task.id for s in part.samples})


def make(name: str) -> Suite:
    """The suite of a name or plug-in string.

    Raises:
        UserError: there is none.
    """
    if name not in SUITES and ":" not in name:
        raise SuiteError(f"suite '{name}': {', '.join(SUITES)} are known, or a plug-in string module:Class")
    kind = plugins.load(SUITES.get(name, name), "raytool.suites")
    try:
        made = kind()
    except Exception as error:
        raise SuiteError(f"suite '{name}': {error}") from error
    if not isinstance(made, Suite):
        raise SuiteError(f"suite '{name}': {type(made).__name__} is no raytool.evaluation.suite.Suite")
    return made


def _data(suite: Suite, config: SuiteConfig) -> Path | None:
    if not suite.where:
        if config.data is not None:
            raise SuiteError(f"data {config.data}: has no effect, {config.suite} needs no files; leave it out")
        return None
    if config.data is not None:
        if not config.data.exists():
            raise SuiteError(f"data {config.data}: is not there")
        return config.data
    cached = folder(config.suite)
    if not cached.exists():
        raise SuiteError(
            f"suite '{config.suite}': its files are not in {cached}; `python -m raytool.evaluate fetch {config.suite}` gets them from "
            f"{suite.where}, or put them there, or say where they are"
        )
    return cached
