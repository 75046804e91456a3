"""Finds the answer in what a model wrote: JSON, alone or among other words, that fits the type of the answer."""

import json
import math
from collections.abc import Iterator
from typing import Any, TypeVar

from openai import pydantic_function_tool
from pydantic import BaseModel, ValidationError

from incident_copilot.domain.visible import visible
from incident_copilot.llm.wire import JsonObject

_NAMED = frozenset({"properties", "$defs"})
_LIMITS = frozenset({"pattern", "format", "default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}) | {
    *("multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
}

MOST_TRIES = 20
"""Braces at which an object is looked for."""

Model = TypeVar("Model", bound=BaseModel)


class Unfit(Exception):
    """What a model wrote is no answer. The text says why, to the model, and may quote it; `reason` is for people."""

    def __init__(self, problem: str, *, reason: str = "its answer has not the form that was asked for") -> None:
        super().__init__(visible(problem))
        self.reason = reason


class Formless(Unfit):
    """No server that keeps to a schema writes it: no JSON, or one whose own fields are missing or too many."""


def schema_of(model: type[BaseModel], *, with_limits: bool = True) -> JsonObject:
    """Return the schema of a type in the form that strict servers want: every field required, none besides.

    Without limits it holds no more than all of them know: types, names and lists of values.
    """
    schema = dict(pydantic_function_tool(model)["function"]["parameters"])
    return schema if with_limits else _without_limits(schema)


def _without_limits(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_limits(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    plain: JsonObject = {}
    for name, part in schema.items():
        if name in _NAMED:
            plain[name] = {one: _without_limits(value) for one, value in part.items()}
        elif name == "const":
            plain["enum"] = [part]
        elif name not in _LIMITS:
            plain[name] = _without_limits(part)
    return plain


def fitting(text: str, model: type[Model]) -> Model:
    """Return the first object in a text that fits.

    Raises:
        Unfit: there is none.
    """
    unfit = None
    for one in _objects(text):
        try:
            return model.model_validate(one)
        except ValidationError as error:
            unfit = unfit or _unfit(error)
    raise unfit or Formless("there is no JSON object in it", reason="its answer holds no JSON")


def _unfit(error: ValidationError) -> Unfit:
    found = error.errors(include_input=False, include_url=False)
    # Of a union each branch complains, also of what fits another.
    own = {one["type"] for one in found if len(one["loc"]) == 1}
    return (Unfit if own.isdisjoint({"missing", "extra_forbidden"}) else Formless)(in_words(error))


def in_words(error: ValidationError) -> str:
    """Return what does not fit, without what was written."""
    found = error.errors(include_input=False, include_url=False)[:3]
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'the answer'}: {one['msg']}" for one in found)


def _objects(text: str) -> Iterator[JsonObject]:
    decoder = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)
    start = text.find("{")
    for _ in range(MOST_TRIES):
        if start < 0:
            return
        try:
            value, end = decoder.raw_decode(text, start)
            seen = _seen(value)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            yield seen
        start = text.find("{", end)


def _finite(written: str) -> float:
    """NaN is above and below nothing, and no database takes it."""
    if not math.isfinite(value := float(written)):
        raise ValueError(f"{written} is no number")
    return value


def _seen(value: Any) -> Any:
    """The same with texts of which people see everything."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [_seen(one) for one in value]
    if isinstance(value, dict):
        return {visible(name): _seen(one) for name, one in value.items()}
    return value
