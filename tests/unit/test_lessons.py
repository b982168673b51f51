"""What SFT learns of demonstrations: which turns carry loss, which tokens weigh more, and what becomes of those that teach nothing."""

import asyncio
import contextlib
import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from raytool.collecting import collect
from raytool.config import ModelConfig, SourceConfig
from raytool.config.rollout import RolloutConfig
from raytool.config.training import SFTConfig
from raytool.demonstrations import Lessons, Unit, no_longer_than, sft_batches, units_of
from raytool.dialects import make
from raytool.metrics import Timers
from raytool.pipeline import Run
from raytool.records import NO_POLICY, Feedback, GoldCall, ToolCall, UserError
from raytool.rollout.actor import RolloutActor, WorkerSettings
from raytool.rollout.chat import Chat
from raytool.rollout.in_process import CharacterTokenizer
from raytool.rollout.pool import RolloutPool
from raytool.sft import Rollbacks
from tests.episodes import episode
from tests.unit.builders import episode as calls_of
from tests.unit.builders import played, sequence, task, tool

GET, PUT = tool("get_user", "id"), tool("get_users")


def erring(of, *turns):
    """The episode with these turns' feedback made errors."""
    fail = [replace(call, feedback=Feedback.OTHER) for turn in of.turns for call in turn.calls]
    return replace(of, turns=tuple(replace(turn, calls=(fail[n],)) if n in turns else turn for n, turn in enumerate(of.turns)))


TWO = episode([5, 6], ([7, 8, 2], [9]), ([7, 2], []))
WEIGHTS = [0.0, 0.0, 4.0, 1.0, 1.0, 0.0, 2.0, 1.0]


@pytest.mark.parametrize(
    ("errors", "mask_errors", "left"),
    [
        ((), True, WEIGHTS),
        ((0,), False, WEIGHTS),
        ((0,), True, [0, 0, 0, 0, 0, 0, 2.0, 1.0]),
        ((1,), True, [0, 0, 4.0, 1.0, 1.0, 0, 0, 0]),
    ],
)
def test_erroneous_turns_weigh_nothing_and_stay(errors, mask_errors, left):
    demonstration = erring(TWO, *errors)
    lessons = Lessons.of([demonstration], [WEIGHTS], mask_errors)
    assert (lessons.demonstrations, lessons.weights, lessons.dropped) == ([demonstration], [left], 0)
    assert (lessons.masked_turns, lessons.turns) == (len(errors) * mask_errors, 2)


def test_what_is_longer_than_the_limit_is_left_out_and_counted():
    short, long = episode([5, 6], ([7, 2], [])), episode([5] * 20, ([7, 2], []))
    assert no_longer_than(None, [short, long]) == ([short, long], "demonstrations: 2, the longest of 22 tokens")
    assert no_longer_than(22, [short, long])[0] == [short, long]
    assert no_longer_than(5, [])[0] == [], "which is refused where lessons are made of it"
    kept, said = no_longer_than(21, [short, long])
    assert kept == [short]
    assert said == "demonstrations: 1, the longest of 4 tokens; 1 of up to 22 are longer than sft.max_tokens and left out"
    with pytest.raises(UserError, match="sft.max_tokens: 3 leaves out all of 2 demonstrations; the shortest has 4 tokens"):
        no_longer_than(3, [short, long])


def test_demonstrations_of_errors_alone_are_dropped_and_counted():
    shown = [erring(TWO, 0), erring(TWO, 0, 1), TWO]
    lessons = Lessons.of(shown, [WEIGHTS] * 3, mask_errors=True)
    assert lessons.demonstrations == [shown[0], shown[2]] and len(lessons.weights) == 2
    assert lessons.told() == "3 of 6 turns are errors and carry no loss (50.0%); 1 of 3 demonstrations hold nothing else and are left out"
    assert Lessons.of(shown, [WEIGHTS] * 3, mask_errors=False).demonstrations == shown


def test_nothing_left_to_learn_is_told():
    with pytest.raises(UserError, match="sft: nothing is left to learn of 1 demonstrations, 2 of whose 2 turns are errors"):
        Lessons.of([erring(TWO, 0, 1)], [WEIGHTS], mask_errors=True)


def places(phases, size, epochs, seed):
    """The demonstrations of each step, where none is part of a meta-task."""
    units = [Unit(phase, ((place,),)) for place, phase in enumerate(phases)]
    return ([place for (place,) in batch.units] for batch in sft_batches(units, size, 1, epochs, seed))


def test_every_epoch_shows_each_demonstration_once_in_an_order_of_its_own():
    steps = list(places([0] * 10, 4, 2, seed=0))
    assert [len(step) for step in steps] == [4, 4, 2] * 2
    first, second = [*itertools.chain(*steps[:3])], [*itertools.chain(*steps[3:])]
    assert sorted(first) == sorted(second) == list(range(10)) and first != second
    assert steps == list(places([0] * 10, 4, 2, seed=0)) != list(places([0] * 10, 4, 2, seed=1))
    assert first == np.random.default_rng([0, 0]).permutation(10).tolist()


def test_a_phase_ends_before_the_next_begins():
    phases = [1, 0, 1, 0, 3]
    steps = list(places(phases, 2, 2, seed=0))
    assert [[phases[i] for i in step] for step in steps] == [[0, 0]] * 2 + [[1, 1]] * 2 + [[3]] * 2
    assert sorted(itertools.chain(*steps)) == sorted([*range(5)] * 2)


def test_passes_without_a_number_have_no_end():
    steps = list(itertools.islice(places([0] * 10, 4, None, seed=0), 300))
    assert steps[:6] == list(places([0] * 10, 4, 2, seed=0))
    assert sorted(itertools.chain(*steps[-3:])) == list(range(10))


def of(source, **tags):
    return replace(TWO, task=replace(TWO.task, tags={"source": source, **tags}))


def test_demonstrations_of_a_meta_task_are_one_unit():
    shown = [of("a", meta_task="q"), of("b"), of("a", meta_task="r"), of("a", meta_task="q"), of("b", meta_task="q")]
    phases = {"a": 0, "b": 1}
    assert units_of(shown, phases, meta=True) == [
        Unit(0, ((0, 3),), True),
        Unit(1, ((1,),)),
        Unit(0, ((2,),), True),
        Unit(1, ((4,),), True),
    ]
    assert units_of(shown, phases, meta=False) == [Unit(phases[s.task.tags["source"]], ((n,),)) for n, s in enumerate(shown)]


def test_each_pass_shows_the_next_of_a_query_s_toolsets():
    shown = [of("a", meta_task=query, **{"pass": number}) for query, number in (("q", "0"), ("q", "1"), ("r", "0"), ("q", "2"))]
    units = units_of(shown, {"a": 0}, meta=False)
    assert units == [Unit(0, ((0,), (1,), (3,))), Unit(0, ((2,),))]
    assert [sorted(batch.units) for batch in sft_batches(units, 9, 1, 4, 0)] == [[(0,), (2,)], [(1,), (2,)], [(2,), (3,)], [(0,), (2,)]]


def test_each_pass_shows_a_meta_task_with_other_toolsets():
    shown = [of("a", meta_task="q", **{"pass": number}) for number in "0011"] + [of("a")]
    units = units_of(shown, {"a": 0}, meta=True)
    assert units == [Unit(0, ((0, 1), (2, 3)), True), Unit(0, ((4,),))]
    of_passes = itertools.groupby(sft_batches(units, 9, 1, 3, 0), lambda batch: batch.meta)
    assert [batch.units for met, batches in of_passes if met for batch in batches] == [[(0, 1)], [(2, 3)], [(0, 1)]]
    assert units_of(shown, {"a": 0}, meta=False) == [Unit(0, ((0,), (2,))), Unit(0, ((1,), (3,))), Unit(0, ((4,),))]
    assert units_of([shown[0], *shown[2:]], {"a": 0}, meta=False) == [Unit(0, ((0,), (1,))), Unit(0, ((2,),)), Unit(0, ((3,),))]


def test_meta_tasks_and_single_demonstrations_are_batched_apart():
    units = [Unit(0, ((n,),)) for n in range(7)] + [Unit(0, ((10 + n, 20 + n),), True) for n in range(5)]
    steps = list(sft_batches(units, 3, 2, 2, seed=0))
    assert sorted(len(step.units) for step in steps[:6]) == [1, 1, 2, 2, 3, 3] and len(steps) == 12
    assert all({len(unit) for unit in step.units} == {1 + step.meta} for step in steps)
    assert len({step.meta for step in steps[:3]}) == 2, "the two kinds alternate"
    for one_pass in (steps[:6], steps[6:]):
        assert sorted(unit for step in one_pass for unit in step.units) == sorted(version for unit in units for version in unit.versions)


def test_a_run_that_takes_nearly_everything_back_is_stopped():
    rollbacks = Rollbacks()
    for number in range(99):
        rollbacks.see({"queries": 2.0, "rolled_back": 2.0 * (number > 19)})
        rollbacks.see({"loss": 1.0})
        rollbacks.check()
    rollbacks.see({"queries": 2.0, "rolled_back": 2.0})
    rollbacks.check()  # 160 of 200
    for _ in range(10):
        rollbacks.see({"queries": 2.0, "rolled_back": 2.0})
    rollbacks.check()  # 180 of the last 200
    rollbacks.see({"queries": 2.0, "rolled_back": 2.0})
    with pytest.raises(UserError, match=r"sft\.meta\.commit: 'on_optimal' rolled back 182 of the last 200 queries"):
        rollbacks.check()


class Remote:
    """A rollout worker's method as Ray offers it, without Ray."""

    def __init__(self, method):
        self.remote = method


class Worker:
    def __init__(self, tmp_path, monkeypatch):
        monkeypatch.setattr("raytool.rollout.actor.take_output", lambda path: None)
        settings = WorkerSettings(ModelConfig(), RolloutConfig(), None, 0, "cpu", tmp_path, 1000)
        self._actor = RolloutActor(settings, 0)
        self._actor._chat = Chat(CharacterTokenizer(), make("python"))
        self.key_weights, self.idle_s = Remote(self._weigh), Remote(self._actor.idle_s)
        self.given = []

    async def _weigh(self, episodes, rule, cap):
        self.given.append(len(episodes))
        return await self._actor.key_weights(episodes, rule, cap)


@pytest.mark.parametrize("key_tokens", ["none", "paper", "code"])
def test_a_run_weighs_its_demonstrations_by_its_config(tmp_path, monkeypatch, key_tokens):
    """Through the pipeline, the pool and the worker; only Ray and vLLM are left out."""
    worker = Worker(tmp_path, monkeypatch)
    pool = RolloutPool(worker._actor._settings, None, 1, 0)
    pool._workers[0].actor, pool._workers[0].version = worker, NO_POLICY
    run, said = object.__new__(Run), []
    run._rollout, run._timers = pool, Timers("time")
    run._config = type("Config", (), {"sft": SFTConfig(key_tokens=key_tokens, mask_errors=True)})
    run._console = type("Console", (), {"say": staticmethod(said.append)})
    right, wrong = (played(task(GET, PUT), text) for text in ("get_user(id=1)", "get_usr(id=1)"))
    lessons = asyncio.run(run._lessons([*[right] * 300, wrong]))
    assert said[1:] == ["1 of 301 turns are errors and carry no loss (0.3%); 1 of 301 demonstrations hold nothing else and are left out"]
    assert lessons.demonstrations == [right] * 300
    assert worker.given == ([] if key_tokens == "none" else [256, 45])
    (turn,) = right.turns
    # Of the 14 characters of the call, its first and the bracket after the name are key; `code` leaves out the last and counts the end.
    weight = {"none": 1, "paper": 12 / 2, "code": 12 / 2}[key_tokens]
    assert lessons.weights[0][: turn.span.start] == [0] * turn.span.start
    assert lessons.weights[0][turn.span.start :] == [weight, *[1] * 7, weight, *[1] * 6]


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_gold_whose_call_fails_is_told_before_it_is_learnt(noise):
    """An error that was asked for is no failure of gold."""
    asked = [task(GET, gold=[sequence(GoldCall("get_user", {"id": n}))], id=f"t{n}") for n in range(2)]
    failing, said = Feedback.TOOL_CALL_FAILURE, []
    shown = [calls_of([(ToolCall("get_user", {"id": n}), (Feedback.OK, failing)[n])], of) for n, of in enumerate(asked)]

    async def demonstrate(wanted, advance):
        return shown

    console = SimpleNamespace(say=said.append, bar=lambda *given: contextlib.nullcontext(SimpleNamespace(advance=None)))
    source = SourceConfig(name="mine", source="mine.jsonl", noise=noise)
    assert asyncio.run(collect([source], [asked], 0, SimpleNamespace(demonstrate=demonstrate), console)) == shown
    told = "warning: the gold of 1 of 2 demonstrations has a call that fails, which SFT learns; task t1: tool_call_failure: "
    assert (said == [told]) is (noise == 0.0) and len(said) == 1
