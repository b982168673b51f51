"""`python -m raytool.tasks validate`: what holds passes, and what does not is named with an exit code of 2."""

from __future__ import annotations

import itertools
import os
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from envs import suite
from raytool import tasks
from raytool.env import ASK_TO_USER, FINISH, ToolEnv, ToolError, tool
from raytool.records import Episode, Gold, GoldCall, Judgement, Task, Verdict
from raytool.tasks import validation
from raytool.tasks.__main__ import main
from rewards.tl_training import TLTraining

EACH = 6  # tasks of a scenario


@pytest.fixture(scope="module")
def few() -> dict[str, list[Task]]:
    return {name: list(itertools.islice(suite.scenario(name).sequence(), EACH)) for name in suite.COUNTS}


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Validate tasks by file; the exit code and what was printed."""

    def validated(files: dict[str, list[Task]], *arguments: str) -> tuple[int, str, str]:
        for name, found in files.items():
            tasks.write(found, tmp_path / f"{name}.jsonl")
        code = main(["validate", str(tmp_path), "--minimum", "0", "--workers", "1", *arguments])
        return code, *capsys.readouterr()

    return validated


def test_tasks_of_every_scenario_hold(run, few) -> None:
    code, out, err = run(few, "--minimum", "5", "--workers", "2")
    assert (code, err) == (0, "")
    assert f"{EACH * 7} tasks of 7 sources hold" in " ".join(out.split())
    rows = {cells[1].strip(): cells[2:5] for line in out.splitlines() if len(cells := line.split("│")) == 6}
    assert int(rows["all_right"][0]) == EACH * 7 and int(rows["all_right"][2]) == 0
    assert int(rows["off_gold"][0]) == EACH * 7 and int(rows["off_gold"][2]) == 0
    assert "tool_instability" not in rows


def test_a_category_that_was_seen_too_rarely_is_named(run, few) -> None:
    code, out, err = run({"iot": few["iot"]}, "--minimum", "500")
    assert code == 2 and "6 tasks of 1 sources hold" in " ".join(out.split())
    assert "format_error: seen in 6 tasks, at least 500 expected (--minimum)" in err


def test_the_tasks_of_a_function_are_proved_and_a_goal_that_nobody_knows_is_none_that_was_missed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["--option", "split=train", "--option", "count=3", "--option", "only=[iot]"]
    code = main(["validate", "envs.suite:tasks", *options, "--minimum", "0", "--workers", "1"])
    assert code == 0 and "3 tasks of 1 sources hold" in " ".join(capsys.readouterr().out.split())
    source = f"{__name__}:unknowing"
    assert (main(["validate", source, "--minimum", "0", "--workers", "1"]), capsys.readouterr().err) == (0, "")
    assert main(["validate", "tests/plugins", "--option", "count=3"]) == 2
    assert "--option count: has no effect on a folder; leave it out" in capsys.readouterr().err


class Unknowing(ToolEnv):
    """It does not know whether a goal is reached."""

    def start(self, task: Task, random: np.random.Generator) -> None: ...

    @tool
    def add(self, number: int) -> str:
        """Add a number."""
        return f"{number} more"


def unknowing() -> list[Task]:
    gold = Gold((GoldCall("add", {"number": 3}), GoldCall("finish", {"answer": "Done."}, free=("answer",))))
    return [Task("u", f"{__name__}:Unknowing", "Add 3.", (*Unknowing.tool_specs(), FINISH), (gold,))]


class Tally(ToolEnv):
    """Adds up; the goal is a sum of 4. `read` does what it must not: it fails, and has changed something."""

    def start(self, task: Task, random: np.random.Generator) -> None:
        self.sum = 0

    def goal_reached(self, answer: str | None) -> bool | None:
        return self.sum == 4 and answer is not None

    @tool
    def add(self, number: int) -> int:
        """Add a number."""
        self.sum += number
        return self.sum

    @tool
    def read(self, unit: str) -> int:
        """Read the sum."""
        if unit != "apples":
            self.sum += 1
            raise ToolError(f"nothing is counted in {unit}")
        return self.sum


class Replaying(Tally):
    """Its goal plays gold again, which fails where gold does."""

    def goal_reached(self, answer: str | None) -> bool | None:
        assert self.task is not None
        for call in self.task.gold[0].calls:
            if call.name == "read":
                self.read(**call.arguments)
        return {}[self.sum]  # type: ignore[no-any-return]


class Unstarted(Tally):
    def start(self, task: Task, random: np.random.Generator) -> None:
        raise ValueError("no scales")


class Fragile(Tally):
    """A number other than 4 ends its process, and one below 0 takes long."""

    @tool
    def add(self, number: int) -> int:
        """Add a number."""
        if number < 0:
            time.sleep(30)
        if number != 4:
            os._exit(3)
        return super().add(number)


ADDED, READ = GoldCall("add", {"number": 4}), GoldCall("read", {"unit": "apples"})
DONE = GoldCall("finish", {"answer": "Done."}, free=("answer",))
TALLY = Task("t-1", f"{__name__}:Tally", "Add 4.", (*Tally.tool_specs("add"), ASK_TO_USER, FINISH), (Gold((ADDED, DONE)),))


def with_gold(*calls: GoldCall) -> Task:
    return replace(TALLY, tools=(*Tally.tool_specs(), ASK_TO_USER, FINISH), gold=(Gold(calls),))


def test_the_task_that_the_broken_ones_are_made_of_holds(run) -> None:
    assert run({"a": [TALLY]})[0] == 0


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (replace(TALLY, gold=()), "it has no gold"),
        (with_gold(GoldCall("add", {"number": 3}), DONE), "gold.0: the goal is expected to be reached; goal_reached is False"),
        (with_gold(ADDED), "gold.0 ends without finish, and the environment does not end the episode by itself"),
        (with_gold(DONE, ADDED), "gold.0: 2 turns expected, it ended after 1"),
        (with_gold(GoldCall("add", {"number": "4"}), DONE), "call 1, add(number='4'): feedback ok expected, tool_call_failure came"),
        (replace(TALLY, tools=(FINISH,)), "call 1, add(number=4): feedback ok expected, tool_hallucination came"),
        (with_gold(*[GoldCall("add", {"number": 1})] * 8, DONE), "gold.0: 9 turns expected, it ended after 8 (turn_limit)"),
        (with_gold(READ, replace(ADDED, free=("number",)), DONE), "content: the goal is expected to be reached; goal_reached is False"),
        (replace(TALLY, env="tests.plugins.troublesome:Nothing"), "troublesome has no 'Nothing'"),
        (
            replace(TALLY, env=f"{__name__}:Replaying"),
            "gold.0: call 2, finish(answer='Done.'): environment defect: goal_reached raised KeyError: 4 (",
        ),
        (
            replace(with_gold(GoldCall("read", {"unit": "pears"}), DONE), env=f"{__name__}:Replaying"),
            'gold.0: call 1, read(unit=\'pears\'): feedback ok expected, other came: {"error": "nothing is counted in pears"}',
        ),
        (with_gold(GoldCall("add"), DONE), "gold.0: call 1, add(): feedback ok expected, parameter_missing came"),
        (replace(TALLY, env=f"{__name__}:Unstarted"), "gold.0: environment defect: start raised ValueError: no scales ("),
        (replace(TALLY, env="gymnasium.envs.classic_control:CartPoleEnv"), "'gymnasium.envs.classic_control:CartPoleEnv' is no ToolEnv"),
        (
            replace(TALLY, env="envs.function_call:FunctionCall"),
            "'envs.function_call:FunctionCall' cannot be proved: an episode of it has one",
        ),
    ],
)
def test_a_task_that_does_not_hold_is_named(run, broken: Task, told: str) -> None:
    code, _, err = run({"a": [replace(TALLY, id="t-0")], "b": [broken]})
    assert code == 2 and told in err and len(err.splitlines()) == 1
    assert "b.jsonl: task t-1: " in err or "plug-in" in err or "environment '" in err


class Lenient(TLTraining):
    """Takes what is redundant for right."""

    def __call__(self, episode: Episode) -> Judgement:
        judgement = super().__call__(episode)
        mended = (replace(v, category={"parameters_r": "all_right"}.get(v.category, v.category)) for v in judgement.verdicts)
        return replace(judgement, verdicts=tuple(mended))


class Even(TLTraining):
    """Pays a wrong value as much as a right one."""

    def __init__(self) -> None:
        super().__init__(rewards={"content": 1.0})


class Gloomy(TLTraining):
    def __call__(self, episode: Episode) -> Judgement:
        return replace(super().__call__(episode), outcome=-1.0)


class Uneven(TLTraining):
    """Tells right from wrong within every task, and pays an error in one more than a right call in another."""

    def __call__(self, episode: Episode) -> Judgement:
        made = super().__call__(episode)
        return replace(made, verdicts=tuple(replace(v, reward=v.reward + 3.5 * (episode.task.id == TALLY.id)) for v in made.verdicts))


def test_a_right_call_of_one_task_is_held_against_wrong_ones_of_others(run, few, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "_TASKS_A_CHUNK", 1)  # so that two processes have them
    code, _, err = run({"office": few["office"][:1], "tally": [TALLY]}, "--reward", f"{__name__}:Uneven")
    assert code == 2 and re.search(r"all_right is worth 1, not more than \w+ with [\d.]+, in another task", err)


@pytest.mark.parametrize(
    ("reward", "told"),
    [
        ("Lenient", "verdict parameters_r expected, all_right came"),
        ("Even", "content: all_right is worth 1, not more than content with 1"),
        ("Gloomy", "gold.0: goal_reached is True; an outcome not below 0 expected, -1 came"),
        ("Nobody", "has no 'Nobody'"),
    ],
)
def test_a_reward_that_does_not_tell_the_categories_apart_is_named(run, few, reward: str, told: str) -> None:
    code, _, err = run({"office": few["office"]}, "--reward", f"{__name__}:{reward}")
    assert code == 2 and told in err and len(err.splitlines()) == 1


OPTIONS = {
    "rewards": {"all_right": 2.0, "off_gold": -0.1},
    "outcome": 0.5,
    "compare": ["text", "json"],
    "categories": [
        {"name": "wrong_number", "of": "content", "parameters": ["number"], "reward": -0.6},
    ],
}


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., str]:
    """A training's config with these options of the reward."""

    def written(rollout: object = None, **options: object) -> str:
        path = tmp_path / "config.yaml"
        content: dict[str, object] = {"stages": ["ppo"], "tasks": {"train": [{"name": "a", "source": "a.jsonl"}]}}
        content |= {"reward": {"options": options}, "rollout": rollout or {}}
        path.write_text(yaml.safe_dump(content))
        return str(path)

    return written


def test_a_reward_is_proved_with_the_options_of_a_config(run, few, config) -> None:
    code, out, err = run({"office": few["office"], "tally": [TALLY]}, "--config", config(**OPTIONS))
    assert (code, err) == (0, "")
    rows = {
        cells[1].strip(): [int(cell) for cell in cells[2:5]]
        for line in out.splitlines()
        if len(cells := line.split("│")) == 6 and cells[2].strip().isdigit()
    }
    assert rows["wrong_number"] == [1, 1, 0], "the sum's number is the only value of its task"
    assert rows["content"][0] > rows["wrong_number"][0], "what refines a category proves it too"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"categories": [{"name": "fine", "of": "content", "parameters": ["number"], "reward": 1}]},
            "all_right is worth 1, not more than fine with 1",
        ),
        ({"outcome": -1.0}, "goal_reached is True; an outcome not below 0 expected, -1 came"),
        (
            {"categories": [{"name": "fine", "of": "contents", "parameters": ["number"], "reward": 1}]},
            "categories.0.of: 'contents' is no category",
        ),
        ({"compare": "loosely"}, "compare.0.how.0: 'loosely' given"),
    ],
)
def test_options_that_do_not_hold_are_named(run, config, options: dict[str, object], told: str) -> None:
    code, _, err = run({"tally": [TALLY]}, "--config", config(**options))
    assert code == 2 and told in err and len(err.splitlines()) == 1


class Renaming(TLTraining):
    """Says that its category refines another one than it does."""

    def __init__(self) -> None:
        super().__init__(categories=[{"name": "wrong_number", "of": "content", "parameters": ["number"], "reward": -0.6}])
        self.refines = {"wrong_number": "parameters_m"}


def test_a_category_that_refines_another_than_it_says_is_named(run) -> None:
    code, _, err = run({"tally": [TALLY]}, "--reward", f"{__name__}:Renaming")
    assert code == 2 and "verdict content expected, wrong_number came" in err


@pytest.mark.parametrize("number", [10, -1])
def test_gold_that_ends_its_process_or_takes_too_long_is_named_by_its_call(run, config, number: int) -> None:
    limited = config(rollout={"tool_host": {"call_limit_s": 0.5}})
    task = replace(with_gold(GoldCall("add", {"number": number}), DONE), env=f"{__name__}:Fragile")
    code, _, err = run({"tally": [task]}, "--config", limited)
    assert code == 2 and f"task t-1: gold.0: call 1, add(number={number}): feedback ok expected, tool_call_failure came" in err


def test_a_wrong_call_that_ends_its_process_fails_as_it_would_in_a_training(run) -> None:
    """It is lost with the process that has it, and proved in a tool host."""
    code, out, err = run({"tally": [replace(TALLY, env=f"{__name__}:Fragile")]}, "--workers", "2")
    assert (code, err) == (0, "") and "1 tasks of 1 sources hold" in " ".join(out.split())


class Own:
    """A reward with verdicts of its own."""

    def __init__(self, right: float = 1.0):
        self.right = right

    def __call__(self, episode: Episode) -> Judgement:
        return Judgement(tuple(Verdict("cheap", self.right) for _ in episode.calls), -1.0)


def test_a_reward_without_the_ladder_is_held_to_its_contract_alone(run) -> None:
    code, out, err = run({"tally": [TALLY]}, "--reward", f"{__name__}:Own")
    assert (code, err) == (0, "") and f"{__name__}:Own keeps the contract; it has no `refines`" in out
    code, _, err = run({"tally": [TALLY]}, "--reward", f"{__name__}:Silent")
    assert (code, err) == (2, f"error: reward '{__name__}:Silent': task t-1: a Judgement expected, None (NoneType) came\n")


class Silent(Own):
    def __call__(self, episode: Episode) -> Judgement:
        return None  # type: ignore[return-value]


def test_a_file_is_a_source_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tasks.write([TALLY], tmp_path / "a.jsonl")
    tasks.write([replace(TALLY, gold=())], tmp_path / "b.jsonl")
    arguments = ["validate", str(tmp_path / "a.jsonl"), "--minimum", "0", "--workers", "1"]
    assert main(arguments) == 0 and "1 tasks of 1 sources hold" in " ".join(capsys.readouterr().out.split())
    assert main([*arguments, "--option", "count=3"]) == 2
    assert "options have no effect on a file; leave them out" in capsys.readouterr().err


def test_a_reward_is_named_once(run, config, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run({"tally": [TALLY]}, "--reward", "x:Y", "--config", config())
    assert stopped.value.code == 2 and "not allowed with" in capsys.readouterr().err


def test_an_id_that_occurs_twice_is_named(run) -> None:
    code, _, err = run({"a": [TALLY], "b": [TALLY]})
    assert code == 2 and "task id 't-1' occurs 2 times" in err


@pytest.mark.parametrize(("arguments", "told"), [((), "holds no *.jsonl"), (("--workers", "0"), "--workers: 0 given, at least 1 expected")])
def test_what_cannot_be_validated_is_named(run, arguments: tuple[str, ...], told: str) -> None:
    code, _, err = run({}, *arguments)
    assert code == 2 and told in err


def test_a_line_that_cannot_be_read_is_named(run, tmp_path: Path) -> None:
    (tmp_path / "z.jsonl").write_text("{}\n")
    code, _, err = run({"a": [TALLY]})
    assert code == 2 and "z.jsonl:1: " in err


@pytest.mark.long
def test_the_whole_suite_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "--out", str(tmp_path)]) == 0
    assert main(["validate", str(tmp_path)]) == 0
    assert "9,377 tasks of 7 sources hold" in " ".join(capsys.readouterr().out.split())
