"""SQL over the episodes of a run, by DuckDB."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from raytool.records import UserError
from raytool.replay.store import kind_of, sealed

if TYPE_CHECKING:
    import duckdb

# A row for each call. `turn` and `call` count from 1; what is null of a call could not be read, or has no verdict.
_CALLS = """
create view calls as
with turned as (
    select id, kind, "group", sample, task_id, env, source, policy_version,
           unnest(turns) as turned, generate_subscripts(turns, 1) as turn
    from episodes
), called as (
    select * exclude (turned), unnest(turned.calls) as called, generate_subscripts(turned.calls, 1) as call
    from turned
)
select * exclude (called), called.name, called.arguments, called.observation, called.feedback, called.category, called.reward
from called
"""


def connect(run: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB that has the views `episodes`, a row for each, and `calls`; in memory, and of what is stored now.

    The column `kind` is `ppo` or `demonstrations`, each of which has groups and ids of its own.

    Raises:
        UserError: the run has no episodes.
    """
    import duckdb
    import pyarrow.dataset

    connection = duckdb.connect()
    stored: dict[str, list[str]] = {}
    for path in episodes_of(run):
        stored.setdefault(kind_of(path), []).append(str(path))
    for kind, files in stored.items():
        connection.register(f"stored_{kind}", pyarrow.dataset.dataset(files, format="ipc"))
    every = " union all ".join(f"select '{kind}' as kind, * from stored_{kind}" for kind in stored)
    connection.execute(f"create view episodes as {every}")
    connection.execute(_CALLS)
    return connection


def show(run: Path, question: str, most: int = 1000) -> None:
    """Print the answer to a question, so many rows of it at most.

    Raises:
        UserError: from `connect`, or DuckDB cannot answer.
    """
    import duckdb

    connection = connect(run)
    try:
        answer = connection.sql(question)
        if answer is not None:  # a statement like COPY has none
            # A file or a pipe has room for all columns.
            answer.show(max_rows=most, max_width=None if sys.stdout.isatty() else 10_000)
    except duckdb.Error as error:
        raise UserError(f"sql: {error}") from None


def episodes_of(run: Path) -> list[Path]:
    """The files of a run's episodes.

    Raises:
        UserError: there are none.
    """
    files = sealed(run / "episodes") if (run / "episodes").is_dir() else []
    if not files:
        raise UserError(f"{run}: there are no episodes; a run's folder is expected, with episodes/*.arrow")
    return files
