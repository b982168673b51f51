"""Which stored episodes may be trained on: written first, handed out once, and only while they are fresh.

A group (the samples of one draw) is the unit: it is added whole and taken whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from raytool.records import Episode, PolicyVersion
from raytool.replay.store import EpisodeStore, read_file


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """A stored group that waits, with the version of its oldest token."""

    path: Path
    episodes: list[Episode]
    oldest: PolicyVersion

    @classmethod
    def of(cls, path: Path, episodes: list[Episode]) -> _Group:
        return cls(path, episodes, min(episode.oldest_version for episode in episodes))

    @property
    def number(self) -> int:
        return self.episodes[0].group


class ReplayBuffer:
    def __init__(self, store: EpisodeStore, max_staleness: int):
        self._store = store
        self._max_staleness = max_staleness
        self._waiting: list[_Group] = []
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
                self._waiting.append(_Group.of(path, read_file(path)))
        return {group.number for group in self._waiting}

    @property
    def waiting_groups(self) -> int:
        return len(self._waiting)

    def add(self, group: Sequence[Episode]) -> None:
        """Store the episodes of one group; only then may they be taken."""
        assert len({episode.group for episode in group}) == 1, "one group at a time"
        self._waiting.append(_Group.of(self._store.add(group), list(group)))
        self.added += 1

    def drop_stale(self, version: PolicyVersion) -> set[int]:
        """Give up the groups that are too old for an update of `version`; they are counted and their numbers returned."""
        stale = [group for group in self._waiting if version - group.oldest > self._max_staleness]
        self._waiting = [group for group in self._waiting if group not in stale]
        self.counts["stale"] += sum(len(group.episodes) for group in stale)
        return {group.number for group in stale}

    def take(self, groups: int, version: PolicyVersion, being_played: Collection[PolicyVersion]) -> list[list[Episode]] | None:
        """The oldest groups, for an update of `version`; or None while there are too few, or while it has to wait for one that is played.

        `being_played` has the version under which each group that is still played was begun. It has to wait where the update would make
        some of them too old before their turn: then slow groups, which are the long ones, would never be learnt from. Each later
        update can take `groups` of those that will not be too old for it.
        """
        ages = [version - begun for begun in being_played]
        late = any(sum(age >= self._max_staleness - later for age in ages) > later * groups for later in range(self._max_staleness + 1))
        if late or len(self._waiting) < groups:
            return None
        oldest = sorted(self._waiting, key=lambda group: group.oldest)[:groups]  # of one age, those that have waited longest
        self._waiting = [group for group in self._waiting if group not in oldest]
        self._consumed_files += [group.path for group in oldest]
        # By draw and not by arrival: the same episodes give the same update, whichever was finished first.
        return [group.episodes for group in sorted(oldest, key=lambda group: group.number)]

    def compact(self) -> None:
        """Merge the files of consumed groups, once a checkpoint has their ids."""
        self._store.compact(sorted(self._consumed_files))
        self._consumed_files.clear()
