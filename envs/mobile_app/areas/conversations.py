"""The tools over chats and calls."""

from __future__ import annotations

from typing import Any, Literal

from envs.mobile_app.areas.checks import checked_friend, checked_moment
from envs.mobile_app.world import CallKind, Message, World
from envs.scenario.checks import check_text, checked_date
from raytool.env import ToolError, tool

MESSAGES_SHOWN, CALLS_SHOWN = 2, 3  # entries of a listing; the count is always of all
LONGEST_SHOWN = 66  # characters of a message in a listing
ME = "me"


class Conversations:
    """Four tools; a chat is a group, or has the name of the friend it is with."""

    world: World

    @tool
    def send_message(self, chat: str, text: str, reply_to: str = "", send_at: str = "") -> dict[str, str]:
        """Send a message to a friend or a group.

        Args:
            chat: name of the friend or group
            text: the message
            reply_to: id of the message it answers, e.g. m12
            send_at: YYYY-MM-DD HH:MM, default now

        Returns:
            The id of the message, its chat, and when it is sent.

        Raises:
            ToolError: there is no such chat, the text is empty, the chat has no such message, or the moment is none or past.
        """
        known = self._chat(chat)
        check_text(text=text)
        if reply_to and (reply_to not in self.world.messages or self.world.messages[reply_to].chat != known):
            raise ToolError(f"no message {reply_to!r} in the chat {known!r}")
        sent = checked_moment(self.world, send_at) if send_at else self.world.today
        message = Message(self.world.new_id("m"), known, ME, sent, text, reply_to=reply_to)
        self.world.messages[message.id] = message
        return {"id": message.id, "chat": known, "sent": sent}

    @tool
    def search_messages(self, text: str = "", chat: str = "", unread_only: bool = False) -> dict[str, Any]:
        """Find chat messages by their words.

        Args:
            text: words to look for, default any
            chat: name of one friend or group, default all chats
            unread_only: leave out what was read

        Returns:
            The count of messages that hold the text, case apart, and the id, chat, sender, date and text of the newest.

        Raises:
            ToolError: there is no such chat.
        """
        known, wanted = self._chat(chat) if chat else "", text.casefold()
        found = [
            message
            for message in self.world.messages.values()
            if wanted in message.text.casefold() and (not chat or message.chat == known) and (message.unread or not unread_only)
        ]
        found.sort(key=lambda message: message.sent, reverse=True)
        shown = [
            {"id": message.id, "chat": message.chat, "from": message.sender, "date": message.sent[:10], "text": _cut(message.text)}
            for message in found[:MESSAGES_SHOWN]
        ]
        return {"count": len(found), "messages": shown}

    @tool
    def list_calls(self, kind: Literal["any", "incoming", "outgoing", "missed"] = "any", name: str = "", since: str = "") -> dict[str, Any]:
        """List the calls of the call log.

        Args:
            kind: which calls
            name: of one friend, default all
            since: YYYY-MM-DD, first day, default all

        Returns:
            Their count, their minutes together, and the name, kind, date, time, minutes and voicemail of the latest.

        Raises:
            ToolError: there is no such friend, or the date is none.
        """
        friend, first = checked_friend(self.world, name) if name else "", checked_date(since) if since else ""
        wanted: tuple[CallKind, ...] = ("incoming", "outgoing", "missed") if kind == "any" else (kind,)
        calls = [
            call for call in reversed(self.world.calls) if call.kind in wanted and call.date >= first and (not name or call.name == friend)
        ]
        shown = [
            {"name": call.name, "kind": call.kind, "date": call.date, "time": call.time}
            | ({"minutes": call.minutes} if call.minutes else {})
            | ({"voicemail": call.voicemail} if call.voicemail else {})
            for call in calls[:CALLS_SHOWN]
        ]
        return {"count": len(calls), "minutes": sum(call.minutes for call in calls), "calls": shown}

    @tool
    def play_voicemail(self, voicemail_id: str, afterwards: Literal["keep", "archive", "delete"] = "keep") -> dict[str, str]:
        """Play a voicemail and get its words.

        Args:
            voicemail_id: e.g. v12
            afterwards: what becomes of it

        Returns:
            Who left it, its words, and what became of it.

        Raises:
            ToolError: there is no such voicemail.
        """
        voicemail = self.world.voicemails.get(voicemail_id)
        if voicemail is None:
            raise ToolError(f"no voicemail {voicemail_id!r}")
        voicemail.heard = True
        if afterwards == "archive":
            voicemail.archived = True
        if afterwards == "delete":
            del self.world.voicemails[voicemail_id]
        return {"from": voicemail.caller, "text": voicemail.text, "afterwards": afterwards}

    def _chat(self, name: str) -> str:
        known = self.world.chat(name)
        if known is None:
            raise ToolError(f"no chat {name!r}")
        return known


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."
