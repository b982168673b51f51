"""What a simpler smart home would offer: a narrower version of every tool, which calls it with the defaults for the rest."""

from __future__ import annotations

from typing import Any

from envs.iot.areas.appliances import Appliances, OvenMode, Programme
from envs.iot.areas.cameras import Cameras
from envs.iot.areas.doors import Doors
from envs.iot.areas.heating import Heating, Period
from envs.iot.areas.hub import Action, Hub, MotionTrigger, SensorTrigger, TimeTrigger
from envs.iot.areas.lighting import Lighting, SceneLight
from envs.iot.areas.measurements import Measurements
from raytool.env import tool


class WeakLighting(Lighting):
    @tool(weaker_than="set_light")
    def switch_light(self, light: str, on: bool = True) -> dict[str, Any]:
        """Switch a light or a group of lights on or off; it cannot dim or colour.

        Args:
            light: name of a light or group
            on: whether it shines
        """
        return self.set_light(light, on)

    @tool(weaker_than="set_blinds")
    def move_blinds(self, room: str, position: int) -> dict[str, Any]:
        """Open or close the blinds of a room; the slats stay as they are.

        Args:
            room: name of the room
            position: 0 closed to 100 open
        """
        return self.set_blinds(room, position)

    @tool(weaker_than="create_scene")
    def create_light_scene(self, name: str, lights: list[SceneLight]) -> dict[str, Any]:
        """Save a new scene of lights only, without activating it.

        Args:
            name: name of the scene
            lights: each {"light": name, "brightness": percent, 0 for off}
        """
        return self.create_scene(name, lights)

    @tool(weaker_than="activate_scene")
    def run_scene(self, scene: str) -> dict[str, Any]:
        """Set the lights and blinds of the whole house as a saved scene has them.

        Args:
            scene: name of the scene
        """
        return self.activate_scene(scene)


class WeakHeating(Heating):
    @tool(weaker_than="get_climate")
    def read_climate(self, room: str) -> dict[str, Any]:
        """Read how warm and humid a room is, in degrees Celsius.

        Args:
            room: name of the room
        """
        return self.get_climate(room)

    @tool(weaker_than="set_thermostat")
    def set_degrees(self, room: str, temperature: float) -> dict[str, Any]:
        """Set the temperature of a room in degrees Celsius, until its schedule changes it.

        Args:
            room: name of the room
            temperature: what it is set to
        """
        return self.set_thermostat(room, temperature)

    @tool(weaker_than="set_schedule")
    def set_daily_schedule(self, room: str, periods: list[Period]) -> dict[str, Any]:
        """Replace the heating schedule of a room, the same for all days, in degrees Celsius.

        Args:
            room: name of the room
            periods: each {"start": HH:MM, "temperature": number}
        """
        return self.set_schedule(room, periods)


class WeakDoors(Doors):
    @tool(weaker_than="set_lock")
    def turn_lock(self, door: str, locked: bool) -> dict[str, Any]:
        """Lock or unlock a door; it stays so.

        Args:
            door: name of the door
            locked: true to lock, false to unlock
        """
        return self.set_lock(door, locked)

    @tool(weaker_than="create_access_code")
    def add_code(self, name: str, code: str, doors: list[str]) -> dict[str, Any]:
        """Give somebody a code that opens doors for ever.

        Args:
            name: who gets it
            code: 4 to 8 digits
            doors: names of the doors
        """
        return self.create_access_code(name, code, doors)

    @tool(weaker_than="revoke_access_code")
    def delete_code(self, name: str) -> dict[str, Any]:
        """Take somebody's code away for all doors at once.

        Args:
            name: who holds it
        """
        return self.revoke_access_code(name)


class WeakCameras(Cameras):
    @tool(weaker_than="find_motion_events")
    def list_motion(self, camera: str, date: str) -> dict[str, Any]:
        """List everything that moved in front of a camera on a day, of whatever kind.

        Args:
            camera: name of the camera
            date: YYYY-MM-DD
        """
        return self.find_motion_events(camera, date)

    @tool(weaker_than="save_clip")
    def keep_recording(self, event_id: str) -> dict[str, Any]:
        """Keep thirty seconds of a motion event, without a label.

        Args:
            event_id: e.g. v12
        """
        return self.save_clip(event_id)


class WeakAppliances(Appliances):
    @tool(weaker_than="start_washer")
    def wash(self, program: Programme) -> dict[str, Any]:
        """Start the washing machine at once, at 30 degrees and 800 turns per minute.

        Args:
            program: kind of laundry
        """
        return self.start_washer(program)

    @tool(weaker_than="start_oven")
    def heat_oven(self, mode: OvenMode, temperature: float) -> dict[str, Any]:
        """Turn the oven on, in degrees Celsius; it does not switch off by itself.

        Args:
            mode: how it heats
            temperature: how hot
        """
        return self.start_oven(mode, temperature)

    @tool(weaker_than="start_vacuum")
    def vacuum_rooms(self, rooms: list[str]) -> dict[str, Any]:
        """Send the robot vacuum once through rooms, dry and at standard power.

        Args:
            rooms: names of the rooms
        """
        return self.start_vacuum(rooms)


class WeakMeasurements(Measurements):
    @tool(weaker_than="get_sensor_statistics")
    def get_sensor_average(self, sensor: str, first_day: str, last_day: str = "") -> dict[str, Any]:
        """Compute the mean of what a sensor measured on whole past days.

        Args:
            sensor: name of the sensor
            first_day: YYYY-MM-DD
            last_day: YYYY-MM-DD, default the first day
        """
        return self.get_sensor_statistics(sensor, first_day, last_day)

    @tool(weaker_than="find_sensor_readings")
    def find_high_readings(self, sensor: str, date: str, above: float | None = None) -> dict[str, Any]:
        """Find the hourly readings of a sensor above a limit on a past day; none below one.

        Args:
            sensor: name of the sensor
            date: YYYY-MM-DD
            above: only readings higher than this
        """
        return self.find_sensor_readings(sensor, date, above)

    @tool(weaker_than="get_energy_use")
    def get_day_use(self, meter: str, first_day: str) -> dict[str, Any]:
        """Read how much electricity a meter counted on one past day in all.

        Args:
            meter: name of the meter
            first_day: YYYY-MM-DD
        """
        return self.get_energy_use(meter, first_day)

    @tool(weaker_than="get_energy_cost")
    def get_current_cost(self, meter: str, first_day: str, last_day: str = "") -> dict[str, Any]:
        """Compute what the electricity of a meter cost on past days, by the tariff of the house.

        Args:
            meter: name of the meter
            first_day: YYYY-MM-DD
            last_day: YYYY-MM-DD, default the first day
        """
        return self.get_energy_cost(meter, first_day, last_day)


class WeakHub(Hub):
    @tool(weaker_than="create_rule")
    def create_simple_rule(self, name: str, trigger: TimeTrigger | MotionTrigger | SensorTrigger, action: Action) -> dict[str, Any]:
        """Add an automation rule without a condition, which works from now on.

        Args:
            name: name of the rule
            trigger: {"at": HH:MM}, {"camera": name} or {"sensor": name, "comparison": "above" or "below", "value": number}
            action: {"target": light, group, e.g. Attic blinds, door or scene; "command": on, off, open, close, lock, unlock or activate}
        """
        return self.create_rule(name, trigger, action)

    @tool(weaker_than="find_devices")
    def list_room_devices(self, room: str = "") -> dict[str, Any]:
        """List the devices of a room or of the whole house, of whatever kind, charge and firmware.

        Args:
            room: only in this room
        """
        return self.find_devices(room=room)

    @tool(weaker_than="update_firmware")
    def install_newest_firmware(self, device_id: str) -> dict[str, str]:
        """Install the newest firmware on a device at once.

        Args:
            device_id: e.g. d12
        """
        return self.update_firmware(device_id)
