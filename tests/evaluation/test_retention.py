"""GSM8K, HumanEval and MMLU: the rules by which an answer is right, on records of our own and on the published ones."""

from __future__ import annotations

import asyncio
import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from envs.humaneval import HumanEval, completion
from raytool import bubblewrap, plugins
from raytool.dialects import PythonDialect
from raytool.evaluation import predictions
from raytool.evaluation.scorecard import Scorecard
from raytool.evaluation.suite import Reading, Sample, SuiteError
from raytool.evaluation.suites.retention import Retention, letter, number
from raytool.records import Task
from raytool.rollout.episode import play
from raytool.rollout.hosts import ToolHosts
from raytool.rollout.in_process import InProcess
from tests.plugins.test_tool_host import run
from tests.unit.builders import CHAT, WIDE, Script

PUBLISHED = Path(__file__).resolve().parents[2] / "../shared/benchmarks/retention"
published = pytest.mark.skipif(not PUBLISHED.exists(), reason="the published files are not at hand")
isolated = pytest.mark.skipif(bool(bubblewrap.complaint()), reason=f"it refuses to run without bubblewrap: {bubblewrap.complaint()}")

DOUBLE = {
    "task_id": "Own/0",
    "prompt": 'import math\n\n\ndef double(n):\n    """Twice n."""\n',
    "entry_point": "double",
    "canonical_solution": "    return math.trunc(n * 2)\n",
    "test": "def check(candidate):\n    assert candidate(2) == 4\n    assert candidate(-3) == -6\n",
}
SUM = {"question": "What is 1 and 1000?", "answer": "1 + 1000 = <<1+1000=1001>>1001\n#### 1,001"}
MMLU = "What is red?,A rose,A leaf,The sky,Snow,0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "gsm8k_test.jsonl").write_text(f'{json.dumps(SUM)}\n{{"question": "no answer"}}\n{{"question": "?", "answer": "none"}}\n')
    (tmp_path / "HumanEval.jsonl.gz").write_bytes(gzip.compress(f"{json.dumps(DOUBLE)}\nnot JSON\n".encode()))
    (tmp_path / "mmlu/test").mkdir(parents=True)
    (tmp_path / "mmlu/test/colours_test.csv").write_text(MMLU + 'What is blue?,A rose,A leaf,The sky,Snow,C\n"only, one",B\n')
    (tmp_path / "mmlu/test/tastes_test.csv").write_text("question,choice0,choice1,choice2,choice3,answer\nSweet?,Salt,Sugar,Tin,Ice,1\n")
    return tmp_path


def judged(suite: Retention, reading: Reading, answers: dict[str, str]) -> Scorecard:
    texts = {name: [text] for name, text in answers.items()}
    return Scorecard.of(suite, reading, predictions.play(reading.samples, texts, PythonDialect()), {})


def gold(sample: Sample, solutions: dict[str, str]) -> str:
    match sample.groups["set"]:
        case "humaneval":
            return solutions[sample.task.id]
        case "gsm8k":
            return f"Let me see. 7 of them, so\n#### {sample.record:,}"
        case _:
            return str(sample.record)


@isolated
def test_gold_is_right_and_what_cannot_be_read_is_named_and_wrong(folder: Path) -> None:
    suite = Retention()
    reading = suite.read(folder)
    card = judged(suite, reading, {sample.task.id: gold(sample, {"Own/0": DOUBLE["canonical_solution"]}) for sample in reading.samples})
    assert card.verdicts == {"right": 5, "unreadable": 4}
    assert {lost["where"]: lost["reason"].split(":")[0] for lost in card.unreadable} == {
        "gsm8k_test.jsonl:2": "answer",
        "gsm8k_test.jsonl:3": "answer",
        "HumanEval.jsonl.gz:2": "Invalid JSON",
        "colours_test.csv:3": "a question, 4 choices and one of A, B, C, D, 0, 1, 2, 3 are expected, not 2 columns",
    }
    assert sorted(lost.id for lost in reading.unreadable) == ["", "gsm8k-2", "gsm8k-3", "mmlu-colours-3"]
    values = {name: interval["correct"].value for name, interval in card.summary.items()}
    assert values["set=humaneval"] == 50
    assert values["set=mmlu"] == 75
    assert values["subject=tastes"] == 100
    assert values["set=gsm8k"] == pytest.approx(100 / 3)


def test_wrong_answers_are_wrong(folder: Path) -> None:
    suite = Retention()
    reading = suite.read(folder).only(["gsm8k", "mmlu"], None, 0)
    wrong = {sample.task.id: "#### 1000" if sample.groups["set"] == "gsm8k" else "D" for sample in reading.samples}
    assert judged(suite, reading, wrong).verdicts == {"wrong": 4, "unreadable": 3}
    assert judged(suite, reading, {}).verdicts == {"no_answer": 4, "unreadable": 3}


@isolated
def test_an_answer_that_was_cut_is_read_as_far_as_it_goes(folder: Path) -> None:
    suite = Retention()
    found = {sample.groups["set"]: sample for sample in suite.read(folder).samples}
    for name, text, verdict in (
        ("gsm8k", "#### 1001\n#### 10", "right"),
        ("gsm8k", "There are 10", "cut"),
        ("mmlu", "B. Sugar, as ", "right"),
        ("humaneval", DOUBLE["canonical_solution"], "cut"),
    ):
        task = found[name].task
        limits = replace(WIDE, turn_tokens=len(text))
        cut = asyncio.run(play(task, 0, 0, CHAT, Script(text), InProcess(plugins.make_env(task.env), task), limits))
        assert suite.score(found[name], cut).verdict == verdict, text


def test_a_set_that_is_not_there_is_named(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (folder / "gsm8k_test.jsonl").unlink()
    suite = Retention()
    assert {sample.groups["set"] for sample in suite.read(folder).samples} == {"humaneval", "mmlu"}
    assert "gsm8k_test.jsonl" in suite.notes()[0]
    with pytest.raises(SuiteError, match="has none of gsm8k_test.jsonl"):
        suite.read(tmp_path_factory.mktemp("empty"))
    (folder / "HumanEval.jsonl.gz").write_bytes(b"no archive")
    with pytest.raises(SuiteError, match="HumanEval.jsonl.gz: Not a gzip"):
        suite.read(folder)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("#### 18", 18),
        ("5 eggs.\n#### $1,234.50 of 9", 1234.5),
        ("#### -3\n#### 4\n", -3),
        ("#### N = 212\n#### N =", 212),
        ("so she has 12 left, or 12.0.", 12),
        ("It costs $.50", 0.5),
        ("#### none, though 7", 7),
        ("many", None),
        ("7 ####", None),
    ],
)
def test_the_number_of_an_answer(answer: str, said: float | None) -> None:
    assert number(answer) == said


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("B", "B"),
        (" (C) the sky", "C"),
        ("**D**", "D"),
        ("A.\nBecause B is wrong.", "A"),
        ("A rose, since the answer is B.", "B"),
        ("The correct answer is: (C)", "C"),
        ("The Answer: D", "D"),
        ("B\nis it", "B"),
        ("B is the right answer.", "B"),
        ("Option C is correct, not A.", "C"),
        ("A is the answer", "A"),
        ("The answer is option B.", "B"),
        ("The correct choice is B", "B"),
        ("Option A is wrong. The best option is: **D**", "D"),
        ("**Answer:** B", "B"),
        ("The right choice: (A)", "A"),
        ("A rose is the right answer", None),
        ("A choice is hard", None),
        ("The choice A has its charm", None),
        ("A is not the right answer", None),
        ("A rose", None),
        ("Blue", None),
        ("E", None),
        ("", None),
    ],
)
def test_the_letter_of_an_answer(answer: str, said: str | None) -> None:
    assert letter(answer) == said


@pytest.mark.parametrize(
    ("answer", "added"),
    [
        ("    return 1\n", "    return 1\n"),
        ("return 1", "    return 1"),
        ("Here:\n```python\ndef f(n):\n    return 1\n```\nIt is 1.", "\ndef f(n):\n    return 1\n"),
        ("```\nprint(f(1))\n```\n```py\ndef f(n):\n    return 1", "\ndef f(n):\n    return 1"),
        ("```python\n    return 1\n```", "    return 1\n"),
        # The first line has lost its indentation, as where a text is stripped.
        ("a = 1\n    return a", "    a = 1\n    return a"),
        ("if n:\n        return 1\n    return 2", "    if n:\n        return 1\n    return 2"),
        # Nothing is indented.
        ("if n:\n    return 1\nreturn 2", "    if n:\n        return 1\n    return 2"),
        ("", ""),
    ],
)
def test_what_an_answer_adds_to_the_prompt(answer: str, added: str) -> None:
    assert completion(answer, "f") == added


@isolated
@pytest.mark.parametrize(
    ("answer", "passes"),
    [
        (DOUBLE["canonical_solution"], True),
        ("return n + n", True),
        ("```python\ndef double(n):\n    return math.floor(2 * n)\n\nif __name__ == '__main__':\n    print(input())\n```", True),
        ("    print('x' * 9000)\n    return 2 * n", True),
        ("    return n", False),
        ("    raise SystemExit(0)", False),
        ("    import os\n    os._exit(0)", False),
        ("    while True: pass", False),
        ("It is twice as much.", False),
        ("", False),
    ],
)
def test_the_tests_decide(answer: str, passes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HumanEval, "limits", type(HumanEval.limits)(seconds=2.0))
    env = HumanEval()
    env.reset(options={"task": Task("t", "", "", (), options={name: DOUBLE[name] for name in ("prompt", "test", "entry_point")})})
    assert env.goal_reached(None) is False
    *_, ended, _, info = env.step(json.dumps({"final": answer}))
    assert (ended, info["goal_reached"]) == (True, passes)


@isolated
def test_the_tests_run_within_an_isolated_host(folder: Path) -> None:
    (sample,) = Retention().read(folder).only(["humaneval"], None, 0).samples

    async def scenario(hosts: ToolHosts) -> list[bool | None]:
        reached = []
        for answer in (DOUBLE["canonical_solution"], "    return n"):
            environment = await hosts.open(sample.task)
            step = await environment.step(json.dumps({"final": answer}))
            reached.append(step.goal_reached)
            await environment.close()
        return reached

    assert run(scenario, isolation="bubblewrap") == [True, False]


@published
@isolated
@pytest.mark.parametrize("every", [16, pytest.param(1, marks=pytest.mark.long)])
def test_published_gold_is_right(every: int) -> None:
    with gzip.open(PUBLISHED / "HumanEval.jsonl.gz", "rt") as file:
        solutions = {record["task_id"]: record["canonical_solution"] for record in map(json.loads, file)}
    suite = Retention()
    whole = suite.read(PUBLISHED)
    assert not whole.unreadable
    assert len(whole.samples) == 200 + 164 + 5 * 57
    reading = Reading(whole.samples[::every])
    card = judged(suite, reading, {sample.task.id: gold(sample, solutions) for sample in reading.samples})
    assert card.verdicts == {"right": len(reading.samples)}
    assert suite.notes() == ["MMLU's split is 'dev', of 57 subjects"]
