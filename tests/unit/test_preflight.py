"""What is seen before anything is trained, on workers that only pretend."""

import asyncio
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from raytool import preflight
from raytool.config import Config
from raytool.records import UserError
from raytool.tasks import TaskSource
from tests.unit.builders import task


def test_tools_without_isolation_are_announced():
    told = []
    console = SimpleNamespace(say=told.append)
    preflight.tell_isolation(SimpleNamespace(unisolated=set()), console)
    preflight.tell_isolation(SimpleNamespace(unisolated={"bwrap is not installed"}), console)
    assert told == ["warning: a rollout worker's tools run without isolation, bubblewrap does not work there: bwrap is not installed"]


@pytest.mark.parametrize(
    ("left", "resumed", "looks"),
    [(["evaluate"], False, 0), (["evaluate"], True, 1), (["sft", "evaluate"], False, 1), (["ppo"], False, 1), ([], False, 0)],
)
def test_the_folder_of_weights_is_looked_for_where_something_will_be_published(left, resumed, looks):
    seen = []

    mark = SimpleNamespace(path=Path("/weights/of-a-run/.shared"))

    async def open_weights():
        return mark

    async def look(mark, knob):
        seen.append((mark, knob))

    made = asyncio.run(preflight.shared_weights(left, resumed, SimpleNamespace(open_weights=open_weights), SimpleNamespace(look=look)))
    assert seen == [(mark, "weight_sync.directory")] * looks and made == (mark.path.parent if looks else None)


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
    """Task n has a prompt of n tokens. PPO draws two of the training tasks, and not the one that has no share."""
    content = {
        "tasks": {
            "train": [{"name": "a", "source": "a.jsonl"}, {"name": "b", "source": "b.jsonl", "share": 0}],
            "test": [{"name": "c", "source": "c.jsonl"}],
        },
        "ppo": {"updates": 2, "tasks_per_update": 1},
        "rollout": {"max_tokens": 40, "turn_tokens": 40},
    }
    train, test = [[task(id="40"), task(id="64")], [task(id="99")]], [task(id="12"), task(id="41")]

    async def prompt_lengths(tasks):
        return [int(task.id) for task in tasks]

    config = Config.model_validate(content)
    draws = TaskSource(list(zip(config.tasks.train, train, strict=True)), config.seed)
    check = preflight.room_in_prompts(left, config, draws, test, prompt_lengths)
    if not refused:
        return asyncio.run(check)
    with pytest.raises(UserError, match=f"^rollout.max_tokens: 40 leaves no room for an answer to {refused}, and the longest, of task"):
        asyncio.run(check)
