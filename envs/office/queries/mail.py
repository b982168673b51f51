"""Requests about mail."""

from __future__ import annotations

from envs.office import vocabulary as words
from envs.office.queries.desk import OfficeDesk
from envs.office.world import Email, Folder
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer


def someone(desk: OfficeDesk) -> str:
    """An address of a contact."""
    return desk.pick([person.email for person in desk.world.contacts.values()])


def arrived(desk: OfficeDesk) -> Email:
    return desk.pick(desk.world.in_folder("inbox"))


def hint(desk: OfficeDesk) -> tuple[str, str]:
    """What a query calls an email of the inbox, and the words whose first find it is."""
    inbox = desk.world.in_folder("inbox")
    email = desk.pick(inbox)
    of_sender = [other for other in inbox if other.sender == email.sender]
    if email is of_sender[0] and desk.chance(0.4):
        return f"{'newest ' * (len(of_sender) > 1)}email from {email.sender}", email.sender
    return f"email titled '{email.subject}'", email.subject


@recipe("send_email")
def send(desk: OfficeDesk) -> Request:
    to, (subject, body) = someone(desk), desk.letter()
    desk.call("send_email", to=[to], subject=subject, body=body)
    frames = (
        "Send an email to {to} with the subject '{subject}' and the text '{body}'",
        "Please write to {to}. Subject: '{subject}'. Message: '{body}'",
        "mail {to}, subject '{subject}', body '{body}'",
        "Could you drop {to} a line titled '{subject}' that says '{body}'",
        "{to} has to hear from me: '{body}' The subject line is '{subject}'.",
        "I am in a hurry, so write this to {to} for me, under the subject '{subject}': '{body}'",
    )
    return Request(desk.say(frames, to=to, subject=subject, body=body))


@recipe("send_email")
def send_to_two(desk: OfficeDesk) -> Request:
    to = desk.several([person.email for person in desk.world.contacts.values()], 2)
    subject, body = desk.letter()
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
    to, (subject, body) = someone(desk), desk.letter()
    desk.call("send_email", to=[to], subject=subject, body=body, as_draft=True)
    frames = (
        "Prepare an email to {to}, subject '{subject}', text '{body}' but leave it in the drafts.",
        "Save a draft for {to} titled '{subject}': '{body}'",
        "draft only, do not send: to {to}, subject '{subject}', body '{body}'",
        "I would like to send {to} this later, so keep it as a draft: '{body}' Subject: '{subject}'.",
        "Could you get an email to {to} ready without sending it yet? It is titled '{subject}' and says '{body}'",
    )
    return Request(desk.say(frames, to=to, subject=subject, body=body))


@recipe("reply_email")
def reply(desk: OfficeDesk) -> Request:
    email, body = arrived(desk), desk.answer()
    desk.call("reply_email", email_id=email.id, body=body)
    frames = (
        "Reply to email {id} with '{body}'",
        "Please answer message {id}: '{body}'",
        "{id} still waits for my answer. Write back '{body}'",
        "Respond to the sender of {id}, saying '{body}'",
        "my answer to {id}: '{body}'",
        "I have read '{subject}' ({id}). Would you answer '{body}' in my name?",
    )
    return Request(desk.say(frames, id=email.id, subject=email.subject, body=body))


@recipe("reply_email")
def reply_all(desk: OfficeDesk) -> Request:
    inbox = desk.world.in_folder("inbox")
    email, body = desk.pick([email for email in inbox if len(email.to) > 1] or inbox), desk.answer()
    desk.call("reply_email", email_id=email.id, body=body, reply_all=True)
    frames = (
        "Reply to all on email {id}: '{body}'",
        "Answer everybody on {id} with '{body}'",
        "Please write back to all recipients of message {id}, saying '{body}'",
        "reply-all to {id}, text '{body}'",
        "All who got {id} should see my reply to it: '{body}'",
        "Would you answer {id} so that its other recipients read it too? The text is '{body}'",
    )
    return Request(desk.say(frames, id=email.id, body=body))


@recipe("archive_email")
def archive(desk: OfficeDesk) -> Request:
    email = arrived(desk)
    desk.call("archive_email", email_id=email.id)
    frames = (
        "Archive email {id}.",
        "Please move message {id} to the archive.",
        "I am done with {id}, take it out of the inbox.",
        "{id} can go to the archive now",
        "Could you file the email '{subject}' ({id}) away in the archive?",
        "'{subject}' ({id}) does not have to sit in my inbox any longer, but I want to keep it. Archive it.",
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
        "I wonder how often '{text}' turns up: how many emails of the {folder} folder have it?",
    )
    return Request(desk.say(frames, folder=folder, text=text), f"Matching emails: {count}.", number_answer(count))


@recipe("search_emails")
def sender(desk: OfficeDesk) -> Request:
    subject = arrived(desk).subject
    found = desk.call("search_emails", text=subject)["emails"][0]
    frames = (
        "Who sent me the email '{subject}'? Give me the address.",
        "There is a message titled '{subject}' in my inbox. Which address is it from?",
        "Please find '{subject}' in the inbox and tell me the address of its sender.",
        "sender of '{subject}'? (address)",
        "I got an email '{subject}' and forgot from which address it came.",
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
        "Under which id is '{subject}' kept in the {folder} folder?",
    )
    return Request(desk.say(frames, folder=folder, subject=subject), f"Its id is {found['id']}.", (found["id"],))


@recipe("search_emails", "reply_email")
def find_and_reply(desk: OfficeDesk) -> Request:
    name, text = hint(desk)
    body = desk.answer()
    found = desk.call("search_emails", text=text)["emails"][0]
    desk.call("reply_email", email_id=found["id"], body=body)
    frames = (
        "Find the {name} in my inbox and reply '{body}'",
        "I still owe a reply to the {name}. Answer it with '{body}'",
        "Please write back to the {name}: '{body}'",
        "answer the {name}, saying '{body}'",
        "Could you look for the {name} and respond with '{body}'",
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
        "My inbox is too full. The {name} should go to the archive.",
    )
    return Request(desk.say(frames, name=name))


@recipe("reply_email", "archive_email")
def reply_and_archive(desk: OfficeDesk) -> Request:
    email, body = arrived(desk), desk.answer()
    desk.call("reply_email", email_id=email.id, body=body)
    desk.call("archive_email", email_id=email.id)
    frames = (
        "Reply '{body}' to {id}, then archive {id}.",
        "Answer email {id} with '{body}' After that it can go to the archive.",
        "First write back to {id}: '{body}' Then file {id} in the archive.",
        "{id}: reply with '{body}' and, once that is sent, archive it",
        "'{subject}' ({id}) needs no more than '{body}' as an answer. Send that, then move it out of the inbox.",
    )
    return Request(desk.say(frames, id=email.id, subject=email.subject, body=body))


@recipe("search_emails", "reply_email", "archive_email")
def find_reply_archive(desk: OfficeDesk) -> Request:
    name, text = hint(desk)
    body = desk.answer()
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


# ---- where the user has to be asked


@recipe("send_email", asks=True)
def ask_recipient(desk: OfficeDesk) -> Request:
    to, (subject, body) = someone(desk), desk.letter()
    desk.ask("To which address?")
    desk.call("send_email", to=[to], subject=subject, body=body)
    frames = (
        "Send an email with the subject '{subject}' and the text '{body}'",
        "Please write '{body}' to a colleague of mine. The subject is '{subject}'.",
        "new mail: subject '{subject}', body '{body}'",
        "There is somebody who should know: '{body}' Could you send that, titled '{subject}'?",
    )
    replies = ("To {to}.", "{to}", "It goes to {to}, please.", "The address is {to}.")
    return Request(desk.say(frames, subject=subject, body=body), reply=desk.say(replies, to=to))


@recipe("reply_email", asks=True)
def ask_body(desk: OfficeDesk) -> Request:
    email, body = arrived(desk), desk.answer()
    desk.ask("What shall I write?")
    desk.call("reply_email", email_id=email.id, body=body)
    frames = (
        "Reply to email {id}.",
        "Please answer '{subject}' ({id}) for me.",
        "reply to {id}",
        "I should get back to the sender of {id}. Could you write that reply? I will tell you the words.",
    )
    replies = ("Write '{body}'", "'{body}'", "Just say '{body}'", "My answer is '{body}'")
    return Request(desk.say(frames, id=email.id, subject=email.subject), reply=desk.say(replies, body=body))
