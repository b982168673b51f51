"""Runs of the real program: real Ray, real vLLM, the embedded model, on few tasks."""

import json
import os
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import psutil
import pytest
import yaml

from raytool import tasks
from raytool.evaluation import bfcl

ROOT = Path(__file__).resolve().parents[2]
# Ray's actors give way to every other program: to the other tests, which run beside these and would take a core to themselves.
os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112


@pytest.fixture(scope="session")
def small_config(tmp_path_factory):
    """The quickstart with a handful of tasks."""
    path = tmp_path_factory.mktemp("config") / "small.yaml"
    config = yaml.safe_load((ROOT / "configs/quickstart.yaml").read_text())
    _, single, office = config["tasks"]["train"]
    config["tasks"]["train"] = [single, office]
    single["demonstrations"], office["demonstrations"] = 12, 4
    office["noise"] = 0.5
    office["options"]["count"] = 20
    single["share"] = office["share"] = 1
    held_out, office_test = config["tasks"]["test"]
    tasks.write(islice(bfcl.tasks(["exec_multiple"], split="test"), 10), path.with_name("held_out.jsonl"))
    held_out["source"], held_out["options"] = str(path.with_name("held_out.jsonl")), {}
    office_test["options"]["count"] = 4
    config["sft"] = {**config["sft"], "epochs": 1, "batch_size": 8, "mask_errors": True, "key_tokens": "paper", "mean_over": "turns"}
    config["ppo"] = {**config["ppo"], "updates": 1, "tasks_per_update": 2, "samples_per_task": 4, "minibatches": 2}
    config["ppo"]["normalise"] = "none"  # samples of a model that knows nothing may all get the same reward, and teach nothing if compared
    config["rollout"]["turn_tokens"] = 48
    config["evaluate"] = {"suites": [{"suite": "tests.evaluation.few:Few"}]}
    path.write_text(yaml.safe_dump(config))
    return path


class Program:
    """`python -m` with a module as a process, and what it leaves."""

    def __init__(self, *arguments):
        command = [sys.executable, "-m", *map(str, arguments)]
        environment = {key: value for key, value in os.environ.items() if key != "RAY_ADDRESS"}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.descendants = {}

    def watch(self):
        """Remember which processes came of it, by id and start time."""
        try:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                self.descendants[child.pid] = child, child.name()
        except psutil.NoSuchProcess:
            pass

    def wait(self, limit_s=1200):
        """The output of the finished program."""
        deadline = time.monotonic() + limit_s
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it took more than {limit_s} s"
            self.watch()
            time.sleep(0.5)
        return self.process.stdout.read()

    def wait_for(self, condition, limit_s=900):
        deadline = time.monotonic() + limit_s
        while not condition():
            assert self.process.poll() is None, self.process.stdout.read()
            assert time.monotonic() < deadline, f"waited {limit_s} s for {condition.__name__}"
            self.watch()
            time.sleep(0.1)

    def orphans(self, limit_s=30):
        """Descendants that outlive it by more than `limit_s`; Ray's own agents look for their raylet now and then, and go later."""
        _, alive = psutil.wait_procs([p for p, name in self.descendants.values() if not name.endswith("Agent")], timeout=limit_s)
        return [str(p) for p in alive if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


class Training(Program):
    """`python -m raytool.train`."""

    def __init__(self, config, runs, *overrides):
        super().__init__("raytool.train", "--config", config, f"runs={runs}", *overrides)


@pytest.fixture
def started():
    """Programs to be killed at the end of the test with whatever is left of them, by process id."""
    programs = []
    yield programs
    for program in programs:
        if program.process.poll() is None:
            program.watch()
            program.process.kill()
        for process, _ in program.descendants.values():
            if process.is_running():
                process.kill()


@pytest.fixture
def train(small_config, started):
    def start(runs, *overrides):
        started.append(Training(small_config, runs, *overrides))
        return started[-1]

    return start


def metric_lines(run):
    path = run / "metrics.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
