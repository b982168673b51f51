"""Trajectories of a model of ours, and the probe, with the real engine; an SFT on what a teacher did, with the real learner."""

import json

import pytest
import yaml

from envs import office
from raytool import pretrained, tasks
from raytool.evaluation.scorecard import Scorecard
from raytool.replay.store import EpisodeStore
from raytool.tasks import trajectories
from tests.chat_server import completion, serving
from tests.integration.conftest import Program, Training

SUITE = "tests.evaluation.few:Few"


@pytest.fixture
def program(started):
    def start(*arguments):
        started.append(Program(*arguments))
        return started[-1]

    return start


@pytest.mark.long
def test_a_model_demonstrates_and_a_second_call_adds_samples(program, tmp_path):
    source, folder = tmp_path / "tasks.jsonl", tmp_path / "kept"
    tasks.write(office.tasks("train", 3), source)
    for samples in (1, 2):
        given = ("--model", pretrained.EMBEDDED, "--tasks", source, "--out", folder, "--samples", samples, "--temperature", 1)
        playing = program("raytool.tasks", "demonstrate", *given, "--dialect", "hermes", "rollout.max_turns=2", "rollout.turn_tokens=24")
        output = playing.wait()
        assert playing.process.returncode == 0, output
        assert len(trajectories.read(folder)) == 3 * samples
    assert "3 of 6 trajectories are there already" in output
    for episode in trajectories.read(folder):
        assert 0 < sum(episode.loss_mask) <= 48 and episode.logprobs is not None
    assert playing.orphans() == []


@pytest.mark.long
def test_the_probe_puts_golds_token_where_the_name_went_wrong(program, tmp_path):
    card, answers, out = tmp_path / "card.json", tmp_path / "answers.jsonl", tmp_path / "errors.json"
    answers.write_text("".join(json.dumps({"id": f"add-{n}-{n + 1}", "output": f"append(a={n}, b={n + 1})"}) + "\n" for n in (1, 2)))
    scored = program("raytool.evaluate", "--predictions", answers, "--suite", SUITE, "--out", card)
    assert scored.wait() and scored.process.returncode == 0
    assert {result.verdict for result in Scorecard.read(card).results} == {"wrong", "no_answer"}
    probing = program("raytool.evaluate", "errors", card, "--suite", SUITE, "--probe", "--out", out, "--set", "rollout.turn_tokens=16")
    output = probing.wait()
    assert probing.process.returncode == 0, output
    (found,) = json.loads(out.read_text())
    probe = found["probe"]
    assert (found["counts"]["wrong tool"], probe["asked"], probe["not_asked"], probe["lost"]) == (2, 2, 0, [])
    assert 0 <= probe["right_call"] <= probe["right_tool"] <= 2 and "then the right tool" in output
    assert all(text.startswith("a") and not text.startswith("append") for text in probe["calls"].values())
    assert probing.orphans() == []


@pytest.mark.long
def test_a_model_learns_from_what_a_teacher_did(program, started, small_config, tmp_path):
    """A teacher's trajectories, made into entries, are the demonstrations of an SFT, error and repair included."""
    shown = [task for task in office.tasks("train", 20) if len(task.gold[0].calls) == 2][:4]
    source, folder, entries = tmp_path / "tasks.jsonl", tmp_path / "kept", tmp_path / "entries.jsonl"
    tasks.write(shown, source)

    def answer(body, _):
        query = next(message["content"] for message in body["messages"] if message["role"] == "user")
        call, finish = next(task for task in shown if task.query == query).gold[0].calls
        done = sum(message["role"] == "tool" for message in body["messages"])
        written = [("no_such_tool", "{}"), (call.name, json.dumps(call.arguments))][min(done, 1)]
        return completion(None, written) if done < 2 else completion(finish.arguments["answer"])

    with serving(answer) as server:
        given = ("--model", "teacher", "--address", server.address, "--tasks", source, "--out", folder)
        asking = program("raytool.tasks", "demonstrate", *given)
        assert asking.wait() and asking.process.returncode == 0
    making = program("raytool.tasks", "entries", folder, "--out", entries)
    assert making.wait() and making.process.returncode == 0
    config = yaml.safe_load(small_config.read_text())
    config["tasks"]["train"] = [{"name": "teacher", "source": str(entries), "trajectories": str(folder)}]
    path = tmp_path / "taught.yaml"
    path.write_text(yaml.safe_dump(config))
    training = Training(path, tmp_path / "runs", "stages=[sft]", "evaluate.suites=[]", "logging.tensorboard=false")
    started.append(training)
    output = training.wait()
    assert training.process.returncode == 0, output
    assert "4 of 4 demonstrations contain an error (100.0%)" in output
    ((_, learnt),) = EpisodeStore(next((tmp_path / "runs").iterdir()) / "episodes", "demonstrations").read()
    assert [[call.feedback.value for call in episode.calls] for episode in learnt] == [["tool_hallucination", "ok"]] * 4
    for episode, task in zip(learnt, shown, strict=True):
        assert sum(episode.loss_mask) and episode.turns[1].text == f"{task.gold[0].calls[0].name}({episode.turns[1].text.split('(', 1)[1]}"
        assert episode.turns[-1].final == task.gold[0].calls[-1].arguments["answer"]
