"""The tools over the day at home: the weather, parcels and reminders."""

from __future__ import annotations

from statistics import mode
from typing import Any, Literal

from envs.daily_life.areas.checks import checked_coming, chosen, known
from envs.daily_life.world import Parcel, Reminder, Repeat, World
from envs.scenario.checks import check_text, checked_date, checked_time
from raytool.env import ToolError, tool


class Home:
    """Three tools; the forecast reaches seven days ahead."""

    world: World

    @tool
    def get_forecast(
        self,
        town: str,
        date: str,
        part: Literal["day", "morning", "afternoon", "evening"] = "day",
        units: Literal["metric", "imperial"] = "metric",
    ) -> dict[str, Any]:
        """Tell the weather of a town on a day of the coming week.

        Args:
            town: where
            date: YYYY-MM-DD
            part: of the day, or all of it at its warmest, wettest and windiest
            units: metric for Celsius and km/h, imperial for Fahrenheit and mph

        Returns:
            The condition, the temperature, the chance of rain in percent and the wind.

        Raises:
            ToolError: there is no such town, or no forecast for the day.
        """
        place = known("town", town, self.world.towns)
        weather = self.world.forecasts.get((place, checked_date(date)))
        if weather is None:
            raise ToolError(f"no forecast for {date}; it reaches seven days from {self.world.today}")
        parts = [of_part for name, of_part in weather.items() if part in ("day", name)]
        celsius, wind = max(of_part.celsius for of_part in parts), max(of_part.wind for of_part in parts)
        return {
            "condition": mode(of_part.condition for of_part in parts),
            "temperature": celsius if units == "metric" else round(celsius * 1.8 + 32),
            "rain_percent": max(of_part.rain for of_part in parts),
            "wind": wind if units == "metric" else round(wind / 1.609),
        }

    @tool
    def track_parcel(self, parcel: str, history: bool = False) -> dict[str, Any]:
        """Tell where a parcel is and when it comes.

        Args:
            parcel: tracking number, or who sent it
            history: also where it was before

        Returns:
            Its carrier, status, place and expected date.

        Raises:
            ToolError: no parcel has the number or the sender.
        """
        found = self._parcel(parcel)
        told = {"carrier": found.carrier, "status": found.status, "place": found.steps[0][1], "expected": found.expected}
        return {**told, "history": [{"date": date, "place": place} for date, place in found.steps]} if history else told

    @tool
    def set_reminder(self, text: str, date: str, time: str = "09:00", repeat: Repeat = "never") -> dict[str, str]:
        """Set a reminder.

        Args:
            text: what to be reminded of
            date: YYYY-MM-DD, the first time
            time: HH:MM
            repeat: how often it comes back

        Returns:
            Its text, date and time.

        Raises:
            ToolError: the text is empty, or the date or the time is none or past.
        """
        check_text(text=text)
        reminder = Reminder(text, checked_coming(date, self.world.today), checked_time(time), repeat)
        self.world.reminders.append(reminder)
        return {"text": text[:80], "date": date, "time": time}

    def _parcel(self, name: str) -> Parcel:
        by_sender = {parcel.sender: parcel for parcel in self.world.parcels.values()}
        return chosen("parcel", name, {**by_sender, **self.world.parcels})
