"""One learner rank in this process: what its steps compute, that they repeat bit for bit, and that they learn."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.distributed as dist
from safetensors.torch import load_file
from torch.distributed.checkpoint import FileSystemReader
from transformers import AutoModelForCausalLM, AutoTokenizer, GraniteConfig, GraniteForCausalLM, MixtralConfig, MixtralForCausalLM

from raytool.config import LearnerConfig
from raytool.config.training import CriticConfig, OptimizerConfig, PPOConfig, SFTConfig
from raytool.learner.checkpoint import full_weights
from raytool.learner.group import share
from raytool.learner.loading import load_policy
from raytool.learner.packing import pack
from raytool.learner.rank import schedule
from raytool.records import UserError
from tests.episodes import episode
from tests.unit.learners import learning

PPO = PPOConfig(
    updates=10,
    tasks_per_update=2,
    samples_per_task=4,
    beta=0.1,
    critic=CriticConfig(warmup_updates=0),
    optimizer=OptimizerConfig(lr=1e-2, min_lr_ratio=1.0),
)


@pytest.fixture
def learner(tiny_model, tmp_path):
    """A started learner of one rank that keeps this process's output."""
    with learning(tiny_model, tmp_path) as made:
        yield made


def sampled_groups(reward=lambda token: 1.0 if token < 32 else -1.0):
    """Two groups of four one-turn episodes; the reward of a call depends on its first token."""
    random = np.random.default_rng(0)
    return [
        [
            episode(
                [5, 6, 7 + g],
                ([(first := int(random.integers(3, 64))), 9, 2], []),
                rewards=[reward(first)],
                group=g,
                sample=s,
                logprob=-4.0,
            )
            for s in range(4)
        ]
        for g in range(2)
    ]


def test_a_model_that_packing_would_compute_wrongly_is_refused_at_the_start(tmp_path):
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2}
    GraniteForCausalLM(GraniteConfig(vocab_size=64, logits_scaling=4.0, pad_token_id=0, **sizes)).save_pretrained(tmp_path / "granite")
    with pytest.raises(UserError, match="cannot train a model of the type granite"), learning(tmp_path / "granite", tmp_path):
        pass


def test_a_gradient_that_is_not_finite_makes_no_step_and_several_in_a_row_end_the_training(learner):
    learner.begin_sft(SFTConfig(optimizer=OptimizerConfig(lr=1e-2)), 60)
    demonstration = episode([5, 6], ([20, 21, 2], []))
    before = [weight.clone() for weight in learner.parameters()]
    spoilt = [[0.0, 0.0, float("inf"), 1.0, 1.0]]
    assert not math.isfinite(learner.sft_step([demonstration], spoilt, 0)["grad_norm"])
    assert all(torch.equal(weight, old) for weight, old in zip(learner.parameters(), before, strict=True))
    assert math.isfinite(learner.sft_step([demonstration], masks([demonstration]), 1)["grad_norm"])
    assert not all(torch.equal(weight, old) for weight, old in zip(learner.parameters(), before, strict=True))
    for step in range(3):
        learner.sft_step([demonstration], spoilt, step)
    with pytest.raises(UserError, match=r"the gradient was .* in 4 batches in a row; a smaller optimizer.lr is expected"):
        learner.sft_step([demonstration], spoilt, 3)


def test_weights_are_published_under_the_names_of_published_checkpoints(tmp_path):
    """transformers fuses Mixtral's experts as it reads them, and engines know them by their own names."""
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2}
    model = MixtralForCausalLM(MixtralConfig(vocab_size=64, num_local_experts=2, pad_token_id=0, initializer_range=0.3, **sizes))
    model.save_pretrained(tmp_path / "mixtral")
    written = load_file(tmp_path / "mixtral" / "model.safetensors")
    with learning(tmp_path / "mixtral", tmp_path, dtype="float32") as learner:
        sent = load_file(f"{learner.publish(0).location}/model.safetensors")
    assert sent.keys() == written.keys() and any("block_sparse_moe.experts.1.w1" in name for name in sent)
    assert all(torch.equal(sent[name], written[name]) for name in written)


def test_sft_fits_a_demonstration(learner):
    learner.begin_sft(SFTConfig(optimizer=OptimizerConfig(lr=1e-2)), 60)
    demonstrations = [episode([5, 6], ([20, 21, 22, 2], [])), episode([5, 7], ([30, 31, 2], []))]
    losses = [learner.sft_step(demonstrations, masks(demonstrations), step)["loss"] for step in range(60)]
    assert losses[0] > 2
    assert losses[-1] < 0.05


def test_where_tokens_are_the_limit_the_rate_follows_them(learner):
    learner.begin_sft(SFTConfig(tokens=100, optimizer=OptimizerConfig(lr=1.0, warmup=0.2, min_lr_ratio=0.1)), 100)
    demonstration = episode([5, 6], ([20, 21, 2], []))
    figures = [learner.sft_step([demonstration], masks([demonstration]), done) for done in (0, 45, 95)]
    assert [f["tokens"] for f in figures] == [5, 5, 5]
    assert [f["lr"] for f in figures] == [pytest.approx(schedule(done + 4, 100, 0.2, 0.1)) for done in (0, 45, 95)]
    assert figures[0]["lr"] == pytest.approx(0.25) and figures[-1]["lr"] == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("microbatch_tokens", [16, 200])
def test_the_sft_loss_is_the_mean_over_loss_tokens_however_they_are_packed(learner, tiny_model, microbatch_tokens):
    demonstrations = [episode([5] * n, ([20 + n] * n, [1]), ([21, 2], [])) for n in range(1, 9)]
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    nll = []
    for d in demonstrations:
        logprobs = torch.log_softmax(model(torch.tensor([d.tokens])).logits[0], -1)
        nll += [-float(logprobs[i - 1, d.tokens[i]]) for i in range(len(d.tokens)) if d.loss_mask[i]]
    learner._config = LearnerConfig(microbatch_tokens=microbatch_tokens)
    learner.begin_sft(SFTConfig(), 10)
    assert learner.sft_step(demonstrations, masks(demonstrations), 0)["loss"] == pytest.approx(
        sum(nll) / len(nll), rel=2e-2
    )  # bf16 compute


def test_the_sft_loss_weighs_tokens(learner, tiny_model):
    demonstration = episode([5, 6], ([20, 21, 22], []))
    learner.begin_sft(SFTConfig(optimizer=OptimizerConfig(lr=1e-12)), 10)
    alone = [learner.sft_step([demonstration], [[0, 0, *(float(i == k) for i in range(3))]], 0)["loss"] for k in range(3)]
    weighed = learner.sft_step([demonstration], [[7, 7, 1.0, 0.0, 3.0]], 0)
    assert weighed["loss"] == pytest.approx((alone[0] + 3 * alone[2]) / 4, rel=1e-2)
    assert weighed["loss_weight"] == 4


CALLS = [episode([5, 6], ([20, 21, 22, 23, 2], [9, 9]), ([30, 31, 2], [])), episode([5, 7], ([40, 41, 2], [8]), ([43, 2], []))]
KEY_WEIGHTS = [[0, 0, 9, 1, 9, 1, 1, 0, 0, 0, 0, 0], [0, 0, 4.5, 1, 1, 0, 1, 1]]  # two key tokens, an error that is masked, one, and none


@pytest.mark.parametrize("mean_over", ["tokens", "turns", "sum"])
def test_the_sft_loss_is_the_closed_form_of_its_weights(learner, mean_over):
    """The sum of the paper, and weighted means of all tokens, and of each turn and then of turns."""
    learner.begin_sft(SFTConfig(mean_over=mean_over, optimizer=OptimizerConfig(lr=1e-12)), 10)
    losses = []
    for n, of in enumerate(CALLS):
        with torch.no_grad():
            scored = iter((-learner._policy(pack([[of]], 64)[0]).logprobs).double().tolist())
        losses.append([w * next(scored) if carries else 0.0 for w, carries in zip(KEY_WEIGHTS[n], of.loss_mask, strict=True)])
    summed = [[sum(given[t.span.start : t.span.stop]) for t in of.turns] for given, of in zip(losses, CALLS, strict=True)]
    over = [[sum(given[t.span.start : t.span.stop]) for t in of.turns] for given, of in zip(KEY_WEIGHTS, CALLS, strict=True)]
    assert over == [[21, 0], [6.5, 2]]
    wanted = {
        "tokens": (summed[0][0] + sum(summed[1])) / 29.5,
        "turns": (summed[0][0] / 21 + summed[1][0] / 6.5 + summed[1][1] / 2) / 3,
        "sum": summed[0][0] + sum(summed[1]),
    }
    figures = [learner.sft_step(CALLS, KEY_WEIGHTS, 0)]
    learner._config = LearnerConfig(microbatch_tokens=1)  # an episode to each pass
    figures.append(learner.sft_step(CALLS[::-1], KEY_WEIGHTS[::-1], 0))
    for found in figures:
        assert found["loss"] == pytest.approx(wanted[mean_over], rel=1e-4)
        assert (found["loss_weight"], found["weight_mean"], found["masked_share"]) == pytest.approx((29.5, 29.5 / 10, 3 / 13))
    assert figures[0]["grad_norm"] == pytest.approx(figures[1]["grad_norm"], rel=1e-2)  # bf16 compute


def masks(episodes):
    return [e.loss_mask for e in episodes]


def test_ppo_raises_what_was_rewarded(learner, tiny_model):
    learner.begin_ppo(PPO, str(tiny_model))
    groups = sampled_groups()

    def log_probability_of_rewarded():
        parts = learner._ppo.parts(groups)
        learner._ppo.measure_all(parts)
        episodes = [e for part in parts for group in part.groups for e in group]
        first = torch.cat([part.measured.old for part in parts]).view(len(episodes), 3)[:, 0]
        return sum(float(p) for p, e in zip(first, episodes, strict=True) if e.reward > 0)

    before = log_probability_of_rewarded()
    figures = [learner.update([groups], update) for update in range(5)]
    assert log_probability_of_rewarded() > before + 1
    assert figures[0]["kl"] == 0.0
    assert figures[-1]["kl"] != 0
    assert all(f["first_ratio_error"] < 1e-6 for f in figures)


@pytest.mark.parametrize("microbatch_tokens", [64, 16])
@pytest.mark.parametrize(
    ("algorithm", "bonus", "temperature"),
    [("ppo", 0.0, 1.0), ("ppo", 0.3, 1.0), ("ppo", 0.3, 1.3), ("rloo", 0.3, 1.0), ("rloo", 0.3, 0.5), ("grpo", 0.0, 1.0)],
)
def test_the_gradient_is_that_of_the_plain_formula(learner, tiny_model, monkeypatch, microbatch_tokens, algorithm, bonus, temperature):
    """Of a first step, where pi = pi_old: - mean(w A grad log p) - bonus grad mean H, episode by episode through the whole model.

    p is what was sampled from, temperature included.
    """
    found = {}

    def keep(step):
        found.update({name.removeprefix("model."): p.grad.full_tensor().clone() for name, p in learner._policy.named_parameters()})
        return 0.0, 0.0

    learner._config = LearnerConfig(microbatch_tokens=microbatch_tokens)
    learner._policy = load_policy(str(tiny_model), learner._mesh, learner._config, torch.float32, {})
    learner.begin_ppo(by(algorithm, entropy_bonus=bonus, beta=0.0, temperature=temperature), str(tiny_model))
    monkeypatch.setattr(learner, "optimizer_step", keep)
    groups = sampled_groups()
    learner.update([groups], 0)

    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    loss = torch.zeros(())
    for group in groups:
        rewards = np.array([e.reward for e in group])
        for e in group:
            logp = torch.log_softmax(model(torch.tensor([e.tokens])).logits[0, 2:5] / temperature, -1)
            own = logp.gather(1, torch.tensor(e.tokens[3:6])[:, None])[:, 0]
            weight = torch.exp(own.detach() + 4.0).clamp(max=2.0)
            advantage = {
                "ppo": [0.95 * e.reward, e.reward, 0.0],  # the reward stands on the second of three tokens; the critic still says 0
                "rloo": [e.reward - (rewards.sum() - e.reward) / 3] * 3,
                "grpo": [(e.reward - rewards.mean()) / (rewards.std() + 1e-6)] * 3,
            }[algorithm]
            loss -= (weight * torch.tensor(advantage) * own).sum() - bonus * (logp.exp() * logp).sum()
    (loss / 24).backward()
    plain = {name: p.grad for name, p in model.named_parameters()}
    torch.testing.assert_close({name: found[name] for name in plain}, plain, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("temperature", [1.0, 1.3])
def test_the_penalty_pulls_each_token_to_the_reference(tiny_model, tmp_path, monkeypatch, temperature):
    """The gradient by the plain formula, with -beta (log pi - log pi_ref) on each token, where the policy is no longer the reference."""
    beta, lam, found = 0.5, 0.95, {}

    def keep(step):
        found.update({name.removeprefix("model."): p.grad.full_tensor().clone() for name, p in learner._policy.named_parameters()})
        return 0.0, 0.0

    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    reference = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    with torch.no_grad():
        for parameter in reference.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(len(parameter))))
    reference.save_pretrained(tmp_path / "reference")
    AutoTokenizer.from_pretrained(tiny_model).save_pretrained(tmp_path / "reference")
    random = np.random.default_rng(0)
    answers = [[int(token) for token in random.integers(3, 64, length)] for length in (3, 5, 2, 4)]
    group = [episode([5, 6, 7], (answer, []), rewards=[1.0], sample=s, logprob=-4.0) for s, answer in enumerate(answers)]
    with learning(tiny_model, tmp_path, dtype="float32") as learner:
        learner.begin_ppo(by("ppo", beta=beta, temperature=temperature), str(tmp_path / "reference"))
        monkeypatch.setattr(learner, "optimizer_step", keep)
        kl = learner.update([[group]], 0)["kl"]

    loss, penalties = torch.zeros(()), []
    for e, answer in zip(group, answers, strict=True):
        own, other = (plain_logprobs(each, e, temperature) for each in (model, reference))
        penalties += (own - other).tolist()
        rewards = -beta * (own - other).detach()
        rewards[-2] += 1.0  # on the call's last token, which is not the answer's; the critic still says 0
        advantage = [sum(lam ** (later - t) * float(rewards[later]) for later in range(t, len(answer))) for t in range(len(answer))]
        weight = torch.exp(own.detach() + 4.0).clamp(max=2.0)
        loss -= (weight * torch.tensor(advantage) * own).sum()
    (loss / sum(map(len, answers))).backward()
    plain = {name: p.grad for name, p in model.named_parameters()}
    torch.testing.assert_close({name: found[name] for name in plain}, plain, rtol=1e-3, atol=1e-6)
    assert kl == pytest.approx(np.mean(penalties), rel=1e-4) and kl != 0


def plain_logprobs(model, of, temperature):
    """[n] of an episode's answer, after three tokens of prompt, as an engine records them that samples at a temperature."""
    logits = model(torch.tensor([of.tokens])).logits[0, 2:-1] / temperature
    return torch.log_softmax(logits, -1).gather(1, torch.tensor(of.tokens[3:])[:, None])[:, 0]


@pytest.mark.parametrize("microbatch_tokens", [64, 4])  # measured within the training pass, and before it
def test_learner_and_engine_agree_at_every_temperature(tiny_model, tmp_path, microbatch_tokens):
    model, temperature = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32), 1.3
    (group, _) = sampled_groups()
    with torch.no_grad():
        recorded = [replace(e, logprobs=(0.0, 0.0, 0.0, *plain_logprobs(model, e, temperature).tolist())) for e in group]
        scaled = torch.cat([model(torch.tensor([e.tokens])).logits[0, 2:-1] / temperature for e in group])
    with learning(tiny_model, tmp_path, dtype="float32", microbatch_tokens=microbatch_tokens) as learner:
        learner.begin_ppo(changed(PPO, temperature=temperature), str(tiny_model))
        figures = learner.update([[recorded]], 0)
    assert figures["logprob_difference"] < 1e-5 and figures["first_ratio_error"] < 1e-6 and figures["kl"] == 0
    assert figures["entropy"] == pytest.approx(float(torch.distributions.Categorical(logits=scaled).entropy().mean()), rel=1e-4)


def test_an_entropy_bonus_flattens_the_policy(learner, tiny_model):
    learner.begin_ppo(changed(PPO, beta=0.0, entropy_bonus=0.1), str(tiny_model))
    entropies = [learner.update([sampled_groups(lambda token: 0.0)], update)["entropy"] for update in range(5)]
    assert entropies == sorted(entropies) and entropies[-1] > entropies[0] + 0.1


@pytest.mark.parametrize(("most", "steps"), [(1e-9, 1), (1e9, 6)])
def test_an_update_stops_once_the_policy_has_gone_too_far(learner, tiny_model, most, steps):
    learner.begin_ppo(changed(PPO, epochs=3, minibatches=2, kl_stop=most), str(tiny_model))
    groups = sampled_groups()
    figures = learner.update([groups[:1], groups[1:]], 0)
    assert (figures["steps"], figures["stopped_early"]) == (steps, float(steps == 1))
    assert {int(state["step"]) for state in learner._optimizer.state.values()} == {steps}
    assert all(parameter.grad is None for parameter in learner._policy.parameters())
    assert 1e-9 < figures["kl_old"] < 1e9


def test_beta_rises_and_falls_with_the_kl(learner, tiny_model):
    learner.begin_ppo(changed(PPO, kl_target=1e-3, kl_gain=1.0), str(tiny_model))
    figures = [learner.update([sampled_groups(lambda token: 1.0)], update) for update in range(3)]
    assert [f["beta"] for f in figures[:2]] == pytest.approx([0.1, 0.08])  # the first KL is 0: the policy is still the reference
    assert figures[1]["kl"] > 1.2e-3
    assert figures[2]["beta"] == pytest.approx(0.08 * 1.2)


def test_beta_waits_for_the_policy_to_train(learner, tiny_model):
    learner.begin_ppo(changed(PPO, kl_target=1e-3, critic=CriticConfig(warmup_updates=1)), str(tiny_model))
    assert [learner.update([sampled_groups()], update)["beta"] for update in range(2)] == [0.1, 0.1]


@pytest.mark.parametrize("algorithm", ["grpo", "rloo"])
def test_without_a_critic_there_is_nothing_of_one(learner, tiny_model, tmp_path, algorithm):
    learner.begin_ppo(by(algorithm), str(tiny_model))
    figures = learner.update([sampled_groups()], 0)
    assert not figures.keys() & {"value_loss", "value_mean", "explained_variance"}
    learner.save(tmp_path)
    assert not [name for name in FileSystemReader(tmp_path / "learner").read_metadata().state_dict_metadata if "critic" in name]


@pytest.mark.parametrize("normalise", ["none", "group"])
def test_measuring_within_the_training_pass_changes_nothing(learner, tiny_model, tmp_path, monkeypatch, normalise):
    """A group of 15 tokens does not fit into 8, and is measured before it is trained on."""
    learner.begin_ppo(changed(PPO, normalise=normalise), str(tiny_model))
    learner.update([sampled_groups()], 0)
    learner.save(tmp_path)
    found, measured_before = [], []
    measure_all = learner._ppo.measure_all
    monkeypatch.setattr(learner._ppo, "measure_all", lambda parts: measured_before.append(True) or measure_all(parts))
    for microbatch_tokens in (64, 8):
        learner._config = LearnerConfig(microbatch_tokens=microbatch_tokens)
        learner.load(tmp_path)
        figures = learner.update([sampled_groups()], 1)
        assert bool(measured_before) == (microbatch_tokens == 8)
        found.append({name: value for name, value in figures.items() if not name.startswith(("seconds", "tokens"))})
    assert found[0] == pytest.approx(found[1], rel=2e-2, abs=1e-3)  # bf16 compute
    assert found[0]["kl"] != 0


@pytest.mark.parametrize(("mean_over", "weights"), [("tokens", [1] * 5), ("episodes", [1, 0.25, 0.25, 0.25, 0.25])])
def test_the_policy_loss_is_a_mean_over_tokens_or_episodes(learner, tiny_model, mean_over, weights):
    learner.begin_ppo(changed(PPO, mean_over=mean_over), str(tiny_model))
    assert learner._ppo.weights([[episode([5], ([9], [])), episode([5], ([9, 9], [7]), ([8, 2], []))]]).tolist() == weights


def test_critic_warm_up_leaves_the_policy_alone(learner, tiny_model):
    learner.begin_ppo(changed(PPO, critic=CriticConfig(warmup_updates=1)), str(tiny_model))
    before = [p.full_tensor().clone() for p in learner._policy.parameters()]
    figures = learner.update([sampled_groups()], 0)
    assert all(torch.equal(a, b.full_tensor()) for a, b in zip(before, learner._policy.parameters(), strict=True))
    assert figures["value_loss"] > 0
    assert float(learner._ppo.critic.module.weight.abs().sum()) > 0


def test_minibatches_and_epochs_take_their_steps(learner, tiny_model):
    learner.begin_ppo(changed(PPO, epochs=2, minibatches=2), str(tiny_model))
    groups = sampled_groups()
    for update in range(2):
        figures = learner.update([groups[:1], groups[1:]], update)
        (state,) = {int(s["step"]) for s in learner._optimizer.state.values()}
        assert state == figures["steps"] * (update + 1) == 4 * (update + 1)
        assert figures["first_ratio_error"] < 1e-6
        assert figures["kl_old"] > 1e-6, "later minibatches see another policy"


@pytest.mark.parametrize(
    ("algorithm", "changes"),
    [("ppo", {}), ("ppo", {"kl_target": 1e-3, "entropy_bonus": 0.01, "epochs": 2, "kl_stop": 0.05}), ("grpo", {"kl_target": 1e-3})],
)
def test_an_update_repeats_bit_for_bit_after_a_checkpoint(learner, tiny_model, tmp_path, algorithm, changes):
    config = by(algorithm, **changes)
    learner.begin_ppo(config, str(tiny_model))
    groups = sampled_groups()
    learner.update([groups], 0)
    (tmp_path / "checkpoint").mkdir()
    learner.save(tmp_path / "checkpoint")
    first = learner.update([groups], 1)
    learner.begin_ppo(config, str(tiny_model))
    learner.load(tmp_path / "checkpoint")
    second = learner.update([groups], 1)
    different = {name for name in first if first[name] != second[name] and not name.startswith("seconds")}
    assert different == set()
    assert (first["beta"] != config.beta) == ("kl_target" in changes)


@pytest.mark.parametrize("saved", [False, True])
def test_a_checkpoint_before_the_policy_s_first_step_changes_nothing(learner, tiny_model, tmp_path, saved):
    """torch makes a step without a gradient to get moments that it can write: Adam's bias correction is not to count it."""
    learner.begin_ppo(changed(PPO, critic=CriticConfig(warmup_updates=1)), str(tiny_model))
    learner.update([sampled_groups()], 0)
    if saved:
        learner.save(tmp_path / "checkpoint")
        learner.load(tmp_path / "checkpoint")
    learner.update([sampled_groups()], 1)
    assert {float(state["step"]) for state in learner._optimizer.state.values()} == {1.0}


def test_where_bfloat16_is_not_multiplied_everything_is_float32(tiny_model, tmp_path):
    """What engines and the reference get are then the trained weights themselves."""
    with learning(tiny_model, tmp_path, dtype="float32") as learner:
        learner.begin_sft(SFTConfig(optimizer=OptimizerConfig(lr=1e-3)), 1)
        demonstration = episode([5, 6], ([20, 21, 2], []))
        learner.sft_step([demonstration], masks([demonstration]), 0)
        trained = {name: weight.full_tensor().clone() for name, weight in learner._policy.model.named_parameters()}
        published = load_file(f"{learner.publish(0).location}/model.safetensors")
        learner.save_model(tmp_path)
        saved = AutoModelForCausalLM.from_pretrained(tmp_path / "model")
        learner.begin_ppo(changed(PPO, optimizer=OptimizerConfig(lr=1e-3)), str(tmp_path / "model"))
        figures = learner.update([sampled_groups()], 0)
    assert saved.dtype == torch.float32
    assert all(torch.equal(published[name], weight) for name, weight in trained.items())
    assert all(torch.equal(weight, trained[name]) for name, weight in saved.named_parameters())
    assert any(not torch.equal(weight, weight.bfloat16().float()) for weight in trained.values())
    assert figures["kl"] == 0 and figures["first_ratio_error"] < 1e-6


def test_a_checkpoint_is_a_hugging_face_folder(learner, tiny_model, tmp_path):
    learner.save_model(tmp_path)
    restored = AutoModelForCausalLM.from_pretrained(tmp_path / "model")
    original = AutoModelForCausalLM.from_pretrained(tiny_model)
    assert restored.dtype == torch.float32
    assert all(torch.equal(a, b) for a, b in zip(restored.parameters(), original.parameters(), strict=True))
    assert AutoTokenizer.from_pretrained(tmp_path / "model").eos_token == "w2"


def test_a_model_is_written_as_the_optimiser_has_it(learner, tiny_model, tmp_path):
    """What goes on from `model/` starts where this stage ended, and not beside it on bfloat16's grid."""
    learner.begin_sft(SFTConfig(optimizer=OptimizerConfig(lr=1e-4)), 9)
    demonstrations = [episode([5, 6], ([20, 21, 22, 2], []))]
    learner.sft_step(demonstrations, masks(demonstrations), 0)
    learner.save_model(tmp_path)
    written, trained = load_file(tmp_path / "model/model.safetensors"), full_weights(learner.policy, torch.float32)
    assert written.keys() == trained.keys() and all(torch.equal(written[name], trained[name]) for name in trained)
    assert any(not torch.equal(weight, weight.bfloat16().float()) for weight in written.values())


def test_published_weights_are_the_model_s(learner, tiny_model):
    handle = learner.publish(3)
    assert handle.version == 3
    published, original = load_file(f"{handle.location}/model.safetensors"), load_file(tiny_model / "model.safetensors")
    assert published.keys() == original.keys()
    assert all(torch.equal(published[name], original[name].bfloat16()) for name in original)


def test_a_batch_without_verdicts_is_refused(learner, tiny_model):
    learner.begin_ppo(PPO, str(tiny_model))
    with pytest.raises(ValueError, match="has not been scored"):
        learner.update([[[episode([5], ([6, 2], []))]]], 0)
    assert dist.is_initialized()


def test_schedule_rises_and_falls():
    factors = [schedule(step, 100, 0.1, 0.2) for step in range(100)]
    assert factors[0] == pytest.approx(0.1)
    assert factors[9] == factors[10] == 1.0
    assert factors[55] == pytest.approx(0.2 + 0.8 * 0.5)
    assert factors[-1] == pytest.approx(0.2, abs=1e-3)
    assert schedule(0, 1, 0.01, 0.0) == 1.0
    assert all(math.isfinite(f) and f > 0 for f in factors)


def test_groups_are_shared_by_length_and_none_is_lost():
    groups = [[episode([3] * n, ([4] * n, []), group=n)] for n in range(1, 12)]
    shares = share(groups, 3)
    assert sorted(g[0].group for mine in shares for g in mine) == list(range(1, 12))
    loads = [sum(len(g[0].tokens) for g in mine) for mine in shares]
    assert max(loads) - min(loads) <= 22
    assert share(groups[:1], 3)[1:] == [[], []]


def changed(config, **changes):
    """A copy of a frozen section with changes, validated again."""
    return type(config).model_validate(
        {**config.model_dump(), **{k: v.model_dump() if hasattr(v, "model_dump") else v for k, v in changes.items()}}
    )


def by(algorithm, **changes):
    """PPO's settings for an algorithm, which may have no critic."""
    critic = {} if algorithm == "ppo" else {"critic": None, "lam": None}
    return changed(PPO, algorithm=algorithm, **critic, **changes)
