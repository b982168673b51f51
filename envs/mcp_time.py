"""Times in other places, asked of `mcp-server-time`: an MCP server that somebody else wrote, as an environment of its own.

The places keep no summer time, so that an answer does not depend on the day it is asked.
"""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo

import numpy as np

from envs.mcp import Request, SharedMCP
from envs.scenario.wording import time_answer
from raytool.env import FINISH
from raytool.records import GoldCall, Task

ZONES = {
    "Bogota": "America/Bogota",
    "Brisbane": "Australia/Brisbane",
    "Dubai": "Asia/Dubai",
    "Honolulu": "Pacific/Honolulu",
    "Jakarta": "Asia/Jakarta",
    "Johannesburg": "Africa/Johannesburg",
    "Kathmandu": "Asia/Kathmandu",
    "Kolkata": "Asia/Kolkata",
    "Lagos": "Africa/Lagos",
    "Lima": "America/Lima",
    "Manila": "Asia/Manila",
    "Nairobi": "Africa/Nairobi",
    "Phoenix": "America/Phoenix",
    "Reykjavik": "Atlantic/Reykjavik",
    "Singapore": "Asia/Singapore",
    "Tokyo": "Asia/Tokyo",
}
FRAMES = (
    "It is {time} in {here}. What time is it in {there}?",
    "A call starts at {time} {here} time; when is that in {there}?",
    "My flight lands in {there} when it is {time} in {here}. Tell me the local time.",
    "Convert {time} from {from_zone} to {to_zone}.",
    "What does a clock in {there} show when the one in {here} shows {time}?",
    "The office in {here} opens at {time}. Give me that in {to_zone} time.",
    "At {time} in {from_zone} the match begins. At what time do I turn on the radio in {there}?",
    "{here} {time} is what in {there}?",
)
PAIRS = tuple(itertools.permutations(ZONES, 2))


class Clock(SharedMCP):
    server: ClassVar[dict[str, Any]] = {"command": ["mcp-server-time", "--local-timezone", "UTC"]}

    def sample_task(self, random: np.random.Generator) -> Task:
        here, there = PAIRS[random.integers(len(PAIRS))]
        return _task(f"clock-{random.integers(2**31)}", here, there, random)


def tasks(split: Literal["train", "test"], count: int, seed: int = 0) -> list[Task]:
    """Tasks between two places. A fifth of the pairs of places are for the test only.

    Raises:
        ValueError: an unknown split.
    """
    if split not in ("train", "test"):
        raise ValueError(f"split: '{split}' is neither train nor test")
    random = np.random.default_rng([seed, split == "test"])
    cut = len(PAIRS) // 5
    order = np.random.default_rng(seed).permutation(len(PAIRS))
    pairs = [PAIRS[i] for i in (order[:cut] if split == "test" else order[cut:])]
    drawn = itertools.islice(itertools.cycle(pairs), count)
    return [_task(f"clock-{split}-{n}", here, there, random) for n, (here, there) in enumerate(drawn)]


def _task(name: str, here: str, there: str, random: np.random.Generator) -> Task:
    time = f"{random.integers(24):02}:{5 * random.integers(12):02}"
    source, target = ZONES[here], ZONES[there]
    query = FRAMES[random.integers(len(FRAMES))].format(time=time, here=here, there=there, from_zone=source, to_zone=target)
    right = datetime.fromisoformat(f"2026-01-01T{time}").replace(tzinfo=ZoneInfo(source)).astimezone(ZoneInfo(target))
    gold = GoldCall("convert_time", {"source_timezone": source, "time": time, "target_timezone": target})
    request = Request(query=query, gold=(gold,), answer=time_answer(f"{right:%H:%M}"))
    return request.task(name, f"{__name__}:Clock", (*Clock.tool_specs(), FINISH), {})
