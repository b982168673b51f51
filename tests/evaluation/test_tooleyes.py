"""ToolEyes: the offline server's answers, the real programs' way, and DE, CE and VA over conversations."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from envs.tooleyes import LiveToolEyes, ToolEyes, made_up
from raytool import bubblewrap
from raytool.dialects import PythonDialect
from raytool.env import ASK_TO_USER, FINISH
from raytool.evaluation import predictions
from raytool.evaluation.predictions import PredictionError
from raytool.evaluation.scorecard import Scorecard
from raytool.evaluation.suite import Reading, SuiteError
from raytool.evaluation.suites import tooleyes
from raytool.records import Task, ToolCall, ToolSpec, UserError
from raytool.rollout.hosts import ToolHosts
from tests.plugins.test_tool_host import run

PUBLISHED = Path(__file__).resolve().parents[2] / "../shared/benchmarks/tooleyes"


def document(name: str, description: str, *parameters: str, required: tuple[str, ...] = ()) -> dict[str, Any]:
    properties = {parameter: {"type": "string", "description": f"The {parameter}."} for parameter in parameters}
    return {"name": name, "description": description, "parameters": {"type": "object", "properties": properties, "required": required}}


CONTROL = [{"name": spec.name, "description": spec.description, "parameters": spec.parameters} for spec in (ASK_TO_USER, FINISH)]
PETS = [
    document("get_pets_by_owner", "Get a list of pets.", "owner", "limit", "api_key", required=("owner",)),
    document("pet_price", "Get the price of a pet.", "pet", required=("pet",)),
    document("pet_price", "The same again.", "kind"),
    *CONTROL,
]
SPECS = {tool["name"]: ToolSpec(**tool) for tool in reversed(PETS)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    library = tmp_path / "Tool_Library/Animal/Pets"
    library.mkdir(parents=True)
    (library / "config_gpt4.json").write_text(json.dumps(PETS))
    (library / "tool.py").write_text(
        "from .prices import PRICES\n\n\ndef pet_price(pet):\n    return {'price': PRICES[pet]}\n\n\n"
        "def get_pets_by_owner(owner, limit=3):\n    raise ConnectionError('no route')\n"
    )
    (library / "prices.py").write_text("PRICES = {'cat': 7}\n")
    (tmp_path / "Tool_Library/Animal/Broken").mkdir()
    (tmp_path / "Tool_Library/Animal/Broken/config_gpt4.json").write_text('[{"name": "f"}]')
    (tmp_path / "Test_Data").mkdir()
    asked = {"query": "What does my cat cost?", "path": "ToolEyes/Tool_Library/Animal/Pets", "scenario": "PL"}
    records = [
        asked,
        {**asked, "query": "Whose pets are these?", "scenario": "IR"},
        {**asked, "path": "ToolEyes/Tool_Library/Animal/Nowhere"},
        {**asked, "path": "ToolEyes/Tool_Library/Animal/Broken"},
        {"query": "And?", "scenario": "PL"},
    ]
    (tmp_path / "Test_Data/scenario_data_raw.json").write_text(json.dumps(records))
    return tmp_path


def scored(suite: tooleyes.ToolEyes, reading: Reading, answers: dict[str, list[str]]) -> Scorecard:
    return Scorecard.of(suite, reading, predictions.play(reading.samples, answers, PythonDialect()), {})


def value(card: Scorecard, group: str = "all") -> dict[str, float]:
    return {name: interval.value for name, interval in card.summary[group].items()}


def test_conversations_are_scored_and_what_cannot_be_read_is_named(folder: Path) -> None:
    suite = tooleyes.ToolEyes()
    reading = suite.read(folder)
    answers = {
        "tooleyes-0": ["pet_price(pet='cat')", "pet_price(cat='cat')", "It costs 7.", "finish(answer='It costs 7.')"],
        "tooleyes-1": ["get_pets_by_owner(owner='')", "finish(answer='I cannot handle the task')"],
    }
    card = scored(suite, reading, answers)
    assert card.verdicts == {"unreadable": 3, "answered": 1, "gave up": 1}
    assert value(card) == {"DE": pytest.approx(100 / 6), "CE": pytest.approx(200 / 6), "VA": 20}
    assert value(card, "scenario=PL")["VA"] == 25
    assert {lost["where"]: lost["reason"] for lost in card.unreadable} == {
        "scenario_data_raw.json[2]": "path: ToolEyes/Tool_Library/Animal/Nowhere/config_gpt4.json: No such file or directory",
        "scenario_data_raw.json[3]": "0.description: Field required",
        "scenario_data_raw.json[4]": "path: Field required",
    }
    assert ["no service was called" in card.notes[0], "Pets: its configuration has a second pet_price" in card.notes[1]] == [True, True]
    task = reading.samples[0].task
    assert [spec.name for spec in task.tools] == ["get_pets_by_owner", "pet_price", "ask_to_user", "finish"]
    assert task.tools[1].documented.keys() == {"pet"}


@pytest.mark.parametrize(
    ("texts", "verdict"),
    [
        (["finish(answer='Seven.')"], "answered"),
        (["finish(answer='')"], "empty answer"),
        (["Seven."], "no answer, turn_limit"),
        (["pet_price(pet='cat')"] * 9, "no answer, turn_limit"),
        ([*["pet_price(pet='cat')"] * 8, "finish(answer='Seven.')"], "answered"),
        ([*["pet_price(pet='cat')"] * 9, "finish(answer='Seven.')"], "no answer, turn_limit"),
    ],
)
def test_nine_turns_and_a_finish(folder: Path, texts: list[str], verdict: str) -> None:
    suite = tooleyes.ToolEyes()
    reading = Reading(suite.read(folder).samples[:1])
    assert scored(suite, reading, {"tooleyes-0": texts}).verdicts == {verdict: 1}


@pytest.mark.parametrize(
    ("call", "feedback"),
    [
        (ToolCall("pet_price", {"pet": "cat"}), "ok"),
        (ToolCall("pet_price", {"pet": 7}), "ok"),
        (ToolCall("pet_price", {"pet": ["cat"]}), "tool_call_failure"),
        (ToolCall("pet_price", {"pet": None}), "tool_call_failure"),
        (ToolCall("pet_price", {"pet": ""}), "tool_call_failure"),
        (ToolCall("pet_price", {}), "parameter_missing"),
        (ToolCall("pet_price", {"pet": "cat", "size": "x"}), "parameter_hallucination"),
        (ToolCall("cat_price", {"pet": "cat"}), "tool_hallucination"),
        (ToolCall("ask_to_user", {"question": "Which?"}), "ok"),
    ],
)
def test_a_call_is_held_against_its_document(call: ToolCall, feedback: str) -> None:
    env = ToolEyes()
    env.reset(options={"task": Task("t", "", "", tuple(SPECS.values()))})
    *_, ended, _, info = env.step(json.dumps({"calls": [{"name": call.name, "arguments": call.arguments}]}))
    assert (ended, info["feedback"]) == (False, [feedback])


def test_answers_are_of_the_documents_kind_and_always_the_same() -> None:
    pets = made_up(ToolCall("get_pets_by_owner", {"owner": "Ada", "api_key": "x"}), SPECS["get_pets_by_owner"])
    assert pets.keys() == {"owner", "pets"}
    assert len(pets["pets"]) == 3
    assert all(pet.keys() == {"id", "name"} for pet in pets["pets"])
    price = made_up(ToolCall("pet_price", {"pet": "cat"}), SPECS["pet_price"])
    assert isinstance(price["pet_price"], float)
    assert price == made_up(ToolCall("pet_price", {"pet": "cat"}), SPECS["pet_price"])
    assert price != made_up(ToolCall("pet_price", {"pet": "dog"}), SPECS["pet_price"])

    def result(name: str, description: str) -> Any:
        return made_up(ToolCall(name), ToolSpec(name, description))

    assert result("isPalindrome", "Whether a text is the same backwards.")["palindrome"] in (True, False)
    assert result("get_photo", "A picture.")["photo"].startswith("https://example.org/photo/")
    assert result("opening_time", "When it opens.")["opening_time"].startswith("2024-")


def test_live_runs_their_own_programs(folder: Path) -> None:
    reading = tooleyes.ToolEyes(live=True).read(folder)
    task = reading.samples[0].task
    assert task.env == "envs.tooleyes:LiveToolEyes"
    env = LiveToolEyes()
    env.reset(options={"task": task})

    def said(**call: Any) -> tuple[str, str]:
        info = env.step(json.dumps({"calls": [call]}))[4]
        return info["observations"][0], info["feedback"][0]

    assert said(name="pet_price", arguments={"pet": "cat"}) == ('{"price": 7}', "ok")
    assert said(name="pet_price", arguments={"pet": "dog"}) == ('{"error": "KeyError: \'dog\'"}', "tool_call_failure")
    assert said(name="get_pets_by_owner", arguments={"owner": "Ada"}) == ('{"error": "no route"}', "tool_instability")
    assert said(name="pet_price", arguments={})[1] == "parameter_missing"
    assert (written := [Path(place) for place in sys.path if "raytool-tooleyes-" in place and Path(place).exists()])
    env.close()
    assert not [place for place in written if place.exists()]
    with pytest.raises(PredictionError, match="reaches out over the network"):
        predictions.play(reading.samples, {"tooleyes-0": ["finish(answer='7')"]}, PythonDialect())
    (folder / "Tool_Library/Animal/Pets/prices.py").write_text("import no_such_library\n")
    with pytest.raises(UserError, match="cannot be imported: ModuleNotFoundError: No module named 'no_such_library'"):
        LiveToolEyes().reset(options={"task": tooleyes.ToolEyes(live=True).read(folder).samples[0].task})
    (folder / "Tool_Library/Animal/Pets/tool.py").unlink()
    with pytest.raises(SuiteError, match=r"has no tool\.py"):
        tooleyes.ToolEyes(live=True).read(folder)


@pytest.mark.skipif(bool(bubblewrap.complaint()), reason=bubblewrap.complaint())
def test_live_works_in_an_isolated_host_that_may_reach_the_network(folder: Path) -> None:
    task = tooleyes.ToolEyes(live=True).read(folder).samples[0].task

    async def scenario(hosts: ToolHosts) -> tuple[list[str], list[str]]:
        environment = await hosts.open(task)
        step = await environment.step('{"calls": [{"name": "pet_price", "arguments": {"pet": "cat"}}]}')
        await environment.close()
        return list(step.observations), list(step.feedback)

    assert run(scenario, isolation="bubblewrap", network=True) == (['{"price": 7}'], ["ok"])


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published files are not at hand")
def test_published_queries_are_read_and_every_document_can_be_answered() -> None:
    suite = tooleyes.ToolEyes()
    reading = suite.read(PUBLISHED)
    assert (len(reading.samples), len(reading.unreadable)) == (64, 0)
    card = scored(suite, reading, {sample.task.id: ["finish(answer='Here it is.')"] for sample in reading.samples})
    assert value(card) == {"DE": 0, "CE": 0, "VA": 100}
    assert len({group for group in card.summary if group.startswith("scenario=")}) == 7
    kinds = set()
    for path in sorted(PUBLISHED.glob("Tool_Library/*/*/config_gpt4.json")):
        for tool in json.loads(path.read_text()):
            spec = ToolSpec(**tool)
            answer = made_up(ToolCall(spec.name, dict.fromkeys(spec.required, "x")), spec)
            assert len(json.dumps(answer)) < 1000
            kinds.add(type(list(answer.values())[-1]))
    assert kinds == {list, dict, float, str, bool}
