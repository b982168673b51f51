"""A file system in memory: a node for every absolute path, owners and permission bits that are respected."""

from __future__ import annotations

import posixpath
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from raytool.env import ToolError

LONGEST_PATH = 200  # characters
LONGEST_TEXT = 5_000  # characters
MOST_NODES = 2_000
READ, WRITE = 4, 2  # bits of a digit of a mode


@dataclass
class Node:
    """A folder, or a file: of text, of other data (only its size is known), or an archive of files by their paths in it."""

    owner: str
    mode: str  # three octal digits: owner, group, others
    modified: str  # YYYY-MM-DD
    text: str | None = None
    data: int | None = None
    members: dict[str, Node] | None = None

    @property
    def is_folder(self) -> bool:
        return (self.text, self.data, self.members) == (None, None, None)

    @property
    def size(self) -> int:
        """In bytes; that of an archive is what its text really deflates to, and other data as it is."""
        if self.members is not None:
            return sum(len(zlib.compress(node.text.encode())) if node.text is not None else node.size for node in self.members.values())
        return len(self.text.encode()) if self.text is not None else self.data or 0

    def state(self) -> list[Any]:
        members = {path: node.state() for path, node in self.members.items()} if self.members is not None else None
        return [self.owner, self.mode, self.modified, self.text, self.data, members]


class FileSystem:
    """As one user sees it. Paths are absolute, or begin with ~ for the home of the user.

    Every method raises ToolError where a path is not as its name says, or the user lacks the permission.
    """

    def __init__(self, user: str, today: str):
        self.user, self.today = user, today
        self.home = f"/home/{user}"
        self.nodes = {path: Node("root", "755", today) for path in ("/", "/etc", "/home")}
        self.nodes[self.home] = self.new()

    def new(self, text: str | None = None, data: int | None = None, members: dict[str, Node] | None = None) -> Node:
        """A node of the user's, made today; a folder if it is given nothing."""
        node = Node(self.user, "644", self.today, text, data, members)
        return replace(node, mode="755") if node.is_folder else node

    # ---- paths

    def absolute(self, path: str) -> str:
        full = self.home + path[1:] if path == "~" or path.startswith("~/") else path
        if not full.startswith("/") or len(full) > LONGEST_PATH or "\n" in full:
            raise ToolError(f"{path[:80]!r} is no path: it has to begin with / or ~/")
        return "/" + posixpath.normpath(full).strip("/")

    def node(self, path: str) -> Node:
        """Of an absolute path."""
        if path not in self.nodes:
            raise ToolError(f"there is no {path}")
        return self.nodes[path]

    def folder(self, path: str) -> str:
        """The absolute path of a folder."""
        full = self.absolute(path)
        if not self.node(full).is_folder:
            raise ToolError(f"{full} is a file, not a folder")
        return full

    def file(self, path: str) -> str:
        """The absolute path of a file."""
        full = self.absolute(path)
        if self.node(full).is_folder:
            raise ToolError(f"{full} is a folder, not a file")
        return full

    def below(self, folder: str) -> list[str]:
        """All paths below a folder, sorted."""
        prefix = folder.rstrip("/") + "/"
        return sorted(path for path in self.nodes if path.startswith(prefix) and path != "/")

    def walk(self, folder: str) -> Iterator[tuple[str, Node]]:
        """What the user sees below a folder, sorted by path: not what lies in deeper folders that may not be read."""
        self.check(folder, READ)
        hidden: tuple[str, ...] = ()
        for path in self.below(folder):
            node = self.nodes[path]
            if hidden and path.startswith(hidden):
                continue
            if node.is_folder and not self.may(path, READ):
                hidden = (*hidden, path + "/")
            yield path, node

    # ---- permissions

    def may(self, path: str, right: int) -> bool:
        node = self.node(path)
        return bool(int(node.mode[0 if node.owner == self.user else 2]) & right)

    def check(self, path: str, right: int) -> None:
        if not self.may(path, right):
            raise ToolError(f"permission denied: {self.user} may not {'read' if right == READ else 'write'} {path}")

    def text(self, path: str) -> str:
        """The text of the file at an absolute path."""
        self.check(path, READ)
        text = self.node(path).text
        if text is None:
            raise ToolError(f"{path} is no text file")
        return text

    # ---- changes, each with all its checks before it

    def check_room(self, path: str) -> None:
        """That a node may be put at an absolute path where nothing is yet."""
        parent = posixpath.dirname(path)
        if path in self.nodes:
            raise ToolError(f"there is already {path}")
        self.check(self.folder(parent), WRITE)
        if len(self.nodes) >= MOST_NODES:
            raise ToolError("the disk is full")

    def write(self, path: str, text: str) -> Node:
        """Put text into the file at an absolute path, new or not; it ends with one line break."""
        text = text.rstrip("\n") + "\n"
        if len(text) > LONGEST_TEXT:
            raise ToolError(f"the text has {len(text)} characters, more than {LONGEST_TEXT}")
        if path in self.nodes:
            self.check(path, WRITE)
            self.nodes[path] = replace(self.nodes[path], text=text, modified=self.today)
        else:
            self.check_room(path)
            self.nodes[path] = self.new(text)
        return self.nodes[path]

    def target(self, source: str, destination: str, overwrite: bool) -> str:
        """Where `source` comes to lie if it is put to `destination`: in it, if that is a folder. What it replaces is still there."""
        place = self.absolute(destination)
        if place in self.nodes and self.nodes[place].is_folder:
            place = posixpath.join(place, posixpath.basename(source))
        if source == "/" or place == source or place.startswith(source.rstrip("/") + "/"):
            raise ToolError(f"{source} cannot be put to {place}")
        if place in self.nodes and overwrite:
            self.file(place)
            self.check(posixpath.dirname(place), WRITE)
            if self.node(source).is_folder:
                raise ToolError(f"{source} is a folder and cannot replace the file {place}")
        else:
            self.check_room(place)
        return place

    def check_removable(self, path: str) -> None:
        if path in ("/", self.home):
            raise ToolError(f"{path} has to stay")
        self.node(path)
        self.check(posixpath.dirname(path), WRITE)

    def remove(self, path: str) -> None:
        for lower in (*self.below(path), path):
            self.nodes.pop(lower, None)

    def state(self) -> dict[str, list[Any]]:
        return {path: node.state() for path, node in self.nodes.items()}
