"""The tools over text documents."""

from __future__ import annotations

from typing import Any

from envs.office.world import World
from envs.scenario.checks import check_text
from raytool.env import ToolError, tool

LONGEST = 20_000  # characters; without it, replacing "a" by "aaaa" a few times would fill the memory


class Documents:
    """Three tools; a document is known by its title."""

    world: World

    @tool
    def create_document(self, title: str, text: str) -> dict[str, Any]:
        """Write a new document.

        Args:
            title: name of the document
            text: its text

        Returns:
            The title, and the length in characters.

        Raises:
            ToolError: the title is empty or taken, or the text is too long.
        """
        check_text(title=title)
        if title in self.world.documents:
            raise ToolError(f"there is a document {title!r}")
        return self._write_document(title, text)

    @tool
    def append_document(self, title: str, text: str) -> dict[str, Any]:
        """Add a paragraph to the end of a document.

        Args:
            title: name of the document
            text: the paragraph

        Returns:
            The title, and the length in characters.

        Raises:
            ToolError: there is no such document, the text is empty, or the document gets too long.
        """
        check_text(text=text)
        return self._write_document(title, f"{self._document(title)}\n{text}")

    @tool
    def replace_text(self, title: str, old: str, new: str) -> dict[str, Any]:
        """Replace words everywhere in a document.

        Args:
            title: name of the document
            old: words to replace
            new: words to put there

        Returns:
            How often they were replaced.

        Raises:
            ToolError: there is no such document, it does not hold `old`, or it gets too long.
        """
        text = self._document(title)
        check_text(old=old)
        count = text.count(old)
        if not count:
            raise ToolError(f"{title!r} does not hold {old!r}")
        if len(text) + count * (len(new) - len(old)) > LONGEST:
            raise ToolError("the document gets too long")
        self._write_document(title, text.replace(old, new))
        return {"replaced": count}

    def _document(self, title: str) -> str:
        if title not in self.world.documents:
            raise ToolError(f"no document {title!r}")
        return self.world.documents[title]

    def _write_document(self, title: str, text: str) -> dict[str, Any]:
        if len(text) > LONGEST:
            raise ToolError("the document gets too long")
        self.world.documents[title] = text
        return {"title": title, "characters": len(text)}
