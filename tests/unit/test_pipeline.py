"""What a run does around its stages, on stand-ins: the end of an SFT."""

import asyncio
from types import SimpleNamespace

import pytest

from raytool import pipeline
from raytool.config import Config, WeightSyncConfig
from raytool.pipeline import Run
from raytool.placement import Cluster, PlacementError
from raytool.records import NO_POLICY
from raytool.run_state import Progress, RunFolder, RunState
from raytool.sections import parse
from raytool.weight_sync.object_store import ObjectStore
from raytool.weight_sync.shared_memory import SharedMemory

PROGRESS = Progress(stage=0, step=7, tokens=70.0)


@pytest.mark.parametrize(
    ("given", "on_a_cluster", "kind"),
    [
        ({}, False, SharedMemory),
        ({}, True, ObjectStore),
        ({"directory": "/mnt/weights"}, True, SharedMemory),
        ({"method": "object_store", "directory": "/tmp/weights"}, True, ObjectStore),
        ({"method": "object_store"}, False, ObjectStore),
        ({"method": "shared_memory"}, True, SharedMemory),
    ],
)
def test_how_weights_are_sent_follows_from_where_the_run_is(given, on_a_cluster, kind):
    made = pipeline.make_weight_sync(WeightSyncConfig(**given), Cluster(grows=on_a_cluster))
    assert type(made) is kind and str(made.root) == given.get("directory", "/dev/shm")


@pytest.mark.parametrize("count", [1, 30])
def test_weights_that_are_evaluated_inside_an_sft_have_versions_of_their_own(count):
    versions = [pipeline._sft_version(number, count) for number in range(1, count + 1)]
    assert versions == sorted(set(versions)) and versions[-1] < NO_POLICY


def sft(monkeypatch, state):
    """What the end of an SFT that came to step 7 does, in order."""
    done = []

    class Stage:
        def __init__(self, *parts): ...

        async def fit(self, progress, load, save, evaluate):
            return PROGRESS

    async def save(kind, progress, resumable):
        done.append(("save", kind, progress.step, resumable))

    async def publish(version):
        done.append(("publish", version))

    async def nothing(*given): ...

    monkeypatch.setattr(pipeline, "SFT", Stage)
    run = SimpleNamespace(
        **dict.fromkeys(("_config", "_learner", "_metrics", "_timers", "_console", "_folder")),
        **{"_state": state, "_lessons": nothing, "_demonstrations": nothing, "_save": save, "_publish": publish},
    )
    run._folder = SimpleNamespace(path=None)
    assert asyncio.run(Run._sft(run, Progress(0, 0))) == PROGRESS
    return done


@pytest.mark.parametrize("state", [RunState(), RunState(checkpoint="sft-000005"), RunState(checkpoint="sft-000005", trained="ppo-000007")])
def test_a_finished_sft_is_saved_before_it_is_published(monkeypatch, state):
    assert sft(monkeypatch, state) == [("save", "sft", 7, False), ("publish", 0)]


def test_a_run_that_stopped_between_the_two_publishes_and_saves_nothing_again(monkeypatch):
    assert sft(monkeypatch, RunState(checkpoint="sft-000007", trained="sft-000007")) == [("publish", 0)]


def test_where_a_run_computes_is_chosen_once(monkeypatch, tmp_path):
    """And kept when its stages begin: what only waited for resources may still compute elsewhere."""
    source = {"name": "x", "source": "x.jsonl"}
    config = parse(Config, {"tasks": {"train": [source], "test": [source]}, "stages": ["evaluate"]}, "x.yaml")
    folder, chosen = RunFolder.open(config, "x", tmp_path), []

    def choose(wanted, cluster, engine, learner, began):
        chosen.append((wanted, began))
        raise PlacementError("none")

    async def nothing(*_): ...

    async def stop(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(pipeline.placing, "choose_accelerator", choose)

    def execute(error):
        run = Run(config, folder, [[]], [], [], None, Cluster())
        with pytest.raises(error):
            asyncio.run(run.execute())

    execute(PlacementError)
    with monkeypatch.context() as begun:
        begun.setattr(Run, "_start", nothing)
        begun.setattr(Run, "_look_ahead", nothing)
        begun.setattr(Run, "_stage", stop)
        begun.setattr(Run, "_placement", SimpleNamespace(accelerator="cuda"), raising=False)
        execute(ZeroDivisionError)
    execute(PlacementError)
    assert chosen == [("auto", None), ("auto", "cuda")]


def run_in(tmp_path, said):
    source = {"name": "x", "source": "x.jsonl"}
    config = parse(Config, {"tasks": {"train": [source], "test": [source]}, "stages": ["sft"]}, "x.yaml")
    return Run(config, RunFolder.open(config, "x", tmp_path), [[]], [], [], SimpleNamespace(say=said.append), Cluster())


def test_weights_that_a_killed_attempt_left_are_removed_unless_somebody_has_them(monkeypatch, tmp_path):
    """A copied run folder names the weights of another run, which may live."""
    run, mark = run_in(tmp_path / "runs", []), SimpleNamespace(path=tmp_path / "new" / ".shared")

    async def shared(*_):
        return mark.path.parent

    async def all_of_them(left, config, sources, test, *_):
        return sources, test

    monkeypatch.setattr(pipeline.preflight, "shared_weights", shared)
    monkeypatch.setattr(pipeline.preflight, "room_in_prompts", all_of_them)
    run._learner, run._reward, run._rollout = None, None, SimpleNamespace(prompt_lengths=None)
    owner = SharedMemory(tmp_path)
    alive = owner.open().path.parent
    for folder, removed in ((alive, False), (tmp_path / "raytool-weights-of-another-machine-1", True)):
        folder.mkdir(exist_ok=True)
        (folder / "owner.lock").touch()
        run._update_state(weights=str(folder))
        asyncio.run(run._look_ahead())
        assert folder.exists() != removed and run._state.weights == run._folder.state().weights == str(mark.path.parent)
    owner.close()


def test_checkpoints_that_will_not_fit_are_warned_of_once_a_stage(monkeypatch, tmp_path):
    said = []
    run = run_in(tmp_path, said)

    async def save(draft, resumable):
        (draft / "model").mkdir()

    run._learner = SimpleNamespace(save=save)
    monkeypatch.setattr(RunFolder, "shortage", lambda self, name, keep: f"no room for {keep} like {name}")
    for step, resumable in ((1, True), (2, True), (3, False)):
        asyncio.run(run._save("sft", Progress(0, step), resumable))
    asyncio.run(run._save("ppo", Progress(1, 1), True))
    assert said == ["warning: no room for 2 like sft-000001", "warning: no room for 2 like ppo-000001"]


@pytest.mark.parametrize(
    ("stage", "checkpoint", "published"),
    [(0, None, []), (1, None, []), (1, "sft-000001", []), (2, "sft-000001", [0]), (3, "sft-000001", [])],
)
def test_a_run_that_goes_on_with_an_evaluation_publishes_what_is_evaluated(monkeypatch, tmp_path, stage, checkpoint, published):
    """Engines start from the config's model. One that was stopped after all of its stages only says so."""
    source = {"name": "x", "source": "x.jsonl"}
    content = {"tasks": {"train": [source], "test": [source]}, "stages": ["evaluate", "sft", "evaluate"]}
    config = parse(Config, content, "x.yaml")
    folder, found = RunFolder.open(config, "x", tmp_path), []
    folder.write_state(RunState(stage=stage, checkpoint=checkpoint, trained=checkpoint))

    async def nothing(*_): ...

    async def publish(self, version):
        found.append(version)

    for name in ("_start", "_look_ahead", "_stage"):
        monkeypatch.setattr(Run, name, nothing)
    monkeypatch.setattr(Run, "_publish", publish)
    monkeypatch.setattr(Run, "_report", lambda self: None)
    monkeypatch.setattr(Run, "_placement", SimpleNamespace(accelerator="cpu"), raising=False)
    monkeypatch.setattr(pipeline.results, "show", lambda *_: None)
    monkeypatch.setattr(pipeline, "health_of", lambda *_: SimpleNamespace(summary=list))
    asyncio.run(Run(config, folder, [[]], [], [], None, Cluster()).execute())
    assert found == published and folder.state().finished
