"""A reward worker: one reward plug-in. A plain class; the pool makes it an actor."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from raytool.config import RewardConfig
from raytool.judging import Judge
from raytool.records import Episode, Judgement, RewardUnavailable

log = logging.getLogger(__name__)

_PAUSES_S = (1.0, 4.0, None)  # after each try to score an episode; after the last one it is given up


class RewardActor:
    def __init__(self, config: RewardConfig):
        self._judge = Judge(config)

    def score(self, episodes: Sequence[Episode]) -> list[Judgement | None]:
        """What the reward says of each; None for those of which it was not to be had. After one of these the others are tried once.

        Raises:
            UserError: the reward broke, or what it said is no judgement.
        """
        said: list[Judgement | None] = []
        for episode in episodes:
            said.append(self._judgement(episode, _PAUSES_S[-1:] if None in said else _PAUSES_S))
        return said

    def _judgement(self, episode: Episode, pauses_s: Sequence[float | None]) -> Judgement | None:
        for pause in pauses_s:
            try:
                return self._judge(episode)
            except RewardUnavailable as error:
                log.warning("the reward of episode %s: %s", episode.id, error)
                if pause is not None:
                    time.sleep(pause)
        return None
