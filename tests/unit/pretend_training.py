"""A stand-in for `python -m raytool.train` that leaves a run folder as it does, at once and without a model.

What it "learns" is a digest of its knobs and of the weights that it started from; of four samples as many are right as it had
epochs, and one more after PPO, and one less under seed 1. Files in the working directory tell it what to do: `calls` gets a line for
each start; the first status in `crash` is what it ends with, after a stage; where there is `hang`, it waits there.
"""

import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path

import yaml

IDS, SIZES = ("add-1-2", "add-2-3", "add-10-11", "add-20-21"), ("small", "small", "large", "large")


def main(_, file, resume):
    config = yaml.safe_load(Path(file).read_text())
    folder = Path(config["runs"], config["name"])
    state = {"stage": 0, "attempt": 0, "checkpoint": None, "trained": None, "figures": {}, "finished": False}
    if resume == "resume=true":
        state = json.loads((folder / "run_state.json").read_text())
    else:
        folder.mkdir(parents=True)
    with open("calls", "a") as calls:
        calls.write(f"{config['name']} {resume} pid={os.getpid()}\n")
    for index in range(state["stage"], len(config["stages"])):
        kind = config["stages"][index]
        if kind == "evaluate":
            evaluate(config, folder)
        else:
            state["trained"] = train(config, folder, kind)
            state["figures"][kind] = {"seconds": 60.0, "tokens": 1000.0}
        state["stage"] = index + 1
        (folder / "run_state.json").write_text(json.dumps(state))
        if Path("hang").exists():
            time.sleep(60)
        if Path("crash").exists() and (statuses := Path("crash").read_text().split()):
            Path("crash").write_text(" ".join(statuses[1:]))
            if statuses[0] == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            return int(statuses[0])
    (folder / "run_state.json").write_text(json.dumps({**state, "finished": True}))
    return 0


def train(config, folder, kind):
    before = Path(config["model"]["path"], "model.safetensors")
    learnt = hashlib.sha256(f"{config['sft']} {config['seed']}".encode() + (before.read_bytes() if before.exists() else b""))
    model = folder / "checkpoints" / f"{kind}-000001" / "model"
    model.mkdir(parents=True)
    (model / "model.safetensors").write_bytes(learnt.digest())
    return f"{kind}-000001"


def evaluate(config, folder):
    trained = [stage for stage in config["stages"] if stage != "evaluate"]
    right = config["sft"]["epochs"] + ("ppo" in trained) - config["seed"]
    results = [
        {"id": id, "groups": {"size": size}, "verdict": "", "measures": {"CF": [float(n < right), 1.0]}, "output": ["secret"]}
        for n, (id, size) in enumerate(zip(IDS, SIZES, strict=True))
    ]
    card = {
        "suite": "few",
        "measures": ["CF"],
        "results": results,
        "summary": {},
        "verdicts": {},
        "about": {"dtype": "float32"},
        "notes": [],
        "unreadable": [],
    }
    (folder / "eval").mkdir(exist_ok=True)
    (folder / "eval" / f"{trained[-1] if trained else 'base'}.few.json").write_text(json.dumps(card))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
