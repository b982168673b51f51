"""`python -m raytool.evaluate fetch SUITE`: the public files of a suite, at a fixed commit of their repository.

Git does the work, and is the check: what a commit holds is named by hashes that git verifies.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from raytool import pretrained
from raytool.evaluation.suite import SuiteError

_LIMIT_S = 1800.0


@dataclass(frozen=True, slots=True)
class Repository:
    """Folders or files of a repository at a commit, and what they are called in the suite's folder."""

    url: str
    commit: str
    paths: Mapping[str, str]


PUBLISHED: dict[str, Sequence[Repository]] = {
    "rotbench": (
        Repository(
            "https://github.com/Junjie-Ye/RoTBench",
            "c14d44aafe4fad15698a03877cf5e333d36ca5b6",
            {"Data/First_Turn": "First_Turn", "Data/Third_Turn": "Third_Turn"},
        ),
    ),
    "toolalpaca": (
        Repository(
            "https://github.com/tangqiaoyu/ToolAlpaca",
            "ab41a7d3401870a2e71a77d5a08a6a6e7787e9f8",
            {"data/eval_real.json": "eval_real.json", "data/eval_simulated.json": "eval_simulated.json"},
        ),
    ),
    "apibench": [
        Repository(
            "https://github.com/ShishirPatil/gorilla",
            "40ba189cd8c2a1c1d47712a49020ed76cf49b6c2",
            {
                f"data/apibench/{name}_{part}.json": f"{name}_{part}.json"
                for name in ("torchhub", "tensorflow", "huggingface")
                for part in ("train", "eval")
            },
        )
    ],
    "retention": [
        Repository(
            "https://github.com/openai/grade-school-math",
            "3101c7d5072418e28b9008a6636bde82a006892c",
            {"grade_school_math/data/test.jsonl": "gsm8k_test.jsonl"},
        ),
        Repository(
            "https://github.com/openai/human-eval",
            "463c980b59e818ace59f6f9803cd92c749ceae61",
            {"data/HumanEval.jsonl.gz": "HumanEval.jsonl.gz"},
        ),
        # MMLU itself is published as an archive; this repository has its files unchanged.
        Repository(
            "https://github.com/chujiezheng/LLM-MCQ-Bias",
            "da14c481a8c37b9e98a89195cc0cb31c20da042b",
            {"code/data_mmlu/test": "mmlu/test"},
        ),
    ],
    "tooleyes": [
        Repository(
            "https://github.com/Junjie-Ye/ToolEyes",
            "c818fcebe017951570a25e552a7984e40093fd52",
            {"Test_Data": "Test_Data", "Tool_Library": "Tool_Library"},
        )
    ],
}


def folder(suite: str) -> Path:
    """Where a suite's files are once they were fetched."""
    return pretrained.cache() / "benchmarks" / suite


def fetch(suite: str) -> Path:
    """Get a suite's files; the folder is there only once it is whole.

    Raises:
        SuiteError: there is no place for them, or git is missing or could not get them; the message has git's last line.
    """
    target = folder(suite)
    if target.exists():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SuiteError(f"fetch {suite}: {target.parent}: {error.strerror}") from None
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{suite}-") as draft:
        whole = Path(draft) / "whole"
        for number, repository in enumerate(PUBLISHED[suite]):
            clone = Path(draft) / f"clone-{number}"
            clone.mkdir()
            _git(suite, clone, "init", "--quiet")
            _git(suite, clone, "fetch", "--quiet", "--depth", "1", "--filter", "blob:none", repository.url, repository.commit)
            _git(suite, clone, "remote", "add", "origin", repository.url)  # where the blobs of the paths below come from
            _git(suite, clone, "checkout", "--quiet", "FETCH_HEAD", "--", *repository.paths)
            for path, name in repository.paths.items():
                (whole / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.move(clone / path, whole / name)
        whole.rename(target)
    return target


def _git(suite: str, clone: Path, *arguments: str) -> None:
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(["git", *arguments], cwd=clone, env=environment, capture_output=True, text=True, timeout=_LIMIT_S)
    except FileNotFoundError:
        raise SuiteError(f"fetch {suite}: git is not installed") from None
    except subprocess.TimeoutExpired:
        raise SuiteError(f"fetch {suite}: waited {_LIMIT_S:g} s for git {arguments[0]}") from None
    if done.returncode:
        raise SuiteError(f"fetch {suite}: git {arguments[0]}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
