"""The tools over mail."""

from __future__ import annotations

from typing import Any

from envs.office.world import Email, Folder, World
from envs.scenario.checks import check_addresses
from raytool.env import ToolError, tool

SHOWN = 3  # entries of a listing; the count is always of all


class Mail:
    """Four tools; what is sent stays in the office."""

    world: World

    @tool
    def send_email(self, to: list[str], subject: str, body: str, as_draft: bool = False) -> dict[str, str]:
        """Send a new email.

        Args:
            to: addresses
            subject: subject line
            body: text
            as_draft: save it unsent

        Returns:
            The id of the new email and its folder.

        Raises:
            ToolError: `to` is empty or holds something that is no address.
        """
        if not to:
            raise ToolError("to is empty")
        check_addresses(to)
        return self._file("drafts" if as_draft else "sent", tuple(to), subject, body)

    @tool
    def reply_email(self, email_id: str, body: str, reply_all: bool = False) -> dict[str, str]:
        """Reply to an email.

        Args:
            email_id: e.g. m12
            body: text
            reply_all: also to its other recipients

        Returns:
            The id of the new email and its folder.

        Raises:
            ToolError: there is no such email, or the owner wrote it.
        """
        email, me = self._email(email_id), self.world.owner.email
        if email.sender == me:
            raise ToolError(f"email {email_id} is your own")
        others = [address for address in email.to if address != me] if reply_all else []
        return self._file("sent", (email.sender, *others), f"Re: {email.subject}", body)

    @tool
    def search_emails(self, text: str, folder: Folder = "inbox") -> dict[str, Any]:
        """Find emails by sender, subject or body.

        Args:
            text: words to look for
            folder: where to look

        Returns:
            The count of emails that hold the text, case apart, and the id, sender and subject of the newest.
        """
        wanted = text.casefold()
        emails = self.world.in_folder(folder)
        found = [email for email in emails if any(wanted in part.casefold() for part in (email.sender, email.subject, email.body))]
        shown = [{"id": email.id, "from": email.sender, "subject": email.subject} for email in found[:SHOWN]]
        return {"count": len(found), "emails": shown}

    @tool
    def archive_email(self, email_id: str) -> dict[str, str]:
        """Move an email from the inbox to the archive.

        Args:
            email_id: e.g. m12

        Returns:
            The id of the email and its folder.

        Raises:
            ToolError: there is no such email in the inbox.
        """
        email = self._email(email_id)
        if email.folder != "inbox":
            raise ToolError(f"email {email_id} is in {email.folder}")
        email.folder = "archive"
        return {"id": email.id, "folder": email.folder}

    def _file(self, folder: Folder, to: tuple[str, ...], subject: str, body: str) -> dict[str, str]:
        email = Email(self.world.new_id("m"), folder, self.world.owner.email, to, subject, body)
        self.world.emails[email.id] = email
        return {"id": email.id, "folder": folder}

    def _email(self, email_id: str) -> Email:
        if email_id not in self.world.emails:
            raise ToolError(f"no email {email_id!r}")
        return self.world.emails[email_id]
