"""A benchmark from its files to its figures: read, answered by a model or by a file of predictions, scored, shown."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from raytool import config as configuration
from raytool import dialects, pretrained
from raytool.config import JudgeConfig, ModelConfig, SuiteConfig
from raytool.console import Console
from raytool.dialects import DIALECTS
from raytool.evaluation import predictions
from raytool.evaluation.opening import Opened, open_suite
from raytool.evaluation.scorecard import Scorecard
from raytool.evaluation.suite import Suite
from raytool.records import Episode, Task, UserError


def judge(given: argparse.Namespace) -> int:
    """Do what the arguments of `python -m raytool.evaluate` say; the exit status is returned.

    Raises:
        UserError: what the user has to change.
    """
    console = Console()
    part = {
        "suite": given.suite,
        "data": given.data,
        "only": list(filter(None, given.only.split(","))),
        "limit": given.limit,
        "options": dict(map(_option, given.option)),
    }
    opened = open_suite(configuration.parse(SuiteConfig, part, "raytool.evaluate"), given.seed)
    suite, reading = opened.suite, opened.reading
    if given.out is not None:
        Scorecard.make_room(given.out)
    episodes, answered = (_by_model if given.predictions is None else _by_predictions)(given, opened, console)
    about = {"seed": given.seed, "limit": given.limit, "only": given.only, "prompting": given.prompting, "options": part["options"]}
    card = Scorecard.of(suite, reading, episodes, {**about, **answered})
    if given.out is not None:
        card.write(given.out)
    card.show(console)
    if "tokens" in answered:
        console.say("{tokens} tokens sampled and {prompt_tokens} read in {seconds} s, {tokens_per_s} tokens/s".format(**answered))
    return 0


Answers = tuple[dict[str, Episode], dict[str, Any]]  # the episodes by their task's id, and what the scorecard says of how they came about


def _by_predictions(given: argparse.Namespace, opened: Opened, console: Console) -> Answers:
    prompt = configuration.parse(ModelConfig, _asked(given, "python"), "raytool.evaluate")
    if prompt.dialect not in DIALECTS:
        raise UserError(f"--dialect {prompt.dialect}: has no meaning without a model; {', '.join(DIALECTS)} are known")
    if given.overrides:
        raise UserError(f"{given.overrides[0]}: has no effect with --predictions; leave it out")
    said = predictions.read(given.predictions)
    answers = {name: texts for name, texts in said.items() if name not in opened.left_out}
    with console.bar("predictions", len(answers)) as bar:
        episodes = predictions.play(opened.reading.samples, answers, dialects.make(prompt.dialect, prompt.prompting), bar.advance)
    return episodes, {"predictions": str(given.predictions), "dialect": prompt.dialect}


def _asked(given: argparse.Namespace, dialect: str) -> dict[str, str]:
    """What the user says of the form of calls; a dialect where nothing is said of it."""
    said = given.dialect or ("react" if given.prompting == "react" else dialect)
    return {"dialect": said, "prompting": given.prompting}


def _option(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise UserError(f"--option {text}: KEY=VALUE is expected")
    try:
        return key, yaml.safe_load(value)
    except yaml.YAMLError:
        raise UserError(f"--option {text}: '{value}' is not a YAML value") from None


def _config(given: argparse.Namespace, suite: Suite) -> JudgeConfig:
    """The suite's own limits, unless the user says otherwise."""
    content = {
        "model": {"path": given.model, **_asked(given, "auto")},
        "rollout": {"max_turns": suite.max_turns, "turn_tokens": suite.turn_tokens, "max_tokens": suite.max_tokens},
        "seed": given.seed,
    }
    return configuration.parse(JudgeConfig, content, "raytool.evaluate", given.overrides)


# ---- a model, on Ray


def _by_model(given: argparse.Namespace, opened: Opened, console: Console) -> Answers:
    """Every sample played greedily.

    Raises:
        UserError: the model or an environment cannot be had, or an episode could not be played.
    """
    config = _config(given, opened.suite)
    samples = opened.reading.samples
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
        episodes, about = asyncio.run(_on_a_pool(config, [sample.task for sample in samples], environment, logs, console))
        return episodes, {"model": given.model, **about}
    except (ActorLost, InfrastructureFailed) as error:
        raise UserError(f"{error} (logs: {logs})") from error
    finally:
        ray.shutdown()


async def _on_a_pool(config: JudgeConfig, tasks: Sequence[Task], environment: dict[str, str], logs: Path, console: Console) -> Answers:
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
        began = time.perf_counter()
        with console.bar("evaluate", len(tasks)) as bar:
            episodes = await pool.play_all(tasks, bar.advance, skip_overlong=True)
        seconds = time.perf_counter() - began
    finally:
        await pool.stop()
        placement.release()
    tokens = sum(sum(episode.loss_mask) for episode in episodes)
    about = {
        "dialect": pool.dialect,
        "tokens": tokens,
        "prompt_tokens": sum(len(episode.tokens) for episode in episodes) - tokens,
        "seconds": round(seconds, 1),
        "tokens_per_s": round(tokens / seconds),
    }
    return {episode.task.id: episode for episode in episodes}, about
