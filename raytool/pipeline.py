"""A run: its stages in order, and in PPO two loops side by side.

                tasks.draw()                  play(task)                      score(episodes)
    TaskSource ------------> RolloutPool ------------------> episodes ------------> RewardPool
                              vLLM engine <-> ToolEnv                                   |
                                  ^            tool host processes                      | add(group)
                     load(version)|                                                     v
                             WeightSync <------ LearnerGroup <---------------- ReplayBuffer (Arrow)
                               publish(version)   update(groups)   take(n, version)

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

SFT is the same learner fed with demonstrations: gold played through the environments by the same turn loop, and trajectories
of other models, which are replayed by it.
Evaluation is the same pool, greedy, without a learner.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import json
import logging
import time
from collections.abc import Sequence

from raytool import placement as placing
from raytool import pretrained, sharing
from raytool.collecting import collect
from raytool.config import Config
from raytool.console import Bar, Console
from raytool.demonstrations import Lessons
from raytool.evaluation import metrics as agreement
from raytool.evaluation import results
from raytool.evaluation.about import of_model
from raytool.evaluation.opening import Opened
from raytool.evaluation.scorecard import Scorecard
from raytool.learner.group import LearnerGroup
from raytool.metrics import Metrics, Timers, memory_line
from raytool.placement import Placement
from raytool.records import Episode, PolicyVersion, Task
from raytool.replay.buffer import ReplayBuffer
from raytool.replay.store import EpisodeStore
from raytool.reporting import UpdateReports, health_of
from raytool.rollout.actor import WorkerSettings
from raytool.rollout.episode import Limits
from raytool.rollout.pool import InfrastructureFailed, PlayedAll, RolloutPool
from raytool.run_state import Progress, RunFolder
from raytool.scoring.pool import RewardPool
from raytool.sft import SFT
from raytool.sharing import Mark
from raytool.tasks import TaskSource
from raytool.weight_sync.shared_memory import SharedMemory

log = logging.getLogger(__name__)


class Run:
    """One run of a config, from wherever its folder says it stands."""

    def __init__(
        self,
        config: Config,
        folder: RunFolder,
        sources: Sequence[Sequence[Task]],
        test: Sequence[Task],
        suites: Sequence[Opened],
        console: Console,
        environment: dict[str, str],
    ):
        self._config = config
        self._folder = folder
        self._sources = sources  # the tasks of each of config.tasks.train
        self._test = test
        self._suites = suites
        self._console = console
        self._environment = environment
        self._state = folder.state()
        self._metrics = Metrics(folder.path, config.logging, self._state.attempt)
        self._timers = Timers("time")

    async def execute(self) -> None:
        """Do the stages that are left, and show the table."""
        if not self._state.finished:
            await self._start()
            try:
                await self._check_weights()
                for index in range(self._state.stage, len(self._config.stages)):
                    await self._stage(index)
                self._update_state(finished=True)
            finally:
                await self._stop()
        results.show(self._console, self._folder)
        for line in health_of(self._folder.path, self._config.ppo).summary():
            self._console.say(line)

    # ---- parts

    async def _start(self) -> None:
        config = self._config
        accelerator = placing.choose_accelerator(config.accelerator)
        self._placement: Placement = await placing.reserve(config.rollout, config.learner.ranks, accelerator, self._environment)
        trained = self._checkpoint_model(self._state.checkpoint)
        start_from = trained or config.model.path
        weight_sync, mark = SharedMemory(config.weight_sync.directory), sharing.mark(self._folder.path, "the driver")
        log_folder = self._folder.path / "log"
        strict = config.ppo.max_staleness == 0  # then engines and learner take turns, and each may have all cores
        threads = config.learner.threads or placing.threads_per_actor(config.learner.ranks * (1 if strict else 2))
        engine_threads = placing.threads_per_actor(config.rollout.workers * (1 if strict else 2))
        longest = max([config.rollout.max_tokens, *(opened.suite.max_tokens for opened in self._suites)])
        settings = WorkerSettings(
            start_from, config.model, config.rollout, weight_sync, config.seed, accelerator, log_folder, longest, mark
        )
        self._rollout = RolloutPool(settings, self._placement, engine_threads, config.ppo.max_staleness)
        self._reward = RewardPool(config.reward, self._environment)
        self._learner = LearnerGroup(config.learner, weight_sync, config.model, trained, self._placement, threads, log_folder)
        with self._console.waiting(
            f"starting {config.rollout.workers} rollout worker(s) and {config.learner.ranks} learner rank(s) on {accelerator}"
        ):
            await asyncio.gather(self._rollout.start(), self._start_learner(mark))

    async def _start_learner(self, mark: Mark) -> None:
        await self._learner.look(mark, "runs")
        await self._learner.start(self._config.seed)

    async def _check_weights(self) -> None:
        """Refuse a folder of weights that is not shared before hours go into what would be published there."""
        if {"sft", "ppo"} & set(self._config.stages[self._state.stage :]):
            await self._rollout.look(await self._learner.open_weights(), "weight_sync.directory")

    async def _stop(self) -> None:
        self._reward.stop()
        await self._rollout.stop()
        await self._learner.stop()  # after whom its weights are for
        self._placement.release()
        self._metrics.close()

    def _checkpoint_model(self, name: str | None) -> str | None:
        return None if name is None else str(self._folder.checkpoints / name / "model")

    def _update_state(self, **changes: object) -> None:
        self._state = dataclasses.replace(self._state, **changes)  # type: ignore[arg-type]
        self._folder.write_state(self._state)

    async def _stage(self, index: int) -> None:
        kind = self._config.stages[index]
        trained = [stage for stage in self._config.stages[:index] if stage != "evaluate"]
        began = time.perf_counter()
        if kind == "evaluate":
            label = trained[-1] if trained else "base"
            step = self._folder.progress(self._state.checkpoint).step if self._state.checkpoint else 0
            tokens, seconds = await self._evaluate(label, step, label), time.perf_counter() - began
            figures = {f"evaluate_{label}": {"seconds": seconds, "tokens": tokens}}
        else:
            progress = self._progress(index)
            done = await (self._sft(index, progress) if kind == "sft" else self._ppo(index, progress))
            memory = await self._learner.memory()
            self._console.say(f"{kind.upper()}: the most that a learner rank has held is {memory['peak_gb']:.2f} GB")
            self._metrics.write(f"{kind}_memory", done.step, memory)
            figures = {kind: {"seconds": done.seconds, "tokens": done.tokens}}
        self._update_state(stage=index + 1, figures={**self._state.figures, **figures})

    def _progress(self, index: int) -> Progress:
        """Where the newest checkpoint left this stage."""
        if self._state.checkpoint is not None and (found := self._folder.progress(self._state.checkpoint)).stage == index:
            return found
        return Progress(stage=index, step=0)

    async def _save(self, kind: str, progress: Progress, resumable: bool) -> None:
        """Write a checkpoint; a stage's last one holds no optimiser, since the next stage begins a new one."""
        name = _checkpoint_name(kind, progress)
        draft = self._folder.draft(name)
        with self._timers("save_checkpoint"):
            await self._learner.save(draft, resumable)
            (draft / "model" / pretrained.PROMPT_FILE).write_text(json.dumps(self._config.model.prompt(), indent=1) + "\n")
            self._folder.seal(name, draft, progress)
        trained = {} if resumable else {"trained": name}
        self._update_state(checkpoint=name, **trained)
        self._folder.prune(kind, self._config.checkpoint.keep)

    # ---- evaluation

    async def _evaluate(self, trained: str, step: int, name: str) -> float:
        """Play the test tasks and the suites greedily, and write eval/<name>*; the number of sampled tokens is returned.

        `trained` is the stage that was trained last, `step` how far it was.
        """
        folder, stage = self._folder.path / "eval", f"evaluate_{trained}"
        tested = await self._play_all(f"evaluate {name}", self._test)
        every = tested.episodes
        if every:
            every = await self._reward.score(every)
            results.write(folder / f"{name}.json", every, tested.lost)
        for source, found in results.by_source(every).items():
            summary = agreement.summarise(found)
            figures = {"ts": summary.tool, "pi": summary.parameters, "cf": summary.content, "samples": summary.samples}
            self._metrics.write(stage, step, {f"{source}/{measure}": value for measure, value in figures.items()})
        config = self._config
        for part, opened in zip(config.evaluate.suites, self._suites, strict=True):
            suite, limits = opened.suite, Limits.of(opened.suite)
            asked = [sample.task for sample in opened.reading.samples]
            played = await self._play_all(f"{suite.name} {name}", asked, limits, skip_overlong=True)
            every = [*every, *played.episodes]
            about = {
                **of_model(part, config.seed, config.model.path, config.model, limits),
                **{"run": self._folder.path.name, "stage": trained, "step": step},
                **{"dialect": self._rollout.dialect, "dtype": self._rollout.dtype},
            }
            by_task = {episode.task.id: episode for episode in played.episodes}
            card = Scorecard.of(suite, opened.reading, by_task, about, played.lost, opened.notes)
            card.write(folder / f"{name}.{card.suite}.json")
            self._metrics.write(stage, step, {f"{card.suite}/{measure}": found.value for measure, found in card.summary["all"].items()})
        return float(sum(sum(episode.loss_mask) for episode in every))

    async def _play_all(self, stage: str, tasks: Sequence[Task], limits: Limits | None = None, skip_overlong: bool = False) -> PlayedAll:
        with self._console.bar(stage, len(tasks)) as bar:
            played = await self._rollout.play_all(tasks, bar.advance, limits, skip_overlong)
        if played.lost:
            self._console.say(
                f"warning: {stage}: infrastructure failed on {len(played.lost)} of {len(tasks)} tasks, which are in no figure; "
                f"the first is {played.lost[0]} (see {self._folder.path / 'log'})"
            )
        return played

    # ---- SFT

    async def _sft(self, index: int, progress: Progress) -> Progress:
        lessons = await self._lessons(await self._demonstrations())
        stage = SFT(self._config, lessons, self._learner, self._metrics, self._timers, self._console, self._folder.path)

        async def evaluate(step: int, tenth: int) -> None:
            await self._publish(tenth - 12)  # below NO_POLICY, which is what the engines start with; PPO starts with 0
            with self._timers("evaluate"):
                await self._evaluate("sft", step, f"sft-{step:06d}")

        progress = await stage.fit(
            progress,
            load=lambda: self._learner.load(self._folder.checkpoints / str(self._state.checkpoint)),
            save=lambda reached: self._save("sft", reached, resumable=True),
            evaluate=evaluate,
        )
        if self._state.trained != _checkpoint_name("sft", progress):  # else the run was stopped after this
            await self._save("sft", progress, resumable=False)
        await self._publish(0)
        return progress

    async def _demonstrations(self) -> list[Episode]:
        """What SFT learns from; a resumed run reads what it stored.

        Raises:
            UserError: from `raytool.collecting`.
        """
        store = EpisodeStore(self._folder.path / "episodes", "demonstrations")
        if stored := [episode for _, episodes in store.read() for episode in episodes]:
            return stored
        with self._timers("demonstrate"):
            found = await collect(self._config.tasks.train, self._sources, self._config.seed, self._rollout, self._console)
        scored = await self._reward.score(found)
        store.add(scored)
        return scored

    async def _lessons(self, demonstrations: Sequence[Episode]) -> Lessons:
        """What is learnt of demonstrations: their tokens' weights by the config's methods.

        Raises:
            UserError: nothing is.
        """
        config = self._config.sft
        weights: Sequence[Sequence[float]] = [demonstration.loss_mask for demonstration in demonstrations]
        if config.key_tokens != "none":
            with self._timers("weigh_tokens"):
                weights = await self._rollout.key_weights(demonstrations, config.key_tokens, config.key_token_cap)
        lessons = Lessons.of(demonstrations, weights, config.mask_errors)
        if config.mask_errors:
            self._console.say(lessons.told())
        return lessons

    # ---- PPO

    async def _ppo(self, index: int, progress: Progress) -> Progress:
        config = self._config.ppo
        self._console.say(memory_line("PPO", await self._learner.begin_ppo(config, self._checkpoint_model(self._state.trained))))
        if 0 < progress.step < config.updates:
            await self._learner.load(self._folder.checkpoints / str(self._state.checkpoint))
        await self._publish(progress.version)
        loops = _Loops(self, progress)
        playing = asyncio.create_task(loops.play())
        try:
            with self._console.bar("PPO", config.updates, progress.step) as bar:
                return await loops.update(playing, bar)
        finally:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)

    async def _publish(self, version: PolicyVersion) -> None:
        with self._timers("publish_weights"):
            handle = await self._learner.publish(version)
        with self._timers("load_weights"):
            await self._rollout.load(handle)


def _checkpoint_name(kind: str, progress: Progress) -> str:
    return f"{kind}-{progress.step:06d}"


class _Loops:
    """The two loops of PPO and what couples them."""

    def __init__(self, run: Run, progress: Progress):
        self._run = run
        self._config = run._config.ppo
        self._rollout = run._rollout
        self._progress = progress
        self._tasks = TaskSource(list(zip(run._config.tasks.train, run._sources, strict=True)), run._config.seed)
        self._buffer = ReplayBuffer(EpisodeStore(run._folder.path / "episodes", "ppo"), self._config.max_staleness)
        left_open = set(progress.open_groups)
        restored = self._buffer.restore(progress.version, lambda group: group in left_open or group >= progress.next_draw)
        self._next_draw = max([progress.next_draw, *(group + 1 for group in restored)])
        # Begun before the stop and not stored: to be played again.
        self._again = sorted((left_open | set(range(progress.next_draw, self._next_draw))) - restored)
        self._draws = itertools.chain(list(self._again), itertools.count(self._next_draw))
        self._open = set(restored)  # begun and not yet consumed by a published update
        self._version = progress.version
        self._updates_done = progress.step
        self._changed = asyncio.Condition()
        self._failed_in_a_row = 0
        health = health_of(run._folder.path, self._config, until=progress.step)
        self._reports = UpdateReports(run._metrics, run._timers, health, run._console)

    async def play(self) -> None:
        async with asyncio.TaskGroup() as playing:
            while True:
                async with self._changed:
                    with self._reports.play("wait_for_room"):
                        await self._changed.wait_for(self._has_room)
                    group = next(self._draws)
                    self._next_draw = max(self._next_draw, group + 1)
                    self._open.add(group)
                    self._again = [other for other in self._again if other != group]
                playing.create_task(self._play_group(group))

    def _has_room(self) -> bool:
        batches = min(self._config.max_staleness + 1, self._config.updates - self._updates_done)
        return len(self._open) < batches * self._config.tasks_per_update

    async def _play_group(self, group: int) -> None:
        samples = range(self._config.samples_per_task)
        with self._reports.play("rollout"):
            episodes = await self._rollout.play(self._tasks.draw(group), group, samples, self._config.temperature)
        with self._reports.play("scoring"):
            scored = await self._run._reward.score(episodes) if episodes else []
        async with self._changed:
            if scored:
                self._failed_in_a_row = 0
                self._buffer.add(scored)
                self._reports.played(scored)
            else:
                self._failed_in_a_row += 1
                self._open.discard(group)
                if self._failed_in_a_row > 3 * self._config.tasks_per_update:
                    raise InfrastructureFailed(f"{self._failed_in_a_row} tasks in a row could not be played; see the log folder")
            self._changed.notify_all()

    async def update(self, playing: asyncio.Task[None], bar: Bar) -> Progress:
        run, config, timers = self._run, self._config, self._run._timers
        while self._updates_done < config.updates:
            began = time.perf_counter()
            with timers("wait_for_batch"):
                groups = await self._batch(playing)
            with timers("update"):
                figures = await run._learner.update(groups, config.minibatches, self._updates_done)
            self._version += 1
            await run._publish(self._version)
            done, every = self._updates_done + 1, run._config.evaluate.every
            if every is not None and done % every == 0 and done < config.updates:  # the last one is the stage's
                paused = time.perf_counter()
                with timers("evaluate"):
                    await run._evaluate("ppo", done, f"ppo-{done:06d}")
                began += time.perf_counter() - paused  # what follows counts training alone
            episodes = [episode for group in groups for episode in group]
            async with self._changed:
                self._open -= {episode.group for episode in episodes}
                self._updates_done += 1
                self._changed.notify_all()
            await self._checkpoint(time.perf_counter() - began, figures["tokens"])
            spent = time.perf_counter() - began
            figures = self._reports.write(self._updates_done, {**figures, **self._take_counts()}, groups, self._version - 1, spent)
            shown = [name for name in ("reward/mean", "kl", "tokens_per_s") if name in figures]
            bar.advance(**{name.removesuffix("/mean"): figures[name] for name in shown})
        return self._progress

    async def _batch(self, playing: asyncio.Task[None]) -> list[list[Episode]]:
        """The next batch, or the error that keeps it from coming."""

        async def wait() -> list[list[Episode]]:
            async with self._changed:
                self._open -= self._buffer.drop_stale(self._version)
                self._changed.notify_all()
                while (taken := self._buffer.take(self._config.tasks_per_update)) is None:
                    await self._changed.wait()
                return taken

        waiting = asyncio.create_task(wait())
        limit, there = self._run._config.rollout.stall_limit_s * self._run._config.rollout.attempts, -1
        while not waiting.done() and not playing.done() and there < self._buffer.waiting_groups:
            there = self._buffer.waiting_groups
            await asyncio.wait({waiting, playing}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return waiting.result()
        waiting.cancel()
        if playing.done():
            playing.result()
        raise InfrastructureFailed(f"waited {limit:g} s for another group (time/wait_for_batch); {there} are there")

    async def _checkpoint(self, seconds: float, tokens: float) -> None:
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
        last = self._updates_done == self._config.updates
        if last or self._updates_done % self._run._config.checkpoint.every == 0:
            await self._run._save("ppo", self._progress, resumable=not last)
            self._buffer.compact()

    def _take_counts(self) -> dict[str, float]:
        counts = self._buffer.counts + self._rollout.counts
        self._buffer.counts.clear()
        self._rollout.counts.clear()
        return {f"count/{name}": float(n) for name, n in counts.items()}
