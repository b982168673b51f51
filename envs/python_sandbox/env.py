"""The environment of the code tool. Variables do not outlive a call and files do, so a journal of calls rebuilds it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from envs.python_sandbox import queries
from envs.python_sandbox.sandbox import Limits, Run, Sandbox
from envs.scenario.env import says
from raytool.env import ToolEnv, ToolError, tool
from raytool.records import Feedback, Task

_MAX_CODE = 100_000


class ProgramFailed(ToolError):
    """The program raised, or was stopped; its output comes with the error."""

    feedback = Feedback.TOOL_CALL_FAILURE


class PythonSandbox(ToolEnv):
    """Python, and the files of a folder. A task's `options` may hold {"files": {path: text}} to start from; the answer is checked."""

    process_per_episode = True
    limits: ClassVar[Limits] = Limits()

    def start(self, task: Task, random: np.random.Generator) -> None:
        self._sandbox = Sandbox(self.limits)
        for path, text in task.options.get("files", {}).items():
            self._sandbox.write(path, text.encode())

    def sample_task(self, random: np.random.Generator) -> Task:
        return queries.task(random, "sample")

    def goal_reached(self, answer: str | None) -> bool | None:
        assert self.task is not None
        return any(says(answer or "", value) for value in self.task.answer) if self.task.answer else None

    @tool
    def run_python(self, code: str) -> str:
        """Run a Python program and get what it prints, and the value of an expression on its last line.

        Every program starts anew, without the variables of the one before; files in the current folder stay. There is the
        standard library, no network and no other file.

        Args:
            code: the program
        """
        if len(code) > _MAX_CODE:
            raise ToolError(f"the program has more than {_MAX_CODE} characters")
        run = self._sandbox.run(code)
        complaint = _complaint(run)
        if complaint or run.status:
            raise ProgramFailed("\n".join(filter(None, (run.output.rstrip("\n"), complaint))) or f"the program ended with {run.status}")
        return run.output

    @tool
    def write_file(self, path: str, content: str) -> str:
        """Write a text file into the folder, in place of one of that name.

        Args:
            path: the file's path in the folder
            content: the whole text
        """
        try:
            self._sandbox.write(path, content.encode())
        except (ValueError, UnicodeEncodeError) as error:
            raise ToolError(str(error)) from None
        return f"{path} written"

    @tool
    def read_file(self, path: str) -> str:
        """Read a text file of the folder.

        Args:
            path: the file's path in the folder
        """
        try:
            return self._sandbox.read(path).decode("utf-8", "replace")[: self.limits.shown]
        except KeyError:
            raise ToolError(f"no file '{path}'") from None

    @tool
    def list_files(self) -> list[str]:
        """The paths of all files in the folder."""
        return sorted(path for path in self._sandbox.files if not path.endswith("/"))


def _complaint(run: Run) -> str:
    if run.stopped:
        return f"The program was stopped: {run.stopped}. The folder is as it was before."
    return f"The folder is as it was before: {run.lost}." if run.lost else ""
