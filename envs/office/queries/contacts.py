"""Requests about contacts, and mail to them."""

from __future__ import annotations

from envs.office.queries.desk import OfficeDesk
from envs.office.world import Contact, email_address, phone_number
from envs.scenario import names
from envs.scenario.desk import Request, recipe

FIELDS = {"email": "email address", "phone": "phone number", "company": "company"}


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
    name, subject, body = known(desk).name, desk.subject(), desk.message()
    desk.call("send_email", to=[desk.call("find_contact", name=name)["email"]], subject=subject, body=body)
    frames = (
        "Look up {name} and send an email with the subject '{subject}' and the text '{body}'",
        "Write to {name}, whose address is in my contacts. Subject: '{subject}'. Text: '{body}'",
        "Please email {name}: '{body}' The subject line is '{subject}'.",
        "mail to {name} (see contacts), subject '{subject}', body '{body}'",
    )
    return Request(desk.say(frames, name=name, subject=subject, body=body))


@recipe("find_contact", "find_contact", "send_email")
def find_two_and_write(desk: OfficeDesk) -> Request:
    first, second = (person.name for person in desk.several(list(desk.world.contacts.values()), 2))
    subject, body = desk.subject(), desk.message()
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
    contact, subject, body = known(desk), desk.subject(), desk.message()
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
