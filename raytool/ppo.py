"""The stage PPO: two loops side by side.

The play loop: play -> score -> add
    consumes     draws of tasks, in order
    produces     scored groups of episodes, stored before anybody may take them
    waits for    room: groups played, waiting and in training are at most (max_staleness + 1) batches
    unblocked by the update loop, with every publish

The update loop: take -> update -> publish
    consumes     the first batch of groups that is fresh enough
    produces     a policy version, in the engines; a checkpoint every so often
    waits for    a batch
    unblocked by the play loop, with every add
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from raytool.config import Config
from raytool.console import Console
from raytool.learner.group import LearnerGroup
from raytool.metrics import Metrics, Timers
from raytool.records import Episode, PolicyVersion
from raytool.replay.buffer import ReplayBuffer
from raytool.replay.store import EpisodeStore
from raytool.rollout.episode import PromptTooLong
from raytool.rollout.pool import RolloutPool, TooMuchLost
from raytool.run_state import Progress
from raytool.scoring.pool import RewardPool
from raytool.tasks import TaskSource
from raytool.update_reports import UpdateReports, health_of


class PPO:
    """The stage of a run in the folder `run`, from `progress` on."""

    def __init__(
        self,
        config: Config,
        tasks: TaskSource,
        rollout: RolloutPool,
        reward: RewardPool,
        learner: LearnerGroup,
        metrics: Metrics,
        timers: Timers,
        console: Console,
        run: Path,
        progress: Progress,
    ):
        self._whole, self._config = config, config.ppo
        self._rollout, self._reward, self._learner = rollout, reward, learner
        self._timers, self._console = timers, console
        self._progress = progress
        self._tasks = tasks
        self._buffer = ReplayBuffer(EpisodeStore(run / "episodes", "ppo"), self._config.max_staleness)
        left_open = set(progress.open_groups)
        restored = self._buffer.restore(progress.version, lambda group: group in left_open or group >= progress.next_draw)
        self._next_draw = max([progress.next_draw, *(group + 1 for group in restored)])
        # Begun before the stop and not stored: to be played again.
        self._again = sorted((left_open | set(range(progress.next_draw, self._next_draw))) - restored)
        self._draws = itertools.chain(list(self._again), itertools.count(self._next_draw))
        self._open = set(restored)  # begun and not yet consumed by a published update
        self._being_played: dict[int, PolicyVersion] = {}  # or scored; under which version each was begun
        self._version = progress.version
        self._updates_done = progress.step
        self._changed = asyncio.Condition()
        self._failed_in_a_row = 0
        self._reports = UpdateReports(metrics, timers, health_of(run, self._config, until=progress.step), console)

    async def fit(
        self,
        publish: Callable[[PolicyVersion], Awaitable[None]],
        save: Callable[[Progress, bool], Awaitable[None]],
        evaluate: Callable[[int], Awaitable[object]],
    ) -> Progress:
        """Go on to the end.

        `publish` has the engines take up the learner's weights as a version, `save` writes a checkpoint, which may be the last one, and
        `evaluate` is given the updates that are done.

        Raises:
            TooMuchLost: no more groups come.
        """
        for part in (self._rollout, self._reward):  # what other stages left; the buffer is this one's, and knows what a resume set aside
            part.counts.clear()
        self._timers.take()
        self._since = time.perf_counter()  # what an update takes is counted from
        playing = asyncio.create_task(self._play())
        try:
            with self._console.bar("PPO", self._config.updates, self._progress.step, "updates") as bar:
                while self._updates_done < self._config.updates:
                    figures = await self._update(playing, publish, save, evaluate)
                    shown = [name for name in ("reward/mean", "kl", "tokens_per_s") if name in figures]
                    bar.advance(**{name.removesuffix("/mean"): figures[name] for name in shown})
        finally:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
        return self._progress

    async def _play(self) -> None:
        async with asyncio.TaskGroup() as playing:
            while True:
                async with self._changed:
                    with self._reports.play("wait_for_room"):
                        await self._changed.wait_for(self._has_room)
                    group = next(self._draws)
                    self._next_draw = max(self._next_draw, group + 1)
                    self._open.add(group)
                    self._being_played[group] = self._version
                    self._again = [other for other in self._again if other != group]
                playing.create_task(self._play_group(group))

    def _has_room(self) -> bool:
        batches = min(self._config.max_staleness + 1, self._config.updates - self._updates_done)
        return len(self._open) < batches * self._config.tasks_per_update

    async def _play_group(self, group: int) -> None:
        samples = range(self._config.samples_per_task)
        with self._reports.play("rollout"):
            try:
                episodes = await self._rollout.play(self._tasks.draw(group), group, samples, self._config.temperature)
            except PromptTooLong as error:  # one that is drawn in place of others; those that were to be drawn have been looked at
                self._console.say(f"warning: left out: {error}")
                episodes = []
        with self._reports.play("scoring"):
            scored = await self._reward.score(episodes) if episodes else []
        async with self._changed:
            del self._being_played[group]
            if scored:
                self._failed_in_a_row = 0
                self._buffer.add(scored)
                self._reports.played(scored)
            else:
                self._failed_in_a_row += 1  # to be played, or to be scored
                self._open.discard(group)
                if self._failed_in_a_row > 3 * self._config.tasks_per_update:
                    raise TooMuchLost(f"{self._failed_in_a_row} tasks in a row could not be played{self._rollout.why}")
            self._changed.notify_all()

    async def _update(
        self,
        playing: asyncio.Task[None],
        publish: Callable[[PolicyVersion], Awaitable[None]],
        save: Callable[[Progress, bool], Awaitable[None]],
        evaluate: Callable[[int], Awaitable[object]],
    ) -> dict[str, float]:
        """One round of the update loop; what is reported of it."""
        config, timers = self._config, self._timers
        with timers("wait_for_batch"):
            groups = await self._batch(playing)
        with timers("update"):
            figures = await self._learner.update(groups, config.minibatches, self._updates_done)
        await publish(self._version + 1)
        self._version += 1  # not before: what is begun meanwhile may be played by older weights
        done, every = self._updates_done + 1, self._whole.evaluate.every
        if every is not None and done % every == 0 and done < config.updates:  # the last one is the stage's
            paused = time.perf_counter()
            with timers("evaluate"):
                await evaluate(done)
            self._since += time.perf_counter() - paused  # what follows counts training alone
        async with self._changed:
            self._open -= {episode.group for group in groups for episode in group}
            self._updates_done += 1
            self._changed.notify_all()
        spent, self._since = time.perf_counter() - self._since, time.perf_counter()  # what a checkpoint takes counts in the next one
        self._reach(spent, figures["tokens"])
        written = self._reports.write(self._updates_done, {**figures, **self._take_counts()}, groups, self._version - 1, spent)
        if (last := self._updates_done == config.updates) or self._updates_done % self._whole.checkpoint.every == 0:
            await save(self._progress, last)  # last: whoever goes on from here does none of the above again
            self._buffer.compact()
        return written

    async def _batch(self, playing: asyncio.Task[None]) -> list[list[Episode]]:
        """The next batch, or the error that keeps it from coming."""

        async def wait() -> list[list[Episode]]:
            async with self._changed:
                while True:  # a group may be stale already when it comes
                    if stale := self._buffer.drop_stale(self._version):
                        self._open -= stale
                        self._changed.notify_all()
                    played = self._being_played.values()
                    if (taken := self._buffer.take(self._config.tasks_per_update, self._version, played)) is not None:
                        return taken
                    await self._changed.wait()

        waiting = asyncio.create_task(wait())
        limit, there = self._whole.rollout.stall_limit_s * self._whole.rollout.attempts, -1
        # What is being played or scored has limits of its own, which do not end what gets on.
        while not waiting.done() and not playing.done() and (there < self._buffer.added or self._being_played):
            there = self._buffer.added
            await asyncio.wait({waiting, playing}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return waiting.result()
        waiting.cancel()
        if playing.done():
            playing.result()
        raise TooMuchLost(f"waited {limit:g} s for another group (time/wait_for_batch); {self._buffer.waiting_groups} are there")

    def _reach(self, seconds: float, tokens: float) -> None:
        """Where a checkpoint now would go on."""
        before = self._progress
        self._progress = dataclasses.replace(
            before,
            step=self._updates_done,
            version=self._version,
            next_draw=self._next_draw,
            open_groups=tuple(sorted(self._open | set(self._again))),
            seconds=before.seconds + seconds,
            tokens=before.tokens + tokens,
        )

    def _take_counts(self) -> dict[str, float]:
        counts = self._buffer.counts + self._rollout.counts + self._reward.counts
        for part in (self._buffer, self._rollout, self._reward):
            part.counts.clear()
        return {"workers": float(self._rollout.admitted), **{f"count/{name}": float(n) for name, n in counts.items()}}
