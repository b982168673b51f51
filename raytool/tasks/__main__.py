"""`python -m raytool.tasks scenarios --seed 0 --out DIR` writes the suite's tasks, a file for each scenario;
`python -m raytool.tasks validate DIR` proves them (see `raytool.tasks.validation`);
`python -m raytool.tasks inspect FILE` counts the errors in a file of transcripts (see `raytool.tasks.inspection`);
`python -m raytool.tasks demonstrate` has a model play tasks, `entries` makes RL tasks of what it did;
`python -m raytool.tasks import FILE` makes trajectories, and tasks, of conversations that somebody recorded;
`python -m raytool.tasks evolve` makes weaker versions and queries of a list of tools.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from raytool import config, places, playing, plugins
from raytool.config import RewardConfig
from raytool.config.rollout import ToolHostConfig
from raytool.records import Task, UserError, refused
from raytool.tasks import demonstrate, entries, evolve, importing
from raytool.tasks.source import TaskError, write

if TYPE_CHECKING:
    from raytool.console import Bar


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m raytool.tasks", description="Write the suite's tasks, prove tasks, and look into transcripts."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    scenarios = commands.add_parser("scenarios", help="write the tasks of the seven scenarios")
    scenarios.add_argument("--seed", type=int, default=0)
    scenarios.add_argument("--out", type=places.kept, required=True, metavar="DIR", help="gets a file <scenario>.jsonl for each scenario")
    scenarios.add_argument("--suite", default="envs.suite:scenarios", metavar="PLUGIN", help="default: %(default)s")
    scenarios.add_argument(
        "--paraphrase", metavar="MODEL", help="have queries reworded by a model: 'smollm2-135m-instruct', a folder or a hub id"
    )
    scenarios.set_defaults(run=_write_scenarios)
    validate = commands.add_parser("validate", help="prove every task of a source, and the reward on each kind of wrong call")
    validate.add_argument(
        "source", metavar="SOURCE", help="as in a config: a file, module:function, or an entry point; or a folder, whose *.jsonl are read"
    )
    validate.add_argument("--option", action="append", default=[], metavar="KEY=VALUE", help="of that function, e.g. count=20")
    rewarded = validate.add_mutually_exclusive_group()
    rewarded.add_argument("--reward", default=RewardConfig().name, metavar="PLUGIN", help="default: %(default)s")
    rewarded.add_argument("--config", type=Path, metavar="FILE", help="the reward and the tool hosts of a training's config")
    validate.add_argument(
        "--minimum",
        type=int,
        default=500,
        metavar="N",
        help="in how many tasks each category has to be seen, default %(default)s; 0 for a few tasks",
    )
    validate.add_argument("--workers", type=int, metavar="N", help="processes, default one for each core")
    validate.set_defaults(run=_validate)
    inspect = commands.add_parser("inspect", help="count the errors in transcripts: OpenAI messages, RoTBench, ToolRL, or a run's episodes")
    inspect.add_argument("file", type=places.found, metavar="FILE", help="JSON or JSON lines, or a run's folder")
    inspect.add_argument("--plot", type=places.kept, metavar="OUT", help="the counts as a picture, .svg or .png")
    inspect.set_defaults(run=_inspect)
    demonstrations = commands.add_parser("demonstrate", help="have a model play tasks, and keep its trajectories")
    demonstrate.add_arguments(demonstrations)
    demonstrations.set_defaults(run=demonstrate.demonstrate)
    made = commands.add_parser("entries", help="make RL tasks of trajectories, and say why the others were dropped")
    entries.add_arguments(made)
    made.set_defaults(run=entries.run)
    imported = commands.add_parser("import", help="make trajectories of recorded conversations, for SFT (docs/environments.md)")
    importing.add_arguments(imported)
    imported.set_defaults(run=importing.run)
    evolved = commands.add_parser("evolve", help="make weaker versions of tools, and queries that tell them apart (docs/tool_evolution.md)")
    evolve.add_arguments(evolved)
    evolved.set_defaults(run=evolve.run)
    given = parser.parse_args(arguments)
    try:
        return given.run(given) or 0
    except UserError as error:
        return refused(error)


def _write_scenarios(given: argparse.Namespace) -> None:
    from raytool.console import Console

    console = Console()
    suite = plugins.load(given.suite, "raytool.tasks")(seed=given.seed)
    try:
        given.out.mkdir(parents=True, exist_ok=True)
        with console.bar("tasks", sum(count for count, _ in suite.values())) as bar:
            drawn = {name: list(_shown(found, bar)) for name, (_, found) in suite.items()}
        if given.paraphrase:
            from raytool.tasks.paraphrase import paraphrased
            from raytool.tasks.writing import Writer

            with Writer(given.paraphrase, given.seed, given.out / "paraphrase.log", console, "--paraphrase") as writer:
                drawn = paraphrased(drawn, writer, console)
        for name, found in drawn.items():
            write(found, given.out / f"{name}.jsonl")
    except OSError as error:
        raise TaskError(f"--out {given.out}: {error.strerror}") from None
    console.say(f"{sum(count for count, _ in suite.values())} tasks of {len(suite)} scenarios in {given.out}")


def _validate(given: argparse.Namespace) -> None:
    from raytool.console import Console
    from raytool.tasks.validation import validate

    configured = config.load(given.config, []) if given.config else None
    reward = configured.reward if configured else RewardConfig(name=given.reward)
    tool_host = configured.rollout.tool_host if configured else ToolHostConfig()
    validate(given.source, dict(map(playing.option, given.option)), reward, tool_host, given.minimum, given.workers, Console())


def _inspect(given: argparse.Namespace) -> None:
    from raytool.console import Console
    from raytool.tasks.inspection import inspect

    inspect(given.file, given.plot, Console())


def _shown(tasks: Iterable[Task], bar: Bar) -> Iterator[Task]:
    for task in tasks:
        yield task
        bar.advance()


if __name__ == "__main__":
    sys.exit(main())
