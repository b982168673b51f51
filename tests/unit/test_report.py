"""A run's report: what is in the folder is on the page, as text and not as markup, and the page needs nothing else."""

import dataclasses
import json
import re
from html.parser import HTMLParser

import pytest

from raytool.config import Config
from raytool.evaluation import results
from raytool.records import Call, Feedback, Gold, GoldCall, Span, ToolCall, UserError, Verdict
from raytool.replay.store import EpisodeStore
from raytool.report import curves, page
from raytool.report.__main__ import main
from raytool.run_state import RunFolder, RunState
from raytool.sections import parse
from tests.episodes import TASK, episode

SOURCE = {"name": "test", "source": "x.jsonl"}
EMPTY = {"meta", "link", "br", "path", "use", "rect", "circle"}


class Markup(HTMLParser):
    """Tags that are open, and what the page would fetch."""

    def __init__(self):
        super().__init__()
        self.open, self.fetched, self.texts = [], [], []

    def handle_starttag(self, tag, attributes):
        self.fetched += [value for name, value in attributes if name in ("src", "href", "xlink:href") and not value.startswith("#")]
        assert tag != "script"
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def parsed(text):
    markup = Markup()
    markup.feed(text)
    assert markup.open == []
    return markup


def answered(group, sample, text, category, reward, query="What is <b>it</b>?", source="test"):
    made = episode([3, 4], ([5, 6], [7]), group=group, sample=sample)
    verdict = Verdict(category, reward)
    call = Call(Span(2, 3), ToolCall("f", {"a": text}), f"seen: {text}", Feedback.OK, verdict)
    gold = (Gold((GoldCall("f", {"a": "gold value"}),)),)
    task = dataclasses.replace(TASK, id=f"task-{group}", query=query, gold=gold, tags={"source": source})
    return dataclasses.replace(made, task=task, turns=(dataclasses.replace(made.turns[0], text=text, calls=(call,)),))


@pytest.fixture
def run(tmp_path):
    """A run of three PPO updates: in each, the samples of one of its two tasks got the same, those of the other did not."""
    config = parse(Config, {"tasks": {"train": [SOURCE], "test": [SOURCE]}}, "x.yaml")
    folder = RunFolder.open(config, "made", tmp_path)
    figures = {"sft": {"seconds": 60.0, "tokens": 1e3}, "ppo": {"seconds": 120.0, "tokens": 1e3}}
    folder.write_state(RunState(stage=5, figures=figures, finished=True))
    EpisodeStore(folder.path / "episodes", "demonstrations").add(
        [answered(n, 0, f"shown {n}", "all_right", 1.0, source="other" if n > 30 else "test") for n in range(40)]
    )
    store, lines = EpisodeStore(folder.path / "episodes", "ppo"), []
    for update in (1, 2, 3):
        equal, differing = 2 * update, 2 * update + 1
        store.add([answered(equal, n, f"equal in {update}", "content", -0.25) for n in range(2)])
        ladder = (("all_right", 1.0), ("wrong_tool", -1.5))
        store.add([answered(differing, n, f"<script>differs in {update}", *ladder[n]) for n in range(2)])
        shares = {f"category/c{n}": (10 - n) / 55 for n in range(10)}
        figures = {"reward/mean": update / 10, "kl": 0.01, "episodes": 4.0, "reward/min": -1.5, "reward/max": 1.0, **shares}
        lines.append({"stage": "ppo", "step": update, "attempt": 0, "time": 0.0, **figures, "groups": [equal, differing]})
    lines += [{"stage": "sft", "step": n, "attempt": 0, "time": 0.0, "loss": 1 / n, "lr": 1e-4} for n in range(1, 6)]
    (folder.path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for label, category in (("base", "format_error"), ("sft", "wrong_tool"), ("ppo", "all_right")):
        played = [answered(n, 0, f"{label} <i>says</i>", category if n == 3 else "content", 0.0) for n in range(5)]
        right = dataclasses.replace(played[3], turns=(dataclasses.replace(played[3].turns[0], calls=_gold_call(label)),))
        results.write(folder.path / "eval" / f"{label}.json", [*played[:3], right, played[4]])
    return folder.path


def _gold_call(label):
    value = "gold value" if label == "ppo" else "another"
    return (Call(Span(2, 3), ToolCall("f", {"a": value}), "", Feedback.OK, Verdict("content", 0.0)),)


def test_a_goal_that_is_not_known_in_one_evaluation_is_left_empty_there(run):
    """An environment of gymnasium's alone knows none of what was cut."""
    reached = dataclasses.replace(answered(0, 0, "x", "all_right", 1.0), goal_reached=True)
    results.write(run / "eval" / "sft.json", [reached])
    assert results.table(RunFolder(run)).rows["test: goal reached %"] == ["", "100.0", ""]


def test_a_page_needs_nothing_but_itself(run):
    written = page.write(run)
    assert written == run / "report.html"
    markup = parsed(written.read_text())
    assert markup.fetched == []
    assert "made-1" in markup.texts and "finished, after 3.0 minutes of work" in "".join(markup.texts)


def test_what_models_and_tasks_say_is_text(run):
    markup = parsed(page.write(run).read_text())  # which knows no tag <script>
    said = "".join(markup.texts)
    assert "<script>differs in 1" in said and "What is <b>it</b>?" in said and "base <i>says</i>" in said


def test_calls_stand_there_with_arguments_observation_and_verdict(run):
    said = re.sub(r"\s+", " ", "".join(parsed(page.write(run).read_text()).texts))
    assert 'f({"a": "<script>differs in 3"}) wrong_tool -1.5 feedback: ok seen: <script>differs in 3' in said
    assert 'f({"a": "gold value"})' in said


def test_of_an_update_the_tasks_whose_samples_differ_come_first(run):
    read = page.read(run, episodes=6)
    updates = {played.when: [[e.group for e in group] for group in played.groups] for played in read.played[1:]}
    assert updates == {f"PPO update {n}: 1 of 2 tasks": [[2 * n + 1] * 2] for n in (1, 2, 3)}
    both = page.read(run, episodes=12).played[1:]
    assert [[group[0].group for group in played.groups] for played in both] == [[2 * n + 1, 2 * n] for n in (1, 2, 3)]
    assert page.read(run, episodes=0).played[1:] == []


def test_of_many_updates_some_are_shown_from_the_first_to_the_last():
    assert page._spread(range(1, 101), 6) == [1, 21, 41, 60, 80, 100]
    assert page._spread([1, 2], 6) == [1, 2]


def test_demonstrations_of_every_source_are_shown(run):
    shown = page.read(run, episodes=0).played[0]
    assert shown.when == "demonstrations: 12 of 40"
    assert sorted(group[0].task.tags["source"] for group in shown.groups) == ["other"] * 6 + ["test"] * 6


def test_test_tasks_whose_answers_changed_come_first_with_all_their_answers(run):
    read = page.read(run, episodes=0)
    assert read.results.columns == ["base", "sft", "ppo"] and read.asked_of == 5
    first = read.asked[0]
    assert first.task == "task-3" and first.query == "What is <b>it</b>?"
    assert [answer.agrees["content"] for answer in first.answers] == [False, False, True]
    assert read.results.rows["test: TS / PI / CF %"][2].endswith("/ 20.0")


def test_a_run_that_has_only_begun_has_a_page(tmp_path):
    config = parse(Config, {"tasks": {"train": [SOURCE], "test": [SOURCE]}}, "x.yaml")
    folder = RunFolder.open(config, "begun", tmp_path)
    said = " ".join(parsed(page.write(folder.path).read_text()).texts)
    assert "begun; in stage 1 of 5 (evaluate)" in said and "Curves" not in said


def test_curves_are_drawn_of_the_figures_that_are_there():
    assert curves.draw("ppo", []) is None
    assert curves.draw("sft", [{"step": 1, "unknown": 1.0}]) is None
    drawn = curves.draw("sft", [{"step": n, "loss": 1.0} for n in range(3)])
    assert drawn.startswith("<svg") and "loss" in drawn and "learning rate" not in drawn
    assert curves.draw("sft", [{"step": n, "loss": 1.0} for n in range(3)]) == drawn


def test_long_lines_are_drawn_by_points_that_can_be_seen():
    assert curves._merged([1.0, 2.0, 3.0]) == [1.0, 2.0, 3.0]
    merged = curves._merged([float(n) for n in range(5000)])
    assert len(merged) == 500 and merged[:2] == [4.5, 14.5]
    assert curves._merged([float("nan")] * 9 + [7.0] + [1.0] * 4990)[:2] == [7.0, 1.0]
    few, many = (curves.draw("ppo", [{"step": n, "category/all_right": 1.0} for n in range(count)]) for count in (400, 4000))
    assert len(many) < 2 * len(few)


def test_one_step_can_be_seen_and_what_is_right_stands_on_the_axis():
    lines = [{"step": 1, "category/wrong_tool": 0.9, "category/all_right": 0.1}]
    assert list(curves._series(curves.PANELS["ppo"][1], lines)) == ["all_right", "wrong_tool"]
    crowd = [{"step": 1, "category/all_right": 0.01} | {f"category/c{n}": 0.1 for n in range(9)}]
    assert next(iter(curves._series(curves.PANELS["ppo"][1], crowd))) == "all_right"
    assert len(curves.draw("ppo", lines)) > 1000


def test_evaluations_inside_a_stage_are_curves_with_ids_of_their_own():
    lines = [{"step": n, "few/CF": 10.0 * n, "mine/ts": 5.0, "mine/samples": 9.0, "count/lost_workers": 1.0} for n in (2, 4)]
    drawn = curves.draw_evaluations("sft", lines)
    assert 'aria-label="evaluations in sft, by step"' in drawn
    assert "few" in drawn and "mine" in drawn and "samples" not in drawn and "lost_workers" not in drawn
    ids = [set(re.findall(r'id="([^"]*)"', markup)) for markup in (drawn, curves.draw("sft", [{"step": n, "loss": 1.0} for n in range(3)]))]
    assert ids[0] and not ids[0] & ids[1]
    assert curves.draw_evaluations("sft", [{"step": 1, "count/void": 1.0}]) is None


def test_the_small_members_of_a_family_are_drawn_as_one():
    lines = [{"step": n, "category/turn_1/x": 1.0} | {f"category/c{m}": float(m) for m in range(10) if m != n} for n in range(2)]
    panel = next(panel for panel in curves.PANELS["ppo"] if "category/" in panel.figures.values())
    series = curves._series(panel, lines)
    assert list(series) == ["c9", "c8", "c7", "c6", "c5", "c4", "c3", "others"]
    assert [sum(values) for values in zip(*series.values(), strict=True)] == [45.0, 44.0]


def test_what_is_no_run_is_told(tmp_path, capsys):
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(f"error: {tmp_path}: there is no run; the folder of one is expected, with a run_state.json")


def test_a_place_that_cannot_be_written_is_told(run, capsys):
    assert main([str(run), "--out", str(run / "nowhere" / "x.html")]) == 2
    assert "No such file or directory" in capsys.readouterr().err


def test_a_report_is_written_where_it_is_wanted(run, tmp_path, capsys):
    assert main([str(run), "--out", str(tmp_path / "x.html"), "--episodes", "4"]) == 0
    assert f"report: {tmp_path / 'x.html'}" in capsys.readouterr().out
    assert main([str(run), "--episodes", "-1"]) == 2


def test_of_a_task_with_many_samples_the_worst_and_the_best_are_shown():
    group = [answered(0, n, "", "content", reward) for n, reward in enumerate([3.0, -1.0, 2.0, 5.0, 0.0, 4.0])]
    assert [e.sample for e in page._worst_and_best(group, 4)] == [1, 3, 4, 5]
    assert [e.sample for e in page._worst_and_best(group, 3)] == [1, 3, 5]
    assert page._worst_and_best(group, 6) == page._worst_and_best(group, 9) == group
    assert page._worst_and_best(group, 0) == []


def test_half_a_character_and_a_formula_do_not_end_a_report(run):
    EpisodeStore(run / "episodes", "ppo").add([answered(9, 0, "\ud83d", "$^$", 1.0)])
    update = {"stage": "ppo", "step": 4, "attempt": 0, "time": 0.0, "category/$^$": 1.0, "groups": [9]}
    with (run / "metrics.jsonl").open("a") as lines:
        lines.write(json.dumps(update) + "\n")
    assert "$^$" in page.write(run).read_text()


def test_a_line_that_is_being_written_is_not_read(run):
    with (run / "metrics.jsonl").open("a") as lines:
        lines.write('{"stage": "ppo", "st')
    assert "PPO update 3" in page.write(run).read_text()


@pytest.mark.parametrize(("attempt", "says"), [(0, "begun;"), (1, "begun and gone on with once;"), (3, "begun and gone on with 3 times;")])
def test_a_run_that_was_gone_on_with_says_so(run, attempt, says):
    RunFolder(run).write_state(RunState(stage=5, attempt=attempt))
    assert says in page.read(run, 0).standing


def test_verdicts_have_the_colours_of_their_rewards(run):
    written = page.write(run).read_text()
    for colour, verdict in (("good", "all_right +1"), ("bad", "wrong_tool -1.5"), ("plain", "content +0")):
        assert f'<b class="{colour}">{verdict}</b>' in written


def test_evaluations_of_older_runs_have_no_rewards(run):
    for path in (run / "eval").glob("*.json"):
        content = json.loads(path.read_text())
        kept = [{name: value for name, value in result.items() if name not in ("rewards", "query")} for result in content["results"]]
        path.write_text(json.dumps({**content, "results": kept}))
    assert '<b class="plain">content</b>' in page.write(run).read_text()


def test_a_file_that_was_merged_meanwhile_is_told(run, monkeypatch):
    monkeypatch.setattr(page, "_files", lambda *_: [run / "episodes" / "ppo-000099.arrow"])
    with pytest.raises(UserError, match="is gone, since the run goes on meanwhile; ask again"):
        page.write(run)
