"""bench.pooled: two rows of an experiment over several suites together."""

import pytest

from bench.pooled import main
from raytool.ablation.outcome import Counted, Outcome
from raytool.evaluation.scorecard import Result


def keep(folder, row, seed, **right):
    """A row with so many samples right, of ten in each suite."""
    suites = {
        suite: Counted.of([Result(f"{suite}-{n}", {}, "", {"CF": (float(n < count), 1.0)}) for n in range(10)])
        for suite, count in right.items()
    }
    Outcome(row, seed, "", {}, None, None, None, {}, {}, [], suites, {}).write(folder / f"{row}-{seed}.json")


def test_every_sample_counts_as_much_in_each_seed_and_in_all(tmp_path, capsys):
    keep(tmp_path, "none", 0, a=2, b=4)
    keep(tmp_path, "all", 0, a=10, b=10)
    keep(tmp_path, "none", 1, a=3, b=3)
    keep(tmp_path, "all", 1, a=3, b=3)
    keep(tmp_path, "all", 2, a=0, b=0)  # no row to compare it with
    assert main([str(tmp_path), "none", "all", "a=CF", "b=CF"]) == 0
    lines = [[cell.strip() for cell in line.strip("| ").split("|")] for line in capsys.readouterr().out.splitlines()[2:]]
    assert [line[:4] for line in lines] == [
        ["seed 0", "20", "30.0", "100.0"],
        ["seed 1", "20", "30.0", "30.0"],
        ["all seeds", "40", "30.0", "65.0"],
    ]
    assert lines[0][4].startswith("+70.0 (+") and lines[1][4] == "+0.0 (-16.1 to +16.1)" and lines[2][4].startswith("+35.0 (+")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["none", "all", "a"], "a: SUITE=MEASURE is expected"),
        (["none", "some", "a=CF"], "no seed of which all of none, some are there"),
        (["none", "all", "c=CF"], "c was not asked in both rows of seed 0"),
        (["none", "all", "a=TS"], "have not the same samples with 'TS' of a"),
    ],
)
def test_what_cannot_be_compared_is_told(tmp_path, capsys, given, says):
    for row in ("none", "all"):
        keep(tmp_path, row, 0, a=1, b=1)
    assert main([str(tmp_path), *given]) == 2
    assert says in capsys.readouterr().err
