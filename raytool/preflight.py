"""What can be seen once all workers are there, and would else end the run after hours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from raytool.config import Config
from raytool.console import Console
from raytool.records import Task, UserError
from raytool.tasks import TaskSource

if TYPE_CHECKING:
    from raytool.learner.group import LearnerGroup
    from raytool.rollout.pool import RolloutPool

PromptLengths = Callable[[Sequence[Task]], Awaitable[Sequence[int]]]  # in tokens


def tell_isolation(rollout: RolloutPool, console: Console) -> None:
    """Say, once, why tools run without isolation."""
    for complaint in sorted(rollout.unisolated):
        console.say(f"warning: a rollout worker's tools run without isolation, bubblewrap does not work there: {complaint}")
    rollout.unisolated.clear()


def tell_idle(left: Collection[str], config: Config, console: Console) -> None:
    """Say that learner ranks or rollout workers will have nothing to do: what a step is made of is shared out whole, and so are the groups
    that PPO has played at a time, and there are fewer of them."""
    ranks, ppo, sft = config.learner.ranks, config.ppo, config.sft
    workers, groups = config.rollout.workers, (ppo.max_staleness + 1) * ppo.tasks_per_update
    if "ppo" in left and groups < workers:
        what = f"the {groups} groups that are played at a time (ppo.tasks_per_update, ppo.max_staleness)"
        console.say(f"warning: {workers - groups} of {workers} rollout workers have nothing to do in ppo: they share {what}")
    shared = {
        "ppo": (ppo.tasks_per_update // ppo.minibatches, "tasks of a minibatch (ppo.tasks_per_update, ppo.minibatches)"),
        "sft": (sft.batch_size, "demonstrations of a step (sft.batch_size)"),
    }
    for stage, (parts, what) in shared.items():
        if stage in left and parts < ranks and not (stage == "sft" and sft.meta is not None):
            console.say(f"warning: {ranks - parts} of {ranks} learner ranks have nothing to do in {stage}: they share the {parts} {what}")


async def shared_weights(left: Collection[str], resumed: bool, learner: LearnerGroup, rollout: RolloutPool) -> Path | None:
    """Where weights are published, by one of the stages `left` or since a run that was `resumed` begins with them: have the learner make
    their place, and every rollout worker look into a shared one, whose folder is returned.

    Raises:
        UserError: it is not shared.
    """
    if {"sft", "ppo"} & set(left) or resumed:
        mark = await learner.open_weights()
        if mark is not None:
            await rollout.look(mark, "weight_sync.directory")
            return mark.path.parent
    return None


async def room_in_prompts(
    left: Collection[str], config: Config, draws: TaskSource, test: Sequence[Task], prompt_lengths: PromptLengths
) -> None:
    """Have the prompts written that PPO will draw and those of the test tasks, as far as the stages `left` play them.

    Raises:
        UserError: some leave no room for an answer; the longest is named.
    """
    asked = {task.id: task for task in test} if "evaluate" in left else {}
    if "ppo" in left:
        asked |= {task.id: task for task in map(draws.draw, range(config.ppo.updates * config.ppo.tasks_per_update))}
    lengths = dict(zip(asked, await prompt_lengths(list(asked.values())), strict=True)) if asked else {}
    limit = config.rollout.max_tokens
    if overlong := {name: length for name, length in lengths.items() if length >= limit}:
        longest = max(overlong, key=lambda name: overlong[name])
        raise UserError(
            f"rollout.max_tokens: {limit} leaves no room for an answer to {len(overlong)} of {len(lengths)} prompts, "
            f"and the longest, of task {longest}, has {overlong[longest]} tokens"
        )
