"""Requests about branches, commits and pull requests."""

from __future__ import annotations

from typing import Any

from envs.scenario.clock import days_after
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer
from envs.software_development import vocabulary as words
from envs.software_development.queries.desk import SoftwareDesk
from envs.software_development.texts import changed_paths
from envs.software_development.world import MAIN

METHODS = {  # what a query may call a way of merging
    "merge": ("with a merge commit", "keeping all its commits and adding a merge commit"),
    "squash": ("squashed into one commit", "as a single commit"),
    "rebase": ("by replaying its commits", "with a rebase"),
}
DELETED = (" and delete its branch", ", then drop the branch", "; its branch can go afterwards")


# ---- branches


@recipe("create_branch")
def branch_off_main(desk: SoftwareDesk) -> Request:
    name = desk.branch_name()
    desk.call("create_branch", name=name)
    frames = (
        "Create a branch {name} off main.",
        "I want to start on something new, please branch off main as {name}.",
        "new branch {name} (from main)",
        "Could you cut {name} from main for me?",
        "We need a place for the next task: a branch named {name}, starting where main is now.",
        "Open {name} as a fresh branch, main is the source.",
    )
    return Request(desk.say(frames, name=name))


@recipe("create_branch")
def branch_off_another(desk: SoftwareDesk) -> Request:
    name, source = desk.branch_name(), desk.pick(desk.working)
    desk.call("create_branch", name=name, source=source)
    frames = (
        "Create the branch {name} from {source}, not from main.",
        "Please start {name} at the newest commit of {source}.",
        "{source} is close to what I need, so branch off it under the name {name}.",
        "branch {name}, source {source}",
        "Can you make a branch called {name} that continues from {source}?",
        "My experiment builds on {source}. Give it a branch of its own, {name}.",
    )
    return Request(desk.say(frames, name=name, source=source))


@recipe("create_branch", asks=True)
def branch_without_name(desk: SoftwareDesk) -> Request:
    name, source = desk.branch_name(), desk.pick([MAIN, *desk.working])
    desk.ask("What shall the new branch be called?")
    desk.call("create_branch", name=name, source=source)
    frames = (
        "Please make me a new branch off {source}.",
        "I need a branch that starts at {source}.",
        "could you branch off {source} for me?",
        "New work is coming, set up another branch from {source}.",
    )
    replies = ("Call it {name}.", "The name is {name}.", "{name}, please.", "Let us name it {name}.")
    return Request(desk.say(frames, source=source), reply=desk.say(replies, name=name))


@recipe("compare_branches")
def files_of_branch(desk: SoftwareDesk) -> Request:
    head = desk.pick(desk.working)
    files = desk.call("compare_branches", head=head)["files"]
    frames = (
        "How many files does {head} change compared with main?",
        "Count the files that {head} touches since it left main.",
        "I am about to review {head}. In how many files does it differ from where it left main?",
        "{head} vs main: number of changed files?",
        "Please tell me how many files a merge of {head} into main would bring changes to.",
    )
    return Request(desk.say(frames, head=head), f"It changes {files} files.", number_answer(files))


@recipe("compare_branches")
def lines_of_branch(desk: SoftwareDesk) -> Request:
    head = desk.pick(desk.working)
    side, verb = desk.pick((("added", "add"), ("removed", "remove")))
    count = desk.call("compare_branches", head=head)[side]
    frames = (
        "How many lines does {head} {verb} compared with main?",
        "Please diff {head} against main and tell me how many lines are {side}.",
        "How much does {head} {verb} since it left main, counted in lines?",
        "diff of {head} to main, lines {side}?",
        "Is {head} a big change? I would like to know how many lines it will {verb} on main.",
    )
    return Request(desk.say(frames, head=head, verb=verb, side=side), f"Lines {side}: {count}.", number_answer(count))


@recipe("compare_branches")
def compare_one_file(desk: SoftwareDesk) -> Request:
    head, base = desk.several(desk.working, 2) if desk.chance() else (desk.pick(desk.working), MAIN)
    paths = changed_paths(desk.world.fork(head, base).files, desk.world.head(head).files)
    path = desk.pick(paths if desk.chance(0.8) else desk.world.modules)
    added = desk.call("compare_branches", head=head, base=base, path=path)["added"]
    frames = (
        "Looking at {path} only, how many lines does {head} add since it left {base}?",
        "Diff {path} of {head} against the branch {base} that it left: how many added lines?",
        "How many lines has {head} put into {path} since it parted from {base}?",
        "{path}: lines added from {base} to {head}?",
        "I only care about {path}. Tell me how many lines are new there on {head} since it left {base}.",
    )
    return Request(desk.say(frames, head=head, base=base, path=path), f"Lines added: {added}.", number_answer(added))


@recipe("compare_branches", "compare_branches")
def two_branches(desk: SoftwareDesk) -> Request:
    pair = desk.several(desk.working, 2)
    first, second = (desk.call("compare_branches", head=head)["added"] for head in pair)
    total = first + second
    frames = (
        "How many lines do {0} and {1} add in total, each compared with main?",
        "Diff {0} against main, and {1} too. What is the sum of the added lines?",
        "Please add up the lines that {0} and {1} bring, seen from main.",
        "added lines vs main: {0} plus {1} = ?",
        "Both {0} and {1} will be merged soon. Together, how many lines do they add to where they left main?",
    )
    return Request(desk.say(frames, *pair), f"Together they add {total} lines.", number_answer(total), lookups=2)


# ---- commits


@recipe("commit_changes")
def commit_constant(desk: SoftwareDesk) -> Request:
    branch = desk.pick(desk.working)
    change, message = desk.edit(branch)
    desk.call("commit_changes", branch=branch, message=message, changes=[change])
    frames = (
        "On {branch}, replace '{old}' by '{new}' in {path} and commit it as '{message}'.",
        "Please change '{old}' to '{new}' in {path} on the branch {branch}. Commit message: '{message}'",
        "{branch}: {path}, '{old}' -> '{new}', commit '{message}'",
        "Where {path} says '{old}' it should say '{new}'. Commit that to {branch} with the message '{message}'.",
        "Could you commit '{message}' to {branch}? It turns '{old}' into '{new}' in {path}.",
        "The branch {branch} still has '{old}' in {path}; we agreed on '{new}'. The commit is to be called '{message}'.",
    )
    return Request(desk.say(frames, branch=branch, message=message, **change))


@recipe("commit_changes")
def commit_two_files(desk: SoftwareDesk) -> Request:
    branch = desk.pick(desk.working)
    first, message = desk.edit(branch)
    second, _ = desk.edit(branch)
    while second["path"] == first["path"]:
        second, _ = desk.edit(branch)
    message = desk.pick(("Adjust two limits", "New limits", "Settle the limits", "Limits as agreed", "Tune two modules"))
    accept = {"changes": ([second, first],)}
    desk.call("commit_changes", accept, branch=branch, message=message, changes=[first, second])
    frames = (
        "One commit on {branch}, '{message}': '{a}' becomes '{b}' in {p}, and '{c}' becomes '{d}' in {q}.",
        "Please commit two edits to {branch} together as '{message}': in {p} '{a}' -> '{b}', in {q} '{c}' -> '{d}'.",
        "{branch}, single commit '{message}': {p} '{a}' -> '{b}'; {q} '{c}' -> '{d}'",
        "In {p} replace '{a}' by '{b}', in {q} replace '{c}' by '{d}', and put both into one commit '{message}' on {branch}.",
        "Both {p} and {q} need an edit on {branch} in the same commit: '{a}' to '{b}', and '{c}' to '{d}'. Message '{message}'.",
    )
    said = dict(zip("abcdpq", (first["old"], first["new"], second["old"], second["new"], first["path"], second["path"]), strict=True))
    return Request(desk.say(frames, branch=branch, message=message, **said))


@recipe("commit_changes")
def commit_new_file(desk: SoftwareDesk) -> Request:
    branch, paper, helper = desk.pick(desk.working), desk.pick(words.PAPERS), desk.colleague()
    path, text = f"docs/{paper}.md", desk.pick(words.GUIDE)
    message = f"Add notes on {paper}"
    desk.call("commit_changes", branch=branch, message=message, changes=[{"path": path, "old": "", "new": text}], co_authors=[helper])
    frames = (
        "Add a new file {path} with the text '{text}' to {branch}. The commit is '{message}', and {helper} is co-author.",
        "Please commit '{message}' to {branch}, naming {helper} as co-author: a new file {path} that says '{text}'",
        "new file {path} on {branch}: '{text}', commit '{message}', co-author {helper}",
        "{helper} and I wrote '{text}' for {path}, which does not exist yet. Commit it to {branch} as '{message}' with "
        "{helper} as co-author.",
        "There is no {path} on {branch} so far. Create it in a commit '{message}' reading '{text}' and credit {helper} as co-author.",
    )
    return Request(desk.say(frames, branch=branch, path=path, text=text, message=message, helper=helper))


@recipe("revert_commit")
def revert(desk: SoftwareDesk) -> Request:
    branch = desk.pick(desk.working)
    commit = desk.world.head(branch)
    desk.call("revert_commit", commit_id=commit.id, branch=branch)
    frames = (
        "Revert commit {id} on {branch}.",
        "Please undo {id} on the branch {branch} by a new commit.",
        "{id} broke something on {branch}, take it back.",
        "revert {id} @ {branch}",
        "Could you roll back the commit {id} ('{message}') on {branch}?",
        "What {id} did on {branch} was a mistake and has to be reverted there.",
    )
    return Request(desk.say(frames, id=commit.id, branch=branch, message=commit.message))


@recipe("revert_commit")
def revert_with_reason(desk: SoftwareDesk) -> Request:
    branch, reason = desk.pick(desk.working), desk.pick(words.REASONS)
    commit = desk.world.head(branch)
    desk.call("revert_commit", commit_id=commit.id, branch=branch, reason=reason)
    frames = (
        "Revert {id} on {branch} and give '{reason}' as the reason.",
        "Please take back commit {id} of {branch}. Reason: '{reason}'",
        "undo {id} on {branch}, reason '{reason}'",
        "Commit {id} has to come out of {branch} again; note the reason '{reason}' with it.",
        "Can you reverse {id} on {branch}, stating '{reason}' as why?",
        "We are dropping '{message}' ({id}) from {branch}. Undo it, with the reason '{reason}'.",
    )
    return Request(desk.say(frames, id=commit.id, branch=branch, reason=reason, message=commit.message))


@recipe("list_commits")
def count_commits(desk: SoftwareDesk) -> Request:
    branch = desk.pick([MAIN, *desk.working])
    filters: dict[str, Any] = {}
    tail = ""
    if desk.chance(0.6):
        author = desk.pick([desk.world.commits[commit].author for commit in desk.world.branches[branch]])
        filters["author"], tail = author, f" by {author}"
    if not filters or desk.chance(0.4):
        since = days_after(desk.world.today, -desk.number(3, 45))
        filters["since"], tail = since, f"{tail} since {desk.dated(since)}"
    count = desk.call("list_commits", branch=branch, **filters)["count"]
    frames = (
        "How many commits{tail} are there on {branch}?",
        "Count the commits{tail} in the history of {branch}.",
        "I am writing the monthly summary: what is the number of commits{tail} on {branch}?",
        "{branch}: commits{tail}, how many?",
        "Please check the log of {branch} and tell me how many commits{tail} it has.",
    )
    return Request(desk.say(frames, tail=tail, branch=branch), f"There are {count}.", number_answer(count))


@recipe("list_commits")
def newest_commit(desk: SoftwareDesk) -> Request:
    branch = desk.pick([MAIN, *desk.working])
    newest = desk.call("list_commits", branch=branch)["commits"][0]
    key, what = desk.pick((("author", "author"), ("message", "message"), ("id", "id")))
    frames = (
        "What is the {what} of the newest commit on {branch}?",
        "Tell me the {what} of the last commit to {branch}.",
        "Somebody just committed to {branch}. Please look up the {what} of that latest commit.",
        "latest commit on {branch}: {what}?",
        "Could you give me the {what} of the commit at the tip of {branch}?",
    )
    return Request(desk.say(frames, what=what, branch=branch), f"The {what} is {newest[key]}.", (newest[key],))


@recipe("list_commits")
def last_touch(desk: SoftwareDesk) -> Request:
    branch = desk.pick([MAIN, *desk.working])
    path = desk.pick(desk.world.modules)
    newest = desk.call("list_commits", branch=branch, path=path)["commits"][0]
    frames = (
        "Who last changed {path} on {branch}?",
        "Which team member made the newest commit to {path} on the branch {branch}?",
        "I have a question about {path}. Who was the last to commit to it on {branch}?",
        "{path} on {branch}: author of the latest commit to it?",
        "Please find the last person whose commit on {branch} touched {path}.",
    )
    return Request(desk.say(frames, path=path, branch=branch), f"It was {newest['author']}.", (newest["author"],))


@recipe("list_commits", "revert_commit")
def revert_newest(desk: SoftwareDesk) -> Request:
    branch = desk.pick(desk.working)
    newest = desk.call("list_commits", branch=branch)["commits"][0]
    desk.call("revert_commit", commit_id=newest["id"], branch=branch)
    frames = (
        "Revert the newest commit on {branch}.",
        "Please look up the last commit of {branch} and undo it there.",
        "The latest commit to {branch} was too early, find it and take it back.",
        "{branch}: revert whatever was committed last",
        "Whatever stands at the tip of {branch} has to be reverted, I do not know its id.",
    )
    return Request(desk.say(frames, branch=branch))


@recipe("list_commits", "revert_commit")
def revert_last_of_file(desk: SoftwareDesk) -> Request:
    branch, reason = desk.pick(desk.working), desk.pick(words.REASONS)
    files, before = desk.world.head(branch).files, desk.world.commits[desk.world.head(branch).parent].files
    path = next(path for path in files if files[path] != before[path])
    newest = desk.call("list_commits", branch=branch, path=path)["commits"][0]
    desk.call("revert_commit", commit_id=newest["id"], branch=branch, reason=reason)
    frames = (
        "Find the last commit on {branch} that changed {path} and revert it, reason '{reason}'.",
        "The newest change to {path} on {branch} must go. Look it up and undo it with the reason '{reason}'.",
        "Please revert the most recent commit to {path} on {branch}, stating '{reason}'.",
        "{branch}, last commit touching {path}: revert, reason '{reason}'",
    )
    return Request(desk.say(frames, branch=branch, path=path, reason=reason))


@recipe("create_branch", "commit_changes")
def branch_and_commit(desk: SoftwareDesk) -> Request:
    name = desk.branch_name()
    change, message = desk.edit(MAIN)
    desk.call("create_branch", name=name)
    desk.call("commit_changes", branch=name, message=message, changes=[change])
    frames = (
        "Create {name} from main and commit '{message}' there: in {path} '{old}' becomes '{new}'.",
        "Please branch off main as {name}, then replace '{old}' by '{new}' in {path}, commit message '{message}'.",
        "new branch {name} off main; on it {path}: '{old}' -> '{new}', commit '{message}'",
        "I want '{new}' instead of '{old}' in {path}. Do it on a new branch {name} from main, with the commit message '{message}'.",
        "Set up {name} from main first. After that, commit the change from '{old}' to '{new}' in {path} to it as '{message}'.",
    )
    return Request(desk.say(frames, name=name, message=message, **change))


# ---- pull requests


@recipe("create_pull_request")
def propose(desk: SoftwareDesk) -> Request:
    head, title = desk.pick(desk.working), desk.request_title()
    desk.call("create_pull_request", head=head, title=title)
    frames = (
        "Open a pull request for {head} titled '{title}'.",
        "Please propose to merge {head} into main under the title '{title}'.",
        "PR from {head} to main: '{title}'",
        "{head} is finished. Could you make a pull request '{title}' of it?",
        "I would like the team to see {head}, so open the pull request '{title}' against main.",
        "We can go ahead with {head}: create its pull request, the title being '{title}'.",
    )
    return Request(desk.say(frames, head=head, title=title))


@recipe("create_pull_request")
def propose_to_reviewers(desk: SoftwareDesk) -> Request:
    head, title, colleagues = (
        desk.pick(desk.working),
        desk.request_title(),
        [member for member in desk.world.team if member != desk.world.me],
    )
    reviewers = desk.several(colleagues, desk.number(1, 2))
    desk.call("create_pull_request", {"reviewers": (reviewers[::-1],)}, head=head, title=title, reviewers=reviewers)
    frames = (
        "Open a pull request '{title}' for {head} and ask {who} to review it.",
        "Please propose {head} for main as '{title}', reviewed by {who}.",
        "PR {head} -> main, title '{title}', review: {who}",
        "{who} should review {head}. Make the pull request, titled '{title}'.",
        "Could you put {head} up as '{title}' and request a review from {who}?",
    )
    return Request(desk.say(frames, head=head, title=title, who=" and ".join(reviewers)))


@recipe("create_pull_request")
def propose_draft(desk: SoftwareDesk) -> Request:
    head, base = desk.several(desk.working, 2)
    title = desk.request_title()
    base = base if desk.chance(0.4) and desk.world.own_commits(head, base) else MAIN
    desk.call("create_pull_request", head=head, title=title, base=base, draft=True)
    frames = (
        "Open a draft pull request from {head} into {base}, '{title}'.",
        "{head} is not ready to be merged into {base}, but please propose it as a draft titled '{title}'.",
        "draft PR {head} -> {base}: '{title}'",
        "Could I have '{title}' as a pull request of {head} to {base}? Only a draft for now.",
        "Show the team where {head} is going: a pull request to {base}, title '{title}', still marked as draft.",
    )
    return Request(desk.say(frames, head=head, base=base, title=title))


@recipe("review_pull_request")
def approve(desk: SoftwareDesk) -> Request:
    request = desk.proposed("waiting for review")
    desk.call("review_pull_request", number=request.number)
    frames = (
        "Approve pull request {number}.",
        "I have read pull request {number} and it is fine. Please approve it.",
        "#{number} gets my approval",
        "Could you give '{title}' (pull request {number}) a green light from me?",
        "No objections to pull request {number}, tell the author that I approve.",
        "My review of pull request {number}: approved, no comment needed.",
    )
    return Request(desk.say(frames, number=request.number, title=request.title))


@recipe("review_pull_request")
def ask_for_changes(desk: SoftwareDesk) -> Request:
    request, comment = desk.proposed("waiting for review"), desk.pick(words.COMPLAINTS)
    desk.call("review_pull_request", number=request.number, verdict="request_changes", comment=comment)
    frames = (
        "Request changes on pull request {number}: '{comment}'",
        "Pull request {number} cannot go in like this. Ask for changes with the comment '{comment}'",
        "Please send pull request {number} back to its author, saying '{comment}'",
        "review of #{number}: changes requested, '{comment}'",
        "I do not agree with '{title}' (pull request {number}) yet, so demand changes: '{comment}'",
    )
    return Request(desk.say(frames, number=request.number, title=request.title, comment=comment))


@recipe("review_pull_request")
def comment_only(desk: SoftwareDesk) -> Request:
    request, comment = desk.proposed(), desk.pick(words.REMARKS)
    desk.call("review_pull_request", number=request.number, verdict="comment", comment=comment)
    frames = (
        "Comment on pull request {number}, without a verdict for or against it: '{comment}'",
        "Leave the remark '{comment}' on pull request {number}. I neither approve nor reject it.",
        "#{number}, comment only: '{comment}'",
        "Please write '{comment}' as a plain review comment on pull request {number}.",
        "I have no verdict on pull request {number} yet, but want to say '{comment}' there.",
    )
    return Request(desk.say(frames, number=request.number, comment=comment))


@recipe("merge_pull_request")
def merge(desk: SoftwareDesk) -> Request:
    request, deletes = desk.proposed("approved"), desk.chance(0.4)
    tail = desk.pick(DELETED) if deletes else ""
    desk.call("merge_pull_request", number=request.number, delete_branch=deletes)
    frames = (
        "Merge pull request {number}{tail}.",
        "Pull request {number} has its approval, please merge it{tail}.",
        "merge #{number}{tail}",
        "Could you get '{title}' (pull request {number}) into main{tail}?",
        "Nothing holds pull request {number} back any more: merge it{tail}.",
        "It is time for pull request {number} to go into main{tail}.",
    )
    return Request(desk.say(frames, number=request.number, title=request.title, tail=tail))


@recipe("merge_pull_request")
def merge_in_some_way(desk: SoftwareDesk) -> Request:
    request, method = desk.proposed("approved"), desk.pick(("squash", "rebase"))
    deletes = desk.chance(0.4)
    tail = desk.pick(DELETED) if deletes else ""
    desk.call("merge_pull_request", number=request.number, method=method, delete_branch=deletes)
    frames = (
        "Merge pull request {number} {how}{tail}.",
        "Please bring pull request {number} into main {how}{tail}.",
        "#{number}: merge {how}{tail}",
        "We like a tidy history, so pull request {number} should be merged {how}{tail}.",
        "Would you merge '{title}' (pull request {number}) {how}{tail}?",
    )
    return Request(desk.say(frames, number=request.number, title=request.title, how=desk.pick(METHODS[method]), tail=tail))


@recipe("merge_pull_request", asks=True)
def merge_which(desk: SoftwareDesk) -> Request:
    request, method = desk.proposed("approved"), desk.pick(tuple(METHODS))
    desk.ask("Which pull request do you mean?")
    desk.call("merge_pull_request", number=request.number, method=method)
    frames = (
        "Please merge the pull request {how}.",
        "The pull request that we talked about can be merged now, {how}.",
        "merge that PR {how}",
        "I have just finished a review and want that pull request merged {how}.",
    )
    replies = ("It is number {number}.", "Pull request {number}.", "I mean {number}, '{title}'.", "The one with the number {number}.")
    query = desk.say(frames, how=desk.pick(METHODS[method]))
    return Request(query, reply=desk.say(replies, number=request.number, title=request.title))


@recipe("search_pull_requests")
def request_detail(desk: SoftwareDesk) -> Request:
    request = desk.proposed()
    found = desk.call("search_pull_requests", text=request.title)["pull_requests"][0]
    key, what = desk.pick((("number", "number"), ("status", "review status"), ("author", "author"), ("head", "head branch")))
    frames = (
        "What is the {what} of the open pull request '{title}'?",
        "Please look up the pull request '{title}' and tell me its {what}.",
        "There is an open pull request '{title}'. I need its {what}.",
        "PR '{title}': {what}?",
        "Could you find the {what} of '{title}' among the open pull requests?",
    )
    return Request(desk.say(frames, what=what, title=request.title), f"The {what} is {found[key]}.", (str(found[key]),))


@recipe("search_pull_requests")
def count_requests(desk: SoftwareDesk) -> Request:
    request, state = desk.pick(list(desk.world.pull_requests.values())), desk.pick(("open", "merged", "all"))
    adjective = {"open": "open ", "merged": "merged ", "all": ""}[state]
    if desk.chance():
        count = desk.call("search_pull_requests", author=request.author, state=state)["count"]
        which = f"{adjective}pull requests by {request.author}"
    else:
        count = desk.call("search_pull_requests", reviewer=request.reviewers[0], state=state)["count"]
        which = f"{adjective}pull requests with {request.reviewers[0]} as reviewer"
    if state == "all":
        which += ", open or merged"
    frames = (
        "How many {which}, are there?" if state == "all" else "How many {which} are there?",
        "Count the {which}.",
        "number of {which}?",
        "For our weekly meeting I need to know how many {which} we have.",
        "Please tell me how many {which} exist in the project.",
        "Is the review load fair? Give me the number of {which}.",
    )
    return Request(desk.say(frames, which=which), f"There are {count}.", number_answer(count))


@recipe("review_pull_request", "merge_pull_request")
def approve_and_merge(desk: SoftwareDesk) -> Request:
    request, method = desk.proposed("waiting for review"), desk.pick(tuple(METHODS))
    desk.call("review_pull_request", number=request.number)
    desk.call("merge_pull_request", number=request.number, method=method)
    frames = (
        "Approve pull request {number} and merge it {how}.",
        "Pull request {number} is good. Give it my approval, then merge it {how}.",
        "#{number}: approve, then merge {how}",
        "Once you have approved pull request {number} for me, please merge it {how}.",
        "'{title}' (pull request {number}) only lacks an approval. Add mine and get it merged {how}.",
    )
    return Request(desk.say(frames, number=request.number, title=request.title, how=desk.pick(METHODS[method])))


@recipe("search_pull_requests", "review_pull_request")
def find_and_review(desk: SoftwareDesk) -> Request:
    request, comment = desk.proposed("waiting for review"), desk.pick(words.COMPLAINTS)
    found = desk.call("search_pull_requests", text=request.title)["pull_requests"][0]
    desk.call("review_pull_request", number=found["number"], verdict="request_changes", comment=comment)
    frames = (
        "Find the open pull request '{title}' and request changes: '{comment}'",
        "Please look for '{title}' among the open pull requests and send it back with '{comment}'",
        "The open pull request '{title}' needs work. Look it up and ask for changes, saying '{comment}'",
        "PR '{title}' -> changes requested, comment '{comment}'",
    )
    return Request(desk.say(frames, title=request.title, comment=comment))


@recipe("search_pull_requests", "merge_pull_request")
def find_and_merge(desk: SoftwareDesk) -> Request:
    request, method = desk.proposed("approved"), desk.pick(tuple(METHODS))
    found = desk.call("search_pull_requests", text=request.title)["pull_requests"][0]
    desk.call("merge_pull_request", number=found["number"], method=method)
    frames = (
        "Look up the open pull request '{title}' and merge it {how}.",
        "'{title}' is approved. Find this pull request and merge it {how}, please.",
        "merge the PR '{title}' {how}",
        "Could you search for the pull request '{title}' and get it into main {how}?",
    )
    return Request(desk.say(frames, title=request.title, how=desk.pick(METHODS[method])))


@recipe("commit_changes", "create_pull_request")
def commit_and_propose(desk: SoftwareDesk) -> Request:
    branch, title = desk.pick(desk.working), desk.request_title()
    change, message = desk.edit(branch)
    desk.call("commit_changes", branch=branch, message=message, changes=[change])
    desk.call("create_pull_request", head=branch, title=title)
    frames = (
        "On {branch}, turn '{old}' into '{new}' in {path}, commit '{message}', then open the pull request '{title}' to main.",
        "One last edit to {branch}: '{old}' -> '{new}' in {path}, message '{message}'. Then propose the branch to main as '{title}'.",
        "{branch}: {path} '{old}' -> '{new}', commit '{message}'; then PR '{title}'",
        "Please commit '{message}' to {branch} ({path}: '{new}' instead of '{old}') and, that done, make a pull request '{title}' of it.",
    )
    return Request(desk.say(frames, branch=branch, title=title, message=message, **change))


@recipe("create_branch", "commit_changes", "create_pull_request")
def branch_commit_propose(desk: SoftwareDesk) -> Request:
    name, title, reviewer = desk.branch_name(), desk.request_title(), desk.colleague()
    change, message = desk.edit(MAIN)
    desk.call("create_branch", name=name)
    desk.call("commit_changes", branch=name, message=message, changes=[change])
    desk.call("create_pull_request", head=name, title=title, reviewers=[reviewer])
    frames = (
        "Branch {name} off main, commit '{message}' ({path}: '{old}' to '{new}') and open the pull request '{title}', reviewer {who}.",
        "I need '{new}' for '{old}' in {path}: new branch {name} from main, commit '{message}', pull request '{title}' reviewed by {who}.",
        "{name} off main; {path} '{old}' -> '{new}', commit '{message}'; PR '{title}', review {who}",
        "Please make a branch {name} from main, replace '{old}' by '{new}' in {path} with the message '{message}', "
        "and have {who} review it in a pull request '{title}'.",
    )
    return Request(desk.say(frames, name=name, title=title, who=reviewer, message=message, **change))


@recipe("search_pull_requests", "review_pull_request", "merge_pull_request")
def find_approve_merge(desk: SoftwareDesk) -> Request:
    request, method = desk.proposed("waiting for review"), desk.pick(tuple(METHODS))
    found = desk.call("search_pull_requests", text=request.title)["pull_requests"][0]
    desk.call("review_pull_request", number=found["number"])
    desk.call("merge_pull_request", number=found["number"], method=method, delete_branch=True)
    frames = (
        "Find the open pull request '{title}', approve it, and merge it {how}, deleting its branch.",
        "Please look up '{title}' among the open pull requests, give my approval and merge it {how}. Delete its branch as well.",
        "PR '{title}': look up, approve, merge {how}, delete the branch",
        "'{title}' can go in. Search for that pull request, approve it for me, merge it {how} and remove the branch with it.",
    )
    return Request(desk.say(frames, title=request.title, how=desk.pick(METHODS[method])))


@recipe("list_commits", "revert_commit", "create_pull_request")
def revert_and_propose(desk: SoftwareDesk) -> Request:
    branch, title = desk.pick(desk.working), desk.request_title()
    newest = desk.call("list_commits", branch=branch)["commits"][0]
    desk.call("revert_commit", commit_id=newest["id"], branch=branch)
    desk.call("create_pull_request", head=branch, title=title)
    frames = (
        "Look up the last commit on {branch}, revert it, and then open a pull request '{title}' of the branch.",
        "The newest commit of {branch} must be undone before the branch is proposed to main as '{title}'. Please do both.",
        "{branch}: find the latest commit, take it back, then PR '{title}' to main",
        "Please undo whatever was committed last to {branch}. After that make a pull request '{title}' of {branch}.",
    )
    return Request(desk.say(frames, branch=branch, title=title))
