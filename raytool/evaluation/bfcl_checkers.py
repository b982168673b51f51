"""The rules by which BFCL decides: the wheel's own checker of calls, and what stands in where the wheel has none.

Calls come as any dialect reads them. Each rule returns "right", or what was wrong in the words of BFCL's checkers.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any

from raytool.records import GoldCall, ToolCall, values_equal

RIGHT = "right"
_MODEL = "raytool"  # the checker looks up whether a model writes names with underscores in place of dots
_CONFIGURATION = "bfcl_eval.constants.model_config"
LANGUAGES = {"simple_java": "java", "simple_javascript": "javascript"}


@cache
def _ast_checker() -> tuple[Any, Any]:
    """The wheel's checker of calls, and its enumeration of languages.

    It asks the list of all models only for how one spells its tools; that list imports every vendor's client, so that
    another one stands in for it while the checker is imported.
    """
    standing_in = ModuleType(_CONFIGURATION)
    standing_in.MODEL_CONFIG_MAPPING = {}  # type: ignore[attr-defined]
    before = sys.modules.get(_CONFIGURATION)
    sys.modules[_CONFIGURATION] = before or standing_in
    try:
        checker: Any = importlib.import_module("bfcl_eval.eval_checker.ast_eval.ast_checker")
    finally:
        if before is None:
            del sys.modules[_CONFIGURATION]
    checker.MODEL_CONFIG_MAPPING.setdefault(_MODEL, SimpleNamespace(underscore_to_dot=False))
    return checker.ast_checker, importlib.import_module("bfcl_eval.constants.enums").Language


def calls_agree(calls: Sequence[ToolCall], category: str, functions: Sequence[Any], answer: Sequence[Any]) -> str:
    """BFCL's verdict on the calls of a turn, `functions` and `answer` being as its files have them."""
    if not calls:
        return "no_call"
    checker, language = _ast_checker()
    spoken = LANGUAGES.get(category, "python")
    made = [{call.name: call.arguments if spoken == "python" else _as_source(call.arguments)} for call in calls]
    try:
        found = checker(functions, made, answer, language(spoken), category, _MODEL)
    except Exception as error:  # a call for which the checker has no rule cannot be right
        return f"checker:{type(error).__name__}"
    return RIGHT if found["valid"] else str(found["error_type"])


def _as_source(arguments: dict[str, Any]) -> dict[str, str]:
    """Arguments as BFCL's decoders of Java and JavaScript give them: strings of source text, without a string's quotes."""
    return {name: value if isinstance(value, str) else repr(value) for name, value in arguments.items()}


def executes_alike(calls: Sequence[ToolCall], gold: Sequence[GoldCall], kinds: Sequence[str]) -> str:
    """Whether calls would return what gold's do, as far as that shows without running them.

    BFCL ran them: as many calls as gold has, each gold call matched in turn by one of those left over. The wheel has
    the functions no more, and a third of them asked web services. So an exact or a real-time match is one of values, and a
    structural match, by which any result of the same form was right, one of parameters and the form of their values.
    """
    if not calls:
        return "no_call"
    if len(calls) != len(gold):
        return "executable_checker:wrong_count"
    left = list(calls)
    for wanted, kind in zip(gold, kinds[: len(gold)], strict=True):  # one record lists a kind too many
        alike = _same_form if kind == "structural_match" else values_equal
        found = next((place for place, call in enumerate(left) if _matches(call, wanted, alike)), None)
        if found is None:
            return "executable_checker:no_match"
        del left[found]
    return RIGHT


def _matches(call: ToolCall, wanted: GoldCall, alike: Any) -> bool:
    same = call.name == wanted.name and call.arguments.keys() == wanted.arguments.keys()
    return same and all(alike(value, wanted.arguments[name]) for name, value in call.arguments.items())


def _same_form(left: Any, right: Any) -> bool:
    match left, right:
        case (bool(), _) | (_, bool()):
            return isinstance(left, bool) and isinstance(right, bool)
        case (int() | float(), int() | float()):
            return True
        case list(), list():
            return len(left) == len(right) and all(map(_same_form, left, right))
        case dict(), dict():
            return left.keys() == right.keys() and all(_same_form(left[key], right[key]) for key in left)
    return type(left) is type(right)
