"""From a config to a run: everything that can be wrong with it is found before anything heavy starts."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from raytool import machine, places, preflight, pretrained, tasks
from raytool.config import Config
from raytool.console import Console
from raytool.evaluation.opening import Opened, check_labels, open_suite
from raytool.judging import Judge
from raytool.methods.meta_tasks import TOGETHER
from raytool.metrics import check_logging
from raytool.records import RECORDED_ENV, Task, UserError
from raytool.rehearsal import rehearse
from raytool.rollout import template
from raytool.run_state import RunFolder
from raytool.tasks import trajectories

if TYPE_CHECKING:
    from raytool.pipeline import Run

log = logging.getLogger(__name__)


def launch(config: Config, default_name: str) -> int:
    """Check the config against the world, connect to Ray and execute the run; the exit status is returned.

    Raises:
        UserError: what the user has to change.
    """
    console = Console()
    sources, tests, suites = _checked(config, console, weights=True)
    test = [task for source in tests for task in source]
    if machine.computes_models():
        template.chat_of(pretrained.resolve(config.model.path), config.model)
    folder = RunFolder.open(config, default_name, places.kept(config.runs).absolute())
    console.say(f"run: {folder.path}")
    machine.log_to(folder.path / "log" / "driver.log")

    import ray

    from raytool.pipeline import Run

    cluster = machine.connect(config.learner.ranks + config.rollout.workers, config.runs)
    try:
        return carry_out(config, folder, lambda: Run(config, folder, sources, test, suites, console, cluster), console)
    finally:
        ray.shutdown()
        folder.close()


def check(config: Config, default_name: str) -> int:
    """All that a run finds out before its first stage and that needs no engine, and gold played and scored as it would do it.

    There is no Ray, and nothing is written.

    Raises:
        UserError: what the user has to change.
    """
    console = Console()
    sources, tests, _ = _checked(config, console, weights=False)
    chat, _ = template.chat_of(pretrained.resolve(config.model.path), config.model)
    RunFolder.place(config, default_name, places.kept(config.runs).absolute())

    async def prompt_lengths(asked: Sequence[Task]) -> list[int]:
        return [len(chat.prompt(task)) for task in asked]

    test = [task for source in tests for task in source]
    asyncio.run(preflight.room_in_prompts(config.stages, config, sources, test, prompt_lengths, console))
    asyncio.run(rehearse(config, sources, tests, chat, console))
    console.say("config, tasks, gold and reward are in order; the model itself is looked at when a training starts")
    return 0


def _checked(config: Config, console: Console, weights: bool) -> tuple[list[list[Task]], list[list[Task]], list[Opened]]:
    """The tasks of each source, for training and for the test, and the suites, after all checks that need no tokenizer. Of a hub's model
    its `weights` are fetched too, or not.

    Raises:
        UserError: what the user has to change.
    """
    sources, tests = (
        [tasks.load(source, f"tasks.{part}.{number}.source") for number, source in enumerate(given)]
        for part, given in (("train", config.tasks.train), ("test", config.tasks.test))
    )
    suites = [open_suite(suite, config.seed) for suite in config.evaluate.suites]
    train, test = ([task for source in every for task in source] for every in (sources, tests))
    if told := tasks.check(train, test, config.tasks.overlap):
        console.say(f"warning: {told}")
    _check_meta(config, sources)
    check_labels(config.evaluate, [opened.label for opened in suites])
    suites = _noted(suites, train, console)
    asked = [sample.task for opened in suites for sample in opened.reading.samples]
    for env in sorted({task.env for task in [*train, *test, *asked]}):
        machine.check_environment(env, config.rollout.tool_host)
    for source, found in zip(config.tasks.train, sources, strict=True):
        if source.trajectories is not None:
            trajectories.of_tasks(source.trajectories, found[: source.demonstrations])
    check_rankings(config, sources)
    check_recorded(config, sources, test)
    Judge(config.reward)
    machine.check_isolation(config.rollout.tool_host)
    machine.check_model(config.model.path, console, weights)
    check_logging(config.logging)
    return sources, tests, suites


def carry_out(config: Config, folder: RunFolder, make: Callable[[], Run], console: Console) -> int:
    """Execute a run, and where infrastructure fails, go on from its last checkpoint; the exit status is returned.

    It goes on `restarts` times in a row, and as often again once it has got further. `make` makes a Run that begins where the folder says
    that it stands.

    Raises:
        UserError: what the user has to change.
    """
    from raytool.actors import ActorLost
    from raytool.rollout.engine import EngineDead
    from raytool.rollout.episode import InfrastructureError
    from raytool.rollout.pool import TooMuchLost

    begun, left, before = False, config.restarts, folder.state()
    while True:
        run = make()
        try:
            asyncio.run(run.execute())
            return 0
        except BaseException as raised:
            error = _first(raised)
            log.critical("the run failed", exc_info=raised)
            ends = isinstance(error, KeyboardInterrupt | OSError)  # OSError: what is written here, as on a disk that is full
            if not ends and not isinstance(error, ActorLost | TooMuchLost | InfrastructureError | EngineDead):
                raise error from None
            said = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error) or type(error).__name__
            del error  # its traceback holds the run with all that it has read, twice which there may be no memory for
        console.say(f"error: {said}")
        begun, reached = begun or run.begun, folder.state()
        if (reached.stage, reached.checkpoint) != (before.stage, before.checkpoint):
            left = config.restarts
        if ends or not begun or not left:
            again = "started again" if config.resume == "auto" else "with resume=true"
            console.say(f"The logs are in {folder.path / 'log'}; {again} the run goes on from its last checkpoint.")
            return 1
        left, before = left - 1, folder.begin_again()
        place = reached.checkpoint or f"stage {reached.stage + 1} ({config.stages[reached.stage]})"
        console.say(f"The logs are in {folder.path / 'log'}; the run goes on by itself from {place}.")
        del run
        gc.collect()


def check_rankings(config: Config, sources: Sequence[Sequence[Task]]) -> None:
    """Refuse tasks of tool evolution's first stage, which rank and call nothing, where they cannot be shown or have no reward.

    Raises:
        UserError: naming the knob and the task.
    """
    for number, (source, found) in enumerate(zip(config.tasks.train, sources, strict=True)):
        alone = next((task for task in found if task.gold and task.gold[0].ranking and not task.gold[0].calls), None)
        if alone is None:
            continue
        if "sft" in config.stages and source.demonstrations != 0 and config.model.prompting != "rank":
            raise UserError(f"model.prompting: '{config.model.prompting}' writes no ranking, which is all of task '{alone.id}'; give rank")
        if "ppo" in config.stages and source.share:
            raise UserError(f"tasks.train.{number}.share: {source.share:g}: task '{alone.id}' makes no call to reward; 0 is expected")


def check_recorded(config: Config, sources: Sequence[Sequence[Task]], test: Sequence[Task]) -> None:
    """Refuse recorded conversations, which can be learnt from and not played, where they would be played, or shown by a gold of theirs.

    Raises:
        UserError: naming the knob and the task.
    """
    for number, (source, found) in enumerate(zip(config.tasks.train, sources, strict=True)):
        if (shown := next((task for task in found if task.env == RECORDED_ENV), None)) is None:
            continue
        what = f"task '{shown.id}' is a recorded conversation"
        if "ppo" in config.stages and source.share:
            raise UserError(f"tasks.train.{number}.share: {source.share:g}: {what}, which cannot be played; 0 is expected")
        if "sft" in config.stages and source.trajectories is None and source.demonstrations != 0:
            raise UserError(f"tasks.train.{number}.trajectories: {what}; the folder that `raytool.tasks import` wrote is expected")
    if shown := next((task for task in test if task.env == RECORDED_ENV), None):
        raise UserError(f"tasks.test: task '{shown.id}' is a recorded conversation, which cannot be played")


def _check_meta(config: Config, sources: list[list[Task]]) -> None:
    shown = (task for source, found in zip(config.tasks.train, sources, strict=True) if source.demonstrations != 0 for task in found)
    if config.sft.meta is not None and "sft" in config.stages and not any(TOGETHER in task.tags for task in shown):
        raise UserError(
            f"sft.meta: has no effect, no demonstrated task of tasks.train has the tag '{TOGETHER}', which raytool.tasks.meta:tasks gives"
        )


def _noted(suites: list[Opened], train: list[Task], console: Console) -> list[Opened]:
    """The suites, with a note where training has samples of theirs: their figures are then no benchmark's."""
    trained = tasks.Trained(train)
    noted = []
    for opened in suites:
        samples = opened.reading.samples
        if seen := sum(trained.twin(sample.task) is not None for sample in samples):
            note = f"{seen} of {len(samples)} samples are training tasks: they have the query or the gold of one"
            console.say(f"warning: suite '{opened.label}': {note}")
            opened = dataclasses.replace(opened, notes=(*opened.notes, note))
        noted.append(opened)
    return noted


def _first(error: BaseException) -> BaseException:
    """The first plain exception of a group of groups, whose message is the one to be seen."""
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error
