"""Requests about scheduled jobs."""

from __future__ import annotations

import itertools
from typing import Any

from envs.operating_system import vocabulary as words
from envs.operating_system.queries.desk import OperatingSystemDesk
from envs.operating_system.world import WEEKDAYS
from envs.scenario.clock import days_after
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import date_answer

NAMES = dict(zip(WEEKDAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))


def new_job(desk: OperatingSystemDesk) -> tuple[str, str]:
    """A name that is free, and a command."""
    name = desk.pick([name for name in words.JOBS if name not in desk.world.jobs])
    return name, desk.pick(words.JOBS[name])


def clock(desk: OperatingSystemDesk) -> str:
    return f"{desk.number(0, 23):02}:{desk.pick(('00', '05', '10', '15', '20', '30', '40', '45', '50'))}"


def every_day(time: str) -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
    """Times of a job, and what is equal to them."""
    return {"time": time}, ({"time": time, "days": list(WEEKDAYS)},)


def some_days(desk: OperatingSystemDesk) -> tuple[list[str], str]:
    """Days of the week, and the words for them."""
    if desk.chance(0.3):
        return [*WEEKDAYS[:5]], desk.pick(("from Monday to Friday", "on all weekdays, Monday to Friday,"))
    if desk.chance(0.2):
        return [*WEEKDAYS[5:]], desk.pick(("on Saturdays and Sundays", "at weekends (Saturday and Sunday)"))
    days = sorted(desk.several(WEEKDAYS, desk.number(1, 2)), key=WEEKDAYS.index)
    return [*days], "every " + " and ".join(NAMES[day] for day in days)


def on_days(time: str, days: list[str]) -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
    orders = itertools.permutations(days) if len(days) < 3 else [days]
    return {"time": time, "days": days}, tuple({"time": time, "days": list(order)} for order in orders if list(order) != days)


def last_day(desk: OperatingSystemDesk) -> tuple[str, str]:
    """A day that a daily job comes to, and the words for it."""
    ahead = desk.pick((1, 2, desk.number(3, 120), desk.number(3, 120)))
    day = days_after(desk.world.today, ahead)
    if ahead > 2:
        return day, desk.dated(day)
    return day, f"{'tomorrow' if ahead == 1 else 'the day after tomorrow'} (today is {desk.world.today})"


@recipe("create_job")
def create_daily(desk: OperatingSystemDesk) -> Request:
    (name, command), time = new_job(desk), clock(desk)
    when, equal = every_day(time)
    desk.call("create_job", {"when": equal}, name=name, command=command, when=when)
    frames = (
        "Schedule '{command}' to run every day at {at}, as a job named {name}.",
        "Please set up a job {name} that runs '{command}' daily at {at}.",
        "I want '{command}' to be run each day at {at}. Call the job {name}.",
        "new job {name}: '{command}', daily, {at}",
        "There should be a scheduled job {name}: day after day at {at}, it runs '{command}'.",
        "Could the machine run '{command}' by itself at {at} every day? The job is to be called {name}.",
    )
    return Request(desk.say(frames, name=name, command=command, at=desk.at(time)))


@recipe("create_job")
def create_weekly(desk: OperatingSystemDesk) -> Request:
    (name, command), time = new_job(desk), clock(desk)
    days, words_for_days = some_days(desk)
    when, equal = on_days(time, days)
    first = desk.call("create_job", {"when": equal}, name=name, command=command, when=when)["first_run"]
    said = {"name": name, "command": command, "days": words_for_days, "at": desk.at(time)}
    if desk.chance(0.6):
        frames: tuple[str, ...] = (
            "Schedule '{command}' {days} at {at}. The job is called {name}.",
            "Please create a job {name} that runs '{command}' {days} at {at}.",
            "{days} at {at} I need '{command}' to run. Make that a job named {name}.",
            "job {name}: '{command}' {days} at {at}",
            "Could you have '{command}' run by itself {days} at {at}, as the job {name}?",
        )
        return Request(_capital(desk.say(frames, **said)))
    frames = (
        "Schedule '{command}' {days} at {at} as the job {name}. On which date does it run first?",
        "Please create a job {name}, running '{command}' {days} at {at}, and tell me the date of its first run.",
        "When will '{command}' run for the first time if it is scheduled {days} at {at}? Name the job {name} and set it up.",
        "job {name}: '{command}' {days} at {at}; date of the first run?",
    )
    return Request(desk.say(frames, **said), f"It runs first on {first}.", date_answer(first[:10]))


@recipe("create_job")
def create_until(desk: OperatingSystemDesk) -> Request:
    (name, command), time, (last, said) = new_job(desk), clock(desk), last_day(desk)
    when, equal = every_day(time)
    desk.call("create_job", {"when": equal}, name=name, command=command, when=when, last_day=last)
    frames = (
        "Schedule '{command}' every day at {at} up to and including {last}, as the job {name}.",
        "Please create a daily job {name} for '{command}' at {at}. Its last day is {last}.",
        "Until {last}, that day included, run '{command}' daily at {at}. Name of the job: {name}.",
        "job {name}: '{command}', daily {at}, last day {last}",
        "I need '{command}' each day at {at}, but only through {last}. Call that job {name}.",
    )
    return Request(desk.say(frames, name=name, command=command, at=desk.at(time), last=said))


@recipe("create_job", asks=True)
def create_when(desk: OperatingSystemDesk) -> Request:
    (name, command), time = new_job(desk), clock(desk)
    when, equal = every_day(time)
    desk.ask("At what time should it run?")
    desk.call("create_job", {"when": equal}, name=name, command=command, when=when)
    frames = (
        "Schedule '{command}' to run every day, as a job named {name}.",
        "Please set up a daily job {name} that runs '{command}'.",
        "I want '{command}' to run by itself once a day. Call the job {name}.",
        "new daily job {name}: '{command}'",
        "There should be a job {name} for '{command}', every day at a fixed time.",
    )
    reply = desk.pick(("At {at}.", "It should run at {at}.", "{at}, please.", "Every day at {at}."))
    return Request(desk.say(frames, name=name, command=command), reply=reply.format(at=desk.at(time)))


@recipe("cancel_job")
def cancel(desk: OperatingSystemDesk) -> Request:
    name = desk.pick(list(desk.world.jobs))
    command = desk.call("cancel_job", name=name)["command"]
    if desk.chance(0.7):
        frames: tuple[str, ...] = (
            "Cancel the scheduled job {name}.",
            "The job {name} should not run any more, please take it off the schedule.",
            "I do not need the {name} job any longer. Cancel it at once.",
            "cancel job {name}",
            "Could you see to it that the scheduled job {name} never runs again?",
            "Drop {name} from the scheduled jobs.",
        )
        return Request(desk.say(frames, name=name))
    frames = (
        "Cancel the scheduled job {name} and tell me which command it ran.",
        "Take the job {name} off the schedule. What command was that?",
        "Please cancel {name}, a scheduled job, and give me its command so that I can run it by hand.",
        "cancel job {name}; its command?",
    )
    return Request(desk.say(frames, name=name), f"It ran {command}.", (command,))


@recipe("cancel_job")
def cancel_after(desk: OperatingSystemDesk) -> Request:
    name, (last, said) = desk.pick(list(desk.world.jobs)), last_day(desk)
    desk.call("cancel_job", name=name, last_day=last)
    frames = (
        "Let the job {name} run through {last}, then it should be cancelled.",
        "Cancel the scheduled job {name}, with {last} as its last day.",
        "Please have the {name} job end after {last}; on that day it may still run.",
        "job {name}: cancel, last day {last}",
        "We give up {name} soon. Its scheduled runs stop once {last} is over.",
    )
    return Request(desk.say(frames, name=name, last=said))


@recipe("cancel_job", "create_job")
def reschedule(desk: OperatingSystemDesk) -> Request:
    name, time = desk.pick(list(desk.world.jobs)), clock(desk)
    when, equal = every_day(time)
    command = desk.call("cancel_job", name=name)["command"]
    desk.call("create_job", {"when": equal}, name=name, command=command, when=when)
    frames = (
        "Cancel the job {name} and schedule it anew, same name and command, every day at {at}.",
        "The job {name} is to run daily at {at} instead. Cancel it, then create it again with the command it has.",
        "Please take {name} off the schedule and set it up afresh for {at} every day; name and command stay.",
        "job {name}: cancel, then create again with its command, daily {at}",
    )
    return Request(desk.say(frames, name=name, at=desk.at(time)))


@recipe("cancel_job", "cancel_job")
def cancel_two(desk: OperatingSystemDesk) -> Request:
    first, second = desk.several(list(desk.world.jobs), 2)
    for name in (first, second):
        desk.call("cancel_job", name=name)
    frames = (
        "Cancel the scheduled jobs {0} and {1}.",
        "Neither {0} nor {1} should run any more. Take both jobs off the schedule.",
        "Please cancel two jobs, {0} and {1}.",
        "cancel jobs: {0}, {1}",
    )
    return Request(desk.say(frames, first, second), lookups=2)


@recipe("cancel_job", "create_job", "create_job")
def split(desk: OperatingSystemDesk) -> Request:
    old, (new, command) = desk.pick(list(desk.world.jobs)), new_job(desk)
    early, late = sorted({clock(desk), "05:00", "17:30"})[:2]
    found = desk.call("cancel_job", name=old)["command"]
    for name, run, time in ((old, found, early), (new, command, late)):
        when, equal = every_day(time)
        desk.call("create_job", {"when": equal}, name=name, command=run, when=when)
    frames = (
        (
            "Cancel the job {old}, create it again with its command for {early} "
            "every day, then add the job {new}: '{command}', daily at {late}."
        ),
        (
            "Please move the job {old} to {early} daily (cancel it and recreate it "
            "with its command), then schedule '{command}' daily at {late} as {new}."
        ),
        (
            "The job {old} is cancelled and set up anew, same command, each day at "
            "{early}. After that {new} joins it: '{command}', each day at {late}."
        ),
        "job {old}: cancel, recreate with its command, daily {early}; then job {new}: '{command}', daily {late}",
    )
    return Request(desk.say(frames, old=old, new=new, command=command, early=early, late=late))


def _capital(text: str) -> str:
    """With a capital letter where words were put at the beginning."""
    return text[0].upper() + text[1:] if text.startswith(("every", "on ", "from", "at ")) else text
