"""`python -m raytool.tasks scenarios --paraphrase MODEL`: queries reworded by a model, where every value survives.

A reworded query replaces its task's where the rule of `survives` holds; ids, splits and gold stay, and the tag `paraphrased_by` names
the model. The rule is literal: it cannot see that a sentence now means something else, so that a model has to be able to reword.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from raytool.console import Console
from raytool.records import Task
from raytool.tasks.writing import Prompt, Writer

TAG = "paraphrased_by"
INSTRUCTION = (
    "Rewrite the following request in other words, as another person would ask an assistant for the same. Keep every name, "
    "number, date, time and quoted text exactly as it is. Write only the new request.\n\nRequest: {query}\nNew request:"
)

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


def paraphrased(tasks: Mapping[str, Sequence[Task]], writer: Writer, console: Console) -> dict[str, list[Task]]:
    """Tasks by file, reworded by a model where that succeeds; says how many were.

    Raises:
        UserError: the model's engine failed.
    """
    every = [task for found in tasks.values() for task in found]
    written = iter(writer.write("paraphrase", [_prompt(task) for task in every]))
    taken = {_spaced(task.query) for task in every}
    made = {name: [_reworded(task, next(written), writer.model, taken) for task in found] for name, found in tasks.items()}
    kept = sum(TAG in task.tags for found in made.values() for task in found)
    console.say(f"{kept} of {len(every)} queries reworded by {writer.model}; the others stay as they were")
    return made


def _prompt(task: Task) -> Prompt:
    return Prompt(task.id, [{"role": "user", "content": INSTRUCTION.format(query=task.query)}], task.query)


def _reworded(task: Task, text: str, model: str, taken: set[str]) -> Task:
    """The task with its new query, where that may be and no other task has it."""
    if not text or _spaced(text) in taken or not survives(task, text):
        return task
    taken.add(_spaced(text))
    return replace(task, query=text, tags={**task.tags, TAG: model})


def _spaced(text: str) -> str:
    return " ".join(text.split())
