"""The tools over scheduled jobs."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict  # typing has one that pydantic takes from Python 3.12 on

from envs.operating_system.world import WEEKDAYS, Job, Weekday, World
from envs.scenario.checks import check_text, checked_date, checked_time
from envs.scenario.clock import days_after
from raytool.env import ToolError, tool

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class _Time(TypedDict):
    time: Annotated[str, Field(description="HH:MM")]


class Times(_Time, total=False):
    """When a job runs: at a time of the day, on all days of the week or some."""

    days: Annotated[list[Weekday], Field(description="default every day")]


class Jobs:
    """Two tools; a job is known by its name, and runs from tomorrow on."""

    world: World

    @tool
    def create_job(self, name: str, command: str, when: Times, last_day: str = "") -> dict[str, Any]:
        """Schedule a command to run again and again.

        Args:
            name: of the new job, lower case
            command: what to run
            when: time and days of the week
            last_day: YYYY-MM-DD, default for good

        Returns:
            The name of the job, and date and time of its first run.

        Raises:
            ToolError: the name is none or taken, the command is empty, the time or a date is none, or it would never run.
        """
        if not NAME.fullmatch(name):
            raise ToolError(f"{name[:50]!r} is no name of lower-case letters and digits")
        if name in self.world.jobs:
            raise ToolError(f"there is already a job {name}")
        check_text(command=command)
        days = tuple(day for day in WEEKDAYS if day in when.get("days", WEEKDAYS))
        if not days:
            raise ToolError("days is empty")
        job = Job(command, checked_time(when["time"]), days, checked_date(last_day) if last_day else "")
        first = next(day for day in (days_after(self.world.today, ahead) for ahead in range(1, 8)) if _weekday(day) in days)
        if last_day and last_day < first:
            raise ToolError(f"the job would never run: its first day would be {first}, after {last_day}")
        self.world.jobs[name] = job
        return {"job": name, "first_run": f"{first} {job.time}"}

    @tool
    def cancel_job(self, name: str, last_day: str = "") -> dict[str, Any]:
        """Cancel a scheduled job, at once or after a last day.

        Args:
            name: of the job
            last_day: YYYY-MM-DD on which it may still run, default none

        Returns:
            The name of the job, its command and its last day.

        Raises:
            ToolError: there is no such job, or the day is none or past.
        """
        if name not in self.world.jobs:
            raise ToolError(f"no job {name!r}")
        job = self.world.jobs[name]
        if last_day:
            if checked_date(last_day) < self.world.today:
                raise ToolError(f"{last_day} is past: today is {self.world.today}")
            job.last_day = last_day
        else:
            del self.world.jobs[name]
        return {"job": name, "command": job.command, "last_day": last_day or "none"}


def _weekday(day: str) -> Weekday:
    return WEEKDAYS[date.fromisoformat(day).weekday()]
