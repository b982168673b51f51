"""BFCL's own evaluation, and texts to put to it: gold, mutations of it, and ways to write a call.

The wheel's runner reads a text with its own decoder and judges it; what it would import of vendors' clients, tables and plots is
left out, and is not used here.
"""

import json
import os
import re
import sys
import tempfile
from functools import cache
from itertools import groupby
from types import ModuleType, SimpleNamespace

from raytool.dialects import PythonDialect
from raytool.env import FINISH
from raytool.evaluation.bfcl import Record
from raytool.evaluation.bfcl_checkers import LANGUAGES
from raytool.evaluation.suite import Sample
from raytool.records import ToolCall

MODEL = "raytool"

# No call is right by BFCL's checker, or gold is not.
NO_GOLD = {
    "simple_java_36": "a list of any, whose elements the checker reads as texts, holds 42",
    "simple_java_65": "a list of any, whose elements the checker reads as texts, holds true",
    "simple_java_64": "the map's values are no lists of accepted values: only an empty map passes",
    "live_simple_106-63-0": "a required parameter has no accepted value",
    "live_simple_112-68-0": "a required parameter has no accepted value",
    "live_multiple_862-181-3": "the answer has a parameter, and has to have it, that there is not",
    "live_multiple_964-207-0": "the answer has another parameter than the one that is required",
}


@cache
def runner():
    """The wheel's `eval_runner`, with a handler that decodes as its prompting models do."""
    os.environ.setdefault("BFCL_PROJECT_ROOT", tempfile.mkdtemp(prefix="bfcl-"))  # where it makes folders when it is imported
    names = ("constants.model_config", "eval_checker.eval_runner_helper", "model_handler.base_handler")
    before = {name: sys.modules.get(f"bfcl_eval.{name}") for name in names}
    for name in names:
        sys.modules[f"bfcl_eval.{name}"] = ModuleType(name)
    sys.modules["bfcl_eval.constants.model_config"].MODEL_CONFIG_MAPPING = {MODEL: SimpleNamespace(underscore_to_dot=False)}
    sys.modules["bfcl_eval.model_handler.base_handler"].BaseHandler = object
    try:
        from bfcl_eval.constants.enums import Language, ReturnFormat
        from bfcl_eval.eval_checker import eval_runner
        from bfcl_eval.model_handler import utils
    finally:
        for name, module in before.items():
            del sys.modules[f"bfcl_eval.{name}"]
            if module is not None:
                sys.modules[f"bfcl_eval.{name}"] = module

    def decode_ast(text, language, has_tool_call_tag):
        return utils.default_decode_ast_prompting(text, language, has_tool_call_tag)

    def decode_execute(text, has_tool_call_tag):
        return utils.default_decode_execute_prompting(text, has_tool_call_tag)

    return eval_runner, SimpleNamespace(decode_ast=decode_ast, decode_execute=decode_execute), Language, ReturnFormat


def official(record: Record, text: str) -> bool:
    """Whether BFCL holds a text to be right for a record of one turn."""
    run, handler, languages, formats = runner()
    name, prompt = record.question["id"], dict(record.question)
    if record.category.endswith("relevance"):
        return run._evaluate_single_relevance_entry(handler, name, text, prompt, MODEL, record.category)["valid"]
    spoken = LANGUAGES.get(record.category, "python")
    answer = record.answer["ground_truth"]
    found = run._evaluate_single_ast_entry(
        handler, name, text, answer, prompt, MODEL, record.category, language=languages(spoken), return_format=formats(spoken)
    )
    return found["valid"]


def official_conversation(record: Record, turns: list[list[str]]) -> bool:
    """Whether BFCL holds texts to be right, a list of them for each thing that the user says."""
    run, handler, *_ = runner()
    from bfcl_eval.eval_checker.multi_turn_eval import multi_turn_utils

    before = set(vars(multi_turn_utils))
    try:
        found = run._evaluate_single_multi_turn_entry(
            handler, record.question["id"], turns, record.answer["ground_truth"], dict(record.question), MODEL, record.category
        )
        return found["valid"]
    finally:  # it keeps the APIs' instances as globals of its module
        for name in set(vars(multi_turn_utils)) - before:
            delattr(multi_turn_utils, name)


# ---- gold, and what is made of it: calls as (name, {parameter: value}), values as BFCL's answers have them


def gold_calls(record: Record) -> list[tuple[str, dict]]:
    """A right form of each call of a record of one turn."""
    functions = {function["name"]: function["parameters"] for function in record.question["function"]}
    return [
        (name, dict(_given(functions[name], accepted))) for answer in record.answer["ground_truth"] for name, accepted in answer.items()
    ]


def _given(document, accepted):
    for name, values in accepted.items():
        needed = name in document["required"]
        if name not in document["properties"] or (not needed and values[:1] == [""]):
            continue  # some answers list parameters that there are not
        if stated := [value for value in values if value != ""] or values[:1] * needed:
            yield name, plain(stated[0])


def plain(value):
    """A dict's entries are lists of accepted values (in some answers values themselves), of which the first is taken."""
    if isinstance(value, dict):
        return {key: plain(values[0] if isinstance(values, list) and values else values) for key, values in value.items() if values != [""]}
    return [plain(element) for element in value] if isinstance(value, list) else value


def ours(record: Record, calls, tools) -> str:
    """Calls as our python dialect writes them; of Java and JavaScript the values are source text."""
    made = [ToolCall(name, {p: _source(record, name, p, value) for p, value in arguments.items()}) for name, arguments in calls]
    return PythonDialect().render(made, tools)


def theirs(record: Record, calls) -> str:
    """Calls as BFCL's prompt asks for them: a list, in the category's language."""
    written = []
    for name, arguments in calls:
        given = [f"{p}={_expression(record, name, p, value)}" for p, value in arguments.items()]
        written.append(f"{name}({', '.join(given)})")
    return f"[{', '.join(written)}]"


def _expression(record, name, parameter, value):
    source = _source(record, name, parameter, value)
    if record.category not in LANGUAGES:
        return repr(source)
    # A text is quoted, unless it is the text of an expression.
    is_text = isinstance(value, str) and _document(record, name, parameter)["type"] in ("String", "any", "char")
    return f'"{source}"' if is_text and not set(value) & set('"\\') else source


def _source(record, name, parameter, value):
    document = _document(record, name, parameter)
    return {"simple_java": _java, "simple_javascript": _javascript}.get(record.category, lambda same, _: same)(value, document)


def _document(record, name, parameter):
    functions = {function["name"]: function["parameters"]["properties"] for function in record.question["function"]}
    return functions.get(name, {}).get(parameter, {"type": "any"})


def _java(value, document):
    """Source text that BFCL's converter reads as this value. It does not take the quotes off the strings of an array."""
    kind, inner = document["type"], document.get("items", {}).get("type")
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            return "new HashMap<>() {{ " + " ".join(f'put("{key}", {json.dumps(entry)});' for key, entry in value.items()) + " }}"
        case list() if kind == "ArrayList":
            return f"new ArrayList<>(Arrays.asList({', '.join(f'{e}L' if inner == 'long' else json.dumps(e) for e in value)}))"
        case list():
            return f"new {inner}[]{{{', '.join(map(str, value))}}}"
        case int() | float():
            return f"{value}{'L' if kind == 'long' else 'f' if kind == 'float' else ''}"
    return str(value)


def _javascript(value, document):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {json.dumps(entry)}" for key, entry in value.items()) + "}"
    return value if isinstance(value, str) else json.dumps(value)


def conversation_texts(sample: Sample, calls: list[ToolCall]) -> list[str]:
    """All calls of an answer in a turn (some take more than the twenty turns that BFCL allows), then what gives it."""
    texts = []
    for given, of_answer in groupby(calls, lambda call: call.name == FINISH.name):
        written = [PythonDialect().render([call], sample.task.tools) for call in of_answer]
        texts += written if given else [f"[{', '.join(written)}]"]
    return texts


def gold_texts(sample: Sample) -> list[str]:
    """What gold would write for a sample, a text for each turn."""
    record, task = sample.record, sample.task
    match sample.groups:
        case {"part": "multi_turn"}:
            return conversation_texts(sample, [gold.call for gold in task.gold[0].calls])
        case {"part": "executable"}:
            return [PythonDialect().render([gold.call for gold in task.gold[0].calls], task.tools)]
        case {"category": "live_relevance"}:
            return [PythonDialect().render([ToolCall(task.tools[0].name)], task.tools)]
        case {"category": "irrelevance" | "live_irrelevance"}:
            return ["None of these functions can do that."]
    return [ours(record, gold_calls(record), task.tools)]


# ---- mutations


def mutated_value(calls, random):
    """Gold with another value for one of its parameters; without a parameter, gold."""
    places = [(at, name) for at, (_, arguments) in enumerate(calls) for name in arguments]
    if not places:
        return calls
    at, name = places[random.integers(len(places))]
    return [
        (called, {**arguments, name: _other(arguments[name], random)} if i == at else arguments)
        for i, (called, arguments) in enumerate(calls)
    ]


def _other(value, random):
    """Another value, of the same type or not, or the same one in other words."""
    same = {
        bool: lambda: not value,
        int: lambda: value + 1,
        float: lambda: value * 2 + 0.5,
        str: lambda: [f"{value} indeed", value.upper(), value.replace(" ", ""), value.replace(",", " -"), "", value[1:]][
            random.integers(6)
        ],
        list: lambda: [value[1:], value[::-1], [*value, *value[:1]], [_other(e, random) for e in value]][random.integers(4)],
        dict: lambda: [dict(list(value.items())[1:]), {**value, "more": 1}, {k: _other(v, random) for k, v in value.items()}][
            random.integers(3)
        ],
    }.get(type(value), lambda: 0)
    others = [same, same, same, lambda: str(value), lambda: [value], lambda: None, lambda: 7, lambda: 7.0, lambda: {"value": value}]
    return others[random.integers(len(others))]()


def mutated(record, calls, random):
    """Calls that a model might have made: gold, or something else in one place."""
    at = random.integers(len(calls))
    name, arguments = calls[at]
    known = [function["name"] for function in record.question["function"]]
    left = dict(list(arguments.items())[1:])
    several = list(calls)
    match random.integers(10):
        case 0:
            several[at] = ([*known, f"{name}_now", name.title()][random.integers(len(known) + 2)], arguments)
        case 1:
            several[at] = (name, left)
        case 2:
            several[at] = (name, {**arguments, "unheard_of": 1})
        case 3:
            several[at] = (name, {**left, **{f"{parameter}_": value for parameter, value in list(arguments.items())[:1]}})
        case 4:
            del several[at]
        case 5:
            several.append(several[at])
        case 6:
            several.reverse()
        case 7 | 8:
            return mutated_value(calls, random)
    return several


def ways(record, calls):
    """A text for each way to write calls, by its name; `list` is how BFCL's prompt asks for them."""
    text, python = theirs(record, calls), record.category not in LANGUAGES
    if not python:
        return {"list": text}
    bare = text[1:-1]
    first = calls[0] if calls else ("f", {})
    positional = f"[{first[0]}({', '.join(map(repr, first[1].values()))})]"
    return {
        "list": text,
        "bare": bare,
        "backticks": f"`{bare}`",
        "fenced": f"```python\n{text}\n```",
        "prose before": f"I will call this: {bare}",
        "prose after": f"{bare}\nThis will answer it.",
        "unclosed": bare[:-1],
        "bracket too many": f"{bare}]",
        "bracket too few": f"[{bare}",
        "a line each": "\n".join(theirs(record, [call])[1:-1] for call in calls),
        "semicolon": f"{bare};",
        "comment": f"{bare}  # as asked",
        "positional": positional,
        "tuples": text.replace("=[", "=(").replace("],", "),").replace("])", "))"),
        "names": _unquoted(text),
        "nested call": text.replace("=", "=str(", 1).replace(")]", "))]", 1) if "=" in text else text,
        "json words": text.replace("True", "true").replace("False", "false").replace("None", "null"),
        "json": json.dumps([{"name": name, "arguments": arguments} for name, arguments in calls]),
        "twice": f"{bare}{bare}",
    }


def _unquoted(text):
    """Strings of one word without their quotes."""
    return re.sub(r"(?<==)'([A-Za-z_]+)'(?=[,)])", r"\1", text)


PROSE = (
    "",
    "[]",
    "Sorry",
    "I cannot help with that.",
    "None of the functions fits; which one do you mean (and why)?",
    "{}",
    "[{}]",
    "42",
    "'text'",
)
