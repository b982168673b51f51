"""`python -m raytool.tasks scenarios --paraphrase MODEL`: queries reworded by a model, where every value survives.

A reworded query replaces its task's where the rule of `survives` holds; ids, splits and gold stay, and the tag `paraphrased_by` names
the model. The rule is literal: it cannot see that a sentence now means something else, so that a model has to be able to reword.
"""

from __future__ import annotations

import asyncio
import gc
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from raytool import pretrained
from raytool.config import EngineConfig
from raytool.console import Bar, Console
from raytool.records import NO_POLICY, Task
from raytool.rollout.actor import sampling_seed
from raytool.rollout.engine import Engine

TAG = "paraphrased_by"
INSTRUCTION = (
    "Rewrite the following request in other words, as another person would ask an assistant for the same. Keep every name, "
    "number, date, time and quoted text exactly as it is. Write only the new request.\n\nRequest: {query}\nNew request:"
)
_TEMPERATURE = 0.7
_CONTEXT = 1024  # tokens of a prompt and its answer
_AT_ONCE = 256

_QUOTED = re.compile(r"\"([^\"]+)\"|“([^”]+)”|(?<!\w)'(.+?)'(?!\w)")
_CODED = re.compile(r"[^\s\"“”,;()?!]*[\d@_/\\][^\s\"“”,;()?!]*")  # numbers, dates, times, addresses, paths, identifiers
_NAME = re.compile(r"(?<![.!?:\n-] )(?<!^)(?<!\n)\b(?!I\b)[A-Z]\w*", re.MULTILINE)  # a capital that begins no sentence
_TELLING = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|morning|noon|afternoon|evening|night|midnight|weekdays?|weekends?|(?:mon|tues|wednes|thurs|"
    r"fri|satur|sun)days?|january|february|march|april|may|june|july|august|september|october|november|december|half|quarter|once|"
    r"twice|double|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|"
    r"eighty|ninety|hundred|thousand|dozen|first|second|third|last|next|not|no|never|without|only|before|after|until|except)\b",
    re.IGNORECASE,
)  # words that fix a time, an order, a number or an exception
_TALK = re.compile(r"\b(?:requests?|rewr\w+|reword\w*|rephras\w*|paraphras\w*|here is|here's|sure|certainly)\b|^\w+:", re.IGNORECASE)


def survives(task: Task, reworded: str) -> bool:
    """Whether a reworded query still says every value of the task, and says it of nothing else.

    What has to stand in it word for word: the values of gold's arguments that the query states, quoted texts, everything
    with a digit or of the form of an address, path or identifier, names, and words that fix a time, an order or a number.
    No number may have come in, and it must be another text of a like length, in whole quotes, that does not talk of itself.
    """
    if _words(reworded) == _words(task.query) or not 0.5 <= len(reworded.split()) / len(task.query.split()) <= 2:
        return False
    if (_TALK.search(reworded) and not _TALK.search(task.query)) or reworded.count('"') % 2:
        return False
    if {code for code in _coded(reworded) if any(map(str.isdigit, code))} - set(_coded(task.query)):
        return False
    return all(stands(value, reworded) for value in values_of(task))


def values_of(task: Task) -> list[str]:
    """What a reworded query has to say word for word."""
    stated = [
        text
        for gold in task.gold
        for call in gold.calls
        for value in call.arguments.values()
        for text in _texts(value)
        if stands(text, task.query)
    ]
    quoted = [text for groups in _QUOTED.findall(task.query) for text in groups if text]
    found = [*stated, *quoted, *_coded(task.query), *_NAME.findall(task.query), *map(str.lower, _TELLING.findall(task.query))]
    return list(dict.fromkeys(found))


def stands(value: str, text: str) -> bool:
    """Whether a value stands in a text as words and numbers of its own: "12" is not in "12.5" or "m123"."""
    ignore = re.IGNORECASE if _TELLING.fullmatch(value) else 0
    return re.search(rf"(?<!\w)(?<!\d[.,:-]){re.escape(value)}(?!\w|[.,:-]\d)", text, ignore) is not None


def _texts(value: Any) -> Iterator[str]:
    """The ways in which a query may state an argument's value or a part of it."""
    match value:
        case bool() | None | "":
            return
        case str():
            yield value
        case int() | float():
            yield from dict.fromkeys((str(value), f"{value:g}", f"{value:,}"))
        case list() | tuple():
            for element in value:
                yield from _texts(element)
        case dict():
            for element in value.values():
                yield from _texts(element)


def _coded(text: str) -> list[str]:
    return [found for token in _CODED.findall(text) if (found := token.strip(".:'-"))]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


class Paraphraser:
    """A model that rewords queries, in an engine of this process.

    Raises:
        ModelError: the model cannot be had.
        UserError: its tokenizer has no chat template.
    """

    def __init__(self, model: str, seed: int):
        import torch
        from transformers import AutoTokenizer

        os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")  # it would write over the bars
        self._model, self._seed = model, seed
        folder = pretrained.resolve(model)
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        if not self._tokenizer.chat_template:
            raise pretrained.ModelError(f"--paraphrase {model}: its tokenizer has no chat template; an instruct model is expected")
        self._runner = asyncio.Runner()
        accelerator = "cuda" if torch.cuda.is_available() else "cpu"

        async def start() -> Engine:
            return Engine.start(folder, EngineConfig(), _CONTEXT, self._tokenizer.eos_token_id, accelerator)

        self._engine = self._runner.run(start())

    def reword(self, tasks: Sequence[Task], taken: set[str], bar: Bar) -> list[Task]:
        """The tasks, reworded where that succeeded. `taken` are the queries that exist; what is new is added."""
        return self._runner.run(self._reword(tasks, taken, bar))

    async def _reword(self, tasks: Sequence[Task], taken: set[str], bar: Bar) -> list[Task]:
        room = asyncio.Semaphore(_AT_ONCE)

        async def one(task: Task) -> str:
            async with room:
                text = await self._sample(task)
            bar.advance()
            return text

        made = []
        for task, text in zip(tasks, await asyncio.gather(*map(one, tasks)), strict=True):  # in the tasks' order, so that a seed repeats it
            if " ".join(text.split()) not in taken and survives(task, text):
                taken.add(" ".join(text.split()))
                task = replace(task, query=text, tags={**task.tags, TAG: self._model})
            made.append(task)
        return made

    async def _sample(self, task: Task) -> str:
        """What the model writes; nothing where it does not come to an end, or the query is too long for it."""
        messages = [{"role": "user", "content": INSTRUCTION.format(query=task.query)}]
        text = self._tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        prompt = self._tokenizer.encode(text, add_special_tokens=False)
        room = 2 * len(self._tokenizer.encode(task.query, add_special_tokens=False)) + 16  # what is longer would not be kept
        if len(prompt) + room > _CONTEXT:
            return ""
        sampled = await self._engine.sample(prompt, room, _TEMPERATURE, sampling_seed(self._seed, task.id), NO_POLICY)
        *answer, last = sampled.tokens
        return self._tokenizer.decode(answer, skip_special_tokens=True).strip() if last == self._tokenizer.eos_token_id else ""

    def close(self) -> None:
        self._engine.close()
        del self._engine
        gc.collect()  # vLLM's objects refer to each other, and complain when only the interpreter's end clears them
        self._runner.close()


def paraphrased(tasks: Mapping[str, Sequence[Task]], model: str, seed: int, console: Console) -> dict[str, list[Task]]:
    """Tasks by file, reworded by a model where that succeeds; says how many were.

    Raises:
        ModelError: the model cannot be had.
        InfrastructureError: the engine failed.
    """
    with console.waiting(f"starting {model}"):
        paraphraser = Paraphraser(model, seed)
    try:
        taken = {" ".join(task.query.split()) for task in _all(tasks)}
        tried = sum(map(len, tasks.values()))
        with console.bar("paraphrase", tried) as bar:
            made = {name: paraphraser.reword(found, taken, bar) for name, found in tasks.items()}
    finally:
        paraphraser.close()
    kept = sum(TAG in task.tags for task in _all(made))
    console.say(f"{kept} of {tried} queries reworded by {model}; the others stay as they were")
    return made


def _all(tasks: Mapping[str, Sequence[Task]]) -> Iterable[Task]:
    return (task for found in tasks.values() for task in found)
