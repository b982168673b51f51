"""What an observation reports, over the ways in which tools word it; and which tokens of an episode survive."""

import dataclasses
import importlib
import json
import time

import pytest
import torch
from transformers import AttentionInterface, AutoModelForCausalLM

from raytool.learner.attention import NAME, tree_attention
from raytool.learner.losses import nll_sum
from raytool.learner.model import Policy
from raytool.learner.packing import pack
from raytool.methods.adverse_effects import classify, erroneous, surviving
from raytool.records import Episode, Feedback, ToolCall
from tests import episodes
from tests.unit.builders import episode

# TL-Training's table 14, and what merely contains the word.
EXAMPLES = {
    Feedback.TOOL_HALLUCINATION: ["name google_search is not defined", "unknown tool"],
    Feedback.PARAMETER_HALLUCINATION: ["f() got an unexpected keyword argument 'sortBy'"],
    Feedback.PARAMETER_MISSING: ["forecast() missing 1 required positional argument: aqi"],
    Feedback.TOOL_CALL_FAILURE: [
        '{"error": "Response error."}',
        "'<=' not supported between instances of 'str' and 'int'",
        "Object of type bytes is not JSON serializable",
    ],
    Feedback.TOOL_INSTABILITY: [
        "HTTPSConnectionPool(host=..): Max retries exceeded",
        "400 Client Error: Bad Request",
        "Invalid API call",
    ],
    Feedback.OTHER: ['{"error": "Recently completed scan for ... not found"}'],
    Feedback.OK: ["There were no errors.", "the terror threat level"],
}

OBSERVATIONS = {
    Feedback.FORMAT_ERROR: [
        "Could not parse LLM output: `I will look this up`",
        "Error: tool call arguments are not valid JSON",
        '{"error": "Failed to parse tool call: expected an object"}',
        "Invalid format: a line 'Action Input:' was expected after 'Action:'",
    ],
    Feedback.TOOL_HALLUCINATION: [
        "name 'find_hotels' is not defined",
        "NameError: name 'find_hotels' is not defined. Did you mean: 'find_hotel'?",
        "Unknown tool: find_hotels",
        "Error: unknown function 'find_hotels'",
        "Tool 'find_hotels' not found. Available tools: find_hotel, book_hotel",
        "Tool find_hotels does not exist.",
        "The function `find_hotels` is not available",
        "find_hotels is not a valid tool, try one of [find_hotel].",
        "There is no tool named find_hotels",
        '{"error": "No such tool: find_hotels"}',
        '{"jsonrpc": "2.0", "id": 4, "error": {"code": -32601, "message": "Method not found"}}',
        '{"isError": true, "content": [{"type": "text", "text": "Unknown tool: find_hotels"}]}',
        "Unknown action cancel_everything",
    ],
    Feedback.PARAMETER_HALLUCINATION: [
        "TypeError: find_hotel() got an unexpected keyword argument 'stars'",
        "Hotels.find() got an unexpected keyword argument 'stars'. Did you mean 'star'?",
        "find_hotel() takes 2 positional arguments but 3 were given",
        '{"error": "Unexpected parameter: stars"}',
        "Error: Unknown argument 'stars' for find_hotel",
        "Parameter 'stars' is not recognized",
        "Additional properties are not allowed ('stars' was unexpected)",
        "1 validation error for FindHotel\nstars\n  Extra inputs are not permitted [type=extra_forbidden, input_value=4, input_type=int]",
    ],
    Feedback.PARAMETER_MISSING: [
        "find_hotel() missing 2 required positional arguments: 'city' and 'day'",
        "Hotels.find() missing 1 required keyword-only argument: 'city'",
        "Missing required parameter: city",
        "Error: missing argument 'city'",
        "Required parameter 'city' is missing",
        '{"status": 400, "message": "The parameter city is required"}',
        "'city' is a required property",
        "1 validation error for FindHotel\ncity\n  Field required [type=missing, input_value={}, input_type=dict]",
        '{"detail": [{"loc": ["query", "city"], "msg": "field required", "type": "value_error.missing"}]}',
        '{"success": false, "message": "city is required"}',
    ],
    Feedback.TOOL_CALL_FAILURE: [
        'Traceback (most recent call last):\n  File "tool.py", line 3, in find\n    rows[0]\nIndexError: list index out of range',
        'rows: 12\nTraceback (most recent call last):\n  File "<stdin>", line 2, in <module>\nZeroDivisionError: division by zero\n',
        "unsupported operand type(s) for +: 'int' and 'str'",
        "invalid literal for int() with base 10: 'four'",
        "could not convert string to float: 'a lot'",
        "list index out of range",
        "string indices must be integers, not 'str'",
        "'NoneType' object is not subscriptable",
        "'list' object has no attribute 'keys'",
        "cannot access local variable 'zone' where it is not associated with a value",
        "Expecting value: line 1 column 1 (char 0)",
        "[Errno 2] No such file or directory: 'notes.txt'",
        "KeyError: 'temperature'",
        "ValueError('time out of bounds')",
        "bash: line 1: frobnicate: command not found",
        "cat: notes.txt: No such file or directory",
        "time data '3 May' does not match format '%Y-%m-%d'",
        "ToolException: Something went wrong",
        "Command failed with exit code 2",
        "Command '['make', 'all']' returned non-zero exit status 2.",
        "[exit code: 127]\nmake: not there",
        '{"exit_code": 1, "stdout": "", "stderr": "no space left on device"}',
        '{"error": "an unexpected error occurred"}',
        '{"status": "error", "message": "division by zero"}',
        "Parameter type error: \"size\", expected one of ['S', 'L'], but got \"huge\".",
        "1 validation error for FindHotel\nnights\n  Input should be a valid integer [type=int_parsing]",
        "'huge' is not one of ['S', 'L']",
        "find_hotel() $.nights: 2.5 is not of type 'integer'",
        "find_hotel() $.cities[1]: ['Oslo'] is not of type 'string'",
        "{'error': \"TypeError: unhashable type: 'list'\"}",
        '[{"name": "Find Hotel", "results": {"error": "list index out of range"}}]',
    ],
    Feedback.TOOL_INSTABILITY: [
        "HTTPConnectionPool(host='10.0.0.7', port=80): Read timed out. (read timeout=5)",
        "('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
        "<urlopen error [Errno -2] Name or service not known>",
        "404 Client Error: Not Found for url: https://hotels.example/v1/find",
        "503 Server Error: Service Unavailable for url: https://hotels.example/v1/find",
        "HTTP Error 429: Too Many Requests",
        "HTTP/1.1 502 Bad Gateway",
        "Error 500: the database is gone",
        "Request failed with status code 403",
        "Status Code: 500. Response: {}",
        '{"status_code": 503, "body": ""}',
        '{"statusCode": 404, "message": "Hotel endpoint gone", "error": "Not Found"}',
        '{"error": {"code": 429, "message": "Rate limit exceeded, try again in 20 s"}}',
        '{"message": "You are not subscribed to this API."}',
        '{"error": "", "response": "{\'message\': \'You have exceeded the DAILY quota for Requests on your current plan\'}"}',
        '{"message": "Too many requests"}',
        '{"detail": "Invalid API key"}',
        "<html>\n<head><title>502 Bad Gateway</title></head>\n<body><center>nginx</center></body></html>",
        "Error: connect ECONNREFUSED 127.0.0.1:443 - Connection refused",
        "The request timed out.",
        "Service temporarily unavailable",
        '{"Error Message": "Invalid API call. Please retry or visit the documentation."}',
        "requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='x', port=443): Read timed out.",
        '{"status": "fail", "message": "API rate limit reached"}',
    ],
    Feedback.OTHER: [
        "Error: no booking of that number",
        "Error: user not found",
        "User not found",
        '{"detail": "Not found."}',
        '{"status": {"status": "error", "message": "seat 4F is taken"}}',
        "Error: gone",
        "The requested page was not found.",
        "An error occurred while the report was written",
        "Failed to send message: the mailbox is full",
        "Sorry, I could not find a hotel of that name.",
        '{"success": false, "message": "the seat is taken"}',
        '{"ok": false, "error": "channel_not_found"}',
        '{"Response": "False", "Error": "Movie not found!"}',
        '{"status": "error"}',
        '{"status": "fail", "data": {"seat": "is taken"}}',
        '{"success": false, "data": {"seat": "is taken"}}',
        '{"error": true, "message": "the seat is taken"}',
        '{"errors": [{"title": "seat", "detail": "is taken"}]}',
        '{"errors": {"league": "the plan gives no access to it"}, "results": 0, "response": []}',
        '{"error": "seat 4F is taken"}',
        "{'error': 'seat 4F is taken'}",
        '[{"error": "seat 4F is taken"}]',
        '[{"name": "Book Seat", "results": {"error": "seat 4F is taken"}}]',
        '{"isError": true, "content": [{"type": "text", "text": "seat 4F is taken"}]}',
        "<error>seat 4F is taken</error>",
        '"Error: seat 4F is taken"',
    ],
    Feedback.OK: [
        "",
        "null",
        "[]",
        "{}",
        "false",
        "404",
        "'done'",
        "No results found.",
        "No errors found",
        "0 errors, 2 warnings",
        "Errors: 0",
        "Error: none",
        "Failed: 0, passed: 31",
        "Compiled with 3 warnings and without an error.",
        "Error-free since March.",
        "Margin of error: 3 %",
        "Error bars show the standard error of the mean.",
        "Human error was the cause of the accident, investigators say.",
        "Errors are how a language model learns: how to read a traceback, and what 'name x is not defined' means.",
        "In this article we explain the 404 Not Found error, why a connection times out, and what to do about it.",
        "Failure is not an option (2000), a book about mission control.",
        "Terrorism experts warn of an increased threat.",
        "Comedy of Errors, by W. Shakespeare: exceptional reviews",
        "Not defined in the glossary, but used twice: aerosol, albedo.",
        "The exception proves the rule, he said, and failed to smile.",
        "Timeout (2023), a thriller of 97 minutes",
        "Unauthorized biographies of three presidents",
        "500 Days of Summer (2009)",
        "name: 'Anna', status: 'not defined as a user'",
        '{"error": null, "temperature": 21}',
        '{"error": "", "response": "21 degrees"}',
        '{"error": false, "temperature": 21}',
        '{"error": 0, "message": "OK"}',
        '{"errors": [], "results": 0, "response": []}',
        '{"errors": 0, "warnings": 4}',
        '{"error": "None", "data": [1, 2]}',
        '{"mean": 4.2, "error": 0.3}',
        '{"status": "success", "message": "no errors"}',
        '{"status": 200, "message": "OK"}',
        '{"status_code": 200, "data": {"title": "What a 500 error is"}}',
        '{"status": {"error_code": 0, "error_message": null, "elapsed": 3}, "data": [{"id": 1}]}',
        '{"articles": [{"title": "Server error grounds flights"}, {"title": "Error: the film"}]}',
        '{"results": [{"title": "TypeError: list index out of range", "url": "https://forum.example/7"}]}',
        '{"errors": [{"path": "hotel.pool"}], "data": {"hotel": {"name": "Ritz"}}}',
        '{"job": 7, "status": "failed", "started": "9:00"}',
        '{"flight": "CRS-7", "success": false, "year": 2015}',
        '{"code": 504, "country": "Honduras"}',
        '{"name": "nightly", "status": "failed", "output": "3 of 40 tests"}',
        '[{"name": "a", "status": "error"}, {"name": "b", "status": "success"}]',
        '{"isError": false, "content": [{"type": "text", "text": "21 degrees"}]}',
        '[{"name": "Find Hotel", "results": {"hotels": [], "message": "no hotel is free"}}]',
        '[{"error": "seat 4F is taken"}, {"seat": "4G"}]',
        '"ja"',
        'Status Code: 200. Response: {"errors": 3}',
        "<html><head><title>Errors in print</title></head><body>...</body></html>",
        "How to read one:\n\nTraceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'a'\n\n"
        + "It says which key was missing. " * 12,
        "Everything worked; see error.log for what used to fail.",
        "1;2;3\n4;5;6",
        '{"exit_code": 1, "stdout": "", "stderr": ""}',
        '{"exit_code": 0, "stdout": "built", "stderr": "warning: unused variable"}',
        '{"exit_code": "0", "stdout": "built", "stderr": "warning: unused variable"}',
        '{"exit_code": null, "stdout": "built", "stderr": "warning: unused variable"}',
        '{"mean": "4.2", "error": "0.3"}',
        '{"status": {"status": "ok", "message": "seat 4F is yours"}}',
        "Return 3 books by Friday",
    ],
}

CASES = [(text, feedback) for table in (EXAMPLES, OBSERVATIONS) for feedback, texts in table.items() for text in texts]


@pytest.mark.parametrize(("text", "feedback"), CASES)
def test_an_observation_is_what_it_reports(text, feedback):
    found = classify(text)
    assert found.feedback is feedback, found.reason


@pytest.mark.parametrize("wrapped", [lambda t: f"  {t}\n", json.dumps, lambda t: json.dumps([{"name": "f", "results": t}])])
def test_a_wrapper_changes_nothing(wrapped):
    wrong = {text: found for text, feedback in CASES if (found := classify(wrapped(text))).feedback is not feedback}
    assert not wrong


@pytest.mark.parametrize("announced", ["Error: {}", "An error occurred: {}", '{{"error": {}}}', "Error executing tool find_hotel: {}"])
def test_what_is_announced_as_an_error_keeps_its_category(announced):
    """A report that names its cause does so behind "Error:" too."""
    plain = [(text, feedback) for text, feedback in CASES if feedback is not Feedback.OK and text[0] not in '{["<' and "\n" not in text]
    shown = {text: announced.format(json.dumps(text) if announced.startswith("{") else text) for text, _ in plain}
    wrong = {shown[text]: found for text, feedback in plain if (found := classify(shown[text])).feedback is not feedback}
    assert not wrong


@pytest.mark.parametrize(
    "mistake",
    [
        *(
            'int("four")',
            "1 / 0",
            "[][0]",
            '"a" + 1',
            "1 < None",
            "None[0]",
            "None.name",
            "len(3)",
            "max([])",
            "{[]: 1}",
            "(3)()",
            "chr(-1)",
        ),
        *('"abc".split(3)', "[1].append()", "sorted([1, 'a'])", 'json.loads("")', "json.dumps(b'')", "math.sqrt(-1)", '"%d" % "a"'),
        *("datetime.date(2024, 2, 30)", 'datetime.datetime.strptime("x", "%Y")', 'open("/nowhere/x")', "a, b = [1]", 'eval("1 +")'),
        *("(lambda a: 1)()", "(lambda a: 1)(1, 2)", "(lambda a: 1)(b=1)", "(lambda a: 1)(1, a=2)", "find_hotels()", 'b"\\xff".decode()'),
        *('subprocess.run(["false"], check=True)', 'sqlite3.connect(":memory:").execute("select * from t")', "random.choice([])"),
    ],
)
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_the_interpreter_s_own_messages_are_reports(mistake):
    """As tools give them on: the message alone, as RoTBench's do, with the exception's name, and as an error member."""
    with pytest.raises(Exception) as raised:
        exec(mistake, {name: importlib.import_module(name) for name in ("datetime", "json", "math", "random", "sqlite3", "subprocess")})
    message = str(raised.value)
    forms = (message, f"{type(raised.value).__name__}: {message}", f"Error: {message}", json.dumps({"error": message}))
    kinds = {classify(form).feedback for form in forms}
    assert len(kinds) == 1 and not kinds & {Feedback.OK, Feedback.OTHER}


def test_there_are_enough_of_them():
    assert len(CASES) > 150


def test_the_call_settles_what_the_text_leaves_open():
    text = "name 'np' is not defined"
    assert classify(text, ToolCall("np")).feedback is Feedback.TOOL_HALLUCINATION
    assert classify(text, ToolCall("python", {"code": "np.mean(x)"})).feedback is Feedback.TOOL_CALL_FAILURE
    assert classify("'xx'", ToolCall("translate", {"to": "xx"})).feedback is Feedback.TOOL_CALL_FAILURE
    assert classify("'xx'", ToolCall("python", {"code": "'x' * 2"})).feedback is Feedback.OK


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 5_000,
        "Error" * 100_000,
        "a " * 500_000,
        "(" * 50_000,
        '{"error": ' + "9" * 4_000 + "}",
        json.dumps([{"error": "a.b" * 1_000}] * 50),
        "Traceback (most recent call last):\n" + "anError" * 20_000,
        "required parameter " + "a, " * 300,
    ],
)
def test_any_text_is_read_in_bounded_time(text):
    began = time.process_time()
    assert classify(text).feedback in (Feedback.OK, Feedback.OTHER)
    assert time.process_time() - began < 5


OK, BAD = (ToolCall("f"), Feedback.OK), (ToolCall("g"), Feedback.OTHER)


def test_an_erroneous_turn_carries_no_loss_and_stays():
    played = episode([OK, BAD, OK])
    assert surviving(played) == (0, 1, 0, 1)
    assert [erroneous(turn) for turn in played.turns] == [False, True, False]
    assert len(played.tokens) == 4


def test_a_turn_with_one_failed_call_goes_as_a_whole():
    played = episode([OK, OK, OK])
    first, second, third = played.turns
    failed = dataclasses.replace(second.calls[0], feedback=Feedback.PARAMETER_MISSING)
    both = dataclasses.replace(second, calls=(second.calls[0], failed))
    assert surviving(dataclasses.replace(played, turns=(first, both, third))) == (0, 1, 0, 1)


def test_what_carried_no_loss_still_carries_none():
    assert surviving(episode([OK, OK], loss_mask=(0, 0, 1))) == (0, 0, 1)


# ---- one copy of a trajectory, or a sample for each turn


def trajectories() -> list[Episode]:
    """Trajectories of one to five turns, some of them erroneous: the first, one in the middle, the last, none."""
    made = []
    for number, wrong in enumerate([{0}, {1, 2}, {4}, set(), {0, 2}]):
        random = torch.Generator().manual_seed(number)

        def tokens(count: int, random: torch.Generator = random) -> list[int]:
            return torch.randint(3, 64, (count,), generator=random).tolist()

        turns = [(tokens(3 + number), tokens(2 + turn)) for turn in range(5 if number else 2)]
        whole = episodes.episode(tokens(4), *turns, group=number)
        made.append(
            dataclasses.replace(
                whole,
                turns=tuple(
                    dataclasses.replace(turn, calls=(dataclasses.replace(turn.calls[0], feedback=Feedback.OTHER),)) if t in wrong else turn
                    for t, turn in enumerate(whole.turns)
                ),
            )
        )
    return made


def apart(whole: Episode) -> list[Episode]:
    """A sample for each surviving turn: the turn with all that stands ahead of it, erroneous turns included."""
    samples = []
    for turn in whole.turns:
        if not erroneous(turn):
            start, stop = turn.span.start, turn.span.stop
            cut = {name: getattr(whole, name)[:stop] for name in ("tokens", "logprobs", "versions")}
            samples.append(dataclasses.replace(whole, loss_mask=(0,) * start + (1,) * (stop - start), **cut))
    return samples


def weights(whole: Episode) -> list[float]:
    """Some weight of every token, for one that depends on nothing but where it stands in its trajectory."""
    return [1 + (place * 7 % 11) / 4 for place in range(len(whole.tokens))]


def loss_and_gradient(model, samples, weighed):
    """As `sft_step` computes them: the weighted mean of the NLL over the tokens of all samples, packed, a pass for each microbatch."""
    every = [torch.tensor([w for w, m in zip(given, s.loss_mask, strict=True) if m]) for s, given in zip(samples, weighed, strict=True)]
    weight = torch.cat(every)
    policy, loss = Policy(model, torch.float32), 0.0
    model.zero_grad()
    microbatches = pack([[sample] for sample in samples], 4096)
    for microbatch in microbatches:
        part = nll_sum(policy(microbatch).logprobs, weight[torch.from_numpy(microbatch.index)]) / weight.sum()
        part.backward()
        loss += float(part.detach())
    return loss, {name: p.grad.clone() for name, p in model.named_parameters()}, microbatches


@pytest.mark.parametrize("one", [True, False])
def test_one_masked_pass_gives_loss_and_gradient_of_a_sample_for_each_turn(tiny_model, one):
    """The original makes a sample of every surviving turn; the same in fp32 comes of one pass with a mask."""
    AttentionInterface.register(NAME, tree_attention)
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32, attn_implementation=NAME)
    wholes = trajectories()[1:2] if one else trajectories()
    masked = [[w * s for w, s in zip(weights(whole), surviving(whole), strict=True)] for whole in wholes]
    loss, gradient, passes = loss_and_gradient(model, wholes, masked)
    samples = [(sample, weights(whole)[: len(sample.tokens)]) for whole in wholes for sample in apart(whole)]
    expected, gradients, _ = loss_and_gradient(model, *zip(*samples, strict=True))
    assert len(passes) == 1
    assert sum(len(m.tokens) for m in passes) < sum(len(sample.tokens) for sample, _ in samples)
    assert loss == pytest.approx(expected, rel=1e-6)
    for name, found in gradient.items():
        torch.testing.assert_close(found, gradients[name], atol=1e-6, rtol=1e-5)
    unmasked, _, _ = loss_and_gradient(model, wholes, [weights(whole) for whole in wholes])
    assert abs(unmasked - loss) > 0.01
