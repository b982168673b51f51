"""Trials as processes of their own: what is kept of them, what is run again and what is not, and what ends with whom.

The training is a stand-in (`pretend_training`), the processes, files and signals are real.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import yaml

from raytool.ablation import runner
from raytool.ablation.__main__ import main
from raytool.ablation.outcome import Outcome

ROOT = Path(__file__).resolve().parents[2]
STUB = (sys.executable, "-m", "tests.unit.pretend_training")
PAGE = "# Page\n\n<!-- e: written by python -m raytool.ablation -->\nold\n<!-- end of e -->\n\nAfter.\n"
CONTENT = {
    "seeds": [0, 1],
    "results": "results",
    "page": "page.md",
    "rows": {"none": {}, "long": {"sft.epochs": 2}, "ppo": {"from": "none", "stages": ["ppo", "evaluate"]}},
    "figures": [{"name": "few", "suite": "few", "measures": ["CF"]}],
    "base": {
        "stages": ["sft", "evaluate"],
        "tasks": {"train": [{"name": "x", "source": "x.jsonl"}]},
        "evaluate": {"suites": [{"suite": "tests.evaluation.few:Few"}]},
    },
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory with the experiment `e`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(runner, "TRAIN", STUB)
    (tmp_path / "e.yaml").write_text(yaml.safe_dump(CONTENT, sort_keys=False))
    (tmp_path / "page.md").write_text(PAGE)
    return tmp_path


def run(*arguments):
    return main(["--config", "e.yaml", *arguments])


def calls():
    return [line.rpartition(" ")[0] for line in Path("calls").read_text().splitlines()] if Path("calls").exists() else []


def kept(name):
    return Outcome.read(Path("results/e") / f"{name}.json")


def table(title):
    """The cells of a table of the page by row, then by column."""
    section = Path("page.md").read_text().split(f"### {title}")[1].split("\n### ")[0]
    lines = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in section.splitlines() if line.startswith("|")]
    return {line[0]: dict(zip(lines[0], line, strict=True)) for line in lines[2:]}


def states(capsys, *arguments):
    """What `--list` says: by trial, its state and its place among those to be run."""
    capsys.readouterr()
    assert run("--list", *arguments) == 0
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in capsys.readouterr().out.splitlines() if "│" in line]
    return {line[0]: (line[3], line[5]) for line in lines}


def test_everything_is_run_once_kept_and_tabled(folder, capsys):
    assert run() == 0
    assert calls() == [f"{row}-{seed} resume=false" for seed in (0, 1) for row in ("none", "long", "ppo")]
    assert kept("ppo-0").start_weights == kept("none-0").weights != kept("ppo-0").weights
    overview = table("e: all rows")
    assert [overview[row]["few CF"] for row in ("none", "long", "ppo")] == ["12.5 (0.0-25.0)", "37.5 (25.0-50.0)", "37.5 (25.0-50.0)"]
    assert overview["none"]["seeds"] == "2 of 2, float32"
    assert [overview[row]["minutes trained"] for row in ("none", "ppo")] == ["1.0", "2.0"], "that of the start counts"
    found = table("few, 4 samples")
    assert found["none"]["CF to none"] == "" and re.fullmatch(r"\+25\.0 \(\+0\.0 to \+\d+\.\d\)", found["long"]["CF to none"])
    page = Path("page.md").read_text()
    assert page.startswith("# Page\n\n<!-- e: ") and page.endswith("<!-- end of e -->\n\nAfter.\n") and "\nold\n" not in page
    assert "12.5 (0.0-25.0)" in capsys.readouterr().out

    assert run() == 0
    assert len(calls()) == 6, "what is done is not run again"
    assert Path("page.md").read_text() == page


def test_what_is_kept_tells_how_it_came_about_and_no_answers(folder):
    run("--only", "none", "--seeds", "0")
    text = Path("results/e/none-0.json").read_text()
    assert "secret" not in text and str(folder) not in text
    content = json.loads(text)
    assert content["suites"]["few"]["hits"]["CF"] == [1.0, 0.0, 0.0, 0.0]
    assert content["suites"]["few"]["groups"]["size"] == ["small", "small", "large", "large"]
    assert content["stages"]["sft"] == {"seconds": 60.0, "tokens": 1000.0}
    assert content["machine"]["cores"] == len(os.sched_getaffinity(0)) and content["machine"]["memory_gib"] > 0
    assert re.fullmatch(r"[0-9a-f]{7,40}\+?", content["commit"]) if (ROOT / ".git").exists() else content["commit"] is None
    assert max(map(len, text.splitlines())) > 40 > len(text.splitlines()[1]), "lists stand on a line each"


def test_rows_and_seeds_can_be_chosen_and_a_start_comes_with_its_row(folder, capsys):
    assert states(capsys, "--only", "ppo", "--seeds", "1") == {
        "none-0": ("left", ""), "long-0": ("left", ""), "ppo-0": ("left", ""),
        "none-1": ("left", "1"), "long-1": ("left", ""), "ppo-1": ("left", "2"),
    }  # fmt: skip
    assert calls() == [] and not Path("runs").exists() and not Path("results").exists()
    assert run("--only", "ppo", "--seeds", "1") == 0
    assert calls() == ["none-1 resume=false", "ppo-1 resume=false"]
    overview = table("e: all rows")
    assert overview["ppo"]["seeds"] == "1 of 2, float32" and overview["ppo"]["few CF"] == "25.0"
    assert overview["long"]["seeds"] == "not run yet" and overview["long"]["few CF"] == ""
    assert "long" not in table("few, 4 samples")


def test_a_run_that_died_goes_on_at_once_and_later(folder, capsys):
    Path("crash").write_text("1")
    assert run("--only", "none", "--seeds", "0") == 0
    assert calls() == ["none-0 resume=false", "none-0 resume=true"]

    Path("crash").write_text("1 killed")
    assert run("--seeds", "0", "attempts=1") == 1
    assert "long-0: ended 1 times before it was finished" in capsys.readouterr().out
    assert calls()[2:] == ["long-0 resume=false", "ppo-0 resume=false"], "the next one has its turn"
    assert states(capsys)["long-0"][0] == states(capsys)["ppo-0"][0] == "unfinished"
    assert run("--seeds", "0", "attempts=1") == 0
    assert calls()[4:] == ["long-0 resume=true", "ppo-0 resume=true"]
    assert kept("long-0").suites["few"].hits["CF"] == [1, 1, 0, 0]


def test_a_refused_run_is_not_tried_again_and_what_starts_from_it_is_not_run(folder, capsys):
    Path("crash").write_text("2")
    assert run("--seeds", "0") == 1
    assert calls() == ["none-0 resume=false", "long-0 resume=false"]
    said = capsys.readouterr().out
    assert "none-0: refused, see above" in said and "ppo-0: none-0, from which it starts, has no model" in said


def test_a_changed_row_is_stale_and_run_again_only_when_asked(folder, capsys):
    run("--seeds", "0")
    changed = ("--seeds", "0", "rows.none={sft.epochs: 3}")
    assert {name: state for name, state in states(capsys, *changed).items() if name.endswith("0")} == {
        "none-0": ("stale", ""), "long-0": ("done", ""), "ppo-0": ("stale", ""),
    }  # fmt: skip
    assert run(*changed) == 0
    assert len(calls()) == 3
    said = capsys.readouterr().out
    assert "none-0 is stale, another sft.epochs; --again runs it again" in said and "ppo-0 is stale, another from.sft.epochs" in said
    assert table("e: all rows")["none"]["seeds"] == "1 of 2, float32, stale: 0"
    assert table("few, 4 samples")["long"]["CF to none"] == "", "no difference to a row of another config"

    assert run(*changed, "--again") == 0
    assert calls()[3:] == ["none-0 resume=false", "ppo-0 resume=false"]
    assert kept("none-0").suites["few"].hits["CF"] == [1, 1, 1, 0]
    assert kept("ppo-0").start_weights == kept("none-0").weights
    assert table("few, 4 samples")["long"]["CF to none"].startswith("-25.0 (")


def test_a_row_does_not_start_from_a_stale_one(folder, capsys):
    run("--seeds", "0", "--only", "none")
    assert run("--seeds", "0", "--only", "ppo", "base.sft.epochs=3") == 1
    assert calls() == ["none-0 resume=false"]
    assert "ppo-0 cannot be run: none-0, from which it starts, is stale" in capsys.readouterr().out


def test_an_unfinished_run_of_another_config_is_not_gone_on_with(folder, capsys):
    Path("crash").write_text("1")
    run("--seeds", "0", "--only", "none", "attempts=1")
    changed = ("--seeds", "0", "--only", "none", "base.sft.epochs=3")
    assert states(capsys, *changed)["none-0"] == ("stale", "")
    assert run(*changed) == 0 and len(calls()) == 1
    assert run(*changed, "--again") == 0
    assert calls()[1:] == ["none-0 resume=false"] and kept("none-0").suites["few"].hits["CF"] == [1, 1, 1, 0]


def test_a_model_that_is_gone_is_trained_again_and_the_same_weights_leave_all_valid(folder, capsys):
    run("--seeds", "0")
    for path in Path("runs/e/none-0").rglob("*.safetensors"):
        path.unlink()
    (weights,) = Path("runs/e/none-0").glob("checkpoints/*/model")
    weights.rmdir()
    Path("results/e/ppo-0.json").unlink()
    assert states(capsys, "--seeds", "0")["none-0"] == ("done", "1")
    assert run("--seeds", "0") == 0
    assert calls()[3:] == ["none-0 resume=false"], "ppo-0 had finished: only what came of it was kept anew"
    assert states(capsys)["ppo-0"][0] == "done"


def test_other_weights_of_a_start_make_what_started_from_it_stale(folder, capsys):
    run("--seeds", "0")
    path = Path("results/e/none-0.json")
    path.write_text(path.read_text().replace(kept("none-0").weights, "another"))
    assert states(capsys)["ppo-0"][0] == "stale"
    run("--seeds", "0")
    assert "ppo-0 is stale, none has other weights now" in capsys.readouterr().out


@pytest.mark.parametrize("background", [False, True])
def test_a_trial_is_stopped_at_its_limit(folder, capsys, background):
    Path("hang").touch()
    began = time.monotonic()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN if background else signal.default_int_handler)  # as a shell begins it
    try:
        assert run("--seeds", "0", "--only", "none", "limit_s=10") == 1
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - began < 60
    assert "none-0: stopped after 10 s (limit_s)" in capsys.readouterr().out
    Path("hang").unlink()
    assert run("--seeds", "0", "--only", "none") == 0
    assert calls() == ["none-0 resume=false", "none-0 resume=true"]


@pytest.fixture
def started(folder):
    """The experiment as a process, in the middle of its first training; with that training."""
    Path("hang").touch()
    program = f"from raytool.ablation import runner, __main__; runner.TRAIN = {STUB!r}; raise SystemExit(__main__.main())"
    command = [sys.executable, "-c", program, "--config", "e.yaml"]
    # Tests that run in the background of a shell ignore interrupts, and so would what they start.
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    deadline = time.monotonic() + 60
    while not Path("calls").exists():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.1)
    (child,) = psutil.Process(process.pid).children()
    yield process, child
    for left in (process, child):
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            left.kill()
    process.wait()


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_training_does_not_outlive_the_experiment(started, sent):
    process, child = started
    os.kill(process.pid, sent)
    _, said = process.communicate(timeout=30)
    assert process.returncode == (1 if sent == signal.SIGINT else -sent)
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    if sent == signal.SIGINT:
        assert said.endswith("interrupted; the same command goes on from here\n")


def test_two_processes_do_not_run_one_experiment(started, capsys):
    assert run() == 2
    assert "e: another process is running this experiment in " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["page=none.md"], "page none.md: No such file"),
        (["page=e.yaml"], "e.yaml: expected one line '<!-- e: written by python -m raytool.ablation -->'"),
        (["base.evaluate.suites=[{suite: rotbench, data: nowhere}]", "figures=[{name: r, suite: rotbench, measures: [CF strict]}]"],
         "e: there is nothing to judge by; data nowhere: is not there"),
    ],
)  # fmt: skip
def test_what_would_be_wrong_after_hours_is_told_before(folder, capsys, overrides, said):
    assert run(*overrides) == 2
    assert said in capsys.readouterr().err and calls() == []


def test_folders_and_files_of_others_are_left_alone(folder, capsys):
    Path("runs/e/none-0").mkdir(parents=True)
    assert run() == 2
    assert "runs/e/none-0: no trial of e made it" in capsys.readouterr().err and Path("runs/e/none-0").is_dir()
    Path("results/e").mkdir(parents=True)
    Path("results/e/long-0.json").write_text("{}")
    assert run("--list") == 2
    assert "results/e/long-0.json: nothing that `raytool.ablation` wrote" in capsys.readouterr().err


def test_a_suite_without_files_is_said_and_its_column_empty(folder, capsys):
    more = ["base.evaluate.suites=[{suite: 'tests.evaluation.few:Few'}, {suite: rotbench, data: nowhere}]",
            "figures=[{name: few, suite: few, measures: [CF]}, {name: noisy, suite: rotbench, measures: [CF strict]}]"]  # fmt: skip
    assert run("--only", "none", *more) == 0
    assert "left out: rotbench: data nowhere: is not there" in capsys.readouterr().out
    assert kept("none-0").absent == ["rotbench"]
    assert table("e: all rows")["none"]["noisy CF strict"] == "" and "### noisy" not in Path("page.md").read_text()


def test_a_job_goes_on_from_the_results_that_it_brings_along(folder, monkeypatch):
    assert run("--only", "none") == 0
    before = calls()
    monkeypatch.setenv("RAY_JOB_CONFIG_JSON_ENV_VAR", "{}")
    monkeypatch.setenv("RAYTOOL_HOME", str(folder / "home"))
    assert run("--only", "none,long", "--seeds", "0") == 0
    assert [call for call in calls()[len(before) :] if "none" in call] == []
    assert [file.name for file in (folder / "home/results/e").glob("*.json")] == ["long-0.json"]
    page = (folder / "home/page.md").read_text()
    assert "| none |" in page and "| long |" in page and (folder / "page.md").read_text() != page
