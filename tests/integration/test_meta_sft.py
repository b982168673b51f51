"""Meta steps through the real program: killed in the middle and resumed, it repeats what it lost; and evaluations inside SFT."""

import json
import os
import signal

import pytest
import yaml

from tests.documented import undocumented
from tests.integration.conftest import Training, metric_lines


@pytest.fixture
def config(small_config, tmp_path):
    """Two tasks a query and two inner steps on the default model; what did not become optimal is taken back."""
    content = yaml.safe_load(small_config.read_text())
    options = {"split": "train", "only": ["office"], "count": 8}
    drawn = {"source": "envs.suite:tasks", "options": options, "pool": "envs.suite:tools", "k": 2, "tools": [2]}
    content["tasks"] = {"train": [{"name": "meta", "source": "raytool.tasks.meta:tasks", "options": drawn}]}
    content["stages"] = ["sft"]
    meta = {"max_inner_steps": 2, "commit": "on_optimal", "epsilon": 0.5}
    content["sft"] = {"tokens": 5000, "meta": meta, "optimizer": {"lr": 1.0e-4}}
    content["checkpoint"] = {"in_sft": 2}
    content["evaluate"] = {"in_sft": 1, "suites": [{"suite": "tests.evaluation.few:Few", "limit": 1}]}
    path = tmp_path / "meta.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.mark.long
def test_a_killed_meta_sft_goes_on_as_it_would_have(config, tmp_path, started):
    run = tmp_path / "runs" / "meta"

    def steps():
        return [line for line in metric_lines(run) if line["stage"] == "sft"]

    def a_step_follows_a_checkpoint():
        state = run / "run_state.json"
        checkpoint = json.loads(state.read_text())["checkpoint"] if state.exists() else None
        return checkpoint is not None and len(steps()) > int(checkpoint.split("-")[1])

    first = Training(config, tmp_path / "runs", "name=meta")
    started.append(first)
    first.wait_for(a_step_follows_a_checkpoint)
    first.watch()
    os.kill(first.process.pid, signal.SIGKILL)
    assert first.orphans() == []
    before, checkpoint = steps(), json.loads((run / "run_state.json").read_text())["checkpoint"]
    at = int(checkpoint.split("-")[1])

    second = Training(config, tmp_path / "runs", "name=meta", "resume=true")
    started.append(second)
    output = second.wait()
    assert second.process.returncode == 0, output
    resumed = [line for line in steps() if line["attempt"] == 1]
    assert resumed[0]["step"] == at + 1
    again = {line["step"]: line for line in resumed}
    lost = [line for line in before if line["step"] > at]
    assert lost
    for line in lost:
        for figure in ("loss", "grad_norm", "lr", "tokens", "inner_steps", "optimal_before", "optimal_after", "rolled_back"):
            assert again[line["step"]][figure] == line[figure], figure
    assert {line["queries"] for line in resumed} == {1} and max(line["inner_steps"] for line in [*before, *resumed]) == 2
    assert not undocumented(name for name in resumed[0] if not name.startswith("time/"))
    kept = [line for line in before if line["step"] <= at] + resumed
    assert sum(line["tokens"] for line in kept[:-1]) < 5000 <= sum(line["tokens"] for line in kept)
    evaluated = [line["step"] for line in metric_lines(run) if line["stage"] == "evaluate_sft"]
    assert evaluated and all((run / "eval" / f"sft-{step:06d}.few.json").exists() for step in evaluated)
