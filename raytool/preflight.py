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


async def shared_weights(learner: LearnerGroup, rollout: RolloutPool) -> Path | None:
    """Have the learner make the place of the weights that it will publish, and every rollout worker look into a shared one, whose folder is
    returned.

    Raises:
        UserError: it is not shared.
    """
    mark = await learner.open_weights()
    if mark is None:
        return None
    await rollout.look(mark, "weight_sync.directory")
    return mark.path.parent


async def room_in_prompts(
    left: Collection[str],
    config: Config,
    sources: Sequence[Sequence[Task]],
    test: Sequence[Task],
    prompt_lengths: PromptLengths,
    console: Console,
) -> tuple[list[Sequence[Task]], Sequence[Task]]:
    """Have the prompts written that PPO will draw and those of the test tasks, as far as the stages `left` play them.

    What PPO may draw of each source is returned, and the test: without the tasks whose prompt leaves no room for an answer, where the
    config leaves these out. Then every prompt of a source counts, since all may be drawn in place of others.

    Raises:
        UserError: some leave no room and are not to be left out, or nothing else is there; the longest is named.
    """
    train, leaves_out = config.tasks.train, config.tasks.overlong == "leave_out"
    asked = {task.id: task for task in test} if "evaluate" in left else {}
    if "ppo" in left:
        draws = TaskSource(list(zip(train, sources, strict=True)), config.seed)
        asked |= {task.id: task for task in map(draws.draw, range(config.ppo.updates * config.ppo.tasks_per_update))}
        if leaves_out:
            asked |= {task.id: task for source, found in zip(train, sources, strict=True) if source.share for task in found}
    lengths = dict(zip(asked, await prompt_lengths(list(asked.values())), strict=True)) if asked else {}
    limit = config.rollout.max_tokens
    overlong = {name: length for name, length in lengths.items() if length >= limit}
    if not overlong:
        return list(sources), test
    longest = max(overlong, key=lambda name: overlong[name])
    told = (
        f"rollout.max_tokens: {limit} leaves no room for an answer to {len(overlong)} of {len(lengths)} prompts, "
        f"and the longest, of task {longest}, has {overlong[longest]} tokens"
    )
    if not leaves_out:
        raise UserError(f"{told}; tasks.overlong=leave_out goes on without them")
    console.say(f"warning: left out: {told}")
    kept: list[Sequence[Task]] = [[task for task in found if task.id not in overlong] for found in (*sources, test)]
    for place, before, after in zip([*(source.name for source in train), "tasks.test"], (*sources, test), kept, strict=True):
        if before and not after:
            raise UserError(f"tasks: of '{place}' nothing is left; {told}")
    return kept[:-1], kept[-1]
