"""A narrower version of every tool, as a simpler product would offer it. Each does what the full tool does by default."""

from __future__ import annotations

from typing import Any

from envs.operating_system.areas.accounts import Accounts
from envs.operating_system.areas.archives import Archives
from envs.operating_system.areas.jobs import Jobs, Times
from envs.operating_system.areas.processes import Processes
from envs.operating_system.areas.software import Software
from envs.operating_system.areas.texts import Texts
from envs.operating_system.areas.tree import Tree
from raytool.env import tool


class WeakTexts(Texts):
    @tool(weaker_than="read_file")
    def view_file(self, path: str) -> dict[str, Any]:
        """Show a text file from its beginning.

        Args:
            path: of the file
        """
        return self.read_file(path)

    @tool(weaker_than="write_file")
    def new_file(self, path: str, text: str) -> dict[str, Any]:
        """Write text into a new file.

        Args:
            path: of the file
            text: what to write
        """
        return self.write_file(path, text)

    @tool(weaker_than="find_text")
    def find_words(self, folder: str, pattern: str) -> dict[str, Any]:
        """Find the places in all text files below a folder where some words stand exactly so.

        Args:
            folder: where to look, at all depths
            pattern: words
        """
        return self.find_text(folder, pattern)

    @tool(weaker_than="compare_files")
    def diff_files(self, first: str, second: str) -> dict[str, Any]:
        """Compare two text files line by line, every space counting.

        Args:
            first: path of the older file
            second: path of the newer file
        """
        return self.compare_files(first, second)


class WeakTree(Tree):
    @tool(weaker_than="find_files")
    def find_by_name(self, folder: str, name: str = "*") -> dict[str, Any]:
        """Find files below a folder by name.

        Args:
            folder: where to look, at all depths
            name: with * for any characters, e.g. *.log
        """
        return self.find_files(folder, name)

    @tool(weaker_than="copy_path")
    def copy_to(self, source: str, destination: str) -> dict[str, Any]:
        """Copy a file or folder to where nothing is yet.

        Args:
            source: path of what to copy
            destination: a folder to put it in, or its new path
        """
        return self.copy_path(source, destination)

    @tool(weaker_than="move_path")
    def move_to(self, source: str, destination: str) -> dict[str, Any]:
        """Move a file or folder to where nothing is yet.

        Args:
            source: path of what to move
            destination: a folder to put it in, or its new path
        """
        return self.move_path(source, destination)

    @tool(weaker_than="delete_path")
    def delete_file(self, path: str) -> dict[str, Any]:
        """Delete a file or an empty folder.

        Args:
            path: of what to delete
        """
        return self.delete_path(path)

    @tool(weaker_than="set_permissions")
    def set_mode(self, path: str, mode: str) -> dict[str, Any]:
        """Set who may read, write and run one file or folder.

        Args:
            path: of the file or folder
            mode: three octal digits for owner, group and others, e.g. 640
        """
        return self.set_permissions(path, mode)

    @tool(weaker_than="measure_folder")
    def folder_size(self, folder: str) -> dict[str, Any]:
        """Tell how many megabytes a folder takes on the disk.

        Args:
            folder: its path
        """
        return self.measure_folder(folder)


class WeakArchives(Archives):
    @tool(weaker_than="create_archive")
    def pack_files(self, archive: str, paths: list[str]) -> dict[str, Any]:
        """Pack files and whole folders into a new archive.

        Args:
            archive: path of the new archive, ending in .zip or .tar.gz
            paths: of the files and folders to pack
        """
        return self.create_archive(archive, paths)

    @tool(weaker_than="extract_archive")
    def unpack_archive(self, archive: str, destination: str) -> dict[str, Any]:
        """Unpack all files of an archive into a folder that has none of them yet.

        Args:
            archive: path of the archive
            destination: path of the folder
        """
        return self.extract_archive(archive, destination)


class WeakProcesses(Processes):
    @tool(weaker_than="list_processes")
    def top_processes(self) -> dict[str, Any]:
        """List the running processes of all users, those that take most cpu first."""
        return self.list_processes()

    @tool(weaker_than="end_process")
    def quit_process(self, pid: int) -> dict[str, Any]:
        """End one running process that does not hang.

        Args:
            pid: its number
        """
        return self.end_process(pid)


class WeakSoftware(Software):
    @tool(weaker_than="install_package")
    def install_newest(self, name: str) -> dict[str, Any]:
        """Install the newest version of a package.

        Args:
            name: of the package
        """
        return self.install_package(name)

    @tool(weaker_than="remove_package")
    def uninstall(self, name: str) -> dict[str, Any]:
        """Remove one installed package and leave what it needed.

        Args:
            name: of the package
        """
        return self.remove_package(name)

    @tool(weaker_than="control_service")
    def show_service(self, service: str) -> dict[str, Any]:
        """Tell whether a service runs now and is enabled.

        Args:
            service: its name
        """
        return self.control_service(service)


class WeakAccounts(Accounts):
    @tool(weaker_than="create_user")
    def add_login(self, login: str) -> dict[str, Any]:
        """Add a user with nothing but a login, who gets bash and is in no group.

        Args:
            login: lower-case name to log in with
        """
        return self.create_user(login)

    @tool(weaker_than="set_variable")
    def export_variable(self, name: str, value: str) -> dict[str, Any]:
        """Set the whole value of an environment variable of the owner.

        Args:
            name: of the variable, e.g. EDITOR
            value: what to set
        """
        return self.set_variable(name, value)


class WeakJobs(Jobs):
    @tool(weaker_than="create_job")
    def add_job(self, name: str, command: str, when: Times) -> dict[str, Any]:
        """Schedule a command to run again and again for good.

        Args:
            name: of the new job, lower case
            command: what to run
            when: time and days of the week
        """
        return self.create_job(name, command, when)

    @tool(weaker_than="cancel_job")
    def drop_job(self, name: str) -> dict[str, Any]:
        """Cancel a scheduled job at once.

        Args:
            name: of the job
        """
        return self.cancel_job(name)
