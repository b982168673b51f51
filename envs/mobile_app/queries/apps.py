"""Requests about screen time, limits and notifications."""

from __future__ import annotations

from typing import Any

from envs.mobile_app.queries.desk import MobileAppDesk, capital
from envs.mobile_app.world import HISTORY, App, LimitDays
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer

LIMIT_DAYS: dict[LimitDays, str] = {"every_day": "every day", "weekdays": "on weekdays", "weekend": "at the weekend"}
STYLES = {"off": "turned off", "silent": "silent", "banner": "shown as a banner", "sound": "shown as a banner with sound"}
LENGTHS = {15: "a quarter of an hour", 30: "half an hour", 60: "an hour", 90: "an hour and a half", 120: "two hours"}  # minutes
SPANS = {7: "week", 14: "two weeks"}  # days


def app(desk: MobileAppDesk) -> App:
    return desk.pick(list(desk.world.apps.values()))


def unlimited(desk: MobileAppDesk) -> App:
    return desk.pick([app for app in desk.world.apps.values() if not app.limits])


def minutes(desk: MobileAppDesk) -> tuple[int, str]:
    """A limit, and the words for it."""
    limit = desk.pick((10, 15, 20, 25, 30, 40, 45, 60, 75, 90, 120))
    return limit, LENGTHS[limit] if limit in LENGTHS and desk.chance() else f"{limit} minutes"


def span(desk: MobileAppDesk) -> tuple[int, str]:
    """A number of days back, and the words for it."""
    days = desk.number(2, HISTORY)
    return days, f"the last {SPANS[days]}" if days in SPANS and desk.chance() else f"the last {days} days"


def new_style(desk: MobileAppDesk, app: App) -> str:
    return desk.other(tuple(STYLES), app.style)


@recipe("get_screen_time")
def total_of_app(desk: MobileAppDesk) -> Request:
    name, (days, words) = app(desk).name, span(desk)
    total = desk.call("get_screen_time", app=name, days=days)["minutes"]
    frames = (
        "How many minutes did I spend in {app} in {days}, today included?",
        "Please add up my {app} minutes of {days}, up to and including today.",
        "{app}, {days} with today: total minutes?",
        "I fear that I waste my life in {app}. What is my screen time there over {days}, counting today?",
        "For how many minutes was {app} open in {days}, with today?",
        "Tell me the screen time of {app} for {days} (today is one of them), in minutes.",
    )
    return Request(desk.say(frames, app=name, days=words), f"It is {total} minutes.", number_answer(total))


@recipe("get_screen_time")
def measure_of_app(desk: MobileAppDesk) -> Request:
    name, (days, words), measure = app(desk).name, span(desk), desk.pick(("mean", "longest"))
    found = desk.call("get_screen_time", app=name, days=days, measure=measure)["minutes"]
    frames = {
        "mean": (
            "How many minutes a day do I use {app} on average, over {days} including today?",
            "What is my daily mean for {app} in {days}, today counted? In minutes, please.",
            "{app}: average minutes per day, {days} with today?",
            "Please work out how long I look at {app} on an average day. Take {days} up to today.",
        ),
        "longest": (
            "What was my longest day in {app} during {days}, today included? The minutes, please.",
            "How many minutes did I use {app} on the worst day of {days}, counting today?",
            "{app}: minutes of the longest day, {days} with today?",
            "Please find the record of {app} for a single day in {days} up to today, in minutes.",
        ),
    }[measure]
    return Request(desk.say(frames, app=name, days=words), f"It is {found} minutes.", number_answer(found))


@recipe("get_screen_time")
def most_used(desk: MobileAppDesk) -> Request:
    days, words = span(desk)
    found = desk.call("get_screen_time", days=days)["most_used"]
    tied = tuple(entry["app"] for entry in found if entry["minutes"] == found[0]["minutes"])
    frames = (
        "Which app did I use most in {days}, today included?",
        "Please tell me what app took most of my time over {days} up to today.",
        "most used app, {days} with today?",
        "Of all apps, which has the highest screen time for {days}, counting today?",
    )
    return Request(desk.say(frames, days=words), f"It is {tied[0]}.", tied)


@recipe("set_app_limit")
def limit(desk: MobileAppDesk) -> Request:
    name, (allowed, words), days = unlimited(desk).name, minutes(desk), desk.pick(tuple(LIMIT_DAYS))
    desk.call("set_app_limit", app=name, minutes=allowed, days=days)
    frames = (
        "Limit {app} to {minutes} {days}.",
        "I do not want to use {app} for more than {minutes} {days}. Set that up, please.",
        "{app}: max {minutes} {days}",
        "Please cap my screen time in {app}: {minutes} {days} is all I get.",
        "Could you allow {app} only for {minutes} {days}?",
        "My new rule for {app} is at most {minutes} {days}. Enforce it with an app limit.",
    )
    return Request(desk.say(frames, app=name, minutes=words, days=LIMIT_DAYS[days]))


@recipe("set_app_limit")
def strict_limit(desk: MobileAppDesk) -> Request:
    name, (allowed, words), days = unlimited(desk).name, minutes(desk), desk.pick(tuple(LIMIT_DAYS))
    desk.call("set_app_limit", app=name, minutes=allowed, days=days, strict=True)
    frames = (
        "Set a strict limit of {minutes} {days} for {app}, one that I cannot extend.",
        "{Minutes} {days} in {app} and not a moment longer: make it a strict limit.",
        "strict limit, {app}, {minutes} {days}",
        "I always cheat. Please give {app} a limit of {minutes} {days} that cannot be extended.",
        "Could {app} be locked after {minutes} {days}, without any way to extend the limit?",
        "I want {app} limited to {minutes} {days}, strictly.",
    )
    return Request(desk.say(frames, app=name, minutes=words, Minutes=capital(words), days=LIMIT_DAYS[days]))


@recipe("set_notifications")
def notifications(desk: MobileAppDesk) -> Request:
    style = new_style(desk, found := app(desk))
    desk.call("set_notifications", app=found.name, style=style)
    frames = (
        "Notifications of {app} should be {style}.",
        "Please change the notifications of {app}: I want them {style}.",
        "{app} notifications -> {style}",
        "I am not happy with how {app} notifies me. Have its notifications {style}.",
        "Could the notifications from {app} be {style} from now on?",
        "Set {app} up so that what it notifies me of is {style}.",
    )
    return Request(desk.say(frames, app=found.name, style=STYLES[style]))


@recipe("set_notifications")
def private_notifications(desk: MobileAppDesk) -> Request:
    found, style = app(desk), desk.pick(("silent", "banner", "sound"))
    details: dict[str, Any] = {}
    tail = ""
    if desk.chance():
        start, end = desk.pick((("22:00", "07:00"), ("21:30", "06:30"), ("23:00", "08:00"), ("12:30", "14:00")))
        details["quiet"], tail = {"start": start, "end": end}, f", with quiet hours from {desk.clock(start)} to {desk.clock(end)}"
    desk.call("set_notifications", app=found.name, style=style, previews=False, **details)
    frames = (
        "Have the notifications of {app} {style} but without previews{tail}.",
        "Nobody should read over my shoulder: {app} notifies me without previews, {style}{tail}.",
        "{app}: notifications {style}, no previews{tail}",
        "Please set {app} to notifications that are {style} and hide what they say{tail}.",
        "I want the notifications of {app} {style}, with the previews off{tail}.",
        "Could you switch {app} to no previews? Its notifications are to be {style}{tail}.",
    )
    return Request(desk.say(frames, app=found.name, style=STYLES[style], tail=tail))


@recipe("set_app_limit", asks=True)
def limit_how_long(desk: MobileAppDesk) -> Request:
    name, (allowed, words) = unlimited(desk).name, minutes(desk)
    desk.ask(f"For how long may you use {name} per day?")
    desk.call("set_app_limit", app=name, minutes=allowed)
    frames = (
        "Set a daily limit for {app}.",
        "I use {app} too much. Please limit it, every day.",
        "app limit for {app}, every day",
        "Could you put an everyday cap on {app} for me?",
    )
    return Request(desk.say(frames, app=name), reply=desk.say(("I allow myself {minutes}.", "Let us say {minutes}."), minutes=words))


@recipe("set_notifications", asks=True)
def notify_how(desk: MobileAppDesk) -> Request:
    style = new_style(desk, found := app(desk))
    desk.ask(f"How should {found.name} notify you?")
    desk.call("set_notifications", app=found.name, style=style)
    frames = (
        "Change how {app} notifies me.",
        "I want other notifications from {app}, please adjust them.",
        "{app}: different notification style",
        "The notifications of {app} are not right the way they are. Can you set them anew?",
    )
    return Request(
        desk.say(frames, app=found.name), reply=desk.say(("They should be {style}.", "I want them {style}."), style=STYLES[style])
    )


@recipe("get_screen_time", "set_app_limit")
def limit_most_used(desk: MobileAppDesk) -> Request:
    days, span_words = span(desk)
    (allowed, words), found = minutes(desk), desk.call("get_screen_time", days=days)["most_used"]
    desk.call("set_app_limit", app=found[0]["app"], minutes=allowed, days="weekdays")
    frames = (
        "Find out which app I used most in {span}, today included, and limit it to {minutes} on weekdays.",
        "Whatever app took most of my time over {span} with today, allow it only {minutes} on weekdays.",
        "Please look up my most used app of {span} up to today. It gets a weekday limit of {minutes}.",
        "top app of {span} (with today) -> weekday limit {minutes}",
    )
    return Request(desk.say(frames, span=span_words, minutes=words))


@recipe("get_screen_time", "get_screen_time")
def compare_apps(desk: MobileAppDesk) -> Request:
    names, (days, words) = desk.several(list(desk.world.apps), 2), span(desk)
    totals = [desk.call("get_screen_time", app=name, days=days)["minutes"] for name in names]
    more = names[totals.index(max(totals))]
    answer = (more,) if totals[0] != totals[1] else tuple(names)
    frames = (
        "Did I spend more time in {0} or in {1} over {days}, today included? Check each app by itself.",
        "Please compare the total of {0} with that of {1} in {days}, counting today. Which app has more minutes?",
        "{0} vs {1}, {days} with today, one look-up each: which one did I use longer?",
        "Look up {0} and look up {1}, both for {days} up to today, and tell me which took more of my time.",
    )
    return Request(desk.say(frames, *names, days=words), f"It is {more}.", answer, lookups=2)


@recipe("set_app_limit", "set_notifications")
def limit_and_silence(desk: MobileAppDesk) -> Request:
    found = unlimited(desk)
    (allowed, words), style = minutes(desk), desk.other(("off", "silent"), found.style)
    desk.call("set_app_limit", app=found.name, minutes=allowed)
    desk.call("set_notifications", app=found.name, style=style)
    frames = (
        "Limit {app} to {minutes} every day, then have its notifications {style}.",
        "First {app} gets a limit of {minutes} for every day, after that I want its notifications {style}.",
        "Please cap {app} at {minutes} every day. Once this is done, its notifications should be {style}.",
        "{app}: every day max {minutes}; then notifications {style}",
        "Less of {app}, please: start with an everyday limit of {minutes} and go on with notifications that are {style}.",
    )
    return Request(desk.say(frames, app=found.name, minutes=words, style=STYLES[style]))


@recipe("get_screen_time", "set_app_limit", "set_notifications")
def tame_most_used(desk: MobileAppDesk) -> Request:
    days, span_words = span(desk)
    (allowed, words), found = minutes(desk), desk.call("get_screen_time", days=days)["most_used"]
    name = found[0]["app"]
    desk.call("set_app_limit", app=name, minutes=allowed, days="weekend", strict=True)
    desk.call("set_notifications", app=name, style="off")
    frames = (
        "Find my most used app of {span}, today included. Give it a strict weekend limit of {minutes}, then turn its notifications off.",
        "Which app did I use most over {span} with today? Limit it strictly to {minutes} at the weekend and after that switch off its "
        "notifications.",
        "Please look up the top app of {span} up to today, set a weekend limit of {minutes} that cannot be extended, then stop its "
        "notifications altogether.",
        "top app of {span} (with today): strict weekend limit {minutes}, next notifications off",
    )
    return Request(desk.say(frames, span=span_words, minutes=words))
