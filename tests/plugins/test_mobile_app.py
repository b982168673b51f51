"""The phone: the errors of its tools, what they compute and change, its weak tools, and what its requests determine."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest

from envs.mobile_app import SCENARIO, MobileApp
from envs.mobile_app.queries.desk import MobileAppDesk
from envs.mobile_app.world import Call, Message, Road, Song, World, build
from envs.scenario.choice import other_orders
from envs.scenario.clock import days_after
from raytool.env import ASK_TO_USER, FINISH, ToolError
from raytool.records import Feedback, GoldCall, Task, values_equal

READING = {"search_messages", "list_calls", "search_notes", "search_photos", "search_songs", "find_route", "get_screen_time"}
CHANGING = set(MobileApp.tools) - READING


@cache
def sample() -> list[Task]:
    return list(itertools.islice(SCENARIO.sequence(seed=11), 300))


@pytest.fixture
def env() -> MobileApp:
    env = MobileApp()
    env.task = replace(sample()[0], tools=(*MobileApp.tool_specs(), *(weak.spec for weak in MobileApp.weak_tools.values()), FINISH))
    env.world = build(np.random.default_rng(11))
    return env


def play(env: MobileApp, name: str, arguments: dict[str, Any]) -> tuple[str, Feedback]:
    """What a call, as a model makes it, observes."""
    return env.execute(GoldCall(name, arguments).call)


def street(env: MobileApp, index: int) -> str:
    return list(env.world.streets)[index]


def a(values: Any) -> Any:
    return next(iter(values))


# ---- requests


def test_recipes_are_of_every_length() -> None:
    lengths = Counter(len(recipe.tools) for recipe in SCENARIO.recipes if not recipe.asks)
    least = {1: 25, 2: 10, 3: 6, 4: 3, 5: 2}
    assert all(lengths[calls] >= count for calls, count in least.items())
    assert sum(recipe.asks for recipe in SCENARIO.recipes) >= 4
    kept = Counter(len(recipe.tools) for recipe in SCENARIO.recipes if not set(recipe.tools) & SCENARIO.held_out)
    assert all(kept[calls] >= 3 for calls in least), "what is left for training has every length too"


def test_a_request_that_changes_nothing_asks_for_an_answer() -> None:
    for task in sample():
        called = {call.name for call in task.gold[0].calls}
        assert task.answer or called & CHANGING or task.tags["kind"] == "nothing", task.query


def test_no_goal_is_reached_without_the_last_change() -> None:
    for task in sample():
        calls = task.gold[0].calls
        changes = [index for index, call in enumerate(calls) if call.name in CHANGING]
        if changes:
            env = MobileApp()
            env.reset(options={"task": task})
            for index, call in enumerate(calls[:-1]):
                if index != changes[-1]:
                    env.execute(call.call)
            assert env.goal_reached(calls[-1].arguments["answer"]) is False, task


def test_accepted_values_reach_the_goal() -> None:
    for task in sample():
        calls = task.gold[0].calls
        for index, call in enumerate(calls):
            for name, values in call.accept.items():
                for value in values:
                    changed = replace(call, arguments={**call.arguments, name: value})
                    env = MobileApp()
                    env.reset(options={"task": task})
                    for made in (*calls[:index], changed, *calls[index + 1 :]):
                        assert env.execute(made.call)[1] is Feedback.OK, (task.query, made)
                    assert env.goal_reached(calls[-1].arguments["answer"]) is True, (task.query, changed)


def test_query_and_observations_tell_every_text() -> None:
    """Names, ids and free texts stand in the query, in what the user replied, or in what a call returned."""
    for task in sample():
        env = MobileApp()
        env.reset(options={"task": task})
        told = f"{task.query} (today is {env.world.today})"
        for call in task.gold[0].calls:
            if call.name not in (ASK_TO_USER.name, FINISH.name):
                documented = MobileApp.tools[call.name].spec.documented
                for name, given in call.arguments.items():
                    if "enum" not in documented[name] and name != "days":
                        for value in given if isinstance(given, list) else [given]:
                            assert not isinstance(value, str) or tells(told, value), (task.query, call, name)
            told += env.execute(call.call)[0]


def tells(told: str, value: str) -> bool:
    """Whether a text holds a value, or words for it: dates and times are said in several ways, numbers stand for a placeholder."""
    if re.fullmatch(r"(\d{4}-\d\d-\d\d)?( ?\d\d:\d\d)?", value):
        day = date.fromisoformat(value[:10]) if value[4:5] == "-" else None
        words = (f"{day:%-d %B %Y}", f"tomorrow (today is {days_after(value[:10], -1)})") if day else ()
        return day is None or any(word.casefold() in told.casefold() for word in (value[:10], *words))
    parts = re.split(r"(?<![\w.])\d+(?![\w.])|(?<=^I love )[\w ]+", value)  # a number that was computed, an artist that was looked up
    return value in told or all(part.strip() in told for part in parts)


def test_a_friend_goes_by_either_name() -> None:
    desk = MobileAppDesk(np.random.default_rng(1), 1)
    friend = desk.friend()
    first = friend.split()[0]
    desk.call("send_payment", to=first, amount=1)
    desk.call("request_payment", people=[friend], amount=1)
    assert [call.accept[name][-1] for call, name in zip(desk.calls, ("to", "people"), strict=True)] == [friend, [first]]


def test_other_orders() -> None:
    assert other_orders(["a"]) == () and other_orders(["a", "b"]) == (["b", "a"],) and len(other_orders("abc")) == 5


@pytest.mark.parametrize(
    ("seconds", "expected"), [(45, "45 seconds"), (60, "1 minute"), (150, "2 minutes and 30 seconds"), (7200, "2 hours")]
)
def test_lengths_in_words(seconds: int, expected: str) -> None:
    assert MobileAppDesk(np.random.default_rng(0), 0).seconds(seconds) == expected


def test_times_in_words() -> None:
    desk = MobileAppDesk(np.random.default_rng(0), 0)
    said = {time: {desk.clock(time) for _ in range(60)} for time in ("07:30", "12:00", "17:45", "20:15", "20:20")}
    assert said["07:30"] == {"07:30", "7:30 am", "half past seven in the morning"}
    assert "twelve o'clock in the afternoon" in said["12:00"] and "quarter to six in the afternoon" in said["17:45"]
    assert "quarter past eight in the evening" in said["20:15"] and said["20:20"] == {"20:20", "8:20 pm"}


# ---- errors

Case = Callable[[MobileApp], dict[str, Any]]


def message_elsewhere(env: MobileApp) -> dict[str, Any]:
    """A message, and a chat that it is not in."""
    message = a(env.world.messages.values())
    return {"chat": next(friend for friend in env.world.friends if friend != message.chat), "reply_to": message.id}


def ring(env: MobileApp) -> dict[str, Any]:
    return {"time": env.world.alarms[0].time, "days": ["fri"]}


def trip(env: MobileApp) -> dict[str, Any]:
    return {"pickup": "Home", "dropoff": "Work"}


def photo(env: MobileApp) -> str:
    return a(env.world.photos)


ERRORS: dict[str, list[Case]] = {
    "send_message": [
        lambda env: {"chat": "Nobody", "text": "Hi"},
        lambda env: {"chat": env.world.friends[0], "text": " "},
        lambda env: {"chat": env.world.friends[0], "text": "Hi", "reply_to": "m1"},
        lambda env: {**message_elsewhere(env), "text": "Hi"},
        lambda env: {"chat": env.world.friends[0], "text": "Hi", "send_at": "08:00"},
        lambda env: {"chat": env.world.friends[0], "text": "Hi", "send_at": "2020-01-01 08:00"},
        lambda env: {"chat": env.world.friends[0], "text": "Hi", "send_at": "2099-01-01 8:00"},
    ],
    "search_messages": [lambda env: {"text": "a", "chat": "Nobody"}, lambda env: {"text": "a", "unread_only": "yes"}],
    "list_calls": [lambda env: {"name": "Nobody"}, lambda env: {"since": "Monday"}, lambda env: {"kind": "video"}],
    "play_voicemail": [lambda env: {"voicemail_id": "v1"}, lambda env: {"voicemail_id": a(env.world.voicemails), "afterwards": "burn"}],
    "set_alarm": [
        lambda env: {"time": "7:00"},
        lambda env: {"time": "24:00"},
        lambda env: {"time": "07:00", "days": ["monday"]},
        lambda env: {"time": "07:00", "days": ["mon", "mon"]},
        lambda env: {"time": "07:00", "snooze_minutes": 31},
        ring,
    ],
    "set_timer": [
        lambda env: {"seconds": 0},
        lambda env: {"seconds": 10**9},
        lambda env: {"seconds": 1.5},
        lambda env: {"seconds": 60, "repeats": -1},
        lambda env: {"seconds": 60, "label": env.world.timers[0].label},
    ],
    "create_note": [
        lambda env: {"title": "", "text": "a"},
        lambda env: {"title": "New", "text": " "},
        lambda env: {"title": "New", "text": "a" * 2001},
        lambda env: {"title": a(env.world.notes), "text": "a"},
        lambda env: {"title": "New", "text": "a", "folder": "Nowhere"},
    ],
    "search_notes": [lambda env: {"text": ""}, lambda env: {"text": "a", "folder": "Nowhere"}],
    "search_photos": [
        lambda env: {"people": ["Nobody"]},
        lambda env: {"people": [env.world.friends[0], env.world.friends[0].split()[0]]},
        lambda env: {"since": "May"},
        lambda env: {"until": "2030-02-30"},
    ],
    "create_album": [
        lambda env: {"title": "", "photo_ids": [photo(env)]},
        lambda env: {"title": a(env.world.albums), "photo_ids": [photo(env)]},
        lambda env: {"title": "New", "photo_ids": []},
        lambda env: {"title": "New", "photo_ids": ["p1"]},
        lambda env: {"title": "New", "photo_ids": [photo(env), photo(env)]},
        lambda env: {"title": "New", "photo_ids": [photo(env)], "shared_with": ["Nobody"]},
        lambda env: {"title": "New", "photo_ids": [photo(env)], "cover": list(env.world.photos)[1]},
    ],
    "create_post": [
        lambda env: {"text": ""},
        lambda env: {"text": "Hi", "audience": "nobody"},
        lambda env: {"text": "Hi", "photo_ids": ["p1"]},
        lambda env: {"text": "Hi", "photo_ids": [photo(env), photo(env)]},
    ],
    "search_songs": [lambda env: {"genre": "polka"}, lambda env: {"order": "loudest"}],
    "add_to_playlist": [
        lambda env: {"playlist": "Nothing", "song_ids": [a(env.world.songs)]},
        lambda env: {"playlist": a(env.world.playlists), "song_ids": []},
        lambda env: {"playlist": a(env.world.playlists), "song_ids": ["s1"]},
        lambda env: {"playlist": a(env.world.playlists), "song_ids": a(env.world.playlists.values())[:1]},
    ],
    "download_episode": [
        lambda env: {"show": "Nothing"},
        lambda env: {"show": a(env.world.shows), "number": 99},
        lambda env: {"show": a(env.world.shows), "number": -1},
        lambda env: {"show": a(env.world.shows), "number": 1},
        lambda env: {"show": a(env.world.shows), "quality": "best"},
    ],
    "find_route": [
        lambda env: {"start": "Nowhere", "end": "Home"},
        lambda env: {"start": "Home", "end": "12 Nowhere Street"},
        lambda env: {"start": "Home", "end": f"0 {street(env, 0)}"},
        lambda env: {"start": "Home", "end": "Work", "mode": "boat"},
    ],
    "save_place": [
        lambda env: {"name": " ", "address": f"1 {street(env, 0)}"},
        lambda env: {"name": "home", "address": f"1 {street(env, 0)}"},
        lambda env: {"name": "New", "address": "1 Nowhere Street"},
        lambda env: {"name": "New", "address": f"1 {street(env, 0)}", "collection": "best"},
    ],
    "request_ride": [
        lambda env: {"pickup": "Nowhere", "dropoff": "Home"},
        lambda env: {"pickup": "Home", "dropoff": env.world.places["Home"].address},
        lambda env: {**trip(env), "party": {"adults": 0}},
        lambda env: {**trip(env), "party": {"adults": 3, "children": 2}},
        lambda env: {**trip(env), "party": {"adults": 6, "children": 1}, "car": "large"},
        lambda env: {**trip(env), "party": {"dogs": 1}},
        lambda env: {**trip(env), "car": "tiny"},
        lambda env: {**trip(env), "at": "2020-01-01 08:00"},
        lambda env: {**trip(env), "at": "2099-01-01"},
    ],
    "get_screen_time": [
        lambda env: {"app": "Nothing"},
        lambda env: {"days": 0},
        lambda env: {"days": 15},
        lambda env: {"measure": "median"},
    ],
    "set_app_limit": [
        lambda env: {"app": "Nothing", "minutes": 30},
        lambda env: {"app": a(env.world.apps), "minutes": 0},
        lambda env: {"app": a(env.world.apps), "minutes": 721},
        lambda env: {"app": a(env.world.apps), "minutes": 30, "days": "mondays"},
    ],
    "set_notifications": [
        lambda env: {"app": "Nothing", "style": "off"},
        lambda env: {"app": a(env.world.apps), "style": "loud"},
        lambda env: {"app": a(env.world.apps), "style": "off", "quiet": {"start": "22:00"}},
        lambda env: {"app": a(env.world.apps), "style": "off", "quiet": {"start": "22", "end": "07:00"}},
        lambda env: {"app": a(env.world.apps), "style": "off", "quiet": {"start": "22:00", "end": "22:00"}},
    ],
    "send_payment": [
        lambda env: {"to": "Nobody", "amount": 5},
        lambda env: {"to": env.world.friends[0], "amount": 0},
        lambda env: {"to": env.world.friends[0], "amount": -5},
        lambda env: {"to": env.world.friends[0], "amount": 1.005},
        lambda env: {"to": env.world.friends[0], "amount": float("nan")},
        lambda env: {"to": env.world.friends[0], "amount": 1e300},
        lambda env: {"to": env.world.friends[0], "amount": 4999},
    ],
    "request_payment": [
        lambda env: {"people": [], "amount": 5},
        lambda env: {"people": ["Nobody"], "amount": 5},
        lambda env: {"people": [env.world.friends[0], env.world.friends[0]], "amount": 5},
        lambda env: {"people": [env.world.friends[0]], "amount": 5001},
        lambda env: {"people": [env.world.friends[0]], "amount": 0.01, "split": "with_me"},
        lambda env: {"people": [env.world.friends[0]], "amount": 5, "split": "half"},
        lambda env: {"people": [env.world.friends[0]], "amount": 5, "due": "soon"},
        lambda env: {"people": [env.world.friends[0]], "amount": 5, "due": "2020-01-01"},
    ],
}


@pytest.mark.parametrize(("name", "index"), [(name, index) for name, cases in ERRORS.items() for index in range(len(cases))])
def test_a_failing_call_says_so_and_changes_nothing(env: MobileApp, name: str, index: int) -> None:
    before = env.world.state()
    observation, feedback = play(env, name, ERRORS[name][index](env))
    assert feedback in (Feedback.OTHER, Feedback.TOOL_CALL_FAILURE) and "Error:" not in observation
    assert 0 < len(observation) < 400 and "\n" not in observation
    assert env.world.state() == before


def test_every_tool_has_an_error() -> None:
    assert set(ERRORS) == set(MobileApp.tools)


# ---- weak tools


def right_call(tool: str) -> tuple[MobileApp, GoldCall]:
    """A gold call of a tool in the world that it was written for."""
    recipe = next(recipe for recipe in SCENARIO.recipes if recipe.tools == (tool,) and not recipe.asks)
    desk = MobileAppDesk(np.random.default_rng(4), 4)
    recipe.write(desk)
    env = MobileApp()
    env.world = MobileApp.build(np.random.default_rng(4))
    return env, desk.calls[0]


@pytest.mark.parametrize("tool", MobileApp.tools)
def test_a_weak_tool_does_what_the_strong_one_does_with_its_defaults(tool: str) -> None:
    weak = MobileApp.weak_tools[tool].spec
    (narrow, call), (wide, _) = right_call(tool), right_call(tool)
    required = {name: value for name, value in call.arguments.items() if name in weak.documented}
    for name in weak.required:
        required.setdefault(name, {"place": "Oslo", "text": "a", "app": a(wide.world.apps)}.get(name))
    assert getattr(narrow, weak.name)(**required) == getattr(wide, tool)(**required)
    assert narrow.world.state() == wide.world.state()
    types = {name: schema.get("type") for name, schema in MobileApp.tools[tool].spec.documented.items()}
    assert all(schema.get("type") == types[name] for name, schema in weak.documented.items())


@pytest.mark.parametrize("tool", sorted(CHANGING))
def test_a_change_shows_in_the_state(tool: str) -> None:
    env, call = right_call(tool)
    before = env.world.state()
    getattr(env, tool)(**call.arguments)
    assert env.world.state() != before


# ---- what the tools do


def test_state_is_a_snapshot_without_handles(env: MobileApp) -> None:
    before = json.dumps(env.world.state())
    first, second = env.send_message(env.world.friends[0], "One"), env.send_message(env.world.friends[0], "Two")
    assert first["id"] != second["id"] and json.dumps(env.world.state()) != before
    for sent in (first, second):
        del env.world.messages[sent["id"]]
    assert json.dumps(env.world.state()) == before


def test_a_reply_belongs_to_its_message(env: MobileApp) -> None:
    message = a(env.world.messages.values())
    env.send_message(message.chat, "Yes.", reply_to=message.id)
    assert [message.chat, "me", env.world.today, "Yes.", False, message.text] in env.world.state()["messages"]


def test_search_messages_shows_the_newest_and_counts_all(env: MobileApp) -> None:
    group = a(env.world.groups)
    env.world.messages = {
        f"m{day}": Message(
            f"m{day}", group if day < 4 else env.world.friends[0], "Ana", f"2025-01-0{day} 08:00", f"Snow {day}", day % 2 == 1
        )
        for day in range(1, 6)
    }
    found = env.search_messages("SNOW")
    assert found["count"] == 5 and [message["id"] for message in found["messages"]] == ["m5", "m4"]
    assert env.search_messages("snow", chat=group.upper())["count"] == 3
    assert env.search_messages(chat=group, unread_only=True)["count"] == 2


def test_long_messages_are_cut_in_listings(env: MobileApp) -> None:
    for text in ("One " * 200, "Two " * 200):
        env.send_message(env.world.friends[0], text)
    observation, _ = play(env, "search_messages", {"chat": env.world.friends[0]})
    assert len(observation) < 400 and "..." in observation


def test_call_log_adds_up_minutes(env: MobileApp) -> None:
    one, two = env.world.friends[:2]
    env.world.calls = [Call(one, "incoming", "2025-01-01", "08:00", 5), Call(two, "missed", "2025-01-02", "08:00", voicemail="v9")]
    env.world.calls += [Call(one, "outgoing", "2025-01-03", "08:00", 7)]
    assert env.list_calls(name=one)["minutes"] == 12
    assert env.list_calls("missed")["calls"] == [{"name": two, "kind": "missed", "date": "2025-01-02", "time": "08:00", "voicemail": "v9"}]
    assert env.list_calls(since="2025-01-02")["count"] == 2


@pytest.mark.parametrize(("afterwards", "left"), [("keep", (True, False)), ("archive", (True, True)), ("delete", None)])
def test_what_becomes_of_a_voicemail(env: MobileApp, afterwards: Any, left: tuple[bool, bool] | None) -> None:
    voicemail = a(env.world.voicemails.values())
    assert env.play_voicemail(voicemail.id, afterwards)["text"] == voicemail.text
    there = env.world.voicemails.get(voicemail.id)
    assert (there and (there.heard, there.archived)) == left


def test_alarms_clash_only_on_a_common_day(env: MobileApp) -> None:
    env.world.alarms = []
    env.set_alarm("07:00", days=("wed", "mon"))
    assert env.world.alarms[0].days == ("mon", "wed")
    env.set_alarm("07:00", days=("tue",))
    env.set_alarm("07:00")
    with pytest.raises(ToolError, match="there is an alarm at 07:00"):
        env.set_alarm("07:00", days=("sun", "wed"))
    with pytest.raises(ToolError, match="there is an alarm at 07:00"):
        env.set_alarm("07:00", label="Again")


def test_notes_are_found_by_title_and_text(env: MobileApp) -> None:
    folder = env.world.folders[1]
    env.create_note("Zebra crossing", "Look left.")
    env.create_note("Animals", "A zebra and a gnu.", folder=folder, pinned=True)
    assert env.search_notes("ZEBRA")["count"] == 2
    assert [note["title"] for note in env.search_notes("zebra", folder)["notes"]] == ["Animals"]


def test_photos_by_every_criterion(env: MobileApp) -> None:
    photos = sorted(env.world.photos.values(), key=lambda photo: photo.date)
    shown = next(photo for photo in photos if photo.people)
    assert env.search_photos(people=(shown.people[0].split()[0],))["count"] == sum(shown.people[0] in photo.people for photo in photos)
    assert env.search_photos(since=photos[2].date, until=photos[5].date)["count"] == 4
    assert env.search_photos(favourites_only=True)["count"] == sum(photo.favourite for photo in photos)
    assert [photo["date"] for photo in env.search_photos()["photos"]] == [photo.date for photo in photos[:-4:-1]]


def test_a_post_has_at_most_ten_photos(env: MobileApp) -> None:
    for number in range(2):
        env.world.photos[f"x{number}"] = replace(a(env.world.photos.values()), id=f"x{number}", date=f"2020-01-0{number + 1}")
    with pytest.raises(ToolError, match="not at most 10"):
        env.create_post("All of them", photo_ids=tuple(env.world.photos))


def test_songs_in_order(env: MobileApp) -> None:
    env.world.songs = {
        "s1": Song("s1", "B", "Band", "jazz", 2001, 300),
        "s2": Song("s2", "A", "Band", "jazz", 1999, 200),
        "s3": Song("s3", "C", "Other", "rock", 2010, 100),
    }
    first = {order: env.search_songs(order=order)["songs"][0]["id"] for order in ("title", "newest", "oldest", "shortest", "longest")}
    assert first == {"title": "s2", "newest": "s3", "oldest": "s2", "shortest": "s3", "longest": "s1"}
    assert env.search_songs("band", genre="jazz")["count"] == 2 and env.search_songs("other", genre="jazz")["count"] == 0


def test_songs_go_to_either_end_of_a_playlist(env: MobileApp) -> None:
    (name, there), songs = a(env.world.playlists.items()), list(env.world.songs)
    new = [song for song in songs if song not in there][:3]
    env.add_to_playlist(name, new[:2])
    added = env.add_to_playlist(name, new[2:], at_top=True)
    assert env.world.playlists[name] == [new[2], *there, *new[:2]]
    assert added["songs"] == len(there) + 3 and added["seconds"] == sum(env.world.songs[song].seconds for song in (*there, *new))


def test_a_download_takes_space(env: MobileApp) -> None:
    show, free = list(env.world.shows)[1], env.world.free_mb
    env.world.shows[show][-1].minutes = 25
    assert env.download_episode(show)["mb"] == 15 and env.world.free_mb == free - 15
    env.world.free_mb = 1
    with pytest.raises(ToolError, match="only 1 are free"):
        env.download_episode(show, 1, "high")


def town(env: MobileApp) -> World:
    """A triangle of streets whose short side has a toll."""
    free, long, toll = Road(1000), Road(2000), Road(500, toll=True)
    env.world.streets = {"A Road": {"B Road": free, "C Road": toll}, "B Road": {"A Road": free, "C Road": long}}
    env.world.streets["C Road"] = {"A Road": toll, "B Road": long}
    env.world.places = {}
    return env.world


def test_routes_are_the_shortest_that_are_allowed(env: MobileApp) -> None:
    town(env)
    assert env.find_route("1 A Road", "2 C Road") == {"km": 0.6, "minutes": 2, "tolls": 1, "streets": ["A Road", "C Road"]}
    around = {"km": 3.1, "tolls": 0, "streets": ["A Road", "B Road", "C Road"]}
    assert env.find_route("1 A Road", "2 C Road", avoid_tolls=True) == {**around, "minutes": 7}
    assert env.find_route("1 A Road", "2 C Road", "walk") == {**around, "minutes": 39}
    assert env.find_route("1 A Road", "9 a road")["km"] == 0.1


def test_rides_cost_by_car_and_way(env: MobileApp) -> None:
    town(env)
    env.save_place("Corner", "2 c road", "visited")
    fares = [env.request_ride("1 A Road", "corner", car)["fare"] for car in ("standard", "large", "premium")]
    assert fares == [3.9, 5.7, 7.56]
    ride = env.request_ride("1 A Road", "2 C Road", "large", {"adults": 2, "children": 4}, "2099-01-01 08:00")
    assert ride["km"] == 0.6 and env.world.rides[-1].dropoff == env.world.places["Corner"].address == "2 C Road"


def test_screen_time_measures(env: MobileApp) -> None:
    for app, minutes in zip(env.world.apps.values(), (5, 10, 15, 20, 25, 30), strict=True):
        app.use = (minutes, 2 * minutes, *[0] * 12)
    first, *_, last = env.world.apps
    assert [env.get_screen_time(first, 2, measure)["minutes"] for measure in ("total", "mean", "longest")] == [15, 7.5, 10]
    everything = env.get_screen_time(days=1)
    assert everything["minutes"] == 105 and everything["most_used"][0] == {"app": last, "minutes": 30}


def test_limits_of_different_days_stand_side_by_side(env: MobileApp) -> None:
    name = list(env.world.apps)[1]
    env.set_app_limit(name, 30, "weekdays")
    env.set_app_limit(name, 60, "weekend", strict=True)
    env.set_app_limit(name, 45, "weekdays")
    assert env.world.apps[name].limits == {"weekdays": (45, False), "weekend": (60, True)}


def test_notifications_are_set_as_a_whole(env: MobileApp) -> None:
    name = a(env.world.apps)
    env.set_notifications(name, "sound", previews=False, quiet={"start": "22:00", "end": "07:00"})
    assert env.world.state()["apps"][name][:3] == ["sound", False, ["22:00", "07:00"]]
    env.set_notifications(name, "silent")
    assert env.world.state()["apps"][name][:3] == ["silent", True, []]


def test_payments_keep_to_the_cent(env: MobileApp) -> None:
    env.world.cents = 10_000
    assert env.send_payment(env.world.friends[0].split()[0], 19.99) == {"to": env.world.friends[0], "amount": 19.99, "balance": 80.01}
    assert env.send_payment(env.world.friends[0], 80.01)["balance"] == 0


@pytest.mark.parametrize(("split", "each"), [("each", 10), ("among_them", 5), ("with_me", 3.33)])
def test_requests_are_split(env: MobileApp, split: Any, each: float) -> None:
    asked = env.request_payment(list(env.world.friends[:2]), 10, "pizza", split)
    assert values_equal(asked, {"each": each, "together": 2 * each}) and env.world.payments[-1].cents == round(each * 100)
