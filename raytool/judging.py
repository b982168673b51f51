"""A reward held to its contract (docs/rewards.md), wherever it is asked: while a run scores, in a replay, and before a run."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import Any

from raytool import plugins
from raytool.config import RewardConfig
from raytool.records import Episode, How, Judgement, RewardUnavailable, UserError, Verdict, by_numbers


class Judge:
    """The reward of a config.

    Raises:
        UserError: there is none of that name, or its options do not fit.
    """

    def __init__(self, config: RewardConfig):
        self._name = config.name
        self._reward = plugins.make_reward(config.name, config.options)
        # The categories that it has beside the ladder's, with the one that each refines; None where it does not judge by the ladder.
        self.refines: Mapping[str, str] | None = getattr(self._reward, "refines", None)
        self.comparison: How = getattr(self._reward, "comparison", by_numbers)

    def __call__(self, episode: Episode) -> Judgement:
        """What the reward says of an episode.

        Raises:
            RewardUnavailable: from the reward.
            UserError: it broke, or what it said is no judgement of this episode.
        """
        about = f"reward '{self._name}': task {episode.task.id}"
        try:
            said = self._reward(episode)
        except RewardUnavailable:
            raise
        except Exception as error:
            raise UserError(f"{about}: {plugins.raised(error)}") from error
        if mistake := _mistake(said, sum(1 for _ in episode.calls)):
            raise UserError(f"{about}: {mistake}")
        return said

    def judged(self, episode: Episode) -> Episode:
        """The episode with what the reward says of it, where nobody waits for one that is not to be had just now.

        Raises:
            UserError: it is not, or as above.
        """
        try:
            return episode.judged(self(episode))
        except RewardUnavailable as error:
            raise UserError(f"reward '{self._name}': task {episode.task.id}: it is not to be had: {error}") from error


def _mistake(said: Any, calls: int) -> str:
    """What is wrong with what a reward said of an episode with so many calls, or nothing."""
    if not isinstance(said, Judgement):
        return f"a Judgement expected, {_shown(said)} came"
    if not isinstance(said.verdicts, tuple | list):
        return f"a tuple of verdicts expected, {_shown(said.verdicts)} came"
    for number, verdict in enumerate(said.verdicts, 1):
        if not isinstance(verdict, Verdict):
            return f"verdict {number}: a Verdict expected, {_shown(verdict)} came"
        if not isinstance(verdict.category, str):
            return f"verdict {number}: the name of a category expected, {_shown(verdict.category)} came"
        if not _finite(verdict.reward):
            return f"verdict {number}: a finite number expected, {_shown(verdict.reward)} came"
    if len(said.verdicts) != calls:
        return f"{calls} verdicts expected, one for each call, {len(said.verdicts)} came"
    return "" if _finite(said.outcome) else f"outcome: a finite number expected, {_shown(said.outcome)} came"


def _finite(value: Any) -> bool:
    return isinstance(value, numbers.Real) and math.isfinite(value)


def _shown(value: Any) -> str:
    """A value in few characters, and its type."""
    text = " ".join(repr(value).split())
    return f"{text if len(text) <= 60 else f'{text[:60]}...'} ({type(value).__name__})"
