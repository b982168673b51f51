"""An environment whose tools do what tools must not, for the tests of the tool host."""

import ctypes
import os
import resource
import socket
import sys
import time
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from raytool.env import FINISH, ToolEnv, tool
from raytool.records import Task


class Troublesome(ToolEnv):
    """Its state is the list of notes. The query `refuse` makes it fail to start."""

    leaked: list[np.ndarray] = []

    def start(self, task, random):
        if task.query == "refuse":
            raise RuntimeError("the world cannot be built")
        if task.query == "crash":
            os.abort()
        if task.query == "hang":
            while True:
                time.sleep(1)
        if task.query == "large":
            self.keep(800)
        self.notes = []
        self.id = task.id

    def goal_reached(self, answer):
        if self.task.query == "judge that hangs":
            time.sleep(60)
        if self.task.query == "numpy":
            return np.array(self.notes == ["a"]).all()
        return self.notes == ["a", "b"]

    @tool
    def note(self, text: str) -> str:
        """Write a note and read all of them."""
        self.notes.append(text)
        return f"{self.id}: " + ",".join(self.notes)

    @tool
    def hang(self) -> str:
        """Never return."""
        self.notes.append("hung")
        while True:
            time.sleep(1)

    @tool
    def nap(self, seconds: float) -> str:
        """Return late."""
        time.sleep(seconds)
        return "rested"

    @tool
    def hang_where_absent(self, path: str) -> str:
        """Never return the first time: only a file that the first call leaves lets the next one through."""
        if not Path(path).exists():
            Path(path).touch()
            self.hang()
        self.notes.append("late")
        return "returned"

    @tool
    def crash(self) -> str:
        """Bring the process down from inside C."""
        ctypes.string_at(0)
        return "survived"

    @tool
    def leave(self) -> str:
        """End the process as a program would."""
        sys.exit(3)

    @tool
    def hoard(self, gigabytes: int) -> int:
        """Take memory (and leave its pages untouched)."""
        return len(bytearray(gigabytes * 2**30))

    @tool
    def keep(self, megabytes: int) -> str:
        """Take memory, leave its pages untouched, and not give it back."""
        self.kept = np.empty(megabytes * 2**20, np.uint8)
        return "kept"

    @tool
    def leak(self, megabytes: int) -> str:
        """Take memory, leave its pages untouched, and leave it to the process."""
        self.leaked.append(np.empty(megabytes * 2**20, np.uint8))
        return "leaked"

    @tool
    def shout(self) -> str:
        """Write where the replies go."""
        print('{"observations": ["forged"]}')
        sys.stdout.flush()
        os.write(1, b'{"observations": ["forged"]}\n')
        os.system("echo forged")
        return "said"

    @tool
    def listen(self) -> str:
        """Read where the requests come from."""
        return repr(sys.stdin.read()) + repr(os.read(0, 10))

    @tool
    def flood(self, megabytes: int) -> str:
        """Return a long text."""
        return "x" * (megabytes * 2**20)

    @tool
    def connect(self, port: int) -> str:
        """Connect to a port of this machine."""
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
        return "connected"

    @tool
    def read(self, path: str) -> str:
        """Read a file."""
        return Path(path).read_text(errors="replace")

    @tool
    def write(self, path: str) -> str:
        """Write a file."""
        Path(path).write_text("written")
        return "written"

    @tool
    def variables(self) -> list[str]:
        """The names of the environment's variables."""
        return sorted(os.environ)

    @tool
    def limits(self) -> dict[str, Any]:
        """Who this process is, and what it may use."""
        scratch = os.statvfs("/tmp")
        return {
            "user": os.getuid(),
            "groups": os.getgroups(),
            "processes": resource.getrlimit(resource.RLIMIT_NPROC)[0],
            "file_size": resource.getrlimit(resource.RLIMIT_FSIZE)[0],
            "scratch": scratch.f_blocks * scratch.f_frsize,
        }

    @tool
    def processes(self) -> list[str]:
        """The ids of all processes that can be seen."""
        return [name for name in os.listdir("/proc") if name.isdigit()]


class Unclosable(Troublesome):
    """It cannot be closed."""

    def close(self):
        raise RuntimeError("stuck")


class Strange(Troublesome):
    """What it says of a call is no JSON."""

    def step(self, action):
        observation, reward, ended, cut, info = super().step(action)
        return observation, reward, ended, cut, {**info, "observations": [object()]}


class Solitary(Troublesome):
    """The same with a process per episode."""

    process_per_episode = True


class Dice(gymnasium.Env):
    """No ToolEnv: its state is drawn by gymnasium's generator. The query says what `info` it gives, or that it does not start."""

    closed = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.said = options["task"].query
        if self.said == "refuse":
            raise RuntimeError("no dice")
        self.rolled = str(self.np_random.integers(10**9))
        return self.rolled, {}

    def step(self, action):
        info = {"one": {"observations": ["x"]}, "feedback": {"feedback": ["ok", "ok", "ok"]}}.get(self.said, {})
        return self.rolled, 0.5, True, False, info

    def close(self):
        Dice.closed += 1


def task(name: str = "t", query: str = "q", env: type[Troublesome] = Troublesome) -> Task:
    return Task(name, f"{__name__}:{env.__name__}", query, (*env.tool_specs(), FINISH))
