"""TL-Training's reward by error category (METHODS.md 1.3, IRM), for single calls and for episodes of many.

A call is judged against the gold calls still open. The first call that worked and matches none of them has left gold;
from then on calls are judged by the environment's Feedback alone. A closing text, which has no verdict, stands for the
`finish` that is open; one that comes before its time has left gold too.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from raytool.records import Call, Episode, Feedback, Gold, GoldCall, Judgement, Task, ToolCall, ToolSpec, Verdict

LADDER: Mapping[str, float] = {
    "format_error": -2.0,
    "tool_hallucination": -2.0,
    "wrong_tool": -1.5,
    # Parameters: h = hallucinated (undocumented), r = redundant (documented, not gold's), m = missing.
    "parameters_hrm": -1.8,
    "parameters_hr": -1.3,
    "parameters_hm": -1.3,
    "parameters_rm": -1.0,
    "parameters_h": -0.8,
    "parameters_r": -0.5,
    "parameters_m": -0.5,
    "content": -0.25,
    "all_right": 1.0,
    # Known from Feedback alone.
    "tool_call_failure": -0.5,
    "other": -0.5,
    "tool_instability": 0.0,
    "off_gold": 0.0,
}

_BY_FEEDBACK = {
    Feedback.OK: "off_gold",
    Feedback.FORMAT_ERROR: "format_error",
    Feedback.TOOL_HALLUCINATION: "tool_hallucination",
    Feedback.PARAMETER_HALLUCINATION: "parameters_h",
    Feedback.PARAMETER_MISSING: "parameters_m",
    Feedback.TOOL_CALL_FAILURE: "tool_call_failure",
    Feedback.TOOL_INSTABILITY: "tool_instability",
    Feedback.OTHER: "other",
}


def category(call: ToolCall, gold: GoldCall, offered: ToolSpec | None) -> str:
    """The rung of the ladder on which a call stands beside a gold call; `offered` is the called tool's document."""
    if offered is None:
        return "tool_hallucination"
    if call.name != gold.name:
        return "wrong_tool"
    hallucinated = any(name not in offered.documented for name in call.arguments)
    redundant = any(name in offered.documented for name in gold.redundant(call.arguments))
    missing = bool(gold.missing(call.arguments))
    if letters := "h" * hallucinated + "r" * redundant + "m" * missing:
        return f"parameters_{letters}"
    return "content" if gold.wrong_values(call.arguments) else "all_right"


@dataclass(slots=True)
class _OpenGold:
    """The gold calls of one alternative that have not been made yet."""

    calls: list[GoldCall]
    free_order: bool

    @property
    def candidates(self) -> list[GoldCall]:
        if not self.free_order:
            return self.calls[:1]
        return list(itertools.takewhile(lambda gold: gold.name != "finish", self.calls)) or self.calls[:1]

    @property
    def awaits_answer(self) -> bool:
        return bool(self.calls) and self.calls[0].name == "finish"


class TLTraining:
    """The ladder as a reward plug-in.

    Args:
        rewards: numbers that differ from `LADDER`, by category.
        outcome: reward for reaching the goal; its negative for not reaching it. Environments that cannot know give 0.

    Raises:
        ValueError: a category that is none.
    """

    def __init__(self, rewards: Mapping[str, float] | None = None, outcome: float = 1.0):
        for name in rewards or {}:
            if name not in LADDER:
                raise ValueError(f"reward.options.rewards: '{name}' is no category; known: {', '.join(LADDER)}")
        self.rewards = {**LADDER, **(rewards or {})}
        self.outcome = outcome

    def __call__(self, episode: Episode) -> Judgement:
        verdicts = tuple(Verdict(name, self.rewards[name]) for name in self._categories(episode))
        outcome = {True: self.outcome, False: -self.outcome, None: 0.0}[episode.goal_reached]
        return Judgement(verdicts, outcome)

    def _categories(self, episode: Episode) -> list[str]:
        alternatives = [_open(gold) for gold in episode.task.gold]  # none: gold has been left
        categories = []
        for turn in episode.turns:
            if turn.final is not None:
                alternatives = [_OpenGold(gold.calls[1:], gold.free_order) for gold in alternatives if gold.awaits_answer]
            for call in turn.calls:
                if not alternatives:
                    categories.append(_BY_FEEDBACK[call.feedback])
                    continue
                found = self._against_gold(call, alternatives, episode.task)
                if found == "all_right":
                    alternatives = _advance(call, alternatives, episode.task)
                elif call.feedback is Feedback.OK:
                    alternatives = []
                categories.append(found)
        return categories

    def _against_gold(self, call: Call, alternatives: list[_OpenGold], task: Task) -> str:
        """The call's best category over all open gold calls; a call that failed is never all right."""
        if call.call is None:
            return "format_error"
        # A document that comes only with a follow-up is none before it.
        offered = task.tool(call.call.name) if call.feedback is not Feedback.TOOL_HALLUCINATION else None
        open_calls = [gold for alternative in alternatives for gold in alternative.candidates]
        found = [category(call.call, gold, offered) for gold in open_calls] or ["tool_hallucination" if offered is None else "wrong_tool"]
        best = max(found, key=self.rewards.__getitem__)
        if call.feedback is Feedback.TOOL_INSTABILITY or (best == "all_right" and call.feedback is not Feedback.OK):
            return _BY_FEEDBACK[call.feedback]
        return best


def _open(gold: Gold) -> _OpenGold:
    return _OpenGold(list(gold.calls), gold.free_order)


def _advance(call: Call, alternatives: list[_OpenGold], task: Task) -> list[_OpenGold]:
    """The alternatives that the call agrees with, less the gold call that it made."""
    assert call.call is not None
    remaining = []
    for alternative in alternatives:
        for gold in alternative.candidates:
            if category(call.call, gold, task.tool(call.call.name)) == "all_right":
                at = alternative.calls.index(gold)
                left = _OpenGold(alternative.calls[:at] + alternative.calls[at + 1 :], alternative.free_order)
                if left not in remaining:
                    remaining.append(left)
    return remaining
