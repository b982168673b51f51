"""The tools over what stands in text files."""

from __future__ import annotations

import difflib
import fnmatch
import re
from typing import Any, Literal

from envs.operating_system.files import READ, WRITE
from envs.operating_system.world import World
from envs.scenario.checks import check_text
from raytool.env import ToolError, tool

SHOWN = 4  # places of a search; the count is always of all
SHOWN_TEXT = 240  # characters
SHOWN_DIFFERENCES = 5
SEARCHED = 200  # characters of a line
# What makes a search take exponential time, or nearly: a repeated group, and many repetitions without a bound.
REPEATED_GROUP = re.compile(r"(?<!\\)\)[*+{]")
UNBOUNDED = re.compile(r"(?<!\\)[*+]|,\}")
MOST_UNBOUNDED = 3


class Texts:
    """Four tools; a text file ends with a line break."""

    world: World

    @tool
    def read_file(self, path: str, first_line: int = 1, lines: int = 0) -> dict[str, Any]:
        """Show the lines of a text file.

        Args:
            path: of the file
            first_line: where to begin; -1 is the last line
            lines: how many to show, 0 for all

        Returns:
            The count of all lines of the file, and the text, cut if it is long.

        Raises:
            ToolError: there is no such text file, it may not be read, or it has no such line.
        """
        content = self.world.files.text(self.world.files.file(path)).splitlines()
        begin = first_line - 1 if first_line > 0 else len(content) + first_line
        if not first_line or not 0 <= begin < len(content):
            raise ToolError(f"first_line is {first_line}, but {path} has {len(content)} lines")
        if lines < 0:
            raise ToolError(f"lines is {lines}, not 0 or more")
        text = "\n".join(content[begin : begin + lines] if lines else content[begin:])
        cut = {"cut_after": SHOWN_TEXT} if len(text) > SHOWN_TEXT else {}
        return {"lines": len(content), "text": text[:SHOWN_TEXT], **cut}

    @tool
    def write_file(self, path: str, text: str, mode: Literal["create", "replace", "append"] = "create") -> dict[str, Any]:
        """Write text into a file: a new one, in place of what it holds, or at its end.

        Args:
            path: of the file
            text: what to write
            mode: whether the file is new, gets another text, or one more line

        Returns:
            The path, and the size in bytes.

        Raises:
            ToolError: the file is there already, or not, or no text file; it may not be written; or the text is too long.
        """
        check_text(text=text)
        files = self.world.files
        full = files.absolute(path)
        if mode == "create":
            files.check_room(full)
        else:
            files.check(files.file(full), WRITE)
            if files.node(full).text is None:
                raise ToolError(f"{full} is no text file")
        before = files.node(full).text if mode == "append" else ""
        return {"path": full, "bytes": files.write(full, f"{before}{text}").size}

    @tool
    def find_text(self, folder: str, pattern: str, files: str = "*", regex: bool = False, ignore_case: bool = False) -> dict[str, Any]:
        """Find the places in the text files below a folder where something stands.

        Args:
            folder: where to look, at all depths
            pattern: words, or a regular expression
            files: only in files of such names, e.g. *.log
            regex: whether the pattern is a regular expression
            ignore_case: whether case is ignored

        Returns:
            The count of lines that hold it, and path and line number of the first ones.

        Raises:
            ToolError: there is no such folder, or the pattern is empty, no regular expression or too costly.
        """
        sought = _expression(pattern, regex, ignore_case)
        places = []
        for path, node in self.world.files.walk(self.world.files.folder(folder)):
            name = path.rsplit("/", 1)[1]
            if node.text is None or not fnmatch.fnmatchcase(name, files) or not self.world.files.may(path, READ):
                continue
            lines = enumerate(node.text.splitlines(), 1)
            places += [{"path": path, "line": number} for number, line in lines if sought.search(line[:SEARCHED])]
        return {"count": len(places), "places": places[:SHOWN]}

    @tool
    def compare_files(self, first: str, second: str, ignore_spaces: bool = False) -> dict[str, Any]:
        """Compare two text files line by line.

        Args:
            first: path of the older file
            second: path of the newer file
            ignore_spaces: whether lines that differ only in spaces are equal

        Returns:
            How many lines only the second has (added) and only the first (removed), and these lines, marked + and -.

        Raises:
            ToolError: there is no such text file, or one of them may not be read.
        """
        old, new = (self.world.files.text(self.world.files.file(path)).splitlines() for path in (first, second))
        if ignore_spaces:
            old, new = ([" ".join(line.split()) for line in lines] for lines in (old, new))
        difference = list(difflib.unified_diff(old, new, n=0, lineterm=""))[2:]  # without the names of the files
        changes = [line for line in difference if not line.startswith("@@")]
        added = sum(line.startswith("+") for line in changes)
        return {"added": added, "removed": len(changes) - added, "lines": [line[:45] for line in changes[:SHOWN_DIFFERENCES]]}


def _expression(pattern: str, regex: bool, ignore_case: bool) -> re.Pattern[str]:
    check_text(pattern=pattern)
    if regex and (REPEATED_GROUP.search(pattern) or len(UNBOUNDED.findall(pattern)) > MOST_UNBOUNDED):
        raise ToolError(f"{pattern[:80]!r} takes too long: repeat no group, and at most {MOST_UNBOUNDED} times without a bound")
    try:
        return re.compile(pattern if regex else re.escape(pattern), re.IGNORECASE if ignore_case else 0)
    except (re.error, OverflowError) as error:
        raise ToolError(f"{pattern[:80]!r} is no regular expression: {error}") from None
