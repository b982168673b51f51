"""`python -m raytool.ablation --config configs/ablation.yaml [--only ROW,ROW] [--seeds 0,1] [--list] [--again] [a.b=value ...]`

Runs the rows of an experiment that are not done, and writes their table. Overrides lead through the file: base.sft.epochs=2.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from raytool.records import UserError, refused
from raytool.sections import parse_arguments, read

if TYPE_CHECKING:
    from raytool.ablation.experiment import Experiment


_EXPERIMENTS = """\
experiments, and their rows:
  configs/ablation.yaml         TL-Training: none, MAE, PKT, IRM, MAE+PKT, MAE+IRM, PKT+IRM, all
                                (MAE masks errors, PKT weighs key tokens, IRM is PPO on rewards by error category)
  configs/mta.yaml              MetaToolAgent: warm, FT, FT-resampled, MTA, FT-LoRA, MTA-LoRA, Base, CoT, ReAct
                                (MTA learns meta-tasks; FT fine-tunes on one toolset a query; CoT and ReAct only prompt; all start
                                from warm, which writes calls)
  configs/gentool.yaml          GenTool: warm, FT, samples, samples+rank, stage-1, GenTool, base
                                (zero-to-one and weak-to-strong samples, with a ranking of the tools, in two stages)
  configs/gentool_parts.yaml    GenTool without a kind of sample, descriptions or parameters
  configs/gentool_domains.yaml  GenTool without one of seven scenarios
"""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m raytool.ablation",
        description="Run the rows of an experiment, and make its table.",
        epilog=_EXPERIMENTS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="a YAML file; see configs/ablation.yaml")
    parser.add_argument("--only", metavar="ROW,ROW", help="these rows, and those that they start from; default: all")
    parser.add_argument("--seeds", metavar="N,N", help="these of its seeds; default: all")
    parser.add_argument("--list", action="store_true", help="say where each trial stands and what would be run, and start nothing")
    parser.add_argument("--again", action="store_true", help="run stale ones again: their config, or what they start from, has changed")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="e.g. seeds=[0] base.ppo.updates=20")
    try:
        given = parse_arguments(parser, arguments)
        from raytool.ablation.experiment import ExperimentConfig, resolve

        config = read(ExperimentConfig, given.config, given.overrides)
        experiment = resolve(config, str(given.config), given.config.stem)
        rows = _chosen("--only", given.only, list(config.rows))
        seeds = [int(seed) for seed in _chosen("--seeds", given.seeds, list(map(str, config.seeds)))]
        return _carry_out(experiment, rows, seeds, given.list, given.again)
    except UserError as error:
        return refused(error)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return 1


def _carry_out(experiment: Experiment, rows: Sequence[str], seeds: Sequence[int], listing: bool, again: bool) -> int:
    from raytool.ablation import runner, standing
    from raytool.console import Console

    console = Console()
    for name, reason in experiment.absent.items():
        console.say(f"left out: {name}: {reason}")
    if not listing:
        return runner.run(experiment, rows, seeds, again, console)
    found = standing.standings(experiment)
    todo, said = standing.to_run(experiment, found, rows, seeds, again)
    console.table(experiment.name, ["hash", "stages", "state", "", "to run"], standing.listed(found, todo))
    for line in said:
        console.say(line)
    return 0


def _chosen(option: str, given: str | None, known: Sequence[str]) -> list[str]:
    chosen = list(known) if given is None else [name.strip() for name in given.split(",")]
    if unknown := [name for name in chosen if name not in known]:
        raise UserError(f"{option} {unknown[0]}: there is {', '.join(known)}")
    return chosen


if __name__ == "__main__":
    sys.exit(main())
