"""The tools over users and their environment variables."""

from __future__ import annotations

import re
from typing import Any, Literal

from envs.operating_system.files import Node
from envs.operating_system.world import Shell, User, World
from envs.scenario.checks import check_text
from raytool.env import ToolError, tool

LOGIN = re.compile(r"[a-z][a-z0-9_-]{0,19}")
VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,39}")
LONGEST_VALUE = 300  # characters


class Accounts:
    """Two tools; a user is known by the login."""

    world: World

    @tool
    def create_user(self, login: str, full_name: str = "", groups: tuple[str, ...] = (), shell: Shell = "bash") -> dict[str, Any]:
        """Add a user to the machine, with a home folder.

        Args:
            login: lower-case name to log in with
            full_name: name of the person
            groups: to put the user in
            shell: which one starts; none for a user that cannot log in

        Returns:
            The login, the number and the home folder of the user.

        Raises:
            ToolError: the login is none or taken, or there is no such group.
        """
        if not LOGIN.fullmatch(login):
            raise ToolError(f"{login[:40]!r} is no login of lower-case letters and digits")
        home = f"/home/{login}"
        if login in self.world.users or login == "root" or home in self.world.files.nodes:
            raise ToolError(f"the login {login} is taken")
        for group in groups:
            if group not in self.world.groups:
                raise ToolError(f"no group {group!r}; there are {', '.join(self.world.groups)}")
        self.world.users[login] = User(full_name, list(dict.fromkeys(groups)), shell)
        self.world.files.nodes[home] = Node(login, "750", self.world.today)
        return {"login": login, "uid": self.world.new_uid(), "home": home}

    @tool
    def set_variable(self, name: str, value: str, user: str = "", place: Literal["whole", "front", "end"] = "whole") -> dict[str, Any]:
        """Set an environment variable, or add to one that is a list.

        Args:
            name: of the variable, e.g. EDITOR
            value: what to set or add
            user: login of whose variable it is, default the owner's
            place: the whole value, or the front or end of a list such as PATH

        Returns:
            The variable, and its whole value.

        Raises:
            ToolError: there is no such user, the name is none, the value is empty or too long, or there is no list to add to.
        """
        login = user or self.world.owner
        if login not in self.world.users:
            raise ToolError(f"no user {login!r}")
        if not VARIABLE.fullmatch(name):
            raise ToolError(f"{name[:50]!r} is no name of a variable: capitals, digits and _")
        check_text(value=value)
        variables = self.world.users[login].variables
        if place != "whole":
            if name not in variables:
                raise ToolError(f"{login} has no variable {name} to add to")
            entries = variables[name].split(":")
            if value in entries:
                raise ToolError(f"{name} of {login} holds {value!r} already")
            value = ":".join([value, *entries] if place == "front" else [*entries, value])
        if len(value) > LONGEST_VALUE or "\n" in value:
            raise ToolError(f"the value is no single line of at most {LONGEST_VALUE} characters")
        variables[name] = value
        return {"variable": name, "value": value}
