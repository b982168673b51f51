"""The tools over the calendar."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from envs.office.world import Event, World
from envs.scenario.checks import check_addresses, check_text, checked_date, checked_time
from envs.scenario.clock import minutes_since_midnight, time_of_day
from raytool.env import ToolError, tool

SHOWN = 4  # entries of a listing; the count is always of all
DAY_BEGINS, DAY_ENDS = 9 * 60, 17 * 60  # when find_free_time looks, in minutes since midnight
LONGEST_EVENT = 480  # minutes


class Calendar:
    """Five tools; no two events overlap."""

    world: World

    @tool
    def create_event(
        self, title: str, date: str, start: str, minutes: int = 30, room: str = "", attendees: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Put a new event on the calendar.

        Args:
            title: name of the event
            date: YYYY-MM-DD
            start: HH:MM
            minutes: length
            room: name of the room
            attendees: addresses

        Returns:
            The id of the event, its date and start.

        Raises:
            ToolError: a value is out of its range, the room does not exist, or the time is taken.
        """
        check_text(title=title)
        check_addresses(attendees)
        if room and room not in self.world.rooms:
            raise ToolError(f"no room {room!r}; there are {', '.join(self.world.rooms)}")
        event = Event("", title, checked_date(date), checked_time(start), checked_minutes(minutes), room, attendees)
        self._check_free(event)
        event.id = self.world.new_id("e")
        self.world.events[event.id] = event
        return {"id": event.id, "date": date, "start": start}

    @tool
    def list_events(self, date: str) -> dict[str, Any]:
        """List the events of a day.

        Args:
            date: YYYY-MM-DD

        Returns:
            Their count, and the id, title, start, minutes and room of the first ones.

        Raises:
            ToolError: the date is none.
        """
        events = self.world.on_day(checked_date(date))
        columns = ("id", "title", "start", "minutes", "room")
        return {"count": len(events), "events": [{name: getattr(event, name) for name in columns} for event in events[:SHOWN]]}

    @tool
    def move_event(self, event_id: str, start: str, date: str = "") -> dict[str, Any]:
        """Move an event to another time.

        Args:
            event_id: e.g. e12
            start: HH:MM
            date: YYYY-MM-DD, default the same day

        Returns:
            The id of the event, its date and start.

        Raises:
            ToolError: there is no such event, a value is out of its range, or the time is taken.
        """
        event = self._event(event_id)
        moved = replace(event, start=checked_time(start), date=checked_date(date or event.date))
        self._check_free(moved)
        self.world.events[event_id] = moved
        return {"id": event_id, "date": moved.date, "start": start}

    @tool
    def cancel_event(self, event_id: str) -> dict[str, str]:
        """Take an event off the calendar.

        Args:
            event_id: e.g. e12

        Returns:
            The title of the event.

        Raises:
            ToolError: there is no such event.
        """
        event = self._event(event_id)
        del self.world.events[event_id]
        return {"cancelled": event.title}

    @tool
    def find_free_time(self, date: str, minutes: int = 30, after: str = "09:00") -> dict[str, str]:
        """Find the first free time of a day.

        Args:
            date: YYYY-MM-DD
            minutes: length
            after: HH:MM, earliest start

        Returns:
            The first start on a full quarter of an hour between 09:00 and 17:00.

        Raises:
            ToolError: a value is out of its range, or nothing is free.
        """
        earliest = max(DAY_BEGINS, minutes_since_midnight(checked_time(after)))
        wanted = Event("", "", checked_date(date), "", checked_minutes(minutes))
        for begin in range(-(-earliest // 15) * 15, DAY_ENDS - minutes + 1, 15):
            wanted.start = time_of_day(begin)
            if not self.world.overlapping(wanted):
                return {"start": wanted.start}
        raise ToolError(f"nothing is free for {minutes} minutes on {date}")

    def _event(self, event_id: str) -> Event:
        if event_id not in self.world.events:
            raise ToolError(f"no event {event_id!r}")
        return self.world.events[event_id]

    def _check_free(self, event: Event) -> None:
        if other := self.world.overlapping(event):
            raise ToolError(f"{event.start} on {event.date} overlaps {other.id} {other.title!r}")


def checked_minutes(minutes: int) -> int:
    if not 5 <= minutes <= LONGEST_EVENT:
        raise ToolError(f"minutes is {minutes}, not 5 to {LONGEST_EVENT}")
    return minutes
