"""Credit crosses turns: a model learns a first call that pays only at the end of the episode, through the real learner.

The cupboard has two drawers. The query says which one holds the thing, in a way that a model has to find out; the first call opens
a drawer (every token opens one of them), the observation says nothing, and after the second call, which changes nothing, the
episode is worth +1 if the right drawer was opened and -1 if not. A random tiny model starts from scratch; its episodes are
sampled by a plain loop in torch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
import torch.distributed as dist
from transformers import AutoConfig, AutoModelForCausalLM

from raytool.config import LearnerConfig
from raytool.config.training import CriticConfig, OptimizerConfig, PPOConfig
from raytool.learner import checkpoint
from raytool.learner.worker import LearnerWorker
from raytool.records import Episode
from raytool.weight_sync.shared_memory import SharedMemory
from tests.episodes import episode
from tests.unit.test_learner import changed

QUERIES = (10, 11, 12, 13)
SAMPLES = 8
SOLVED = 0.9  # the probability of the right drawer, over the queries
PPO = PPOConfig(
    updates=20,
    tasks_per_update=len(QUERIES),
    samples_per_task=SAMPLES,
    beta=0.0,
    critic=CriticConfig(warmup_updates=0, lr=3e-3),
    optimizer=OptimizerConfig(lr=3e-3, min_lr_ratio=1.0, warmup=0.0),
)


@dataclass(frozen=True)
class Cupboard:
    """`calls` of an episode, of which the first or `all` of them open drawers; `paid` at each call, or at the end."""

    calls: int = 2
    every: bool = False
    paid: str = "at the end"

    def prompt(self, query: int) -> list[int]:
        return [5, query]

    def right(self, query: int, turn: int, token: int) -> bool:
        return (token < 32) == ((query + turn) % 2 == 0)

    def episode(self, query: int, sample: int, tokens: list[int], logprobs: list[float]) -> Episode:
        worth = [1.0 if self.right(query, turn, token) else -1.0 for turn, token in enumerate(tokens)]
        if not self.every:
            worth[1:] = [0.0] * (len(tokens) - 1)
        at_once = self.paid == "at each call"
        made = episode(
            self.prompt(query),
            *(([token], [3]) for token in tokens),
            rewards=worth if at_once else [0.0] * len(worth),
            outcome=0.0 if at_once else sum(worth),
            group=query,
            sample=sample,
        )
        places = [place for place, mask in enumerate(made.loss_mask) if mask]
        known = dict(zip(places, logprobs, strict=True))
        return replace(made, logprobs=tuple(known.get(place, 0.0) for place in range(len(made.tokens))))


def cut(whole: Episode) -> list[Episode]:
    """Each turn as an episode of its own, with what went before as its prompt: no credit goes from one to another."""
    parts = []
    for number, turn in enumerate(whole.turns):
        mask = tuple(int(turn.span.start <= place < turn.span.stop) for place in range(turn.span.stop))
        last = number == len(whole.turns) - 1
        parts.append(
            replace(
                whole,
                id=f"{whole.id}-{number}",
                tokens=whole.tokens[: turn.span.stop],
                logprobs=whole.logprobs[: turn.span.stop],
                versions=whole.versions[: turn.span.stop],
                loss_mask=mask,
                turns=(turn,),
                outcome=whole.outcome if last else 0.0,
            )
        )
    return parts


@torch.no_grad()
def play(model, cupboard: Cupboard, generator: torch.Generator) -> list[list[Episode]]:
    groups = []
    for query in QUERIES:
        tokens = torch.tensor([cupboard.prompt(query)] * SAMPLES)
        said, logprobs = [], []
        for _ in range(cupboard.calls):
            distribution = torch.log_softmax(model(tokens).logits[:, -1], -1)
            drawn = torch.multinomial(distribution.exp(), 1, generator=generator)
            said.append(drawn)
            logprobs.append(distribution.gather(1, drawn))
            tokens = torch.cat([tokens, drawn, torch.full_like(drawn, 3)], 1)
        rows = zip(torch.cat(said, 1).tolist(), torch.cat(logprobs, 1).tolist(), strict=True)
        groups.append([cupboard.episode(query, sample, *row) for sample, row in enumerate(rows)])
    return groups


@torch.no_grad()
def right_share(model, cupboard: Cupboard) -> float:
    """The probability that the first call opens the right drawer; over all calls, where each opens one (after right ones)."""
    found = []
    for query in QUERIES:
        tokens = cupboard.prompt(query)
        for turn in range(cupboard.calls if cupboard.every else 1):
            probabilities = torch.softmax(model(torch.tensor([tokens])).logits[0, -1], -1)
            right = torch.tensor([cupboard.right(query, turn, token) for token in range(64)])
            found.append(float(probabilities[right].sum()))
            tokens = [*tokens, int((probabilities * right).argmax()), 3]
    return sum(found) / len(found)


@pytest.fixture
def solve(tiny_model, tmp_path, monkeypatch):
    """A function that trains a fresh random model and returns after how many updates the cupboard was solved; None: not in time."""
    monkeypatch.setattr("raytool.learner.worker.take_output", lambda path: None)

    def updates(seed: int, cupboard: Cupboard, config: PPOConfig = PPO, cut_at_turns: bool = False) -> int | None:
        torch.manual_seed(seed)
        model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(tiny_model), dtype=torch.float32)
        start = tmp_path / f"random-{seed}"
        model.save_pretrained(start)
        learner = LearnerWorker(
            LearnerConfig(microbatch_tokens=1024), SharedMemory(tmp_path / "weights"), str(start), "cpu", tmp_path, dtype="bfloat16"
        )
        learner.start(0, learner.address(), threads=1, seed=seed)
        try:
            learner.begin_ppo(config, str(start))
            generator = torch.Generator().manual_seed(seed)
            for update in range(config.updates):
                if right_share(model, cupboard) >= SOLVED:
                    return update
                groups = play(model, cupboard, generator)
                if cut_at_turns:
                    groups = [[part for whole in group for part in cut(whole)] for group in groups]
                learner.update([groups], update)
                model.load_state_dict(checkpoint.full_weights(learner._policy), strict=False)
            return None
        finally:
            dist.destroy_process_group()
            torch.use_deterministic_algorithms(False)

    return updates


WITHOUT_CRITIC = {"critic": None, "lam": None}


@pytest.mark.parametrize("seed", range(3))
def test_a_call_that_pays_at_the_end_is_learnt_and_not_where_credit_stops_at_turns(solve, seed):
    assert solve(seed, Cupboard()) is not None
    assert solve(seed, Cupboard(), cut_at_turns=True) is None


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("algorithm", ["grpo", "rloo"])
def test_it_is_learnt_without_a_critic(solve, seed, algorithm):
    assert solve(seed, Cupboard(), changed(PPO, algorithm=algorithm, **WITHOUT_CRITIC)) is not None


@pytest.mark.long
@pytest.mark.parametrize("algorithm", ["ppo", "grpo", "rloo"])
@pytest.mark.parametrize("cupboard", [Cupboard(), Cupboard(calls=4, every=True)], ids=["first", "four"])
def test_rewards_per_call_teach_faster_than_their_sum_at_the_end(solve, cupboard, algorithm):
    """The figures are in docs/training.md."""
    config = changed(PPO, updates=100, algorithm=algorithm, **({} if algorithm == "ppo" else WITHOUT_CRITIC))
    taken = {paid: [solve(seed, replace(cupboard, paid=paid), config) for seed in range(10)] for paid in ("at each call", "at the end")}
    print(algorithm, cupboard.calls, taken)
    assert all(updates is not None for found in taken.values() for updates in found)
    assert np.mean(taken["at each call"]) < np.mean(taken["at the end"])
