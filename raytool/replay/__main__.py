"""`python -m raytool.replay RUN sql "select category, count(*) from calls group by all"` asks the episodes of a run;
`python -m raytool.replay RUN rescore reward.name=my:Reward [--out DIR]` judges them by another reward, and says what differs.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from raytool.records import UserError


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m raytool.replay", description="Ask the episodes of a run, or judge them anew.")
    parser.add_argument("run", type=Path, metavar="RUN", help="a run's folder, e.g. runs/quickstart-1")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    sql = commands.add_parser("sql", help="answer a question to the views `episodes` and `calls`, in DuckDB's SQL")
    sql.add_argument("question", metavar="SQL")
    sql.set_defaults(do=_sql)
    rescore = commands.add_parser("rescore", help="judge all episodes by another reward, and show what differs")
    rescore.add_argument("--out", type=Path, metavar="DIR", help="gets the episodes with their new verdicts, in DIR/episodes")
    rescore.add_argument("overrides", nargs="*", metavar="reward.KEY=VALUE", help="of the run's config")
    rescore.set_defaults(do=_rescore)
    given = parser.parse_args(arguments)
    try:
        given.do(given)
        return 0
    except UserError as error:
        print(f"error: {error}".replace("\n", "\nerror: "), file=sys.stderr)
        return 2


def _sql(given: argparse.Namespace) -> None:
    from raytool.replay.sql import show

    show(given.run, given.question)


def _rescore(given: argparse.Namespace) -> None:
    from raytool.console import Console
    from raytool.replay.rescore import rescore

    rescore(given.run, given.overrides, given.out, Console())


if __name__ == "__main__":
    sys.exit(main())
