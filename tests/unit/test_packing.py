"""Packed rows give every token what it would get alone, and nothing is lost or computed twice."""

import numpy as np
import pytest
import torch
from transformers import (
    AttentionInterface,
    AutoModelForCausalLM,
    FalconH1Config,
    FalconH1ForCausalLM,
    Gemma2Config,
    Gemma2ForCausalLM,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GptOssConfig,
    GptOssForCausalLM,
    GraniteConfig,
    GraniteForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen3MoeConfig,
    Qwen3MoeForCausalLM,
)

from raytool.learner.attention import NAME, tree_attention
from raytool.learner.loading import check_packing
from raytool.learner.model import Policy
from raytool.learner.packing import TreeShape, empty_microbatch, loss_tokens, pack, packed_tokens
from raytool.records import UserError
from tests.episodes import episode

SIZES = [256, 32, 1000, 1]


def groups(seed=0):
    """Groups of one to five episodes that share a prompt, some with several turns."""
    random = np.random.default_rng(seed)

    def tokens(n):
        return [int(t) for t in random.integers(3, 64, size=n)]

    made = []
    for group, samples in enumerate((5, 1, 3, 2)):
        prompt = tokens(int(random.integers(3, 12)))
        made.append(
            [
                episode(
                    prompt,
                    *((tokens(int(random.integers(1, 6))), tokens(int(random.integers(0, 4)))) for _ in range(int(random.integers(1, 4)))),
                    group=group,
                    sample=sample,
                )
                for sample in range(samples)
            ]
        )
    return made


def alone(model, episodes):
    """[N] log-probabilities of the loss tokens, an episode at a time and without packing."""
    found = []
    for played in episodes:
        logprobs = torch.log_softmax(model(torch.tensor([played.tokens])).logits[0], -1)
        found += [logprobs[i - 1, token] for i, (token, mask) in enumerate(zip(played.tokens, played.loss_mask, strict=True)) if mask]
    return torch.stack(found)


SMALL = {
    "vocab_size": 64,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
    "initializer_range": 0.3,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def small(kind, config, **more):
    torch.manual_seed(0)
    return kind(config(**SMALL, **more)).eval()


@pytest.fixture
def model(tiny_model):
    return AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)


@pytest.fixture(params=["few scores", "many scores", "as on a GPU"])
def attention(request, monkeypatch):
    """The ways in which attention is computed, each of which has to come to the same."""
    if request.param == "many scores":
        monkeypatch.setattr("raytool.learner.attention._FEW_SCORES", 0)
    if request.param == "as on a GPU":
        monkeypatch.setattr("raytool.learner.attention._on_gpu", lambda device: True)


@pytest.mark.usefixtures("attention")
@pytest.mark.parametrize("microbatch_tokens", SIZES)
def test_packed_log_probabilities_and_gradients_are_those_of_single_episodes(model, microbatch_tokens):
    same_as_alone(model, microbatch_tokens)


@pytest.mark.usefixtures("attention")
@pytest.mark.parametrize("window", [1, 4, 9])
def test_a_sliding_window_reaches_back_as_far_as_in_single_episodes(window):
    same_as_alone(small(MistralForCausalLM, MistralConfig, sliding_window=window), 256)


def same_as_alone(model, microbatch_tokens):
    made = groups()
    episodes = [e for group in made for e in group]
    expected = alone(model, episodes)
    weights = torch.linspace(-1, 1, len(expected))
    model.zero_grad()
    (expected * weights).sum().backward()
    gradients = {name: p.grad.clone() for name, p in model.named_parameters()}
    model.zero_grad()
    AttentionInterface.register(NAME, tree_attention)
    model.set_attn_implementation(NAME)
    found = torch.full((len(expected),), torch.nan)
    policy = Policy(model, torch.float32)
    for microbatch in pack(made, microbatch_tokens):
        at = torch.from_numpy(microbatch.index)
        out = policy(microbatch)
        (out.logprobs * weights[at]).sum().backward()
        found[at] = out.logprobs.detach()
    torch.testing.assert_close(found, expected.detach(), atol=1e-5, rtol=1e-5)
    for name, p in model.named_parameters():
        torch.testing.assert_close(p.grad, gradients[name], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("microbatch_tokens", SIZES)
@pytest.mark.parametrize("seed", range(5))
def test_every_loss_token_has_one_place(microbatch_tokens, seed):
    made = groups(seed)
    index = np.concatenate([m.index for m in pack(made, microbatch_tokens)])
    assert sorted(index) == list(range(sum(loss_tokens(e) for group in made for e in group)))


def test_a_shared_prompt_is_computed_once():
    group = [episode(range(3, 33), ([40 + s] * 5, [])) for s in range(8)]
    assert packed_tokens(group) == 30 + 8 * 5
    (microbatch,) = pack([group], 256)
    assert len(microbatch.tokens) == 70
    assert microbatch.trees == (TreeShape(30, (5,) * 8),)


def test_what_follows_the_last_loss_token_is_left_out():
    assert packed_tokens([episode([3] * 4, ([5, 6], [7] * 50))]) == 6


def test_microbatches_keep_their_size():
    batches = pack([[episode([3] * 10, ([5] * n, [])) for _ in range(4)] for n in range(1, 40)], 64)
    assert all(len(m.tokens) <= 64 for m in batches)


def test_a_prefix_never_reaches_into_what_was_sampled():
    same = [episode([3, 4, 5], ([9, 9, 9], []), sample=s) for s in range(3)]
    (microbatch,) = pack([same], 64)
    assert microbatch.trees == (TreeShape(3, (3, 3, 3)),)


def test_an_empty_pass_has_no_targets(model):
    AttentionInterface.register(NAME, tree_attention)
    model.set_attn_implementation(NAME)
    assert len(Policy(model, torch.float32)(empty_microbatch()).logprobs) == 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(
    ("kind", "config", "more"),
    [
        (LlamaForCausalLM, LlamaConfig, {}),
        (MistralForCausalLM, MistralConfig, {"sliding_window": 4}),
        (Gemma3ForCausalLM, Gemma3TextConfig, {"head_dim": 8, "sliding_window": 4, "layer_types": ["sliding_attention", "full_attention"]}),
        (Qwen3MoeForCausalLM, Qwen3MoeConfig, {"head_dim": 8, "num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32}),
    ],
)
def test_a_model_of_causal_attention_can_be_packed(kind, config, more, dtype):
    AttentionInterface.register(NAME, tree_attention)
    model = small(kind, config, **more).to(dtype)
    model.set_attn_implementation(NAME)
    check_packing(model, "some/model")
    assert model.config._attn_implementation == NAME


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(
    ("kind", "config", "more"),
    [
        (GraniteForCausalLM, GraniteConfig, {"logits_scaling": 4.0}),  # of the logits
        (GptOssForCausalLM, GptOssConfig, {"head_dim": 8, "num_local_experts": 4, "num_experts_per_tok": 2}),  # attends to sinks
        (FalconH1ForCausalLM, FalconH1Config, {"mamba_d_ssm": 32, "mamba_n_heads": 4, "mamba_d_head": 8, "mamba_d_state": 8}),  # has states
    ],
)
def test_a_model_that_is_more_than_that_is_refused(kind, config, more, dtype):
    AttentionInterface.register(NAME, tree_attention)
    model = small(kind, config, **more).to(dtype)
    model.set_attn_implementation(NAME)
    with pytest.raises(UserError, match=f"^model.path: 'some/model': .* cannot train a model of the type {model.config.model_type}"):
        check_packing(model, "some/model")


@pytest.mark.parametrize(
    ("kind", "config", "more", "says"),
    [
        (Gemma2ForCausalLM, Gemma2Config, {"head_dim": 8}, "soft caps and dropout in attention are not supported"),
        (LlamaForCausalLM, LlamaConfig, {"attention_dropout": 0.1}, "soft caps and dropout in attention are not supported"),
        # As of a model whose window is in its mask alone.
        (LlamaForCausalLM, LlamaConfig, {"sliding_window": 32}, "its sliding_window of 32 does not reach the learner's attention"),
    ],
)
def test_attention_that_cannot_be_computed_is_named(kind, config, more, says):
    AttentionInterface.register(NAME, tree_attention)
    model = small(kind, config, **more)
    model.set_attn_implementation(NAME)
    with pytest.raises(UserError, match=f"^model.path: 'some/model': .* of the type {model.config.model_type}: {says}"):
        check_packing(model, "some/model")


def test_a_window_that_no_layer_has_is_no_matter():
    AttentionInterface.register(NAME, tree_attention)
    model = small(Gemma3ForCausalLM, Gemma3TextConfig, head_dim=8, sliding_window=4, layer_types=["full_attention"] * 2)
    model.set_attn_implementation(NAME)
    check_packing(model, "some/model")
