"""Runs one program inside the sandbox, as the script of a bare interpreter (python -I -S): the standard library only.

stdin: the length of a JSON header, the header {"code", "files": [[path, size], ...], "limits": {...}}, the files' bytes.
stdout and stderr: the program's. The descriptor that the arguments name: STARTED before anything of the program runs; then a
header {"files", "status" or "signal", "lost"} of the same form, and bytes.
What comes out of here was within reach of the program, so whoever reads it must not believe it.
"""

from __future__ import annotations

import ast
import json
import linecache
import os
import resource
import signal
import stat
import sys
import traceback
import types

TYPE_CHECKING = False  # typing costs milliseconds
if TYPE_CHECKING:
    from typing import IO, Any, NoReturn

NAME = "<code>"
STARTED = b"\x01"


def main() -> None:
    folder, result, isolated = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "isolated"
    os.write(result, STARTED)
    os.chdir(folder)
    header, files = read(sys.stdin.buffer)
    for path, content in files.items():
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        if not path.endswith("/"):
            with open(path, "wb") as file:
                file.write(content)
    child = os.fork()
    if child == 0:
        execute(header["code"], header["limits"], folder)
    _, status = os.waitpid(child, 0)
    end_all(-1 if isolated else -child)
    if os.WIFSIGNALED(status):
        return write(result, {"signal": os.WTERMSIG(status)}, {})
    ended = {"status": os.WEXITSTATUS(status)}
    try:
        write(result, ended, collect(header["limits"]))
    except (OSError, ValueError) as error:
        write(result, {**ended, "lost": str(error)}, {})


def execute(code: str, limits: dict[str, Any], folder: str) -> NoReturn:
    """The child: bounded, and without the launcher's descriptors, arguments and module."""
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    for name, value in limits["process"].items():
        # A second of grace: the signal of the soft limit tells what happened, that of the hard one cannot be ignored.
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value + (name == "CPU")))
    sys.argv[:] = [NAME]
    sys.path.insert(0, folder)
    sys.modules["__main__"] = module = types.ModuleType("__main__")
    status = 1
    try:
        linecache.cache[NAME] = (len(code), None, code.splitlines(True), NAME)
        run(code, vars(module))
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
    except BaseException as error:
        inner = error.__traceback__
        while inner is not None and inner.tb_frame.f_code.co_filename != NAME:
            inner = inner.tb_next
        traceback.print_exception(type(error), error, inner)
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status & 0xFF)


def run(code: str, names: dict[str, Any]) -> None:
    """Execute a program; the value of an expression at its end is printed, as a notebook would."""
    tree = ast.parse(code, NAME)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        tree.body.pop()
    exec(compile(tree, NAME, "exec"), names)
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), NAME, "eval"), names)
        if value is not None:
            print(repr(value))


def end_all(processes: int) -> None:
    """End what the program left behind. As a sandbox's first process this one is the parent of all that lost theirs."""
    try:
        os.kill(processes, signal.SIGKILL)
    except ProcessLookupError:
        return
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        return


def collect(limits: dict[str, Any]) -> dict[str, bytes]:
    """The folder's files and (with a slash at the end) folders by path; links and the like are not kept."""
    most_bytes, most_entries = limits["folder"], limits["entries"]
    found: dict[str, bytes] = {}
    size, open_folders = 0, [""]
    while open_folders:
        folder = open_folders.pop()
        for entry in sorted(os.scandir(folder or "."), key=lambda entry: entry.name):
            path, status = folder + entry.name, entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                open_folders.append(f"{path}/")
                found[f"{path}/"] = b""
            elif stat.S_ISREG(status.st_mode):
                size += status.st_size
                if size <= most_bytes:
                    with open(path, "rb") as file:
                        found[path] = file.read()
            if size > most_bytes:
                raise ValueError(f"the folder holds more than {most_bytes} bytes")
            if len(path) >= limits["path"] or not path.isprintable():
                raise ValueError("the folder holds a name that is too long or cannot be printed")
            if len(found) > most_entries:
                raise ValueError(f"the folder holds more than {most_entries} files and folders")
    return dict(sorted(found.items()))


def read(stream: IO[bytes]) -> tuple[dict[str, Any], dict[str, bytes]]:
    header = json.loads(stream.read(int.from_bytes(stream.read(8), "big")))
    return header, {path: stream.read(size) for path, size in header["files"]}


def write(result: int, header: dict[str, Any], files: dict[str, bytes]) -> None:
    text = json.dumps({**header, "files": [[path, len(content)] for path, content in files.items()]}).encode()
    with os.fdopen(result, "wb") as stream:
        stream.write(len(text).to_bytes(8, "big") + text + b"".join(files.values()))


if __name__ == "__main__":
    main()
