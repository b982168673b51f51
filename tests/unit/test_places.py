"""What a Ray job writes outlives its working directory, and is found again."""

from pathlib import Path

import pytest

from raytool import machine, places, pretrained
from raytool.records import UserError

JOB = "RAY_JOB_CONFIG_JSON_ENV_VAR"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    for name in (JOB, "RAY_ADDRESS", "RAYTOOL_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_outside_a_job_things_are_where_they_say():
    assert places.kept("runs") == Path("runs") and places.found("runs/a") == Path("runs/a")
    assert not str(places.new_logs("evaluate")).startswith("/home")


@pytest.mark.parametrize("address", ["s3://bucket/runs", "gs://b", Path("hdfs://a/b"), "file:///tmp/x"])
def test_an_address_is_no_path(address):
    with pytest.raises(ValueError, match="no address"):
        places.kept(address)


@pytest.mark.parametrize("path", ["a:b", "runs/s3:/b", "/mnt/a", "C:/x"])
def test_a_colon_makes_no_address(path):
    assert places.kept(path) == Path(path)


def test_what_a_job_writes_outlives_its_working_directory(tmp_path, monkeypatch):
    monkeypatch.setenv(JOB, "{}")
    assert str(places.kept("runs")) == "/home/somebody/raytool/runs"
    monkeypatch.setenv("RAYTOOL_HOME", str(tmp_path / "shared"))
    assert places.kept("card.json") == tmp_path / "shared/card.json"
    assert places.kept("/mnt/a.json") == Path("/mnt/a.json")
    assert places.new_logs("evaluate").parent == tmp_path / "shared/logs"


@pytest.mark.parametrize("given", ["s3://bucket/raytool", "shared"])
def test_a_home_is_a_path_from_the_root(monkeypatch, given):
    monkeypatch.setenv(JOB, "{}")
    monkeypatch.setenv("RAYTOOL_HOME", given)
    with pytest.raises(UserError, match=f"^RAYTOOL_HOME: '{given}' given; an absolute path is expected"):
        places.kept("runs")


def test_what_a_job_wrote_is_found_by_the_same_name(tmp_path, monkeypatch):
    """By its actors too, which do not know that they are a job's."""
    monkeypatch.setenv("RAYTOOL_HOME", str(tmp_path / "shared"))
    model = tmp_path / "shared/runs/a/model"
    model.mkdir(parents=True)
    (model / "config.json").touch()
    (model / "model.safetensors").touch()
    assert pretrained.resolve("runs/a/model") == str(model)
    (model / pretrained.PROMPT_FILE).write_text('{"dialect": "hermes"}')
    assert pretrained.prompt_of("runs/a/model") == {"dialect": "hermes"}, "and it is asked as it was trained"
    (tmp_path / "runs/a/model").mkdir(parents=True)
    assert places.found("runs/a/model") == Path("runs/a/model"), "what is here comes first"


def test_a_cluster_elsewhere_gets_the_folder_without_its_runs(tmp_path, monkeypatch):
    given = {}
    monkeypatch.setenv("RAY_ADDRESS", "ray://head")
    monkeypatch.setattr("ray.init", lambda **options: given.update(options))
    monkeypatch.setattr(machine, "_gpus", lambda: 0.0)
    assert machine.connect(1, Path("kept/runs")).grows
    assert given["runtime_env"] == {"working_dir": str(tmp_path), "excludes": ["/kept/runs/"]}
    machine.connect(1, Path("/mnt/runs"))
    assert given["runtime_env"]["excludes"] == []


def test_a_folder_that_is_too_large_to_be_sent_is_the_users_business(monkeypatch):
    from ray.exceptions import RuntimeEnvSetupError

    def refused(**options):
        raise RuntimeEnvSetupError("Package size (900.00MiB) exceeds the maximum size of 512.00MiB")

    monkeypatch.setenv("RAY_ADDRESS", "ray://head")
    monkeypatch.setattr("ray.init", refused)
    with pytest.raises(UserError, match=r"cannot be sent to ray://head \(.rayignore names what to leave out\).*900.00MiB"):
        machine.connect(1)
