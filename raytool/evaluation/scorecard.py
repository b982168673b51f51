"""What came out of a suite: every sample's answer and score in one JSON file, a table of it, and what two of them differ in."""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pydantic

from raytool.console import Console
from raytool.evaluation.intervals import Interval, difference, mean, percentage
from raytool.evaluation.suite import Ratio, Reading, Score, Suite
from raytool.records import Episode, Task, UserError, first_mistake


@dataclass(frozen=True, slots=True)
class Result:
    """A sample with what was answered, a text for each turn, and how it counts. `measures` are (hits, total) by name.

    `cluster` is what it shares with samples that ask nearly the same: its own id, where there are none. `asked` is a digest of what is
    said to the model, by which a sample of another file is told from one that has the same id; "" if it was counted before there was one.
    """

    id: str
    groups: dict[str, str]
    verdict: str
    measures: dict[str, tuple[float, float]]
    output: list[str] = field(default_factory=list)
    stop: str = ""
    cluster: str = ""
    asked: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "cluster", self.cluster or self.id)


def others(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The ids under which two results ask different things, by the digests of their samples."""
    return [id for id, asked in before.items() if asked and after.get(id) and asked != after[id]]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """`about` says what was asked of whom (`raytool.evaluation.about`), and how many tokens and seconds it took.

    `unreadable` names the records that could not be read; each of them is among the results, with nothing right. `units` are those of
    the measures that are no percentages, `checks` the suite's options that keep ids.
    """

    suite: str
    measures: list[str]
    about: dict[str, Any]
    notes: list[str]
    unreadable: list[dict[str, str]]
    summary: dict[str, dict[str, Interval]]
    verdicts: dict[str, int]
    results: list[Result]
    units: dict[str, str] = field(default_factory=dict)
    checks: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        suite: Suite,
        reading: Reading,
        episodes: Mapping[str, Episode],
        about: Mapping[str, Any],
        lost: Sequence[str] = (),
        notes: Sequence[str] = (),
    ) -> Scorecard:
        """Score the episodes, by the id of their sample's task. A sample without one was not answered, and has nothing right.

        Those of the `lost` ids could not be played, since infrastructure failed, and are in no figure. `notes` follow the suite's own.
        """
        results, unplayed = [], set(lost)
        for sample in reading.samples:
            episode = episodes.get(sample.task.id)
            if sample.task.id in unplayed:
                score = Score("infrastructure", {})
            else:
                score = suite.score(sample, episode) if episode else _nothing_right("no_answer", suite, sample.groups)
            said = [turn.text for turn in episode.turns] if episode else []
            stop = episode.stop.value if episode else ""
            results.append(_result(sample.task.id, sample.groups, score, said, stop, sample.cluster, digest(sample.task)))
        for unread in reading.unreadable:
            results.append(_result(unread.id or unread.where, unread.groups, _nothing_right("unreadable", suite, unread.groups)))
        told = [*suite.notes(), *notes]
        if unanswered := sum(sample.task.id not in episodes and sample.task.id not in unplayed for sample in reading.samples):
            told.append(f"{unanswered} samples have no answer and count as wrong (no prediction, or a prompt over max_tokens)")
        if lost:
            named = f"{', '.join(lost[:5])}{', ...' if len(lost) > 5 else ''}"
            told.append(f"{len(lost)} samples could not be played, since infrastructure failed, and are in no figure: {named}")
        return cls(
            suite=suite.name,
            measures=list(suite.measures),
            about=dict(about),
            notes=told,
            unreadable=[{"where": unread.where, "reason": unread.reason} for unread in reading.unreadable],
            summary=summary(results, suite.measures, suite.units),
            verdicts=dict(Counter(result.verdict for result in results).most_common()),
            results=results,
            units=dict(suite.units),
            checks=list(suite.checks),
        )

    def text(self) -> str:
        """The file's, from which `read` makes it again."""
        return json.dumps(dataclasses.asdict(self), indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def read(cls, path: Path) -> Scorecard:
        """Raises:
        UserError: the file is not there, or no scorecard.
        """
        try:
            return pydantic.TypeAdapter(cls).validate_json(path.read_bytes())
        except OSError as error:
            raise UserError(f"{path}: {error.strerror}") from None
        except pydantic.ValidationError as error:
            raise UserError(f"{path}: nothing that `raytool.evaluate --out` wrote: {first_mistake(error)}") from None

    def told(self, measure: str) -> str:
        """The measure with its unit, where that is not percent."""
        return f"{measure} ({self.units[measure]})" if measure in self.units else measure

    def show(self, console: Console) -> None:
        """The measures over all samples and by group, with their intervals; then the verdicts, and what has to be known."""
        columns = [name for name in self.measures if any(name in measured for measured in self.summary.values())]
        rows = {
            f"{group} ({_count(measured)})": [_cell(measured.get(name)) for name in columns]
            for group, measured in self.summary.items()
            if measured
        }
        console.table(f"{self.suite}, percent with 95 % intervals", [self.told(name) for name in columns], rows)
        total = sum(self.verdicts.values())
        console.say("; ".join(f"{name} {count} ({count / total:.1%})" for name, count in self.verdicts.items()))
        for lost in self.unreadable:
            console.say(f"could not be read, and counts as wrong: {lost['where']}: {lost['reason']}")
        for note in self.notes:
            console.say(note)


def compare(before: Scorecard, after: Scorecard, console: Console) -> None:
    """Paired differences of two scorecards of a suite with their intervals, and the samples that changed.

    Raises:
        UserError: they are of two suites or of other options, or have no sample in common.
    """
    if before.suite != after.suite:
        raise UserError(f"compare: the one is of '{before.suite}', the other of '{after.suite}'")
    asked, then = (card.about.get("options") or {} for card in (before, after))
    if any(asked.get(name) != then.get(name) for name in (asked.keys() | then.keys()) - set(after.checks)):
        raise UserError(f"compare: the one was asked with the options {asked}, the other with {then}")
    old, new = ({result.id: result for result in card.results} for card in (before, after))
    different = others(*({id: result.asked for id, result in card.items()} for card in (old, new)))
    common = [id for id in old if id in new and id not in different]
    if not common:
        raise UserError("compare: the two have no sample in common" + (", though ids: they were asked of other files" if different else ""))
    rows, changed = {}, {}
    for name in after.measures:
        having = [id for id in common if name in old[id].measures and name in new[id].measures]
        pairs = [[card[id].measures[name] for id in having] for card in (old, new)]
        if all(sum(total for _, total in of) for of in pairs):
            whole = 1 if name in after.units else 100
            change = difference(pairs[0], pairs[1], [new[id].cluster for id in having], whole=whole)
            was, became = (whole * sum(hits for hits, _ in of) / sum(total for _, total in of) for of in pairs)
            rows[after.told(name)] = [f"{was:.1f}", f"{became:.1f}", f"{change.value:+.1f}", f"{change.low:+.1f} to {change.high:+.1f}"]
    for id in common:
        if differing := [name for name in after.measures if old[id].measures.get(name) != new[id].measures.get(name)]:
            changed[id] = [old[id].verdict, new[id].verdict, ", ".join(differing)]
    console.table(f"{after.suite}: {len(common)} samples in common", ["before", "after", "difference", "95 % interval"], rows)
    alone = len(old) + len(new) - 2 * len(common)
    if alone > 2 * len(different):
        console.say(f"{alone - 2 * len(different)} samples are in one of them only, and left out")
    if different:
        console.say(f"{len(different)} ids ask something else in the other file, e.g. {different[0]}, and are left out")
    console.table(f"{len(changed)} samples changed", ["before", "after", "in"], changed)


def _nothing_right(verdict: str, suite: Suite, groups: Mapping[str, str]) -> Score:
    return Score(verdict, {name: Ratio(0.0) for name in suite.counted(groups)})


def digest(task: Task) -> str:
    """Of what is said before the model's first turn and what the user says later, whatever tools are offered."""
    said = [*(message.content for message in task.context), task.query, *(follow_up.query for follow_up in task.follow_ups)]
    return f"{zlib.crc32(json.dumps(said).encode()):08x}"


def _result(
    id: str,
    groups: Mapping[str, str],
    score: Score,
    output: Sequence[str] = (),
    stop: str = "",
    cluster: str = "",
    asked: str = "",
) -> Result:
    measures = {name: (ratio.hits, ratio.total) for name, ratio in score.measures.items()}
    return Result(id, dict(groups), score.verdict, measures, list(output), stop, cluster, asked)


def summary(
    results: Iterable[Result], measures: Sequence[str], units: Mapping[str, str] = MappingProxyType({})
) -> dict[str, dict[str, Interval]]:
    """By "all" and by each value of each group ("noise=slight"), the measures that apply there; those that have a unit as means."""
    by_group: dict[str, list[Result]] = {"all": []}
    for result in results:
        for key in ("all", *(f"{name}={value}" for name, value in result.groups.items())):
            by_group.setdefault(key, []).append(result)
    order = sorted(by_group, key=lambda key: (key != "all", key.split("=")[0] if key != "all" else ""))
    return {key: {name: interval for name in measures if (interval := _measured(by_group[key], name, name in units))} for key in order}


def _measured(results: Sequence[Result], name: str, is_mean: bool) -> Interval | None:
    having = [result for result in results if name in result.measures]
    hits, totals = ([result.measures[name][place] for result in having] for place in (0, 1))
    if not sum(totals):
        return None
    return (mean if is_mean else percentage)(hits, totals, [result.cluster for result in having])


def _cell(interval: Interval | None) -> str:
    return f"{interval.value:.1f} ({interval.low:.1f}-{interval.high:.1f})" if interval else ""


def _count(measured: Mapping[str, Interval]) -> int:
    return max(interval.samples for interval in measured.values())
