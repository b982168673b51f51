"""Requests about photos, albums and posts."""

from __future__ import annotations

from typing import Any

from envs.mobile_app import vocabulary as words
from envs.mobile_app.queries.desk import MobileAppDesk
from envs.mobile_app.world import Photo
from envs.scenario import names
from envs.scenario.choice import other_orders
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import date_answer, long_date, number_answer

AUDIENCES = {"everyone": "everyone", "close_friends": "my close friends"}


def taken(desk: MobileAppDesk) -> Photo:
    return desk.pick(list(desk.world.photos.values()))


def cities(desk: MobileAppDesk, most: int = 3) -> list[str]:
    """The places of at most so many photos."""
    places = [photo.place for photo in desk.world.photos.values()]
    return sorted(place for place in set(places) if places.count(place) <= most)


def photos_of(desk: MobileAppDesk, place: str) -> list[str]:
    """The ids of all photos of a city, newest first."""
    found = desk.call("search_photos", place=place)
    assert found["count"] == len(found["photos"])
    return [photo["id"] for photo in found["photos"]]


def some_ids(desk: MobileAppDesk, count: int) -> list[str]:
    return desk.several(list(desk.world.photos), count)


@recipe("search_photos")
def count_photos(desk: MobileAppDesk) -> Request:
    photo = taken(desk)
    wanted: dict[str, Any] = {}
    which = ""
    if photo.people and desk.chance(0.7):
        wanted["people"], which = [photo.people[0]], f" that show {photo.people[0]}"
    else:
        wanted["place"], which = photo.place, f" that I took in {photo.place}"
    if desk.chance(0.3):
        wanted["favourites_only"], which = True, f"{which} and that are marked as favourites"
    count = desk.call("search_photos", **wanted)["count"]
    frames = (
        "How many photos do I have{which}?",
        "Count the photos{which}, please.",
        "Please go through my gallery: what is the number of photos{which}?",
        "photos{which}: how many?",
        "I wonder how many photos there are{which}.",
        "Tell me the number of pictures on my phone{which}.",
    )
    return Request(desk.say(frames, which=which), f"Photos: {count}.", number_answer(count))


@recipe("search_photos")
def count_photos_between(desk: MobileAppDesk) -> Request:
    first, last = sorted(photo.date for photo in desk.several(list(desk.world.photos.values()), 2))
    count = desk.call("search_photos", since=first, until=last)["count"]
    frames = (
        "How many photos did I take from {first} to {last}, both days included?",
        "Count my photos of the time between {first} and {last}, these two days as well.",
        "My photos from {first} through {last}: how many are they?",
        "number of photos, {first} until {last} inclusive?",
    )
    return Request(desk.say(frames, first=desk.dated(first), last=desk.dated(last)), f"Photos: {count}.", number_answer(count))


@recipe("search_photos")
def last_photo(desk: MobileAppDesk) -> Request:
    place = taken(desk).place
    found = desk.call("search_photos", place=place)["photos"][0]
    frames = (
        "When did I take my newest photo of {place}?",
        "From which day is the latest photo of {place}?",
        "I think I was in {place} not long ago. Please give me the date of the last photo from there.",
        "date of most recent photo in {place}?",
        "What does the gallery say: on which date did I last photograph something in {place}?",
    )
    return Request(desk.say(frames, place=place), f"It is of {long_date(found['date'])}.", date_answer(found["date"]))


@recipe("create_album")
def album(desk: MobileAppDesk) -> Request:
    title, photos = desk.album_title(), some_ids(desk, desk.number(1, 3))
    desk.call("create_album", title=title, photo_ids=photos)
    frames = (
        "Make an album '{title}' out of {photos}.",
        "Please put {photos} into a new album named '{title}'.",
        "new album '{title}': {photos}",
        "I would like an album with {photos} in it. Its title is '{title}'.",
        "Could you create '{title}', a photo album that holds {photos}?",
        "My next album, '{title}', is to show {photos}. Set it up.",
    )
    ids = f"the photo {photos[0]}" if len(photos) == 1 else f"the photos {desk.listed(photos)}"
    return Request(desk.say(frames, title=title, photos=ids))


@recipe("create_album")
def shared_album(desk: MobileAppDesk) -> Request:
    title, photos, friends = desk.album_title(), some_ids(desk, 2), desk.several(desk.world.friends, desk.number(1, 2))
    either = {"shared_with": other_orders(friends), "photo_ids": other_orders(photos)}
    desk.call("create_album", either, title=title, photo_ids=photos, shared_with=friends, cover=photos[1])
    frames = (
        "Create the album '{title}' with the photos {0} and {1}, share it with {friends} and take {1} as its cover.",
        "{friends} should see {0} and {1}: put them in a shared album '{title}', cover {1}.",
        "shared album '{title}' ({friends}), photos {0} + {1}, cover {1}",
        "Please start an album named '{title}' that {friends} can see. It has the photos {0} and {1}, the latter as the cover.",
        "I want to share photos with {friends}. Album '{title}', first {0}, then {1}, and {1} on the cover.",
    )
    return Request(desk.say(frames, *photos, title=title, friends=desk.listed(friends)))


@recipe("create_post")
def post(desk: MobileAppDesk) -> Request:
    text, audience = desk.pick(words.POSTS), desk.pick(tuple(AUDIENCES))
    desk.call("create_post", text=text, audience=audience)
    frames = (
        "Publish '{text}' as a post for {audience}.",
        "Please post '{text}' so that it is visible to {audience}.",
        "social post, audience: {audience}, text: '{text}'",
        "I feel like posting '{text}' It is meant for {audience}.",
        "Could you share '{text}' on my social feed with {audience}?",
        "Let {audience} see a new post of mine: '{text}'",
    )
    return Request(desk.say(frames, text=text, audience=AUDIENCES[audience]))


@recipe("create_post")
def post_with_photo(desk: MobileAppDesk) -> Request:
    text, photo = desk.pick(words.POSTS), taken(desk)
    details, tail = {}, ""
    if desk.chance():
        details["place"] = desk.pick(names.CITIES)
        tail = f", tagged with the city {details['place']}"
    desk.call("create_post", text=text, photo_ids=[photo.id], **details)
    frames = (
        "Post '{text}' with the photo {id} to my friends{tail}.",
        "Please publish photo {id} together with the words '{text}' for my friends{tail}.",
        "post for friends{tail}: photo {id}, '{text}'",
        "My friends should see {id}. Make it a post{tail}, with the words '{text}'",
        "Could you put up a post with {id} as its picture, '{text}' as its text{tail}? Friends may see it.",
    )
    return Request(desk.say(frames, text=text, id=photo.id, tail=tail))


@recipe("create_post", asks=True)
def post_what(desk: MobileAppDesk) -> Request:
    text, photo = desk.pick(words.POSTS), taken(desk)
    desk.ask("What should the post say?")
    desk.call("create_post", text=text, photo_ids=[photo.id], audience="everyone")
    frames = (
        "Publish the photo {id} in a post for everyone. I have a text for it.",
        "Please put {id} on my social feed, visible to everyone, with a few words of mine.",
        "post for everyone: photo {id} plus a text",
        "I want to post {id} so that everyone sees it, and of course it needs a text.",
    )
    return Request(desk.say(frames, id=photo.id), reply=desk.say(("The text is '{text}'", "Write '{text}'"), text=text))


@recipe("create_album", asks=True)
def album_named(desk: MobileAppDesk) -> Request:
    title, photos = desk.album_title(), some_ids(desk, 2)
    desk.ask("What should the album be called?")
    desk.call("create_album", title=title, photo_ids=photos)
    frames = (
        "Put the photos {0} and {1} into a new album.",
        "I want an album of {0} and {1}. Please make one.",
        "new album from {0}, {1}",
        "Could you gather photo {0} and photo {1} in an album of their own?",
    )
    return Request(desk.say(frames, *photos), reply=desk.say(("Call it '{title}'.", "Its title is '{title}'."), title=title))


@recipe("search_photos", "create_album")
def album_of_city(desk: MobileAppDesk) -> Request:
    place, title = desk.pick(cities(desk)), desk.album_title()
    photos = photos_of(desk, place)
    desk.call("create_album", {"cover": (photos[0],)}, title=title, photo_ids=photos)
    frames = (
        "Put all my photos from {place} into a new album '{title}', the newest first.",
        "Please collect every photo that I took in {place} in an album called '{title}'; the newest comes first.",
        "album '{title}' = all photos of {place}, newest to oldest",
        "I was in {place} and want the photos in one place: make the album '{title}', newest photo in front.",
        "Find whatever I photographed in {place} and turn it into the album '{title}', sorted from new to old.",
    )
    return Request(desk.say(frames, place=place, title=title))


@recipe("search_photos", "create_post")
def post_newest(desk: MobileAppDesk) -> Request:
    place, text = taken(desk).place, desk.pick(words.POSTS)
    newest = desk.call("search_photos", place=place)["photos"][0]["id"]
    desk.call("create_post", text=text, photo_ids=[newest])
    frames = (
        "Post my newest photo from {place} for my friends, with the text '{text}'",
        "Please find the latest photo of {place} and share it with friends in a post: '{text}'",
        "post to friends: most recent photo in {place}, words '{text}'",
        "My friends would love the last photo that I took in {place}. Publish it, saying '{text}'",
        "I want '{text}' on my feed for friends, along with whichever photo of {place} is the newest.",
    )
    return Request(desk.say(frames, place=place, text=text))


@recipe("search_photos", "create_album", "create_post")
def album_and_post(desk: MobileAppDesk) -> Request:
    place, title, text = desk.pick(cities(desk)), desk.album_title(), desk.pick(words.POSTS)
    photos = photos_of(desk, place)
    desk.call("create_album", {"cover": (photos[0],)}, title=title, photo_ids=photos)
    desk.call("create_post", text=text, photo_ids=photos[:1])
    frames = (
        "Collect my photos from {place} in an album '{title}', newest first, then post the newest for friends with '{text}'",
        "First make the album '{title}' of all photos of {place}, from new to old. Then share the newest in a post to friends: '{text}'",
        "Please gather what I photographed in {place} as album '{title}', newest in front, and afterwards publish that newest photo "
        "for friends, text '{text}'",
        "photos of {place}: album '{title}' (newest first), after that post the newest to friends, '{text}'",
    )
    return Request(desk.say(frames, place=place, title=title, text=text))


@recipe("search_photos", "search_photos", "create_album")
def album_of_two_newest(desk: MobileAppDesk) -> Request:
    places, title = desk.several(cities(desk, 10), 2), desk.album_title()
    photos = [desk.call("search_photos", place=place)["photos"][0]["id"] for place in places]
    desk.call("create_album", {"cover": (photos[0],)}, title=title, photo_ids=photos)
    frames = (
        "Make an album '{title}' of two photos: the newest from {0} and the newest from {1}, in this order.",
        "Take my latest photo of {0} and my latest of {1} and put them, {0} first, into a new album '{title}'.",
        "Please create '{title}', an album that opens with the most recent photo from {0} and goes on with that from {1}.",
        "album '{title}': newest {0} photo, then newest {1} photo",
    )
    return Request(desk.say(frames, *places, title=title), lookups=2)
