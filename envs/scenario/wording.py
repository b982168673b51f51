"""Values in words that determine them, and what an answer may call them."""

from __future__ import annotations

from datetime import date

from envs.scenario.clock import minutes_since_midnight

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def long_date(day: str) -> str:
    """ "2026-03-09" as "9 March 2026"."""
    parsed = date.fromisoformat(day)
    return f"{parsed.day} {MONTHS[parsed.month - 1]} {parsed.year}"


def twelve_hours(time: str) -> str:
    """ "14:30" as "2:30 pm"."""
    minutes = minutes_since_midnight(time)
    return f"{(minutes // 60 - 1) % 12 + 1}:{minutes % 60:02} {'am' if minutes < 720 else 'pm'}"


def date_answer(day: str) -> tuple[str, ...]:
    """A date, also in words with and without its year."""
    number, month, _ = (long := long_date(day)).split()
    ending = {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th") if number not in ("11", "12", "13") else "th"
    return day, long, f"{number} {month}", f"{month} {number}", f"{number}{ending} of {month}", f"{month} {number}{ending}"


def time_answer(time: str) -> tuple[str, ...]:
    """A time, by both clocks; a full hour also without its minutes."""
    spoken = twelve_hours(time)
    return (time, spoken, *([spoken.replace(":00", "")] if time.endswith(":00") else []))


def number_answer(value: float) -> tuple[str, ...]:
    """A number with and without commas, and a small count also as a word, or of nothing, words."""
    spelled = (NUMBERS[value],) if isinstance(value, int) and 0 <= value < len(NUMBERS) else ()
    return tuple(dict.fromkeys((str(value), f"{value:,}", *spelled, *(("none", "no") if value == 0 else ()))))
