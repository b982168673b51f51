"""`python -m raytool.tasks entries`: what of some trajectories is worth playing again in RL, as tasks.

TL-Training's authors made 1,194 RL entries of their 1,217 trajectories and do not say which were dropped. Here a trajectory
is dropped for the first of `REASONS` that applies to it; of several that answer the same question the first that passes is kept.

An entry's gold is the task's own. Where it has none, it is what survived of the trajectory: its calls without error, in their
order, and the answer that it ended with. What is free text (answers, questions) is not compared.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections import Counter
from collections.abc import Iterator, Sequence

from raytool import places
from raytool.console import Console
from raytool.records import ASK_TO_USER, FINISH, Episode, Feedback, Gold, GoldCall, StopReason, Task, UserError
from raytool.tasks.source import write
from raytool.tasks.trajectories import read

REASONS = {
    "cut": "an answer was cut at its limit of tokens",
    "no_call": "it calls nothing, or nothing that can be read",
    "all_errors": "every call but the answer is an error",
    "goal_not_reached": "the environment says that the goal is not reached",
    "not_finished": "it ran out of turns or of room, and nobody can say whether the goal is reached",
    "duplicate": "an entry asks the same of the same tools",
}
_FREE = {FINISH.name: "answer", ASK_TO_USER.name: "question"}


def entries(trajectories: Sequence[Episode]) -> tuple[list[Task], list[tuple[Episode, str]]]:
    """The entries, and each trajectory that was dropped with its reason."""
    kept: list[Task] = []
    dropped: list[tuple[Episode, str]] = []
    asked: set[str] = set()
    for episode in trajectories:
        reason = _fault(episode)
        if not reason and _question(episode.task) in asked:
            reason = "duplicate"
        if reason:
            dropped.append((episode, reason))
            continue
        asked.add(_question(episode.task))
        kept.append(_entry(episode))
    return kept, dropped


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=places.found, metavar="FOLDER", help="what `demonstrate` wrote")
    parser.add_argument("--out", type=places.kept, required=True, metavar="FILE.jsonl", help="gets the entries, which are tasks")
    parser.add_argument("--dropped", type=places.kept, metavar="FILE.jsonl", help="gets task, sample and reason of each that was dropped")


def run(given: argparse.Namespace) -> None:
    """Raises:
    UserError: there are no trajectories, or a file cannot be written.
    """
    trajectories = read(given.folder)
    kept, dropped = entries(trajectories)
    try:
        write(kept, given.out)
        if given.dropped is not None:
            lines = [json.dumps({"task": e.task.id, "sample": e.sample, "reason": reason, "is": REASONS[reason]}) for e, reason in dropped]
            given.dropped.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{error.filename}: {error.strerror}") from None
    counts = Counter(reason for _, reason in dropped)
    own = sum(task.tags.get("gold") != "trajectory" for task in kept)
    rows = {
        "kept, gold is the task's own": own,
        "kept, gold is the trajectory's": len(kept) - own,
        **{f"dropped: {reason} ({REASONS[reason]})": counts[reason] for reason in REASONS},
    }
    console = Console()
    console.say(f"{len(kept)} entries of {len(trajectories)} trajectories in {given.out}")
    console.table("entries", ["count"], {name: [str(count)] for name, count in rows.items()})


def _fault(episode: Episode) -> str:
    """Why a trajectory makes no entry, duplicates apart; empty where it does."""
    if episode.stop is StopReason.TOKEN_LIMIT:
        return "cut"
    made = [call for call in episode.calls if call.call is not None and call.call.name != FINISH.name]
    right_without = episode.task.gold and episode.goal_reached  # there are requests that no offered tool can serve
    if not any(call.feedback is Feedback.OK for call in made) and not right_without:
        return "all_errors" if made else "no_call"
    if episode.goal_reached is False:
        return "goal_not_reached"
    if episode.stop in (StopReason.TURN_LIMIT, StopReason.NO_ROOM) and episode.goal_reached is None:
        return "not_finished"
    return ""


def _question(task: Task) -> str:
    """What tells two tasks apart that are not the same: `seed` and `options` are the state that an environment starts from."""
    around = [*map(dataclasses.asdict, task.context), *map(dataclasses.asdict, task.follow_ups)]
    offered = sorted(spec.name for spec in task.tools)
    return json.dumps([" ".join(task.query.split()).casefold(), task.env, offered, around, task.seed, task.options], sort_keys=True)


def _entry(episode: Episode) -> Task:
    task = episode.task
    if task.gold:
        return task
    return dataclasses.replace(task, gold=(Gold(tuple(_survivors(episode))),), tags={**task.tags, "gold": "trajectory"})


def _survivors(episode: Episode) -> Iterator[GoldCall]:
    """The calls without error, and a `finish` for each closing text where the task offers one."""
    task = episode.task
    for turn in episode.turns:
        for call in turn.calls:
            if call.call is not None and call.feedback is Feedback.OK:
                free = _FREE.get(call.call.name)
                yield GoldCall(call.call.name, call.call.arguments, free=(free,) if free in call.call.arguments else ())
        if turn.final is not None and task.tool(FINISH.name) is not None:
            yield GoldCall(FINISH.name, {"answer": turn.final}, free=("answer",))
