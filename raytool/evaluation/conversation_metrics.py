"""How a conversation with tools went, without gold: DE, CE and VA (TL-Training's Table for ToolEyes; docs/evaluation.md).

DE and CE are shares of the tool calls that were attempted, `finish` and what could not be parsed among them: DE those that
contradict the tools' documents, CE those that failed otherwise. A call that met a service out of order is in neither and not counted.
VA is the share of queries that got a valid answer: the model finished within its turns, said something, and did not give up.
"""

from __future__ import annotations

import re

from raytool.evaluation.suite import Ratio
from raytool.records import FINISH, Episode, Feedback, StopReason

DOCUMENTATION_ERRORS = frozenset({Feedback.TOOL_HALLUCINATION, Feedback.PARAMETER_HALLUCINATION, Feedback.PARAMETER_MISSING})
CALL_ERRORS = frozenset({Feedback.FORMAT_ERROR, Feedback.TOOL_CALL_FAILURE, Feedback.OTHER})

# Of a text in small letters, with plain apostrophes and single spaces.
_APOLOGY = r"(?:(?:(?:i'm|i am|we're|we are) )?(?:very |so )?sorry|i apologi[sz]e|(?:my )?apologies|unfortunately|regrettably)"
_UNABLE = (
    r"(?: cannot| can not| can't| could not| couldn't|(?: am|'m| are|'re| was| were) (?:unable|not able) to| (?:do not|don't) know how to)"
)
_MEET = "handle|complete|finish|fulfill?|do|perform|process|solve|manage|help|assist|answer|proceed|accomplish|satisfy|provide"
_FITTING = "(?: (?:appropriate|available|given|offered|other|such|suitable))?"
_SERVES = "(?:that )?(?:can|could|do|does|fits?|serves?|suits?)|for|to|(?:is|are|was|were) (?:able|available|offered|suitable)"
_GIVES_UP = re.compile(
    rf"(?:{_APOLOGY}\b[^.!?]{{0,60}}?[ ,.:;]*)?(?:but )?(?:i|we){_UNABLE} (?:{_MEET})\b"
    r"|(?:i|we) give up\b"
    rf"|(?:{_APOLOGY}\b[ ,.:;]*)?(?:but )?(?:none of (?:the|my|these|those) tools|(?:there (?:is|are) )?no{_FITTING} tools?)"
    rf"(?: that i have| that are offered| offered| available)? (?:{_SERVES})\b"
    r"|(?:the|this|your) (?:task|query|request) (?:is unmanageable|can ?not be|can't be|could not be)\b"
)
_TOOLEYES_WORDS = "cannot handle the task"


def measures(episode: Episode) -> dict[str, Ratio]:
    """What an episode adds to DE, CE and VA."""
    feedback = [call.feedback for call in episode.calls if call.feedback is not Feedback.TOOL_INSTABILITY]
    return {
        "DE": Ratio(sum(f in DOCUMENTATION_ERRORS for f in feedback), len(feedback)),
        "CE": Ratio(sum(f in CALL_ERRORS for f in feedback), len(feedback)),
        "VA": Ratio.of(valid_answer(episode)),
    }


def valid_answer(episode: Episode) -> bool:
    """Whether the episode ended with an answer that says something and does not give up."""
    said = answer(episode)
    return said is not None and bool(said.strip()) and not gives_up(said)


def answer(episode: Episode) -> str | None:
    """The closing text, or what `finish` was given; None where the episode was not finished."""
    if episode.stop is not StopReason.FINISHED:
        return None
    last = episode.turns[-1]
    if last.final is not None:
        return last.final
    finished = (c.call for c in last.calls if c.call is not None and c.call.name == FINISH.name and c.feedback is Feedback.OK)
    given = next((call.arguments.get("answer") for call in finished), None)
    return given if isinstance(given, str) else None


def gives_up(text: str) -> bool:
    """Whether an answer says that the request was not met.

    It does where it begins, after an apology, with the speaker's not being able to handle, complete, do, provide, answer, help with
    ... it, or giving up, or with the task that cannot be done; and anywhere with ToolEyes' own "I cannot handle the task". What
    comes later in an answer is taken for a part of it, and so is having found nothing: "I could not find a flight on Sunday".
    """
    plain = " ".join(text.lower().replace("’", "'").split())
    return _GIVES_UP.match(plain) is not None or _TOOLEYES_WORDS in plain
