"""A rollout worker: one engine, some tool hosts, and many episodes at once. A plain class; the pool makes it an actor."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from raytool import precision, pretrained, shared_folder
from raytool.config import ModelConfig
from raytool.config.rollout import RolloutConfig
from raytool.methods.key_tokens import KeyTokens, Rule
from raytool.precision import Precision
from raytool.process import guard_children, take_output
from raytool.records import NO_POLICY, Episode, PolicyVersion, Task
from raytool.rollout import template
from raytool.rollout.demonstrate import Demonstrator
from raytool.rollout.episode import InfrastructureError, Limits, Sampled, insist, play, sampling_seed
from raytool.rollout.hosts import ToolHosts
from raytool.shared_folder import Mark
from raytool.weight_sync.base import WeightHandle, WeightSync

_LIVE = 2  # episodes for each request that the engine decodes at once


@dataclass(frozen=True, slots=True)
class Played:
    """What came of the samples of a task, or of tasks that were demonstrated. `counts` tells what went wrong and was mended, or dropped;
    `failure` why some were dropped."""

    episodes: list[Episode]
    counts: dict[str, int]
    failure: str = ""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What a rollout worker is told at its start. `seed` is the run's, `context_tokens` the length of the longest episode asked of it.

    `run` is a mark in the run's folder, if there is one that all nodes have to share, and `shares_gpu` whether a learner is on the
    engine's GPU.
    """

    model: ModelConfig
    config: RolloutConfig
    weight_sync: WeightSync
    seed: int
    accelerator: str
    log_folder: Path
    context_tokens: int
    run: Mark | None = None
    shares_gpu: bool = False


class Started(NamedTuple):
    """How a worker asks its model."""

    dialect: str  # or "template (dialect)"
    dtype: Precision
    unisolated: str  # why its tools are not isolated, if they should be


class RolloutActor:
    def __init__(self, settings: WorkerSettings, index: int):
        self._log = settings.log_folder / f"rollout-{index}.log"
        take_output(self._log)
        self._settings = settings
        self._index = index
        self._version: PolicyVersion = NO_POLICY
        self._newest: PolicyVersion = NO_POLICY  # of which at least some weights are loaded
        self._limits = Limits.of(settings.config)
        self._got_on = time.monotonic()
        # Episodes that have begun, and their environments: as many as keep the engine busy while others wait for their tools.
        self._live = asyncio.Semaphore(_LIVE * settings.config.engine.max_num_seqs)

    async def start(self) -> Started:
        """Start the engine and look at the tokenizer.

        Raises:
            UserError: the model cannot be had, its chat template is of no use, the engine has not the memory that it needs, or this node
                does not see the run's folder, or lacks what tools are to have.
        """
        from raytool.rollout.engine import Engine, why_not_started

        guard_children()
        settings = self._settings
        precision.check_engine(settings.accelerator)
        if settings.run is not None:
            await self.look(settings.run, "runs")
        model = pretrained.resolve(settings.model.path, weights=True)  # here and not in the driver: this may be another machine
        self._chat, dialect = template.chat_of(model, settings.model)
        self._hosts = ToolHosts(settings.config.tool_host, settings.log_folder / f"tools-{self._index}.log")
        dtype = precision.choose(settings.model.dtype, settings.accelerator)
        engine, accelerator = settings.config.engine, settings.accelerator
        printed = self._log.stat().st_size
        try:
            self._engine = Engine.start(
                model, engine, settings.context_tokens, self._chat.ends, accelerator, dtype, shares_gpu=settings.shares_gpu
            )
        except RuntimeError as error:
            with self._log.open("rb") as log:
                log.seek(printed)
                output = log.read().decode(errors="replace")
            raise why_not_started(output, accelerator) or error from error
        return Started(dialect, dtype, self._hosts.unisolated)

    async def look(self, mark: Mark, knob: str) -> None:
        """Raises:
        UserError: naming the knob; the folder with the mark is not shared with this node.
        """
        shared_folder.look(mark, knob, f"rollout worker {self._index}")

    async def load(self, handle: WeightHandle) -> PolicyVersion:
        """Load weights; the version is acknowledged by returning it.

        Raises:
            EngineDead: this worker cannot go on.
            InfrastructureError: the weights cannot be read.
            UserError: the learner's weights are not seen on this machine.
        """
        self._newest = handle.version
        try:
            await self._settings.weight_sync.receive(handle, self._engine)
        except OSError as error:
            raise InfrastructureError(f"version {handle.version} cannot be read: {type(error).__name__}: {error}") from error
        self._version = handle.version
        return handle.version

    async def play(
        self,
        task: Task,
        group: int,
        samples: Sequence[int],
        temperature: float,
        limits: Limits | None = None,
        begun: Sequence[int] = (),
    ) -> Played:
        """Play some samples of a task at once, each up to `attempts` times where infrastructure fails; `limits` are else the config's.

        The first answer begins with the tokens `begun`.

        Raises:
            EngineDead: this worker cannot go on.
            NodeUnfit: this node no longer has what tools are to have.
        """
        limits, attempts = limits or self._limits, self._settings.config.attempts
        played = await asyncio.gather(
            *(
                insist(attempts, partial(self._play, task, group, sample, temperature, limits, begun), f"task {task.id}, sample {sample}")
                for sample in samples
            )
        )
        self._engine.check()
        dropped = [str(failures[-1]) for episode, failures in played if episode is None]
        counts = self._take_counts(sum(len(failures) for _, failures in played)) + Counter(dropped_episodes=len(dropped))
        return Played([episode for episode, _ in played if episode is not None], dict(counts), *dropped[-1:])

    async def demonstrate(self, tasks: Sequence[tuple[int, Task, bool]]) -> Played:
        """Play each task's first gold alternative through its environment. A task comes with its group and whether an error is wanted.

        Raises:
            InfrastructureError: an environment cannot be had.
            UserError: a wanted error cannot be made.
        """
        demonstrator = Demonstrator(self._chat, self._hosts.open, self._settings.config.observation_characters)

        played, failed = [], 0
        for group, task, noisy in tasks:
            one = partial(demonstrator.noisy, task, group, self._settings.seed) if noisy else partial(demonstrator.gold, task, group)
            episode, failures = await insist(self._settings.config.attempts, one, f"task {task.id}, to be demonstrated")
            if episode is None:
                raise failures[-1]
            played.append(episode)
            failed += len(failures)
            self._got_on = time.monotonic()
        return Played(played, dict(self._take_counts(failed)))

    async def prompt_lengths(self, tasks: Sequence[Task]) -> list[int]:
        """In tokens.

        Raises:
            UserError: the template or the dialect cannot write a task's context.
        """
        lengths = []
        for task in tasks:
            lengths.append(len(self._chat.prompt(task)))
            self._got_on = time.monotonic()
            await asyncio.sleep(0)  # so that it can be asked how it gets on
        return lengths

    async def idle_s(self) -> float:
        """Seconds since tokens were sampled, or a demonstration ended, or a prompt was written; 0 while a tool host works, which has its
        own limits."""
        return 0.0 if self._hosts.busy else time.monotonic() - max(self._got_on, self._engine.sampled_at)

    async def key_weights(self, episodes: Sequence[Episode], rule: Rule, cap: float) -> list[list[float]]:
        """A weight for each token of some episodes, as this worker's dialect wrote their calls."""
        rule_of, weights = KeyTokens(self._chat, rule, cap), []
        for episode in episodes:
            weights.append(rule_of.weights(episode))
            self._got_on = time.monotonic()
            await asyncio.sleep(0)
        return weights

    async def rewrite(self, episodes: Sequence[tuple[int, Episode]]) -> list[Episode | None]:
        """Write other models' episodes, each given with its group, in this one's dialect and tokens; None for what it has no form for."""
        demonstrator = Demonstrator(self._chat, self._hosts.open, self._settings.config.observation_characters)
        written = []
        for group, episode in episodes:
            written.append(await demonstrator.rewrite(episode, group))
            self._got_on = time.monotonic()
        return written

    async def stop(self) -> None:
        await self._hosts.close()
        self._engine.close()
        self._settings.weight_sync.leave()

    def _take_counts(self, failures: int) -> Counter[str]:
        """What went wrong, as often as it did: so many plays of episodes, and in the tool hosts since they were asked."""
        of_hosts = {f"tool_host_{name}": n for name, n in self._hosts.take_counts().items()}
        return +Counter(of_hosts | {"infrastructure_failures": failures})

    async def _play(self, task: Task, group: int, sample: int, temperature: float, limits: Limits, begun: Sequence[int]) -> Episode:
        async def sampler(tokens: Sequence[int], turn: int, max_tokens: int) -> Sampled:
            seed = sampling_seed(self._settings.seed, task.id, group, sample, turn)
            given = list(begun if turn == 0 else ())[:max_tokens]
            if given and len(given) == max_tokens:
                return Sampled(given, None, self._version)
            version = self._version
            answer, logprobs = await self._engine.sample([*tokens, *given], max_tokens - len(given), temperature, seed)
            return Sampled([*given, *answer], None if given else logprobs, version, self._newest)

        async with self._live:
            environment = await self._hosts.open(task)
            try:
                return await play(task, group, sample, self._chat, sampler, environment, limits)
            finally:
                await environment.close()
