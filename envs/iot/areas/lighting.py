"""The tools over lights, blinds and scenes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from envs.iot.areas.checks import check_known, check_new, check_once, check_within
from envs.iot.world import Colour, Scene, World
from raytool.env import ToolError, tool


class SceneLight(TypedDict):
    light: Annotated[str, Field(description="name of a light")]
    brightness: Annotated[int, Field(description="percent, 0 for off")]


class SceneBlinds(TypedDict):
    room: Annotated[str, Field(description="name of a room")]
    position: Annotated[int, Field(description="0 closed to 100 open")]


class Lighting:
    """Four tools; a scene is a set of lights and blinds that are set together."""

    world: World

    @tool
    def set_light(self, light: str, on: bool = True, brightness: int | None = None, colour: Colour | None = None) -> dict[str, Any]:
        """Switch, dim or colour a light or a group of lights.

        Args:
            light: name of a light or group
            on: whether it shines
            brightness: percent, 1 to 100, default as it was
            colour: e.g. warm white or blue, default as it was

        Returns:
            How many lights were set, and what was said of them.

        Raises:
            ToolError: there is no such light or group, it is white only, or a value is out of range.
        """
        check_known("light or group", light, (*self.world.lights, *self.world.groups))
        lights = self.world.lights_of(light)
        if not on and (brightness, colour) != (None, None):
            raise ToolError("a light that is off takes no brightness or colour")
        if brightness is not None:
            check_within("brightness", brightness, 1, 100)
        if colour and (plain := next((found.name for found in lights if not found.coloured), "")):
            raise ToolError(f"{plain} is a plain white light, it cannot turn {colour}")
        for found in lights:
            found.on = on
            found.brightness = brightness or found.brightness
            found.colour = colour or found.colour
        said = {"brightness": brightness, "colour": colour}
        return {"lights": len(lights), "on": on, **{name: value for name, value in said.items() if value is not None}}

    @tool
    def set_blinds(self, room: str, position: int, tilt: int | None = None) -> dict[str, Any]:
        """Open, close or tilt the blinds of a room.

        Args:
            room: name of the room
            position: 0 closed to 100 open
            tilt: angle of the slats in degrees, -90 to 90, default as it was

        Returns:
            The room, and the position and tilt of its blinds.

        Raises:
            ToolError: the room has no blinds, or a value is out of range.
        """
        check_known("blinds in", room, self.world.blinds)
        check_within("position", position, 0, 100)
        if tilt is not None:
            check_within("tilt", tilt, -90, 90)
        blinds = self.world.blinds[room]
        blinds.position, blinds.tilt = position, blinds.tilt if tilt is None else tilt
        return {"room": room, "position": blinds.position, "tilt": blinds.tilt}

    @tool
    def create_scene(self, name: str, lights: list[SceneLight], blinds: tuple[SceneBlinds, ...] = ()) -> dict[str, Any]:
        """Save a new scene of lights and blinds without activating it.

        Args:
            name: name of the scene
            lights: each {"light": name, "brightness": percent, 0 for off}
            blinds: each {"room": name, "position": 0 closed to 100 open}

        Returns:
            The name of the scene, and how many lights and blinds it sets.

        Raises:
            ToolError: the name is taken, a light or blinds do not exist or come twice, or a value is out of range.
        """
        check_new("scene", name, self.world.scenes)
        check_once("light", [entry["light"] for entry in lights])
        for entry in lights:
            check_known("light", entry["light"], self.world.lights)
            check_within("brightness", entry["brightness"], 0, 100)
        if blinds:
            check_once("room", [entry["room"] for entry in blinds])
        for part in blinds:
            check_known("blinds in", part["room"], self.world.blinds)
            check_within("position", part["position"], 0, 100)
        brightness = {entry["light"]: entry["brightness"] for entry in lights}
        self.world.scenes[name] = Scene(brightness, {entry["room"]: entry["position"] for entry in blinds})
        return {"scene": name, "lights": len(lights), "blinds": len(blinds)}

    @tool
    def activate_scene(self, scene: str, rooms: tuple[str, ...] = ()) -> dict[str, Any]:
        """Set the lights and blinds as a saved scene has them.

        Args:
            scene: name of the scene
            rooms: only in these rooms, default all

        Returns:
            The scene, and how many lights and blinds it set.

        Raises:
            ToolError: there is no such scene, or it has nothing in one of the rooms.
        """
        check_known("scene", scene, self.world.scenes)
        saved = self.world.scenes[scene]
        room_of = {light: self.world.lights[light].room for light in saved.lights}
        for room in rooms:
            check_known(f"part of {scene} in", room, {*room_of.values(), *saved.blinds})
        lights = {light: percent for light, percent in saved.lights.items() if not rooms or room_of[light] in rooms}
        blinds = {room: position for room, position in saved.blinds.items() if not rooms or room in rooms}
        for name, percent in lights.items():
            light = self.world.lights[name]
            light.on, light.brightness = percent > 0, percent or light.brightness
        for room, position in blinds.items():
            self.world.blinds[room].position = position
        self.world.active_scene = scene
        return {"scene": scene, "lights": len(lights), "blinds": len(blinds)}
