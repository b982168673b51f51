"""The tools over the staging database."""

from __future__ import annotations

from typing import Any

from envs.scenario.checks import check_text
from envs.software_development.staging import QueryFailed, Value, select
from envs.software_development.world import World
from raytool.env import ToolError, tool

MOST_ROWS, MOST_COLUMNS = 10, 12
SHOWN_ROWS, SHOWN_ROW = 220, 140  # characters


class Database:
    """Two tools; the staging database can only be read."""

    world: World

    @tool
    def query_database(self, sql: str, limit: int = 5) -> dict[str, Any]:
        """Run a SELECT on the staging database (SQLite).

        Args:
            sql: one SELECT
            limit: how many rows to show, at most 10

        Returns:
            The names of the columns, the number of rows, and the first of them.

        Raises:
            ToolError: the query is wrong, takes too long, is no SELECT or has too many columns, or the limit is out of its range.
        """
        check_text(sql=sql)
        if not 1 <= limit <= MOST_ROWS:
            raise ToolError(f"limit is {limit}, not 1 to {MOST_ROWS}")
        try:
            columns, rows = select(list(self.world.tables.values()), sql)
        except QueryFailed as failure:
            raise ToolError(str(failure)) from None
        if len(columns) > MOST_COLUMNS:
            raise ToolError(f"the query has {len(columns)} columns, at most {MOST_COLUMNS} are allowed")
        width = SHOWN_ROW // len(columns)
        return {"columns": [name[:width] for name in columns], "count": len(rows), "rows": _shown(rows[:limit], width)}

    @tool
    def describe_table(self, table: str, indexes: bool = False) -> dict[str, Any]:
        """List the columns of a table of the staging database, with their types and references.

        Args:
            table: e.g. customers
            indexes: list the indexes too

        Returns:
            The columns in order, and where wanted the column of each index.

        Raises:
            ToolError: there is no such table.
        """
        found = self.world.tables.get(table)
        if found is None:
            raise ToolError(f"no table {table!r}; there are {', '.join(self.world.tables)}")
        columns = [str(column) for column in found.columns]
        return {"columns": columns, "indexes": dict(found.indexes)} if indexes else {"columns": columns}


def _shown(rows: list[tuple[Value, ...]], width: int) -> list[list[Value]]:
    """The first rows, as many as are short enough to show, their texts cut to a width."""
    shown: list[list[Value]] = []
    for row in rows:
        cut = [str(value)[:width] if isinstance(value, str | bytes) else value for value in row]
        if shown and len(str([*shown, cut])) > SHOWN_ROWS:
            break
        shown.append(cut)
    return shown
