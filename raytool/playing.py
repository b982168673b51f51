"""A model on a rollout pool of its own, for one piece of work: its config out of arguments, its start, its end, and the file it leaves."""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from raytool import durable, machine, places, preflight, pretrained
from raytool.config import ModelConfig, PlayConfig
from raytool.console import Console
from raytool.records import UserError
from raytool.rollout.episode import InfrastructureError
from raytool.sections import parse

if TYPE_CHECKING:
    from raytool.placement import Cluster
    from raytool.rollout.pool import RolloutPool

Result = TypeVar("Result")


def status_of(work: Callable[[], int]) -> int:
    """The exit status of a piece of work: its own, or 1 where infrastructure failed or the user stopped it, which is said in a line."""
    try:
        return work()
    except (InfrastructureError, KeyboardInterrupt) as error:
        lines = str(error).splitlines() or ["interrupted"]
        told = lines if len(lines) == 1 else [lines[0], "...", lines[-1].strip()]  # a tool host's error shows where, over many lines
        print(f"error: {' '.join(told)}", file=sys.stderr)
        return 1


@contextmanager
def _into(out: Path) -> Iterator[None]:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise UserError(f"--out {out}: {error.strerror}") from None


def make_room(out: Path) -> None:
    """See that a file can be written there, before there is anything to write.

    Raises:
        UserError: it cannot.
    """
    with _into(out):
        if out.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        durable.draft_of(out).touch()
        durable.draft_of(out).unlink()


def write(out: Path, text: str) -> None:
    """Raises:
    UserError: it cannot be written.
    """
    with _into(out):
        durable.write(out, text)


def option(text: str) -> tuple[str, Any]:
    """An argument KEY=VALUE of which the value is YAML.

    Raises:
        UserError: it is none.
    """
    key, equals, value = text.partition("=")
    if not equals:
        raise UserError(f"--option {text}: KEY=VALUE is expected")
    try:
        return key, yaml.safe_load(value)
    except yaml.YAMLError:
        raise UserError(f"--option {text}: '{value}' is not a YAML value") from None


def form(given: argparse.Namespace, dialect: str, trained: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """The form of calls: as the user says, else as the model was trained, else the given dialect."""
    said = {name: value for name in ("dialect", "prompting") if (value := getattr(given, name)) is not None}
    kept = dict(trained)
    if said and "react" in (said.get("prompting"), kept.get("prompting")):  # that is both dialect and prompting: they go together
        kept = {name: value for name, value in kept.items() if name not in ("dialect", "prompting")}
    if said.get("prompting") == "react":
        dialect = "react"
    return {"dialect": dialect, "prompting": "base", **kept, **said}


def configure(given: argparse.Namespace, where: str, rollout: Mapping[str, Any] = MappingProxyType({})) -> PlayConfig:
    """What the arguments model, dialect, prompting, seed and overrides say; `rollout` holds what the user did not say of that section.

    The form of calls is the one in which the model was trained, unless the user says otherwise. `where` names the program in messages.

    Raises:
        ConfigError: a line for each mistake.
    """

    def config(trained: Mapping[str, Any]) -> PlayConfig:
        content = {"model": {**form(given, "auto", trained), "path": given.model}, "rollout": dict(rollout), "seed": given.seed}
        return parse(PlayConfig, content, where, given.overrides)

    path = config({}).model.path  # an override may name another one
    trained = pretrained.prompt_of(path)
    parse(ModelConfig, dict(trained), str(places.found(path) / pretrained.PROMPT_FILE))  # a mistake in it is the file's
    return config(trained)


def on_a_pool(
    config: PlayConfig, envs: Iterable[str], work: Callable[[RolloutPool], Awaitable[Result]], logs: Path, console: Console
) -> Result:
    """Start a pool of the config's model on Ray, do some work with it, and end everything that was started.

    Raises:
        UserError: the model or an environment cannot be had.
        InfrastructureError: the engines were lost, or nothing could be played.
    """
    for env in sorted(set(envs)):
        machine.check_environment(env, config.rollout.tool_host)
    machine.check_isolation(config.rollout.tool_host)
    machine.check_model(config.model.path, console)
    import ray

    from raytool.actors import ActorLost
    from raytool.rollout.pool import TooMuchLost

    machine.log_to(logs / "driver.log")
    cluster = machine.connect(least_cpus=config.rollout.workers)
    try:
        return asyncio.run(_on_a_pool(config, work, cluster, logs, console))
    except (ActorLost, TooMuchLost) as error:
        raise InfrastructureError(f"{error} (logs: {logs})") from error
    finally:
        ray.shutdown()


async def _on_a_pool(
    config: PlayConfig, work: Callable[[RolloutPool], Awaitable[Result]], cluster: Cluster, logs: Path, console: Console
) -> Result:
    from raytool import placement as placing
    from raytool.rollout.actor import WorkerSettings
    from raytool.rollout.pool import RolloutPool
    from raytool.weight_sync.shared_memory import SharedMemory

    accelerator = placing.choose_accelerator(config.accelerator, cluster, config.rollout.engine)
    placing.tell_idle(accelerator, config.accelerator, cluster, console)
    settings = WorkerSettings(config.model, config.rollout, SharedMemory(), config.seed, accelerator, logs, config.rollout.max_tokens)
    async with AsyncExitStack() as ends:
        with console.waiting(f"starting {config.rollout.reserved} rollout worker(s) on {accelerator}; their logs are in {logs}"):
            placement = await placing.reserve(config.rollout, None, accelerator, cluster, config.reserve_limit_s)
            ends.callback(placement.release)
            threads = config.rollout.cpus or placing.threads_per_actor(config.rollout.workers)
            pool = RolloutPool(settings, placement, threads, max_staleness=0)
            ends.push_async_callback(pool.stop)
            await pool.start()
        preflight.tell_isolation(pool, console)
        return await work(pool)
