"""Gorilla's APIBench as tool selection (Patil et al., arXiv 2305.15334): the one measure is `accuracy`, the right API is called.

A query of the torchhub, tensorflow or huggingface set is asked with its own API and some others of the set, drawn by seed, at
random places. The first call has to name it; what the call passes is not looked at. A text, or a call that cannot be read, is wrong.
An API is an `api_call` (spaces apart). Its tool is documented by the first record that has it, of the training file before
the test file: by domain, functionality and description. It takes no arguments: `api_arguments` holds now names, now values, now a sentence.
(Gorilla lets a model write the call from memory or from a retrieved document, and matches syntax trees: other figures.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, NamedTuple

import numpy as np
import pydantic

from raytool.evaluation.suite import Ratio, Reading, Sample, Score, Suite, SuiteError, Unreadable, numbered
from raytool.records import FUNCTION_CALL_ENV, Episode, Gold, GoldCall, Task, ToolSpec, first_mistake

SETS = ("torchhub", "tensorflow", "huggingface")

_QUERY = re.compile(r"###\s*Instruction:\s*(.+?)\s*###\s*Output", re.DOTALL)
_QUOTED = re.compile(r"""(["'])(.+?)\1""")
_HOST = re.compile(r"https?://[^/]+/")
_LONGEST_NAME = 64
_LONGEST_DESCRIPTION = 600


class _Api(pydantic.BaseModel):
    domain: str
    functionality: str = ""
    api_name: str
    description: str = ""


class _Record(pydantic.BaseModel):
    code: str
    api_call: str
    api_data: _Api

    @property
    def key(self) -> str:
        return "".join(self.api_call.split())


class _Line(NamedTuple):
    where: str
    record: _Record


@dataclass
class ApiBench(Suite):
    """`distractors` others are offered beside the right API, drawn by `seed`."""

    name: ClassVar[str] = "apibench"
    measures: ClassVar[tuple[str, ...]] = ("accuracy",)
    per_sample: ClassVar[tuple[str, ...]] = ("accuracy",)
    turn_tokens: ClassVar[int] = 128
    where: ClassVar[str] = "https://github.com/ShishirPatil/gorilla (data/apibench)"

    distractors: Annotated[int, pydantic.Field(ge=1)] = 4
    seed: Annotated[int, pydantic.Field(ge=0)] = 0
    _notes: list[str] = field(default_factory=list, init=False)

    def read(self, data: Path | None) -> Reading:
        """The folder has SET_eval.json and SET_train.json, JSON lines both; a file may be missing, and is named.

        Raises:
            SuiteError: no set is there, or one has too few APIs.
        """
        assert data is not None
        found = [name for name in SETS if (data / f"{name}_eval.json").exists()]
        if not found:
            raise SuiteError(f"data {data}: has none of {', '.join(f'{name}_eval.json' for name in SETS)}")
        self._notes = [f"left out, since it is not there: {name}_eval.json" for name in SETS if name not in found]
        alone = [name for name in found if not (data / f"{name}_train.json").exists()]
        self._notes += [f"{name}: other APIs are drawn of the test file alone, since {name}_train.json is not there" for name in alone]
        return numbered(record for name in found for record in self._set(data, name))

    def score(self, sample: Sample, episode: Episode) -> Score:
        called = next((call.call.name for call in episode.calls if call.call is not None), None)
        right = called == sample.record
        verdict = "right" if right else "no_call" if called is None else "wrong_tool" if sample.task.tool(called) else "tool_hallucination"
        return Score(verdict, {"accuracy": Ratio.of(right)})

    def notes(self) -> Sequence[str]:
        return self._notes

    def _set(self, data: Path, name: str) -> Iterator[Sample | Unreadable]:
        training, test = (list(_lines(data / f"{name}_{part}.json", name)) for part in ("train", "eval"))
        for line in training:  # a document less, and no sample
            if isinstance(line, Unreadable):
                self._notes.append(f"documents no API: {line.where}: {line.reason}")
        tools = _tools(line.record for line in (*training, *test) if isinstance(line, _Line))
        if len(tools) <= self.distractors:
            raise SuiteError(f"option distractors={self.distractors}: {name} has {len(tools)} APIs")
        for number, line in enumerate(test):
            if isinstance(line, Unreadable):
                yield line
                continue
            where, record = line
            query = _QUERY.search(record.code)
            if query is None:
                yield Unreadable(where, "code: no ###Instruction: ... ###Output", {"set": name}, _id(name, where))
                continue
            gold = tools[record.key]
            others = [tool for tool in tools.values() if tool is not gold]
            random = np.random.default_rng([self.seed, SETS.index(name), number])
            offered = [gold, *(others[i] for i in random.choice(len(others), self.distractors, replace=False))]
            shuffled = tuple(offered[i] for i in random.permutation(len(offered)))
            golds = (Gold((GoldCall(gold.name),)),)
            task = Task(_id(name, where), FUNCTION_CALL_ENV, query[1], shuffled, golds, tags={"suite": "apibench"})
            yield Sample(task, {"set": name}, gold.name)


def _id(name: str, where: str) -> str:
    return f"{name}-{where.rpartition(':')[2]}"


def _lines(path: Path, name: str) -> Iterator[_Line | Unreadable]:
    if not path.exists():  # a training file, which may be missing
        return
    for place, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        where = f"{path.name}:{place}"
        try:
            yield _Line(where, _Record.model_validate_json(line))
        except pydantic.ValidationError as error:
            yield Unreadable(where, first_mistake(error), {"set": name}, _id(name, where))


def _tools(records: Iterable[_Record]) -> dict[str, ToolSpec]:
    """A tool for each API, by the API's key. Names are made of what the API's call quotes, and told apart by numbers."""
    found: dict[str, ToolSpec] = {}
    taken: set[str] = set()
    for record in records:
        if record.key in found:
            continue
        quoted = " ".join(_HOST.sub("", text) for _, text in _QUOTED.findall(record.api_call)) or record.api_data.api_name
        stem = re.sub(r"\W+", "_", quoted, flags=re.ASCII).strip("_")[:_LONGEST_NAME]
        stem = stem if stem[:1].isalpha() else f"api_{stem}"
        name = next(n for n in (stem, *(f"{stem}_{k}" for k in range(2, len(taken) + 3))) if n not in taken)
        taken.add(name)
        api = record.api_data
        said = ": ".join(dict.fromkeys(filter(None, (api.domain, api.functionality, api.description))))
        found[record.key] = ToolSpec(name, said if len(said) <= _LONGEST_DESCRIPTION else f"{said[:_LONGEST_DESCRIPTION]}...")
    return found
