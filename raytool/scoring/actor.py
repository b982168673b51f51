"""A reward worker: one reward plug-in. A plain class; the pool makes it an actor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from raytool import plugins
from raytool.records import Episode, UserError


def make_reward(name: str, options: dict[str, Any]) -> Any:
    """Make a reward from its plug-in string.

    Raises:
        PluginError, UserError: the string leads nowhere, or its options do not fit.
    """
    reward = plugins.load(name, "raytool.rewards")
    try:
        made = reward(**options)
    except (TypeError, ValueError) as error:
        raise UserError(f"reward.options: {name}: {error}") from error
    if not callable(made):
        raise UserError(f"reward.name: {name}: its instances cannot be called with an episode")
    return made


class RewardActor:
    def __init__(self, name: str, options: dict[str, Any]):
        self._reward = make_reward(name, options)

    def score(self, episodes: Sequence[Episode]) -> list[Episode]:
        """The episodes with their verdicts and outcomes."""
        return [episode.judged(self._reward(episode)) for episode in episodes]
