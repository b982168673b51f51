"""Requests about the weather, parcels and reminders."""

from __future__ import annotations

from typing import Any

from envs.daily_life.queries.desk import DailyLifeDesk
from envs.daily_life.world import Parcel
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import date_answer, number_answer


def named(desk: DailyLifeDesk, parcel: Parcel) -> tuple[str, str, dict[str, tuple[str, ...]]]:
    """The words for a parcel, the value that they give, and the values that are as good."""
    forms = (
        (f"parcel {parcel.number}", parcel.number, ()),
        (f"parcel from {parcel.sender}", parcel.sender, ()),
        (f"parcel {parcel.number} from {parcel.sender}", parcel.number, (parcel.sender,)),
    )
    said, value, others = desk.pick(forms)
    return said, value, {"parcel": others}


def a_parcel(desk: DailyLifeDesk) -> Parcel:
    return desk.pick(list(desk.world.parcels.values()))


@recipe("get_forecast")
def temperature(desk: DailyLifeDesk) -> Request:
    town, day = desk.pick(desk.world.towns), desk.coming()
    weather = desk.call("get_forecast", town=town, date=day)
    frames = (
        "How warm will it get in {town} {on}?",
        "What is the highest temperature expected in {town} {on}, in Celsius?",
        "Please tell me the temperature forecast for {town} {on}.",
        "{town}, {on}: max temperature?",
        "I am packing for {town} and want to know how many degrees it will have {on}.",
        "Do I need a coat in {town} {on}? Just give me the degrees.",
    )
    closing = f"It gets up to {weather['temperature']} degrees."
    return Request(desk.say(frames, town=town, on=desk.on(day)), closing, number_answer(weather["temperature"]))


@recipe("get_forecast")
def rain_in_part(desk: DailyLifeDesk) -> Request:
    town, day, part = desk.pick(desk.world.towns), desk.coming(), desk.pick(("morning", "afternoon", "evening"))
    rain = desk.call("get_forecast", {"units": ("imperial",)}, town=town, date=day, part=part)["rain_percent"]
    frames = (
        "What is the chance of rain in {town} in the {part} {on}?",
        "We are planning a barbecue in {town} {on}, in the {part}. How likely is rain then?",
        "{town}, {on}, {part}: rain probability?",
        "Please look up how likely it is to rain in the {part} in {town} {on}.",
        "Only the {part} matters to me: how many percent of rain risk does {town} have {on}?",
        "Will I need an umbrella in {town} {on}? I am out in the {part} only, so give me that chance of rain in percent.",
    )
    return Request(desk.say(frames, town=town, part=part, on=desk.on(day)), f"The chance of rain is {rain}%.", number_answer(rain))


@recipe("get_forecast")
def fahrenheit(desk: DailyLifeDesk) -> Request:
    town, day, part = desk.pick(desk.world.towns), desk.coming(), desk.pick(("morning", "afternoon", "evening"))
    degrees = desk.call("get_forecast", town=town, date=day, part=part, units="imperial")["temperature"]
    frames = (
        "My American guests ask for the {part} temperature in {town} {on}, in Fahrenheit.",
        "How many degrees Fahrenheit will {town} have {on} in the {part}?",
        "{town} {on}, {part}, temperature in °F?",
        "Please give me the forecast for the {part} in {town} {on} in Fahrenheit; the temperature is enough.",
        "I grew up with Fahrenheit. What will the thermometer say in {town} in the {part} {on}?",
    )
    return Request(desk.say(frames, town=town, part=part, on=desk.on(day)), f"It will be {degrees} °F.", number_answer(degrees))


@recipe("get_forecast")
def wind(desk: DailyLifeDesk) -> Request:
    town, day = desk.pick(desk.world.towns), desk.coming()
    speed = desk.call("get_forecast", town=town, date=day)["wind"]
    frames = (
        "How strong will the wind be at most in {town} {on}, in km/h?",
        "We want to fly a kite in {town} {on}. What wind speed is forecast at the windiest, in km/h?",
        "{town}, {on}: wind in km/h?",
        "Please check the wind in {town} for the whole day {on} and tell me the km/h.",
        "The boat only goes out in light wind. What does the forecast say for {town} {on}, km/h please?",
    )
    return Request(desk.say(frames, town=town, on=desk.on(day)), f"Up to {speed} km/h.", number_answer(speed))


@recipe("track_parcel")
def when_it_comes(desk: DailyLifeDesk) -> Request:
    said, value, accept = named(desk, a_parcel(desk))
    expected = desk.call("track_parcel", accept, parcel=value)["expected"]
    frames = (
        "When will the {parcel} arrive?",
        "I have been waiting for the {parcel} for days. On which date is it expected?",
        "Please track the {parcel} and tell me the day it should come.",
        "{parcel}: expected date?",
        "Somebody has to be at home for the {parcel}. Which day is that?",
        "Could you find out when they mean to deliver the {parcel}?",
    )
    return Request(desk.say(frames, parcel=said), f"It is expected on {expected}.", date_answer(expected))


@recipe("track_parcel")
def where_it_is(desk: DailyLifeDesk) -> Request:
    said, value, accept = named(desk, a_parcel(desk))
    found = desk.call("track_parcel", accept, parcel=value)
    asked = desk.pick(("place", "status", "carrier"))
    if asked == "place":
        frames: tuple[str, ...] = (
            "Where is the {parcel} right now?",
            "Which town has the {parcel} got to?",
            "Track the {parcel}, please. In which place is it?",
            "{parcel}: current place?",
            "I would love to know where the {parcel} is lying around at the moment.",
        )
    elif asked == "status":
        frames = (
            "What is the status of the {parcel}?",
            "Has anything happened with the {parcel}? Tell me its status.",
            "Please check the tracking of the {parcel} and give me the status.",
            "{parcel}: status?",
            "Is the {parcel} on its way, or what does the tracking call it?",
        )
    else:
        frames = (
            "Which carrier has the {parcel}?",
            "Who is delivering the {parcel}? I need the name of the carrier.",
            "Please find out which delivery company is bringing the {parcel}.",
            "{parcel}: carrier?",
            "I want to complain about the {parcel}, but to which carrier?",
        )
    return Request(desk.say(frames, parcel=said), f"Its {asked}: {found[asked]}.", (found[asked],))


@recipe("track_parcel")
def where_it_started(desk: DailyLifeDesk) -> Request:
    said, value, accept = named(desk, a_parcel(desk))
    first = desk.call("track_parcel", accept, parcel=value, history=True)["history"][-1]
    frames = (
        "Where did the {parcel} start its journey?",
        "Look at the tracking history of the {parcel}: in which place was it first?",
        "{parcel}: first place in its history?",
        "Please go through all the steps of the {parcel} and tell me the place it set out from.",
        "From which town was the {parcel} sent off, going by its tracking history?",
    )
    return Request(desk.say(frames, parcel=said), f"It started in {first['place']}.", (first["place"],))


@recipe("track_parcel", asks=True)
def which_parcel(desk: DailyLifeDesk) -> Request:
    parcel = a_parcel(desk)
    desk.ask("Which parcel?")
    found = desk.call("track_parcel", {"parcel": (parcel.number,)}, parcel=parcel.sender)
    frames = (
        "When will my parcel arrive?",
        "Can you track a parcel for me and tell me the expected day?",
        "delivery date of the parcel?",
        "Please find out on which day the parcel comes.",
        "One of my orders has been on its way for ages. When is that parcel expected?",
    )
    reply = desk.say(("The one from {sender}, {number}.", "It is from {sender}: {number}."), sender=parcel.sender, number=parcel.number)
    return Request(desk.say(frames), f"It is expected on {found['expected']}.", date_answer(found["expected"]), reply=reply)


@recipe("set_reminder")
def remind(desk: DailyLifeDesk) -> Request:
    text, day = desk.chore(), desk.coming(1, 12)
    time = desk.pick(("07:30", "08:15", "12:00", "16:45", "18:00", "19:30", "20:00"))
    desk.call("set_reminder", text=text, date=day, time=time)
    frames = (
        "Remind me {on} at {at}: '{text}'.",
        "Please set a reminder '{text}' {on}, {at}.",
        "reminder {on} {at} '{text}'",
        "I am bound to forget this: '{text}'. Give me a reminder at {at} {on}.",
        "Could I get a reminder that says '{text}' {on} at {at}?",
        "Make my phone tell me '{text}' {on} at {at}.",
    )
    return Request(desk.say(frames, text=text, on=desk.on(day), at=desk.at(time)))


@recipe("set_reminder")
def remind_again(desk: DailyLifeDesk) -> Request:
    text, day, repeat = desk.chore(), desk.coming(), desk.pick(("daily", "weekly", "monthly"))
    time = desk.pick(("06:30", "08:00", "17:30", "21:00"))
    desk.call("set_reminder", text=text, date=day, time=time, repeat=repeat)
    every = desk.pick({"daily": ("every day", "daily"), "weekly": ("every week", "weekly"), "monthly": ("every month", "monthly")}[repeat])
    frames = (
        "Remind me {every} at {at}: '{text}', for the first time {on}.",
        "I need a reminder '{text}' {every}, {at}, starting {on}.",
        "reminder {every}, first {on}, {at}: '{text}'",
        "From now on somebody must tell me {every} to do this: '{text}'. Begin {on} at {at}.",
        "Please set up '{text}' as a reminder that comes {every} at {at}; the first one is {on}.",
        "'{text}' has to be done {every}. Let me be reminded of it at {at}, the first time {on}.",
    )
    return Request(desk.say(frames, text=text, every=every, on=desk.on(day), at=desk.at(time)))


@recipe("set_reminder", asks=True)
def remind_when(desk: DailyLifeDesk) -> Request:
    text, day, time = desk.chore(), desk.coming(), desk.pick(("08:00", "12:30", "18:00", "20:15"))
    desk.ask("On which day?")
    desk.call("set_reminder", text=text, date=day, time=time)
    frames = (
        "Remind me at {at}: '{text}'.",
        "Please set a reminder '{text}' for {at}.",
        "reminder '{text}', {at}",
        "One day soon I have to do this, so remind me of it at {at}: '{text}'.",
        "Could you see that I get a reminder '{text}' at {at} on that day?",
    )
    reply = desk.say(("That is {on}.", "It has to be {on}.", "Make it {on}."), on=desk.on(day))
    return Request(desk.say(frames, text=text, at=desk.at(time)), reply=reply)


@recipe("get_forecast", "get_forecast")
def warmer_town(desk: DailyLifeDesk) -> Request:
    while True:
        towns, day = desk.several(desk.world.towns, 2), desk.coming()
        warmth = [max(part.celsius for part in desk.world.forecasts[town, day].values()) for town in towns]
        if warmth[0] != warmth[1]:
            break
    degrees: list[int] = [desk.call("get_forecast", town=town, date=day)["temperature"] for town in towns]
    warmer = max(degrees)
    town = towns[degrees.index(warmer)]
    frames = (
        "Will it be warmer in {0} or in {1} {on}? Tell me the higher temperature, too.",
        "{0} or {1}: we go wherever it is warmer {on}. How many degrees will that be?",
        "compare {0} and {1} {on}: the higher max temperature?",
        "Please look up the forecast for {0} and for {1} {on} and name the temperature of the warmer town.",
        "We cannot decide between {0} and {1}. What is the temperature {on} in the one that is warmer?",
    )
    query = desk.say(frames, *towns, on=desk.on(day))
    return Request(query, f"{town} is warmer, {warmer} degrees.", number_answer(warmer), lookups=2)


@recipe("track_parcel", "set_reminder")
def wait_for_parcel(desk: DailyLifeDesk) -> Request:
    said, value, accept = named(desk, a_parcel(desk))
    text, details, when = "Stay in for the parcel", reminder_time(desk), ""
    expected = desk.call("track_parcel", accept, parcel=value)["expected"]
    desk.call("set_reminder", text=text, date=expected, **details)
    when = f" at {desk.at(details['time'])}"
    frames = (
        "Find out when the {parcel} comes and remind me that day{when}: '{text}'.",
        "I must not miss the {parcel}. Look up the expected day, then set a reminder '{text}' for it{when}.",
        "{parcel} -> reminder '{text}' on its expected date{when}",
        "Please track the {parcel}; on the day of delivery I want to be told '{text}'{when}.",
        "On whichever day the {parcel} is expected, remind me{when}: '{text}'.",
        "Check the {parcel}. The date it is due gets a reminder reading '{text}'{when}.",
    )
    return Request(desk.say(frames, parcel=said, text=text, when=when))


def reminder_time(desk: DailyLifeDesk) -> dict[str, Any]:
    return {"time": desk.pick(("07:00", "07:45", "08:30", "10:00", "11:30"))}


@recipe("track_parcel", "track_parcel", "set_reminder")
def wait_for_the_last(desk: DailyLifeDesk) -> Request:
    while True:
        first, second = desk.several(list(desk.world.parcels.values()), 2)
        if first.expected != second.expected:
            break
    days = [desk.call("track_parcel", {"parcel": (parcel.number,)}, parcel=parcel.sender)["expected"] for parcel in (first, second)]
    text, details = desk.chore(), reminder_time(desk)
    desk.call("set_reminder", text=text, date=max(days), **details)
    frames = (
        "Check when the parcels from {0} and {1} come, and on the later of the two days remind me at {at}: '{text}'.",
        "I wait for parcels from {0} and from {1}. Set a reminder '{text}' at {at} on the day the last one is expected.",
        "parcels from {0}, {1}: later expected date -> reminder {at} '{text}'",
        "Please track what {0} sent and what {1} sent. When both should be here, on the later date, at {at}, remind me: '{text}'.",
        "As soon as the second of my parcels ({0}, {1}) is due, I want a reminder '{text}' that day at {at}.",
    )
    said = {"at": desk.at(details["time"]), "text": text}
    return Request(desk.say(frames, first.sender, second.sender, **said), lookups=2)
