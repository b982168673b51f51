"""What a report of failure looks like as text: a rule for each way in which Python, shells, HTTP and validators word one.

A rule holds of a text that begins as the rule says; of a text that is known to report a failure (it follows "Error:", or stood in
an `error` member) it holds wherever its words are. The first rule that holds decides, so what names the cause stands ahead of what
names the symptom. The categories are those of docs/environments.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from raytool.records import Feedback


@dataclass(frozen=True, slots=True)
class Rule:
    feedback: Feedback
    reason: str
    pattern: re.Pattern[str]


def _rules(feedback: Feedback, patterns: Mapping[str, str]) -> tuple[Rule, ...]:
    """The rules of a category, by their reasons."""
    return tuple(Rule(feedback, reason, re.compile(pattern, re.IGNORECASE)) for reason, pattern in patterns.items())


_CALLED = r"(?:[\w.<>]+\(\) ?)?"  # Python names the function ahead of what is wrong with its arguments
_QUOTED = r"['\"`‘“][^'\"`’”\n]{1,80}['\"`’”]"
_NAMED = rf"(?:{_QUOTED}|[\w.\-/]{{1,60}})"
_NOT = r"(?:is|was|are|were|does|do|could|has|can) ?(?:not|n't)(?: be)?"
_TOOL = r"(?:tool|function|action|api|method|command|endpoint|operation|plugin|skill)"
_PARAMETER = (
    r"(?:(?:query |input |keyword |request |url |path |body )?(?:parameter|argument|param|arg|keyword|field|property|input|option)s?)"
)
_NEW = r"(?:unknown|unrecogni[sz]ed|undefined|unregistered|undocumented|unexpected|unsupported|extra|non-?existent|no such)"
_PHRASES = [status.phrase for status in HTTPStatus if status >= 400]
_STATUS = "|".join(_PHRASES)
_STATUS_ALONE = "|".join(
    phrase for phrase in _PHRASES if phrase not in ("Not Found", "Gone", "Conflict", "Locked")
)  # no words of HTTP's only

_FORMAT_ERROR = {
    "what the model wrote could not be parsed": r"(?:could not|couldn't|cannot|can't|failed to|unable to|error while|error) "
    r"(?:pars(?:e|ing)|decod(?:e|ing)|read(?:ing)?) (?:the |your )?(?:llm |model )?"
    r"(?:output|tool[ _]calls?|function[ _]calls?|action|arguments?|response format|action input)\b",
    "the format is invalid": r"invalid (?:tool call |function call |action )?format\b",
    "the call is no JSON": rf"(?:invalid|malformed) json (?:in|for|as) (?:the )?(?:{_TOOL} )?(?:call|arguments?|input|action)"
    rf"|(?:the )?(?:{_TOOL} |tool call )?(?:arguments?|action input) (?:is|are|was|were) (?:not|no) (?:a )?(?:valid )?json",
    "no call was found": r"no (?:valid )?(?:tool|function) call (?:was )?found",
}
_TOOL_HALLUCINATION = {
    "Python: no such name": r"name '?[\w.]+'? is not defined",
    "an unknown tool": rf"(?:{_NEW}|invalid) {_TOOL}(?: name| called| named)?(?: ?[:\-=] ?| (?={_QUOTED})|$|\.)"
    rf"|{_NEW} {_TOOL} [\w.\-]+$",
    "the tool does not exist": rf"(?:the )?{_TOOL} (?:name )?{_NAMED} (?:{_NOT} "
    r"(?:a )?(?:exist|found|available|defined|registered|recogni[sz]ed|known|offered|supported|valid|listed|among|in the list|one of)"
    r"|not found|doesn't exist|unknown)",
    "no tool of that name": rf"(?:there is |there's )?(?:no|not a(?:n available)?) {_TOOL} (?:called|named|with (?:the )?name|found)\b"
    rf"|{_TOOL} not found: |you (?:do not|don't) have (?:access to )?(?:a|the|any) (?:tool|function) (?:called|named)",
    "the name is no tool's": rf"(?!(?:there|it|this|that) ){_NAMED} is (?:not|no) (?:a |an )?"
    rf"(?:(?:valid|known|available|existing|registered|recogni[sz]ed|supported) )?{_TOOL}\b",
    "JSON-RPC: no such method": r"method not found",
}
_PARAMETER_MISSING = {
    "Python: a required argument is missing": rf"{_CALLED}missing \d+ required (?:positional|keyword-only|keyword)? ?arguments?",
    "Python: fewer arguments than parameters": r"\w+ expected (?:at least )?\d+ arguments?, got 0"
    r"|[\w.]+\(\) takes (?:at least|exactly) \w+ (?:positional )?arguments? \(0 given\)"
    r"|[\w.]+\(\) takes at least \w+ (?:positional )?arguments?",
    "a parameter is missing": rf"{_CALLED}missing (?:a |an |the |some )?(?:required |mandatory |necessary )?{_PARAMETER}"
    r"(?=$|[\s.,:;!)\]}'\"])",
    "a required parameter was not given": rf"(?:the )?(?:required |mandatory ){_PARAMETER}(?:\(s\))? ?:?(?: {_NAMED})?(?:,? {_NAMED})* ?"
    r"(?:is|are|was|were)? ?(?:missing|not (?:provided|specified|given|set|present|supplied)|absent)",
    "the parameter is required": rf"(?:the )?{_PARAMETER} {_NAMED} (?:is|are|was|were) "
    r"(?:missing|required|mandatory|not (?:provided|specified|given|supplied))",
    "JSON Schema: a required property": rf"{_QUOTED} is a required (?:property|parameter|argument|field)",
    "something is required": rf"{_NAMED} (?:parameter |argument |field )?(?:is|are) (?:required|mandatory)[.!]?$",
    "something must be provided": rf"{_NAMED} (?:must|should|has to|needs to) be (?:provided|specified|given|supplied|set)\b",
    "pydantic: field required": r"(?:field|argument|parameter) (?:is )?required(?=$|[.!:,]| \[)",
    "a parameter is asked for": r"(?:please )?(?:provide|specify) (?:a |an |the |at least )(?:valid |required |one )?[\w' ]{1,40}"
    r"(?:parameter|argument)\b",
}
_PARAMETER_HALLUCINATION = {
    "Python: an unexpected argument": rf"{_CALLED}got (?:an unexpected keyword argument|some positional-only arguments)",
    "Python: more arguments than parameters": rf"{_CALLED}takes (?:from )?(?:\d+|no)(?: to \d+)? (?:positional |keyword )?arguments?"
    r"(?: but \d+ (?:was|were) given|$|\s\()|[\w.]+\(\) takes (?:at most|exactly) \w+ (?:positional |keyword )?arguments? \(\d+ given\)"
    r"|'\w+' is an invalid keyword argument for|\w+ expected (?:at (?:least|most) )?\d+ arguments?, got \d+",
    "an unknown parameter": rf"{_NEW} {_PARAMETER}\b(?! value| type)",
    "the parameter is not known": rf"(?:the )?{_PARAMETER} {_NAMED} (?:{_NOT} (?:exist|recogni[sz]ed|known|expected|allowed|supported"
    r"|permitted|defined|accepted)|(?:is|was) (?:unknown|unexpected|unrecogni[sz]ed))",
    "the name is no parameter's": rf"{_QUOTED} is not (?:a |an )(?:valid|known|recogni[sz]ed|supported|allowed|documented) {_PARAMETER}",
    "JSON Schema: additional properties": r"additional properties are not allowed",
    "pydantic: extra inputs": r"extra (?:inputs|fields) (?:are )?not permitted",
}
_TOOL_INSTABILITY = {
    "urllib3: the host does not answer": r"https?connectionpool\(|max retries exceeded",
    "the connection failed": r"(?:\('?)?connection (?:was |has been )?"
    r"(?:aborted|refused|reset|timed? ?out|error|closed|broken|lost|failed)\b"
    r"|(?:cannot|could not|couldn't|failed to|unable to) (?:connect|establish a (?:new )?connection|resolve (?:the )?(?:host|name))\b"
    r"|remote end closed connection|broken pipe|\[errno (?:-2|-3|32|101|104|110|111|113)\]",
    "a limit of time": r"(?:the )?(?:(?:read|write|connect(?:ion)?|gateway|request|operation|call|server|api|tool) )*"
    r"(?:has )?timed[ -]?out\b"
    r"|(?:(?:read|connect(?:ion)?|gateway|request|api) )?time-?out(?:$|[.!:]| (?:after|while|error|exceeded|of \d))",
    "the host's name": r"temporary failure in name resolution|getaddrinfo failed|name or service not known|nodename nor servname"
    r"|<urlopen error",
    "TLS": r"\[?ssl: ?\w+|certificate verify failed",
    "requests: an HTTP error": r"(?:http )?\(?[45]\d\d\)? (?:client|server) error\b",
    "an HTTP status": r"https?(?:/[\d.]+)? ?(?:error|status|response|status code|error code)? ?:? ?\(?[45]\d\d\b"
    r"|(?:error|status|status code|error code|response code)[ :]{1,2}\(?[45]\d\d\b"
    rf"|[45]\d\d[ :\-]+(?:{_STATUS}|error)\b|\A(?:{_STATUS_ALONE})(?:[.!]?$|: )",
    "a request answered by an HTTP status": r"(?:the )?(?:api )?(?:request|call|query|server)(?: to [\w./:-]+)? "
    r"(?:has )?(?:failed|returned|responded) (?:with )?(?:an? )?(?:http )?(?:error )?(?:status |response )?(?:code |status )?:?\(?[45]\d\d",
    "an internal error of the service": r"internal (?:server )?error\b",
    "the service is not available": r"(?:the )?(?:service|server|api|site|website|backend|host)(?: is| was)? (?:temporarily |currently )?"
    r"(?:unavailable|unreachable|overloaded|down|not responding|busy)\b",
    "the API refused the call": r"(?:invalid|illegal|bad) api call",
    "the key of the API": r"(?:invalid|missing|expired|wrong|incorrect|no) "
    r"(?:api[ _-]?key|api[ _-]?token|access[ _-]?token|auth\w*(?: token)?|credentials?|token)\b"
    r"|(?:the |your )?api[ _-]?key (?:is |was |has )?(?:not|invalid|missing|expired|required|wrong)\b(?! to)",
    "access to the API": r"you are not (?:subscribed|authori[sz]ed)\b"
    r"|(?:unauthori[sz]ed|authentication (?:failed|required|error)|not authenticated)(?:$|[.!:,])",
    "a limit of calls": r"(?:(?:you have|you've|the|your|api|daily|monthly) )*(?:rate[ -]?limit(?:ed|ing)?|quota|request limit|usage limit"
    r"|limit of requests|call frequency)(?: \w+){0,3} ?(?:exceeded|reached|hit|error|is \d)"
    r"|(?:you have |you've )?(?:exceeded|reached|hit) (?:the |your )(?:[\w-]+ ){0,3}(?:quota|limit)|too many requests",
    "the API is gone": r"(?:this |the )?(?:api|endpoint)(?: [\w/'\"-]+)? (?:is |has been )?"
    r"(?:deprecated|disabled|discontinued|no longer (?:available|supported)|unreachable)",
    "an exception of the network": r"(?:requests|urllib3?|httpx|aiohttp|http|socket|ssl)\.[\w.]*(?:error|exception|timeout)\b"
    r"|(?:connection|connect|read|timeout|http|ssl|proxy|protocol|remote\w*|url|socket)\w*(?:error|exception)\b",
}
_TOOL_CALL_FAILURE = {
    "Python: operands of the wrong type": r"'[^'\n]{1,4}' not supported between instances of|unsupported operand type|bad operand type"
    r"|can only concatenate|can't multiply",
    "Python: a value of the wrong type": r"unhashable type|invalid literal for|could not convert|argument of type '\w+' is not"
    r"|[^\n]{0,80}?\b(?:must be|should be|is required|expected)\b[^\n]{0,100}, not (?:'[\w.]+'"
    r"|str|int|float|bytes|list|dict|tuple|set|bool|complex|NoneType|method|function|type)$"
    r"|[\w.]+\(\) (?:arg \d|arg not|argument must|base must|expected a|not defined for)|type \w+ doesn't define"
    r"|expected (?:str|string|bytes|an? integer|float)\b.{0,60}\b(?:got|not)\b",
    "Python: a value that cannot be written": r"object of type '?\w+'? (?:is not json serializable|has no len)"
    r"|'[\w\-]+' codec can't|unknown encoding",
    "Python: no such attribute": r"(?:'\w+'|\w+) object (?:is not|has no|does not support|cannot be|of type|can't be|doesn't)"
    r"|(?:module|type object) '[\w.]+' has no attribute",
    "Python: an unset variable": r"(?:local|free) variable '\w+' referenced before assignment|cannot access (?:local|free) variable",
    "Python: an index": r"(?:\w+ )?(?:indices|index)(?: \d+)? (?:must be|(?:is )?out of (?:range|bounds))|\w+ index out of range"
    r"|\S+ is not in list$|substring not found$|pop from (?:an )?empty|'?popitem\(\): dictionary is empty",
    "Python: too few values": r"[^\n]{0,60}\bfrom an empty sequence|empty range for|sample larger than"
    r"|\w+ requires at least \w+ data points?|no \w+ for empty data|(?:min|max)\(\) (?:arg|iterable argument) is (?:an )?empty",
    "Python: arithmetic": r"(?:(?:integer|float|decimal) )?(?:division|modulo)(?: or modulo)? by zero|math (?:domain|range) error"
    r"|\S+ cannot be raised to a negative power|singular matrix$",
    "numpy: a shape": r"operands could not be broadcast|cannot reshape array|shapes \([^\n]{1,60} not aligned|need at least one array",
    "Python: text that is no JSON": r"expecting (?:value|property name|',' delimiter|':' delimiter).{0,60}: line \d+ column \d+"
    r"|extra data: line \d+ column|unterminated string",
    "Python: text that is no program": r"[^\n]{1,120} \(<\w+>, line \d+\)$|invalid syntax(?:$|[. (])"
    r"|unexpected (?:eof|indent|character after|token)"
    r"|invalid (?:decimal literal|character)|unmatched '|'[(\[{]' was never closed",
    "Python: a pattern": r"(?:missing|unbalanced|nothing to repeat|multiple repeat|unterminated|bad)\b[^\n]{0,60} at position \d+",
    "Python: a format": r"not (?:enough arguments|all arguments converted)|replacement index \d+ out of range"
    r"|unknown format code|empty separator$",
    "Python: text that is no number or name": r"badly formed hexadecimal|invalid base64|incorrect padding|bytes must be in range"
    r"|'[^'\n]*' does not appear to be an? |unknown url type|invalid url '",
    "SQL": r"no such (?:table|column)|near \"[^\"\n]{0,60}\": syntax error|(?:unique|foreign key|not null) constraint failed",
    "Python: a date": r"time data .{1,60} does not match format|unconverted data remains|day is out of range|month must be in"
    r"|invalid isoformat string",
    "Python: other messages of its own": rf"(?:not enough|too many) values to unpack|cannot unpack non-iterable"
    rf"|{_CALLED}got multiple values for"
    r"|cannot convert dictionary update|maximum recursion depth|no module named|cannot import name"
    r"|__\w+__\(\) missing|list\.remove\(x\)|sequence item \d+: expected",
    "the operating system": r"\[errno \d+\]|\[winerror \d+\]"
    r"|(?:\S+: )?(?:command not found|no such file or directory|permission denied|operation not permitted)[.!]?$",
    "a shell": r"(?:/bin/|/usr/bin/)?(?:ba|z|da|k)?sh: (?:line )?\d*:? ?\S+"
    r"|(?:cat|ls|cd|cp|mv|rm|mkdir|grep|find|touch|python3?|git|tar|chmod): .{0,200}"
    r"(?:no such file|cannot|can't|not permitted|permission denied|is a directory|not a directory|fatal|invalid option|exists)",
    "a program died": r"fatal: |segmentation fault|core dumped|killed$"
    r"|\W?(?:(?:the )?(?:process|command|program|script)(?: '[^\n]{1,200}'| \[[^\]\n]*\])? )?"
    r"(?:exit(?:ed)?(?: with)?(?: code| status)?|return code"
    r"|(?:failed|returned|finished|terminated) (?:with )?(?:an? )?(?:non-?zero )?(?:exit|return) (?:code|status)):?"
    r" \(?[1-9]\d{0,2}(?=$|[\s.,:;)\]])",
    "pydantic: a value": r"(?<=\d )validation errors?\b|validation errors?:|input should be|(?:value|type) is not a valid|value is not a",
    "JSON Schema: a value": rf"{_CALLED}(?:\$\S*: )?(?:{_QUOTED}|[\w.\-+]{{1,40}}|\[[^\n]*\]|{{[^\n]*}}) "
    r"(?:is not (?:of type '|one of [\[(]|valid under)|does not match '|is too (?:short|long)$|should be non-empty$)"
    r"|[^\n]{1,300}\n\nfailed validating '"
    r"|-?[\d.]+ is (?:less|greater) than the (?:min|max)imum",
    "a wrong value": rf"(?:invalid|wrong|incorrect|bad|illegal|unsupported|unknown) "
    rf"(?:value|type|data type|format|{_PARAMETER}|date|enum|choice)\b"
    r"|parameter type error|[\w.]+\(\) (?:argument '|takes (?:text|a |an ))",
    "a failure that is not explained": r"response error|(?:(?:tool|function|call|execution|runtime|unknown|unexpected|general) )+"
    r"(?:error|failure|failed)(?:$|[.!:])|(?:something|sth\.?) went wrong"
    r"|an? (?:unknown|unexpected|unspecified|internal) (?:error|exception|problem)",
    "an exception of the tool": r"(?:[\w.]*\.)?(?:Type|Value|Key|Index|Attribute|ZeroDivision|Arithmetic|Overflow|Assertion|NotImplemented"
    r"|Unicode\w*|Lookup|Syntax|Indentation|Import|ModuleNotFound|Recursion|Runtime|Memory|OS|IO|FileNotFound|FileExists|Permission"
    r"|IsADirectory|NotADirectory|JSONDecode|StopIteration|Validation|Name|UnboundLocal|Operational|Integrity|Programming|Database)"
    r"(?:Error|Exception)\b",
}
_RULES = (
    *_rules(Feedback.FORMAT_ERROR, _FORMAT_ERROR),
    *_rules(Feedback.TOOL_HALLUCINATION, _TOOL_HALLUCINATION),
    *_rules(Feedback.PARAMETER_MISSING, _PARAMETER_MISSING),
    *_rules(Feedback.PARAMETER_HALLUCINATION, _PARAMETER_HALLUCINATION),
    *_rules(Feedback.TOOL_INSTABILITY, _TOOL_INSTABILITY),
    *_rules(Feedback.TOOL_CALL_FAILURE, _TOOL_CALL_FAILURE),
)

# How a text announces that it reports a failure, whichever.
_ANNOUNCED = re.compile(
    r"""\s*\W{0,3}(?:
    <(?:tool_|function_)?error>
    |(?:[\w.\- ]{0,40}?\b)?(?:error|exception|failure|failed|fault)
        (?:\s+(?:code\s+)?\(?-?\d+\)?|\s+\([^)\n]{0,60}\)|\s+message|\s+response)?\s*(?::|\s[-–—]\s|!)
    |(?-i:(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception))\s*[:(]
    |\d+\svalidation\serrors?\sfor\s
    |(?:an?|the)\s(?:[\w-]+\s){0,3}(?:error|exception|failure)\s(?:has\s|was\s)?(?:occurred|happened|raised|thrown|encountered|returned)\b
    |(?:an?\s)?(?:error|exception|failure)\s
        (?:occurred|happened|while|when|during|in|executing|calling|running|invoking|from|fetching|processing|retrieving)\b
    |(?:failed|failure|unable)\s(?:to|in)\s(?:execut|call|run|invok|fetch|retriev|process|perform|get|load|find|send|creat|updat|delet
        |complet|read|writ|open|connect|access|search|obtain|locat|add|remov|book|sav|upload|download|generat|translat|convert|pars|validat)\w*
    |(?:i'?m\s)?(?:sorry|apologies|oops|unfortunately|whoops)\b[^.!\n]{0,120}?\b
        (?:could\snot|couldn't|cannot|can't|unable|was\snot|wasn't|not\sfound|failed|error|no\s[\w\s]{1,40}(?:found|available|match\w*)
        |not\savailable|does\snot|doesn't|invalid|problem|wrong)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# A count, or the word that there is none: "Errors: 0", "Failed: 0, passed: 12", "Error: none".
_NO_ERROR = re.compile(r"\s*(?:[-+±]?[\d.,]+\s*%?|none|null|nil|no|no errors?|nothing|n/?a|false|ok)\s*(?:$|[,;|(\n])", re.IGNORECASE)
_NOT_FOUND = re.compile(
    r"""(?:(?:the|your|this|that|a|an)\s)?[\w'"`@\#/.:\- ]{0,100}\b(?:
    (?:(?:is|was|were|could|can)\s?(?:not|n't)(?:\sbe)?|not)\sfound|(?:does\snot|doesn't)\sexist
    |(?:could\snot|cannot|can't|couldn't)\sbe\s
        (?:found|opened|read|accessed|loaded|completed|processed|executed|modified|cancell?ed|deleted|created)
    )(?:\s(?:in|on|for|at|with|under)\b[^.\n]{0,80})?[.!]?""",
    re.IGNORECASE | re.VERBOSE,
)
_NOT_THERE = Rule(Feedback.OTHER, "what was asked for is not there", _NOT_FOUND)
_OTHER = Rule(Feedback.OTHER, "a report of failure", _ANNOUNCED)
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Timeout)(?::\s+|\(['\"]?)")
_TRACEBACK = re.compile(r"^\s*Traceback \(most recent call last\):", re.MULTILINE)
_RAISED = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Timeout|Warning|Iteration|Fault)(?::.*)?$", re.MULTILINE)
_PAGE = re.compile(r"\s*<(?:!doctype html|html)\b.{0,600}?<(?:title|h1)>\s*(?P<title>[^<]{0,100})", re.IGNORECASE | re.DOTALL)
_LOOKED_AT = 1000  # characters of a report: it begins with what went wrong
_LONGEST = 1000  # a longer text that nothing announces as a report is none, whatever its first words
_SHORT = 300


def of(text: str) -> Rule | None:
    """The rule by which a text reports a failure; None where it is a result."""
    text = text.strip()
    if _TRACEBACK.search(text):
        return _traceback(text)
    head = text[:_LOOKED_AT]
    if (page := _PAGE.match(head)) is not None:
        rule = _at_start(page["title"].strip())
        return rule if rule is not None and rule.feedback is Feedback.TOOL_INSTABILITY else None
    if len(text) <= _LONGEST and (rule := _at_start(head)) is not None:
        return rule
    if (announced := _ANNOUNCED.match(head)) is not None and not _NO_ERROR.match(head, announced.end()):
        return _at_start(head[announced.end() :].lstrip()) or within(head) or _OTHER
    return _NOT_THERE if len(text) <= _SHORT and _NOT_FOUND.fullmatch(text) else None


def within(text: str) -> Rule | None:
    """The rule that says which failure a text reports that is known to report one; None where none does."""
    head = text[:_LOOKED_AT]
    return _at_start(head) or next((rule for rule in _RULES if rule.pattern.search(head)), None)


def undefined_name(text: str) -> str | None:
    """The name of a NameError's message."""
    found = re.search(r"name '?([\w.]+)'? is not defined", text[-_LOOKED_AT:] if _TRACEBACK.search(text) else text[:_LOOKED_AT])
    return found and found[1]


def key(name: object) -> str:
    """The name of a JSON member as all spellings of it have it: `error_message`, `errorMessage` and `Error Message` are one."""
    return re.sub(r"[^a-z]", "", str(name).lower())


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
