"""The household: errors and effects of its tools, what they compute, and weak versions that agree with the wide ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from envs.daily_life import SCENARIO, DailyLife
from envs.daily_life.queries.desk import money_answer, together
from envs.daily_life.vocabulary import UNITS, UNITS_OF_GOODS
from envs.daily_life.world import Connection, Dish, Hotel, Restaurant, Shop, Weather
from envs.scenario.choice import other_orders
from envs.scenario.clock import days_after
from envs.scenario.wording import date_answer
from raytool.env import FINISH, ToolError
from raytool.records import Feedback

SEED = 11
READING = {
    "find_recipes", "scale_recipe", "find_cheapest_shop", "find_connections", "check_budget", "convert_currency", "get_forecast",
    "track_parcel",
}  # fmt: skip


@pytest.fixture
def env() -> DailyLife:
    """A drawn household that a few known things are added to."""
    return household()


def household() -> DailyLife:
    env = DailyLife()
    env.world = env.build(np.random.default_rng(SEED))
    world = env.world
    world.today, world.currency, world.home, world.towns = "2026-03-11", "EUR", "Porto", ("Porto", "Oslo")  # a Wednesday
    world.cookbook = {
        "Pilaf": Dish("Pilaf", "vegan", 40, 2, {"basmati rice": 160, "onions": 1, "vegetable stock": 400}),
        "Omelette": Dish("Omelette", "vegetarian", 15, 2, {"eggs": 5, "butter": 15}),
        "Roast": Dish("Roast", "meat", 90, 4, {"chicken breast": 700, "onions": 3}),
    }
    world.pantry = {"basmati rice": 300, "onions": 2, "vegetable stock": 800, "eggs": 4}
    world.shops = {
        "Near": Shop("Near", 0.5, "08:00", "18:00", {"flour": 0.2, "eggs": 0.5}),
        "Far": Shop("Far", 8, "07:00", "22:00", {"flour": 0.1, "eggs": 0.4, "milk": 0.1}),
    }
    world.shopping = {}
    tables = ((2, "indoors"), (4, "terrace"), (6, "indoors"))
    world.restaurants = {"Sol": Restaurant("Sol", "Spanish", "12:00", "23:00", 0, tables, {"Gazpacho": 5.5, "Paella": 17.25}, 2.5, 15)}
    world.reservations, world.orders, world.trips, world.stays = [], [], [], []
    world.connections = {
        "c1": Connection("c1", "train", "Porto", "Oslo", "2026-03-12", "09:00", "15:00", 60, 3),
        "c2": Connection("c2", "flight", "Porto", "Oslo", "2026-03-12", "08:00", "10:00", 120.5, 9),
        "c3": Connection("c3", "bus", "Porto", "Oslo", "2026-03-12", "07:00", "19:00", 30, 9),
        "c4": Connection("c4", "train", "Porto", "Oslo", "2026-03-12", "10:00", "17:00", 50, 9),
    }
    world.hotels = {
        "Plain": Hotel("Plain", "Oslo", 2, 900, 100, {1: 1, 2: 1}, frozenset({"2026-03-20"})),
        "Grand": Hotel("Grand", "Oslo", 5, 2000, 200, {1: 2, 2: 2, 4: 1}, frozenset()),
    }
    world.rates = {"EUR": 1.0, "NOK": 11.5, "USD": 1.1}
    world.accounts = {"current": 1000, "savings": 500}
    world.payees = ("Ada Chen",)
    for practitioner in world.practitioners.values():
        practitioner.slots = []
    world.appointments, world.workouts, world.reminders, world.weight = [], [], [], 80
    parts = {"morning": Weather("sunny", 8, 5, 10), "afternoon": Weather("rainy", 12, 80, 30), "evening": Weather("rainy", 9, 60, 20)}
    world.forecasts = {("Oslo", "2026-03-12"): parts}
    return env


def first_bill(env: DailyLife) -> str:
    return next(iter(env.world.bills))


def medication(env: DailyLife) -> str:
    return next(iter(env.world.medications))


def dentists(env: DailyLife) -> list[str]:
    return [name for name, person in env.world.practitioners.items() if person.specialty == "dentist"]


# ---- errors

TABLE = {"restaurant": "Sol", "date": "2026-03-12", "time": "19:00"}
ROUTE = {"origin": "Porto", "destination": "Oslo", "date": "2026-03-12"}
MEAL = {"restaurant": "Sol", "dishes": [{"dish": "Paella", "count": 2}]}
STAY = {"town": "Oslo", "check_in": "2026-03-12"}
FLOUR = [{"item": "flour", "amount": 500}]

ERRORS: dict[str, list[Callable[[DailyLife], dict[str, Any]]]] = {
    "find_recipes": [
        lambda env: {"ingredients": ["unicorn"]},
        lambda env: {"diet": "fish"},
        lambda env: {"max_minutes": 0},
        lambda env: {"cookable_for": -1},
    ],
    "scale_recipe": [
        lambda env: {"recipe": "Stew", "servings": 2},
        lambda env: {"recipe": "Pilaf", "servings": 0},
        lambda env: {"recipe": "Pilaf", "servings": 41},
        lambda env: {"recipe": "Pilaf", "servings": 2, "units": "cups"},
    ],
    "update_pantry": [
        lambda env: {"item": "candles", "amount": 2},
        lambda env: {"item": "eggs", "amount": 0},
        lambda env: {"item": "eggs", "amount": -1, "change": "set"},
        lambda env: {"item": "eggs", "amount": 5, "change": "remove"},
        lambda env: {"item": "eggs", "amount": 100_000},
        lambda env: {"item": "eggs", "amount": float("nan")},
    ],
    "add_to_shopping_list": [
        lambda env: {"items": []},
        lambda env: {"items": [{"item": "flour"}]},
        lambda env: {"items": [{"item": "flour", "amount": 0}]},
        lambda env: {"items": [{"item": "gold", "amount": 1}]},
        lambda env: {"items": [{"item": "flour", "amount": 1, "unit": "g"}]},
        lambda env: {"items": FLOUR, "shop": "Nowhere"},
        lambda env: {"items": [*FLOUR, {"item": "milk", "amount": 500}], "shop": "Near"},
    ],
    "find_cheapest_shop": [
        lambda env: {"items": [{"item": "candles", "amount": 1}]},
        lambda env: {"items": FLOUR, "max_km": 0},
        lambda env: {"items": FLOUR, "max_km": 0.1},
        lambda env: {"items": FLOUR, "open_at": "late"},
        lambda env: {"items": FLOUR, "open_at": "23:00"},
    ],
    "reserve_table": [
        lambda env: {**TABLE, "restaurant": "Luna"},
        lambda env: {**TABLE, "date": "2026-03-10"},
        lambda env: {**TABLE, "date": "2026-03-16"},
        lambda env: {**TABLE, "time": "11:30"},
        lambda env: {**TABLE, "time": "22:30"},
        lambda env: {**TABLE, "guests": 7},
        lambda env: {**TABLE, "guests": 0},
        lambda env: {**TABLE, "guests": 5, "area": "terrace"},
    ],
    "order_food": [
        lambda env: {**MEAL, "restaurant": "Luna"},
        lambda env: {**MEAL, "dishes": [{"dish": "Pizza", "count": 2}]},
        lambda env: {**MEAL, "dishes": [{"dish": "Gazpacho", "count": 1}]},
        lambda env: {**MEAL, "dishes": [{"dish": "Paella", "count": 0}]},
        lambda env: {**MEAL, "dishes": [{"dish": "Paella", "count": 20}, {"dish": "Gazpacho", "count": 20}]},
        lambda env: {**MEAL, "dishes": []},
        lambda env: {**MEAL, "deliver_at": "08:00"},
        lambda env: {**MEAL, "address": "moon"},
    ],
    "find_connections": [
        lambda env: {**ROUTE, "origin": "Atlantis"},
        lambda env: {**ROUTE, "destination": "Porto"},
        lambda env: {**ROUTE, "date": "2026-03-01"},
        lambda env: {**ROUTE, "mode": "boat"},
        lambda env: {**ROUTE, "depart_after": "8"},
        lambda env: {**ROUTE, "arrive_by": "24:00"},
    ],
    "book_connection": [
        lambda env: {"connection_id": "c99"},
        lambda env: {"connection_id": "c1", "travellers": 4},
        lambda env: {"connection_id": "c1", "travellers": 0},
        lambda env: {"connection_id": "c3", "travel_class": "first"},
    ],
    "book_hotel": [
        lambda env: {**STAY, "town": "Porto"},
        lambda env: {**STAY, "check_in": "2026-03-10"},
        lambda env: {**STAY, "nights": 0},
        lambda env: {**STAY, "guests": 5},
        lambda env: {**STAY, "min_stars": 6},
        lambda env: {**STAY, "max_price": 899},
    ],
    "check_budget": [lambda env: {"category": "yachts"}, lambda env: {"category": "household", "planned": -1}],
    "convert_currency": [
        lambda env: {"amount": 10, "source": "EUR", "target": "XYZ"},
        lambda env: {"amount": 0, "source": "EUR", "target": "USD"},
        lambda env: {"amount": 10, "source": "EUR", "target": "USD", "fee_percent": 51},
    ],
    "pay_bill": [
        lambda env: {"bill": "rent"},
        lambda env: {"bill": first_bill(env), "amount": 1000},
        lambda env: {"bill": first_bill(env), "amount": -5},
        lambda env: {"bill": first_bill(env), "account": "cash"},
    ],
    "transfer_money": [
        lambda env: {"to": "Nobody", "amount": 5},
        lambda env: {"to": "Ada Chen", "amount": 0},
        lambda env: {"to": "Ada Chen", "amount": 1000.01},
        lambda env: {"to": "savings", "amount": 5, "account": "savings"},
    ],
    "log_dose": [
        lambda env: {"medication": "chalk"},
        lambda env: {"medication": medication(env), "tablets": 0},
        lambda env: {"medication": medication(env), "tablets": 7},
        lambda env: {"medication": medication(env), "date": "2026-03-12"},
    ],
    "log_workout": [
        lambda env: {"activity": "chess", "minutes": 30},
        lambda env: {"activity": "yoga", "minutes": 0},
        lambda env: {"activity": "yoga", "minutes": 30, "intensity": "extreme"},
        lambda env: {"activity": "yoga", "minutes": 30, "date": "2026-03-12"},
    ],
    "book_appointment": [
        lambda env: {"specialty": "barber", "from_date": "2026-03-12"},
        lambda env: {"specialty": "dentist", "from_date": "2026-03-12"},
        lambda env: {"specialty": "dentist", "from_date": "2026-03-10"},
        lambda env: {"specialty": "dentist", "from_date": "2026-03-12", "after": "noon"},
        lambda env: {"specialty": "doctor", "from_date": "2026-03-12", "practitioner": dentists(env)[0]},
    ],
    "get_forecast": [
        lambda env: {"town": "Atlantis", "date": "2026-03-12"},
        lambda env: {"town": "Oslo", "date": "2026-03-30"},
        lambda env: {"town": "Oslo", "date": "12 March"},
        lambda env: {"town": "Oslo", "date": "2026-03-12", "part": "night"},
    ],
    "track_parcel": [lambda env: {"parcel": "XX1"}],
    "set_reminder": [
        lambda env: {"text": " ", "date": "2026-03-12"},
        lambda env: {"text": "Call", "date": "2026-03-10"},
        lambda env: {"text": "Call", "date": "2026-02-30"},
        lambda env: {"text": "Call", "date": "2026-03-12", "time": "9"},
        lambda env: {"text": "Call", "date": "2026-03-12", "repeat": "hourly"},
    ],
}


@pytest.mark.parametrize(("name", "index"), [(name, index) for name, cases in ERRORS.items() for index in range(len(cases))])
def test_a_failing_call_says_so_and_changes_nothing(name: str, index: int) -> None:
    env = household()
    env.task = replace(SCENARIO.tasks("train", 1)[0], tools=(*DailyLife.tool_specs(), FINISH))
    before = env.world.state()
    observation, _, ended, _, info = env.step(json.dumps({"calls": [{"name": name, "arguments": ERRORS[name][index](env)}]}))
    assert set(info["feedback"]) <= {Feedback.OTHER, Feedback.TOOL_CALL_FAILURE} and not ended
    assert 0 < len(observation) < 400 and "Traceback" not in observation
    assert env.world.state() == before


def test_every_tool_has_an_error() -> None:
    assert set(ERRORS) == set(DailyLife.tools)


# ---- effects

CALLS: dict[str, Callable[[DailyLife], dict[str, Any]]] = {  # right calls, also with the parameters of the weak versions alone
    "find_recipes": lambda env: {"ingredients": ("onions",)},
    "scale_recipe": lambda env: {"recipe": "Pilaf", "servings": 3},
    "update_pantry": lambda env: {"item": "eggs", "amount": 6},
    "add_to_shopping_list": lambda env: {"items": FLOUR},
    "find_cheapest_shop": lambda env: {"items": FLOUR},
    "reserve_table": lambda env: TABLE,
    "order_food": lambda env: MEAL,
    "find_connections": lambda env: ROUTE,
    "book_connection": lambda env: {"connection_id": "c1"},
    "book_hotel": lambda env: STAY,
    "check_budget": lambda env: {"category": "household"},
    "convert_currency": lambda env: {"amount": 20, "source": "EUR", "target": "NOK"},
    "pay_bill": lambda env: {"bill": first_bill(env)},
    "transfer_money": lambda env: {"to": "Ada Chen", "amount": 20},
    "log_dose": lambda env: {"medication": medication(env)},
    "log_workout": lambda env: {"activity": "running", "minutes": 30},
    "book_appointment": lambda env: {"specialty": "dentist", "from_date": "2026-03-12"},
    "get_forecast": lambda env: {"town": "Oslo", "date": "2026-03-12"},
    "track_parcel": lambda env: {"parcel": next(iter(env.world.parcels))},
    "set_reminder": lambda env: {"text": "Call", "date": "2026-03-12"},
}


def ready() -> DailyLife:
    env = household()
    env.world.practitioners[dentists(env)[0]].slots = [("2026-03-13", "10:00")]
    return env


@pytest.mark.parametrize("name", sorted(DailyLife.tools))
def test_weak_versions_do_what_the_wide_ones_do_by_default(name: str) -> None:
    wide, narrow = ready(), ready()
    weak = DailyLife.weak_tools[name]
    arguments = CALLS[name](wide)
    assert set(arguments) == set(weak.spec.documented)
    assert getattr(wide, name)(**arguments) == getattr(narrow, weak.spec.name)(**arguments)
    assert wide.world.state() == narrow.world.state()
    assert len(weak.spec.description) <= 100


@pytest.mark.parametrize("name", sorted(DailyLife.tools))
def test_what_changes_something_shows_in_the_state(name: str) -> None:
    env = ready()
    before = env.world.state()
    getattr(env, name)(**CALLS[name](env))
    assert (env.world.state() == before) == (name in READING)


def test_state_is_plain_and_a_snapshot(env: DailyLife) -> None:
    before = env.world.state()
    kept = json.dumps(before)
    for name in ("update_pantry", "log_dose", "pay_bill", "reserve_table", "book_connection", "order_food"):
        getattr(env, name)(**CALLS[name](env))
    assert json.dumps(before) == kept != json.dumps(env.world.state())
    assert "c1" not in json.dumps(env.world.state()), "ids are handles, not content"


# ---- what the tools compute


def test_recipes_are_found_by_what_they_use_and_what_the_pantry_holds(env: DailyLife) -> None:
    assert [found["name"] for found in env.find_recipes()["recipes"]] == ["Omelette", "Pilaf", "Roast"]
    assert env.find_recipes(("Onions",), max_minutes=60)["recipes"] == [{"name": "Pilaf", "minutes": 40}]
    assert env.find_recipes(diet="vegetarian")["count"] == 2 and env.find_recipes(diet="vegan")["count"] == 1
    assert [env.find_recipes(cookable_for=servings)["count"] for servings in (2, 3, 4)] == [1, 1, 0]
    env.update_pantry("eggs", 1)
    env.update_pantry("butter", 250)
    assert env.find_recipes(cookable_for=2)["count"] == 2


def test_a_recipe_is_scaled_in_either_system_and_against_the_pantry(env: DailyLife) -> None:
    def amounts(*arguments: Any, **wishes: Any) -> dict[str, float]:
        return {entry["item"]: entry["amount"] for entry in env.scale_recipe(*arguments, **wishes)["ingredients"]}

    assert amounts("pilaf", 3) == {"basmati rice": 240, "onions": 2, "vegetable stock": 600}, "pieces are rounded up"
    assert amounts("Pilaf", 5, missing_only=True) == {"basmati rice": 100, "onions": 1, "vegetable stock": 200}
    assert amounts("Pilaf", 2, missing_only=True) == {}
    assert amounts("Pilaf", 2, units="imperial") == {"basmati rice": 5.6, "onions": 1, "vegetable stock": 13.5}


def test_the_pantry_adds_removes_and_forgets_what_is_gone(env: DailyLife) -> None:
    assert env.update_pantry("Eggs", 8)["stock"] == 12
    assert env.update_pantry("eggs", 12, "remove")["stock"] == 0 and "eggs" not in env.world.state()["pantry"]
    assert env.update_pantry("milk", 500, "set") == {"item": "milk", "stock": 500, "unit": "ml"}


def test_shopping_lists_are_kept_by_shop_and_add_up(env: DailyLife) -> None:
    env.add_to_shopping_list([*FLOUR, *FLOUR])
    assert env.add_to_shopping_list(FLOUR, "far") == {"shop": "Far", "items": {"flour": 500}}
    assert env.add_to_shopping_list(FLOUR) == {"shop": "any", "items": {"flour": 1500}}
    assert env.world.state()["shopping"] == [["", "flour", 1500], ["Far", "flour", 500]]


def test_the_cheapest_shop_is_near_and_open_enough(env: DailyLife) -> None:
    basket = [*FLOUR, {"item": "eggs", "amount": 6}]
    assert env.find_cheapest_shop(basket) == {"shop": "Far", "total": 2.9, "km": 8, "opens": "07:00", "closes": "22:00"}
    assert (env.find_cheapest_shop(basket, max_km=1)["shop"], env.find_cheapest_shop(basket, max_km=1)["total"]) == ("Near", 4)
    assert env.find_cheapest_shop(basket, open_at="07:30")["shop"] == "Far"
    with pytest.raises(ToolError, match="no such shop sells"):
        env.find_cheapest_shop([{"item": "milk", "amount": 500}], max_km=1)


def test_a_table_is_the_smallest_that_fits_and_taken_for_two_hours(env: DailyLife) -> None:
    assert env.reserve_table(**TABLE)["seats"] == 2
    assert env.reserve_table(**TABLE)["area"] == "terrace", "the next larger one"
    assert env.reserve_table(**TABLE)["seats"] == 6
    with pytest.raises(ToolError, match="no free table"):
        env.reserve_table(**{**TABLE, "time": "20:59"})
    assert env.reserve_table(**{**TABLE, "time": "21:00"})["seats"] == 2


def test_an_order_costs_its_dishes_and_the_delivery(env: DailyLife) -> None:
    told = env.order_food("sol", [{"dish": "paella", "count": 1}, {"dish": "Paella", "count": 1}], "20:00", "work")
    assert told == {"restaurant": "Sol", "deliver_at": "20:00", "total": 37, "currency": "EUR"}
    assert env.world.state()["orders"] == [["Sol", "20:00", "work", 37, [["Paella", 2]]]]
    env.world.today = "2026-03-16"
    assert date.fromisoformat(env.world.today).weekday() == env.world.restaurants["Sol"].closed_on
    with pytest.raises(ToolError, match="closed on Mondays"):
        env.order_food(**MEAL)


def test_connections_are_filtered_and_sorted(env: DailyLife) -> None:
    def ids(**wishes: Any) -> list[str]:
        return [way["id"] for way in env.find_connections(**ROUTE, **wishes)["connections"]]

    assert ids() == ["c3", "c2", "c1"] and env.find_connections(**ROUTE)["count"] == 4
    assert ids(sort_by="price") == ["c3", "c4", "c1"] and ids(sort_by="duration") == ["c2", "c1", "c4"]
    assert ids(mode="train", depart_after="09:01") == ["c4"] and ids(arrive_by="15:00") == ["c2", "c1"]
    assert env.find_connections("Oslo", "Porto", "2026-03-12") == {"count": 0, "connections": []}


def test_seats_run_out_and_first_class_costs_more(env: DailyLife) -> None:
    assert env.book_connection("c1", 2, "first")["total"] == 192
    with pytest.raises(ToolError, match="1 seats left"):
        env.book_connection("c1", 2)
    assert env.book_connection("c1")["total"] == 60


def test_hotels_are_chosen_by_price_among_those_with_room(env: DailyLife) -> None:
    assert env.book_hotel(**STAY, nights=2, breakfast=True) == {
        "hotel": "Plain",
        "check_in": "2026-03-12",
        "total": 2000,
        "currency": "NOK",
    }
    assert env.book_hotel(**STAY)["total"] == 1260, "the single room is taken, and a double costs more"
    assert env.book_hotel(**STAY)["hotel"] == "Grand"
    assert env.book_hotel("Oslo", "2026-03-19", nights=2)["hotel"] == "Grand", "the other one is full on the 20th"
    assert env.book_hotel("Oslo", "2026-03-21", guests=3) == {
        "hotel": "Grand",
        "check_in": "2026-03-21",
        "total": 4200,
        "currency": "NOK",
    }
    assert env.book_hotel("Oslo", "2026-04-01", min_stars=3)["hotel"] == "Grand"


def test_a_bill_is_paid_in_parts_and_counts_towards_its_budget(env: DailyLife) -> None:
    bill = env.world.bills[first_bill(env)]
    bill.amount, bill.category = 80.5, "household"
    spent = env.check_budget("household")["spent"]
    assert env.pay_bill(bill.subject, 30) == {"paid": 30, "open": 50.5, "budget": "household", "balance": 970}
    assert env.pay_bill(bill.biller, account="savings") == {"paid": 50.5, "open": 0, "budget": "household", "balance": 449.5}
    assert env.check_budget("Household")["spent"] == pytest.approx(spent + 80.5)
    with pytest.raises(ToolError, match="paid already"):
        env.pay_bill(bill.subject)


def test_money_moves_between_accounts_and_out(env: DailyLife) -> None:
    assert env.transfer_money("savings", 250)["balance"] == 750
    assert env.transfer_money("ada chen", 0.1 + 0.2, "savings", "Lunch") == {"to": "Ada Chen", "amount": 0.3, "balance": 749.7}
    assert env.world.state()["transfers"] == [["Ada Chen", 0.3, "savings", "Lunch"], ["savings", 250, "current", ""]]


def test_currencies_convert_there_and_back(env: DailyLife) -> None:
    assert env.convert_currency(100, "eur", "NOK") == {"amount": 1150, "currency": "NOK", "rate": 11.5}
    assert env.convert_currency(1150, "NOK", "USD", fee_percent=10)["amount"] == 99
    budget = env.check_budget("leisure", planned=10)
    assert budget["left"] == pytest.approx(budget["limit"] - budget["spent"] - 10)


def test_doses_keep_to_the_daily_maximum_and_the_box(env: DailyLife) -> None:
    box = env.world.medications[medication(env)]
    box.daily_maximum, box.stock, box.taken = 3, 4, {}
    assert env.log_dose(box.name, 2) == {"medication": box.name, "date": "2026-03-11", "taken": 2, "left": 2}
    with pytest.raises(ToolError, match="daily maximum of 3"):
        env.log_dose(box.name, 2)
    assert env.log_dose(box.name, 2, "2026-03-10")["left"] == 0
    with pytest.raises(ToolError, match="tablets is 1"):
        env.log_dose(box.name, 1, "2026-03-09")


def test_workouts_count_by_effort_and_by_week(env: DailyLife) -> None:
    assert env.log_workout("running", 60) == {"kcal": 784, "week_minutes": 60}
    assert env.log_workout("running", 60, "hard", "2026-03-09") == {"kcal": 1019, "week_minutes": 120}
    assert env.log_workout("yoga", 30, date="2026-03-08")["week_minutes"] == 30, "Sunday is in the week before"


def test_the_first_free_appointment_is_taken(env: DailyLife) -> None:
    first, second = dentists(env)
    env.world.practitioners[first].slots = [("2026-03-13", "10:00"), ("2026-03-16", "15:00")]
    env.world.practitioners[second].slots = [("2026-03-12", "09:00")]
    assert env.book_appointment("dentist", "2026-03-12")["practitioner"] == second
    assert env.book_appointment("dentist", "2026-03-12", after="11:00") == {"practitioner": first, "date": "2026-03-16", "time": "15:00"}
    assert env.book_appointment("dentist", "2026-03-11", practitioner=first, reason="Check")["time"] == "10:00"
    with pytest.raises(ToolError, match="has time"):
        env.book_appointment("dentist", "2026-03-12")


def test_the_forecast_of_a_day_is_its_extremes(env: DailyLife) -> None:
    day = env.get_forecast("oslo", "2026-03-12")
    assert day == {"condition": "rainy", "temperature": 12, "rain_percent": 80, "wind": 30}
    assert env.get_forecast("Oslo", "2026-03-12", "morning", "imperial") == {
        "condition": "sunny",
        "temperature": 46,
        "rain_percent": 5,
        "wind": 6,
    }


def test_a_parcel_is_known_by_number_and_by_sender(env: DailyLife) -> None:
    parcel = next(iter(env.world.parcels.values()))
    assert env.track_parcel(parcel.number) == env.track_parcel(parcel.sender)
    steps = env.track_parcel(parcel.sender, history=True)["history"]
    assert len(steps) == 3 and steps == sorted(steps, key=lambda step: step["date"], reverse=True)


def test_a_slip_of_the_pen_is_pointed_at(env: DailyLife) -> None:
    with pytest.raises(ToolError, match="did you mean onions"):
        env.find_recipes(("onion",))
    with pytest.raises(ToolError, match="there are Omelette, Pilaf, Roast"):
        env.scale_recipe("xyz", 2)


# ---- worlds and words


@pytest.mark.parametrize("seed", range(40))
def test_worlds_have_what_the_requests_need(seed: int) -> None:
    world = DailyLife.build(np.random.default_rng(seed))
    short = [len(world.shortfall(dish, servings)) for dish in world.cookbook.values() for servings in range(2, 11)]
    assert 0 in short and 1 in short
    assert set(UNITS_OF_GOODS) == {item for shop in world.shops.values() for item in shop.prices}
    assert set(world.pantry) <= set(UNITS)
    assert len({place.closed_on for place in world.restaurants.values()}) == len(world.restaurants)
    assert all(world.budgets[bill.category].limit - world.budgets[bill.category].spent > bill.amount for bill in world.bills.values())
    assert all(way.depart < way.arrive for way in world.connections.values())
    days = {way.date for way in world.connections.values()}
    assert days <= {days_after(world.today, ahead) for ahead in range(1, 8)} and len(days) == 3


def test_values_in_words() -> None:
    assert together(["a"]) == "a" and together(["a", "b", "c"]) == "a, b and c"
    assert other_orders([1, 2, 3]) == ([1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1])
    assert money_answer(1234.5) == ("1234.5", "1,234.5", "1234.50", "1,234.50")
    assert date_answer("2026-03-11")[-2:] == ("11th of March", "March 11th") and date_answer("2026-03-22")[-1] == "March 22nd"
    desk = SCENARIO.desk(np.random.default_rng(3), 3)
    assert {desk.some("eggs", 12) for _ in range(40)} == {"a dozen eggs", "twelve eggs", "12 eggs"}
    assert {desk.some("milk", 500) for _ in range(40)} == {"500 ml of milk", "half a litre of milk"}
    assert desk.some("milk", 40) == "40 ml of milk"
    assert {desk.at("19:30") for _ in range(80)} == {"19:30", "7:30 pm", "half past seven in the evening"}
