"""BFCL's own evaluation, and texts to put to it: gold, mutations of it, and ways to write a call.

The wheel's runner reads a text with its own decoder and judges it; what it would import of vendors' clients, tables and plots is
left out, and is not used here.
"""

import json
import os
import sys
import tempfile
from functools import cache
from types import ModuleType, SimpleNamespace

from raytool.evaluation import bfcl_checkers
from raytool.evaluation.bfcl import Record

MODEL = "raytool"


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
    spoken = bfcl_checkers.LANGUAGES.get(record.category, "python")
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


# ---- gold


def gold_calls(record: Record) -> list[tuple[str, dict]]:
    """A right form of each call of a record of one turn, with values as the category's language has them."""
    functions = {function["name"]: function["parameters"] for function in record.question["function"]}
    return [(name, dict(_given(functions[name], accepted))) for answer in record.answer["ground_truth"] for name, accepted in answer.items()]


def _given(document, accepted):
    for name, values in accepted.items():
        needed = name in document["required"]
        if name not in document["properties"] or (not needed and "" in values[:1]):
            continue  # some answers list parameters that there are not
        stated = [value for value in values if value != ""] or values[:1] * needed
        if stated:
            yield name, (stated[0], document["properties"][name])


def plain(value):
    """A dict's entries are lists of accepted values, of which the first is taken."""
    if isinstance(value, dict):
        return {key: plain(values[0]) if isinstance(values, list) and values else values for key, values in value.items() if values[:1] != [""]}
    return [plain(element) for element in value] if isinstance(value, list) else value


def java(value, document):
    """A value as Java source text that BFCL's converter reads as that value; a text may name a variable."""
    kind, inner = document["type"], document.get("items", {}).get("type")
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            return "new HashMap<>() {{ " + " ".join(f'put("{key}", {_literal(entry)});' for key, entry in value.items()) + " }}"
        case list() if kind == "ArrayList":
            return f"new ArrayList<>(Arrays.asList({', '.join(java_element(element, inner) for element in value)}))"
        case list():
            return f"new {inner}[]{{{', '.join(java_element(element, inner) for element in value)}}}"
        case int() | float():
            return f"{value}{ {'long': 'L', 'float': 'f'}.get(kind, '') }"
    return value


def java_element(value, inner):
    return f"{value}L" if inner == "long" else _literal(value)


def javascript(value, document):
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            return "{" + ", ".join(f"{key}: {_literal(entry)}" for key, entry in value.items()) + "}"
        case list():
            return f"[{', '.join(map(_literal, value))}]"
        case int() | float():
            return str(value)
    return value


def _literal(value):
    return json.dumps(value)


def source(record: Record, value, document):
    """A value as the call of a record's category gives it."""
    write = {"simple_java": java, "simple_javascript": javascript}.get(record.category)
    return write(plain(value), document) if write else plain(value)
