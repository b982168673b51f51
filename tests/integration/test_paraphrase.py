"""Queries reworded by the real default model: what is kept obeys the rule, and nothing but queries and a tag changes."""

import itertools
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from envs import suite
from raytool import tasks
from raytool.config import SourceConfig
from raytool.pretrained import EMBEDDED
from raytool.tasks.__main__ import main
from raytool.tasks.paraphrase import TAG, survives

ROOT = Path(__file__).resolve().parents[2]
EACH = 4


def few(seed):
    """The first single-call tasks of each scenario: short queries, which a small model can reword at all."""
    return {
        name: (EACH, itertools.islice((task for task in found if task.tags["kind"] == "single"), EACH))
        for name, (_, found) in suite.scenarios(seed).items()
    }


def command_for(folder, *arguments):
    return [sys.executable, "-m", "raytool.tasks", "scenarios", "--suite", f"{__name__}:few", "--out", str(folder), *arguments]


def run(folder, *arguments):
    return subprocess.run(command_for(folder, *arguments), cwd=ROOT, capture_output=True, text=True, timeout=1200)


def read(folder):
    return {name: tasks.load(SourceConfig(name=name, source=str(folder / f"{name}.jsonl"))) for name in suite.COUNTS}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The tasks as they are, the reworded ones, and what was printed."""
    plain, reworded = tmp_path_factory.mktemp("plain"), tmp_path_factory.mktemp("reworded")
    assert main(["scenarios", "--suite", f"{__name__}:few", "--out", str(plain)]) == 0
    done = run(reworded, "--paraphrase", EMBEDDED)
    assert done.returncode == 0, done.stderr
    assert "vllm" not in done.stderr.lower(), "third-party noise belongs into the log"
    return read(plain), read(reworded), done.stdout


@pytest.mark.long
def test_what_is_kept_obeys_the_rule_and_names_its_model(written):
    before, after, output = written
    pairs = [(old, new) for name in before for old, new in zip(before[name], after[name], strict=True)]
    kept = [(old, new) for old, new in pairs if old != new]
    assert f"{len(kept)} of {len(pairs)} queries reworded by {EMBEDDED}" in output
    assert kept, "not one query was reworded"
    for old, new in kept:
        assert survives(old, new.query), (old.query, new.query)
        assert new == replace(old, query=new.query, tags={**old.tags, TAG: EMBEDDED})
    assert len({new.query for _, new in pairs}) == len(pairs)


@pytest.mark.long
def test_no_engine_outlives_a_killed_command(tmp_path):
    command = subprocess.Popen(command_for(tmp_path, "--paraphrase", EMBEDDED), cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 200
        while not (started := [p for p in descendants(command.pid) if p.name().startswith("VLLM")]):
            assert command.poll() is None and time.monotonic() < deadline
            time.sleep(0.2)
        started += descendants(command.pid)
    finally:
        command.kill()
        command.wait()
    _, alive = psutil.wait_procs(started, timeout=120)
    assert not alive


def descendants(pid):
    return psutil.Process(pid).children(recursive=True)


def test_a_model_that_is_not_there_is_named(tmp_path):
    done = run(tmp_path, "--paraphrase", "./nowhere")
    assert done.returncode == 2 and "./nowhere is not there" in done.stderr
