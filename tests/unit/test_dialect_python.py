"""The python dialect: what is rendered is read back, and nothing that a model writes gets past FormatError."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raytool.dialects import FormatError, PythonDialect
from raytool.records import ToolCall, ToolSpec
from tests.unit.builders import tool
from tests.unit.calls import tools_and_calls, typed

DIALECT = PythonDialect()
TOOLS = (tool("f", "a", "b"), tool("maps.find", "x"), tool("get-user", "id", "from"))


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
        "f (a=1",
        "google.search(a=1",
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


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Paris",
        "It is 3 (three) o'clock.",
        "I think so",
        "42",
        "'quoted'",
        "Sorry, f is no use.\n",
        "Paris (France) is nice.",
        "Here:\nMonday (3 pm) works.",
    ],
)
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
        "é();" * 8000,
        *("f(a=" + opening * 2000 for opening in ("(", "[", "{", "f(a=", "{'a':", "lambda:(")),
        *("f(a=" + opening * 80 + "1" + closing * 80 + ")" for opening, closing in ("()", "[]", ("{'a':", "}"), ("f(a=", ")"))),
    ],
    ids=lambda text: repr(text[:12] + "..." + text[-4:]),
)
def test_deep_and_long_texts_are_read_in_bounded_time(text):
    began = time.process_time()
    parse_or_refuse(text)
    assert time.process_time() - began < 1


def parse_or_refuse(text):
    with contextlib.suppress(FormatError):
        DIALECT.parse(text, TOOLS)


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
