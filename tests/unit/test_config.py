"""What a config refuses names the field, the value and the nearest right thing; what it accepts comes back as it was."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from raytool import config
from raytool.config import Config, SourceConfig, TasksConfig
from raytool.config.training import CriticConfig, OptimizerConfig, PPOConfig, SFTConfig
from raytool.launch import check_rankings
from raytool.records import Gold, GoldCall, UserError
from raytool.sections import ConfigError, knobs, parse
from tests.unit.builders import task, tool

# Those of trainings; an experiment's is in test_ablation.py.
ROOT = Path(__file__).resolve().parents[2]
CONFIGS = [p for p in sorted((ROOT / "configs").rglob("*.yaml")) if "raytool.ablation" not in p.read_text()]
SOURCE = {"name": "x", "source": "x.jsonl"}
LEAST = {"tasks": {"train": [SOURCE], "test": [SOURCE]}}


def load(tmp_path, *overrides, content=LEAST):
    path = tmp_path / "x.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return config.load(path, list(overrides))


def complaint(tmp_path, *overrides, content=LEAST):
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, *overrides, content=content)
    return str(raised.value).replace(str(tmp_path) + "/", "")


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_config_loads_and_begins_with_its_command(path):
    loaded = config.load(path, [])
    first = path.read_text().splitlines()[0]
    assert first.startswith("# ") and f"python -m raytool.train --config configs/{path.name}" in first
    assert parse(config.Config, yaml.safe_load(config.dump(loaded)), "dumped") == loaded


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("ppo.update=3", "ppo.update: unknown key; did you mean 'updates'?"),
        ("pppo.updates=3", "pppo: unknown key; did you mean 'ppo'?"),
        ("ppo.critic.step=3", "ppo.critic.step: unknown key; did you mean 'steps'?"),
        ("logging.xyz=1", "logging.xyz: unknown key; known: tensorboard, wandb_project"),
        ("ppo.updates=many", "ppo.updates: 'many' given; input should be a valid integer"),
        ("ppo.updates=1.5", "ppo.updates: 1.5 given; input should be a valid integer"),
        ("ppo.updates=0", "ppo.updates: 0 given; input should be greater than 0"),
        ("ppo.lam=1.1", "ppo.lam: 1.1 given; input should be less than or equal to 1"),
        ("ppo.clip=.nan", "ppo.clip: nan given; input should be greater than 0"),
        ("sft.key_token_cap=0.5", "sft.key_token_cap: 0.5 given; input should be greater than or equal to 1"),
        ("sft.key_tokens=true", "sft.key_tokens: True given; input should be 'none', 'paper' or 'code'"),
        ("sft.mean_over=episodes", "sft.mean_over: 'episodes' given; input should be 'tokens', 'turns' or 'sum'"),
        ("runs=s3://bucket/runs", "runs: 's3:/bucket/runs' given; a path is expected, and no address: mount that store as a folder"),
        ("weight_sync.directory=gs://b", "weight_sync.directory: 'gs:/b' given; a path is expected"),
        ("ppo=3", "ppo: 3 given; a section is expected, with algorithm, updates, "),
        ("resume=perhaps", "resume: 'perhaps' given; input should be False, True or 'auto'"),
        ("stages=[evaluate, pppo]", "stages.1: 'pppo' given; input should be 'evaluate', 'sft' or 'ppo'"),
        ("model.dialect=perl", "model.dialect: 'perl' given; one of python, nexusraven,"),
        ("tasks.train=[]", "tasks.train: [] given; tuple should have at least 1 item"),
        ("ppo.updates", "expected key=value"),
        ("ppo.updates.x=3", "ppo.updates: "),
        ("name.x.y=3", "name: "),
        ("tasks.train.9.share=3", "'tasks.train' is a list of 1; give a number from 0, not '9'"),
        ("tasks.train.x=3", "'tasks.train' is a list of 1; give a number from 0, not 'x'"),
        ("ppo.updates=[1", "'[1' is not a YAML value"),
        ("=3", ": unknown key"),
    ],
)
def test_a_bad_override_says_what_is_wrong(tmp_path, override, expected):
    assert complaint(tmp_path, override).startswith(f"override '{override}': {expected}")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({}, ["x.yaml: tasks: is missing"]),
        ({"tasks": {"train": [{"name": "x"}]}}, ["x.yaml: tasks.train.0.source: is missing"]),
        (
            {"tasks": {"train": [SOURCE, {"name": "y", "sorce": "y.jsonl"}], "test": [{**SOURCE, "shares": 1}]}},
            [
                "x.yaml: tasks.train.1.sorce: unknown key; did you mean 'source'?",
                "x.yaml: tasks.test.0.shares: unknown key; did you mean 'share'?",
                "x.yaml: tasks.train.1.source: is missing",
            ],
        ),
        ("- a\n- b\n", ["x.yaml: a mapping of sections is expected, not list"]),
        ("", ["x.yaml: a mapping of sections is expected, not NoneType"]),
        ("a: [", ["x.yaml: not YAML: "]),
        ("ppo: {updates: 3}\nsft:\n  epochs: 1\n\nppo: {beta: 0.1}\n", ["x.yaml:5: ppo: occurs twice"]),
        ("sft:\n  epochs: 1\n  optimizer: {lr: 1, lr: 2}\n", ["x.yaml:3: lr: occurs twice"]),
    ],
)
def test_every_mistake_of_a_file_has_a_line(tmp_path, content, expected):
    lines = complaint(tmp_path, content=content).splitlines()
    assert len(lines) == len(expected)
    assert all(line.startswith(start) for line, start in zip(lines, expected, strict=True))


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["ppo.updates=3", "ppo.updates=5"], "override 'ppo.updates=5': ppo.updates is given twice, first as 'ppo.updates=3'"),
        (["ppo={updates: 3, updates: 5}"], "override 'ppo={updates: 3, updates: 5}':1: updates: occurs twice"),
        (["ppo.minibatches=9"], "override 'ppo.minibatches=9': ppo: minibatches: 9 is more than tasks_per_update (8)"),
        (["ppo.tasks_per_update=2", "ppo.minibatch=2"], "override 'ppo.minibatch=2': ppo.minibatch: unknown key"),
        (
            ["rollout.max_tokens=256"],
            "override 'rollout.max_tokens=256': rollout.max_tokens: 256 for an episode is less than rollout.turn_tokens, 512",
        ),
    ],
)
def test_a_mistake_is_told_where_it_stands(tmp_path, overrides, expected):
    assert complaint(tmp_path, *overrides).startswith(expected)
    content = {**LEAST, "ppo": {"minibatches": 9}}
    assert complaint(tmp_path, "ppo.updates=3", content=content).startswith("x.yaml: ppo: minibatches: 9 is more than")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml: No such file"):
        config.load(tmp_path / "none.yaml", [])


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        (["accelerator=cpu", "rollout.engine.gpu_memory_utilization=0.5"], "rollout.engine.gpu_memory_utilization"),
        (["accelerator=cuda", "rollout.engine.kv_cache_gb=2"], "rollout.engine.kv_cache_gb"),
        (["accelerator=cpu", "rollout.engine.tensor_parallel=2"], "rollout.engine.tensor_parallel"),
        (["tasks.test=[]"], "tasks.test"),
        (["model.parameters=false", "model.parameter_descriptions=false"], "parameter_descriptions"),
        (["stages=[ppo, ppo]"], "stages"),
        (["ppo.updates=2", "ppo.critic.warmup_updates=2"], "critic.warmup_updates"),
        (["ppo.tasks_per_update=2", "ppo.minibatches=3"], "minibatches"),
        (["ppo.algorithm=grpo", "ppo.critic={lr: 1.0e-3}"], "critic"),
        (["ppo.algorithm=rloo", "ppo.lam=0.95"], "lam"),
        (["ppo.algorithm=grpo", "ppo.normalise=group"], "normalise"),
        (["ppo.algorithm=rloo", "ppo.samples_per_task=1"], "samples_per_task"),
        (["ppo.kl_stop=0.1"], "kl_stop"),
        (["ppo.clip_high=0.28"], "clip_high"),
        (["ppo.kl_gain=0.1"], "kl_gain"),
        (["ppo.kl_target=0.1", "ppo.beta=0"], "kl_target"),
        (["tasks.train=[{name: a, source: b:c, noise: 0.17, demonstrations: 0}]"], "noise"),
        (["sft.key_token_cap=4"], "key_token_cap"),
        (["tasks.test=[{name: a, source: b:c, noise: 0.17}]"], "noise"),
        (["tasks.test=[{name: a, source: b:c, phase: 1}]"], "phase"),
        (["tasks.train=[{name: a, source: b:c, phase: 1, demonstrations: 0}]"], "phase"),
        (["tasks.train=[{name: a, source: b:c, share: 0}]"], "tasks.train"),
        (["tasks.train=[{name: a, source: b:c}, {name: d, source: b:c, phase: 1}]", "sft.tokens=1000"], "sft.tokens"),
        (["sft.tokens=1000", "sft.epochs=2"], "epochs"),
        (["sft.epochs=null"], "epochs"),
        (["sft.meta={commit: on_optimal}"], "meta.commit"),
        (["stages=[sft, evaluate]", "evaluate.every=3"], "evaluate.every"),
        (["stages=[sft, evaluate]", "checkpoint.every=3"], "checkpoint.every"),
        (["stages=[ppo, evaluate]", "evaluate.in_sft=3"], "evaluate.in_sft"),
        (["stages=[ppo, evaluate]", "checkpoint.in_sft=3"], "checkpoint.in_sft"),
        (["stages=[ppo, evaluate]", "checkpoint.in_sft_s=null"], "checkpoint.in_sft_s"),
        (["evaluate.inside=[]"], "inside"),
        (["tasks.train=[{name: a, source: b:c, noise: 0.17, trajectories: d}]"], "noise"),
        (["tasks.train=[{name: a, source: b:c, demonstrations: 0, trajectories: d}]"], "demonstrations"),
        (["tasks.test=[{name: a, source: b:c, trajectories: d}]"], "trajectories"),
        (["tasks.test=[{name: a, source: b:c, demonstrations: 40}]"], "demonstrations"),
        (["tasks.test=[{name: a, source: b:c, share: 0.5}]"], "share"),
    ],
)
def test_a_knob_without_effect_is_refused(tmp_path, overrides, field):
    assert re.search(rf"\b{re.escape(field)}: ", complaint(tmp_path, *overrides))


def test_sources_have_names_of_their_own(tmp_path):
    said = complaint(tmp_path, "tasks.train=[{name: a, source: b:c}, {name: a, source: d:e}]")
    assert said.endswith(": tasks: train: there are two sources 'a', which tables could not tell apart")


def test_overrides_are_yaml_and_reach_where_the_file_says_nothing(tmp_path):
    loaded = load(
        tmp_path,
        "ppo.optimizer={lr: 1e-3}",
        "rollout.engine.kv_cache_gb=2",
        "stages=[sft]",
        "name=null",
        "ppo.beta=0",
        "tasks.train.0.share=3",
    )
    assert loaded.ppo.optimizer == OptimizerConfig(lr=0.001)
    assert (loaded.tasks.train[0].share, loaded.tasks.test[0].share) == (3, 1), "one and the same in the file, by an alias"
    assert (loaded.rollout.engine.kv_cache_gb, loaded.stages, loaded.name, loaded.ppo.beta) == (2.0, ("sft",), None, 0.0)


def test_defaults_depend_on_the_algorithm(tmp_path):
    made = load(tmp_path).ppo
    assert (made.lam, made.critic, made.kl_gain) == (0.95, CriticConfig(), None)
    assert load(tmp_path, "ppo.critic.steps=3", "ppo.kl_target=0.1").ppo == made.model_copy(
        update={"critic": CriticConfig(steps=3), "kl_target": 0.1, "kl_gain": 0.1}
    )
    assert load(tmp_path, "ppo.critic=null", "ppo.lam=null").ppo == made
    made = load(tmp_path, "ppo.algorithm=rloo").ppo
    assert (made.lam, made.critic) == (None, None)


@pytest.mark.parametrize(("stage", "defaults"), [("sft", SFTConfig()), ("ppo", PPOConfig())])
def test_one_knob_of_an_optimizer_leaves_the_others_as_they_are(tmp_path, stage, defaults):
    made = getattr(load(tmp_path, f"{stage}.optimizer.warmup=0.5"), stage)
    assert made.optimizer == defaults.optimizer.model_copy(update={"warmup": 0.5})


@pytest.mark.parametrize(("page", "section"), [("hardware", "Memory"), ("failures", "Limits, and what is lost")])
def test_what_the_document_lets_a_resume_change_may_be_changed(page, section):
    text = (ROOT / f"docs/{page}.md").read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    knobs = re.findall(r"^\| `([a-z_.]+)`", text, re.MULTILINE)
    assert len(knobs) > 4
    assert [knob for knob in knobs if config.decides(knob)] == []


def test_every_knob_is_listed_with_its_default_and_what_it_is_for(tmp_path):
    listed = {name: (default, told) for name, default, told in knobs(Config)}
    assert [name for name, (_, told) in listed.items() if not told] == []
    assert listed["sft.optimizer.min_lr_ratio"][0] == "0.1" != listed["ppo.optimizer.min_lr_ratio"][0] == "0.0"
    absent = tuple(f"{name}." for name, (default, _) in listed.items() if default == "null")
    given = [
        f"{name}={default}"
        for name, (default, _) in listed.items()
        if default and not name.startswith(("tasks.", "evaluate.suites.", *absent))
    ]
    assert len(given) > 80
    assert load(tmp_path, *given) == load(tmp_path)


positive = st.floats(1e-12, 1e12)
short = st.text(max_size=5)
sources = st.builds(SourceConfig, name=short, source=short, options=st.dictionaries(short, st.none() | positive))
optimizers = st.builds(OptimizerConfig, lr=positive, clip_norm=positive)
configs = st.builds(
    Config,
    name=st.none() | short,
    runs=st.just(Path("/tmp/runs")) | st.just(Path("runs/x")),
    seed=st.integers(0, 2**63),
    stages=st.permutations(["evaluate", "sft", "ppo"]).map(tuple),
    tasks=st.builds(
        TasksConfig,
        train=st.lists(sources, min_size=1, max_size=2, unique_by=lambda source: source.name),
        test=st.just((SourceConfig(**SOURCE),)),
    ),
    ppo=st.builds(
        PPOConfig,
        algorithm=st.sampled_from(["ppo", "grpo", "rloo"]),
        updates=st.integers(2, 99),
        clip=positive,
        optimizer=optimizers,
        kl_target=st.none() | positive,
    ),
)


@settings(deadline=None, max_examples=100)
@given(configs)
def test_what_is_dumped_is_loaded(made):
    assert parse(config.Config, yaml.safe_load(config.dump(made)), "dumped") == made
    assert config.forbidden_changes(made, made) == []


@pytest.mark.parametrize(
    ("overrides", "forbidden"),
    [
        (["resume=true", "runs=elsewhere", "rollout.workers=2", "rollout.tool_host.call_limit_s=3", "checkpoint.every=9"], []),
        (["checkpoint.in_sft=2", "checkpoint.in_sft_s=60", "evaluate.in_sft=3", "evaluate.inside=[]"], []),
        (["reward.workers=2", "logging.tensorboard=false", "learner.step_limit_s=9"], []),
        (["rollout.engine.start_limit_s=9", "rollout.engine.load_limit_s=9"], []),
        (["learner.microbatch_tokens=512", "learner.activation_checkpointing=true", "rollout.engine.kv_cache_gb=1"], []),
        (["seed=1", "ppo.clip=0.1"], ["ppo.clip", "seed"]),
        (["reward.options={outcome: 2}"], ["reward.options", "reward.options.outcome"]),
        (["stages=[sft]"], ["stages"]),
        (["tasks.train=[{name: x, source: y.jsonl}]"], ["tasks.train.0.source"]),
    ],
)
def test_forbidden_changes(tmp_path, overrides, forbidden):
    assert config.forbidden_changes(load(tmp_path), load(tmp_path, *overrides)) == forbidden


def test_a_ranking_alone_needs_a_prompt_that_asks_for_it_and_is_not_for_ppo(tmp_path):
    alone = task(tool("f"), gold=[Gold((), ranking=("f",))])
    ranks = load(tmp_path, "stages=[sft]", "model.prompting=rank")
    check_rankings(ranks, [[alone]])
    with pytest.raises(UserError, match=r"model.prompting: 'base' writes no ranking, which is all of task 't'; give rank"):
        check_rankings(load(tmp_path, "stages=[sft]"), [[alone]])
    with pytest.raises(UserError, match=r"tasks.train.0.share: 1: task 't' makes no call to reward; 0 is expected"):
        check_rankings(load(tmp_path, "stages=[ppo]", "ppo.updates=2"), [[alone]])
    check_rankings(load(tmp_path, "stages=[ppo]", "ppo.updates=2"), [[task(tool("f"), gold=[Gold((GoldCall("f"),), ranking=("f",))])]])
