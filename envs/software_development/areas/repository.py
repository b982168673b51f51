"""The tools over branches, commits and pull requests."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from envs.scenario.checks import check_text, checked_date
from envs.software_development.areas.people import check_members
from envs.software_development.texts import Conflict, Tree, changed_paths, merged, unified_diff
from envs.software_development.world import MAIN, Commit, PullRequest, Review, Verdict, World
from raytool.env import ToolError, tool

SHOWN_COMMITS, SHOWN_REQUESTS = 3, 2  # entries of a listing; the count is always of all
SHOWN_DIFF = 200  # characters
LONGEST_FILE = 20_000  # characters
LONGEST_LINE, LONGEST_NAME = 50, 40  # characters: of a commit message or a title; of a branch or a path
NAME = re.compile(r"[a-z0-9]+(?:[._/-][a-z0-9]+)*")


class Change(TypedDict):
    """A text of a file that is replaced."""

    path: Annotated[str, Field(description="e.g. shop/orders.py")]
    old: Annotated[str, Field(description="text that the file has once; empty for a new file")]
    new: Annotated[str, Field(description="text to put there")]


class Repository:
    """Nine tools; `main` is only changed by merging a pull request."""

    world: World

    @tool
    def create_branch(self, name: str, source: str = MAIN) -> dict[str, str]:
        """Create a branch at the newest commit of another.

        Args:
            name: of the new branch
            source: branch to start from

        Returns:
            The name of the branch, and the id of its newest commit.

        Raises:
            ToolError: the name is taken or no name of a branch, or there is no such source.
        """
        if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            raise ToolError(f"{name!r} is no name of a branch such as fix/slow-login")
        if name in self.world.branches:
            raise ToolError(f"there is a branch {name!r}")
        self.world.branches[name] = list(self._branch(source))
        return {"branch": name, "head": self.world.branches[name][-1]}

    @tool
    def commit_changes(self, branch: str, message: str, changes: list[Change], co_authors: tuple[str, ...] = ()) -> dict[str, Any]:
        """Commit replacements of text in files on a branch.

        Args:
            branch: any but main
            message: commit message
            changes: texts to replace
            co_authors: team members who helped

        Returns:
            The id of the commit, and how many files it changes.

        Raises:
            ToolError: the branch is none or protected, the message is empty or too long, somebody is not on the team, or a
                change does not fit: its file does not have the old text exactly once, or is there already, or gets too long.
        """
        self._check_open(branch)
        _check_line(message=message)
        check_members(self.world, co_authors)
        before = self.world.head(branch).files
        files = dict(before)
        for change in changes:
            files[change["path"]] = _changed(files, change)
        changed = changed_paths(before, files)
        if not changed:
            raise ToolError("the changes leave every file as it is")
        commit = self.world.commit(branch, self.world.me, message, files, co_authors=tuple(co_authors))
        return {"commit": commit.id, "files": len(changed)}

    @tool
    def revert_commit(self, commit_id: str, branch: str, reason: str = "") -> dict[str, str]:
        """Undo a commit of a branch by a new commit on it.

        Args:
            commit_id: e.g. 3fa94c1
            branch: any but main
            reason: why, added to the message

        Returns:
            The id and the message of the new commit.

        Raises:
            ToolError: the branch is none or protected, it has no such commit, the message gets too long, or later commits changed
                the same lines.
        """
        self._check_open(branch)
        if commit_id not in self._branch(branch):
            raise ToolError(f"branch {branch!r} has no commit {commit_id!r}")
        commit = self.world.commits[commit_id]
        if not commit.parent:
            raise ToolError(f"commit {commit_id} is the first one")
        ours = self.world.head(branch).files
        message = f"Revert: {commit.message}" + (f" ({reason})" if reason.strip() else "")
        if len(message) > 2 * LONGEST_LINE:
            raise ToolError(f"the message gets {len(message)} characters long, at most {2 * LONGEST_LINE} are allowed")
        files = _merged(commit.files, ours, self.world.commits[commit.parent].files)
        if files == dict(ours):
            raise ToolError(f"commit {commit_id} is undone already")
        return {"commit": self.world.commit(branch, self.world.me, message, files).id, "message": message}

    @tool
    def list_commits(self, branch: str = MAIN, author: str = "", since: str = "", path: str = "") -> dict[str, Any]:
        """List the commits of a branch, newest first.

        Args:
            branch: its whole history counts
            author: user name, default everybody
            since: YYYY-MM-DD, default any day
            path: only commits that change this file

        Returns:
            Their count, and the id, author, date and message of the newest.

        Raises:
            ToolError: there is no such branch or file, the author is not on the team, or the date is none.
        """
        history = [self.world.commits[commit] for commit in reversed(self._branch(branch))]
        check_members(self.world, [author] if author else [])
        since = checked_date(since) if since else ""
        if path and not any(path in commit.files for commit in history):
            raise ToolError(f"no file {path!r} on branch {branch!r}")
        found = [
            commit
            for commit in history
            if author in ("", commit.author) and commit.date >= since and (not path or path in self._touched(commit))
        ]
        columns = ("id", "author", "date", "message")
        shown = [{name: getattr(commit, name)[:LONGEST_LINE] for name in columns} for commit in found[:SHOWN_COMMITS]]
        return {"count": len(found), "commits": shown}

    @tool
    def compare_branches(self, head: str, base: str = MAIN, path: str = "") -> dict[str, Any]:
        """Show what a branch changes since it left another.

        Args:
            head: the branch with the changes
            base: the branch that it left
            path: only this file, default all

        Returns:
            How many commits and files differ, how many lines are added and removed, and the first lines of the diff.

        Raises:
            ToolError: there is no such branch, or the path is in neither.
        """
        self._branch(head)
        self._branch(base)
        before, after = self.world.fork(head, base).files, self.world.head(head).files
        if path and path not in before and path not in after:
            raise ToolError(f"no file {path!r} on branch {head!r} or {base!r}")
        paths = [changed for changed in changed_paths(before, after) if path in ("", changed)]
        lines = [line for changed in paths for line in unified_diff(before.get(changed, ""), after.get(changed, ""))]
        return {
            "commits": len(self.world.own_commits(head, base)),
            "files": len(paths),
            "added": sum(line.startswith("+") for line in lines),
            "removed": sum(line.startswith("-") for line in lines),
            "diff": "\n".join(lines)[:SHOWN_DIFF],
        }

    @tool
    def create_pull_request(
        self, head: str, title: str, base: str = MAIN, reviewers: tuple[str, ...] = (), draft: bool = False
    ) -> dict[str, Any]:
        """Propose to merge a branch into another.

        Args:
            head: the branch with the changes
            title: of the pull request
            base: the branch to merge into
            reviewers: team members to ask
            draft: not ready to be merged yet

        Returns:
            The number of the pull request and its status.

        Raises:
            ToolError: there is no such branch, the head has nothing new or is proposed already, the title is empty or too long,
                or a reviewer is not on the team or is the author.
        """
        self._branch(head)
        self._branch(base)
        _check_line(title=title)
        check_members(self.world, reviewers)
        if self.world.me in reviewers:
            raise ToolError(f"{self.world.me!r} is the author and cannot review")
        if not self.world.own_commits(head, base):
            raise ToolError(f"branch {head!r} has nothing that {base!r} has not")
        for other in self.world.open_pull_requests():
            if other.head == head:
                raise ToolError(f"pull request {other.number} proposes {head!r} already")
        request = PullRequest(0, title, head, base, self.world.me, tuple(dict.fromkeys(reviewers)), draft)
        request.number = self.world.new_number()
        self.world.pull_requests[request.number] = request
        return {"number": request.number, "status": request.status}

    @tool
    def review_pull_request(self, number: int, verdict: Verdict = "approve", comment: str = "") -> dict[str, Any]:
        """Give a verdict on a pull request of somebody else.

        Args:
            number: e.g. 123
            verdict: what you say
            comment: why; needed unless you approve

        Returns:
            The number of the pull request and its status.

        Raises:
            ToolError: there is no such open pull request, it is your own, or a comment is missing.
        """
        request = self._open_request(number)
        if request.author == self.world.me:
            raise ToolError(f"pull request {number} is your own")
        if verdict != "approve":
            check_text(comment=comment)
        request.reviews.append(Review(self.world.me, verdict, comment))
        return {"number": number, "status": request.status}

    @tool
    def merge_pull_request(
        self, number: int, method: Literal["merge", "squash", "rebase"] = "merge", delete_branch: bool = False
    ) -> dict[str, Any]:
        """Merge an approved pull request into its base branch.

        Args:
            number: e.g. 123
            method: keep the commits and add one, make them one, or replay them
            delete_branch: delete the head branch afterwards

        Returns:
            The branch merged into, and the id of its newest commit.

        Raises:
            ToolError: there is no such open pull request, it is not approved, or both branches changed the same lines.
        """
        request = self._open_request(number)
        if request.status != "approved":
            raise ToolError(f"pull request {number} is not approved, its status is {request.status}")
        head, base = request.head, request.base
        commits, ours = self.world.own_commits(head, base), self.world.head(base).files
        fork, theirs = self.world.fork(head, base).files, self.world.head(head).files
        files = _merged(fork, ours, theirs)
        if method == "squash":
            self.world.commit(base, request.author, request.title, files)
        elif method == "rebase":
            self._replay(base, commits, ours)
        else:
            self.world.branches[base] += [commit.id for commit in commits]
            self.world.commit(base, self.world.me, f"Merge {head}", files)
        request.merged = True
        if delete_branch:
            del self.world.branches[head]
        return {"base": base, "head": self.world.branches[base][-1]}

    @tool
    def search_pull_requests(
        self, text: str = "", state: Literal["open", "merged", "all"] = "open", author: str = "", reviewer: str = ""
    ) -> dict[str, Any]:
        """Find pull requests by title, author or reviewer.

        Args:
            text: words of the title or of the head branch
            state: which ones
            author: user name, default everybody
            reviewer: user name of somebody asked to review

        Returns:
            Their count, and the number, title, head, author and status of the newest.

        Raises:
            ToolError: the author or the reviewer is not on the team.
        """
        check_members(self.world, [person for person in (author, reviewer) if person])
        wanted = text.casefold()
        found = [
            request
            for request in reversed(self.world.pull_requests.values())
            if (state == "all" or request.merged == (state == "merged"))
            and (wanted in request.title.casefold() or wanted in request.head)
            and author in ("", request.author)
            and (not reviewer or reviewer in request.reviewers)
        ]
        columns = ("number", "title", "head", "author", "status")
        return {
            "count": len(found),
            "pull_requests": [{name: getattr(request, name) for name in columns} for request in found[:SHOWN_REQUESTS]],
        }

    def _branch(self, name: str) -> list[str]:
        if name not in self.world.branches:
            raise ToolError(f"no branch {name!r}")
        return self.world.branches[name]

    def _check_open(self, branch: str) -> None:
        self._branch(branch)
        if branch == MAIN:
            raise ToolError("main is protected, commit to another branch")

    def _touched(self, commit: Commit) -> list[str]:
        return changed_paths(self.world.commits[commit.parent].files if commit.parent else {}, commit.files)

    def _replay(self, base: str, commits: list[Commit], files: Tree) -> None:
        replayed = []
        for commit in commits:
            files = _merged(self.world.commits[commit.parent].files, files, commit.files)
            replayed.append((commit, files))
        for commit, files in replayed:  # only now, since a conflict must change nothing
            self.world.commit(base, commit.author, commit.message, files, co_authors=commit.co_authors)

    def _open_request(self, number: int) -> PullRequest:
        request = self.world.pull_requests.get(number)
        if request is None:
            raise ToolError(f"no pull request {number}")
        if request.merged:
            raise ToolError(f"pull request {number} is merged already")
        if request.head not in self.world.branches or request.base not in self.world.branches:
            raise ToolError(f"a branch of pull request {number} is gone")
        return request


def _changed(files: Tree, change: Change) -> str:
    path, old, new = change["path"], change["old"], change["new"]
    if not old:
        check_text(path=path)
        if path in files:
            raise ToolError(f"there is a file {path!r}, so old must not be empty")
        text = new
    else:
        if path not in files:
            raise ToolError(f"no file {path!r}")
        count = files[path].count(old)
        if count != 1:
            raise ToolError(f"{path} has {old[:60]!r} {count} times, not once")
        text = files[path].replace(old, new)
    if len(text) > LONGEST_FILE or len(path) > LONGEST_NAME:
        raise ToolError(f"{path[:60]} gets too long")
    return text


def _check_line(**values: str) -> None:
    check_text(**values)
    for name, value in values.items():
        if len(value) > LONGEST_LINE or "\n" in value:
            raise ToolError(f"{name} is not one line of at most {LONGEST_LINE} characters")


def _merged(base: Tree, ours: Tree, theirs: Tree) -> dict[str, str]:
    try:
        return merged(base, ours, theirs)
    except Conflict as conflict:
        raise ToolError(f"both sides changed the same lines of {conflict.path}") from None
