"""Requests about releases and dependencies."""

from __future__ import annotations

from typing import Any

from envs.scenario.desk import Request, recipe
from envs.software_development import vocabulary as words
from envs.software_development.queries.desk import SoftwareDesk
from envs.software_development.versions import Part
from envs.software_development.world import Dependency

PARTS: dict[Part, tuple[str, ...]] = {
    "major": ("major", "breaking"),
    "minor": ("minor", "minor"),
    "patch": ("patch", "bug-fix"),
}


def dependency(desk: SoftwareDesk) -> Dependency:
    """One that needs no other for its next major version."""
    return desk.pick([dependency for dependency in desk.world.dependencies.values() if dependency.need is None])


def newest(found: dict[str, Any]) -> tuple[str, ...]:
    return (found["newest"],)


@recipe("create_release")
def release(desk: SoftwareDesk) -> Request:
    bump, notes = desk.pick(tuple(PARTS)), desk.several(words.RELEASE_NOTES, 2)
    version = desk.call("create_release", {"notes": (notes[::-1],)}, bump=bump, notes=notes)["version"]
    said = {"bump": desk.pick(PARTS[bump]), "notes": " and ".join(f"'{note}'" for note in notes)}
    if desk.chance():
        frames = (
            "Make a {bump} release with the notes {notes} and tell me its version.",
            "Which version do we get from a {bump} release? Create it, the notes being {notes}.",
            "{bump} release, notes: {notes} - version?",
            "Please publish a {bump} release that mentions {notes}, and give me the version number.",
        )
        return Request(desk.say(frames, **said), f"It is version {version}.", (version,))
    frames = (
        "Create a {bump} release. Its notes: {notes}.",
        "It is time for a {bump} release, noting {notes}.",
        "{bump} release / notes {notes}",
        "Could you cut a {bump} release and put {notes} into its notes?",
    )
    return Request(desk.say(frames, **said), f"Version {version} is released.")


@recipe("create_release")
def release_candidate(desk: SoftwareDesk) -> Request:
    bump = desk.pick(tuple(PARTS))
    version = desk.call("create_release", bump=bump, candidate=True)["version"]
    frames = (
        "Create a release candidate for the next {bump} version, without notes. Which version is it?",
        "We want to try the next {bump} release first. Make a candidate of it, no notes, and name its version.",
        "candidate for the next {bump} release, no notes; version?",
        "Please prepare the coming {bump} release as a candidate only, with no notes, and report the version.",
        "Testers are waiting for a candidate of the next {bump} version. Release one, without notes, and tell me what it is called.",
    )
    return Request(desk.say(frames, bump=bump), f"It is {version}.", (version,))


@recipe("create_release", asks=True)
def release_of_which_kind(desk: SoftwareDesk) -> Request:
    bump, note = desk.pick(tuple(PARTS)), desk.pick(words.RELEASE_NOTES)
    desk.ask("Is it a major, a minor or a patch release?")
    desk.call("create_release", bump=bump, notes=[note])
    frames = (
        "Please release what we have, with the note '{note}'.",
        "Time to release: make a new version of the project, note '{note}'.",
        "new release, note '{note}'",
        "Could you publish our next release and put '{note}' into the notes?",
    )
    replies = ("A {bump} one.", "Make it a {bump} release.", "It is {bump}.", "This one counts as {bump}.")
    return Request(desk.say(frames, note=note), reply=desk.say(replies, bump=bump))


@recipe("check_dependency")
def newest_compatible(desk: SoftwareDesk) -> Request:
    name = desk.pick(list(desk.world.dependencies))
    found = desk.call("check_dependency", name=name)
    frames = (
        "To which version can we update {name} without a new major version?",
        "What is the newest version of {name} that keeps the major version we have?",
        "{name}: newest version within our major?",
        "I am afraid of breaking changes. How far can {name} be updated inside its current major version?",
        "Please check the dependency {name} and tell me the latest version with the same major number.",
        "Look up how new {name} can get while its major version stays.",
    )
    return Request(desk.say(frames, name=name), f"It is {found['newest']}.", newest(found))


@recipe("check_dependency")
def newest_of_all(desk: SoftwareDesk) -> Request:
    name = desk.pick(list(desk.world.dependencies))
    found = desk.call("check_dependency", name=name, allow_major=True)
    frames = (
        "What is the newest version of {name}, new major versions included?",
        "Please check {name}: which is its latest version, be it a major step or not?",
        "{name}, newest version of all (major jumps allowed)?",
        "We do not mind breaking changes in {name}. What is the highest version that we could go to?",
        "If we allow another major version, how far can the dependency {name} be updated?",
    )
    return Request(desk.say(frames, name=name), f"It is {found['newest']}.", newest(found))


@recipe("check_dependency")
def installed_version(desk: SoftwareDesk) -> Request:
    name = desk.pick(list(desk.world.dependencies))
    found = desk.call("check_dependency", {"allow_major": (True,)}, name=name)
    frames = (
        "Which version of {name} does the project use?",
        "Please look up the installed version of our dependency {name}.",
        "installed version of {name}?",
        "A bug report asks for the version of {name} that we have installed. What is it?",
        "What are we on with {name} at the moment? Just the version.",
    )
    return Request(desk.say(frames, name=name), f"It is {found['installed']}.", (found["installed"],))


@recipe("update_dependency")
def update(desk: SoftwareDesk) -> Request:
    found = dependency(desk)
    version, old = str(desk.pick(found.versions[1:3])), str(found.installed)
    desk.call("update_dependency", {"allow_major": (True,)}, name=found.name, version=version)
    frames = (
        "Update {name} to {version}.",
        "Please move the dependency {name} to version {version}.",
        "{name} -> {version}",
        "A hole was closed in {name} {version}. Could you install that version?",
        "We should be on {name} {version} by tonight, please see to it.",
        "Put {version} of {name} in place of {old}.",
    )
    return Request(desk.say(frames, name=found.name, version=version, old=old))


@recipe("update_dependency")
def update_to_major(desk: SoftwareDesk) -> Request:
    found = dependency(desk)
    version, old = str(desk.pick(found.versions[3:5])), str(found.installed)
    desk.call("update_dependency", name=found.name, version=version, allow_major=True)
    frames = (
        "Update {name} to {version}; the new major version is fine.",
        "Please install {name} {version}. I know that this is another major version, and I allow it.",
        "{name} -> {version} (major jump allowed)",
        "We are ready for the breaking changes, so take {name} up to {version}.",
        "The major step from {old} to {version} of {name} has been approved. Could you make it?",
        "Our code fits {name} {version} now. Update to it, crossing the major version on purpose.",
    )
    return Request(desk.say(frames, name=found.name, version=version, old=old))


@recipe("update_dependency", asks=True)
def update_to_what(desk: SoftwareDesk) -> Request:
    found = dependency(desk)
    version = str(desk.pick(found.versions[1:3]))
    desk.ask("To which version?")
    desk.call("update_dependency", {"allow_major": (True,)}, name=found.name, version=version)
    frames = (
        "Please install another version of {name}, not just any: there is one that I want.",
        "I want a particular version of the dependency {name}, please install it.",
        "change our version of {name} to the one I need",
        "Could you put {name} on the version that my code was tested with?",
    )
    replies = ("Version {version}.", "{version}, please.", "I need {version}.", "The one I mean is {version}.")
    return Request(desk.say(frames, name=found.name), reply=desk.say(replies, version=version))


@recipe("check_dependency", "update_dependency")
def update_to_newest(desk: SoftwareDesk) -> Request:
    found, major = dependency(desk), desk.chance(0.4)
    version = desk.call("check_dependency", name=found.name, allow_major=major)["newest"]
    desk.call("update_dependency", {} if major else {"allow_major": (True,)}, name=found.name, version=version, allow_major=major)
    if major:
        frames: tuple[str, ...] = (
            "Update {name} to the newest version there is, even if that is a new major version.",
            "Please find out the latest version of {name}, major steps allowed, and install it.",
            "{name} -> newest of all, major jumps are fine",
            "Whatever the highest version of {name} is, we want it, breaking changes or not.",
        )
    else:
        frames = (
            "Update {name} to the newest version that keeps its major version.",
            "Please look up how new {name} can get within its major version and install that.",
            "{name} -> newest one in the same major",
            "Bring the dependency {name} up to date, but do not cross a major version.",
        )
    return Request(desk.say(frames, name=found.name))


@recipe("update_dependency", "update_dependency")
def update_with_need(desk: SoftwareDesk) -> Request:
    last = list(desk.world.dependencies.values())[-1]
    assert last.need
    other, least, version = last.need.other, str(last.need.least), str(desk.pick(last.versions[3:5]))
    desk.call("update_dependency", {"allow_major": (True,)}, name=other, version=least)
    desk.call("update_dependency", name=last.name, version=version, allow_major=True)
    frames = (
        "Update {name} to {version}, a new major version that we want. It needs {other} {least}, so install that first.",
        "Please put {other} on {least}, and after that make the major step of {name} to {version}.",
        "first {other} -> {least}, then {name} -> {version} (major, allowed)",
        "{name} {version} only works with {other} {least}. Install both in the right order, the major jump of {name} is fine.",
    )
    return Request(desk.say(frames, name=last.name, version=version, other=other, least=least))


@recipe("update_dependency", "create_release")
def update_and_release(desk: SoftwareDesk) -> Request:
    found, note = dependency(desk), desk.pick(words.RELEASE_NOTES)
    version = str(desk.pick(found.versions[1:3]))
    desk.call("update_dependency", {"allow_major": (True,)}, name=found.name, version=version)
    released = desk.call("create_release", bump="patch", notes=[note])["version"]
    frames = (
        "Update {name} to {version}, then make a patch release with the note '{note}'. What is its version?",
        "Please move {name} to {version} and afterwards publish a patch release noting '{note}'. Tell me the version released.",
        "{name} -> {version}, then patch release, note '{note}'; new version?",
        "After {name} has been put on {version}, we need a patch release with the note '{note}'. Which version will that be?",
    )
    return Request(desk.say(frames, name=found.name, version=version, note=note), f"It is version {released}.", (released,))


@recipe("check_dependency", "update_dependency", "create_release")
def update_to_newest_and_release(desk: SoftwareDesk) -> Request:
    found, bump = dependency(desk), desk.pick(("minor", "patch"))
    version = desk.call("check_dependency", name=found.name)["newest"]
    desk.call("update_dependency", {"allow_major": (True,)}, name=found.name, version=version)
    note = f"Updates {found.name} to {version}"
    released = desk.call("create_release", bump=bump, notes=[note])["version"]
    frames = (
        "Update {name} as far as its major version allows, then make a {bump} release noting 'Updates {name} to <version>'. "
        "Which version is it?",
        "Look up the newest {name} within its major version, install it, and publish a {bump} release with the note "
        "'Updates {name} to <version>'. Tell me our version.",
        "{name} -> newest in its major; then {bump} release, note 'Updates {name} to <version>'; our version?",
        "Please bring {name} up to date without a major step. The {bump} release that follows has the note "
        "'Updates {name} to <version>'. What is it called?",
    )
    return Request(desk.say(frames, name=found.name, bump=bump), f"It is version {released}.", (released,))
