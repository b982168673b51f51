"""Requests about locks and access codes."""

from __future__ import annotations

from envs.iot.queries.desk import DURATIONS, IoTDesk, listed
from envs.scenario.choice import other_orders
from envs.scenario.clock import days_after
from envs.scenario.desk import Request, recipe

STATES = {True: "lock", False: "unlock"}


def some_doors(desk: IoTDesk) -> list[str]:
    return desk.several(list(desk.world.locks), desk.number(1, 2))


def with_article(doors: list[str]) -> str:
    return listed([f"the {door}" for door in doors])


def stay(desk: IoTDesk) -> tuple[dict[str, str], str]:
    """Days to come, and the words for them."""
    first = days_after(desk.world.today, desk.number(1, 20))
    last = days_after(first, desk.number(1, 14))
    return {"first_day": first, "last_day": last}, desk.from_to(first, last)


def holder(desk: IoTDesk) -> str:
    return desk.pick(list(desk.world.codes))


@recipe("set_lock")
def lock(desk: IoTDesk) -> Request:
    door = desk.door()
    locked = not desk.world.locks[door].locked
    desk.call("set_lock", door=door, locked=locked)
    frames = (
        "Please {verb} the {door}.",
        "Could you {verb} the {door} for me?",
        "{verb} {door}",
        "I am in bed already and the {door} is not {verb}ed. Would you do that?",
        "The {door} must be {verb}ed now.",
        "I forgot to {verb} the {door}, so please see to it.",
    )
    return Request(desk.say(frames, door=door, verb=STATES[locked]))


@recipe("set_lock")
def unlock_for_a_while(desk: IoTDesk) -> Request:
    door, minutes = desk.door(), desk.pick((5, 10, 15, 20, *(length for length in DURATIONS if length <= 120)))
    desk.call("set_lock", door=door, locked=False, relock_minutes=minutes)
    frames = (
        "Unlock the {door} and let it lock itself again after {lasting}.",
        "Somebody is coming to the {door}. Open its lock, but only for {lasting}.",
        "{door}: unlock, auto-lock in {lasting}",
        "For {lasting} the {door} may stay unlocked, then it must lock by itself. Please arrange that now.",
        "Would you unlock the {door} for {lasting}?",
    )
    return Request(desk.say(frames, door=door, lasting=desk.lasting(minutes)))


@recipe("create_access_code")
def create(desk: IoTDesk) -> Request:
    name, code, doors = desk.new_holder(), desk.new_code(), some_doors(desk)
    desk.call("create_access_code", {"doors": other_orders(doors)}, name=name, code=code, doors=doors)
    frames = (
        "Create the access code {code} for '{name}', good for {doors}.",
        "Please let '{name}' in through {doors} with the code {code}.",
        "new code {code}, holder '{name}', opens {doors}",
        "'{name}' needs a permanent code for {doors}. Take {code}.",
        "Could you set {code} as a door code under the name '{name}'? It is for {doors}.",
        "From today the digits {code} should open {doors}; save them for '{name}'.",
    )
    return Request(desk.say(frames, name=name, code=code, doors=with_article(doors)))


@recipe("create_access_code")
def create_for_days(desk: IoTDesk) -> Request:
    name, code, doors, (valid, words) = desk.new_holder(), desk.new_code(), some_doors(desk), stay(desk)
    desk.call("create_access_code", {"doors": other_orders(doors)}, name=name, code=code, doors=doors, valid=valid)
    frames = (
        "Give '{name}' the code {code} for {doors}, valid {days}.",
        "'{name}' stays with us {days}. Make {code} the code for {doors} during that time only.",
        "temporary code {code} for '{name}': {doors}, {days}",
        "Could '{name}' open {doors} with {code} {days}, and not outside these dates?",
        "I need a code for '{name}' that works {days}: {code}, for {doors}.",
    )
    return Request(desk.say(frames, name=name, code=code, doors=with_article(doors), days=words))


@recipe("create_access_code", asks=True)
def ask_code(desk: IoTDesk) -> Request:
    name, code, doors = desk.new_holder(), desk.new_code(), some_doors(desk)
    desk.ask("Which digits should the code have?")
    desk.call("create_access_code", {"doors": other_orders(doors)}, name=name, code=code, doors=doors)
    frames = (
        "'{name}' should get an access code for {doors}. I have the digits in mind already.",
        "Please create a permanent code for '{name}' that opens {doors}; I will tell you the number.",
        "code for '{name}': {doors}",
        "Could you set up the code that '{name}' and I agreed on, for {doors}?",
        "I promised '{name}' a door code of their own choice for {doors}.",
    )
    replies = ("The code is {code}.", "{code}", "Use {code}, please.")
    return Request(desk.say(frames, name=name, doors=with_article(doors)), reply=desk.pick(replies).format(code=code))


@recipe("revoke_access_code")
def revoke(desk: IoTDesk) -> Request:
    name = holder(desk)
    desk.call("revoke_access_code", name=name)
    frames = (
        "Revoke the access code of '{name}'.",
        "'{name}' no longer works for us, so cancel that code for all doors.",
        "Please make sure that '{name}' cannot open any door with a code any more.",
        "delete code: {name}",
        "Could you take the door code away from '{name}' altogether?",
        "The code that '{name}' has was leaked. Disable it everywhere.",
    )
    return Request(desk.say(frames, name=name))


@recipe("revoke_access_code")
def revoke_one_door(desk: IoTDesk) -> Request:
    name = desk.pick([name for name, code in desk.world.codes.items() if len(code.doors) > 1] or list(desk.world.codes))
    held = desk.world.codes[name].doors
    door = desk.pick(held)
    desk.call("revoke_access_code", {"doors": ([],)} if len(held) == 1 else {}, name=name, doors=[door])
    frames = (
        "The code of '{name}' should not open the {door} any more; other doors stay as they are.",
        "Take the {door} out of what '{name}' can open by code.",
        "Please revoke the code of '{name}' for the {door} only.",
        "{name}: no more code access to {door}, rest unchanged",
        "Could you stop '{name}' from using a code at the {door}, and at no other door?",
    )
    return Request(desk.say(frames, name=name, door=door))


@recipe("revoke_access_code", "create_access_code")
def replace_code(desk: IoTDesk) -> Request:
    old, name, code, doors = holder(desk), desk.new_holder(), desk.new_code(), some_doors(desk)
    desk.call("revoke_access_code", name=old)
    desk.call("create_access_code", {"doors": other_orders(doors)}, name=name, code=code, doors=doors)
    frames = (
        "Revoke the code of '{old}', then give '{name}' the code {code} for {doors}.",
        "'{name}' takes over from '{old}': cancel the old code first, then create {code} for {doors}.",
        "delete code of {old}; after that new code {code} for '{name}', {doors}",
        "Please disable what '{old}' uses at the doors. Next, '{name}' gets {code} for {doors}.",
        "Could you delete the access code of '{old}' and then set up {code} for '{name}' at {doors}?",
    )
    return Request(desk.say(frames, old=old, name=name, code=code, doors=with_article(doors)))


@recipe("revoke_access_code", "create_access_code")
def new_digits(desk: IoTDesk) -> Request:
    name, code, doors = holder(desk), desk.new_code(), some_doors(desk)
    desk.call("revoke_access_code", name=name)
    desk.call("create_access_code", {"doors": other_orders(doors)}, name=name, code=code, doors=doors)
    frames = (
        "'{name}' needs other digits. Delete the present code and then create {code}, which opens {doors}.",
        "Change the code of '{name}': take the old one away, after that give {code} for {doors}.",
        "{name}: old code out, then {code} in for {doors}",
        "The code of '{name}' got around. Would you revoke it and make a new one, {code}, for {doors}?",
        "Please renew the access of '{name}', first removing the old code and then adding {code} for {doors}.",
    )
    return Request(desk.say(frames, name=name, code=code, doors=with_article(doors)))


@recipe("revoke_access_code", "set_lock")
def revoke_and_lock(desk: IoTDesk) -> Request:
    name, door = holder(desk), desk.pick([door for door, lock in desk.world.locks.items() if not lock.locked])
    desk.call("revoke_access_code", name=name)
    desk.call("set_lock", door=door, locked=True)
    frames = (
        "Cancel the code of '{name}' and then lock the {door}.",
        "'{name}' has moved out. Revoke the access code; when that is done, the {door} has to be locked.",
        "code of {name} out, then lock {door}",
        "Would you take the code away from '{name}', and lock the {door} after that?",
        "I do not want '{name}' to come in again: delete the code first, lock the {door} second.",
    )
    return Request(desk.say(frames, name=name, door=door))


@recipe("set_lock", "set_lock", "set_lock")
def three_doors(desk: IoTDesk) -> Request:
    unlocked = [door for door, lock in desk.world.locks.items() if not lock.locked]
    locked = desk.pick([door for door, lock in desk.world.locks.items() if lock.locked])
    first, second = unlocked[:2]
    minutes = desk.pick((5, 10, 15, 20, 30))
    desk.call("set_lock", door=first, locked=True)
    desk.call("set_lock", door=second, locked=True)
    desk.call("set_lock", door=locked, locked=False, relock_minutes=minutes)
    frames = (
        "Lock the {0} and the {1}, and unlock the {2} for {minutes} minutes.",
        "A parcel is coming to the {2}: keep it unlocked for {minutes} minutes. The {0} and the {1} should be locked.",
        "{0} lock, {1} lock, {2} unlock for {minutes} min",
        "Could you open the lock of the {2}, which locks again after {minutes} minutes, and lock both the {0} and the {1}?",
    )
    return Request(desk.say(frames, first, second, locked, minutes=minutes), lookups=3)
