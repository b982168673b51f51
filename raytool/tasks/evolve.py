"""`python -m raytool.tasks evolve --tools FILE --out DIR`: weaker versions of any tools, and queries that tell them apart.

FILE holds documents, as JSON or JSON lines: name, description and parameters, by themselves or in OpenAI's form. By rule a weaker version
lacks what may be left unsaid of its tool (half of it, where all may be), or else half of the choices of a parameter, or else half of what
has to be said, so that it serves no query; a tool of which none of that can be taken has none. With a model the document of a weaker
version is the model's where it is one (`raytool.tasks.weaken`). Queries state a call's values, every second one only those that the weaker
version has room for, as long as there are such that were not asked yet. A model rewords them (`raytool.tasks.paraphrase`) where every value
survives.

A fifth of the tools is held out, and of the queries over the others a tenth, by what they call: however it is worded, a call is asked for
on one side only. DIR gets train.jsonl, in which no held-out tool is offered, and test.jsonl, each a source of tasks; the folder is one for
`raytool.tasks.evolution`, by which every query is checked before it is written: its tool serves it, and enough others cannot.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pydantic

from raytool import places
from raytool.console import Console
from raytool.methods.mutations import sample_value
from raytool.methods.tool_evolution import EvolutionQuery
from raytool.records import FUNCTION_CALL_ENV, Gold, GoldCall, Task, ToolSpec, first_mistake, values_equal
from raytool.tasks.evolution import TEST_FILE, TRAIN_FILE, QueryPool
from raytool.tasks.serving import canonical
from raytool.tasks.source import TaskError, write

_TOOL = pydantic.TypeAdapter(ToolSpec)
_TRIES = 20  # draws of a query that was not asked yet
_FRAMES = ("{what}. {said}.", "Please do this for me: {what}. {said}.", "{said}. {what}, please.", "I need you to {what_}: {said}.")
_FORMATS = {
    "date": ("2025-03-14", "2025-11-02", "2026-01-30"),
    "time": ("09:15", "14:30", "18:45"),
    "email": ("ada@acorn.com", "li@birch.org"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tools", type=places.found, required=True, metavar="FILE", help="documents of tools, as JSON or JSON lines")
    parser.add_argument("--out", type=places.kept, required=True, metavar="DIR", help=f"gets {TRAIN_FILE} and {TEST_FILE}")
    parser.add_argument("--queries", type=int, default=10, metavar="N", help="of each tool, default %(default)s")
    parser.add_argument("--offered", type=int, default=5, metavar="N", help="tools that are to be offered with one, default %(default)s")
    parser.add_argument(
        "--model",
        metavar="M",
        help="a model that writes weaker versions and rewords queries: 'smollm2-135m-instruct', a folder or a hub id",
    )
    parser.add_argument("--seed", type=int, default=0)


def run(given: argparse.Namespace) -> None:
    """Raises:
    TaskError: the file holds no tools, has one twice, or too few that cannot stand in for another or be held out.
    """
    for name, least in (("queries", 2), ("offered", 2), ("seed", 0)):
        if getattr(given, name) < least:
            raise TaskError(f"--{name} {getattr(given, name)}: {least} or more is expected")
    console = Console()
    evolved = Evolved.of(read_tools(given.tools))
    if not evolved.held_out:
        raise TaskError(f"--tools {given.tools}: {len(evolved.tools)} tools, of which none can be held out; 5 or more are expected")
    if given.model:
        from raytool.tasks.paraphrase import paraphrased
        from raytool.tasks.weaken import CONTEXT, weakened
        from raytool.tasks.writing import Writer

        log = places.new_logs("evolve") / "model.log"
        with Writer(given.model, given.seed, log, console, "--model", context=CONTEXT) as writer:
            evolved = replace(evolved, weak=weakened(evolved.tools, evolved.weak, writer, console))
            made = paraphrased({"queries": list(evolved.tasks(given.queries, given.seed))}, writer, console)["queries"]
    else:
        made = list(evolved.tasks(given.queries, given.seed))
    queries = checked(made, given.offered)
    parts = {name: [task for task in made if task.tags["split"] == split] for name, split in ((TRAIN_FILE, "train"), (TEST_FILE, "test"))}
    try:
        given.out.mkdir(parents=True, exist_ok=True)
        for name, found in parts.items():
            write(found, given.out / name)
    except OSError as error:
        raise TaskError(f"--out {given.out}: {error.strerror}") from None
    told = {
        "tools": len(evolved.tools),
        "with a weaker version": len(evolved.weak),
        "held out": len(evolved.held_out),
        "queries": len(made),
        "for training": len(parts[TRAIN_FILE]),
        "that the weaker version serves": sum(bool(query.able) for query in queries),
        "that it does not": sum(query.weak is not None and not query.able for query in queries),
    }
    console.table(str(given.out), ["count"], {name: [str(count)] for name, count in told.items()})


def tools_of(documents: Sequence[Any], where: str) -> list[ToolSpec]:
    """The tools of documents, by themselves or in OpenAI's form, which may leave out all but a name.

    Raises:
        TaskError: naming the place and the first that is none.
    """
    without = {"description": "", "parameters": {"type": "object", "properties": {}}}
    found = []
    for number, document in enumerate(documents, 1):
        given = document["function"] if isinstance(document, dict) and "function" in document else document
        try:
            found.append(_TOOL.validate_python({**without, **given} if isinstance(given, dict) else given))
        except pydantic.ValidationError as error:
            raise TaskError(f"{where}: tool {number}: {first_mistake(error)}") from None
    names = [spec.name for spec in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise TaskError(f"{where}: there are two tools '{twice}'")
    return found


def read_tools(path: Path) -> list[ToolSpec]:
    """Raises:
    TaskError: naming the file and the place in it.
    """
    try:
        text = path.read_text(encoding="utf-8")
        records = json.loads(text) if text.lstrip().startswith("[") else [json.loads(line) for line in text.splitlines() if line.strip()]
    except OSError as error:
        raise TaskError(f"--tools {path}: {error.strerror}") from None
    except ValueError as error:
        raise TaskError(f"--tools {path}: neither JSON nor JSON lines: {error}") from None
    found = tools_of(records, f"--tools {path}")
    if bare := next((number for number, spec in enumerate(found, 1) if not spec.description), None):
        raise TaskError(f"--tools {path}: tool {bare}: description: Field required")
    if not found:
        raise TaskError(f"--tools {path}: holds no tool")
    return found


@dataclass(frozen=True)
class Evolved:
    """Tools, the weaker version of each that can have one, by its name, and the names of those that are held out."""

    tools: Sequence[ToolSpec]
    weak: Mapping[str, ToolSpec]
    held_out: frozenset[str]

    @classmethod
    def of(cls, tools: Sequence[ToolSpec]) -> Evolved:
        taken = {spec.name for spec in tools}
        weak = {spec.name: made for spec in tools if (made := weaker(spec, taken)) is not None}
        by_hash = sorted((spec.name for spec in tools), key=lambda name: (zlib.crc32(name.encode()), name))
        return cls(tools, weak, frozenset(by_hash[: len(tools) // 5]))

    def tasks(self, queries: int, seed: int) -> Iterator[Task]:
        """So many for each tool, or fewer where there are not as many different ones. One for training offers no held-out tool."""
        offers = {"test": self._offered(frozenset()), "train": self._offered(self.held_out)}
        for spec in self.tools:
            random = np.random.default_rng([seed, zlib.crc32(spec.name.encode())])
            asked: set[str] = set()
            for number in range(queries):
                if (drawn := self._drawn(spec, number % 2 == 1, asked, random)) is None:
                    break
                gold, query = drawn
                asked.add(query)
                held_out = "tool" if spec.name in self.held_out else "query" if zlib.crc32(canonical(gold).encode()) % 10 == 0 else ""
                split = "test" if held_out else "train"
                tags = {"kind": "single", "split": split, "held_out": held_out}
                offered, options = offers[split]
                yield Task(f"{spec.name}-{number}", FUNCTION_CALL_ENV, query, offered, (Gold((gold,)),), options=options, tags=tags)

    def _offered(self, without: frozenset[str]) -> tuple[tuple[ToolSpec, ...], dict[str, Any]]:
        """All tools and weaker versions but those of some tools, and what a task's options say of them."""
        tools = [spec for spec in self.tools if spec.name not in without]
        weak = {spec.name: self.weak[spec.name] for spec in tools if spec.name in self.weak}
        options = {"weaker": {name: spec.name for name, spec in weak.items()}, "held_out": sorted(self.held_out - without)}
        return (*tools, *weak.values()), options

    def _drawn(self, spec: ToolSpec, narrow: bool, asked: set[str], random: np.random.Generator) -> tuple[GoldCall, str] | None:
        """A call and a query for it that was not asked: within the weaker version if `narrow`, else any; where there is none, the other."""
        weak = self.weak.get(spec.name)
        for within in (weak, None) if narrow else (None, weak):
            for _ in range(_TRIES):
                gold = right_call(spec, within, random)
                if (query := worded(spec, gold, random)) not in asked:
                    return gold, query
        return None


def weaker(spec: ToolSpec, taken: set[str]) -> ToolSpec | None:
    """A weaker version by rule; None where nothing can be taken from the tool."""
    required = [name for name in spec.required if name in spec.documented]
    optional = [name for name in spec.documented if name not in required]
    kept = required or optional[: len(optional) // 2]
    dropped = [name for name in optional if name not in kept]
    choices = next((name for name in required if len(spec.documented[name].get("enum", ())) > 1), None)
    properties = {name: spec.documented[name] for name in kept}
    if dropped:
        left, how = properties, f"without {_listed(dropped)}"
    elif choices is not None:
        some = spec.documented[choices]["enum"][: len(spec.documented[choices]["enum"]) // 2]
        left = {**properties, choices: {**spec.documented[choices], "enum": some}}
        how = f"where {choices} is {' or '.join(map(str, some))}"
    elif len(required) > 1:
        half = (len(required) + 1) // 2
        left, how = {name: spec.documented[name] for name in required[:half]}, f"without {_listed(required[half:])}"
    else:
        return None
    parameters = {**spec.parameters, "properties": left, "required": [name for name in required if name in left]}
    first, _, _ = spec.description.partition("\n")
    return ToolSpec(_new_name(spec.name, taken), f"{first.rstrip('. ')}, {how}.", parameters)


def right_call(spec: ToolSpec, within: ToolSpec | None, random: np.random.Generator) -> GoldCall:
    """A call with values drawn for its parameters: those of `within` where it is given, else all."""
    shown = within or spec
    chosen = [name for name in spec.documented if name in spec.required or name in shown.documented]
    values = {name: _value(shown.documented.get(name, spec.documented[name]), spec, random) for name in chosen}
    defaults = {name: (schema["default"],) for name, schema in spec.documented.items() if name not in spec.required and "default" in schema}
    # A default that is said is the same call as one that is not, and would be the same query as another.
    values = {name: value for name, value in values.items() if name not in defaults or not values_equal(value, defaults[name][0])}
    defaults = {name: accepted for name, accepted in defaults.items() if name not in values}
    return GoldCall(spec.name, values, defaults)


def worded(spec: ToolSpec, gold: GoldCall, random: np.random.Generator) -> str:
    """A query that states a call's values."""
    what, _, _ = spec.description.partition("\n")
    what = what.rstrip(". ") or spec.name.replace("_", " ")
    said = ", ".join(f"{name.replace('_', ' ')} {json.dumps(value, ensure_ascii=False)}" for name, value in gold.arguments.items())
    frame = _FRAMES[int(random.integers(len(_FRAMES)))] if said else "{what}."
    return frame.format(what=what, what_=what[:1].lower() + what[1:], said=said)


def checked(made: Sequence[Task], offered: int) -> list[EvolutionQuery]:
    """The queries as tool evolution finds them.

    Raises:
        TaskError: a tool does not serve its own query, or too few others cannot.
    """
    pool = QueryPool(made, offered)
    found = [
        query
        for asked in ("seen", "unseen")
        for tool in ("seen", "unseen")
        for query in pool.queries((asked, tool), "unseen" if tool == "unseen" else "seen")
    ]
    if lost := {task.id for task in made} - {query.task.id for query in found}:
        raise TaskError(f"task {min(lost)}: its tool does not serve it, or it is not clear whether the weaker version does")
    return found


def _value(schema: dict[str, Any], spec: ToolSpec, random: np.random.Generator) -> Any:
    options = schema.get("examples") or _FORMATS.get(schema.get("format", ""))
    return options[int(random.integers(len(options)))] if options else sample_value(schema, spec, random)


def _listed(names: Sequence[str]) -> str:
    return " or ".join(name.replace("_", " ") for name in names)


def _new_name(name: str, taken: set[str]) -> str:
    made = next(f"{name}_basic{number}" for number in ("", *range(2, 99)) if f"{name}_basic{number}" not in taken)
    taken.add(made)
    return made
