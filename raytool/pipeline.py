"""A run: its stages in order.

                tasks.draw()                  play(task)                      score(episodes)
    TaskSource ------------> RolloutPool ------------------> episodes ------------> RewardPool
                              vLLM engine <-> ToolEnv                                   |
                                  ^            tool host processes                      | add(group)
                     load(version)|                                                     v
                             WeightSync <------ LearnerGroup <---------------- ReplayBuffer (Arrow)
                               publish(version)   update(groups)   take(n, version)

PPO's two loops are in `raytool.ppo`. SFT (`raytool.sft`) is the same learner fed with demonstrations: gold played through the
environments by the same turn loop, and trajectories of other models, which are rewritten for it. Evaluation
(`raytool.evaluating`) is the same pool, greedy, without a learner.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import shutil
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from raytool import placement as placing
from raytool import places, preflight, pretrained, shared_folder
from raytool.collecting import collect
from raytool.config import Config, WeightSyncConfig
from raytool.console import Console
from raytool.demonstrations import Lessons, no_longer_than
from raytool.evaluating import Evaluation
from raytool.evaluation import results
from raytool.evaluation.opening import Opened
from raytool.learner.group import LearnerGroup
from raytool.metrics import Metrics, Timers, memory_line
from raytool.placement import Cluster, Placement
from raytool.ppo import PPO
from raytool.records import NO_POLICY, Episode, PolicyVersion, Task
from raytool.replay.store import EpisodeStore
from raytool.report import page
from raytool.rollout.actor import WorkerSettings
from raytool.rollout.engine import gpu_share
from raytool.rollout.pool import RolloutPool, TooMuchLost
from raytool.run_state import Progress, RunFolder
from raytool.scoring.pool import RewardPool
from raytool.sft import SFT
from raytool.shared_folder import Mark
from raytool.tasks import TaskSource
from raytool.update_reports import health_of
from raytool.weight_sync.base import WeightSync
from raytool.weight_sync.object_store import ObjectStore
from raytool.weight_sync.shared_memory import SharedMemory, sweep

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
        cluster: Cluster,
    ):
        self._config = config
        self._folder = folder
        self._sources = sources  # the tasks of each of config.tasks.train
        self._test = test
        self._suites = suites
        self._console = console
        self._cluster = cluster
        self._state = folder.state()
        self._metrics = Metrics(folder.path, config.logging, self._state.attempt, console)
        self._timers = Timers("time")
        left = config.stages[self._state.stage :]
        # An evaluation by itself has no learner; of a checkpoint it has one, since only a learner reads these.
        self._has_learner = bool({"sft", "ppo"} & set(left)) or self._state.checkpoint is not None
        self._learner: LearnerGroup
        self._short: set[str] = set()  # stages whose checkpoints will not fit
        self.begun = False  # whether its stages have: what fails before will hardly mend itself

    async def execute(self) -> None:
        """Do the stages that are left, show the table, and write the report."""
        async with AsyncExitStack() as ends:
            ends.callback(self._metrics.close)
            if not self._state.finished:
                await self._start(ends)
                await self._look_ahead()
                self.begun = True
                self._update_state(accelerator=self._placement.accelerator)
                if self._state.checkpoint is not None and self._config.stages[self._state.stage :][:1] == ("evaluate",):
                    await self._publish(0)  # engines start from the config's model: only the learner reads a checkpoint
                for index in range(self._state.stage, len(self._config.stages)):
                    await self._stage(index)
                self._update_state(finished=True)
        results.show(self._console, self._folder)
        for line in health_of(self._folder.path, self._config.ppo).summary():
            self._console.say(line)
        self._report()

    # ---- parts

    async def _start(self, ends: AsyncExitStack) -> None:
        """Reserve what the actors need, and start them; `ends` gets what ends them."""
        config = self._config
        wanted, began, learner = config.accelerator, self._state.accelerator, config.learner if self._has_learner else None
        accelerator = placing.choose_accelerator(wanted, self._cluster, config.rollout.engine, learner, began)
        placing.tell_idle(accelerator, wanted, self._cluster, self._console, began)
        ranks = f" and {learner.ranks} learner rank(s)" if learner else ""
        with self._console.waiting(f"starting {config.rollout.reserved} rollout worker(s){ranks} on {accelerator}"):
            self._placement: Placement = await placing.reserve(config.rollout, learner, accelerator, self._cluster, config.reserve_limit_s)
            ends.callback(self._placement.release)
            self._make_actors(accelerator, mark := shared_folder.mark(self._folder.path, "the driver"))
            if learner:
                ends.push_async_callback(self._learner.stop)  # last: its weights are for the engines
            ends.push_async_callback(self._rollout.stop)
            ends.callback(self._reward.stop)
            loading = [asyncio.ensure_future(self._learner.start(config.seed, mark))] if learner else []
            if self._placement.shares_gpu:  # an engine takes for its own whatever is allocated while it measures what is free
                await asyncio.gather(*loading)
            await asyncio.gather(self._rollout.start(resumed=began is not None), self._reward.start(config.reserve_limit_s), *loading)
        preflight.tell_isolation(self._rollout, self._console)

    def _make_actors(self, accelerator: placing.Accelerator, mark: Mark) -> None:
        config = self._config
        trained = self._checkpoint_model(self._state.checkpoint)
        weight_sync, log_folder = make_weight_sync(config.weight_sync, self._cluster), self._folder.path / "log"
        strict = config.ppo.max_staleness == 0  # then engines and learner take turns, and each may have all cores
        threads = placing.threads_per_actor(config.learner.ranks * (1 if strict else 2))
        engine_threads = config.rollout.cpus or placing.threads_per_actor(config.rollout.workers * (1 if strict else 2))
        longest = max([config.rollout.max_tokens, *(opened.limits.tokens for opened in self._suites)])
        settings = WorkerSettings(
            model=config.model,
            config=config.rollout,
            weight_sync=weight_sync,
            seed=config.seed,
            accelerator=accelerator,
            log_folder=log_folder,
            context_tokens=longest,
            run=mark,
            shares_gpu=self._placement.shares_gpu,
        )
        self._rollout = RolloutPool(settings, self._placement, engine_threads, config.ppo.max_staleness)
        self._reward = RewardPool(config.reward, self._cluster.environment)
        if self._has_learner:
            shares = self._placement.shares_gpu
            left = 1 - gpu_share(config.rollout.engine, shares) if shares else 1.0
            self._learner = LearnerGroup(config.learner, weight_sync, config.model, trained, self._placement, threads, log_folder, left)

    async def _look_ahead(self) -> None:
        """Whatever would end the run in hours ends it now."""
        left = self._config.stages[self._state.stage :]
        preflight.tell_idle(left, self._config, self._console)
        if (left_behind := self._state.weights) is not None:  # by an attempt that was killed, on a machine that may never come back
            sweep(Path(left_behind).parent, Path(left_behind).name)
        weights = await preflight.shared_weights(self._learner, self._rollout) if self._has_learner else None
        self._update_state(weights=None if weights is None else str(weights))
        config, ask = self._config, self._rollout.prompt_lengths
        sources, test = await preflight.room_in_prompts(left, config, self._sources, self._test, ask, self._console)
        self._draws = TaskSource(list(zip(config.tasks.train, sources, strict=True)), config.seed)  # PPO's
        self._evaluation = Evaluation(
            config, test, self._suites, self._rollout, self._reward, self._metrics, self._console, self._folder.path
        )

    def _report(self) -> None:
        try:
            self._console.say(f"report: {page.write(self._folder.path)}")
        except Exception as error:  # the run is finished all the same
            log.exception("the report could not be written")
            command = f"python -m raytool.report {self._folder.path}"
            self._console.say(f"warning: the report could not be written ({error}); `{command}` tries again")

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
            tokens, seconds = await self._evaluation.ask(label, step, label), time.perf_counter() - began
            figures = {f"evaluate_{label}": {"seconds": seconds, "tokens": tokens}}
        else:
            progress = self._progress(index)
            done = await (self._sft(progress) if kind == "sft" else self._ppo(progress))
            memory = await self._learner.memory()
            self._console.say(f"{kind.upper()}: the most that a learner rank has held is {memory['peak_gb']:.2f} GB")
            self._metrics.write(f"{kind}_memory", done.step, memory)
            figures = {kind: {"seconds": done.seconds, "tokens": done.tokens}}
        preflight.tell_isolation(self._rollout, self._console)  # of workers that came meanwhile
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
            if (template := self._config.model.chat_template) is not None:
                shutil.copyfile(places.found(template), draft / "model" / "chat_template.jinja")
            self._folder.seal(name, draft, progress)
        trained = {} if resumable else {"trained": name}
        self._update_state(checkpoint=name, **trained)
        self._folder.prune(kind, name, self._config.checkpoint.keep)
        if resumable and kind not in self._short and (shortage := self._folder.shortage(name, self._config.checkpoint.keep)):
            self._short.add(kind)
            self._console.say(f"warning: {shortage}")
        if not resumable:
            self._folder.drop_learners(kind)

    # ---- SFT

    async def _sft(self, progress: Progress) -> Progress:
        lessons = await self._lessons(await self._demonstrations())
        stage = SFT(self._config, lessons, self._learner, self._metrics, self._timers, self._console, self._folder.path)

        async def evaluate(step: int, number: int) -> None:
            await self._publish(_sft_version(number, self._config.evaluate.in_sft))
            with self._timers("evaluate"):
                await self._evaluation.ask("sft", step, f"sft-{step:06d}", inside=True)

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
        if len(scored) < len(found):  # what is stored is what every attempt at this run learns from
            raise TooMuchLost(f"the rewards of {len(found) - len(scored)} of {len(found)} demonstrations were not to be had")
        store.add(scored)
        return scored

    async def _lessons(self, found: Sequence[Episode]) -> Lessons:
        """What is learnt of demonstrations: their tokens' weights by the config's methods.

        Raises:
            UserError: nothing is.
        """
        config = self._config.sft
        demonstrations, said = no_longer_than(config.max_tokens, found)
        self._console.say(said)
        weights: Sequence[Sequence[float]] = [demonstration.loss_mask for demonstration in demonstrations]
        if config.key_tokens != "none":
            with self._timers("weigh_tokens"):
                weights = await self._rollout.key_weights(demonstrations, config.key_tokens, config.key_token_cap)
        lessons = Lessons.of(demonstrations, weights, config.mask_errors)
        if config.mask_errors:
            self._console.say(lessons.told())
        return lessons

    # ---- PPO

    async def _ppo(self, progress: Progress) -> Progress:
        config = self._config.ppo
        self._console.say(memory_line("PPO", await self._learner.begin_ppo(config, self._checkpoint_model(self._state.trained))))
        if 0 < progress.step < config.updates:
            await self._learner.load(self._folder.checkpoints / str(self._state.checkpoint))
        await self._publish(progress.version)
        stage = PPO(
            self._config,
            self._draws,
            rollout=self._rollout,
            reward=self._reward,
            learner=self._learner,
            metrics=self._metrics,
            timers=self._timers,
            console=self._console,
            run=self._folder.path,
            progress=progress,
        )
        return await stage.fit(
            publish=self._publish,
            save=lambda reached, last: self._save("ppo", reached, resumable=not last),
            evaluate=lambda update: self._evaluation.ask("ppo", update, f"ppo-{update:06d}", inside=True),
        )

    async def _publish(self, version: PolicyVersion) -> None:
        with self._timers("publish_weights"):
            handle = await self._learner.publish(version)
        with self._timers("load_weights"):
            await self._rollout.load(handle)


def _sft_version(number: int, count: int) -> PolicyVersion:
    """Of the weights that so many evaluations of an SFT are of, from 1: below NO_POLICY, which engines start with, and rising."""
    return NO_POLICY - 1 - count + number


def make_weight_sync(config: WeightSyncConfig, cluster: Cluster) -> WeightSync:
    """As the config says, or as suits where the run is."""
    stored = config.method == "object_store" or (config.method == "auto" and cluster.grows and config.directory is None)
    return ObjectStore(config.directory) if stored else SharedMemory(config.directory)


def _checkpoint_name(kind: str, progress: Progress) -> str:
    return f"{kind}-{progress.step:06d}"
