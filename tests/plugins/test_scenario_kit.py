"""The kit that scenarios share: what tasks it draws, shown on the office, and the small parts that recipes are written with."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest

from envs.office import SCENARIO, tasks
from envs.office.queries.desk import OfficeDesk
from envs.scenario import checks
from envs.scenario.clock import days_after, working_days
from envs.scenario.drawing import ASK, KINDS, NOTHING, PARTS
from envs.scenario.env import says
from envs.scenario.wording import long_date, number_answer, time_answer, twelve_hours
from raytool.env import ASK_TO_USER, FINISH, ToolEnv, ToolError, tool
from raytool.records import Feedback, Task, ToolCall, ToolSpec, UserError

HELD_OUT = SCENARIO.held_out
WIDEST = len(SCENARIO.env.tools) - len(HELD_OUT)  # tools that a task for training can offer


def offered(task: Task) -> list[str]:
    return [spec.name for spec in task.tools if spec.name not in (ASK_TO_USER.name, FINISH.name)]


def called(task: Task) -> set[str]:
    return {call.name for gold in task.gold for call in gold.calls} - {ASK_TO_USER.name, FINISH.name}


# ---- drawing


def test_half_of_the_kinds_are_single_calls_and_longer_ones_are_rarer() -> None:
    shares = [KINDS.count(kind) / len(KINDS) for kind in (1, 2, 3, 4, 5, 6, ASK, NOTHING)]
    assert shares == [1 / 2, 6 / 32, 4 / 32, 2 / 32, 1 / 32, 1 / 32, 1 / 32, 1 / 32]
    assert all(KINDS[index] == 1 for index in range(0, len(KINDS), 2)), "however few are drawn, half of them are single calls"


def test_tasks_have_the_kinds_in_turn() -> None:
    drawn = list(islice(SCENARIO.sequence(tools=6), 2 * len(KINDS)))
    for task, kind in zip(drawn, KINDS * 2, strict=True):
        if isinstance(kind, int):
            assert task.tags["kind"] == ("single" if kind == 1 else "multi") and task.tags["calls"] == str(kind)
            assert all(len(gold.calls) == kind + 1 for gold in task.gold)
        else:
            assert task.tags["kind"] == kind


def test_tasks_are_put_together_from_requests_by_parts() -> None:
    assert all(sum(part) == calls for calls, parts in PARTS.items() for part in parts)
    requests: dict[str, Counter[int]] = {}
    for task in islice(SCENARIO.sequence(tools=6), 800):
        if task.tags["kind"] in ("single", "multi"):
            lines = task.query.splitlines()
            requests.setdefault(task.tags["calls"], Counter())[
                len([line for line in lines if len(lines) == 1 or not line.endswith(":")])
            ] += 1
    for calls, found in requests.items():
        assert set(found) == {len(part) for part in PARTS[int(calls)]}, calls
    assert requests["2"][1] / requests["2"].total() == pytest.approx(2 / 3, abs=0.15)
    assert requests["3"][1] / requests["3"].total() == pytest.approx(1 / 2, abs=0.15)


def test_requests_of_one_task_touch_areas_of_their_own() -> None:
    for task in islice(SCENARIO.sequence(seed=3, tools=6), 200):
        if task.gold[0].free_order:
            areas = [next(area for area in SCENARIO.env.__mro__ if name in vars(area)) for name in called(task)]
            assert len(areas) == len(set(areas)) == int(task.tags["calls"])


def test_lookups_may_come_in_any_order() -> None:
    task = next(task for task in tasks("test", 200) if [call.name for call in task.gold[0].calls[:2]] == ["find_contact"] * 2)
    firsts = [[call.arguments["name"] for call in gold.calls[:2]] for gold in task.gold]
    assert firsts[0] != firsts[0][::-1] in firsts and all(gold.calls[2:] == task.gold[0].calls[2:] for gold in task.gold)


@pytest.mark.parametrize("tools", [1, 5, WIDEST])
def test_held_out_tools_are_never_offered_in_training(tools: int) -> None:
    assert len(HELD_OUT) == math.ceil(len(SCENARIO.env.tools) / 5)
    for task in islice(SCENARIO.sequence(seed=tools, tools=tools), 100):
        if task.tags["split"] == "train":
            assert not HELD_OUT & {*offered(task), *called(task)}, task
            assert task.tags["held_out"] == ""
        elif task.tags["kind"] != NOTHING:
            assert task.tags["held_out"] == ("tool" if HELD_OUT & called(task) else "query")


@pytest.mark.parametrize("tools", [1, 2, 6, WIDEST])
def test_any_number_of_tools_can_be_offered(tools: int) -> None:
    for task in islice(SCENARIO.sequence(seed=1, tools=tools), 100):
        if task.tags["kind"] != NOTHING:
            assert called(task) <= set(offered(task)) and int(task.tags["calls"]) <= tools
            assert len(set(offered(task))) == tools
        assert 1 <= len(offered(task)) <= tools


def test_where_nothing_serves_no_tool_of_the_area_is_offered() -> None:
    found = [task for task in islice(SCENARIO.sequence(), 200) if task.tags["kind"] == NOTHING]
    assert found
    for task in found:
        assert called(task) == set() and len(offered(task)) == 5 and task.tags["calls"] == "0"


def test_a_sampled_task_is_for_training_and_can_be_done() -> None:
    kinds = set()
    for seed in range(120):
        task = SCENARIO.sample_task(np.random.default_rng(seed))
        kinds.add(task.tags["kind"])
        assert task.tags["split"] == "train" and called(task) <= set(offered(task)) and len(offered(task)) == 5
    assert kinds == {"single", "multi", ASK, NOTHING}


def test_tasks_are_a_function_of_their_arguments() -> None:
    assert tasks("train", 20) == tasks("train", 30)[:20] != tasks("train", 20, seed=1)
    script = "from envs.office import tasks; print(tasks('train', 15), tasks('test', 15, seed=4, tools=7))"
    expected = f"{tasks('train', 15)} {tasks('test', 15, seed=4, tools=7)}"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
        assert run.stdout.strip() == expected


@pytest.mark.parametrize(
    ("split", "tools", "told"),
    [
        ("validation", 5, "split: 'validation' given; 'train' or 'test' is expected"),
        ("train", 0, f"tools is 0, not 1 to {WIDEST}"),
        ("test", WIDEST + 1, f"tools is {WIDEST + 1}, not 1 to {WIDEST}"),
    ],
)
def test_arguments_out_of_range_are_refused(split: Any, tools: int, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        tasks(split, 1, tools=tools)


# ---- playing


def test_the_user_answers_with_the_tasks_reply() -> None:
    task = next(task for task in SCENARIO.sequence() if task.tags["kind"] == ASK)
    env = SCENARIO.env()
    question = ToolCall(ASK_TO_USER.name, {"question": "Which one?"})
    env.reset(options={"task": task})
    assert env.execute(question) == (task.reply, Feedback.OK)
    assert env.execute(question) == (task.reply, Feedback.OK)
    assert task.gold[0].calls[0].wrong_values(question.arguments) == [], "in whatever words"
    assert env.execute(ToolCall(ASK_TO_USER.name)) == ("ask_to_user() missing 1 required argument: 'question'", Feedback.PARAMETER_MISSING)
    env.reset(options={"task": replace(task, reply="")})
    assert env.execute(question) == ("The user has nothing to add.", Feedback.OK)


def test_where_nothing_serves_the_user_is_to_be_told() -> None:
    env = SCENARIO.env()
    task = next(task for task in SCENARIO.sequence() if task.tags["kind"] == NOTHING)
    env.reset(options={"task": task})
    assert env.goal_reached(None) is False
    assert env.goal_reached("I cannot do that.") is True


def test_a_stray_change_misses_the_goal_of_a_question() -> None:
    task = next(task for task in tasks("train", 50) if task.answer and task.gold[0].calls[0].name == "read_cell")
    env = SCENARIO.env()
    for stray in (False, True):
        env.reset(options={"task": replace(task, tools=(*SCENARIO.env.tool_specs(), FINISH))})
        if stray:
            assert env.execute(ToolCall("create_todo", {"text": "Something else", "due": "2026-01-01"}))[1] is Feedback.OK
        assert env.goal_reached(task.gold[0].calls[-1].arguments["answer"]) is False, "nobody has looked"
        assert env.execute(task.gold[0].calls[0].call)[1] is Feedback.OK
        assert env.goal_reached(task.gold[0].calls[-1].arguments["answer"]) is not stray


# ---- weaker versions of tools


class Two(ToolEnv):
    """A tool and a weaker version of it."""

    @tool
    def add(self, left: int, right: int = 1) -> int:
        """Add two numbers."""
        return left + right

    @tool(weaker_than="add")
    def increment(self, left: int) -> int:
        """Add one to a number."""
        return self.add(left)

    def start(self, task: Task, random: np.random.Generator) -> None:
        pass


def test_a_weaker_version_runs_only_where_a_task_offers_it() -> None:
    assert set(Two.tools) == {"add"} and Two.weak_tools["add"].spec.name == "increment"
    assert [spec.name for spec in Two.tool_specs()] == ["add"]
    env = Two()
    for names, told in (((), ("name 'increment' is not defined", Feedback.TOOL_HALLUCINATION)), (("increment",), ("3", Feedback.OK))):
        env.reset(options={"task": Task("t", "", "q", Two.tool_specs(*names))})
        assert env.execute(ToolCall("increment", {"left": 2})) == told
    assert env.execute(ToolCall("increment", {"left": 2, "right": 5}))[1] is Feedback.PARAMETER_HALLUCINATION


def test_a_tool_that_the_environment_has_not_is_no_question_to_the_user() -> None:
    env = Two()
    lend = ToolSpec("lend", "Lend a book.")
    with pytest.raises(UserError, match=r"^task t: tools\.1: 'lend' is no tool of m:Two \(add, increment\)$"):
        env.reset(options={"task": Task("t", "m:Two", "q", (*Two.tool_specs(), lend))})
    env.task = Task("t", "", "q", (lend,))
    with pytest.raises(KeyError, match="lend"):
        env.execute(ToolCall("lend"))


@pytest.mark.parametrize(
    ("strong", "told"),
    [
        ("subtract", "names 'subtract', which is no tool"),
        ("increment", "names 'increment', which is no tool, or a weaker one"),
        ("add", "names 'add', which has another weaker version"),
    ],
)
def test_a_weaker_version_is_of_one_tool_that_has_no_other(strong: str, told: str) -> None:
    with pytest.raises(TypeError, match=told):

        class Three(Two):
            @tool(weaker_than=strong)
            def decrement(self, left: int) -> int:
                """Take one away from a number."""
                return left - 1


# ---- writing


def test_a_default_is_gold_said_or_unsaid() -> None:
    desk = OfficeDesk(np.random.default_rng(0), 0)
    desk.call("send_email", {"to": (["b@b.com"],)}, to=["a@a.com"], subject="s", body="b", as_draft=False)
    desk.call("send_email", to=["a@a.com"], subject="s", body="b")
    said, unsaid = desk.calls
    assert said.optional == ("as_draft",) and unsaid.accept == {"as_draft": (False,)} and unsaid.optional == ()
    assert said.accept == {"to": (["b@b.com"],)}
    for gold in desk.calls:
        assert gold.missing({"to": [], "subject": "s", "body": "b"}) == []
        assert gold.wrong_values({"as_draft": False}) == gold.redundant({"as_draft": False}) == []
    assert said.wrong_values({"as_draft": True}) == ["as_draft"] and unsaid.redundant({"as_draft": True}) == ["as_draft"]


def test_a_default_that_is_equally_right_may_be_left_unsaid() -> None:
    desk = OfficeDesk(np.random.default_rng(0), 0)
    desk.call("send_email", {"as_draft": (False,)}, to=["a@a.com"], subject="s", body="b", as_draft=True)
    (gold,) = desk.calls
    assert gold.optional == ("as_draft",) and gold.missing({"to": [], "subject": "s", "body": "b"}) == []


def test_gold_that_fails_is_not_written() -> None:
    desk = OfficeDesk(np.random.default_rng(0), 0)
    with pytest.raises(ToolError, match="no contact"):
        desk.call("find_contact", name="Nobody Here")


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("It is 12.", "12", True),
        ("It is 12.5.", "12", False),
        ("It is m123.", "12", False),
        ("on 2026-01-02", "2", False),
        ("At 2:30PM", "2:30 pm", True),
        ("ANA  SILVA wrote it", "Ana Silva", True),
        ("twelve", "12", False),
        ("It will be -4 degrees.", "4", False),
        ("It will be -4 degrees.", "-4", True),
        ("flight-4 is late", "4", True),
    ],
)
def test_says(text: str, value: str, expected: bool) -> None:
    assert says(text, value) is expected


def test_words_for_values() -> None:
    assert long_date("2026-03-09") == "9 March 2026"
    assert [twelve_hours(time) for time in ("00:15", "09:05", "12:00", "23:30")] == ["12:15 am", "9:05 am", "12:00 pm", "11:30 pm"]
    assert time_answer("14:30") == ("14:30", "2:30 pm") and time_answer("14:00") == ("14:00", "2:00 pm", "2 pm")
    assert says("There are none.", number_answer(0)[-2]) and number_answer(0) == ("0", "zero", "none", "no")
    assert [number_answer(value) for value in (3, 1234, 1234.5, 11)] == [("3", "three"), ("1234", "1,234"), ("1234.5", "1,234.5"), ("11",)]


def test_days_follow_the_calendar() -> None:
    assert days_after("2024-02-28", 1) == "2024-02-29" and days_after("2026-01-01", -1) == "2025-12-31"
    friday = "2026-03-13"
    assert working_days(friday)[:2] == ["2026-03-16", "2026-03-17"] and len(working_days(friday)) == 10


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (checks.checked_date, "2024-02-29", ["2023-02-29", "20240229", "tomorrow", ""]),
        (checks.checked_time, "23:59", ["24:00", "9:00", "12:60", "noon", ""]),
        (lambda address: checks.check_addresses([address]), "ada@acorn.com", ["ada", "ada@acorn", "a b@acorn.com", ""]),
        (lambda text: checks.check_text(title=text), "a", ["", " \n"]),
    ],
)
def test_checks_name_the_value_and_what_was_expected(check: Any, good: str, bad: list[str]) -> None:
    check(good)
    for value in bad:
        with pytest.raises(ToolError, match=r"is no |is empty"):
            check(value)
