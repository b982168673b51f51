"""The tools over archives of files."""

from __future__ import annotations

import fnmatch
import posixpath
from dataclasses import replace
from typing import Any

from envs.operating_system.files import MOST_NODES, READ, WRITE, Node
from envs.operating_system.world import World
from envs.scenario.checks import check_text
from raytool.env import ToolError, tool

ENDINGS = (".zip", ".tar.gz")


class Archives:
    """Two tools; an archive holds files by their paths from the folder that they were in."""

    world: World

    @tool
    def create_archive(self, archive: str, paths: list[str], exclude: str = "") -> dict[str, Any]:
        """Pack files and folders into a new archive.

        Args:
            archive: path of the new archive, ending in .zip or .tar.gz
            paths: of the files and folders to pack
            exclude: leave out files of such names, e.g. *.tmp

        Returns:
            The path of the archive, how many files it holds, and its size in bytes.

        Raises:
            ToolError: the archive is there already or has another ending, there is no such path, two files would have
                the same name in it, or there is nothing to pack.
        """
        files = self.world.files
        place = files.absolute(archive)
        if not place.endswith(ENDINGS):
            raise ToolError(f"{place} does not end in {' or '.join(ENDINGS)}")
        files.check_room(place)
        members: dict[str, Node] = {}
        for full in dict.fromkeys(map(files.absolute, paths)):
            files.node(full)
            for path in (full, *files.below(full)):
                node, name = files.node(path), path[len(posixpath.dirname(full)) :].lstrip("/")
                if node.is_folder or fnmatch.fnmatchcase(posixpath.basename(path), exclude):
                    continue
                files.check(path, READ)
                if name in members:
                    raise ToolError(f"two files would be {name} in the archive")
                members[name] = replace(node)
        if not members:
            raise ToolError("there is no file to pack")
        files.nodes[place] = files.new(members=members)
        return {"archive": place, "files": len(members), "bytes": files.nodes[place].size}

    @tool
    def extract_archive(self, archive: str, destination: str, only: str = "*", overwrite: bool = False) -> dict[str, Any]:
        """Unpack the files of an archive into a folder, which is made if it is new.

        Args:
            archive: path of the archive
            destination: path of the folder
            only: files of such names, e.g. *.csv
            overwrite: whether files there are replaced

        Returns:
            The folder, how many files came out, and the paths of the first ones.

        Raises:
            ToolError: there is no such archive, it holds no such file, a file is there already, or permission is denied.
        """
        files = self.world.files
        check_text(only=only)
        source, place = files.file(archive), files.absolute(destination)
        files.check(source, READ)
        members = files.node(source).members
        if members is None:
            raise ToolError(f"{source} is no archive")
        chosen = {path: node for path, node in members.items() if fnmatch.fnmatchcase(posixpath.basename(path), only)}
        if not chosen:
            raise ToolError(f"{source} holds no file {only!r}")
        new_folders = self._new_folders(place, list(chosen))
        if len(files.nodes) + len(new_folders) + len(chosen) > MOST_NODES:
            raise ToolError("the disk is full")
        for path in chosen:
            full = posixpath.join(place, path)
            if full in files.nodes and (files.nodes[full].is_folder or not overwrite):
                raise ToolError(f"there is already {full}")
        for folder in new_folders:
            files.nodes[folder] = files.new()
        for path, node in chosen.items():
            files.nodes[posixpath.join(place, path)] = replace(node, owner=files.user, modified=files.today)
        shown = [posixpath.join(place, path) for path in sorted(chosen)]
        return {"folder": place, "files": len(chosen), "paths": shown[:3]}

    def _new_folders(self, place: str, members: list[str]) -> list[str]:
        """The folders that are missing for the members to lie at their paths below `place`, itself included."""
        files = self.world.files
        if place in files.nodes:
            files.check(files.folder(place), WRITE)
        else:
            files.check_room(place)
        missing = {} if place in files.nodes else {place: True}
        for member in members:
            folder = place
            for part in posixpath.dirname(member).split("/") if "/" in member else ():
                folder = posixpath.join(folder, part)
                if folder in files.nodes:
                    files.check(files.folder(folder), WRITE)
                else:
                    missing[folder] = True
        return list(missing)
