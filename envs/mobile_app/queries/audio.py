"""Requests about music and podcasts."""

from __future__ import annotations

from typing import Any

from envs.mobile_app.areas.audio import Order, Quality
from envs.mobile_app.queries.desk import MobileAppDesk
from envs.mobile_app.world import Song
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer

ORDERS: tuple[Order, ...] = ("newest", "oldest", "shortest", "longest")
QUALITIES: tuple[Quality, ...] = ("low", "high")


def song(desk: MobileAppDesk) -> Song:
    return desk.pick(list(desk.world.songs.values()))


def missing(desk: MobileAppDesk, count: int) -> tuple[str, list[Song]]:
    """A playlist, and different songs that are not in it."""
    playlist = desk.pick(list(desk.world.playlists))
    there = desk.world.playlists[playlist]
    return playlist, desk.several([song for song in desk.world.songs.values() if song.id not in there], count)


def look_up(desk: MobileAppDesk, title: str) -> dict[str, Any]:
    """What search_songs shows of the only song of a title."""
    found = desk.call("search_songs", text=title)
    assert found["count"] == 1
    return found["songs"][0]


def extreme(desk: MobileAppDesk, playlist: str) -> tuple[str, Order] | None:
    """An artist and an order in which the first song of the artist is not in the playlist."""
    for artist in desk.several(sorted({song.artist for song in desk.world.songs.values()}), 4):
        for order in desk.several(ORDERS, 4):
            first = desk.env.search_songs(text=artist, order=order)["songs"][0]
            if first["id"] not in desk.world.playlists[playlist]:
                return artist, order
    return None


def episode(desk: MobileAppDesk) -> tuple[str, int]:
    """A show, and the number of an episode of it that is neither downloaded nor the newest."""
    show = desk.pick(list(desk.world.shows))
    numbers = [number for number in range(1, len(desk.world.shows[show])) if (show, number) not in desk.world.downloads]
    return show, desk.pick(numbers)


@recipe("search_songs")
def artist_of(desk: MobileAppDesk) -> Request:
    found = look_up(desk, song(desk).title)
    frames = (
        "Who sings '{title}'?",
        "Please look up the song '{title}' and tell me the artist.",
        "'{title}' is stuck in my head. Whose song is it?",
        "artist of '{title}'?",
        "My library has a song called '{title}'. By whom?",
        "I would like to know which band recorded '{title}'.",
    )
    return Request(desk.say(frames, title=found["title"]), f"It is by {found['artist']}.", (found["artist"],))


@recipe("search_songs")
def extreme_of_artist(desk: MobileAppDesk) -> Request:
    artist, order = song(desk).artist, desk.pick(ORDERS)
    found = desk.call("search_songs", text=artist, order=order)["songs"][0]
    frames = (
        "What is the {order} song by {artist} in my library?",
        "Sort the songs by {artist} so that the {order} comes first. What is its title?",
        "Please name the {order} song that I have by {artist}.",
        "{artist}: title of the {order} song?",
        "Which of all the {artist} songs is the {order}?",
    )
    return Request(desk.say(frames, artist=artist, order=order), f"It is {found['title']}.", (found["title"],))


@recipe("search_songs")
def extreme_of_genre(desk: MobileAppDesk) -> Request:
    genre, order = song(desk).genre, desk.pick(ORDERS)
    found = desk.call("search_songs", genre=genre, order=order)["songs"][0]
    frames = (
        "What is the {order} {genre} song that I have?",
        "I am in the mood for {genre}. Which of those songs is the {order}?",
        "Please find the {order} song of the genre {genre} and give me its title.",
        "title of my {order} {genre} track?",
    )
    return Request(desk.say(frames, genre=genre, order=order), f"It is {found['title']}.", (found["title"],))


@recipe("search_songs")
def count_genre(desk: MobileAppDesk) -> Request:
    genre = song(desk).genre
    count = desk.call("search_songs", genre=genre)["count"]
    frames = (
        "How many {genre} songs are in my library?",
        "Count the songs of the genre {genre}, please.",
        "Is my {genre} collection growing? Tell me how many songs it has.",
        "number of {genre} songs?",
    )
    return Request(desk.say(frames, genre=genre), f"Songs: {count}.", number_answer(count))


@recipe("add_to_playlist")
def add(desk: MobileAppDesk) -> Request:
    playlist, songs = missing(desk, desk.number(1, 3))
    ids = [song.id for song in songs]
    desk.call("add_to_playlist", playlist=playlist, song_ids=ids)
    frames = (
        "Add {songs} to the end of my playlist '{playlist}'.",
        "Please append {songs} to '{playlist}', my playlist.",
        "playlist '{playlist}': + {songs} at the end",
        "My playlist '{playlist}' should close with {songs}.",
        "Could you put {songs} at the bottom of the playlist '{playlist}'?",
        "I want to hear {songs} last in '{playlist}', so extend that playlist.",
    )
    said = f"the song {ids[0]}" if len(ids) == 1 else f"the songs {desk.listed(ids)}, in that order,"
    return Request(desk.say(frames, songs=said, playlist=playlist).replace(",.", ".").replace(",?", "?"))


@recipe("add_to_playlist")
def add_on_top(desk: MobileAppDesk) -> Request:
    playlist, (first,) = missing(desk, 1)
    desk.call("add_to_playlist", playlist=playlist, song_ids=[first.id], at_top=True)
    frames = (
        "Put song {id} at the top of the playlist '{playlist}'.",
        "'{playlist}' should begin with {id} from now on. Please add it to that playlist.",
        "playlist '{playlist}': {id} in first place",
        "I want {id} to be the first thing I hear in '{playlist}'. Add the song there.",
        "Could you insert the song {id} before all others of my playlist '{playlist}'?",
        "Please make {id} the opening song of '{playlist}', it is not in the playlist yet.",
    )
    return Request(desk.say(frames, id=first.id, playlist=playlist))


@recipe("download_episode")
def download_newest(desk: MobileAppDesk) -> Request:
    show, details, tail = desk.pick(list(desk.world.shows)), {}, ""
    if desk.chance():
        details["quality"] = desk.pick(QUALITIES)
        tail = f" in {details['quality']} quality"
    desk.call("download_episode", {"number": (len(desk.world.shows[show]),)}, show=show, **details)
    frames = (
        "Download the newest episode of '{show}'{tail}.",
        "I will be offline on the plane. Please get me the latest '{show}' podcast{tail}.",
        "latest '{show}' episode{tail}: download",
        "Could you save the most recent episode of the podcast '{show}' to my phone{tail}?",
        "I need the last '{show}' that came out{tail}, for listening without a network.",
        "Fetch what '{show}' published last{tail}; it is a podcast and I want it on the phone.",
    )
    return Request(desk.say(frames, show=show, tail=tail))


@recipe("download_episode")
def download_number(desk: MobileAppDesk) -> Request:
    (show, number), details, tail = episode(desk), {}, ""
    if desk.chance():
        details["quality"] = desk.pick(QUALITIES)
        tail = f", {details['quality']} quality"
    desk.call("download_episode", show=show, number=number, **details)
    frames = (
        "Download episode {number} of '{show}'{tail}.",
        "Please get number {number} of the podcast '{show}' onto my phone{tail}.",
        "'{show}' no. {number}{tail}, download it",
        "I missed '{show}', episode {number}. I want it for offline listening{tail}.",
    )
    return Request(desk.say(frames, show=show, number=number, tail=tail))


@recipe("download_episode")
def space_after_download(desk: MobileAppDesk) -> Request:
    show, number = episode(desk)
    left = desk.call("download_episode", show=show, number=number)["free_mb"]
    frames = (
        "Download episode {number} of '{show}'. How many MB are free after that?",
        "Please fetch '{show}' number {number} and tell me the space left on the phone in MB.",
        "My storage is small. Get episode {number} of the podcast '{show}' and report the remaining MB.",
        "'{show}' episode {number}: download, MB left?",
    )
    return Request(desk.say(frames, show=show, number=number), f"{left} MB are left.", number_answer(left))


@recipe("search_songs", "add_to_playlist")
def find_and_add(desk: MobileAppDesk) -> Request:
    playlist, (wanted,) = missing(desk, 1)
    found = look_up(desk, wanted.title)
    at_top = desk.chance()
    desk.call("add_to_playlist", playlist=playlist, song_ids=[found["id"]], at_top=at_top)
    end = "beginning" if at_top else "end"
    frames = (
        "Find the song '{title}' and add it to the {end} of the playlist '{playlist}'.",
        "I love '{title}'. Please look it up and put it at the {end} of my playlist '{playlist}'.",
        "'{title}' -> playlist '{playlist}', at the {end}",
        "Could you search for '{title}' and place it at the {end} of '{playlist}', a playlist of mine?",
        "The playlist '{playlist}' lacks '{title}'. It belongs at the {end}.",
    )
    return Request(desk.say(frames, title=found["title"], playlist=playlist, end=end))


@recipe("search_songs", "add_to_playlist")
def add_extreme(desk: MobileAppDesk) -> Request:
    found = None
    while found is None:  # a playlist of four songs may begin with every extreme of every artist, though hardly two of them
        playlist = desk.pick(list(desk.world.playlists))
        found = extreme(desk, playlist)
    artist, order = found
    first = desk.call("search_songs", text=artist, order=order)["songs"][0]
    desk.call("add_to_playlist", playlist=playlist, song_ids=[first["id"]])
    frames = (
        "Add the {order} song by {artist} to the end of my playlist '{playlist}'.",
        "Sort the songs by {artist}, the {order} first, and append that one to '{playlist}'.",
        "Please find out which {artist} song is the {order} and let the playlist '{playlist}' end with it.",
        "{order} track by {artist} -> end of playlist '{playlist}'",
        "My playlist '{playlist}' should close with whichever song by {artist} is the {order}.",
    )
    return Request(desk.say(frames, artist=artist, order=order, playlist=playlist))


@recipe("download_episode", "download_episode")
def download_two(desk: MobileAppDesk) -> Request:
    shows = desk.several(list(desk.world.shows), 2)
    for show in shows:
        desk.call("download_episode", {"number": (len(desk.world.shows[show]),)}, show=show)
    frames = (
        "Download the newest episode of '{0}' and then the newest of '{1}'.",
        "For the train I need two podcasts: first the latest '{0}', next the latest '{1}'. Put them on the phone.",
        "Please save the most recent episode of '{0}', and after it that of '{1}', for offline listening.",
        "download latest '{0}', then latest '{1}'",
    )
    return Request(desk.say(frames, *shows))


@recipe("search_songs", "search_songs", "add_to_playlist")
def find_two_and_add(desk: MobileAppDesk) -> Request:
    playlist, songs = missing(desk, 2)
    ids = [look_up(desk, song.title)["id"] for song in songs]
    desk.call("add_to_playlist", playlist=playlist, song_ids=ids)
    frames = (
        "Find '{0}' and '{1}' and add them, in this order, to the end of the playlist '{playlist}'.",
        "My playlist '{playlist}' should end with '{0}' followed by '{1}'. Look both up and append them in one go.",
        "Please search for the songs '{0}' and '{1}', then append the pair to '{playlist}', the former first.",
        "'{0}', '{1}' -> end of playlist '{playlist}', same order, in one step",
    )
    return Request(desk.say(frames, songs[0].title, songs[1].title, playlist=playlist), lookups=2)


@recipe("search_songs", "search_songs", "search_songs", "add_to_playlist")
def find_three_and_add(desk: MobileAppDesk) -> Request:
    playlist, songs = missing(desk, 3)
    ids = [look_up(desk, song.title)["id"] for song in songs]
    desk.call("add_to_playlist", playlist=playlist, song_ids=ids)
    frames = (
        "Look up the songs '{0}', '{1}' and '{2}' and append all three to '{playlist}' in that order.",
        "I heard '{0}', '{1}' and '{2}' on the radio. Find them and let them close the playlist '{playlist}', in this order.",
        "Please search '{0}', '{1}' and '{2}' and add them in one go to the end of '{playlist}', the order as given.",
        "'{0}' + '{1}' + '{2}' -> end of playlist '{playlist}', this order, all at once",
    )
    return Request(desk.say(frames, *(song.title for song in songs), playlist=playlist), lookups=3)
