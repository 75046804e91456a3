"""The composition objects of Block Kit: confirm dialogs, options and what images point to."""

from collections.abc import Iterator
from typing import Any

from incident_copilot.sandbox.conformance import limits
from incident_copilot.sandbox.conformance.rules import (
    Problem,
    Rule,
    Shape,
    any_of,
    anything,
    flag,
    items,
    number,
    one_of,
    plain,
    shaped,
    string,
    text,
)

confirm = shaped(
    Shape(
        {
            "title": plain(limits.CONFIRM_TITLE),
            "text": text(limits.CONFIRM_TEXT),
            "confirm": plain(limits.CONFIRM_BUTTON),
            "deny": plain(limits.CONFIRM_BUTTON),
        },
        {"style": one_of("primary", "danger")},
    )
)

slack_file = shaped(Shape({}, {"id": string(limits.ID), "url": string(limits.URL)}, [any_of("id", "url")]))

dispatch_action = shaped(
    Shape(
        {},
        {"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 2)},
    )
)

conversation_filter = shaped(
    Shape(
        {},
        {
            "include": items(one_of("im", "mpim", "private", "public"), 4),
            "exclude_external_shared_channels": flag,
            "exclude_bot_users": flag,
        },
        [any_of("include", "exclude_external_shared_channels", "exclude_bot_users")],
    )
)


def option(*kinds: str) -> Rule:
    """One choice; only checkboxes and radio buttons take mrkdwn."""
    return shaped(
        Shape(
            {"text": text(limits.OPTION_TEXT, *kinds), "value": string(limits.OPTION_VALUE)},
            {"description": text(limits.OPTION_TEXT, *kinds), "url": string(limits.URL)},
        )
    )


def option_group(value: Any, pointer: str) -> Iterator[Problem]:
    shape = Shape(
        {"label": plain(limits.OPTION_TEXT), "options": items(option("plain_text"), limits.OPTIONS)},
    )
    yield from shaped(shape)(value, pointer)


rich_text_style = shaped(
    Shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight"), flag))
)

_STYLED = {"style": rich_text_style}
RICH_TEXT_ELEMENTS = {
    "text": Shape({"text": string(limits.MARKDOWN_TEXT, least=0)}, _STYLED),
    "link": Shape({"url": string(limits.URL)}, _STYLED | {"text": string(limits.SECTION_TEXT), "unsafe": flag}),
    "emoji": Shape({"name": string(limits.ID)}, _STYLED | {"unicode": string(limits.ID), "url": string(limits.URL)}),
    "user": Shape({"user_id": string(limits.ID)}, _STYLED),
    "channel": Shape({"channel_id": string(limits.ID)}, _STYLED),
    "usergroup": Shape({"usergroup_id": string(limits.ID)}, _STYLED),
    "team": Shape({"team_id": string(limits.ID)}, _STYLED),
    "broadcast": Shape({"range": one_of("here", "channel", "everyone")}, _STYLED),
    "color": Shape({"value": string(limits.ID)}, _STYLED),
    "date": Shape(
        {"timestamp": number(0, 10**11), "format": string(limits.ID)},
        _STYLED | {"url": string(limits.URL), "fallback": string(limits.SECTION_TEXT)},
    ),
}
metadata = shaped(
    Shape(
        {},
        {"event_type": string(limits.ID), "event_payload": anything, "entities": anything},
        [any_of("event_type", "entities")],
    )
)
