"""ToolAlpaca's files as samples, and how answers to them count: records of our own, and the real ones where they are."""

import json
from collections import Counter

import pytest

from raytool.evaluation.suite import SuiteError
from raytool.evaluation.suites.toolalpaca import ToolAlpaca
from raytool.records import ToolCall
from tests.evaluation.gold import percent, published, scored

LEVELS = ("TS", "PI", "CF")
FIND_PARAMETERS = {
    "colour": "Required. string. One of: [red, blue]. The colour.",
    "rooms": "Array[string]. The rooms.",
    "limit": "integer. How many.",
}
SWITCH_PARAMETERS = {"id": "Required. integer. The lamp.", "state": "Object{on: boolean, level: number}. What to do.", "odd": "Odd."}
LAMPS = {
    "findLamps": f"Find lamps.\nEven small ones.\nParameters: {json.dumps(FIND_PARAMETERS)}\nOutput: OK.\n - Structure: Array[#Lamp]",
    "switch-lamp": f"Parameters: {json.dumps(SWITCH_PARAMETERS)}",
    "off": "Put all off\nParameters: {}\nOutput: OK.",
    "components": "#Lamp: Object{id}",
}


def api(*golds, functions=LAMPS, **more):
    answers = [[{"Action": name, "Action_Input": said} for name, said in gold] for gold in golds]
    return {
        "Name": "Lamps",
        "Function_Description": functions,
        "Instructions": [f"Question {i}?" for i in range(len(golds))],
        "Golden_Answers": answers,
        **more,
    }


def read(tmp_path, *apis):
    (tmp_path / "eval_real.json").write_text(json.dumps(apis))
    return ToolAlpaca().read(tmp_path / "eval_real.json")


def only(tmp_path, *gold, **more):
    """The only sample of a file."""
    (sample,) = read(tmp_path, api(gold, **more)).samples
    return sample


OFF, FIND = ("off", "{}"), ("findLamps", '{"colour": "red"}')


def test_functions_are_tools_and_components_is_none(tmp_path):
    find, switch, off = only(tmp_path, OFF).task.tools
    assert (find.name, find.description) == ("findLamps", "Find lamps.\nEven small ones.")
    assert find.parameters == {
        "type": "object",
        "properties": {
            "colour": {"type": "string", "description": "One of: [red, blue]. The colour."},
            "rooms": {"type": "array", "items": {"type": "string"}, "description": "The rooms."},
            "limit": {"type": "integer", "description": "How many."},
        },
        "required": ["colour"],
    }
    assert (switch.name, switch.description, switch.required) == ("switch-lamp", "", ["id"])
    assert switch.documented["state"] == {"type": "object", "description": "Object{on: boolean, level: number}. What to do."}
    assert switch.documented["odd"] == {"description": "Odd."}
    assert off.parameters == {"type": "object", "properties": {}, "required": []}


def test_samples_and_their_groups(tmp_path):
    reading = read(tmp_path, api([OFF], [FIND, OFF]), api([FIND], Name="More"))
    assert [s.task.id for s in reading.samples] == ["toolalpaca-real-Lamps-0", "toolalpaca-real-Lamps-1", "toolalpaca-real-More-0"]
    assert dict(reading.samples[1].groups) == {"set": "real", "API": "Lamps", "gold": "plain"}
    assert [gold.call for gold in reading.samples[1].task.gold[0].calls] == [ToolCall("findLamps", {"colour": "red"}), ToolCall("off")]
    assert reading.samples[1].task.query == "Question 1?"


@pytest.mark.parametrize(
    ("said", "free"),
    [
        ('{"id": ${id from findLamps}}', ("id",)),
        ('{"id": "${id from findLamps}", "level": 3}', ("id",)),
        ('{"id": "{id}", "name": "{\\"a\\": 1}"}', ("id",)),
        ('{"ids": [${one}, 2], "at": {"from": ${start date}}}', ("ids", "at")),
        ('{"text": "costs ${price} or so", "brace": "a {b} c"}', ()),
    ],
)
def test_placeholders_are_given_and_not_compared(tmp_path, said, free):
    sample = only(tmp_path, ("findLamps", said))
    assert sample.task.gold[0].calls[0].free == free
    assert ("placeholder" in sample.groups["gold"]) == bool(free)


def test_a_name_that_stands_twice_is_read_once(tmp_path):
    sample = only(tmp_path, ("findLamps", '{"colour": "colour": "red", "rooms": "rooms":["a"]}'))
    assert sample.task.gold[0].calls[0].arguments == {"colour": "red", "rooms": ["a"]}
    assert sample.groups["gold"] == "repaired"


def test_a_blanked_key_is_told_and_not_compared(tmp_path):
    functions = {"get": 'Get.\nParameters: {"api_key": "Required. string. The key.", "q": "string. What."}'}
    reading = read(tmp_path, api([("get", '{"api_key": "k1", "q": "x"}')], functions=functions, Authentication={"api_key": "***"}))
    (sample,) = reading.samples
    assert sample.task.query == "Question 0?\nAuthentication information: api_key=***"
    assert sample.groups["gold"] == "key"
    assert percent(scored(ToolAlpaca(), reading, {sample.task.id: "get(api_key='***', q='x')"}))["CF all"] == 100
    assert percent(scored(ToolAlpaca(), reading, {sample.task.id: "get(api_key='***', q='y')"}))["CF all"] == 0


def test_an_optional_call_may_be_left_out(tmp_path):
    reading = read(tmp_path, api([FIND, ("[Optional]off", "{}")]))
    assert reading.samples[0].groups["gold"] == "optional"
    for said in ("findLamps(colour='red')", "findLamps(colour='red')\noff()"):
        assert percent(scored(ToolAlpaca(), reading, {"toolalpaca-real-Lamps-0": said})) == {
            f"{x} {c}": 100 for c in ("any", "all") for x in LEVELS
        }


def test_get_details_is_offered_where_the_sets_gold_asks(tmp_path):
    assert all(spec.name != "getDetails" for spec in only(tmp_path, OFF).task.tools)
    reading = read(tmp_path, api([OFF]), api([("getDetails", '{"Question": "Which lamp?"}')], Name="More"))
    assert [s.task.tools[-1].name for s in reading.samples] == ["getDetails", "getDetails"]
    assert [s.groups["gold"] for s in reading.samples] == ["plain", "asks"]
    card = scored(ToolAlpaca(), reading, {"toolalpaca-real-More-0": "getDetails(Question='Which one?')"})
    assert percent(card, "API=More")["CF all"] == 100


def test_what_has_no_document_counts_by_its_name(tmp_path):
    reading = read(tmp_path, api([("fly", '{"to": "x"}')], [("off", '{"now": true}')]))
    assert [s.groups["gold"] for s in reading.samples] == ["undocumented", "undocumented"]
    assert set(percent(scored(ToolAlpaca(), reading)).values()) == {100}


@pytest.mark.parametrize(
    ("said", "verdict", "of_any", "of_all"),
    [
        ("findLamps(colour='red')\noff()", "all_right", "111", "111"),
        ("off()\nfindLamps(colour='red')", "all_right", "111", "111"),
        ("findLamps(colour='red')", "calls_missing", "111", "000"),
        ("findLamps(colour='blue')\noff()", "content", "111", "110"),
        ("findLamps(rooms=[])\noff()", "parameters", "111", "100"),
        ("switch_lamp(id=1)\nfindLamps(colour='red')\noff()", "all_right", "111", "111"),
        ("switch_lamp(id=1)", "wrong_tool", "000", "000"),
        ("fly()", "tool_hallucination", "000", "000"),
        ("There are no lamps.", "format_error", "000", "000"),
    ],
)
def test_answers(tmp_path, said, verdict, of_any, of_all):
    card = scored(ToolAlpaca(), read(tmp_path, api([FIND, OFF])), {"toolalpaca-real-Lamps-0": said})
    assert card.results[0].verdict == verdict
    for counted, right in (("any", of_any), ("all", of_all)):
        assert "".join(f"{card.results[0].measures[f'{level} {counted}'][0]:.0f}" for level in LEVELS) == right


def test_a_query_whose_gold_cannot_be_read_is_named_and_counts_as_wrong(tmp_path):
    broken = api([OFF], [("off", '{"a": ${b", "c": 1}')], [("off", "[]")], [], functions=LAMPS)
    missing = {**api([OFF]), "Name": "Short", "Instructions": ["A?", "B?"]}
    undocumented = api([OFF], functions={"off": "Puts all off."}, Name="Odd")
    reading = read(tmp_path, broken, missing, undocumented)
    assert [lost.where for lost in reading.unreadable] == [
        *(f"eval_real.json, Lamps, query {i}" for i in (1, 2, 3)),
        "eval_real.json, Short, query 1",
        "eval_real.json, Odd, query 0",
    ]
    assert [lost.id for lost in reading.unreadable][2:4] == ["toolalpaca-real-Lamps-3", "toolalpaca-real-Short-1"]
    for lost, reason in zip(reading.unreadable, ("Expecting", "no object", "no gold call", "IndexError", "off: no document"), strict=True):
        assert reason in lost.reason
    card = scored(ToolAlpaca(), reading)
    assert percent(card)["CF all"] == pytest.approx(200 / 7)
    assert percent(card, "gold=unreadable")["CF all"] == 0
    assert percent(card, "gold=plain")["CF all"] == 100


def test_files_that_are_not_there_are_named(tmp_path):
    read(tmp_path, api([OFF]))
    with pytest.raises(SuiteError, match=r"eval_simulated.json is not there; it is at https://github.com.*name a file"):
        ToolAlpaca().read(tmp_path)
    (tmp_path / "eval_simulated.json").write_text(json.dumps([api([OFF])]))
    assert Counter(s.groups["set"] for s in ToolAlpaca().read(tmp_path).samples) == {"real": 1, "simulated": 1}
    (tmp_path / "train_data.json").write_text("[]")
    with pytest.raises(SuiteError, match=r"eval_real.json or eval_simulated.json was expected"):
        ToolAlpaca().read(tmp_path / "train_data.json")
    for content in ("[", "3", '[{"Name": "x"}]'):
        (tmp_path / "eval_real.json").write_text(content)
        with pytest.raises(SuiteError, match=r"eval_real.json: is not ToolAlpaca's"):
            ToolAlpaca().read(tmp_path)


def test_the_published_simulated_sets_gold():
    """Gold scores 100 % on what can be read; two queries cannot."""
    reading = ToolAlpaca().read(published("toolalpaca/data/eval_simulated.json"))
    assert [lost.where for lost in reading.unreadable] == [
        "eval_simulated.json, AbuseIPDB, query 3",
        "eval_simulated.json, Auth0, query 10",
    ]
    card = scored(ToolAlpaca(), reading)
    assert {result.verdict for result in card.results} == {"all_right", "unreadable"}
    assert set(percent(card).values()) == {98}
    assert Counter(result.groups["gold"] for result in card.results) == {
        "plain": 65,
        "placeholder": 23,
        "asks, placeholder": 6,
        "asks": 2,
        "optional": 1,
        "undocumented": 1,
        "unreadable": 2,
    }


def test_the_published_real_sets_gold():
    reading = ToolAlpaca().read(published("toolalpaca/data/eval_real.json"))
    assert len(reading.samples) + len(reading.unreadable) == 114
    card = scored(ToolAlpaca(), reading)
    assert {result.verdict for result in card.results} <= {"all_right", "unreadable"}
    assert len(reading.unreadable) < len(reading.samples)
