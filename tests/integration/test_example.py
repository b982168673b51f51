"""The example plug-in, installed into an environment of its own, is found by its entry points and trains."""

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT

EXAMPLE = ROOT / "examples" / "parcels"


@pytest.fixture
def python(tmp_path):
    """The interpreter of a virtual environment that has all of this one, and the example."""
    shutil.copytree(EXAMPLE, tmp_path / "parcels")
    venv.create(tmp_path / "venv", symlinks=True)
    interpreter = tmp_path / "venv" / "bin" / "python"
    paths = [interpreter, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    own = Path(subprocess.run(paths, capture_output=True, text=True, check=True).stdout.strip())
    (own / "below.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    install = [sys.executable, "-m", "pip", "--python", interpreter, "install", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*install, tmp_path / "parcels"], check=True, timeout=120)
    return interpreter


def test_the_example_is_found_by_its_names(python, tmp_path):
    found = (
        "from raytool import plugins, tasks; from raytool.config import SourceConfig; "
        "print(type(plugins.make_env('parcels')).__name__, plugins.load('parcels', 'raytool.rewards').__name__, "
        "len(tasks.load(SourceConfig(name='p', source='parcels', options={'split': 'train', 'count': 9}))))"
    )
    done = subprocess.run([python, "-c", found], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.stdout == "Parcels Delivered 9\n", done.stderr


@pytest.mark.long
def test_the_example_trains_for_two_updates(python, tmp_path):
    command = [
        *(python, "-m", "raytool.train", "--config", EXAMPLE / "parcels.yaml", "name=parcels", f"runs={tmp_path / 'runs'}"),
        *("tasks.train.0.options.count=16", "sft.batch_size=4", "ppo.updates=2", "ppo.tasks_per_update=2", "ppo.samples_per_task=4"),
        *("tasks.test.0.options.count=2", "stages=[ppo,evaluate]"),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "parcels-held-out: goal reached %" in done.stdout
    lines = [json.loads(line) for line in (tmp_path / "runs" / "parcels" / "metrics.jsonl").read_text().splitlines()]
    assert sum("reward/mean" in line for line in lines) == 2
