"""What a training begins with, played without a model: the gold of the first tasks of each source, in tool hosts, and its reward."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice

from raytool.config import Config
from raytool.console import Console
from raytool.judging import Judge
from raytool.records import RECORDED_ENV, Episode, Task, UserError
from raytool.rollout.chat import Chat
from raytool.rollout.hosts import ToolHosts
from raytool.tasks.gold import DoesNotHold, NotWritten, play_gold

_FIRST = 8  # tasks of a source


async def rehearse(config: Config, train: Sequence[Sequence[Task]], test: Sequence[Sequence[Task]], chat: Chat, console: Console) -> None:
    """Play gold as a training would, and show what it is worth. `train` and `test` hold the tasks of each source.

    Raises:
        UserError: gold does not work, an environment cannot be had, or the reward breaks its contract.
    """
    hosts, judge = ToolHosts(config.rollout.tool_host), Judge(config.reward)
    if hosts.unisolated:
        console.say(f"warning: tools run without isolation, bubblewrap does not work here: {hosts.unisolated}")
    parts = [
        (f"{part}.{number}", source, tasks)
        for part, sources, every in (("train", config.tasks.train, train), ("test", config.tasks.test, test))
        for number, (source, tasks) in enumerate(zip(sources, every, strict=True))
    ]
    rows = {}
    try:
        for place, source, tasks in parts:
            began = time.perf_counter()
            played: list[Episode] = []
            warnings: list[str] = []
            shown = place.startswith("train") and "sft" in config.stages and source.demonstrations != 0
            with console.waiting(f"tasks.{place}: {source.name}"):
                for task in islice(_playable(tasks), _FIRST):
                    try:
                        played += await _played(task, place, chat, hosts)
                    except NotWritten as error:
                        told = f"task {task.id}: {error}"
                        if shown:
                            raise UserError(f"tasks.{place}: {told}, or demonstrations: 0") from error
                        warnings = [told]
            for warning in (*warnings, *_warnings(config, played)):
                console.say(f"warning: tasks.{place}: {warning}")
            rewards = [judge.judged(episode).reward for episode in played]
            gold = str(len(played)) if played else "none, not written" if warnings else _why_none(tasks)
            rows[f"{place} {source.name}"] = [f"{len(tasks):,}", gold, _span(rewards), f"{time.perf_counter() - began:.1f}"]
    finally:
        await hosts.close()
    console.table("gold, played and scored", ("tasks", "gold played", "reward of gold", "seconds"), rows)


def _playable(tasks: Sequence[Task]) -> Iterator[Task]:
    return (task for task in tasks if task.env != RECORDED_ENV and task.gold and all(gold.calls for gold in task.gold))


def _span(rewards: Sequence[float]) -> str:
    """From the lowest to the highest."""
    return " to ".join(dict.fromkeys((f"{min(rewards):g}", f"{max(rewards):g}"))) if rewards else ""


def _why_none(tasks: Sequence[Task]) -> str:
    if all(task.env == RECORDED_ENV for task in tasks):
        return "none, recorded"
    return "none, it calls nothing" if any(task.gold for task in tasks) else "none, there is none"


async def _played(task: Task, place: str, chat: Chat, hosts: ToolHosts) -> list[Episode]:
    """Each alternative of a task's gold, played a second time to see whether the same comes of it.

    Raises:
        UserError: naming the source and the task.
        NotWritten: from `play_gold`.
    """
    try:
        played, again = [await play_gold(task, chat, hosts.open) for _ in range(2)]
    except (DoesNotHold, UserError) as error:
        raise UserError(f"tasks.{place}: task {task.id}: {error}") from error
    for number, (first, second) in enumerate(zip(played, again, strict=True)):
        lengths = [len(list(episode.calls)) for episode in (first, second)]
        if lengths[0] != lengths[1]:
            raise UserError(f"tasks.{place}: task {task.id}: gold.{number}, played twice, ended after {lengths[0]} calls and {lengths[1]}")
        for at, (call, other) in enumerate(zip(first.calls, second.calls, strict=True), 1):
            if call.observation != other.observation:
                came = f"'{_short(call.observation)}' came, and then '{_short(other.observation)}'"
                why = "a call's result may depend on the task, its seed and the calls before it, and on no clock or other world"
                raise UserError(f"tasks.{place}: task {task.id}: gold.{number}, played twice: call {at}: {came}; {why}")
    return played


def _warnings(config: Config, played: Sequence[Episode]) -> Iterator[str]:
    """What lets gold be played and keeps a model from doing as it does, or from learning all of it."""
    for episode in played:
        made, calls = len(list(episode.calls)), min(len(gold.calls) for gold in episode.task.gold)
        if made < calls:
            yield f"the environment of task {episode.task.id} ends after {made} of {calls} calls of gold, of which one is made a turn"
            break
    rollout = config.rollout
    for knob, what, limit, sizes in (
        ("max_turns", "turns", rollout.max_turns, [len(episode.turns) for episode in played]),
        ("max_tokens", "tokens", rollout.max_tokens, [len(episode.tokens) for episode in played]),
        ("turn_tokens", "tokens in a turn", rollout.turn_tokens, [max(t.span.stop - t.span.start for t in e.turns) for e in played]),
    ):
        if (most := max(sizes, default=0)) > limit:
            yield f"the gold of task {played[sizes.index(most)].task.id} has {most} {what}, and rollout.{knob} is {limit}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:100]}..."
