"""Requests about lights, blinds and scenes."""

from __future__ import annotations

from typing import Any, get_args

from envs.iot.queries.desk import IoTDesk, listed
from envs.iot.world import Colour, Light
from envs.scenario.choice import other_orders
from envs.scenario.desk import Request, recipe

STATES = {True: "on", False: "off"}


def switchable(desk: IoTDesk) -> tuple[str, str, bool]:
    """A light or group that can be switched, the words for it, and whether it is to be on: a group is partly so already."""
    on = desk.chance()
    if desk.chance(0.3):
        group = desk.pick(list(desk.world.groups))
        return group, f"the light group {group}", on
    light = desk.light(not on).name
    return light, f"the {light}", on


def other_percent(desk: IoTDesk, light: Light) -> int:
    return desk.other(range(5, 101, 5), light.brightness)


def brightness_words(desk: IoTDesk, percent: int) -> str:
    if percent == 100 and desk.chance():
        return "full brightness"
    share = desk.share(percent)
    return f"{share} brightness" if share == "half" else f"{share} of its brightness" if "quarter" in share else share


def blinds_change(desk: IoTDesk) -> tuple[str, int, str]:
    """A room with blinds, a new position, and the words for it: an adjective that stands after them."""
    room = desk.pick(list(desk.world.blinds))
    position = desk.other((0, 100, 25, 50, 75, *range(5, 100, 5)), desk.world.blinds[room].position)
    full = {0: "fully closed", 100: "fully open"}
    return room, position, full[position] if position in full else f"{desk.share(position)} open"


def scene_lights(desk: IoTDesk, count: int) -> tuple[list[dict[str, Any]], str]:
    """What a new scene sets its lights to, and the words for it."""
    lights = [{"light": light, "brightness": desk.percent()} for light in desk.several(list(desk.world.lights), count)]
    if count > 1 and desk.chance(0.3):
        lights[-1]["brightness"] = 0
    return lights, listed([f"{light['light']} {light['brightness'] or 'off'}{'%' * bool(light['brightness'])}" for light in lights])


def scene_blinds(desk: IoTDesk) -> tuple[list[dict[str, Any]], str]:
    room, position, words = blinds_change(desk)
    return [{"room": room, "position": position}], f"blinds in the {room} {words}"


def saved_scene(desk: IoTDesk) -> str:
    return desk.pick(list(desk.world.scenes))


@recipe("set_light")
def switch(desk: IoTDesk) -> Request:
    light, words, on = switchable(desk)
    desk.call("set_light", light=light, on=on)
    frames = (
        "Turn {words} {state}, please.",
        "Could you switch {state} {words}?",
        "I cannot reach the switch. Make sure that {words} goes {state}.",
        "{light} {state}",
        "My hands are full, so would you turn {state} {words}?",
        "From now on I want {words} to be {state}.",
    )
    return Request(desk.say(frames, light=light, words=words, state=STATES[on]))


@recipe("set_light")
def dim(desk: IoTDesk) -> Request:
    light = desk.light(on=True)
    percent = other_percent(desk, light)
    desk.call("set_light", light=light.name, brightness=percent)
    frames = (
        "Set the {light} to {percent}.",
        "{light} is on, but its brightness is wrong. It should be at {percent}.",
        "Would you please bring the {light} to {percent}?",
        "{light}: {percent}",
        "My eyes hurt. Let the {light} shine at {percent}, nothing else about it changes.",
        "For reading I need the {light} at {percent}.",
    )
    return Request(desk.say(frames, light=light.name, percent=brightness_words(desk, percent)))


@recipe("set_light")
def colour(desk: IoTDesk) -> Request:
    light = desk.pick([light for light in desk.world.lights.values() if light.coloured])
    shade = desk.other(get_args(Colour), light.colour)
    arguments: dict[str, Any] = {"light": light.name, "colour": shade}
    tail = ""
    if desk.chance(0.4):
        arguments["brightness"] = other_percent(desk, light)
        tail = f" at {brightness_words(desk, arguments['brightness'])}"
    desk.call("set_light", **arguments)
    frames = (
        "Make the {light} shine {colour}{tail}.",
        "Let the {light} glow in {colour}{tail}, please.",
        "I would like {colour} light{tail} from the {light}.",
        "{light} -> on, {colour}{tail}",
        "Can the {light} be {colour}{tail}? Then turn it on like that.",
        "We are in the mood for {colour}. Set the {light} to it{tail}.",
    )
    return Request(desk.say(frames, light=light.name, colour=shade, tail=tail))


@recipe("set_blinds")
def move_blinds(desk: IoTDesk) -> Request:
    room, position, words = blinds_change(desk)
    desk.call("set_blinds", room=room, position=position)
    frames = (
        "I want the blinds in the {room} {words}.",
        "Please move the blinds of the {room} until they are {words}.",
        "{room} blinds {words}",
        "How the sun comes in! Would you set the {room} blinds to {words}?",
        "The blinds in the {room} are in the wrong place; they belong {words}.",
        "See to it that the {room} has its blinds {words}.",
    )
    return Request(desk.say(frames, room=room, words=words))


@recipe("set_blinds")
def tilt_blinds(desk: IoTDesk) -> Request:
    room, position, words = blinds_change(desk)
    tilt = desk.other(range(-75, 76, 15), 0)
    desk.call("set_blinds", room=room, position=position, tilt=tilt)
    frames = (
        "Blinds of the {room}: {words}, slats tilted to {tilt} degrees.",
        "Move the {room} blinds to {words} and turn their slats to {tilt} degrees, please.",
        "Against the glare I need the {room} blinds {words} with a slat angle of {tilt}°.",
        "{room} blinds {words}, tilt {tilt}",
        "Could the blinds in the {room} be {words}, at a tilt of {tilt} degrees?",
        "With the slats at {tilt} degrees and the blinds {words} the {room} would be just right. Do that.",
    )
    return Request(desk.say(frames, room=room, words=words, tilt=tilt))


@recipe("set_blinds", asks=True)
def ask_position(desk: IoTDesk) -> Request:
    room, position, words = blinds_change(desk)
    desk.ask("How far should the blinds be open?")
    desk.call("set_blinds", room=room, position=position)
    frames = (
        "Adjust the blinds in the {room}.",
        "The blinds of the {room} are not how I like them. Move them, please.",
        "Could you change the position of the {room} blinds for me?",
        "{room}: put the blinds where I want them",
        "I need other blinds in the {room}, I mean another height.",
    )
    replies = ("I would like them {words}.", "Put them {words}, please.", "{words}")
    return Request(desk.say(frames, room=room), reply=desk.pick(replies).format(words=words))


@recipe("activate_scene")
def activate(desk: IoTDesk) -> Request:
    scene = saved_scene(desk)
    desk.call("activate_scene", scene=scene)
    frames = (
        "Activate the scene '{scene}'.",
        "It is time for '{scene}', please start that scene.",
        "Could you bring up my lighting scene '{scene}'?",
        "scene: {scene}",
        "Put the whole house into '{scene}'.",
        "I saved a scene called '{scene}' the other day. That is what I want now.",
        "Set lights and blinds the way '{scene}' has them.",
    )
    return Request(desk.say(frames, scene=scene))


@recipe("activate_scene")
def activate_in_room(desk: IoTDesk) -> Request:
    scene = saved_scene(desk)
    room = desk.world.lights[desk.pick(list(desk.world.scenes[scene].lights))].room
    desk.call("activate_scene", scene=scene, rooms=[room])
    frames = (
        "Activate '{scene}', but in the {room} only.",
        "I want the scene '{scene}' just for the {room}; leave the other rooms alone.",
        "Please run the '{scene}' scene restricted to the {room}.",
        "scene {scene}, {room} only",
        "Could the {room}, and nothing beside it, switch to the scene '{scene}'?",
        "The others are asleep, so start '{scene}' for no room but the {room}.",
    )
    return Request(desk.say(frames, scene=scene, room=room))


@recipe("create_scene")
def create_scene(desk: IoTDesk) -> Request:
    name, (lights, words) = desk.new_scene(), scene_lights(desk, desk.number(1, 3))
    desk.call("create_scene", {"lights": other_orders(lights)}, name=name, lights=lights)
    frames = (
        "Create a scene '{name}': {words}.",
        "I would like to save a scene named '{name}' with {words}.",
        "Please remember these lights as the scene '{name}', but do not start it: {words}.",
        "new scene {name}: {words}",
        "Could you set up a scene for later? Name: '{name}'. Lights: {words}.",
        "There is no '{name}' among my scenes. Define it as {words}.",
    )
    return Request(desk.say(frames, name=name, words=words))


@recipe("create_scene")
def create_scene_with_blinds(desk: IoTDesk) -> Request:
    name, (lights, words), (blinds, shade) = desk.new_scene(), scene_lights(desk, 2), scene_blinds(desk)
    desk.call("create_scene", {"lights": other_orders(lights)}, name=name, lights=lights, blinds=blinds)
    frames = (
        "Create the scene '{name}' with {words}, and {shade}.",
        "I need one more scene, '{name}'. Lights: {words}. Also {shade}.",
        "Please save '{name}' as a scene of {words}; {shade}.",
        "new scene {name}: {words}; {shade}",
        "When I start '{name}' one day, it should mean {words}, plus {shade}. Save that scene.",
    )
    return Request(desk.say(frames, name=name, words=words, shade=shade))


@recipe("create_scene", "activate_scene")
def create_and_activate(desk: IoTDesk) -> Request:
    name, (lights, words) = desk.new_scene(), scene_lights(desk, 2)
    desk.call("create_scene", {"lights": other_orders(lights)}, name=name, lights=lights)
    desk.call("activate_scene", scene=name)
    frames = (
        "Save a scene '{name}' with {words}, and start it right away.",
        "Make '{name}' a new scene: {words}. Once it is saved, activate it.",
        "new scene {name} ({words}), then run it",
        "I want to keep {words} as the scene '{name}' and see it at once. Create it first, then activate it.",
        "Could you define the scene '{name}' as {words}, then switch the house to it?",
    )
    return Request(desk.say(frames, name=name, words=words))


@recipe("activate_scene", "set_light")
def activate_but(desk: IoTDesk) -> Request:
    scene = saved_scene(desk)
    light = desk.pick([light for light, percent in desk.world.scenes[scene].lights.items() if percent] or list(desk.world.lights))
    desk.call("activate_scene", scene=scene)
    percent = other_percent(desk, desk.world.lights[light])
    desk.call("set_light", light=light, brightness=percent)
    frames = (
        "Start the scene '{scene}' and after that bring the {light} to {percent}%.",
        "I like '{scene}' apart from one lamp: activate it, then set the {light} to {percent}%.",
        "scene {scene}, afterwards {light} at {percent}%",
        "Could you activate '{scene}'? Once that is done, the {light} should shine at {percent}% instead of what the scene has.",
        "First the '{scene}' scene, please. Next, adjust the {light} to {percent}% brightness.",
    )
    return Request(desk.say(frames, scene=scene, light=light, percent=percent))


@recipe("set_blinds", "set_light")
def blinds_then_light(desk: IoTDesk) -> Request:
    (room, position, words), light = blinds_change(desk), desk.light(on=False)
    percent = desk.percent()
    desk.call("set_blinds", room=room, position=position)
    desk.call("set_light", light=light.name, brightness=percent)
    frames = (
        "Set the {room} blinds to {words}, then turn on the {light} at {percent}%.",
        "First I want the blinds in the {room} {words}. When they are, put the {light} on {percent}%.",
        "{room} blinds {words}, then {light} on at {percent}%",
        "It is getting late: move the {room} blinds until they are {words}, and next switch on the {light} with {percent}% brightness.",
        "Would you get the blinds of the {room} {words} and then light the {light} at {percent}%?",
    )
    return Request(desk.say(frames, room=room, words=words, light=light.name, percent=percent))


@recipe("set_light", "set_light", "set_blinds")
def film_evening(desk: IoTDesk) -> Request:
    bright, dark = desk.light(on=True), desk.light(on=False)
    room, position, words = blinds_change(desk)
    percent = desk.percent(most=50)
    desk.call("set_light", light=bright.name, on=False)
    desk.call("set_light", light=dark.name, brightness=percent)
    desk.call("set_blinds", room=room, position=position)
    frames = (
        "We want to watch a film: {bright} off, {dark} on at {percent}%, blinds in the {room} {words}.",
        "Please turn off the {bright}, light the {dark} at {percent}% and get the {room} blinds {words}.",
        "{bright} off / {dark} {percent}% / {room} blinds {words}",
        "Could I have the {bright} off, the {dark} on with {percent}%, and the blinds of the {room} {words}?",
        "The {bright} is too much. Off with it; have the {dark} at {percent}% instead, and the {room} blinds {words}.",
    )
    said = {"bright": bright.name, "dark": dark.name, "percent": percent, "room": room, "words": words}
    return Request(desk.say(frames, **said), lookups=3)
