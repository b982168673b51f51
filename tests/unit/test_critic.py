"""A critic of its own: that it learns, alone, and by the passes that were asked for."""

import math

import pytest
import torch
from torch.distributed.fsdp import MixedPrecisionPolicy
from torch.distributed.tensor import Shard, distribute_tensor
from transformers import AutoModel

from raytool.config.training import CriticConfig, PPOConfig
from tests.unit.learners import learning
from tests.unit.test_config import complaint, load
from tests.unit.test_learner import PPO, changed, sampled_groups

LORA = {"lora": {"rank": 4, "alpha": 8}}
OWN = {"kind": "model", "lr": 1e-2, "warmup_updates": 0}


@pytest.mark.parametrize("knobs", [{}, LORA], ids=["all weights", "lora"])
def test_a_model_learns_to_tell_good_tokens_from_bad_ones(tiny_model, tmp_path, knobs):
    """Only the critic's warm-up: the policy, and so what is to be learnt, stays the same."""
    config = changed(PPO, updates=30, epochs=3, beta=0.0, lam=1.0, critic={**OWN, "warmup_updates": 20, "clip": 10.0})
    with learning(tiny_model, tmp_path, **knobs) as learner:
        learner.begin_ppo(config, None)
        before = {name: weight.full_tensor().clone() for name, weight in learner._policy.trained.state_dict().items()}
        figures = [learner.update([sampled_groups()], update) for update in range(5)]
        after = learner._policy.trained.state_dict()
        assert all(torch.equal(before[name], after[name].full_tensor()) for name in before)
    assert figures[0]["value_mean"] == figures[0]["explained_variance"] == 0.0
    assert figures[-1]["explained_variance"] > 0.5
    assert figures[-1]["value_loss"] < 0.5 * figures[0]["value_loss"]


def test_the_gradient_of_a_model_is_that_of_the_plain_formula(tiny_model, tmp_path, monkeypatch):
    """0.5 mean (V - R)^2 of values within reach of the old ones, in fp32, episode by episode through the whole network."""
    fp32 = MixedPrecisionPolicy(cast_forward_inputs=False)
    monkeypatch.setattr("raytool.learner.loading.MixedPrecisionPolicy", lambda **_: fp32)
    groups, found = sampled_groups(), {}
    weight = torch.linspace(-0.5, 0.5, 32)
    with learning(tiny_model, tmp_path, microbatch_tokens=16) as learner:
        learner.begin_ppo(changed(PPO, beta=0.0, critic=OWN), None)
        critic = learner._ppo.critic
        torch.nn.init.constant_(critic._head.weight, 1.0)
        critic._head.weight.data.mul_(distribute_tensor(weight[None], learner._mesh, [Shard(0)]))
        monkeypatch.setattr(critic, "_clip_norm", math.inf)
        step = critic.optimizer.step
        monkeypatch.setattr(critic.optimizer, "step", lambda: found.update(gradients(critic.module)) or step())
        parts = learner._ppo.parts(groups)
        learner._ppo.measure_all(parts)
        returns = torch.cat([part.valued.returns for part in parts])
        values = torch.cat([part.valued.values for part in parts])
        critic.fit([parts], 1)
    order = [episode for part in parts for group in part.groups for episode in group]
    model = AutoModel.from_pretrained(tiny_model, dtype=torch.float32)
    hidden = [model(torch.tensor([e.tokens])).last_hidden_state[0, [i - 1 for i, m in enumerate(e.loss_mask) if m]] for e in order]
    expected = torch.cat(hidden) @ weight
    torch.testing.assert_close(values, expected.detach(), atol=1e-4, rtol=1e-4)
    (0.5 * ((expected - returns) ** 2).mean()).backward()
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(found[f"trunk.model.{name}"], parameter.grad, atol=1e-4, rtol=1e-3)


def gradients(module):
    return {name: parameter.grad.full_tensor().clone() for name, parameter in module.named_parameters()}


@pytest.mark.parametrize("knobs", [{}, LORA], ids=["all weights", "lora"])
def test_what_the_policy_learns_of_an_update_is_the_same_beside_either_kind(tiny_model, tmp_path, knobs):
    """The first one: both kinds begin with values of 0. Bit for bit, though with LoRA the critic shares the policy's modules."""
    found = []
    for critic in ({"warmup_updates": 0}, OWN):
        with learning(tiny_model, tmp_path, **knobs) as learner:
            learner.begin_ppo(changed(PPO, minibatches=2, critic=critic), None)
            learner.update([[group] for group in sampled_groups()], 0)
            found.append({name: weight.full_tensor() for name, weight in learner._policy.trained.state_dict().items()})
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])


def test_a_model_steps_with_the_policy_also_where_that_waits(tiny_model, tmp_path):
    with learning(tiny_model, tmp_path) as learner:
        learner.begin_ppo(changed(PPO, epochs=3, minibatches=2, critic={**OWN, "warmup_updates": 1}), None)
        for update in range(2):
            learner.update([[group] for group in sampled_groups()], update)
        steps = {int(state["step"]) for state in learner._ppo.critic.optimizer.state.values()}
        assert steps == {12}
        assert {int(state["step"]) for state in learner._optimizer.state.values()} == {6}


def test_a_model_resumes_bit_for_bit(tiny_model, tmp_path):
    config = changed(PPO, minibatches=2, critic=OWN)
    batches = [[group] for group in sampled_groups()]
    with learning(tiny_model, tmp_path) as learner:
        learner.begin_ppo(config, None)
        learner.update(batches, 0)
        learner.save(tmp_path)
        first = learner.update(batches, 1)
    with learning(tiny_model, tmp_path, trained=tmp_path / "model") as learner:
        learner.begin_ppo(config, None)
        learner.load(tmp_path)
        second = learner.update(batches, 1)
    assert {name for name in first if first[name] != second[name] and not name.startswith("seconds")} == set()
    assert first["value_mean"] != 0


def test_the_knobs_of_a_kind(tmp_path):
    assert CriticConfig().lr == 1e-3 and PPOConfig().optimizer.lr == 2e-6
    assert (made := PPOConfig(critic={"kind": "model"}).critic).lr == 1e-6 and made.steps is None
    assert CriticConfig.model_validate(made.model_dump()) == made
    assert complaint(tmp_path, "ppo.critic.kind=model", "ppo.critic.steps=5") == (
        "override 'ppo.critic.steps=5': ppo.critic: steps: has no effect with kind 'model', "
        "which makes the policy's passes (epochs, minibatches); leave it out"
    )
    assert "ppo.critic.kind: 'tree' given; input should be 'head' or 'model'" in complaint(tmp_path, "ppo.critic.kind=tree")
    assert load(tmp_path, "learner.lora={}").learner.lora.targets == "all-linear"
    assert load(tmp_path, "learner.lora.targets=[q_proj]").learner.lora.targets == ("q_proj",)
    assert complaint(tmp_path, "learner.lora.dropout=0.1") == (
        "override 'learner.lora.dropout=0.1': learner.lora.dropout: unknown key; known: rank, alpha, targets"
    )
    assert complaint(tmp_path, "learner.lora.targets=q_proj") == (
        "override 'learner.lora.targets=q_proj': learner.lora.targets: 'q_proj' given; "
        "'all-linear' or a list of names is expected, e.g. [q_proj, v_proj]"
    )
