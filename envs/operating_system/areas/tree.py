"""The tools over the tree of files and folders."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from dataclasses import replace
from typing import Any, Literal

from envs.operating_system.files import MOST_NODES, READ, Node
from envs.operating_system.world import World
from envs.scenario.checks import check_text, checked_date
from raytool.env import ToolError, tool

SHOWN = 3  # entries of a listing; the count is always of all
MODE = re.compile(r"[0-7]{3}")
UNITS = {"bytes": 1, "kilobytes": 1_000, "megabytes": 1_000_000}


class Tree:
    """Six tools; all of them know ~ as the home of the owner."""

    world: World

    @tool
    def find_files(
        self,
        folder: str,
        name: str = "*",
        kind: Literal["file", "folder", "any"] = "file",
        min_kilobytes: float = 0,
        changed_since: str = "",
        sort_by: Literal["path", "largest", "newest"] = "path",
    ) -> dict[str, Any]:
        """Find files or folders below a folder by name, size or date.

        Args:
            folder: where to look, at all depths
            name: with * for any characters, e.g. *.log
            kind: what to find
            min_kilobytes: least size, 1 kilobyte being 1000 bytes
            changed_since: YYYY-MM-DD, this day included
            sort_by: what comes first

        Returns:
            The count of what was found, and path, size and date of the first ones.

        Raises:
            ToolError: there is no such folder, or a value is out of its range.
        """
        check_text(name=name)
        if not min_kilobytes >= 0:
            raise ToolError(f"min_kilobytes is {min_kilobytes}, not 0 or more")
        since = checked_date(changed_since) if changed_since else ""
        found = [
            (path, node)
            for path, node in self.world.files.walk(self.world.files.folder(folder))
            if kind in ("any", "folder" if node.is_folder else "file")
            and fnmatch.fnmatchcase(posixpath.basename(path), name)
            and node.size >= min_kilobytes * 1000
            and node.modified >= since
        ]
        if sort_by == "largest":
            found.sort(key=lambda entry: -entry[1].size)
        elif sort_by == "newest":
            found.sort(key=lambda entry: entry[1].modified, reverse=True)
        shown = [{"path": path, "bytes": node.size, "changed": node.modified} for path, node in found[:SHOWN]]
        return {"count": len(found), "found": shown}

    @tool
    def copy_path(self, source: str, destination: str, overwrite: bool = False) -> dict[str, Any]:
        """Copy a file, or a folder with everything in it.

        Args:
            source: path of what to copy
            destination: a folder to put it in, or its new path
            overwrite: whether a file there is replaced

        Returns:
            The path of the copy.

        Raises:
            ToolError: there is no such source, the destination is taken or no place for it, or permission is denied.
        """
        files = self.world.files
        full = files.absolute(source)
        tree = {path: files.node(path) for path in (full, *files.below(full))}
        for path in tree:
            files.check(path, READ)
        place = files.target(full, destination, overwrite)
        if len(files.nodes) + len(tree) > MOST_NODES:
            raise ToolError("the disk is full")
        for path, node in tree.items():
            files.nodes[place + path[len(full) :]] = replace(node, owner=files.user, modified=files.today)
        return {"path": place}

    @tool
    def move_path(self, source: str, destination: str, overwrite: bool = False) -> dict[str, Any]:
        """Move a file or folder to another place, or give it another name.

        Args:
            source: path of what to move
            destination: a folder to put it in, or its new path
            overwrite: whether a file there is replaced

        Returns:
            The new path.

        Raises:
            ToolError: there is no such source, the destination is taken or no place for it, or permission is denied.
        """
        files = self.world.files
        full = files.absolute(source)
        files.check_removable(full)
        place = files.target(full, destination, overwrite)
        tree = {path: files.node(path) for path in (full, *files.below(full))}
        files.remove(full)
        files.nodes.update({place + path[len(full) :]: node for path, node in tree.items()})
        return {"path": place}

    @tool
    def delete_path(self, path: str, recursive: bool = False) -> dict[str, Any]:
        """Delete a file or folder.

        Args:
            path: of what to delete
            recursive: whether a folder goes with everything in it

        Returns:
            The path, and how many files are gone.

        Raises:
            ToolError: there is no such path, the folder is not empty, or permission is denied.
        """
        files = self.world.files
        full = files.absolute(path)
        files.check_removable(full)
        below = files.below(full)
        if below and not recursive:
            raise ToolError(f"{full} is not empty: it holds {len(below)} files and folders")
        gone = sum(not files.node(other).is_folder for other in (full, *below))
        files.remove(full)
        return {"deleted": full, "files": gone}

    @tool
    def set_permissions(self, path: str, mode: str, recursive: bool = False) -> dict[str, Any]:
        """Set who may read, write and run a file or folder.

        Args:
            path: of the file or folder
            mode: three octal digits for owner, group and others, e.g. 640
            recursive: whether to set it for everything in a folder too

        Returns:
            The path, its mode, and how many paths have it now.

        Raises:
            ToolError: there is no such path, the mode is none, or something belongs to another user.
        """
        files = self.world.files
        full = files.absolute(path)
        if not MODE.fullmatch(mode):
            raise ToolError(f"{mode!r} is no mode of three octal digits such as 640")
        nodes = [files.node(other) for other in (full, *(files.below(full) if recursive else ()))]
        if foreign := next((node for node in nodes if node.owner != files.user), None):
            raise ToolError(f"permission denied: {full} belongs to {foreign.owner}")
        for node in nodes:
            node.mode = mode
        return {"path": full, "mode": mode, "changed": len(nodes)}

    @tool
    def measure_folder(
        self, folder: str, unit: Literal["bytes", "kilobytes", "megabytes"] = "megabytes", breakdown: bool = False
    ) -> dict[str, Any]:
        """Tell how much space a folder takes on the disk.

        Args:
            folder: its path
            unit: 1 megabyte is 1000 kilobytes, 1 kilobyte 1000 bytes
            breakdown: whether to tell it of each file and folder in it too

        Returns:
            The space of everything in it, and with a breakdown that of the entries that take most.

        Raises:
            ToolError: there is no such folder.
        """
        files = self.world.files
        full = files.folder(folder)
        seen = dict(files.walk(full))
        answer: dict[str, Any] = {"folder": full, unit: _in_units(seen, unit)}
        if breakdown:
            entries = [path for path in seen if posixpath.dirname(path) == full]
            spaces = {path: _in_units({p: n for p, n in seen.items() if p == path or p.startswith(path + "/")}, unit) for path in entries}
            largest = sorted(spaces, key=lambda path: -spaces[path])[:SHOWN]
            answer["largest"] = [{"path": path, unit: spaces[path]} for path in largest]
        return answer


def _in_units(nodes: dict[str, Node], unit: str) -> float:
    """With two decimals; a whole number without any."""
    value = round(sum(node.size for node in nodes.values()) / UNITS[unit], 2)
    return int(value) if value.is_integer() else value
