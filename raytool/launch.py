"""From a config to a run: everything that can be wrong with it is found before anything heavy starts."""

from __future__ import annotations

import asyncio
import logging
import os
import sys

from raytool import plugins, pretrained, run_state, tasks
from raytool.config import Config
from raytool.console import Console
from raytool.records import Task
from raytool.scoring.actor import make_reward


def launch(config: Config, default_name: str) -> None:
    """Check the config against the world, connect to Ray and execute the run.

    Raises:
        UserError: what the user has to change, before anything is written.
    """
    console = Console()
    sources = [tasks.load(source) for source in config.tasks.train]
    test = [task for source in config.tasks.test for task in tasks.load(source)]
    tasks.check([task for source in sources for task in source], test)
    for env in sorted({task.env for task in _all(sources, test)}):
        plugins.make_env(env).close()
    make_reward(config.reward.name, config.reward.options)
    with console.waiting(f"looking for the model {config.model.path}"):
        model = pretrained.resolve(config.model.path)
    folder = run_state.RunFolder.open(config, default_name, run_state.runs_folder(config.runs))
    console.say(f"run: {folder.path}")
    _log_to(folder)
    environment = connect()

    from raytool.pipeline import Run

    try:
        asyncio.run(Run(config, folder, model, sources, test, console, environment).execute())
    except BaseExceptionGroup as group:
        raise _first(group) from group
    finally:
        import ray

        ray.shutdown()


def connect() -> dict[str, str]:
    """Connect to Ray, or start one here; the environment variables that actors need are returned."""
    import ray

    if "RAY_JOB_CONFIG_JSON_ENV_VAR" in os.environ:
        ray.init(log_to_driver=False, logging_level=logging.ERROR)  # the job's own runtime environment holds
        return {}
    if os.environ.get("RAY_ADDRESS"):
        ray.init(log_to_driver=False, logging_level=logging.ERROR, runtime_env={"working_dir": os.getcwd()})
        return {}
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    ray.init(address="local", include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    return {"PYTHONPATH": os.pathsep.join([os.getcwd(), *filter(None, [os.environ.get("PYTHONPATH")])])}


def _all(sources: list[list[Task]], test: list[Task]) -> list[Task]:
    return [task for source in sources for task in source] + test


def _log_to(folder: run_state.RunFolder) -> None:
    path = folder.path / "log" / "driver.log"
    path.parent.mkdir(exist_ok=True)
    logging.basicConfig(filename=path, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True)
    logging.captureWarnings(True)
    sys.excepthook = _log_then_print


def _log_then_print(kind: type[BaseException], error: BaseException, trace: object) -> None:
    logging.getLogger("raytool").critical("the run failed", exc_info=(kind, error, error.__traceback__))
    sys.__excepthook__(kind, error, error.__traceback__)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first plain exception of a group, for its message to be seen."""
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
