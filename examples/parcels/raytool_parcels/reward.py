"""A reward of one's own: what counts is the goal; every call that failed costs a little."""

from __future__ import annotations

from raytool.records import Episode, Feedback, Judgement, Verdict


class Delivered:
    """+1 where the goal is reached and -1 where it is not; `cost` off for a call that failed through the model's fault."""

    def __init__(self, cost: float = 0.2):
        self.cost = cost

    def __call__(self, episode: Episode) -> Judgement:
        free = (Feedback.OK, Feedback.TOOL_INSTABILITY)
        verdicts = tuple(Verdict(call.feedback.value, 0.0 if call.feedback in free else -self.cost) for call in episode.calls)
        return Judgement(verdicts, 1.0 if episode.goal_reached else -1.0)
