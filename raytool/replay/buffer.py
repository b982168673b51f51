"""Which stored episodes may be trained on: written first, handed out once, and only while they are fresh.

A group (the samples of one draw) is the unit: it is added whole and taken whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from raytool.records import Episode, PolicyVersion
from raytool.replay.store import EpisodeStore, read_file


class ReplayBuffer:
    def __init__(self, store: EpisodeStore, max_staleness: int):
        self._store = store
        self._max_staleness = max_staleness
        self._waiting: list[tuple[Path, list[Episode]]] = []
        self._consumed_files: list[Path] = []
        self.counts: Counter[str] = Counter()
        self.added = 0  # groups, the dropped ones too

    def restore(self, version: PolicyVersion, is_open: Callable[[int], bool]) -> set[int]:
        """Take up the store where a checkpoint left it: the groups that wait to be consumed are returned.

        `is_open` tells of a group whether the checkpoint has not consumed it. Files with a token of a later policy
        than the checkpoint's are set aside, to be played again.
        """
        for path, held in self._store.contents():
            if held.newest_version > version:
                self._store.set_aside(path)
                self.counts["void"] += held.episodes
            elif is_open(held.group):
                self._waiting.append((path, read_file(path)))
        return {episodes[0].group for _, episodes in self._waiting}

    @property
    def waiting_groups(self) -> int:
        return len(self._waiting)

    def add(self, group: Sequence[Episode]) -> None:
        """Store the episodes of one group; only then may they be taken."""
        assert len({episode.group for episode in group}) == 1, "one group at a time"
        self._waiting.append((self._store.add(group), list(group)))
        self.added += 1

    def drop_stale(self, version: PolicyVersion) -> set[int]:
        """Give up the groups that are too old for an update of `version`; they are counted and their numbers returned."""
        fresh, stale = [], set()
        for path, episodes in self._waiting:
            if version - min(episode.oldest_version for episode in episodes) > self._max_staleness:
                self.counts["stale"] += len(episodes)
                stale.add(episodes[0].group)
            else:
                fresh.append((path, episodes))
        self._waiting = fresh
        return stale

    def take(self, groups: int) -> list[list[Episode]] | None:
        """The groups that have waited longest, or None while there are too few."""
        if len(self._waiting) < groups:
            return None
        # By draw and not by arrival: the same episodes give the same update, whichever was finished first.
        taken = sorted(self._waiting[:groups], key=lambda entry: entry[1][0].group)
        self._waiting = self._waiting[groups:]
        self._consumed_files += [path for path, _ in taken]
        return [episodes for _, episodes in taken]

    def compact(self) -> None:
        """Merge the files of consumed groups, once a checkpoint has their ids."""
        self._store.compact(sorted(self._consumed_files))
        self._consumed_files.clear()
