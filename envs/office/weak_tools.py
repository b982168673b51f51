"""A weaker version of every tool, a mixin for each area: what a simpler office would offer in the tool's place."""

from __future__ import annotations

from typing import Any

from envs.office.areas.calendar import Calendar
from envs.office.areas.contacts import Contacts
from envs.office.areas.documents import Documents
from envs.office.areas.mail import Mail
from envs.office.areas.sheets import Sheets
from envs.office.areas.todos import Todos
from raytool.env import ToolError, tool

SHORT_LINE = 40  # characters


class WeakMail(Mail):
    @tool(weaker_than="send_email")
    def write_email(self, to: list[str], subject: str, body: str) -> dict[str, str]:
        """Send a new email at once.

        Args:
            to: addresses
            subject: subject line
            body: text

        Returns:
            The id of the new email and its folder.

        Raises:
            ToolError: as send_email.
        """
        return self.send_email(to, subject, body)

    @tool(weaker_than="reply_email")
    def answer_sender(self, email_id: str, body: str) -> dict[str, str]:
        """Reply to the sender of an email, and to nobody else.

        Args:
            email_id: e.g. m12
            body: text

        Returns:
            The id of the new email and its folder.

        Raises:
            ToolError: as reply_email.
        """
        return self.reply_email(email_id, body)

    @tool(weaker_than="search_emails")
    def search_inbox(self, text: str) -> dict[str, Any]:
        """Find emails of the inbox by sender, subject or body.

        Args:
            text: words to look for

        Returns:
            As search_emails.
        """
        return self.search_emails(text)

    @tool(weaker_than="archive_email", depends_on_state=True)
    def archive_private_email(self, email_id: str) -> dict[str, str]:
        """Move an email that went to nobody else from the inbox to the archive.

        Args:
            email_id: e.g. m12

        Returns:
            The id of the email and its folder.

        Raises:
            ToolError: as archive_email, or the email has other recipients.
        """
        if len(self._email(email_id).to) > 1:
            raise ToolError(f"email {email_id} has other recipients")
        return self.archive_email(email_id)


class WeakCalendar(Calendar):
    @tool(weaker_than="create_event")
    def book_half_hour(self, title: str, date: str, start: str) -> dict[str, Any]:
        """Put a new event of 30 minutes on the calendar, without a room or attendees.

        Args:
            title: name of the event
            date: YYYY-MM-DD
            start: HH:MM

        Returns:
            The id of the event, its date and start.

        Raises:
            ToolError: as create_event.
        """
        return self.create_event(title, date, start)

    @tool(weaker_than="list_events")
    def count_events(self, date: str) -> dict[str, int]:
        """Count the events of a day.

        Args:
            date: YYYY-MM-DD

        Returns:
            Their count.

        Raises:
            ToolError: as list_events.
        """
        return {"count": self.list_events(date)["count"]}

    @tool(weaker_than="move_event")
    def shift_event(self, event_id: str, start: str) -> dict[str, Any]:
        """Move an event to another time of the same day.

        Args:
            event_id: e.g. e12
            start: HH:MM

        Returns:
            The id of the event, its date and start.

        Raises:
            ToolError: as move_event.
        """
        return self.move_event(event_id, start)

    @tool(weaker_than="cancel_event", depends_on_state=True)
    def cancel_solo_event(self, event_id: str) -> dict[str, str]:
        """Take an event without attendees off the calendar.

        Args:
            event_id: e.g. e12

        Returns:
            The title of the event.

        Raises:
            ToolError: as cancel_event, or the event has attendees.
        """
        if self._event(event_id).attendees:
            raise ToolError(f"event {event_id} has attendees")
        return self.cancel_event(event_id)

    @tool(weaker_than="find_free_time")
    def find_free_half_hour(self, date: str) -> dict[str, str]:
        """Find the first free 30 minutes of a day.

        Args:
            date: YYYY-MM-DD

        Returns:
            As find_free_time.

        Raises:
            ToolError: as find_free_time.
        """
        return self.find_free_time(date)


class WeakContacts(Contacts):
    @tool(weaker_than="find_contact")
    def find_phone(self, name: str) -> dict[str, str]:
        """Look up the phone number of a contact.

        Args:
            name: full name

        Returns:
            The contact's name and phone.

        Raises:
            ToolError: as find_contact.
        """
        contact = self.find_contact(name)
        return {entry: contact[entry] for entry in ("name", "phone")}

    @tool(weaker_than="update_contact")
    def update_phone(self, name: str, value: str) -> dict[str, str]:
        """Change the phone number of a contact.

        Args:
            name: full name
            value: its new value

        Returns:
            The contact's name and phone.

        Raises:
            ToolError: as update_contact.
        """
        return self.update_contact(name, "phone", value)


class WeakDocuments(Documents):
    @tool(weaker_than="create_document")
    def create_empty_document(self, title: str) -> dict[str, Any]:
        """Start a new document without any text.

        Args:
            title: name of the document

        Returns:
            The title, and the length in characters.

        Raises:
            ToolError: as create_document.
        """
        return self.create_document(title, "")

    @tool(weaker_than="append_document")
    def append_line(self, title: str, text: str) -> dict[str, Any]:
        """Add a line of at most 40 characters to the end of a document.

        Args:
            title: name of the document
            text: the line

        Returns:
            The title, and the length in characters.

        Raises:
            ToolError: as append_document, or the line is too long.
        """
        if len(text) > SHORT_LINE:
            raise ToolError(f"text has {len(text)} characters, more than {SHORT_LINE}")
        return self.append_document(title, text)

    @tool(weaker_than="replace_text")
    def delete_text(self, title: str, old: str) -> dict[str, Any]:
        """Delete words everywhere in a document.

        Args:
            title: name of the document
            old: words to delete

        Returns:
            How often they were deleted, as `replaced`.

        Raises:
            ToolError: as replace_text.
        """
        return self.replace_text(title, old, "")


class WeakSheets(Sheets):
    @tool(weaker_than="read_cell", depends_on_state=True)
    def read_rounded_cell(self, sheet: str, cell: str) -> dict[str, float]:
        """Read one number of a spreadsheet, rounded to a whole one.

        Args:
            sheet: name of the sheet
            cell: e.g. B3

        Returns:
            The rounded value of the cell.

        Raises:
            ToolError: as read_cell, or the cell holds no number.
        """
        value = self.read_cell(sheet, cell)["value"]
        if isinstance(value, str):
            raise ToolError(f"cell {cell} holds {value!r}, no number")
        return {"value": round(value)}

    @tool(weaker_than="write_cell")
    def write_whole_number(self, sheet: str, cell: str, value: float) -> dict[str, Any]:
        """Write a whole number into one cell of a spreadsheet.

        Args:
            sheet: name of the sheet
            cell: e.g. B3
            value: the number

        Returns:
            The cell, and its value.

        Raises:
            ToolError: as write_cell, or the number has a fraction.
        """
        if value % 1:
            raise ToolError(f"value is {value}, no whole number")
        return self.write_cell(sheet, cell, value)

    @tool(weaker_than="aggregate_range")
    def sum_range(self, sheet: str, cells: str) -> dict[str, float]:
        """Add up a range of cells.

        Args:
            sheet: name of the sheet
            cells: e.g. B2:B6

        Returns:
            The sum, rounded to cents; cells without a number do not count.

        Raises:
            ToolError: as aggregate_range.
        """
        return self.aggregate_range(sheet, cells)


class WeakTodos(Todos):
    @tool(weaker_than="create_todo")
    def note_todo(self, text: str, due: str) -> dict[str, str]:
        """Add a to-do of normal priority.

        Args:
            text: what to do
            due: YYYY-MM-DD

        Returns:
            The id of the to-do.

        Raises:
            ToolError: as create_todo.
        """
        return self.create_todo(text, due)

    @tool(weaker_than="list_todos")
    def list_all_todos(self) -> dict[str, Any]:
        """List all open to-dos, whenever they are due.

        Returns:
            As list_todos.
        """
        return self.list_todos()

    @tool(weaker_than="complete_todo", depends_on_state=True)
    def complete_minor_todo(self, todo_id: str) -> dict[str, str]:
        """Mark a to-do as done, unless its priority is high.

        Args:
            todo_id: e.g. t12

        Returns:
            Its text.

        Raises:
            ToolError: as complete_todo, or its priority is high.
        """
        todo = self.world.todos.get(todo_id)
        if todo is not None and todo.priority == "high":
            raise ToolError(f"to-do {todo_id} has high priority")
        return self.complete_todo(todo_id)
