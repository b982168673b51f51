"""Requests about cameras."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from envs.iot.queries.desk import IoTDesk, clock_answer
from envs.iot.vocabulary import CLIP_LABELS
from envs.iot.world import MotionEvent
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer

PLURALS = {"person": "people", "animal": "animals", "vehicle": "vehicles"}
LENGTHS = {10: "", 15: "a quarter of a minute", 20: "", 45: "", 60: "a minute", 90: "a minute and a half", 120: "two minutes"}  # seconds


def filmed(desk: IoTDesk, *than: str) -> MotionEvent:
    """A motion event of another camera than those."""
    return desk.pick([event for event in desk.world.events.values() if event.camera not in than])


def newest(desk: IoTDesk, event: MotionEvent) -> str:
    """Look up the latest event of that camera, day and kind."""
    found = desk.call("find_motion_events", camera=event.camera, date=event.date, kind=event.kind)
    event_id: str = found["events"][0]["id"]
    return event_id


def length(desk: IoTDesk, seconds: int) -> str:
    return LENGTHS[seconds] if LENGTHS[seconds] and desk.chance() else f"{seconds} seconds"


def clip_details(desk: IoTDesk) -> tuple[dict[str, Any], str]:
    """A length or a label of a clip or both, and the words for them."""
    details: dict[str, Any] = {}
    tail = ""
    if desk.chance(0.6):
        details["seconds"] = desk.pick(tuple(LENGTHS))
        tail += f", {length(desk, details['seconds'])} long"
    if desk.chance(0.6):
        details["label"] = desk.pick(CLIP_LABELS)
        tail += f", labelled '{details['label']}'"
    return details, tail


@recipe("find_motion_events")
def count_events(desk: IoTDesk) -> Request:
    event = filmed(desk)
    kind = event.kind if desk.chance(0.7) else "any"
    count = desk.call("find_motion_events", camera=event.camera, date=event.date, **({"kind": kind} if kind != "any" else {}))["count"]
    movers = f"motion events with {PLURALS[kind]}" if kind != "any" else "motion events"
    frames = (
        "How many {movers} did the {camera} have {day}?",
        "Count the {movers} of the {camera} {day}, please.",
        "Tell me the number of {movers} that the {camera} recorded {day}.",
        "{camera}, {day}: number of {movers}?",
        "I was away. How often did the {camera} report {movers} {day}?",
    )
    said = {"movers": movers, "camera": event.camera, "day": desk.past(event.date)}
    return Request(desk.say(frames, **said), f"There were {count} {movers}.", number_answer(count))


@recipe("find_motion_events")
def count_between(desk: IoTDesk) -> Request:
    event = desk.pick([event for event in desk.world.events.values() if event.time <= "23:30"])
    hour = int(event.time[:2])
    first, last = f"{max(0, hour - desk.number(0, 5)):02}:00", f"{min(23, hour + desk.number(1, 5)):02}:30"
    count = desk.call("find_motion_events", camera=event.camera, date=event.date, from_time=first, to_time=last)["count"]
    frames = (
        "How often did something move in front of the {camera} {day} between {first} and {last}?",
        "Between {first} and {last}, how many motion events did the {camera} have {day}?",
        "The noise was between {first} and {last} {day}. Count what the {camera} saw moving in that time.",
        "{camera} {day}, {first} to {last}: how many events of any kind?",
        "Please count all motion at the {camera} from {first} to {last} {day}.",
    )
    said = {"camera": event.camera, "day": desk.past(event.date), "first": desk.at(first), "last": desk.at(last)}
    return Request(desk.say(frames, **said), f"There were {count} events.", number_answer(count))


@recipe("find_motion_events")
def last_seen(desk: IoTDesk) -> Request:
    event = filmed(desk)
    found = desk.call("find_motion_events", camera=event.camera, date=event.date, kind=event.kind)["events"][0]
    article = "an animal" if event.kind == "animal" else f"a {event.kind}"
    frames = (
        "When did the {camera} last see {what} {day}?",
        "At what time was the latest {kind} in front of the {camera} {day}?",
        "Please look up when {what} last passed the {camera} {day}.",
        "{camera}, {day}: time of the latest {kind}?",
        "I am trying to find out when {what} was there. What is the latest such time of the {camera} {day}?",
    )
    said = {"camera": event.camera, "day": desk.past(event.date), "what": article, "kind": event.kind}
    return Request(desk.say(frames, **said), f"That was at {found['time']}.", clock_answer(found["time"]))


@recipe("find_motion_events", asks=True)
def ask_day(desk: IoTDesk) -> Request:
    event = filmed(desk)
    desk.ask("Which day do you mean?")
    count = desk.call("find_motion_events", camera=event.camera, date=event.date, kind=event.kind)["count"]
    frames = (
        "How many {kinds} did the {camera} see that day?",
        "Please count how often the {camera} reported {kinds} on the day I was out.",
        "On one day there was a lot going on. I wonder how many {kinds} the {camera} noticed.",
        "{camera}: number of events with {kinds} on that one day?",
        "Could you tell me the count of {kinds} at the {camera} for a certain day?",
    )
    replies = ("I mean {day}.", "The day is {day}.", "{day}")
    reply = desk.pick(replies).format(day=desk.dated(event.date))
    query = desk.say(frames, camera=event.camera, kinds=PLURALS[event.kind])
    return Request(query, f"The count is {count}.", number_answer(count), reply=reply)


@recipe("save_clip")
def save(desk: IoTDesk) -> Request:
    event_id, (details, tail) = desk.pick(list(desk.world.events)), clip_details(desk)
    desk.call("save_clip", event_id=event_id, **details)
    frames = (
        "Save the clip of motion event {event}{tail}.",
        "I want to keep the recording of {event}{tail}.",
        "keep clip {event}{tail}",
        "Before it is overwritten, store what the camera filmed at event {event}{tail}.",
        "Could you put aside the footage of {event} for me{tail}?",
        "Event {event} matters to me. Make a clip of it{tail}.",
    )
    return Request(desk.say(frames, event=event_id, tail=tail))


@recipe("save_clip")
def save_labelled(desk: IoTDesk) -> Request:
    event_id, seconds, label = desk.pick(list(desk.world.events)), desk.pick(tuple(LENGTHS)), desk.pick(CLIP_LABELS)
    desk.call("save_clip", event_id=event_id, seconds=seconds, label=label)
    frames = (
        "Keep {long} of {event} under the label '{label}'.",
        "A clip of {event} is needed: {long}, and call it '{label}'.",
        "Please export {event} as '{label}', with a length of {long}.",
        "'{label}' = clip of {event}, {long}",
        "The police ask for event {event}. Would you save {long} of it as '{label}'?",
    )
    return Request(desk.say(frames, event=event_id, long=length(desk, seconds), label=label))


@recipe("find_motion_events", "save_clip")
def save_latest(desk: IoTDesk) -> Request:
    event, (details, tail) = filmed(desk), clip_details(desk)
    desk.call("save_clip", event_id=newest(desk, event), **details)
    frames = (
        "Save the clip of the latest {kind} that the {camera} saw {day}{tail}.",
        "Find the last event with {a} {kind} at the {camera} {day} and keep its recording{tail}.",
        "There was {a} {kind} at the {camera} {day}. Please keep a clip of the latest such event{tail}.",
        "{camera}, {day}: latest {kind} -> save clip{tail}",
        "Could you look for the newest {kind} event of the {camera} {day} and store the clip{tail}?",
    )
    said = {"kind": event.kind, "a": "an" if event.kind == "animal" else "a", "camera": event.camera, "day": desk.past(event.date)}
    return Request(desk.say(frames, tail=tail, **said))


@recipe("find_motion_events", "find_motion_events")
def busier_day(desk: IoTDesk) -> Request:
    event = filmed(desk)
    other = desk.pick([found for found in desk.world.events.values() if found.camera == event.camera and found.date != event.date])
    dates = (event.date, other.date)
    count = max(desk.call("find_motion_events", camera=event.camera, date=date)["count"] for date in dates)
    frames = (
        "Compare the {camera} {0} and {1}: how many motion events were there on the busier day?",
        "On which of two days did the {camera} see more, {0} or {1}? Tell me that higher number of events.",
        "{camera}: all motion {0} vs {1}, the larger count?",
        "Please count the motion events of the {camera} {0} and also {1}, and give me the bigger of the two counts.",
        "I need the higher count of motion events at the {camera}, out of those {0} and those {1}.",
    )
    said = [desk.past(date) for date in dates]
    return Request(desk.say(frames, *said, camera=event.camera), f"On the busier day there were {count}.", number_answer(count), lookups=2)


@recipe("find_motion_events", "save_clip", "find_motion_events", "save_clip")
def save_at_two_cameras(desk: IoTDesk) -> Request:
    first = filmed(desk)
    second = filmed(desk, first.camera)
    for event in (first, second):
        desk.call("save_clip", event_id=newest(desk, event))
    frames = (
        "Find the latest {0} at the {1} {2} and save its clip. Then do so with the latest {3} at the {4} {5}.",
        "I need two clips, one after the other: the last {0} of the {1} {2}, and the last {3} of the {4} {5}.",
        "save clips: latest {0}, {1}, {2}; after that latest {3}, {4}, {5}",
        "First look up and keep the newest {0} event of the {1} {2}, then the newest {3} event of the {4} {5}.",
    )
    return Request(desk.say(frames, *described(desk, (first, second))))


def described(desk: IoTDesk, events: Sequence[MotionEvent]) -> list[str]:
    """Kind, camera and day of each event."""
    return [word for event in events for word in (event.kind, event.camera, desk.past(event.date))]
