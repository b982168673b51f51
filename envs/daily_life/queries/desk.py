"""The desk of the household: words that its requests are made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from envs.daily_life import vocabulary as words
from envs.daily_life.areas.dining import LAST_SITTING, Portions
from envs.daily_life.areas.shopping import Ware
from envs.daily_life.tools import DailyLife
from envs.daily_life.world import Connection, Dish, Restaurant, World
from envs.scenario.clock import days_after, minutes_since_midnight, time_of_day
from envs.scenario.desk import Desk
from envs.scenario.wording import long_date, number_answer

COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DURATIONS = {  # minutes in other words
    30: ("half an hour", "30 minutes"), 45: ("three quarters of an hour", "45 minutes"), 60: ("an hour", "60 minutes", "one hour"),
    90: ("an hour and a half", "1.5 hours", "90 minutes"), 120: ("two hours", "2 hours", "120 minutes"),
}  # fmt: skip
WEIGHTS = {
    250: ("250 g", "a quarter of a kilo"), 500: ("500 g", "half a kilo"), 750: ("750 g", "0.75 kg"), 1000: ("1 kg", "a kilo"),
    1500: ("1.5 kg", "1500 g", "one and a half kilos"), 2000: ("2 kg", "two kilos"),
}  # fmt: skip
VOLUMES = {
    250: ("250 ml", "a quarter of a litre"), 500: ("500 ml", "half a litre"), 750: ("750 ml", "0.75 litres"), 1000: ("1 litre", "a litre"),
    1500: ("1.5 litres", "one and a half litres"), 2000: ("2 litres", "two litres"),
}  # fmt: skip


def together(parts: Sequence[str]) -> str:
    """A list in words: "a, b and c"."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def money_answer(value: float) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*number_answer(value), f"{value:.2f}", f"{value:,.2f}")))


class DailyLifeDesk(Desk[DailyLife]):
    def __init__(self, random: np.random.Generator, seed: int):
        super().__init__(DailyLife, random, seed)

    @property
    def world(self) -> World:
        return self.env.world

    # ---- wording

    def on(self, day: str) -> str:
        ahead = (date.fromisoformat(day) - date.fromisoformat(self.world.today)).days
        if ahead == 0:
            return f"today ({day})"
        if ahead == -1 and self.chance(0.7):
            return f"yesterday (today is {self.world.today})"
        if 2 <= ahead <= 7 and self.chance(0.15):
            return f"in {COUNTS[ahead]} days (today is {self.world.today})"
        if self.chance(0.15):
            return f"on {DAYS[date.fromisoformat(day).weekday()]}, {long_date(day)}"
        return super().on(day)

    def at(self, time: str) -> str:
        hour, minute = divmod(minutes_since_midnight(time), 60)
        if minute in (0, 30) and hour != 12 and self.chance(0.15):
            of_day = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
            return f"{'half past ' if minute else ''}{COUNTS[(hour - 1) % 12 + 1]} in the {of_day}"
        return super().at(time)

    def counted(self, count: int) -> str:
        return COUNTS[count] if 0 < count < len(COUNTS) and self.chance() else str(count)

    def lasting(self, minutes: int) -> str:
        return self.pick(DURATIONS[minutes]) if minutes in DURATIONS else f"{minutes} minutes"

    def some(self, item: str, amount: float) -> str:
        """An amount of a good, such as "half a kilo of flour" or "a dozen eggs"."""
        return f"{self.measure(item, amount)} {'' if words.UNITS_OF_GOODS[item] == 'pieces' else 'of '}{item}"

    def measure(self, item: str, amount: float) -> str:
        """The amount alone."""
        unit = words.UNITS_OF_GOODS[item]
        if unit != "pieces":
            return self.pick((WEIGHTS if unit == "g" else VOLUMES).get(int(amount), (f"{amount:g} {unit}",)))
        dozens = {6: "half a dozen", 12: "a dozen"}
        return dozens[int(amount)] if amount in dozens and self.chance() else self.counted(int(amount))

    def money(self, amount: float, currency: str = "") -> str:
        code = currency or self.world.currency
        return f"{amount} {code}" if self.chance(0.6) else f"{amount} {words.CURRENCY_NAMES[code]}"

    # ---- drawing

    def coming(self, least: int = 1, most: int = 7) -> str:
        return days_after(self.world.today, self.number(least, most))

    def dish(self) -> Dish:
        return self.pick(list(self.world.cookbook.values()))

    def amount(self, item: str) -> float:
        return self.number(2, 12) if words.UNITS_OF_GOODS[item] == "pieces" else self.pick(tuple(WEIGHTS))

    def basket(self, count: int, shops: int = 1) -> list[Ware]:
        """Different goods that at least so many shops sell together."""
        while True:
            items = self.several(list(words.UNITS_OF_GOODS), count)
            if sum(shop.prices.keys() >= set(items) for shop in self.world.shops.values()) >= shops:
                return [{"item": item, "amount": self.amount(item)} for item in items]

    def wares(self, basket: Sequence[Ware]) -> str:
        return together([self.some(ware["item"], ware["amount"]) for ware in basket])

    def open_restaurant(self, day: str) -> Restaurant:
        weekday = date.fromisoformat(day).weekday()
        return self.pick([place for place in self.world.restaurants.values() if place.closed_on != weekday])

    def mealtime(self, place: Restaurant) -> str:
        begin, end = max(minutes_since_midnight(place.opens), 12 * 60), minutes_since_midnight(place.closes) - LAST_SITTING
        return time_of_day(self.pick([minutes for minutes in range(begin, end + 1, 30) if not 14 * 60 < minutes < 18 * 60]))

    def meal(self, place: Restaurant) -> list[Portions]:
        """Two or three dishes that are enough for a delivery."""
        while True:
            portions: list[Portions] = [
                {"dish": dish, "count": self.number(1, 4)} for dish in self.several(list(place.menu), self.number(2, 3))
            ]
            if sum(place.menu[portion["dish"]] * portion["count"] for portion in portions) >= place.smallest_order:
                return portions

    def portions(self, meal: Sequence[Portions]) -> str:
        """A meal in words, such as "two Pad Thai and one Green curry"."""
        times = self.chance(0.3)
        return together([f"{p['count']}x {p['dish']}" if times else f"{COUNTS[p['count']]} {p['dish']}" for p in meal])

    def town_abroad(self) -> str:
        return self.pick(self.world.towns[1:])

    def journey(self) -> Connection:
        """Any connection: its towns and its day are a route with several ways to travel."""
        return self.pick(list(self.world.connections.values()))

    def reference(self) -> str:
        return self.pick(words.REFERENCES)

    def payee(self) -> str:
        return self.pick(self.world.payees)

    def price(self) -> float:
        """An amount of money that a person may owe another."""
        return self.number(2, 40) * 5 if self.chance(0.6) else self.number(500, 20_000) / 100

    def chore(self) -> str:
        planned = [reminder.text for reminder in self.world.reminders]
        return self.other(words.CHORES, *planned)
