"""`python -m raytool.report RUN [--out FILE] [--episodes N]`

Writes the report of a run, finished or not, from its folder; a run that finishes writes its own.
"""

from __future__ import annotations

import argparse
import sys

from raytool import places
from raytool.records import UserError, refused


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m raytool.report", description="A run as one HTML file that needs no network.")
    parser.add_argument("run", type=places.found, metavar="RUN", help="a run's folder, e.g. runs/quickstart-1")
    parser.add_argument("--out", type=places.kept, metavar="FILE", help="default: report.html in the run's folder")
    parser.add_argument("--episodes", type=int, default=96, metavar="N", help="about so many of those that were trained on are shown")
    given = parser.parse_intermixed_args(arguments)
    try:
        if given.episodes < 0:
            raise UserError(f"--episodes {given.episodes}: 0 or more is expected")
        from raytool.console import Console
        from raytool.report import page

        console = Console()
        with console.waiting(f"reading {given.run}"):
            written = page.write(given.run, given.out, given.episodes)
        console.say(f"report: {written}")
        return 0
    except UserError as error:
        return refused(error)


if __name__ == "__main__":
    sys.exit(main())
