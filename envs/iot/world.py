"""The state of a smart home: lights, blinds and scenes, heating, doors, cameras, appliances, measurements, rules and devices.

Temperatures are kept in degrees Celsius, dates as "YYYY-MM-DD", times of day as "HH:MM". A world is a function of the
generator it is built with and of the calls made on it since; it knows no clock of its own, only its `today`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np

from envs.iot import vocabulary as words
from envs.scenario import names
from envs.scenario.choice import pick, several
from envs.scenario.clock import days_after, time_of_day
from envs.scenario.rounding import tidy

Colour = Literal[
    "warm white", "neutral white", "cool white", "red", "orange", "yellow", "green", "turquoise", "blue", "purple", "pink"
]  # fmt: skip
Kind = Literal["light", "blinds", "thermostat", "lock", "camera", "sensor"]
MotionKind = Literal["person", "animal", "vehicle"]
DayGroup = Literal["weekdays", "weekend"]
Unit = Literal["celsius", "fahrenheit"]

HISTORY = 7  # whole days before today for which there are measurements and motion events
ON_BATTERY = ("blinds", "thermostat", "lock", "sensor")


@dataclass
class Light:
    name: str
    room: str
    coloured: bool
    on: bool
    brightness: int
    colour: Colour = "warm white"


@dataclass
class Blinds:
    """`position` is 0 closed to 100 open, `tilt` the angle of the slats in degrees."""

    position: int
    tilt: int = 0


@dataclass
class Scene:
    """Brightness by light, where 0 is off, and position of the blinds by room."""

    lights: dict[str, int]
    blinds: dict[str, int]


@dataclass
class Room:
    area: int  # square metres
    carpet: bool
    temperature: float
    humidity: int
    target: float
    hold_minutes: int = 0
    schedule: dict[DayGroup, dict[str, float]] = field(default_factory=dict)  # target by the time from which it holds


@dataclass
class Lock:
    locked: bool
    relock_minutes: int = 0


@dataclass
class AccessCode:
    """`valid` has the first and the last day, or nothing where the code is good for ever."""

    code: str
    doors: tuple[str, ...]
    valid: tuple[str, ...] = ()


@dataclass
class MotionEvent:
    camera: str
    date: str
    time: str
    kind: MotionKind


@dataclass
class Sensor:
    """`values` has a reading for every full hour of the history."""

    unit: str
    values: list[float]


@dataclass
class Tariff:
    """Euro per kWh; the cheap hours begin at `night_from` and end at `night_to`, past midnight."""

    day_price: float
    night_price: float
    night_from: int
    night_to: int

    def price(self, hour: int) -> float:
        return self.night_price if hour >= self.night_from or hour < self.night_to else self.day_price


@dataclass
class Device:
    """Anything that runs a firmware. `battery` is in percent, None on mains; `update` is (version, time) of a planned one."""

    name: str
    kind: Kind
    room: str
    battery: int | None
    firmware: str
    update: tuple[str, ...] = ()


@dataclass
class World:
    """One house. Lights, blinds, rooms, doors and the like go by their names; motion events and devices have ids."""

    today: str
    tariff: str = ""
    lights: dict[str, Light] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    blinds: dict[str, Blinds] = field(default_factory=dict)
    scenes: dict[str, Scene] = field(default_factory=dict)
    active_scene: str = ""
    rooms: dict[str, Room] = field(default_factory=dict)
    locks: dict[str, Lock] = field(default_factory=dict)
    codes: dict[str, AccessCode] = field(default_factory=dict)
    cameras: tuple[str, ...] = ()
    events: dict[str, MotionEvent] = field(default_factory=dict)
    clips: dict[str, tuple[int, str]] = field(default_factory=dict)  # seconds and label by the id of the event
    running: dict[str, dict[str, Any]] = field(default_factory=dict)  # how each running appliance was set
    sensors: dict[str, Sensor] = field(default_factory=dict)
    meters: dict[str, list[float]] = field(default_factory=dict)  # kWh of every hour of the history
    tariffs: dict[str, Tariff] = field(default_factory=dict)
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    versions: dict[Kind, tuple[str, ...]] = field(default_factory=dict)  # of firmware, the newest last

    @property
    def past_days(self) -> list[str]:
        """The days of the history, the oldest first."""
        return [days_after(self.today, -days) for days in range(HISTORY, 0, -1)]

    def hours(self, values: Sequence[float], day: str) -> Sequence[float]:
        """The 24 values of a day of the history."""
        begin = 24 * (HISTORY - (date.fromisoformat(self.today) - date.fromisoformat(day)).days)
        return values[begin : begin + 24]

    def lights_of(self, name: str) -> list[Light]:
        """The light of that name, or those of that group; none if there is neither."""
        return [self.lights[light] for light in self.groups.get(name, (name,)) if light in self.lights]

    def is_outdated(self, device: Device) -> bool:
        return device.firmware != self.versions[device.kind][-1]

    def state(self) -> dict[str, Any]:
        """All that the owner would see and any tool can change, as plain values. Ids are left out: they are handles, not content."""
        return {
            "lights": {light.name: [light.on, light.brightness, light.colour] for light in self.lights.values()},
            "blinds": {room: [blinds.position, blinds.tilt] for room, blinds in self.blinds.items()},
            "scenes": {name: {"lights": dict(scene.lights), "blinds": dict(scene.blinds)} for name, scene in self.scenes.items()},
            "active scene": self.active_scene,
            "heating": {
                name: {"target": room.target, "hold": room.hold_minutes, **{days: dict(times) for days, times in room.schedule.items()}}
                for name, room in self.rooms.items()
            },
            "locks": {door: [lock.locked, lock.relock_minutes] for door, lock in self.locks.items()},
            "codes": {name: [code.code, sorted(code.doors), *code.valid] for name, code in self.codes.items()},
            "clips": sorted(
                [event.camera, event.date, event.time, seconds, label]
                for event, (seconds, label) in ((self.events[event_id], clip) for event_id, clip in self.clips.items())
            ),
            "running": {appliance: dict(settings) for appliance, settings in self.running.items()},
            "rules": {name: dict(rule) for name, rule in self.rules.items()},
            "firmware": {device.name: [device.firmware, *device.update] for device in self.devices.values()},
        }


def build(random: np.random.Generator) -> World:
    """A house with something of everything, and enough of it to ask about."""
    world = World(days_after("2025-01-06", int(random.integers(0, 730))))
    rooms = several(random, words.ROOMS, int(random.integers(4, 7)))
    _fill_lighting(world, random, rooms)
    _fill_heating(world, random, rooms)
    _fill_doors(world, random)
    _fill_cameras(world, random)
    _fill_measurements(world, random)
    _fill_devices(world, random)
    return world


def _fill_lighting(world: World, random: np.random.Generator, rooms: list[str]) -> None:
    for room in rooms:
        for index, fixture in enumerate(several(random, words.FIXTURES, 2)):
            # One light of a room is on and the other off, so that a room or a group can always be switched.
            coloured = not world.lights or bool(random.integers(2))
            light = Light(f"{room} {fixture}", room, coloured, index == 0, int(random.integers(1, 21)) * 5)
            world.lights[light.name] = light
    on, off = ([light.name for light in world.lights.values() if light.on is state] for state in (True, False))
    for name in several(random, words.GROUPS, 2):
        world.groups[name] = (pick(random, on), *several(random, off, int(random.integers(1, 3))))
    for room in several(random, rooms, 3):
        world.blinds[room] = Blinds(int(random.integers(2, 19)) * 5)
    for name in several(random, words.SCENES, 3):
        lights = several(random, list(world.lights), int(random.integers(2, 5)))
        brightness = {light: int(random.integers(0, 11)) * 10 for light in lights}
        world.scenes[name] = Scene(brightness, {pick(random, list(world.blinds)): int(random.integers(0, 11)) * 10})


def _fill_heating(world: World, random: np.random.Generator, rooms: list[str]) -> None:
    degrees = several(random, range(160, 250), len(rooms))  # tenths: no two rooms are equally warm
    targets = several(random, range(32, 47), len(rooms))  # halves, and no two alike either
    for room, tenths, halves in zip(rooms, degrees, targets, strict=True):
        target = halves / 2
        world.rooms[room] = Room(int(random.integers(8, 34)), bool(random.integers(2)), tenths / 10, int(random.integers(30, 70)), target)
        world.rooms[room].schedule = {"weekdays": {"06:00": target, "22:30": 17.0}, "weekend": {"08:00": target, "22:30": 17.0}}
    world.rooms[rooms[0]].carpet, world.rooms[rooms[1]].carpet = True, False


def _fill_doors(world: World, random: np.random.Generator) -> None:
    for index, door in enumerate(several(random, words.DOORS, 4)):
        world.locks[door] = Lock(index % 2 == 0)
    holders = several(random, words.CODE_HOLDERS, 2) + several(random, names.FIRST_NAMES, 2)
    for holder, code in zip(holders, several(random, range(1000, 5000), len(holders)), strict=True):
        world.codes[holder] = AccessCode(str(code), tuple(several(random, list(world.locks), int(random.integers(1, 4)))))


def _fill_cameras(world: World, random: np.random.Generator) -> None:
    world.cameras = tuple(several(random, words.CAMERAS, 3))
    number = int(random.integers(100, 900))
    kinds: tuple[MotionKind, ...] = ("person", "person", "animal", "vehicle")
    for camera in world.cameras:
        for day in sorted(several(random, world.past_days, 3)):
            minutes = sorted(set(random.integers(0, 24 * 60, int(random.integers(3, 8))).tolist()))
            for minute, kind in zip(minutes, random.integers(0, len(kinds), len(minutes)).tolist(), strict=True):
                number += 1
                world.events[f"v{number}"] = MotionEvent(camera, day, time_of_day(minute), kinds[kind])


def _fill_measurements(world: World, random: np.random.Generator) -> None:
    daily = np.tile(np.sin(np.arange(24) / 24 * 2 * np.pi - np.pi / 2), HISTORY)
    for index in random.permutation(len(words.SENSORS))[:4].tolist():
        name, unit, middle, swing, scatter = words.SENSORS[index]
        values = middle + swing * daily + scatter * random.standard_normal(len(daily))
        world.sensors[name] = Sensor(unit, np.round(values, 1 if middle < 100 else 0).tolist())
    for index in random.permutation(len(words.METERS))[:4].tolist():
        meter, hourly, swing = words.METERS[index]
        values = np.maximum(0.01, (hourly + swing * daily) * random.uniform(0.4, 1.6, len(daily)))
        world.meters[meter] = np.round(values, 2).tolist()
    for name in several(random, words.TARIFFS, 4):
        prices = int(random.integers(28, 42)) / 100, int(random.integers(15, 27)) / 100
        world.tariffs[name] = Tariff(*prices, int(random.integers(20, 24)), int(random.integers(4, 8)))
    world.tariff = next(iter(world.tariffs))


def _fill_devices(world: World, random: np.random.Generator) -> None:
    found: list[tuple[str, Kind, str]] = [
        *((light.name, "light", light.room) for light in world.lights.values()),
        *((blinds_of(room), "blinds", room) for room in world.blinds),
        *((f"{room} thermostat", "thermostat", room) for room in world.rooms),
        *((door, "lock", "") for door in world.locks),
        *((camera, "camera", "") for camera in world.cameras),
        *((sensor, "sensor", "") for sensor in world.sensors),
    ]
    kinds: tuple[Kind, ...] = ("light", "blinds", "thermostat", "lock", "camera", "sensor")
    for kind in kinds:
        major, minor = int(random.integers(1, 6)), int(random.integers(0, 8))
        world.versions[kind] = tuple(f"{major}.{minor + step}.{int(random.integers(10))}" for step in range(3))
    number = int(random.integers(100, 900))
    charges = random.permutation(np.arange(4, 100)).tolist()  # no two are equally full
    behind = [2, 2, *random.integers(1, 4, len(found) - 2).tolist()]  # the lights of the first room are outdated in any house
    for (name, kind, room), charge, step in zip(found, charges, behind, strict=False):
        number += 1
        world.devices[f"d{number}"] = Device(name, kind, room, charge if kind in ON_BATTERY else None, world.versions[kind][-step])


def blinds_of(room: str) -> str:
    """What the device list and the rules call the blinds of a room."""
    return f"{room} blinds"


def to_tenth(value: float) -> float:
    return tidy(value, 1)


def to_celsius(temperature: float, unit: Unit) -> float:
    return to_tenth(temperature if unit == "celsius" else (temperature - 32) / 1.8)


def from_celsius(temperature: float, unit: Unit) -> float:
    return to_tenth(temperature if unit == "celsius" else temperature * 1.8 + 32)
