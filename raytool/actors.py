"""Waiting for actors: every wait has a limit and a name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from ray.exceptions import OutOfMemoryError, RayActorError, RayError, RayTaskError

Result = TypeVar("Result")

_TAKEN_AWAY = "the actor's node was terminated expectedly"  # Ray's words where a node was asked to end, by a cloud or an operator


class ActorLost(Exception):
    """An actor died, was failed by its machine, did not answer within its limit, or had nowhere to start; the message names what was
    waited for."""


class NodeLost(ActorLost):
    """Its node was asked to end, as in a preemption: nothing that the actor did. One that vanishes may have been brought down."""


async def bounded(reference: Any, limit_s: float, what: str, idle: Callable[[], Awaitable[float]] | None = None) -> Any:
    """Wait for an actor's answer. What it raised is raised here as it was there.

    With `idle`, which asks the actor for how many seconds it has got nowhere, the limit is one for that: an actor with
    much to do is waited for as long as it gets on.

    Raises:
        ActorLost: the actor died, or did not answer within the limit (NodeLost: its node was taken away).
    """
    answer = asyncio.ensure_future(reference)
    left = limit_s
    try:
        while not (await asyncio.wait([answer], timeout=left))[0]:
            spent = limit_s if idle is None else await bounded(idle(), limit_s, f"{what} (to say whether it gets on)")
            if spent >= limit_s:
                raise ActorLost(f"waited {limit_s:g} s for {what}")
            left = limit_s - spent
        return answer.result()
    except RayTaskError as error:
        raise error.cause from error
    except RayError as error:  # it died, or its machine did, or Ray ended it for want of memory
        advice = "; docs/hardware.md (Memory) has the knobs that make a run smaller" if isinstance(error, OutOfMemoryError) else ""
        taken = isinstance(error, RayActorError) and (error.preempted or _TAKEN_AWAY in str(error))
        raise (NodeLost if taken else ActorLost)(f"lost while waiting for {what}: {str(error).splitlines()[0]}{advice}") from error
    finally:
        answer.cancel()


async def all_of(works: Iterable[Awaitable[Result]]) -> list[Result]:
    """What each of them gives, in their order. Where one raises, so does this, and nobody goes on working for nothing."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
