"""An experiment's file: what its rows come to, what is told of a mistake in it, and when a stored result is stale."""

import re
import resource
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from envs.suite import COUNTS
from raytool import config as configuration
from raytool.ablation.__main__ import main
from raytool.ablation.experiment import ExperimentConfig, resolve
from raytool.ablation.outcome import Counted, Outcome
from raytool.ablation.standing import Standing, to_run
from raytool.ablation.tables import tables
from raytool.config import Config
from raytool.evaluation.intervals import difference
from raytool.evaluation.scorecard import Result
from raytool.records import UserError
from raytool.sections import parse

ROOT = Path(__file__).resolve().parents[2]
CONTENT = {
    "seeds": [0, 1],
    "rows": {
        "none": {},
        "long": {"sft.epochs": 2},
        "ppo": {"from": "none", "stages": ["ppo", "evaluate"]},
        "both": {"from": "long", "stages": ["ppo", "evaluate"], "ppo": {"updates": 3, "critic.lr": 0.5}},
    },
    "figures": [{"name": "few", "suite": "few", "measures": ["CF"]}],
    "base": {
        "stages": ["sft", "evaluate"],
        "tasks": {"train": [{"name": "x", "source": "x.jsonl"}]},
        "evaluate": {"suites": [{"suite": "tests.evaluation.few:Few"}]},
    },
}


def resolved(*overrides, content=CONTENT):
    copied = yaml.safe_load(yaml.safe_dump(content, sort_keys=False))
    return resolve(parse(ExperimentConfig, copied, "e.yaml", overrides), "e.yaml", "e")


def trials(*overrides, content=CONTENT):
    return {trial.name: trial for trial in resolved(*overrides, content=content).trials}


def test_rows_are_the_base_with_their_changes_and_every_seed():
    found = trials()
    assert list(found) == ["none-0", "long-0", "ppo-0", "both-0", "none-1", "long-1", "ppo-1", "both-1"]
    assert [t.config.sft.epochs for t in found.values()] == [1, 2, 1, 1] * 2
    assert [t.config.seed for t in found.values()] == [0] * 4 + [1] * 4
    assert (resolved().name, resolved("name=other").name) == ("e", "other")
    assert (found["both-0"].config.ppo.updates, found["both-0"].config.ppo.critic.lr) == (3, 0.5)
    assert found["both-1"].config.ppo.critic.steps == 10, "what a row does not change stays"


def test_a_row_that_starts_from_another_has_its_stages_before_its_own():
    found = trials()
    assert found["both-1"].start is found["long-1"]
    assert found["both-1"].chain == "long: sft evaluate > ppo evaluate" and found["both-1"].judged == "ppo"
    assert trials("rows.none.stages=[sft, evaluate, ppo, evaluate]")["none-0"].judged == "ppo"
    assert trials("rows.long={stages: [evaluate]}", "rows.both={}")["long-0"].judged == "base"


def test_a_start_is_run_before_what_starts_from_it_whatever_the_file_s_order():
    order = {
        "late": {"from": "middle", "stages": ["ppo", "evaluate"]},
        "middle": {"from": "none", "stages": ["ppo", "evaluate"]},
        "none": {},
    }
    assert list(trials("seeds=[5]", content={**CONTENT, "rows": order})) == ["none-5", "middle-5", "late-5"]


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["rows.ppo.from=nobody"], "e.yaml: rows.ppo.from: there is no row 'nobody'; there are none, long, ppo, both"),
        (["against=[nobody]"], "e.yaml: against: there is no row 'nobody'; there are none, long, ppo, both"),
        (["seeded=[evaluate.suites]"], "e.yaml: seeded: evaluate.suites: all trials are judged alike; leave it out"),
        (
            ["seeded=[sft.epochs]", "seeds=[1]"],
            "e.yaml: rows.long: sft.epochs: is set for every trial, since `seeded` names it; leave it out",
        ),
        (["rows.ppo.from=[none]"], "e.yaml: rows.ppo.from: there is no row ['none']"),
        (["rows.none.from=ppo"], "e.yaml: rows.none.from: leads back to itself: none from ppo from none"),
        (["rows.long.from=long"], "e.yaml: rows.long.from: leads back to itself: long from long"),
        (["rows.none.stages=[evaluate]"], "e.yaml: rows.ppo.from: 'none' trains nothing that could be started from"),
        (["rows.long.sft=3"], "e.yaml: rows.long: sft: 3 given"),
        (["rows.long={sft.epoch: 2}"], "e.yaml: rows.long: sft.epoch: unknown key; did you mean 'epochs'?"),
        (["rows.long={tasks.train.3.noise: 1}"], "e.yaml: rows.long: 'tasks.train' is a list of 1; give a number from 0, not '3'"),
        (["rows.both={stages: [sft]}"], "e.yaml: rows.both: stages: ['sft']; 'evaluate' is expected last"),
        (
            ["base.evaluate.suites=[{suite: 'tests.evaluation.few:Few'}, {suite: 'tests.evaluation.few:Few', limit: 1}]"],
            "evaluate.suites: 'tests.evaluation.few:Few' and 'tests.evaluation.few:Few' are both called 'few'; give one of them a label",
        ),
        (["base.evaluate.every=5", "base.evaluate.inside=[fewer]"], "evaluate.inside: no suite is called 'fewer'; there is few"),
        (["base.evaluate.inside=[few]"], "e.yaml: base: evaluate: inside: has no effect without every or in_sft; leave it out"),
        (
            ["rows.ppo={}", "rows.both={}", "base.evaluate.every=5"],
            "e.yaml: base.evaluate.every: has no effect, no row has the stage 'ppo'; leave it out",
        ),
        (
            ["rows.long.checkpoint.every=2"],
            "e.yaml: rows.long: checkpoint.every: has no effect without the stage 'ppo'; leave it out",
        ),
        (
            ["rows.long={evaluate: {suites: []}}"],
            "e.yaml: rows.long: evaluate.suites: all rows are judged alike; change base.",
        ),
        (["rows.long={seed: 3}"], "e.yaml: rows.long: seed: is set for every trial"),
        (["base.seed=3"], "e.yaml: base.seed: is set for every trial; leave it out"),
        (["base.sft.epochs=no"], "e.yaml: base: sft.epochs: False given"),
        (["rows.a/b={}"], "e.yaml: rows.a/b: 'a/b' is to be a file's name"),
        (["rows.long=3"], "override 'rows.long=3': rows.long: 3 given; input should be a valid dictionary"),
        (["seeds=[1, 1]"], "e.yaml: seeds: [1, 1] has one of them twice"),
        (["seeds=[]"], "override 'seeds=[]': seeds: "),
        (["figures.0.suite=bfcl"], "e.yaml: figures.0: there is no suite bfcl in base; there is suite few"),
        (["figures.0.measures=[CF+DE]"], "e.yaml: figures.0: suite few has no 'DE'; it has CF"),
        (["figures.0.source=x"], "e.yaml: figures.0: suite: either a suite or a source is expected"),
        (["base.evaluate.suites=[{suite: fewer}]"], "suite 'fewer': "),
        (["limit=3"], "override 'limit=3': limit: unknown key; did you mean 'limit_s'?"),
    ],
)
def test_a_mistake_is_told_in_a_line(overrides, said):
    with pytest.raises(UserError) as raised:
        resolved(*overrides)
    assert said in str(raised.value) and "\n" not in str(raised.value)


def test_what_decides_a_result_is_in_its_identity():
    def hashes(*overrides):
        return {name: trial.hash for name, trial in trials(*overrides).items()}

    before = hashes()
    assert len(set(before.values())) == len(before)
    for same in (
        "limit_s=9",
        "base.rollout.engine.start_limit_s=9",
        "base.runs=elsewhere",
        "base.logging.tensorboard=false",
        "base.checkpoint.keep=1",
        "base.rollout.workers=2",
        "base.rollout.engine.kv_cache_gb=1",
        "base.learner.microbatch_tokens=512",
        "base.checkpoint.every=2",
        "base.checkpoint.in_sft=3",
        "base.evaluate={suites: [{suite: 'tests.evaluation.few:Few'}], in_sft: 1, every: 2, inside: []}",
    ):
        assert hashes(same) == before, same
    assert hashes("base.evaluate.suites.0.limit=3") != before, "another evaluation gives other figures"
    tuned = hashes("base.ppo.clip=0.1", "base.tasks.train.0.share=3")
    assert [name for name in before if tuned[name] == before[name]] == ["none-0", "long-0", "none-1", "long-1"], "without PPO"
    after = hashes("rows.long.sft={batch_size: 4}")
    assert {name for name in before if before[name] != after[name]} == {"long-0", "both-0", "long-1", "both-1"}, "a start counts"


def test_how_a_start_is_judged_makes_nothing_of_it_stale():
    few, more = (trials("rows.long.stages=[sft]", f"base.evaluate.suites.0.limit={limit}") for limit in (3, 4))
    assert few["long-0"].hash == more["long-0"].hash and few["both-0"].hash != more["both-0"].hash
    both = trials()["both-0"]
    assert not [key for key in both.identity if key.startswith("from.evaluate.")]
    assert both.differences({**both.identity, "from.evaluate.suites.0.limit": 3}) == [], "as results of earlier versions have it"


def test_a_row_is_asked_and_saved_inside_those_stages_that_it_has():
    inside = ["base.evaluate.inside=[few]", "base.evaluate.in_sft=3", "base.evaluate.every=2", "base.checkpoint.every=7"]
    experiment = resolved(*inside, "rows.asked={from: none, stages: [evaluate]}", "rows.long.stages=[sft]", "rows.both={from: long}")
    asked = {trial.row: experiment.asked(trial) for trial in experiment.trials}
    assert {row: (of.in_sft, of.every, of.inside) for row, of in asked.items()} == {
        **dict.fromkeys(("none", "both"), (3, None, ("few",))),
        "ppo": (0, 2, ("few",)),
        **dict.fromkeys(("asked", "long"), (0, None, None)),
    }
    assert {trial.row: trial.config.checkpoint.every for trial in experiment.trials if trial.evaluated} == {
        **dict.fromkeys(("none", "both", "asked"), 5),
        "ppo": 7,
    }
    for trial in experiment.trials:  # as the training reads it
        made = trial.config.model_copy(update={"evaluate": asked[trial.row]})
        assert parse(Config, yaml.safe_load(configuration.dump(made)), "r.yaml") == made


def test_what_was_asked_inside_a_training_makes_nothing_stale():
    """In earlier results `every` counts tenths of an SFT."""
    trial = trials("base.evaluate.in_sft=1")["none-0"]
    assert trial.differences({**trial.identity, "evaluate.every": 5, "evaluate.inside": ["few"]}) == []


def test_differences_are_named_by_knob():
    stored = trials()["both-0"].identity
    changed = trials("base.ppo.clip=0.1", "rows.long={sft.epochs: 3}")["both-0"]
    assert trials()["both-0"].differences(stored) == []
    assert changed.differences(stored) == ["from.sft.epochs", "ppo.clip"]
    assert changed.differences({**stored, "from.learner.microbatch_tokens": 1}) == ["from.sft.epochs", "ppo.clip"], "one that counted once"


def test_a_knob_that_came_since_makes_nothing_stale_where_it_has_its_default():
    trial = trials("base.ppo.gamma=0.9")["ppo-0"]
    without = {key: value for key, value in trial.identity.items() if key not in ("ppo.lam", "from.tasks.train.0.noise")}
    assert trial.differences(without) == []
    assert trial.differences({key: value for key, value in without.items() if key != "ppo.gamma"}) == ["ppo.gamma"]
    assert trial.differences({**without, "ppo.knob_that_went": 1}) == ["ppo.knob_that_went"]


def test_where_the_files_of_a_suite_are_is_no_part_of_its_identity(tmp_path):
    suites = "base.evaluate.suites=[{suite: 'tests.evaluation.few:Few'}, {suite: toolalpaca%s}]"
    there, absent = trials(suites % f", data: {tmp_path}")["none-0"], trials(suites % "")["none-0"]
    assert there.hash == absent.hash and str(tmp_path) not in str(there.identity)


def test_a_suite_without_its_files_is_left_out(tmp_path):
    experiment = resolved(f"base.evaluate.suites=[{{suite: 'tests.evaluation.few:Few'}}, {{suite: rotbench, data: {tmp_path / 'no'}}}]")
    assert list(experiment.absent) == ["rotbench"] and str(tmp_path / "no") in experiment.absent["rotbench"]
    assert [part.suite for part in experiment.asked(experiment.trials[0]).suites] == ["tests.evaluation.few:Few"]


def test_a_suite_may_be_asked_twice_under_two_labels():
    suites = "base.evaluate.suites=[{suite: 'tests.evaluation.few:Few'}, {suite: 'tests.evaluation.few:Few', label: few of them, limit: 1}]"
    experiment = resolved(suites, "figures=[{name: a, suite: few, measures: [CF]}, {name: b, suite: few of them, measures: [CF]}]")
    assert [(label, part.limit) for label, part in experiment.suites.items()] == [("few", None), ("few of them", 1)]


def test_what_others_start_from_need_not_be_judged():
    found = trials("rows.long={stages: [sft]}")
    assert not found["long-0"].evaluated and found["both-0"].evaluated and found["both-0"].start is found["long-0"]


def test_the_help_names_every_row_of_the_experiments():
    done = subprocess.run([sys.executable, "-m", "raytool.ablation", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    said = done.stdout.replace(",", " ").split()
    for name in ("ablation", "mta", "gentool"):
        assert f"configs/{name}.yaml" in said
        assert set(yaml.safe_load((ROOT / "configs" / f"{name}.yaml").read_text())["rows"]) <= set(said)
    assert {f"configs/{name}.yaml" for name in ("gentool_parts", "gentool_domains")} <= set(said)


def test_a_sum_of_measures_counts_their_hits_by_sample():
    measures = [{"DE": (1.0, 4.0), "CE": (2.0, 4.0)}, {"DE": (0.0, 0.0), "CE": (0.0, 0.0)}, {"VA": (1.0, 1.0)}]
    counted = Counted.of([Result(str(n), {"kind": "multi" if n else "single"}, "", m) for n, m in enumerate(measures)])
    assert counted.measured("DE+CE", {}) == {"0": (3.0, 4.0), "1": (0.0, 0.0)}
    assert counted.measured("VA", {"kind": "multi"}) == {"2": (1.0, 1.0)}
    with pytest.raises(UserError, match="no sample has kind 'several'; there is multi, single"):
        counted.measured("VA", {"kind": "several"})
    odd = Counted.of([Result("x", {}, "", {"DE": (1.0, 4.0), "CE": (2.0, 5.0)})])
    with pytest.raises(UserError, match="different denominators"):
        odd.measured("DE+CE", {})


def standing(trial, rows, state="done", asked=""):
    """Of a trial in which the samples of `rows`, by id, have hits of totals."""
    results = [Result(id, {}, "", {"CF": ratio}, asked=asked) for id, ratio in rows.items()]
    stages = {"sft": {"seconds": 90.0, "tokens": 500.0}, "evaluate_sft": {"seconds": 9.0, "tokens": 9.0}}
    nothing = {"config": {}, "start_weights": None, "weights": None, "commit": None, "machine": {}, "absent": [], "sources": {}}
    suites = {"few": Counted.of(results)} if rows else {}
    outcome = Outcome(trial.row, trial.seed, trial.hash, stages=stages, suites=suites, dtype="float32", **nothing)
    return Standing(trial, state, "", outcome)


def rows_of(table):
    return {name: dict(zip(table.columns, cells, strict=True)) for name, cells in table.rows.items()}


def test_figures_are_means_over_seeds_and_differences_are_paired_by_sample():
    experiment = resolved()
    of = {trial.name: Standing(trial, "left") for trial in experiment.trials}
    given = {
        "none-0": {"a": (1.0, 2.0), "b": (0.0, 1.0), "alone": (1.0, 1.0)},
        "none-1": {"a": (0.0, 1.0), "b": (0.0, 1.0)},
        "long-0": {"a": (2.0, 2.0), "b": (1.0, 2.0)},
        "long-1": {"a": (1.0, 1.0), "b": (1.0, 1.0), "other": (0.0, 1.0)},
    }
    of |= {name: standing(of[name].trial, rows) for name, rows in given.items()}
    overview, few = (rows_of(table) for table in tables(experiment, of))
    assert overview["none"]["few CF"] == "25.0 (0.0-50.0)" and overview["long"]["few CF"] == "70.8 (66.7-75.0)"
    assert overview["none"]["minutes trained"] == "1.5" and overview["none"]["tokens trained"] == "500"
    change = difference([(1, 3), (0, 2)], [(3, 3), (2, 3)])  # a and b, each with both seeds
    assert few["long"]["CF to none"] == f"{change.value:+.1f} ({change.low:+.1f} to {change.high:+.1f})"
    assert change.value == pytest.approx(100 * (5 / 6 - 1 / 5)) and list(few) == ["none", "long"]

    of["long-0"] = standing(of["long-0"].trial, given["long-0"], "stale")
    few = rows_of(tables(experiment, of)[1])
    alone = difference([(0, 1), (0, 1)], [(1, 1), (1, 1)])
    assert few["long"]["CF to none"].startswith(f"{alone.value:+.1f} ("), "a stale result is compared with nothing"
    assert rows_of(tables(experiment, of)[0])["long"]["seeds"] == "2 of 2, float32, stale: 0"


def test_samples_of_other_files_are_not_paired_by_their_ids():
    experiment = resolved("seeds=[0]")
    of = {trial.name: Standing(trial, "left") for trial in experiment.trials}
    for asked, change in (("", "+100.0"), ("2d", "+100.0"), ("3e", "")):
        of |= {
            name: standing(of[name].trial, {"a": (hits, 1.0)}, asked=given)
            for name, hits, given in (("none-0", 0, "2d"), ("long-0", 1, asked))
        }
        assert rows_of(tables(experiment, of)[1])["long"]["CF to none"].split(" ")[0] == change


def test_differences_are_shown_to_the_rows_that_the_file_names():
    experiment = resolved("against=[none, long]", "seeds=[0]")
    of = {trial.name: standing(trial, {"a": (float(number), 4.0)}) for number, trial in enumerate(experiment.trials)}
    few = rows_of(tables(experiment, of)[1])
    assert list(few["ppo"]) == ["CF", "CF to none", "CF to long"]
    assert [few[row]["CF to long"].split(" ")[0] for row in few] == ["-25.0", "", "+25.0", "+50.0"]
    assert few["none"]["CF to none"] == "" and few["both"]["CF to none"].startswith("+75.0 (")


def test_a_row_that_trains_nothing_is_run_once_and_compared_with_every_seed():
    experiment = resolved("rows.none={stages: [evaluate]}", "rows.ppo={}", "rows.both={}")
    assert [trial.name for trial in experiment.trials] == ["none-0", "long-0", "ppo-0", "both-0", "long-1", "ppo-1", "both-1"]
    given = {
        "none-0": {"a": (0.0, 1.0), "b": (1.0, 1.0)},
        "long-0": {"a": (1.0, 1.0), "b": (1.0, 1.0)},
        "long-1": {"a": (1.0, 1.0), "b": (0.0, 1.0)},
    }
    of = {trial.name: standing(trial, given[trial.name]) if trial.name in given else Standing(trial, "left") for trial in experiment.trials}
    overview, few = (rows_of(table) for table in tables(experiment, of))
    assert overview["none"]["seeds"] == "1 of 1, float32" and overview["long"]["seeds"] == "2 of 2, float32"
    assert few["long"]["CF to none"].startswith("+25.0 (")
    todo, _ = to_run(experiment, {name: Standing(s.trial, "left") for name, s in of.items()}, ["none", "long"], [1], again=False)
    assert [trial.name for trial in todo] == ["none-0", "long-1"]


def test_a_trained_model_that_is_asked_in_another_way_is_another_under_each_seed():
    experiment = resolved("rows.ppo={from: long, stages: [evaluate], model.prompting: cot}", "rows.both={}")
    assert [trial.name for trial in experiment.trials if trial.row == "ppo"] == ["ppo-0", "ppo-1"]
    given = {"none-0": 0.0, "none-1": 1.0, "ppo-0": 0.0, "ppo-1": 1.0}
    of = {
        trial.name: standing(trial, {"a": (given[trial.name], 1.0)}) if trial.name in given else Standing(trial, "left")
        for trial in experiment.trials
    }
    _, few = (rows_of(table) for table in tables(experiment, of))
    assert few["ppo"]["CF to none"].startswith("+0.0 (")
    todo, _ = to_run(experiment, {name: Standing(s.trial, "left") for name, s in of.items()}, ["ppo"], [1], again=False)
    assert [trial.name for trial in todo] == ["long-1", "ppo-1"]


def test_knobs_may_follow_a_trial_s_seed():
    found = trials("seeded=[ppo.updates]", "seeds=[2, 5]", "rows.both.ppo={critic.lr: 0.5}")
    assert [(trial.config.seed, trial.config.ppo.updates) for trial in found.values()] == [(2, 2)] * 4 + [(5, 5)] * 4


def test_a_suite_that_was_not_asked_leaves_its_column_empty():
    experiment = resolved("seeds=[0]")
    of = {trial.name: standing(trial, {}) for trial in experiment.trials}
    (overview,) = tables(experiment, of)
    assert {cells["few CF"] for cells in rows_of(overview).values()} == {""}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "none,nobody"], "error: --only nobody: there is none, long, ppo, both"),
        (["--seeds", "0,7"], "error: --seeds 7: there is 0, 1"),
        (["rows"], "error: override 'rows': expected key=value"),
    ],
)
def test_the_command_refuses_what_it_does_not_know(tmp_path, capsys, arguments, said):
    (tmp_path / "e.yaml").write_text(yaml.safe_dump(CONTENT, sort_keys=False))
    assert main(["--config", str(tmp_path / "e.yaml"), *arguments]) == 2
    assert said in capsys.readouterr().err


def test_the_file_of_the_documentation_is_an_experiment():
    (source,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "ablation.md").read_text(), re.DOTALL)
    found = trials(content=yaml.safe_load(source))
    assert list(found)[:3] == ["one-0", "two-0", "two+ppo-0"]
    assert found["two+ppo-0"].chain == "two: sft evaluate > ppo evaluate" and found["two-1"].config.sft.epochs == 2


def commands_for_larger_models():
    text = (ROOT / "docs" / "ablation.md").read_text().replace("\\\n", " ")
    return [shlex.split(line)[4:] for line in text.splitlines() if line.startswith("    python -m raytool.ablation")]


@pytest.mark.parametrize("arguments", commands_for_larger_models(), ids=lambda arguments: Path(arguments[0]).stem)
def test_a_larger_model_has_rates_and_documents_of_its_own_in_every_row(arguments):
    path, *overrides = arguments
    found = resolve(parse(ExperimentConfig, yaml.safe_load((ROOT / path).read_text()), path, overrides), path, "x")
    for trial in found.trials:
        config, lora = trial.config, trial.config.learner.lora is not None
        assert config.accelerator == "cuda" and config.model.path == "Qwen/Qwen2.5-7B-Instruct"
        assert config.model.parameter_descriptions and config.model.description_limit is None
        assert config.sft.optimizer.lr <= (1e-4 if lora else 1e-5) and ("ppo" not in config.stages or config.ppo.optimizer.lr <= 2e-6)
        assert config.learner.ranks <= config.sft.batch_size


def test_the_commands_for_larger_models_are_of_all_three_papers():
    assert [Path(arguments[0]).stem for arguments in commands_for_larger_models()] == ["ablation", "mta", "gentool"]


def test_the_ablation_of_the_paper_lists_its_eight_rows_at_once():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "raytool.ablation", "--config", "configs/ablation.yaml", "--list"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime  # the clock would count others' work
    assert done.returncode == 0, done.stderr
    for row in ("none", "MAE", "PKT", "IRM", "MAE+PKT", "MAE+IRM", "PKT+IRM", "all"):
        assert f" {row}-0 " in done.stdout and f" {row}-1 " in done.stdout
    assert "MAE+PKT: sft evaluate > ppo evaluate" in done.stdout
    assert took < 2.0, f"{took:.2f} s"


@pytest.mark.parametrize(
    ("name", "budget", "rows"),
    [
        ("gentool", 216_000, {"FT": "sft evaluate", "base": "evaluate", "GenTool": "stage-1: warm: sft > sft > sft evaluate"}),
        ("gentool_parts", 216_000, {"everything": "sft evaluate", "without-parameters": "sft evaluate"}),
        ("gentool_domains", 150_000, {"all": "sft evaluate", "without-iot": "sft evaluate"}),
    ],
)
def test_the_experiments_of_tool_evolution_have_equal_budgets(name, budget, rows):
    content = yaml.safe_load((ROOT / "configs" / f"{name}.yaml").read_text())
    found = {trial.row: trial for trial in resolve(parse(ExperimentConfig, content, name), name, name).trials if trial.seed == 0}
    assert {row: found[row].chain.removeprefix("warm: sft > ") for row in rows} == rows
    after_warm = {
        row: trial.config.sft.tokens + (trial.start.config.sft.tokens if trial.start.row != "warm" else 0)
        for row, trial in found.items()
        if trial.start
    }
    assert {row: after_warm[row] for row in after_warm if found[row].trains and row != "stage-1"} == {
        row: budget for row in found if row not in ("base", "stage-1", "warm")
    }
    shown = {row: [source.demonstrations for source in trial.config.tasks.train] for row, trial in found.items()}
    assert shown.pop("warm") == [0, 240, 120] and all(counts == [None, 0, 0] for counts in shown.values())
    source = content["base"]["tasks"]["train"][0]
    same = ("options", "queries", "unanswered")
    for suite in content["base"]["evaluate"]["suites"]:
        assert [suite["options"][name] for name in same] == [source["options"][name] for name in same], "what is seen is known by them"


def test_rows_without_a_domain_have_as_many_queries_as_all_and_are_asked_what_none_has_seen():
    content = yaml.safe_load((ROOT / "configs" / "gentool_domains.yaml").read_text())
    found = resolve(parse(ExperimentConfig, content, "domains"), "domains", "domains")
    options = {trial.row: trial.config.tasks.train[0].options for trial in found.trials}
    counts = {len(own["options"].get("only", COUNTS)) * own["queries"] for own in options.values()}
    assert counts == {84} and {own["unanswered"] for own in options.values()} == {0}
    assert all(figure.where["query"] == "unseen" for figure in found.config.figures)


def test_rows_of_meta_tasks_differ_from_their_baselines_in_one_thing():
    found = trials(content=yaml.safe_load((ROOT / "configs" / "mta.yaml").read_text()))
    drawn = {row: found[f"{row}-1"].config.tasks.train[0].options for row in ("FT", "FT-resampled", "MTA")}
    assert [(options["k"], options["passes"]) for options in drawn.values()] == [(1, 1), (1, 5), (2, 2)]
    own = ("k", "passes")
    assert all({**options, **dict.fromkeys(own)} == {**drawn["MTA"], **dict.fromkeys(own)} for options in drawn.values())
    assert drawn["MTA"]["seed"] == drawn["MTA"]["options"]["seed"] == 1 and found["MTA-0"].config.tasks.train[0].options["seed"] == 0
    trained = [trial.config.sft for trial in found.values() if trial.trains]
    assert {(sft.tokens, sft.batch_size) for sft in trained} == {(75_000, 8)} and len(trained) == 12
    assert all(trial.start is found[f"warm-{trial.seed}"] for trial in found.values() if trial.row != "warm")
    shown = {row: [source.demonstrations for source in found[f"{row}-0"].config.tasks.train] for row in ("warm", "FT", "MTA")}
    assert shown == {"warm": [0, 240, 120], "FT": [None, 0, 0], "MTA": [None, 0, 0]}
    meta = found["MTA-0"].config.sft.meta
    assert meta.queries_per_update * drawn["MTA"]["k"] == 8, "a step has as many demonstrations as those of the others"
    assert [row for row in drawn if found[f"{row}-0"].config.sft.meta] == ["MTA"]
    asked = [trial.config.evaluate for trial in found.values() if trial.trains]
    assert {(evaluate.in_sft, evaluate.inside) for evaluate in asked} == {(1, ("validation",))}
    assert found["ReAct-1"].config.model.dialect == "react" and found["Base-0"].judged == "base"
