"""The tools over alarms, timers and notes: what the phone is to keep in mind."""

from __future__ import annotations

from typing import Any

from envs.mobile_app.areas.checks import check_different, check_number
from envs.mobile_app.world import WEEK, Alarm, Note, Timer, Weekday, World
from envs.scenario.checks import check_text, checked_time
from raytool.env import ToolError, tool

SHOWN = 3  # entries of a listing; the count is always of all
LONGEST_SHOWN = 70  # characters of a note in a listing
LONGEST_NOTE = 2_000  # characters
LONGEST_TIMER = 24 * 60 * 60  # seconds


class Reminders:
    """Four tools; an alarm rings at a time of day, a timer after a length of time."""

    world: World

    @tool
    def set_alarm(self, time: str, days: tuple[Weekday, ...] = (), label: str = "", snooze_minutes: int = 10) -> dict[str, Any]:
        """Set an alarm that rings at a time of day.

        Args:
            time: HH:MM
            days: weekdays on which it rings, default once
            label: what it is for
            snooze_minutes: 0 to 30, with 0 it cannot be snoozed

        Returns:
            The time of the alarm and its days.

        Raises:
            ToolError: a value is out of its range, or there is an alarm at that time on one of the days.
        """
        check_different(days)
        check_number(0, 30, snooze_minutes=snooze_minutes)
        alarm = Alarm(checked_time(time), tuple(sorted(days, key=WEEK.index)), label, snooze_minutes)
        for other in self.world.alarms:
            if other.time == time and (set(other.days) & set(days) or other.days == alarm.days):
                raise ToolError(f"there is an alarm at {time} already, {other.label or 'without a label'}")
        self.world.alarms.append(alarm)
        return {"time": time, "days": alarm.days or "once"}

    @tool
    def set_timer(self, seconds: int, label: str = "", repeats: int = 0) -> dict[str, Any]:
        """Start a timer that rings after a length of time.

        Args:
            seconds: length
            label: what it is for
            repeats: how often it starts again

        Returns:
            The length in minutes and seconds, and the label.

        Raises:
            ToolError: a value is out of its range, or a timer of that label is running.
        """
        check_number(1, LONGEST_TIMER, seconds=seconds)
        check_number(0, 50, repeats=repeats)
        if label and any(timer.label == label for timer in self.world.timers):
            raise ToolError(f"a timer {label!r} is running")
        self.world.timers.append(Timer(seconds, label, repeats))
        return {"rings_after": f"{seconds // 60}:{seconds % 60:02}", "label": label}

    @tool
    def create_note(self, title: str, text: str, folder: str = "Notes", pinned: bool = False) -> dict[str, str]:
        """Write a new note.

        Args:
            title: title of the note
            text: what it says
            folder: where it is kept
            pinned: keep it on top

        Returns:
            The title and the folder.

        Raises:
            ToolError: title or text is empty, the text is too long, the title is taken, or there is no such folder.
        """
        check_text(title=title, text=text)
        if len(text) > LONGEST_NOTE:
            raise ToolError(f"the text has {len(text)} characters, not at most {LONGEST_NOTE}")
        if title in self.world.notes:
            raise ToolError(f"there is a note {title!r}")
        self.world.notes[title] = Note(title, text, self._folder(folder), pinned)
        return {"title": title, "folder": folder}

    @tool
    def search_notes(self, text: str, folder: str = "") -> dict[str, Any]:
        """Find notes by their words.

        Args:
            text: words to look for
            folder: where to look, default everywhere

        Returns:
            The count of notes that hold the text in title or words, case apart, and the title, folder and words of the first.

        Raises:
            ToolError: the text is empty, or there is no such folder.
        """
        check_text(text=text)
        wanted, known = text.casefold(), self._folder(folder) if folder else ""
        notes = [note for note in self.world.notes.values() if not folder or note.folder == known]
        found = [note for note in notes if wanted in note.title.casefold() or wanted in note.text.casefold()]
        shown = [{"title": note.title, "folder": note.folder, "text": note.text[:LONGEST_SHOWN]} for note in found[:SHOWN]]
        return {"count": len(found), "notes": shown}

    def _folder(self, name: str) -> str:
        if name not in self.world.folders:
            raise ToolError(f"no folder {name!r}; there are {', '.join(self.world.folders)}")
        return name
