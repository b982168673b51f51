"""`python -m raytool.replay RUN sql "select category, count(*) from calls group by all"` asks the episodes of a run;
`python -m raytool.replay RUN rescore reward.name=my:Reward [--out DIR]` judges them by another reward, and says what differs.
"""

from __future__ import annotations

import argparse
import sys

from raytool import places
from raytool.records import UserError, refused


def main(arguments: list[str] | None = None) -> int:
    commands = {"sql": _sql, "rescore": _rescore}
    parser = argparse.ArgumentParser(prog="python -m raytool.replay", description="Ask the episodes of a run, or judge them anew.")
    parser.add_argument("run", type=places.found, metavar="RUN", help="a run's folder, e.g. runs/quickstart-1")
    parser.add_argument(
        "command",
        choices=commands,
        help="sql: answer a question to the views `episodes` and `calls`; rescore: judge all episodes by another reward",
    )
    parser.add_argument("arguments", nargs="*", metavar="ARGUMENT", help="of sql: one question; of rescore: reward.KEY=VALUE")
    parser.add_argument(
        "--out", type=places.kept, metavar="DIR", help="of rescore: gets the episodes with their new verdicts, in DIR/episodes"
    )
    given = parser.parse_intermixed_args(arguments)
    try:
        commands[given.command](given)
        return 0
    except UserError as error:
        return refused(error)


def _sql(given: argparse.Namespace) -> None:
    from raytool.replay.sql import show

    if len(given.arguments) != 1 or given.out is not None:
        raise UserError("sql: one question is expected, in quotes, and no --out")
    show(given.run, given.arguments[0])


def _rescore(given: argparse.Namespace) -> None:
    from raytool.console import Console
    from raytool.replay.rescore import rescore

    rescore(given.run, given.arguments, given.out, Console())


if __name__ == "__main__":
    sys.exit(main())
