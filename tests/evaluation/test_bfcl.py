"""The suite `bfcl`: what it reads, its rules beside the wheel's checkers, and gold through the command line."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from raytool.dialects import PythonDialect
from raytool.evaluation import bfcl, predictions
from raytool.evaluation.bfcl_checkers import calls_agree, executes_alike
from raytool.evaluation.scorecard import Scorecard
from raytool.evaluation.suite import Reading
from raytool.evaluation.suites import bfcl as suite
from raytool.records import Feedback, GoldCall, ToolCall
from tests.evaluation.bfcl_official import NO_GOLD, gold_texts

ROOT = Path(__file__).resolve().parents[2]
SUITE = suite.Bfcl()
COUNTS = {
    "simple_python": 400,
    "simple_java": 100,
    "simple_javascript": 50,
    "multiple": 200,
    "parallel": 200,
    "parallel_multiple": 200,
    "irrelevance": 240,
    "live_simple": 258,
    "live_multiple": 1053,
    "live_parallel": 16,
    "live_parallel_multiple": 24,
    "live_irrelevance": 884,
    "live_relevance": 16,
    "exec_simple": 100,
    "exec_multiple": 50,
    "exec_parallel": 50,
    "exec_parallel_multiple": 40,
    **dict.fromkeys(("multi_turn_base", "multi_turn_miss_func", "multi_turn_miss_param", "multi_turn_long_context"), 200),
}


@pytest.fixture(scope="module")
def reading():
    return SUITE.read(None)


def sample(reading, name):
    return next(s for s in reading.samples if s.task.id == name)


def scored(sample, *texts):
    """The score of an answer, and the episode."""
    episode = predictions.play([sample], {sample.task.id: texts}, PythonDialect())[sample.task.id]
    return SUITE.score(sample, episode), episode


def right(score):
    return [name for name, ratio in score.measures.items() if ratio.hits]


def test_every_category_is_read(reading):
    assert Counter(s.groups["category"] for s in reading.samples) == COUNTS
    assert not reading.unreadable
    assert len({s.task.id for s in reading.samples}) == len(reading.samples) == 4681
    assert list(reading.samples[0].groups) == ["category", "part"]


def test_what_was_said_before_is_context(reading):
    said = Counter(tuple(m.role for m in s.task.context) for s in reading.samples)
    assert said[()] == 4581 and said["system",] == 91
    assert all(s.task.query for s in reading.samples)


def test_values_of_java_and_javascript_are_asked_for_as_source_text(reading):
    for s in reading.samples:
        if s.groups["category"] in ("simple_java", "simple_javascript"):
            assert {schema["type"] for spec in s.task.tools for schema in spec.documented.values()} <= {"string"}
    (spec,) = sample(reading, "simple_java_22").task.tools
    assert (
        "Java source text" in spec.documented["ids"]["description"]
        and "ArrayList (elements: long)" in spec.documented["ids"]["description"]
    )


# ---- gold


def command_line(tmp_path, reading, *arguments):
    """The results of the gold of some samples, and what the program's process had imported."""
    answers, out = tmp_path / "gold.jsonl", tmp_path / "out.json"
    answers.write_text("".join(json.dumps({"id": s.task.id, "output": gold_texts(s)}) + "\n" for s in reading.samples))
    program = "import sys; from raytool.evaluate import main; status = main(sys.argv[1:]); print(*sys.modules); sys.exit(status)"
    given = ["--predictions", answers, "--suite", "bfcl", "--out", out, *arguments]
    done = subprocess.run([sys.executable, "-c", program, *map(str, given)], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return json.loads(out.read_text()), set(done.stdout.splitlines()[-1].split())


def all_right(content, count):
    wrong = {result["id"] for result in content["results"] if any(hits < total for hits, total in result["measures"].values())}
    assert len(content["results"]) == count and wrong <= set(NO_GOLD)
    return wrong


def test_gold_is_right_in_every_category_without_an_engine(tmp_path, reading):
    drawn = reading.only((), 8, 0)
    content, modules = command_line(tmp_path, drawn, "--limit", "8")
    assert all_right(content, 21 * 8) == {s.task.id for s in drawn.samples} & set(NO_GOLD)
    assert not modules & {"ray", "torch", "vllm", "transformers"} and "bfcl_eval" in modules
    measured = {name: set(content["summary"][f"category={name}"]) for name in COUNTS}
    assert measured == {name: set(SUITE.measures) if name.startswith("exec_") else {"accuracy"} for name in COUNTS}
    assert any("executable" in note for note in content["notes"])


@pytest.mark.long
def test_all_gold_is_right_but_for_seven_records_that_no_answer_is_right_for(tmp_path, reading):
    content, _ = command_line(tmp_path, reading)
    assert all_right(content, 4681) == set(NO_GOLD) == set(suite.NEVER_RIGHT)


# ---- the rules


def test_no_call_is_right_where_nothing_fits(reading):
    asked = sample(reading, "irrelevance_0")
    for text in ("I have no function for that.", "", "[]"):
        score, episode = scored(asked, text)
        assert (score.verdict, episode.turns[0].final) == ("right", text) and not list(episode.calls)
    assert scored(asked, "determine_body_mass_index(weight=1, height=2)")[0].verdict == "needless_call"
    assert scored(asked, "unheard_of()")[0].verdict == "needless_call"
    # BFCL: what cannot be read is no call.
    assert scored(asked, "determine_body_mass_index(weight=1")[0].verdict == "right"


def test_any_call_is_right_where_some_function_fits(reading):
    asked = sample(reading, "live_relevance_0-0-0")
    assert scored(asked, "generate_image()")[0].verdict == "right"
    score, episode = scored(asked, "Here is your image.")
    assert score.verdict == "no_call" and [call.feedback for call in episode.calls] == [Feedback.FORMAT_ERROR]


def test_a_wrong_call_has_the_checkers_word(reading):
    asked = sample(reading, "simple_python_0")
    assert scored(asked, "calculate_triangle_area(base=10, height=5, unit='units')")[0].verdict == "right"
    for text, verdict in (
        ("calculate_triangle_area(base=10, height=6)", "value_error:others"),
        ("calculate_triangle_area(base='10', height=5)", "type_error:simple"),
        ("calculate_triangle_area(base=10)", "simple_function_checker:missing_required"),
        ("area(base=10, height=5)", "simple_function_checker:wrong_func_name"),
        ("calculate_triangle_area(base=10, height=5)\ncalculate_triangle_area(base=10, height=5)", "simple_function_checker:wrong_count"),
        ("It is 25.", "no_call"),
    ):
        assert scored(asked, text)[0].verdict == verdict


def test_a_call_for_which_the_checker_has_no_rule_is_wrong():
    function = {"name": "f", "parameters": {"type": "dict", "properties": {"a": {"type": "array"}}, "required": []}}
    assert calls_agree([ToolCall("f", {"a": [1]})], "simple_python", [function], [{"f": {"a": [[1]]}}]) == "checker:KeyError"


@pytest.mark.parametrize(
    ("value", "verdict"),
    [("5L", "right"), ("5", "type_error:simple"), (5, "type_error:simple"), ("6L", "value_error:others"), (True, "type_error:simple")],
)
def test_a_value_of_java_is_source_text(reading, value, verdict):
    asked = sample(reading, "simple_java_32")
    (call,) = PythonDialect().parse(gold_texts(asked)[0], asked.task.tools).calls
    changed = ToolCall(call.call.name, {**call.call.arguments, "waitTime": value})
    assert call.call.arguments["waitTime"] == "5L"
    assert scored(asked, PythonDialect().render([changed], asked.task.tools))[0].verdict == verdict


PLACE = GoldCall("weather", {"coordinates": [1.5, 2], "unit": "C"})
SUM = GoldCall("add", {"a": 1, "b": 2})


@pytest.mark.parametrize(
    ("calls", "verdict"),
    [
        ([("weather", {"coordinates": [9, -8.5], "unit": "F"}), ("add", {"b": 2, "a": 1.0})], "right"),
        ([("add", {"a": 1, "b": 2}), ("weather", {"coordinates": [1.5, 2], "unit": "C"})], "right"),
        ([("weather", {"coordinates": [1.5], "unit": "C"}), ("add", {"a": 1, "b": 2})], "executable_checker:no_match"),
        ([("weather", {"coordinates": [1.5, "2"], "unit": "C"}), ("add", {"a": 1, "b": 2})], "executable_checker:no_match"),
        ([("weather", {"coordinates": [1.5, 2]}), ("add", {"a": 1, "b": 2})], "executable_checker:no_match"),
        ([("weather", {"coordinates": [1.5, 2], "unit": "C"}), ("add", {"a": 2, "b": 1})], "executable_checker:no_match"),
        ([("weather", {"coordinates": [1.5, 2], "unit": "C"}), ("sum", {"a": 1, "b": 2})], "executable_checker:no_match"),
        ([("weather", {"coordinates": [1.5, 2], "unit": "C"})], "executable_checker:wrong_count"),
        ([], "no_call"),
    ],
)
def test_executable_sets_are_compared_by_value_or_by_form(calls, verdict):
    made = [ToolCall(name, arguments) for name, arguments in calls]
    assert executes_alike(made, [PLACE, SUM], ["structural_match", "exact_match"]) == verdict


def test_a_gold_call_takes_the_call_that_matches_it_and_no_other():
    """ToolCall(1) == ToolCall(True) in Python, and one record of the wheel lists a kind too many."""
    made, gold = ([kind("f", {"a": value}) for value in values] for kind, values in ((ToolCall, (1, True)), (GoldCall, (True, 1))))
    assert executes_alike(made, gold, ["exact_match"] * 3) == "right"


def test_executable_sets_have_the_papers_measures(reading):
    asked = next(s for s in reading.samples if s.groups["category"] == "exec_parallel")
    first, *_, last = [PythonDialect().render([gold.call], asked.task.tools) for gold in asked.task.gold[0].calls]
    both = ["TS any", "PI any", "CF any", "TS all", "PI all", "CF all"]
    assert right(scored(asked, *gold_texts(asked))[0]) == ["accuracy", *both]
    assert right(scored(asked, first)[0]) == right(scored(asked, f"no_such_tool()\n{last}\n{first}")[0]) == both[:3]
    assert scored(asked, *gold_texts(asked))[0].verdict == "right"
    assert scored(asked, first)[0].verdict == "calls_missing"
    assert scored(asked, "no_such_tool()")[0].verdict == "tool_hallucination"
    assert scored(asked, "\n".join([*gold_texts(asked), first]))[0].verdict == "executable_checker:wrong_count"
    (only,) = gold_texts(sample(reading, "exec_simple_0"))
    assert right(scored(sample(reading, "exec_simple_0"), f"no_such_tool()\n{only}")[0]) == []
    assert right(scored(asked, "Let me see.")[0]) == []


def test_what_is_not_answered_counts_against_every_measure_of_its_category(reading):
    asked = [sample(reading, name) for name in ("exec_simple_0", "simple_python_0")]
    card = Scorecard.of(SUITE, Reading(asked), {}, {})
    assert [set(result.measures) for result in card.results] == [set(SUITE.measures), {"accuracy"}]
    assert card.summary["all"]["accuracy"].samples == 2 and card.summary["all"]["CF all"].samples == 1
    assert card.verdicts == {"no_answer": 2}


def test_a_conversation_is_right_once_every_answer_left_the_state_as_gold_does(reading):
    asked = sample(reading, "multi_turn_base_0")
    gold = gold_texts(asked)
    assert scored(asked, *gold)[0].verdict == "right"
    assert scored(asked, *gold[1:])[0].verdict == "goal_not_reached"
    assert scored(asked, *gold[:-2])[0].verdict == "turn_limit"
    assert scored(asked, *[text for text in gold if not text.startswith("finish")])[0].verdict != "right"


def test_a_turn_that_cannot_be_read_is_no_answer_and_a_text_is_one(reading):
    asked = sample(reading, "multi_turn_base_0")
    gold = gold_texts(asked)
    assert scored(asked, "cd(folder=document)", *gold)[0].verdict == "right"
    assert scored(asked, "I will look into it.", *gold)[0].verdict != "right"


# ---- what cannot be read


def test_a_record_that_cannot_be_read_is_named_and_wrong(tmp_path, monkeypatch):
    monkeypatch.setattr(bfcl, "_data", lambda: tmp_path)
    monkeypatch.setattr(suite, "PARTS", {"non_live": ("simple_python",), "multi_turn": ("multi_turn_base",)})
    (tmp_path / "possible_answer").mkdir()
    function = {"name": "f", "description": "", "parameters": {"type": "dict", "properties": {}, "required": []}}
    asked = [[{"role": "user", "content": "line\u2028break"}]]
    write(
        tmp_path / "BFCL_v4_simple_python.json",
        {"id": "a", "question": asked, "function": [function]},
        "{",
        [1],
        {"id": "b", "question": asked},
    )
    with (tmp_path / "BFCL_v4_simple_python.json").open("a") as file:
        file.write(json.dumps({"id": "c", "question": asked, "function": [function]}) + "\n")
        file.write(json.dumps({"id": "d", "question": [], "function": [function]}) + "\n")
    write(tmp_path / "possible_answer/BFCL_v4_simple_python.json", *({"id": name, "ground_truth": [{"f": {}}]} for name in "abd"))
    write(tmp_path / "BFCL_v4_multi_turn_base.json", {"id": "m", "question": asked})
    write(tmp_path / "possible_answer/BFCL_v4_multi_turn_base.json", {"id": "m", "ground_truth": [[]]})
    found = SUITE.read(None)
    assert [s.task.id for s in found.samples] == ["a"]
    assert [(lost.where, lost.reason.split(":")[0], lost.groups["category"]) for lost in found.unreadable] == [
        ("BFCL_v4_simple_python.json:2", "Expecting property name enclosed in double quotes", "simple_python"),
        ("BFCL_v4_simple_python.json:3", "an object with an id was expected", "simple_python"),
        ("BFCL_v4_simple_python.json:4", "KeyError", "simple_python"),
        ("BFCL_v4_simple_python.json:5", "'c' has no answer that can be read", "simple_python"),
        ("BFCL_v4_simple_python.json:6", "ValueError", "simple_python"),
        ("BFCL_v4_multi_turn_base.json:1", "KeyError", "multi_turn_base"),
    ]


def write(path, *lines):
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)) + "\n" for line in lines))
