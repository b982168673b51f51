"""`python -m raytool.tasks scenarios --paraphrase MODEL`: queries reworded by a model, where every value survives.

A reworded query replaces its task's where the rule of `survives` holds; ids, splits and gold stay, and the tag `paraphrased_by` names
the model. The rule is literal: it cannot see that a sentence now means something else, so that a model has to be able to reword.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from raytool import precision, pretrained
from raytool.config import EngineConfig
from raytool.console import Console
from raytool.process import guard_children, take_output
from raytool.records import Task, UserError
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
_END_LIMIT_S = 60.0

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


def paraphrased(
    tasks: Mapping[str, Sequence[Task]], model: str, seed: int, log: Path, console: Console, flag: str = "--paraphrase"
) -> dict[str, list[Task]]:
    """Tasks by file, reworded by a model where that succeeds; says how many were. `log` gets what the engine prints.

    `flag` is the argument that named the model, for messages.

    Raises:
        UserError: the model cannot be had or has no chat template, or its engine failed.
    """
    every = [task for found in tasks.values() for task in found]
    with _writing(every, model, seed, log) as answers:
        with console.waiting(f"starting {model}; what vLLM prints is in {log}"):
            _receive(answers, log, flag)
        texts = [""] * len(every)
        with console.bar("paraphrase", len(every)) as bar:
            for _ in every:
                number, texts[number] = _receive(answers, log, flag)
                bar.advance()
    written = iter(texts)
    taken = {_spaced(task.query) for task in every}
    made = {name: [_reworded(task, next(written), model, taken) for task in found] for name, found in tasks.items()}
    kept = sum(TAG in task.tags for found in made.values() for task in found)
    console.say(f"{kept} of {len(every)} queries reworded by {model}; the others stay as they were")
    return made


def _reworded(task: Task, text: str, model: str, taken: set[str]) -> Task:
    """The task with its new query, where that may be and no other task has it."""
    if not text or _spaced(text) in taken or not survives(task, text):
        return task
    taken.add(_spaced(text))
    return replace(task, query=text, tags={**task.tags, TAG: model})


def _spaced(text: str) -> str:
    return " ".join(text.split())


# ---- the model, in a process of its own: it prints into a file, and none of its engine is left however this one ends


@contextmanager
def _writing(tasks: Sequence[Task], model: str, seed: int, log: Path) -> Iterator[Connection]:
    """A process that rewords tasks. It sends True once it has started, then (number of the task, text) as they come, or what it raised."""
    spawn = multiprocessing.get_context("spawn")
    answers, sending = spawn.Pipe(duplex=False)
    writer = spawn.Process(target=_write, args=(sending, tasks, model, seed, log))
    writer.start()
    sending.close()
    try:
        yield answers
        writer.join(_END_LIMIT_S)
    finally:
        writer.kill()
        writer.join()


def _receive(answers: Connection, log: Path, flag: str) -> Any:
    limit_s = EngineConfig().start_limit_s
    try:
        if not answers.poll(limit_s):
            raise UserError(f"{flag}: waited {limit_s:g} s for the model; see {log}")
        received = answers.recv()
    except EOFError:
        raise UserError(f"{flag}: the model's process died; see {log}") from None
    if isinstance(received, Exception):
        raise UserError(f"{flag}: {received}") from received
    return received


def _write(answers: Connection, tasks: Sequence[Task], model: str, seed: int, log: Path) -> None:
    take_output(log)
    guard_children()
    try:
        asyncio.run(_Writer(model, seed).write(tasks, answers))
    except BrokenPipeError:
        pass  # nobody is there any more who wants to know
    except Exception as error:
        logging.getLogger(__name__).exception("the model's process failed")
        answers.send(UserError(str(error)))


class _Writer:
    def __init__(self, model: str, seed: int):
        self._seed = seed
        self._folder = pretrained.resolve(model)
        self._tokenizer = pretrained.tokenizer(self._folder)
        if not self._tokenizer.chat_template:
            raise UserError(f"the tokenizer of {model} has no chat template; an instruct model is expected")

    async def write(self, tasks: Sequence[Task], answers: Connection) -> None:
        import torch

        accelerator = "cuda" if torch.cuda.is_available() else "cpu"
        dtype = precision.choose("auto", accelerator)
        engine = Engine.start(self._folder, EngineConfig(), _CONTEXT, [self._tokenizer.eos_token_id], accelerator, dtype)
        room = asyncio.Semaphore(_AT_ONCE)

        async def one(number: int, task: Task) -> None:
            async with room:
                text = await self._sample(engine, task)
            answers.send((number, text))

        try:
            answers.send(True)
            async with asyncio.TaskGroup() as writing:
                for number, task in enumerate(tasks):
                    writing.create_task(one(number, task))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from group
        finally:
            engine.close()

    async def _sample(self, engine: Engine, task: Task) -> str:
        """What the model writes; nothing where it does not come to an end, or the query is too long for it."""
        messages = [{"role": "user", "content": INSTRUCTION.format(query=task.query)}]
        text = self._tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        prompt = self._tokenizer.encode(text, add_special_tokens=False)
        room = 2 * len(self._tokenizer.encode(task.query, add_special_tokens=False)) + 16  # what is longer would not be kept
        if len(prompt) + room > _CONTEXT:
            return ""
        (*answer, last), _ = await engine.sample(prompt, room, _TEMPERATURE, sampling_seed(self._seed, task.id))
        return self._tokenizer.decode(answer, skip_special_tokens=True).strip() if last == self._tokenizer.eos_token_id else ""
