"""A benchmark from its files to its figures: read, answered by a model or by a file of predictions, scored, shown."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from raytool import config as configuration
from raytool import pretrained
from raytool.config import JudgeConfig, SuiteConfig
from raytool.console import Console
from raytool.dialects import DIALECTS
from raytool.evaluation import predictions
from raytool.evaluation.opening import open_suite
from raytool.evaluation.scorecard import Scorecard
from raytool.evaluation.suite import Sample, Suite
from raytool.records import Episode, Task, UserError


def judge(given: argparse.Namespace) -> int:
    """Do what the arguments of `python -m raytool.evaluate` say; the exit status is returned.

    Raises:
        UserError: what the user has to change.
    """
    console = Console()
    part = {"suite": given.suite, "data": given.data, "only": list(filter(None, given.only.split(","))), "limit": given.limit}
    opened = open_suite(configuration.parse(SuiteConfig, part, "raytool.evaluate"), given.seed)
    suite, reading = opened.suite, opened.reading
    if given.out is not None:
        Scorecard.make_room(given.out)
    about: dict[str, Any] = {"seed": given.seed, "limit": given.limit, "only": given.only, "prompting": given.prompting}
    if given.predictions is not None:
        dialect = given.dialect or "python"
        if dialect not in DIALECTS:
            raise UserError(f"--dialect {dialect}: {', '.join(DIALECTS)} are known")
        if given.overrides:
            raise UserError(f"{given.overrides[0]}: has no effect with --predictions; leave it out")
        said = predictions.read(given.predictions)
        answers = {name: texts for name, texts in said.items() if name not in opened.left_out}
        began = time.perf_counter()
        with console.waiting(f"playing {len(answers)} predictions"):
            episodes = predictions.play(reading.samples, answers, DIALECTS[dialect]())
        about |= {"predictions": str(given.predictions), "dialect": dialect}
    else:
        config = _config(given, suite)
        began = time.perf_counter()
        episodes = _play(config, reading.samples, console)
        tokens = sum(sum(episode.loss_mask) for episode in episodes.values())
        about |= {"model": given.model, "dialect": config.model.dialect, "tokens": tokens}
    about["seconds"] = round(time.perf_counter() - began, 1)
    card = Scorecard.of(suite, reading, episodes, about)
    if given.out is not None:
        card.write(given.out)
    card.show(console)
    if "tokens" in about:
        console.say(f"{about['tokens']} tokens in {about['seconds']} s, {about['tokens'] / about['seconds']:.0f} tokens/s, start included")
    return 0


def _config(given: argparse.Namespace, suite: Suite) -> JudgeConfig:
    """The suite's own limits, unless the user says otherwise."""
    content = {
        "model": {"path": given.model, **({"dialect": given.dialect} if given.dialect else {})},
        "rollout": {"max_turns": suite.max_turns, "turn_tokens": suite.turn_tokens, "max_tokens": suite.max_tokens},
        "seed": given.seed,
    }
    return configuration.parse(JudgeConfig, content, "raytool.evaluate", given.overrides)


# ---- a model, on Ray


def _play(config: JudgeConfig, samples: Sequence[Sample], console: Console) -> dict[str, Episode]:
    """Every sample played greedily, by the id of its task.

    Raises:
        UserError: the model or an environment cannot be had, or an episode could not be played.
    """
    from raytool.launch import check_environment, connect, log_to

    for env in sorted({sample.task.env for sample in samples}):
        check_environment(env, config.rollout.tool_host)
    with console.waiting(f"looking for the model {config.model.path}"):
        pretrained.resolve(config.model.path)
    import ray

    from raytool.actors import ActorLost
    from raytool.rollout.pool import InfrastructureFailed

    logs = Path(tempfile.mkdtemp(prefix="raytool-evaluate-"))
    log_to(logs / "driver.log")
    environment = connect(least_cpus=config.rollout.workers)
    try:
        return asyncio.run(_on_a_pool(config, [sample.task for sample in samples], environment, logs, console))
    except (ActorLost, InfrastructureFailed) as error:
        raise UserError(f"{error} (logs: {logs})") from error
    finally:
        ray.shutdown()


async def _on_a_pool(
    config: JudgeConfig, tasks: Sequence[Task], environment: dict[str, str], logs: Path, console: Console
) -> dict[str, Episode]:
    from raytool import placement as placing
    from raytool.rollout.actor import WorkerSettings
    from raytool.rollout.pool import RolloutPool
    from raytool.weight_sync.shared_memory import SharedMemory

    accelerator = placing.choose_accelerator(config.accelerator)
    placement = await placing.reserve(config.rollout, 0, accelerator, environment)
    settings = WorkerSettings(config.model.path, config.model, config.rollout, SharedMemory(), config.seed, accelerator, logs)
    pool = RolloutPool(settings, placement, placing.threads_per_actor(config.rollout.workers), max_staleness=0)
    try:
        with console.waiting(f"starting {config.rollout.workers} rollout worker(s) on {accelerator}; their logs are in {logs}"):
            await pool.start()
        with console.bar("evaluate", len(tasks)) as bar:
            episodes = await pool.play_all(tasks, bar.advance, skip_overlong=True)
    finally:
        await pool.stop()
        placement.release()
    return {episode.task.id: episode for episode in episodes}
