"""Dates as "YYYY-MM-DD" and times of day as "HH:MM"."""

from __future__ import annotations

from datetime import date, timedelta


def minutes_since_midnight(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])


def time_of_day(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def days_after(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def working_days(day: str) -> list[str]:
    """The ten working days after `day`."""
    return [later for later in (days_after(day, days) for days in range(1, 15)) if date.fromisoformat(later).weekday() < 5]
