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
    title, text = desk.new_document_title(), desk.fact()
    desk.call("create_document", title=title, text=text)
    frames = (
        "Create a document '{title}' with the text '{text}'",
        "Please start a new document named '{title}' that reads '{text}'",
        "Write this into a new document: '{text}' Call it '{title}'.",
        "new doc '{title}', content '{text}'",
        "I need a document titled '{title}'. Its only sentence is '{text}'",
    )
    return Request(desk.say(frames, title=title, text=text))


@recipe("append_document")
def append(desk: OfficeDesk) -> Request:
    title, text = existing(desk), desk.fact()
    desk.call("append_document", title=title, text=text)
    frames = (
        "Add '{text}' to the end of the document '{title}'.",
        "Please append '{text}' to '{title}'.",
        "The document '{title}' lacks a last paragraph: '{text}' Add it.",
        "append to doc '{title}': '{text}'",
        "Could you put '{text}' at the end of '{title}'?",
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
    title, first, second = desk.new_document_title(), desk.fact(), desk.fact()
    desk.call("create_document", title=title, text=first)
    desk.call("append_document", title=title, text=second)
    frames = (
        "Create the document '{title}' with the text '{first}' and then append '{second}'",
        "Start a document called '{title}': '{first}' Afterwards add the paragraph '{second}'",
        "Please make a document '{title}' that reads '{first}' and add '{second}' at its end after that.",
        "new doc '{title}', text '{first}'; then append '{second}'",
    )
    return Request(desk.say(frames, title=title, first=first, second=second))


@recipe("replace_text", "append_document")
def replace_and_append(desk: OfficeDesk) -> Request:
    old, new = replacement(desk, title := existing(desk))
    text = desk.message()
    desk.call("replace_text", title=title, old=old, new=new)
    desk.call("append_document", title=title, text=text)
    frames = (
        "In '{title}', replace '{old}' by '{new}', then add '{text}' at the end.",
        "Two edits to '{title}', in this order: '{old}' becomes '{new}', and the paragraph '{text}' goes to the end.",
        "Please change '{old}' to '{new}' in the document '{title}' and append '{text}' after that.",
        "doc '{title}': first '{old}' -> '{new}', then append '{text}'",
    )
    return Request(desk.say(frames, title=title, old=old, new=new, text=text))
