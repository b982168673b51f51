"""The tools over photos, and over posts, which show them."""

from __future__ import annotations

from typing import Any

from envs.mobile_app.areas.checks import checked_friends, checked_photos
from envs.mobile_app.world import Album, Audience, Post, World
from envs.scenario.checks import check_text, checked_date
from raytool.env import ToolError, tool

SHOWN = 3  # entries of a listing; the count is always of all
MOST_IN_POST = 10  # photos


class Pictures:
    """Three tools; no two photos are of the same day."""

    world: World

    @tool
    def search_photos(
        self, place: str = "", people: tuple[str, ...] = (), since: str = "", until: str = "", favourites_only: bool = False
    ) -> dict[str, Any]:
        """Find photos by where and when they were taken and whom they show.

        Args:
            place: city, default any
            people: names of friends who are all in the photo
            since: YYYY-MM-DD, first day
            until: YYYY-MM-DD, last day
            favourites_only: leave out what is no favourite

        Returns:
            The count of such photos, and the id, date, place and people of the newest.

        Raises:
            ToolError: there is no such friend, or a date is none.
        """
        first, last = checked_date(since) if since else "", checked_date(until) if until else "9999-12-31"
        friends = checked_friends(self.world, people)
        found = [
            photo
            for photo in sorted(self.world.photos.values(), key=lambda photo: photo.date, reverse=True)
            if (not place or photo.place.casefold() == place.casefold())
            and set(friends) <= set(photo.people)
            and first <= photo.date <= last
            and (photo.favourite or not favourites_only)
        ]
        shown = [{"id": photo.id, "date": photo.date, "place": photo.place, "people": photo.people} for photo in found[:SHOWN]]
        return {"count": len(found), "photos": shown}

    @tool
    def create_album(self, title: str, photo_ids: list[str], shared_with: tuple[str, ...] = (), cover: str = "") -> dict[str, Any]:
        """Put photos into a new album.

        Args:
            title: title of the album
            photo_ids: e.g. p12
            shared_with: names of friends who can see it
            cover: id of one of the photos, default the first

        Returns:
            The title, the count of photos, and the friends.

        Raises:
            ToolError: the title is empty or taken, there are no photos or one is unknown or twice there, or a friend is unknown.
        """
        check_text(title=title)
        if title in self.world.albums:
            raise ToolError(f"there is an album {title!r}")
        photos, friends = checked_photos(self.world, photo_ids), checked_friends(self.world, shared_with)
        if not photos:
            raise ToolError("photo_ids is empty")
        if cover and cover not in photos:
            raise ToolError(f"the cover {cover!r} is none of the photos")
        self.world.albums[title] = Album(photos, cover or photos[0], friends)
        return {"title": title, "photos": len(photos), "shared_with": friends}

    @tool
    def create_post(self, text: str, audience: Audience = "friends", photo_ids: tuple[str, ...] = (), place: str = "") -> dict[str, Any]:
        """Publish a post on the social network.

        Args:
            text: what it says
            audience: who can see it
            photo_ids: photos to show, e.g. p12
            place: city to tag

        Returns:
            The audience and the count of photos.

        Raises:
            ToolError: the text is empty, or a photo is unknown or twice there, or there are more than ten.
        """
        check_text(text=text)
        photos = checked_photos(self.world, photo_ids)
        if len(photos) > MOST_IN_POST:
            raise ToolError(f"photo_ids has {len(photos)} photos, not at most {MOST_IN_POST}")
        self.world.posts.append(Post(text, audience, photos, place))
        return {"audience": audience, "photos": len(photos)}
