"""A run on an MCP server that others wrote, as configs/mcp.yaml gives it to users (make test-long)."""

import json

import pytest

from tests.integration.conftest import ROOT, Training, metric_lines


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_model_trains_on_an_mcp_server(tmp_path):
    training = Training(ROOT / "configs/mcp.yaml", tmp_path)
    output = training.wait(limit_s=1500)
    assert training.process.returncode == 0, output
    run = tmp_path / "mcp-1"
    summaries = {label: json.loads((run / "eval" / f"{label}.json").read_text())["summary"]["clock"] for label in ("base", "sft", "ppo")}
    assert all(summary["samples"] == 24 for summary in summaries.values())
    assert summaries["base"]["content"] < 10 and summaries["sft"]["content"] > 30, output
    assert len([line for line in metric_lines(run) if line["stage"] == "ppo"]) == 2
    assert training.orphans() == []
