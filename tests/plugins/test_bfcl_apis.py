"""BFCL's conversations through our environment, beside the wheel's own runner and checker, which know nothing of it."""

import asyncio
import contextlib
import json
from dataclasses import dataclass, replace
from importlib.resources import files

import pytest
from bfcl_eval.eval_checker.multi_turn_eval import multi_turn_utils
from bfcl_eval.eval_checker.multi_turn_eval.multi_turn_checker import multi_turn_checker

from envs.bfcl_apis import CATEGORIES, BfclApis, tasks
from raytool.config.rollout import ToolHostConfig
from raytool.dialects import PythonDialect
from raytool.env import FINISH
from raytool.records import Feedback, GoldCall, StopReason, ToolCall
from raytool.rollout.hosts import ToolHosts
from raytool.tasks import check
from rewards.tl_training import TLTraining
from tests.unit.builders import played

every_category = pytest.mark.parametrize("category", CATEGORIES)


def lines(name):
    return {record["id"]: record for record in map(json.loads, (files("bfcl_eval") / "data" / name).read_text().splitlines())}


def action(*calls):
    return json.dumps({"calls": [{"name": call.name, "arguments": call.arguments} for call in calls]})


@dataclass
class Conversation:
    """What the environment executed and observed, by what the user said; in the wheel's form."""

    calls: list[list[str]]
    observations: list[list[str]]
    feedback: set[str]
    goal_reached: bool


def play(task, calls):
    """Make calls one by one, each `finish` an answer."""
    env = BfclApis()
    env.reset(options={"task": task})
    made = Conversation([[]], [[]], set(), False)
    for call in calls:
        *_, ended, _, info = env.step(action(call))
        made.feedback |= set(info["feedback"])
        if call.name != FINISH.name:
            made.calls[-1].append(PythonDialect().render([call], task.tools))
            made.observations[-1] += info["observations"]
        elif not ended:
            made.calls.append([])
            made.observations.append([])
    assert ended
    made.goal_reached = info["goal_reached"]
    return made


@contextlib.contextmanager
def official():
    """The wheel's runner keeps its instances as globals of its module."""
    before = set(vars(multi_turn_utils))
    yield
    for name in set(vars(multi_turn_utils)) - before:
        delattr(multi_turn_utils, name)


def officially_valid(made, record, answers):
    """The checker's word; each call is a step of its own."""
    with official():
        steps = [[[call] for call in calls] for calls in made.calls]
        return multi_turn_checker(steps, answers, record, record["id"].rsplit("_", 1)[0], "ours")["valid"]


def officially_observed(made, record):
    with official():
        return [
            multi_turn_utils.execute_multi_turn_func_call(
                calls, record["initial_config"], record["involved_classes"], "ours", record["id"], "long_context" in record["id"]
            )[0]
            for calls in made.calls
        ]


def with_records(category):
    records, answers = lines(f"BFCL_v4_{category}.json"), lines(f"possible_answer/BFCL_v4_{category}.json")
    for task in tasks([category], split="all"):
        name = task.id.removeprefix("bfcl-")
        yield task, records[name], answers[name]["ground_truth"]


@every_category
def test_gold_reaches_the_goal_in_all_200_records_for_us_and_for_the_official_checker(category):
    valid = reached = same = count = 0
    for task, record, answers in with_records(category):
        made = play(task, [gold.call for gold in task.gold[0].calls])
        assert made.feedback == {"ok"}, task.id
        assert [len(calls) for calls in made.calls] == [len(calls) for calls in answers], task.id
        count += 1
        valid += officially_valid(made, record, answers)
        reached += made.goal_reached
        same += made.observations == officially_observed(made, record)
    assert (valid, reached, same, count) == (200, 200, 200, 200)


def broken(calls):
    """Gold without one of its calls, and with another value for one parameter."""
    for at, call in enumerate(calls):
        if call.name == FINISH.name:
            continue
        yield calls[:at] + calls[at + 1 :]
        for name, value in list(call.arguments.items())[:1]:
            other = not value if isinstance(value, bool) else value + 7 if isinstance(value, int | float) else "elsewhere"
            yield [*calls[:at], ToolCall(call.name, {**call.arguments, name: other}), *calls[at + 1 :]]


@every_category
def test_what_is_not_gold_gets_the_official_verdict(category):
    """Every fifth record, broken in every place: most of it fails, and some does not matter, for both."""
    verdicts = []
    for task, record, answers in list(with_records(category))[::5]:
        for calls in broken([gold.call for gold in task.gold[0].calls]):
            made = play(task, calls)
            assert made.goal_reached == officially_valid(made, record, answers), (task.id, made.calls)
            verdicts.append(made.goal_reached)
    assert len(verdicts) > 300 and 0.7 * len(verdicts) < verdicts.count(False) < len(verdicts)


@pytest.fixture
def task():
    """Three things said; files."""
    return next(task for task in tasks() if task.id.endswith("base_0"))


def opened(task):
    env = BfclApis()
    env.reset(options={"task": task})
    return env


@pytest.mark.parametrize(
    ("call", "feedback", "observation"),
    [
        (ToolCall("cd", {"folder": "document"}), "ok", '{"current_working_directory": "document"}'),
        (ToolCall("cd", {"folder": "nowhere"}), "other", '{"error": "cd: \'nowhere\': No such file or directory"}'),
        (ToolCall("cd", {"folder": "1 + 1"}), "other", '{"error": "cd: \'1 + 1\': No such file or directory"}'),
        (ToolCall("cd", {"folder": 7}), "tool_call_failure", "Error during execution: 'int' object has no attribute 'rstrip'"),
        (ToolCall("cd", {"path": "document"}), "parameter_hallucination", "cd() got an unexpected keyword argument 'path'"),
        (ToolCall("cd"), "parameter_missing", "cd() missing 1 required argument: 'folder'"),
        (ToolCall("_load_scenario", {"scenario": {}}), "tool_hallucination", "name '_load_scenario' is not defined"),
        (ToolCall("lock_doors", {"unlock": True}), "tool_hallucination", "name 'lock_doors' is not defined"),
    ],
)
def test_what_went_wrong_is_typed_feedback(task, call, feedback, observation):
    said, *_, info = opened(task).step(action(call))
    assert (said, info["feedback"]) == (observation, [feedback])


def test_an_answer_is_followed_by_what_the_user_says_next(task):
    env = opened(task)
    for number, said in enumerate(task.follow_ups):
        # By `finish` or as a closing text, it is an answer.
        given = json.dumps({"final": "Done."}) if number % 2 else action(ToolCall("finish", {"answer": "Done."}))
        observation, _, ended, _, info = env.step(given)
        assert (observation, ended) == (said.query, False)
    *_, ended, _, info = env.step(json.dumps({"final": "Done."}))
    assert ended and info["goal_reached"] is False and "follow_up" not in info


def test_an_answer_that_came_too_early_is_not_made_up_for(task):
    """The state after each answer is compared, not only the last."""
    calls = [gold.call for gold in task.gold[0].calls]
    first = next(at for at, call in enumerate(calls) if call.name == FINISH.name)
    assert play(task, calls).goal_reached
    late = [*calls[: first - 1], calls[first], calls[first - 1], *calls[first + 1 :]]
    assert [call.name for call in late[first - 1 : first + 1]] == ["finish", "mv"]
    assert not play(task, late).goal_reached


def test_more_than_twenty_turns_for_an_answer_end_the_episode(task):
    (look,), gold = [ToolCall("ls")], [gold.call for gold in task.gold[0].calls]
    patient = played(task, *[PythonDialect().render([call], task.tools) for call in [*[look] * 16, *gold]], env=BfclApis())
    assert (patient.stop, patient.goal_reached) == (StopReason.FINISHED, True)
    endless = played(task, *["ls()"] * 30, env=BfclApis())
    assert (endless.stop, endless.goal_reached, len(endless.turns)) == (StopReason.ENVIRONMENT_END, False, 21)


def test_a_conversation_that_is_cut_is_judged_as_it_stands(task):
    calls = [gold.call for gold in task.gold[0].calls]
    env = opened(task)
    for call in calls[:-1]:
        assert not env.goal_reached(None)
        env.step(action(call))
    assert env.goal_reached(None) and env.goal_reached(None)


def test_missing_functions_come_with_a_follow_up():
    task = next(task for task in tasks(["multi_turn_miss_func"]) if task.id.endswith("_0"))
    at = next(number for number, said in enumerate(task.follow_ups) if said.tools)
    assert task.follow_ups[at].tools == ("sort",)
    sort = ToolCall("sort", {"file_name": "final_report.pdf"})
    env = opened(task)
    for _ in range(at + 1):
        assert env.step(action(sort))[4]["feedback"] == ["tool_hallucination"]
        env.step(json.dumps({"final": "I cannot."}))
    assert env.step(action(sort))[4]["feedback"] == ["other"]  # no such file here, but such a function

    gold = [PythonDialect().render([gold.call], task.tools) for gold in task.gold[0].calls]
    right = played(task, *gold, env=BfclApis())
    text = "".join(map(chr, right.tokens))
    assert text.count("def sort(") == 1 and text.count("def cd(") == 1
    arrival = text.index("<user>Answer by calling these functions.\ndef sort(")
    assert text.index("\n\nI have updated some more functions") > arrival
    assert text.index("sort(file_name=") > arrival > text.index("def cd(")
    judged = right.judged(TLTraining()(right))
    assert {call.verdict.category for call in judged.calls} == {"all_right"} and judged.outcome == 1
    early = TLTraining()(played(task, "sort(file_name='final_report.pdf')", *["Done."] * 5, env=BfclApis()))
    assert (early.verdicts[0].category, early.outcome) == ("tool_hallucination", -1)


def test_a_function_that_gold_needs_earlier_is_not_held_back():
    """In one record BFCL itself calls `tail` before its document is there."""
    for task in tasks(["multi_turn_miss_func"], split="all"):
        held_back = {name for said in task.follow_ups for name in said.tools}
        assert held_back and held_back.isdisjoint(spec.name for spec in task.first_tools)
        assert held_back | {spec.name for spec in task.first_tools} == {spec.name for spec in task.tools}


def test_a_default_is_gold_said_or_unsaid():
    found = [call for task in tasks(["multi_turn_base"], split="all") for call in task.gold[0].calls]
    (listed, *_) = [call for call in found if call.name == "ls" and "a" not in call.arguments]
    assert listed.accept == {"a": (False,)} and listed.redundant({"a": False}) == [] and listed.redundant({"a": True}) == ["a"]
    tweets = [call for call in found if call.name == "post_tweet"]
    assert all("tags" in call.accept for call in tweets if "tags" not in call.arguments)
    assert sum(bool(call.accept or call.optional) for call in found) > 60


def test_one_conversation_leaves_nothing_to_the_next(task):
    """The wheel's classes share defaults and extensions between their instances."""
    found = list(tasks(["multi_turn_long_context"], split="all", count=40))
    first = [play(task, [gold.call for gold in task.gold[0].calls]).observations for task in found]
    again = [play(task, [gold.call for gold in task.gold[0].calls]).observations for task in reversed(found)]
    assert first == again[::-1]


def test_records_are_split_by_number_over_all_categories():
    train, test = (list(tasks(CATEGORIES, split=split)) for split in ("train", "test"))
    assert (len(train), len(test)) == (640, 160)
    numbers = [{task.id.rsplit("_", 1)[1] for task in found} for found in (train, test)]
    assert not numbers[0] & numbers[1]
    check(train, test)  # no query, and no gold, is in both
    assert [task.id for task in tasks(split="test", count=2)] == ["bfcl-multi_turn_base_20", "bfcl-multi_turn_base_21"]


@pytest.mark.parametrize(
    ("options", "told"),
    [({"categories": ["multi_turn"]}, "categories: BFCL has no 'multi_turn' of several turns"), ({"split": "dev"}, "split: .*'dev'")],
)
def test_a_wrong_option_is_named(options, told):
    with pytest.raises(ValueError, match=told):
        list(tasks(**options))


def test_gold_that_does_not_fit_the_conversation_is_refused(task):
    short = replace(task, gold=(replace(task.gold[0], calls=task.gold[0].calls[:-1]),))
    with pytest.raises(ValueError, match="gold has 3 answers to 4 things said"):
        opened(short)
    assert play(replace(task, gold=()), [GoldCall("finish", {"answer": ""}).call] * 4).goal_reached is None


def test_a_lost_host_costs_a_conversation_nothing():
    task = next(task for task in tasks() if "MathAPI" in task.options["involved_classes"])

    async def main():
        hosts = ToolHosts(ToolHostConfig(isolation="none", call_limit_s=2.0))
        try:
            environment = await hosts.open(task)
            said = []
            for number, gold in enumerate(task.gold[0].calls):
                if number % 4 == 2:
                    environment._host.kill("to see what comes of it")
                if number == 3:
                    forever = await environment.step(action(ToolCall("power", {"base": 9, "exponent": 10**9})))
                    assert forever.feedback == [Feedback.TOOL_CALL_FAILURE]
                step = await environment.step(action(gold.call))
                said += [step.follow_up] if step.follow_up else []
            return said, step, hosts.counts
        finally:
            await hosts.close()

    said, step, counts = asyncio.run(main())
    assert tuple(said) == task.follow_ups
    assert (step.ended, step.finished, step.goal_reached) == (True, True, True)
    assert counts["rebuilt"] >= 1 and counts["tool_call_failure"] == 1
