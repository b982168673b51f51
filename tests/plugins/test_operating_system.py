"""The operating system: what its tools refuse, what they compute and change, and their weak versions."""

from __future__ import annotations

import itertools
import json
import posixpath
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from envs.operating_system import SCENARIO, OperatingSystem
from envs.operating_system import vocabulary as words
from envs.operating_system.files import LONGEST_TEXT
from envs.operating_system.queries.desk import OperatingSystemDesk
from envs.operating_system.tools import build
from raytool.env import FINISH, ToolError
from raytool.records import Feedback

TASK = next(SCENARIO.sequence())
READING = {"read_file", "find_text", "compare_files", "find_files", "measure_folder", "list_processes"}


@pytest.fixture
def env() -> OperatingSystem:
    env = OperatingSystem()
    specs = OperatingSystem.tool_specs(*OperatingSystem.tools, *(weak.spec.name for weak in OperatingSystem.weak_tools.values()))
    env.task = replace(TASK, tools=(*specs, FINISH))
    env.world = build(np.random.default_rng(11))
    files = env.world.files
    for path, text in {
        "a.txt": "one\nTwo\nthree 3\n",
        "b.txt": "one\n Two\nthree 33\nfour\n",
        "deep/c.log": "ERROR one\nINFO two\nerror three\n",
    }.items():
        files.nodes.setdefault(f"{files.home}/box", files.new())
        files.nodes.setdefault(f"{files.home}/box/deep", files.new())
        files.nodes[f"{files.home}/box/{path}"] = files.new(text)
    files.nodes[f"{files.home}/box/d.jpg"] = replace(files.new(data=2_500_000), modified="2020-01-02")
    return env


# ---- errors


def foreign_process(env: OperatingSystem) -> int:
    return next(process.pid for process in env.world.processes.values() if process.user != env.world.owner)


def foreign_home(env: OperatingSystem) -> str:
    return next(f"/home/{login}" for login in env.world.users if login != env.world.owner)


def hung_process(env: OperatingSystem) -> int:
    return next(process.pid for process in env.world.processes.values() if process.hung)


def a_package(env: OperatingSystem) -> str:
    return next(name for name in env.world.packages if name in words.PACKAGES)


def a_service(env: OperatingSystem, running: bool) -> str:
    return next(name for name, service in env.world.services.items() if service.running == running)


def a_job(env: OperatingSystem) -> str:
    return next(iter(env.world.jobs))


def an_archive(env: OperatingSystem) -> str:
    return next(path for path, node in env.world.files.nodes.items() if node.members)


WHEN = {"time": "10:00"}
ERRORS: dict[str, list[Any]] = {
    "read_file": [
        lambda env: {"path": "~/nowhere.txt"},
        lambda env: {"path": "box/a.txt"},
        lambda env: {"path": ""},
        lambda env: {"path": "/" + "a" * 300},
        lambda env: {"path": "~/box"},
        lambda env: {"path": "~/box/d.jpg"},
        lambda env: {"path": "/etc/shadow"},
        lambda env: {"path": "~/box/a.txt", "first_line": 0},
        lambda env: {"path": "~/box/a.txt", "first_line": 4},
        lambda env: {"path": "~/box/a.txt", "first_line": -4},
        lambda env: {"path": "~/box/a.txt", "lines": -1},
    ],
    "write_file": [
        lambda env: {"path": "~/box/a.txt", "text": "a"},
        lambda env: {"path": "~/new/a.txt", "text": "a"},
        lambda env: {"path": "~/box/a.txt/b", "text": "a"},
        lambda env: {"path": "~/box/new.txt", "text": " "},
        lambda env: {"path": "~/box/new.txt", "text": "a", "mode": "append"},
        lambda env: {"path": "~/box/d.jpg", "text": "a", "mode": "replace"},
        lambda env: {"path": "~/box", "text": "a", "mode": "replace"},
        lambda env: {"path": "/etc/hosts", "text": "a", "mode": "append"},
        lambda env: {"path": "/etc/new", "text": "a"},
        lambda env: {"path": "~/box/a.txt", "text": "a", "mode": "prepend"},
        lambda env: {"path": "~/box/new.txt", "text": "a" * LONGEST_TEXT},
        lambda env: {"path": "~/box/a.txt", "text": "a" * (LONGEST_TEXT - 5), "mode": "append"},
    ],
    "find_text": [
        lambda env: {"folder": "~/nowhere", "pattern": "a"},
        lambda env: {"folder": "~/box/a.txt", "pattern": "a"},
        lambda env: {"folder": "~", "pattern": ""},
        lambda env: {"folder": "~", "pattern": "(", "regex": True},
        lambda env: {"folder": "~", "pattern": "a{99999999999}", "regex": True},
        lambda env: {"folder": "~", "pattern": "(a+)+b", "regex": True},
        lambda env: {"folder": "~", "pattern": ".*.*.*.*x", "regex": True},
    ],
    "compare_files": [
        lambda env: {"first": "~/box/a.txt", "second": "~/box/z.txt"},
        lambda env: {"first": "~/box/d.jpg", "second": "~/box/a.txt"},
        lambda env: {"first": "~/box/a.txt", "second": "/etc/shadow"},
    ],
    "find_files": [
        lambda env: {"folder": "~/nowhere"},
        lambda env: {"folder": "~/box/a.txt"},
        lambda env: {"folder": foreign_home(env)},
        lambda env: {"folder": "~", "name": ""},
        lambda env: {"folder": "~", "min_kilobytes": -1},
        lambda env: {"folder": "~", "min_kilobytes": float("nan")},
        lambda env: {"folder": "~", "changed_since": "May"},
        lambda env: {"folder": "~", "kind": "link"},
        lambda env: {"folder": "~", "sort_by": "date"},
    ],
    "copy_path": [
        lambda env: {"source": "~/nowhere", "destination": "~/box/new"},
        lambda env: {"source": "~/box/a.txt", "destination": "~/box/b.txt"},
        lambda env: {"source": "~/box/a.txt", "destination": "~/box"},
        lambda env: {"source": "~/box/a.txt", "destination": "~/box/a.txt", "overwrite": True},
        lambda env: {"source": "~/box", "destination": "~/box/deep"},
        lambda env: {"source": "~/box/deep", "destination": "~/box/a.txt", "overwrite": True},
        lambda env: {"source": "~/box/a.txt", "destination": "/etc"},
        lambda env: {"source": "~/box/a.txt", "destination": "~/new/a.txt"},
        lambda env: {"source": "/etc/shadow", "destination": "~/box"},
        lambda env: {"source": "/", "destination": "~/box/all"},
    ],
    "move_path": [
        lambda env: {"source": "~/nowhere", "destination": "~/box/new"},
        lambda env: {"source": "~/box/a.txt", "destination": "~/box/b.txt"},
        lambda env: {"source": "~/box", "destination": "~/box/deep"},
        lambda env: {"source": "~", "destination": "~/box"},
        lambda env: {"source": "/etc/hosts", "destination": "~/box"},
        lambda env: {"source": "~/box/a.txt", "destination": "/etc/a.txt"},
        lambda env: {"source": "~/box/deep", "destination": "~/box/a.txt", "overwrite": True},
    ],
    "delete_path": [
        lambda env: {"path": "~/nowhere"},
        lambda env: {"path": "~/box"},
        lambda env: {"path": "~", "recursive": True},
        lambda env: {"path": "/", "recursive": True},
        lambda env: {"path": "/home", "recursive": True},
        lambda env: {"path": "/etc/hosts"},
    ],
    "set_permissions": [
        lambda env: {"path": "~/nowhere", "mode": "644"},
        lambda env: {"path": "~/box/a.txt", "mode": "888"},
        lambda env: {"path": "~/box/a.txt", "mode": "u+x"},
        lambda env: {"path": "/etc/hosts", "mode": "666"},
        lambda env: {"path": "/home", "mode": "700", "recursive": True},
    ],
    "measure_folder": [
        lambda env: {"folder": "~/nowhere"},
        lambda env: {"folder": "~/box/a.txt"},
        lambda env: {"folder": "~/box", "unit": "gigabytes"},
    ],
    "create_archive": [
        lambda env: {"archive": "~/box/new.rar", "paths": ["~/box/a.txt"]},
        lambda env: {"archive": "~/box/new.zip", "paths": []},
        lambda env: {"archive": "~/box/new.zip", "paths": ["~/nowhere"]},
        lambda env: {"archive": "~/box/new.zip", "paths": ["~/box/a.txt"], "exclude": "*.txt"},
        lambda env: {"archive": "~/new/new.zip", "paths": ["~/box/a.txt"]},
        lambda env: {"archive": an_archive(env), "paths": ["~/box/a.txt"]},
        lambda env: {"archive": "~/box/new.zip", "paths": ["/etc/shadow"]},
    ],
    "extract_archive": [
        lambda env: {"archive": "~/nowhere.zip", "destination": "~/box"},
        lambda env: {"archive": "~/box/a.txt", "destination": "~/box"},
        lambda env: {"archive": an_archive(env), "destination": "~/box/a.txt"},
        lambda env: {"archive": an_archive(env), "destination": "~/new/new"},
        lambda env: {"archive": an_archive(env), "destination": "/etc"},
        lambda env: {"archive": an_archive(env), "destination": "~/box", "only": "*.exe"},
        lambda env: {"archive": an_archive(env), "destination": "~/box", "only": ""},
    ],
    "list_processes": [lambda env: {"user": "nobody"}, lambda env: {"sort_by": "name"}],
    "end_process": [
        lambda env: {"pid": 1},
        lambda env: {"pid": foreign_process(env), "force": True},
        lambda env: {"pid": hung_process(env)},
        lambda env: {"pid": str(hung_process(env))},
    ],
    "install_package": [
        lambda env: {"name": "nothing"},
        lambda env: {"name": "nginx", "version": "0"},
        lambda env: {"name": a_package(env), "version": env.world.packages[a_package(env)].version},
    ],
    "remove_package": [
        lambda env: {"name": "nothing"},
        lambda env: {"name": words.PACKAGES[a_package(env)][0]},
        lambda env: {"name": env.world.services[a_service(env, True)].package},
    ],
    "control_service": [
        lambda env: {"service": "nothing"},
        lambda env: {"service": a_service(env, True), "action": "start"},
        lambda env: {"service": a_service(env, False), "action": "stop"},
        lambda env: {"service": a_service(env, False), "action": "restart"},
        lambda env: {"service": a_service(env, True), "action": "kill"},
    ],
    "create_user": [
        lambda env: {"login": "Ada Bauer"},
        lambda env: {"login": ""},
        lambda env: {"login": env.world.owner},
        lambda env: {"login": "root"},
        lambda env: {"login": "nora", "groups": ["wheel"]},
        lambda env: {"login": "nora", "shell": "sh"},
    ],
    "set_variable": [
        lambda env: {"name": "editor", "value": "vim"},
        lambda env: {"name": "EDITOR", "value": ""},
        lambda env: {"name": "EDITOR", "value": "vim", "user": "nobody"},
        lambda env: {"name": "NEW_ONE", "value": "a", "place": "end"},
        lambda env: {"name": "PATH", "value": "/usr/bin", "place": "front"},
        lambda env: {"name": "PATH", "value": "a" * 301},
        lambda env: {"name": "PATH", "value": "a\nb"},
    ],
    "create_job": [
        lambda env: {"name": "My Job", "command": "a", "when": WHEN},
        lambda env: {"name": a_job(env), "command": "a", "when": WHEN},
        lambda env: {"name": "job", "command": " ", "when": WHEN},
        lambda env: {"name": "job", "command": "a", "when": {"time": "25:00"}},
        lambda env: {"name": "job", "command": "a", "when": {"days": ["mon"]}},
        lambda env: {"name": "job", "command": "a", "when": {**WHEN, "days": []}},
        lambda env: {"name": "job", "command": "a", "when": {**WHEN, "days": ["monday"]}},
        lambda env: {"name": "job", "command": "a", "when": {**WHEN, "month": 1}},
        lambda env: {"name": "job", "command": "a", "when": WHEN, "last_day": "soon"},
        lambda env: {"name": "job", "command": "a", "when": WHEN, "last_day": env.world.today},
    ],
    "cancel_job": [
        lambda env: {"name": "nothing"},
        lambda env: {"name": a_job(env), "last_day": "soon"},
        lambda env: {"name": a_job(env), "last_day": "2001-01-01"},
    ],
}


def call(env: OperatingSystem, name: str, arguments: dict[str, Any]) -> tuple[str, list[str]]:
    observation, _, ended, _, info = env.step(json.dumps({"calls": [{"name": name, "arguments": arguments}]}))
    assert not ended
    return observation, info["feedback"]


@pytest.mark.parametrize(("name", "index"), [(name, index) for name, cases in ERRORS.items() for index in range(len(cases))])
def test_a_failing_call_says_so_and_changes_nothing(env: OperatingSystem, name: str, index: int) -> None:
    before = json.dumps(env.world.state())
    observation, feedback = call(env, name, ERRORS[name][index](env))
    assert set(feedback) <= {Feedback.OTHER, Feedback.TOOL_CALL_FAILURE} and 0 < len(observation) < 400
    assert "Error:" not in observation, "an error that the tool foresees"
    assert json.dumps(env.world.state()) == before


def test_every_tool_has_an_error() -> None:
    assert set(ERRORS) == set(OperatingSystem.tools)


def test_a_folder_that_may_not_be_written_keeps_what_it_holds(env: OperatingSystem) -> None:
    env.world.files.nodes[f"{env.world.files.home}/box/deep"].mode = "500"
    for change in (lambda: env.delete_path("~/box/deep/c.log"), lambda: env.copy_path("~/box/a.txt", "~/box/deep")):
        with pytest.raises(ToolError, match="permission denied"):
            change()


# ---- weak versions

ARGUMENTS: dict[str, Any] = {
    "read_file": {"path": "~/box/a.txt"},
    "write_file": {"path": "~/box/new.txt", "text": "Hello"},
    "find_text": {"folder": "~/box", "pattern": "one"},
    "compare_files": {"first": "~/box/a.txt", "second": "~/box/b.txt"},
    "find_files": {"folder": "~/box", "name": "*.txt"},
    "copy_path": {"source": "~/box/a.txt", "destination": "~/box/deep"},
    "move_path": {"source": "~/box/a.txt", "destination": "~/box/deep"},
    "delete_path": {"path": "~/box/a.txt"},
    "set_permissions": {"path": "~/box/a.txt", "mode": "600"},
    "measure_folder": {"folder": "~/box"},
    "create_archive": {"archive": "~/box/new.zip", "paths": ["~/box/deep", "~/box/a.txt"]},
    "extract_archive": {"archive": lambda env: an_archive(env), "destination": "~/box/out"},
    "list_processes": {},
    "end_process": {"pid": lambda env: next(p.pid for p in env.world.processes.values() if p.user == env.world.owner and not p.hung)},
    "install_package": {"name": lambda env: next(name for name in words.PACKAGES if name not in env.world.packages)},
    "remove_package": {"name": lambda env: next(n for n in env.world.packages if n in words.PACKAGES and n not in words.SERVICES)},
    "control_service": {"service": lambda env: a_service(env, True)},
    "create_user": {"login": "nora"},
    "set_variable": {"name": "EDITOR", "value": "ed"},
    "create_job": {"name": "job", "command": "a", "when": {"time": "10:00", "days": ["tue", "mon"]}},
    "cancel_job": {"name": lambda env: a_job(env)},
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_weak_tool_does_what_its_strong_one_does_by_default(env: OperatingSystem, name: str) -> None:
    given = {key: value(env) if callable(value) else value for key, value in ARGUMENTS[name].items()}
    weak = OperatingSystem.weak_tools[name].spec.name
    twin = OperatingSystem()
    twin.task, twin.world = env.task, build(np.random.default_rng(11))
    twin.world.files.nodes.update({path: replace(node) for path, node in env.world.files.nodes.items()})
    before = json.dumps(env.world.state())
    assert json.dumps(twin.world.state()) == before
    assert call(env, name, given) == call(twin, weak, {key: given[key] for key in given})
    assert env.world.state() == twin.world.state()
    assert (json.dumps(env.world.state()) != before) == (name not in READING | {"control_service"})


def test_weak_tools_have_every_tool() -> None:
    assert set(ARGUMENTS) == set(OperatingSystem.tools) == set(OperatingSystem.weak_tools)


# ---- what the tools compute and change


def test_a_text_is_read_from_either_end(env: OperatingSystem) -> None:
    assert env.read_file("~/box/a.txt") == {"lines": 3, "text": "one\nTwo\nthree 3"}
    assert env.read_file("~/box/./deep/../a.txt", first_line=2, lines=1)["text"] == "Two"
    assert env.read_file(f"{env.world.files.home}/box/a.txt", first_line=-1)["text"] == "three 3"
    env.write_file("~/box/long.txt", "word " * 200)
    assert env.read_file("~/box/long.txt")["cut_after"] == len(env.read_file("~/box/long.txt")["text"]) == 240


def test_writing_keeps_one_line_break_at_the_end(env: OperatingSystem) -> None:
    home = env.world.files.home
    env.write_file("~/box/new.txt", "one\n\n")
    env.write_file("~/box/new.txt", "two", mode="append")
    assert env.world.files.nodes[f"{home}/box/new.txt"].text == "one\ntwo\n"
    assert env.write_file("~/box/new.txt", "é", mode="replace") == {"path": f"{home}/box/new.txt", "bytes": 3}
    assert env.world.files.nodes[f"{home}/box/new.txt"].modified == env.world.today


def test_text_is_found_by_words_and_expressions(env: OperatingSystem) -> None:
    counts = [
        env.find_text("~/box", "error")["count"],
        env.find_text("~/box", "error", ignore_case=True)["count"],
        env.find_text("~/box", "^[A-Z]+ ", regex=True)["count"],
        env.find_text("~/box", "^[A-Z]+ ")["count"],
        env.find_text("~/box", "one", files="*.txt")["count"],
        env.find_text("~/box", r"3$", regex=True)["count"],
    ]
    assert counts == [1, 2, 2, 0, 2, 2]
    assert env.find_text("~/box", "two")["places"] == [{"path": f"{env.world.files.home}/box/deep/c.log", "line": 2}]
    env.set_permissions("~/box/deep", "000")
    assert env.find_text("~/box", "two")["count"] == 0, "a folder that may not be read is passed over"
    env.set_permissions("~/box/a.txt", "000")
    assert env.find_text("~/box", "one")["count"] == 1


def test_comparing_is_a_diff(env: OperatingSystem) -> None:
    assert env.compare_files("~/box/a.txt", "~/box/b.txt") == {
        "added": 3,
        "removed": 2,
        "lines": ["-Two", "-three 3", "+ Two", "+three 33", "+four"],
    }
    found = env.compare_files("~/box/a.txt", "~/box/b.txt", ignore_spaces=True)
    assert (found["added"], found["removed"]) == (2, 1)
    env.write_file("~/box/dashes.txt", "-- a\n++ b")
    assert env.compare_files("~/box/dashes.txt", "~/box/dashes.txt") == {"added": 0, "removed": 0, "lines": []}
    assert env.compare_files("~/box/dashes.txt", "~/box/a.txt")["removed"] == 2


def test_files_are_found_by_name_kind_size_and_date(env: OperatingSystem) -> None:
    home = env.world.files.home
    assert env.find_files("~/box", "*.txt")["count"] == 2
    assert env.find_files("~/box", kind="folder") == {"count": 1, "found": [_entry(env, f"{home}/box/deep")]}
    assert env.find_files("~/box", kind="any")["count"] == 5
    assert [env.find_files("~/box", min_kilobytes=size)["count"] for size in (0, 2500, 2500.001)] == [4, 1, 0]
    assert env.find_files("~/box", changed_since=env.world.today)["count"] == 3
    assert env.find_files("~/box", sort_by="largest")["found"][0]["path"] == f"{home}/box/d.jpg"
    assert env.find_files("~/box", "[abd].*", sort_by="newest")["found"][-1]["path"] == f"{home}/box/d.jpg"


def _entry(env: OperatingSystem, path: str) -> dict[str, Any]:
    node = env.world.files.nodes[path]
    return {"path": path, "bytes": node.size, "changed": node.modified}


def test_a_folder_is_copied_and_moved_with_everything_in_it(env: OperatingSystem) -> None:
    files, home = env.world.files, env.world.files.home
    assert env.copy_path("~/box/deep", "~/box/copy") == {"path": f"{home}/box/copy"}
    assert env.copy_path("~/box/deep/c.log", "~/box") == {"path": f"{home}/box/c.log"}
    env.write_file("~/box/copy/c.log", "changed", mode="replace")
    assert files.nodes[f"{home}/box/deep/c.log"].text != "changed\n", "a copy is a file of its own"
    assert env.move_path("~/box/copy", "~/box/deep") == {"path": f"{home}/box/deep/copy"}
    assert f"{home}/box/copy/c.log" not in files.nodes and files.nodes[f"{home}/box/deep/copy/c.log"].text == "changed\n"
    env.move_path("~/box/a.txt", "~/box/b.txt", overwrite=True)
    assert files.nodes[f"{home}/box/b.txt"].text == "one\nTwo\nthree 3\n"
    assert env.delete_path("~/box/deep", recursive=True) == {"deleted": f"{home}/box/deep", "files": 2}
    assert not [path for path in files.nodes if "/deep" in path]


def test_permissions_are_respected(env: OperatingSystem) -> None:
    env.set_permissions("~/box/a.txt", "400")
    for mode in ("append", "replace"):
        with pytest.raises(ToolError, match="permission denied"):
            env.write_file("~/box/a.txt", "more", mode=mode)
    assert env.set_permissions("~/box", "500", recursive=True)["changed"] == 6
    with pytest.raises(ToolError, match="permission denied"):
        env.delete_path("~/box/a.txt")
    assert env.read_file("/etc/hosts")["lines"] == 1


def test_space_is_measured_in_units(env: OperatingSystem) -> None:
    home = env.world.files.home
    size = 2_500_000 + sum(len(env.world.files.nodes[f"{home}/box/{name}"].text or "") for name in ("a.txt", "b.txt", "deep/c.log"))
    assert env.measure_folder("~/box", "bytes") == {"folder": f"{home}/box", "bytes": size}
    assert env.measure_folder("~/box", "kilobytes")["kilobytes"] == round(size / 1000, 2)
    largest = env.measure_folder("~/box", "bytes", breakdown=True)["largest"]
    assert [posixpath.basename(entry["path"]) for entry in largest] == ["d.jpg", "deep", "b.txt"]


def test_an_archive_gives_back_what_was_packed(env: OperatingSystem) -> None:
    files, home = env.world.files, env.world.files.home
    packed = env.create_archive("~/box.tar.gz", ["~/box"], exclude="*.jpg")
    assert packed["files"] == 3 and 0 < packed["bytes"] < 200
    env.write_file("~/box/a.txt", "changed", mode="replace")
    out = env.extract_archive("~/box.tar.gz", "~/out", only="*.txt")
    assert out == {"folder": f"{home}/out", "files": 2, "paths": [f"{home}/out/box/a.txt", f"{home}/out/box/b.txt"]}
    assert files.nodes[f"{home}/out/box/a.txt"].text == "one\nTwo\nthree 3\n"
    with pytest.raises(ToolError, match="already"):
        env.extract_archive("~/box.tar.gz", "~/out")
    assert env.extract_archive("~/box.tar.gz", "~/out", overwrite=True)["files"] == 3
    assert env.read_file("~/out/box/deep/c.log")["lines"] == 3


def test_no_two_files_of_an_archive_have_the_same_name(env: OperatingSystem) -> None:
    env.copy_path("~/box/a.txt", "~/box/deep")
    with pytest.raises(ToolError, match="two files"):
        env.create_archive("~/box/new.zip", ["~/box/a.txt", "~/box/deep/a.txt"])
    assert env.create_archive("~/box/new.zip", ["~/box/a.txt", "~/box/deep", "~/box/a.txt"])["files"] == 3


def test_an_archive_deflates_text_and_not_other_data(env: OperatingSystem) -> None:
    env.write_file("~/box/long.txt", "the same words again and again " * 100)
    assert env.create_archive("~/box/long.zip", ["~/box/long.txt"])["bytes"] < 100
    assert env.create_archive("~/box/data.zip", ["~/box/d.jpg"])["bytes"] == 2_500_000


def test_children_stay_unless_they_are_ended_too(env: OperatingSystem) -> None:
    parent = next(process.parent for process in env.world.processes.values() if process.parent)
    twin = {pid: replace(process) for pid, process in env.world.processes.items()}
    children = [process for process in twin.values() if process.parent == parent]
    assert len(env.end_process(parent)["ended"]) == 1
    assert [env.world.processes[child.pid].parent for child in children] == [0, 0]
    env.world.processes = twin
    assert env.end_process(parent, children=True)["ended"] == [twin_name(env, parent), *(child.name for child in children)]
    assert not {parent, *(child.pid for child in children)} & set(env.world.processes)
    assert env.end_process(hung_process(env), force=True)


def twin_name(env: OperatingSystem, pid: int) -> str:
    return next(process.name for process in build(np.random.default_rng(11)).processes.values() if process.pid == pid)


def test_processes_are_sorted_and_chosen(env: OperatingSystem) -> None:
    everything = list(env.world.processes.values())
    by_memory = env.list_processes(sort_by="memory")
    assert by_memory["count"] == len(everything)
    assert by_memory["processes"][0]["megabytes"] == max(process.megabytes for process in everything)
    assert env.list_processes(user=env.world.owner)["count"] == sum(process.user == env.world.owner for process in everything)


def test_packages_bring_and_take_what_they_need(env: OperatingSystem) -> None:
    env.world.packages, env.world.services = {}, {}
    assert env.install_package("borgbackup")["also"] == ["libssl", "liblz4"]
    assert env.install_package("nginx", env.world.versions["nginx"][0])["service"] == "nginx"
    assert env.install_package("nginx")["version"] == env.world.versions["nginx"][1]
    assert env.remove_package("borgbackup", unused=True) == {"removed": ["borgbackup", "liblz4"]}
    env.control_service("nginx", "start")
    env.control_service("nginx", "restart")
    with pytest.raises(ToolError, match="stopped first"):
        env.remove_package("nginx")
    assert env.control_service("nginx") == {"service": "nginx", "package": "nginx", "running": True, "enabled": False}
    assert env.world.services["nginx"].restarts == 1
    env.control_service("nginx", "stop")
    assert env.remove_package("nginx") == {"removed": ["nginx"]}
    assert (set(env.world.packages), env.world.services) == ({"libssl"}, {})


def test_a_new_user_has_a_home_and_an_environment(env: OperatingSystem) -> None:
    group = env.world.groups[0]
    made = env.create_user("nora", "Nora Meyer", (group, group), "fish")
    assert made["home"] in env.world.files.nodes and env.world.state()["users"]["nora"] == ["Nora Meyer", [group], "fish", {}]
    assert env.create_user("nils")["uid"] == made["uid"] + 1
    env.set_variable("DATA", "/a", user="nora")
    env.set_variable("DATA", "/b", user="nora", place="end")
    assert env.set_variable("DATA", "/c", user="nora", place="front") == {"variable": "DATA", "value": "/c:/a:/b"}
    assert "DATA" not in env.world.users[env.world.owner].variables


def test_the_number_of_a_user_is_a_handle(env: OperatingSystem) -> None:
    before = env.world.state()
    env.create_user("nora")
    del env.world.users["nora"], env.world.files.nodes["/home/nora"]
    assert env.world.state() == before


def test_jobs_run_from_tomorrow_on(env: OperatingSystem) -> None:
    env.world.today = "2026-03-09"  # a Monday
    assert env.create_job("one", "a", {"time": "06:30"})["first_run"] == "2026-03-10 06:30"
    assert env.create_job("two", "a", {"time": "06:30", "days": ["mon"]})["first_run"] == "2026-03-16 06:30"
    assert env.create_job("three", "a", {"time": "06:30", "days": ["fri", "wed"]}, last_day="2026-03-11")["first_run"] == "2026-03-11 06:30"
    with pytest.raises(ToolError, match="never run"):
        env.create_job("four", "a", {"time": "06:30", "days": ["mon"]}, last_day="2026-03-15")
    assert env.world.jobs["three"].days == ("wed", "fri")
    assert env.cancel_job("two", last_day="2026-04-01")["last_day"] == "2026-04-01" == env.world.jobs["two"].last_day
    env.cancel_job("two")
    assert "two" not in env.world.jobs


# ---- the desk


def test_a_path_is_right_in_all_its_forms() -> None:
    desk = OperatingSystemDesk(np.random.default_rng(1), 1)
    here, there = desk.zones["tree"]
    source = desk.inside(here, ".txt")[0]
    desk.call("copy_path", source="~" + source[len(desk.home) :], destination=there)
    name = posixpath.basename(source)
    forms = {there.replace(desk.home, home) + end for home in (desk.home, "~") for end in ("", "/", f"/{name}")}
    assert {there, *desk.calls[-1].accept["destination"]} == forms
    assert desk.calls[-1].accept["source"] == (source,)
    desk.call("create_archive", archive=f"{desk.home}/new.zip", paths=[here, source])
    assert [source, here] in desk.calls[-1].accept["paths"]


def test_areas_over_files_have_folders_of_their_own() -> None:
    for seed in range(20):
        zones = OperatingSystemDesk(np.random.default_rng(seed), seed).zones
        assert [len(zones[name]) for name in ("texts", "tree", "archives")] == [2, 2, 1]
        assert len(set(itertools.chain.from_iterable(zones.values()))) == 5


def test_a_request_that_changes_nothing_asks_for_something() -> None:
    for task in itertools.islice(SCENARIO.sequence(seed=3), 120):
        calls = task.gold[0].calls[:-1]
        assert task.answer or task.tags["kind"] == "nothing" or any(call.name not in READING for call in calls), task.query
