"""Key tokens: vectors on lists of tokens, every dialect under the default model's tokenizer, and odd tokenizers."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.function_call import FunctionCall
from raytool import dialects, pretrained
from raytool.dialects import DIALECTS
from raytool.methods.key_tokens import KeyTokens, closing_offsets, key_offsets, key_weight, other_tokens
from raytool.records import NO_POLICY, FollowUp, ToolCall
from raytool.rollout.chat import Chat
from raytool.rollout.episode import Sampled, play
from raytool.rollout.in_process import CharacterTokenizer, InProcess
from tests.unit.builders import WIDE, task, tool
from tests.unit.calls import tools_and_calls

PAPERS = ["_get P aper Details", "_get P apers By Key words", "_finish"]
WEATHER = ["_get _ we ather", "_get _ news", "_get _ we ek", "_finish"]
DETAILS = "_get P aper Details ( paper Id _= _' IC LR 2 0 2 4 TO OL LE ARNING ')"
KEYWORDS = "_get P apers By Key words ( query _= _' tool _learning ', _ven ue _= _' IC LR ', _limit _= _ 1 )"
DAYS = "_get _ we ather ( city = ' P aris ', days = ' 3 ')"
PARIS = "_get _ we ather ( city = ' P aris ')"
PAPER = [  # offered, call, key offsets, |NK|, weight, sum of weighed losses
    (PAPERS, DETAILS, {0, 2}, 18, 9, 263),
    (PAPERS, KEYWORDS, {0, 2}, 23, 9, 383),
    (WEATHER, PARIS, {0, 2, 3}, 8, 2.666667, 91.333333),
    (WEATHER, "_finish ( answer = ' ok ')", {0}, 6, 6, 41),
    (WEATHER, DAYS, {0, 2, 3}, 13, 4.333333, 179.666667),
    (["_list", "_list _ all"], "_list ()", {0, 1}, 0, 1, 6),
]
CODE = [  # offered, call, key offsets, |NK|, weight, sum of weights, weighted mean
    (PAPERS, DETAILS, {0, 2}, 18, 9, 37, 7.108108),
    (PAPERS, KEYWORDS, {0, 2}, 21, 9, 42, 9.119048),
    (WEATHER, PARIS, {0, 2, 3}, 8, 2.666667, 17, 5.372549),
    (WEATHER, "_finish ( answer = ' ok ')", {0}, 6, 6, 13, 3.153846),
    (WEATHER, DAYS, {0, 2, 3}, 12, 4, 26, 6.807692),
    (["_list", "_list _ all"], "_list ()", {0, 1}, 1, 1, 3, 2),  # the original counts token 1 twice
]


def weighed(offered, call, rule):
    """Key offsets, |NK|, the key tokens' weight, and the weights of a call that stands alone, its end token included."""
    tokens, names = call.split(), [name.split() for name in offered]
    name = max((name for name in names if tokens[: len(name)] == name), key=len)
    keys = key_offsets(name, [other for other in names if other != name])
    closing = {len(name) + offset for offset in closing_offsets([token.replace("_", " ") for token in tokens[len(name) :]])}
    others = other_tokens(rule, range(len(tokens)), keys, closing)
    weight = key_weight(others, len(keys), cap=9.0)
    return keys, others, weight, [weight if i in keys else 1.0 for i in range(len(tokens) + 1)]


def loss_sum(weights):
    return sum(weight * loss for loss, weight in enumerate(weights, 1))


@pytest.mark.parametrize(("offered", "call", "keys", "others", "weight", "total"), PAPER)
def test_vectors_of_the_paper_s_rule(offered, call, keys, others, weight, total):
    found = weighed(offered, call, "paper")
    assert found[:3] == (keys, others, pytest.approx(weight))
    assert loss_sum(found[3]) == pytest.approx(total)


@pytest.mark.parametrize(("offered", "call", "keys", "others", "weight", "denominator", "mean"), CODE)
def test_vectors_of_the_code_s_rule(offered, call, keys, others, weight, denominator, mean):
    found = weighed(offered, call, "code")
    assert found[:3] == (keys, others, pytest.approx(weight))
    assert (sum(found[3]), loss_sum(found[3]) / sum(found[3])) == (pytest.approx(denominator), pytest.approx(mean))


@pytest.mark.parametrize(("offered", "call", "mean"), [(PAPERS, DETAILS, 263 / 37), (WEATHER, DAYS, 179.666667 / 27)])
def test_the_default_of_training_is_the_paper_s_rule_and_a_weighted_mean(offered, call, mean):
    weights = weighed(offered, call, "paper")[3]
    assert loss_sum(weights) / sum(weights) == pytest.approx(mean)


# ---- in episodes


@pytest.fixture(scope="module")
def tokenizer():
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(pretrained.resolve(pretrained.EMBEDDED))


class Listens(FunctionCall):
    """Takes as many turns as it is given."""

    max_turns = 99

    def ended(self):
        return False

    def finishes(self, call):
        return call.name == "finish"


def episode(chat, of, *turns):
    """The episode in which these texts are written, or these tokens."""

    async def sampler(tokens, turn, max_tokens):
        said = turns[turn]
        return Sampled(chat.answer(said) if isinstance(said, str) else said, None, NO_POLICY)

    limits = replace(WIDE, turns=len(turns))
    return asyncio.run(play(of, 0, 0, chat, sampler, InProcess(Listens(), of), limits))


def shown(chat, made, rule="paper"):
    """For each call its text, its key tokens' texts and their weight, once it is sure that all else has its loss mask's weight."""
    key_tokens = KeyTokens(chat, rule, cap=9.0)
    weights, calls = key_tokens.weights(made), key_tokens.calls(made)
    keys = {key: call.weight for call in calls for key in call.keys}
    assert weights == [keys.get(place, carries) for place, carries in enumerate(made.loss_mask)]
    decode = chat.tokenizer.decode
    return [
        (
            decode(made.tokens[call.span.start : call.span.stop], skip_special_tokens=False),
            [decode([made.tokens[key]], skip_special_tokens=False) for key in sorted(call.keys)],
            round(call.weight, 3),
        )
        for call in calls
    ]


TOOLS = (
    tool("get_weather", "city", "days"),
    tool("get_news", "q"),
    tool("get_week", "q"),
    tool("list"),
    tool("list_all"),
    tool("get-weather now"),
)
WEATHER_CALL, LIST_CALL, NOW_CALL = ToolCall("get_weather", {"city": "Paris", "days": 3}), ToolCall("list"), ToolCall("get-weather now")
# get_weather; list, with which list_all begins; a name that python writes otherwise. After each the weight by `paper` and by `code`.
BY_DIALECT = {
    "python": [(["get", "weather", "("], 3.0, 2.667), (["list", "()"], 1.0, 1.0), (["get", "weather", "_"], 1.0, 1.0)],
    "nexusraven": [([" get", "weather", "("], 5.0, 4.667), ([" list", "()"], 3.5, 4.0), ([" get", "weather", "_"], 3.333, 3.333)],
    "hermes": [(["get", "_", "weather"], 9.0, 9.0), (["list", '",'], 9.0, 9.0), (["get", "-"], 9.0, 9.0)],
    "llama3": [(["get", "_", "weather"], 6.667, 6.333), (["list", '",'], 4.5, 4.5), (["get", "-"], 6.0, 6.0)],
    "react": [([" get", "_", "weather"], 6.0, 5.667), ([" list", "\n"], 3.0, 3.0), ([" get", "-"], 4.5, 4.5)],
    "toolllama": [([" get", "_", "weather"], 6.0, 5.667), ([" list", "\n"], 3.0, 3.0), ([" get", "-"], 4.5, 4.5)],
    "chatglm": [(["get", "_", "weather"], 4.333, 4.0), (["list", "\n"], 1.0, 1.0), (["get", "-"], 2.0, 2.0)],
    "openai": [(["get", "_", "weather"], 9.0, 9.0), (["list", '",'], 9.0, 9.0), (["get", "-"], 9.0, 9.0)],
}


@pytest.mark.parametrize("name", DIALECTS)
def test_key_tokens_of_every_dialect_under_the_default_model_s_tokenizer(tokenizer, name):
    chat = Chat(tokenizer, dialects.make(name))
    for call, (keys, paper, code) in zip((WEATHER_CALL, LIST_CALL, NOW_CALL), BY_DIALECT[name], strict=True):
        text = chat.dialect.render([call], TOOLS)
        made = episode(chat, task(*TOOLS), text)
        ((span, *found),) = shown(chat, made)
        assert span == text.removeprefix("Thought:\n") and found == [keys, paper]
        assert shown(chat, made, "code") == [(span, keys, code)]


def test_other_names_that_share_nothing_add_nothing(tokenizer):
    chat = Chat(tokenizer, dialects.make("python"))
    made = episode(chat, task(tool("search", "q"), tool("get_weather"), tool("finish")), "search(q='a b c d e f g h i j')")
    assert [(keys, weight) for _, keys, weight in shown(chat, made)] == [(["search"], 9.0)]


@pytest.mark.parametrize("name", ["react", "toolllama", "hermes", "openai", "cot python", "cot hermes"])
def test_thoughts_around_a_call_weigh_one_and_are_not_counted(tokenizer, name):
    chat = Chat(tokenizer, dialects.make(name.removeprefix("cot "), "cot" if name.startswith("cot") else "base"))
    ((_, keys, weight),) = shown(chat, episode(chat, task(*TOOLS), chat.dialect.render([LIST_CALL], TOOLS)))
    thought = chat.dialect.turn("No list() yet: get_weather comes after list_all, as said.", [LIST_CALL], TOOLS)
    ((call, *found),) = shown(chat, episode(chat, task(*TOOLS), thought))
    if name == "openai":  # the thought stands within the message that is the call's wrapper
        assert call == thought and found == [keys, 9.0]
    else:
        assert "get_weather" in thought.replace(call, "", 1) and found == [keys, weight]


def test_calls_of_a_turn_are_weighed_one_by_one(tokenizer):
    for name in ("python", "hermes", "llama3"):
        chat = Chat(tokenizer, dialects.make(name))
        for rule in ("paper", "code"):
            alone = [
                shown(chat, episode(chat, task(*TOOLS), chat.dialect.render([call], TOOLS)), rule)[0] for call in (WEATHER_CALL, LIST_CALL)
            ]
            both = shown(chat, episode(chat, task(*TOOLS), chat.dialect.render([WEATHER_CALL, LIST_CALL], TOOLS)), rule)
            assert [(keys, weight) for _, keys, weight in both] == [(keys, weight) for _, keys, weight in alone], (name, rule)


def test_a_turn_that_calls_nothing_weighs_one(tokenizer):
    chat = Chat(tokenizer, dialects.make("python"))
    cut = chat.answer("get_weather(city='Paris')")[:-1]
    made = episode(chat, task(*TOOLS), "It rains.", "get_weather(city=", "list()", cut)
    assert shown(chat, made) == [("list()", ["list", "()"], 1.0)]
    assert shown(chat, episode(chat, task(), "list()")) == []  # nothing is offered, so that it is an answer


def test_weights_are_of_the_tokens_that_were_fed_and_not_of_those_that_would_be_made(tokenizer):
    """A text in tokens of a character each, as a model may sample it: other names have no token in common with them."""
    chat = Chat(tokenizer, dialects.make("python"))
    said = [*(token for character in "get_weather(city='Paris')" for token in tokenizer.encode(character)), chat.end]
    made = episode(chat, task(*TOOLS), said)
    assert made.tokens[-len(said) :] == tuple(said)
    assert shown(chat, made) == [("get_weather(city='Paris')", ["g"], 9.0)]


def test_tools_that_are_offered_later_count_from_then_on(tokenizer):
    chat = Chat(tokenizer, dialects.make("python"))
    offered = (tool("get_weather", "city"), tool("get_news"), tool("finish", "answer"), tool("get_weather_of"))
    of = task(*offered, follow_ups=(FollowUp("And now?", ("get_weather_of",)),))
    made = episode(chat, of, "get_weather()", "finish(answer='Wet.')", "get_weather()", "It rains.")
    assert [keys for _, keys, _ in shown(chat, made)] == [["get", "weather"], ["finish"], ["get", "weather", "()"]]


class Greedy(CharacterTokenizer):
    """Takes the longest known piece at every place, else a character; pieces do not care where a name begins or ends."""

    def __init__(self, *pieces):
        self._pieces = sorted(pieces, key=len, reverse=True)

    def encode(self, text, *, add_special_tokens):
        tokens, at = [], 0
        while at < len(text):
            piece = next((piece for piece in self._pieces if text.startswith(piece, at)), text[at])
            tokens.append(ord(piece) if len(piece) == 1 else 0x110000 + self._pieces.index(piece))
            at += len(piece)
        return tokens

    def decode(self, token_ids, *, skip_special_tokens):
        return "".join(chr(token) if token < 0x110000 else self._pieces[token - 0x110000] for token in token_ids)


@pytest.mark.parametrize(
    ("dialect", "pieces", "offered", "call", "keys"),
    [
        # What stands before the name is in its first token, for one name and not for another.
        ("llama3", ['"get', "_a", "_b"], ["get_a", "get_b"], "get_a", ['"get', "_a"]),
        ("llama3", ['"get_a', "get", "_b"], ["get_a", "get_b"], "get_a", ['"get_a']),
        ("llama3", [': "get', "get", "_a", "_b"], ["get_a", "get_b", "go"], "get_b", [': "get', "_b"]),
        # What follows is in the last one: the names part in it, or before it, or it is first and last.
        ("python", ["get", "_a()", "_b()"], ["get_a", "get_b"], "get_a", ["get", "_a()"]),
        ("python", ["get", "get()", "_a"], ["get", "get_a"], "get", ["get()"]),
        ("python", ["get", "get()", "_a"], ["get", "get_a"], "get_a", ["get"]),
        ("python", ["ab()", "abc()"], ["ab", "abc", "x"], "ab", ["ab()"]),
        ("hermes", ['a"', 'ab"', '"a'], ["a", "ab"], "a", ['"a', '"']),
        # Beginnings of each other, three deep: each other name adds the place where it parts.
        ("python", ["a", "_b", "_c"], ["a", "a_b", "a_b_c"], "a", ["a", "("]),
        ("python", ["a", "_b", "_c"], ["a", "a_b", "a_b_c"], "a_b", ["a", "_b", "("]),
        ("python", ["a", "_b", "_c"], ["a", "a_b", "a_b_c"], "a_b_c", ["a", "_b", "_c"]),
        # As the dialect writes the names: hyphens and dots, and a number where that is taken.
        ("python", ["get", "_a"], ["get_a", "get-a"], "get-a", ["get", "_"]),
        ("hermes", ["get", "_a", "-a"], ["get_a", "get-a"], "get-a", ["get", "-a"]),
        ("hermes", ["get", "\\", "_"], ['get"x', "get_x"], 'get"x', ["get", "\\"]),
        # A tool that is not offered: all that are count.
        ("python", ["get", "_a", "_b"], ["get_a"], "get_b", ["get", "_b"]),
    ],
)
def test_tokens_that_do_not_end_where_names_do(dialect, pieces, offered, call, keys):
    chat = Chat(Greedy(*pieces), dialects.make(dialect))
    tools = tuple(map(tool, offered))
    made = episode(chat, task(*tools), chat.dialect.render([ToolCall(call)], tools))
    ((_, found, _),) = shown(chat, made)
    assert found == keys


def by_definition(chat, played, read):
    """Key offsets of a call in a lone turn, every other name put into its place."""
    (turn,) = played.turns
    named = chat.token_span(played.tokens[turn.span.start :], read.name_start, read.name_stop)
    name = played.tokens[turn.span.start :][slice(*named)]
    others = []
    for spec in played.task.tools:
        if spec.name != read.call.name:
            alone = chat.dialect.render([ToolCall(spec.name)], played.task.tools)
            (written,) = chat.read(alone, played.task).calls
            spelled = alone[written.name_start : written.name_stop]
            tokens = chat.answer(turn.text[: read.name_start] + spelled + turn.text[read.name_stop :])
            others.append(tokens[slice(*chat.token_span(tokens, read.name_start, read.name_start + len(spelled)))])
    return key_offsets(name, others)


@settings(deadline=None, max_examples=60)
@given(name=st.sampled_from(list(DIALECTS)), rule=st.sampled_from(["paper", "code"]), made=tools_and_calls())
def test_any_call_has_its_key_tokens_within_it(name, rule, made):
    tools, calls = made
    for tokenizer in (CharacterTokenizer(), Greedy('"f', "f(", '": ', "()", "a_b", '",', "\nA")):
        chat = Chat(tokenizer, dialects.make(name))
        text = chat.dialect.render(calls[:1] if chat.dialect.ONE_CALL else calls, tools)
        played = episode(chat, task(*tools), text)
        key_calls = KeyTokens(chat, rule, cap=4.0).calls(played)
        for read, call in zip(chat.read(text, played.task).calls, key_calls, strict=True):
            (turn,) = played.turns
            first = turn.span.start + chat.token_span(played.tokens[turn.span.start : turn.span.stop], read.name_start, read.name_stop)[0]
            assert min(call.keys) == first and call.keys <= set(range(call.span.start, call.span.stop))
            assert call.keys == {first + offset for offset in by_definition(chat, played, read)}
            assert 1.0 <= call.weight <= 4.0
        shown(chat, played, rule)
