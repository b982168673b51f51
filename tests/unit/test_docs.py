"""What the documentation shows works as it stands there."""

import dataclasses
import inspect
import json
import re
import shlex
import sys
import types
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import yaml
from gymnasium.utils.env_checker import check_env

from raytool import config, dialects, playing
from raytool.config import SourceConfig, SuiteConfig
from raytool.config.training import CriticConfig, MetaConfig, OptimizerConfig, PPOConfig, SFTConfig
from raytool.env import ToolEnv
from raytool.evaluation.opening import open_suite
from raytool.evaluation.suites.evolution import Evolution
from raytool.plugins import make_reward
from raytool.records import Feedback, Gold, GoldCall, Judgement, RewardUnavailable, Task, ToolCall, UserError, Verdict
from raytool.rollout.tool_host import Environments
from raytool.tasks import evolution, meta
from raytool.tasks.__main__ import main as tasks_main
from raytool.tasks.source import load
from rewards.tl_options import Way
from rewards.tl_training import LADDER
from tests.unit.builders import episode, sequence, task, tool

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [*sorted(DOCS.glob("*.md")), *(DOCS.parent / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))]
PAGES += [DOCS.parent / "cluster/README.md"]
ENVIRONMENTS, REWARDS = ((DOCS / f"{name}.md").read_text() for name in ("environments", "rewards"))


@pytest.fixture
def lamps(monkeypatch):
    """The environment that docs/environments.md writes, as the module that it is to be saved as."""
    module = types.ModuleType("lamps")
    monkeypatch.setitem(sys.modules, "lamps", module)
    (source, *_) = re.findall(r"```python\n(.*?)```", ENVIRONMENTS, re.DOTALL)
    exec(source, module.__dict__)
    return module.Lamps


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_environment_of_the_documentation_keeps_the_contract(lamps):
    check_env(lamps())


@pytest.mark.parametrize("seed", range(4))
def test_its_gold_reaches_the_goal(lamps, seed):
    env = lamps()
    env.reset(options={"task": env.sample_task(np.random.default_rng(seed))})
    calls = [{"name": gold.name, "arguments": gold.arguments} for gold in env.task.gold[0].calls]
    *_, ended, _, info = env.step(json.dumps({"calls": calls}))
    assert ended and info["goal_reached"] and set(info["feedback"]) == {"ok"}


def test_the_tasks_of_the_documentation_are_proved_as_it_says(tmp_path, monkeypatch, capsys):
    """Over the README's environment: a line of a file, a file that is written, and a task that has to ask."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pantry", raising=False)
    Path("pantry.py").write_text(re.findall(r"```python\n(.*?)```", (DOCS.parent / "README.md").read_text(), re.DOTALL)[0])
    Path("mine").mkdir()
    section = ENVIRONMENTS.split("\n## Tasks\n")[1].split("\n## ")[0]
    (line,) = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    Path("mine/orders.jsonl").write_text(line)
    names = {}
    for written in re.findall(r"```python\n(.*?)```", section, re.DOTALL):
        exec(written, names)
    names["write"]([names["asking"]], Path("mine/asking.jsonl"))
    (command,) = re.findall(r"^    python -m raytool\.tasks (validate mine .*)$", section, re.MULTILINE)
    assert tasks_main([*shlex.split(command), "--workers", "1"]) == 0
    assert "41 tasks of 3 sources hold" in capsys.readouterr().out


@pytest.mark.parametrize("kind", [Task, Gold, GoldCall])
def test_every_field_of_a_task_is_in_the_tables(kind):
    told = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?) \|", ENVIRONMENTS, re.MULTILINE))))
    assert not [field.name for field in dataclasses.fields(kind) if field.name not in told]


def rows(page, heading):
    """The rows of the first table under a heading whose first cell names knobs: by name, the further cells that have one value a name."""
    section = (DOCS / f"{page}.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = {}
    for names, cells in re.findall(r"^\| (`[a-z_.`, ]+`) \| (.*) \|$", section, re.MULTILINE):
        named = re.findall(r"`([a-z_.]+)`", names)
        columns = [split if len(split := cell.split(", ")) == len(named) else [cell] * len(named) for cell in cells.split(" | ")]
        found.update(zip(named, zip(*columns, strict=True), strict=True))
    return found


def read(cell):
    """A cell as YAML has it, which knows 1.0e-3 and not 1e-3."""
    return yaml.safe_load(re.sub(r"(\d)e-", r"\1.0e-", cell.split(";")[0].strip("`")))


def values(model, prefix=""):
    return {f"{prefix}{name}": getattr(model, name) for name in type(model).model_fields}


@pytest.mark.parametrize(
    ("heading", "knobs"),
    [
        ("Knobs of `sft`", values(SFTConfig()) | values(MetaConfig(), "meta.")),
        ("Knobs of `ppo`", values(PPOConfig()) | values(CriticConfig(), "critic.") | {"kl_gain": 0.1}),
    ],
)
def test_every_knob_of_a_stage_is_in_the_table_with_its_default(heading, knobs):
    told = rows("training", heading)
    knobs = {name: value for name, value in knobs.items() if name != "critic"}
    assert set(told) == set(knobs)
    for name, (default, *_) in told.items():
        if name != "optimizer":
            assert read(default) == knobs[name], name


def test_every_knob_of_the_optimiser_is_in_the_table_with_the_defaults_of_both_stages():
    told = rows("training", "The optimiser")
    assert set(told) == {f"optimizer.{name}" for name in OptimizerConfig.model_fields}
    for column, optimizer in enumerate((SFTConfig().optimizer, PPOConfig().optimizer)):
        stated = {name: read(cells[column]) for name, cells in told.items()}
        assert stated == {f"optimizer.{name}": list(value) if isinstance(value, tuple) else value for name, value in optimizer}


def test_the_attributes_of_an_environment_are_as_the_table_says():
    told = {name: default for name, (default, _) in rows("environments", "Write one").items()}
    assert {name: read(told[name]) for name in ("max_turns", "process_per_episode", "needs_network")} == {
        name: getattr(ToolEnv, name) for name in ("max_turns", "process_per_episode", "needs_network")
    }
    assert told["held_out"] == "empty" and not ToolEnv.held_out


def test_every_knob_of_meta_tasks_is_in_the_tables():
    told = (DOCS / "meta_tasks.md").read_text()
    assert not [name for name in inspect.signature(meta.tasks).parameters if f"`{name}`" not in told]
    assert not [name for name in MetaConfig.model_fields if f"`sft.meta.{name}`" not in told]


def test_a_program_asks_a_trained_model_as_it_was_trained(tmp_path, monkeypatch, capsys):
    written = re.search(r"## Use the model\n.*?```python\n(.*?)```", (DOCS / "training.md").read_text(), re.DOTALL)[1]
    folder = tmp_path / re.search(r'Path\("(.*?)"\)', written)[1]
    folder.parent.mkdir(parents=True)
    model = config.load(DOCS.parent / "configs/quickstart.yaml", []).model
    folder.write_text(json.dumps(model.prompt()))
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(written, names)
    assert capsys.readouterr().out == "order {'item': 'rice'}\n"
    assert names["shown"]["description_limit"] == model.description_limit == 200 and len(names["messages"]) == 4


@pytest.mark.parametrize("page", ["README.md", "docs/environments.md", "docs/hardware.md", "docs/training.md"])
def test_the_trainings_that_are_shown_have_knobs_that_there_are(page):
    text = (DOCS.parent / page).read_text().replace("\\\n", " ")
    shown = re.findall(r"^    .*python -m raytool\.train --config (configs/.*)$", text, re.MULTILINE)
    assert shown
    for path, *overrides in (shlex.split(line, comments=True) for line in shown):
        config.load(DOCS.parent / path, overrides)


def test_the_ladder_of_the_documentation_is_the_rewards():
    rows = re.findall(r"^\| `(\w+)` \| .* \| (\S+) \|$", REWARDS, re.MULTILINE)
    assert {name: float(number) for name, number in rows} == LADDER
    assert [name for name, _ in rows] == list(LADDER)


def test_its_config_loads_and_changes_the_reward(tmp_path):
    (written, _) = re.findall(r"```yaml\n(.*?)```", REWARDS, re.DOTALL)
    path = tmp_path / "mine.yaml"
    path.write_text(written + "stages: [ppo]\ntasks: {train: [{name: mine, source: mine.jsonl}]}\n")
    configured = config.load(path, []).reward
    reward = make_reward(configured.name, configured.options)
    changed = {name for name, number in reward.rewards.items() if LADDER.get(name) != number}
    assert changed == {"content", "wrong_tool", "wrong_date", "unasked_payment"}
    booked = task(tool("book", "date", "city"), gold=[sequence(GoldCall("book", {"date": "1 May", "city": "Rome"}))])
    for given, verdict in (
        ({"date": "1 May", "city": "rome"}, ("all_right", 1)),
        ({"date": "2 May", "city": "Rome"}, ("wrong_date", -0.6)),
    ):
        judgement = reward(episode([(ToolCall("book", given), Feedback.OK)], booked, goal_reached=True))
        assert (judgement.verdicts, judgement.outcome) == ((Verdict(*verdict),), 2)
    ways = re.findall(r"^\| `(\w+)` \| [^|]* \|$", REWARDS, re.MULTILINE)
    assert tuple(ways) == get_args(Way)


def test_the_reward_of_the_documentation_is_named_by_its_config_and_judges(tmp_path, monkeypatch):
    (source, _) = re.findall(r"```python\n(.*?)```", REWARDS, re.DOTALL)
    (_, written) = re.findall(r"```yaml\n(.*?)```", REWARDS, re.DOTALL)
    module = types.ModuleType("delivered")
    monkeypatch.setitem(sys.modules, "delivered", module)
    exec(source, module.__dict__)
    path = tmp_path / "mine.yaml"
    path.write_text(written + "stages: [ppo]\ntasks: {train: [{name: mine, source: mine.jsonl}]}\n")
    configured = config.load(path, []).reward
    reward = make_reward(configured.name, configured.options)
    calls = [(ToolCall("book", {}), Feedback.PARAMETER_MISSING), (ToolCall("book", {"date": "1 May"}), Feedback.OK)]
    judgement = reward(episode(calls, task(tool("book", "date")), goal_reached=True))
    assert [verdict.reward for verdict in judgement.verdicts] == [-0.1, 0] and judgement.outcome == 1
    assert (
        source.split("class ")[1].split("\n")[-6:]
        == (DOCS.parent / "examples/parcels/raytool_parcels/reward.py").read_text().split("\n")[-6:]
    )


def headings(page):
    """As GitHub names them in links."""
    found = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_it_links_to_is_there(page):
    for link, _, place in re.findall(r"\]\(([^):#]*)(#([^)]*))?\)", page.read_text()):
        target = page.parent / link if link else page
        assert target.exists(), link
        assert not place or place in headings(target), f"{link}#{place}"


def test_every_option_of_tool_evolution_is_in_its_tables():
    page = (DOCS / "tool_evolution.md").read_text()
    source, suite = page.split("## The suite `evolution`")
    assert not [name for name in inspect.signature(evolution.tasks).parameters if f"| `{name}` |" not in source]
    assert not [field.name for field in dataclasses.fields(Evolution) if field.init and f"`{field.name}`" not in suite]
    assert not [name for name in Evolution.measures if name not in suite]


def test_the_two_stages_of_the_documentation_are_a_config(tmp_path):
    (written, _) = re.findall(r"```yaml\n(.*?)```", (DOCS / "tool_evolution.md").read_text(), re.DOTALL)
    path = tmp_path / "mine.yaml"
    path.write_text(written + "stages: [sft]\n")
    stages = [(source.phase, source.options.get("stage", "call")) for source in config.load(path, []).tasks.train]
    assert stages == [(0, "rank"), (1, "call")]


def written(page, heading, kind="python"):
    """The first block of a kind under a heading."""
    return re.search(rf"^#+ {re.escape(heading)}\n.*?```{kind}\n(.*?)```", (DOCS / page).read_text(), re.DOTALL | re.MULTILINE)[1]


def test_an_environment_of_gymnasiums_alone_is_played_as_the_documentation_says(monkeypatch):
    module = types.ModuleType("guess")
    monkeypatch.setitem(sys.modules, "guess", module)
    exec(written("environments.md", "One that you have already"), module.__dict__)
    environments, asked = Environments(), task(tool("guess", "number"), env="guess:Guess")
    opened = {"op": "open", "id": 0, "env": asked.env, "task": dataclasses.asdict(asked), "journal": []}
    environments.handle(opened)

    def guess(*numbers):
        calls = [{"name": "guess", "arguments": {"number": number}} for number in numbers]
        return environments.handle({"op": "step", "id": 0, "action": json.dumps({"calls": calls}), "calls": len(calls)})

    assert guess("three", 0)["feedback"] == ["tool_call_failure", "ok"] and guess(0)["observations"] == ["higher"]
    found = [guess(number) for number in range(1, 9)]
    (right,) = [step for step in found if step["ended"]]
    assert (right["goal_reached"], right["finished"], right["reward"]) == (True, True, 1.0)
    assert environments.handle({"op": "step", "id": 0, "action": '{"final": "No."}', "calls": 1})["goal_reached"] is False


def test_the_judge_of_the_documentation_asks_and_says_when_it_cannot(monkeypatch):
    names = {}
    exec(re.search(r"(import os\n\nimport openai.*?)```", REWARDS, re.DOTALL)[1], names)
    reward = names["Judged"]("judge", "http://127.0.0.1:9/v1")
    asked = episode([(ToolCall("finish", {"answer": "Four."}), Feedback.OK)], task(tool("f"), query="Two and two?"), goal_reached=None)
    with pytest.raises(RewardUnavailable, match="judge: Connection error"):
        reward(asked)
    said = types.SimpleNamespace(choices=[types.SimpleNamespace(message=types.SimpleNamespace(content="Yes."))])
    questions = []
    create = types.SimpleNamespace(create=lambda **asked: questions.append(asked["messages"][0]["content"]) or said)
    reward.service = types.SimpleNamespace(chat=types.SimpleNamespace(completions=create))
    assert reward(asked) == Judgement((Verdict("ok", 0.0),), 1.0)
    assert questions == ["Request: Two and two?\nAnswer: Four.\nIs the request answered? Say yes or no."]


def test_the_benchmark_of_the_documentation_is_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("pantry", "orders"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    Path("pantry.py").write_text(re.findall(r"```python\n(.*?)```", (DOCS.parent / "README.md").read_text(), re.DOTALL)[0])
    Path("orders.py").write_text(written("library.md", "A benchmark of your own"))
    opened = open_suite(SuiteConfig(suite="orders:Orders", limit=5), 0)
    assert len(opened.reading.samples) == 15, "five of each of three items"
    sample = opened.reading.samples[0]
    assert opened.suite.score(sample, episode([], sample.task, goal_reached=True)).verdict == "reached"


def test_the_config_for_conversations_is_the_one_that_is_explained():
    shown = yaml.safe_load(re.search(r"configs/own_data.yaml` names as they stand here:\n\n(.*?)\n\n", ENVIRONMENTS, re.DOTALL)[1])
    mine = yaml.safe_load((DOCS.parent / "configs/own_data.yaml").read_text())
    assert shown["tasks"] == mine["tasks"]


@pytest.mark.parametrize("page", ["README.md", "docs/environments.md"])
def test_sources_that_a_teacher_is_shown_can_be_loaded(page):
    text = (DOCS.parent / page).read_text().replace("\\\n", " ")
    shown = re.findall(r"python -m raytool\.tasks demonstrate ([^`\n]*)", text)
    assert shown
    for words in map(shlex.split, shown):
        options = dict(playing.option(words[place + 1]) for place, word in enumerate(words) if word == "--option")
        source = words[words.index("--tasks") + 1]
        if ":" in source:
            assert load(SourceConfig(name="shown", source=source, options=options))


@pytest.fixture
def mistral(monkeypatch):
    module = types.ModuleType("mistral")
    monkeypatch.setitem(sys.modules, "mistral", module)
    exec(written("evaluation.md", "A dialect of your own"), module.__dict__)


@pytest.mark.usefixtures("mistral")
def test_the_dialect_of_the_documentation_reads_what_it_writes():
    assert config.load(DOCS.parent / "configs/quickstart.yaml", ["model.dialect=mistral:Mistral"]).model.dialect == "mistral:Mistral"
    dialect, tools = dialects.make("mistral:Mistral", "cot"), [tool("f", "a"), tool("g h")]
    calls = [ToolCall("f", {"a": "[TOOL_CALLS]g[ARGS] {}"}), ToolCall("g h", {})]
    text = dialect.render(calls, tools)
    parsed = dialect.parse(text, tools)
    assert [found.call for found in parsed.calls] == calls
    assert [text[found.name_start : found.name_stop] for found in parsed.calls] == ["f", "g h"]
    for unreadable in ("[TOOL_CALLS]f", "[TOOL_CALLS]f[ARGS]{", "[TOOL_CALLS]f[ARGS][]"):
        with pytest.raises(dialects.FormatError):
            dialects.make("mistral:Mistral").parse(unreadable, tools)
    assert dialects.make("mistral:Mistral").parse(" Hello. ", tools).final == "Hello."


@pytest.mark.parametrize(
    ("name", "told"), [("json:loads", "is no subclass of raytool.dialects.CallFormat"), ("json:Nothing", "has no 'Nothing'")]
)
def test_what_is_no_dialect(name, told):
    with pytest.raises(UserError, match=told):
        dialects.make(name)
