"""Requests about the library."""

from __future__ import annotations

from typing import Any

from envs.education.areas.library import MOST_LOANS
from envs.education.queries.desk import SPANS, EducationDesk
from envs.education.world import Book
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import date_answer, number_answer


def any_book(desk: EducationDesk) -> Book:
    return desk.pick(list(desk.world.books.values()))


def may_borrow(desk: EducationDesk, student: str, book: Book) -> bool:
    loans = {other: due for (other, borrower), due in desk.world.loans.items() if borrower == student}
    is_reliable = book.id not in loans and len(loans) < MOST_LOANS and min(loans.values(), default=desk.world.today) >= desk.world.today
    return is_reliable and desk.world.copies_in(book) > 0


def offer(desk: EducationDesk) -> tuple[Book, str]:
    """A book, and the id of a student who may borrow it."""
    pairs = [(book, student) for book in desk.world.books.values() for student in desk.world.students]
    return desk.pick([(book, student) for book, student in pairs if may_borrow(desk, student, book)])


def loan(desk: EducationDesk, is_overdue: bool | None = None) -> tuple[Book, str]:
    """A book that is out, and the id of who has it."""
    loans = [
        (desk.world.books[book], student)
        for (book, student), due in desk.world.loans.items()
        if is_overdue is None or is_overdue == (due < desk.world.today)
    ]
    return desk.pick(loans)


def without_loans(desk: EducationDesk) -> str:
    """The id of a student who has no book."""
    return desk.other(list(desk.world.students), *(student for _, student in desk.world.loans))


def look_up(desk: EducationDesk, book: Book) -> dict[str, Any]:
    """What find_book shows of a book that is sought by its title, `by` being right in either way."""
    found: dict[str, Any] = desk.call("find_book", {"by": ("title",)}, text=book.title)["books"][0]
    return found


# ---- one call


@recipe("find_book")
def book_detail(desk: EducationDesk) -> Request:
    book = any_book(desk)
    found = look_up(desk, book)
    if desk.chance():
        frames = (
            "Who wrote '{title}'? Our library has it.",
            "Please look up the author of '{title}' in the catalogue.",
            "author of '{title}' (library)?",
            "There is a book called '{title}' in the library. By whom is it?",
        )
        return Request(desk.say(frames, title=book.title), f"It is by {found['author']}.", (found["author"],))
    frames = (
        "Which id does '{title}' have in the library?",
        "I want to reserve '{title}' and need its catalogue id.",
        "catalogue id of '{title}'?",
        "Please find the book '{title}' and tell me the id on its label.",
    )
    return Request(desk.say(frames, title=book.title), f"The id is {found['id']}.", (found["id"],))


@recipe("find_book")
def copies_left(desk: EducationDesk) -> Request:
    copies = look_up(desk, book := any_book(desk))["copies_in"]
    frames = (
        "How many copies of '{title}' are on the shelf right now?",
        "Can I still get '{title}'? Tell me how many copies are in.",
        "'{title}': copies in?",
        "My whole study group wants '{title}'. How many copies has the library left?",
        "Please check the number of copies of '{title}' that are not lent out.",
    )
    told = number_answer(copies) if copies else (*number_answer(copies), "no copies", "none")
    return Request(desk.say(frames, title=book.title), f"Copies on the shelf: {copies}.", told)


@recipe("find_book")
def book_by_author(desk: EducationDesk) -> Request:
    book = any_book(desk)
    title = desk.call("find_book", {"by": ("any",)}, text=book.author, by="author")["books"][0]["title"]
    frames = (
        "Which book by {author} does the library have?",
        "I am looking for something {author} wrote. What is the title?",
        "library: anything by the author {author}? title please",
        "Please search the authors for {author} and tell me what the book is called.",
        "We were told to read {author}. Which title of theirs is in the catalogue?",
    )
    return Request(desk.say(frames, author=book.author), f"It is {title}.", (title,))


@recipe("find_book")
def books_on_subject(desk: EducationDesk) -> Request:
    subject = desk.pick([book for book in desk.world.books.values() if desk.world.copies_in(book)]).subject
    count = desk.call("find_book", text=subject, by="subject", available=True)["count"]
    frames = (
        "How many books on the subject of {subject} could I take home today?",
        "Count the books under {subject} that have a copy on the shelf.",
        "subject {subject}, not lent out: how many titles?",
        "I need reading for {subject}. How many books of that subject are available right now?",
        "Please search by subject for {subject}, only what is in, and tell me the number of books.",
    )
    return Request(desk.say(frames, subject=subject), f"There are {count}.", number_answer(count))


@recipe("borrow_book")
def borrow(desk: EducationDesk) -> Request:
    book, student = offer(desk)
    due = desk.call("borrow_book", book_id=book.id, student_id=student)["due"]
    frames = (
        "Lend book {id} to {who} for the usual time. When is it due?",
        "{who} takes {id} home. Please book the loan and tell me the return date.",
        "{id} -> {who}, normal loan, due date?",
        "Could you check out {id} for {who}? I have to stamp the day it comes back.",
        "Here is {who} with '{title}' ({id}). Enter the loan; by when does it have to be back?",
    )
    said = {"id": book.id, "who": desk.who(student), "title": book.title}
    return Request(desk.say(frames, **said), f"It is due on {due}.", date_answer(due))


@recipe("borrow_book")
def borrow_for(desk: EducationDesk) -> Request:
    book, student = offer(desk)
    days = desk.pick(tuple(SPANS))
    desk.call("borrow_book", book_id=book.id, student_id=student, days=days)
    frames = (
        "Lend {id} to {who} for {span}.",
        "{who} would like to keep '{title}' ({id}) for {span}. Please check it out.",
        "loan: {id}, {who}, {span}",
        "Could {who} have the book {id}? They need it for {span}.",
        "Please give {id} out to {who}, to be brought back in {span}.",
        "For the project, {who} borrows {id} for {span}.",
    )
    return Request(desk.say(frames, id=book.id, who=desk.who(student), title=book.title, span=desk.span(days)))


@recipe("borrow_book", asks=True)
def borrow_to_whom(desk: EducationDesk) -> Request:
    book, student = offer(desk)
    desk.ask("Which student is the book for?")
    desk.call("borrow_book", book_id=book.id, student_id=student)
    frames = (
        "Please lend '{title}' ({id}) to one of my students.",
        "Check out book {id}, the student is waiting here.",
        "loan of {id}, two weeks",
        "Somebody would like to take {id} home for two weeks. Could you enter it?",
        "The book {id} is to be lent for the usual two weeks.",
    )
    reply = desk.pick(("It is for {0}.", "To {0}.", "{0}, please.", "The borrower is {0}.")).format(desk.who(student))
    return Request(desk.say(frames, title=book.title, id=book.id), reply=reply)


@recipe("return_book")
def bring_back(desk: EducationDesk) -> Request:
    book, student = loan(desk)
    desk.call("return_book", book_id=book.id, student_id=student)
    frames = (
        "{who} brings back {id}.",
        "Please take {id} back from {who}.",
        "{id} returned by {who}, in good shape",
        "The book '{title}' ({id}) is here again; {who} had it. Clear the loan.",
        "Could you check in {id}? {who} has just handed it over.",
        "I am done with {id}. My number: {who}. Please end the loan.",
    )
    return Request(desk.say(frames, who=desk.who(student), id=book.id, title=book.title))


@recipe("return_book")
def bring_back_late(desk: EducationDesk) -> Request:
    book, student = loan(desk, is_overdue=True)
    fine = desk.call("return_book", book_id=book.id, student_id=student)["fine"]
    frames = (
        "{who} returns {id}, and it is overdue. What is the fine?",
        "Please check {id} back in from {who} and tell me what the delay costs.",
        "{id} back from {who}, late; fine?",
        "Finally, {who} has brought back '{title}' ({id}). End the loan and name the fine.",
    )
    return Request(desk.say(frames, who=desk.who(student), id=book.id, title=book.title), f"The fine is {fine}.", number_answer(fine))


@recipe("return_book")
def bring_back_damaged(desk: EducationDesk) -> Request:
    book, student = loan(desk)
    fine = desk.call("return_book", book_id=book.id, student_id=student, damaged=True)["fine"]
    frames = (
        "{who} returns {id} with a broken spine. How much do they have to pay?",
        "The book {id} of {who} came back soaked and must be replaced. Take it back and tell me the fine.",
        "return {id} from {who}, damaged beyond repair; total fine?",
        "Please end the loan of {id} by {who}. The dog ate half of it. What do I charge?",
        "Pages are torn out of '{title}' ({id}), which {who} brings back. It has to be replaced; what is the charge?",
    )
    return Request(desk.say(frames, who=desk.who(student), id=book.id, title=book.title), f"The fine is {fine}.", number_answer(fine))


# ---- several calls


@recipe("find_book", "borrow_book")
def find_and_borrow(desk: EducationDesk) -> Request:
    book, student = offer(desk)
    days = desk.pick(tuple(SPANS))
    found = look_up(desk, book)
    desk.call("borrow_book", book_id=found["id"], student_id=student, days=days)
    frames = (
        "Find '{title}' in the library and lend it to {who} for {span}.",
        "{who} wants '{title}' for {span}. Look up the book id and check it out.",
        "Please search for '{title}', then enter a loan of {span} for {who}.",
        "loan of '{title}' to {who}, {span}; id from the catalogue",
        "Could {who} borrow '{title}' for {span}? I do not have the number of the book.",
    )
    return Request(desk.say(frames, title=book.title, who=desk.who(student), span=desk.span(days)))


@recipe("find_book", "return_book")
def find_and_return(desk: EducationDesk) -> Request:
    book, student = loan(desk)
    found = look_up(desk, book)
    desk.call("return_book", book_id=found["id"], student_id=student)
    frames = (
        "{who} brings back '{title}'. Look up its id and end the loan.",
        "Find '{title}' in the catalogue and take it back from {who}.",
        "The label is gone, but it is '{title}', returned by {who}. Please find it and check it in.",
        "'{title}' back from {who}, id must be searched",
        "Could you check in '{title}' for {who}? You have to look for the book first.",
    )
    return Request(desk.say(frames, title=book.title, who=desk.who(student)))


@recipe("return_book", "borrow_book")
def hand_over(desk: EducationDesk) -> Request:
    book, first = loan(desk)
    second, days = without_loans(desk), desk.pick(tuple(SPANS))
    desk.call("return_book", book_id=book.id, student_id=first)
    desk.call("borrow_book", book_id=book.id, student_id=second, days=days)
    frames = (
        "{first} returns {id}, then {second} borrows it for {span}.",
        "Please check {id} in from {first} and straight out again to {second}, for {span}.",
        "{id}: back from {first}, next to {second}, {span}",
        "The copy of '{title}' ({id}) goes from {first} to {second}: end the first loan, then enter one of {span}.",
    )
    said = {"first": desk.who(first), "second": desk.who(second), "id": book.id, "title": book.title, "span": desk.span(days)}
    return Request(desk.say(frames, **said))


@recipe("find_book", "return_book", "borrow_book")
def find_and_hand_over(desk: EducationDesk) -> Request:
    book, first = loan(desk)
    second, days = without_loans(desk), desk.pick(tuple(SPANS))
    found = look_up(desk, book)
    desk.call("return_book", book_id=found["id"], student_id=first)
    desk.call("borrow_book", book_id=found["id"], student_id=second, days=days)
    frames = (
        "Look up '{title}', take it back from {first} and then lend it to {second} for {span}.",
        "{first} is finished with '{title}' and {second} wants it next, for {span}. Find its id, end the one loan, start the other.",
        "'{title}': search it, return from {first}, then loan to {second}, {span}",
        "Please pass '{title}' on: first it comes back from {first}, after that {second} has it for {span}. You must look up the book.",
    )
    said = {"first": desk.who(first), "second": desk.who(second), "title": book.title, "span": desk.span(days)}
    return Request(desk.say(frames, **said))
