"""A program without network (unless it is asked for), other processes, and all files but those named: what bubblewrap (Linux) is told.

The program runs under a user id that nobody else has: where this process is root, one drawn for it, so that limits per
user hold (root has none) and no file of root's can be read that not everybody may read; else this process's own, in a
user namespace. It can write to one folder in memory, of bounded size, and to nothing else.

Root of a container, who lacks what namespaces are made with, gets it in a user namespace of his own (`raytool.user_namespace`),
where ids are what they are outside: what was said of root holds there too.
"""

from __future__ import annotations

import errno
import functools
import os
import random
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from raytool import user_namespace

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
_NETWORK = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl")
_CHECK_LIMIT_S = 20.0
_NO_ROOM = tuple(map(os.strerror, (errno.EAGAIN, errno.ENOMEM)))
_FOR_ALL = stat.S_IROTH | stat.S_IXOTH
_NET_ADMIN, _SYS_ADMIN = 1 << 12, 1 << 21  # capabilities, as bits: to bring up a loopback, to make namespaces and mounts


def command(
    readable: Sequence[str] = (),
    *,
    scratch: str,
    scratch_bytes: int,
    folder: str = "",
    proc: bool = True,
    network: bool = False,
    options: Sequence[str] = (),
) -> list[str]:
    """The command prefix that isolates a program.

    The program finds the system's libraries and the Python installation (read only), the paths `readable` (read only),
    an empty folder `scratch` for `scratch_bytes` in memory, and with `proc` a /proc of its own processes. It starts in
    `folder`, or in `scratch`. With `network` it reaches what this process reaches, this machine's own ports included.
    `options` are further ones of bubblewrap's.
    """
    root = os.geteuid() == 0
    namespaces = ("user", "ipc", "pid", "uts", "cgroup-try", *(() if network else ("net",)))
    prefix = ["bwrap", *(f"--unshare-{name}" for name in namespaces if not (root and name == "user"))]
    if root and not _has(_SYS_ADMIN if network else _SYS_ADMIN | _NET_ADMIN):
        prefix = [os.path.realpath(sys.executable), "-I", "-S", user_namespace.__file__, *prefix]
    prefix += ["--die-with-parent", "--new-session", *options, "--dev", "/dev", "--remount-ro", "/dev"]
    if root:
        prefix += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    if proc:
        prefix += ["--proc", "/proc"]
    prefix += ["--perms", "0755", "--dir", "/etc"]  # else it is its maker's alone, and programs do not find that a file is not there
    for path in _SYSTEM:
        if os.path.islink(path):
            prefix += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path):
            prefix += ["--ro-bind", path, path]
    for path in _NETWORK if network else ():
        prefix += ["--ro-bind-try", os.path.realpath(path), path]
    prefix += ["--size", str(scratch_bytes), "--perms", "1777", "--tmpfs", scratch]
    prefix += _bound([os.path.realpath(sys.base_prefix), *readable])
    # What bubblewrap makes of the rest is a file system in memory without a bound.
    prefix += ["--remount-ro", "/", "--chdir", folder or scratch, "--"]
    if root:
        user = str(_nobodys_id())
        prefix += ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--inh-caps=-all", "--no-new-privs"]
        prefix += ["--pdeathsig=KILL", "--"]  # a change of user takes away bubblewrap's own
    return prefix


def _bound(paths: Sequence[str]) -> list[str]:
    """Options that show some paths. Behind links (to a virtual environment, say) what they lead to is shown as well."""
    real = {os.path.realpath(path) for path in paths}
    shown = ["/usr"]
    for path in sorted(real | set(paths), key=lambda path: (path not in real, path)):
        if not any(path == other or path.startswith(f"{other}/") for other in shown):
            shown.append(path)
    # Folders that bubblewrap makes by itself are their maker's alone.
    above = dict.fromkeys(str(parent) for path in shown[1:] for parent in reversed(Path(path).parents[:-1]))
    options = [word for parent in above for word in ("--perms", "0755", "--dir", parent)]
    for path in shown[1:]:
        if os.geteuid() or os.stat(path).st_mode & _FOR_ALL == _FOR_ALL or not os.path.isdir(path):
            options += ["--ro-bind", path, path]
        else:  # a private folder of root's (a temporary one, say): show what is in it to a user who may not enter it
            options += ["--perms", "0755", "--dir", path]
            options += [word for entry in sorted(os.scandir(path), key=str) for word in ("--ro-bind-try", entry.path, entry.path)]
    return options


def _nobodys_id() -> int:
    """A user id above those that systems give out, as far as this user namespace has any."""
    with open("/proc/self/uid_map") as ranges:
        end = max(int(first) + int(count) for first, _, count in map(str.split, ranges))
    first, end = (0x70000000, 0x7FFFFFFF) if end > 0x7FFFFFFF else (end // 2, end - 2)
    return random.SystemRandom().randrange(first, end)


def _has(capabilities: int) -> bool:
    with open("/proc/self/status") as status:
        effective = next(line for line in status if line.startswith("CapEff:"))
    return int(effective.split()[1], 16) & capabilities == capabilities


class NotTried(Exception):
    """Whether programs can be isolated could not be seen: this machine had no time or no room for it. Later it may."""


@functools.cache
def complaint(proc: bool = True) -> str:
    """Why programs cannot be isolated here, or nothing: bubblewrap may be missing or old, or user namespaces forbidden.

    Within an isolated program another can be isolated only without `proc`.

    Raises:
        NotTried: it is not known.
    """
    for program in ("bwrap", "setpriv") if os.geteuid() == 0 else ("bwrap",):
        if not shutil.which(program):
            return f"{program} is not installed"
    if os.geteuid() == 0 and not os.stat(__file__).st_mode & stat.S_IROTH:
        return f"isolated programs run as nobody, and {__file__} can be read by root only"
    trial = [
        *command([os.getcwd()], scratch="/tmp", scratch_bytes=2**20, proc=proc),
        os.path.realpath(sys.executable),
        "-I",
        "-S",
        "-c",
        "",
    ]
    try:
        done = subprocess.run(trial, capture_output=True, text=True, timeout=_CHECK_LIMIT_S)
    except subprocess.TimeoutExpired:
        raise NotTried(f"bwrap did not answer within {_CHECK_LIMIT_S:g} s") from None
    except OSError as error:
        raise NotTried(f"bwrap did not start: {error}") from error
    told = "" if done.returncode == 0 else (done.stderr.strip() or f"bwrap ended with {done.returncode}")
    if told.endswith(_NO_ROOM):
        raise NotTried(told)
    return told
