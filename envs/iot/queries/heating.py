"""Requests about the heating."""

from __future__ import annotations

from typing import Any

from envs.iot.queries.desk import DURATIONS, IoTDesk, degrees
from envs.iot.world import Unit, to_celsius, to_tenth
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer

DAYS = {"all": "every day", "weekdays": "on weekdays", "weekend": "at the weekend"}
MORNING, EVENING = (5, 9), (18, 23)  # hours


def new_target(desk: IoTDesk, room: str) -> float:
    """Degrees Celsius that the room is not set to."""
    return desk.other([to_tenth(half / 2) for half in range(32, 48)], desk.world.rooms[room].target)


def periods(desk: IoTDesk, unit: Unit = "celsius") -> tuple[list[dict[str, Any]], str]:
    """Two periods of a day, and the words for them."""
    scale = [to_tenth(half / 2) for half in range(30, 49)] if unit == "celsius" else list(range(60, 78))
    warm, cool = sorted(desk.several(scale, 2), reverse=True)
    times = desk.time(*MORNING), desk.time(*EVENING)
    chosen = [{"start": time, "temperature": value} for time, value in zip(times, (warm, cool), strict=True)]
    return chosen, " and ".join(f"{degrees(value, unit)} from {desk.at(time)}" for time, value in zip(times, (warm, cool), strict=True))


@recipe("get_climate")
def measured(desk: IoTDesk) -> Request:
    room = desk.room()
    unit: Unit = desk.pick(("celsius", "celsius", "fahrenheit"))
    value = desk.call("get_climate", room=room, **({} if unit == "celsius" else {"unit": unit}))["temperature"]
    frames = (
        "How warm is it in the {room} right now, in {unit}?",
        "What does the thermometer in the {room} say ({unit})?",
        "Please give me the room temperature of the {room} in {unit}.",
        "{room} temp now, {unit}?",
        "I am sitting in the {room} and freezing. How many degrees {unit} is it here?",
        "Before I go in: what is the current temperature of the {room}? I think in {unit}.",
    )
    return Request(desk.say(frames, room=room, unit=unit.capitalize()), f"It is {degrees(value, unit)}.", number_answer(value))


@recipe("get_climate")
def humidity(desk: IoTDesk) -> Request:
    room = desk.room()
    value = desk.call("get_climate", {"unit": ("fahrenheit",)}, room=room)["humidity"]
    frames = (
        "How humid is it in the {room} at the moment?",
        "What is the humidity of the {room} right now?",
        "I suspect mould in the {room}. Tell me its current humidity, please.",
        "{room}: humidity in percent?",
        "Could you check how damp the air in the {room} is, in percent?",
    )
    return Request(desk.say(frames, room=room), f"The humidity is {value}%.", number_answer(value))


@recipe("get_climate")
def target(desk: IoTDesk) -> Request:
    room = desk.room()
    value = desk.call("get_climate", room=room)["target"]
    frames = (
        "What temperature is the {room} set to, in degrees Celsius?",
        "Which target does the thermostat of the {room} have (°C)?",
        "Somebody turned a knob in the {room}. How many °C is it set to now?",
        "{room}: set temperature in °C?",
        "Please look up the set point of the {room} thermostat in Celsius for me.",
    )
    return Request(desk.say(frames, room=room), f"It is set to {degrees(value)}.", number_answer(value))


@recipe("set_thermostat")
def set_celsius(desk: IoTDesk) -> Request:
    room = desk.room()
    value = new_target(desk, room)
    desk.call("set_thermostat", room=room, temperature=value)
    frames = (
        "Set the {room} to {value}.",
        "Would you heat the {room} to {value}, please?",
        "{value} in the {room} would be nice. Set that.",
        "{room} thermostat {value}",
        "We are moving to the {room} for the evening; it should get {value}.",
        "I am not comfortable in the {room}: change the thermostat to {value}.",
    )
    return Request(desk.say(frames, room=room, value=degrees(value)))


@recipe("set_thermostat")
def set_fahrenheit(desk: IoTDesk) -> Request:
    room = desk.room()
    value = desk.pick([value for value in range(58, 81) if to_celsius(value, "fahrenheit") != desk.world.rooms[room].target])
    desk.call("set_thermostat", room=room, temperature=value, unit="fahrenheit")
    frames = (
        "Set the thermostat in the {room} to {value} degrees Fahrenheit.",
        "My American guest wants {value} °F in the {room}. Please adjust the heating.",
        "{room} to {value} F",
        "Could the {room} be kept at {value} °F?",
        "I still think in Fahrenheit: give the {room} {value} degrees.",
    )
    return Request(desk.say(frames, room=room, value=value))


@recipe("set_thermostat")
def hold(desk: IoTDesk) -> Request:
    room, minutes = desk.room(), desk.pick((*DURATIONS, 45, 75, 240))
    value = new_target(desk, room)
    desk.call("set_thermostat", room=room, temperature=value, hold_minutes=minutes)
    frames = (
        "Keep the {room} at {value} for {lasting}.",
        "For {lasting} I want {value} in the {room}, after that the schedule may take over.",
        "{room} {value}, hold {lasting}",
        "Could you heat the {room} to {value} and hold that for {lasting}?",
        "I will be in the {room} for {lasting}. Set it to {value} for that long.",
        "Override the schedule of the {room} with {value}; the override lasts {lasting}.",
    )
    return Request(desk.say(frames, room=room, value=degrees(value), lasting=desk.lasting(minutes)))


@recipe("set_thermostat", asks=True)
def ask_temperature(desk: IoTDesk) -> Request:
    room = desk.room()
    value = new_target(desk, room)
    desk.ask("What temperature should the room have?")
    desk.call("set_thermostat", room=room, temperature=value)
    frames = (
        "Change the temperature in the {room}.",
        "I would like the thermostat of the {room} set differently.",
        "Please adjust the heating of the {room} to my liking.",
        "{room}: new thermostat setting",
        "Could you make the {room} more comfortable? The heating needs another setting.",
    )
    replies = ("Make it {value}.", "{value}, please.", "I was thinking of {value}.")
    return Request(desk.say(frames, room=room), reply=desk.pick(replies).format(value=degrees(value)))


@recipe("set_schedule")
def schedule(desk: IoTDesk) -> Request:
    room, days, (times, words) = desk.room(), desk.pick(tuple(DAYS)), periods(desk)
    desk.call("set_schedule", {"periods": (times[::-1],)}, room=room, periods=times, days=days)
    frames = (
        "Heating schedule for the {room}, {days}: {words}.",
        "Please program the {room} so that it gets {words} {days}.",
        "I want a new heating plan in the {room}: {words}, {days}.",
        "{room} schedule {days}: {words}",
        "Our routine has changed. The thermostat of the {room} should follow {words} {days}.",
        "Can you rewrite the timetable of the {room} heating? It is {words} {days}.",
    )
    return Request(desk.say(frames, room=room, days=DAYS[days], words=words))


@recipe("set_schedule")
def schedule_fahrenheit(desk: IoTDesk) -> Request:
    room, days, (times, words) = desk.room(), desk.pick(("weekdays", "weekend")), periods(desk, "fahrenheit")
    desk.call("set_schedule", {"periods": (times[::-1],)}, room=room, periods=times, days=days, unit="fahrenheit")
    frames = (
        "The tenant of the {room} sent a {days} schedule for the heating, in Fahrenheit: {words}. Enter it as it is.",
        "Set up {words} as the {days} heating program of the {room}.",
        "Please save this {days} schedule for heating the {room}: {words}.",
        "schedule {room} ({days} only): {words}",
        "How about {words} in the {room}? That is for the {days} schedule; please store it.",
    )
    return Request(desk.say(frames, room=room, days={"weekdays": "weekday", "weekend": "weekend"}[days], words=words))


@recipe("get_climate", "set_thermostat")
def warmer_than_measured(desk: IoTDesk) -> Request:
    room = desk.room()
    found = desk.world.rooms[room]
    step = desk.pick([step for step in (0.5, 1, 1.5, 2, 2.5, 3) if to_tenth(found.temperature + step) != found.target])
    value = to_tenth(desk.call("get_climate", room=room)["temperature"] + step)
    desk.call("set_thermostat", room=room, temperature=value)
    frames = (
        "Set the thermostat of the {room} to {step} more than is measured there now.",
        "See how warm the {room} is and set it {step} higher than that.",
        "I want the {room} {step} warmer than it is at present. Read the temperature, then set the thermostat.",
        "{room}: thermostat = measured + {step}",
        "How cold the {room} feels! Could you look at its temperature and set the target {step} above it?",
    )
    return Request(desk.say(frames, room=room, step=degrees(step)))


@recipe("get_climate", "set_thermostat")
def same_target(desk: IoTDesk) -> Request:
    one, other = desk.several(list(desk.world.rooms), 2)
    value = desk.call("get_climate", room=one)["target"]
    desk.call("set_thermostat", room=other, temperature=value)
    frames = (
        "Set the {other} to the same temperature that the {one} is set to.",
        "Look up the target temperature of the {one} and use it for the {other} as well.",
        "The thermostat in the {other} should have the setting of the one in the {one}.",
        "copy thermostat setting: {one} -> {other}",
        "Which temperature is the {one} set to? Please give the {other} the same.",
    )
    return Request(desk.say(frames, one=one, other=other))


@recipe("set_schedule", "set_schedule")
def week_schedule(desk: IoTDesk) -> Request:
    room = desk.room()
    said = []
    for days in ("weekdays", "weekend"):
        times, words = periods(desk)
        desk.call("set_schedule", {"periods": (times[::-1],)}, room=room, periods=times, days=days)
        said.append(words)
    frames = (
        "Heating schedule for the {room}: {0} on weekdays, {1} at the weekend.",
        "Please program the {room} anew. Weekdays: {0}. Weekend: {1}.",
        "{room} heating, weekdays {0}; weekend {1}",
        "In the {room} I want {0} from Monday to Friday, but {1} on Saturday and Sunday.",
        "Could the {room} follow two timetables, {0} on working days and {1} on Saturdays and Sundays?",
    )
    return Request(desk.say(frames, *said, room=room), lookups=2)


@recipe("set_thermostat", "set_schedule")
def now_and_later(desk: IoTDesk) -> Request:
    room, (times, words) = desk.room(), periods(desk)
    value = new_target(desk, room)
    desk.call("set_thermostat", room=room, temperature=value)
    desk.call("set_schedule", {"periods": (times[::-1],)}, room=room, periods=times)
    frames = (
        "Put the {room} on {value} now, then give it this schedule for every day: {words}.",
        "First set the thermostat of the {room} to {value}. After that replace its daily schedule by {words}.",
        "{room}: {value} right now; then daily schedule {words}",
        "The {room} needs {value} at once, and from then on a schedule for all days of {words}. Do these in turn.",
        "Would you heat the {room} to {value} and next program it, seven days a week, with {words}?",
    )
    return Request(desk.say(frames, room=room, value=degrees(value), words=words))


@recipe("get_climate", "get_climate", "set_thermostat")
def colder_room(desk: IoTDesk) -> Request:
    rooms = desk.several(list(desk.world.rooms), 2)
    temperatures = {room: desk.call("get_climate", room=room)["temperature"] for room in rooms}
    colder = min(rooms, key=lambda room: temperatures[room])
    value = new_target(desk, colder)
    desk.call("set_thermostat", room=colder, temperature=value)
    frames = (
        "Which is colder now, the {0} or the {1}? Set that room to {value}.",
        "Compare the measured temperatures of the {0} and the {1}, then put the colder of them on {value}.",
        "The colder one of {0} and {1} should be heated to {value}. Find out which it is.",
        "read temp in {0} + {1}; colder one -> {value}",
        "Please check how warm the {0} and the {1} are. I want {value} where it is less warm.",
    )
    return Request(desk.say(frames, *rooms, value=degrees(value)), lookups=2)


@recipe("get_climate", "get_climate", "set_thermostat", "set_thermostat")
def swap_targets(desk: IoTDesk) -> Request:
    one, other = desk.several(list(desk.world.rooms), 2)
    targets = [desk.call("get_climate", room=room)["target"] for room in (one, other)]
    desk.call("set_thermostat", room=one, temperature=targets[1])
    desk.call("set_thermostat", room=other, temperature=targets[0])
    frames = (
        "Swap the set temperatures of the {one} and the {other}: look both up, then set the {one} first.",
        "The {one} should get the thermostat setting of the {other}, and the other way round, in this order. Look them up before.",
        "Read what {one} and {other} are set to. Then give the {one} the target of the {other}, and last the {other} that of the {one}.",
        "thermostat targets: {one} <-> {other}. Read both, change {one}, then {other}",
    )
    return Request(desk.say(frames, one=one, other=other), lookups=2)
