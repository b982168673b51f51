"""The tools over apps: how long they are used, and what they may do."""

from __future__ import annotations

import statistics
from typing import Any, Literal

from pydantic import ConfigDict
from typing_extensions import TypedDict

from envs.mobile_app.areas.checks import check_number
from envs.mobile_app.world import HISTORY, App, LimitDays, Style, World
from envs.scenario.checks import checked_time
from raytool.env import ToolError, tool

SHOWN = 3  # entries of a listing
Measure = Literal["total", "mean", "longest"]


class QuietHours(TypedDict):
    """Times of day, HH:MM."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]
    start: str
    end: str


class Apps:
    """Three tools; an app is known by its name."""

    world: World

    @tool
    def get_screen_time(self, app: str = "", days: int = 7, measure: Measure = "total") -> dict[str, Any]:
        """Tell for how many minutes apps were used.

        Args:
            app: name of one app, default all together
            days: how many days back, today included
            measure: minutes altogether, per day, or of the longest day

        Returns:
            The minutes, and without an app also those of the most used ones.

        Raises:
            ToolError: there is no such app, or the days are out of range.
        """
        check_number(1, HISTORY, days=days)
        if app:
            return {"app": app, "days": days, "minutes": _minutes([self._app(app)], days, measure)}
        apps = list(self.world.apps.values())
        ranked = sorted(apps, key=lambda one: (-_minutes([one], days, measure), one.name))
        shown = [{"app": one.name, "minutes": _minutes([one], days, measure)} for one in ranked[:SHOWN]]
        return {"days": days, "minutes": _minutes(apps, days, measure), "most_used": shown}

    @tool
    def set_app_limit(self, app: str, minutes: int, days: LimitDays = "every_day", strict: bool = False) -> dict[str, Any]:
        """Limit how long an app may be used per day.

        Args:
            app: name of the app
            minutes: 1 to 720
            days: on which days
            strict: the limit cannot be extended

        Returns:
            The app, its minutes and the days.

        Raises:
            ToolError: there is no such app, or the minutes are out of range.
        """
        found = self._app(app)
        check_number(1, 720, minutes=minutes)
        found.limits[days] = (minutes, strict)
        return {"app": app, "minutes": minutes, "days": days}

    @tool
    def set_notifications(self, app: str, style: Style, previews: bool = True, quiet: QuietHours | None = None) -> dict[str, Any]:
        """Choose how an app notifies.

        Args:
            app: name of the app
            style: off, silent in the list, a banner, or a banner with sound
            previews: show what a notification says
            quiet: hours of the day without any

        Returns:
            The app, its style and whether it shows previews.

        Raises:
            ToolError: there is no such app, or the quiet hours are none.
        """
        found = self._app(app)
        hours = (checked_time(quiet["start"]), checked_time(quiet["end"])) if quiet else None
        if hours and hours[0] == hours[1]:
            raise ToolError(f"the quiet hours start and end at {hours[0]}")
        found.style, found.previews, found.quiet = style, previews, hours
        return {"app": app, "style": style, "previews": previews}

    def _app(self, name: str) -> App:
        if name not in self.world.apps:
            raise ToolError(f"no app {name!r}; there are {', '.join(self.world.apps)}")
        return self.world.apps[name]


def _minutes(apps: list[App], days: int, measure: Measure) -> float:
    """A measure over the last days of some apps together; a mean is rounded to tenths."""
    per_day = [sum(minutes) for minutes in zip(*(app.use[:days] for app in apps), strict=True)]
    if measure == "mean":
        mean = round(statistics.fmean(per_day), 1)
        return int(mean) if mean.is_integer() else mean
    return sum(per_day) if measure == "total" else max(per_day)
