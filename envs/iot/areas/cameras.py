"""The tools over cameras."""

from __future__ import annotations

from typing import Any, Literal

from envs.iot.areas.checks import check_known, check_within, checked_span, checked_times
from envs.iot.world import World
from raytool.env import ToolError, tool

SHOWN = 3  # entries of a listing; the count is always of all
SHORTEST, LONGEST = 5, 120  # seconds of a clip


class Cameras:
    """Two tools; recordings are overwritten unless a clip is saved."""

    world: World

    @tool
    def find_motion_events(
        self,
        camera: str,
        date: str,
        kind: Literal["any", "person", "animal", "vehicle"] = "any",
        from_time: str = "00:00",
        to_time: str = "23:59",
    ) -> dict[str, Any]:
        """Find what moved in front of a camera on a day.

        Args:
            camera: name of the camera
            date: YYYY-MM-DD
            kind: what moved
            from_time: HH:MM
            to_time: HH:MM, itself included

        Returns:
            The count, and the id, time and kind of the latest ones, the latest first.

        Raises:
            ToolError: there is no such camera, or the date or a time is none or not on record.
        """
        check_known("camera", camera, self.world.cameras)
        checked_span(self.world, date, "")
        first, last = checked_times(from_time, to_time)
        found = [
            {"id": event_id, "time": event.time, "kind": event.kind}
            for event_id, event in self.world.events.items()
            if (event.camera, event.date) == (camera, date) and first <= event.time <= last and kind in ("any", event.kind)
        ]
        found.sort(key=lambda event: event["time"], reverse=True)
        return {"count": len(found), "events": found[:SHOWN]}

    @tool
    def save_clip(self, event_id: str, seconds: int = 30, label: str = "") -> dict[str, Any]:
        """Keep the recording of a motion event.

        Args:
            event_id: e.g. v12
            seconds: length of the clip
            label: what to call it

        Returns:
            The camera, date and time of the clip.

        Raises:
            ToolError: there is no such event, its clip is saved already, or the length is out of range.
        """
        if event_id not in self.world.events:
            raise ToolError(f"no motion event {event_id[:20]!r}")
        if event_id in self.world.clips:
            raise ToolError(f"the clip of {event_id} is saved already")
        check_within("seconds", seconds, SHORTEST, LONGEST)
        self.world.clips[event_id] = (seconds, label)
        event = self.world.events[event_id]
        return {"camera": event.camera, "date": event.date, "time": event.time}
