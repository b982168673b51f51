"""Requests about automation rules, batteries and firmware."""

from __future__ import annotations

from typing import Any

from envs.iot.areas.hub import LEAST_BATTERY
from envs.iot.queries.desk import IoTDesk
from envs.iot.vocabulary import RULES
from envs.iot.world import Device, Kind, blinds_of, to_tenth
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer

PLURALS: dict[Kind, str] = {
    "light": "lights", "blinds": "blinds", "thermostat": "thermostats", "lock": "locks", "camera": "cameras", "sensor": "sensors",
}  # fmt: skip
CONDITIONS = {"home": "somebody is home", "away": "nobody is home"}


def new_action(desk: IoTDesk) -> tuple[dict[str, Any], str]:
    """What a rule does, and the words for it, an imperative."""
    world = desk.world
    kind = desk.pick(("light", "group", "blinds", "door", "scene"))
    if kind == "scene":
        scene = desk.pick(list(world.scenes))
        return {"target": scene, "command": "activate"}, f"activate the scene {scene}"
    targets = {
        "light": (list(world.lights), ("on", "off"), "turn {0} the {1}"),
        "group": (list(world.groups), ("on", "off"), "turn {0} the light group {1}"),
        "blinds": ([blinds_of(room) for room in world.blinds], ("open", "close"), "{0} the {1}"),
        "door": (list(world.locks), ("lock", "unlock"), "{0} the {1}"),
    }
    names, commands, words = targets[kind]
    target, command = desk.pick(names), desk.pick(commands)
    return {"target": target, "command": command}, words.format(command, target)


def every_day(desk: IoTDesk) -> tuple[dict[str, Any], str]:
    time = desk.time(5, 23)
    return {"at": time}, f"every day at {desk.at(time)}"


def motion(desk: IoTDesk) -> tuple[dict[str, Any], str]:
    camera = desk.camera()
    return {"camera": camera}, f"when the {camera} sees motion"


def threshold(desk: IoTDesk) -> tuple[dict[str, Any], str]:
    name, side = desk.pick(list(desk.world.sensors)), desk.pick(("above", "below"))
    value = to_tenth(desk.pick(desk.world.sensors[name].values))
    verb = {"above": "rises above", "below": "falls below"}[side]
    return {"sensor": name, "comparison": side, "value": value}, f"when the sensor {name} {verb} {value:g}"


def presence(desk: IoTDesk) -> tuple[dict[str, str], str]:
    who = desk.pick(tuple(CONDITIONS))
    return {"presence": who}, f"only while {CONDITIONS[who]}"


def window(desk: IoTDesk) -> tuple[dict[str, str], str]:
    after, before = f"{desk.number(18, 23)}:00", f"{desk.number(4, 8):02}:30"
    return {"after": after, "before": before}, f"only between {desk.at(after)} and {desk.at(before)}"


def updatable(desk: IoTDesk) -> tuple[str, Device]:
    """The id of an outdated device that is charged enough, and the device."""
    return desk.pick([(key, device) for key, device in desk.world.devices.items() if is_updatable(desk, device)])


def is_updatable(desk: IoTDesk, device: Device) -> bool:
    return desk.world.is_outdated(device) and (device.battery is None or device.battery >= LEAST_BATTERY)


def look_up(desk: IoTDesk) -> tuple[str, str, str]:
    """Find an outdated device that is charged enough: its id, what it is called, and the newest firmware for it."""
    devices = [device for device in desk.world.devices.values() if is_updatable(desk, device)]
    device = desk.pick([device for device in devices if device.room or device.kind == "camera"])
    accept: dict[str, tuple[Any, ...]] = {"outdated": (True,)}
    if device.battery is not None:
        accept["kind"] = ("any",)  # the devices on battery come first, so that all of the room are shown
    search = {"kind": device.kind, "room": device.room} if device.room else {"kind": device.kind}
    found = desk.call("find_devices", accept, **search)["devices"]
    key = next(entry["id"] for entry in found if entry["name"] == device.name)
    return key, device.name, desk.world.versions[device.kind][-1]


@recipe("create_rule")
def rule(desk: IoTDesk) -> Request:
    name = desk.pick(RULES)
    (trigger, when), (action, does) = desk.pick((every_day, motion, threshold))(desk), new_action(desk)
    desk.call("create_rule", name=name, trigger=trigger, action=action)
    frames = (
        "Add the rule '{name}': {when}, {does}.",
        "I want my home to {does} {when}. Save that as the rule '{name}'.",
        "Please automate this under the name '{name}': {does} {when}.",
        "rule {name}: {when} -> {does}",
        "Can the house {does} by itself {when}? The automation is to be called '{name}'.",
        "From now on, {when}, it should {does}. Make it a rule, '{name}'.",
    )
    return Request(desk.say(frames, name=name, when=when, does=does))


@recipe("create_rule")
def rule_with_condition(desk: IoTDesk) -> Request:
    name, trigger_of = desk.pick(RULES), desk.pick((motion, threshold))
    (trigger, when), (action, does), (condition, only) = trigger_of(desk), new_action(desk), desk.pick((presence, window))(desk)
    desk.call("create_rule", name=name, trigger=trigger, action=action, condition=condition)
    frames = (
        "New automation '{name}': {when}, {does}, but {only}.",
        "{when}, please {does}; {only} though. Name the rule '{name}'.",
        "rule {name}: {when} -> {does} ({only})",
        "I need a rule '{name}' with a condition. It should {does} {when}, and {only}.",
        "Could you make the house {does} {when}, {only}? Store the rule as '{name}'.",
    )
    query = desk.say(frames, name=name, when=when, does=does, only=only)
    return Request(query if query.startswith("rule") else query[0].upper() + query[1:])


@recipe("create_rule")
def disabled_rule(desk: IoTDesk) -> Request:
    name = desk.pick(RULES)
    (trigger, when), (action, does) = desk.pick((every_day, motion))(desk), new_action(desk)
    desk.call("create_rule", name=name, trigger=trigger, action=action, enabled=False)
    frames = (
        "Prepare a rule '{name}' to {does} {when}, but leave it disabled.",
        "Write down the automation '{name}' for later: {does} {when}. It must not be active yet.",
        "rule {name}, disabled: {when} -> {does}",
        "For the holidays I plan '{name}', which is to {does} {when}. Create the rule switched off.",
        "Would you add the rule '{name}' ({does} {when}) without enabling it?",
    )
    return Request(desk.say(frames, name=name, when=when, does=does))


@recipe("create_rule", asks=True)
def ask_limit(desk: IoTDesk) -> Request:
    name = desk.pick(RULES)
    (trigger, _), (action, does) = threshold(desk), new_action(desk)
    desk.ask("At which value should the rule be set off?")
    desk.call("create_rule", name=name, trigger=trigger, action=action)
    verb = {"above": "too high", "below": "too low"}[trigger["comparison"]]
    frames = (
        "Create the rule '{name}': when {sensor} gets {verb}, {does}.",
        "If {sensor} is {verb} the house should {does}. Please make that the automation '{name}'.",
        "rule {name}: {sensor} {verb} -> {does}",
        "I need the house to {does} as soon as the sensor {sensor} is {verb}. Call the rule '{name}'.",
        "Could you automate '{name}' for me, to {does} whenever {sensor} goes {verb}?",
    )
    replies = ("The limit is {value:g}.", "{value:g} is the limit.", "At {value:g}.")
    query = desk.say(frames, name=name, sensor=trigger["sensor"], verb=verb, does=does)
    return Request(query, reply=desk.pick(replies).format(value=trigger["value"]))


@recipe("find_devices")
def count_flat(desk: IoTDesk) -> Request:
    kind: Kind | None = desk.pick((None, "sensor", "lock", "thermostat", "blinds"))
    charges = [device.battery for device in desk.world.devices.values() if device.battery is not None and kind in (None, device.kind)]
    percent = desk.pick([level for level in (15, 20, 25, 30, 40, 50, 60, 75, 90, 100) if level > min(charges)][:6])
    count = desk.call("find_devices", battery_below=percent, **({"kind": kind} if kind else {}))["count"]
    what = PLURALS[kind] if kind else "devices"
    frames = (
        "How many {what} have less than {percent}% battery?",
        "Count the {what} whose battery is below {percent}%.",
        "I am going to buy batteries. What number of {what} is under {percent}% of charge?",
        "{what} with battery < {percent}%: how many?",
        "Please check the batteries of all {what}; how many are emptier than {percent}%?",
    )
    return Request(desk.say(frames, what=what, percent=percent), f"{count} {what} are below {percent}%.", number_answer(count))


@recipe("find_devices")
def emptiest(desk: IoTDesk) -> Request:
    kind: Kind = desk.pick(("sensor", "lock", "thermostat", "blinds"))
    device = desk.call("find_devices", kind=kind)["devices"][0]
    frames = (
        "Among the {what}, what is the lowest battery level?",
        "Which of the {what} has the emptiest battery, and how many percent are left in it?",
        "Look at the batteries of my {what} and tell me the smallest charge in percent.",
        "{what}: lowest battery in %?",
        "One of the {what} keeps beeping because it is nearly empty. How much charge does the emptiest have?",
    )
    query = desk.say(frames, what=PLURALS[kind])
    return Request(query, f"It is {device['name']} with {device['battery']}%.", number_answer(device["battery"]))


@recipe("find_devices")
def count_outdated(desk: IoTDesk) -> Request:
    room = desk.pick([device.room for device in desk.world.devices.values() if device.room and desk.world.is_outdated(device)])
    count = desk.call("find_devices", room=room, outdated=True)["count"]
    frames = (
        "How many devices in the {room} run an outdated firmware?",
        "What number of devices in the {room} is not on the newest firmware?",
        "Count the things in the {room} that still need a firmware update.",
        "{room}: outdated devices, how many?",
        "Before I update anything in the {room}, tell me how many devices there have an old firmware.",
    )
    return Request(desk.say(frames, room=room), f"Outdated devices: {count}.", number_answer(count))


@recipe("find_devices")
def device_id(desk: IoTDesk) -> Request:
    room = desk.room()
    # Of the whole room those on battery are shown too, since they come first.
    found = desk.call("find_devices", {"kind": ("any",)}, kind="thermostat", room=room)
    device = found["devices"][0]
    entry, asked = desk.pick((("id", "device id"), ("firmware", "firmware version")))
    frames = (
        "What is the {asked} of the thermostat in the {room}?",
        "Support wants the {asked} of my {room} thermostat. Please look it up.",
        "{room} thermostat: {asked}?",
        "Could you find the thermostat of the {room} among the devices and tell me its {asked}?",
        "I need a {asked}, namely that of the thermostat in the {room}.",
    )
    return Request(desk.say(frames, room=room, asked=asked), f"The {asked} is {device[entry]}.", (device[entry],))


@recipe("update_firmware")
def update(desk: IoTDesk) -> Request:
    key, device = updatable(desk)
    newest = desk.world.versions[device.kind][-1]
    desk.call("update_firmware", {"version": (newest,)}, device_id=key)
    frames = (
        "Update the firmware of device {id} to the newest version.",
        "Please bring {id} up to date.",
        "{id}: latest firmware, now",
        "There is something wrong with {id}. Install the newest firmware on it.",
        "Would you upgrade the device {id} ({name})?",
        "{id} is behind. It should get whatever firmware is current.",
    )
    return Request(desk.say(frames, id=key, name=device.name))


@recipe("update_firmware")
def update_to(desk: IoTDesk) -> Request:
    key, device = updatable(desk)
    versions = desk.world.versions[device.kind]
    version = desk.pick(versions[versions.index(device.firmware) + 1 :])
    desk.call("update_firmware", {} if version != versions[-1] else {"version": ("",)}, device_id=key, version=version)
    frames = (
        "Install firmware {version} on {id}.",
        "The support page recommends version {version} for the device {id}. Put it on there.",
        "firmware {version} -> {id}",
        "Please get {id} to exactly {version}.",
        "Could {id} run firmware {version} from now on?",
    )
    return Request(desk.say(frames, version=version, id=key))


@recipe("update_firmware")
def update_at(desk: IoTDesk) -> Request:
    (key, device), time = updatable(desk), desk.time(1, 5)
    newest = desk.world.versions[device.kind][-1]
    desk.call("update_firmware", {"version": (newest,)}, device_id=key, at=time)
    frames = (
        "Install the newest firmware on {id} at {at}.",
        "Schedule the update of {id} for {at}.",
        "At {at}, when we sleep, {id} should get its latest firmware.",
        "update {id} at {at}",
        "Please do not interrupt anything now: bring {id} up to date at {at} instead.",
        "Could the device {id} move to the current firmware at {at}?",
    )
    return Request(desk.say(frames, id=key, at=desk.at(time)))


@recipe("find_devices", "update_firmware")
def find_and_update(desk: IoTDesk) -> Request:
    key, name, newest = look_up(desk)
    desk.call("update_firmware", {"version": (newest,)}, device_id=key)
    frames = (
        "Look up the id of the {name} and install the newest firmware there.",
        "There is old firmware on the {name}. Find the device and update it.",
        "find {name}, then latest firmware for it",
        "Please see to the firmware of the {name}: it is among the devices, and it should be brought up to date.",
        "Could you search my devices for the {name} and upgrade it to whatever is current?",
    )
    return Request(desk.say(frames, name=name))


@recipe("find_devices", "update_firmware")
def find_and_update_at(desk: IoTDesk) -> Request:
    (key, name, newest), time = look_up(desk), desk.time(1, 5)
    desk.call("update_firmware", {"version": (newest,)}, device_id=key, at=time)
    frames = (
        "Find the {name} and have its firmware updated at {at}.",
        "I do not know the id of the {name}. Look it up, then schedule the newest firmware for {at}.",
        "{name}: get the id, update at {at}",
        "At {at} the latest firmware should be installed on the {name}. You will have to search for the device first.",
        "Would you look for the {name} among my devices and plan an update at {at}?",
    )
    return Request(desk.say(frames, name=name, at=desk.at(time)))


@recipe("find_devices", "update_firmware", "update_firmware")
def update_lights_of_room(desk: IoTDesk) -> Request:
    lights = [(key, device) for key, device in desk.world.devices.items() if device.kind == "light" and is_updatable(desk, device)]
    by_room: dict[str, list[tuple[str, Device]]] = {}
    for key, device in lights:
        by_room.setdefault(device.room, []).append((key, device))
    room, both = desk.pick([(room, found) for room, found in by_room.items() if len(found) == 2])
    (first, one), (second, other) = desk.several(both, 2)
    newest = desk.world.versions["light"][-1]
    desk.call("find_devices", {"outdated": (True,)}, kind="light", room=room)
    for key in (first, second):
        desk.call("update_firmware", {"version": (newest,)}, device_id=key)
    frames = (
        "Find the lights of the {room} and update their firmware, the {one} first and then the {other}.",
        "Both lights in the {room} are outdated. Look up their ids, install the newest firmware on the {one}, after that on the {other}.",
        "{room} lights: get ids, update {one}, then {other}",
        "Would you search for the lights in the {room} and upgrade the {one}, followed by the {other}?",
    )
    return Request(desk.say(frames, room=room, one=one.name, other=other.name))
