"""JSON in a model's text, read with the place of each value, in linear time.

As the standard library reads it, of a key that is given several times the last value counts. NaN and infinite numbers are
no JSON (RFC 8259) and refused, as is a number that no float can hold. Nesting is bounded by MAX_NESTING.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from raytool.dialects.base import FormatError, ParsedCall
from raytool.records import ToolCall

MAX_NESTING = 64


@dataclass(frozen=True, slots=True)
class Place:
    """A value with the characters [start, stop) that write it down."""

    value: Any
    start: int
    stop: int


def write(value: Any) -> str:
    """JSON of one line. Half a surrogate pair is escaped, since UTF-8 cannot hold it."""
    return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def read(text: str, at: int) -> Place:
    """The value that starts at a character.

    Raises:
        FormatError: there is none, or it is nested too deeply.
        RecursionError: it is nested far too deeply.
    """
    try:
        value, stop = _DECODER.raw_decode(text, at)
    except ValueError as error:
        raise FormatError(f"the JSON cannot be read: {error}") from None
    if isinstance(value, dict | list) and _depth_exceeds(value, MAX_NESTING):
        raise FormatError(f"the JSON is nested deeper than {MAX_NESTING}")
    return Place(value, at, stop)


def members(text: str, at: int) -> tuple[dict[str, Place], int]:
    """The members of the object that starts at a character, and where it ends.

    Raises:
        FormatError, RecursionError: as `read`.
    """
    found: dict[str, Place] = {}
    at = _past(text, at, "{")
    while not (text.startswith("}", at) and not found):
        key = read(text, at)
        if not isinstance(key.value, str):
            raise FormatError(f"the JSON cannot be read: a key that is no string (char {at})")
        found[key.value] = read(text, _past(text, skip(text, key.stop), ":"))
        at = skip(text, found[key.value].stop)
        if text.startswith("}", at):
            break
        at = _past(text, at, ",")
    return found, at + 1


def elements(text: str, at: int) -> tuple[list[Place], int]:
    """The elements of the array that starts at a character, and where it ends.

    Raises:
        FormatError, RecursionError: as `read`.
    """
    found: list[Place] = []
    at = _past(text, at, "[")
    while not (text.startswith("]", at) and not found):
        found.append(read(text, at))
        at = skip(text, found[-1].stop)
        if text.startswith("]", at):
            break
        at = _past(text, at, ",")
    return found, at + 1


def call_at(text: str, at: int, arguments: str) -> ParsedCall:
    """The call that the object at a character makes: {"name": ..., and under the key `arguments` an object}.

    Raises:
        FormatError, RecursionError: as `read`; or the object is none such.
    """
    found, stop = members(text, at)
    name, given = required(found, "name", str), required(found, arguments, dict)
    return ParsedCall(ToolCall(name.value, given.value), at, stop, name.start + 1, name.stop - 1)


def required(found: dict[str, Place], key: str, kind: type) -> Place:
    """The member of a key.

    Raises:
        FormatError: there is none, or of another type.
    """
    if key not in found:
        raise FormatError(f'the call has no "{key}"')
    if not isinstance(found[key].value, kind):
        raise FormatError(f'"{key}" of the call is no {_KINDS[kind]}')
    return found[key]


def skip(text: str, at: int) -> int:
    """Past JSON's blanks."""
    found = _BLANK.match(text, at)
    assert found is not None
    return found.end()


_BLANK = re.compile(r"[ \t\n\r]*")
_KINDS: dict[Any, str] = {str: "string", dict: "object", list: "array"}


def _past(text: str, at: int, mark: str) -> int:
    if not text.startswith(mark, at):
        raise FormatError(f"the JSON cannot be read: '{mark}' is missing (char {at})")
    return skip(text, at + 1)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits[:20]} is too large")
    return number


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)


def _depth_exceeds(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            inner for outer in level for inner in (outer.values() if isinstance(outer, dict) else outer) if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
