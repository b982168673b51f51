"""Requests about appliances."""

from __future__ import annotations

from typing import Any

from envs.iot.areas.appliances import OVEN_MODES, WASHES, OvenMode, Programme
from envs.iot.queries.desk import DURATIONS, IoTDesk, degrees, listed
from envs.scenario.choice import other_orders
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import NUMBERS, number_answer

MODES: dict[OvenMode, tuple[str, ...]] = {
    "conventional": ("conventional heat",),
    "fan": ("fan heat", "the fan mode"),
    "grill": ("the grill", "the grill mode"),
    "pizza": ("the pizza mode",),
}


def laundry(desk: IoTDesk) -> tuple[dict[str, Any], str]:
    """What the washing machine is set to, and the words for it."""
    program: Programme = desk.pick(tuple(WASHES))
    wash = WASHES[program]
    settings: dict[str, Any] = {"program": program}
    words = f"the {program} program"
    if desk.chance(0.7):
        settings["temperature"] = desk.pick([degrees for degrees in (20, 30, 40, 60, 90) if degrees <= wash.hottest])
        words += f" at {settings['temperature']} degrees"
    if desk.chance(0.4):
        settings["spin"] = desk.pick([spin for spin in (400, 800, 1200, 1400, 1600) if spin <= wash.fastest_spin])
        words += f" with a spin of {settings['spin']}"
    if desk.chance(0.3):
        settings["extra_rinse"] = True
        words += f"{' and' if 'with' in words else ' with'} an extra rinse"
    return settings, words


def baking(desk: IoTDesk, timed: bool) -> tuple[dict[str, Any], str]:
    """What the oven is set to, in Celsius, and the words for it."""
    mode: OvenMode = desk.pick(tuple(OVEN_MODES))
    least, most = OVEN_MODES[mode]
    settings: dict[str, Any] = {"mode": mode, "temperature": desk.pick(range(max(least, 150), most + 1, 10))}
    words = f"{desk.pick(MODES[mode])} at {degrees(settings['temperature'])}"
    if timed:
        settings["minutes"] = desk.pick((12, 18, 20, 25, 35, 40, 50, 75, *DURATIONS))
        words += f" for {desk.lasting(settings['minutes'])}"
    return settings, words


def dirty_rooms(desk: IoTDesk, most: int = 3) -> tuple[list[str], str]:
    rooms = desk.several(list(desk.world.rooms), desk.number(1, most))
    return rooms, listed([f"the {room}" for room in rooms])


def wash_result(desk: IoTDesk, settings: dict[str, Any]) -> dict[str, int]:
    result: dict[str, int] = desk.call("start_washer", **settings)
    return result


@recipe("start_washer")
def wash(desk: IoTDesk) -> Request:
    settings, words = laundry(desk)
    wash_result(desk, settings)
    frames = (
        "Start the washing machine on {words}.",
        "The laundry is in. Please run {words}.",
        "Would you wash with {words}?",
        "washer: {words}",
        "I have filled the washing machine and closed its door; it needs {words}.",
        "Please put a wash on, using {words}.",
    )
    return Request(desk.say(frames, words=words))


@recipe("start_washer")
def wash_later(desk: IoTDesk) -> Request:
    (settings, words), minutes = laundry(desk), desk.pick((*DURATIONS, 45, 240, 300))
    wash_result(desk, {**settings, "delay_minutes": minutes})
    frames = (
        "In {lasting} the washing machine should start {words}. Set that up now.",
        "Run {words} on the washer, but only {lasting} from now.",
        "washer {words}, delay {lasting}",
        "Power is cheaper later on, so have the washing machine wait {lasting} before it begins {words}.",
        "Could the laundry start by itself in {lasting}? It takes {words}.",
    )
    return Request(desk.say(frames, words=words, lasting=desk.lasting(minutes)))


@recipe("start_washer")
def wash_duration(desk: IoTDesk) -> Request:
    settings, words = laundry(desk)
    minutes = wash_result(desk, settings)["washes_minutes"]
    frames = (
        "Start {words} on the washing machine and tell me how many minutes it washes.",
        "Turn on the washer with {words}. In how many minutes can I hang the laundry up?",
        "washer on, {words}; duration in minutes?",
        "Please begin {words} in the washing machine at once and let me know how long that takes, in minutes.",
        "I have to plan my evening: start the laundry with {words}, then say how many minutes it needs.",
    )
    return Request(desk.say(frames, words=words), f"It takes {minutes} minutes.", number_answer(minutes))


@recipe("start_washer", asks=True)
def ask_program(desk: IoTDesk) -> Request:
    program: Programme = desk.pick(tuple(WASHES))
    desk.ask("Which program should the washing machine run?")
    desk.call("start_washer", program=program)
    frames = (
        "Start the washing machine.",
        "The laundry is ready, so please get the washer going.",
        "Could you do the washing now? Everything is in the machine.",
        "washing machine on",
        "I need these clothes clean by tonight. Begin the wash.",
        "Set the washer off with its usual temperature and spin, but mind the kind of clothes.",
    )
    replies = ("Take the {program} program.", "The {program} program, please.", "{program}")
    return Request(desk.say(frames), reply=desk.pick(replies).format(program=program))


@recipe("start_oven")
def bake(desk: IoTDesk) -> Request:
    settings, words = baking(desk, timed=desk.chance())
    desk.call("start_oven", **settings)
    frames = (
        "Turn the oven on: {words}.",
        "Dinner is next. Start the oven with {words}.",
        "Could you heat the oven using {words}?",
        "oven, {words}",
        "My recipe says {words}, so set the oven to that.",
        "I would like the oven on {words}, please.",
    )
    return Request(desk.say(frames, words=words))


@recipe("start_oven")
def bake_fahrenheit(desk: IoTDesk) -> Request:
    mode: OvenMode = desk.pick(("conventional", "fan"))
    temperature, minutes = desk.pick(range(300, 446, 5)), desk.pick((15, 22, 28, 33, *DURATIONS))
    desk.call("start_oven", mode=mode, temperature=temperature, unit="fahrenheit", minutes=minutes)
    frames = (
        "An American cookbook wants {temperature} °F with {mode} for {lasting}. Start the oven like that.",
        "Bake with {mode} at {temperature} degrees Fahrenheit for {lasting}, then the oven may go off.",
        "oven {temperature} F, {mode}, {lasting}",
        "Please have the oven run {mode} at {temperature} °F; it should switch itself off after {lasting}.",
        "How about some pie? Put the oven on {mode}, {temperature} Fahrenheit, {lasting}.",
    )
    said = {"temperature": temperature, "mode": MODES[mode][0], "lasting": desk.lasting(minutes)}
    return Request(desk.say(frames, **said))


@recipe("start_oven", asks=True)
def ask_heat(desk: IoTDesk) -> Request:
    settings, _ = baking(desk, timed=True)
    desk.ask("How hot should the oven be?")
    desk.call("start_oven", **settings)
    frames = (
        "Turn the oven on in {mode} mode for {lasting}.",
        "Please start the oven, mode {mode}. It has to go off after {lasting}.",
        "oven: {mode}, {lasting}",
        "I am about to bake something that takes {lasting} in {mode} mode. Heat up the oven.",
        "Could the oven run in its {mode} mode for the next {lasting}?",
    )
    replies = ("It should be {heat}.", "{heat}, please.", "Make it {heat}.")
    said = {"mode": settings["mode"], "lasting": desk.lasting(settings["minutes"])}
    return Request(desk.say(frames, **said), reply=desk.pick(replies).format(heat=degrees(settings["temperature"])))


@recipe("start_vacuum")
def vacuum(desk: IoTDesk) -> Request:
    rooms, words = dirty_rooms(desk)
    settings: dict[str, Any] = {}
    tail = ""
    if desk.chance():
        settings["power"] = desk.pick(("quiet", "turbo"))
        tail += f" on {settings['power']} power"
    if desk.chance(0.4):
        settings["passes"] = desk.pick((2, 3))
        tail += f", {NUMBERS[settings['passes']]} passes"
    desk.call("start_vacuum", {"rooms": other_orders(rooms)}, rooms=rooms, **settings)
    frames = (
        "Vacuum {rooms}{tail}.",
        "Would you send the robot to clean {rooms}{tail}?",
        "There are crumbs all over {rooms}. Please have it vacuumed{tail}.",
        "robot vacuum -> {rooms}{tail}",
        "Before the guests arrive I want the robot vacuum in {rooms}{tail}.",
        "The dog sheds a lot, so let the vacuum go through {rooms}{tail}.",
    )
    return Request(desk.say(frames, rooms=words, tail=tail))


@recipe("start_vacuum")
def mop(desk: IoTDesk) -> Request:
    room = desk.pick([name for name, room in desk.world.rooms.items() if not room.carpet])
    passes = desk.number(1, 3)
    desk.call("start_vacuum", rooms=[room], mop=True, **({"passes": passes} if passes > 1 else {}))
    times = ("once", "twice", "three times")[passes - 1]
    frames = (
        "Vacuum and mop the {room} {times}.",
        "I spilled juice in the {room}. The robot should go over it {times} and wipe wet as well.",
        "{room}: robot, with mopping, {times}",
        "Could the vacuum robot do the {room} {times}, mop included?",
        "Please let the robot clean the floor of the {room} {times}, not only dry but wet too.",
    )
    return Request(desk.say(frames, room=room, times=times))


@recipe("start_vacuum")
def vacuum_duration(desk: IoTDesk) -> Request:
    rooms, words = dirty_rooms(desk)
    result = desk.call("start_vacuum", {"rooms": other_orders(rooms)}, rooms=rooms)
    key, asked = desk.pick((("minutes", "minutes it takes"), ("square_metres", "square metres it cleans")))
    frames = (
        "Start the robot vacuum in {rooms} and tell me how many {asked}.",
        "Let {rooms} be vacuumed now. I also want to know how many {asked}.",
        "robot into {rooms}, report how many {asked}",
        "Please vacuum {rooms}; how many {asked} would interest me.",
        "Could you have the robot do {rooms} and say how many {asked}?",
    )
    return Request(desk.say(frames, rooms=words, asked=asked), f"Number of {asked}: {result[key]}.", number_answer(result[key]))


@recipe("start_vacuum", asks=True)
def ask_rooms(desk: IoTDesk) -> Request:
    (rooms, words), power = dirty_rooms(desk, 2), desk.pick(("quiet", "turbo"))
    desk.ask("Which rooms should be vacuumed?")
    desk.call("start_vacuum", {"rooms": other_orders(rooms)}, rooms=rooms, power=power)
    frames = (
        "Start the robot vacuum on {power} power, but not everywhere.",
        "Some rooms need vacuuming; use {power} power.",
        "robot vacuum, {power} power, only the rooms I care about",
        "Could you send the vacuum out with {power} power? Not all rooms, please.",
        "I would like part of the house vacuumed on {power}.",
    )
    replies = ("Please do {rooms}.", "Just {rooms}.", "I mean {rooms}.")
    return Request(desk.say(frames, power=power), reply=desk.pick(replies).format(rooms=words))


@recipe("start_washer", "start_vacuum")
def wash_and_vacuum(desk: IoTDesk) -> Request:
    (settings, words), (rooms, places) = laundry(desk), dirty_rooms(desk, 2)
    wash_result(desk, settings)
    desk.call("start_vacuum", {"rooms": other_orders(rooms)}, rooms=rooms)
    frames = (
        "It is cleaning day: {words} on the washing machine, and the robot vacuum through {rooms}.",
        "Start {words} on the washer and have {rooms} vacuumed.",
        "washer {words} + vacuum {rooms}",
        "While I am shopping, the washing machine should do {words} and the vacuum should clean {rooms}. Start both.",
        "Could you get the laundry going with {words}, and send the robot to {rooms}?",
    )
    return Request(desk.say(frames, words=words, rooms=places), lookups=2)


@recipe("start_oven", "start_vacuum")
def bake_and_vacuum(desk: IoTDesk) -> Request:
    (settings, words), (rooms, places) = baking(desk, timed=True), dirty_rooms(desk, 2)
    desk.call("start_oven", **settings)
    minutes = desk.call("start_vacuum", {"rooms": other_orders(rooms)}, rooms=rooms)["minutes"]
    frames = (
        "Turn on the oven, {words}. Then vacuum {rooms} and tell me how many minutes that takes.",
        "First start the oven with {words}, next the robot vacuum in {rooms}. How many minutes will the robot be busy?",
        "oven {words}; then robot to {rooms}, its duration in minutes?",
        "While the cake bakes ({words} in the oven, start that first), {rooms} can be vacuumed. Say how many minutes the cleaning needs.",
    )
    return Request(desk.say(frames, words=words, rooms=places), f"The vacuum takes {minutes} minutes.", number_answer(minutes))


@recipe("start_washer", "start_oven", "start_vacuum")
def household(desk: IoTDesk) -> Request:
    (laundered, wash_words), (baked, oven_words), (rooms, places) = laundry(desk), baking(desk, timed=True), dirty_rooms(desk, 1)
    wash_result(desk, laundered)
    desk.call("start_oven", **baked)
    desk.call("start_vacuum", rooms=rooms)
    frames = (
        "Start the washer with {wash}, the oven with {oven}, and the robot vacuum in {rooms}.",
        "Three machines, please. Laundry: {wash}. Oven: {oven}. Vacuum: {rooms}.",
        "washer {wash} / oven {oven} / vacuum {rooms}",
        "Would you run {wash} in the washing machine, heat the oven with {oven} and let {rooms} be vacuumed?",
    )
    return Request(desk.say(frames, wash=wash_words, oven=oven_words, rooms=places), lookups=3)
