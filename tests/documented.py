"""Which figures of an update docs/metrics.md does not tell of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "metrics.md"
_NO_FIGURES = {"stage", "step", "attempt", "time", "groups", "warnings"}  # the rest of a line


def undocumented(line: Iterable[str]) -> set[str]:
    """Names of a line of metrics.jsonl that the document has neither as they are nor as a family, `stop/<reason>`."""
    told = set(re.findall(r"`([^`]+)`", DOCUMENT.read_text()))
    patterns = [re.compile(re.sub(r"<\w+>", r"\\w+", name)) for name in told]
    turns = re.compile(r"turn_[2-4]/|turn_5_on/")  # told of by the first one
    names = {turns.sub("turn_1/", name) for name in line if name not in _NO_FIGURES}
    return {name for name in names if not any(pattern.fullmatch(name) for pattern in patterns)}
