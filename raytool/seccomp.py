"""A system call filter for programs that a model wrote, as the bytes that bubblewrap's `--seccomp` reads.

It takes away what makes new namespaces, what reads or steers other processes, and what holds memory that no limit of a
process counts (memfd, System V IPC, io_uring, key rings). A filtered call fails with EPERM; clone3, whose flags a filter
cannot see, with ENOSYS, which makes the C library fall back to clone. A program of a foreign architecture is killed.
"""

from __future__ import annotations

import errno
import platform
import struct

# Numbers by architecture: x86_64, and the generic table that aarch64 has.
_CALLS: dict[str, tuple[int, int]] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "io_uring_setup": (425, 425),
    "userfaultfd": (323, 282),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "personality": (135, 92),
}
_ARCHITECTURES = {"x86_64": (0xC000003E, 0, 56), "aarch64": (0xC00000B7, 1, 220)}  # AUDIT_ARCH, column above, clone
_CLONE3 = 435
_NEW_NAMESPACE = 0x7E020000 | 0x80  # every CLONE_NEW* flag
_X32 = 0x40000000

_LOAD, _JUMP_EQUAL, _JUMP_FROM, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000


def complaint() -> str:
    """Why there is no filter for this machine, or nothing."""
    known = platform.machine() in _ARCHITECTURES
    return "" if known else f"no system call filter for {platform.machine()}; there are {', '.join(_ARCHITECTURES)}"


def program() -> bytes:
    """The filter for this machine's architecture, in classic BPF (seccomp(2)), if there is no `complaint`."""
    audit, column, clone = _ARCHITECTURES[platform.machine()]
    refuse = _ERRNO | errno.EPERM
    lines = [
        (_LOAD, 0, 0, 4),  # the architecture
        (_JUMP_EQUAL, 1, 0, audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),  # the call's number
        (_JUMP_FROM, 0, 1, _X32),
        (_RETURN, 0, 0, refuse),
        (_JUMP_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
    ]
    for numbers in _CALLS.values():
        lines += [(_JUMP_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, refuse)]
    lines += [
        (_JUMP_EQUAL, 0, 3, clone),
        (_LOAD, 0, 0, 16),  # its flags, the first argument
        (_JUMP_SET, 0, 1, _NEW_NAMESPACE),
        (_RETURN, 0, 0, refuse),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
