"""Building a household: a small one with something of everything, and enough of it to ask about."""

from __future__ import annotations

import itertools
import math
from datetime import date
from typing import get_args

import numpy as np

from envs.daily_life import vocabulary as words
from envs.daily_life.world import (
    Activity,
    Appointment,
    Area,
    Bill,
    Budget,
    Connection,
    Dish,
    Hotel,
    Intensity,
    Medication,
    Mode,
    Parcel,
    Part,
    Practitioner,
    Reminder,
    Reservation,
    Restaurant,
    Shop,
    Specialty,
    Weather,
    Workout,
    World,
)  # fmt: skip
from envs.scenario import names
from envs.scenario.choice import pick, several
from envs.scenario.clock import days_after, time_of_day
from envs.scenario.rounding import tidy

MODES: tuple[Mode, ...] = ("train", "train", "train", "train", "flight", "bus")  # of the connections of a route and day
SPECIALTIES: tuple[Specialty, ...] = get_args(Specialty)
ACTIVITIES: tuple[Activity, ...] = get_args(Activity)
INTENSITIES: tuple[Intensity, ...] = ("light", "moderate", "moderate", "hard")
PARTS: tuple[Part, ...] = get_args(Part)
TABLES: tuple[tuple[int, Area], ...] = (  # seats and place of each of a restaurant
    (2, "indoors"), (2, "terrace"), (4, "indoors"), (4, "terrace"), (4, "indoors"), (6, "terrace"), (6, "indoors"), (8, "terrace"),
)  # fmt: skip


def build(random: np.random.Generator) -> World:
    today = days_after("2025-01-06", int(random.integers(0, 700)))
    home = pick(random, [town for town, currency in words.CURRENCY_OF_TOWN.items() if currency in words.HOME_CURRENCIES])
    world = World(today, home, words.CURRENCY_OF_TOWN[home], int(random.integers(52, 96)))
    foreign = pick(random, [town for town, currency in words.CURRENCY_OF_TOWN.items() if currency != world.currency])
    world.towns = (home, foreign, *several(random, [town for town in words.CURRENCY_OF_TOWN if town not in (home, foreign)], 2))
    _fill_kitchen(world, random)
    _fill_shops(world, random)
    _fill_restaurants(world, random)
    _fill_timetable(world, random)
    _fill_hotels(world, random)
    _fill_money(world, random)
    _fill_health(world, random)
    _fill_home(world, random)
    return world


def _fill_kitchen(world: World, random: np.random.Generator) -> None:
    taken: set[int] = set()
    for name, diet, minutes, ingredients in sorted(several(random, words.DISHES, 9)):
        while minutes in taken:  # so that the quickest is always one dish
            minutes += 5
        taken.add(minutes)
        servings = pick(random, (2, 4))
        world.cookbook[name] = Dish(name, diet, minutes, servings, {item: amount * servings / 2 for item, amount in ingredients.items()})
    short, *dishes = several(random, list(world.cookbook.values()), 6)
    for index, dish in enumerate(dishes):
        stocked = dish.amounts(pick(random, (2, 3, 4, 6)))
        lacking = several(random, list(stocked), index // 2)
        for item in stocked:
            if item not in lacking:
                world.pantry[item] = max(world.pantry.get(item, 0), stocked[item])
    for item in several(random, list(words.UNITS), 6):
        some = (2, 3, 5) if words.UNITS[item] == "pieces" else (150, 250, 400)
        world.pantry.setdefault(item, pick(random, some))
    servings, scarce = pick(random, (2, 3, 4)), pick(random, list(short.ingredients))
    for item, amount in short.amounts(2 * servings).items():  # so that one dish can be cooked, and for more people lacks one thing only
        world.pantry[item] = short.amounts(servings)[item] if item == scarce else max(world.pantry.get(item, 0), amount)


def _fill_shops(world: World, random: np.random.Generator) -> None:
    goods = list(words.PRICES)
    distances = several(random, range(2, 60), 4)
    for name, distance in zip(several(random, words.SHOPS, 4), distances, strict=True):
        sells_all = distance == max(distances)
        factors, sold = random.uniform(0.8, 1.3, len(goods)).tolist(), (random.random(len(goods)) < (1 if sells_all else 0.75)).tolist()
        prices = {item: tidy(words.PRICES[item] * factor) for item, factor, there in zip(goods, factors, sold, strict=True) if there}
        opens, closes = time_of_day(pick(random, (6, 7, 8, 9)) * 60), time_of_day(pick(random, (17, 18, 20, 21, 22)) * 60)
        world.shops[name] = Shop(name, distance / 10, opens, closes, prices)
    for item in several(random, goods, 3):
        world.shopping["", item] = 2 if words.UNITS_OF_GOODS[item] == "pieces" else 200


def _fill_restaurants(world: World, random: np.random.Generator) -> None:
    for cuisine, weekday in zip(several(random, list(words.MENUS), 4), several(random, range(7), 4), strict=True):
        restaurants, dishes = words.MENUS[cuisine]
        menu = {dish: tidy(dishes[dish] * pick(random, (0.8, 0.9, 1, 1.1, 1.2))) for dish in several(random, list(dishes), 5)}
        restaurant = Restaurant(
            pick(random, restaurants), cuisine, pick(random, ("11:30", "12:00", "17:00")), pick(random, ("22:00", "22:30", "23:00")),
            weekday, TABLES, menu, pick(random, (0, 1.5, 2.5, 3)), pick(random, (10, 12, 15)),
        )  # fmt: skip
        world.restaurants[restaurant.name] = restaurant
        for seats, area in several(random, TABLES, 2):
            day = days_after(world.today, int(random.integers(1, 7)))
            if date.fromisoformat(day).weekday() != restaurant.closed_on:
                world.reservations.append(Reservation(restaurant.name, day, pick(random, ("18:30", "19:30", "20:00")), seats, seats, area))


def _fill_timetable(world: World, random: np.random.Generator) -> None:
    days = sorted(days_after(world.today, ahead) for ahead in several(random, range(1, 8), 3))
    number = int(random.integers(100, 700))
    prices = {"train": range(28, 120), "flight": range(70, 210), "bus": range(12, 60)}
    for town in world.towns[1:]:
        usual = {"train": int(random.integers(120, 420)), "flight": int(random.integers(65, 130)), "bus": int(random.integers(300, 540))}
        for origin, destination in ((world.home, town), (town, world.home)):
            ways = list(itertools.product(days, MODES))
            departures, delays = several(random, range(6 * 12, 14 * 12), len(ways)), several(random, range(30), len(ways))
            ranks, seats = several(random, range(90), len(ways)), random.integers(6, 40, len(ways)).tolist()
            for index, (day, mode) in enumerate(ways):
                depart = departures[index] * 5
                arrive = depart + usual[mode] + delays[index]
                price = prices[mode][ranks[index] % len(prices[mode])] + 0.1 * (index % len(MODES))  # no two of a day cost the same
                times = (time_of_day(depart), time_of_day(arrive))
                way = Connection(f"c{number}", mode, origin, destination, day, *times, tidy(price), seats[index])
                world.connections[way.id] = way
                number += 1


def _fill_hotels(world: World, random: np.random.Generator) -> None:
    hotels = iter(several(random, words.HOTELS, 9))
    for town in world.towns[1:]:
        rate = words.CURRENCIES[words.CURRENCY_OF_TOWN[town]]
        for stars, euros in zip(sorted(several(random, (2, 3, 4, 5), 3)), sorted(several(random, range(55, 190), 3)), strict=True):
            hotel, breakfast = next(hotels), tidy(pick(random, (8, 10, 12, 14)) * rate, 0)
            full = frozenset(days_after(world.today, day) for day in several(random, range(1, 15), 2))
            rooms = {size: int(random.integers(1, 4)) for size in (1, 2, 4)}
            world.hotels[hotel] = Hotel(hotel, town, stars, tidy(euros * rate, 0), breakfast, rooms, full)


def _fill_money(world: World, random: np.random.Generator) -> None:
    for currency, about in words.CURRENCIES.items():
        world.rates[currency] = 1.0 if currency == "EUR" else float(f"{about * float(random.uniform(0.97, 1.03)):.4g}")
    world.accounts = {"current": tidy(int(random.integers(150_000, 400_000)) / 100), "savings": int(random.integers(20, 120)) * 100}
    billers = iter(several(random, names.COMPANIES, 4))
    for subject in several(random, list(words.BILLS), 4):
        due = days_after(world.today, int(random.integers(2, 20)))
        amount = tidy(int(random.integers(2_000, 18_000)) / 100)
        world.bills[subject] = Bill(subject, next(billers), words.BILLS[subject], due, amount)
    for category in ("household", "leisure", "health", *several(random, words.BUDGETS, 4)):
        owed = sum(bill.amount for bill in world.bills.values() if bill.category == category)
        limit = int(random.integers(4, 17)) * 50
        spent = tidy(int(random.integers(20, 85)) * limit / 100 + int(random.integers(100)) / 100)
        world.budgets[category] = Budget(limit + math.ceil(owed / 50) * 50, spent)  # enough for the bills that are to come
    firsts, lasts = several(random, names.FIRST_NAMES, 5), several(random, names.LAST_NAMES, 5)
    world.payees = tuple(map(" ".join, zip(firsts, lasts, strict=True)))


def _fill_health(world: World, random: np.random.Generator) -> None:
    for name in several(random, words.MEDICATIONS, 4):
        world.medications[name] = Medication(name, int(random.integers(3, 7)), int(random.integers(8, 60)))
        world.medications[name].taken[days_after(world.today, -1)] = int(random.integers(1, 3))
    for day in several(random, range(-9, 0), 5):
        minutes, activity = int(random.integers(3, 13)) * 5, pick(random, ACTIVITIES)
        world.workouts.append(Workout(days_after(world.today, day), activity, minutes, pick(random, INTENSITIES)))
    doctors = iter(several(random, names.LAST_NAMES, 2 * len(SPECIALTIES)))
    for specialty in SPECIALTIES:
        for name in (f"Dr {next(doctors)}", f"Dr {next(doctors)}"):
            slots = []
            for day in sorted(several(random, range(1, 15), 6)):
                slots.append((days_after(world.today, day), time_of_day(int(random.integers(8 * 4, 17 * 4)) * 15)))
            world.practitioners[name] = Practitioner(name, specialty, slots)
    name = pick(random, list(world.practitioners))
    date_, time = world.practitioners[name].slots.pop()
    world.appointments.append(Appointment(name, date_, time, pick(random, words.REASONS[world.practitioners[name].specialty])))


def _fill_home(world: World, random: np.random.Generator) -> None:
    _fill_forecasts(world, random)
    statuses = ("announced", "in transit", "out for delivery", "at the pickup point")
    for sender, ahead in zip(several(random, names.COMPANIES, 4), several(random, range(1, 8), 4), strict=True):
        number = f"{pick(random, 'BFKMPRTZ')}{pick(random, 'ACDEHLNX')}{int(random.integers(10**7, 10**8))}"
        places, first = several(random, names.CITIES, 3), int(random.integers(3, 7))
        steps = tuple((days_after(world.today, step - first), place) for step, place in enumerate(places))[::-1]
        world.parcels[number] = Parcel(
            number, sender, pick(random, words.CARRIERS), pick(random, statuses), days_after(world.today, ahead), steps
        )
    for text in several(random, words.CHORES, 2):
        world.reminders.append(Reminder(text, days_after(world.today, int(random.integers(1, 9))), "09:00", "never"))


def _fill_forecasts(world: World, random: np.random.Generator) -> None:
    conditions, days = list(words.WEATHER.items()), [days_after(world.today, ahead) for ahead in range(8)]
    drawn = iter(random.random((len(world.towns) * len(days) * len(PARTS), 4)).tolist())
    for town in world.towns:
        warmth = int(random.integers(2, 24))
        for day in days:
            world.forecasts[town, day] = {}
            for part, change in zip(PARTS, (-4, 2, -2), strict=True):
                kind, warmer, wetter, windier = next(drawn)
                condition, (least, most) = conditions[int(kind * len(conditions))]
                celsius, rain = warmth + change + int(warmer * 5), least + int(wetter * (most - least + 1))
                world.forecasts[town, day][part] = Weather(condition, celsius, rain, 3 + int(windier * 42))
