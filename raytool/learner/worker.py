"""One rank of the learner: SFT steps and PPO updates on its share of the episodes. A plain class; the group makes it an actor.

Every rank makes the same sequence of collective calls, whatever its share holds; sums and denominators are global.
"""

from __future__ import annotations

import gc
import math
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
import torch.distributed as dist
from ray.util import get_node_ip_address
from torch import Tensor, nn
from torch.distributed import TCPStore  # type: ignore[attr-defined]
from torch.distributed.device_mesh import init_device_mesh
from torch.utils import deterministic

from raytool import placement, precision, pretrained, sharing
from raytool.config import LearnerConfig
from raytool.config.training import PPOConfig, SFTConfig
from raytool.learner import checkpoint, lora
from raytool.learner.advantages import Floats, compared, importance_weights, token_rewards, token_turns
from raytool.learner.algorithms import ALGORITHMS, Sample
from raytool.learner.critic import make_critic
from raytool.learner.losses import entropy_bonus_sum, policy_loss_sum
from raytool.learner.memory import describe_memory, peak_gb
from raytool.learner.model import Entropy, Forward, Reference, load_frozen, load_policy, load_trunk, reshard
from raytool.learner.packing import Group, bins, empty_microbatch, loss_tokens, pack
from raytool.learner.parts import Measured, Part, Tally, Valued
from raytool.learner.penalty import KLPenalty
from raytool.learner.rank import Rank, mark_last
from raytool.learner.sft import SFTSteps, Weights
from raytool.process import take_output
from raytool.records import Episode, PolicyVersion
from raytool.sharing import Mark
from raytool.weight_sync.base import WeightHandle, WeightSync

_MEET_LIMIT_S = 300.0  # for a rank to reach rank 0, which is there already
_DESCRIBED = ("old", "behaviour", "entropy", "kl", "advantages")


class LearnerWorker(Rank):
    """`base` is the model that training began with, `trained` the `model/` of a checkpoint to start from, if any; `dtype` is the config's
    word on what is computed in."""

    def __init__(
        self,
        config: LearnerConfig,
        weight_sync: WeightSync,
        base: str,
        accelerator: str,
        log_file: Path,
        trained: str | None = None,
        dtype: Literal["auto", "bfloat16", "float32"] = "auto",
    ):
        take_output(log_file)
        self._config = config
        self._weight_sync = weight_sync
        self._base, self._start_from = base, trained  # resolved where they are needed: this may be another machine than the driver's
        self._device = torch.device(accelerator)
        self._wanted = dtype
        self._ppo: PPOConfig | None = None
        self._store: TCPStore | None = None

    def address(self) -> tuple[str, int]:
        """Where rank 0 can be met, from now on and from other machines too."""
        host = get_node_ip_address()  # its own name may lead to its loopback
        self._store = TCPStore(host, 0, is_master=True, wait_for_workers=False)
        return host, self._store.port

    def look(self, mark: Mark, knob: str, who: str) -> None:
        """Raises:
        UserError: naming the knob; the folder with the mark is not shared with this node.
        """
        sharing.look(mark, knob, who)

    def start(self, rank: int, address: tuple[str, int], threads: int | None, seed: int, gpu_share: float = 1.0) -> None:
        """Join the process group and load the model. Without `threads` the ranks of a machine share its cores.

        Raises:
            UserError: this node's GPU cannot be used.
        """
        self._seed = seed
        precision.check(self._device.type)
        if gpu_share < 1:  # beyond it this rank fails and says what makes it smaller; an engine beside it would fail at its next load
            torch.cuda.set_per_process_memory_fraction(gpu_share)
        self._dtype: torch.dtype = getattr(torch, precision.choose(self._wanted, self._device.type))
        torch.use_deterministic_algorithms(self._device.type == "cpu")
        deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a debugging aid, and a third of a step's time
        backend = "nccl" if self._device.type == "cuda" else "gloo"
        limit = timedelta(seconds=max(self._config.step_limit_s, self._config.checkpoint_limit_s))
        meet = timedelta(seconds=_MEET_LIMIT_S)
        store = self._store or TCPStore(*address, is_master=rank == 0, wait_for_workers=False, timeout=meet)
        dist.init_process_group(backend, store=store, rank=rank, world_size=self._config.ranks, timeout=limit)
        self._mesh = init_device_mesh(self._device.type, (self._config.ranks,))
        torch.set_num_threads(threads or placement.threads_per_actor(self._neighbours()))
        # cuDNN makes a plan for every new shape, and every tree of a microbatch has one of its own.
        torch.backends.cuda.enable_cudnn_sdp(False)
        if self.max(float(self._dtype is torch.float32)):  # ranks on different machines compute in the same numbers
            self._dtype = torch.float32
        self._load_policy({lora.POLICY: self._adapter_of(self._start_from)})

    def begin_sft(self, config: SFTConfig, total: int) -> dict[str, float]:
        """`total` is how long the stage is, in steps or, where `config.tokens` is its limit, in tokens.

        What the stage holds in memory on this rank, in GB, is returned, from here and from `begin_ppo`.
        """
        self._begin(config.optimizer, total)
        self._sft = SFTSteps(self, config)
        self._held = describe_memory(self._policy, None, None, self._sft.keeps_snapshot)
        return self._held

    def begin_ppo(self, config: PPOConfig, trained: str | None) -> dict[str, float]:
        """PPO starts from the policy as it stands, which is the checkpoint's of the stage before: `trained` is its `model/`, if any.

        That model, frozen, is what the KL penalty is measured against.
        """
        self._ppo, self._algorithm = config, ALGORITHMS[config.algorithm]
        self._optimizer = None  # the moments of the stage before, and what comes now, need not fit together
        own_critic = config.critic is not None and config.critic.kind == "model"
        if self._config.lora is None:
            start = pretrained.resolve(trained or self._base)
            self._reference = Reference(load_frozen(start, self._mesh, self._dtype)) if config.beta > 0 else None
            trunk = load_trunk(start, self._mesh, self._config, self._dtype) if own_critic else self._policy
        else:
            self._reference = self._add_adapters(self._adapter_of(trained), config.beta > 0, own_critic)
            trunk = self._policy
        self._begin(config.optimizer, config.updates * config.epochs * config.minibatches)
        self._penalty = KLPenalty(config.beta, config.kl_target, config.kl_gain).to(self._device)
        self._critic = make_critic(config.critic, config.optimizer, trunk, self._mesh) if config.critic else None
        self._held = describe_memory(self._policy, self._reference, self._critic)
        return self._held

    def sft_step(self, episodes: Sequence[Episode], weights: Weights, done: int) -> dict[str, float]:
        """From `raytool.learner.sft`, as the next one."""
        return self._sft.step(episodes, weights, done)

    def meta_step(self, units: Sequence[Sequence[Episode]], weights: Sequence[Weights], done: int) -> dict[str, float]:
        return self._sft.meta_step(units, weights, done)

    def update(self, minibatches: Sequence[Sequence[Group]], update: int) -> dict[str, float]:
        """One update on this rank's groups, split into minibatches as given (docs/training.md), by whatever algorithm was begun."""
        assert self._ppo is not None, "begin_ppo comes first"
        config, began = self._ppo, time.perf_counter()
        parts = [self._parts(groups) for groups in minibatches]
        every = [part for minibatch in parts for part in minibatch]
        training = config.critic is None or update >= config.critic.warmup_updates
        # A lone step's forward pass sees the policy as it was, so it can do the measuring too: nothing else is waited for.
        alone = config.epochs * config.minibatches == 1 and config.normalise != "batch"
        at_once = training and alone and self.max(float(max(len(part.microbatches) for part in every))) == 1
        if not at_once:
            self._measure_all(every)
        measured = time.perf_counter()
        tally = Tally()
        first_step = update * config.epochs * config.minibatches
        for number, minibatch in enumerate(parts * config.epochs if training else []):
            if not self._step(minibatch, first_step + number, at_once, tally):
                break
        self.end_batch()
        trained = time.perf_counter()
        fitted = {} if self._critic is None else {"value_loss": self._critic.fit(parts, config.epochs)}
        figures = self._describe([part.measured for part in every]) | fitted | self._summed(tally) | {"beta": float(self._penalty.beta)}
        if training and self._reference is not None:
            self._penalty.follow(figures["kl"])
        figures["tokens"] = self.sum(float(sum(len(m.tokens) for part in every for m in part.microbatches)))
        times = {"seconds": time.perf_counter() - began, "seconds_measure": measured - began, "seconds_train": trained - measured}
        return figures | times

    def publish(self, version: PolicyVersion) -> WeightHandle | None:
        """Send the weights to the engines; rank 0 returns where they are."""
        weights = checkpoint.full_weights(self._policy)
        return self._weight_sync.send(version, checkpoint.as_published(self._policy, weights)) if dist.get_rank() == 0 else None

    def open_weights(self) -> Mark | None:
        """On rank 0: make the place where `publish` puts weights. What engines have to see of it is returned.

        Raises:
            UserError: it has no room for them.
        """
        size = sum(weight.numel() for weight in self._policy.model.parameters()) * self._dtype.itemsize
        return self._weight_sync.open(size)

    def close_weights(self) -> None:
        self._weight_sync.close()

    def save_model(self, folder: Path) -> None:
        checkpoint.save_model(self._policy, pretrained.resolve(self._base), folder)

    def save(self, folder: Path) -> None:
        """Everything that `load` needs to go on."""
        self.save_model(folder)
        checkpoint.save_learner(self._trained(), folder)

    def load(self, folder: Path) -> None:
        """Go on from `save`, after the same `begin_...`."""
        checkpoint.load_learner(self._trained(), folder)

    def memory(self) -> dict[str, float]:
        """What the stage holds in memory on this rank, and the most that a rank has held so far, in GB."""
        return {**self._held, "peak_gb": self.max(peak_gb(self._device))}

    def _neighbours(self) -> int:
        """How many ranks are on this machine, itself included."""
        nodes: list[str] = [""] * self._config.ranks
        dist.all_gather_object(nodes, os.uname().nodename)
        return nodes.count(os.uname().nodename)

    def _load_policy(self, adapters: Mapping[str, lora.Weights | None]) -> None:
        path = self._start_from if self._config.lora is None and self._start_from else self._base
        torch.manual_seed(self._seed)  # of a new adapter
        self._policy = load_policy(pretrained.resolve(path), self._mesh, self._config, self._dtype, adapters)

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
            gc.collect()  # a sharded model refers to itself; two bases need not fit
            self._load_policy(adapters | more)
        return Reference(self._policy, lora.REFERENCE if start else None) if reference else None

    def _trained(self) -> checkpoint.Trained:
        trained: dict[str, tuple[nn.Module, torch.optim.Optimizer | tuple[()]]] = {"policy": (self._policy.trained, self.optimizer)}
        if self._ppo is not None:
            trained["penalty"] = (self._penalty, ())
            if self._critic is not None:
                trained["critic"] = (self._critic.module, self._critic.optimizer)
        return trained

    def _parts(self, groups: Sequence[Group]) -> list[Part]:
        """A minibatch's groups in parts that are measured and trained on together."""
        size = self._config.microbatch_tokens
        parts = [Part(part, pack(part, size), self._weights(part)) for part in bins(groups, size)]
        missing = self.missing_passes(sum(len(part.microbatches) for part in parts))
        return parts + [Part([], [empty_microbatch()], self._weights([])) for _ in range(missing)]

    def _weights(self, groups: Sequence[Group]) -> npt.NDArray[np.float32]:
        """[N] weights of loss tokens in the policy loss."""
        assert self._ppo is not None
        counts = np.array([loss_tokens(episode) for group in groups for episode in group], dtype=int)
        each = np.ones(len(counts)) if self._ppo.mean_over == "tokens" else 1 / counts
        return np.repeat(each, counts).astype(np.float32)

    def _step(self, minibatch: Sequence[Part], step: int, at_once: bool, tally: Tally) -> bool:
        """A policy step on a minibatch, unless the policy has left the one that the update began with too far (`kl_stop`)."""
        assert self._ppo is not None
        config = self._ppo
        total = self.sum(float(sum(part.weights.sum() for part in minibatch)))
        entropy: Entropy = "trained" if config.entropy_bonus > 0 else "measured" if at_once else "none"
        tally.next_minibatch()
        for last, (part, microbatch) in mark_last([(p, m) for p in minibatch for m in p.microbatches]):
            out, at = self.forward(microbatch, last, entropy), self.index(microbatch)
            if at_once:
                part.measured = self._measure(part, [out])
            batch, weights = part.measured, torch.from_numpy(part.weights).to(self._device)[at]
            clips = (config.clip, config.clip_high)
            loss = policy_loss_sum(out.logprobs, batch.old[at], batch.advantages[at], weights * batch.importance[at], *clips) / total
            tally.add(loss, out.logprobs.detach(), batch.old[at], *clips)
            if config.entropy_bonus > 0:
                assert out.entropy is not None
                loss = loss - config.entropy_bonus * entropy_bonus_sum(out.entropy, weights) / total
            self.backward(loss)
        if config.kl_stop is not None and self.sum(tally.divergence) > config.kl_stop * self.sum(float(tally.tokens)):
            self.optimizer.zero_grad()
            tally.stopped = True
            return False
        tally.norm, tally.lr = self.optimizer_step(step)
        tally.steps += 1
        return True

    def _summed(self, tally: Tally) -> dict[str, float]:
        """The figures of an update's steps, over all ranks."""
        return {
            "policy_loss": self.sum(tally.loss) / max(1, tally.minibatches),
            "clip_share": self.sum(tally.clipped) / max(1.0, self.sum(float(tally.every_token))),
            "first_ratio_error": self.max(tally.first_ratio_error),
            "kl_old": self.sum(tally.divergence) / max(1.0, self.sum(float(tally.tokens))),
            "steps": float(tally.steps),
            "stopped_early": float(tally.stopped),
            "grad_norm": tally.norm,
            "lr": tally.lr,
        }

    def _measure_all(self, parts: Sequence[Part]) -> None:
        assert self._ppo is not None
        with torch.no_grad():  # else each pass, made when `_measure` comes to it, would leave its activations
            for part in parts:
                part.measured = self._measure(part, (self._policy(microbatch, "measured") for microbatch in part.microbatches))
        for module in [self._policy] if self._critic is None else [self._policy, self._critic.module]:
            reshard(module)
        if self._ppo.normalise == "batch":
            self._normalise([part.measured for part in parts])

    @torch.no_grad()
    def _measure(self, part: Part, passes: Iterable[Forward]) -> Measured:
        """What the update is computed from: a pass of the policy as it stands, given, and one of the reference."""
        assert self._ppo is not None
        count, width = len(part.weights), 0 if self._critic is None else self._critic.width
        old, reference, entropy, values = (torch.zeros(count, device=self._device) for _ in range(4))
        hidden = torch.zeros(count, width, device=self._device)
        # Pass by pass: ranks have the same number of passes, but not in each part, and meet in every module's.
        for microbatch, out in zip(part.microbatches, passes, strict=True):
            at = self.index(microbatch)
            assert out.entropy is not None
            old[at], entropy[at] = out.logprobs, out.entropy
            hidden[at] = out.hidden[:, :width].float()
            reference[at] = out.logprobs if self._reference is None else self._reference.logprobs(microbatch)
            if self._critic is not None:
                values[at] = self._critic.values(microbatch, hidden[at])
        kl = (old - reference).double().cpu().numpy()
        expected = values.double().cpu().numpy()
        advantages = self._advantages(part, kl, expected)
        valued = None if self._critic is None else Valued(hidden, values, self._tensor(advantages + expected))
        if self._ppo.normalise == "group":
            self._compare(part, advantages)
        behaviour = np.concatenate([_sampled_logprobs(episode) for group in part.groups for episode in group] or [np.zeros(0)])
        importance = importance_weights(old.double().cpu().numpy(), behaviour, self._ppo.importance_cap)
        kl_, behaviour_, advantages_, importance_ = map(self._tensor, (kl, behaviour, advantages, importance))
        return Measured(old, behaviour_, entropy, kl_, advantages_, importance_, valued)

    def _advantages(self, part: Part, kl: Floats, values: Floats) -> Floats:
        """[N] advantages of a part's loss tokens, by the algorithm."""
        assert self._ppo is not None
        beta, found, start = float(self._penalty.beta), [np.zeros(0)], 0
        for group in part.groups:
            samples = []
            for episode in group:
                own = slice(start, start := start + loss_tokens(episode))
                rewards = token_rewards(episode, self._ppo.reward_clip)
                samples.append(Sample(rewards, beta * kl[own], token_turns(episode), values[own]))
            found += self._algorithm.advantages(samples, self._ppo)
        return np.concatenate(found)

    def _compare(self, part: Part, advantages: Floats) -> None:
        """`normalise: group`, in place."""
        start = 0
        for group in part.groups:
            whole = slice(start, start := start + sum(map(loss_tokens, group)))
            advantages[whole] = compared(advantages[whole], [episode.reward for episode in group])

    def _tensor(self, array: Floats) -> Tensor:
        return torch.from_numpy(array).float().to(self._device)

    def _normalise(self, batches: Sequence[Measured]) -> None:
        every = torch.cat([batch.advantages for batch in batches])
        count = self.sum(float(len(every)))
        mean = self.sum(float(every.sum())) / count
        deviation = math.sqrt(self.sum(float(((every - mean) ** 2).sum())) / count)
        for batch in batches:
            batch.advantages = (batch.advantages - mean) / (deviation + 1e-6)

    def _describe(self, batches: Sequence[Measured]) -> dict[str, float]:
        """Global figures of what was measured before the update."""
        columns = {name: torch.cat([getattr(batch, name) for batch in batches]).double() for name in _DESCRIBED}
        count = self.sum(float(len(columns["old"])))

        def mean(values: Tensor) -> float:
            return self.sum(float(values.sum())) / count

        figures = {} if self._reference is None else {"kl": mean(columns["kl"])}
        figures |= {
            "entropy": mean(columns["entropy"]),
            "advantage_mean": mean(columns["advantages"]),
            "logprob_difference": mean((columns["old"] - columns["behaviour"]).abs()),
            "sampled_tokens": count,
        }
        valued = [batch.valued for batch in batches if batch.valued is not None]
        if not valued:
            return figures
        values, returns = torch.cat([v.values for v in valued]).double(), torch.cat([v.returns for v in valued]).double()
        error = returns - values
        returns_variance = mean(returns**2) - mean(returns) ** 2
        explained = 1 - (mean(error**2) - mean(error) ** 2) / max(returns_variance, 1e-8)
        return figures | {"value_mean": mean(values), "explained_variance": explained}


def _sampled_logprobs(episode: Episode) -> Floats:
    """[n] the behaviour's log-probabilities of an episode's sampled tokens."""
    assert episode.logprobs is not None, "PPO needs episodes that a policy sampled"
    return np.asarray(episode.logprobs)[np.asarray(episode.loss_mask, dtype=bool)]
