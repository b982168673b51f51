"""Demonstrations of a teacher: a real server, real tool hosts, the real command; and what becomes of the trajectories."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from envs import office
from raytool import dialects, tasks
from raytool.config import SourceConfig
from raytool.records import Episode, Feedback, StopReason, Task, ToolCall, UserError
from raytool.rollout.chat import Chat
from raytool.rollout.demonstrate import Demonstrator
from raytool.rollout.in_process import CharacterTokenizer
from raytool.tasks import trajectories
from raytool.tasks.__main__ import main
from raytool.tasks.entries import entries
from tests.chat_server import Answer, ChatServer, completion, failure, serving
from tests.plugins.test_demonstrate import DEMONSTRATOR
from tests.unit.builders import CHAT

ROOT = Path(__file__).resolve().parents[2]
TASKS = [task for task in office.tasks("train", 40) if [call.name for call in task.gold[0].calls].count("ask_to_user") == 0][:6]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.jsonl"
    tasks.write(TASKS, path)
    return path


def asked(body: dict[str, Any]) -> Task:
    query = next(message["content"] for message in body["messages"] if message["role"] == "user")
    return next(task for task in TASKS if task.query == query)


def right(body: dict[str, Any]) -> Answer:
    """Gold, a call each turn; its answer as a closing text."""
    done = sum(message["role"] == "tool" for message in body["messages"])
    gold = asked(body).gold[0].calls[done]
    if gold.name == "finish":
        return completion(gold.arguments["answer"])
    return completion(None, (gold.name, json.dumps(gold.arguments)))


def demonstrate(server: ChatServer, source: Path, folder: Path, *more: str) -> int:
    given = ["--model", "teacher", "--address", server.address, "--tasks", str(source), "--out", str(folder)]
    return main(["demonstrate", *given, "--retries", "0", "--answer-limit", "20", *more])


def test_a_teacher_plays_and_its_trajectories_are_kept(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "kept"
    with serving(lambda body, _: right(body)) as server:
        assert demonstrate(server, source, folder, "--limit", "2") == 0
        assert demonstrate(server, source, folder) == 0
        before = len(server.requests)
        assert demonstrate(server, source, folder) == 0
        assert len(server.requests) == before == sum(len(task.gold[0].calls) for task in TASKS)
    assert "6 of 6 trajectories are there already" in capsys.readouterr().out
    kept = trajectories.read(folder)
    assert [episode.task.id for episode in kept] == [task.id for task in TASKS]
    assert len(list((folder / "episodes").iterdir())) == 1
    for episode, task in zip(kept, TASKS, strict=True):
        assert (episode.stop, episode.goal_reached, episode.tokens, episode.logprobs) == (StopReason.FINISHED, True, (), None)
        assert [call.call for call in episode.calls] == [gold.call for gold in task.gold[0].calls[:-1]]
        assert episode.turns[-1].final == task.gold[0].calls[-1].arguments["answer"]
    first, last = server.requests[0], server.requests[-1]
    assert [tool["function"]["name"] for tool in first["tools"]] == [spec.name for spec in asked(first).tools]
    assert first["tools"][0]["function"]["parameters"] == asked(first).tools[0].parameters
    assert "temperature" not in first and set(server.keys) == {"Bearer none"}
    ids = [call["id"] for message in last["messages"] for call in message.get("tool_calls", ())]
    assert ids == [message["tool_call_id"] for message in last["messages"] if message["role"] == "tool"]


def script(*answers: Answer | Any) -> Any:
    """The answers one by one, whoever asks."""
    left = iter(answers)

    def answer(body: dict[str, Any], ended: threading.Event) -> Answer:
        said = next(left)
        return said(body, ended) if callable(said) else said

    return answer


def played(source: Path, tmp_path: Path, *answers: Answer | Any, more: tuple[str, ...] = ()) -> tuple[Episode, ChatServer]:
    with serving(script(*answers)) as server:
        assert demonstrate(server, source, tmp_path / "kept", "--limit", "1", "--concurrency", "1", *more) == 0
    (episode,) = trajectories.read(tmp_path / "kept")
    return episode, server


def test_what_cannot_be_read_is_the_models_error_and_is_told_as_text(source: Path, tmp_path: Path) -> None:
    gold = TASKS[0].gold[0].calls[0]
    episode, server = played(
        source,
        tmp_path,
        completion("Well.", (gold.name, '{"event_id": ')),
        completion(None, (gold.name, json.dumps(gold.arguments))),
        completion("Done."),
    )
    broken, _, closing = episode.turns
    assert [call.feedback for call in episode.calls] == [Feedback.FORMAT_ERROR, Feedback.OK]
    assert '"{\\"event_id\\": "' in broken.text and closing.final == "Done." and episode.goal_reached is True
    _, said, complaint = server.requests[1]["messages"]
    assert said["role"] == "assistant" and "tool_calls" not in said and "event_id" in said["content"]
    assert complaint == {"role": "user", "content": broken.calls[0].observation}


def test_calls_of_one_turn_are_made_together_and_each_gets_its_answer(source: Path, tmp_path: Path) -> None:
    gold = TASKS[0].gold[0].calls[0]
    unknown = ("no such tool!", "")
    episode, server = played(source, tmp_path, completion(None, unknown, (gold.name, json.dumps(gold.arguments))), completion("Done."))
    assert [(call.call, call.feedback) for call in episode.turns[0].calls] == [
        (ToolCall("no such tool!"), Feedback.TOOL_HALLUCINATION),
        (gold.call, Feedback.OK),
    ]
    _, said, *answers = server.requests[1]["messages"]
    assert [call["function"]["name"] for call in said["tool_calls"]] == ["no_such_tool_", gold.name]
    assert [answer["tool_call_id"] for answer in answers] == [call["id"] for call in said["tool_calls"]]
    assert [answer["content"] for answer in answers] == [call.observation for call in episode.turns[0].calls]


def test_an_answer_that_was_cut_is_stored_as_such_and_makes_no_entry(source: Path, tmp_path: Path) -> None:
    episode, server = played(source, tmp_path, completion("I will now", finish_reason="length"), more=("rollout.turn_tokens=7",))
    assert (episode.stop, server.requests[0]["max_completion_tokens"]) == (StopReason.TOKEN_LIMIT, 7)
    assert [reason for _, reason in entries([episode])[1]] == ["cut"]


def test_a_busy_server_is_asked_again(source: Path, tmp_path: Path) -> None:
    wait = failure(429, "slow down", retry_after_ms="20")
    answers = [wait, failure(503, "starting", retry_after_ms="20"), lambda body, _: right(body), lambda body, _: right(body)]
    episode, server = played(source, tmp_path, *answers, more=("--retries", "2"))
    assert episode.goal_reached is True and len(server.requests) == 4


TROUBLES: tuple[tuple[Any, str, int], ...] = (  # what a server does, what is said of it, and how often it is asked
    (lambda body, ended: failure(500, "out of memory"), "out of memory", 2),
    (lambda body, ended: (ended.wait(30), failure(500, "late"))[1], "waited 1 s for an answer of http", 2),
    (lambda body, ended: (200, b"<html>", {}), "JSONDecodeError", 2),
    (lambda body, ended: (200, {"object": "chat.completion"}, {}), "answered with no chat completion: choices", 2),
    (lambda body, ended: failure(400, "the context is too long"), "the context is too long", 1),
    (lambda body, ended: completion("", finish_reason="content_filter"), "filtered the answer", 1),
)


def test_what_a_server_does_wrong_is_named_and_not_stored(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each of some tasks meets a trouble of its own, the last none; the next call plays what is missing."""
    folder, good = tmp_path / "kept", office.tasks("train", 60)[-1]
    met = dict(zip([task.id for task in TASKS], TROUBLES, strict=True))
    tasks.write([*TASKS, good], source)

    def answer(body: dict[str, Any], ended: threading.Event) -> Answer:
        if body["messages"][0]["content"] == good.query:
            return completion("No.")
        return met[asked(body).id][0](body, ended)

    with serving(answer) as server:
        assert demonstrate(server, source, folder, "--answer-limit", "1", "rollout.attempts=2") == 1
    out = capsys.readouterr().out
    assert "4 trajectories could not be played and are not stored" in out
    assert "2 trajectories are left out, since they would fail again" in out
    log = (folder / "lost.txt").read_text()
    for id, (_, told, tries) in met.items():
        (line,) = [line for line in log.splitlines() if line.startswith(f"{id}, sample 0: ")]
        assert told in line
        assert sum(asked(body).id == id for body in server.requests if body["messages"][0]["content"] != good.query) == tries
    assert [episode.task.id for episode in trajectories.read(folder)] == [good.id]
    with serving(lambda body, _: right(body)) as server:  # another port: the model is the same
        assert demonstrate(server, source, folder) == 0
        assert {asked(body).id for body in server.requests} == set(met)
    assert len(trajectories.read(folder)) == 7 and not (folder / "lost.txt").exists()


def test_a_server_that_fails_at_everything_is_given_up(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(lambda body, _: failure(500, "broken")) as server:
        more = ("--samples", "9", "--temperature", "1", "rollout.attempts=1", "--concurrency", "2")
        assert demonstrate(server, source, tmp_path / "kept", *more) == 1
        assert 12 <= len(server.requests) <= 14
    assert "error: 12 trajectories in a row could not be played" in capsys.readouterr().err


def test_what_a_server_refuses_is_left_out_however_much_it_is(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = TASKS[0].query

    def answer(body: dict[str, Any], _: threading.Event) -> Answer:
        return right(body) if body["messages"][0]["content"] == first else failure(400, "the context is too long")

    with serving(answer) as server:
        assert demonstrate(server, source, tmp_path / "kept", "--samples", "4", "--temperature", "1") == 0
    assert "20 trajectories are left out, since they would fail again" in capsys.readouterr().out
    assert len(trajectories.read(tmp_path / "kept")) == 4


@pytest.mark.parametrize(
    ("answer", "more", "told"),
    [
        (failure(401, "no key"), (), "no key; look at --key-env NAME"),
        (failure(404, "no such model"), (), "--model teacher: Error code: 404 - no such model"),
        (None, ("--key-env", "RAYTOOL_TEST_NO_KEY"), "--key-env RAYTOOL_TEST_NO_KEY: no such environment variable"),
        (None, ("--samples", "2", "--temperature", "0"), "--samples 2: all would be the same"),
        (None, ("--dialect", "python"), "--dialect: has no effect with --address"),
        (None, ("rollout.engine.max_num_seqs=2",), "rollout.engine.max_num_seqs=2: has no effect with --address"),
        (None, ("--address", "localhost:1"), "--address localhost:1: an address such as"),
        (None, ("--answer-limit", "0"), "--answer-limit 0: more than 0 s"),
    ],
)
def test_what_the_user_has_to_mend(
    answer: Answer | None, more: tuple[str, ...], told: str, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(lambda body, _: answer or right(body)) as server:
        assert demonstrate(server, source, tmp_path / "kept", *more) == 2
    assert told in capsys.readouterr().err
    if answer is not None:  # nothing came of it, so another model may use the folder
        with serving(lambda body, _: right(body)) as server:
            assert demonstrate(server, source, tmp_path / "kept", "--limit", "1", "--model", "another") == 0


def test_a_folder_holds_trajectories_of_one_kind(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(lambda body, _: right(body)) as server:
        assert demonstrate(server, source, tmp_path / "kept", "--limit", "1") == 0
        assert demonstrate(server, source, tmp_path / "kept", "--limit", "1", "--temperature", "0.5") == 2
        tasks.write(TASKS[1:], source)
        assert demonstrate(server, source, tmp_path / "kept") == 2
    told = capsys.readouterr().err
    assert "made with temperature None, not 0.5; name another folder" in told
    assert f"holds a trajectory of task {TASKS[0].id}, which --tasks has not in that place" in told


def test_a_key_is_sent_where_it_is_named(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAYTOOL_TEST_KEY", "secret")
    with serving(lambda body, _: right(body)) as server:
        assert demonstrate(server, source, tmp_path / "kept", "--limit", "1", "--key-env", "RAYTOOL_TEST_KEY") == 0
    assert set(server.keys) == {"Bearer secret"} and "secret" not in (tmp_path / "kept" / "about.json").read_text()


def test_a_killed_call_goes_on_where_it_was(source: Path, tmp_path: Path) -> None:
    def stuck(body: dict[str, Any], ended: threading.Event) -> Answer:
        if asked(body).id == TASKS[2].id:
            ended.wait(60)
        return right(body)

    folder = tmp_path / "kept"
    with serving(stuck) as server:
        given = ["--model", "teacher", "--address", server.address, "--tasks", source, "--out", folder, "--concurrency", "1"]
        process = subprocess.Popen([sys.executable, "-m", "raytool.tasks", "demonstrate", *map(str, given)], cwd=ROOT)
        deadline = time.monotonic() + 60
        while not any(asked(body).id == TASKS[2].id for body in server.requests):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        process.kill()
        process.wait(10)
    assert [episode.task.id for episode in trajectories.read(folder)] == [task.id for task in TASKS[:2]]
    with serving(lambda body, _: right(body)) as server:
        assert demonstrate(server, source, folder) == 0
        assert {asked(body).id for body in server.requests} == {task.id for task in TASKS[2:]}
    assert len(trajectories.read(folder)) == len(TASKS)


# ---- what becomes of them


async def nowhere(task: Task) -> Any:
    raise AssertionError("a replay opens no environment")


@pytest.fixture(scope="module")
def recorded() -> list[Episode]:
    """What a model of ours did, errors and repairs included."""

    async def play() -> list[Episode]:
        return [await DEMONSTRATOR.noisy(task, group, 0) for group, task in enumerate(office.tasks("train", 30))]

    return asyncio.run(play())


def of_other_prompting(name: str, prompting: str) -> Chat:
    return Chat(CharacterTokenizer(), dialects.make(name, prompting))


@pytest.mark.parametrize(("name", "prompting"), [("hermes", "base"), ("react", "base"), ("openai", "base"), ("python", "cot")])
def test_a_replay_is_what_the_dialects_own_player_would_have_made(name: str, prompting: str, recorded: list[Episode]) -> None:
    """In another dialect: the same calls with the same observations, as tokens of an episode that was played in it."""
    chat = of_other_prompting(name, prompting)
    for episode in recorded:
        texts = [chat.dialect.render([call.call], episode.task.tools) for call in episode.calls if call.call]
        direct = asyncio.run(Demonstrator(chat, DEMONSTRATOR._open, 400).play(episode.task, 7, texts))
        assert asyncio.run(Demonstrator(chat, nowhere, 400).rewrite(episode, 7)) == direct


def test_a_replay_in_the_same_dialect_is_the_episode(recorded: list[Episode]) -> None:
    for group, episode in enumerate(recorded):
        assert asyncio.run(Demonstrator(CHAT, nowhere, 400).rewrite(episode, group)) == episode


def test_turns_that_could_not_be_read_are_left_out_of_a_replay(source: Path, tmp_path: Path) -> None:
    gold = TASKS[0].gold[0].calls[0]
    broken, call = completion(None, (gold.name, "{")), (gold.name, json.dumps(gold.arguments))
    episode, _ = played(source, tmp_path, broken, completion(None, ("nothing", "{}"), call), broken, completion("Done."))
    replayed = {
        name: asyncio.run(Demonstrator(of_other_prompting(name, "base"), nowhere, 400).rewrite(episode, 0)) for name in ("python", "react")
    }
    for name, made in replayed.items():
        assert made is not None and sum(made.loss_mask) and len(made.tokens) == len(made.loss_mask)
        assert [len(turn.calls) for turn in made.turns] == ([2, 0] if name == "python" else [1, 1, 0])
        assert [call.feedback for call in made.calls] == [Feedback.TOOL_HALLUCINATION, Feedback.OK]
        assert (made.turns[-1].final, made.stop, made.goal_reached) == ("Done.", StopReason.FINISHED, True)


def test_what_a_dialect_has_no_form_for_is_not_replayed(recorded: list[Episode]) -> None:
    turn = recorded[0].turns[0]
    strange = dataclasses.replace(turn, calls=(dataclasses.replace(turn.calls[0], call=ToolCall("no name (of Python's)")),))
    episode = dataclasses.replace(recorded[0], turns=(strange, *recorded[0].turns[1:]))
    assert asyncio.run(Demonstrator(CHAT, nowhere, 400).rewrite(episode, 0)) is None
    assert asyncio.run(Demonstrator(of_other_prompting("hermes", "base"), nowhere, 400).rewrite(episode, 0)) is not None


def test_entries_are_tasks_and_say_why_the_others_are_none(recorded: list[Episode]) -> None:
    recorded = [episode for episode in recorded if len(episode.task.gold[0].calls) > 1]
    goldless = [dataclasses.replace(episode, task=dataclasses.replace(episode.task, gold=())) for episode in recorded[:4]]
    silent = dataclasses.replace(goldless[3], turns=())
    failed = dataclasses.replace(recorded[4], goal_reached=False)
    wrong = tuple(turn for turn in recorded[5].turns if turn.calls[0].feedback is not Feedback.OK)
    erring = dataclasses.replace(recorded[5], turns=wrong, goal_reached=None)
    stopped = dataclasses.replace(recorded[6], stop=StopReason.TURN_LIMIT, goal_reached=None)
    roomless, doubtful = (dataclasses.replace(recorded[9], stop=StopReason.NO_ROOM, goal_reached=goal) for goal in (True, None))
    declined = dataclasses.replace(recorded[8], turns=())  # right all the same: the environment says so
    kept, dropped = entries([*goldless[:3], silent, failed, erring, stopped, goldless[0], recorded[7], declined, doubtful, roomless])
    assert [reason for _, reason in dropped] == ["no_call", "goal_not_reached", "all_errors", "not_finished", "duplicate", "not_finished"]
    assert [task.id for task in kept] == [episode.task.id for episode in (*goldless[:3], recorded[7], declined, roomless)]
    for task, episode in zip(kept[:3], recorded, strict=False):
        assert [gold.call for gold in task.gold[0].calls] == [gold.call for gold in episode.task.gold[0].calls]
        assert all(
            gold.free == (("answer",) if gold.name == "finish" else ("question",) if gold.name == "ask_to_user" else ())
            for gold in task.gold[0].calls
        )
        assert asyncio.run(DEMONSTRATOR.gold(task, 0)).goal_reached is not False
    assert kept[3] == recorded[7].task


def test_the_command_writes_entries_that_a_source_reads(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(lambda body, _: completion("No.") if asked(body).id == TASKS[0].id else right(body)) as server:
        assert demonstrate(server, source, tmp_path / "kept") == 0
    out, dropped = tmp_path / "entries.jsonl", tmp_path / "dropped.jsonl"
    assert main(["entries", str(tmp_path / "kept"), "--out", str(out), "--dropped", str(dropped)]) == 0
    loaded = tasks.load(SourceConfig(name="teacher", source=str(out)))
    assert [task.id for task in loaded] == [task.id for task in TASKS[1:]]
    assert [json.loads(line)["reason"] for line in dropped.read_text().splitlines()] == ["no_call"]
    assert "dropped: no_call" in capsys.readouterr().out
    assert [episode.task for episode in trajectories.of_tasks(tmp_path / "kept", loaded)] == loaded
    with pytest.raises(UserError, match="holds no trajectory of these 1 tasks"):
        trajectories.of_tasks(tmp_path / "kept", [dataclasses.replace(loaded[0], id="other")])
    with pytest.raises(UserError, match=f"its trajectory of task {loaded[0].id} has another query"):
        trajectories.of_tasks(tmp_path / "kept", [dataclasses.replace(loaded[0], query="other")])
