"""The python dialect: what is rendered is read back, and nothing that a model writes gets past FormatError."""

import random
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raytool.dialects import FormatError, PythonDialect
from raytool.records import ToolCall, ToolSpec
from tests.unit.builders import tool

DIALECT = PythonDialect()
TOOLS = (tool("f", "a", "b"), tool("maps.find", "x"), tool("get-user", "id", "from"))

awkward_names = st.sampled_from(
    ["f", "maps.find", "a-b", "a_b", "a_b_2", "class", "None", "match", "a.class", "a..b", "_", "", "1st", "größe", "ﬁ", "名", "__debug__"]
)
names = awkward_names | st.text(string.ascii_letters + "_.-", min_size=1, max_size=8) | st.text(max_size=4)
parameters = st.sampled_from(["a", "b_2", "from", "q-1", "a b", "", "**", "self", "ß", "ﬁ"]) | st.text(max_size=5)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.text("'\"\\\n\r\t{}()\x00\x85\u2028\ud800é😀", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def tools_and_calls(draw):
    specs = draw(st.lists(st.builds(tool, names, parameters, parameters), min_size=1, max_size=4, unique_by=lambda spec: spec.name))
    called = st.sampled_from([spec.name for spec in specs])
    calls = draw(st.lists(st.builds(ToolCall, called, st.dictionaries(parameters, json_values, max_size=3)), min_size=1, max_size=3))
    return tuple(specs), calls


def typed(value):
    """A value in which 1, 1.0 and True differ, and -0.0 from 0.0."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    return [typed(item) for item in value] if isinstance(value, list) else repr(value)


@settings(deadline=None, max_examples=200)
@given(tools_and_calls(), st.sampled_from(["", " ", "\n\n", "\t", "\u00a0\u3000", "\x0c"]))
def test_what_is_rendered_is_read_back_and_found_in_the_text(made, around):
    tools, calls = made
    text = around + DIALECT.render(calls, tools) + around
    parsed = DIALECT.parse(text, tools)
    read = [p.call for p in parsed.calls]
    assert read == calls
    assert [typed(call.arguments) for call in read] == [typed(call.arguments) for call in calls]
    assert [text[p.start : p.stop] for p in parsed.calls] == [DIALECT.render([call], tools) for call in calls]


@settings(deadline=None, max_examples=50)
@given(tools_and_calls())
def test_instructions_show_the_name_that_is_called(made):
    tools, calls = made
    called = DIALECT.render(calls[:1], tools).split("(", 1)[0]
    assert f"def {called}(" in DIALECT.instructions(tools)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("f(a='é😀'); maps.find(x=1)", ["f(a='é😀')", "maps.find(x=1)"]),
        ("\n f(a='''x\ny''')\r\nf(b=2)\rf(a=3)  \n", ["f(a='''x\ny''')", "f(b=2)", "f(a=3)"]),
        ("f(a='\x85\u2028')\nf(\n  b=1,\n)", ["f(a='\x85\u2028')", "f(\n  b=1,\n)"]),
        (" [f(a=[1]),\n maps.find(x=1)]", ["f(a=[1])", "maps.find(x=1)"]),
        ("f(a=1), f(b=2)", ["f(a=1)", "f(b=2)"]),
    ],
)
def test_spans_count_characters(text, spans):
    assert [text[p.start : p.stop] for p in DIALECT.parse(text, TOOLS).calls] == spans


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("f(1, 'x')", {"a": 1, "b": "x"}),
        ("f(1, b=2)", {"a": 1, "b": 2}),
        ("get_user(7, **{'from': 'x'})", {"id": 7, "from": "x"}),
        ("f(a=1/4, b=-(2*3)+1-0.5)", {"a": 0.25, "b": -5.5}),
        ("f(a=(1, [2]), b={'k': None, 1: True})", {"a": [1, [2]], "b": {"k": None, "1": True}}),
        ("f(1, b=2, a=3)", {"a": 3, "b": 2}),
        ("f(a=1, b=2, a=3)", {"a": 3, "b": 2}),
        ("f(a=1, **{'a': 2}, b=3)", {"a": 2, "b": 3}),
        ("f(a='one' 'two', b='\\u00e9')", {"a": "onetwo", "b": "é"}),
    ],
)
def test_values(text, arguments):
    (parsed,) = DIALECT.parse(text, TOOLS).calls
    assert typed(parsed.call.arguments) == typed(arguments)


def test_an_unknown_tool_is_read_for_the_environment_to_refuse():
    assert DIALECT.parse("google.search(query='x')", TOOLS).calls[0].call == ToolCall("google.search", {"query": "x"})


@pytest.mark.parametrize(
    "text",
    [
        "f(a=1",
        "f(a='x)",
        "f(a=1))",
        "f(a=b)",
        "f(a=f(b=1))",
        "f(a=b'x')",
        "f(a=f'{1}')",
        "f(a=1j)",
        "f(a={1, 2})",
        "f(a=...)",
        "f(a=not 1)",
        "f(a=-'x')",
        "f(a='x' * 3)",
        "f(a=2**9)",
        "f(a=1/0)",
        "f(a=1e308 + 10**400)",
        "f(a=True + 1)",
        "f(a=[x for x in y])",
        "f(a=lambda: 0)",
        "f(a={**{}})",
        "f(a={[1]: 2})",
        "f(1, 2, 3)",
        "f(*[1])",
        "f(**[1])",
        "f(**{1: 2, 'a': x})",
        "google.search('x')",
        "f(a=1)(b=2)",
        "f()[0]()",
        "f(a=1)\nI called it.",
        "I will look.\nf(a=1)",
        "```python\nf(a=1)\n```",
        "f(a=1)\nx = 3",
        "[f(a=1), 3]",
        "[[f(a=1)]]",
        "f(a=1)\n[]",
        "f(a=" + "9" * 5000 + ")",
        "f(a='\0')",
        "f(a='\ud800')",
        "x" * 32_769,
    ],
    ids=lambda text: repr(text[:32]),
)
def test_format_errors(text):
    with pytest.raises(FormatError):
        DIALECT.parse(text, TOOLS)


@pytest.mark.parametrize("text", ["", "Paris", "It is 3 (three) o'clock.", "I think so", "42", "'quoted'", "Sorry, f is no use.\n"])
def test_final_texts(text):
    parsed = DIALECT.parse(text, TOOLS)
    assert (parsed.calls, parsed.final) == ((), text.strip())


def test_an_argument_is_never_so_large_that_json_cannot_write_it():
    """Python refuses to write an integer of more than 4300 digits, so that the action could not be made."""
    with pytest.raises(FormatError):
        DIALECT.parse("f(a=" + "*".join(["9" * 4000] * 3) + ")", TOOLS)


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 32_768,
        "x =\n" + "\n" * 32_000 + "!",
        "f(a=" + "-" * 900 + "1)",
        "f(a=" + "1+" * 900 + "1)",
        "f(a=" + "not " * 900 + "1)",
        "f(a=x" + "[0]" * 900 + ")",
        "f(a=x" + ".y" * 900 + ")",
        "f" + ".y" * 900 + "(a=1)",
        "f(a=" + "1 if 1 else " * 900 + "1)",
        "f" + "()" * 900,
        "f();" * 8000,
        *("f(a=" + opening * 2000 for opening in ("(", "[", "{", "f(a=", "{'a':", "lambda:(")),
        *("f(a=" + opening * 80 + "1" + closing * 80 + ")" for opening, closing in ("()", "[]", ("{'a':", "}"), ("f(a=", ")"))),
    ],
    ids=lambda text: repr(text[:12] + "..." + text[-4:]),
)
def test_deep_and_long_texts_are_read_in_bounded_time(text):
    began = time.process_time()
    parse_or_refuse(text)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("count", [20_000, pytest.param(1_000_000, marks=[pytest.mark.long, pytest.mark.timeout(3600)])])
def test_random_texts_give_calls_a_final_text_or_a_format_error(count):
    source = random.Random(count)
    for _ in range(count):
        text = mutated(source) if source.random() < 0.6 else noise(source)
        began = time.process_time()
        try:
            parse_or_refuse(text)
        except BaseException as error:
            raise AssertionError(f"{type(error).__name__} for {text!r}") from error
        assert time.process_time() - began < 1, text


def parse_or_refuse(text):
    try:
        parsed = DIALECT.parse(text, TOOLS)
    except FormatError:
        return
    assert (parsed.final is None) == bool(parsed.calls)
    assert all(0 <= p.start < p.stop <= len(text) for p in parsed.calls)


PIECES = (
    *"()[]{}'\"\\=,.;:*-+/#\n\r\t \0\x0c\x85\u2028\ud800é😀@`",
    "**",
    "f(",
    "a=",
    "'''",
    "lambda ",
    "if ",
    "not ",
    "1e999",
    "0x",
    "\\N{",
)
SEEDS = ("f(a=1, b='x')", "maps.find(x=[1, {'k': (2.5, None)}])\nf(a=-1)", "get_user(**{'from': 'é'})", 'f(1/6, b="it\'s")', "I think so.")


def mutated(source):
    text = source.choice(SEEDS)
    for _ in range(source.randrange(1, 5)):
        at, until = sorted(source.randrange(len(text) + 1) for _ in range(2))
        text = text[:at] + source.choice(PIECES) * source.choice((1, 1, 1, 3)) + text[source.choice((at, until)) :]
    return text


def noise(source):
    if source.random() < 0.02:
        return source.choice(SEEDS)[: source.randrange(6)] + source.choice(PIECES) * source.randrange(1000, 5000)
    return "".join(source.choice(PIECES) if source.random() < 0.7 else chr(source.randrange(0x250)) for _ in range(source.randrange(40)))


def test_signatures():
    schema = {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "Where."},
            "unit": {"enum": ["C", "F"], "default": "C"},
            "days": {"type": ["integer", "null"]},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["tags", "city"],
    }
    shown = DIALECT.instructions([ToolSpec("get-weather", "Tell the weather.", schema)]).splitlines()[1:]
    assert shown == [
        "def get_weather(tags: list[str], city: str, unit: Literal['C', 'F'] = 'C', days: int | None = None):",
        '    """Tell the weather.',
        '    city: Where."""',
    ]
    short = PythonDialect(parameter_descriptions=False, description_limit=4).instructions([ToolSpec("f", "Tell all.", schema)])
    assert short.endswith('"""Tell"""')
