"""Requests about restaurants."""

from __future__ import annotations

from typing import Any

from envs.daily_life.queries.desk import COUNTS, DailyLifeDesk, money_answer
from envs.daily_life.world import Area
from envs.scenario.choice import other_orders
from envs.scenario.desk import Request, recipe


def free_table(desk: DailyLifeDesk) -> dict[str, Any]:
    """Arguments of reserve_table for which there is a table in either area."""
    while True:
        day = desk.coming()
        place = desk.open_restaurant(day)
        time, guests = desk.mealtime(place), desk.number(2, 6)
        free = desk.world.free_tables(place, day, time)
        if {area for seats, area in free if seats >= guests} == {"indoors", "terrace"}:
            return {"restaurant": place.name, "date": day, "time": time, "guests": guests}


def spoken(desk: DailyLifeDesk, table: dict[str, Any]) -> dict[str, str]:
    guests = desk.counted(table["guests"])
    return {"place": table["restaurant"], "on": desk.on(table["date"]), "at": desk.at(table["time"]), "guests": guests}


@recipe("reserve_table")
def reserve(desk: DailyLifeDesk) -> Request:
    table = free_table(desk)
    desk.call("reserve_table", **table)
    frames = (
        "Reserve a table for {guests} at {place} {on} at {at}.",
        "We would like to eat at {place} {on}. Could you get us a table for {guests} at {at}?",
        "table, {place}, {guests} people, {on}, {at}",
        "We are meeting at {place} {on}, all {guests} of us; please book the table for {at}.",
        "Please make sure that {place} keeps a table for {guests} people {on} from {at}.",
        "Dinner or lunch, whatever one calls it: {place}, {on}, {at}, and we are {guests}. Have a table ready.",
    )
    return Request(desk.say(frames, **spoken(desk, table)))


@recipe("reserve_table")
def reserve_outside_or_in(desk: DailyLifeDesk) -> Request:
    table = free_table(desk)
    area: Area = desk.pick(("indoors", "terrace"))
    desk.call("reserve_table", **table, area=area)
    where = {"indoors": ("indoors", "inside, not on the terrace"), "terrace": ("on the terrace", "outside on the terrace")}[area]
    frames = (
        "Reserve a table {where} at {place} for {guests}, {on} at {at}.",
        "I want to sit {where} at {place} {on}. Book for {guests} people at {at}, please.",
        "{place}, {on}, {at}, {guests} guests, seats {where}",
        "Could we have a table for {guests} at {place} {on} at {at}? It has to be {where}.",
        "There will be {guests} of us {on} and we prefer to be {where}. Reserve at {place} for {at}.",
        "My aunt insists on sitting {where}. Get a table for {guests} at {place}, {on}, {at}.",
    )
    return Request(desk.say(frames, where=desk.pick(where), **spoken(desk, table)))


@recipe("reserve_table")
def seats_of_table(desk: DailyLifeDesk) -> Request:
    table = {**free_table(desk), "guests": 2}
    area = desk.call("reserve_table", **table)["area"]
    frames = (
        "Book a table for two at {place} {on} at {at} and tell me whether it is indoors or on the terrace.",
        "My wife and I want to eat at {place} {on}, {at}. Reserve any table; where will we be sitting, inside or on the terrace?",
        "{place}, {on}, {at}, two people. reserve; indoors or terrace?",
        "Please get the two of us a table at {place} {on} at {at}. I need to know if we sit on the terrace or indoors.",
        "A date at {place}: {on}, {at}, the usual two. Once the table is reserved, say if it is the terrace or indoors.",
    )
    answer = {"indoors": ("indoors", "inside"), "terrace": ("terrace", "outside")}[area]
    return Request(desk.say(frames, **spoken(desk, table)), f"The table is {answer[0]}.", answer)


@recipe("reserve_table", asks=True)
def reserve_when(desk: DailyLifeDesk) -> Request:
    table = free_table(desk)
    desk.ask("At what time?")
    desk.call("reserve_table", **table)
    frames = (
        "Reserve a table for {guests} at {place} {on}.",
        "I would like to eat at {place} {on} with some friends, {guests} of us in all. Please book us in.",
        "table at {place}, {on}, {guests} people",
        "Can you get {guests} seats at {place} {on}?",
        "We are going to {place} {on}, {guests} people in all, so have a table kept for us.",
    )
    said = spoken(desk, table)
    reply = desk.say(("At {at}.", "We want to be there at {at}.", "Make it {at}, please."), at=said["at"])
    return Request(desk.say(frames, **said), reply=reply)


@recipe("reserve_table", asks=True)
def reserve_which_day(desk: DailyLifeDesk) -> Request:
    table = free_table(desk)
    desk.ask("On which day?")
    desk.call("reserve_table", **table)
    frames = (
        "Reserve a table for {guests} at {place} at {at}.",
        "I would like to take everybody to {place}, {at}, table for {guests}. Please reserve.",
        "{place}, {guests} people, {at}, reserve",
        "Could you book us a table at {place}? We are {guests} and come at {at}.",
        "The team dinner will be at {place} at {at}: have a table for {guests} reserved.",
    )
    said = spoken(desk, table)
    reply = desk.say(("We come {on}.", "It should be {on}.", "Please take it {on}."), on=said["on"])
    return Request(desk.say(frames, **said), reply=reply)


@recipe("order_food")
def order_dinner(desk: DailyLifeDesk) -> Request:
    place = desk.open_restaurant(desk.world.today)
    meal, time = desk.meal(place), desk.mealtime(place)
    desk.call("order_food", {"dishes": other_orders(meal)}, restaurant=place.name, dishes=meal, deliver_at=time)
    frames = (
        "Order {meal} from {place}, to be delivered home at {at}.",
        "Nobody feels like cooking. Have {place} bring us {meal} at {at}.",
        "{place}, delivery {at}: {meal}",
        "Could you get {meal} from {place} delivered to our house for {at}?",
        "For tonight or noon, whenever {at} is to you, I would like {meal} from {place} brought home.",
        "We are hungry: {meal}, from {place}, at the door at {at}, please.",
    )
    return Request(desk.say(frames, meal=desk.portions(meal), place=place.name, at=desk.at(time)))


@recipe("order_food")
def order_to_work(desk: DailyLifeDesk) -> Request:
    place = desk.open_restaurant(desk.world.today)
    meal, time = desk.meal(place), desk.mealtime(place)
    arguments = {"restaurant": place.name, "dishes": meal, "deliver_at": time, "address": "work"}
    total = desk.call("order_food", {"dishes": other_orders(meal)}, **arguments)["total"]
    frames = (
        "Order {meal} from {place} to my workplace for {at}. What does it come to?",
        "I am at work until late. Have {place} deliver {meal} here at {at} and tell me the total.",
        "{place} to the office, {at}: {meal}. total?",
        "Please send {meal} from {place} to where I work, {at}, and let me know what I owe.",
        "My colleagues and I want {meal} from {place} at {at}, delivered to work. How much is it all together?",
        "Place an order with {place} for {meal}, delivery at {at} to my work address; then name the sum.",
    )
    query = desk.say(frames, meal=desk.portions(meal), place=place.name, at=desk.at(time))
    return Request(query, f"It comes to {total} {desk.world.currency}.", money_answer(total))


@recipe("order_food", asks=True)
def order_how_many(desk: DailyLifeDesk) -> Request:
    place = desk.open_restaurant(desk.world.today)
    dish = max(place.menu, key=lambda name: place.menu[name])
    count, time = desk.number(3, 8), desk.mealtime(place)
    desk.ask(f"How often {dish}?")
    desk.call("order_food", restaurant=place.name, dishes=[{"dish": dish, "count": count}], deliver_at=time)
    frames = (
        "Order {dish} from {place} for all of us, delivered home at {at}.",
        "Have {place} bring {dish} to the house at {at}, one portion each.",
        "{dish} from {place} for everybody, home, {at}",
        "The kids and their friends want {dish}. Please order it from {place} for {at}, to our door.",
        "Could {place} deliver {dish} for the whole table at {at}?",
    )
    reply = desk.say(("We are {count}.", "{count} portions.", "For {count} people."), count=COUNTS[count])
    return Request(desk.say(frames, dish=dish, place=place.name, at=desk.at(time)), reply=reply)


@recipe("order_food", "reserve_table")
def today_and_later(desk: DailyLifeDesk) -> Request:
    place, table = desk.open_restaurant(desk.world.today), free_table(desk)
    meal, time = desk.meal(place), desk.mealtime(place)
    desk.call("order_food", {"dishes": other_orders(meal)}, restaurant=place.name, dishes=meal, deliver_at=time)
    desk.call("reserve_table", **table)
    said = spoken(desk, table)
    said.update(meal=desk.portions(meal), kitchen=place.name, then=desk.at(time))
    frames = (
        "Today {kitchen} should bring us {meal} at {then}. And {on} we eat out: a table for {guests} at {place}, {at}.",
        "Order {meal} from {kitchen} for {then} today, then reserve at {place} for {guests} people {on} at {at}.",
        "today {then}: {meal} from {kitchen}, home. {on}, {at}: table for {guests} at {place}",
        "Two meals to arrange: {meal} delivered from {kitchen} at {then}, and a table at {place} {on} at {at} for {guests}.",
        "Please have {meal} sent over by {kitchen} today at {then}; we also want to sit down at {place} {on}, {at}, {guests} of us.",
    )
    return Request(desk.say(frames, **said), lookups=2)
