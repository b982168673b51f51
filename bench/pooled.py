"""What two rows of an experiment differ in over several suites together: their samples are paired, and every one counts as much.

    .venv/bin/python -m bench.pooled docs/results/ablation/tl-training none all \\
        'bfcl=CF any' 'toolalpaca=CF any' 'rotbench=CF rotbench' scenarios=CF

Both rows, the difference and its 95 % interval (a bootstrap over pairs, as in the experiment's own tables), for each seed and for all.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from raytool.ablation.outcome import Outcome, Ratio
from raytool.evaluation.intervals import difference
from raytool.markdown import table
from raytool.records import UserError, refused

Pair = tuple[Ratio, Ratio]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.pooled", description="The difference of two rows over several suites together.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the experiment's rows are kept")
    parser.add_argument("before", metavar="ROW")
    parser.add_argument("after", metavar="ROW")
    parser.add_argument("measures", nargs="+", metavar="SUITE=MEASURE")
    given = parser.parse_args(arguments)
    try:
        measures = dict(_named(said) for said in given.measures)
        found = {
            seed: pairs(given.folder, given.before, given.after, seed, measures) for seed in seeds(given.folder, given.before, given.after)
        }
        rows = [_row(f"seed {seed}", of_seed) for seed, of_seed in found.items()]
        rows.append(_row("all seeds", [pair for of_seed in found.values() for pair in of_seed]))
        print("\n".join(table(["", "samples", given.before, given.after, "difference"], rows)))
        return 0
    except UserError as error:
        return refused(error)


def seeds(folder: Path, *rows: str) -> list[int]:
    """Those that all rows were run with."""
    numbers = [
        {int(m[1]) for path in folder.glob(f"{row}-*.json") if (m := re.fullmatch(rf"{re.escape(row)}-(\d+)", path.stem))} for row in rows
    ]
    if not (common := sorted(set.intersection(*numbers))):
        raise UserError(f"{folder}: no seed of which all of {', '.join(rows)} are there")
    return common


def pairs(folder: Path, before: str, after: str, seed: int, measures: Mapping[str, str]) -> list[tuple[str, Pair]]:
    """(hits, total) of each sample before and after, with what it is drawn together with."""
    rows = [Outcome.read(folder / f"{row}-{seed}.json") for row in (before, after)]
    found: list[tuple[str, Pair]] = []
    for suite, measure in measures.items():
        counted = [row.suites.get(suite) for row in rows if row is not None]
        if None in counted or len(counted) < 2:
            raise UserError(f"{folder}: {suite} was not asked in both rows of seed {seed}")
        old, new = (of_row.measured(measure, {}) for of_row in counted if of_row is not None)
        if old.keys() != new.keys() or not old:
            raise UserError(f"{folder}: the two rows of seed {seed} have not the same samples with '{measure}' of {suite}")
        clusters = dict(zip(counted[0].ids, counted[0].clusters or counted[0].ids, strict=True)) if counted[0] else {}
        found += [(f"{suite}/{clusters[id]}", (old[id], new[id])) for id in old]
    return found


def _named(said: str) -> tuple[str, str]:
    suite, equals, measure = said.partition("=")
    if not equals:
        raise UserError(f"{said}: SUITE=MEASURE is expected, e.g. 'bfcl=CF any'")
    return suite, measure


def _row(name: str, found: Sequence[tuple[str, Pair]]) -> list[str]:
    sides = list(zip(*(pair for _, pair in found), strict=True))
    shares = [f"{100 * sum(hits for hits, _ in side) / sum(total for _, total in side):.1f}" for side in sides]
    change = difference(list(sides[0]), list(sides[1]), [cluster for cluster, _ in found])
    return [name, str(len(found)), *shares, f"{change.value:+.1f} ({change.low:+.1f} to {change.high:+.1f})"]


if __name__ == "__main__":
    sys.exit(main())
