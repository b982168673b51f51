"""Requests about the staging database."""

from __future__ import annotations

from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer
from envs.software_development.queries.desk import SoftwareDesk
from envs.software_development.staging import Table

EXTREMES = {"MAX": ("highest", "largest"), "MIN": ("lowest", "smallest"), "SUM": ("sum of all", "total")}


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
        "Is {column} in the staging table {table} a number or a text? Tell me the declared type.",
        "What is {column} declared as in {table} of the staging database?",
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


@recipe("describe_table", asks=True)
def describe_which(desk: SoftwareDesk) -> Request:
    table = desk.pick(list(desk.world.tables.values()))
    ((index, _),) = table.indexes
    desk.ask("Which table?")
    desk.call("describe_table", table=table.name, indexes=True)
    frames = (
        "Please tell me the name of the index on a table of the staging database.",
        "I need to know what the index of one of our staging tables is called.",
        "name of the index on that staging table?",
        "Which index does the table have that I am tuning on staging?",
    )
    replies = ("I mean {table}.", "The table {table}.", "{table}, please.", "It is about {table}.")
    return Request(desk.say(frames), f"It is called {index}.", (index,), reply=desk.say(replies, table=table.name))


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
    table, function = table_of_events(desk), desk.pick(tuple(EXTREMES))
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
    said = {"what": desk.pick(EXTREMES[function]), "column": column, "table": table.name, "filtered": filtered, "value": value}
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
        "'{name}', see column name of customers, called. Please count the {table} of this customer on staging, linked by customer_id.",
    )
    return Request(desk.say(frames, table=table.name, name=name), f"There are {count}.", number_answer(count))


@recipe("describe_table", "query_database")
def describe_and_count(desk: SoftwareDesk) -> Request:
    table = table_of_events(desk)
    column, value = text_value(desk, table)
    desk.call("describe_table", {"indexes": (True,)}, table=table.name)
    (count,) = desk.query(f"SELECT COUNT(*) FROM {table.name} WHERE {column} = '{value}'")["rows"][0]
    frames = (
        "I do not know the columns of the staging table {table}. Look them up first, then count the rows with the {column} '{value}'.",
        "First check which columns {table} has on staging; after that tell me how many of its rows have '{value}' as {column}.",
        "staging: columns of {table}, then number of rows with {column} '{value}'?",
        "Please describe {table} on staging before you query it: how many rows are there whose {column} is '{value}'?",
    )
    return Request(desk.say(frames, table=table.name, column=column, value=value), f"There are {count}.", number_answer(count))


@recipe("describe_table", "query_database")
def describe_and_aggregate(desk: SoftwareDesk) -> Request:
    table, function = table_of_events(desk), desk.pick(tuple(EXTREMES))
    column = desk.pick(columns(table, "INTEGER"))
    desk.call("describe_table", {"indexes": (True,)}, table=table.name)
    (result,) = desk.query(f"SELECT {function}({column}) FROM {table.name}")["rows"][0]
    frames = (
        "Look at the columns of {table} on staging, then query the {what} {column} in it.",
        "What is the {what} {column} in the staging table {table}? Check its columns before you write the query.",
        "staging {table}: show columns, then the {what} {column}",
        "Please describe the staging table {table} first. Then I would like to know the {what} {column} over all its rows.",
    )
    said = {"what": desk.pick(EXTREMES[function]), "column": column, "table": table.name}
    return Request(desk.say(frames, **said), f"It is {result}.", number_answer(result))


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
