"""The tools over the library."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from envs.education.areas.lookup import known_student
from envs.education.world import Book, World
from envs.scenario.checks import check_text
from envs.scenario.clock import days_after
from envs.scenario.rounding import tidy
from raytool.env import ToolError, tool

SHOWN = 2  # entries of a listing; the count is always of all
MOST_LOANS = 3  # at a time
FINE, HIGHEST_FINE = 0.25, 5.0  # for each day late, and in all


class Library:
    """Three tools. A late book costs a fine, a damaged one its price besides."""

    world: World

    @tool
    def find_book(self, text: str, by: Literal["any", "title", "author", "subject"] = "any", available: bool = False) -> dict[str, Any]:
        """Search the library's catalogue.

        Args:
            text: words to look for
            by: where to look
            available: only books with a copy on the shelf

        Returns:
            The count of books, and the id, title, author, year, publisher and copies on the shelf of the first ones, by title.

        Raises:
            ToolError: the text is empty.
        """
        check_text(text=text)
        fields = ("title", "author", "subject") if by == "any" else (by,)
        found = [
            book
            for book in sorted(self.world.books.values(), key=lambda book: book.title)
            if any(text.casefold() in getattr(book, name).casefold() for name in fields) and (not available or self.world.copies_in(book))
        ]
        columns = ("id", "title", "author", "year", "publisher")
        shown = [{**{name: getattr(book, name) for name in columns}, "copies_in": self.world.copies_in(book)} for book in found[:SHOWN]]
        return {"count": len(found), "books": shown}

    @tool
    def borrow_book(self, book_id: str, student_id: str, days: int = 14) -> dict[str, str]:
        """Lend a book to a student.

        Args:
            book_id: e.g. b123
            student_id: e.g. s1234
            days: how long

        Returns:
            The title, and when it is due.

        Raises:
            ToolError: there is no such book or student, no copy is left, or the student may not borrow it.
        """
        book = self._book(book_id)
        known_student(self.world, student_id)
        if not 1 <= days <= 90:
            raise ToolError(f"days is {days}, not 1 to 90")
        loans = {other: due for (other, borrower), due in self.world.loans.items() if borrower == student_id}
        if book_id in loans:
            raise ToolError(f"{student_id} has {book_id} already")
        if late := next((other for other, due in loans.items() if due < self.world.today), ""):
            raise ToolError(f"{student_id} has an overdue book, {late}")
        if len(loans) >= MOST_LOANS:
            raise ToolError(f"{student_id} has {len(loans)} books, and may have no more")
        if not self.world.copies_in(book):
            raise ToolError(f"no copy of {book_id} is left")
        due = days_after(self.world.today, days)
        self.world.loans[book_id, student_id] = due
        return {"title": book.title, "due": due}

    @tool
    def return_book(self, book_id: str, student_id: str, damaged: bool = False) -> dict[str, Any]:
        """Take a book back from a student and charge any fine.

        Args:
            book_id: e.g. b123
            student_id: e.g. s1234
            damaged: it has to be replaced

        Returns:
            The title, the days late and the fine.

        Raises:
            ToolError: there is no such book or student, or the student does not have it.
        """
        book = self._book(book_id)
        known_student(self.world, student_id)
        if (book_id, student_id) not in self.world.loans:
            raise ToolError(f"{student_id} does not have {book_id}")
        due = self.world.loans.pop((book_id, student_id))
        days = max(0, (date.fromisoformat(self.world.today) - date.fromisoformat(due)).days)
        fine = tidy(min(HIGHEST_FINE, days * FINE) + (book.price if damaged else 0))
        if fine:
            self.world.fines[student_id] = self.world.fines.get(student_id, 0) + fine
        return {"title": book.title, "days_late": days, "fine": fine}

    def _book(self, book_id: str) -> Book:
        if book_id not in self.world.books:
            raise ToolError(f"no book {book_id!r}; an id is like b123")
        return self.world.books[book_id]
