"""The reward workers as one: episodes go in parts to whichever is free, and again if one was lost with them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import ray

from raytool.actors import all_of, bounded
from raytool.config import RewardConfig
from raytool.records import Episode, Judgement
from raytool.scoring.actor import RewardActor

_AT_ONCE = 16


class RewardPool:
    def __init__(self, config: RewardConfig, environment: dict[str, str]):
        options = {"num_cpus": config.cpus, "max_restarts": -1, "max_task_retries": 2, "runtime_env": {"env_vars": environment}}
        actor = ray.remote(RewardActor).options(**options)
        self._actors: list[Any] = [actor.remote(config) for _ in range(config.workers)]
        self._free: asyncio.Queue[Any] = asyncio.Queue()
        for made in self._actors:
            self._free.put_nowait(made)
        self._limit_s = config.limit_s
        self.counts: Counter[str] = Counter()

    async def score(self, episodes: Sequence[Episode]) -> list[Episode]:
        """The episodes with verdicts, in the same order. Those whose reward was not to be had are missing, and counted.

        Raises:
            ActorLost: no answer within the limit, or a worker was lost again and again.
        """
        parts = [episodes[start : start + _AT_ONCE] for start in range(0, len(episodes), _AT_ONCE)]
        found = [episode for part in await all_of(map(self._part, parts)) for episode in part]
        scored = [episode for episode in found if episode is not None]
        self.counts["unscored_episodes"] += len(found) - len(scored)
        return scored

    async def _part(self, episodes: Sequence[Episode]) -> list[Episode | None]:
        """The limit does not count the wait for a free worker: that is for others' limits."""
        actor = await self._free.get()
        try:
            what = f"the reward of {len(episodes)} episodes (reward.limit_s)"
            said: list[Judgement | None] = await bounded(actor.score.remote(list(episodes)), self._limit_s, what)
            return [None if judgement is None else episode.judged(judgement) for episode, judgement in zip(episodes, said, strict=True)]
        finally:
            self._free.put_nowait(actor)

    def stop(self) -> None:
        for actor in self._actors:
            ray.kill(actor)
