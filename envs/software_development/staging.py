"""The staging database: a few tables of made-up rows, loaded into SQLite in memory to be queried."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from envs.scenario import names
from envs.scenario.choice import pick, several
from envs.scenario.clock import days_after
from envs.software_development import vocabulary as words

Value = int | float | str | None
STEPS = 200_000  # of SQLite's virtual machine; what takes longer is stopped
LONGEST_VALUE = 10_000  # bytes
CUSTOMERS = 8
CLOCK = re.compile(r"\bnow\b|\bsubsec(?:ond)?\b|\bcurrent_(?:date|time|timestamp)\b", re.IGNORECASE)
NO_CLOCK = "the staging database has no clock, write the date itself"
# Functions that mean now when they have so few arguments.
UNTIMED = {"date": 0, "time": 0, "datetime": 0, "julianday": 0, "unixepoch": 0, "strftime": 1}
READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
UNREPEATABLE = {"random", "randomblob", "sqlite_version", "changes", "total_changes", "last_insert_rowid"}


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    refers_to: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.type}" + (f" REFERENCES {self.refers_to}" if self.refers_to else "")


@dataclass(frozen=True)
class Table:
    """Rows by the order of `columns`, the first of which is the primary key; `indexes` names an index for each column that has one."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    indexes: tuple[tuple[str, str], ...] = ()

    def values(self, column: str) -> list[Value]:
        place = [column.name for column in self.columns].index(column)
        return [row[place] for row in self.rows]


class QueryFailed(Exception):
    """A query that SQLite refuses, in one line."""


def select(tables: Sequence[Table], sql: str) -> tuple[list[str], list[tuple[Value, ...]]]:
    """The column names and the rows of one SELECT. Nothing but reading the tables is allowed.

    Raises:
        QueryFailed: the query is wrong, takes too long, or does something else than read.
    """
    if CLOCK.search(sql):
        raise QueryFailed(NO_CLOCK)
    connection = sqlite3.connect(":memory:")
    try:
        for table in tables:
            _load(connection, table)
        for name, arguments in UNTIMED.items():
            connection.create_function(name, arguments, _no_clock)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
        connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, LONGEST_VALUE)
        connection.set_progress_handler(lambda: 1, STEPS)
        connection.set_authorizer(_only_reading)
        cursor = connection.execute(sql)
        if cursor.description is None:
            raise QueryFailed("only a SELECT can be run")
        return [column[0] for column in cursor.description], cursor.fetchmany(1000)
    except (sqlite3.Error, sqlite3.Warning, OverflowError, ValueError) as error:
        text = " ".join(str(error).split())
        known = {
            "not authorized": "only a SELECT on the tables can be run",
            "interrupted": "the query takes too long",
            "user-defined function raised exception": NO_CLOCK,
        }
        raise QueryFailed(known.get(text, text)[:200]) from None
    finally:
        connection.close()


def _load(connection: sqlite3.Connection, table: Table) -> None:
    first, *others = map(str, table.columns)
    connection.execute(f"CREATE TABLE {table.name} ({', '.join([f'{first} PRIMARY KEY', *others])})")
    connection.executemany(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})", table.rows)
    for index, column in table.indexes:
        connection.execute(f"CREATE INDEX {index} ON {table.name} ({column})")


def _no_clock(*_: Value) -> Value:
    raise QueryFailed(NO_CLOCK)


def _only_reading(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    allowed = action in READING and not (first or "").startswith("sqlite_") and second not in UNREPEATABLE
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


# ---- the tables of a world

Draw = Callable[[np.random.Generator, str, int], list[Value]]


def _choice(items: Sequence[str]) -> Draw:
    return lambda random, _today, count: [items[index] for index in random.integers(len(items), size=count).tolist()]


def _number(least: int, most: int) -> Draw:
    return lambda random, _today, count: random.integers(least, most + 1, size=count).tolist()


def _decimal(least: int, most: int) -> Draw:
    return lambda random, _today, count: [value / 4 for value in random.integers(4 * least, 4 * most + 1, size=count).tolist()]


def _past(random: np.random.Generator, today: str, count: int) -> list[Value]:
    return [days_after(today, -days) for days in random.integers(1, 120, size=count).tolist()]


CUSTOMER: tuple[Column, Draw] = Column("customer_id", "INTEGER", "customers"), _number(1, CUSTOMERS)
ALWAYS: dict[str, tuple[tuple[Column, Draw], ...]] = {  # columns that a table has in every world
    "orders": (
        CUSTOMER,
        (Column("product", "TEXT"), _choice(words.PRODUCTS)),
        (Column("quantity", "INTEGER"), _number(1, 9)),
        (Column("amount", "INTEGER"), _number(5, 400)),
        (Column("status", "TEXT"), _choice(words.STATUSES)),
    ),
    "tickets": (
        CUSTOMER,
        (Column("topic", "TEXT"), _choice(words.TOPICS)),
        (Column("severity", "TEXT"), _choice(words.SEVERITIES)),
        (Column("minutes", "INTEGER"), _number(2, 240)),
    ),
    "sessions": (
        CUSTOMER,
        (Column("device", "TEXT"), _choice(words.DEVICES)),
        (Column("seconds", "INTEGER"), _number(10, 3600)),
        (Column("clicks", "INTEGER"), _number(1, 99)),
    ),
}
SOMETIMES: dict[str, tuple[tuple[Column, Draw], ...]] = {  # each world has two of them
    "orders": (
        (Column("weight", "REAL"), _decimal(1, 30)),
        (Column("discount", "REAL"), _decimal(0, 20)),
        (Column("placed", "TEXT"), _past),
        (Column("boxes", "INTEGER"), _number(1, 5)),
    ),
    "tickets": (
        (Column("opened", "TEXT"), _past),
        (Column("replies", "INTEGER"), _number(0, 12)),
        (Column("score", "REAL"), _decimal(1, 5)),
        (Column("reopened", "INTEGER"), _number(0, 3)),
    ),
    "sessions": (
        (Column("started", "TEXT"), _past),
        (Column("errors", "INTEGER"), _number(0, 6)),
        (Column("load_seconds", "REAL"), _decimal(0, 8)),
        (Column("searches", "INTEGER"), _number(0, 20)),
    ),
}


def build_tables(random: np.random.Generator, today: str) -> dict[str, Table]:
    """The customers, and two tables that refer to them."""
    tables = [_customers(random, today)]
    for name in sorted(several(random, tuple(ALWAYS), 2)):
        drawn = [*ALWAYS[name], *several(random, SOMETIMES[name], 2)]
        count = int(random.integers(12, 19))
        rows = zip(range(1, count + 1), *(draw(random, today, count) for _, draw in drawn), strict=True)
        columns = (Column("id", "INTEGER"), *(column for column, _ in drawn))
        indexed = pick(random, [column.name for column in columns[1:]])
        tables.append(Table(name, columns, tuple(rows), ((f"{pick(random, ('idx', 'ix', 'by'))}_{name}_{indexed}", indexed),)))
    return {table.name: table for table in tables}


def _customers(random: np.random.Generator, today: str) -> Table:
    numbers = range(1, CUSTOMERS + 1)
    columns = Column("id", "INTEGER"), Column("name", "TEXT"), Column("city", "TEXT"), Column("plan", "TEXT"), Column("joined", "TEXT")
    people = several(random, names.LAST_NAMES, CUSTOMERS)
    cities = _choice(several(random, names.CITIES, 4))(random, today, CUSTOMERS)
    rows = zip(numbers, people, cities, _choice(words.PLANS)(random, today, CUSTOMERS), _past(random, today, CUSTOMERS), strict=True)
    return Table("customers", columns, tuple(rows), (("customers_by_city", "city"),))
