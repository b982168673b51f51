"""Trajectories: what some model did at tasks, kept with the environment's feedback for demonstrations and for RL entries.

    FOLDER/about.json                       which model, asked how, at which tasks
           lost.txt                         what the last call could not play, and why
           episodes/trajectories-*.arrow    Episodes, a file for each as they come, one file once a call of `demonstrate` is through

They are stored as what was said and done, and trained on only after they were written in the trained model's own dialect
and tokens (`Demonstrator.rewrite`): an episode that was played over an API has no tokens at all.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from raytool import durable, locking, places
from raytool.records import Episode, Task, UserError
from raytool.replay.store import EpisodeStore, read_file, sealed

_KIND = "trajectories"
_ABOUT = "about.json"


class Trajectories:
    """A folder that is being written. One process may have it open.

    Raises:
        UserError: another process has it, or its trajectories were made in another way, or of other tasks.
    """

    def __init__(self, folder: Path, about: Mapping[str, Any], tasks: Sequence[Task]):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = locking.hold(folder / ".lock", f"--out {folder}: another process is writing there")
            self._store = EpisodeStore(folder / "episodes", _KIND)
            self.done: set[tuple[str, int]] = set()
            """What is stored, by task and sample."""
            for episode in (episode for _, episodes in self._store.read() for episode in episodes):
                if episode.group >= len(tasks) or tasks[episode.group].id != episode.task.id:
                    raise UserError(f"--out {folder}: holds a trajectory of task {episode.task.id}, which --tasks has not in that place")
                self.done.add((episode.task.id, episode.sample))
            if self.done:
                _agree(folder, about)
            else:
                _write(folder, about)
        except OSError as error:
            raise UserError(f"--out {folder}: {error.strerror}") from None

    def add(self, episode: Episode) -> None:
        """Store an episode: when this returns it survives a loss of power."""
        self._store.add([episode])
        self.done.add((episode.task.id, episode.sample))

    def close(self) -> None:
        """Merge the files and give the folder up."""
        self._store.compact()
        self._lock.close()


def read(folder: Path) -> list[Episode]:
    """All trajectories of a folder, by task and sample.

    Raises:
        UserError: it is not there, or holds none.
    """
    folder = places.found(folder)
    if not (folder / "episodes").is_dir():
        raise UserError(f"{folder}: no folder that `python -m raytool.tasks demonstrate` wrote")
    found = [episode for path in sealed(folder / "episodes") for episode in read_file(path)]
    if not found:
        raise UserError(f"{folder}: holds no trajectory")
    return sorted(found, key=lambda episode: (episode.group, episode.sample))


def of_tasks(folder: Path, tasks: Sequence[Task]) -> list[Episode]:
    """The trajectories of some tasks, as episodes of these: their gold and their tags count, not those of the time.

    Raises:
        UserError: there are none, or a task of the same id asked something else.
    """
    by_id = {task.id: task for task in tasks}
    found = []
    for episode in read(folder):
        if (task := by_id.get(episode.task.id)) is None:
            continue
        if (task.query, task.env, task.tools) != (episode.task.query, episode.task.env, episode.task.tools):
            raise UserError(f"{folder}: its trajectory of task {task.id} has another query, environment or tools than the task")
        found.append(dataclasses.replace(episode, task=task))
    if not found:
        raise UserError(f"{folder}: holds no trajectory of these {len(tasks)} tasks")
    return found


def _write(folder: Path, about: Mapping[str, Any]) -> None:
    durable.write(folder / _ABOUT, json.dumps(about, indent=1) + "\n")


def _agree(folder: Path, about: Mapping[str, Any]) -> None:
    """Hold what is asked of whom against what was."""
    try:
        before = json.loads((folder / _ABOUT).read_text())
    except ValueError as error:
        raise UserError(f"{folder / _ABOUT}: not JSON: {error}") from None
    for key in sorted((before.keys() | about.keys()) - {"address"}):  # the same model may be served elsewhere
        if before.get(key) != about.get(key):
            raise UserError(
                f"--out {folder}: its trajectories were made with {key} {before.get(key)!r}, not {about.get(key)!r}; name another folder"
            )
