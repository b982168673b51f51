"""Requests about ways, saved places and rides."""

from __future__ import annotations

from typing import Any

from envs.mobile_app.areas.travel import SEATS
from envs.mobile_app.queries.desk import MobileAppDesk, amount_answer, capital
from envs.mobile_app.world import Collection, new_address
from envs.scenario.clock import time_of_day
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import NUMBERS, number_answer

MODES = {"car": "by car", "bike": "by bike", "walk": "on foot"}
COLLECTIONS: dict[Collection, str] = {"favourites": "favourites", "want_to_go": "want-to-go", "visited": "visited"}


def address(desk: MobileAppDesk) -> str:
    """In a street of the town where no place is saved."""
    return new_address(desk.random, list(desk.world.streets)[5:])


def party(desk: MobileAppDesk, car: str) -> tuple[dict[str, int], str]:
    """People who fit into a car, the owner included, and the words for them."""
    adults = desk.number(2, SEATS["large"] - 2) if car == "large" else 2
    children = desk.number(1, 2)
    counted = "one child" if children == 1 else "two children"
    return {"adults": adults, "children": children}, f"{NUMBERS[adults]} adults and {counted}"


def pickup_time(desk: MobileAppDesk) -> str:
    return f"{desk.day()} {time_of_day(desk.number(24, 90) * 15)}"


@recipe("find_route")
def minutes_of_way(desk: MobileAppDesk) -> Request:
    (start, end), mode = desk.two_places(), desk.pick(("car", "bike", "walk"))
    minutes = desk.call("find_route", start=start, end=end, mode=mode)["minutes"]
    frames = (
        "How many minutes is it from {start} to {end} {mode}?",
        "Please work out how long I take {mode} from {start} to {end}.",
        "I set off at {start} and go to {end} {mode}. How many minutes will that be?",
        "{start} to {end} {mode}: minutes?",
        "Going {mode}, how far away in minutes is {end} if I am at {start}?",
        "I need the travel time {mode} between {start}, where I start, and {end}.",
    )
    said = {"start": f"'{start}'", "end": f"'{end}'", "mode": MODES[mode]}
    return Request(desk.say(frames, **said), f"It takes {minutes} minutes.", number_answer(minutes))


@recipe("find_route")
def km_without_tolls(desk: MobileAppDesk) -> Request:
    start, end = desk.place(), address(desk)
    km = desk.call("find_route", start=start, end=end, avoid_tolls=True)["km"]
    frames = (
        "How many km is it by car from '{start}' to {end} if I avoid toll roads?",
        "I drive from '{start}' to {end} and will not pay tolls. Give me the distance in km.",
        "Please find the shortest toll-free drive between '{start}' and {end}, starting at the former. How many km?",
        "'{start}' to {end}, car, no tolls: km?",
        "Without toll roads, what distance in km do I drive to {end} when I leave from '{start}'?",
    )
    return Request(desk.say(frames, start=start, end=end), f"It is {km} km.", tuple(dict.fromkeys((str(km), f"{km:g}"))))


@recipe("find_route")
def tolls_on_way(desk: MobileAppDesk) -> Request:
    start, end = desk.two_places()
    tolls = desk.call("find_route", start=start, end=end)["tolls"]
    frames = (
        "How many toll roads are on the shortest drive from '{start}' to '{end}'?",
        "I drive the shortest way from '{start}' to '{end}'. Please count the toll roads.",
        "'{start}' to '{end}' by car, shortest way: number of tolls?",
        "Going by car from '{start}' to '{end}', how often do I pay a toll on the shortest way?",
    )
    return Request(desk.say(frames, start=start, end=end), f"Toll roads: {tolls}.", number_answer(tolls))


@recipe("save_place")
def save(desk: MobileAppDesk) -> Request:
    name, where, collection = desk.new_place(), address(desk), desk.pick(tuple(COLLECTIONS))
    desk.call("save_place", name=name, address=where, collection=collection)
    frames = (
        "Save {address} as '{name}' on my {collection} list of places.",
        "Please put '{name}' on my map, in the {collection} list. The address is {address}.",
        "map: '{name}' = {address}, {collection} list",
        "I want to find '{name}' again. It is at {address}; keep that place on the {collection} list.",
        "Could you add a place '{name}' at {address} to the {collection} list of my map?",
        "Let the map remember {address} under the name '{name}' ({collection} list).",
    )
    return Request(desk.say(frames, name=name, address=where, collection=COLLECTIONS[collection]))


@recipe("save_place")
def save_favourite(desk: MobileAppDesk) -> Request:
    friend, where = desk.friend(), address(desk)
    name = f"{friend.split()[0]} home"
    desk.call("save_place", name=name, address=where)
    frames = (
        "{friend} has moved to {address}. Save that on the map as a favourite called '{name}'.",
        "Please make {address} a favourite place with the name '{name}'.",
        "favourite place '{name}': {address}",
        "I go to {address} all the time. It should be '{name}' among the favourites of my map.",
        "Could the map have a favourite '{name}' for {address}, where {friend} lives?",
        "We often visit {friend} at {address}, so pin it as the favourite '{name}'.",
    )
    return Request(desk.say(frames, friend=friend, address=where, name=name))


@recipe("request_ride")
def ride(desk: MobileAppDesk) -> Request:
    pickup, dropoff = desk.two_places()
    desk.call("request_ride", pickup=pickup, dropoff=dropoff)
    frames = (
        "Get me a standard car from '{pickup}' to '{dropoff}', now.",
        "Please order a ride for me from '{pickup}' to '{dropoff}'.",
        "ride '{pickup}' -> '{dropoff}', just me",
        "I am at '{pickup}' and want to be driven to '{dropoff}'. Call a car.",
        "Could a driver pick me up at '{pickup}' and take me to '{dropoff}'?",
        "I need a lift to '{dropoff}' right now, starting from '{pickup}'. Please book one.",
    )
    return Request(desk.say(frames, pickup=pickup, dropoff=dropoff))


@recipe("request_ride")
def ride_later(desk: MobileAppDesk) -> Request:
    pickup, dropoff, at = desk.place(), address(desk), pickup_time(desk)
    details: dict[str, Any] = {}
    kind = "car"
    if desk.chance():
        details["car"], kind = "premium", "premium car"
    desk.call("request_ride", pickup=pickup, dropoff=dropoff, at=at, **details)
    frames = (
        "Book a {kind} from '{pickup}' to {dropoff} {moment}.",
        "{Moment} I have to go from '{pickup}' to {dropoff}. Please order a {kind} with a driver for that time.",
        "ride, {kind}, {moment}: '{pickup}' -> {dropoff}",
        "I want to be picked up at '{pickup}' {moment} by a {kind} and driven to {dropoff}.",
        "Could you arrange that a {kind} takes me from '{pickup}' to {dropoff} {moment}?",
    )
    moment = desk.moment(at)
    return Request(desk.say(frames, pickup=pickup, dropoff=dropoff, moment=moment, Moment=capital(moment), kind=kind))


@recipe("request_ride")
def ride_together(desk: MobileAppDesk) -> Request:
    (pickup, dropoff), car = desk.two_places(), desk.pick(("standard", "large"))
    people, words = party(desk, car)
    fare = desk.call("request_ride", pickup=pickup, dropoff=dropoff, car=car, party=people)["fare"]
    frames = (
        "Order a {car} car for {people} from '{pickup}' to '{dropoff}'. What is the fare?",
        "We are {people} and want to go from '{pickup}' to '{dropoff}' in a {car} car. Book the ride and tell me the price.",
        "ride for {people}, {car} car, '{pickup}' -> '{dropoff}'; how much?",
        "Please get us ({people}) a {car} car at '{pickup}' that drives to '{dropoff}', and say what it costs.",
        "How much will it be? I want you to book a {car} car from '{pickup}' to '{dropoff}', for {people}.",
    )
    said = {"car": car, "people": words, "pickup": pickup, "dropoff": dropoff}
    return Request(desk.say(frames, **said), f"The fare is {fare:.2f} euros.", amount_answer(fare))


@recipe("request_ride", asks=True)
def ride_where(desk: MobileAppDesk) -> Request:
    pickup, dropoff = desk.place(), address(desk)
    desk.ask("Where do you want to go?")
    desk.call("request_ride", pickup=pickup, dropoff=dropoff)
    frames = (
        "Order a ride for me from '{pickup}'.",
        "I am at '{pickup}' and need a car with a driver.",
        "ride from '{pickup}', now",
        "Could you have a driver pick me up at '{pickup}'?",
    )
    return Request(desk.say(frames, pickup=pickup), reply=desk.say(("To {dropoff}.", "I am going to {dropoff}."), dropoff=dropoff))


@recipe("save_place", asks=True)
def save_where(desk: MobileAppDesk) -> Request:
    name, where = desk.new_place(), address(desk)
    desk.ask(f"What is the address of '{name}'?")
    desk.call("save_place", name=name, address=where)
    frames = (
        "Save the '{name}' as a favourite place on my map.",
        "I would like to have '{name}' among the favourites of the map.",
        "new favourite place: '{name}'",
        "Could you add '{name}' to my favourite places?",
    )
    return Request(desk.say(frames, name=name), reply=desk.say(("It is at {where}.", "{where}, please."), where=where))


@recipe("save_place", "request_ride")
def save_and_ride(desk: MobileAppDesk) -> Request:
    name, where, pickup = desk.new_place(), address(desk), desk.place()
    desk.call("save_place", name=name, address=where)
    desk.call("request_ride", {"dropoff": (where,)}, pickup=pickup, dropoff=name)
    frames = (
        "Save {address} as the favourite place '{name}', then order me a ride there from '{pickup}'.",
        "First put '{name}', {address}, among the favourites of my map. Then get me a car from '{pickup}' to it.",
        "I want to remember '{name}' at {address} as a favourite, and after that be driven there from '{pickup}'.",
        "favourite '{name}' = {address}; after that a ride '{pickup}' -> '{name}'",
        "Please pin '{name}' ({address}) as a favourite and then call a driver who takes me there from '{pickup}'.",
    )
    return Request(desk.say(frames, name=name, address=where, pickup=pickup))


@recipe("find_route", "find_route")
def nearer_place(desk: MobileAppDesk) -> Request:
    start, *ends = desk.several(list(desk.world.places), 3)
    kms = [desk.call("find_route", start=start, end=end, mode="walk")["km"] for end in ends]
    near = ends[kms.index(min(kms))]
    frames = (
        "Starting at '{start}' on foot, is '{0}' or '{1}' nearer? Compare both walks.",
        "I am at '{start}' and will walk. Which is the shorter way, that to '{0}' or that to '{1}'?",
        "Please compare the walk from '{start}' to '{0}' with the one from '{start}' to '{1}' and name the closer place.",
        "walk from '{start}': '{0}' or '{1}', what is closer?",
    )
    answer = (near,) if kms[0] != kms[1] else tuple(ends)
    return Request(desk.say(frames, *ends, start=start), f"It is {near}.", answer, lookups=2)


@recipe("find_route", "find_route", "save_place")
def save_nearer(desk: MobileAppDesk) -> Request:
    start, name = desk.place(), desk.new_place()
    ends = [address(desk), address(desk)]
    while ends[0].split(" ", 1)[1] == ends[1].split(" ", 1)[1]:
        ends[1] = address(desk)
    kms = [desk.call("find_route", start=start, end=end, mode="bike")["km"] for end in ends]
    near = ends[1] if kms[1] < kms[0] else ends[0]
    desk.call("save_place", name=name, address=near, collection="want_to_go")
    frames = (
        "There is a '{name}' at {0} and one at {1}. Compare the bike rides from '{start}' and save the nearer (or else the first) in my "
        "want-to-go list as '{name}'.",
        "By bike from '{start}', is {0} or {1} closer? Put that address as '{name}' on the want-to-go list; if equal, {0}.",
        "Check the way by bike from '{start}' to {0} and to {1}. The shorter one's address (the former in case of a tie) becomes "
        "'{name}', want-to-go list.",
        "bike '{start}' -> {0} vs {1}; nearer address (tie: first) = '{name}' in want-to-go places",
    )
    return Request(desk.say(frames, *ends, start=start, name=name), lookups=2)


@recipe("save_place", "find_route", "request_ride")
def save_check_ride(desk: MobileAppDesk) -> Request:
    name, where, pickup = desk.new_place(), address(desk), desk.place()
    desk.call("save_place", name=name, address=where)
    minutes = desk.call("find_route", {"end": (where,)}, start=pickup, end=name)["minutes"]
    desk.call("request_ride", {"dropoff": (where,)}, pickup=pickup, dropoff=name)
    frames = (
        "Save {address} as the favourite '{name}', check how many minutes the drive there from '{pickup}' takes, and then book me that "
        "ride. Tell me the minutes.",
        "First pin '{name}' at {address} as a favourite, then find the way by car from '{pickup}', then order the ride. How many minutes?",
        "Please add '{name}' ({address}) to the favourite places, look up the minutes by car from '{pickup}' and book the car last. "
        "I want to know the minutes.",
        "favourite '{name}' = {address}; then minutes by car from '{pickup}'?; then a ride there",
    )
    return Request(desk.say(frames, name=name, address=where, pickup=pickup), f"It takes {minutes} minutes.", number_answer(minutes))
