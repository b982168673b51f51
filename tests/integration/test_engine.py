"""What the engine refuses before it holds a model, in a process of its own as on a rollout worker."""

import os
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
    said = done.stderr.splitlines()[-1]
    assert said == f"rollout.max_tokens: 4096 is more than the model {tiny_model} can read (max_position_embeddings=256)"
    assert done.returncode == 1
