"""Conversations that somebody recorded, as trajectories: what becomes of each message, and what SFT learns of them."""

import asyncio
import json
import re
from dataclasses import replace

import pytest
import yaml

from envs.function_call import FunctionCall
from raytool import config as configuration
from raytool import dialects, tasks
from raytool.config import SourceConfig
from raytool.demonstrations import Lessons
from raytool.launch import check_recorded
from raytool.records import RECORDED_ENV, Feedback, FollowUp, Message, StopReason, ToolCall, UserError
from raytool.rollout.chat import Chat
from raytool.rollout.demonstrate import Demonstrator
from raytool.rollout.in_process import CharacterTokenizer, InProcess
from raytool.tasks.__main__ import main
from raytool.tasks.importing import steps, trajectory
from raytool.tasks.trajectories import of_tasks
from rewards.tl_training import TLTraining

WEATHER = {
    "name": "weather",
    "description": "The weather of a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
NOW = {"type": "function", "function": {"name": "now"}}
COMPLAINT = "weather() got an unexpected keyword argument 'town'"


def calls(*made):
    functions = [{"id": id, "type": "function", "function": {"name": name, "arguments": json.dumps(given)}} for id, name, given in made]
    return {"role": "assistant", "content": "I look.", "tool_calls": functions}


def tool(id, text):
    return {"role": "tool", "tool_call_id": id, "content": text}


def says(role, text):
    return {"role": role, "content": text}


RECORD = {
    "messages": [
        says("developer", "Be brief."),
        says("user", "Hello."),
        says("assistant", "Hello!"),
        says("user", "How warm is Oslo?"),
        calls(("a", "weather", {"town": "Oslo"})),
        tool("a", COMPLAINT),
        says("assistant", "Another name, then."),
        calls(("b", "now", {}), ("c", "weather", {"city": "Oslo"})),
        tool("c", "4 degrees"),
        tool("b", "noon"),
        says("assistant", "4 degrees."),
        says("user", "And"),
        says("user", "Bergen?"),
        calls(("a", "weather", {"city": "Bergen"})),
        tool("a", "9 degrees"),
        says("assistant", "9 degrees."),
        says("user", "Thanks."),
    ],
    "tools": [{"type": "function", "function": WEATHER}, NOW],
}


def test_a_conversation_is_a_task_and_what_was_done_at_it():
    made = trajectory(RECORD, [], "r-0", 3)
    task = made.task
    assert (task.query, task.env, made.group) == ("Hello.", RECORDED_ENV, 3)
    assert task.context == (Message("system", "Be brief."),)
    assert task.follow_ups == (FollowUp("How warm is Oslo?"), FollowUp("And\n\nBergen?"))
    assert [spec.name for spec in task.tools] == ["weather", "now"] and task.tools[1].documented == {}
    assert [turn.final for turn in made.turns] == ["Hello!", None, None, "4 degrees.", None, "9 degrees."]
    assert [(call.call, call.observation, call.feedback) for call in made.calls] == [
        (ToolCall("weather", {"town": "Oslo"}), COMPLAINT, Feedback.PARAMETER_HALLUCINATION),
        (ToolCall("now", {}), "noon", Feedback.OK),
        (ToolCall("weather", {"city": "Oslo"}), "4 degrees", Feedback.OK),
        (ToolCall("weather", {"city": "Bergen"}), "9 degrees", Feedback.OK),
    ]
    assert made.stop is StopReason.FINISHED


def test_each_turn_without_error_is_a_task_after_all_that_was_said_before():
    first, second = steps(trajectory(RECORD, [], "r-0", 0))
    assert (first.id, second.id, first.query, second.query) == ("r-0-2", "r-0-4", "", "And\n\nBergen?")
    assert [message.role for message in first.context] == ["system", "user", "assistant", "user", "assistant", "tool"]
    assert first.context[-2].calls == (ToolCall("weather", {"town": "Oslo"}),) and first.context[-1].content == COMPLAINT
    assert [call.name for call in first.gold[0].calls] == ["now", "weather"] and first.gold[0].free_order
    assert [message.content for message in second.context[-3:]] == ["noon", "4 degrees", "4 degrees."]
    assert {task.env for task in (first, second)} == {"envs.function_call:FunctionCall"}


def test_such_a_task_can_be_played_and_its_gold_is_all_right():
    chat, reward = Chat(CharacterTokenizer(), dialects.make("python", "base")), TLTraining()
    for task in steps(trajectory(RECORD, [], "r-0", 0)):

        async def opened(of):
            return InProcess(FunctionCall(), of)

        demonstrator = Demonstrator(chat, opened, 400)
        right = chat.dialect.render([call.call for call in task.gold[0].calls], task.tools)
        played = {text: asyncio.run(demonstrator.play(task, 0, [text])) for text in (right, "weather(city='Rome')", "I do not know.")}
        totals = [episode.judged(reward(episode)).reward for episode in played.values()]
        assert totals[0] == len(task.gold[0].calls) and totals[0] > totals[1] > totals[2]


def test_what_was_said_before_the_user_s_last_words_is_context():
    record = {
        **RECORD,
        "messages": [says("system", "s"), says("assistant", "Hi."), says("user", "One."), says("user", "Two."), says("assistant", "3")],
    }
    task = trajectory(record, [], "r", 0).task
    assert (task.context, task.query) == ((Message("system", "s"), Message("assistant", "Hi.")), "One.\n\nTwo.")


def test_a_call_that_ends_a_conversation_is_its_end():
    made = trajectory({**RECORD, "messages": [says("user", "How warm?"), calls((None, "weather", {"city": "Oslo"}))]}, [], "r", 0)
    assert made.stop is StopReason.ENVIRONMENT_END and [call.feedback for call in made.calls] == [Feedback.OK]


def test_arguments_that_are_no_json_are_a_format_error_whatever_the_tool_said():
    broken = {"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "weather", "arguments": "{city"}}]}
    messages = [says("user", "How warm?"), broken, tool("a", "4 degrees"), says("assistant", "4.")]
    assert [call.feedback for call in trajectory({**RECORD, "messages": messages}, [], "r", 0).calls] == [Feedback.FORMAT_ERROR]


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([says("user", "Hello?")], "no assistant answers a user"),
        ([calls(("a", "now", {})), tool("a", "noon"), says("user", "x"), says("assistant", "y")], "message 1: a call comes before"),
        (
            [says("user", "x"), calls(("a", "now", {})), tool("a", "noon"), says("user", "y"), says("assistant", "z")],
            "the user speaks where",
        ),
        ([says("user", "x"), calls(("a", "now", {})), tool("b", "noon"), says("assistant", "z")], "a tool answers the call 'b'"),
        ([says("user", "x"), says("assistant", "y"), says("system", "z"), says("user", "x"), says("assistant", "y")], "a system message"),
        ([{"role": "user", "content": 3}], "0.content"),
    ],
)
def test_what_cannot_be_learnt_from_says_why(messages, said):
    with pytest.raises(ValueError, match=said):
        trajectory({**RECORD, "messages": messages}, [], "r", 0)


def test_calls_want_documents():
    with pytest.raises(ValueError, match="tools: it has calls and no documents"):
        trajectory({"messages": RECORD["messages"]}, [], "r", 0)
    with pytest.raises(UserError, match="tools: there are two tools 'now'"):
        trajectory({**RECORD, "tools": [NOW, NOW]}, [], "r", 0)
    with pytest.raises(UserError, match="tools: tool 1: name"):
        trajectory({**RECORD, "tools": [{"parameters": {}}]}, [], "r", 0)
    assert trajectory({"messages": [says("user", "x"), says("assistant", "y")]}, [], "r", 0).task.tools == ()
    assert len(trajectory({**RECORD, "tools": json.dumps(RECORD["tools"])}, [], "r", 0).task.tools) == 2


@pytest.fixture
def imported(tmp_path, capsys):
    file = tmp_path / "mine.jsonl"
    file.write_text("\n".join([json.dumps(RECORD), "{", json.dumps({"messages": [says("user", "x"), says("assistant", "y")]})]))
    assert main(["import", str(file), "--out", str(tmp_path / "kept")]) == 1
    printed = capsys.readouterr().out
    assert "mine.jsonl:2: no JSON" in printed and "parameter_hallucination" in printed
    return tmp_path / "kept"


def test_sft_learns_from_the_folder_and_not_from_the_error(imported):
    source = SourceConfig(name="mine", source=str(imported / "tasks.jsonl"), trajectories=imported, share=0)
    found = of_tasks(imported, tasks.load(source))
    assert [episode.task.id for episode in found] == ["mine-0", "mine-2"]
    chat = Chat(CharacterTokenizer(), dialects.make("python", "base"))

    async def nowhere(task):
        raise AssertionError("nothing is played")

    shown = [asyncio.run(Demonstrator(chat, nowhere, 400).rewrite(episode, group)) for group, episode in enumerate(found)]
    lessons = Lessons.of(shown, [episode.loss_mask for episode in shown], mask_errors=True)
    assert lessons.told().startswith("1 of 7 turns are errors")
    learnt = "".join(chr(token) for token, weight in zip(shown[0].tokens, lessons.weights[0], strict=True) if weight)
    end = CharacterTokenizer.eos_token
    first, *rest = learnt.split(end)
    assert first == "Hello!" and rest == ["now()\nweather(city='Oslo')", "4 degrees.", "weather(city='Bergen')", "9 degrees.", ""]
    whole = "".join(map(chr, shown[0].tokens))
    assert whole.index(COMPLAINT) < whole.index("noon") < whole.index("And\n\nBergen?") < whole.index("9 degrees")


def test_a_recorded_tool_called_finish_is_one_like_any_other(tmp_path):
    """The user speaks after the text that follows it, and not in its place."""
    said = [
        says("user", "Do."),
        calls(("a", "finish", {"how": "fast"})),
        tool("a", "Finished."),
        says("assistant", "Done."),
        says("user", "And Rome?"),
    ]
    document = {
        "name": "finish",
        "description": "Finish a job.",
        "parameters": {"type": "object", "properties": {"how": {"type": "string"}}},
    }
    episode = trajectory({"messages": [*said, says("assistant", "Sunny.")], "tools": [document]}, [], "r-0", 0)
    tasks.write([episode.task, *steps(episode)], tmp_path / "own.jsonl")
    assert tasks.load(SourceConfig(name="own", source=str(tmp_path / "own.jsonl")))[0].tools == episode.task.tools
    chat = Chat(CharacterTokenizer(), dialects.make("python", "base"))
    shown = asyncio.run(Demonstrator(chat, lambda task: None, 400).rewrite(episode, 0))
    whole = "".join(map(chr, shown.tokens))
    assert (
        whole.index("finish(how='fast')")
        < whole.index("Finished.")
        < whole.index("Done.")
        < whole.index("And Rome?")
        < whole.index("Sunny.")
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"share": 1}, "tasks.train.0.share: 1: task 'mine-0' is a recorded conversation, which cannot be played; 0 is expected"),
        ({"trajectories": None}, "tasks.train.0.trajectories: task 'mine-0' is a recorded conversation; the folder"),
    ],
)
def test_conversations_are_refused_where_they_would_be_played(imported, tmp_path, change, said):
    own = {"name": "mine", "source": str(imported / "tasks.jsonl"), "trajectories": str(imported), "share": 0, **change}
    more = {"name": "office", "source": "envs.suite:tasks"}
    (tmp_path / "c.yaml").write_text(yaml.safe_dump({"stages": ["sft", "ppo"], "tasks": {"train": [own, more]}}))
    config = configuration.load(tmp_path / "c.yaml", [])
    found = tasks.load(config.tasks.train[0])
    with pytest.raises(UserError, match=said):
        check_recorded(config, [found, []], [])
    if change == {"share": 1}:
        with pytest.raises(UserError, match="tasks.test: task 'mine-0'"):
            check_recorded(config, [[], []], found)


def conversation(city: str, question: str = "Weather in {}?"):
    said = [says("user", question.format(city)), calls(("a", "weather", {"city": city})), tool("a", "4"), says("assistant", "4 degrees.")]
    return {"messages": said, "tools": RECORD["tools"]}


def test_a_share_is_held_out_for_a_test_that_no_training_has_seen(tmp_path, capsys):
    file, out = tmp_path / "mine.jsonl", tmp_path / "kept"
    cities = ["Oslo", "Rome", "Lima", "Bern", "Cairo", "Quito", "Paris", "Seoul"]
    file.write_text("\n".join(json.dumps(conversation(city)) for city in [*cities, *cities[:6]]))
    assert main(["import", str(file), "--out", str(out), "--held-out", "0.5"]) == 0
    files = [SourceConfig(name=name, source=str(out / f"{name}.jsonl")) for name in ("tasks", "steps", "held_out")]
    shown, stepwise, test = map(tasks.load, files)
    assert len(shown) == 7 == len(of_tasks(out, shown)) == len(stepwise)
    tasks.check([*shown, *stepwise], test)
    left_out = 7 - len(test)
    assert test and left_out and re.search(rf"their steps left out\W+{left_out}\b", capsys.readouterr().out)
    assert not {task.query for task in test} & {task.query for task in shown}
    (tmp_path / "one.jsonl").write_text(json.dumps(conversation("Oslo")))
    assert main(["import", str(tmp_path / "one.jsonl"), "--out", str(tmp_path / "one"), "--held-out", "0.5"]) == 2
    assert "has 1 conversation that can be learnt from; 2 or more expected" in capsys.readouterr().err
    for given, told in (("1", "1 given, 0 or more and less than 1 expected"), ("x", "invalid share value: 'x'")):
        with pytest.raises(SystemExit):
            main(["import", str(file), "--out", str(out), "--held-out", given])
        assert told in capsys.readouterr().err


def test_a_yes_is_the_query_of_what_was_said_before_it(tmp_path):
    def agreed(city):
        record = conversation(city, "Shall I look {} up?")
        return {**record, "messages": [says("user", f"{city}?"), says("assistant", "Shall I look?"), *record["messages"]]}

    records = [agreed(city) for city in ("Oslo", "Rome")]
    for record in records:
        record["messages"][2] = says("user", "Yes.")
    first, second = ([*steps(trajectory(record, [], f"r-{number}", number))] for number, record in enumerate(records))
    assert first[0].query == second[0].query == "Yes."
    tasks.check(first, second)
    with pytest.raises(UserError, match="its query is that of training task"):
        tasks.check(first, [replace(first[0], id="again", gold=second[0].gold)])


def test_a_folder_is_not_written_twice(imported, tmp_path, capsys):
    assert main(["import", str(tmp_path / "mine.jsonl"), "--out", str(imported)]) == 2
    assert "has trajectories already" in capsys.readouterr().err
