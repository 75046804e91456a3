"""Domain values kept as JSON.

While replicas are replaced one by one, older ones read rows of newer ones: a field that this release does not know is
let in, and kept when the value is written again.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from incident_copilot.domain.base import Frozen

Value = TypeVar("Value", bound=Frozen)


def value_of(kind: type[Value], stored: Mapping[str, Any] | str) -> Value:
    """Return the value of a row: of its JSON, as text or decoded.

    Raises:
        ValidationError: a field is missing, or is not what it was in the release before.
    """
    if isinstance(stored, str):
        return kind.model_validate_json(stored, extra="allow")
    return kind.model_validate(stored, extra="allow")


def body_of(value: Frozen) -> dict[str, Any]:
    """Return what is stored of a value."""
    return {**(value.model_extra or {}), **value.model_dump(mode="json")}
