"""Tables in Markdown, and the part of a page between two comments that a program writes anew."""

from __future__ import annotations

import re
from collections.abc import Sequence

from raytool.records import UserError


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Its lines; none where there are no rows."""
    lines = [columns, ["---"] * len(columns), *rows]
    return ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines] if rows else []


def rewritten(page: str, begin: str, end: str, text: str, name: str) -> str:
    """The page with a new text between two comments; what is around them stays as it is. `name` is the page's, for errors.

    Raises:
        UserError: it has not both comments, once each and in order.
    """
    parts = re.fullmatch(f"(.*?{re.escape(begin)}\n).*?({re.escape(end)}.*)", page, re.DOTALL)
    if parts is None or page.count(begin) + page.count(end) != 2:
        raise UserError(f"{name}: expected one line '{begin}' and, below it, one line '{end}'")
    return f"{parts[1]}\n{text}\n\n{parts[2]}"
