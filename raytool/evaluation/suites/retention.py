"""What a model could do before it was trained on tools, so that what training costs is seen: GSM8K, HumanEval and MMLU, without tools.

All three are asked zero-shot, with a line that fixes the form of the answer, and played greedily; the one measure is `correct`:
- gsm8k (Cobbe et al., arXiv 2110.14168): exact answer. The number after the answer's first "####", or else the last number in it,
  is gold's; "1,000.0" is 1000.
- humaneval (Chen et al., arXiv 2107.03374): pass@1. The tests pass in the sandbox; `envs.humaneval` runs them.
- mmlu (Hendrycks et al., arXiv 2009.03300): accuracy. The letter that the answer begins with ("B", "(B) the sky", "B is the right
  answer", and not "A rose"), or else the first one that it says the answer, or the right choice, to be.
An answer that was cut at the limit of tokens is read as far as it goes, but a program that was cut is wrong.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pydantic

from raytool.evaluation.suite import Ratio, Reading, Sample, Score, Suite, SuiteError, Unreadable, numbered
from raytool.records import Episode, Task, first_mistake

_NUMBER = re.compile(r"-?(?:\d[\d,]*(?:\.\d+)?|\.\d+)")
_LETTERS = "ABCD"
_RIGHT = {**{letter: letter for letter in _LETTERS}, **{str(place): letter for place, letter in enumerate(_LETTERS)}}
_HEADER = ["question", "choice0", "choice1", "choice2", "choice3", "answer"]  # the original has none, and a letter for the answer
_RIGHT_ONE = r"(?i:right|correct|best)"
_BEGINS_WITH = re.compile(rf"[\s(*]*(?:(?i:option|choice) )?([A-D])(?:[).:,*]|[^\S\n]*(?:\n|\Z)| is (?:the )?(?:{_RIGHT_ONE}|answer)\b)")
_SAYS_IT_IS = re.compile(
    rf"(?:(?i:answer)|{_RIGHT_ONE} (?i:choice|option|letter))(?: is)?:?(?: (?i:option|choice|letter))?[\s(*]*([A-D])\b"
)

Records = Iterator[Sample | Unreadable]


class _Gsm8k(pydantic.BaseModel):
    question: str
    answer: str


class _HumanEval(pydantic.BaseModel):
    task_id: str
    prompt: str
    test: str
    entry_point: str


class Retention(Suite):
    name = "retention"
    measures = per_sample = ("correct",)
    turn_tokens = 1024
    max_tokens = 4096
    where = (
        "https://github.com/openai/grade-school-math, https://github.com/openai/human-eval "
        "and https://github.com/chujiezheng/LLM-MCQ-Bias (MMLU's files)"
    )

    def __init__(self) -> None:
        self._notes: list[str] = []

    def read(self, data: Path | None) -> Reading:
        """The folder has gsm8k_test.jsonl, HumanEval.jsonl.gz and mmlu/test/*.csv (or mmlu/dev/*.csv); a set may be missing, and is named.

        Raises:
            SuiteError: none of the three is there.
        """
        assert data is not None
        mmlu = next((folder for split in ("test", "dev") if (folder := data / "mmlu" / split).is_dir()), data / "mmlu" / "test")
        sets: Mapping[Path, Callable[[Path], Records]] = {
            data / "gsm8k_test.jsonl": _gsm8k,
            data / "HumanEval.jsonl.gz": _human_eval,
            mmlu: _mmlu,
        }
        found = [path for path in sets if path.exists()]
        if not found:
            raise SuiteError(f"data {data}: has none of {', '.join(str(path.relative_to(data)) for path in sets)}")
        self._notes = [f"left out, since it is not there: {path}" for path in sets if path not in found]
        if mmlu in found:
            self._notes.append(f"MMLU's split is '{mmlu.name}', of {len(list(mmlu.glob('*.csv')))} subjects")
        return numbered(record for path in found for record in sets[path](path))

    def score(self, sample: Sample, episode: Episode) -> Score:
        (turn,) = episode.turns
        match sample.groups["set"]:
            case "gsm8k":
                right = number(turn.text) == sample.record
            case "mmlu":
                right = letter(turn.text) == sample.record
            case _:
                right = episode.goal_reached is True
        return Score("right" if right else "wrong" if turn.final is not None else "cut", {"correct": Ratio.of(right)})

    def notes(self) -> Sequence[str]:
        return self._notes


def number(answer: str) -> Decimal | None:
    """The number that an answer to GSM8K ends in."""
    before, marked, after = answer.partition("####")
    found = _NUMBER.findall(after if marked else before)
    return _decimal(found[0 if marked else -1]) if found else None


def letter(answer: str) -> str | None:
    """The choice that an answer to MMLU names."""
    found = _BEGINS_WITH.match(answer) or _SAYS_IT_IS.search(answer)
    return found[1] if found else None


def _decimal(written: str) -> Decimal:
    return Decimal(written.replace(",", ""))


def _gsm8k(path: Path) -> Records:
    for where, line in _lines(path):
        groups = {"set": "gsm8k"}
        id = f"gsm8k-{where.rpartition(':')[2]}"
        try:
            record = _Gsm8k.model_validate_json(line)
            gold = _NUMBER.fullmatch(record.answer.rpartition("####")[2].strip())
            if not gold:
                raise ValueError("answer: no number after ####")
        except ValueError as error:
            yield Unreadable(where, _reason(error), groups, id)
            continue
        query = f"{record.question}\n\nThink step by step, and end with #### and the answer as a number."
        yield Sample(_question(id, query), groups, _decimal(gold[0]))


def _human_eval(path: Path) -> Records:
    for where, line in _lines(path):
        groups = {"set": "humaneval"}
        try:
            record = _HumanEval.model_validate_json(line)
        except ValueError as error:
            yield Unreadable(where, _reason(error), groups)
            continue
        query = f"Complete this Python function. Answer with the whole function in a ```python block.\n\n```python\n{record.prompt}```"
        options = record.model_dump(include={"prompt", "test", "entry_point"})
        yield Sample(_question(record.task_id, query, "envs.humaneval:HumanEval", options), groups)


def _mmlu(folder: Path) -> Records:
    for path in sorted(folder.glob("*.csv")):
        subject = path.stem.removesuffix(f"_{folder.name}")
        groups = {"set": "mmlu", "subject": subject}
        rows = csv.reader(io.StringIO(_text(path), newline=""))
        for row in rows:
            if row == _HEADER:
                continue
            id = f"mmlu-{subject}-{rows.line_num}"
            if len(row) != len(_HEADER) or row[-1] not in _RIGHT:
                reason = f"a question, 4 choices and one of {', '.join(_RIGHT)} are expected, not {len(row)} columns"
                yield Unreadable(f"{path.name}:{rows.line_num}", reason, groups, id)
                continue
            question, *choices, gold = row
            offered = "\n".join(f"{name}. {choice}" for name, choice in zip(_LETTERS, choices, strict=True))
            query = f"{question}\n{offered}\n\nAnswer with the letter of the right choice alone."
            yield Sample(_question(id, query), groups, _RIGHT[gold])


def _question(id: str, query: str, env: str = "envs.question:Question", options: dict[str, Any] | None = None) -> Task:
    return Task(id, env, query, (), options=options or {}, tags={"suite": "retention"})


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Where each line of a JSONL file stands, and the line."""
    for place, line in enumerate(_text(path).split("\n"), 1):
        if line.strip():
            yield f"{path.name}:{place}", line


def _text(path: Path) -> str:
    """Raises:
    SuiteError: the file cannot be read as a whole.
    """
    try:
        content = path.read_bytes()
        return (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise SuiteError(f"{path}: {error}") from None


def _reason(error: ValueError) -> str:
    if isinstance(error, pydantic.ValidationError):
        return first_mistake(error)
    return str(error)
