"""Two learner ranks under FSDP2 (gloo) compute what one does."""

import pytest
import torch
import torch.multiprocessing as multiprocessing

from raytool.config import LearnerConfig, OptimizerConfig, SFTConfig
from raytool.learner.group import share
from tests.episodes import episode
from tests.unit.test_learner import PPO, changed, sampled_groups


def learn(rank, ranks, port, model, folder, results):
    """Three SFT steps and two PPO updates on one rank; rank 0 reports figures and weights."""
    import raytool.learner.worker as worker
    from raytool.weight_sync.shared_memory import SharedMemory

    worker.take_output = lambda path: None
    learner = worker.LearnerWorker(LearnerConfig(ranks=ranks, microbatch_tokens=32), SharedMemory(folder), model, "cpu", folder)
    learner.start(rank, ("127.0.0.1", port), threads=1, seed=0)
    demonstrations = [[episode([5] * n, ([20 + n] * n, [6]), ([30 + n, 2], []))] for n in range(1, 6)]
    mine = [e for group in share(demonstrations, ranks)[rank] for e in group]
    weights = [[carries * (9.0 if token > 30 else token % 2) for token, carries in zip(e.tokens, e.loss_mask, strict=True)] for e in mine]
    figures = []
    for mean_over in ("tokens", "turns", "sum"):
        learner.begin_sft(SFTConfig(optimizer=OptimizerConfig(lr=1e-3), mean_over=mean_over), 3)
        figures.append(learner.sft_step(mine, weights, 0))
    # Small steps: Adam makes a full one of a gradient that is bf16 noise.
    learner.begin_ppo(changed(PPO, optimizer=OptimizerConfig(lr=1e-3, min_lr_ratio=1.0)), model)
    figures += [learner.update([share(sampled_groups(), ranks)[rank]], update) for update in range(2)]
    weights = worker.checkpoint.full_weights(learner._policy)
    if rank == 0:
        results.put((figures, {name: tensor.float().numpy() for name, tensor in weights.items()}))
        results.join()
    torch.distributed.destroy_process_group()


@pytest.fixture(scope="module")
def outcomes(tiny_model, tmp_path_factory):
    found = {}
    for ranks in (1, 2):
        context = multiprocessing.get_context("spawn")
        results = context.JoinableQueue()
        folder = tmp_path_factory.mktemp(f"ranks-{ranks}")
        arguments = [(rank, ranks, 29600 + ranks, str(tiny_model), folder, results) for rank in range(ranks)]
        processes = [context.Process(target=learn, args=a) for a in arguments]
        for process in processes:
            process.start()
        found[ranks] = results.get(timeout=120)
        results.task_done()
        for process in processes:
            process.join(60)
            assert process.exitcode == 0
    return found


def test_figures_are_global(outcomes):
    for one, two in zip(outcomes[1][0], outcomes[2][0], strict=True):
        for name in one.keys() - {"seconds", "seconds_measure", "seconds_train", "tokens"}:
            assert two[name] == pytest.approx(one[name], rel=3e-2, abs=2e-2), name  # bf16 compute


def test_weights_agree(outcomes):
    for name, one in outcomes[1][1].items():
        torch.testing.assert_close(torch.from_numpy(outcomes[2][1][name]), torch.from_numpy(one), atol=0.02, rtol=0.02)
