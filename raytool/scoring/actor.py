"""A reward worker: one reward plug-in. A plain class; the pool makes it an actor."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

from raytool import plugins
from raytool.records import Episode, RewardUnavailable

log = logging.getLogger(__name__)

_PAUSES_S = (1.0, 4.0, None)  # after each try to score an episode; after the last one it is given up


class RewardActor:
    def __init__(self, name: str, options: dict[str, Any]):
        self._reward = plugins.make_reward(name, options)

    def score(self, episodes: Sequence[Episode]) -> list[Episode | None]:
        """The episodes with their verdicts and outcomes; None for those whose reward was not to be had."""
        return list(map(self._scored, episodes))

    def _scored(self, episode: Episode) -> Episode | None:
        for pause in _PAUSES_S:
            try:
                return episode.judged(self._reward(episode))
            except RewardUnavailable as error:
                log.warning("the reward of episode %s: %s", episode.id, error)
                if pause is not None:
                    time.sleep(pause)
        return None
