"""A run's evaluation on stand-ins for its pools: one line of figures, with what was lost meanwhile and in no update."""

import asyncio
from collections import Counter

import pytest

from raytool.config import Config, LoggingConfig
from raytool.console import Console
from raytool.evaluating import Evaluation
from raytool.evaluation.opening import open_suite
from raytool.metrics import Metrics, read
from raytool.records import Feedback, GoldCall, ToolCall
from raytool.rollout.pool import PlayedAll
from rewards.tl_training import TLTraining
from tests.documented import undocumented
from tests.unit.builders import episode, sequence, task, tool

SUITE = {"suite": "tests.evaluation.few:Few"}
TASKS = [task(tool("f", "a"), gold=[sequence(GoldCall("f", {"a": 1}))], id=f"t{n}", tags={"source": "mine"}) for n in range(5)]


class Rollout:
    """Loses the suite, and of the test tasks the last two."""

    dialect, dtype = "python", "float32"

    def __init__(self):
        self.counts = Counter({"dropped_episodes": 3, "lost_workers": 1})

    async def play_all(self, tasks, advance, limits=None, skip_overlong=False):
        played = [] if limits else tasks[:-2]
        self.counts["dropped_episodes"] += len(tasks) - len(played)
        return PlayedAll([episode([(ToolCall("f", {"a": 1}), Feedback.OK)], of) for of in played], [of.id for of in tasks[len(played) :]])


class Reward:
    """Has no reward of the first episode."""

    def __init__(self):
        self.counts = Counter()

    async def score(self, episodes):
        self.counts["unscored_episodes"] += 1
        return [played.judged(TLTraining()(played)) for played in episodes[1:]]


@pytest.mark.parametrize("inside", [True, False])
def test_an_evaluation_has_one_line_and_counts_what_it_lost_itself(tmp_path, capsys, inside):
    content = {"tasks": {"train": [{"name": "x", "source": "x.jsonl"}]}, "evaluate": {"every": 2, "inside": [], "suites": [SUITE]}}
    config, rollout, reward = Config.model_validate(content), Rollout(), Reward()
    metrics = Metrics(tmp_path, LoggingConfig(tensorboard=False), 0, Console())
    suites = [open_suite(part, 0) for part in config.evaluate.suites]
    evaluation = Evaluation(config, TASKS, suites, rollout, reward, metrics, Console(), tmp_path)
    assert asyncio.run(evaluation.ask("ppo", 4, "ppo-000004", inside)) == 2
    metrics.close()
    (line,) = read(tmp_path / "metrics.jsonl")
    assert len((tmp_path / "metrics.jsonl").read_text().splitlines()) == 1
    assert (line["stage"], line["step"], line["mine/samples"], line["mine/cf"]) == ("evaluate_ppo", 4, 2, 100)
    assert (line["count/dropped_episodes"], line["count/unscored_episodes"]) == (2 if inside else 6, 1)
    assert "count/lost_workers" not in line and not undocumented(name for name in line if name.startswith("count/"))
    assert (+rollout.counts, +reward.counts) == ({"dropped_episodes": 3, "lost_workers": 1}, {}), "an update's"
