"""The tools over sensors, energy meters and tariffs. They look at the days before today only."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any, Literal

from envs.iot.areas.checks import check_known, checked_span, checked_times
from envs.iot.world import World, to_tenth
from envs.scenario.clock import time_of_day
from envs.scenario.rounding import tidy
from raytool.env import ToolError, tool

Statistic = Literal["mean", "median", "minimum", "maximum", "standard_deviation"]
STATISTICS: dict[Statistic, Callable[[list[float]], float]] = {
    "mean": statistics.fmean,
    "median": statistics.median,
    "minimum": min,
    "maximum": max,
    "standard_deviation": statistics.stdev,
}


class Measurements:
    """Four tools; there is a reading and a count of kWh for every full hour of the last seven days."""

    world: World

    @tool
    def get_sensor_statistics(
        self,
        sensor: str,
        first_day: str,
        last_day: str = "",
        statistic: Statistic = "mean",
        from_time: str = "00:00",
        to_time: str = "23:59",
    ) -> dict[str, Any]:
        """Compute one figure over what a sensor measured on past days.

        Args:
            sensor: name of the sensor
            first_day: YYYY-MM-DD
            last_day: YYYY-MM-DD, default the first day
            statistic: what to compute
            from_time: HH:MM, where each day begins
            to_time: HH:MM, where each day ends, itself included

        Returns:
            The figure, its unit and the number of hourly readings.

        Raises:
            ToolError: there is no such sensor, a day is not on record, or there are too few readings.
        """
        readings = [value for _, _, value in self._readings(sensor, checked_span(self.world, first_day, last_day), from_time, to_time)]
        if len(readings) < (2 if statistic == "standard_deviation" else 1):
            raise ToolError(f"{len(readings)} readings from {from_time} to {to_time} are too few")
        figure = tidy(STATISTICS[statistic](readings), 2)
        return {statistic: figure, "unit": self.world.sensors[sensor].unit, "readings": len(readings)}

    @tool
    def find_sensor_readings(self, sensor: str, date: str, above: float | None = None, below: float | None = None) -> dict[str, Any]:
        """Find the hourly readings of a sensor that lay above or below a limit on a past day.

        Args:
            sensor: name of the sensor
            date: YYYY-MM-DD
            above: only readings higher than this
            below: only readings lower than this

        Returns:
            The count of such readings, and the time and value of the first and the last.

        Raises:
            ToolError: there is no such sensor, the day is not on record, or there is no limit.
        """
        if above is None and below is None:
            raise ToolError("neither above nor below is given")
        found = [
            {"time": time, "value": to_tenth(value)}
            for _, time, value in self._readings(sensor, checked_span(self.world, date, ""), "00:00", "23:59")
            if (above is None or value > above) and (below is None or value < below)
        ]
        return {"count": len(found), **({"first": found[0], "last": found[-1]} if found else {})}

    @tool
    def get_energy_use(
        self, meter: str, first_day: str, last_day: str = "", detail: Literal["total", "daily", "peak_hour"] = "total"
    ) -> dict[str, Any]:
        """Read how much electricity a meter counted on past days.

        Args:
            meter: name of the meter
            first_day: YYYY-MM-DD
            last_day: YYYY-MM-DD, default the first day
            detail: the total, the total of each day, or the hour with the highest use

        Returns:
            The kWh, and the days or the hour.

        Raises:
            ToolError: there is no such meter, or a day is not on record.
        """
        days = self._kwh(meter, checked_span(self.world, first_day, last_day))
        if detail == "peak_hour":
            kwh, day, hour = max((kwh, day, -hour) for day, hours in days.items() for hour, kwh in enumerate(hours))
            return {"kwh": tidy(kwh, 2), "date": day, "hour": time_of_day(-hour * 60)}
        totals = {day: tidy(sum(hours), 2) for day, hours in days.items()}
        total = {"kwh": tidy(sum(sum(hours) for hours in days.values()), 2)}
        return total if detail == "total" else {**total, "days": totals}

    @tool
    def get_energy_cost(self, meter: str, first_day: str, last_day: str = "", tariff: str = "") -> dict[str, Any]:
        """Compute what the electricity of a meter cost on past days, by day and night prices.

        Args:
            meter: name of the meter
            first_day: YYYY-MM-DD
            last_day: YYYY-MM-DD, default the first day
            tariff: name of the tariff, default the one of the house

        Returns:
            The cost in euro, and the tariff.

        Raises:
            ToolError: there is no such meter or tariff, or a day is not on record.
        """
        days = self._kwh(meter, checked_span(self.world, first_day, last_day))
        tariff = tariff or self.world.tariff
        check_known("tariff", tariff, self.world.tariffs)
        price = self.world.tariffs[tariff].price
        return {"euro": tidy(sum(kwh * price(hour) for hours in days.values() for hour, kwh in enumerate(hours)), 2), "tariff": tariff}

    def _readings(self, sensor: str, days: list[str], from_time: str, to_time: str) -> list[tuple[str, str, float]]:
        """(day, time, value) of every full hour of the days between the times."""
        check_known("sensor", sensor, self.world.sensors)
        first, last = checked_times(from_time, to_time)
        values = self.world.sensors[sensor].values
        hours = ((day, time_of_day(60 * hour), value) for day in days for hour, value in enumerate(self.world.hours(values, day)))
        return [(day, time, value) for day, time, value in hours if first <= time <= last]

    def _kwh(self, meter: str, days: list[str]) -> dict[str, list[float]]:
        check_known("meter", meter, self.world.meters)
        return {day: list(self.world.hours(self.world.meters[meter], day)) for day in days}
