"""Answers that some other system gave, played through the suite's environments without a model, an engine or Ray.

A file has a JSON object a line, {"id": a sample's id, "output": text or a list of texts, one for each turn of the model}.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import pydantic

from raytool import plugins
from raytool.dialects import Dialect
from raytool.env import ToolEnv
from raytool.evaluation.suite import Sample
from raytool.records import Episode, Task, UserError
from raytool.rollout.chat import Chat
from raytool.rollout.demonstrate import Demonstrator
from raytool.rollout.in_process import CharacterTokenizer, InProcess


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
            mistake = error.errors(include_url=False)[0]
            where = ".".join(map(str, mistake["loc"][:1]))
            raise PredictionError(f"{path}:{number}: {where + ': ' if where else ''}{mistake['msg']}") from None
        if prediction.id in found:
            raise PredictionError(f"{path}:{number}: a second prediction for '{prediction.id}'")
        found[prediction.id] = [prediction.output] if isinstance(prediction.output, str) else prediction.output
    return found


def play(samples: Sequence[Sample], predictions: Mapping[str, Sequence[str]], dialect: Dialect) -> dict[str, Episode]:
    """The episodes in which these texts are written, by the id of their task.

    Raises:
        PredictionError: a prediction for a sample that there is not.
        InfrastructureError: an environment is defective.
    """
    asked = {sample.task.id: sample.task for sample in samples}
    if unknown := [name for name in predictions if name not in asked]:
        known = next(iter(asked), "")
        raise PredictionError(f"--predictions: the suite asks no '{unknown[0]}' ({len(unknown)} such ids); it has e.g. '{known}'")
    player = Demonstrator(Chat(CharacterTokenizer(), dialect), _Environments().open, observation_characters=10_000)

    async def all_of_them() -> dict[str, Episode]:
        return {name: await player.play(asked[name], group, texts) for group, (name, texts) in enumerate(predictions.items())}

    return asyncio.run(all_of_them())


class _Environments:
    """One environment of each kind, which is reset for each task."""

    def __init__(self) -> None:
        self._made: dict[str, ToolEnv] = {}

    async def open(self, task: Task) -> InProcess:
        if task.env not in self._made:
            made = plugins.make_env(task.env).unwrapped
            assert isinstance(made, ToolEnv)
            if made.needs_network:
                raise PredictionError(f"--predictions: environment '{task.env}' reaches out over the network, which only a tool host may")
            self._made[task.env] = made
        return InProcess(self._made[task.env], task)
