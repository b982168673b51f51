"""Requests about spreadsheets."""

from __future__ import annotations

from envs.office.queries.desk import OfficeDesk
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer

OPERATIONS = {"sum": "total", "mean": "average", "min": "smallest value", "max": "largest value"}
ASKED = {  # for an operation without its name
    "sum": ("How much do {cells} of '{sheet}' come to altogether?", "add up {cells} in '{sheet}', result?"),
    "mean": ("What is it on average in {cells} of '{sheet}'?", "Sum {cells} of '{sheet}', divide by the count and give me that."),
    "min": ("How low does it get in {cells} of '{sheet}'?", "The worst one is all I care about: the least of {cells} in '{sheet}'?"),
    "max": ("How high does it get in {cells} of '{sheet}'?", "I want to boast with the best of {cells} in '{sheet}', so how much is that?"),
}


def existing(desk: OfficeDesk) -> str:
    """The name of a sheet."""
    return desk.pick(list(desk.world.sheets))


def filled(desk: OfficeDesk, sheet: str) -> str:
    """A cell that holds a number."""
    return desk.pick([cell for cell, value in desk.world.sheets[sheet].items() if not isinstance(value, str)])


def last_row(desk: OfficeDesk, sheet: str) -> int:
    return max(int(cell[1:]) for cell in desk.world.sheets[sheet])


def columns(desk: OfficeDesk, sheet: str, count: int) -> list[str]:
    """Different columns of numbers."""
    return sorted(desk.several([cell[0] for cell in desk.world.sheets[sheet] if cell[0] != "A" and cell[1:] == "1"], count))


def column_range(desk: OfficeDesk, sheet: str, column: str) -> str:
    return f"{column}2:{column}{last_row(desk, sheet)}"


def some_range(desk: OfficeDesk, sheet: str) -> str:
    """A part of a column or of a row, of two numbers or more."""
    if desk.chance(0.7):
        column, last = columns(desk, sheet, 1)[0], last_row(desk, sheet)
        first = desk.pick(range(2, last))
        return f"{column}{first}:{column}{desk.pick(range(first + 1, last + 1))}"
    row = desk.pick(range(2, last_row(desk, sheet) + 1))
    return "{0}{row}:{1}{row}".format(*columns(desk, sheet, 2), row=row)


def new_number(desk: OfficeDesk, sheet: str, cell: str) -> float:
    number = desk.number(10, 999) if desk.chance() else desk.number(100, 9989) / 10 + desk.number(1, 9) / 100
    return round(number if number != desk.world.sheets[sheet][cell] else number + 1, 2)


@recipe("read_cell")
def read(desk: OfficeDesk) -> Request:
    sheet = existing(desk)
    cell = filled(desk, sheet)
    value = desk.call("read_cell", sheet=sheet, cell=cell)["value"]
    frames = (
        "What is in cell {cell} of '{sheet}'?",
        "Please read {cell} in the sheet '{sheet}' to me.",
        "I need the figure that stands in {cell} of the spreadsheet '{sheet}'.",
        "'{sheet}' {cell}?",
        "Which number does '{sheet}' have in {cell}?",
        "I am filling in a form and lack one number, the one in {cell} of '{sheet}'.",
    )
    return Request(desk.say(frames, sheet=sheet, cell=cell), f"It is {value}.", number_answer(value))


@recipe("write_cell")
def write(desk: OfficeDesk) -> Request:
    sheet = existing(desk)
    value = new_number(desk, sheet, cell := filled(desk, sheet))
    desk.call("write_cell", sheet=sheet, cell=cell, value=value)
    frames = (
        "Set cell {cell} of '{sheet}' to {value}.",
        "Please enter {value} into {cell} of the sheet '{sheet}'.",
        "The figure in {cell} of '{sheet}' is wrong, it should be {value}.",
        "'{sheet}' {cell} = {value}",
        "Could you put {value} in {cell} of the spreadsheet '{sheet}'?",
        "I have counted again and it is {value}. That goes into {cell} of '{sheet}', whatever stands there.",
    )
    return Request(desk.say(frames, sheet=sheet, cell=cell, value=value))


@recipe("aggregate_range")
def aggregate(desk: OfficeDesk) -> Request:
    sheet, operation = existing(desk), desk.pick(tuple(OPERATIONS))
    cells = some_range(desk, sheet)
    value = desk.call("aggregate_range", sheet=sheet, cells=cells, operation=operation)[operation]
    frames = (
        "What is the {operation} of {cells} in '{sheet}'?",
        "Please work out the {operation} of the cells {cells} of the sheet '{sheet}'.",
        "I need the {operation} over {cells} in the spreadsheet '{sheet}'.",
        "'{sheet}' {cells}: {operation}?",
        "Take {cells} in '{sheet}' and tell me the {operation}.",
        *ASKED[operation],
    )
    words = OPERATIONS[operation]
    return Request(desk.say(frames, sheet=sheet, cells=cells, operation=words), f"The {words} is {value}.", number_answer(value))


@recipe("read_cell", "write_cell")
def copy(desk: OfficeDesk) -> Request:
    sheet = existing(desk)
    source, target = filled(desk, sheet), f"{columns(desk, sheet, 1)[0]}{last_row(desk, sheet) + 1}"
    value = desk.call("read_cell", sheet=sheet, cell=source)["value"]
    desk.call("write_cell", sheet=sheet, cell=target, value=value)
    frames = (
        "Copy the number in {source} of '{sheet}' to {target}.",
        "Read {source} in the sheet '{sheet}' and write the same value into {target}.",
        "In '{sheet}', {target} should show what {source} shows.",
        "copy within '{sheet}': {source} -> {target}",
        "I need the value of {source} a second time in '{sheet}', namely in {target}.",
    )
    return Request(desk.say(frames, sheet=sheet, source=source, target=target))


@recipe("read_cell", "write_cell")
def increase(desk: OfficeDesk) -> Request:
    sheet, step = existing(desk), desk.number(2, 60)
    cell = filled(desk, sheet)
    value = desk.call("read_cell", sheet=sheet, cell=cell)["value"]
    less = value > step and desk.chance(0.3)
    desk.call("write_cell", sheet=sheet, cell=cell, value=round(value - step if less else value + step, 2))
    frames = (
        (
            "Raise the number in {cell} of '{sheet}' by {step}.",
            "There are {step} more to count in {cell} of '{sheet}'. Please look up what stands there and correct it.",
            "'{sheet}' {cell}: plus {step}",
            "Whatever {cell} of '{sheet}' holds now, it should be {step} higher.",
            "Could you read {cell} in '{sheet}' and write it back with {step} added?",
        ),
        (
            "Lower the number in {cell} of '{sheet}' by {step}.",
            "We counted {step} too many in {cell} of '{sheet}'. Please look up what stands there and correct it.",
            "'{sheet}' {cell}: minus {step}",
            "Whatever {cell} of '{sheet}' holds now, it should be {step} lower.",
            "Could you read {cell} in '{sheet}', take away {step} and write the rest back?",
        ),
    )
    return Request(desk.say(frames[less], sheet=sheet, cell=cell, step=step))


@recipe("aggregate_range", "write_cell")
def aggregate_and_write(desk: OfficeDesk) -> Request:
    sheet, operation = existing(desk), desk.pick(tuple(OPERATIONS))
    (column,) = columns(desk, sheet, 1)
    cells, target = column_range(desk, sheet, column), f"{column}{last_row(desk, sheet) + 1}"
    value = desk.call("aggregate_range", sheet=sheet, cells=cells, operation=operation)[operation]
    desk.call("write_cell", sheet=sheet, cell=target, value=value)
    frames = (
        "Compute the {operation} of {cells} in '{sheet}' and write it into {target}.",
        "Cell {target} of the sheet '{sheet}' should hold the {operation} of {cells}.",
        "Please put the {operation} of {cells} into {target} of '{sheet}'.",
        "'{sheet}' {target} = {operation} of {cells}",
        "There is room for the {operation} of {cells} in {target}. Could you work it out and enter it, in '{sheet}'?",
    )
    return Request(desk.say(frames, sheet=sheet, cells=cells, target=target, operation=OPERATIONS[operation]))


@recipe("write_cell", "aggregate_range")
def write_then_total(desk: OfficeDesk) -> Request:
    sheet = existing(desk)
    value = new_number(desk, sheet, cell := filled(desk, sheet))
    cells = column_range(desk, sheet, cell[0])
    desk.call("write_cell", sheet=sheet, cell=cell, value=value)
    total = desk.call("aggregate_range", sheet=sheet, cells=cells, operation="sum")["sum"]
    frames = (
        "Set {cell} of '{sheet}' to {value} and tell me the new total of {cells}.",
        "Please enter {value} in {cell} of the sheet '{sheet}'. What is the sum of {cells} then?",
        "In '{sheet}' {cell} is really {value}. Correct it, then add up {cells}.",
        "'{sheet}' {cell} = {value}, then the sum of {cells}?",
    )
    said = {"sheet": sheet, "cell": cell, "value": value, "cells": cells}
    return Request(desk.say(frames, **said), f"The total is {total}.", number_answer(total))


@recipe("aggregate_range", "aggregate_range")
def higher_total(desk: OfficeDesk) -> Request:
    sheet = existing(desk)
    ranges = [column_range(desk, sheet, column) for column in columns(desk, sheet, 2)]
    total = max(desk.call("aggregate_range", sheet=sheet, cells=cells, operation="sum")["sum"] for cells in ranges)
    frames = (
        "Add up {0} and {1} in '{sheet}', each by itself. How much is the higher total?",
        "In the sheet '{sheet}', which is the larger sum, that of {0} or that of {1}? Tell me the number.",
        "Please compare the totals of {0} and {1} in '{sheet}' and give me the bigger one.",
        "'{sheet}': sum of {0} vs sum of {1}, the higher number?",
    )
    return Request(desk.say(frames, *ranges, sheet=sheet), f"The higher total is {total}.", number_answer(total), lookups=2)


@recipe("aggregate_range", "write_cell", "aggregate_range", "write_cell")
def total_two_columns(desk: OfficeDesk) -> Request:
    sheet = existing(desk)
    pair, row = columns(desk, sheet, 2), last_row(desk, sheet) + 1
    sources, targets = [column_range(desk, sheet, column) for column in pair], [f"{column}{row}" for column in pair]
    for source, target in zip(sources, targets, strict=True):
        total = desk.call("aggregate_range", sheet=sheet, cells=source, operation="sum")["sum"]
        desk.call("write_cell", sheet=sheet, cell=target, value=total)
    frames = (
        "In '{sheet}', add up {0} and write the total into {2}. Only then do the same with {1} and {3}.",
        "First the sum of {0} into {2}, then the sum of {1} into {3}, all in the sheet '{sheet}'.",
        "Please total {0} of '{sheet}' in {2}, and after that {1} in {3}.",
        "'{sheet}': {2} = sum of {0}, next {3} = sum of {1}",
    )
    return Request(desk.say(frames, *sources, *targets, sheet=sheet))


# ---- where the user has to be asked


@recipe("write_cell", asks=True)
def ask_value(desk: OfficeDesk) -> Request:
    sheet = existing(desk)
    value = new_number(desk, sheet, cell := filled(desk, sheet))
    desk.ask("Which number belongs there?")
    desk.call("write_cell", sheet=sheet, cell=cell, value=value)
    frames = (
        "Correct the number in {cell} of '{sheet}'.",
        "Please enter a new figure into {cell} of the sheet '{sheet}'.",
        "'{sheet}' {cell} is wrong, overwrite it",
        "I have the right number for {cell} of '{sheet}' here. Could you put it in?",
    )
    replies = ("It is {value}.", "{value}", "Write {value}, please.", "The right number is {value}.")
    return Request(desk.say(frames, sheet=sheet, cell=cell), reply=desk.say(replies, value=value))


@recipe("read_cell", asks=True)
def ask_cell(desk: OfficeDesk) -> Request:
    sheet = existing(desk)
    cell = filled(desk, sheet)
    desk.ask("Which cell do you mean?")
    value = desk.call("read_cell", sheet=sheet, cell=cell)["value"]
    frames = (
        "Read me a number from the sheet '{sheet}'.",
        "What does a certain cell of '{sheet}' say?",
        "one figure out of '{sheet}', please",
        "I need to know what stands in one of the cells of '{sheet}'. Ask me which.",
    )
    said, replies = desk.say(frames, sheet=sheet), ("I mean {cell}.", "{cell}", "The one in {cell}.", "Cell {cell}, please.")
    return Request(said, f"It is {value}.", number_answer(value), reply=desk.say(replies, cell=cell))
