"""A run's episodes are asked in SQL, and judged by another reward, without being played again."""

import dataclasses
import sys
import types

import pytest

from raytool.config import Config
from raytool.records import Call, Feedback, Judgement, Span, ToolCall, Verdict
from raytool.replay.__main__ import main
from raytool.replay.sql import connect
from raytool.replay.store import EpisodeStore, read_file, sealed
from raytool.run_state import RunFolder
from raytool.sections import parse
from tests.episodes import episode

SOURCE = {"name": "test", "source": "x.jsonl"}


def played(group, sample, *categories):
    """An episode of two turns; the first makes all calls but the last."""
    calls = [
        Call(Span(2, 3), ToolCall(f"f{n}", {"a": n}), f"seen {n}", Feedback.OK, Verdict(category, -float(n)))
        for n, category in enumerate(categories)
    ]
    made = episode([3, 4], ([5, 6], [7]), ([8, 9], []), group=group, sample=sample, version=group)
    first, last = made.turns
    return dataclasses.replace(
        made, turns=(dataclasses.replace(first, calls=tuple(calls[:-1])), dataclasses.replace(last, calls=tuple(calls[-1:])))
    )


@pytest.fixture
def run(tmp_path):
    config = parse(Config, {"tasks": {"train": [SOURCE], "test": [SOURCE]}}, "x.yaml")
    folder = RunFolder.open(config, "made", tmp_path).path
    EpisodeStore(folder / "episodes", "demonstrations").add([played(0, 0, "all_right")])
    store = EpisodeStore(folder / "episodes", "ppo")
    store.add([played(1, 0, "content", "all_right", "wrong_tool"), played(1, 1, "content")])
    store.add([played(2, 0, "all_right", "all_right"), played(2, 1, "all_right", "all_right")])
    return folder


class Names:
    """Says of a call what its tool is called; a call of f2 it cannot judge."""

    def __init__(self, reward=1.0, fails=False):
        self.reward, self.fails = reward, fails

    def __call__(self, judged):
        if self.fails and any(call.call.name == "f2" for call in judged.calls):
            raise KeyError("f2")
        return Judgement(tuple(Verdict(call.call.name, self.reward) for call in judged.calls), 0.5)


@pytest.fixture(autouse=True)
def plugin(monkeypatch):
    module = types.ModuleType("naming")
    module.Names = Names
    monkeypatch.setitem(sys.modules, "naming", module)


def test_calls_are_rows_with_their_turn_and_place(run):
    asked = 'select "group", sample, turn, call, name, category, reward from calls where policy_version = 1 order by all'
    assert connect(run).sql(asked).fetchall() == [
        (1, 0, 1, 1, "f0", "content", 0.0),
        (1, 0, 1, 2, "f1", "all_right", -1.0),
        (1, 0, 2, 1, "f2", "wrong_tool", -2.0),
        (1, 1, 2, 1, "f0", "content", 0.0),
    ]


def test_episodes_are_rows_and_no_row_is_there_twice(run):
    assert connect(run).sql("select policy_version, count(*) from episodes group by all order by all").fetchall() == [
        (0, 1),
        (1, 2),
        (2, 2),
    ]
    EpisodeStore(run / "episodes", "ppo").compact([path for path in sealed(run / "episodes") if path.name.startswith("ppo")])
    assert connect(run).sql("select count(*) from calls").fetchall() == [(9,)]


def test_an_answer_is_printed(run, capfd):
    assert main([str(run), "sql", "select category, count(*) as n from calls group by all order by n desc, category"]) == 0
    printed = capfd.readouterr().out
    assert printed.index("all_right") < printed.index("content") < printed.index("wrong_tool")


def test_a_statement_without_an_answer_is_carried_out(run, tmp_path):
    assert main([str(run), "sql", f"copy (select name from calls) to '{tmp_path / 'x.csv'}'"]) == 0
    assert len((tmp_path / "x.csv").read_text().splitlines()) == 10


def test_what_is_no_sql_is_told(run, capsys):
    assert main([str(run), "sql", "selec 1"]) == 2
    assert capsys.readouterr().err.startswith("error: sql: Parser Error")
    assert main([str(run), "sql", "select nothing from calls"]) == 2
    assert "nothing" in capsys.readouterr().err


def test_a_folder_without_episodes_is_told(tmp_path, capsys):
    for asked in (["sql", "select 1"], ["rescore"]):
        assert main([str(tmp_path), *asked]) == 2
        assert capsys.readouterr().err.startswith(f"error: {tmp_path}: there are no episodes; a run's folder is expected")


def test_another_reward_is_shown_beside_what_is_stored(run, capsys):
    assert main([str(run), "rescore", "reward.name=naming:Names", "reward.options={reward: 2}"]) == 0
    shown = {
        line.split("│")[1].strip(): [cell.strip() for cell in line.split("│")[2:-1]]
        for line in capsys.readouterr().out.splitlines()
        if "│" in line
    }
    assert shown["episodes"] == ["1", "1", "4", "4"]
    assert shown["reward, mean"] == ["0.000", "2.500", "-1.250", "4.500"]
    assert shown["tasks whose samples are all equal %"] == ["", "", "50.0", "50.0"]
    assert shown["f0 % of calls"] == ["", "100.0", "", "50.0"]
    assert shown["content → f0"] == ["2"] and shown["all_right → f1"] == ["3"]


def test_rescored_episodes_are_kept_where_they_are_wanted(run, tmp_path):
    assert main([str(run), "rescore", "reward.name=naming:Names", "--out", str(tmp_path / "kept")]) == 0
    kept = [made for path in sealed(tmp_path / "kept" / "episodes") for made in read_file(path)]
    stored = [made for path in sealed(run / "episodes") for made in read_file(path)]
    assert [made.judged(Names()(made)) for made in stored] == kept
    assert {call.verdict.category for made in kept for call in made.calls} == {"f0", "f1", "f2"}
    assert connect(tmp_path / "kept").sql("select count(*) from calls where category = 'f2'").fetchall() == [(1,)]


def test_the_same_reward_changes_nothing(run, tmp_path, capsys):
    assert main([str(run), "rescore", "reward.name=naming:Names", "--out", str(tmp_path / "kept")]) == 0
    (tmp_path / "kept" / "config.yaml").write_text((run / "config.yaml").read_text())
    capsys.readouterr()
    assert main([str(tmp_path / "kept"), "rescore", "reward.name=naming:Names"]) == 0
    assert "no call has another category" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["ppo.clip=1"], "override 'ppo.clip=1': only the reward can be another"),
        (["reward.nam=x"], "reward.nam: unknown key; did you mean 'name'?"),
        (["reward.name=nowhere:X"], "plug-in 'nowhere:X': no module 'nowhere'"),
        (["reward.name=naming:Names", "reward.options={cost: 1}"], "reward.options: naming:Names"),
        (
            ["reward.name=naming:Names", "reward.options={fails: true}"],
            "reward 'naming:Names': task t: __call__ raised KeyError: 'f2' (test_asking_replay.py:",
        ),
    ],
)
def test_a_reward_that_cannot_be_had_or_fails_is_told(run, capsys, given, says):
    assert main([str(run), "rescore", *given]) == 2
    assert says in capsys.readouterr().err


def test_a_folder_that_is_in_use_is_left_alone(run, capsys):
    assert main([str(run), "rescore", "--out", str(run)]) == 2
    assert f"--out {run}: exists" in capsys.readouterr().err


def test_overrides_may_stand_on_both_sides_of_an_option(run, tmp_path):
    assert main([str(run), "rescore", "reward.name=naming:Names", "--out", str(tmp_path / "kept"), "reward.options={reward: 2}"]) == 0
    assert connect(tmp_path / "kept").sql("select distinct reward from calls").fetchall() == [(2.0,)]


@pytest.mark.parametrize("given", [["sql"], ["sql", "select 1", "select 2"], ["sql", "select 1", "--out", "x"]])
def test_sql_takes_one_question(run, capsys, given):
    assert main([str(run), *given]) == 2
    assert "sql: one question is expected" in capsys.readouterr().err
