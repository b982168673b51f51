"""A reward worker: one reward plug-in. A plain class; the pool makes it an actor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from raytool import plugins
from raytool.records import Episode


class RewardActor:
    def __init__(self, name: str, options: dict[str, Any]):
        self._reward = plugins.make_reward(name, options)

    def score(self, episodes: Sequence[Episode]) -> list[Episode]:
        """The episodes with their verdicts and outcomes."""
        return [episode.judged(self._reward(episode)) for episode in episodes]
