"""TL-Training's reward by error category (arXiv 2412.15495, IRM), for single calls and for episodes of many.

A call is judged against the gold calls still open. The first call that worked and matches none of them has left gold;
from then on calls are judged by the environment's Feedback alone. A closing text, which has no verdict, stands for the
`finish` that is open; one that comes before its time has left gold too.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from raytool.records import (
    FINISH,
    Call,
    Episode,
    Feedback,
    Gold,
    GoldCall,
    How,
    Judgement,
    Task,
    ToolCall,
    ToolSpec,
    Verdict,
    by_numbers,
)
from rewards.tl_options import Category, checked

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


# Categories that are about parameters, and so can be refined by their names.
_ABOUT_PARAMETERS = (*(name for name in LADDER if name.startswith("parameters_")), "content")


@dataclass(frozen=True, slots=True)
class Rung:
    """Where on the ladder a call stands, the tool it calls ("" without one), and the parameters that put it there."""

    category: str
    tool: str = ""
    parameters: Sequence[str] = ()


def rung(call: ToolCall, gold: GoldCall, offered: ToolSpec | None, how: How = by_numbers) -> Rung:
    """The rung on which a call stands beside a gold call; `offered` is the called tool's document."""
    if offered is None:
        return Rung("tool_hallucination", call.name)
    if call.name != gold.name:
        return Rung("wrong_tool", call.name)
    hallucinated = [name for name in call.arguments if name not in offered.documented]
    redundant = [name for name in gold.redundant(call.arguments, how) if name in offered.documented]
    missing = gold.missing(call.arguments)
    if letters := "h" * bool(hallucinated) + "r" * bool(redundant) + "m" * bool(missing):
        return Rung(f"parameters_{letters}", call.name, (*hallucinated, *redundant, *missing))
    wrong = gold.wrong_values(call.arguments, how)
    return Rung("content" if wrong else "all_right", call.name, wrong)


def rung_by_feedback(call: Call, task: Task) -> Rung:
    """The rung on which a call stands for what the environment said of it; the document says which parameters were meant."""
    category = _BY_FEEDBACK[call.feedback]
    if call.call is None:
        return Rung(category)
    if _names_no_tool(call.call, task):
        return Rung("format_error")
    offered, given = task.tool(call.call.name), call.call.arguments
    match call.feedback, offered:
        case Feedback.PARAMETER_HALLUCINATION, ToolSpec():
            return Rung(category, call.call.name, [name for name in given if name not in offered.documented])
        case Feedback.PARAMETER_MISSING, ToolSpec():
            return Rung(category, call.call.name, [name for name in offered.required if name not in given])
    return Rung(category, call.call.name)


def _names_no_tool(call: ToolCall, task: Task) -> bool:
    """A call whose name is empty, as JSON allows it."""
    return not call.name and task.tool(call.name) is None


@dataclass(slots=True)
class _OpenGold:
    """The gold calls of one alternative that have not been made yet."""

    calls: list[GoldCall]
    free_order: bool

    @property
    def candidates(self) -> list[GoldCall]:
        if not self.free_order:
            return self.calls[:1]
        return list(itertools.takewhile(lambda gold: gold.name != FINISH.name, self.calls)) or self.calls[:1]

    @property
    def awaits_answer(self) -> bool:
        return bool(self.calls) and self.calls[0].name == FINISH.name


class TLTraining:
    """The ladder as a reward plug-in.

    Args:
        rewards: numbers that differ from `LADDER`, by category.
        outcome: reward for reaching the goal; its negative for not reaching it. Environments that cannot know give 0.
        compare: how values are compared: exact, numbers, text or json, several of them, or rules by tool and parameter
            (`rewards.tl_options.CompareRule`). Without one that fits: numbers.
        categories: categories that refine those of `LADDER` (`rewards.tl_options.Category`), the first that fits first.

    Raises:
        ValueError: in a line, what is wrong with these options.
    """

    def __init__(
        self,
        rewards: Mapping[str, float] | None = None,
        outcome: float = 1.0,
        compare: str | Sequence[Any] = (),
        categories: Sequence[Mapping[str, Any]] = (),
    ):
        options = checked(rewards=rewards or {}, outcome=outcome, compare=compare, categories=categories)
        for name in options.rewards:
            if name not in LADDER:
                raise ValueError(f"rewards: '{name}' is no category; known: {', '.join(LADDER)}")
        _check_names(options.categories)
        self.rewards = {**LADDER, **options.rewards, **{made.name: made.reward for made in options.categories}}
        self.outcome = options.outcome
        self.comparison = options.comparison
        self.refines = {made.name: made.of for made in options.categories}
        self._made = options.categories

    def __call__(self, episode: Episode) -> Judgement:
        names = map(self._name, self._rungs(episode))
        outcome = {True: self.outcome, False: -self.outcome, None: 0.0}[episode.goal_reached]
        return Judgement(tuple(Verdict(name, self.rewards[name]) for name in names), outcome)

    def _name(self, found: Rung) -> str:
        """The rung's category, or the first that a user made of it for such a tool and parameter."""
        for made in self._made:
            about = not made.parameters or any(name in made.parameters for name in found.parameters)
            if made.of == found.category and about and (not made.tools or found.tool in made.tools):
                return made.name
        return found.category

    def _rungs(self, episode: Episode) -> list[Rung]:
        alternatives = [_open(gold) for gold in episode.task.gold]  # none: gold has been left
        rungs = []
        for turn in episode.turns:
            if turn.final is not None:
                alternatives = [_OpenGold(gold.calls[1:], gold.free_order) for gold in alternatives if gold.awaits_answer]
            for call in turn.calls:
                if not alternatives:
                    rungs.append(rung_by_feedback(call, episode.task))
                    continue
                found = self._against_gold(call, alternatives, episode.task)
                if found.category == "all_right":
                    alternatives = self._advance(call, alternatives, episode.task)
                elif call.feedback is Feedback.OK:
                    alternatives = []
                rungs.append(found)
        return rungs

    def _against_gold(self, call: Call, alternatives: list[_OpenGold], task: Task) -> Rung:
        """The call's rung beside the nearest open gold call; a call that failed is never all right."""
        if call.call is None or _names_no_tool(call.call, task):
            return Rung("format_error")
        # A document that comes only with a follow-up is none before it.
        offered = task.tool(call.call.name) if call.feedback is not Feedback.TOOL_HALLUCINATION else None
        open_calls = [gold for alternative in alternatives for gold in alternative.candidates]
        found = [rung(call.call, gold, offered, self.comparison) for gold in open_calls]
        found = found or [Rung("tool_hallucination" if offered is None else "wrong_tool", call.call.name)]
        # Nearness is the ladder's as docs/rewards.md has it: other numbers change what a mistake costs, not which one it was.
        # Before the ladder's numbers comes the tool: H+R+M costs more than a wrong tool, and is nearer to gold.
        category = max(found, key=lambda beside: (beside.category != "wrong_tool", LADDER[beside.category])).category
        if call.feedback is Feedback.TOOL_INSTABILITY or (category == "all_right" and call.feedback is not Feedback.OK):
            return rung_by_feedback(call, task)
        return min((beside for beside in found if beside.category == category), key=lambda beside: len(beside.parameters))

    def _advance(self, call: Call, alternatives: list[_OpenGold], task: Task) -> list[_OpenGold]:
        """The alternatives that the call agrees with, less the gold call that it made."""
        assert call.call is not None
        remaining = []
        for alternative in alternatives:
            for gold in alternative.candidates:
                if rung(call.call, gold, task.tool(call.call.name), self.comparison).category == "all_right":
                    at = alternative.calls.index(gold)
                    left = _OpenGold(alternative.calls[:at] + alternative.calls[at + 1 :], alternative.free_order)
                    if left not in remaining:
                        remaining.append(left)
        return remaining


def _check_names(categories: Sequence[Category]) -> None:
    """Refuse categories that refine nothing, or cannot be told from another one."""
    for number, made in enumerate(categories):
        where = f"categories.{number}"
        if made.name in LADDER or made.name in [other.name for other in categories[:number]]:
            raise ValueError(f"{where}.name: '{made.name}' is taken")
        if made.of not in LADDER:
            raise ValueError(f"{where}.of: '{made.of}' is no category; known: {', '.join(LADDER)}")
        if made.tools and made.of == "format_error":
            raise ValueError(f"{where}.tools: has no effect, a 'format_error' calls no tool; leave it out")
        if made.parameters and made.of not in _ABOUT_PARAMETERS:
            about = ", ".join(_ABOUT_PARAMETERS)
            raise ValueError(f"{where}.parameters: has no effect, '{made.of}' is about none; these are: {about}")


def _open(gold: Gold) -> _OpenGold:
    return _OpenGold(list(gold.calls), gold.free_order)
