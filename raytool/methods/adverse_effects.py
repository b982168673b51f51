"""Masking adverse effects (TL-Training, MAE): errors in demonstrations teach nothing.

A call is erroneous by its feedback, no gold needed. Our environments raise typed Feedback; of a transcript that others
recorded there is only the observation's text, and `classify` says what it reports.

    observation ── JSON? ── a sign of failure in its members ──┐
        └── text ── a report of failure by its beginning ──────┴── which rule of `reports` says what failed ── Feedback

A false alarm costs a target, an error that is overlooked is taught. What merely speaks of errors is ok: a sign counts where reports
of failure have it (an `error` member with something in it, the beginning of a text, a traceback that ends it), and nowhere else.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from raytool.methods import reports
from raytool.records import Episode, Feedback, ToolCall, Turn


def erroneous(turn: Turn) -> bool:
    """Whether any call of a turn has feedback that is not ok."""
    return any(call.feedback is not Feedback.OK for call in turn.calls)


def surviving(episode: Episode) -> tuple[int, ...]:
    """[T] the loss mask with 0 on every token of an erroneous turn; the episode keeps all its tokens, as context.

    The whole turn goes, not only the call that failed. Its text led up to that call; its other calls were written to stand
    beside it, in a turn that the repair does not repeat; and its end token says that all this was what to do. The original
    drops the assistant's message as a whole as well.
    """
    mask = list(episode.loss_mask)
    for turn in filter(erroneous, episode.turns):
        mask[turn.span.start : turn.span.stop] = [0] * (turn.span.stop - turn.span.start)
    return tuple(mask)


@dataclass(frozen=True, slots=True)
class Finding:
    """What an observation reports, and why it is read so."""

    feedback: Feedback
    reason: str


_OK = Finding(Feedback.OK, "a result")


def classify(observation: str, call: ToolCall | None = None) -> Finding:
    """What an observation's text says of the call it answers; `call` settles what the text leaves open.

    An undefined name other than the called tool's is one that the tool's code, or code given to it, lacks; and a text that is
    nothing but one of the call's values in single quotes is the message of a KeyError.
    """
    found = _of_text(observation, 0)
    if call is None:
        return found
    if found.feedback is Feedback.OK and observation.strip() in [
        repr(value) for value in call.arguments.values() if isinstance(value, str)
    ]:
        return Finding(Feedback.TOOL_CALL_FAILURE, "a value of the call in quotes: the message of a KeyError")
    if found.feedback is Feedback.TOOL_HALLUCINATION and (name := reports.undefined_name(observation)) not in (None, call.name):
        return Finding(Feedback.TOOL_CALL_FAILURE, f"a name that is not the called tool's is not defined: {name}")
    return found


_DEEPEST = 8  # a result in a wrapper in a wrapper; what lies deeper is content
_LISTED = 10  # elements of a list that are looked at
_LONGEST_LITERAL = 100_000  # characters


def _of_text(text: str, depth: int) -> Finding:
    text = text.strip()
    if text[:1] in ("{", "[", '"') and (value := _parsed(text)) is not None:
        return _of_value(value, depth)
    if (answer := _STATUS_LINE.match(text)) is not None:
        if int(answer["code"]) < 400:
            return _of_text(text[answer.end() :], depth + 1)
        return _reported(text[answer.end() :], f"HTTP status {answer['code']}", Feedback.TOOL_INSTABILITY)
    rule = reports.of(text)
    return _OK if rule is None else Finding(rule.feedback, rule.reason)


_STATUS_LINE = re.compile(
    r"(?:http )?status(?: code)?:? (?P<code>[1-5]\d\d)\b[.,;]?\s*(?:(?:response|body|content)\s*:\s*)?", re.IGNORECASE
)


def _parsed(text: str) -> Any:
    """The value of JSON, or of a Python literal, as many tools print their results; None for anything else."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    if len(text) > _LONGEST_LITERAL:
        return None
    try:
        with warnings.catch_warnings(action="ignore"):  # of escapes that Python does not know
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None


def _of_value(value: Any, depth: int, listed: bool = False) -> Finding:
    if depth > _DEEPEST:
        return _OK
    if isinstance(value, str):
        return _of_text(value, depth + 1)
    if isinstance(value, Mapping):
        return _of_members({reports.key(name): member for name, member in value.items()}, depth, listed)
    if isinstance(value, list | tuple) and value:
        # Of several results one that came is a result.
        found = (_of_value(element, depth + 1, listed=True) for element in value[:_LISTED])
        first = next(found)
        return first if all(finding.feedback is not Feedback.OK for finding in found) else _OK
    return _OK


_ERROR = {"error", "err", "exception", "errormessage", "errormsg", "errmsg", "errordescription", "errordetail", "fault", "traceback"}
_ERRORS = {"errors", "exceptions"}
_FLAGS = {"success", "succeeded", "successful", "ok"}
_MCP = {"iserror", "haserror"}
_EXIT = {"exitcode", "returncode", "exitstatus"}
_STATUS = {"status", "statuscode", "httpstatus", "httpstatuscode", "httpcode", "code", "cod", "errorcode", "errcode", "resultcode"}
_SAID = {"message", "msg", "detail", "details", "reason", "note", "information", "statusmessage", "statustext"}
_PAYLOAD = {"response", "responses", "result", "results", "data", "output", "content", "body", "observation", "value", "items", "text"}
_LABELS = {"title", "description", "type", "name", "id", "tool", "toolname", "method", "path", "url", "loc", "instance", "version"}
_TRACES = {"errortype", "requestid", "traceid", "correlationid", "timestamp", "time", "date", "elapsed", "stack", "stacktrace", "stdout"}
_ADVICE = {"help", "hint", "suggestion", "documentationurl", "docs", "moreinfo", "retryable", "retryafter", "meta", "jsonrpc", "apiversion"}
# An object of nothing else says how the call went, and has no result.
_ENVELOPE = _ERROR | _ERRORS | _FLAGS | _MCP | _STATUS | _SAID | _LABELS | _TRACES | _ADVICE
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d+)?")
_REFUSED = {"error", "errored", "fail", "exception"}  # of the call
_FAILED = _REFUSED | {"failed", "failure", "errors"}  # or of what the call asked about
_NOTHING = {"", "none", "null", "nil", "no", "false", "0", "n/a", "na", "-", "ok", "success", "noerror", "noerrors", "nofailure"}


def _of_members(members: Mapping[str, Any], depth: int, listed: bool) -> Finding:
    """A JSON object, by the members that say how a call went; of one that is listed in a result a single sign may be content."""
    if isinstance(inner := members.get("status"), Mapping):
        members = {**members, "status": None, **{reports.key(name): member for name, member in inner.items()}}
    payload = [member for name, member in members.items() if name in _PAYLOAD and member != 0 and not _says_nothing(member)]
    wrapper = all(name in _ENVELOPE | _PAYLOAD or _says_nothing(member) for name, member in members.items())
    envelope = wrapper and not payload
    code = _http_error(members, envelope)
    errors = [member for name, member in members.items() if _is_error(name, member, bool(payload), envelope)]
    flagged = any(name in _FLAGS and member in (False, "false", "False") for name, member in members.items())
    failed = (status := _squashed(members.get("status"))) in _FAILED
    signs = (code is not None) + bool(errors) + flagged + failed
    # The report of a server of the Model Context Protocol; its text is in the content.
    if any(members.get(name) is True for name in _MCP):
        return _reported(_words(members, payload), "isError", Feedback.OTHER)
    if any(name in _EXIT and member not in (0, "0", None) for name, member in members.items()) and not _says_nothing(
        said := members.get("stderr")
    ):
        return _reported(str(said), "a program's exit code", Feedback.TOOL_CALL_FAILURE)
    if errors and (not listed or envelope or signs > 1):
        return _reported(_words(members, errors), "an error member", Feedback.TOOL_INSTABILITY if code else Feedback.OTHER)
    if code is not None and (envelope or signs > 1):
        return _reported(_words(members, payload), f"HTTP status {code}", Feedback.TOOL_INSTABILITY)
    if (flagged or failed) and (envelope or signs > 1 or (wrapper and not listed and (flagged or status in _REFUSED))):
        return _reported(_words(members, payload), "a status of failure", Feedback.OTHER)
    if envelope and (said := [member for name, member in members.items() if name in _SAID]):
        return _of_value(said[0], depth + 1)
    if len(payload) == 1:
        return _of_value(payload[0], depth + 1)
    return _OK


def _is_error(name: str, member: Any, payload: bool, envelope: bool) -> bool:
    """Whether a member reports an error. Several of them beside a result are part of it, a number of them is a count."""
    if name in _ERRORS:
        return not isinstance(member, bool | int | float) and not payload and not _says_nothing(member)
    if name not in _ERROR or _says_nothing(member):
        return False
    if isinstance(member, str) and _NUMBER.fullmatch(member):
        member = float(member) if "." in member else int(member)
    if isinstance(member, bool) or not isinstance(member, int | float):
        return True
    return isinstance(member, int) and (400 <= member < 600 or (envelope and member != 0))  # a code; else a measure of precision


def _http_error(members: Mapping[str, Any], envelope: bool) -> int | None:
    """The HTTP status of a failure; a `code` may be anything, and is one only where nothing else is said."""
    for name in ("statuscode", "httpstatus", "httpstatuscode", "httpcode", "status", "code", "cod", "errorcode"):
        member = members.get(name)
        number = member if isinstance(member, int) else int(member) if isinstance(member, str) and re.fullmatch(r"[45]\d\d", member) else 0
        spoken = any(said in members for said in _SAID | _ERROR)
        if 400 <= number < 600 and (name not in ("code", "cod", "errorcode") or (envelope and spoken)):
            return number
    return None


def _reported(text: str, sign: str, otherwise: Feedback) -> Finding:
    """A text that is known to report a failure: by the rule that says which, or `otherwise`."""
    rule = reports.within(text)
    return Finding(otherwise, sign) if rule is None else Finding(rule.feedback, f"{sign}; {rule.reason}")


def _words(members: Mapping[str, Any], first: Sequence[Any]) -> str:
    """What a failed object says in words, `first` ahead of its messages."""
    said = [*first, *(member for name, member in members.items() if name in _SAID | {"title", "description", "errortype", "type"})]
    return "\n".join(member if isinstance(member, str) else json.dumps(member, default=str) for member in said if not _says_nothing(member))


def _says_nothing(member: Any) -> bool:
    """Empty, none, or a word for it; an object is what its members are."""
    if isinstance(member, Mapping):
        return all(_says_nothing(inner) or inner == 0 for inner in member.values())
    return member is None or member is False or member in ([], ()) or (isinstance(member, str) and _squashed(member) in _NOTHING)


def _squashed(member: Any) -> str:
    return re.sub(r"[\s.!_]+", "", member).lower() if isinstance(member, str) else ""
