"""Adapters on a frozen base: what is computed, what is trained, and what leaves the process, beside plain peft."""

import json

import peft
import pytest
import torch
from safetensors.torch import load_file
from transformers import AttentionInterface, AutoModelForCausalLM, Qwen2Config, Qwen2ForCausalLM

from raytool.config import LoRAConfig
from raytool.config.training import OptimizerConfig, SFTConfig
from raytool.learner import checkpoint, lora
from raytool.learner.attention import NAME, tree_attention
from raytool.learner.model import Policy
from raytool.learner.packing import pack
from raytool.metrics import memory_line
from raytool.records import UserError
from tests.episodes import episode
from tests.unit.learners import learning
from tests.unit.test_learner import PPO, changed, masks, sampled_groups

LORA = {"lora": {"rank": 4, "alpha": 8}}
SFT = SFTConfig(optimizer=OptimizerConfig(lr=2e-2))
DEMONSTRATIONS = [episode([5, 6], ([20, 21, 22, 2], [])), episode([5, 7], ([30, 31, 2], []))]


@pytest.fixture
def learner(tiny_model, tmp_path):
    with learning(tiny_model, tmp_path, **LORA) as made:
        yield made


def fit(learner, steps=5):
    learner.begin_sft(SFT, steps)
    return [learner.sft_step(DEMONSTRATIONS, masks(DEMONSTRATIONS), step)["loss"] for step in range(steps)]


def scrambled(model):
    """A model of transformers with an adapter that is not 0, and peft's description of it."""
    made = lora.adapt(model, LoRAConfig(rank=4, alpha=8), {lora.POLICY: None})
    generator = torch.Generator().manual_seed(1)
    for parameter in lora.adapter(model, lora.POLICY).parameters():
        parameter.data.normal_(std=0.1, generator=generator)
    return made


def test_packed_adapter_gradients_are_those_of_plain_peft_on_padded_input(tiny_model):
    groups = [[episode([5, 6, 7 + g], ([9 + s] * (s + 2), [3]), ([11, 2], []), sample=s) for s in range(3)] for g in range(2)]
    episodes = [e for group in groups for e in group]

    plain = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    scrambled(plain)
    longest = max(len(e.tokens) for e in episodes)
    tokens, mask = (
        torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
        for rows in zip(*[(e.tokens, e.loss_mask) for e in episodes], strict=True)
    )
    inside = torch.tensor([[i < len(e.tokens) for i in range(longest)] for e in episodes])
    logprobs = torch.log_softmax(plain(input_ids=tokens, attention_mask=inside.long()).logits[:, :-1], -1)
    expected = logprobs.gather(-1, tokens[:, 1:, None])[..., 0][mask[:, 1:].bool()]
    weights = torch.linspace(-1, 1, len(expected))
    (expected * weights).sum().backward()

    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    AttentionInterface.register(NAME, tree_attention)
    model.set_attn_implementation(NAME)
    policy = Policy(model, torch.float32, scrambled(model))
    found = torch.full((len(expected),), torch.nan)
    for microbatch in pack(groups, 24):
        at = torch.from_numpy(microbatch.index)
        out = policy(microbatch)
        (out.logprobs * weights[at]).sum().backward()
        found[at] = out.logprobs.detach()

    torch.testing.assert_close(found, expected.detach(), atol=1e-5, rtol=1e-5)
    theirs, ours = (dict(lora.adapter(m, lora.POLICY).named_parameters()) for m in (plain, model))
    assert len(ours) == 2 * 7 * 2  # A and B of seven linear layers in two blocks
    for name, parameter in theirs.items():
        assert parameter.grad.abs().max() > 0
        torch.testing.assert_close(ours[name].grad, parameter.grad, atol=1e-4, rtol=1e-4)
    assert all(p.grad is None for name, p in model.named_parameters() if "lora_" not in name)


def test_merged_weights_compute_what_base_and_adapter_do(learner, tiny_model):
    """In fp32, to 1e-5: W x + s B (A x) against (W + s B A) x."""
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    tokens = torch.randint(0, 64, (3, 20), generator=torch.Generator().manual_seed(0))
    base = model(tokens).logits
    policy = Policy(model, torch.float32, scrambled(model))
    merged = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    absent = merged.load_state_dict(checkpoint.full_weights(policy, torch.float32), strict=False).missing_keys
    assert absent == ["lm_head.weight"]  # tied to the embeddings
    torch.testing.assert_close(merged(tokens).logits, policy.model(tokens).logits, atol=1e-5, rtol=1e-5)
    assert (merged(tokens).logits - base).abs().max() > 0.1


def test_adapters_learn_and_the_base_stays_what_it_was(learner, tiny_model):
    losses = fit(learner, 15)
    assert losses[0] > 2
    assert losses[-1] < 0.5
    learner.begin_ppo(PPO, None)
    learner.update([sampled_groups()], 0)
    original = load_file(tiny_model / "model.safetensors")
    base = {name.replace(".base_layer", ""): value for name, value in learner._policy.model.state_dict().items() if "lora_" not in name}
    assert all(torch.equal(base[name].full_tensor(), original[name].bfloat16()) for name in original)
    trained = {name for name, parameter in learner._policy.named_parameters() if parameter.requires_grad}
    assert len(trained) == 28 and all("lora_" in name for name in trained)
    assert {p.dtype for p in learner._policy.parameters() if p.requires_grad} == {torch.float32}


@pytest.mark.parametrize(
    ("sft", "critic", "activation_checkpointing", "tokens"),  # in 64 tokens one pass measures too, in 8 one goes before it
    [(False, "head", False, 8), (False, "model", True, 64), (True, "head", True, 64), (True, "model", False, 64), (True, "model", True, 8)],
)
def test_ppo_begins_at_its_reference(tiny_model, tmp_path, sft, critic, activation_checkpointing, tokens):
    """Which is the base where nothing was trained before, and the adapter of SFT where this run did it."""
    knobs = {**LORA, "activation_checkpointing": activation_checkpointing, "microbatch_tokens": tokens}
    with learning(tiny_model, tmp_path, **knobs) as learner:
        if sft:
            fit(learner)
            learner.save_model(tmp_path)
        learner.begin_ppo(changed(PPO, critic={"kind": critic, "warmup_updates": 0}), str(tmp_path / "model") if sft else None)
        figures = [learner.update([sampled_groups()], update) for update in range(2)]
    assert figures[0]["kl"] == 0.0
    assert figures[1]["kl"] != 0
    assert all(f["first_ratio_error"] < 1e-6 for f in figures)


def test_the_reference_of_a_run_with_sft_is_not_its_base(learner, tmp_path):
    fit(learner)
    learner.save_model(tmp_path)
    learner.begin_ppo(PPO, None)
    assert learner.update([sampled_groups()], 0)["kl"] > 0.01


@pytest.mark.parametrize("critic", ["head", "model"])
def test_a_resumed_learner_repeats_bit_for_bit(tiny_model, tmp_path, critic):
    """From the files of two checkpoints: SFT's, which is the reference, and PPO's."""
    config = changed(PPO, minibatches=2, critic={"kind": critic, "warmup_updates": 0})
    batches = [[group] for group in sampled_groups()]
    for name in ("sft", "ppo"):
        (tmp_path / name).mkdir()
    with learning(tiny_model, tmp_path, **LORA) as learner:
        fit(learner)
        learner.save_model(tmp_path / "sft")
        learner.begin_ppo(config, str(tmp_path / "sft" / "model"))
        learner.update(batches, 0)
        learner.save(tmp_path / "ppo")
        first = learner.update(batches, 1)
    with learning(tiny_model, tmp_path, trained=tmp_path / "ppo" / "model", **LORA) as learner:
        learner.begin_ppo(config, str(tmp_path / "sft" / "model"))
        learner.load(tmp_path / "ppo")
        second = learner.update(batches, 1)
    assert {name for name in first if first[name] != second[name] and not name.startswith("seconds")} == set()
    kept = torch.distributed.checkpoint.FileSystemReader(tmp_path / "ppo" / "learner").read_metadata().state_dict_metadata
    numbers = sum(m.size.numel() for name, m in kept.items() if name.startswith("policy.model"))
    assert numbers == sum(p.numel() for p in lora.load_adapter(tmp_path / "ppo" / "adapter").values())  # and nothing of the base


def test_sft_resumes_bit_for_bit(tiny_model, tmp_path):
    with learning(tiny_model, tmp_path, **LORA) as learner:
        fit(learner, 2)
        learner.save(tmp_path)
        first = learner.sft_step(DEMONSTRATIONS, masks(DEMONSTRATIONS), 2)
    with learning(tiny_model, tmp_path, trained=tmp_path / "model", **LORA) as learner:
        learner.begin_sft(SFT, 2)
        learner.load(tmp_path)
        second = learner.sft_step(DEMONSTRATIONS, masks(DEMONSTRATIONS), 2)
    assert (first["loss"], first["grad_norm"]) == (second["loss"], second["grad_norm"])


def test_a_checkpoint_is_a_merged_model_and_an_adapter_of_peft(learner, tiny_model, tmp_path):
    fit(learner)
    learner.save_model(tmp_path)
    assert json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())["base_model_name_or_path"] == str(tiny_model)
    base = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.bfloat16)
    theirs = peft.PeftModel.from_pretrained(base, str(tmp_path / "adapter"))
    saved, live = lora.load_adapter(tmp_path / "adapter"), lora.adapter_weights(learner._policy.model, lora.POLICY)
    assert all(torch.equal(saved[name], live[name]) for name in live)
    assert {name.replace(".default", "") for name in theirs.state_dict() if "lora_" in name} == set(live)
    merged = AutoModelForCausalLM.from_pretrained(tmp_path / "model", dtype=torch.float32)
    whole = theirs.float().merge_and_unload().state_dict()
    for name, weight in merged.state_dict().items():
        torch.testing.assert_close(weight, whole[name], atol=0, rtol=2**-8, msg=name)  # once rounded to bf16
    assert any(
        not torch.equal(weight, base.state_dict()[name].float())
        for name, weight in merged.state_dict().items()
        if name in base.state_dict()
    )


def test_publishing_leaves_the_training_weights_alone(learner, tiny_model):
    fit(learner)
    before = {name: tensor.full_tensor().clone() for name, tensor in learner._policy.state_dict().items()}
    handle = learner.publish(1)
    published, original = load_file(f"{handle.location}/model.safetensors"), load_file(tiny_model / "model.safetensors")
    assert published.keys() == original.keys()
    assert {tensor.dtype for tensor in published.values()} == {torch.bfloat16}
    changed_ones = {name for name in original if not torch.equal(published[name], original[name].bfloat16())}
    assert changed_ones == {name for name in original if "_proj" in name}
    assert all(torch.equal(before[name], tensor.full_tensor()) for name, tensor in learner._policy.state_dict().items())


def test_biases_and_an_output_layer_of_its_own_are_sent_as_they_are(tiny_model, tmp_path):
    torch.manual_seed(0)
    made = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=64,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=256,
            tie_word_embeddings=False,
        )
    )
    for name, parameter in made.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter)
    made.save_pretrained(tmp_path / "qwen")
    with learning(tmp_path / "qwen", tmp_path, **LORA) as learner:
        original = load_file(tmp_path / "qwen" / "model.safetensors")
        assert {"lm_head.weight", "model.layers.0.self_attn.q_proj.bias"} <= original.keys()
        fit(learner, 2)
        published = load_file(f"{learner.publish(1).location}/model.safetensors")
    same = {name for name in original if torch.equal(published[name], original[name].bfloat16())}
    assert published.keys() == original.keys()
    assert original.keys() - same == {name for name in original if name.endswith("_proj.weight")}


@pytest.mark.parametrize("order", [(lora.POLICY, lora.REFERENCE, lora.CRITIC), (lora.POLICY, lora.CRITIC, lora.REFERENCE)])
def test_adapters_lie_in_the_order_given(tiny_model, order):
    """A set's order would differ between ranks, and FSDP would take one adapter's weights for another's."""
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    lora.adapt(model, LoRAConfig(), dict.fromkeys(order))
    assert {tuple(layer.lora_A) for _, layer in lora.layers(model)} == {order}


def test_targets_are_names_of_linear_layers(tiny_model):
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    lora.adapt(model, LoRAConfig(targets=("q_proj", "v_proj")), {lora.POLICY: None})
    assert {name.rsplit(".", 1)[-1] for name, _ in lora.layers(model)} == {"q_proj", "v_proj"}
    with pytest.raises(UserError, match=r"learner\.lora\.targets: 'lm_head' is no linear layer of the model; it has down_proj, gate_proj,"):
        lora.adapt(AutoModelForCausalLM.from_pretrained(tiny_model), LoRAConfig(targets=("lm_head",)), {lora.POLICY: None})


def test_memory_is_counted_from_the_tensors(tiny_model, tmp_path):
    weights = sum(tensor.numel() for tensor in load_file(tiny_model / "model.safetensors").values())
    adapter = 2 * ((32 + 32) * 4 * 2 + (32 + 16) * 4 * 2 + (32 + 64) * 4 * 3)  # in two blocks: q, o; k, v; gate, up, down
    with learning(tiny_model, tmp_path) as learner:
        sft, ppo = learner.begin_sft(SFT, 1), learner.begin_ppo(PPO, None)
    assert sft == pytest.approx({"weights_gb": 4 * weights / 1e9, "gradients_gb": 4 * weights / 1e9, "optimizer_gb": 8 * weights / 1e9,
                                 "reference_gb": 0, "critic_gb": 0, "total_gb": 16 * weights / 1e9})  # fmt: skip
    assert ppo["reference_gb"] == 2 * weights / 1e9
    assert memory_line("SFT", {"weights_gb": 0.5381, "reference_gb": 0.0, "total_gb": 2.1}) == (
        "SFT: GB in each learner rank, activations apart: weights 0.538  total 2.100"
    )
    assert ppo["critic_gb"] == 4 * 33 * 4 / 1e9
    with learning(tiny_model, tmp_path, **LORA) as learner:
        fit(learner)
        learner.save_model(tmp_path)
        ppo = learner.begin_ppo(changed(PPO, critic={"kind": "model"}), str(tmp_path / "model"))
    assert ppo["weights_gb"] == pytest.approx((2 * weights + 4 * adapter) / 1e9)
    assert ppo["optimizer_gb"] == pytest.approx(8 * adapter / 1e9)
    assert ppo["reference_gb"] == pytest.approx(2 * adapter / 1e9)
    assert ppo["critic_gb"] == pytest.approx(16 * (adapter + 33) / 1e9)
