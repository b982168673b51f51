"""`python -m raytool.evaluate --model M --suite S` : a model on a benchmark, or with `--predictions FILE` somebody's answers.

`python -m raytool.evaluate compare A.json B.json` : what two results differ in.
`python -m raytool.evaluate errors A.json ...` : where the calls of results go wrong, and what a corrected token would mend.
`python -m raytool.evaluate fetch S` : a benchmark's public files, into the user's cache.
"""

from __future__ import annotations

import argparse
import sys

from raytool import places
from raytool.evaluation.suites import SUITES
from raytool.records import UserError, refused
from raytool.sections import parse_arguments, suggestion


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    commands = {"compare": _compare, "errors": _errors, "fetch": _fetch}
    first = given[0] if given else "-"
    try:
        if first in commands:
            return commands[first](given[1:])
        if not first.startswith("-") and "=" not in first:
            raise UserError(f"{first}: no such command; {suggestion(first, list(commands))}")
        return _evaluate(given)
    except UserError as error:
        return refused(error)


def _evaluate(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m raytool.evaluate",
        description="Judge a model, or a file of answers, by a benchmark. Further commands: compare A B; errors A; fetch SUITE.",
    )
    answers = parser.add_mutually_exclusive_group(required=True)
    answers.add_argument("--model", metavar="M", help="'smollm2-135m-instruct', a Hugging Face folder or a hub id")
    answers.add_argument("--predictions", type=places.found, metavar="FILE", help='answers of another system, {"id", "output"} a line')
    parser.add_argument("--suite", required=True, metavar="S", help=f"{', '.join(SUITES)}, or a plug-in string of a Suite")
    parser.add_argument("--data", type=places.found, metavar="PATH", help="the suite's files; default: in the user's cache")
    parser.add_argument("--option", action="append", default=[], metavar="KEY=VALUE", help="of the suite, e.g. apibench's distractors=9")
    parser.add_argument(
        "--dialect", metavar="D", help="how calls are written; default: as the model was trained, or as its chat template says, else python"
    )
    parser.add_argument("--prompting", choices=("base", "cot", "react", "rank"), help="default: as the model was trained, else base")
    parser.add_argument("--only", default="", metavar="A,B", help="values of the suite's first group, e.g. BFCL's categories")
    parser.add_argument("--limit", type=int, metavar="N", help="at most so many samples of each value of the suite's first group")
    parser.add_argument("--seed", type=int, default=0, help="draws the samples of a limit")
    parser.add_argument("--out", type=places.kept, metavar="FILE", help="gets every sample's answer and score as JSON")
    parser.add_argument(
        "overrides", nargs="*", metavar="KEY=VALUE", help="of the sections model and rollout, e.g. rollout.workers=2; accelerator=cuda"
    )
    given = parse_arguments(parser, arguments)
    if given.seed < 0:
        raise UserError(f"--seed {given.seed}: 0 or more is expected")
    from raytool.benchmark import run

    return run(given)


def _compare(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m raytool.evaluate compare", description="Paired differences of two results of a suite.")
    parser.add_argument("before", type=places.found, metavar="A.json")
    parser.add_argument("after", type=places.found, metavar="B.json")
    given = parser.parse_args(arguments)
    from raytool.console import Console
    from raytool.evaluation.scorecard import Scorecard, compare

    compare(Scorecard.read(given.before), Scorecard.read(given.after), Console())
    return 0


def _errors(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m raytool.evaluate errors",
        description="Where the calls of results go wrong: tools by their tokens, parameters and values (TL-Training, table 1).",
    )
    parser.add_argument("cards", type=places.found, nargs="+", metavar="CARD.json", help="what `raytool.evaluate --out` wrote")
    parser.add_argument(
        "--model", metavar="M", help="whose tokens count, and who is probed; default: the result's own, else the embedded one"
    )
    parser.add_argument("--suite", metavar="S", help="the suite's plug-in string, where it is not one of raytool's own")
    parser.add_argument(
        "--data", type=places.found, metavar="PATH", help="the suite's files; default: where they were, else in the user's cache"
    )
    parser.add_argument(
        "--probe", action="store_true", help="correct the first wrong token of each wrong tool's name, and let the model go on"
    )
    parser.add_argument("--out", type=places.kept, metavar="FILE", help="gets the figures, and every call that is not right, as JSON")
    parser.add_argument(
        "--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE", help="of model and rollout, for the probe"
    )
    given = parser.parse_args(arguments)
    from raytool.analysis import analyse

    return analyse(given)


def _fetch(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m raytool.evaluate fetch", description="A suite's public files, into the user's cache.")
    from raytool.console import Console
    from raytool.evaluation.fetch import PUBLISHED, fetch, folder

    parser.add_argument("suite", metavar="S", help=f"one of {', '.join(sorted(PUBLISHED))}")
    suite = parser.parse_args(arguments).suite
    if suite not in PUBLISHED:
        raise UserError(f"fetch {suite}: " + ("needs no files" if suite in SUITES else f"no such suite; {suggestion(suite, [*PUBLISHED])}"))
    console = Console()
    with console.waiting(f"fetching {suite} into {folder(suite)}"):
        fetch(suite)
    return 0


if __name__ == "__main__":
    sys.exit(main())
