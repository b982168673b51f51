"""Days, times of day and lengths of time as people say them."""

from __future__ import annotations

from datetime import date

from envs.scenario.clock import minutes_since_midnight
from envs.scenario.wording import NUMBERS, long_date

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = (*NUMBERS[1:], "eleven", "twelve")
QUARTERS = {0: "", 15: "a quarter past ", 30: "half past ", 45: "a quarter to "}
LENGTHS = {
    15: "a quarter of an hour",
    30: "half an hour",
    45: "three quarters of an hour",
    60: "an hour",
    90: "an hour and a half",
    120: "two hours",
    180: "three hours",
}  # by minutes


def day_of_week(day: str) -> str:
    """ "2026-03-09" as "Monday, 9 March 2026"."""
    return f"{WEEKDAYS[date.fromisoformat(day).weekday()]}, {long_date(day)}"


def spoken_time(time: str) -> str:
    """ "14:30" as "half past two in the afternoon". The minutes are a full quarter of an hour."""
    hour, minute = divmod(minutes_since_midnight(time), 60)
    if time == "12:00":
        return "noon"
    part = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    return f"{QUARTERS[minute]}{HOURS[(hour + (minute == 45) - 1) % 12]} in the {part}"


def spoken_length(minutes: int) -> str:
    return LENGTHS[minutes]
