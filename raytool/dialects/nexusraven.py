"""The dialect of NexusRaven-V2: Python calls as in the python dialect, in a frame of its own.

    User Query: Is it raining in Paris?<human_end>
    Call: get_weather(city='Paris'); get_time(zone='CET')<bot_end>

The first `<bot_end>` ends the call, and what a model writes after it (NexusRaven explains itself there) is not read. Inside a
string it is escaped. The calls are read where `Call:` is left out, too, as in the python dialect.
"""

from __future__ import annotations

from collections.abc import Sequence

from raytool.dialects.base import FormatError, Parsed, enclosed
from raytool.dialects.python import PythonDialect, python_names, signature, type_name, written_calls
from raytool.records import ToolCall, ToolSpec

_CALL, _END = "Call:", "<bot_end>"


class NexusRavenDialect(PythonDialect):
    __slots__ = ()

    def instructions(self, tools: Sequence[ToolSpec]) -> str:
        names = python_names(tools)
        return "\n\n".join(
            [
                *(self._definition(names[spec.name], spec) for spec in tools),
                f"Answer with a call of one of these functions, or with several between semicolons, as {_CALL} name(parameter=value){_END}",
            ]
        )

    def _definition(self, name: str, spec: ToolSpec) -> str:
        spec = self.shown(spec)
        lines = self.description(spec).splitlines()
        if self.parameter_descriptions and spec.documented:
            lines += ["", "Args:"]
            lines += [
                f"    {p} ({type_name(schema)}): {schema.get('description', '')}".rstrip(": ") for p, schema in spec.documented.items()
            ]
        indented = [f"    {line}".rstrip() for line in ['"""', *lines, '"""']]
        return "\n".join(["Function:", signature(name, spec), *indented])

    def query(self, text: str) -> str:
        return f"User Query: {text}<human_end>"

    def _write(self, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        # Only a string can hold the mark, and there an escape says the same.
        written = "; ".join(written_calls(calls, tools)).replace(_END, f"{_END[:-1]}\\x3e")
        return f"{_CALL} {written}{_END}"

    def _read(self, text: str, tools: Sequence[ToolSpec]) -> Parsed:
        start = len(text) - len(text.lstrip())
        named = text.startswith(_CALL, start)
        first = start + len(_CALL) * named
        end = text.find(_END, first)
        written = text[first : end if end >= 0 else len(text)]
        parsed = super()._read(written, tools)
        if parsed.final is not None:
            if named or end >= 0:
                raise FormatError(f"there is no call between {_CALL} and {_END}")
            return parsed
        calls = [call.moved(first) for call in parsed.calls]
        return Parsed(enclosed(calls, start if named else calls[0].start, end + len(_END) if end >= 0 else calls[-1].stop))
