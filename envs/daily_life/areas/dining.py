"""The tools over restaurants: a meal there, or from there."""

from __future__ import annotations

from datetime import date as Date
from typing import Any, Literal

from typing_extensions import TypedDict

from envs.daily_life.areas.checks import checked_coming, checked_count, chosen, known
from envs.daily_life.world import FoodOrder, Reservation, Restaurant, World
from envs.scenario.checks import checked_time
from envs.scenario.clock import minutes_since_midnight
from envs.scenario.rounding import tidy
from raytool.env import ToolError, tool

LAST_SITTING = 60  # minutes before closing
MOST_PORTIONS = 30
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Portions(TypedDict):
    """A dish of the menu, and how often."""

    dish: str
    count: int


class Dining:
    """Two tools; a table is taken for two hours."""

    world: World

    @tool
    def reserve_table(
        self, restaurant: str, date: str, time: str, guests: int = 2, area: Literal["any", "indoors", "terrace"] = "any"
    ) -> dict[str, Any]:
        """Reserve a table at a restaurant.

        Args:
            restaurant: its name
            date: YYYY-MM-DD
            time: HH:MM
            guests: how many people
            area: where to sit

        Returns:
            The date, the time, and the seats and place of the smallest free table.

        Raises:
            ToolError: there is no such restaurant, it is closed then, a value is out of its range, or no table is free.
        """
        place = chosen("restaurant", restaurant, self.world.restaurants)
        checked_count("guests", guests, 1, 20)
        self._check_open(place, checked_coming(date, self.world.today), checked_time(time))
        tables = self.world.free_tables(place, date, time)
        fitting = [(seats, where) for seats, where in tables if seats >= guests and area in ("any", where)]
        if not fitting:
            raise ToolError(f"{place.name} has no free table for {guests} on {date} at {time} ({area})")
        seats, where = fitting[0]
        self.world.reservations.append(Reservation(place.name, date, time, guests, seats, where))
        return {"restaurant": place.name, "date": date, "time": time, "seats": seats, "area": where}

    @tool
    def order_food(
        self, restaurant: str, dishes: list[Portions], deliver_at: str = "19:00", address: Literal["home", "work"] = "home"
    ) -> dict[str, Any]:
        """Order dishes from a restaurant for delivery today.

        Args:
            restaurant: its name
            dishes: each dish of its menu, and how often
            deliver_at: HH:MM
            address: where to

        Returns:
            The restaurant, the time, and the total with the delivery fee.

        Raises:
            ToolError: there is no such restaurant or dish, it is closed then, or the order is too small or too large.
        """
        place = chosen("restaurant", restaurant, self.world.restaurants)
        portions: dict[str, int] = {}
        for line in dishes:
            dish = known(f"dish at {place.name}", line["dish"], place.menu)
            portions[dish] = portions.get(dish, 0) + checked_count("count", line["count"], 1, MOST_PORTIONS)
        self._check_open(place, self.world.today, checked_time(deliver_at))
        price = tidy(sum(place.menu[dish] * count for dish, count in portions.items()))
        if price < place.smallest_order or sum(portions.values()) > MOST_PORTIONS:
            raise ToolError(f"{place.name} delivers from {place.smallest_order:g} {self.world.currency} and up to {MOST_PORTIONS} portions")
        total = tidy(price + place.delivery_fee)
        self.world.orders.append(FoodOrder(place.name, portions, deliver_at, address, total))
        return {"restaurant": place.name, "deliver_at": deliver_at, "total": total, "currency": self.world.currency}

    def _check_open(self, place: Restaurant, day: str, time: str) -> None:
        weekday = Date.fromisoformat(day).weekday()
        if weekday == place.closed_on:
            raise ToolError(f"{place.name} is closed on {DAYS[weekday]}s")
        if not place.opens <= time or minutes_since_midnight(place.closes) - minutes_since_midnight(time) < LAST_SITTING:
            raise ToolError(f"{place.name} is open from {place.opens} to {place.closes}; {time} is outside or too late")
