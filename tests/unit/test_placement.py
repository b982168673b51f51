"""Where a run computes, and what it reserves there."""

import asyncio
import contextlib
import os
import re
from types import SimpleNamespace

import pytest
import torch

from raytool import placement, precision
from raytool.actors import ActorLost
from raytool.config import Config, LearnerConfig, ModelConfig, forbidden_changes
from raytool.config.rollout import EngineConfig, RolloutConfig
from raytool.console import Console
from raytool.learner import group as learner_group
from raytool.placement import Bundle, PlacementError
from raytool.records import UserError
from raytool.sections import ConfigError, parse


def of_a_cluster(monkeypatch, *resources):
    """Of one node: what it has, and what of it is free."""
    has, free = resources
    monkeypatch.setattr(placement.ray, "cluster_resources", lambda: has)
    monkeypatch.setattr(placement.ray, "available_resources", lambda: free)
    monkeypatch.setattr(
        placement.ray, "nodes", lambda: [{"Alive": True, "Resources": has}, {"Alive": False, "Resources": {"GPU": 8, "CPU": 8}}]
    )


@pytest.mark.parametrize(
    ("grows", "error", "said"),
    [
        (
            True,
            ActorLost,
            "waited 0.01 s (reserve_limit_s) for resources: rollout.workers=2 on cuda need {'CPU': 2.0, 'GPU': 2.0}; the cluster has "
            "{'CPU': 4, 'GPU': 1}, free are {'CPU': 3, 'GPU': 0}; "
            "an autoscaler whose limits (max_workers, maxReplicas) cannot hold all of that starts nothing",
        ),
        (False, PlacementError, "rollout.workers=2 on cuda need {'CPU': 2.0, 'GPU': 2.0}; this machine has {'CPU': 4, 'GPU': 1}"),
    ],
)
def test_resources_that_do_not_come_are_waited_for_only_where_a_cluster_may_grow(monkeypatch, grows, error, said):
    asked = []

    def group(bundles, **_):
        asked.append(SimpleNamespace(ready=asyncio.Event().wait))
        return asked[-1]

    of_a_cluster(monkeypatch, {"CPU": 4, "GPU": 1}, {"CPU": 3})
    monkeypatch.setattr(placement, "placement_group", group)
    monkeypatch.setattr(placement, "remove_placement_group", asked.remove)
    with pytest.raises(error, match=re.escape(said)):
        asyncio.run(placement.reserve(RolloutConfig(workers=2), None, "cuda", placement.Cluster(grows=grows), limit_s=0.01))
    assert asked == []


@pytest.mark.parametrize("gpus", [0, 1, 4])
def test_where_a_run_computes_follows_from_what_the_cluster_had_at_the_start(monkeypatch, gpus):
    """An attempt after the loss of the only machine with GPUs waits for another one, and does not go on without."""
    monkeypatch.setattr(placement.ray, "cluster_resources", lambda: {"CPU": 4})
    cluster = placement.Cluster(grows=True, gpus=gpus)
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    assert placement.choose_accelerator("auto", cluster, EngineConfig()) == ("cuda" if gpus else "cpu")
    assert placement.choose_accelerator("cuda", cluster, EngineConfig()) == "cuda"


@pytest.mark.parametrize("began", ["cpu", "cuda"])
@pytest.mark.parametrize("gpus", [0, 4])
def test_a_run_goes_on_where_it_began_whatever_there_is_now(monkeypatch, capsys, began, gpus):
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    cluster = placement.Cluster(grows=True, gpus=gpus)
    assert placement.choose_accelerator("auto", cluster, EngineConfig(), began=began) == began
    placement.tell_idle(began, "auto", cluster, Console(), began)
    assert ("began on CPUs and goes on there" in capsys.readouterr().out) == (began == "cpu" and gpus > 0)
    monkeypatch.setattr(torch.version, "cuda", None)
    if began == "cuda":
        with pytest.raises(PlacementError, match="accelerator: the run began on 'cuda', and torch is built for CPUs"):
            placement.choose_accelerator("auto", placement.Cluster(), EngineConfig(), began=began)


def test_a_gpu_that_is_counted_and_cannot_be_used_names_its_node(monkeypatch):
    """Ray asks the driver, which may be older than what torch is built for."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    precision.check("cpu")
    with pytest.raises(
        UserError, match=rf"accelerator: torch \S+ cannot use the GPU \(CUDA_VISIBLE_DEVICES=3\) of node {os.uname().nodename}; "
    ):
        precision.check("cuda")


def test_what_is_built_for_gpus_does_not_compute_on_cpus(monkeypatch):
    """vLLM goes by its build: it would take a GPU that nobody reserved, or fail."""
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    with pytest.raises(
        UserError, match=rf"accelerator: cpu, but torch \S+ of node {os.uname().nodename}, and vLLM with it, are built for CUDA"
    ):
        precision.check_engine("cpu")
    precision.check("cpu")


@pytest.mark.parametrize(("has", "refused"), [((7, 0), True), ((7, 5), False), ((9, 0), False), ((10, 0), False)])
def test_a_gpu_for_which_there_are_no_kernels_is_refused(monkeypatch, has, refused):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: ["sm_75", "sm_80", "sm_90a", "sm_100", "compute_120"])
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: has)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "A card")
    told = pytest.raises(UserError, match=r"compute capability 7\.5 on, and A card of node \S+ has 7\.0")
    with told if refused else contextlib.nullcontext():
        precision.check("cuda")


def test_gpus_that_this_torch_cannot_use_are_not_used_and_somebody_says_so(monkeypatch, capsys):
    monkeypatch.setattr(torch.version, "cuda", None)
    cluster = placement.Cluster(gpus=2)
    assert placement.choose_accelerator("auto", cluster, EngineConfig()) == "cpu"
    placement.tell_idle("cpu", "auto", cluster, Console())
    assert "2 GPU(s) stay idle" in capsys.readouterr().out
    placement.tell_idle("cpu", "cpu", cluster, Console())
    assert not capsys.readouterr().out
    with pytest.raises(placement.PlacementError, match=r"accelerator: 'cuda' given, and torch is built for CPUs"):
        placement.choose_accelerator("cuda", cluster, EngineConfig())


@pytest.mark.parametrize(
    ("gpus", "engine", "knob"),
    [
        (0, {"gpu_memory_utilization": 0.4}, "gpu_memory_utilization"),
        (0, {"tensor_parallel": 2}, "tensor_parallel"),
        (1, {"kv_cache_gb": 3}, "kv_cache_gb"),
    ],
)
def test_a_knob_without_effect_is_refused_once_it_is_known_where_a_run_computes(monkeypatch, gpus, engine, knob):
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    with pytest.raises(placement.PlacementError, match=rf"rollout\.engine\.{knob}: .*has no effect with accelerator"):
        placement.choose_accelerator("auto", placement.Cluster(gpus=gpus), EngineConfig(**engine))


def test_who_waits_in_vain_for_a_second_gpu_is_told_that_one_can_be_shared(monkeypatch):
    of_a_cluster(monkeypatch, {"CPU": 4, "GPU": 1}, {"CPU": 4, "GPU": 1})
    monkeypatch.setattr(placement, "placement_group", lambda *_, **__: SimpleNamespace(ready=asyncio.Event().wait))
    monkeypatch.setattr(placement, "remove_placement_group", lambda _: None)
    for ranks, told in ((1, True), (2, False)):
        with pytest.raises(ActorLost) as raised:
            asyncio.run(placement.reserve(RolloutConfig(), LearnerConfig(ranks=ranks), "cuda", placement.Cluster(grows=True, gpus=1), 0.01))
        assert ("learner.share_gpu=true" in str(raised.value)) == told


def test_what_no_node_has_at_once_is_named(monkeypatch):
    of_a_cluster(monkeypatch, {"CPU": 4, "GPU": 4}, {"CPU": 4, "GPU": 4})
    monkeypatch.setattr(placement, "placement_group", lambda *_, **__: SimpleNamespace(ready=asyncio.Event().wait))
    monkeypatch.setattr(placement, "remove_placement_group", lambda _: None)
    for parallel, told in ((4, ""), (8, "no node has the {'CPU': 1.0, 'GPU': 8.0} that one of them needs; ")):
        rollout = RolloutConfig(engine=EngineConfig(tensor_parallel=parallel))
        with pytest.raises(ActorLost) as raised:
            asyncio.run(placement.reserve(rollout, LearnerConfig(), "cuda", placement.Cluster(grows=True, gpus=4), 0.01))
        assert f"free are {{'CPU': 4, 'GPU': 4}}; {told}an autoscaler" in str(raised.value)


def test_a_worker_that_nothing_is_reserved_for_is_scheduled_by_itself():
    group = SimpleNamespace(bundle_specs=[{"CPU": 1.0, "GPU": 1.0}] * 2, bundle_count=2, id=None)
    worker = Bundle({"CPU": 1.0, "GPU": 2.0}, {"raytool/pool": "spot"})
    made = placement.Placement("cuda", group, ranks=[0], workers=[1], worker=worker)
    reserved, joining = made.rollout(0, 1), made.rollout(1, 1)
    assert list(made.learner(0, 1)["runtime_env"]["env_vars"]) == ["PYTORCH_ALLOC_CONF"] and not reserved["runtime_env"]["env_vars"]
    assert reserved["scheduling_strategy"].placement_group_bundle_index == 1 and joining["scheduling_strategy"] == "DEFAULT"
    assert joining["label_selector"] == {"raytool/pool": "spot"}
    assert (joining["num_cpus"], joining["num_gpus"]) == (1.0, 2.0)


@pytest.mark.parametrize("grows", [False, True])
def test_a_worker_whose_place_is_of_no_use_gets_another_one_where_there_may_be_more(grows):
    group = SimpleNamespace(bundle_specs=[{"CPU": 1.0}] * 2, bundle_count=2, id=None)
    made = placement.Placement("cpu", group, [0], [1], Bundle({"CPU": 1.0}, {}), placement.Cluster({"A": "b"}, grows))
    assert made.rollout(0, 1)["scheduling_strategy"].placement_group_bundle_index == 1
    assert (made.rollout(0, 1, elsewhere=True)["scheduling_strategy"] == "DEFAULT") == grows
    assert made.rollout(0, 1)["runtime_env"]["env_vars"]["A"] == "b"


def on_nodes(*names):
    return dict(enumerate(names))


@pytest.mark.parametrize(
    ("nodes", "ranks", "expected"),
    [
        (on_nodes(*"dbbbbbbbb", *"ccccccccdddddddaaaaaaaa"), 8, [24, 25, 26, 27, 28, 29, 30, 31]),  # as Ray's sort may leave them
        (on_nodes(*"aabbb"), 3, [2, 3, 4]),
        (on_nodes(*"aabbb"), 4, [2, 3, 4, 0]),
        (on_nodes(*"babab"), 3, [0, 2, 4]),
        (on_nodes(*"ab"), 0, []),
    ],
)
def test_ranks_get_the_bundles_of_the_nodes_with_most(nodes, ranks, expected):
    of_ranks, of_workers = placement.share_out([Bundle({"GPU": 1.0}, {})] * len(nodes), ranks, nodes)
    assert of_ranks == expected
    assert of_workers == sorted(set(nodes) - set(expected))


@pytest.mark.parametrize("worker", [Bundle({"GPU": 2.0}, {}), Bundle({"GPU": 1.0}, {"raytool/pool": "spot"})])
def test_ranks_get_no_bundle_of_another_kind(worker):
    wanted = [Bundle({"GPU": 1.0}, {})] * 2 + [worker] * 3
    assert placement.share_out(wanted, 2, on_nodes(*"abbbb")) == ([0, 1], [2, 3, 4])


@pytest.fixture
def granted(monkeypatch):
    """What is asked of Ray, which grants it: the first bundle on one node, the others on another."""
    asked = []

    async def ready(): ...

    def group(bundles, **options):
        asked.append({"bundles": bundles, **options})
        return SimpleNamespace(ready=ready, bundle_specs=bundles, id=None)

    monkeypatch.setattr(placement, "placement_group", group)
    monkeypatch.setattr(
        placement, "placement_group_table", lambda group: {"bundles_to_node_id": on_nodes(*"abbbbbbb"[: len(group.bundle_specs)])}
    )
    monkeypatch.setattr(placement.ray, "cluster_resources", lambda: {"CPU": 8, "GPU": 8})
    return asked


def reserve(rollout, learner, grows=True):
    return asyncio.run(placement.reserve(rollout, learner, "cuda", placement.Cluster(grows=grows), limit_s=5))


def test_a_placement_keeps_which_bundles_are_whose(granted):
    made = reserve(RolloutConfig(), LearnerConfig(ranks=2))
    bundles = [
        options["scheduling_strategy"].placement_group_bundle_index
        for options in (made.learner(0, 1), made.learner(1, 1), made.rollout(0, 1))
    ]
    assert bundles == [1, 2, 0]


def test_labels_are_asked_of_the_nodes_of_each(granted):
    kept, spot = {"raytool/pool": "on-demand"}, {"raytool/pool": "spot"}
    made = reserve(RolloutConfig(workers=2, least_workers=1, labels=spot), LearnerConfig(ranks=2, labels=kept))
    reserve(RolloutConfig(), LearnerConfig(labels=kept))
    reserve(RolloutConfig(), LearnerConfig())
    assert [asked["bundle_label_selector"] for asked in granted] == [[kept, kept, spot], [kept, {}], None]
    assert (made.ranks, made.workers) == ([0, 1], [2]), "a rank has a worker's bundle"
    assert made.rollout(1, 1)["label_selector"] == spot


@pytest.mark.parametrize("section", ["learner", "rollout"])
def test_labels_are_refused_where_there_are_no_nodes_to_choose_from(granted, section):
    labels = {"raytool/pool": "on-demand"}
    learner, rollout = ({"labels": labels} if section == each else {} for each in ("learner", "rollout"))
    with pytest.raises(PlacementError, match=rf"^{section}\.labels: has no effect without a Ray cluster; leave it out$"):
        reserve(RolloutConfig(**rollout), LearnerConfig(**learner), grows=False)


def asked(cluster, rollout=None, accelerator="cuda", **learner):
    wanted = placement.bundles(RolloutConfig.model_validate(rollout or {}), LearnerConfig(**learner), accelerator, cluster)
    return [bundle.resources for bundle in wanted]


@pytest.mark.parametrize(
    ("grows", "gpus", "share_gpu", "halves"),
    [
        (False, 1, "auto", True),
        (False, 2, "auto", False),
        (True, 1, "auto", False),  # one node has come, or is still idle from before: a second one will come
        (True, 0, "auto", False),
        (True, 0, True, True),
        (False, 4, True, True),
        (False, 1, False, False),
    ],
)
def test_one_gpu_is_shared_where_no_other_can_come_or_the_config_says_so(grows, gpus, share_gpu, halves):
    wanted = asked(placement.Cluster(grows=grows, gpus=gpus), share_gpu=share_gpu)
    assert wanted == [{"CPU": 1.0, "GPU": 0.5 if halves else 1.0}] * 2


@pytest.mark.parametrize("rollout", [{"workers": 2}, {"engine": {"tensor_parallel": 2}}])
def test_one_gpu_is_shared_by_two_alone(rollout):
    assert {bundle["GPU"] for bundle in asked(placement.Cluster(gpus=1), rollout)} <= {1.0, 2.0}
    assert [bundle["GPU"] for bundle in asked(placement.Cluster(gpus=1), ranks=2)] == [1.0] * 3


SOURCE = {"name": "x", "source": "x.jsonl"}


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["learner.ranks=2"], "is for one rank, one rollout worker and tensor_parallel 1"),
        (["rollout.workers=2"], "is for one rank"),
        (["accelerator=cpu"], "has no effect with accelerator 'cpu'"),
    ],
)
def test_a_shared_gpu_is_refused_where_it_has_no_effect(overrides, said):
    content = {"tasks": {"train": [SOURCE], "test": [SOURCE]}}
    with pytest.raises(ConfigError, match=f"learner.share_gpu: {said}"):
        parse(Config, content, "x.yaml", ["learner.share_gpu=true", *overrides])
    with pytest.raises(PlacementError, match="learner.share_gpu: has no effect"):
        placement.choose_accelerator("auto", placement.Cluster(), EngineConfig(), LearnerConfig(share_gpu=True))


def test_a_resume_may_put_actors_elsewhere():
    content = {"tasks": {"train": [SOURCE], "test": [SOURCE]}}
    placed = ["learner.labels={ray.io/zone: a}", "rollout.labels.pool=spot", "learner.cpus=4", "rollout.cpus=8"]
    ways = ([], placed, ["learner.share_gpu=true"])
    began, *others = (parse(Config, content, "x.yaml", overrides) for overrides in ways)
    assert [forbidden_changes(began, other) for other in others] == [[], []]


def test_one_gpu_is_not_shared_by_nodes_of_different_labels():
    content = {"tasks": {"train": [SOURCE], "test": [SOURCE]}, "learner": {"share_gpu": True}, "rollout": {"labels": {"pool": "spot"}}}
    with pytest.raises(ConfigError, match=r"learner.labels and rollout.labels differ, and one GPU is on one node"):
        parse(Config, content, "x.yaml")


@pytest.mark.parametrize("accelerator", ["cpu", "cuda"])
def test_cpus_are_reserved_as_the_config_says(accelerator):
    wanted = asked(placement.Cluster(grows=True, gpus=8), {"cpus": 14}, accelerator, ranks=2, cpus=6)
    assert [bundle["CPU"] for bundle in wanted] == [6.0, 6.0, 14.0]
    assert [bundle["CPU"] for bundle in asked(placement.Cluster(), {}, accelerator)] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("given", "of_rank", "of_process"),
    [({}, None, "3"), ({"cpus": 14}, 14, "14"), ({"cpus": 14, "threads": 5}, 5, "5")],
)
def test_a_rank_has_as_many_threads_as_cpus(monkeypatch, tmp_path, given, of_rank, of_process):
    """Without a word on it, on GPUs as many as its node has for each rank, which only it can see."""
    made = []
    actor = SimpleNamespace(options=lambda **options: SimpleNamespace(remote=lambda *_: made.append(options)))
    monkeypatch.setattr(learner_group.ray, "remote", lambda _: actor)
    bundles = SimpleNamespace(bundle_specs=[{"CPU": 1.0}], id=None)
    for accelerator in ("cuda", "cpu"):
        placed = placement.Placement(accelerator, bundles, [0], [], Bundle({"CPU": 1.0}, {}))
        group = learner_group.LearnerGroup(LearnerConfig(**given), None, ModelConfig(), None, placed, 3, tmp_path)
        assert group._threads == (of_rank or (3 if accelerator == "cpu" else None))
    assert made[1]["runtime_env"]["env_vars"]["OMP_NUM_THREADS"] == of_process


@pytest.mark.parametrize(
    ("counted", "threads"),
    [
        (None, 16),  # no Ray, as in a benchmark
        (64.0, 16),  # a machine of its own, of which this process may use a part
        (8.0, 4),  # a pod
        (0.0, 16),  # a head that offers nothing
    ],
)
def test_threads_keep_to_what_ray_counts_of_a_node(monkeypatch, counted, threads):
    """A pod sees the cores of its host, and not its limit."""
    node = {"NodeID": "here", "Resources": {"CPU": counted} if counted else {}}
    monkeypatch.setattr(placement.os, "sched_getaffinity", lambda _: set(range(32)))
    monkeypatch.setattr(placement.ray, "is_initialized", lambda: counted is not None)
    monkeypatch.setattr(placement.ray, "get_runtime_context", lambda: SimpleNamespace(get_node_id=lambda: "here"))
    monkeypatch.setattr(placement.ray, "nodes", lambda: [node, {"NodeID": "there", "Resources": {"CPU": 2.0}}])
    assert placement.threads_per_actor(2) == threads
