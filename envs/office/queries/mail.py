"""Requests about mail."""

from __future__ import annotations

from envs.office import vocabulary as words
from envs.office.queries.desk import OfficeDesk
from envs.office.world import Folder
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer


def someone(desk: OfficeDesk) -> str:
    """An address of a contact."""
    return desk.pick([person.email for person in desk.world.contacts.values()])


def hint(desk: OfficeDesk) -> tuple[str, str]:
    """What a query calls an email of the inbox, and the words that find it alone."""
    inbox = desk.world.in_folder("inbox")
    email = desk.pick(inbox)
    if sum(other.sender == email.sender for other in inbox) == 1 and desk.chance(0.4):
        return f"email from {email.sender}", email.sender
    return f"email titled '{email.subject}'", email.subject


@recipe("send_email")
def send(desk: OfficeDesk) -> Request:
    to, subject, body = someone(desk), desk.subject(), desk.message()
    desk.call("send_email", to=[to], subject=subject, body=body)
    frames = (
        "Send an email to {to} with the subject '{subject}' and the text '{body}'",
        "Please write to {to}. Subject: '{subject}'. Message: '{body}'",
        "mail {to}, subject '{subject}', body '{body}'",
        "Could you drop {to} a line titled '{subject}' that says '{body}'",
        "{to} has to hear from me: '{body}' The subject line is '{subject}'.",
    )
    return Request(desk.say(frames, to=to, subject=subject, body=body))


@recipe("send_email")
def send_to_two(desk: OfficeDesk) -> Request:
    to = desk.several([person.email for person in desk.world.contacts.values()], 2)
    subject, body = desk.subject(), desk.message()
    desk.call("send_email", {"to": (to[::-1],)}, to=to, subject=subject, body=body)
    frames = (
        "Send one email to {0} and {1}: subject '{subject}', text '{body}'",
        "Please tell both {0} and {1}, in a single email titled '{subject}': '{body}'",
        "one mail, two recipients ({0}, {1}), subject '{subject}', body '{body}'",
        "I want {0} and {1} to get the same email. Its subject is '{subject}' and it reads '{body}'",
    )
    return Request(desk.say(frames, *to, subject=subject, body=body))


@recipe("send_email")
def draft(desk: OfficeDesk) -> Request:
    to, subject, body = someone(desk), desk.subject(), desk.message()
    desk.call("send_email", to=[to], subject=subject, body=body, as_draft=True)
    frames = (
        "Prepare an email to {to}, subject '{subject}', text '{body}' but leave it in the drafts.",
        "Save a draft for {to} titled '{subject}': '{body}'",
        "draft only, do not send: to {to}, subject '{subject}', body '{body}'",
        "I would like to send {to} this later, so keep it as a draft: '{body}' Subject: '{subject}'.",
    )
    return Request(desk.say(frames, to=to, subject=subject, body=body))


@recipe("reply_email")
def reply(desk: OfficeDesk) -> Request:
    email, body = desk.pick(desk.world.in_folder("inbox")), desk.message()
    desk.call("reply_email", email_id=email.id, body=body)
    frames = (
        "Reply to email {id} with '{body}'",
        "Please answer message {id}: '{body}'",
        "{id} still waits for my answer. Write back '{body}'",
        "Respond to the sender of {id}, saying '{body}'",
        "my answer to {id}: '{body}'",
    )
    return Request(desk.say(frames, id=email.id, body=body))


@recipe("reply_email")
def reply_all(desk: OfficeDesk) -> Request:
    inbox = desk.world.in_folder("inbox")
    email, body = desk.pick([email for email in inbox if len(email.to) > 1] or inbox), desk.message()
    desk.call("reply_email", email_id=email.id, body=body, reply_all=True)
    frames = (
        "Reply to all on email {id}: '{body}'",
        "Answer everybody on {id} with '{body}'",
        "Please write back to all recipients of message {id}, saying '{body}'",
        "reply-all to {id}, text '{body}'",
    )
    return Request(desk.say(frames, id=email.id, body=body))


@recipe("archive_email")
def archive(desk: OfficeDesk) -> Request:
    email = desk.pick(desk.world.in_folder("inbox"))
    desk.call("archive_email", email_id=email.id)
    frames = (
        "Archive email {id}.",
        "Please move message {id} to the archive.",
        "I am done with {id}, take it out of the inbox.",
        "{id} can go to the archive now",
        "Could you file the email '{subject}' ({id}) away in the archive?",
    )
    return Request(desk.say(frames, id=email.id, subject=email.subject))


@recipe("search_emails")
def count_emails(desk: OfficeDesk) -> Request:
    folder: Folder = desk.pick(("inbox", "sent", "drafts", "archive"))
    email = desk.pick(desk.world.in_folder(folder))
    sought = [email.sender] if folder in ("inbox", "archive") else []
    text = desk.pick(sought + [kind for kind in words.SUBJECTS if email.subject.endswith(kind)])
    count = desk.call("search_emails", text=text, folder=folder)["count"]
    frames = (
        "How many emails in the {folder} folder match '{text}'?",
        "Count the messages with '{text}' in my {folder} folder.",
        "Please search the {folder} folder for '{text}' and tell me how many emails there are.",
        "number of mails matching '{text}' in {folder}?",
    )
    return Request(desk.say(frames, folder=folder, text=text), f"Matching emails: {count}.", number_answer(count))


@recipe("search_emails")
def sender(desk: OfficeDesk) -> Request:
    subject = desk.pick(desk.world.in_folder("inbox")).subject
    found = desk.call("search_emails", text=subject)["emails"][0]
    frames = (
        "Who sent me the email '{subject}'?",
        "There is a message titled '{subject}' in my inbox. Which address is it from?",
        "Please find '{subject}' in the inbox and tell me the address of its sender.",
        "sender of '{subject}'?",
    )
    return Request(desk.say(frames, subject=subject), f"It is from {found['from']}.", (found["from"],))


@recipe("search_emails")
def email_id(desk: OfficeDesk) -> Request:
    folder: Folder = desk.pick(("inbox", "sent", "drafts", "archive"))
    subject = desk.pick(desk.world.in_folder(folder)).subject
    found = desk.call("search_emails", text=subject, folder=folder)["emails"][0]
    frames = (
        "What is the id of the email '{subject}' in the {folder} folder?",
        "Find '{subject}' in my {folder} folder and give me its id.",
        "I need the id of '{subject}'. It is in the {folder} folder.",
        "id of the {folder} mail '{subject}'?",
    )
    return Request(desk.say(frames, folder=folder, subject=subject), f"Its id is {found['id']}.", (found["id"],))


@recipe("search_emails", "reply_email")
def find_and_reply(desk: OfficeDesk) -> Request:
    name, text = hint(desk)
    body = desk.message()
    found = desk.call("search_emails", text=text)["emails"][0]
    desk.call("reply_email", email_id=found["id"], body=body)
    frames = (
        "Find the {name} in my inbox and reply '{body}'",
        "There is an {name}. Answer it with '{body}'",
        "Please write back to the {name}: '{body}'",
        "answer the {name}, saying '{body}'",
    )
    return Request(desk.say(frames, name=name, body=body))


@recipe("search_emails", "archive_email")
def find_and_archive(desk: OfficeDesk) -> Request:
    name, text = hint(desk)
    found = desk.call("search_emails", text=text)["emails"][0]
    desk.call("archive_email", email_id=found["id"])
    frames = (
        "Find the {name} in my inbox and archive it.",
        "The {name} is dealt with, please put it into the archive.",
        "Could you look for the {name} and move it to the archive?",
        "archive the {name}",
    )
    return Request(desk.say(frames, name=name))


@recipe("reply_email", "archive_email")
def reply_and_archive(desk: OfficeDesk) -> Request:
    email, body = desk.pick(desk.world.in_folder("inbox")), desk.message()
    desk.call("reply_email", email_id=email.id, body=body)
    desk.call("archive_email", email_id=email.id)
    frames = (
        "Reply '{body}' to {id}, then archive {id}.",
        "Answer email {id} with '{body}' After that it can go to the archive.",
        "First write back to {id}: '{body}' Then file {id} in the archive.",
        "{id}: reply with '{body}' and, once that is sent, archive it",
    )
    return Request(desk.say(frames, id=email.id, body=body))


@recipe("search_emails", "reply_email", "archive_email")
def find_reply_archive(desk: OfficeDesk) -> Request:
    name, text = hint(desk)
    body = desk.message()
    found = desk.call("search_emails", text=text)["emails"][0]
    desk.call("reply_email", email_id=found["id"], body=body)
    desk.call("archive_email", email_id=found["id"])
    frames = (
        "Find the {name}, reply '{body}' and then archive it.",
        "Look for the {name} in my inbox. Answer '{body}' Then move it to the archive.",
        "Please deal with the {name}: write back '{body}' and archive it after that.",
        "search the {name}, answer it with '{body}', archive it afterwards",
    )
    return Request(desk.say(frames, name=name, body=body))
