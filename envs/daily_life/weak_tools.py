"""Narrower versions of the tools: fewer parameters, each doing what the wide one does with its defaults for the rest."""

from __future__ import annotations

from typing import Any

from envs.daily_life.areas.dining import Dining, Portions
from envs.daily_life.areas.health import Health
from envs.daily_life.areas.home import Home
from envs.daily_life.areas.kitchen import Kitchen
from envs.daily_life.areas.money import Money
from envs.daily_life.areas.shopping import Shopping, Ware
from envs.daily_life.areas.travel import Travel
from envs.daily_life.world import Activity, Specialty
from raytool.env import tool


class WeakKitchen(Kitchen):
    @tool(weaker_than="find_recipes")
    def recipes_with(self, ingredients: tuple[str, ...] = ()) -> dict[str, Any]:
        """List recipes that use the given ingredients.

        Args:
            ingredients: what each recipe must use
        """
        return self.find_recipes(ingredients)

    @tool(weaker_than="scale_recipe")
    def ingredients_for(self, recipe: str, servings: int) -> dict[str, Any]:
        """Tell all metric amounts of a recipe for a number of servings.

        Args:
            recipe: its name
            servings: for how many
        """
        return self.scale_recipe(recipe, servings)

    @tool(weaker_than="update_pantry")
    def stock_pantry(self, item: str, amount: float) -> dict[str, Any]:
        """Add an ingredient to the pantry.

        Args:
            item: the ingredient, e.g. eggs
            amount: g, ml or pieces, whichever the ingredient is counted in
        """
        return self.update_pantry(item, amount)


class WeakShopping(Shopping):
    @tool(weaker_than="add_to_shopping_list")
    def note_purchase(self, items: list[Ware]) -> dict[str, Any]:
        """Put goods on the shopping list without naming a shop.

        Args:
            items: each good and its amount in g, ml or pieces
        """
        return self.add_to_shopping_list(items)

    @tool(weaker_than="find_cheapest_shop")
    def compare_shops(self, items: list[Ware]) -> dict[str, Any]:
        """Find the cheapest shop for a basket, however far and whenever open.

        Args:
            items: each good and its amount in g, ml or pieces
        """
        return self.find_cheapest_shop(items)


class WeakDining(Dining):
    @tool(weaker_than="reserve_table")
    def table_for_two(self, restaurant: str, date: str, time: str) -> dict[str, Any]:
        """Reserve any table for two people.

        Args:
            restaurant: its name
            date: YYYY-MM-DD
            time: HH:MM
        """
        return self.reserve_table(restaurant, date, time)

    @tool(weaker_than="order_food")
    def order_dinner(self, restaurant: str, dishes: list[Portions]) -> dict[str, Any]:
        """Order dishes home for seven in the evening.

        Args:
            restaurant: its name
            dishes: each dish of its menu, and how often
        """
        return self.order_food(restaurant, dishes)


class WeakTravel(Travel):
    @tool(weaker_than="find_connections")
    def list_departures(self, origin: str, destination: str, date: str) -> dict[str, Any]:
        """List the first departures of a day between two towns.

        Args:
            origin: town
            destination: town
            date: YYYY-MM-DD
        """
        return self.find_connections(origin, destination, date)

    @tool(weaker_than="book_connection")
    def book_seat(self, connection_id: str) -> dict[str, Any]:
        """Book one seat in second class.

        Args:
            connection_id: e.g. c12
        """
        return self.book_connection(connection_id)

    @tool(weaker_than="book_hotel")
    def book_single_night(self, town: str, check_in: str) -> dict[str, Any]:
        """Book the cheapest room in a town for one guest and one night.

        Args:
            town: where
            check_in: YYYY-MM-DD
        """
        return self.book_hotel(town, check_in)


class WeakMoney(Money):
    @tool(weaker_than="check_budget")
    def budget_left(self, category: str) -> dict[str, float]:
        """Tell what is left of a budget as it stands.

        Args:
            category: e.g. household
        """
        return self.check_budget(category)

    @tool(weaker_than="convert_currency")
    def exchange_value(self, amount: float, source: str, target: str) -> dict[str, Any]:
        """Convert money at today's rate without a fee.

        Args:
            amount: how much
            source: currency it is in, e.g. EUR
            target: currency wanted, e.g. USD
        """
        return self.convert_currency(amount, source, target)

    @tool(weaker_than="pay_bill")
    def settle_bill(self, bill: str) -> dict[str, Any]:
        """Pay all that is open of a bill from the current account.

        Args:
            bill: what it is for, e.g. water, or who sent it
        """
        return self.pay_bill(bill)

    @tool(weaker_than="transfer_money")
    def send_money(self, to: str, amount: float) -> dict[str, Any]:
        """Transfer money from the current account without a reference.

        Args:
            to: full name of the person, or savings
            amount: how much, in the household's currency
        """
        return self.transfer_money(to, amount)


class WeakHealth(Health):
    @tool(weaker_than="log_dose")
    def log_tablet(self, medication: str) -> dict[str, Any]:
        """Note that one tablet was taken today.

        Args:
            medication: its name
        """
        return self.log_dose(medication)

    @tool(weaker_than="log_workout")
    def log_exercise(self, activity: Activity, minutes: int) -> dict[str, Any]:
        """Note a workout of today at moderate intensity.

        Args:
            activity: what kind
            minutes: how long
        """
        return self.log_workout(activity, minutes)

    @tool(weaker_than="book_appointment")
    def book_visit(self, specialty: Specialty, from_date: str) -> dict[str, str]:
        """Book the first free appointment at any time of day, with whoever is free.

        Args:
            specialty: whom to see
            from_date: YYYY-MM-DD, first possible day
        """
        return self.book_appointment(specialty, from_date)


class WeakHome(Home):
    @tool(weaker_than="get_forecast")
    def weather_of_day(self, town: str, date: str) -> dict[str, Any]:
        """Tell the weather of a whole day in metric units.

        Args:
            town: where
            date: YYYY-MM-DD
        """
        return self.get_forecast(town, date)

    @tool(weaker_than="track_parcel")
    def parcel_status(self, parcel: str) -> dict[str, Any]:
        """Tell where a parcel is now, without its history.

        Args:
            parcel: tracking number, or who sent it
        """
        return self.track_parcel(parcel)

    @tool(weaker_than="set_reminder")
    def remind_once(self, text: str, date: str) -> dict[str, str]:
        """Set a reminder that comes once, at nine in the morning.

        Args:
            text: what to be reminded of
            date: YYYY-MM-DD, the first time
        """
        return self.set_reminder(text, date)


class WeakTools(WeakKitchen, WeakShopping, WeakDining, WeakTravel, WeakMoney, WeakHealth, WeakHome):
    """A weak version of each of the twenty tools."""
