"""The desk of a project: words that its requests are made of."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from envs.scenario.desk import Desk
from envs.software_development import vocabulary as words
from envs.software_development.tools import SoftwareDevelopment
from envs.software_development.world import MAIN, PROPOSED, PullRequest, World

CONSTANT = re.compile(r"^([A-Z_]+) = (\d+)$", re.MULTILINE)
FUNCTION = re.compile(r"^def (\w+)", re.MULTILINE)


class SoftwareDesk(Desk[SoftwareDevelopment]):
    """Requests that change branches keep to `working`, those that only read or test other branches than main keep to `quiet`.

    So none of them depends on whether another came first.
    """

    def __init__(self, random: np.random.Generator, seed: int):
        super().__init__(SoftwareDevelopment, random, seed)
        loose = list(self.world.branches)[1 + PROPOSED :]
        self.working, self.quiet = loose[:3], loose[3:]

    @property
    def world(self) -> World:
        return self.env.world

    def query(self, sql: str, **arguments: Any) -> Any:
        """Run a query that the request only describes: many texts of it are equally right, so the answer decides."""
        result = self.call("query_database", sql=sql, **arguments)
        self.calls[-1] = replace(self.calls[-1], free=("sql",))
        return result

    def member(self, *than: str) -> str:
        return self.other(self.world.team, *than)

    def colleague(self) -> str:
        return self.member(self.world.me)

    def branch_name(self) -> str:
        taken = " ".join([*self.world.branches, *(request.head for request in self.world.pull_requests.values())])
        return f"{self.pick(words.KINDS)}/{self.pick([slug for slug in words.SLUGS if slug not in taken])}"

    def constant(self, branch: str) -> tuple[str, str, int]:
        """The path, the name and the value of one that a branch has."""
        files = self.world.head(branch).files
        return self.pick([(path, name, int(value)) for path, text in files.items() for name, value in CONSTANT.findall(text)])

    def edit(self, branch: str) -> tuple[dict[str, str], str]:
        """A change of a constant as commit_changes takes it, and a message for it."""
        path, name, value = self.constant(branch)
        new = self.other(words.VALUES, value)
        message = self.pick(words.COMMIT_MESSAGES).format(name=name, value=new)
        return {"path": path, "old": f"{name} = {value}", "new": f"{name} = {new}"}, message

    def functions(self, branch: str = MAIN) -> list[str]:
        return [name for text in self.world.head(branch).files.values() for name in FUNCTION.findall(text)]

    def about(self, text: str) -> str:
        one, many = self.pick(self.world.nouns)
        filled = text.format(noun=one, nouns=many)
        return filled[0].upper() + filled[1:]

    def issue_title(self) -> str:
        taken = {issue.title for issue in self.world.issues.values()}
        titles = (self.about(title) for title in self.several(words.ISSUE_TITLES, len(words.ISSUE_TITLES)))
        return next(title for title in titles if title not in taken)

    def request_title(self) -> str:
        taken = {request.title for request in self.world.pull_requests.values()}
        titles = (self.about(title) for title in self.several(words.PULL_REQUEST_TITLES, len(words.PULL_REQUEST_TITLES)))
        return next(title for title in titles if title not in taken)

    def proposed(self, *statuses: str) -> PullRequest:
        return self.pick([request for request in self.world.open_pull_requests() if not statuses or request.status in statuses])
