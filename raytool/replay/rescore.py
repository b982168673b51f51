"""Another reward for the episodes of a run, which are not played again: what it would have said of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from raytool import config as configuration
from raytool.config import RewardConfig
from raytool.console import Console
from raytool.judging import Judge
from raytool.records import Episode, UserError, equal
from raytool.replay.sql import episodes_of
from raytool.replay.store import EpisodeStore, kind_of, read_file

NONE = "no verdict"


@dataclass(slots=True)
class Said:
    """What a reward says of some episodes. `ends` are the lowest and highest reward, and how many samples, of each group."""

    episodes: int = 0
    reward: float = 0.0
    outcome: float = 0.0
    categories: Counter[str] = field(default_factory=Counter)
    ends: dict[int, tuple[float, float, int]] = field(default_factory=dict)

    def see(self, episode: Episode) -> None:
        self.episodes += 1
        self.reward += episode.reward
        self.outcome += episode.outcome
        self.categories.update(call.verdict.category for call in episode.calls if call.verdict)
        low, high, count = self.ends.get(episode.group, (episode.reward, episode.reward, 0))
        self.ends[episode.group] = min(low, episode.reward), max(high, episode.reward), count + 1

    def rows(self) -> dict[str, str]:
        several = [equal((low, high)) for low, high, count in self.ends.values() if count > 1]
        shares = {f"{name} % of calls": f"{100 * count / self.categories.total():.1f}" for name, count in sorted(self.categories.items())}
        return {
            "episodes": str(self.episodes),
            "reward, mean": f"{self.reward / self.episodes:.3f}",
            "outcome, mean": f"{self.outcome / self.episodes:.3f}",
            "tasks whose samples are all equal %": f"{100 * sum(several) / len(several):.1f}" if several else "",
            **shares,
        }


def rescore(run: Path, overrides: Sequence[str], out: Path | None, console: Console) -> Counter[tuple[str, str]]:
    """Judge all episodes of a run by its reward as `overrides` change it, show what differs, and write them to a folder `out`.

    How many calls have gone from one category to another is returned.

    Raises:
        UserError: there are no episodes, the reward cannot be made or fails, or `out` is in use or cannot be written.
    """
    files, configured = episodes_of(run), reward_of(run, overrides)
    judge = Judge(configured)
    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"--out {out}: exists; an empty folder, or none, is expected")
    before: dict[str, Said] = {}
    after: dict[str, Said] = {}
    changed: Counter[tuple[str, str]] = Counter()
    with console.bar("files", len(files)) as bar:
        for path in files:
            kind = kind_of(path)
            stored = _stored(path)
            judged = [judge.judged(episode) for episode in stored]
            for old, new in zip(stored, judged, strict=True):
                before.setdefault(kind, Said()).see(old)
                after.setdefault(kind, Said()).see(new)
                changed.update(pair for pair in zip(_categories(old), _categories(new), strict=True) if pair[0] != pair[1])
            if out is not None:
                _keep(out, kind, judged)
            bar.advance()
    _show(before, after, changed, console)
    return changed


def reward_of(run: Path, overrides: Sequence[str]) -> RewardConfig:
    """The reward of a run's config, changed.

    Raises:
        UserError: an override is of something else, or leads nowhere.
    """
    if other := next((override for override in overrides if override.partition("=")[0].split(".")[0] != "reward"), None):
        raise UserError(f"override '{other}': only the reward can be another, e.g. reward.options.rewards.content=-1.0")
    try:
        return configuration.stored(run / "config.yaml", overrides).reward
    except OSError as error:
        raise UserError(f"{run / 'config.yaml'}: {error.strerror}") from None


def _stored(path: Path) -> list[Episode]:
    try:
        return read_file(path)
    except FileNotFoundError:  # a run that goes on merges files
        raise UserError(f"{path}: is gone, since the run goes on meanwhile; ask again") from None


def _categories(episode: Episode) -> list[str]:
    return [call.verdict.category if call.verdict else NONE for call in episode.calls]


def _keep(out: Path, kind: str, episodes: Sequence[Episode]) -> None:
    try:
        EpisodeStore(out / "episodes", kind).add(episodes)
    except OSError as error:
        raise UserError(f"--out {out}: {error.strerror}") from None


def _show(before: dict[str, Said], after: dict[str, Said], changed: Counter[tuple[str, str]], console: Console) -> None:
    columns = [(kind, said.rows()) for kind in before for said in (before[kind], after[kind])]
    names = dict.fromkeys(name for _, rows in columns for name in rows)
    titles = [f"{kind} {when}" for kind in before for when in ("stored", "rescored")]
    console.table("rewards", titles, {name: [rows.get(name, "") for _, rows in columns] for name in names})
    if changed:
        console.table("calls whose category changed", ["calls"], {f"{old} → {new}": [str(n)] for (old, new), n in changed.most_common()})
    else:
        console.say("no call has another category")
