"""The software development scenario: the errors of its tools, what they compute, and what its requests leave open."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from envs.scenario.wording import MONTHS, NUMBERS
from envs.software_development import SCENARIO, SoftwareDevelopment
from envs.software_development.areas.code import checked_pattern
from envs.software_development.queries.desk import SoftwareDesk
from envs.software_development.staging import QueryFailed, select
from envs.software_development.texts import Conflict, merged, unified_diff
from envs.software_development.versions import Version
from envs.software_development.world import MAIN, PROPOSED, build
from raytool.env import FINISH, ToolError
from raytool.records import Feedback, GoldCall, Task, ToolCall

TASKS = list(itertools.islice(SCENARIO.sequence(seed=3), 240))
READING = {
    "list_commits", "compare_branches", "search_pull_requests", "show_file", "search_code", "measure_file", "measure_function",
    "search_issues", "compare_runs", "check_dependency", "query_database", "describe_table",
}  # fmt: skip
CHANGING = set(SoftwareDevelopment.tools) - READING
# Parameters whose values a query puts in other words, or describes.
IN_OTHER_WORDS = {
    "metric", "method", "verdict", "state", "bump", "sql", "delete_branch", "draft", "ignore_case", "indexes", "candidate", "allow_major",
}  # fmt: skip


def execute(env: SoftwareDevelopment, name: str, arguments: dict[str, Any]) -> tuple[str, Feedback]:
    return env.execute(ToolCall(name, arguments))


@pytest.fixture
def env() -> SoftwareDevelopment:
    env = SoftwareDevelopment()
    specs = SoftwareDevelopment.tool_specs(
        *SoftwareDevelopment.tools, *(weak.spec.name for weak in SoftwareDevelopment.weak_tools.values())
    )
    env.task = replace(TASKS[0], tools=(*specs, FINISH))
    env.world = build(np.random.default_rng(11))
    return env


# ---- requests


def test_recipes_are_of_every_length() -> None:
    lengths = Counter(len(recipe.tools) for recipe in SCENARIO.recipes if not recipe.asks)
    assert lengths[1] >= 25 and lengths[2] >= 10 and lengths[3] >= 6 and lengths[4] >= 3 and lengths[5] >= 2
    assert sum(recipe.asks for recipe in SCENARIO.recipes) >= 4


def test_a_request_that_changes_nothing_asks_for_an_answer() -> None:
    for recipe in SCENARIO.recipes:
        desk = SoftwareDesk(np.random.default_rng(5), 5)
        request = recipe.write(desk)
        assert request.answer or CHANGING & set(recipe.tools), recipe.write.__name__


def told_by(task: Task) -> list[tuple[GoldCall, str]]:
    """Every gold call of a task, with all that was said before it."""
    env = SoftwareDevelopment()
    env.reset(options={"task": task})
    told, calls = task.query, []
    for call in task.gold[0].calls[:-1]:
        calls.append((call, told))
        told += " " + env.execute(call.call)[0]
    return calls


def is_told(value: Any, told: str) -> bool:
    if isinstance(value, dict):
        return all(is_told(part, told) for part in value.values())
    if isinstance(value, list):
        return all(is_told(part, told) for part in value)
    if isinstance(value, int) and ((value < len(NUMBERS) and NUMBERS[value] in told) or str(value - 1) in told):
        return True  # a number in words, or the line after the one found
    text = str(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        day = date.fromisoformat(text)
        return text in told or f"{day.day} {MONTHS[day.month - 1]} {day.year}" in told
    return text in told or all(word in told for word in re.findall(r"\w+(?:[.-]\w+)*", text))


def test_query_and_observations_determine_every_value() -> None:
    for task in TASKS:
        for call, told in told_by(task):
            for name, value in call.arguments.items():
                if name not in {*call.optional, *call.free, *IN_OTHER_WORDS} and (call.name, name) != ("show_file", "lines"):
                    assert is_told(value, told), (task.query, call, name)


def test_without_its_last_change_no_task_is_done() -> None:
    for task in TASKS:
        calls = task.gold[0].calls
        changes = [index for index, call in enumerate(calls) if call.name in CHANGING]
        if changes:
            env = SoftwareDevelopment()
            env.reset(options={"task": task})
            for index, call in enumerate(calls[:-1]):
                if index != changes[-1]:
                    env.execute(call.call)
            assert env.goal_reached(calls[-1].arguments["answer"]) is False, task


def test_an_order_left_free_leaves_the_answer_as_it_is() -> None:
    free = [task for task in TASKS if task.gold[0].free_order]
    assert free
    for task in free:
        seen = set()
        for calls in itertools.permutations(task.gold[0].calls[:-1]):
            env = SoftwareDevelopment()
            env.reset(options={"task": task})
            observations = {call.name: re.sub(r'"(?:run|number|head|commit)":"?\w+"?', "", env.execute(call.call)[0]) for call in calls}
            seen.add(json.dumps(observations, sort_keys=True))
        assert len(seen) == 1, task


# ---- errors

CHANGE = {"path": "README.md", "old": "# ", "new": "## "}


def loose(env: SoftwareDevelopment) -> str:
    """A branch without a pull request."""
    return list(env.world.branches)[1 + PROPOSED]


def proposal(env: SoftwareDevelopment, status: str) -> Any:
    return next(request for request in env.world.pull_requests.values() if request.status == status)


def module(env: SoftwareDevelopment) -> str:
    return env.world.modules[0]


def issue(env: SoftwareDevelopment) -> Any:
    return env.world.open_issues()[0]


def closed_issue(env: SoftwareDevelopment) -> int:
    return next(issue.number for issue in env.world.issues.values() if issue.closed)


def first_commit(env: SoftwareDevelopment) -> str:
    return env.world.branches[MAIN][0]


def needing(env: SoftwareDevelopment) -> Any:
    return list(env.world.dependencies.values())[-1]


def some_dependency(env: SoftwareDevelopment) -> Any:
    return next(iter(env.world.dependencies.values()))


def edit(env: SoftwareDevelopment, **changes: Any) -> dict[str, Any]:
    return {"branch": loose(env), "message": "Edit", "changes": [CHANGE], **changes}


ERRORS = {
    "create_branch": [
        lambda env: {"name": "Fix Login"},
        lambda env: {"name": "fix/" + "a" * 60},
        lambda env: {"name": loose(env)},
        lambda env: {"name": "fix/login", "source": "nowhere"},
    ],
    "commit_changes": [
        lambda env: edit(env, branch=MAIN),
        lambda env: edit(env, branch="nowhere"),
        lambda env: edit(env, message=" "),
        lambda env: edit(env, message="a\nb"),
        lambda env: edit(env, message="a" * 51),
        lambda env: edit(env, changes=[]),
        lambda env: edit(env, changes=[{**CHANGE, "new": "# "}]),
        lambda env: edit(env, changes=[CHANGE, {**CHANGE, "path": "nowhere.py"}]),
        lambda env: edit(env, changes=[{**CHANGE, "old": "e"}]),
        lambda env: edit(env, changes=[{**CHANGE, "old": ""}]),
        lambda env: edit(env, changes=[{**CHANGE, "path": "", "old": ""}]),
        lambda env: edit(env, changes=[{**CHANGE, "new": "a" * 20_001}]),
        lambda env: edit(env, changes=[{"path": "README.md"}]),
        lambda env: edit(env, co_authors=["nobody"]),
    ],
    "revert_commit": [
        lambda env: {"commit_id": env.world.branches[MAIN][-1], "branch": MAIN},
        lambda env: {"commit_id": "0000000", "branch": loose(env)},
        lambda env: {"commit_id": first_commit(env), "branch": loose(env)},
        lambda env: {"commit_id": env.world.branches[loose(env)][-1], "branch": loose(env), "reason": "a" * 200},
        lambda env: {"commit_id": "x", "branch": "nowhere"},
    ],
    "list_commits": [
        lambda env: {"branch": "nowhere"},
        lambda env: {"author": "nobody"},
        lambda env: {"since": "yesterday"},
        lambda env: {"path": "nowhere.py"},
    ],
    "compare_branches": [
        lambda env: {"head": "nowhere"},
        lambda env: {"head": loose(env), "base": "nowhere"},
        lambda env: {"head": loose(env), "path": "nowhere.py"},
    ],
    "create_pull_request": [
        lambda env: {"head": "nowhere", "title": "A"},
        lambda env: {"head": loose(env), "title": " "},
        lambda env: {"head": loose(env), "title": "a" * 51},
        lambda env: {"head": loose(env), "title": "A", "base": "nowhere"},
        lambda env: {"head": loose(env), "title": "A", "reviewers": ["nobody"]},
        lambda env: {"head": loose(env), "title": "A", "reviewers": [env.world.me]},
        lambda env: {"head": MAIN, "title": "A"},
        lambda env: {"head": proposal(env, "approved").head, "title": "A"},
    ],
    "review_pull_request": [
        lambda env: {"number": 1},
        lambda env: {"number": proposal(env, "merged").number},
        lambda env: {"number": proposal(env, "approved").number, "verdict": "comment"},
        lambda env: {"number": proposal(env, "approved").number, "verdict": "reject"},
    ],
    "merge_pull_request": [
        lambda env: {"number": 1},
        lambda env: {"number": proposal(env, "merged").number},
        lambda env: {"number": proposal(env, "waiting for review").number},
        lambda env: {"number": proposal(env, "approved").number, "method": "octopus"},
    ],
    "search_pull_requests": [lambda env: {"author": "nobody"}, lambda env: {"reviewer": "nobody"}, lambda env: {"state": "closed"}],
    "show_file": [
        lambda env: {"path": "nowhere.py"},
        lambda env: {"path": "README.md", "branch": "nowhere"},
        lambda env: {"path": "README.md", "first_line": 0},
        lambda env: {"path": "README.md", "first_line": 999},
        lambda env: {"path": "README.md", "lines": 11},
    ],
    "search_code": [
        lambda env: {"pattern": ""},
        lambda env: {"pattern": "("},
        lambda env: {"pattern": "(a+)+b"},
        lambda env: {"pattern": "a", "paths": "*.java"},
        lambda env: {"pattern": "a", "branch": "nowhere"},
    ],
    "measure_file": [
        lambda env: {"path": "nowhere.py"},
        lambda env: {"path": module(env), "branch": "nowhere"},
        lambda env: {"path": module(env), "metric": "beauty"},
        lambda env: {"path": "README.md", "metric": "longest_function"},
    ],
    "measure_function": [
        lambda env: {"name": "nothing_like_this"},
        lambda env: {"name": "nothing", "branch": "nowhere"},
        lambda env: {"name": "nothing", "metric": "beauty"},
    ],
    "create_issue": [
        lambda env: {"title": ""},
        lambda env: {"title": "a" * 51},
        lambda env: {"title": "A", "labels": ["nice"]},
        lambda env: {"title": "A", "assignee": "nobody"},
        lambda env: {"title": "A", "priority": "huge"},
    ],
    "update_issue": [
        lambda env: {"number": 1, "priority": "low"},
        lambda env: {"number": closed_issue(env), "priority": "low"},
        lambda env: {"number": issue(env).number},
        lambda env: {"number": issue(env).number, "priority": issue(env).priority},
        lambda env: {"number": issue(env).number, "assignee": "nobody"},
        lambda env: {"number": issue(env).number, "add_labels": ["nice"]},
        lambda env: {"number": issue(env).number, "priority": "low", "remove_labels": ["nice"]},
    ],
    "close_issue": [
        lambda env: {"number": 1},
        lambda env: {"number": closed_issue(env)},
        lambda env: {"number": issue(env).number, "reason": "boring"},
    ],
    "search_issues": [lambda env: {"label": "nice"}, lambda env: {"assignee": "nobody"}, lambda env: {"state": "lost"}],
    "run_tests": [lambda env: {"branch": "nowhere"}, lambda env: {"suite": "slow"}, lambda env: {"pattern": "no_such_test"}],
    "compare_runs": [
        lambda env: {"first": "r1", "second": next(iter(env.world.runs))},
        lambda env: {"first": next(iter(env.world.runs)), "second": next(iter(env.world.runs))},
        lambda env: {"first": "r1", "second": "r2", "suite": "slow"},
    ],
    "create_release": [
        lambda env: {"bump": "huge"},
        lambda env: {"bump": "minor", "notes": [" "]},
        lambda env: {"bump": "minor", "notes": ["a" * 201]},
    ],
    "check_dependency": [lambda env: {"name": "nothing"}],
    "update_dependency": [
        lambda env: {"name": "nothing", "version": "1.0.0"},
        lambda env: {"name": some_dependency(env).name, "version": "newest"},
        lambda env: {"name": some_dependency(env).name, "version": "99.0.0"},
        lambda env: {"name": some_dependency(env).name, "version": str(some_dependency(env).installed)},
        lambda env: {"name": some_dependency(env).name, "version": str(some_dependency(env).versions[3])},
        lambda env: {"name": needing(env).name, "version": str(needing(env).versions[3]), "allow_major": True},
    ],
    "query_database": [
        lambda env: {"sql": ""},
        lambda env: {"sql": "SELECT"},
        lambda env: {"sql": "SELECT 1", "limit": 11},
        lambda env: {"sql": "SELECT nothing FROM customers"},
        lambda env: {"sql": "DELETE FROM customers"},
        lambda env: {"sql": "INSERT INTO customers VALUES (99, 'a', 'b', 'c', 'd')"},
        lambda env: {"sql": "SELECT 1; SELECT 2"},
        lambda env: {"sql": "PRAGMA table_info(customers)"},
        lambda env: {"sql": "ATTACH 'x.db' AS x"},
        lambda env: {"sql": "SELECT * FROM sqlite_master"},
        lambda env: {"sql": "SELECT date('now')"},
        lambda env: {"sql": "SELECT random()"},
        lambda env: {"sql": "SELECT hex(zeroblob(1000000))"},
        lambda env: {"sql": "SELECT " + ", ".join("1" * 13)},
        lambda env: {"sql": "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT COUNT(*) FROM r"},
    ],
    "describe_table": [lambda env: {"table": "secrets"}],
}


@pytest.mark.parametrize(("name", "index"), [(name, index) for name, cases in ERRORS.items() for index in range(len(cases))])
def test_a_failing_call_says_so_and_changes_nothing(env: SoftwareDevelopment, name: str, index: int) -> None:
    before = env.world.state()
    observation, feedback = execute(env, name, ERRORS[name][index](env))
    assert feedback in (Feedback.OTHER, Feedback.TOOL_CALL_FAILURE) and observation
    assert len(observation) < 400 and "Error:" not in observation
    assert env.world.state() == before


def test_every_tool_has_an_error() -> None:
    assert set(ERRORS) == set(SoftwareDevelopment.tools)


# ---- weak tools


@pytest.mark.parametrize(("strong", "weak"), [(strong, bound.spec) for strong, bound in SoftwareDevelopment.weak_tools.items()])
def test_a_weak_tool_does_what_the_strong_one_does_with_its_defaults(strong: str, weak: Any) -> None:
    seen = 0
    for recipe, seed in itertools.product((recipe for recipe in SCENARIO.recipes if recipe.tools == (strong,)), range(4)):
        desk = SoftwareDesk(np.random.default_rng(seed), seed)
        recipe.write(desk)
        given = {name: value for name, value in desk.calls[-1].arguments.items() if name in weak.documented}
        if not set(weak.required) <= set(given):
            continue
        outcomes = []
        for name in (strong, weak.name):
            env = SoftwareDevelopment()
            env.task = replace(TASKS[0], tools=SoftwareDevelopment.tool_specs(strong, weak.name))
            env.world = env.build(np.random.default_rng(seed))
            outcomes.append((execute(env, name, given), env.world.state()))
        assert outcomes[0] == outcomes[1]
        seen += outcomes[0][0][1] is Feedback.OK
    assert seen


# ---- what the tools compute


def test_state_is_a_snapshot_without_handles(env: SoftwareDevelopment) -> None:
    before = env.world.state()
    env.create_issue("One")
    run = env.run_tests()["run"]
    assert env.world.state() != before
    env.world.issues.popitem()
    del env.world.runs[run]
    assert env.world.state() == before


@pytest.mark.parametrize("name", sorted(CHANGING))
def test_every_change_shows_in_the_state(name: str) -> None:
    recipe = next(recipe for recipe in SCENARIO.recipes if recipe.tools == (name,) and not recipe.asks)
    desk = SoftwareDesk(np.random.default_rng(2), 2)
    before = desk.world.state()
    recipe.write(desk)
    assert desk.world.state() != before


def test_a_branch_starts_where_its_source_is(env: SoftwareDevelopment) -> None:
    source = loose(env)
    assert env.create_branch("fix/login", source)["head"] == env.world.branches[source][-1]
    env.commit_changes("fix/login", "Edit", [CHANGE], (env.world.team[1],))
    assert env.world.head("fix/login").files["README.md"].startswith("## ")
    assert env.world.head(source).files["README.md"].startswith("# ")
    assert env.world.head("fix/login").co_authors == (env.world.team[1],)
    assert env.compare_branches("fix/login", source) == {
        "commits": 1, "files": 1, "added": 1, "removed": 1,
        "diff": f"@@ -1 +1 @@\n-# {env.world.package.title()}\n+## {env.world.package.title()}",
    }  # fmt: skip


def test_commits_are_listed_newest_first(env: SoftwareDevelopment) -> None:
    branch = loose(env)
    new = env.commit_changes(branch, "Edit", [CHANGE, {"path": "docs/new.md", "old": "", "new": "New."}])
    assert new["files"] == 2
    listed = env.list_commits(branch)
    assert listed["count"] == len(env.world.branches[branch])
    assert listed["commits"][0] == {"id": new["commit"], "author": env.world.me, "date": env.world.today, "message": "Edit"}
    assert env.list_commits(branch, path="docs/new.md")["count"] == 1
    assert env.list_commits(branch, since=env.world.today)["count"] == 1
    counts = [env.list_commits(branch, author=member)["count"] for member in env.world.team]
    assert sum(counts) == listed["count"]


def test_a_revert_takes_back_one_commit_and_keeps_later_ones(env: SoftwareDevelopment) -> None:
    branch = loose(env)
    before = env.world.head(branch).files["README.md"]
    commit = env.commit_changes(branch, "Edit", [CHANGE])["commit"]
    env.commit_changes(branch, "Guide", [{"path": "docs/new.md", "old": "", "new": "New."}])
    assert env.revert_commit(commit, branch, "too early")["message"] == "Revert: Edit (too early)"
    assert env.world.head(branch).files["README.md"] == before
    assert "docs/new.md" in env.world.head(branch).files
    with pytest.raises(ToolError, match="undone already"):
        env.revert_commit(commit, branch)


def test_a_revert_of_lines_that_changed_since_is_a_conflict(env: SoftwareDevelopment) -> None:
    branch = loose(env)
    commit = env.commit_changes(branch, "Edit", [CHANGE])["commit"]
    env.commit_changes(branch, "Again", [{"path": "README.md", "old": "## ", "new": "### "}])
    with pytest.raises(ToolError, match="same lines of README.md"):
        env.revert_commit(commit, branch)


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_ways_of_merging_leave_the_same_files_and_different_histories(env: SoftwareDevelopment, method: Any) -> None:
    request = proposal(env, "approved")
    own = env.world.own_commits(request.head, MAIN)
    history = list(env.world.branches[MAIN])
    base, ours = env.world.fork(request.head, MAIN).files, env.world.head(MAIN).files
    expected = merged(base, ours, env.world.head(request.head).files)
    env.merge_pull_request(request.number, method, delete_branch=True)
    added = [env.world.commits[commit].message for commit in env.world.branches[MAIN][len(history) :]]
    messages = [commit.message for commit in own]
    assert added == {"merge": [*messages, f"Merge {request.head}"], "squash": [request.title], "rebase": messages}[method]
    assert env.world.head(MAIN).files == expected
    assert request.merged and request.head not in env.world.branches


def test_a_conflicting_merge_changes_nothing(env: SoftwareDevelopment) -> None:
    first, second = (request for request in env.world.pull_requests.values() if request.status == "approved")
    for request, title in ((first, "One "), (second, "Two ")):
        env.commit_changes(request.head, "Title", [{**CHANGE, "new": f"# {title}"}])
    env.merge_pull_request(first.number)
    before = env.world.state()
    for method in ("merge", "squash", "rebase"):
        with pytest.raises(ToolError, match="same lines of README.md"):
            env.merge_pull_request(second.number, method)
    assert env.world.state() == before


def test_the_last_word_of_a_reviewer_counts(env: SoftwareDevelopment) -> None:
    number = proposal(env, "waiting for review").number
    assert env.review_pull_request(number, "request_changes", "Add a test.")["status"] == "changes requested"
    assert env.review_pull_request(number, "comment", "Thanks.")["status"] == "changes requested"
    assert env.review_pull_request(number)["status"] == "approved"
    own = env.create_pull_request(loose(env), "Mine", reviewers=[env.world.team[1]])["number"]
    with pytest.raises(ToolError, match="your own"):
        env.review_pull_request(own)
    assert env.search_pull_requests("mine", reviewer=env.world.team[1])["pull_requests"][0]["number"] == own
    env.create_branch("fix/login", loose(env))
    assert env.create_pull_request("fix/login", "Draft", draft=True)["status"] == "draft"


def test_both_sides_of_a_merge_are_kept() -> None:
    base = {"a": "1\n2\n3\n4\n5\n", "b": "x\n"}
    ours, theirs = {"a": "one\n2\n3\n4\n5\n", "b": "x\n"}, {"a": "1\n2\n3\n4\nfive\nsix\n", "c": "new\n"}
    assert merged(base, ours, theirs) == {"a": "one\n2\n3\n4\nfive\nsix\n", "c": "new\n"}
    assert merged(base, ours, base) == ours and merged(base, base, theirs) == theirs and merged(base, ours, ours) == ours
    with pytest.raises(Conflict):
        merged(base, ours, {"a": "uno\n2\n3\n4\n5\n", "b": "x\n"})
    with pytest.raises(Conflict):
        merged(base, {"a": "changed\n", "b": "x\n"}, {"b": "x\n"})
    assert unified_diff("1\n2\n", "1\n3\n") == ["@@ -2 +2 @@", "-2", "+3"]


SOURCE = '''"""A module."""

# A comment.


def simple(a, *rest, b=1, **more):
    return a


def tangled(items):
    """Two loops deep."""
    for item in items:
        if item and item.ok or item.new:
            while item:
                item = item.next
        elif item is None:
            try:
                pass
            except ValueError:
                pass
    return [x for x in items]
'''


def test_code_is_measured_by_its_syntax(env: SoftwareDevelopment) -> None:
    branch = loose(env)
    env.commit_changes(branch, "Module", [{"path": "new.py", "old": "", "new": SOURCE}])
    assert env.measure_file("new.py", branch=branch) == {"lines": 21}
    assert env.measure_file("new.py", "code_lines", branch) == {"code_lines": 15}
    assert env.measure_file("new.py", "longest_function", branch) == {"longest_function": 12}
    assert env.measure_file("new.py", "mean_complexity", branch) == {"mean_complexity": 5.0}
    assert env.measure_function("simple", "parameters", branch) == {"path": "new.py", "parameters": 4}
    assert env.measure_function("tangled", "complexity", branch) == {"path": "new.py", "complexity": 9}
    assert env.measure_function("tangled", "nesting", branch) == {"path": "new.py", "nesting": 3}
    with pytest.raises(ToolError, match="0 functions"):
        env.measure_function("tangled")
    env.commit_changes(branch, "Break it", [{"path": "new.py", "old": "def simple(", "new": "def simple(("}])
    with pytest.raises(ToolError, match="no valid Python"):
        env.measure_function("simple", branch=branch)


def test_code_is_read_and_searched_on_the_branch(env: SoftwareDevelopment) -> None:
    branch = loose(env)
    env.commit_changes(branch, "Notes", [{"path": "docs/new.md", "old": "", "new": "One\ntwo ZEBRA\nzebra\n"}])
    assert env.show_file("docs/new.md", 2, 2, branch) == {"text": "two ZEBRA\nzebra"}
    assert env.search_code("zebra", branch=branch) == {"lines": 1, "files": 1, "matches": ["docs/new.md:3: zebra"]}
    assert env.search_code("zebra$", "docs/*", branch, ignore_case=True)["lines"] == 2
    assert env.search_code("zebra")["lines"] == 0


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "((a*)b)+", "a*a*a*a*a*b", "(?:a{1,9}){1,9}", "(a?)*?b", "x" * 101])
def test_patterns_that_may_run_long_are_refused(pattern: str) -> None:
    with pytest.raises(ToolError, match="too long"):
        checked_pattern(pattern, re.NOFLAG)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^def (find|load)_\w+",
        r"(ab)+",
        r"[*+?]{2}",
        r"\(\w*\)\+",
        r"(?P<x>a)(?=b)",
        "[]|]*",
        r"\d{4}-\d{2}",
        "(a|b)c+",
        r"a+?b*?c{2}?d+",
        "{x}{}",
        "(?i)a|b",
    ],
)
def test_other_patterns_are_quick(pattern: str) -> None:
    compiled = checked_pattern(pattern, re.NOFLAG)
    begun = time.perf_counter()
    for line in ("a" * 200, "ab" * 100, "*" * 200, "]" * 200):
        compiled.search(line)
    assert time.perf_counter() - begun < 1


def test_issues_change_and_close(env: SoftwareDevelopment) -> None:
    number = env.create_issue("Slow Login", labels=["bug"], priority="high")["number"]
    member = env.world.team[2]
    told = env.update_issue(number, member, add_labels=["security"], remove_labels=["bug"])
    assert told == {"number": number, "assignee": member, "priority": "high", "labels": ("security",)}
    assert env.search_issues("slow login", assignee=member, label="security", priority="high")["issues"][0]["number"] == number
    env.close_issue(number, "not planned", "No.")
    assert env.search_issues("slow login")["count"] == 0
    assert env.search_issues("slow login", state="closed")["count"] == 1
    assert env.world.issues[number].comments == ("No.",)


def test_tests_read_the_code_of_the_branch(env: SoftwareDevelopment) -> None:
    branch = loose(env)
    check = next(check for check in env.world.checks if check.relation == "==")
    found = re.search(rf"^{check.constant} = \d+$", env.world.head(branch).files[check.path], re.MULTILINE)
    assert found
    edits = [{"path": check.path, "old": found[0], "new": f"{check.constant} = {check.bound + 7}"}]
    env.commit_changes(branch, "Break", edits)
    failing = env.run_tests(branch, pattern=check.name)
    assert failing["failures"] == [{"test": check.name, "says": f"assert {check.bound + 7} == {check.bound}"}]
    env.commit_changes(branch, "Mend", [{**edits[0], "old": edits[0]["new"], "new": f"{check.constant} = {check.bound}"}])
    passing = env.run_tests(branch, pattern=check.name)
    assert (passing["passed"], passing["failed"]) == (1, 0)
    told = env.compare_runs(failing["run"], passing["run"])
    assert (told["newly_failing"], told["fixed"], told["fixed_tests"]) == (0, 1, [check.name])
    assert env.compare_runs(passing["run"], failing["run"], suite="unit")["newly_failing_tests"] == [check.name]
    env.commit_changes(branch, "Drop", [{**edits[0], "old": f"{check.constant} = {check.bound}", "new": ""}])
    assert "NameError" in env.run_tests(branch, pattern=check.name)["failures"][0]["says"]


def test_versions_are_semantic() -> None:
    texts = ["0.9.10", "1.0.0-rc.1", "1.0.0-rc.2", "1.0.0", "1.0.1", "1.10.0", "2.0.0"]
    versions = [Version.parse(text) for text in texts]
    assert list(map(str, versions)) == texts
    assert all(lower < higher for lower, higher in itertools.combinations(filter(None, versions), 2))
    assert [str(Version(1, 2, 3).next(part)) for part in ("major", "minor", "patch")] == ["2.0.0", "1.3.0", "1.2.4"]
    assert not any(map(Version.parse, ("1.2", "01.2.3", "1.2.3-rc.0", "v1.2.3", "1.2.3 ")))


def test_candidates_are_counted_and_do_not_count(env: SoftwareDevelopment) -> None:
    final = env.world.final_release().version
    following = final.next("major")
    assert [env.create_release("major", candidate=True)["version"] for _ in range(2)] == [f"{following}-rc.1", f"{following}-rc.2"]
    assert env.create_release("major", ["Done"]) == {"version": str(following), "previous": str(final)}
    assert env.create_release("patch")["version"] == str(following.next("patch"))


def test_dependencies_keep_what_others_need(env: SoftwareDevelopment) -> None:
    last = needing(env)
    other = env.world.dependencies[last.need.other]
    installed = str(other.installed)
    newest = env.check_dependency(last.name, allow_major=True)["newest"]
    assert newest == str(last.versions[4]) and env.check_dependency(last.name)["newest"] == str(last.versions[2])
    with pytest.raises(ToolError, match=f"needs {other.name}"):
        env.update_dependency(last.name, newest, allow_major=True)
    env.update_dependency(other.name, str(last.need.least))
    env.update_dependency(last.name, newest, allow_major=True)
    assert env.check_dependency(last.name)["up_to_date"]
    with pytest.raises(ToolError, match=f"needs {other.name}"):
        env.update_dependency(other.name, installed)


def test_queries_run_on_the_tables_of_the_world(env: SoftwareDevelopment) -> None:
    customers = env.world.tables["customers"]
    assert env.query_database("SELECT COUNT(*) AS n FROM customers") == {"columns": ["n"], "count": 1, "rows": [[len(customers.rows)]]}
    shown = env.query_database("SELECT name FROM customers ORDER BY name DESC", limit=2)
    assert shown["rows"] == [[name] for name in sorted(map(str, customers.values("name")), reverse=True)[:2]]
    assert shown["count"] == len(customers.rows)
    orders = next(table for table in env.world.tables.values() if table.name != "customers")
    joined = f"SELECT COUNT(*) FROM {orders.name} JOIN customers ON customers.id = customer_id"
    assert env.query_database(joined)["rows"] == [[len(orders.rows)]]
    ((index, column),) = orders.indexes
    assert env.describe_table(orders.name, indexes=True)["indexes"] == {index: column}
    assert "customer_id INTEGER REFERENCES customers" in env.describe_table(orders.name)["columns"]
    for table in env.world.tables:
        assert len(execute(env, "query_database", {"sql": f"SELECT * FROM {table}", "limit": 10})[0]) < 400


@pytest.mark.parametrize(
    "value", ["date()", "datetime()", "julianday()", "unixepoch()", "strftime('%Y')", "date('now')", "unixepoch('subsec')"]
)
def test_the_staging_database_has_no_clock(value: str) -> None:
    with pytest.raises(QueryFailed, match="^the staging database has no clock, write the date itself$"):
        select((), f"SELECT {value}")


def test_the_staging_database_knows_the_dates_that_it_is_given() -> None:
    assert select((), "SELECT date('2026-03-01', '-1 day'), strftime('%Y', '2026-03-01')")[1] == [("2026-02-28", "2026")]
