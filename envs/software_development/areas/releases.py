"""The tools over releases and dependencies."""

from __future__ import annotations

from typing import Any

from envs.scenario.checks import check_text
from envs.software_development.versions import Part, Version
from envs.software_development.world import Dependency, Release, World
from raytool.env import ToolError, tool

LONGEST_NOTE = 200  # characters


class Releases:
    """Three tools; versions are semantic, and a major one may break what uses it."""

    world: World

    @tool
    def create_release(self, bump: Part, notes: tuple[str, ...] = (), candidate: bool = False) -> dict[str, str]:
        """Release the project under the version that follows the newest final one.

        Args:
            bump: which part of the version goes up
            notes: what is new, a line each
            candidate: release a candidate (-rc.1 or the next one), nothing final

        Returns:
            The new version, and the newest final one before it.

        Raises:
            ToolError: a note is empty or too long.
        """
        for note in notes:
            check_text(note=note)
            if len(note) > LONGEST_NOTE:
                raise ToolError(f"a note has {len(note)} characters, at most {LONGEST_NOTE} are allowed")
        previous = self.world.final_release().version
        version = previous.next(bump)
        if candidate:
            numbers = [release.version.candidate for release in self.world.releases if release.version.final == version]
            version = Version(version.major, version.minor, version.patch, max(numbers, default=0) + 1)
        self.world.releases.append(Release(version, self.world.today, tuple(notes)))
        return {"version": str(version), "previous": str(previous)}

    @tool
    def check_dependency(self, name: str, allow_major: bool = False) -> dict[str, Any]:
        """Look up the newest version that a dependency can be updated to.

        Args:
            name: of the package
            allow_major: also a new major version

        Returns:
            The installed version, the newest one, and whether they are the same. Candidates do not count.

        Raises:
            ToolError: the project has no such dependency.
        """
        dependency = self._dependency(name)
        installed = dependency.installed
        newest = max(
            version
            for version in dependency.versions
            if version >= installed and not version.candidate and (allow_major or version.major == installed.major)
        )
        return {"name": name, "installed": str(installed), "newest": str(newest), "up_to_date": newest == installed}

    @tool
    def update_dependency(self, name: str, version: str, allow_major: bool = False) -> dict[str, str]:
        """Install another version of a dependency.

        Args:
            name: of the package
            version: e.g. 2.4.1
            allow_major: also another major version

        Returns:
            The name, the version before and the version now.

        Raises:
            ToolError: there is no such dependency or version, it is installed already, its major version is another one and that
                is not allowed, or it does not fit the other dependencies.
        """
        dependency = self._dependency(name)
        wanted = Version.parse(version)
        if wanted is None or wanted not in dependency.versions:
            known = ", ".join(map(str, dependency.versions))
            raise ToolError(f"{name} has no version {version!r}; there are {known}")
        before = dependency.installed
        if wanted == before:
            raise ToolError(f"{name} {version} is installed already")
        if wanted.major != before.major and not allow_major:
            raise ToolError(f"{version} is another major version than {before}, which is not allowed")
        dependency.installed = wanted
        if problem := self._problem():
            dependency.installed = before
            raise ToolError(problem)
        return {"name": name, "before": str(before), "now": version}

    def _dependency(self, name: str) -> Dependency:
        if name not in self.world.dependencies:
            raise ToolError(f"no dependency {name!r}")
        return self.world.dependencies[name]

    def _problem(self) -> str:
        """A need that the installed versions do not meet, in words."""
        for dependency in self.world.dependencies.values():
            need = dependency.need
            if need and dependency.installed.major >= need.major and self.world.dependencies[need.other].installed < need.least:
                other = self.world.dependencies[need.other]
                return f"{dependency.name} {dependency.installed} needs {need.other} {need.least} or newer, not {other.installed}"
        return ""
