"""How well calls agree with gold: tool selection, parameter identification, content filling (docs/evaluation.md).

An answer counts under TS if it names gold's tool, under PI if besides its parameters are exactly gold's, under CF if
besides their values are. Any gold alternative may match, and so may any form that a gold call's leeway
allows: under PI a parameter that may be left out, as BFCL's possible answers list them, may be given, under CF with
an accepted value only. (The reward judges such a value as a redundant parameter: gold does not give it.)

Two rules: `strict` is that; under `rotbench` a call without arguments agrees with nothing besides, so that even gold
does not agree with itself where it has none. Two ways to count a gold of several calls: `all` and `any`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Literal

from raytool.evaluation.suite import Ratio
from raytool.records import FINISH, Episode, Feedback, Gold, GoldCall, ToolCall, ToolSpec

Rule = Literal["strict", "rotbench"]
Several = Literal["all", "any"]

LEVELS = ("TS", "PI", "CF")
_UNCOMPARED = "None"  # a value of RoTBench's gold


@dataclass(frozen=True, slots=True)
class Agreement:
    """TS, PI and CF of one sample; each implies the one before it."""

    tool: bool
    parameters: bool
    content: bool


def agreement(calls: Sequence[ToolCall], golds: Iterable[Gold], rule: Rule = "strict", several: Several = "all") -> Agreement:
    """Hold the calls of a sample against each gold alternative.

    A gold of one call is answered by the first call made. Of a gold of several calls, under `all` every one must be
    matched by a call of its own, in any order; further calls are allowed, since a repair is one. Under `any` one that is
    matched is enough.
    """
    answers = [call if call.arguments or rule == "strict" else None for call in calls]
    met = _all_met if several == "all" else _any_met
    found = [
        [met(answers[:1] if len(gold.calls) == 1 else answers, gold, same) for same in (_same_tool, _same_parameters, _same_content)]
        for gold in golds
    ]
    return Agreement(*(any(column) for column in zip(*found, strict=True))) if found else Agreement(False, False, False)


def of_episode(episode: Episode, rule: Rule = "strict", several: Several = "all") -> Agreement:
    """An episode's calls against its task's gold; what could not be parsed, and a text without a call, is no call."""
    return agreement(made(episode), episode.task.gold, rule, several)


def made(episode: Episode) -> list[ToolCall]:
    return [call.call for call in episode.calls if call.call is not None]


def rotbench_gold(answer: ToolCall, tools: Sequence[ToolSpec]) -> tuple[Gold, ...]:
    """The right forms of an answer of RoTBench, by its own rules.

    A value that is the text "None" has to be given and is not compared; nor are the values of the last and the second-last
    tool, `finish` and `ask_to_user`, which noise renames. Where the last one is renamed, `finish` is right as well.
    """
    by_position = [spec.name for spec in tools[-2:]]
    free = tuple(name for name, value in answer.arguments.items() if answer.name in by_position or value == _UNCOMPARED)
    right = GoldCall(answer.name, answer.arguments, free=free)
    renamed = answer.name == by_position[-1] != FINISH.name
    return (Gold((right,)), Gold((replace(right, name=FINISH.name),))) if renamed else (Gold((right,)),)


def measures(agreed: Agreement, label: str) -> dict[str, Ratio]:
    """A sample's TS, PI and CF under a label, as a suite's measures: {"TS strict": ..., ...}."""
    return {f"{level} {label}": Ratio.of(reached) for level, reached in zip(LEVELS, astuple(agreed), strict=True)}


def mistake(episode: Episode, agreed: Agreement, some: Agreement | None = None) -> str:
    """What is wrong with an episode, in the words of TL-Training's ladder (docs/rewards.md); "all_right" where nothing is.

    `some` is the agreement under `any`: of several gold calls, some were made and others not ("calls_missing").
    """
    calls = list(episode.calls)
    if agreed.content:
        return "all_right"
    if some is not None and some.tool and not agreed.tool:
        return "calls_missing"
    if agreed.tool:
        return "content" if agreed.parameters else "parameters"
    if not any(call.call is not None for call in calls):
        return "format_error"
    return "tool_hallucination" if calls[0].feedback is Feedback.TOOL_HALLUCINATION else "wrong_tool"


def _same_tool(call: ToolCall, gold: GoldCall) -> bool:
    return call.name == gold.name


def _same_parameters(call: ToolCall, gold: GoldCall) -> bool:
    return _same_tool(call, gold) and call.arguments.keys() <= gold.names and not gold.missing(call.arguments)


def _same_content(call: ToolCall, gold: GoldCall) -> bool:
    return _same_parameters(call, gold) and all(gold.accepts(name, value) for name, value in call.arguments.items())


def _any_met(calls: Sequence[ToolCall | None], gold: Gold, same: Callable[[ToolCall, GoldCall], bool]) -> bool:
    return any(call is not None and same(call, wanted) for call in calls for wanted in gold.calls)


def _all_met(calls: Sequence[ToolCall | None], gold: Gold, same: Callable[[ToolCall, GoldCall], bool]) -> bool:
    """Whether every gold call can be given a call of its own (a bipartite matching by augmenting paths)."""
    fits = [[index for index, call in enumerate(calls) if call is not None and same(call, wanted)] for wanted in gold.calls]
    owner: dict[int, int] = {}

    def place(wanted: int, tried: set[int]) -> bool:
        for index in fits[wanted]:
            if index not in tried:
                tried.add(index)
                if index not in owner or place(owner[index], tried):
                    owner[index] = wanted
                    return True
        return False

    return all(place(wanted, set()) for wanted in range(len(gold.calls)))


@dataclass(frozen=True, slots=True)
class Summary:
    """Percentages over `samples` episodes; `goal` is over those whose environment can judge its goal, if any."""

    samples: int
    tool: float
    parameters: float
    content: float
    goal: float | None
    categories: dict[str, float]
    """Percent of calls by the reward's category."""


def summarise(episodes: Sequence[Episode]) -> Summary:
    """The figures of an evaluation.

    Raises:
        ValueError: there are no episodes.
    """
    if not episodes:
        raise ValueError("no episodes to summarise")
    agreements = [of_episode(episode) for episode in episodes]
    goals = [episode.goal_reached for episode in episodes if episode.goal_reached is not None]
    categories = Counter(call.verdict.category for episode in episodes for call in episode.calls if call.verdict)
    total = max(1, categories.total())
    return Summary(
        samples=len(episodes),
        tool=_percent(a.tool for a in agreements),
        parameters=_percent(a.parameters for a in agreements),
        content=_percent(a.content for a in agreements),
        goal=_percent(goals) if goals else None,
        categories={name: 100 * count / total for name, count in categories.most_common()},
    )


def _percent(values: Iterable[bool]) -> float:
    values = list(values)
    return 100 * sum(values) / len(values)
