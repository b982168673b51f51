"""`python -m raytool.evaluate errors CARD.json ...`: where calls go wrong (see `raytool.evaluation.errors`), and the probe.

The probe corrects only the first wrong token of a tool's name and lets the model go on, greedily: how often does it then make the
right call? It is asked of each sample whose first turn names a wrong tool first, with the prompt of the evaluation.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from raytool import places, playing, pretrained
from raytool.actors import all_of
from raytool.config import ModelConfig, PlayConfig, SuiteConfig
from raytool.console import Console
from raytool.evaluation import errors
from raytool.evaluation.errors import Divergence, Made, Pair, Tokenize
from raytool.evaluation.opening import open_suite
from raytool.evaluation.scorecard import Result, Scorecard
from raytool.pretrained import ModelError
from raytool.records import Episode, Task, UserError
from raytool.rollout.episode import Limits
from raytool.sections import parse

if TYPE_CHECKING:
    from raytool.rollout.pool import RolloutPool


@dataclass(frozen=True, slots=True)
class WrongTool:
    """A call of a wrong tool, and where its name leaves gold's. `number` is which call of its turn it is."""

    result: Result
    task: Task
    pair: Pair
    made: Made
    divergence: Divergence
    number: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is wrong with a scorecard's calls. `pairs` come with their sample's id; `model` is whose tokens count."""

    card: Scorecard
    model: str
    pairs: list[tuple[str, Pair]]
    wrong_tools: list[WrongTool]

    @property
    def counts(self) -> dict[str, int]:
        return errors.counts([pair for _, pair in self.pairs], [wrong.divergence.shared for wrong in self.wrong_tools])


@dataclass(frozen=True, slots=True)
class Probe:
    """What became of wrong tools whose first wrong token was corrected. `calls` are what was made, by the sample's id."""

    asked: int
    right_tool: int
    right_call: int
    not_asked: int
    lost: list[str]
    calls: dict[str, str]


def analyse(given: argparse.Namespace) -> int:
    """Do what the arguments say; the exit status is returned: 1 where infrastructure failed.

    Raises:
        UserError: what the user has to change.
    """
    return playing.status_of(lambda: _analyse(given))


def _analyse(given: argparse.Namespace) -> int:
    if given.overrides and not given.probe:
        raise UserError(f"{given.overrides[0]}: has no effect without --probe; leave it out")
    console = Console()
    if given.out is not None:
        playing.make_room(given.out)
    found = [of_card(card, given) for card in map(Scorecard.read, given.cards)]
    _show(given.cards, found, console)
    probes = [probe(analysis, given.overrides, console) for analysis in found] if given.probe else []
    if probes:
        _show_probes(given.cards, probes, console)
    if given.out is not None:
        written = [_as_json(path, analysis) for path, analysis in zip(given.cards, found, strict=True)]
        for entry, told in zip(written, probes, strict=False):
            entry["probe"] = dataclasses.asdict(told)
        playing.write(given.out, json.dumps(written, indent=1, ensure_ascii=False) + "\n")
    return 1 if any(told.lost for told in probes) else 0


def of_card(card: Scorecard, given: argparse.Namespace) -> Analysis:
    """Raises:
    UserError: the suite's files are not there, or lack a sample of the scorecard's; the model whose tokens count cannot be had.
    """
    model = given.model or card.about.get("model") or pretrained.EMBEDDED
    tokenize = _tokenizer(model)
    tasks = {sample.task.id: sample.task for sample in open_suite(_part(card, given), card.about.get("seed", 0)).reading.samples}
    dialect = errors.dialect_of(card)
    pairs: list[tuple[str, Pair]] = []
    wrong_tools: list[WrongTool] = []
    for result in card.results:
        if result.verdict in ("unreadable", "infrastructure"):
            continue
        if (task := tasks.get(result.id)) is None:
            raise UserError(
                f"{card.suite}: its files have no sample '{result.id}', which the scorecard has; say with --data where they are"
            )
        calls = errors.made(result, task, dialect)
        for pair in errors.pairs(calls, task):
            pairs.append((result.id, pair))
            if pair.kind == "wrong_tool" and pair.made is not None:
                found = errors.divergence(pair.made, pair.gold, task, dialect, tokenize)
                number = [made for made in calls if made.turn == pair.made.turn].index(pair.made)
                wrong_tools.append(WrongTool(result, task, pair, pair.made, found, number))
    return Analysis(card, model, pairs, wrong_tools)


def _part(card: Scorecard, given: argparse.Namespace) -> SuiteConfig:
    """The part of its suite that a scorecard was asked."""
    content = {
        "suite": given.suite or card.suite,
        "only": [value for value in (card.about.get("only") or "").split(",") if value],
        "limit": card.about.get("limit"),
        "options": card.about.get("options") or {},
        "data": given.data or card.about.get("data"),
    }
    return parse(SuiteConfig, content, f"the scorecard of {card.suite}")


@functools.cache
def _tokenizer(model: str) -> Tokenize:
    try:
        tokenizer = pretrained.tokenizer(pretrained.resolve(model))
    except (ModelError, ValueError) as error:
        raise UserError(f"no tokenizer of {model}: {str(error).splitlines()[0]}; name a model with --model") from None
    if not tokenizer.is_fast:
        raise UserError(f"--model {model}: its tokenizer does not say which characters a token stands for; name one with tokenizer.json")

    def tokenize(text: str) -> tuple[Sequence[int], Sequence[tuple[int, int]]]:
        encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        return encoded["input_ids"], encoded["offset_mapping"]

    return tokenize


# ---- the probe, on Ray


def probe(analysis: Analysis, overrides: list[str], console: Console) -> Probe:
    """Raises:
    UserError: the model or an environment cannot be had.
    InfrastructureError: the engines were lost.
    """
    asked = first_of_each(analysis.wrong_tools)
    if not asked:
        return Probe(0, 0, 0, len(analysis.wrong_tools), [], {})
    config = _config(analysis, overrides)
    logs = places.new_logs("probe")

    async def work(pool: RolloutPool) -> list[Episode | None]:
        limits = dataclasses.replace(Limits.of(config.rollout), turns=1)
        with console.bar("probe", len(asked)) as bar:

            async def one(number: int, wrong: WrongTool) -> Episode | None:
                played = await pool.play(wrong.task, number, [0], 0.0, limits, wrong.divergence.corrected)
                bar.advance()
                return played[0] if played else None

            return await all_of(one(number, wrong) for number, wrong in enumerate(asked))

    episodes = playing.on_a_pool(config, {wrong.task.env for wrong in asked}, work, logs, console)
    told = judged(asked, episodes, len(analysis.wrong_tools) - len(asked))
    if told.lost:
        console.say(
            f"warning: infrastructure failed on {len(told.lost)} samples, which are in no figure, {told.lost[0]} first; logs: {logs}"
        )
    return told


def judged(asked: Sequence[WrongTool], episodes: Sequence[Episode | None], not_asked: int) -> Probe:
    """What became of each wrong tool: the call that stands in its place now, beside the same gold call."""
    kinds, calls, lost = Counter[str](), {}, []
    for wrong, episode in zip(asked, episodes, strict=True):
        if episode is None:
            lost.append(wrong.result.id)
            continue
        calls[wrong.result.id] = episode.turns[0].text
        made = [call.call for call in episode.turns[0].calls if call.call is not None][wrong.number : wrong.number + 1]
        kinds[errors.kind(wrong.pair.gold, made[0]) if made else "no_call"] += 1
    right_tool = kinds["parameters"] + kinds["values"] + kinds["all_right"]
    return Probe(len(asked) - len(lost), right_tool, kinds["all_right"], not_asked, lost, calls)


def first_of_each(wrong_tools: Sequence[WrongTool]) -> list[WrongTool]:
    """Of each sample the wrong tool that its first turn names first: what follows it, and later turns, depend on it."""
    found: dict[str, WrongTool] = {}
    for wrong in sorted(wrong_tools, key=lambda wrong: wrong.number):
        if wrong.made.turn == 0:
            found.setdefault(wrong.result.id, wrong)
    return [wrong for wrong in wrong_tools if found.get(wrong.result.id) is wrong]


def _config(analysis: Analysis, overrides: list[str]) -> PlayConfig:
    """The evaluation's own prompt and limits, unless the user says otherwise."""
    about = analysis.card.about
    prompt = {name: about[name] for name in ModelConfig.model_fields if name in about}
    if str(about.get("dialect")).startswith("template"):
        prompt["dialect"] = "template"
    limits = {name: about[name] for name in ("max_tokens", "turn_tokens", "observation_characters") if name in about}
    content = {"model": {**prompt, "path": analysis.model}, "rollout": limits, "seed": about.get("seed", 0)}
    return parse(PlayConfig, content, "raytool.evaluate errors", overrides)


# ---- what is shown


def _show(paths: Sequence[Path], found: Sequence[Analysis], console: Console) -> None:
    """A column for each scorecard: how many, and the percentage of the gold calls, or of its kind."""
    columns = [analysis.counts for analysis in found]
    rows = {name: [_cell(counts, name) for counts in columns] for name in errors.ROWS}
    console.table("where calls go wrong", [path.stem for path in paths], rows)
    for path, analysis in zip(paths, found, strict=True):
        console.say(f"{path.stem}: {analysis.card.suite}, {len(analysis.card.results)} samples, tokens of {analysis.model}")


def _cell(counts: Mapping[str, int], name: str) -> str:
    of = counts[name.split(":")[0]] if ":" in name else counts[errors.ROWS[0]]
    return f"{counts[name]}" if name == errors.ROWS[0] or not of else f"{counts[name]} ({counts[name] / of:.1%})"


def _show_probes(paths: Sequence[Path], probes: Sequence[Probe], console: Console) -> None:
    rows = {
        "first wrong token corrected": [str(told.asked) for told in probes],
        "then the right tool": [f"{told.right_tool} ({told.right_tool / max(1, told.asked):.1%})" for told in probes],
        "then the right call": [f"{told.right_call} ({told.right_call / max(1, told.asked):.1%})" for told in probes],
        "not asked: later in an answer": [str(told.not_asked) for told in probes],
    }
    console.table("the probe", [path.stem for path in paths], rows)


def _as_json(path: Path, analysis: Analysis) -> dict[str, Any]:
    """What `--out` gets of a scorecard: the figures, and every call that is not all right."""
    card = analysis.card
    shared = {id(wrong.pair): wrong.divergence.shared for wrong in analysis.wrong_tools}
    calls = [
        {**errors.as_json(sample, pair), **({"shared_tokens": shared[id(pair)]} if id(pair) in shared else {})}
        for sample, pair in analysis.pairs
        if pair.kind != "all_right"
    ]
    return {
        "scorecard": str(path),
        "suite": card.suite,
        "about": card.about,
        "tokens_of": analysis.model,
        "counts": analysis.counts,
        "calls": calls,
    }
