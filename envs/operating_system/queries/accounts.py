"""Requests about users and environment variables."""

from __future__ import annotations

from typing import Any

from envs.operating_system import vocabulary as words
from envs.operating_system.queries.desk import OperatingSystemDesk
from envs.operating_system.world import Shell
from envs.scenario import names
from envs.scenario.desk import Request, recipe


def known_variable(desk: OperatingSystemDesk, user: str) -> tuple[str, str]:
    """A variable that is for one word, and a value that it does not have for the user."""
    name = desk.pick(list(words.VARIABLES))
    return name, desk.other(words.VARIABLES[name], desk.world.users[user].variables.get(name, ""))


def new_variable(desk: OperatingSystemDesk) -> tuple[str, str]:
    name = desk.pick(words.NEW_VARIABLES)
    return name, desk.pick((desk.pick(words.HOSTS), f"/srv/{desk.stem()}", f"{desk.stem()}-{desk.number(2, 90)}"))


def other_user(desk: OperatingSystemDesk) -> str:
    return desk.other(list(desk.world.users), desk.world.owner)


@recipe("create_user")
def create(desk: OperatingSystemDesk) -> Request:
    login, person = desk.new_person()
    desk.call("create_user", login=login, full_name=person)
    frames = (
        "Create a user {login} for {person}.",
        "Please add {person} as a user. The login is to be {login}.",
        "{person} joins us today and needs an account here, named {login}.",
        "new user: {login} ({person})",
        "Could you set up an account on this machine? Login {login}, full name {person}.",
        "I would like {person} to be able to log in as {login}.",
    )
    return Request(desk.say(frames, login=login, person=person))


@recipe("create_user")
def create_with_groups(desk: OperatingSystemDesk) -> Request:
    login, person = desk.new_person()
    groups = desk.several(desk.world.groups, desk.number(1, 2))
    details: dict[str, Any] = {"full_name": person} if desk.chance() else {}
    desk.call("create_user", {"groups": (groups[::-1],)} if len(groups) > 1 else {}, login=login, groups=groups, **details)
    said = {
        "login": login,
        "groups": f"the group{'s' * (len(groups) - 1)} {' and '.join(groups)}",
        "who": f" for {person}" if details else "",
    }
    frames = (
        "Create a user {login}{who} in {groups}.",
        "Please add a new login {login}{who} that is a member of {groups}.",
        "We need an account {login}{who}. It has to belong to {groups} from the start.",
        "new user {login}{who}, goes into {groups}",
        "Could you set up {login}{who} as a user, and as a member of {groups}?",
    )
    return Request(desk.say(frames, **said))


@recipe("create_user")
def create_with_shell(desk: OperatingSystemDesk) -> Request:
    login, _ = desk.new_person()
    login = f"{login}-bot" if desk.chance() else login
    shell: Shell = desk.pick(("zsh", "fish", "none"))
    uid = desk.call("create_user", login=login, shell=shell)["uid"]
    how = "that cannot log in" if shell == "none" else f"whose shell is {shell}"
    frames = (
        "Create a user {login} {how}, and tell me the uid.",
        "Which number does a new user {login} {how} get? Please add it.",
        "I need an account {login} {how}. Report its uid when it is there.",
        "new user {login} {how}; uid?",
        "Please set up the user {login} {how} and give me the user number.",
    )
    return Request(desk.say(frames, login=login, how=how), f"The uid is {uid}.", (str(uid),))


@recipe("create_user", asks=True)
def create_as_what(desk: OperatingSystemDesk) -> Request:
    login, person = desk.new_person()
    desk.ask("What should the login be?")
    desk.call("create_user", login=login, full_name=person)
    frames = (
        "Please create an account for {person}.",
        "{person} needs to work on this machine. Add a user.",
        "new user for {person}",
        "Could you set {person} up as a user here? We have agreed on a login.",
        "I want {person} to get an account of their own.",
    )
    reply = desk.pick(("The login is {login}.", "Take {login} as the login.", "{login}", "Make it {login}, please."))
    return Request(desk.say(frames, person=person), reply=reply.format(login=login))


@recipe("set_variable")
def set_mine(desk: OperatingSystemDesk) -> Request:
    owner = desk.world.owner
    name, value = known_variable(desk, owner) if desk.chance() else new_variable(desk)
    desk.call("set_variable", {"user": (owner,)}, name=name, value=value)
    frames = (
        "Set my environment variable {name} to '{value}'.",
        "Please make {name} '{value}' in my environment.",
        "My programs should see {name} with the value '{value}'.",
        "{name}='{value}' for me, please",
        "I would like the variable {name} to be '{value}' from now on.",
        "Could you export {name} as '{value}' for my login?",
    )
    return Request(desk.say(frames, name=name, value=value))


@recipe("set_variable")
def set_theirs(desk: OperatingSystemDesk) -> Request:
    user = other_user(desk)
    name, value = known_variable(desk, user)
    desk.call("set_variable", user=user, name=name, value=value)
    frames = (
        "Set {name} to '{value}' for the user {user}.",
        "{user} prefers '{value}' as {name}. Please change that variable in {user}'s environment.",
        "In the environment of {user}, {name} should be '{value}'.",
        "{user}: {name}='{value}'",
        "The user {user} asked for the variable {name} to be '{value}', can you do that?",
    )
    return Request(desk.say(frames, name=name, value=value, user=user))


@recipe("set_variable")
def extend_path(desk: OperatingSystemDesk) -> Request:
    owner, folder, place = desk.world.owner, desk.pick(words.PROGRAM_FOLDERS), desk.pick(("front", "end"))
    value = desk.call("set_variable", {"user": (owner,)}, name="PATH", value=folder, place=place)["value"]
    where = "in front" if place == "front" else "at the end"
    if desk.chance():
        frames: tuple[str, ...] = (
            "Add {folder} to my PATH, {where}.",
            "Please put {folder} into my PATH variable, {where} of the list.",
            "My shell does not find the programs in {folder}. Add that folder to PATH {where}.",
            "PATH: one more entry {where}, {folder}",
            "I installed something to {folder}; let my PATH have it {where}.",
        )
        return Request(desk.say(frames, folder=folder, where=where))
    frames = (
        "Add {folder} to my PATH, {where}, and tell me what PATH is then.",
        "What does my PATH look like with {folder} added {where}? Please add it.",
        "Please put {folder} {where} of the list in my PATH and show me the whole value.",
        "PATH + {folder} {where}; full value?",
    )
    return Request(desk.say(frames, folder=folder, where=where), f"PATH is {value} now.", (value,))


@recipe("set_variable", asks=True)
def set_to_what(desk: OperatingSystemDesk) -> Request:
    owner = desk.world.owner
    name, value = known_variable(desk, owner)
    desk.ask("Which value should it have?")
    desk.call("set_variable", {"user": (owner,)}, name=name, value=value)
    frames = (
        "Change my environment variable {name}.",
        "I want another {name} in my environment.",
        "My {name} variable is wrong. Please correct it.",
        "set {name} for me",
        "Could you give my variable {name} a new value?",
    )
    reply = desk.pick(("It should be {value}.", "{value}", "Set it to {value}, please.", "The new value is {value}."))
    return Request(desk.say(frames, name=name), reply=reply.format(value=value))


@recipe("create_user", "set_variable")
def create_and_set(desk: OperatingSystemDesk) -> Request:
    login, person = desk.new_person()
    name = desk.pick(list(words.VARIABLES))
    value = desk.pick(words.VARIABLES[name])
    desk.call("create_user", login=login, full_name=person)
    desk.call("set_variable", name=name, value=value, user=login)
    frames = (
        "Create the user {login} for {person} and then set {name} to '{value}' in the new environment.",
        "{person} needs an account {login}, in which the variable {name} should be '{value}'.",
        "Please add {person} as user {login}, and once that is done set that user's {name} to '{value}'.",
        "new user {login} ({person}), then {name}='{value}' for them",
    )
    return Request(desk.say(frames, login=login, person=person, name=name, value=value))


@recipe("set_variable", "set_variable")
def set_for_two(desk: OperatingSystemDesk) -> Request:
    first, second = desk.several([user for user in desk.world.users if user != desk.world.owner], 2)
    name, value = desk.pick(words.NEW_VARIABLES), f"{desk.stem()}-{desk.number(2, 90)}"
    for user in (first, second):
        desk.call("set_variable", name=name, value=value, user=user)
    frames = (
        "Set {name} to '{value}' for both {first} and {second}.",
        "The users {first} and {second} both need the variable {name} with the value '{value}'.",
        "Please give {name} the value '{value}' in the environments of {first} and {second}.",
        "{first} + {second}: {name}='{value}'",
    )
    return Request(desk.say(frames, name=name, value=value, first=first, second=second), lookups=2)


@recipe("create_user", "set_variable", "set_variable")
def create_and_set_two(desk: OperatingSystemDesk) -> Request:
    login, person = desk.new_person()
    first, second = desk.several(list(words.VARIABLES), 2)
    values = [desk.pick(words.VARIABLES[name]) for name in (first, second)]
    desk.call("create_user", login=login, full_name=person)
    for name, value in zip((first, second), values, strict=True):
        desk.call("set_variable", name=name, value=value, user=login)
    frames = (
        "Create the user {login} for {person}, then set that user's {first} to '{0}' and after it {second} to '{1}'.",
        "{person} starts today as {login}. Add the account, then give it {first}='{0}' and {second}='{1}', in this order.",
        "Please set up {person} with the login {login}; next, {first} should be '{0}' there, and last {second} '{1}'.",
        "new user {login} ({person}); then {first}='{0}', then {second}='{1}' for that login",
    )
    return Request(desk.say(frames, *values, login=login, person=person, first=first, second=second))


@recipe("create_user", "create_user")
def create_two(desk: OperatingSystemDesk) -> Request:
    group = desk.pick(desk.world.groups)
    (first, _), (second, _) = desk.new_person(), desk.new_person()
    if first == second:
        second = f"{desk.pick(names.LAST_NAMES)}".lower()
    for login in (first, second):
        desk.call("create_user", login=login, groups=[group])
    frames = (
        "Create two users, {first} and {second}, both in the group {group}.",
        "Two people join {group}: please add the logins {first} and {second} with this group.",
        "We need accounts {first} and {second}. Each is to be a member of {group}.",
        "new users {first}, {second}; group of both: {group}",
    )
    return Request(desk.say(frames, first=first, second=second, group=group), lookups=2)
