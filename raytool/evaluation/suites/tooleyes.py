"""ToolEyes (Ye et al., arXiv 2401.00741): queries with the tools of their library, up to nine turns of the model, ended by `finish`.

There is no gold. DE and CE are shares of the calls, VA the share of queries with a valid answer; their rules are in
`raytool.evaluation.conversation_metrics`. `envs.tooleyes` answers the calls: offline, or with `live` by ToolEyes' own programs.
Of a tool's name that a configuration repeats the first document is offered.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pydantic

from raytool.evaluation import conversation_metrics
from raytool.evaluation.suite import Ratio, Reading, Sample, Score, Suite, SuiteError, Unreadable, numbered
from raytool.records import Episode, Message, Task, ToolSpec, first_mistake

_QUERIES = "Test_Data/scenario_data_raw.json"
_ASKED = Message(
    "system",
    "Call tools, one at a time, until you can answer the query. Then tell the user the answer by calling finish; if the query "
    'cannot be served, finish with "I cannot handle the task".',
)
_OFFLINE = (
    "no service was called: calls were held against their tools' documents, and answered with values made up from these; "
    "what a real service would have refused is not in CE"
)


class _Query(pydantic.BaseModel):
    query: str
    path: str
    scenario: str


class _Tool(pydantic.BaseModel):
    name: str
    description: str
    parameters: dict[str, Any]


@dataclass
class ToolEyes(Suite):
    """`live` runs ToolEyes' own tool.py in the tool host, with the network; it needs rollout.tool_host.network=true."""

    name: ClassVar[str] = "tooleyes"
    measures: ClassVar[tuple[str, ...]] = ("DE", "CE", "VA")
    per_sample: ClassVar[tuple[str, ...]] = ("VA",)
    max_turns: ClassVar[int] = 9
    turn_tokens: ClassVar[int] = 256
    max_tokens: ClassVar[int] = 8192
    where: ClassVar[str] = "https://github.com/Junjie-Ye/ToolEyes (Test_Data and Tool_Library)"

    live: bool = False
    _notes: dict[str, None] = field(default_factory=dict, init=False)  # as an ordered set

    def read(self, data: Path | None) -> Reading:
        """The folder has Test_Data/scenario_data_raw.json and Tool_Library.

        Raises:
            SuiteError: the queries are not there, or with `live` a program.
        """
        assert data is not None
        try:
            queries = json.loads((data / _QUERIES).read_bytes())
        except (OSError, ValueError) as error:
            raise SuiteError(f"data {data}: {_QUERIES}: {error}") from None
        self._notes = {} if self.live else {_OFFLINE: None}
        return numbered(self._records(data, queries))

    def score(self, sample: Sample, episode: Episode) -> Score:
        measures = conversation_metrics.measures(episode)
        if measures["VA"] == Ratio.of(True):
            return Score("answered", measures)
        said = conversation_metrics.answer(episode)
        return Score(f"no answer, {episode.stop.value}" if said is None else "gave up" if said.strip() else "empty answer", measures)

    def notes(self) -> Sequence[str]:
        return list(self._notes)

    def _records(self, data: Path, queries: Sequence[Any]) -> Iterator[Sample | Unreadable]:
        for number, record in enumerate(queries):
            id, where = f"tooleyes-{number}", f"{Path(_QUERIES).name}[{number}]"
            groups = {"scenario": str(record.get("scenario", "")) if isinstance(record, dict) else ""}
            try:
                query = _Query.model_validate(record)
                folder = data / query.path.removeprefix("ToolEyes/")
                tools = self._tools(folder)
            except pydantic.ValidationError as error:
                yield Unreadable(where, first_mistake(error), groups, id)
                continue
            except OSError as error:
                yield Unreadable(where, f"path: {query.path}/config_gpt4.json: {error.strerror}", groups, id)
                continue
            env = "envs.tooleyes:LiveToolEyes" if self.live else "envs.tooleyes:ToolEyes"
            options = {"files": _program(folder)} if self.live else {}
            tags = {"suite": "tooleyes", "library": query.path.removeprefix("ToolEyes/Tool_Library/")}
            task = Task(id, env, query.query, tools, options=options, tags=tags, context=(_ASKED,))
            yield Sample(task, groups)

    def _tools(self, folder: Path) -> tuple[ToolSpec, ...]:
        found: dict[str, ToolSpec] = {}
        for tool in pydantic.TypeAdapter(list[_Tool]).validate_json((folder / "config_gpt4.json").read_bytes()):
            if tool.name in found:
                self._notes[f"{folder.name}: its configuration has a second {tool.name}, which is left out"] = None
            else:
                found[tool.name] = ToolSpec(tool.name, tool.description, tool.parameters)
        return tuple(found.values())


def _program(folder: Path) -> dict[str, str]:
    """The texts of a library's program and of what lies beside it."""
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}
    if "tool.py" not in files:
        raise SuiteError(f"option live: {folder} has no tool.py; the whole Tool_Library is needed")
    return files
