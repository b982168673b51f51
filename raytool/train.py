"""`python -m raytool.train --config configs/quickstart.yaml [a.b=value ...]`

Runs a config on the local machine, on the Ray cluster that RAY_ADDRESS names, or as a Ray job.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from raytool import config as configuration
from raytool.records import UserError, refused
from raytool.sections import knobs, parse_arguments


class _Knobs(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` is a way to read a long list
        for name, default, told in knobs(configuration.Config):
            print(f"{f'{name}={default}':<50}  {told}".rstrip())
        parser.exit()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m raytool.train", description="Train a language model to use tools.")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="a YAML file; see configs/")
    parser.add_argument("--knobs", action=_Knobs, nargs=0, help="list every knob with its default, and what it is for")
    parser.add_argument(
        "--check", action="store_true", help="train nothing: check the config, play gold of each source in its environment, and score it"
    )
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="e.g. ppo.updates=20 resume=true")
    try:
        given = parse_arguments(parser, arguments)
        config = configuration.load(given.config, given.overrides)
        from raytool import launch  # what is imported from here on takes seconds

        return (launch.check if given.check else launch.launch)(config, default_name=given.config.stem)
    except UserError as error:
        return refused(error)


if __name__ == "__main__":
    sys.exit(main())
