"""`python -m raytool.tasks import`: conversations that somebody has recorded, in OpenAI's form, as trajectories that SFT learns from.

    {"messages": [{"role": "user", ...}, {"role": "assistant", "tool_calls": [...]}, {"role": "tool", ...}, ...], "tools": [...]}

A conversation becomes a Task (what was said before the first answer, the tools, what the user goes on to say) and a trajectory of it.
What a tool returned is known by its text alone, and so is whether a call failed (`raytool.methods.adverse_effects`). Such a task is
shown and not played: nobody has what its tools ran on. What can be played is each of its steps by itself: a turn's calls, after all that
was said before it.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydantic

from raytool import places
from raytool.console import Console
from raytool.records import (
    FUNCTION_CALL_ENV,
    RECORDED_ENV,
    Call,
    Episode,
    Feedback,
    FollowUp,
    Gold,
    GoldCall,
    Message,
    Span,
    StopReason,
    Task,
    ToolSpec,
    Turn,
    UserError,
    first_mistake,
)
from raytool.tasks.evolve import read_tools, tools_of
from raytool.tasks.source import Trained, write
from raytool.tasks.trajectories import Trajectories
from raytool.tasks.transcript_formats import OpenAIMessage, answered, openai_messages
from raytool.tasks.transcripts import TranscriptError, records_of

TASKS, STEPS, HELD_OUT = "tasks.jsonl", "steps.jsonl", "held_out.jsonl"  # in the folder of the trajectories
_NAMED = 5
_UNKNOWN = Span(0, 0)  # trajectories are given tokens when they are learnt from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=places.found, metavar="FILE", help="JSON or JSON lines, a record for each conversation")
    parser.add_argument(
        "--out", type=places.kept, required=True, metavar="FOLDER", help=f"gets {TASKS}, their trajectories, and {STEPS} for PPO"
    )
    parser.add_argument("--tools", type=places.found, metavar="FILE", help="documents of tools, for records that have none of their own")
    parser.add_argument(
        "--held-out",
        type=share,
        default=0.0,
        metavar="SHARE",
        help=f"of the conversations, drawn by --seed: their steps become {HELD_OUT} for a test, and nothing else is made of them",
    )
    parser.add_argument("--seed", type=int, default=0)


def share(text: str) -> float:
    if not 0 <= (number := float(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text} given, 0 or more and less than 1 expected")
    return number


def run(given: argparse.Namespace) -> int:
    """The exit status is 1 where a record could not be read.

    Raises:
        UserError: no record can be, or the folder is in use.
    """
    shared = read_tools(given.tools) if given.tools is not None else []
    console = Console()
    found: list[Episode] = []
    lost: list[str] = []
    for where, record in records_of(given.file)[1]:
        try:
            if isinstance(record, Exception):
                raise ValueError(f"no JSON: {record}")
            found.append(trajectory(record, shared, f"{given.file.stem}-{len(found) + len(lost)}", len(found)))
        except (ValueError, UserError) as error:
            lost.append(f"{where}: {first_mistake(error) if isinstance(error, pydantic.ValidationError) else error}")
    if not found:
        raise TranscriptError(f"{given.file}: no record is a conversation that can be learnt from; {lost[0]}")
    found, held_out = apart(found, given.held_out, given.seed)
    if not found:
        raise UserError(f"--held-out: {given.file} has {len(held_out)} conversation that can be learnt from; 2 or more expected")
    tasks = [episode.task for episode in found]
    made = [step for episode in found for step in steps(episode)]
    asked = [step for episode in held_out for step in steps(episode)]
    trained = Trained([*tasks, *made])
    test = [step for step in asked if trained.twin(step) is None]
    kept = Trajectories(given.out, {"imported": given.file.name}, tasks)
    try:
        if kept.done:
            raise UserError(f"--out {given.out}: has trajectories already; name another folder")
        write(tasks, given.out / TASKS)
        write(made, given.out / STEPS)
        if test:
            write(test, given.out / HELD_OUT)
        with console.bar("conversations", len(found)) as bar:
            for episode in found:
                kept.add(episode)
                bar.advance()
    finally:
        kept.close()
    held = {"conversations held out": len(held_out), "their steps": len(test), "their steps left out": len(asked) - len(test)}
    _show(found, held if given.held_out else {}, lost, given.out, console)
    return 1 if lost else 0


def apart(found: Sequence[Episode], share: float, seed: int) -> tuple[list[Episode], list[Episode]]:
    """Those to learn from, and a share that is held out, drawn by seed and at least one."""
    count = min(max(1, round(share * len(found))), max(1, len(found) - 1)) if share else 0
    held_out = set(np.random.default_rng(seed).permutation(len(found))[:count].tolist())
    kept, held = ([episode for place, episode in enumerate(found) if (place in held_out) is held] for held in (False, True))
    return [replace(episode, group=place) for place, episode in enumerate(kept)], held


def trajectory(record: Any, shared: Sequence[ToolSpec], name: str, group: int) -> Episode:
    """A recorded conversation as a trajectory of a task `name`; `shared` are the tools of records that have none of their own.

    Raises:
        ValueError, UserError: it cannot be learnt from, and why.
    """
    messages = openai_messages(record)
    began = next((place for place, message in enumerate(messages) if message.role == "assistant" and _asked(messages[:place])), None)
    if began is None:
        raise ValueError("no assistant answers a user")
    context, query = _before(messages[:began])
    turns, follow_ups = _turns(messages[began:])
    if not turns:
        raise ValueError("no answer of the assistant is more than a thought")
    tools = tuple(_tools(record) or shared)
    if not tools and any(turn.calls for turn in turns):
        raise ValueError("tools: it has calls and no documents of tools; --tools names a file of them")
    task = Task(name, RECORDED_ENV, query, tools, follow_ups=tuple(follow_ups), context=tuple(context))
    stop = StopReason.FINISHED if turns[-1].final is not None else StopReason.ENVIRONMENT_END
    return Episode(name, task, group, 0, (), (), None, (), tuple(turns), stop)


def steps(episode: Episode) -> Iterator[Task]:
    """Of each turn that erred in nothing the task of making its calls, in any order, after all that was said before. Thoughts are left out,
    and so are turns that cannot be read."""
    task, said = episode.task, list(episode.task.context)
    queries = iter((task.query, *(follow_up.query for follow_up in task.follow_ups)))
    query = next(queries)
    for number, turn in enumerate(episode.turns):
        made = tuple(call.call for call in turn.calls if call.call is not None)
        if made and all(call.feedback is Feedback.OK for call in turn.calls):
            gold = Gold(tuple(GoldCall(call.name, call.arguments) for call in made), free_order=True)
            yield Task(f"{task.id}-{number}", FUNCTION_CALL_ENV, query, task.tools, (gold,), context=tuple(said))
        if not made and turn.final is None:
            continue
        said += [Message("user", query)] if query else []
        query = ""
        said.append(Message("assistant", turn.final or "", made))
        said += [Message("tool", call.observation) for call in turn.calls if call.call is not None]
        if turn.final is not None:
            query = next(queries, "")


def _asked(messages: Sequence[OpenAIMessage]) -> bool:
    return any(message.role == "user" for message in messages)


def _before(messages: Sequence[OpenAIMessage]) -> tuple[list[Message], str]:
    """What was said before the first answer: all but the last user's messages, and these."""
    last = max((number for number, message in enumerate(messages, 1) if message.role != "user"), default=0)
    context = []
    for number, message in enumerate(messages[:last], 1):
        if message.role == "tool" or message.role == "function" or message.calls:
            raise ValueError(f"message {number}: a call comes before the user says anything")
        context.append(Message("system" if message.role == "developer" else message.role, message.text))
    return context, "\n\n".join(message.text for message in messages[last:])


def _turns(messages: Sequence[OpenAIMessage]) -> tuple[list[Turn], list[FollowUp]]:
    """The assistant's turns, and what the user says between two of them. A text from which the assistant goes on is a thought: left out."""
    turns: list[Turn] = []
    follow_ups: list[FollowUp] = []
    for place, message in enumerate(messages):
        following = messages[place + 1].role if place + 1 < len(messages) else None
        match message.role:
            case "assistant" if message.calls:
                turns.append(Turn(_UNKNOWN, message.text, tuple(_answered(message, messages[place + 1 :]))))
            case "assistant" if following != "assistant":
                turns.append(Turn(_UNKNOWN, message.text, (), message.text))
            case "user" if any(later.role == "assistant" for later in messages[place:]):
                if messages[place - 1].role == "user":
                    follow_ups[-1] = FollowUp(f"{follow_ups[-1].query}\n\n{message.text}")
                elif not turns or turns[-1].final is None:
                    raise ValueError("the user speaks where a tool has answered and the assistant has not")
                else:
                    follow_ups.append(FollowUp(message.text))
            case "system" | "developer":
                raise ValueError("a system message stands in the middle")
    return turns, follow_ups


def _answered(message: OpenAIMessage, after: Sequence[OpenAIMessage]) -> Iterator[Call]:
    """A message's calls with what came of each: the answer of its id, or the next one where answers have none."""
    answers = list(after[: _run(after)])
    for id, function in message.calls:
        given = next((answer for answer in answers if None in (id, answer.tool_call_id) or answer.tool_call_id == id), None)
        if given is not None:
            answers.remove(given)
        observed = answered(function.call(), given.text if given is not None else "", apart=True)
        assert observed.observation is not None and observed.feedback is not None
        yield Call(_UNKNOWN, observed.call, observed.observation, observed.feedback)
    if answers:
        raise ValueError(f"a tool answers the call '{answers[0].tool_call_id}', which the turn before it does not make")


def _run(messages: Sequence[OpenAIMessage]) -> int:
    """How many answers of tools they begin with."""
    return next((place for place, message in enumerate(messages) if message.role not in ("tool", "function")), len(messages))


def _tools(record: Any) -> list[ToolSpec]:
    given = (record.get("tools") or record.get("functions") or []) if isinstance(record, dict) else []
    if isinstance(given, str):  # as data sets keep what has no one schema
        given = json.loads(given)
    return tools_of(given, "tools")


def _show(found: Sequence[Episode], held: Mapping[str, int], lost: Sequence[str], out: Path, console: Console) -> None:
    calls = Counter(call.feedback for episode in found for call in episode.calls)
    erring = sum(any(call.feedback is not Feedback.OK for call in episode.calls) for episode in found)
    rows = {
        "conversations": len(found),
        "with an error": erring,
        "turns": sum(len(episode.turns) for episode in found),
        "calls": calls.total(),
        **{f"calls: {feedback.value}": count for feedback, count in calls.most_common()},
        **held,
    }
    console.table(str(out), ["count"], {name: [str(count)] for name, count in rows.items()})
    for line in lost[:_NAMED]:
        console.say(f"left out: {line}")
    if len(lost) > _NAMED:
        console.say(f"left out: {len(lost) - _NAMED} more")
    console.say(f"{STEPS} has the turns without error, each as a task for PPO: {{name: steps, source: {out / STEPS}, demonstrations: 0}}")
    if held.get("their steps"):
        console.say(f"{HELD_OUT} has what to test on: {{name: held-out, source: {out / HELD_OUT}}} under tasks.test")
    console.say(f"to learn from them: {{name: {out.name}, source: {out / TASKS}, trajectories: {out}, share: 0}} under tasks.train")
