"""`ray job submit --working-dir .` against `ray start --head`: the same program on a cluster of one node."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from raytool import metrics
from tests.integration.conftest import ROOT

BIN = Path(sys.executable).parent


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture
def cluster(tmp_path):
    """A head with its dashboard, and the environment in which it is reached; ended by process id."""
    token = tmp_path / "token"
    environment = {k: v for k, v in os.environ.items() if k != "RAY_ADDRESS"}
    environment |= {"HOME": str(tmp_path), "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token), "RAYTOOL_CACHE": cache()}
    environment["PATH"] = f"{BIN}{os.pathsep}{environment['PATH']}"
    token.write_text("a" * 64)
    port, dashboard = free_port(), free_port()
    ports = [
        f"--port={port}",
        f"--dashboard-port={dashboard}",
        f"--dashboard-agent-listen-port={free_port()}",
        f"--ray-client-server-port={free_port()}",
    ]
    command = [str(BIN / "ray"), "start", "--head", "--block", "--num-cpus=2", "--include-dashboard=true", *ports]
    with (tmp_path / "head.log").open("w") as log:
        head = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=subprocess.STDOUT)
    yield environment | {"RAY_API_SERVER_ADDRESS": f"http://127.0.0.1:{dashboard}"}, dashboard
    started = psutil.Process(head.pid).children(recursive=True)
    head.send_signal(signal.SIGTERM)
    for process in psutil.wait_procs([psutil.Process(head.pid), *started], timeout=20)[1]:
        process.kill()


def cache():
    from raytool import pretrained

    return str(Path(pretrained.resolve(pretrained.EMBEDDED)).parent)


def test_a_submitted_job_trains(cluster, small_config, tmp_path):
    environment, dashboard = cluster
    deadline = time.monotonic() + 60
    while socket.socket().connect_ex(("127.0.0.1", dashboard)):
        assert time.monotonic() < deadline, (tmp_path / "head.log").read_text()
        time.sleep(0.5)
    train = ["python", "-m", "raytool.train", "--config", str(small_config), "stages=[ppo]", "rollout.turn_tokens=16"]
    command = [str(BIN / "ray"), "job", "submit", "--working-dir", ".", "--", *train]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stdout + done.stderr
    run = tmp_path / "raytool" / "runs" / "small-1"
    assert str(run) in done.stdout
    (line,) = [line for line in metrics.read(run / "metrics.jsonl") if line["stage"] == "ppo"]
    assert line["episodes"] == 8
