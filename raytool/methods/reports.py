"""What a report of failure looks like as text: a rule for each way in which Python, a shell, HTTP and validators word one.

A rule holds of a text that begins as the rule says; of a text that is known to report a failure (it follows "Error:", or stood in
an `error` member) it holds wherever the rule's words are. The first rule that holds decides, so what names the cause stands ahead of
what names the symptom. The categories are those of METHODS.md 1.1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus

from raytool.records import Feedback


@dataclass(frozen=True, slots=True)
class Rule:
    feedback: Feedback
    reason: str
    pattern: re.Pattern[str]


def _rule(feedback: Feedback, reason: str, *alternatives: str) -> Rule:
    return Rule(feedback, reason, re.compile("|".join(f"(?:{alternative})" for alternative in alternatives), re.IGNORECASE))


_CALLED = r"(?:[\w.<>]+\(\) ?)?"  # Python names the function ahead of what is wrong with its arguments
_QUOTED = r"['\"`‘“][^'\"`’”\n]{1,80}['\"`’”]"
_NAMED = rf"(?:{_QUOTED}|[\w.\-/]{{1,60}})"
_END = r"(?=$|[\s.,:;!)\]}'\"])"
_TOOL = r"(?:tool|function|action|api|method|command|endpoint|operation|plugin|skill)"
_PARAMETER = (
    r"(?:(?:query |input |keyword |request |url |path |body )?(?:parameter|argument|param|arg|keyword|field|property|input|option)s?)"
)
_PHRASES = "|".join(re.escape(status.phrase) for status in HTTPStatus if status >= 400)

_RULES = (
    _rule(
        Feedback.FORMAT_ERROR,
        "the call could not be read",
        r"(?:could not|couldn't|cannot|can't|failed to|unable to|error while|error) (?:pars(?:e|ing)|decod(?:e|ing)|read(?:ing)?) "
        r"(?:the |your )?(?:llm |model )?(?:output|tool[ _]calls?|function[ _]calls?|action|arguments?|response format|action input)\b",
        r"invalid (?:tool call |function call |action )?format\b",
        rf"(?:invalid|malformed) json (?:in|for|as) (?:the )?(?:{_TOOL} )?(?:call|arguments?|input|action)",
        rf"(?:the )?(?:{_TOOL} |tool call )?(?:arguments?|action input) (?:is|are|was|were) (?:not|no) (?:a )?(?:valid )?json",
        r"no (?:valid )?(?:tool|function) call (?:was )?found",
    ),
    _rule(
        Feedback.TOOL_HALLUCINATION,
        "no tool of that name",
        r"name '?[\w.]+'? is not defined",
        rf"(?:unknown|invalid|unrecogni[sz]ed|undefined|unregistered|non-?existent|no such) {_TOOL}(?: name| called| named)?"
        rf"(?: ?[:\-=] ?| (?={_QUOTED})|$|\.)",
        rf"(?:unknown|unrecogni[sz]ed|no such) {_TOOL} [\w.\-]+$",
        rf"(?:the )?{_TOOL} (?:name )?{_NAMED} (?:(?:is|was|does|could|has|cannot|can) ?(?:not|n't)? ?)(?:be )?"
        r"(?:exist|found|available|defined|registered|recogni[sz]ed|known|unknown|offered|supported|listed|among|in the list|one of)",
        rf"(?:the )?{_TOOL} {_NAMED} (?:not found|doesn't exist|isn't|unknown)",
        rf"{_TOOL} not found: ",
        rf"(?:there is |there's )?(?:no|not a(?:n available)?) {_TOOL} (?:called|named|with (?:the )?name|found)\b",
        rf"{_NAMED} is (?:not|no) (?:a |an )?(?:valid|known|available|existing|registered|recogni[sz]ed|supported) {_TOOL}\b",
        rf"{_NAMED} (?:is no|is not a|is not an) {_TOOL}\b",
        r"you (?:do not|don't) have (?:access to )?(?:a|the|any) (?:tool|function) (?:called|named)",
        r"method not found",
    ),
    _rule(
        Feedback.PARAMETER_MISSING,
        "a parameter is missing",
        rf"{_CALLED}missing \d+ required (?:positional|keyword-only|keyword)? ?arguments?",
        rf"{_CALLED}missing (?:a |an |the |some )?(?:required |mandatory |necessary )?{_PARAMETER}{_END}",
        rf"(?:the )?(?:required |mandatory ){_PARAMETER}(?:s|\(s\))? ?:?(?: {_NAMED})?(?:,? {_NAMED})* ?(?:is|are|was|were)?"
        r" ?(?:missing|not (?:provided|specified|given|set|present|supplied)|absent)",
        rf"(?:the )?{_PARAMETER} {_NAMED} (?:is|are|was|were) (?:missing|required|mandatory|not (?:provided|specified|given|supplied))",
        rf"{_QUOTED} is a required (?:property|parameter|argument|field)",
        rf"{_NAMED} (?:parameter |argument |field )?(?:is|are) (?:required|mandatory)[.!]?$",
        rf"{_NAMED} (?:must|should|has to|needs to) be (?:provided|specified|given|supplied|set)\b",
        r"(?:field|argument|parameter) (?:is )?required(?=$|[.!:,]| \[)",
        r"(?:please )?(?:provide|specify) (?:a |an |the |at least )(?:valid |required |one )?[\w' ]{1,40}(?:parameter|argument)\b",
    ),
    _rule(
        Feedback.PARAMETER_HALLUCINATION,
        "a parameter that there is none of",
        rf"{_CALLED}got (?:an unexpected keyword argument|some positional-only arguments)",
        rf"{_CALLED}takes (?:from )?(?:\d+|no)(?: to \d+)? (?:positional )?arguments? but \d+ (?:was|were) given",
        r"[\w.]+\(\) takes no (?:keyword )?arguments",
        rf"(?:unknown|unexpected|unrecogni[sz]ed|undocumented|unsupported|extra|undefined|illegal) {_PARAMETER}\b(?! value| type)",
        rf"(?:the )?{_PARAMETER} {_NAMED} (?:is|does|was|are) ?(?:not|n't) (?:exist|recogni[sz]ed|known|expected|allowed|supported|permitted|defined|accepted)",
        rf"(?:the )?{_PARAMETER} {_NAMED} (?:is|was) (?:unknown|unexpected|unrecogni[sz]ed)",
        rf"{_QUOTED} is not (?:a |an )(?:valid|known|recogni[sz]ed|supported|allowed|documented) {_PARAMETER}",
        r"additional properties are not allowed",
        r"extra (?:inputs|fields) (?:are )?not permitted",
    ),
    _rule(
        Feedback.TOOL_INSTABILITY,
        "the network or the service",
        r"https?connectionpool\(",
        r"max retries exceeded",
        r"(?:\('?)?connection (?:was |has been )?(?:aborted|refused|reset|timed? ?out|error|closed|broken|lost|failed)\b",
        r"(?:cannot|could not|couldn't|failed to|unable to) (?:connect|establish a (?:new )?connection|resolve (?:the )?(?:host|name))\b",
        r"(?:the )?(?:read |write |connect(?:ion)? |gateway |request |operation |call |server |api |tool )*(?:has )?timed[ -]?out\b",
        r"(?:read |connect(?:ion)? |gateway |request |api )?time-?out(?:$|[.!:]| (?:after|while|error|exceeded|of \d))",
        r"(?:temporary failure in name resolution|getaddrinfo failed|name or service not known|nodename nor servname)",
        r"\[?ssl: ?\w+|certificate verify failed|remote end closed connection|broken pipe",
        r"\[errno (?:-2|-3|32|101|104|110|111|113)\]",
        r"(?:http )?\(?[45]\d\d\)? (?:client|server) error\b",
        r"(?:http|https)(?:/[\d.]+)? ?(?:error|status|response|status code|error code)? ?:? ?\(?[45]\d\d\b",
        r"(?:error|status|status code|error code|response code|exited with code)[ :]{1,2}\(?[45]\d\d\b",
        rf"(?:[45]\d\d)[ :\-]+(?:{_PHRASES}|error)\b",
        r"(?:the )?(?:api )?(?:request|call|query|server)(?: to [\w./:-]+)? (?:has )?(?:failed|returned|responded)"
        r" (?:with )?(?:an? )?(?:http )?(?:error )?(?:status |response )?(?:code |status )?:?\(?[45]\d\d",
        rf"\A(?:{_PHRASES})(?:[.!]?$|: )",
        r"<urlopen error",
        r"internal (?:server )?error\b",
        r"(?:the )?(?:service|server|api|site|website|backend|host)(?: is| was)? (?:temporarily |currently )?(?:unavailable|unreachable|overloaded|down|not responding|busy)\b",
        r"(?:invalid|illegal|bad) api call",
        r"(?:invalid|missing|expired|wrong|incorrect|no) (?:api[ _-]?key|api[ _-]?token|access[ _-]?token|auth\w*(?: token)?|credentials?|token)\b",
        r"(?:the |your )?api[ _-]?key (?:is |was |has )?(?:not|invalid|missing|expired|required|wrong)\b(?! to)",
        r"you are not (?:subscribed|authori[sz]ed)\b",
        r"(?:unauthori[sz]ed|authentication (?:failed|required|error)|not authenticated)(?:$|[.!:,])",
        r"(?:you have |you've |the |your |api |daily |monthly )*(?:rate[ -]?limit(?:ed|ing)?|quota|request limit|usage limit|limit of requests|call frequency)"
        r"(?: \w+){0,3} ?(?:exceeded|reached|hit|error|is \d)",
        r"(?:you have |you've )?(?:exceeded|reached|hit) (?:the |your )(?:[\w-]+ ){0,3}(?:quota|limit)",
        r"too many requests",
        r"(?:this |the )?(?:api|endpoint)(?: [\w/'\"-]+)? (?:is |has been )?(?:deprecated|disabled|discontinued|no longer (?:available|supported)|unreachable)",
        r"(?:requests|urllib3?|httpx|aiohttp|http|socket|ssl)\.[\w.]*(?:error|exception|timeout)\b",
        r"(?:connection|connect|read|timeout|http|ssl|proxy|protocol|remote\w*|url|socket)\w*(?:error|exception)\b",
    ),
    _rule(
        Feedback.TOOL_CALL_FAILURE,
        "the tool's code failed",
        r"'[^'\n]{1,4}' not supported between instances of",
        r"(?:unsupported operand type|bad operand type|unhashable type|invalid literal for|could not convert|can only concatenate|can't multiply"
        r"|must be (?:str|a string|real number|an integer|int)\b.{0,20}\bnot\b|expected (?:str|string|bytes|an? integer|float)\b.{0,60}\b(?:got|not)\b)",
        r"object of type '?\w+'? (?:is not json serializable|has no len)",
        r"(?:'\w+'|\w+) object (?:is not|has no|does not support|cannot be|of type|can't be|doesn't)",
        r"(?:module|type object) '[\w.]+' has no attribute",
        r"argument of type '\w+' is not",
        r"(?:local variable|free variable) '\w+' referenced before assignment|cannot access (?:local|free) variable",
        r"(?:\w+ )?(?:indices|index)(?: \d+)? (?:must be|(?:is )?out of (?:range|bounds))|\w+ index out of range|pop from (?:an )?empty",
        r"(?:not enough|too many) values to unpack|cannot unpack non-iterable",
        r"(?:integer |float |decimal )?(?:division|modulo)(?: or modulo)? by zero|math (?:domain|range) error",
        r"expecting (?:value|property name|',' delimiter|':' delimiter).{0,60}: line \d+ column \d+|extra data: line \d+ column|unterminated string",
        r"invalid syntax(?:$|[. (])|unexpected (?:eof|indent|character after|token)|invalid (?:decimal literal|character)|unmatched '|'[(\[{]' was never closed",
        r"time data .{1,60} does not match format|unconverted data remains|day is out of range|month must be in|invalid isoformat string",
        r"'\w+' codec can't|(?:min|max)\(\) (?:arg|iterable argument) is (?:an )?empty|maximum recursion depth|no module named|cannot import name",
        r"got multiple values for|__\w+__\(\) missing|list\.remove\(x\)|sequence item \d+: expected|dictionary update sequence",
        r"\[errno \d+\]|\[winerror \d+\]",
        r"(?:/bin/|/usr/bin/)?(?:ba|z|da|k)?sh: (?:line )?\d*:? ?\S+|(?:cat|ls|cd|cp|mv|rm|mkdir|grep|find|touch|python3?|git|tar|chmod): .{0,200}"
        r"(?:no such file|cannot|can't|not permitted|permission denied|is a directory|not a directory|fatal|invalid option|exists)",
        r"(?:\S+: )?(?:command not found|no such file or directory|permission denied|operation not permitted)[.!]?$",
        r"fatal: |segmentation fault|core dumped|killed$",
        r"(?<=\d )validation errors?\b|validation errors?:|parameter type error|input should be|(?:value|type) is not a valid|value is not a",
        rf"{_QUOTED} is not (?:of type|one of|valid under)|{_QUOTED} does not match|-?[\d.]+ is (?:less|greater) than the (?:min|max)imum",
        rf"(?:invalid|wrong|incorrect|bad|illegal|unsupported|unknown) (?:value|type|data type|format|argument|{_PARAMETER}|date|enum|choice)\b",
        r"[\w.]+\(\) (?:argument '|takes (?:text|a |an ))",
        r"response error|(?:tool |function |call |execution |runtime |unknown |unexpected |general )+(?:error|failure|failed)(?:$|[.!:])",
        r"(?:something|sth\.?) went wrong|an? (?:unknown|unexpected|unspecified|internal) (?:error|exception|problem)",
        r"(?:[\w.]*\.)?(?:Type|Value|Key|Index|Attribute|ZeroDivision|Arithmetic|Overflow|Assertion|NotImplemented|Unicode\w*|Lookup|Syntax|Indentation|Import"
        r"|ModuleNotFound|Recursion|Runtime|Memory|OS|IO|FileNotFound|FileExists|Permission|IsADirectory|NotADirectory|JSONDecode|StopIteration"
        r"|Validation|Name|UnboundLocal|Operational|Integrity|Programming|Database)(?:Error|Exception)\b",
    ),
)
_OTHER = Rule(Feedback.OTHER, "a report of failure", re.compile(""))

# What says ahead of a message that it reports a failure.
_ANNOUNCED = re.compile(
    r"""\s*(?:\W{0,3})(?:<(?:tool_|function_)?error>|
    (?:[\w.\- ]{0,40}?\b)?(?:error|exception|failure|failed|fault)(?:\s+(?:code\s+)?\(?-?\d+\)?|\s+\([^)\n]{0,60}\)|\s+message|\s+response)?\s*(?::|\s[-–—]\s|!)|
    \d+\svalidation\serrors?\sfor\s|
    (?:an?|the)\s(?:[\w-]+\s){0,3}(?:error|exception|failure)\s(?:has\s|was\s)?(?:occurred|happened|raised|thrown|encountered|returned)\b|
    (?:an?\s)?(?:error|exception|failure)\s(?:occurred|happened|while|when|during|in|executing|calling|running|invoking|from|fetching|processing|retrieving)\b|
    (?:failed|failure|unable)\s(?:to|in)\s(?:execut|call|run|invok|fetch|retriev|process|perform|get|load|find|send|creat|updat|delet|complet|read|writ|open|connect|access|search|obtain|locat|add|remov|book|sav|upload|download|generat|translat|convert|pars|validat)\w*|
    (?:i'?m\s)?(?:sorry|apologies|oops|unfortunately|whoops)\b[^.!\n]{0,120}?\b(?:could\snot|couldn't|cannot|can't|unable|was\snot|wasn't|not\sfound|failed|error|no\s[\w\s]{1,40}(?:found|available|match\w*)|not\savailable|does\snot|doesn't|invalid|problem|wrong)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# A count, or the word that there is none: "Errors: 0", "Failed: 0, passed: 12", "Error: none".
_NO_ERROR = re.compile(r"\s*(?:[-+±]?[\d.,]+\s*%?|none|null|nil|no|no errors?|nothing|n/?a|false|ok)\s*(?:$|[,;|(\n])", re.IGNORECASE)
_NOT_FOUND = re.compile(
    r"(?:(?:the|your|this|that|a|an)\s)?[\w'\"`@#/.:\- ]{0,100}\b(?:(?:is|was|were|could|can)\s?(?:not|n't)(?:\sbe)?\sfound|not\sfound|does\snot\sexist|doesn't\sexist|"
    r"(?:could\snot|cannot|can't|couldn't)\sbe\s(?:found|opened|read|accessed|loaded|completed|processed|executed|modified|cancell?ed|deleted|created))"
    r"(?:\s(?:in|on|for|at|with|under)\b[^.\n]{0,80})?[.!]?",
    re.IGNORECASE,
)
_TRACEBACK = re.compile(r"^\s*Traceback \(most recent call last\):", re.MULTILINE)
_RAISED = re.compile(
    r"^(?P<raised>[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Timeout|Warning|Iteration|Fault)(?::.*)?)$", re.MULTILINE
)
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Timeout)(?::\s+|\(['\"]?)")
_PAGE = re.compile(r"\s*<(?:!doctype html|html)\b.{0,600}?<(?:title|h1)>\s*(?P<title>[^<]{0,100})", re.IGNORECASE | re.DOTALL)
_LOOKED_AT = 2000  # characters of the beginning; a report is short, or begins with what went wrong
_LONGEST = 1000  # a longer text that nothing announces as a report is none, whatever its first words
_SHORT = 300


def of(text: str) -> Rule | None:
    """The rule by which a text reports a failure; None where it is a result."""
    text = text.strip()
    if _TRACEBACK.search(text):
        return _traceback(text)
    head = text[:_LOOKED_AT]
    if (page := _PAGE.match(head)) is not None:
        head = page["title"].strip()
        return next((rule for rule in _RULES if rule.feedback is Feedback.TOOL_INSTABILITY and rule.pattern.match(head)), None)
    if len(text) <= _LONGEST and (rule := _at_start(head)) is not None:
        return rule
    if (announced := _ANNOUNCED.match(head)) is not None and not _NO_ERROR.match(head, announced.end()):
        return _at_start(head[announced.end() :].lstrip()) or within(head) or _OTHER
    if len(text) <= _SHORT and _NOT_FOUND.fullmatch(text):
        return _OTHER
    return None


def within(text: str) -> Rule | None:
    """The rule that says which failure a text reports that is known to report one; None where none does."""
    head = text[:_LOOKED_AT]
    return _at_start(head) or next((rule for rule in _RULES if rule.pattern.search(head)), None)


def undefined_name(text: str) -> str | None:
    """The name of a NameError's message."""
    found = re.search(r"name '?([\w.]+)'? is not defined", text[-_LOOKED_AT:] if _TRACEBACK.search(text) else text[:_LOOKED_AT])
    return found and found[1]


def _at_start(text: str) -> Rule | None:
    """The rule that a text begins as; of an exception's name with its message, the message's."""
    starts = (raised.end(), 0) if (raised := _EXCEPTION.match(text)) is not None else (0,)
    return next((rule for start in starts for rule in _RULES if rule.pattern.match(text[start:])), None)


def _traceback(text: str) -> Rule | None:
    """By the exception that ends a traceback; a text that goes on after one, or merely shows one, is a result."""
    raised = list(_RAISED.finditer(text))
    if raised and len(text) - raised[-1].end() < _SHORT:
        return within(text[raised[-1].start() :]) or _OTHER
    cut = text.startswith("Traceback")  # by a limit on observations
    return Rule(Feedback.TOOL_CALL_FAILURE, "a traceback", _TRACEBACK) if cut else None


def key(name: object) -> str:
    """The name of a JSON member, as all spellings of it have it: `error_message`, `errorMessage` and `Error Message` are one."""
    return re.sub(r"[^a-z]", "", str(name).lower())
