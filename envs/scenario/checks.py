"""What several tools ask of their arguments, beyond their types.

Raises:
    ToolError: by every function here, naming the value and what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from raytool.env import ToolError

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def check_text(**values: str) -> None:
    for name, value in values.items():
        if not value.strip():
            raise ToolError(f"{name} is empty")


def check_addresses(addresses: Sequence[str]) -> None:
    for address in addresses:
        if not ADDRESS.fullmatch(address):
            raise ToolError(f"{address!r} is no email address")


def checked_date(text: str) -> str:
    try:
        if date.fromisoformat(text).isoformat() == text:  # it also reads other forms, such as 20250131
            return text
    except ValueError:
        pass
    raise ToolError(f"{text!r} is no date YYYY-MM-DD")


def checked_time(text: str) -> str:
    if not TIME.fullmatch(text):
        raise ToolError(f"{text!r} is no time HH:MM")
    return text
