"""The one Arrow schema of an Episode: a row each, values and nested calls as columns, free-form JSON as text."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pydantic

from raytool.records import Call, Episode, Feedback, Span, StopReason, Task, ToolCall, Turn, Verdict

_CALL = pa.struct(
    [
        pa.field("start", pa.int32(), nullable=False),
        pa.field("stop", pa.int32(), nullable=False),
        pa.field("name", pa.string()),  # null: no call could be parsed
        pa.field("arguments", pa.string()),  # JSON
        pa.field("observation", pa.string(), nullable=False),
        pa.field("feedback", pa.string(), nullable=False),
        pa.field("category", pa.string()),
        pa.field("reward", pa.float64()),
    ]
)
_TURN = pa.struct(
    [
        pa.field("start", pa.int32(), nullable=False),
        pa.field("stop", pa.int32(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("final", pa.string()),
        pa.field("env_reward", pa.float64(), nullable=False),
        pa.field("calls", pa.list_(_CALL), nullable=False),
    ]
)
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("group", pa.int64(), nullable=False),
        pa.field("sample", pa.int32(), nullable=False),
        # For queries; `task` holds the whole.
        pa.field("task_id", pa.string(), nullable=False),
        pa.field("env", pa.string(), nullable=False),
        pa.field("source", pa.string()),
        pa.field("reward", pa.float64(), nullable=False),
        pa.field("policy_version", pa.int32(), nullable=False),  # of the oldest sampled token
        pa.field("task", pa.string(), nullable=False),  # JSON
        pa.field("tokens", pa.list_(pa.int32()), nullable=False),
        pa.field("loss_mask", pa.list_(pa.int8()), nullable=False),
        pa.field("logprobs", pa.list_(pa.float32())),  # null: a demonstration
        pa.field("versions", pa.list_(pa.int32()), nullable=False),
        pa.field("turns", pa.list_(_TURN), nullable=False),
        pa.field("stop", pa.string(), nullable=False),
        pa.field("goal_reached", pa.bool_()),
        pa.field("outcome", pa.float64(), nullable=False),
    ]
)

_TASK = pydantic.TypeAdapter(Task)


def to_table(episodes: Sequence[Episode]) -> pa.Table:
    return pa.Table.from_pylist([_row(episode) for episode in episodes], schema=SCHEMA)


def from_table(table: pa.Table) -> list[Episode]:
    return [_episode(row) for row in table.to_pylist()]


def _row(episode: Episode) -> dict[str, Any]:
    return {
        "id": episode.id,
        "group": episode.group,
        "sample": episode.sample,
        "task_id": episode.task.id,
        "env": episode.task.env,
        "source": episode.task.tags.get("source"),
        "reward": episode.reward,
        "policy_version": episode.oldest_version,
        "task": json.dumps(dataclasses.asdict(episode.task)),
        "tokens": episode.tokens,
        "loss_mask": episode.loss_mask,
        "logprobs": episode.logprobs,
        "versions": episode.versions,
        "turns": [_turn_row(turn) for turn in episode.turns],
        "stop": episode.stop.value,
        "goal_reached": episode.goal_reached,
        "outcome": episode.outcome,
    }


def _turn_row(turn: Turn) -> dict[str, Any]:
    return {
        "start": turn.span.start,
        "stop": turn.span.stop,
        "text": _storable(turn.text),
        "final": None if turn.final is None else _storable(turn.final),
        "env_reward": turn.env_reward,
        "calls": [
            {
                "start": call.span.start,
                "stop": call.span.stop,
                "name": call.call and _storable(call.call.name),
                "arguments": call.call and json.dumps(call.call.arguments),
                "observation": _storable(call.observation),
                "feedback": call.feedback.value,
                "category": call.verdict and call.verdict.category,
                "reward": call.verdict and call.verdict.reward,
            }
            for call in turn.calls
        ],
    }


def _storable(text: str) -> str:
    """Arrow text is UTF-8, which has no lone surrogates; a model can write one as an escape."""
    return text.encode("utf-8", "replace").decode()


def _episode(row: dict[str, Any]) -> Episode:
    return Episode(
        id=row["id"],
        task=_TASK.validate_json(row["task"]),
        group=row["group"],
        sample=row["sample"],
        tokens=tuple(row["tokens"]),
        loss_mask=tuple(row["loss_mask"]),
        logprobs=None if row["logprobs"] is None else tuple(row["logprobs"]),
        versions=tuple(row["versions"]),
        turns=tuple(_turn(turn) for turn in row["turns"]),
        stop=StopReason(row["stop"]),
        goal_reached=row["goal_reached"],
        outcome=row["outcome"],
    )


def _turn(row: dict[str, Any]) -> Turn:
    return Turn(Span(row["start"], row["stop"]), row["text"], tuple(_call(call) for call in row["calls"]), row["final"], row["env_reward"])


def _call(row: dict[str, Any]) -> Call:
    return Call(
        span=Span(row["start"], row["stop"]),
        call=None if row["name"] is None else ToolCall(row["name"], json.loads(row["arguments"])),
        observation=row["observation"],
        feedback=Feedback(row["feedback"]),
        verdict=None if row["category"] is None else Verdict(row["category"], row["reward"]),
    )
