"""Model Context Protocol servers as environments: five that others wrote, and one of our own that does what servers must not."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
import yaml

import envs.mcp
import envs.mcp_server
from envs import mcp_time
from envs.mcp import MCP, RemoteMCP, SharedMCP
from envs.mcp_server import Connection, Server, ServerLost
from raytool import tasks
from raytool.config import SourceConfig, load
from raytool.config.rollout import ToolHostConfig
from raytool.dialects import PythonDialect
from raytool.env import FINISH, ToolEnv
from raytool.machine import check_environment
from raytool.records import Feedback, FollowUp, Gold, GoldCall, Task, ToolCall, ToolSpec, UserError
from raytool.rollout.episode import InfrastructureError
from raytool.sections import ConfigError
from tests.plugins.test_tool_host import BUBBLEWRAP, both, call, isolated, run, said

SERVERS = Path(__file__).parent / "mcp_servers"
NODE = SERVERS / "node_modules" / "@modelcontextprotocol"
SQLITE = SERVERS / "venv" / "bin" / "mcp-server-sqlite"
OURS = {"command": ["python", str(SERVERS / "ours.py")]}
DIALECT = PythonDialect()
DAY = "2026-01-01T00:00:00Z"

needs_node = pytest.mark.skipif(
    not (shutil.which("node") and NODE.is_dir()), reason="node or its packages are missing; `make mcp-servers` installs them where it may"
)
needs_sqlite = pytest.mark.skipif(not SQLITE.exists(), reason="mcp-server-sqlite is missing; `make mcp-servers` installs it where it may")
needs_git = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


def node(package, *arguments):
    return ["node", str(NODE / package / "dist" / "index.js"), *arguments]


MEMORY = {"command": node("server-memory"), "env": {"MEMORY_FILE_PATH": "/workspace/memory.jsonl"}}
FILES = {"command": node("server-filesystem", "/workspace"), "files": {"notes/a.txt": "buy rice\n"}}
GIT = {
    "command": ["mcp-server-git"],
    "files": {"a.txt": "one\n"},
    "env": {"GIT_AUTHOR_DATE": DAY, "GIT_COMMITTER_DATE": DAY},
    "prepare": [
        ["git", "init", "-q", "-b", "main"],
        ["git", "config", "user.name", "Ann"],
        ["git", "config", "user.email", "ann@example.org"],
        ["git", "add", "."],
        ["git", "commit", "-q", "-m", "First"],
    ],
}
ANN = {"name": "Ann", "entityType": "person", "observations": ["is tall"]}


def offered(server, kind=MCP, **more):
    """A task with all tools of a server."""
    return Task("t", f"envs.mcp:{kind.__name__}", "q", (*envs.mcp.documents(kind, server), FINISH), options=server, **more)


def started(task, kind=MCP):
    environment = kind()
    environment.reset(options={"task": task})
    return environment


def result(environment, name, arguments=None):
    """(observation, feedback) of one call."""
    info = environment.step(json.dumps({"calls": [{"name": name, "arguments": arguments or {}}]}))[4]
    return info["observations"][0], Feedback(info["feedback"][0])


def processes():
    return set(psutil.Process().children(recursive=True))


# By server: its description, some of its tools, right calls with what they say, wrong calls with what that is.
REAL = {
    "time": (
        {"command": ["mcp-server-time", "--local-timezone", "UTC"]},
        {"get_current_time", "convert_time"},
        [("convert_time", {"source_timezone": "Asia/Tokyo", "time": "12:00", "target_timezone": "Asia/Dubai"}, "T07:00:00+04:00")],
        [
            ("convert_time", {"source_timezone": "Mars/Base", "time": "12:00", "target_timezone": "UTC"}, Feedback.OTHER, "Mars/Base"),
            ("convert_time", {"source_timezone": "UTC", "time": "12:00"}, Feedback.PARAMETER_MISSING, "target_timezone"),
        ],
    ),
    "git": (
        GIT,
        {"git_status", "git_log", "git_commit", "git_checkout"},
        [
            ("git_status", {"repo_path": "/workspace"}, "nothing to commit"),
            ("git_create_branch", {"repo_path": "/workspace", "branch_name": "fix"}, "'fix'"),
            ("git_checkout", {"repo_path": "/workspace", "branch_name": "fix"}, "fix"),
            ("git_log", {"repo_path": "/workspace", "max_count": 1}, "Message: First"),
        ],
        [
            ("git_checkout", {"repo_path": "/workspace", "branch_name": "none"}, Feedback.OTHER, "none"),
            ("git_log", {"repo_path": "/workspace", "max_count": "two"}, Feedback.TOOL_CALL_FAILURE, "$.max_count"),
        ],
    ),
    "sqlite": (
        {"command": [str(SQLITE), "--db-path", "shop.db"], "errors": "(Database e|E)rror:"},
        {"read_query", "write_query", "create_table", "list_tables"},
        [
            ("create_table", {"query": "CREATE TABLE stock (item TEXT, amount INTEGER)"}, "created"),
            ("write_query", {"query": "INSERT INTO stock VALUES ('rice', 3)"}, "1"),
            ("read_query", {"query": "SELECT amount FROM stock WHERE item = 'rice'"}, "[{'amount': 3}]"),
        ],
        [
            ("read_query", {"query": "SELECT colour FROM stock"}, Feedback.OTHER, "no such column: colour"),
            ("read_query", {"sql": "SELECT 1"}, Feedback.PARAMETER_HALLUCINATION, "sql"),
        ],
    ),
    "filesystem": (
        FILES,
        {"read_text_file", "write_file", "move_file", "list_directory"},
        [
            ("read_text_file", {"path": "/workspace/notes/a.txt"}, "buy rice"),
            ("write_file", {"path": "/workspace/b.txt", "content": "in /workspace"}, "/workspace/b.txt"),
            ("read_text_file", {"path": "b.txt"}, "in /workspace"),
        ],
        [
            ("read_text_file", {"path": "/etc/passwd"}, Feedback.OTHER, "Access denied"),
            ("read_file_text", {"path": "b.txt"}, Feedback.TOOL_HALLUCINATION, "read_file_text"),
        ],
    ),
    "memory": (
        MEMORY,
        {"create_entities", "add_observations", "read_graph"},
        [
            ("create_entities", {"entities": [ANN]}, "is tall"),
            ("read_graph", {}, '"relations": []'),
        ],
        [
            ("add_observations", {"observations": [{"entityName": "Bob", "contents": ["x"]}]}, Feedback.OTHER, "Bob"),
            ("create_entities", {"entities": [{"name": "Bob"}]}, Feedback.TOOL_CALL_FAILURE, "entityType"),
        ],
    ),
}
MARKS = {"git": needs_git, "sqlite": needs_sqlite, "filesystem": needs_node, "memory": needs_node}


@pytest.mark.parametrize("name", [pytest.param(name, marks=MARKS.get(name, ())) for name in REAL])
def test_a_server_that_others_wrote(name):
    server, some, right, wrong = REAL[name]
    task = offered(server)
    assert some <= {spec.name for spec in task.tools}
    assert all(spec.description and spec.parameters["type"] == "object" for spec in task.tools)
    written = DIALECT.render([ToolCall(tool, arguments) for tool, arguments, _ in right], task.tools)
    assert [(p.call.name, p.call.arguments) for p in DIALECT.parse(written, task.tools).calls] == [(c[0], c[1]) for c in right]
    assert all(f"def {spec.name}(" in DIALECT.instructions(task.tools) for spec in task.tools)
    before = processes()
    environment = started(task)
    observations = []
    for tool, arguments, says in right:
        observation, feedback = result(environment, tool, arguments)
        assert says in observation and feedback is Feedback.OK, observation
        observations.append(observation)
    for tool, arguments, kind, says in wrong:
        observation, feedback = result(environment, tool, arguments)
        assert says in observation and feedback is kind, (observation, feedback)
    (keeper,) = set(psutil.Process().children()) - before
    (server_process,) = keeper.children()
    server_process.kill()
    server_process.wait(5)
    with pytest.raises(ServerLost, match="Connection closed"):
        result(environment, right[0][0], right[0][1])
    environment.reset(options={"task": task})  # a new server, which the same calls bring to the same state
    assert [result(environment, tool, arguments)[0] for tool, arguments, _ in right] == observations
    environment.close()
    psutil.wait_procs(processes() - before, timeout=5)
    assert processes() == before


@pytest.fixture(scope="module")
def ours():
    """Tools of our own server, without a start for each test."""
    return offered(OURS).tools


@pytest.fixture
def connection():
    opened = Connection(Server.read(OURS))
    yield opened
    opened.close()


def nested(levels):
    value = 1
    for _ in range(levels):
        value = [value]
    return value


def test_every_kind_of_answer_and_of_refusal(connection):
    def said(name, **arguments):
        return connection.call(ToolCall(name, arguments))

    assert said("picture") == ("look:\n[image image/png]", Feedback.OK)
    assert said("fail")[1] is Feedback.OTHER
    assert said("refuse") == ("refuse() not these", Feedback.TOOL_CALL_FAILURE)
    assert said("note", text=7) == ("note() $.text: 7 is not of type 'string'", Feedback.TOOL_CALL_FAILURE)
    for value in (float("nan"), float("inf"), "\ud800", 10**5000, nested(101), nested(900)):
        observation, feedback = said("echo", value=value)
        assert observation.startswith("echo() arguments are ") and feedback is Feedback.TOOL_CALL_FAILURE
    for value in ("\0", "é" * 10**6, 10**4000, nested(98), {"a": [None, True, {"/workspace": "/workspace"}]}):
        assert said("echo", value=value) == (repr(value), Feedback.OK)
    assert not connection.lost
    with pytest.raises(ServerLost, match=r"python: break_down\(\): no more"):
        said("break_down")
    assert not connection.lost, "it has answered, and other episodes may use it"
    with pytest.raises(ServerLost):
        said("die")
    assert connection.lost


def test_every_wait_has_a_limit_and_what_was_started_ends(monkeypatch):
    before = processes()
    monkeypatch.setattr(envs.mcp_server, "START_LIMIT_S", 0.5)
    with pytest.raises(ServerLost, match="python: it did not start: no answer within its limit"):
        Connection(Server.read(OURS, {"command": [*OURS["command"], "mute"]}))
    monkeypatch.setattr(envs.mcp_server, "START_LIMIT_S", 30.0)
    monkeypatch.setattr(envs.mcp_server, "CALL_LIMIT_S", 0.5)
    opened = Connection(Server.read(OURS))
    left = psutil.Process(int(opened.call(ToolCall("leave_a_child"))[0]))
    with pytest.raises(ServerLost, match=r"hang\(\): .*timed out"):
        opened.call(ToolCall("hang"))
    opened.close()
    psutil.wait_procs([left, *(processes() - before)], timeout=5)
    assert not left.is_running() and processes() == before


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({}, "a server has a command or a url; this one has neither"),
        ({"command": ["x"], "url": "http://x"}, "a server has a command or a url; this one has both"),
        ({"comand": ["x"]}, "comand: Extra inputs are not permitted"),
        ({"command": "x y"}, "command: Input should be a valid tuple"),
        ({"command": ["x"], "files": {"../y": ""}}, "files: '../y' is outside of the workspace"),
        ({"command": ["x"], "errors": "("}, "errors: Input should be a valid regular expression"),
        ({"url": "http://x", "files": {"y": ""}}, "this one has a url"),
    ],
)
def test_a_description_that_is_wrong(options, complaint):
    with pytest.raises(ValueError) as raised:
        Server.read(options)
    assert complaint in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ({"command": ["no-such-server"]}, "MCP server no-such-server: it did not start: 'no-such-server' is no program in "),
        ({"command": ["true"]}, "MCP server true: it did not start: Connection closed"),
        ({"command": ["true"], "prepare": [["ls", "/nowhere"]]}, "cannot access '/nowhere'"),
    ],
)
def test_a_server_that_does_not_start(command, complaint):
    with pytest.raises(ServerLost) as raised:
        Connection(Server.read(command))
    assert complaint in str(raised.value)


def test_episodes_share_a_server_without_state_until_it_dies(ours):
    task = Task("t", "envs.mcp:SharedMCP", "q", ours, options=OURS)
    one, two = started(task, SharedMCP), started(task, SharedMCP)
    shared = result(one, "pid")[0]
    assert result(two, "pid")[0] == shared
    one.close()
    assert result(two, "pid")[0] == shared
    with pytest.raises(ServerLost):
        result(two, "die")
    one.reset(options={"task": task})
    assert result(one, "pid")[0] != shared
    with pytest.raises(ValueError, match="check: a server that all episodes share has no state"):
        started(Task("t", "envs.mcp:SharedMCP", "q", ours, options={**OURS, "check": [{"name": "pid"}]}), SharedMCP)


def test_a_task_offers_only_what_the_server_has(ours):
    with pytest.raises(ValueError, match="tool 'fly' is offered, but the server has only note, pid"):
        started(Task("t", "envs.mcp:MCP", "q", (*ours, ToolSpec("fly", "Fly.")), options=OURS))


def test_a_tool_that_comes_with_a_follow_up_is_not_there_before(ours):
    environment = started(Task("t", "envs.mcp:MCP", "q", ours, options=OURS, follow_ups=(FollowUp("And now?", ("pid",)),)))
    assert result(environment, "pid")[1] is Feedback.TOOL_HALLUCINATION
    environment.step(json.dumps({"final": "done"}))
    assert result(environment, "pid")[1] is Feedback.OK
    environment.close()


def test_a_subclass_has_a_server_of_its_own(ours, monkeypatch):
    class Ours(MCP):
        server = OURS

    assert (*Ours.tool_specs(), FINISH) == ours
    monkeypatch.setattr(envs.mcp, "documents", None)  # it is not asked again
    assert [spec.name for spec in Ours.tool_specs("pid", "note")] == ["pid", "note"]
    assert MCP.tool_specs() == ()


@needs_node
def test_the_goal_is_the_state_that_gold_leaves_and_an_answer_told():
    tree = GoldCall("directory_tree", {"path": "/workspace"})
    content = GoldCall("read_text_file", {"path": "/workspace/b.txt"})
    gold = (
        Gold((GoldCall("write_file", {"path": "b.txt", "content": "hello"}),)),
        Gold((GoldCall("write_file", {"path": "b.txt", "content": "hi"}),)),
    )
    check = [{"name": call.name, "arguments": call.arguments} for call in (tree, content)]
    task = offered({**FILES, "check": check}, gold=gold, answer=("two", "2"))

    def ended(answer, *calls):
        environment = started(task)
        for name, arguments in calls:
            assert result(environment, name, arguments)[1] is Feedback.OK
        info = environment.step(json.dumps({"final": answer}))[4]
        environment.close()
        return info["goal_reached"]

    write = ("write_file", {"path": "/workspace/b.txt", "content": "hi"})
    other = ("write_file", {"path": "c.txt", "content": "hello"})
    assert ended("There are 2.", write)
    assert ended("two", other, ("move_file", {"source": "c.txt", "destination": "b.txt"}))
    assert ended("22", write) is False
    assert ended("two", other) is False
    assert ended("two", write, other) is False
    moved = Gold((GoldCall("move_file", {"source": "notes/a.txt", "destination": "b.txt"}),))
    gone = {**FILES, "check": [{"name": "read_text_file", "arguments": {"path": "notes/a.txt"}}]}
    started(offered(gone, gold=(moved,))).close()  # what is there no more after gold can be checked
    blind = {**FILES, "check": [check[0], {"name": "read_text_file", "arguments": {"pth": "/workspace/b.txt"}}]}
    with pytest.raises(ValueError, match=r"check\.1: read_text_file fails before gold and after it: "):
        started(offered(blind, gold=gold))
    with pytest.raises(ValueError, match=r"check\.0: the server has no tool 'raed'; it has "):
        started(offered({**FILES, "check": [{"name": "raed"}]}, gold=gold))
    with pytest.raises(ValueError, match="gold call write_file fails: Access denied"):
        started(replace(task, gold=(Gold((GoldCall("write_file", {"path": "/etc/x", "content": ""}),)),)))


# ---- in tool hosts


@both
@needs_node
def test_a_tool_host_holds_each_episode_s_own_server(isolation):
    async def scenario(hosts):
        task = offered(MEMORY)
        one, two = await asyncio.gather(hosts.open(task), hosts.open(task))
        await one.step(call("create_entities", entities=[ANN]))
        assert "is tall" in (await said(one, call("read_graph")))[0]
        assert "is tall" not in (await said(two, call("read_graph")))[0]
        servers = [process for process in processes() if process.name() == "node"]
        await one.close()
        ended, alive = await asyncio.to_thread(psutil.wait_procs, servers, 2)
        assert len(ended) == len(alive) == 1
        assert (await said(two, call("open_nodes", names=["Ann"])))[1] is Feedback.OK
        assert hosts.counts == {}
        await two.close()

    run(scenario, isolation, call_limit_s=20.0)


def test_a_call_over_its_limit_is_the_model_s_failure_and_the_state_is_rebuilt(ours):
    async def scenario(hosts):
        environment = await hosts.open(Task("t", "envs.mcp:MCP", "q", ours, options=OURS))
        assert await said(environment, call("note", text="a")) == ("a", Feedback.OK)
        assert (await said(environment, call("hang")))[1] is Feedback.TOOL_CALL_FAILURE
        assert await said(environment, call("note", text="b")) == ("a,b", Feedback.OK)
        assert hosts.counts["tool_call_failure"] == 1

    run(scenario, call_limit_s=3.0, start_limit_s=60.0)


def test_a_dead_server_is_infrastructure(ours):
    async def scenario(hosts):
        environment = await hosts.open(Task("t", "envs.mcp:MCP", "q", ours, options=OURS))
        with pytest.raises(InfrastructureError, match="ServerLost"):
            await environment.step(call("die"))
        await environment.close()
        with pytest.raises(InfrastructureError, match="it did not start"):
            await hosts.open(Task("t", "envs.mcp:MCP", "q", ours, options={"command": ["true"]}))
        assert not hosts.counts

    run(scenario, start_limit_s=60.0)


DRIVER = """
import asyncio, json, sys
from raytool.config.rollout import ToolHostConfig
from raytool.records import Task, ToolSpec
from raytool.rollout.hosts import ToolHosts
from tests.plugins.test_tool_host import call

async def main():
    hosts = ToolHosts(ToolHostConfig(isolation=sys.argv[1], call_limit_s=60))
    tools = (ToolSpec("leave_a_child", ""), ToolSpec("hang", ""))
    environment = await hosts.open(Task("t", "envs.mcp:MCP", "q", tools, options=json.loads(sys.argv[2])))
    await environment.step(call("leave_a_child"))
    asyncio.ensure_future(environment.step(call("hang")))
    await asyncio.sleep(0.5)
    print("hanging", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize(("victim", "isolation"), [pytest.param("driver", "bubblewrap", marks=BUBBLEWRAP.marks), ("host", "none")])
def test_no_server_outlives_a_kill(victim, isolation):
    driver = subprocess.Popen([sys.executable, "-c", DRIVER, isolation, json.dumps(OURS)], stdout=subprocess.PIPE, text=True)
    try:
        assert driver.stdout.readline() == "hanging\n"
        children = psutil.Process(driver.pid).children(recursive=True)
        families = [[child, *child.children(recursive=True)] for child in psutil.Process(driver.pid).children()]
        mine = children if victim == "driver" else next(family for family in families if len(family) > 3)
        assert {"ours.py", "600"} <= {os.path.basename(process.cmdline()[-1]) for process in mine}
        os.kill(driver.pid if victim == "driver" else mine[0].pid, signal.SIGKILL)
        _, alive = psutil.wait_procs(mine, timeout=15)
        assert not alive
    finally:
        driver.kill()
        driver.wait()
        driver.stdout.close()


# ---- over HTTP


@pytest.fixture(scope="module")
def remote():
    """Our own server over streamable HTTP: its url, and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(SERVERS / "ours.py"), "http", str(port)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None
            time.sleep(0.1)
        yield SimpleNamespace(options={"url": f"http://127.0.0.1:{port}/mcp"}, process=process)
    finally:
        process.kill()
        process.wait()


@isolated
def test_a_server_at_a_url_is_reached_where_the_config_allows_it(remote, isolation, ours):
    task = Task("t", "envs.mcp:RemoteMCP", "q", ours, options=remote.options)

    async def allowed(hosts):
        one, two = await hosts.open(task), await hosts.open(task)
        assert await said(one, call("echo", value=[1])) == ("[1]", Feedback.OK)
        assert (await said(two, call("fail")))[1] is Feedback.OTHER
        assert (await said(two, call("echo")))[1] is Feedback.PARAMETER_MISSING

    async def not_allowed(hosts):
        with pytest.raises(InfrastructureError, match="it did not start"):
            await hosts.open(task)

    run(allowed, isolation, network=True)
    run(not_allowed, isolation)


def test_a_server_at_a_url_that_dies(remote):
    environment = started(offered(remote.options, RemoteMCP), RemoteMCP)
    assert result(environment, "echo", {"value": 1}) == ("1", Feedback.OK)
    remote.process.kill()
    remote.process.wait()
    with pytest.raises(Exception) as raised:
        result(environment, "echo", {"value": 1})
    assert isinstance(raised.value, ServerLost)
    environment.close()


def test_the_network_is_asked_for_in_the_config(tmp_path):
    check_environment("envs.mcp:MCP", ToolHostConfig())
    with pytest.raises(UserError, match=r"rollout\.tool_host\.network: environment 'envs\.mcp:RemoteMCP' reaches out"):
        check_environment("envs.mcp:RemoteMCP", ToolHostConfig())
    check_environment("envs.mcp:RemoteMCP", ToolHostConfig(network=True))
    check_environment("envs.mcp:RemoteMCP", ToolHostConfig(isolation="none"))
    with pytest.raises(ConfigError, match="network: has no effect with isolation 'none'"):
        load(Path("configs/quickstart.yaml"), ["rollout.tool_host.network=true", "rollout.tool_host.isolation=none"])


# ---- tasks


def source(file, options):
    return SourceConfig(name="mine", source="envs.mcp:tasks", options={"server": OURS, "file": str(file)} | options)


def test_a_file_of_queries_is_enough(tmp_path):
    file = tmp_path / "notes.jsonl"
    lines = [
        {"query": "Note rice.", "gold": [{"name": "note", "arguments": {"text": "rice"}}]},
        {"query": "Note it, and say who you are.", "gold": [{"name": "pid"}, {"name": "note", "free": ["text"]}], "free_order": True},
        {"query": "What?", "gold": [], "answer": "that", "files": {"a": "b"}},
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    first, second, third = tasks.load(source(file, {}))
    assert (first.id, first.env, first.tags) == ("notes-1", "envs.mcp:MCP", {"source": "mine"})
    assert first.tools[-1] == FINISH and first.tool("note").required == ["text"]
    assert [c.name for c in first.gold[0].calls] == ["note", "finish"] and first.gold[0].calls[1].free == ("answer",)
    assert second.gold[0].free_order and second.gold[0].calls[1].free == ("text",)
    assert (third.answer, third.options["files"]) == (("that",), {"a": "b"})
    (only,) = tasks.load(source(file, {"tools": ["note"], "first": 1, "last": 1, "state": "shared"}))
    assert [spec.name for spec in only.tools] == ["note", "finish"] and only.env == "envs.mcp:SharedMCP"


@pytest.mark.parametrize(
    ("line", "options", "complaint"),
    [
        ('{"query": "q", "gold": [], "golden": 1}', {}, "tasks.jsonl:1: golden: Extra inputs are not permitted"),
        ('{"query": "q"}', {}, "tasks.jsonl:1: gold: Field required"),
        ("{", {}, "tasks.jsonl:1: "),
        ('{"query": "q", "gold": [{"name": "fly"}]}', {}, "tasks-1: gold: 'fly' is not offered; there are note, pid"),
        ('{"query": "q", "gold": []}', {"tools": ["fly"]}, "the server has no tool 'fly'; it has note, pid"),
        ('{"query": "q", "gold": []}', {"state": "none"}, "state: 'none' given; input should be 'episode' or 'shared'"),
        ('{"query": "q", "gold": []}', {"first": 0}, "first: 0 given; the first line is 1"),
        ('{"query": "q", "gold": []}', {"server": {"url": "http://x"}, "state": "shared"}, "state: 'shared' has no effect on a server at"),
        ('{"query": "q", "gold": []}', {"server": {"command": ["no-such"]}}, "MCP server no-such: it did not start"),
        ('{"query": "q", "gold": []}', {"file": "nowhere.jsonl"}, "file nowhere.jsonl: No such file"),
    ],
)
def test_a_mistake_is_named(tmp_path, line, options, complaint):
    file = tmp_path / "tasks.jsonl"
    file.write_text(line + "\n")
    with pytest.raises(UserError) as raised:
        tasks.load(source(file, options))
    assert complaint in str(raised.value) and "\n" not in str(raised.value)


@needs_node
def test_the_documented_server_and_its_tasks(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "mcp.md").read_text()
    lines, config = (re.search(rf"```{language}\n(.*?)```", page, re.DOTALL)[1] for language in ("json", "yaml"))
    (tmp_path / "notes.jsonl").write_text(lines)
    where = str(NODE.parent.relative_to(Path.cwd()))
    (written,) = yaml.safe_load(config.replace("node_modules", where).replace("notes.jsonl", str(tmp_path / "notes.jsonl")))["tasks"][
        "train"
    ]
    for task in tasks.load(SourceConfig(**written)):
        assert [spec.name for spec in task.tools] == ["read_text_file", "write_file", "list_directory", "finish"]
        environment = started(task)
        for gold in task.gold[0].calls:
            observation, _, _, _, info = environment.step(call(gold.name, **gold.arguments))
            assert info["feedback"] == ["ok"], observation
        assert info["goal_reached"] is True
        environment.close()


def test_times_in_other_places():
    train, test = mcp_time.tasks("train", 300), mcp_time.tasks("test", 60)
    tasks.check(train, test)
    assert train == mcp_time.tasks("train", 300) != mcp_time.tasks("train", 300, seed=1)
    environment = mcp_time.Clock()
    for task in test[:20]:
        environment.reset(options={"task": task})
        gold = task.gold[0].calls[0]
        observation, feedback = result(environment, gold.name, gold.arguments)
        told = json.loads(observation)["target"]["datetime"][11:16]
        assert feedback is Feedback.OK and told == task.answer[0]
        assert environment.step(json.dumps({"final": f"It is {told} there."}))[4]["goal_reached"] is True
    assert isinstance(environment, ToolEnv) and environment.sample_task(np.random.default_rng(3)).answer
    with pytest.raises(ValueError, match="split: 'dev' is neither train nor test"):
        mcp_time.tasks("dev", 1)
