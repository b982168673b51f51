"""How a PPO run is doing, in words: one sentence with numbers when something goes wrong, from the figures of its updates so far.

Pure: figures in, sentences out. A trouble is told once, when it begins; it is over when it was not seen for some updates,
and told again if it comes back. Figures that a run does not have are not looked at.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from raytool.records import equal

Figures = Mapping[str, Any]

# Which tasks were drawn moves an update's figures: of 64 episodes of 8 tasks the share without a call had a deviation of 0.06 from
# update to update, that of format errors one of 0.03. So means of three updates are compared, with those of the first three.
WINDOW = 3
WITHOUT_CALL_RISE = 0.3  # share of episodes
WITHOUT_CALL_MOST = 0.9  # and with so many there is next to nothing to learn calls from, however it began
FORMAT_ERROR_RISE = 0.2  # share of calls
# Nats per sampled token. At 0.5 a call of 30 tokens has become e^15 times likelier than it was; runs that learnt stayed below 0.05.
KL_MOST = 0.5
KL_JUMP, KL_JUMP_LEAST = 5.0, 0.1  # times the median of the updates before; below 0.1 such factors are noise
# Sampling from a policy that is so sure gives the same answer each time. A policy may well begin sure: both have to hold.
ENTROPY_SHARE, ENTROPY_LEAST = 0.2, 0.1
CRITIC_PATIENCE = 5  # updates below 0 in a row: a new critic begins there
# bf16 engines were seen at 0.002 to 0.014; from 0.05 on importance weights of whole calls reach their cap, and a wrong
# version of the weights, a wrong temperature or a wrong tokenisation is likelier than rounding.
ENGINE_DIFFERENCE_MOST = 0.05
OVER_AFTER = 3  # updates without a trouble that end it: figures waver about their limits

_WATCHED = ("kl", "entropy", "policy_loss", "value_loss", "grad_norm")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A trouble that began: its name, and the sentence that says so."""

    name: str
    says: str


@dataclass(slots=True)
class _Period:
    """A trouble's first and last update so far, and what was said at its beginning."""

    trouble: Trouble
    first: int
    last: int


@dataclass(slots=True)
class Health:
    """What is wrong with a run, update by update. `in_groups`: advantages compare the samples of a task with each other."""

    in_groups: bool
    _steps: list[int] = field(default_factory=list)
    _history: list[Figures] = field(default_factory=list)
    _periods: list[_Period] = field(default_factory=list)

    def see(self, step: int, figures: Figures) -> list[Trouble]:
        """The troubles that begin with this update."""
        self._steps.append(step)
        self._history.append(figures)
        found = [Trouble(name, says) for name, check in _CHECKS.items() if (says := check(self._history))]
        if says := _nothing_to_learn(figures, self.in_groups):
            found.append(Trouble("nothing_to_learn", says))
        return [trouble for trouble in found if self._begins(trouble, step)]

    def see_all(self, lines: Iterable[Figures], until: int | None = None) -> Health:
        """Go through the lines of metrics.jsonl that are PPO updates, up to step `until`."""
        updates = [line for line in lines if line["stage"] == "ppo" and (until is None or line["step"] <= until)]
        for line in sorted(updates, key=lambda line: int(line["step"])):
            self.see(line["step"], line)
        return self

    def summary(self) -> list[str]:
        """All troubles of the run, a line each; a line that there were none; no line for no updates."""
        if not self._steps:
            return []
        count = f"{len(self._steps)} PPO updates" if len(self._steps) > 1 else "1 PPO update"
        if not self._periods:
            return [f"{count}, nothing to warn of"]
        lines = [f"{count}, with {len(self._periods)} warning{'s' if len(self._periods) > 1 else ''}:"]
        return lines + [f"  {_updates(period.first, period.last)}: {period.trouble.says}" for period in self._periods]

    def _begins(self, trouble: Trouble, step: int) -> bool:
        for period in self._periods:
            if period.trouble.name == trouble.name and step - period.last <= OVER_AFTER:
                period.last = step
                return False
        self._periods.append(_Period(trouble, step, step))
        return True


History = Sequence[Figures]


def _stops_calling(history: History) -> str | None:
    if (found := _start_and_now(history, "without_call")) is None:
        return None
    start, now = found
    if now - start < WITHOUT_CALL_RISE and now < WITHOUT_CALL_MOST:
        return None
    verb = "stops calling" if now - start >= WITHOUT_CALL_RISE else "does not call"
    return (
        f"the policy {verb} tools: in {now:.0%} of the episodes of the last {WINDOW} updates there is no call, "
        f"in {start:.0%} of those of the first {WINDOW} there was none"
    )


def _format_errors(history: History) -> str | None:
    if (found := _start_and_now(history, "category/format_error", absent=0.0)) is None:
        return None
    start, now = found
    if now - start < FORMAT_ERROR_RISE:
        return None
    cannot = f"{now:.0%} of the calls of the last {WINDOW} updates cannot be parsed"
    return f"format errors rise: {cannot}, {start:.0%} of those of the first {WINDOW} could not"


def _kl(history: History) -> str | None:
    *before, kl = _known(history, "kl") or [0.0]
    usual = statistics.median(before[-2 * WINDOW :]) if len(before) >= WINDOW else math.inf
    if kl > KL_MOST:
        return f"KL explodes: {kl:.3g} nats per token to the model that PPO began with, more than {KL_MOST:g}"
    if kl > max(KL_JUMP_LEAST, KL_JUMP * usual):
        return f"KL explodes: {kl:.3g} nats per token to the model that PPO began with, after a median of {usual:.3g} in the updates before"
    return None


def _entropy(history: History) -> str | None:
    if (found := _start_and_now(history, "entropy")) is None:
        return None
    start, now = found
    if not (now < ENTROPY_LEAST and now < ENTROPY_SHARE * start):
        return None
    return f"entropy collapses: {now:.3g} nats per token over the last {WINDOW} updates, {start:.3g} over the first {WINDOW}"


def _critic(history: History) -> str | None:
    values = _known(history[-CRITIC_PATIENCE:], "explained_variance")
    if len(values) < CRITIC_PATIENCE or max(values) >= 0:
        return None
    return (
        f"the critic explains nothing: explained variance has been below 0 for {CRITIC_PATIENCE} updates, {values[-1]:.3g} in the last, "
        "so that it adds noise to the advantages"
    )


def _engine(history: History) -> str | None:
    difference = _known(history[-1:], "logprob_difference")
    if not difference or difference[0] <= ENGINE_DIFFERENCE_MOST:
        return None
    age = history[-1].get("staleness/max", 0)
    older = f"; episodes were up to {age:.0f} versions old, which is part of it" if age else ""
    return (
        f"engine and learner disagree: their log-probabilities of a token differ by {difference[0]:.3g} nats on average, "
        f"more than {ENGINE_DIFFERENCE_MOST:g}{older}"
    )


def _not_finite(history: History) -> str | None:
    broken = [name for name in _WATCHED if not math.isfinite(history[-1].get(name, 0.0))]
    if not broken:
        return None
    told = ", ".join(f"{name} is {history[-1][name]}" for name in broken)
    return f"{told}: a step was left out; if that goes on, a smaller learning rate is expected"


def _nothing_to_learn(figures: Figures, in_groups: bool) -> str | None:
    ends = [figures[name] for name in ("reward/min", "reward/max") if name in figures]
    if ends and equal(ends) and figures["episodes"] > 1:
        return f"every reward of the update was {ends[0]:g}: nothing could be learnt from comparing its {figures['episodes']:.0f} episodes"
    if in_groups and figures.get("reward/equal_groups") == 1:
        return "all samples of each task got the same reward: nothing could be learnt from comparing them"
    return None


_CHECKS: Mapping[str, Callable[[History], str | None]] = {
    "not_finite": _not_finite,
    "stops_calling": _stops_calling,
    "format_errors": _format_errors,
    "kl": _kl,
    "entropy": _entropy,
    "critic": _critic,
    "engine_difference": _engine,
}


def _known(history: History, name: str) -> list[float]:
    return [figures[name] for figures in history if name in figures]


def _start_and_now(history: History, name: str, absent: float | None = None) -> tuple[float, float] | None:
    """The means of a figure over the first and the last WINDOW updates; None while there are fewer, or where one lacks it."""
    values = [figures.get(name, absent) for figures in history]
    ends = [*values[:WINDOW], *values[-WINDOW:]]
    if len(values) < WINDOW or None in ends:
        return None
    return statistics.fmean(ends[:WINDOW]), statistics.fmean(ends[WINDOW:])


def _updates(first: int, last: int) -> str:
    return f"update {first}" if first == last else f"updates {first} to {last}"
