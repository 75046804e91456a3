"""Work Objects: the entities that apps attach to links and show in the side pane.

https://docs.slack.dev/messaging/work-objects-implementation
"""

from collections.abc import Iterator, Mapping
from typing import Any

from incident_copilot.sandbox.conformance import limits
from incident_copilot.sandbox.conformance.rules import (
    Problem,
    Rule,
    Shape,
    anything,
    flag,
    items,
    matching,
    number,
    one_of,
    shaped,
    string,
    unique,
)
from incident_copilot.sandbox.wire import Json

_URL = matching(r"https?://\S{1,2990}", "a web address")
_SECONDS = number(0, 10**11)
_WORDS = string(limits.SECTION_TEXT)
_SHOWN: Mapping[str, Rule] = {"label": _WORDS, "link": _URL, "icon": anything, "long": flag, "tag_color": _WORDS}
_KINDS = one_of(
    "integer",
    "string",
    "array",
    "boolean",
    *(
        f"slack#/types/{name}"
        for name in ("date", "timestamp", "image", "channel_id", "user", "entity_ref", "link", "email")
    ),
)
_USER = shaped(Shape({"user_id": string(limits.ID)}))
_STRING = shaped(Shape({"value": _WORDS}, {**_SHOWN, "format": one_of("markdown")}))
_TIMESTAMP = shaped(Shape({"value": _SECONDS}, {"label": _WORDS}))


def _kind_is_known(field: Json, pointer: str) -> Iterator[Problem]:
    yield from _KINDS(field.get("type"), f"{pointer}/type")
    if field.get("type") == "slack#/types/user" and "user" not in field:
        yield Problem(pointer, "missing required field: user")


_TYPED = shaped(Shape({}, {**_SHOWN, "value": anything, "user": _USER, "format": _WORDS}, [_kind_is_known]))
_CUSTOM = shaped(
    Shape({"label": _WORDS, "key": string(limits.ID)}, {**_SHOWN, "value": anything, "user": _USER}, [_kind_is_known])
)
_INCIDENT = shaped(
    Shape(
        {},
        {
            **dict.fromkeys(("status", "priority", "urgency", "description", "service"), _STRING),
            **dict.fromkeys(("created_by", "assigned_to"), _TYPED),
            **dict.fromkeys(("date_created", "date_updated"), _TIMESTAMP),
        },
    )
)
_ATTRIBUTES = shaped(
    Shape(
        {"title": shaped(Shape({"text": _WORDS}, {"edit": anything}))},
        {
            **dict.fromkeys(("display_type", "display_id", "product_name", "locale"), _WORDS),
            "product_icon": anything,
            "full_size_preview": anything,
            "metadata_last_modified": _SECONDS,
        },
    )
)


def _keys_once(payload: Json, pointer: str) -> Iterator[Problem]:
    keys = [one["key"] for one in payload.get("custom_fields", []) if isinstance(one, dict) and "key" in one]
    yield from unique([*keys, *(payload.get("fields") or {})], f"{pointer}/custom_fields", "key")


_PAYLOAD = shaped(
    Shape(
        {"attributes": _ATTRIBUTES},
        {
            "fields": _INCIDENT,
            "custom_fields": items(_CUSTOM, 50, least=0),
            "display_order": items(string(limits.ID), 60, least=0),
            "actions": anything,
        },
        [_keys_once],
    )
)
_ENTITY = Shape(
    {
        "entity_type": one_of("slack#/entities/incident"),
        "url": _URL,
        "external_ref": shaped(Shape({"id": string(limits.ID)}, {"type": string(limits.ID)})),
        "entity_payload": _PAYLOAD,
    },
    {"app_unfurl_url": _URL},
)


def entity_problems(entity: Any, pointer: str = "/metadata") -> list[Problem]:
    """Everything Slack would refuse about one entity; of the kinds of entities the sandbox knows incidents."""
    return list(shaped(_ENTITY)(entity, pointer))
