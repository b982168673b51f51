"""The tables of docs/results.md, made of the scorecards that `python -m raytool.evaluate --out FILE.json` writes.

    .venv/bin/python -m bench.results add sft a.json b.json    # into docs/results/sft/SUITE.json, and the tables anew
    .venv/bin/python -m bench.results                          # the tables anew

A scorecard holds every answer; what `add` keeps of it (`Figures`) has the percentages with their intervals, the verdicts and how
it was asked, by group. Scorecards of one suite that asked for different samples, e.g. with `--only`, are given together and become one.
The tables stand between two comments of docs/results.md; what is around them stays as it is.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import pydantic

from raytool.evaluation.agreement import LEVELS
from raytool.evaluation.intervals import Interval
from raytool.evaluation.scorecard import Result, Scorecard, summary
from raytool.markdown import rewritten, table
from raytool.records import UserError, refused

DOCS = Path(__file__).resolve().parents[1] / "docs"
BEGIN, END = "<!-- tables: written by python -m bench.results -->", "<!-- end of the tables -->"

# TL-Training (arXiv 2412.15495): ToolAlpaca, RoTBench clean, BFCL executable, TS/PI/CF; ToolEyes, DE/CE/VA.
PUBLISHED = {
    "ToolLLaMA-2-7B": ("75.56/61.40/37.72", "70.48/43.81/25.71", "87.08/83.75/56.67", "21.00/36.62/52.36"),
    "GPT-4-turbo": ("74.56/73.68/42.11", "82.86/69.52/53.33", "97.50/93.75/76.25", "0.34/7.83/90.31"),
    "standard SFT": ("74.56/70.18/42.98", "76.19/55.24/38.10", "", "0.72/9.08/59.32"),
    "TL-CodeLLaMA-2 (all)": ("87.72/78.07/57.89", "83.81/54.29/42.86", "96.25/93.75/88.33", "0.82/4.84/77.75"),
}

# How many samples the whole of a set has, by suite and group; docs/evaluation.md says where they come from.
NOISE = {"clean": (105, 70), "slight": (210, 140), "medium": (210, 140), "heavy": (210, 140), "union": (105, 70)}
BFCL = {
    "simple_python": 400, "simple_java": 100, "simple_javascript": 50, "multiple": 200, "parallel": 200, "parallel_multiple": 200,
    "irrelevance": 240, "live_simple": 258, "live_multiple": 1053, "live_parallel": 16, "live_parallel_multiple": 24,
    "live_irrelevance": 884, "live_relevance": 16, "exec_simple": 100, "exec_multiple": 50, "exec_parallel": 50,
    "exec_parallel_multiple": 40, "multi_turn_base": 200, "multi_turn_miss_func": 200, "multi_turn_miss_param": 200,
    "multi_turn_long_context": 200,
}  # fmt: skip
RETENTION = {"gsm8k": ("GSM8K", 1319), "humaneval": ("HumanEval", 164), "mmlu": ("MMLU", 14042)}
WHOLE = {
    ("toolalpaca", "set=real"): 114,
    ("toolalpaca", "set=simulated"): 100,
    ("bfcl", "part=executable"): 240,
    ("tooleyes", "all"): 382,
    **{
        ("rotbench", f"file={noise}, {turn} turn"): n for noise, of in NOISE.items() for turn, n in zip(("first", "third"), of, strict=True)
    },
    **{("bfcl", f"category={name}"): n for name, n in BFCL.items()},
    **{("retention", f"set={name}"): n for name, (_, n) in RETENTION.items()},
}

WHOSE = ("model", "predictions", "run", "stage", "step")  # the last three are of an evaluation within a training
FIRST_LABELS = ("base", "sft", "ppo")  # then the others, by name; "sft-long" stands with "sft"
VERDICTS_OF = {
    "toolalpaca": ("set=real", "set=simulated"),
    "rotbench": ("file=clean, first turn", "turn=first", "turn=third"),
    "bfcl": ("part=executable", "part=non_live", "part=live", "part=multi_turn"),
    "retention": tuple(f"set={name}" for name in RETENTION),
    "scenarios": ("draws=single-domain", "draws=cross-domain"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """What came out for the samples of a group. `ids` is a digest of theirs: where it is the same, the same was asked."""

    samples: int
    ids: str
    measures: dict[str, Interval]
    verdicts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """A label's results on a suite, without the answers. `runs` is the `about` of each scorecard, with its number of samples."""

    suite: str
    runs: list[dict[str, Any]]
    groups: dict[str, Group]

    @classmethod
    def of(cls, cards: Sequence[Scorecard]) -> Figures:
        """Of scorecards of one suite, that have no sample in common.

        Raises:
            UserError: they have one, or are of different models, or were asked in different ways.
        """
        first = cards[0]
        for card in cards[1:]:
            for key in (*WHOSE, "dialect", "prompting", "options"):
                if card.about.get(key) != first.about.get(key):
                    raise UserError(
                        f"{first.suite}: {key} is {first.about.get(key)!r} in one scorecard, {card.about.get(key)!r} in another"
                    )
        results = [result for card in cards for result in card.results]
        if twice := [id for id, count in Counter(result.id for result in results).items() if count > 1]:
            raise UserError(f"{first.suite}: {twice[0]} is in two scorecards; expected such as have no sample in common")
        runs = [{**card.about, "samples": len(card.results)} for card in cards]
        for run in runs:
            run.update({key: _without_machine(run[key]) for key in ("model", "predictions", "data") if key in run})
        members = _members(results)
        return cls(
            first.suite,
            runs,
            {key: _group(members[key], measured) for key, measured in summary(results, first.measures, first.units).items()},
        )

    def beside(self, there: Figures) -> Figures:
        """These figures with what is there of other groups. There is none then for all samples together.

        Raises:
            UserError: a group that both have, or another model.
        """
        own, others = ({key: group for key, group in figures.groups.items() if key != "all"} for figures in (self, there))
        if twice := sorted(own.keys() & others.keys()):
            raise UserError(f"{self.suite}: {twice[0]} is there already; --beside expects groups that are not")
        first, last = there.runs[0], self.runs[0]
        for key in WHOSE:
            if first.get(key) != last.get(key):
                raise UserError(f"{self.suite}: {key} is {first.get(key)!r} in what is there, {last.get(key)!r} in the scorecard")
        return Figures(self.suite, [*there.runs, *self.runs], others | own)

    @classmethod
    def read(cls, path: Path) -> Figures:
        """Raises:
        UserError: nothing that `add` wrote.
        """
        try:
            return pydantic.TypeAdapter(cls).validate_json(path.read_bytes())
        except pydantic.ValidationError as error:
            mistake = error.errors(include_url=False)[0]
            where = ".".join(map(str, mistake["loc"]))
            raise UserError(f"{path}: nothing that `bench.results add` wrote: {where}: {mistake['msg']}") from None

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        rounded = json.loads(json.dumps(dataclasses.asdict(self)), parse_float=lambda number: round(float(number), 3))
        path.write_text(json.dumps(rounded, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


Results = Mapping[str, Mapping[str, Figures]]  # by label, then by suite


def _members(results: Sequence[Result]) -> dict[str, list[Result]]:
    members: dict[str, list[Result]] = {"all": list(results)}
    for result in results:
        for name, value in result.groups.items():
            members.setdefault(f"{name}={value}", []).append(result)
    return members


def _group(members: Sequence[Result], measured: Mapping[str, Interval]) -> Group:
    ids = hashlib.sha256("\n".join(sorted(result.id for result in members if result.measures)).encode()).hexdigest()[:16]
    return Group(len(members), ids, dict(measured), dict(Counter(result.verdict for result in members).most_common()))


def _without_machine(path: str) -> str:
    """The end of an absolute path, which tells the checkpoint and not whose folder it lay in."""
    return "/".join(PurePath(path).parts[2:][-4:]) if PurePath(path).is_absolute() else path


# ---- tables, as lines of Markdown


def tables(results: Results) -> str:
    """All of them, under headings, in the order of docs/results.md."""
    sections = {
        "Beside the papers": of_the_papers(results),
        "RoTBench by noise": of_noise(results),
        "BFCL by category": of_categories(results),
        "Retention": of_retention(results),
        "Scenarios": of_scenarios(results),
        "APIBench": of_apis(results),
        "What the answers are": of_verdicts(results),
        "How it was measured": of_runs(results),
    }
    return "\n\n".join(f"## {heading}\n\n" + ("\n".join(lines) or "No result yet.") for heading, lines in sections.items())


def of_the_papers(results: Results) -> list[str]:
    columns = [
        "TS/PI/CF (ToolEyes: DE/CE/VA)",
        "ToolAlpaca real (114)",
        "ToolAlpaca simulated (100)",
        "RoTBench clean, first turn (105)",
        "BFCL executable (240)",
        "ToolEyes (382)",
    ]
    rows = [[f"{name}, published", alpaca, "", *others] for name, (alpaca, *others) in PUBLISHED.items()]
    for label, suites in results.items():
        alpaca = [_cell(suites, "toolalpaca", f"set={name}", _levels("any")) for name in ("real", "simulated")]
        rotbench = _cell(suites, "rotbench", "file=clean, first turn", _levels("rotbench"))
        bfcl = _cell(suites, "bfcl", "part=executable", _levels("any"))
        rows.append([f"**{label}**", *alpaca, rotbench, bfcl, _cell(suites, "tooleyes", "all", ("DE", "CE", "VA"))])
    return table(columns, rows)


def of_noise(results: Results) -> list[str]:
    rows = []
    for label, suites in _having("rotbench", results).items():
        for turn in ("first", "third"):
            for rule in ("rotbench", "strict"):
                cells = [_cell(suites, "rotbench", f"file={noise}, {turn} turn", _levels(rule)) for noise in NOISE]
                rows.append([f"**{label}**", turn, rule, *cells])
    return table(["TS/PI/CF", "turn", "rule", *(f"{noise} ({first}; {third})" for noise, (first, third) in NOISE.items())], rows)


def of_categories(results: Results) -> list[str]:
    having = _having("bfcl", results)
    rows = [
        [f"{name} ({whole:,})", *(_cell(suites, "bfcl", f"category={name}", ("accuracy",)) for suites in having.values())]
        for name, whole in BFCL.items()
    ]
    for several in ("any", "all"):
        cells = [_cell(suites, "bfcl", "part=executable", _levels(several)) for suites in having.values()]
        rows.append([f"executable (240), TS/PI/CF `{several}`", *cells])
    return table(["accuracy", *having], rows if having else [])


def of_retention(results: Results) -> list[str]:
    rows = []
    for label, suites in _having("retention", results).items():
        cells = []
        for name in RETENTION:
            cells.append(_cell(suites, "retention", f"set={name}", ("correct",)))
            cells.append(_change(results, label, f"set={name}") if label != "base" else "")
        rows.append([f"**{label}**", *cells])
    sets = [column for name, whole in RETENTION.values() for column in (f"{name} ({whole:,})", f"{name} to base")]
    return table(["percent correct", *sets], rows)


def of_scenarios(results: Results) -> list[str]:
    groups = ("draws=single-domain", "draws=cross-domain", "tool=seen", "tool=unseen")
    rows = [
        [f"**{label}**", *(_cell(suites, "scenarios", group, (*LEVELS, "goal")) for group in groups)]
        for label, suites in _having("scenarios", results).items()
    ]
    return table(["TS/PI/CF/goal", *groups], rows)


def of_apis(results: Results) -> list[str]:
    having = _having("apibench", results)
    sets = sorted({group for suites in having.values() for group in suites["apibench"].groups if group != "all"})
    rows = [[f"**{label}**", *(_cell(suites, "apibench", name, ("accuracy",)) for name in sets)] for label, suites in having.items()]
    return table(["accuracy", *sets], rows)


def of_verdicts(results: Results) -> list[str]:
    rows = []
    for suite in dict.fromkeys(suite for suites in results.values() for suite in suites):
        for group in VERDICTS_OF.get(suite, ("all",)):
            for label, suites in _having(suite, results).items():
                if (found := suites[suite].groups.get(group)) is not None:
                    verdicts = (f"{name} {count} ({count / found.samples:.1%})" for name, count in found.verdicts.items())
                    rows.append([suite, group, f"**{label}**", f"{found.samples:,}", ", ".join(verdicts)])
    return table(["suite", "group", "label", "samples", "verdicts"], rows)


def of_runs(results: Results) -> list[str]:
    rows = []
    for label, suites in results.items():
        for suite, figures in suites.items():
            for run in figures.runs:
                asked = [f"--{key} {run[key]}" for key in ("prompting", "only", "limit", "seed") if run.get(key) not in (None, "")]
                asked += [f"--option {key}={value}" for key, value in (run.get("options") or {}).items()]
                whose = " ".join(str(run[key]) for key in WHOSE if key in run)
                spent = [f"{run[key]:,}" if key in run else "" for key in ("samples", "tokens", "prompt_tokens", "seconds", "tokens_per_s")]
                rows.append([f"**{label}**", suite, whose, run.get("dialect", ""), run.get("dtype", ""), " ".join(asked), *spent])
    columns = ["label", "suite", "model or predictions", "dialect", "numbers", "asked with", "samples"]
    return table([*columns, "tokens sampled", "tokens read", "seconds", "tokens/s"], rows)


def _levels(label: str) -> tuple[str, ...]:
    return tuple(f"{level} {label}" for level in LEVELS)


def _having(suite: str, results: Results) -> Results:
    return {label: suites for label, suites in results.items() if suite in suites}


def _cell(suites: Mapping[str, Figures], suite: str, group: str, measures: Sequence[str]) -> str:
    """`90.0/86.0/59.3 (51.3-67.3), n 150 of 240`: the interval is that of the last measure. Empty where there is no result."""
    found = suites[suite].groups.get(group) if suite in suites else None
    if found is None or measures[-1] not in found.measures:
        return ""
    values = "/".join(f"{found.measures[name].value:.1f}" if name in found.measures else "-" for name in measures)
    last, whole = found.measures[measures[-1]], WHOLE.get((suite, group), found.samples)
    part = f" of {whole:,}" if last.samples != whole else ""
    return f"{values} ({last.low:.1f}-{last.high:.1f}), n {last.samples:,}{part}"


def _change(results: Results, label: str, group: str) -> str:
    """The change from base on a set of `retention`, where both were asked the same.

    Its interval is of two independent percentages, out of theirs (Newcombe, 1998, method 10), and so wider than a paired one.
    """
    found = [results.get(of, {}).get("retention") for of in ("base", label)]
    was, became = (figures.groups.get(group) if figures else None for figures in found)
    if was is None or became is None:
        return ""
    if was.ids != became.ids:
        return "other samples"
    a, b = became.measures["correct"], was.measures["correct"]
    change = a.value - b.value
    low = change - math.hypot(a.value - a.low, b.high - b.value)
    high = change + math.hypot(a.high - a.value, b.value - b.low)
    return f"{change:+.1f} ({low:+.1f} to {high:+.1f})"


# ---- files


def read(folder: Path) -> Results:
    """All that was added, in the order of the rows."""
    results: dict[str, dict[str, Figures]] = {}
    for path in sorted(folder.glob("*/*.json"), key=lambda path: (_rank(path.parent.name), path.name)):
        results.setdefault(path.parent.name, {})[path.stem] = Figures.read(path)
    return results


def _rank(label: str) -> tuple[int, str]:
    kind = label.partition("-")[0]
    return FIRST_LABELS.index(kind) if kind in FIRST_LABELS else len(FIRST_LABELS), label


def rebuilt(page: str, results: Results) -> str:
    """The page with new tables between the two comments.

    Raises:
        UserError: it has not both of them, once each and in order.
    """
    return rewritten(page, BEGIN, END, tables(results), "results.md")


def add(label: str, paths: Sequence[Path], folder: Path, beside: bool) -> None:
    """Keep what scorecards say, in place of what the label had for their suites, or `beside` it.

    Raises:
        UserError: a label that is no name of a folder, a file that is no scorecard, or figures that do not go together.
    """
    if not re.fullmatch(r"\w[\w.-]*", label):
        raise UserError(f"label '{label}': expected letters, digits, '-', '_' and '.'")
    by_suite: dict[str, list[Scorecard]] = {}
    for path in paths:
        card = Scorecard.read(path)
        by_suite.setdefault(card.suite, []).append(card)
    files = {suite: folder / label / f"{suite}.json" for suite in by_suite}
    kept = {suite: Figures.of(cards) for suite, cards in by_suite.items()}
    if beside:
        kept = {suite: figures.beside(Figures.read(files[suite])) if files[suite].exists() else figures for suite, figures in kept.items()}
    for suite, figures in kept.items():
        figures.write(files[suite])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.results", description=__doc__.split("\n")[0])
    parser.add_argument("--docs", type=Path, default=DOCS, metavar="DIR", help="has results.md and results/; default: this repository's")
    adding = parser.add_subparsers(dest="command").add_parser("add", help="keep what scorecards say, without the answers")
    adding.add_argument("label", help="the row, e.g. base, sft, ppo")
    adding.add_argument("--beside", action="store_true", help="keep what the label has of other groups, e.g. of other categories of BFCL")
    adding.add_argument("files", nargs="+", type=Path, metavar="FILE.json", help="of `python -m raytool.evaluate --out`")
    given = parser.parse_args(arguments)
    page, folder = given.docs / "results.md", given.docs / "results"
    try:
        if given.command == "add":
            add(given.label, given.files, folder, given.beside)
        page.write_text(rebuilt(page.read_text(encoding="utf-8"), read(folder)), encoding="utf-8")
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except UserError as error:
        return refused(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
