"""Ranks stop an update together, whatever each sees of it alone: one of two has no episodes, and would go on by itself."""

import torch
import torch.multiprocessing as multiprocessing

from raytool.config import LearnerConfig
from raytool.learner.group import share
from tests.unit.learners import free_ports
from tests.unit.test_learner import by, sampled_groups


def learn(rank, port, model, folder, results):
    import raytool.learner.worker as worker
    from raytool.weight_sync.shared_memory import SharedMemory

    worker.take_output = lambda path: None
    config = LearnerConfig(ranks=2, microbatch_tokens=64, step_limit_s=180)
    learner = worker.LearnerWorker(config, SharedMemory(folder), model, "cpu", folder)
    learner.start(rank, ("127.0.0.1", port), threads=1, seed=0)
    learner.begin_ppo(by("rloo", epochs=3, kl_stop=1e-9, entropy_bonus=0.01, kl_target=0.1), model)
    mine = share(sampled_groups()[:1], 2)[rank]
    figures = [learner.update([mine], update) for update in range(2)]
    results.put((rank, len(mine), [{k: v for k, v in f.items() if not k.startswith("seconds")} for f in figures]))
    results.join()
    torch.distributed.destroy_process_group()


def test_ranks_stop_together(tiny_model, tmp_path):
    context = multiprocessing.get_context("spawn")
    results = context.JoinableQueue()
    (port,) = free_ports(1)
    processes = [context.Process(target=learn, args=(rank, port, str(tiny_model), tmp_path, results), daemon=True) for rank in range(2)]
    for process in processes:
        process.start()
    (_, some, one), (_, none, two) = sorted(results.get(timeout=300) for _ in processes)
    for _ in processes:
        results.task_done()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert (some, none) == (1, 0)
    assert one == two
    assert [(figures["steps"], figures["stopped_early"]) for figures in one] == [(1, 1)] * 2
    assert [figures["beta"] for figures in one] == [0.1, 0.1 * (1 - 0.1 * 0.2)]
