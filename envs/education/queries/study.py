"""Requests about flash cards, units, citations and texts."""

from __future__ import annotations

from typing import Any

from envs.education import vocabulary as words
from envs.education.areas.study import Unit
from envs.education.queries.desk import EducationDesk
from envs.scenario import names
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer

UNITS: dict[str, dict[Unit, str]] = {  # words by unit, in groups of units that convert into one another
    "length": {"mm": "millimetres", "cm": "centimetres", "m": "metres", "km": "kilometres", "in": "inches", "ft": "feet", "mi": "miles"},
    "mass": {"g": "grams", "kg": "kilograms", "oz": "ounces", "lb": "pounds"},
    "volume": {"ml": "millilitres", "l": "litres", "gal": "gallons"},
    "energy": {"J": "joules", "kJ": "kilojoules", "kcal": "kilocalories"},
    "temperature": {"C": "degrees Celsius", "F": "degrees Fahrenheit", "K": "kelvin"},
}
NUMBERS = {12: "a dozen", 20: "twenty", 100: "a hundred", 1000: "a thousand"}
PLACES = {0: "the nearest whole number", 1: "one decimal place", 3: "three decimals", 4: "four decimals"}
RATINGS = {
    "reading_ease": ("Flesch reading ease", "Flesch reading ease score"),
    "grade_level": ("Flesch-Kincaid grade level", "Flesch-Kincaid grade"),
}
STYLES = {"apa": "APA", "mla": "MLA", "chicago": "Chicago"}


def new_card(desk: EducationDesk) -> tuple[str, str, str]:
    """A deck that may be new, and the front and the back of a card that it does not have."""
    known = [subject for subject in words.SUBJECTS.values() if subject.name.capitalize() in desk.world.decks]
    subject = desk.pick(known if desk.chance() else tuple(words.SUBJECTS.values()))
    deck = subject.name.capitalize()
    cards = desk.world.decks.get(deck, {})
    front, back = desk.pick([fact for fact in subject.facts if fact[0] not in cards])
    return deck, front, back


def conversion(desk: EducationDesk) -> tuple[dict[str, Any], str, str]:
    """Arguments of convert_units with a result of a readable size, and words for what is converted and for the unit wanted."""
    while True:
        quantity = desk.pick(tuple(UNITS))
        source, target = desk.several(tuple(UNITS[quantity]), 2)
        value: float = desk.number(2, 250) if desk.chance() else desk.number(1, 99) + desk.number(1, 9) / 10
        said = str(value)
        if quantity != "temperature" and desk.chance(0.2):
            value = desk.pick(tuple(NUMBERS))
            said = NUMBERS[value]
        arguments = {"value": value, "from_unit": source, "to_unit": target}
        if 1 <= abs(desk.env.convert_units(value, source, target)["value"]) < 1e6:
            return arguments, f"{said} {UNITS[quantity][source]}", UNITS[quantity][target]


def reference(desk: EducationDesk, most: int = 3) -> tuple[dict[str, Any], str]:
    """Arguments of create_citation for a book, and the words for them."""
    count = desk.number(1, most)
    firsts, lasts = desk.several(names.FIRST_NAMES, count), desk.several(names.LAST_NAMES, count)
    authors = [f"{first} {last}" for first, last in zip(firsts, lasts, strict=True)]
    title, year, publisher = (
        desk.pick(desk.pick(tuple(words.SUBJECTS.values())).books),
        desk.number(1960, 2024),
        desk.pick(words.PUBLISHERS),
    )
    people = " and ".join(filter(None, (", ".join(authors[:-1]), authors[-1])))
    return {"authors": authors, "title": title, "year": year, "publisher": publisher}, f"'{title}' by {people} ({publisher}, {year})"


# ---- one call


@recipe("create_flash_card")
def add_card(desk: EducationDesk) -> Request:
    deck, front, back = new_card(desk)
    desk.call("create_flash_card", deck=deck, front=front, back=back)
    frames = (
        "Make a flash card in the deck '{deck}': front '{front}', back '{back}'.",
        "Please add '{front}' with the answer '{back}' to my cards in '{deck}'.",
        "card for '{deck}': '{front}' / '{back}'",
        "I always forget this one. Front '{front}', back '{back}', into the deck '{deck}'.",
        "Could you put '{front}' on a card in '{deck}'? On its back goes '{back}'.",
        "For the exam I want to learn that '{front}' is answered by '{back}'. Card it, deck '{deck}'.",
    )
    return Request(desk.say(frames, deck=deck, front=front, back=back))


@recipe("create_flash_card")
def add_both_ways(desk: EducationDesk) -> Request:
    deck, front, back = new_card(desk)
    count = desk.call("create_flash_card", deck=deck, front=front, back=back, reverse=True)["cards"]
    frames = (
        "Add '{front}' / '{back}' to the deck '{deck}', also the other way round. How many cards has it then?",
        "Please make a card '{front}' with the back '{back}' in '{deck}', plus the reversed one, and tell me the size of the deck.",
        "'{deck}': '{front}' <-> '{back}', both directions; cards in the deck?",
        "I learn in both directions: front '{front}', back '{back}', and swapped too. Deck '{deck}'. What is the count of cards now?",
        "Could you put '{front}' and '{back}' into '{deck}' as a pair of cards, one each way? Then name the total in the deck.",
    )
    return Request(desk.say(frames, deck=deck, front=front, back=back), f"It has {count} cards.", number_answer(count))


@recipe("create_flash_card", asks=True)
def add_card_with_what(desk: EducationDesk) -> Request:
    deck, front, back = new_card(desk)
    desk.ask("What should be on the back of the card?")
    desk.call("create_flash_card", deck=deck, front=front, back=back)
    frames = (
        "Make a flash card in the deck '{deck}' with '{front}' on the front.",
        "Please add '{front}' to my cards in '{deck}', with the answer from my notes.",
        "new card, deck '{deck}', front '{front}'",
        "I need a card for '{front}' in '{deck}', could you create it? I have my own answer for the back.",
        "The deck '{deck}' lacks '{front}'. Add that card with the answer our teacher gave.",
    )
    reply = desk.pick(("The back is '{0}'.", "Write '{0}' on the back.", "'{0}'.", "The answer is '{0}'.")).format(back)
    return Request(desk.say(frames, deck=deck, front=front), reply=reply)


@recipe("convert_units")
def convert(desk: EducationDesk) -> Request:
    arguments, quantity, unit = conversion(desk)
    value = desk.call("convert_units", **arguments)["value"]
    frames = (
        "How much is {quantity} in {unit}?",
        "Please convert {quantity} to {unit}.",
        "{quantity} = ? {unit}",
        "My textbook says {quantity}. What would that be in {unit}?",
        "I need {quantity} expressed in {unit} for the lab report.",
        "For my homework: {quantity}, given in {unit}?",
    )
    return Request(desk.say(frames, quantity=quantity, unit=unit), f"It is {value} {unit}.", number_answer(value))


@recipe("convert_units")
def convert_rounded(desk: EducationDesk) -> Request:
    arguments, quantity, unit = conversion(desk)
    digits = desk.pick(tuple(PLACES))
    value = desk.call("convert_units", **arguments, digits=digits)["value"]
    frames = (
        "Convert {quantity} to {unit}, rounded to {places}.",
        "What is {quantity} in {unit}? Give it to {places}, please.",
        "{quantity} in {unit}, to {places}",
        "The table in my report wants {quantity} as {unit}, to {places}.",
        "To {places}: how much is {quantity} in {unit}?",
        "Could you work out {quantity} in {unit}? Rounding to {places} is what the teacher asked for.",
    )
    said = {"quantity": quantity, "unit": unit, "places": PLACES[digits]}
    return Request(desk.say(frames, **said), f"It is {value} {unit}.", number_answer(value))


@recipe("convert_units", asks=True)
def convert_to_what(desk: EducationDesk) -> Request:
    arguments, quantity, unit = conversion(desk)
    desk.ask("Which unit should it be converted to?")
    value = desk.call("convert_units", **arguments)["value"]
    frames = (
        "Please convert {quantity}.",
        "I have {quantity} here and need it in the other unit. How much is that?",
        "{quantity} -> ?",
        "My report must not say {quantity}. Convert it to the unit that the teacher wants.",
        "How much is {quantity} in the unit of my exercise?",
    )
    reply = desk.pick(("To {0}.", "In {0}, please.", "I need {0}.", "The unit is {0}.")).format(unit)
    return Request(desk.say(frames, quantity=quantity), f"It is {value} {unit}.", number_answer(value), reply=reply)


@recipe("create_citation")
def cite(desk: EducationDesk) -> Request:
    arguments, book = reference(desk)
    style = desk.pick(tuple(STYLES))
    citation = desk.call("create_citation", **arguments, style=style)["citation"]
    frames = (
        "Write the {style} reference for {book}.",
        "How do I list {book} in a bibliography in {style} style?",
        "{style} citation: {book}",
        "My bibliography still lacks {book}. What is the entry in {style}?",
        "Please give me the full {style} entry of {book} for the list of works cited.",
        "Could you cite {book} the {style} way?",
    )
    return Request(desk.say(frames, style=STYLES[style], book=book), citation, (citation, citation.rstrip(".")))


@recipe("create_citation")
def cite_page(desk: EducationDesk) -> Request:
    arguments, book = reference(desk)
    style, page = desk.pick(tuple(STYLES)), desk.number(5, 380)
    citation = desk.call("create_citation", **arguments, style=style, page=page)["citation"]
    frames = (
        "I quote page {page} of {book}. What do I put in brackets in the text, in {style} style?",
        "Give me the in-text citation in {style} for page {page} of {book}.",
        "{style}, in the text, p. {page}: {book}",
        "How is page {page} of {book} cited inside a sentence under {style} rules?",
        "Please write the {style} reference that follows a quotation from page {page} of {book}.",
        "My quotation comes from {book}, page {page}. Which short citation does {style} want there?",
    )
    said = {"page": page, "book": book, "style": STYLES[style]}
    return Request(desk.say(frames, **said), citation, (citation, citation.strip("()")))


@recipe("analyze_text")
def count_in_text(desk: EducationDesk) -> Request:
    text, measure = desk.pick(words.PROSE), desk.pick(("words", "sentences", "syllables"))
    value = desk.call("analyze_text", text=text, measure=measure)[measure]
    frames = (
        "How many {measure} are there in '{text}'?",
        "Please count the {measure} of this: '{text}'",
        "'{text}' - {measure}?",
        "My paragraph reads '{text}' Tell me how many {measure} it has.",
        "There is a limit of {measure} for this text: '{text}' How many does it use?",
        "Count for me: '{text}' I want the number of {measure}.",
    )
    return Request(desk.say(frames, text=text, measure=measure), f"The number of {measure} is {value}.", number_answer(value))


@recipe("analyze_text")
def rate_text(desk: EducationDesk) -> Request:
    text, measure = desk.pick(words.PROSE), desk.pick(tuple(RATINGS))
    value = desk.call("analyze_text", text=text, measure=measure)[measure]
    frames = (
        "What is the {measure} of '{text}'?",
        "Please rate this for my pupils: '{text}' I need the {measure}.",
        "{measure}? '{text}'",
        "How hard is '{text}' to read? The {measure} will do.",
        "Before I hand it out, tell me the {measure} of this text: '{text}'",
        "I wonder whether '{text}' suits my class, so work out its {measure}.",
    )
    word = desk.pick(RATINGS[measure])
    return Request(desk.say(frames, text=text, measure=word), f"The {word} is {value}.", number_answer(value))


# ---- several calls


@recipe("convert_units", "create_flash_card")
def convert_to_card(desk: EducationDesk) -> Request:
    arguments, quantity, unit = conversion(desk)
    value = desk.call("convert_units", **arguments)["value"]
    deck, front = desk.pick((*desk.world.decks, "Units")), f"{quantity} in {unit}"
    desk.call("create_flash_card", deck=deck, front=front, back=str(value))
    frames = (
        "Convert {quantity} to {unit} and make a card in '{deck}': front '{front}', back just the number.",
        "I must remember {quantity} in {unit}. Compute it, then add a flash card '{front}' with only the number behind it to '{deck}'.",
        "card in '{deck}': '{front}' / the converted number alone (work it out first)",
        "Please work out {quantity} in {unit}; the number alone becomes the back of a new card '{front}' in the deck '{deck}'.",
    )
    return Request(desk.say(frames, quantity=quantity, unit=unit, deck=deck, front=front))


@recipe("create_citation", "create_flash_card")
def cite_to_card(desk: EducationDesk) -> Request:
    arguments, book = reference(desk, most=1)
    style, deck = desk.pick(tuple(STYLES)), desk.pick((*desk.world.decks, "Reading list"))
    citation = desk.call("create_citation", **arguments, style=style)["citation"]
    desk.call("create_flash_card", deck=deck, front=arguments["title"], back=citation)
    frames = (
        "Make the {style} reference for {book} and keep it as a flash card in '{deck}', with the title of the book on the front.",
        "Please cite {book} in {style}, then put that on the back of a card in '{deck}' whose front is the title.",
        "{style} entry of {book} -> card in '{deck}', front = book title, back = entry",
        "I learn my sources by heart: cite {book} the {style} way and add a card to '{deck}', title in front, citation behind.",
    )
    return Request(desk.say(frames, style=STYLES[style], book=book, deck=deck))


@recipe("analyze_text", "analyze_text")
def harder_text(desk: EducationDesk) -> Request:
    first, second = desk.several([text for text in words.PROSE if len(text.split()) <= 16], 2)
    value = max(desk.call("analyze_text", text=text, measure="grade_level")["grade_level"] for text in (first, second))
    frames = (
        "Which has the higher Flesch-Kincaid grade level, '{first}' or '{second}'? Tell me that grade.",
        "Compare the Flesch-Kincaid grades of '{first}' and '{second}' and give me the higher one.",
        "'{first}' vs '{second}': the larger Flesch-Kincaid grade level?",
        "My pupils get one of two texts: '{first}' and '{second}' How high is the Flesch-Kincaid grade level of the harder one?",
    )
    return Request(desk.say(frames, first=first, second=second), f"The higher grade level is {value}.", number_answer(value), lookups=2)
