"""An experiment of real trainings: rows that share an SFT model, a kill in the middle, and figures that are kept."""

import os
import signal

import pytest
import yaml

from raytool import precision
from raytool.ablation.outcome import Outcome
from tests.integration.conftest import Program, metric_lines

PAGE = "<!-- tiny: written by python -m raytool.ablation -->\n<!-- end of tiny -->\n"


@pytest.fixture
def experiment(small_config, tmp_path):
    """A file with two rows: an SFT of one step, and one PPO update from there."""
    base = yaml.safe_load(small_config.read_text())
    bfcl, _ = base["tasks"]["train"]
    bfcl["demonstrations"] = 4
    _, office = base["tasks"]["test"]
    base |= {"stages": ["sft", "evaluate"], "tasks": {"train": [bfcl], "test": [office]}, "runs": str(tmp_path / "runs")}
    # Two samples often get the same reward, of which nothing is left by group; and a checkpoint in bf16 hides a small step.
    base["ppo"] |= {"samples_per_task": 2, "minibatches": 1, "normalise": "none", "optimizer": {"lr": 1.0e-3}}
    content = {
        "name": "tiny",
        "results": str(tmp_path / "results"),
        "page": str(tmp_path / "page.md"),
        "rows": {"sft": {}, "ppo": {"from": "sft", "stages": ["ppo", "evaluate"]}},
        "figures": [
            {"name": "few", "suite": "few", "measures": ["CF"]},
            {"name": "office", "source": "office", "measures": ["TS", "goal"]},
        ],
        "base": base,
    }
    (tmp_path / "page.md").write_text(PAGE)
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


@pytest.fixture
def start(experiment, started):
    def run(*arguments):
        started.append(Program("raytool.ablation", "--config", experiment, *arguments))
        return started[-1]

    return run


@pytest.mark.long
def test_a_killed_experiment_goes_on_and_rows_start_from_one_model(start, tmp_path):
    def one_step_is_done():
        return metric_lines(tmp_path / "runs/tiny/sft-0")

    first = start("attempts=1")
    first.wait_for(one_step_is_done)
    first.watch()
    assert any("VLLM" in name for _, name in first.descendants.values())
    os.kill(first.process.pid, signal.SIGKILL)
    assert first.orphans() == []

    second = start()
    output = second.wait()
    assert second.process.returncode == 0, output
    sft, ppo = (Outcome.read(tmp_path / f"results/tiny/{row}-0.json") for row in ("sft", "ppo"))
    assert ppo.start_weights == sft.weights != ppo.weights
    assert list(sft.stages) == ["sft", "evaluate_sft"] and list(ppo.stages) == ["ppo", "evaluate_ppo"]
    assert all(outcome.training["tokens"] > 0 and outcome.training["seconds"] > 0 for outcome in (sft, ppo))
    for outcome in (sft, ppo):
        assert list(outcome.suites) == ["few"] and len(outcome.suites["few"].ids) == 4
        assert list(outcome.sources) == ["office"] and set(outcome.sources["office"].hits) == {"TS", "PI", "CF", "goal"}
    page, dtype = (tmp_path / "page.md").read_text(), precision.choose("auto", "cpu")
    assert f"| sft | 1 of 1, {dtype} |" in page and f"| ppo | 1 of 1, {dtype} |" in page
    assert second.orphans() == []

    before = (tmp_path / "results/tiny/ppo-0.json").read_bytes()
    third = start()
    third.wait(60)
    assert third.process.returncode == 0 and (tmp_path / "results/tiny/ppo-0.json").read_bytes() == before
