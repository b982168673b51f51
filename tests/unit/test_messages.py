"""Conversations as messages: what an API is sent after each turn, whatever was said and done."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

from envs.function_call import FunctionCall
from raytool.env import FINISH, ToolEnv
from raytool.env import tool as marked
from raytool.records import Feedback, FollowUp, Message, StopReason, Task, ToolCall
from raytool.rollout.episode import Sampled, play
from raytool.rollout.in_process import InProcess
from raytool.rollout.messages import Messages, line, request, untokenised, wire_names
from tests.unit.builders import WIDE, task, tool

CHAT = Messages()


class Rooms(ToolEnv):
    """Two requests; a tool that comes with the second."""

    def start(self, task: Task, random: Any) -> None:
        pass

    @marked
    def look(self, room: str) -> str:
        """Look into a room.

        Args:
            room: which
        """
        return f"the {room} is dark"

    @marked
    def light(self, room: str) -> str:
        """Light a room.

        Args:
            room: which
        """
        return f"the {room} is lit \x03 \ud800"


TALK = task(
    *Rooms.tool_specs(),
    FINISH,
    env="tests.unit.test_messages:Rooms",
    query="Look into the hall.",
    follow_ups=(FollowUp("Light it.", ("light",)),),
)


def calls(*made: tuple[str, str], said: str = "") -> dict[str, Any]:
    return {"role": "assistant", "content": said, "tool_calls": [{"function": {"name": n, "arguments": a}} for n, a in made]}


def text(said: str) -> dict[str, Any]:
    return {"role": "assistant", "content": said}


def conversation(of: Task, env: ToolEnv, *answers: dict[str, Any]) -> tuple[Any, list[tuple[list[dict[str, Any]], list[str]]]]:
    """The episode in which these messages are answered, and what was sent before each: messages, and names of tools."""
    sent = []

    async def sampler(tokens: Any, turn: int, max_tokens: int) -> Sampled:
        messages, tools = request(of, CHAT.said(tokens), CHAT)
        sent.append((json.loads(json.dumps(messages).encode("ascii")), [shown["function"]["name"] for shown in tools]))
        return Sampled([*map(ord, line(answers[turn])), CHAT.end], None, -1)

    return asyncio.run(play(of, 0, 0, CHAT, sampler, InProcess(env, of), WIDE)), sent


def test_tools_come_with_what_the_user_goes_on_to_say_and_every_call_is_answered() -> None:
    look, light, end = ("look", '{"room": "hall"}'), ("light", '{"room": "hall"}'), ("finish", '{"answer": "It is dark."}')
    episode, sent = conversation(TALK, Rooms(), calls(look, said="Let me see."), calls(end), calls(light), text("Done."))
    assert [tools for _, tools in sent] == [
        ["look", "finish"],
        ["look", "finish"],
        ["look", "light", "finish"],
        ["look", "light", "finish"],
    ]
    assert (episode.stop, [call.feedback for call in episode.calls]) == (StopReason.FINISHED, [Feedback.OK] * 3)
    last = sent[-1][0]
    assert [message["role"] for message in last] == ["user", "assistant", "tool", "assistant", "tool", "user", "assistant", "tool"]
    made = [call for message in last for call in message.get("tool_calls", ())]
    assert [call["id"] for call in made] == ["call00001", "call00002", "call00003"]
    assert [message["tool_call_id"] for message in last if message["role"] == "tool"] == [call["id"] for call in made]
    assert [message["content"] for message in last if message["role"] == "tool"] == ["the hall is dark", "", "the hall is lit \x03 ?"]
    assert last[5] == {"role": "user", "content": "Light it."} and last[1]["content"] == "Let me see." and last[3]["content"] is None
    for before, (messages, _) in itertools.pairwise(sent):
        assert messages[: len(before[0])] == before[0]


def test_what_cannot_be_read_is_sent_as_text() -> None:
    for broken in (calls(("look", "{")), calls(("look", "[]")), calls(("look", '{"room": NaN}'))):
        _, sent = conversation(TALK, Rooms(), broken, text("No."), text("No."))
        said, complaint = sent[1][0][1:]
        assert said == text(json.dumps(broken["tool_calls"])) and complaint["role"] == "user" and complaint["content"]


def test_a_closing_text_is_read_as_it_was_said() -> None:
    of = task(env="e", query="How are you?")
    assert CHAT.read(line(text(" Well. ")), of).final == " Well. "
    assert CHAT.read(line(text("")), of).final == ""


def test_what_was_said_before_is_told_with_answers_to_its_calls() -> None:
    before = (
        Message("system", "Be kind."),
        Message("user", "Look."),
        Message("assistant", "I look.", (ToolCall("look", {"room": "hall"}),)),
        Message("tool", "dark"),
    )
    messages, _ = request(task(*Rooms.tool_specs(), query="", context=before), CHAT.said(CHAT.prompt(task(query="", context=before))), CHAT)
    assert messages == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Look."},
        {
            "role": "assistant",
            "content": "I look.",
            "tool_calls": [{"id": "call00001", "type": "function", "function": {"name": "look", "arguments": '{"room": "hall"}'}}],
        },
        {"role": "tool", "tool_call_id": "call00001", "content": "dark"},
    ]


def test_names_are_such_as_an_api_takes() -> None:
    of = task(tool("math.factorial"), tool("math_factorial"), tool("名前"), tool("x" * 80))
    names = wire_names(of)
    assert names == {"math.factorial": "math_factorial_2", "math_factorial": "math_factorial", "名前": "__", "x" * 80: "x" * 60}
    _, tools = request(of, [], CHAT)
    assert [shown["function"]["name"] for shown in tools] == [names[spec.name] for spec in of.tools]


def test_nothing_is_left_that_could_be_taken_for_tokens() -> None:
    episode, _ = conversation(task(tool("f", "a")), FunctionCall(), calls(("f", '{"a": 1}')))
    bare = untokenised(episode)
    assert (bare.tokens, bare.loss_mask, bare.versions, bare.logprobs, bare.oldest_version) == ((), (), (), None, -1)
    assert {(span.start, span.stop) for turn in bare.turns for span in (turn.span, *(call.span for call in turn.calls))} == {(0, 0)}
    assert [call.call for call in bare.calls] == [ToolCall("f", {"a": 1})]
