"""How well calls agree with gold: tool selection, parameter identification, content filling (METHODS.md, section 2).

The rule is `strict`: an answer counts under TS if it names gold's tool, under PI if besides its parameters are exactly
gold's, under CF if besides their values are. Any gold alternative may match, and so may any form that a gold call's leeway
allows: under PI a parameter that may be left out, as BFCL's possible answers list them, may be given, under CF with
an accepted value only. (The reward judges such a value as a redundant parameter: gold does not give it.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from raytool.records import Episode, Gold, GoldCall, ToolCall


@dataclass(frozen=True, slots=True)
class Agreement:
    """TS, PI and CF of one sample; each implies the one before it."""

    tool: bool
    parameters: bool
    content: bool


def agreement(calls: Sequence[ToolCall], golds: Iterable[Gold]) -> Agreement:
    """Hold the calls of a sample against each gold alternative.

    A gold of one call is answered by the first call made. Of a gold of several calls every one must be matched by a
    call of its own, in any order (METHODS.md: `all`); further calls are allowed, since a repair is one.
    """
    found = [
        [_matched(calls[:1] if len(gold.calls) == 1 else calls, gold, level) for level in (_same_tool, _same_parameters, _same_content)]
        for gold in golds
    ]
    return Agreement(*(any(column) for column in zip(*found, strict=True))) if found else Agreement(False, False, False)


def of_episode(episode: Episode) -> Agreement:
    return agreement([call.call for call in episode.calls if call.call is not None], episode.task.gold)


def _same_tool(call: ToolCall, gold: GoldCall) -> bool:
    return call.name == gold.name


def _same_parameters(call: ToolCall, gold: GoldCall) -> bool:
    return _same_tool(call, gold) and call.arguments.keys() <= gold.names and not gold.missing(call.arguments)


def _same_content(call: ToolCall, gold: GoldCall) -> bool:
    return _same_parameters(call, gold) and all(gold.accepts(name, value) for name, value in call.arguments.items())


def _matched(calls: Sequence[ToolCall], gold: Gold, same: Callable[[ToolCall, GoldCall], bool]) -> bool:
    """Whether every gold call can be given a call of its own (a bipartite matching by augmenting paths)."""
    fits = [[index for index, call in enumerate(calls) if same(call, wanted)] for wanted in gold.calls]
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
