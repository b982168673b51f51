"""The tools over the timetable and rooms."""

from __future__ import annotations

from typing import Any

from envs.education.world import Booking, Equipment, Weekday, World
from envs.scenario.checks import check_text, checked_date, checked_time
from envs.scenario.clock import days_after, minutes_since_midnight
from raytool.env import ToolError, tool

SHOWN = 4  # entries of a listing; the count is always of all
OPENS, CLOSES = 7 * 60, 22 * 60  # in minutes since midnight


class Timetable:
    """Three tools. A room is taken by the weekly lessons in it and by bookings."""

    world: World

    @tool
    def list_lessons(self, weekday: Weekday, course: str = "", room: str = "") -> dict[str, Any]:
        """List the regular lessons of a weekday by time.

        Args:
            weekday: day of the week
            course: code, default all courses
            room: name, default all rooms

        Returns:
            Their count, and the start, course and room of the first ones; a lesson takes an hour.

        Raises:
            ToolError: there is no such course or room.
        """
        if course and course not in self.world.courses:
            raise ToolError(f"no course {course!r}; there are {', '.join(self.world.courses)}")
        if room:
            self._check_room(room)
        found = [
            {"start": lesson.start, "course": lesson.course, "room": lesson.room}
            for lesson in self.world.lessons
            if lesson.weekday == weekday and course in ("", lesson.course) and room in ("", lesson.room)
        ]
        return {"count": len(found), "lessons": found[:SHOWN]}

    @tool
    def find_room(self, date: str, start: str, minutes: int = 60, seats: int = 1, equipment: tuple[Equipment, ...] = ()) -> dict[str, Any]:
        """Find the smallest room that is free at a time.

        Args:
            date: YYYY-MM-DD
            start: HH:MM
            minutes: length
            seats: how many, at least
            equipment: what the room must have

        Returns:
            The name and the seats of the room.

        Raises:
            ToolError: a value is out of its range, or no such room is free.
        """
        _check_time(date, start, minutes)
        if seats < 1:
            raise ToolError(f"seats is {seats}, not 1 or more")
        for room in sorted(self.world.rooms.values(), key=lambda room: room.seats):
            fits = room.seats >= seats and set(equipment) <= set(room.equipment)
            if fits and not self.world.occupant(room.name, date, start, minutes):
                return {"room": room.name, "seats": room.seats}
        raise ToolError(f"no such room is free on {date} at {start}")

    @tool
    def book_room(self, room: str, date: str, start: str, purpose: str, minutes: int = 60, weeks: int = 1) -> dict[str, Any]:
        """Book a room, for one day or for several weeks.

        Args:
            room: name
            date: YYYY-MM-DD, the first one
            start: HH:MM
            purpose: what for
            minutes: length
            weeks: how many weeks in a row

        Returns:
            The room, the count of bookings and the date of the last one.

        Raises:
            ToolError: there is no such room, a value is out of its range, or the room is taken.
        """
        self._check_room(room)
        _check_time(date, start, minutes)
        check_text(purpose=purpose)
        if not 1 <= weeks <= 20:
            raise ToolError(f"weeks is {weeks}, not 1 to 20")
        days = [days_after(date, 7 * week) for week in range(weeks)]
        for day in days:
            if occupant := self.world.occupant(room, day, start, minutes):
                raise ToolError(f"{room} is taken on {day} at {start}: {occupant}")
        self.world.bookings += [Booking(room, day, start, minutes, purpose) for day in days]
        return {"room": room, "bookings": weeks, "last": days[-1]}

    def _check_room(self, room: str) -> None:
        if room not in self.world.rooms:
            raise ToolError(f"no room {room!r}; there are {', '.join(self.world.rooms)}")


def _check_time(date: str, start: str, minutes: int) -> None:
    checked_date(date)
    begin = minutes_since_midnight(checked_time(start))
    if not 15 <= minutes <= 480:
        raise ToolError(f"minutes is {minutes}, not 15 to 480")
    if begin < OPENS or begin + minutes > CLOSES:
        raise ToolError(f"{start} for {minutes} minutes is not between 07:00 and 22:00")
