"""Tasks from files and plug-ins: read, checked, and drawn in an order that a resumed run repeats."""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydantic

from raytool import plugins
from raytool.config import SourceConfig
from raytool.env import FINISH, ToolEnv
from raytool.records import Task, UserError, first_mistake
from raytool.sections import suggestion


class TaskError(UserError):
    """A task or a file of tasks that cannot be used; the message names file and line, or task."""


def load(config: SourceConfig) -> list[Task]:
    """The tasks of one source, each tagged with the source's name.

    A record of a file is a Task as JSON (see `raytool.records`); without `tools`, the environment's own are offered.

    Raises:
        TaskError: naming the source, and file and line where there is one.
        PluginError: the plug-in string leads nowhere.
    """
    if config.source.endswith((".jsonl", ".parquet")):
        if config.options:
            raise TaskError(f"tasks '{config.name}': options have no effect on a file; leave them out")
        tasks: Iterable[Task] = _read(Path(config.source))
    else:
        function = plugins.load(config.source, "raytool.tasks")
        _check_options(config, function)
        try:
            tasks = list(function(**config.options))
        except (TypeError, ValueError) as error:
            raise TaskError(f"tasks '{config.name}': {config.source}: {error}") from error
    tagged = [dataclasses.replace(task, tags={**task.tags, "source": config.name}) for task in tasks]
    if not tagged:
        raise TaskError(f"tasks '{config.name}': {config.source} gives no task")
    return tagged


def _check_options(config: SourceConfig, function: Callable[..., Any]) -> None:
    known = inspect.signature(function).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
        return
    if unknown := [name for name in config.options if name not in known]:
        raise TaskError(f"tasks '{config.name}': options.{unknown[0]}: {config.source} has none; {suggestion(unknown[0], [*known])}")


def check(train: Sequence[Task], test: Sequence[Task]) -> None:
    """Refuse duplicate ids, and test tasks that training has seen.

    Raises:
        TaskError: naming the first offending task.
    """
    seen: set[str] = set()
    for task in [*train, *test]:
        if task.id in seen:
            raise TaskError(f"task id '{task.id}' occurs twice; ids are unique over training and test")
        seen.add(task.id)
    trained = Trained(train)
    for task in test:
        if (twin := trained.twin(task)) is not None:
            raise TaskError(f"test task '{task.id}': its {twin[0]} is that of training task '{twin[1]}'")


class Trained:
    """What training asks and what it answers, by which a task of it is known again, whatever its id."""

    def __init__(self, tasks: Iterable[Task]):
        self._queries: dict[str, str] = {}
        self._answers: dict[str, str] = {}
        for task in tasks:
            self._queries[_query_key(task)] = task.id
            self._answers.update(dict.fromkeys(_gold_keys(task), task.id))

    def twin(self, task: Task) -> tuple[str, str] | None:
        """What a task has in common with one of training, "query" or "gold", and the id of that one."""
        if (asked := _query_key(task)) and asked in self._queries:
            return "query", self._queries[asked]
        return next((("gold", self._answers[key]) for key in _gold_keys(task) if key in self._answers), None)


def _query_key(task: Task) -> str:
    return " ".join(task.query.split())


def _gold_keys(task: Task) -> Iterator[str]:
    """Each gold alternative with at least one compared argument, as one string: the tools' documents, and the calls."""
    for gold in task.gold:
        calls = [(call.name, {k: v for k, v in call.arguments.items() if k not in call.free}) for call in gold.calls]
        if any(arguments for _, arguments in calls):
            documents = [spec.parameters for name, _ in calls if (spec := task.tool(name))]
            yield json.dumps([calls, documents], sort_keys=True)


def _read(path: Path) -> Iterator[Task]:
    try:
        records = _jsonl(path) if path.suffix == ".jsonl" else _parquet(path)
        adapter = pydantic.TypeAdapter(Task)
        for where, record in records:
            if not isinstance(record, dict):
                raise TaskError(f"{where}: a JSON object is expected, not {type(record).__name__}")
            if "tools" not in record and isinstance(record.get("env"), str):
                try:
                    record["tools"] = _tools_of(record["env"])
                except UserError as error:
                    raise TaskError(f"{where}: {error}") from None
            if unknown := record.keys() - {field.name for field in dataclasses.fields(Task)}:
                raise TaskError(f"{where}: {min(unknown)}: unknown field")
            try:
                yield adapter.validate_python(record)
            except pydantic.ValidationError as error:
                raise TaskError(f"{where}: {first_mistake(error)}") from None
    except OSError as error:
        raise TaskError(f"{path}: {error.strerror}") from None
    except TaskError:
        raise
    except ValueError as error:  # not UTF-8, or no Parquet
        raise TaskError(f"{path}: {error}") from None


def _jsonl(path: Path) -> Iterator[tuple[str, Any]]:
    with path.open() as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield f"{path}:{number}", json.loads(line)
                except ValueError as error:
                    raise TaskError(f"{path}:{number}: not JSON: {error}") from None


def _parquet(path: Path) -> Iterator[tuple[str, Any]]:
    """Rows with the columns of a Task; nested ones may be JSON strings, since schemas differ from tool to tool."""
    import pyarrow.parquet

    nested = {field.name for field in dataclasses.fields(Task)} - {"id", "env", "query", "seed", "reply"}
    for number, row in enumerate(pyarrow.parquet.read_table(path).to_pylist(), 1):
        try:
            yield (
                f"{path}:row {number}",
                {k: json.loads(v) if k in nested and isinstance(v, str) else v for k, v in row.items() if v is not None},
            )
        except ValueError as error:
            raise TaskError(f"{path}:row {number}: {error}") from None


def _tools_of(env: str) -> list[dict[str, Any]]:
    made = plugins.make_env(env).unwrapped
    if not isinstance(made, ToolEnv):
        raise TaskError(f"environment '{env}' is no ToolEnv, so its tasks must list their tools")
    return [dataclasses.asdict(spec) for spec in (*made.tool_specs(), FINISH)]


class TaskSource:
    """An endless sequence of draws over several sources, the same for the same seed.

    Draw i is a function of the seed and i: sources alternate by share (any run of draws is within one of its share),
    and each is passed through in a new random order every epoch.
    """

    def __init__(self, sources: Sequence[tuple[SourceConfig, Sequence[Task]]], seed: int):
        self._sources = sources
        self._seed = seed
        self._drawn: list[Task] = []
        self._counts = [0] * len(sources)

    def draw(self, index: int) -> Task:
        while len(self._drawn) <= index:
            self._drawn.append(self._next())
        return self._drawn[index]

    def _next(self) -> Task:
        total = sum(config.share for config, _ in self._sources)
        rates = [config.share / total for config, _ in self._sources]
        released = [i for i, rate in enumerate(rates) if self._counts[i] < rate * (len(self._drawn) + 1)]
        chosen = min(released, key=lambda i: (self._counts[i] + 1) / rates[i])
        _, tasks = self._sources[chosen]
        epoch, position = divmod(self._counts[chosen], len(tasks))
        self._counts[chosen] += 1
        return tasks[int(np.random.default_rng([self._seed, chosen, epoch]).permutation(len(tasks))[position])]


def write(tasks: Iterable[Task], path: Path) -> None:
    """One JSON object a line, as `load` reads them. The file is there only once it is whole."""
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(dataclasses.asdict(task), ensure_ascii=False) + "\n" for task in tasks)
    draft.replace(path)
