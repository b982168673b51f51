"""Transcripts of every format give the same turns; what cannot be read is named; and what `inspect` counts and shows."""

import json
from pathlib import Path

import pytest

from raytool.records import Feedback, ToolCall
from raytool.replay.store import EpisodeStore
from raytool.tasks.__main__ import main
from raytool.tasks.transcripts import Transcript, TranscriptError, Unreadable, open_transcripts
from tests.unit.builders import episode

BENCHMARKS = Path(__file__).resolve().parents[3] / "shared" / "benchmarks"
THIRD_TURNS = BENCHMARKS / "rotbench" / "Third_Turn"

# One trajectory: a call with a parameter that there is none of, its repair, and an answer.
BAD, GOOD = ToolCall("weather", {"town": "Oslo"}), ToolCall("weather", {"city": "Oslo"})
COMPLAINT, RESULT = "weather() got an unexpected keyword argument 'town'", '{"error": null, "degrees": 4}'


def openai_call(call, id):
    return {"id": id, "type": "function", "function": {"name": call.name, "arguments": json.dumps(call.arguments)}}


MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "How warm is Oslo?"},
    {"role": "assistant", "content": None, "tool_calls": [openai_call(BAD, "a")]},
    {"role": "tool", "tool_call_id": "a", "content": COMPLAINT},
    {"role": "assistant", "content": "", "tool_calls": [openai_call(GOOD, "a")]},  # ids are unique in a turn only
    {"role": "tool", "tool_call_id": "a", "content": [{"type": "text", "text": RESULT}]},
    {"role": "assistant", "content": "4 degrees."},
]
ROTBENCH = {
    "id": "Turn 3: How warm is Oslo?",
    "conversations": [
        {"from": "system", "value": "..."},
        {"from": "user", "value": "How warm is Oslo?\nBegin!\n"},
        {"from": "assistant", "value": f"Thought: I look.\nAction: weather\nAction Input: {json.dumps(BAD.arguments)}"},
        {"from": "function", "value": COMPLAINT},
        {"from": "assistant", "value": f"Thought:\nAction: weather\nAction Input: {json.dumps(GOOD.arguments)}"},
        {"from": "function", "value": RESULT},
        {"from": "assistant", "value": "Thought: 4 degrees."},
    ],
}
TOOLRL = {
    "instruction": "...",
    "input": "**Dialogue Records History**\n<user> How warm is Oslo? </user>\n\n<think> The tag is <tool_call>. </think>\n<tool_call>\n"
    f'{{"name": "weather", "parameters": {json.dumps(BAD.arguments)}}}\n</tool_call>\n<obs> {COMPLAINT} </obs>\n'
    f'<tool_call>\n{{"name": "weather", "parameters": {json.dumps(GOOD.arguments)}}}\n</tool_call>\n'
    f'<obs> [{{"name": "weather", "results": {RESULT}}}] </obs>',
    "output": "<think> It is known. </think>\n<response> 4 degrees. </response>",
}


def written(folder, content, name="file.json"):
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def read(path):
    return list(open_transcripts(path).records)


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ([{"messages": MESSAGES}], "openai"),
        ({"messages": MESSAGES}, "openai"),
        (MESSAGES, "openai"),
        ([MESSAGES], "openai"),
        ([{"task_id": 3, "traj": MESSAGES}], "openai"),
        (json.dumps({"messages": MESSAGES}) + "\n\n", "openai"),
        (json.dumps({"messages": MESSAGES}, indent=2), "openai"),
        ([ROTBENCH], "rotbench"),
        ([TOOLRL], "toolrl"),
    ],
)
def test_every_format_gives_the_same_turns(tmp_path, content, form):
    (transcript,) = read(written(tmp_path, content))
    assert isinstance(transcript, Transcript), transcript
    assert transcript.format == form
    first, second, last = transcript.turns
    assert [(o.call, o.feedback) for o in (*first, *second)] == [(BAD, Feedback.PARAMETER_HALLUCINATION), (GOOD, Feedback.OK)]
    assert last == ()


def test_json_lines_may_be_of_several_formats(tmp_path):
    path = written(tmp_path, "\n".join(map(json.dumps, [MESSAGES, ROTBENCH, TOOLRL, {"messages": MESSAGES}])) + "\n", "all.jsonl")
    assert [record.format for record in read(path)] == ["openai", "rotbench", "toolrl", "openai"]
    assert open_transcripts(path).count == 4


def test_several_calls_of_a_turn_are_answered_by_their_ids(tmp_path):
    calls = [openai_call(ToolCall("f", {"n": n}), str(n)) for n in range(3)]
    answers = [{"role": "tool", "tool_call_id": id, "content": text} for id, text in (("2", "Error: gone"), ("0", "zero"))]
    (transcript,) = read(written(tmp_path, [[{"role": "assistant", "tool_calls": calls}, *answers]]))
    ((zero, one, two),) = transcript.turns
    assert (zero.observation, zero.feedback) == ("zero", Feedback.OK)
    assert (one.observation, one.feedback) == (None, None)
    assert (two.observation, two.feedback) == ("Error: gone", Feedback.OTHER)


@pytest.mark.parametrize(("said", "feedback"), [("4 degrees", Feedback.FORMAT_ERROR), ("Unknown tool: f", Feedback.TOOL_HALLUCINATION)])
def test_arguments_that_are_no_json_are_an_error_as_they_are_to_import(tmp_path, said, feedback):
    call = {"id": "a", "function": {"name": "f", "arguments": "{town: Oslo"}}
    messages = [{"role": "assistant", "tool_calls": [call]}, {"role": "tool", "tool_call_id": "a", "content": said}]
    (transcript,) = read(written(tmp_path, [messages]))
    assert [(call.call, call.feedback) for (call,) in transcript.turns] == [(None, feedback)]


def test_calls_before_there_were_several_in_a_turn_and_calls_in_the_text(tmp_path):
    old = [{"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}}, {"role": "function", "name": "f", "content": "1"}]
    text = [{"role": "assistant", "content": "<tool_call>...</tool_call>"}, {"role": "tool", "content": "Unknown tool: f"}]
    first, second = read(written(tmp_path, [old, text]))
    assert first.turns[0][0].call == ToolCall("f")
    assert (second.turns[0][0].call, second.turns[0][0].feedback) == (None, Feedback.TOOL_HALLUCINATION)


def test_what_the_user_answers_to_a_question_is_no_error(tmp_path):
    said = [
        {"from": "user", "value": "Hi"},
        {"from": "assistant", "value": 'Thought:\nAction: ask_to_user\nAction Input: {"question": "Where?"}'},
    ]
    (transcript,) = read(written(tmp_path, [{"conversations": [*said, {"from": "user", "value": "Error: nowhere"}]}]))
    assert transcript.turns[0][0].feedback is Feedback.OK


def test_each_call_of_toolrl_has_its_own_result(tmp_path):
    calls = "\n".join(json.dumps({"name": name, "parameters": {}}) for name in "fg")
    results = json.dumps([{"name": "f", "results": {"error": "seat taken"}}, {"name": "g", "results": 3}])
    record = {"input": f"<tool_call>{calls}</tool_call><obs>{results}</obs>", "output": "<response> Sorry. </response>"}
    (transcript,) = read(written(tmp_path, [record]))
    assert [o.feedback for o in transcript.turns[0]] == [Feedback.OTHER, Feedback.OK]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"id": 1, "query": "?"}, "no format fits: it has id, query; messages with a role"),
        (17, "no format fits: it is of type int"),
        ([{"role": "robot", "content": ""}], "openai: 0.role: Input should be 'system'"),
        ([{"role": "tool", "content": "1"}], "openai: message 1: a tool answers before"),
        (
            [MESSAGES[2], {"role": "tool", "tool_call_id": "z", "content": ""}],
            "openai: message 2: no call of the turn before it has the id 'z'",
        ),
        ({"conversations": [{"from": "function", "value": "1"}]}, "rotbench: conversations.1: a function answers no call"),
        ({"conversations": [{"from": "assistant", "value": 3}]}, "rotbench: 0.value"),
        ({"input": "<user> a </user> and so on", "output": "<response> b </response>"}, "toolrl: input: a segment like"),
        ({"input": "<obs> 1 </obs>", "output": "<response> b </response>"}, "toolrl: input: an <obs> answers no <tool_call>"),
    ],
)
def test_a_record_that_cannot_be_read_is_named(tmp_path, capsys, record, reason):
    path = written(tmp_path, [ROTBENCH, record, TOOLRL])
    good, bad, _ = read(path)
    assert isinstance(bad, Unreadable) and isinstance(good, Transcript)
    assert bad.where == f"{path}, record 2"
    assert bad.reason.startswith(reason)
    assert main(["inspect", str(path)]) == 0
    told = capsys.readouterr().out
    assert f"unreadable: {path}, record 2: {reason}" in told
    assert "unreadable 1" in told


def test_a_broken_line_is_named(tmp_path):
    path = written(tmp_path, "\n".join([json.dumps(ROTBENCH), '{"messages": [', json.dumps(TOOLRL)]), "x.jsonl")
    _, bad, _ = read(path)
    assert (bad.where, bad.reason[:8]) == (f"{path}:2", "no JSON:")
    first = written(tmp_path, "\n".join(['{"messages": [', json.dumps(TOOLRL)]), "y.jsonl")
    assert [type(record) for record in read(first)] == [Unreadable, Transcript]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "the file is empty"),
        ("once upon a time", "neither JSON nor JSON lines"),
        ("3", "a list of records was expected, not int"),
        ("[]", "no records; messages with a role (OpenAI)"),
        ('[{"a": 1}]', "no transcripts: no format fits: it has a; messages with a role (OpenAI)"),
    ],
)
def test_a_file_without_transcripts_is_refused_in_a_line(tmp_path, capsys, content, complaint):
    path = written(tmp_path, content)
    assert main(["inspect", str(path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {path}: {complaint}")


def test_other_things_that_are_no_transcripts(tmp_path):
    (tmp_path / "empty").mkdir()
    for path, complaint in (
        (tmp_path / "none.json", "No such file"),
        (tmp_path / "empty", "no episodes"),
        (tmp_path / "b", "neither JSON nor"),
    ):
        (tmp_path / "b").write_bytes(b"\xff\xfe\x00\x01")
        with pytest.raises(TranscriptError, match=complaint):
            open_transcripts(path)


def test_episodes_of_a_run_keep_the_environment_s_feedback(tmp_path, capsys):
    ok, bad = (GOOD, Feedback.OK), (BAD, Feedback.OTHER)
    for kind, groups in (("demonstrations", [[ok, bad, ok], [ok]]), ("ppo", [[bad, bad], [ok, ok], [bad]])):
        store = EpisodeStore(tmp_path / "episodes", kind)
        files = [store.add([episode(calls, group=group)]) for group, calls in enumerate(groups)]
    store.compact(files[:2])
    before = sorted((tmp_path / "episodes").iterdir())
    for path in (tmp_path, tmp_path / "episodes"):
        found = read(path)
        assert open_transcripts(path).count == len(found) == 5
        assert [sum(o.feedback is Feedback.OTHER for turn in t.turns for o in turn) for t in found] == [1, 0, 2, 0, 1]
    assert len(read(files[2])) == 1
    assert sorted((tmp_path / "episodes").iterdir()) == before
    assert main(["inspect", str(tmp_path)]) == 0
    assert "3 of 5 trajectories have errors: 60.0 %; 4 of 9 turns would carry no loss (episodes 5;" in capsys.readouterr().out


def test_a_file_of_a_stored_run_that_is_broken_is_named(tmp_path):
    store = EpisodeStore(tmp_path / "episodes", "ppo")
    whole = store.add([episode([(GOOD, Feedback.OK)])])
    (tmp_path / "episodes" / "ppo-000001.arrow").write_bytes(whole.read_bytes()[:200])
    good, bad = read(tmp_path)
    assert isinstance(good, Transcript)
    assert bad.where.endswith("ppo-000001.arrow")


def test_inspect_shows_shares_and_counts(tmp_path, capsys):
    path = written(tmp_path, [ROTBENCH, TOOLRL, MESSAGES[:3], MESSAGES[4:]])
    plot = tmp_path / "plot.svg"
    assert main(["inspect", str(path), "--plot", str(plot)]) == 0
    told = capsys.readouterr().out
    rows = {row[0]: row[1:] for line in told.splitlines() if len(row := line.replace("│", " ").split()) > 4}
    assert rows["ok"][:4] == ["3", "60.0", "3", "75.0"]
    assert rows["parameter_hallucination"][:5] == ["2", "40.0", "2", "50.0", "█" * 24]
    assert rows["other"][:5] == ["0", "0.0", "0", "0.0", "░" * 24]
    assert "2 of 4 trajectories have errors: 50.0 %; 2 of 9 turns would carry no loss" in told
    assert "calls without an observation 1" in told
    picture = plot.read_text()
    assert "2 of 4 trajectories have errors" in picture and "parameter hallucination" in picture
    assert main(["inspect", str(path), "--plot", str(tmp_path / "again.svg")]) == 0
    assert (tmp_path / "again.svg").read_text() == picture


@pytest.mark.parametrize("plot", ["plot.pdf", "nowhere/plot.svg"])
def test_a_plot_that_cannot_be_written_is_refused_first(tmp_path, capsys, plot):
    assert main(["inspect", str(tmp_path / "none.json"), "--plot", str(tmp_path / plot)]) == 2
    assert "--plot" in capsys.readouterr().err


@pytest.mark.skipif(not THIRD_TURNS.is_dir(), reason="RoTBench's files are not at hand")
def test_rotbench_s_third_turns():
    found = [record for path in sorted(THIRD_TURNS.glob("*.json")) for record in read(path)]
    assert not [record for record in found if isinstance(record, Unreadable)]
    observed = [o for transcript in found for turn in transcript.turns for o in turn]
    assert {type(o.call) for o in observed} == {ToolCall}
    missing = [o for o in observed if o.observation and "missing 1 required positional argument" in o.observation]
    assert missing and {o.feedback for o in missing} == {Feedback.PARAMETER_MISSING}


@pytest.mark.skipif(not (BENCHMARKS / "toolrl").is_dir(), reason="ToolRL's file is not at hand")
def test_toolrl_s_demonstrations_report_no_error():
    found = read(BENCHMARKS / "toolrl" / "rlla_sft.json")
    assert {type(record) for record in found} == {Transcript}
    assert {o.feedback for transcript in found for turn in transcript.turns for o in turn} == {Feedback.OK, None}
