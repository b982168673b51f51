"""Requests about the staging database."""

from __future__ import annotations

from typing import Any

from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer
from envs.software_development.queries.desk import SoftwareDesk
from envs.software_development.staging import Table

AGGREGATES = {  # what a query may call a function of a column
    "MAX": ("highest value of", "largest value of"),
    "MIN": ("lowest value of", "smallest value of"),
    "SUM": ("sum of", "total of"),
}


def table_of_events(desk: SoftwareDesk) -> Table:
    """Any but the customers."""
    return desk.pick([table for table in desk.world.tables.values() if table.name != "customers"])


def columns(table: Table, kind: str) -> list[str]:
    """The columns of a type, without keys and dates."""
    keys = ("id", "customer_id", "joined", "placed", "opened", "started", "name")
    return [column.name for column in table.columns if column.type == kind and column.name not in keys]


def text_value(desk: SoftwareDesk, table: Table) -> tuple[str, str]:
    """A column of texts, and a value that stands in it."""
    column = desk.pick(columns(table, "TEXT"))
    return column, str(desk.pick(table.values(column)))


@recipe("describe_table")
def column_type(desk: SoftwareDesk) -> Request:
    table = desk.pick(list(desk.world.tables.values()))
    column = desk.pick(table.columns)
    desk.call("describe_table", {"indexes": (True,)}, table=table.name)
    frames = (
        "Which type does the column {column} of the staging table {table} have?",
        "Please look up the type of {column} in {table} on staging.",
        "staging, {table}.{column}: type?",
        "I am writing a migration for {table} and have to know the type of its column {column} on staging.",
        "Is the column {column} of the staging table {table} a number or a text? Tell me the declared type.",
        "What is the column {column} declared as in {table} of the staging database?",
    )
    return Request(desk.say(frames, column=column.name, table=table.name), f"It is {column.type}.", (column.type,))


@recipe("describe_table")
def index_name(desk: SoftwareDesk) -> Request:
    table = desk.pick(list(desk.world.tables.values()))
    ((index, column),) = table.indexes
    desk.call("describe_table", table=table.name, indexes=True)
    if desk.chance():
        frames = (
            "What is the index on the staging table {table} called?",
            "Please look up the name of the index of {table} on staging.",
            "staging: index name on {table}?",
            "I want to drop the index on {table} in staging later. Which name does it have?",
        )
        return Request(desk.say(frames, table=table.name), f"It is called {index}.", (index,))
    frames = (
        "Which column of the staging table {table} has an index?",
        "Queries on {table} are slow on staging. On which of its columns is there an index?",
        "staging, {table}: indexed column?",
        "Please check the indexes of {table} on staging and tell me the column.",
    )
    return Request(desk.say(frames, table=table.name), f"It is {column}.", (column,))


@recipe("query_database")
def given_query(desk: SoftwareDesk) -> Request:
    table = table_of_events(desk)
    number = desk.pick(columns(table, "INTEGER"))
    text = desk.pick(columns(table, "TEXT"))
    bound = desk.pick([value for value in table.values(number) if isinstance(value, int)])
    sql = desk.pick(
        (
            f"SELECT COUNT(*) FROM {table.name} WHERE {number} >= {bound}",
            f"SELECT COUNT(DISTINCT {text}) FROM {table.name}",
            f"SELECT SUM({number}) FROM {table.name} WHERE customer_id > {desk.number(2, 5)}",
            f"SELECT MIN({number}) + MAX({number}) FROM {table.name}",
            f"SELECT COUNT(*) FROM {table.name} WHERE {number} BETWEEN {bound} AND {2 * bound}",
            f"SELECT {text} FROM {table.name} WHERE id = {desk.number(1, len(table.rows))}",
            f"SELECT {number} FROM {table.name} ORDER BY {number} DESC, id LIMIT 1",
        )
    )
    value = desk.call("query_database", {"sql": (f"{sql};",)}, sql=sql)["rows"][0][0]
    frames = (
        "Run '{sql}' on the staging database. What comes out?",
        "What does the query '{sql}' give on staging?",
        "Please execute '{sql}' against staging and tell me the result.",
        "staging: '{sql}' ?",
        "I cannot reach staging from here. Could you run '{sql}' there and send me the value?",
        "This query is for the staging database: '{sql}'. I need its result.",
    )
    answer = number_answer(value) if isinstance(value, int) else (str(value),)
    return Request(desk.say(frames, sql=sql), f"The result is {value}.", answer)


@recipe("query_database")
def count_rows(desk: SoftwareDesk) -> Request:
    table = desk.pick(list(desk.world.tables.values()))
    column, value = text_value(desk, table)
    (count,) = desk.query(f"SELECT COUNT(*) FROM {table.name} WHERE {column} = '{value}'")["rows"][0]
    frames = (
        "How many rows of the staging table {table} have '{value}' in the column {column}?",
        "Count the entries of {table} on staging whose {column} is '{value}'.",
        "staging, {table} with {column} '{value}': how many?",
        "In the staging database, how often is the {column} in {table} equal to '{value}'?",
        "Please find out from staging how many records of {table} there are with {column} set to '{value}'.",
        "Support wants a number from staging: rows of {table} where the {column} is '{value}'.",
    )
    return Request(desk.say(frames, table=table.name, column=column, value=value), f"There are {count}.", number_answer(count))


@recipe("query_database")
def aggregate(desk: SoftwareDesk) -> Request:
    table, function = table_of_events(desk), desk.pick(tuple(AGGREGATES))
    column = desk.pick(columns(table, "INTEGER"))
    filtered, value = text_value(desk, table)
    sql = f"SELECT {function}({column}) FROM {table.name} WHERE {filtered} = '{value}'"
    (result,) = desk.query(sql)["rows"][0]
    frames = (
        "On staging, what is the {what} {column} in {table} where the {filtered} is '{value}'?",
        "Please get me from the staging table {table} the {what} {column} over the rows with {filtered} '{value}'.",
        "staging {table}: {what} {column}, only {filtered} '{value}'?",
        "I need a figure from staging. Take the rows of {table} whose {filtered} is '{value}' and tell me the {what} {column}.",
        "Could you query {table} on staging for the {what} {column} among those with '{value}' as {filtered}?",
    )
    said = {"what": desk.pick(AGGREGATES[function]), "column": column, "table": table.name, "filtered": filtered, "value": value}
    return Request(desk.say(frames, **said), f"It is {result}.", number_answer(result))


@recipe("query_database")
def count_for_customer(desk: SoftwareDesk) -> Request:
    table = table_of_events(desk)
    name = desk.pick(desk.world.tables["customers"].values("name"))
    sql = f"SELECT COUNT(*) FROM {table.name} JOIN customers ON customers.id = customer_id WHERE name = '{name}'"
    (count,) = desk.query(sql)["rows"][0]
    frames = (
        "How many {table} does the customer named '{name}' have on staging? The customer_id in {table} is the id in customers.",
        "Join {table} with customers (customer_id is their id) on staging and count the rows of the customer whose name is '{name}'.",
        "staging: number of {table} of customer '{name}' (customers.id = {table}.customer_id, customers.name)?",
        "A customer called '{name}' (column name of customers) complains. Please count the {table} of that customer_id on staging.",
    )
    return Request(desk.say(frames, table=table.name, name=name), f"There are {count}.", number_answer(count))


def query_indexed(desk: SoftwareDesk, table: Table, form: str) -> Any:
    """Look up the column of a table that has an index, and query it: the form of the query says C for it."""
    ((_, column),) = desk.call("describe_table", table=table.name, indexes=True)["indexes"].items()
    sql = form.replace("C)", f"{column})")
    (value,) = desk.call("query_database", {"sql": (f"{sql};",)}, sql=sql)["rows"][0]
    return value


@recipe("describe_table", "query_database")
def count_indexed(desk: SoftwareDesk) -> Request:
    table = table_of_events(desk)
    form = f"SELECT COUNT(DISTINCT C) FROM {table.name}"
    count = query_indexed(desk, table, form)
    frames = (
        "One column C of the staging table {table} has an index. Find out which, and run '{form}' with that column for C.",
        "Look up the indexed column of {table} on staging. What does '{form}' give when it stands in place of C?",
        "staging {table}: indexed column C? then '{form}' -> result?",
        "I want to know if the index on {table} in staging is any good. See which column C it is on, and tell me the result of '{form}'.",
        "Please check the indexes of {table} on staging, put the column for C into '{form}', and send me what the query returns.",
    )
    return Request(desk.say(frames, table=table.name, form=form), f"The result is {count}.", number_answer(count))


@recipe("describe_table", "query_database")
def extreme_of_indexed(desk: SoftwareDesk) -> Request:
    table, function = desk.pick(list(desk.world.tables.values())), desk.pick(("MIN", "MAX"))
    form = f"SELECT {function}(C) FROM {table.name}"
    value = query_indexed(desk, table, form)
    frames = (
        "Which column C of {table} is indexed on staging? Run '{form}' with it and tell me the value.",
        "First see which column of the staging table {table} has the index, then query '{form}' with that column as C.",
        "staging {table}: '{form}', C = the indexed column (look it up)",
        "There is an index on one column of {table} in staging. Please find the column and run '{form}', C being its name. "
        "What is the value?",
    )
    answer = number_answer(value) if isinstance(value, int) else (str(value),)
    return Request(desk.say(frames, table=table.name, form=form), f"The value is {value}.", answer)


@recipe("describe_table", "describe_table", "query_database")
def count_of_city(desk: SoftwareDesk) -> Request:
    table, city = table_of_events(desk), str(desk.pick(desk.world.tables["customers"].values("city")))
    for name in ("customers", table.name):
        desk.call("describe_table", {"indexes": (True,)}, table=name)
    sql = f"SELECT COUNT(*) FROM {table.name} JOIN customers ON customers.id = customer_id WHERE city = '{city}'"
    (count,) = desk.query(sql)["rows"][0]
    frames = (
        "Look up the columns of customers and of {table} on staging, then count the {table} of all customers from {city}.",
        "Describe the two staging tables customers and {table}. After that, tell me how many {table} belong to customers in {city}.",
        "staging: columns of customers and {table}; then how many {table} by customers from {city}?",
        "How many {table} do our customers in {city} have on staging? I do not know the columns of {table} or customers, so "
        "check both first.",
    )
    query = desk.say(frames, table=table.name, city=city)
    return Request(query, f"There are {count}.", number_answer(count), lookups=2)


@recipe("query_database", "query_database")
def add_two_tables(desk: SoftwareDesk) -> Request:
    pair = [table.name for table in desk.world.tables.values() if table.name != "customers"]
    queries = [f"SELECT COUNT(*) FROM {name}" for name in desk.several(pair, 2)]
    total = sum(desk.call("query_database", {"sql": (f"{sql};",)}, sql=sql)["rows"][0][0] for sql in queries)
    frames = (
        "Run '{0}' and '{1}' on staging, one by one, and add the results.",
        "Please execute two queries on staging, '{0}' and '{1}'. What is the sum of what they return?",
        "staging: '{0}' plus '{1}', as two queries: total?",
        "I need one number from staging, the result of '{0}' added to that of '{1}'. Run them separately.",
    )
    return Request(desk.say(frames, *queries), f"The sum is {total}.", number_answer(total), lookups=2)
