"""Isolation by the rights that root has: all of them, a container's, and those that the cluster files add."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from envs.python_sandbox.sandbox import Limits, Sandbox
from raytool import bubblewrap
from raytool.env import EnvironmentLost

ROOT = Path(__file__).resolve().parents[2]
DOCKERS = (  # what Docker and containerd leave to a container's root: 0xa80425fb
    *("chown", "dac_override", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "net_bind_service", "net_raw"),
    *("sys_chroot", "mknod", "audit_write", "setfcap"),
)
MASKED = [
    "unshare",
    "--mount",
    "sh",
    "-c",
    'mount --bind /dev/null /proc/interrupts && exec "$@"',
    "sh",
]  # as containers hide parts of /proc


def root_with(capabilities):
    """The command prefix of a root that has no other capabilities."""
    kept = ",".join(f"+{name}" for name in capabilities)
    return ["setpriv", f"--bounding-set=-all,{kept}", "--inh-caps=-all", "--"]


def obstacle():
    """Why root's rights cannot be varied here, or nothing."""
    if os.geteuid():
        return "only root has rights to take away"
    if missing := [name for name in ("bwrap", "setpriv", "unshare") if not shutil.which(name)]:
        return f"{', '.join(missing)} not installed"
    if bubblewrap.complaint():
        return bubblewrap.complaint()
    trials = (root_with(DOCKERS), ["unshare", "--user"], MASKED)
    for trial in trials:
        done = subprocess.run([*trial, "true"], capture_output=True, text=True, timeout=60)
        if done.returncode:
            return f"{trial[0]}: {done.stderr.strip()}"
    return ""


OBSTACLE = obstacle()
pytestmark = pytest.mark.skipif(bool(OBSTACLE), reason=OBSTACLE)


def python(code, *arguments, under=()):
    done = subprocess.run([*under, sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


COMPLAINT = "from raytool import bubblewrap; print(bubblewrap.complaint())"


@pytest.mark.parametrize("capabilities", [DOCKERS, (*DOCKERS, "sys_admin"), (*DOCKERS, "sys_admin", "net_admin")], ids=len)
def test_root_of_a_container_can_isolate(capabilities):
    assert python(COMPLAINT, under=root_with(capabilities)) == ""


def test_a_masked_proc_needs_the_capabilities_that_the_kuberay_files_add():
    assert "proc" in python(COMPLAINT, under=[*MASKED, *root_with(DOCKERS)])
    assert "proc" in python(COMPLAINT, under=[*MASKED, *root_with((*DOCKERS, "sys_admin"))])
    assert python(COMPLAINT, under=[*MASKED, *root_with((*DOCKERS, "sys_admin", "net_admin"))]) == ""


def test_root_without_the_right_to_set_ids_is_told():
    said = python(COMPLAINT, under=root_with(("dac_override", "setgid")))
    assert said == "the ids of a user namespace cannot be written: Operation not permitted"


OUTSIDE = """
import os, subprocess, sys
from raytool import bubblewrap

prefix = bubblewrap.command(sys.argv[2:], scratch="/tmp", scratch_bytes=2**20)
sys.exit(subprocess.run([*prefix, os.path.realpath(sys.executable), "-I", "-S", "-c", *sys.argv[1:]]).returncode)
"""
INSIDE = """
import json, os, resource, socket, sys

def tried(what):
    try:
        return what()
    except OSError as error:
        return type(error).__name__

status = dict(line.split(":", 1) for line in open("/proc/self/status"))
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
print(json.dumps({
    "ids": [*os.getresuid(), *os.getresgid()],
    "groups": os.getgroups(),
    "capabilities": sorted({int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")}),
    "no_new_privileges": int(status["NoNewPrivs"]),
    "processes": sum(name.isdigit() for name in os.listdir("/proc")),
    "interfaces": [name for _, name in socket.if_nameindex()],
    "fork": tried(lambda: os.fork() and None),
    "become_root": tried(lambda: os.setuid(0)),
    "change_root": tried(lambda: os.chroot("/")),
    "open": tried(lambda: open(sys.argv[1] + "/open").read()),
    "closed": tried(lambda: open(sys.argv[1] + "/closed").read()),
    "write": tried(lambda: open(sys.argv[1] + "/open", "a") and None),
}), flush=True)
"""


@pytest.mark.parametrize("under", [(), root_with(DOCKERS)], ids=["all rights", "a container's"])
def test_the_program_is_nobody_whatever_rights_root_has(under, tmp_path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "open").write_text("for all")
    (private / "open").chmod(0o666)
    (private / "closed").write_text("for root")
    (private / "closed").chmod(0o600)
    found = json.loads(python(OUTSIDE, INSIDE, private, under=under))
    user, *others = found.pop("ids")
    assert user >= 0x70000000 and set(others) == {user}
    assert found.pop("processes") <= 3
    assert found == {
        "groups": [],
        "capabilities": [0],
        "no_new_privileges": 1,
        "interfaces": ["lo"],
        "fork": "BlockingIOError",
        "become_root": "PermissionError",
        "change_root": "PermissionError",
        "open": "for all",
        "closed": "PermissionError",
        "write": "OSError",  # the file system is read only
    }


def test_a_program_of_a_containers_root_does_not_inherit_what_python_ignores():
    said = python(
        "import subprocess; from raytool import bubblewrap\n"
        "prefix = bubblewrap.command(scratch='/tmp', scratch_bytes=2**20)\n"
        "print(subprocess.run([*prefix, 'grep', 'SigIgn', '/proc/self/status'], stdout=-1, text=True).stdout)",
        under=root_with(DOCKERS),
    )
    ignored = int(said.split()[1], 16)  # whoever runs the tests may ignore others, and hand that on
    assert not any(ignored >> number - 1 & 1 for number in (signal.SIGPIPE, signal.SIGXFSZ))


def test_within_an_isolated_program_another_can_be_isolated():
    inside = "from raytool import bubblewrap; print(bubblewrap.complaint(proc=False))"
    said = python(
        "import subprocess, sys; from raytool import bubblewrap\n"
        "prefix = bubblewrap.command([sys.prefix, sys.argv[2]], scratch='/tmp', scratch_bytes=2**20, folder=sys.argv[2])\n"
        "print(subprocess.run([*prefix, sys.executable, '-c', sys.argv[1]], stdout=-1, text=True))",
        inside,
        ROOT,
        under=root_with(DOCKERS),
    )
    assert said.endswith("returncode=0, stdout='\\n')")


@pytest.mark.parametrize(
    "failure",
    [
        subprocess.TimeoutExpired("bwrap", 20),
        BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"),
        subprocess.CompletedProcess([], 1, "", "bwrap: Creating new namespace failed: Resource temporarily unavailable\n"),
        subprocess.CompletedProcess([], 1, "", "bwrap: Can't mount tmpfs on /newroot: Cannot allocate memory\n"),
    ],
)
def test_a_machine_that_has_no_room_for_a_trial_is_not_one_where_nothing_can_be_isolated(monkeypatch, failure):
    """What is not known is not kept either: the next one tries again."""

    def run(*_, **__):
        if isinstance(failure, Exception):
            raise failure
        return failure

    with monkeypatch.context() as patch:
        patch.setattr(bubblewrap.shutil, "which", str)
        patch.setattr(bubblewrap.subprocess, "run", run)
        bubblewrap.complaint.cache_clear()
        with pytest.raises(bubblewrap.NotTried):
            bubblewrap.complaint()
        with pytest.raises(EnvironmentLost, match="a sandbox does not start: bwrap"):
            Sandbox(Limits())
        patch.setattr(bubblewrap.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0))
        assert bubblewrap.complaint() == ""
        patch.setattr(bubblewrap.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, "", "bwrap: No permissions"))
        bubblewrap.complaint.cache_clear()
        assert bubblewrap.complaint() == "bwrap: No permissions"
    bubblewrap.complaint.cache_clear()
