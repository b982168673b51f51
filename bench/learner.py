"""Memory and speed of the learner: all weights, LoRA, smaller microbatches, activations computed again, meta steps.

    .venv/bin/python -m bench.learner
    .venv/bin/python -m bench.learner --only LoRA 'all weights' --rounds 3 --threads 2

Each kind is measured in processes of its own, all kinds in turns. `tokens/s of core` counts by processor time, which other work on
the machine changes less than it does the clock. A step is one SFT step on 8 demonstrations of 256 tokens, half of them loss tokens, or
one PPO update on 4 groups of 8 samples of 32 tokens that share a prompt of 128. A meta step has two inner steps on a group of 4
meta-tasks of 2 of these demonstrations, none of which becomes optimal, so that `on_optimal` takes every one back; no PPO follows.
Memory is a rank's, in GB: what it computes from its tensors, and its peak (`raytool/learner/memory.py`).
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Kind:
    knobs: dict[str, Any] = field(default_factory=dict)  # of the learner
    critic: Any = "head"
    commit: Any = None  # of a meta step; None: an ordinary one, and PPO


KINDS = {
    "all weights": Kind(),
    "LoRA": Kind({"lora": {}}),
    "all weights, critic a model": Kind(critic="model"),
    "LoRA, critic an adapter": Kind({"lora": {}}, critic="model"),
    "microbatches of 1024": Kind({"microbatch_tokens": 1024}),
    "microbatches of 512": Kind({"microbatch_tokens": 512}),
    "activations computed again": Kind({"activation_checkpointing": True}),
    "meta, always": Kind(commit="always"),
    "meta, on_optimal": Kind(commit="on_optimal"),
    "meta, on_optimal, LoRA": Kind({"lora": {}}, commit="on_optimal"),
}


def measure(kind: str, model: str, steps: int, threads: int, folder: Path, answer: Any) -> None:
    import numpy as np

    from raytool.config import LearnerConfig
    from raytool.config.training import MetaConfig, PPOConfig, SFTConfig
    from raytool.learner.memory import peak_gb
    from raytool.learner.worker import LearnerWorker
    from raytool.weight_sync.shared_memory import SharedMemory
    from tests.episodes import episode

    measured = KINDS[kind]
    random = np.random.default_rng(0)

    def tokens(count: int) -> list[int]:
        return random.integers(100, 10_000, count).tolist()

    sync = SharedMemory()
    learner = LearnerWorker(LearnerConfig.model_validate(measured.knobs), sync, model, "cpu", folder)
    learner.start(0, learner.address(), threads, seed=0)
    found: dict[str, float] = {}
    meta = measured.commit and MetaConfig(max_inner_steps=2, commit=measured.commit, queries_per_update=4)
    found |= {f"sft {name}": value for name, value in learner.begin_sft(SFTConfig(tokens=10**6, meta=meta or None), 10**6).items()}
    demonstrations = [episode([1, *tokens(127)], (tokens(128), [])) for _ in range(8)]  # prompts that begin alike, as all of a dialect do
    masks = [e.loss_mask for e in demonstrations]

    def sft_step(step: int) -> dict[str, float]:
        if not meta:
            return learner.sft_step(demonstrations, masks, step)
        figures = learner.meta_step([demonstrations[i : i + 2] for i in range(0, 8, 2)], [masks[i : i + 2] for i in range(0, 8, 2)], step)
        assert figures["rolled_back"] == (4 if measured.commit == "on_optimal" else 0), "random tokens were learnt"
        return figures

    found |= _speed("sft", sft_step, steps)
    found["sft peak_gb"] = peak_gb(learner._device)
    if meta:
        sync.close()
        return answer.send(found)
    learner.save_model(folder)
    config = PPOConfig(updates=100, critic={"kind": measured.critic, "warmup_updates": 0})
    found |= {f"ppo {name}": value for name, value in learner.begin_ppo(config, str(folder / "model")).items()}
    groups = []
    for group in range(4):
        prompt = tokens(128)
        groups.append([episode(prompt, (tokens(32), []), rewards=[float(s % 2)], group=group, sample=s, logprob=-9.0) for s in range(8)])
    found |= _speed("ppo", lambda update: learner.update([groups], update), steps)
    found["ppo peak_gb"] = peak_gb(learner._device)
    began = time.perf_counter()
    learner.publish(1)
    found["publish seconds"] = time.perf_counter() - began
    found["peak_gb after publish"] = peak_gb(learner._device)
    sync.close()
    answer.send(found)


def _speed(stage: str, step: Callable[[int], dict[str, float]], steps: int) -> dict[str, float]:
    """Tokens per second, the first step apart."""
    step(0)
    clock, core = time.perf_counter(), time.process_time()
    tokens = sum(step(number)["tokens"] for number in range(1, steps + 1))
    clock, core = time.perf_counter() - clock, time.process_time() - core
    return {f"{stage} tokens/s": tokens / clock, f"{stage} tokens/s of core": tokens / core}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    rounds: dict[str, list[dict[str, float]]] = {kind: [] for kind in given.only}
    context = multiprocessing.get_context("spawn")
    for _ in range(given.rounds):
        for kind in given.only:
            received, answer = context.Pipe(duplex=False)
            with tempfile.TemporaryDirectory() as folder:
                process = context.Process(target=measure, args=(kind, given.model, given.steps, given.threads, Path(folder), answer))
                process.start()
                answer.close()  # so that its end is seen
                assert received.poll(1800), f"{kind}: waited 1800 s for its figures"
                try:
                    rounds[kind].append(received.recv())
                except EOFError:
                    raise SystemExit(f"{kind}: its process died:\n{(Path(folder) / 'learner-0.log').read_text()[-3000:]}") from None
                process.join()
    medians = {kind: {name: statistics.median(f[name] for f in found) for name in found[0]} for kind, found in rounds.items()}
    print(f"{'':24}" + "".join(f"{kind:>30}" for kind in medians))
    for name in max(medians.values(), key=len):
        print(f"{name:24}" + "".join(f"{found[name]:>30.3f}" if name in found else f"{'':>30}" for found in medians.values()))


if __name__ == "__main__":
    main()
