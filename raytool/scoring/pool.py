"""The reward workers as one: episodes go in parts to whichever is free, and one by one if a worker was lost with them."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

import ray

from raytool.actors import ActorLost, all_of, bounded
from raytool.config import RewardConfig
from raytool.records import Episode, Judgement
from raytool.scoring.actor import RewardActor

log = logging.getLogger(__name__)

_AT_ONCE = 16
_LOST_IN_A_ROW = 3  # tasks, of which each lost an episode alone with a worker: then it is not the episodes


class RewardPool:
    def __init__(self, config: RewardConfig, environment: dict[str, str]):
        self._config, self._environment = config, environment
        self._actors: list[Any] = [self._spawn() for _ in range(config.workers)]
        self._free: asyncio.Queue[Any] = asyncio.Queue()
        for made in self._actors:
            self._free.put_nowait(made)
        self._lost_in_a_row: set[str] = set()  # tasks
        self.counts: Counter[str] = Counter()

    async def start(self, limit_s: float) -> None:
        """Wait until all workers are there.

        Raises:
            ActorLost: they had no place within the limit.
        """
        each = f", which asks for reward.cpus={self._config.cpus:g}" if self._config.cpus else ""
        whats = (f"reward worker {number} to start{each} (reserve_limit_s)" for number in range(len(self._actors)))
        await all_of(bounded(actor.__ray_ready__.remote(), limit_s, what) for actor, what in zip(self._actors, whats, strict=True))

    async def score(self, episodes: Sequence[Episode]) -> list[Episode]:
        """The episodes with verdicts, in the same order. Those whose reward was not to be had are missing, and counted: those too that a
        worker was lost with, or did not answer within the limit.

        Raises:
            ActorLost: those of several tasks in a row were so.
        """
        parts = [episodes[start : start + _AT_ONCE] for start in range(0, len(episodes), _AT_ONCE)]
        found = [episode for part in await all_of(map(self._part, parts)) for episode in part]
        scored = [episode for episode in found if episode is not None]
        self.counts["unscored_episodes"] += len(found) - len(scored)
        return scored

    async def _part(self, episodes: Sequence[Episode]) -> list[Episode | None]:
        try:
            said = await self._said(episodes, f"the reward of {len(episodes)} episodes (reward.limit_s)")
        except ActorLost as error:
            log.warning("%s; they are scored one by one", error)
            said = [await self._said_alone(episode) for episode in episodes]
        return [None if judgement is None else episode.judged(judgement) for episode, judgement in zip(episodes, said, strict=True)]

    async def _said_alone(self, episode: Episode) -> Judgement | None:
        """What a worker says of an episode that may be what another one was lost with."""
        try:
            (judgement,) = await self._said([episode], f"the reward of episode {episode.id} (reward.limit_s)")
        except ActorLost as error:
            self._lost_in_a_row.add(episode.task.id)
            if len(self._lost_in_a_row) >= _LOST_IN_A_ROW:
                raise
            log.error("episode %s is dropped: %s", episode.id, error)
            return None
        return judgement

    async def _said(self, episodes: Sequence[Episode], what: str) -> list[Judgement | None]:
        """What a worker says of episodes; one that is lost with them is replaced. The limit does not count the wait for a free worker:
        that is for others' limits."""
        actor = await self._free.get()
        try:
            said: list[Judgement | None] = await bounded(actor.score.remote(list(episodes)), self._config.limit_s, what)
            self._lost_in_a_row.clear()
            return said
        except ActorLost:
            ray.kill(actor)
            self._actors.remove(actor)
            actor = self._spawn()
            self._actors.append(actor)
            raise
        finally:
            self._free.put_nowait(actor)

    def _spawn(self) -> Any:
        config = self._config
        options = {"num_cpus": config.cpus, "max_restarts": -1, "max_task_retries": 2, "runtime_env": {"env_vars": self._environment}}
        return ray.remote(RewardActor).options(**options).remote(config)

    def stop(self) -> None:
        for actor in self._actors:
            ray.kill(actor)
