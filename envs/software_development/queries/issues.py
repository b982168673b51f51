"""Requests about issues."""

from __future__ import annotations

from typing import Any

from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer
from envs.software_development import vocabulary as words
from envs.software_development.queries.desk import SoftwareDesk
from envs.software_development.world import Issue, Priority, Reason

PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high", "urgent")
REASONS: dict[Reason, str] = {"completed": "completed", "duplicate": "a duplicate", "not planned": "not planned"}


def open_issue(desk: SoftwareDesk) -> Issue:
    return desk.pick(desk.world.open_issues())


def look_up(desk: SoftwareDesk, issue: Issue) -> dict[str, Any]:
    """What search_issues finds by an open issue's title."""
    return next(entry for entry in desk.call("search_issues", text=issue.title)["issues"] if entry["title"] == issue.title)


@recipe("create_issue")
def create(desk: SoftwareDesk) -> Request:
    title, details, tail = desk.issue_title(), {}, ""
    if desk.chance(0.7):
        details["priority"] = desk.other(PRIORITIES, "normal")
        tail = f" with {details['priority']} priority"
    desk.call("create_issue", title=title, **details)
    frames = (
        "Open an issue{tail}: '{title}'.",
        "Please file '{title}' as a new issue{tail}.",
        "new issue{tail}, title '{title}'",
        "A user has just told me about this: '{title}'. Make an issue of it{tail}.",
        "We should not forget '{title}', so put it in the tracker as an issue{tail}.",
        "Could you report '{title}' in our issue tracker{tail}?",
    )
    return Request(desk.say(frames, title=title, tail=tail))


@recipe("create_issue")
def create_in_full(desk: SoftwareDesk) -> Request:
    title, body, assignee = desk.issue_title(), desk.pick(words.BODIES), desk.member()
    labels = desk.several(words.LABELS, desk.number(1, 2))
    desk.call("create_issue", {"labels": (labels[::-1],)}, title=title, body=body, labels=labels, assignee=assignee)
    frames = (
        "Create the issue '{title}' for {who}, labelled {labels}, with the text '{body}'",
        "Please open an issue '{title}', label it {labels}, assign it to {who} and write '{body}' in it.",
        "issue '{title}'; body '{body}'; labels: {labels}; assignee {who}",
        "{who} is to look into '{title}'. Open the issue with the description '{body}' and give it the label {labels}.",
        "I have a new issue for {who}: title '{title}', description '{body}', to be labelled {labels}.",
    )
    return Request(desk.say(frames, title=title, body=body, who=assignee, labels=" and ".join(labels)))


@recipe("update_issue")
def assign(desk: SoftwareDesk) -> Request:
    issue = open_issue(desk)
    assignee = desk.member(issue.assignee)
    desk.call("update_issue", number=issue.number, assignee=assignee)
    frames = (
        "Assign issue {number} to {who}.",
        "{who} will take care of issue {number}, please note that.",
        "issue {number} -> {who}",
        "Could you hand '{title}' (issue {number}) over to {who}?",
        "Please make {who} the assignee of issue {number}.",
        "From now on issue {number} belongs to {who}.",
    )
    return Request(desk.say(frames, number=issue.number, title=issue.title, who=assignee))


@recipe("update_issue")
def change_priority(desk: SoftwareDesk) -> Request:
    issue = open_issue(desk)
    priority = desk.other(PRIORITIES, issue.priority)
    desk.call("update_issue", number=issue.number, priority=priority)
    frames = (
        "Set the priority of issue {number} to {priority}.",
        "Issue {number} is {priority} priority from now on.",
        "Please rate issue {number} as {priority}.",
        "prio of issue {number}: {priority}",
        "After today's meeting '{title}' (issue {number}) counts as {priority}. Could you update its priority?",
    )
    return Request(desk.say(frames, number=issue.number, title=issue.title, priority=priority))


@recipe("update_issue")
def swap_labels(desk: SoftwareDesk) -> Request:
    issue = open_issue(desk)
    added = desk.other(words.LABELS, *issue.labels)
    if desk.chance():
        desk.call("update_issue", number=issue.number, add_labels=[added])
        frames = (
            "Label issue {number} as {added}, keeping the labels it has.",
            "Please add the label {added} to issue {number}.",
            "issue {number}: +{added}",
            "'{title}' (issue {number}) should also carry the label {added}.",
        )
        return Request(desk.say(frames, number=issue.number, title=issue.title, added=added))
    removed = desk.pick(issue.labels)
    desk.call("update_issue", number=issue.number, add_labels=[added], remove_labels=[removed])
    frames = (
        "On issue {number}, replace the label {removed} by {added}.",
        "Issue {number} is not about {removed} but about {added}. Please correct the label.",
        "issue {number}: label {added} instead of {removed}",
        "Could you take the label {removed} off issue {number} and put {added} on it?",
    )
    return Request(desk.say(frames, number=issue.number, added=added, removed=removed))


@recipe("update_issue", asks=True)
def assign_to_whom(desk: SoftwareDesk) -> Request:
    issue = open_issue(desk)
    assignee = desk.member(issue.assignee)
    desk.ask("Who shall take the issue?")
    desk.call("update_issue", number=issue.number, assignee=assignee)
    frames = (
        "Please reassign issue {number}.",
        "Issue {number} needs another assignee.",
        "change the assignee of issue {number}",
        "Could you give issue {number} to somebody else on the team?",
        "'{title}' (issue {number}) has to be handed over to another person.",
    )
    replies = ("{who} should take it.", "Give it to {who}.", "To {who}, please.", "{who} has time for it.")
    query = desk.say(frames, number=issue.number, title=issue.title)
    return Request(query, reply=desk.say(replies, who=assignee))


@recipe("close_issue")
def close(desk: SoftwareDesk) -> Request:
    issue, reason = open_issue(desk), desk.pick(tuple(REASONS))
    desk.call("close_issue", number=issue.number, reason=reason)
    frames = (
        "Close issue {number} as {reason}.",
        "Please close issue {number}, it is {reason}.",
        "issue {number}: close, {reason}",
        "'{title}' (issue {number}) turned out to be {reason}, so it can be closed.",
        "We can shut issue {number}. The reason is that it is {reason}.",
        "Could issue {number} be marked as {reason} and closed?",
    )
    return Request(desk.say(frames, number=issue.number, title=issue.title, reason=REASONS[reason]))


@recipe("close_issue")
def close_with_comment(desk: SoftwareDesk) -> Request:
    issue, comment = open_issue(desk), desk.pick(words.LAST_WORDS[:5])
    desk.call("close_issue", number=issue.number, comment=comment)
    frames = (
        "Issue {number} is completed. Close it with the comment '{comment}'",
        "Close issue {number} as done and write '{comment}' there.",
        "done with issue {number}, close it, comment '{comment}'",
        "Please leave the last word '{comment}' on issue {number} while closing it as completed.",
        "The work on '{title}' (issue {number}) is complete: close the issue, adding '{comment}'",
        "Could you close issue {number}, which is completed, and comment '{comment}' as you do?",
    )
    return Request(desk.say(frames, number=issue.number, title=issue.title, comment=comment))


@recipe("close_issue", asks=True)
def close_which(desk: SoftwareDesk) -> Request:
    issue, reason = open_issue(desk), desk.pick(tuple(REASONS))
    desk.ask("Which issue do you mean?")
    desk.call("close_issue", number=issue.number, reason=reason)
    frames = (
        "Please close an issue for me as {reason}.",
        "One of the open issues is {reason}, close it.",
        "close that issue, it is {reason}",
        "There is an issue that we can close. It is {reason}.",
    )
    replies = ("It is issue {number}.", "Number {number}.", "I mean '{title}', number {number}.", "Issue {number}, please.")
    return Request(desk.say(frames, reason=REASONS[reason]), reply=desk.say(replies, number=issue.number, title=issue.title))


@recipe("search_issues")
def count_some(desk: SoftwareDesk) -> Request:
    state = desk.pick(("open", "open", "closed"))
    issue = desk.pick([issue for issue in desk.world.issues.values() if (issue.closed is None) == (state == "open")])
    filters: dict[str, Any] = {"label": desk.pick(issue.labels)}
    which = f"labelled {filters['label']}"
    if issue.assignee and desk.chance():
        filters, which = {"assignee": issue.assignee}, f"assigned to {issue.assignee}"
    elif desk.chance(0.4):
        filters, which = {"priority": issue.priority}, f"with {issue.priority} priority"
    count = desk.call("search_issues", state=state, **filters)["count"]
    frames = (
        "How many {state} issues {which} are there?",
        "Count the {state} issues {which}.",
        "{state} issues {which}: how many?",
        "I am preparing the planning meeting. Please give me the number of {state} issues {which}.",
        "What is the number of issues {which} that are {state}?",
        "Do we have many {state} issues {which}? I need the figure.",
    )
    return Request(desk.say(frames, state=state, which=which), f"There are {count}.", number_answer(count))


@recipe("search_issues")
def issue_detail(desk: SoftwareDesk) -> Request:
    issue = open_issue(desk)
    found = look_up(desk, issue)
    key, what = desk.pick((("number", "number"), ("priority", "priority"), ("assignee", "assignee")))
    if not found[key]:
        key = what = "number"
    frames = (
        "What is the {what} of the open issue '{title}'?",
        "Please search the open issues for '{title}' and tell me the {what}.",
        "I need the {what} of '{title}', which is an open issue.",
        "open issue '{title}': {what}?",
        "Somewhere in the tracker is '{title}', still open. Which {what} does that issue have?",
        "Could you look up the {what} of our open issue '{title}'?",
    )
    return Request(desk.say(frames, what=what, title=issue.title), f"Its {what} is {found[key]}.", (str(found[key]),))


@recipe("search_issues", "update_issue")
def find_and_assign(desk: SoftwareDesk) -> Request:
    issue = open_issue(desk)
    assignee = desk.member(issue.assignee)
    desk.call("update_issue", number=look_up(desk, issue)["number"], assignee=assignee)
    frames = (
        "Find the open issue '{title}' and assign it to {who}.",
        "{who} will work on the open issue '{title}'. Look up its number and assign it.",
        "open issue '{title}' -> {who}",
        "Please search the open issues for '{title}' and make {who} responsible for it.",
    )
    return Request(desk.say(frames, title=issue.title, who=assignee))


@recipe("search_issues", "update_issue")
def find_and_rate(desk: SoftwareDesk) -> Request:
    issue = open_issue(desk)
    priority = desk.other(PRIORITIES, issue.priority)
    desk.call("update_issue", number=look_up(desk, issue)["number"], priority=priority)
    frames = (
        "The open issue '{title}' should have {priority} priority. Find it and change that.",
        "Search the open issues for '{title}', then set its priority to {priority}.",
        "open issue '{title}': look up, priority {priority}",
        "Could you dig out the open issue '{title}' and rate it as {priority}?",
    )
    return Request(desk.say(frames, title=issue.title, priority=priority))


@recipe("search_issues", "close_issue")
def find_and_close(desk: SoftwareDesk) -> Request:
    issue, reason = open_issue(desk), desk.pick(tuple(REASONS))
    desk.call("close_issue", number=look_up(desk, issue)["number"], reason=reason)
    frames = (
        "Find the open issue '{title}' and close it as {reason}.",
        "'{title}' is {reason}. Please look up this open issue and close it.",
        "open issue '{title}': find, close as {reason}",
        "Among the open issues there is '{title}'. Search for it and close it, it is {reason}.",
    )
    return Request(desk.say(frames, title=issue.title, reason=REASONS[reason]))


@recipe("close_issue", "create_issue")
def close_and_follow_up(desk: SoftwareDesk) -> Request:
    issue, title, assignee = open_issue(desk), desk.issue_title(), desk.member()
    desk.call("close_issue", number=issue.number)
    desk.call("create_issue", title=title, assignee=assignee)
    frames = (
        "Issue {number} is completed, close it. Then open a follow-up '{title}' for {who}.",
        "Close issue {number} as completed and after that file '{title}', assigned to {who}.",
        "issue {number} completed, close; next issue '{title}', assignee {who}",
        "Please close issue {number}, which is completed. What remains goes into a new issue '{title}' for {who}.",
    )
    return Request(desk.say(frames, number=issue.number, title=title, who=assignee))


@recipe("search_issues", "update_issue", "close_issue")
def take_over_and_close(desk: SoftwareDesk) -> Request:
    issue, other = desk.several(desk.world.open_issues(), 2)
    assignee = desk.member(issue.assignee)
    desk.call("update_issue", number=look_up(desk, issue)["number"], assignee=assignee)
    desk.call("close_issue", number=other.number, reason="duplicate")
    frames = (
        "Find the open issue '{title}' and assign it to {who}. Then close issue {other}, which is a duplicate of it.",
        "{who} gets the open issue '{title}', look it up. After that, issue {other} can be closed as a duplicate.",
        "open issue '{title}' -> {who}; then close {other}, duplicate",
        "Please search for the open issue '{title}', make {who} its assignee and then close its duplicate, issue {other}.",
    )
    return Request(desk.say(frames, title=issue.title, who=assignee, other=other.number))


@recipe("update_issue", "close_issue", "create_issue")
def tidy_up(desk: SoftwareDesk) -> Request:
    first, second = desk.several(desk.world.open_issues(), 2)
    title, assignee = desk.issue_title(), desk.member(first.assignee)
    desk.call("update_issue", number=first.number, assignee=assignee)
    desk.call("close_issue", number=second.number, reason="not planned")
    desk.call("create_issue", title=title, labels=["bug"])
    frames = (
        "Assign issue {first} to {who}, close issue {second} as not planned, and open '{title}' labelled bug, in this order.",
        "First give issue {first} to {who}. Next close {second} as not planned. Last, file a new issue '{title}' with the label bug.",
        "1. issue {first} -> {who} 2. close issue {second}, not planned 3. new issue '{title}', label bug",
        "Please go through my list: {who} takes issue {first}, then issue {second} is closed as not planned, "
        "then '{title}' is opened with the label bug.",
    )
    return Request(desk.say(frames, first=first.number, second=second.number, who=assignee, title=title))
