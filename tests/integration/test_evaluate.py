"""The evaluation program with a real engine: a result, a refusal in one line, and nothing left behind, even of a killed one."""

import contextlib
import json
import os
import signal
from pathlib import Path

import psutil
import pytest

from raytool import precision, pretrained
from raytool.evaluation.scorecard import Scorecard
from tests.integration.conftest import Program

FEW = "tests.evaluation.few:Few"


@pytest.fixture
def evaluate(started):
    def start(*arguments):
        started.append(Program("raytool.evaluate", *arguments))
        return started[-1]

    return start


def test_a_model_is_played_to_a_result(evaluate, tmp_path):
    model, out = tmp_path / "model", tmp_path / "card.json"
    model.mkdir()
    for file in Path(pretrained.resolve(pretrained.EMBEDDED)).iterdir():
        (model / file.name).symlink_to(file)
    (model / pretrained.PROMPT_FILE).write_text(json.dumps({"dialect": "hermes", "parameter_descriptions": False}))
    program = evaluate("--model", model, "--suite", FEW, "--limit", 1, "--out", out, "rollout.turn_tokens=24")
    output = program.wait()
    assert program.process.returncode == 0, output
    card = Scorecard.read(out)
    asked = ("model", "dialect", "prompting", "parameter_descriptions", "turn_tokens", "max_tokens", "limit", "options")
    assert [card.about[key] for key in asked] == [str(model), "hermes", "base", False, 24, 4096, 1, {}]
    assert len(card.results) == 2 and all(result.output and result.stop for result in card.results)
    assert card.about["dtype"] == precision.choose("auto", "cpu")
    assert 2 <= card.about["tokens"] <= 2 * 24 < card.about["prompt_tokens"]
    assert card.about["seconds"] > 0
    assert f"{card.about['tokens']} tokens sampled and {card.about['prompt_tokens']} read in" in output
    assert "few, percent with 95 % intervals" in output and "Traceback" not in output
    assert program.orphans() == []


def test_a_template_without_tools_is_refused(evaluate):
    program = evaluate("--model", pretrained.EMBEDDED, "--suite", FEW, "--dialect", "template")
    output = program.wait()
    told = [line for line in output.splitlines() if line.startswith("error:")]
    assert program.process.returncode == 2 and "Traceback" not in output
    assert len(told) == 1 and "the model's chat template shows no tools; name one of python, nexusraven, hermes" in told[0]


@pytest.mark.long
def test_nothing_outlives_a_killed_evaluation(evaluate):
    program = evaluate("--model", pretrained.EMBEDDED, "--suite", "bfcl", "--only", "simple_python", "--limit", 200)

    def a_tool_is_called():
        with contextlib.suppress(psutil.NoSuchProcess):  # one that ends while it is looked at
            return any(
                "raytool.rollout.tool_host" in process.cmdline() for process, _ in program.descendants.values() if process.is_running()
            )
        return False

    program.wait_for(a_tool_is_called)
    assert any("VLLM" in name for _, name in program.descendants.values())
    os.kill(program.process.pid, signal.SIGKILL)
    assert program.orphans() == []
