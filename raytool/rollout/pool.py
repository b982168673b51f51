"""What is asked of the rollout workers: tasks to be played, demonstrated, written and counted, by whichever is least loaded and fresh
enough. What is lost with a worker is asked of another one.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from raytool.actors import all_of
from raytool.methods.key_tokens import Rule
from raytool.placement import Placement
from raytool.records import Episode, Task
from raytool.rollout.actor import Played, WorkerSettings
from raytool.rollout.episode import Limits, PromptTooLong
from raytool.rollout.fleet import Fleet, GivenUp

log = logging.getLogger(__name__)
Item = TypeVar("Item")
Result = TypeVar("Result")

_IN_FLIGHT = 256  # tasks given to one worker at a time where nothing else bounds them
_DEMONSTRATED = 16  # tasks demonstrated in one call
_PARTS = 4  # calls at once to one worker that has many things to do


class TooMuchLost(RuntimeError):
    """So much could not be played, or not be scored, that going on would only waste time."""


@dataclass(frozen=True, slots=True)
class PlayedAll:
    """What came of many tasks. `lost` are the ids of those that infrastructure kept from being played."""

    episodes: list[Episode]
    lost: list[str]


class _Room:
    """How many calls go on at a time: `each` for every worker that may play by then, and for one where none does."""

    def __init__(self, fleet: Fleet, each: int):
        self._fleet, self._each, self._taken = fleet, each, 0
        self._given = asyncio.Condition()

    def _left(self) -> int:
        return self._each * max(1, self._fleet.admitted) - self._taken

    async def __aenter__(self) -> None:
        async with self._given:
            await self._given.wait_for(lambda: self._left() > 0)
            self._taken += 1

    async def __aexit__(self, *raised: object) -> None:
        async with self._given:
            self._taken -= 1
            self._given.notify(max(0, self._left()))


class RolloutPool(Fleet):
    def __init__(self, settings: WorkerSettings, placement: Placement, threads: int, max_staleness: int):
        super().__init__(settings, placement, threads, max_staleness)
        self.failure = ""  # why the last episode that was dropped could not be played

    async def play(
        self,
        task: Task,
        group: int,
        samples: Sequence[int],
        temperature: float,
        limits: Limits | None = None,
        begun: Sequence[int] = (),
        newest: bool = False,
    ) -> list[Episode]:
        """Play samples of a task. Episodes whose infrastructure failed again and again are missing, and counted: those of a task too
        that was lost with every worker it was given to, as it may be what ended them.

        Without `limits` the config's hold. The first answer begins with the tokens `begun`; with `newest` by no older weights.

        Raises:
            ActorLost: no worker may play.
            UserError: a lost worker cannot be replaced; the other methods raise both too.
        """
        try:
            played: Played = await self.on_a_worker(
                lambda actor: actor.play.remote(task, group, samples, temperature, limits, begun), f"task {task.id} to be played", newest
            )
        except GivenUp as error:
            log.error("task %s is dropped, %d workers were lost with it: %s", task.id, self._config.attempts, error)
            played = Played([], {"dropped_episodes": len(samples)}, str(error))
        self.counts.update(played.counts)
        self.failure = played.failure or self.failure
        return played.episodes

    async def play_all(
        self, tasks: Sequence[Task], advance: Callable[..., None], limits: Limits | None = None, skip_overlong: bool = False
    ) -> PlayedAll:
        """Every task once, greedily, by the newest weights. `advance` is called after each, with the tokens per second so far.

        With `skip_overlong` there is no episode of a task whose prompt is too long.

        Raises:
            TooMuchLost: nothing could be played.
            PromptTooLong: naming the task.
        """
        room = _Room(self, _IN_FLIGHT)
        tokens, began = 0, time.perf_counter()
        lost: list[str] = []

        async def one(number: int, task: Task) -> list[Episode]:
            nonlocal tokens
            async with room:
                try:
                    episodes = await self.play(task, number, [0], 0.0, limits, newest=True)
                    lost.extend([] if episodes else [task.id])
                except PromptTooLong:
                    if not skip_overlong:
                        raise
                    episodes = []
            tokens += sum(sum(episode.loss_mask) for episode in episodes)
            advance(tokens_per_s=tokens / (time.perf_counter() - began))
            return episodes

        played = [episode for episodes in await all_of(itertools.starmap(one, enumerate(tasks))) for episode in episodes]
        if lost and not played:
            raise TooMuchLost(f"{len(lost)} of {len(tasks)} tasks could not be played{self.why}")
        return PlayedAll(played, lost)

    @property
    def why(self) -> str:
        """The end of a sentence about episodes that could not be played: what the last one failed by, its last line, and where more is."""
        last = (self.failure.strip().splitlines() or [""])[-1]
        return f"{f', the last for: {last}' if last else ''}; see {self._settings.log_folder}"

    async def demonstrate(
        self, tasks: Sequence[tuple[int, Task, bool]], advance: Callable[[int], None] = lambda count: None
    ) -> list[Episode]:
        """Gold of tasks, each given with its group and whether an error and its repair are wanted. `advance` is told how many are done.

        Raises:
            UserError: a wanted error cannot be made.
        """

        async def demonstrate(actor: Any, some: Sequence[tuple[int, Task, bool]]) -> list[Episode]:
            played: Played = await actor.demonstrate.remote(some)
            self.counts.update(played.counts)
            return played.episodes

        return await self._in_parts(tasks, _DEMONSTRATED, "tasks to be demonstrated", demonstrate, advance)

    async def key_weights(self, episodes: Sequence[Episode], rule: Rule, cap: float) -> list[list[float]]:
        """A weight for each token of some episodes, key tokens first (TL-Training, PKT): the workers know how they were tokenised."""
        what = "demonstrations to have their key tokens weighed"
        return await self._in_parts(episodes, _IN_FLIGHT, what, lambda actor, some: actor.key_weights.remote(some, rule, cap))

    async def rewrite(
        self, episodes: Sequence[tuple[int, Episode]], advance: Callable[[int], None] = lambda count: None
    ) -> list[Episode | None]:
        """Other models' episodes, each given with its group, in the dialect and tokens of this one; None for what it has no form for."""
        return await self._in_parts(
            episodes, _DEMONSTRATED, "trajectories to be written", lambda actor, some: actor.rewrite.remote(some), advance
        )

    async def prompt_lengths(self, tasks: Sequence[Task]) -> list[int]:
        """How many tokens each task's prompt has."""
        return await self._in_parts(tasks, _IN_FLIGHT, "prompts to be written", lambda actor, some: actor.prompt_lengths.remote(some))

    async def _in_parts(
        self,
        items: Sequence[Item],
        size: int,
        what: str,
        call: Callable[[Any, Sequence[Item]], Awaitable[list[Result]]],
        advance: Callable[[int], None] = lambda count: None,
    ) -> list[Result]:
        """What all workers together make of items, in their order: `size` of them go to a worker at once, and it has few such parts."""
        room = _Room(self, _PARTS)

        async def one(part: Sequence[Item]) -> list[Result]:
            async with room:
                made = await self.on_a_worker(lambda actor: call(actor, part), f"{len(part)} {what}")
            advance(len(part))
            return made

        parts = [items[start : start + size] for start in range(0, len(items), size)]
        return list(itertools.chain.from_iterable(await all_of(map(one, parts))))
