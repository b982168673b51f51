"""Tasks from files and plug-ins: read, checked, and drawn in an order that a resumed run repeats."""

from __future__ import annotations

import dataclasses
import json
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pydantic

from raytool import durable, places, plugins
from raytool.config import SourceConfig
from raytool.env import FINISH, ToolEnv
from raytool.plugins import PluginError
from raytool.records import Gold, GoldCall, Task, ToolSpec, UserError
from raytool.sections import explain, suggestion


class TaskError(UserError):
    """A task or a file of tasks that cannot be used; the message names file and line, or task."""


_AT_A_TIME = pydantic.TypeAdapter(tuple[Task], config=pydantic.ConfigDict(extra="forbid", revalidate_instances="always"))


def load(config: SourceConfig, knob: str = "source") -> list[Task]:
    """The tasks of one source, each tagged with the source's name. `knob` is what named the source, for messages.

    A record of a file is a Task as JSON (see `raytool.records`); without `tools`, the environment's own are offered.

    Raises:
        TaskError: naming the source, and file and line or task where there is one.
    """
    checked = map(_Check(), _read(config, knob) if config.source.endswith((".jsonl", ".parquet")) else _made(config, knob))
    tagged = [dataclasses.replace(task, tags={**task.tags, "source": config.name}) for task in checked]
    if not tagged:
        raise TaskError(f"tasks '{config.name}': {config.source} gives no task")
    return tagged


class _Check:
    """What a source gives, as a task that can be used: a Task, or the record of one. Every environment is made once."""

    def __init__(self) -> None:
        self._environments: dict[str, type] = {}

    def __call__(self, given: tuple[str, Any]) -> Task:
        """Raises:
        TaskError: beginning with the place that was given.
        """
        where, task = given
        if isinstance(task, dict) and "tools" not in task and isinstance(task.get("env"), str):
            task = {**task, "tools": self._own_tools(where, task["env"])}
        try:
            (checked,) = _AT_A_TIME.validate_python((task,))
        except pydantic.ValidationError as error:
            raise TaskError(f"{where}: {explain(error, Task, depth=1)[0]}") from None
        environment = self._environment(where, checked.env)
        complaint = _complaint(checked) or (environment.offer_complaint(checked) if issubclass(environment, ToolEnv) else "")
        if complaint:
            raise TaskError(f"{where}: {complaint}")
        return checked

    def _environment(self, where: str, name: str) -> type:
        if name not in self._environments:
            try:
                made = plugins.make_env(name)
            except PluginError as error:
                raise TaskError(f"{where}: env: {error}") from None
            self._environments[name] = type(made.unwrapped)
            made.close()
        return self._environments[name]

    def _own_tools(self, where: str, name: str) -> tuple[ToolSpec, ...]:
        environment = self._environment(where, name)
        if not issubclass(environment, ToolEnv):
            raise TaskError(f"{where}: environment '{name}' is no ToolEnv, so its tasks must list their tools")
        return (*environment.tool_specs(), FINISH)


def _complaint(task: Task) -> str:
    """What is wrong with a task whose fields have the right types; else nothing."""
    if task.seed < 0:
        return f"seed: {task.seed} given; 0 or more is expected"
    try:
        for field in ("options", "tools", "gold"):
            json.dumps(getattr(task, field), default=_plain)
    except (TypeError, ValueError) as error:  # a date of a YAML file, say
        return f"{field}: {error}; what JSON can hold is expected, since a tool host gets it so"
    offered: dict[str, ToolSpec] = {}
    for number, spec in enumerate(task.tools):
        if spec.name in offered:
            return f"tools.{number}: there are two tools '{spec.name}'"
        if not isinstance(spec.documented, dict):
            return f"tools.{number}.parameters.properties: {spec.documented!r} given; an object with a schema of each parameter is expected"
        offered[spec.name] = spec
    for place, gold in enumerate(task.gold):
        for number, call in enumerate(gold.calls):
            if (named := offered.get(call.name)) is None:
                continue
            known = named.documented.keys() | call.arguments
            for leeway in ("accept", "optional", "free"):
                if unknown := next((name for name in getattr(call, leeway) if name not in known), None):
                    what = f"'{unknown}' is no parameter of {call.name}; {suggestion(unknown, sorted(known))}"
                    return f"gold.{place}.calls.{number}.{leeway}: {what}"
    return ""


def _plain(record: Any) -> Any:
    """What a record holds, for JSON.

    Raises:
        TypeError: it is none.
    """
    if isinstance(record, ToolSpec | Gold | GoldCall):
        return {name: getattr(record, name) for name in record.__slots__}
    raise TypeError(f"Object of type {type(record).__name__} is not JSON serializable")


def _made(config: SourceConfig, knob: str) -> Iterator[tuple[str, Any]]:
    """What a plug-in's function returns, each with what it is called in messages."""
    where = f"tasks '{config.name}': {config.source}"
    function, options = _function(config, knob)
    try:
        found = list(function(**options))
    except ValueError as error:
        raise TaskError(f"{where}: {error}") from error
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise TaskError(f"{where}: {type(error).__name__}: {error} ({last.filename}, line {last.lineno})") from error
    for number, task in enumerate(found):
        if not isinstance(task, Task):
            raise TaskError(f"{where}: task {number}: a Task is expected, not {type(task).__name__}")
        yield f"{where}: task {task.id!r}", task


def _function(config: SourceConfig, knob: str) -> tuple[Callable[..., Any], dict[str, Any]]:
    """The function that a source names, and the source's options as it takes them: what it wants as a Path is looked for as files are."""
    path = Path(config.source)
    try:
        function = plugins.load(config.source, "raytool.tasks")
    except PluginError as error:
        if path.exists():
            kind = "a folder" if path.is_dir() else "a file of another kind"
            told = f"'{config.source}' is {kind}; a .jsonl or .parquet file, or module:function, is expected"
        else:
            told = str(error)
        raise TaskError(f"{knob}: {told}") from error
    if not callable(function):
        raise TaskError(f"{knob}: '{config.source}' is no function")
    try:
        fitting = plugins.fitting(function, config.options)
    except ValueError as error:
        raise TaskError(f"tasks '{config.name}': options: {config.source}: {error}") from None
    return function, {name: places.found(value) if isinstance(value, Path) else value for name, value in fitting.items()}


def check(train: Sequence[Task], test: Sequence[Task], overlap: Literal["refuse", "warn"] = "refuse") -> str:
    """Refuse duplicate ids, and test tasks that training has seen; or say how many these are, where a warning is enough.

    Raises:
        TaskError: naming the first offending task.
    """
    seen: dict[str, str] = {}
    for part, tasks in (("train", train), ("test", test)):
        for task in tasks:
            place = f"'{task.tags.get('source')}' of tasks.{part}"
            if task.id in seen:
                raise TaskError(f"task id '{task.id}' occurs twice, in {seen[task.id]} and {place}; ids are unique over training and test")
            seen[task.id] = place
    trained = Trained(train)
    seen_before = {task.id: twin for task in test if (twin := trained.twin(task)) is not None}
    if not seen_before:
        return ""
    name, (what, of) = next(iter(seen_before.items()))
    told = f"test task '{name}': its {what} is that of training task '{of}'"
    if overlap == "refuse":
        raise TaskError(f"{told}; tasks.overlap=warn goes on with such a test")
    return f"{len(seen_before)} of {len(test)} test tasks are like one of training; the first is {told.removeprefix('test task ')}"


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
    """All that the user has said, since a "yes" asks what was asked before it, and in which state of which environment."""
    said = [message.content for message in task.context if message.role == "user"]
    if not (asked := " ".join(" ".join([*said, task.query]).split())):
        return ""
    return json.dumps([asked, task.env, task.seed, task.options], sort_keys=True)


def _gold_keys(task: Task) -> Iterator[str]:
    """Each gold alternative with at least one compared argument, as one string: the tools' documents, and the calls."""
    for gold in task.gold:
        calls = [(call.name, {k: v for k, v in call.arguments.items() if k not in call.free}) for call in gold.calls]
        if any(arguments for _, arguments in calls):
            documents = [[spec.description, spec.parameters] for name, _ in calls if (spec := task.tool(name))]
            yield json.dumps([calls, documents], sort_keys=True)


def _read(config: SourceConfig, knob: str) -> Iterator[tuple[str, Any]]:
    """The records of a file, each with its place in it."""
    path = places.found(config.source)
    if config.options:
        raise TaskError(f"tasks '{config.name}': options have no effect on a file; leave them out")
    try:
        for where, record in _jsonl(path) if path.suffix == ".jsonl" else _parquet(path):
            if not isinstance(record, dict):
                raise TaskError(f"{where}: a JSON object is expected, not {type(record).__name__}")
            yield where, record
    except OSError as error:
        raise TaskError(f"{knob}: {path}: {error.strerror}") from None
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
    with path.open("rb") as file:
        rows = pyarrow.parquet.read_table(file).to_pylist()
    for number, row in enumerate(rows, 1):
        try:
            yield (
                f"{path}:row {number}",
                {k: json.loads(v) if k in nested and isinstance(v, str) else v for k, v in row.items() if v is not None},
            )
        except ValueError as error:
            raise TaskError(f"{path}:row {number}: {error}") from None


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
        self._orders: list[Sequence[int]] = [()] * len(sources)  # of the epoch that each is in

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
        if position == 0:
            self._orders[chosen] = np.random.default_rng([self._seed, chosen, epoch]).permutation(len(tasks)).tolist()
        self._counts[chosen] += 1
        return tasks[self._orders[chosen][position]]


def write(tasks: Iterable[Task], path: Path) -> None:
    """One JSON object a line, as `load` reads them. The file is there only once it is whole."""
    with durable.writing(path) as draft, draft.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(dataclasses.asdict(task), ensure_ascii=False) + "\n" for task in tasks)
