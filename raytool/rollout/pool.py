"""The rollout workers as one: tasks go to the least loaded worker that has fresh enough weights.

A worker that dies, or does not answer within its limit, is replaced; its tasks are played again elsewhere. Only a
completed load of weights admits a worker.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import ray

from raytool.actors import ActorLost, bounded
from raytool.config import RolloutConfig
from raytool.methods.key_tokens import Rule
from raytool.placement import Placement
from raytool.records import NO_POLICY, Episode, PolicyVersion, Task, UserError
from raytool.rollout.actor import Played, RolloutActor, WorkerSettings
from raytool.rollout.engine import EngineDead
from raytool.rollout.episode import Limits, PromptTooLong
from raytool.weight_sync.base import WeightHandle

log = logging.getLogger(__name__)
Result = TypeVar("Result")


_IN_FLIGHT = 256  # tasks given to one worker at a time where nothing else bounds them


class InfrastructureFailed(RuntimeError):
    """So much could not be played that going on would only waste time."""


@dataclass(frozen=True, slots=True)
class PlayedAll:
    """What came of many tasks. `lost` are the ids of those that infrastructure kept from being played."""

    episodes: list[Episode]
    lost: list[str]


class _Worker:
    """An actor with what the pool knows of it."""

    def __init__(self, index: int):
        self.index = index
        self.actor: Any = None
        self.version: PolicyVersion | None = None
        self.load = 0
        self.reviving: asyncio.Task[None] | None = None


class RolloutPool:
    def __init__(self, settings: WorkerSettings, placement: Placement, threads: int, max_staleness: int):
        self._settings = settings
        self._config: RolloutConfig = settings.config
        self._placement = placement
        self._threads = threads
        self._max_staleness = max_staleness
        self._workers = [_Worker(index) for index in range(self._config.workers)]
        self._newest: WeightHandle | None = None
        self._changed = asyncio.Condition()
        self.counts: Counter[str] = Counter()
        self.dialect, self.dtype = "", ""  # how calls are written and the model is computed, once the workers have seen it

    async def start(self) -> None:
        """Start all workers with the weights they find in the model's folder.

        Raises:
            ActorLost: naming the worker and its log.
            UserError: the model is of no use.
        """
        await asyncio.gather(*(self._start(worker) for worker in self._workers))

    async def load(self, handle: WeightHandle) -> None:
        """Give a version to all workers; those that fail are replaced in the background."""
        self._newest = handle
        await asyncio.gather(*(self._load(worker) for worker in self._workers if worker.version is not None))

    async def play(
        self,
        task: Task,
        group: int,
        samples: Sequence[int],
        temperature: float,
        limits: Limits | None = None,
        begun: Sequence[int] = (),
    ) -> list[Episode]:
        """Play samples of a task. Episodes whose infrastructure failed again and again are missing, and counted.

        Without `limits` the config's hold. The first answer begins with the tokens `begun`.

        Raises:
            ActorLost: it was lost with every worker it was given to.
        """
        played: Played = await self._on_a_worker(
            lambda actor: actor.play.remote(task, group, samples, temperature, limits, begun), f"task {task.id} to be played"
        )
        self.counts.update(played.counts)
        return played.episodes

    async def play_all(
        self, tasks: Sequence[Task], advance: Callable[..., None], limits: Limits | None = None, skip_overlong: bool = False
    ) -> PlayedAll:
        """Every task once, greedily. `advance` is called after each, with the tokens per second so far.

        With `skip_overlong` there is no episode of a task whose prompt is too long.

        Raises:
            InfrastructureFailed: nothing could be played.
            PromptTooLong: naming the task.
        """
        room = asyncio.Semaphore(_IN_FLIGHT * len(self._workers))
        tokens, began = 0, time.perf_counter()
        lost: list[str] = []

        async def one(number: int, task: Task) -> list[Episode]:
            nonlocal tokens
            async with room:
                try:
                    episodes = await self.play(task, number, [0], 0.0, limits)
                    lost.extend([] if episodes else [task.id])
                except PromptTooLong:
                    if not skip_overlong:
                        raise
                    episodes = []
            tokens += sum(sum(episode.loss_mask) for episode in episodes)
            advance(tokens_per_s=tokens / (time.perf_counter() - began))
            return episodes

        played = [episode for episodes in await asyncio.gather(*itertools.starmap(one, enumerate(tasks))) for episode in episodes]
        if lost and not played:
            raise InfrastructureFailed(f"{len(lost)} of {len(tasks)} tasks could not be played; see {self._settings.log_folder}")
        return PlayedAll(played, lost)

    async def demonstrate(self, tasks: Sequence[tuple[int, Task, bool]]) -> list[Episode]:
        """Gold of tasks, each given with its group and whether an error and its repair are wanted.

        Raises:
            UserError: a wanted error cannot be made.
        """
        return await self._on_a_worker(lambda actor: actor.demonstrate.remote(tasks), f"{len(tasks)} tasks to be demonstrated")

    async def key_weights(self, episodes: Sequence[Episode], rule: Rule, cap: float) -> list[list[float]]:
        """A weight for each token of some episodes, key tokens first (METHODS.md 1.2): the workers know how they were tokenised."""

        async def weigh(some: Sequence[Episode]) -> list[list[float]]:
            what = f"the key tokens of {len(some)} demonstrations to be weighed"
            return await self._on_a_worker(lambda actor: actor.key_weights.remote(some, rule, cap), what)

        parts = [episodes[start : start + _IN_FLIGHT] for start in range(0, len(episodes), _IN_FLIGHT)]
        return list(itertools.chain.from_iterable(await asyncio.gather(*map(weigh, parts))))

    async def replay(self, episodes: Sequence[tuple[int, Episode]]) -> list[Episode | None]:
        """Other models' episodes, each given with its group, in the dialect and tokens of this one; None for what it has no form for."""
        return await self._on_a_worker(lambda actor: actor.replay.remote(episodes), f"{len(episodes)} trajectories to be written")

    async def stop(self) -> None:
        for worker in self._workers:
            if worker.reviving is not None:
                worker.reviving.cancel()
            if worker.actor is not None:
                try:
                    await bounded(worker.actor.stop.remote(), 20, "a rollout worker to stop")
                except ActorLost as error:
                    log.warning("%s", error)
                ray.kill(worker.actor)

    async def _on_a_worker(self, call: Callable[[Any], Awaitable[Result]], what: str) -> Result:
        for attempt in range(self._config.attempts):
            worker = await self._admitted(what)
            worker.load += 1
            try:
                who = f"{what} by rollout worker {worker.index}"
                return await bounded(call(worker.actor), self._config.stall_limit_s, who, worker.actor.idle_s.remote)
            except (ActorLost, EngineDead) as error:
                log.warning("%s; attempt %d of %d", error, attempt + 1, self._config.attempts)
                self.counts["lost_workers"] += 1
                self._replace(worker)
                lost = ActorLost(str(error))
            finally:
                worker.load -= 1
        raise lost

    async def _admitted(self, what: str) -> _Worker:
        """The least loaded worker whose acknowledged weights are fresh enough."""
        oldest = self._newest.version - self._max_staleness if self._newest else NO_POLICY

        def fresh() -> list[_Worker]:
            return [w for w in self._workers if w.version is not None and w.version >= oldest]

        limit = self._config.engine.start_limit_s
        async with self._changed:
            try:
                await asyncio.wait_for(self._changed.wait_for(fresh), limit)
            except TimeoutError:
                raise ActorLost(f"waited {limit:g} s for a rollout worker with version {oldest} or newer for {what}") from None
        return min(fresh(), key=lambda w: w.load)

    async def _start(self, worker: _Worker) -> None:
        options = self._placement.rollout(worker.index, self._threads)
        worker.actor = ray.remote(RolloutActor).options(**options).remote(self._settings, worker.index)
        where = f"rollout worker {worker.index} to start (see {self._settings.log_folder}/rollout-{worker.index}.log)"
        try:
            self.dialect, self.dtype = await bounded(worker.actor.start.remote(), self._config.engine.start_limit_s, where)
        except UserError:  # there is nothing in it yet that could be stopped
            ray.kill(worker.actor)
            worker.actor = None
            raise
        await self._acknowledge(worker, NO_POLICY)
        if self._newest is not None:
            await self._load(worker)

    async def _load(self, worker: _Worker) -> None:
        assert self._newest is not None
        what = f"rollout worker {worker.index} to load version {self._newest.version}"
        try:
            version = await bounded(worker.actor.load.remote(self._newest), self._config.engine.start_limit_s, what)
        except (ActorLost, EngineDead) as error:
            log.warning("%s", error)
            self.counts["lost_workers"] += 1
            self._replace(worker)
            return
        await self._acknowledge(worker, version)

    async def _acknowledge(self, worker: _Worker, version: PolicyVersion) -> None:
        async with self._changed:
            worker.version = version
            self._changed.notify_all()

    def _replace(self, worker: _Worker) -> None:
        """Start a new actor in a lost one's place, once however many calls were lost with it."""
        if worker.reviving is not None and not worker.reviving.done():
            return
        worker.version = None
        ray.kill(worker.actor)
        worker.reviving = asyncio.ensure_future(self._start(worker))
