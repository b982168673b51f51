"""Accuracy over tokens: what is read of a run's evaluations inside training, and what is drawn of it."""

import json
from types import SimpleNamespace

import pytest

from raytool.ablation.curves import Point, cards_inside, draw, tokens_at, values
from raytool.ablation.experiment import FigureConfig
from raytool.ablation.outcome import Counted
from raytool.evaluation.results import scorecards
from raytool.evaluation.scorecard import Result

FIGURE = FigureConfig(name="small ones", suite="few", where={"size": "small"}, measures=("CF", "length"))


def results(right):
    sizes = ("small", "small", "large")
    return [Result(str(n), {"size": size}, "", {"CF": (float(n < right), 1.0), "length": (3.0 + n, 1.0)}) for n, size in enumerate(sizes)]


def test_values_are_percent_or_in_their_unit():
    counted = Counted.of(results(1), units={"length": "tokens"})
    assert values({"few": counted}, [FIGURE]) == {"small ones": {"CF": 50.0, "length": 3.5}}
    assert values({"other": counted}, [FIGURE]) == {}


def test_points_are_those_of_the_stage_with_the_tokens_until_then(tmp_path):
    card = {"suite": "few", "measures": [], "results": [], "summary": {}, "verdicts": {}, "about": {}, "notes": [], "unreadable": []}
    for name in ("sft-000004.few", "sft-000002.few", "sft.few", "ppo-000001.few"):
        (tmp_path / f"{name}.json").write_text(json.dumps(card))
    (tmp_path / "sft-000004.few again.json").write_text(json.dumps(card))
    assert {step: [*cards] for step, cards in cards_inside(tmp_path, "sft").items()} == {2: ["few"], 4: ["few again", "few"]}
    assert [*scorecards(tmp_path, "sft")] == ["few"]
    first = [{"stage": "sft", "step": n, "attempt": 0, "tokens": 9.0 + n} for n in range(1, 5)]
    again = [{**line, "attempt": 1} for line in first[1:]] + [{"stage": "ppo", "step": 1, "attempt": 1, "tokens": 5.0}]
    again[0]["tokens"] = 20.0
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in first + again))
    assert (tokens_at(tmp_path, "sft", 2), tokens_at(tmp_path, "sft", 4), tokens_at(tmp_path, "ppo", 1)) == (30, 55, 5)


@pytest.mark.parametrize("seeds", [1, 2])
def test_a_line_is_drawn_for_each_row_that_has_one(tmp_path, seeds):
    def outcome(*percent):
        return SimpleNamespace(curve=[Point(100.0 * n, {"small ones": {"CF": p}}) for n, p in enumerate(percent, 1)])

    often, rarely = [outcome(10, 20, 30), outcome(12, 24, 36)][:seeds], outcome(99, 99)
    rows = {"FT": [*often, rarely], "MTA": [outcome(5, 40, 60)], "Base": [outcome()]}
    draw(tmp_path / "curves.svg", [FIGURE], rows)
    drawn = (tmp_path / "curves.svg").read_text()
    assert drawn.startswith("<?xml") and all(f">{word}<" in drawn for word in ("FT", "MTA", "small ones", "tokens trained"))
    assert ">Base<" not in drawn and drawn.count("FillBetweenPolyCollection") == 2
    draw(tmp_path / "often.svg", [FIGURE], {**rows, "FT": often})
    assert (tmp_path / "often.svg").read_text() == drawn, "points of seeds that were asked less often are others"
    draw(tmp_path / "none.svg", [FIGURE], {"Base": [outcome()]})
    assert not (tmp_path / "none.svg").exists()
