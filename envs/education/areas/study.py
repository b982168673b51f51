"""The study tools: flash cards, units, citations and measures of a text."""

from __future__ import annotations

import re
from typing import Any, Literal

from envs.education.world import World
from envs.scenario.checks import check_text
from envs.scenario.rounding import tidy
from raytool.env import ToolError, tool

Unit = Literal["mm", "cm", "m", "km", "in", "ft", "mi", "g", "kg", "oz", "lb", "ml", "l", "gal", "J", "kJ", "kcal", "C", "F", "K"]
UNITS: dict[str, tuple[str, float, float]] = {  # (quantity, factor, offset): value * factor + offset is in the base unit of the quantity
    "mm": ("length", 0.001, 0), "cm": ("length", 0.01, 0), "m": ("length", 1, 0), "km": ("length", 1000, 0),
    "in": ("length", 0.0254, 0), "ft": ("length", 0.3048, 0), "mi": ("length", 1609.344, 0),
    "g": ("mass", 0.001, 0), "kg": ("mass", 1, 0), "oz": ("mass", 0.028349523125, 0), "lb": ("mass", 0.45359237, 0),
    "ml": ("volume", 0.001, 0), "l": ("volume", 1, 0), "gal": ("volume", 3.785411784, 0),
    "J": ("energy", 1, 0), "kJ": ("energy", 1000, 0), "kcal": ("energy", 4184, 0),
    "C": ("temperature", 1, 273.15), "F": ("temperature", 5 / 9, 459.67 * 5 / 9), "K": ("temperature", 1, 0),
}  # fmt: skip
VOWELS = re.compile(r"[aeiouy]+")


class Study:
    """Four tools. Only flash cards are kept; the others compute."""

    world: World

    @tool
    def create_flash_card(self, deck: str, front: str, back: str, reverse: bool = False) -> dict[str, Any]:
        """Add a flash card to a deck; a new name begins a new deck.

        Args:
            deck: name of the deck
            front: question
            back: answer
            reverse: also add a card with front and back swapped

        Returns:
            The deck, and how many cards it has now.

        Raises:
            ToolError: a text is empty, or the deck has a card with that front.
        """
        check_text(deck=deck, front=front, back=back)
        cards = self.world.decks.get(deck, {})
        new = {front: back, back: front} if reverse else {front: back}
        if taken := next((side for side in new if side in cards), ""):
            raise ToolError(f"{deck!r} has a card with the front {taken!r}")
        self.world.decks[deck] = {**cards, **new}
        return {"deck": deck, "cards": len(self.world.decks[deck])}

    @tool
    def convert_units(self, value: float, from_unit: Unit, to_unit: Unit, digits: int = 2) -> dict[str, float]:
        """Convert a quantity from one unit to another.

        Args:
            value: how many
            from_unit: its unit
            to_unit: the unit to convert to
            digits: decimals to round to

        Returns:
            The value in the new unit.

        Raises:
            ToolError: the units measure different things, or a number is out of its range.
        """
        quantity, factor, offset = UNITS[from_unit]
        target, target_factor, target_offset = UNITS[to_unit]
        if quantity != target:
            raise ToolError(f"{from_unit} is a unit of {quantity}, {to_unit} of {target}")
        if not 0 <= digits <= 6:
            raise ToolError(f"digits is {digits}, not 0 to 6")
        base = value * factor + offset
        if not abs(value) <= 1e12 or (quantity == "temperature" and base < -1e-9):
            raise ToolError(f"{value:g} {from_unit} is out of range")
        return {"value": tidy((base - target_offset) / target_factor, digits)}

    @tool
    def create_citation(
        self, authors: list[str], title: str, year: int, publisher: str, style: Literal["apa", "mla", "chicago"] = "apa", page: int = 0
    ) -> dict[str, str]:
        """Write the reference to a book, or to a page of it as cited in the text.

        Args:
            authors: full names, first name first
            title: of the book
            year: of publication
            publisher: name
            style: how to cite; chicago is author-date
            page: cite this page in the text instead

        Returns:
            The citation.

        Raises:
            ToolError: there is no author, a name is empty, or a number is out of its range.
        """
        if not authors:
            raise ToolError("authors is empty")
        check_text(title=title, publisher=publisher)
        for author in authors:
            check_text(author=author)
        if not 1000 <= year <= 2100:
            raise ToolError(f"year is {year}, not 1000 to 2100")
        if not 0 <= page <= 10_000:
            raise ToolError(f"page is {page}, not 1 to 10000")
        if page:
            return {"citation": _cited_in_text(authors, year, style, page)}
        if style == "apa":
            return {"citation": f"{_joined([_inverted(name, initials=True) for name in authors], ', & ')} ({year}). {title}. {publisher}."}
        first, *others = authors
        people = _joined([_inverted(first), *others], ", and ")
        if style == "mla":
            people = f"{_inverted(first)}, et al" if len(authors) > 2 else people
            return {"citation": f"{people}. {title}. {publisher}, {year}."}
        return {"citation": f"{people}. {year}. {title}. {publisher}."}

    @tool
    def analyze_text(
        self, text: str, measure: Literal["words", "sentences", "syllables", "reading_ease", "grade_level"] = "words"
    ) -> dict[str, float]:
        """Count or rate a text.

        Args:
            text: the text
            measure: what to count; reading_ease and grade_level are Flesch and Flesch-Kincaid

        Returns:
            The measure.

        Raises:
            ToolError: the text has no word.
        """
        words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text)
        if not words:
            raise ToolError("text has no word")
        sentences = max(1, len(re.findall(r"[.!?]+(?=\s|$)", text.strip())))
        syllables = sum(map(_syllables, words))
        by_sentence, by_word = len(words) / sentences, syllables / len(words)
        values = {
            "words": len(words),
            "sentences": sentences,
            "syllables": syllables,
            "reading_ease": 206.835 - 1.015 * by_sentence - 84.6 * by_word,
            "grade_level": 0.39 * by_sentence + 11.8 * by_word - 15.59,
        }
        return {measure: tidy(values[measure], 1)}


def _syllables(word: str) -> int:
    """Groups of vowels, an e at the end being mute unless an l goes before it."""
    lower = word.casefold()
    groups = len(VOWELS.findall(lower))
    return max(1, groups - (groups > 1 and lower.endswith("e") and not lower.endswith(("le", "ee"))))


def _inverted(name: str, initials: bool = False) -> str:
    """ "Ana Maria Silva" as "Silva, Ana Maria", or with initials as "Silva, A. M."."""
    *firsts, last = name.split()
    given = " ".join(f"{first[0]}." for first in firsts) if initials else " ".join(firsts)
    return ", ".join(filter(None, (last, given)))


def _joined(people: list[str], last: str) -> str:
    return people[0] if len(people) == 1 else f"{', '.join(people[:-1])}{last}{people[-1]}"


def _cited_in_text(authors: list[str], year: int, style: str, page: int) -> str:
    lasts = [name.split()[-1] for name in authors]
    people = f"{lasts[0]} et al." if len(lasts) > 2 else (" & " if style == "apa" else " and ").join(lasts)
    return {"apa": f"({people}, {year}, p. {page})", "mla": f"({people} {page})", "chicago": f"({people} {year}, {page})"}[style]
