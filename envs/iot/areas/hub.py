"""The tools over automation rules, and over the devices as such: their batteries and firmware."""

from __future__ import annotations

from typing import Annotated, Any, Literal, final

from pydantic import Field
from typing_extensions import TypedDict

from envs.iot.areas.checks import check_known, check_new, check_within
from envs.iot.world import Device, World, blinds_of
from envs.scenario.checks import checked_time
from raytool.env import ToolError, tool

SHOWN = 3  # entries of a listing; the count is always of all
LEAST_BATTERY = 20  # percent, below which no firmware is installed

Command = Literal["on", "off", "open", "close", "lock", "unlock", "activate"]


@final
class TimeTrigger(TypedDict):
    at: Annotated[str, Field(description="HH:MM, every day")]


@final
class MotionTrigger(TypedDict):
    camera: Annotated[str, Field(description="the camera that sees something move")]


@final
class SensorTrigger(TypedDict):
    sensor: Annotated[str, Field(description="name of the sensor")]
    comparison: Literal["above", "below"]
    value: Annotated[float, Field(description="limit that its readings pass")]


@final
class Presence(TypedDict):
    presence: Annotated[Literal["home", "away"], Field(description="whether somebody is at home")]


@final
class TimeWindow(TypedDict):
    after: Annotated[str, Field(description="HH:MM")]
    before: Annotated[str, Field(description="HH:MM, of the next day where it is earlier")]


class Action(TypedDict):
    target: Annotated[str, Field(description="a light, group, blinds, door or scene")]
    command: Command


class Hub:
    """Three tools; a rule may use anything in the house."""

    world: World

    @tool
    def create_rule(
        self,
        name: str,
        trigger: TimeTrigger | MotionTrigger | SensorTrigger,
        action: Action,
        condition: Presence | TimeWindow | None = None,
        enabled: bool = True,
    ) -> dict[str, Any]:
        """Add an automation rule: what sets it off, what it does and on what condition.

        Args:
            name: name of the rule
            trigger: {"at": HH:MM}, {"camera": name} or {"sensor": name, "comparison": "above" or "below", "value": number}
            action: {"target": light, group, e.g. Attic blinds, door or scene; "command": on, off, open, close, lock, unlock or activate}
            condition: {"presence": "home" or "away"} or {"after": HH:MM, "before": HH:MM}, default always
            enabled: whether it works from now on

        Returns:
            The name of the rule, and whether it is enabled.

        Raises:
            ToolError: the name is taken, something does not exist, a time is none, or the target has no such command.
        """
        check_new("rule", name, self.world.rules)
        self._check_trigger(trigger)
        self._check_action(action)
        if condition and "after" in condition:
            checked_time(condition["after"])
            checked_time(condition["before"])
        parts = {"trigger": dict(trigger), "action": dict(action), "condition": dict(condition or {})}
        self.world.rules[name] = {**parts, "enabled": enabled}
        return {"rule": name, "enabled": enabled}

    @tool
    def find_devices(
        self,
        kind: Literal["any", "light", "blinds", "thermostat", "lock", "camera", "sensor"] = "any",
        room: str = "",
        battery_below: int | None = None,
        outdated: bool = False,
    ) -> dict[str, Any]:
        """Find devices with their ids, batteries and firmware.

        Args:
            kind: what they are
            room: only in this room
            battery_below: only with less charge than this, in percent
            outdated: only with a firmware that is not the newest

        Returns:
            The count, and the id, name, battery and firmware of the first ones, the emptiest first, those on mains last.

        Raises:
            ToolError: there is no such room, or the charge is out of range.
        """
        if room:
            check_known("room", room, self.world.rooms)
        if battery_below is not None:
            check_within("battery_below", battery_below, 1, 100)

        def wanted(device: Device) -> bool:
            flat = battery_below is None or (device.battery is not None and device.battery < battery_below)
            return kind in ("any", device.kind) and room in ("", device.room) and flat and (not outdated or self.world.is_outdated(device))

        found = [
            {"id": device_id, "name": device.name, "battery": device.battery, "firmware": device.firmware}
            for device_id, device in self.world.devices.items()
            if wanted(device)
        ]
        found.sort(key=lambda device: (device["battery"] is None, device["battery"] or 0))
        return {"count": len(found), "devices": found[:SHOWN]}

    @tool
    def update_firmware(self, device_id: str, version: str = "", at: str = "") -> dict[str, str]:
        """Install a newer firmware on a device.

        Args:
            device_id: e.g. d12
            version: e.g. 2.4.1, default the newest
            at: HH:MM, default at once

        Returns:
            The device, and the version that it gets.

        Raises:
            ToolError: there is no such device or version, the version is not newer, or the battery is too low.
        """
        if device_id not in self.world.devices:
            raise ToolError(f"no device {device_id[:20]!r}")
        device = self.world.devices[device_id]
        versions = self.world.versions[device.kind]
        version = version or versions[-1]
        check_known(f"{device.kind} firmware", version, versions)
        if versions.index(version) <= versions.index(device.firmware):
            raise ToolError(f"{device.name} has firmware {device.firmware}, {version} is not newer")
        if device.battery is not None and device.battery < LEAST_BATTERY:
            raise ToolError(f"the battery of {device.name} is at {device.battery} %, less than {LEAST_BATTERY} %")
        if at:
            device.update = (version, checked_time(at))
        else:
            device.firmware, device.update = version, ()
        return {"device": device.name, "version": version}

    def _check_trigger(self, trigger: TimeTrigger | MotionTrigger | SensorTrigger) -> None:
        if "at" in trigger:
            checked_time(trigger["at"])
        elif "camera" in trigger:
            check_known("camera", trigger["camera"], self.world.cameras)
        else:
            check_known("sensor", trigger["sensor"], self.world.sensors)
            check_within("value", trigger["value"], -1e6, 1e6)

    def _check_action(self, action: Action) -> None:
        commands = {
            **dict.fromkeys((*self.world.lights, *self.world.groups), ("on", "off")),
            **dict.fromkeys(map(blinds_of, self.world.blinds), ("open", "close")),
            **dict.fromkeys(self.world.locks, ("lock", "unlock")),
            **dict.fromkeys(self.world.scenes, ("activate",)),
        }
        check_known("light, group, blinds, door or scene", action["target"], commands)
        allowed = commands[action["target"]]
        if action["command"] not in allowed:
            raise ToolError(f"{action['target']} takes {' or '.join(allowed)}, not {action['command']!r}")
