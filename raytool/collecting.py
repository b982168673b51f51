"""What SFT learns from: gold played through the environments, some of it with an error, and trajectories of other models."""

from __future__ import annotations

from collections.abc import Sequence

from raytool.config import SourceConfig
from raytool.console import Console
from raytool.demonstrations import noisy_ones
from raytool.records import Episode, Feedback, Task, UserError
from raytool.rollout.pool import RolloutPool
from raytool.tasks import trajectories


async def collect(
    sources: Sequence[SourceConfig], tasks: Sequence[Sequence[Task]], seed: int, pool: RolloutPool, console: Console
) -> list[Episode]:
    """The demonstrations of all sources, in the model's dialect and tokens. `tasks` are those of each source.

    Raises:
        UserError: a task whose gold does not reach its goal, or in which no error can be made; a folder without trajectories of
            its source's tasks, or with none that the dialect has a form for.
    """
    gold: list[tuple[Task, bool]] = []
    recorded: list[Episode] = []
    for source, found in zip(sources, tasks, strict=True):
        if source.trajectories is not None:
            recorded += trajectories.of_tasks(source.trajectories, found[: source.demonstrations])
            continue
        shown = [task for task in found[: source.demonstrations] if task.gold]
        gold += zip(shown, noisy_ones(len(shown), source.noise, seed), strict=True)
    played = await _played(gold, pool, console)
    if recorded:
        played += await _rewritten(recorded, len(gold), pool, console)
    if recorded or any(noisy for _, noisy in gold):
        erring = sum(any(call.feedback is not Feedback.OK for call in episode.calls) for episode in played)
        console.say(f"{erring} of {len(played)} demonstrations contain an error ({erring / len(played):.1%})")
    return played


async def _played(gold: Sequence[tuple[Task, bool]], pool: RolloutPool, console: Console) -> list[Episode]:
    wanted = [(group, task, noisy) for group, (task, noisy) in enumerate(gold)]
    with console.bar("demonstrations", len(wanted)) as bar:
        played = await pool.demonstrate(wanted, bar.advance)
    failing = []
    for episode, (_, noisy) in zip(played, gold, strict=True):
        if episode.goal_reached is False:
            raise UserError(f"task {episode.task.id}: playing its gold does not reach its goal")
        failing += [(episode, call) for call in episode.calls if call.feedback is not Feedback.OK and not noisy][:1]
    if failing:
        episode, call = failing[0]
        said = f"task {episode.task.id}: {call.feedback.value}: {' '.join(call.observation.split())[:200]}"
        console.say(f"warning: the gold of {len(failing)} of {len(gold)} demonstrations has a call that fails, which SFT learns; {said}")
    return played


async def _rewritten(recorded: Sequence[Episode], first_group: int, pool: RolloutPool, console: Console) -> list[Episode]:
    """Trajectories written anew; those that the dialect has no form for are counted and left out."""
    wanted = list(enumerate(recorded, first_group))
    with console.bar("trajectories", len(wanted)) as bar:
        found = await pool.rewrite(wanted, bar.advance)
    written = [episode for episode in found if episode is not None]
    if not written:
        raise UserError(f"tasks.train: none of {len(found)} trajectories can be written in the dialect {pool.dialect}")
    if len(written) < len(found):
        console.say(f"{len(found) - len(written)} of {len(found)} trajectories cannot be written in the dialect {pool.dialect}: left out")
    return written
