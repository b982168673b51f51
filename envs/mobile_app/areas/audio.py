"""The tools over music and podcasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from envs.mobile_app.areas.checks import check_different
from envs.mobile_app.world import Song, World
from raytool.env import ToolError, tool

SHOWN = 3  # entries of a listing; the count is always of all
Order = Literal["title", "newest", "oldest", "shortest", "longest"]
Quality = Literal["low", "normal", "high"]
ORDERS: dict[Order, Callable[[Song], tuple[int | str, ...]]] = {
    "title": lambda song: (song.title,),
    "newest": lambda song: (-song.year, song.title),
    "oldest": lambda song: (song.year, song.title),
    "shortest": lambda song: (song.seconds, song.title),
    "longest": lambda song: (-song.seconds, song.title),
}
MB_PER_TEN_MINUTES: dict[Quality, int] = {"low": 3, "normal": 6, "high": 12}


class Audio:
    """Three tools; songs have ids, the episodes of a show have numbers."""

    world: World

    @tool
    def search_songs(
        self, text: str = "", genre: Literal["any", "folk", "jazz", "pop", "rock", "soul"] = "any", order: Order = "title"
    ) -> dict[str, Any]:
        """Find songs of the music library.

        Args:
            text: words of the title or artist, default any
            genre: kind of music
            order: which come first

        Returns:
            The count of such songs, and the id, title, artist, year and seconds of the first.
        """
        wanted = text.casefold()
        songs = [song for song in self.world.songs.values() if genre in ("any", song.genre)]
        found = [song for song in songs if wanted in song.title.casefold() or wanted in song.artist.casefold()]
        found.sort(key=ORDERS[order])
        columns = ("id", "title", "artist", "year", "seconds")
        return {"count": len(found), "songs": [{name: getattr(song, name) for name in columns} for song in found[:SHOWN]]}

    @tool
    def add_to_playlist(self, playlist: str, song_ids: list[str], at_top: bool = False) -> dict[str, Any]:
        """Add songs to a playlist.

        Args:
            playlist: name of the playlist
            song_ids: e.g. s12, in the order in which they are to play
            at_top: before the other songs

        Returns:
            The name of the playlist, the count of its songs, and its length in seconds.

        Raises:
            ToolError: there is no such playlist, there are no songs, or one is unknown or there already.
        """
        if playlist not in self.world.playlists:
            raise ToolError(f"no playlist {playlist!r}; there are {', '.join(self.world.playlists)}")
        there = self.world.playlists[playlist]
        if not song_ids:
            raise ToolError("song_ids is empty")
        check_different(song_ids)
        for song_id in song_ids:
            if song_id not in self.world.songs:
                raise ToolError(f"no song {song_id!r}")
            if song_id in there:
                raise ToolError(f"song {song_id} is in {playlist!r} already")
        songs = [*song_ids, *there] if at_top else [*there, *song_ids]
        self.world.playlists[playlist] = songs
        return {"playlist": playlist, "songs": len(songs), "seconds": sum(self.world.songs[song_id].seconds for song_id in songs)}

    @tool
    def download_episode(self, show: str, number: int = 0, quality: Quality = "normal") -> dict[str, Any]:
        """Download an episode of a podcast.

        Args:
            show: name of the podcast
            number: number of the episode, default the newest
            quality: of the sound

        Returns:
            The number, title and minutes of the episode, its size in MB, and the MB that are left free.

        Raises:
            ToolError: there is no such show or episode, it is there already, or it does not fit.
        """
        if show not in self.world.shows:
            raise ToolError(f"no podcast {show!r}; there are {', '.join(self.world.shows)}")
        episodes = self.world.shows[show]
        if not 0 <= number <= len(episodes):
            raise ToolError(f"no episode {number} of {show!r}, which has 1 to {len(episodes)}")
        number = number or len(episodes)
        if (show, number) in self.world.downloads:
            raise ToolError(f"episode {number} of {show!r} is downloaded already")
        episode = episodes[number - 1]
        size = -(-episode.minutes * MB_PER_TEN_MINUTES[quality] // 10)
        if size > self.world.free_mb:
            raise ToolError(f"the episode takes {size} MB, only {self.world.free_mb} are free")
        self.world.downloads[show, number] = quality
        self.world.free_mb -= size
        return {"number": number, "title": episode.title, "minutes": episode.minutes, "mb": size, "free_mb": self.world.free_mb}
