"""`python -m raytool.train --check`: a config is checked, gold played and scored, and nothing is written."""

from __future__ import annotations

import asyncio
import itertools
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from raytool import launch, tasks, train
from raytool.config import Config
from raytool.console import Console
from raytool.env import FINISH, ToolEnv, tool
from raytool.records import RECORDED_ENV, Episode, Gold, GoldCall, Judgement, Task, UserError, Verdict
from raytool.rehearsal import rehearse
from tests.unit.builders import CHAT

COUNT = itertools.count()


class Till(ToolEnv):
    """It counts what is paid; `number` gives what no task says."""

    def start(self, task: Task, random: np.random.Generator) -> None:
        self.paid = 0

    @tool
    def pay(self, amount: int) -> int:
        """Pay an amount."""
        self.paid += amount
        return self.paid

    @tool
    def number(self) -> int:
        """Draw a number."""
        return next(COUNT)

    def goal_reached(self, answer: str | None) -> bool | None:
        return self.paid > 0


class Priced:
    """A call costs what it is told to."""

    def __init__(self, cost: float = 0.25):
        self.cost = cost

    def __call__(self, episode: Episode) -> Judgement:
        return Judgement(tuple(Verdict("call", -self.cost) for _ in episode.calls), 1.0 if episode.goal_reached else 0.0)


DONE = GoldCall("finish", {"answer": "Done."}, free=("answer",))


def paying(name: str, *amounts: int, **fields: Any) -> Task:
    gold = Gold((*(GoldCall("pay", {"amount": amount}) for amount in amounts), DONE))
    made = Task(name, f"{__name__}:Till", f"Pay for {name}.", (*Till.tool_specs(), FINISH), (gold,))
    return replace(made, **fields)


def config(**sections: Any) -> Config:
    content = {
        "tasks": {"train": [{"name": "till", "source": "till.jsonl"}], "test": [{"name": "held", "source": "held.jsonl"}]},
        "reward": {"name": f"{__name__}:Priced"},
    }
    return Config.model_validate({**content, **sections})


def rehearsed(capsys: pytest.CaptureFixture[str], train: list[Task], test: list[Task], **sections: Any) -> str:
    asyncio.run(rehearse(config(**sections), [train], [test], CHAT, Console()))
    return " ".join(capsys.readouterr().out.split())


def test_gold_of_the_first_tasks_of_each_source_is_played_and_scored(capsys: pytest.CaptureFixture[str]) -> None:
    told = rehearsed(capsys, [paying(f"t-{n}", *[1] * (1 + n % 2)) for n in range(20)], [paying("h-0", 3)])
    assert "train.0 till │ 20 │ 8 │ 0.25 to 0.5 │" in told and "test.0 held │ 1 │ 1 │ 0.5 │" in told
    assert "warning: tasks" not in told


@pytest.mark.parametrize(
    ("without", "told"),
    [
        ({"gold": ()}, "none, there is none"),
        ({"gold": (Gold((), ranking=("pay",)),)}, "none, it calls nothing"),
        ({"env": RECORDED_ENV}, "none, recorded"),
    ],
)
def test_a_source_without_gold_to_play_is_said_so(capsys: pytest.CaptureFixture[str], without: dict[str, Any], told: str) -> None:
    assert f"train.0 till │ 1 │ {told} │ │" in rehearsed(capsys, [paying("t", 1, **without)], [paying("h", 2)])


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (paying("t", -1), "tasks.train.0: task t: gold.0: the goal is expected to be reached"),
        (paying("t", gold=(Gold((GoldCall("pay", {"sum": 1}), DONE)),)), "tasks.train.0: task t: gold.0: call 1, pay(sum=1): feedback ok"),
        (paying("t", env="no_module:Till"), "tasks.train.0: task t: plug-in 'no_module:Till': no module 'no_module'"),
        (
            paying("t", gold=(Gold((GoldCall("number"), GoldCall("pay", {"amount": 1}), DONE)),)),
            "tasks.train.0: task t: gold.0, played twice: call 1: '0' came, and then '1'; a call's result may depend on the task",
        ),
    ],
)
def test_gold_that_cannot_be_trained_on_is_named(capsys: pytest.CaptureFixture[str], broken: Task, told: str) -> None:
    with pytest.raises(UserError) as raised:
        rehearsed(capsys, [broken], [paying("h", 2)])
    assert str(raised.value).startswith(told) and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("rollout", "told"),
    [
        ({"max_turns": 2}, "task t has 3 turns, and rollout.max_turns is 2"),
        ({"max_tokens": 100, "turn_tokens": 100}, r"task t has \d+ tokens, and rollout.max_tokens is 100"),
        ({"turn_tokens": 5}, r"task t has \d+ tokens in a turn, and rollout.turn_tokens is 5"),
    ],
)
def test_limits_that_gold_goes_beyond_are_warned_of(capsys: pytest.CaptureFixture[str], rollout: dict[str, int], told: str) -> None:
    said = rehearsed(capsys, [paying("t", 1, 2)], [paying("h", 3)], rollout=rollout)
    assert re.search(f"warning: tasks.train.0: the gold of {told}", said)


def test_the_program_checks_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(launch.template, "chat_of", lambda path, config: (CHAT, "python"))
    tasks.write([paying("t", 1)], tmp_path / "till.jsonl")
    tasks.write([paying("h", 2)], tmp_path / "held.jsonl")
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(config().model_dump(mode="json", exclude_unset=True)))
    assert train.main(["--config", "mine.yaml", "--check", "reward.options.cost=0.5"]) == 0
    out = capsys.readouterr().out
    assert out.endswith("looked at when a training starts\n") and "train.0 till" in out
    assert train.main(["--config", "mine.yaml", "--check", "reward.options.cost=.inf"]) == 2
    assert capsys.readouterr().err == f"error: reward '{__name__}:Priced': task t: verdict 1: a finite number expected, -inf (float) came\n"
    assert train.main(["--config", "mine.yaml", "--check", "rollout.max_tokens=99", "rollout.turn_tokens=9"]) == 2
    assert "error: rollout.max_tokens: 99 leaves no room for an answer to 2 of 2 prompts" in capsys.readouterr().err
    assert train.main(["--config", "mine.yaml", "--check", "resume=true"]) == 2
    assert "resume: there is no run of 'mine'" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["held.jsonl", "mine.yaml", "till.jsonl"]
