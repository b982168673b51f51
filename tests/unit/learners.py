"""Learners of one rank in the process of a test, and where those of several ranks meet."""

import socket
from contextlib import ExitStack, contextmanager

import torch
import torch.distributed as dist

from raytool.config import LearnerConfig
from raytool.learner import worker
from raytool.weight_sync.shared_memory import SharedMemory


def free_ports(count):
    """Different ones, all free at this moment."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextmanager
def learning(model, folder, trained=None, dtype="bfloat16", **knobs):
    """A started learner that keeps this process's output."""
    take_output, worker.take_output = worker.take_output, lambda path: None
    try:
        config = LearnerConfig.model_validate({"microbatch_tokens": 64, **knobs})
        made = worker.LearnerWorker(config, SharedMemory(folder / "weights"), str(model), "cpu", folder, trained and str(trained), dtype)
        try:
            made.start(0, made.address(), threads=1, seed=0)
            yield made
        finally:
            dist.destroy_process_group()
            torch.use_deterministic_algorithms(False)
    finally:
        worker.take_output = take_output
