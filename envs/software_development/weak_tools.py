"""What a simpler product would offer: a narrower version of every tool."""

from __future__ import annotations

from typing import Any

from envs.software_development.areas.code import Code
from envs.software_development.areas.database import Database
from envs.software_development.areas.issues import Issues
from envs.software_development.areas.releases import Releases
from envs.software_development.areas.repository import Change, Repository
from envs.software_development.areas.testing import Testing
from envs.software_development.versions import Part
from raytool.env import tool


class WeakRepository(Repository):
    @tool(weaker_than="create_branch")
    def branch_off_main(self, name: str) -> dict[str, str]:
        """Create a branch at the newest commit of main.

        Args:
            name: of the new branch
        """
        return self.create_branch(name)

    @tool(weaker_than="commit_changes")
    def commit_alone(self, branch: str, message: str, changes: list[Change]) -> dict[str, Any]:
        """Commit replacements of text on a branch, as the only author.

        Args:
            branch: any but main
            message: commit message
            changes: texts to replace
        """
        return self.commit_changes(branch, message, changes)

    @tool(weaker_than="revert_commit")
    def undo_commit(self, commit_id: str, branch: str) -> dict[str, str]:
        """Undo a commit of a branch, without giving a reason.

        Args:
            commit_id: e.g. 3fa94c1
            branch: any but main
        """
        return self.revert_commit(commit_id, branch)

    @tool(weaker_than="list_commits")
    def show_history(self, branch: str = "main") -> dict[str, Any]:
        """List all commits of a branch, newest first.

        Args:
            branch: its whole history counts
        """
        return self.list_commits(branch)

    @tool(weaker_than="compare_branches")
    def compare_with_main(self, head: str) -> dict[str, Any]:
        """Show what a branch changes since it left main.

        Args:
            head: the branch with the changes
        """
        return self.compare_branches(head)

    @tool(weaker_than="create_pull_request")
    def propose_branch(self, head: str, title: str) -> dict[str, Any]:
        """Propose to merge a branch into main, without asking anybody to review.

        Args:
            head: the branch with the changes
            title: of the pull request
        """
        return self.create_pull_request(head, title)

    @tool(weaker_than="review_pull_request")
    def approve_pull_request(self, number: int) -> dict[str, Any]:
        """Approve a pull request of somebody else, without a comment.

        Args:
            number: e.g. 123
        """
        return self.review_pull_request(number)

    @tool(weaker_than="merge_pull_request")
    def merge_with_commit(self, number: int) -> dict[str, Any]:
        """Merge an approved pull request by a merge commit, keeping its branch.

        Args:
            number: e.g. 123
        """
        return self.merge_pull_request(number)

    @tool(weaker_than="search_pull_requests")
    def find_open_pull_requests(self, text: str = "") -> dict[str, Any]:
        """Find open pull requests by their title or branch.

        Args:
            text: words of the title or of the head branch
        """
        return self.search_pull_requests(text)


class WeakCode(Code):
    @tool(weaker_than="show_file")
    def read_file_start(self, path: str) -> dict[str, Any]:
        """Read the first five lines of a file on main.

        Args:
            path: e.g. shop/orders.py
        """
        return self.show_file(path)

    @tool(weaker_than="search_code")
    def search_main(self, pattern: str) -> dict[str, Any]:
        """Find the lines of all files on main that match a regular expression.

        Args:
            pattern: regular expression, matched anywhere in a line
        """
        return self.search_code(pattern)

    @tool(weaker_than="measure_file")
    def count_lines(self, path: str) -> dict[str, float]:
        """Count the lines of a file on main.

        Args:
            path: e.g. shop/orders.py
        """
        return self.measure_file(path)

    @tool(weaker_than="measure_function")
    def function_length(self, name: str) -> dict[str, Any]:
        """Count the lines of one function on main.

        Args:
            name: of the function
        """
        return self.measure_function(name)


class WeakIssues(Issues):
    @tool(weaker_than="create_issue")
    def note_issue(self, title: str, body: str = "") -> dict[str, Any]:
        """Open a new issue of normal priority, without labels and for nobody.

        Args:
            title: one line
            body: what it is about
        """
        return self.create_issue(title, body)

    @tool(weaker_than="update_issue")
    def assign_issue(self, number: int, assignee: str) -> dict[str, Any]:
        """Change the assignee of an open issue.

        Args:
            number: e.g. 123
            assignee: user name
        """
        return self.update_issue(number, assignee)

    @tool(weaker_than="close_issue")
    def complete_issue(self, number: int) -> dict[str, Any]:
        """Close an open issue as completed, without a comment.

        Args:
            number: e.g. 123
        """
        return self.close_issue(number)

    @tool(weaker_than="search_issues")
    def find_open_issues(self, text: str = "") -> dict[str, Any]:
        """Find open issues by their title.

        Args:
            text: words of the title
        """
        return self.search_issues(text)


class WeakTesting(Testing):
    @tool(weaker_than="run_tests")
    def test_branch(self, branch: str = "main") -> dict[str, Any]:
        """Run all tests on the newest commit of a branch.

        Args:
            branch: where to run them
        """
        return self.run_tests(branch)

    @tool(weaker_than="compare_runs")
    def compare_full_runs(self, first: str, second: str) -> dict[str, Any]:
        """Show which tests of any suite fail anew and which are fixed from one run to another.

        Args:
            first: id of the earlier run, e.g. r12
            second: id of the later run
        """
        return self.compare_runs(first, second)


class WeakReleases(Releases):
    @tool(weaker_than="create_release")
    def release_quietly(self, bump: Part) -> dict[str, str]:
        """Release the next final version of the project, without notes.

        Args:
            bump: which part of the version goes up
        """
        return self.create_release(bump)

    @tool(weaker_than="check_dependency")
    def newest_compatible(self, name: str) -> dict[str, Any]:
        """Look up the newest version of a dependency with the installed major version.

        Args:
            name: of the package
        """
        return self.check_dependency(name)

    @tool(weaker_than="update_dependency")
    def upgrade_within_major(self, name: str, version: str) -> dict[str, str]:
        """Install another version of a dependency with the installed major version.

        Args:
            name: of the package
            version: e.g. 2.4.1
        """
        return self.update_dependency(name, version)


class WeakDatabase(Database):
    @tool(weaker_than="query_database")
    def select_rows(self, sql: str) -> dict[str, Any]:
        """Run a SELECT on the staging database (SQLite) and show at most five rows.

        Args:
            sql: one SELECT
        """
        return self.query_database(sql)

    @tool(weaker_than="describe_table")
    def list_columns(self, table: str) -> dict[str, Any]:
        """List the columns of a table of the staging database, without its indexes.

        Args:
            table: e.g. customers
        """
        return self.describe_table(table)
