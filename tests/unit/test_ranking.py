"""The line that ranks tools: around every dialect it is read back, takes nothing from the call, and is asked for where tools evolve."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.function_call import FunctionCall
from raytool import dialects
from raytool.dialects import DIALECTS, FormatError, Ranking
from raytool.methods.tool_evolution import GENERATE_RESPONSE
from raytool.records import Feedback, Gold, GoldCall, ToolCall, ToolSpec, UserError
from raytool.rollout.chat import Chat
from raytool.rollout.demonstrate import Demonstrator
from raytool.rollout.in_process import CharacterTokenizer, InProcess
from tests.unit.builders import task, tool
from tests.unit.calls import tools_and_calls, typed
from tests.unit.templates import QWEN, tokenizer

MADE = {name: Ranking(dialect()) for name, dialect in DIALECTS.items()}
BOOK, NOTE = tool("book_room", "date"), tool("note it, please", "text")
TOOLS = (NOTE, GENERATE_RESPONSE, BOOK)
RANKING = ("book_room", "generate_response", "note it, please")
CALL = ToolCall("book_room", {"date": "2025-03-03"})

every_dialect = pytest.mark.parametrize("name", MADE)


def test_the_line_stands_before_the_call_in_the_dialects_own_words() -> None:
    written = {name: made.ranked(made.render([CALL], TOOLS), RANKING, TOOLS) for name, made in MADE.items()}
    assert written["python"] == "rank: [book_room, generate_response, note_it__please]\nbook_room(date='2025-03-03')"
    assert written["hermes"].startswith('rank: [book_room, generate_response, "note it, please"]\n<tool_call>\n{"name": "book_room"')
    assert MADE["python"].ranked("", RANKING[:2], TOOLS) == "rank: [book_room, generate_response]"


@every_dialect
@settings(deadline=None, max_examples=40)
@given(made=tools_and_calls(), order=st.randoms(use_true_random=False))
def test_a_ranking_and_its_call_come_back(name: str, made: tuple[list[ToolSpec], list[ToolCall]], order: random.Random) -> None:
    dialect, (drawn, calls) = MADE[name], made
    tools = (*drawn, GENERATE_RESPONSE)
    ranking = [spec.name for spec in tools]
    order.shuffle(ranking)
    call = dialect.render(calls[:1], tools)
    text = dialect.ranked(call, ranking, tools)
    assert text.endswith(call) and text != call
    (read,), (plain,) = dialect.parse(text, tools).calls, dialect.inner.parse(call, tools).calls
    assert (read.call.name, typed(read.call.arguments)) == (plain.call.name, typed(plain.call.arguments))
    before = len(text) - len(call)
    assert read == plain.moved(before)
    assert dialect.ranking(text, tools) == tuple(ranking) and dialect.ranking(call, tools) is None
    alone = dialect.ranked("", ranking, tools)
    assert (dialect.parse(alone, tools).calls, dialect.parse(alone, tools).final) == ((), alone)


@every_dialect
def test_it_is_asked_for_where_the_default_tool_is_offered(name: str) -> None:
    dialect = MADE[name]
    for tools, asked in ((TOOLS, True), ((BOOK, NOTE), False)):
        shown = dialect.instructions(tools)
        assert shown.startswith(dialect.inner.instructions(tools)) and ("rank: [...]" in shown) is asked
        assert ("rank: [...]" in dialect.manner(tools)) is asked
        text = dialect.render([CALL], tools)
        assert (dialect.ranked(text, RANKING, tools) != text) is asked
        assert [read.call for read in dialect.parse(text, tools).calls] == [CALL], "a turn without the line is read as well"


@pytest.mark.parametrize(
    ("text", "ranking"),
    [
        (" rank: [a,b , c]\nf()", ("a", "b", "c")),
        ('rank: ["a, \\"b\\"", note_it__please]', ('a, "b"', "note it, please")),
        ("rank: [a, b", None),
        ("rank: []", None),
        ("rank: [a b]", None),
        ("rank: [,]", None),
        ('rank: ["\\x"]', None),
        ("I rank: [a]", None),
        ("f()\nrank: [a]", None),
        ("", None),
    ],
)
def test_what_is_a_ranking(text: str, ranking: tuple[str, ...] | None) -> None:
    assert MADE["python"].ranking(text, TOOLS) == ranking


def test_what_follows_the_line_is_read_as_ever() -> None:
    dialect = MADE["python"]
    assert dialect.parse("rank: [a]\nI cannot.", TOOLS).final == "rank: [a]\nI cannot."
    for text in ("rank: [a]\nbook_room(", "rank: [a]\nrank: [a]\nbook_room()"):
        with pytest.raises(FormatError):
            dialect.parse(text, TOOLS)


def test_a_chat_template_that_shows_tools_is_told_too() -> None:
    for prompting, asked in (("rank", True), ("base", False)):
        chat = Chat(tokenizer(QWEN, "<tool_call>"), dialects.make("hermes", prompting), by_template=True)
        assert ("rank: [...]" in chat.text(chat.prompt(task(*TOOLS)))) is asked


def test_a_document_that_talks_of_the_assistants_answer_is_no_part_of_a_reply() -> None:
    chat = Chat(tokenizer(QWEN, "<tool_call>"), dialects.make("hermes", "base"), by_template=True)
    plain, judge = (ToolSpec("grade", text) for text in ("Grade it.", "Grade the assistant's answer."))
    replies = [chat.text(chat.reply(["seen"], None, task(spec))) for spec in (plain, judge)]
    assert replies[0] == replies[1] and "seen" in replies[0]


# ---- demonstrations


async def _opened(of):
    return InProcess(FunctionCall(), of)


def demonstrated(gold: Gold, prompting: str, *tools: ToolSpec, **fields):
    chat = Chat(CharacterTokenizer(), dialects.make("python", prompting))
    return chat, asyncio.run(Demonstrator(chat, _opened, 400).gold(task(*tools, gold=[gold], **fields), 0))


def test_a_demonstration_ranks_and_calls_and_carries_loss_on_both() -> None:
    gold = Gold((GoldCall(CALL.name, CALL.arguments),), ranking=RANKING)
    chat, episode = demonstrated(gold, "rank", *TOOLS)
    (turn,) = episode.turns
    line, call = turn.text.split("\n")
    assert line == "rank: [book_room, generate_response, note_it__please]" and [made.call for made in episode.calls] == [CALL]
    assert turn.calls[0].feedback is Feedback.OK
    assert sum(episode.loss_mask) == len(turn.text) + 1 == turn.span.stop - turn.span.start, "both parts, and the end token"
    span = turn.calls[0].span
    assert chat.text(episode.tokens[span.start : span.stop]) == call, "the ranking is no part of the call"
    _, plain = demonstrated(gold, "base", *TOOLS)
    assert plain.turns[0].text == call


def test_a_ranking_alone_is_a_demonstration_too() -> None:
    gold = Gold((), ranking=RANKING)
    _, episode = demonstrated(gold, "rank", *TOOLS, options={"may_decline": True})
    assert episode.turns[0].final == episode.turns[0].text == "rank: [book_room, generate_response, note_it__please]"
    with pytest.raises(UserError, match=r"task t: its gold has no call; a ranking alone is demonstrated with model.prompting 'rank'"):
        demonstrated(gold, "base", *TOOLS)


def test_the_default_tool_without_a_ranking_is_refused_where_it_would_contradict_the_prompt() -> None:
    gold = Gold((GoldCall(CALL.name, CALL.arguments),))
    with pytest.raises(UserError, match="task t: with prompting 'rank' its gold is expected to have a ranking"):
        demonstrated(gold, "rank", *TOOLS)
    assert demonstrated(gold, "rank", BOOK, NOTE)[1].turns[0].text == "book_room(date='2025-03-03')"


def test_gold_of_several_calls_is_demonstrated_in_one_turn_where_there_is_only_one() -> None:
    calls = (GoldCall("book_room", {"date": "1 May"}), GoldCall("book_room", {"date": "2 May"}))
    _, episode = demonstrated(Gold(calls), "base", BOOK)
    assert [[call.call.arguments["date"] for call in turn.calls] for turn in episode.turns] == [["1 May", "2 May"]]
    one_a_turn = Chat(CharacterTokenizer(), dialects.make("react"))
    with pytest.raises(UserError, match="writes one call a turn, 2 are to be made"):
        asyncio.run(Demonstrator(one_a_turn, _opened, 400).gold(task(BOOK, gold=[Gold(calls)]), 0))
