"""The tools over health: medication, workouts and appointments."""

from __future__ import annotations

from typing import Any

from envs.daily_life.areas.checks import checked_coming, checked_count, checked_past, chosen, known
from envs.daily_life.world import EFFORT, METABOLIC_RATES, Activity, Appointment, Intensity, Specialty, Workout, World, week_of
from envs.scenario.checks import checked_time
from raytool.env import ToolError, tool

LONGEST_WORKOUT = 600  # minutes


class Health:
    """Three tools; a date that is left out is today's."""

    world: World

    @tool
    def log_dose(self, medication: str, tablets: int = 1, date: str = "") -> dict[str, Any]:
        """Note that tablets of a medication were taken.

        Args:
            medication: its name
            tablets: how many
            date: YYYY-MM-DD, default today

        Returns:
            The tablets taken that day, and those left in the box.

        Raises:
            ToolError: there is no such medication, the day is still to come, or it is more than the daily maximum or the box.
        """
        box = chosen("medication", medication, self.world.medications)
        day = checked_past(date or self.world.today, self.world.today)
        taken = box.taken.get(day, 0)
        checked_count("tablets", tablets, 1, box.stock)
        if taken + tablets > box.daily_maximum:
            raise ToolError(f"{taken + tablets} tablets of {box.name} on {day} are more than the daily maximum of {box.daily_maximum}")
        box.taken[day] = taken + tablets
        box.stock -= tablets
        return {"medication": box.name, "date": day, "taken": box.taken[day], "left": box.stock}

    @tool
    def log_workout(self, activity: Activity, minutes: int, intensity: Intensity = "moderate", date: str = "") -> dict[str, Any]:
        """Note a workout and work out the energy it took.

        Args:
            activity: what kind
            minutes: how long
            intensity: how hard
            date: YYYY-MM-DD, default today

        Returns:
            The kilocalories burnt, and the minutes of all workouts in that week, Monday to Sunday.

        Raises:
            ToolError: the minutes are out of their range, or the day is still to come.
        """
        checked_count("minutes", minutes, 1, LONGEST_WORKOUT)
        day = checked_past(date or self.world.today, self.world.today)
        self.world.workouts.append(Workout(day, activity, minutes, intensity))
        burnt = METABOLIC_RATES[activity] * EFFORT[intensity] * self.world.weight * minutes / 60
        of_week = sum(workout.minutes for workout in self.world.workouts if week_of(workout.date) == week_of(day))
        return {"kcal": round(burnt), "week_minutes": of_week}

    @tool
    def book_appointment(
        self, specialty: Specialty, from_date: str, after: str = "00:00", practitioner: str = "", reason: str = ""
    ) -> dict[str, str]:
        """Book the first free appointment with a doctor, dentist or the like.

        Args:
            specialty: whom to see
            from_date: YYYY-MM-DD, first possible day
            after: HH:MM, earliest time of day
            practitioner: e.g. Dr Weber, default whoever is free first
            reason: why, for the practice

        Returns:
            The practitioner, the date and the time.

        Raises:
            ToolError: there is no such practitioner, a value is out of its range, or nothing is free.
        """
        practice = {name: person for name, person in self.world.practitioners.items() if person.specialty == specialty}
        names = [known(specialty, practitioner, practice)] if practitioner else list(practice)
        checked_coming(from_date, self.world.today)
        checked_time(after)
        free = [(*slot, name) for name in names for slot in practice[name].slots if slot[0] >= from_date and slot[1] >= after]
        if not free:
            raise ToolError(f"no {specialty} has time from {from_date} on after {after}")
        date, time, name = min(free)
        practice[name].slots.remove((date, time))
        self.world.appointments.append(Appointment(name, date, time, reason))
        return {"practitioner": name, "date": date, "time": time}
