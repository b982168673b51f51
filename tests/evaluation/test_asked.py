"""What suites are asked under, what results say of it, and what becomes of samples that infrastructure lost; without an engine."""

import asyncio
import dataclasses
import json

import pytest

from raytool import benchmark, launch, machine, playing, pretrained
from raytool.actors import ActorLost
from raytool.config import ModelConfig, SuiteConfig
from raytool.config.rollout import RolloutConfig
from raytool.console import Console
from raytool.dialects import PythonDialect
from raytool.evaluate import main
from raytool.evaluation import about, predictions, results
from raytool.evaluation.opening import open_suite
from raytool.evaluation.scorecard import Scorecard, compare
from raytool.evaluation.suite import Reading, Sample
from raytool.evaluation.suites.bfcl import Bfcl
from raytool.records import Task
from raytool.rollout.episode import InfrastructureError, Limits, PromptTooLong
from raytool.rollout.pool import RolloutPool, TooMuchLost
from raytool.run_state import RunFolder, RunState
from tests.evaluation.few import Few
from tests.plugins.troublesome import Troublesome

SUITE = "tests.evaluation.few:Few"
SAMPLES = Few().read(None).samples
IDS = [sample.task.id for sample in SAMPLES]
TRAINED = ModelConfig(dialect="hermes", prompting="cot", parameter_descriptions=False, description_limit=200)


def answers(path, ids=IDS):
    path.write_text("".join(json.dumps({"id": id, "output": "add(a={}, b={})".format(*id.split("-")[1:])}) + "\n" for id in ids))
    return path


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    said = predictions.read(answers(tmp_path_factory.mktemp("said") / "answers.jsonl"))
    return predictions.play(SAMPLES, said, PythonDialect())


@pytest.fixture
def model(tmp_path):
    """A folder that passes for a model's, and says how it was asked."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").touch()
    (folder / pretrained.PROMPT_FILE).write_text(json.dumps(TRAINED.prompt()))
    return folder


@pytest.fixture
def judged(model, tmp_path, played, monkeypatch):
    """`raytool.evaluate --model` where the pool gives what the test says: the exit status, the config it was given and the card."""

    def run(*arguments, lost=(), path=model, fails=None):
        seen = []

        async def on_a_pool(config, work, environment, logs, console):
            if fails:
                raise fails
            seen.append(config)
            spent = {"tokens": 1, "prompt_tokens": 2, "seconds": 0.5, "tokens_per_s": 2, "dialect": config.model.dialect}
            return benchmark.Answers({id: episode for id, episode in played.items() if id not in lost}, spent, lost)

        monkeypatch.setattr(playing, "_on_a_pool", on_a_pool)
        monkeypatch.setattr(machine, "connect", lambda least_cpus: {})
        monkeypatch.setattr(machine, "log_to", lambda path: None)
        out = tmp_path / "card.json"
        status = main(["--model", str(path), "--suite", SUITE, "--out", str(out), *arguments])
        return status, seen[0] if seen else None, Scorecard.read(out) if seen else None

    return run


# ---- the form of calls in which a model was trained


def test_a_checkpoint_is_asked_as_it_was_trained(judged, model):
    status, config, card = judged()
    assert status == 0
    assert config.model == TRAINED.model_copy(update={"path": str(model)})
    assert {key: card.about[key] for key in TRAINED.prompt()} == TRAINED.prompt()
    assert card.about["model"] == str(model)


@pytest.mark.parametrize(
    ("trained", "arguments", "asked"),
    [
        ({}, [], ("auto", "base", True)),
        ({}, ["--prompting", "react"], ("react", "react", True)),
        ({"dialect": "template", "prompting": "base"}, [], ("template", "base", True)),
        (TRAINED.prompt(), ["--dialect", "llama3"], ("llama3", "cot", False)),
        (TRAINED.prompt(), ["--prompting", "base"], ("hermes", "base", False)),
        (TRAINED.prompt(), ["--prompting", "react"], ("react", "react", False)),
        (TRAINED.prompt(), ["model.dialect=python", "model.parameter_descriptions=true"], ("python", "cot", True)),
        ({"dialect": "react", "prompting": "react"}, [], ("react", "react", True)),
        ({"dialect": "react", "prompting": "react"}, ["--dialect", "hermes"], ("hermes", "base", True)),
    ],
)
def test_what_the_user_says_wins(judged, model, trained, arguments, asked):
    (model / pretrained.PROMPT_FILE).write_text(json.dumps(trained))
    prompt = judged(*arguments)[1].model
    assert (prompt.dialect, prompt.prompting, prompt.parameter_descriptions) == asked


def test_a_model_without_the_file_is_asked_as_before(judged, model):
    (model / pretrained.PROMPT_FILE).unlink()
    assert judged()[1].model == ModelConfig(path=str(model), dialect="auto")
    assert pretrained.prompt_of("owner/name") == {} == pretrained.prompt_of(pretrained.EMBEDDED)


def test_the_model_that_an_override_names_is_the_one_that_is_told(judged, model, tmp_path):
    _, config, card = judged(f"model.path={model}", path="somebody/else")
    assert config.model.dialect == "hermes" and card.about["model"] == str(model)


@pytest.mark.parametrize(("text", "told"), [("{", "Expecting"), ("[]", "a JSON object is expected"), ('{"dialekt": "python"}', "dialekt")])
def test_a_broken_file_is_named(judged, model, capsys, text, told):
    (model / pretrained.PROMPT_FILE).write_text(text)
    assert judged()[0] == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ") and str(model / pretrained.PROMPT_FILE) in line and told in line


# ---- limits, and what a card says


def test_a_suite_has_its_own_limits(judged):
    _, config, card = judged()
    assert Limits.of(config.rollout) == Limits.of(Few()) == Limits(1, 4096, 32, 400)
    assert Limits.of(Bfcl()).observation_characters == 100_000
    _, config, card = judged("rollout.turn_tokens=16", "rollout.observation_characters=50")
    assert Limits.of(config.rollout) == Limits(1, 4096, 16, 50)
    assert (card.about["turn_tokens"], card.about["observation_characters"], card.about["max_tokens"]) == (16, 50, 4096)


def test_a_card_of_a_training_and_one_of_the_program_say_the_same(judged, played, model):
    """What a run's `Evaluation` writes, but for run, stage and step."""
    part = SuiteConfig(suite=SUITE, only=("small",), limit=1)
    opened = open_suite(part, 3)
    card = Scorecard.of(opened.suite, opened.reading, played, about.of_model(part, 3, str(model), TRAINED, Limits.of(opened.suite)))
    _, _, other = judged("--only", "small", "--limit", "1", "--seed", "3")
    assert card.about == {key: value for key, value in other.about.items() if key in card.about}
    assert other.about.keys() - card.about.keys() == {"tokens", "prompt_tokens", "seconds", "tokens_per_s"}
    compare(card, other, Console())


# ---- tasks of training among a suite's samples


def test_training_tasks_in_a_suite_are_counted_and_said(capsys):
    opened = open_suite(SuiteConfig(suite=SUITE), 0)
    same_query = Task("mine", SAMPLES[0].task.env, SAMPLES[0].task.query.replace(" ", "  "), ())
    same_gold = dataclasses.replace(SAMPLES[2].task, id="other", query="Ten and eleven, please.")
    note = "2 of 4 samples are training tasks: they have the query or the gold of one"
    (noted,) = launch._noted([opened], [same_query, same_gold], Console())
    assert noted.notes == (note,)
    assert f"warning: suite 'few': {note}" in capsys.readouterr().out
    assert Scorecard.of(noted.suite, noted.reading, {}, {}, (), noted.notes).notes[0] == note
    assert launch._noted([opened], [dataclasses.replace(same_query, query="")], Console()) == [opened]


# ---- infrastructure


def test_lost_samples_are_in_no_figure_and_named(judged, capsys):
    status, _, card = judged(lost=[IDS[1]])
    assert status == 1
    assert card.summary["all"]["CF"].samples == 3 and card.summary["all"]["CF"].value == 100
    (lost,) = [result for result in card.results if result.verdict == "infrastructure"]
    assert (lost.id, lost.measures, card.verdicts["infrastructure"]) == (IDS[1], {}, 1)
    assert card.notes == [f"1 samples could not be played, since infrastructure failed, and are in no figure: {IDS[1]}"]
    assert card.notes[0] in capsys.readouterr().out


@pytest.mark.parametrize("error", [ActorLost("lost while waiting for a worker"), TooMuchLost("4 of 4 tasks could not be played")])
def test_lost_engines_end_in_a_line(judged, capsys, error):
    assert judged(fails=error)[0] == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {error} (logs: ")


class Pool(RolloutPool):
    """Plays what it is given and keeps the limits; the ids say what becomes of a task."""

    def __init__(self, played):
        self._workers, self._settings = [], type("Settings", (), {"log_folder": "logs"})
        self.played, self.limits, self.failure = played, [], "environment defect:\nKeyError: 'shop'"

    async def play(self, task, group, samples, temperature, limits=None, newest=False):
        assert newest
        self.limits.append((temperature, limits))
        if task.id == "long":
            raise PromptTooLong("too long")
        return [self.played[task.id]] if task.id in self.played else []


def test_what_could_be_played_comes_back(played):
    def all_of(ids, **more):
        tasks = [dataclasses.replace(SAMPLES[0].task, id=id) for id in ids]
        return asyncio.run(pool.play_all(tasks, lambda **figures: None, **more))

    pool, limits = Pool(played), Limits(1, 2, 3, 4)
    came = all_of([IDS[0], "lost", "long", IDS[1]], limits=limits, skip_overlong=True)
    assert [episode.task.id for episode in came.episodes] == IDS[:2] and came.lost == ["lost"]
    assert pool.limits == [(0.0, limits)] * 4
    with pytest.raises(PromptTooLong):
        all_of([IDS[0], "long"])
    with pytest.raises(TooMuchLost, match="2 of 2 tasks could not be played, the last for: KeyError: 'shop'; see logs"):
        all_of(["lost", "lost"])


class Refusing(Few):
    """The second sample's environment cannot be built."""

    def read(self, data):
        return Reading([SAMPLES[0], Sample(Task("refused", f"{Troublesome.__module__}:Troublesome", "refuse", ()), {"size": "small"})])


def test_an_environment_that_cannot_be_built_ends_in_a_line(tmp_path, capsys):
    file = answers(tmp_path / "a.jsonl", [IDS[0]])
    file.write_text(file.read_text() + '{"id": "refused", "output": "note(text=\\"a\\")"}\n')
    assert main(["--predictions", str(file), "--suite", f"{__name__}:Refusing"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: sample refused, played 3 times: ") and "the world cannot be built" in line
    assert "File " not in line


def test_a_prediction_is_played_again_where_infrastructure_fails(tmp_path, monkeypatch):
    play, tried = predictions.Demonstrator.play, []

    async def flaky(self, task, group, texts):
        tried.append(task.id)
        if tried.count(task.id) < RolloutConfig().attempts:
            raise InfrastructureError("a host died")
        return await play(self, task, group, texts)

    monkeypatch.setattr(predictions.Demonstrator, "play", flaky)
    said = predictions.read(answers(tmp_path / "a.jsonl", IDS[:2]))
    assert [*predictions.play(SAMPLES, said, PythonDialect())] == IDS[:2] and len(tried) == 6


def test_no_prediction_is_played_on_when_one_has_failed(tmp_path, monkeypatch):
    ended = []

    async def playing(self, task, group, texts):
        if task.id == IDS[0]:
            raise InfrastructureError("a host died")
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(task.id)

    async def close(self):
        ended.append("hosts")

    monkeypatch.setattr(predictions.Demonstrator, "play", playing)
    monkeypatch.setattr(predictions.ToolHosts, "close", close)
    with pytest.raises(InfrastructureError, match=f"sample {IDS[0]}, played 3 times: a host died"):
        predictions.play(SAMPLES, predictions.read(answers(tmp_path / "a.jsonl")), PythonDialect())
    assert sorted(ended[:-1]) == sorted(IDS[1:]) and ended[-1] == "hosts"


def test_an_interruption_ends_in_a_line(monkeypatch, tmp_path, capsys):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(predictions, "play", interrupted)
    assert main(["--predictions", str(answers(tmp_path / "a.jsonl")), "--suite", SUITE]) == 1
    assert capsys.readouterr().err == "error: interrupted\n"


# ---- the table at the end of a training


def test_the_table_pairs_suites_by_their_labels(played, tmp_path, capsys):
    folder = RunFolder(tmp_path)
    folder.write_state(RunState())
    (tmp_path / "eval").mkdir()
    card = Scorecard.of(Few(), Reading(SAMPLES), played, {})
    none = Scorecard.of(Few(), Reading(SAMPLES), {}, {})
    for label, cards in (("base", {"few": none}), ("sft", {"a": card, "few": card}), ("ppo", {"a": none})):
        for suite, given in cards.items():
            (tmp_path / "eval" / f"{label}.{suite}.json").write_text(given.text())
    results.show(Console(), folder)
    rows = {row[0].strip(): [c.strip() for c in row[1:]] for line in capsys.readouterr().out.splitlines() if (row := line.split("│")[1:-1])}
    assert [cell.split(" ")[0] for cell in rows["few: CF %, of 4"]] == ["0.0", "100.0", ""]
    assert [cell.split(" ")[0] for cell in rows["a: CF %, of 4"]] == ["", "100.0", "0.0"]
    unanswered = "4 samples have no answer and count as wrong (no prediction, or a prompt over max_tokens)"
    assert sorted(results.table(folder).notes) == [f"a: {unanswered}", f"few: {unanswered}"]
