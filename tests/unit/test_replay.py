"""The store keeps sealed files through every stop; the buffer hands each group out once, and only while it is fresh."""

import dataclasses
import random

import pytest

from raytool.replay.buffer import ReplayBuffer
from raytool.replay.store import EpisodeStore
from tests.unit.builders import episode


def group(number, version=0, samples=2):
    return [episode(group=number, sample=sample, version=version) for sample in range(samples)]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def groups_of(store):
    return [[e.group for e in episodes] for _, episodes in store.read()]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "episodes"


def filled(folder, count):
    store = EpisodeStore(folder, "ppo")
    return store, [store.add(group(number)) for number in range(count)]


# --- store


def test_every_add_is_one_sealed_file_and_kinds_do_not_mix(folder):
    store, _ = filled(folder, 2)
    EpisodeStore(folder, "demonstrations").add(group(9))
    assert names(folder) == ["demonstrations-000000.arrow", "ppo-000000.arrow", "ppo-000001.arrow"]
    assert [episodes for _, episodes in store.read()] == [group(0), group(1)]
    assert groups_of(EpisodeStore(folder, "demonstrations")) == [[9, 9]]


def test_a_write_that_was_killed_is_ignored_then_cleaned(folder):
    store, paths = filled(folder, 1)
    whole = paths[0].read_bytes()
    (folder / ".ppo-000001.arrow.draft").write_bytes(whole[: len(whole) // 2])
    (folder / ".demonstrations-000000.arrow.draft").write_bytes(b"")
    assert groups_of(store) == [[0, 0]]
    again = EpisodeStore(folder, "ppo")
    assert names(folder) == [".demonstrations-000000.arrow.draft", "ppo-000000.arrow"]
    assert again.add(group(1)).name == "ppo-000001.arrow"


def test_a_write_that_fails_leaves_no_sealed_file(folder, monkeypatch):
    store, _ = filled(folder, 1)
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        store.add(group(1))
    assert groups_of(store) == [[0, 0]]


def test_a_run_may_have_a_million_files_and_more(folder):
    store = EpisodeStore(folder, "ppo")
    store._next = 999_999
    paths = [store.add(group(number)) for number in range(3)]
    assert [path.name for path in paths] == ["ppo-999999.arrow", "ppo-1000000.arrow", "ppo-1000001.arrow"]
    again = EpisodeStore(folder, "ppo")
    assert [path for path, _ in again.contents()] == paths and again._next == 1_000_002
    again.compact(paths)
    assert [path.name for path, _ in again.contents()] == ["ppo-999999-1000001.arrow"]


def test_contents_are_known_without_making_an_episode(folder, monkeypatch):
    store = EpisodeStore(folder, "ppo")
    store.add([episode(group=4, sample=0, version=2), episode(group=4, sample=1, version=5)])
    store.add(group(7))
    expected = [(len(episodes), episodes[0].group, max(e.newest_version for e in episodes)) for _, episodes in store.read()]
    monkeypatch.setattr("raytool.replay.store.from_table", None)
    assert [dataclasses.astuple(held) for _, held in store.contents()] == expected


def test_compaction_keeps_rows_and_order(folder):
    store, paths = filled(folder, 4)
    store.compact(paths[:3])
    assert names(folder) == ["ppo-000000-000002.arrow", "ppo-000003.arrow"]
    assert groups_of(store) == [[0, 0, 1, 1, 2, 2], [3, 3]]
    assert store.add(group(4)).name == "ppo-000004.arrow"
    store.compact([folder / "ppo-000000-000002.arrow", paths[3]])
    assert groups_of(EpisodeStore(folder, "ppo")) == [[0, 0, 1, 1, 2, 2, 3, 3], [4, 4]]


@pytest.mark.parametrize("kept", [[1], [0, 3], [2, 4]])
def test_compaction_does_not_swallow_what_it_was_not_given(folder, kept):
    store, paths = filled(folder, 6)
    store.compact([path for number, path in enumerate(paths) if number not in kept])
    assert {paths[number].name for number in kept} <= set(names(folder))
    assert groups_of(EpisodeStore(folder, "ppo")) == groups_of(store)
    assert [g for row in groups_of(store) for g in row[::2]] == list(range(6))


@pytest.mark.parametrize("left", [[0, 1, 2], [1, 2], [2]])
def test_an_interrupted_compaction_is_finished_on_opening(folder, left):
    store, paths = filled(folder, 4)
    members = {path: path.read_bytes() for path in paths}
    store.compact(paths[:3])
    for number in left:
        paths[number].write_bytes(members[paths[number]])
    again = EpisodeStore(folder, "ppo")
    assert names(folder) == ["ppo-000000-000002.arrow", "ppo-000003.arrow"]
    assert groups_of(again) == [[0, 0, 1, 1, 2, 2], [3, 3]]


def test_setting_aside_keeps_every_file(folder):
    for attempt in range(3):
        store = EpisodeStore(folder, "ppo")
        path = store.add(group(attempt))
        assert path.name == "ppo-000000.arrow"
        store.set_aside(path)
    assert names(folder) == []
    assert names(folder.parent / "void") == ["ppo-000000.1.arrow", "ppo-000000.2.arrow", "ppo-000000.arrow"]


# --- buffer


def test_a_group_is_stored_before_it_can_be_taken_and_taken_once(folder):
    buffer = ReplayBuffer(EpisodeStore(folder, "ppo"), max_staleness=0)
    assert buffer.take(1, 0, []) is None
    buffer.add(group(1))
    buffer.add(group(0))
    assert names(folder) == ["ppo-000000.arrow", "ppo-000001.arrow"]
    assert buffer.take(3, 0, []) is None
    assert buffer.take(2, 0, []) == [group(0), group(1)]  # by draw, not by arrival
    assert (buffer.take(1, 0, []), buffer.waiting_groups) == (None, 0)


def test_groups_are_taken_in_the_order_they_arrived(folder):
    buffer = ReplayBuffer(EpisodeStore(folder, "ppo"), max_staleness=0)
    for number in (5, 3, 4):
        buffer.add(group(number))
    assert [taken[0].group for taken in buffer.take(2, 0, [])] == [3, 5]
    assert [taken[0].group for taken in buffer.take(1, 0, [])] == [4]


def test_the_oldest_groups_are_taken_first(folder):
    buffer = ReplayBuffer(EpisodeStore(folder, "ppo"), max_staleness=2)
    for number, version in enumerate([4, 3, 4, 3]):
        buffer.add(group(number, version))
    assert [taken[0].group for taken in buffer.take(3, 5, [])] == [0, 1, 3]


@pytest.mark.parametrize(
    ("being_played", "taken"),
    [
        ([], True),
        ([5, 5, 5, 5], True),  # two updates can still take two each
        ([5, 5, 5, 5, 5], False),  # one of them would be too old for its turn
        ([4, 4, 5, 5], True),
        ([4, 4, 4], False),  # the next update takes two, and the one after it comes too late
        ([3], False),  # now or never
    ],
)
def test_an_update_waits_for_groups_that_would_be_too_old_for_the_next(folder, being_played, taken):
    buffer = ReplayBuffer(EpisodeStore(folder, "ppo"), max_staleness=2)
    for number in range(2):
        buffer.add(group(number, version=5))
    assert (buffer.take(2, 5, being_played) is not None) is taken


@pytest.mark.parametrize("staleness", [0, 1, 2, 3])
def test_no_group_gets_stale_however_long_it_is_played(folder, staleness, monkeypatch):
    monkeypatch.setattr("os.fsync", lambda _: None)
    buffer, rng = ReplayBuffer(EpisodeStore(folder, "ppo"), staleness), random.Random(staleness)
    size, version, drawn, playing, trained = 3, 0, 0, {}, []
    for _ in range(1_000):
        while len(playing) + buffer.waiting_groups < (staleness + 1) * size:  # PPO's room for what is open
            playing[drawn], drawn = version, drawn + 1
        if (batch := buffer.take(size, version, playing.values())) is not None:
            trained += [episodes[0].group for episodes in batch]
            version += 1
        elif playing:
            slow = [number for number in playing if number % 4 == 0]
            number = rng.choice([number for number in playing if number not in slow] or slow)
            buffer.add(group(number, playing.pop(number), samples=1))
        assert buffer.drop_stale(version) == set()
    assert version > 100 and len(trained) == size * version


def test_staleness_counts_from_the_oldest_token_and_drops_are_counted(folder):
    buffer = ReplayBuffer(EpisodeStore(folder, "ppo"), max_staleness=1)
    mixed = [episode(group=0, sample=0, version=5), episode(group=0, sample=1, versions=(-1, 2), version=5)]
    buffer.add(mixed)
    buffer.add(group(1, version=4))
    assert buffer.drop_stale(5) == {0}
    assert (buffer.counts["stale"], buffer.waiting_groups) == (2, 1)
    assert buffer.take(1, 5, []) == [group(1, version=4)]
    buffer.add(group(2, version=3))
    assert (buffer.drop_stale(5), buffer.counts["stale"]) == ({2}, 4)


def test_restoring_takes_up_what_was_open_and_sets_later_versions_aside(folder):
    stopped = ReplayBuffer(EpisodeStore(folder, "ppo"), max_staleness=9)
    for number, version in enumerate([0, 0, 1, 2]):
        stopped.add(group(number, version))
    assert stopped.take(1, 0, []) is not None  # group 0, consumed by the checkpoint of version 1
    resumed = ReplayBuffer(EpisodeStore(folder, "ppo"), max_staleness=9)
    assert resumed.restore(1, lambda number: number != 0) == {1, 2}
    assert (resumed.counts["void"], names(folder.parent / "void")) == (2, ["ppo-000003.arrow"])
    assert resumed.take(2, 1, []) == [group(1), group(2, version=1)]


def test_compaction_leaves_waiting_groups_and_restores_none_of_the_consumed(folder):
    buffer = ReplayBuffer(EpisodeStore(folder, "ppo"), max_staleness=0)
    for number in (0, 2, 1, 3):
        buffer.add(group(number))
    buffer.take(3, 0, [])
    buffer.compact()
    assert names(folder) == ["ppo-000000-000002.arrow", "ppo-000003.arrow"]
    assert ReplayBuffer(EpisodeStore(folder, "ppo"), 0).restore(0, lambda number: number == 3) == {3}


class Program:
    """A run that plays, updates, saves and is killed at random; what a checkpoint knows is all that survives it."""

    def __init__(self, folder, seed):
        self.folder, self.random, self.staleness = folder, random.Random(seed), seed % 3
        self.saved = {"version": 0, "next_draw": 0, "open": set(), "trained": []}
        self.start()

    def start(self):
        saved = self.saved
        self.version, self.trained, self.next_draw = saved["version"], list(saved["trained"]), saved["next_draw"]
        self.buffer = ReplayBuffer(EpisodeStore(self.folder, "ppo"), self.staleness)
        restored = self.buffer.restore(self.version, lambda number: number in saved["open"] or number >= saved["next_draw"])
        assert not restored & set(self.trained)
        self.next_draw = max([self.next_draw, *(number + 1 for number in restored)])
        self.open = saved["open"] | restored
        self.playing = (saved["open"] | set(range(saved["next_draw"], self.next_draw))) - restored

    def draw(self):
        self.playing.add(self.next_draw)
        self.open.add(self.next_draw)
        self.next_draw += 1

    def add(self):
        if self.playing:
            number = self.random.choice(sorted(self.playing))
            self.playing.remove(number)
            self.buffer.add(group(number, self.random.randint(max(0, self.version - 1), self.version), samples=1))

    def update(self):
        self.open -= self.buffer.drop_stale(self.version)
        if (taken := self.buffer.take(self.random.randint(1, 3), self.version, [])) is not None:
            for (only,) in taken:
                assert self.version - only.oldest_version <= self.staleness
                assert only.group not in self.trained, "trained on twice"
                self.trained.append(only.group)
            self.open -= set(self.trained)
            self.version += 1

    def save(self):
        open_groups = self.open | self.playing
        self.saved = {"version": self.version, "next_draw": self.next_draw, "open": open_groups, "trained": list(self.trained)}
        if self.random.random() < 0.7:  # otherwise killed between the checkpoint and the compaction
            self.buffer.compact()


@pytest.mark.parametrize("seed", range(30))
def test_no_group_is_trained_on_twice_whenever_the_run_is_killed(folder, seed, monkeypatch):
    monkeypatch.setattr("os.fsync", lambda _: None)
    program = Program(folder, seed)
    for _ in range(80):
        program.random.choices([program.draw, program.add, program.update, program.save, program.start], [4, 5, 3, 1, 1])[0]()
    assert len(set(program.trained)) == len(program.trained)
    on_disk = [number for numbers in groups_of(EpisodeStore(folder, "ppo")) for number in numbers]
    assert len(set(on_disk)) == len(on_disk) and set(program.trained) <= set(on_disk)
