"""The README's own environment works, and trains, as it stands there; and the tree of docs/architecture.md is the tree."""

import os
import re
import subprocess
import sys

import pytest

from raytool import config as configuration
from raytool import plugins, tasks
from tests.integration.conftest import ROOT
from tests.unit.builders import CHAT, played


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


@pytest.fixture
def pantry(tmp_path):
    (tmp_path / "pantry.py").write_text(blocks("python")[0])
    (tmp_path / "pantry.yaml").write_text(blocks("yaml")[0])


def test_gold_of_the_readmes_environment_reaches_its_goals(pantry, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    config = configuration.load(tmp_path / "pantry.yaml", [])
    train, test = (tasks.load(sources[0]) for sources in (config.tasks.train, config.tasks.test))
    tasks.check(train, test)
    for task in (train[0], test[-1]):
        right = CHAT.dialect.render([gold.call for gold in task.gold[0].calls], task.tools).split("\n")
        assert played(task, *right, env=plugins.make_env(task.env)).goal_reached
        assert not played(task, right[-1], env=plugins.make_env(task.env)).goal_reached


@pytest.mark.long
def test_the_environment_of_the_readme_trains(pantry, tmp_path):
    command = [
        sys.executable,
        "-m",
        "raytool.train",
        "--config",
        str(tmp_path / "pantry.yaml"),
        f"runs={tmp_path}",
        "stages=[sft,evaluate]",
    ]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pantry-test: goal reached %" in done.stdout


def test_the_tree_of_the_documentation_is_the_tree():
    named, folder = set(), ROOT
    for line in (ROOT / "docs/architecture.md").read_text().split("## The tree")[1].splitlines():
        if entry := re.match(r"^( {4}| {6})((?:[\w.]+/?)(?:, [\w.]+)*) ", line):
            for name in entry[2].split(", "):
                path = (ROOT if len(entry[1]) == 4 else folder) / name
                assert path.exists(), path
                named.add(path)
            if len(entry[1]) == 4:
                folder = path
    for path in (ROOT / "raytool").iterdir():
        assert path in named or path.name.startswith("__") or path.name == "py.typed", path
