"""A benchmark from its files to its figures: read, answered by a model or by a file of predictions, scored, shown."""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from raytool import dialects, places, playing
from raytool.config import ModelConfig, SuiteConfig
from raytool.console import Console
from raytool.dialects import DIALECTS
from raytool.evaluation import about, predictions
from raytool.evaluation.opening import Opened, open_suite
from raytool.evaluation.scorecard import Scorecard
from raytool.records import Episode, Task, UserError
from raytool.rollout.episode import Limits
from raytool.sections import parse

if TYPE_CHECKING:
    from raytool.rollout.pool import RolloutPool


def run(given: argparse.Namespace) -> int:
    """Do what the arguments of `python -m raytool.evaluate` say; the exit status is returned: 1 where infrastructure failed.

    Raises:
        UserError: what the user has to change.
    """
    return playing.status_of(lambda: _run(given))


def _run(given: argparse.Namespace) -> int:
    console = Console()
    content = {
        "suite": given.suite,
        "data": given.data,
        "only": list(filter(None, given.only.split(","))),
        "limit": given.limit,
        "options": dict(map(playing.option, given.option)),
    }
    part = parse(SuiteConfig, content, "raytool.evaluate")
    opened = open_suite(part, given.seed)
    if given.out is not None:
        playing.make_room(given.out)
    answers = (_by_model if given.predictions is None else _by_predictions)(given, part, opened, console)
    card = Scorecard.of(opened.suite, opened.reading, answers.episodes, answers.about, answers.lost)
    if given.out is not None:
        playing.write(given.out, card.text())
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
    prompt = parse(ModelConfig, playing.form(given, "python"), "raytool.evaluate")
    if prompt.dialect in ("template", "auto"):
        raise UserError(f"--dialect {prompt.dialect}: has no meaning without a model; {', '.join(DIALECTS)} are known")
    if given.overrides:
        raise UserError(f"{given.overrides[0]}: has no effect with --predictions; leave it out")
    said = predictions.read(given.predictions)
    answers = {name: texts for name, texts in said.items() if name not in opened.left_out}
    with console.bar("predictions", len(answers)) as bar:
        episodes = predictions.play(opened.reading.samples, answers, dialects.make(prompt.dialect, prompt.prompting), bar.advance)
    form = {"dialect": prompt.dialect, "prompting": prompt.prompting}
    return Answers(episodes, {**about.of_part(part, given.seed), "predictions": str(given.predictions), **form})


# ---- a model, on Ray


def _by_model(given: argparse.Namespace, part: SuiteConfig, opened: Opened, console: Console) -> Answers:
    """Every sample played greedily, under the suite's own limits unless the user says otherwise.

    Raises:
        UserError: the model or an environment cannot be had.
        InfrastructureError: the engines were lost, or nothing could be played.
    """
    limits = opened.limits
    config = playing.configure(
        given,
        "raytool.evaluate",
        {
            "max_turns": limits.turns,
            "max_tokens": limits.tokens,
            "turn_tokens": limits.turn_tokens,
            "observation_characters": limits.observation_characters,
        },
    )
    asked = [sample.task for sample in opened.reading.samples]
    logs = places.new_logs("evaluate")
    answers = playing.on_a_pool(config, {task.env for task in asked}, lambda pool: _answers(pool, asked, console), logs, console)
    if answers.lost:
        console.say(f"warning: infrastructure failed; logs: {logs}")
    told = about.of_model(part, config.seed, config.model.path, config.model, Limits.of(config.rollout))
    return dataclasses.replace(answers, about={**told, **answers.about})


async def _answers(pool: RolloutPool, tasks: Sequence[Task], console: Console) -> Answers:
    began = time.perf_counter()
    with console.bar("evaluate", len(tasks)) as bar:
        played = await pool.play_all(tasks, bar.advance, skip_overlong=True)
    seconds = time.perf_counter() - began
    tokens = sum(sum(episode.loss_mask) for episode in played.episodes)
    spent = {
        "dialect": pool.dialect,
        "dtype": pool.dtype,
        "tokens": tokens,
        "prompt_tokens": sum(len(episode.tokens) for episode in played.episodes) - tokens,
        "seconds": round(seconds, 1),
        "tokens_per_s": round(tokens / seconds),
    }
    return Answers({episode.task.id: episode for episode in played.episodes}, spent, played.lost)
