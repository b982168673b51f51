"""The tools over packages and the services that they bring."""

from __future__ import annotations

from typing import Any, Literal

from envs.operating_system import vocabulary as words
from envs.operating_system.world import Package, Service, World
from raytool.env import ToolError, tool


class Software:
    """Three tools; what a package needs comes with it."""

    world: World

    @tool
    def install_package(self, name: str, version: str = "") -> dict[str, Any]:
        """Install a package, or bring it to another version.

        Args:
            name: of the package
            version: default the newest

        Returns:
            The package and its version, what else was installed for it, and the service that it brings.

        Raises:
            ToolError: there is no such package or version, or it is installed already.
        """
        versions = self._versions(name)
        version = version or versions[-1]
        if version not in versions:
            raise ToolError(f"{name} has no version {version!r}; there are {', '.join(versions)}")
        before = self.world.packages.get(name)
        if before and before.version == version:
            raise ToolError(f"{name} {version} is installed already")
        needed = [library for library in words.PACKAGES.get(name, ()) if library not in self.world.packages]
        for library in needed:
            self.world.packages[library] = Package(self._versions(library)[-1], automatic=True)
        self.world.packages[name] = Package(version)
        answer: dict[str, Any] = {"installed": name, "version": version, "also": needed}
        if name in words.SERVICES:
            answer["service"] = words.SERVICES[name]
            self.world.services.setdefault(words.SERVICES[name], Service(name))
        return answer

    @tool
    def remove_package(self, name: str, unused: bool = False) -> dict[str, Any]:
        """Remove an installed package.

        Args:
            name: of the package
            unused: whether to remove what only it needed too

        Returns:
            The names of the removed packages.

        Raises:
            ToolError: it is not installed, another package needs it, or its service runs.
        """
        if name not in self.world.packages:
            raise ToolError(f"{name!r} is not installed")
        if needing := self.world.needing(name):
            raise ToolError(f"{name} is needed by {', '.join(needing)}")
        service = words.SERVICES.get(name, "")
        if service in self.world.services and self.world.services[service].running:
            raise ToolError(f"the service {service} of {name} runs; it has to be stopped first")
        self.world.services.pop(service, None)
        del self.world.packages[name]
        removed = [name]
        for library in words.PACKAGES.get(name, ()) if unused else ():
            package = self.world.packages.get(library)
            if package and package.automatic and not self.world.needing(library):
                del self.world.packages[library]
                removed.append(library)
        return {"removed": removed}

    @tool
    def control_service(
        self, service: str, action: Literal["status", "start", "stop", "restart", "enable", "disable"] = "status"
    ) -> dict[str, Any]:
        """Look at a service, or change whether it runs now (start, stop) or from boot on (enable, disable).

        Args:
            service: its name
            action: what to do

        Returns:
            The service, its package, and whether it runs and is enabled.

        Raises:
            ToolError: there is no such service, or it is as wanted already, or it is to be restarted and does not run.
        """
        if service not in self.world.services:
            raise ToolError(f"no service {service!r}")
        state = self.world.services[service]
        if action in ("start", "stop", "restart"):
            if state.running == (action == "start"):
                raise ToolError(f"the service {service} {'runs already' if state.running else 'does not run'}")
            state.running = action != "stop"
            state.restarts += action == "restart"
        elif action in ("enable", "disable"):
            if state.enabled == (action == "enable"):
                raise ToolError(f"the service {service} is {action}d already")
            state.enabled = action == "enable"
        return {"service": service, "package": state.package, "running": state.running, "enabled": state.enabled}

    def _versions(self, package: str) -> tuple[str, ...]:
        if package not in self.world.versions:
            raise ToolError(f"no package {package!r}")
        return self.world.versions[package]
