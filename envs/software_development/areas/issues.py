"""The tools over issues."""

from __future__ import annotations

from typing import Any, Literal

from envs.scenario.checks import check_text
from envs.software_development import vocabulary as words
from envs.software_development.areas.people import check_members
from envs.software_development.world import Issue, Priority, Reason, World
from raytool.env import ToolError, tool

SHOWN = 3  # entries of a listing; the count is always of all
LONGEST_TITLE = 50  # characters


class Issues:
    """Four tools; a closed issue stays as it is."""

    world: World

    @tool
    def create_issue(
        self, title: str, body: str = "", labels: tuple[str, ...] = (), assignee: str = "", priority: Priority = "normal"
    ) -> dict[str, Any]:
        """Open a new issue.

        Args:
            title: one line
            body: what it is about
            labels: e.g. bug, feature, documentation
            assignee: user name, default nobody
            priority: how urgent

        Returns:
            The number of the issue.

        Raises:
            ToolError: the title is empty or too long, a label does not exist, or the assignee is not on the team.
        """
        check_text(title=title)
        if len(title) > LONGEST_TITLE or "\n" in title:
            raise ToolError(f"title is not one line of at most {LONGEST_TITLE} characters")
        check_labels(labels)
        check_members(self.world, [assignee] if assignee else [])
        issue = Issue(0, title, body, tuple(sorted(set(labels))), assignee, priority)
        issue.number = self.world.new_number()
        self.world.issues[issue.number] = issue
        return {"number": issue.number}

    @tool
    def update_issue(
        self,
        number: int,
        assignee: str = "",
        priority: Priority | None = None,
        add_labels: tuple[str, ...] = (),
        remove_labels: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        """Change the assignee, the priority or the labels of an open issue.

        Args:
            number: e.g. 123
            assignee: user name, default as it is
            priority: how urgent, default as it is
            add_labels: labels that it gets
            remove_labels: labels that it loses

        Returns:
            The number, assignee, priority and labels of the issue.

        Raises:
            ToolError: there is no such open issue, nothing is to change, the assignee is not on the team, a label does not exist,
                or one to remove is not there.
        """
        issue = self._open_issue(number)
        check_members(self.world, [assignee] if assignee else [])
        check_labels(add_labels)
        for label in remove_labels:
            if label not in issue.labels:
                raise ToolError(f"issue {number} has no label {label!r}")
        labels = tuple(sorted({*issue.labels, *add_labels} - {*remove_labels}))
        changed = (assignee or issue.assignee, priority or issue.priority, labels)
        if changed == (issue.assignee, issue.priority, issue.labels):
            raise ToolError(f"nothing is to change about issue {number}")
        issue.assignee, issue.priority, issue.labels = changed
        return {"number": number, "assignee": issue.assignee, "priority": issue.priority, "labels": issue.labels}

    @tool
    def close_issue(self, number: int, reason: Reason = "completed", comment: str = "") -> dict[str, Any]:
        """Close an open issue.

        Args:
            number: e.g. 123
            reason: why it is closed
            comment: a last word on it

        Returns:
            The number of the issue and the reason.

        Raises:
            ToolError: there is no such open issue.
        """
        issue = self._open_issue(number)
        issue.closed = reason
        if comment.strip():
            issue.comments += (comment,)
        return {"number": number, "closed": reason}

    @tool
    def search_issues(
        self,
        text: str = "",
        state: Literal["open", "closed", "all"] = "open",
        label: str = "",
        assignee: str = "",
        priority: Priority | None = None,
    ) -> dict[str, Any]:
        """Find issues by title, label, assignee or priority.

        Args:
            text: words of the title
            state: which ones
            label: e.g. bug
            assignee: user name
            priority: how urgent

        Returns:
            Their count, and the number, title, assignee and priority of the newest.

        Raises:
            ToolError: the label does not exist, or the assignee is not on the team.
        """
        check_labels([label] if label else [])
        check_members(self.world, [assignee] if assignee else [])
        found = [
            issue
            for issue in reversed(self.world.issues.values())
            if text.casefold() in issue.title.casefold()
            and (state == "all" or (issue.closed is None) == (state == "open"))
            and (not label or label in issue.labels)
            and assignee in ("", issue.assignee)
            and priority in (None, issue.priority)
        ]
        columns = ("number", "title", "assignee", "priority")
        return {"count": len(found), "issues": [{name: getattr(issue, name) for name in columns} for issue in found[:SHOWN]]}

    def _open_issue(self, number: int) -> Issue:
        issue = self.world.issues.get(number)
        if issue is None:
            raise ToolError(f"no issue {number}")
        if issue.closed:
            raise ToolError(f"issue {number} is closed already")
        return issue


def check_labels(labels: list[str] | tuple[str, ...]) -> None:
    """Refuse labels that there are none of.

    Raises:
        ToolError: a label does not exist.
    """
    for label in labels:
        if label not in words.LABELS:
            raise ToolError(f"no label {label!r}; there are {', '.join(words.LABELS)}")
