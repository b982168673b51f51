"""Whether two values say the same in other words, by a rule that can be checked.

The authors of TL-Training told synonyms from other wrong values by reading. Here two values are synonyms if they are equal once case, white
space, punctuation and plurals are gone and numbers are numbers: "New York" and "new_york", "Days" and "day", "twenty-one", "21" and 21.0,
"1,000" and 1000, "True" and true. It knows no dictionary ("car" and "automobile" differ) and takes two words apart by a plural for one
("new" and "news"): a figure made with it is neither a bound of theirs from above nor from below.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_NUMBERS = {word: number for number, word in enumerate(_SMALL)}
_TENS = {word: 10 * tens for tens, word in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2)}
_DECIMAL = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?|[+-]?\.\d+")
_WORD = re.compile(r"(?<!\w)-?\d+(?:,\d{3})*(?:\.\d+)?|\d+|[^\W\d_]+")  # a number with its sign and decimals, or letters
_ES = ("ses", "xes", "zes", "ches", "shes")


def synonymous(left: Any, right: Any) -> bool:
    """Whether two parsed values of an argument are synonyms, lists and objects member by member."""
    return _plain(left) == _plain(right)


def _plain(value: Any) -> Any:
    match value:
        case bool() | None:
            return str(value).casefold()
        case int() | float():
            return float(value) if abs(value) < 2**53 else value
        case str():
            return _plain_text(value)
        case list() | tuple():
            return [_plain(item) for item in value]
        case dict():
            return {_plain_text(key): _plain(item) for key, item in value.items()}
    return value


def _plain_text(text: str) -> Any:
    text = unicodedata.normalize("NFKC", text).casefold().strip()
    if _DECIMAL.fullmatch(text):
        return float(text.replace(",", ""))
    words = _with_numbers([_singular(word.replace(",", "")) for word in _WORD.findall(text)])
    if len(words) == 1 and words[0].isdecimal():
        return float(words[0])
    # Without white space, but for that between two numbers.
    return "".join(
        f" {word}" if before[-1:].isdigit() and word[:1].isdigit() else word for before, word in zip(["", *words], words, strict=False)
    )


def _with_numbers(words: Sequence[str]) -> list[str]:
    """Words in which numbers up to 99 are digits."""
    found: list[str] = []
    tens = False
    for word in words:
        unit = _NUMBERS.get(word)
        if tens and unit is not None and 0 < unit < 10:
            found[-1] = str(int(found[-1]) + unit)
        elif word in _TENS or unit is not None:
            found.append(str(_TENS.get(word, unit)))
        else:
            found.append(word)
        tens = word in _TENS
    return found


def _singular(word: str) -> str:
    if len(word) < 4 or word.endswith(("ss", "us", "is")) or not word.endswith("s"):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(_ES) else word[:-1]
