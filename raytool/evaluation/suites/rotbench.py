"""RoTBench (Ye et al., EMNLP 2024, arXiv 2401.08326): one call, under noise in the names of tools and parameters.

Ten files, five noise levels by first and third turn. The first half of `slight`, `medium` and `heavy` has noise in the
tools' names, the second half in the parameters'; `union` has both. Of a third turn the conversation before it is
given, and the next call is asked for.

Measures: TS, PI and CF in percent of samples by two rules (docs/evaluation.md). "rotbench" is that of the authors' code: a call without
arguments scores nothing. "strict" differs in that alone. By both, a gold value "None" has to be given and is not compared, nor
are the values of `finish` and `ask_to_user`, and a `finish` is right where noise has renamed it.
The first call of an answer counts; a text without a call is wrong. The authors' frame of the prompt ("Desired format: ...",
"Begin!") is left out, since the model's dialect says how a call is written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from raytool.evaluation import agreement
from raytool.evaluation.bfcl import schema_of
from raytool.evaluation.suite import Reading, Sample, Score, Suite, SuiteError, Unreadable, numbered
from raytool.records import FUNCTION_CALL_ENV, Episode, Message, Task, ToolCall, ToolSpec

NOISE = ("clean", "slight", "medium", "heavy", "union")
TURNS = {"first": "First_Turn", "third": "Third_Turn"}
SCENARIOS = {
    "TG": "text generation",
    "RS": "real-time search",
    "DU": "data understanding",
    "PL": "personal life",
    "AM": "application manipulation",
    "IR": "information retrieval",
    "FT": "financial transactions",
}

_HALVED = ("slight", "medium", "heavy")
_TOOLS = re.compile(r"(?<=following tools:\n)\[.*\](?=\s*Let's Begin!\s*\Z)", re.DOTALL)
_CALL = re.compile(r"\s*(?:Thought:(?P<thought>.*?))?Action:(?P<name>.*?)Action Input:(?P<arguments>.*)", re.DOTALL)
_RULES: tuple[agreement.Rule, ...] = ("strict", "rotbench")


class RoTBench(Suite):
    name = "rotbench"
    measures = tuple(f"{level} {rule}" for rule in _RULES for level in agreement.LEVELS)
    per_sample = measures
    turn_tokens = 512
    max_tokens = 8192  # some of its lists of tools take more than 5,000
    where = "https://github.com/Junjie-Ye/RoTBench (Data/First_Turn and Data/Third_Turn)"

    def read(self, data: Path | None) -> Reading:
        """`data` is the folder that holds First_Turn and Third_Turn, with five files each."""
        assert data is not None
        files = {(noise, turn): data / folder / f"{noise}.json" for turn, folder in TURNS.items() for noise in NOISE}
        if missing := [str(path.relative_to(data)) for path in files.values() if not path.is_file()]:
            raise SuiteError(
                f"--data {data}: rotbench has ten files, of which {', '.join(missing)} are not there; they are at {self.where}"
            )
        return numbered(sample for (noise, turn), path in files.items() for sample in _samples(path, noise, turn))

    def score(self, sample: Sample, episode: Episode) -> Score:
        agreed = {rule: agreement.of_episode(episode, rule) for rule in _RULES}
        counted = {name: ratio for rule, found in agreed.items() for name, ratio in agreement.measures(found, rule).items()}
        return Score(agreement.mistake(episode, agreed["strict"]), counted)


def _samples(path: Path, noise: str, turn: str) -> Iterator[Sample | Unreadable]:
    try:
        records = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SuiteError(f"{path}: {error}") from None
    if not isinstance(records, list):
        raise SuiteError(f"{path}: a list of records was expected")
    for index, record in enumerate(records):
        groups = {"noise": noise, "turn": turn}
        if noise in _HALVED:
            groups["noise in"] = "tools" if index < len(records) // 2 else "parameters"
        id = f"rotbench-{turn}-{noise}-{index}"
        groups["file"] = f"{noise}, {turn} turn"
        try:
            groups["scenario"] = SCENARIOS.get(record["scenario"], record["scenario"])
            yield Sample(_task(id, record["conversations"]), groups)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            yield Unreadable(f"{path.parent.name}/{path.name}, record {index}", f"{type(error).__name__}: {error}", groups, id)


def _task(name: str, conversation: Sequence[Mapping[str, Any]]) -> Task:
    """A record's conversation as a task: documents, what was said before, gold.

    Raises:
        KeyError, IndexError, TypeError, ValueError: it is none of RoTBench's.
    """
    tools = _tools(conversation[0]["value"])
    golds = [_written(answer)[1] for answer in conversation[-1]["value"]]
    if not golds:
        raise ValueError("no gold answer")
    said = [_message(turn["from"], turn["value"]) for turn in conversation[1:-1]]
    query = said.pop().content if said[-1].role == "user" else ""
    return Task(
        id=name,
        env=FUNCTION_CALL_ENV,
        query=query,
        tools=tools,
        gold=tuple(gold for answer in golds for gold in agreement.rotbench_gold(answer, tools)),
        tags={"suite": "rotbench"},
        context=tuple(said),
    )


def _tools(instructions: str) -> tuple[ToolSpec, ...]:
    """The documents in their order, which says which are `ask_to_user` and `finish`; a name may stand twice among them."""
    found = _TOOLS.search(instructions)
    if found is None:
        raise ValueError("the instructions hold no list of tools")
    return tuple(ToolSpec(tool["name"], tool["description"], schema_of(tool["parameters"])) for tool in json.loads(found[0]))


def _written(text: str) -> tuple[str, ToolCall]:
    """The thought and the call of what an assistant wrote.

    Raises:
        ValueError: it is no call.
    """
    found = _CALL.fullmatch(text)
    if found is None:
        raise ValueError(f"no call: {text[:80]!r}")
    arguments = json.loads(found["arguments"])
    if not isinstance(arguments, dict):
        raise ValueError(f"the arguments are no object: {found['arguments'][:80]!r}")
    return (found["thought"] or "").strip(), ToolCall(found["name"].strip(), arguments)


def _message(speaker: str, text: str) -> Message:
    """A turn of the conversation so far. What an assistant wrote that is no call is given as the text that it is."""
    if speaker == "user":
        return Message("user", text.removesuffix("\n").removesuffix("\nBegin!"))
    if speaker == "function":
        return Message("tool", text)
    if speaker != "assistant":
        raise ValueError(f"'{speaker}' speaks; user, assistant or function was expected")
    try:
        thought, call = _written(text)
    except ValueError:
        return Message("assistant", text)
    return Message("assistant", thought, (call,))
