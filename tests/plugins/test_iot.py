"""The smart home: what each of its tools refuses, computes and changes, and what its requests say."""

from __future__ import annotations

import json
import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from envs.iot import SCENARIO, IoT, tasks
from envs.iot.queries.desk import IoTDesk
from envs.iot.world import HISTORY, build
from envs.scenario.clock import days_after
from envs.scenario.wording import long_date, twelve_hours
from raytool.env import FINISH, ToolError
from raytool.records import Feedback, GoldCall, Task

READING = {
    "get_climate", "find_motion_events", "get_sensor_statistics", "find_sensor_readings", "get_energy_use", "get_energy_cost",
    "find_devices",
}  # fmt: skip
# Parameters and keys whose values no query has to spell out.
IN_OTHER_WORDS = {
    "kind",
    "statistic",
    "detail",
    "days",
    "unit",
    "mode",
    "program",
    "command",
    "presence",
    "comparison",
    "question",
    "answer",
}

Case = Callable[[IoT], dict[str, Any]]


@pytest.fixture
def env() -> IoT:
    return home()


def home(seed: int = 11) -> IoT:
    env = IoT()
    env.world = build(np.random.default_rng(seed))
    env.task = Task(
        "t", "envs.iot:IoT", "", (*IoT.tool_specs(), *IoT.tool_specs(*(weak.spec.name for weak in IoT.weak_tools.values())), FINISH)
    )
    return env


# ---- things of a house, by what is to be said of them


def first(names: Any) -> str:
    return next(iter(names))


def light(env: IoT, coloured: bool | None = None) -> str:
    return next(light.name for light in env.world.lights.values() if coloured in (None, light.coloured))


def yesterday(env: IoT) -> str:
    return days_after(env.world.today, -1)


def device(env: IoT, wanted: Callable[[Any], bool]) -> str:
    return next(key for key, found in env.world.devices.items() if wanted(found))


def no_battery(env: IoT) -> str:
    """An outdated device that is nearly empty."""
    key = device(env, lambda found: found.battery is not None)
    env.world.devices[key].battery = 5
    env.world.devices[key].firmware = env.world.versions[env.world.devices[key].kind][0]
    return key


def up_to_date(env: IoT) -> str:
    return device(env, lambda found: not env.world.is_outdated(found))


def outdated(env: IoT) -> str:
    return device(env, lambda found: env.world.is_outdated(found) and found.battery is None)


def running(appliance: str, arguments: dict[str, Any]) -> Case:
    def case(env: IoT) -> dict[str, Any]:
        env.world.running[appliance] = {}
        return arguments

    return case


def a_sensor(env: IoT) -> dict[str, Any]:
    return {"sensor": first(env.world.sensors), "first_day": yesterday(env)}


def a_meter(env: IoT) -> dict[str, Any]:
    return {"meter": first(env.world.meters), "first_day": yesterday(env)}


def a_code(env: IoT) -> dict[str, Any]:
    return {"name": "Nobody yet", "code": "7777", "doors": [first(env.world.locks)]}


def a_rule(env: IoT) -> dict[str, Any]:
    return {"name": "Test", "trigger": {"at": "07:00"}, "action": {"target": light(env), "command": "on"}}


def a_scene(env: IoT) -> dict[str, Any]:
    return {"name": "Test", "lights": [{"light": light(env), "brightness": 40}]}


def no_blinds(env: IoT) -> str:
    return next(room for room in env.world.rooms if room not in env.world.blinds)


def saved_event(env: IoT) -> str:
    event_id = first(env.world.events)
    env.world.clips[event_id] = (30, "")
    return event_id


def carpeted(env: IoT) -> str:
    return next(name for name, room in env.world.rooms.items() if room.carpet)


ERRORS: dict[str, list[Case]] = {
    "set_light": [
        lambda env: {"light": "Moon"},
        lambda env: {"light": light(env), "brightness": 0},
        lambda env: {"light": light(env), "brightness": 101},
        lambda env: {"light": light(env), "on": False, "brightness": 50},
        lambda env: {"light": light(env), "colour": "plaid"},
        lambda env: {"light": light(env, coloured=False), "colour": "blue"},
    ],
    "set_blinds": [
        lambda env: {"room": "Nowhere", "position": 50},
        lambda env: {"room": no_blinds(env), "position": 50},
        lambda env: {"room": first(env.world.blinds), "position": 101},
        lambda env: {"room": first(env.world.blinds), "position": 50, "tilt": 91},
        lambda env: {"room": first(env.world.blinds), "position": 49.5},
    ],
    "create_scene": [
        lambda env: {**a_scene(env), "name": " "},
        lambda env: {**a_scene(env), "name": first(env.world.scenes)},
        lambda env: {**a_scene(env), "lights": []},
        lambda env: {**a_scene(env), "lights": a_scene(env)["lights"] * 2},
        lambda env: {**a_scene(env), "lights": [{"light": "Moon", "brightness": 40}]},
        lambda env: {**a_scene(env), "lights": [{"light": light(env), "brightness": -1}]},
        lambda env: {**a_scene(env), "lights": [{"light": light(env)}]},
        lambda env: {**a_scene(env), "blinds": [{"room": no_blinds(env), "position": 0}]},
        lambda env: {**a_scene(env), "blinds": [{"room": first(env.world.blinds), "position": 200}]},
        lambda env: {**a_scene(env), "blinds": [{"room": first(env.world.blinds), "position": 0}] * 2},
    ],
    "activate_scene": [
        lambda env: {"scene": "Nothing"},
        lambda env: {"scene": first(env.world.scenes), "rooms": ["Nowhere"]},
    ],
    "get_climate": [lambda env: {"room": "Nowhere"}, lambda env: {"room": first(env.world.rooms), "unit": "kelvin"}],
    "set_thermostat": [
        lambda env: {"room": "Nowhere", "temperature": 20},
        lambda env: {"room": first(env.world.rooms), "temperature": 31},
        lambda env: {"room": first(env.world.rooms), "temperature": float("nan")},
        lambda env: {"room": first(env.world.rooms), "temperature": 20, "unit": "fahrenheit"},
        lambda env: {"room": first(env.world.rooms), "temperature": 20, "hold_minutes": -1},
    ],
    "set_schedule": [
        lambda env: {"room": "Nowhere", "periods": [{"start": "06:00", "temperature": 20}]},
        lambda env: {"room": first(env.world.rooms), "periods": []},
        lambda env: {"room": first(env.world.rooms), "periods": [{"start": "6:00", "temperature": 20}]},
        lambda env: {"room": first(env.world.rooms), "periods": [{"start": "06:00", "temperature": 70}]},
        lambda env: {"room": first(env.world.rooms), "periods": [{"start": "06:00", "temperature": 20}] * 2},
        lambda env: {"room": first(env.world.rooms), "periods": [{"start": f"{hour:02}:00", "temperature": 20} for hour in range(7)]},
        lambda env: {"room": first(env.world.rooms), "periods": [{"start": "06:00", "temperature": 20}], "days": "monday"},
    ],
    "set_lock": [
        lambda env: {"door": "Nowhere", "locked": True},
        lambda env: {"door": first(env.world.locks), "locked": True, "relock_minutes": 5},
        lambda env: {"door": first(env.world.locks), "locked": False, "relock_minutes": 121},
        lambda env: {"door": first(env.world.locks), "locked": "yes"},
    ],
    "create_access_code": [
        lambda env: {**a_code(env), "name": ""},
        lambda env: {**a_code(env), "name": first(env.world.codes)},
        lambda env: {**a_code(env), "code": "123"},
        lambda env: {**a_code(env), "code": "abcd"},
        lambda env: {**a_code(env), "code": first(env.world.codes.values()).code},
        lambda env: {**a_code(env), "doors": []},
        lambda env: {**a_code(env), "doors": ["Nowhere"]},
        lambda env: {**a_code(env), "doors": a_code(env)["doors"] * 2},
        lambda env: {**a_code(env), "valid": {"first_day": "2030-02-30", "last_day": "2030-03-01"}},
        lambda env: {**a_code(env), "valid": {"first_day": "2030-02-02", "last_day": "2030-02-01"}},
        lambda env: {**a_code(env), "valid": {"first_day": "2030-02-02"}},
    ],
    "revoke_access_code": [
        lambda env: {"name": "Nobody yet"},
        lambda env: {"name": first(env.world.codes), "doors": ["Nowhere"]},
    ],
    "find_motion_events": [
        lambda env: {"camera": "Nowhere", "date": yesterday(env)},
        lambda env: {"camera": env.world.cameras[0], "date": "yesterday"},
        lambda env: {"camera": env.world.cameras[0], "date": env.world.today},
        lambda env: {"camera": env.world.cameras[0], "date": yesterday(env), "kind": "ghost"},
        lambda env: {"camera": env.world.cameras[0], "date": yesterday(env), "from_time": "24:00"},
        lambda env: {"camera": env.world.cameras[0], "date": yesterday(env), "from_time": "10:00", "to_time": "09:00"},
    ],
    "save_clip": [
        lambda env: {"event_id": "v1"},
        lambda env: {"event_id": saved_event(env)},
        lambda env: {"event_id": first(env.world.events), "seconds": 4},
        lambda env: {"event_id": first(env.world.events), "seconds": 121},
    ],
    "start_washer": [
        running("washer", {"program": "wool"}),
        lambda env: {"program": "silk"},
        lambda env: {"program": "wool", "temperature": 60},
        lambda env: {"program": "wool", "temperature": 35},
        lambda env: {"program": "wool", "spin": 1200},
        lambda env: {"program": "wool", "delay_minutes": 1441},
    ],
    "start_oven": [
        running("oven", {"mode": "fan", "temperature": 180}),
        lambda env: {"mode": "microwave", "temperature": 180},
        lambda env: {"mode": "fan", "temperature": 240},
        lambda env: {"mode": "grill", "temperature": 100},
        lambda env: {"mode": "fan", "temperature": 100, "unit": "fahrenheit"},
        lambda env: {"mode": "fan", "temperature": 180, "minutes": 601},
    ],
    "start_vacuum": [
        lambda env: running("vacuum", {"rooms": [first(env.world.rooms)]})(env),
        lambda env: {"rooms": []},
        lambda env: {"rooms": ["Nowhere"]},
        lambda env: {"rooms": [first(env.world.rooms)] * 2},
        lambda env: {"rooms": [carpeted(env)], "mop": True},
        lambda env: {"rooms": [first(env.world.rooms)], "passes": 4},
    ],
    "get_sensor_statistics": [
        lambda env: {**a_sensor(env), "sensor": "Nothing"},
        lambda env: {**a_sensor(env), "first_day": "last week"},
        lambda env: {**a_sensor(env), "first_day": env.world.today},
        lambda env: {**a_sensor(env), "first_day": days_after(env.world.today, -HISTORY - 1)},
        lambda env: {**a_sensor(env), "last_day": days_after(env.world.today, -2)},
        lambda env: {**a_sensor(env), "statistic": "mode"},
        lambda env: {**a_sensor(env), "from_time": "10:01", "to_time": "10:59"},
        lambda env: {**a_sensor(env), "from_time": "10:00", "to_time": "10:00", "statistic": "standard_deviation"},
        lambda env: {**a_sensor(env), "from_time": "10:00", "to_time": "09:00"},
    ],
    "find_sensor_readings": [
        lambda env: {"sensor": "Nothing", "date": yesterday(env), "above": 1},
        lambda env: {"sensor": first(env.world.sensors), "date": env.world.today, "above": 1},
        lambda env: {"sensor": first(env.world.sensors), "date": yesterday(env)},
    ],
    "get_energy_use": [
        lambda env: {**a_meter(env), "meter": "Nothing"},
        lambda env: {**a_meter(env), "last_day": env.world.today},
        lambda env: {**a_meter(env), "detail": "weekly"},
    ],
    "get_energy_cost": [
        lambda env: {**a_meter(env), "meter": "Nothing"},
        lambda env: {**a_meter(env), "tariff": "Free"},
        lambda env: {**a_meter(env), "first_day": "2020-01-01"},
    ],
    "create_rule": [
        lambda env: {**a_rule(env), "name": ""},
        lambda env: {**a_rule(env), "name": taken_rule(env)},
        lambda env: {**a_rule(env), "trigger": {"at": "25:00"}},
        lambda env: {**a_rule(env), "trigger": {"camera": "Nowhere"}},
        lambda env: {**a_rule(env), "trigger": {"sensor": "Nothing", "comparison": "above", "value": 1}},
        lambda env: {**a_rule(env), "trigger": {"sensor": first(env.world.sensors), "comparison": "above"}},
        lambda env: {**a_rule(env), "trigger": {"sensor": first(env.world.sensors), "comparison": "above", "value": 1e9}},
        lambda env: {**a_rule(env), "action": {"target": "Moon", "command": "on"}},
        lambda env: {**a_rule(env), "action": {"target": light(env), "command": "lock"}},
        lambda env: {**a_rule(env), "condition": {"after": "22:00", "before": "sunrise"}},
        lambda env: {**a_rule(env), "condition": {"presence": "asleep"}},
    ],
    "find_devices": [
        lambda env: {"room": "Nowhere"},
        lambda env: {"kind": "toaster"},
        lambda env: {"battery_below": 0},
        lambda env: {"battery_below": 101},
    ],
    "update_firmware": [
        lambda env: {"device_id": "d1"},
        lambda env: {"device_id": up_to_date(env)},
        lambda env: {"device_id": no_battery(env)},
        lambda env: {"device_id": outdated(env), "version": "0.0.1"},
        lambda env: {"device_id": outdated(env), "version": env.world.devices[outdated(env)].firmware},
        lambda env: {"device_id": outdated(env), "at": "at night"},
    ],
}


def taken_rule(env: IoT) -> str:
    env.world.rules["Taken"] = {}
    return "Taken"


@pytest.mark.parametrize(("name", "index"), [(name, index) for name, cases in ERRORS.items() for index in range(len(cases))])
def test_a_failing_call_says_so_and_changes_nothing(env: IoT, name: str, index: int) -> None:
    arguments = ERRORS[name][index](env)
    before = env.world.state()
    _, _, ended, _, info = env.step(json.dumps({"calls": [{"name": name, "arguments": arguments}]}))
    (observation,), (feedback,) = info["observations"], info["feedback"]
    assert feedback in {Feedback.OTHER, Feedback.TOOL_CALL_FAILURE} and not ended
    assert 0 < len(observation) < 400 and "\n" not in observation
    assert not re.search("KeyError|IndexError|TypeError|AttributeError", observation)
    assert env.world.state() == before


def test_every_tool_has_an_error() -> None:
    assert set(ERRORS) == set(IoT.tools)


def test_an_unknown_name_is_answered_with_what_there_is(env: IoT) -> None:
    door = first(env.world.locks)
    with pytest.raises(ToolError, match=f"near it are .*{door}"):
        env.set_lock(door.lower(), True)
    with pytest.raises(ToolError, match=re.escape("; there are " + ", ".join(sorted(env.world.cameras)))):
        env.find_motion_events("x", yesterday(env))


# ---- what the tools compute and change


def test_a_group_is_set_light_by_light(env: IoT) -> None:
    group, names = first(env.world.groups.items())
    env.world.groups[group] = names = (*names[:1], *[name for name in env.world.lights if name not in names][:1])
    before = [env.world.lights[name].colour for name in names]
    assert env.set_light(group, brightness=35) == {"lights": 2, "on": True, "brightness": 35}
    lights = [env.world.lights[name] for name in names]
    assert all(found.on and found.brightness == 35 for found in lights) and [found.colour for found in lights] == before
    env.set_light(group, on=False)
    assert not any(found.on for found in lights) and all(found.brightness == 35 for found in lights)


def test_a_light_keeps_what_is_not_said_of_it(env: IoT) -> None:
    name = light(env, coloured=True)
    env.set_light(name, brightness=20, colour="blue")
    assert env.set_light(name, colour="red") == {"lights": 1, "on": True, "colour": "red"}
    assert (env.world.lights[name].brightness, env.world.lights[name].colour) == (20, "red")


def test_blinds_keep_their_tilt(env: IoT) -> None:
    room = first(env.world.blinds)
    assert env.set_blinds(room, 30, tilt=-45)["tilt"] == -45
    assert env.set_blinds(room, 80) == {"room": room, "position": 80, "tilt": -45}


def test_a_scene_is_what_was_saved_and_can_be_kept_to_rooms(env: IoT) -> None:
    one, other = (next(light.name for light in env.world.lights.values() if light.room == room) for room in list(env.world.rooms)[:2])
    room, shaded = env.world.lights[one].room, first(env.world.blinds)
    env.create_scene("Test", [{"light": one, "brightness": 30}, {"light": other, "brightness": 0}], ({"room": shaded, "position": 1},))
    lit, kept = env.world.lights[other].on, env.world.lights[other].brightness
    env.activate_scene("Test", (room,))
    assert env.world.active_scene == "Test"
    assert env.world.lights[one].on and env.world.lights[one].brightness == 30
    assert env.world.lights[other].on == lit
    assert env.activate_scene("Test") == {"scene": "Test", "lights": 2, "blinds": 1}
    assert not env.world.lights[other].on and env.world.lights[other].brightness == kept
    assert env.world.blinds[shaded].position == 1


def test_temperatures_are_kept_in_celsius(env: IoT) -> None:
    room = first(env.world.rooms)
    assert env.set_thermostat(room, 68, "fahrenheit", 90) == {"room": room, "target": 20}
    assert env.world.rooms[room].hold_minutes == 90
    assert env.get_climate(room)["target"] == 20 and env.get_climate(room, "fahrenheit")["target"] == 68
    env.world.rooms[room].temperature = 19.4
    assert env.get_climate(room)["heating"] is True
    env.set_thermostat(room, 19)
    assert env.get_climate(room)["heating"] is False and env.world.rooms[room].hold_minutes == 0


def test_a_schedule_replaces_the_days_that_it_is_for(env: IoT) -> None:
    room = first(env.world.rooms)
    weekend = dict(env.world.rooms[room].schedule["weekend"])
    env.set_schedule(room, [{"start": "22:00", "temperature": 60}, {"start": "06:30", "temperature": 70}], "weekdays", "fahrenheit")
    assert list(env.world.rooms[room].schedule["weekdays"].items()) == [("06:30", 21.1), ("22:00", 15.6)]
    assert env.world.rooms[room].schedule["weekend"] == weekend
    env.set_schedule(room, [{"start": "07:00", "temperature": 20}])
    assert env.world.rooms[room].schedule == {"weekdays": {"07:00": 20}, "weekend": {"07:00": 20}}


def test_locking_ends_a_planned_relock(env: IoT) -> None:
    door = first(env.world.locks)
    env.set_lock(door, False, 10)
    assert env.world.state()["locks"][door] == [False, 10]
    env.set_lock(door, True)
    assert env.world.state()["locks"][door] == [True, 0]


def test_a_code_is_taken_away_by_doors_or_altogether(env: IoT) -> None:
    one, other = list(env.world.locks)[:2]
    env.create_access_code("Guest", "7777", [one, other], {"first_day": "2030-01-01", "last_day": "2030-01-03"})
    assert env.world.state()["codes"]["Guest"] == ["7777", sorted([one, other]), "2030-01-01", "2030-01-03"]
    assert env.revoke_access_code("Guest", (one,)) == {"name": "Guest", "still_opens": [other]}
    assert env.revoke_access_code("Guest", (other,)) == {"name": "Guest", "still_opens": []}
    assert "Guest" not in env.world.codes
    env.create_access_code("Guest", "7777", [one, other])
    env.revoke_access_code("Guest")
    assert "Guest" not in env.world.codes


def test_motion_events_are_the_latest_first_and_within_the_times(env: IoT) -> None:
    event = first(env.world.events.values())
    events = sorted(found.time for found in env.world.events.values() if (found.camera, found.date) == (event.camera, event.date))
    found = env.find_motion_events(event.camera, event.date)
    assert found["count"] == len(events)
    assert [entry["time"] for entry in found["events"]] == events[::-1][:3]
    assert env.find_motion_events(event.camera, event.date, from_time=events[0], to_time=events[0])["count"] == 1
    kinds = [env.find_motion_events(event.camera, event.date, kind)["count"] for kind in ("person", "animal", "vehicle")]
    assert sum(kinds) == len(events)


def test_a_clip_shows_in_the_state_without_its_id(env: IoT) -> None:
    event_id, event = first(env.world.events.items())
    assert env.save_clip(event_id, 15, "fox") == {"camera": event.camera, "date": event.date, "time": event.time}
    assert env.world.state()["clips"] == [[event.camera, event.date, event.time, 15, "fox"]]


def test_the_washer_takes_longer_when_hot_and_rinsed(env: IoT) -> None:
    assert env.start_washer("cotton", 60, extra_rinse=True, delay_minutes=30) == {"washes_minutes": 137, "done_in_minutes": 167}
    assert env.world.running["washer"] == {"program": "cotton", "temperature": 60, "spin": 800, "rinse": True, "delay": 30}


def test_the_oven_reads_fahrenheit(env: IoT) -> None:
    assert env.start_oven("fan", 350, "fahrenheit", 20) == {"mode": "fan", "temperature": 176.7}
    assert env.world.running["oven"] == {"mode": "fan", "temperature": 176.7, "minutes": 20}


def test_the_vacuum_takes_its_time_by_area_and_power(env: IoT) -> None:
    rooms = list(env.world.rooms)[:2]
    area = sum(env.world.rooms[room].area for room in rooms)
    assert env.start_vacuum(rooms[::-1], "turbo", 2) == {"square_metres": area, "minutes": pytest.approx(area * 2.4)}
    assert env.world.running["vacuum"] == {"rooms": sorted(rooms), "power": "turbo", "passes": 2, "mop": False}


def test_statistics_are_those_of_the_hourly_readings(env: IoT) -> None:
    name, sensor = first(env.world.sensors.items())
    days = env.world.past_days
    sensor.values[:48] = [float(hour) for hour in range(48)]
    assert env.get_sensor_statistics(name, days[0]) == {"mean": 11.5, "unit": sensor.unit, "readings": 24}
    assert env.get_sensor_statistics(name, days[0], days[1], "median")["median"] == 23.5
    assert env.get_sensor_statistics(name, days[0], days[1], "minimum", "10:00", "12:00") == {
        "minimum": 10,
        "unit": sensor.unit,
        "readings": 6,
    }
    assert env.get_sensor_statistics(name, days[1], statistic="maximum", to_time="03:30")["maximum"] == 27
    expected = round(statistics.stdev(range(24)), 2)
    assert env.get_sensor_statistics(name, days[0], statistic="standard_deviation")["standard_deviation"] == expected


def test_limits_of_readings_are_themselves_excluded(env: IoT) -> None:
    name, sensor = first(env.world.sensors.items())
    day = env.world.past_days[0]
    sensor.values[:24] = [float(hour) for hour in range(24)]
    found = env.find_sensor_readings(name, day, above=5, below=8)
    assert found == {"count": 2, "first": {"time": "06:00", "value": 6}, "last": {"time": "07:00", "value": 7}}
    assert env.find_sensor_readings(name, day, above=23) == {"count": 0}


def test_energy_is_summed_by_day_and_priced_by_hour(env: IoT) -> None:
    meter, days = first(env.world.meters), env.world.past_days
    env.world.meters[meter][:48] = [1.0] * 24 + [0.5] * 23 + [3.0]
    assert env.get_energy_use(meter, days[0], days[1]) == {"kwh": 38.5}
    assert env.get_energy_use(meter, days[0], days[1], "daily") == {"kwh": 38.5, "days": {days[0]: 24, days[1]: 14.5}}
    assert env.get_energy_use(meter, days[0], days[1], "peak_hour") == {"kwh": 3, "date": days[1], "hour": "23:00"}
    tariff = env.world.tariffs[env.world.tariff]
    tariff.day_price, tariff.night_price, tariff.night_from, tariff.night_to = 0.3, 0.1, 22, 6
    assert env.get_energy_cost(meter, days[0]) == {"euro": 5.6, "tariff": env.world.tariff}
    assert env.get_energy_cost(meter, days[0], days[1]) == {"euro": pytest.approx(5.6 + 2.4 + 0.65), "tariff": env.world.tariff}
    other = list(env.world.tariffs)[1]
    assert env.get_energy_cost(meter, days[0], tariff=other)["tariff"] == other


def test_a_rule_may_use_anything_in_the_house(env: IoT) -> None:
    sensor, group, door, scene = map(first, (env.world.sensors, env.world.groups, env.world.locks, env.world.scenes))
    trigger = {"sensor": sensor, "comparison": "below", "value": 4}
    env.create_rule("One", trigger, {"target": group, "command": "off"}, {"after": "22:00", "before": "06:00"}, enabled=False)
    env.create_rule("Two", {"camera": env.world.cameras[0]}, {"target": door, "command": "lock"}, {"presence": "away"})
    env.create_rule("Three", {"at": "07:00"}, {"target": scene, "command": "activate"})
    env.create_rule("Four", {"at": "08:00"}, {"target": f"{first(env.world.blinds)} blinds", "command": "open"})
    rules = env.world.state()["rules"]
    assert rules["One"]["trigger"] == trigger and rules["One"]["enabled"] is False
    assert rules["Two"]["condition"] == {"presence": "away"} and rules["Three"]["condition"] == {}


def test_devices_are_found_emptiest_first(env: IoT) -> None:
    found = env.find_devices()
    assert found["count"] == len(env.world.devices) and len(found["devices"]) == 3
    charges = [found.battery for found in env.world.devices.values() if found.battery is not None]
    assert [entry["battery"] for entry in found["devices"]] == sorted(charges)[:3]
    assert env.find_devices(battery_below=50)["count"] == sum(charge < 50 for charge in charges)
    room = first(env.world.rooms)
    assert env.find_devices("light", room)["count"] == 2
    assert [entry["name"] for entry in env.find_devices("thermostat", room)["devices"]] == [f"{room} thermostat"]
    lights = env.find_devices("light", outdated=True)["count"]
    assert lights == sum(env.world.is_outdated(found) for found in env.world.devices.values() if found.kind == "light")


def test_firmware_is_installed_at_once_or_planned(env: IoT) -> None:
    key = outdated(env)
    found = env.world.devices[key]
    newest, old = env.world.versions[found.kind][-1], found.firmware
    assert env.update_firmware(key, at="03:00") == {"device": found.name, "version": newest}
    assert env.world.state()["firmware"][found.name] == [old, newest, "03:00"]
    env.update_firmware(key)
    assert env.world.state()["firmware"][found.name] == [newest]


# ---- weak tools

WEAK: dict[str, Case] = {
    "switch_light": lambda env: {"light": first(env.world.groups), "on": False},
    "move_blinds": lambda env: {"room": first(env.world.blinds), "position": 3},
    "create_light_scene": a_scene,
    "run_scene": lambda env: {"scene": first(env.world.scenes)},
    "read_climate": lambda env: {"room": first(env.world.rooms)},
    "set_degrees": lambda env: {"room": first(env.world.rooms), "temperature": 12.5},
    "set_daily_schedule": lambda env: {"room": first(env.world.rooms), "periods": [{"start": "05:00", "temperature": 18}]},
    "turn_lock": lambda env: {"door": first(env.world.locks), "locked": False},
    "add_code": a_code,
    "delete_code": lambda env: {"name": first(env.world.codes)},
    "list_motion": lambda env: {"camera": env.world.cameras[0], "date": first(env.world.events.values()).date},
    "keep_recording": lambda env: {"event_id": first(env.world.events)},
    "wash": lambda env: {"program": "quick"},
    "heat_oven": lambda env: {"mode": "pizza", "temperature": 280},
    "vacuum_rooms": lambda env: {"rooms": list(env.world.rooms)[:2]},
    "get_sensor_average": lambda env: {**a_sensor(env), "first_day": env.world.past_days[2], "last_day": yesterday(env)},
    "find_high_readings": lambda env: {"sensor": first(env.world.sensors), "date": yesterday(env), "above": -1000},
    "get_day_use": a_meter,
    "get_current_cost": a_meter,
    "create_simple_rule": a_rule,
    "list_room_devices": lambda env: {"room": first(env.world.rooms)},
    "install_newest_firmware": lambda env: {"device_id": outdated(env)},
}


@pytest.mark.parametrize("strong", IoT.weak_tools)
def test_a_weak_tool_does_what_the_strong_one_does_by_default(strong: str) -> None:
    weak = IoT.weak_tools[strong].spec.name
    wide, narrow = home(), home()
    arguments = WEAK[weak](narrow)
    before = narrow.world.state()
    answers = []
    for env, name in ((wide, strong), (narrow, weak)):
        _, _, _, _, info = env.step(json.dumps({"calls": [{"name": name, "arguments": arguments}]}))
        assert info["feedback"] == [Feedback.OK]
        answers.append(info["observations"])
    assert answers[0] == answers[1] and wide.world.state() == narrow.world.state()
    assert (narrow.world.state() == before) == (strong in READING)


# ---- worlds and requests


def test_worlds_allow_whatever_is_asked() -> None:
    for seed in range(200):
        world = build(np.random.default_rng(seed))
        assert len(set(map(len, world.meters.values())) | {len(sensor.values) for sensor in world.sensors.values()}) == 1
        assert {lock.locked for lock in world.locks.values()} == {True, False}
        assert {room.carpet for room in world.rooms.values()} == {True, False}
        assert any(light.coloured for light in world.lights.values())
        charges = [device.battery for device in world.devices.values() if device.battery is not None]
        assert len(set(charges)) == len(charges)
        names = [*world.lights, *world.groups, *world.scenes, *world.locks, *world.cameras, *world.sensors]
        assert len(set(names)) == len(names)
        assert not re.search("['\"]", json.dumps(names).replace('"', ""))


def test_every_request_changes_something_or_asks_for_an_answer() -> None:
    for recipe in SCENARIO.recipes:
        for seed in range(12):
            desk = IoTDesk(np.random.default_rng(seed + 100), seed)
            before = desk.world.state()
            request = recipe.write(desk)
            assert request.answer or desk.world.state() != before, recipe.write.__name__
            assert "\n" not in request.query and "  " not in request.query and "{" not in request.query, request.query


def test_requests_are_of_every_length() -> None:
    lengths = Counter(len(recipe.tools) for recipe in SCENARIO.recipes if not recipe.asks)
    assert all(lengths[calls] >= least for calls, least in {1: 25, 2: 10, 3: 6, 4: 3, 5: 2}.items())
    assert sum(recipe.asks for recipe in SCENARIO.recipes) >= 4


def test_query_and_observations_determine_every_text() -> None:
    for task in tasks("train", 250) + tasks("test", 100):
        env = IoT()
        env.reset(options={"task": task})
        told = task.query
        for call in task.gold[0].calls:
            for name, value in texts(call.arguments):
                if name not in IN_OTHER_WORDS and value:
                    assert any(wording in told for wording in wordings(value)), (task.query, call, value)
            told += env.execute(call.call)[0]


def texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in the arguments of a call, with the parameter or key that it stands under."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from texts(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part, name)


def wordings(value: str) -> tuple[str, ...]:
    """A text as a query or an observation may put it."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        later = [(date.fromisoformat(value) + timedelta(days=days)).isoformat() for days in range(1, HISTORY + 1)]
        near = [f"yesterday (today is {later[0]})", f"the day before yesterday (today is {later[1]})"]
        return value, long_date(value), *near, *(f"days, today ({day}) not counted" for day in later)
    if re.fullmatch(r"\d\d:\d\d", value):
        return value, twelve_hours(value)
    return (value,)


def test_a_stray_change_misses_the_goal_of_a_question() -> None:
    task = next(task for task in tasks("train", 60) if task.answer and task.tags["calls"] == "1" and task.gold[0].calls[0].name in READING)
    task = replace(task, tools=(*IoT.tool_specs(), FINISH))
    *calls, last = task.gold[0].calls
    for stray, reached in (([], True), ([GoldCall("start_washer", {"program": "quick"})], False)):
        env = IoT()
        env.reset(options={"task": task})
        for call in (*calls, *stray, last):
            _, _, _, _, info = env.step(json.dumps({"calls": [{"name": call.name, "arguments": call.arguments}]}))
        assert info["goal_reached"] is reached
