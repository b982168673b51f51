"""The frame of evaluations, through a small suite of our own: reading, predictions, scores, intervals, tables, comparisons."""

import dataclasses
import json
import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

from raytool import plugins
from raytool.dialects import PythonDialect
from raytool.evaluate import main
from raytool.evaluation import fetch as fetching
from raytool.evaluation import predictions
from raytool.evaluation.agreement import of_episode
from raytool.evaluation.intervals import difference, percentage
from raytool.evaluation.opening import make
from raytool.evaluation.scorecard import Scorecard
from raytool.evaluation.suite import Ratio, Reading, Sample, Score, Suite, SuiteError, Unreadable, numbered
from raytool.evaluation.suites import SUITES
from raytool.evaluation.suites.evolution import Evolution
from raytool.records import Gold, GoldCall, Task
from tests.evaluation.few import ADD

ROOT = Path(__file__).resolve().parents[2]


class Sums(Suite):
    """A file with a sum a line, "1 2". `CF` is of every sample, `errors` of every call."""

    name = "sums"
    measures = ("CF", "errors")
    per_sample = ("CF",)
    where = "https://example.org/sums"

    def read(self, data):
        lines = [(number, line.split()) for number, line in enumerate(data.read_text().splitlines(), 1)]
        return numbered(self._record(f"{data.name}:{number}", words) for number, words in lines)

    def _record(self, where, words):
        groups = {"size": "large" if len(words[0]) > 1 else "small"}
        if len(words) != 2 or not all(word.isdecimal() for word in words):
            return Unreadable(where, f"no sum: {' '.join(words)!r}", groups, "+".join(words) if len(words) == 2 else "")
        left, right = map(int, words)
        gold = Gold((GoldCall("add", {"a": left, "b": right}),))
        return Sample(Task(f"{left}+{right}", "envs.function_call:FunctionCall", f"{left} and {right}?", (ADD,), (gold,)), groups)

    def score(self, sample, episode):
        right = of_episode(episode).content
        calls = list(episode.calls)
        measures = {"CF": Ratio.of(right)}
        if calls:
            measures["errors"] = Ratio(sum(call.feedback.value != "ok" for call in calls), len(calls))
        return Score("right" if right else "wrong", measures)

    def notes(self):
        return ["Sums [bold] are of whole numbers."]


SUITE = f"{__name__}:Sums"
LINES = ["1 2", "3 4", "12 1", "nothing", "10 x", "3 4", "11 5"]
SAID = {
    "1+2": "add(a=1, b=2)",
    "3+4": "add(a=4, b=3)",
    "3+4#2": "add(a=3, c=4)",
    "12+1": "add(a=12, b=1)",
    "10+x": "add(a=10, b=0)",  # an unreadable line's, as of a system that read the file in its own way
}  # and of 11+5 nothing


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "sums.txt"
    path.write_text("\n".join(LINES))
    return path


def written(path, said=SAID):
    path.write_text("".join(json.dumps({"id": name, "output": text}) + "\n" for name, text in said.items()))
    return path


def evaluate(capsys, data, file, *more):
    """What `python -m raytool.evaluate` prints about a file of predictions."""
    assert main(["--predictions", str(file), "--suite", SUITE, "--data", str(data), *more]) == 0
    return capsys.readouterr().out


def refused(capsys, *arguments):
    """The one line with which it refuses."""
    assert main([str(argument) for argument in arguments]) == 2
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    (line,) = said.err.splitlines()
    assert line.startswith("error: ")
    return line.removeprefix("error: ")


# ---- from a file of answers to the table and the JSON


def test_the_table_and_what_is_said_below_it(capsys, data, tmp_path):
    printed = evaluate(capsys, data, written(tmp_path / "p.jsonl"))
    rows = {row[0].strip(): [cell.strip() for cell in row[1:]] for line in printed.splitlines() if len(row := line.split("│")[1:-1]) == 3}
    assert [*rows] == ["all (7)", "size=small (3)", "size=large (4)"]
    assert rows["all (7)"][0].startswith("28.6 (")  # two of seven: unread and unanswered ones are among them
    assert rows["size=large (4)"][0].startswith("25.0 (")
    assert rows["all (7)"][1].startswith("25.0 (")  # one of four calls
    assert "right 2 (28.6%); wrong 2 (28.6%); unreadable 2 (28.6%); no_answer 1 (14.3%)" in printed
    assert "could not be read, and counts as wrong: sums.txt:4: no sum: 'nothing'" in printed
    assert "could not be read, and counts as wrong: sums.txt:5: no sum: '10 x'" in printed
    assert "Sums [bold] are of whole numbers." in printed
    assert "1 samples have no answer and count as wrong" in printed


def test_the_json_has_every_sample_and_comes_back_as_it_was(capsys, data, tmp_path):
    evaluate(capsys, data, written(tmp_path / "p.jsonl"), "--out", str(tmp_path / "deep/er/a.json"))
    card = Scorecard.read(tmp_path / "deep/er/a.json")
    assert [path.name for path in (tmp_path / "deep/er").iterdir()] == ["a.json"]
    results = {result.id: result for result in card.results}
    assert [*results] == ["1+2", "3+4", "3+4#2", "12+1", "11+5", "sums.txt:4", "10+x"]
    assert results["3+4#2"].output == ["add(a=3, c=4)"]
    assert results["3+4#2"].measures == {"CF": (0, 1), "errors": (1, 1)}
    assert results["3+4#2"].stop == "environment_end"
    assert (results["11+5"].verdict, results["11+5"].measures, results["11+5"].output) == ("no_answer", {"CF": (0, 1)}, [])
    assert (results["10+x"].verdict, results["10+x"].groups, results["10+x"].output) == ("unreadable", {"size": "large"}, [])
    assert card.about["predictions"] == str(tmp_path / "p.jsonl")
    assert card.summary["all"]["CF"].samples == 7
    assert card.summary["all"]["errors"].samples == 4
    (tmp_path / "b.json").write_text(card.text())
    assert Scorecard.read(tmp_path / "b.json") == card


def test_a_list_of_texts_is_a_turn_each(data, tmp_path):
    reading = Sums().read(data)
    (tmp_path / "p.jsonl").write_text('{"id": "1+2", "output": ["add(a=", "add(a=1, b=2)"], "more": 1}\n\n')
    said = predictions.read(tmp_path / "p.jsonl")
    (episode,) = predictions.play(reading.samples, said, PythonDialect()).values()
    assert len(episode.turns) == 1, "the environment's one turn is over"


def test_predictions_need_no_engine(data, tmp_path):
    arguments = ["--predictions", str(written(tmp_path / "p.jsonl")), "--suite", SUITE, "--data", str(data)]
    program = (
        f"import sys; from raytool.evaluate import main; assert main({arguments!r}) == 0;"
        "heavy = {'ray', 'torch', 'vllm', 'transformers', 'pyarrow'} & set(sys.modules); sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


# ---- which samples


def keyed(count, key, unreadable=0):
    samples = [Sample(Task(f"{key}{i}", "e", "", ()), {"key": key}) for i in range(count)]
    return samples, [Unreadable(f"{key}:{i}", "", {"key": key}) for i in range(unreadable)]


READING = Reading([*keyed(20, "a")[0], *keyed(20, "b")[0], *keyed(3, "c")[0]], keyed(0, "b", 20)[1])


def names(reading):
    return [sample.task.id for sample in reading.samples] + [lost.where for lost in reading.unreadable]


def test_a_limit_draws_of_each_value_by_seed():
    drawn = READING.only([], 5, seed=0)
    kinds = [name[0] for name in names(drawn)]
    assert {kind: kinds.count(kind) for kind in "abc"} == {"a": 5, "b": 5, "c": 3}
    assert names(drawn) == names(READING.only([], 5, seed=0)) != names(READING.only([], 5, seed=1))
    places = [names(READING).index(name) for name in names(drawn)]
    assert places == sorted(places)
    assert names(READING.only([], None, 0)) == names(READING)


def test_what_is_drawn_of_a_value_does_not_depend_on_the_others():
    assert names(READING.only(["b"], 5, 0)) == [name for name in names(READING.only([], 5, 0)) if name[0] == "b"]


def test_a_limit_leaves_unread_records_their_share():
    lost = [len(READING.only(["b"], 10, seed).unreadable) for seed in range(50)]
    assert 4 < np.mean(lost) < 6


def test_a_value_that_no_sample_has():
    with pytest.raises(SuiteError, match="--only d: there is a, b, c"):
        READING.only(["a", "d"], None, 0)


def test_a_file_that_repeats_a_sample_gets_numbers():
    reading = numbered([*keyed(1, "a")[0], *keyed(2, "a", 1)[1], *keyed(2, "a")[0]])
    assert names(reading) == ["a0", "a0#2", "a1", "a:0"]
    mixed = [*keyed(1, "a")[0], Unreadable("a:7", "", id="a0"), *keyed(1, "a")[0]]
    assert [sample.task.id for sample in numbered(mixed).samples] == ["a0", "a0#3"]
    assert numbered(mixed).unreadable[0].id == "a0#2"


class Twice(Sums):
    def read(self, data):
        return Reading(super().read(data).samples * 2)


def test_a_suite_that_has_an_id_twice_is_refused(capsys, data, tmp_path):
    file = written(tmp_path / "p.jsonl")
    line = refused(capsys, "--predictions", file, "--suite", f"{__name__}:Twice", "--data", data)
    assert line == f"suite '{__name__}:Twice': it has two samples '1+2'"


def test_answers_to_samples_that_a_part_leaves_out_are_left_out(capsys, data, tmp_path):
    assert "all (3)" in evaluate(capsys, data, written(tmp_path / "p.jsonl"), "--only", "small")
    assert "all (2)" in evaluate(capsys, data, written(tmp_path / "p.jsonl"), "--limit", "1")


# ---- two results


def keep(card, path):
    path.write_text(card.text())


def test_compare_names_what_changed(capsys, data, tmp_path):
    better = {**SAID, "3+4": "add(a=3, b=4)", "1+2": "I do not know.", "11+5": "add(a=11, b=6)"}
    evaluate(capsys, data, written(tmp_path / "p.jsonl"), "--out", str(tmp_path / "a.json"))
    evaluate(capsys, data, written(tmp_path / "q.jsonl", better), "--out", str(tmp_path / "b.json"))
    assert main(["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 0
    printed = capsys.readouterr().out
    rows = {row[0].strip(): [cell.strip() for cell in row[1:]] for line in printed.splitlines() if (row := line.split("│")[1:-1])}
    assert "sums: 7 samples in common" in printed
    assert rows["CF"][:3] == ["28.6", "28.6", "+0.0"]
    assert rows["1+2"] == ["right", "wrong", "CF, errors"]
    assert rows["3+4"] == ["wrong", "right", "CF"]
    assert rows["11+5"] == ["no_answer", "wrong", "errors"]
    assert "3 samples changed" in printed
    assert "12+1" not in rows


def test_compare_leaves_out_what_only_one_has(capsys, data, tmp_path):
    evaluate(capsys, data, written(tmp_path / "p.jsonl"), "--out", str(tmp_path / "a.json"))
    evaluate(capsys, data, written(tmp_path / "p.jsonl"), "--out", str(tmp_path / "b.json"), "--only", "small")
    assert main(["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 0
    printed = capsys.readouterr().out
    assert "4 samples are in one of them only, and left out" in printed
    assert "0 samples changed" in printed


def test_samples_of_another_file_are_not_compared_by_their_ids(capsys, data, tmp_path):
    evaluate(capsys, data, written(tmp_path / "p.jsonl"), "--out", str(tmp_path / "a.json"))
    card = Scorecard.read(tmp_path / "a.json")
    asked = [result.asked for result in card.results if result.verdict != "unreadable"]
    assert len(set(asked)) > 3 and all(re.fullmatch("[0-9a-f]{8}", each) for each in asked)
    first, *rest = card.results
    keep(dataclasses.replace(card, results=[dataclasses.replace(first, asked="0"), *rest]), tmp_path / "b.json")
    assert main(["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 0
    printed = capsys.readouterr().out
    assert f"1 ids ask something else in the other file, e.g. {first.id}, and are left out" in printed and "one of them only" not in printed
    keep(dataclasses.replace(card, results=[dataclasses.replace(first, asked="0")]), tmp_path / "c.json")
    told = refused(capsys, "compare", tmp_path / "a.json", tmp_path / "c.json")
    assert told == "compare: the two have no sample in common, though ids: they were asked of other files"


def test_scorecards_that_only_a_check_tells_apart_are_compared(capsys, data, tmp_path):
    """The checks of tool evolution ask the same samples, under the same ids, in another way."""
    evaluate(capsys, data, written(tmp_path / "p.jsonl"), "--out", str(tmp_path / "a.json"))
    card = dataclasses.replace(Scorecard.read(tmp_path / "a.json"), checks=list(Evolution.checks))
    for name, options in (("a", {"count": 4}), ("b", {"count": 4, "names": "neutral"}), ("c", {"count": 4, "tools": 9})):
        keep(dataclasses.replace(card, about={**card.about, "options": options}), tmp_path / f"{name}.json")
    assert main(["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 0
    assert "the one was asked with the options {'count': 4}" in refused(capsys, "compare", tmp_path / "a.json", tmp_path / "c.json")


def test_pairs_that_all_differ_alike_do_not_have_an_interval_of_no_width():
    same = difference([(0, 1)] * 6, [(0, 1)] * 6)
    assert (same.value, same.low, same.high) == (0, pytest.approx(-39.03, abs=0.01), pytest.approx(39.03, abs=0.01))
    risen = difference([(0, 1)] * 6, [(1, 1)] * 6)
    assert (risen.value, risen.low, risen.high) == (100, pytest.approx(60.97, abs=0.01), 100)
    assert difference([(1, 2)] * 4, [(1, 2)] * 4, ["x", "x", "y", "y"]).high == pytest.approx(65.76, abs=0.01)
    kept = difference([(0, 1), (1, 1)], [(0, 10), (1, 1)])
    assert kept.value == pytest.approx(100 * (1 / 11 - 1 / 2)), "rates that stay are no totals that stay"
    assert difference([(5, 1)] * 4, [(5, 1)] * 4, whole=1).high == 0, "an amount has no bound"


def test_what_cannot_be_compared(capsys, data, tmp_path):
    evaluate(capsys, data, written(tmp_path / "p.jsonl"), "--out", str(tmp_path / "a.json"))
    card = Scorecard.read(tmp_path / "a.json")
    keep(dataclasses.replace(card, suite="other"), tmp_path / "b.json")
    keep(dataclasses.replace(card, results=[dataclasses.replace(r, id=f"x{r.id}") for r in card.results]), tmp_path / "c.json")
    keep(dataclasses.replace(card, about={**card.about, "options": {"size": 2}}), tmp_path / "f.json")
    (tmp_path / "d.json").write_text('{"suite": "sums"}')
    expected = {
        "b.json": "compare: the one is of 'sums', the other of 'other'",
        "c.json": "compare: the two have no sample in common",
        "d.json": f"{tmp_path / 'd.json'}: nothing that `raytool.evaluate --out` wrote: measures: Field required",
        "f.json": "compare: the one was asked with the options {}, the other with {'size': 2}",
        "e.json": f"{tmp_path / 'e.json'}: No such file or directory",
    }
    for name, line in expected.items():
        assert refused(capsys, "compare", tmp_path / "a.json", tmp_path / name) == line


# ---- bad input


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (
            ['{"id": "1+2", "output": "x"}', '{"id": "3+4", "output'],
            ':2: Invalid JSON: EOF while parsing a string at column 21; {"id": "...", "output": "..."} is expected',
        ),
        (["", '{"id": "1+2"}'], ":2: output: Field required"),
        (['{"id": 3, "output": "x"}'], ":1: id: Input should be a valid string"),
        (['{"id": "1+2", "output": []}'], ":1: output.str: "),
        (['{"id": "1+2", "output": {"text": "x"}}'], ":1: output.str: "),
        (['"1+2"'], ":1: Input should be an object"),
        (['{"id": "1+2", "output": "x"}'] * 2, ":2: a second prediction for '1+2'"),
        (['{"id": "1+3", "output": "x"}'], "the suite asks no '1+3' (1 such ids); it has e.g. '1+2'"),
    ],
)
def test_predictions_that_cannot_be_used(capsys, data, tmp_path, lines, complaint):
    (tmp_path / "p.jsonl").write_text("\n".join(lines))
    line = refused(capsys, "--predictions", tmp_path / "p.jsonl", "--suite", SUITE, "--data", data)
    assert complaint in line
    assert "p.jsonl" in line or "asks no" in line


def test_a_suite_that_a_package_registers_has_its_name(monkeypatch):
    entry = EntryPoint("parcels", "raytool.evaluation.suites.retention:Retention", "raytool.suites")
    monkeypatch.setattr(plugins, "entry_points", lambda group: [entry] if group == entry.group else [])
    assert type(make("parcels")) is type(make("retention"))


def test_what_is_refused(capsys, data, tmp_path, monkeypatch):
    monkeypatch.setenv("RAYTOOL_CACHE", str(tmp_path / "cache"))
    file = written(tmp_path / "p.jsonl")

    def line(*more, suite=SUITE):
        return refused(capsys, "--predictions", file, "--suite", suite, *more)

    assert line(suite="nope") == f"suite 'nope': {', '.join(SUITES)} are known, or a plug-in string, e.g. module:Class"
    assert "no module 'nowhere'" in line(suite="nowhere:Suite")
    assert line(suite="raytool.records:UserError") == "suite 'raytool.records:UserError': UserError is no raytool.evaluation.suite.Suite"
    assert line(suite="raytool.evaluation.suite:Suite").startswith("suite 'raytool.evaluation.suite:Suite': Can't instantiate")
    assert "data" in line("--data", tmp_path / "gone.txt") and "is not there" in line("--data", tmp_path / "gone.txt")
    assert line("--data", data, "--only", "huge") == "--only huge: there is large, small"
    assert "limit" in line("--data", data, "--limit", "0")
    assert line("--data", data, "--limit", "1", "--seed", "-1") == "--seed -1: 0 or more is expected"
    assert "latin" in line("--data", data, "--dialect", "latin")
    assert "has no effect with --predictions" in line("--data", data, "rollout.workers=2")
    assert line("--data", data, "--out", tmp_path) == f"--out {tmp_path}: Is a directory"
    assert line("--data", data, "--out", data / "a.json").startswith(f"--out {data / 'a.json'}: ")  # a file is no folder
    missing = line(suite="rotbench")
    assert str(tmp_path / "cache/benchmarks/rotbench") in missing
    assert "python -m raytool.evaluate fetch rotbench" in missing
    assert "https://github.com/Junjie-Ye/RoTBench" in missing
    gone = refused(capsys, "--predictions", tmp_path / "no.jsonl", "--suite", SUITE, "--data", data)
    assert gone == f"--predictions {tmp_path / 'no.jsonl'}: No such file or directory"


def test_a_suite_without_files_takes_none(capsys, tmp_path, data):
    line = refused(capsys, "--predictions", written(tmp_path / "p.jsonl"), "--suite", "tests.evaluation.few:Few", "--data", data)
    assert "has no effect" in line


# ---- intervals


@pytest.mark.parametrize(("hits", "count"), [(50, 100), (30, 200), (900, 1000)])
def test_an_interval_is_close_to_the_normal_one_of_a_binomial(hits, count):
    measured = percentage([1.0] * hits + [0.0] * (count - hits), [1.0] * count)
    rate = hits / count
    half = 196 * np.sqrt(rate * (1 - rate) / count)
    assert (measured.value, measured.samples) == (pytest.approx(100 * rate), count)
    assert measured.low == pytest.approx(100 * rate - half, abs=0.1 * half + 100 / count)
    assert measured.high == pytest.approx(100 * rate + half, abs=0.1 * half + 100 / count)


def test_intervals_cover_what_they_should():
    """Of 400 samples of 80 draws each with a rate of 0.3, about 95 % have it in their interval."""
    random = np.random.default_rng(0)
    covered = 0
    for number in range(400):
        measured = percentage(random.random(80) < 0.3, np.ones(80), seed=number)
        covered += measured.low <= 30 <= measured.high
    assert 0.91 <= covered / 400 <= 0.98


def test_samples_of_a_cluster_count_once():
    """Every sample asked three times over: the interval of the samples asked once, whatever the order; and Wilson's likewise."""
    hits, names = [float(i % 3 == 0) for i in range(60)], [f"s{i}" for i in range(60)]
    once, thrice = percentage(hits, [1.0] * 60), percentage(hits * 3, [1.0] * 180, names * 3)
    assert (thrice.value, thrice.samples) == (pytest.approx(once.value), 180)
    assert (thrice.low, thrice.high) == (pytest.approx(once.low), pytest.approx(once.high))
    assert percentage([1.0] * 180, [1.0] * 180, names * 3).low == percentage([1.0] * 60, [1.0] * 60).low
    before, after = [(0.0, 1.0)] * 60, [(hit, 1.0) for hit in hits]
    paired, clustered = difference(before, after), difference(before * 3, after * 3, names * 3)
    assert (clustered.low, clustered.high) == (pytest.approx(paired.low), pytest.approx(paired.high))


def test_a_ratio_is_of_sums_and_drawn_by_sample():
    """Errors per call: a sample with many calls weighs more, and all its calls are drawn together."""
    hits, totals = [8.0, 0.0] * 20, [8.0, 2.0] * 20
    measured = percentage(hits, totals)
    assert measured.value == pytest.approx(80)
    independent = 196 * np.sqrt(0.8 * 0.2 / 200)
    assert measured.high - measured.low > 2.2 * independent


def test_all_or_nothing_has_wilsons_interval():
    """By his equation, with a proportion of 1 or 0: its ends are the proportions from which the observed one is z standard errors off."""
    z = 1.959964
    for count in (1, 9, 500):
        most, least = percentage([0.0] * count, [1.0] * count), percentage([1.0] * count, [1.0] * count)
        assert (most.value, most.low, least.value, least.high) == (0, 0, 100, 100)
        p = most.high / 100
        assert p == pytest.approx(z * np.sqrt(p * (1 - p) / count))
        assert least.low == pytest.approx(100 - most.high)


def test_what_is_no_proportion_of_samples_keeps_its_bootstrap():
    assert dataclasses.astuple(percentage([2.0] * 9, [2.0] * 9)) == (100, 100, 100, 9)
    assert dataclasses.astuple(percentage([0.5] * 9, [1.0] * 9)) == (50, 50, 50, 9)


def test_a_draw_with_nothing_to_hit_is_left_out():
    """A third of the draws have no call. Where there are calls, all of them are errors."""
    hits = totals = [2.0, 0.0, 0.0]
    assert dataclasses.astuple(percentage(hits, totals)) == (100, 100, 100, 3)
    before, after = [(0.0, total) for total in totals], [(total, total) for total in totals]
    change = difference(before, after)
    assert (change.value, change.low, change.high) == (100, pytest.approx(20.65, abs=0.01), 100), "one sample counts"


def test_a_seed_repeats():
    some = ([1.0, 0.0, 0.0, 1.0, 1.0], [1.0] * 5)
    assert percentage(*some, seed=3) == percentage(*some, seed=3)


def test_pairs_are_drawn_together():
    """Where nothing differs, only what was not drawn could, however much the two spread; and a difference has its paired standard error."""
    before = [(float(i % 2), 1.0) for i in range(100)]
    same = difference(before, before)
    assert (same.value, same.low, same.high) == (0, pytest.approx(-3.7, abs=0.01), pytest.approx(3.7, abs=0.01))
    after = [(1.0, 1.0) if i < 20 else pair for i, pair in enumerate(before)]
    change = difference(before, after)
    half = 196 * np.sqrt(0.1 * 0.9 / 100)
    assert change.value == pytest.approx(10)
    assert (change.low, change.high) == (pytest.approx(10 - half, abs=1.5), pytest.approx(10 + half, abs=1.5))


def test_an_interval_of_many_samples():
    count = 20_000
    measured = percentage(np.arange(count) % 4 == 0, np.ones(count))
    half = 196 * np.sqrt(0.25 * 0.75 / count)
    assert (measured.low, measured.high) == (pytest.approx(25 - half, abs=0.1), pytest.approx(25 + half, abs=0.1))


def test_drawing_by_kind_is_drawing_by_sample():
    """The same interval as resampling the samples themselves, up to the draws' own spread."""
    random = np.random.default_rng(1)
    hits, totals = random.integers(0, 4, 60).astype(float), np.full(60, 3.0)
    drawn = random.integers(0, 60, (20_000, 60))
    low, high = np.percentile(100 * hits[drawn].sum(1) / totals[drawn].sum(1), (2.5, 97.5))
    measured = percentage(hits, totals)
    assert (measured.low, measured.high) == (pytest.approx(low, abs=0.8), pytest.approx(high, abs=0.8))


# ---- fetching


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A repository of this machine, with the address and the commit by which a suite's files are published there."""
    monkeypatch.setenv("RAYTOOL_CACHE", str(tmp_path / "cache"))
    source = tmp_path / "source"
    for name, text in (("data/sums.txt", "1 2\n"), ("data/more/deep.txt", "3 4\n"), ("code/big.bin", "x" * 1000)):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)

    def git(*arguments):
        who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
        return subprocess.run(["git", *who, *arguments], cwd=source, check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    git("init", "--quiet")
    git("config", "uploadpack.allowFilter", "true")
    git("add", "-A")
    git("commit", "--quiet", "-m", "first")
    first = git("rev-parse", "HEAD")
    (source / "data/sums.txt").write_text("changed since\n")
    git("commit", "--quiet", "-a", "-m", "second")

    def publish(commit=first, paths=None, url=f"file://{source}"):
        paths = paths or {"data/sums.txt": "sums.txt", "data/more": "kept/more"}
        monkeypatch.setitem(fetching.PUBLISHED, "sums", (fetching.Repository(url, commit, paths),))

    publish()
    return publish


def test_fetch_gets_the_files_of_a_commit(published, capsys):
    assert main(["fetch", "sums"]) == 0
    folder = fetching.folder("sums")
    assert str(folder) in capsys.readouterr().out
    found = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert found == {"sums.txt": "1 2\n", "kept/more/deep.txt": "3 4\n"}
    assert [path.name for path in folder.parent.iterdir()] == ["sums"], "the clone is gone"
    published(commit="0" * 40)
    assert main(["fetch", "sums"]) == 0, "what is there is not fetched again"


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"commit": "0" * 40}, "git fetch: "),
        ({"url": "file:///nowhere/at/all"}, "git fetch: "),
        ({"paths": {"data/gone.txt": "gone.txt"}}, "git checkout: "),
    ],
)
def test_what_cannot_be_fetched_is_one_line(published, capsys, wrong, complaint):
    published(**wrong)
    assert refused(capsys, "fetch", "sums").startswith(f"fetch sums: {complaint}")
    assert not fetching.folder("sums").exists()
    assert [*fetching.folder("sums").parent.iterdir()] == []


def test_fetch_without_a_place_says_so(published, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("RAYTOOL_CACHE", str(tmp_path / "source/data/sums.txt"))
    assert refused(capsys, "fetch", "sums").startswith(f"fetch sums: {tmp_path / 'source/data/sums.txt/benchmarks'}: ")


def test_fetch_without_git_says_so(published, capsys, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert refused(capsys, "fetch", "sums") == "fetch sums: git is not installed"


def test_what_is_published_is_at_whole_commits():
    for name, repositories in fetching.PUBLISHED.items():
        assert name in SUITES
        for repository in repositories:
            assert re.fullmatch("[0-9a-f]{40}", repository.commit)
            assert repository.url.startswith("https://") and repository.url in make(name).where
