"""Tools of a server of the Model Context Protocol as a model may be given them: typed, bounded, and inert.

What a server says of its tools never reaches a model: their purpose is in the operators' words, and of a schema only
the structure counts, so a server cannot slip instructions in, today or after an update. Tools that are not marked as
read-only are left out, and so are those whose required parameters are no plain values.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from incident_copilot.errors import VendorRefused
from incident_copilot.ports import OfferedTool
from incident_copilot.vendors.bodies import clean
from incident_copilot.vendors.mcp import Session, Tool

_TEXT, _ITEMS, _CHOICES, _PARAMETERS = 2000, 50, 50, 20
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_LONGEST_NAME = 64
_NUMBERS: Mapping[str, type] = {"integer": int, "number": float, "boolean": bool}


async def mcp_tools(
    session: Session, purposes: Mapping[str, str], *, prefix: str, vendor: str, characters: int
) -> list[OfferedTool]:
    """Return the tools of a begun session that are named in `purposes`, which says what each is for.

    An answer has at most `characters`; it is untrusted text.

    Raises:
        VendorError: the server does not answer, has no such tool, or one that a model may not be given.
    """
    offered = await session.tools()
    found = []
    for name, purpose in purposes.items():
        parameters = _usable(vendor, name, offered.get(name))
        named = re.sub(r"[^A-Za-z0-9_-]", "_", f"{prefix}_{name}")[:_LONGEST_NAME]
        call = partial(_call, session, name, vendor, characters)
        found.append(OfferedTool(name=named, description=purpose, parameters=parameters, call=call))
    return found


def parameters_of(schema: Mapping[str, Any]) -> type[BaseModel] | None:
    """Return the parameters that a JSON schema describes; None where one that is required is no plain value."""
    properties = schema.get("properties")
    required = schema.get("required")
    known = properties if isinstance(properties, dict) else {}
    needed = set(required) if isinstance(required, list) else set()
    fields: dict[str, Any] = {}
    for name, told in list(known.items())[:_PARAMETERS]:
        kind = _kind(told) if _NAME.fullmatch(name) else None
        if kind is not None:
            fields[name] = (kind, ...) if name in needed else (kind | None, None)
    if not needed <= fields.keys():
        return None
    made: type[BaseModel] = create_model("Parameters", __config__=ConfigDict(extra="forbid"), **fields)
    return made


def _usable(vendor: str, name: str, tool: Tool | None) -> type[BaseModel]:
    if tool is None:
        raise VendorRefused(f"{vendor}: there is no tool {name}", 200)
    if not tool.hints.read_only:
        raise VendorRefused(f"{vendor}: {name} is not marked as read-only, so no model is given it", 200)
    parameters = parameters_of(tool.input_schema)
    if parameters is None:
        raise VendorRefused(f"{vendor}: {name} requires parameters that are no plain values", 200)
    return parameters


def _kind(told: Any) -> Any:
    """Return the type of one parameter, or None where it is none that a model is given."""
    if not isinstance(told, dict):
        return None
    if "enum" in told:
        choices = tuple(_choices(told["enum"]))
        return Literal[choices] if choices else None
    if told.get("type") == "string":
        return Annotated[str, Field(max_length=_TEXT)]
    if told.get("type") == "array":
        item = _kind(told.get("items"))
        # The type of the items is known only now, so mypy cannot follow.
        return None if item is None else Annotated[list[item], Field(max_length=_ITEMS)]  # type: ignore[valid-type]
    return _NUMBERS.get(str(told.get("type")))


def _choices(told: Any) -> Iterator[str]:
    """Return the choices that are names; a sentence may be an instruction."""
    names: Sequence[Any] = told if isinstance(told, list) else ()
    return (one for one in names[:_CHOICES] if isinstance(one, str) and re.fullmatch(r"[\w.:/-]{1,64}", one))


async def _call(session: Session, name: str, vendor: str, characters: int, arguments: BaseModel) -> str:
    answer = await session.call(name, arguments.model_dump(exclude_none=True))
    text = clean(answer.text.strip(), characters)
    if answer.is_error:
        raise VendorRefused(f"{vendor}: {name}: {' '.join(text.split())}"[:300], 200)
    return text
