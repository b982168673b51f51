"""A function to write, judged by running its tests in the sandbox of the code tool (HumanEval: Chen et al., arXiv 2107.03374)."""

from __future__ import annotations

import re
import secrets
from typing import ClassVar

import numpy as np

from envs.python_sandbox.sandbox import Limits, Sandbox
from envs.question import Question
from raytool.env import FINISH
from raytool.records import Gold, GoldCall, Task

_FENCED = re.compile(r"```[^\n]*\n(.*?)(?:```|\Z)", re.DOTALL)
_PASSED = "passed"


class HumanEval(Question):
    """A task's `options` have HumanEval's fields: {"prompt": a signature with its docstring, "test": defines check(), "entry_point"}.

    The goal is reached where `prompt + completion + test + check(entry_point)` runs to its end.
    """

    process_per_episode = True
    limits: ClassVar[Limits] = Limits()

    def start(self, task: Task, random: np.random.Generator) -> None:
        self._sandbox = Sandbox(self.limits)
        self._passed: bool | None = None

    def sample_task(self, random: np.random.Generator) -> Task:
        added = int(random.integers(1, 100))
        prompt = f'def increased(number: int) -> int:\n    """The number and {added} more."""\n'
        tests = "".join(f"    assert candidate({n}) == {n + added}\n" for n in random.integers(-99, 99, size=3).tolist())
        options = {"prompt": prompt, "test": f"def check(candidate):\n{tests}", "entry_point": "increased"}
        gold = Gold((GoldCall(FINISH.name, {"answer": f"    return number + {added}"}, free=("answer",)),))
        return Task(f"increased-{added}", "envs.humaneval:HumanEval", f"Complete this.\n\n{prompt}", (FINISH,), (gold,), options=options)

    def goal_reached(self, answer: str | None) -> bool | None:
        if self._passed is None and answer is not None:  # there is one answer, the first
            self._passed = self._passes(answer)
        return bool(self._passed)

    def _passes(self, answer: str) -> bool:
        assert self.task is not None
        asked = self.task.options
        # That the end was reached is told by a file whose content an answer does not know, unless it reads its own source: it may exit
        # early, with status 0.
        token = secrets.token_hex(16)
        program = [
            "__name__ = 'program'",  # what stands under `if __name__ == '__main__'` is not part of the answer
            asked["prompt"] + completion(answer, asked["entry_point"]),
            asked["test"],
            f"check({asked['entry_point']})",
            f"open({_PASSED!r}, 'w').write({token!r})",
        ]
        run = self._sandbox.run("\n".join(program))
        return run.status == 0 and self._sandbox.files.get(_PASSED) == token.encode()


def completion(answer: str, entry_point: str) -> str:
    """What an answer adds to the prompt.

    Of an answer with code fences it is the first block that defines the function, or else the first block; otherwise the whole
    text. A definition follows the prompt and takes the place of the one begun there, whose imports and helpers stay. Other
    text is the function's body; if its first line has lost its indentation, it gets it back from the second, and a body
    without any is indented.
    """
    definition = re.compile(rf"^(?:async )?def {re.escape(entry_point)}\b", re.MULTILINE)
    blocks = _FENCED.findall(answer) or [answer]
    code: str = next((block for block in blocks if definition.search(block)), blocks[0])
    if definition.search(code):
        return f"\n{code}"
    lines = [line for line in code.split("\n") if line.strip()]
    if not lines or lines[0][0].isspace():
        return code
    code = code.lstrip()
    second = lines[1] if len(lines) > 1 else ""
    lost = len(second) - len(second.lstrip()) - (4 if lines[0].rstrip().endswith(":") else 0)
    return " " * lost + code if lost > 0 else "".join(f"    {line}" for line in code.splitlines(keepends=True))
