"""A benchmark from its files to its figures: read, answered by a model or by a file of predictions, scored, shown."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from raytool import dialects, pretrained
from raytool.config import JudgeConfig, ModelConfig, SuiteConfig
from raytool.console import Console
from raytool.dialects import DIALECTS
from raytool.evaluation import about, predictions
from raytool.evaluation.opening import Opened, open_suite
from raytool.evaluation.scorecard import Scorecard
from raytool.evaluation.suite import Suite
from raytool.records import Episode, Task, UserError
from raytool.rollout.episode import InfrastructureError, Limits
from raytool.sections import parse


def judge(given: argparse.Namespace) -> int:
    """Do what the arguments of `python -m raytool.evaluate` say; the exit status is returned: 1 where infrastructure failed.

    Raises:
        UserError: what the user has to change.
    """
    try:
        return _judge(given)
    except (InfrastructureError, KeyboardInterrupt) as error:
        lines = str(error).splitlines() or ["interrupted"]
        told = lines if len(lines) == 1 else [lines[0], "...", lines[-1].strip()]  # a tool host's error shows where, over many lines
        print(f"error: {' '.join(told)}", file=sys.stderr)
        return 1


def _judge(given: argparse.Namespace) -> int:
    console = Console()
    content = {
        "suite": given.suite,
        "data": given.data,
        "only": list(filter(None, given.only.split(","))),
        "limit": given.limit,
        "options": dict(map(_option, given.option)),
    }
    part = parse(SuiteConfig, content, "raytool.evaluate")
    opened = open_suite(part, given.seed)
    if given.out is not None:
        Scorecard.make_room(given.out)
    answers = (_by_model if given.predictions is None else _by_predictions)(given, part, opened, console)
    card = Scorecard.of(opened.suite, opened.reading, answers.episodes, answers.about, answers.lost)
    if given.out is not None:
        card.write(given.out)
    card.show(console)
    if "tokens" in card.about:
        console.say("{tokens} tokens sampled and {prompt_tokens} read in {seconds} s, {tokens_per_s} tokens/s".format(**card.about))
    return 1 if answers.lost else 0


@dataclass(frozen=True, slots=True)
class Answers:
    """Episodes by their task's id, what the scorecard says of how they came about, and the ids that infrastructure lost."""

    episodes: dict[str, Episode]
    about: dict[str, Any]
    lost: Sequence[str] = ()


def _by_predictions(given: argparse.Namespace, part: SuiteConfig, opened: Opened, console: Console) -> Answers:
    prompt = parse(ModelConfig, _form(given, "python"), "raytool.evaluate")
    if prompt.dialect not in DIALECTS:
        raise UserError(f"--dialect {prompt.dialect}: has no meaning without a model; {', '.join(DIALECTS)} are known")
    if given.overrides:
        raise UserError(f"{given.overrides[0]}: has no effect with --predictions; leave it out")
    said = predictions.read(given.predictions)
    answers = {name: texts for name, texts in said.items() if name not in opened.left_out}
    with console.bar("predictions", len(answers)) as bar:
        episodes = predictions.play(opened.reading.samples, answers, dialects.make(prompt.dialect, prompt.prompting), bar.advance)
    form = {"dialect": prompt.dialect, "prompting": prompt.prompting}
    return Answers(episodes, {**about.of_part(part, given.seed), "predictions": str(given.predictions), **form})


def _form(given: argparse.Namespace, dialect: str, trained: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """The form of calls: as the user says, else as the model was trained, else the given dialect."""
    said = {name: value for name in ("dialect", "prompting") if (value := getattr(given, name)) is not None}
    kept = dict(trained)
    if said and "react" in (said.get("prompting"), kept.get("prompting")):  # that is both dialect and prompting: they go together
        kept = {name: value for name, value in kept.items() if name not in ("dialect", "prompting")}
    if said.get("prompting") == "react":
        dialect = "react"
    return {"dialect": dialect, "prompting": "base", **kept, **said}


def _option(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise UserError(f"--option {text}: KEY=VALUE is expected")
    try:
        return key, yaml.safe_load(value)
    except yaml.YAMLError:
        raise UserError(f"--option {text}: '{value}' is not a YAML value") from None


def _config(given: argparse.Namespace, suite: Suite) -> JudgeConfig:
    """The suite's own limits, and the form of calls in which the model was trained, unless the user says otherwise."""
    limits = Limits.of(suite)

    def config(trained: Mapping[str, Any]) -> JudgeConfig:
        content = {
            "model": {**_form(given, "auto", trained), "path": given.model},
            "rollout": {
                "max_turns": limits.turns,
                "max_tokens": limits.tokens,
                "turn_tokens": limits.turn_tokens,
                "observation_characters": limits.observation_characters,
            },
            "seed": given.seed,
        }
        return parse(JudgeConfig, content, "raytool.evaluate", given.overrides)

    path = config({}).model.path  # an override may name another one
    trained = pretrained.prompt_of(path)
    parse(ModelConfig, dict(trained), str(Path(path) / pretrained.PROMPT_FILE))  # a mistake in it is the file's
    return config(trained)


# ---- a model, on Ray


def _by_model(given: argparse.Namespace, part: SuiteConfig, opened: Opened, console: Console) -> Answers:
    """Every sample played greedily.

    Raises:
        UserError: the model or an environment cannot be had.
        InfrastructureError: the engines were lost, or nothing could be played.
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
        answers = asyncio.run(_on_a_pool(config, [sample.task for sample in samples], environment, logs, console))
    except (ActorLost, InfrastructureFailed) as error:
        raise InfrastructureError(f"{error} (logs: {logs})") from error
    finally:
        ray.shutdown()
    if answers.lost:
        console.say(f"warning: infrastructure failed; logs: {logs}")
    asked = about.of_model(part, config.seed, config.model.path, config.model, Limits.of(config.rollout))
    return dataclasses.replace(answers, about={**asked, **answers.about})


async def _on_a_pool(config: JudgeConfig, tasks: Sequence[Task], environment: dict[str, str], logs: Path, console: Console) -> Answers:
    from raytool import placement as placing
    from raytool.rollout.actor import WorkerSettings
    from raytool.rollout.pool import RolloutPool
    from raytool.weight_sync.shared_memory import SharedMemory

    accelerator = placing.choose_accelerator(config.accelerator)
    placement = await placing.reserve(config.rollout, 0, accelerator, environment)
    longest = config.rollout.max_tokens
    settings = WorkerSettings(config.model.path, config.model, config.rollout, SharedMemory(), config.seed, accelerator, logs, longest)
    pool = RolloutPool(settings, placement, placing.threads_per_actor(config.rollout.workers), max_staleness=0)
    try:
        with console.waiting(f"starting {config.rollout.workers} rollout worker(s) on {accelerator}; their logs are in {logs}"):
            await pool.start()
        began = time.perf_counter()
        with console.bar("evaluate", len(tasks)) as bar:
            played = await pool.play_all(tasks, bar.advance, skip_overlong=True)
        seconds = time.perf_counter() - began
    finally:
        await pool.stop()
        placement.release()
    tokens = sum(sum(episode.loss_mask) for episode in played.episodes)
    spent = {
        "dialect": pool.dialect,
        "tokens": tokens,
        "prompt_tokens": sum(len(episode.tokens) for episode in played.episodes) - tokens,
        "seconds": round(seconds, 1),
        "tokens_per_s": round(tokens / seconds),
    }
    return Answers({episode.task.id: episode for episode in played.episodes}, spent, played.lost)
