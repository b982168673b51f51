"""The stage SFT: batches of demonstrations in their order, a step with each, and now and then a checkpoint or an evaluation."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from raytool.config import Config
from raytool.console import Console
from raytool.demonstrations import Batch, Lessons, sft_batches, units_of
from raytool.learner.group import LearnerGroup
from raytool.metrics import Metrics, Timers, memory_line, read
from raytool.records import UserError
from raytool.run_state import Progress

_WATCHED, _MOST = 200, 0.9  # so many queries are looked back on, of which no more than such a share may be rolled back


class Rollbacks:
    """What meta steps took back lately."""

    def __init__(self) -> None:
        self._latest: deque[bool] = deque(maxlen=_WATCHED)

    def see(self, figures: Mapping[str, Any]) -> None:
        """A step's figures; an ordinary step has met no queries."""
        self._latest.extend([figures["rolled_back"] > 0] * int(figures["queries"]) if "queries" in figures else [])

    def check(self) -> None:
        """Raises:
        UserError: next to nothing is kept.
        """
        if len(self._latest) == _WATCHED and (count := sum(self._latest)) > _MOST * _WATCHED:
            raise UserError(
                f"sft.meta.commit: 'on_optimal' rolled back {count} of the last {_WATCHED} queries, so next to nothing is learnt; "
                "begin with a model that can call tools, or with ordinary demonstrations in an earlier phase, or take more "
                "max_inner_steps, a higher learning rate, or commit 'always'"
            )


class SFT:
    """The stage of a run in the folder `run`."""

    def __init__(
        self, config: Config, lessons: Lessons, learner: LearnerGroup, metrics: Metrics, timers: Timers, console: Console, run: Path
    ):
        self._config, self._lessons, self._learner = config, lessons, learner
        self._metrics, self._timers, self._console, self._run = metrics, timers, console, run
        sft, phases = config.sft, {source.name: source.phase for source in config.tasks.train}
        units = units_of(lessons.demonstrations, phases, sft.meta is not None)
        queries = sft.meta.queries_per_update if sft.meta else 1
        self._batches = functools.partial(sft_batches, units, sft.batch_size, queries, sft.epochs, config.seed)
        self._total = sft.tokens or sum(1 for _ in self._batches())  # in what `_done` counts

    async def fit(
        self,
        progress: Progress,
        load: Callable[[], Awaitable[None]],
        save: Callable[[Progress], Awaitable[None]],
        evaluate: Callable[[int, int], Awaitable[None]],
    ) -> Progress:
        """Go on from `progress` to the end.

        `load` takes up the checkpoint that stands there, `save` writes one. `evaluate` is given the steps that are done and which of the
        stage's evaluations it is, from 1.

        Raises:
            UserError: meta steps are rolled back, nearly all of them.
        """
        config, rollbacks = self._config, Rollbacks()
        self._console.say(memory_line("SFT", await self._learner.begin_sft(config.sft, self._total)))
        done = self._done(progress)
        if 0 < done < self._total:
            await load()
            for line in read(self._run / "metrics.jsonl"):
                if line["stage"] == "sft" and line["step"] <= progress.step:
                    rollbacks.see(line)
        left, saved_s = itertools.islice(self._batches(), progress.step, None), progress.seconds
        with self._console.bar("SFT", self._total, done, "steps" if config.sft.tokens is None else "tokens") as bar:
            while done < self._total:
                began, batch, before = time.perf_counter(), next(left), done
                figures = await self._step(batch, done)
                spent = time.perf_counter() - began
                progress = dataclasses.replace(
                    progress, step=progress.step + 1, seconds=progress.seconds + spent, tokens=progress.tokens + figures["tokens"]
                )
                done = self._done(progress)
                if number := self._reached(before, done, config.evaluate.in_sft):
                    await evaluate(progress.step, number)
                self._metrics.write("sft", progress.step, {**figures, "tokens_per_s": figures["tokens"] / spent, **self._timers.take()})
                rollbacks.see(figures)
                rollbacks.check()
                if self._save_is_due(before, done, progress.seconds - saved_s):  # last: a resume does none of the above again
                    await save(progress)
                    saved_s = progress.seconds
                bar.advance(done - before, loss=figures["loss"], tokens_per_s=figures["tokens"] / spent)
        return progress

    async def _step(self, batch: Batch, done: int) -> dict[str, float]:
        demonstrations, weights = self._lessons.demonstrations, self._lessons.weights
        if batch.meta:
            units = [[demonstrations[place] for place in unit] for unit in batch.units]
            return await self._learner.meta_step(units, [[weights[place] for place in unit] for unit in batch.units], done)
        places = [place for (place,) in batch.units]
        return await self._learner.sft_step([demonstrations[place] for place in places], [weights[place] for place in places], done)

    def _done(self, progress: Progress) -> int:
        return progress.step if self._config.sft.tokens is None else int(progress.tokens)

    def _save_is_due(self, before: int, done: int, seconds: float) -> bool:
        """After a step, and so many seconds of steps after the last checkpoint; the stage's end has one of its own."""
        config = self._config.checkpoint
        late = config.in_sft_s is not None and seconds >= config.in_sft_s
        return done < self._total and (late or self._reached(before, done, config.in_sft) > 0)

    def _reached(self, before: int, done: int, count: int) -> int:
        """The newest of so many places, evenly spaced inside the stage, that a step has reached, from 1; 0: it has reached none."""
        number = done * (count + 1) // self._total
        return number if before * (count + 1) // self._total < number and done < self._total else 0
