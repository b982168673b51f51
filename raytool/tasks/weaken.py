"""Weaker versions of tools as a model writes them, for `python -m raytool.tasks evolve --model`.

A model may misread what is asked, so that its document is taken only where it is provably a weaker version: the tool with less to say or to
choose. Everywhere else the version by rule stays.
"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from raytool.console import Console
from raytool.records import ToolSpec
from raytool.tasks.evolve import tools_of
from raytool.tasks.source import TaskError
from raytool.tasks.writing import Prompt, Writer

_EXAMPLE = (
    ToolSpec(
        "find_hotels",
        "Find hotels in a city, by price, best first.",
        {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "Name of the city"},
                "stars": {"type": "string", "enum": ["three", "four", "five"]},
                "most": {"type": "integer", "description": "Highest price of a night"},
            },
            "required": ["city"],
        },
    ),
    ToolSpec(
        "list_hotels",
        "List the hotels of a city, without choosing by price or class.",
        {"type": "object", "properties": {"city": {"type": "string", "description": "Name of the city"}}, "required": ["city"]},
    ),
)
_INSTRUCTION = (
    "A weaker version of a tool can do only a part of what the tool does: it lacks one or more of its parameters, or some of the values "
    "that an enum allows. The parameters that stay are copied as they are, and as required as they are. It has another name, and a "
    "description that says what it does. Answer with the weaker version as JSON, and nothing else.\n\nTool: {document}"
)
CONTEXT = 4096  # tokens of a document, and of an answer twice as long


def weakened(tools: Sequence[ToolSpec], weak: Mapping[str, ToolSpec], writer: Writer, console: Console) -> dict[str, ToolSpec]:
    """The weaker versions of tools, by the tool's name: written, or those given where a model wrote none. Says how many, and why not.

    Raises:
        UserError: the model's engine failed.
    """
    strong = [spec for spec in tools if spec.name in weak]
    prompts = [Prompt(spec.name, messages(spec), _json(spec)) for spec in strong]
    taken = {spec.name for spec in (*tools, *weak.values())}
    made: dict[str, ToolSpec] = {}
    against: Counter[str] = Counter()
    for spec, text in zip(strong, writer.write("weaker versions", prompts), strict=True):
        try:
            made[spec.name] = written(text, spec, taken)
            taken.add(made[spec.name].name)
        except TaskError as error:
            against[str(error)] += 1
    console.say(f"{len(made)} of {len(strong)} weaker versions written by {writer.model}; the others are by rule")
    for reason, count in against.most_common():
        console.say(f"  {count}: {reason}")
    return {**weak, **made}


def messages(spec: ToolSpec) -> list[dict[str, str]]:
    """What a model is asked for the weaker version of a tool: an example first."""
    example, answer = _EXAMPLE
    asked = [{"role": "user", "content": _INSTRUCTION.format(document=_json(tool))} for tool in (example, spec)]
    return [asked[0], {"role": "assistant", "content": _json(answer)}, asked[1]]


def _json(spec: ToolSpec) -> str:
    return json.dumps(dataclasses.asdict(spec), ensure_ascii=False)


def written(text: str, spec: ToolSpec, taken: Collection[str]) -> ToolSpec:
    """The weaker version of a tool that a model's text holds as JSON.

    Raises:
        TaskError: it holds none. A weaker version has a name that is not taken and a description of its own, no other parameters than
            its tool, which keep their schemas and whether they are required, and fewer of them or fewer choices for one.
    """
    start = text.find("{")
    try:
        document, _ = json.JSONDecoder().raw_decode(text, start) if start >= 0 else (None, 0)
        (made,) = tools_of([document], "")
    except (ValueError, RecursionError, TaskError):
        raise TaskError("no document") from None
    if not made.name.isidentifier() or made.name in taken:
        raise TaskError("a name that is taken, or none")
    if made.description.strip() in ("", spec.description.strip()):
        raise TaskError("no description of its own")
    kept = [name for name in spec.documented if name in made.documented]
    if len(kept) < len(made.documented) or not all(_narrows(made.documented[name], spec.documented[name]) for name in kept):
        raise TaskError("parameters that its tool does not have, or has otherwise")
    required = [name for name in spec.required if name in kept]
    if set(required) != set(made.required):
        raise TaskError("parameters that its tool requires, and it does not, or the reverse")
    properties = {name: made.documented[name] for name in kept}
    if len(kept) == len(spec.documented) and all(made.documented[name].get("enum") == spec.documented[name].get("enum") for name in kept):
        raise TaskError("as many parameters and choices as its tool")
    return ToolSpec(made.name, made.description.strip(), {**spec.parameters, "properties": properties, "required": required})


def _narrows(made: Any, schema: dict[str, Any]) -> bool:
    """Whether a parameter's schema is another's, in other words perhaps, and with some of its choices."""
    if not isinstance(made, dict) or _apart(made) != _apart(schema):
        return False
    some, every = made.get("enum"), schema.get("enum")
    if some == every:
        return True
    return isinstance(some, list) and bool(some) and every is not None and all(choice in every for choice in some)


def _apart(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without what is said of it and what may be chosen."""
    return {key: value for key, value in schema.items() if key not in ("description", "enum")}
