"""The dialect of Llama 3: a call is a JSON object and nothing beside it.

    {"name": "get_weather", "parameters": {"city": "Paris"}}

Several calls are written one after the other with semicolons between them; a list of objects, commas, and `<|python_tag|>`
before the first are read too, since the models write them (as BFCL's decoder knows). Words beside a call are a format error.
"""

from __future__ import annotations

from collections.abc import Sequence

from raytool.dialects import json_text
from raytool.dialects.base import CallFormat, FormatError, Parsed, enclosed, openai_tool
from raytool.records import ToolCall, ToolSpec

_TAG = "<|python_tag|>"


class Llama3Dialect(CallFormat):
    __slots__ = ()

    def instructions(self, tools: Sequence[ToolSpec]) -> str:
        return "\n\n".join(
            [
                "You can call these functions. To call one, answer with JSON and nothing else, in this form: "
                '{"name": the function\'s name, "parameters": an object with a value for each argument}. '
                "Put a semicolon between several calls.",
                *(json_text.write(openai_tool(self.document(spec))) for spec in tools),
            ]
        )

    def _write(self, calls: Sequence[ToolCall], tools: Sequence[ToolSpec]) -> str:
        return "; ".join(json_text.write({"name": call.name, "parameters": call.arguments}) for call in calls)

    def _read(self, text: str, tools: Sequence[ToolSpec]) -> Parsed:
        start = len(text) - len(text.lstrip())
        stop = len(text.rstrip())
        tagged = text.startswith(_TAG, start)
        at = json_text.skip(text, start + len(_TAG) * tagged)
        if not (tagged or ('"name"' in text and '"parameters"' in text)):
            return Parsed((), final=text.strip())
        if text.startswith("[", at):
            places, end = json_text.elements(text, at)
            calls = [json_text.call_at(text, place.start, "parameters") for place in places]
        else:
            calls = [json_text.call_at(text, at, "parameters")]
            end = calls[-1].stop
            while (at := json_text.skip(text, end)) < stop and text[at] in ";,":
                calls.append(json_text.call_at(text, json_text.skip(text, at + 1), "parameters"))
                end = calls[-1].stop
        if text[end:stop].strip():
            raise FormatError("the answer holds something beside calls")
        if not calls:
            raise FormatError("the list of calls is empty")
        return Parsed(enclosed(calls, start, end))
