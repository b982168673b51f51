"""The state of a household: kitchen, shops, restaurants, journeys, money, health, and what happens at home.

Dates are "YYYY-MM-DD", times of day "HH:MM". Prices are in the currency of the household, those of hotels in the currency
of their town. A good is counted in grams, millilitres or pieces, always the same for the same good.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from envs.daily_life.vocabulary import UNITS_OF_GOODS
from envs.scenario.clock import days_after, minutes_since_midnight
from envs.scenario.rounding import tidy

Area = Literal["indoors", "terrace"]
Mode = Literal["train", "flight", "bus"]
TravelClass = Literal["second", "first"]
Account = Literal["current", "savings"]
Specialty = Literal["dentist", "dermatologist", "doctor", "optician", "physiotherapist"]
Activity = Literal["cycling", "dancing", "hiking", "rowing", "running", "swimming", "walking", "yoga"]
Intensity = Literal["light", "moderate", "hard"]
Part = Literal["morning", "afternoon", "evening"]
Repeat = Literal["never", "daily", "weekly", "monthly"]

SUPPLEMENT = {1: 1.0, 2: 1.4, 4: 2.1}  # times the price of a hotel's single room, by the size of the room
SITTING = 120  # minutes for which a table is taken
METABOLIC_RATES: dict[Activity, float] = {  # kilocalories for a kilogram of body weight and an hour, at moderate intensity
    "cycling": 7.5, "dancing": 5.5, "hiking": 6.0, "rowing": 7.0, "running": 9.8, "swimming": 6.5, "walking": 3.5, "yoga": 2.8,
}  # fmt: skip
EFFORT: dict[Intensity, float] = {"light": 0.75, "moderate": 1.0, "hard": 1.3}


def week_of(day: str) -> tuple[int, int]:
    """Year and number of the week, from Monday to Sunday, that a day is in."""
    calendar = date.fromisoformat(day).isocalendar()
    return calendar.year, calendar.week


@dataclass(frozen=True)
class Dish:
    """An entry of the cookbook."""

    name: str
    diet: str
    minutes: int
    servings: int
    ingredients: dict[str, float]

    def amounts(self, servings: int) -> dict[str, int]:
        """What so many servings take; pieces are rounded up to whole ones."""
        scaled = {item: amount * servings / self.servings for item, amount in self.ingredients.items()}
        return {item: math.ceil(round(amount, 6)) if UNITS_OF_GOODS[item] == "pieces" else round(amount) for item, amount in scaled.items()}


@dataclass(frozen=True)
class Shop:
    """Prices are for 100 g, 100 ml or a piece."""

    name: str
    kilometres: float
    opens: str
    closes: str
    prices: dict[str, float]

    def cost(self, amounts: dict[str, float]) -> float:
        return tidy(sum(self.prices[item] * amount / (1 if UNITS_OF_GOODS[item] == "pieces" else 100) for item, amount in amounts.items()))


@dataclass(frozen=True)
class Restaurant:
    name: str
    cuisine: str
    opens: str
    closes: str
    closed_on: int  # a weekday, 0 for Monday
    tables: tuple[tuple[int, Area], ...]  # seats and place of each
    menu: dict[str, float]
    delivery_fee: float
    smallest_order: float


@dataclass(frozen=True)
class Reservation:
    restaurant: str
    date: str
    time: str
    guests: int
    seats: int
    area: Area


@dataclass(frozen=True)
class FoodOrder:
    restaurant: str
    portions: dict[str, int]
    deliver_at: str
    address: str
    total: float


@dataclass
class Connection:
    id: str
    mode: Mode
    origin: str
    destination: str
    date: str
    depart: str
    arrive: str
    price: float
    seats: int

    @property
    def route(self) -> tuple[str, ...]:
        return self.date, self.depart, self.mode, self.origin, self.destination

    @property
    def minutes(self) -> int:
        return minutes_since_midnight(self.arrive) - minutes_since_midnight(self.depart)


@dataclass(frozen=True)
class Trip:
    connection: Connection
    travellers: int
    travel_class: TravelClass
    total: float


@dataclass(frozen=True)
class Hotel:
    """`price` is that of a night for one; `rooms` counts the rooms for so many guests; on the days of `full` none is free."""

    name: str
    town: str
    stars: int
    price: float
    breakfast: float
    rooms: dict[int, int]
    full: frozenset[str]

    def price_of(self, room: int, nights: int, guests: int, breakfast: bool) -> float:
        """Of a whole stay."""
        return tidy(nights * (self.price * SUPPLEMENT[room] + self.breakfast * guests * breakfast), 0)


@dataclass(frozen=True)
class Stay:
    hotel: str
    check_in: str
    nights: int
    guests: int
    room: int
    breakfast: bool
    total: float

    @property
    def days(self) -> list[str]:
        """The day before each night."""
        return [days_after(self.check_in, night) for night in range(self.nights)]


@dataclass
class Budget:
    limit: float
    spent: float


@dataclass
class Bill:
    subject: str
    biller: str
    category: str
    due: str
    amount: float
    paid: float = 0


@dataclass(frozen=True)
class Transfer:
    to: str
    amount: float
    account: Account
    reference: str


@dataclass
class Medication:
    name: str
    daily_maximum: int
    stock: int
    taken: dict[str, int] = field(default_factory=dict)  # tablets by date


@dataclass(frozen=True)
class Workout:
    date: str
    activity: Activity
    minutes: int
    intensity: Intensity


@dataclass
class Practitioner:
    name: str
    specialty: Specialty
    slots: list[tuple[str, str]]  # date and time of the appointments that are free, in order


@dataclass(frozen=True)
class Appointment:
    practitioner: str
    date: str
    time: str
    reason: str


@dataclass
class Weather:
    condition: str
    celsius: int
    rain: int  # chance in percent
    wind: int  # km/h


@dataclass(frozen=True)
class Parcel:
    number: str
    sender: str
    carrier: str
    status: str
    expected: str
    steps: tuple[tuple[str, str], ...]  # date and place, newest first


@dataclass(frozen=True)
class Reminder:
    text: str
    date: str
    time: str
    repeat: Repeat


@dataclass
class World:
    """One household and the town it lives in, as far as it can be seen from home."""

    today: str
    home: str
    currency: str
    weight: int  # of the person, kg
    cookbook: dict[str, Dish] = field(default_factory=dict)
    pantry: dict[str, float] = field(default_factory=dict)
    shops: dict[str, Shop] = field(default_factory=dict)
    shopping: dict[tuple[str, str], float] = field(default_factory=dict)  # amounts by shop ("" for any) and good
    restaurants: dict[str, Restaurant] = field(default_factory=dict)
    reservations: list[Reservation] = field(default_factory=list)
    orders: list[FoodOrder] = field(default_factory=list)
    towns: tuple[str, ...] = ()
    connections: dict[str, Connection] = field(default_factory=dict)
    trips: list[Trip] = field(default_factory=list)
    hotels: dict[str, Hotel] = field(default_factory=dict)
    stays: list[Stay] = field(default_factory=list)
    rates: dict[str, float] = field(default_factory=dict)  # units of each currency for one euro
    accounts: dict[Account, float] = field(default_factory=dict)
    budgets: dict[str, Budget] = field(default_factory=dict)
    bills: dict[str, Bill] = field(default_factory=dict)
    payees: tuple[str, ...] = ()
    transfers: list[Transfer] = field(default_factory=list)
    medications: dict[str, Medication] = field(default_factory=dict)
    workouts: list[Workout] = field(default_factory=list)
    practitioners: dict[str, Practitioner] = field(default_factory=dict)
    appointments: list[Appointment] = field(default_factory=list)
    forecasts: dict[tuple[str, str], dict[Part, Weather]] = field(default_factory=dict)  # by town and date
    parcels: dict[str, Parcel] = field(default_factory=dict)
    reminders: list[Reminder] = field(default_factory=list)

    def shortfall(self, dish: Dish, servings: int) -> dict[str, float]:
        """What the pantry lacks for so many servings."""
        lacking = {item: tidy(amount - self.pantry.get(item, 0)) for item, amount in dish.amounts(servings).items()}
        return {item: amount for item, amount in lacking.items() if amount > 0}

    def free_tables(self, restaurant: Restaurant, day: str, time: str) -> list[tuple[int, Area]]:
        """Seats and place of the tables that nobody has for the next two hours, smallest first, indoors before the terrace."""
        begin, free = minutes_since_midnight(time), sorted(restaurant.tables)
        for taken in self.reservations:
            overlaps = taken.date == day and abs(minutes_since_midnight(taken.time) - begin) < SITTING
            if taken.restaurant == restaurant.name and overlaps:
                free.remove((taken.seats, taken.area))
        return free

    def seats_left(self, connection: Connection) -> int:
        return connection.seats - sum(trip.travellers for trip in self.trips if trip.connection.id == connection.id)

    def room_for(self, hotel: Hotel, check_in: str, nights: int, guests: int) -> int:
        """The smallest room, by its number of guests, that is free all the nights; 0 if none is."""
        days = {days_after(check_in, night) for night in range(nights)}
        for size in sorted(size for size in hotel.rooms if size >= guests and not days & hotel.full):
            stays = [stay for stay in self.stays if stay.hotel == hotel.name and stay.room == size]
            if all(sum(day in stay.days for stay in stays) < hotel.rooms[size] for day in days):
                return size
        return 0

    def state(self) -> dict[str, Any]:
        """All that the household would see change, as plain values; prices, menus and timetables never do."""
        return {
            "pantry": dict(self.pantry),
            "shopping": sorted([shop, item, amount] for (shop, item), amount in self.shopping.items()),
            "reservations": sorted(
                [item.date, item.time, item.restaurant, item.guests, item.seats, item.area] for item in self.reservations
            ),
            "orders": sorted([o.restaurant, o.deliver_at, o.address, o.total, sorted(map(list, o.portions.items()))] for o in self.orders),
            "trips": sorted([*trip.connection.route, trip.travellers, trip.travel_class, trip.total] for trip in self.trips),
            "stays": sorted([s.check_in, s.hotel, s.nights, s.guests, s.room, s.breakfast, s.total] for s in self.stays),
            "accounts": dict(self.accounts),
            "budgets": {category: [budget.limit, budget.spent] for category, budget in self.budgets.items()},
            "bills": sorted([bill.subject, bill.biller, bill.due, bill.amount, bill.paid] for bill in self.bills.values()),
            "transfers": sorted([item.to, item.amount, item.account, item.reference] for item in self.transfers),
            "medications": {name: [item.stock, dict(item.taken)] for name, item in self.medications.items()},
            "workouts": sorted([item.date, item.activity, item.minutes, item.intensity] for item in self.workouts),
            "appointments": sorted([item.date, item.time, item.practitioner, item.reason] for item in self.appointments),
            "reminders": sorted([item.date, item.time, item.text, item.repeat] for item in self.reminders),
        }
