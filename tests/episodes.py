"""Hand-made episodes for tests of what is done with them."""

from __future__ import annotations

from collections.abc import Sequence

from raytool.records import NO_POLICY, Call, Episode, Feedback, Span, StopReason, Task, ToolCall, ToolSpec, Turn, Verdict

TASK = Task("t", "envs.function_call:FunctionCall", "q", (ToolSpec("f", "d"),), tags={"source": "test"})


def episode(
    prompt: Sequence[int],
    *turns: tuple[Sequence[int], Sequence[int]],
    rewards: Sequence[float] = (),
    outcome: float = 0.0,
    group: int = 0,
    sample: int = 0,
    version: int = 0,
    logprob: float = -1.0,
) -> Episode:
    """An episode of (sampled tokens, observation tokens) turns; a turn's call spans all its tokens but the last."""
    tokens, mask, made = list(prompt), [0] * len(prompt), []
    for number, (sampled, observation) in enumerate(turns):
        start = len(tokens)
        tokens += [*sampled, *observation]
        mask += [1] * len(sampled) + [0] * len(observation)
        verdict = Verdict("all_right", rewards[number]) if rewards else None
        span = Span(start, start + max(1, len(sampled) - 1))
        made.append(Turn(Span(start, start + len(sampled)), "", (Call(span, ToolCall("f"), "", Feedback.OK, verdict),)))
    return Episode(
        id=f"{group:08d}-{sample:03d}",
        task=TASK,
        group=group,
        sample=sample,
        tokens=tuple(tokens),
        loss_mask=tuple(mask),
        logprobs=tuple(logprob * m for m in mask),
        versions=tuple(version if m else NO_POLICY for m in mask),
        turns=tuple(made),
        stop=StopReason.FINISHED,
        outcome=outcome,
    )
