"""The token budgets of the experiments of tool evolution and of meta-tasks: every row meets all of its data, in each of its stages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from raytool import dialects, pretrained
from raytool import tasks as task_files
from raytool.ablation.experiment import ExperimentConfig, Trial, resolve
from raytool.records import Task
from raytool.rollout.chat import Chat
from raytool.sections import parse

CONFIGS = Path(__file__).resolve().parents[2] / "configs"


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(pretrained.resolve("smollm2-135m-instruct"))


def tokens(found: Sequence[Task], chat: Chat) -> int:
    count = 0
    for task in found:
        (gold, *_) = task.gold
        called = chat.dialect.turn("", [call.call for call in gold.calls], task.tools) if gold.calls else ""
        count += len(chat.prompt(task)) + len(chat.answer(chat.dialect.ranked(called, gold.ranking, task.tools)))
    return count


def of_a_pass(trial: Trial, tokenizer: Any) -> int:
    """What one pass forwards at most: of a meta-task as often as there may be steps with it, as if its prompts shared nothing."""
    config = trial.config
    form = {name: getattr(config.model, name) for name in ("parameter_descriptions", "description_limit", "parameters")}
    chat = Chat(tokenizer, dialects.make(config.model.dialect, config.model.prompting, **form))
    source = config.tasks.train[0]  # what `warm` alone is shown stands after it
    count = tokens(task_files.load(source), chat) // source.options.get("passes", 1)
    return count * (config.sft.meta.max_inner_steps if config.sft.meta is not None else 1)


@pytest.mark.long
@pytest.mark.parametrize("name", ["gentool", "gentool_parts", "mta"])
def test_the_dearest_row_meets_all_of_its_data(name: str, tokenizer: Any) -> None:
    content = yaml.safe_load((CONFIGS / f"{name}.yaml").read_text())
    trials = [
        trial
        for trial in resolve(parse(ExperimentConfig, content, name), name, name).trials
        if trial.trains and trial.seed == 0 and trial.row != "warm"
    ]
    passes = {trial.row: trial.config.sft.tokens / of_a_pass(trial, tokenizer) for trial in trials}
    assert min(passes.values()) >= 1, passes
