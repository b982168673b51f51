"""A suite's own gold as the answers of somebody, played and scored as any file of predictions is."""

from __future__ import annotations

from pathlib import Path

import pytest

from raytool.dialects import PythonDialect
from raytool.evaluation import predictions
from raytool.evaluation.scorecard import Scorecard

PUBLISHED = Path(__file__).resolve().parents[3] / "shared/benchmarks"


def published(*parts):
    """A file or folder of the real data; the test skips where it is absent."""
    path = PUBLISHED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{'/'.join(parts)} is not at hand")
    return path


def transcript(reading):
    """The first gold alternative of every sample, all its calls in one turn."""
    return {s.task.id: [PythonDialect().render([gold.call for gold in s.task.gold[0].calls], s.task.tools)] for s in reading.samples}


def scored(suite, reading, said=None):
    """The scorecard of some texts by sample, or of gold."""
    texts = transcript(reading) if said is None else {name: [text] for name, text in said.items()}
    return Scorecard.of(suite, reading, predictions.play(reading.samples, texts, PythonDialect()), {})


def percent(card, group="all"):
    return {name: interval.value for name, interval in card.summary[group].items()}
