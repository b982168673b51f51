"""Tool hosts as processes: what a tool does to its host costs its own call, and no other environment anything."""

import asyncio
import dataclasses
import datetime
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from raytool import bubblewrap
from raytool.config.rollout import ToolHostConfig
from raytool.records import Feedback, Task, UserError
from raytool.rollout.episode import InfrastructureError
from raytool.rollout.host_command import HostsDown, NodeUnfit
from raytool.rollout.host_process import ToolHost
from raytool.rollout.hosts import ToolHosts
from raytool.rollout.tool_host import Environments
from tests.plugins.troublesome import Dice, Solitary, Unclosable, task

BUBBLEWRAP = pytest.param("bubblewrap", marks=pytest.mark.skipif(bool(bubblewrap.complaint()), reason=bubblewrap.complaint()))
both = pytest.mark.parametrize("isolation", ["none", BUBBLEWRAP])
isolated = pytest.mark.parametrize("isolation", [BUBBLEWRAP])
FAILURE = [Feedback.TOOL_CALL_FAILURE]


def call(*calls, **arguments):
    """The action of calls: names without arguments, or one name with them."""
    return json.dumps({"calls": [{"name": name, "arguments": arguments} for name in calls]})


def run(scenario, isolation="none", **config):
    """Run a scenario with hosts of its own, and see that none of their processes outlives them."""

    async def main():
        hosts = ToolHosts(ToolHostConfig(**{"isolation": isolation, "call_limit_s": 5.0, "start_limit_s": 20.0, **config}))
        try:
            return await scenario(hosts)
        finally:
            await hosts.close()
            left = await left_behind()
            for process in left:
                process.kill()
            await asyncio.sleep(0.1)  # for asyncio to notice, while there is a loop
            assert not left, "a tool host was left behind"

    async def left_behind():
        for _ in range(100):
            if not (left := set(psutil.Process().children(recursive=True)) - before):
                break
            await asyncio.sleep(0.03)
        return left

    before = set(psutil.Process().children(recursive=True))
    return asyncio.run(main())


async def said(environment, action):
    """(observation, feedback) of an action of one call."""
    step = await environment.step(action)
    assert len(step.observations) == len(step.feedback) == 1
    return step.observations[0], step.feedback[0]


@both
def test_state_persists_and_environments_of_one_host_are_apart(isolation):
    async def scenario(hosts):
        one, two = await hosts.open(task("one")), await hosts.open(task("two"))
        assert one.max_turns == 8
        assert await said(one, call("note", text="a")) == ("one: a", Feedback.OK)
        assert await said(two, call("note", text="c")) == ("two: c", Feedback.OK)
        assert await said(one, call("note", text="b")) == ("one: a,b", Feedback.OK)
        assert (await one.goal_reached(), await two.goal_reached()) == (True, False)
        end = await one.step(json.dumps({"final": "Done."}))
        assert (end.ended, end.finished, end.goal_reached, end.reward) == (True, True, True, 1.0)
        await one.close()
        assert await said(two, call("note", text="d")) == ("two: c,d", Feedback.OK)
        assert hosts.counts == {}

    run(scenario, isolation)


@both
@pytest.mark.parametrize(("tool", "limit_s"), [("hang", 0.5), ("crash", 5.0), ("leave", 5.0)])
def test_a_tool_that_takes_its_host_down_twice_has_failed_and_costs_the_others_nothing(isolation, tool, limit_s):
    async def scenario(hosts):
        guilty, innocent = await hosts.open(task("guilty")), await hosts.open(task("innocent"))
        await guilty.step(call("note", text="a"))
        await innocent.step(call("note", text="a"))
        began = time.monotonic()
        failing, waiting = await asyncio.gather(guilty.step(call(tool)), innocent.step(call("note", text="b")))
        assert failing.feedback == FAILURE and not failing.ended
        assert "limit" in failing.observations[0]
        assert tool != "hang" or 2 * limit_s <= time.monotonic() - began
        assert (waiting.observations, waiting.feedback) == (["innocent: a,b"], [Feedback.OK])
        assert await said(guilty, call("note", text="b")) == ("guilty: a,b", Feedback.OK)
        assert await innocent.goal_reached() and await guilty.goal_reached()
        assert (hosts.counts["suspect"], hosts.counts["tool_call_failure"], hosts.counts["rebuilt"]) == (1, 1, 1)

    run(scenario, isolation, call_limit_s=limit_s)


def test_no_more_hosts_start_at_once_than_there_are_cores(monkeypatch):
    """Sixty at once on two cores took each other's time until none was within its limit."""
    starting, most = 0, 0

    class Started:
        lost, used_up, environments, opened, works = None, False, 0, 0, False

        async def close(self): ...

    async def start(config, isolate, log_file):
        nonlocal starting, most
        starting += 1
        most = max(most, starting)
        await asyncio.sleep(0.005)
        starting -= 1
        return Started()

    async def scenario(hosts):
        await asyncio.gather(hosts.pick(), *(hosts.alone() for _ in range(20)))
        assert most == 3

    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1, 2})
    monkeypatch.setattr(ToolHost, "start", start)
    run(scenario)


def test_a_tool_that_hangs_once_was_infrastructure_and_its_result_stands(tmp_path):
    """Without isolation, so that the second host sees the file which the first one left."""

    async def scenario(hosts):
        slow, other = await hosts.open(task("slow")), await hosts.open(task("other"))
        await slow.step(call("note", text="a"))
        await other.step(call("note", text="c"))
        assert await said(slow, call("hang_where_absent", path=str(tmp_path / "seen"))) == ("returned", Feedback.OK)
        assert await said(slow, call("note", text="b")) == ("slow: a,late,b", Feedback.OK)
        assert await said(other, call("note", text="d")) == ("other: c,d", Feedback.OK)
        assert (hosts.counts["suspect"], hosts.counts["tool_call_failure"]) == (1, 0)

    run(scenario, call_limit_s=0.5)


def test_the_limit_is_for_each_call_of_a_turn():
    async def scenario(hosts):
        step = await (await hosts.open(task())).step(call("note", "hang", text="x"))  # hang() refuses the parameter
        assert step.feedback == [Feedback.OK, Feedback.PARAMETER_HALLUCINATION]
        step = await (await hosts.open(task())).step(call("hang", "hang"))
        assert step.feedback == FAILURE * 2 and len(step.observations) == 2

    run(scenario, call_limit_s=0.3)


@both
def test_memory_has_a_bound_that_costs_the_call_only(isolation):
    async def scenario(hosts):
        environment = await hosts.open(task())
        observation, feedback = await said(environment, call("hoard", gigabytes=2))
        assert ("exceeded its limits (5 s, 1 GB)" in observation, feedback) == (True, Feedback.TOOL_CALL_FAILURE)
        assert await said(environment, call("note", text="a")) == ("t: a", Feedback.OK)
        assert hosts.take_counts() == {"suspect": 1, "tool_call_failure": 1} and hosts.counts == {}
        assert len(hosts._hosts) == 1, "what failed alone too was no fault of the host's"

    run(scenario, isolation, memory_gb=1.0)


def test_memory_that_another_environment_holds_costs_a_call_nothing():
    async def scenario(hosts):
        greedy, other = await hosts.open(task("greedy")), await hosts.open(task("other"))
        assert await said(other, call("note", text="a")) == ("other: a", Feedback.OK)
        assert await said(greedy, call("keep", megabytes=1200)) == ("kept", Feedback.OK)
        assert await said(other, call("keep", megabytes=1200)) == ("kept", Feedback.OK)
        assert await said(other, call("note", text="b")) == ("other: a,b", Feedback.OK)
        assert hosts.take_counts() == {"suspect": 1}

    run(scenario, memory_gb=2.0)


def test_a_host_whose_memory_is_full_takes_no_more_and_ends_once_nobody_uses_it():
    async def scenario(hosts):
        leaking = await hosts.open(task("leaking"))
        full = leaking._host
        assert await said(leaking, call("leak", megabytes=1400)) == ("leaked", Feedback.OK)
        large = await hosts.open(task("large", query="large"))
        assert (await hosts.open(task("next")))._host is large._host is not full
        assert await said(leaking, call("note", text="a")) == ("leaking: a", Feedback.OK), "it serves those that it has"
        await leaking.close()
        for name in ("one", "two"):
            await (await hosts.open(task(name))).close()
        await eventually(lambda: len(hosts_alive()) == 1)
        assert full.lost == "renewed" and hosts._hosts == [large._host]

    run(scenario, memory_gb=2.0)


def test_a_host_beyond_those_that_are_to_be_ends_once_nobody_uses_it():
    async def scenario(hosts):
        kept = (await hosts.open(task("one")))._host
        second_chance = await hosts.alone()
        second_chance.environments = 1
        hosts.adopt(second_chance, None)
        assert [(await hosts.open(task(name)))._host for name in ("two", "three")] == [kept, kept]
        second_chance.environments = 0
        await (await hosts.open(task("four"))).close()
        await eventually(lambda: len(hosts_alive()) == 1)
        assert second_chance.lost == "renewed" and not kept.lost

    run(scenario)


@pytest.mark.parametrize("action", [json.dumps({"final": "Done."}), call("finish", answer="Done.")])
def test_a_judge_that_hangs_is_no_fault_of_the_answer(action):
    """It has the time of an environment's start, as where a conversation is cut."""

    async def scenario(hosts):
        environment = await hosts.open(task(query="judge that hangs"))
        with pytest.raises(InfrastructureError, match=r"did not judge an answer within 6 s, twice"):
            await environment.step(action)
        assert hosts.counts == {"suspect": 1}

    run(scenario, call_limit_s=0.3, start_limit_s=6.0)


def test_an_environment_that_does_not_close_gives_its_host_up(caplog):
    async def scenario(hosts):
        environment = await hosts.open(task(env=Unclosable))
        (host,) = hosts._hosts
        await environment.close()
        assert host.environments == 0 and "its environment does not close" in caplog.text

    run(scenario)


def test_tools_get_the_variables_that_a_config_names(monkeypatch):
    monkeypatch.setenv("SEARCH_KEY", "secret")
    monkeypatch.setenv("OTHER_KEY", "secret")

    async def scenario(hosts):
        environment = await hosts.open(task())
        seen, _ = await said(environment, call("variables"))
        assert "SEARCH_KEY" in seen and "OTHER_KEY" not in seen

    run(scenario, variables=["SEARCH_KEY"])


@isolated
def test_folders_that_a_config_names_can_be_read(isolation):
    with tempfile.TemporaryDirectory(dir=Path.home()) as folder:
        file = Path(folder, "data.txt")
        file.write_text("there")

        async def scenario(hosts):
            environment = await hosts.open(task())
            return await said(environment, call("read", path=str(file)))

        assert run(scenario, isolation, readable=[Path(folder)]) == ("there", Feedback.OK)
        assert run(scenario, isolation)[1] is Feedback.TOOL_CALL_FAILURE


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"variables": ["NO_KEY"]}, r"rollout\.tool_host\.variables: 'NO_KEY' is not set where"),
        pytest.param({"readable": ["/not/there"]}, r"rollout\.tool_host\.readable: /not/there is not there where", marks=BUBBLEWRAP.marks),
        pytest.param({"readable": ["/tmp"]}, r"they have a /tmp of their own, and /tmp is to be shown to them", marks=BUBBLEWRAP.marks),
        pytest.param({"readable": ["/"]}, r"they have a /tmp of their own, and / is to be shown to them", marks=BUBBLEWRAP.marks),
    ],
)
def test_what_a_node_lacks_is_told_before_anything_is_played(config, says):
    with pytest.raises(NodeUnfit, match=says):
        ToolHosts(ToolHostConfig(**config))


@isolated
def test_what_a_node_no_longer_has_is_told_too(isolation):
    with tempfile.TemporaryDirectory(dir=Path.home()) as folder:

        async def scenario(hosts):
            Path(folder, "data").rmdir()
            with pytest.raises(NodeUnfit, match=r"readable: \S+data is not there where"):
                await hosts.open(task())

        Path(folder, "data").mkdir()
        run(scenario, isolation, readable=[Path(folder, "data")])


def test_a_node_where_no_host_starts_is_no_place_to_play():
    """It would lose its episodes faster than others play theirs, and so get all of them."""

    async def scenario(hosts):
        said = []
        for _ in range(9):
            try:
                await hosts.open(task())
            except (InfrastructureError, HostsDown) as error:
                said.append(type(error))
        assert said == [*[InfrastructureError] * 7, *[HostsDown] * 2]

    run(scenario, "none", start_limit_s=0.001)


@both
def test_the_protocol_is_out_of_the_reach_of_tools(isolation):
    async def scenario(hosts):
        environment = await hosts.open(task())
        assert await said(environment, call("shout")) == ("said", Feedback.OK)
        assert await said(environment, call("listen")) == ("''b''", Feedback.OK)
        assert await said(environment, call("note", text="é\n\u2028")) == ("t: é\n\u2028", Feedback.OK)

    run(scenario, isolation)


def test_a_reply_of_any_length_is_the_calls_own_affair():
    async def scenario(hosts):
        environment = await hosts.open(task())
        observation, feedback = await said(environment, call("flood", megabytes=8))
        assert (len(observation), feedback) == (8 * 2**20, Feedback.OK)
        assert (await said(environment, call("flood", megabytes=70)))[1] is Feedback.TOOL_CALL_FAILURE
        assert await said(environment, call("note", text="a")) == ("t: a", Feedback.OK)

    run(scenario)


def test_an_environment_that_cannot_start_is_infrastructure_and_shows_where():
    async def scenario(hosts):
        with pytest.raises(InfrastructureError, match=r"(?s)environment defect:.*troublesome\.py.*the world cannot be built"):
            await hosts.open(task(query="refuse"))
        assert await said(await hosts.open(task()), call("note", text="a")) == ("t: a", Feedback.OK)

    run(scenario)


def test_a_goal_of_numpy_s_is_a_goal():
    async def scenario(hosts):
        environment = await hosts.open(task(query="numpy"))
        assert await environment.goal_reached() is False
        await environment.step(call("note", text="a"))
        end = await environment.step(json.dumps({"final": "Done."}))
        assert (end.goal_reached, end.feedback, hosts.counts) == (True, [Feedback.OK], {})

    run(scenario)


def test_an_answer_that_is_no_json_is_a_defect_and_costs_no_host():
    async def scenario(hosts):
        environment, other = (
            await hosts.open(dataclasses.replace(task(), env="tests.plugins.troublesome:Strange")),
            await hosts.open(task()),
        )
        with pytest.raises(InfrastructureError, match="(?s)environment defect:.*not JSON serializable"):
            await environment.step(call("note", text="a"))
        assert await said(other, call("note", text="a")) == ("t: a", Feedback.OK)
        assert hosts.counts == {}

    run(scenario)


def test_an_environment_that_hangs_as_it_starts_costs_one_shared_host(monkeypatch):
    """It is tried again alone, so that the others are moved once."""
    start = ToolHost.start

    async def patiently(config, isolate, log_file):
        return await start(config.model_copy(update={"start_limit_s": 20.0}), isolate, log_file)

    monkeypatch.setattr(ToolHost, "start", patiently)

    async def scenario(hosts):
        innocent = await hosts.open(task("innocent"))
        first = await hosts.pick()
        with pytest.raises(InfrastructureError, match="could not be opened in three hosts: no answer within"):
            await hosts.open(task(query="hang"))
        assert await said(innocent, call("note", text="a")) == ("innocent: a", Feedback.OK)
        second = await hosts.pick()
        with pytest.raises(InfrastructureError, match="three hosts"):
            await hosts.open(task(query="hang"))
        assert first.lost and second.lost and hosts.counts["rebuilt"] == 1

    run(scenario, start_limit_s=1.5)


def test_a_shared_host_is_renewed_once_nobody_uses_it(monkeypatch):
    monkeypatch.setattr("raytool.rollout.hosts._RENEWED_AFTER", 2)

    async def scenario(hosts):
        one, two, three = [await hosts.open(task(name)) for name in ("one", "two", "three")]
        first, second = one._host, three._host
        assert two._host is first and second is not first
        assert await said(one, call("note", text="a")) == ("one: a", Feedback.OK), "it serves those that it has"
        await one.close()
        await two.close()
        four = await hosts.open(task("four"))
        assert four._host is second and first.lost == "renewed" and hosts.counts == {}

    run(scenario)


def test_a_host_that_works_says_so():
    async def scenario(hosts):
        environment = await hosts.open(task())
        assert not hosts.busy
        resting = asyncio.create_task(environment.step(call("nap", seconds=0.3)))
        await asyncio.sleep(0.1)
        assert hosts.busy
        await resting
        assert not hosts.busy

    run(scenario)


def test_a_log_does_not_grow_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr("raytool.rollout.hosts._MAX_LOG", 10)
    path = tmp_path / "tools.log"
    path.write_text("x" * 11)

    async def scenario(hosts):
        hosts._log = path.open("ab")
        await (await hosts.open(task())).step(call("shout"))
        assert path.read_text().startswith('{"observations"')

    run(scenario)


def test_an_environment_that_kills_every_host_is_given_up():
    async def scenario(hosts):
        with pytest.raises(InfrastructureError, match="task t: .*three hosts"):
            await hosts.open(task(query="crash"))

    run(scenario)


def test_a_plug_in_string_that_leads_nowhere_is_the_users_to_mend():
    async def scenario(hosts):
        with pytest.raises(UserError, match="no module 'nowhere'"):
            await hosts.open(task().__class__("t", "nowhere:X", "q", ()))

    run(scenario)


def test_a_defect_in_the_second_chance_leaves_no_host_behind(tmp_path):
    """The suspect's journal cannot be replayed alone: its start was possible only before the mark was left."""

    async def scenario(hosts):
        environment = await hosts.open(task())
        environment._task = task(query="refuse")
        with pytest.raises(InfrastructureError, match="environment defect"):
            await environment.step(call("hang"))

    run(scenario, call_limit_s=0.3)


def test_a_cancelled_request_does_not_leave_its_reply_to_the_next():
    async def scenario(hosts):
        one, two = await hosts.open(task("one")), await hosts.open(task("two"))
        await two.step(call("note", text="a"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(one.step(call("nap", seconds=0.5)), 0.2)
        assert await said(two, call("note", text="b")) == ("two: a,b", Feedback.OK)
        assert await two.goal_reached()

    run(scenario)


def test_hosts_share_the_environments():
    async def scenario(hosts):
        environments = [await hosts.open(task(str(number))) for number in range(4)]
        assert sorted(host.environments for host in hosts._hosts) == [2, 2]
        for environment in environments:
            await environment.close()
        assert [host.environments for host in hosts._hosts] == [0, 0]

    run(scenario, processes=2)


def test_many_environments_at_once():
    async def scenario(hosts):
        async def one(number):
            environment = await hosts.open(task(str(number)))
            for text in "ab":
                step = await environment.step(call("note", text=text))
            assert step.observations == [f"{number}: a,b"]
            await environment.close()

        await asyncio.gather(*map(one, range(50)))

    run(scenario, processes=2)


# --- a process per episode


def hosts_alive():
    return [process for process in psutil.Process().children(recursive=True) if "raytool.rollout.tool_host" in command_line(process)[:3]]


def command_line(process):
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []


async def eventually(condition):
    for _ in range(100):
        if condition():
            return
        await asyncio.sleep(0.03)
    raise AssertionError("waited 3 s in vain")


def test_an_environment_that_asks_for_it_has_a_process_from_its_start_to_its_end():
    async def scenario(hosts):
        shared = [await hosts.open(task("shared")) for _ in range(2)]
        assert len(hosts_alive()) == 1
        own = await asyncio.gather(*(hosts.open(task(f"own-{n}", env=Solitary)) for n in range(3)))
        assert len(hosts_alive()) == 4
        for environment in (*shared, *own):
            await environment.step(call("note", text="a"))
        for environment in own:
            await environment.close()
        await eventually(lambda: len(hosts_alive()) == 1)
        for environment in shared:
            assert await said(environment, call("note", text="b")) == ("shared: a,b", Feedback.OK)
        assert hosts.counts == {}

    run(scenario)


@pytest.mark.parametrize(("tool", "limit_s"), [("hang", 0.5), ("leave", 5.0)])
def test_the_second_chance_of_an_own_process_is_a_second_process(tool, limit_s):
    async def scenario(hosts):
        guilty, innocent = await hosts.open(task("guilty", env=Solitary)), await hosts.open(task("innocent", env=Solitary))
        await guilty.step(call("note", text="a"))
        failing, waiting = await asyncio.gather(guilty.step(call(tool)), innocent.step(call("note", text="b")))
        assert failing.feedback == FAILURE and not failing.ended
        assert waiting.observations == ["innocent: b"]
        assert await said(guilty, call("note", text="b")) == ("guilty: a,b", Feedback.OK)
        assert (hosts.counts["suspect"], hosts.counts["tool_call_failure"], hosts.counts["rebuilt"]) == (1, 1, 0)
        await eventually(lambda: len(hosts_alive()) == 3)

    run(scenario, call_limit_s=limit_s)


def test_an_own_process_that_hung_once_keeps_the_second(tmp_path):
    async def scenario(hosts):
        slow = await hosts.open(task("slow", env=Solitary))
        assert await said(slow, call("hang_where_absent", path=str(tmp_path / "seen"))) == ("returned", Feedback.OK)
        assert await said(slow, call("note", text="b")) == ("slow: late,b", Feedback.OK)
        assert (hosts.counts["suspect"], hosts.counts["tool_call_failure"]) == (1, 0)
        await hosts.open(task("another"))
        assert sorted(host.environments for host in hosts._hosts) == [1], "the second host was not given to others"

    run(scenario, call_limit_s=0.5)


def test_a_failed_or_cancelled_start_leaves_no_process():
    async def scenario(hosts):
        with pytest.raises(InfrastructureError, match="the world cannot be built"):
            await hosts.open(task(query="refuse", env=Solitary))
        await eventually(lambda: len(hosts_alive()) == 1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(hosts.open(task(env=Solitary)), 0.05)
        await eventually(lambda: len(hosts_alive()) == 1)
        assert [host.environments for host in hosts._hosts] == [0]

    run(scenario)


# --- isolation


@isolated
def test_a_tool_has_no_network(isolation):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        async def scenario(hosts):
            return await said(await hosts.open(task()), call("connect", port=port))

        assert run(scenario, "none") == ("connected", Feedback.OK)
        assert run(scenario, isolation)[1] is Feedback.TOOL_CALL_FAILURE


@isolated
def test_a_tool_sees_no_file_but_pythons_and_the_projects(isolation, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    at_home = next((path for path in Path.home().iterdir() if path.is_file() and os.access(path, os.R_OK)), secret)

    async def scenario(hosts):
        environment = await hosts.open(task())
        for path in (secret, at_home, Path("/etc/passwd"), Path("/proc/1/environ")):
            text, feedback = await said(environment, call("read", path=str(path)))
            assert feedback is Feedback.TOOL_CALL_FAILURE or (path.parts[1] == "proc" and "HOME" not in text), path
        for path in (Path.cwd() / "tests" / "written-by-a-tool", Path(sys.prefix) / "written-by-a-tool"):
            assert (await said(environment, call("write", path=str(path))))[1] is Feedback.TOOL_CALL_FAILURE
            assert not path.exists()
        assert await said(environment, call("write", path=str(secret.with_name("other")))) != ("written", Feedback.OK)
        assert await said(environment, call("write", path="/tmp/mine")) == ("written", Feedback.OK)
        assert not Path("/tmp/mine").exists()

    run(scenario, isolation)


@both
def test_a_tool_sees_none_of_the_variables_of_its_parent(isolation, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "the secret")
    monkeypatch.delenv("PYGAME_HIDE_SUPPORT_PROMPT", raising=False)  # gymnasium sets it on import

    async def scenario(hosts):
        variables, _ = await said(await hosts.open(task()), call("variables"))
        assert not set(json.loads(variables)) & (
            set(os.environ) - {"PATH", "PYTHONPATH", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LANG", "PWD", "PYTHONDONTWRITEBYTECODE"}
        )

    run(scenario, isolation)


@isolated
@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_a_plug_in_may_lie_in_a_private_folder(isolation, mode, tmp_path, monkeypatch):
    """Tools run as a user who may not enter root's own folders."""
    folder = tmp_path / "plugins"
    (folder / "package").mkdir(parents=True)
    (folder / "package" / "__init__.py").write_text("from tests.plugins.troublesome import Troublesome as Private\n")
    (folder / "beside.txt").symlink_to("nowhere")
    folder.chmod(mode)
    monkeypatch.syspath_prepend(str(folder))

    async def scenario(hosts):
        environment = await hosts.open(dataclasses.replace(task(), env="package:Private"))
        assert await said(environment, call("note", text="a")) == ("t: a", Feedback.OK)

    run(scenario, isolation)


@isolated
def test_a_tool_is_nobody_and_bounded(isolation):
    async def scenario(hosts):
        environment = await hosts.open(task())
        limits = json.loads((await said(environment, call("limits")))[0])
        assert limits["user"] != 0 and limits["groups"] in ([], [limits["user"]], os.getgroups())
        assert 0 < limits["processes"] <= 256 and 0 < limits["file_size"] <= 2**28 and 0 < limits["scratch"] <= 2**28
        for path in ("/x", "/dev/x", "/dev/shm/x", "/etc/x"):
            assert (await said(environment, call("write", path=path)))[1] is Feedback.TOOL_CALL_FAILURE

    run(scenario, isolation)


@isolated
def test_a_tool_sees_no_other_process(isolation):
    async def scenario(hosts):
        processes, _ = await said(await hosts.open(task()), call("processes"))
        assert len(json.loads(processes)) <= 2  # its host, and bubblewrap's own

    run(scenario, isolation)


DRIVER = """
import asyncio, sys
from raytool.config.rollout import ToolHostConfig
from raytool.rollout.hosts import ToolHosts
from tests.plugins.test_tool_host import call
from tests.plugins.troublesome import task

async def main():
    hosts = ToolHosts(ToolHostConfig(isolation=sys.argv[1], call_limit_s=60))
    busy, idle = await hosts.open(task()), await hosts.open(task())
    asyncio.ensure_future(busy.step(call("hang")))
    await asyncio.sleep(0.3)
    print("hanging", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@isolated
def test_a_host_dies_with_its_parent_even_within_a_tool(isolation):
    driver = subprocess.Popen([sys.executable, "-c", DRIVER, isolation], stdout=subprocess.PIPE, text=True)
    try:
        assert driver.stdout.readline() == "hanging\n"
        children = psutil.Process(driver.pid).children(recursive=True)
        assert len(children) >= 2
    finally:
        driver.send_signal(signal.SIGKILL)
        driver.wait()
        driver.stdout.close()
    _, alive = psutil.wait_procs(children, timeout=5)
    for process in alive:
        process.kill()
    assert not alive


def test_isolation_that_does_not_work_is_refused_where_it_was_asked_for(monkeypatch, caplog):
    monkeypatch.setattr(bubblewrap, "complaint", lambda: "bwrap is not installed")
    with pytest.raises(ValueError, match=r"rollout\.tool_host\.isolation: 'bubblewrap' does not work here: bwrap is not installed"):
        ToolHosts(ToolHostConfig(isolation="bubblewrap"))
    assert not caplog.messages
    assert ToolHosts(ToolHostConfig(isolation="auto"))._isolate is False
    assert caplog.messages == ["tool hosts run without isolation: bwrap is not installed"]


def dice(query="", seed=0):
    return dataclasses.asdict(Task("d", "tests.plugins.troublesome:Dice", query, (), (), seed=seed))


def opened(environments, number, **of):
    return environments.handle({"op": "open", "id": number, "env": "tests.plugins.troublesome:Dice", "task": dice(**of), "journal": []})


def test_an_environment_of_gymnasiums_alone_is_seeded_by_its_task():
    environments = Environments()
    for number, seed in enumerate((7, 7, 8)):
        opened(environments, number, seed=seed)
    rolls = [environments.handle({"op": "step", "id": number, "action": "{}", "calls": 2}) for number in range(3)]
    assert rolls[0] == rolls[1] and rolls[0]["observations"] != rolls[2]["observations"]
    assert rolls[0]["observations"][1:] == [""] and rolls[0]["feedback"] == ["ok", "ok"] and rolls[0]["reward"] == 0.5


@pytest.mark.parametrize(
    ("query", "said"), [("one", r"info\['observations'\] has 1 for 2"), ("feedback", r"info\['feedback'\] has 3 for 2")]
)
def test_info_that_is_not_of_every_call_is_a_defect(query, said):
    environments = Environments()
    opened(environments, 0, query=query)
    with pytest.raises(ValueError, match=said):
        environments.handle({"op": "step", "id": 0, "action": "{}", "calls": 2})


def test_an_environment_that_does_not_start_is_closed():
    closed = Dice.closed
    with pytest.raises(RuntimeError, match="no dice"):
        opened(Environments(), 0, query="refuse")
    assert Dice.closed == closed + 1


def test_a_request_that_is_no_json_costs_no_host():
    async def scenario(hosts):
        other = await hosts.open(task())
        with pytest.raises(TypeError, match="not JSON serializable"):
            await hosts.open(dataclasses.replace(task(), options={"day": datetime.date(2026, 1, 1)}))
        assert await said(other, call("note", text="a")) == ("t: a", Feedback.OK)
        assert hosts.counts == {}

    run(scenario)
