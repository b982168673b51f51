"""Requests that lead through several areas of the project, what one call returns being needed by a later one."""

from __future__ import annotations

from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer
from envs.software_development.queries import database, issues, releases
from envs.software_development.queries.desk import SoftwareDesk
from envs.software_development.queries.repository import METHODS
from envs.software_development.queries.testing import tested
from envs.software_development.world import MAIN


@recipe("run_tests", "create_issue")
def report_failures(desk: SoftwareDesk) -> Request:
    branch, assignee = tested(desk), desk.member()
    failed = desk.call("run_tests", branch=branch)["failed"]
    desk.call("create_issue", title=f"{failed} tests fail on {branch}", assignee=assignee)
    frames = (
        "Run all tests on {branch}, then open an issue 'N tests fail on {branch}' for {who}, N being how many fail.",
        "Please test {branch} and file an issue for {who}, titled '<number of failed tests> tests fail on {branch}'.",
        "full run of {branch} -> issue '<failed> tests fail on {branch}', assignee {who}",
        "{who} has to know how many tests fail on {branch}. Run them all and create the issue '<count> tests fail on {branch}' for {who}.",
    )
    return Request(desk.say(frames, branch=branch, who=assignee))


@recipe("commit_changes", "run_tests")
def commit_and_test(desk: SoftwareDesk) -> Request:
    branch = desk.pick(desk.working)
    change, message = desk.edit(branch)
    desk.call("commit_changes", branch=branch, message=message, changes=[change])
    failed = desk.call("run_tests", branch=branch)["failed"]
    frames = (
        "In {path} on {branch}, replace '{old}' by '{new}', commit '{message}', then run all tests there. How many fail?",
        "Commit '{message}' to {branch}: '{new}' instead of '{old}' in {path}. After that, how many tests of {branch} fail?",
        "{branch}: {path} '{old}' -> '{new}', commit '{message}', full test run; failures?",
        "Please turn '{old}' into '{new}' in {path} on {branch} (message '{message}') and tell me how many tests fail on the branch then.",
    )
    return Request(desk.say(frames, branch=branch, message=message, **change), f"{failed} tests fail.", number_answer(failed))


@recipe("search_code", "create_issue")
def report_matches(desk: SoftwareDesk) -> Request:
    pattern = desk.pick(("TODO", "return None", "continue$", r"len\(\w+\)"))
    count = desk.call("search_code", pattern=pattern)["lines"]
    desk.call("create_issue", title=f"{count} lines to clean up", labels=["backend"])
    frames = (
        "Count the lines of code that match the regex '{pattern}' and open an issue 'N lines to clean up', labelled backend.",
        "Please search for the regular expression '{pattern}' and make an issue '<number of lines> lines to clean up' with "
        "the label backend.",
        "regex '{pattern}' -> issue '<matching lines> lines to clean up', label backend",
        "Every line matching the regex '{pattern}' will be rewritten. File that as '<count> lines to clean up', label backend.",
    )
    return Request(desk.say(frames, pattern=pattern))


@recipe("merge_pull_request", "create_release")
def merge_and_release(desk: SoftwareDesk) -> Request:
    request, bump = desk.proposed("approved"), desk.pick(("minor", "patch"))
    desk.call("merge_pull_request", number=request.number)
    version = desk.call("create_release", bump=bump, notes=[request.title])["version"]
    frames = (
        "Merge pull request {number} and make a {bump} release with its title '{title}' as the only note. Which version is it?",
        "Pull request {number} goes in now. Right after merging it, publish a {bump} release noting '{title}' and tell me the version.",
        "merge #{number}, then {bump} release, note '{title}'; version?",
        "Once pull request {number} is merged, we need a {bump} release with the note '{title}'. What will its version be?",
    )
    return Request(desk.say(frames, number=request.number, bump=bump, title=request.title), f"It is {version}.", (version,))


@recipe("merge_pull_request", "close_issue")
def merge_and_close(desk: SoftwareDesk) -> Request:
    request, issue = desk.proposed("approved"), issues.open_issue(desk)
    method = desk.pick(tuple(METHODS))
    desk.call("merge_pull_request", number=request.number, method=method)
    desk.call("close_issue", number=issue.number)
    frames = (
        "Merge pull request {number} {how}, then close issue {issue}, which it completes.",
        "Pull request {number} completes issue {issue}: merge the one {how} and close the other afterwards.",
        "merge #{number} {how}; then close issue {issue} as completed",
        "Please get pull request {number} into main {how}. That done, issue {issue} is completed and can be closed.",
    )
    return Request(desk.say(frames, number=request.number, how=desk.pick(METHODS[method]), issue=issue.number))


@recipe("check_dependency", "create_issue")
def report_update(desk: SoftwareDesk) -> Request:
    found, assignee = releases.dependency(desk), desk.member()
    version = desk.call("check_dependency", name=found.name, allow_major=True)["newest"]
    desk.call("create_issue", title=f"Update {found.name} to {version}", assignee=assignee)
    frames = (
        "Find the newest version of {name}, major steps allowed, and open an issue 'Update {name} to <version>' for {who}.",
        "{who} shall update {name}. Look up its highest version of all and file the issue 'Update {name} to <version>' for {who}.",
        "newest {name}, major jumps included -> issue 'Update {name} to <version>', assignee {who}",
        "Please check how far {name} can be updated if a new major version is fine, then create 'Update {name} to <version>' for {who}.",
    )
    return Request(desk.say(frames, name=found.name, who=assignee))


@recipe("measure_function", "update_issue")
def rate_by_complexity(desk: SoftwareDesk) -> Request:
    name, issue = desk.pick(desk.functions()), issues.open_issue(desk)
    value = desk.call("measure_function", name=name, metric="complexity")["complexity"]
    pairs = ("urgent", "low"), ("high", "low"), ("high", "normal"), ("urgent", "normal")
    high, low = desk.pick([pair for pair in pairs if issue.priority not in pair])
    desk.call("update_issue", number=issue.number, priority=high if value >= 4 else low)
    frames = (
        "Measure the cyclomatic complexity of {name}. If it is 4 or more, issue {number} gets {high} priority, otherwise {low}.",
        "Issue {number} is about {name}: {high} priority if that function has a cyclomatic complexity of at least 4, else {low} priority.",
        "cyclomatic complexity of {name} >= 4 ? issue {number} {high} : issue {number} {low}",
        "Please set the priority of issue {number} by the cyclomatic complexity of {name}: {high} from 4 up, {low} below.",
    )
    return Request(desk.say(frames, name=name, number=issue.number, high=high, low=low))


# ---- three calls


@recipe("commit_changes", "run_tests", "create_pull_request")
def commit_test_propose(desk: SoftwareDesk) -> Request:
    branch = desk.pick(desk.working)
    change, message = desk.edit(branch)
    desk.call("commit_changes", branch=branch, message=message, changes=[change])
    passed = desk.call("run_tests", branch=branch)["passed"]
    desk.call("create_pull_request", head=branch, title=f"{message}, {passed} tests pass")
    frames = (
        "On {branch}: '{old}' -> '{new}' in {path}, commit '{message}', run all tests, then a pull request '{message}, N tests pass'.",
        "Commit '{message}' to {branch} ({path}: '{old}' to '{new}'), test the branch completely, "
        "and open its pull request '{message}, <number> tests pass'.",
        "Please replace '{old}' by '{new}' in {path} on {branch} as '{message}', run every test there "
        "and propose the branch as '{message}, <passed> tests pass'.",
        "{branch}: commit '{message}' ({path}, '{old}' -> '{new}'); full test run; PR '{message}, <passed> tests pass'",
    )
    return Request(desk.say(frames, branch=branch, message=message, **change))


@recipe("review_pull_request", "merge_pull_request", "create_release")
def approve_merge_release(desk: SoftwareDesk) -> Request:
    request, bump, method = desk.proposed("waiting for review"), desk.pick(("minor", "patch")), desk.pick(tuple(METHODS))
    desk.call("review_pull_request", number=request.number)
    desk.call("merge_pull_request", number=request.number, method=method)
    version = desk.call("create_release", bump=bump, notes=[request.title])["version"]
    frames = (
        "Approve pull request {number}, merge it {how}, and make a {bump} release with the note '{title}'. Tell me its version.",
        "Pull request {number} gets my approval and is merged {how}. Then publish a {bump} release noting '{title}'. Which version?",
        "#{number}: approve, merge {how}; {bump} release, note '{title}'; version?",
        "Please take pull request {number} all the way: approval, merging {how}, and a {bump} release, note '{title}'. What "
        "version is that?",
    )
    said = {"number": request.number, "bump": bump, "title": request.title, "how": desk.pick(METHODS[method])}
    return Request(desk.say(frames, **said), f"It is version {version}.", (version,))


@recipe("merge_pull_request", "create_release", "close_issue")
def merge_release_close(desk: SoftwareDesk) -> Request:
    request, issue, bump = desk.proposed("approved"), issues.open_issue(desk), desk.pick(("minor", "patch"))
    desk.call("merge_pull_request", number=request.number)
    version = desk.call("create_release", bump=bump)["version"]
    desk.call("close_issue", number=issue.number, comment=f"Released as {version}.")
    frames = (
        "Merge pull request {number}, make a {bump} release without notes, then close issue {issue} as completed, "
        "commenting 'Released as <version>.'",
        "Pull request {number} may go in. Follow up with a {bump} release, no notes, and close issue {issue}, completed: "
        "'Released as <version>.'",
        "merge #{number}; {bump} release, no notes; close issue {issue} (completed), comment 'Released as <version>.'",
        "Please merge pull request {number}, publish a {bump} release without notes, and close the completed issue {issue} "
        "with the words 'Released as <version>.'",
    )
    return Request(desk.say(frames, number=request.number, issue=issue.number, bump=bump))


@recipe("update_dependency", "run_tests", "create_release")
def update_test_release(desk: SoftwareDesk) -> Request:
    found = releases.dependency(desk)
    version = str(desk.pick(found.versions[1:3]))
    desk.call("update_dependency", {"allow_major": (True,)}, name=found.name, version=version)
    passed = desk.call("run_tests", branch=MAIN)["passed"]
    desk.call("create_release", bump="patch", notes=[f"{passed} tests pass"])
    frames = (
        "Update {name} to {version}, run all tests on main, and make a patch release with the note 'N tests pass'.",
        "Please install {name} {version}, test main completely and then publish a patch release noting '<number> tests pass'.",
        "{name} -> {version}; full run on main; patch release, note '<passed> tests pass'",
        "First put {name} on {version}. Then run every test of main, and say '<passed> tests pass' in the note of a patch release.",
    )
    return Request(desk.say(frames, name=found.name, version=version))


@recipe("measure_function", "measure_function", "create_issue")
def refactor_longer(desk: SoftwareDesk) -> Request:
    pair = desk.several(desk.functions(), 2)
    values = [desk.call("measure_function", name=name)["lines"] for name in pair]
    while values[0] == values[1]:  # a pair that decides it
        del desk.calls[-2:]
        pair = desk.several(desk.functions(), 2)
        values = [desk.call("measure_function", name=name)["lines"] for name in pair]
    longer = pair[values.index(max(values))]
    desk.call("create_issue", title=f"Split up {longer}", priority="low")
    frames = (
        "Measure how many lines {0} and {1} have and open an issue 'Split up <name>' of low priority for the longer function.",
        "Which of the functions {0} and {1} has more lines? File 'Split up <that function>' as an issue with low priority.",
        "{0} vs {1}, lines -> low priority issue 'Split up <longer one>'",
        "Please compare the lengths of {0} and {1} in lines. The longer one deserves an issue 'Split up <name>', priority low.",
    )
    return Request(desk.say(frames, *pair), lookups=2)


@recipe("describe_table", "query_database", "create_issue")
def report_index(desk: SoftwareDesk) -> Request:
    table = database.table_of_events(desk)
    form = f"SELECT COUNT(DISTINCT C) FROM {table.name}"
    count = database.query_indexed(desk, table, form)
    desk.call("create_issue", title=f"Index of {table.name} has {count} values", labels=["performance"])
    frames = (
        "Find the indexed column C of the staging table {table}, run '{form}', and open an issue 'Index of {table} has N values', "
        "N being the result, with the label performance.",
        "See which column of {table} has an index on staging and put it for C into '{form}'. "
        "File 'Index of {table} has <result> values', labelled performance.",
        "staging {table}: indexed column C; '{form}'; issue 'Index of {table} has <result> values', label performance",
        "Please look up on which column C the index of {table} is on staging, query '{form}', and create the issue "
        "'Index of {table} has <result> values' with the label performance.",
    )
    return Request(desk.say(frames, table=table.name, form=form))


# ---- four calls


@recipe("create_branch", "commit_changes", "run_tests", "create_pull_request")
def whole_change(desk: SoftwareDesk) -> Request:
    name, reviewer = desk.branch_name(), desk.colleague()
    change, message = desk.edit(MAIN)
    desk.call("create_branch", name=name)
    desk.call("commit_changes", branch=name, message=message, changes=[change])
    failed = desk.call("run_tests", branch=name)["failed"]
    desk.call("create_pull_request", head=name, title=f"{message}, {failed} tests fail", reviewers=[reviewer])
    frames = (
        "Branch {name} off main, replace '{old}' by '{new}' in {path} as '{message}', run all its tests, "
        "and open a pull request '{message}, N tests fail', reviewer {who}.",
        "New branch {name} from main; commit '{message}' there ({path}: '{old}' to '{new}'); test it completely; "
        "then a pull request '{message}, <number> tests fail' for {who} to review.",
        "{name} off main / {path} '{old}' -> '{new}', commit '{message}' / full test run / PR '{message}, <failed> tests "
        "fail', review {who}",
        "Please start {name} at main, commit '{message}' with '{new}' instead of '{old}' in {path}, run every test on it "
        "and let {who} review the pull request '{message}, <failed> tests fail'.",
    )
    return Request(desk.say(frames, name=name, who=reviewer, message=message, **change))


@recipe("search_pull_requests", "review_pull_request", "merge_pull_request", "create_release")
def find_merge_release(desk: SoftwareDesk) -> Request:
    request, bump = desk.proposed("waiting for review"), desk.pick(("minor", "patch"))
    found = desk.call("search_pull_requests", text=request.title)["pull_requests"][0]
    desk.call("review_pull_request", number=found["number"])
    desk.call("merge_pull_request", number=found["number"])
    version = desk.call("create_release", bump=bump, notes=[request.title])["version"]
    frames = (
        "Find the open pull request '{title}', approve and merge it, then make a {bump} release with its title as note. Which "
        "version is it?",
        "'{title}' is an open pull request. Look it up, approve it, merge it, and publish a {bump} release that notes the "
        "title. The version?",
        "PR '{title}': look up, approve, merge; {bump} release, note = its title; version?",
        "Please search for the pull request '{title}', give my approval, merge it and release it as {bump} with the title as only note. "
        "Tell me the version.",
    )
    return Request(desk.say(frames, title=request.title, bump=bump), f"It is {version}.", (version,))


@recipe("check_dependency", "update_dependency", "run_tests", "create_release")
def update_test_release_newest(desk: SoftwareDesk) -> Request:
    found, major = releases.dependency(desk), desk.chance()
    version = desk.call("check_dependency", name=found.name, allow_major=major)["newest"]
    desk.call("update_dependency", {} if major else {"allow_major": (True,)}, name=found.name, version=version, allow_major=major)
    passed = desk.call("run_tests", branch=MAIN)["passed"]
    desk.call("create_release", bump="patch", notes=[f"{passed} tests pass"])
    frames = (
        "Update {name} to its newest version, {major}, run all tests on main, and make a patch release noting 'N tests pass'.",
        "Look up the newest {name}, {major}, and install it. Test main completely, then publish a patch release, note "
        "'<number> tests pass'.",
        "{name} -> newest ({major}); full run on main; patch release, note '<passed> tests pass'",
        "Please bring {name} up to date, {major}. After a full test run on main, release a patch with the note '<passed> tests pass'.",
    )
    return Request(desk.say(frames, name=found.name, major="major steps allowed" if major else "staying within its major version"))


@recipe("search_issues", "create_branch", "commit_changes", "close_issue")
def fix_issue(desk: SoftwareDesk) -> Request:
    issue = issues.open_issue(desk)
    change, message = desk.edit(MAIN)
    number = issues.look_up(desk, issue)["number"]
    desk.call("create_branch", name=f"fix/{number}")
    desk.call("commit_changes", branch=f"fix/{number}", message=message, changes=[change])
    desk.call("close_issue", number=number)
    frames = (
        "Look up the open issue '{title}', make a branch fix/<its number> off main, commit '{message}' there "
        "({path}: '{old}' to '{new}') and close the issue as completed.",
        "The open issue '{title}' is solved by '{new}' for '{old}' in {path}. Find its number, create fix/<number> from main, "
        "commit '{message}' to it, close the issue as completed.",
        "open issue '{title}': number? branch fix/<number> off main; {path} '{old}' -> '{new}', commit '{message}'; close as completed",
        "Please find the open issue '{title}'. Then branch off main as fix/<number>, replace '{old}' by '{new}' in {path} "
        "with the message '{message}', and close it as completed.",
    )
    return Request(desk.say(frames, title=issue.title, message=message, **change))


@recipe("run_tests", "run_tests", "compare_runs", "create_issue")
def report_new_failures(desk: SoftwareDesk) -> Request:
    branch, assignee = desk.pick(desk.quiet), desk.member()
    before, after = (desk.call("run_tests", branch=name)["run"] for name in (MAIN, branch))
    count = desk.call("compare_runs", first=before, second=after)["newly_failing"]
    desk.call("create_issue", title=f"{count} new failures on {branch}", assignee=assignee)
    frames = (
        "Run all tests on main and then on {branch}, compare the runs, and open an issue 'N new failures on {branch}' for {who}.",
        "First a full test run of main, then one of {branch}. Compare them and file '<count> new failures on {branch}' for {who}.",
        "full runs: main, then {branch}; compare; issue '<newly failing> new failures on {branch}', assignee {who}",
        "{who} needs an issue '<count> new failures on {branch}'. For the count, test main, next {branch}, both fully, and "
        "compare the runs.",
    )
    return Request(desk.say(frames, branch=branch, who=assignee))


# ---- five calls


@recipe("search_issues", "create_branch", "commit_changes", "run_tests", "create_pull_request")
def solve_issue(desk: SoftwareDesk) -> Request:
    issue = issues.open_issue(desk)
    change, message = desk.edit(MAIN)
    number = issues.look_up(desk, issue)["number"]
    branch = f"fix/{number}"
    desk.call("create_branch", name=branch)
    desk.call("commit_changes", branch=branch, message=message, changes=[change])
    passed = desk.call("run_tests", branch=branch)["passed"]
    desk.call("create_pull_request", head=branch, title=f"Fix {number}, {passed} tests pass")
    frames = (
        "Find the open issue '{title}', branch fix/<number> off main, commit '{message}' there ({path}: '{old}' to '{new}'), "
        "run all its tests, and open a pull request 'Fix <number>, <passed> tests pass'.",
        "Look up the number of the open issue '{title}'. Create fix/<number> from main, replace '{old}' by '{new}' in {path} "
        "as '{message}', test it completely, then propose it as 'Fix <number>, <passed> tests pass'.",
        "open issue '{title}' -> number; branch fix/<number> off main; {path} '{old}' -> '{new}', commit '{message}'; "
        "full test run; PR 'Fix <number>, <passed> tests pass'",
    )
    return Request(desk.say(frames, title=issue.title, message=message, **change))


@recipe("search_pull_requests", "review_pull_request", "merge_pull_request", "create_release", "close_issue")
def ship(desk: SoftwareDesk) -> Request:
    request, issue, bump = desk.proposed("waiting for review"), issues.open_issue(desk), desk.pick(("minor", "patch"))
    found = desk.call("search_pull_requests", text=request.title)["pull_requests"][0]
    desk.call("review_pull_request", number=found["number"])
    desk.call("merge_pull_request", number=found["number"])
    version = desk.call("create_release", bump=bump, notes=[request.title])["version"]
    desk.call("close_issue", number=issue.number, comment=f"Released as {version}.")
    frames = (
        "Look up the open pull request '{title}', approve it, merge it, make a {bump} release with its title as note, "
        "and close issue {issue} as completed with the comment 'Released as <version>.'",
        "Please ship '{title}': find that open pull request, approve and merge it, publish a {bump} release noting the title. "
        "Issue {issue} is completed then, close it with 'Released as <version>.'",
        "open PR '{title}': find, approve, merge; {bump} release, note = title; close issue {issue} (completed): 'Released as <version>.'",
        "The open pull request '{title}' completes issue {issue}. Look it up, approve, merge, release as {bump} with the title as note, "
        "and close the issue saying 'Released as <version>.'",
    )
    return Request(desk.say(frames, title=request.title, bump=bump, issue=issue.number))


@recipe("check_dependency", "update_dependency", "run_tests", "create_release", "update_issue")
def update_and_hand_over(desk: SoftwareDesk) -> Request:
    found, issue, bump = releases.dependency(desk), issues.open_issue(desk), desk.pick(("minor", "patch"))
    assignee = desk.member(issue.assignee)
    version = desk.call("check_dependency", name=found.name)["newest"]
    desk.call("update_dependency", {"allow_major": (True,)}, name=found.name, version=version)
    desk.call("run_tests", branch=MAIN)
    released = desk.call("create_release", bump=bump, notes=[f"Updates {found.name} to {version}"])["version"]
    desk.call("update_issue", number=issue.number, assignee=assignee)
    frames = (
        "Update {name} as far as its major version allows, run all tests on main, make a {bump} release noting "
        "'Updates {name} to <version>', and assign issue {number} to {who}. Which version did we release?",
        "Find the newest {name} within its major version and install it. Test main fully, publish a {bump} release, note "
        "'Updates {name} to <version>', then give issue {number} to {who}. Our new version?",
        "{name} -> newest in its major; full run on main; {bump} release, note 'Updates {name} to <version>'; issue {number} -> {who}; "
        "released version?",
    )
    said = {"name": found.name, "bump": bump, "number": issue.number, "who": assignee}
    return Request(desk.say(frames, **said), f"It is version {released}.", (released,))


@recipe("create_branch", "commit_changes", "run_tests", "create_pull_request", "update_issue")
def change_for_issue(desk: SoftwareDesk) -> Request:
    name, issue = desk.branch_name(), issues.open_issue(desk)
    change, message = desk.edit(MAIN)
    assignee = desk.member(issue.assignee)
    desk.call("create_branch", name=name)
    desk.call("commit_changes", branch=name, message=message, changes=[change])
    failed = desk.call("run_tests", branch=name)["failed"]
    desk.call("create_pull_request", head=name, title=f"{message}, {failed} tests fail")
    desk.call("update_issue", number=issue.number, assignee=assignee)
    frames = (
        "Branch {name} off main, commit '{message}' to it ({path}: '{old}' to '{new}'), run all its tests, "
        "open a pull request '{message}, N tests fail', and assign issue {number} to {who}.",
        "New branch {name} from main with '{new}' instead of '{old}' in {path}, commit '{message}'. Test it fully, "
        "propose it as '{message}, <failed> tests fail', then hand issue {number} to {who}.",
        "{name} off main / {path} '{old}' -> '{new}', '{message}' / full test run / PR '{message}, <failed> tests fail' / "
        "issue {number} -> {who}",
    )
    return Request(desk.say(frames, name=name, message=message, number=issue.number, who=assignee, **change))
