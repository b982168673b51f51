"""The rules of the structure, read off the imports: layers import downward, stages do not know each other."""

import ast
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
STAGES = ("rollout", "scoring", "replay", "learner")

# Which outside libraries a module may import; what is not named here may import none of the heavy ones.
HEAVY = {"ray", "torch", "transformers", "peft", "vllm", "pyarrow", "gymnasium", "duckdb", "safetensors", "openai", "matplotlib", "sklearn"}
ALLOWED = {
    "raytool.env": {"gymnasium"},
    "raytool.plugins": {"gymnasium"},
    "raytool.rollout.tool_host": {"gymnasium"},
    "raytool.rollout.engine": {"vllm"},
    "raytool.rollout.teacher": {"openai"},
    "raytool.tasks.source": {"pyarrow"},
    "raytool.tasks.transcripts": {"pyarrow"},
    "raytool.tasks.inspection": {"matplotlib"},
    "raytool.tasks.nearness": {"sklearn"},
    "raytool.ablation.curves": {"matplotlib"},
    "raytool.report.curves": {"matplotlib"},
    "raytool.replay.schema": {"pyarrow"},
    "raytool.replay.store": {"pyarrow"},
    "raytool.replay.sql": {"pyarrow", "duckdb"},
    "raytool.precision": {"torch"},
    "raytool.pretrained": {"torch", "transformers"},
    "raytool.tasks.writing": {"torch"},
    "raytool.learner.losses": {"torch"},
    "raytool.learner.sharded": {"torch"},
    "raytool.learner.penalty": {"torch"},
    "raytool.learner.parts": {"torch"},
    "raytool.learner.attention": {"torch"},
    "raytool.learner.lora": {"torch", "peft", "safetensors"},
    "raytool.learner.loading": {"torch", "transformers"},
    "raytool.learner.model": {"torch", "peft"},
    "raytool.learner.critic": {"torch"},
    "raytool.learner.memory": {"torch"},
    "raytool.learner.checkpoint": {"torch", "transformers"},
    "raytool.learner.rank": {"torch"},
    "raytool.learner.meta": {"torch"},
    "raytool.learner.sft": {"torch"},
    "raytool.learner.ppo": {"torch"},
    "raytool.learner.worker": {"torch", "ray"},
    "raytool.weight_sync.base": {"torch"},
    "raytool.weight_sync.shared_memory": {"torch", "safetensors"},
    "raytool.weight_sync.object_store": {"torch", "safetensors", "ray"},
    "raytool.actors": {"ray"},
    "raytool.placement": {"ray"},
    "raytool.rollout.fleet": {"ray"},
    "raytool.scoring.pool": {"ray"},
    "raytool.learner.group": {"ray", "torch", "safetensors"},
    "raytool.launch": {"ray"},
    "raytool.machine": {"ray"},
    "raytool.playing": {"ray"},
}


def sources(folder):
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in sorted((ROOT / folder).rglob("*.py"))}


def imports(path, lazy=True):
    """Full names of the imported modules; `lazy` includes those inside functions."""
    tree = ast.parse(path.read_text())
    found = set()
    for node in ast.walk(tree) if lazy else tree.body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


LIBRARY = sources("raytool")


@pytest.mark.parametrize("module", LIBRARY)
def test_a_module_imports_only_its_libraries(module):
    heavy = {name.split(".")[0] for name in imports(LIBRARY[module])} & HEAVY
    assert heavy <= ALLOWED.get(module, set())


def test_the_list_of_libraries_is_not_longer_than_it_needs_to_be():
    for module, allowed in ALLOWED.items():
        assert allowed <= {name.split(".")[0] for name in imports(LIBRARY[module])}, module


@pytest.mark.parametrize("module", LIBRARY)
def test_the_library_reaches_plug_ins_only_by_string(module):
    assert not {name for name in imports(LIBRARY[module]) if name.split(".")[0] in ("envs", "rewards", "tests")}


@pytest.mark.parametrize("stage", STAGES)
def test_stages_do_not_import_each_other(stage):
    others = tuple(f"raytool.{other}." for other in (*STAGES, "tasks") if other != stage)  # tasks are made with the stages, not by them
    for module, path in sources(f"raytool/{stage}").items():
        assert not {name for name in imports(path) if f"{name}.".startswith(others)}, module


@pytest.mark.parametrize("module", [*sources("envs"), *sources("rewards")])
def test_plug_ins_import_only_what_their_authors_are_promised(module):
    path = {**sources("envs"), **sources("rewards")}[module]
    own = {name for name in imports(path) if name.startswith("raytool.")}
    assert all(name.startswith(("raytool.records", "raytool.env", "raytool.bubblewrap", "raytool.seccomp")) for name in own)
    assert not {name.split(".")[0] for name in imports(path)} & (HEAVY - {"gymnasium"})


def test_nothing_below_the_pipeline_imports_it():
    above = {"raytool.pipeline", "raytool.launch", "raytool.playing"}
    above |= {
        "raytool.train",
        "raytool.benchmark",
        "raytool.analysis",
        "raytool.evaluate",
        "raytool.tasks.demonstrate",
        "raytool.tasks.__main__",
    }
    for module, path in LIBRARY.items():
        if module not in above:
            assert not imports(path) & above, module


@pytest.mark.parametrize("module", sources("raytool/methods"))
def test_methods_are_pure(module):
    """They see records and, where weights stand on characters of a call, dialects."""
    own = {name for name in imports(LIBRARY[module]) if name.split(".")[0] == "raytool"}
    assert all(f"{name}.".startswith(("raytool.records.", "raytool.dialects.", "raytool.methods.")) for name in own)


@pytest.mark.parametrize("program", ["raytool.train", "raytool.ablation"])
def test_help_answers_at_once(program):
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", program, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    took = time.perf_counter() - began
    assert done.returncode == 0
    assert "--config" in done.stdout
    assert took < 1.0 or took < 3 * _bare_start(), f"{took:.2f} s"


def _bare_start():
    """What an interpreter with pydantic and yaml takes here and now: the machine may be slow."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import argparse, pydantic, yaml"], check=True, timeout=60)
    return time.perf_counter() - began


def test_there_is_no_utils_drawer():
    assert not [path for path in LIBRARY.values() if path.stem in ("utils", "util", "helpers", "common", "misc")]


def test_no_file_is_too_long_to_read():
    assert not {module: n for module, path in LIBRARY.items() if (n := len(path.read_text().splitlines())) > 450}
