"""The Berkeley Function-Calling Leaderboard, version 4 (gorilla.cs.berkeley.edu), out of the wheel `bfcl-eval`: no files are needed.

All categories that need no network: single turns of part `non_live` and `live`, conversations over eight stateful APIs
(`multi_turn`), and the executable sets of its first version (`executable`), on which TL-Training reports.

`accuracy` is BFCL's own verdict. Single turns: its checker of calls (types, and values by its lists of accepted ones).
irrelevance: right without a call; relevance: right with any. Conversations: state and results are held against gold's by its
checkers after every answer (`envs/bfcl_apis.py`). Executable sets: see `bfcl_checkers.executes_alike`, which stands in.

TS, PI and CF of docs/evaluation.md, besides, on the executable sets. `any`: a call agrees with one of gold's; `all`: every
gold call is agreed with by a call of its own. Where gold has one call, the first call made counts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from raytool import plugins
from raytool.evaluation import agreement, bfcl, bfcl_checkers
from raytool.evaluation.suite import Ratio, Reading, Sample, Score, Suite, SuiteError, Unreadable, numbered
from raytool.records import Episode, StopReason, Task, ToolCall

PARTS = {
    "non_live": ("simple_python", "simple_java", "simple_javascript", "multiple", "parallel", "parallel_multiple", "irrelevance"),
    "live": ("live_simple", "live_multiple", "live_parallel", "live_parallel_multiple", "live_irrelevance", "live_relevance"),
    "executable": ("exec_simple", "exec_multiple", "exec_parallel", "exec_parallel_multiple"),
    "multi_turn": ("multi_turn_base", "multi_turn_miss_func", "multi_turn_miss_param", "multi_turn_long_context"),
}
# Parameters without an accepted value or a document, lists whose elements are compared as texts, a map without lists of values.
NEVER_RIGHT = (
    "simple_java_36",
    "simple_java_64",
    "simple_java_65",
    "live_simple_106-63-0",
    "live_simple_112-68-0",
    "live_multiple_862-181-3",
    "live_multiple_964-207-0",
)
_CONVERSATIONS = "envs.bfcl_apis:task_of"
_SEVERAL: tuple[agreement.Several, ...] = ("any", "all")
_WRITTEN = {"java": "Java", "javascript": "JavaScript"}


class Bfcl(Suite):
    name = "bfcl"
    measures = ("accuracy", *(f"{level} {several}" for several in _SEVERAL for level in agreement.LEVELS))
    per_sample = ("accuracy",)
    turn_tokens = 512
    max_turns = 168  # BFCL's own limit, twenty and one for each of eight things that the user says
    max_tokens = 8192
    observation_characters = 100_000  # BFCL cuts none

    def read(self, data: Path | None) -> Reading:
        try:
            return numbered(record for part, categories in PARTS.items() for category in categories for record in _read(part, category))
        except ValueError as error:  # the wheel is not installed, or lacks a file
            raise SuiteError(f"--suite bfcl: {error}") from error

    def score(self, sample: Sample, episode: Episode) -> Score:
        part, category, record = sample.groups["part"], sample.groups["category"], sample.record
        calls = agreement.made(episode)
        if part == "multi_turn":
            return _scored("right" if episode.goal_reached else _unreached(episode))
        if category.endswith("relevance"):
            return _scored(_relevance(calls, wanted=category == "live_relevance"))
        if part == "executable":
            return _executable(episode, calls, record.answer["execution_result_type"])
        return _scored(bfcl_checkers.calls_agree(calls, category, record.question["function"], record.answer["ground_truth"]))

    def counted(self, groups: Mapping[str, str]) -> Sequence[str]:
        return self.measures if groups["part"] == "executable" else self.per_sample

    def notes(self) -> Sequence[str]:
        return (
            "bfcl: what is offered is said in the model's own dialect, not in BFCL's prompt.",
            "bfcl: the wheel holds the questions of the executable sets and no longer their functions. There, accuracy compares calls with "
            "gold's by value (exact_match, real_time_match), or by parameters and the form of their values (structural_match); that other "
            "calls have the same results is not seen.",
            "bfcl: values of Java and JavaScript calls are strings of source text, as BFCL's own decoders give them.",
            "bfcl: in conversations a turn that cannot be read is answered with a complaint, where BFCL takes it for an answer.",
            f"bfcl: by its checker nothing is right for {len(NEVER_RIGHT)} records, or not what they answer: {', '.join(NEVER_RIGHT)}.",
        )


def _scored(verdict: str) -> Score:
    return Score(verdict, {"accuracy": Ratio.of(verdict == bfcl_checkers.RIGHT)})


def _executable(episode: Episode, calls: Sequence[ToolCall], kinds: Sequence[str]) -> Score:
    """BFCL's verdict and the papers' three figures; what is wrong is said in TL-Training's words where they know it."""
    checked = _scored(verdict := bfcl_checkers.executes_alike(calls, episode.task.gold[0].calls, kinds))
    agreed = {several: agreement.of_episode(episode, several=several) for several in _SEVERAL}
    counts = {name: ratio for several, found in agreed.items() for name, ratio in agreement.measures(found, several).items()}
    word = agreement.mistake(episode, agreed["all"], agreed["any"])
    return Score(verdict if verdict == bfcl_checkers.RIGHT or word == "all_right" else word, {**checked.measures, **counts})


def _unreached(episode: Episode) -> str:
    return "goal_not_reached" if episode.stop is StopReason.FINISHED else episode.stop.value


def _relevance(calls: Sequence[ToolCall], wanted: bool) -> str:
    """BFCL's rule: something was called, or nothing was; what was called does not matter, nor why a text is no call."""
    if wanted:
        return bfcl_checkers.RIGHT if calls else "no_call"
    return "needless_call" if calls else bfcl_checkers.RIGHT


# ---- reading


def _read(part: str, category: str) -> Iterator[Sample | Unreadable]:
    groups = {"category": category, "part": part}
    for record in bfcl.records(category):
        if isinstance(record, Unreadable):
            yield dataclasses.replace(record, groups=groups)
            continue
        try:
            yield Sample(_task(record, part), groups, record)
        except bfcl.MALFORMED as error:
            yield Unreadable(record.where, f"{type(error).__name__}: {error}", groups, record.question["id"])


def _task(record: bfcl.Record, part: str) -> Task:
    """A record as a task with BFCL's own id."""
    if part == "multi_turn":
        assert record.answer is not None
        task = plugins.load(_CONVERSATIONS, "raytool.tasks")(record.question, record.answer["ground_truth"], record.category)
    elif (language := bfcl_checkers.LANGUAGES.get(record.category)) is not None:
        told = {**record.question, "function": [_in_source(function, _WRITTEN[language]) for function in record.question["function"]]}
        task = bfcl.task_of(dataclasses.replace(record, question=told, answer=None))
    else:
        task = bfcl.task_of(record)
        if record.answer is None and record.category != "live_relevance":
            task = dataclasses.replace(task, options={"may_decline": True})
    return dataclasses.replace(task, id=record.question["id"], tags={**task.tags, "split": "test"})


def _in_source(function: dict[str, Any], language: str) -> dict[str, Any]:
    """A function of Java or JavaScript as BFCL documents it: every value is given as text, and its type said in words."""
    properties = {}
    for name, document in function["parameters"]["properties"].items():
        kind = "a value of any type" if document["type"] == "any" else f"a value of type {document['type']}"
        elements = f" (elements: {document['items']['type']})" if "items" in document else ""
        entries = f" (entries: {', '.join(document['properties'])})" if "properties" in document else ""
        said = f"{document['description']} Written as {language} source text in a string, {kind}{elements}{entries}."
        properties[name] = {"type": "string", "description": said}
    return {
        **function,
        "description": f"{function['description']} A function of {language}.",
        "parameters": {**function["parameters"], "properties": properties},
    }
