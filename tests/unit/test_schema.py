"""An Episode comes back from Arrow as it went in, and DuckDB reads the folder."""

import struct

import duckdb
import pyarrow as pa
import pyarrow.dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from raytool.records import Call, Episode, Feedback, FollowUp, Gold, GoldCall, Span, StopReason, Task, ToolCall, ToolSpec, Turn, Verdict
from raytool.replay.schema import SCHEMA, from_table, to_table
from raytool.replay.store import EpisodeStore
from tests.unit.builders import episode, task

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)  # Arrow text is UTF-8: no lone surrogates
numbers = st.floats(allow_nan=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
arguments = st.dictionaries(texts, json_values, max_size=3)
spans = st.builds(Span, st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
gold_calls = st.builds(
    GoldCall,
    texts,
    arguments,
    st.dictionaries(texts, st.lists(json_values, max_size=2).map(tuple), max_size=2),
    st.tuples(texts),
    st.tuples(texts),
)
tasks = st.builds(
    Task,
    texts,
    texts,
    texts,
    st.lists(st.builds(ToolSpec, texts, texts, arguments), max_size=2).map(tuple),
    st.lists(st.builds(Gold, st.lists(gold_calls, max_size=2).map(tuple), st.booleans()), max_size=2).map(tuple),
    st.tuples(texts),
    st.integers(0, 2**63),
    texts,
    st.dictionaries(texts, json_values, max_size=1),
    st.dictionaries(texts, texts, max_size=2),
    st.lists(st.builds(FollowUp, texts, st.tuples(texts)), max_size=1).map(tuple),
)
calls = st.builds(
    Call,
    spans,
    st.none() | st.builds(ToolCall, texts, arguments),
    texts,
    st.sampled_from(Feedback),
    st.none() | st.builds(Verdict, texts, numbers),
)
turns = st.builds(Turn, spans, texts, st.lists(calls, max_size=2).map(tuple), st.none() | texts, numbers)


@st.composite
def episodes(draw):
    length = draw(st.integers(1, 6))

    def per_token(values):
        return tuple(draw(st.lists(values, min_size=length, max_size=length)))

    return Episode(
        id=draw(texts),
        task=draw(tasks),
        group=draw(st.integers(0, 2**62)),
        sample=draw(st.integers(0, 2**31 - 1)),
        tokens=per_token(st.integers(0, 2**31 - 1)),
        loss_mask=(1, *per_token(st.integers(0, 1))[1:]),
        logprobs=None if draw(st.booleans()) else per_token(st.floats(-10_000, 0, width=32)),
        versions=per_token(st.integers(-1, 2**31 - 1)),
        turns=draw(st.lists(turns, max_size=2).map(tuple)),
        stop=draw(st.sampled_from(StopReason)),
        goal_reached=draw(st.none() | st.booleans()),
        outcome=draw(numbers),
    )


@settings(deadline=None, max_examples=200)
@given(st.lists(episodes(), max_size=3))
def test_episodes_come_back_from_a_table_and_from_a_file(written):
    table = to_table(written)
    assert from_table(table) == written
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, SCHEMA) as writer:
        writer.write_table(table)
    assert from_table(pa.ipc.open_file(sink.getvalue()).read_all()) == written


def test_logprobs_are_stored_as_float32():
    (read,) = from_table(to_table([episode(logprobs=(0.0, -0.1))]))
    assert read.logprobs == (0.0, struct.unpack("f", struct.pack("f", -0.1))[0])


def test_what_utf8_cannot_hold_is_replaced_and_arguments_keep_it():
    """A model can write a lone surrogate as an escape in an argument, and tools repeat it."""
    odd = Call(Span(0, 1), ToolCall("f", {"a": "\ud800"}), "no \ud800", Feedback.OTHER)
    (read,) = from_table(to_table([episode(turns=(Turn(Span(0, 1), "t\ud800", (odd,), "f\ud800"),))]))
    assert (read.turns[0].text, read.turns[0].final, read.turns[0].calls[0].observation) == ("t?", "f?", "no ?")
    assert read.turns[0].calls[0].call == ToolCall("f", {"a": "\ud800"})


def test_duckdb_reads_the_folder(tmp_path):
    store = EpisodeStore(tmp_path, "ppo")
    for group in range(3):
        made = [episode([(ToolCall("f"), Feedback.OK)], task(tags={"source": "x"}), group=group, sample=n, outcome=n) for n in range(2)]
        store.add(made)
    (tmp_path / ".ppo-000003.arrow.draft").write_bytes(b"cut short")
    rows = pyarrow.dataset.dataset(tmp_path, format="ipc")  # found by DuckDB under its name
    assert rows.count_rows() == 6
    query = "select \"group\", sum(reward), any_value(turns[1].calls[1].name) from rows where source = 'x' group by all order by all"
    assert duckdb.sql(query).fetchall() == [(group, 1.0, "f") for group in range(3)]
