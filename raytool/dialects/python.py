"""The dialect of TL-CodeLLaMA: tools are Python signatures, a call is a Python call.

    get_weather(city='Paris', days=3)

Several calls stand on lines of their own; in a list, as BFCL's prompt asks for them, they are read as well.
Arguments are data: the text is parsed with `ast` and never evaluated; of expressions only arithmetic between numbers
(`1/6`) is folded. Of a parameter that is given several times the last value counts, as in JSON and in BFCL's own decoder.
A parameter that is no Python identifier is written as `**{'from': 1}`, a tool's name that is no
dotted identifier with underscores in place of what Python forbids.
"""

from __future__ import annotations

import ast
import keyword
import math
import operator
import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from raytool.dialects.base import CallFormat, FormatError, Parsed, ParsedCall, spellings
from raytool.records import ToolCall, ToolSpec

_LARGEST = 10**400
_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "array": "list", "object": "dict", "null": "None"}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_BEGUN = re.compile(r"^[^\S\n]*([^\W\d][\w.]*)([^\S\n]*)\(", re.MULTILINE)


class PythonDialect(CallFormat):
    __slots__ = ()

    def instructions(self, tools: Sequence[ToolSpec]) -> str:
        names = python_names(tools)
        return "\n".join(["Answer by calling these functions.", *(self._definition(names[spec.name], spec) for spec in tools)])

    def _definition(self, name: str, spec: ToolSpec) -> str:
        spec = self.shown(spec)
        lines = [self.description(spec)]
        if self.parameter_descriptions:
            lines += [f"    {p}: {schema['description']}" for p, schema in spec.documented.items() if schema.get("description")]
        return f'{signature(name, spec)}\n    """' + "\n".join(lines) + '"""'

    def _write(self, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        return "\n".join(written_calls(calls, tools))

    def _read(self, text: str, tools: Sequence[ToolSpec]) -> Parsed:
        try:
            statements = _statements(text.strip())
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if _looks_like_a_call(text, tools):
                raise FormatError(f"the call cannot be read: {getattr(error, 'msg', None) or error}") from None
            return Parsed((), final=text.strip())
        nodes = [node for statement in statements for node in _calls(statement)]
        if not nodes or not all(isinstance(node, ast.Call) for node in nodes):
            if any(isinstance(node, ast.Call) for statement in statements for node in ast.walk(statement)):
                raise FormatError("the answer holds something beside calls")
            return Parsed((), final=text.strip())
        if any(map(_is_too_large, (part for node in nodes for part in ast.walk(node)))):
            raise FormatError("a number is too large")
        written = {spelling: name for name, spelling in python_names(tools).items()}
        offset = _Offsets(text)
        calls = []
        for node in nodes:
            assert isinstance(node, ast.Call)
            calls.append(ParsedCall(_read_call(node, written, tools), *offset.span(node), *offset.span(node.func)))
        return Parsed(tuple(calls))


def _looks_like_a_call(text: str, tools: Sequence[ToolSpec]) -> bool:
    """Whether a line begins as a call does. Before the bracket of "Paris (France)" is a blank, which a call has only of an offered tool."""
    offered = set(python_names(tools).values())
    return any(not blank or name in offered for name, blank in _BEGUN.findall(text))


def signature(name: str, spec: ToolSpec) -> str:
    """The first line of the function that a tool is shown as: required parameters first, the others with their defaults."""
    required = [p for p in spec.required if p in spec.documented]
    parameters = [f"{p}: {type_name(spec.documented[p])}" for p in required]
    for p, schema in spec.documented.items():
        if p not in required:
            parameters.append(f"{p}: {type_name(schema)} = {_literal(schema.get('default'))}")
    return f"def {name}({', '.join(parameters)}):"


def written_calls(calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> list[str]:
    names = python_names(tools)
    return [f"{names.get(call.name, call.name)}({', '.join(_arguments(call.arguments))})" for call in calls]


def _statements(text: str) -> list[ast.stmt]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        return ast.parse(text, mode="exec").body


def _calls(statement: ast.stmt) -> Sequence[ast.AST]:
    """The expressions that ought to be calls: the statement's, or the elements of a list, in which BFCL's prompt asks for them."""
    match statement:
        case ast.Expr(value=ast.List(elts=[_, *_] as elements) | ast.Tuple(elts=[_, *_] as elements)):
            return elements
        case ast.Expr(value=value):
            return [value]
    return [statement]


def _is_too_large(node: ast.AST) -> bool:
    """Whether a number is written that JSON has no form for: infinite (1e999), or an integer that cannot be written as digits.

    Python's parser refuses long decimal integers only, and prints no integer that is longer.
    """
    match node:
        case ast.Constant(value=int() as value):
            return value >= _LARGEST
        case ast.Constant(value=float() as value):
            return math.isinf(value)
    return False


class _Offsets:
    """Character offsets in the unstripped text of ast's (line, UTF-8 byte column) positions in the stripped one."""

    def __init__(self, text: str):
        self._lead = len(text) - len(text.lstrip())
        # What ast takes as the end of a line; str.splitlines knows more of them.
        self._lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text.strip())
        self._starts = [0]
        self._columns: dict[int, Sequence[int]] = {}
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def span(self, node: ast.expr) -> tuple[int, int]:
        return self._at(node.lineno, node.col_offset), self._at(node.end_lineno, node.end_col_offset)

    def _at(self, line: int | None, column: int | None) -> int:
        assert line is not None and column is not None
        return self._lead + self._starts[line - 1] + self._characters(line - 1)[column]

    def _characters(self, line: int) -> Sequence[int]:
        """The character that each byte of a line belongs to."""
        if line not in self._columns:
            text = self._lines[line]
            per_byte = [index for index, character in enumerate(text) for _ in character.encode()]
            self._columns[line] = range(len(text) + 1) if text.isascii() else [*per_byte, len(text)]
        return self._columns[line]


def _read_call(node: ast.Call, written: dict[str, str], tools: Sequence[ToolSpec]) -> ToolCall:
    called = node.func
    while isinstance(called, ast.Attribute):
        called = called.value
    if not isinstance(called, ast.Name):
        raise FormatError("the answer calls something that is no name")
    spelling = ast.unparse(node.func)
    name = written.get(spelling, spelling)
    arguments: dict[str, Any] = {}
    if node.args:
        spec = next((spec for spec in tools if spec.name == name), None)
        documented = list(spec.documented) if spec else []
        if len(node.args) > len(documented):
            raise FormatError(f"{spelling}() got {len(node.args)} positional arguments; write name=value")
        arguments = {parameter: _read(value) for parameter, value in zip(documented, node.args, strict=False)}
    for argument in node.keywords:
        more = {argument.arg: _read(argument.value)} if argument.arg is not None else _read(argument.value)
        if not isinstance(more, dict) or not all(isinstance(key, str) for key in more):
            raise FormatError("what follows ** is not a dict with names as keys")
        arguments |= more
    return ToolCall(name, arguments)


def _read(node: ast.expr) -> Any:
    """The JSON-like value that an expression writes down."""
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str()):
            return node.value
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [_read(element) for element in elements]
        case ast.Dict(keys=keys, values=values) if all(keys):
            read_keys = [_read(key) for key in keys if key is not None]
            if not all(isinstance(key, str | int | float | bool | None) for key in read_keys):
                raise FormatError("a key of a dict is no string")
            return {key if isinstance(key, str) else str(key): _read(value) for key, value in zip(read_keys, values, strict=True)}
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return _number(operand, node) * (-1 if isinstance(node.op, ast.USub) else 1)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            try:
                result = _ARITHMETIC[type(op)](_number(left, node), _number(right, node))
                if not -_LARGEST < result < _LARGEST:
                    raise OverflowError("the result is too large")
                return result
            except ArithmeticError as error:
                raise FormatError(f"{ast.unparse(node)[:80]}: {error}") from None
    raise FormatError(f"'{ast.unparse(node)[:80]}' is not a value; write a string, number, list or dict")


def _number(node: ast.expr, whole: ast.expr) -> int | float:
    value = _read(node)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FormatError(f"'{ast.unparse(whole)[:80]}' is not a value; write a string, number, list or dict")
    return value


def _arguments(arguments: dict[str, Any]) -> list[str]:
    plain = [f"{name}={_literal(value)}" for name, value in arguments.items() if _is_identifier(name)]
    rest = {name: value for name, value in arguments.items() if not _is_identifier(name)}
    return plain + ([f"**{_literal(rest)}"] if rest else [])


def _literal(value: Any) -> str:
    return repr(value)


def _is_identifier(name: str) -> bool:
    # ASCII only: Python normalises other identifiers (NFKC), so that they would not come back as written.
    return name.isascii() and name.isidentifier() and not keyword.iskeyword(name)


def python_names(tools: Sequence[ToolSpec]) -> dict[str, str]:
    """How each tool's name is written as a Python one."""
    return spellings(tools, lambda name: all(map(_is_identifier, name.split("."))), _as_identifier)


def _as_identifier(name: str) -> str:
    base = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return base if _is_identifier(base) else f"_{base}"


def type_name(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return f"Literal[{', '.join(map(_literal, schema['enum']))}]"
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(map(type_name, schema["anyOf"])))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(_TYPES.get(k, "any") for k in kind)
    if kind == "array" and schema.get("items"):
        return f"list[{type_name(schema['items'])}]"
    return _TYPES.get(kind or "", "any")
