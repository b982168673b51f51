"""One rank of the learner: SFT steps and PPO updates on its share of the episodes. A plain class; the group makes it an actor.

Every rank makes the same sequence of collective calls, whatever its share holds; sums and denominators are global.
"""

from __future__ import annotations

import math
import os
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.device_mesh import init_device_mesh
from torch.utils import deterministic

from raytool import pretrained
from raytool.config import LearnerConfig, OptimizerConfig, PPOConfig, SFTConfig
from raytool.learner import checkpoint, lora
from raytool.learner.advantages import compared, gae, importance_weights, token_rewards
from raytool.learner.critic import Critic, HeadCritic, Judged, ModelCritic
from raytool.learner.losses import nll_sum, policy_loss_sum
from raytool.learner.memory import describe_memory, peak_gb
from raytool.learner.model import Forward, Reference, load_frozen, load_policy, load_trunk, reshard
from raytool.learner.packing import Group, Microbatch, bins, empty_microbatch, loss_tokens, pack
from raytool.process import take_output
from raytool.records import Episode, PolicyVersion
from raytool.weight_sync.base import WeightHandle, WeightSync

Pass = TypeVar("Pass")
_DESCRIBED = ("old", "behaviour", "entropy", "values", "kl", "advantages", "returns")


class LearnerWorker:
    """`base` is the model that training began with, `trained` the `model/` of a checkpoint to start from, if any."""

    def __init__(
        self, config: LearnerConfig, weight_sync: WeightSync, base: str, accelerator: str, log_file: Path, trained: str | None = None
    ):
        take_output(log_file)
        self._config = config
        self._weight_sync = weight_sync
        self._base, self._start_from = base, trained  # resolved where they are needed: this may be another machine than the driver's
        self._device = torch.device(accelerator)
        self._ppo: PPOConfig | None = None

    def address(self) -> tuple[str, int]:
        """Where rank 0 can be met."""
        with socket.socket() as free:
            free.bind(("", 0))
            return socket.gethostbyname(socket.gethostname()), free.getsockname()[1]

    def start(self, rank: int, address: tuple[str, int], threads: int, seed: int) -> None:
        """Join the process group and load the model."""
        torch.set_num_threads(threads)
        self._seed = seed
        torch.use_deterministic_algorithms(self._device.type == "cpu")
        deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a debugging aid, and a third of a step's time
        backend = "nccl" if self._device.type == "cuda" else "gloo"
        os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"] = address[0], str(address[1])
        limit = timedelta(seconds=self._config.step_limit_s)
        dist.init_process_group(backend, rank=rank, world_size=self._config.ranks, timeout=limit)
        self._mesh = init_device_mesh(self._device.type, (self._config.ranks,))
        self._load_policy({lora.POLICY: self._adapter_of(self._start_from)})

    def begin_sft(self, config: SFTConfig, steps: int) -> dict[str, float]:
        """What the stage holds in memory on this rank, in GB, is returned, from here and from `begin_ppo`."""
        self._begin(config.optimizer, steps)
        return describe_memory(self._policy, None, None)

    def begin_ppo(self, config: PPOConfig, trained: str | None) -> dict[str, float]:
        """PPO starts from the policy as it stands, which is the checkpoint's of the stage before: `trained` is its `model/`, if any.

        That model, frozen, is what the KL penalty is measured against.
        """
        self._ppo = config
        own_critic = config.critic.kind == "model"
        if self._config.lora is None:
            start = pretrained.resolve(trained or self._base)
            self._reference = Reference(load_frozen(start, self._mesh)) if config.beta > 0 else None
            trunk = load_trunk(start, self._mesh, self._config) if own_critic else self._policy
        else:
            self._reference = self._add_adapters(self._adapter_of(trained), config.beta > 0, own_critic)
            trunk = self._policy
        self._begin(config.optimizer, config.updates * config.epochs * config.minibatches)
        self._critic: Critic = (
            ModelCritic(config, trunk, self._mesh, self._sum)
            if own_critic
            else HeadCritic(config, trunk.model.config.hidden_size, self._device, self._sum)
        )
        return describe_memory(self._policy, self._reference, self._critic)

    def sft_step(self, episodes: Sequence[Episode], weights: Sequence[Sequence[float]], step: int) -> dict[str, float]:
        """One optimiser step on this rank's demonstrations: the weighted mean of the NLL over the tokens of all ranks.

        `weights` has one number for each token of each episode (the response mask, for plain SFT); those where the
        episode's loss mask is 0 are not looked at.
        """
        began = time.perf_counter()
        microbatches = pack([[episode] for episode in episodes], self._config.microbatch_tokens)
        microbatches += [empty_microbatch()] * self._missing_passes(len(microbatches))
        wanted = [
            np.asarray(given, dtype=np.float32)[np.asarray(e.loss_mask, dtype=bool)] for e, given in zip(episodes, weights, strict=True)
        ]
        weight = torch.from_numpy(np.concatenate([*wanted, np.zeros(0, np.float32)])).to(self._device)
        total = self._sum(float(weight.sum()))
        loss = 0.0
        for last, microbatch in _mark_last(microbatches):
            out = self._forward(microbatch, last)
            part = nll_sum(out.logprobs, weight[self._index(microbatch)]) / total
            self._backward(part)
            loss += float(part.detach())
        norm, lr = self._optimizer_step(step)
        tokens = self._sum(float(sum(len(m.tokens) for m in microbatches)))
        seconds = time.perf_counter() - began
        return {"loss": self._sum(loss), "grad_norm": norm, "lr": lr, "tokens": tokens, "loss_weight": total, "seconds": seconds}

    def update(self, minibatches: Sequence[Sequence[Group]], update: int) -> dict[str, float]:
        """One PPO update on this rank's groups, split into minibatches as given (METHODS.md 1.4)."""
        assert self._ppo is not None, "begin_ppo comes first"
        config, began = self._ppo, time.perf_counter()
        parts = [self._parts(groups) for groups in minibatches]
        every = [part for minibatch in parts for part in minibatch]
        training = update >= config.critic.warmup_updates
        # A lone step's forward pass sees the policy as it was, so it can do the measuring too: nothing else is waited for.
        alone = config.epochs * config.minibatches == 1 and config.normalise != "batch"
        at_once = training and alone and self._max(float(max(len(part.microbatches) for part in every))) == 1
        if not at_once:
            self._measure_all(every)
        measured = time.perf_counter()
        sums = {"ratio_tokens": 0.0, "clipped": 0.0, "policy_loss": 0.0}
        ratio_error, norm, lr = 0.0, 0.0, 0.0
        for epoch in range(config.epochs if training else 0):
            for number, minibatch in enumerate(parts):
                total = self._sum(float(sum(part.weights.sum() for part in minibatch)))
                passes = [(part, microbatch) for part in minibatch for microbatch in part.microbatches]
                for last, (part, microbatch) in _mark_last(passes):
                    out, at = self._forward(microbatch, last, entropy=at_once), self._index(microbatch)
                    if at_once:
                        part.measured = self._measure(part, [out])
                    batch = part.measured
                    weights = torch.from_numpy(part.weights).to(self._device)[at] * batch.importance[at]
                    loss = policy_loss_sum(out.logprobs, batch.old[at], batch.advantages[at], weights, config.clip) / total
                    self._backward(loss)
                    ratio = torch.exp(out.logprobs.detach() - batch.old[at])
                    sums["ratio_tokens"] += len(ratio)
                    sums["clipped"] += float(((ratio - 1).abs() > config.clip).sum())
                    sums["policy_loss"] += float(loss.detach())
                    if epoch == number == 0 and len(ratio):
                        ratio_error = max(ratio_error, float((ratio - 1).abs().max()))
                norm, lr = self._optimizer_step((update * config.epochs + epoch) * config.minibatches + number)
        trained = time.perf_counter()
        batches = [part.measured for part in every]
        value_loss = self._critic.fit([[part.judged() for part in minibatch] for minibatch in parts], config.epochs)
        sums = {name: self._sum(value) for name, value in sums.items()}
        tokens = self._sum(float(sum(len(m.tokens) for part in every for m in part.microbatches)))
        seconds = time.perf_counter() - began
        return {
            **self._describe(batches),
            "policy_loss": sums["policy_loss"] / max(1, config.epochs * len(parts)),
            "value_loss": value_loss,
            "clip_share": sums["clipped"] / max(1.0, sums["ratio_tokens"]),
            "first_ratio_error": self._max(ratio_error),
            "grad_norm": norm,
            "lr": lr,
            "tokens": tokens,
            "seconds": seconds,
            "seconds_measure": measured - began,
            "seconds_train": trained - measured,
        }

    def publish(self, version: PolicyVersion) -> WeightHandle | None:
        """Send the weights to the engines; rank 0 returns where they are."""
        weights = checkpoint.full_weights(self._policy)
        return self._weight_sync.send(version, weights) if dist.get_rank() == 0 else None

    def save_model(self, folder: Path) -> None:
        checkpoint.save_model(self._policy, pretrained.resolve(self._base), folder)

    def save(self, folder: Path) -> None:
        """Everything that `load` needs to go on."""
        self.save_model(folder)
        checkpoint.save_learner(self._trained(), folder)

    def load(self, folder: Path) -> None:
        """Go on from `save`, after the same `begin_...`."""
        checkpoint.load_learner(self._trained(), folder)

    def peak_gb(self) -> float:
        """The most memory that a rank has held so far."""
        return self._max(peak_gb(self._device))

    def _load_policy(self, adapters: Mapping[str, lora.Weights | None]) -> None:
        path = self._start_from if self._config.lora is None and self._start_from else self._base
        torch.manual_seed(self._seed)  # of a new adapter
        self._policy = load_policy(pretrained.resolve(path), self._mesh, self._config, adapters)

    def _adapter_of(self, trained: str | None) -> lora.Weights | None:
        return lora.load_adapter(Path(trained).parent / "adapter") if self._config.lora and trained else None

    def _add_adapters(self, start: lora.Weights | None, reference: bool, critic: bool) -> Reference | None:
        """Load the base again, with what PPO needs beside the policy's adapter; `start` is that of the model that PPO starts from.

        Where there is none, that model is the base, and the base the reference.
        """
        more: dict[str, lora.Weights | None] = {lora.REFERENCE: start} if reference and start else {}
        more |= {lora.CRITIC: start} if critic else {}
        if more:
            adapters: dict[str, lora.Weights | None] = {lora.POLICY: lora.adapter_weights(self._policy.model, lora.POLICY)}
            del self._policy
            self._load_policy(adapters | more)
        return Reference(self._policy, lora.REFERENCE if start else None) if reference else None

    def _begin(self, config: OptimizerConfig, steps: int) -> None:
        self._optimizer_config, self._steps = config, steps
        self._optimizer = torch.optim.AdamW(
            self._policy.trained.parameters(), lr=config.lr, betas=config.betas, weight_decay=config.weight_decay, fused=True
        )

    def _trained(self) -> checkpoint.Trained:
        policy = {"policy": (self._policy.trained, self._optimizer)}
        return policy if self._ppo is None else {**policy, "critic": self._critic.trained}

    def _parts(self, groups: Sequence[Group]) -> list[_Part]:
        """A minibatch's groups in parts that are measured and trained on together."""
        size = self._config.microbatch_tokens
        parts = [_Part(part, pack(part, size), self._weights(part)) for part in bins(groups, size)]
        missing = self._missing_passes(sum(len(part.microbatches) for part in parts))
        return parts + [_Part([], [empty_microbatch()], self._weights([])) for _ in range(missing)]

    def _weights(self, groups: Sequence[Group]) -> npt.NDArray[np.float32]:
        """[N] weights of loss tokens in the policy loss."""
        assert self._ppo is not None
        counts = np.array([loss_tokens(episode) for group in groups for episode in group], dtype=int)
        each = np.ones(len(counts)) if self._ppo.mean_over == "tokens" else 1 / counts
        return np.repeat(each, counts).astype(np.float32)

    def _missing_passes(self, count: int) -> int:
        """By how many passes the rank with the most has more: FSDP's collectives are met by all ranks or by none."""
        return int(self._max(float(count))) - count

    def _forward(self, microbatch: Microbatch, last: bool, entropy: bool = False) -> Forward:
        # Gradients meet, and gathered parameters go, with the last pass of a step.
        self._policy.set_requires_gradient_sync(last)  # type: ignore[operator]
        self._policy.set_reshard_after_backward(last)  # type: ignore[operator]
        return self._policy(microbatch, entropy)

    def _backward(self, loss: Tensor) -> None:
        (loss * self._config.ranks).backward()  # FSDP averages gradients over ranks; a global denominator wants their sum

    def _index(self, microbatch: Microbatch) -> Tensor:
        return torch.from_numpy(microbatch.index).to(self._device)

    def _optimizer_step(self, step: int) -> tuple[float, float]:
        config = self._optimizer_config
        lr = config.lr * schedule(step, self._steps, config.warmup, config.min_lr_ratio)
        for group in self._optimizer.param_groups:
            group["lr"] = lr
        norm = torch.nn.utils.clip_grad_norm_(self._policy.parameters(), config.clip_norm)
        self._optimizer.step()
        self._optimizer.zero_grad()
        return float(norm.full_tensor() if hasattr(norm, "full_tensor") else norm), lr

    def _measure_all(self, parts: Sequence[_Part]) -> None:
        assert self._ppo is not None
        for part in parts:
            part.measured = self._measure(part, (self._policy(microbatch, entropy=True) for microbatch in part.microbatches))
        for module in (self._policy, self._critic.trained[0]):
            reshard(module)
        if self._ppo.normalise == "batch":
            self._normalise([part.measured for part in parts])

    @torch.no_grad()
    def _measure(self, part: _Part, passes: Iterable[Forward]) -> Measured:
        """What the update is computed from: a pass of the policy as it stands, given, and one of the reference."""
        assert self._ppo is not None
        count = len(part.weights)
        old, reference, entropy, values = (torch.zeros(count, device=self._device) for _ in range(4))
        hidden = torch.zeros(count, self._critic.width, device=self._device)
        for microbatch, out in zip(part.microbatches, passes, strict=True):
            at = self._index(microbatch)
            assert out.entropy is not None
            old[at], entropy[at], hidden[at] = out.logprobs, out.entropy, out.hidden[:, : self._critic.width].float()
            values[at] = self._critic.values(microbatch, out)
            reference[at] = out.logprobs if self._reference is None else self._reference.logprobs(microbatch)
        kl = (old - reference).double().cpu().numpy()
        old_values = values.double().cpu().numpy()
        advantages, behaviour, start = np.zeros(count), np.zeros(count), 0
        returns = np.zeros(count)
        for group in part.groups:
            first = start
            for episode in group:
                assert episode.logprobs is not None, "PPO needs episodes that a policy sampled"
                mask = np.asarray(episode.loss_mask, dtype=bool)
                own = slice(start, start := start + int(mask.sum()))
                rewards = token_rewards(episode, self._ppo.reward_clip) - self._ppo.beta * kl[own]
                advantages[own] = gae(rewards, old_values[own], self._ppo.gamma, self._ppo.lam)
                behaviour[own] = np.asarray(episode.logprobs)[mask]
            whole = slice(first, start)
            returns[whole] = advantages[whole] + old_values[whole]
            if self._ppo.normalise == "group":
                advantages[whole] = compared(advantages[whole], [episode.reward for episode in group])
        importance = importance_weights(old.double().cpu().numpy(), behaviour, self._ppo.importance_cap)

        def tensor(array: npt.NDArray[np.float64]) -> Tensor:
            return torch.from_numpy(array).float().to(self._device)

        return Measured(
            old, tensor(behaviour), entropy, hidden, values, tensor(kl), tensor(advantages), tensor(returns), tensor(importance)
        )

    def _normalise(self, batches: Sequence[Measured]) -> None:
        every = torch.cat([batch.advantages for batch in batches])
        count = self._sum(float(len(every)))
        mean = self._sum(float(every.sum())) / count
        deviation = math.sqrt(self._sum(float(((every - mean) ** 2).sum())) / count)
        for batch in batches:
            batch.advantages = (batch.advantages - mean) / (deviation + 1e-6)

    def _describe(self, batches: Sequence[Measured]) -> dict[str, float]:
        """Global figures of what was measured before the update."""
        columns = {name: torch.cat([getattr(batch, name) for batch in batches]).double() for name in _DESCRIBED}
        count = self._sum(float(len(columns["old"])))

        def mean(values: Tensor) -> float:
            return self._sum(float(values.sum())) / count

        error = columns["returns"] - columns["values"]
        returns_variance = mean(columns["returns"] ** 2) - mean(columns["returns"]) ** 2
        return {
            "kl": mean(columns["kl"]),
            "entropy": mean(columns["entropy"]),
            "value_mean": mean(columns["values"]),
            "advantage_mean": mean(columns["advantages"]),
            "explained_variance": 1 - (mean(error**2) - mean(error) ** 2) / max(returns_variance, 1e-8),
            "logprob_difference": mean((columns["old"] - columns["behaviour"]).abs()),
            "sampled_tokens": count,
        }

    def _sum(self, value: float) -> float:
        return self._reduce(value, dist.ReduceOp.SUM)

    def _max(self, value: float) -> float:
        return self._reduce(value, dist.ReduceOp.MAX)

    def _reduce(self, value: float, how: dist.ReduceOp.RedOpType) -> float:
        tensor = torch.tensor(value, dtype=torch.float64, device=self._device)
        dist.all_reduce(tensor, how)
        return float(tensor)


@dataclass(slots=True)
class _Part:
    """Some groups of a minibatch with their passes (more than one only of a group too large for it) and what was measured in them.

    `weights` [N] are those of its loss tokens in the policy loss.
    """

    groups: Sequence[Group]
    microbatches: Sequence[Microbatch]
    weights: npt.NDArray[np.float32]
    measured: Measured = field(init=False)

    def judged(self) -> Judged:
        return Judged(self.microbatches, self.measured.hidden, self.measured.values, self.measured.returns)


@dataclass(slots=True)
class Measured:
    """A part's loss tokens [N], in the order of its episodes. `hidden` [N, width] is for the critic; `returns` = advantages + values."""

    old: Tensor
    behaviour: Tensor
    entropy: Tensor
    hidden: Tensor
    values: Tensor
    kl: Tensor
    advantages: Tensor
    returns: Tensor
    importance: Tensor


def schedule(step: int, steps: int, warmup: float, min_ratio: float) -> float:
    """The factor of the learning rate at a step (from 0): linear warm-up over a share of the steps, then a cosine to `min_ratio`."""
    rising = max(1, round(warmup * steps))
    if step < rising:
        return (step + 1) / rising
    progress = (step - rising) / max(1, steps - rising)
    return min_ratio + (1 - min_ratio) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def _mark_last(passes: Sequence[Pass]) -> list[tuple[bool, Pass]]:
    return [(i == len(passes) - 1, given) for i, given in enumerate(passes)]
