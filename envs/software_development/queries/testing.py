"""Requests about test runs, on main and on branches that nothing else changes."""

from __future__ import annotations

from typing import Any

from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer
from envs.software_development.queries.desk import SoftwareDesk
from envs.software_development.world import MAIN

OUTCOMES = {"newly_failing": "fail anew", "fixed": "are fixed", "failing_in_both": "fail in both"}


def outcome(desk: SoftwareDesk, compared: dict[str, Any]) -> tuple[int, str]:
    """A count of compared runs, rather one above zero, and the words for it."""
    key = desk.pick([key for key in OUTCOMES if compared[key]] or list(OUTCOMES))
    return compared[key], OUTCOMES[key]


def tested(desk: SoftwareDesk) -> str:
    return desk.pick([MAIN, *desk.quiet, *desk.quiet])


@recipe("run_tests")
def run_all(desk: SoftwareDesk) -> Request:
    branch = tested(desk)
    key, verb = desk.pick((("failed", "fail"), ("passed", "pass")))
    count = desk.call("run_tests", branch=branch)[key]
    frames = (
        "Run all tests on {branch}. How many {verb}?",
        "Please test {branch} and tell me how many tests {verb}.",
        "How many tests {verb} if you run everything on {branch}?",
        "test run on {branch}, number that {verb}?",
        "Before I go on I want a full test run of {branch}. Report how many tests {verb}.",
        "Is {branch} in good shape? Start all its tests and count those that {verb}.",
    )
    return Request(desk.say(frames, branch=branch, verb=verb), f"{count} tests {verb}.", number_answer(count))


@recipe("run_tests")
def run_suite(desk: SoftwareDesk) -> Request:
    branch, suite = tested(desk), desk.pick(sorted({check.suite for check in desk.world.checks}))
    result = desk.call("run_tests", branch=branch, suite=suite)
    if result["failures"] and desk.chance():
        name = result["failures"][0]["test"]
        frames = (
            "Run the {suite} tests on {branch} and name the first one that fails.",
            "Which is the first failing test when the {suite} suite runs on {branch}?",
            "{suite} tests, {branch}: first failure?",
            "Please start the {suite} suite on {branch}. I only need the name of the test that fails first.",
        )
        return Request(desk.say(frames, suite=suite, branch=branch), f"The first one is {name}.", (name,))
    frames = (
        "Run only the {suite} tests on {branch} and tell me how many pass.",
        "How many {suite} tests pass on {branch}? Please run them.",
        "{suite} suite on {branch}, number of passes?",
        "I have no time for the whole test run: just the {suite} suite on {branch}. How many are green?",
    )
    return Request(desk.say(frames, suite=suite, branch=branch), f"{result['passed']} pass.", number_answer(result["passed"]))


@recipe("run_tests")
def run_some(desk: SoftwareDesk) -> Request:
    branch, name = tested(desk), desk.pick(desk.world.checks).name
    failed = desk.call("run_tests", branch=branch, pattern=name)["failed"]
    outcome = "failed" if failed else "passed"
    frames = (
        "Run just {name} on {branch}. Has it passed or failed?",
        "Please run the single test {name} on {branch} and say whether it passed or failed.",
        "{name} on {branch}, only this test: passed or failed?",
        "I have worked on {branch} and care about one test, {name}. Run it: passed or failed?",
    )
    return Request(desk.say(frames, name=name, branch=branch), f"It has {outcome}.", (outcome,))


@recipe("compare_runs")
def count_differences(desk: SoftwareDesk) -> Request:
    first, second = sorted(desk.several(list(desk.world.runs), 2))
    count, what = outcome(desk, desk.call("compare_runs", first=first, second=second))
    frames = (
        "From run {first} to run {second}, how many tests {what}?",
        "Compare test run {first} with the later {second} and tell me how many tests {what}.",
        "{first} -> {second}: number of tests that {what}?",
        "Please look at the test runs {first} and then {second}. How many tests {what}?",
        "Somebody ran the tests as {first} and later as {second}. I would like to know how many tests {what}.",
        "Taking run {first} as the earlier one and {second} as the later one, count the tests that {what}.",
    )
    return Request(desk.say(frames, first=first, second=second, what=what), f"{count} tests {what}.", number_answer(count))


@recipe("compare_runs")
def count_in_suite(desk: SoftwareDesk) -> Request:
    first, second = sorted(desk.several(list(desk.world.runs), 2))
    suite = desk.pick(sorted({check.suite for check in desk.world.checks}))
    count, what = outcome(desk, desk.call("compare_runs", first=first, second=second, suite=suite))
    frames = (
        "Only for the {suite} tests: how many {what} from run {first} to run {second}?",
        "How many tests of the {suite} suite {what} between the earlier run {first} and the later run {second}?",
        "{suite} only, {first} -> {second}: how many {what}?",
        "Compare run {first} with the later run {second}, leaving out all but the {suite} suite. How many tests {what}?",
        "I am responsible for the {suite} suite. Please count which of its tests {what} when run {second} is set against the "
        "earlier {first}.",
        "What became of the {suite} tests after run {first}? Tell me how many {what} in run {second}.",
    )
    said = {"suite": suite, "what": what, "first": first, "second": second}
    return Request(desk.say(frames, **said), f"{count} {what}.", number_answer(count))


@recipe("run_tests", "compare_runs")
def compare_with_earlier(desk: SoftwareDesk) -> Request:
    branch, earlier = tested(desk), desk.pick(list(desk.world.runs))
    run = desk.call("run_tests", branch=branch)["run"]
    count = desk.call("compare_runs", first=earlier, second=run)["newly_failing"]
    frames = (
        "Run all tests on {branch} and compare that with the earlier run {run}. How many fail anew?",
        "Please test {branch} completely. Seen from the earlier run {run}, how many tests are newly failing?",
        "full run of {branch}, then compare {run} to it: how many new failures?",
        "Run {run} was some time ago. Test all of {branch} again and count the tests that fail now but did not then.",
    )
    return Request(desk.say(frames, branch=branch, run=earlier), f"{count} tests fail anew.", number_answer(count))


@recipe("run_tests", "run_tests")
def run_twice(desk: SoftwareDesk) -> Request:
    first, second = desk.several([MAIN, *desk.quiet], 2)
    total = sum(desk.call("run_tests", branch=branch)["failed"] for branch in (first, second))
    frames = (
        "Run all tests on {0} and all tests on {1}. How many fail in total?",
        "Please test both {0} and {1} completely and add up the failures.",
        "full test runs: {0}, {1}; sum of failed tests?",
        "I need one number, the failed tests of {0} plus those of {1}, from fresh and complete runs.",
    )
    return Request(desk.say(frames, first, second), f"In total {total} fail.", number_answer(total), lookups=2)


@recipe("run_tests", "run_tests", "compare_runs")
def compare_branches_by_tests(desk: SoftwareDesk) -> Request:
    branch = desk.pick(desk.quiet)
    before, after = (desk.call("run_tests", branch=name)["run"] for name in (MAIN, branch))
    count = desk.call("compare_runs", first=before, second=after)["newly_failing"]
    frames = (
        "Run all tests on main, then on {branch}, and compare the two runs. How many fail anew?",
        "First test main, next test {branch}, both completely; from the first run to the second, how many tests fail anew?",
        "full runs: main, then {branch}; compare: how many newly failing?",
        "Does {branch} break tests? Run everything on main, after that on {branch}, and count the new failures from run to run.",
    )
    return Request(desk.say(frames, branch=branch), f"{count} tests fail anew.", number_answer(count))
