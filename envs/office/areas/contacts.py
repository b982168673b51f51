"""The tools over contacts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

from envs.office.world import Contact, World
from envs.scenario.checks import check_addresses, check_text
from raytool.env import ToolError, tool


class Contacts:
    """Two tools; a name may be given in part where one contact has it."""

    world: World

    @tool
    def find_contact(self, name: str) -> dict[str, str]:
        """Look up a contact.

        Args:
            name: full name

        Returns:
            The contact's name, email, phone and company.

        Raises:
            ToolError: no contact has the name, or more than one has it.
        """
        return asdict(self._contact(name))

    @tool
    def update_contact(self, name: str, field: Literal["email", "phone", "company"], value: str) -> dict[str, str]:
        """Change one entry of a contact.

        Args:
            name: full name
            field: which entry
            value: its new value

        Returns:
            The contact's name, and the entry.

        Raises:
            ToolError: no contact has the name, or more than one has it; the value is empty or no address.
        """
        contact = self._contact(name)
        check_text(value=value)
        if field == "email":
            check_addresses([value])
        setattr(contact, field, value)
        return {"name": contact.name, field: value}

    def _contact(self, name: str) -> Contact:
        found = [contact for contact in self.world.contacts.values() if name.casefold() in contact.name.casefold()]
        if not found or not name:
            raise ToolError(f"no contact {name!r}")
        if len(found) > 1:
            raise ToolError(f"{len(found)} contacts have {name!r} in their name")
        return found[0]
