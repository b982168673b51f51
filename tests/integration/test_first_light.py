"""The whole loop once, as a user starts it: every stage, every file of the run folder."""

import json
import re

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from raytool import metrics, precision
from raytool.records import Feedback
from raytool.replay.sql import connect
from raytool.replay.store import EpisodeStore
from tests.documented import undocumented


@pytest.fixture(scope="module")
def finished(small_config, tmp_path_factory):
    """A finished small run: its folder, what it printed, and the processes that outlived it."""
    from tests.integration.conftest import Training

    runs = tmp_path_factory.mktemp("runs")
    training = Training(small_config, runs)
    output = training.wait()
    assert training.process.returncode == 0, output
    return runs / "small-1", output, training.orphans()


def test_the_table_names_every_stage(finished):
    _, output, _ = finished
    for word in ("base", "sft", "ppo", "TS / PI / CF", "training: seconds", "evaluation: tokens/s"):
        assert word in output
    assert "vllm" not in output.lower(), "third-party noise belongs into the log"


def test_the_report_shows_every_stage_and_a_verdict_on_every_call(finished):
    folder, output, _ = finished
    assert f"report: {folder / 'report.html'}" in output
    page = (folder / "report.html").read_text()
    (asked,) = re.findall(r"(\d+) of \d+, those first whose answers differ the most", page)
    assert int(asked) == 14 + 4 and page.count("<svg") == 2
    shown = page.count("feedback: ")
    assert "PPO update 1:" in page and "demonstrations:" in page and shown > 0
    assert len(re.findall(r'<b class="(?:good|plain|bad)">\w+ [+-][\d.]+</b>\s*<small>feedback: ', page)) == shown


def test_nothing_outlives_the_run(finished):
    assert finished[2] == []


def test_evaluations_hold_every_task(finished):
    for label in ("base", "sft", "ppo"):
        content = json.loads((finished[0] / "eval" / f"{label}.json").read_text())
        assert content["summary"]["bfcl"]["samples"] == 10
        assert content["summary"]["office"]["samples"] == 4
        assert len({result["task"] for result in content["results"]}) == 14


def test_suites_are_played_at_every_evaluation(finished):
    assert "few: CF %" in finished[1]
    for label in ("base", "sft", "ppo"):
        card = json.loads((finished[0] / "eval" / f"{label}.few.json").read_text())
        assert len(card["results"]) == 4 and card["summary"]["all"]["CF"]["samples"] == 4
        asked = ("run", "stage", "dialect", "parameter_descriptions", "description_limit", "turn_tokens", "limit", "options")
        assert [card["about"][key] for key in asked] == ["small-1", label, "python", False, 200, 32, None, {}]
        assert card["about"]["dtype"] == precision.choose("auto", "cpu")


def test_a_checkpoint_says_how_it_was_asked(finished):
    (folder,) = (finished[0] / "checkpoints").glob("ppo-*")
    assert json.loads((folder / "model" / "raytool.json").read_text()) == {
        "dialect": "python",
        "prompting": "base",
        "parameter_descriptions": False,
        "description_limit": 200,
        "parameters": True,
        "template_options": {},
    }


def test_one_full_ppo_update_was_made(finished):
    (line,) = [line for line in metrics.read(finished[0] / "metrics.jsonl") if line["stage"] == "ppo"]
    assert line["episodes"] == 8
    assert line["first_ratio_error"] < 1e-6
    assert line["logprob_difference"] < 0.06  # a nearly untrained model: bf16 logits of flat distributions
    assert line["staleness/max"] == 0
    assert line["grad_norm"] > 0
    assert undocumented(line) == set()
    for wait in ("time/wait_for_batch", "time/update", "time/publish_weights", "time/load_weights"):
        assert line[wait] > 0


def test_episodes_are_stored_with_their_verdicts_and_can_be_queried(finished):
    asked = "select count(*), count(distinct id), min(policy_version) from episodes where logprobs is not null"
    assert connect(finished[0]).sql(asked).fetchall() == [(8, 8, 0)]
    for _, episodes in EpisodeStore(finished[0] / "episodes", "ppo").read():
        for episode in episodes:
            assert len(episode.tokens) == len(episode.loss_mask) == len(episode.logprobs) == len(episode.versions)
            assert all(call.verdict is not None for call in episode.calls)
            assert all(p <= 0 for p in episode.logprobs)
            assert all(p == 0 for p, m in zip(episode.logprobs, episode.loss_mask, strict=True) if not m)


def test_gold_demonstrations_reach_their_goals(finished):
    ((_, demonstrations),) = list(EpisodeStore(finished[0] / "episodes", "demonstrations").read())
    office = [d for d in demonstrations if d.task.tags["source"] == "office"]
    assert len(demonstrations) == 16
    assert len(office) == 4
    assert all(d.goal_reached and d.logprobs is None for d in office)
    assert len({d.id for d in demonstrations}) == 16


def test_errors_are_demonstrated_where_the_source_names_a_share(finished):
    ((_, demonstrations),) = list(EpisodeStore(finished[0] / "episodes", "demonstrations").read())
    erring = [d for d in demonstrations if any(call.feedback is not Feedback.OK for call in d.calls)]
    assert [d.task.tags["source"] for d in erring] == ["office"] * 2
    assert "2 of 16 demonstrations contain an error (12.5%)" in finished[1]


def test_errors_are_masked_and_key_tokens_weighed(finished):
    assert re.search(r"2 of \d+ turns are errors and carry no loss .*; 0 of 16 demonstrations hold nothing else", finished[1])
    lines = [line for line in metrics.read(finished[0] / "metrics.jsonl") if line["stage"] == "sft"]
    assert len(lines) == 2 and sum(line["masked_share"] for line in lines) > 0
    assert all(line["weight_mean"] > 1 for line in lines)
    assert lines[0]["time/weigh_tokens"] > 0


def test_checkpoints_are_hugging_face_folders(finished):
    folder = finished[0] / "checkpoints" / "ppo-000001" / "model"
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    assert model.dtype == torch.float32  # as the optimiser has it, whatever it is computed in
    assert model.config.vocab_size == len(tokenizer)


def test_the_learner_agrees_with_itself_after_a_round_trip_through_disk(finished):
    """SFT changed the weights, PPO changed them again, and each checkpoint holds its own."""
    weights = {
        name: AutoModelForCausalLM.from_pretrained(finished[0] / "checkpoints" / name / "model").get_input_embeddings().weight
        for name in ("sft-000002", "ppo-000001")
    }
    assert not torch.equal(weights["sft-000002"], weights["ppo-000001"])


def test_tensorboard_and_state_are_there(finished):
    assert list((finished[0] / "tensorboard").glob("events.out.tfevents.*"))
    state = json.loads((finished[0] / "run_state.json").read_text())
    assert state["finished"] is True
    assert (finished[0] / "config.yaml").is_file()
    assert {path.name for path in (finished[0] / "log").iterdir()} >= {"driver.log", "rollout-0.log", "learner-0.log", "tools-0.log"}


@pytest.mark.long
def test_an_evaluation_by_itself_has_no_learner(train, tmp_path):
    run = train(tmp_path, "name=alone", "stages=[evaluate]")
    said = run.wait(600)
    assert run.process.returncode == 0, said
    assert "starting 1 rollout worker(s) on cpu ..." in said
    left = tmp_path / "alone"
    assert (left / "eval" / "base.json").exists() and (left / "eval" / "base.few.json").exists() and (left / "report.html").exists()
    assert (left / "log" / "rollout-0.log").exists() and not (left / "log" / "learner-0.log").exists()
