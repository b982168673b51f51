"""Programs that a model wrote, run one at a time over a folder that is kept between them.

The folder is a value here and a file system in memory in the sandbox. Its files go in with the program and come out
after it. So nothing of a program outlives its run but these files; a run that exceeded a limit, or was killed, leaves
none, and what a run does depends on nothing but the runs before it (and on what the program asks of clock and chance).
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pydantic

from envs.python_sandbox.launcher import STARTED
from raytool import bubblewrap, seccomp
from raytool.env import EnvironmentLost
from raytool.records import UserError

FOLDER = "/work"
ALLOW = "RAYTOOL_ALLOW_UNISOLATED"  # set by the tool host where rollout.tool_host.allow_unisolated says so
_LAUNCHER = Path(__file__).with_name("launcher.py")
_WATCH_S = 0.05
_START_LIMIT_S = 8.0
_MAX_PATH = 200
_MAX_NAME = 255  # bytes of a file's name, of the kernel
_PAGE = os.sysconf("SC_PAGESIZE")


class Header(pydantic.BaseModel):
    """What the launcher says of a run. `signal` ended the program, or it ended with `status`; `lost` is why its folder cannot be kept."""

    files: list[tuple[str, pydantic.NonNegativeInt]] = []
    status: int | None = None
    signal: int | None = None
    lost: str = ""


@dataclass(frozen=True)
class Limits:
    """What one run may use; `seconds` are of the clock, `cpu_seconds` of each process, `memory` of all processes together."""

    seconds: float = 8.0
    cpu_seconds: int = 5
    memory: int = 512 * 2**20
    processes: int = 16
    disk: int = 32 * 2**20  # while it runs
    folder: int = 8 * 2**20  # of what is kept
    entries: int = 500
    output: int = 2**20
    shown: int = 4000  # characters of the output that the model sees

    def told(self) -> dict[str, Any]:
        """As the launcher reads it."""
        process = {"CPU": self.cpu_seconds, "AS": self.memory, "NPROC": self.processes, "FSIZE": self.disk, "NOFILE": 64, "CORE": 0}
        return {"folder": self.folder, "entries": self.entries, "path": _MAX_PATH, "process": process}


@dataclass
class Run:
    """What came of a program. `stopped` says why it was ended from outside, `lost` why its folder was not kept; else both are empty."""

    output: str
    status: int = 0
    stopped: str = ""
    lost: str = ""


class Sandbox:
    """The folder of one episode, and what runs programs over it.

    `files` maps a path in the folder to its bytes; the path of a folder ends with a slash.

    Raises:
        EnvironmentLost: whether programs can be isolated here could not be seen.
        UserError: they cannot, and nobody allowed to go without.
    """

    def __init__(self, limits: Limits):
        self.limits = limits
        self.files: dict[str, bytes] = {}
        try:
            complaint = bubblewrap.complaint(proc=False) or seccomp.complaint()
        except bubblewrap.NotTried as error:
            raise EnvironmentLost(f"a sandbox does not start: {error}") from error
        self._isolated = not complaint
        if complaint and os.environ.get(ALLOW) != "1":
            raise UserError(
                f"rollout.tool_host.allow_unisolated: code that a model wrote is not run without isolation ({complaint}); "
                "mend that, or set this to true where nothing can be harmed"
            )

    def run(self, code: str) -> Run:
        """Run a program over the folder, which is changed where the program ended by itself and its folder can be kept.

        Raises:
            EnvironmentLost: the sandbox did not start.
        """
        header = {"code": code, "limits": self.limits.told(), "files": [[path, len(content)] for path, content in self.files.items()]}
        text = json.dumps(header).encode()
        message = len(text).to_bytes(8, "big") + text + b"".join(self.files.values())
        with contextlib.ExitStack() as stack:
            folder = FOLDER if self._isolated else stack.enter_context(tempfile.TemporaryDirectory())
            attendant = stack.enter_context(contextlib.closing(Attendant(*self._start(folder), self.limits)))
            stopped = attendant.attend(message)
            return self._outcome(bytes(attendant.output), bytes(attendant.result), stopped)

    def read(self, path: str) -> bytes:
        """A file's bytes.

        Raises:
            KeyError: there is no such file.
        """
        return self.files[path.removeprefix("./").removesuffix("/")]

    def write(self, path: str, content: bytes) -> None:
        """Write a file; the folders above it are made.

        Raises:
            ValueError: no file can stand there, or the folder would hold too much.
        """
        path = path.removeprefix("./")
        above = [f"{parent}/" for parent in map(str, PurePosixPath(path).parents) if parent != "."]
        if path.endswith("/") or not _is_plain(path):
            raise ValueError(f"no file can have the path '{path}'; a relative one without '..' is expected")
        if f"{path}/" in self.files or any(parent.removesuffix("/") in self.files for parent in above):
            raise ValueError(f"no file can have the path '{path}': there is a folder, or a file in place of one")
        files = {**self.files, **dict.fromkeys(above, b""), path: content}
        if sum(map(len, files.values())) > self.limits.folder or len(files) > self.limits.entries:
            raise ValueError(f"the folder holds at most {self.limits.folder} bytes and {self.limits.entries} files and folders")
        self.files = files

    def _start(self, folder: str) -> tuple[subprocess.Popen[bytes], int]:
        """The launcher's process, and where its result is to be read."""
        result, write_end = os.pipe()
        filter_end, written = os.pipe()
        if self._isolated:
            os.write(written, seccomp.program())
        os.close(written)
        # As -I does, but for -E: a program is a function of what came before, and so must be the order of its sets.
        python = [os.path.realpath(sys.executable), "-s", "-P", "-S", "-B", "-X", "utf8"]
        if self._isolated:
            options = ["--as-pid-1", "--seccomp", str(filter_end), "--ro-bind", str(_LAUNCHER), "/launcher.py"]
            prefix = bubblewrap.command(scratch=folder, scratch_bytes=self.limits.disk, proc=False, options=options)
            command = [*prefix, *python, "/launcher.py", folder, str(write_end), "isolated"]
        else:
            command = [*python, str(_LAUNCHER), folder, str(write_end), "unisolated"]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": folder, "TMPDIR": folder, "PYTHONHASHSEED": "0"},
                pass_fds=(write_end, filter_end),
            )
        except OSError as error:
            os.close(result)
            raise EnvironmentLost(f"a sandbox does not start: {error}") from error
        finally:
            os.close(write_end)
            os.close(filter_end)
        return process, result

    def _outcome(self, output: bytes, result: bytes, stopped: str) -> Run:
        text = output.decode("utf-8", "replace")
        shown = text[: self.limits.shown]
        if len(text) > len(shown):
            shown += "... (cut)"
        if not result.startswith(STARTED):
            raise EnvironmentLost(f"a sandbox did not start: {stopped or shown}")
        header, files = _unpack(result[len(STARTED) :], self.limits)
        if not stopped and header.signal == signal.SIGXCPU:
            stopped = f"it used more than {self.limits.cpu_seconds} s of processor time"
        elif not stopped and header.status is None:
            stopped = "it crashed or was killed"
        if stopped:
            return Run(shown, 1, stopped)
        assert header.status is not None
        if not header.lost:
            self.files = files
        return Run(shown, header.status, "", header.lost)


class Attendant:
    """Feeds a launcher, reads what it writes, and ends it where it exceeds a limit."""

    def __init__(self, process: subprocess.Popen[bytes], result: int, limits: Limits):
        assert process.stdin is not None and process.stdout is not None
        self.output, self.result = bytearray(), bytearray()
        self._process, self._result_end, self._limits = process, result, limits
        self._selector = selectors.DefaultSelector()
        self._reading = {process.stdout.fileno(): (self.output, limits.output), result: (self.result, 2 * limits.disk + 2**20)}
        for descriptor in (process.stdin.fileno(), *self._reading):
            os.set_blocking(descriptor, False)
        self._selector.register(process.stdin, selectors.EVENT_WRITE)
        for descriptor in self._reading:
            self._selector.register(descriptor, selectors.EVENT_READ)

    def attend(self, message: bytes) -> str:
        """Stay with the launcher until it ends; why it had to be ended, or "". Its limit counts from when it has started."""
        began, rest = time.monotonic(), memoryview(message)
        watched, started = began, False
        while self._reading:
            for key, _ in self._selector.select(_WATCH_S):
                if key.fd in self._reading:
                    if not self._read(key.fd):
                        return f"it wrote more than {self._limits.output} bytes of output"
                else:
                    rest = self._write(rest)
            now = time.monotonic()
            if self.result and not started:
                began, started = now, True
            limit = self._limits.seconds if started else _START_LIMIT_S
            if now - began > limit:
                return f"it ran longer than {limit:g} s"
            if now - watched > _WATCH_S:
                watched = now
                if complaint := self._usage_complaint():
                    return complaint
            if self._process.poll() is not None and not self._readable():
                break  # a process that it left behind where nothing is isolated may still hold the pipes
        return ""

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._selector.close()
        os.close(self._result_end)
        self._process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def _readable(self) -> bool:
        return any(key.fd in self._reading for key, _ in self._selector.select(0))

    def _read(self, descriptor: int) -> bool:
        """Whether there may be more, up to the bound."""
        kept, most = self._reading[descriptor]
        chunk = os.read(descriptor, 2**16)
        if not chunk:
            self._selector.unregister(descriptor)
            del self._reading[descriptor]
        kept += chunk
        return len(kept) <= most

    def _write(self, rest: memoryview) -> memoryview:
        assert self._process.stdin is not None
        try:
            rest = rest[os.write(self._process.stdin.fileno(), rest[: 2**16]) :]
        except BrokenPipeError:
            rest = rest[:0]
        if not rest:
            self._selector.unregister(self._process.stdin)
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        return rest

    def _usage_complaint(self) -> str:
        """What all processes together hold too much of. (A limit of a process does not bound their sum, nor a file system's entries.)

        Memory that processes share counts as a whole beside what is resident of it: they can give up the one and keep the other.
        """
        memory, entries = 0, 0
        shared: dict[tuple[str, str], int] = {}
        for process, resident in _family(self._process.pid):
            memory += resident
            for place, size in _shared(process):
                shared[place] = max(size, shared.get(place, 0))
            with contextlib.suppress(OSError):  # it has ended, or no such folder yet
                files = os.statvfs(f"/proc/{process}/root{FOLDER}")
                if files.f_blocks * files.f_frsize <= self._limits.disk:  # else it is not in the sandbox yet
                    entries = max(entries, files.f_files - files.f_ffree)
        if memory + sum(shared.values()) > self._limits.memory:
            return f"it used more than {self._limits.memory // 2**20} MB of memory"
        return f"it made more than {self._limits.entries} files" if entries > 2 * self._limits.entries else ""


def _family(ancestor: int) -> list[tuple[int, int]]:
    """(process id, resident bytes) of a process and its descendants."""
    found: dict[int, tuple[int, int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat") as file:
            fields = file.read().rpartition(")")[2].split()  # the name in brackets may hold anything
            found[int(name)] = (int(fields[1]), int(fields[21]) * _PAGE)
    family = {ancestor}
    while more := {process for process, (parent, _) in found.items() if parent in family} - family:
        family |= more
    return [(process, found[process][1]) for process in family if process in found]


def _shared(process: int) -> Iterator[tuple[tuple[str, str], int]]:
    """Of the anonymous memory that a process maps and may share, each part's place, by inode and offset, and its bytes."""
    with contextlib.suppress(OSError), open(f"/proc/{process}/maps") as maps:
        for line in maps:
            addresses, permissions, offset, _, inode, *path = line.split(maxsplit=5)
            if permissions.endswith("s") and path and path[0].startswith("/dev/zero"):  # so the kernel names all of it
                first, end = (int(address, 16) for address in addresses.split("-"))
                yield (inode, offset), end - first


def _unpack(data: bytes, limits: Limits) -> tuple[Header, dict[str, bytes]]:
    """The launcher's header and files; nothing where they are not what a launcher writes, for a program may have written them."""
    end = 8 + int.from_bytes(data[:8], "big")
    try:
        header = Header.model_validate_json(data[8:end])
    except pydantic.ValidationError:
        return Header(), {}
    files = {}
    for path, size in header.files:
        files[path] = data[end : end + size]
        end += size
    within = sum(map(len, files.values())) <= limits.folder and len(files) <= limits.entries
    return (header, files) if end == len(data) and within and all(map(_is_plain, files)) else (Header(), {})


def _is_plain(path: str) -> bool:
    """Whether a path names something beneath the folder, without detours, that the launcher can make and keep."""
    parts = path.removesuffix("/").split("/")
    fits = len(path) < _MAX_PATH and path.isprintable() and all(len(part.encode()) <= _MAX_NAME for part in parts)
    return fits and not {"", ".", ".."} & set(parts)
