"""`python -m raytool.tasks validate DIR`, or of a function's tasks: a proof of tasks and of a reward, without a model.

Every task is played by the turn loop in its own environment, its tools in this process. Each gold alternative has to
work call by call, to be judged all right and to reach the goal. Errors that a tool's document refuses have to be judged by their
category, or one that refines it, and to change nothing: gold goes on and reaches the goal. A wrong call that works has to leave
gold: what follows is judged by its feedback. What a category is worth is the reward's to say, but a right call is worth more than
any wrong one, and a goal that is reached not less than nothing.
"""

from __future__ import annotations

import asyncio
import math
import multiprocessing
import os
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from raytool import plugins
from raytool.config import RewardConfig, SourceConfig
from raytool.console import Console
from raytool.dialects import PythonDialect
from raytool.env import ASK_TO_USER, ToolEnv
from raytool.plugins import make_reward
from raytool.records import Episode, Feedback, GoldCall, StopReason, Task, ToolCall, Verdict, by_numbers
from raytool.rollout.chat import Chat
from raytool.rollout.demonstrate import Demonstrator
from raytool.rollout.episode import InfrastructureError
from raytool.rollout.in_process import CharacterTokenizer, InProcess
from raytool.tasks.mutations import CATEGORIES, Mutation, draw_path, mutations, settled, wrong_values
from raytool.tasks.source import TaskError, load

RIGHT = "all_right"
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


def validate(source: str, options: dict[str, Any], reward: RewardConfig, minimum: int, workers: int | None, console: Console) -> None:
    """Prove every task of a folder's jsonl files, or of a plug-in string's function, and that each category was seen in at least
    `minimum` tasks.

    Raises:
        TaskError: the first task, in the order of the files, that does not hold; or a category that was seen too rarely.
        UserError: a reward or an environment that cannot be had.
    """
    if workers is not None and workers < 1:
        raise TaskError(f"--workers: {workers} given, at least 1 expected")
    made = make_reward(reward.name, reward.options)
    sources = _sources(source, options)
    tasks = [(given.source, task) for given in sources for task in load(given)]
    for task_id, count in Counter(task.id for _, task in tasks).items():
        if count > 1:
            raise TaskError(f"{source}: task id '{task_id}' occurs {count} times; ids are unique")
    chunks = [tasks[start : start + _TASKS_A_CHUNK] for start in range(0, len(tasks), _TASKS_A_CHUNK)]
    proved = Proved()
    with console.bar("validate", len(tasks)) as bar:
        for chunk, of_chunk in zip(chunks, _results(chunks, reward, workers or len(os.sched_getaffinity(0))), strict=True):
            proved += of_chunk
            if proved.complaint:  # of calls of different tasks: within one it was told with the task
                raise TaskError(f"{source}: {proved.complaint}, in another task")
            bar.advance(len(chunk))
    seen = proved.counts
    kinds = ("tasks", "worked", "failed")
    rows = {name: [f"{seen[name, kind]:,}" for kind in kinds] for name in (*PROVED, *_refining(made))}
    console.table(f"{len(tasks):,} tasks of {len(sources)} sources hold: verdicts on executed calls", kinds, rows)
    for name in PROVED:
        if seen[name, "tasks"] < minimum:
            raise TaskError(f"{source}: {name}: seen in {seen[name, 'tasks']} tasks, at least {minimum} expected (--minimum)")


def _sources(source: str, options: dict[str, Any]) -> list[SourceConfig]:
    """Each file of a folder, or the one function."""
    folder = Path(source)
    if ":" in source and not folder.exists():
        return [SourceConfig(name="validate", source=source, options=options)]
    if options:
        raise TaskError(f"--option {next(iter(options))}: has no effect on a folder; leave it out")
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        found = "holds no *.jsonl" if folder.is_dir() else "is a file" if folder.exists() else "is not there"
        raise TaskError(f"{folder}: {found}; a folder with files of tasks is expected, such as `raytool.tasks scenarios` writes")
    return [SourceConfig(name=path.stem, source=str(path)) for path in files]


def _results(chunks: Sequence[Sequence[Located]], reward: RewardConfig, workers: int) -> Iterator[Proved]:
    """What each chunk has shown in turn, from as many processes as there are workers."""
    if workers == 1:
        yield from map(partial(prove, reward=reward), chunks)
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            yield from pool.map(partial(prove, reward=reward), chunks)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def prove(tasks: Iterable[Located], reward: RewardConfig) -> Proved:
    """Prove some tasks.

    Raises:
        TaskError: naming the file and the task, what was expected and what came.
    """
    prover = _Prover(make_reward(reward.name, reward.options))

    async def all_of_them() -> None:
        for file, task in tasks:
            try:
                await prover.prove(task)
            except (_DoesNotHold, InfrastructureError) as error:
                raise TaskError(f"{file}: task {task.id}: {error}") from error

    asyncio.run(all_of_them())
    return prover.proved


class _DoesNotHold(Exception):
    """What was expected, and what came."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What is written in one turn, its category while gold has not been left, and its feedback where that is certain."""

    text: str
    category: str
    feedback: Feedback | None


class _Prover:
    def __init__(self, reward: Any):
        self._reward = reward
        self._refines = _refining(reward)
        self._how = getattr(reward, "comparison", by_numbers)
        self.proved = Proved()
        self._environments: dict[str, ToolEnv] = {}
        self._chat = Chat(CharacterTokenizer(), PythonDialect())
        self._bounded = Demonstrator(self._chat, self._open, sys.maxsize)
        self._unbounded = Demonstrator(self._chat, self._open_without_limit, sys.maxsize)

    async def prove(self, task: Task) -> None:
        if not task.gold:
            raise _DoesNotHold("it has no gold; nothing can be proved of it")
        counts: Counts = Counter()
        for gold in task.gold:
            await self._check(self._bounded, "gold", task, [self._right(task, call) for call in gold.calls], counts)
        random = np.random.default_rng(zlib.crc32(task.id.encode()))
        path = draw_path(task, random)
        places = settled(task, path)
        wrong = mutations(task, path, places, random, self._how)
        refused = [mutation for mutation in wrong if mutation.feedback is not None]
        await self._check(self._unbounded, "errors and their repair", task, self._with(task, path, refused), counts)
        for mutation in wrong:
            if mutation.feedback is None:
                await self._check(self._unbounded, mutation.category, task, self._with(task, path, [mutation]), counts)
        if steps := self._off_gold(task, path, places, refused, wrong_values(task, path, random, self._how)):
            await self._check(self._unbounded, "off gold", task, steps, counts)
        for category in {category for category, _ in counts}:
            counts[category, "tasks"] = 1
        self.proved += Proved(counts)

    # ---- what is written

    def _right(self, task: Task, gold: GoldCall) -> _Step:
        return _Step(self._text(task, gold.call), RIGHT, Feedback.OK)

    def _wrong(self, task: Task, path: Sequence[GoldCall], mutation: Mutation) -> _Step:
        text = self._text(task, mutation.call) if mutation.call else self._text(task, path[mutation.place].call)[:-1]
        return _Step(text, mutation.category, mutation.feedback)

    def _with(self, task: Task, path: Sequence[GoldCall], wrong: Sequence[Mutation]) -> list[_Step]:
        """The path with each mutation before the call that repairs it."""
        steps = []
        for place, gold in enumerate(path):
            steps += [self._wrong(task, path, mutation) for mutation in wrong if mutation.place == place]
            steps.append(self._right(task, gold))
        return steps

    def _off_gold(
        self, task: Task, path: Sequence[GoldCall], places: Sequence[int], refused: Sequence[Mutation], refusable: Sequence[ToolCall]
    ) -> list[_Step]:
        """Gold is left by a question that nobody has to be asked; then the rest of it, and calls that fail in every way."""
        start = next((place for place in places if path[place].name != ASK_TO_USER.name), None)
        if start is None or task.tool(ASK_TO_USER.name) is None:
            return []
        *rest, last = path[start:]
        steps = [self._right(task, gold) for gold in path[:start]]
        steps.append(_Step(self._text(task, ToolCall(ASK_TO_USER.name, {"question": "Is that all?"})), "wrong_tool", Feedback.OK))
        steps += [self._right(task, gold) for gold in rest]
        steps += [self._wrong(task, path, mutation) for mutation in refused]
        steps += [_Step(self._text(task, call), "content", None) for call in refusable]
        return [*steps, self._right(task, last)]

    def _text(self, task: Task, call: ToolCall) -> str:
        return self._chat.dialect.render([call], task.tools)

    # ---- what comes of it

    async def _check(self, demonstrator: Demonstrator, what: str, task: Task, steps: Sequence[_Step], counts: Counts) -> None:
        played = await demonstrator.play(task, 0, [step.text for step in steps])
        episode = played.judged(self._reward(played))
        left = False
        for number, (step, call) in enumerate(zip(steps, episode.calls, strict=False), 1):
            where = f"{what}: call {number}, {step.text}"
            right = step.category == RIGHT
            if step.feedback not in (None, call.feedback) and not (left and right):
                raise _DoesNotHold(f"{where}: feedback {step.feedback} expected, {call.feedback} came: {call.observation}")
            assert call.verdict is not None
            expected = BY_FEEDBACK[call.feedback] if left else step.category
            came = call.verdict.category
            if self._refines.get(came, came) != expected:
                raise _DoesNotHold(f"{where}: verdict {expected} expected, {came} came (feedback {call.feedback})")
            left = left or (not right and call.feedback is Feedback.OK)
            for name in {expected, came}:
                counts[name, "worked" if call.feedback is Feedback.OK else "failed"] += 1
            self.proved += Proved(least_right=call.verdict) if expected == RIGHT else Proved(most_wrong=call.verdict)
            if self.proved.complaint:
                raise _DoesNotHold(f"{what}: {self.proved.complaint}")
        _check_end(what, episode, len(steps), left)

    async def _open(self, task: Task) -> InProcess:
        if task.env not in self._environments:
            made = plugins.make_env(task.env).unwrapped
            if not isinstance(made, ToolEnv):
                raise _DoesNotHold(f"environment '{task.env}' is no ToolEnv")
            self._environments[task.env] = made
        return InProcess(self._environments[task.env], task)

    async def _open_without_limit(self, task: Task) -> InProcess:
        """For more errors than a model would be given turns for."""
        environment = await self._open(task)
        environment.max_turns = sys.maxsize
        return environment


def _refining(reward: Any) -> dict[str, str]:
    """The categories that a reward has beside those of docs/rewards.md, with the one that each refines."""
    refines: dict[str, str] = getattr(reward, "refines", {})
    return refines


def _check_end(what: str, episode: Episode, turns: int, left: bool) -> None:
    """Gold that was not left reaches the goal, and the outcome is that of the goal."""
    if len(episode.turns) != turns:
        raise _DoesNotHold(f"{what}: {turns} turns expected, it ended after {len(episode.turns)} ({episode.stop})")
    ended = episode.stop in (StopReason.FINISHED, StopReason.ENVIRONMENT_END)
    if not left and (not ended or episode.goal_reached is False):
        raise _DoesNotHold(f"{what}: the goal is expected to be reached; goal_reached is {episode.goal_reached}, stop {episode.stop}")
    if episode.goal_reached is not None and (episode.outcome < 0 if episode.goal_reached else episode.outcome > 0):
        sign = "not below 0" if episode.goal_reached else "not above 0"
        raise _DoesNotHold(f"{what}: goal_reached is {episode.goal_reached}; an outcome {sign} expected, {episode.outcome:g} came")
