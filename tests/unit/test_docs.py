"""What the documentation shows works as it stands there."""

import json
import re
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from raytool.config import CriticConfig, PPOConfig

ENVIRONMENTS = (Path(__file__).parents[2] / "docs" / "environments.md").read_text()


@pytest.fixture
def lamps(monkeypatch):
    """The environment that docs/environments.md writes, as the module that it is to be saved as."""
    module = types.ModuleType("lamps")
    monkeypatch.setitem(sys.modules, "lamps", module)
    (source, *_) = re.findall(r"```python\n(.*?)```", ENVIRONMENTS, re.DOTALL)
    exec(source, module.__dict__)
    return module.Lamps


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_environment_of_the_documentation_keeps_the_contract(lamps):
    check_env(lamps())


@pytest.mark.parametrize("seed", range(4))
def test_its_gold_reaches_the_goal(lamps, seed):
    env = lamps()
    env.reset(options={"task": env.sample_task(np.random.default_rng(seed))})
    calls = [{"name": gold.name, "arguments": gold.arguments} for gold in env.task.gold[0].calls]
    *_, ended, _, info = env.step(json.dumps({"calls": calls}))
    assert ended and info["goal_reached"] and set(info["feedback"]) == {"ok"}


def test_every_knob_of_ppo_is_in_the_table():
    table = (Path(__file__).parents[2] / "docs" / "training.md").read_text()
    known = [*PPOConfig.model_fields, *(f"critic.{name}" for name in CriticConfig.model_fields)]
    assert not [name for name in known if name != "critic" and f"`{name}`" not in table]


def test_what_it_says_of_files_is_there():
    root = Path(__file__).parents[2]
    for link in re.findall(r"\]\(\.\./([^)#]+)\)", ENVIRONMENTS):
        assert (root / link).exists(), link
