"""The reward workers as one: each batch of episodes goes to the next worker, and again if that one was lost."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import ray

from raytool.actors import bounded
from raytool.config import RewardConfig
from raytool.records import Episode
from raytool.scoring.actor import RewardActor

LIMIT_S = 300.0


class RewardPool:
    def __init__(self, config: RewardConfig, environment: dict[str, str]):
        options = {"num_cpus": config.cpus, "max_restarts": -1, "max_task_retries": 2, "runtime_env": {"env_vars": environment}}
        actor = ray.remote(RewardActor).options(**options)
        self._actors: list[Any] = [actor.remote(config.name, config.options) for _ in range(config.workers)]
        self._turn = itertools.cycle(self._actors)

    async def score(self, episodes: Sequence[Episode]) -> list[Episode]:
        """The episodes with verdicts, in the same order.

        Raises:
            ActorLost: no answer within the limit, or the worker was lost again and again.
        """
        return await bounded(next(self._turn).score.remote(list(episodes)), LIMIT_S, f"the reward of {len(episodes)} episodes")

    def stop(self) -> None:
        for actor in self._actors:
            ray.kill(actor)
