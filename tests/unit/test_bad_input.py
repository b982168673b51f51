"""What a user may get wrong ends in one clear line and exit status 2, before Ray starts and before anything is written."""

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from raytool import bubblewrap, evaluate, machine, pretrained, train
from raytool.ablation import __main__ as ablation
from raytool.config.rollout import ToolHostConfig
from raytool.console import Console
from raytool.records import UserError
from raytool.tasks.__main__ import main as tasks_main
from tests.evaluation.few import Few

ROOT = Path(__file__).resolve().parents[2]
FEW = f"{Few.__module__}:Few"

TASK = '{"id": "a", "env": "envs.function_call:FunctionCall", "query": "q", "tools": [{"name": "f", "description": "d"}]}'

NO_HINT = '''
from raytool.env import ToolEnv, tool

class Env(ToolEnv):
    @tool
    def f(self, x):
        """Do it."""
'''


@pytest.fixture
def attempt(tmp_path, monkeypatch, capsys):
    """Train with a small good config, changed as given; the exit status and what stands on stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "tasks.jsonl").write_text(TASK + "\n")
    (tmp_path / "no_hint.py").write_text(NO_HINT)
    (tmp_path / "folder").mkdir()
    good = {"runs": "runs", "stages": ["sft"], "tasks": {"train": [{"name": "mine", "source": "tasks.jsonl"}]}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(good))

    def run(*overrides):
        status = train.main(["--config", "config.yaml", *overrides])
        return status, capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("rollout.wrokers=2", ["rollout.wrokers", "unknown key", "did you mean 'workers'"]),
        ("rollout.workers=many", ["rollout.workers", "'many'", "integer"]),
        ("ppo.clip=-1", ["ppo.clip", "-1", "greater than 0"]),
        ("ppo", ["'ppo'", "key=value"]),
        ("model.path=./nowhere", ["model.path", "./nowhere", "Hugging Face"]),
        ("model.path=.", ["model.path", "config.json"]),
        ("reward.name=rewards.nothing:Here", ["rewards.nothing:Here", "tried: import rewards.nothing"]),
        ("reward.name=rewards.tl_training:TLTrainig", ["TLTrainig", "it has", "TLTraining"]),
        ("reward.options={rewards: {hallucinated: 1}}", ["hallucinated", "known", "wrong_tool"]),
        ("reward.options={compare: fuzzy}", ["reward.options", "compare.0.how.0: 'fuzzy' given", "'exact'"]),
        ("reward.options={categories: [{name: x, of: y, tools: [z], reward: 1}]}", ["categories.0.of: 'y' is no category", "content"]),
        ("sft.meta={}", ["sft.meta", "no demonstrated task", "'meta_task'"]),
        ("tasks.train=[{name: x, source: missing.jsonl}]", ["error: tasks.train.0.source: missing.jsonl: No such file"]),
        ("tasks.test=[{name: x, source: missing.parquet}]", ["error: tasks.test.0.source: missing.parquet: No such file"]),
        ("tasks.train=[{name: x, source: 'no_module:f'}]", ["tasks.train.0.source: plug-in 'no_module:f'", "tried: import no_module"]),
        (
            "tasks.train=[{name: x, source: folder}]",
            ["tasks.train.0.source: 'folder' is a folder; a .jsonl or .parquet file, or module:function"],
        ),
        ("tasks.train=[{name: x, source: config.yaml}]", ["tasks.train.0.source: 'config.yaml' is a file of another kind; a .jsonl or"]),
        ("tasks.train=[{name: x, source: 'raytool.env:TOOL_PATH'}]", ["tasks.train.0.source: 'raytool.env:TOOL_PATH' is no function"]),
        ("stages=[evaluate]", ["tasks.test", "evaluate"]),
        ("resume=true", ["resume", "no run of 'config' in", "/runs"]),
        ("rollout.engine.options={max_model_len: 9}", ["rollout.engine: options.max_model_len: give rollout.max_tokens instead"]),
        ("rollout.engine.options={logprobs_mode: raw_logits}", ["options.logprobs_mode: is set by raytool itself; leave it out"]),
        ("evaluate.suites=[{suite: scenarios, max_tokens: 9}]", ["suite 'scenarios': max_tokens: 9 for a conversation is less than"]),
        ("logging.wandb_project=mine", ["logging.wandb_project", "'mine'", "pip install wandb"]),
        ("tasks.train=[{name: x, source: 'envs.suite:tasks', options: {split: training}}]", ["split: 'training'", "'train' or 'test'"]),
        (
            "tasks.train=[{name: x, source: 'envs.suite:tasks', options: {split: train, only: office}}]",
            ["only: 'office'", "a list is expected, e.g. ['office']"],
        ),
        (
            "tasks.train=[{name: x, source: 'raytool.evaluation.bfcl:tasks', options: {split: dev, categories: [multiple]}}]",
            ["split: 'dev'", "'train' or 'test'"],
        ),
        (
            "tasks.train=[{name: x, source: 'envs.suite:tasks', options: {splitt: train}}]",
            ["options: envs.suite:tasks: splitt:", "did you mean 'split'?"],
        ),
        ("--ppo.updates=3", ["--ppo.updates=3: write ppo.updates=3"]),
        ("model.chat_template=nope.jinja", ["model.chat_template: nope.jinja", "No such file"]),
        ("model.dialect=template", ["model.dialect: 'template' given, but the model's chat template shows no tools"]),
        ("reward.options={outcome: high}", ["reward.options: rewards.tl_training:TLTraining: outcome: 'high' given", "valid number"]),
        ("stages=sft", ["stages: 'sft' given", "a list is expected, e.g. ['sft']"]),
        ("rollout=4", ["rollout: 4 given", "a section is expected, with workers, least_workers, cpus"]),
        (f"evaluate.suites=[{{suite: '{FEW}'}}, {{suite: '{FEW}', limit: 1}}]", ["evaluate.suites", FEW, "'few'"]),
        (f"evaluate.suites=[{{suite: '{FEW}'}}, {{suite: '{__name__}:Few'}}]", ["evaluate.suites", FEW, f"{__name__}:Few", "'few'"]),
    ],
)
def test_a_mistake_is_named(attempt, tmp_path, override, said):
    status, error = attempt(override)
    assert status == 2
    assert len(error.strip().splitlines()) == 1, error
    assert error.startswith("error: ")
    for word in said:
        assert word in error
    assert not (tmp_path / "runs").exists()


def test_a_broken_line_is_named_by_file_and_number(attempt, tmp_path):
    (tmp_path / "tasks.jsonl").write_text(f'{TASK}\n{{"id": "b", \n')
    status, error = attempt()
    assert status == 2
    assert "tasks.jsonl:2" in error


def test_a_line_whose_environment_is_not_there_is_named_too(attempt, tmp_path):
    (tmp_path / "tasks.jsonl").write_text(f'{TASK}\n{{"id": "b", "env": "no_module:Env", "query": "q"}}\n')
    status, error = attempt()
    assert (status, "tasks.jsonl:2: env: plug-in 'no_module:Env'" in error) == (2, True)


def test_duplicate_ids_are_named(attempt, tmp_path):
    (tmp_path / "tasks.jsonl").write_text(f"{TASK}\n{TASK}\n")
    status, error = attempt()
    assert (status, "'a' occurs twice, in 'mine' of tasks.train and 'mine' of tasks.train" in error) == (2, True)


def test_an_environment_that_is_not_there_is_named(attempt, tmp_path):
    (tmp_path / "tasks.jsonl").write_text(TASK.replace("FunctionCall", "Functioncall"))
    status, error = attempt()
    assert status == 2
    assert "Functioncall" in error
    assert "FunctionCall" in error.replace("Functioncall", "")


def test_a_tool_without_type_hints_is_named(attempt, tmp_path):
    (tmp_path / "tasks.jsonl").write_text(TASK.replace("envs.function_call:FunctionCall", "no_hint:Env"))
    status, error = attempt()
    assert status == 2
    for word in ("no_hint.Env.f", "'x'", "type hint"):
        assert word in error


def test_a_run_that_exists_is_not_written_over(attempt, tmp_path):
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    (tmp_path / "runs" / "mine" / "precious").write_text("x")
    status, error = attempt("name=mine")
    assert (status, "exists" in error, "resume=true" in error) == (2, True, True)
    assert [p.name for p in (tmp_path / "runs" / "mine").iterdir()] == ["precious"]


@pytest.fixture
def no_bubblewrap(monkeypatch):
    monkeypatch.setattr(bubblewrap, "complaint", lambda: "bwrap is not installed")
    for name in ("RAY_ADDRESS", "RAY_JOB_CONFIG_JSON_ENV_VAR"):
        monkeypatch.delenv(name, raising=False)


def test_isolation_that_does_not_work_is_refused_before_anything_starts(attempt, no_bubblewrap, tmp_path):
    status, error = attempt("rollout.tool_host.isolation=bubblewrap")
    assert (status, error) == (2, "error: rollout.tool_host.isolation: 'bubblewrap' does not work here: bwrap is not installed\n")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("elsewhere", [{"RAY_ADDRESS": "10.0.0.1:6379"}, {"RAY_JOB_CONFIG_JSON_ENV_VAR": "{}"}])
def test_isolation_is_no_matter_of_this_machine_where_tools_run_on_others(no_bubblewrap, monkeypatch, elsewhere):
    with pytest.raises(UserError, match="does not work here"):
        machine.check_isolation(ToolHostConfig(isolation="bubblewrap"))
    machine.check_isolation(ToolHostConfig(isolation="auto"))
    for name, value in elsewhere.items():
        monkeypatch.setenv(name, value)
    machine.check_isolation(ToolHostConfig(isolation="bubblewrap"))


@pytest.mark.parametrize("model", ["a/b", "a/b@3f2c"])
@pytest.mark.parametrize(("elsewhere", "refused"), [({}, True), ({"RAY_ADDRESS": "10.0.0.1:6379"}, False)])
def test_a_model_of_the_hub_is_fetched_where_this_machine_computes_it(monkeypatch, elsewhere, refused, model):
    def nobody(path, **_):
        raise OSError(f"401 Client Error for {path}\nIf this is a private repository, log in")

    monkeypatch.setattr("huggingface_hub.snapshot_download", nobody)
    for name in ("RAY_ADDRESS", "RAY_JOB_CONFIG_JSON_ENV_VAR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in elsewhere.items():
        monkeypatch.setenv(name, value)
    with (
        pytest.raises(UserError, match=f"^model.path: '{model}' is not in the hub's cache and cannot be fetched: 401 .* a/b$")
        if refused
        else contextlib.nullcontext()
    ):
        machine.check_model(model, Console())


def test_a_revision_of_a_hub_s_model_is_a_folder_for_everybody(monkeypatch):
    asked = []

    def download(name, revision, allow_patterns, **_):
        asked.append((name, revision, "*.safetensors" in allow_patterns))
        return f"/cache/{name}/{revision}"

    pretrained.fetch.cache_clear()
    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    for path, (name, revision) in {"a/b@3f2c": ("a/b", "3f2c"), "c/d@refs/pr/1": ("c/d", "refs/pr/1")}.items():
        assert pretrained.resolve(path) == pretrained.resolve(path) == f"/cache/{name}/{revision}"
        assert pretrained.revision_of(path) == (name, revision)
    assert asked == [("a/b", "3f2c", False), ("c/d", "refs/pr/1", False)]
    assert pretrained.resolve("a/b@3f2c", weights=True) == "/cache/a/b/3f2c" and asked[2:] == [("a/b", "3f2c", True)]
    assert pretrained.resolve("a/b") == "a/b" and len(asked) == 3
    pretrained.fetch.cache_clear()


def test_a_folder_with_an_at_sign_is_a_folder(monkeypatch, tmp_path):
    (tmp_path / "me@home").mkdir()
    for file in ("config.json", "model.safetensors"):
        (tmp_path / "me@home" / file).touch()
    monkeypatch.chdir(tmp_path)
    assert pretrained.resolve("me@home") == pretrained.resolve("./me@home") == str(tmp_path / "me@home")
    assert pretrained.revision_of(pretrained.located("me@home")) == (str(tmp_path / "me@home"), None)


def test_an_address_is_refused_as_a_file_to_be_written(capsys):
    with pytest.raises(SystemExit):
        evaluate.main(["--model", "m", "--suite", "bfcl", "--out", "s3://bucket/x.json"])
    assert "argument --out: 's3://bucket/x.json' given; a path is expected, and no address" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("main", "file", "said"),
    [
        (train.main, {"base": {}, "rows": {}}, "an experiment of several rows, which `python -m raytool.ablation` runs"),
        (ablation.main, {"tasks": {}}, "a single training, which `python -m raytool.train` runs"),
    ],
)
def test_a_file_of_the_other_program_is_known(main, file, said, tmp_path, capsys):
    (tmp_path / "x.yaml").write_text(yaml.safe_dump(file))
    assert main(["name=mine", "--config", str(tmp_path / "x.yaml"), "resume=auto"]) == 2, "overrides may stand on both sides"
    (error,) = capsys.readouterr().err.splitlines()
    assert said in error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["comapre", "a.json", "b.json"], "error: comapre: no such command; did you mean 'compare'?"),
        (["fetch", "bfcl"], "error: fetch bfcl: needs no files"),
        (["fetch", "rotbnch"], "error: fetch rotbnch: no such suite; did you mean 'rotbench'?"),
    ],
)
def test_a_command_that_is_not_there(arguments, said, capsys):
    assert evaluate.main(arguments) == 2
    assert capsys.readouterr().err == f"{said}\n"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("nowhere", "nowhere: is not there; a file of tasks or a folder of them, module:function, or an entry point of raytool.tasks is"),
        ("nowhere.jsonl", "nowhere.jsonl: is not there"),
        (".", ".: holds no *.jsonl; a folder with files of tasks is expected"),
        ("nowhere:tasks", "source: plug-in 'nowhere:tasks': no module 'nowhere'"),
    ],
)
def test_what_has_no_tasks_is_not_validated(source, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert tasks_main(["validate", source]) == 2
    assert f"error: {told}" in capsys.readouterr().err


def test_a_relative_folder_is_none_of_actors_that_run_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine").mkdir()
    for name in ("config.json", "model.safetensors"):
        Path("mine", name).touch()
    machine.check_model("mine", Console())
    monkeypatch.setenv("RAY_ADDRESS", "head:6379")
    with pytest.raises(UserError, match=rf"'mine' is relative, and actors of head:6379 run in another folder; .* e\.g\. {tmp_path}/mine"):
        machine.check_model("mine", Console())
    machine.check_model(str(tmp_path / "mine"), Console())
    monkeypatch.setenv("RAY_JOB_CONFIG_JSON_ENV_VAR", "{}")
    machine.check_model("mine", Console())


def test_a_check_fetches_no_weights_of_a_model_of_the_hub(monkeypatch):
    fetched = []
    monkeypatch.setattr(machine.pretrained, "fetch", lambda name, weights: fetched.append((name, weights)))
    for weights in (False, True):
        machine.check_model("owner/name", Console(), weights)
    assert fetched == [("owner/name", False), ("owner/name", True)]


def test_there_is_no_stack_trace(tmp_path):
    command = [sys.executable, "-m", "raytool.train", "--config", str(tmp_path / "none.yaml")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == f"error: --config {tmp_path}/none.yaml: No such file or directory\n"
