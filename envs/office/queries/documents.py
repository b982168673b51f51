"""Requests about documents."""

from __future__ import annotations

from envs.office.queries.desk import OfficeDesk
from envs.scenario import names
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import MONTHS, number_answer


def existing(desk: OfficeDesk) -> str:
    """The title of a document."""
    return desk.pick(list(desk.world.documents))


def replacement(desk: OfficeDesk, title: str) -> tuple[str, str]:
    """A name, company or month that the document holds, and another of its kind that it does not hold."""
    text = desk.world.documents[title]
    kinds = (list(desk.world.contacts), names.COMPANIES, MONTHS)
    kind = desk.pick([kind for kind in kinds if any(word in text for word in kind)])
    return desk.pick([word for word in kind if word in text]), desk.pick([word for word in kind if word not in text])


@recipe("create_document")
def create(desk: OfficeDesk) -> Request:
    title = desk.new_document_title()
    text = desk.fact(title)
    desk.call("create_document", title=title, text=text)
    frames = (
        "Create a document '{title}' with the text '{text}'",
        "Please start a new document named '{title}' that reads '{text}'",
        "Write this into a new document: '{text}' Call it '{title}'.",
        "new doc '{title}', content '{text}'",
        "I need a document titled '{title}'. Its only sentence is '{text}'",
        "There is nothing in writing yet, so would you open a document '{title}' that begins with '{text}'",
        "'{text}' - that should be the text of a new document by the name of '{title}'.",
    )
    return Request(desk.say(frames, title=title, text=text))


@recipe("append_document")
def append(desk: OfficeDesk) -> Request:
    title = existing(desk)
    text = desk.fact(title)
    desk.call("append_document", title=title, text=text)
    frames = (
        "Add '{text}' to the end of the document '{title}'.",
        "Please append '{text}' to '{title}'.",
        "The document '{title}' lacks a last paragraph: '{text}' Add it.",
        "append to doc '{title}': '{text}'",
        "Could you put '{text}' at the end of '{title}'?",
        "I have just heard: '{text}' It belongs below everything else in '{title}'.",
    )
    return Request(desk.say(frames, title=title, text=text))


@recipe("replace_text")
def replace(desk: OfficeDesk) -> Request:
    old, new = replacement(desk, title := existing(desk))
    desk.call("replace_text", title=title, old=old, new=new)
    frames = (
        "Replace '{old}' by '{new}' in the document '{title}'.",
        "In '{title}', please change every '{old}' to '{new}'.",
        "The document '{title}' says '{old}' where it should say '{new}'. Correct it.",
        "doc '{title}': '{old}' -> '{new}'",
        "Could you swap '{old}' for '{new}' throughout '{title}'?",
        "I mixed things up when I wrote '{title}': what I meant by '{old}' is '{new}'. Please mend that.",
    )
    return Request(desk.say(frames, title=title, old=old, new=new))


@recipe("replace_text")
def count_replaced(desk: OfficeDesk) -> Request:
    old, new = replacement(desk, title := existing(desk))
    count = desk.call("replace_text", title=title, old=old, new=new)["replaced"]
    frames = (
        "Replace '{old}' by '{new}' in the document '{title}' and tell me how often it stood there.",
        "Change '{old}' to '{new}' in '{title}', please. How many places was that?",
        "How many times does '{old}' turn into '{new}' if you replace it in '{title}'? Do so.",
        "doc '{title}': '{old}' -> '{new}', report the count",
    )
    return Request(desk.say(frames, title=title, old=old, new=new), f"Replaced in places: {count}.", number_answer(count))


@recipe("create_document", "append_document")
def create_and_append(desk: OfficeDesk) -> Request:
    title = desk.new_document_title()
    first, second = desk.fact(title), desk.message(desk.about(title))
    desk.call("create_document", title=title, text=first)
    desk.call("append_document", title=title, text=second)
    frames = (
        "Create the document '{title}' with the text '{first}' and then append '{second}'",
        "Start a document called '{title}': '{first}' Afterwards add the paragraph '{second}'",
        "Please make a document '{title}' that reads '{first}' and add '{second}' at its end after that.",
        "new doc '{title}', text '{first}'; then append '{second}'",
        "I want a document '{title}'. It starts as '{first}', and '{second}' is appended as a paragraph of its own.",
    )
    return Request(desk.say(frames, title=title, first=first, second=second))


@recipe("replace_text", "append_document")
def replace_and_append(desk: OfficeDesk) -> Request:
    old, new = replacement(desk, title := existing(desk))
    text = desk.message(desk.about(title))
    desk.call("replace_text", title=title, old=old, new=new)
    desk.call("append_document", title=title, text=text)
    frames = (
        "In '{title}', replace '{old}' by '{new}', then add '{text}' at the end.",
        "Two edits to '{title}', in this order: '{old}' becomes '{new}', and the paragraph '{text}' goes to the end.",
        "Please change '{old}' to '{new}' in the document '{title}' and append '{text}' after that.",
        "doc '{title}': first '{old}' -> '{new}', then append '{text}'",
    )
    return Request(desk.say(frames, title=title, old=old, new=new, text=text))


# ---- where the user has to be asked


@recipe("create_document", asks=True)
def ask_title(desk: OfficeDesk) -> Request:
    title = desk.new_document_title()
    text = desk.fact(title)
    desk.ask("What is the document to be called?")
    desk.call("create_document", title=title, text=text)
    frames = (
        "Create a document with the text '{text}'",
        "Please put '{text}' into a new document. I have a title in mind.",
        "new doc, content '{text}'",
        "'{text}' is worth a document of its own. Could you start one?",
    )
    replies = ("Call it '{title}'.", "'{title}'", "Its title is '{title}'.", "I would name it '{title}'.")
    return Request(desk.say(frames, text=text), reply=desk.say(replies, title=title))


@recipe("replace_text", asks=True)
def ask_new_words(desk: OfficeDesk) -> Request:
    old, new = replacement(desk, title := existing(desk))
    desk.ask(f"What should stand in place of '{old}'?")
    desk.call("replace_text", title=title, old=old, new=new)
    frames = (
        "Replace '{old}' in the document '{title}'.",
        "'{old}' is wrong in '{title}'. Please put the right words there.",
        "doc '{title}': swap out '{old}'",
        "Wherever '{title}' says '{old}', it should say something else. Could you change that?",
    )
    replies = ("It should be '{new}'.", "'{new}'", "Put '{new}' there.", "By '{new}', please.")
    return Request(desk.say(frames, title=title, old=old), reply=desk.say(replies, new=new))
