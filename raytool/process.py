"""What an actor's process does to itself: where its output goes, and what happens to its children when it dies."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

_guards: list[subprocess.Popen[bytes]] = []  # live as long as this process: their pipe closes with it


def take_output(path: Path) -> None:
    """Send this process's output, and that of its children, to a file of the run, so that none goes over the progress bars."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.close(file)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def guard_children() -> None:
    """Have every child of this process ended when it dies, however it dies.

    A guard outside its process group waits for its end of a pipe to close. It asks first: what is asked to end removes
    its shared memory; what does not end within five seconds is killed.
    """
    os.setpgid(0, 0)
    _guards.append(subprocess.Popen([sys.executable, "-S", "-c", _GUARD, str(os.getpid())], stdin=subprocess.PIPE, start_new_session=True))


_GUARD = """
import os, signal, sys, time
sys.stdin.read()
for sent in (signal.SIGTERM, signal.SIGKILL):
    try:
        os.killpg(int(sys.argv[1]), sent)
    except ProcessLookupError:
        break
    time.sleep(5)
"""
