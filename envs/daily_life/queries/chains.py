"""Requests that lead through several areas of the household, what one call returns being needed by a later one."""

from __future__ import annotations

from typing import Any

from envs.daily_life import vocabulary as words
from envs.daily_life.areas.shopping import Ware
from envs.daily_life.queries.desk import DailyLifeDesk, money_answer
from envs.daily_life.queries.dining import free_table, spoken
from envs.daily_life.queries.health import article, practitioner
from envs.daily_life.queries.home import a_parcel
from envs.daily_life.queries.money import foreign
from envs.daily_life.queries.travel import SORTS, free_stay, nights, outward, round_trip, route, search
from envs.daily_life.vocabulary import CURRENCY_NAMES
from envs.daily_life.world import Connection, Dish
from envs.scenario.choice import other_orders
from envs.scenario.clock import days_after
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import date_answer, number_answer

MOST_MISSING = 3  # ingredients of a list that may be written in any order
RAIN_LIMITS = (30, 40, 50)  # percent


def to_buy(desk: DailyLifeDesk, dish: Dish, servings: int) -> bool:
    """Whether the pantry lacks a few ingredients that one shop sells together."""
    missing = desk.world.shortfall(dish, servings)
    return 1 <= len(missing) <= MOST_MISSING and any(missing.keys() <= shop.prices.keys() for shop in desk.world.shops.values())


def lacking_dish(desk: DailyLifeDesk) -> tuple[Dish, int]:
    return desk.pick(
        [(dish, servings) for dish in desk.world.cookbook.values() for servings in range(2, 11) if to_buy(desk, dish, servings)]
    )


def lacking_quickest(desk: DailyLifeDesk) -> tuple[str, int]:
    """An ingredient whose quickest recipe needs shopping, and for how many."""
    quickest: dict[str, Dish] = {}
    for dish in sorted(desk.world.cookbook.values(), key=lambda dish: dish.minutes):
        for item in dish.ingredients:
            quickest.setdefault(item, dish)
    return desk.pick([(item, servings) for item, dish in quickest.items() for servings in range(2, 11) if to_buy(desk, dish, servings)])


def missing_wares(desk: DailyLifeDesk, dish: str, servings: int) -> list[Ware]:
    """What scale_recipe tells is missing, as goods to buy."""
    scaled = desk.call("scale_recipe", recipe=dish, servings=servings, missing_only=True)
    return [{"item": entry["item"], "amount": entry["amount"]} for entry in scaled["ingredients"]]


def people(desk: DailyLifeDesk, count: int) -> str:
    return "one person" if count == 1 else f"{desk.counted(count)} people"


def warmest(desk: DailyLifeDesk, day: str, towns: list[str]) -> str:
    """The warmer of the towns, whose forecasts are looked up."""
    degrees = [desk.call("get_forecast", town=town, date=day)["temperature"] for town in towns]
    return towns[degrees.index(max(degrees))]


def unlike_towns(desk: DailyLifeDesk, days: list[str]) -> tuple[str, list[str]]:
    """A day and two towns abroad of which one is warmer then."""
    while True:
        day, towns = desk.pick(days), desk.several(desk.world.towns[1:], 2)
        warmth = {max(part.celsius for part in desk.world.forecasts[town, day].values()) for town in towns}
        if len(warmth) == 2:
            return day, towns


def town_of_other_money(desk: DailyLifeDesk) -> str:
    """There is always one."""
    return desk.pick([town for town in desk.world.towns if words.CURRENCY_OF_TOWN[town] != desk.world.currency])


def said_of(desk: DailyLifeDesk, way: Connection) -> dict[str, str]:
    return {"origin": way.origin, "destination": way.destination, "on": desk.on(way.date)}


@recipe("scale_recipe", "add_to_shopping_list")
def list_missing(desk: DailyLifeDesk) -> Request:
    dish, servings = lacking_dish(desk)
    wares = missing_wares(desk, dish.name, servings)
    desk.call("add_to_shopping_list", {"items": other_orders(wares)}, items=wares)
    frames = (
        "Put whatever the pantry lacks for {dish} for {people} on the shopping list.",
        "I am making {dish} for {people}. What is missing in the pantry must go on the shopping list, in the missing amounts.",
        "{dish}, {people}: missing ingredients -> shopping list",
        "Please check which ingredients of {dish} we are short of for {people} and list them for shopping, any shop.",
        "Compare the recipe for {dish}, {people}, with our pantry, then write down the rest as things to buy.",
    )
    return Request(desk.say(frames, dish=dish.name, people=people(desk, servings)))


@recipe("scale_recipe", "find_cheapest_shop")
def price_of_missing(desk: DailyLifeDesk) -> Request:
    dish, servings = lacking_dish(desk)
    wares = missing_wares(desk, dish.name, servings)
    total = desk.call("find_cheapest_shop", {"items": other_orders(wares)}, items=wares)["total"]
    frames = (
        "What would the missing ingredients of {dish} for {people} cost at the cheapest shop?",
        "I want to cook {dish} for {people}. How much money do I need, at the least, for what the pantry lacks?",
        "{dish}, {people}: lowest total for what is missing in the pantry?",
        "Please work out what we lack for {dish} for {people}, and the smallest sum for which one shop sells it.",
        "See what {dish} for {people} takes beyond our pantry, and tell me the price of that wherever it is cheapest.",
    )
    query = desk.say(frames, dish=dish.name, people=people(desk, servings))
    return Request(query, f"It costs {total} {desk.world.currency}.", money_answer(total))


@recipe("get_forecast", "reserve_table")
def terrace_if_dry(desk: DailyLifeDesk) -> Request:
    while (table := free_table(desk))["time"] < "18:00":
        pass
    limit, town = desk.pick(RAIN_LIMITS), desk.world.home
    rain = desk.call("get_forecast", {"units": ("imperial",)}, town=town, date=table["date"], part="evening")["rain_percent"]
    desk.call("reserve_table", **table, area="terrace" if rain < limit else "indoors")
    frames = (
        (
            "Reserve for {guests} at {place} {on}, {at}: on the terrace if the chance of rain in "
            "{town} that evening is below {limit}%, else indoors."
        ),
        (
            "We are {guests} and eat at {place} {on} at {at}. Check the evening's rain in {town}; under "
            "{limit} percent we sit on the terrace, otherwise indoors. Book."
        ),
        "{place}, {guests} people, {on}, {at}. evening rain in {town} < {limit}% -> terrace, else indoors",
        (
            "Please look at the evening forecast for {town} {on} and get {guests} of us a table at {place} for "
            "{at}, outside if rain is less than {limit}% likely, inside if not."
        ),
    )
    return Request(desk.say(frames, town=town, limit=limit, **spoken(desk, table)))


@recipe("book_hotel", "convert_currency")
def hotel_at_home_prices(desk: DailyLifeDesk) -> Request:
    stay = free_stay(desk, town=town_of_other_money(desk))
    booked = desk.call("book_hotel", **stay)
    total = desk.call("convert_currency", amount=booked["total"], source=booked["currency"], target=desk.world.currency)["amount"]
    frames = (
        "Book me the cheapest room in {town} for {nights} from {day}. What is the total in {home}?",
        "I will be in {town} on my own, {nights} from {day}. Take the cheapest hotel and tell me the price in {home}.",
        "hotel {town}, one guest, {nights} from {day}, cheapest; total in {home}?",
        "Please book somewhere cheap in {town} for me, arriving {day}, {nights}, and convert the total to {home}.",
        "What does the cheapest stay in {town} come to in {home}? It is for me alone, {nights} from {day}; book it first.",
    )
    home = desk.pick((desk.world.currency, CURRENCY_NAMES[desk.world.currency]))
    said = {"town": stay["town"], "nights": nights(desk, stay["nights"]), "day": desk.dated(stay["check_in"]), "home": home}
    return Request(desk.say(frames, **said), f"That is {total} {desk.world.currency}.", money_answer(total))


@recipe("book_appointment", "set_reminder")
def remind_of_appointment(desk: DailyLifeDesk) -> Request:
    person = practitioner(desk)
    day, text = desk.pick(person.slots)[0], f"Go to the {person.specialty}"
    booked = desk.call("book_appointment", specialty=person.specialty, from_date=day)
    time = desk.pick(("06:45", "07:00", "07:15", "07:30"))
    desk.call("set_reminder", text=text, date=booked["date"], time=time)
    frames = (
        "Book the first appointment with {a_specialty} from {day} on, then remind me '{text}' at {at} that day.",
        "I need {a_specialty}, {day} or later. Take the earliest slot and set a reminder '{text}' at {at} on its date.",
        "{specialty}, first slot from {day}; reminder at {at} on that date: '{text}'",
        (
            "Please get me the next visit to {a_specialty}, not before {day}, and have "
            "'{text}' pop up as a reminder on the day itself at {at}."
        ),
        "Whenever {a_specialty} can see me first from {day}, book it. On that date, at {at}, I want to be reminded: '{text}'.",
    )
    said = {"specialty": person.specialty, "a_specialty": article(person.specialty), "day": desk.dated(day), "at": desk.at(time)}
    return Request(desk.say(frames, text=text, **said))


@recipe("book_appointment", "find_connections")
def train_after_appointment(desk: DailyLifeDesk) -> Request:
    days = {way.date for way in desk.world.connections.values()}
    slots = [(person, day) for person in desk.world.practitioners.values() for day, _ in person.slots]
    person, day = desk.pick([(person, day) for person, day in slots if day in days] or slots)
    specialty, name, town = person.specialty, person.name, desk.town_abroad()
    booked = desk.call("book_appointment", specialty=specialty, from_date=day, practitioner=name)
    journey = {"origin": desk.world.home, "destination": town, "date": booked["date"]}
    count = desk.call("find_connections", {"sort_by": SORTS}, **journey, depart_after=booked["time"])["count"]
    frames = (
        (
            "Book the first slot with {name}, {specialty}, from {day}. How many connections "
            "leave {home} for {town} that day from its start time on?"
        ),
        (
            "Get me the earliest appointment with {specialty} {name} from {day} on; then count the ways "
            "from {home} to {town} that day departing at that time or later."
        ),
        "{name} ({specialty}), first slot from {day}; number of departures {home} -> {town} on that date from the slot's time on?",
        (
            "After seeing {name}, my {specialty}, I travel from {home} to {town}. Book the first visit "
            "from {day}; how many connections go that day from then on?"
        ),
    )
    said = {"name": name, "specialty": specialty, "day": desk.dated(day), "home": desk.world.home, "town": town}
    return Request(desk.say(frames, **said), f"There are {count}.", number_answer(count))


@recipe("find_connections", "set_reminder")
def remind_of_departure(desk: DailyLifeDesk) -> Request:
    way = outward(desk)
    text = f"Leave for {way.destination}"
    depart = search(desk, way, mode="flight")["depart"]
    desk.call("set_reminder", text=text, date=way.date, time=depart)
    frames = (
        "Find out when the flight from {origin} to {destination} {on} departs and set a reminder '{text}' for that very time.",
        "My sister flies from {origin} to {destination} {on}. Look the flight up and remind me '{text}' at the minute it leaves.",
        "flight {origin} -> {destination} {on}: reminder '{text}' at departure",
        "Please look up the plane {origin} to {destination} {on}; the reminder '{text}' should come at its departure time that day.",
        "At the departure of the flight to {destination} from {origin} {on} I want a reminder that says '{text}'.",
    )
    return Request(desk.say(frames, text=text, **said_of(desk, way)))


@recipe("order_food", "convert_currency")
def dinner_in_foreign_money(desk: DailyLifeDesk) -> Request:
    place, currency = desk.open_restaurant(desk.world.today), foreign(desk)
    meal, time = desk.meal(place), desk.mealtime(place)
    order = {"restaurant": place.name, "dishes": meal, "deliver_at": time}
    total = desk.call("order_food", {"dishes": other_orders(meal)}, **order)["total"]
    converted = desk.call("convert_currency", amount=total, source=desk.world.currency, target=currency)["amount"]
    frames = (
        "Order {meal} from {place} to our home at {at} and tell me what the total is in {currency}.",
        "Our guest pays in {currency}: have {place} bring {meal} home at {at}, then convert the total for her.",
        "{place}, home, {at}: {meal}. total in {currency}?",
        "Please have {meal} delivered to the house by {place} for {at}. I need the full amount in {currency} afterwards.",
        "We will share the bill with friends from abroad. Order {meal} at {place}, home delivery {at}; how much is it in {currency}?",
    )
    query = desk.say(frames, meal=desk.portions(meal), place=place.name, at=desk.at(time), currency=CURRENCY_NAMES[currency])
    return Request(query, f"That is {converted} {currency}.", money_answer(converted))


@recipe("order_food", "check_budget")
def dinner_within_budget(desk: DailyLifeDesk) -> Request:
    place, category = desk.open_restaurant(desk.world.today), desk.pick(list(desk.world.budgets))
    meal, time = desk.meal(place), desk.mealtime(place)
    order = {"restaurant": place.name, "dishes": meal, "deliver_at": time}
    total = desk.call("order_food", {"dishes": other_orders(meal)}, **order)["total"]
    left = desk.call("check_budget", category=category, planned=total)["left"]
    frames = (
        "Order {meal} from {place} for {at}, home. What is left of the {category} budget if the total counts as {category}?",
        "Have {place} deliver {meal} to the house at {at}. Then see how the {category} budget would stand with that sum taken off.",
        "{place} {at} home: {meal}; {category} budget after that total?",
        (
            "Please get {meal} from {place} brought home at {at}, and tell me what remains of "
            "{category} this month once its total is planned in."
        ),
    )
    said = {"meal": desk.portions(meal), "place": place.name, "at": desk.at(time), "category": category}
    return Request(desk.say(frames, **said), f"{left} {desk.world.currency} would be left.", money_answer(left))


@recipe("find_recipes", "scale_recipe", "add_to_shopping_list")
def list_for_quickest(desk: DailyLifeDesk) -> Request:
    item, servings = lacking_quickest(desk)
    name = desk.call("find_recipes", ingredients=[item])["recipes"][0]["name"]
    wares = missing_wares(desk, name, servings)
    desk.call("add_to_shopping_list", {"items": other_orders(wares)}, items=wares)
    frames = (
        "Take our quickest recipe with {item} and put what the pantry lacks for {people} on the shopping list.",
        "I will cook whatever with {item} is done soonest, for {people}. List for shopping what we have not got in the pantry.",
        "quickest recipe with {item}, {people}: missing -> shopping list",
        "Please find the fastest dish that uses {item}, see what is missing for {people}, and note that to be bought, no matter where.",
        "Which of our dishes with {item} takes the least time? Whatever we are short of for {people} goes on the shopping list.",
    )
    return Request(desk.say(frames, item=item, people=people(desk, servings)))


@recipe("scale_recipe", "find_cheapest_shop", "add_to_shopping_list")
def list_missing_where_cheap(desk: DailyLifeDesk) -> Request:
    dish, servings = lacking_dish(desk)
    wares = missing_wares(desk, dish.name, servings)
    orders = {"items": other_orders(wares)}
    shop = desk.call("find_cheapest_shop", orders, items=wares)["shop"]
    desk.call("add_to_shopping_list", orders, items=wares, shop=shop)
    frames = (
        "See what the pantry lacks for {dish} for {people}, find the cheapest shop for it, and put it on that shop's list.",
        "We want {dish} for {people}. The missing ingredients belong on the list of whichever shop sells them for the least in all.",
        "{dish}, {people}: missing things, cheapest shop for them, shopping list of that shop",
        "Please work out what I still need for {dish} for {people}, compare the shops, and list everything at the cheapest one.",
        (
            "Plan the purchase for {dish}, {people}: what we do not have in the pantry, from "
            "the shop with the lowest total, noted under its name."
        ),
    )
    return Request(desk.say(frames, dish=dish.name, people=people(desk, servings)))


@recipe("find_connections", "book_connection", "set_reminder")
def book_and_remind(desk: DailyLifeDesk) -> Request:
    way = outward(desk)
    text = f"Train to {way.destination}"
    found = search(desk, way, mode="train", sort_by="price")
    desk.call("book_connection", connection_id=found["id"])
    desk.call("set_reminder", text=text, date=way.date, time=found["depart"])
    frames = (
        "Book me on the cheapest train from {origin} to {destination} {on}, then set a reminder '{text}' that day at its departure time.",
        "I need the cheapest train {on}, {origin} to {destination}, one seat. After booking, remind me '{text}' when it departs.",
        "cheapest train {origin} -> {destination} {on}: book one, then reminder '{text}' at departure",
        (
            "Please find and book the train with the lowest fare from {origin} to {destination} {on} "
            "for me; '{text}' should remind me at the time it leaves."
        ),
    )
    return Request(desk.say(frames, text=text, **said_of(desk, way)))


@recipe("find_connections", "book_connection", "convert_currency")
def fare_in_foreign_money(desk: DailyLifeDesk) -> Request:
    way, count, currency = desk.pick(list(desk.world.connections.values())), desk.number(2, 4), foreign(desk)
    found = search(desk, way, sort_by="price")
    total = desk.call("book_connection", connection_id=found["id"], travellers=count)["total"]
    converted = desk.call("convert_currency", amount=total, source=desk.world.currency, target=currency)["amount"]
    frames = (
        "Book the cheapest connection from {origin} to {destination} {on} for {people}. How much is the total in {currency}?",
        (
            "We are {people} going from {origin} to {destination} {on}, by whatever is "
            "cheapest. Book it and give me the full fare in {currency}."
        ),
        "{origin} -> {destination} {on}, cheapest of all, {people}: book, total in {currency}?",
        "Please find the lowest fare {origin} to {destination} {on}, book {people} on it, and convert what we pay to {currency}.",
    )
    said = {**said_of(desk, way), "people": people(desk, count), "currency": CURRENCY_NAMES[currency]}
    return Request(desk.say(frames, **said), f"The total is {converted} {currency}.", money_answer(converted))


@recipe("get_forecast", "get_forecast", "book_hotel")
def stay_where_it_is_warm(desk: DailyLifeDesk) -> Request:
    while True:  # until both towns have a room
        day, towns = unlike_towns(desk, [days_after(desk.world.today, ahead) for ahead in range(1, 8)])
        hotels = [hotel for hotel in desk.world.hotels.values() if hotel.town in towns]
        if all(any(desk.world.room_for(hotel, day, 3, 2) for hotel in hotels if hotel.town == town) for town in towns):
            break
    stay: dict[str, Any] = {"check_in": day, "nights": desk.number(1, 3), "guests": 2}
    desk.call("book_hotel", town=warmest(desk, day, towns), **stay)
    frames = (
        "Compare the forecasts of {0} and {1} {on}, and book the cheapest room for two, {nights} from then, in the warmer town.",
        (
            "It is {0} or {1} for us two, wherever it is warmer {on}. Check both, then book "
            "the cheapest hotel there for {nights} from that day."
        ),
        "{0} vs {1}, warmer one {on}: cheapest hotel, two guests in one room, {nights} from that day",
        "Please find out which of {0} and {1} gets warmer {on} and book a cheap double there, arriving that day, {nights}.",
    )
    return Request(desk.say(frames, *towns, on=desk.on(day), nights=nights(desk, stay["nights"])), lookups=2)


@recipe("book_hotel", "convert_currency", "check_budget")
def hotel_within_budget(desk: DailyLifeDesk) -> Request:
    stay, category = free_stay(desk, town=town_of_other_money(desk)), desk.pick(list(desk.world.budgets))
    booked = desk.call("book_hotel", **stay)
    total = desk.call("convert_currency", amount=booked["total"], source=booked["currency"], target=desk.world.currency)["amount"]
    left = desk.call("check_budget", category=category, planned=total)["left"]
    frames = (
        (
            "Book me the cheapest room in {town}, {nights} from {day}, convert the total to {home}, and "
            "tell me what the {category} budget has left with it planned in."
        ),
        (
            "A cheap hotel in {town} for me, {nights} from {day}: book it, turn the price into {home}, and "
            "take it off the {category} budget in thought. What remains?"
        ),
        "hotel {town}, one guest, {nights} from {day}, cheapest; total in {home}; {category} budget left after that as planned expense?",
        (
            "Please book the least expensive stay in {town} for one, {nights} from {day}. If its total in "
            "{home} counted as {category}, how much of that budget would be left?"
        ),
    )
    said = {"town": stay["town"], "nights": nights(desk, stay["nights"]), "day": desk.dated(stay["check_in"]), "category": category}
    query = desk.say(frames, home=CURRENCY_NAMES[desk.world.currency], **said)
    return Request(query, f"{left} {desk.world.currency} would be left.", money_answer(left))


@recipe("find_recipes", "scale_recipe", "find_cheapest_shop", "add_to_shopping_list")
def shop_for_quickest(desk: DailyLifeDesk) -> Request:
    item, servings = lacking_quickest(desk)
    plan_shopping(desk, item, servings)
    frames = (
        (
            "Find our quickest recipe with {item}, see what is missing for {people}, look for the "
            "cheapest shop for that, and put it on that shop's list."
        ),
        "The fastest dish with {item}, for {people}: what the pantry lacks should be listed under the shop that sells it all for least.",
        "quickest {item} recipe, {people}; missing things; cheapest shop for them; shopping list of that shop",
        (
            "Please plan whichever dish with {item} is done soonest, for {people}: missing "
            "ingredients, cheapest shop for the lot, list under that shop."
        ),
    )
    return Request(desk.say(frames, item=item, people=people(desk, servings)))


def plan_shopping(desk: DailyLifeDesk, item: str, servings: int) -> None:
    """From the quickest recipe with an ingredient to the list of the cheapest shop, in four calls."""
    name = desk.call("find_recipes", ingredients=[item])["recipes"][0]["name"]
    wares = missing_wares(desk, name, servings)
    orders = {"items": other_orders(wares)}
    shop = desk.call("find_cheapest_shop", orders, items=wares)["shop"]
    desk.call("add_to_shopping_list", orders, items=wares, shop=shop)


@recipe("find_connections", "book_connection", "convert_currency", "set_reminder")
def book_convert_remind(desk: DailyLifeDesk) -> Request:
    way, count, currency = outward(desk), desk.number(2, 4), foreign(desk)
    text = f"Train to {way.destination}"
    found = search(desk, way, mode="train", sort_by="price")
    total = desk.call("book_connection", connection_id=found["id"], travellers=count)["total"]
    converted = desk.call("convert_currency", amount=total, source=desk.world.currency, target=currency)["amount"]
    desk.call("set_reminder", text=text, date=way.date, time=found["depart"])
    frames = (
        (
            "Book {people} on the cheapest train from {origin} to {destination} {on}. Convert the total to "
            "{currency} for me, then set a reminder '{text}' at departure."
        ),
        (
            "{origin} to {destination} {on}, cheapest train, {people}: book, work out the total "
            "in {currency}, then remind me '{text}' when it leaves."
        ),
        "cheapest train {origin} -> {destination} {on}, {people}: 1. book 2. total in {currency}? 3. reminder '{text}' at departure",
        (
            "Please find the train with the lowest fare, {origin} to {destination} {on}, and book {people}. After that, "
            "the sum in {currency}; last, a reminder '{text}' at the departure."
        ),
    )
    said = {**said_of(desk, way), "people": people(desk, count), "currency": CURRENCY_NAMES[currency], "text": text}
    return Request(desk.say(frames, **said), f"The total is {converted} {currency}.", money_answer(converted))


@recipe("find_connections", "book_connection", "book_hotel", "convert_currency")
def journey_at_home_prices(desk: DailyLifeDesk) -> Request:
    way, stay = foreign_journey(desk)
    booked = book_journey(desk, way, stay)
    total = desk.call("convert_currency", amount=booked["total"], source=booked["currency"], target=desk.world.currency)["amount"]
    frames = (
        (
            "I go from {origin} to {destination} {on}: book the cheapest train, then the cheapest hotel "
            "there for {nights} from that day. What is the hotel in {home}?"
        ),
        (
            "One person, {origin} to {destination} {on}: cheapest train, after that cheapest room for "
            "{nights} from then on. Book both; the hotel total in {home}, please."
        ),
        (
            "{origin} -> {destination} {on}, just me: book cheapest train, book cheapest "
            "hotel from that day ({nights}), hotel total in {home}?"
        ),
        (
            "Please book me the lowest-priced train {origin} to {destination} {on} and then the lowest-priced hotel, "
            "{nights} from that day, and convert the hotel's total to {home}."
        ),
    )
    said = {**said_of(desk, way), "nights": nights(desk, stay["nights"]), "home": CURRENCY_NAMES[desk.world.currency]}
    return Request(desk.say(frames, **said), f"The hotel costs {total} {desk.world.currency}.", money_answer(total))


def foreign_journey(desk: DailyLifeDesk) -> tuple[Connection, dict[str, Any]]:
    """A connection to a town with another currency, where a hotel has a room on the day, and a stay there."""
    while True:
        way = outward(desk)
        stay: dict[str, Any] = {"town": way.destination, "check_in": way.date, "nights": desk.number(1, 4)}
        hotels = [hotel for hotel in desk.world.hotels.values() if hotel.town == way.destination]
        if words.CURRENCY_OF_TOWN[way.destination] == desk.world.currency:
            continue
        if any(desk.world.room_for(hotel, way.date, stay["nights"], 1) for hotel in hotels):
            return way, stay


def book_journey(desk: DailyLifeDesk, way: Connection, stay: dict[str, Any]) -> dict[str, Any]:
    """The cheapest train and the cheapest room, in three calls; what is told of the room."""
    found = search(desk, way, mode="train", sort_by="price")
    desk.call("book_connection", connection_id=found["id"])
    return desk.call("book_hotel", **stay)


@recipe("get_forecast", "get_forecast", "find_connections", "book_connection")
def go_where_it_is_warm(desk: DailyLifeDesk) -> Request:
    day, towns, count = *unlike_towns(desk, sorted({way.date for way in desk.world.connections.values()})), desk.number(1, 4)
    desk.call("book_connection", connection_id=cheapest_train(desk, warmest(desk, day, towns), day)["id"], travellers=count)
    frames = (
        "Check whether {0} or {1} is warmer {on}; then book {people} on the cheapest train from {home} to that town on that day.",
        (
            "A day out {on}, {people}: compare the forecasts of {0} and {1}, find the cheapest "
            "train from {home} to the warmer place, and book it."
        ),
        "{on}, {people}: {0} or {1}, whichever is warmer; cheapest train there from {home}, book",
        (
            "Please look at the weather in {0} and {1} {on}. Where the higher temperature is we want "
            "to go, {people}, by the cheapest train from {home}; book."
        ),
    )
    return Request(desk.say(frames, *towns, on=desk.on(day), people=people(desk, count), home=desk.world.home), lookups=2)


def cheapest_train(desk: DailyLifeDesk, town: str, day: str) -> dict[str, Any]:
    """From home to a town, looked up."""
    wanted = {"origin": desk.world.home, "destination": town, "date": day}
    return search(desk, next(way for way in desk.world.connections.values() if route(way) == wanted), mode="train", sort_by="price")


@recipe("find_recipes", "scale_recipe", "find_cheapest_shop", "add_to_shopping_list", "set_reminder")
def shop_and_remind(desk: DailyLifeDesk) -> Request:
    (item, servings), day, time = lacking_quickest(desk), desk.coming(), desk.pick(("09:30", "16:00", "17:15", "18:30"))
    plan_shopping(desk, item, servings)
    text = "Go shopping"
    desk.call("set_reminder", text=text, date=day, time=time)
    frames = (
        (
            "Quickest recipe with {item}, {people}: put what we lack on the list of the "
            "cheapest shop for it, then remind me {on} at {at}: '{text}'."
        ),
        (
            "Find our fastest dish with {item} and what is missing for {people}; list that under the shop "
            "where it costs least. Then a reminder '{text}' {on}, {at}."
        ),
        "fastest {item} recipe, {people}; missing things on the cheapest shop's list; then reminder {on} {at} '{text}'",
        (
            "Please take the recipe with {item} that is done soonest, list what the pantry lacks for {people} at "
            "the cheapest shop for it, and last remind me '{text}' {on} at {at}."
        ),
    )
    said = {"item": item, "people": people(desk, servings), "on": desk.on(day), "at": desk.at(time), "text": text}
    return Request(desk.say(frames, **said))


@recipe("find_connections", "find_connections", "book_connection", "book_connection", "set_reminder")
def there_and_back_and_remind(desk: DailyLifeDesk) -> Request:
    way, returning = round_trip(desk)
    count, text = desk.number(1, 4), f"Train to {way.destination}"
    firsts = [search(desk, each, mode="train", sort_by="price") for each in (way, returning)]
    for found in firsts:
        desk.call("book_connection", connection_id=found["id"], travellers=count)
    desk.call("set_reminder", text=text, date=way.date, time=firsts[0]["depart"])
    frames = (
        (
            "Look up the cheapest trains from {home} to {town} {0} and back {1}. Book out, then back, for "
            "{people}; last, remind me '{text}' when the outward one departs."
        ),
        (
            "A trip for {people}, {home} to {town} {0}, back {1}: search both cheapest trains, book there first, "
            "then the return, then set '{text}' as a reminder at our departure."
        ),
        (
            "{people}, {home} -> {town} {0}, return {1}: search both for the cheapest train, book "
            "out, book back, reminder '{text}' at the outward departure"
        ),
        (
            "Search the lowest train fares {home} to {town} {0} and home again {1}; book the first, then the second for "
            "{people}, and finish with a reminder '{text}' at the time we set off."
        ),
    )
    said = {"home": way.origin, "town": way.destination, "people": people(desk, count), "text": text}
    return Request(desk.say(frames, desk.on(way.date), desk.on(returning.date), **said), lookups=2)


@recipe("get_forecast", "get_forecast", "find_connections", "book_connection", "set_reminder")
def go_where_it_is_warm_and_remind(desk: DailyLifeDesk) -> Request:
    day, towns = unlike_towns(desk, sorted({way.date for way in desk.world.connections.values()}))
    found = cheapest_train(desk, warmest(desk, day, towns), day)
    text = "Off to the sun"
    desk.call("book_connection", connection_id=found["id"])
    desk.call("set_reminder", text=text, date=day, time=found["depart"])
    frames = (
        "Is {0} or {1} warmer {on}? Book me the cheapest train there from {home} that day, then set a reminder '{text}' at its departure.",
        (
            "Compare {0} and {1} {on}: I take the cheapest train from {home} to the warmer one. "
            "Book one seat, then remind me '{text}' when it leaves."
        ),
        "{on}, {0} or {1}, the warmer: cheapest train from {home}, one seat, book; then reminder '{text}' at departure",
        (
            "Please check the weather of {0} and {1} {on}, book me on the cheapest train from {home} to "
            "whichever is warmer, and have '{text}' remind me as it departs."
        ),
    )
    return Request(desk.say(frames, *towns, on=desk.on(day), home=desk.world.home, text=text), lookups=2)


@recipe("find_connections", "book_connection", "book_hotel", "convert_currency", "check_budget")
def journey_within_budget(desk: DailyLifeDesk) -> Request:
    (way, stay), category = foreign_journey(desk), desk.pick(list(desk.world.budgets))
    booked = book_journey(desk, way, stay)
    total = desk.call("convert_currency", amount=booked["total"], source=booked["currency"], target=desk.world.currency)["amount"]
    left = desk.call("check_budget", category=category, planned=total)["left"]
    frames = (
        (
            "Book me the cheapest train {origin} to {destination} {on}, then the cheapest hotel, {nights} from that day. With the hotel "
            "total, in {home}, as a planned {category} expense, what is left of that budget?"
        ),
        (
            "For me, {origin} to {destination} {on}: cheapest train, then cheapest hotel from that day, {nights}. Convert "
            "the hotel to {home}; what would the {category} budget have left after it?"
        ),
        (
            "{origin} -> {destination} {on}, one person: book cheapest train, then cheapest hotel ({nights} from that "
            "day); hotel total to {home}; rest of {category} budget with that planned?"
        ),
    )
    said = {**said_of(desk, way), "nights": nights(desk, stay["nights"]), "home": CURRENCY_NAMES[desk.world.currency], "category": category}
    return Request(desk.say(frames, **said), f"{left} {desk.world.currency} would be left.", money_answer(left))


@recipe("track_parcel", "book_appointment")
def appointment_after_parcel(desk: DailyLifeDesk) -> Request:
    person, parcel = practitioner(desk), a_parcel(desk)
    expected = desk.call("track_parcel", {"parcel": (parcel.number,)}, parcel=parcel.sender)["expected"]
    booked = desk.call("book_appointment", specialty=person.specialty, from_date=expected)
    frames = (
        (
            "I stay in until the parcel from {sender} is here. Book the first appointment with "
            "{a_specialty} from its expected day on; which date is it?"
        ),
        "Look up when the parcel from {sender} comes, and from that day on take the earliest slot with {a_specialty}. Tell me its date.",
        "parcel from {sender}: expected day? from then, first {specialty} appointment, book. date?",
        (
            "Please track the parcel from {sender} and get me in with {a_specialty} on the day "
            "it is due or as soon as possible after. When do I go?"
        ),
    )
    said = {"sender": parcel.sender, "specialty": person.specialty, "a_specialty": article(person.specialty)}
    return Request(desk.say(frames, **said), f"You go on {booked['date']}.", date_answer(booked["date"]))
