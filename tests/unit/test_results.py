"""docs/results.md out of scorecards: what is kept of them, and what the tables say of it."""

import dataclasses
import json

import pytest

from bench import results as program
from bench.results import BEGIN, BFCL, DOCS, END, Figures, main, read, rebuilt
from raytool.evaluation.intervals import percentage
from raytool.evaluation.scorecard import Result, Scorecard, summary
from raytool.evaluation.suites.bfcl import PARTS
from raytool.records import UserError

EXECUTABLE = {"category": "exec_simple", "part": "executable"}
SIMPLE = {"category": "simple_python", "part": "non_live"}
LEVELS = ["TS any", "PI any", "CF any", "TS all", "PI all", "CF all"]
ABOUT = {"model": "/home/somebody/runs/q-1/checkpoints/sft/model", "dialect": "python", "prompting": "base", "seed": 0, "options": {}}
SPENT = {"tokens": 1234, "prompt_tokens": 56789, "seconds": 20.5, "tokens_per_s": 60}


def result(id, groups, right, measures, verdict=""):
    return Result(id, groups, verdict or ("right" if right else "wrong"), {name: (float(right), 1.0) for name in measures}, ["f(secret=1)"])


def card(suite, results, **about):
    measures = list(dict.fromkeys(name for result in results for name in result.measures))
    verdicts = {verdict: sum(r.verdict == verdict for r in results) for verdict in {r.verdict for r in results}}
    return Scorecard(suite, measures, {**ABOUT, "limit": None, "only": "", **about}, [], [], summary(results, measures), verdicts, results)


def bfcl(count, right, first=0, groups=EXECUTABLE, **about):
    """`count` records of which the first `right` are."""
    measures = ["accuracy", *LEVELS] if groups is EXECUTABLE else ["accuracy"]
    return card("bfcl", [result(f"{groups['category']}_{first + i}", groups, i < right, measures) for i in range(count)], **about)


def retention(right, count=10, prefix="gsm8k"):
    return card("retention", [result(f"{prefix}-{i}", {"set": "gsm8k"}, i < right, ["correct"]) for i in range(count)])


def test_what_infrastructure_lost_is_no_sample_of_a_figure(docs):
    lost = Result("gsm8k-9", {"set": "gsm8k"}, "infrastructure", {})
    added(docs, "sft", card("retention", [*retention(3, 9).results, lost]))
    (row,) = rows(docs, "Retention")
    assert "n 9 of 1,319" in row["GSM8K (1,319)"]


def test_an_amount_is_kept_in_its_unit():
    found = dataclasses.replace(card("selection", [result("a", {}, True, ["reasoning"])]), units={"reasoning": "tokens"})
    found = dataclasses.replace(found, results=[dataclasses.replace(found.results[0], measures={"reasoning": (25.0, 1.0)})])
    assert Figures.of([found]).groups["all"].measures["reasoning"].value == 25


@pytest.fixture
def docs(tmp_path):
    (tmp_path / "results.md").write_text(f"# Before\n\n{BEGIN}\nold\n{END}\n\nAfter.\n")
    return tmp_path


def added(docs, label, *cards, options=()):
    files = [docs / f"card{i}.json" for i in range(len(cards))]
    for path, given in zip(files, cards, strict=True):
        path.write_text(given.text())
    return main(["--docs", str(docs), "add", *options, label, *map(str, files)])


def rows(docs, heading):
    """The cells of the table under a heading, by row and column, "" being what stands in the first column."""
    section = (docs / "results.md").read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in section.splitlines() if line.startswith("|")]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[2:]]


def row(docs, heading, name):
    (found,) = [cells for cells in rows(docs, heading) if next(iter(cells.values())) == name]
    return found


def test_a_row_of_ours_stands_beside_the_published_ones_with_its_size_and_interval(docs):
    assert added(docs, "sft", bfcl(20, 15)) == 0
    expected = percentage([1.0] * 15 + [0.0] * 5, [1.0] * 20)
    ours = row(docs, "Beside the papers", "**sft**")
    assert ours["BFCL executable (240)"] == f"75.0/75.0/75.0 ({expected.low:.1f}-{expected.high:.1f}), n 20 of 240"
    assert ours["ToolEyes (382)"] == ours["ToolAlpaca real (114)"] == ours["RoTBench clean, first turn (105)"] == ""
    published = row(docs, "Beside the papers", "ToolLLaMA-2-7B, published")
    assert published["BFCL executable (240)"] == "87.08/83.75/56.67"
    assert published["ToolAlpaca real (114)"] == "75.56/61.40/37.72" and published["ToolAlpaca simulated (100)"] == ""
    assert row(docs, "BFCL by category", "exec_simple (100)")["sft"].endswith("n 20 of 100")


def test_a_whole_set_says_its_size_once(docs):
    results = [
        result(
            f"rotbench-first-clean-{i}",
            {"noise": "clean", "turn": "first", "file": "clean, first turn"},
            i < 21,
            ["TS rotbench", "CF rotbench"],
        )
        for i in range(105)
    ]
    added(docs, "ppo", card("rotbench", results))
    cell = row(docs, "Beside the papers", "**ppo**")["RoTBench clean, first turn (105)"]
    assert cell.startswith("20.0/-/20.0 (") and cell.endswith("), n 105")


def test_the_prose_around_the_tables_stays(docs):
    added(docs, "sft", bfcl(4, 2))
    page = (docs / "results.md").read_text()
    assert page.startswith("# Before\n\n" + BEGIN) and page.endswith(END + "\n\nAfter.\n") and "\nold\n" not in page
    assert main(["--docs", str(docs)]) == 0
    assert (docs / "results.md").read_text() == page


def test_answers_and_folders_of_the_machine_are_not_kept(docs):
    added(docs, "sft", bfcl(4, 2, **SPENT))
    kept = (docs / "results" / "sft" / "bfcl.json").read_text()
    assert "secret" not in kept and "somebody" not in kept and "exec_simple_0" not in kept
    assert json.loads(kept)["runs"][0]["model"] == "q-1/checkpoints/sft/model"
    (run,) = rows(docs, "How it was measured")
    assert run["model or predictions"] == "q-1/checkpoints/sft/model" and run["asked with"] == "--prompting base --seed 0"
    assert [run[name] for name in ("samples", "tokens sampled", "tokens read", "seconds", "tokens/s")] == [
        "4",
        "1,234",
        "56,789",
        "20.5",
        "60",
    ]


def test_scorecards_of_different_samples_count_together(docs):
    added(docs, "sft", bfcl(10, 10, limit=10), bfcl(10, 0, first=10, limit=20), bfcl(4, 1, groups=SIMPLE))
    figures = Figures.read(docs / "results" / "sft" / "bfcl.json")
    assert figures.groups["part=executable"].measures["CF any"].value == 50.0
    assert figures.groups["part=executable"].samples == 20 and figures.groups["all"].samples == 24
    assert figures.groups["part=executable"].verdicts == {"right": 10, "wrong": 10}
    assert "CF any" not in figures.groups["part=non_live"].measures
    assert [run["asked with"] for run in rows(docs, "How it was measured")][:2] == [
        "--prompting base --limit 10 --seed 0",
        "--prompting base --limit 20 --seed 0",
    ]


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (bfcl(3, 3), "exec_simple_0 is in two scorecards"),
        (
            bfcl(3, 3, first=4, model="another"),
            "model is '/home/somebody/runs/q-1/checkpoints/sft/model' in one scorecard, 'another' in another",
        ),
        (bfcl(3, 3, first=4, prompting="cot"), "prompting is 'base' in one scorecard, 'cot' in another"),
    ],
)
def test_scorecards_that_do_not_belong_together_are_refused(docs, capsys, second, said):
    before = (docs / "results.md").read_text()
    assert added(docs, "sft", bfcl(4, 2), second) == 2
    assert said in capsys.readouterr().err
    assert (docs / "results.md").read_text() == before and not (docs / "results").exists()


def test_what_is_added_again_replaces_what_was_there(docs):
    added(docs, "sft", bfcl(4, 2), retention(5))
    added(docs, "sft", bfcl(4, 4))
    assert read(docs / "results")["sft"]["bfcl"].groups["all"].measures["accuracy"].value == 100.0
    assert "retention" in read(docs / "results")["sft"]


def test_other_categories_come_beside_what_is_there(docs, capsys):
    added(docs, "sft", bfcl(4, 2, limit=4))
    assert added(docs, "sft", bfcl(4, 1, groups=SIMPLE, limit=20), options=["--beside"]) == 0
    figures = read(docs / "results")["sft"]["bfcl"]
    assert (figures.groups["part=executable"].measures["accuracy"].value, figures.groups["part=non_live"].measures["accuracy"].value) == (
        50,
        25,
    )
    assert "all" not in figures.groups and [run["limit"] for run in figures.runs] == [4, 20]
    for given, said in (
        (bfcl(3, 0), "category=exec_simple is there already"),
        (bfcl(3, 0, groups={"category": "x"}, model="another"), "model is"),
    ):
        assert added(docs, "sft", given, options=["--beside"]) == 2
        assert said in capsys.readouterr().err
    assert read(docs / "results")["sft"]["bfcl"] == figures


def test_retention_tells_the_difference_to_base(docs):
    added(docs, "base", retention(6))
    added(docs, "sft", retention(4))
    added(docs, "ppo", retention(4, prefix="other"))
    base, sft = (percentage([1.0] * right + [0.0] * (10 - right), [1.0] * 10) for right in (6, 4))
    low = -20 - ((sft.value - sft.low) ** 2 + (base.high - base.value) ** 2) ** 0.5
    high = -20 + ((sft.high - sft.value) ** 2 + (base.value - base.low) ** 2) ** 0.5
    ours = rows(docs, "Retention")
    assert [cells["percent correct"] for cells in ours] == ["**base**", "**sft**", "**ppo**"]
    assert [cells["GSM8K to base"] for cells in ours] == ["", f"-20.0 ({low:+.1f} to {high:+.1f})", "other samples"]
    assert all(cells["GSM8K (1,319)"].endswith("n 10 of 1,319") and cells["MMLU to base"] == "" for cells in ours)


def test_verdicts_are_told_by_group_and_row(docs):
    results = [result(f"q{i}", {"set": "simulated"}, i == 0, ["TS any"], verdict) for i, verdict in enumerate(["all_right", "wrong|tool"])]
    added(docs, "base", card("toolalpaca", results))
    (found,) = rows(docs, "What the answers are")
    assert found == {
        "suite": "toolalpaca",
        "group": "set=simulated",
        "label": "**base**",
        "samples": "2",
        "verdicts": r"all_right 1 (50.0%), wrong\|tool 1 (50.0%)",
    }


def test_scenarios_and_apibench_have_their_tables(docs):
    task = {"draws": "single-domain", "scenario": "iot", "tool": "unseen", "kind": "single"}
    scenarios = [result(f"t{i}", task, i < 1, ["TS", "PI", "CF", "goal", "DE", "CE", "VA"]) for i in range(4)]
    apis = [result(f"torchhub-{i}", {"set": "torchhub"}, i < 3, ["accuracy"]) for i in range(4)]
    added(docs, "base", card("scenarios", scenarios), card("apibench", apis))
    (found,) = rows(docs, "Scenarios")
    assert found["draws=single-domain"].startswith("25.0/25.0/25.0/25.0 (") and found["draws=cross-domain"] == ""
    assert rows(docs, "APIBench")[0]["set=torchhub"].startswith("75.0 (")


@pytest.mark.parametrize(
    ("label", "file", "said"),
    [
        ("../sft", None, "label '../sft': expected letters"),
        ("sft", "absent.json", "absent.json: No such file"),
        ("sft", "results.md", "nothing that `raytool.evaluate --out` wrote"),
    ],
)
def test_bad_input_is_told_in_a_line(docs, capsys, label, file, said):
    (docs / "card.json").write_text(bfcl(2, 1).text())
    assert main(["--docs", str(docs), "add", label, str(docs / (file or "card.json"))]) == 2
    assert said in capsys.readouterr().err


def test_a_broken_file_among_the_results_is_named(docs, capsys):
    (docs / "results" / "sft").mkdir(parents=True)
    (docs / "results" / "sft" / "bfcl.json").write_text('{"suite": "bfcl"}')
    assert main(["--docs", str(docs)]) == 2
    assert "sft/bfcl.json: nothing that `bench.results add` wrote: runs: " in capsys.readouterr().err


@pytest.mark.parametrize("page", ["", BEGIN + "\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n{BEGIN}\n{END}\n"])
def test_a_page_without_its_two_comments_is_left_alone(page):
    with pytest.raises(UserError, match="expected one line"):
        rebuilt(page, {})


def test_the_page_of_the_repository_is_what_its_files_give():
    page = (DOCS / "results.md").read_text()
    assert rebuilt(page, read(DOCS / "results")) == page


def test_the_categories_are_those_of_the_suite():
    assert sorted(BFCL) == sorted(name for names in PARTS.values() for name in names)
    assert sum(BFCL[name] for name in PARTS["executable"]) == program.WHOLE["bfcl", "part=executable"]
