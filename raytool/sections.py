"""What a config's sections are made of: unknown keys and wrong types are refused, a line for each mistake.

A dotted name leads to a knob, `ppo.clip`, and through a list, `tasks.train.0.noise`.
"""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import pydantic
import yaml
from pydantic import Field

from raytool.records import UserError

Parsed = TypeVar("Parsed", bound="Section")
Share = Annotated[float, Field(ge=0, le=1)]
NonNegative = Annotated[float, Field(ge=0)]
_UNKNOWN_KEY = ("extra_forbidden", "unexpected_keyword_argument")  # of a section, and of a record
_SHOWN = 60  # characters of a value that is wrong


class ConfigError(UserError):
    """What the user has to change, a line for each mistake."""


class Section(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


def read(kind: type[Parsed], path: Path, overrides: Sequence[str]) -> Parsed:
    """A config of a kind out of a YAML file, changed by `a.b=value` overrides (values are YAML).

    Raises:
        ConfigError: a line for each key that is unknown, missing or of the wrong type.
    """
    try:
        content = load_yaml(path.read_text(), str(path))
    except OSError as error:
        raise ConfigError(f"--config {path}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: a mapping of sections is expected, not {type(content).__name__}")
    return parse(kind, content, str(path), overrides)


def load_yaml(text: str, where: str) -> Any:
    """What a YAML text holds.

    Raises:
        ConfigError: a key occurs twice in a section of it.
        yaml.YAMLError: it is none.
    """
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _refuse_twice(node, where)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _refuse_twice(root: yaml.Node, where: str) -> None:
    """YAML takes the last of several keys, and says nothing. Aliases are not gone into again."""
    nodes, met = [root], set()
    while nodes:
        node = nodes.pop()
        if id(node) in met or isinstance(node, yaml.ScalarNode):
            continue
        met.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            nodes += node.value
            continue
        keys = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in keys:
                    raise ConfigError(f"{where}:{key.start_mark.line + 1}: {key.value}: occurs twice")
                keys.add(key.value)
            nodes.append(value)


def parse(kind: type[Parsed], content: dict[str, Any], where: str, overrides: Sequence[str] = ()) -> Parsed:
    """A config of a kind from its content, changed by overrides.

    Raises:
        ConfigError: a line for each mistake.
    """
    content = _apart(content)
    given: dict[str, str] = {}
    for override in overrides:
        key = _override(content, override)
        if key in given:
            raise ConfigError(f"override '{override}': {key} is given twice, first as '{given[key]}'")
        given[key] = override
    try:
        return kind.model_validate(content)
    except pydantic.ValidationError as error:
        mistakes = [(_said(mistake, given) or where, _explain(mistake, mistake["loc"], kind)) for mistake in _innermost(error)]
        raise ConfigError("\n".join(f"{said}: {told}" for said, told in mistakes)) from None


def _said(mistake: Any, overrides: Mapping[str, str]) -> str:
    """The override that a mistake stands in, if one does. Of knobs that do not go together the message begins with one."""
    place = ".".join(map(str, mistake["loc"]))
    if mistake["type"] == "value_error":
        place = ".".join(filter(None, (place, str(mistake["ctx"]["error"]).partition(":")[0])))
    return next((f"override '{o}'" for key, o in overrides.items() if f"{place}.".startswith(f"{key}.") or key.startswith(f"{place}.")), "")


def _apart(tree: Any) -> Any:
    """A copy in which nothing stands in two places: an override of one of them is not for what a YAML alias made the same."""
    if isinstance(tree, dict):
        return {key: _apart(branch) for key, branch in tree.items()}
    return [_apart(branch) for branch in tree] if isinstance(tree, list) else tree


def explain(error: pydantic.ValidationError, kind: type, depth: int = 0) -> list[str]:
    """What is wrong with a section or a record, a line for each mistake: the place, the value given and what was expected.

    What merely follows from another mistake deeper down is left out. Unknown keys come first: a missing one may be one of them misspelt.
    `depth` is how many steps the record itself lies below what was validated.
    """
    return [_explain(mistake, mistake["loc"][depth:], kind) for mistake in _innermost(error)]


def _innermost(error: pydantic.ValidationError) -> list[Any]:
    mistakes = sorted(error.errors(include_url=False), key=lambda mistake: mistake["type"] not in _UNKNOWN_KEY)
    places = [mistake["loc"] for mistake in mistakes]
    return [m for m in mistakes if not any(len(p) > len(m["loc"]) and p[: len(m["loc"])] == m["loc"] for p in places)]


def flatten(tree: Any, prefix: str = "", lists: bool = True) -> dict[str, Any]:
    """Values by their dotted names; an empty section is a value. Lists of sections are gone into, or with `lists` false are values."""
    branches: list[tuple[str, Any]] = []
    if isinstance(tree, dict):
        branches = list(tree.items())
    elif lists and isinstance(tree, list) and all(isinstance(branch, dict) for branch in tree):
        branches = [(str(place), branch) for place, branch in enumerate(tree)]
    if not branches:
        return {prefix: tree}
    return {name: value for key, branch in branches for name, value in flatten(branch, f"{prefix}.{key}" if prefix else key, lists).items()}


def _override(content: dict[str, Any], override: str) -> str:
    """Do as an override says; its key is returned."""
    key, equals, text = override.partition("=")
    if not equals:
        raise ConfigError(f"override '{override}': expected key=value, e.g. ppo.updates=20")
    try:
        value = load_yaml(text, f"override '{override}'")
    except yaml.YAMLError:
        raise ConfigError(f"override '{override}': '{text}' is not a YAML value") from None
    put(content, key, value, f"override '{override}'")
    return key


def put(content: dict[str, Any], key: str, value: Any, said: str) -> None:
    """Put a value where a dotted name leads, through sections that are made where there are none. Errors begin with `said`.

    Raises:
        ConfigError: it leads through something that is neither a section nor a place in a list.
    """
    *parents, last = key.split(".")
    place: Any = content
    for depth, step in enumerate([*parents, last]):
        where = ".".join(parents[:depth])
        if isinstance(place, list):
            if not step.isdecimal() or int(step) >= len(place):
                raise ConfigError(f"{said}: '{where}' is a list of {len(place)}; give a number from 0, not '{step}'")
            at: Any = int(step)
        elif isinstance(place, dict):
            at = step
        else:
            raise ConfigError(f"{said}: '{where}' is no section")
        if depth == len(parents):
            place[at] = value
        else:
            place = place[at] if isinstance(place, list) else place.setdefault(at, {})


def suggestion(given: str, known: Sequence[str]) -> str:
    """What to say of a name that is not known: the nearest one that is, or all."""
    near = difflib.get_close_matches(given, known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known)}"


def parse_arguments(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> argparse.Namespace:
    """The arguments of a program whose overrides may stand anywhere among them.

    Raises:
        ConfigError: an override is written as an option.
    """
    given, unknown = parser.parse_known_intermixed_args(arguments)
    if dashed := [argument for argument in unknown if "=" in argument]:
        raise ConfigError(f"{dashed[0]}: write {dashed[0].lstrip('-')}")
    if unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return given


def knobs(kind: type[Section], prefix: str = "", defaults: Section | None = None) -> Iterator[tuple[str, str, str]]:
    """Every knob of a kind: its dotted name, its default as an override would give it, and what it is for.

    `defaults` are those of a section that has others than its kind's own.
    """
    for name, field in kind.model_fields.items():
        place, kinds, listed = f"{prefix}{name}", _alternatives(field.annotation), ""
        if typing.get_origin(kinds[0]) is tuple:
            kinds, listed = list(typing.get_args(kinds[0])), ".0"
        default = getattr(defaults, name) if defaults is not None else None if field.is_required() else field.get_default()
        section = next((each for each in kinds if isinstance(each, type) and issubclass(each, Section)), None)
        if section is None or (default is None and not field.is_required()):
            choices = [str(value) for each in kinds if typing.get_origin(each) is Literal for value in typing.get_args(each)]
            told = [field.description or "", f"one of {', '.join(choices)}" if choices and not listed else ""]
            given = "" if field.is_required() and defaults is None else _as_override(default)
            yield place, given, "; ".join(filter(None, told))
        if section is not None:
            yield from knobs(section, f"{place}{listed}.", default if isinstance(default, Section) else None)


def _alternatives(annotation: Any) -> list[Any]:
    return list(typing.get_args(annotation)) if typing.get_origin(annotation) in (typing.Union, types.UnionType) else [annotation]


def _as_override(value: Any) -> str:
    plain = list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Path) else value
    return yaml.safe_dump(plain, default_flow_style=True, width=1000).removesuffix("\n").removesuffix("\n...")


def _explain(mistake: Any, loc: tuple[str | int, ...], kind: type) -> str:
    place, given = ".".join(map(str, loc)), _shown(mistake["input"])
    if mistake["type"] in _UNKNOWN_KEY:
        what = f"unknown key; {suggestion(str(loc[-1]), _keys_at(kind, loc[:-1]))}"
    elif mistake["type"] == "tuple_type":
        what = f"{given} given; a list is expected" + ("" if callable(mistake["input"]) else f", e.g. [{given}]")
    elif mistake["type"] == "model_type":
        what = f"{given} given; a section is expected, with {', '.join(_keys_at(kind, loc))}"
    elif mistake["type"] == "dataclass_type":
        what = f"{given} given; an object is expected, with {', '.join(_keys_at(kind, loc))}"
    elif mistake["type"] == "missing":
        what = "is missing"
    elif mistake["type"] == "value_error":
        what = str(mistake["ctx"]["error"])
    else:
        what = f"{given} given; {mistake['msg'][0].lower()}{mistake['msg'][1:]}"
    return f"{place}: {what}" if loc else what


def _shown(value: Any) -> str:
    """A value on part of a line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _keys_at(kind: Any, path: tuple[str | int, ...]) -> list[str]:
    """The known keys of the section or record that a path of keys and list indices leads to."""
    for step in path:
        kind = _fields(kind)[step] if isinstance(step, str) else typing.get_args(kind)[0]
        kind = _alternatives(kind)[0]  # a section or null
    return list(_fields(kind))


def _fields(kind: Any) -> dict[str, Any]:
    """The type of each field."""
    if dataclasses.is_dataclass(kind):
        return typing.get_type_hints(kind)
    return {name: field.annotation for name, field in kind.model_fields.items()}
