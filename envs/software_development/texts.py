"""Texts as lists of lines: what changed between two, and the merge of two changes to the same text."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

Tree = Mapping[str, str]  # the text of each file, by path


class Conflict(Exception):
    """Two sides changed the same lines of a file."""

    def __init__(self, path: str):
        super().__init__(path)
        self.path = path


def unified_diff(old: str, new: str) -> list[str]:
    """The lines of a diff without context and without the two header lines."""
    return list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0))[2:]


def changed_paths(old: Tree, new: Tree) -> list[str]:
    return sorted(path for path in {*old, *new} if old.get(path) != new.get(path))


def merged(base: Tree, ours: Tree, theirs: Tree) -> dict[str, str]:
    """Our files with what changed from `base` to `theirs`.

    Raises:
        Conflict: both sides changed the same lines, or one changed a file that the other does not have.
    """
    result = dict(ours)
    for path in changed_paths(base, theirs):
        before, after = base.get(path), theirs.get(path)
        if ours.get(path) == before:
            if after is None:
                del result[path]
            else:
                result[path] = after
        elif ours.get(path) != after:
            if before is None or after is None or path not in ours:
                raise Conflict(path)
            result[path] = _merged_text(path, before, ours[path], after)
    return result


def _merged_text(path: str, base: str, ours: str, theirs: str) -> str:
    lines = base.splitlines(keepends=True)
    hunks = sorted({*_hunks(lines, ours), *_hunks(lines, theirs)})
    result: list[str] = []
    at = 0
    for index, (begin, end, text) in enumerate(hunks):
        if index and begin <= hunks[index - 1][1]:  # lines that touch conflict too, as they do in git
            raise Conflict(path)
        result += [*lines[at:begin], *text]
        at = end
    return "".join([*result, *lines[at:]])


def _hunks(base: list[str], side: str) -> list[tuple[int, int, tuple[str, ...]]]:
    """[begin, end) of the lines of `base` that a side replaces, and by what."""
    lines = side.splitlines(keepends=True)
    opcodes = difflib.SequenceMatcher(None, base, lines, autojunk=False).get_opcodes()
    return [(begin, end, tuple(lines[start:stop])) for tag, begin, end, start, stop in opcodes if tag != "equal"]
