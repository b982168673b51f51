"""ToolAlpaca (Tang et al., 2023, arXiv 2306.05301): the calls that a query needs, of one API's functions.

Two sets: eval_real.json (11 real APIs) and eval_simulated.json (10 that an LLM made up). A query's gold is a list of calls; the
model sees the query and the functions once, and makes its calls in one turn.

Measures: TS, PI and CF in percent of queries by the strict rule, "any" and "all": whether one of gold's calls is made, and
whether all of them are. Where gold has one call, the first that is made counts. (The paper itself lets GPT-4 judge.)

Gold is not always JSON with known values; "gold" among the groups of the results says where it is not `plain`:
- `placeholder`: a value such as ${id from search} or "{start date}", which nobody can know yet, has to be given and is not compared.
- `key`: nor is the key of an API that asks for one, since the files blank it in what the user says and not in gold.
- `repaired`: a name that is written twice before its value ("symbols": "symbols": "EUR") is read once.
- `optional`: a call whose function is marked [Optional] may be left out.
- `asks`: `getDetails`, by which ToolAlpaca's own agent asks the user, stands in no API's documents. It is offered throughout a
  set whose gold calls it; what it asks is not compared.
- `undocumented`: any other function or parameter that no document has counts as gold has it, so that no model can be right.
What cannot be read for all that is an unreadable record, and counts as wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from raytool.evaluation import agreement
from raytool.evaluation.suite import Reading, Sample, Score, Suite, SuiteError, Unreadable, numbered
from raytool.records import FUNCTION_CALL_ENV, Episode, Gold, GoldCall, Task, ToolSpec

FILES = {"real": "eval_real.json", "simulated": "eval_simulated.json"}
ASKING = ToolSpec(
    "getDetails",
    "Ask the user for what the question leaves out and an answer needs.",
    {"type": "object", "properties": {"Question": {"type": "string", "description": "What to ask the user."}}, "required": ["Question"]},
)

_COUNTED: tuple[agreement.Several, ...] = ("any", "all")
_TYPES = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean", "Array": "array", "Object": "object"}
_DOCUMENT = re.compile(r"(?P<description>.*?)(?:\A|\n)Parameters: (?P<parameters>.*?)(?:\nOutput:.*)?", re.DOTALL)
_PARAMETER = re.compile(
    r"(?P<required>Required\. )?(?P<text>(?P<type>\w+)(?:\[(?P<items>\w+)\])?(?P<end>\. ?)?(?P<description>.*))", re.DOTALL
)
_NAME_AGAIN = re.compile(r'("\w+")\s*:\s*(?=\1\s*:)')
_STRING_OR_PLACEHOLDER = re.compile(r'"(?:[^"\\]|\\.)*"|\$\{[^{}"]*\}')
_PLACEHOLDER = re.compile(r'\$?\{[^{}":]*\}')
_OPTIONAL = "[Optional]"


class ToolAlpaca(Suite):
    name = "toolalpaca"
    measures = tuple(f"{level} {counted}" for counted in _COUNTED for level in agreement.LEVELS)
    per_sample = measures
    turn_tokens = 512
    where = "https://github.com/tangqiaoyu/ToolAlpaca (data/eval_real.json and data/eval_simulated.json)"

    def read(self, data: Path | None) -> Reading:
        """`data` is the folder that holds both files, or one of them."""
        assert data is not None
        files = {name: data / file if data.is_dir() else data for name, file in FILES.items() if data.is_dir() or data.name == file}
        if not files:
            raise SuiteError(f"--data {data}: {' or '.join(FILES.values())} was expected, or the folder of both")
        if missing := [path.name for path in files.values() if not path.is_file()]:
            raise SuiteError(
                f"--data {data}: {', '.join(missing)} is not there; it is at {self.where}, or name a file to judge by it alone"
            )
        return numbered(sample for name, path in files.items() for sample in _samples(path, name))

    def score(self, sample: Sample, episode: Episode) -> Score:
        agreed = {counted: agreement.of_episode(episode, several=counted) for counted in _COUNTED}
        counts = {name: ratio for counted, found in agreed.items() for name, ratio in agreement.measures(found, counted).items()}
        return Score(agreement.mistake(episode, agreed["all"], agreed["any"]), counts)


def _samples(path: Path, name: str) -> Iterator[Sample | Unreadable]:
    try:
        apis = json.loads(path.read_bytes())
        answers = [answer for api in apis for answer in api["Golden_Answers"]]
        asked = [(api, index, query) for api in apis for index, query in enumerate(api["Instructions"])]
        more = (ASKING,) if any(call["Action"] == ASKING.name for answer in answers for call in answer) else ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SuiteError(f"{path}: is not ToolAlpaca's: {type(error).__name__}: {error}") from None
    for api, index, query in asked:
        id = f"toolalpaca-{name}-{api['Name']}-{index}"
        groups = {"set": name, "API": api["Name"]}
        try:
            keys = api.get("Authentication", {})
            tools = (*_tools(api["Function_Description"]), *more)
            gold, remarks = _gold(api["Golden_Answers"][index], tools, keys)
        except (LookupError, TypeError, ValueError) as error:
            reason = f"{type(error).__name__}: {error}"
            yield Unreadable(f"{path.name}, {api['Name']}, query {index}", reason, {**groups, "gold": "unreadable"}, id)
            continue
        if keys:  # as ToolAlpaca's own program says it
            query += "\nAuthentication information: " + " ".join(f"{key}={value}" for key, value in keys.items())
        task = Task(id, FUNCTION_CALL_ENV, query, tools, gold)
        yield Sample(task, {**groups, "gold": ", ".join(sorted(remarks)) or "plain"})


def _tools(descriptions: Mapping[str, str]) -> list[ToolSpec]:
    """An API's functions. What they return is left out of their documents, and so is "components", which is about that."""
    return [_tool(name, text) for name, text in descriptions.items() if name != "components"]


def _tool(name: str, text: str) -> ToolSpec:
    found = _DOCUMENT.fullmatch(text)
    if found is None:
        raise ValueError(f"{name}: no document: {text[:80]!r}")
    documented, required = {}, []
    for parameter, told in json.loads(found["parameters"]).items():
        documented[parameter], is_required = _parameter(told)
        required += [parameter] * is_required
    return ToolSpec(name, found["description"], {"type": "object", "properties": documented, "required": required})


def _parameter(told: str) -> tuple[dict[str, Any], bool]:
    """The schema of a text such as "Required. Array[string]. The tags.", and whether it is required.

    What it says of an object's parts stays in the description.
    """
    found = _PARAMETER.fullmatch(told)
    kind = _TYPES.get(found["type"]) if found else None
    if found is None or kind is None:
        return {"description": told}, told.startswith("Required. ")
    schema: dict[str, Any] = {"type": kind, "description": found["description"] if found["end"] else found["text"]}
    if items := _TYPES.get(found["items"] or ""):
        schema["items"] = {"type": items}
    return schema, bool(found["required"])


def _gold(answer: Sequence[Mapping[str, str]], tools: Sequence[ToolSpec], keys: Mapping[str, Any]) -> tuple[tuple[Gold, ...], set[str]]:
    """The right calls of a query, and in which of the ways above their text is not plain.

    Raises:
        LookupError, TypeError, ValueError: it cannot be read.
    """
    if not answer:
        raise ValueError("no gold call")
    calls, needed, remarks = [], [], set[str]()
    for step in answer:
        name = step["Action"].removeprefix(_OPTIONAL)
        arguments, repaired = _arguments(step["Action_Input"])
        unknown = {parameter for parameter, value in arguments.items() if _unknown(value)}
        blanked = arguments.keys() & keys.keys()
        free = set(arguments) if name == ASKING.name else unknown | blanked
        calls.append(GoldCall(name, arguments, free=tuple(parameter for parameter in arguments if parameter in free)))
        needed += [] if step["Action"].startswith(_OPTIONAL) else calls[-1:]
        documented = any(name == spec.name and arguments.keys() <= spec.documented.keys() for spec in tools)
        remarks |= {
            remark
            for remark, applies in (
                ("placeholder", unknown),
                ("key", blanked),
                ("repaired", repaired),
                ("optional", len(needed) < len(calls)),
                ("asks", name == ASKING.name),
                ("undocumented", not documented),
            )
            if applies
        }
    forms = [calls, needed] if needed and len(needed) < len(calls) else [calls]
    return tuple(Gold(tuple(form), free_order=True) for form in forms), remarks


def _arguments(text: str) -> tuple[dict[str, Any], bool]:
    """A gold input, its bare placeholders read as strings, and whether a name that stands twice had to go."""
    once = _NAME_AGAIN.sub("", text)
    arguments = json.loads(_STRING_OR_PLACEHOLDER.sub(lambda found: found[0] if found[0][0] == '"' else json.dumps(found[0]), once))
    if not isinstance(arguments, dict):
        raise ValueError(f"the input is no object: {text[:80]!r}")
    return arguments, once != text


def _unknown(value: Any) -> bool:
    """Whether a value is or holds a placeholder."""
    if isinstance(value, str):
        return _PLACEHOLDER.fullmatch(value) is not None
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, list) and any(map(_unknown, value))
