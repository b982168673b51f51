"""The suite as a whole: its counts, its files, and that its queries are as different as those of different people."""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from envs import suite
from raytool import tasks
from raytool.config import SourceConfig
from raytool.records import Task
from raytool.tasks.__main__ import main

FIVE_PERCENT = 0.05


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("suite")
    began = time.process_time()
    assert main(["scenarios", "--seed", "0", "--out", str(folder)]) == 0
    assert time.process_time() - began < 120  # of this process, so that what else the machine does is not counted
    return folder


@pytest.fixture(scope="module")
def every(written: Path) -> dict[str, list[Task]]:
    return {name: tasks.load(SourceConfig(name=name, source=str(written / f"{name}.jsonl"))) for name in suite.COUNTS}


def test_table_1_is_kept(every: dict[str, list[Task]]) -> None:
    assert {name: len(found) for name, found in every.items()} == {name: count.tasks for name, count in suite.COUNTS.items()}
    assert sum(map(len, every.values())) == 9377
    assert sum(len(suite.scenario(name).env.tools) for name in suite.COUNTS) == 155
    names = Counter(tool for name in suite.COUNTS for tool in suite.scenario(name).env.tools)
    weak = Counter(weak.spec.name for name in suite.COUNTS for weak in suite.scenario(name).env.weak_tools.values())
    assert not [name for name, count in (names + weak).items() if count > 1], "a tool's name says which tool it is"


def test_no_two_tasks_ask_the_same(every: dict[str, list[Task]]) -> None:
    found = [task for group in every.values() for task in group]
    assert len({task.id for task in found}) == len({" ".join(task.query.split()) for task in found}) == len(found)


def test_training_sees_nothing_of_the_test(every: dict[str, list[Task]]) -> None:
    found = [task for group in every.values() for task in group]
    tasks.check(*([task for task in found if task.tags["split"] == split] for split in ("train", "test")))


def test_few_queries_of_a_tool_are_nearly_the_same(every: dict[str, list[Task]]) -> None:
    """Jaccard similarity over word 3-grams of 0.8 or more, within the queries of one tool."""
    for name, group in every.items():
        by_tool = defaultdict(list)
        for task in group:
            if task.tags["kind"] == "single":
                by_tool[task.gold[0].calls[0].name].append(_three_grams(task.query))
        near = total = 0
        for queries in by_tool.values():
            twins = {
                j for i, j in combinations(range(len(queries)), 2) if len(queries[i] & queries[j]) >= 0.8 * len(queries[i] | queries[j])
            }
            near, total = near + len(twins), total + len(queries)
        assert near <= FIVE_PERCENT * total, name


def _three_grams(query: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", query.casefold())
    return set(zip(words, words[1:], words[2:], strict=False)) or {tuple(words)}


def test_every_tool_is_somebodys_gold(every: dict[str, list[Task]]) -> None:
    for name, group in every.items():
        called = Counter(call.name for task in group for call in task.gold[0].calls)
        assert min(called[tool] for tool in suite.scenario(name).env.tools) >= 20, name


def test_the_same_seed_writes_the_same_bytes(written: Path, tmp_path: Path) -> None:
    assert main(["scenarios", "--seed", "0", "--out", str(tmp_path), "--suite", f"{__name__}:two_scenarios"]) == 0
    for name in ("office", "iot"):
        digests = [hashlib.sha256((folder / f"{name}.jsonl").read_bytes()).hexdigest() for folder in (written, tmp_path)]
        assert digests[0] == digests[1]


def two_scenarios(seed: int) -> dict[str, object]:
    return {name: group for name, group in suite.scenarios(seed).items() if name in ("office", "iot")}


def test_an_unknown_scenario_is_named() -> None:
    with pytest.raises(ValueError, match="no scenario 'kitchen'"):
        suite.tasks("train", only=("office", "kitchen"))
