"""What is seen before anything is trained, on workers that only pretend."""

import asyncio
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from raytool import preflight
from raytool.config import Config
from raytool.records import UserError
from tests.unit.builders import task


def test_tools_without_isolation_are_announced():
    told = []
    console = SimpleNamespace(say=told.append)
    preflight.tell_isolation(SimpleNamespace(unisolated=set()), console)
    preflight.tell_isolation(SimpleNamespace(unisolated={"bwrap is not installed"}), console)
    assert told == ["warning: a rollout worker's tools run without isolation, bubblewrap does not work there: bwrap is not installed"]


@pytest.mark.parametrize("mark", [None, SimpleNamespace(path=Path("/weights/of-a-run/.shared"))])
def test_every_rollout_worker_looks_for_a_folder_that_weights_are_published_in(mark):
    seen = []

    async def open_weights():
        return mark

    async def look(mark, knob):
        seen.append((mark, knob))

    made = asyncio.run(preflight.shared_weights(SimpleNamespace(open_weights=open_weights), SimpleNamespace(look=look)))
    assert (seen, made) == (([(mark, "weight_sync.directory")], Path("/weights/of-a-run")) if mark else ([], None))


@pytest.mark.parametrize(
    ("left", "knobs", "told"),
    [
        (["sft", "ppo"], {"ranks": 4}, []),
        (["sft", "ppo"], {"ranks": 10}, ["2 of 10 learner ranks have nothing to do in ppo: they share the 8 tasks", "2 of 10 .* in sft"]),
        (["ppo"], {"ranks": 4, "ppo": {"minibatches": 4}}, ["2 of 4 learner ranks have nothing to do in ppo: they share the 2 tasks"]),
        (["sft"], {"ranks": 10, "sft": {"meta": {}}}, []),
        (["evaluate"], {"ranks": 99}, []),
        (["ppo"], {"rollout": {"workers": 10}}, ["2 of 10 rollout workers have nothing to do in ppo: they share the 8 groups"]),
        (["ppo"], {"rollout": {"workers": 16}, "ppo": {"max_staleness": 1}}, []),
        (["sft"], {"rollout": {"workers": 99}}, []),
    ],
)
def test_ranks_and_workers_that_will_have_nothing_to_do_are_announced(left, knobs, told):
    content = {"tasks": {"train": [{"name": "x", "source": "x.jsonl"}], "test": [{"name": "y", "source": "y.jsonl"}]}}
    others = {name: knob for name, knob in knobs.items() if name != "ranks"}
    config = Config.model_validate({**content, **others, "learner": {"ranks": knobs.get("ranks", 1)}})
    said = []
    preflight.tell_idle(left, config, SimpleNamespace(say=said.append))
    assert len(said) == len(told) and all(re.match(f"warning: {wanted}", line) for wanted, line in zip(told, said, strict=True))


@pytest.mark.parametrize(
    ("left", "refused"), [(["sft", "ppo", "evaluate"], "3 of 4 prompts"), (["evaluate"], "1 of 2 prompts"), (["sft"], "")]
)
def test_prompts_without_room_for_an_answer_are_refused(left, refused):
    if not refused:
        assert kept(left) == ([["40", "64"], ["99"]], ["12", "41"], [])
        return
    with pytest.raises(UserError, match=f"^rollout.max_tokens: 40 leaves no room for an answer to {refused}, and the longest, of task"):
        kept(left)


def test_prompts_without_room_for_an_answer_are_left_out_and_told_of():
    told = "warning: left out: rollout.max_tokens: 40 leaves no room for an answer to {}, and the longest, of task {}, has {} tokens"
    of_ppo, of_test = told.format("2 of 3 prompts", 64, 64), told.format("1 of 2 prompts", 41, 41)
    some = [["40", "64", "39"], ["99"]]
    assert kept(["ppo"], "leave_out", some) == ([["39"], ["99"]], ["12", "41"], [of_ppo])
    assert kept(["evaluate"], "leave_out", some) == (some, ["12"], [of_test])
    with pytest.raises(UserError, match="^tasks: of 'a' nothing is left; rollout.max_tokens: 40 leaves no room for an answer to 2 of 2"):
        kept(["ppo"], "leave_out")


def kept(left, overlong="refuse", sources=(["40", "64"], ["99"])):
    """The ids of what may be drawn, of the test, and what was said. Task n has a prompt of n tokens. PPO draws two training tasks, and none
    of the source without a share."""
    content = {
        "tasks": {
            "train": [{"name": "a", "source": "a.jsonl"}, {"name": "b", "source": "b.jsonl", "share": 0}],
            "test": [{"name": "c", "source": "c.jsonl"}],
            "overlong": overlong,
        },
        "ppo": {"updates": 2, "tasks_per_update": 1},
        "rollout": {"max_tokens": 40, "turn_tokens": 40},
    }
    train, test, said = [[task(id=name) for name in source] for source in sources], [task(id="12"), task(id="41")], []

    async def prompt_lengths(tasks):
        return [int(task.id) for task in tasks]

    config = Config.model_validate(content)
    found = asyncio.run(preflight.room_in_prompts(left, config, train, test, prompt_lengths, SimpleNamespace(say=said.append)))
    return [[task.id for task in source] for source in found[0]], [task.id for task in found[1]], said
