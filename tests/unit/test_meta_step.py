"""A meta step: against AdamW by hand on one parameter, and on a small model what it selects, keeps and takes back."""

import math

import pytest
import torch
from transformers import AutoModelForCausalLM

from raytool.config.training import MetaConfig, OptimizerConfig, SFTConfig
from raytool.learner.group import share_units
from raytool.learner.meta import fit_group
from raytool.learner.packing import pack
from tests.episodes import episode
from tests.unit.learners import learning

LR, BETAS = 0.1, (0.9, 0.95)


class Line:
    """A model of one parameter, which its meta-tasks want at some places: optimal within 0.2 of them, the loss half a square."""

    def __init__(self, start, *places):
        self.theta = torch.nn.Parameter(torch.tensor([start], dtype=torch.float64))
        self.places = places
        self.optimizer = torch.optim.AdamW([self.theta], lr=LR, betas=BETAS, weight_decay=0.0)
        self.looks, self.gradients = [], []

    def look(self, learn):
        self.looks.append(learn)
        distances = [float(self.theta) - place for place in self.places]
        optimal = [abs(distance) < 0.2 for distance in distances]
        left = [distance for distance, done in zip(distances, optimal, strict=True) if not done]
        self.theta.grad = torch.tensor([sum(left) / len(left)], dtype=torch.float64) if left else None
        return optimal

    def step(self):
        self.gradients.append(float(self.theta.grad))
        self.optimizer.step()

    def fit(self, **config):
        return fit_group(MetaConfig(**config), [self.theta.data], self.look, self.step)


def adamw(theta, gradient_at, steps, m=0.0, v=0.0, done=0):
    """Loshchilov & Hutter 2019, algorithm 2 without decay, from given moments after `done` steps."""
    for t in range(done + 1, done + steps + 1):
        gradient = gradient_at(theta)
        m, v = BETAS[0] * m + (1 - BETAS[0]) * gradient, BETAS[1] * v + (1 - BETAS[1]) * gradient**2
        theta -= LR * (m / (1 - BETAS[0] ** t)) / (math.sqrt(v / (1 - BETAS[1] ** t)) + 1e-8)
    return theta, m, v


def test_inner_steps_are_the_optimiser_s_and_the_outer_one_goes_a_share_of_the_way():
    reached, m, v = adamw(1.0, lambda theta: theta, 3)
    for epsilon in (1.0, 0.25):
        line = Line(1.0, 0.0)
        outcome = line.fit(epsilon=epsilon)
        assert (outcome.steps, outcome.before, outcome.after, outcome.rolled_back) == (3, [False], [False], False)
        assert line.looks == [True] * 3, "nothing hangs on what a pass after the last step would say"
        assert float(line.theta) == pytest.approx(1 + epsilon * (reached - 1), abs=1e-12)
        state = line.optimizer.state[line.theta]
        assert (float(state["exp_avg"]), float(state["exp_avg_sq"])) == pytest.approx((m, v))
    then, _, _ = adamw(float(line.theta), lambda theta: theta, 1, m, v, done=3)
    line.fit(max_inner_steps=1)
    assert float(line.theta) == pytest.approx(then, abs=1e-12), "moments go on from where the inner steps left them"


def test_what_does_not_become_optimal_is_taken_back_and_moments_stay():
    line = Line(1.0, 0.0)
    outcome = line.fit(commit="on_optimal", max_inner_steps=2)
    assert (outcome.steps, outcome.after, outcome.rolled_back) == (2, [False], True)
    assert float(line.theta) == 1.0 and line.looks == [True, True, False]
    assert float(line.optimizer.state[line.theta]["step"]) == 2


@pytest.mark.parametrize("epsilon", [1.0, 0.5])
def test_steps_end_where_all_is_optimal_and_that_is_kept(epsilon):
    line = Line(0.35, 0.0)
    reached, _, _ = adamw(0.35, lambda theta: theta, 2)
    assert 0.1 < reached < 0.2
    outcome = line.fit(commit="on_optimal", epsilon=epsilon)
    assert (outcome.steps, outcome.before, outcome.after, outcome.rolled_back) == (2, [False], [True], False)
    assert float(line.theta) == pytest.approx(0.35 + epsilon * (reached - 0.35), abs=1e-12)


def test_the_last_step_is_verified_where_something_hangs_on_it():
    line = Line(0.35, 0.0)
    outcome = line.fit(commit="on_optimal", max_inner_steps=2)
    assert line.looks == [True, True, False] and outcome.after == [True] and not outcome.rolled_back


def test_only_what_is_not_optimal_is_learnt():
    line = Line(0.0, 0.1, 1.0, 3.0)
    outcome = line.fit(max_inner_steps=1)
    assert outcome.before == [True, False, False]
    assert line.gradients == [pytest.approx(-2.0)]


def test_where_all_is_optimal_nothing_is_done():
    line = Line(0.05, 0.0, 0.1)
    outcome = line.fit(commit="on_optimal", epsilon=0.5)
    assert (outcome.steps, outcome.before, outcome.after, outcome.rolled_back) == (0, [True, True], [True, True], False)
    assert float(line.theta) == 0.05 and not line.optimizer.state


# ---- on a model

TASKS = [
    [episode([5, 6, 7, n, 8, 9], ([20, 21, 2], [])) for n in (40, 41, 42)],
    [episode([5, 6, 7, n, 10, 11], ([30, 31, 32, 2], [])) for n in (43, 44)],
]
KINDS = [{}, {"lora": {"rank": 4, "alpha": 8}}]


def config(lr=1e-3, **meta):
    return SFTConfig(meta=MetaConfig(**meta), tokens=10**6, optimizer=OptimizerConfig(lr=lr, warmup=0.0, min_lr_ratio=1.0))


def masks(units):
    return [[e.loss_mask for e in unit] for unit in units]


def weights(learner):
    return [parameter.clone() for parameter in learner.parameters()]


def meet_units(learner, units):
    return learner.meta_step(units, masks(units), 0)


def fitted(learner, unit):
    """Train until a meta-task is optimal."""
    learner.begin_sft(config(lr=1e-2, max_inner_steps=40), 10**6)
    assert meet_units(learner, [unit])["optimal_after"] == 1


def test_greedy_targets_are_those_that_a_plain_model_would_write(tiny_model, tmp_path):
    with learning(tiny_model, tmp_path) as learner:
        fitted(learner, TASKS[0])
        shown = [episode([5, 6, 7, 40, 8, 9], ([20, 21, 50, 2], [])), *TASKS[1]]
        (microbatch,) = pack([[e] for e in shown], 999)
        with torch.no_grad():
            greedy = learner.policy(microbatch).greedy[torch.from_numpy(microbatch.index).argsort()].tolist()
        learner.save_model(tmp_path)
    plain = AutoModelForCausalLM.from_pretrained(tmp_path / "model", dtype=torch.bfloat16)
    expected = []
    for e in shown:
        best = plain(torch.tensor([e.tokens])).logits[0].argmax(-1)
        expected += [int(best[i - 1]) == e.tokens[i] for i in range(len(e.tokens)) if e.loss_mask[i]]
    assert greedy == expected and greedy[:3] == [True, True, False] and len(set(greedy)) == 2


@pytest.mark.parametrize("knobs", KINDS)
@pytest.mark.parametrize("microbatch_tokens", [16, 64])
def test_one_inner_step_on_one_query_is_an_sft_step(tiny_model, tmp_path, knobs, microbatch_tokens):
    """The tasks share a prefix in the one, and stand alone in the other."""
    found = []
    for way in ("plain", "meta"):
        with learning(tiny_model, tmp_path / way, **{**knobs, "microbatch_tokens": microbatch_tokens}) as learner:
            learner.begin_sft(config(lr=1e-4, max_inner_steps=1), 10**6)
            start, unit = weights(learner), TASKS[0]
            figures = learner.sft_step(unit, *masks([unit]), 0) if way == "plain" else meet_units(learner, [unit])
            found.append((figures, torch.cat([(a - b).flatten() for a, b in zip(weights(learner), start, strict=True)])))
    (plain, moved), (meta, also_moved) = found
    for name in ("loss", "grad_norm", "lr", "loss_weight", "weight_mean", "masked_share"):
        assert meta[name] == pytest.approx(plain[name], rel=2e-2), name  # bf16 compute
    assert (meta["inner_steps"], meta["rolled_back"], meta["tokens_verifying"]) == (1, 0, 0) and meta["tokens"] < plain["tokens"]
    assert moved.norm() > 0 and (moved - also_moved).norm() < 0.3 * moved.norm()  # where a gradient is noise, Adam goes either way


@pytest.mark.parametrize("microbatch_tokens", [8, 64])
def test_a_query_that_is_optimal_has_no_part_in_the_gradient(tiny_model, tmp_path, microbatch_tokens):
    with learning(tiny_model, tmp_path, microbatch_tokens=microbatch_tokens) as learner:
        fitted(learner, TASKS[0])
        start, found = weights(learner), []
        for units in (TASKS, TASKS[::-1], TASKS[1:]):
            for parameter, value in zip(learner.parameters(), start, strict=True):
                parameter.copy_(value)
            learner.begin_sft(config(max_inner_steps=1), 10**6)
            found.append(meet_units(learner, units))
        both, turned, alone = found
        assert both["optimal_before"] == turned["optimal_before"] == 0.5 and alone["optimal_before"] == 0
        assert both["grad_norm"] == pytest.approx(alone["grad_norm"], rel=1e-2)  # bf16 compute
        assert turned["grad_norm"] == pytest.approx(alone["grad_norm"], rel=1e-2)
        assert both["loss"] < 0.8 * alone["loss"], "the loss that is told is of all"


@pytest.mark.parametrize("knobs", KINDS)
def test_a_group_commits_together_or_is_taken_back(tiny_model, tmp_path, knobs):
    with learning(tiny_model, tmp_path, **knobs) as learner:
        held = learner.begin_sft(config(lr=1e-9, commit="on_optimal", queries_per_update=2), 10**6)
        start = weights(learner)
        figures = meet_units(learner, TASKS)
        assert (figures["inner_steps"], figures["rolled_back"], figures["queries"]) == (3, 2, 2)
        assert figures["tokens_verifying"] == figures["tokens"] / 4
        assert all(torch.equal(a, b) for a, b in zip(weights(learner), start, strict=True))
        assert held["snapshot_gb"] == held["gradients_gb"] > 0
        learner.begin_sft(config(lr=1e-2, commit="on_optimal", max_inner_steps=60), 10**6)
        figures = meet_units(learner, TASKS)
        assert (figures["optimal_after"], figures["rolled_back"]) == (1, 0) and figures["inner_steps"] < 60
        reached = weights(learner)
        again = meet_units(learner, TASKS)
        assert (again["inner_steps"], again["optimal_before"], again["tokens_verifying"]) == (0, 1, again["tokens"])
        assert all(torch.equal(a, b) for a, b in zip(weights(learner), reached, strict=True))
        assert "snapshot_gb" not in learner.begin_sft(config(), 10**6)


@pytest.mark.parametrize("knobs", KINDS)
def test_the_outer_step_goes_a_share_of_the_way(tiny_model, tmp_path, knobs):
    ends = []
    for epsilon in (1.0, 0.25):
        with learning(tiny_model, tmp_path / str(epsilon), **knobs) as learner:
            learner.begin_sft(config(epsilon=epsilon), 10**6)
            start = weights(learner)
            meet_units(learner, TASKS[:1])
            ends.append(weights(learner))
    for theta, whole, part in zip(start, *ends, strict=True):
        torch.testing.assert_close(part, theta + 0.25 * (whole - theta), atol=1e-7, rtol=1e-5)


@pytest.mark.parametrize("knobs", KINDS)
def test_meta_steps_resume_bit_for_bit(tiny_model, tmp_path, knobs):
    made = config(commit="on_optimal", epsilon=0.5, max_inner_steps=2)
    with learning(tiny_model, tmp_path, **knobs) as learner:
        learner.begin_sft(made, 10**6)
        meet_units(learner, TASKS[:1])
        learner.save(tmp_path)
        first, reached = meet_units(learner, TASKS), weights(learner)
    with learning(tiny_model, tmp_path, trained=tmp_path / "model", **knobs) as learner:
        learner.begin_sft(made, 10**6)
        learner.load(tmp_path)
        second = meet_units(learner, TASKS)
        assert all(torch.equal(a, b) for a, b in zip(weights(learner), reached, strict=True))
    assert {name for name in first if first[name] != second[name]} == {"seconds"}


def test_meta_tasks_are_shared_whole_or_where_one_is_alone_by_its_tasks():
    for ranks in (1, 2, 3):
        alone = share_units(TASKS[:1], ranks)
        assert [len(mine) for mine in alone] == [1] * ranks
        assert sorted(map(id, (e for mine in alone for e in mine[0]))) == sorted(map(id, TASKS[0]))
        several = share_units(TASKS, ranks)
        assert all(len(mine) == 2 and all(not unit or unit in TASKS for unit in mine) for mine in several)
        assert sum(bool(unit) for mine in several for unit in mine) == 2
