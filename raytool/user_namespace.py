"""`python user_namespace.py COMMAND ...`: become the command, as root of a user namespace in which everybody keeps his id.

Root of a container has not all of root's rights, and those that it lacks (CAP_SYS_ADMIN first) are what namespaces, mounts and a
network's loopback are made with. In a user namespace of its own it has them all, over what belongs to that namespace. The ids have
to be written from outside, by one who may set ids (CAP_SETUID, CAP_SETGID and, for that of root, CAP_SETFCAP: a container's root may).

Only the standard library: it is run as a file, by a Python without site-packages.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import NoReturn

_NEW_USER = 0x10000000  # CLONE_NEWUSER; os.unshare came with Python 3.12
_MAPS = ("uid_map", "gid_map")


def become(command: list[str]) -> NoReturn:
    """Replace this process, in a new user namespace, by the command."""
    same = {name: _identity(name) for name in _MAPS}
    entered, tell = os.pipe()
    process = os.getpid()
    writer = os.fork()
    if not writer:
        os.close(tell)
        _write_maps(process, same, entered)
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_USER):
        error = OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        os.close(tell)  # the writer finds nothing to write for
        os.waitpid(writer, 0)
        sys.exit(f"a user namespace cannot be made: {error.strerror}")
    os.write(tell, b"+")
    if os.waitpid(writer, 0)[1]:
        sys.exit(1)
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # by Python, and a program would inherit that
        signal.signal(ignored, signal.SIG_DFL)
    os.execvp(command[0], command)


def _identity(name: str) -> str:
    """The ids that there are in this namespace, each as itself."""
    with open(f"/proc/self/{name}") as ranges:
        return "".join(f"{first} {first} {count}\n" for first, _, count in map(str.split, ranges))


def _write_maps(process: int, maps: dict[str, str], entered: int) -> NoReturn:
    status = 1
    try:
        if os.read(entered, 1):
            for name, ids in maps.items():
                with open(f"/proc/{process}/{name}", "wb", buffering=0) as file:  # the kernel takes a map in one write
                    file.write(ids.encode())
            status = 0
    except OSError as error:
        print(f"the ids of a user namespace cannot be written: {error.strerror}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


if __name__ == "__main__":
    become(sys.argv[1:])
