"""All dialects: what is rendered is read back, the tool's name is found, and nothing that a model writes gets past FormatError."""

import dataclasses
import functools
import json
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raytool.config import ModelConfig
from raytool.dialects import DIALECTS, FormatError, PythonDialect, Ranking, Thinking
from raytool.dialects.base import Dialect, line_spellings
from raytool.dialects.json_text import MAX_NESTING
from raytool.dialects.python import python_names
from raytool.records import ToolCall, ToolSpec, UserError
from tests.unit.builders import tool
from tests.unit.calls import json_values, tools_and_calls, typed

MADE = {name: dialect() for name, dialect in DIALECTS.items()}
THINKING = {f"cot {name}": Thinking(MADE[name]) for name in ("python", "hermes", "chatglm")}
RANKING = {f"rank {name}": Ranking(MADE[name]) for name in ("python", "hermes")}  # see test_ranking.py too
ALL = {**MADE, **THINKING, **RANKING}
LINES = ("react", "toolllama", "chatglm")
PYTHONS = ("python", "nexusraven")
TOOLS = (tool("f", "a", "b"), tool("maps.find", "x"), tool("get user", "id", "from"))
ADVICE = ToolSpec("random_advice", "Return a random advice slip.")

every_dialect = pytest.mark.parametrize("name", ALL)
each_format = pytest.mark.parametrize("name", MADE)


def span_name(name, tools, call):
    """How a dialect writes the name of a tool."""
    if name in PYTHONS:
        return python_names(tools)[call.name]
    return line_spellings(tools)[call.name] if name in LINES else json.dumps(call.name, ensure_ascii=False)[1:-1]


@every_dialect
@settings(deadline=None, max_examples=40)
@given(tools_and_calls(), st.sampled_from(["", " ", "\n\n", "\t", "\u00a0\u3000", "\x0c"]))
def test_what_is_rendered_is_read_back_and_found_in_the_text(name, made, around):
    dialect, (tools, calls) = ALL[name], made
    knows_one = getattr(dialect, "inner", dialect).ONE_CALL
    calls = calls[:1] if knows_one else calls
    rendered = dialect.render(calls, tools)
    text = rendered if isinstance(dialect, Thinking) else around + rendered + around
    parsed = dialect.parse(text, tools)
    assert [typed_call(p.call) for p in parsed.calls] == [typed_call(call) for call in calls] and parsed.final is None
    check_places(text, parsed)
    written = [text[p.name_start : p.name_stop] for p in parsed.calls]
    assert written == [span_name(name.split()[-1], tools, call) for call in calls]
    if name in ("nexusraven", "llama3", "openai"):
        assert "".join(text[p.start : p.stop] for p in parsed.calls).replace("; ", "").replace(", ", "") == rendered.replace(
            "; ", ""
        ).replace(", ", "")
    elif name in ("python", "hermes"):
        assert [text[p.start : p.stop] for p in parsed.calls] == [dialect.render([call], tools) for call in calls]


def typed_call(call):
    return call.name, typed(call.arguments)


def check_places(text, parsed):
    at = 0
    for p in parsed.calls:
        assert at <= p.start <= p.name_start <= p.name_stop < p.stop <= len(text)
        at = p.stop


@every_dialect
@settings(deadline=None, max_examples=20)
@given(tools_and_calls(), st.text("aé\n :{", max_size=8).filter(lambda said: "Answer:" not in said))
def test_a_thought_beside_calls_is_no_part_of_them(name, made, thought):
    dialect, (tools, calls) = ALL[name], made
    if name in ("python", "nexusraven", "llama3", "chatglm", "cot chatglm", "cot python", "rank python"):
        calls, thought = calls[:1], thought if name.startswith("cot") else ""
    text = dialect.turn(thought, calls[:1], tools)
    (read,) = dialect.parse(text, tools).calls
    assert typed_call(read.call) == typed_call(calls[0])
    if name in LINES and name != "chatglm":
        assert text.startswith("Thought:") and text[read.start :].startswith("Action:")


@each_format
def test_one_call_formats_refuse_a_second(name):
    calls = [ToolCall("f", {"a": 1}), ToolCall("maps.find")]
    dialect = MADE[name]
    if dialect.ONE_CALL:
        with pytest.raises(UserError, match="one call a turn, 2 are to be made"):
            dialect.render(calls, TOOLS)
    else:
        assert [p.call for p in dialect.parse(dialect.render(calls, TOOLS), TOOLS).calls] == calls


APPENDIX_D = {
    "python": "random_advice()",
    "nexusraven": "Call: random_advice()<bot_end>",
    "hermes": '<tool_call>\n{"name": "random_advice", "arguments": {}}\n</tool_call>',
    "llama3": '{"name": "random_advice", "parameters": {}}',
    "react": "Thought:\nAction: random_advice\nAction Input: {}",
    "toolllama": "Thought:\nAction: random_advice\nAction Input: {}",
    "chatglm": "random_advice\n{}",
    "openai": '{"tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "random_advice", "arguments": "{}"}}]}',
}


@each_format
def test_the_papers_tool_without_parameters(name):
    """TL-Training, appendix D: `random_advice`, which takes nothing, in every format."""
    dialect, text = MADE[name], APPENDIX_D[name]
    assert dialect.render([ToolCall("random_advice")], [ADVICE]) == text
    (read,) = dialect.parse(text, [ADVICE]).calls
    assert read.call == ToolCall("random_advice", {}) and text[read.name_start : read.name_stop] == "random_advice"
    shown = dialect.instructions([ADVICE])
    assert "random_advice" in shown and "Return a random advice slip." in shown
    if name in PYTHONS:
        assert "def random_advice():" in shown


@pytest.mark.parametrize(
    ("name", "text", "calls"),
    [
        ("nexusraven", "Call: f(a=1); maps.find(x=2)<bot_end>\nThought: I did it.", [("f", {"a": 1}), ("maps.find", {"x": 2})]),
        ("nexusraven", "f(1, 'x')", [("f", {"a": 1, "b": "x"})]),
        ("hermes", 'I look.\n<tool_call>{"arguments": {"a": 1}, "name": "f"}</tool_call> So.', [("f", {"a": 1})]),
        ("hermes", '<tool_call>{"name": "f", "arguments": {"a": "</tool_call>"}}\n</tool_call>', [("f", {"a": "</tool_call>"})]),
        ("llama3", '<|python_tag|>{"name": "f", "parameters": {"a": 1}}', [("f", {"a": 1})]),
        ("llama3", '{"type": "x", "name": "f", "parameters": {"a": 1}} ;\n{"name": "g", "parameters": {}}', [("f", {"a": 1}), ("g", {})]),
        ("llama3", '[{"name": "f", "parameters": {"a": 1}}, {"name": "g", "parameters": {}}]', [("f", {"a": 1}), ("g", {})]),
        ("llama3", '{"name": "f", "parameters": {"a": 1, "a": 2}}', [("f", {"a": 2})]),
        ("react", 'Thought: I\nlook.\nAction: f \n\n Action Input: {"a":\n1}\nThought: 3\nAction: g\nAction Input: x', [("f", {"a": 1})]),
        ("react", 'Action: get_user\nAction Input: {"id": 1}\n\nFinal Answer: 3', [("get_user", {"id": 1})]),
        ("toolllama", 'Thought: Action: g\nAction: get user\nAction Input: {"id": 1}\nEnd Action', [("get user", {"id": 1})]),
        ("chatglm", 'get user\n{\n  "id": 1\n}\n', [("get user", {"id": 1})]),
        ("chatglm", 'unknown.tool\n{"id": 1}', [("unknown.tool", {"id": 1})]),
        ("openai", '{"role": "x", "content": null, "tool_calls": [{"function": {"arguments": {"a": 1}, "name": "f"}}]}', [("f", {"a": 1})]),
    ],
)  # fmt: skip
def test_what_models_write(name, text, calls):
    parsed = MADE[name].parse(text, TOOLS)
    assert [(p.call.name, p.call.arguments) for p in parsed.calls] == calls
    assert [text[p.name_start : p.name_stop] for p in parsed.calls] == [called for called, _ in calls]
    check_places(text, parsed)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nexusraven", "Call: I cannot<bot_end>"),
        ("nexusraven", "Call: f(a=g(1))<bot_end>"),
        ("nexusraven", "Paris<bot_end>"),
        ("hermes", '<tool_call>\n{"name": "f", "arguments": {}}'),
        ("hermes", '<tool_call>\n{"name": "f", "arguments": {}}}\n</tool_call>'),
        ("hermes", '<tool_call>\n{"name": "f"}\n</tool_call>'),
        ("hermes", '<tool_call>\n{"name": 1, "arguments": {}}\n</tool_call>'),
        ("hermes", '<tool_call>\n{"name": "f", "arguments": "{}"}\n</tool_call>'),
        ("hermes", '<tool_call>\n{"name": "f", "arguments": {"a": NaN}}\n</tool_call>'),
        ("hermes", '<tool_call>\n{"name": "f", "arguments": {"a": -Infinity}}\n</tool_call>'),
        ("hermes", '<tool_call>\n{"name": "f", "arguments": {"a": 1e999}}\n</tool_call>'),
        ("hermes", '<tool_call>\n{"name": "f", "arguments": {"a": ' + "9" * 5000 + "}}\n</tool_call>"),
        ("hermes", '{"name": "f", "arguments": {}}'),
        ("hermes", 'f</tool_call>'),
        ("llama3", '{"name": "f", "parameters": {}} I called it.'),
        ("llama3", 'I call {"name": "f", "parameters": {}}'),
        ("llama3", '{"name": "f", "parameters": {}};'),
        ("llama3", "<|python_tag|>print(1)"),
        ("llama3", '[]"name" "parameters"'),
        ("react", "Thought: hm\nAction: f"),
        ("react", "Action:\nAction Input: {}"),
        ("react", "Action Input: {}"),
        ("react", "Action: f\nThought: hm\nAction Input: {}"),
        ("react", "Action: f\nAction Input: a = 1"),
        ("react", "Action: f\nAction Input: [1]"),
        ("react", "Action: f\nAction Input: {} and more"),
        ("toolllama", "Thought:\nAction: f\nAction Input:"),
        ("toolllama", "Thought:\nAction: f\nAction Input: {'a': 1}"),
        ("chatglm", "f"),
        ("chatglm", "f\n{'a': 1}"),
        ("chatglm", "f\n{}\nmaps.find\n{}"),
        ("openai", '{"tool_calls": [{"function": {"name": "f", "arguments": "{"}}]}'),
        ("openai", '{"tool_calls": [{"function": {"name": "f", "arguments": "{} {}"}}]}'),
        ("openai", '{"tool_calls": [{"name": "f", "arguments": "{}"}]}'),
        ("openai", '{"tool_calls": {"function": {"name": "f", "arguments": "{}"}}}'),
        ("openai", '{"tool_calls": [1]}'),
        ("openai", '{"tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]} Done.'),
        ("openai", 'Here: {"tool_calls": []}'),
    ],
)  # fmt: skip
def test_format_errors(name, text):
    with pytest.raises(FormatError):
        MADE[name].parse(text, TOOLS)


@each_format
@pytest.mark.parametrize("text", ["", "Paris", "It is 3 (three) o'clock.", "I think so", "42", "[1, 2]", '{"answer": 3}', "Sorry.\n"])
def test_final_texts(name, text):
    parsed = MADE[name].parse(text, TOOLS)
    assert (parsed.calls, parsed.final) == ((), text.strip())


@pytest.mark.parametrize(
    ("name", "text", "final"),
    [
        ("react", "Thought: I know.\nFinal Answer: It is\nParis.", "It is\nParis."),
        ("toolllama", "Thought: I give up.", "Thought: I give up."),
        ("chatglm", 'The answer is:\n{"a": 1}', 'The answer is:\n{"a": 1}'),
        ("openai", '{"role": "assistant", "content": "Paris"}', "Paris"),
        ("openai", '{"content": "Paris", "tool_calls": null}', "Paris"),
    ],
)
def test_final_texts_of_a_format(name, text, final):
    assert MADE[name].parse(text, TOOLS).final == final


@pytest.mark.parametrize("name", [name for name in MADE if name not in PYTHONS])
def test_nesting_is_bounded(name):
    def nested(depth):
        return ToolCall("f", {"a": functools.reduce(lambda inner, _: [inner], range(depth), 1)})

    dialect = MADE[name]
    deepest = nested(MAX_NESTING - 1)
    assert dialect.parse(dialect.render([deepest], TOOLS), TOOLS).calls[0].call == deepest
    for depth in (MAX_NESTING, 5000):
        with pytest.raises(FormatError, match="nested"):
            dialect.parse(
                dialect.render([deepest], TOOLS).replace("1", "[" * (depth + 1 - MAX_NESTING) + "]" * (depth + 1 - MAX_NESTING)), TOOLS
            )


def test_thinking_reads_what_follows_the_last_mark():
    dialect = Thinking(PythonDialect())
    text = "Answer: is what I need.\nf(a=9)\n  Answer: f(a='é',\n b=2)"
    (read,) = dialect.parse(text, TOOLS).calls
    assert read.call == ToolCall("f", {"a": "é", "b": 2})
    assert (text[read.start : read.stop], text[read.name_start : read.name_stop]) == ("f(a='é',\n b=2)", "f")
    assert dialect.parse("Hm.\nAnswer:\nParis\n", TOOLS).final == "Paris"
    for text in ("f(a=1)", "My Answer: f(a=1)", "", "Answer\nf(a=1)"):
        with pytest.raises(FormatError, match="no line 'Answer:'"):
            dialect.parse(text, TOOLS)
    assert "'Answer:'" in dialect.instructions(TOOLS) and dialect.manner(TOOLS) in dialect.instructions(TOOLS)
    assert (
        dialect.turn("I look.", [ToolCall("f")], TOOLS) == "I look.\nAnswer:\nf()" and dialect.turn("Paris", (), TOOLS) == "Answer:\nParis"
    )


@each_format
def test_descriptions_can_be_cut_and_left_out(name):
    schema = {
        "type": "object",
        "properties": {"description": {"type": "object", "description": "QQ", "properties": {"x": {"description": "QQ"}}}},
    }
    spec = ToolSpec("f", "Tell all.", schema)
    assert "QQ" in MADE[name].instructions([spec]) and "Tell all." in MADE[name].instructions([spec])
    short = DIALECTS[name](parameter_descriptions=False, description_limit=4).instructions([spec])
    assert "QQ" not in short and "Tell" in short and "Tell all" not in short
    assert short.count("description") >= 1 and "Do f" not in short
    named = DIALECTS[name](description_limit=0, parameters=False)
    assert "Tell" not in named.instructions([spec]) and "QQ" not in named.instructions([spec]) and '"x"' not in named.instructions([spec])
    assert "f" in named.instructions([spec]) and named.document(spec)["parameters"] == {"type": "object", "properties": {}}


def test_nexusravens_document():
    spec = ToolSpec("look-up", "Find it.", {"properties": {"key": {"type": "string", "description": "What."}}, "required": ["key"]})
    shown = MADE["nexusraven"].instructions([spec])
    assert shown.startswith('Function:\ndef look_up(key: str):\n    """\n    Find it.\n\n    Args:\n        key (str): What.\n    """\n\n')
    assert MADE["nexusraven"].query("Why?") == "User Query: Why?<human_end>"


def test_a_mark_of_the_frame_inside_a_string_ends_nothing():
    call = ToolCall("f", {"a": "<bot_end>\\<bot_end>'", "b": "Call:"})
    dialect = MADE["nexusraven"]
    assert dialect.render([call], TOOLS).count("<bot_end>") == 1
    assert dialect.parse(dialect.render([call], TOOLS), TOOLS).calls[0].call == call


def test_the_config_knows_every_dialect():
    for name in (*DIALECTS, "template", "auto"):
        assert ModelConfig(dialect=name).dialect == name and name in ModelConfig.model_fields["dialect"].description
    with pytest.raises(ValueError, match="'latin' given; one of python"):
        ModelConfig(dialect="latin")


# ---- anything that a model may write


def big(monkeypatch, size):
    monkeypatch.setattr(Dialect, "MAX_TEXT", 2 * size)


HEADS = {
    "nexusraven": "Call: f(a=",
    "hermes": '<tool_call>{"name": "f", "arguments": {"a": ',
    "llama3": '{"name": "f", "parameters": {"a": ',
    "react": 'Thought:\nAction: f\nAction Input: {"a": ',
    "toolllama": 'Thought:\nAction: f\nAction Input: {"a": ',
    "chatglm": 'f\n{"a": ',
    "openai": '{"tool_calls": [{"function": {"name": "f", "arguments": {"a": ',
    "cot hermes": 'Answer:\n<tool_call>{"name": "f", "arguments": {"a": ',
}
REPEATED = [
    "[", "{", "{}", '{"a":', '"', '\\"', "[],", "1,", " ", "\n", "\t\n", "\r", '"a": 1, ', ";", "a ", "<", "\u00a0", "<bot_end>", "Call:",
    "<tool_call>", "<tool_call>{}</tool_call>", "</tool_call>", "Action:", "\nAction:", "\nAction Input:", "\n Thought:", "Answer:\n",
    "Final Answer:\n", '{"name": "f", "parameters": {}};', '\n{"tool_calls":',
]  # fmt: skip


@pytest.mark.parametrize("name", HEADS)
def test_a_long_text_takes_linear_time(name, monkeypatch):
    """Quadratic work over so many characters would take minutes. (In Python's own parser lies the limit of the python dialects.)"""
    size = 4_000 if name in PYTHONS else 300_000
    big(monkeypatch, size)
    dialect = ALL[name]
    for piece in REPEATED:
        for head in (HEADS[name], HEADS[name][: HEADS[name].find(":") + 1], ""):
            text = head + piece * (size // len(piece))
            began = time.process_time()
            parse_or_refuse(dialect, text)
            assert time.process_time() - began < 1.5, (head, piece)


@pytest.mark.parametrize("count", [20_000, pytest.param(1_000_000, marks=[pytest.mark.long, pytest.mark.timeout(3600)])])
def test_random_texts_give_calls_a_final_text_or_a_format_error(count):
    source = random.Random(count)
    names = list(ALL)
    for number in range(count):
        name = names[number % len(names)]
        text = mutated(source, name) if source.random() < 0.7 else noise(source, name)
        began = time.process_time()
        try:
            parse_or_refuse(ALL[name], text)
        except BaseException as error:
            raise AssertionError(f"{name}: {type(error).__name__} for {text!r}") from error
        assert time.process_time() - began < 1, (name, text)


def parse_or_refuse(dialect, text):
    try:
        parsed = dialect.parse(text, TOOLS)
    except FormatError:
        return
    assert (parsed.final is None) == bool(parsed.calls)
    check_places(text, parsed)
    for p in parsed.calls:
        json.dumps(p.call.arguments, allow_nan=False)


PIECES = (
    *"()[]{}'\"\\=,.;:*-+/#\n\r\t \0\x0c\x85\u2028\ud800é😀@`<>|",
    "**", "f(", "a=", "'''", "lambda ", "if ", "not ", "1e999", "0x", "\\N{", "\\u00", "\\ud83d", "NaN", "Infinity", "null",
    "0x" + "f" * 4000, "9" * 5000, "true", '{"', '": ', "{}", "[]",
    '"name"', '"arguments"', '"parameters"', '"function"', '"tool_calls"', "<tool_call>", "</tool_call>", "<bot_end>", "Call:", "\nAction:",
    "\nAction Input:", "\nThought:", "\nObservation:", "\nFinal Answer:", "\nAnswer:", "<|python_tag|>", "f\n{",
    "rank: [", "rank: [f, maps.find]\n",
)  # fmt: skip
CALLS = (
    ToolCall("f", {"a": 1, "b": "x"}),
    ToolCall("maps.find", {"x": [1, {"k": [2.5, None]}]}),
    ToolCall("get user", {"from": "é", "id": True}),
    ToolCall("f", {"a": 'it\'s "so"\n', "b": -1e-9}),
)


def seeds(name, dialect):
    yield "I think so."
    yield dialect.turn("Said.", CALLS[:1], TOOLS)
    yield from (dialect.render([call], TOOLS) for call in CALLS)
    if name not in LINES and name != "cot chatglm":
        yield dialect.render(CALLS, TOOLS)
    if name in PYTHONS:
        yield from (PythonDialect().render(CALLS, TOOLS), "f(1/6, b='x')")


SEEDS = {name: list(seeds(name, dialect)) for name, dialect in ALL.items()}


def mutated(source, name):
    text = source.choice(SEEDS[name])
    for _ in range(source.choice((1, 1, 2, 4))):
        at, until = sorted(source.randrange(len(text) + 1) for _ in range(2))
        until = source.choice((until, min(until, at + 3)))
        text = text[:at] + source.choice(PIECES) * source.choice((1, 1, 1, 3)) + text[source.choice((at, until)) :]
    return text


def noise(source, name):
    if source.random() < 0.02:
        seed = source.choice(SEEDS[name])
        return seed[: source.randrange(len(seed))] + source.choice(PIECES) * source.randrange(1000, 5000)
    return "".join(source.choice(PIECES) if source.random() < 0.7 else chr(source.randrange(0x250)) for _ in range(source.randrange(40)))


@each_format
@settings(deadline=None, max_examples=20)
@given(value=json_values)
def test_a_value_of_any_kind_comes_back(name, value):
    call = ToolCall("f", {"a": value})
    dialect = MADE[name]
    assert typed_call(dialect.parse(dialect.render([call], TOOLS), TOOLS).calls[0].call) == typed_call(call)


@every_dialect
@pytest.mark.parametrize("number", ["9" * 5000, "1e999", "-1e999"])
def test_a_number_that_json_cannot_write_is_refused(name, number):
    mark = 987654321
    text = ALL[name].render([ToolCall("f", {"a": [mark]})], TOOLS).replace(str(mark), number)
    with pytest.raises(FormatError):
        ALL[name].parse(text, TOOLS)


@pytest.mark.parametrize("name", PYTHONS)
@pytest.mark.parametrize("value", ["{}", "-{}", "{}*2", "[{}]", "g({})", "{{{}: 1}}", "{{'k': {}}}", "x[{}]", "f'{{{}}}'"])
@pytest.mark.parametrize("number", ["0x" + "f" * 4000, "0b" + "1" * 20_000, "1e999", str(10**400)])
def test_python_has_more_ways_to_write_such_a_number(name, value, number):
    with pytest.raises(FormatError, match="too large"):
        MADE[name].parse(f"f(a={value.format(number)})", TOOLS)
    assert MADE[name].parse(number, TOOLS).final == number, "no call is tried"


def test_a_parsed_call_can_be_moved():
    (read,) = MADE["python"].parse("f(a=1)", TOOLS).calls
    assert dataclasses.astuple(read.moved(3))[1:] == (3, 9, 3, 4)
