"""Answers that some other system gave, played through the suite's environments without a model, an engine or Ray.

A file has a JSON object a line, {"id": a sample's id, "output": text or a list of texts, one for each turn of the model}.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import pydantic

from raytool import plugins
from raytool.config.rollout import RolloutConfig, ToolHostConfig
from raytool.dialects import Dialect
from raytool.evaluation.suite import Sample
from raytool.records import Episode, Task, UserError, first_mistake
from raytool.rollout.chat import Chat
from raytool.rollout.demonstrate import Demonstrator
from raytool.rollout.episode import InfrastructureError, insist
from raytool.rollout.hosts import ToolHosts
from raytool.rollout.in_process import CharacterTokenizer

_AT_ONCE = 64
_OBSERVED = 10_000  # characters of an observation
_ATTEMPTS = RolloutConfig().attempts


class PredictionError(UserError):
    """A file of predictions that cannot be used; the message names file and line."""


class _Line(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="ignore")

    id: str
    output: str | Annotated[list[str], pydantic.Field(min_length=1)]


def read(path: Path) -> dict[str, list[str]]:
    """The texts of each sample, by its id.

    Raises:
        PredictionError: a line that is no prediction, or a second one for a sample.
    """
    found: dict[str, list[str]] = {}
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PredictionError(f"--predictions {path}: {getattr(error, 'strerror', None) or error}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            prediction = _Line.model_validate_json(line)
        except pydantic.ValidationError as error:
            mistake = first_mistake(error).replace("at line 1 column", "at column")  # it was given a line
            raise PredictionError(f'{path}:{number}: {mistake}; {{"id": "...", "output": "..."}} is expected') from None
        if prediction.id in found:
            raise PredictionError(f"{path}:{number}: a second prediction for '{prediction.id}'")
        found[prediction.id] = [prediction.output] if isinstance(prediction.output, str) else prediction.output
    return found


def play(
    samples: Sequence[Sample], predictions: Mapping[str, Sequence[str]], dialect: Dialect, advance: Callable[[], None] = lambda: None
) -> dict[str, Episode]:
    """The episodes in which these texts are written, by the id of their task. Tools run in tool hosts, under their limits.

    Raises:
        PredictionError: a prediction for a sample that there is not, or an environment that wants the network.
        InfrastructureError: an environment cannot be had, or is defective, as often as it was tried.
    """
    asked = {sample.task.id: sample.task for sample in samples}
    if unknown := [name for name in predictions if name not in asked]:
        known = next(iter(asked), "")
        raise PredictionError(f"--predictions: the suite asks no '{unknown[0]}' ({len(unknown)} such ids); it has e.g. '{known}'")
    for env in sorted({asked[name].env for name in predictions}):
        if getattr(plugins.make_env(env).unwrapped, "needs_network", False):
            raise PredictionError(f"--predictions: environment '{env}' reaches out over the network; only a model is played with that")
    return asyncio.run(_play([(asked[name], texts) for name, texts in predictions.items()], dialect, advance))


async def _play(predicted: Sequence[tuple[Task, Sequence[str]]], dialect: Dialect, advance: Callable[[], None]) -> dict[str, Episode]:
    hosts = ToolHosts(ToolHostConfig())
    player = Demonstrator(Chat(CharacterTokenizer(), dialect), hosts.open, _OBSERVED)
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int, task: Task, texts: Sequence[str]) -> Episode:
        async with room:
            episode, failures = await insist(_ATTEMPTS, partial(player.play, task, number, texts))
        if episode is None:
            raise InfrastructureError(f"sample {task.id}, played {len(failures)} times: {failures[-1]}") from failures[-1]
        advance()
        return episode

    try:
        async with asyncio.TaskGroup() as group:
            playing = [group.create_task(one(number, task, texts)) for number, (task, texts) in enumerate(predicted)]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    finally:
        await hosts.close()
    return {episode.task.id: episode for episode in (task.result() for task in playing)}
