"""What `reward.options` of `rewards.tl_training:TLTraining` may say, checked: numbers, comparisons, and categories of a user's own.

Both kinds of rules name tools and parameters, either of which may be left out for any; of several the first that fits holds.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator, Field, FiniteFloat

from raytool.records import BY_NUMBERS, Comparison


class _Rule(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    tools: tuple[str, ...] = Field((), description="names of tools; left out: any")
    parameters: tuple[str, ...] = Field((), description="names of parameters; left out: any")


Way = Literal["exact", "numbers", "text", "json"]


def _listed(content: Any) -> Any:
    return [content] if isinstance(content, str) else content


class CompareRule(_Rule):
    """How the values of some parameters are compared. `how` is one way or several; `text` and `json` compare numbers as `numbers` does."""

    how: Annotated[tuple[Way, ...], BeforeValidator(_listed)] = Field(min_length=1)

    @pydantic.model_validator(mode="after")
    def _check(self) -> CompareRule:
        if "exact" in self.how and len(self.how) > 1:
            raise ValueError(f"how: 'exact' stands alone, not in {list(self.how)}")
        return self

    @property
    def comparison(self) -> Comparison:
        return Comparison(numbers="exact" not in self.how, text="text" in self.how, json="json" in self.how)

    def fits(self, tool: str, parameter: str) -> bool:
        return (not self.tools or tool in self.tools) and (not self.parameters or parameter in self.parameters)


class Category(_Rule):
    """A category that is made of another: of its calls those of one of `tools`, and for something about one of `parameters`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    of: str
    reward: FiniteFloat

    @pydantic.model_validator(mode="after")
    def _check(self) -> Category:
        if not self.tools and not self.parameters:
            raise ValueError(f"tools or parameters are expected; what '{self.of}' as a whole is worth stands in rewards")
        return self


def _as_rules(content: Any) -> Any:
    """A way, or a list of ways, for every value is a rule without tools and parameters."""
    if isinstance(content, str) or (isinstance(content, list | tuple) and content and all(isinstance(way, str) for way in content)):
        return [{"how": content}]
    return content


class Options(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    rewards: dict[str, FiniteFloat] = {}
    outcome: FiniteFloat = 1.0
    compare: Annotated[tuple[CompareRule, ...], BeforeValidator(_as_rules)] = ()
    categories: tuple[Category, ...] = ()

    def comparison(self, tool: str, parameter: str) -> Comparison:
        return next((rule.comparison for rule in self.compare if rule.fits(tool, parameter)), BY_NUMBERS)


def checked(**given: Any) -> Options:
    """The options as they were given.

    Raises:
        ValueError: one line with the first mistake: the field, the value and what is expected.
    """
    try:
        return Options.model_validate(given)
    except pydantic.ValidationError as error:
        mistake = error.errors(include_url=False)[0]
    place = ".".join(map(str, mistake["loc"]))
    if mistake["type"] == "missing":
        raise ValueError(f"{place}: is missing")
    if mistake["type"] == "value_error":
        raise ValueError(f"{place}: {mistake['ctx']['error']}")
    if mistake["type"] == "extra_forbidden":
        raise ValueError(f"{place}: unknown key")
    raise ValueError(f"{place}: {mistake['input']!r} given; {mistake['msg'][0].lower()}{mistake['msg'][1:]}")
