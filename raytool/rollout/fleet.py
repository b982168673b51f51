"""The lives of the rollout workers: their start, the weights they have, their end, and what replaces them.

Workers that need not be there at the start join when the cluster has room for them. One that dies, or does not answer within its
limit, is replaced. Where weights have been published only a completed load of them admits a worker. A start that fails is tried
again until the fleet is stopped.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import ray

from raytool.actors import ActorLost, NodeLost, bounded
from raytool.config.rollout import RolloutConfig
from raytool.placement import Placement
from raytool.pretrained import ModelUnread
from raytool.records import NO_POLICY, PolicyVersion, UserError
from raytool.rollout.actor import RolloutActor, WorkerSettings
from raytool.rollout.engine import EngineDead
from raytool.rollout.episode import InfrastructureError
from raytool.rollout.host_command import HostsDown, NodeUnfit
from raytool.shared_folder import Mark
from raytool.weight_sync.base import WeightHandle

log = logging.getLogger(__name__)
Result = TypeVar("Result")


_ROOM_LIMIT_S = 86_400.0  # for a place for a worker that need not be there: a cluster may be full for long
_CALLS_AT_ONCE = 100_000  # to one worker; of Ray's own limit, 1000, `idle_s` would have to wait for its turn
_ELSEWHERE = 5  # of so many tries to start a worker the last is not made in its reserved place
_PLACE_LIMIT_S = 240.0  # for a place elsewhere: a cluster may have to start a node
_LATE_S = 30.0  # to be waited at least for the last half of the workers to load, or as long as the first half took
_STOP_LIMIT_S = 20.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0  # between two tries to replace a worker; they double
_LOST = (ActorLost, EngineDead, NodeUnfit, HostsDown)  # ways in which a worker says that it has to be replaced


class GivenUp(ActorLost):
    """Something was lost with every worker that it was given to."""


class _Worker:
    """An actor with what the pool knows of it. In the place of one that is lost comes another of these.

    `version` is None until its actor may play, `reviving` the task that starts it where it joins later, or replaces another, `loading` the
    one that loads a version. `suspected` says that it plays something that was lost with workers before.
    """

    def __init__(self, index: int):
        self.index = index
        self.actor: Any = None
        self.version: PolicyVersion | None = None
        self.load = 0
        self.suspected = False
        self.reviving: asyncio.Task[None] | None = None
        self.loading: asyncio.Task[None] | None = None


def _elsewhere(failed: int) -> bool:
    """Whether, after so many starts that failed, the next one is not made where the worker's place was reserved."""
    return failed % _ELSEWHERE == _ELSEWHERE - 1


class Fleet:
    """The workers, and which of them may be asked for something."""

    def __init__(self, settings: WorkerSettings, placement: Placement, threads: int, max_staleness: int):
        self._settings = settings
        self._config: RolloutConfig = settings.config
        self._placement = placement
        self._threads = threads
        self._max_staleness = max_staleness
        self._workers = [_Worker(index) for index in range(self._config.workers)]
        self._newest: WeightHandle | None = None
        self._refused: Exception | None = None  # what ends all waits: only the user can mend it, or it is a defect
        self._failed = ""  # how the last try to start a worker ended, that failed
        self._stopped = False
        self._changed = asyncio.Condition()
        self.counts: Counter[str] = Counter()
        self.dialect, self.dtype = "", ""  # how calls are written and the model is computed, once the workers have seen it
        self.unisolated: set[str] = set()  # why tools run without isolation where they do and should not, until it has been told

    async def start(self, resumed: bool = False) -> None:
        """Start the workers that have to be there, with the weights they find in the model's folder. The others join when they can.

        Of several, those that could not be started are tried again until the limit: one bad node of many ends nothing. Only if no
        run has begun with these workers yet, or none of them starts, is what the user has to mend told at once.

        Raises:
            ActorLost: naming the worker and its log.
            UserError: the model is of no use, or a worker's node is not.
        """
        first, others = self._workers[: self._config.reserved], self._workers[self._config.reserved :]
        found = await asyncio.gather(*map(self._start, first), return_exceptions=True)
        failed = {worker.index: error for worker, error in zip(first, found, strict=True) if error is not None}
        for index, error in failed.items():
            if not isinstance(error, Exception):
                raise error
            may_pass = resumed or isinstance(error, ModelUnread)
            if isinstance(error, UserError) and not (may_pass and len(failed) < len(first)):
                raise error
            if len(failed) == len(first):
                said = " ".join(str(error).split())[-300:]
                why = f"rollout worker {index} did not start: {said} (see {self._settings.log_folder}/rollout-{index}.log)"
                raise error if isinstance(error, ActorLost) else ActorLost(why) from error
        for worker in (*(self._workers[index] for index in failed), *others):
            worker.reviving = asyncio.ensure_future(self._revive(worker, failed.get(worker.index)))
        limit = self._config.engine.start_limit_s
        try:
            async with asyncio.timeout(limit), self._changed:
                await self._changed.wait_for(lambda: self._refused or self.admitted >= len(first))
        except TimeoutError:
            index, error = next(iter(failed.items()))
            raise ActorLost(f"waited {limit:g} s for rollout worker {index} to start after it failed: {error}") from error
        if self._refused is not None:
            raise self._refused

    async def load(self, handle: WeightHandle) -> None:
        """Give a version to all workers; those that fail are replaced in the background. One that takes much longer than the others goes on
        there too, with what is newest by then, and plays nothing that wants fresher weights than it has.

        Raises:
            UserError: the weights cannot be had where a worker is, or it cannot be replaced, and no other one plays.
        """
        self._newest = handle
        loads: set[asyncio.Task[None]] = set()
        began = time.monotonic()
        for worker in self._workers:
            if worker.version is not None and (worker.loading is None or worker.loading.done()):
                worker.loading = asyncio.ensure_future(self._reload(worker))
                loads.add(worker.loading)
        late = loads
        while 2 * len(late) > len(loads):
            _, late = await asyncio.wait(late, return_when=asyncio.FIRST_COMPLETED)
        if late:
            _, late = await asyncio.wait(late, timeout=max(_LATE_S, time.monotonic() - began))
        if late:
            slow = [worker.index for worker in self._workers if worker.loading in late]
            log.warning("rollout workers %s are late to load version %d; the others go on", slow, handle.version)
        if self._refused is not None:
            raise self._refused

    @property
    def admitted(self) -> int:
        """How many workers may play."""
        return sum(worker.version is not None for worker in self._workers)

    async def look(self, mark: Mark, knob: str) -> None:
        """Have all workers look for a mark.

        Raises:
            UserError: naming the knob and the node that does not share the folder. At a run's start one such node ends it.
        """

        async def look(worker: _Worker) -> None:
            what = f"rollout worker {worker.index} to look for {mark.path}"
            try:
                await bounded(worker.actor.look.remote(mark, knob), self._config.stall_limit_s, what)
            except ActorLost as error:
                self._replace(worker, error)

        await asyncio.gather(*(look(worker) for worker in self._workers if worker.version is not None))

    async def stop(self) -> None:
        """End all workers, and what would replace them."""
        self._stopped = True
        begun = [task for worker in self._workers for task in (worker.reviving, worker.loading) if task is not None]
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
        await asyncio.gather(*map(self._stop, self._workers))

    async def _stop(self, worker: _Worker) -> None:
        if worker.actor is None:
            return
        try:
            await bounded(worker.actor.stop.remote(), _STOP_LIMIT_S, f"rollout worker {worker.index} to stop")
        except Exception as error:  # whatever keeps it from stopping, it is ended
            log.warning("rollout worker %d did not stop: %s", worker.index, error)
        self._end(worker)

    async def on_a_worker(self, call: Callable[[Any], Awaitable[Result]], what: str, newest: bool = False) -> Result:
        """What the least loaded worker that is fresh enough answers to a call; another is asked where one is lost with it.

        Raises:
            GivenUp: as many as `rollout.attempts` were lost with it.
            ActorLost: no worker may play.
            UserError: a lost worker cannot be replaced.
        """
        lost, attempts = 0, self._config.attempts
        while True:
            # What ends workers takes others down with it: a last attempt has no other last attempt beside it on its worker.
            last = 0 < lost == attempts - 1
            worker = await self._admitted(what, last, newest)
            worker.load += 1
            worker.suspected |= last
            try:
                who = f"{what} by rollout worker {worker.index}"
                return await bounded(call(worker.actor), self._config.stall_limit_s, who, worker.actor.idle_s.remote)
            except _LOST as error:
                lost += not isinstance(error, NodeLost | NodeUnfit)  # which nothing that is played brings about
                log.warning("%s; lost with %d of %d workers", error, lost, attempts)
                self._replace(worker, error)
                if lost == attempts:
                    raise GivenUp(str(error)) from error
            finally:
                worker.load -= 1
                if last:
                    worker.suspected = False
                    await self._tell()

    async def _admitted(self, what: str, last: bool, newest: bool) -> _Worker:
        """The least loaded worker, of those with the newest weights that are fresh enough; for a `last` attempt one that makes no other."""

        def fresh() -> list[_Worker]:
            staleness = 0 if newest else self._max_staleness
            return [worker for worker in self._workers if worker.version is not None and self._fresh(worker.version, staleness)]

        limit = self._config.engine.start_limit_s + self._config.engine.load_limit_s
        async with self._changed:
            while True:
                try:
                    async with asyncio.timeout(limit):
                        await self._changed.wait_for(lambda: self._refused or fresh())
                except TimeoutError:
                    wanted = "" if self._newest is None else f" with weights fresh enough beside version {self._newest.version}"
                    why = f"; the last try to start one: {self._failed}" if self._failed else ""
                    raise ActorLost(f"waited {limit:g} s for a rollout worker{wanted} for {what}{why}") from None
                if self._refused is not None:
                    raise self._refused
                if free := [worker for worker in fresh() if not (last and worker.suspected)]:
                    return max(free, key=lambda w: (w.version or 0, -w.load))
                await self._changed.wait()  # for a last attempt's end, which has limits of its own

    def _fresh(self, version: PolicyVersion, staleness: int) -> bool:
        """Whether weights may play. Only PPO, whose versions begin with 0, goes on with older ones than the newest."""
        newest = NO_POLICY if self._newest is None else self._newest.version
        return version == newest or 0 <= version < newest <= version + staleness

    async def _reload(self, worker: _Worker) -> None:
        """Have a worker load what is newest, or replace it."""
        try:
            await self._load_newest(worker)
            while worker.actor is not None and self._newest is not None and worker.version != self._newest.version:  # told too late
                await self._load_newest(worker)
        except (*_LOST, InfrastructureError, UserError) as error:
            self._replace(worker, error)
        except Exception as error:
            self._refused = error
            await self._tell()

    async def _start(self, worker: _Worker, failed: int = 0) -> None:
        """Start an actor, after so many starts that failed, and load what is newest; if that fails too no actor is left."""
        worker.actor = self._spawn(worker.index, failed)
        where = f"rollout worker {worker.index} to start (see {self._settings.log_folder}/rollout-{worker.index}.log)"
        try:
            late = worker.index >= self._config.reserved
            if late or _elsewhere(failed):
                limit = _ROOM_LIMIT_S if late else _PLACE_LIMIT_S
                await bounded(worker.actor.__ray_ready__.remote(), limit, f"a place for rollout worker {worker.index}")
            self.dialect, self.dtype, complaint = await bounded(worker.actor.start.remote(), self._config.engine.start_limit_s, where)
            if complaint:
                log.warning("rollout worker %d: its tools run without isolation: %s", worker.index, complaint)
                self.unisolated.add(complaint)
            await self._load_newest(worker)
        except BaseException:
            self._end(worker)
            raise

    async def _load_newest(self, worker: _Worker) -> None:
        """Load what was published last, and what is published meanwhile; then the worker is admitted."""
        loaded, version = None, NO_POLICY
        while (newest := self._newest) is not None and newest is not loaded and worker.actor is not None:  # None: lost meanwhile
            what = f"rollout worker {worker.index} to load version {newest.version}"
            version = await bounded(worker.actor.load.remote(newest), self._config.engine.load_limit_s, what)
            loaded = newest
        worker.version = version  # before anything is waited for: the next `load` is for this worker too
        await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _replace(self, worker: _Worker, error: Exception) -> None:
        """Start a new actor in a lost one's place, once however many calls were lost with it. What only the user can mend is told where no
        other worker plays, and else this one's node is given time."""
        if self._workers[worker.index] is not worker:
            return
        log.warning("rollout worker %d is replaced: %s", worker.index, error)
        self.counts["lost_workers"] += 1
        self._end(worker)
        if not self._stopped:
            new = self._workers[worker.index] = _Worker(worker.index)
            new.reviving = asyncio.ensure_future(self._revive(new, error if isinstance(error, UserError) else None))

    async def _revive(self, worker: _Worker, failed: BaseException | None = None) -> None:
        """Start a worker beside others that play, trying until it works; `failed` is what a try ended with before.

        What only the user can mend ends that, and all waits, where no other worker plays: else it is this one's node that is not as
        the others are.
        """
        pause, tries, logged = _FIRST_PAUSE_S, 0, ""
        while True:
            if failed is not None:
                tries += 1
                if isinstance(failed, UserError) and not isinstance(failed, ModelUnread) and not self.admitted:
                    log.error("rollout worker %d cannot be started: %s", worker.index, failed)
                    self._refused = failed
                    return await self._tell()
                self.counts["failed_restarts"] += 1
                self._failed = str(failed)
                trace = failed if logged != self._failed else None
                logged = self._failed
                log.warning("rollout worker %d could not be started; next try in %g s: %s", worker.index, pause, failed, exc_info=trace)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_S)
            try:
                return await self._start(worker, tries)
            except Exception as error:
                failed = error

    def _spawn(self, index: int, failed: int) -> Any:
        options = self._placement.rollout(index, self._threads, elsewhere=_elsewhere(failed))
        return ray.remote(RolloutActor).options(max_concurrency=_CALLS_AT_ONCE, **options).remote(self._settings, index)

    def _end(self, worker: _Worker) -> None:
        """The worker plays no more, and gives up what its actor holds."""
        worker.version = None
        if worker.actor is not None:
            ray.kill(worker.actor)
            worker.actor = None
