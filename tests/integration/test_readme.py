"""The README's own environment trains as it stands there."""

import os
import re
import subprocess
import sys

from tests.integration.conftest import ROOT


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def test_the_environment_of_the_readme_trains(tmp_path):
    (tmp_path / "pantry.py").write_text(blocks("python")[0])
    (tmp_path / "pantry.yaml").write_text(blocks("yaml")[0])
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
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pantry-test: goal reached %" in done.stdout


def test_the_tree_of_the_readme_is_the_tree():
    named, folder = set(), ROOT
    for line in (ROOT / "README.md").read_text().split("## The tree")[1].splitlines():
        if entry := re.match(r"^( {4}| {6})((?:[\w.]+/?)(?:, [\w.]+)*) ", line):
            for name in entry[2].split(", "):
                path = (ROOT if len(entry[1]) == 4 else folder) / name
                assert path.exists(), path
                named.add(path)
            if len(entry[1]) == 4:
                folder = path
    for path in (ROOT / "raytool").iterdir():
        assert path in named or path.name.startswith("__"), path
