"""What this machine is for a program that plays a model: whether Ray starts here, what of tools and models can be had, and its log."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from raytool import places, plugins, pretrained
from raytool.config.rollout import ToolHostConfig
from raytool.console import Console
from raytool.env import ToolEnv
from raytool.records import UserError

if TYPE_CHECKING:
    from raytool.placement import Cluster


def check_environment(name: str, config: ToolHostConfig) -> None:
    """Refuse an environment that cannot be made, or wants more than the config allows.

    Raises:
        UserError: naming the environment.
    """
    env = plugins.make_env(name)
    needs_network = isinstance(env.unwrapped, ToolEnv) and env.unwrapped.needs_network
    env.close()
    if needs_network and config.isolation != "none" and not config.network:
        raise UserError(f"rollout.tool_host.network: environment '{name}' reaches out over the network; set it to true to allow that")


def check_model(path: str, console: Console, weights: bool = True) -> None:
    """Refuse a model that cannot be had. One of the hub is fetched before any limit runs where this machine will compute it, and in a job:
    its nodes share HF_HOME, and find it there. Elsewhere they may have a network of their own. Without `weights` it is all but these.

    Raises:
        UserError: naming the path.
    """
    with console.waiting(f"looking for the model {path}"):
        found = pretrained.located(path)
    elsewhere = os.environ.get("RAY_ADDRESS") and not places.in_job()  # a job's folder is on every node
    if elsewhere and Path(path).exists() and not Path(path).is_absolute():
        raise UserError(
            f"model.path: '{path}' is relative, and actors of {os.environ['RAY_ADDRESS']} run in another folder; "
            f"a path that every node sees is expected, e.g. {Path(path).resolve()}"
        )
    if computes_models() and not Path(found).exists():
        pretrained.fetch(found, weights)  # which shows bars of its own


def check_isolation(config: ToolHostConfig) -> None:
    """What this machine can is seen here, where its own Ray will run the tools; of other machines only their workers know.

    Raises:
        UserError: isolation was asked for, and does not work here, or something that tools are to have cannot be given to them.
    """
    if starts_ray():
        from raytool.rollout.host_command import command_of, unisolated

        why_not = unisolated(config)
        command_of(config, isolate=config.isolation != "none" and not why_not)


def starts_ray() -> bool:
    return not places.in_job() and not os.environ.get("RAY_ADDRESS")


def computes_models() -> bool:
    """Whether the model's files are on this machine, or may be fetched here for all: a job's nodes share HF_HOME."""
    return places.in_job() or starts_ray()


def connect(least_cpus: int, runs: Path = Path("runs")) -> Cluster:
    """Connect to Ray, or start one here.

    A Ray started here counts at least `least_cpus`: on a smaller machine actors share cores rather than wait for ever. One that is
    elsewhere gets this folder without its `runs`.

    Raises:
        UserError: no Ray is there, or the folder is too large for it.
    """
    import ray
    from ray.exceptions import RayError, RuntimeEnvSetupError

    from raytool.placement import Cluster

    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if places.in_job():  # the job's own runtime environment holds
        ray.init(**quiet)
        return Cluster(grows=True, gpus=_gpus())
    if os.environ.get("RAY_ADDRESS"):
        here = Path.cwd()
        left_out = [f"/{runs.absolute().relative_to(here)}/"] if runs.absolute().is_relative_to(here) else []
        try:
            ray.init(**quiet, runtime_env={"working_dir": str(here), "excludes": left_out})
        except RuntimeEnvSetupError as error:
            told = " ".join(str(error).split())
            raise UserError(f"{here} cannot be sent to {os.environ['RAY_ADDRESS']} (.rayignore names what to leave out): {told}") from None
        except (ConnectionError, RuntimeError, RayError) as error:
            raise UserError(f"RAY_ADDRESS: cannot connect to {os.environ['RAY_ADDRESS']}: {' '.join(str(error).split())}") from None
        return Cluster(grows=True, gpus=_gpus())
    ray.init(address="local", include_dashboard=False, num_cpus=max(least_cpus, os.cpu_count() or 1), **quiet)
    return Cluster({"PYTHONPATH": os.pathsep.join([os.getcwd(), *filter(None, [os.environ.get("PYTHONPATH")])])}, gpus=_gpus())


def _gpus() -> float:
    import ray

    return ray.cluster_resources().get("GPU", 0.0)


def log_to(path: Path) -> None:
    """Send this process's log, and warnings, to a file."""
    path.parent.mkdir(exist_ok=True)
    logging.basicConfig(filename=path, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True)
    logging.captureWarnings(True)
