"""`python -m raytool.tasks validate SOURCE`: a proof of tasks and of a reward, without a model.

Gold is played as a training plays it, in a tool host (`raytool.tasks.gold`): each alternative has to work call by call and to reach the
goal. Errors that a tool's document refuses have to change nothing: gold goes on and reaches the goal. A wrong call that works has to leave
gold.

A reward that judges by the ladder of docs/rewards.md has `refines`. Of such a one it is proved that right calls are judged all right,
errors by their category, or one that refines it, and what follows a wrong call that works by its feedback. What a category is worth is the
reward's to say, but a right call is worth more than any wrong one, and a goal that is reached not less than nothing. Any other reward has
to keep the contract (`raytool.judging`), and no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import multiprocessing
import os
import signal
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from raytool import plugins
from raytool.config import RewardConfig, SourceConfig
from raytool.config.rollout import ToolHostConfig
from raytool.console import Console
from raytool.dialects import PythonDialect
from raytool.env import ASK_TO_USER, ToolEnv
from raytool.judging import Judge
from raytool.methods.mutations import CATEGORIES, Mutation, draw_path, mutations, settled, wrong_values
from raytool.records import Episode, Feedback, GoldCall, Task, ToolCall, Verdict
from raytool.rollout.chat import Chat
from raytool.rollout.episode import Step
from raytool.rollout.hosts import HostedEnvironment, ToolHosts
from raytool.rollout.in_process import CharacterTokenizer, InProcess
from raytool.tasks.gold import RIGHT, DoesNotHold, Open, Written, check_length, play, play_gold
from raytool.tasks.source import TaskError, load

# Verdicts once gold has been left (docs/rewards.md, multi-turn).
BY_FEEDBACK = {
    Feedback.OK: "off_gold",
    Feedback.FORMAT_ERROR: "format_error",
    Feedback.TOOL_HALLUCINATION: "tool_hallucination",
    Feedback.PARAMETER_HALLUCINATION: "parameters_h",
    Feedback.PARAMETER_MISSING: "parameters_m",
    Feedback.TOOL_CALL_FAILURE: "tool_call_failure",
    Feedback.TOOL_INSTABILITY: "tool_instability",
    Feedback.OTHER: "other",
}
PROVED = (*CATEGORIES, "other", "off_gold", RIGHT)  # tool_instability is nothing that a call can bring about
_TASKS_A_CHUNK = 48

Counts = Counter[tuple[str, str]]  # by category: "tasks" in which it was seen, calls that "worked" and that "failed"
Located = tuple[str, Task]  # with the file that it is from
_NONE_RIGHT, _NONE_WRONG = Verdict("", math.inf), Verdict("", -math.inf)


@dataclass(frozen=True, slots=True)
class Proved:
    """What some tasks have shown: how often each category was seen, and the verdicts of the right call that is worth least and of the wrong
    one that is worth most."""

    counts: Counts = field(default_factory=Counter)
    least_right: Verdict = _NONE_RIGHT
    most_wrong: Verdict = _NONE_WRONG

    def __add__(self, other: Proved) -> Proved:
        least = min(self.least_right, other.least_right, key=lambda verdict: verdict.reward)
        most = max(self.most_wrong, other.most_wrong, key=lambda verdict: verdict.reward)
        return Proved(self.counts + other.counts, least, most)

    @property
    def complaint(self) -> str:
        """Where a right call is worth no more than a wrong one; else nothing."""
        least, most = self.least_right, self.most_wrong
        if least.reward > most.reward:
            return ""
        return f"{least.category} is worth {least.reward:g}, not more than {most.category} with {most.reward:g}"


def validate(
    source: str,
    options: dict[str, Any],
    reward: RewardConfig,
    tool_host: ToolHostConfig,
    minimum: int,
    workers: int | None,
    console: Console,
) -> None:
    """Prove every task of a file, a folder's files or a plug-in's function, and that each category was seen in at least `minimum` of them.

    Raises:
        TaskError: the first task, in the order of the files, that does not hold; or a category that was seen too rarely.
        UserError: a reward or an environment that cannot be had, or a reward that breaks its contract.
    """
    if workers is not None and workers < 1:
        raise TaskError(f"--workers: {workers} given, at least 1 expected")
    refines = Judge(reward).refines
    sources = _sources(source, options)
    tasks = [(given.source, task) for given in sources for task in load(given)]
    for task_id, count in Counter(task.id for _, task in tasks).items():
        if count > 1:
            raise TaskError(f"{source}: task id '{task_id}' occurs {count} times; ids are unique")
    for env in sorted({task.env for _, task in tasks}):
        made = plugins.make_env(env).unwrapped
        if not isinstance(made, ToolEnv):
            raise TaskError(f"{source}: environment '{env}' is no ToolEnv, which alone can be proved")
        if made.max_turns == 1:
            told = "an episode of it has one turn, in which no error is repaired; `python -m raytool.train --check` plays its gold"
            raise TaskError(f"{source}: environment '{env}' cannot be proved: {told}")
    proof = _Proof(reward, tool_host, workers or len(os.sched_getaffinity(0)))
    proved = asyncio.run(proof.of(source, tasks, console))
    seen = proved.counts
    kinds = ("tasks", "worked", "failed")
    rows = {name: [f"{seen[name, kind]:,}" for kind in kinds] for name in (*PROVED, *(refines or ()))}
    console.table(f"{len(tasks):,} tasks of {len(sources)} sources hold: calls that were made, by category", kinds, rows)
    if refines is None:
        console.say(f"{reward.name} keeps the contract; it has no `refines`, so its verdicts are its own (docs/rewards.md)")
    for name in PROVED:
        if seen[name, "tasks"] < minimum:
            raise TaskError(f"{source}: {name}: seen in {seen[name, 'tasks']} tasks, at least {minimum} expected (--minimum)")


def _sources(source: str, options: dict[str, Any]) -> list[SourceConfig]:
    """Each file of a folder, or the one file or function."""
    path = Path(source)
    if not path.is_dir():
        if not path.exists() and ":" not in source and not plugins.known(source, "raytool.tasks"):
            expected = "a file of tasks or a folder of them, module:function, or an entry point of raytool.tasks"
            raise TaskError(f"{source}: is not there; {expected} is expected")
        return [SourceConfig(name=path.stem, source=source, options=options)]
    if options:
        raise TaskError(f"--option {next(iter(options))}: has no effect on a folder; leave it out")
    files = sorted(path.glob("*.jsonl"))
    if not files:
        raise TaskError(f"{path}: holds no *.jsonl; a folder with files of tasks is expected, such as `raytool.tasks scenarios` writes")
    return [SourceConfig(name=file.stem, source=str(file)) for file in files]


class _Proof:
    """Tasks proved in parts: the gold of each in tool hosts, and what is wrong in other processes, where there are to be several.

    Where a tool ends such a process, or there is to be one only, what is wrong is proved in tool hosts too. They take twice as long, and
    give the call that did it the feedback that it would get in a training.
    """

    def __init__(self, reward: RewardConfig, tool_host: ToolHostConfig, workers: int):
        self._reward, self._tool_host, self._workers = reward, tool_host, workers
        self._judge = Judge(reward)

    async def of(self, source: str, tasks: Sequence[Located], console: Console) -> Proved:
        """What they have shown.

        Raises:
            TaskError, UserError: as `validate`.
        """
        chunks = [tasks[start : start + _TASKS_A_CHUNK] for start in range(0, len(tasks), _TASKS_A_CHUNK)]
        hosts = ToolHosts(self._tool_host.model_copy(update={"processes": self._workers}))
        at_once, proved = asyncio.Semaphore(self._workers + 1), Proved()
        pool = ProcessPoolExecutor(self._workers, mp_context=multiprocessing.get_context("spawn")) if self._workers > 1 else None
        works = [asyncio.ensure_future(self._part(chunk, hosts, at_once, pool)) for chunk in chunks]
        try:
            with console.bar("validate", len(tasks)) as bar:
                for chunk, work in zip(chunks, works, strict=True):
                    proved += await work
                    if proved.complaint:  # of calls of different tasks: within one it was told with the task
                        raise TaskError(f"{source}: {proved.complaint}, in another task")
                    bar.advance(len(chunk))
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)
            if pool is not None:
                pool.shutdown(wait=False, cancel_futures=True)
            await hosts.close()
        return proved

    async def _part(
        self, tasks: Sequence[Located], hosts: ToolHosts, at_once: asyncio.Semaphore, pool: ProcessPoolExecutor | None
    ) -> Proved:
        async def opened(task: Task) -> HostedEnvironment:
            environment = await hosts.open(task)
            environment.max_turns = sys.maxsize
            return environment

        async with at_once:
            prover = _Prover(self._judge)
            for file, task in tasks:
                with _located(file, task):
                    await prover.prove_gold(task, hosts.open)
            if pool is not None:
                limit_s = self._tool_host.call_limit_s
                with contextlib.suppress(BrokenProcessPool):
                    return prover.proved + await asyncio.get_running_loop().run_in_executor(pool, prove, tasks, self._reward, limit_s)
            for file, task in tasks:
                with _located(file, task):
                    await prover.prove(task, opened)
            return prover.proved


@contextlib.contextmanager
def _located(file: str, task: Task) -> Iterator[None]:
    """Say of what does not hold where it is."""
    try:
        yield
    except DoesNotHold as error:
        raise TaskError(f"{file}: task {task.id}: {error}") from error


def prove(tasks: Sequence[Located], reward: RewardConfig, limit_s: float) -> Proved:
    """Prove what comes of wrong calls of some tasks, in environments of this process.

    Raises:
        TaskError: naming the file and the task, what was expected and what came.
        UserError: an environment cannot be had, or the reward breaks its contract.
    """
    prover, environments = _Prover(Judge(reward)), _Environments(limit_s)

    async def all_of_them() -> None:
        for file, task in tasks:
            with _located(file, task):
                await prover.prove(task, environments.open)

    asyncio.run(all_of_them())
    return prover.proved


class _Environments:
    """Environments of this process, one of each class, to be reset for each task."""

    def __init__(self, limit_s: float):
        self._limit_s = limit_s
        self._made: dict[str, ToolEnv] = {}
        signal.signal(signal.SIGALRM, _too_long)

    async def open(self, task: Task) -> _Limited:
        if task.env not in self._made:
            self._made[task.env] = plugins.make_env(task.env).unwrapped
        return _Limited(self._made[task.env], task, self._limit_s)


class _Limited(InProcess):
    """An environment whose calls end at a limit, as in a tool host, and which gives more turns than a model gets."""

    def __init__(self, env: ToolEnv, task: Task, limit_s: float):
        super().__init__(env, task)
        self._limit_s, self.max_turns = limit_s, sys.maxsize

    async def step(self, action: str) -> Step:
        signal.setitimer(signal.ITIMER_REAL, self._limit_s)
        try:
            return await super().step(action)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


def _too_long(number: int, frame: FrameType | None) -> None:
    raise TimeoutError("over its time limit (rollout.tool_host.call_limit_s)")


class _Prover:
    def __init__(self, judge: Judge):
        self._judge = judge
        self.proved = Proved()
        self._chat = Chat(CharacterTokenizer(), PythonDialect())

    async def prove_gold(self, task: Task, open_environment: Open) -> None:
        """Prove that each alternative of gold works, and is judged all right."""
        for number, episode in enumerate(await play_gold(task, self._chat, open_environment)):
            self._check_verdicts(f"gold.{number}", episode, [self._right(task, call) for call in task.gold[number].calls], Counter())

    async def prove(self, task: Task, open_environment: Open) -> None:
        """Prove what comes of wrong calls, in an environment that gives turns for them."""

        async def check(what: str, texts: Sequence[Written]) -> None:
            self._check_verdicts(what, await play(task, what, texts, self._chat, open_environment), texts, counts)

        counts: Counts = Counter()
        random = np.random.default_rng(zlib.crc32(task.id.encode()))
        path = draw_path(task, random)
        places = settled(task, path)
        wrong = mutations(task, path, places, random, self._judge.comparison)
        refused = [mutation for mutation in wrong if mutation.feedback is not None]
        await check("errors and their repair", self._with(task, path, refused))
        for mutation in wrong:
            if mutation.feedback is None:
                await check(mutation.category, self._with(task, path, [mutation]))
        if texts := self._off_gold(task, path, places, refused, wrong_values(task, path, random, self._judge.comparison)):
            await check("off gold", texts)
        for category in {category for category, _ in counts}:
            counts[category, "tasks"] = 1
        self.proved += Proved(counts)

    # ---- what is written

    def _right(self, task: Task, gold: GoldCall) -> Written:
        return Written(self._text(task, gold.call))

    def _wrong(self, task: Task, path: Sequence[GoldCall], mutation: Mutation) -> Written:
        text = self._text(task, mutation.call) if mutation.call else self._text(task, path[mutation.place].call)[:-1]
        return Written(text, mutation.category, mutation.feedback)

    def _with(self, task: Task, path: Sequence[GoldCall], wrong: Sequence[Mutation]) -> list[Written]:
        """The path with each mutation before the call that repairs it."""
        steps = []
        for place, gold in enumerate(path):
            steps += [self._wrong(task, path, mutation) for mutation in wrong if mutation.place == place]
            steps.append(self._right(task, gold))
        return steps

    def _off_gold(
        self, task: Task, path: Sequence[GoldCall], places: Sequence[int], refused: Sequence[Mutation], refusable: Sequence[ToolCall]
    ) -> list[Written]:
        """Gold is left by a question that nobody has to be asked; then the rest of it, and calls that fail in every way."""
        start = next((place for place in places if path[place].name != ASK_TO_USER.name), None)
        if start is None or task.tool(ASK_TO_USER.name) is None:
            return []
        *rest, last = path[start:]
        steps = [self._right(task, gold) for gold in path[:start]]
        steps.append(Written(self._text(task, ToolCall(ASK_TO_USER.name, {"question": "Is that all?"})), "wrong_tool", Feedback.OK))
        steps += [self._right(task, gold) for gold in rest]
        steps += [self._wrong(task, path, mutation) for mutation in refused]
        steps += [Written(self._text(task, call), "content", None) for call in refusable]
        return [*steps, self._right(task, last)]

    def _text(self, task: Task, call: ToolCall) -> str:
        return self._chat.dialect.render([call], task.tools)

    # ---- what comes of it

    def _check_verdicts(self, what: str, played: Episode, texts: Sequence[Written], counts: Counts) -> None:
        check_length(what, played, len(texts))
        episode = self._judge.judged(played)
        refines, left = self._judge.refines, False
        for number, (written, call) in enumerate(zip(texts, episode.calls, strict=True), 1):
            assert call.verdict is not None
            right = written.category == RIGHT
            expected = BY_FEEDBACK[call.feedback] if left else written.category
            came = expected if refines is None else call.verdict.category
            if refines is not None and refines.get(came, came) != expected:
                told = f"verdict {expected} expected, {came} came (feedback {call.feedback})"
                raise DoesNotHold(f"{what}: call {number}, {written.text}: {told}")
            left = left or (not right and call.feedback is Feedback.OK)
            for name in {expected, came}:
                counts[name, "worked" if call.feedback is Feedback.OK else "failed"] += 1
            if refines is not None:
                self.proved += Proved(least_right=call.verdict) if expected == RIGHT else Proved(most_wrong=call.verdict)
            if self.proved.complaint:
                raise DoesNotHold(f"{what}: {self.proved.complaint}")
        if refines is not None:
            _check_outcome(what, episode)


def _check_outcome(what: str, episode: Episode) -> None:
    """The outcome is that of the goal."""
    if episode.goal_reached is not None and (episode.outcome < 0 if episode.goal_reached else episode.outcome > 0):
        sign = "not below 0" if episode.goal_reached else "not above 0"
        raise DoesNotHold(f"{what}: goal_reached is {episode.goal_reached}; an outcome {sign} expected, {episode.outcome:g} came")
