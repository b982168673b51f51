"""What the engine refuses, in a process of its own as on a rollout worker."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START = """
import sys
from raytool.config.rollout import EngineConfig
from raytool.records import UserError
from raytool.rollout.engine import Engine
try:
    Engine.start(sys.argv[1], EngineConfig(), 4096, [2], "cpu", "float32")
except UserError as error:
    sys.exit(str(error))
"""


def test_a_model_that_reads_less_than_an_episode_may_have(tiny_model):
    command = [sys.executable, "-c", START, str(tiny_model)]
    quiet = {**os.environ, "VLLM_LOGGING_LEVEL": "ERROR"}
    done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True, timeout=300)
    what = f"4096 tokens are more than the model {tiny_model} can read (max_position_embeddings=256)"
    assert done.stderr.splitlines()[-1] == f"rollout.max_tokens, or that of a suite: {what}"
    assert done.returncode == 1


WORK = """
import asyncio, json, sys
from pathlib import Path
from raytool.config import ModelConfig
from raytool.config.rollout import RolloutConfig
from raytool.records import UserError
from raytool.rollout.actor import RolloutActor, WorkerSettings
from raytool.weight_sync.shared_memory import SharedMemory
logs = Path(sys.argv[1])
for number, engine in enumerate(json.loads(sys.argv[2])):
    config = RolloutConfig(max_tokens=2048, engine=engine)
    settings = WorkerSettings(ModelConfig(), config, SharedMemory(logs), 0, "cpu", logs, config.max_tokens)
    try:
        asyncio.run(RolloutActor(settings, 0).start())
    except UserError as error:
        (logs / f"said-{number}").write_text(str(error))
"""


def test_what_keeps_an_engine_from_starting_is_told_by_its_cause(tmp_path):
    causes = {
        "^rollout.engine.options.block_sise: vLLM's AsyncEngineArgs has no such argument; did you mean 'block_size'": {
            "options": {"block_sise": 32}
        },
        "^model.path, rollout.engine: vLLM refuses .*awq": {"options": {"quantization": "awq"}},
        # A token has 23 KB of keys and values.
        r"^rollout.engine: To serve at least one request with .* model length is \d+; a larger kv_cache_gb or": {"kv_cache_gb": 0.01},
    }
    command = [sys.executable, "-c", WORK, str(tmp_path), json.dumps([*causes.values()])]
    subprocess.run(command, cwd=ROOT, timeout=300)  # whose own guard ends it
    for number, told in enumerate(causes):
        assert (tmp_path / f"said-{number}").exists(), (tmp_path / "rollout-0.log").read_text()[-3000:]
        said = (tmp_path / f"said-{number}").read_text()
        assert re.search(told, said) and "\n" not in said
