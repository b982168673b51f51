"""The knobs of the stages that train, SFT and PPO. docs/training.md has them in tables, with their sources."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic
from pydantic import Field, PositiveFloat, PositiveInt

from raytool.sections import NonNegative, Section, Share


class OptimizerConfig(Section):
    lr: PositiveFloat = Field(description="learning rate at its height, AdamW's")
    min_lr_ratio: Share = Field(0.0, description="the cosine ends at lr times this")
    warmup: Share = Field(0.01, description="share of the steps in which lr rises linearly")
    betas: tuple[Share, Share] = Field((0.9, 0.95), description="decay of the means of gradients and of their squares")
    weight_decay: NonNegative = Field(0.0, description="AdamW's")
    clip_norm: PositiveFloat = Field(1.0, description="gradients are scaled down to this norm")


def _with_defaults(content: dict[str, Any], optimizer: OptimizerConfig) -> dict[str, Any]:
    """A stage's section in which knobs of its optimizer that are not given have that stage's defaults."""
    given = content.get("optimizer", {})
    return {**content, "optimizer": {**optimizer.model_dump(), **given} if isinstance(given, dict) else given}


class MetaConfig(Section):
    """A step on meta-tasks (MetaToolAgent, Algorithm 1; docs/meta_tasks.md): inner steps, and what of them is kept."""

    max_inner_steps: PositiveInt = Field(3, description="optimiser steps on a group of queries; fewer where all are optimal before")
    epsilon: Annotated[float, Field(gt=0, le=1)] = Field(
        1.0, description="share of the way that the inner steps went which is kept; below 1 it is Reptile"
    )
    commit: Literal["always", "on_optimal"] = Field(
        "always", description="on_optimal: what did not become optimal is rolled back, and drawn again in a later pass"
    )
    queries_per_update: PositiveInt = Field(1, description="meta-tasks of a group, which commits together; 1: the paper")


_SFT_OPTIMIZER = OptimizerConfig(lr=5e-5, min_lr_ratio=0.1, warmup=0.03)


class SFTConfig(Section):
    epochs: PositiveInt | None = Field(1, description="passes over the demonstrations, or over those of each phase")
    tokens: PositiveInt | None = Field(
        None, description="in place of epochs: passes go on until so many tokens have been forwarded; the step in hand is finished"
    )
    batch_size: PositiveInt = Field(8, description="demonstrations per optimiser step")
    max_tokens: PositiveInt | None = Field(
        None,
        description="demonstrations of more tokens, prompt included, are left out and counted; null: none is",
    )
    meta: MetaConfig | None = Field(
        None, description="{}: demonstrations of a meta-task are met by a meta step, and others by batch_size; null: all are by batch_size"
    )
    mask_errors: bool = Field(False, description="turns whose feedback is an error carry no loss (TL-Training's MAE)")
    key_tokens: Literal["none", "paper", "code"] = Field(
        "none",
        description="tokens that tell a called tool's name from the other offered ones weigh as many times more as there are other tokens "
        "for each (TL-Training's PKT); paper: of the call; code: as the authors' program counts, with the end token and without those "
        "that close an argument value",
    )
    key_token_cap: float = Field(9.0, ge=1, description="a key token weighs at most this")
    mean_over: Literal["tokens", "turns", "sum"] = Field(
        "tokens",
        description="what the loss is a weighted mean of: all tokens of a step; or those of each turn, and then all turns, "
        "which is the default with key_tokens; sum: no mean",
    )
    optimizer: OptimizerConfig = _SFT_OPTIMIZER

    @pydantic.model_validator(mode="before")
    @classmethod
    def _fill(cls, content: Any) -> Any:
        if not isinstance(content, dict):
            return content
        length = {"epochs": None} if content.get("tokens") is not None else {}
        mean = {"mean_over": "turns"} if content.get("key_tokens", "none") != "none" else {}
        return _with_defaults({**length, **mean, **content}, _SFT_OPTIMIZER)

    @pydantic.model_validator(mode="after")
    def _check(self) -> SFTConfig:
        if (self.epochs is None) == (self.tokens is None):
            raise ValueError(f"epochs: {self.epochs} given with tokens {self.tokens}; one of the two is expected")
        if self.meta is not None and self.meta.commit == "on_optimal" and self.epochs == 1:
            raise ValueError("meta.commit: 'on_optimal' draws again in a later pass, and epochs=1 has none; give tokens, or more epochs")
        if self.key_tokens == "none" and self.key_token_cap != SFTConfig.model_fields["key_token_cap"].default:
            raise ValueError("key_token_cap: has no effect with key_tokens 'none'; leave it out")
        return self


class CriticConfig(Section):
    """What judges how good a token is. head: a linear layer on the policy's trunk, which it does not shape; model: a network of its own
    that starts as the model that PPO starts from, or with LoRA an adapter of its own on the shared base."""

    kind: Literal["head", "model"] = "head"
    lr: PositiveFloat = Field(1e-3, description="of a model, the default is 1e-6, for all its weights; an adapter needs more")
    steps: PositiveInt | None = Field(
        10, description="head only: optimiser steps per update, each over the whole batch; the trunk's output is computed once"
    )
    warmup_updates: int = Field(1, ge=0, description="first updates that fit the critic and leave the policy alone; they count as updates")
    clip: PositiveFloat = Field(0.2, description="a new value may leave the old one by so much before its loss is cut")

    @pydantic.model_validator(mode="before")
    @classmethod
    def _by_kind(cls, content: Any) -> Any:
        if isinstance(content, dict) and content.get("kind") == "model":
            return {"lr": 1e-6, "steps": None, **content}
        return content

    @pydantic.model_validator(mode="after")
    def _check(self) -> CriticConfig:
        if self.kind == "model" and self.steps is not None:
            raise ValueError("steps: has no effect with kind 'model', which makes the policy's passes (epochs, minibatches); leave it out")
        if self.kind == "head" and self.steps is None:
            raise ValueError("steps: null given; a number is expected with kind 'head'")
        return self


_PPO_OPTIMIZER = OptimizerConfig(lr=2e-6)
_WITH_CRITIC = ("ppo",)  # the algorithms that have one; everybody else sees it by `PPOConfig.critic`


class PPOConfig(Section):
    """docs/training.md has these in a table with their sources."""

    algorithm: Literal["ppo", "grpo", "rloo"] = Field(
        "ppo", description="grpo, rloo: no critic; what a turn earned from its start on is compared among the samples of a task"
    )
    updates: PositiveInt = Field(10, description="how many there are")
    tasks_per_update: PositiveInt = Field(8, description="tasks drawn for an update")
    samples_per_task: PositiveInt = Field(8, description="episodes played of each task")
    temperature: PositiveFloat = Field(1.0, description="of sampling, and of the policy that is trained; evaluation is greedy")
    max_staleness: int = Field(0, ge=0, description="by how many versions the oldest token of an episode may lag")
    epochs: PositiveInt = Field(1, description="passes over an update's episodes")
    minibatches: PositiveInt = Field(1, description="optimiser steps of a pass; the samples of a task stay together")
    clip: PositiveFloat = Field(0.2, description="nothing is gained by a ratio pi / pi_old further from 1 than this")
    clip_high: PositiveFloat | None = Field(None, description="the same for ratios above 1 (DAPO's clip-higher); null: as clip")
    kl_stop: PositiveFloat | None = Field(
        None,
        description="nats per token; an update ends once the policy is further than this from where it began; null: never",
    )
    gamma: Share = Field(1.0, description="discount; of a sampled token with 'ppo', of a turn with 'grpo' and 'rloo'")
    lam: Share | None = Field(None, description="of GAE, so with 'ppo' only; null: 0.95")
    beta: NonNegative = Field(0.4, description="KL penalty per token to the model that PPO starts from")
    kl_target: PositiveFloat | None = Field(
        None, description="nats per token; from update to update beta rises while the KL is above it, and falls below; null: beta is fixed"
    )
    kl_gain: Annotated[float, Field(gt=0, lt=5)] | None = Field(
        None, description="with kl_target; an update changes beta by a fifth of this at most; null: 0.1"
    )
    entropy_bonus: NonNegative = Field(0.0, description="weight of the policy's entropy per token in what is maximised")
    reward_clip: PositiveFloat = Field(5.0, description="a token's reward, KL apart, stays within +- this")
    importance_cap: PositiveFloat = Field(2.0, description="upper bound of pi_old / mu, the correction for the engine's numerics")
    normalise: Literal["none", "batch", "group"] = Field(
        "none",
        description="batch: advantages get mean 0 and deviation 1; "
        "group: those of each task get mean 0 and deviation 1 at most, or are 0 where all samples got the same reward",
    )
    mean_over: Literal["tokens", "episodes"] = Field(
        "tokens", description="what the policy loss is a mean of; episodes: each weighs the same, however many tokens were sampled in it"
    )
    critic: CriticConfig | None = Field(None, description="with 'ppo' only; null: its defaults")
    optimizer: OptimizerConfig = _PPO_OPTIMIZER

    @pydantic.model_validator(mode="before")
    @classmethod
    def _fill(cls, content: Any) -> Any:
        """Defaults of the knobs that exist in some modes only, where null is given or nothing; and of the optimizer's."""
        if not isinstance(content, dict):
            return content
        critic = {"critic": {}, "lam": 0.95} if content.get("algorithm", "ppo") in _WITH_CRITIC else {}
        control = {"kl_gain": 0.1} if content.get("kl_target") is not None else {}
        filled = {name: value for name, value in {**critic, **control}.items() if content.get(name) is None}
        return _with_defaults({**content, **filled}, _PPO_OPTIMIZER)

    @pydantic.model_validator(mode="after")
    def _check(self) -> PPOConfig:
        self._check_algorithm()
        if self.kl_target is None and self.kl_gain is not None:
            raise ValueError("kl_gain: has no effect without kl_target; leave it out")
        if self.kl_target is not None and self.beta == 0:
            raise ValueError("kl_target: has no effect with beta=0, which stays 0 however it is multiplied; leave it out")
        for name in ("clip_high", "kl_stop"):
            if getattr(self, name) is not None and self.epochs * self.minibatches == 1:
                raise ValueError(f"{name}: has no effect with epochs=1 and minibatches=1, where an update is a single step; leave it out")
        if self.normalise == "group" and self.samples_per_task == 1:
            raise ValueError("normalise: 'group' has nothing to compare with samples_per_task=1")
        if self.minibatches > self.tasks_per_update:
            raise ValueError(
                f"minibatches: {self.minibatches} is more than tasks_per_update ({self.tasks_per_update}); a task's samples stay together"
            )
        return self

    def _check_algorithm(self) -> None:
        if self.critic is not None and self.critic.warmup_updates >= self.updates:
            raise ValueError(f"critic.warmup_updates: {self.critic.warmup_updates} leaves none of {self.updates} updates to the policy")
        if self.algorithm in _WITH_CRITIC:
            return
        for name in ("critic", "lam"):
            if getattr(self, name) is not None:
                raise ValueError(f"{name}: has no effect with algorithm '{self.algorithm}', which has no critic; leave it out")
        if self.normalise == "group":
            raise ValueError(f"normalise: 'group' has no effect with algorithm '{self.algorithm}', which compares by itself; leave it out")
        if self.samples_per_task == 1:
            raise ValueError(f"samples_per_task: 1 leaves algorithm '{self.algorithm}' nothing to compare")
