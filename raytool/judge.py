"""A benchmark from its files to its figures: read, answered by a model or by a file of predictions, scored, shown."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pydantic
import yaml

from raytool import config as configuration
from raytool import plugins, pretrained
from raytool.config import EvaluateConfig
from raytool.console import Console
from raytool.dialects import DIALECTS
from raytool.evaluation import predictions
from raytool.evaluation.fetch import folder
from raytool.evaluation.scorecard import Scorecard
from raytool.evaluation.suite import Sample, Suite, SuiteError
from raytool.evaluation.suites import SUITES
from raytool.records import Episode, Task, UserError


def judge(given: argparse.Namespace) -> int:
    """Do what the arguments of `python -m raytool.evaluate` say; the exit status is returned.

    Raises:
        UserError: what the user has to change.
    """
    console = Console()
    options = dict(_option(text) for text in given.option)
    suite = make(given.suite, options)
    reading = suite.read(_data(suite, given.suite, given.data)).only(list(filter(None, given.only.split(","))), given.limit, given.seed)
    about: dict[str, Any] = {"seed": given.seed, "limit": given.limit, "only": given.only, "prompting": given.prompting, "options": options}
    if given.predictions is not None:
        dialect = given.dialect or "python"
        if dialect not in DIALECTS:
            raise UserError(f"--dialect {dialect}: {', '.join(DIALECTS)} are known")
        if given.overrides:
            raise UserError(f"{given.overrides[0]}: has no effect with --predictions; leave it out")
        answers = predictions.read(given.predictions)
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


def make(name: str, options: Mapping[str, Any] = MappingProxyType({})) -> Suite:
    """The suite of a name or plug-in string. One that takes options is a dataclass, which has them as fields.

    Raises:
        UserError: there is none, or it has not those options.
    """
    if name not in SUITES and ":" not in name:
        raise UserError(f"--suite {name}: {', '.join(SUITES)} are known, or a plug-in string module:Class")
    kind = plugins.load(SUITES.get(name, name), "raytool.suites")
    if not (isinstance(kind, type) and issubclass(kind, Suite)):
        raise UserError(f"--suite {name}: {kind!r} is no class of raytool.evaluation.suite.Suite")
    known: list[str] = [field.name for field in dataclasses.fields(kind) if field.init] if dataclasses.is_dataclass(kind) else []
    if unknown := [key for key in options if key not in known]:
        raise UserError(f"--option {unknown[0]}: {name} has {', '.join(known) or 'no options'}")
    if not known:
        return kind()
    try:
        return pydantic.TypeAdapter(kind).validate_python(dict(options))
    except pydantic.ValidationError as error:
        mistake = error.errors(include_url=False)[0]
        raise UserError(f"--option {'.'.join(map(str, mistake['loc']))}={mistake['input']}: {mistake['msg']}") from None


def _option(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise UserError(f"--option {text}: KEY=VALUE is expected")
    try:
        return key, yaml.safe_load(value)
    except yaml.YAMLError:
        raise UserError(f"--option {text}: '{value}' is not a YAML value") from None


def _data(suite: Suite, name: str, given: Path | None) -> Path | None:
    """Where the suite's files are.

    Raises:
        SuiteError: nowhere; the message says where they are published.
    """
    if not suite.where:
        if given is not None:
            raise SuiteError(f"--data {given}: has no effect, {name} needs no files; leave it out")
        return None
    if given is not None:
        if not given.exists():
            raise SuiteError(f"--data {given}: is not there")
        return given
    cached = folder(name)
    if not cached.exists():
        raise SuiteError(
            f"--data: the files of {name} are not in {cached}; `python -m raytool.evaluate fetch {name}` gets them from {suite.where}, "
            "or put them there, or say where they are"
        )
    return cached


def _config(given: argparse.Namespace, suite: Suite) -> EvaluateConfig:
    """The suite's own limits, unless the user says otherwise."""
    content = {
        "model": {"path": given.model, **({"dialect": given.dialect} if given.dialect else {})},
        "rollout": {"max_turns": suite.max_turns, "turn_tokens": suite.turn_tokens, "max_tokens": suite.max_tokens},
        "seed": given.seed,
    }
    return configuration.parse(EvaluateConfig, content, given.overrides, "raytool.evaluate")


# ---- a model, on Ray


def _play(config: EvaluateConfig, samples: Sequence[Sample], console: Console) -> dict[str, Episode]:
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
    config: EvaluateConfig, tasks: Sequence[Task], environment: dict[str, str], logs: Path, console: Console
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
            episodes = await pool.play_all(tasks, bar.advance)
    finally:
        await pool.stop()
        placement.release()
    return {episode.task.id: episode for episode in episodes}
