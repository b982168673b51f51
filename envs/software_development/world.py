"""The state of a project: branches of commits, issues, pull requests, tests and their runs, releases, dependencies, a database.

Dates are "YYYY-MM-DD". A world is a function of the generator it is built with and of the calls made on it since.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from envs.scenario import names
from envs.scenario.choice import pick, several
from envs.scenario.clock import days_after
from envs.software_development import vocabulary as words
from envs.software_development.staging import Table, build_tables
from envs.software_development.texts import Tree
from envs.software_development.versions import Version

MAIN = "main"
PROPOSED, LOOSE = 5, 5  # branches with an open pull request, and without one
Priority = Literal["low", "normal", "high", "urgent"]
Reason = Literal["completed", "duplicate", "not planned"]
Verdict = Literal["approve", "request_changes", "comment"]
Suite = Literal["unit", "integration"]


@dataclass(frozen=True)
class Commit:
    """`files` is the whole tree after the commit, `parent` the id of the commit that it changes."""

    id: str
    author: str
    date: str
    message: str
    files: Tree
    parent: str = ""
    co_authors: tuple[str, ...] = ()


@dataclass
class Issue:
    number: int
    title: str
    body: str = ""
    labels: tuple[str, ...] = ()
    assignee: str = ""
    priority: Priority = "normal"
    closed: Reason | None = None
    comments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Review:
    reviewer: str
    verdict: Verdict
    comment: str = ""


@dataclass
class PullRequest:
    number: int
    title: str
    head: str
    base: str
    author: str
    reviewers: tuple[str, ...] = ()
    draft: bool = False
    merged: bool = False
    reviews: list[Review] = field(default_factory=list)

    @property
    def status(self) -> str:
        """Where it stands: the last word of each reviewer counts."""
        verdicts = {review.reviewer: review.verdict for review in self.reviews if review.verdict != "comment"}.values()
        if self.merged or self.draft:
            return "merged" if self.merged else "draft"
        if "request_changes" in verdicts:
            return "changes requested"
        return "approved" if verdicts else "waiting for review"


@dataclass(frozen=True)
class Check:
    """A test of the project: the constant of a file stands in a relation to a bound."""

    name: str
    suite: Suite
    path: str
    constant: str
    relation: Literal["==", "<=", ">="]
    bound: int

    def failure(self, files: Tree) -> str:
        """What the test says when it fails on some files; nothing when it passes."""
        found = re.search(rf"^{self.constant} = (\d+)$", files.get(self.path, ""), re.MULTILINE)
        if not found:
            return f"NameError: name '{self.constant}' is not defined"
        value = int(found[1])
        passes = {"==": value == self.bound, "<=": value <= self.bound, ">=": value >= self.bound}[self.relation]
        return "" if passes else f"assert {value} {self.relation} {self.bound}"


@dataclass(frozen=True)
class Run:
    """Tests that were run on a branch, each with what it said when it failed."""

    id: str
    branch: str
    results: dict[str, str]

    @property
    def failed(self) -> list[str]:
        return [name for name, failure in self.results.items() if failure]


@dataclass(frozen=True)
class Release:
    version: Version
    date: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Need:
    """From a major version on, a package needs at least some version of another."""

    major: int
    other: str
    least: Version


@dataclass
class Dependency:
    name: str
    installed: Version
    versions: tuple[Version, ...]
    need: Need | None = None


@dataclass
class World:
    """One team's project. The branch `main` is only changed by merging; a branch is the ids of its commits, oldest first."""

    today: str
    me: str
    team: tuple[str, ...]
    package: str
    nouns: tuple[tuple[str, str], ...]  # what the modules are about, one and many
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, list[str]] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    pull_requests: dict[int, PullRequest] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    runs: dict[str, Run] = field(default_factory=dict)
    releases: list[Release] = field(default_factory=list)
    dependencies: dict[str, Dependency] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    next_number: int = 1
    next_run: int = 1

    @property
    def modules(self) -> list[str]:
        """The paths of the modules."""
        return [f"{self.package}/{many}.py" for _, many in self.nouns]

    def new_number(self) -> int:
        """A number that no issue or pull request ever had; they share theirs."""
        self.next_number += 1
        return self.next_number - 1

    def head(self, branch: str) -> Commit:
        return self.commits[self.branches[branch][-1]]

    def commit(self, branch: str, author: str, message: str, files: Tree, date: str = "", co_authors: tuple[str, ...] = ()) -> Commit:
        """Put a commit on top of a branch, dated today unless told otherwise."""
        history = self.branches[branch]
        parent = history[-1] if history else ""
        before = self.commits[parent].files if parent else {}
        changed = [(path, text) for path, text in sorted(files.items()) if before.get(path) != text]
        told = f"{parent}\n{len(history)}\n{author}\n{message}\n{changed}"
        commit = Commit(hashlib.sha1(told.encode()).hexdigest()[:7], author, date or self.today, message, files, parent, co_authors)
        self.commits[commit.id] = commit
        history.append(commit.id)
        return commit

    def own_commits(self, head: str, base: str) -> list[Commit]:
        """What a branch has and another has not, oldest first."""
        known = set(self.branches[base])
        return [self.commits[number] for number in self.branches[head] if number not in known]

    def fork(self, head: str, base: str) -> Commit:
        """The last commit that two branches share."""
        known = set(self.branches[base])
        return self.commits[next(number for number in reversed(self.branches[head]) if number in known)]

    def run(self, branch: str, checks: list[Check], files: Tree) -> Run:
        run = Run(f"r{self.next_run}", branch, {check.name: check.failure(files) for check in checks})
        self.next_run += 1
        self.runs[run.id] = run
        return run

    def open_issues(self) -> list[Issue]:
        return [issue for issue in self.issues.values() if issue.closed is None]

    def open_pull_requests(self) -> list[PullRequest]:
        return [request for request in self.pull_requests.values() if not request.merged]

    def final_release(self) -> Release:
        """The newest release that is no candidate."""
        return max((release for release in self.releases if not release.version.candidate), key=lambda release: release.version)

    def state(self) -> dict[str, Any]:
        """All that the team would see, as plain values. Commit ids, numbers of issues and pull requests, and run ids are handles."""
        histories = {name: [self.commits[commit] for commit in history] for name, history in self.branches.items()}
        return {
            "branches": {
                name: {
                    "files": dict(history[-1].files),
                    "commits": [[commit.date, commit.author, sorted(commit.co_authors), commit.message] for commit in history],
                }
                for name, history in histories.items()
            },
            "issues": sorted(
                [issue.title, issue.body, sorted(issue.labels), issue.assignee, issue.priority, issue.closed or "open", *issue.comments]
                for issue in self.issues.values()
            ),
            "pull_requests": sorted(
                [request.title, request.head, request.base, request.author, sorted(request.reviewers), request.draft, request.merged]
                + [[review.reviewer, review.verdict, review.comment] for review in request.reviews]
                for request in self.pull_requests.values()
            ),
            "runs": sorted([run.branch, sorted(map(list, run.results.items()))] for run in self.runs.values()),
            "releases": sorted([str(release.version), release.date, sorted(release.notes)] for release in self.releases),
            "dependencies": {dependency.name: str(dependency.installed) for dependency in self.dependencies.values()},
        }


# ---- building one

Constant = tuple[str, str]  # the path of its file, and its name


def build(random: np.random.Generator) -> World:
    """A project some weeks old, with work of every kind under way."""
    today = days_after("2025-01-06", int(random.integers(0, 104)) * 7 + int(random.integers(0, 5)))
    team = tuple(name.lower() for name in several(random, names.FIRST_NAMES, 5))
    nouns = several(random, words.NOUNS, 6)
    world = World(today, team[0], team, pick(random, words.PACKAGES), tuple(nouns))
    world.next_number, world.next_run = int(random.integers(100, 800)), int(random.integers(20, 90))
    values = dict(zip(several(random, words.CONSTANTS, 12), several(random, words.VALUES, 12), strict=True))
    constants = [(world.modules[index % 6], name) for index, name in enumerate(values)]
    files = {
        path: _source(random, world, noun, [(name, values[name]) for where, name in constants if where == path])
        for (path, _), noun in zip(constants, nouns, strict=False)
    }
    files |= {"README.md": _text(random, world.package.title()), "docs/guide.md": _text(random, "Guide")}
    # No test reads what the open pull requests change, so that merging one leaves the runs on main as they are.
    untested, tested = constants[:PROPOSED], constants[PROPOSED:]
    _fill_main(world, random, files, tested)
    world.checks = _checks(random, world, tested)
    _fill_branches(world, random, untested, tested)
    _fill_issues(world, random)
    _fill_pull_requests(world, random)
    _fill_runs(world, random)
    _fill_releases(world, random)
    _fill_dependencies(world, random)
    world.tables = build_tables(random, today)
    return world


def _source(random: np.random.Generator, world: World, noun: tuple[str, str], constants: list[tuple[str, int]]) -> str:
    """A module with two constants and four functions."""
    one, many = noun
    (first, first_value), (second, second_value) = constants
    imports = "\n".join(f"import {module}" for module in sorted(several(random, words.IMPORTS, int(random.integers(1, 4)))))
    functions = several(random, words.FUNCTIONS, 4)
    if random.integers(3) == 0:
        functions[2] = f"\n# TODO({pick(random, world.team)}): {pick(random, words.NOTES)}{functions[2]}"
    text = (
        f'"""Everything about {many}."""\n\n{imports}\n\n'
        f"# {pick(random, ORIGINS)}\n{first} = {first_value}\n# {pick(random, ORIGINS)}\n{second} = {second_value}\n\n"
        + "\n".join(functions)
    )
    return _about(text, one, many).replace("ONE_LIMIT", first).replace("OTHER_LIMIT", second)


ORIGINS = ("Agreed with the customers.", "Doubled for the launch.", "In line with the contract.", "See the guide.", "Tuned on staging.")


def _about(text: str, one: str, many: str) -> str:
    return text.replace("NOUNS", many).replace("NOUN", one)


def _text(random: np.random.Generator, title: str) -> str:
    return "\n".join([f"# {title}", "", *several(random, words.GUIDE, int(random.integers(4, 8)))]) + "\n"


def _set(random: np.random.Generator, files: Tree, constant: Constant) -> tuple[dict[str, str], str]:
    """The files with another value of a constant, and a message for it."""
    path, name = constant
    old = re.search(rf"^{name} = (\d+)$", files[path], re.MULTILINE)
    assert old
    value = pick(random, [value for value in words.VALUES if value != int(old[1])])
    text = files[path].replace(old[0], f"{name} = {value}")
    return {**files, path: text}, pick(random, words.COMMIT_MESSAGES).format(name=name, value=value)


def _fill_main(world: World, random: np.random.Generator, files: Tree, tested: list[Constant]) -> None:
    dates = [days_after(world.today, -days) for days in sorted(random.integers(4, 60, size=7).tolist(), reverse=True)]
    world.branches[MAIN] = []
    world.commit(MAIN, world.me, "First version", files, dates[0])
    for date, constant in zip(dates[1:], several(random, tested, 6), strict=True):
        files, message = _set(random, world.head(MAIN).files, constant)
        world.commit(MAIN, pick(random, world.team), message, files, date)


def _checks(random: np.random.Generator, world: World, tested: list[Constant]) -> tuple[Check, ...]:
    """A unit test for each constant that expects its value, most of them rightly, and integration tests of some bounds."""
    files, checks = world.head(MAIN).files, []
    for index, (path, name) in enumerate(tested):
        found = re.search(rf"^{name} = (\d+)$", files[path], re.MULTILINE)
        assert found
        value = int(found[1])
        expected = value if index and random.integers(4) else value + 1
        checks.append(Check(f"test_{name.lower()}", "unit", path, name, "==", expected))
        if random.integers(2):
            relation: Literal["<=", ">="] = pick(random, ("<=", ">="))
            bound = value + pick(random, (0, 5, 10, 20)) if relation == "<=" else max(1, value - pick(random, (0, 1, 2, 5)))
            side = "high" if relation == "<=" else "low"
            checks.append(Check(f"test_{name.lower()}_not_too_{side}", "integration", path, name, relation, bound))
    return tuple(checks)


def _fill_branches(world: World, random: np.random.Generator, untested: list[Constant], tested: list[Constant]) -> None:
    """Branches off the newest commits of main: with an open pull request one change each, without one up to three."""
    for index, slug in enumerate(several(random, words.SLUGS, PROPOSED + LOOSE)):
        name = f"{pick(random, words.KINDS)}/{slug}"
        world.branches[name] = world.branches[MAIN][: len(world.branches[MAIN]) - int(random.integers(3))]
        author = pick(random, world.team[1:] if index < PROPOSED else world.team)
        constants = [untested[index]] if index < PROPOSED else several(random, tested, int(random.integers(1, 4)))
        for days, constant in zip((3, 2, 1), constants, strict=False):
            files, message = _set(random, world.head(name).files, constant)
            world.commit(name, author, message, files, days_after(world.today, -days))
        if index >= PROPOSED and random.integers(2):
            one, many = pick(random, world.nouns)
            addition, path = _about(pick(random, words.ADDITIONS), one, many), f"{world.package}/{many}.py"
            files = dict(world.head(name).files)
            files[path] += f"\n{addition}"
            world.commit(name, author, f"Add {addition.split('(')[0].split()[-1]}", files, days_after(world.today, -1))


def _fill_issues(world: World, random: np.random.Generator) -> None:
    closed: list[Reason | None] = ["completed", pick(random, ("duplicate", "not planned")), *[None] * int(random.integers(6, 9))]
    for reason, title in zip(several(random, closed, len(closed)), several(random, words.ISSUE_TITLES, len(closed)), strict=True):
        one, many = pick(random, world.nouns)
        text = title.format(noun=one, nouns=many)
        issue = Issue(world.new_number(), text[0].upper() + text[1:], pick(random, ("", *words.BODIES)))
        issue.labels = tuple(sorted(several(random, words.LABELS, int(random.integers(1, 3)))))
        issue.assignee, issue.closed = pick(random, ("", *world.team)), reason
        issue.priority = pick(random, ("low", "normal", "normal", "high", "urgent"))
        world.issues[issue.number] = issue


def _fill_pull_requests(world: World, random: np.random.Generator) -> None:
    """Two that were merged; and open ones: two approved, two waiting for a review, and one with changes asked for or still a draft."""
    titles = iter(several(random, words.PULL_REQUEST_TITLES, PROPOSED + 2))
    slugs = [slug for slug in words.SLUGS if all(slug not in branch for branch in world.branches)]
    heads = [f"{pick(random, words.KINDS)}/{slug}" for slug in several(random, slugs, 2)] + list(world.branches)[1 : PROPOSED + 1]
    for index, (head, title) in enumerate(zip(heads, titles, strict=True)):
        author = world.head(head).author if index >= 2 else pick(random, world.team)
        reviewer = pick(random, [member for member in world.team[1:] if member != author])
        one, many = pick(random, world.nouns)
        request = PullRequest(world.new_number(), title.format(noun=one, nouns=many), head, MAIN, author, (reviewer,), merged=index < 2)
        if index < 4:
            request.reviews = [Review(reviewer, "approve", pick(random, words.PRAISE))]
        elif index < 6:
            request.reviewers = (world.me,)
        elif random.integers(2):
            request.reviews = [Review(reviewer, "request_changes", pick(random, words.COMPLAINTS))]
        else:
            request.draft = True
        world.pull_requests[request.number] = request


def _fill_runs(world: World, random: np.random.Generator) -> None:
    """A run on main some commits ago, one on main as it is, and one on each of the last two branches."""
    earlier = world.commits[world.branches[MAIN][int(random.integers(2, 6))]]
    world.run(MAIN, list(world.checks), earlier.files)
    for branch in (MAIN, *list(world.branches)[-2:]):
        world.run(branch, list(world.checks), world.head(branch).files)


def _fill_releases(world: World, random: np.random.Generator) -> None:
    version = Version(int(random.integers(0, 5)), int(random.integers(0, 9)), int(random.integers(0, 4)))
    for days in (90, 55, 20):
        version = version.next(pick(random, ("minor", "minor", "patch")))
        notes = tuple(several(random, words.RELEASE_NOTES, int(random.integers(1, 3))))
        world.releases.append(Release(version, days_after(world.today, -days), notes))
    if random.integers(3) == 0:
        following = version.next("minor")
        candidate = Version(following.major, following.minor, following.patch, int(random.integers(1, 3)))
        world.releases.append(Release(candidate, days_after(world.today, -6), ()))


def _fill_dependencies(world: World, random: np.random.Generator) -> None:
    """Seven packages with versions to move to; the last one's newest major version needs a newer one of the first."""
    for name in several(random, words.DEPENDENCIES, 7):
        installed = Version(int(random.integers(1, 5)), int(random.integers(0, 9)), int(random.integers(0, 6)))
        compatible = [installed.next("patch"), Version(installed.major, installed.minor + int(random.integers(1, 5)), 0)]
        breaking = [installed.next("major")]
        breaking.append(breaking[0].next("minor"))
        versions = [installed, *compatible, *breaking, Version(breaking[1].major, breaking[1].minor + 1, 0, 1)]
        world.dependencies[name] = Dependency(name, installed, tuple(versions))
    first, *_, last = world.dependencies.values()
    last.need = Need(last.installed.major + 1, first.name, first.versions[2])
