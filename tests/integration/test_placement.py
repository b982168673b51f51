"""What is reserved on a cluster of Ray's own nodes, all of them on this machine, with GPUs that are only counted."""

import asyncio

import pytest
import ray
from ray.cluster_utils import Cluster as Nodes
from ray.util.placement_group import placement_group_table

from raytool.config import LearnerConfig
from raytool.config.rollout import RolloutConfig
from raytool.learner.group import in_order
from raytool.learner.worker import Position
from raytool.placement import Cluster, NotReserved, PlacementError, reserve

KEPT, SPOT = {"raytool/pool": "on-demand"}, {"raytool/pool": "spot"}


@pytest.fixture(scope="module")
def nodes():
    """The nodes' ids by pool: one that is kept and one that is not, each with twelve GPUs."""
    resources = {"num_cpus": 12, "num_gpus": 12}
    made = Nodes(initialize_head=True, head_node_args={**resources, "labels": SPOT, "include_dashboard": False})
    made.add_node(**resources, labels=KEPT)
    ray.init(address=made.address, log_to_driver=False)
    made.wait_for_nodes()
    yield {node["Labels"]["raytool/pool"]: node["NodeID"] for node in ray.nodes()}
    ray.shutdown()
    made.shutdown()


class Actor:
    def tell_position(self):
        context = ray.get_runtime_context()
        return context.get_node_id(), "".join(context.get_accelerator_ids()["GPU"])


def positions(options):
    actors = [ray.remote(Actor).options(**each).remote() for each in options]
    found = [Position(*ray.get(actor.tell_position.remote(), timeout=60)) for actor in actors]
    for actor in actors:
        ray.kill(actor)
    return found


def reserved(learner, rollout, limit_s=60):
    return asyncio.run(reserve(RolloutConfig(**rollout), LearnerConfig(**learner), "cuda", Cluster(grows=True), limit_s))


def on_nodes(placement, bundles):
    there = placement_group_table(placement.group)["bundles_to_node_id"]
    return {there[bundle] for bundle in bundles}


def test_ranks_and_workers_stay_on_the_nodes_that_they_are_for(nodes):
    placement = reserved({"ranks": 2, "labels": KEPT}, {"workers": 3, "least_workers": 2, "labels": SPOT})
    try:
        assert on_nodes(placement, placement.ranks) == {nodes["on-demand"]}
        assert on_nodes(placement, placement.workers) == {nodes["spot"]}
        rank, joining = positions([placement.learner(0, 1), placement.rollout(2, 1)])
        assert (rank.node, joining.node) == (nodes["on-demand"], nodes["spot"])
    finally:
        placement.release()


def test_ranks_keep_together_though_equal_bundles_come_in_no_order(nodes):
    placement = reserved({"ranks": 3}, {"workers": 17})
    try:
        assert len(on_nodes(placement, range(3))) == 2, "Ray keeps their order: this test shows nothing"
        assert len(on_nodes(placement, placement.ranks)) == 1
        ranks = positions(placement.learner(rank, 1) for rank in range(3))
        gpus = [int(ranks[i].gpu) for i in in_order(ranks)]
        assert gpus == sorted(gpus)
    finally:
        placement.release()


@pytest.mark.parametrize(
    ("labels", "error", "said"),
    [
        ({"raytool/pool": "reserved"}, NotReserved, "learner.labels={'raytool/pool': 'reserved'}"),
        ({"raytool/pool": "on demand"}, PlacementError, "learner.labels: .*on demand"),
    ],
)
def test_labels_that_no_node_has_or_can_have_are_named(nodes, labels, error, said):
    with pytest.raises(error, match=said):
        reserved({"labels": labels}, {}, limit_s=2)
