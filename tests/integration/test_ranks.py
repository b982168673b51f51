"""Two learner ranks under FSDP2 (gloo) compute what one does."""

import json
import shutil

import numpy as np
import pytest
import torch
import torch.multiprocessing as multiprocessing
import transformers
from safetensors.torch import load_file

from raytool.config import LearnerConfig
from raytool.config.training import OptimizerConfig, SFTConfig
from raytool.learner.group import share, share_units
from raytool.records import UserError
from tests.episodes import episode
from tests.unit.learners import free_ports
from tests.unit.test_learner import PPO, changed, sampled_groups

# What a learner is made of, besides: all weights with a value head, all weights with a critic of its own, adapters for both.
KINDS = {"head": ({}, {}), "model": ({}, {"kind": "model"}), "lora": ({"lora": {"rank": 4}}, {"kind": "model"})}


def uneven_groups():
    """Of two ranks one gets a single group that takes two passes, and the other two groups of a pass each."""
    return [
        [episode([5, 6, 7 + g], ([20 + s, 9, 2], []), rewards=[s % 3 - 1.0], group=g, sample=s, logprob=-4.0) for s in range(samples)]
        for g, samples in enumerate((12, 8, 8))
    ]


def learn(rank, ranks, ports, model, folder, results):
    """Three SFT steps, two meta steps and two PPO updates on one rank, for each kind; rank 0 reports figures and changes of weights."""
    import raytool.learner.worker as worker
    from raytool.weight_sync.shared_memory import SharedMemory

    worker.take_output = lambda path: None
    if rank > 0:  # it gets its shards from rank 0
        for kind in (transformers.AutoModel, transformers.AutoModelForCausalLM):
            kind.from_pretrained = None
    found = {}
    for port, (kind, (knobs, critic)) in zip(ports, KINDS.items(), strict=True):
        config = LearnerConfig.model_validate({"ranks": ranks, "microbatch_tokens": 32, **knobs})
        learner = worker.LearnerWorker(config, SharedMemory(folder), model, "cpu", folder, dtype="bfloat16")
        learner.start(rank, ("127.0.0.1", port), threads=1, seed=0)
        before = {name: tensor.clone() for name, tensor in worker.checkpoint.full_weights(learner._policy, torch.float32).items()}
        demonstrations = [[episode([5] * n, ([20 + n] * n, [6]), ([30 + n, 2], []))] for n in range(1, 6)]
        mine = [e for group in share(demonstrations, ranks)[rank] for e in group]
        weights = [
            [carries * (9.0 if token > 30 else token % 2) for token, carries in zip(e.tokens, e.loss_mask, strict=True)] for e in mine
        ]
        figures = []
        for mean_over in ("tokens", "turns", "sum"):
            learner.begin_sft(SFTConfig(optimizer=OptimizerConfig(lr=1e-3), mean_over=mean_over), 3)
            figures.append(learner.sft_step(mine, weights, 0))
        queries = [[episode([5] * n, ([20 + n, 2], [])), episode([5, 6, n], ([20 + n, 2], []))] for n in range(1, 4)]
        for group, meta in ((queries[:1], {"epsilon": 0.5}), (queries[1:], {"commit": "on_optimal"})):
            learner.begin_sft(SFTConfig(optimizer=OptimizerConfig(lr=1e-3), meta=meta, tokens=999), 999)
            units = share_units(group, ranks)[rank]
            figures.append(learner.meta_step(units, [[e.loss_mask for e in unit] for unit in units], 0))
        learner.save_model(folder / kind)
        # Small steps: Adam makes a full one of a gradient that is bf16 noise.
        ppo = changed(PPO, optimizer=OptimizerConfig(lr=1e-3, min_lr_ratio=1.0), critic={**critic, "lr": 1e-3, "warmup_updates": 0})
        torch.distributed.barrier()
        learner.begin_ppo(ppo, str(folder / kind / "model"))
        updates = enumerate((sampled_groups(), uneven_groups()))
        figures += [learner.update([share(groups, ranks)[rank]], update) for update, groups in updates]
        after = worker.checkpoint.full_weights(learner._policy, torch.float32)
        changes = {name: (tensor - before[name]).numpy() for name, tensor in after.items()}
        learner.save(folder / kind / "left")
        found[kind] = (figures, changes, learner.update([share(sampled_groups(), ranks)[rank]], 2))
        torch.distributed.destroy_process_group()
    if rank == 0:
        results.put(found)
        results.join()


def go_on(ports, model, folder, results):
    """What one rank makes of the checkpoints that several have left: the weights that it begins with, and its next update."""
    import raytool.learner.worker as worker
    from raytool.weight_sync.shared_memory import SharedMemory

    worker.take_output = lambda path: None
    found = {}
    for port, (kind, (knobs, critic)) in zip(ports, KINDS.items(), strict=True):
        config = LearnerConfig.model_validate({"microbatch_tokens": 32, **knobs})
        learner = worker.LearnerWorker(
            config, SharedMemory(folder), model, "cpu", folder, str(folder / kind / "left" / "model"), "bfloat16"
        )
        learner.start(0, ("127.0.0.1", port), threads=1, seed=0)
        ppo = changed(PPO, optimizer=OptimizerConfig(lr=1e-3, min_lr_ratio=1.0), critic={**critic, "lr": 1e-3, "warmup_updates": 0})
        learner.begin_ppo(ppo, str(folder / kind / "model"))
        learner.load(folder / kind / "left")
        weights = worker.checkpoint.full_weights(learner._policy, torch.float32)
        begun = {name: tensor.numpy().copy() for name, tensor in weights.items()}
        found[kind] = (begun, learner.update([sampled_groups()], 2))
        torch.distributed.destroy_process_group()
    results.put(found)
    results.join()


def begin(rank, port, model, folder, results):
    """What a rank of two says of a model that it cannot train."""
    import raytool.learner.worker as worker
    from raytool.weight_sync.shared_memory import SharedMemory

    worker.take_output = lambda path: None
    learner = worker.LearnerWorker(LearnerConfig(ranks=2), SharedMemory(folder), model, "cpu", folder, dtype="float32")
    try:
        learner.start(rank, ("127.0.0.1", port), threads=1, seed=0)
    except UserError as error:
        results.put(str(error))
    torch.distributed.destroy_process_group()


@pytest.fixture(scope="module")
def outcomes(tiny_model, tmp_path_factory):
    found = {}
    for ranks in (1, 2):
        context = multiprocessing.get_context("spawn")
        results = context.JoinableQueue()
        folder = tmp_path_factory.mktemp(f"ranks-{ranks}")
        ports = free_ports(len(KINDS))
        arguments = [(rank, ranks, ports, str(tiny_model), folder, results) for rank in range(ranks)]
        processes = [context.Process(target=learn, args=a, daemon=True) for a in arguments]
        for process in processes:
            process.start()
        found[ranks] = results.get(timeout=300)
        results.task_done()
        for process in processes:
            process.join(60)
            assert process.exitcode == 0
    going_on = context.Process(target=go_on, args=(free_ports(len(KINDS)), str(tiny_model), folder, results), daemon=True)
    going_on.start()
    found["resumed"] = results.get(timeout=300)
    results.task_done()
    going_on.join(60)
    found["left"] = {kind: load_file(folder / kind / "left" / "model" / "model.safetensors") for kind in KINDS}
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_figures_are_global(outcomes, kind):
    for one, two in zip(outcomes[1][kind][0], outcomes[2][kind][0], strict=True):
        for name in one.keys() - {"seconds", "seconds_measure", "seconds_train", "tokens", "tokens_verifying"}:
            assert two[name] == pytest.approx(one[name], rel=3e-2, abs=2e-2), name  # bf16 compute


@pytest.mark.parametrize("kind", KINDS)
def test_weights_are_changed_alike(outcomes, kind):
    """All of them together: where a gradient is bf16 noise, Adam's step may go either way."""
    one, two = (np.concatenate([change.ravel() for change in outcomes[ranks][kind][1].values()]) for ranks in (1, 2))
    assert np.abs(one).max() > 1e-3
    assert np.linalg.norm(two - one) < 0.15 * np.linalg.norm(one)


@pytest.mark.parametrize("kind", KINDS)
def test_one_rank_goes_on_with_what_two_have_left(outcomes, kind):
    weights, update = outcomes["resumed"][kind]
    for name, left in outcomes["left"][kind].items():
        assert torch.equal(torch.from_numpy(weights[name]).to(left.dtype), left), name
    for name in update.keys() - {"seconds", "seconds_measure", "seconds_train", "tokens"}:
        assert update[name] == pytest.approx(outcomes[2][kind][2][name], rel=3e-2, abs=2e-2), name


@pytest.mark.parametrize("ranks", [1, 2])
def test_ppo_begins_at_its_reference_on_every_rank(outcomes, ranks):
    assert {kind: outcomes[ranks][kind][0][5]["kl"] for kind in KINDS} == dict.fromkeys(KINDS, 0.0)


def test_a_model_that_rank_0_refuses_is_refused_by_all(tiny_model, tmp_path):
    """Or the others would wait for their shards."""
    dropping = tmp_path / "model"
    shutil.copytree(tiny_model, dropping)
    config = json.loads((dropping / "config.json").read_text())
    (dropping / "config.json").write_text(json.dumps({**config, "attention_dropout": 0.1}))
    context = multiprocessing.get_context("spawn")
    results, (port,) = context.Queue(), free_ports(1)
    processes = [context.Process(target=begin, args=(rank, port, str(dropping), tmp_path, results), daemon=True) for rank in range(2)]
    for process in processes:
        process.start()
    first, second = (results.get(timeout=120) for _ in processes)
    assert first == second and "dropout in attention" in first
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
