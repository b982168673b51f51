"""Environments in tool hosts: steps a second, start-up, and memory, with many live at once.

    .venv/bin/python -m bench.envs                    # the seven scenarios, 1,000 live in one host, and the code tool
    .venv/bin/python -m bench.envs --only iot office --live 200

One host process holds all live environments of a scenario. `start` is the time of one opening, its world and the way of the
task to the host included, when all are asked for at once. Every environment then plays the calls of its gold, each when
the one before was answered and all environments at once; `steps/s` counts these calls by the clock, `steps/s of core` by
the host's processor time, `client` is this process's own time for a step. `finish` closes the task, whose goal is judged.
`memory` is what the host's resident size grew by, for each live environment. Processor times depend on what else runs
on the machine less than the clock does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import psutil

from envs import python_sandbox
from envs.suite import COUNTS, scenario
from raytool.config.rollout import ToolHostConfig
from raytool.console import Console
from raytool.records import Feedback, GoldCall, Task
from raytool.rollout.hosts import HostedEnvironment, ToolHosts

CODE_TOOL = "python_sandbox"
MEGABYTE = 2**20


@dataclass(frozen=True)
class Row:
    """Times in seconds of one environment, or of one step; memory in bytes."""

    name: str
    live: int
    start: float
    start_core: float
    memory: float
    steps: int
    step: float
    step_core: float
    client: float
    finish_core: float


class Clock:
    """What passes of the clock, of the hosts' processor time and of this process's own."""

    def __init__(self) -> None:
        self._before = self._now()

    def _now(self) -> tuple[float, float, float]:
        own = psutil.Process()
        return time.perf_counter(), sum(map(_processor_time, own.children(recursive=True))), _processor_time(own)

    def read(self) -> tuple[float, float, float]:
        return tuple(now - before for now, before in zip(self._now(), self._before, strict=True))  # type: ignore[return-value]


def _processor_time(process: psutil.Process) -> float:
    """Of a process and of its children that have ended."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    ended = times.children_user + times.children_system if process.pid != psutil.Process().pid else 0.0
    return times.user + times.system + ended


def _resident() -> int:
    """Of the hosts, without what they share with each other."""
    return sum(process.memory_full_info().uss for process in psutil.Process().children(recursive=True))


def _action(call: GoldCall) -> str:
    return json.dumps({"calls": [{"name": call.name, "arguments": call.arguments}]})


async def _all(
    environments: Sequence[HostedEnvironment], play: Callable[[HostedEnvironment, Task], Awaitable[int]], tasks: list[Task]
) -> int:
    return sum(await asyncio.gather(*map(play, environments, tasks)))


async def _play(environment: HostedEnvironment, task: Task) -> int:
    calls = task.gold[0].calls[:-1]
    for call in calls:
        step = await environment.step(_action(call))
        assert step.feedback == [Feedback.OK], (task.id, call, step)
    return len(calls)


async def _finish(environment: HostedEnvironment, task: Task) -> int:
    step = await environment.step(_action(task.gold[0].calls[-1]))
    assert step.goal_reached, task.id
    return 1


async def measure(name: str, tasks: list[Task], advance: Callable[[], None]) -> Row:
    """Open all tasks, play their gold, finish them."""
    hosts = ToolHosts(ToolHostConfig(start_limit_s=600.0, call_limit_s=600.0))
    try:
        first = await hosts.open(tasks[0])  # the host has started, and has met the environment and its tools
        await _play(first, tasks[0])
        await first.close()
        memory, clock = _resident(), Clock()
        environments = await asyncio.gather(*map(hosts.open, tasks))
        start, start_core, _ = clock.read()
        advance()
        memory = _resident() - memory
        clock = Clock()
        steps = await _all(environments, _play, tasks)
        step, step_core, client = clock.read()
        advance()
        clock = Clock()
        await _all(environments, _finish, tasks)
        finish_core = clock.read()[1]
        advance()
    finally:
        await hosts.close()
    live = len(tasks)
    return Row(
        name,
        live,
        start / live,
        start_core / live,
        memory / live,
        steps,
        step / steps,
        step_core / steps,
        client / steps,
        finish_core / live,
    )


COLUMNS = ("live", "start ms", "(core)", "memory MB", "steps", "steps/s", "steps/s of core", "client us", "finish ms")


def cells(row: Row) -> tuple[str, ...]:
    return (
        f"{row.live:,}",
        f"{row.start * 1e3:.2f}",
        f"{row.start_core * 1e3:.2f}",
        f"{row.memory / MEGABYTE:.2f}",
        f"{row.steps:,}",
        f"{1 / row.step:,.0f}",
        f"{1 / row.step_core:,.0f}",
        f"{row.client * 1e6:.0f}",
        f"{row.finish_core * 1e3:.2f}",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=[*COUNTS, CODE_TOOL], default=[*COUNTS, CODE_TOOL])
    parser.add_argument("--live", type=int, default=1000, help="environments of a scenario at once")
    parser.add_argument("--own", type=int, default=8, help="environments with a process of their own at once")
    options = parser.parse_args()
    console, rows = Console(), {}
    with console.bar("environments", 3 * len(options.only)) as bar:
        for name in options.only:
            own = name == CODE_TOOL
            tasks = python_sandbox.tasks("train", options.own) if own else scenario(name).tasks("train", count=options.live)
            rows[name] = cells(asyncio.run(measure(name, tasks, bar.advance)))
    console.table("environments in tool hosts", COLUMNS, rows)


if __name__ == "__main__":
    main()
