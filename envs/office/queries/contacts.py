"""Requests about contacts, and mail to them."""

from __future__ import annotations

from envs.office.queries.desk import OfficeDesk
from envs.office.world import Contact, email_address, phone_number
from envs.scenario import names
from envs.scenario.desk import Request, recipe

FIELDS = {"email": "email address", "phone": "phone number", "company": "company"}
ASKED = {  # for an entry without its name
    "email": ("Where do I write to if I want to mail {name}?", "I want to put {name} in copy. What do I type there?"),
    "phone": ("What do I dial to get {name} on the line?", "I would like to call {name}, so look up how."),
    "company": ("Who does {name} work for?", "{name} is on the visitor list, but from where? My contacts have it."),
}
NEWS = {  # that change an entry without its name
    "email": ("{name} writes from {value} now. Keep my contacts up to date.", "mail to {name} goes to {value} from now on, note it"),
    "phone": ("{name} can be called on {value} now. Keep my contacts up to date.", "dial {value} for {name} from now on, note it"),
    "company": ("{name} has started at {value}. Keep my contacts up to date.", "{name} left for {value}, note it in my contacts"),
}


def known(desk: OfficeDesk) -> Contact:
    return desk.pick(list(desk.world.contacts.values()))


def new_phone(desk: OfficeDesk) -> str:
    return phone_number(desk.random, desk.pick((8, 9)))


def new_value(desk: OfficeDesk, contact: Contact, field: str) -> str:
    company = desk.other(names.COMPANIES, contact.company)
    return {"email": email_address(contact.name, company), "phone": new_phone(desk), "company": company}[field]


@recipe("find_contact")
def find(desk: OfficeDesk) -> Request:
    name, field = known(desk).name, desk.pick(tuple(FIELDS))
    value = desk.call("find_contact", name=name)[field]
    frames = (
        "What is the {entry} of {name}?",
        "Please look up {name} and tell me the {entry}.",
        "I need the {entry} that I have for {name}.",
        "{name}: {entry}?",
        "Which {entry} does {name} have in my contacts?",
        *ASKED[field],
    )
    return Request(desk.say(frames, name=name, entry=FIELDS[field]), f"The {FIELDS[field]} is {value}.", (value,))


@recipe("update_contact")
def update(desk: OfficeDesk) -> Request:
    contact, field = known(desk), desk.pick(tuple(FIELDS))
    value = new_value(desk, contact, field)
    desk.call("update_contact", name=contact.name, field=field, value=value)
    frames = (
        "The {entry} of {name} is now {value}. Update the contact.",
        "Please change the {entry} of {name} to {value}.",
        "{name} has a new {entry}: {value}. Note that in my contacts.",
        "set {entry} of {name} to {value}",
        "Could you correct the {entry} I have for {name}? It should be {value}.",
        *NEWS[field],
    )
    return Request(desk.say(frames, name=contact.name, entry=FIELDS[field], value=value))


@recipe("find_contact", "update_contact")
def same_as_colleague(desk: OfficeDesk) -> Request:
    first, second = desk.several(list(desk.world.contacts.values()), 2)
    field = "phone" if first.company == second.company else desk.pick(("phone", "company"))
    value = desk.call("find_contact", name=first.name)[field]
    desk.call("update_contact", name=second.name, field=field, value=value)
    frames = (
        "{second} now has the same {entry} as {first}. Look it up and update {second}.",
        "Find the {entry} of {first} and enter it for {second} too.",
        "Please copy the {entry} from {first} to {second} in my contacts.",
        "{entry} of {first} -> also for {second}",
        "{first} and {second} share a {entry} these days, that of {first}. Could you bring {second} up to date?",
    )
    return Request(desk.say(frames, first=first.name, second=second.name, entry=FIELDS[field]))


@recipe("update_contact", "find_contact")
def update_then_find(desk: OfficeDesk) -> Request:
    first, second = desk.several(list(desk.world.contacts.values()), 2)
    field, asked = desk.pick(tuple(FIELDS)), desk.pick(tuple(FIELDS))
    value = new_value(desk, first, field)
    desk.call("update_contact", name=first.name, field=field, value=value)
    found = desk.call("find_contact", name=second.name)[asked]
    frames = (
        "Change the {entry} of {first} to {value}, then tell me the {asked} of {second}.",
        "First set the {entry} of {first} to {value}. Then, what {asked} do I have for {second}?",
        "{first} has a new {entry}, {value}; save that. After that I need the {asked} of {second}.",
        "{entry} of {first} = {value}. next: {asked} of {second}?",
    )
    said = {"first": first.name, "second": second.name, "entry": FIELDS[field], "asked": FIELDS[asked], "value": value}
    return Request(desk.say(frames, **said), f"The {FIELDS[asked]} is {found}.", (found,))


@recipe("find_contact", "send_email")
def find_and_write(desk: OfficeDesk) -> Request:
    name, (subject, body) = known(desk).name, desk.letter()
    desk.call("send_email", to=[desk.call("find_contact", name=name)["email"]], subject=subject, body=body)
    frames = (
        "Look up {name} and send an email with the subject '{subject}' and the text '{body}'",
        "Write to {name}, whose address is in my contacts. Subject: '{subject}'. Text: '{body}'",
        "Please email {name}: '{body}' The subject line is '{subject}'.",
        "mail to {name} (see contacts), subject '{subject}', body '{body}'",
        "{name} has not heard of it yet: '{body}' Could you send that under the subject '{subject}'?",
    )
    return Request(desk.say(frames, name=name, subject=subject, body=body))


@recipe("find_contact", "find_contact", "send_email")
def find_two_and_write(desk: OfficeDesk) -> Request:
    first, second = (person.name for person in desk.several(list(desk.world.contacts.values()), 2))
    subject, body = desk.letter()
    to = [desk.call("find_contact", name=name)["email"] for name in (first, second)]
    desk.call("send_email", {"to": (to[::-1],)}, to=to, subject=subject, body=body)
    frames = (
        "Look up {first} and {second}, then send both one email: subject '{subject}', text '{body}'",
        "Write a single email to {first} and {second}, whose addresses are in my contacts. Subject '{subject}', text '{body}'",
        "Please tell {first} and {second} in the same email: '{body}' The subject is '{subject}'.",
        "one mail to {first} + {second} (see contacts), subject '{subject}', body '{body}'",
    )
    return Request(desk.say(frames, first=first, second=second, subject=subject, body=body), lookups=2)


@recipe("update_contact", "find_contact", "send_email")
def update_find_write(desk: OfficeDesk) -> Request:
    contact, (subject, body) = known(desk), desk.letter()
    phone = new_phone(desk)
    desk.call("update_contact", name=contact.name, field="phone", value=phone)
    desk.call("send_email", to=[desk.call("find_contact", name=contact.name)["email"]], subject=subject, body=body)
    frames = (
        "Set the phone number of {name} to {phone}, look up the email address and write '{body}', subject '{subject}'.",
        "{name} has the new phone number {phone}: save it. Then look the contact up and email '{body}' with subject '{subject}'.",
        "Please update the phone number of {name} to {phone}, then find the address and send '{subject}': '{body}'",
        "phone of {name} -> {phone}; next get the address and mail subject '{subject}', body '{body}'",
    )
    return Request(desk.say(frames, name=contact.name, phone=phone, subject=subject, body=body))


# ---- where the user has to be asked


@recipe("update_contact", asks=True)
def ask_value(desk: OfficeDesk) -> Request:
    contact, field = known(desk), desk.pick(tuple(FIELDS))
    value = new_value(desk, contact, field)
    desk.ask(f"What is the new {FIELDS[field]}?")
    desk.call("update_contact", name=contact.name, field=field, value=value)
    frames = (
        "{name} has a new {entry}. Please note it in my contacts.",
        "Change the {entry} of {name}.",
        "{name}: new {entry}, update",
        "The {entry} that I have for {name} is out of date. Could you correct it?",
    )
    replies = ("It is {value}.", "{value}", "Now it is {value}.", "Make it {value}, please.")
    return Request(desk.say(frames, name=contact.name, entry=FIELDS[field]), reply=desk.say(replies, value=value))
