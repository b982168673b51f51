"""`python -m raytool.tasks demonstrate`: any model plays tasks, and what it did is kept (see `raytool.tasks.trajectories`).

The model is played on a rollout pool, as in an evaluation, or asked at an OpenAI-compatible address. What is stored is not
played again, so that a call which was stopped goes on where it was; a sample that infrastructure kept from being played is named,
not stored, and tried anew by the next call. So is one that would only fail again, but that is said.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from raytool import places, playing, tasks
from raytool.config import PlayConfig, SourceConfig
from raytool.console import Console
from raytool.records import Episode, Feedback, Task, UserError
from raytool.rollout.episode import InfrastructureError, PromptTooLong
from raytool.sections import parse
from raytool.tasks.trajectories import Trajectories, read

if TYPE_CHECKING:
    from raytool.rollout.pool import RolloutPool

Player = Callable[[Task, int, int], Awaitable[Episode]]  # of a task, its group and a sample

_IN_A_ROW = 12  # samples that could not be played before one gives up
_NAMED = 5
_LOST = "lost.txt"
_OF_THE_POOL = (
    *("model", "accelerator", "seed", "reserve_limit_s", "rollout.workers", "rollout.least_workers", "rollout.cpus", "rollout.labels"),
    *("rollout.engine", "rollout.max_tokens", "rollout.stall_limit_s"),
)


class _Hopeless(Exception):
    """It would be the same however often it is tried: a prompt too long for the model, a request that a server refuses."""


@dataclass(frozen=True, slots=True)
class _Losses:
    """What could not be played, by task and sample, with the reason: for want of infrastructure, and for what the task is."""

    lost: dict[str, str] = field(default_factory=dict)
    hopeless: dict[str, str] = field(default_factory=dict)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", required=True, metavar="M", help="as of raytool.evaluate; with --address, the server's name for it")
    parser.add_argument("--tasks", required=True, metavar="SOURCE", help="a .jsonl or .parquet file, or a plug-in string")
    parser.add_argument("--option", action="append", default=[], metavar="KEY=VALUE", help="of a plug-in that gives tasks, e.g. count=20")
    parser.add_argument(
        "--out", type=places.kept, required=True, metavar="FOLDER", help="gets the trajectories; what is there is not played again"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N tasks")
    parser.add_argument("--samples", type=int, default=1, metavar="N", help="trajectories of each task")
    parser.add_argument("--temperature", type=float, metavar="T", help="default: 0, or with --address what the server takes")
    parser.add_argument("--seed", type=int, metavar="N", help="of sampling, default 0; not with --address")
    parser.add_argument("--dialect", metavar="D", help="as of raytool.evaluate")
    parser.add_argument("--prompting", choices=("base", "cot", "react", "rank"), help="as of raytool.evaluate")
    server = parser.add_argument_group("a server")
    server.add_argument("--address", metavar="URL", help="of an OpenAI-compatible API, e.g. http://127.0.0.1:8000/v1")
    server.add_argument("--key-env", metavar="NAME", help="the environment variable that holds its key; default: no key is sent")
    server.add_argument("--concurrency", type=int, metavar="N", help="conversations at once, default 8")
    server.add_argument("--answer-limit", type=float, metavar="S", help="seconds for one answer, retries included; default 300")
    server.add_argument("--retries", type=int, metavar="N", help="of a request that the server could not serve, default 5")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="of the sections model and rollout, e.g. rollout.max_turns=12")


def demonstrate(given: argparse.Namespace) -> int:
    """Do what the arguments say; the exit status is returned: 1 where infrastructure failed.

    Raises:
        UserError: what the user has to change.
    """
    return playing.status_of(lambda: _demonstrate(given))


def _demonstrate(given: argparse.Namespace) -> int:
    console = Console()
    _check(given)
    given.seed = given.seed or 0
    if given.address is None:
        given.temperature = given.temperature or 0.0
    source = SourceConfig(name="teacher", source=given.tasks, options=dict(map(playing.option, given.option)))
    found = tasks.load(source, "--tasks")
    tasks.check(found, [])
    wanted = [(group, task, sample) for group, task in enumerate(found[: given.limit]) for sample in range(given.samples)]
    config = playing.configure(given, "raytool.tasks demonstrate") if given.address is None else _of_server(given)
    kept = Trajectories(given.out, _about(given, config), found)
    try:
        left = [(group, task, sample) for group, task, sample in wanted if (task.id, sample) not in kept.done]
        if len(left) < len(wanted):
            console.say(f"{len(wanted) - len(left)} of {len(wanted)} trajectories are there already")
        losses = _Losses()
        if left:
            work = _Work(left, kept, console, len(wanted))
            losses = _by_pool(given, config, work) if given.address is None else _by_server(given, config, work)
    finally:
        kept.close()
    _show(console, given.out, losses, empty=not kept.done)
    return 1 if losses.lost or not kept.done else 0


def _check(given: argparse.Namespace) -> None:
    for name, least in (("samples", 1), ("limit", 1), ("seed", 0), ("concurrency", 1), ("retries", 0)):
        if (value := getattr(given, name)) is not None and value < least:
            raise UserError(f"--{name} {value}: {least} or more is expected")
    if given.answer_limit is not None and given.answer_limit <= 0:
        raise UserError(f"--answer-limit {given.answer_limit:g}: more than 0 s is expected")
    if given.temperature is not None and given.temperature < 0:
        raise UserError(f"--temperature {given.temperature:g}: 0 or more is expected")
    if given.samples > 1 and not (given.temperature if given.address is None else given.temperature != 0):
        raise UserError(f"--samples {given.samples}: all would be the same at temperature 0; give --temperature, e.g. 1")
    if given.address is None:
        for name in ("key_env", "concurrency", "answer_limit", "retries"):
            if getattr(given, name) is not None:
                raise UserError(f"--{name.replace('_', '-')}: has no effect without --address; leave it out")
        return
    for name in ("dialect", "prompting", "seed"):
        if getattr(given, name) is not None:
            raise UserError(f"--{name}: has no effect with --address, where the server writes prompts and samples; leave it out")
    if unused := next((text for text in given.overrides if text.startswith(_OF_THE_POOL)), None):
        raise UserError(f"{unused}: has no effect with --address; leave it out")


def _of_server(given: argparse.Namespace) -> PlayConfig:
    return parse(PlayConfig, {"seed": given.seed, "rollout": {"turn_tokens": 1024}}, "raytool.tasks demonstrate", given.overrides)


def _about(given: argparse.Namespace, config: PlayConfig) -> dict[str, Any]:
    """What must not change between two calls that write to one folder."""
    rollout = config.rollout
    limits = {"max_turns": rollout.max_turns, "turn_tokens": rollout.turn_tokens, "observation_characters": rollout.observation_characters}
    asked = {"tasks": given.tasks, "options": given.option, "temperature": given.temperature, **limits}
    if given.address is not None:
        return {"model": given.model, "address": given.address, **asked}
    prompt = config.model.prompt()
    return {"model": config.model.path, **prompt, "seed": config.seed, "max_tokens": rollout.max_tokens, **asked}


# ---- who plays


@dataclass(frozen=True, slots=True)
class _Work:
    """What is to be played, each with its group, task and sample, of `total` with what is there already; and where it goes."""

    left: Sequence[tuple[int, Task, int]]
    kept: Trajectories
    console: Console
    total: int

    @property
    def envs(self) -> list[str]:
        return sorted({task.env for _, task, _ in self.left})

    async def do(self, play: Player, at_once: int) -> _Losses:
        """Have everything played and stored; what could not be is returned.

        Raises:
            InfrastructureError: so many samples in a row could not be played that going on would only waste time.
        """
        room = asyncio.Semaphore(at_once)
        losses = _Losses()
        failed_in_a_row = 0

        async def one(group: int, task: Task, sample: int) -> None:
            nonlocal failed_in_a_row
            async with room:
                try:
                    episode = await play(task, group, sample)
                except _Hopeless as error:
                    losses.hopeless[f"{task.id}, sample {sample}"] = str(error)
                    return
                except InfrastructureError as error:
                    losses.lost[f"{task.id}, sample {sample}"] = str(error)
                    failed_in_a_row += 1
                    if failed_in_a_row == _IN_A_ROW:
                        raise InfrastructureError(
                            f"{_IN_A_ROW} trajectories in a row could not be played, the last since: {error}"
                        ) from error
                    return
                failed_in_a_row = 0
                self.kept.add(episode)
                bar.advance()

        try:
            with self.console.bar("demonstrate", self.total, self.total - len(self.left)) as bar:
                async with asyncio.TaskGroup() as all_of_them:
                    for group, task, sample in self.left:
                        all_of_them.create_task(one(group, task, sample))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return losses


def _by_pool(given: argparse.Namespace, config: PlayConfig, work: _Work) -> _Losses:
    logs = places.new_logs("demonstrate")

    async def on(pool: RolloutPool) -> _Losses:
        async def play(task: Task, group: int, sample: int) -> Episode:
            try:
                played = await pool.play(task, group, [sample], given.temperature)
            except PromptTooLong as error:
                raise _Hopeless(str(error)) from None
            if not played:
                raise InfrastructureError(f"infrastructure failed {config.rollout.attempts} times; see {logs}")
            return played[0]

        return await work.do(play, 128 * config.rollout.workers)

    return playing.on_a_pool(config, work.envs, on, logs, work.console)


def _by_server(given: argparse.Namespace, config: PlayConfig, work: _Work) -> _Losses:
    from raytool.machine import check_environment
    from raytool.rollout.hosts import ToolHosts
    from raytool.rollout.teacher import RequestRefused, Server, Teacher

    limit_s = 300.0 if given.answer_limit is None else given.answer_limit
    retries = 5 if given.retries is None else given.retries
    server = Server(given.address, given.model, given.temperature, limit_s, retries, given.key_env)
    for env in work.envs:
        check_environment(env, config.rollout.tool_host)

    async def ask() -> _Losses:
        hosts = ToolHosts(config.rollout.tool_host)
        try:
            teacher = Teacher(server, config.rollout, hosts)

            async def play(task: Task, group: int, sample: int) -> Episode:
                try:
                    return await teacher.play(task, group, sample)
                except RequestRefused as error:
                    raise _Hopeless(str(error)) from None

            try:
                return await work.do(play, given.concurrency or 8)
            finally:
                await teacher.close()
        finally:
            await hosts.close()

    return asyncio.run(ask())


def _show(console: Console, folder: Path, losses: _Losses, empty: bool) -> None:
    """What is in the folder, and what is not."""
    file = folder / _LOST
    file.unlink(missing_ok=True)
    for found, what in (
        (losses.lost, "trajectories could not be played and are not stored; the same command tries them again"),
        (losses.hopeless, "trajectories are left out, since they would fail again"),
    ):
        if found:
            lines = [f"{name}: {' '.join(reason.split())}" for name, reason in found.items()]
            with file.open("a", encoding="utf-8") as all_of_them:
                all_of_them.writelines(f"{line}\n" for line in lines)
            console.say(f"warning: {len(found)} {what}:")
            for line in [*lines[:_NAMED], *([f"... (all of them are in {file})"] if len(lines) > _NAMED else [])]:
                console.say(f"  {line[:300]}")
    if empty:
        return
    stored = read(folder)
    calls = Counter(call.feedback for episode in stored for call in episode.calls)
    erring = sum(any(call.feedback is not Feedback.OK for call in episode.calls) for episode in stored)
    told = {
        "finished": str(sum(episode.stop.value == "finished" for episode in stored)),
        "goal reached": str(sum(episode.goal_reached is True for episode in stored)),
        "with an error": str(erring),
        "calls": str(calls.total()),
        **{f"calls: {feedback}": str(count) for feedback, count in calls.most_common()},
    }
    console.say(f"{len(stored)} trajectories in {folder}")
    console.table("trajectories", ["count"], {name: [value] for name, value in told.items()})
