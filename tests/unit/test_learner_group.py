"""The learner's ranks as one: whose answer, and whose failure, is that of all."""

import asyncio
from types import SimpleNamespace

import pytest
import torch
import torch.distributed as dist
from safetensors import SafetensorError
from torch.distributed.checkpoint.api import CheckpointException

from raytool.actors import ActorLost
from raytool.learner import group
from raytool.learner.group import LearnerGroup, in_order
from raytool.learner.worker import Position
from raytool.records import UserError


def grouped(*outcomes):
    """A group of ranks, of which each gives its outcome, or raises it, after so many seconds."""

    async def answer(outcome, after):
        await asyncio.sleep(after)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    made = object.__new__(LearnerGroup)
    made._config = SimpleNamespace(step_limit_s=5.0, checkpoint_limit_s=20.0)
    calls = [SimpleNamespace(remote=lambda *_, given=given: answer(*given)) for given in outcomes]
    made._ranks = [SimpleNamespace(memory=call, save=call, save_model=call, load=call, publish=call) for call in calls]
    return made


def test_the_answer_is_rank_0_s():
    assert asyncio.run(grouped(({"a": 1}, 0.02), ({"b": 2}, 0.0)).memory()) == {"a": 1}


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_lost_rank_is_told_though_the_others_notice_it_first(lost):
    """Their collective calls fail at once, and Ray tells of the death a moment later."""
    outcomes = [(RuntimeError("Connection reset by peer"), 0.0) for _ in range(3)]
    outcomes[lost] = ActorLost("lost while waiting for a learner rank"), 0.05
    with pytest.raises(ActorLost):
        asyncio.run(grouped(*outcomes).memory())


def test_a_defect_is_raised_as_it_is_and_does_not_wait_for_ranks_that_hang(monkeypatch):
    monkeypatch.setattr(group, "_DEATH_LIMIT_S", 0.05)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(grouped((ZeroDivisionError(), 0.0), ("late", 60.0)).memory())


def of_a_checkpoint(*causes):
    return CheckpointException("save", {rank: (cause, None) for rank, cause in enumerate(causes)})


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (torch.AcceleratorError("CUDA error: uncorrectable ECC error encountered\nCUDA kernel errors might be"), "ECC error encountered"),
        (RuntimeError("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling"), "CUBLAS_STATUS_EXECUTION_FAILED when calling"),
        (dist.DistBackendError("NCCL error: remote process exited"), "NCCL error: remote process exited"),
        (RuntimeError("[/pytorch/third_party/gloo/gloo/transport/tcp/pair.cc:553] Connection closed"), "Connection closed"),
        (OSError(116, "Stale file handle"), "Stale file handle"),
        (SafetensorError("Error while serializing: I/O error: No space left on device"), "No space left on device"),
        (of_a_checkpoint(OSError(28, "No space left on device")), "No space left on device"),
        (of_a_checkpoint(RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 7 vs 5")), "unexpected pos 7 vs 5"),
    ],
)
def test_a_rank_that_its_machine_fails_is_lost_though_its_process_lives(monkeypatch, error, says):
    """So that the run goes on from its checkpoint. The others hang in their collective calls."""
    monkeypatch.setattr(group, "_DEATH_LIMIT_S", 0.05)
    with pytest.raises(ActorLost, match=rf"^learner rank 1 failed to memory: [^\n]*{says}$"):
        asyncio.run(grouped(("late", 60.0), (error, 0.0)).memory())


@pytest.mark.parametrize(
    "error",
    [
        TypeError("unsupported operand"),
        AssertionError("a stage was begun"),
        RuntimeError("mat1 and mat2 shapes cannot be multiplied (3x4 and 5x6)"),
        torch.AcceleratorError("CUDA error: device-side assert triggered"),
        UserError("the gradient was nan"),
        of_a_checkpoint(OSError(5, "Input/output error"), KeyError("optimizer")),
    ],
)
def test_a_defect_is_raised_whatever_the_others_say(error):
    with pytest.raises(type(error)) as raised:
        asyncio.run(grouped((dist.DistBackendError("timed out"), 0.0), (error, 0.01)).memory())
    assert raised.value is error


@pytest.mark.parametrize(
    "error",
    [
        SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"),
        of_a_checkpoint(OSError(28, "No space left on device")),
        OSError(122, "Disk quota exceeded"),
    ],
)
def test_a_full_disk_ends_a_run_at_its_checkpoint(error, tmp_path):
    """Other actors would fill it again."""
    with pytest.raises(OSError, match="a checkpoint could not be written: (No space left on device|Disk quota exceeded)"):
        asyncio.run(grouped(("saved", 0.0), (error, 0.0)).save(tmp_path, True))


def test_memory_that_does_not_suffice_is_the_users_to_mend():
    full = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
    with pytest.raises(UserError, match="learner: out of GPU memory in memory: CUDA out of memory; smaller learner.microbatch_tokens"):
        asyncio.run(grouped((torch.AcceleratorError("CUDA error: out of memory"), 0.0), (full, 0.01)).memory())


def test_what_fails_on_one_rank_is_raised_where_the_others_are_done():
    with pytest.raises(ZeroDivisionError):
        asyncio.run(grouped(("done", 0.0), (ZeroDivisionError(), 0.02)).memory())


def test_a_checkpoint_has_a_limit_of_its_own(monkeypatch):
    """It grows with the model and the disk, and not with a batch."""
    limits = {}

    async def bounded(call, limit_s, what):
        limits[what.rpartition(" ")[2]] = limit_s
        return await call

    monkeypatch.setattr(group, "bounded", bounded)
    made = grouped((None, 0.0), (None, 0.0))
    for asked in (made.save("x", True), made.save("x", False), made.load("x"), made.publish(1)):
        asyncio.run(asked)
    assert limits == {"save": 20.0, "save_model": 20.0, "load": 20.0, "publish": 5.0}


@pytest.mark.parametrize(
    ("positions", "order"),
    [
        (["a3", "a0", "a2", "a1"], [1, 3, 2, 0]),
        (["b0", "a1", "b1", "a0"], [0, 2, 3, 1]),
        (["a10", "a9", "a2"], [2, 1, 0]),
        (["a", "b", "a", "b"], [0, 2, 1, 3]),
        (["aGPU-7e", "aGPU-0b"], [1, 0]),
    ],
    ids=["GPUs", "nodes and GPUs", "numbers", "nodes without GPUs", "names"],
)
def test_ranks_follow_nodes_and_on_each_its_gpus(positions, order):
    assert in_order([Position(position[0], position[1:]) for position in positions]) == order


def test_ranks_are_numbered_by_where_they_are():
    """Before anything is asked of them by number: the meeting place, the log, the share of a step."""
    asked = []

    def actor(name, position):
        async def answer(method, *given):
            asked.append((name, method, *given))
            return {"tell_position": position, "address": ("here", 1)}.get(method)

        methods = ("tell_position", "look", "address", "start", "publish")
        return SimpleNamespace(**{m: SimpleNamespace(remote=lambda *given, m=m: answer(m, *given)) for m in methods})

    made = object.__new__(LearnerGroup)
    made._config, made._threads, made._gpu_share = SimpleNamespace(step_limit_s=5.0), None, 1.0
    made._ranks = [actor("first", Position("x", "1")), actor("second", Position("y", "0")), actor("third", Position("x", "0"))]
    asyncio.run(made.start(seed=7, run="mark"))
    told = {method: [(name, given) for name, each, *given in asked if each == method] for method in ("look", "address", "start")}
    order = ["third", "first", "second"]
    assert told["look"] == [(name, ["mark", "runs", f"learner rank {rank}"]) for rank, name in enumerate(order)]
    assert told["address"] == [("third", [])]
    assert told["start"] == [(name, [rank, ("here", 1), None, 7, 1.0]) for rank, name in enumerate(order)]
