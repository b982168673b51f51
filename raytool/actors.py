"""Waiting for actors: every wait has a limit and a name."""

from __future__ import annotations

import asyncio
from typing import Any

from ray.exceptions import RayActorError, RayTaskError


class ActorLost(Exception):
    """An actor died, or did not answer within its limit; the message names what was waited for."""


async def bounded(reference: Any, limit_s: float, what: str) -> Any:
    """Wait for an actor's answer. What it raised is raised here as it was there.

    Raises:
        ActorLost: the actor died, or did not answer within the limit.
    """
    try:
        return await asyncio.wait_for(reference, limit_s)
    except TimeoutError:
        raise ActorLost(f"waited {limit_s:g} s for {what}") from None
    except RayTaskError as error:
        raise error.cause from error
    except RayActorError as error:
        raise ActorLost(f"lost while waiting for {what}: {str(error).splitlines()[0]}") from error
