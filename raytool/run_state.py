"""What a resume needs: which stage a run is in, and what its newest checkpoint knows.

runs/<name>/config.yaml       resolved
            run_state.json    RunState, replaced whole
            checkpoints/<stage>-<step>/{model,learner}/ and state.json (Progress), renamed into place when complete
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from raytool import config as configuration
from raytool import durable, locking
from raytool.config import Config
from raytool.records import PolicyVersion, UserError

_LOCK = ".lock"
_BEFORE_A_STATE = {_LOCK, "config.yaml", ".config.yaml.draft", ".run_state.json.draft"}  # all that a run killed so early has left
_NUMBERED = re.compile(r"-(\d+)$")


@dataclass(frozen=True, slots=True)
class RunState:
    """`stage` is the index of the stage to be done next, `checkpoint` the name of the newest checkpoint, if any.

    `trained` is the newest checkpoint that finished a stage: what PPO's KL penalty refers to, null being the config's
    model. `figures` are the seconds and tokens of finished stages, for the table at the end. `accelerator` is where its stages began to
    compute, and go on. `weights` is the folder of published weights, which an attempt that was killed may have left.
    """

    stage: int = 0
    attempt: int = 0
    checkpoint: str | None = None
    trained: str | None = None
    figures: dict[str, dict[str, float]] = field(default_factory=dict)
    finished: bool = False
    accelerator: Literal["cpu", "cuda"] | None = None
    weights: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What a checkpoint knows beside tensors.

    `step` SFT steps or PPO updates are done. Draws from `next_draw` on have not been begun, and of the earlier ones
    only `open_groups` have not been consumed; `seconds` and `tokens` are what the stage has taken so far.
    """

    stage: int
    step: int
    version: PolicyVersion = 0
    next_draw: int = 0
    open_groups: tuple[int, ...] = ()
    seconds: float = 0.0
    tokens: float = 0.0


class RunFolder:
    """A run's folder, and the only writer of its state. One that was opened is this process's until it is closed."""

    def __init__(self, path: Path):
        self.path = path
        self.checkpoints = path / "checkpoints"
        self._lock: IO[str] | None = None

    @classmethod
    def open(cls, config: Config, default_name: str, runs: Path) -> RunFolder:
        """The folder of a new run, or of the one to resume; with `resume: auto` of whichever it is.

        Raises:
            UserError: the folder exists and is not to be resumed, there is none to resume, another process has it, or the
                config differs from the one it began with in what cannot change.
        """
        path, resumed = cls.place(config, default_name, runs)
        path.mkdir(parents=True, exist_ok=True)
        folder = cls._held(path)
        if resumed:
            folder.begin_again()
        else:
            durable.write(path / "config.yaml", configuration.dump(config))
            folder.write_state(RunState())
        return folder

    @staticmethod
    def place(config: Config, default_name: str, runs: Path) -> tuple[Path, bool]:
        """Where that folder is or will be, and whether a run in it is resumed. Nothing is written.

        Raises:
            UserError: as `open`, but for another process.
        """
        newest = _last_number(runs, default_name)
        path = runs / (config.name or f"{default_name}-{newest if config.resume else newest + 1}")
        there = (path / "run_state.json").is_file()
        if config.resume is False or (config.resume == "auto" and not there):
            if path.exists() and not (config.resume and {file.name for file in path.iterdir()} <= _BEFORE_A_STATE):
                or_resume = ", or resume=true to go on with it" if not config.resume else "; it holds no run to go on with"
                raise UserError(f"name: {path} exists; give another name{or_resume}")
            return path, False
        if not there:
            where = f"in {path}" if config.name else f"of '{default_name}' in {runs}"
            raise UserError(f"resume: there is no run {where}")
        began = configuration.stored(path / "config.yaml")
        if changed := configuration.forbidden_changes(began, config):
            raise UserError(f"resume: {path} began with another {', '.join(changed)}; what decides the results of a run cannot change")
        return path, True

    @classmethod
    def _held(cls, path: Path) -> RunFolder:
        folder = cls(path)
        folder._lock = locking.hold(path / _LOCK, f"name: another process is working on {path}; wait for it, or give another name")
        return folder

    def close(self) -> None:
        if self._lock is not None:
            self._lock.close()

    def begin_again(self) -> RunState:
        """The state in which the run goes on: its next attempt."""
        state = self.state()
        state = dataclasses.replace(state, attempt=state.attempt + 1)
        self.write_state(state)
        return state

    def state(self) -> RunState:
        return RunState(**json.loads((self.path / "run_state.json").read_text()))

    def write_state(self, state: RunState) -> None:
        durable.write(self.path / "run_state.json", json.dumps(dataclasses.asdict(state), indent=1))

    def progress(self, checkpoint: str) -> Progress:
        content: dict[str, Any] = json.loads((self.checkpoints / checkpoint / "state.json").read_text())
        return Progress(**{**content, "open_groups": tuple(content["open_groups"])})

    def seal(self, name: str, draft: Path, progress: Progress) -> None:
        """Put a written checkpoint in its place. From here on it is what a resume starts from, once the state says so."""
        (draft / "state.json").write_text(json.dumps(dataclasses.asdict(progress)))
        for written in (draft, *draft.rglob("*")):
            durable.sync(written)
        shutil.rmtree(self.checkpoints / name, ignore_errors=True)
        draft.rename(self.checkpoints / name)
        durable.sync(self.checkpoints)

    def draft(self, name: str) -> Path:
        path = durable.draft_of(self.checkpoints / name)
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def shortage(self, name: str, keep: int) -> str:
        """A sentence for the user if there is no room for all the checkpoints like this one that there are at a time; else nothing."""
        size = sum(path.stat().st_size for path in (self.checkpoints / name).rglob("*") if path.is_file())
        more = keep + 1 - len(list(self.checkpoints.glob(f"{name.rpartition('-')[0]}-*")))
        if (free := shutil.disk_usage(self.checkpoints).free) >= more * size:
            return ""
        return (
            f"{self.checkpoints} has {free / 1e9:.2g} GB free, and {name} takes {size / 1e9:.2g}: of such checkpoints there are up to "
            f"{keep + 1} at a time (checkpoint.keep={keep} and one that is being written)"
        )

    def prune(self, stage: str, newest: str, keep: int) -> None:
        """Remove all checkpoints of a stage but `newest` and those before it, `keep` in all. Later ones are of a run that was killed."""
        numbered = sorted((int(m[1]), path) for path in self.checkpoints.glob(f"{stage}-*") if (m := _NUMBERED.search(path.name)))
        last = next(place for place, (_, path) in enumerate(numbered) if path.name == newest)
        for place, (_, path) in enumerate(numbered):
            if not last - keep < place <= last:
                shutil.rmtree(path)

    def drop_learners(self, stage: str) -> None:
        """Remove what only a stage that is not finished needs of its checkpoints: the optimiser's moments are the most of them."""
        for path in self.checkpoints.glob(f"{stage}-*/learner"):
            shutil.rmtree(path)


def _last_number(runs: Path, name: str) -> int:
    found = [int(m[1]) for path in runs.glob(f"{name}-*") if (m := re.fullmatch(re.escape(name) + r"-(\d+)", path.name))]
    return max(found, default=0)
