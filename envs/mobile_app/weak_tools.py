"""What a plainer phone would offer: for every tool a narrower one, which does what the tool does with its defaults."""

from __future__ import annotations

from typing import Any

from envs.mobile_app.areas.apps import Apps
from envs.mobile_app.areas.audio import Audio
from envs.mobile_app.areas.conversations import Conversations
from envs.mobile_app.areas.money import Money
from envs.mobile_app.areas.pictures import Pictures
from envs.mobile_app.areas.reminders import Reminders
from envs.mobile_app.areas.travel import Travel
from envs.mobile_app.world import Style
from raytool.env import tool


class WeakConversations(Conversations):
    @tool(weaker_than="send_message")
    def text_now(self, chat: str, text: str) -> dict[str, str]:
        """Send a message to a friend or a group at once, answering none.

        Args:
            chat: name of the friend or group
            text: the message
        """
        return self.send_message(chat, text)

    @tool(weaker_than="search_messages")
    def scan_chats(self, text: str) -> dict[str, Any]:
        """Find messages by their words, in all chats together.

        Args:
            text: words to look for
        """
        return self.search_messages(text)

    @tool(weaker_than="list_calls")
    def show_call_log(self) -> dict[str, Any]:
        """List the latest calls of every kind."""
        return self.list_calls()

    @tool(weaker_than="play_voicemail")
    def hear_voicemail(self, voicemail_id: str) -> dict[str, str]:
        """Play a voicemail and keep it.

        Args:
            voicemail_id: e.g. v12
        """
        return self.play_voicemail(voicemail_id)


class WeakReminders(Reminders):
    @tool(weaker_than="set_alarm")
    def ring_once_at(self, time: str) -> dict[str, Any]:
        """Set an alarm without a label that rings once.

        Args:
            time: HH:MM
        """
        return self.set_alarm(time)

    @tool(weaker_than="set_timer")
    def count_down(self, seconds: int) -> dict[str, Any]:
        """Start a timer without a label that rings once.

        Args:
            seconds: length
        """
        return self.set_timer(seconds)

    @tool(weaker_than="create_note")
    def jot_down(self, title: str, text: str) -> dict[str, str]:
        """Write a new note into the folder Notes.

        Args:
            title: title of the note
            text: what it says
        """
        return self.create_note(title, text)

    @tool(weaker_than="search_notes")
    def scan_notes(self, text: str) -> dict[str, Any]:
        """Find notes by their words, in all folders together.

        Args:
            text: words to look for
        """
        return self.search_notes(text)


class WeakPictures(Pictures):
    @tool(weaker_than="search_photos")
    def photos_from(self, place: str) -> dict[str, Any]:
        """Find all photos of a city.

        Args:
            place: city
        """
        return self.search_photos(place)

    @tool(weaker_than="create_album")
    def group_photos(self, title: str, photo_ids: list[str]) -> dict[str, Any]:
        """Put photos into a new album that nobody else can see.

        Args:
            title: title of the album
            photo_ids: e.g. p12
        """
        return self.create_album(title, photo_ids)

    @tool(weaker_than="create_post")
    def post_text(self, text: str) -> dict[str, Any]:
        """Publish a text without photos to friends.

        Args:
            text: what it says
        """
        return self.create_post(text)


class WeakAudio(Audio):
    @tool(weaker_than="search_songs")
    def look_up_song(self, text: str) -> dict[str, Any]:
        """Find songs by their title or artist, in the order of their titles.

        Args:
            text: words of the title or artist
        """
        return self.search_songs(text)

    @tool(weaker_than="add_to_playlist")
    def append_songs(self, playlist: str, song_ids: list[str]) -> dict[str, Any]:
        """Add songs to the end of a playlist.

        Args:
            playlist: name of the playlist
            song_ids: e.g. s12, in the order in which they are to play
        """
        return self.add_to_playlist(playlist, song_ids)

    @tool(weaker_than="download_episode")
    def download_newest(self, show: str) -> dict[str, Any]:
        """Download the newest episode of a podcast in normal quality.

        Args:
            show: name of the podcast
        """
        return self.download_episode(show)


class WeakTravel(Travel):
    @tool(weaker_than="find_route")
    def drive_between(self, start: str, end: str) -> dict[str, Any]:
        """Find the shortest way for a car, toll roads included.

        Args:
            start: saved place or address
            end: saved place or address
        """
        return self.find_route(start, end)

    @tool(weaker_than="save_place")
    def pin_favourite(self, name: str, address: str) -> dict[str, str]:
        """Save an address among the favourites of the map.

        Args:
            name: what to call the place
            address: number and street
        """
        return self.save_place(name, address)

    @tool(weaker_than="request_ride")
    def hail_taxi(self, pickup: str, dropoff: str) -> dict[str, Any]:
        """Order a standard car for one adult, now.

        Args:
            pickup: saved place or address
            dropoff: saved place or address
        """
        return self.request_ride(pickup, dropoff)


class WeakApps(Apps):
    @tool(weaker_than="get_screen_time")
    def show_weekly_use(self, app: str) -> dict[str, Any]:
        """Tell for how many minutes an app was used in the last seven days.

        Args:
            app: name of the app
        """
        return self.get_screen_time(app)

    @tool(weaker_than="set_app_limit")
    def limit_daily_use(self, app: str, minutes: int) -> dict[str, Any]:
        """Limit how long an app may be used every day; the limit can be extended.

        Args:
            app: name of the app
            minutes: 1 to 720
        """
        return self.set_app_limit(app, minutes)

    @tool(weaker_than="set_notifications")
    def switch_notifications(self, app: str, style: Style) -> dict[str, Any]:
        """Choose how an app notifies, with previews and at all hours.

        Args:
            app: name of the app
            style: off, silent in the list, a banner, or a banner with sound
        """
        return self.set_notifications(app, style)


class WeakMoney(Money):
    @tool(weaker_than="send_payment")
    def pay_friend(self, to: str, amount: float) -> dict[str, Any]:
        """Pay money to a friend, without a note and seen by nobody else.

        Args:
            to: name of the friend
            amount: in euros
        """
        return self.send_payment(to, amount)

    @tool(weaker_than="request_payment")
    def claim_money(self, people: list[str], amount: float) -> dict[str, Any]:
        """Ask friends to pay me an amount each, without a note and at any time.

        Args:
            people: names of friends
            amount: in euros
        """
        return self.request_payment(people, amount)
