"""Requests about journeys."""

from __future__ import annotations

import math
from typing import Any

from envs.daily_life.areas.travel import SHOWN
from envs.daily_life.queries.desk import DailyLifeDesk, money_answer
from envs.daily_life.vocabulary import CURRENCY_OF_TOWN
from envs.daily_life.world import Connection
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer, time_answer

SORTS = ("departure", "price", "duration")


def route(way: Connection) -> dict[str, str]:
    return {"origin": way.origin, "destination": way.destination, "date": way.date}


def towns(way: Connection) -> tuple[str, str]:
    return way.origin, way.destination


def search(desk: DailyLifeDesk, way: Connection, **wishes: Any) -> dict[str, Any]:
    """The first connection of the route of `way` that meets the wishes; any order is right where all of them are shown."""
    all_shown = len(ways_of(desk, way, **{name: wish for name, wish in wishes.items() if name != "sort_by"})) <= SHOWN
    accept = {"sort_by": SORTS} if all_shown else {}
    return desk.call("find_connections", accept, **route(way), **wishes)["connections"][0]


def ways_of(desk: DailyLifeDesk, way: Connection, mode: str = "", depart_after: str = "", arrive_by: str = "~") -> list[Connection]:
    return [
        other
        for other in desk.world.connections.values()
        if route(other) == route(way) and mode in ("", other.mode) and depart_after <= other.depart and other.arrive <= arrive_by
    ]


def train(desk: DailyLifeDesk) -> Connection:
    return desk.pick([way for way in desk.world.connections.values() if way.mode == "train"])


def outward(desk: DailyLifeDesk) -> Connection:
    """A connection from home."""
    return desk.pick([way for way in desk.world.connections.values() if way.origin == desk.world.home])


def back(desk: DailyLifeDesk, way: Connection) -> Connection | None:
    """One on a later day in the other direction, if there is any."""
    ways = [other for other in desk.world.connections.values() if towns(other) == (way.destination, way.origin) and other.date > way.date]
    return desk.pick(ways) if ways else None


def round_trip(desk: DailyLifeDesk) -> tuple[Connection, Connection]:
    while True:
        way = outward(desk)
        if (returning := back(desk, way)) is not None:
            return way, returning


def free_stay(desk: DailyLifeDesk, guests: int = 1, town: str = "") -> dict[str, Any]:
    """Arguments of book_hotel for which at least one hotel has a room."""
    while True:
        place = town or desk.town_abroad()
        stay: dict[str, Any] = {"town": place, "check_in": desk.coming(1, 12), "nights": desk.number(1, 5), "guests": guests}
        hotels = [hotel for hotel in desk.world.hotels.values() if hotel.town == place]
        if any(desk.world.room_for(hotel, stay["check_in"], stay["nights"], guests) for hotel in hotels):
            return stay


def lowest_price(desk: DailyLifeDesk, stay: dict[str, Any]) -> float:
    """The total of the cheapest room for one that is free."""
    world, period = desk.world, (stay["check_in"], stay["nights"])
    rooms = [(hotel, world.room_for(hotel, *period, 1)) for hotel in world.hotels.values() if hotel.town == stay["town"]]
    return min(hotel.price_of(room, stay["nights"], 1, False) for hotel, room in rooms if room)


def nights(desk: DailyLifeDesk, count: int) -> str:
    return "one night" if count == 1 else f"{desk.counted(count)} nights"


@recipe("find_connections")
def cheapest_fare(desk: DailyLifeDesk) -> Request:
    way, mode = desk.journey(), desk.pick(("any", "train"))
    price = search(desk, way, mode=mode, sort_by="price")["price"]
    what = {"any": "way to travel", "train": "train"}[mode]
    frames = (
        "What does the cheapest {what} from {origin} to {destination} cost {on}?",
        "I have to get from {origin} to {destination} {on} and money matters. Tell me the fare of the cheapest {what}.",
        "{origin} - {destination}, {on}: fare of the cheapest {what}?",
        "Please find the {what} with the lowest fare from {origin} to {destination} {on}. How much is it?",
        "How little can I pay for a {what} from {origin} to {destination} {on}?",
        "Look up the cheapest {what} that leaves {origin} for {destination} {on} and name its price.",
    )
    said = {"what": what, "origin": way.origin, "destination": way.destination, "on": desk.on(way.date)}
    return Request(desk.say(frames, **said), f"It costs {price} {desk.world.currency}.", money_answer(price))


@recipe("find_connections")
def next_departure(desk: DailyLifeDesk) -> Request:
    way = train(desk)
    after = f"{way.depart[:2]}:00"
    depart = search(desk, way, mode="train", depart_after=after)["depart"]
    frames = (
        "When does the first train from {origin} to {destination} leave at {after} or later {on}?",
        "I cannot be at the station in {origin} before {after} {on}. What is the departure time of the first train to {destination} then?",
        "first train {origin} -> {destination} {on}, not before {after}: departure?",
        "Please tell me the departure of the earliest train to {destination} that leaves {origin} {on} from {after} on.",
        "My meeting in {origin} lasts until {after}. At what time {on} does the next train to {destination} go?",
        "Trains to {destination} {on}, starting from {origin} not earlier than {after}: when is the first?",
    )
    said = {"origin": way.origin, "destination": way.destination, "on": desk.on(way.date), "after": desk.at(after)}
    return Request(desk.say(frames, **said), f"It leaves at {depart}.", time_answer(depart))


@recipe("find_connections")
def quickest_id(desk: DailyLifeDesk) -> Request:
    way = desk.journey()
    first = search(desk, way, mode="train", sort_by="duration")
    frames = (
        "Which train is the quickest from {origin} to {destination} {on}? I need its id.",
        "Give me the id of the fastest train from {origin} to {destination} {on}.",
        "{origin} to {destination}, {on}: id of the train with the shortest journey?",
        "I hate sitting on trains. Find the one that takes least time from {origin} to {destination} {on} and tell me its id.",
        "Please look for the train from {origin} to {destination} {on} with the shortest travel time; its id will do.",
    )
    said = {"origin": way.origin, "destination": way.destination, "on": desk.on(way.date)}
    return Request(desk.say(frames, **said), f"It is {first['id']}, leaving at {first['depart']}.", (first["id"],))


@recipe("find_connections")
def count_in_time(desk: DailyLifeDesk) -> Request:
    way = desk.journey()
    limits = [limit for limit in ("13:00", "15:00", "16:30", "18:00", "20:00", "23:00") if limit >= way.arrive]
    limit = desk.pick(limits or ["23:30"])
    count = desk.call("find_connections", {"sort_by": SORTS}, **route(way), arrive_by=limit)["count"]
    frames = (
        "How many connections from {origin} reach {destination} by {limit} {on}?",
        "I have to be in {destination} {on} at {limit} at the latest. How many ways are there from {origin}, by whatever means?",
        "{origin} -> {destination}, {on}, there by {limit}: number of connections?",
        "Please count trains, flights and buses together from {origin} that arrive in {destination} no later than {limit} {on}.",
        "Between {origin} and {destination} {on}, how many departures get me there until {limit}?",
    )
    said = {"origin": way.origin, "destination": way.destination, "on": desk.on(way.date), "limit": desk.at(limit)}
    return Request(desk.say(frames, **said), f"There are {count}.", number_answer(count))


@recipe("find_connections", asks=True)
def flight_when(desk: DailyLifeDesk) -> Request:
    way = desk.journey()
    desk.ask("On which day?")
    found = search(desk, way, mode="flight")
    frames = (
        "When does the flight from {origin} to {destination} leave?",
        "I am flying from {origin} to {destination}. What is the departure time?",
        "flight {origin} - {destination}, departure?",
        "Please look up the plane from {origin} to {destination} and tell me when it takes off.",
        "My flight from {origin} goes to {destination}, but I forgot when it departs. Can you find it?",
    )
    reply = desk.say(("I fly {on}.", "It is the one {on}.", "That is {on}."), on=desk.on(way.date))
    query = desk.say(frames, origin=way.origin, destination=way.destination)
    return Request(query, f"It leaves at {found['depart']}.", time_answer(found["depart"]), reply=reply)


@recipe("book_connection")
def book_seats(desk: DailyLifeDesk) -> Request:
    way, people = desk.journey(), desk.number(1, 5)
    desk.call("book_connection", connection_id=way.id, travellers=people)
    seats = "one seat" if people == 1 else f"{desk.counted(people)} seats"
    frames = (
        "Book {seats} on {id}.",
        "I have decided on connection {id}. Please get me {seats}.",
        "{id}, {seats}, second class, book",
        "We take {id} to {destination}: {seats} in second class, please.",
        "Could you reserve {seats} on {id} before it is full?",
        "The {mode} {id} suits us. Go ahead and book {seats}.",
    )
    return Request(desk.say(frames, seats=seats, id=way.id, destination=way.destination, mode=way.mode))


@recipe("book_connection")
def book_first_class(desk: DailyLifeDesk) -> Request:
    way, people = desk.pick([way for way in desk.world.connections.values() if way.mode != "bus"]), desk.number(1, 3)
    total = desk.call("book_connection", connection_id=way.id, travellers=people, travel_class="first")["total"]
    said = {1: "me alone", 2: "two people", 3: "three people"}[people]
    frames = (
        "Book {id} in first class for {people}. What do I pay?",
        "I want to travel in comfort: first class on {id} for {people}. Book it and tell me the total.",
        "{id}, first class, {people}: book, total fare?",
        "Please make a first-class booking on {id} for {people} and name the full fare.",
        "Get first-class seats for {people} on the {mode} {id}. How much is that in all?",
        "The company pays, so {id} it is, in first class, for {people}. Book and let me know the sum.",
    )
    query = desk.say(frames, id=way.id, people=said, mode=way.mode)
    return Request(query, f"The total is {total} {desk.world.currency}.", money_answer(total))


@recipe("book_connection", asks=True)
def book_which(desk: DailyLifeDesk) -> Request:
    way, people = desk.journey(), desk.number(2, 5)
    desk.ask("Which connection?")
    desk.call("book_connection", connection_id=way.id, travellers=people)
    frames = (
        "Book {people} seats for us on the connection that I picked last night.",
        "Please reserve second-class seats for {people} people on our {mode}.",
        "{people} seats on the {mode} we talked about, book",
        "We are {people} and want to travel second class. Book the connection for us, would you?",
        "Could you get {people} tickets for the {mode}? I have its number here somewhere.",
    )
    reply = desk.say(("It is {id}.", "{id}, please.", "The number is {id}."), id=way.id)
    return Request(desk.say(frames, people=desk.counted(people), mode=way.mode), reply=reply)


@recipe("book_hotel")
def book_room(desk: DailyLifeDesk) -> Request:
    stay = free_stay(desk, guests=desk.number(1, 4))
    hotel = desk.call("book_hotel", **stay)["hotel"]
    guests = {1: "one person", 2: "two people", 3: "three people", 4: "four people"}[stay["guests"]]
    frames = (
        "Book the cheapest hotel in {town} from {day} for {nights}, {guests}. Which one is it?",
        "I need a room in {town} for {guests}: arrival {on}, {nights}, as cheap as it gets. Tell me the name of the hotel you took.",
        "{town}, hotel, {guests}, check-in {on}, {nights}, cheapest. name?",
        "Please find us somewhere inexpensive to sleep in {town}, {guests}, {nights} from {day}, book it and say where.",
        "We arrive in {town} {on} and stay {nights}. Book the cheapest room for {guests} and let me know the hotel.",
        "Where will we sleep in {town}? Book a room for {guests} {on}, {nights}, at the lowest price, and name the place.",
    )
    said = {"town": stay["town"], "on": desk.on(stay["check_in"]), "day": desk.dated(stay["check_in"]), "guests": guests}
    return Request(desk.say(frames, nights=nights(desk, stay["nights"]), **said), f"You stay at {hotel}.", (hotel,))


@recipe("book_hotel")
def book_with_wishes(desk: DailyLifeDesk) -> Request:
    while True:
        stay, stars = free_stay(desk, guests=desk.number(1, 2)), desk.number(2, 4)
        hotels = [hotel for hotel in desk.world.hotels.values() if hotel.town == stay["town"] and hotel.stars >= stars]
        if any(desk.world.room_for(hotel, stay["check_in"], stay["nights"], stay["guests"]) for hotel in hotels):
            break
    wishes: dict[str, Any] = {"min_stars": stars, "breakfast": True} if desk.chance() else {"min_stars": stars}
    total = desk.call("book_hotel", **stay, **wishes)["total"]
    frames = (
        "Book a hotel of {stars} stars or more in {town}{breakfast} for {guests}, {nights} from {day}. What is the total there?",
        "We want at least {stars} stars in {town}{breakfast}: {guests}, {nights}, arriving {on}. Book the cheapest and tell me the total.",
        "hotel {town}, min {stars} stars{breakfast}, {guests}, {nights} from {day}: book, total?",
        (
            "My back demands {stars} stars at the least. Please book a room{breakfast} for {guests} "
            "in {town}, check-in {on}, {nights}; what will it cost?"
        ),
        (
            "Find and book the least expensive place in {town} with {stars} stars or "
            "better{breakfast}, {on} for {nights}, {guests}. Name the price."
        ),
    )
    said = {"town": stay["town"], "stars": desk.counted(stars), "on": desk.on(stay["check_in"]), "day": desk.dated(stay["check_in"])}
    said["guests"] = {1: "one guest", 2: "two guests in one room"}[stay["guests"]]
    said["breakfast"] = " with breakfast" if "breakfast" in wishes else ""
    query = desk.say(frames, nights=nights(desk, stay["nights"]), **said)
    return Request(query, f"The total is {total} {CURRENCY_OF_TOWN[stay['town']]}.", money_answer(total))


@recipe("book_hotel")
def book_below(desk: DailyLifeDesk) -> Request:
    stay = free_stay(desk)
    limit = math.ceil(lowest_price(desk, stay) * desk.pick((1.05, 1.1, 1.2)) / 10) * 10
    hotel = desk.call("book_hotel", **stay, max_price=limit)["hotel"]
    frames = (
        "Book me the cheapest room in {town}, {nights} from {day}, but only if it costs {limit} or less in all. Which hotel is it?",
        "I can spend {limit} at most on a hotel in {town}, for the whole of {nights} from {day}. Book the cheapest and name it.",
        "hotel {town}, one guest, {nights} from {day}, total max {limit}: book cheapest, name?",
        "Please take the least expensive room for me in {town}, check-in {on}, {nights}, with {limit} as the highest total. Where is it?",
        "My firm pays up to {limit} altogether for {town}, {nights} from {day}. Get me the cheapest room; what is the hotel called?",
    )
    said = {"town": stay["town"], "on": desk.on(stay["check_in"]), "day": desk.dated(stay["check_in"])}
    said["limit"] = desk.money(limit, CURRENCY_OF_TOWN[stay["town"]])
    return Request(desk.say(frames, nights=nights(desk, stay["nights"]), **said), f"You stay at {hotel}.", (hotel,))


@recipe("book_hotel", asks=True)
def book_room_when(desk: DailyLifeDesk) -> Request:
    stay = free_stay(desk, guests=2)
    desk.ask("When do you arrive?")
    desk.call("book_hotel", **stay)
    frames = (
        "Book the cheapest double room in {town}, {nights}.",
        "My husband and I are off to {town} for {nights}. Please book a room for both of us, the cheapest.",
        "hotel in {town}, two people, {nights}, cheapest: book",
        "Could you find the two of us a cheap bed in {town} for {nights} and book it?",
        "We need a room for two in {town}, {nights}, whatever costs least. Do book.",
    )
    reply = desk.say(
        ("We arrive {on}.", "Check-in is {on}.", "From {day}."), on=desk.on(stay["check_in"]), day=desk.dated(stay["check_in"])
    )
    return Request(desk.say(frames, town=stay["town"], nights=nights(desk, stay["nights"])), reply=reply)


@recipe("find_connections", "book_connection")
def book_cheapest(desk: DailyLifeDesk) -> Request:
    way, mode, people = desk.journey(), desk.pick(("any", "train")), desk.number(1, 4)
    found = search(desk, way, mode=mode, sort_by="price")
    desk.call("book_connection", connection_id=found["id"], travellers=people)
    frames = (
        "Book {people} on the cheapest {what} from {origin} to {destination} {on}.",
        "Find the {what} with the lowest fare from {origin} to {destination} {on} and book it for {people}.",
        "{origin} -> {destination}, {on}, cheapest {what}, {people}, book",
        "We want to go from {origin} to {destination} {on} without spending much. Book {people} on whichever {what} costs least.",
        "Please get tickets for {people} {on}, {origin} to {destination}, on the {what} that is cheapest.",
        "Saving money comes first: {origin} to {destination} {on}, lowest-priced {what}, seats for {people}. Book it.",
    )
    said = {"origin": way.origin, "destination": way.destination, "on": desk.on(way.date), "what": {"any": "connection"}.get(mode, mode)}
    return Request(desk.say(frames, people="one person" if people == 1 else f"{desk.counted(people)} people", **said))


@recipe("find_connections", "book_connection")
def book_first_in_time(desk: DailyLifeDesk) -> Request:
    way = train(desk)
    after = f"{way.depart[:2]}:00"
    found = search(desk, way, mode="train", depart_after=after)
    desk.call("book_connection", connection_id=found["id"])
    frames = (
        "Book me on the first train from {origin} to {destination} that leaves at {after} or later {on}.",
        "I can leave {origin} from {after} on, {on}. Get me a ticket for the next train to {destination}.",
        "first train {origin} -> {destination} {on}, not before {after}: one ticket",
        "Please find the earliest train to {destination} departing {origin} {on} no sooner than {after} and reserve a seat for me.",
        "I am travelling alone, by train, {origin} to {destination}, {on}. Take the first one from {after} onwards and book it.",
    )
    said = {"origin": way.origin, "destination": way.destination, "on": desk.on(way.date), "after": desk.at(after)}
    return Request(desk.say(frames, **said))


@recipe("find_connections", "find_connections", "book_connection")
def cheaper_day(desk: DailyLifeDesk) -> Request:
    way = desk.journey()
    other = desk.pick([other for other in desk.world.connections.values() if other.date != way.date and towns(other) == towns(way)])
    firsts = [search(desk, each, mode="train", sort_by="price") for each in (way, other)]
    cheaper = min(firsts, key=lambda found: found["price"])
    desk.call("book_connection", connection_id=cheaper["id"])
    frames = (
        (
            "I can take the train from {origin} to {destination} {0} or {1}. Find the "
            "cheapest train of each day and book me on the cheaper one."
        ),
        "{origin} to {destination}, {0} or {1}, by train: compare the lowest fares of both days and get me one ticket for the better.",
        "train {origin} -> {destination}, cheapest {0} vs cheapest {1}; book whichever costs less, one seat",
        (
            "Please check the cheapest trains from {origin} to {destination} {0} and {1}, then "
            "reserve a seat for me on the less expensive of the two."
        ),
    )
    return Request(desk.say(frames, desk.on(way.date), desk.on(other.date), origin=way.origin, destination=way.destination), lookups=2)


@recipe("find_connections", "find_connections", "book_connection", "book_connection")
def there_and_back(desk: DailyLifeDesk) -> Request:
    way, returning = round_trip(desk)
    people = desk.number(1, 4)
    for found in [search(desk, each, mode="train", sort_by="price") for each in (way, returning)]:
        desk.call("book_connection", connection_id=found["id"], travellers=people)
    frames = (
        (
            "Look up the cheapest train from {home} to {town} {0} and the cheapest one back {1}. "
            "Then book the first, after it the second, {people} each."
        ),
        "A trip for {people}, {home} to {town} {0}, returning {1}: find the cheapest train for both ways, then book out and back.",
        "{home} -> {town} {0}, back {1}, cheapest trains, {people}: search both, book outward, book return",
        (
            "We go to {town} {0} and come home to {home} {1}. Search both ways for the cheapest "
            "train first; then book there and back for {people}."
        ),
    )
    said = {"home": way.origin, "town": way.destination, "people": "one person" if people == 1 else f"{desk.counted(people)} people"}
    return Request(desk.say(frames, desk.on(way.date), desk.on(returning.date), **said), lookups=2)


@recipe("find_connections", "book_connection", "book_hotel")
def train_and_hotel(desk: DailyLifeDesk) -> Request:
    while True:
        way = outward(desk)
        stay: dict[str, Any] = {"town": way.destination, "check_in": way.date, "nights": desk.number(1, 4)}
        hotels = [hotel for hotel in desk.world.hotels.values() if hotel.town == way.destination]
        if any(desk.world.room_for(hotel, way.date, stay["nights"], 1) for hotel in hotels):
            break
    found = search(desk, way, mode="train", sort_by="price")
    desk.call("book_connection", connection_id=found["id"])
    hotel = desk.call("book_hotel", **stay)["hotel"]
    frames = (
        "Book me on the cheapest train from {home} to {town} {on}, then the cheapest hotel there for {nights} from that day. Which hotel?",
        (
            "I travel alone from {home} to {town} {on}. First the cheapest train, then the "
            "cheapest room for {nights}: book both, name the hotel."
        ),
        "{home} -> {town} {on}, one person: cheapest train, after that cheapest hotel from the same day, {nights}. book; hotel name?",
        (
            "Find and book the train with the lowest fare, {home} to {town} {on}, for me; then a room there "
            "from then on for {nights}, as cheap as possible. Where do I sleep?"
        ),
    )
    said = {"home": way.origin, "town": way.destination, "on": desk.on(way.date), "nights": nights(desk, stay["nights"])}
    return Request(desk.say(frames, **said), f"You stay at {hotel}.", (hotel,))
