"""The tools of ToolEyes (Ye et al., arXiv 2401.00741), whose documents come with each task: an offline server, and the real services.

The offline server holds a call against its tool's document and makes up an answer: the same one for the same call, always.
The answer repeats the call's arguments and adds, under what the tool's name says it is about, values of the kind that name and
description speak of (a number, a date, a link, ...), three of them where they speak of several. It knows nothing of the world.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from raytool.env import ASK_TO_USER, FINISH, ToolEnv, document_complaint
from raytool.records import Feedback, Gold, GoldCall, Task, ToolCall, ToolSpec, UserError

_CONTROL = (FINISH.name, ASK_TO_USER.name)
_SEVERAL = re.compile(r"\b(?:lists?|array|all|several|multiple|results|collections?|recent|top)\b|s$")
_SECRET = re.compile(r"key|token|secret|password", re.IGNORECASE)
# What begins a tool's name, and what separates its subject from a condition.
_VERBS = re.compile(r"^(?:get|search|find|list|fetch|show|retrieve|query|generate|return|lookup|check|validate|is|all)_(?=.)")
_CONDITION = re.compile(r"_(?:by|of|from|for|in|with|at|to)_.*$")
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("boolean", re.compile(r"\b(?:whether|validates?|valid|verif(?:y|ies)|is)\b")),
    ("link", re.compile(r"\b(?:urls?|links?|images?|photos?|pictures?)\b")),
    ("date", re.compile(r"\b(?:dates?|times?|schedules?|calendars?|when)\b")),
    (
        "number",
        re.compile(r"\b(?:numbers?|price|prices|rates?|score|count|total|distance|gdp|temperature|calories|similarity|probability)\b"),
    ),
)


class ToolEyes(ToolEnv):
    """A query with its tools, ended by `finish`; a text without a call is a format error, as in the original."""

    max_turns = 9

    @classmethod
    def runs_tool(cls, name: str, task: Task) -> bool:
        """Each task brings its own."""
        return True

    def start(self, task: Task, random: np.random.Generator) -> None:
        """There is no state."""

    def sample_task(self, random: np.random.Generator) -> Task:
        city = ("Athens", "Lima", "Oslo")[int(random.integers(3))]
        parameters = {"type": "object", "properties": {"city": {"type": "string", "description": "The name."}}, "required": ["city"]}
        tool = ToolSpec("get_temperature", "Get the temperature of a city.", parameters)
        said = GoldCall(FINISH.name, {"answer": f"It is warm in {city}."}, free=("answer",))
        gold = Gold((GoldCall(tool.name, {"city": city}), said))
        query = f"How warm is it in {city}?"
        return Task(f"temperature-{city}", "envs.tooleyes:ToolEyes", query, (tool, ASK_TO_USER, FINISH), (gold,))

    def execute(self, call: ToolCall) -> tuple[str, Feedback]:
        spec = self.offered(call.name)
        if spec is None or call.name in _CONTROL:
            return super().execute(call)
        if complaint := document_complaint(call, spec) or _value_complaint(call, spec):
            return complaint
        return self.answer(call, spec)

    def answer(self, call: ToolCall, spec: ToolSpec) -> tuple[str, Feedback]:
        """What comes back for a call that its document allows."""
        return json.dumps(made_up(call, spec), ensure_ascii=False), Feedback.OK

    def close_with(self, final: str) -> tuple[str, Feedback]:
        return f"A call was expected; end with {FINISH.name}(answer=...).", Feedback.FORMAT_ERROR


class LiveToolEyes(ToolEyes):
    """The same over ToolEyes' own programs, {"files": {"tool.py": its text, ...}} in a task's `options`, which call real services.

    What a service answers differs from day to day, so such an episode cannot be repeated.

    Raises:
        UserError: a program that cannot be imported, for a library that is missing, say.
    """

    process_per_episode = True
    needs_network = True
    _folder: tempfile.TemporaryDirectory[str] | None = None

    def close(self) -> None:
        """The process ends with the episode, and without isolation its files would stay."""
        if self._folder is not None:
            self._folder.cleanup()

    def start(self, task: Task, random: np.random.Generator) -> None:
        files: dict[str, str] = task.options["files"]
        package = f"tooleyes_{hashlib.sha256(json.dumps(files).encode()).hexdigest()[:16]}"
        if package not in sys.modules:
            # It stays until the end: some programs read their files when they are called.
            self._folder = tempfile.TemporaryDirectory(prefix="raytool-tooleyes-", ignore_cleanup_errors=True)
            own = Path(self._folder.name) / package
            own.mkdir()
            for name, text in {"__init__.py": "", **files}.items():
                (own / name).write_text(text, encoding="utf-8")
            sys.path.append(self._folder.name)
            importlib.invalidate_caches()
        try:
            self._program = importlib.import_module(f"{package}.tool")
        except Exception as error:
            raise UserError(f"task {task.id}: ToolEyes' tool.py cannot be imported: {type(error).__name__}: {error}") from error

    def answer(self, call: ToolCall, spec: ToolSpec) -> tuple[str, Feedback]:
        function = getattr(self._program, call.name, None)
        if function is None:
            return json.dumps({"error": f"the service has no {call.name}"}), Feedback.TOOL_INSTABILITY
        try:
            return json.dumps(function(**call.arguments), ensure_ascii=False), Feedback.OK
        except OSError as error:  # of the network; what requests raises is among them
            return json.dumps({"error": str(error)}), Feedback.TOOL_INSTABILITY
        except MemoryError:
            raise
        except Exception as error:
            return json.dumps({"error": f"{type(error).__name__}: {error}"}), Feedback.TOOL_CALL_FAILURE


def _value_complaint(call: ToolCall, spec: ToolSpec) -> tuple[str, Feedback] | None:
    """ToolEyes documents every parameter as a string, and its tools take numbers and truth values as well; but nothing nested or empty."""
    for name, value in call.arguments.items():
        if not isinstance(value, str | int | float | bool):
            return f"{call.name}() argument '{name}': {type(value).__name__} is no string", Feedback.TOOL_CALL_FAILURE
        if value == "" and name in spec.required:
            return f"{call.name}() argument '{name}' is empty", Feedback.TOOL_CALL_FAILURE
    return None


def made_up(call: ToolCall, spec: ToolSpec) -> dict[str, Any]:
    """The offline server's answer."""
    written = json.dumps([call.name, call.arguments], sort_keys=True)
    random = np.random.default_rng(list(hashlib.sha256(written.encode()).digest()))
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", call.name).lower()
    subject = _CONDITION.sub("", _VERBS.sub("", snake))
    words = f"{snake.replace('_', ' ')} {spec.description.lower()}"
    kind = next((kind for kind, pattern in _KINDS if pattern.search(words)), "record")
    several = _SEVERAL.search(f"{spec.description.lower()} {subject.replace('_', ' ')}") is not None
    values = [_value(kind, subject, random) for _ in range(3 if several else 1)]
    repeated = {name: value for name, value in call.arguments.items() if not _SECRET.search(name)}
    return {**repeated, subject if subject not in repeated else "result": values if several else values[0]}


def _value(kind: str, subject: str, random: np.random.Generator) -> Any:
    number = int(random.integers(1, 10_000))
    match kind:
        case "boolean":
            return bool(number % 2)
        case "number":
            return number / 100
        case "date":
            return (date(2024, 1, 1) + timedelta(days=number % 366)).isoformat()
        case "link":
            return f"https://example.org/{subject}/{number}"
    return {"id": str(number), "name": f"{subject.replace('_', ' ')} {number}"}
