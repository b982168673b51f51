"""How calls are asked for: dialects and ways of prompting, through the program and a file of predictions."""

import json

import pytest

from raytool.config import Config, ModelConfig, PlayConfig
from raytool.evaluate import main
from raytool.sections import ConfigError, parse

ASKED = ["add-1-2", "add-2-3", "add-10-11", "add-20-21"]
WRITTEN = {
    "python": "add(a={}, b={})",
    "nexusraven": "Call: add(a={}, b={})<bot_end>",
    "hermes": '<tool_call>\n{{"name": "add", "arguments": {{"a": {}, "b": {}}}}}\n</tool_call>',
    "llama3": '{{"name": "add", "parameters": {{"a": {}, "b": {}}}}}',
    "react": 'Thought: I add.\nAction: add\nAction Input: {{"a": {}, "b": {}}}',
    "toolllama": 'Thought:\nAction: add\nAction Input: {{"a": {}, "b": {}}}',
    "chatglm": 'add\n{{"a": {}, "b": {}}}',
    "openai": '{{"tool_calls": [{{"function": {{"name": "add", "arguments": {{"a": {}, "b": {}}}}}}}]}}',
}


def judged(tmp_path, form, *arguments):
    """The share of right answers, and what the card says of how they were asked for."""
    answers, out = tmp_path / "answers.jsonl", tmp_path / "card.json"
    outputs = {id: form.format(*id.split("-")[1:]) for id in ASKED}
    answers.write_text("".join(json.dumps({"id": id, "output": output}) + "\n" for id, output in outputs.items()))
    assert main(["--predictions", str(answers), "--suite", "tests.evaluation.few:Few", "--out", str(out), *arguments]) == 0
    card = json.loads(out.read_text())
    return card["summary"]["all"]["CF"]["value"], (card["about"]["dialect"], card["about"]["prompting"])


@pytest.mark.parametrize("dialect", WRITTEN)
def test_predictions_in_every_dialect(tmp_path, dialect):
    assert judged(tmp_path, WRITTEN[dialect], "--dialect", dialect) == (100, (dialect, "base"))
    assert judged(tmp_path, "I think so.", "--dialect", dialect)[0] == 0


def test_a_chain_of_thought_counts_only_in_its_form(tmp_path):
    thought = "Let me see.\nAnswer: what?\nAnswer:\n{}"
    assert judged(tmp_path, thought.format(WRITTEN["python"]), "--prompting", "cot") == (100, ("python", "cot"))
    assert judged(tmp_path, thought.format(WRITTEN["hermes"]), "--prompting", "cot", "--dialect", "hermes") == (100, ("hermes", "cot"))
    assert judged(tmp_path, WRITTEN["python"], "--prompting", "cot")[0] == 0
    assert judged(tmp_path, thought.format(WRITTEN["python"]))[0] == 0


def test_react_is_a_dialect(tmp_path):
    assert judged(tmp_path, WRITTEN["react"], "--prompting", "react") == (100, ("react", "react"))
    assert judged(tmp_path, WRITTEN["python"], "--prompting", "react")[0] == 0


def test_a_ranking_before_the_call_is_none_of_it(tmp_path):
    ranked = "rank: [add, subtract]\n{}"
    assert judged(tmp_path, ranked.format(WRITTEN["python"]), "--prompting", "rank") == (100, ("python", "rank"))
    assert judged(tmp_path, WRITTEN["python"], "--prompting", "rank")[0] == 100
    assert judged(tmp_path, ranked.format(WRITTEN["python"]))[0] == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--prompting", "react", "--dialect", "hermes"], "prompting: 'react' is the dialect 'react', and dialect 'hermes' is given"),
        (["--dialect", "template"], "--dialect template: has no meaning without a model; python, nexusraven,"),
        (["--dialect", "perl"], "raytool.evaluate: dialect: 'perl' given; one of python, nexusraven,"),
    ],
)
def test_what_cannot_be_asked_for(tmp_path, capsys, arguments, told):
    answers = tmp_path / "answers.jsonl"
    answers.write_text("")
    assert main(["--predictions", str(answers), "--suite", "tests.evaluation.few:Few", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_what_a_config_makes_of_it():
    assert ModelConfig(prompting="react").dialect == "react" and ModelConfig().dialect == "python"
    assert parse(PlayConfig, {"model": {"dialect": "auto", "prompting": "cot"}}, "x").model.dialect == "auto"
    source = {"train": [{"name": "a", "source": "a.jsonl"}], "test": [{"name": "a", "source": "a.jsonl"}]}
    assert parse(Config, {"tasks": source, "model": {"dialect": "template"}}, "x").model.dialect == "template"
    with pytest.raises(ConfigError, match="'auto' is for an evaluation by itself; name a dialect, or 'template'"):
        parse(Config, {"tasks": source, "model": {"dialect": "auto"}}, "x")
    with pytest.raises(ConfigError, match="prompting: 'react' is the dialect 'react'"):
        parse(Config, {"tasks": source, "model": {"dialect": "python", "prompting": "react"}}, "x")
